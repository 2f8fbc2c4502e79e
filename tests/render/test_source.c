/* Sources: what opens, what is said when it does not, real time, starting over, text as letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "render/av.h"
#include "render/source.h"
#include "render/text_picture.h"
#include "render/video.h"

static struct source *must_open(const char *spec, int fps, int max_width, int max_height)
{
	struct source_setup setup = { spec, fps, max_width, max_height };
	struct source *source = NULL;
	const char *why = "";
	if (source_open(&source, &setup, &why) < 0)
		fail_msg("%s: %s", spec, why);
	return source;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t sum_of(const struct frame *frame)
{
	int64_t sum = 0;
	for (int i = 0; i < frame->width * frame->height; i++)
		sum += frame->y[i] * (1 + i % 7);
	return sum;
}

static char *write_file(char path[static 64], const void *bytes, size_t n)
{
	snprintf(path, 64, "/tmp/moot-test-source-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	return path;
}

static void source_open__says_why__it_cannot(void **state)
{
	(void)state;
	char junk[64];
	static const unsigned char noise[] = "\x01\x02\x00\xff\xfe junk \x80\x00\x01";
	write_file(junk, noise, sizeof(noise));
	const struct {
		const char *spec;
		int error;
		const char *says;
	} cases[] = {
		{ "/dev/video61", -ENOENT, "No camera at /dev/video61; " },
		{ "61", -ENOENT, "No camera at /dev/video61; " },
		{ "/dev/null", 0, "/dev/null is no camera." },
		{ "/dev/shm", 0, "/dev/shm" },
		{ "/no/such/film.webm", -ENOENT, "/no/such/film.webm does not open: there is none." },
		{ junk, 0, "does not open: it is no picture, film or text." },
		{ "/tmp", 0, "/tmp does not open" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct source_setup setup = { cases[i].spec, 10, 320, 180 };
		struct source *source = NULL;
		const char *why = "";
		int rc = source_open(&source, &setup, &why);
		assert_true(rc < 0);
		if (cases[i].error)
			assert_int_equal(rc, cases[i].error);
		if (!strstr(why, cases[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].spec, why, cases[i].says);
	}
	unlink(junk);
}

static void source_read__plays_a_film__in_real_time_and_round(void **state)
{
	(void)state;
	struct source *source = must_open("tests/fixtures/talk.webm", 10, 640, 480);
	int64_t start = now_ms();
	int64_t first = 0, different = 0;
	struct frame *frame;
	for (int i = 0; i < 46; i++) { /* the film has 40 pictures */
		assert_int_equal(source_read(source, &frame), 0);
		assert_int_equal(frame->width, 320);
		assert_int_equal(frame->height, 180);
		int64_t sum = sum_of(frame);
		if (i == 0)
			first = sum;
		different += sum != first;
		if (i == 40)
			assert_int_equal(sum, first);
		frame_free(frame);
	}
	assert_true(different >= 40);
	assert_true(now_ms() - start >= 4400);
	source_close(source);
}

static void source_read__shows_a_photograph__again_and_again(void **state)
{
	(void)state;
	struct source *source = must_open("tests/fixtures/portrait.jpg", 50, 160, 90);
	struct frame *frame;
	int64_t first = 0;
	uint32_t before = 0;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(source_read(source, &frame), 0);
		assert_int_equal(frame->width, 160);
		assert_int_equal(frame->height, 90);
		if (i == 0)
			first = sum_of(frame);
		assert_int_equal(sum_of(frame), first);
		if (i)
			assert_in_range(frame->timestamp - before, 1, 48000);
		before = frame->timestamp;
		frame_free(frame);
	}
	source_close(source);
}

static void source_read__pattern__moves(void **state)
{
	(void)state;
	struct source *source = must_open("pattern", 50, 320, 180);
	struct frame *a, *b;
	assert_int_equal(source_read(source, &a), 0);
	assert_int_equal(source_read(source, &b), 0);
	assert_true(sum_of(a) != sum_of(b));
	frame_free(a);
	frame_free(b);
	source_close(source);
	source_close(NULL);
}

static void *stop_soon(void *source)
{
	source_stop(source);
	return NULL;
}

static void source_stop__ends_a_waiting_read(void **state)
{
	(void)state;
	struct source *source = must_open("tests/fixtures/portrait.jpg", 1, 160, 90);
	struct frame *frame;
	assert_int_equal(source_read(source, &frame), 0);
	frame_free(frame);
	pthread_t thread;
	pthread_create(&thread, NULL, stop_soon, source);
	int rc;
	while ((rc = source_read(source, &frame)) == 0)
		frame_free(frame);
	assert_int_equal(rc, -ECANCELED);
	pthread_join(thread, NULL);
	assert_int_equal(source_read(source, &frame), -ECANCELED);
	source_close(source);
}

/* A device of libavdevice that every machine has, read as a camera is: raw pictures through a device's
 * demuxer. */
static void av_input__reads__a_device(void **state)
{
	(void)state;
	static const char *const urls[] = { "testsrc=size=640x480:rate=30,format=yuyv422",
					    "testsrc=size=640x480:rate=30,format=nv12",
					    "testsrc2=size=64x48:rate=30,format=gray",
					    "testsrc=size=641x481:rate=5,format=rgb24" };
	for (size_t i = 0; i < 4; i++) {
		struct av_setup setup = { .format = "lavfi",
					  .url = urls[i],
					  .nonblock = true,
					  .max_width = 320,
					  .max_height = 180 };
		struct av_input *input = NULL;
		const char *why = "";
		if (av_input_open(&input, &setup, &why) == -ENOSYS)
			skip();
		assert_non_null(input);
		int64_t last = -1;
		for (int n = 0; n < 3; n++) {
			struct frame *frame;
			int64_t time_us;
			assert_int_equal(av_input_next(input, &frame, &time_us), 0);
			assert_true(frame->width <= 320 && frame->height <= 180 && frame->width >= 64);
			assert_true(time_us > last);
			last = time_us;
			frame_free(frame);
		}
		av_input_close(input);
	}
	av_input_close(NULL);
}

static void av_input__says__what_a_device_lacks(void **state)
{
	(void)state;
	struct av_input *input;
	const char *why = "";
	struct av_setup setup = {
		.format = "no-such-device", .url = "x", .max_width = 320, .max_height = 180
	};
	assert_int_equal(av_input_open(&input, &setup, &why), -ENOSYS);
	assert_true(why[0] != '\0');
	/* sound alone is no picture */
	setup = (struct av_setup) {
		.format = "lavfi", .url = "sine=duration=1", .max_width = 320, .max_height = 180
	};
	assert_true(av_input_open(&input, &setup, &why) < 0);
	assert_string_equal(why, "there is no picture in it");
}

/* Cut and damaged films end or go on; they do not crash and do not spin. */
static void source_read__survives__a_damaged_film(void **state)
{
	(void)state;
	FILE *film = fopen("tests/fixtures/talk.webm", "rb");
	static unsigned char bytes[200000];
	size_t n = fread(bytes, 1, sizeof(bytes), film);
	fclose(film);
	srand(8);
	for (int round = 0; round < 8; round++) {
		char path[64];
		size_t kept = round % 2 ? n / 3 : n;
		for (int i = 0; i < 60; i++)
			bytes[300 + (size_t)rand() % (n - 300)] ^= (unsigned char)(1 << rand() % 8);
		write_file(path, bytes, kept);
		struct av_setup setup = { .url = path, .max_width = 320, .max_height = 180 };
		struct av_input *input;
		const char *why;
		if (av_input_open(&input, &setup, &why) == 0) {
			struct frame *frame;
			int64_t time_us;
			for (int i = 0; i < 60 && av_input_next(input, &frame, &time_us) == 0; i++)
				frame_free(frame);
			av_input_close(input);
		}
		unlink(path);
	}
}

static int ink(const struct frame *frame, int x0, int x1, int y0, int y1)
{
	int n = 0;
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			n += frame->y[y * frame->y_stride + x] > 120;
	return n;
}

static void text_picture__draws__letters_where_they_are(void **state)
{
	(void)state;
	static const char text[] = "Hello, \xce\x93\xce\xb5\xce\xb9\xce\xac\n\n    four\n";
	size_t offset = 0;
	struct frame *frame = text_picture(text, sizeof(text) - 1, &offset);
	assert_non_null(frame);
	assert_int_equal(offset, sizeof(text) - 1);
	assert_int_equal(frame->width, 18 * 10); /* at least 16 columns and a margin of one each side */
	assert_int_equal(frame->height, 6 * 19);
	assert_true(ink(frame, 10, 60, 19, 38) > 50);    /* Hello */
	assert_true(ink(frame, 80, 120, 19, 38) > 40);   /* Greek */
	assert_int_equal(ink(frame, 0, 180, 38, 57), 0); /* the empty line */
	assert_int_equal(ink(frame, 10, 50, 57, 76), 0); /* the indent */
	assert_true(ink(frame, 50, 90, 57, 76) > 40);    /* four */
	frame_free(frame);
}

static void text_picture__folds_and_pages(void **state)
{
	(void)state;
	enum { N = 126 * 40 + 1 };
	char *text = malloc(N);
	memset(text, 'm', N);
	size_t offset = 0;
	struct frame *frame = text_picture(text, N, &offset);
	assert_int_equal(frame->width, 1280);
	assert_int_equal(frame->height, 37 * 19 & ~1);
	assert_int_equal(offset, 126 * 35);
	frame_free(frame);
	frame = text_picture(text, N, &offset);
	assert_int_equal(offset, N);
	frame_free(frame);
	for (int i = 0; i < N; i++) /* anything at all, in any cut */
		text[i] = (char)(i * 7919 >> 3);
	for (offset = 0; offset < N;) {
		size_t before = offset;
		frame = text_picture(text, N, &offset);
		assert_non_null(frame);
		assert_true(frame->width <= 1280 && frame->height <= 720);
		assert_true(offset > before);
		frame_free(frame);
	}
	free(text);
}

static void text_is__tells_text_from_pictures(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		bool text;
	} cases[] = {
		{ "plain\n", 6, true },
		{ "\xe4\xbd\xa0\xe5\xa5\xbd", 6, true },
		{ "tab\tand\r\n", 9, true },
		{ "\x89PNG\r\n", 6, false },
		{ "nul\0nul", 7, false },
		{ "\xc0\x80", 2, false },
		{ "\xed\xa0\x80", 3, false },
		{ "\xf5\x80\x80\x80", 4, false },
		{ "", 0, false },
	};
	char path[64];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(path, cases[i].bytes, cases[i].n);
		assert_int_equal(text_is(path), cases[i].text);
		unlink(path);
	}
	assert_false(text_is("tests/fixtures/portrait.jpg"));
	assert_true(text_is("tests/fixtures/README.md"));
	assert_false(text_is("/no/such"));
	assert_false(text_is("/tmp"));
}

static void source_read__shows_text__as_a_picture(void **state)
{
	(void)state;
	struct source *source = must_open("tests/fixtures/README.md", 20, 1280, 720);
	struct frame *a, *b;
	assert_int_equal(source_read(source, &a), 0);
	assert_int_equal(source_read(source, &b), 0);
	assert_int_equal(sum_of(a), sum_of(b));
	assert_true(ink(a, 0, a->width, 0, a->height) > 1000);
	frame_free(a);
	frame_free(b);
	source_close(source);
}

static void count(void *arg, const char *path, const char *name)
{
	(void)name;
	assert_memory_equal(path, "/dev/video", 10);
	++*(int *)arg;
}

static void video_devices__counts_what_it_lists(void **state)
{
	(void)state;
	int n = 0;
	assert_int_equal(video_devices(count, &n), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_open__says_why__it_cannot),
		cmocka_unit_test(source_read__plays_a_film__in_real_time_and_round),
		cmocka_unit_test(source_read__shows_a_photograph__again_and_again),
		cmocka_unit_test(source_read__pattern__moves),
		cmocka_unit_test(source_stop__ends_a_waiting_read),
		cmocka_unit_test(av_input__reads__a_device),
		cmocka_unit_test(av_input__says__what_a_device_lacks),
		cmocka_unit_test(source_read__survives__a_damaged_film),
		cmocka_unit_test(text_picture__draws__letters_where_they_are),
		cmocka_unit_test(text_picture__folds_and_pages),
		cmocka_unit_test(text_is__tells_text_from_pictures),
		cmocka_unit_test(source_read__shows_text__as_a_picture),
		cmocka_unit_test(video_devices__counts_what_it_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
