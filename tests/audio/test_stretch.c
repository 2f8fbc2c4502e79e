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
#include "audio/stretch.h"
#include "sound.h"

enum { N = 960 };

static void tone(float *pcm, size_t n, double hz)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (float)(0.3 * sin(2 * M_PI * hz * (double)i / AUDIO_RATE) +
				 0.1 * sin(6 * M_PI * hz * (double)i / AUDIO_RATE));
}

static float steepest(const float *pcm, size_t n)
{
	float most = 0;
	for (size_t i = 1; i < n; i++)
		most = fmaxf(most, fabsf(pcm[i] - pcm[i - 1]));
	return most;
}

static void stretch__a_voice__loses_or_gains_whole_periods(void **state)
{
	(void)state;
	for (double hz = 100; hz <= 400; hz += 7) {
		float pcm[N + STRETCH_MAX], was[N];
		double period = AUDIO_RATE / hz;
		tone(pcm, N, hz);
		memcpy(was, pcm, sizeof was);
		size_t n = stretch_shrink(pcm, N, false);
		double periods = (double)(N - n) / period;
		assert_true(n < N && n >= N - STRETCH_MAX);
		assert_true(fabs(periods - round(periods)) < 0.05);
		assert_true(steepest(pcm, n) < steepest(was, N) * 1.1F);
		tone(pcm, N, hz);
		n = stretch_grow(pcm, N, false);
		periods = (double)(n - N) / period;
		assert_true(n > N && n <= N + STRETCH_MAX);
		assert_true(fabs(periods - round(periods)) < 0.05);
		assert_true(steepest(pcm, n) < steepest(was, N) * 1.1F);
		assert_true(fabsf(pcm[0] - was[0]) < 1e-6F && pcm[n - 1] == was[N - 1]);
	}
}

static void stretch__silence__changes_most(void **state)
{
	float pcm[N + STRETCH_MAX] = { 0 };
	(void)state;
	assert_int_equal(stretch_shrink(pcm, N, false), N - STRETCH_MAX);
	assert_int_equal(stretch_grow(pcm, N, false), N + STRETCH_MAX);
}

static void stretch__noise__only_by_force(void **state)
{
	float pcm[N + STRETCH_MAX];
	uint32_t seed = 1;
	(void)state;
	for (int i = 0; i < N; i++) {
		seed = seed * 1664525 + 1013904223;
		pcm[i] = (float)(seed >> 8) / (1 << 24) - 0.5F;
	}
	assert_int_equal(stretch_shrink(pcm, N, false), N);
	assert_int_equal(stretch_grow(pcm, N, false), N);
	assert_true(stretch_shrink(pcm, N, true) < N);
}

static void stretch__short_frames__are_left_alone(void **state)
{
	float pcm[STRETCH_MAX + 480] = { 0 };
	(void)state;
	assert_int_equal(stretch_shrink(pcm, 480, true), 480);
	assert_int_equal(stretch_grow(pcm, 120, true), 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stretch__a_voice__loses_or_gains_whole_periods),
		cmocka_unit_test(stretch__silence__changes_most),
		cmocka_unit_test(stretch__noise__only_by_force),
		cmocka_unit_test(stretch__short_frames__are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
