/* A client's end of the encryption against a relay that lies, loses and delays, in memory. */
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/secure_state.h"
#include "tests/net/booth.h"

#define CODE "246810"

static int open_booth(void **state)
{
	*state = malloc(sizeof(struct booth));
	booth_open(*state);
	return 0;
}

static int close_booth(void **state)
{
	booth_close(*state);
	free(*state);
	return 0;
}

/* Person 0 leads; n - 1 others by the link. */
static struct booth *meet(void **state, unsigned n)
{
	struct booth *booth = *state;
	struct join_secrets link = booth_link(booth);
	struct event open = { .kind = EVENT_CONTROL, .control = CONTROL_WAITING_ROOM, .value = 0 };
	struct command set = { .word = WORD_SET, .control = CONTROL_WAITING_ROOM, .value = 0 };

	booth_lead(booth, CODE);
	booth_tell(booth, 0, &open);
	assert_int_equal(booth_order(booth, 0, &set), 0);
	for (unsigned i = 1; i < n; i++)
		booth_come(booth, i, &link);
	booth_pass(booth, 1500);
	for (unsigned i = 1; i < n; i++)
		assert_true(booth_share(booth, 0, i));
	return booth;
}

static enum security state_of(const struct booth *booth, unsigned i)
{
	return booth_security(booth, i).state;
}

/* ---- passcodes ------------------------------------------------------------------------------------------------ */

static void try_code(struct booth *booth, const char *code)
{
	struct join_secrets secrets = booth_code(code);

	booth_come(booth, 9, &secrets);
}

static void secure__passcode__closes_after_many_wrong_ones(void **state)
{
	struct booth *booth = meet(state, 1);
	struct attendant *guesser = &booth->people[9];
	struct join_secrets link = booth_link(booth);

	for (unsigned i = 1; i <= SECURE_WRONG_MAX; i++) {
		try_code(booth, "111111");
		assert_int_equal(guesser->rejected, WIRE_REJECT_WRONG);
		assert_int_equal(booth_security(booth, 0).wrong_codes, i);
		if (i % 10)
			continue;
		/* Ten within ten minutes are enough for a while, whatever the eleventh is. */
		try_code(booth, CODE);
		assert_int_equal(guesser->rejected, WIRE_REJECT_CLOSED);
		booth_jump(booth, 10 * 60 * 1000 + 1);
	}
	assert_true(booth_security(booth, 0).codes_closed);
	booth_jump(booth, 24 * 3600 * 1000);
	try_code(booth, CODE);
	assert_int_equal(guesser->rejected, WIRE_REJECT_CLOSED);
	booth_come(booth, 1, &link);
	assert_true(booth->people[1].welcomed);
	assert_int_equal(secure_new_passcode(booth->people[0].secure, "135791", booth->now_ms), 0);
	booth->people[0].wrong_codes = 0; /* as the session does, and its file */
	assert_false(booth_security(booth, 0).codes_closed);
	try_code(booth, CODE);
	assert_int_equal(guesser->rejected, WIRE_REJECT_WRONG);
	try_code(booth, "135791");
	assert_true(guesser->welcomed);
	booth_pass(booth, 2000);
	assert_true(booth_share(booth, 0, 9));
}

static void secure__passcode__is_not_for_large_meetings(void **state)
{
	struct booth *booth = meet(state, SECURE_BY_CODE_MAX);
	struct join_secrets code = booth_code(CODE), link = booth_link(booth);

	booth_come(booth, 51, &code);
	assert_int_equal(booth->people[51].rejected, WIRE_REJECT_CLOSED);
	booth_come(booth, 51, &link);
	booth_pass(booth, 2000);
	assert_true(booth_share(booth, 1, 51));
}

/* Somebody leads who knows another secret; the relay brings whatever they say. */
static void secure__joiner__refuses_who_does_not_know_the_secret(void **state)
{
	struct booth *booth = *state;
	struct join_secrets code = booth_code(CODE), other = booth_code("111111");
	struct seal_meeting meeting;
	struct seal_self self, anybody;
	struct join_leader leader;
	struct wire_piece piece;
	struct join_joiner joiner;
	uint8_t hello[JOIN_MESSAGE], out[JOIN_MESSAGE];
	int n;

	booth_lead(booth, CODE);
	memset(&meeting, 0, sizeof(meeting));
	strcpy(meeting.id, booth->id);
	memcpy(meeting.uuid, booth->uuid, sizeof(meeting.uuid));
	assert_int_equal(seal_self_make(&self, &meeting, "Eve", booth->people[5].ik, SEAL_MODE_END), 0);
	booth->people[0].deaf = true; /* Eve is asked instead */
	booth_come(booth, 1, &code);
	assert_int_equal(booth->people[1].over[0], '\0');
	assert_int_equal(seal_self_make(&anybody, &meeting, "Di", booth->people[6].ik, SEAL_MODE_END), 0);
	n = join_hello(&joiner, &meeting, &anybody, &code, hello);
	assert_true(n > 0);
	n = join_challenge(&leader, &meeting, &self, &other, (struct seal_bytes) { hello, (size_t)n }, out);
	assert_true(n > 0);
	join_joiner_erase(&joiner);
	piece = (struct wire_piece) { .kind = WIRE_CHALLENGE, .payload = out, .payload_bytes = (size_t)n };
	booth->people[1].dumb = true;
	booth_piece(booth, 1, &piece);
	memset(out, 7, sizeof(out));
	piece.kind = WIRE_WELCOME;
	booth_piece(booth, 1, &piece);
	assert_string_equal(booth->people[1].over, "not-proven");
	seal_self_erase(&self);
	seal_self_erase(&anybody);
	join_leader_erase(&leader);
}

/* ---- the door ------------------------------------------------------------------------------------------------- */

static struct command admit(unsigned i)
{
	return (struct command) { .word = WORD_ADMIT, .who = { i + 1 }, .who_count = 1 };
}

static void secure__waiting_room__the_relay_lets_nobody_in(void **state)
{
	struct booth *booth = *state;
	struct join_secrets link = booth_link(booth);
	struct event off = { .kind = EVENT_CONTROLS, .control = CONTROL_WAITING_ROOM, .by = 1 };
	struct command let_in;

	booth_lead(booth, CODE);
	booth_come(booth, 1, &link); /* the relay seats them by itself */
	booth_pass(booth, 3000);
	assert_int_equal(secure_epoch(booth->people[1].secure), 0);
	assert_int_equal(booth->e, 1);
	/* Nor by saying that the door stands open, in whoever's name. */
	assert_false(booth_tell(booth, 0, &off));
	assert_true(booth_erred(booth, 0, "not-signed"));
	off.by = 0;
	booth_tell(booth, 0, &off);
	off.kind = EVENT_CONTROL;
	booth_tell(booth, 0, &off);
	booth_pass(booth, 3000);
	assert_int_equal(booth->e, 1);
	let_in = admit(1);
	assert_int_equal(booth_order(booth, 0, &let_in), 0);
	booth_pass(booth, 1000);
	assert_true(booth_share(booth, 0, 1));
}

static void secure__admit__is_for_who_was_seen(void **state)
{
	struct booth *booth = *state;
	struct join_secrets link = booth_link(booth);
	struct event knock = { .kind = EVENT_KNOCK, .number = 2, .name = "Somebody else" };
	struct command let_in = admit(1);

	booth_lead(booth, CODE);
	booth->waits = true;
	booth_come(booth, 1, &link);
	booth_tell(booth, 0, &knock); /* the host sees another name than they have */
	assert_int_equal(booth_order(booth, 0, &let_in), 0);
	booth_seat(booth, 1);
	booth_pass(booth, 3000);
	assert_int_equal(secure_epoch(booth->people[1].secure), 0);
}

static void secure__orders__of_others_are_refused(void **state)
{
	struct booth *booth = meet(state, 4);
	struct command kick = { .word = WORD_KICK, .number = 3 };
	uint8_t order[MOOT_ORDER_SIZE];
	struct wire_piece piece = { .kind = WIRE_ORDER, .source = 2, .payload = order };
	size_t n = 0;

	/* A participant's client signs none; the host's, given as another's, or twice, or changed, counts for nothing. */
	assert_int_equal(booth_order(booth, 1, &kick), 0);
	assert_string_equal(kick.order, "");
	assert_int_equal(secure_command(booth->people[0].secure, &kick, 0, booth->now_ms), 0);
	assert_int_equal(sodium_base642bin(order, sizeof(order), kick.order, strlen(kick.order), NULL, &n, NULL,
					   sodium_base64_VARIANT_ORIGINAL), 0);
	piece.payload_bytes = n;
	booth_piece(booth, 0, &piece);
	assert_true(booth_erred(booth, 0, "order-refused"));
	piece.source = 1;
	order[n - 1] ^= 1;
	booth_piece(booth, 0, &piece);
	booth_pass(booth, 1000);
	assert_true(booth_share(booth, 0, 2));
	assert_false(booth_erred(booth, 3, "order-refused"));
	order[n - 1] ^= 1;
	booth_piece(booth, 0, &piece);
	booth_pass(booth, 1000);
	assert_false(booth->people[2].in);
	assert_true(booth_hear(booth, 0, 2) < 0);
}

static void secure__events__that_nobody_signed_are_dropped(void **state)
{
	static const struct event events[] = {
		{ .kind = EVENT_MUTED, .by = 1 },
		{ .kind = EVENT_CONTROLS, .by = 1, .control = CONTROL_LOCK },
		{ .kind = EVENT_PERSON_CHANGED, .by = 1, .code = "role", .person = { .number = 3, .role = ROLE_COHOST } },
		{ .kind = EVENT_PERSON_CHANGED, .by = 2, .code = "name", .person = { .number = 2, .name = "Eve" } },
		{ .kind = EVENT_PERSON_LEFT, .by = 1, .code = "removed", .number = 3 },
		{ .kind = EVENT_SPOTLIGHT, .by = 1, .number = 3 },
		{ .kind = EVENT_PERMISSION, .by = 1, .on = true },
	};
	struct booth *booth = meet(state, 3);
	struct command mute = { .word = WORD_MUTE, .number = 2 };

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		booth->people[1].error_count = 0;
		assert_false(booth_tell(booth, 1, &events[i]));
		assert_true(booth_erred(booth, 1, "not-signed"));
	}
	booth->people[1].error_count = 0;
	assert_int_equal(booth_order(booth, 0, &mute), 0);
	assert_true(booth_tell(booth, 1, &events[0]));
	assert_false(booth_tell(booth, 1, &events[1]));
	booth_pass(booth, 11000);
	/* An order is no licence. */
	assert_false(booth_tell(booth, 1, &events[0]));
}

static void secure__names__are_those_that_were_signed(void **state)
{
	struct booth *booth = meet(state, 3);
	struct event chat = { .kind = EVENT_SHARE_STARTED, .from = 3, .name = "Person 0" };
	struct command rename = { .word = WORD_RENAME, .name = "Cyrus" };
	struct event own = chat;

	assert_true(secure_event(booth->people[1].secure, &own, booth->now_ms));
	assert_string_equal(own.name, "Person 2");
	assert_int_equal(booth_order(booth, 2, &rename), 0);
	own = chat;
	assert_true(secure_event(booth->people[1].secure, &own, booth->now_ms));
	assert_string_equal(own.name, "Cyrus");
	/* One names oneself. */
	rename.number = 1;
	assert_int_equal(booth_order(booth, 2, &rename), 0);
	assert_true(booth_erred(booth, 1, "order-refused"));
}

/* ---- removal -------------------------------------------------------------------------------------------------- */

static void secure__removal__turns_the_keys_at_once(void **state)
{
	struct booth *booth = meet(state, 4);
	struct command kick = { .word = WORD_KICK, .number = 3 };
	const uint32_t e = booth->e;

	assert_int_equal(booth_order(booth, 0, &kick), 0);
	booth_pass(booth, 20);
	assert_int_equal(booth->e, e + 1);
	/* The relay keeps bringing everything; it helps nobody. */
	assert_true(booth_hear(booth, 0, 2) < 0);
	assert_true(booth_hear(booth, 1, 2) < 0);
	assert_true(booth_hear(booth, 2, 1) < 0);
	assert_int_equal(state_of(booth, 2), SECURITY_PAUSED);
	assert_true(booth_share(booth, 1, 3));
	/* Not even by proving the secret again. */
	booth_come(booth, 2, &(struct join_secrets) { .has_link = false, .code = CODE });
	booth_pass(booth, 3000);
	assert_int_equal(secure_epoch(booth->people[2].secure), 0);
}

/* Who came after somebody was removed knows of it, and does not let them in when it comes to lead. */
static void secure__removal__is_known_to_who_came_later(void **state)
{
	struct booth *booth = meet(state, 3);
	struct command kick = { .word = WORD_KICK, .number = 2 };
	struct command open = { .word = WORD_SET, .control = CONTROL_WAITING_ROOM, .value = 0 };
	struct join_secrets link = booth_link(booth);

	assert_int_equal(booth_order(booth, 0, &kick), 0);
	booth_leave(booth, 1, "removed");
	assert_int_equal(booth_order(booth, 0, &open), 0);
	booth_pass(booth, 2000);
	booth_leave(booth, 2, "left");
	booth_come(booth, 4, &link);
	booth_pass(booth, 2000);
	assert_true(booth_share(booth, 0, 4));
	booth_leave(booth, 0, "left");
	booth_pass(booth, 2000);
	assert_int_equal(booth->leader, 4);
	booth_come(booth, 1, &link);
	booth_come(booth, 5, &link);
	booth_pass(booth, 3000);
	assert_true(booth_share(booth, 4, 5));
	assert_false(booth->people[1].in);
}

static void secure__removal__of_who_waits_stops_nobody(void **state)
{
	struct booth *booth = meet(state, 2);
	struct join_secrets link = booth_link(booth);
	struct command kick = { .word = WORD_KICK, .number = 3 };

	booth->waits = true;
	booth_come(booth, 2, &link);
	assert_int_equal(booth_order(booth, 0, &kick), 0);
	booth_pass(booth, SECURE_OUST_MS + 1000);
	assert_int_equal(state_of(booth, 0), SECURITY_VERIFIED);
	assert_true(booth_share(booth, 0, 1));
}

/* What was whispered into a line that broke is whispered again. */
static void secure__secrets__reach_who_was_cut_off(void **state)
{
	struct booth *booth = meet(state, 3);

	booth->people[1].deaf = true;
	assert_int_equal(secure_new_passcode(booth->people[0].secure, "135791", booth->now_ms), 0);
	booth_pass(booth, 500);
	assert_string_equal(secure_secrets(booth->people[2].secure)->code, "135791");
	booth_line_lost(booth, 1);
	booth_pass(booth, 1000);
	booth_resume(booth, 1);
	booth_pass(booth, 1000);
	assert_string_equal(secure_secrets(booth->people[1].secure)->code, "135791");
	booth->people[0].dumb = true;
	assert_int_equal(secure_new_passcode(booth->people[0].secure, "975310", booth->now_ms), 0);
	booth_pass(booth, 500);
	booth_line_lost(booth, 0);
	booth_resume(booth, 0);
	booth_pass(booth, 1000);
	assert_string_equal(secure_secrets(booth->people[1].secure)->code, "975310");
}

static void secure__removal__that_is_withheld_is_seen(void **state)
{
	struct booth *booth = meet(state, 4);
	struct command kick = { .word = WORD_KICK, .number = 3 };

	booth->people[0].dumb = true; /* the order arrives, the keys do not */
	assert_int_equal(booth_order(booth, 0, &kick), 0);
	booth_pass(booth, SECURE_OUST_MS + 100);
	assert_int_equal(state_of(booth, 1), SECURITY_PAUSED);
	assert_string_equal(booth_security(booth, 1).reason, "removal-withheld");
	assert_int_equal(booth_hear(booth, 1, 3), -EPERM);
}

/* ---- what is said --------------------------------------------------------------------------------------------- */

static struct event chat_of(struct booth *booth, unsigned i, enum scope to, uint32_t number, const char *text)
{
	struct command say = { .word = WORD_CHAT, .to = to, .number = number };
	struct event chat = { .kind = EVENT_CHAT, .from = i + 1, .to = to, .number = number, .sealed = true };

	snprintf(say.text, sizeof(say.text), "%s", text);
	assert_int_equal(secure_command(booth->people[i].secure, &say, 0, booth->now_ms), 0);
	assert_true(say.sealed);
	assert_null(strstr(say.text, text));
	memcpy(chat.text, say.text, sizeof(chat.text));
	return chat;
}

static void secure__chat__is_what_its_writer_said_and_to_whom(void **state)
{
	struct booth *booth = meet(state, 4);
	struct event chat = chat_of(booth, 1, TO_EVERYONE, 0, "good morning"), own = chat, hosts;

	own.to = TO_HOSTS;
	assert_false(booth_tell(booth, 2, &own));
	own = chat;
	own.from = 4;
	assert_false(booth_tell(booth, 2, &own));
	own = chat;
	assert_true(secure_event(booth->people[2].secure, &own, booth->now_ms));
	assert_string_equal(own.text, "good morning");
	assert_false(booth_tell(booth, 2, &chat)); /* once */
	own = chat;
	assert_true(secure_event(booth->people[1].secure, &own, booth->now_ms));
	assert_string_equal(own.text, "good morning");
	hosts = chat_of(booth, 1, TO_HOSTS, 0, "help");
	own = hosts;
	own.to = TO_EVERYONE;
	assert_false(booth_tell(booth, 0, &own));
	assert_true(secure_event(booth->people[0].secure, &hosts, booth->now_ms));
	own = chat_of(booth, 1, TO_ONE, 3, "between us");
	assert_false(booth_tell(booth, 3, &own));
	own.number = 4;
	assert_false(booth_tell(booth, 3, &own));
	own.number = 3;
	assert_true(booth_tell(booth, 2, &own));
	own = (struct event) { .kind = EVENT_CHAT, .from = 2, .to = TO_EVERYONE, .text = "in clear" };
	assert_false(booth_tell(booth, 2, &own));
	assert_true(booth_erred(booth, 2, "not-sealed"));
}

static void secure__frames__in_clear_are_dropped(void **state)
{
	struct booth *booth = meet(state, 2);
	struct wire_frame frame = { .stream = STREAM_AUDIO, .source = 1, .flags = WIRE_PLAIN };
	uint8_t out[64];

	frame.payload = (const uint8_t *)"sound";
	frame.payload_bytes = 5;
	assert_int_equal(secure_open(booth->people[1].secure, &frame, out, sizeof(out), booth->now_ms), -EBADMSG);
	assert_true(booth_erred(booth, 1, "not-sealed"));
	/* That this was told keeps nothing else from being told. */
	booth_piece(booth, 1, &(struct wire_piece) { WIRE_ROSTER, 1, 0, (const uint8_t *)"keys", 4 });
	booth_piece(booth, 1, &(struct wire_piece) { WIRE_WRAP, 1, 0, (const uint8_t *)"", 0 });
	assert_true(booth_erred(booth, 1, "malformed"));
}

/* ---- lines ---------------------------------------------------------------------------------------------------- */

static void secure__rotations__that_were_lost_go_again_in_order(void **state)
{
	struct booth *booth = meet(state, 5);
	const uint32_t e = booth->e;

	booth->people[0].dumb = true;
	booth_leave(booth, 3, "left");
	booth_pass(booth, 2000);
	booth_leave(booth, 4, "left");
	booth_pass(booth, 2000);
	assert_int_equal(booth->e, e);
	assert_int_equal(secure_epoch(booth->people[0].secure), e + 2);
	booth_line_lost(booth, 0);
	booth_pass(booth, 1000);
	booth_resume(booth, 0);
	booth_pass(booth, 1000);
	assert_int_equal(booth->e, e + 2);
	assert_true(booth_share(booth, 0, 1));
	assert_true(booth_share(booth, 1, 2));
	/* Taken once, they are not sent any more. */
	booth_line_lost(booth, 0);
	booth_resume(booth, 0);
	assert_int_equal(booth->e, e + 2);
}

static void secure__handing_over__that_was_lost_goes_again(void **state)
{
	struct booth *booth = meet(state, 3);
	struct command host = { .word = WORD_HOST, .number = 2 };
	const uint32_t e = booth->e;

	booth->people[0].dumb = true;
	assert_int_equal(booth_order(booth, 0, &host), 0);
	booth_pass(booth, 2500);
	booth_line_lost(booth, 0);
	booth_resume(booth, 0);
	booth_pass(booth, 4000);
	assert_true(booth->e > e);
	assert_true(booth_share(booth, 0, 1));
	assert_true(booth_share(booth, 0, 2));
	assert_int_equal(booth_security(booth, 2).leader, booth->leader + 1);
}

static void secure__leader__who_was_taken_over_unaware_comes_in_anew(void **state)
{
	struct booth *booth = meet(state, 4);

	booth->people[0].dumb = true;
	booth_leave(booth, 3, "left");
	booth_pass(booth, 2000);
	booth_line_lost(booth, 0);
	booth_pass(booth, SECURE_AWAY_MS + 2000);
	assert_int_equal(booth->leader, 1);
	assert_true(booth_share(booth, 1, 2));
	booth_resume(booth, 0);
	assert_true(booth_erred(booth, 0, "keys-anew"));
	booth_pass(booth, 5000);
	assert_true(booth_share(booth, 0, 1));
	assert_true(booth_share(booth, 0, 2));
	assert_int_equal(state_of(booth, 0), SECURITY_VERIFIED);
	/* The host leads again. */
	assert_int_equal(booth->leader, 0);
	assert_false(booth_erred(booth, 1, "fork") || booth_erred(booth, 2, "fork") || booth_erred(booth, 0, "fork"));
}

static void secure__member__whom_the_relay_cannot_bring_on_comes_in_anew(void **state)
{
	struct booth *booth = meet(state, 4);
	uint32_t e;

	booth_line_lost(booth, 2);
	e = booth->e;
	booth_leave(booth, 3, "left");
	booth_pass(booth, 2000);
	assert_true(booth->e > e);
	booth->oldest = booth->e + 1; /* none of it is kept */
	booth_resume(booth, 2);
	booth_pass(booth, 25000);
	assert_true(booth_share(booth, 0, 2));
}

static void secure__newcomer__who_was_asked_twice_gets_keys(void **state)
{
	struct booth *booth = meet(state, 2);
	struct join_secrets link = booth_link(booth);
	struct event door = { .kind = EVENT_DOOR };

	booth_come(booth, 2, &link);
	/* While the roster that adds them is on its way, they are asked again and make other keys. */
	strcpy(door.id, booth->id);
	memcpy(door.uuid, booth->uuid, sizeof(door.uuid));
	booth_tell(booth, 2, &door);
	booth_pass(booth, 3000);
	assert_true(booth_share(booth, 0, 2));
	assert_true(booth_share(booth, 1, 2));
}

static void secure__leader__leaves_and_secrets_stay(void **state)
{
	struct booth *booth = meet(state, 3);
	struct join_secrets code = booth_code(CODE), link = booth_link(booth);

	booth_leave(booth, 0, "left");
	booth_pass(booth, 1000);
	assert_int_equal(booth->leader, 1);
	assert_int_equal(state_of(booth, 2), SECURITY_NOT_VERIFIED);
	booth_come(booth, 4, &code);
	booth_come(booth, 5, &link);
	booth_pass(booth, 2000);
	assert_true(booth_share(booth, 4, 2));
	assert_true(booth_share(booth, 5, 1));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_booth, close_booth)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(secure__passcode__closes_after_many_wrong_ones),
		CASE(secure__passcode__is_not_for_large_meetings),
		CASE(secure__joiner__refuses_who_does_not_know_the_secret),
		CASE(secure__waiting_room__the_relay_lets_nobody_in),
		CASE(secure__admit__is_for_who_was_seen),
		CASE(secure__orders__of_others_are_refused),
		CASE(secure__events__that_nobody_signed_are_dropped),
		CASE(secure__names__are_those_that_were_signed),
		CASE(secure__removal__turns_the_keys_at_once),
		CASE(secure__removal__is_known_to_who_came_later),
		CASE(secure__removal__of_who_waits_stops_nobody),
		CASE(secure__removal__that_is_withheld_is_seen),
		CASE(secure__secrets__reach_who_was_cut_off),
		CASE(secure__chat__is_what_its_writer_said_and_to_whom),
		CASE(secure__frames__in_clear_are_dropped),
		CASE(secure__rotations__that_were_lost_go_again_in_order),
		CASE(secure__handing_over__that_was_lost_goes_again),
		CASE(secure__leader__who_was_taken_over_unaware_comes_in_anew),
		CASE(secure__member__whom_the_relay_cannot_bring_on_comes_in_anew),
		CASE(secure__newcomer__who_was_asked_twice_gets_keys),
		CASE(secure__leader__leaves_and_secrets_stay),
	};

	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
