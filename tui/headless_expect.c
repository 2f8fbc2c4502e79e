/* An expect or refute on the lines of standard input: one at a time, decided by an event, by time, or by the end. */
#include "tui/headless_state.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "net/message.h"

/* {"came": [the last events since then]} */
static json_t *what_came(const struct headless *headless, uint64_t after)
{
	json_t *came = expect_came(&headless->history, after);

	return json_pack("{s:o}", "came", came ? came : json_array());
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
	expect_describe(what, sizeof(what), expectation->event, expectation->where);
	if (!ok)
		headless->failed = true;
	if (ok && event) {
		headless->history.matched = (uint64_t)json_integer_value(json_object_get(event, "seq"));
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

static void begin(struct headless *headless)
{
	struct expectation *expectation = &headless->expectation;
	json_t *there = expectation->refute
				? NULL
				: expect_find(&headless->history, expectation->from, expectation->event,
					      expectation->where, app_roster(headless->app));

	if (there || headless->ended)
		decide(headless, there);
	else
		loop_timer_set(headless->loop, &expectation->timer, (int64_t)(expectation->within * 1e6));
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
	*expectation = (struct expectation) {
		.active = true,
		.refute = refute,
		.re = json_incref(re),
		.where = where ? json_incref(where) : NULL,
		.within = seconds,
		.from = refute ? headless->history.seq : headless->history.matched,
		.timer = { .fn = on_time, .arg = headless },
	};
	snprintf(expectation->event, sizeof(expectation->event), "%s", event);
	begin(headless);
}

void headless_expect_event(struct headless *headless, json_t *event)
{
	const struct expectation *expectation = &headless->expectation;

	if (expectation->active &&
	    expect_fits(event, expectation->event, expectation->where, app_roster(headless->app)))
		decide(headless, event);
}

void headless_expect_end(struct headless *headless)
{
	if (headless->expectation.active)
		decide(headless, NULL);
}
