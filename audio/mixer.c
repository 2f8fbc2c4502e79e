/* A soft limiter: the gain falls to what the loudest sample of the block needs, over a millisecond, but no
 * sample ever waits for that: each has its own cap. It rises back slowly, so speech is not pumped. */
#include "audio/mixer.h"

#include <math.h>

#include "audio/engine.h"

static const float attack = 1.0F / 48, release = 1.0F / (0.3F * AUDIO_RATE);

void mixer_init(struct mixer *mixer)
{
	mixer->gain = 1;
}

void mixer_add(float *sum, const float *pcm, float gain, size_t n)
{
	if (gain == 1.0F)
		for (size_t i = 0; i < n; i++)
			sum[i] += pcm[i];
	else
		for (size_t i = 0; i < n; i++)
			sum[i] += gain * pcm[i];
}

static float peak_of(float *sum, size_t n)
{
	float peak = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(sum[i]))
			sum[i] = 0;
		peak = fmaxf(peak, fabsf(sum[i]));
	}
	return peak;
}

void mixer_limit(struct mixer *mixer, float *sum, size_t n)
{
	float peak = peak_of(sum, n), needed = peak > 1 ? 1 / peak : 1;
	if (needed >= 1 && mixer->gain >= 1)
		return;
	float gain = mixer->gain, step = (gain - needed) * attack;
	for (size_t i = 0; i < n; i++) {
		if (gain > needed)
			gain = fmaxf(needed, gain - step);
		else
			gain = fminf(needed, gain + release);
		float x = sum[i] * gain;
		sum[i] = x > 1 ? 1 : x < -1 ? -1 : x;
	}
	mixer->gain = gain;
}

float mixer_gain(float db)
{
	return db < -60 ? 0 : db == 0 ? 1 : powf(10, db / 20);
}
