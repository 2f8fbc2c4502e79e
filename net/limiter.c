/* Tries by key. The first ones in a window are free; from then on each failure doubles the wait. An hour without one is
 * forgiven: five guesses an hour at a million passcodes are more than twenty years. Keys live in a fixed array, found
 * through chains of a hash and kept in the order of their last failure; a new key takes the place of the oldest. */
#include "net/limiter.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 80, WAIT_MAX_MS = 60 * 60 * 1000, FORGIVE_MS = 60 * 60 * 1000, NONE = -1 };

struct entry {
	uint8_t key[KEY_MAX];
	size_t n;
	int chain;              /* next of the same hash */
	int older, newer;
	unsigned count, strikes;
	int64_t window_ms, failed_ms, until_ms;
};

struct limiter {
	unsigned tries;
	uint32_t window_ms;
	int size, used, oldest, newest;
	int *heads;             /* of chains, size of them */
	struct entry *entries;
};

struct limiter *limiter_new(unsigned tries, uint32_t window_ms, size_t keys_max)
{
	struct limiter *limiter = calloc(1, sizeof *limiter);

	if (!limiter || !tries || !keys_max || keys_max > 1000000) {
		free(limiter);
		return NULL;
	}
	limiter->tries = tries;
	limiter->window_ms = window_ms;
	limiter->size = (int)keys_max;
	limiter->oldest = limiter->newest = NONE;
	limiter->heads = malloc(keys_max * sizeof *limiter->heads);
	limiter->entries = calloc(keys_max, sizeof *limiter->entries);
	if (!limiter->heads || !limiter->entries) {
		limiter_free(limiter);
		return NULL;
	}
	for (size_t i = 0; i < keys_max; i++)
		limiter->heads[i] = NONE;
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (!limiter)
		return;
	free(limiter->heads);
	free(limiter->entries);
	free(limiter);
}

static int *head_of(struct limiter *limiter, const uint8_t *key, size_t n)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	while (n--)
		hash = (hash ^ *key++) * UINT64_C(1099511628211);
	return &limiter->heads[hash % (uint64_t)limiter->size];
}

static int find(struct limiter *limiter, const void *key, size_t n)
{
	int at = *head_of(limiter, key, n);

	while (at != NONE && (limiter->entries[at].n != n || memcmp(limiter->entries[at].key, key, n) != 0))
		at = limiter->entries[at].chain;
	return at;
}

static void unqueue(struct limiter *limiter, int at)
{
	const struct entry *entry = &limiter->entries[at];

	if (entry->older == NONE)
		limiter->oldest = entry->newer;
	else
		limiter->entries[entry->older].newer = entry->newer;
	if (entry->newer == NONE)
		limiter->newest = entry->older;
	else
		limiter->entries[entry->newer].older = entry->older;
}

static void enqueue(struct limiter *limiter, int at)
{
	struct entry *entry = &limiter->entries[at];

	entry->older = limiter->newest;
	entry->newer = NONE;
	if (limiter->newest == NONE)
		limiter->oldest = at;
	else
		limiter->entries[limiter->newest].newer = at;
	limiter->newest = at;
}

static void unchain(struct limiter *limiter, int at)
{
	int *link = head_of(limiter, limiter->entries[at].key, limiter->entries[at].n);

	while (*link != at)
		link = &limiter->entries[*link].chain;
	*link = limiter->entries[at].chain;
}

/* A place for a new key: an unused one, or the oldest's. */
static int add(struct limiter *limiter, const void *key, size_t n)
{
	int at = limiter->used < limiter->size ? limiter->used++ : limiter->oldest;
	struct entry *entry = &limiter->entries[at];
	int *head = head_of(limiter, key, n);

	if (entry->n) {
		unqueue(limiter, at);
		unchain(limiter, at);
	}
	memset(entry, 0, sizeof *entry);
	memcpy(entry->key, key, n);
	entry->n = n;
	entry->chain = *head;
	*head = at;
	enqueue(limiter, at);
	return at;
}

int64_t limiter_wait(struct limiter *limiter, const void *key, size_t n, int64_t now_ms)
{
	int at = find(limiter, key, n < KEY_MAX ? n : KEY_MAX);

	return at == NONE || limiter->entries[at].until_ms <= now_ms ? 0 : limiter->entries[at].until_ms - now_ms;
}

void limiter_failed(struct limiter *limiter, const void *key, size_t n, int64_t now_ms)
{
	int64_t wait_ms = limiter->window_ms / limiter->tries;
	struct entry *entry;
	int at;

	if (!n)
		return;
	n = n < KEY_MAX ? n : KEY_MAX;
	at = find(limiter, key, n);
	if (at == NONE)
		at = add(limiter, key, n);
	unqueue(limiter, at);
	enqueue(limiter, at);
	entry = &limiter->entries[at];
	if (entry->strikes && now_ms - entry->failed_ms > FORGIVE_MS + entry->until_ms - entry->failed_ms)
		entry->strikes = entry->count = 0;
	if (!entry->strikes && (!entry->count || now_ms - entry->window_ms > limiter->window_ms)) {
		entry->window_ms = now_ms;
		entry->count = 0;
	}
	entry->failed_ms = now_ms;
	if (++entry->count < limiter->tries)
		return;
	for (unsigned i = 0; i <= entry->strikes && wait_ms < WAIT_MAX_MS; i++)
		wait_ms *= 2;
	entry->strikes++;
	entry->until_ms = now_ms + (wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS);
}
