/* A relay gone bad that keeps things from people for longer than a minute. Ann removes Cy, and of that
 *     Bo, who is next to lead,    gets nothing: no order, no keys, not that Cy left, no answer to his questions
 *     Dee                         likewise
 *     Eve                         gets all of it, but every heartbeat 70 s late
 * All at once, since it takes its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

static int64_t began_us;

static double passed(void)
{
	return (double)(drive_now_us() - began_us) / 1e6;
}

/* Dee is warned after 30 s of silence, and sends nothing after 60 s. */
static void judge_dee(struct peer *dee, bool *warned, bool *stopped)
{
	const double seconds = passed();

	*stopped |= siege_state(dee) == 4;
	if (!*warned && peer_wait_for(dee, "error", "{\"code\":\"no-heartbeat\"}", 0)) {
		*warned = true;
		assert_true(seconds > 18);
	}
	if (seconds > 45 && !*warned)
		fail_msg("Dee was not warned in %.0f s", seconds);
	if (seconds > 75 && !*stopped)
		fail_msg("Dee still sends after %.0f s", seconds);
	if (seconds < 48 && *stopped)
		fail_msg("Dee stopped after %.0f s", seconds);
}

/* Bo takes over after half a minute: that is his right, and his screen says so. Ann has no part in it. */
static void judge_bo(void)
{
	const double seconds = passed();

	if (seconds > 45 && siege_state(&siege.bo) == 1)
		fail_msg("Bo believes that Ann leads, after %.0f s", seconds);
	assert_int_equal(siege_state(&siege.ann), 1);
}

/* For Eve it is the leader's clock that counts. */
static void judge_eve(struct peer *eve)
{
	if (passed() > 75 && siege_state(eve) != 4)
		fail_msg("Eve sends after %.0f s", passed());
}

static void time__what_is_withheld_or_late__stops_who_is_cut_off(void **state)
{
	struct peer dee = { 0 }, eve = { 0 };
	bool warned = false, stopped = false;

	(void)state;
	siege_enter(&dee, "Dee");
	siege_enter(&eve, "Eve");
	siege_settle();
	HOSTILE("rule a down ORDER of=2,4 drop");
	HOSTILE("rule b down ROSTER of=2,4 drop");
	HOSTILE("rule c down WRAP of=2,4 drop");
	HOSTILE("rule d down person-left of=2,4 drop");
	HOSTILE("rule e up FETCH of=2,4 drop");
	HOSTILE("rule f down BEAT of=5 delay=70000");
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	began_us = drive_now_us();
	while (passed() < 85) {
		judge_dee(&dee, &warned, &stopped);
		judge_bo();
		judge_eve(&eve);
	}
	siege_paused(&dee, "no-heartbeat");
	siege_paused(&eve, "no-heartbeat");
	peer_refused(&dee, "not-sealed", "chat", "Cy could read this", NULL);
	peer_refused(&eve, "not-sealed", "chat", "Cy could read this", NULL);
	/* Nobody heard what Bo signed; those who are let hear again go on with Ann. */
	assert_int_equal(hostile_count(&siege.hostile, "count", "list down ROSTER of=1 from=2"), 0);
	HOSTILE("unrule *");
	siege_secure(&dee, 1);
	siege_secure(&eve, 1);
	siege_said(&siege.ann, &dee, "Cy does not read this");
	siege_said(&dee, &eve, "nor that");
	siege_gone(&dee);
	siege_gone(&eve);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(time__what_is_withheld_or_late__stops_who_is_cut_off),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
