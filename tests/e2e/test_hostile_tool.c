/* The tool of test_hostile.c does what it is told: what goes through it unharmed is a meeting like any other, and each of
 * its hands is seen to work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"
#include "tests/e2e/hostile.h"
#include "tests/e2e/memory.h"

static struct relay relay;
static struct hostile hostile;
static struct peer ann, bo, cy;
static char invite[600];

static int start_relay(void **state)
{
	(void)state;
	relay_start(&relay, NULL);
	return 0;
}

static int stop_relay(void **state)
{
	(void)state;
	return relay_stop(&relay);
}

static int open_meeting(void **state)
{
	(void)state;
	hostile_start(&hostile, &relay);
	peer_host(&ann, &hostile.door, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_enter(&cy, &ann, invite, "Cy", NULL);
	return 0;
}

static int close_meeting(void **state)
{
	(void)state;
	peer_end(&cy);
	peer_end(&bo);
	peer_end(&ann);
	hostile_stop(&hostile);
	return 0;
}

static void say(struct peer *peer, const char *text)
{
	peer_ok(peer, "chat", text, NULL);
}

static void hears(struct peer *peer, const char *text)
{
	char where[200];

	snprintf(where, sizeof(where), "{\"text\":\"%s\"}", text);
	peer_wait(peer, "chat", where);
}

static bool silent(struct peer *peer, const char *event, double seconds)
{
	return !peer_wait_for(peer, event, NULL, seconds);
}

static void tool__passes__everything_on(void **state)
{
	(void)state;
	say(&ann, "through");
	hears(&bo, "through");
	hears(&cy, "through");
	assert_int_equal(json_array_size(json_object_get(hostile_do(&hostile, "people"), "people")), 3);
	assert_int_equal(hostile_count(&hostile, "count", "list up chat of=1"), 1);
	assert_int_equal(hostile_count(&hostile, "count", "list down chat of=2"), 1);
	assert_int_equal(hostile_count(&hostile, "count", "list down chat name=Cy since=now"), 0);
	assert_true(json_is_false(json_object_get(hostile_try(&hostile, "nonsense"), "ok")));
	assert_true(json_is_false(json_object_get(hostile_try(&hostile, "rule x down WRAP fly"), "ok")));
	assert_true(json_is_false(json_object_get(hostile_try(&hostile, "list sideways *"), "ok")));
}

static void react(const char *what)
{
	peer_ok(&ann, "react", what, NULL);
}

static void sees(struct peer *peer, const char *what)
{
	char where[80];

	snprintf(where, sizeof(where), "{\"text\":\"%s\"}", what);
	peer_wait(peer, "reaction", where);
}

static void tool__drops_doubles_and_delays(void **state)
{
	(void)state;
	hostile_do(&hostile, "rule deaf down reaction of=2 drop");
	hostile_do(&hostile, "rule twice down reaction of=3 n=1 dup");
	react("yes");
	sees(&cy, "yes");
	sees(&cy, "yes");
	assert_true(silent(&bo, "reaction", 0.3));
	assert_int_equal(hostile_count(&hostile, "hits", "hits deaf"), 1);
	hostile_do(&hostile, "unrule *");
	hostile_do(&hostile, "rule late down reaction of=2 delay=400");
	react("no");
	assert_true(silent(&bo, "reaction", 0.2));
	sees(&bo, "no");
	sees(&cy, "no");
}

static void tool__holds_and_turns_round(void **state)
{
	(void)state;
	hostile_do(&hostile, "rule keep down reaction of=2 hold");
	react("yes");
	react("no");
	hostile_do(&hostile, "wait down reaction of=2 count=2");
	assert_true(silent(&bo, "reaction", 0.1));
	hostile_do(&hostile, "release keep reverse");
	sees(&bo, "no");
	sees(&bo, "yes");
	hostile_do(&hostile, "unrule *");
	react("laugh");
	sees(&bo, "laugh");
}

static void tool__says_things_itself(void **state)
{
	(void)state;
	hostile_do(&hostile, "say down of=2 {\"event\":\"reaction\",\"from\":3,\"name\":\"Cy\",\"text\":\"heart\"}");
	peer_wait(&bo, "reaction", "{\"from\":3}");
	assert_true(silent(&cy, "reaction", 0.1));
	hostile_do(&hostile, "rule lie down reaction set={\"text\":\"laugh\"}");
	peer_ok(&ann, "react", "yes", NULL);
	peer_wait(&bo, "reaction", "{\"text\":\"laugh\"}");
	hostile_do(&hostile, "unrule lie");
	hostile_do(&hostile, "replay to=3 down reaction of=2");
	peer_wait(&cy, "reaction", "{\"text\":\"yes\"}");
}

static void tool__keeps_a_line_whose_relay_is_gone(void **state)
{
	(void)state;
	hostile_do(&hostile, "keep of=3");
	hostile_do(&hostile, "rule quiet down removed of=3 drop");
	hostile_do(&hostile, "rule copy down reaction of=2 also=3");
	peer_ok(&ann, "kick", "Cy", NULL);
	peer_wait(&bo, "person-left", "{\"name\":\"Cy\"}");
	peer_ok(&ann, "react", "applause", NULL);
	peer_wait(&bo, "reaction", "{\"text\":\"applause\"}");
	peer_wait(&cy, "reaction", "{\"text\":\"applause\"}");
}

static void tool__finds_what_is_in_memory(void **state)
{
	struct needle needles[] = { { .what = "a name", .p = "Bartholomew", .n = 11 },
				    { .what = "nothing", .p = "\x01never said\x02", .n = 12 } };
	struct peer guest;

	(void)state;
	peer_enter(&guest, &ann, invite, "Bartholomew", NULL);
	memory_search(relay.child.pid, needles, 2);
	assert_true(needles[0].found > 0);
	memory_none(needles + 1, 1, "the relay's memory");
	needles[0].found = 0;
	if (memory_search_core(relay.child.pid, needles, 2))
		assert_true(needles[0].found > 0);
	memory_none(needles + 1, 1, "a core of the relay");
	assert_int_equal(peer_end(&guest), 0);
}

static void tool__has_a_face_of_its_own_in_the_middle(void **state)
{
	struct hostile other;

	(void)state;
	hostile_start_other(&other, &relay);
	peer_start(&bo, "Bo", NULL, (const char *const[]) { "host", "--relay", other.door.address, "--pin", relay.pin,
							    "--name", "Bo", NULL });
	assert_int_equal(peer_finish(&bo), 3);
	hostile_stop(&other);
}

#define MEETING(name) cmocka_unit_test_setup_teardown(name, open_meeting, close_meeting)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEETING(tool__passes__everything_on),
		MEETING(tool__drops_doubles_and_delays),
		MEETING(tool__holds_and_turns_round),
		MEETING(tool__says_things_itself),
		MEETING(tool__keeps_a_line_whose_relay_is_gone),
		MEETING(tool__finds_what_is_in_memory),
		cmocka_unit_test(tool__has_a_face_of_its_own_in_the_middle),
	};

	return cmocka_run_group_tests(tests, start_relay, stop_relay);
}
