#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "net/message.h"
#include "net/text.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void text_next__reads__each_length(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		int length;
		uint32_t cp;
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\x7F", 1, 0x7F },
		{ "\xC2\x80", 2, 0x80 },
		{ "\xDF\xBF", 2, 0x7FF },
		{ "\xE0\xA0\x80", 3, 0x800 },
		{ "\xED\x9F\xBF", 3, 0xD7FF },
		{ "\xEF\xBF\xBF", 3, 0xFFFF },
		{ "\xF0\x90\x80\x80", 4, 0x10000 },
		{ "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t cp = 0;
		assert_int_equal(text_next(rows[i].s, strlen(rows[i].s), &cp), rows[i].length);
		assert_int_equal(cp, rows[i].cp);
		for (size_t n = 1; n < strlen(rows[i].s); n++)
			assert_int_equal(text_next(rows[i].s, n, &cp), -EILSEQ);
	}
}

static void text_next__rejects__what_is_not_utf8(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC3(",
		"\xE0\x80\x80",
		"\xE0\x9F\xBF",
		"\xED\xA0\x80",
		"\xED\xBF\xBF",
		"\xE2\x28\xA1",
		"\xE2\x82\x28",
		"\xF0\x80\x80\x80",
		"\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xF8\x88\x80\x80\x80",
		"\xFE",
		"\xFF",
		"\xF0\x9F\x98",
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t cp;
		assert_int_equal(text_next(rows[i], strlen(rows[i]), &cp), -EILSEQ);
		assert_false(text_valid(rows[i], strlen(rows[i])));
	}
	assert_false(text_valid("a\0b", 3));
	assert_true(text_valid("", 0));
	assert_true(text_valid("\xCE\xB3\xCE\xB5\xCE\xB9\xCE\xB1", 8));
}

static void text_cluster__is__as_wide_as_its_base(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		int width;
		size_t bytes;
	} rows[] = {
		{ "ab", 1, 1 },
		{ "\xCE\xB3z", 1, 2 },
		{ "\xE4\xBD\xA0\xE5\xA5\xBD", 2, 3 },                         /* 你好 */
		{ "e\xCC\x81x", 1, 3 },                                       /* e + acute */
		{ "\xF0\x9F\x98\x80!", 2, 4 },                                /* 😀 */
		{ "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBDx", 2, 8 },                /* 👍🏽 */
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBBx", 2, 11 },   /* 👩‍💻 */
		{ "\xF0\x9F\x87\xAC\xF0\x9F\x87\xB7\xF0\x9F\x87\xAC", 2, 8 }, /* 🇬🇷 and half of another */
		{ "\xED\x95\x9C", 2, 3 },                                     /* 한 */
		{ "\xEF\xBC\xA1", 2, 3 },                                     /* fullwidth A */
		{ "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2, 9 },             /* 한 in jamo */
		{ "\xFF\xFE", 1, 1 },
		{ "\xE2\x82", 1, 1 },
		{ "\xCC\x81", 0, 2 },
		{ "\n", 0, 1 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t bytes = 0;
		assert_int_equal(text_cluster(rows[i].s, strlen(rows[i].s), &bytes), rows[i].width);
		assert_int_equal(bytes, rows[i].bytes);
	}
	assert_int_equal(text_width("Bo \xE4\xBD\xA0\xE5\xA5\xBD e\xCC\x81", 13), 9);
}

static void text_safe__makes__harmless(void **state)
{
	(void)state;
	static const struct {
		const char *src, *safe;
	} rows[] = {
		{ "hello", "hello" },
		{ "\x1B[31mred\x1B[0m", "\xE2\x90\x9B[31mred\xE2\x90\x9B[0m" },
		{ "\x1B]0;title\x07", "\xE2\x90\x9B]0;title\xE2\x90\x87" },
		{ "a\bb\x7F", "a\xE2\x90\x88"
			      "b\xE2\x90\xA1" },
		{ "a\tb", "a b" },
		{ "a\r\nb", "a\nb" },
		{ "a\rb", "a\xE2\x90\x8D"
			  "b" },
		{ "one\ntwo", "one\ntwo" },
		{ "\xC2\x9B"
		  "31m",
		  "\xEF\xBF\xBD"
		  "31m" },                      /* C1 CSI */
		{ "\xC2\x85", "\xEF\xBF\xBD" }, /* NEL */
		{ "a\xE2\x80\xA8"
		  "b",
		  "a\nb" }, /* line separator */
		{ "a\x80\xFF"
		  "b",
		  "a\xEF\xBF\xBD\xEF\xBF\xBD"
		  "b" },
		{ "x\xE2\x80\xAEtxt.exe", "xtxt.exe" }, /* RLO */
		{ "\xE2\x81\xA6x\xE2\x81\xA9", "x" },   /* isolates */
		{ "a\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8D\xEF\xBB\xBF"
		  "b",
		  "ab" }, /* zero width */
		{ "so\xC2\xAD"
		  "ft",
		  "soft" }, /* soft hyphen */
		{ "a\xC2\xA0"
		  "b",
		  "a b" },                          /* no-break space */
		{ "\xF3\xA0\x81\x81tag", "tag" },   /* tag letters */
		{ "\xEE\x80\x80", "\xEF\xBF\xBD" }, /* private use */
		{ "\xEF\xB7\x90", "\xEF\xBF\xBD" }, /* no character */
		{ "\xE3\x85\xA4x", "x" },           /* Hangul filler */
		{ "\xCC\x81"
		  "a",
		  "a" }, /* a mark without a letter */
		{ " \xCC\x81"
		  "a",
		  " a" },
		{ "e\xCC\x81", "e\xCC\x81" },
		{ "e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86", "e\xCC\x81\xCC\x82\xCC\x83\xCC\x84" },
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
		  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB" },
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D", "\xF0\x9F\x91\xA9" },
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D\xE2\x80\x8D\xF0\x9F\x92\xBB",
		  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB" },
		{ "\xE2\x9D\xA4\xEF\xB8\x8F", "\xE2\x9D\xA4\xEF\xB8\x8F" }, /* ❤️ */
		{ "a\xEF\xB8\x8F", "a" },
		{ "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD" },
		{ "a\xF0\x9F\x8F\xBD", "a" },
		{ "\xE4\xBD\xA0\xE5\xA5\xBD", "\xE4\xBD\xA0\xE5\xA5\xBD" },
	};
	char dst[256];
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = text_safe(dst, sizeof(dst), rows[i].src, true);
		assert_string_equal(dst, rows[i].safe);
		assert_int_equal(n, strlen(rows[i].safe));
	}
	text_safe(dst, sizeof(dst), "one\ntwo\r\nthree", false);
	assert_string_equal(dst, "one two three");
}

static void text_safe__short_dst__cuts_at_a_character(void **state)
{
	(void)state;
	static const char src[] = "a\xCE\xB3\xE4\xBD\xA0\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB\x01z";
	char dst[40];
	size_t before = 0;
	for (size_t size = 1; size < sizeof(dst); size++) {
		memset(dst, 'X', sizeof(dst));
		size_t n = text_safe(dst, size, src, true);
		assert_true(n < size && n >= before && strlen(dst) == n);
		assert_true(text_valid(dst, n));
		assert_int_equal(dst[size], 'X');
		before = n;
	}
	assert_int_equal(text_safe(dst, 0, src, true), 0);
}

static void text_name__tidies(void **state)
{
	(void)state;
	static const struct {
		const char *src, *name;
	} rows[] = {
		{ "Bo", "Bo" },
		{ "  Bo   Larsen ", "Bo Larsen" },
		{ "Bo\xC2\xA0\xE3\x80\x80Larsen", "Bo Larsen" },
		{ "Jose\xCC\x81", "Jos\xC3\xA9" },
		{ "\xCE\x93\xCE\xB9\xCF\x8E\xCF\x81\xCE\xB3\xCE\xBF\xCF\x82",
		  "\xCE\x93\xCE\xB9\xCF\x8E\xCF\x81\xCE\xB3\xCE\xBF\xCF\x82" },
		{ "\xE6\x9D\x8E\xE6\x98\x8E", "\xE6\x9D\x8E\xE6\x98\x8E" },
		{ "Ann \xE2\x9D\xA4\xEF\xB8\x8F", "Ann \xE2\x9D\xA4" },
		{ "1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890" },
		{ "7", "7" },
	};
	char dst[MOOT_NAME_SIZE];
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(text_name(dst, rows[i].src), 0);
		assert_string_equal(dst, rows[i].name);
		assert_int_equal(text_name(dst, dst), 0);
		assert_string_equal(dst, rows[i].name);
	}
	/* Forty wide ones, with marks, still fit. */
	char src[400] = "";
	for (int i = 0; i < 40; i++)
		strcat(src, "\xE6\x9D\x8E");
	assert_int_equal(text_name(dst, src), 0);
}

static void text_name__rejects__what_hides(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"   ",
		"\xC2\xA0",
		"a\nb",
		"a\tb",
		"\x1B[1m",
		"a\x7F",
		"a\xC2\x85",
		"a\xE2\x80\x8B",
		"a\xE2\x80\x8D"
		"b",
		"a\xE2\x80\xAE",
		"\xE2\x81\xA6"
		"a",
		"a\xEF\xBB\xBF",
		"a\xC2\xAD",
		"\xCC\x81"
		"a",
		"a \xCC\x81",
		"\xE3\x85\xA4",
		"\xE2\xA0\x80",
		"a\xCC\x80\xCC\x81\xCC\x82\xCC\x83\xCC\x84",
		"\xEE\x80\x80",
		"\xFF",
		"a\xE2\x80\xA8",
		"12345678901234567890123456789012345678901",
		"\xF3\xA0\x81\x81",
		"\xEF\xB8\x8F",
		"\xCD\x8F",
	};
	char dst[MOOT_NAME_SIZE] = "untouched";
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (text_name(dst, rows[i]) != -EINVAL)
			fail_msg("row %zu was taken as %s", i, dst);
		assert_string_equal(dst, "untouched");
	}
	char lengthy[2000];
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_int_equal(text_name(dst, lengthy), -EINVAL);
}

static void text_skeleton__alike__for_imitations(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool alike;
	} rows[] = {
		{ "Bo", "bo", true },
		{ "Bo", "B o", true },
		{ "Bo", "B0", true },
		{ "Bo", "\xD0\x92\xD0\xBE", true },                 /* Во, Cyrillic */
		{ "Bo", "\xCE\x92\xCE\xBF", true },                 /* Βο, Greek */
		{ "Bo", "B\xC3\xB6", true },                        /* Bö */
		{ "Bo", "\xEF\xBC\xA2\xEF\xBD\x8F", true },         /* fullwidth */
		{ "Bo", "\xF0\x9D\x90\x81\xF0\x9D\x90\xA8", true }, /* mathematical */
		{ "Bill", "B1ll", true },
		{ "Bill", "BiII", true },
		{ "Ann", "\xD0\x90nn", true },
		{ "Helen",
		  "\xCE\x97"
		  "elen",
		  true }, /* Greek Eta */
		{ "Marn", "Mam", true },
		{ "Sergey",
		  "\xD0\x85"
		  "ergey",
		  true },
		{ "paypal", "\xD1\x80\xD0\xB0\xD1\x83\xD1\x80\xD0\xB0l", true },
		{ "Stra\xC3\x9F"
		  "e",
		  "STRASSE", true },
		{ "Bo", "Bob", false },
		{ "Ann", "Anna", false },
		{ "\xE6\x9D\x8E", "\xE6\x98\x8E", false },
		{ "Ann", "Bo", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char a[200], b[200];
		text_skeleton(a, sizeof(a), rows[i].a);
		text_skeleton(b, sizeof(b), rows[i].b);
		if ((strcmp(a, b) == 0) != rows[i].alike)
			fail_msg("%s and %s: %s and %s", rows[i].a, rows[i].b, a, b);
	}
	char dst[4];
	text_skeleton(dst, sizeof(dst), "\xE6\x9D\x8E\xE6\x98\x8E");
	assert_string_equal(dst, "\xE6\x9D\x8E");
	text_skeleton(dst, 1, "Bo");
	assert_string_equal(dst, "");
}

static void text_same__case_and_width_only(void **state)
{
	(void)state;
	assert_true(text_same("Bo", "bO"));
	assert_true(text_same("Jos\xC3\xA9", "JOSE\xCC\x81"));
	assert_true(text_same("\xEF\xBC\xA2o", "bo"));
	assert_false(text_same("Bo", "B0"));
	assert_false(text_same("Bo", "B\xC3\xB6"));
	assert_false(text_same("Bo", "Bob"));
	assert_true(text_same("", ""));
}

static void text_id__reads__numbers_and_names(void **state)
{
	(void)state;
	static const struct {
		const char *src, *id;
	} rows[] = {
		{ "482-913-775", "482913775" },
		{ "482 913 775", "482913775" },
		{ "482913775", "482913775" },
		{ "team-tea", "team-tea" },
		{ "a123", "a123" },
		{ "48291377", NULL },
		{ "4829137755", NULL },
		{ "", NULL },
		{ "abc", NULL },
		{ "Team", NULL },
		{ "a b c d", NULL },
		{ "----", NULL },
		{ "12-34", NULL },
		{ "tea\n1", NULL },
		{ "t\xC3\xA9"
		  "a1",
		  NULL },
		{ "abcdefghijklmnopqrstuvwxyz012345", "abcdefghijklmnopqrstuvwxyz012345" },
		{ "abcdefghijklmnopqrstuvwxyz0123456", NULL },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char id[MOOT_ID_SIZE] = "untouched";
		assert_int_equal(text_id(id, rows[i].src), rows[i].id ? 0 : -EINVAL);
		assert_string_equal(id, rows[i].id ? rows[i].id : "untouched");
	}
	char shown[MOOT_ID_SIZE];
	text_id_show(shown, "482913775");
	assert_string_equal(shown, "482-913-775");
	text_id_show(shown, "team-tea");
	assert_string_equal(shown, "team-tea");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_next__reads__each_length),
		cmocka_unit_test(text_next__rejects__what_is_not_utf8),
		cmocka_unit_test(text_cluster__is__as_wide_as_its_base),
		cmocka_unit_test(text_safe__makes__harmless),
		cmocka_unit_test(text_safe__short_dst__cuts_at_a_character),
		cmocka_unit_test(text_name__tidies),
		cmocka_unit_test(text_name__rejects__what_hides),
		cmocka_unit_test(text_skeleton__alike__for_imitations),
		cmocka_unit_test(text_same__case_and_width_only),
		cmocka_unit_test(text_id__reads__numbers_and_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
