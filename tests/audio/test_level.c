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
#include "audio/level.h"

static void fill(float *pcm, size_t n, double peak, double hz)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (float)(peak * sin(2 * M_PI * hz * (double)i / AUDIO_RATE));
}

static void level_dbov__follows__rfc_6464(void **state)
{
	static const struct {
		double peak;
		int level;
	} vectors[] = { { 1, 3 },      { 0.5, 9 },    { 0.1, 23 }, { 0.001, 63 },
			{ 1e-6, 123 }, { 1e-8, 127 }, { 0, 127 },  { 4, 0 } };
	float pcm[AUDIO_FRAME];
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		fill(pcm, AUDIO_FRAME, vectors[i].peak, 1000);
		assert_int_equal(level_dbov(pcm, AUDIO_FRAME), vectors[i].level);
	}
	for (size_t i = 0; i < AUDIO_FRAME; i++)
		pcm[i] = i & 1 ? 1 : -1;
	assert_int_equal(level_dbov(pcm, AUDIO_FRAME), 0);
	pcm[5] = NAN;
	assert_int_equal(level_dbov(pcm, AUDIO_FRAME), 127);
	assert_int_equal(level_dbov(pcm, 0), 127);
}

/* Feed ms of a tone of so many dBov; returns after how many ms `*flag` last changed, or -1. */
static int feed(struct level_meter *meter, const bool *flag, double dbov, int ms)
{
	float pcm[240];
	int changed = -1;
	bool was = *flag;
	fill(pcm, 240, sqrt(2) * pow(10, dbov / 20), 200);
	for (int t = 0; t < ms; t += 5) {
		level_feed(meter, pcm, 240);
		if (*flag != was)
			changed = t;
		was = *flag;
	}
	return changed;
}

static void meter__speech__is_held_over_gaps(void **state)
{
	struct level_meter meter;
	(void)state;
	level_init(&meter);
	feed(&meter, &meter.speaking, -80, 2000);
	assert_false(meter.speaking || meter.voice);
	assert_int_equal(feed(&meter, &meter.speaking, -25, 500), 0);
	assert_int_equal(feed(&meter, &meter.speaking, -80, 200), -1);
	assert_true(meter.speaking && meter.voice);
	feed(&meter, &meter.speaking, -25, 100);
	assert_int_equal(feed(&meter, &meter.speaking, -80, 1000), 295);
	assert_false(meter.speaking || meter.voice);
}

static void meter__voice__ends_after_400_ms(void **state)
{
	struct level_meter meter;
	(void)state;
	level_init(&meter);
	feed(&meter, &meter.voice, -25, 500);
	assert_int_equal(feed(&meter, &meter.voice, -90, 1000), 395);
}

static void meter__quiet_speech__is_voice_before_it_shows(void **state)
{
	struct level_meter meter;
	(void)state;
	level_init(&meter);
	feed(&meter, &meter.voice, -85, 1000);
	feed(&meter, &meter.voice, -58, 100);
	assert_true(meter.voice);
	assert_false(meter.speaking);
}

static void meter__steady_noise__becomes_background(void **state)
{
	struct level_meter meter;
	(void)state;
	level_init(&meter);
	feed(&meter, &meter.voice, -90, 100);
	feed(&meter, &meter.voice, -60, 40000);
	assert_false(meter.voice);
}

static void meter__steady_loud_tone__stays_voice(void **state)
{
	struct level_meter meter;
	(void)state;
	level_init(&meter);
	feed(&meter, &meter.voice, -30, 120000);
	assert_true(meter.voice && meter.speaking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_dbov__follows__rfc_6464),
		cmocka_unit_test(meter__speech__is_held_over_gaps),
		cmocka_unit_test(meter__voice__ends_after_400_ms),
		cmocka_unit_test(meter__quiet_speech__is_voice_before_it_shows),
		cmocka_unit_test(meter__steady_noise__becomes_background),
		cmocka_unit_test(meter__steady_loud_tone__stays_voice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
