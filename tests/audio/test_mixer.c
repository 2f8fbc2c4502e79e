#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/engine.h"
#include "audio/mixer.h"
#include "sound.h"

enum { BLOCK = 240 };

static void mixer__one_source__passes_bit_for_bit(void **state)
{
	struct sound sound;
	struct mixer mixer;
	float sum[BLOCK];
	(void)state;
	sound_speechlike(&sound, 1, 0);
	sound.pcm[100] = 1;
	sound.pcm[101] = -1;
	sound.pcm[102] = -0.0F;
	mixer_init(&mixer);
	for (size_t at = 0; at + BLOCK <= sound.n; at += BLOCK) {
		memset(sum, 0, sizeof sum);
		mixer_add(sum, sound.pcm + at, 1, BLOCK);
		mixer_limit(&mixer, sum, BLOCK);
		for (int i = 0; i < BLOCK; i++)
			assert_true(sum[i] == sound.pcm[at + (size_t)i]);
	}
	sound_clear(&sound);
}

static void mixer__three_loud_voices__never_clip_nor_click(void **state)
{
	struct mixer mixer;
	float sum[BLOCK], before = 0, biggest_step = 0;
	unsigned at_limit = 0;
	(void)state;
	mixer_init(&mixer);
	for (int block = 0; block < 400; block++) {
		for (int i = 0; i < BLOCK; i++) {
			double t = (double)(block * BLOCK + i) / AUDIO_RATE, v = 0;
			for (int k = 1; k <= 3; k++)
				v += 0.8 * sin(2 * M_PI * (150 + 61 * k) * t + k);
			sum[i] = (float)v;
		}
		mixer_limit(&mixer, sum, BLOCK);
		for (int i = 0; i < BLOCK; i++) {
			assert_true(fabsf(sum[i]) <= 1);
			at_limit += block > 0 && fabsf(sum[i]) > 0.9999F;
			if (block > 0)
				biggest_step = fmaxf(biggest_step, fabsf(sum[i] - before));
			before = sum[i];
		}
	}
	assert_true(at_limit < 400 * BLOCK / 100); /* turned down, not cut off */
	assert_true(biggest_step < 0.15F);
}

static void mixer__after_a_peak__comes_back(void **state)
{
	struct mixer mixer;
	float sum[BLOCK];
	(void)state;
	mixer_init(&mixer);
	for (int i = 0; i < BLOCK; i++)
		sum[i] = 2;
	mixer_limit(&mixer, sum, BLOCK);
	assert_true(mixer.gain < 0.51F);
	for (int block = 0; block < 60; block++) {
		for (int i = 0; i < BLOCK; i++)
			sum[i] = 0.5F;
		mixer_limit(&mixer, sum, BLOCK);
	}
	assert_true(mixer.gain == 1);
	assert_true(sum[BLOCK - 1] == 0.5F);
}

static void mixer__nonsense__becomes_silence(void **state)
{
	struct mixer mixer;
	float sum[4] = { NAN, INFINITY, -INFINITY, 0.25F };
	(void)state;
	mixer_init(&mixer);
	mixer_limit(&mixer, sum, 4);
	assert_true(sum[0] == 0 && sum[1] == 0 && sum[2] == 0 && sum[3] == 0.25F);
}

static void mixer_gain__turns__decibels_into_a_factor(void **state)
{
	static const struct {
		float db, gain;
	} vectors[] = { { 0, 1 }, { -6, 0.501187F }, { 12, 3.981072F }, { -40, 0.01F }, { -61, 0 } };
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		assert_true(fabsf(mixer_gain(vectors[i].db) - vectors[i].gain) < 1e-5F);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixer__one_source__passes_bit_for_bit),
		cmocka_unit_test(mixer__three_loud_voices__never_clip_nor_click),
		cmocka_unit_test(mixer__after_a_peak__comes_back),
		cmocka_unit_test(mixer__nonsense__becomes_silence),
		cmocka_unit_test(mixer_gain__turns__decibels_into_a_factor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
