/* What a late reader loses, and what it never loses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/queue.h"

static const struct queue_limits small = {
	.control_bytes = 10, .picture_bytes = 100, .audio_age_us = 200000, .picture_age_us = 1000000,
};

static struct buf *bytes(char fill, size_t n)
{
	char p[256];

	memset(p, fill, sizeof p);
	return buf_new(p, n);
}

/* Put one in and keep no reference. */
static int control(struct queue *queue, char fill, size_t n)
{
	struct buf *buf = bytes(fill, n);
	int err = queue_control(queue, buf);

	buf_unref(buf);
	return err;
}

static int audio(struct queue *queue, char fill, int64_t now_us)
{
	struct buf *buf = bytes(fill, 3);
	int err = queue_audio(queue, buf, now_us);

	buf_unref(buf);
	return err;
}

static int picture(struct queue *queue, char fill, size_t n, uint16_t source, bool keyframe, int64_t now_us)
{
	struct buf *buf = bytes(fill, n);
	int err = queue_picture(queue, buf, source, 1, keyframe, now_us);

	buf_unref(buf);
	return err;
}

/* The first byte of what comes next, 0 for nothing. */
static char take(struct queue *queue, bool pictures, int64_t now_us)
{
	enum queue_class class;
	struct buf *buf = queue_take(queue, pictures, now_us, &class);
	char first = buf ? (char)buf_bytes(buf)[0] : '\0';

	buf_unref(buf);
	return first;
}

static void buf__counts__references(void **state)
{
	struct buf *buf = buf_new("abc", 3);

	(void)state;
	assert_int_equal(buf_size(buf), 3);
	assert_memory_equal(buf_bytes(buf), "abc", 3);
	assert_ptr_equal(buf_ref(buf), buf);
	buf_unref(buf);
	assert_memory_equal(buf_bytes(buf), "abc", 3);
	buf_unref(buf);
	buf_unref(NULL);
}

static void queue_take__prefers__control_then_audio(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	picture(queue, 'p', 5, 1, true, 0);
	audio(queue, 'a', 0);
	control(queue, 'c', 5);
	assert_int_equal(take(queue, false, 0), 'c');
	assert_int_equal(take(queue, false, 0), 'a');
	assert_int_equal(take(queue, false, 0), '\0');
	assert_false(queue_empty(queue));
	assert_int_equal(take(queue, true, 0), 'p');
	assert_true(queue_empty(queue));
	queue_free(queue);
}

static void queue_control__refuses__and_never_drops(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	assert_int_equal(control(queue, 'a', 6), 0);
	assert_int_equal(control(queue, 'b', 5), -ENOBUFS);
	assert_int_equal(control(queue, 'c', 4), 0);
	assert_int_equal(take(queue, true, INT64_MAX), 'a');
	assert_int_equal(take(queue, true, INT64_MAX), 'c');
	queue_free(queue);
}

static void queue_audio__drops__the_oldest(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	for (int i = 0; i < 20; i++)
		audio(queue, (char)('a' + i), i * 20000);
	/* At 400 ms, those from 200 ms on are left: the 11th to the 20th. */
	assert_int_equal(take(queue, true, 400000), 'k');
	assert_int_equal(queue_dropped(queue, QUEUE_AUDIO), 10);
	for (int i = 0; i < 10000; i++)
		audio(queue, 'z', 400000);
	assert_true(queue_dropped(queue, QUEUE_AUDIO) > 9000);
	queue_free(queue);
}

static void queue_picture__waits__for_a_keyframe(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	assert_int_equal(picture(queue, 'k', 60, 1, true, 0), 0);
	assert_int_equal(picture(queue, 'o', 30, 2, true, 0), 0);
	assert_int_equal(picture(queue, 'd', 30, 1, false, 0), -EAGAIN);
	/* Nothing that hangs on what was lost, and nothing else is touched. */
	assert_int_equal(picture(queue, 'e', 1, 1, false, 0), -EAGAIN);
	assert_int_equal(picture(queue, 'p', 30, 2, false, 0), 0);
	assert_int_equal(picture(queue, 'K', 40, 1, true, 0), 0);
	assert_int_equal(picture(queue, 'f', 1, 1, false, 0), -EAGAIN);
	assert_int_equal(take(queue, true, 0), 'o');
	assert_int_equal(take(queue, true, 0), 'p');
	assert_int_equal(take(queue, true, 0), '\0');
	queue_free(queue);
}

static void queue_picture__lets__a_keyframe_take_its_streams_place(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	picture(queue, 'a', 50, 1, true, 0);
	picture(queue, 'b', 40, 1, false, 0);
	assert_int_equal(picture(queue, 'K', 90, 1, true, 0), 0);
	assert_int_equal(picture(queue, 'd', 5, 1, false, 0), 0);
	assert_int_equal(take(queue, true, 0), 'K');
	assert_int_equal(take(queue, true, 0), 'd');
	/* One larger than the limit passes when nothing else waits. */
	assert_int_equal(picture(queue, 'L', 200, 1, true, 0), 0);
	assert_int_equal(take(queue, true, 0), 'L');
	queue_free(queue);
}

static void queue_picture__drops__what_is_stale(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	picture(queue, 'a', 5, 1, true, 0);
	picture(queue, 'b', 5, 1, false, 900000);
	assert_int_equal(take(queue, true, 1000001), '\0');
	assert_int_equal(queue_dropped(queue, QUEUE_PICTURE), 2);
	assert_int_equal(picture(queue, 'c', 5, 1, false, 1000001), -EAGAIN);
	assert_int_equal(picture(queue, 'K', 5, 1, true, 1000001), 0);
	queue_free(queue);
}

static void queue_picture_cut__begins__with_a_keyframe(void **state)
{
	struct queue *queue = queue_new(&small);

	(void)state;
	queue_picture_cut(queue, 1, 1);
	assert_int_equal(picture(queue, 'a', 5, 1, false, 0), -EAGAIN);
	assert_int_equal(picture(queue, 'b', 5, 2, false, 0), 0);
	assert_int_equal(picture(queue, 'K', 5, 1, true, 0), 0);
	assert_int_equal(picture(queue, 'c', 5, 1, false, 0), 0);
	queue_free(queue);
}

static void queue_bundle__gathers__audio_and_one_picture(void **state)
{
	struct queue *queue = queue_new(&small);
	uint8_t message[64];

	(void)state;
	control(queue, 'c', 5);
	picture(queue, 'p', 2, 1, true, 0);
	picture(queue, 'q', 2, 1, false, 0);
	audio(queue, 'a', 0);
	audio(queue, 'b', 0);
	assert_int_equal(queue_bundle(queue, message, sizeof message, true, 0), 8);
	assert_memory_equal(message, "aaabbbpp", 8);
	assert_int_equal(queue_bundle(queue, message, sizeof message, false, 0), 0);
	assert_int_equal(queue_bundle(queue, message, sizeof message, true, 0), 2);
	assert_true(queue_has(queue, QUEUE_CONTROL));
	queue_free(queue);
}

static void queue_bundle__stops__where_the_message_is_full(void **state)
{
	struct queue *queue = queue_new(&small);
	uint8_t message[7];

	(void)state;
	for (int i = 0; i < 3; i++)
		audio(queue, (char)('a' + i), 0);
	assert_int_equal(queue_bundle(queue, message, sizeof message, true, 0), 6);
	assert_memory_equal(message, "aaabbb", 6);
	assert_int_equal(queue_bundle(queue, message, sizeof message, true, 0), 3);
	/* One that no message can carry does not block the others. */
	picture(queue, 'p', 8, 1, true, 0);
	assert_int_equal(queue_bundle(queue, message, sizeof message, true, 0), 0);
	assert_true(queue_empty(queue) || queue_has(queue, QUEUE_CONTROL));
	queue_free(queue);
}

/* JSON as far as a queue looks: '{', then the fill. */
static int line(struct queue *queue, char fill, size_t n)
{
	char p[16] = "{";
	struct buf *buf;
	int err;

	memset(p + 1, fill, sizeof p - 1);
	buf = buf_new(p, n);
	assert_true(buf_is_text(buf));
	err = queue_control(queue, buf);
	buf_unref(buf);
	return err;
}

/* One a line, in order, as many as fit; what no message can carry is taken alone. */
static void queue_gather__joins__lines_that_fit(void **state)
{
	const struct queue_limits limits = { .control_bytes = 100 };
	struct queue *queue = queue_new(&limits);
	uint8_t message[8];
	bool binary = true;

	(void)state;
	assert_int_equal(queue_gather(queue, message, sizeof message, &binary), 0);
	assert_true(binary);
	line(queue, 'a', 3);
	line(queue, 'b', 4);
	line(queue, 'c', 1);
	line(queue, 'd', 9);
	line(queue, 'e', 1);
	assert_int_equal(queue_gather(queue, message, sizeof message, &binary), 8);
	assert_memory_equal(message, "{aa\n{bbb", 8);
	assert_false(binary);
	assert_int_equal(queue_gather(queue, message, sizeof message, &binary), 1);
	assert_int_equal(queue_gather(queue, message, sizeof message, &binary), 0);
	assert_int_equal(take(queue, true, 0), '{');
	assert_int_equal(queue_gather(queue, message, sizeof message, &binary), 1);
	assert_true(queue_empty(queue));
	queue_free(queue);
}

/* Pieces go back to back, never in one message with lines, and everything keeps its order. */
static void queue_gather__keeps_apart__lines_and_pieces(void **state)
{
	static const struct {
		const char *message;
		bool binary;
	} expected[] = { { "{a\n{b", false }, { "xxxyy", true }, { "{c", false }, { "z", true } };
	const struct queue_limits limits = { .control_bytes = 100 };
	struct queue *queue = queue_new(&limits);
	uint8_t message[32];
	bool binary;

	(void)state;
	line(queue, 'a', 2);
	line(queue, 'b', 2);
	control(queue, 'x', 3);
	control(queue, 'y', 2);
	line(queue, 'c', 2);
	control(queue, 'z', 1);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const size_t n = strlen(expected[i].message);

		assert_int_equal(queue_gather(queue, message, sizeof message, &binary), n);
		assert_memory_equal(message, expected[i].message, n);
		assert_int_equal(binary, expected[i].binary);
	}
	assert_true(queue_empty(queue));
	queue_free(queue);
}

/* Pieces of files never come before anything else, and are never dropped: too many are refused. */
static void queue_bulk__waits__and_is_never_dropped(void **state)
{
	const struct queue_limits limits = { .control_bytes = 100, .bulk_bytes = 10, .audio_age_us = 1000 };
	struct queue *queue = queue_new(&limits);
	struct buf *piece = bytes('f', 6), *got;

	(void)state;
	assert_int_equal(queue_bulk(queue, piece), 0);
	assert_int_equal(queue_bulk(queue, piece), -ENOBUFS);
	control(queue, 'c', 1);
	audio(queue, 'a', 0);
	assert_false(queue_empty(queue));
	assert_int_equal(take(queue, true, 0), 'c');
	assert_int_equal(take(queue, true, 0), 'a');
	assert_int_equal(take(queue, true, 1000000000), '\0');
	assert_true(queue_has(queue, QUEUE_BULK));
	got = queue_take_bulk(queue);
	assert_ptr_equal(got, piece);
	assert_null(queue_take_bulk(queue));
	assert_true(queue_empty(queue));
	buf_unref(got);
	buf_unref(piece);
	queue_free(queue);
}

static void queue__shares__one_buffer(void **state)
{
	struct queue *queues[100];
	struct buf *buf = buf_new("abc", 3);

	(void)state;
	for (int i = 0; i < 100; i++) {
		queues[i] = queue_new(&queue_limits_default);
		assert_int_equal(queue_audio(queues[i], buf, 0), 0);
	}
	buf_unref(buf);
	for (int i = 0; i < 100; i++) {
		if (i % 2)
			assert_int_equal(take(queues[i], true, 0), 'a');
		queue_free(queues[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf__counts__references),
		cmocka_unit_test(queue_take__prefers__control_then_audio),
		cmocka_unit_test(queue_control__refuses__and_never_drops),
		cmocka_unit_test(queue_audio__drops__the_oldest),
		cmocka_unit_test(queue_picture__waits__for_a_keyframe),
		cmocka_unit_test(queue_picture__lets__a_keyframe_take_its_streams_place),
		cmocka_unit_test(queue_picture__drops__what_is_stale),
		cmocka_unit_test(queue_picture_cut__begins__with_a_keyframe),
		cmocka_unit_test(queue_bundle__gathers__audio_and_one_picture),
		cmocka_unit_test(queue_bundle__stops__where_the_message_is_full),
		cmocka_unit_test(queue_gather__joins__lines_that_fit),
		cmocka_unit_test(queue_gather__keeps_apart__lines_and_pieces),
		cmocka_unit_test(queue_bulk__waits__and_is_never_dropped),
		cmocka_unit_test(queue__shares__one_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
