#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/lookalike.h"

static const struct {
	const char *host, *known;
	bool alike;
} pairs[] = {
	/* the same to the eye */
	{ "re1ay.example", "relay.example", true },
	{ "reIay.example", "relay.example", true },
	{ "m00t.example", "moot.example", true },
	{ "rneet.example", "meet.example", true },
	{ "vvork.example", "work.example", true },
	{ "c1oud.example", "doud.example", true },
	{ "cloud.example", "doud.example", true },
	{ "meet-example.org", "meet.example.org", true },
	{ "meet.exampleorg", "meet.example.org", true },
	{ "m\xd0\xb5\xd0\xb5t.example", "meet.example", true },
	{ "meet.ex\xc3\xa4mple", "meet.example", true },
	{ "rneet.example.org", "meet.example.org", true }, /* even where the domain is the same */
	{ "1o.0.0.1", "10.0.0.1", true },
	/* a slip of the hand */
	{ "exmple.org", "example.org", true },
	{ "exaample.org", "example.org", true },
	{ "exanple.org", "example.org", true },
	{ "exmaple.org", "example.org", true },
	{ "example.orgg", "example.org", true },
	{ "xexample.org", "example.org", true },
	{ "exomple.co.uk", "example.co.uk", true },
	{ "meet.exanple.org", "meet.example.org", true },
	{ "example.ogr", "example.org", true },
	{ "relay1.org", "relay2.org", true },
	{ "relay.org", "relay3.org", true },
	{ "machines", "machine", true },
	/* neither */
	{ "relay.example", "relay.example", false },
	{ "Relay.Example", "relay.example", false },
	{ "relay.example", "other.example", false },
	{ "meet1.example.org", "meet2.example.org", false },
	{ "neet.example.org", "meet.example.org", false },
	{ "machine1", "machine2", false },
	{ "machine", "machine3", false },
	{ "a.io", "b.io", false },
	{ "ab", "abc", false },
	{ "example.org", "meet.example.org", false },
	{ "10.0.0.1", "10.0.0.2", false },
	{ "10.0.0.1", "100.0.1", false },
	{ "fe80::1", "fe80::11", false },
	{ "::1", "localhost", false },
	{ "", "example.org", false },
	{ "...", "---", false },
};

static void lookalike__sees__what_an_eye_or_hand_misses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		if (lookalike(pairs[i].host, pairs[i].known) != pairs[i].alike ||
		    lookalike(pairs[i].known, pairs[i].host) != pairs[i].alike)
			fail_msg("%s and %s", pairs[i].host, pairs[i].known);
	}
}

static void lookalike__survives__long_names(void **state)
{
	char a[5000], b[5000];

	(void)state;
	memset(a, 'r', sizeof(a));
	memset(b, 'r', sizeof(b));
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	a[4000] = 'x';
	(void)lookalike(a, b);
	memset(a, '.', sizeof(a) - 1);
	assert_false(lookalike(a, b));
}

static void lookalike_foreign__finds__letters_beyond_ascii(void **state)
{
	static const char *const foreign[] = { "xn--mnchen-3ya.example", "meet.XN--p1ai", "m\xc3\xbcnchen.example",
					       "a.xn--", "xn--80ak6aa92e.com" };
	static const char *const plain[] = { "meet.example", "10.0.0.1", "::1", "axn--b.example", "xn-b.example", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		assert_true(lookalike_foreign(foreign[i]));
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		assert_false(lookalike_foreign(plain[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookalike__sees__what_an_eye_or_hand_misses),
		cmocka_unit_test(lookalike__survives__long_names),
		cmocka_unit_test(lookalike_foreign__finds__letters_beyond_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
