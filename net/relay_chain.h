/* What the rosters of one run of a meeting said, as far as a relay must know: who is in, who leads, who may next; and the
 * newest of them with their wraps, for those who missed some. Pure; one thread. Who may sign is asked of relay_lead.c. */
#ifndef MOOT_NET_RELAY_CHAIN_H
#define MOOT_NET_RELAY_CHAIN_H

#include "net/queue.h"
#include "net/seal/group_roster.h"

enum {
	CHAIN_EPOCHS = 32,                      /* kept */
	CHAIN_BYTES = 8 * 1024 * 1024,          /* … if they are no more than that */
	CHAIN_MEMBERS = 4 * GROUP_MEMBERS,      /* … and with those whom they remove no more people than that */
};

struct chain_member {
	uint16_t idx;
	uint32_t added, removed;                /* epochs; removed 0: is in */
	struct buf *binding;                    /* a piece */
};

struct chain_wrap {
	uint16_t idx;
	uint8_t bytes[GROUP_WRAP];
};

struct chain_epoch {
	uint32_t e;
	uint16_t leader;
	struct buf *roster, *listing;           /* pieces; listing: NULL when it adds nobody */
	struct chain_wrap *wraps;               /* by idx */
	size_t wrap_count, wrap_size;
};

struct chain {
	uint32_t e;                             /* newest; 0: none yet */
	uint8_t h[SEAL_HASH];
	uint16_t leader, succession[GROUP_SUCCESSION];
	size_t succession_n;
	struct chain_member *members;           /* by idx, then by when they were added (who was sent back may come again);
	                                           those who were removed as long as a kept epoch may name them */
	size_t member_count, member_size, in_count;
	struct chain_epoch epochs[CHAIN_EPOCHS]; /* oldest first */
	size_t epoch_count, bytes;
};

void chain_clear(struct chain *chain);
/** Is this the R that comes next? */
bool chain_next(const struct chain *chain, const struct group_roster *roster);
/** Follow it and keep it. roster: that is next, its signature checked. message: its bytes. listing: n 0 for none.
 * 0, or with nothing changed -EBADMSG (an op that cannot be, a leader who is not in it) or -ENOMEM. */
int chain_take(struct chain *chain, const struct group_roster *roster, struct seal_bytes message, struct seal_bytes listing);
/** Keep a wrap of the newest epoch, instead of one that this member had. 0, -ENOENT (not in), -ENOMEM. */
int chain_wrap(struct chain *chain, uint16_t idx, const uint8_t bytes[static GROUP_WRAP]);

/** The last by this number, removed or not, or NULL. Until the chain changes. */
const struct chain_member *chain_find(const struct chain *chain, uint32_t number);
/** In now? */
bool chain_has(const struct chain *chain, uint32_t number);
/** Is their binding needed to read this epoch's listing? */
bool chain_listed_before(const struct chain_member *member, uint32_t e);
/** A member's wrap of an epoch, or NULL. */
const uint8_t *chain_wrap_of(const struct chain_epoch *epoch, uint32_t number);

#endif
