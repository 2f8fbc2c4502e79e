/* SFrame (RFC 9605): frames sealed with AES-GCM under a key whose number and counter are in a short header. The cipher
 * suite is a parameter; Moot uses suite 5. Pure. */
#ifndef MOOT_NET_SEAL_SFRAME_H
#define MOOT_NET_SEAL_SFRAME_H

#include "net/seal/crypto.h"

enum sframe_suite { SFRAME_AES_128_GCM_SHA256 = 4, SFRAME_AES_256_GCM_SHA512 = 5 };

enum { SFRAME_HEADER_MAX = 17, SFRAME_OVERHEAD_MAX = SFRAME_HEADER_MAX + SEAL_TAG };

/** One key of one sender. NULL: unknown suite, or no memory. base_key: n bytes, as the key management gave it. */
struct sframe_key;
struct sframe_key *sframe_key_new(enum sframe_suite suite, uint64_t kid, const uint8_t *base_key, size_t n);
void sframe_key_free(struct sframe_key *key);

/** Write a header of the shortest form. Returns its length. */
size_t sframe_header_write(uint8_t p[static SFRAME_HEADER_MAX], uint64_t kid, uint64_t ctr);
/** Read one. Returns its length, or -EBADMSG (cut short, or not the shortest form). */
int sframe_header_read(const uint8_t *p, size_t n, uint64_t *kid, uint64_t *ctr);

/** Seal n bytes: header, ciphertext, tag. out may be in (it is moved up). Returns the length, -ENOSPC, -EIO. A counter
 * is never used twice: that is for the caller to see to, also when this failed. */
int sframe_seal(struct sframe_key *key, uint64_t ctr, struct seal_bytes metadata, const uint8_t *in, size_t n, uint8_t *out,
		size_t size);
/** Open a frame of this key. out may be frame. Returns the length of what was in it, -EBADMSG (another key's, or not
 * what was sealed), -ENOSPC, -EIO. */
int sframe_open(struct sframe_key *key, struct seal_bytes metadata, const uint8_t *frame, size_t n, uint8_t *out, size_t size);

/* What a base key becomes: for checking against published vectors. */
struct sframe_material {
	uint8_t secret[64], key[32], salt[SEAL_NONCE];
	size_t secret_n, key_n;
};
int sframe_derive(struct sframe_material *out, enum sframe_suite suite, uint64_t kid, const uint8_t *base_key, size_t n);
void sframe_nonce(uint8_t nonce[static SEAL_NONCE], const uint8_t salt[static SEAL_NONCE], uint64_t ctr);

#endif
