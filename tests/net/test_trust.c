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

static const struct {
	const char *what, *host;
	unsigned port;
	const char *pin;
	enum doubt doubt;
	bool known;
	const char *since, *like;
} looks[] = {
	{ "known", "one.example", 45551, "", DOUBT_NONE, true, "2026-01-02", "" },
	{ "known, by the invite's pin", "one.example", 45551, A, DOUBT_NONE, true, "2026-01-02", "" },
	{ "known in capitals", "ONE.Example", 45551, A, DOUBT_NONE, true, "2026-01-02", "" },
	{ "known by another pin", "one.example", 45551, B, DOUBT_OTHER_PIN, true, "2026-01-02", "" },
	{ "after tabs, with a carriage return", "two.example", 45551, B, DOUBT_NONE, true, "2026-01-03", "" },
	{ "no date", "::1", 45551, A, DOUBT_NONE, true, "", "" },
	{ "the same machine on another port", "one.example", 1, B, DOUBT_NONE, false, "", "" },
	{ "to the eye the same", "0ne.example", 45551, A, DOUBT_LOOKS_LIKE, false, "", "one.example" },
	{ "on whatever port", "tvvo.example", 7, "", DOUBT_LOOKS_LIKE, false, "", "two.example" },
	{ "one letter left out", "on.example", 45551, "", DOUBT_LOOKS_LIKE, false, "", "one.example" },
	{ "not ASCII, like a known one", "on\xd0\xb5.example", 45551, "", DOUBT_LOOKS_LIKE, false, "", "one.example" },
	{ "other letters", "xn--mnchen-3ya.example", 45551, "", DOUBT_FOREIGN, false, "", "" },
	{ "other letters, known", "xn--bcher-kva.example", 45551, "", DOUBT_NONE, true, "2026-01-05", "" },
	{ "never seen", "relay.test", 45551, A, DOUBT_NONE, false, "", "" },
	{ "a damaged line knows nobody", "shart.example", 1, "", DOUBT_NONE, false, "", "" },
	{ "two pins, the first", "both.example", 1, A, DOUBT_NONE, true, "2026-01-06", "" },
	{ "two pins, the second", "both.example", 1, B, DOUBT_NONE, true, "2026-01-06", "" },
};

static void trust_look__finds__what_is_in_doubt(void **state)
{
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s 2026-01-04\n%s", known,
		 "xn--bcher-kva.example:45551 " B " 2026-01-05\n"
		 "both.example:1 " A " 2026-01-06\nboth.example:1 " B " 2026-01-07\n");
	place_write("looks", text);
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		struct trust_look look;

		assert_int_equal(
			trust_look(place_path("looks"), looks[i].host, (uint16_t)looks[i].port, looks[i].pin, &look), 0);
		if (look.doubt != looks[i].doubt || look.known != looks[i].known ||
		    strcmp(look.since, looks[i].since) != 0 || strcmp(look.like, looks[i].like) != 0)
			fail_msg("%s: doubt %d, known %d, since \"%s\", like \"%s\"", looks[i].what, look.doubt,
				 look.known, look.since, look.like);
	}
}

static void trust_look__takes_no_file__as_an_empty_one(void **state)
{
	struct trust_look look = { .known = true };

	(void)state;
	assert_int_equal(trust_look(place_path("none"), "a.example", 1, A, &look), 0);
	assert_true(!look.known && look.doubt == DOUBT_NONE);
	assert_int_equal(trust_look(place_path("none"), "xn--a", 1, "", &look), 0);
	assert_int_equal(look.doubt, DOUBT_FOREIGN);
	assert_int_equal(trust_look("/", "a.example", 1, A, &look), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_check__decides__by_pin_memory_and_ca),
		cmocka_unit_test(trust_check__takes_no_file__as_an_empty_one),
		cmocka_unit_test(trust_remember__replaces__and_keeps_the_rest),
		cmocka_unit_test(trust_remember__makes__the_file),
		cmocka_unit_test(trust_look__finds__what_is_in_doubt),
		cmocka_unit_test(trust_look__takes_no_file__as_an_empty_one),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
