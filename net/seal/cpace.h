/* CPace (draft-irtf-cfrg-cpace-21, suite CPACE-RISTR255-SHA512, initiator and responder): two who know the same secret, even a
 * short one, agree on a key, and nobody can try more than one guess a run. Pure. */
#ifndef MOOT_NET_SEAL_CPACE_H
#define MOOT_NET_SEAL_CPACE_H

#include "net/seal/crypto.h"

enum { CPACE_POINT = 32, CPACE_SCALAR = 32, CPACE_MAX = 4096 };

/** The generator for a secret (PRS), a channel identifier (CI) and a session (sid). 0, -EINVAL (too long), -EIO. */
int cpace_generator(uint8_t g[static CPACE_POINT], struct seal_bytes prs, struct seal_bytes ci, struct seal_bytes sid);
/** A random scalar. 0, -EIO. */
int cpace_scalar(uint8_t scalar[static CPACE_SCALAR]);
/** Y = scalar * g, or K = scalar * Y of the other end. -EBADMSG: no point, or the neutral one: abort. */
int cpace_multiply(uint8_t out[static CPACE_POINT], const uint8_t scalar[static CPACE_SCALAR],
		   const uint8_t point[static CPACE_POINT]);
/** The key of both: a is the initiator. 0, -EINVAL, -EIO. */
int cpace_key(uint8_t isk[static SEAL_HASH], struct seal_bytes sid, const uint8_t k[static CPACE_POINT],
	      const uint8_t ya[static CPACE_POINT], struct seal_bytes ada, const uint8_t yb[static CPACE_POINT],
	      struct seal_bytes adb);
/** The tag by which one end shows that it has the key: HMAC(H("CPaceMac" || sid || ISK), LV(Y, AD)). */
int cpace_tag(uint8_t tag[static SEAL_HASH], struct seal_bytes sid, const uint8_t isk[static SEAL_HASH],
	      const uint8_t y[static CPACE_POINT], struct seal_bytes ad);

#endif
