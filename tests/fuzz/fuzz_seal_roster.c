/* R's message of any bytes: what is read says the same when written again, and a group that gets it stays
 * whole, even when its leader has signed it. The same bytes as the listing and the wrap of a newcomer to whom all else
 * is honest, as a wrap for a member who lacks the key, and as what a heartbeat of the leader says. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/group_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };
static struct seal_self self;

static void must(bool good)
{
	if (!good)
		abort();
}

static struct group *alone(void)
{
	uint8_t pk[SEAL_KEY], ik[64];
	struct rotation rotation;
	struct group *group;

	crypto_sign_keypair(pk, ik);
	if (seal_self_make(&self, &meeting, "Fuzz", ik, SEAL_MODE_END) < 0)
		abort();
	group = group_new(&meeting, &self, 1, NULL);
	if (!group || group_lead(group, GROUP_HOST, 0) < 0 || group_rotate(group, &rotation, 0) < 0)
		abort();
	rotation_clear(&rotation);
	return group;
}

static void feed_signed(struct group *group, struct group_roster *roster)
{
	static uint8_t out[GROUP_ROSTER];
	int n;

	roster->e = group->e + 1;
	memcpy(roster->prev, group->h_e, sizeof roster->prev);
	n = group_roster_write(roster, out, sizeof out - SEAL_SIG);
	if (n < 0 || seal_sign_for(out + n, &meeting, "roster", self.ik_secret,
				   (struct seal_bytes) { out, (size_t)n }) < 0)
		return;
	group_receive(group, (struct seal_bytes) { out, (size_t)n + SEAL_SIG },
		      (struct seal_bytes) { NULL, 0 }, (struct seal_bytes) { NULL, 0 }, 1000);
}

/* A leader and what its rotations say to the member with idx 2. */
static struct {
	struct seal_self leader_self, self;
	struct group *leader;
	struct rotation join, next;
	uint8_t psk[SEAL_KEY], nonce[SEAL_MEMBER_NONCE];
} hall;

static struct group *newcomer(void)
{
	const struct binding *leader = &hall.leader_self.binding;
	struct group *group = group_new(&meeting, &hall.self, 2, NULL);
	uint8_t nonce[SEAL_MEMBER_NONCE] = { 1 };

	must(group);
	group_expect(group, leader->b, hall.psk, nonce);
	must(group_hint(group, 1, (struct seal_bytes) { leader->sb, leader->sb_n }) == 0);
	return group;
}

static struct seal_bytes wrap_of(const struct rotation *rotation)
{
	for (size_t i = 0; i < rotation->wrap_count; i++)
		if (rotation->wraps[i].idx == 2)
			return SEAL_BYTES(rotation->wraps[i].bytes);
	return (struct seal_bytes) { NULL, 0 };
}

static struct seal_bytes roster_of(const struct rotation *rotation)
{
	return (struct seal_bytes) { rotation->roster, rotation->roster_bytes };
}

static struct seal_bytes listing_of(const struct rotation *rotation)
{
	return (struct seal_bytes) { rotation->listing, rotation->listing_bytes };
}

static void open_hall(void)
{
	uint8_t pk[SEAL_KEY], ik[64];
	struct group *check;

	hall.nonce[0] = 1;
	for (int i = 0; i < 2; i++) {
		crypto_sign_keypair(pk, ik);
		must(seal_self_make(i ? &hall.self : &hall.leader_self, &meeting, i ? "New" : "Lead", ik,
				    SEAL_MODE_END) == 0);
	}
	hall.leader = group_new(&meeting, &hall.leader_self, 1, NULL);
	must(hall.leader && group_lead(hall.leader, GROUP_HOST, 0) == 0);
	must(group_rotate(hall.leader, &hall.join, 0) == 0);
	rotation_clear(&hall.join);
	must(group_stage_add(hall.leader, 2, GROUP_PARTICIPANT,
			     (struct seal_bytes) { hall.self.binding.sb, hall.self.binding.sb_n }, hall.psk,
			     hall.nonce, 0) == 0);
	must(group_rotate(hall.leader, &hall.join, 0) == 0);
	must(group_rotate(hall.leader, &hall.next, 1000) == 0);
	check = newcomer();
	must(group_receive(check, roster_of(&hall.join), wrap_of(&hall.join), listing_of(&hall.join), 0) ==
	     GROUP_ACCEPTED);
	group_free(check);
}

static bool is(struct seal_bytes bytes, const uint8_t *data, size_t size)
{
	return bytes.n == size && memcmp(bytes.p, data, size) == 0;
}

/* It takes all or nothing: stays a newcomer until listing and wrap are the honest ones. */
static void try_newcomer(const uint8_t *data, size_t size)
{
	static struct group *group;
	const struct seal_bytes bytes = { data, size };
	enum group_verdict verdict;

	if (!group)
		group = newcomer();
	verdict = group_receive(group, roster_of(&hall.join), wrap_of(&hall.join), bytes, 1000);
	must(verdict != GROUP_BROKEN && verdict != GROUP_FORK);
	if (verdict == GROUP_ACCEPTED) {
		must(group_count(group) == 2);
		group_free(group);
		group = newcomer();
	} else {
		must(!group_epoch(group));
	}
	if (!is(wrap_of(&hall.join), data, size)) {
		verdict = group_receive(group, roster_of(&hall.join), bytes, listing_of(&hall.join), 1000);
		must(verdict == GROUP_NO_WRAP && !group_epoch(group));
	}
}

/* In, but the newest wrap did not come. */
static struct group *without_key(bool anew)
{
	static struct group *group;

	if (group && !anew)
		return group;
	group_free(group);
	group = newcomer();
	must(group_receive(group, roster_of(&hall.join), wrap_of(&hall.join), listing_of(&hall.join), 0) ==
	     GROUP_ACCEPTED);
	must(group_receive(group, roster_of(&hall.next), (struct seal_bytes) { NULL, 0 },
			   (struct seal_bytes) { NULL, 0 }, 1000) == GROUP_WITHOUT_KEY);
	return group;
}

static void try_wrap(const uint8_t *data, size_t size)
{
	uint8_t wrap[GROUP_WRAP] = { 0 };

	memcpy(wrap, data, size < sizeof wrap ? size : sizeof wrap);
	must(group_receive_wrap(without_key(false), (struct seal_bytes) { data, size }, 1000) != GROUP_ACCEPTED);
	must(group_receive_wrap(without_key(false), SEAL_BYTES(wrap), 1000) == GROUP_NO_WRAP);
}

/* LV(e, seq, H(previous), time, signature): the leader says what the bytes say. */
static void try_beat(const uint8_t *data, size_t size)
{
	struct group *group = without_key(false);
	uint8_t said[GROUP_HEARTBEAT], m[GROUP_HEARTBEAT], sig[SEAL_SIG], prev[SEAL_HASH] = { 0 };
	struct lv lv = lv_into(m, sizeof m), out = lv_into(said, sizeof said);
	uint64_t number[2];

	if (size < 17)
		return;
	memcpy(number, data, sizeof number);
	memcpy(prev, data + 16, size - 16 < sizeof prev ? size - 16 : sizeof prev);
	lv_bytes(&lv, group->h_e, SEAL_HASH);
	lv_u64(&lv, number[0]);
	lv_bytes(&lv, prev, sizeof prev);
	lv_u64(&lv, number[1]);
	must(seal_sign_for(sig, &meeting, "hb", hall.leader_self.ik_secret, (struct seal_bytes) { m, lv.n }) == 0);
	lv_u32(&out, group->e);
	lv_u64(&out, number[0]);
	lv_bytes(&out, prev, sizeof prev);
	lv_u64(&out, number[1]);
	lv_bytes(&out, sig, sizeof sig);
	if (group_receive_heartbeat(group, (struct seal_bytes) { said, out.n }, 1000) == GROUP_LATE)
		group = without_key(true);
	group_tick(group, 1000);
	must(group_epoch(group) == 3);
}

/* Before the first input, else what it runs through would count as seen by that one. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	open_hall();
	without_key(false);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct group *group;
	static uint8_t again[GROUP_ROSTER];
	struct group_roster roster;

	try_newcomer(data, size);
	try_wrap(data, size);
	try_beat(data, size);
	if (!group || group_state(group, 0, NULL) == GROUP_PAUSED) {
		group_free(group);
		group = alone();
	}
	group_receive(group, (struct seal_bytes) { data, size },
		      (struct seal_bytes) { data, size < GROUP_WRAP ? size : GROUP_WRAP },
		      (struct seal_bytes) { data, size }, 1000);
	group_receive_heartbeat(group, (struct seal_bytes) { data, size }, 1000);
	group_hint(group, 7, (struct seal_bytes) { data, size });
	if (group_roster_read(&roster, (struct seal_bytes) { data, size }) < 0)
		return 0;
	if (group_roster_write(&roster, again, sizeof again) != (int)roster.r.n ||
	    memcmp(again, data, roster.r.n) != 0)
		abort();
	feed_signed(group, &roster);
	return 0;
}
