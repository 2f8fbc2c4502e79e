/* Waiting for what should come, and for what should not: events as JSON objects are kept for a while, so that what
 * came between two steps of a test counts. Headless and scripts share it. Pure. */
#ifndef MOOT_TUI_EXPECT_H
#define MOOT_TUI_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/roster.h"

struct json_t;

enum { EXPECT_HISTORY = 4096, EXPECT_CAME_MAX = 50 };

/* The last events of one participant, a ring by seq. Zero-initialise it. */
struct expect_history {
	uint64_t seq, matched; /* of the last event; of the last one that an expect matched */
	struct json_t *line[EXPECT_HISTORY];
};

/** Take over one more event. */
void expect_add(struct expect_history *history, struct json_t *line);
void expect_clear(struct expect_history *history);

/** True when event has all members of where, with equal values. A name may stand where the event has a number;
 * null, false, 0 and "" also fit a member that is not there. roster: knows the names; may be NULL. */
bool expect_matches(const struct json_t *where, const struct json_t *event, const struct roster *roster);
/** The same for a line of the history, whose "event" must be this one. where: NULL fits all. */
bool expect_fits(const struct json_t *line, const char *event, const struct json_t *where,
		 const struct roster *roster);
/** The first that fits after this seq, borrowed; NULL: none yet. */
struct json_t *expect_find(const struct expect_history *history, uint64_t after, const char *event,
			   const struct json_t *where, const struct roster *roster);
/** An array of what came after this seq, the last EXPECT_CAME_MAX of it; the caller's. NULL without memory. */
struct json_t *expect_came(const struct expect_history *history, uint64_t after);
/** "chat with {"from":"Bo"}". */
void expect_describe(char *dst, size_t size, const char *event, const struct json_t *where);

#endif
