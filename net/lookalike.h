/* Names of relays that are made to be taken for others. Pure. */
#ifndef MOOT_NET_LOOKALIKE_H
#define MOOT_NET_LOOKALIKE_H

#include <stdbool.h>

/** True when HOST is another name than KNOWN and easily taken for it: the same to the eye (0 and o, 1 and l, rn and m,
 * dots and dashes aside), or one letter away. Sisters in one domain (meet1.example.org, meet2.example.org), addresses, and
 * numbered names without a domain (host1, host2) are not. */
bool lookalike(const char *host, const char *known);

/** True when a name holds letters beyond ASCII: as they are, or as an "xn--" label, which other programs show as those
 * letters. */
bool lookalike_foreign(const char *host);

#endif
