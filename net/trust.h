/* Which relays a person trusts: known_relays, as ssh keeps known_hosts. One line a relay:
 * "host:port pin first-seen". */
#ifndef MOOT_NET_TRUST_H
#define MOOT_NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trust {
	TRUST_PINNED,
	TRUST_KNOWN,
	TRUST_CA,
	TRUST_ASK,
	TRUST_PIN_MISMATCH,
	TRUST_CHANGED,
	TRUST_CHANGED_CA
};

struct trust_line {
	const char *host_port, *pin, *date; /* into the line */
	size_t host_port_bytes, pin_bytes, date_bytes; /* no date: 0 */
};

/** One line of known_relays, n bytes without its newline. 0, or -EBADMSG (empty, a comment, damaged). Pure.
 */
int trust_line_parse(struct trust_line *out, const char *line, size_t n);

/** Decide. invite_pin: from an invite or --pin, NULL without. known: path of known_relays (a missing file is
 * an empty one). TRUST_CHANGED: remembered with another pin and self-signed now: refuse. TRUST_CHANGED_CA:
 * the same, but a CA vouches: warn. A damaged line is skipped. Returns the verdict or -errno (unreadable
 * file). */
int trust_check(const char *known, const char *host_port, const char *pin, const char *invite_pin,
		bool ca_ok);

/** The pin remembered last of a relay. pin: size bytes. 0, -ENOENT or -errno. */
int trust_find(const char *known, const char *host_port, char *pin, size_t size);

/* What a relay's name and pin are worth before one connects. */
enum doubt { DOUBT_NONE, DOUBT_FOREIGN, DOUBT_LOOKS_LIKE, DOUBT_OTHER_PIN };

struct trust_look {
	enum doubt doubt;
	bool known;
	char since[16]; /* known: the day it was first seen, as it is remembered; or empty */
	char like[264]; /* DOUBT_LOOKS_LIKE: the known name it can be taken for, safe to show */
};

/** Look at a relay from an invite, with what is known of others. pin: the invite's, or empty. DOUBT_FOREIGN: letters
 * beyond ASCII, never seen. DOUBT_LOOKS_LIKE: never seen, and easily taken for a known one (net/lookalike.h).
 * DOUBT_OTHER_PIN: known, by another pin than the invite's. 0 or -errno (a missing file is an empty one). */
int trust_look(const char *known, const char *host, uint16_t port, const char *pin, struct trust_look *look);

/** Remember a pin (replacing an older one), atomically, mode 0600. 0 or -errno. */
int trust_remember(const char *known, const char *host_port, const char *pin, const char *date);

#endif
