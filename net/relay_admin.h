/* What an administrator does beside running the relay: policy and tokens from the command line. */
#ifndef MOOT_NET_RELAY_ADMIN_H
#define MOOT_NET_RELAY_ADMIN_H

#include "net/policy.h"
#include "net/store.h"

enum { RELAY_PATH_SIZE = 4096 };

/** Where the relay keeps its files: home, or $XDG_STATE_HOME/moot, or ~/.local/state/moot; made if need be, for us
 * alone. path: RELAY_PATH_SIZE. 0 or -errno with *path set; prints nothing. */
int relay_home(const char *home, char path[static RELAY_PATH_SIZE]);

/** Read a policy file. Each mistake goes to say(arg, "FILE:LINE:COLUMN: …"). Returns 0, -EINVAL for mistakes (*policy
 * untouched), -errno when it cannot be read (said, too). */
int relay_load_policy(struct policy *policy, const char *path, void (*say)(void *arg, const char *text), void *arg);

/** Open the store in home; on failure say why, with what to do. NULL then. */
struct store *relay_open_store(const char *home, void (*say)(void *arg, const char *text), void *arg);

/** "policy …", "token …" and "privacy" of the command line. argv: from the word on. Returns the exit status. */
int relay_admin(int argc, char **argv);
/** True when this word is one of those. */
bool relay_admin_word(const char *word);

#endif
