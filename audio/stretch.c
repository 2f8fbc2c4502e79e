/* Where two stretches of sound a pitch period apart are alike, one fades into the other, and the period
 * between them is gone, or comes twice. In silence any length will do. The method is overlap-add by waveform
 * similarity (WSOLA). */
#include "audio/stretch.h"

#include <math.h>
#include <string.h>

enum { FADE = 240, COARSE = 4 };

static const float alike = 0.6F, silence = 1e-5F /* mean square, -50 dBov */;

/* 1: the same shape. step: look at each step-th sample. */
static float likeness(const float *a, const float *b, size_t step)
{
	float ab = 0, aa = 1e-9F, bb = 1e-9F;
	for (size_t i = 0; i < FADE; i += step) {
		ab += a[i] * b[i];
		aa += a[i] * a[i];
		bb += b[i] * b[i];
	}
	return ab / sqrtf(aa * bb);
}

static bool is_quiet(const float *pcm, size_t n)
{
	float sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += pcm[i] * pcm[i];
	return sum < silence * (float)n;
}

/* The best period, or 0. */
static size_t period(const float *pcm, size_t n, bool force)
{
	if (n < STRETCH_MAX + FADE)
		return 0;
	if (is_quiet(pcm, STRETCH_MAX + FADE))
		return STRETCH_MAX;
	size_t best = 0;
	float most = force ? -2 : alike;
	for (size_t lag = STRETCH_MIN; lag <= STRETCH_MAX; lag += COARSE) {
		float l = likeness(pcm, pcm + lag, COARSE);
		if (l > most) {
			most = l;
			best = lag;
		}
	}
	if (best == 0)
		return 0;
	size_t from = best < STRETCH_MIN + COARSE ? STRETCH_MIN : best - COARSE + 1;
	size_t to = best + COARSE > STRETCH_MAX + 1 ? STRETCH_MAX + 1 : best + COARSE;
	most = -2;
	for (size_t lag = from; lag < to; lag++) {
		float l = likeness(pcm, pcm + lag, 1);
		if (l > most) {
			most = l;
			best = lag;
		}
	}
	return best;
}

/* dst fades from a to b; dst may be a or b. */
static void crossfade(float *dst, const float *a, const float *b)
{
	for (size_t i = 0; i < FADE; i++) {
		float w = ((float)i + 0.5F) / FADE;
		dst[i] = a[i] * (1 - w) + b[i] * w;
	}
}

size_t stretch_shrink(float *pcm, size_t n, bool force)
{
	size_t lag = period(pcm, n, force);
	if (lag == 0)
		return n;
	crossfade(pcm, pcm, pcm + lag);
	memmove(pcm + FADE, pcm + lag + FADE, (n - lag - FADE) * sizeof *pcm);
	return n - lag;
}

size_t stretch_grow(float *pcm, size_t n, bool force)
{
	size_t lag = period(pcm, n, force);
	if (lag == 0)
		return n;
	float seam[FADE];
	crossfade(seam, pcm + lag, pcm);
	memmove(pcm + lag + FADE, pcm + FADE, (n - FADE) * sizeof *pcm);
	memcpy(pcm + lag, seam, sizeof seam);
	return n + lag;
}
