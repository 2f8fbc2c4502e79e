/* The loudest three of a room, with hold, so that a voice is not cut between two words. Pure. */
#ifndef MOOT_NET_SPEAKERS_H
#define MOOT_NET_SPEAKERS_H

#include <stdbool.h>
#include <stdint.h>

enum { SPEAKERS_MAX = 3, SPEAKERS_HOLD_MS = 600 };

struct speakers {
	struct { uint32_t number; uint8_t level; int64_t heard_ms; } seat[SPEAKERS_MAX];
};

/** One audio frame of number came with this level (-dBov, 0 loudest). True: forward it. A new voice takes a free or
 * lapsed seat, or the quietest's when it is louder by 6 dB. */
bool speakers_heard(struct speakers *speakers, uint32_t number, uint8_t level, int64_t now_ms);
/** Gone or muted. */
void speakers_drop(struct speakers *speakers, uint32_t number);

#endif
