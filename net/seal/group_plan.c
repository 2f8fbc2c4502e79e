/* Plans of how the people of a group are to change: the ops of an R, tried on a copy of the roster. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"

int plan_begin(struct plan *plan, const struct seats *from)
{
	*plan = (struct plan) { 0 };
	plan->added = calloc(GROUP_MEMBERS, sizeof(struct member *));
	plan->removed = calloc(GROUP_MEMBERS, sizeof(struct member *));
	if (plan->added && plan->removed && seats_copy(&plan->seats, from) == 0)
		return 0;
	plan_drop(plan);
	return -ENOMEM;
}

int plan_add(struct plan *plan, struct member *member, enum group_role role)
{
	int err = plan->added_n < GROUP_MEMBERS ? seats_put(&plan->seats, member, role) : -ENOSPC;

	if (err < 0)
		member_free(member);
	else
		plan->added[plan->added_n++] = member;
	return err;
}

int plan_remove(struct plan *plan, uint16_t idx)
{
	struct seat *seat = seats_find(&plan->seats, idx);

	if (!seat)
		return -ENOENT;
	for (size_t i = 0; i < plan->added_n; i++)
		if (plan->added[i] == seat->member)
			return -EINVAL;
	plan->removed[plan->removed_n++] = seat->member;
	seats_take(&plan->seats, seat);
	return 0;
}

int plan_role(struct plan *plan, uint16_t idx, enum group_role role)
{
	struct seat *seat = seats_find(&plan->seats, idx);

	if (!seat)
		return -ENOENT;
	seat->role = role;
	return 0;
}

bool plan_in_clear(const struct plan *plan)
{
	for (size_t i = 0; i < plan->seats.n; i++)
		if (plan->seats.seat[i].member->binding.mode == SEAL_MODE_RELAY)
			return true;
	return false;
}

void plan_drop(struct plan *plan)
{
	for (size_t i = 0; i < plan->added_n; i++)
		member_free(plan->added[i]);
	free(plan->added);
	free(plan->removed);
	seats_clear(&plan->seats, false);
	*plan = (struct plan) { 0 };
}

enum group_verdict plan_error(int err)
{
	return err == -ENOMEM ? GROUP_BROKEN : GROUP_BAD_MEMBER;
}

/* Before it came in, a newcomer knows of no used numbers. */
enum group_verdict plan_op_add(struct group *group, struct plan *plan, const struct group_op *op,
			       unsigned flags)
{
	struct binding binding;
	struct member *member;
	int err;

	if (!op->idx || op->idx > GROUP_IDX_MAX)
		return GROUP_BAD_MEMBER;
	if (binding_read(&binding, &group->meeting, op->sb) < 0 || group_idx_taken(group, op->idx, &binding))
		return GROUP_BAD_MEMBER;
	if (group->flags & flags & GROUP_LOCKED && group->history_whole && !group_was_in(group, binding.ik))
		return GROUP_NOT_IN_HISTORY;
	if (op->idx != group->idx && memcmp(binding.ek, group->self.binding.ek, SEAL_KEY) == 0)
		return GROUP_BAD_MEMBER;
	member = member_new(op->idx, &binding);
	if (!member)
		return GROUP_BROKEN;
	err = plan_add(plan, member, op->role);
	return err < 0 ? plan_error(err) : GROUP_ACCEPTED;
}

enum group_verdict plan_ops(struct group *group, struct plan *plan, const struct group_roster *r)
{
	struct lv_reader ops = lv_from(r->ops.p, r->ops.n);
	struct group_op op;

	while (group_op_next(&ops, &op)) {
		enum group_verdict verdict = GROUP_ACCEPTED;
		int err = 0;
		if (op.kind == GROUP_OP_ADD)
			verdict = plan_op_add(group, plan, &op, r->flags);
		else if (op.kind == GROUP_OP_REMOVE)
			err = plan_remove(plan, op.idx);
		else
			err = plan_role(plan, op.idx, op.role);
		if (err < 0)
			verdict = plan_error(err);
		if (verdict != GROUP_ACCEPTED)
			return verdict;
	}
	return GROUP_ACCEPTED;
}

/* The plan is the roster that was signed, it has a leader who can lead, and says so if the relay can hear. */
enum group_verdict plan_check(const struct plan *plan, const struct group_roster *r)
{
	const struct seat *leader = seats_find(&plan->seats, r->leader);
	uint8_t hash[SEAL_HASH];

	if (seats_hash(hash, &plan->seats) < 0)
		return GROUP_BROKEN;
	if (!seal_same(hash, r->members, sizeof hash))
		return GROUP_MEMBERS_MISMATCH;
	if (!leader || leader->member->binding.mode == SEAL_MODE_RELAY)
		return GROUP_BAD_MEMBER;
	if (plan_in_clear(plan) && !(r->flags & GROUP_RELAY_MODE))
		return GROUP_DOWNGRADE;
	return GROUP_ACCEPTED;
}
