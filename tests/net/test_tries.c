#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/file.h"
#include "net/tries.h"
#include "tests/net/place.h"

static void tries_add__counts__each_pair(void **state)
{
	struct stat st;
	char *text;
	size_t n;

	(void)state;
	assert_int_equal(tries_get(place_path("count"), "abcd", "123456"), 0);
	for (int i = 1; i <= 31; i++)
		assert_int_equal(tries_add(place_path("count"), "abcd", "123456"), i);
	assert_int_equal(tries_add(place_path("count"), "abcd", "123457"), 1);
	assert_int_equal(tries_add(place_path("count"), "abcd1", "23456"), 1);
	assert_int_equal(tries_get(place_path("count"), "abcd", "123456"), 31);
	assert_int_equal(tries_get(place_path("count"), "abcd1", "23456"), 1);
	assert_int_equal(tries_get(place_path("count"), "abcd", ""), 0);
	assert_int_equal(stat(place_path("count/door_tries"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_load(place_path("count/door_tries"), 1 << 16, &text, &n), 0);
	assert_null(strstr(text, "123456"));
	assert_null(strstr(text, "abcd "));
	free(text);
}

static void tries_add__forgets__the_oldest(void **state)
{
	char passcode[16];

	(void)state;
	for (int i = 0; i < 202; i++) {
		snprintf(passcode, sizeof(passcode), "%06d", i);
		assert_int_equal(tries_add(place_path("many"), "abcd", passcode), 1);
		/* The one that is guessed at all the while stays. */
		assert_int_equal(tries_add(place_path("many"), "abcd", "busy"), i + 1);
	}
	assert_int_equal(tries_get(place_path("many"), "abcd", "000002"), 0);
	assert_int_equal(tries_get(place_path("many"), "abcd", "000003"), 1);
	assert_int_equal(tries_get(place_path("many"), "abcd", "busy"), 202);
}

#define KEY "key 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static void tries_get__skips__damaged_lines(void **state)
{
	static const char *const texts[] = { "", "\n\n", "key 00\n", "nonsense", KEY "zz 1\n",
					     KEY "000102030405060708090a0b0c0d0e0f 1x\n" KEY };
	char *text;
	size_t n;

	(void)state;
	mkdir(place_path("damaged"), 0700);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		place_write("damaged/door_tries", texts[i]);
		chmod(place_path("damaged/door_tries"), 0600);
		assert_int_equal(tries_get(place_path("damaged"), "abcd", "123456"), 0);
		assert_int_equal(tries_add(place_path("damaged"), "abcd", "123456"), 1);
		assert_int_equal(tries_add(place_path("damaged"), "abcd", "123456"), 2);
	}
	/* A number beyond all bounds is a large one. */
	assert_int_equal(file_load(place_path("damaged/door_tries"), 1 << 16, &text, &n), 0);
	text = realloc(text, n + 100);
	assert_non_null(text);
	snprintf(text + n - 2, 100, "99999999999999999999\n");
	place_write("damaged/door_tries", text);
	free(text);
	assert_int_equal(tries_get(place_path("damaged"), "abcd", "123456"), 1000000);
	assert_int_equal(tries_add(place_path("damaged"), "abcd", "123456"), 1000000);
}

static void tries__refuses__a_file_of_others(void **state)
{
	(void)state;
	assert_int_equal(tries_add(place_path("others"), "abcd", "123456"), 1);
	chmod(place_path("others/door_tries"), 0640);
	assert_int_equal(tries_get(place_path("others"), "abcd", "123456"), -EPERM);
	assert_int_equal(tries_add(place_path("others"), "abcd", "123456"), -EPERM);
	chmod(place_path("others/door_tries"), 0600);
	if (geteuid())
		return;
	assert_int_equal(chown(place_path("others/door_tries"), 1, 1), 0);
	assert_int_equal(tries_get(place_path("others"), "abcd", "123456"), -EPERM);
	assert_int_equal(tries_add(place_path("none/none"), "abcd", "123456"), -ENOENT);
}

static void tries_add__of_two_programs__loses_none(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(tries_add(place_path("both"), "abcd", "123456"), 1);
	pid = fork();
	for (int i = 0; i < 30; i++)
		if (tries_add(place_path("both"), "abcd", "123456") < 0 && !pid)
			_exit(1);
	if (!pid)
		_exit(0);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(tries_get(place_path("both"), "abcd", "123456"), 61);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_add__counts__each_pair),
		cmocka_unit_test(tries_add__forgets__the_oldest),
		cmocka_unit_test(tries_get__skips__damaged_lines),
		cmocka_unit_test(tries__refuses__a_file_of_others),
		cmocka_unit_test(tries_add__of_two_programs__loses_none),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
