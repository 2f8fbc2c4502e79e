/* A client's end of a meeting: connects, checks the relay, proves its key, creates or joins, resumes after a
 * lost line (1 s, doubling to 10 s, until the seat's hold is surely over), paces what goes up. It owns one
 * link at a time. Loop's thread. */
#ifndef MOOT_NET_SESSION_H
#define MOOT_NET_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "net/identity.h"
#include "net/invite.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/trust.h"
#include "net/wire.h"

struct session;

struct session_params {
	struct invite invite; /* relay, id, passcode, pin */
	bool create; /* create the meeting; invite.id and .passcode are of one's own choice, or empty */
	const struct identity *identity;
	const char *known_relays; /* path */
	bool remember; /* a relay that only the invite's pin speaks for becomes a known one, if there was none */
	const char *name;
	const char *title; /* when creating; NULL: the name's meeting */
	const char *token; /* when creating; NULL: none */
	enum kind kind;
	bool host_key_set;
	uint8_t host_key[MOOT_HOST_KEY_BYTES];
	enum mic mic; /* from the start */
	bool camera;
	bool tls12;
	uint32_t bandwidth; /* bits/s, both ways; 0: no cap */
	const char *state_dir; /* failed tries at a passcode are counted there, and a host's secrets kept; NULL: nowhere */
};

/* How far what is said here is protected, by this client's own reckoning. The numbers are those of EVENT_SECURITY. */
enum security {
	SECURITY_NONE,          /* not in yet */
	SECURITY_VERIFIED,      /* end to end, host verified */
	SECURITY_NOT_VERIFIED,  /* end to end, compare the code */
	SECURITY_TO_RELAY,      /* the relay can see and hear: somebody cannot do end to end */
	SECURITY_PAUSED,        /* a check failed: nothing is sent */
};

struct session_security {
	enum security state;
	char text[MOOT_NAME_SIZE + 160];        /* for the title: one of the four sentences */
	char reason[MOOT_WORD_SIZE];            /* of SECURITY_PAUSED: "fork", "no-heartbeat", … */
	uint32_t leader;                        /* who draws the keys; 0 before one is in */
	bool leads;                             /* oneself */
	bool leader_is_host;                    /* the one whom the invite names */
	char code[48];                          /* of who leads, to be compared; "" before */
	uint32_t epoch;                         /* of the keys; 0 before */
	int64_t turned_ms;                      /* Unix time when they last turned */
	bool consent_due;                       /* SECURITY_TO_RELAY, and the user has not said yes: nothing is sent */
	uint32_t heard_by;                      /* … because of this person */
	unsigned wrong_codes;                   /* leading: failed tries by passcode since it was made */
	bool codes_closed;                      /* … too many: nobody comes in by it any more */
};

struct session_ops {
	/** Every event of the relay, as it comes, and EVENT_CONNECTED; answers to session_command() too.
	 * Borrowed. */
	void (*on_event)(void *arg, const struct event *event);
	/** One media frame. Borrowed. */
	void (*on_media)(void *arg, const struct wire_frame *frame);
	/** A relay nobody vouches for (TRUST_ASK) or whose pin changed though a CA vouches: connect? The
	 * answer comes by session_trust(), now or later; while it waits the link is not open. */
	void (*on_trust)(void *arg, enum trust trust, const char *relay, const char *pin);
	/** The line is lost and being taken up again (attempt 1..), or (0) it is back. */
	void (*on_line)(void *arg, unsigned attempt, const char *why);
	/** The end. exit: 0 left or ended, 3 cannot connect or TLS refused, 4 refused by the meeting, 5
	 * protocol, 6 removed. text: for people. Once. */
	void (*on_end)(void *arg, int exit, const char *text);
	/** The keys turned: the next picture of each stream must be a key frame. May be NULL. */
	void (*on_keys)(void *arg);
};

struct session *session_new(struct loop *loop, const struct session_params *params,
			    const struct session_ops *ops, void *arg);
void session_free(struct session *session);

/** The user's word on on_trust(). */
void session_trust(struct session *session, bool yes);

/** Send a command; request is filled in and returned (> 0), the answer comes as EVENT_ANSWER. -ENOTCONN while
 * the line is down, -ENOBUFS when too much waits. */
int session_command(struct session *session, const struct command *command);

/** Send a frame now or drop it: audio older than 200 ms and pictures that do not fit what the line carries
 * are dropped here. frame->source is filled in. Returns 0 or -EAGAIN (dropped). */
int session_media(struct session *session, const struct wire_frame *frame);

/** Say goodbye; on_end(0) follows. */
void session_leave(struct session *session);

/** What the line carries, measured: bits/s up, round trip. 0 unknown. */
uint32_t session_rate(const struct session *session);
uint32_t session_rtt_ms(const struct session *session);

/* End to end. The session seals what is sent and opens what comes; events and frames of others that do not hold never reach
 * on_event() and on_media(). It tells EVENT_SECURITY itself whenever the state changes. */
void session_security(const struct session *session, struct session_security *security);
/** The key that somebody in the meeting has shown to all, and its code to compare. 0, or -ENOENT (not in the signed roster). */
int session_person_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES], char code[static 48]);
/** Leading: the key by which somebody who waits has proven the secret. 0, or -ENOENT. */
int session_knocker_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES]);
/** The user compared the code of who leads now, or has done so before: they are who they should be. */
void session_confirm(struct session *session);
/** The user's own word on being heard by the relay. */
void session_consent(struct session *session, bool yes);
/** A new passcode; the old one opens no more. passcode: NULL draws one. 0; -EPERM unless oneself leads and is host or co-host. */
int session_new_passcode(struct session *session, const char *passcode);
/** What to hand out: relay, id, secret, host, pin, and the passcode for those who come by it. */
const struct invite *session_invite(const struct session *session);

/** Faults on demand, for testers: cut without goodbye; stop reading for ms; cap bits/s both ways (0: none).
 */
void session_fault_drop(struct session *session);
void session_fault_stall(struct session *session, uint32_t ms);
void session_fault_rate(struct session *session, uint32_t bits_per_s);

#endif
