/* The way of age and PGP: armour, a header with the parameters of the hash, and the header authenticated. The hash makes each
 * guess of whoever reads the mail cost 256 MiB; reading is bounded, so that a hostile text cannot make us spend gigabytes. */
#include "net/invitation.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BEGIN "-----BEGIN MOOT INVITATION-----"
#define END   "-----END MOOT INVITATION-----"
#define MAGIC "MOOT\x01\x01"

enum {
	MAGIC_BYTES = 6,
	VERSION_AT = 4,
	OPS_AT = 6,
	MEM_AT = 8,
	SALT_AT = 12,
	NONCE_AT = SALT_AT + crypto_pwhash_SALTBYTES,
	HEADER_BYTES = NONCE_AT + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	CHECK_BYTES = 8,
	LEAST_BYTES = HEADER_BYTES + TAG_BYTES + CHECK_BYTES,
	/* With these steps header, text, tag and check are a multiple of 3, and the length says little of the text. */
	FIRST_BYTES = 128,
	STEP_BYTES = 96,
	OPS_MAX = 10,
	MEM_KIB_MAX = 512 << 10,
	LINE_CHARS = 64,
	BASE64_MAX = (INVITATION_BYTES + 2) / 3 * 4,
	APART_MAX = 8192, /* from BEGIN to END, however a mailer quotes it */
};

_Static_assert(HEADER_BYTES == 52, "header");
_Static_assert(SALT_AT + INVITATION_RANDOM == HEADER_BYTES, "random");
_Static_assert((LEAST_BYTES + FIRST_BYTES) % 3 == 0 && STEP_BYTES % 3 == 0, "no padding");
_Static_assert(LEAST_BYTES + FIRST_BYTES + 4 * STEP_BYTES <= INVITATION_BYTES, "room");
_Static_assert(FIRST_BYTES + 4 * STEP_BYTES >= INVITATION_TEXT_SIZE, "room for any text");

/* ---- codes ---- */

void invitation_draw(char code[static INVITATION_DRAWN_SIZE], const uint8_t random[static INVITATION_DRAW])
{
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *r = random + 4 * i;
		uint32_t n = (uint32_t)r[0] << 24 | (uint32_t)r[1] << 16 | (uint32_t)r[2] << 8 | r[3];

		snprintf(code + 6 * i, INVITATION_DRAWN_SIZE - 6 * i, "%05u%s", n % 100000, i < 3 ? "-" : "");
	}
}

/* What counts of a code. Returns its length, or -EINVAL. */
static int normal(char dst[static INVITATION_CODE_SIZE], const char *code)
{
	size_t n = strnlen(code, INVITATION_CODE_SIZE), used = 0;
	bool digits = strspn(code, "0123456789- \t\r\n") == n;

	if (n == INVITATION_CODE_SIZE)
		return -EINVAL;
	while (n && strchr(" \t\r\n", code[n - 1]))
		n--;
	for (size_t i = strspn(code, " \t\r\n"); i < n; i++)
		if (!digits || (code[i] >= '0' && code[i] <= '9'))
			dst[used++] = code[i];
	dst[used] = '\0';
	return used ? (int)used : -EINVAL;
}

static int derive(uint8_t key[static KEY_BYTES], const char *code, const uint8_t *salt, unsigned ops, uint32_t mem_kib)
{
	char counts[INVITATION_CODE_SIZE];
	int n = normal(counts, code), rc = 0;

	if (n < 0 || sodium_init() < 0)
		return n < 0 ? n : -EIO;
	if (crypto_pwhash(key, KEY_BYTES, counts, (unsigned long long)n, salt, ops, (size_t)mem_kib << 10,
			  crypto_pwhash_ALG_ARGON2ID13))
		rc = -ENOMEM;
	sodium_memzero(counts, sizeof(counts));
	return rc;
}

/* ---- sealing ---- */

static void put_number(uint8_t *dst, uint32_t n, size_t bytes)
{
	for (size_t i = bytes; i-- > 0; n >>= 8)
		dst[i] = (uint8_t)n;
}

static uint32_t get_number(const uint8_t *src, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | src[i];
	return n;
}

static void put_check(uint8_t dst[static CHECK_BYTES], const uint8_t *bytes, size_t n)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), bytes, n, NULL, 0);
	memcpy(dst, hash, CHECK_BYTES);
}

static int armour(char *dst, size_t size, const uint8_t *bytes, size_t n)
{
	char text[BASE64_MAX + 1];
	size_t used = 0, chars;

	sodium_bin2base64(text, sizeof(text), bytes, n, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	chars = strlen(text);
	if (size < sizeof(BEGIN) + sizeof(END) + chars + chars / LINE_CHARS + 2)
		return -ENOSPC;
	used += (size_t)snprintf(dst, size, BEGIN "\n");
	for (size_t i = 0; i < chars; i += LINE_CHARS)
		used += (size_t)snprintf(dst + used, size - used, "%.*s\n", LINE_CHARS, text + i);
	used += (size_t)snprintf(dst + used, size - used, END "\n");
	return (int)used;
}

int invitation_seal(char *dst, size_t size, const char *text, const char *code,
		    const uint8_t random[static INVITATION_RANDOM])
{
	uint8_t bytes[INVITATION_BYTES] = MAGIC, plain[INVITATION_TEXT_SIZE + STEP_BYTES] = { 0 }, key[KEY_BYTES];
	const uint32_t mem_kib = crypto_pwhash_MEMLIMIT_MODERATE >> 10;
	size_t n = strnlen(text, INVITATION_TEXT_SIZE), padded = FIRST_BYTES, count;
	unsigned long long sealed = 0;
	int rc;

	if (!n || n == INVITATION_TEXT_SIZE)
		return -EINVAL;
	while (padded < n)
		padded += STEP_BYTES;
	memcpy(plain, text, n);
	put_number(bytes + OPS_AT, crypto_pwhash_OPSLIMIT_MODERATE, 2);
	put_number(bytes + MEM_AT, mem_kib, 4);
	memcpy(bytes + SALT_AT, random, INVITATION_RANDOM);
	rc = derive(key, code, bytes + SALT_AT, crypto_pwhash_OPSLIMIT_MODERATE, mem_kib);
	if (!rc) {
		crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + HEADER_BYTES, &sealed, plain, padded, bytes, HEADER_BYTES,
							   NULL, bytes + NONCE_AT, key);
		count = HEADER_BYTES + (size_t)sealed;
		put_check(bytes + count, bytes, count);
		rc = armour(dst, size, bytes, count + CHECK_BYTES);
	}
	sodium_memzero(key, sizeof(key));
	sodium_memzero(plain, sizeof(plain));
	return rc;
}

/* ---- finding and opening ---- */

static const char *find(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what));
}

bool invitation_is_in(const char *text, size_t n)
{
	return find(text, n, BEGIN) != NULL;
}

/* Base64 between the lines, without what mailers put between: blanks, quotes, line ends, and the dash before a dash. */
static int strip(char dst[static BASE64_MAX + 1], const char *text, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] && strchr(" \t\r\n>|-=", text[i]))
			continue;
		if (used == BASE64_MAX)
			return -EBADMSG;
		dst[used++] = text[i];
	}
	dst[used] = '\0';
	return (int)used;
}

static int read_bytes(struct invitation *out, const char *text, size_t n)
{
	char base64[BASE64_MAX + 1];
	uint8_t check[CHECK_BYTES];
	int chars = strip(base64, text, n);

	if (chars < 0 || sodium_base642bin(out->bytes, sizeof(out->bytes), base64, (size_t)chars, NULL, &out->count, NULL,
					   sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
		return -EBADMSG;
	if (out->count < LEAST_BYTES)
		return -EBADMSG;
	put_check(check, out->bytes, out->count - CHECK_BYTES);
	return memcmp(check, out->bytes + out->count - CHECK_BYTES, CHECK_BYTES) ? -EBADMSG : 0;
}

static int read_one(struct invitation *out, const char *text, size_t n, const char **why)
{
	*why = "The sealed invitation is damaged or not whole: copy it again, from its BEGIN line to its END line.";
	if (read_bytes(out, text, n))
		return -EBADMSG;
	if (memcmp(out->bytes, MAGIC, VERSION_AT) != 0)
		return -EBADMSG;
	*why = "The sealed invitation is of a later version of moot.";
	if (memcmp(out->bytes, MAGIC, MAGIC_BYTES) != 0)
		return -ENOTSUP;
	out->ops = (uint16_t)get_number(out->bytes + OPS_AT, 2);
	out->mem_kib = get_number(out->bytes + MEM_AT, 4);
	*why = "The sealed invitation wants more memory or time than an honest one does.";
	if (out->ops < 1 || out->ops > OPS_MAX || out->mem_kib < 8 || out->mem_kib > MEM_KIB_MAX)
		return -E2BIG;
	return 0;
}

int invitation_parse(struct invitation *invitation, const char *text, size_t n, const char **why)
{
	const char *end = text + n, *begin = find(text, n, BEGIN);
	const char *reason = "There is no sealed invitation in it.", *first = NULL;
	struct invitation out;
	int rc = -ENOENT;

	for (; begin; begin = find(begin, (size_t)(end - begin), BEGIN)) {
		const char *stop;
		size_t left;
		int one;

		begin += strlen(BEGIN);
		left = (size_t)(end - begin);
		stop = find(begin, left < APART_MAX ? left : APART_MAX, END);
		one = read_one(&out, begin, stop ? (size_t)(stop - begin) : 0, &reason);
		if (!one) {
			*invitation = out;
			return 0;
		}
		if (!first) {
			first = reason;
			rc = one;
		}
	}
	if (why)
		*why = first ? first : reason;
	return rc;
}

int invitation_open(const struct invitation *invitation, const char *code, char dst[static INVITATION_TEXT_SIZE])
{
	uint8_t key[KEY_BYTES], plain[INVITATION_BYTES] = { 0 };
	const uint8_t *bytes = invitation->bytes;
	unsigned long long got = 0;
	size_t n;
	int rc;

	rc = derive(key, code, bytes + SALT_AT, invitation->ops, invitation->mem_kib);
	if (rc == -EINVAL)
		rc = -EACCES;
	if (!rc && crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &got, NULL, bytes + HEADER_BYTES,
							      invitation->count - HEADER_BYTES - CHECK_BYTES, bytes,
							      HEADER_BYTES, bytes + NONCE_AT, key))
		rc = -EACCES;
	n = strnlen((const char *)plain, sizeof(plain));
	if (!rc && (!n || n >= INVITATION_TEXT_SIZE || !sodium_is_zero(plain + n, sizeof(plain) - n)))
		rc = -EBADMSG;
	if (!rc) {
		memcpy(dst, plain, n + 1);
		rc = (int)n;
	}
	sodium_memzero(key, sizeof(key));
	sodium_memzero(plain, sizeof(plain));
	return rc;
}
