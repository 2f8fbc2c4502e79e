/* What session.c, session_entry.c, session_pace.c and session_seal.c share. */
#ifndef MOOT_NET_SESSION_STATE_H
#define MOOT_NET_SESSION_STATE_H

#include "net/link.h"
#include "net/queue.h"
#include "net/secure.h"
#include "net/session.h"

enum { SESSION_ASKS_MAX = 256 }; /* commands whose answer has not come */

enum session_state {
	SESSION_CONNECTING,
	SESSION_ASKING,   /* the user is asked about the relay; nothing is said to it */
	SESSION_HELLO,    /* the relay speaks first */
	SESSION_ENTERING, /* create, join or resume was sent */
	SESSION_IN,       /* seated or waiting */
	SESSION_BACKOFF,  /* the line is down */
	SESSION_LEAVING,
	SESSION_ENDED,
};

/* Bytes that may be sent or taken: refilled by a rate, down to below zero. */
struct bucket {
	double bytes;
	int64_t at_us;
};

struct session {
	struct loop *loop;
	struct session_params params;
	const struct session_ops *ops;
	void *arg;
	char name[MOOT_NAME_SIZE], title[MOOT_TITLE_SIZE], token[MOOT_PASSCODE_SIZE], known[4096];
	char relay[sizeof(((struct invite *)0)->host) + 16]; /* host:port */
	enum session_state state;
	bool entered, resuming, dead;
	unsigned depth; /* of calls out */
	struct link *link;
	/* trust */
	enum trust asked;
	bool asking;                  /* on_trust() was called for this pin and not yet answered */
	char pin[LINK_PIN_SIZE];      /* the far end's, on this connection */
	char accepted[LINK_PIN_SIZE]; /* the one that was found good */
	char refusal[1024];           /* why the handshake was refused */
	/* the seat */
	uint8_t nonce[MOOT_NONCE_BYTES];
	bool has_nonce, has_ticket;
	uint32_t passcode_min;        /* characters, by the relay's policy */
	uint8_t ticket[MOOT_TICKET_BYTES];
	uint64_t chat_seq;
	uint32_t number;
	/* the line */
	unsigned attempt;
	int64_t lost_us;
	struct loop_timer timer; /* the state's own: too long, or next attempt */
	int64_t entering_ms;          /* since when we stand at the door */
	bool door_told;
	/* end to end */
	struct secure *secure;
	struct loop_timer seal;
	struct held *held;
	unsigned held_count, wrong_codes;
	enum security told_state;
	char told_text[sizeof(((struct session_security *)0)->text)];
	uint8_t *opened;              /* one frame's payload */
	uint32_t request, asks[SESSION_ASKS_MAX];
	unsigned asks_count;
	/* up */
	struct queue *queue;
	uint8_t *frame, *out; /* one frame being made; one message, after LINK_HEADROOM */
	struct bucket audio, all, down;
	struct loop_timer pace, unstall, refill;
	bool stalled, over; /* not reading: on demand; above the rate */
	uint32_t fault_rate;
	struct event event;
	char json[LINK_HEADROOM + WIRE_TEXT_MAX];
};

/** End it: drops the link, tells once. */
void session_end(struct session *session, int exit, const char *text);
/** Begin and finish a call out: session_leave_call() is true when the session was freed inside. */
void session_enter_call(struct session *session);
bool session_leave_call(struct session *session);
void session_event(struct session *session, const struct event *event);
/** Is any of the rules broken? Ends with 5. */
void session_broken(struct session *session, const char *what);
void session_set_state(struct session *session, enum session_state state, uint32_t within_ms);

/* session_entry.c: who the relay is, who we are */
/** Write the relay, by the pin it shows, to known_relays. */
void session_remember(const struct session *session);
int session_trust_handshake(void *arg, const char *pin, bool ca_ok);
void session_line_up(struct session *session);
void session_heard(struct session *session, struct event *event);
int session_send(struct session *session, const struct command *command);

/** An answer, from the relay or from here. */
void session_take_answer(struct session *session, const struct event *event);

/* session_seal.c: end to end */
/** Before the first word of a connection. least: characters of a passcode. */
int session_seal_begin(struct session *session, uint32_t least);
void session_seal_line_lost(struct session *session);
/** Erase all secrets. */
void session_seal_end(struct session *session);
void session_seal_entering(struct session *session);
/** Seal, sign and send; or hold it. 0 or -errno. */
int session_seal_command(struct session *session, struct command *command);
/** False: nobody else is to hear of it. */
bool session_seal_event(struct session *session, struct event *event);
/** The last word of a meeting: if the host whom it names signed nothing of the kind, it is the relay's own. */
void session_seal_last(struct session *session, struct event *event);
/** After what an event led to. */
void session_seal_tick(struct session *session);
void session_seal_piece(struct session *session, const struct wire_piece *piece);
int session_seal_frame(struct session *session, struct wire_frame *frame, uint8_t *out, size_t size);
int session_open_frame(struct session *session, const struct wire_frame *frame, uint8_t *out, size_t size);
uint32_t session_epoch(const struct session *session);
void session_on_seal(void *arg); /* timer */

/* session_pace.c: how much goes up, and comes down */
int session_pace_init(struct session *session);
void session_pace_clear(struct session *session);
/** A new link: nothing waits, and the rate holds again. */
void session_pace_reset(struct session *session);
void session_write(struct session *session);
void session_count_down(struct session *session, size_t bytes);

#endif
