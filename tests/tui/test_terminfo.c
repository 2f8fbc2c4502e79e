#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/screen_terminfo.h"

#include <term.h>

static int forget(void **state)
{
	(void)state;
	unsetenv("TERMINFO");
	unsetenv("TERMINFO_DIRS");
	return 0;
}

static bool has(const char *name)
{
	const char *string = tigetstr(name);

	return string && string != (const char *)-1;
}

/* What is left still describes the terminal. */
static void terminfo_hold__leaves_out__what_scrolls(void **state)
{
	static const char *const types[] = { "xterm-256color", "xterm",  "vt100",
					     "linux",          "screen", "tmux-256color" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int status;

		assert_true(terminfo_hold(types[i]));
		assert_int_equal(setupterm(types[i], STDOUT_FILENO, &status), OK);
		terminfo_release();
		assert_null(getenv("TERMINFO"));
		assert_true(has("cup") && has("clear") && has("el"));
		assert_false(has("ri") || has("rin") || has("il") || has("il1") || has("el1"));
		del_curterm(cur_term);
	}
}

static void terminfo_hold__puts_back__what_was_set(void **state)
{
	(void)state;
	setenv("TERMINFO", "/nowhere", 1);
	assert_true(terminfo_hold("xterm"));
	assert_int_equal(strncmp(getenv("TERMINFO"), "hex:", 4), 0);
	terminfo_release();
	assert_string_equal(getenv("TERMINFO"), "/nowhere");
	terminfo_release();
	assert_string_equal(getenv("TERMINFO"), "/nowhere");
}

static void terminfo_hold__refuses__what_is_no_description(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} files[] = {
		{ "", 0 },
		{ "short", 5 },
		{ "\x1a\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
		{ "\x1e\x02\x00\x00\x00\x00\x00\x00\xff\x7f\x00\x00", 12 },
		{ "no description at all, but long enough", 38 },
	};
	char folder[] = "/tmp/moot-terminfo.XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/b", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/b/broken", folder);
	setenv("TERMINFO", folder, 1);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fwrite(files[i].bytes, 1, files[i].n, file);
		fclose(file);
		assert_false(terminfo_hold("broken"));
		assert_string_equal(getenv("TERMINFO"), folder);
	}
	assert_false(terminfo_hold("no-such-terminal"));
	assert_false(terminfo_hold("../../etc/passwd"));
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(terminfo_hold__leaves_out__what_scrolls, forget),
		cmocka_unit_test_teardown(terminfo_hold__puts_back__what_was_set, forget),
		cmocka_unit_test_teardown(terminfo_hold__refuses__what_is_no_description, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
