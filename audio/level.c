/* The background is the quietest of what was heard, creeping up slowly. What rises above it by some decibels
 * is voice. Loud steady sound (music, a tone) is never taken for background: the floor has a ceiling. */
#include "audio/level.h"

#include <math.h>

#include "audio/engine.h"

enum { SPEAKING_HOLD = AUDIO_RATE * 3 / 10, VOICE_HOLD = AUDIO_RATE * 4 / 10 };

static const float floor_max = -55, floor_min = -90, floor_creep = 1 /* dB/s */;
static const float voice_min = -65, voice_over = 6;
static const float speaking_min = -50, speaking_over = 12, speaking_back = 6;

uint8_t level_dbov(const float *pcm, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * (double)pcm[i];
	if (n == 0 || !(sum > 0))
		return LEVEL_SILENCE;
	double db = -10 * log10(sum / (double)n);
	if (!(db > 0))
		return 0;
	return db >= LEVEL_SILENCE ? LEVEL_SILENCE : (uint8_t)lrint(db);
}

void level_init(struct level_meter *meter)
{
	*meter = (struct level_meter) { .level = LEVEL_SILENCE, .floor = floor_max };
}

/* On at once above `on`; off after `hold` samples below `off`. */
static bool hold(bool was, float db, float on, float off, unsigned *below, size_t n, unsigned limit)
{
	if (db >= on || (was && db >= off)) {
		*below = 0;
		return true;
	}
	if (*below < limit)
		*below += (unsigned)n;
	return was && *below < limit;
}

void level_feed(struct level_meter *meter, const float *pcm, size_t n)
{
	meter->level = level_dbov(pcm, n);
	float db = -(float)meter->level;
	float up = meter->floor + floor_creep * (float)n / AUDIO_RATE;
	meter->floor = fminf(fmaxf(fminf(db, up), floor_min), floor_max);
	float on = fmaxf(speaking_min, meter->floor + speaking_over);
	meter->speaking =
		hold(meter->speaking, db, on, on - speaking_back, &meter->quiet_samples, n, SPEAKING_HOLD);
	on = fmaxf(voice_min, meter->floor + voice_over);
	meter->voice = hold(meter->voice, db, on, on - 3, &meter->still_samples, n, VOICE_HOLD);
}
