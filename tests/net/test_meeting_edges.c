/* Corners of the rules that a walk found: what is locked shut has no exceptions, who was away or waited hears the
 * end, and the host key opens even where every place is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/room.h"

static uint32_t join(struct room *room, uint8_t key, bool host)
{
	int number = room_join(room, "Bo", key, host);
	assert_true(number > 0);
	return (uint32_t)number;
}

static enum refusal allow(struct room *room, uint32_t by, uint32_t number, enum permission permission)
{
	struct command command = { .word = WORD_ALLOW, .number = number, .permission = permission };
	return room_apply(room, by, &command);
}

static enum refusal say_on(struct room *room, uint32_t by, enum word word)
{
	struct command command = { .word = word, .on = true };
	return room_apply(room, by, &command);
}

/* A room of so many, with a host, nobody waiting; everything else open. */
static uint32_t open_room(struct room **room, uint32_t people, uint32_t waiting)
{
	struct policy policy;
	policy_init(&policy);
	policy.people_max = people;
	policy.waiting_max = waiting;
	policy.value[CONTROL_WAITING_ROOM] = 0;
	policy.value[CONTROL_FILES] = 1;
	policy.value[CONTROL_RECORD] = RECORD_PERMITTED;
	policy.locked[CONTROL_RECORD] = false;
	*room = calloc(1, sizeof(**room));
	assert_non_null(*room);
	room_open(*room, &policy);
	(*room)->keep = true;
	return join(*room, 1, true);
}

static void close_room(struct room *room)
{
	room_check_mirrors(room);
	room_close(room);
	free(room);
}

static void allow__what_the_policy_locks_shut__is_refused(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9), guest = join(room, 2, false);
	struct policy policy = room->policy;
	assert_int_equal(allow(room, host, guest, PERMIT_SHARE), REFUSED_NOT);
	assert_int_equal(room_do(room, guest, WORD_SHARE, 0), REFUSED_NOT);
	policy.locked[CONTROL_SHARE] = true;
	policy.value[CONTROL_SHARE] = SHARE_HOSTS;
	room_forget(room);
	meeting_set_policy(room->meeting, &policy, room->now_ms);
	assert_int_equal(room_person(room, guest)->permits, 0);
	assert_false(room_person(room, guest)->share);
	assert_int_equal(room_told(room, guest, EVENT_PERMISSION), 1);
	assert_int_equal(allow(room, host, guest, PERMIT_SHARE), REFUSED_LOCKED_BY_POLICY);
	assert_int_equal(allow(room, host, guest, PERMIT_VIDEO), REFUSED_NOT);
	close_room(room);
}

static void files_end__while_away__is_told_on_return(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9), guest = join(room, 2, false);
	struct command file = { .word = WORD_FILE, .number = guest, .name = "a.txt", .size = 10 };
	assert_int_equal(room_apply(room, host, &file), REFUSED_NOT);
	assert_int_equal(room->clients[guest]->roster.files_count, 1);
	room_lost(room, guest);
	assert_int_equal(room_set(room, host, CONTROL_FILES, 0), REFUSED_NOT);
	assert_int_equal(room->clients[host]->roster.files_count, 0);
	room_forget(room);
	assert_int_equal(room_resume(room, guest, 0), REFUSED_NOT);
	assert_int_equal(room_told(room, guest, EVENT_FILE_ENDED), 1);
	assert_string_equal(room_last(room, guest, EVENT_FILE_ENDED)->code, "off");
	assert_int_equal(room_told(room, host, EVENT_FILE_ENDED), 0);
	assert_int_equal(room->clients[guest]->roster.files_count, 0);
	room_lost(room, guest);
	room_forget(room);
	assert_int_equal(room_resume(room, guest, 0), REFUSED_NOT);
	assert_int_equal(room_told(room, guest, EVENT_FILE_ENDED), 0);
	close_room(room);
}

static void recording_ends__who_was_asked_at_the_door__hears_it(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9);
	assert_int_equal(say_on(room, host, WORD_RECORD), REFUSED_NOT);
	uint32_t guest = join(room, 2, false);
	assert_true(room->clients[guest]->roster.record_asked);
	struct command stop = { .word = WORD_RECORD };
	assert_int_equal(room_apply(room, host, &stop), REFUSED_NOT);
	assert_int_equal(room_person(room, guest)->role, ROLE_PARTICIPANT);
	assert_int_equal(room_told(room, guest, EVENT_RECORDING), 1);
	assert_false(room->clients[guest]->roster.record_asked);
	assert_int_equal(room->clients[guest]->roster.recorder, 0);
	close_room(room);
}

static void consent__at_the_door__is_no_longer_asked(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9);
	assert_int_equal(say_on(room, host, WORD_RECORD), REFUSED_NOT);
	uint32_t guest = join(room, 2, false);
	assert_int_equal(say_on(room, guest, WORD_CONSENT), REFUSED_NOT);
	assert_int_equal(room->clients[guest]->roster.presence, PRESENCE_IN);
	assert_false(room->clients[guest]->roster.record_asked);
	assert_int_equal(room->clients[guest]->roster.recorder, host);
	close_room(room);
}

static void host_key__takes_the_seat_of_an_away_host__where_all_is_full(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 3, 1);
	uint32_t guest = join(room, 2, false);
	assert_int_equal(room_set(room, host, CONTROL_WAITING_ROOM, 1), REFUSED_NOT);
	uint32_t waiting = join(room, 3, false);
	assert_int_equal(room_do(room, host, WORD_ADMIT, waiting), REFUSED_NOT);
	assert_int_equal(room_do(room, host, WORD_SENDBACK, guest), REFUSED_NOT);
	assert_int_equal(room_set(room, host, CONTROL_WAITING_ROOM, 0), REFUSED_NOT);
	join(room, 4, false);
	room_lost(room, host);
	assert_int_equal(meeting_people(room->meeting) + meeting_waiting(room->meeting), 4);
	int again = room_join(room, "Bo", 1, true);
	assert_true(again > 0);
	assert_int_equal(room_person(room, (uint32_t)again)->role, ROLE_HOST);
	assert_null(room_person(room, host));
	close_room(room);
}

static void host_key__while_recording__waits_beyond_a_full_list(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 5, 1);
	assert_int_equal(say_on(room, host, WORD_RECORD), REFUSED_NOT);
	join(room, 2, false);
	assert_int_equal(room_join(room, "Cy", 3, false), -REFUSED_FULL);
	uint32_t again = join(room, 1, true);
	assert_int_equal(say_on(room, again, WORD_CONSENT), REFUSED_NOT);
	assert_int_equal(room_person(room, again)->role, ROLE_HOST);
	close_room(room);
}

static void uncohost__forgets__the_votes(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9), guest = join(room, 2, false);
	struct command poll = { .word = WORD_POLL, .text = "Tea?\nyes\nno" };
	struct command vote = { .word = WORD_VOTE, .count = 1 };
	assert_int_equal(room_do(room, host, WORD_COHOST, guest), REFUSED_NOT);
	assert_int_equal(room_apply(room, host, &poll), REFUSED_NOT);
	assert_int_equal(room_apply(room, host, &vote), REFUSED_NOT);
	assert_int_equal(room->clients[guest]->roster.poll_votes, 1);
	assert_int_equal(room_do(room, host, WORD_UNCOHOST, guest), REFUSED_NOT);
	assert_int_equal(room->clients[guest]->roster.poll_votes, 0);
	assert_int_equal(room->clients[guest]->roster.poll, 1);
	close_room(room);
}

/* Of a file whose pieces are sealed the sizes in clear count, and sealing adds little. */
static void files__sealed__are_counted_in_clear(void **state)
{
	static const struct {
		uint64_t size;
		unsigned bytes; /* of the text */
		enum refusal refusal;
	} pieces[] = {
		{ MOOT_CHUNK_BYTES + 1, MOOT_CHUNK_BYTES + 33, REFUSED_BAD_VALUE },
		{ MOOT_CHUNK_BYTES, MOOT_CHUNK_BYTES - 3, REFUSED_BAD_VALUE },
		{ MOOT_CHUNK_BYTES - 3, MOOT_CHUNK_BYTES + 48, REFUSED_BAD_VALUE },
		{ 0, 33, REFUSED_BAD_VALUE },
		{ MOOT_CHUNK_BYTES, MOOT_CHUNK_BYTES + 48, REFUSED_NOT },
		{ 100, 132, REFUSED_NOT },
		{ 1, 33, REFUSED_BAD_VALUE }, /* all were sent */
	};
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9), guest = join(room, 2, false);
	struct command file = { .word = WORD_FILE, .number = guest, .name = "file", .text = "aGFs", .sealed = true };
	file.size = MOOT_CHUNK_BYTES + 100;
	assert_int_equal(room_apply(room, host, &file), REFUSED_NOT);
	const struct event *offer = room_last(room, guest, EVENT_FILE);
	assert_true(offer->sealed);
	assert_string_equal(offer->text, "aGFs");
	uint32_t number = offer->file;
	assert_int_equal(room_apply(room, guest, &(struct command) { .word = WORD_FILE_TAKE, .file = number }), REFUSED_NOT);
	struct command get = { .word = WORD_FILE_GET, .file = number, .size = file.size };
	assert_int_equal(room_apply(room, guest, &get), REFUSED_NOT);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct command chunk = { .word = WORD_FILE_CHUNK, .file = number, .sealed = true };
		chunk.size = pieces[i].size;
		chunk.offset = i < 5 ? 0 : i < 6 ? MOOT_CHUNK_BYTES : file.size;
		memset(chunk.text, 'A', pieces[i].bytes / 3 * 4);
		assert_int_equal(room_apply(room, host, &chunk), pieces[i].refusal);
	}
	assert_true(room_last(room, guest, EVENT_FILE_CHUNK)->sealed);
	close_room(room);
}

/* What was sealed comes back sealed; and may be longer than what anybody writes. */
static void chat__sealed__is_kept_as_it_is(void **state)
{
	(void)state;
	struct room *room;
	uint32_t host = open_room(&room, 9, 9), guest = join(room, 2, false);
	struct command chat = { .word = WORD_CHAT };
	memset(chat.text, 'A', MOOT_SAY_SIZE);
	assert_int_equal(room_apply(room, host, &chat), REFUSED_TEXT);
	chat.text[MOOT_SAY_SIZE - 1] = '\0';
	assert_int_equal(room_apply(room, host, &chat), REFUSED_NOT);
	assert_false(room_last(room, guest, EVENT_CHAT)->sealed);
	room_lost(room, guest);
	chat.sealed = true;
	memset(chat.text, 'A', MOOT_TEXT_SIZE / 4 * 4 - 4);
	assert_int_equal(room_apply(room, host, &chat), REFUSED_NOT);
	assert_int_equal(room_resume(room, guest, 1), REFUSED_NOT);
	assert_true(room_last(room, guest, EVENT_CHAT)->sealed);
	assert_string_equal(room_last(room, guest, EVENT_CHAT)->text, chat.text);
	close_room(room);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(allow__what_the_policy_locks_shut__is_refused),
		cmocka_unit_test(files_end__while_away__is_told_on_return),
		cmocka_unit_test(recording_ends__who_was_asked_at_the_door__hears_it),
		cmocka_unit_test(consent__at_the_door__is_no_longer_asked),
		cmocka_unit_test(host_key__takes_the_seat_of_an_away_host__where_all_is_full),
		cmocka_unit_test(host_key__while_recording__waits_beyond_a_full_list),
		cmocka_unit_test(uncohost__forgets__the_votes),
		cmocka_unit_test(files__sealed__are_counted_in_clear),
		cmocka_unit_test(chat__sealed__is_kept_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
