#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/ring.h"

static void ring__gives_back__what_it_took_across_its_end(void **state)
{
	struct ring *ring = ring_new(64);
	uint8_t in[48], out[48];
	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < sizeof in; i++)
			in[i] = (uint8_t)(round * 7 + i);
		assert_int_equal(ring_write(ring, in, sizeof in), 0);
		assert_int_equal(ring_fill(ring), sizeof in);
		assert_int_equal(ring_waiting(ring), sizeof in);
		assert_int_equal(ring_room(ring), 16);
		assert_int_equal(ring_read(ring, out, sizeof out), 0);
		assert_memory_equal(in, out, sizeof in);
	}
	ring_free(ring);
	ring_free(NULL);
}

static void ring__refuses__what_does_not_fit_or_is_not_there(void **state)
{
	struct ring *ring = ring_new(60);
	uint8_t bytes[65] = { 1, 2, 3 }, out[4] = { 9, 9, 9, 9 };
	(void)state;
	assert_int_equal(ring_write(ring, bytes, 65), -EAGAIN);
	assert_int_equal(ring_write(ring, bytes, 64), 0);
	assert_int_equal(ring_write(ring, bytes, 1), -EAGAIN);
	assert_int_equal(ring_read(ring, NULL, 63), 0);
	assert_int_equal(ring_read(ring, out, 2), -EAGAIN);
	assert_int_equal(out[0], 9);
	assert_int_equal(ring_read(ring, out, 1), 0);
	assert_int_equal(ring_fill(ring), 0);
	ring_free(ring);
}

enum { NUMBERS = 200000 };

static void *count_up(void *arg)
{
	struct ring *ring = arg;
	for (uint32_t i = 0; i < NUMBERS;)
		i += ring_write(ring, &i, sizeof i) == 0;
	return NULL;
}

static void ring__between_threads__keeps_order(void **state)
{
	struct ring *ring = ring_new(4096);
	pthread_t writer;
	(void)state;
	pthread_create(&writer, NULL, count_up, ring);
	for (uint32_t expected = 0, got; expected < NUMBERS;)
		if (ring_read(ring, &got, sizeof got) == 0) {
			if (got != expected)
				fail_msg("%u instead of %u", got, expected);
			expected++;
		}
	pthread_join(writer, NULL);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring__gives_back__what_it_took_across_its_end),
		cmocka_unit_test(ring__refuses__what_does_not_fit_or_is_not_there),
		cmocka_unit_test(ring__between_threads__keeps_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
