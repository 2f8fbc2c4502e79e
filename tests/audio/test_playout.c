/* Packets of a real encoder through a line that loses some, against the sound that went in. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/codec.h"
#include "audio/playout.h"
#include "sound.h"

enum { BLOCK = 240, LOOKAHEAD = 312 };

struct spoken {
	struct sound in, out;
	struct audio_source_stats stats;
	double likeness;
	size_t lag;
};

/* lost(i): packet i never comes. drift: the listener's card, relative. */
static void speak(struct spoken *spoken, double seconds, bool (*lost)(unsigned i), double drift)
{
	struct encoder *encoder = encoder_new();
	struct playout *playout = playout_new(20);
	*spoken = (struct spoken) { 0 };
	sound_speechlike(&spoken->in, seconds, 0);
	spoken->out.pcm = calloc(spoken->in.n + AUDIO_RATE, sizeof(float));
	unsigned sent = 0;
	for (double now_us = 0; spoken->out.n + BLOCK < spoken->in.n + AUDIO_RATE;
	     now_us += 5000 * (1 + drift)) {
		for (; (sent + 1) * 20000.0 <= now_us && (sent + 1) * AUDIO_FRAME <= spoken->in.n; sent++) {
			uint8_t bytes[AUDIO_PACKET_MAX];
			int n = encoder_encode(encoder, spoken->in.pcm + sent * AUDIO_FRAME, AUDIO_FRAME,
					       bytes, sizeof bytes);
			const struct audio_packet packet = {
				.bytes = bytes,
				.n = (size_t)n,
				.timestamp = 0xffff0000U + sent * AUDIO_FRAME,
				.talk_end = (sent + 2) * AUDIO_FRAME > spoken->in.n,
			};
			if (!lost || !lost(sent))
				assert_int_equal(playout_put(playout, &packet, (int64_t)(sent + 1) * 20000),
						 0);
		}
		playout_pull(playout, (int64_t)now_us, spoken->out.pcm + spoken->out.n, BLOCK);
		spoken->out.n += BLOCK;
	}
	playout_stats(playout, &spoken->stats);
	size_t n = spoken->in.n > 5 * AUDIO_RATE ? 3 * AUDIO_RATE : spoken->in.n - AUDIO_RATE / 2;
	spoken->lag = sound_lag(spoken->in.pcm, spoken->out.pcm, n, AUDIO_RATE / 2, &spoken->likeness);
	print_message("likeness %.3f, lag %.1f ms, %lu frames, %lu concealed, %lu recovered, %lu dropped\n",
		      spoken->likeness, (double)spoken->lag / 48, (unsigned long)spoken->stats.frames,
		      (unsigned long)spoken->stats.concealed, (unsigned long)spoken->stats.recovered,
		      (unsigned long)spoken->stats.dropped);
	encoder_free(encoder);
	playout_free(playout);
}

static void spoken_clear(struct spoken *spoken)
{
	sound_clear(&spoken->in);
	sound_clear(&spoken->out);
}

static void playout__clean_line__plays_all(void **state)
{
	struct spoken spoken;
	(void)state;
	speak(&spoken, 5, NULL, 0);
	assert_true(spoken.likeness > 0.9);
	assert_int_equal(spoken.lag / 48, 20 + 20 + 6); /* packet, jitter buffer, codec */
	assert_int_equal(spoken.stats.frames, 250);
	assert_int_equal(spoken.stats.concealed + spoken.stats.recovered + spoken.stats.dropped, 0);
	spoken_clear(&spoken);
}

static bool each_tenth(unsigned i)
{
	return i % 10 == 7;
}

static void playout__lost_packets__come_back_from_the_next(void **state)
{
	struct spoken spoken;
	(void)state;
	speak(&spoken, 5, each_tenth, 0);
	assert_true(spoken.likeness > 0.8);
	assert_int_equal(spoken.stats.frames, 225);
	assert_true(spoken.stats.recovered >= 20);
	spoken_clear(&spoken);
}

static bool a_second(unsigned i)
{
	return i >= 100 && i < 150;
}

static void playout__a_hole__fades_out_and_stays_silent(void **state)
{
	struct spoken spoken;
	(void)state;
	speak(&spoken, 5, a_second, 0);
	for (size_t i = (size_t)(2.25 * AUDIO_RATE); i < (size_t)(3.0 * AUDIO_RATE); i++)
		assert_true(spoken.out.pcm[i] == 0);
	float steepest = 0;
	for (size_t i = (size_t)(2.1 * AUDIO_RATE); i < (size_t)(2.25 * AUDIO_RATE); i++)
		steepest = fmaxf(steepest, fabsf(spoken.out.pcm[i] - spoken.out.pcm[i - 1]));
	assert_true(steepest < 0.1F);
	assert_true(spoken.stats.concealed <= 6);
	assert_true(sound_likeness(spoken.in.pcm + AUDIO_RATE * 4,
				   spoken.out.pcm + AUDIO_RATE * 4 + spoken.lag, AUDIO_RATE / 2) > 0.85);
	spoken_clear(&spoken);
}

static void playout__another_card_clock__is_followed(void **state)
{
	static const double drifts[] = { 5e-4, -5e-4 };
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct spoken spoken;
		speak(&spoken, 40, NULL, drifts[i]);
		double r;
		size_t at = AUDIO_RATE * 38;
		size_t lag = sound_lag(spoken.in.pcm + at, spoken.out.pcm + at, AUDIO_RATE / 2,
				       AUDIO_RATE / 2, &r);
		/* Half a millisecond a second: the last words come when they should, as samples of the slow
		 * or fast card. */
		double lag_ms = (double)lag / 48 + 38 * 1000 * drifts[i];
		print_message("after 38 s: %.1f ms\n", lag_ms);
		assert_true(r > 0.8 && lag_ms > 35 && lag_ms < 75);
		assert_true(spoken.stats.concealed < 10);
		spoken_clear(&spoken);
	}
}

static void playout__refuses__what_is_not_opus(void **state)
{
	struct playout *playout = playout_new(20);
	struct audio_source_stats stats;
	float pcm[BLOCK];
	const uint8_t bad[] = { 0x0b, 0x3f };
	const struct audio_packet packet = { .bytes = bad, .n = sizeof bad };
	(void)state;
	assert_int_equal(playout_put(playout, &packet, 0), -EBADMSG);
	assert_false(playout_pull(playout, 20000, pcm, BLOCK));
	playout_stats(playout, &stats);
	assert_int_equal(stats.dropped, 1);
	playout_free(playout);
	playout_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(playout__clean_line__plays_all),
		cmocka_unit_test(playout__lost_packets__come_back_from_the_next),
		cmocka_unit_test(playout__a_hole__fades_out_and_stays_silent),
		cmocka_unit_test(playout__another_card_clock__is_followed),
		cmocka_unit_test(playout__refuses__what_is_not_opus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
