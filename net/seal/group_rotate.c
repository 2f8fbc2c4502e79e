/* A rotation: what is staged becomes a plan, the plan an R, its secret a wrap for everybody, and all of it
 * true here before it is sent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"

enum { ROTATE_OPS = GROUP_ROSTER - 1024 };

struct turn {
	struct plan plan;
	struct group_roster r;
	uint8_t h[SEAL_HASH], es[SEAL_KEY];
	struct lv ops;
	uint16_t host; /* somebody added whose IK matches h */
	bool left;     /* adds that did not fit */
};

void rotation_clear(struct rotation *rotation)
{
	free(rotation->roster);
	free(rotation->listing);
	free(rotation->wraps);
	*rotation = (struct rotation) { 0 };
}

static bool may_rotate(const struct group *group, int64_t now_ms)
{
	const struct seat *self = seats_find(&group->seats, group->idx);

	if (group->stopped)
		return false;
	if (!group->in)
		return group->leader == group->idx;
	if (group->claims)
		return self && group_may_claim(group, self->member, group->next, group->next_n, GROUP_WARN_MS,
					       now_ms);
	return group_leads(group);
}

/* ---- staged changes into the plan -------------------------------------------------------------- */

static int turn_add(struct group *group, struct turn *turn, struct staged *staged)
{
	struct member *member = staged->member;
	struct group_op op = staged->op;

	op.sb = (struct seal_bytes) { member->binding.sb, member->binding.sb_n };
	if (group->leader == group->idx && member->idx != group->idx &&
	    group_is_host_key(group, &member->binding))
		turn->host = member->idx;
	group_op_write(&turn->ops, &op);
	staged->member = NULL;
	return plan_add(&turn->plan, member, op.role);
}

static int turn_change(struct turn *turn, const struct group_op *op)
{
	group_op_write(&turn->ops, op);
	if (op->kind == GROUP_OP_REMOVE)
		return plan_remove(&turn->plan, op->idx);
	return plan_role(&turn->plan, op->idx, op->role);
}

/* Those who go, then those who come, as many as fit; these stay staged in their order. */
static int turn_ops(struct group *group, struct turn *turn)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < group->staged_n && err == 0; i++)
		if (group->staged[i].op.kind != GROUP_OP_ADD)
			err = turn_change(turn, &group->staged[i].op);
	for (size_t i = 0; i < group->staged_n && err == 0; i++) {
		struct staged *staged = &group->staged[i];
		if (staged->op.kind != GROUP_OP_ADD)
			continue;
		if (turn->ops.n + SEAL_SB + 16 > turn->ops.size)
			group->staged[kept++] = *staged;
		else
			err = turn_add(group, turn, staged);
	}
	if (err == 0)
		group->staged_n = kept;
	turn->left = kept > 0;
	return turn->ops.full ? -ENOSPC : err;
}

/* Hosts, then co-hosts, then the others, in the order of their numbers; who is not connected only after all
 * who are. */
static void turn_succession(struct turn *turn)
{
	static const enum group_role order[] = { GROUP_HOST, GROUP_COHOST, GROUP_PARTICIPANT };
	const struct seats *seats = &turn->plan.seats;
	size_t n = 0;

	for (int gone = 0; gone < 2; gone++)
		for (size_t k = 0; k < sizeof order / sizeof *order; k++)
			for (size_t i = 0; i < seats->n && n < GROUP_SUCCESSION; i++) {
				const struct member *member = seats->seat[i].member;
				if (seats->seat[i].role == order[k] && member->gone == gone &&
				    member->idx != turn->r.leader && member->binding.mode == SEAL_MODE_END)
					turn->r.succession[n++] = member->idx;
			}
	turn->r.succession_n = n;
}

static unsigned turn_flags(const struct group *group, const struct turn *turn)
{
	unsigned flags = group->staged_flags;

	if (turn->left &&
	    !(group->flags & GROUP_LOCKED)) /* it is not locked before all who were let in are in */
		flags &= ~(unsigned)GROUP_LOCKED;
	return plan_in_clear(&turn->plan) ? flags | GROUP_RELAY_MODE : flags;
}

static int turn_plan(struct group *group, struct turn *turn, int64_t now_ms)
{
	int err = plan_begin(&turn->plan, &group->seats);

	if (err == 0)
		err = turn_ops(group, turn);
	if (err < 0)
		return err;
	turn->r.e = group->e + 1;
	memcpy(turn->r.prev, group->h_e, sizeof turn->r.prev);
	turn->r.leader = group->idx;
	if (group->successor && !turn->plan.added_n && !turn->left)
		turn->r.leader = group->successor;
	turn->r.flags = turn_flags(group, turn);
	turn->r.time_ms = now_ms;
	turn->r.ops = (struct seal_bytes) { turn->ops.p, turn->ops.n };
	turn_succession(turn);
	return seats_hash(turn->r.members, &turn->plan.seats);
}

/* ---- the plan into bytes ----------------------------------------------------------------------- */

static int turn_sign(struct group *group, struct turn *turn, struct rotation *out)
{
	int n, err = seal_random(turn->es, sizeof turn->es);

	if (err == 0)
		err = keys_commit(turn->r.commit, group->meeting.uuid, turn->es);
	if (err < 0)
		return err;
	out->roster = malloc(GROUP_ROSTER);
	if (!out->roster)
		return -ENOMEM;
	n = group_roster_write(&turn->r, out->roster, GROUP_ROSTER - SEAL_SIG);
	if (n < 0)
		return n;
	out->roster_bytes = (size_t)n + SEAL_SIG;
	turn->r.r = (struct seal_bytes) { out->roster, (size_t)n };
	err = seal_hash(turn->h, turn->r.r);
	if (err == 0)
		err = seal_sign_for(out->roster + n, &group->meeting, "roster", group->self.ik_secret,
				    turn->r.r);
	return err;
}

static int wrap_for(struct group *group, struct member *member, const struct epoch *epoch,
		    uint8_t wrap[static GROUP_WRAP])
{
	const struct keys_wrap how = {
		.uuid = group->meeting.uuid,
		.shared = member->shared,
		.psk = member->has_psk ? member->psk : NULL,
		.b_leader = group->self.binding.b,
		.b_member = member->binding.b,
		.nonce = member->nonce,
		.h_e = epoch->h,
		.e = epoch->e,
	};
	int err;

	if (!member->has_nonce || member->idx == group->idx || member->binding.mode == SEAL_MODE_RELAY)
		return -ENOENT;
	err = group_shared(group, member);
	if (err < 0)
		return err == -EBADMSG ? -ENOENT : err;
	return keys_wrap(wrap, &how, epoch->es);
}

static bool is_added(const struct plan *plan, const struct member *member)
{
	for (size_t i = 0; i < plan->added_n; i++)
		if (plan->added[i] == member)
			return true;
	return false;
}

/* Who has told no nonce gets none, and asks. */
static int turn_wraps(struct group *group, struct turn *turn, struct rotation *out)
{
	const struct seats *seats = &turn->plan.seats;
	struct epoch epoch = { .e = turn->r.e };
	int err = 0;

	memcpy(epoch.h, turn->h, sizeof epoch.h);
	memcpy(epoch.es, turn->es, sizeof epoch.es);
	out->wraps = calloc(seats->n, sizeof *out->wraps);
	if (!out->wraps)
		err = -ENOMEM;
	for (size_t i = 0; i < seats->n && err == 0; i++) {
		struct member *member = seats->seat[i].member;
		struct group_wrap *wrap = &out->wraps[out->wrap_count];
		err = wrap_for(group, member, &epoch, wrap->bytes);
		if (err == 0) {
			wrap->idx = member->idx;
			wrap->added = is_added(&turn->plan, member);
			out->wrap_count++;
		} else if (err == -ENOENT) {
			err = 0;
		}
	}
	seal_erase(&epoch, sizeof epoch);
	return err;
}

static int turn_listing(const struct turn *turn, struct rotation *out)
{
	const struct seats *seats = &turn->plan.seats;

	if (!turn->plan.added_n)
		return 0;
	out->listing = malloc(3 * seats->n);
	if (!out->listing)
		return -ENOMEM;
	out->listing_bytes = 3 * seats->n;
	for (size_t i = 0; i < seats->n; i++) {
		out->listing[3 * i] = (uint8_t)(seats->seat[i].member->idx >> 8);
		out->listing[3 * i + 1] = (uint8_t)seats->seat[i].member->idx;
		out->listing[3 * i + 2] = (uint8_t)seats->seat[i].role;
	}
	return 0;
}

/* It is sent and true: what was staged is done, and the next one is due in its time. */
static int turn_true(struct group *group, struct turn *turn, int64_t now_ms)
{
	uint16_t host = turn->host;
	uint8_t ik[SEAL_KEY];
	int err;

	memcpy(ik, group->self.binding.ik, sizeof ik);
	group->claims = false;
	err = group_install(group, &turn->plan, &turn->r, turn->h, ik, turn->es, now_ms);
	group->rotated_ms = now_ms;
	if (err < 0 || !group_leads(group))
		return err;
	group->alive_ms = now_ms;
	if (host && !group_is_host_key(group, &group->self.binding))
		group->successor = host;
	group->due_ms = turn->left || group->successor ? now_ms : now_ms + GROUP_ROTATE_MS;
	return 0;
}

int group_rotate(struct group *group, struct rotation *out, int64_t now_ms)
{
	struct turn turn = { 0 };
	uint8_t *ops;
	int err;

	*out = (struct rotation) { 0 };
	if (!may_rotate(group, now_ms)) {
		if (group->claims) /* the leader is there again */
			group_unstage(group);
		return -EPERM;
	}
	ops = malloc(ROTATE_OPS);
	if (!ops)
		return -ENOMEM;
	turn.ops = lv_into(ops, ROTATE_OPS);
	err = turn_plan(group, &turn, now_ms);
	if (err == 0)
		err = turn_sign(group, &turn, out);
	if (err == 0)
		err = turn_wraps(group, &turn, out);
	if (err == 0)
		err = turn_listing(&turn, out);
	if (err == 0)
		err = turn_true(group, &turn, now_ms);
	if (err < 0) { /* what was staged is half spent: nobody may go on with that */
		plan_drop(&turn.plan);
		rotation_clear(out);
		group_stop(group, GROUP_CRYPTO_FAILED);
	}
	seal_erase(turn.es, sizeof turn.es);
	free(ops);
	return err;
}

int group_rewrap(struct group *group, uint16_t idx, struct group_wrap *out)
{
	const struct epoch *epoch = group_epoch_of(group, group->e);
	struct seat *seat = seats_find(&group->seats, idx);
	int err;

	if (!group_leads(group) || !epoch || !epoch->has_key)
		return -EPERM;
	if (!seat)
		return -ENOENT;
	*out = (struct group_wrap) { .idx = idx };
	err = wrap_for(group, seat->member, epoch, out->bytes);
	if (err < 0 && err != -ENOENT)
		group_stop(group, GROUP_CRYPTO_FAILED);
	return err;
}
