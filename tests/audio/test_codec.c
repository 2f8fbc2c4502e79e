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
#include "audio/engine.h"
#include "sound.h"

enum { LOOKAHEAD = 312 };

static void codec__speech__comes_out_alike(void **state)
{
	static const struct {
		uint32_t bitrate;
		size_t samples;
		double likeness;
	} cases[] = { { 6000, 2880, 0.6 }, { 16000, 1920, 0.8 }, { 24000, 960, 0.85 }, { 64000, 960, 0.85 } };
	struct sound in;
	(void)state;
	sound_speechlike(&in, 3, 0);
	float *out = calloc(in.n + CODEC_DECODE_MAX, sizeof *out);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct encoder *encoder = encoder_new();
		struct decoder *decoder = decoder_new();
		size_t bytes = 0, n = cases[c].samples, at = 0;
		encoder_bitrate(encoder, cases[c].bitrate);
		int size = 0;
		for (; at + n <= in.n; at += n) {
			uint8_t packet[AUDIO_PACKET_MAX];
			int got = encoder_encode(encoder, in.pcm + at, n, packet, sizeof packet);
			assert_true(got > 0);
			assert_true(size == 0 || got == size); /* constant */
			size = got;
			bytes += (size_t)got;
			assert_int_equal(codec_samples(packet, (size_t)got), n);
			assert_int_equal(decoder_decode(decoder, packet, (size_t)got, out + at), n);
		}
		double r = sound_likeness(in.pcm + 4800, out + 4800 + LOOKAHEAD, at - 9600);
		double rate = (double)bytes * 8 / ((double)at / AUDIO_RATE);
		print_message("%u bit/s, %zu samples: %.0f bit/s, likeness %.3f\n", cases[c].bitrate, n, rate,
			      r);
		assert_true(r > cases[c].likeness);
		assert_true(fabs(rate - cases[c].bitrate) < 0.05 * cases[c].bitrate);
		encoder_free(encoder);
		decoder_free(decoder);
	}
	free(out);
	sound_clear(&in);
}

/* Energy of what a loss does to the sound, against the sound: smaller is better. */
static double damage(bool fec)
{
	struct sound in;
	sound_speechlike(&in, 6, 0);
	struct encoder *encoder = encoder_new();
	struct decoder *whole = decoder_new(), *lossy = decoder_new();
	uint8_t packet[AUDIO_PACKET_MAX];
	static float a[CODEC_DECODE_MAX], b[2 * CODEC_DECODE_MAX], kept[AUDIO_FRAME];
	double error = 0, energy = 0;
	bool lost = false;
	encoder_bitrate(encoder, 24000);
	for (size_t i = 0; (i + 1) * AUDIO_FRAME <= in.n; i++) {
		int got =
			encoder_encode(encoder, in.pcm + i * AUDIO_FRAME, AUDIO_FRAME, packet, sizeof packet);
		decoder_decode(whole, packet, (size_t)got, a);
		if (i % 10 == 9) {
			lost = true;
			memcpy(kept, a, sizeof kept);
			continue;
		}
		if (lost) {
			if (fec && codec_has_fec(packet, (size_t)got))
				assert_int_equal(decoder_recover(lossy, packet, (size_t)got, b, AUDIO_FRAME),
						 AUDIO_FRAME);
			else
				assert_int_equal(decoder_conceal(lossy, b, AUDIO_FRAME), AUDIO_FRAME);
			for (int k = 0; k < AUDIO_FRAME; k++) {
				error += pow((double)b[k] - (double)kept[k], 2);
				energy += pow((double)kept[k], 2);
			}
		}
		lost = false;
		decoder_decode(lossy, packet, (size_t)got, b);
	}
	encoder_free(encoder);
	decoder_free(whole);
	decoder_free(lossy);
	sound_clear(&in);
	return error / energy;
}

static void codec__fec__restores_what_concealment_guesses(void **state)
{
	(void)state;
	double guessed = damage(false), restored = damage(true);
	print_message("error over signal: concealed %.1f dB, recovered %.1f dB\n", 10 * log10(guessed),
		      10 * log10(restored));
	assert_true(restored < guessed / 2);
}

static void codec__refuses__what_is_not_opus(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t n;
	} vectors[] = {
		{ { 0 }, 0 },          /* nothing */
		{ { 0x0b }, 1 },       /* count of frames missing */
		{ { 0x0b, 0x00 }, 2 }, /* no frames */
		{ { 0x0b, 0x3f }, 2 }, /* 63 frames: over 120 ms */
		{ { 0x1b, 0x03 }, 2 }, /* three of 60 ms */
	};
	float pcm[CODEC_DECODE_MAX];
	struct decoder *decoder = decoder_new();
	uint8_t long_one[AUDIO_PACKET_MAX + 1] = { 0x08 };
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		assert_int_equal(codec_samples(vectors[i].bytes, vectors[i].n), -EBADMSG);
		assert_int_equal(decoder_decode(decoder, vectors[i].bytes, vectors[i].n, pcm), -EBADMSG);
		assert_int_equal(decoder_recover(decoder, vectors[i].bytes, vectors[i].n, pcm, 960),
				 -EBADMSG);
		assert_false(codec_has_fec(vectors[i].bytes, vectors[i].n));
	}
	assert_int_equal(codec_samples(long_one, sizeof long_one), -EBADMSG);
	/* Two frames of odd length: passes the first look only. */
	const uint8_t odd[] = {
		0x09,
		1,
		2,
		3,
	};
	assert_int_equal(decoder_decode(decoder, odd, sizeof odd, pcm) < 0, 1);
	decoder_free(decoder);
	decoder_free(NULL);
	encoder_free(NULL);
}

static void encoder__refuses__odd_lengths(void **state)
{
	struct encoder *encoder = encoder_new();
	float pcm[960] = { 0 };
	uint8_t packet[AUDIO_PACKET_MAX];
	(void)state;
	assert_int_equal(encoder_encode(encoder, pcm, 0, packet, sizeof packet), -EINVAL);
	assert_int_equal(encoder_encode(encoder, pcm, 240, packet, sizeof packet), -EINVAL);
	encoder_free(encoder);
}

static void encoder_reset__forgets__what_was_said(void **state)
{
	struct encoder *used = encoder_new(), *fresh = encoder_new();
	struct sound in;
	uint8_t a[AUDIO_PACKET_MAX], b[AUDIO_PACKET_MAX];
	float nothing[AUDIO_FRAME] = { 0 };
	(void)state;
	sound_speechlike(&in, 1, 0);
	for (size_t at = 0; at + AUDIO_FRAME <= in.n; at += AUDIO_FRAME)
		encoder_encode(used, in.pcm + at, AUDIO_FRAME, a, sizeof a);
	encoder_reset(used);
	int n = encoder_encode(used, nothing, AUDIO_FRAME, a, sizeof a);
	assert_int_equal(n, encoder_encode(fresh, nothing, AUDIO_FRAME, b, sizeof b));
	assert_memory_equal(a, b, (size_t)n);
	encoder_free(used);
	encoder_free(fresh);
	sound_clear(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codec__speech__comes_out_alike),
		cmocka_unit_test(codec__fec__restores_what_concealment_guesses),
		cmocka_unit_test(codec__refuses__what_is_not_opus),
		cmocka_unit_test(encoder__refuses__odd_lengths),
		cmocka_unit_test(encoder_reset__forgets__what_was_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
