/* What the relay's files share. A conn is one link; a member is one number of one meeting, and outlives its link while
 * its seat is held; a room is a meeting with its members. Internal to relay*.c.
 *
 *     relay.c           the listener, stopping
 *     relay_conn.c      one connection: what it says, what waits for it, its end
 *     relay_door.c      create, join, resume: who gets in
 *     relay_runs.c      proving that one knows the secret, to who leads; held joins, decoys
 *     relay_guess.c     how often one may guess
 *     relay_ids.c       ids, each used once
 *     relay_pin.c       the PIN of those who cannot do end to end
 *     relay_passcode.c  Argon2id in a thread of its own
 *     relay_room.c      rooms and members; effects of the rules become messages
 *     relay_lead.c      who leads a room's keys
 *     relay_chain.c     what a room's rosters said, and the newest of them
 *     relay_seal.c      pieces of the end-to-end encryption, from member to member
 *     relay_media.c     frames and who wants them
 *     relay_pace.c      when to write */
#ifndef MOOT_NET_RELAY_STATE_H
#define MOOT_NET_RELAY_STATE_H

#include "net/limiter.h"
#include "net/link.h"
#include "net/meeting.h"
#include "net/queue.h"
#include "net/relay.h"
#include "net/relay_chain.h"
#include "net/seal/binding.h"
#include "net/speakers.h"
#include "net/wire.h"

struct passcodes;
struct passcode_job;
struct run;

enum {
	RELAY_HELLO_MS = 10 * 1000,             /* from the WebSocket to the first command */
	RELAY_CLOSE_MS = 2000,                  /* for a goodbye, then the line is cut */
	RELAY_NUMBER_MAX = UINT16_MAX,          /* a frame's source has 16 bits */
	RELAY_ADDRESS_BYTES = 16,
	RELAY_DELAYS = 16,
	LEAD_HEIRS = 2,
	ROOM_ORDERS = 64,                       /* kept for those who are away */
};

/* So many a second, so many at once. */
struct bucket {
	int64_t credit_us, last_us;
};

struct conn {
	struct relay *relay;
	struct link *link;
	struct conn *prev, *next;
	struct member *member;                  /* NULL at the door and after leaving */
	struct passcode_job *job;               /* while a PIN is being hashed or compared */
	struct run *run;                        /* while it proves that it knows the secret */
	struct command *entry;                  /* the command that waits for one of these */
	uint32_t pin_request;                   /* of the WORD_PIN that waits for its hash */
	struct queue *queue;
	struct loop_timer deadline;
	uint8_t nonce[MOOT_NONCE_BYTES];
	struct bucket commands, frames, bytes, asked, pieces, bulk, turns;
	int closing;                            /* close code, once it is decided; 0 before */
	bool closed;                            /* link_close() was called */
	const char *closing_text;
	/* relay_pace.c */
	bool due;                               /* wants the next tick */
	int64_t sampled_us;
	long in_flight;
	uint64_t line_bytes;                    /* about one bandwidth-delay product */
	uint32_t rtt_min_us;
	int64_t rtt_min_at_us;
};

/* A source that a receiver shows, and which of its streams (bit mask of enum stream). */
struct want {
	uint32_t number;
	uint8_t streams;
};

struct member {
	struct room *room;
	struct conn *conn;                      /* NULL while away */
	uint32_t number;
	enum role role;                         /* ROLE_NONE, ROLE_WAITING or the seat's */
	uint32_t place;                         /* breakout room, 0 the main one */
	uint8_t key[MOOT_KEY_BYTES];
	uint8_t ticket[MOOT_TICKET_BYTES];
	uint8_t ticket_used[MOOT_TICKET_BYTES]; /* the one before: good once more if the line broke again at once, as the */
	int64_t ticket_used_until_us;           /* new one may have been lost with it; 0: none */
	bool has_ticket;
	struct want wants[MOOT_WHO_MAX];
	uint32_t want_count;
	uint32_t wanted_by[STREAM_COUNT];       /* how many want each of its streams */
	uint32_t wanted_told;
	int64_t keyframe_us[STREAM_COUNT];      /* when one was last asked of it */
	uint32_t keyframe_due;                  /* streams: asked for, too soon after the last */
	bool plain;                             /* of a kind that is not encrypted end to end */
	bool proven;                            /* to who leads now */
	uint16_t run;                           /* by which it proved itself at the door; 0: told, or none */
	struct buf *binding;                    /* of a plain one: a piece; NULL: none yet */
	bool has_nonce;
	uint8_t nonce[SEAL_MEMBER_NONCE];       /* the newest for wraps */
	uint64_t orders_from;                   /* those before are not for them: they were not seated yet */
	int64_t lost_us;                        /* since when they have no line */
};

/* What a host signed, and when. */
struct order {
	struct buf *piece;
	int64_t us;
};

/* Where one proves oneself to who leads a room; or to nobody, for an id that is not there. */
struct door {
	struct relay *relay;
	struct room *room;                      /* NULL: a decoy answers */
	struct seal_meeting meeting;
	struct run *runs, *runs_last;           /* in the order they came */
	uint32_t held, under_way;               /* held: of those whose number is limited */
	struct door *next;                      /* of the decoys */
};

/* How long those who lead took to answer, lately: a decoy does as they do. */
struct delays {
	uint32_t us[RELAY_DELAYS], count;
};

struct room {
	struct relay *relay;
	struct room *prev, *next;
	struct meeting *meeting;
	char id[MOOT_ID_SIZE];
	struct member **members;                /* by number; NULL: nobody, or gone */
	uint32_t members_size;
	struct member **listeners;              /* those in the room with a link: what fan-out walks */
	uint32_t listener_count, listeners_size;
	bool listeners_stale;
	struct member *entering;                /* gets the number that meeting_join() is giving */
	struct speakers speakers[MOOT_BREAKOUTS_MAX + 1];       /* of each place */
	struct loop_timer tick;
	uint8_t host_key_hash[32];
	uint8_t host_ik[MOOT_KEY_BYTES];        /* of who created it */
	bool has_gate;
	uint8_t gate_hash[32];                  /* SHA-256 */
	char pin_hash[128];                     /* Argon2id; "": nobody comes in by one */
	/* the keys: relay_lead.c, relay_seal.c */
	struct door door;
	struct chain chain;
	uint32_t leader;                        /* number; 0: nobody leads, a run of the meeting is yet to begin */
	uint32_t present;                       /* the same while it has a line, else 0 */
	bool opened;                            /* the first to be seated has been told that it leads */
	int64_t heard_us;                       /* of who leads: its last roster or heartbeat, or since it leads */
	int64_t gone_us;                        /* since when who leads has no line */
	uint32_t heirs[LEAD_HEIRS];                   /* who may lead next and have been told all nonces; numbers, 0 nobody */
	struct loop_timer lead_timer;
	struct buf *order;                      /* of the command that is being obeyed: told before its first effect */
	struct order orders[ROOM_ORDERS];       /* the newest that were told, by their count modulo this */
	uint64_t order_count;
};

struct relay {
	struct loop *loop;
	struct relay_params params;
	char *token;
	struct link_listener *listener;
	uint16_t port;
	char pin[LINK_PIN_SIZE];
	bool loopback;                          /* listens there alone */
	struct conn *conns;
	uint32_t conn_count;
	struct room *rooms;
	uint32_t room_count;
	struct meeting *nowhere;                /* gives the answers of a meeting that is not there */
	struct passcodes *passcodes;
	struct limiter *address_limiter, *meeting_limiter, *pair_limiter;
	struct limiter *pin_address_limiter, *pin_meeting_limiter;
	struct door *decoys;
	struct delays challenge_delays, verdict_delays;
	uint8_t secret[32];                     /* of this process: keys its hashes */
	uint64_t *used_ids;                     /* open addressing, keyed hashes */
	size_t used_id_count, used_id_size;
	/* relay_pace.c */
	struct loop_timer tick;
	bool ticking;
	int64_t window_us;
	uint32_t window_count;                  /* deliveries since window_us */
	uint32_t rate;                          /* deliveries a second, of the last window */
	uint8_t *scratch;                       /* LINK_HEADROOM + WIRE_BINARY_MAX */
	/* stopping */
	bool stopping;
	struct loop_timer stop_timer;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

/* ---- relay.c ---- */

void relay_log(struct relay *relay, int level, const char *event, const char *text);
/** Call stopped() if that is what is left to do. */
void relay_gone(struct relay *relay);

/* ---- relay_conn.c ---- */

extern const struct link_ops conn_link_ops;
int conn_accept(void *relay, struct link *link, void **arg);
/** Queue an event for this connection alone. */
void conn_event(struct conn *conn, const struct event *event);
/** Queue what has been encoded already. */
void conn_control(struct conn *conn, struct buf *json);
/** The same for what many are told: on a busy relay it may wait for the tick, so that a crowd that comes in is one
 * write and not hundreds. */
void conn_news(struct conn *conn, struct buf *json);
/** The same for a piece of a file: it waits for all else. */
void conn_bulk(struct conn *conn, struct buf *json);
void conn_answer(struct conn *conn, uint32_t request, enum refusal refusal);
/** Not let in: say why. */
void conn_refused(struct conn *conn, enum refusal refusal);
/** The same, then close. */
void conn_refuse(struct conn *conn, enum refusal refusal);
/** Close once what is queued has been written. text: static. */
void conn_finish(struct conn *conn, int code, const char *text);
/** Close now; what is queued is lost. text: static. */
void conn_drop(struct conn *conn, int code, const char *text);
void conn_free(struct conn *conn);
/** Its commands, and pieces that cost as much, come too fast. */
bool conn_too_many(struct conn *conn, bool *flood);
/** It asks for so many bytes, of a file or of what it missed: too many? */
bool conn_asks_too_much(struct conn *conn, uint32_t bytes, bool *flood);
/** One of so many a second. False when the bucket is empty; *flood when it is far below. */
bool bucket_take(struct bucket *bucket, uint32_t n, uint32_t per_s, uint32_t burst, int64_t now_us, bool *flood);
/** Encode for sharing. NULL without memory. */
struct buf *event_buf(const struct event *event);

/* ---- relay_door.c ---- */

/** The first command of a connection. */
void door_enter(struct conn *conn, const struct command *command);
/** It proved itself to who leads, in this run; or by a PIN (0): let in what its command asked for. Ends the command. */
void door_proven(struct conn *conn, struct room *room, uint16_t run);
/** Not let in; ends the command. */
void door_refuse(struct conn *conn, enum refusal refusal);
/** Keep the command until it is known whether it gets in. False without memory: refused. */
bool door_keep(struct conn *conn, const struct command *command);
/** Compares with the host key's hash in constant time. */
bool door_host_key(const struct room *room, const uint8_t key[static MOOT_HOST_KEY_BYTES]);
/** Is this kind of connection encrypted end to end? */
enum sealed door_sealed(enum kind kind);

/* ---- relay_guess.c ---- */

/** One guesser's address; of IPv6 the half that a provider gives to one customer. */
void guess_address(const struct conn *conn, uint8_t key[static RELAY_ADDRESS_BYTES]);
int guess_new(struct relay *relay);
void guess_free(struct relay *relay);
/** May this address guess at a meeting's secret? */
bool guess_may(const struct conn *conn, const char *id);
/** A guess at a secret of this room (NULL: of one that is not there) went wrong. */
void guess_failed(struct conn *conn, struct room *room, const char *id);
/** It began to prove itself and did not go on. */
void guess_stalled(struct conn *conn);
bool guess_may_token(const struct conn *conn);
bool guess_may_pin(const struct conn *conn, const char *id);
void guess_pin_failed(struct conn *conn, struct room *room, const char *id);

/* ---- relay_ids.c ---- */

/** The id that was wished for, or a random one. id: MOOT_ID_SIZE. */
enum refusal ids_choose(struct relay *relay, char *id, const char *wish);

/* ---- relay_runs.c ---- */

/** The door of an id that is not there. NULL without memory. */
struct door *runs_decoy(struct relay *relay, const char *id);
void runs_init(struct door *door, struct relay *relay, struct room *room, const char *id);
void runs_free_decoys(struct relay *relay);
/** The room ends, or the relay: nobody at this door gets in. */
void runs_clear(struct door *door);
/** Let conn, whose command was kept, prove itself as soon as somebody leads. trusted: no limits. The door may be gone after this. */
void runs_join(struct conn *conn, struct door *door, bool trusted);
/** The same for a member whom who leads does not know yet. */
void runs_member(struct member *member);
/** Begin those who are held, as far as somebody leads and can take them. */
void runs_advance(struct door *door);
/** Who led has gone: those under way begin anew with the next. */
void runs_hold(struct door *door);
/** A piece of who proves itself. */
void runs_said(struct conn *conn, const struct wire_piece *piece);
/** A piece of who leads, about a run. */
void runs_answer(struct member *leader, const struct wire_piece *piece);
void runs_forget(struct conn *conn);

/* ---- relay_pin.c ---- */

/** A member's word about the PIN; answers it. */
void pin_command(struct conn *conn, const struct command *command);
/** Somebody at the door (its command kept) who cannot do end to end. room: NULL when it is not there. */
void pin_enter(struct conn *conn, const struct room *room);

/* ---- relay_passcode.c ---- */

/** Called on the loop when the hash is made or compared. conn: NULL when it has gone meanwhile. ok: made, or equal. hash: [128]. */
typedef void passcode_done(struct conn *conn, bool ok, const char *hash);

struct passcodes *passcodes_new(struct loop *loop);
/** Ends the thread. What it was working on is called back no more. */
void passcodes_free(struct passcodes *passcodes);
/** Hash (against NULL), compare with a hash, or (against "") with one that nothing fits: takes as long. Sets conn->job;
 * passcode: MOOT_PASSCODE_SIZE at most.
 * Returns 0, -EAGAIN when too many wait, -ENOMEM. */
int passcodes_start(struct passcodes *passcodes, struct conn *conn, const char *passcode, const char *against,
                    passcode_done *done);
/** The connection goes; its job is not called back. */
void passcode_forget(struct passcode_job *job);

/* ---- relay_room.c ---- */

/** A room with a fresh meeting. NULL without memory. */
struct room *room_new(struct relay *relay, const char *id, const char *title);
void room_free(struct room *room);
struct room *room_find(struct relay *relay, const char *id);
/** Ask the meeting to let conn in; it becomes a member. run: in which it proved itself, or 0. Returns REFUSED_NOT or why not. */
enum refusal room_enter(struct room *room, struct conn *conn, const struct knock *knock, uint16_t run);
/** Say why, and it has left. */
void room_dismiss(struct member *member, enum refusal refusal);
/** Give a held seat, or one whose link still stands, to conn. */
enum refusal room_reenter(struct room *room, struct conn *conn, struct member *member, const struct command *command);
/** A member's command to the meeting. Afterwards conn->member may be gone, and the room. */
enum refusal room_command(struct conn *conn, const struct command *command);
/** Their audio is not one of the loudest of their place any more. */
void room_silence(struct member *member);
/** Queue what has been encoded for all who are seated, but one. */
void room_tell(struct room *room, struct buf *buf, const struct member *but);
/** A member's link is gone. */
void room_link_lost(struct conn *conn);
void room_end(struct room *room, const char *code);
/** The policy of the running relay changed. The room may be gone after this. */
void room_set_policy(struct room *room, const struct policy *policy);
struct member *room_member(const struct room *room, uint32_t number);
/** Those who get media now. Until members come or go. */
uint32_t room_listeners(struct room *room, struct member ***listeners);

/* ---- relay_lead.c ---- */

/** Who leads the keys, if they have a line. */
struct member *lead_member(const struct room *room);
/** Is nobody there to whom one could prove oneself, nor soon? host: they show the host key. */
bool lead_nobody(const struct room *room, bool host);
/** May this one send the next roster now? */
bool lead_may_rotate(const struct room *room, const struct member *member);
/** The first of the succession who are here, at most LEAD_HEIRS. Returns how many. */
unsigned lead_heirs(const struct room *room, struct member *heirs[static LEAD_HEIRS]);
/** A run of the meeting begins: conn will lead. */
void lead_open(struct room *room, struct conn *conn);
/** A member is about to be told that it is seated. */
void lead_seated(struct member *member);
/** A member was told that it waits; perhaps it was seated before. */
void lead_waiting(struct member *member);
/** Forget who led and all that was signed. */
void lead_over(struct room *room);
/** The line of a member is gone, or it is. */
void lead_lost(struct member *member);
/** After anything that changed who is there or leads. */
void lead_settle(struct room *room);
/** This member proved itself to who leads, in this run. */
void lead_proven(struct member *member, uint16_t run);
/** A member who was away is back. */
void lead_back(struct member *member);
void lead_door(struct room *room, struct conn *conn, bool leads);

/* ---- relay_seal.c ---- */

/* What a binary message holds since its last roster. */
struct seal_turn {
	const uint8_t *p;
	size_t n;
};

/** Queue one piece for this connection. */
void seal_send(struct conn *conn, enum wire_seal kind, uint32_t source, const void *payload, size_t n);
/** Next piece of a binary message, as wire_piece_decode(). Negative: the link is closed. */
int seal_piece(struct conn *conn, const uint8_t *p, size_t n, struct seal_turn *turn);
/** The message ends here. */
void seal_message_end(struct conn *conn, const struct seal_turn *turn);
/** What a member missed, from this epoch on. */
void seal_replay(struct member *member, uint32_t from);
/** A command signed by its host. 0, or -EBADMSG: no base64. Kept until seal_order_end(). */
int seal_order(struct room *room, uint32_t actor, const char *order);
/** Tell the order that is kept, if one is. */
void seal_order_tell(struct room *room);
void seal_order_end(struct room *room);
/** The orders that a member may have missed while its line was down. */
void seal_orders_again(struct member *member);
/** Forget those that were told: they were signed under keys that are no more. */
void seal_orders_forget(struct room *room);

/* ---- relay_media.c ---- */

/** Next frame of a binary message: bytes taken, or -1 and the link is closed. */
int media_frame(struct conn *conn, const uint8_t *p, size_t n);
enum refusal media_want(struct member *member, const struct command *command);
enum refusal media_keyframe(struct member *member, const struct command *command);
/** A member leaves the room or its link: it wants nothing and says nothing. */
void media_forget(struct member *member);
/** A member goes to another breakout room. */
void media_move(struct member *member, uint32_t place);
/** Tell a sender again what is wanted of it (on a new link). */
void media_tell_wanted(struct member *member, bool always);

/* ---- relay_pace.c ---- */

/** Something waits for conn: write at once, or on the tick. */
void pace_wake(struct conn *conn, bool urgent);
/** n deliveries were queued. */
void pace_count(struct relay *relay, uint32_t n);
/** Write one message, inside on_writable. */
void pace_write(struct conn *conn);
void pace_forget(struct relay *relay);

#endif
