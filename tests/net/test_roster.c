#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/roster.h"

static struct roster roster;

static int apply(struct event event)
{
	return roster_apply(&roster, &event);
}

static struct person person(uint32_t number, const char *name, enum role role)
{
	struct person person = { .number = number, .role = role, .mic = MIC_ON };
	strncpy(person.name, name, sizeof(person.name) - 1);
	return person;
}

static int there(enum event_kind kind, uint32_t number, const char *name, enum role role)
{
	return apply((struct event) { .kind = kind, .person = person(number, name, role) });
}

static int numbered(enum event_kind kind, uint32_t number)
{
	return apply((struct event) { .kind = kind, .number = number, .from = number });
}

static int joined(uint32_t number, enum role role)
{
	return apply((struct event) { .kind = EVENT_JOINED,
				      .number = number,
				      .role = role,
				      .id = "482913775",
				      .title = "Tea",
				      .name = "Me" });
}

static int knock(uint32_t number, const char *name)
{
	struct event event = { .kind = EVENT_KNOCK, .number = number, .time_ms = 1700000000000 + number };
	strncpy(event.name, name, sizeof(event.name) - 1);
	return apply(event);
}

/* Ann hosts (1), Bo (2) and Cy (5) are there; this is Cy's or Ann's client. */
static int set_up(uint32_t me)
{
	roster_clear(&roster);
	roster_init(&roster);
	assert_int_equal(apply((struct event) { .kind = EVENT_HELLO }), 0);
	assert_int_equal(there(EVENT_PERSON, 5, "Cy", ROLE_PARTICIPANT), 0);
	assert_int_equal(there(EVENT_PERSON, 1, "Ann", ROLE_HOST), 0);
	assert_int_equal(there(EVENT_PERSON, 2, "Bo", ROLE_PARTICIPANT), 0);
	assert_int_equal(joined(me, ROLE_PARTICIPANT), 0);
	return 0;
}

static int as_host(void **state)
{
	(void)state;
	return set_up(1);
}

static int as_guest(void **state)
{
	(void)state;
	return set_up(5);
}

static int clear(void **state)
{
	(void)state;
	roster_clear(&roster);
	return 0;
}

static void roster_apply__people__stand_by_number(void **state)
{
	(void)state;
	assert_int_equal(roster.presence, PRESENCE_IN);
	assert_string_equal(roster.title, "Tea");
	assert_string_equal(roster.id, "482913775");
	assert_int_equal(there(EVENT_PERSON_JOINED, 4, "Di", ROLE_PARTICIPANT), 0);
	static const uint32_t numbers[] = { 1, 2, 4, 5 };
	assert_int_equal(roster.people_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(roster.people[i].number, numbers[i]);
	assert_string_equal(roster_find(&roster, 4)->name, "Di");
	assert_null(roster_find(&roster, 3));
	assert_null(roster_find(&roster, 0));
	assert_int_equal(roster_me(&roster)->number, 5);
	assert_false(roster_hosts(&roster));
	assert_int_equal(numbered(EVENT_PERSON_LEFT, 2), 0);
	assert_null(roster_find(&roster, 2));
	assert_int_equal(roster.people_count, 3);
}

static void roster_apply__contradictions__change_nothing(void **state)
{
	(void)state;
	static const struct event events[] = {
		{ .kind = EVENT_PERSON, .person = { .number = 9, .role = ROLE_PARTICIPANT } },
		{ .kind = EVENT_PERSON_JOINED, .person = { .number = 2, .role = ROLE_PARTICIPANT } },
		{ .kind = EVENT_PERSON_JOINED, .person = { .number = 0, .role = ROLE_PARTICIPANT } },
		{ .kind = EVENT_PERSON_LEFT, .number = 9 },
		{ .kind = EVENT_PERSON_LEFT, .number = 0 },
		{ .kind = EVENT_PERSON_CHANGED, .person = { .number = 9, .role = ROLE_PARTICIPANT } },
		{ .kind = EVENT_JOINED, .number = 5 },
		{ .kind = EVENT_SPOTLIGHT, .number = 9 },
		{ .kind = EVENT_SHARE_STARTED, .from = 9 },
		{ .kind = EVENT_SHARE_STOPPED, .from = 9 },
		{ .kind = EVENT_AWAY, .number = 9 },
		{ .kind = EVENT_RESUMED, .number = 9 },
		{ .kind = EVENT_KNOCK, .number = 0 },
		{ .kind = EVENT_CONTROLS, .control = CONTROL_COUNT },
		{ .kind = EVENT_CONTROL, .control = CONTROL_CHAT, .value = CHAT_MODE_COUNT },
	};
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct roster before = roster;
		struct person people[3];
		memcpy(people, roster.people, sizeof(people));
		assert_int_equal(roster_apply(&roster, &events[i]), -EPROTO);
		assert_memory_equal(&before, &roster, sizeof(roster));
		assert_memory_equal(people, roster.people, sizeof(people));
	}
}

static void roster_apply__foreign_kinds__are_ignored(void **state)
{
	(void)state;
	for (int kind = -1; kind <= EVENT_COUNT; kind++)
		if (kind == EVENT_CHAT || kind == EVENT_ANSWER || kind >= EVENT_CONNECTED || kind < 0)
			assert_int_equal(apply((struct event) { .kind = (enum event_kind)kind }), 0);
	assert_int_equal(roster.people_count, 3);
}

static void roster_apply__too_many_people__is_refused(void **state)
{
	(void)state;
	for (uint32_t i = 6; roster.people_count < MOOT_PEOPLE_MAX; i++)
		assert_int_equal(there(EVENT_PERSON_JOINED, i, "Bo", ROLE_PARTICIPANT), 0);
	assert_int_equal(there(EVENT_PERSON_JOINED, 5000, "Bo", ROLE_PARTICIPANT), -EPROTO);
	for (uint32_t i = 1; i <= MOOT_PEOPLE_MAX; i++)
		assert_int_equal(knock(10000 + i, "Zoe"), 0);
	assert_int_equal(knock(20000, "Zoe"), -EPROTO);
	assert_int_equal(roster_find(&roster, 999)->number, 999);
}

static void replaced_after(enum event_kind kind)
{
	assert_int_equal(numbered(EVENT_SPOTLIGHT, 2), 0);
	assert_int_equal(numbered(EVENT_SHARE_STARTED, 2), 0);
	assert_int_equal(apply((struct event) { .kind = kind }), 0);
	/* Still shown until something newer is known. */
	assert_int_equal(roster.people_count, 3);
	assert_int_equal(roster.presence, PRESENCE_IN);
	assert_int_equal(there(EVENT_PERSON, 5, "Cy", ROLE_COHOST), 0);
	assert_int_equal(there(EVENT_PERSON, 7, "Eve", ROLE_PARTICIPANT), 0);
	assert_int_equal(joined(5, ROLE_COHOST), 0);
	assert_int_equal(roster.people_count, 2);
	assert_int_equal(roster.spotlight, 0);
	assert_int_equal(roster.sharer, 0);
	assert_true(roster_hosts(&roster));
}

static void roster_apply__lost_line__replaced_by_what_comes(void **state)
{
	(void)state;
	static const enum event_kind kinds[] = { EVENT_HELLO, EVENT_CONNECTED };
	for (size_t i = 0; i < 2; i++) {
		set_up(5);
		replaced_after(kinds[i]);
	}
}

static void roster_apply__sent_back__knows_nothing_of_the_room(void **state)
{
	(void)state;
	assert_int_equal(apply((struct event) { .kind = EVENT_WAITING, .number = 5, .title = "Tea" }), 0);
	assert_int_equal(roster.presence, PRESENCE_WAITING);
	assert_int_equal(roster.people_count, 0);
	assert_int_equal(roster.me, 5);
	assert_null(roster_me(&roster));
	assert_int_equal(there(EVENT_PERSON_JOINED, 3, "Di", ROLE_PARTICIPANT), -EPROTO);
	assert_int_equal(there(EVENT_PERSON, 1, "Ann", ROLE_HOST), 0);
	assert_int_equal(joined(5, ROLE_PARTICIPANT), 0);
	assert_int_equal(roster_me(&roster)->role, ROLE_PARTICIPANT);
	assert_string_equal(roster_me(&roster)->name, "Me");
}

static void roster_apply__out__by_each_way(void **state)
{
	(void)state;
	static const enum event_kind kinds[] = { EVENT_REMOVED, EVENT_ENDED, EVENT_REFUSED,
						 EVENT_PERSON_LEFT };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		set_up(5);
		assert_int_equal(numbered(kinds[i], 5), 0);
		assert_int_equal(roster.presence, PRESENCE_OUT);
		assert_int_equal(roster.people_count, 0);
		assert_string_equal(roster.title, "Tea");
	}
}

static void roster_apply__mute_all__spares_host_and_who_said_it(void **state)
{
	(void)state;
	assert_int_equal(apply((struct event) { .kind = EVENT_MUTED, .by = 1 }), 0);
	assert_int_equal(roster_find(&roster, 5)->mic, MIC_ON);
	assert_int_equal(apply((struct event) { .kind = EVENT_MUTED, .all = true, .by = 2 }), 0);
	assert_int_equal(roster_find(&roster, 1)->mic, MIC_ON);
	assert_int_equal(roster_find(&roster, 2)->mic, MIC_ON);
	assert_int_equal(roster_find(&roster, 5)->mic, MIC_MUTED);
}

static void roster_apply__video_off__stops_cameras_without_permit(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		roster.people[i].camera = true;
	roster.people[1].permits = 1u << PERMIT_VIDEO;
	assert_int_equal(
		apply((struct event) { .kind = EVENT_CONTROLS, .control = CONTROL_VIDEO, .locked = true }),
		0);
	assert_true(roster.people[0].camera);
	assert_true(roster.people[1].camera);
	assert_false(roster.people[2].camera);
	assert_true(roster.locked[CONTROL_VIDEO]);
	assert_int_equal(roster.control[CONTROL_VIDEO], 0);
}

static void roster_apply__share_and_spotlight__follow(void **state)
{
	(void)state;
	assert_int_equal(numbered(EVENT_SHARE_STARTED, 2), 0);
	assert_true(roster_find(&roster, 2)->share);
	assert_int_equal(roster.sharer, 2);
	assert_int_equal(numbered(EVENT_SHARE_STARTED, 1), 0);
	assert_false(roster_find(&roster, 2)->share);
	assert_int_equal(numbered(EVENT_SHARE_STOPPED, 1), 0);
	assert_int_equal(roster.sharer, 0);
	assert_int_equal(numbered(EVENT_SHARE_STARTED, 2), 0);
	assert_int_equal(numbered(EVENT_SPOTLIGHT, 2), 0);
	assert_int_equal(numbered(EVENT_AWAY, 2), 0);
	assert_true(roster_find(&roster, 2)->away);
	assert_int_equal(numbered(EVENT_RESUMED, 2), 0);
	assert_false(roster_find(&roster, 2)->away);
	assert_int_equal(numbered(EVENT_PERSON_LEFT, 2), 0);
	assert_int_equal(roster.sharer, 0);
	assert_int_equal(roster.spotlight, 0);
}

static void roster_apply__waiting_list__in_the_order_they_came(void **state)
{
	(void)state;
	assert_int_equal(knock(9, "Zoe"), 0);
	assert_int_equal(knock(7, "Yan"), 0);
	assert_int_equal(knock(8, "Xia"), 0);
	assert_int_equal(knock(7, "Yan"), 0);
	assert_int_equal(roster.waiting_count, 3);
	assert_int_equal(roster.waiting[1].number, 7);
	assert_int_equal(roster.waiting[1].since_ms, 1700000000007);
	assert_int_equal(numbered(EVENT_KNOCK_GONE, 7), 0);
	assert_int_equal(numbered(EVENT_KNOCK_GONE, 77), 0);
	assert_int_equal(roster.waiting_count, 2);
	assert_int_equal(roster.waiting[1].number, 8);
	assert_int_equal(apply((struct event) { .kind = EVENT_WRONG_PASSCODES, .count = 4 }), 0);
	assert_int_equal(roster.wrong_passcodes, 4);
	/* No host any more: no list. */
	assert_int_equal(there(EVENT_PERSON_CHANGED, 1, "Ann", ROLE_PARTICIPANT), 0);
	assert_int_equal(roster.waiting_count, 0);
}

static void roster_who__finds__number_name_and_both(void **state)
{
	(void)state;
	static const struct {
		const char *who;
		int64_t found, found_waiting;
	} rows[] = {
		{ "2", 2, 2 },
		{ "#2", 2, 2 },
		{ "Bo", 2, 2 },
		{ "bO", 2, 2 },
		{ " Bo", 2, 2 },
		{ "Bo (2)", 2, 2 },
		{ "bo (2)", 2, 2 },
		{ "Bo (3)", -ENOENT, -ENOENT },
		{ "Ann (2)", -ENOENT, -ENOENT },
		{ "Cy", -EEXIST, -EEXIST },
		{ "Cy (5)", 5, 5 },
		{ "cy(6)", 6, 6 },
		{ "Zoe", -ENOENT, 9 },
		{ "9", -ENOENT, 9 },
		{ "Zoe (9)", -ENOENT, 9 },
		{ "", -ENOENT, -ENOENT },
		{ "0", -ENOENT, -ENOENT },
		{ "4294967298", -ENOENT, -ENOENT },
		{ "B\xD0\xBE", -ENOENT, -ENOENT },
		{ "Ann", 1, -EEXIST },
		{ "77", 10, 10 },
		{ "()", -ENOENT, -ENOENT },
	};
	assert_int_equal(there(EVENT_PERSON_JOINED, 6, "cy", ROLE_PARTICIPANT), 0);
	assert_int_equal(there(EVENT_PERSON_JOINED, 10, "77", ROLE_PARTICIPANT), 0);
	assert_int_equal(knock(9, "Zoe"), 0);
	assert_int_equal(knock(11, "\xD0\x90nn"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (roster_who(&roster, rows[i].who, false) != rows[i].found ||
		    roster_who(&roster, rows[i].who, true) != rows[i].found_waiting)
			fail_msg("%s: %lld, waiting %lld", rows[i].who,
				 (long long)roster_who(&roster, rows[i].who, false),
				 (long long)roster_who(&roster, rows[i].who, true));
	}
}

static void shows(uint32_t number, const char *expected)
{
	char name[MOOT_NAME_SIZE + 16];
	roster_show_name(&roster, number, name, sizeof(name));
	assert_string_equal(name, expected);
}

static void roster_show_name__imitations__bear_their_number(void **state)
{
	(void)state;
	shows(2, "Bo");
	assert_int_equal(there(EVENT_PERSON_JOINED, 6, "B\xD0\xBE", ROLE_PARTICIPANT), 0);
	shows(2, "Bo (2)");
	shows(6, "B\xD0\xBE (6)");
	shows(1, "Ann");
	assert_int_equal(there(EVENT_PERSON_CHANGED, 6, "Kim", ROLE_PARTICIPANT), 0);
	shows(2, "Bo");
	shows(6, "Kim");
	/* One who waits and looks like the host; one whose name pretends to have a number. */
	assert_int_equal(knock(9, "ANN"), 0);
	shows(1, "Ann (1)");
	shows(9, "ANN (9)");
	assert_int_equal(there(EVENT_PERSON_CHANGED, 6, "Bo (2)", ROLE_PARTICIPANT), 0);
	shows(6, "Bo (2) (6)");
	shows(77, "(77)");
	char small[4];
	roster_show_name(&roster, 1, small, sizeof(small));
	assert_string_equal(small, "Ann");
}

static void roster_show_gone__imitations__bear_their_number(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = { { "Kim", "Kim" }, { "B\xD0\xBE", "B\xD0\xBE (9)" }, { "Bo", "Bo (9)" }, { "Kim (2)", "Kim (2) (9)" } };
	char name[MOOT_NAME_SIZE + 16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		roster_show_gone(&roster, 9, cases[i].name, name, sizeof(name));
		assert_string_equal(name, cases[i].shown);
	}
	assert_int_equal(knock(9, "Kim"), 0);
	roster_show_gone(&roster, 9, "Kim", name, sizeof(name));
	assert_string_equal(name, "Kim");
}

#define HOST_TEST(name)  cmocka_unit_test_setup_teardown(name, as_host, clear)
#define GUEST_TEST(name) cmocka_unit_test_setup_teardown(name, as_guest, clear)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		GUEST_TEST(roster_apply__people__stand_by_number),
		GUEST_TEST(roster_apply__contradictions__change_nothing),
		GUEST_TEST(roster_apply__foreign_kinds__are_ignored),
		HOST_TEST(roster_apply__too_many_people__is_refused),
		GUEST_TEST(roster_apply__lost_line__replaced_by_what_comes),
		GUEST_TEST(roster_apply__sent_back__knows_nothing_of_the_room),
		GUEST_TEST(roster_apply__out__by_each_way),
		GUEST_TEST(roster_apply__mute_all__spares_host_and_who_said_it),
		GUEST_TEST(roster_apply__video_off__stops_cameras_without_permit),
		GUEST_TEST(roster_apply__share_and_spotlight__follow),
		HOST_TEST(roster_apply__waiting_list__in_the_order_they_came),
		HOST_TEST(roster_who__finds__number_name_and_both),
		HOST_TEST(roster_show_name__imitations__bear_their_number),
		HOST_TEST(roster_show_gone__imitations__bear_their_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
