/* A relay gone bad with what hosts order: it invents, repeats and withholds. What nobody signed is not believed; what is
 * withheld stops those who know of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

/* The control's value as this participant sees it. */
static const char *control(struct peer *peer, const char *name)
{
	return json_string_value(json_object_get(json_object_get(peer_state(peer), "controls"), name));
}

static const char *role_of(struct peer *peer, int number)
{
	json_t *people = json_object_get(peer_state(peer), "people"), *one;
	size_t i;

	json_array_foreach(people, i, one)
		if (json_integer_value(json_object_get(one, "number")) == number)
			return json_string_value(json_object_get(one, "role"));
	return "nobody";
}

/* ---- invented ---------------------------------------------------------------------------------------------- */

static void orders__of_nobody__are_refused(void **state)
{
	(void)state;
	HOSTILE("say down of=2 ORDER source=1 hex=0400000002080000000000000001046b69636b"
		"1a7b22646f223a226b69636b222c226e756d626572223a337d0d0a40"
		"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"00000000");
	siege_error(&siege.bo, "order-refused");
	HOSTILE("say down of=2 ORDER source=1 hex=00");
	HOSTILE("say down of=2 ORDER source=77 hex=00");
	siege_secure(&siege.bo, 1);
	siege_lives();
}

/* What the relay says that Ann did. */
static void orders__that_ann_did_not_give__are_not_believed(void **state)
{
	static const char *const events[] = {
		"{\"event\":\"controls\",\"control\":\"chat\",\"value\":\"off\",\"by\":1,\"name_by\":\"Ann\",\"locked\":false}",
		"{\"event\":\"controls\",\"control\":\"lock\",\"value\":\"on\",\"by\":1,\"name_by\":\"Ann\",\"locked\":false}",
		"{\"event\":\"muted\",\"by\":1,\"name_by\":\"Ann\"}",
		"{\"event\":\"muted\",\"by\":1,\"name_by\":\"Ann\",\"all\":true}",
		"{\"event\":\"person-changed\",\"number\":3,\"name\":\"Cy\",\"role\":\"co-host\",\"kind\":\"headless\",\"sealed\":\"end-to-end\","
		"\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,\"permits\":[],\"by\":1,\"name_by\":\"Ann\",\"code\":"
		"\"role\"}",
		"{\"event\":\"person-changed\",\"number\":3,\"name\":\"Mallory\",\"role\":\"participant\",\"kind\":\"headless\",\"sealed\":"
		"\"end-to-end\",\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,\"permits\":[],\"by\":1,\"name_by\":"
		"\"Ann\",\"code\":\"name\"}",
		"{\"event\":\"person-left\",\"number\":3,\"name\":\"Cy\",\"by\":1,\"name_by\":\"Ann\",\"code\":\"removed\"}",
		"{\"event\":\"spotlight\",\"number\":3,\"by\":1,\"name_by\":\"Ann\"}",
		"{\"event\":\"permission\",\"permission\":\"record\",\"on\":true,\"by\":1,\"name_by\":\"Ann\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		HOSTILE("say down of=2 %s", events[i]);
		if (!peer_wait_for(&siege.bo, "error", "{\"code\":\"not-signed\"}", 3))
			fail_msg("this was believed: %s", events[i]);
	}
	siege.bo.cursor = 0;
	siege_never(&siege.bo, "controls", NULL, 0);
	siege.bo.cursor = 0;
	siege_never(&siege.bo, "muted", NULL, 0);
	siege.bo.cursor = 0;
	siege_never(&siege.bo, "person-left", NULL, 0);
	assert_string_equal(role_of(&siege.bo, 3), "participant");
	assert_string_equal(control(&siege.bo, "chat"), "everyone");
	siege_lives();
}

/* A real order, and later again; by another; after another epoch. */
static void orders__are_good_once(void **state)
{
	(void)state;
	peer_ok(&siege.ann, "set", "chat", "hosts", NULL);
	peer_wait(&siege.bo, "controls", "{\"control\":\"chat\",\"value\":\"hosts\"}");
	peer_ok(&siege.ann, "set", "chat", "everyone", NULL);
	peer_wait(&siege.bo, "controls", "{\"control\":\"chat\",\"value\":\"everyone\"}");
	/* 10 s after an order nothing follows from it any more; the same bytes again are no new one. */
	usleep(10500000);
	HOSTILE("replay to=2 down ORDER of=2");
	HOSTILE("replay to=2 down controls of=2 n=1");
	siege_error(&siege.bo, "not-signed");
	siege_never(&siege.bo, "controls", NULL, 0.5);
	/* As if Cy had said it. */
	HOSTILE("replay to=2 down ORDER of=2 source=3");
	siege_error(&siege.bo, "order-refused");
	siege_turn();
	HOSTILE("replay to=2 down ORDER of=2 n=1");
	HOSTILE("replay to=2 down controls of=2 n=1");
	siege_error(&siege.bo, "not-signed");
	assert_string_equal(control(&siege.bo, "chat"), "everyone");
	siege_lives();
}

/* An order to the value that was signed, not to another. */
static void orders__mean_what_was_signed(void **state)
{
	(void)state;
	HOSTILE("rule change down controls of=2 set={\"value\":\"off\"}");
	peer_ok(&siege.ann, "set", "chat", "hosts", NULL);
	siege_error(&siege.bo, "not-signed");
	HOSTILE("unrule change");
	/* Kick 2 was signed; the relay kicks 3. */
	HOSTILE("rule change up kick set={\"number\":3}");
	peer_ok(&siege.ann, "kick", "Bo", NULL);
	siege_settle();
	siege_say(&siege.ann, "who reads this?");
	siege_not_read(&siege.bo, "who reads this?", 0.7);
	siege_not_read(&siege.cy, "who reads this?", 0.3);
}

static void orders__of_a_participant__are_none(void **state)
{
	(void)state;
	/* Cy, of whom the relay says that they are a co-host, signs orders that the relay takes. */
	HOSTILE("say down of=3 {\"event\":\"person-changed\",\"number\":3,\"name\":\"Cy\",\"role\":\"co-host\",\"kind\":\"headless\",\"sealed\":"
		"\"end-to-end\",\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,\"permits\":[]}");
	peer_ask(&siege.cy, "kick", "Bo", NULL);
	peer_ask(&siege.cy, "set", "waiting-room", "off", NULL);
	siege_settle();
	siege_lives();
}

/* ---- withheld ---------------------------------------------------------------------------------------------- */

/* Bo, a co-host, removes Cy. Ann, who leads, is not told; the relay tells her what it likes. */
static void orders__a_withheld_removal__stops_who_gave_it(void **state)
{
	(void)state;
	peer_ok(&siege.ann, "cohost", "Bo", NULL);
	siege_settle();
	HOSTILE("keep of=3");
	HOSTILE("rule mute down ORDER of=1 drop");
	HOSTILE("rule mute2 down person-left of=1 drop");
	HOSTILE("rule quiet down removed of=3 drop");
	peer_ok(&siege.bo, "kick", "Cy", NULL);
	siege_paused(&siege.bo, "removal-withheld");
	peer_refused(&siege.bo, "not-sealed", "chat", "Cy is out", NULL);
	siege_sends_nothing(&siege.bo, 2);
	/* When it comes at last, all is well. */
	HOSTILE("unrule *");
	HOSTILE("replay to=1 down ORDER of=1 has=kick");
	siege_secure(&siege.bo, 1);
	siege_said(&siege.bo, &siege.ann, "Cy is out");
	siege_not_read(&siege.cy, "Cy is out", 0.5);
}

/* The relay says that Cy was removed, but passes no order on: Ann does not believe it, and says so. */
static void orders__a_removal_without_order__is_said(void **state)
{
	(void)state;
	peer_ok(&siege.ann, "cohost", "Bo", NULL);
	siege_settle();
	HOSTILE("rule mute down ORDER of=1 drop");
	HOSTILE("keep of=3");
	peer_ok(&siege.bo, "kick", "Cy", NULL);
	siege_error(&siege.ann, "not-signed");
}

/* Ann removes Cy; Bo gets the order but not the keys without Cy. */
static void orders__a_roster_that_is_withheld__stops_who_waits_for_it(void **state)
{
	(void)state;
	siege_settle();
	HOSTILE("rule deaf down ROSTER of=2 drop");
	HOSTILE("rule deaf2 down WRAP of=2 drop");
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	siege_paused(&siege.bo, "removal-withheld");
	peer_refused(&siege.bo, "not-sealed", "chat", "Cy would read this", NULL);
	HOSTILE("unrule *");
	siege_secure(&siege.bo, 1);
	siege_said(&siege.bo, &siege.ann, "Cy does not read this");
}

/* ---- names ------------------------------------------------------------------------------------------------- */

static void orders__names__are_their_own(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("rule lie down person-joined of=2 set={\"name\":\"Ann\"}");
	HOSTILE("rule lie2 down person name=Dee from=3 set={\"name\":\"Boss\"}");
	siege_enter(&dee, "Dee");
	siege_error(&siege.bo, "name-not-signed");
	siege_said(&dee, &siege.bo, "my name is Dee");
	siege.bo.cursor = 0;
	peer_wait(&siege.bo, "chat", "{\"text\":\"my name is Dee\",\"name\":\"Dee\",\"from\":4}");
	siege_said(&siege.cy, &dee, "and mine is Cy");
	dee.cursor = 0;
	peer_wait(&dee, "chat", "{\"text\":\"and mine is Cy\",\"name\":\"Cy\"}");
	siege_gone(&dee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(orders__of_nobody__are_refused),
		SIEGE(orders__that_ann_did_not_give__are_not_believed),
		SIEGE(orders__are_good_once),
		SIEGE(orders__mean_what_was_signed),
		SIEGE(orders__of_a_participant__are_none),
		SIEGE(orders__a_withheld_removal__stops_who_gave_it),
		SIEGE(orders__a_removal_without_order__is_said),
		SIEGE(orders__a_roster_that_is_withheld__stops_who_waits_for_it),
		SIEGE(orders__names__are_their_own),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
