/* Inside a group: what group*.c and talk.c share. Who uses a group includes group.h. */
#ifndef MOOT_NET_SEAL_GROUP_STATE_H
#define MOOT_NET_SEAL_GROUP_STATE_H

#include "net/seal/group_lead.h"
#include "net/seal/group_media.h"
#include "net/seal/group_roster.h"
#include "net/seal/keys.h"

enum {
	GROUP_EPOCHS = 8,               /* kept at a time, the newest included */
	GROUP_PAST = 64,                /* R's whose hashes are remembered */
	GROUP_CONFIRMED = 16,
	GROUP_WARN_MS = 30000, GROUP_SILENT_MS = 60000, GROUP_LEAVE_MS = 100000,
	GROUP_CLAIM_MS = 32000,         /* a claim is made after it is valid, for who heard the leader last */
	GROUP_BEAT_MS = 10000, GROUP_NONCE_MS = 180000, GROUP_ROTATE_MS = 300000, GROUP_OLD_MS = 600000,
	GROUP_APART_MS = 300,           /* rotations that shut nobody out: so that GROUP_EPOCHS of them outlast GROUP_SWITCH_MS */
	GROUP_FIRST_MS = 40,            /* the first change goes out at once, with those of the same moment */
	GROUP_EACH_MS = 5,              /* those after it together, after so much for each member, */
	GROUP_BATCH_MS = 1500,          /* within 2 s at most, the way there included */
	GROUP_SWITCH_MS = 50, GROUP_OVERLAP_MS = 10000, GROUP_HOLD_MS = 2000, GROUP_ASK_MS = 5000,
	GROUP_FAILURES = 50, GROUP_FAILURES_MS = 10000,
};

/* The key of a sender's stream in an epoch; the same struct is used to send, next being the CTR to come, and to
 * receive, next being the lowest that is taken. */
struct media_key {
	struct sframe_key *key;
	uint64_t next;
};

struct member {
	uint16_t idx;
	bool gone;                      /* the relay says: not connected */
	bool has_shared, has_psk, has_nonce;
	struct binding binding;
	uint8_t shared[SEAL_KEY];       /* X25519 of their EK and mine */
	uint8_t psk[SEAL_KEY];          /* leading: agreed at their join */
	uint8_t nonce[SEAL_MEMBER_NONCE];
	struct media_key *keys[GROUP_EPOCHS]; /* [GROUP_STREAMS] each, made when first needed */
	uint64_t private_out, private_in;     /* CTR to send next; the lowest that is taken */
	uint64_t said[2], commanded;    /* highest seq: chat, private; commands */
	int64_t fail_ms;                /* when the failures that are counted began */
	unsigned fails;
	bool trouble;
};

struct member *member_new(uint16_t idx, const struct binding *binding);
void member_free(struct member *member);
void member_forget_epoch(struct member *member, unsigned slot);

/* People by idx. */
struct seat {
	struct member *member;
	enum group_role role;
};
struct seats {
	struct seat *seat;
	size_t n, size;
};

struct seat *seats_find(const struct seats *seats, uint16_t idx);
/** 0, -EEXIST, -ENOSPC, -ENOMEM. The member is the caller's when it fails. */
int seats_put(struct seats *seats, struct member *member, enum group_role role);
void seats_take(struct seats *seats, struct seat *seat);
int seats_copy(struct seats *to, const struct seats *from);
/** members_hash. 0, -EIO, -ENOMEM. */
int seats_hash(uint8_t out[static SEAL_HASH], const struct seats *seats);
/** Forget the people (free: erase them too). */
void seats_clear(struct seats *seats, bool free_members);

/* The next roster while it is being worked out: what it takes in and drops becomes true together, or not at all. */
struct plan {
	struct seats seats;
	struct member **added, **removed;
	size_t added_n, removed_n;
};

int plan_begin(struct plan *plan, const struct seats *from);
/** Takes the member over. 0, -EEXIST, -ENOSPC, -ENOMEM (it is freed then). */
int plan_add(struct plan *plan, struct member *member, enum group_role role);
/** 0, -ENOENT, -EINVAL (added by the same plan), -ENOMEM. */
int plan_remove(struct plan *plan, uint16_t idx);
int plan_role(struct plan *plan, uint16_t idx, enum group_role role);
/** Somebody in it is of SEAL_MODE_RELAY. */
bool plan_in_clear(const struct plan *plan);
void plan_drop(struct plan *plan);

enum group_verdict plan_error(int err);
/** An add of an R: idx and binding are good, and, when flags and the roster say locked, not new to the meeting. */
enum group_verdict plan_op_add(struct group *group, struct plan *plan, const struct group_op *op, unsigned flags);
enum group_verdict plan_ops(struct group *group, struct plan *plan, const struct group_roster *r);
/** The plan is the roster that was signed, it has a leader who can lead, and says so if the relay can hear. */
enum group_verdict plan_check(const struct plan *plan, const struct group_roster *r);

struct epoch {
	uint32_t e;                     /* 0: empty */
	bool has_key;
	uint8_t h[SEAL_HASH], es[SEAL_KEY];
	int64_t came_ms, send_ms, ends_ms; /* ends: 0 while it is the newest */
	struct media_key own[GROUP_STREAMS];
};

struct past {
	uint32_t e;
	uint8_t h[SEAL_HASH], signer[SEAL_KEY];
	uint8_t led[SEAL_KEY];          /* the IK of who led before it, and might have signed another */
};

struct held {
	uint16_t idx;
	enum group_stream stream;
	int64_t came_ms;
	size_t metadata_n, n;
	uint8_t bytes[];                /* metadata, frame */
};

struct staged {
	struct group_op op;
	struct member *member;          /* of an add */
};

struct group {
	struct seal_meeting meeting;
	struct seal_self self;
	uint16_t idx;
	bool has_h, in, consented;
	uint8_t h[32];
	enum group_reason stopped;      /* for good */

	/* the chain */
	uint32_t e;
	uint8_t h_e[SEAL_HASH], commit[SEAL_KEY];
	uint16_t leader;
	unsigned flags;
	uint16_t next[GROUP_SUCCESSION], before[GROUP_SUCCESSION]; /* succession of this R; of the one before */
	size_t next_n, before_n;
	struct seats seats, hints;
	struct past past[GROUP_PAST];
	uint8_t used[65536 / 8];        /* idx that were members */
	struct was {
		uint16_t idx;
		uint8_t ik[SEAL_KEY], ek[SEAL_KEY];
	} *history;                     /* who were members */
	size_t history_n, history_size;
	bool history_whole;             /* since the meeting began */

	/* one's own */
	bool expects, has_psk;
	uint8_t leader_b[SEAL_HASH], psk[SEAL_KEY];
	uint8_t nonces[2][SEAL_MEMBER_NONCE]; /* the newest first */
	unsigned nonce_n;
	int64_t nonce_ms, asked_ms;
	uint8_t confirmed[GROUP_CONFIRMED][SEAL_KEY];
	unsigned confirmed_n;
	uint64_t chat_seq, command_seq;

	/* whether the leader is there */
	int64_t alive_ms, offset_ms;
	bool has_offset, has_beat;
	uint64_t beat;
	uint8_t beat_hash[SEAL_HASH];

	/* leading */
	struct staged *staged;
	size_t staged_n, staged_size;
	unsigned staged_flags;
	uint16_t successor;             /* to hand over to, or 0 */
	bool claims;                    /* the next rotation takes over */
	int64_t due_ms, rotated_ms, next_beat_ms;
	uint64_t own_beat;
	uint8_t own_beat_hash[SEAL_HASH];

	/* frames */
	struct epoch epochs[GROUP_EPOCHS];
	struct held *held[GROUP_HELD_FRAMES];
	unsigned held_n;
	size_t held_bytes;
	struct group_counts counts;
};

/* group.c */
/** Is it one of the two states in which frames are sealed and sent? Asked for each frame. */
bool group_seals(const struct group *group, int64_t now_ms);
void group_stop(struct group *group, enum group_reason reason);
bool group_is_host_key(const struct group *group, const struct binding *binding);
bool group_idx_used(const struct group *group, uint16_t idx);
/** Is it somebody else's, or in use? Who was sent back comes in again under the number that they had, with a new EK: with
 * the one of before, private messages would use their counters twice. */
bool group_idx_taken(const struct group *group, uint16_t idx, const struct binding *binding);
/** X25519 of their EK and one's own, kept with the member. 0, -EBADMSG, -EIO. */
int group_shared(struct group *group, struct member *member);

/* group_epoch.c */

/** Make the plan true: the roster R with its hash, its key if es is known. Returns 0, or -ENOMEM and the group is
 * stopped. The plan is used up. */
int group_install(struct group *group, struct plan *plan, const struct group_roster *r,
		  const uint8_t h[static SEAL_HASH], const uint8_t signer[static SEAL_KEY], const uint8_t *es,
		  int64_t now_ms);
struct epoch *group_epoch_of(struct group *group, uint32_t e);
/** The one that is sent under, NULL when there is none. */
struct epoch *group_sending(const struct group *group, int64_t now_ms);
void group_epoch_erase(struct group *group, struct epoch *epoch);
/** Erase those that are over. */
void group_epochs_tick(struct group *group, int64_t now_ms);
/** The leader was heard of: its clock said time_ms. */
void group_alive(struct group *group, int64_t time_ms, int64_t now_ms);
/** May this member take over now? */
bool group_may_claim(const struct group *group, const struct member *member, const uint16_t *succession, size_t n,
		     int64_t lost_ms, int64_t now_ms);

/* group_lead.c */
void group_unstage(struct group *group);
/** What a leader is to do now: GROUP_ROTATE, GROUP_BEAT. */
unsigned group_lead_tick(const struct group *group, int64_t now_ms);

/* group_media.c */
/** Whether there is a held frame to be had; drops those held too long. */
bool group_held_tick(struct group *group, int64_t now_ms);

#endif
