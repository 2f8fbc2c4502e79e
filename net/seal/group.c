/* A group's life, what it knows before it is in, and what it says about itself. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"

static const char *const verdicts[GROUP_VERDICTS] = {
	[GROUP_ACCEPTED] = "accepted",
	[GROUP_WITHOUT_KEY] = "without-key",
	[GROUP_AGAIN] = "again",
	[GROUP_MALFORMED] = "malformed",
	[GROUP_STALE] = "stale",
	[GROUP_GAP] = "gap",
	[GROUP_FORK] = "fork",
	[GROUP_BAD_SIGNATURE] = "bad-signature",
	[GROUP_NOT_LEADER] = "not-leader",
	[GROUP_WRONG_PREVIOUS] = "wrong-previous",
	[GROUP_BAD_MEMBER] = "bad-member",
	[GROUP_MEMBERS_MISMATCH] = "members-mismatch",
	[GROUP_MISSING] = "missing",
	[GROUP_NOT_LISTED] = "not-listed",
	[GROUP_REMOVED] = "removed",
	[GROUP_NOT_IN_HISTORY] = "not-in-history",
	[GROUP_DOWNGRADE] = "downgrade",
	[GROUP_NO_WRAP] = "no-wrap",
	[GROUP_COMMIT_MISMATCH] = "commit-mismatch",
	[GROUP_LATE] = "late",
	[GROUP_BROKEN] = "broken",
};

static const char *const reasons[GROUP_REASONS] = {
	[GROUP_FINE] = "",
	[GROUP_FORKED] = "fork",
	[GROUP_WAS_REMOVED] = "removed",
	[GROUP_CRYPTO_FAILED] = "crypto",
	[GROUP_NO_HEARTBEAT] = "no-heartbeat",
	[GROUP_TOO_OLD] = "old-epoch",
	[GROUP_NO_KEY] = "no-key",
};

const char *group_verdict_name(enum group_verdict verdict)
{
	return (unsigned)verdict < GROUP_VERDICTS ? verdicts[verdict] : "";
}

const char *group_reason_name(enum group_reason reason)
{
	return (unsigned)reason < GROUP_REASONS ? reasons[reason] : "";
}

struct group *group_new(const struct seal_meeting *meeting, const struct seal_self *self, uint16_t idx,
			const uint8_t *h)
{
	struct group *group;

	if (!idx || idx > GROUP_IDX_MAX)
		return NULL;
	group = calloc(1, sizeof *group);
	if (!group)
		return NULL;
	group->meeting = *meeting;
	group->self = *self;
	group->idx = idx;
	group->due_ms = INT64_MAX;
	if (h) {
		memcpy(group->h, h, sizeof group->h);
		group->has_h = true;
	}
	return group;
}

static void erase_keys(struct group *group)
{
	for (unsigned i = 0; i < GROUP_EPOCHS; i++)
		group_epoch_erase(group, &group->epochs[i]);
	for (unsigned i = 0; i < group->held_n; i++) {
		seal_erase(group->held[i],
			   sizeof *group->held[i] + group->held[i]->metadata_n + group->held[i]->n);
		free(group->held[i]);
	}
	group->held_n = 0;
	group->held_bytes = 0;
	seal_erase(group->psk, sizeof group->psk);
	group->has_psk = false;
	for (size_t i = 0; i < group->seats.n; i++) {
		struct member *member = group->seats.seat[i].member;
		seal_erase(member->shared, sizeof member->shared);
		seal_erase(member->psk, sizeof member->psk);
		member->has_shared = member->has_psk = false;
	}
	seal_self_erase(&group->self);
}

void group_free(struct group *group)
{
	if (!group)
		return;
	group_unstage(group);
	erase_keys(group);
	seats_clear(&group->seats, true);
	seats_clear(&group->hints, true);
	free(group->staged);
	free(group->history);
	seal_erase(group, sizeof *group);
	free(group);
}

/* For good: nobody is followed or sent to any more. What was removed or forked off needs no keys. */
void group_stop(struct group *group, enum group_reason reason)
{
	if (group->stopped)
		return;
	group->stopped = reason;
	group_unstage(group);
	erase_keys(group);
}

void group_expect(struct group *group, const uint8_t leader_b[static SEAL_HASH],
		  const uint8_t psk[static SEAL_KEY], const uint8_t nonce[static SEAL_MEMBER_NONCE])
{
	if (group->in || group->stopped)
		return;
	memcpy(group->leader_b, leader_b, sizeof group->leader_b);
	memcpy(group->psk, psk, sizeof group->psk);
	memcpy(group->nonces[0], nonce, sizeof group->nonces[0]);
	group->nonce_n = 1;
	group->expects = group->has_psk = true;
}

int group_hint(struct group *group, uint16_t idx, struct seal_bytes sb)
{
	struct binding binding;
	struct member *member;
	struct seat *seat;
	int err;

	if (!idx || idx > GROUP_IDX_MAX)
		return -EINVAL;
	if (group->in || group->stopped)
		return 0;
	err = binding_read(&binding, &group->meeting, sb);
	if (err < 0)
		return err;
	seat = seats_find(&group->hints, idx);
	if (seat) {
		seat->member->binding = binding;
		return 0;
	}
	member = member_new(idx, &binding);
	if (!member)
		return -ENOMEM;
	err = seats_put(&group->hints, member, GROUP_PARTICIPANT);
	if (err < 0)
		member_free(member);
	return err;
}

void group_connected(struct group *group, uint16_t idx, bool connected)
{
	struct seat *seat = seats_find(group->in ? &group->seats : &group->hints, idx);

	if (seat && idx != group->idx)
		seat->member->gone = !connected;
}

int group_make_nonce(struct group *group, uint8_t nonce[static SEAL_MEMBER_NONCE], int64_t now_ms)
{
	uint8_t fresh[SEAL_MEMBER_NONCE];

	if (seal_random(fresh, sizeof fresh) < 0) {
		group_stop(group, GROUP_CRYPTO_FAILED);
		return -EIO;
	}
	memcpy(group->nonces[1], group->nonces[0], sizeof group->nonces[1]);
	memcpy(group->nonces[0], fresh, sizeof fresh);
	memcpy(nonce, fresh, sizeof fresh);
	group->nonce_n = group->nonce_n ? 2 : 1;
	group->nonce_ms = now_ms;
	return 0;
}

int group_shared(struct group *group, struct member *member)
{
	int err;

	if (member->has_shared)
		return 0;
	err = seal_x25519(member->shared, group->self.ek_secret, member->binding.ek);
	if (err == 0)
		member->has_shared = true;
	return err;
}

bool group_is_host_key(const struct group *group, const struct binding *binding)
{
	uint8_t h[crypto_hash_sha256_BYTES];

	if (!group->has_h)
		return false;
	crypto_hash_sha256(h, binding->ik, sizeof binding->ik);
	return seal_same(h, group->h, sizeof h);
}

bool group_was_in(const struct group *group, const uint8_t ik[static SEAL_KEY])
{
	for (size_t i = 0; i < group->history_n; i++)
		if (memcmp(group->history[i].ik, ik, SEAL_KEY) == 0)
			return true;
	return false;
}

bool group_idx_used(const struct group *group, uint16_t idx)
{
	return group->used[idx / 8] >> idx % 8 & 1;
}

bool group_idx_taken(const struct group *group, uint16_t idx, const struct binding *binding)
{
	if (!group_idx_used(group, idx))
		return false;
	if (seats_find(&group->seats, idx))
		return true;
	for (size_t i = 0; i < group->history_n; i++) {
		const struct was *was = &group->history[i];
		if (was->idx == idx && (memcmp(was->ik, binding->ik, SEAL_KEY) != 0 ||
					memcmp(was->ek, binding->ek, SEAL_KEY) == 0))
			return true;
	}
	return false;
}

static bool is_confirmed(const struct group *group, const struct binding *binding)
{
	for (unsigned i = 0; i < group->confirmed_n; i++)
		if (memcmp(group->confirmed[i], binding->ik, SEAL_KEY) == 0)
			return true;
	return group_is_host_key(group, binding);
}

void group_confirm(struct group *group)
{
	struct group_member leader;

	if (!group_leader(group, &leader) || is_confirmed(group, leader.binding))
		return;
	if (group->confirmed_n == GROUP_CONFIRMED) /* the oldest makes room */
		memmove(group->confirmed[0], group->confirmed[1], (size_t)--group->confirmed_n * SEAL_KEY);
	memcpy(group->confirmed[group->confirmed_n++], leader.binding->ik, SEAL_KEY);
}

static enum group_reason paused(const struct group *group, int64_t now_ms)
{
	const struct epoch *epoch;

	if (group->stopped)
		return group->stopped;
	if (!group_leads(group) && now_ms - group->alive_ms >= GROUP_SILENT_MS)
		return GROUP_NO_HEARTBEAT;
	epoch = group_sending(group, now_ms);
	if (!epoch)
		return GROUP_NO_KEY;
	return now_ms - epoch->came_ms > GROUP_OLD_MS ? GROUP_TOO_OLD : GROUP_FINE;
}

/* Who leads has signed something since it does; that another named them says nothing about whose the keys are. */
static bool leads_indeed(const struct group *group)
{
	return group->leader == group->idx || group->has_offset;
}

bool group_seals(const struct group *group, int64_t now_ms)
{
	return group->in && !(group->flags & GROUP_RELAY_MODE) && !paused(group, now_ms) &&
	       seats_find(&group->seats, group->leader);
}

enum group_state group_state(const struct group *group, int64_t now_ms, enum group_reason *reason)
{
	enum group_reason why = group->in || group->stopped ? paused(group, now_ms) : GROUP_FINE;
	struct group_member leader;

	if (reason)
		*reason = why;
	if (why)
		return GROUP_PAUSED;
	if (!group_leader(group, &leader))
		return GROUP_NONE;
	if (group->flags & GROUP_RELAY_MODE)
		return GROUP_TO_RELAY;
	return leads_indeed(group) && is_confirmed(group, leader.binding) ? GROUP_VERIFIED : GROUP_NOT_VERIFIED;
}

void group_consent(struct group *group, bool yes)
{
	group->consented = yes && group->in && group->flags & GROUP_RELAY_MODE;
}

bool group_sends_plain(const struct group *group)
{
	return group->in && !group->stopped && group->flags & GROUP_RELAY_MODE && group->consented;
}

bool group_takes_plain(struct group *group, uint16_t from)
{
	if (group->in && !group->stopped && group->flags & GROUP_RELAY_MODE &&
	    seats_find(&group->seats, from))
		return true;
	group->counts.plain++;
	return false;
}

static bool member_of(const struct seat *seat, struct group_member *member)
{
	*member = (struct group_member) { 0 };
	if (!seat)
		return false;
	*member = (struct group_member) { seat->member->idx, seat->role, &seat->member->binding };
	return true;
}

bool group_find(const struct group *group, uint16_t idx, struct group_member *member)
{
	return member_of(seats_find(&group->seats, idx), member);
}

bool group_leader(const struct group *group, struct group_member *leader)
{
	return group_find(group, group->leader, leader);
}

size_t group_count(const struct group *group)
{
	return group->seats.n;
}

bool group_at(const struct group *group, size_t i, struct group_member *member)
{
	return member_of(i < group->seats.n ? &group->seats.seat[i] : NULL, member);
}

uint32_t group_epoch(const struct group *group)
{
	return group->e;
}

unsigned group_flags(const struct group *group)
{
	return group->flags;
}

bool group_leads(const struct group *group)
{
	return group->in && !group->stopped && group->leader == group->idx;
}
