#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/limiter.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static int64_t waits(struct limiter *limiter, const char *key, int64_t now_ms)
{
	return limiter_wait(limiter, key, strlen(key), now_ms);
}

static void fails(struct limiter *limiter, const char *key, int64_t now_ms)
{
	limiter_failed(limiter, key, strlen(key), now_ms);
}

static void limiter_wait__doubles__after_the_free_tries(void **state)
{
	(void)state;
	static const int64_t waited[] = { 0,      0,      0,      0,       24000,   48000, 96000,
					  192000, 384000, 768000, 1536000, 3072000, HOUR,  HOUR };
	struct limiter *limiter = limiter_new(5, MINUTE, 10);
	int64_t now = 0;
	assert_int_equal(waits(limiter, "a", now), 0);
	for (size_t i = 0; i < sizeof(waited) / sizeof(*waited); i++) {
		fails(limiter, "a", now);
		assert_int_equal(waits(limiter, "a", now), waited[i]);
		assert_int_equal(waits(limiter, "a", now), waited[i]);
		assert_int_equal(waits(limiter, "b", now), 0);
		now += waited[i];
		assert_int_equal(waits(limiter, "a", now), 0);
	}
	limiter_free(limiter);
}

static void limiter_wait__stays_capped__however_often(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(1, UINT32_MAX, 1);
	for (int i = 0; i < 100; i++)
		fails(limiter, "a", 0);
	assert_int_equal(waits(limiter, "a", 0), HOUR);
	limiter_free(limiter);
}

static void limiter_failed__window_over__counts_anew(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(3, MINUTE, 10);
	for (int i = 0; i < 50; i++) {
		fails(limiter, "slow", i * MINUTE / 2);
		assert_int_equal(waits(limiter, "slow", i * MINUTE / 2), 0);
	}
	limiter_free(limiter);
}

static void limiter_failed__hour_of_calm__is_forgiven(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(2, MINUTE, 10);
	fails(limiter, "a", 0);
	fails(limiter, "a", 0);
	assert_int_equal(waits(limiter, "a", 0), MINUTE);
	fails(limiter, "a", MINUTE + HOUR - 1);
	assert_int_equal(waits(limiter, "a", MINUTE + HOUR - 1), 2 * MINUTE);
	fails(limiter, "a", 3 * MINUTE + 2 * HOUR);
	assert_int_equal(waits(limiter, "a", 3 * MINUTE + 2 * HOUR), 0);
	limiter_free(limiter);
}

/* What MEETING asks for: a million guesses take years. */
static void limiter__million_guesses__take_years(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(5, MINUTE, 10);
	int64_t now = 0;
	for (int i = 0; i < 1000; i++) {
		now += waits(limiter, "a", now);
		fails(limiter, "a", now);
	}
	assert_true(now / HOUR * 1000 / 24 / 365 >= 100);
	limiter_free(limiter);
	/* Nor does patience pay: five at once, then an hour of calm. */
	limiter = limiter_new(5, MINUTE, 10);
	now = 0;
	int tries = 0;
	while (now < 1000LL * HOUR) {
		for (int i = 0; i < 5; i++, tries++)
			fails(limiter, "a", now);
		now += waits(limiter, "a", now) + HOUR;
	}
	assert_true(tries <= 5000);
	limiter_free(limiter);
}

static void limiter__memory_full__forgets_the_oldest(void **state)
{
	(void)state;
	enum { KEYS = 100 };
	struct limiter *limiter = limiter_new(1, MINUTE, KEYS);
	char key[16];
	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		fails(limiter, key, i);
	}
	fails(limiter, "key 0", KEYS);
	for (int i = KEYS; i < KEYS + KEYS / 2; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		fails(limiter, key, i);
	}
	for (int i = 0; i < KEYS + KEYS / 2; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		bool known = i == 0 || i > KEYS / 2;
		assert_int_equal(waits(limiter, key, 200) > 0, known);
	}
	limiter_free(limiter);
}

static void limiter__long_keys__are_told_apart(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(1, MINUTE, 10);
	char a[200], b[200];
	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	b[150] = 'y';
	limiter_failed(limiter, a, sizeof(a), 0);
	assert_true(limiter_wait(limiter, a, sizeof(a), 0) > 0);
	assert_int_equal(limiter_wait(limiter, b, sizeof(b), 0), 0);
	assert_int_equal(limiter_wait(limiter, a, 64, 0), 0);
	assert_int_equal(limiter_wait(limiter, a, 0, 0), 0);
	limiter_free(limiter);
	limiter_free(NULL);
}

static void limiter__clock_back__never_waits_longer(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(0, 1000, 0);
	fails(limiter, "a", 5000);
	fails(limiter, "a", 10);
	assert_true(waits(limiter, "a", 10) <= HOUR);
	limiter_free(limiter);
}

/* A PIN is shut for as long as the window at once, and then for longer. */
static void limiter__first_wait__as_told(void **state)
{
	struct limiter *limiter = limiter_new_wait(2, 1000, 1000, 4);
	(void)state;
	limiter_failed(limiter, "a", 1, 0);
	assert_int_equal(limiter_wait(limiter, "a", 1, 0), 0);
	limiter_failed(limiter, "a", 1, 0);
	assert_int_equal(limiter_wait(limiter, "a", 1, 0), 1000);
	assert_int_equal(limiter_wait(limiter, "a", 1, 1000), 0);
	limiter_failed(limiter, "a", 1, 1000);
	assert_int_equal(limiter_wait(limiter, "a", 1, 1000), 2000);
	limiter_free(limiter);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limiter_wait__doubles__after_the_free_tries),
		cmocka_unit_test(limiter_wait__stays_capped__however_often),
		cmocka_unit_test(limiter_failed__window_over__counts_anew),
		cmocka_unit_test(limiter_failed__hour_of_calm__is_forgiven),
		cmocka_unit_test(limiter__million_guesses__take_years),
		cmocka_unit_test(limiter__memory_full__forgets_the_oldest),
		cmocka_unit_test(limiter__long_keys__are_told_apart),
		cmocka_unit_test(limiter__clock_back__never_waits_longer),
		cmocka_unit_test(limiter__first_wait__as_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
