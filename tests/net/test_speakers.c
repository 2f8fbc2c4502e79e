/* The loudest three, with hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/speakers.h"

static void speakers_heard__seats__three(void **state)
{
	struct speakers speakers = { 0 };

	(void)state;
	assert_true(speakers_heard(&speakers, 1, 40, 0));
	assert_true(speakers_heard(&speakers, 2, 50, 0));
	assert_true(speakers_heard(&speakers, 3, 60, 0));
	assert_false(speakers_heard(&speakers, 4, 60, 0));
	assert_true(speakers_heard(&speakers, 1, 90, 20));
}

static void speakers_heard__needs__six_decibels(void **state)
{
	struct speakers speakers = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		speakers_heard(&speakers, i, (uint8_t)(30 + i), 0);
	assert_false(speakers_heard(&speakers, 4, 28, 0));
	assert_true(speakers_heard(&speakers, 4, 27, 0));
	assert_false(speakers_heard(&speakers, 3, 33, 0));
	assert_true(speakers_heard(&speakers, 1, 31, 0));
}

/* A pause between two words does not cost the seat; a long one does. */
static void speakers_heard__holds__through_a_pause(void **state)
{
	struct speakers speakers = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		speakers_heard(&speakers, i, 30, 0);
	for (int64_t ms = 20; ms < 300; ms += 20)
		for (uint32_t i = 1; i <= 3; i++)
			assert_true(speakers_heard(&speakers, i, 127, ms));
	assert_false(speakers_heard(&speakers, 4, 45, 300));
	assert_true(speakers_heard(&speakers, 4, 60, SPEAKERS_HOLD_MS + 1));
}

static void speakers_heard__fades__who_goes_quiet(void **state)
{
	struct speakers speakers = { 0 };
	int64_t ms = 0;

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		speakers_heard(&speakers, i, 20, 0);
	for (; ms < 1000; ms += 20)
		for (uint32_t i = 1; i <= 3; i++)
			speakers_heard(&speakers, i, i == 2 ? 80 : 20, ms);
	assert_true(speakers_heard(&speakers, 4, 40, ms));
	assert_false(speakers_heard(&speakers, 2, 80, ms));
	assert_true(speakers_heard(&speakers, 1, 20, ms));
}

static void speakers_drop__frees__the_seat(void **state)
{
	struct speakers speakers = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		speakers_heard(&speakers, i, 20, 0);
	speakers_drop(&speakers, 9);
	assert_false(speakers_heard(&speakers, 4, 90, 0));
	speakers_drop(&speakers, 2);
	assert_true(speakers_heard(&speakers, 4, 90, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speakers_heard__seats__three),
		cmocka_unit_test(speakers_heard__needs__six_decibels),
		cmocka_unit_test(speakers_heard__holds__through_a_pause),
		cmocka_unit_test(speakers_heard__fades__who_goes_quiet),
		cmocka_unit_test(speakers_drop__frees__the_seat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
