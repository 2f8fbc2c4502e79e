/* A client's mirror of the meeting: what the relay's events add up to. Decides nothing. Pure. */
#ifndef MOOT_NET_ROSTER_H
#define MOOT_NET_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/message.h"

struct knocker {
	uint32_t number;
	char name[MOOT_NAME_SIZE];
	int64_t since_ms; /* Unix time */
	uint64_t look;    /* of the name, for finding imitations */
};

/* A file offered to or by oneself. */
struct roster_file {
	uint32_t file, from, to;
	bool taken;
	uint64_t size;
	uint8_t hash[MOOT_HASH_BYTES];
	char name[MOOT_NAME_SIZE]; /* of the file, as its sender spells it: for showing, not for saving */
};

enum { ROSTER_FILES_MAX = 64, ROSTER_SHUT_OUT_MAX = 64 };

enum presence { PRESENCE_OUT, PRESENCE_WAITING, PRESENCE_IN };

struct roster {
	enum presence presence;
	uint32_t me; /* own number, 0 before joined */
	char id[MOOT_ID_SIZE], title[MOOT_TITLE_SIZE];
	struct person *people; /* by number, rising */
	uint64_t *looks;       /* of their names, beside people */
	size_t people_count, people_size;
	struct knocker *waiting; /* in the order they came; hosts only */
	size_t waiting_count, waiting_size;
	int32_t control[CONTROL_COUNT];
	bool locked[CONTROL_COUNT]; /* by policy */
	struct {
		uint32_t number; /* who set it last; 0: nobody since one came, or (known) the relay's policy */
		bool known;
		char name[MOOT_NAME_SIZE];
	} control_by[CONTROL_COUNT];
	uint32_t spotlight;
	uint32_t sharer;       /* in one's own room; 0 nobody */
	uint32_t recorder;     /* who records, or asked to; 0 nobody */
	bool record_asked;     /* one must still say yes or no */
	uint32_t record_waits; /* … and, when oneself asked, how many others */
	char breakouts[MOOT_TEXT_SIZE]; /* names of the rooms, one a line; empty: none */
	bool breakouts_open;
	uint32_t poll; /* number of the open poll, 0 none */
	bool poll_named;
	uint32_t poll_votes; /* hosts only */
	char poll_text[MOOT_TEXT_SIZE];
	struct roster_file files[ROSTER_FILES_MAX];
	size_t files_count;
	struct knocker shut_out[ROSTER_SHUT_OUT_MAX]; /* removed people; hosts only */
	size_t shut_out_count;
	uint32_t wrong_passcodes;
	bool stale; /* the line was lost; what the relay tells next replaces all of this */
};

void roster_init(struct roster *roster);
void roster_clear(struct roster *roster);

/** Take one event in, EVENT_CONNECTED (or EVENT_HELLO) of each new connection included: without it, what a
 * resumed seat is told contradicts. 0, -ENOMEM, or -EPROTO when it contradicts what is known (nothing changes
 * then). */
int roster_apply(struct roster *roster, const struct event *event);

const struct person *roster_find(const struct roster *roster, uint32_t number);
const struct person *roster_me(const struct roster *roster);
/** True when the own role is host or co-host. */
bool roster_hosts(const struct roster *roster);

/** True when this person is in one's own room: what they show and say reaches one. */
bool roster_here(const struct roster *roster, const struct person *person);
/** The name of a breakout room (from 1), made safe; "the main room" for 0. dst: size bytes. False when there is
 * no such room (dst: "room N"). */
bool roster_room_name(const struct roster *roster, uint32_t room, char *dst, size_t size);
/** A room as people type it: its number, its name (any case, or an unambiguous beginning), or "main".
 * Returns the room, or -ENOENT. */
int roster_room(const struct roster *roster, const char *word);
/** The file under way by that number; 0: the only one offered to oneself and not yet taken. NULL: none. */
const struct roster_file *roster_find_file(const struct roster *roster, uint32_t file);
/** Who may type into the share of one's own room; NULL nobody. */
const struct person *roster_typist(const struct roster *roster);

/** WHO as people type it: a number ("3", "#3"), a name when only one bears it (any case), or "Bo (3)". Looks
 * among the seated, and among those who wait when waiting is set. Returns the number, -ENOENT, or -EEXIST
 * when several match. */
int64_t roster_who(const struct roster *roster, const char *who, bool waiting);

/** The name to show: with its number when another looks alike, or when it ends like one with a number. Quick
 * enough to ask for each row of a thousand. dst: size bytes. */
void roster_show_name(const struct roster *roster, uint32_t number, char *dst, size_t size);
/** The same for one who may be gone: then by this name, with the number when anybody still looks like that. */
void roster_show_gone(const struct roster *roster, uint32_t number, const char *name, char *dst, size_t size);

#endif
