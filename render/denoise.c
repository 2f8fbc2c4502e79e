/* Each sample keeps a running mean. What differs from it by little is taken for noise and moves it a little;
 * the gain grows with the difference until the sample is simply believed. 16-bit arithmetic without branches,
 * so that compilers use vectors. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "render/denoise.h"

enum {
	GAIN_STILL = 4000, /* of 32767: what an equal sample would move the mean */
	GAIN_SLOPE = 230,  /* more for each 1/16 step of difference */
	BELIEVE = 125,     /* from this difference (in 1/16) on a sample is believed */
};

void denoise(uint8_t *restrict samples, int16_t *restrict memory, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int16_t mean = memory[i];
		int16_t step = (int16_t)(samples[i] * 16 - mean);
		int16_t size = (int16_t)(step < 0 ? -step : step);
		int16_t most = size < BELIEVE ? size : BELIEVE;
		int16_t gain = (int16_t)(GAIN_STILL + GAIN_SLOPE * most);
		int16_t part = (int16_t)((step * 2 * gain) >> 16);
		mean = (int16_t)(size >= BELIEVE ? samples[i] * 16 : mean + part);
		memory[i] = mean;
		samples[i] = (uint8_t)((mean + 8) >> 4 > 255 ? 255 : (mean + 8) >> 4);
	}
}

void denoise_reset(const uint8_t *restrict samples, int16_t *restrict memory, size_t n)
{
	for (size_t i = 0; i < n; i++)
		memory[i] = (int16_t)(samples[i] * 16);
}
