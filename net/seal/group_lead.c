/* Staging: what is to be in the next R, and when that is due. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"

static void due_at(struct group *group, int64_t ms)
{
	if (ms < group->due_ms)
		group->due_ms = ms;
}

/* Members send under an epoch some time after it came: many in a moment would leave them without one. */
static void due_soon(struct group *group, int64_t now_ms)
{
	const int64_t apart_ms = group->rotated_ms + GROUP_APART_MS;

	due_at(group, now_ms > apart_ms ? now_ms : apart_ms);
}

/* The first change for a while goes out at once; those that follow it go together, the longer the more have to be told. */
static void due_together(struct group *group, int64_t now_ms)
{
	const int64_t many_ms = GROUP_APART_MS + (int64_t)group->seats.n * GROUP_EACH_MS;
	const int64_t wait_ms = group->seats.n < 2 ? 0 : many_ms < GROUP_BATCH_MS ? many_ms : GROUP_BATCH_MS;
	const int64_t apart_ms = group->rotated_ms + wait_ms, first_ms = now_ms + GROUP_FIRST_MS;

	due_at(group, first_ms > apart_ms ? first_ms : apart_ms);
}

static int stage(struct group *group, const struct group_op *op, struct member *member)
{
	if (group->staged_n == group->staged_size) {
		size_t size = group->staged_size ? 2 * group->staged_size : 16;
		struct staged *staged = realloc(group->staged, size * sizeof *staged);
		if (!staged)
			return -ENOMEM;
		group->staged = staged;
		group->staged_size = size;
	}
	group->staged[group->staged_n++] = (struct staged) { *op, member };
	return 0;
}

static struct staged *staged_find(struct group *group, enum group_op_kind kind, uint16_t idx)
{
	for (size_t i = 0; i < group->staged_n; i++)
		if (group->staged[i].op.kind == kind && group->staged[i].op.idx == idx)
			return &group->staged[i];
	return NULL;
}

static void staged_drop(struct group *group, struct staged *staged)
{
	size_t i = (size_t)(staged - group->staged);

	member_free(staged->member);
	group->staged_n--;
	memmove(staged, staged + 1, (group->staged_n - i) * sizeof *staged);
}

void group_unstage(struct group *group)
{
	while (group->staged_n)
		member_free(group->staged[--group->staged_n].member);
	group->successor = 0;
	group->claims = false;
	group->due_ms = INT64_MAX;
}

int group_lead(struct group *group, enum group_role role, int64_t now_ms)
{
	const struct group_op op = { .kind = GROUP_OP_ADD, .idx = group->idx, .role = role };
	struct member *self;
	int err;

	if (group->in || group->stopped || group->leader)
		return -EALREADY;
	self = member_new(group->idx, &group->self.binding);
	if (!self)
		return -ENOMEM;
	err = stage(group, &op, self);
	if (err < 0) {
		member_free(self);
		return err;
	}
	group->leader = group->idx;
	group->history_whole = true;
	group->due_ms = group->next_beat_ms = now_ms;
	return 0;
}

static int add_allowed(struct group *group, uint16_t idx, const struct binding *binding, bool keyed)
{
	if (group_idx_taken(group, idx, binding) || staged_find(group, GROUP_OP_ADD, idx))
		return -EEXIST;
	if (memcmp(binding->ek, group->self.binding.ek, SEAL_KEY) == 0)
		return -EBADMSG;
	if (group->staged_flags & GROUP_LOCKED && !group_was_in(group, binding->ik))
		return -EACCES;
	if (binding->mode == SEAL_MODE_RELAY ? !(group->staged_flags & GROUP_RELAY_MODE) : !keyed)
		return -EINVAL;
	return group->seats.n + group->staged_n >= GROUP_MEMBERS ? -ENOSPC : 0;
}

int group_stage_add(struct group *group, uint16_t idx, enum group_role role, struct seal_bytes sb,
		    const uint8_t *psk, const uint8_t *nonce, int64_t now_ms)
{
	const struct group_op op = { .kind = GROUP_OP_ADD, .idx = idx, .role = role };
	struct binding binding;
	struct member *member;
	int err;

	if (!group_leads(group))
		return -EPERM;
	if (!idx || idx > GROUP_IDX_MAX || (unsigned)role >= GROUP_ROLES)
		return -EINVAL;
	if (binding_read(&binding, &group->meeting, sb) < 0)
		return -EBADMSG;
	err = add_allowed(group, idx, &binding, psk && nonce);
	if (err < 0)
		return err;
	member = member_new(idx, &binding);
	if (!member)
		return -ENOMEM;
	if (binding.mode != SEAL_MODE_RELAY) {
		memcpy(member->psk, psk, sizeof member->psk);
		memcpy(member->nonce, nonce, sizeof member->nonce);
		member->has_psk = member->has_nonce = true;
		err = group_shared(group, member);
	}
	if (err == 0)
		err = stage(group, &op, member);
	if (err < 0)
		member_free(member);
	else
		due_together(group, now_ms);
	return err;
}

int group_stage_remove(struct group *group, uint16_t idx, bool kicked, int64_t now_ms)
{
	const struct group_op op = { .kind = GROUP_OP_REMOVE, .idx = idx };
	struct staged *staged;
	int err;

	if (!group_leads(group) || idx == group->idx)
		return -EPERM;
	staged = staged_find(group, GROUP_OP_ADD, idx);
	if (staged) {
		staged_drop(group, staged);
		return 0;
	}
	if (!seats_find(&group->seats, idx))
		return -ENOENT;
	staged = staged_find(group, GROUP_OP_ROLE, idx);
	if (staged)
		staged_drop(group, staged);
	if (group->successor == idx)
		group->successor = 0;
	err = staged_find(group, GROUP_OP_REMOVE, idx) ? 0 : stage(group, &op, NULL);
	if (err == 0 && kicked)
		due_at(group, now_ms);
	else if (err == 0)
		due_together(group, now_ms);
	return err;
}

int group_stage_role(struct group *group, uint16_t idx, enum group_role role, int64_t now_ms)
{
	const struct group_op op = { .kind = GROUP_OP_ROLE, .idx = idx, .role = role };
	struct staged *staged;
	int err = 0;

	if (!group_leads(group))
		return -EPERM;
	if ((unsigned)role >= GROUP_ROLES)
		return -EINVAL;
	staged = staged_find(group, GROUP_OP_ADD, idx);
	if (!staged && (!seats_find(&group->seats, idx) || staged_find(group, GROUP_OP_REMOVE, idx)))
		return -ENOENT;
	if (!staged)
		staged = staged_find(group, GROUP_OP_ROLE, idx);
	if (staged)
		staged->op.role = role;
	else
		err = stage(group, &op, NULL);
	if (err == 0)
		due_soon(group, now_ms);
	return err;
}

int group_stage_flags(struct group *group, unsigned flags, int64_t now_ms)
{
	if (!group_leads(group))
		return -EPERM;
	if (flags & ~(unsigned)(GROUP_LOCKED | GROUP_RELAY_MODE))
		return -EINVAL;
	if (flags != group->staged_flags)
		due_soon(group, now_ms);
	group->staged_flags = flags;
	return 0;
}

int group_hand_over(struct group *group, uint16_t idx, int64_t now_ms)
{
	struct seat *seat = seats_find(&group->seats, idx);

	if (!group_leads(group) || idx == group->idx)
		return -EPERM;
	if (!seat || seat->member->binding.mode == SEAL_MODE_RELAY ||
	    staged_find(group, GROUP_OP_REMOVE, idx))
		return -ENOENT;
	group->successor = idx;
	due_soon(group, now_ms);
	return 0;
}

int group_nonce(struct group *group, uint16_t idx, const uint8_t nonce[static SEAL_MEMBER_NONCE])
{
	struct staged *staged = staged_find(group, GROUP_OP_ADD, idx);
	struct seat *seat = seats_find(group->in ? &group->seats : &group->hints, idx);
	struct member *member = seat ? seat->member : staged ? staged->member : NULL;

	if (!member)
		return -ENOENT;
	memcpy(member->nonce, nonce, sizeof member->nonce);
	member->has_nonce = true;
	return 0;
}

int group_claim(struct group *group, int64_t now_ms)
{
	struct seat *self = seats_find(&group->seats, group->idx);

	if (!group->in || group->stopped || !self ||
	    !group_may_claim(group, self->member, group->next, group->next_n, GROUP_WARN_MS, now_ms))
		return -EPERM;
	group->claims = true;
	group->staged_flags = group->flags;
	group->due_ms = now_ms;
	return 0;
}

int64_t group_due_ms(const struct group *group)
{
	return group->stopped ? INT64_MAX : group->due_ms;
}

unsigned group_lead_tick(const struct group *group, int64_t now_ms)
{
	unsigned wants = now_ms >= group->due_ms ? GROUP_ROTATE : 0;

	if (group_leads(group) && now_ms >= group->next_beat_ms)
		wants |= GROUP_BEAT;
	return wants;
}
