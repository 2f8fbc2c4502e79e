/* The key is a line of text that a person can recognise and copy: its kind and the 32-byte seed in hex. A
 * file that somebody else could have read or written is refused, as ssh does, rather than used or mended. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"
#include "net/identity.h"

#define HEAD "moot-identity ed25519 "

enum {
	SEED_BYTES = crypto_sign_SEEDBYTES,
	LINE_BYTES = sizeof(HEAD) - 1 + 2 * SEED_BYTES + 1,
	HOST_KEYS_MAX = 500, /* lines kept: the newest */
	HOST_KEYS_BYTES = 1 << 20,
};

_Static_assert(crypto_sign_PUBLICKEYBYTES == MOOT_KEY_BYTES, "key");
_Static_assert(crypto_sign_BYTES == MOOT_SIGNATURE_BYTES, "signature");
_Static_assert(crypto_sign_SECRETKEYBYTES == sizeof(((struct identity *)0)->secret), "secret");

static int path_in(char path[static PATH_MAX], const char *dir, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int identity_guest(struct identity *identity)
{
	if (sodium_init() < 0)
		return -EIO;
	return crypto_sign_keypair(identity->key, identity->secret) ? -EIO : 0;
}

void identity_clear(struct identity *identity)
{
	OPENSSL_cleanse(identity, sizeof(*identity));
}

void identity_sign(const struct identity *identity, const uint8_t *m, size_t n,
		   uint8_t signature[static MOOT_SIGNATURE_BYTES])
{
	crypto_sign_detached(signature, NULL, m, n, identity->secret);
}

bool identity_verify(const uint8_t key[static MOOT_KEY_BYTES], const uint8_t *m, size_t n,
		     const uint8_t signature[static MOOT_SIGNATURE_BYTES])
{
	return sodium_init() >= 0 && !crypto_sign_verify_detached(signature, m, n, key);
}

static int check_owner(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return -errno;
	return !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077 ? -EPERM : 0;
}

static int parse(struct identity *identity, const char *text, size_t n)
{
	uint8_t seed[SEED_BYTES];
	size_t head = strlen(HEAD), got = 0;
	int rc = -EBADMSG;

	if ((n == LINE_BYTES || n == LINE_BYTES - 1) && !memcmp(text, HEAD, head) &&
	    !sodium_hex2bin(seed, sizeof(seed), text + head, 2 * SEED_BYTES, NULL, &got, NULL) &&
	    got == SEED_BYTES && (n == LINE_BYTES - 1 || text[n - 1] == '\n'))
		rc = crypto_sign_seed_keypair(identity->key, identity->secret, seed) ? -EIO : 0;
	OPENSSL_cleanse(seed, sizeof(seed));
	return rc;
}

static int load(struct identity *identity, const char *path)
{
	int rc = check_owner(path);
	char *text;
	size_t n;

	if (!rc)
		rc = file_load(path, 4096, &text, &n);
	if (rc)
		return rc == -EFBIG ? -EBADMSG : rc;
	rc = parse(identity, text, n);
	OPENSSL_cleanse(text, n);
	free(text);
	return rc;
}

/* Unless somebody else was quicker: then theirs is it. */
static int make(const char *dir, const char *path)
{
	char line[LINE_BYTES + 1] = HEAD, staged[PATH_MAX];
	uint8_t seed[SEED_BYTES];
	int rc;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	randombytes_buf(seed, sizeof(seed));
	sodium_bin2hex(line + strlen(HEAD), 2 * SEED_BYTES + 1, seed, sizeof(seed));
	line[LINE_BYTES - 1] = '\n';
	rc = file_stage(path, staged, line, LINE_BYTES, 0600);
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(line, sizeof(line));
	if (rc)
		return rc;
	if (link(staged, path) && errno != EEXIST)
		rc = -errno;
	unlink(staged);
	return rc;
}

int identity_load(struct identity *identity, const char *dir)
{
	struct identity found;
	char path[PATH_MAX];
	int rc;

	if (sodium_init() < 0)
		return -EIO;
	rc = path_in(path, dir, "identity");
	if (rc)
		return rc;
	rc = load(&found, path);
	if (rc == -ENOENT) {
		rc = make(dir, path);
		if (!rc)
			rc = load(&found, path);
	}
	if (!rc)
		*identity = found;
	identity_clear(&found);
	return rc;
}

/* ---- host keys: "RELAY ID HEX", the newest last ---- */

/* Where the lines begin of which at most keep are left. */
static const char *last_lines(const char *text, size_t n, unsigned keep)
{
	const char *p = text + n;

	while (p > text)
		if (*--p == '\n' && p + 1 < text + n && !keep--)
			return p + 1;
	return text;
}

int host_key_keep(const char *dir, const char *relay, const char *id,
		  const uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	char path[PATH_MAX], hex[2 * MOOT_HOST_KEY_BYTES + 1], *text = NULL, *out;
	size_t n = 0, size, used;
	const char *rest;
	int rc;

	if (sodium_init() < 0)
		return -EIO;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	rc = path_in(path, dir, "host_keys");
	if (!rc)
		rc = file_load(path, HOST_KEYS_BYTES, &text, &n);
	if (rc && rc != -ENOENT)
		return rc;
	rest = text ? last_lines(text, n, HOST_KEYS_MAX) : "";
	used = text ? n - (size_t)(rest - text) : 0;
	size = used + strlen(relay) + strlen(id) + sizeof(hex) + 4;
	out = malloc(size);
	rc = -ENOMEM;
	if (out) {
		memcpy(out, rest, used);
		sodium_bin2hex(hex, sizeof(hex), key, MOOT_HOST_KEY_BYTES);
		used += (size_t)snprintf(out + used, size - used, "%s %s %s\n", relay, id, hex);
		rc = file_save(path, out, used, 0600);
		OPENSSL_cleanse(out, size);
	}
	if (text)
		OPENSSL_cleanse(text, n);
	OPENSSL_cleanse(hex, sizeof(hex));
	free(text);
	free(out);
	return rc;
}

/* Is this line of RELAY ID? */
static bool line_of(const char *line, size_t n, const char *relay, const char *id)
{
	size_t a = strlen(relay), b = strlen(id);

	return n == a + b + 2 + 2 * MOOT_HOST_KEY_BYTES && !memcmp(line, relay, a) && line[a] == ' ' &&
	       !memcmp(line + a + 1, id, b) && line[a + 1 + b] == ' ';
}

int host_key_find(const char *dir, const char *relay, const char *id, uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	char path[PATH_MAX], *text;
	size_t n, got;
	int rc = path_in(path, dir, "host_keys"), found = -ENOENT;

	if (!rc)
		rc = check_owner(path);
	if (!rc)
		rc = file_load(path, HOST_KEYS_BYTES, &text, &n);
	if (rc)
		return rc;
	for (const char *line = text, *end = text + n; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t bytes = (size_t)((newline ? newline : end) - line);
		uint8_t read[MOOT_HOST_KEY_BYTES];

		if (line_of(line, bytes, relay, id) &&
		    !sodium_hex2bin(read, sizeof(read), line + bytes - 2 * sizeof(read), 2 * sizeof(read),
				    NULL, &got, NULL) &&
		    got == sizeof(read)) {
			memcpy(key, read, sizeof(read));
			found = 0;
		}
		line += bytes + 1;
	}
	OPENSSL_cleanse(text, n);
	free(text);
	return found;
}
