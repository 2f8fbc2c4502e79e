/* Epochs: how the next one becomes true, which is sent under, and when an old one is erased; whether the
 * leader is alive, and who may follow. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"
#include "net/seal/sframe.h"

static unsigned slot_of(uint32_t e)
{
	return e % GROUP_EPOCHS;
}

void group_epoch_erase(struct group *group, struct epoch *epoch)
{
	const unsigned slot = (unsigned)(epoch - group->epochs);

	for (size_t i = 0; i < GROUP_STREAMS; i++)
		sframe_key_free(epoch->own[i].key);
	for (size_t i = 0; i < group->seats.n; i++)
		member_forget_epoch(group->seats.seat[i].member, slot);
	seal_erase(epoch, sizeof *epoch);
}

void group_epochs_tick(struct group *group, int64_t now_ms)
{
	for (unsigned i = 0; i < GROUP_EPOCHS; i++) {
		struct epoch *epoch = &group->epochs[i];
		if (epoch->e && epoch->ends_ms && now_ms >= epoch->ends_ms)
			group_epoch_erase(group, epoch);
	}
}

struct epoch *group_epoch_of(struct group *group, uint32_t e)
{
	struct epoch *epoch = &group->epochs[slot_of(e)];

	return e && epoch->e == e ? epoch : NULL;
}

/* From the newest down: the first whose time to send has come, and none if its key is missing. */
struct epoch *group_sending(const struct group *group, int64_t now_ms)
{
	for (uint32_t e = group->e; e && group->e - e < GROUP_EPOCHS; e--) {
		const struct epoch *epoch = &group->epochs[slot_of(e)];
		if (epoch->e != e)
			return NULL;
		if (now_ms >= epoch->send_ms)
			return epoch->has_key ? (struct epoch *)epoch : NULL;
	}
	return NULL;
}

static void epoch_begin(struct group *group, const uint8_t *es, bool at_once, int64_t now_ms)
{
	struct epoch *epoch = &group->epochs[slot_of(group->e)];

	for (unsigned i = 0; i < GROUP_EPOCHS; i++)
		if (group->epochs[i].e && !group->epochs[i].ends_ms)
			group->epochs[i].ends_ms = now_ms + GROUP_OVERLAP_MS;
	group_epoch_erase(group, epoch);
	epoch->e = group->e;
	memcpy(epoch->h, group->h_e, sizeof epoch->h);
	epoch->came_ms = now_ms;
	epoch->send_ms = at_once ? now_ms : now_ms + GROUP_SWITCH_MS;
	if (es) {
		memcpy(epoch->es, es, sizeof epoch->es);
		epoch->has_key = true;
	}
}

static int remember_members(struct group *group, struct member *const *added, size_t n)
{
	if (group->history_n + n > group->history_size) {
		size_t size = 2 * group->history_size + n;
		struct was *history = realloc(group->history, size * sizeof *history);
		if (!history)
			return -ENOMEM;
		group->history = history;
		group->history_size = size;
	}
	for (size_t i = 0; i < n; i++) {
		group->used[added[i]->idx / 8] |= (uint8_t)(1 << added[i]->idx % 8);
		struct was *was = &group->history[group->history_n++];
		was->idx = added[i]->idx;
		memcpy(was->ik, added[i]->binding.ik, SEAL_KEY);
		memcpy(was->ek, added[i]->binding.ek, SEAL_KEY);
	}
	return 0;
}

/* Who leads is another: secrets agreed with the one before are no more, their clock and heartbeats neither. */
static void leader_changed(struct group *group, int64_t now_ms)
{
	seal_erase(group->psk, sizeof group->psk);
	group->has_psk = false;
	for (size_t i = 0; i < group->seats.n; i++) {
		seal_erase(group->seats.seat[i].member->psk, SEAL_KEY);
		group->seats.seat[i].member->has_psk = false;
	}
	group->has_offset = group->has_beat = false;
	group->alive_ms = now_ms;
	group_unstage(group);
	if (group->leader == group->idx) {
		group->staged_flags = group->flags;
		group->due_ms = group->next_beat_ms = now_ms;
	}
}

static void chain_on(struct group *group, const struct group_roster *r, const uint8_t h[static SEAL_HASH],
		     const uint8_t signer[static SEAL_KEY])
{
	struct past *past = &group->past[r->e % GROUP_PAST];

	past->e = r->e;
	memcpy(past->h, h, sizeof past->h);
	memcpy(past->signer, signer, sizeof past->signer);
	group->e = r->e;
	group->leader = r->leader;
	group->flags = r->flags;
	if (!(r->flags & GROUP_RELAY_MODE))
		group->consented = false;
	memcpy(group->h_e, h, sizeof group->h_e);
	memcpy(group->commit, r->commit, sizeof group->commit);
	memcpy(group->before, group->next, sizeof group->before);
	group->before_n = group->next_n;
	memcpy(group->next, r->succession, sizeof group->next);
	group->next_n = r->succession_n;
}

static void take_plan(struct group *group, struct plan *plan)
{
	for (size_t i = 0; i < plan->removed_n; i++)
		member_free(plan->removed[i]);
	seats_clear(&group->seats, false);
	group->seats = plan->seats;
	free(plan->added);
	free(plan->removed);
	*plan = (struct plan) { 0 };
}

int group_install(struct group *group, struct plan *plan, const struct group_roster *r,
		  const uint8_t h[static SEAL_HASH], const uint8_t signer[static SEAL_KEY], const uint8_t *es,
		  int64_t now_ms)
{
	const bool first = !group->in, at_once = first || plan->removed_n > 0;
	const bool changes = first || group->leader != r->leader;
	struct group_member leader;

	memcpy(group->past[r->e % GROUP_PAST].led, group_leader(group, &leader) ? leader.binding->ik : signer,
	       SEAL_KEY);
	if (remember_members(group, plan->added, plan->added_n) < 0) {
		plan_drop(plan);
		group_stop(group, GROUP_CRYPTO_FAILED);
		return -ENOMEM;
	}
	take_plan(group, plan);
	chain_on(group, r, h, signer);
	group->in = true;
	epoch_begin(group, es, at_once, now_ms);
	if (changes && !first)
		leader_changed(group, now_ms);
	else if (first)
		group->alive_ms = now_ms;
	if (group->leader != group->idx)
		group_unstage(group);
	if (group_leader(group, &leader) && memcmp(leader.binding->ik, signer, SEAL_KEY) == 0)
		group_alive(group, r->time_ms, now_ms);
	return 0;
}

/* The least distance that the leader's clock ever had to ours stands for a message without delay; what comes
 * later than that was alive only then. */
void group_alive(struct group *group, int64_t time_ms, int64_t now_ms)
{
	const int64_t offset = now_ms - time_ms;

	if (!group->has_offset || offset < group->offset_ms)
		group->offset_ms = offset;
	group->has_offset = true;
	if (time_ms + group->offset_ms > group->alive_ms)
		group->alive_ms = time_ms + group->offset_ms;
}

bool group_may_claim(const struct group *group, const struct member *member, const uint16_t *succession,
		     size_t n, int64_t lost_ms, int64_t now_ms)
{
	const struct seat *leader = seats_find(&group->seats, group->leader);

	if (member->idx == group->leader || member->binding.mode == SEAL_MODE_RELAY)
		return false;
	if (group_is_host_key(group, &member->binding))
		return true;
	if (leader && !leader->member->gone && now_ms - group->alive_ms < lost_ms)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct seat *seat = seats_find(&group->seats, succession[i]);
		if (succession[i] == member->idx)
			return true;
		if (succession[i] != group->leader && seat && !seat->member->gone)
			return false;
	}
	return false;
}
