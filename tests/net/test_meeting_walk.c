/* A random walk of people through meetings, each step also walked by the model: the answers are the same, and
 * everyone knows afterwards exactly what they may know. MOOT_WALK_SEED and MOOT_WALK_STEPS choose the walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/net/walk.h"

enum { STEPS = 1000000 };

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);
	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void walk__meeting__does_as_the_model(void **state)
{
	(void)state;
	const uint64_t steps = from_environment("MOOT_WALK_STEPS", STEPS);
	uint64_t seed = from_environment("MOOT_WALK_SEED", 0x9E3779B97F4A7C15);
	struct walk *walk = calloc(1, sizeof(*walk));
	struct coverage *coverage = calloc(1, sizeof(*coverage));
	const double start = seconds();
	assert_true(walk && coverage);
	walk->coverage = coverage;
	while (coverage->steps < steps) {
		const uint64_t left = steps - coverage->steps;
		if (walk_meeting(walk, seed, left < TRAIL_MAX ? (unsigned)left : TRAIL_MAX) < 0) {
			fprintf(stderr, "MOOT_WALK_SEED=0x%llx breaks at step %u: %s\n", (unsigned long long)seed,
				walk->at, walk->why);
			walk_shrink(walk, seed, stderr);
			fail();
		}
		seed = seed * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
	}
	const double took = seconds() - start;
	print_message("%llu steps, %.1f s, %.0f/s\n", (unsigned long long)coverage->steps, took,
		      (double)coverage->steps / took);
	walk_print_coverage(coverage, stdout);
	if (steps >= STEPS)
		assert_int_equal(walk_uncovered(coverage, stderr), 0);
	free(coverage);
	free(walk);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(walk__meeting__does_as_the_model) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
