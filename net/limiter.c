/* Tries per key: a window of free ones, then waits that double. Entries live in one array, chained from a
 * table of buckets by the hash of the key and linked in the order they were last heard of, so that finding,
 * counting and forgetting the oldest are each a few steps, whatever a stranger sends. An hour after its last
 * wait a key is as new. */
#include "net/limiter.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 64, WAIT_MAX_MS = 3600 * 1000, NONE = 0 };

struct entry {
	uint8_t key[KEY_BYTES];
	uint32_t n;
	uint32_t failed;  /* in the window */
	uint32_t level;   /* of doubling; 0: still in the free tries */
	int64_t since_ms; /* start of the window */
	int64_t next_ms;  /* the next try may come then */
	/* indexes into entries, from 1 */
	uint32_t chain, older, newer;
};

struct limiter {
	unsigned tries;
	int64_t window_ms, wait_ms;
	size_t keys_max, used, buckets_mask;
	uint32_t oldest, newest;
	uint32_t *buckets;
	struct entry entries[];
};

struct limiter *limiter_new(unsigned tries, uint32_t window_ms, size_t keys_max)
{
	return limiter_new_wait(tries, window_ms, 2 * (window_ms / (tries ? tries : 1)), keys_max);
}

struct limiter *limiter_new_wait(unsigned tries, uint32_t window_ms, uint32_t wait_ms, size_t keys_max)
{
	if (tries == 0)
		tries = 1;
	if (keys_max == 0)
		keys_max = 1;
	if (keys_max > UINT32_MAX / 4)
		return NULL;
	size_t buckets = 1;
	while (buckets < keys_max)
		buckets *= 2;
	struct limiter *limiter = calloc(1, sizeof(*limiter) + (keys_max + 1) * sizeof(struct entry));
	uint32_t *table = calloc(buckets, sizeof(*table));
	if (!limiter || !table) {
		free(limiter);
		free(table);
		return NULL;
	}
	limiter->tries = tries;
	limiter->window_ms = window_ms;
	limiter->wait_ms = wait_ms;
	limiter->keys_max = keys_max;
	limiter->buckets = table;
	limiter->buckets_mask = buckets - 1;
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter)
		free(limiter->buckets);
	free(limiter);
}

static uint64_t hash_of(const uint8_t *p, size_t n)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

/* A key of fixed size: what is longer keeps its beginning and a hash of the whole. */
static uint32_t pack(uint8_t packed[static KEY_BYTES], const void *key, size_t n)
{
	memset(packed, 0, KEY_BYTES);
	if (n <= KEY_BYTES) {
		memcpy(packed, key, n);
		return (uint32_t)n;
	}
	uint64_t hash = hash_of(key, n);
	memcpy(packed, key, KEY_BYTES - sizeof(hash));
	memcpy(packed + KEY_BYTES - sizeof(hash), &hash, sizeof(hash));
	return KEY_BYTES + 1;
}

static uint32_t *bucket(struct limiter *limiter, const uint8_t *packed)
{
	return &limiter->buckets[hash_of(packed, KEY_BYTES) & limiter->buckets_mask];
}

static struct entry *find(struct limiter *limiter, const uint8_t *packed, uint32_t n)
{
	for (uint32_t at = *bucket(limiter, packed); at != NONE; at = limiter->entries[at].chain) {
		struct entry *entry = &limiter->entries[at];
		if (entry->n == n && memcmp(entry->key, packed, KEY_BYTES) == 0)
			return entry;
	}
	return NULL;
}

static void unlink_age(struct limiter *limiter, struct entry *entry)
{
	if (entry->older)
		limiter->entries[entry->older].newer = entry->newer;
	else
		limiter->oldest = entry->newer;
	if (entry->newer)
		limiter->entries[entry->newer].older = entry->older;
	else
		limiter->newest = entry->older;
}

static void link_newest(struct limiter *limiter, struct entry *entry)
{
	uint32_t at = (uint32_t)(entry - limiter->entries);
	entry->older = limiter->newest;
	entry->newer = NONE;
	if (limiter->newest)
		limiter->entries[limiter->newest].newer = at;
	else
		limiter->oldest = at;
	limiter->newest = at;
}

/* A free entry: an unused one, or that of the key not heard of for longest. */
static struct entry *take(struct limiter *limiter)
{
	if (limiter->used < limiter->keys_max)
		return &limiter->entries[++limiter->used];
	uint32_t at = limiter->oldest;
	struct entry *entry = &limiter->entries[at];
	uint32_t *link = bucket(limiter, entry->key);
	while (*link != at)
		link = &limiter->entries[*link].chain;
	*link = entry->chain;
	unlink_age(limiter, entry);
	return entry;
}

static struct entry *add(struct limiter *limiter, const uint8_t *packed, uint32_t n, int64_t now_ms)
{
	struct entry *entry = take(limiter);
	uint32_t *link = bucket(limiter, packed);
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->key, packed, KEY_BYTES);
	entry->n = n;
	entry->since_ms = now_ms;
	entry->next_ms = now_ms;
	entry->chain = *link;
	*link = (uint32_t)(entry - limiter->entries);
	link_newest(limiter, entry);
	return entry;
}

int64_t limiter_wait(struct limiter *limiter, const void *key, size_t n, int64_t now_ms)
{
	uint8_t packed[KEY_BYTES];
	uint32_t length = pack(packed, key, n);
	const struct entry *entry = find(limiter, packed, length);
	return entry && entry->level > 0 && entry->next_ms > now_ms ? entry->next_ms - now_ms : 0;
}

void limiter_failed(struct limiter *limiter, const void *key, size_t n, int64_t now_ms)
{
	uint8_t packed[KEY_BYTES];
	uint32_t length = pack(packed, key, n);
	struct entry *entry = find(limiter, packed, length);
	if (!entry) {
		entry = add(limiter, packed, length, now_ms);
	} else {
		unlink_age(limiter, entry);
		link_newest(limiter, entry);
	}
	bool calm = entry->level > 0 && now_ms - entry->next_ms >= WAIT_MAX_MS;
	if (calm || (entry->level == 0 && now_ms - entry->since_ms >= limiter->window_ms)) {
		entry->level = 0;
		entry->failed = 0;
		entry->since_ms = now_ms;
	}
	if (entry->level == 0 && ++entry->failed < limiter->tries)
		return;
	if (entry->level < 31)
		entry->level++;
	int64_t wait = limiter->wait_ms << (entry->level - 1);
	entry->next_ms = now_ms + (wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS);
}
