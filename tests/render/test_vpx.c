/* VP8 there and back on a real face, keyframes on demand, and what hostile packets do: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/av.h"
#include "render/scale.h"
#include "render/vpx.h"

enum { FRAMES = 40 };

static struct frame *clip[FRAMES];
static int clip_length;

static int load_clip(void **state)
{
	(void)state;
	struct av_setup setup = { .url = "tests/fixtures/talk.webm", .max_width = 320, .max_height = 180 };
	struct av_input *input;
	const char *why;
	int64_t time_us;
	struct frame *frame;
	if (av_input_open(&input, &setup, &why) < 0)
		return -1;
	while (clip_length < FRAMES && av_input_next(input, &frame, &time_us) == 0) {
		clip[clip_length++] = scale_to_fit(frame, 160, 90);
		frame_free(frame);
	}
	av_input_close(input);
	return clip_length == FRAMES ? 0 : -1;
}

static int free_clip(void **state)
{
	(void)state;
	for (int i = 0; i < clip_length; i++)
		frame_free(clip[i]);
	return 0;
}

static double psnr(const struct frame *a, const struct frame *b)
{
	double sum = 0;
	for (int i = 0; i < a->width * a->height; i++)
		sum += (a->y[i] - b->y[i]) * (a->y[i] - b->y[i]);
	return 10 * log10(255.0 * 255.0 * a->width * a->height / (sum + 1e-9));
}

static struct vpx_encoder *encoder_at(uint32_t bitrate)
{
	struct vpx_settings settings = { 160, 90, 10, bitrate, false };
	struct vpx_encoder *encoder = vpx_encoder_new(&settings);
	assert_non_null(encoder);
	return encoder;
}

static void vpx_encode__keeps_a_face__at_thin_bitrates(void **state)
{
	(void)state;
	static const struct {
		uint32_t bitrate;
		double psnr;
	} cases[] = { { 12000, 29 }, { 20000, 31.5 }, { 40000, 34.5 } };
	for (size_t c = 0; c < 3; c++) {
		struct vpx_encoder *encoder = encoder_at(cases[c].bitrate);
		struct vpx_decoder *decoder = vpx_decoder_new(160, 90);
		size_t total = 0, first = 0;
		double sum = 0;
		int n = 0;
		for (int i = 0; i < 3 * FRAMES; i++) {
			const uint8_t *bytes;
			bool keyframe;
			/* there and back again, so that nothing jumps */
			const struct frame *frame =
				clip[i / FRAMES % 2 ? FRAMES - 1 - i % FRAMES : i % FRAMES];
			long size = vpx_encode(encoder, frame, i == 0, &bytes, &keyframe);
			assert_true(size >= 0);
			if (i == 0) {
				assert_true(keyframe);
				first = (size_t)size;
			}
			total += (size_t)size;
			if (size > 0)
				assert_int_equal(vpx_decode(decoder, bytes, (size_t)size), 0);
			struct frame *out = vpx_decoder_picture(decoder);
			assert_non_null(out);
			assert_int_equal(out->width, 160);
			assert_int_equal(out->height, 90);
			if (i >= FRAMES) {
				sum += psnr(out, frame);
				n++;
			}
			frame_free(out);
		}
		double kbps = (double)(total - first) * 8 / (3.0 * FRAMES / 10) / 1000;
		print_message("%u bit/s: %.1f dB, %.1f kbit/s after a first picture of %zu bytes\n",
			      cases[c].bitrate, sum / n, kbps, first);
		assert_true(sum / n > cases[c].psnr);
		assert_true(kbps * 1000 < cases[c].bitrate * 1.25);
		vpx_encoder_free(encoder);
		vpx_decoder_free(decoder);
	}
}

static void vpx_encode__makes_keyframes__on_demand_only(void **state)
{
	(void)state;
	struct vpx_encoder *encoder = encoder_at(30000);
	for (int i = 0; i < 200; i++) {
		const uint8_t *bytes;
		bool keyframe = false;
		long n = vpx_encode(encoder, clip[i % 8], i == 0 || i == 100, &bytes, &keyframe);
		assert_true(n >= 0);
		assert_int_equal(keyframe, i == 0 || i == 100);
		if (i == 50)
			vpx_encoder_shape(encoder, 15000, 5);
	}
	const uint8_t *bytes;
	bool keyframe;
	struct frame *other = frame_new(80, 45);
	assert_int_equal(vpx_encode(encoder, other, false, &bytes, &keyframe), -EINVAL);
	frame_free(other);
	vpx_encoder_free(encoder);
	vpx_encoder_free(NULL);
}

static void vpx_decode__refuses__larger_than_agreed(void **state)
{
	(void)state;
	static const struct {
		int w, h, want;
	} cases[] = { { 160, 90, 0 },
		      { 90, 90, 0 },
		      { 162, 90, -EMSGSIZE },
		      { 160, 92, -EMSGSIZE },
		      { 4096, 4096, -EMSGSIZE } };
	for (size_t i = 0; i < 5; i++) {
		struct vpx_settings settings = { cases[i].w, cases[i].h, 10, 30000, false };
		struct vpx_encoder *encoder = vpx_encoder_new(&settings);
		struct vpx_decoder *decoder = vpx_decoder_new(160, 90);
		struct frame *frame = frame_new(cases[i].w, cases[i].h);
		const uint8_t *bytes;
		bool keyframe;
		long n = vpx_encode(encoder, frame, true, &bytes, &keyframe);
		assert_true(n > 0);
		assert_int_equal(vpx_decode(decoder, bytes, (size_t)n), cases[i].want);
		frame_free(frame);
		vpx_encoder_free(encoder);
		vpx_decoder_free(decoder);
	}
}

static void vpx_decode__wants_a_keyframe__first_and_after_errors(void **state)
{
	(void)state;
	struct vpx_encoder *encoder = encoder_at(40000);
	struct vpx_decoder *decoder = vpx_decoder_new(160, 90);
	const uint8_t *bytes;
	bool keyframe;
	uint8_t key[20000];
	long key_n = vpx_encode(encoder, clip[0], true, &bytes, &keyframe);
	assert_in_range(key_n, 1, sizeof(key));
	memcpy(key, bytes, (size_t)key_n);
	long n = vpx_encode(encoder, clip[1], false, &bytes, &keyframe);
	assert_true(n > 0 && !keyframe);
	assert_int_equal(vpx_decode(decoder, bytes, (size_t)n), -ENODATA);
	assert_null(vpx_decoder_picture(decoder));
	assert_int_equal(vpx_decode(decoder, key, (size_t)key_n), 0);
	assert_int_equal(vpx_decode(decoder, bytes, (size_t)n), 0);
	assert_int_equal(vpx_decode(decoder, (const uint8_t *)"\0\0", 2), -EBADMSG);
	assert_null(vpx_decoder_picture(decoder));
	assert_int_equal(vpx_decode(decoder, bytes, (size_t)n), -ENODATA);
	assert_int_equal(vpx_decode(decoder, key, (size_t)key_n), 0);
	vpx_encoder_free(encoder);
	vpx_decoder_free(decoder);
	vpx_decoder_free(NULL);
}

/* Bits flipped, packets cut, lost and swapped: an error or a picture of an agreed size, never more. */
static void vpx_decode__survives__corruption(void **state)
{
	(void)state;
	srand(4);
	for (int round = 0; round < 25; round++) {
		struct vpx_encoder *encoder = encoder_at(60000);
		struct vpx_decoder *decoder = vpx_decoder_new(160, 90);
		for (int i = 0; i < FRAMES; i++) {
			const uint8_t *bytes;
			bool keyframe;
			uint8_t packet[30000];
			long n = vpx_encode(encoder, clip[i], i % 10 == 0, &bytes, &keyframe);
			if (n <= 0 || n > (long)sizeof(packet))
				continue;
			memcpy(packet, bytes, (size_t)n);
			for (int flips = rand() % 4; flips > 0; flips--)
				packet[rand() % (rand() % 4 ? n
						 : n < 12   ? n
							    : 12)] ^= (uint8_t)(1 << rand() % 8);
			if (rand() % 8 == 0)
				n = rand() % n;
			uint8_t *exact =
				malloc((size_t)n + 1); /* so that a sanitizer sees a read beyond the end */
			exact = realloc(exact, n ? (size_t)n : 1);
			memcpy(exact, packet, (size_t)n);
			int rc = vpx_decode(decoder, exact, (size_t)n);
			assert_true(rc == 0 || rc == -ENODATA || rc == -EBADMSG || rc == -EMSGSIZE);
			struct frame *picture = vpx_decoder_picture(decoder);
			if (picture)
				assert_true(picture->width <= 160 && picture->height <= 90);
			frame_free(picture);
			free(exact);
		}
		vpx_encoder_free(encoder);
		vpx_decoder_free(decoder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vpx_encode__keeps_a_face__at_thin_bitrates),
		cmocka_unit_test(vpx_encode__makes_keyframes__on_demand_only),
		cmocka_unit_test(vpx_decode__refuses__larger_than_agreed),
		cmocka_unit_test(vpx_decode__wants_a_keyframe__first_and_after_errors),
		cmocka_unit_test(vpx_decode__survives__corruption),
	};
	return cmocka_run_group_tests(tests, load_clip, free_clip);
}
