/* Header: X KKK Y CCC, then KID and CTR, big-endian without leading zeros; values below 8 lie in the first byte.
 *     secret = HKDF-Extract("", base_key)
 *     key    = HKDF-Expand(secret, "SFrame 1.0 Secret key "  || KID[8] || suite[2], Nk)
 *     salt   = HKDF-Expand(secret, "SFrame 1.0 Secret salt " || KID[8] || suite[2], 12)
 *     nonce  = salt XOR CTR      aad = header || metadata */
#include "net/seal/sframe.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum { AAD_MAX = SFRAME_HEADER_MAX + 256 };

struct suite {
	size_t key_n, hash_n;
	const EVP_MD *(*hash)(void);
	const EVP_CIPHER *(*cipher)(void);
};

static const struct suite *suite_of(enum sframe_suite suite)
{
	static const struct suite suite_4 = { 16, 32, EVP_sha256, EVP_aes_128_gcm };
	static const struct suite suite_5 = { 32, 64, EVP_sha512, EVP_aes_256_gcm };

	return suite == SFRAME_AES_128_GCM_SHA256 ? &suite_4 : suite == SFRAME_AES_256_GCM_SHA512 ? &suite_5 : NULL;
}

struct sframe_key {
	EVP_CIPHER_CTX *seal, *open; /* with their key schedule */
	uint64_t kid;
	uint8_t salt[SEAL_NONCE];
};

/* ---- header ----------------------------------------------------------------------------------------------- */

static size_t size_of(uint64_t value)
{
	size_t n = 1;

	while (value >>= 8)
		n++;
	return n;
}

static size_t put(uint8_t *p, uint64_t value)
{
	size_t n = value < 8 ? 0 : size_of(value);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(value >> 8 * (n - 1 - i));
	return n;
}

static uint8_t code(uint64_t value)
{
	return (uint8_t)(value < 8 ? value : 8 | (size_of(value) - 1));
}

size_t sframe_header_write(uint8_t p[static SFRAME_HEADER_MAX], uint64_t kid, uint64_t ctr)
{
	size_t n = 1;

	p[0] = (uint8_t)(code(kid) << 4 | code(ctr));
	n += put(p + n, kid);
	n += put(p + n, ctr);
	return n;
}

/* One of the two numbers. Returns how many bytes it has, or -EBADMSG. */
static int get(const uint8_t *p, size_t n, uint8_t bits, uint64_t *value)
{
	size_t count = (size_t)(bits & 7) + 1;

	*value = bits & 7;
	if (!(bits & 8))
		return 0;
	if (count > n || !p[0] || (count == 1 && p[0] < 8))
		return -EBADMSG;
	*value = 0;
	for (size_t i = 0; i < count; i++)
		*value = *value << 8 | p[i];
	return (int)count;
}

int sframe_header_read(const uint8_t *p, size_t n, uint64_t *kid, uint64_t *ctr)
{
	int a, b;

	if (!n)
		return -EBADMSG;
	a = get(p + 1, n - 1, p[0] >> 4, kid);
	if (a < 0)
		return a;
	b = get(p + 1 + a, n - 1 - (size_t)a, p[0] & 15, ctr);
	return b < 0 ? b : 1 + a + b;
}

/* ---- keys ------------------------------------------------------------------------------------------------- */

/* One block of HKDF-Expand is enough for each of the two. */
static bool expand(uint8_t *out, size_t n, const struct suite *suite, const uint8_t *secret, const char *label, uint64_t kid,
		   uint16_t number)
{
	uint8_t info[64], block[EVP_MAX_MD_SIZE];
	size_t label_n = strlen(label);
	unsigned block_n = 0;

	memcpy(info, label, label_n);
	for (size_t i = 0; i < 8; i++)
		info[label_n + i] = (uint8_t)(kid >> 8 * (7 - i));
	info[label_n + 8] = (uint8_t)(number >> 8);
	info[label_n + 9] = (uint8_t)number;
	info[label_n + 10] = 1;
	if (!HMAC(suite->hash(), secret, (int)suite->hash_n, info, label_n + 11, block, &block_n) || block_n < n)
		return false;
	memcpy(out, block, n);
	seal_erase(block, sizeof(block));
	return true;
}

int sframe_derive(struct sframe_material *out, enum sframe_suite number, uint64_t kid, const uint8_t *base_key, size_t n)
{
	const struct suite *suite = suite_of(number);
	unsigned secret_n = 0;

	if (!suite || n > INT_MAX)
		return -EINVAL;
	out->secret_n = suite->hash_n;
	out->key_n = suite->key_n;
	if (!HMAC(suite->hash(), "", 0, base_key, n, out->secret, &secret_n) || secret_n != suite->hash_n ||
	    !expand(out->key, suite->key_n, suite, out->secret, "SFrame 1.0 Secret key ", kid, (uint16_t)number) ||
	    !expand(out->salt, SEAL_NONCE, suite, out->secret, "SFrame 1.0 Secret salt ", kid, (uint16_t)number))
		return -EIO;
	return 0;
}

void sframe_nonce(uint8_t nonce[static SEAL_NONCE], const uint8_t salt[static SEAL_NONCE], uint64_t ctr)
{
	memcpy(nonce, salt, SEAL_NONCE);
	for (size_t i = 0; i < 8; i++)
		nonce[SEAL_NONCE - 1 - i] ^= (uint8_t)(ctr >> 8 * i);
}

struct sframe_key *sframe_key_new(enum sframe_suite number, uint64_t kid, const uint8_t *base_key, size_t n)
{
	const struct suite *suite = suite_of(number);
	struct sframe_key *key = suite ? calloc(1, sizeof(*key)) : NULL;
	struct sframe_material material = { 0 };

	if (!key)
		return NULL;
	key->kid = kid;
	key->seal = EVP_CIPHER_CTX_new();
	key->open = EVP_CIPHER_CTX_new();
	if (!key->seal || !key->open || sframe_derive(&material, number, kid, base_key, n) ||
	    EVP_EncryptInit_ex2(key->seal, suite->cipher(), material.key, NULL, NULL) != 1 ||
	    EVP_DecryptInit_ex2(key->open, suite->cipher(), material.key, NULL, NULL) != 1) {
		sframe_key_free(key);
		key = NULL;
	} else {
		memcpy(key->salt, material.salt, sizeof(key->salt));
	}
	seal_erase(&material, sizeof(material));
	return key;
}

void sframe_key_free(struct sframe_key *key)
{
	if (!key)
		return;
	EVP_CIPHER_CTX_free(key->seal); /* erases the schedule */
	EVP_CIPHER_CTX_free(key->open);
	seal_erase(key, sizeof(*key));
	free(key);
}

/* ---- frames ----------------------------------------------------------------------------------------------- */

/* What is authenticated besides: header and metadata, in one piece as a second update would cost as much as the
 * cipher. */
static int join_aad(uint8_t aad[static AAD_MAX], const uint8_t *header, size_t header_n, struct seal_bytes metadata)
{
	if (metadata.n > AAD_MAX - header_n)
		return -EIO;
	memcpy(aad, header, header_n);
	if (metadata.n)
		memcpy(aad + header_n, metadata.p, metadata.n);
	return (int)(header_n + metadata.n);
}

int sframe_seal(struct sframe_key *key, uint64_t ctr, struct seal_bytes metadata, const uint8_t *in, size_t n, uint8_t *out,
		size_t size)
{
	uint8_t header[SFRAME_HEADER_MAX], aad[AAD_MAX], nonce[SEAL_NONCE];
	size_t header_n = sframe_header_write(header, key->kid, ctr);
	int aad_n = join_aad(aad, header, header_n, metadata), got, last;
	uint8_t *cipher = out + header_n;

	if (aad_n < 0)
		return aad_n;
	if (n > INT_MAX / 2 || size < header_n + n + SEAL_TAG)
		return -ENOSPC;
	if (in != cipher && n)
		memmove(cipher, in, n);
	memcpy(out, header, header_n);
	sframe_nonce(nonce, key->salt, ctr);
	if (EVP_EncryptInit_ex2(key->seal, NULL, NULL, nonce, NULL) != 1 ||
	    EVP_EncryptUpdate(key->seal, NULL, &got, aad, aad_n) != 1 ||
	    (n && EVP_EncryptUpdate(key->seal, cipher, &got, cipher, (int)n) != 1) ||
	    EVP_EncryptFinal_ex(key->seal, cipher + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(key->seal, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, cipher + n) != 1) {
		seal_erase(cipher, n);
		return -EIO;
	}
	return (int)(header_n + n + SEAL_TAG);
}

int sframe_open(struct sframe_key *key, struct seal_bytes metadata, const uint8_t *frame, size_t n, uint8_t *out, size_t size)
{
	uint8_t aad[AAD_MAX], nonce[SEAL_NONCE], tag[SEAL_TAG], nothing[16];
	uint64_t kid, ctr;
	int header_n = sframe_header_read(frame, n, &kid, &ctr), aad_n, got, last;
	size_t cipher_n;

	if (header_n < 0 || kid != key->kid || n < (size_t)header_n + SEAL_TAG || n > INT_MAX)
		return -EBADMSG;
	cipher_n = n - (size_t)header_n - SEAL_TAG;
	if (size < cipher_n)
		return -ENOSPC;
	aad_n = join_aad(aad, frame, (size_t)header_n, metadata);
	if (aad_n < 0)
		return -EBADMSG;
	memcpy(tag, frame + n - SEAL_TAG, SEAL_TAG);
	sframe_nonce(nonce, key->salt, ctr);
	if (out != frame + header_n && cipher_n)
		memmove(out, frame + header_n, cipher_n);
	if (EVP_DecryptInit_ex2(key->open, NULL, NULL, nonce, NULL) != 1 ||
	    EVP_DecryptUpdate(key->open, NULL, &got, aad, aad_n) != 1 ||
	    (cipher_n && EVP_DecryptUpdate(key->open, out, &got, out, (int)cipher_n) != 1) ||
	    EVP_CIPHER_CTX_ctrl(key->open, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) != 1)
		return -EIO;
	if (EVP_DecryptFinal_ex(key->open, nothing, &last) == 1)
		return (int)cipher_n;
	if (cipher_n)
		seal_erase(out, cipher_n);
	return -EBADMSG;
}
