#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/escape.h"

static void escape_write__is_read_back(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{ "Ann", "Ann" },
		{ "Ann Lee", "Ann%20Lee" },
		{ "50%", "50%25" },
		{ "\xc3\x9cnal", "\xc3\x9cnal" },
		{ "a&b#/+=", "a&b#/+=" },
	};
	char word[64], text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(escape_write(word, sizeof(word), cases[i].text), strlen(cases[i].word));
		assert_string_equal(word, cases[i].word);
		assert_int_equal(escape_read(text, sizeof(text), word, strlen(word)), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
	assert_int_equal(escape_write(word, sizeof(word), "a\nb\x7f"), 8);
	assert_string_equal(word, "a%0Ab%7F");
	assert_int_equal(escape_write(word, sizeof(word), ""), 0);
	assert_int_equal(escape_write(word, 4, "abcd"), -ENOSPC);
	assert_int_equal(escape_write(word, 0, ""), -ENOSPC);
}

static void escape_read__refuses__what_could_do_harm(void **state)
{
	static const char *const bad[] = { "",     "%",       "%4",      "%zz",  "a%0Ab", "%00", "a%7f",
					   "a\nb", "\x1b[2J", "%1b[2J", "%ff", "\xff",  "%c3" };
	char text[8] = "before";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(escape_read(text, sizeof(text), bad[i], strlen(bad[i])), -EINVAL);
	assert_int_equal(escape_read(text, sizeof(text), "12345678", 8), -EINVAL);
	assert_string_equal(text, "before");
	assert_int_equal(escape_read(text, sizeof(text), "1234567", 7), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escape_write__is_read_back),
		cmocka_unit_test(escape_read__refuses__what_could_do_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
