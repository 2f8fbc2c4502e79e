/* Many voices into one signal that never clips. Pure. */
#ifndef MOOT_AUDIO_MIXER_H
#define MOOT_AUDIO_MIXER_H

#include <stddef.h>

struct mixer {
	float gain; /* of the limiter now, 0..1 */
};

void mixer_init(struct mixer *mixer);
/** sum[i] += gain * pcm[i]. A gain of 1 on a sum of zeros copies the bits. n samples. */
void mixer_add(float *sum, const float *pcm, float gain, size_t n);
/** Limit a sum in place: what stays within -1..1 passes untouched, what does not is turned down smoothly and
 * comes back within some 0.3 s. n samples at 48 kHz. Afterwards every sample is within -1..1; NaN becomes 0.
 */
void mixer_limit(struct mixer *mixer, float *sum, size_t n);
/** Decibels to a factor; below -60 dB: 0. */
float mixer_gain(float db);

#endif
