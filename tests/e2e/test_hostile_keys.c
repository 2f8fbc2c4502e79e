/* A relay gone bad with the keys: rosters and wraps dropped, repeated, exchanged and, with the help of a member, forged; and
 * who has which keys for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

/* ---- rosters and wraps ------------------------------------------------------------------------------------- */

static void keys__old_rosters__change_nothing(void **state)
{
	(void)state;
	siege_turn();
	for (int i = 1; i <= 3; i++)
		HOSTILE("replay to=%d down piece of=%d", i, i);
	HOSTILE("replay to=1 up ROSTER of=1");
	for (int i = 1; i <= 3; i++)
		HOSTILE("replay to=%d down ROSTER of=2", i);
	siege_settle();
	siege_secure(&siege.ann, 1);
	siege_secure(&siege.bo, 1);
	siege_secure(&siege.cy, 1);
	siege_lives();
}

/* A key that does not come is asked for; one that never comes means that nothing is sent. */
static void keys__a_withheld_wrap__is_asked_for(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("rule thief down WRAP of=2 n=1 drop");
	peer_ok(&siege.ann, "cohost", "Cy", NULL);
	HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
	/* The next heartbeat tells that there is one. */
	HOSTILE("wait up FETCH of=2");
	HOSTILE("unrule *");
	siege_secure(&siege.bo, 1);
	siege_lives();
}

static void keys__a_stale_wrap__does_not_open(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("copy stale down WRAP of=2");
	HOSTILE("rule stale down WRAP of=2 blob=stale");
	peer_ok(&siege.ann, "cohost", "Cy", NULL);
	HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
	siege_error(&siege.bo, "no-wrap");
	siege_paused(&siege.bo, "no-key");
	peer_refused(&siege.bo, "not-sealed", "chat", "to nobody", NULL);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up chat of=2"), 0);
	siege_say(&siege.ann, "under the new key");
	siege_not_read(&siege.bo, "under the new key", 1);
	siege_sends_nothing(&siege.bo, 2);
	HOSTILE("unrule *");
	siege_secure(&siege.bo, 1);
	siege_lives();
}

/* Another member's wrap, and a flipped bit. */
static void keys__anothers_wrap__does_not_open(void **state)
{
	static const char *const changes[] = { "swap", "flip=13", "flip=0", "flip=59", "cut=59", "cut=0" };

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const long epoch = siege_epoch();

		HOSTILE("rule bad down WRAP of=2,3 n=1-2 %s", changes[i]);
		peer_ok(&siege.ann, i % 2 ? "uncohost" : "cohost", "Cy", NULL);
		HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
		HOSTILE("wait up ASK of=2 since=now within=15");
		HOSTILE("unrule bad");
		siege_secure(&siege.bo, 1);
		siege_secure(&siege.cy, 1);
	}
	siege_lives();
}

static void keys__changed_rosters__are_refused(void **state)
{
	static const char *const changes[] = { "flip=3", "flip=20", "flip=80", "flip=150", "flip=200", "cut=100" };

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const long epoch = siege_epoch();

		HOSTILE("rule bad down ROSTER of=2 n=1 %s", changes[i]);
		peer_ok(&siege.ann, i % 2 ? "uncohost" : "cohost", "Cy", NULL);
		HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
		/* It learns from the heartbeat that something is missing, and fetches it. */
		HOSTILE("wait up FETCH of=2 since=now within=20");
		HOSTILE("unrule bad");
		siege_secure(&siege.bo, 1);
		siege_said(&siege.ann, &siege.bo, "got it");
	}
	siege_lives();
}

/* ---- forks and false leaders ------------------------------------------------------------------------------- */

/* Ann's own key signs two rosters for one moment. */
static void keys__a_fork__stops_those_who_see_it(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	siege_settle();
	HOSTILE("forge other up ROSTER of=1 key=%s later=1", siege.ann.home);
	HOSTILE("say down of=2 ROSTER source=1 blob=other");
	HOSTILE("say down of=2 WRAP source=1 hex=");
	siege_error(&siege.bo, "fork");
	siege_paused(&siege.bo, "fork");
	peer_refused(&siege.bo, "not-sealed", "chat", "to nobody", NULL);
	HOSTILE("mark then");
	siege_mic(&siege.bo, true);
	usleep(700000);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up audio of=2 since=then"), 0);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up chat of=2"), 0);
	/* What comes later does not mend it; the others have seen nothing. */
	siege_turn();
	assert_int_equal(siege_state(&siege.bo), 4);
	siege_said(&siege.ann, &siege.cy, "we are two");
	siege_not_read(&siege.bo, "we are two", 0.5);
	/* Joining anew does. */
	assert_int_equal(peer_end(&siege.bo), 0);
	siege_enter(&dee, "Bo");
	siege_said(&siege.ann, &dee, "we are three");
	siege_gone(&dee);
}

/* The same, but it comes first, and the honest one after it. */
static void keys__a_fork_that_comes_first__stops_as_well(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("rule first down ROSTER of=2 epoch=%ld hold", epoch + 1);
	HOSTILE("rule first2 down WRAP of=2 hold");
	peer_ok(&siege.ann, "cohost", "Cy", NULL);
	HOSTILE("wait down ROSTER of=2 epoch=%ld", epoch + 1);
	HOSTILE("forge other up ROSTER epoch=%ld key=%s later=1", epoch + 1, siege.ann.home);
	HOSTILE("say down of=2 ROSTER source=1 blob=other");
	HOSTILE("say down of=2 WRAP source=1 hex=");
	siege_secure(&siege.bo, 4);
	HOSTILE("unrule *");
	siege_error(&siege.bo, "fork");
	siege_paused(&siege.bo, "fork");
	siege_said(&siege.ann, &siege.cy, "we are two");
}

/* Bo's key signs that Bo leads. */
static void keys__a_second_leader__is_not_followed(void **state)
{
	(void)state;
	siege_settle();
	HOSTILE("forge coup up ROSTER of=1 key=%s next leader=2", siege.bo.home);
	HOSTILE("forge puppet up ROSTER of=1 key=%s next", siege.bo.home);
	for (int i = 1; i <= 3; i += 2) {
		struct peer *peer = i == 1 ? &siege.ann : &siege.cy;

		HOSTILE("say down of=%d ROSTER source=2 blob=coup", i);
		HOSTILE("say down of=%d WRAP source=2 hex=", i);
		siege_error(peer, "not-leader");
		HOSTILE("say down of=%d ROSTER source=1 blob=puppet", i);
		HOSTILE("say down of=%d WRAP source=1 hex=", i);
	}
	/* And when the relay says that Ann's line is lost, or that she left. */
	HOSTILE("say down of=3 {\"event\":\"away\",\"number\":1,\"name\":\"Ann\"}");
	HOSTILE("say down of=3 ROSTER source=2 blob=puppet");
	HOSTILE("say down of=3 WRAP source=2 hex=");
	siege_secure(&siege.ann, 1);
	siege_secure(&siege.cy, 1);
	HOSTILE("say down of=3 {\"event\":\"resumed\",\"number\":1,\"name\":\"Ann\"}");
	siege_turn();
	siege_lives();
}

/* The relay itself takes a claim for good only from who may: then it does not pass it on. */
static void keys__a_second_leader__is_not_passed_on(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("forge coup up ROSTER of=1 key=%s next leader=2", siege.bo.home);
	HOSTILE("say up of=2 ROSTER source=2 blob=coup");
	siege_never(&siege.cy, "error", NULL, 1);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list down ROSTER epoch=%ld", epoch + 1), 0);
	siege_lives();
}

/* A door to another run of the meeting: Bo is led away from Ann. He may end up alone; he must not take it for Ann's. */
static void keys__a_door_to_nowhere__is_seen(void **state)
{
	(void)state;
	siege_settle();
	HOSTILE("say down of=2 {\"event\":\"door\",\"id\":\"%.3s%.3s%.3s\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"on\":true}",
		siege.id, siege.id + 4, siege.id + 8);
	usleep(3000000);
	if (siege_state(&siege.bo) == 1)
		fail_msg("Bo leads nobody, and believes that it is the host who does");
	siege_said(&siege.ann, &siege.cy, "where is Bo?");
	siege_not_read(&siege.bo, "where is Bo?", 0.5);
	hostile_never_saw(&siege.hostile, "where is Bo?", 12);
}

/* A role in the signed roster is not what the relay says it is. */
static void keys__locked_and_flagged__is_what_is_signed(void **state)
{
	(void)state;
	siege_settle();
	/* Bo would have the meeting said to be open to the relay. */
	HOSTILE("forge down up ROSTER of=1 key=%s next rflags=2", siege.bo.home);
	HOSTILE("say down of=3 ROSTER source=1 blob=down");
	HOSTILE("say down of=3 WRAP source=1 hex=");
	siege_error(&siege.cy, "bad-signature");
	siege_secure(&siege.cy, 1);
	siege_lives();
}

/* ---- counters ---------------------------------------------------------------------------------------------- */

static void keys__a_cut_line__uses_no_counter_twice(void **state)
{
	json_t *counts;

	(void)state;
	siege_mic(&siege.bo, true);
	siege_hears(&siege.ann, 2, true);
	for (int i = 0; i < 4; i++) {
		siege_say(&siege.bo, "before");
		HOSTILE("wait up audio of=2 since=now count=20");
		if (i % 2)
			HOSTILE("cut of=2");
		else
			peer_json(&siege.bo, "{\"do\":\"net\",\"drop\":true}");
		peer_wait(&siege.bo, "resumed", NULL);
		siege_say(&siege.bo, "after");
		HOSTILE("wait up audio name=Bo since=now count=20 within=30");
	}
	siege_said(&siege.bo, &siege.ann, "still Bo");
	counts = HOSTILE("unique up * name=Bo");
	assert_true(json_integer_value(json_object_get(counts, "frames")) > 150);
	assert_int_equal(json_integer_value(json_object_get(counts, "twice")), 0);
	/* And none of anybody's, on any line. */
	assert_int_equal(hostile_count(&siege.hostile, "twice", "unique up *"), 0);
	siege_mic(&siege.bo, false);
	siege_lives();
}

/* Killed, and back with the same identity but without what it remembered: another number, other keys. */
static void keys__a_killed_client__begins_with_new_keys(void **state)
{
	char home[DRIVE_PATH];
	struct peer again = { 0 };

	(void)state;
	siege_mic(&siege.bo, true);
	siege_hears(&siege.ann, 2, true);
	snprintf(home, sizeof(home), "%s", siege.bo.home);
	siege_gone(&siege.bo);
	peer_start(&again, "Bo", home, (const char *const[]) { "join", siege.invite, "--name", "Bo", "--mic", "tone:440", NULL });
	peer_wait(&siege.ann, "knock", "{\"name\":\"Bo\"}");
	peer_ok(&siege.ann, "admit", "4", NULL);
	peer_wait(&again, "joined", "{\"number\":4}");
	siege_secure(&again, 1);
	siege_hears(&siege.ann, 4, true);
	HOSTILE("wait up audio of=4 count=50");
	assert_int_equal(hostile_count(&siege.hostile, "twice", "unique up * name=Bo"), 0);
	siege_gone(&again);
}

/* ---- who was removed, who came later ----------------------------------------------------------------------- */

/* Cy is removed; the relay tells Cy nothing of it and goes on sending all that the others get. */
static void keys__who_was_removed__opens_nothing_more(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("keep of=3");
	HOSTILE("rule quiet down removed of=3 drop");
	HOSTILE("rule left down person-left of=3 drop");
	HOSTILE("rule order down ORDER of=3 drop");
	HOSTILE("rule roster down ROSTER of=3 drop");
	HOSTILE("rule wrap down WRAP of=3 drop");
	HOSTILE("rule copy down media of=2 also=3");
	HOSTILE("rule talk down chat of=2 also=3");
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	siege_hears(&siege.cy, 1, true);
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
	peer_wait(&siege.bo, "person-left", "{\"name\":\"Cy\"}");
	/* What was on its way; then silence. */
	siege_hears(&siege.cy, 1, false);
	siege_said(&siege.ann, &siege.bo, "Cy must not know");
	siege_said(&siege.bo, &siege.ann, "no");
	siege_never(&siege.cy, "chat", NULL, 1);
	siege_not_heard(&siege.cy, 1, 1);
	/* Now the rosters come, and the wraps of the others. */
	HOSTILE("unrule roster");
	HOSTILE("unrule wrap");
	HOSTILE("replay to=3 down ROSTER of=2 epoch=%ld", epoch + 1);
	HOSTILE("replay to=3 down WRAP of=2");
	siege_paused(&siege.cy, "removed");
	siege_said(&siege.ann, &siege.bo, "nor that");
	siege_never(&siege.cy, "chat", NULL, 1);
	siege_not_heard(&siege.cy, 1, 1);
	/* What Cy would say now is not heard, either. */
	HOSTILE("mark then");
	peer_refused(&siege.cy, "not-sealed", "chat", "hello?", NULL);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up media of=3 since=then"), 0);
}

static void keys__who_comes_later__opens_nothing_of_before(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	siege_said(&siege.ann, &siege.bo, "before Dee came");
	siege_heard(&siege.ann, 1, &siege.bo);
	siege_turn();
	siege_said(&siege.bo, &siege.ann, "just before Dee came");
	siege_enter(&dee, "Dee");
	siege_settle();
	/* All that Bo ever got. */
	HOSTILE("replay to=4 down ROSTER of=2");
	HOSTILE("replay to=4 down WRAP of=2");
	HOSTILE("replay to=4 down media of=2");
	HOSTILE("replay to=4 down chat of=2");
	siege_never(&dee, "chat", NULL, 1);
	siege_not_heard(&dee, 1, 1);
	siege_secure(&dee, 1);
	siege_said(&siege.ann, &dee, "for Dee, too");
	siege_heard(&siege.ann, 1, &dee);
	siege_gone(&dee);
}

/* Somebody leaves in order, and with the relay's help gets everything all the same. */
static void keys__who_left__opens_nothing_more(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("rule copy down media of=2 also=3");
	HOSTILE("rule talk down chat of=2 also=3");
	HOSTILE("rule deaf down ROSTER of=3 drop");
	/* The relay tells the others that Cy left; Cy is still on the line. */
	HOSTILE("rule gone down person-left of=3 drop");
	for (int i = 1; i <= 2; i++)
		HOSTILE("say down of=%d {\"event\":\"person-left\",\"number\":3,\"name\":\"Cy\",\"code\":\"left\"}", i);
	HOSTILE("wait up ROSTER epoch=%ld", epoch + 1);
	usleep(2500000);
	siege_said(&siege.ann, &siege.bo, "Cy is gone");
	siege_never(&siege.cy, "chat", NULL, 1);
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	siege_not_heard(&siege.cy, 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(keys__old_rosters__change_nothing),
		SIEGE(keys__a_withheld_wrap__is_asked_for),
		SIEGE(keys__a_stale_wrap__does_not_open),
		SIEGE(keys__anothers_wrap__does_not_open),
		SIEGE(keys__changed_rosters__are_refused),
		SIEGE(keys__a_fork__stops_those_who_see_it),
		SIEGE(keys__a_fork_that_comes_first__stops_as_well),
		SIEGE(keys__a_second_leader__is_not_followed),
		SIEGE(keys__a_second_leader__is_not_passed_on),
		SIEGE(keys__a_door_to_nowhere__is_seen),
		SIEGE(keys__locked_and_flagged__is_what_is_signed),
		SIEGE(keys__a_cut_line__uses_no_counter_twice),
		SIEGE(keys__a_killed_client__begins_with_new_keys),
		SIEGE(keys__who_was_removed__opens_nothing_more),
		SIEGE(keys__who_comes_later__opens_nothing_of_before),
		SIEGE(keys__who_left__opens_nothing_more),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
