/* Names that a stranger gives to a file, made safe to save under. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/text.h"
#include "tui/app_files.h"

static const struct {
	const char *name, *safe;
} names[] = {
	{ "plan.pdf", "plan.pdf" },
	{ "Plan of the year.pdf", "Plan of the year.pdf" },
	{ "σχέδιο.pdf", "σχέδιο.pdf" },
	{ "../../etc/passwd", "passwd" },
	{ "/etc/passwd", "passwd" },
	{ "..\\..\\autoexec.bat", "autoexec.bat" },
	{ "\\\\server\\share\\evil.exe", "evil.exe" },
	{ ".bashrc", "bashrc" },
	{ "...", "file" },
	{ "..", "file" },
	{ "", "file" },
	{ "/", "file" },
	{ "a/", "file" },
	{ "   ", "file" },
	{ "-rf", "rf" },
	{ "a:b*c?d\"e<f>g|h~i", "a_b_c_d_e_f_g_h_i" },
	{ "trailing. . .", "trailing" },
	{ "C:\\x", "x" },
};

static void safe_name__is__one_harmless_name(void **state)
{
	char safe[121];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		app_file_safe_name(safe, sizeof(safe), names[i].name);
		assert_string_equal(safe, names[i].safe);
	}
}

static void safe_name__hides__nothing(void **state)
{
	static const char *const nasty[] = { "a\nb", "a\x1b[2Jb", "gpj.\xE2\x80\xAE" "exe", "a\xE2\x80\x8B" "b", "a\x7f", "\xC0\x80x" };
	char safe[121];

	(void)state;
	for (size_t i = 0; i < sizeof(nasty) / sizeof(*nasty); i++) {
		app_file_safe_name(safe, sizeof(safe), nasty[i]);
		assert_true(text_valid(safe, strlen(safe)) && safe[0]);
		assert_null(strpbrk(safe, "\n\r\x1b\x7f/\\"));
		assert_null(strstr(safe, "\xE2\x80\xAE"));
		assert_null(strstr(safe, "\xE2\x80\x8B"));
	}
}

static void safe_name__long__keeps_its_ending(void **state)
{
	char name[600] = "", safe[121];

	(void)state;
	for (int i = 0; i < 80; i++)
		strcat(name, "ναι");
	snprintf(name + 480, 20, "ό.pdf");
	app_file_safe_name(safe, sizeof(safe), name);
	assert_true(strlen(safe) <= 120 && text_valid(safe, strlen(safe)));
	assert_string_equal(safe + strlen(safe) - 4, ".pdf");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(safe_name__is__one_harmless_name),
		cmocka_unit_test(safe_name__hides__nothing),
		cmocka_unit_test(safe_name__long__keeps_its_ending),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
