/* Chat, private messages and commands: nobody speaks or orders for another. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/hall.h"

static struct hall hall;
static const uint8_t header[12] = { 9 };
static uint8_t frame[TALK_FRAME], plain[TALK_FRAME];
static struct talk talk;

static int open_hall(void **state)
{
	(void)state;
	hall_open(&hall, true);
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_COHOST);
	hall.now_ms += GROUP_SWITCH_MS;
	return 0;
}

static int close_hall(void **state)
{
	(void)state;
	hall_close(&hall);
	return 0;
}

static int say(unsigned from, uint16_t to, const char *text)
{
	return talk_seal(hall_group(&hall, from), to, text, strlen(text), SEAL_BYTES(header), frame,
			 hall.now_ms);
}

static int hear(unsigned to, unsigned from, enum group_stream stream, int n, struct group_from *who)
{
	return group_open(hall_group(&hall, to), (uint16_t)(from + 1), stream, SEAL_BYTES(header), frame,
			  (size_t)n, plain, sizeof plain, who, hall.now_ms);
}

static void talk_read__gives__what_was_said(void **state)
{
	struct group_from from;
	int n = say(1, TALK_EVERYONE, "hello"), len = hear(0, 1, GROUP_CHAT, n, &from);

	(void)state;
	assert_true(len > 0);
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), 0);
	assert_string_equal(talk.text, "hello");
	assert_int_equal(talk.from, 2);
	assert_int_equal(talk.to, TALK_EVERYONE);
	assert_int_equal(talk.seq, 1);
	assert_false(talk.alone);
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk),
			 -EBADMSG); /* said already */
}

static void talk_seal__hides__lengths(void **state)
{
	char text[TALK_TEXT + 1];
	struct group_from from;
	int n;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i <= TALK_TEXT; i += 61) {
		n = talk_seal(hall_group(&hall, 1), TALK_EVERYONE, text, i, SEAL_BYTES(header), frame,
			      hall.now_ms);
		assert_true(n > 0);
		assert_int_equal(hear(0, 1, GROUP_CHAT, n, &from) % 64, 0);
	}
	n = talk_seal(hall_group(&hall, 1), TALK_EVERYONE, text, TALK_TEXT, SEAL_BYTES(header), frame,
		      hall.now_ms);
	n = hear(0, 1, GROUP_CHAT, n, &from);
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)n, &talk), 0);
	assert_int_equal(strlen(talk.text), TALK_TEXT);
	assert_int_equal(talk_seal(hall_group(&hall, 1), 0, text, TALK_TEXT + 1, SEAL_BYTES(header), frame,
				   hall.now_ms),
			 -EINVAL);
	assert_int_equal(
		talk_seal(hall_group(&hall, 1), 0, "a\0b", 3, SEAL_BYTES(header), frame, hall.now_ms),
		-EINVAL);
	assert_int_equal(talk_seal(hall_group(&hall, 5), 0, "a", 1, SEAL_BYTES(header), frame, hall.now_ms),
			 -EPERM);
}

static void talk_seal__keeps__private_from_the_others(void **state)
{
	struct group_from from;
	uint8_t kept[TALK_FRAME];
	int n = say(1, 3, "for you alone"), len, kept_n = n;

	(void)state;
	memcpy(kept, frame, sizeof kept);
	assert_true(hear(0, 1, GROUP_PRIVATE, n, &from) < 0); /* the leader, who has every epoch's secret */
	len = hear(2, 1, GROUP_PRIVATE, n, &from);
	assert_int_equal(talk_read(hall_group(&hall, 2), &from, plain, (size_t)len, &talk), 0);
	assert_string_equal(talk.text, "for you alone");
	assert_true(talk.alone);
	/* its CTR goes on over epochs, and is not taken twice */
	hall_rotate(&hall, 0);
	hall_rotate(&hall, 0);
	hall.now_ms += GROUP_SWITCH_MS;
	memcpy(frame, kept, sizeof kept);
	assert_true(hear(2, 1, GROUP_PRIVATE, kept_n, &from) < 0);
	n = say(1, 3, "again");
	len = hear(2, 1, GROUP_PRIVATE, n, &from);
	assert_int_equal(talk_read(hall_group(&hall, 2), &from, plain, (size_t)len, &talk), 0);
	n = say(2, 2, "back");
	len = hear(1, 2, GROUP_PRIVATE, n, &from);
	assert_int_equal(talk_read(hall_group(&hall, 1), &from, plain, (size_t)len, &talk), 0);
	assert_string_equal(talk.text, "back");
	assert_int_equal(say(1, 2, "to myself"), -ENOENT);
}

/* Every change of what was said, sealed properly by a member: what a member could do who has the epoch's
 * secret. */
static void talk_read__refuses__words_in_anothers_mouth(void **state)
{
	struct group_from from;
	int n = say(1, TALK_EVERYONE, "yes"), len = hear(0, 1, GROUP_CHAT, n, &from);

	(void)state;
	for (int i = 0; i < len; i++) {
		plain[i] ^= 1;
		assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), -EBADMSG);
		plain[i] ^= 1;
		assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)i, &talk), -EBADMSG);
	}
	from.idx = 3;
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), -EBADMSG);
	from.idx = 2;
	from.epoch--;
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), -EBADMSG);
	from.epoch++;
	from.stream = GROUP_PRIVATE;
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), -EBADMSG);
	from.stream = GROUP_CHAT;
	assert_int_equal(talk_read(hall_group(&hall, 0), &from, plain, (size_t)len, &talk), 0);
}

/* ---- commands ---------------------------------------------------------------------------------- */

static struct seal_bytes order(unsigned from, const char *word, const char *args)
{
	static uint8_t bytes[TALK_COMMAND];
	int n = talk_command_make(hall_group(&hall, from), word, (struct seal_bytes) { args, strlen(args) },
				  bytes);

	assert_true(n > 0);
	return (struct seal_bytes) { bytes, (size_t)n };
}

static void talk_command_read__takes__a_hosts_order_once(void **state)
{
	struct talk_command command;
	struct seal_bytes bytes = order(0, "mute", "3");

	(void)state;
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, bytes, &command), 0);
	assert_string_equal(command.word, "mute");
	assert_int_equal(command.args_n, 1);
	assert_memory_equal(command.args, "3", 1);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, bytes, &command), -EALREADY);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, order(0, "lock", ""), &command), 0);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 3, order(2, "lock", "on"), &command), 0);
}

static void talk_command_read__refuses__invented_orders(void **state)
{
	struct talk_command command;
	struct seal_bytes bytes = order(0, "remove", "2");
	uint8_t copy[TALK_COMMAND], out[TALK_COMMAND];

	(void)state;
	memcpy(copy, bytes.p, bytes.n);
	for (size_t i = 0; i < bytes.n; i++) {
		int err;
		copy[i] ^= 1;
		err = talk_command_read(hall_group(&hall, 1), 1, (struct seal_bytes) { copy, bytes.n },
					&command);
		assert_true(err == -EBADMSG || err == -ESTALE);
		copy[i] ^= 1;
		assert_int_equal(
			talk_command_read(hall_group(&hall, 1), 1, (struct seal_bytes) { copy, i }, &command),
			-EBADMSG);
	}
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 3, bytes, &command), -EBADMSG);
	assert_int_equal(talk_command_read(hall_group(&hall, 0), 2, bytes, &command), -EPERM);
	assert_int_equal(talk_command_read(hall_group(&hall, 0), 99, bytes, &command), -EPERM);
	assert_int_equal(talk_command_make(hall_group(&hall, 1), "mute", (struct seal_bytes) { "", 0 }, out),
			 -EPERM);
	assert_int_equal(talk_command_make(hall_group(&hall, 0), "", (struct seal_bytes) { "", 0 }, out),
			 -EINVAL);
}

static void talk_command_read__refuses__orders_of_another_roster(void **state)
{
	struct talk_command command;
	struct seal_bytes bytes = order(2, "mute", "2");

	(void)state;
	group_stage_role(hall_group(&hall, 0), 3, GROUP_PARTICIPANT, hall.now_ms);
	hall_rotate(&hall, 0);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 3, bytes, &command), -EPERM);
	/* the keys turned while it was on its way: good; after they are over: not */
	bytes = order(0, "mute", "2");
	hall_rotate(&hall, 0);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, bytes, &command), 0);
	bytes = order(0, "mute", "2");
	hall_rotate(&hall, 0);
	hall.now_ms += GROUP_OVERLAP_MS;
	group_tick(hall_group(&hall, 1), hall.now_ms);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, bytes, &command), -ESTALE);
	assert_int_equal(talk_command_read(hall_group(&hall, 1), 1, order(0, "mute", "2"), &command), 0);
}

/* A participant has no say, but in what they want to be called. */
static void talk_command_make__lets__everybody_name_themselves(void **state)
{
	const struct seal_bytes name = { "Cy", 2 };
	struct talk_command command;
	uint8_t out[TALK_COMMAND];
	int n = talk_command_make(hall_group(&hall, 1), "rename", name, out);

	(void)state;
	assert_true(n > 0);
	assert_int_equal(talk_command_read(hall_group(&hall, 0), 2, (struct seal_bytes) { out, (size_t)n }, &command), 0);
	assert_string_equal(command.word, "rename");
	assert_int_equal(talk_command_read(hall_group(&hall, 0), 3, (struct seal_bytes) { out, (size_t)n }, &command), -EBADMSG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(talk_read__gives__what_was_said),
		CASE(talk_seal__hides__lengths),
		CASE(talk_seal__keeps__private_from_the_others),
		CASE(talk_read__refuses__words_in_anothers_mouth),
		CASE(talk_command_read__takes__a_hosts_order_once),
		CASE(talk_command_read__refuses__invented_orders),
		CASE(talk_command_read__refuses__orders_of_another_roster),
		CASE(talk_command_make__lets__everybody_name_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
