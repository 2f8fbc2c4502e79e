/* Sessions that speak end to end, on a real relay: who gets in and by what, what only those hear who may, and what becomes of the
 * keys when people come, go and lose their lines. */
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/crowd.h"
#include "tests/net/place.h"

/* Ann leads and hosts; Bo, Cy and Di come as tests want them. */
enum { ANN, BO, CY, DI };
static const char *const names[] = { "Ann", "Bo", "Cy", "Di" };

static struct soul *soul(void **state, unsigned i)
{
	return &((struct crowd *)*state)->souls[i];
}

/* The first n of them, all by the link. */
static void meet(struct crowd *crowd, unsigned n)
{
	crowd_host(&crowd->souls[ANN], names[ANN]);
	for (unsigned i = 1; i < n; i++) {
		crowd_by_link(&crowd->souls[i], names[i], &crowd->souls[ANN]);
		crowd_expect(&crowd->souls[i], EVENT_JOINED);
	}
	crowd_together(crowd, n);
}

static void done(struct soul *soul, struct command command)
{
	assert_string_equal(crowd_ask(soul, &command), "");
}

static void expect_text(struct soul *soul, const struct soul *from, const char *text)
{
	const struct event *event = crowd_expect(soul, EVENT_CHAT);

	while (event->from == soul->number && from != soul)
		event = crowd_expect(soul, EVENT_CHAT);
	assert_string_equal(event->text, text);
	assert_int_equal(event->from, from->number);
	assert_string_equal(event->name, from->name);
}

/* ---- coming in ------------------------------------------------------------------------------------------------ */

static void session__comes_in__by_link_or_passcode(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);

	crowd_host(ann, "Ann");
	crowd_by_link(bo, "Bo", ann);
	crowd_expect(bo, EVENT_JOINED);
	crowd_by_code(cy, "Cy", ann);
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
	/* The link tells who the host is; a passcode does not. */
	assert_int_equal(crowd_state(ann), SECURITY_VERIFIED);
	assert_int_equal(crowd_state(bo), SECURITY_VERIFIED);
	assert_int_equal(crowd_state(cy), SECURITY_NOT_VERIFIED);
	assert_true(crowd_hears(ann, bo));
	assert_true(crowd_hears(cy, ann));
	assert_true(crowd_hears(bo, cy));
	session_confirm(cy->session);
	crowd_until_state(cy, SECURITY_VERIFIED);
	crowd_expect(cy, EVENT_SECURITY);
	assert_int_equal(ann->ended + bo->ended + cy->ended, 0);
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, ""));
}

static void session__shows__the_same_codes_to_all(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	uint8_t key[MOOT_KEY_BYTES];
	struct session_security security;
	char code[48];

	meet(*state, 2);
	session_security(bo->session, &security);
	assert_int_equal(session_person_key(ann->session, ann->number, key, code), 0);
	assert_string_equal(code, security.code);
	assert_memory_equal(key, ann->identity.key, sizeof(key));
	assert_true(security.leader_is_host && !security.leads);
	assert_int_equal(session_person_key(ann->session, 77, key, code), -ENOENT);
}

static void expect_refused(struct soul *soul, const char *code)
{
	assert_string_equal(crowd_expect(soul, EVENT_REFUSED)->code, code);
	crowd_expect_end(soul);
	assert_int_equal(soul->exit, 4);
}

static void session__is_refused__by_a_wrong_secret(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct session_security security;
	struct session_params params;

	crowd_host(ann, "Ann");
	params = crowd_params(bo, "Bo");
	params.invite = crowd_invite(ann, true);
	params.invite.passcode[0] = params.invite.passcode[0] == '1' ? '2' : '1';
	crowd_enter(bo, &params);
	expect_refused(bo, "no-such-meeting");
	session_security(ann->session, &security);
	assert_int_equal(security.wrong_codes, 1);
	assert_false(security.codes_closed);
	params.invite = crowd_invite(ann, false);
	params.invite.secret[3] ^= 1;
	crowd_enter(bo, &params);
	expect_refused(bo, "no-such-meeting");
	session_security(ann->session, &security);
	assert_int_equal(security.wrong_codes, 1);
	assert_false(crowd_heard(ann, EVENT_PERSON_JOINED, ""));
	crowd_by_code(bo, "Bo", ann);
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
}

static void session__new_passcode__replaces_the_old(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct session_params old;

	meet(*state, 2);
	old = crowd_params(cy, "Cy");
	old.invite = crowd_invite(ann, true);
	assert_int_equal(session_new_passcode(bo->session, NULL), -EPERM);
	assert_int_equal(session_new_passcode(ann->session, NULL), 0);
	assert_string_not_equal(session_invite(ann->session)->passcode, old.invite.passcode);
	crowd_enter(cy, &old);
	expect_refused(cy, "no-such-meeting");
	crowd_by_code(cy, "Cy", ann);
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
	/* Those who are in are told, for when they lead. */
	assert_string_equal(session_invite(bo->session)->passcode, session_invite(ann->session)->passcode);
}

static void session__waits__until_it_is_let_in(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);

	crowd_host(ann, "Ann");
	crowd_by_code(bo, "Bo", ann);
	crowd_expect(bo, EVENT_WAITING);
	crowd_expect(ann, EVENT_KNOCK);
	assert_int_equal(crowd_state(bo), SECURITY_NONE);
	assert_int_equal(crowd_epoch(ann), 1);
	done(ann, crowd_about(WORD_ADMIT, bo));
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
	assert_true(crowd_hears(ann, bo));
	assert_false(crowd_heard(ann, EVENT_ERROR, ""));
}

static void session__waits__all_are_let_in(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct command all = { .word = WORD_ADMIT, .all = true };

	crowd_host(ann, "Ann");
	crowd_by_code(bo, "Bo", ann);
	crowd_by_link(cy, "Cy", ann);
	crowd_expect(bo, EVENT_WAITING);
	crowd_expect(cy, EVENT_WAITING);
	crowd_expect(ann, EVENT_KNOCK);
	crowd_expect(ann, EVENT_KNOCK);
	done(ann, all);
	crowd_expect(bo, EVENT_JOINED);
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
}

static void session__locked__those_who_wait_may_still_be_let_in(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct command lock = { .word = WORD_SET, .control = CONTROL_LOCK, .value = 1 };

	crowd_host(ann, "Ann");
	crowd_by_link(bo, "Bo", ann);
	crowd_expect(bo, EVENT_WAITING);
	crowd_expect(ann, EVENT_KNOCK);
	done(ann, lock);
	crowd_by_link(cy, "Cy", ann);
	expect_refused(cy, "locked");
	crowd_die(cy);
	crowd_pass(*state, 600);
	done(ann, crowd_about(WORD_ADMIT, bo));
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
}

/* Who has the host key and comes again. */
static struct session_params as_host(struct soul *soul)
{
	struct session_params params = crowd_params(soul, soul->name);

	params.invite = *session_invite(soul->session);
	params.host_key_set = true;
	memcpy(params.host_key, soul->host_key, sizeof(params.host_key));
	return params;
}

static void leave(struct soul *soul)
{
	session_leave(soul->session);
	crowd_expect_end(soul);
	crowd_die(soul);
}

static void session__holds_the_door__while_the_leader_is_away(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);

	crowd_host(ann, "Ann");
	crowd_expect(ann, EVENT_TICKET);
	session_fault_drop(ann->session);
	crowd_pass(*state, 50);
	crowd_by_code(bo, "Bo", ann);
	crowd_pass(*state, 300);
	assert_false(crowd_heard(bo, EVENT_JOINED, "") || crowd_heard(bo, EVENT_REFUSED, ""));
	assert_int_equal(ann->back, 0);
	crowd_expect(ann, EVENT_RESUMED);
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
}

static void session__holds_the_door__until_somebody_leads(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct session_params back, by_code;

	meet(*state, 2);
	back = as_host(ann);
	by_code = crowd_params(cy, "Cy");
	by_code.invite = crowd_invite(ann, true);
	leave(bo);
	leave(ann);
	/* Nobody is there: Cy's code can be shown to nobody. */
	crowd_enter(cy, &by_code);
	crowd_pass(*state, 500);
	assert_false(crowd_heard(cy, EVENT_JOINED, "") || crowd_heard(cy, EVENT_REFUSED, ""));
	crowd_enter(ann, &back);
	crowd_expect(ann, EVENT_JOINED);
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
	assert_true(crowd_hears(ann, cy));
	assert_int_equal(crowd_state(ann), SECURITY_VERIFIED);
}

/* ---- what is said --------------------------------------------------------------------------------------------- */

static void session__chat__reaches_whom_it_is_for(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);

	meet(*state, 3);
	done(bo, crowd_say(TO_EVERYONE, NULL, "to all"));
	expect_text(ann, bo, "to all");
	expect_text(cy, bo, "to all");
	expect_text(bo, bo, "to all");
	done(bo, crowd_say(TO_ONE, cy, "to Cy"));
	expect_text(cy, bo, "to Cy");
	expect_text(bo, bo, "to Cy");
	done(bo, crowd_say(TO_HOSTS, NULL, "to hosts"));
	expect_text(ann, bo, "to hosts");
	expect_text(bo, bo, "to hosts");
	done(ann, crowd_say(TO_ONE, bo, "to Bo"));
	expect_text(bo, ann, "to Bo");
	done(ann, crowd_say(TO_EVERYONE, NULL, "bye"));
	expect_text(cy, ann, "bye");
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, ""));
}

static void session__chat__stays_in_its_room(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct command rooms = { .word = WORD_BREAKOUT, .text = "One\nTwo" }, open = { .word = WORD_BREAKOUT_OPEN };
	struct command assign = { .word = WORD_ASSIGN, .room = 1, .who_count = 2 };

	meet(*state, 3);
	assign.who[0] = bo->number;
	assign.who[1] = cy->number;
	done(ann, rooms);
	done(ann, assign);
	done(ann, open);
	crowd_expect(bo, EVENT_MOVED);
	crowd_expect(cy, EVENT_MOVED);
	done(bo, crowd_say(TO_EVERYONE, NULL, "among us"));
	expect_text(cy, bo, "among us");
	done(ann, crowd_say(TO_ROOMS, NULL, "to all rooms"));
	expect_text(cy, ann, "to all rooms");
	expect_text(ann, ann, "to all rooms");
	expect_text(bo, bo, "among us");
	expect_text(bo, ann, "to all rooms");
}

static void session__chat__before_keys__is_held(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct command say = crowd_say(TO_EVERYONE, NULL, "early");

	crowd_host(ann, "Ann");
	crowd_by_link(bo, "Bo", ann);
	crowd_expect(bo, EVENT_JOINED);
	assert_int_equal(crowd_state(bo), SECURITY_NONE);
	assert_true(session_command(bo->session, &say) > 0);
	/* So is what is said to those who have none yet. */
	say = crowd_say(TO_EVERYONE, NULL, "welcome");
	assert_true(session_command(ann->session, &say) > 0);
	expect_text(bo, ann, "welcome");
	expect_text(ann, bo, "early");
}

static void session__chat__too_long__is_refused(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct command say = crowd_say(TO_EVERYONE, NULL, "");

	meet(*state, 2);
	memset(say.text, 'x', MOOT_SAY_SIZE - 1);
	say.text[MOOT_SAY_SIZE - 1] = '\0';
	done(ann, say);
	expect_text(bo, ann, say.text);
	say.text[MOOT_SAY_SIZE - 1] = 'x';
	say.text[MOOT_SAY_SIZE] = '\0';
	assert_string_equal(crowd_ask(ann, &say), "bad-text");
	assert_string_equal(crowd_ask(ann, &(struct command){ .word = WORD_CHAT, .to = TO_ONE, .number = 77, .text = "x" }),
			    "no-such-person");
}

static void session__chat__to_and_from_those_who_wait(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);

	crowd_host(ann, "Ann");
	crowd_by_code(bo, "Bo", ann);
	crowd_expect(bo, EVENT_WAITING);
	crowd_expect(ann, EVENT_KNOCK);
	done(ann, crowd_say(TO_WAITING, bo, "a moment"));
	assert_string_equal(crowd_expect(bo, EVENT_CHAT)->text, "a moment");
	done(bo, crowd_say(TO_HOSTS, NULL, "fine"));
	crowd_expect(ann, EVENT_CHAT);
	assert_string_equal(crowd_expect(ann, EVENT_CHAT)->text, "fine");
}

static void session__file__goes_sealed(void **state)
{
	static const uint8_t whole[3000] = "a file in two pieces";
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct command offer, take = { .word = WORD_FILE_TAKE }, get = { .word = WORD_FILE_GET };
	struct command chunk = { .word = WORD_FILE_CHUNK };
	const struct event *event;
	uint8_t got[MOOT_CHUNK_BYTES];
	size_t n = 0;

	meet(*state, 3);
	offer = crowd_about(WORD_FILE, bo);
	snprintf(offer.name, sizeof(offer.name), "plans.txt");
	offer.size = sizeof(whole);
	crypto_hash_sha256(offer.hash, whole, sizeof(whole));
	done(ann, offer);
	event = crowd_expect(bo, EVENT_FILE);
	assert_string_equal(event->text, "plans.txt");
	assert_int_equal(event->size, sizeof(whole));
	assert_memory_equal(event->hash, offer.hash, sizeof(offer.hash));
	take.file = get.file = chunk.file = event->file;
	event = crowd_expect(ann, EVENT_FILE);
	assert_string_equal(event->text, "plans.txt");
	assert_memory_equal(event->hash, offer.hash, sizeof(offer.hash));
	done(bo, take);
	crowd_expect(ann, EVENT_FILE_TAKEN);
	get.size = sizeof(whole);
	done(bo, get);
	crowd_expect(ann, EVENT_FILE_GET);
	for (chunk.offset = 0; chunk.offset < sizeof(whole); chunk.offset += n) {
		n = sizeof(whole) - chunk.offset < MOOT_CHUNK_BYTES ? sizeof(whole) - chunk.offset : MOOT_CHUNK_BYTES;
		sodium_bin2base64(chunk.text, sizeof(chunk.text), whole + chunk.offset, n, sodium_base64_VARIANT_ORIGINAL);
		done(ann, chunk);
		event = crowd_expect(bo, EVENT_FILE_CHUNK);
		assert_int_equal(event->offset, chunk.offset);
		assert_false(sodium_base642bin(got, sizeof(got), event->text, strlen(event->text), NULL, &n, NULL,
					       sodium_base64_VARIANT_ORIGINAL));
		assert_memory_equal(got, whole + chunk.offset, n);
	}
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, ""));
}

static void session__keys__are_told(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	unsigned keys;

	meet(*state, 2);
	keys = ann->keys;
	assert_true(bo->keys > 0);
	crowd_by_link(cy, "Cy", ann);
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
	assert_true(ann->keys > keys);
	assert_true(crowd_hears(ann, cy));
	assert_true(crowd_hears(cy, bo));
}

/* ---- going ---------------------------------------------------------------------------------------------------- */

static void session__kicked__hears_nothing_more(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	uint32_t epoch;

	meet(*state, 3);
	epoch = crowd_epoch(ann);
	done(ann, crowd_about(WORD_KICK, bo));
	crowd_expect_end(bo);
	assert_int_equal(bo->exit, 6);
	crowd_die(bo);
	crowd_together(*state, 3);
	assert_int_equal(crowd_epoch(cy), epoch + 1);
	assert_true(crowd_hears(ann, cy));
	assert_false(crowd_heard(cy, EVENT_ERROR, ""));
	/* Nor do they come in again by what they know. */
	crowd_by_link(bo, "Bo", ann);
	expect_refused(bo, "removed");
}

static void session__who_left__is_not_keyed_any_more(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	uint8_t key[MOOT_KEY_BYTES];
	char code[48];

	meet(*state, 3);
	leave(bo);
	crowd_pass(*state, 1500);
	crowd_together(*state, 3);
	assert_int_equal(session_person_key(ann->session, bo->number, key, code), -ENOENT);
	assert_int_equal(session_person_key(cy->session, bo->number, key, code), -ENOENT);
}

static void session__who_lost_all__joins_anew_under_the_same_key(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);

	meet(*state, 2);
	crowd_die(bo);
	crowd_expect(ann, EVENT_AWAY);
	crowd_by_link(bo, "Bo", ann);
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
	assert_true(crowd_hears(ann, bo));
	assert_true(crowd_hears(bo, ann));
}

static void session__sent_back__and_let_in_again(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	uint32_t number;

	meet(*state, 3);
	number = bo->number;
	for (unsigned i = 0; i < 2; i++) {
		done(ann, crowd_about(WORD_SENDBACK, bo));
		crowd_expect_code(bo, EVENT_WAITING, "sent-back");
		crowd_expect(ann, EVENT_KNOCK);
		if (i)
			crowd_pass(*state, 800);
		assert_int_equal(crowd_state(bo), SECURITY_NONE);
		done(ann, crowd_about(WORD_ADMIT, bo));
		crowd_expect(bo, EVENT_JOINED);
		assert_int_equal(bo->number, number);
		crowd_together(*state, 3);
		assert_true(crowd_hears(ann, bo));
		done(bo, crowd_about(WORD_UNMUTE, NULL));
		assert_true(crowd_hears(bo, cy));
		done(bo, crowd_say(TO_ONE, cy, "back"));
		expect_text(cy, bo, "back");
	}
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, ""));
}

static void session__ended__keeps_no_secret(void **state)
{
	static const uint8_t none[16];
	const struct command end = { .word = WORD_END };
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct session_params params;

	crowd_host(ann, "Ann");
	params = crowd_params(bo, "Bo");
	params.invite = *session_invite(ann->session);
	crowd_enter(bo, &params);
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
	assert_memory_not_equal(session_invite(bo->session)->secret, none, sizeof(none));
	assert_true(session_invite(bo->session)->passcode[0]);
	session_leave(bo->session);
	crowd_expect_end(bo);
	assert_memory_equal(session_invite(bo->session)->secret, none, sizeof(none));
	assert_string_equal(session_invite(bo->session)->passcode, "");
	assert_int_equal(crowd_state(bo), SECURITY_NONE);
	assert_int_equal(crowd_epoch(bo), 0);
	assert_int_equal(session_new_passcode(bo->session, NULL), -EPERM);
	assert_int_equal(crowd_talk(bo, "x"), -EAGAIN);
	assert_true(session_command(ann->session, &end) > 0);
	crowd_expect_end(ann);
	assert_memory_equal(session_invite(ann->session)->secret, none, sizeof(none));
}

/* ---- who leads ------------------------------------------------------------------------------------------------ */

static void session__leader_leaves__another_leads(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY), *di = soul(state, DI);

	meet(*state, 3);
	leave(ann);
	crowd_until_state(bo, SECURITY_NOT_VERIFIED);
	crowd_until_state(cy, SECURITY_NOT_VERIFIED);
	crowd_together(*state, 3);
	assert_int_equal(crowd_leader(cy), bo->number);
	assert_true(crowd_hears(cy, bo));
	/* Newcomers still come in, by either. */
	assert_true(session_invite(bo->session)->passcode[0]);
	crowd_by_code(di, "Di", bo);
	crowd_expect(di, EVENT_JOINED);
	crowd_together(*state, 4);
	assert_int_equal(crowd_state(di), SECURITY_NOT_VERIFIED);
	crowd_by_link(&((struct crowd *)*state)->souls[4], "Ed", cy);
	crowd_expect(&((struct crowd *)*state)->souls[4], EVENT_JOINED);
	crowd_together(*state, 5);
	assert_true(crowd_hears(di, cy));
	assert_false(crowd_heard(bo, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, ""));
}

static void session__host_comes_back__and_leads_again(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct session_params back;

	meet(*state, 3);
	back = as_host(ann);
	leave(ann);
	crowd_until_state(cy, SECURITY_NOT_VERIFIED);
	crowd_together(*state, 3);
	crowd_enter(ann, &back);
	crowd_expect(ann, EVENT_JOINED);
	crowd_until_state(cy, SECURITY_VERIFIED);
	crowd_until_state(bo, SECURITY_VERIFIED);
	crowd_until_state(ann, SECURITY_VERIFIED);
	crowd_together(*state, 3);
	assert_int_equal(crowd_leader(bo), ann->number);
	assert_true(crowd_hears(ann, bo));
	assert_true(crowd_hears(cy, ann));
	assert_false(crowd_heard(bo, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, "") || crowd_heard(ann, EVENT_ERROR, ""));
}

static void session__host_comes_back_alone__after_all_left(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO);
	struct session_params back;

	meet(*state, 2);
	back = as_host(ann);
	leave(ann);
	crowd_until_state(bo, SECURITY_NOT_VERIFIED);
	crowd_die(bo);
	crowd_pass(*state, 100);
	crowd_enter(ann, &back);
	crowd_expect(ann, EVENT_JOINED);
	crowd_until_state(ann, SECURITY_VERIFIED);
	crowd_by_link(bo, "Bo", ann);
	crowd_expect(bo, EVENT_JOINED);
	crowd_together(*state, 2);
}

static void session__host_role_given__leads(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);

	meet(*state, 3);
	done(ann, crowd_about(WORD_HOST, bo));
	crowd_together(*state, 3);
	leave(ann);
	crowd_until_state(cy, SECURITY_NOT_VERIFIED);
	crowd_together(*state, 3);
	assert_int_equal(crowd_leader(cy), bo->number);
	/* A host's word counts. */
	done(bo, crowd_about(WORD_KICK, cy));
	crowd_expect_end(cy);
	assert_int_equal(cy->exit, 6);
}

/* ---- lines ---------------------------------------------------------------------------------------------------- */

static void session__line_lost__what_was_missed_comes(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);

	meet(*state, 2);
	crowd_expect(bo, EVENT_TICKET);
	session_fault_drop(bo->session);
	crowd_expect(ann, EVENT_AWAY);
	/* Two more epochs without Bo. */
	crowd_by_link(cy, "Cy", ann);
	crowd_expect(cy, EVENT_JOINED);
	done(ann, crowd_say(TO_EVERYONE, NULL, "missed"));
	leave(cy);
	expect_text(bo, ann, "missed");
	assert_int_equal(bo->back, 1);
	crowd_together(*state, 3);
	assert_true(crowd_hears(ann, bo));
	assert_true(crowd_hears(bo, ann));
	assert_false(crowd_heard(bo, EVENT_ERROR, ""));
}

static void session__leader_lost__and_back(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);

	meet(*state, 3);
	crowd_expect(ann, EVENT_TICKET);
	session_fault_drop(ann->session);
	crowd_expect(bo, EVENT_AWAY);
	leave(cy);
	crowd_expect(ann, EVENT_RESUMED);
	crowd_together(*state, 3);
	assert_int_equal(crowd_leader(bo), ann->number);
	assert_int_equal(crowd_state(bo), SECURITY_VERIFIED);
	crowd_by_code(cy, "Cy", ann);
	if (!crowd_heard(cy, EVENT_WAITING, "")) /* who left waits */
		crowd_expect(cy, EVENT_WAITING);
	crowd_expect(ann, EVENT_KNOCK);
	done(ann, crowd_about(WORD_ADMIT, cy));
	crowd_expect(cy, EVENT_JOINED);
	crowd_together(*state, 3);
	assert_true(crowd_hears(cy, bo));
}

static void session__orders__given_while_the_leader_is_away(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY), *di = soul(state, DI);

	crowd_host(ann, "Ann");
	crowd_by_link(bo, "Bo", ann);
	crowd_by_link(cy, "Cy", ann);
	for (unsigned i = BO; i <= CY; i++) {
		crowd_expect(soul(state, i), EVENT_WAITING);
		crowd_expect(ann, EVENT_KNOCK);
	}
	for (unsigned i = BO; i <= CY; i++)
		done(ann, crowd_about(WORD_ADMIT, soul(state, i)));
	crowd_together(*state, 3);
	done(ann, crowd_about(WORD_COHOST, bo));
	crowd_together(*state, 3);
	crowd_by_code(di, "Di", ann);
	crowd_expect(di, EVENT_WAITING);
	crowd_expect(bo, EVENT_KNOCK);
	crowd_pass(*state, 500);
	session_fault_drop(ann->session);
	crowd_expect(bo, EVENT_AWAY);
	done(bo, crowd_about(WORD_ADMIT, di));
	done(bo, crowd_about(WORD_KICK, cy));
	crowd_expect_end(cy);
	crowd_die(cy);
	crowd_expect(di, EVENT_JOINED);
	assert_int_equal(ann->back, 0);
	crowd_expect(ann, EVENT_RESUMED);
	crowd_together(*state, 4);
	assert_true(crowd_hears(di, ann));
	assert_true(crowd_hears(ann, di));
	assert_int_equal(crowd_leader(di), ann->number);
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, "") || crowd_heard(di, EVENT_ERROR, ""));
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static void session__rename__is_signed(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *cy = soul(state, CY);
	struct command own = { .word = WORD_RENAME, .name = "Robert" }, other = crowd_about(WORD_RENAME, NULL);

	meet(*state, 3);
	done(bo, own);
	assert_string_equal(crowd_expect_code(cy, EVENT_PERSON_CHANGED, "name")->person.name, "Robert");
	done(bo, crowd_say(TO_EVERYONE, NULL, "it is me"));
	assert_string_equal(crowd_expect(cy, EVENT_CHAT)->name, "Robert");
	other.number = cy->number;
	snprintf(other.name, sizeof(other.name), "Cyrus");
	assert_string_not_equal(crowd_ask(bo, &other), "");
	done(ann, other);
	crowd_expect_code(bo, EVENT_PERSON_CHANGED, "name");
	assert_string_equal(crowd_expect_code(bo, EVENT_PERSON_CHANGED, "name")->person.name, "Cyrus");
	crowd_by_link(soul(state, DI), "Di", ann);
	crowd_expect(soul(state, DI), EVENT_JOINED);
	crowd_together(*state, 4);
	done(bo, crowd_say(TO_EVERYONE, NULL, "still me"));
	assert_string_equal(crowd_expect(soul(state, DI), EVENT_CHAT)->name, "Robert");
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(cy, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, "") ||
		     crowd_heard(soul(state, DI), EVENT_ERROR, ""));
}

/* ---- those who cannot do end to end ---------------------------------------------------------------------------- */

static void session__relay_mode__asks_everybody(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *web = soul(state, CY);
	struct command pin = { .word = WORD_PIN, .passcode = "135791" }, say = crowd_say(TO_EVERYONE, NULL, "heard");
	struct session_params params;
	struct session_security security;
	uint32_t epoch;

	meet(*state, 2);
	done(ann, pin);
	params = crowd_params(web, "Wes");
	params.kind = KIND_WEB;
	snprintf(params.invite.id, sizeof(params.invite.id), "%s", session_invite(ann->session)->id);
	snprintf(params.invite.passcode, sizeof(params.invite.passcode), "135791");
	crowd_enter(web, &params);
	crowd_expect(web, EVENT_JOINED);
	crowd_until_state(ann, SECURITY_TO_RELAY);
	crowd_until_state(bo, SECURITY_TO_RELAY);
	crowd_until_state(web, SECURITY_TO_RELAY);
	session_security(bo->session, &security);
	assert_true(security.consent_due);
	assert_int_equal(security.heard_by, web->number);
	assert_non_null(strstr(security.text, "Wes joined by web"));
	assert_int_equal(crowd_talk(ann, "no"), -EAGAIN);
	assert_string_equal(crowd_ask(ann, &say), "not-sealed");
	session_consent(ann->session, true);
	assert_true(crowd_hears(ann, web));
	assert_true(crowd_hears(ann, bo));
	assert_true(crowd_hears(web, bo));
	done(ann, say);
	expect_text(web, ann, "heard");
	expect_text(bo, ann, "heard");
	done(web, crowd_say(TO_EVERYONE, NULL, "hello"));
	expect_text(bo, web, "hello");
	assert_int_equal(crowd_talk(bo, "no"), -EAGAIN);
	epoch = crowd_epoch(ann);
	leave(web);
	crowd_until_state(ann, SECURITY_VERIFIED);
	crowd_until_state(bo, SECURITY_VERIFIED);
	crowd_together(*state, 2);
	assert_true(crowd_epoch(ann) > epoch);
	assert_true(crowd_hears(bo, ann));
	assert_true(crowd_hears(ann, bo));
	assert_false(ann->frame.flags & WIRE_PLAIN);
	assert_false(crowd_heard(ann, EVENT_ERROR, "") || crowd_heard(bo, EVENT_ERROR, ""));
}

/* Wes, by web: a meeting of two who hear that he is there. */
static void meet_with_web(struct crowd *crowd)
{
	struct soul *ann = &crowd->souls[ANN], *web = &crowd->souls[CY];
	struct command pin = { .word = WORD_PIN, .passcode = "135791" };
	struct session_params params;

	meet(crowd, 2);
	done(ann, pin);
	params = crowd_params(web, "Wes");
	params.kind = KIND_WEB;
	snprintf(params.invite.id, sizeof(params.invite.id), "%s", session_invite(ann->session)->id);
	snprintf(params.invite.passcode, sizeof(params.invite.passcode), "135791");
	crowd_enter(web, &params);
	crowd_expect(web, EVENT_JOINED);
	for (unsigned i = ANN; i <= CY; i++)
		crowd_until_state(&crowd->souls[i], SECURITY_TO_RELAY);
}

static void session__relay_mode__stays_when_another_leads(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *web = soul(state, CY), *di = soul(state, DI);

	meet_with_web(*state);
	session_consent(bo->session, true);
	assert_true(crowd_hears(bo, web));
	leave(ann);
	crowd_pass(*state, 500);
	assert_int_equal(crowd_leader(bo), bo->number);
	assert_int_equal(crowd_state(bo), SECURITY_TO_RELAY);
	assert_true(crowd_hears(bo, web));
	crowd_by_link(di, "Di", bo);
	crowd_expect(di, EVENT_JOINED);
	crowd_until_state(di, SECURITY_TO_RELAY);
	assert_true(crowd_hears(web, di));
	leave(web);
	crowd_until_state(bo, SECURITY_NOT_VERIFIED);
	crowd_until_state(di, SECURITY_NOT_VERIFIED);
	crowd_together(*state, 4);
	assert_true(crowd_hears(bo, di));
	assert_false(di->frame.flags & WIRE_PLAIN);
}

static void session__relay_mode__sent_back_and_let_in_again(void **state)
{
	struct soul *ann = soul(state, ANN), *bo = soul(state, BO), *web = soul(state, CY);

	meet_with_web(*state);
	done(ann, crowd_about(WORD_SENDBACK, web));
	crowd_expect(web, EVENT_WAITING);
	crowd_until_state(bo, SECURITY_VERIFIED);
	assert_int_equal(crowd_state(web), SECURITY_NONE);
	done(ann, crowd_about(WORD_ADMIT, web));
	crowd_expect(web, EVENT_JOINED);
	crowd_until_state(bo, SECURITY_TO_RELAY);
	crowd_until_state(ann, SECURITY_TO_RELAY);
	session_consent(ann->session, true);
	assert_true(crowd_hears(ann, web));
}

static int make_place(void **state)
{
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	return place_make(state);
}

#define CASE(name)    cmocka_unit_test_setup_teardown(name, crowd_make, crowd_drop)
#define WAITING(name) cmocka_unit_test_setup_teardown(name, crowd_make_waiting, crowd_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(session__comes_in__by_link_or_passcode),
		CASE(session__shows__the_same_codes_to_all),
		CASE(session__is_refused__by_a_wrong_secret),
		CASE(session__new_passcode__replaces_the_old),
		WAITING(session__waits__until_it_is_let_in),
		WAITING(session__waits__all_are_let_in),
		WAITING(session__locked__those_who_wait_may_still_be_let_in),
		CASE(session__holds_the_door__while_the_leader_is_away),
		CASE(session__holds_the_door__until_somebody_leads),
		CASE(session__chat__reaches_whom_it_is_for),
		CASE(session__chat__stays_in_its_room),
		CASE(session__chat__before_keys__is_held),
		CASE(session__chat__too_long__is_refused),
		WAITING(session__chat__to_and_from_those_who_wait),
		CASE(session__file__goes_sealed),
		CASE(session__keys__are_told),
		CASE(session__kicked__hears_nothing_more),
		CASE(session__who_left__is_not_keyed_any_more),
		CASE(session__who_lost_all__joins_anew_under_the_same_key),
		CASE(session__sent_back__and_let_in_again),
		CASE(session__ended__keeps_no_secret),
		CASE(session__leader_leaves__another_leads),
		CASE(session__host_comes_back__and_leads_again),
		CASE(session__host_comes_back_alone__after_all_left),
		CASE(session__host_role_given__leads),
		CASE(session__line_lost__what_was_missed_comes),
		CASE(session__leader_lost__and_back),
		WAITING(session__orders__given_while_the_leader_is_away),
		CASE(session__rename__is_signed),
		CASE(session__relay_mode__asks_everybody),
		CASE(session__relay_mode__stays_when_another_leads),
		CASE(session__relay_mode__sent_back_and_let_in_again),
	};

	return cmocka_run_group_tests(tests, make_place, place_remove);
}
