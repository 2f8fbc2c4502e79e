/* Heartbeats, and what the time that passes asks for.
 *     heartbeat = LV(e, seq, H(previous heartbeat), time, Sig("hb", LV(h_e, seq, H(previous), time))) */
#include <errno.h>
#include <string.h>

#include "net/seal/group_state.h"

struct beat {
	uint32_t e;
	uint64_t seq, time_ms;
	uint8_t prev[SEAL_HASH], sig[SEAL_SIG];
};

static size_t beat_signed(uint8_t out[static GROUP_HEARTBEAT], const uint8_t h_e[static SEAL_HASH],
			  const struct beat *beat)
{
	struct lv lv = lv_into(out, GROUP_HEARTBEAT);

	lv_bytes(&lv, h_e, SEAL_HASH);
	lv_u64(&lv, beat->seq);
	lv_bytes(&lv, beat->prev, sizeof beat->prev);
	lv_u64(&lv, beat->time_ms);
	return lv.n;
}

int group_make_heartbeat(struct group *group, uint8_t out[static GROUP_HEARTBEAT], int64_t now_ms)
{
	struct beat beat = { .e = group->e, .seq = group->own_beat + 1, .time_ms = (uint64_t)now_ms };
	struct lv lv = lv_into(out, GROUP_HEARTBEAT);
	uint8_t m[GROUP_HEARTBEAT];
	size_t n;

	if (!group_leads(group))
		return -EPERM;
	memcpy(beat.prev, group->own_beat_hash, sizeof beat.prev);
	n = beat_signed(m, group->h_e, &beat);
	if (seal_sign_for(beat.sig, &group->meeting, "hb", group->self.ik_secret,
			  (struct seal_bytes) { m, n }) < 0)
		return -EIO;
	lv_u32(&lv, beat.e);
	lv_u64(&lv, beat.seq);
	lv_bytes(&lv, beat.prev, sizeof beat.prev);
	lv_u64(&lv, beat.time_ms);
	lv_bytes(&lv, beat.sig, sizeof beat.sig);
	if (seal_hash(group->own_beat_hash, (struct seal_bytes) { out, lv.n }) < 0)
		return -EIO;
	group->own_beat = beat.seq;
	group->alive_ms = now_ms;
	group->next_beat_ms = now_ms + GROUP_BEAT_MS;
	return (int)lv.n;
}

static int beat_read(struct beat *beat, struct seal_bytes bytes)
{
	struct lv_reader reader = lv_from(bytes.p, bytes.n);

	beat->e = lv_read_u32(&reader);
	beat->seq = lv_read_u64(&reader);
	lv_read_exactly(&reader, beat->prev, sizeof beat->prev);
	beat->time_ms = lv_read_u64(&reader);
	lv_read_exactly(&reader, beat->sig, sizeof beat->sig);
	return lv_done(&reader) && beat->time_ms <= INT64_MAX / 4 ? 0 : -EBADMSG;
}

enum group_verdict group_receive_heartbeat(struct group *group, struct seal_bytes heartbeat, int64_t now_ms)
{
	struct group_member leader;
	uint8_t m[GROUP_HEARTBEAT];
	struct beat beat;
	size_t n;

	if (heartbeat.n > GROUP_HEARTBEAT || beat_read(&beat, heartbeat) < 0)
		return GROUP_MALFORMED;
	if (!group->in || group->stopped || beat.e > group->e)
		return GROUP_GAP;
	if (beat.e < group->e || !group_leader(group, &leader))
		return GROUP_STALE;
	n = beat_signed(m, group->h_e, &beat);
	if (seal_verify_for(beat.sig, &group->meeting, "hb", leader.binding->ik,
			    (struct seal_bytes) { m, n }) < 0)
		return GROUP_BAD_SIGNATURE;
	if (group->has_beat &&
	    (beat.seq <= group->beat ||
	     (beat.seq == group->beat + 1 && !seal_same(beat.prev, group->beat_hash, SEAL_HASH))))
		return GROUP_LATE;
	if (seal_hash(group->beat_hash, heartbeat) < 0)
		return GROUP_BROKEN;
	group->beat = beat.seq;
	group->has_beat = true;
	group_alive(group, (int64_t)beat.time_ms, now_ms);
	return GROUP_ACCEPTED;
}

/* What a member does who does not lead. */
static unsigned follow_tick(const struct group *group, int64_t now_ms)
{
	const int64_t quiet_ms = now_ms - group->alive_ms;
	struct seat *self = seats_find(&group->seats, group->idx);
	unsigned wants = 0;

	if (quiet_ms >= GROUP_WARN_MS)
		wants |= GROUP_WARN;
	if (quiet_ms >= GROUP_SILENT_MS)
		wants |= GROUP_SILENT;
	if (quiet_ms >= GROUP_LEAVE_MS)
		wants |= GROUP_LEAVE;
	if (self &&
	    group_may_claim(group, self->member, group->next, group->next_n, GROUP_CLAIM_MS, now_ms)) {
		const struct seat *leader = seats_find(&group->seats, group->leader);
		/* two hosts with one key do not take it from each other */
		if (!leader || !group_is_host_key(group, &leader->member->binding) || leader->member->gone ||
		    quiet_ms >= GROUP_CLAIM_MS)
			wants |= GROUP_MAY_CLAIM;
	}
	return wants;
}

static unsigned key_tick(struct group *group, int64_t now_ms)
{
	const struct epoch *newest = group_epoch_of(group, group->e), *sending = group_sending(group, now_ms);
	unsigned wants = 0;

	if (newest && !newest->has_key && (!group->asked_ms || now_ms - group->asked_ms >= GROUP_ASK_MS)) {
		group->asked_ms = now_ms;
		wants |= GROUP_ASK;
	}
	if (sending && now_ms - sending->came_ms > GROUP_OLD_MS)
		wants |= GROUP_OLD;
	if (!group->nonce_ms || now_ms - group->nonce_ms >= GROUP_NONCE_MS)
		wants |= GROUP_NONCE;
	return wants;
}

unsigned group_tick(struct group *group, int64_t now_ms)
{
	unsigned wants;

	if (group->stopped)
		return 0;
	wants = group_lead_tick(group, now_ms);
	if (!group->in)
		return wants;
	group_epochs_tick(group, now_ms);
	if (!group_leads(group))
		wants |= follow_tick(group, now_ms);
	wants |= key_tick(group, now_ms);
	if (group_held_tick(group, now_ms))
		wants |= GROUP_READY;
	for (size_t i = 0; i < group->seats.n; i++)
		if (group->seats.seat[i].member->trouble)
			wants |= GROUP_TROUBLE;
	return wants;
}
