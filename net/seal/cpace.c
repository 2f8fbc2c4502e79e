/* The group is libsodium's ristretto255; a result of -1 there (no point, the neutral point) ends the run. */
#include "net/seal/cpace.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "net/seal/lv.h"

static const char dsi[] = "CPaceRistretto255", dsi_isk[] = "CPaceRistretto255_ISK";

enum { BLOCK = 128 }; /* bytes that SHA-512 takes in at a time */

static size_t length_size(size_t n)
{
	size_t bytes = 1;

	while (n >>= 7)
		bytes++;
	return bytes;
}

/* lv_cat(DSI, PRS, zeros to the end of the first block, CI, sid), hashed, mapped to a point. */
int cpace_generator(uint8_t g[static CPACE_POINT], struct seal_bytes prs, struct seal_bytes ci, struct seal_bytes sid)
{
	static const uint8_t zeros[BLOCK];
	uint8_t text[CPACE_MAX], hash[SEAL_HASH];
	struct lv lv = lv_into(text, sizeof(text));
	size_t used = 1 + length_size(prs.n) + prs.n + length_size(strlen(dsi)) + strlen(dsi);
	int err;

	lv_text(&lv, dsi);
	lv_bytes(&lv, prs.p, prs.n);
	lv_bytes(&lv, zeros, used < BLOCK ? BLOCK - used : 0);
	lv_bytes(&lv, ci.p, ci.n);
	lv_bytes(&lv, sid.p, sid.n);
	err = lv.full ? -EINVAL : seal_hash(hash, (struct seal_bytes) { text, lv.n });
	if (!err && crypto_core_ristretto255_from_hash(g, hash))
		err = -EIO;
	seal_erase(text, sizeof(text));
	seal_erase(hash, sizeof(hash));
	return err;
}

int cpace_scalar(uint8_t scalar[static CPACE_SCALAR])
{
	do {
		if (seal_random(scalar, CPACE_SCALAR))
			return -EIO;
		scalar[CPACE_SCALAR - 1] &= 0x0F;
	} while (sodium_is_zero(scalar, CPACE_SCALAR));
	return 0;
}

int cpace_multiply(uint8_t out[static CPACE_POINT], const uint8_t scalar[static CPACE_SCALAR],
		   const uint8_t point[static CPACE_POINT])
{
	return crypto_scalarmult_ristretto255(out, scalar, point) ? -EBADMSG : 0;
}

int cpace_key(uint8_t isk[static SEAL_HASH], struct seal_bytes sid, const uint8_t k[static CPACE_POINT],
	      const uint8_t ya[static CPACE_POINT], struct seal_bytes ada, const uint8_t yb[static CPACE_POINT],
	      struct seal_bytes adb)
{
	uint8_t text[CPACE_MAX];
	struct lv lv = lv_into(text, sizeof(text));
	int err;

	lv_text(&lv, dsi_isk);
	lv_bytes(&lv, sid.p, sid.n);
	lv_bytes(&lv, k, CPACE_POINT);
	lv_bytes(&lv, ya, CPACE_POINT);
	lv_bytes(&lv, ada.p, ada.n);
	lv_bytes(&lv, yb, CPACE_POINT);
	lv_bytes(&lv, adb.p, adb.n);
	err = lv.full ? -EINVAL : seal_hash(isk, (struct seal_bytes) { text, lv.n });
	seal_erase(text, sizeof(text));
	return err;
}

int cpace_tag(uint8_t tag[static SEAL_HASH], struct seal_bytes sid, const uint8_t isk[static SEAL_HASH],
	      const uint8_t y[static CPACE_POINT], struct seal_bytes ad)
{
	uint8_t text[CPACE_MAX], mac[SEAL_HASH];
	struct lv lv = lv_into(text, sizeof(text));
	int err;

	lv_raw(&lv, "CPaceMac", 8);
	lv_raw(&lv, sid.p, sid.n);
	lv_raw(&lv, isk, SEAL_HASH);
	err = lv.full ? -EINVAL : seal_hash(mac, (struct seal_bytes) { text, lv.n });
	seal_erase(text, sizeof(text));
	lv = lv_into(text, sizeof(text));
	lv_bytes(&lv, y, CPACE_POINT);
	lv_bytes(&lv, ad.p, ad.n);
	if (!err)
		err = lv.full ? -EINVAL : seal_hmac(tag, SEAL_BYTES(mac), (struct seal_bytes) { text, lv.n });
	seal_erase(mac, sizeof(mac));
	return err;
}
