/* The secrets that an epoch's secret and a pair of people give: media keys, commitments, wraps. Pure. */
#ifndef MOOT_NET_SEAL_KEYS_H
#define MOOT_NET_SEAL_KEYS_H

#include "net/seal/crypto.h"

struct sframe_key;

enum { KEYS_BASE = 64, KEYS_WRAP = SEAL_NONCE + SEAL_KEY + SEAL_TAG };

/** KID = idx << 12 | stream << 8 | e mod 256 */
uint64_t keys_kid(uint16_t idx, uint8_t stream, uint32_t e);

/** SFrame key of a sender (b) for a stream in the epoch h_e with secret es. NULL: no memory, or crypto failed. */
struct sframe_key *keys_media(uint64_t kid, const uint8_t h_e[static SEAL_HASH], const uint8_t es[static SEAL_KEY],
			      const uint8_t b[static SEAL_HASH], uint8_t stream);
/** SFrame key from one person to another. shared: X25519 of their EKs. */
struct sframe_key *keys_private(uint64_t kid, const uint8_t uuid[static SEAL_UUID],
				const uint8_t shared[static SEAL_KEY], const uint8_t b_from[static SEAL_HASH],
				const uint8_t b_to[static SEAL_HASH]);

/** What R says about its secret. 0, -EIO. */
int keys_commit(uint8_t commit[static SEAL_KEY], const uint8_t uuid[static SEAL_UUID], const uint8_t es[static SEAL_KEY]);

/* Between whom a secret is wrapped, and when. psk: NULL when the leader has changed since the join. */
struct keys_wrap {
	const uint8_t *uuid, *shared, *psk, *b_leader, *b_member, *nonce, *h_e;
	uint32_t e;
};
/** 0, -EIO. */
int keys_wrap(uint8_t out[static KEYS_WRAP], const struct keys_wrap *how, const uint8_t es[static SEAL_KEY]);
/** 0, -EBADMSG (es untouched), -EIO. */
int keys_unwrap(uint8_t es[static SEAL_KEY], const struct keys_wrap *how, const uint8_t wrap[static KEYS_WRAP]);

#endif
