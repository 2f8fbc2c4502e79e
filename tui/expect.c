/* What fits what. A tester writes names; events carry numbers, and the name beside them or in the roster. */
#include "tui/expect.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool empty(const json_t *value)
{
	return json_is_null(value) || json_is_false(value) ||
	       (json_is_number(value) && json_number_value(value) == 0) ||
	       (json_is_string(value) && json_string_length(value) == 0);
}

/* The name that belongs to a number of an event: the relay says it beside it, or the roster knows. */
static const char *name_of(const json_t *event, const char *key, const json_t *number,
			   const struct roster *roster)
{
	const char *beside = NULL;
	const struct person *person;

	if (!strcmp(key, "by"))
		beside = json_string_value(json_object_get(event, "by_name"));
	else if (!strcmp(key, "from") || (!strcmp(key, "number") && !json_object_get(event, "from")))
		beside = json_string_value(json_object_get(event, "name"));
	if (beside)
		return beside;
	person = roster ? roster_find(roster, (uint32_t)json_integer_value(number)) : NULL;
	return person ? person->name : NULL;
}

static bool equal(const json_t *want, const json_t *have, const json_t *event, const char *key,
		  const struct roster *roster)
{
	const char *name;

	if (!have)
		return empty(want);
	if (json_is_number(want) && json_is_number(have))
		return json_number_value(want) == json_number_value(have);
	if (json_is_string(want) && json_is_integer(have)) {
		name = name_of(event, key, have, roster);
		return name && !strcmp(name, json_string_value(want));
	}
	if (json_is_object(want) && json_is_object(have))
		return expect_matches(want, have, roster);
	return json_equal((json_t *)want, (json_t *)have);
}

bool expect_matches(const json_t *where, const json_t *event, const struct roster *roster)
{
	const char *key;
	json_t *want;

	json_object_foreach((json_t *)where, key, want) if (!equal(want, json_object_get(event, key), event,
								   key, roster)) return false;
	return true;
}

bool expect_fits(const json_t *line, const char *event, const json_t *where, const struct roster *roster)
{
	const char *name = json_string_value(json_object_get(line, "event"));

	return name && !strcmp(name, event) && (!where || expect_matches(where, line, roster));
}

/* ---- the ring ---- */

void expect_add(struct expect_history *history, json_t *line)
{
	json_t **slot = &history->line[++history->seq % EXPECT_HISTORY];

	json_decref(*slot);
	*slot = line;
}

void expect_clear(struct expect_history *history)
{
	for (size_t i = 0; i < EXPECT_HISTORY; i++) {
		json_decref(history->line[i]);
		history->line[i] = NULL;
	}
}

/* The first one after this that is still there. */
static uint64_t first_after(const struct expect_history *history, uint64_t after)
{
	const uint64_t oldest = history->seq > EXPECT_HISTORY ? history->seq - EXPECT_HISTORY + 1 : 1;

	return after + 1 > oldest ? after + 1 : oldest;
}

json_t *expect_find(const struct expect_history *history, uint64_t after, const char *event,
		    const json_t *where, const struct roster *roster)
{
	for (uint64_t seq = first_after(history, after); seq <= history->seq; seq++) {
		json_t *line = history->line[seq % EXPECT_HISTORY];

		if (expect_fits(line, event, where, roster))
			return line;
	}
	return NULL;
}

json_t *expect_came(const struct expect_history *history, uint64_t after)
{
	json_t *came = json_array();
	uint64_t seq = first_after(history, after);

	if (history->seq >= EXPECT_CAME_MAX && seq + EXPECT_CAME_MAX <= history->seq)
		seq = history->seq - EXPECT_CAME_MAX + 1;
	for (; came && seq <= history->seq; seq++)
		json_array_append(came, history->line[seq % EXPECT_HISTORY]);
	return came;
}

void expect_describe(char *dst, size_t size, const char *event, const json_t *where)
{
	char *text = where && json_object_size(where) ? json_dumps(where, JSON_COMPACT) : NULL;

	snprintf(dst, size, "%s%s%.600s", event, text ? " with " : "", text ? text : "");
	free(text);
}
