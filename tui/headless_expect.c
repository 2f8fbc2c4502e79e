/* Waiting for what should come, and for what should not. Events that were printed are kept for a while, so
 * that what came between two lines of a scenario counts. */
#include "tui/headless_state.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/message.h"

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
		return headless_matches(want, have, roster);
	return json_equal((json_t *)want, (json_t *)have);
}

bool headless_matches(const json_t *where, const json_t *event, const struct roster *roster)
{
	const char *key;
	json_t *want;

	json_object_foreach((json_t *)where, key, want) if (!equal(want, json_object_get(event, key), event,
								   key, roster)) return false;
	return true;
}

static bool fits(const struct headless *headless, const struct expectation *expectation, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	return name && !strcmp(name, expectation->event) &&
	       (!expectation->where ||
		headless_matches(expectation->where, event, app_roster(headless->app)));
}

static uint64_t oldest(const struct headless *headless)
{
	return headless->seq > HEADLESS_HISTORY ? headless->seq - HEADLESS_HISTORY + 1 : 1;
}

/* {"came": [the last events since then]} */
static json_t *what_came(const struct headless *headless, uint64_t from)
{
	json_t *came = json_array();
	uint64_t seq = from + 1 > oldest(headless) ? from + 1 : oldest(headless);

	if (headless->seq >= HEADLESS_CAME_MAX && seq + HEADLESS_CAME_MAX <= headless->seq)
		seq = headless->seq - HEADLESS_CAME_MAX + 1;
	for (; came && seq <= headless->seq; seq++)
		json_array_append(came, headless->history[seq % HEADLESS_HISTORY]);
	return json_pack("{s:o}", "came", came ? came : json_array());
}

static void describe(const struct expectation *expectation, char *dst, size_t size)
{
	char *where = expectation->where && json_object_size(expectation->where)
			      ? json_dumps(expectation->where, JSON_COMPACT)
			      : NULL;

	snprintf(dst, size, "%s%s%.600s", expectation->event, where ? " with " : "", where ? where : "");
	free(where);
}

/* The one end of an expectation. event: what decided it, or NULL when time did. */
static void decide(struct headless *headless, json_t *event)
{
	struct expectation *expectation = &headless->expectation;
	const bool ok = expectation->refute ? !event : event != NULL;
	char what[700], text[900] = "";
	json_t *extra = NULL;

	loop_timer_cancel(headless->loop, &expectation->timer);
	expectation->active = false;
	describe(expectation, what, sizeof(what));
	if (!ok)
		headless->failed = true;
	if (ok && event) {
		headless->matched = (uint64_t)json_integer_value(json_object_get(event, "seq"));
		extra = json_pack("{s:O}", "matched", event);
	} else if (!ok && event) {
		snprintf(text, sizeof(text), "There came %s.", what);
		extra = json_pack("{s:[O]}", "came", event);
	} else if (!ok) {
		snprintf(text, sizeof(text), "No %s %s %g s.", what,
			 headless->ended ? "before the end, within" : "came within", expectation->within);
		extra = what_came(headless, expectation->from);
	}
	headless_answer(headless, expectation->re, ok, expectation->refute ? "came" : "timed-out", text,
			extra);
	json_decref(expectation->re);
	json_decref(expectation->where);
	expectation->re = expectation->where = NULL;
	loop_timer_set(headless->loop, &headless->next, 0);
}

static void on_time(void *arg)
{
	decide(arg, NULL);
}

void headless_expect(struct headless *headless, json_t *re, json_t *line, bool refute)
{
	struct expectation *expectation = &headless->expectation;
	const char *event = json_string_value(json_object_get(line, "event"));
	json_t *where = json_object_get(line, "where"), *within = json_object_get(line, "within");
	const double seconds = within ? json_number_value(within) : 5.0;

	if (!event || event_parse(event) < 0) {
		headless_answer(headless, re, false, "bad-command", "\"event\" must name an event.", NULL);
		return;
	}
	if ((where && !json_is_object(where)) || (within && !json_is_number(within)) ||
	    !(seconds >= 0 && seconds <= 86400)) {
		headless_answer(headless, re, false, "bad-command",
				"\"where\" is an object, \"within\" so many seconds.", NULL);
		return;
	}
	*expectation = (struct expectation) { .active = true,
					      .refute = refute,
					      .re = json_incref(re),
					      .where = where ? json_incref(where) : NULL,
					      .within = seconds,
					      .from = refute ? headless->seq : headless->matched,
					      .timer = { .fn = on_time, .arg = headless } };
	snprintf(expectation->event, sizeof(expectation->event), "%s", event);
	for (uint64_t seq = expectation->from + 1; !refute && seq <= headless->seq; seq++)
		if (seq >= oldest(headless) &&
		    fits(headless, expectation, headless->history[seq % HEADLESS_HISTORY])) {
			decide(headless, headless->history[seq % HEADLESS_HISTORY]);
			return;
		}
	if (headless->ended)
		decide(headless, NULL);
	else
		loop_timer_set(headless->loop, &expectation->timer, (int64_t)(seconds * 1e6));
}

void headless_expect_event(struct headless *headless, json_t *event)
{
	if (headless->expectation.active && fits(headless, &headless->expectation, event))
		decide(headless, event);
}

void headless_expect_end(struct headless *headless)
{
	if (headless->expectation.active)
		decide(headless, NULL);
}
