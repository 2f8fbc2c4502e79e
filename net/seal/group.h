/* One client's view of those who share a meeting's keys. One of them leads: it draws a fresh secret for each epoch,
 * signs what the roster has become (R) and wraps the secret for every member. The relay carries all of it and can only
 * withhold. Everybody checks every R against the one before it, so that nobody is in without all seeing it.
 *     R  = LV(e, prev, leader, ops, members hash, flags, succession, time, commit)      h_e = H(R)
 *     R's message = R || Sig("roster", R)
 * Here: coming in, following the leader, and what to show and do as time passes. Leading is group_lead.h, frames are
 * group_media.h, chat and commands talk.h.
 *
 * Pure: time comes in as now_ms, milliseconds that never step back nor stop in sleep (the wall clock when the client
 * started and CLOCK_BOOTTIME since: the leader's are signed and sent). What comes from the relay is bounded and
 * checked. One thread.
 * idx is the relay's number of a person, 1 to GROUP_IDX_MAX, never another's while a meeting runs. A person who connects
 * anew without this struct has new keys: make a new group. */
#ifndef MOOT_NET_SEAL_GROUP_H
#define MOOT_NET_SEAL_GROUP_H

#include "net/seal/binding.h"

enum {
	GROUP_IDX_MAX = 65500,
	GROUP_MEMBERS = 1000,
	GROUP_ROSTER = 64 * 1024,                            /* bytes of R's message, at most */
	GROUP_WRAP = SEAL_NONCE + SEAL_KEY + SEAL_TAG,
	GROUP_LISTING = GROUP_MEMBERS * 3,                   /* bytes of a listing, at most */
	GROUP_SUCCESSION = 32,
	GROUP_HEARTBEAT = 256,                               /* bytes of a heartbeat, at most */
};

/* As in the signed roster: stable numbers. */
enum group_role { GROUP_PARTICIPANT, GROUP_COHOST, GROUP_HOST, GROUP_ROLES };
enum group_flag { GROUP_LOCKED = 1, GROUP_RELAY_MODE = 2 };

/* What came of a message. The roster follows every valid R; its key is only taken when the wrap opens and matches the
 * commitment (else, of a member, GROUP_WITHOUT_KEY, GROUP_NO_WRAP or GROUP_COMMIT_MISMATCH: the old epoch ends all the
 * same, and group_tick() says when to ask for a wrap). A newcomer takes all or nothing. All other refusals change
 * nothing, but after GROUP_FORK, GROUP_REMOVED and GROUP_BROKEN nothing is sent any more. */
enum group_verdict {
	GROUP_ACCEPTED,
	GROUP_WITHOUT_KEY,      /* R is followed, no wrap came */
	GROUP_AGAIN,            /* had that already */
	GROUP_MALFORMED,
	GROUP_STALE,            /* of an epoch long gone */
	GROUP_GAP,              /* of a later epoch: fetch those from group_epoch() + 1 on, then this again */
	GROUP_FORK,             /* a second R with the same predecessor, validly signed: paused, join anew */
	GROUP_BAD_SIGNATURE,
	GROUP_NOT_LEADER,       /* signed by one who does not lead and may not claim to, now */
	GROUP_WRONG_PREVIOUS,
	GROUP_BAD_MEMBER,       /* an op that cannot be: used idx, somebody unknown, a binding that does not verify */
	GROUP_MEMBERS_MISMATCH, /* the roster is not the signed one */
	GROUP_MISSING,          /* a newcomer lacks bindings of the listing: group_hint() them, then this again */
	GROUP_NOT_LISTED,       /* a newcomer is not in it, or is not added by it */
	GROUP_REMOVED,          /* it removes oneself: keys are erased */
	GROUP_NOT_IN_HISTORY,   /* it is locked and adds somebody who was not in this meeting before */
	GROUP_DOWNGRADE,        /* it has people whom the relay can hear, and does not say so */
	GROUP_NO_WRAP,          /* the wrap does not open */
	GROUP_COMMIT_MISMATCH,  /* it opens to another secret than the signed one */
	GROUP_LATE,             /* a heartbeat that is not above the last one, or breaks their chain */
	GROUP_BROKEN,           /* no memory, no random bytes: paused */
	GROUP_VERDICTS
};
/** "accepted", "without-key", … */
const char *group_verdict_name(enum group_verdict verdict);

struct group;

/** idx: one's own. self is copied; h: SHA-256 of the host's IK out of the invite, or NULL. NULL when out of memory or
 * idx is out of range. */
struct group *group_new(const struct seal_meeting *meeting, const struct seal_self *self, uint16_t idx,
			const uint8_t *h);
/** Erases all secrets. NULL is fine. */
void group_free(struct group *group);

/** After the join: who welcomed (their b), the secret agreed with them and the nonce sent in PROOF. The R that adds
 * oneself must be theirs; when somebody else leads by then, join again with that one. */
void group_expect(struct group *group, const uint8_t leader_b[static SEAL_HASH], const uint8_t psk[static SEAL_KEY],
		  const uint8_t nonce[static SEAL_MEMBER_NONCE]);

/** A person's binding, as the relay tells it; before the R that adds oneself, for those who are there already. It is
 * believed only when a signed roster has it. 0, -EINVAL, -EBADMSG, -ENOSPC, -ENOMEM. */
int group_hint(struct group *group, uint16_t idx, struct seal_bytes sb);

/** The relay says that this member's connection is there or gone; a lost leader may be succeeded at once. */
void group_connected(struct group *group, uint16_t idx, bool connected);

/** R's message, one's own wrap (GROUP_WRAP bytes; n = 0 when none came: a gap that is filled) and, for whom it adds,
 * the listing of all members that came with the wrap (else n = 0). */
enum group_verdict group_receive(struct group *group, struct seal_bytes roster, struct seal_bytes wrap,
				 struct seal_bytes listing, int64_t now_ms);
/** A wrap that was asked for, of the newest R. */
enum group_verdict group_receive_wrap(struct group *group, struct seal_bytes wrap, int64_t now_ms);
/** A heartbeat of the leader. */
enum group_verdict group_receive_heartbeat(struct group *group, struct seal_bytes heartbeat, int64_t now_ms);

/** A fresh nonce for the wraps to come, to be told to the relay, which gives the newest to whoever leads. 0, -EIO. */
int group_make_nonce(struct group *group, uint8_t nonce[static SEAL_MEMBER_NONCE], int64_t now_ms);

/* What group_tick() wants done or shown. */
enum group_want {
	GROUP_WARN = 1,         /* nothing of the leader for 30 s */
	GROUP_SILENT = 2,       /* 60 s: nothing is sent */
	GROUP_LEAVE = 4,        /* 100 s: leave */
	GROUP_ROTATE = 8,       /* one leads: group_rotate() now */
	GROUP_BEAT = 16,        /* one leads: group_make_heartbeat() now */
	GROUP_NONCE = 32,       /* group_make_nonce() now */
	GROUP_ASK = 64,         /* tell a fresh nonce and ask the leader for a wrap; said at most once in 5 s */
	GROUP_MAY_CLAIM = 128,  /* the leader is lost and one is next: group_claim() */
	GROUP_OLD = 256,        /* the epoch is older than 600 s: nothing is sent */
	GROUP_READY = 512,      /* frames that were held can be had with group_release() */
	GROUP_TROUBLE = 1024,   /* somebody's frames fail: group_trouble() says whose */
};
/** Let time pass: erases epochs that are over. Call it every second at least, more often is fine. Returns a mask of
 * enum group_want. */
unsigned group_tick(struct group *group, int64_t now_ms);

/* The four states of the protocol; NONE: not in yet. */
enum group_state { GROUP_NONE, GROUP_VERIFIED, GROUP_NOT_VERIFIED, GROUP_TO_RELAY, GROUP_PAUSED };
enum group_reason {
	GROUP_FINE, GROUP_FORKED, GROUP_WAS_REMOVED, GROUP_CRYPTO_FAILED, GROUP_NO_HEARTBEAT, GROUP_TOO_OLD,
	GROUP_NO_KEY, GROUP_REASONS
};
/** "fork", "removed", "crypto", "no-heartbeat", "old-epoch", "no-key"; "" for GROUP_FINE. */
const char *group_reason_name(enum group_reason reason);

/** reason: why GROUP_PAUSED; may be NULL. */
enum group_state group_state(const struct group *group, int64_t now_ms, enum group_reason *reason);
/** The user compared the code of the leader, or known_people has its IK as verified; or one is the host oneself. It
 * stands for this IK whenever it leads: look known_people up when group_leader() changes. */
void group_confirm(struct group *group);
/** In relay mode: the user's own yes to being heard by the relay; forgotten when the mode ends. */
void group_consent(struct group *group, bool yes);
/** May media go out unsealed (relay mode with one's own yes), and come in so (relay mode)? */
bool group_sends_plain(const struct group *group);
bool group_takes_plain(struct group *group, uint16_t from);

/* A member, until the next call that changes the group. */
struct group_member {
	uint16_t idx;
	enum group_role role;
	const struct binding *binding;
};
/** NULL-filled and false when there is none. */
bool group_find(const struct group *group, uint16_t idx, struct group_member *member);
bool group_leader(const struct group *group, struct group_member *leader);
size_t group_count(const struct group *group);
/** The i-th member by idx. */
bool group_at(const struct group *group, size_t i, struct group_member *member);
/** 0 before the first. */
uint32_t group_epoch(const struct group *group);
unsigned group_flags(const struct group *group);
bool group_leads(const struct group *group);
/** Has this key been a member, as far as is known here? */
bool group_was_in(const struct group *group, const uint8_t ik[static SEAL_KEY]);

#endif
