/* OpenSSL 3 for hashes, HKDF, signatures, X25519 and AES-GCM; libsodium for random bytes, comparing and erasing. The
 * algorithms are fetched once: EVP_get_digestbyname() and the like look them up by name on each call. */
#include "net/seal/crypto.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static EVP_CIPHER *aes_256_gcm;
static EVP_KDF *hkdf;
static bool ready;

static void fetch(void)
{
	if (sodium_init() < 0)
		return;
	aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	ready = aes_256_gcm && hkdf;
}

static bool fetched(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return ready;
}

int seal_random(void *p, size_t n)
{
	if (!fetched())
		return -EIO;
	randombytes_buf(p, n);
	return 0;
}

void seal_erase(void *p, size_t n)
{
	sodium_memzero(p, n);
}

bool seal_same(const void *a, const void *b, size_t n)
{
	return !sodium_memcmp(a, b, n);
}

int seal_hash(uint8_t out[static SEAL_HASH], struct seal_bytes in)
{
	return EVP_Digest(in.p, in.n, out, NULL, EVP_sha512(), NULL) == 1 ? 0 : -EIO;
}

int seal_hmac(uint8_t out[static SEAL_HASH], struct seal_bytes key, struct seal_bytes in)
{
	unsigned n = SEAL_HASH;

	if (key.n > INT_MAX)
		return -EIO;
	return HMAC(EVP_sha512(), key.n ? key.p : "", (int)key.n, in.n ? in.p : (const uint8_t *)"", in.n, out, &n) ? 0 :
														     -EIO;
}

/* OpenSSL takes pointers to bytes that it does not write. */
static OSSL_PARAM octets(const char *name, struct seal_bytes bytes)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)(bytes.n ? bytes.p : ""), bytes.n);
}

int seal_kdf(void *out, size_t n, struct seal_bytes salt, struct seal_bytes ikm, struct seal_bytes info)
{
	char digest[] = "SHA512";
	EVP_KDF_CTX *kdf = fetched() ? EVP_KDF_CTX_new(hkdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		octets(OSSL_KDF_PARAM_KEY, ikm),
		octets(OSSL_KDF_PARAM_INFO, info),
		/* Without a salt it is as many zeros as the hash has bytes: leaving it out means that. */
		salt.n ? octets(OSSL_KDF_PARAM_SALT, salt) : OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};
	int err = kdf && EVP_KDF_derive(kdf, out, n, params) == 1 ? 0 : -EIO;

	EVP_KDF_CTX_free(kdf);
	return err;
}

int seal_pair(uint8_t secret[static SEAL_KEY], uint8_t key[static SEAL_KEY])
{
	EVP_PKEY *pair;
	size_t n = SEAL_KEY;
	int err = -EIO;

	if (seal_random(secret, SEAL_KEY))
		return -EIO;
	pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, SEAL_KEY);
	if (pair && EVP_PKEY_get_raw_public_key(pair, key, &n) == 1)
		err = 0;
	EVP_PKEY_free(pair);
	return err;
}

int seal_x25519(uint8_t out[static SEAL_KEY], const uint8_t secret[static SEAL_KEY], const uint8_t key[static SEAL_KEY])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, SEAL_KEY);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, key, SEAL_KEY);
	EVP_PKEY_CTX *ctx = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t n = SEAL_KEY;
	int err = -EIO;

	if (!peer || !ctx || EVP_PKEY_derive_init(ctx) != 1 || EVP_PKEY_derive_set_peer(ctx, peer) != 1)
		goto out;
	/* All that can still go wrong is the point. */
	err = EVP_PKEY_derive(ctx, out, &n) == 1 && n == SEAL_KEY && !sodium_is_zero(out, n) ? 0 : -EBADMSG;
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	return err;
}

int seal_sign(uint8_t sig[static SEAL_SIG], const uint8_t secret[static 64], struct seal_bytes message)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SEAL_SIG;
	int err = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
				  EVP_DigestSign(ctx, sig, &n, message.p, message.n) == 1 ?
			  0 :
			  -EIO;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return err;
}

/* libsodium refuses what OpenSSL lets pass: keys and points of low order. */
int seal_verify(const uint8_t sig[static SEAL_SIG], const uint8_t key[static SEAL_KEY], struct seal_bytes message)
{
	return crypto_sign_verify_detached(sig, message.p, message.n, key) ? -EBADMSG : 0;
}

/* ---- AES-256-GCM ------------------------------------------------------------------------------------------ */

/* The key schedule of each direction is made once; a frame sets only its nonce. */
struct seal_aead {
	EVP_CIPHER_CTX *seal, *open;
};

struct seal_aead *seal_aead_new(const uint8_t key[static SEAL_KEY])
{
	struct seal_aead *aead = fetched() ? calloc(1, sizeof(*aead)) : NULL;

	if (!aead)
		return NULL;
	aead->seal = EVP_CIPHER_CTX_new();
	aead->open = EVP_CIPHER_CTX_new();
	if (aead->seal && aead->open && EVP_EncryptInit_ex2(aead->seal, aes_256_gcm, key, NULL, NULL) == 1 &&
	    EVP_DecryptInit_ex2(aead->open, aes_256_gcm, key, NULL, NULL) == 1)
		return aead;
	seal_aead_free(aead);
	return NULL;
}

void seal_aead_free(struct seal_aead *aead)
{
	if (!aead)
		return;
	EVP_CIPHER_CTX_free(aead->seal); /* erases the schedule */
	EVP_CIPHER_CTX_free(aead->open);
	free(aead);
}

int seal_aead_seal(struct seal_aead *aead, uint8_t *out, const uint8_t nonce[static SEAL_NONCE], struct seal_bytes aad,
		   const uint8_t *in, size_t n)
{
	EVP_CIPHER_CTX *ctx = aead->seal;
	int got = 0, last = 0;

	if (n > INT_MAX - SEAL_TAG || aad.n > INT_MAX)
		return -EIO;
	if (EVP_EncryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
	    (aad.n && EVP_EncryptUpdate(ctx, NULL, &got, aad.p, (int)aad.n) != 1) ||
	    (n && EVP_EncryptUpdate(ctx, out, &got, in, (int)n) != 1) || EVP_EncryptFinal_ex(ctx, out + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, out + n) != 1)
		return -EIO;
	return 0;
}

int seal_aead_open(struct seal_aead *aead, uint8_t *out, const uint8_t nonce[static SEAL_NONCE], struct seal_bytes aad,
		   const uint8_t *in, size_t n)
{
	EVP_CIPHER_CTX *ctx = aead->open;
	int got = 0, last = 0;
	uint8_t tag[SEAL_TAG], nothing[16];

	if (n < SEAL_TAG || n > INT_MAX || aad.n > INT_MAX)
		return -EBADMSG;
	n -= SEAL_TAG;
	memcpy(tag, in + n, SEAL_TAG);
	if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
	    (aad.n && EVP_DecryptUpdate(ctx, NULL, &got, aad.p, (int)aad.n) != 1) ||
	    (n && EVP_DecryptUpdate(ctx, out, &got, in, (int)n) != 1) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) != 1)
		return -EIO;
	if (EVP_DecryptFinal_ex(ctx, nothing, &last) == 1)
		return 0;
	if (n)
		sodium_memzero(out, n); /* what was not meant for us is nobody's */
	return -EBADMSG;
}
