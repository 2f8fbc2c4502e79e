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
	uint32_t spotlight, sharer; /* numbers, 0 nobody */
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

/** WHO as people type it: a number ("3", "#3"), a name when only one bears it (any case), or "Bo (3)". Looks
 * among the seated, and among those who wait when waiting is set. Returns the number, -ENOENT, or -EEXIST
 * when several match. */
int64_t roster_who(const struct roster *roster, const char *who, bool waiting);

/** The name to show: with its number when another looks alike, or when it ends like one with a number. Quick
 * enough to ask for each row of a thousand. dst: size bytes. */
void roster_show_name(const struct roster *roster, uint32_t number, char *dst, size_t size);

#endif
