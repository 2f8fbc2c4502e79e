/* Every rule by which an R is believed, with a relay that breaks each of them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static enum group_verdict give(unsigned i, const uint8_t *bytes, size_t n)
{
	return group_receive(hall_group(&hall, i), (struct seal_bytes) { bytes, n }, none, none, hall.now_ms);
}

static enum group_reason reason_of(unsigned i)
{
	enum group_reason reason;

	group_state(hall_group(&hall, i), hall.now_ms, &reason);
	return reason;
}

/* ---- coming in --------------------------------------------------------------------------------- */

static void group_lead__makes__first_epoch(void **state)
{
	struct group *group = hall_group(&hall, 0);
	struct group_member leader;

	(void)state;
	assert_int_equal(group_epoch(group), 1);
	assert_true(group_leads(group));
	assert_int_equal(group_count(group), 1);
	assert_true(group_leader(group, &leader));
	assert_int_equal(leader.role, GROUP_HOST);
	assert_int_equal(group_state(group, hall.now_ms, NULL), GROUP_VERIFIED);
	assert_int_equal(group_lead(group, GROUP_HOST, 0), -EALREADY);
}

static void group_receive__lets_in__whoever_was_added(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 5; i++)
		hall_join(&hall, 0, i, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(group_epoch(hall_group(&hall, i)), 5);
		assert_int_equal(group_count(hall_group(&hall, i)), 5);
		for (unsigned k = 0; k < 5; k++)
			assert_true(i == k || hall_hears(&hall, i, k));
	}
}

static void group_state__tells__verified_from_not(void **state)
{
	(void)state;
	hall_join(&hall, 0, 1, GROUP_COHOST);
	assert_int_equal(group_state(hall_group(&hall, 1), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
	group_confirm(hall_group(&hall, 1));
	assert_int_equal(group_state(hall_group(&hall, 1), hall.now_ms, NULL), GROUP_VERIFIED);
	assert_int_equal(group_state(hall_group(&hall, 2), hall.now_ms, NULL), GROUP_NONE);
	/* another leader is not the one who was confirmed */
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	assert_int_equal(group_hand_over(hall_group(&hall, 0), 3, hall.now_ms), 0);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
	assert_int_equal(group_state(hall_group(&hall, 1), hall.now_ms, NULL), GROUP_NOT_VERIFIED);
}

static void newcomer(void)
{
	struct hall_person *person = &hall.people[2];
	struct seal_bytes sb = { person->self.binding.sb, person->self.binding.sb_n };

	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_knock(&hall, 0, 2);
	assert_int_equal(group_stage_add(hall_group(&hall, 0), 3, GROUP_PARTICIPANT, sb, person->psk,
					 person->nonce, hall.now_ms),
			 0);
	hall_turn(&hall, 0);
}

static void group_receive__refuses_newcomer__what_is_not_whole(void **state)
{
	struct group *group = hall_group(&hall, 2);
	uint8_t listing[GROUP_LISTING], stranger[SEAL_HASH] = { 1 };
	struct seal_bytes some, wrap;

	(void)state;
	newcomer();
	wrap = hall_wrap(&hall, 2);
	memcpy(listing, hall.last.listing, hall.last.listing_bytes);
	some = (struct seal_bytes) { listing, hall.last.listing_bytes };

	assert_int_equal(group_receive(group, hall_roster(&hall), none, some, hall.now_ms), GROUP_NO_WRAP);
	assert_int_equal(group_receive(group, hall_roster(&hall), hall_wrap(&hall, 1), some, hall.now_ms),
			 GROUP_NO_WRAP);
	assert_int_equal(group_receive(group, hall_roster(&hall), wrap, none, hall.now_ms), GROUP_MALFORMED);
	some.n -= 3; /* the newcomer left out of the listing: it is in R all the same */
	assert_int_equal(group_receive(group, hall_roster(&hall), wrap, some, hall.now_ms), GROUP_ACCEPTED);

	hall_person(&hall, 2, 0);
	group = hall_group(&hall, 2);
	assert_int_equal(group_receive(group, hall_roster(&hall), wrap, hall_listing(&hall), hall.now_ms),
			 GROUP_NOT_LISTED);
	hall_knock(&hall, 0, 2); /* with another EK than the one that was added */
	assert_int_equal(group_receive(group, hall_roster(&hall), wrap, hall_listing(&hall), hall.now_ms),
			 GROUP_NOT_LISTED);
	group_expect(group, stranger, stranger, stranger);
	assert_int_equal(group_state(group, hall.now_ms, NULL), GROUP_NONE);
}

static void group_receive__refuses_newcomer__another_leader_or_roster(void **state)
{
	struct group *group = hall_group(&hall, 2);
	struct hall_person *person = &hall.people[2];
	struct binding *other = &hall.people[5].self.binding, *true1 = &hall.people[1].self.binding;
	struct seal_bytes wrap;
	uint8_t *listing;

	(void)state;
	newcomer();
	wrap = hall_wrap(&hall, 2);
	/* who welcomed was another */
	group_expect(group, hall.people[1].self.binding.b, person->psk, person->nonce);
	assert_int_equal(hall_tell(&hall, 2), GROUP_NOT_LEADER);
	group_expect(group, hall.people[0].self.binding.b, person->psk, person->nonce);
	/* the relay swaps one member's binding for one of its own */
	assert_int_equal(group_hint(group, 2, (struct seal_bytes) { other->sb, other->sb_n }), 0);
	assert_int_equal(hall_tell(&hall, 2), GROUP_MEMBERS_MISMATCH);
	assert_int_equal(group_hint(group, 2, (struct seal_bytes) { true1->sb, true1->sb_n }), 0);
	/* it adds somebody, leaves one out, raises a role */
	listing = hall.last.listing;
	listing[5] = GROUP_HOST;
	assert_int_equal(hall_tell(&hall, 2), GROUP_MEMBERS_MISMATCH);
	listing[5] = GROUP_PARTICIPANT;
	assert_int_equal(group_receive(group, hall_roster(&hall), wrap, (struct seal_bytes) { listing, 3 },
				       hall.now_ms),
			 GROUP_MEMBERS_MISMATCH);
	listing[4] = 77;
	assert_int_equal(hall_tell(&hall, 2), GROUP_MISSING);
	listing[4] = 2;
	/* the leader's binding swapped: not the one that welcomed */
	assert_int_equal(group_hint(group, 1, (struct seal_bytes) { other->sb, other->sb_n }), 0);
	assert_int_equal(hall_tell(&hall, 2), GROUP_NOT_LEADER);
	true1 = &hall.people[0].self.binding;
	assert_int_equal(group_hint(group, 1, (struct seal_bytes) { true1->sb, true1->sb_n }), 0);
	assert_int_equal(hall_tell(&hall, 2), GROUP_ACCEPTED);
}

static void group_hint__refuses__forged_bindings(void **state)
{
	struct binding *binding = &hall.people[1].self.binding;

	(void)state;
	binding->sb[20] ^= 1;
	assert_int_equal(
		group_hint(hall_group(&hall, 2), 2, (struct seal_bytes) { binding->sb, binding->sb_n }),
		-EBADMSG);
	assert_int_equal(group_hint(hall_group(&hall, 2), 0, none), -EINVAL);
}

/* ---- rules ------------------------------------------------------------------------------------- */

static void group_receive__refuses__changed_bytes(void **state)
{
	uint8_t copy[GROUP_ROSTER];
	size_t n;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_turn(&hall, 0);
	n = hall.last.roster_bytes;
	for (size_t i = 0; i < n; i++) {
		enum group_verdict verdict;
		memcpy(copy, hall.last.roster, n);
		copy[i] ^= 1;
		verdict = give(1, copy, n);
		assert_true(verdict == GROUP_MALFORMED || verdict == GROUP_BAD_SIGNATURE ||
			    verdict == GROUP_GAP || verdict == GROUP_STALE);
		assert_int_equal(give(1, hall.last.roster, i), GROUP_MALFORMED);
	}
	assert_int_equal(group_epoch(hall_group(&hall, 1)), 2);
	assert_int_equal(hall_tell(&hall, 1), GROUP_ACCEPTED);
	assert_int_equal(hall_tell(&hall, 1), GROUP_AGAIN);
}

static void group_receive__tells__gaps_and_fills_them(void **state)
{
	struct rotation kept[3];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	rotation_clear(&hall.last);
	for (unsigned i = 0; i < 3; i++) {
		hall.last = (struct rotation) { 0 };
		hall_turn(&hall, 0);
		kept[i] = hall.last;
	}
	assert_int_equal(hall_tell(&hall, 1), GROUP_GAP);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(give(1, kept[i].roster, kept[i].roster_bytes), GROUP_WITHOUT_KEY);
	assert_int_equal(hall_tell(&hall, 1), GROUP_ACCEPTED);
	hall.now_ms += GROUP_SWITCH_MS;
	assert_true(hall_hears(&hall, 1, 0) && hall_hears(&hall, 0, 1));
	rotation_clear(&kept[0]);
	rotation_clear(&kept[1]);
}

/* A leader, or one who has a leader's key, signs what must not be. */
static void group_receive__refuses__what_a_leader_may_not_sign(void **state)
{
	static const struct {
		const char *what;
		enum group_verdict verdict;
	} rows[] = {
		{ "members", GROUP_MEMBERS_MISMATCH }, { "unknown", GROUP_BAD_MEMBER },
		{ "used", GROUP_BAD_MEMBER },          { "swapped", GROUP_BAD_MEMBER },
		{ "hidden", GROUP_MEMBERS_MISMATCH },  { "leader", GROUP_BAD_MEMBER },
	};
	uint8_t out[GROUP_ROSTER], buf[2048];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct group_roster r = hall_next(&hall, 1);
		struct binding five = hall.people[5].self.binding;
		struct group_op op = { GROUP_OP_ADD, 6, GROUP_PARTICIPANT, { five.sb, five.sb_n } };
		struct lv ops = lv_into(buf, sizeof buf);
		switch (i) {
		case 0: r.members[0] ^= 1; break;
		case 1: op = (struct group_op) { GROUP_OP_REMOVE, 99, 0, { 0 } }; break;
		case 2: op.idx = 3; break;
		case 3: five.sb[30] ^= 1; break;
		case 4: break; /* somebody is added and not in the hash */
		case 5: r.leader = 99; break;
		}
		if (i && i != 5)
			group_op_write(&ops, &op);
		r.ops = (struct seal_bytes) { ops.p, ops.n };
		assert_int_equal(give(1, out, hall_forge(&hall, 0, &r, out)), rows[i].verdict);
		assert_int_equal(group_epoch(hall_group(&hall, 1)), 3);
	}
}

static void group_receive__refuses__relay_signed(void **state)
{
	struct group_roster r;
	uint8_t out[GROUP_ROSTER];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	r = hall_next(&hall, 1);
	assert_int_equal(give(1, out, hall_forge(&hall, 7, &r, out)), GROUP_BAD_SIGNATURE);
	r.leader = 2;
	assert_int_equal(give(1, out, hall_forge(&hall, 7, &r, out)), GROUP_BAD_SIGNATURE);
}

static void group_receive__stops__at_forks(void **state)
{
	struct group_roster r;
	uint8_t out[GROUP_ROSTER], frame[256];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	r = hall_next(&hall, 1); /* made before ... */
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
	assert_int_equal(give(1, out, hall_forge(&hall, 7, &r, out)),
			 GROUP_BAD_SIGNATURE); /* the relay cannot */
	assert_int_equal(reason_of(1), GROUP_FINE);
	assert_int_equal(give(1, out, hall_forge(&hall, 0, &r, out)), GROUP_FORK);
	assert_int_equal(group_state(hall_group(&hall, 1), hall.now_ms, NULL), GROUP_PAUSED);
	assert_int_equal(reason_of(1), GROUP_FORKED);
	assert_int_equal(hall_say(&hall, 1, frame), -EPERM);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_FORK);
}

static void group_receive__stops__at_a_branch_seen_later(void **state)
{
	struct group_roster r;
	uint8_t out[GROUP_ROSTER];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	r = hall_next(&hall, 1);
	r.prev[0] ^= 1;
	assert_int_equal(give(1, out, hall_forge(&hall, 0, &r, out)), GROUP_FORK);
}

static void group_receive__keeps_out__strangers_when_locked(void **state)
{
	uint8_t out[GROUP_ROSTER], buf[2048];
	struct hall_person *five = &hall.people[5];
	struct seal_bytes sb = { five->self.binding.sb, five->self.binding.sb_n };
	struct group_op op = { GROUP_OP_ADD, 6, GROUP_PARTICIPANT, sb };
	struct lv ops = lv_into(buf, sizeof buf);
	struct group_roster r;

	(void)state;
	/* who has been there since the first epoch knows all that were */
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	assert_int_equal(group_stage_remove(hall_group(&hall, 0), 3, false, hall.now_ms), 0);
	assert_int_equal(group_stage_flags(hall_group(&hall, 0), GROUP_LOCKED, hall.now_ms), 0);
	hall_rotate(&hall, 0);
	assert_int_equal(group_flags(hall_group(&hall, 1)), GROUP_LOCKED);
	assert_int_equal(group_stage_add(hall_group(&hall, 0), 6, GROUP_PARTICIPANT, sb, five->psk,
					 five->nonce, hall.now_ms),
			 -EACCES);
	group_op_write(&ops, &op);
	/* one who came later cannot know; the leader herself would see it */
	r = hall_next(&hall, 0);
	r.ops = (struct seal_bytes) { ops.p, ops.n };
	assert_int_equal(give(0, out, hall_forge(&hall, 0, &r, out)), GROUP_NOT_IN_HISTORY);
	/* somebody who was here comes back, with new keys and a new number */
	hall_person(&hall, 2, 20);
	hall_knock(&hall, 0, 2);
	sb = (struct seal_bytes) { hall.people[2].self.binding.sb, hall.people[2].self.binding.sb_n };
	assert_int_equal(group_stage_add(hall_group(&hall, 0), 20, GROUP_PARTICIPANT, sb, hall.people[2].psk,
					 hall.people[2].nonce, hall.now_ms),
			 0);
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_ACCEPTED);
	assert_int_equal(group_count(hall_group(&hall, 1)), 3);
}

/* ---- wraps ------------------------------------------------------------------------------------- */

static void group_receive_wrap__heals__a_withheld_wrap(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t frame[256];
	struct group_wrap wrap;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	group_tick(group, hall.now_ms);
	hall_turn(&hall, 0);
	assert_int_equal(give(1, hall.last.roster, hall.last.roster_bytes), GROUP_WITHOUT_KEY);
	assert_true(hall_say(&hall, 1, frame) > 0); /* under the old one, for 2 s */
	assert_true(group_tick(group, hall.now_ms) & GROUP_ASK);
	hall.now_ms += GROUP_SWITCH_MS;
	assert_int_equal(hall_say(&hall, 1, frame), -EPERM);
	assert_int_equal(reason_of(1), GROUP_NO_KEY);
	assert_false(group_tick(group, hall.now_ms) & GROUP_ASK);
	hall.now_ms += GROUP_ASK_MS;
	assert_true(group_tick(group, hall.now_ms) & GROUP_ASK);
	assert_int_equal(group_rewrap(hall_group(&hall, 0), 2, &wrap), 0);
	wrap.bytes[30] ^= 1;
	assert_int_equal(group_receive_wrap(group, SEAL_BYTES(wrap.bytes), hall.now_ms), GROUP_NO_WRAP);
	wrap.bytes[30] ^= 1;
	assert_int_equal(group_receive_wrap(group, SEAL_BYTES(wrap.bytes), hall.now_ms), GROUP_ACCEPTED);
	assert_int_equal(group_receive_wrap(group, SEAL_BYTES(wrap.bytes), hall.now_ms), GROUP_AGAIN);
	assert_true(hall_hears(&hall, 1, 0));
	assert_int_equal(group_rewrap(hall_group(&hall, 0), 99, &wrap), -ENOENT);
	assert_int_equal(group_rewrap(group, 1, &wrap), -EPERM);
}

static void group_receive__refuses__stale_and_foreign_wraps(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t old[GROUP_WRAP];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	memcpy(old, hall_wrap(&hall, 1).p, sizeof old);
	hall_turn(&hall, 0);
	assert_int_equal(group_receive(group, hall_roster(&hall), SEAL_BYTES(old), none, hall.now_ms),
			 GROUP_NO_WRAP);
	assert_int_equal(group_receive_wrap(group, hall_wrap(&hall, 2), hall.now_ms), GROUP_NO_WRAP);
	assert_int_equal(group_receive_wrap(group, hall_wrap(&hall, 1), hall.now_ms), GROUP_ACCEPTED);
}

/* The leader wraps one secret for one and commits to another: they would be apart without knowing. */
static void group_receive__refuses__another_secret_than_committed(void **state)
{
	struct group *lead = hall_group(&hall, 0), *group = hall_group(&hall, 1);
	uint8_t wrap[GROUP_WRAP], other[SEAL_KEY] = { 7 }, shared[SEAL_KEY];
	struct keys_wrap how;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_turn(&hall, 0);
	assert_int_equal(seal_x25519(shared, hall.people[0].self.ek_secret, hall.people[1].self.binding.ek),
			 0);
	how = (struct keys_wrap) {
		.uuid = hall.meeting.uuid,
		.shared = shared,
		.psk = hall.people[1].psk,
		.b_leader = hall.people[0].self.binding.b,
		.b_member = hall.people[1].self.binding.b,
		.nonce = hall.people[1].nonce,
		.h_e = lead->h_e,
		.e = lead->e,
	};
	assert_int_equal(keys_wrap(wrap, &how, other), 0);
	assert_int_equal(group_receive(group, hall_roster(&hall), SEAL_BYTES(wrap), none, hall.now_ms),
			 GROUP_COMMIT_MISMATCH);
	assert_int_equal(group_receive_wrap(group, hall_wrap(&hall, 1), hall.now_ms), GROUP_ACCEPTED);
}

static void group_make_nonce__ages_out__the_one_before_last(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t nonce[3][SEAL_MEMBER_NONCE];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(group_tick(group, hall.now_ms) & GROUP_NONCE);
		assert_int_equal(group_make_nonce(group, nonce[i], hall.now_ms), 0);
		assert_false(group_tick(group, hall.now_ms) & GROUP_NONCE);
		hall.now_ms += GROUP_NONCE_MS;
		hall_beat(&hall, 0);
	}
	/* the relay withholds them: the leader's newest is now the fourth last */
	hall_rotate(&hall, 0);
	assert_int_equal(hall.people[1].last, GROUP_NO_WRAP);
	for (unsigned i = 0; i < 3; i++) {
		group_nonce(hall_group(&hall, 0), 2, nonce[i]);
		hall_rotate(&hall, 0);
		assert_int_equal(hall.people[1].last, i ? GROUP_ACCEPTED : GROUP_NO_WRAP);
	}
}

/* ---- going ------------------------------------------------------------------------------------- */

static void group_receive__shuts_out__who_was_removed(void **state)
{
	uint8_t frame[256], before[256];
	int n, before_n;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	before_n = hall_say(&hall, 1, before);
	assert_int_equal(group_stage_remove(hall_group(&hall, 0), 3, true, hall.now_ms), 0);
	assert_true(group_tick(hall_group(&hall, 0), hall.now_ms) & GROUP_ROTATE);
	hall_turn(&hall, 0);
	assert_null(hall_wrap(&hall, 2).p);
	assert_int_equal(hall_tell(&hall, 1), GROUP_ACCEPTED);
	/* the relay keeps it from the one who was removed: they hear nothing new all the same */
	n = hall_say(&hall, 1, frame);
	assert_int_equal(hall_hear(&hall, 0, 1, frame, (size_t)n), 80);
	assert_int_equal(hall_hear(&hall, 2, 1, frame, (size_t)n), -EAGAIN);
	assert_int_equal(hall_hear(&hall, 2, 1, before, (size_t)before_n), 80);
	/* nor is anything heard of them */
	n = hall_say(&hall, 2, frame);
	assert_int_equal(hall_hear(&hall, 0, 2, frame, (size_t)n), -EBADMSG);
	assert_int_equal(hall_tell(&hall, 2), GROUP_REMOVED);
	assert_int_equal(reason_of(2), GROUP_WAS_REMOVED);
	assert_int_equal(hall_say(&hall, 2, frame), -EPERM);
}

static void group_receive__keeps_from_newcomers__what_was_said_before(void **state)
{
	uint8_t frame[256];
	int n;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	n = hall_say(&hall, 0, frame);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	assert_true(hall_hear(&hall, 2, 0, frame, (size_t)n) < 0);
	assert_int_equal(hall_hear(&hall, 1, 0, frame, (size_t)n), 80);
}

/* The relay withholds a removal, and with it all heartbeats that stand for the new roster. */
static void group_tick__leaves__when_the_leader_is_withheld(void **state)
{
	static const struct {
		int64_t after_ms;
		unsigned wants;
	} rows[] = {
		{ 29000, 0 },
		{ 30000, GROUP_WARN },
		{ 60000, GROUP_WARN | GROUP_SILENT },
		{ 100000, GROUP_WARN | GROUP_SILENT | GROUP_LEAVE },
	};
	const int64_t began_ms = hall.now_ms;
	uint8_t frame[256];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	group_stage_remove(hall_group(&hall, 0), 3, true, hall.now_ms);
	hall_turn(&hall, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hall.now_ms = began_ms + rows[i].after_ms;
		hall_beat(&hall, 0);
		assert_int_equal(hall.people[1].last, GROUP_GAP);
		assert_int_equal(group_tick(hall_group(&hall, 1), hall.now_ms) &
					 (GROUP_WARN | GROUP_SILENT | GROUP_LEAVE),
				 rows[i].wants);
		assert_int_equal(hall_say(&hall, 1, frame) == -EPERM, (rows[i].wants & GROUP_SILENT) != 0);
	}
	assert_int_equal(reason_of(1), GROUP_NO_HEARTBEAT);
	assert_int_equal(hall_tell(&hall, 1), GROUP_ACCEPTED);
	assert_int_equal(reason_of(1), GROUP_NO_HEARTBEAT); /* R is as old as it is */
	hall_beat(&hall, 0);
	assert_int_equal(reason_of(1), GROUP_FINE);
}

static void group_receive_heartbeat__refuses__replayed_forged_delayed(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t first[GROUP_HEARTBEAT], second[GROUP_HEARTBEAT], third[GROUP_HEARTBEAT];
	size_t n;
	struct seal_bytes one, two, three;

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	n = (size_t)group_make_heartbeat(hall_group(&hall, 0), first, hall.now_ms);
	group_make_heartbeat(hall_group(&hall, 0), second, hall.now_ms + 10000);
	group_make_heartbeat(hall_group(&hall, 0), third, hall.now_ms + 20000);
	one = (struct seal_bytes) { first, n };
	two = (struct seal_bytes) { second, n };
	three = (struct seal_bytes) { third, n };
	assert_int_equal(group_receive_heartbeat(group, one, hall.now_ms), GROUP_ACCEPTED);
	assert_int_equal(group_receive_heartbeat(group, one, hall.now_ms), GROUP_LATE);
	second[n - 1] ^= 1;
	assert_int_equal(group_receive_heartbeat(group, two, hall.now_ms), GROUP_BAD_SIGNATURE);
	second[n - 1] ^= 1;
	assert_int_equal(group_receive_heartbeat(group, (struct seal_bytes) { second, n - 1 }, hall.now_ms),
			 GROUP_MALFORMED);
	/* both come 50 s late: the leader was alive then, not now */
	hall.now_ms += 70000;
	assert_int_equal(group_receive_heartbeat(group, two, hall.now_ms), GROUP_ACCEPTED);
	assert_int_equal(group_receive_heartbeat(group, three, hall.now_ms), GROUP_ACCEPTED);
	assert_true(group_tick(group, hall.now_ms) & GROUP_WARN);
	assert_int_equal(group_make_heartbeat(group, first, hall.now_ms), -EPERM);
}

/* ---- secrets ----------------------------------------------------------------------------------- */

static uint8_t window[65536 + SEAL_KEY];

/* How often the inverse of a needle is in this process's memory, the window apart. */
static unsigned memory_has(const uint8_t inverse[static SEAL_KEY])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open("/proc/self/mem", O_RDONLY);
	char line[512];
	unsigned found = 0;

	assert_non_null(maps);
	assert_true(fd >= 0);
	while (fgets(line, sizeof line, maps)) {
		uint64_t from, to;
		char mode[8];
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[1] != 'w' ||
		    to - from > 1u << 30)
			continue;
		for (uint64_t at = from; at < to; at += 65536) {
			ssize_t n = pread(fd, window, sizeof window, (off_t)at);
			for (ssize_t i = 0; i + SEAL_KEY <= n && i < 65536; i++) {
				unsigned k = 0;
				const uint64_t where = at + (uint64_t)i;
				while (k < SEAL_KEY && (window[i + k] ^ inverse[k]) == 0xff)
					k++;
				if (k == SEAL_KEY &&
				    (where < (uintptr_t)window || where >= (uintptr_t)window + sizeof window))
					found++;
			}
		}
	}
	fclose(maps);
	close(fd);
	return found;
}

static void invert(uint8_t to[static SEAL_KEY], const uint8_t *from)
{
	for (unsigned i = 0; i < SEAL_KEY; i++)
		to[i] = (uint8_t)~from[i];
}

static void group_free__leaves__no_secret_in_memory(void **state)
{
	uint8_t es[SEAL_KEY], older[SEAL_KEY], psk[SEAL_KEY], ek[SEAL_KEY];

	(void)state;
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	assert_true(hall_hears(&hall, 0, 1) && hall_hears(&hall, 1, 0));
	invert(older, group_epoch_of(hall_group(&hall, 0), 2)->es);
	assert_int_equal(memory_has(older), 2);
	hall_rotate(&hall, 0);
	hall.now_ms += GROUP_SWITCH_MS;
	assert_true(hall_hears(&hall, 0, 1) && hall_hears(&hall, 1, 0));
	/* an epoch that is over is no longer anywhere */
	hall.now_ms += GROUP_OVERLAP_MS;
	group_tick(hall_group(&hall, 0), hall.now_ms);
	group_tick(hall_group(&hall, 1), hall.now_ms);
	assert_int_equal(memory_has(older), 0);

	invert(es, group_epoch_of(hall_group(&hall, 0), 3)->es);
	invert(psk, hall.people[1].psk);
	invert(ek, hall.people[1].self.ek_secret);
	seal_erase(hall.people[1].psk, SEAL_KEY);
	seal_erase(hall.people[1].self.ek_secret, SEAL_KEY);
	assert_int_equal(memory_has(es), 2);
	assert_true(memory_has(psk) && memory_has(ek));
	group_free(hall_group(&hall, 1));
	hall.people[1].group = NULL;
	assert_int_equal(memory_has(ek), 0);
	group_free(hall_group(&hall, 0));
	hall.people[0].group = NULL;
	assert_int_equal(memory_has(es), 0);
	assert_int_equal(memory_has(psk), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(group_lead__makes__first_epoch),
		CASE(group_receive__lets_in__whoever_was_added),
		cmocka_unit_test_setup_teardown(group_state__tells__verified_from_not, open_strangers,
						close_hall),
		CASE(group_receive__refuses_newcomer__what_is_not_whole),
		CASE(group_receive__refuses_newcomer__another_leader_or_roster),
		CASE(group_hint__refuses__forged_bindings),
		CASE(group_receive__refuses__changed_bytes),
		CASE(group_receive__tells__gaps_and_fills_them),
		CASE(group_receive__refuses__what_a_leader_may_not_sign),
		CASE(group_receive__refuses__relay_signed),
		CASE(group_receive__stops__at_forks),
		CASE(group_receive__stops__at_a_branch_seen_later),
		CASE(group_receive__keeps_out__strangers_when_locked),
		CASE(group_receive_wrap__heals__a_withheld_wrap),
		CASE(group_receive__refuses__stale_and_foreign_wraps),
		CASE(group_receive__refuses__another_secret_than_committed),
		CASE(group_make_nonce__ages_out__the_one_before_last),
		CASE(group_receive__shuts_out__who_was_removed),
		CASE(group_receive__keeps_from_newcomers__what_was_said_before),
		CASE(group_tick__leaves__when_the_leader_is_withheld),
		CASE(group_receive_heartbeat__refuses__replayed_forged_delayed),
		CASE(group_free__leaves__no_secret_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
