#include "net/tries.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"

#define HEAD "key "

enum {
	TRIES_MAX = 200,
	KEY_BYTES = crypto_generichash_KEYBYTES,
	KEY_CHARS = 2 * KEY_BYTES,
	HASH_BYTES = 16,
	HASH_CHARS = 2 * HASH_BYTES,
	COUNT_MAX = 1000000, /* then it stays */
	FILE_MAX = 1 << 16,
	LINE_SIZE = HASH_CHARS + 16,
};

struct entry {
	uint8_t hash[HASH_BYTES];
	unsigned count;
};

struct tries {
	bool has_key;
	uint8_t key[KEY_BYTES];
	struct entry entry[TRIES_MAX]; /* the newest last */
	size_t count;
};

static bool read_hex(uint8_t *dst, size_t bytes, const char *text)
{
	size_t got = 0;

	return !sodium_hex2bin(dst, bytes, text, 2 * bytes, NULL, &got, NULL) && got == bytes;
}

static bool read_entry(struct entry *entry, const char *line, size_t n)
{
	entry->count = 0;
	if (n <= HASH_CHARS + 1 || line[HASH_CHARS] != ' ' || !read_hex(entry->hash, HASH_BYTES, line))
		return false;
	for (size_t i = HASH_CHARS + 1; i < n; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		entry->count = entry->count * 10 + (unsigned)(line[i] - '0');
		if (entry->count > COUNT_MAX)
			entry->count = COUNT_MAX;
	}
	return true;
}

static void drop(struct tries *tries, size_t at)
{
	tries->count--;
	memmove(tries->entry + at, tries->entry + at + 1, (tries->count - at) * sizeof(*tries->entry));
}

static void put(struct tries *tries, const struct entry *entry)
{
	if (tries->count == TRIES_MAX)
		drop(tries, 0);
	tries->entry[tries->count++] = *entry;
}

static void read_line(struct tries *tries, const char *line, size_t n)
{
	const size_t head = strlen(HEAD);
	struct entry entry;

	if (!tries->has_key && n == head + KEY_CHARS && !memcmp(line, HEAD, head))
		tries->has_key = read_hex(tries->key, KEY_BYTES, line + head);
	else if (read_entry(&entry, line, n))
		put(tries, &entry);
}

static int load(struct tries *tries, char path[static PATH_MAX], const char *dir)
{
	const char *p, *line;
	char *text = NULL;
	size_t bytes = 0, n;
	int rc;

	memset(tries, 0, sizeof(*tries));
	if (sodium_init() < 0)
		return -EIO;
	if (snprintf(path, PATH_MAX, "%s/door_tries", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	rc = file_load_private(path, FILE_MAX, &text, &bytes);
	if (rc && rc != -ENOENT && rc != -ENOTDIR)
		return rc;
	for (p = text; text && file_next_line(&p, text + bytes, &line, &n);)
		read_line(tries, line, n);
	free(text);
	return 0;
}

static int save(const struct tries *tries, const char *path)
{
	char text[sizeof(HEAD) + KEY_CHARS + 1 + TRIES_MAX * LINE_SIZE] = HEAD;
	size_t used = strlen(HEAD);

	sodium_bin2hex(text + used, KEY_CHARS + 1, tries->key, KEY_BYTES);
	used += KEY_CHARS;
	text[used++] = '\n';
	for (size_t i = 0; i < tries->count; i++) {
		sodium_bin2hex(text + used, HASH_CHARS + 1, tries->entry[i].hash, HASH_BYTES);
		used += HASH_CHARS;
		used += (size_t)snprintf(text + used, LINE_SIZE - HASH_CHARS, " %u\n", tries->entry[i].count);
	}
	return file_save(path, text, used, 0600);
}

/* Id and passcode with a NUL between, so that no two pairs are one text. */
static struct entry *find(struct tries *tries, const char *id, const char *passcode, uint8_t hash[static HASH_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, tries->key, KEY_BYTES, HASH_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)id, strlen(id) + 1);
	crypto_generichash_update(&state, (const uint8_t *)passcode, strlen(passcode) + 1);
	crypto_generichash_final(&state, hash, HASH_BYTES);
	sodium_memzero(&state, sizeof(state));
	for (size_t i = tries->count; i-- > 0;)
		if (!sodium_memcmp(tries->entry[i].hash, hash, HASH_BYTES))
			return &tries->entry[i];
	return NULL;
}

int tries_get(const char *dir, const char *id, const char *passcode)
{
	char path[PATH_MAX];
	uint8_t hash[HASH_BYTES];
	struct tries tries;
	const struct entry *entry;
	int rc = load(&tries, path, dir);

	if (rc || !tries.has_key)
		return rc;
	entry = find(&tries, id, passcode, hash);
	return entry ? (int)entry->count : 0;
}

static int add(const char *dir, const char *id, const char *passcode)
{
	char path[PATH_MAX];
	struct tries tries;
	struct entry *known, now = { .count = 1 };
	int rc = load(&tries, path, dir);

	if (rc)
		return rc;
	if (!tries.has_key) {
		tries.count = 0;
		randombytes_buf(tries.key, sizeof(tries.key));
	}
	known = find(&tries, id, passcode, now.hash);
	if (known) {
		now.count = known->count < COUNT_MAX ? known->count + 1 : COUNT_MAX;
		drop(&tries, (size_t)(known - tries.entry));
	}
	put(&tries, &now);
	rc = save(&tries, path);
	return rc ? rc : (int)now.count;
}

int tries_add(const char *dir, const char *id, const char *passcode)
{
	char inside[PATH_MAX];
	int lock, rc;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	if (snprintf(inside, sizeof(inside), "%s/", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	lock = file_lock(inside);
	rc = add(dir, id, passcode);
	if (lock >= 0)
		close(lock);
	return rc;
}
