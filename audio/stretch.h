/* Make speech a little shorter or longer without changing its pitch. Pure. */
#ifndef MOOT_AUDIO_STRETCH_H
#define MOOT_AUDIO_STRETCH_H

#include <stdbool.h>
#include <stddef.h>

enum { STRETCH_MIN = 120, STRETCH_MAX = 480 }; /* samples of one change: a pitch period of 100 to 400 Hz */

/** Leave out one period, in place. pcm: n samples at 48 kHz. force: even where it can be heard. Returns the
 * samples left: n when nothing fits, else n - STRETCH_MAX to n - STRETCH_MIN. */
size_t stretch_shrink(float *pcm, size_t n, bool force);
/** Repeat one period, in place; pcm has room for n + STRETCH_MAX. Returns the new length. */
size_t stretch_grow(float *pcm, size_t n, bool force);

#endif
