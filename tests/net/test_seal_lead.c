/* Leading: when a rotation is due, how a leader is succeeded, what the relay may hear, and a thousand people.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/hall.h"

static struct hall hall;
static const struct seal_bytes none = { NULL, 0 };

static int open_hall(void **state)
{
	(void)state;
	hall_open(&hall, true);
	return 0;
}

static int open_strangers(void **state)
{
	(void)state;
	hall_open(&hall, false);
	return 0;
}

static int close_hall(void **state)
{
	(void)state;
	hall_close(&hall);
	return 0;
}

static unsigned wants(unsigned i)
{
	return group_tick(hall_group(&hall, i), hall.now_ms);
}

static uint16_t leader_of(unsigned i)
{
	struct group_member leader;

	return group_leader(hall_group(&hall, i), &leader) ? leader.idx : 0;
}

static int add(unsigned leader, unsigned i)
{
	struct hall_person *person = &hall.people[i];
	struct seal_bytes sb = { person->self.binding.sb, person->self.binding.sb_n };

	return group_stage_add(hall_group(&hall, leader), (uint16_t)(i + 1), GROUP_PARTICIPANT, sb,
			       person->psk, person->nonce, hall.now_ms);
}

/* ---- when -------------------------------------------------------------------------------------- */

static void change_join(struct group *group)
{
	(void)group;
	assert_int_equal(add(0, 5), 0);
}

static void change_leave(struct group *group)
{
	assert_int_equal(group_stage_remove(group, 2, false, hall.now_ms), 0);
}

static void change_kick(struct group *group)
{
	assert_int_equal(group_stage_remove(group, 2, true, hall.now_ms), 0);
}

static void change_role(struct group *group)
{
	assert_int_equal(group_stage_role(group, 2, GROUP_COHOST, hall.now_ms), 0);
}

static void change_flags(struct group *group)
{
	assert_int_equal(group_stage_flags(group, GROUP_LOCKED, hall.now_ms), 0);
}

static void change_leader(struct group *group)
{
	assert_int_equal(group_hand_over(group, 2, hall.now_ms), 0);
}

static void change_nothing(struct group *group)
{
	(void)group;
}

static void group_tick__asks_for__rotation_in_time(void **state)
{
	static const struct {
		void (*change)(struct group *group);
		int64_t calm_ms, due_ms; /* since the last rotation; from the change on */
	} rows[] = {
		{ change_join, GROUP_BATCH_MS, GROUP_FIRST_MS },
		{ change_join, GROUP_APART_MS - GROUP_FIRST_MS, GROUP_FIRST_MS + 3 * GROUP_EACH_MS },
		{ change_leave, GROUP_BATCH_MS, GROUP_FIRST_MS },
		{ change_leave, GROUP_APART_MS - GROUP_FIRST_MS, GROUP_FIRST_MS + 3 * GROUP_EACH_MS },
		{ change_kick, GROUP_APART_MS, 0 },
		{ change_role, GROUP_APART_MS, 0 },
		{ change_flags, GROUP_APART_MS, 0 },
		{ change_leader, GROUP_APART_MS, 0 },
		{ change_nothing, 0, GROUP_ROTATE_MS },
	};

	(void)state;
	assert_true(GROUP_BATCH_MS <= 2000);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hall_close(&hall);
		hall_open(&hall, true);
		hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
		hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
		hall.now_ms += rows[i].calm_ms;
		assert_false(wants(0) & GROUP_ROTATE);
		rows[i].change(hall_group(&hall, 0));
		if (rows[i].due_ms) {
			hall.now_ms += rows[i].due_ms - 1;
			assert_false(wants(0) & GROUP_ROTATE);
			hall.now_ms++;
		}
		assert_true(wants(0) & GROUP_ROTATE);
		hall_rotate(&hall, 0);
		assert_int_equal(hall.people[2].last, GROUP_ACCEPTED);
		assert_false(wants(0) & GROUP_ROTATE);
	}
}

/* Ten people are made co-hosts within a moment: nobody is left without an epoch to send under. */
static void group_rotate__leaves__nobody_without_a_key(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 11; i++)
		hall_join(&hall, 0, i, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	for (unsigned i = 0; i < 40; i++) {
		group_stage_role(hall_group(&hall, 0), (uint16_t)(2 + i % 10), i < 10 ? GROUP_COHOST : GROUP_PARTICIPANT, hall.now_ms);
		hall.now_ms += 100;
		if (wants(0) & GROUP_ROTATE)
			hall_rotate(&hall, 0);
		assert_true(hall_hears(&hall, 0, 1) && hall_hears(&hall, 1, 0));
	}
}

static void group_stage__takes_back__what_has_not_gone_out(void **state)
{
	struct group *group = hall_group(&hall, 0);
	struct binding other;

	(void)state;
	assert_int_equal(add(0, 5), 0);
	assert_int_equal(add(0, 5), -EEXIST);
	assert_int_equal(group_stage_role(group, 6, GROUP_COHOST, hall.now_ms), 0);
	assert_int_equal(group_stage_remove(group, 6, true, hall.now_ms), 0);
	assert_int_equal(group_stage_remove(group, 6, true, hall.now_ms), -ENOENT);
	assert_int_equal(group_stage_role(group, 6, GROUP_HOST, hall.now_ms), -ENOENT);
	assert_int_equal(group_stage_remove(group, 1, true, hall.now_ms), -EPERM);
	hall_turn(&hall, 0);
	assert_int_equal(group_count(group), 1);
	hall_join(&hall, 0, 5, GROUP_PARTICIPANT);
	hall.people[5].joined = 0;
	assert_int_equal(group_stage_remove(group, 6, true, hall.now_ms), 0);
	hall_turn(&hall, 0);
	/* a number is nobody else's, and theirs again with fresh keys */
	assert_int_equal(add(0, 5), -EEXIST);
	other = hall.people[7].self.binding;
	assert_int_equal(group_stage_add(group, 6, GROUP_PARTICIPANT, (struct seal_bytes) { other.sb, other.sb_n },
					 hall.people[7].psk, hall.people[7].nonce, hall.now_ms),
			 -EEXIST);
	hall_person(&hall, 5, 6);
	assert_int_equal(add(0, 5), 0);
	assert_int_equal(add(5, 6), -EPERM);
}

static void group_rotate__changes__roles(void **state)
{
	struct group_member member;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	group_stage_role(hall_group(&hall, 0), 2, GROUP_COHOST, hall.now_ms);
	hall_rotate(&hall, 0);
	assert_true(group_find(hall_group(&hall, 2), 2, &member));
	assert_int_equal(member.role, GROUP_COHOST);
	assert_int_equal(hall_group(&hall, 2)->next[0], 2);
	assert_false(group_find(hall_group(&hall, 2), 9, &member));
	assert_true(group_at(hall_group(&hall, 2), 2, &member));
	assert_int_equal(member.idx, 3);
}

static void tell_nonces(unsigned to)
{
	uint8_t nonce[SEAL_MEMBER_NONCE];

	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		if (hall.people[i].joined && group_make_nonce(hall_group(&hall, i), nonce, hall.now_ms) == 0)
			group_nonce(hall_group(&hall, to), (uint16_t)(i + 1), nonce);
}

/* ---- succession -------------------------------------------------------------------------------- */

static void group_hand_over__names__the_next_leader(void **state)
{
	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	assert_int_equal(add(0, 3),
			 0); /* somebody is added first: who welcomed them must lead in their first epoch */
	hall_knock(&hall, 0, 3);
	assert_int_equal(group_stage_remove(hall_group(&hall, 0), 4, false, hall.now_ms), 0);
	assert_int_equal(add(0, 3), 0);
	hall.people[3].joined = 1;
	assert_int_equal(group_hand_over(hall_group(&hall, 0), 2, hall.now_ms), 0);
	hall_rotate(&hall, 0);
	assert_int_equal(leader_of(3), 1);
	assert_true(wants(0) & GROUP_ROTATE);
	hall_rotate(&hall, 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(leader_of(i), 2);
		assert_true(i == 0 || hall.people[i].last == GROUP_ACCEPTED);
		assert_int_equal(group_leads(hall_group(&hall, i)), i == 1);
	}
	assert_int_equal(group_rotate(hall_group(&hall, 0), &(struct rotation) { 0 }, hall.now_ms), -EPERM);
	assert_true(wants(1) & GROUP_ROTATE); /* at once, under her own secret */
	tell_nonces(1);
	hall_rotate(&hall, 1);
	for (unsigned i = 0; i < 4; i++)
		assert_true(i == 1 || hall.people[i].last == GROUP_ACCEPTED);
}

/* Bo, who leads after the host, says that the host leads again; whether she does, only she can say. */
static void group_hand_over__verifies__nobody_by_anothers_word(void **state)
{
	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	assert_int_equal(group_hand_over(hall_group(&hall, 0), 2, hall.now_ms), 0);
	hall_rotate(&hall, 0);
	tell_nonces(1);
	hall_rotate(&hall, 1);
	assert_int_equal(group_state(hall_group(&hall, 2), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
	assert_int_equal(group_hand_over(hall_group(&hall, 1), 1, hall.now_ms), 0);
	tell_nonces(1);
	hall_rotate(&hall, 1);
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(leader_of(i), 1);
		assert_int_equal(group_state(hall_group(&hall, i), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
	}
	hall_beat(&hall, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(group_state(hall_group(&hall, i), hall.now_ms, NULL), GROUP_VERIFIED);
}

/* The leader has told no nonce to who follows: it comes with the question. */
static void group_rewrap__reaches__who_had_told_no_nonce(void **state)
{
	struct group_wrap wrap;
	uint8_t nonce[SEAL_MEMBER_NONCE];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	group_hand_over(hall_group(&hall, 0), 2, hall.now_ms);
	hall_rotate(&hall, 0);
	hall_rotate(&hall, 1);
	assert_int_equal(hall.people[0].last, GROUP_WITHOUT_KEY);
	assert_true(wants(0) & GROUP_ASK);
	assert_int_equal(group_rewrap(hall_group(&hall, 1), 1, &wrap), -ENOENT);
	assert_int_equal(group_make_nonce(hall_group(&hall, 0), nonce, hall.now_ms), 0);
	assert_int_equal(group_nonce(hall_group(&hall, 1), 1, nonce), 0);
	assert_int_equal(group_rewrap(hall_group(&hall, 1), 1, &wrap), 0);
	assert_int_equal(group_receive_wrap(hall_group(&hall, 0), SEAL_BYTES(wrap.bytes), hall.now_ms),
			 GROUP_ACCEPTED);
	hall.now_ms += GROUP_SWITCH_MS;
	assert_true(hall_hears(&hall, 0, 1) && hall_hears(&hall, 1, 0));
}

static void group_claim__waits_for__loss_and_ones_turn(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 5; i++)
		hall_join(&hall, 0, i, i == 2 ? GROUP_COHOST : GROUP_PARTICIPANT);
	hall.people[0].joined = 0;
	assert_int_equal(hall_group(&hall, 1)->next[0], 3); /* the co-host first */
	assert_int_equal(group_claim(hall_group(&hall, 2), hall.now_ms), -EPERM);
	hall.now_ms += GROUP_WARN_MS;
	assert_int_equal(group_claim(hall_group(&hall, 1), hall.now_ms), -EPERM);
	assert_false(wants(2) & GROUP_MAY_CLAIM);
	hall.now_ms += 2000;
	assert_true(wants(2) & GROUP_MAY_CLAIM);
	assert_false(wants(1) & GROUP_MAY_CLAIM);
	tell_nonces(2);
	assert_int_equal(group_claim(hall_group(&hall, 2), hall.now_ms), 0);
	hall_rotate(&hall, 2);
	for (unsigned i = 1; i < 5; i++) {
		assert_int_equal(leader_of(i), 3);
		assert_true(i == 2 || hall.people[i].last == GROUP_ACCEPTED);
		assert_int_equal(group_state(hall_group(&hall, i), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
	}
	hall.now_ms += GROUP_SWITCH_MS;
	assert_true(hall_hears(&hall, 2, 4) && hall_hears(&hall, 4, 1));
	/* she who was away comes back, and follows since nothing was heard of her */
	assert_int_equal(hall_tell(&hall, 0), GROUP_WITHOUT_KEY);
	assert_false(group_leads(hall_group(&hall, 0)));
}

static void group_receive__refuses__early_and_second_leaders(void **state)
{
	struct group_roster r;
	uint8_t out[GROUP_ROSTER];
	size_t n;

	(void)state;
	for (unsigned i = 1; i < 4; i++)
		hall_join(&hall, 0, i, GROUP_PARTICIPANT);
	r = hall_next(&hall, 1);
	r.leader = 2;
	n = hall_forge(&hall, 1, &r, out);
	assert_int_equal(
		group_receive(hall_group(&hall, 2), (struct seal_bytes) { out, n }, none, none, hall.now_ms),
		GROUP_NOT_LEADER);
	/* the relay says that the leader left: then it is the first one's turn, and nobody else's */
	group_connected(hall_group(&hall, 2), 1, false);
	r.leader = 4;
	n = hall_forge(&hall, 3, &r, out);
	assert_int_equal(
		group_receive(hall_group(&hall, 2), (struct seal_bytes) { out, n }, none, none, hall.now_ms),
		GROUP_NOT_LEADER);
	r.leader = 2;
	n = hall_forge(&hall, 1, &r, out);
	assert_int_equal(
		group_receive(hall_group(&hall, 2), (struct seal_bytes) { out, n }, none, none, hall.now_ms),
		GROUP_WITHOUT_KEY);
	/* the leader was there all the time: her own next epoch shows the fork */
	assert_int_equal(leader_of(2), 2);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[2].last, GROUP_FORK);
}

static void group_claim__is_dropped__when_the_leader_is_heard_again(void **state)
{
	struct rotation none_made;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_CLAIM_MS;
	assert_int_equal(group_claim(hall_group(&hall, 1), hall.now_ms), 0);
	hall_beat(&hall, 0);
	assert_int_equal(group_rotate(hall_group(&hall, 1), &none_made, hall.now_ms), -EPERM);
	assert_false(wants(1) & GROUP_ROTATE);
	hall.now_ms += GROUP_CLAIM_MS;
	assert_int_equal(group_claim(hall_group(&hall, 1), hall.now_ms), 0);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
	assert_false(wants(1) & GROUP_ROTATE);
}

static void group_claim__is_believed__of_the_host_at_any_time(void **state)
{
	uint8_t h[32];

	(void)state;
	/* person 1 leads until the host comes, who is person 0; everybody knows h */
	memcpy(h, hall.h, sizeof h);
	group_free(hall.people[1].group);
	hall.people[1].group = group_new(&hall.meeting, &hall.people[1].self, 2, h);
	hall_person(&hall, 0, 0);
	hall.people[0].joined = 0;
	assert_int_equal(group_lead(hall_group(&hall, 1), GROUP_PARTICIPANT, hall.now_ms), 0);
	hall_turn(&hall, 1);
	hall.people[1].joined = 1;
	hall_join(&hall, 1, 2, GROUP_PARTICIPANT);
	assert_int_equal(group_state(hall_group(&hall, 2), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
	hall_join(&hall, 1, 0, GROUP_HOST);
	assert_true(wants(0) & GROUP_MAY_CLAIM);
	tell_nonces(0);
	assert_true(wants(1) &
		    GROUP_ROTATE); /* the one who leads hands over by herself; the host is faster */
	assert_int_equal(group_claim(hall_group(&hall, 0), hall.now_ms), 0);
	hall_rotate(&hall, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(leader_of(i), 1);
		assert_true(i == 0 || hall.people[i].last == GROUP_ACCEPTED);
		assert_int_equal(group_state(hall_group(&hall, i), hall.now_ms, NULL), GROUP_VERIFIED);
	}
	assert_false(wants(2) & GROUP_MAY_CLAIM);
}

static void group_rotate__hands_over__to_the_host(void **state)
{
	(void)state;
	group_free(hall.people[1].group);
	hall.people[1].group = group_new(&hall.meeting, &hall.people[1].self, 2, hall.h);
	hall_person(&hall, 0, 0);
	hall.people[0].joined = 0;
	group_lead(hall_group(&hall, 1), GROUP_PARTICIPANT, hall.now_ms);
	hall_turn(&hall, 1);
	hall.people[1].joined = 1;
	hall_join(&hall, 1, 0, GROUP_HOST);
	hall_rotate(&hall, 1);
	assert_int_equal(hall.people[0].last, GROUP_ACCEPTED);
	assert_int_equal(leader_of(1), 1);
	assert_true(group_leads(hall_group(&hall, 0)));
}

/* ---- the relay may hear
 * ------------------------------------------------------------------------------------ */

static void group_consent__is_needed__in_relay_mode(void **state)
{
	struct group *lead = hall_group(&hall, 0), *group = hall_group(&hall, 1);
	struct hall_person *web = &hall.people[3];
	struct seal_self self;
	struct seal_bytes sb;
	uint8_t frame[256];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	assert_false(group_takes_plain(group, 1));
	assert_int_equal(group_counts(group).plain, 1);
	assert_int_equal(seal_self_make(&self, &hall.meeting, "Web", web->ik, SEAL_MODE_RELAY), 0);
	sb = (struct seal_bytes) { self.binding.sb, self.binding.sb_n };
	assert_int_equal(group_stage_add(lead, 4, GROUP_PARTICIPANT, sb, NULL, NULL, hall.now_ms), -EINVAL);
	group_stage_flags(lead, GROUP_RELAY_MODE, hall.now_ms);
	assert_int_equal(group_stage_add(lead, 4, GROUP_PARTICIPANT, sb, NULL, NULL, hall.now_ms), 0);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
	assert_null(hall_wrap(&hall, 3).p); /* no key for who cannot keep it from the relay */
	assert_int_equal(group_state(group, hall.now_ms, NULL), GROUP_TO_RELAY);
	assert_true(group_takes_plain(group, 4));
	assert_false(group_sends_plain(group));
	assert_int_equal(hall_say(&hall, 1, frame), -EPERM);
	group_consent(group, true);
	assert_true(group_sends_plain(group));
	/* and back: a fresh epoch, and the yes is forgotten */
	group_stage_remove(lead, 4, false, hall.now_ms);
	group_stage_flags(lead, 0, hall.now_ms);
	hall_rotate(&hall, 0);
	assert_false(group_sends_plain(group));
	assert_false(group_takes_plain(group, 1));
	assert_int_equal(group_state(group, hall.now_ms, NULL), GROUP_VERIFIED);
	assert_true(hall_hears(&hall, 1, 0));
	group_consent(group, true);
	assert_false(group_sends_plain(group));
}

/* A leader who would let the relay hear without saying so. */
static void group_receive__refuses__a_silent_downgrade(void **state)
{
	struct seal_self self;
	struct group_op op = { GROUP_OP_ADD, 4, GROUP_PARTICIPANT, { 0 } };
	uint8_t out[GROUP_ROSTER], buf[1024];
	struct lv ops = lv_into(buf, sizeof buf);
	struct group_roster r;
	struct binding binding;
	struct plan plan;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	assert_int_equal(seal_self_make(&self, &hall.meeting, "Web", hall.people[3].ik, SEAL_MODE_RELAY), 0);
	op.sb = (struct seal_bytes) { self.binding.sb, self.binding.sb_n };
	group_op_write(&ops, &op);
	r = hall_next(&hall, 1);
	r.ops = (struct seal_bytes) { ops.p, ops.n };
	assert_int_equal(binding_read(&binding, &hall.meeting, op.sb), 0);
	assert_int_equal(plan_begin(&plan, &hall_group(&hall, 1)->seats), 0);
	assert_int_equal(plan_add(&plan, member_new(4, &binding), GROUP_PARTICIPANT), 0);
	assert_int_equal(seats_hash(r.members, &plan.seats), 0);
	plan_drop(&plan);
	assert_int_equal(group_receive(hall_group(&hall, 1),
				       (struct seal_bytes) { out, hall_forge(&hall, 0, &r, out) }, none, none,
				       hall.now_ms),
			 GROUP_DOWNGRADE);
}

/* ---- many -------------------------------------------------------------------------------------- */

enum { MANY = 600 };

static void group_rotate__spreads__many_over_rosters(void **state)
{
	struct seal_self *many = calloc(MANY, sizeof *many);
	struct group *lead = hall_group(&hall, 0);
	uint8_t psk[SEAL_KEY] = { 1 }, nonce[SEAL_MEMBER_NONCE] = { 2 };
	size_t wraps = 0;
	unsigned turns = 0;

	(void)state;
	assert_non_null(many);
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(seal_self_make(&many[i], &hall.meeting, "One of many", hall.people[2].ik,
						SEAL_MODE_END),
				 0);
		assert_int_equal(
			group_stage_add(lead, (uint16_t)(100 + i), GROUP_PARTICIPANT,
					(struct seal_bytes) { many[i].binding.sb, many[i].binding.sb_n }, psk,
					nonce, hall.now_ms),
			0);
	}
	group_stage_flags(lead, GROUP_LOCKED, hall.now_ms);
	hall.now_ms += GROUP_BATCH_MS;
	for (; wants(0) & GROUP_ROTATE; turns++) {
		hall_rotate(&hall, 0);
		assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
		assert_true(hall.last.roster_bytes <= GROUP_ROSTER);
		wraps += hall.last.wrap_count;
	}
	assert_true(turns > 1);
	assert_int_equal(group_count(hall_group(&hall, 1)), MANY + 2);
	assert_true(wraps >= MANY);
	assert_int_equal(group_flags(hall_group(&hall, 1)), GROUP_LOCKED);
	free(many);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(group_tick__asks_for__rotation_in_time),
		CASE(group_rotate__leaves__nobody_without_a_key),
		CASE(group_stage__takes_back__what_has_not_gone_out),
		CASE(group_rotate__changes__roles),
		cmocka_unit_test_setup_teardown(group_hand_over__names__the_next_leader, open_strangers,
						close_hall),
		CASE(group_hand_over__verifies__nobody_by_anothers_word),
		cmocka_unit_test_setup_teardown(group_rewrap__reaches__who_had_told_no_nonce, open_strangers,
						close_hall),
		cmocka_unit_test_setup_teardown(group_claim__waits_for__loss_and_ones_turn, open_strangers,
						close_hall),
		cmocka_unit_test_setup_teardown(group_receive__refuses__early_and_second_leaders,
						open_strangers, close_hall),
		cmocka_unit_test_setup_teardown(group_claim__is_dropped__when_the_leader_is_heard_again, open_strangers, close_hall),
		CASE(group_claim__is_believed__of_the_host_at_any_time),
		CASE(group_rotate__hands_over__to_the_host),
		CASE(group_consent__is_needed__in_relay_mode),
		CASE(group_receive__refuses__a_silent_downgrade),
		CASE(group_rotate__spreads__many_over_rosters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
