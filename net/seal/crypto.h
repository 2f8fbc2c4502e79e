/* The primitives of the end-to-end encryption, each one call into OpenSSL or libsodium: nothing is invented here. An
 * error of a primitive (no memory, no random bytes) is -EIO: whoever gets it stops sending. Any thread. */
#ifndef MOOT_NET_SEAL_CRYPTO_H
#define MOOT_NET_SEAL_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SEAL_HASH = 64,  /* SHA-512 */
	SEAL_KEY = 32,
	SEAL_NONCE = 12, /* AES-GCM */
	SEAL_TAG = 16,
	SEAL_SIG = 64,   /* Ed25519 */
	SEAL_UUID = 16,
	SEAL_MEMBER_NONCE = 16,
};

/* Bytes, as an argument. */
struct seal_bytes {
	const void *p;
	size_t n;
};
#define SEAL_BYTES(array) ((struct seal_bytes) { (array), sizeof(array) })

int seal_random(void *p, size_t n);
void seal_erase(void *p, size_t n);
bool seal_same(const void *a, const void *b, size_t n); /* in constant time */
int seal_hash(uint8_t out[static SEAL_HASH], struct seal_bytes in);
int seal_hmac(uint8_t out[static SEAL_HASH], struct seal_bytes key, struct seal_bytes in);
/** HKDF-SHA-512, extract and expand; n at most 255 * 64. */
int seal_kdf(void *out, size_t n, struct seal_bytes salt, struct seal_bytes ikm, struct seal_bytes info);
/** A fresh X25519 pair. */
int seal_pair(uint8_t secret[static SEAL_KEY], uint8_t key[static SEAL_KEY]);
/** -EBADMSG when the result is all zero (a point of low order). */
int seal_x25519(uint8_t out[static SEAL_KEY], const uint8_t secret[static SEAL_KEY], const uint8_t key[static SEAL_KEY]);
int seal_sign(uint8_t sig[static SEAL_SIG], const uint8_t secret[static 64], struct seal_bytes message);
/** 0, or -EBADMSG. */
int seal_verify(const uint8_t sig[static SEAL_SIG], const uint8_t key[static SEAL_KEY], struct seal_bytes message);

/* AES-256-GCM with one key, its schedule kept: NULL when out of memory. out of seal_aead_seal: n + SEAL_TAG bytes; of
 * seal_aead_open: n - SEAL_TAG; in and out may be the same place. open: -EBADMSG when it was tampered with. */
struct seal_aead;
struct seal_aead *seal_aead_new(const uint8_t key[static SEAL_KEY]);
void seal_aead_free(struct seal_aead *aead);
int seal_aead_seal(struct seal_aead *aead, uint8_t *out, const uint8_t nonce[static SEAL_NONCE], struct seal_bytes aad,
		   const uint8_t *in, size_t n);
int seal_aead_open(struct seal_aead *aead, uint8_t *out, const uint8_t nonce[static SEAL_NONCE], struct seal_bytes aad,
		   const uint8_t *in, size_t n);

#endif
