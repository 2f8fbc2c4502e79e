/* Following: every rule by which an R is accepted, in the order in which they are cheap. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"

/* What an R is being held against. */
struct incoming {
	struct group_roster r;
	uint8_t h[SEAL_HASH];
	struct member *signer; /* of the members before it, or the newcomer's hint */
	bool handed;           /* signed by the one who led */
	struct seal_bytes wrap, listing;
	int64_t now_ms;
};

static enum group_verdict broken(struct group *group)
{
	group_stop(group, GROUP_CRYPTO_FAILED);
	return GROUP_BROKEN;
}

static enum group_verdict forked(struct group *group)
{
	group_stop(group, GROUP_FORKED);
	return GROUP_FORK;
}

static bool signed_by(const struct group *group, const struct group_roster *r,
		      const uint8_t ik[static SEAL_KEY])
{
	return seal_verify_for(r->sig, &group->meeting, "roster", ik, r->r) == 0;
}

static enum group_verdict stopped_as(const struct group *group)
{
	switch (group->stopped) {
	case GROUP_FORKED: return GROUP_FORK;
	case GROUP_WAS_REMOVED: return GROUP_REMOVED;
	default: return GROUP_BROKEN;
	}
}

/* ---- wraps ------------------------------------------------------------------------------------- */

static int unwrap(uint8_t es[static SEAL_KEY], struct group *group, struct member *leader,
		  const struct incoming *in)
{
	struct keys_wrap how = {
		.uuid = group->meeting.uuid,
		.shared = leader->shared,
		.psk = group->has_psk ? group->psk : NULL,
		.b_leader = leader->binding.b,
		.b_member = group->self.binding.b,
		.h_e = in->h,
		.e = in->r.e,
	};
	int err = group_shared(group, leader);

	if (err < 0)
		return err;
	err = -EBADMSG;
	for (unsigned i = 0; i < group->nonce_n && err == -EBADMSG; i++) {
		how.nonce = group->nonces[i];
		err = keys_unwrap(es, &how, in->wrap.p);
	}
	return err;
}

/* The secret of in->r, out of its wrap. es is only written when it matches. */
static enum group_verdict open_wrap(uint8_t es[static SEAL_KEY], struct group *group, struct member *leader,
				    const struct incoming *in)
{
	uint8_t secret[SEAL_KEY] = { 0 }, commit[SEAL_KEY];
	enum group_verdict verdict = GROUP_ACCEPTED;
	int err;

	if (!in->wrap.n)
		return GROUP_WITHOUT_KEY;
	if (in->wrap.n != GROUP_WRAP)
		return GROUP_NO_WRAP;
	err = unwrap(secret, group, leader, in);
	if (err == 0)
		err = keys_commit(commit, group->meeting.uuid, secret);
	if (err < 0)
		verdict = err == -EBADMSG ? GROUP_NO_WRAP : GROUP_BROKEN;
	else if (!seal_same(commit, in->r.commit, sizeof commit))
		verdict = GROUP_COMMIT_MISMATCH;
	else
		memcpy(es, secret, SEAL_KEY);
	seal_erase(secret, sizeof secret);
	return verdict;
}

enum group_verdict group_receive_wrap(struct group *group, struct seal_bytes wrap, int64_t now_ms)
{
	struct incoming in = { .wrap = wrap, .now_ms = now_ms };
	struct epoch *epoch = group_epoch_of(group, group->e);
	struct seat *leader = seats_find(&group->seats, group->leader);
	enum group_verdict verdict;

	if (group->stopped)
		return stopped_as(group);
	if (!group->in || !epoch || !leader)
		return GROUP_GAP;
	if (epoch->has_key)
		return GROUP_AGAIN;
	in.r.e = group->e;
	memcpy(in.r.commit, group->commit, sizeof in.r.commit);
	memcpy(in.h, group->h_e, sizeof in.h);
	verdict = open_wrap(epoch->es, group, leader->member, &in);
	if (verdict == GROUP_ACCEPTED)
		epoch->has_key = true;
	return verdict == GROUP_BROKEN ? broken(group) : verdict;
}

/* ---- the first R of a newcomer ----------------------------------------------------------------- */

/* Those of the listing whom this R does not add come from the hints. */
static enum group_verdict plan_listing(struct group *group, struct plan *plan, struct seal_bytes listing)
{
	const uint8_t *p = listing.p;

	if (!listing.n || listing.n % 3 || listing.n > GROUP_LISTING)
		return GROUP_MALFORMED;
	for (size_t i = 0; i < listing.n; i += 3) {
		const uint16_t idx = (uint16_t)(p[i] << 8 | p[i + 1]);
		const struct seat *hint = seats_find(&group->hints, idx);
		struct member *member;
		int err;
		if (p[i + 2] >= GROUP_ROLES)
			return GROUP_MALFORMED;
		if (plan_role(plan, idx, (enum group_role)p[i + 2]) == 0)
			continue;
		if (!hint)
			return GROUP_MISSING;
		member = member_new(idx, &hint->member->binding);
		if (!member)
			return GROUP_BROKEN;
		member->gone = hint->member->gone;
		member->has_nonce = hint->member->has_nonce;
		memcpy(member->nonce, hint->member->nonce, sizeof member->nonce);
		err = plan_add(plan, member, (enum group_role)p[i + 2]);
		if (err < 0)
			return plan_error(err);
	}
	return GROUP_ACCEPTED;
}

static bool plan_has_self(const struct group *group, const struct plan *plan)
{
	const struct seat *seat = seats_find(&plan->seats, group->idx);

	return seat && seal_same(seat->member->binding.b, group->self.binding.b, SEAL_HASH);
}

/* Only its adds: those who were there, left or changed are as the listing says. */
static enum group_verdict plan_first_adds(struct group *group, struct plan *plan,
					  const struct group_roster *r)
{
	struct lv_reader ops = lv_from(r->ops.p, r->ops.n);
	struct group_op op;

	while (group_op_next(&ops, &op)) {
		enum group_verdict verdict =
			op.kind == GROUP_OP_ADD ? plan_op_add(group, plan, &op, r->flags) : GROUP_ACCEPTED;
		if (verdict != GROUP_ACCEPTED)
			return verdict;
	}
	return plan_has_self(group, plan) ? GROUP_ACCEPTED : GROUP_NOT_LISTED;
}

static enum group_verdict plan_first(struct group *group, struct plan *plan, struct incoming *in)
{
	enum group_verdict verdict = plan_first_adds(group, plan, &in->r);
	struct seat *leader;

	if (verdict == GROUP_ACCEPTED)
		verdict = plan_listing(group, plan, in->listing);
	if (verdict != GROUP_ACCEPTED)
		return verdict;
	leader = seats_find(&plan->seats, in->r.leader);
	if (!leader || !seal_same(leader->member->binding.b, group->leader_b, SEAL_HASH))
		return GROUP_NOT_LEADER;
	in->signer = leader->member;
	if (!signed_by(group, &in->r, leader->member->binding.ik))
		return GROUP_BAD_SIGNATURE;
	return plan_check(plan, &in->r);
}

static enum group_verdict receive_first(struct group *group, struct incoming *in)
{
	uint8_t es[SEAL_KEY], ik[SEAL_KEY];
	enum group_verdict verdict;
	struct plan plan;

	if (!group->expects)
		return GROUP_NOT_LISTED;
	if (plan_begin(&plan, &group->seats) < 0)
		return broken(group);
	verdict = plan_first(group, &plan, in);
	if (verdict == GROUP_ACCEPTED)
		verdict = in->wrap.n ? open_wrap(es, group, in->signer, in) : GROUP_NO_WRAP;
	if (verdict == GROUP_ACCEPTED) {
		memcpy(ik, in->signer->binding.ik, sizeof ik);
		group->history_whole = in->r.e == 1;
		if (group_install(group, &plan, &in->r, in->h, ik, es, in->now_ms) < 0)
			verdict = GROUP_BROKEN;
		seats_clear(&group->hints, true);
	} else {
		plan_drop(&plan);
	}
	seal_erase(es, sizeof es);
	return verdict == GROUP_BROKEN ? broken(group) : verdict;
}

/* ---- every other R ----------------------------------------------------------------------------- */

/* Of an epoch that is here already: the same again, or a fork if it is from one who could sign it. */
static enum group_verdict receive_past(struct group *group, const struct incoming *in)
{
	const struct past *past = &group->past[in->r.e % GROUP_PAST];
	const struct seat *claimant = seats_find(&group->seats, in->r.leader);

	if (past->e != in->r.e)
		return GROUP_STALE;
	if (seal_same(past->h, in->h, SEAL_HASH)) {
		if (in->r.e == group->e && in->wrap.n)
			return group_receive_wrap(group, in->wrap, in->now_ms);
		return GROUP_AGAIN;
	}
	if (signed_by(group, &in->r, past->signer) || signed_by(group, &in->r, past->led))
		return forked(group);
	if (in->r.e != group->e || !claimant || !signed_by(group, &in->r, claimant->member->binding.ik))
		return GROUP_BAD_SIGNATURE;
	if (group_is_host_key(group, &claimant->member->binding))
		return forked(group);
	for (size_t i = 0; i < group->before_n; i++)
		if (group->before[i] == in->r.leader)
			return forked(group);
	return GROUP_NOT_LEADER;
}

/* Who signed it, and might they? A leader names whom they want; anybody else only themselves. */
static enum group_verdict check_signer(struct group *group, struct incoming *in)
{
	struct seat *leader = seats_find(&group->seats, group->leader);
	struct seat *claimant = seats_find(&group->seats, in->r.leader);

	if (leader && signed_by(group, &in->r, leader->member->binding.ik)) {
		in->signer = leader->member;
		in->handed = true;
		return GROUP_ACCEPTED;
	}
	if (!claimant || claimant == leader || !signed_by(group, &in->r, claimant->member->binding.ik))
		return GROUP_BAD_SIGNATURE;
	in->signer = claimant->member;
	return group_may_claim(group, claimant->member, group->next, group->next_n, GROUP_WARN_MS, in->now_ms)
		       ? GROUP_ACCEPTED
		       : GROUP_NOT_LEADER;
}

/* Whose wrap opens before the roster moves: the secret agreed with the one who led is theirs alone. */
static enum group_verdict open_next(uint8_t es[static SEAL_KEY], struct group *group,
				    const struct incoming *in)
{
	const bool had_psk = group->has_psk;
	enum group_verdict verdict;

	group->has_psk = had_psk && in->handed;
	verdict = open_wrap(es, group, in->signer, in);
	group->has_psk = had_psk;
	return verdict;
}

/* The plan holds and is signed: it becomes true, with its key or without. */
static enum group_verdict follow(struct group *group, struct plan *plan, const struct incoming *in)
{
	uint8_t es[SEAL_KEY], ik[SEAL_KEY];
	enum group_verdict verdict;

	if (!seats_find(&plan->seats, group->idx)) {
		plan_drop(plan);
		group_stop(group, GROUP_WAS_REMOVED);
		return GROUP_REMOVED;
	}
	verdict = open_next(es, group, in);
	memcpy(ik, in->signer->binding.ik, sizeof ik);
	if (verdict == GROUP_BROKEN)
		plan_drop(plan);
	else if (group_install(group, plan, &in->r, in->h, ik, verdict == GROUP_ACCEPTED ? es : NULL,
			       in->now_ms) < 0)
		verdict = GROUP_BROKEN;
	seal_erase(es, sizeof es);
	return verdict;
}

static enum group_verdict receive_next(struct group *group, struct incoming *in)
{
	enum group_verdict verdict = check_signer(group, in);
	struct plan plan;

	if (verdict != GROUP_ACCEPTED)
		return verdict;
	if (!seal_same(in->r.prev, group->h_e, SEAL_HASH))
		return in->handed ? forked(group) : GROUP_WRONG_PREVIOUS;
	if (plan_begin(&plan, &group->seats) < 0)
		return broken(group);
	verdict = plan_ops(group, &plan, &in->r);
	if (verdict == GROUP_ACCEPTED)
		verdict = plan_check(&plan, &in->r);
	if (verdict == GROUP_ACCEPTED)
		verdict = follow(group, &plan, in);
	else
		plan_drop(&plan);
	return verdict == GROUP_BROKEN ? broken(group) : verdict;
}

enum group_verdict group_receive(struct group *group, struct seal_bytes roster, struct seal_bytes wrap,
				 struct seal_bytes listing, int64_t now_ms)
{
	struct incoming in = { .wrap = wrap, .listing = listing, .now_ms = now_ms };

	if (group->stopped)
		return stopped_as(group);
	if (group_roster_read(&in.r, roster) < 0)
		return GROUP_MALFORMED;
	if (seal_hash(in.h, in.r.r) < 0)
		return broken(group);
	if (!group->in)
		return receive_first(group, &in);
	if (in.r.e <= group->e)
		return receive_past(group, &in);
	if (in.r.e != group->e + 1)
		return GROUP_GAP;
	return receive_next(group, &in);
}
