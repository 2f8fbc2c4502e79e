/* A relay gone bad that keeps things from people for long. Ann removes Cy, and of that Bo, who is next to lead, and Dee get
 * nothing: no order, no keys, not that Cy left, no answer to their questions. All they hear is that Ann's heart beats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

enum { STOP_S = 30, LAST_S = 50 };

static double since(int64_t began_us)
{
	return (double)(drive_now_us() - began_us) / 1e6;
}

/* It beats under keys that do not come: whoever hears that is told, proves the secret anew, and sends nothing meanwhile, long
 * before the minute after which silence alone would stop them. */
static void judge(struct peer *peer, double seconds, bool *stopped)
{
	*stopped |= siege_state(peer) == 4;
	if (seconds > STOP_S && !*stopped)
		fail_msg("%s still sends after %.0f s", peer->name, seconds);
	if (*stopped && siege_state(peer) != 4)
		fail_msg("%s sends again after %.0f s", peer->name, seconds);
}

static void time__who_is_kept_from_the_keys__sends_nothing(void **state)
{
	bool dee_stopped = false, bo_stopped = false;
	struct peer dee = { 0 };
	int64_t began_us;

	(void)state;
	siege_enter(&dee, "Dee");
	siege_settle();
	HOSTILE("rule a down ORDER of=2,4 drop");
	HOSTILE("rule b down ROSTER of=2,4 drop");
	HOSTILE("rule c down WRAP of=2,4 drop");
	HOSTILE("rule d down person-left of=2,4 drop");
	HOSTILE("rule e up FETCH of=2,4 drop");
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	began_us = drive_now_us();
	while (since(began_us) < LAST_S) {
		judge(&dee, since(began_us), &dee_stopped);
		judge(&siege.bo, since(began_us), &bo_stopped);
		assert_int_equal(siege_state(&siege.ann), 1);
	}
	siege_paused(&dee, "no-key");
	siege_error(&dee, "keys-anew");
	peer_refused(&dee, "not-sealed", "chat", "Cy could read this", NULL);
	/* Bo, who is next to lead, did not take over from a leader who is there. */
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up ROSTER of=2"), 0);
	HOSTILE("unrule *");
	siege_secure(&dee, 1);
	siege_secure(&siege.bo, 1);
	siege_said(&siege.ann, &dee, "Cy does not read this");
	siege_gone(&dee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(time__who_is_kept_from_the_keys__sends_nothing),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
