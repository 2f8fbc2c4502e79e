/* A relay gone bad at the door: it guesses, replays, swaps and lets in. Nobody comes in who was not proven and let in by the
 * leader's own client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/invite.h"
#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

static void verdict(const char *want, int reason, json_t *answer)
{
	const char *got = json_string_value(json_object_get(answer, "verdict"));
	const int why = (int)json_integer_value(json_object_get(answer, "reason"));

	if (!got || strcmp(got, want) || (reason >= 0 && why != reason))
		fail_msg("the leader says %s %d, not %s %d", got ? got : "nothing", why, want, reason);
}

/* Nobody of this number gets a key, is in a roster or can be heard. */
static void has_nothing(int number, double seconds)
{
	usleep((useconds_t)(seconds * 1e6));
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up WRAP from=%d", number), 0);
}

/* ---- guessing ---------------------------------------------------------------------------------------------- */

/* The relay itself tries passcodes at Ann's client, past all of its own limits. */
static void door__guesses__end_after_ten(void **state)
{
	char wrong[80], link[40];
	struct invite invite;
	const char *why;
	int tried = 0;

	(void)state;
	for (int i = 0; i < 31; i++) {
		snprintf(wrong, sizeof(wrong), "%06d", 100000 + i);
		if (!strcmp(wrong, siege.passcode))
			continue;
		HOSTILE("guess of=1 code=%s", wrong);
		verdict("reject", tried++ < 10 ? 1 : 3, siege.hostile.answer);
	}
	/* Then the right one opens nothing, either; the link does. */
	verdict("reject", 3, HOSTILE("guess of=1 code=%s", siege.passcode));
	assert_int_equal(invite_parse(&invite, siege.invite, &why), 0);
	for (int i = 0; i < INVITE_SECRET; i++)
		snprintf(link + 2 * i, 3, "%02x", invite.secret[i]);
	verdict("welcome", 0, HOSTILE("guess of=1 link=%s", link));
	link[0] = link[0] == '0' ? '1' : '0';
	verdict("reject", 1, HOSTILE("guess of=1 link=%s", link));
	siege_lives();
}

/* A proof opens no door: whoever it was is not seen by anybody before the relay seats them, and then they wait. */
static void door__a_right_guess__is_not_in(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	verdict("welcome", 0, HOSTILE("guess of=1 code=%s", siege.passcode));
	siege_never(&siege.ann, "knock", NULL, 2.5);
	assert_int_equal(siege_settle(), epoch);
	siege_lives();
}

/* Else each member were ten guesses more. */
static void door__nobody_is_asked_but_who_leads(void **state)
{
	(void)state;
	verdict("silence", 0, HOSTILE("guess of=2 code=%s", siege.passcode));
	siege_lives();
}

/* ---- replays ----------------------------------------------------------------------------------------------- */

static void door__an_old_proof__proves_nothing(void **state)
{
	(void)state;
	/* Ann's answers to runs of ours are not for the relay. */
	HOSTILE("rule ours up piece of=1 from=60123,60124 drop");
	HOSTILE("replay to=1 down HELLO of=1 n=1 source=60123");
	HOSTILE("wait up CHALLENGE from=60123");
	HOSTILE("replay to=1 down PROOF of=1 n=1 source=60123");
	HOSTILE("wait up REJECT from=60123");
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up WELCOME from=60123"), 0);
	/* Nor without a HELLO, nor after the end. */
	HOSTILE("replay to=1 down PROOF of=1 n=1 source=60124");
	HOSTILE("replay to=1 down PROOF of=1 n=2 source=60123");
	siege_never(&siege.ann, "knock", NULL, 1);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up WELCOME from=60124"), 0);
	HOSTILE("unrule *");
	siege_lives();
}

/* What Ann once said to Bo does for nobody else. */
static void door__an_old_welcome__welcomes_nobody(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("copy old down WELCOME name=Bo");
	HOSTILE("rule old down WELCOME name=Dee blob=old");
	peer_join(&dee, siege.invite, "Dee", NULL);
	peer_wait(&dee, "refused", "{\"code\":\"not-proven\"}");
	assert_int_equal(peer_finish(&dee), 4);
	HOSTILE("unrule *");
	siege_lives();
}

static void door__changed_messages__let_nobody_in(void **state)
{
	static const struct {
		const char *rule, *code;
	} tries[] = {
		{ "down CHALLENGE name=Dee flip=3", NULL },           { "down CHALLENGE name=Dee flip=100", "not-proven" },
		{ "down CHALLENGE name=Dee flip=180", NULL },         { "up HELLO name=Dee flip=60", NULL },
		{ "up PROOF name=Dee flip=40", NULL },                { "up PROOF name=Dee flip=120", NULL },
		{ "down WELCOME name=Dee flip=10", "not-proven" },    { "down WELCOME name=Dee flip=100", "not-proven" },
		{ "down WELCOME name=Dee flip=250", "not-proven" },   { "down WELCOME name=Dee cut=64", "not-proven" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct peer dee = { 0 };
		json_t *refused;

		HOSTILE("rule change %s", tries[i].rule);
		peer_join(&dee, siege.invite, "Dee", NULL);
		refused = peer_wait(&dee, "refused", NULL);
		if (tries[i].code && strcmp(json_string_value(json_object_get(refused, "code")), tries[i].code))
			fail_msg("%s: refused with %s", tries[i].rule,
				 json_string_value(json_object_get(refused, "code")));
		assert_int_equal(peer_finish(&dee), 4);
		assert_true(hostile_count(&siege.hostile, "hits", "hits change") > 0);
		HOSTILE("unrule change");
	}
	assert_int_equal(hostile_count(&siege.hostile, "count", "list down joined name=Dee"), 0);
	siege_lives();
}

/* ---- swaps ------------------------------------------------------------------------------------------------- */

/* Two wait; the relay gives each the other's proof. Ann lets one in, by name; the other's keys do not come in under it. */
static void door__exchanged_proofs__let_nobody_in(void **state)
{
	struct peer dee = { 0 }, eve = { 0 };

	(void)state;
	HOSTILE("rule swap down PROVEN of=1 swap");
	peer_join(&dee, siege.invite, "Dee", NULL);
	peer_join(&eve, siege.invite, "Eve", NULL);
	for (int i = 0; i < 2; i++)
		peer_wait(&siege.ann, "knock", NULL);
	HOSTILE("wait down PROVEN of=1 count=4");
	peer_ok(&siege.ann, "admit", "Dee", NULL);
	peer_wait(&dee, "joined", NULL);
	siege_settle();
	/* Eve is in nobody's roster under Dee's number, and has no key. */
	assert_int_equal(siege_state(&dee), 0);
	assert_int_equal(siege_state(&eve), 0);
	siege_say(&siege.ann, "only for those who were let in");
	siege_not_read(&dee, "only for those who were let in", 0.5);
	siege_not_read(&eve, "only for those who were let in", 0);
	HOSTILE("unrule *");
	siege_gone(&dee);
	siege_gone(&eve);
	siege_lives();
}

static void door__swapped_bindings__leave_the_newcomer_out(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("rule swap down BINDING name=Dee from=2,3 swap");
	siege_knock(&dee, "Dee");
	peer_ok(&siege.ann, "admit", "Dee", NULL);
	siege_error(&dee, "members-mismatch");
	assert_int_equal(siege_state(&dee), 0);
	siege_say(&siege.ann, "not for Dee");
	siege_not_read(&dee, "not for Dee", 1);
	siege_gone(&dee);
	HOSTILE("unrule *");
	siege_lives();
}

/* Mallory's binding, out of another meeting or made by the relay, in the place of Ann's. */
static void door__another_leader_for_a_newcomer__is_not_followed(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("copy bo down BINDING from=2");
	HOSTILE("rule lie down BINDING name=Dee from=1 blob=bo");
	siege_knock(&dee, "Dee");
	peer_ok(&siege.ann, "admit", "Dee", NULL);
	peer_wait(&dee, "joined", NULL);
	siege_settle();
	assert_int_equal(siege_state(&dee), 0);
	siege_say(&siege.ann, "not for Dee");
	siege_not_read(&dee, "not for Dee", 0.5);
	siege_gone(&dee);
	HOSTILE("unrule *");
	siege_lives();
}

/* ---- letting in -------------------------------------------------------------------------------------------- */

#define PERSON(number, name)                                                                                             \
	"{\"event\":\"person-joined\",\"number\":" #number ",\"name\":\"" name "\",\"role\":\"participant\",\"kind\":"           \
	"\"headless\",\"sealed\":\"end-to-end\",\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,"   \
	"\"permits\":[]}"

/* The relay seats somebody who proved the passcode and waits: it says so, but nobody let them in. */
static void door__who_was_not_let_in__gets_no_key(void **state)
{
	const long epoch = siege_settle();
	struct peer dee = { 0 };

	(void)state;
	siege_knock(&dee, "Dee");
	HOSTILE("say down of=1 " PERSON(4, "Dee"));
	HOSTILE("say down of=2 " PERSON(4, "Dee"));
	has_nothing(4, 2.5);
	assert_int_equal(siege_settle(), epoch);
	/* Nor when it says that Ann did, or that anybody may come in. */
	HOSTILE("say down of=1 {\"event\":\"knock-gone\",\"number\":4,\"name\":\"Dee\",\"code\":\"admitted\",\"by\":1,\"name_by\":"
		"\"Ann\"}");
	HOSTILE("say down of=1 {\"event\":\"controls\",\"control\":\"waiting-room\",\"value\":\"off\",\"locked\":false}");
	HOSTILE("say down of=1 {\"event\":\"controls\",\"control\":\"waiting-room\",\"value\":\"off\",\"by\":1,\"locked\":false}");
	HOSTILE("say down of=1 " PERSON(4, "Dee"));
	has_nothing(4, 2.5);
	assert_int_equal(siege_settle(), epoch);
	siege_gone(&dee);
	siege_lives();
}

/* Somebody nobody ever proved anything to. */
static void door__who_is_not_there__gets_no_key(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("copy sb down BINDING from=2");
	HOSTILE("say down of=1 PROVEN source=9 hex=0001");
	HOSTILE("say down of=1 BINDING source=9 blob=sb");
	HOSTILE("say down of=1 " PERSON(9, "Zoe"));
	has_nothing(9, 2.5);
	assert_int_equal(siege_settle(), epoch);
	siege_lives();
}

/* Mallory knows the passcode and has the relay's help: a proof, a number and a seat. */
static void mallory_comes(int number)
{
	int run;

	HOSTILE("guess of=1 code=%s", siege.passcode);
	verdict("welcome", 0, siege.hostile.answer);
	run = (int)json_integer_value(json_object_get(siege.hostile.answer, "run"));
	HOSTILE("say down of=1 PROVEN source=%d hex=%04x", number, run);
	HOSTILE("say down of=1 {\"event\":\"person-joined\",\"number\":%d,\"name\":\"Mallory\",\"role\":\"participant\",\"kind\":"
		"\"headless\",\"sealed\":\"end-to-end\",\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,"
		"\"permits\":[]}", number);
}

/* Where the host lets everybody in who knows the passcode, Mallory comes in. Where not, or not any more, not. */
static void door__who_knows_the_passcode__comes_in_where_all_may(void **state)
{
	(void)state;
	siege_settle();
	mallory_comes(20);
	has_nothing(20, 2.5);
	peer_ok(&siege.ann, "set", "waiting-room", "off", NULL);
	mallory_comes(21);
	HOSTILE("wait up WRAP from=21");
	siege_settle();
	peer_ok(&siege.ann, "lock", NULL);
	mallory_comes(22);
	has_nothing(22, 2.5);
	peer_ok(&siege.ann, "unlock", NULL);
	/* Who removed somebody looks at the door again. */
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	mallory_comes(23);
	has_nothing(23, 2.5);
	siege_said(&siege.ann, &siege.bo, "still here");
}

/* A caller whom the relay made up, and who would let it hear. */
static void door__an_invented_caller__is_not_let_hear(void **state)
{
	const long epoch = siege_settle();

	(void)state;
	HOSTILE("stranger sb of=1 called=Zoe plain");
	HOSTILE("say down of=1 {\"event\":\"knock\",\"number\":9,\"name\":\"Zoe\",\"code\":\"waiting-room\",\"time_ms\":1795820600810}");
	HOSTILE("say down of=1 BINDING source=9 blob=sb");
	for (int i = 1; i <= 3; i++)
		HOSTILE("say down of=%d {\"event\":\"person-joined\",\"number\":9,\"name\":\"Zoe\",\"role\":\"participant\",\"kind\":"
			"\"web\",\"sealed\":\"relay\",\"mic\":\"on\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,"
			"\"permits\":[]}", i);
	has_nothing(9, 2.5);
	assert_int_equal(siege_settle(), epoch);
	siege_heard(&siege.ann, 1, &siege.bo);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up media flags=4"), 0);
	assert_int_equal(siege_state(&siege.ann), 1);
	assert_int_equal(siege_state(&siege.bo), 1);
	siege_lives();
}

/* A host let somebody in; the relay takes another who waits. */
static void door__another_than_was_let_in__gets_no_key(void **state)
{
	struct peer dee = { 0 }, eve = { 0 };

	(void)state;
	siege_knock(&dee, "Dee");
	siege_knock(&eve, "Eve");
	HOSTILE("rule change up admit of=1 set={\"who\":[5]}");
	peer_ok(&siege.ann, "admit", "Dee", NULL);
	HOSTILE("wait down joined of=5");
	has_nothing(5, 2.5);
	assert_int_equal(siege_state(&eve), 0);
	siege_say(&siege.ann, "Eve does not read this");
	siege_not_read(&eve, "Eve does not read this", 0.5);
	siege_gone(&eve);
	siege_gone(&dee);
	HOSTILE("unrule *");
}

/* The waiting room does not open because the relay opens it. */
static void door__an_opened_door__is_not_open(void **state)
{
	const long epoch = siege_settle();
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("rule open up set of=1 drop");
	HOSTILE("say up of=1 {\"do\":\"set\",\"control\":\"waiting-room\",\"value\":\"off\",\"request\":0}");
	peer_join(&dee, siege.invite, "Dee", NULL);
	has_nothing(4, 3);
	siege_gone(&dee);
	assert_int_equal(siege_settle(), epoch);
	HOSTILE("unrule *");
	siege_lives();
}

/* ---- in the middle ----------------------------------------------------------------------------------------- */

static void door__a_relay_with_another_key__is_refused(void **state)
{
	struct hostile other;
	struct peer dee = { 0 };
	char address[140];

	(void)state;
	hostile_start_other(&other, &siege.relay);
	/* Their invite has the pin of the real one. */
	snprintf(address, sizeof(address), "%s", other.door.address);
	peer_join(&dee, siege.invite, "Dee", (const char *const[]) { "--relay", address, NULL });
	assert_int_equal(peer_finish(&dee), 3);
	/* Who was told the pin of the middle signs that: the real relay refuses it. */
	peer_start(&dee, "Dee", NULL, (const char *const[]) { "host", "--relay", address, "--pin", other.door.pin, "--name", "Dee",
							      NULL });
	peer_wait(&dee, "refused", "{\"code\":\"bad-key\"}");
	assert_int_equal(peer_finish(&dee), 4);
	hostile_stop(&other);
	siege_lives();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(door__guesses__end_after_ten),
		SIEGE(door__a_right_guess__is_not_in),
		SIEGE(door__nobody_is_asked_but_who_leads),
		SIEGE(door__an_old_proof__proves_nothing),
		SIEGE(door__an_old_welcome__welcomes_nobody),
		SIEGE(door__changed_messages__let_nobody_in),
		SIEGE(door__exchanged_proofs__let_nobody_in),
		SIEGE(door__swapped_bindings__leave_the_newcomer_out),
		SIEGE(door__another_leader_for_a_newcomer__is_not_followed),
		SIEGE(door__who_was_not_let_in__gets_no_key),
		SIEGE(door__who_is_not_there__gets_no_key),
		SIEGE(door__who_knows_the_passcode__comes_in_where_all_may),
		SIEGE(door__an_invented_caller__is_not_let_hear),
		SIEGE(door__another_than_was_let_in__gets_no_key),
		SIEGE(door__an_opened_door__is_not_open),
		SIEGE(door__a_relay_with_another_key__is_refused),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
