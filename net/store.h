/* What a relay keeps on disk, and all of it: keyed hashes of the ids that were used, so that none is used twice,
 * and hashes of the tokens that let somebody create meetings. A SQLite file and a key beside it, both 0600. */
#ifndef MOOT_NET_STORE_H
#define MOOT_NET_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/relay.h"

enum { STORE_TOKEN_SIZE = 33, STORE_LABEL_SIZE = 81 };

struct store;

/** Open, or make, the store in a folder that is there. Returns 0 with *store; -EBADMSG when what is there is
 * damaged or the key is missing, -EPERM when it belongs to somebody else, -EBUSY, -ENOSPC, -EACCES, …;
 * *why: for people. */
int store_open(struct store **store, const char *folder, const char **why);
void store_close(struct store *store);

/** For struct relay_params; their argument is the store. An id is on the disk before this returns. */
extern const struct relay_store_ops store_relay_ops;

/** A new token, shown this once. token: hexadecimal. Returns its number (> 0) or -errno. */
int store_token_new(struct store *store, const char *label, int64_t now_s, char token[static STORE_TOKEN_SIZE]);
/** 0, -ENOENT, or -errno. */
int store_token_revoke(struct store *store, int number);
/** Calls fn for each token. 0 or -errno. */
int store_tokens(struct store *store,
		 void (*fn)(void *arg, int number, const char *label, int64_t created_s, bool revoked), void *arg);

#endif
