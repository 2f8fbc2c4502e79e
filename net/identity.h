/* A client's own key: Ed25519, a file with mode 0600 in the state directory, or one for this meeting only. The keys of
 * meetings that it opened are in net/host_secrets.h. */
#ifndef MOOT_NET_IDENTITY_H
#define MOOT_NET_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/host_secrets.h"
#include "net/message.h"

struct identity {
	uint8_t key[MOOT_KEY_BYTES];
	uint8_t secret[64];
};

/** Load DIR/identity, or make it (written atomically). Returns 0, -EPERM (foreign owner or readable by
 * others), -EBADMSG (damaged), -errno. */
int identity_load(struct identity *identity, const char *dir);
/** A fresh one, kept nowhere. */
int identity_guest(struct identity *identity);
void identity_clear(struct identity *identity);
void identity_sign(const struct identity *identity, const uint8_t *m, size_t n,
		   uint8_t signature[static MOOT_SIGNATURE_BYTES]);
bool identity_verify(const uint8_t key[static MOOT_KEY_BYTES], const uint8_t *m, size_t n,
		     const uint8_t signature[static MOOT_SIGNATURE_BYTES]);

#endif
