/* How loud, and does somebody speak. Pure. */
#ifndef MOOT_AUDIO_LEVEL_H
#define MOOT_AUDIO_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEVEL_SILENCE = 127 };

/** Root mean square of n samples (-1..1) in -dBov: 0 is a full-scale square wave, 127 silence. RFC 6464, RFC
 * 6465. */
uint8_t level_dbov(const float *pcm, size_t n);

struct level_meter {
	uint8_t level; /* of the last block, -dBov */
	bool speaking; /* to show: with hysteresis, held over the gaps between words */
	bool voice;    /* to send: more cautious, never cuts a quiet word off */
	float floor;   /* background, dBov, below 0 */
	unsigned quiet_samples, still_samples;
};

void level_init(struct level_meter *meter);
/** Take in n samples at 48 kHz, some 5 to 60 ms of them. */
void level_feed(struct level_meter *meter, const float *pcm, size_t n);

#endif
