/* What the relay's files share. A conn is one link; a member is one number of one meeting, and outlives its link while
 * its seat is held; a room is a meeting with its members. Internal to relay*.c.
 *
 *     relay.c           the listener, stopping
 *     relay_conn.c      one connection: what it says, what waits for it, its end
 *     relay_door.c      create, join, resume: who gets in
 *     relay_passcode.c  Argon2id in a thread of its own
 *     relay_room.c      rooms and members; effects of the rules become messages
 *     relay_media.c     frames and who wants them
 *     relay_pace.c      when to write */
#ifndef MOOT_NET_RELAY_STATE_H
#define MOOT_NET_RELAY_STATE_H

#include "net/limiter.h"
#include "net/link.h"
#include "net/meeting.h"
#include "net/queue.h"
#include "net/relay.h"
#include "net/speakers.h"
#include "net/wire.h"

struct passcodes;
struct passcode_job;

enum {
	RELAY_HELLO_MS = 10 * 1000,             /* from the WebSocket to the first command */
	RELAY_CLOSE_MS = 2000,                  /* for a goodbye, then the line is cut */
	RELAY_NUMBER_MAX = UINT16_MAX,          /* a frame's source has 16 bits */
	RELAY_FAST_BYTES = 32,
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
	struct passcode_job *job;               /* while its passcode is being checked */
	struct command *entry;                  /* the command that waits for that */
	struct queue *queue;
	struct loop_timer deadline;
	uint8_t nonce[MOOT_NONCE_BYTES];
	struct bucket commands, frames, bytes, asked, pieces, bulk;
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
	char passcode_hash[128];                /* Argon2id */
	uint8_t passcode_fast[RELAY_FAST_BYTES];        /* of the right one, keyed */
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
/** Not let in: say why, then close. */
void conn_refuse(struct conn *conn, enum refusal refusal);
/** Close once what is queued has been written. text: static. */
void conn_finish(struct conn *conn, int code, const char *text);
/** Close now; what is queued is lost. text: static. */
void conn_drop(struct conn *conn, int code, const char *text);
void conn_free(struct conn *conn);
/** One of so many a second. False when the bucket is empty; *flood when it is far below. */
bool bucket_take(struct bucket *bucket, uint32_t n, uint32_t per_s, uint32_t burst, int64_t now_us, bool *flood);
/** Encode for sharing. NULL without memory. */
struct buf *event_buf(const struct event *event);

/* ---- relay_door.c ---- */

/** The first command of a connection. */
void door_enter(struct conn *conn, const struct command *command);
/** Compares with the host key's hash in constant time. */
bool door_host_key(const struct room *room, const uint8_t key[static MOOT_HOST_KEY_BYTES]);
/** A guess at a secret of this room (NULL: of one that is not there) went wrong. */
void door_guess_failed(struct conn *conn, struct room *room, const char *id);

/* ---- relay_passcode.c ---- */

/** Called on the loop when the hash is made or compared. conn: NULL when it has gone meanwhile. ok: made, or equal. hash: [128]. */
typedef void passcode_done(struct conn *conn, bool ok, const char *hash);

struct passcodes *passcodes_new(struct loop *loop);
/** Ends the thread. What it was working on is called back no more. */
void passcodes_free(struct passcodes *passcodes);
/** Hash (against NULL), compare with a hash, or (against "") with one that nothing fits: takes as long. Sets conn->job.
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
/** Ask the meeting to let conn in; it becomes a member. Returns REFUSED_NOT or why not. */
enum refusal room_enter(struct room *room, struct conn *conn, const struct knock *knock);
/** Give a held seat, or one whose link still stands, to conn. */
enum refusal room_reenter(struct room *room, struct conn *conn, struct member *member, uint64_t chat_seq);
/** A member's command to the meeting. Afterwards conn->member may be gone, and the room. */
enum refusal room_command(struct conn *conn, const struct command *command);
/** Their audio is not one of the loudest of their place any more. */
void room_silence(struct member *member);
/** A member's link is gone. */
void room_link_lost(struct conn *conn);
void room_end(struct room *room, const char *code);
/** The policy of the running relay changed. The room may be gone after this. */
void room_set_policy(struct room *room, const struct policy *policy);
struct member *room_member(const struct room *room, uint32_t number);
/** Those who get media now. Until members come or go. */
uint32_t room_listeners(struct room *room, struct member ***listeners);

/* ---- relay_media.c ---- */

void media_message(struct conn *conn, const uint8_t *p, size_t n);
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
