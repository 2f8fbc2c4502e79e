/* Each secret is one call of the KDF, with everything that it depends on in its info. */
#include <errno.h>
#include <string.h>

#include "net/seal/keys.h"
#include "net/seal/lv.h"
#include "net/seal/sframe.h"

enum { KEYS_INFO = 320 };

uint64_t keys_kid(uint16_t idx, uint8_t stream, uint32_t e)
{
	return (uint64_t)idx << 12 | (uint64_t)(stream & 15) << 8 | (e & 255);
}

static struct seal_bytes info_of(const struct lv *lv)
{
	return (struct seal_bytes) { lv->p, lv->n };
}

static struct sframe_key *key_from(uint64_t kid, struct seal_bytes salt,
				   const uint8_t secret[static SEAL_KEY], const struct lv *info)
{
	struct sframe_key *key = NULL;
	uint8_t base[KEYS_BASE];

	if (!info->full &&
	    seal_kdf(base, sizeof base, salt, (struct seal_bytes) { secret, SEAL_KEY }, info_of(info)) == 0)
		key = sframe_key_new(SFRAME_AES_256_GCM_SHA512, kid, base, sizeof base);
	seal_erase(base, sizeof base);
	return key;
}

struct sframe_key *keys_media(uint64_t kid, const uint8_t h_e[static SEAL_HASH],
			      const uint8_t es[static SEAL_KEY], const uint8_t b[static SEAL_HASH],
			      uint8_t stream)
{
	uint8_t buf[KEYS_INFO];
	struct lv info = lv_into(buf, sizeof buf);

	lv_text(&info, "moot1 media");
	lv_bytes(&info, b, SEAL_HASH);
	lv_bytes(&info, &stream, 1);
	return key_from(kid, (struct seal_bytes) { h_e, SEAL_HASH }, es, &info);
}

struct sframe_key *keys_private(uint64_t kid, const uint8_t uuid[static SEAL_UUID],
				const uint8_t shared[static SEAL_KEY], const uint8_t b_from[static SEAL_HASH],
				const uint8_t b_to[static SEAL_HASH])
{
	uint8_t buf[KEYS_INFO];
	struct lv info = lv_into(buf, sizeof buf);

	lv_text(&info, "moot1 dm");
	lv_bytes(&info, b_from, SEAL_HASH);
	lv_bytes(&info, b_to, SEAL_HASH);
	return key_from(kid, (struct seal_bytes) { uuid, SEAL_UUID }, shared, &info);
}

int keys_commit(uint8_t commit[static SEAL_KEY], const uint8_t uuid[static SEAL_UUID],
		const uint8_t es[static SEAL_KEY])
{
	static const char info[] = "moot1 commit";

	return seal_kdf(commit, SEAL_KEY, (struct seal_bytes) { uuid, SEAL_UUID },
			(struct seal_bytes) { es, SEAL_KEY }, (struct seal_bytes) { info, sizeof info - 1 });
}

static struct seal_aead *wrap_key(const struct keys_wrap *how)
{
	uint8_t ikm_buf[2 * SEAL_KEY + 8], info_buf[KEYS_INFO], k[SEAL_KEY];
	struct lv ikm = lv_into(ikm_buf, sizeof ikm_buf), info = lv_into(info_buf, sizeof info_buf);
	struct seal_aead *aead = NULL;

	lv_bytes(&ikm, how->shared, SEAL_KEY);
	lv_bytes(&ikm, how->psk ? how->psk : (const uint8_t *)"", how->psk ? SEAL_KEY : 0);
	lv_text(&info, "moot1 wrap");
	lv_u32(&info, how->e);
	lv_bytes(&info, how->b_leader, SEAL_HASH);
	lv_bytes(&info, how->b_member, SEAL_HASH);
	lv_bytes(&info, how->nonce, SEAL_MEMBER_NONCE);
	if (!ikm.full && !info.full &&
	    seal_kdf(k, sizeof k, (struct seal_bytes) { how->uuid, SEAL_UUID }, info_of(&ikm),
		     info_of(&info)) == 0)
		aead = seal_aead_new(k);
	seal_erase(k, sizeof k);
	seal_erase(ikm_buf, sizeof ikm_buf);
	return aead;
}

int keys_wrap(uint8_t out[static KEYS_WRAP], const struct keys_wrap *how, const uint8_t es[static SEAL_KEY])
{
	struct seal_aead *aead = wrap_key(how);
	int err = -EIO;

	if (aead && seal_random(out, SEAL_NONCE) == 0)
		err = seal_aead_seal(aead, out + SEAL_NONCE, out, (struct seal_bytes) { how->h_e, SEAL_HASH },
				     es, SEAL_KEY);
	seal_aead_free(aead);
	return err < 0 ? -EIO : 0;
}

int keys_unwrap(uint8_t es[static SEAL_KEY], const struct keys_wrap *how,
		const uint8_t wrap[static KEYS_WRAP])
{
	struct seal_aead *aead = wrap_key(how);
	uint8_t out[SEAL_KEY];
	int err = -EIO;

	if (aead)
		err = seal_aead_open(aead, out, wrap, (struct seal_bytes) { how->h_e, SEAL_HASH },
				     wrap + SEAL_NONCE, SEAL_KEY + SEAL_TAG);
	if (err >= 0)
		memcpy(es, out, SEAL_KEY);
	seal_erase(out, sizeof out);
	seal_aead_free(aead);
	return err < 0 ? err : 0;
}
