/* The engine end to end in one process: own pictures become packets, packets of peers become pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "render/scale.h"
#include "render/video.h"
#include "render/vpx.h"

enum { KEPT = 64 };

/* What an engine said, under a lock; waiting is for a condition. */
struct log {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct video_packet packet[KEPT]; /* the last ones, in a ring */
	unsigned packets, layer_packets[VIDEO_LAYERS], keyframes[VIDEO_LAYERS], pictures, wanted_keyframes,
		notices;
	uint32_t picture_source;
	char notice[40];
};

static void log_init(struct log *log)
{
	*log = (struct log) { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };
}

static void log_clear(struct log *log)
{
	for (int i = 0; i < KEPT; i++)
		free((void *)log->packet[i].bytes);
}

static void on_packet(void *arg, const struct video_packet *packet)
{
	struct log *log = arg;
	uint8_t *bytes = malloc(packet->n);
	memcpy(bytes, packet->bytes, packet->n);
	pthread_mutex_lock(&log->lock);
	struct video_packet *place = &log->packet[log->packets++ % KEPT];
	free((void *)place->bytes);
	*place = *packet;
	place->bytes = bytes;
	log->layer_packets[packet->layer]++;
	log->keyframes[packet->layer] += packet->keyframe;
	pthread_cond_signal(&log->more);
	pthread_mutex_unlock(&log->lock);
}

static void on_picture(void *arg, uint32_t source, enum video_layer layer)
{
	struct log *log = arg;
	(void)layer;
	pthread_mutex_lock(&log->lock);
	log->pictures++;
	log->picture_source = source;
	pthread_cond_signal(&log->more);
	pthread_mutex_unlock(&log->lock);
}

static void on_keyframe_needed(void *arg, uint32_t source, enum video_layer layer)
{
	struct log *log = arg;
	(void)source;
	(void)layer;
	pthread_mutex_lock(&log->lock);
	log->wanted_keyframes++;
	pthread_cond_signal(&log->more);
	pthread_mutex_unlock(&log->lock);
}

static void on_notice(void *arg, const char *code, const char *text)
{
	struct log *log = arg;
	pthread_mutex_lock(&log->lock);
	snprintf(log->notice, sizeof(log->notice), "%s", code);
	log->notices += text[0] != '\0';
	pthread_cond_signal(&log->more);
	pthread_mutex_unlock(&log->lock);
}

static const struct video_ops ops = { on_packet, on_picture, on_keyframe_needed, on_notice };

/* Wait until *counter, which the log's lock guards, is at least n. */
static void wait_for(struct log *log, const unsigned *counter, unsigned n)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	pthread_mutex_lock(&log->lock);
	int rc = 0;
	while (*counter < n && rc == 0)
		rc = pthread_cond_timedwait(&log->more, &log->lock, &until);
	unsigned reached = *counter;
	pthread_mutex_unlock(&log->lock);
	if (reached < n)
		fail_msg("waited in vain for %u (%u came)", n, reached);
}

static unsigned read_counter(struct log *log, const unsigned *counter)
{
	pthread_mutex_lock(&log->lock);
	unsigned value = *counter;
	pthread_mutex_unlock(&log->lock);
	return value;
}

static struct video_engine *engine_new(struct log *log, const char *camera, int fps)
{
	struct video_params params = { .camera = camera, .fps = fps };
	struct video_engine *engine = NULL;
	const char *why = "";
	log_init(log);
	assert_int_equal(video_engine_new(&engine, &params, &ops, log, &why), 0);
	assert_int_equal(video_engine_start(engine), 0);
	return engine;
}

static void camera_on(struct video_engine *engine)
{
	const char *why = "";
	if (video_engine_camera(engine, true, &why) < 0)
		fail_msg("%s", why);
}

/* A copy of the i-th packet of the log; false when it was overwritten or is not there yet. */
static bool packet_at(struct log *log, unsigned i, struct video_packet *packet)
{
	pthread_mutex_lock(&log->lock);
	bool there = i < log->packets && i + KEPT >= log->packets;
	if (there) {
		*packet = log->packet[i % KEPT];
		uint8_t *bytes = malloc(packet->n);
		memcpy(bytes, packet->bytes, packet->n);
		packet->bytes = bytes;
	}
	pthread_mutex_unlock(&log->lock);
	return there;
}

static double psnr(const struct frame *a, const struct frame *b)
{
	double sum = 0;
	for (int i = 0; i < a->width * a->height; i++)
		sum += (a->y[i] - b->y[i]) * (a->y[i] - b->y[i]);
	return 10 * log10(255.0 * 255.0 * a->width * a->height / (sum + 1e-9));
}

static void video_engine__carries_a_film__to_the_other_side(void **state)
{
	(void)state;
	struct log sent, received;
	struct video_engine *ann = engine_new(&sent, "tests/fixtures/talk.webm", 10);
	struct video_engine *bo = engine_new(&received, NULL, 0);
	video_engine_layers(ann, 1u << VIDEO_SMALL | 1u << VIDEO_LARGE);
	camera_on(ann);
	unsigned done = 0;
	uint64_t seen[2] = { 0, 0 }, seen_self = 0;
	int pictures[2] = { 0, 0 }, selfs = 0;
	while (pictures[0] < 12 || pictures[1] < 12 || selfs < 12) {
		struct video_packet packet;
		wait_for(&sent, &sent.packets, done + 1);
		while (packet_at(&sent, done, &packet)) {
			assert_int_equal(video_engine_put(bo, 7, &packet), 0);
			free((void *)packet.bytes);
			done++;
		}
		for (int layer = VIDEO_SMALL; layer <= VIDEO_LARGE; layer++) {
			struct frame *frame =
				video_engine_latest(bo, 7, (enum video_layer)layer, &seen[layer]);
			if (!frame)
				continue;
			assert_int_equal(frame->width, layer == VIDEO_SMALL ? 160 : 320);
			assert_int_equal(frame->height, layer == VIDEO_SMALL ? 90 : 180);
			pictures[layer]++;
			frame_free(frame);
		}
		struct frame *self = video_engine_latest(ann, 0, VIDEO_LARGE, &seen_self);
		selfs += self != NULL;
		frame_free(self);
	}
	assert_int_equal(read_counter(&sent, &sent.keyframes[VIDEO_SMALL]), 1);
	struct video_source_stats stats[4];
	assert_int_equal(video_engine_stats(bo, stats, 4), 2);
	assert_int_equal(stats[0].source, 7);
	assert_true(stats[0].frames > 0 && stats[0].bytes > 0 && stats[0].width > 0);
	video_engine_forget(bo, 7);
	assert_int_equal(video_engine_stats(bo, stats, 4), 0);
	uint64_t serial = 0;
	assert_null(video_engine_latest(bo, 7, VIDEO_SMALL, &serial));
	video_engine_free(ann);
	video_engine_free(bo);
	log_clear(&sent);
	log_clear(&received);
}

static void video_engine__makes_only__what_is_wanted(void **state)
{
	(void)state;
	struct log log;
	struct video_engine *engine = engine_new(&log, "pattern", 50);
	camera_on(engine);
	wait_for(&log, &log.pictures, 5); /* the self view */
	assert_int_equal(read_counter(&log, &log.packets), 0);
	video_engine_layers(engine, 1u << VIDEO_LARGE);
	wait_for(&log, &log.layer_packets[VIDEO_LARGE], 5);
	assert_int_equal(read_counter(&log, &log.layer_packets[VIDEO_SMALL]), 0);
	video_engine_shape(engine, VIDEO_LARGE, 40000, 20);
	unsigned keyframes = read_counter(&log, &log.keyframes[VIDEO_LARGE]);
	assert_int_equal(keyframes, 1);
	video_engine_want_keyframe(engine, VIDEO_LARGE);
	wait_for(&log, &log.keyframes[VIDEO_LARGE], 2);
	const char *why;
	assert_int_equal(video_engine_camera(engine, false, &why), 0);
	uint64_t serial = 0;
	assert_null(video_engine_latest(engine, 0, VIDEO_LARGE, &serial));
	camera_on(engine);
	wait_for(&log, &log.pictures, read_counter(&log, &log.pictures) + 3);
	video_engine_free(engine);
	log_clear(&log);
}

static void video_engine_camera__says_why__it_stays_off(void **state)
{
	(void)state;
	struct log log;
	struct video_engine *engine = engine_new(&log, "/dev/video62", 10);
	const char *why = "";
	assert_int_equal(video_engine_camera(engine, true, &why), -ENOENT);
	assert_non_null(strstr(why, "No camera at /dev/video62"));
	assert_true(video_engine_share(engine, "/no/such/file", &why) < 0);
	assert_non_null(strstr(why, "/no/such/file"));
	assert_int_equal(video_engine_camera(engine, false, &why), 0);
	video_engine_free(engine);
	engine = engine_new(&log, "none", 10);
	assert_int_equal(video_engine_camera(engine, true, &why), -ENODEV);
	video_engine_free(engine);
	video_engine_free(NULL);
}

/* A film that cannot be opened again when it starts over: the camera that vanishes. */
static void video_engine__turns_off__a_camera_that_is_gone(void **state)
{
	(void)state;
	char path[] = "/tmp/moot-test-video-XXXXXX", bytes[200000];
	FILE *film = fopen("tests/fixtures/talk.webm", "rb");
	size_t n = fread(bytes, 1, sizeof(bytes), film);
	fclose(film);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	struct log log;
	struct video_engine *engine = engine_new(&log, path, 10);
	camera_on(engine);
	wait_for(&log, &log.pictures, 1);
	unlink(path);
	wait_for(&log, &log.notices, 1);
	assert_string_equal(log.notice, "camera-gone");
	uint64_t serial = 0;
	assert_null(video_engine_latest(engine, 0, VIDEO_LARGE, &serial));
	video_engine_free(engine);
	log_clear(&log);
}

static void video_engine_share__shows_text__sharp(void **state)
{
	(void)state;
	struct log sent, received;
	struct video_engine *ann = engine_new(&sent, NULL, 10), *bo = engine_new(&received, NULL, 10);
	const char *why = "";
	video_engine_layers(ann, 1u << VIDEO_SCREEN);
	assert_int_equal(video_engine_share(ann, "tests/fixtures/portrait.jpg", &why), 0);
	wait_for(&sent, &sent.packets, 1);
	struct video_packet packet;
	assert_true(packet_at(&sent, 0, &packet));
	assert_int_equal(packet.layer, VIDEO_SCREEN);
	assert_true(packet.keyframe);
	assert_int_equal(video_engine_put(bo, 3, &packet), 0);
	free((void *)packet.bytes);
	wait_for(&received, &received.pictures, 1);
	uint64_t serial = 0;
	struct frame *picture = video_engine_latest(bo, 3, VIDEO_SCREEN, &serial);
	assert_non_null(picture);
	assert_int_equal(picture->width, 320);
	frame_free(picture);
	assert_null(video_engine_latest(bo, 3, VIDEO_SCREEN, &serial)); /* nothing newer */
	/* another file takes its place; one small letter-picture is due at once */
	unsigned before = read_counter(&sent, &sent.keyframes[VIDEO_SCREEN]);
	assert_int_equal(video_engine_share(ann, "tests/fixtures/README.md", &why), 0);
	wait_for(&sent, &sent.keyframes[VIDEO_SCREEN], before + 1);
	assert_int_equal(video_engine_share(ann, NULL, &why), 0);
	video_engine_free(ann);
	video_engine_free(bo);
	log_clear(&sent);
	log_clear(&received);
}

/* Sharp means: letters survive. Encoded at the share's settings they stay above 33 dB. */
static void vpx_encode__keeps_letters__sharp(void **state)
{
	(void)state;
	struct vpx_settings settings = { 640, 360, 2, 60000, true };
	struct vpx_encoder *encoder = vpx_encoder_new(&settings);
	struct vpx_decoder *decoder = vpx_decoder_new(1280, 720);
	struct frame *letters = frame_new(640, 360);
	for (int y = 0; y < 360; y++)
		for (int x = 0; x < 640; x++)
			letters->y[y * 640 + x] = (x / 3 * 7 + y / 3 * 13) % 11 < 3 && y % 20 < 14 ? 220 : 16;
	const uint8_t *bytes;
	bool keyframe;
	long n = vpx_encode(encoder, letters, true, &bytes, &keyframe);
	assert_true(n > 0 && keyframe);
	assert_int_equal(vpx_decode(decoder, bytes, (size_t)n), 0);
	struct frame *out = vpx_decoder_picture(decoder);
	assert_true(psnr(out, letters) > 33);
	frame_free(out);
	frame_free(letters);
	vpx_encoder_free(encoder);
	vpx_decoder_free(decoder);
}

static long encode_one(struct vpx_encoder *encoder, bool want_keyframe, struct video_packet *packet)
{
	struct frame *frame = frame_new(160, 90);
	for (int i = 0; i < 160 * 90; i++)
		frame->y[i] = (uint8_t)(rand() % 200 + 16);
	packet->layer = VIDEO_SMALL;
	long n = vpx_encode(encoder, frame, want_keyframe, &packet->bytes, &packet->keyframe);
	packet->n = n > 0 ? (size_t)n : 0;
	frame_free(frame);
	return n;
}

/* Nobody decodes (the engine is not started): the queue stays bounded, and a keyframe makes it good again. */
static void video_engine_put__drops__when_nobody_keeps_up(void **state)
{
	(void)state;
	struct log log;
	struct video_engine *engine = NULL;
	struct video_params params = { 0 };
	const char *why;
	log_init(&log);
	assert_int_equal(video_engine_new(&engine, &params, &ops, &log, &why), 0);
	struct vpx_settings settings = { 160, 90, 10, 500000, false };
	struct vpx_encoder *encoder = vpx_encoder_new(&settings);
	int rc = 0, taken = 0;
	for (int i = 0; i < 200 && rc == 0; i++) {
		struct video_packet packet = { .timestamp = (uint32_t)i };
		if (encode_one(encoder, i == 0, &packet) <= 0)
			continue;
		rc = video_engine_put(engine, 5, &packet);
		taken += rc == 0;
	}
	assert_int_equal(rc, -EAGAIN);
	assert_in_range(taken, 8, 64);
	struct video_packet packet = { 0 };
	while (encode_one(encoder, false, &packet) <= 0)
		;
	assert_int_equal(video_engine_put(engine, 5, &packet), 0); /* of no use now: dropped in silence */
	struct video_source_stats stats;
	assert_int_equal(video_engine_stats(engine, &stats, 1), 1);
	assert_int_equal(stats.dropped, taken + 2);
	assert_int_equal(video_engine_start(engine), 0);
	wait_for(&log, &log.wanted_keyframes, 1);
	assert_int_equal(read_counter(&log, &log.pictures), 0);
	while (encode_one(encoder, true, &packet) <= 0)
		;
	assert_int_equal(video_engine_put(engine, 5, &packet), 0);
	wait_for(&log, &log.pictures, 1);
	assert_int_equal(log.picture_source, 5);
	/* a keyframe overtakes what waits */
	vpx_encoder_free(encoder);
	video_engine_free(engine);
	log_clear(&log);
}

static void video_engine_put__asks_for_a_keyframe__after_rubbish(void **state)
{
	(void)state;
	struct log log;
	struct video_engine *engine = engine_new(&log, NULL, 10);
	static const uint8_t rubbish[300] = { 1, 2, 3, 4 };
	srand(5);
	for (int i = 0; i < 300; i++) {
		uint8_t bytes[300];
		size_t n = (size_t)(rand() % 300);
		for (size_t k = 0; k < n; k++)
			bytes[k] = (uint8_t)rand();
		struct video_packet packet = { bytes, n, 0, (enum video_layer)(rand() % VIDEO_LAYERS),
					       rand() % 2 };
		int rc = video_engine_put(engine, 1 + (uint32_t)rand() % 3, &packet);
		assert_true(rc == 0 || rc == -EAGAIN);
		if (i % 50 == 0)
			video_engine_forget(engine, 2);
	}
	wait_for(&log, &log.wanted_keyframes, 2);
	assert_int_equal(read_counter(&log, &log.pictures), 0);
	struct video_packet packet = { rubbish, sizeof(rubbish), 0, VIDEO_LAYERS, false };
	assert_int_equal(video_engine_put(engine, 1, &packet), -EINVAL);
	packet.layer = VIDEO_SMALL;
	assert_int_equal(video_engine_put(engine, 0, &packet), -EINVAL);
	for (uint32_t source = 100; source < 400; source++) {
		int rc = video_engine_put(engine, source, &packet);
		assert_true(rc == 0 || (rc == -ENOSPC && source > 300));
	}
	video_engine_free(engine);
	log_clear(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(video_engine__carries_a_film__to_the_other_side),
		cmocka_unit_test(video_engine__makes_only__what_is_wanted),
		cmocka_unit_test(video_engine_camera__says_why__it_stays_off),
		cmocka_unit_test(video_engine__turns_off__a_camera_that_is_gone),
		cmocka_unit_test(video_engine_share__shows_text__sharp),
		cmocka_unit_test(vpx_encode__keeps_letters__sharp),
		cmocka_unit_test(video_engine_put__drops__when_nobody_keeps_up),
		cmocka_unit_test(video_engine_put__asks_for_a_keyframe__after_rubbish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
