/* Leading a group: saying who comes, goes and is what, drawing the next epoch, and taking over from a leader who is
 * lost. Changes are staged and go out with the next rotation; group_tick() says when that is due: joins and leaves
 * within 2 s, removals and all that narrows rights at once, and every 300 s. */
#ifndef MOOT_NET_SEAL_GROUP_LEAD_H
#define MOOT_NET_SEAL_GROUP_LEAD_H

#include "net/seal/group.h"

/** The first epoch of a meeting, with oneself alone; rotation is due at once. 0, -EALREADY. */
int group_lead(struct group *group, enum group_role role, int64_t now_ms);

/** Somebody let in: binding and secret as the join gave them, nonce that of PROOF. 0, -EPERM (does not lead), -EEXIST
 * (idx was used), -EBADMSG (binding), -EACCES (locked, and new to this meeting), -ENOSPC (full), -ENOMEM.
 * A binding of SEAL_MODE_RELAY (web, phone: psk and nonce may be NULL) also needs GROUP_RELAY_MODE staged before. */
int group_stage_add(struct group *group, uint16_t idx, enum group_role role, struct seal_bytes sb, const uint8_t *psk,
		    const uint8_t *nonce, int64_t now_ms);
/** Somebody left (kicked: was removed, which goes out at once). 0, -EPERM, -ENOENT. */
int group_stage_remove(struct group *group, uint16_t idx, bool kicked, int64_t now_ms);
int group_stage_role(struct group *group, uint16_t idx, enum group_role role, int64_t now_ms);
/** A mask of enum group_flag. 0, -EPERM. */
int group_stage_flags(struct group *group, unsigned flags, int64_t now_ms);
/** When the next rotation is due; INT64_MAX: never, or one does not lead. */
int64_t group_due_ms(const struct group *group);

/** Let this member lead: the next rotation without joins in it names them. 0, -EPERM, -ENOENT. When an IK that
 * matches h is added, this happens by itself. */
int group_hand_over(struct group *group, uint16_t idx, int64_t now_ms);

/** Anybody: the newest nonce of a member, as the relay tells it. 0, -ENOENT. */
int group_nonce(struct group *group, uint16_t idx, const uint8_t nonce[static SEAL_MEMBER_NONCE]);

struct group_wrap {
	uint16_t idx;
	bool added;             /* new: the listing goes with it, and they get no earlier R */
	uint8_t bytes[GROUP_WRAP];
};

/* One rotation. */
struct rotation {
	uint8_t *roster;        /* to all members, the removed ones too; the relay may keep it */
	size_t roster_bytes;
	uint8_t *listing;       /* to those whom it adds */
	size_t listing_bytes;
	struct group_wrap *wraps;
	size_t wrap_count;
};
void rotation_clear(struct rotation *rotation);

/** Draw the next epoch. What does not fit (GROUP_ROSTER) stays staged, and rotation stays due. Only while connected,
 * and after a lost connection only when the R's made meanwhile were received: if somebody else took over, a second R is
 * a fork for everybody. *out is the caller's to clear. 0, -EPERM (does not lead, paused), -EIO, -ENOMEM. */
int group_rotate(struct group *group, struct rotation *out, int64_t now_ms);
/** The newest epoch wrapped once more, for a member who asks. 0, -EPERM, -ENOENT (no member, or no nonce of theirs),
 * -EIO. */
int group_rewrap(struct group *group, uint16_t idx, struct group_wrap *out);
/** Returns its length, -EPERM, -EIO. */
int group_make_heartbeat(struct group *group, uint8_t out[static GROUP_HEARTBEAT], int64_t now_ms);

/** Take over: the next rotation says so. The first of the succession who is connected may, when the leader left or
 * nothing came of it for 30 s; whoever's IK matches h may at any time. 0, -EPERM. */
int group_claim(struct group *group, int64_t now_ms);

#endif
