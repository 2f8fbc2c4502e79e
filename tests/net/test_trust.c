#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/file.h"
#include "net/trust.h"
#include "tests/net/place.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="

static const char known[] = "# mine\n"
			    "\n"
			    "one.example:45551 " A " 2026-01-02\n"
			    "damaged line\n"
			    "short.example:1 AAAA 2026-01-02\n"
			    "two.example:45551\t" B "   2026-01-03\r\n"
			    "[::1]:45551 " A "\n"
			    "noport " A " 2026-01-03\n"
			    "last.example:9 " B;

static const struct {
	const char *what, *host_port, *pin, *invite;
	bool ca_ok;
	enum trust verdict;
} verdicts[] = {
	{ "the invite's pin", "new.example:1", A, A, false, TRUST_PINNED },
	{ "the invite's pin beats memory", "one.example:45551", B, B, false, TRUST_PINNED },
	{ "not the invite's pin, even if known", "one.example:45551", A, B, true, TRUST_PIN_MISMATCH },
	{ "an empty invite pin is none", "one.example:45551", A, "", false, TRUST_KNOWN },
	{ "known", "one.example:45551", A, NULL, false, TRUST_KNOWN },
	{ "known in capitals", "ONE.example:45551", A, NULL, false, TRUST_KNOWN },
	{ "known after tabs, with a carriage return", "two.example:45551", B, NULL, false, TRUST_KNOWN },
	{ "known without a date", "[::1]:45551", A, NULL, false, TRUST_KNOWN },
	{ "known in a last line without newline", "last.example:9", B, NULL, false, TRUST_KNOWN },
	{ "changed", "one.example:45551", B, NULL, false, TRUST_CHANGED },
	{ "changed, a CA vouches", "one.example:45551", B, NULL, true, TRUST_CHANGED_CA },
	{ "another port is another relay", "one.example:45552", A, NULL, false, TRUST_ASK },
	{ "a prefix is another relay", "one.example:4555", A, NULL, false, TRUST_ASK },
	{ "a damaged line counts for nothing", "short.example:1", A, NULL, false, TRUST_ASK },
	{ "unknown, a CA vouches", "new.example:1", A, NULL, true, TRUST_CA },
	{ "unknown", "new.example:1", A, NULL, false, TRUST_ASK },
};

static void trust_check__decides__by_pin_memory_and_ca(void **state)
{
	(void)state;
	place_write("known_relays", known);
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		int got = trust_check(place_path("known_relays"), verdicts[i].host_port, verdicts[i].pin,
				      verdicts[i].invite, verdicts[i].ca_ok);

		if (got != (int)verdicts[i].verdict)
			fail_msg("%s: %d, expected %d", verdicts[i].what, got, verdicts[i].verdict);
	}
}

static void trust_check__takes_no_file__as_an_empty_one(void **state)
{
	(void)state;
	assert_int_equal(trust_check(place_path("none"), "a:1", A, NULL, false), TRUST_ASK);
	assert_int_equal(trust_check(place_path("none/none"), "a:1", A, NULL, true), TRUST_CA);
	assert_int_equal(trust_check("/", "a:1", A, NULL, false), -EISDIR);
}

static void trust_remember__replaces__and_keeps_the_rest(void **state)
{
	struct stat st;
	char *text;
	size_t n;

	(void)state;
	place_write("known_relays", known);
	assert_int_equal(trust_remember(place_path("known_relays"), "one.example:45551", B, "2026-11-22"), 0);
	assert_int_equal(trust_check(place_path("known_relays"), "one.example:45551", B, NULL, false),
			 TRUST_KNOWN);
	assert_int_equal(trust_check(place_path("known_relays"), "one.example:45551", A, NULL, false),
			 TRUST_CHANGED);
	assert_int_equal(trust_check(place_path("known_relays"), "last.example:9", B, NULL, false),
			 TRUST_KNOWN);
	assert_int_equal(stat(place_path("known_relays"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_load(place_path("known_relays"), 1 << 16, &text, &n), 0);
	assert_non_null(strstr(text, "# mine\n"));
	assert_non_null(strstr(text, "damaged line\n"));
	assert_null(strstr(text, "one.example:45551 " A));
	assert_non_null(strstr(text, "one.example:45551 " B " 2026-11-22\n"));
	free(text);
}

static void trust_remember__makes__the_file(void **state)
{
	char pin[64];

	(void)state;
	assert_int_equal(trust_remember(place_path("fresh"), "[::1]:45551", A, "2026-11-22"), 0);
	assert_int_equal(trust_check(place_path("fresh"), "[::1]:45551", A, NULL, false), TRUST_KNOWN);
	assert_int_equal(trust_find(place_path("fresh"), "[::1]:45551", pin, sizeof(pin)), 0);
	assert_string_equal(pin, A);
	assert_int_equal(trust_find(place_path("fresh"), "other:1", pin, sizeof(pin)), -ENOENT);
	assert_int_equal(trust_remember(place_path("fresh"), "a:1", "short", "2026-11-22"), -EINVAL);
	assert_int_equal(trust_remember(place_path("none/none"), "a:1", A, "2026-11-22"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_check__decides__by_pin_memory_and_ca),
		cmocka_unit_test(trust_check__takes_no_file__as_an_empty_one),
		cmocka_unit_test(trust_remember__replaces__and_keeps_the_rest),
		cmocka_unit_test(trust_remember__makes__the_file),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
