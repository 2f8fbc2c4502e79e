/* Ids of meetings, each used once: random digits, or what a host wished for. Without a store they are remembered as
 * keyed hashes, as long as this process runs. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/relay_state.h"
#include "net/text.h"

static uint64_t id_hash(const struct relay *relay, const char *id)
{
	uint64_t hash;

	crypto_shorthash((uint8_t *)&hash, (const uint8_t *)id, strlen(id), relay->secret);
	return hash ? hash : 1;
}

static uint64_t *id_slot(uint64_t *table, size_t size, uint64_t hash)
{
	size_t i = hash & (size - 1);

	while (table[i] && table[i] != hash)
		i = (i + 1) & (size - 1);
	return &table[i];
}

/* Remember an id for good. Returns 0, -EEXIST when it was used before, -ENOMEM. */
static int use_id(struct relay *relay, const char *id)
{
	const struct relay_store_ops *store = relay->params.store;
	uint64_t hash = id_hash(relay, id), *slot;

	if (store)
		return store->id_claim(relay->params.store_arg, id);

	if (2 * (relay->used_id_count + 1) > relay->used_id_size) {
		size_t size = relay->used_id_size ? 2 * relay->used_id_size : 64;
		uint64_t *table = calloc(size, sizeof *table);

		if (!table)
			return -ENOMEM;
		for (size_t i = 0; i < relay->used_id_size; i++)
			if (relay->used_ids[i])
				*id_slot(table, size, relay->used_ids[i]) = relay->used_ids[i];
		free(relay->used_ids);
		relay->used_ids = table;
		relay->used_id_size = size;
	}
	slot = id_slot(relay->used_ids, relay->used_id_size, hash);
	if (*slot)
		return -EEXIST;
	*slot = hash;
	relay->used_id_count++;
	return 0;
}

enum refusal ids_choose(struct relay *relay, char *id, const char *wish)
{
	int err = -EEXIST;

	if (*wish) {
		if (text_id(id, wish) || !strpbrk(id, "abcdefghijklmnopqrstuvwxyz"))
			return REFUSED_BAD_VALUE;
		err = use_id(relay, id);
	}
	for (int i = 0; !*wish && i < 100 && err == -EEXIST; i++) {
		snprintf(id, MOOT_ID_SIZE, "%09u", 100000000 + randombytes_uniform(900000000));
		err = use_id(relay, id);
	}
	if (err && err != -EEXIST)
		relay_log(relay, 0, "store", "An id could not be remembered, so no meeting was created.");
	return !err ? REFUSED_NOT : err == -EEXIST ? REFUSED_ID_TAKEN : REFUSED_TOO_MANY_MEETINGS;
}
