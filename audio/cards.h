/* The sound cards there are, by way of PortAudio: kept initialised while somebody needs it, and silent on
 * standard error. PortAudio is not safe for threads, so every call of it is made between cards_lock() and
 * cards_unlock(). */
#ifndef MOOT_AUDIO_CARDS_H
#define MOOT_AUDIO_CARDS_H

#include <stdbool.h>
#include <stddef.h>

void cards_lock(void);
void cards_unlock(void);

/** Initialise, or count one more user. Locked. Returns 0 or -EIO. */
int cards_acquire(void);
/** One user less; the last one terminates. Locked. */
void cards_release(void);
/** Look again which cards there are: closes all streams, so only when none is open. Locked. Returns 0 or
 * -EIO. */
int cards_refresh(void);

/** name: NULL the default, a number, or part of a name in any case; whole names go first. Locked, acquired.
 * Returns an index, or -ENOENT. */
int cards_find(const char *name, bool input);

/** Between these what libraries print on standard error is lost. Locked. */
void cards_hush(void);
void cards_unhush(void);

#endif
