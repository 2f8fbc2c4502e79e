/* MEETING's tables, row by row: getting in, waiting, lines lost, who is told what; and time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/room.h"

enum { HOST = 1, BO = 2, CY = 3, DI = 4 };

static struct room room;

/* A host and some who were let in. */
static void open_with(unsigned people)
{
	static const char *const names[] = { "Ann", "Bo", "Cy", "Di", "Eve" };
	room_open(&room, NULL);
	assert_int_equal(room_join(&room, "Ann", 1, true), HOST);
	for (unsigned i = 1; i < people; i++) {
		int number = room_join(&room, names[i], (uint8_t)(i + 1), false);
		assert_int_equal(number, i + 1);
		assert_int_equal(room_do(&room, HOST, WORD_ADMIT, (uint32_t)number), REFUSED_NOT);
	}
	room_check_mirrors(&room);
	room_forget(&room);
}

static int close_room(void **state)
{
	(void)state;
	if (room.meeting)
		room_close(&room);
	memset(&room, 0, sizeof(room));
	return 0;
}

#define REFUSED(refusal) (-(int)(refusal))

/* ---- getting in ------------------------------------------------------------------------------------------
 */

static void meeting_join__refuses__in_order(void **state)
{
	(void)state;
	struct policy policy;
	policy_init(&policy);
	policy.client_version[1] = 2;
	policy.people_max = 3;
	room_open(&room, &policy);
	uint8_t key[MOOT_KEY_BYTES] = { 9 };
	/* Everything is wrong; then one thing after another is mended. */
	struct knock knock = { .name = "\t", .kind = KIND_PHONE, .version = { 0, 1, 9 }, .key = key };
	struct knock host = { .name = "Ann", .version = { 1, 0, 0 }, .key = (uint8_t[MOOT_KEY_BYTES]) { 1 } };
	host.passcode_ok = host.host_key_ok = true;
	assert_int_equal(room_knock(&room, &host), HOST);
	for (uint8_t i = 2; i <= 3; i++) {
		host.key = (uint8_t[MOOT_KEY_BYTES]) { i };
		host.host_key_ok = false;
		assert_int_equal(room_knock(&room, &host), i);
		assert_int_equal(room_do(&room, HOST, WORD_ADMIT, i), REFUSED_NOT);
	}
	memcpy(room.meeting->removed[0].key, key, sizeof(key));
	room.meeting->removed_count = 1;
	assert_int_equal(room_set(&room, HOST, CONTROL_LOCK, 1), REFUSED_NOT);
	room_forget(&room);
	uint64_t digest = room_digest(&room);

	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_CLIENT_TOO_OLD));
	knock.version[1] = 2;
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_KIND));
	knock.kind = KIND_COUNT;
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_KIND));
	knock.kind = KIND_HEADLESS;
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_NO_SUCH_MEETING));
	knock.passcode_ok = true;
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_BAD_NAME));
	knock.name = "Zoe";
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_REMOVED));
	knock.key = (uint8_t[MOOT_KEY_BYTES]) { 77 };
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_LOCKED));
	assert_true(digest == room_digest(&room) && room.effects == 0);
	assert_int_equal(room_set(&room, HOST, CONTROL_LOCK, 0), REFUSED_NOT);
	room_forget(&room);
	assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_FULL));
	assert_true(room.effects == 0);
	assert_int_equal(room_do(&room, CY, WORD_LEAVE, 0), REFUSED_NOT);
	assert_int_equal(room_knock(&room, &knock), 4);
	assert_int_equal(room_person(&room, 4)->role, ROLE_WAITING);
}

static void meeting_join__numbers__are_never_given_twice(void **state)
{
	(void)state;
	open_with(1);
	int last = HOST;
	for (int i = 0; i < 50; i++) {
		int number = room_join(&room, "Bo", 2, false);
		assert_int_equal(number, last + 1);
		last = number;
		if (i % 2)
			room_do(&room, HOST, WORD_ADMIT, (uint32_t)number);
		assert_int_equal(room_do(&room, (uint32_t)number, WORD_LEAVE, 0), REFUSED_NOT);
	}
	room.meeting->last_number = NUMBERS_MAX - 1;
	assert_int_equal(room_join(&room, "Bo", 2, false), NUMBERS_MAX);
	assert_int_equal(room_join(&room, "Cy", 3, false), REFUSED(REFUSED_FULL));
}

static void meeting_join__waiting_room__by_control_and_hosts(void **state)
{
	(void)state;
	static const struct {
		bool waiting_room, before_host, host_present;
		const char *waits;
	} rows[] = {
		{ true, false, true, "waiting-room" }, { true, true, true, "waiting-room" },
		{ false, false, true, NULL },          { false, true, true, NULL },
		{ true, false, false, "no-host" },     { true, true, false, "waiting-room" },
		{ false, false, false, "no-host" },    { false, true, false, NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct policy policy;
		policy_init(&policy);
		policy.value[CONTROL_WAITING_ROOM] = rows[i].waiting_room;
		policy.value[CONTROL_JOIN_BEFORE_HOST] = rows[i].before_host;
		room_open(&room, &policy);
		if (rows[i].host_present)
			room_join(&room, "Ann", 1, true);
		uint32_t number = (uint32_t)room_join(&room, "Bo", 2, false);
		assert_int_equal(room_person(&room, number)->role,
				 rows[i].waits ? ROLE_WAITING : ROLE_PARTICIPANT);
		if (rows[i].waits) {
			assert_string_equal(room_last(&room, number, EVENT_WAITING)->code, rows[i].waits);
			assert_string_equal(room_last(&room, number, EVENT_WAITING)->title, "Tea");
		}
		room_check_mirrors(&room);
		close_room(NULL);
	}
}

static void meeting_join__away_host__counts_as_absent(void **state)
{
	(void)state;
	open_with(2);
	room_set(&room, HOST, CONTROL_WAITING_ROOM, 0);
	room_lost(&room, HOST);
	int number = room_join(&room, "Cy", 3, false);
	assert_string_equal(room_last(&room, (uint32_t)number, EVENT_WAITING)->code, "no-host");
	/* Back again: who only waited for a host comes in; the host did not even see them knock. */
	assert_int_equal(room_resume(&room, HOST, 0), REFUSED_NOT);
	assert_int_equal(room_person(&room, (uint32_t)number)->role, ROLE_PARTICIPANT);
	room_check_mirrors(&room);
}

static void meeting_join__no_host_waiters__stay_when_the_room_or_lock_is_on(void **state)
{
	(void)state;
	for (int locked = 0; locked < 2; locked++) {
		struct policy policy;
		policy_init(&policy);
		policy.value[CONTROL_WAITING_ROOM] = !locked;
		room_open(&room, &policy);
		assert_int_equal(room_join(&room, "Bo", 2, false), 1);
		room.meeting->control[CONTROL_LOCK] = locked;
		assert_int_equal(room_join(&room, "Ann", 1, true), 2);
		assert_int_equal(room_person(&room, 1)->role, ROLE_WAITING);
		assert_int_equal(room_told(&room, 2, EVENT_KNOCK), 1);
		close_room(NULL);
	}
}

static void meeting_join__who_left_or_was_sent_back__waits(void **state)
{
	(void)state;
	open_with(4);
	assert_int_equal(room_set(&room, HOST, CONTROL_WAITING_ROOM, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, BO, WORD_LEAVE, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_SENDBACK, CY), REFUSED_NOT);
	assert_string_equal(room_last(&room, CY, EVENT_WAITING)->code, "sent-back");
	assert_string_equal(room_last(&room, DI, EVENT_PERSON_LEFT)->code, "sent-back");
	assert_string_equal(room_last(&room, DI, EVENT_PERSON_LEFT)->name_by, "Ann");
	assert_int_equal(room_do(&room, CY, WORD_LEAVE, 0), REFUSED_NOT);
	uint32_t bo = (uint32_t)room_join(&room, "Bo", 2, false),
		 cy = (uint32_t)room_join(&room, "Cy", 3, false);
	assert_string_equal(room_last(&room, bo, EVENT_WAITING)->code, "left");
	assert_string_equal(room_last(&room, cy, EVENT_WAITING)->code, "left");
	/* Admitted once more, then only the line is lost: they come straight in. */
	assert_int_equal(room_do(&room, HOST, WORD_ADMIT, bo), REFUSED_NOT);
	room_lost(&room, bo);
	room.now_ms += 60 * 1000;
	meeting_tick(room.meeting, room.now_ms);
	assert_null(room_person(&room, bo));
	bo = (uint32_t)room_join(&room, "Bo", 2, false);
	assert_int_equal(room_person(&room, bo)->role, ROLE_PARTICIPANT);
	room_check_mirrors(&room);
}

static void meeting_join__host_key__passes_lock_and_waiting_room(void **state)
{
	(void)state;
	open_with(2);
	room_set(&room, HOST, CONTROL_LOCK, 1);
	int number = room_join(&room, "Ann", 9, true);
	assert_int_equal(number, 3);
	assert_int_equal(room_person(&room, 3)->role, ROLE_HOST);
	assert_int_equal(room_person(&room, HOST)->role, ROLE_COHOST);
	assert_string_equal(room_last(&room, BO, EVENT_PERSON_CHANGED)->code, "role");
	/* The new one's line is lost, and the key comes a third time: the away seat goes. */
	room_lost(&room, 3);
	assert_int_equal(room_join(&room, "Ann", 9, true), 4);
	assert_null(room_person(&room, 3));
	assert_int_equal(room_person(&room, 4)->role, ROLE_HOST);
	room_check_mirrors(&room);
}

static void meeting_join__a_seat__is_kept_for_the_host(void **state)
{
	(void)state;
	struct policy policy;
	policy_init(&policy);
	policy.people_max = 3;
	policy.value[CONTROL_WAITING_ROOM] = 0;
	policy.value[CONTROL_JOIN_BEFORE_HOST] = 1;
	room_open(&room, &policy);
	assert_int_equal(room_join(&room, "Bo", 2, false), 1);
	assert_int_equal(room_join(&room, "Cy", 3, false), 2);
	assert_int_equal(room_join(&room, "Di", 4, false), REFUSED(REFUSED_FULL));
	assert_int_equal(room_join(&room, "Ann", 1, true), 3);
	assert_int_equal(room_join(&room, "Ann", 1, true), REFUSED(REFUSED_FULL));
	/* A host who crashed is not locked out by a full room. */
	room_lost(&room, 3);
	assert_int_equal(room_join(&room, "Ann", 1, true), 4);
	room_check_mirrors(&room);
}

static void meeting_join__waiting_list__is_bounded(void **state)
{
	(void)state;
	struct policy policy;
	policy_init(&policy);
	policy.waiting_max = 2;
	room_open(&room, &policy);
	assert_int_equal(room_join(&room, "Bo", 2, false), 1);
	assert_int_equal(room_join(&room, "Cy", 3, false), 2);
	assert_int_equal(room_join(&room, "Di", 4, false), REFUSED(REFUSED_FULL));
	assert_int_equal(room_join(&room, "Ann", 1, true), 3);
	assert_int_equal(room_do(&room, 3, WORD_ADMIT, 1), REFUSED_NOT);
	assert_int_equal(room_join(&room, "Di", 4, false), 4);
	/* Sending back needs no free place. */
	assert_int_equal(room_do(&room, 3, WORD_SENDBACK, 1), REFUSED_NOT);
	assert_int_equal(meeting_waiting(room.meeting), 3);
	room_check_mirrors(&room);
}

static void meeting_join__thousand__fit(void **state)
{
	(void)state;
	struct policy policy;
	policy_init(&policy);
	policy.value[CONTROL_WAITING_ROOM] = 0;
	room_open(&room, &policy);
	room.keep = false;
	assert_int_equal(room_join(&room, "Ann", 1, true), 1);
	room.clients[1]->connected = false;
	for (int i = 2; i <= MOOT_PEOPLE_MAX; i++) {
		assert_int_equal(room_join(&room, "Bo", 2, false), i);
		room.clients[i]->connected = i == 2 || i == MOOT_PEOPLE_MAX;
	}
	assert_int_equal(room_join(&room, "Bo", 2, false), REFUSED(REFUSED_FULL));
	assert_int_equal(meeting_people(room.meeting), MOOT_PEOPLE_MAX);
	room_check_mirrors(&room);
}

/* ---- who waits -------------------------------------------------------------------------------------------
 */

static void waiting__learns__title_and_hosts_words_only(void **state)
{
	(void)state;
	open_with(2);
	uint32_t cy = (uint32_t)room_join(&room, "Cy", 3, false),
		 di = (uint32_t)room_join(&room, "Di", 4, false);
	assert_int_equal(room_told(&room, HOST, EVENT_KNOCK), 2);
	assert_int_equal(room_told(&room, BO, EVENT_KNOCK), 0);
	room_say(&room, HOST, TO_EVERYONE, 0, "inside");
	room_say(&room, BO, TO_HOSTS, 0, "inside");
	assert_int_equal(room_told(&room, cy, EVENT_CHAT), 0);
	assert_int_equal(room_say(&room, HOST, TO_WAITING, 0, "soon"), REFUSED_NOT);
	assert_int_equal(room_say(&room, HOST, TO_WAITING, cy, "you first"), REFUSED_NOT);
	assert_int_equal(room_told(&room, cy, EVENT_CHAT), 2);
	assert_int_equal(room_told(&room, di, EVENT_CHAT), 1);
	assert_string_equal(room_last(&room, cy, EVENT_CHAT)->text, "you first");
	assert_string_equal(room_last(&room, cy, EVENT_CHAT)->name, "Ann");
	unsigned bo_before = room_told(&room, BO, EVENT_CHAT);
	assert_int_equal(room_say(&room, cy, TO_HOSTS, 0, "thanks"), REFUSED_NOT);
	assert_string_equal(room_last(&room, HOST, EVENT_CHAT)->text, "thanks");
	assert_int_equal(room_last(&room, HOST, EVENT_CHAT)->from, cy);
	assert_int_equal(room_told(&room, cy, EVENT_CHAT), 3);
	assert_int_equal(room_told(&room, di, EVENT_CHAT), 1);
	assert_int_equal(room_told(&room, BO, EVENT_CHAT), bo_before);
	for (int i = 0; i < STREAM_COUNT; i++)
		assert_false(meeting_may_send(room.meeting, cy, (enum stream)i));
}

static void waiting__admitted__in_the_order_they_came(void **state)
{
	(void)state;
	open_with(2);
	for (int i = 0; i < 3; i++)
		room_join(&room, "Guest", (uint8_t)(10 + i), false);
	struct command all = { .word = WORD_ADMIT, .all = true };
	assert_int_equal(room_apply(&room, HOST, &all), REFUSED_NOT);
	uint32_t at = 2;
	for (uint32_t number = 3; number <= 5; number++)
		assert_int_equal(meeting_next(room.meeting, &at)->number, number);
	assert_string_equal(room_last(&room, HOST, EVENT_KNOCK_GONE)->code, "admitted");
	assert_string_equal(room_last(&room, HOST, EVENT_KNOCK_GONE)->name_by, "Ann");
	assert_int_equal(room_told(&room, BO, EVENT_KNOCK_GONE), 0);
	room_check_mirrors(&room);
}

static void waiting__denied__with_a_reason(void **state)
{
	(void)state;
	open_with(2);
	uint32_t cy = (uint32_t)room_join(&room, "Cy", 3, false);
	struct command deny = { .word = WORD_DENY, .number = cy, .text = "Staff only." };
	assert_int_equal(room_apply(&room, HOST, &deny), REFUSED_NOT);
	assert_string_equal(room_last(&room, cy, EVENT_REFUSED)->code, "denied");
	assert_string_equal(room_last(&room, cy, EVENT_REFUSED)->text, "Staff only.");
	assert_false(room.clients[cy]->connected);
	assert_string_equal(room_last(&room, HOST, EVENT_KNOCK_GONE)->code, "denied");
	/* May knock again, and waits even where nobody else would. */
	room_set(&room, HOST, CONTROL_WAITING_ROOM, 0);
	cy = (uint32_t)room_join(&room, "Cy", 3, false);
	assert_int_equal(room_person(&room, cy)->role, ROLE_WAITING);
}

static void waiting__line_lost__gone(void **state)
{
	(void)state;
	open_with(1);
	uint32_t bo = (uint32_t)room_join(&room, "Bo", 2, false);
	room_lost(&room, bo);
	assert_null(room_person(&room, bo));
	assert_string_equal(room_last(&room, HOST, EVENT_KNOCK_GONE)->code, "left");
	assert_int_equal(room_resume(&room, bo, 0), REFUSED_BAD_TICKET);
	room_check_mirrors(&room);
}

static void waiting__new_cohost__sees_who_waits(void **state)
{
	(void)state;
	open_with(2);
	room_join(&room, "Cy", 3, false);
	meeting_wrong_passcode(room.meeting);
	assert_int_equal(room_last(&room, HOST, EVENT_WRONG_PASSCODES)->count, 1);
	assert_int_equal(room_told(&room, BO, EVENT_WRONG_PASSCODES), 0);
	assert_int_equal(room_do(&room, HOST, WORD_COHOST, BO), REFUSED_NOT);
	assert_int_equal(room_told(&room, BO, EVENT_KNOCK), 1);
	assert_int_equal(room_told(&room, BO, EVENT_WRONG_PASSCODES), 1);
	room_check_mirrors(&room);
	assert_int_equal(room_do(&room, HOST, WORD_UNCOHOST, BO), REFUSED_NOT);
	room_join(&room, "Di", 4, false);
	assert_int_equal(room_told(&room, BO, EVENT_KNOCK), 1);
	room_check_mirrors(&room);
}

/* ---- removed ---------------------------------------------------------------------------------------------
 */

static void kick__key__never_back_without_pardon(void **state)
{
	(void)state;
	open_with(3);
	room_set(&room, HOST, CONTROL_WAITING_ROOM, 0);
	assert_int_equal(room_do(&room, HOST, WORD_KICK, BO), REFUSED_NOT);
	assert_string_equal(room_last(&room, BO, EVENT_REMOVED)->name_by, "Ann");
	assert_false(room.clients[BO]->connected);
	assert_string_equal(room_last(&room, CY, EVENT_PERSON_LEFT)->code, "removed");
	assert_int_equal(meeting_control(room.meeting, CONTROL_WAITING_ROOM), 1);
	assert_int_equal(room_last(&room, CY, EVENT_CONTROLS)->control, CONTROL_WAITING_ROOM);
	assert_int_equal(room_resume(&room, BO, 0), REFUSED_REMOVED);
	assert_int_equal(room_join(&room, "Bo", 2, false), REFUSED(REFUSED_REMOVED));
	assert_int_equal(room_join(&room, "Bo", 2, true), REFUSED(REFUSED_REMOVED));
	assert_int_equal(room_do(&room, HOST, WORD_PARDON, BO), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_PARDON, BO), REFUSED_NO_SUCH_PERSON);
	assert_int_equal(room_resume(&room, BO, 0), REFUSED_REMOVED);
	room_set(&room, HOST, CONTROL_WAITING_ROOM, 0);
	uint32_t bo = (uint32_t)room_join(&room, "Bo", 2, false);
	assert_string_equal(room_last(&room, bo, EVENT_WAITING)->code, "pardoned");
	assert_int_equal(room_do(&room, HOST, WORD_ADMIT, bo), REFUSED_NOT);
	/* A second time: the same key, another number. */
	assert_int_equal(room_do(&room, HOST, WORD_KICK, bo), REFUSED_NOT);
	assert_int_equal(room_join(&room, "Bo", 2, false), REFUSED(REFUSED_REMOVED));
	assert_int_equal(room_do(&room, HOST, WORD_PARDON, BO), REFUSED_NO_SUCH_PERSON);
	assert_int_equal(room_do(&room, HOST, WORD_PARDON, bo), REFUSED_NOT);
	room_check_mirrors(&room);
}

static void kick__away__loses_seat_and_ticket(void **state)
{
	(void)state;
	open_with(2);
	room_lost(&room, BO);
	assert_int_equal(room_do(&room, HOST, WORD_KICK, BO), REFUSED_NOT);
	assert_int_equal(room_resume(&room, BO, 0), REFUSED_REMOVED);
	assert_int_equal(meeting_people(room.meeting), 1);
}

static void kick__same_key__goes_everywhere(void **state)
{
	(void)state;
	open_with(3);
	uint32_t second = (uint32_t)room_join(&room, "Bo", 2, false),
		 third = (uint32_t)room_join(&room, "Bo", 2, false);
	assert_int_equal(room_do(&room, HOST, WORD_ADMIT, second), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_KICK, BO), REFUSED_NOT);
	assert_int_equal(meeting_people(room.meeting), 2);
	assert_int_equal(meeting_waiting(room.meeting), 0);
	assert_int_equal(room_told(&room, second, EVENT_REMOVED), 1);
	assert_int_equal(room_told(&room, third, EVENT_REMOVED), 1);
	room_check_mirrors(&room);
	/* But a key that also sits above the one who kicks is out of reach. */
	uint32_t twin = (uint32_t)room_join(&room, "Ann", 1, false);
	assert_int_equal(room_do(&room, HOST, WORD_COHOST, CY), REFUSED_NOT);
	assert_int_equal(room_do(&room, CY, WORD_KICK, twin), REFUSED_HOST);
	assert_int_equal(room_do(&room, HOST, WORD_KICK, twin), REFUSED_SELF);
}

static void kick__policy_lock__leaves_the_waiting_room(void **state)
{
	(void)state;
	struct policy policy;
	policy_init(&policy);
	policy.value[CONTROL_WAITING_ROOM] = 0;
	policy.locked[CONTROL_WAITING_ROOM] = true;
	room_open(&room, &policy);
	assert_int_equal(room_join(&room, "Ann", 1, true), 1);
	assert_int_equal(room_join(&room, "Bo", 2, false), 2);
	assert_int_equal(room_do(&room, 1, WORD_KICK, 2), REFUSED_NOT);
	assert_int_equal(meeting_control(room.meeting, CONTROL_WAITING_ROOM), 0);
	assert_int_equal(room_join(&room, "Bo", 2, false), REFUSED(REFUSED_REMOVED));
}

/* The list of the removed never overflows: the door closes while all inside still fit into it. */
static void kick__list_full__door_closes(void **state)
{
	(void)state;
	open_with(2);
	room.keep = false;
	uint8_t key[MOOT_KEY_BYTES] = { 0 };
	struct knock knock = { .name = "Zoe", .key = key, .passcode_ok = true };
	int number, kicked = 0;
	for (;; kicked++) {
		memcpy(key, &kicked, sizeof(kicked));
		key[31] = 1;
		number = room_knock(&room, &knock);
		if (number < 0)
			break;
		assert_int_equal(room_do(&room, HOST, WORD_KICK, (uint32_t)number), REFUSED_NOT);
	}
	assert_int_equal(number, REFUSED(REFUSED_FULL));
	assert_int_equal(kicked, REMOVED_MAX - 2);
	assert_int_equal(room_do(&room, HOST, WORD_KICK, BO), REFUSED_NOT);
	assert_int_equal(room.meeting->removed_count, REMOVED_MAX - 1);
	for (int i = 0; i < kicked; i++) {
		memcpy(key, &i, sizeof(i));
		assert_int_equal(room_knock(&room, &knock), REFUSED(REFUSED_REMOVED));
	}
}

static void leave__list__forgets_the_oldest(void **state)
{
	(void)state;
	open_with(1);
	room.keep = false;
	room_set(&room, HOST, CONTROL_WAITING_ROOM, 0);
	uint8_t key[MOOT_KEY_BYTES] = { 0 };
	struct knock knock = { .name = "Zoe", .key = key, .passcode_ok = true };
	key[31] = 1;
	for (int i = 0; i <= LEFT_MAX; i++) {
		memcpy(key, &i, sizeof(i));
		uint32_t number = (uint32_t)room_knock(&room, &knock);
		assert_int_equal(room_person(&room, number)->role, ROLE_PARTICIPANT);
		assert_int_equal(room_do(&room, number, WORD_LEAVE, 0), REFUSED_NOT);
	}
	for (int i = 0; i < 2; i++) {
		memcpy(key, &i, sizeof(i));
		uint32_t number = (uint32_t)room_knock(&room, &knock);
		assert_int_equal(room_person(&room, number)->role, i ? ROLE_WAITING : ROLE_PARTICIPANT);
	}
}

/* ---- lines lost ------------------------------------------------------------------------------------------
 */

static void resume__gives_back__role_hand_mute_and_missed_chat(void **state)
{
	(void)state;
	open_with(4);
	room_do(&room, HOST, WORD_COHOST, BO);
	room_do(&room, BO, WORD_RAISE, 0);
	room_do(&room, BO, WORD_MUTE, 0);
	room_say(&room, HOST, TO_EVERYONE, 0, "before");
	uint64_t seen = room_last(&room, BO, EVENT_CHAT)->chat_seq;
	room_lost(&room, BO);
	assert_int_equal(room_told(&room, CY, EVENT_AWAY), 1);
	assert_true(room_person(&room, BO)->away);
	room_say(&room, HOST, TO_EVERYONE, 0, "all");
	room_say(&room, CY, TO_ONE, DI, "secret");
	room_say(&room, CY, TO_ONE, BO, "for Bo");
	room_say(&room, CY, TO_HOSTS, 0, "for hosts");
	room_join(&room, "Eve", 5, false);
	room_forget(&room);
	assert_int_equal(room_resume(&room, BO, seen), REFUSED_NOT);
	assert_int_equal(room_told(&room, BO, EVENT_CHAT), 3);
	assert_string_equal(room_last(&room, BO, EVENT_CHAT)->text, "for hosts");
	assert_int_equal(room_told(&room, BO, EVENT_RESUMED), 1);
	assert_int_equal(room_told(&room, CY, EVENT_RESUMED), 1);
	assert_int_equal(room_told(&room, BO, EVENT_KNOCK), 1);
	const struct person *bo = room_person(&room, BO);
	assert_int_equal(bo->role, ROLE_COHOST);
	assert_int_equal(bo->hand, 1);
	assert_int_equal(bo->mic, MIC_MUTED);
	assert_false(bo->away);
	assert_int_equal(room_resume(&room, BO, seen), REFUSED_BAD_TICKET);
	room_check_mirrors(&room);
}

static void resume__chat__never_from_before_they_came(void **state)
{
	(void)state;
	open_with(2);
	room_say(&room, HOST, TO_EVERYONE, 0, "before Cy");
	room_say(&room, BO, TO_HOSTS, 0, "before Cy was co-host");
	uint32_t cy = (uint32_t)room_join(&room, "Cy", 3, false);
	room_do(&room, HOST, WORD_ADMIT, cy);
	room_say(&room, BO, TO_HOSTS, 0, "still before");
	room_do(&room, HOST, WORD_COHOST, cy);
	room_say(&room, BO, TO_HOSTS, 0, "after");
	for (uint64_t seq = 0; seq < 10; seq++) {
		room_lost(&room, cy);
		room_forget(&room);
		assert_int_equal(room_resume(&room, cy, seq < 9 ? seq : UINT64_MAX), REFUSED_NOT);
		assert_int_equal(room_told(&room, cy, EVENT_CHAT), seq < 4);
	}
}

static void resume__chat__is_bounded(void **state)
{
	(void)state;
	open_with(2);
	room_lost(&room, BO);
	for (int i = 0; i < CHAT_KEPT + 10; i++)
		room_say(&room, HOST, TO_EVERYONE, 0, "on and on");
	room_forget(&room);
	assert_int_equal(room_resume(&room, BO, 0), REFUSED_NOT);
	assert_int_equal(room_told(&room, BO, EVENT_CHAT), CHAT_KEPT);
	assert_int_equal(room_last(&room, BO, EVENT_CHAT)->chat_seq, CHAT_KEPT + 10);
}

static void tick__hold_over__seat_given_up(void **state)
{
	(void)state;
	open_with(3);
	room_lost(&room, BO);
	room.now_ms += 59999;
	assert_int_equal(meeting_tick(room.meeting, room.now_ms), 1);
	assert_int_equal(meeting_people(room.meeting), 3);
	room.now_ms += 1;
	assert_int_equal(meeting_tick(room.meeting, room.now_ms), -1);
	assert_int_equal(meeting_people(room.meeting), 2);
	assert_string_equal(room_last(&room, CY, EVENT_PERSON_LEFT)->code, "lost");
	assert_int_equal(room_resume(&room, BO, 0), REFUSED_BAD_TICKET);
	room_check_mirrors(&room);
}

static void tick__hosts_seat__waits_and_nobody_is_promoted(void **state)
{
	(void)state;
	open_with(3);
	room_do(&room, HOST, WORD_COHOST, BO);
	room_lost(&room, HOST);
	room.now_ms += 3600 * 1000;
	assert_int_equal(meeting_tick(room.meeting, room.now_ms), -1);
	assert_int_equal(room_person(&room, HOST)->role, ROLE_HOST);
	assert_int_equal(room_person(&room, BO)->role, ROLE_COHOST);
	assert_int_equal(room_do(&room, BO, WORD_MUTE, CY), REFUSED_NOT);
	assert_int_equal(room_resume(&room, HOST, 0), REFUSED_NOT);
	/* Nor when the host goes on purpose. */
	assert_int_equal(room_do(&room, HOST, WORD_LEAVE, 0), REFUSED_NOT);
	assert_int_equal(room.meeting->host, 0);
	assert_int_equal(room_person(&room, BO)->role, ROLE_COHOST);
	assert_int_equal(room_do(&room, BO, WORD_END, 0), REFUSED_NOT_ALLOWED);
	room_check_mirrors(&room);
}

static void tick__nobody_there__ends(void **state)
{
	(void)state;
	room_open(&room, NULL);
	assert_int_equal(meeting_tick(room.meeting, room.now_ms), 60000);
	assert_int_equal(room_join(&room, "Ann", 1, true), HOST);
	assert_int_equal(meeting_tick(room.meeting, room.now_ms + 100000), -1);
	room_lost(&room, HOST);
	assert_int_equal(meeting_tick(room.meeting, room.now_ms + 59000), 1000);
	assert_false(meeting_ended(room.meeting));
	assert_int_equal(meeting_tick(room.meeting, room.now_ms + 60000), -1);
	assert_true(meeting_ended(room.meeting));
	assert_int_equal(room_join(&room, "Ann", 1, true), REFUSED(REFUSED_NO_SUCH_MEETING));
	assert_int_equal(room_resume(&room, HOST, 0), REFUSED_NO_SUCH_MEETING);
	assert_int_equal(meeting_claim(room.meeting, HOST, 0), REFUSED_NOT_IN);
	assert_int_equal(meeting_people(room.meeting), 0);
	room_lost(&room, HOST);
	meeting_wrong_passcode(room.meeting);
	meeting_end(room.meeting, "relay-stopped");
}

static void end__tells__everyone(void **state)
{
	(void)state;
	open_with(2);
	uint32_t cy = (uint32_t)room_join(&room, "Cy", 3, false);
	assert_int_equal(room_do(&room, HOST, WORD_END, 0), REFUSED_NOT);
	const uint32_t all[] = { HOST, BO, cy };
	for (int i = 0; i < 3; i++) {
		assert_string_equal(room_last(&room, all[i], EVENT_ENDED)->code, "ended");
		assert_string_equal(room_last(&room, all[i], EVENT_ENDED)->name_by, "Ann");
		assert_false(room.clients[all[i]]->connected);
	}
}

/* ---- roles -----------------------------------------------------------------------------------------------
 */

static void claim__proven__makes_host(void **state)
{
	(void)state;
	open_with(3);
	uint32_t di = (uint32_t)room_join(&room, "Di", 4, false);
	assert_int_equal(meeting_claim(room.meeting, HOST, room.now_ms), REFUSED_ALREADY);
	assert_int_equal(meeting_claim(room.meeting, 99, room.now_ms), REFUSED_NOT_IN);
	assert_int_equal(meeting_claim(room.meeting, BO, room.now_ms), REFUSED_NOT);
	assert_int_equal(room_person(&room, BO)->role, ROLE_HOST);
	assert_int_equal(room_person(&room, HOST)->role, ROLE_COHOST);
	room_set(&room, BO, CONTROL_LOCK, 1);
	assert_int_equal(meeting_claim(room.meeting, di, room.now_ms), REFUSED_NOT);
	assert_int_equal(room_person(&room, di)->role, ROLE_HOST);
	assert_int_equal(room_person(&room, BO)->role, ROLE_COHOST);
	room_check_mirrors(&room);
}

static void host__transfer__leaves_one_host(void **state)
{
	(void)state;
	open_with(3);
	assert_int_equal(room_do(&room, HOST, WORD_HOST, CY), REFUSED_NOT);
	assert_int_equal(room_person(&room, CY)->role, ROLE_HOST);
	assert_int_equal(room_person(&room, HOST)->role, ROLE_COHOST);
	assert_string_equal(room_last(&room, BO, EVENT_PERSON_CHANGED)->name_by, "Ann");
	assert_int_equal(room_do(&room, HOST, WORD_END, 0), REFUSED_NOT_ALLOWED);
	assert_int_equal(room_do(&room, CY, WORD_KICK, HOST), REFUSED_NOT);
	room_check_mirrors(&room);
}

/* ---- microphone, camera, share ----------------------------------------------------------------------------
 */

static void mute__enforced__and_nobody_unmutes_another(void **state)
{
	(void)state;
	open_with(3);
	assert_true(meeting_may_send(room.meeting, BO, STREAM_AUDIO));
	assert_int_equal(room_do(&room, HOST, WORD_MUTE, BO), REFUSED_NOT);
	assert_false(meeting_may_send(room.meeting, BO, STREAM_AUDIO));
	assert_string_equal(room_last(&room, BO, EVENT_MUTED)->name_by, "Ann");
	assert_int_equal(room_told(&room, CY, EVENT_MUTED), 0);
	assert_int_equal(room_told(&room, CY, EVENT_PERSON_CHANGED), 1);
	assert_int_equal(room_do(&room, HOST, WORD_UNMUTE, BO), REFUSED_NOT_ALLOWED);
	assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_NOT);
	assert_true(meeting_may_send(room.meeting, BO, STREAM_AUDIO));
}

static void mute_all__spares__host_and_who_said_it(void **state)
{
	(void)state;
	open_with(4);
	room_do(&room, HOST, WORD_COHOST, BO);
	room_do(&room, HOST, WORD_COHOST, CY);
	struct command all = { .word = WORD_MUTE, .all = true };
	assert_int_equal(room_apply(&room, BO, &all), REFUSED_NOT);
	static const enum mic mics[] = { MIC_ON, MIC_ON, MIC_MUTED, MIC_MUTED };
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(room_person(&room, i + 1)->mic, mics[i]);
	assert_int_equal(room_told(&room, DI, EVENT_MUTED), 1);
	room_check_mirrors(&room);
}

static void ask_unmute__lets__once(void **state)
{
	(void)state;
	open_with(2);
	room_set(&room, HOST, CONTROL_UNMUTE, 0);
	assert_int_equal(room_do(&room, HOST, WORD_MUTE, BO), REFUSED_NOT);
	assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_UNMUTE_OFF);
	assert_int_equal(room_do(&room, HOST, WORD_ASK_UNMUTE, BO), REFUSED_NOT);
	assert_string_equal(room_last(&room, BO, EVENT_ASK_UNMUTE)->name_by, "Ann");
	assert_int_equal(room_person(&room, BO)->mic, MIC_MUTED);
	assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, BO, WORD_MUTE, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_UNMUTE_OFF);
	/* A mute takes the ask back. */
	assert_int_equal(room_do(&room, HOST, WORD_ASK_UNMUTE, BO), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_MUTE, BO), REFUSED_NOT);
	assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_UNMUTE_OFF);
	/* A permission stays. */
	struct command allow = { .word = WORD_ALLOW, .number = BO, .permission = PERMIT_UNMUTE };
	assert_int_equal(room_apply(&room, HOST, &allow), REFUSED_NOT);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(room_do(&room, BO, WORD_UNMUTE, 0), REFUSED_NOT);
		assert_int_equal(room_do(&room, BO, WORD_MUTE, 0), REFUSED_NOT);
	}
	room_check_mirrors(&room);
}

static void join__with_mic_and_camera__only_where_allowed(void **state)
{
	(void)state;
	open_with(1);
	room_set(&room, HOST, CONTROL_UNMUTE, 0);
	room_set(&room, HOST, CONTROL_VIDEO, 0);
	struct knock knock = { .name = "Bo", .key = (uint8_t[MOOT_KEY_BYTES]) { 2 }, .passcode_ok = true };
	knock.mic = MIC_ON;
	knock.camera = true;
	uint32_t bo = (uint32_t)room_knock(&room, &knock);
	assert_int_equal(room_do(&room, HOST, WORD_ADMIT, bo), REFUSED_NOT);
	assert_int_equal(room_person(&room, bo)->mic, MIC_MUTED);
	assert_false(room_person(&room, bo)->camera);
	assert_false(meeting_may_send(room.meeting, bo, STREAM_CAMERA_SMALL));
}

static void video__off__stops_running_cameras(void **state)
{
	(void)state;
	open_with(4);
	struct command on = { .word = WORD_VIDEO, .on = true };
	struct command allow = { .word = WORD_ALLOW, .number = CY, .permission = PERMIT_VIDEO };
	for (uint32_t i = 1; i <= 4; i++)
		room_apply(&room, i, &on);
	room_apply(&room, HOST, &allow);
	assert_true(meeting_may_send(room.meeting, BO, STREAM_CAMERA_LARGE));
	assert_int_equal(room_set(&room, HOST, CONTROL_VIDEO, 0), REFUSED_NOT);
	static const bool cameras[] = { true, false, true, false };
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(meeting_may_send(room.meeting, i + 1, STREAM_CAMERA_SMALL), cameras[i]);
	room_check_mirrors(&room);
	allow.word = WORD_DISALLOW;
	assert_int_equal(room_apply(&room, HOST, &allow), REFUSED_NOT);
	assert_false(meeting_may_send(room.meeting, CY, STREAM_CAMERA_SMALL));
	room_check_mirrors(&room);
}

static void share__permission_taken__stops_at_once(void **state)
{
	(void)state;
	static const char *const ways[] = { "disallow", "share hosts", "stop", "line lost", "leave", "kick" };
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		open_with(3);
		struct command permit = { .word = WORD_ALLOW, .number = BO, .permission = PERMIT_SHARE };
		struct command share = { .word = WORD_SHARE, .text = "notes.txt" };
		if (i == 1)
			room_set(&room, HOST, CONTROL_SHARE, SHARE_EVERYONE);
		else
			assert_int_equal(room_apply(&room, HOST, &permit), REFUSED_NOT);
		assert_int_equal(room_apply(&room, BO, &share), REFUSED_NOT);
		assert_string_equal(room_last(&room, CY, EVENT_SHARE_STARTED)->text, "notes.txt");
		assert_true(meeting_may_send(room.meeting, BO, STREAM_SCREEN));
		assert_false(meeting_may_send(room.meeting, CY, STREAM_SCREEN));
		permit.word = WORD_DISALLOW;
		switch (i) {
		case 0: room_apply(&room, HOST, &permit); break;
		case 1: room_set(&room, HOST, CONTROL_SHARE, SHARE_HOSTS); break;
		case 2: room_do(&room, HOST, WORD_SHARE_STOP, BO); break;
		case 3: room_lost(&room, BO); break;
		case 4: room_do(&room, BO, WORD_LEAVE, 0); break;
		default: room_do(&room, HOST, WORD_KICK, BO); break;
		}
		assert_false(meeting_may_send(room.meeting, BO, STREAM_SCREEN));
		assert_int_equal(room_told(&room, CY, EVENT_SHARE_STOPPED), 1);
		assert_int_equal(room_last(&room, CY, EVENT_SHARE_STOPPED)->from, BO);
		if (i < 3)
			assert_string_equal(room_last(&room, CY, EVENT_SHARE_STOPPED)->name_by, "Ann");
		room_check_mirrors(&room);
		close_room(NULL);
	}
}

static void share__demoted_sharer__stops(void **state)
{
	(void)state;
	open_with(3);
	room_do(&room, HOST, WORD_COHOST, BO);
	assert_int_equal(room_do(&room, BO, WORD_SHARE, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_UNCOHOST, BO), REFUSED_NOT);
	assert_false(meeting_may_send(room.meeting, BO, STREAM_SCREEN));
	room_check_mirrors(&room);
}

static void share__latecomer__is_told(void **state)
{
	(void)state;
	open_with(2);
	struct command share = { .word = WORD_SHARE, .text = "terminal" };
	assert_int_equal(room_apply(&room, HOST, &share), REFUSED_NOT);
	room_do(&room, HOST, WORD_SPOTLIGHT, BO);
	uint32_t cy = (uint32_t)room_join(&room, "Cy", 3, false);
	room_do(&room, HOST, WORD_ADMIT, cy);
	assert_string_equal(room_last(&room, cy, EVENT_SHARE_STARTED)->text, "terminal");
	assert_int_equal(room_last(&room, cy, EVENT_SPOTLIGHT)->number, BO);
	room_check_mirrors(&room);
	assert_int_equal(room_do(&room, BO, WORD_LEAVE, 0), REFUSED_NOT);
	assert_int_equal(room.meeting->spotlight, 0);
	room_check_mirrors(&room);
}

static void suspend__stops__everything_at_once_and_is_undone_one_by_one(void **state)
{
	(void)state;
	open_with(4);
	struct command on = { .word = WORD_VIDEO, .on = true };
	struct command allow = { .word = WORD_ALLOW, .number = CY };
	room_do(&room, HOST, WORD_COHOST, BO);
	room.meeting->policy.locked[CONTROL_RECORD] = false;
	room_set(&room, HOST, CONTROL_RECORD, RECORD_PERMITTED);
	for (int i = 0; i < PERMIT_COUNT; i++) {
		allow.permission = (enum permission)i;
		assert_int_equal(room_apply(&room, HOST, &allow), REFUSED_NOT);
	}
	for (uint32_t i = 1; i <= 4; i++)
		room_apply(&room, i, &on);
	assert_int_equal(room_do(&room, CY, WORD_SHARE, 0), REFUSED_NOT);
	assert_int_equal(room_do(&room, HOST, WORD_SUSPEND, 0), REFUSED_NOT);
	for (uint32_t i = BO; i <= DI; i++)
		for (int k = 0; k < STREAM_COUNT; k++)
			assert_false(meeting_may_send(room.meeting, i, (enum stream)k));
	assert_true(meeting_may_send(room.meeting, HOST, STREAM_AUDIO));
	room_check_mirrors(&room);
	struct command name = { .word = WORD_RENAME, .name = "Kim" };
	assert_int_equal(room_do(&room, CY, WORD_UNMUTE, 0), REFUSED_UNMUTE_OFF);
	assert_int_equal(room_apply(&room, CY, &on), REFUSED_VIDEO_OFF);
	assert_int_equal(room_do(&room, CY, WORD_SHARE, 0), REFUSED_SHARE_HOSTS);
	assert_int_equal(room_say(&room, CY, TO_EVERYONE, 0, "hi"), REFUSED_CHAT_OFF);
	assert_int_equal(room_apply(&room, CY, &name), REFUSED_RENAME_OFF);
	assert_int_equal(room_join(&room, "Eve", 5, false), REFUSED(REFUSED_LOCKED));
	assert_int_equal(room_set(&room, HOST, CONTROL_UNMUTE, 1), REFUSED_NOT);
	assert_int_equal(room_do(&room, CY, WORD_UNMUTE, 0), REFUSED_NOT);
	assert_int_equal(room_apply(&room, CY, &on), REFUSED_VIDEO_OFF);
	room_check_mirrors(&room);
}

/* ---- chat, hands ------------------------------------------------------------------------------------------
 */

static void chat__reaches__exactly_whom_it_is_for(void **state)
{
	(void)state;
	static const struct {
		uint32_t from;
		enum scope to;
		uint32_t number;
		unsigned told[4];
	} rows[] = {
		{ CY, TO_EVERYONE, 0, { 1, 1, 1, 1 } }, { CY, TO_ONE, DI, { 0, 0, 1, 1 } },
		{ CY, TO_HOSTS, 0, { 1, 1, 1, 0 } },    { BO, TO_HOSTS, 0, { 1, 1, 0, 0 } },
		{ HOST, TO_ONE, DI, { 1, 0, 0, 1 } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		open_with(4);
		room_do(&room, HOST, WORD_COHOST, BO);
		assert_int_equal(room_say(&room, rows[i].from, rows[i].to, rows[i].number, "\xCE\xB3"),
				 REFUSED_NOT);
		for (uint32_t k = 0; k < 4; k++)
			assert_int_equal(room_told(&room, k + 1, EVENT_CHAT), rows[i].told[k]);
		const struct event *event = room_last(&room, rows[i].from, EVENT_CHAT);
		assert_int_equal(event->from, rows[i].from);
		assert_int_equal(event->number, rows[i].number);
		assert_int_equal(event->time_ms, 1700000000000 + room.now_ms);
		close_room(NULL);
	}
}

static void hands__stand__in_the_order_raised(void **state)
{
	(void)state;
	open_with(4);
	room_do(&room, CY, WORD_RAISE, 0);
	room_do(&room, BO, WORD_RAISE, 0);
	room_do(&room, DI, WORD_RAISE, 0);
	assert_true(room_person(&room, CY)->hand < room_person(&room, BO)->hand);
	assert_true(room_person(&room, BO)->hand < room_person(&room, DI)->hand);
	room_do(&room, HOST, WORD_LOWER, CY);
	assert_string_equal(room_last(&room, CY, EVENT_PERSON_CHANGED)->name_by, "Ann");
	room_do(&room, CY, WORD_RAISE, 0);
	assert_true(room_person(&room, DI)->hand < room_person(&room, CY)->hand);
	room_check_mirrors(&room);
}

static void controls__told__to_the_room_with_who_did_it(void **state)
{
	(void)state;
	open_with(2);
	assert_int_equal(room_set(&room, HOST, CONTROL_CHAT, CHAT_HOSTS), REFUSED_NOT);
	const struct event *event = room_last(&room, BO, EVENT_CONTROLS);
	assert_int_equal(event->control, CONTROL_CHAT);
	assert_int_equal(event->value, CHAT_HOSTS);
	assert_int_equal(event->by, HOST);
	assert_string_equal(event->name_by, "Ann");
}

#define TEST(name) cmocka_unit_test_teardown(name, close_room)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(meeting_join__refuses__in_order),
		TEST(meeting_join__numbers__are_never_given_twice),
		TEST(meeting_join__waiting_room__by_control_and_hosts),
		TEST(meeting_join__away_host__counts_as_absent),
		TEST(meeting_join__no_host_waiters__stay_when_the_room_or_lock_is_on),
		TEST(meeting_join__who_left_or_was_sent_back__waits),
		TEST(meeting_join__host_key__passes_lock_and_waiting_room),
		TEST(meeting_join__a_seat__is_kept_for_the_host),
		TEST(meeting_join__waiting_list__is_bounded),
		TEST(meeting_join__thousand__fit),
		TEST(waiting__learns__title_and_hosts_words_only),
		TEST(waiting__admitted__in_the_order_they_came),
		TEST(waiting__denied__with_a_reason),
		TEST(waiting__line_lost__gone),
		TEST(waiting__new_cohost__sees_who_waits),
		TEST(kick__key__never_back_without_pardon),
		TEST(kick__away__loses_seat_and_ticket),
		TEST(kick__same_key__goes_everywhere),
		TEST(kick__policy_lock__leaves_the_waiting_room),
		TEST(kick__list_full__door_closes),
		TEST(leave__list__forgets_the_oldest),
		TEST(resume__gives_back__role_hand_mute_and_missed_chat),
		TEST(resume__chat__never_from_before_they_came),
		TEST(resume__chat__is_bounded),
		TEST(tick__hold_over__seat_given_up),
		TEST(tick__hosts_seat__waits_and_nobody_is_promoted),
		TEST(tick__nobody_there__ends),
		TEST(end__tells__everyone),
		TEST(claim__proven__makes_host),
		TEST(host__transfer__leaves_one_host),
		TEST(mute__enforced__and_nobody_unmutes_another),
		TEST(mute_all__spares__host_and_who_said_it),
		TEST(ask_unmute__lets__once),
		TEST(join__with_mic_and_camera__only_where_allowed),
		TEST(video__off__stops_running_cameras),
		TEST(share__permission_taken__stops_at_once),
		TEST(share__demoted_sharer__stops),
		TEST(share__latecomer__is_told),
		TEST(suspend__stops__everything_at_once_and_is_undone_one_by_one),
		TEST(chat__reaches__exactly_whom_it_is_for),
		TEST(hands__stand__in_the_order_raised),
		TEST(controls__told__to_the_room_with_who_did_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
