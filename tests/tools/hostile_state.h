/* A relay gone bad, for tests: what hostile*.c share. It stands between the clients and a real relay, with the relay's own
 * certificate, passes everything on byte for byte and in order, and does to it what its switchboard (hostile_board.c) is
 * told. Everything on the loop's thread. It keeps all that it saw. */
#ifndef MOOT_TESTS_TOOLS_HOSTILE_STATE_H
#define MOOT_TESTS_TOOLS_HOSTILE_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/queue.h"
#include "net/seal/join.h"
#include "net/wire.h"

enum dir { UP, DOWN, DIRS }; /* UP: from a client to the relay */
enum class { CLASS_TEXT, CLASS_PIECE, CLASS_MEDIA };

enum { RECORD_BYTES = 1 << 30, KIND_SIZE = 40, NAME_SIZE = 40, NUMBERS = 8, HEX_SHOWN = 1024 };

/* One thing that came: a line of text, a piece, a frame. */
struct item {
	unsigned conn;                  /* of which line, from 1 */
	uint32_t of;                    /* whose line: their number then, 0 when not known yet */
	char name[MOOT_NAME_SIZE];      /* of theirs, as they said it */
	enum dir dir;
	enum class class;
	char kind[KIND_SIZE];           /* "WRAP", "audio", "kick", "person-joined" */
	uint32_t from;                  /* source of a frame or piece; of an event from, or number */
	uint8_t flags;
	uint32_t epoch;                 /* of ROSTER, BEAT, ORDER and of commands with one; else 0 */
	bool sealed;                    /* an SFrame: */
	uint64_t kid, ctr;
	int64_t t_us;
	const uint8_t *bytes;           /* all of it; header, then payload */
	size_t n, head;
};

/* Which of them. */
struct match {
	bool dir[DIRS];
	char kind[KIND_SIZE];
	uint32_t of[NUMBERS], from[NUMBERS], conn[NUMBERS];
	unsigned of_n, from_n, conn_n;
	char name[MOOT_NAME_SIZE], has[128];
	bool any_epoch, any_flags;
	uint32_t epoch;
	uint8_t flags;
	uint64_t first, last;           /* only from the first to the last match, from 1 */
	size_t since, until;            /* of the record */
};

enum act { ACT_PASS, ACT_DROP, ACT_DUP, ACT_DELAY, ACT_HOLD, ACT_SWAP };

struct action {
	enum act act;
	unsigned dup;
	int64_t delay_us;
	bool has_from, has_flags, has_cut, has_flip, has_blob;
	uint16_t from;
	uint8_t flags, flip;
	size_t cut, flip_at;
	unsigned old;                   /* instead: the payload of the one so many matches before */
	char blob[NAME_SIZE];           /* instead: this payload */
	json_t *set;                    /* into a text */
	uint32_t also[NUMBERS];         /* a copy for the lines of these */
	unsigned also_n;
};

struct kept {
	struct kept *next;
	struct line *line;
	enum dir dir;
	bool text;
	uint8_t *bytes;
	size_t n;
};

struct rule {
	struct rule *next;
	char name[NAME_SIZE];
	struct match match;
	struct action action;
	uint64_t hits;
	struct kept *held, **held_end;
	struct item *matched;           /* all that matched, for old= */
	size_t matched_n, matched_size;
};

/* What waits to be written to one end. */
struct outgoing {
	struct outgoing *next;
	struct buf *buf;
	bool text;
};
struct way {
	struct link *link;              /* that this way leads to */
	struct outgoing *first, **end;
	bool closing;
	int code;
	char why[124];
};
struct end {
	struct line *line;
	enum dir in;                    /* what comes from this end goes this way */
};

/* One client's line through us. Kept after its end, to be named. */
struct line {
	struct line *next;
	struct hostile *hostile;
	unsigned conn;
	uint32_t number;
	char name[MOOT_NAME_SIZE];
	bool has_door, keep;            /* keep: when the relay ends it, the client is not told */
	struct seal_meeting meeting;
	struct way way[DIRS];
	struct end end[2];              /* [0]: the client's, [1]: the relay's */
};

struct blob {
	struct blob *next;
	char name[NAME_SIZE];
	uint8_t *p;
	size_t n;
};

/* A join that we make ourselves, at a leader's client. */
struct guess {
	bool running;
	struct line *line;
	uint16_t run;
	struct join_joiner joiner;
	struct seal_self self;
};

/* What the board waits for before it answers. */
struct pending {
	bool busy;
	struct match match;
	size_t count;
	int64_t due_us;
	struct loop_timer timer;
	bool guess;
};

struct hostile {
	struct loop *loop;
	struct link_listener *listener;
	struct loop_watch *input;
	char host[256];
	uint16_t port;
	bool shut;                      /* new lines are refused */
	struct line *lines;
	unsigned lines_n;
	struct rule *rules;
	struct item *record;
	size_t record_n, record_size, record_bytes;
	bool record_full;
	struct blob *blobs;
	struct { char name[NAME_SIZE]; size_t at; } marks[64];
	unsigned marks_n;
	struct guess guess;
	struct pending pending;
};

/* hostile_line.c: the lines and their two links. */
const struct link_ops *line_ops(void);
int line_accept(void *hostile, struct link *link, void **arg);
/** Put a message where a way leads; copies. */
void line_write(struct line *line, enum dir dir, bool text, const void *p, size_t n);
void line_close(struct line *line, enum dir dir, int code, const char *why);
/** The newest open line of this person, or NULL. */
struct line *line_of(struct hostile *hostile, uint32_t number);

/* hostile_item.c: what comes, told apart. */
/** The next item of a message; *used: its bytes, with the line end of a text. False at the end. */
bool item_next(struct item *item, enum dir dir, bool text, const uint8_t *p, size_t n, size_t *used);
/** Keep it: returns the copy in the record. */
const struct item *item_record(struct hostile *hostile, const struct item *item);
/** What a line tells of its client: name, number, meeting. */
void item_learn(struct line *line, const struct item *item);
bool item_matches(const struct item *item, const struct match *match);
json_t *item_json(const struct item *item);
const uint8_t *item_payload(const struct item *item, size_t *n);
enum wire_seal item_piece(const char *kind); /* 0: none of this name */
int item_stream(const char *kind);           /* -1: none */

/* hostile_rule.c */
/** Everything that came in one message: do as the rules say, pass on what is left. */
void rules_message(struct line *line, enum dir dir, bool text, const uint8_t *p, size_t n);
/** An item that was seen, on this line, changed as an action says. */
void item_send(struct line *line, const struct item *item, const struct action *action);
struct rule *rule_find(struct hostile *hostile, const char *name);
struct rule *rule_add(struct hostile *hostile, const char *name);
void rule_remove(struct hostile *hostile, struct rule *rule);
void rule_release(struct rule *rule, bool reverse);

/* hostile_board.c */
int board_start(struct hostile *hostile);
/** Something was recorded. */
void board_look(struct hostile *hostile);
/** Takes the answer over. */
void board_answer(struct hostile *hostile, json_t *answer);

/* hostile_say.c */
struct blob *blob_find(struct hostile *hostile, const char *name);
struct blob *blob_put(struct hostile *hostile, const char *name, const void *p, size_t n);

/* hostile_forge.c: attacks that need a key or a protocol run. */
/** Try a secret at who leads on this line. 0 or -errno; the board answers later. */
int guess_start(struct hostile *hostile, struct line *line, const struct join_secrets *secrets);
/** An item on its way up from a leader: one of ours? */
bool guess_takes(struct hostile *hostile, struct line *line, const struct item *item);
/** Somebody who is not there; plain: who cannot do end to end. 0 or -errno. */
int forge_binding(struct seal_self *self, const struct line *line, const char *name, bool plain);
/** Another R out of one that was seen, signed with the key in a folder. */
struct forgery {
	const char *dir;                /* of the identity that signs */
	bool next;                      /* the one after it, no ops; else the same again with other content */
	bool has_leader, has_flags;
	uint16_t leader;
	unsigned flags;
	int64_t time_ms;                /* added */
};
int forge_roster(uint8_t *out, size_t size, const struct line *line, const struct item *base,
		 const struct forgery *forgery);

#endif
