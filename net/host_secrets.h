/* What makes the machine that opened a meeting its host again, and lets it hand out invites: DIR/host_keys, mode 0600, a line
 * a meeting, the newest last:
 *   RELAY ID HOST-KEY [k=LINK] [h=HOST] [r=PIN] [p=PASSCODE] [o=OUTSIDE]
 * bytes in hex, texts percent-encoded. A line that cannot be read is skipped; a field that is not known, too. */
#ifndef MOOT_NET_HOST_SECRETS_H
#define MOOT_NET_HOST_SECRETS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/invite.h"
#include "net/message.h"

struct host_secrets {
	uint8_t key[MOOT_HOST_KEY_BYTES]; /* the relay's word for: this is the host */
	bool has_link;
	uint8_t link[INVITE_SECRET];       /* k of the invite */
	char passcode[MOOT_PASSCODE_SIZE]; /* or empty */
	bool has_host;
	uint8_t host_hash[INVITE_HOST]; /* h of the invite */
	char pin[LINK_PIN_SIZE];        /* r of the invite, or empty */
	char outside[256];              /* the relay's name for others, when it is not that of RELAY; or empty */
};

struct host_meeting {
	char relay[sizeof(((struct invite *)0)->host) + 16], id[MOOT_ID_SIZE];
	struct host_secrets secrets;
};

/** Keep what is known of a meeting, atomically. relay: "host:port". What is not set in secrets stays as it was kept with the
 * same key before, so the parts may come from different places, in any order; another key is another meeting. The newest 500
 * are kept. 0, -EINVAL (a blank or control in relay or id), -EPERM (the file could be read by others, or is another's),
 * -errno. */
int host_secrets_keep(const char *dir, const char *relay, const char *id, const struct host_secrets *secrets);

/** 0, -ENOENT, -EPERM or -errno, secrets untouched. */
int host_secrets_find(const char *dir, const char *relay, const char *id, struct host_secrets *secrets);

/** The newest meeting, on whatever relay; id: with this id, or NULL. As above. */
int host_secrets_newest(const char *dir, const char *id, struct host_meeting *meeting);

/** The host key alone. */
int host_key_keep(const char *dir, const char *relay, const char *id, const uint8_t key[static MOOT_HOST_KEY_BYTES]);
int host_key_find(const char *dir, const char *relay, const char *id, uint8_t key[static MOOT_HOST_KEY_BYTES]);

#endif
