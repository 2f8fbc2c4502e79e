/* Invites: moot://HOST:PORT/ID#k=SECRET&h=HOST&r=PIN, 16, 32 and 32 bytes in base64url: the secret by which one comes in, the
 * SHA-256 of the host's key, the relay's pin. What follows # never leaves the client. Pure. */
#ifndef MOOT_NET_INVITE_H
#define MOOT_NET_INVITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"
#include "net/message.h"

enum { INVITE_PORT = 45551, INVITE_SIZE = 512, INVITE_SECRET = 16, INVITE_HOST = 32 };

struct invite {
	char host[256]; /* empty: none was named */
	uint16_t port;
	char id[MOOT_ID_SIZE];
	char passcode[MOOT_PASSCODE_SIZE]; /* of who has no link: told by another way, never part of one. Empty: none */
	char pin[LINK_PIN_SIZE];           /* empty: none */
	bool has_secret, has_host;
	uint8_t secret[INVITE_SECRET], host_hash[INVITE_HOST];
};

/** Read an invite or a bare id ("482-913-775"). Returns 0 or -EINVAL with *why for people. */
int invite_parse(struct invite *invite, const char *text, const char **why);
/** "HOST", "HOST:PORT", "[::1]:PORT". 0 or -EINVAL. */
int invite_parse_relay(struct invite *invite, const char *text);
/** A pin as people give it, n characters: either alphabet of base64, padded or not. 0 or -EINVAL. */
int invite_parse_pin(char pin[static LINK_PIN_SIZE], const char *text, size_t n);
/** The link: relay, id, and what is known of secret, host and pin; never the passcode. Returns the length, or -ENOSPC. */
int invite_print(char *dst, size_t size, const struct invite *invite);
/** "HOST:PORT", "[V6]:PORT": as known_relays and host_keys name a relay. Returns the length, or -ENOSPC. */
int invite_print_relay(char *dst, size_t size, const struct invite *invite);
/** For who is told rather than sent it: "482-913-775 at HOST", the port only when it is not INVITE_PORT, no secret and no
 * passcode. Returns the length, or -ENOSPC. */
int invite_print_spoken(char *dst, size_t size, const struct invite *invite);

#endif
