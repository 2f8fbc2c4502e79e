/* The key is a line of text that a person can recognise and copy: its kind and the 32-byte seed in hex. A
 * file that somebody else could have read or written is refused, as ssh does, rather than used or mended. */
#include <errno.h>
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
	char *text;
	size_t n;
	int rc = file_load_private(path, 4096, &text, &n);

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
