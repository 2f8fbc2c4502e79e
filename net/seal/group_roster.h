/* R as bytes: what a leader signs for each epoch. Pure; reading allocates nothing and points into the bytes read. */
#ifndef MOOT_NET_SEAL_GROUP_ROSTER_H
#define MOOT_NET_SEAL_GROUP_ROSTER_H

#include "net/seal/group.h"
#include "net/seal/lv.h"

enum group_op_kind { GROUP_OP_ADD = 1, GROUP_OP_REMOVE, GROUP_OP_ROLE };

/* add(idx, role, sb), remove(idx), role(idx, role) */
struct group_op {
	enum group_op_kind kind;
	uint16_t idx;
	enum group_role role;
	struct seal_bytes sb;
};

struct group_roster {
	uint32_t e;
	uint8_t prev[SEAL_HASH], members[SEAL_HASH], commit[SEAL_KEY];
	uint16_t leader, succession[GROUP_SUCCESSION];
	size_t succession_n;
	unsigned flags;
	int64_t time_ms;
	struct seal_bytes ops;          /* every one of them readable */
	struct seal_bytes r;            /* what is hashed and signed */
	const uint8_t *sig;             /* SEAL_SIG bytes */
};

/** Read R's message. 0, or -EBADMSG. */
int group_roster_read(struct group_roster *roster, struct seal_bytes message);
/** Write R without its signature. Returns its length, or -ENOSPC. */
int group_roster_write(const struct group_roster *roster, uint8_t *out, size_t size);

/** The next op; false at the end or when it cannot be read (ops->bad). */
bool group_op_next(struct lv_reader *ops, struct group_op *op);
void group_op_write(struct lv *lv, const struct group_op *op);

#endif
