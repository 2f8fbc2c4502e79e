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
#include "net/people.h"
#include "tests/net/place.h"

static const uint8_t ann[MOOT_KEY_BYTES] = { 1 }, bo[MOOT_KEY_BYTES] = { 2 }, mallory[MOOT_KEY_BYTES] = { 3 };

static const char *fresh(void)
{
	static unsigned count;
	char name[32];

	snprintf(name, sizeof(name), "people%u", count++);
	return place_path(name);
}

static char *slurp(const char *path)
{
	char *text;
	size_t n;

	assert_int_equal(file_load(path, 1 << 22, &text, &n), 0);
	return text;
}

static void people_check__knows__a_key_again(void **state)
{
	char path[4096];
	struct known_person who = { .name = "before" };
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s", fresh());
	assert_int_equal(people_check(path, ann, "Ann", &who), KNOWN_NEW);
	assert_string_equal(who.name, "");
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-22"), 0);
	assert_int_equal(people_check(path, ann, "Ann", &who), KNOWN_SEEN);
	assert_string_equal(who.name, "Ann");
	assert_string_equal(who.date, "2026-11-22");
	assert_int_equal(who.how, PEOPLE_SEEN);
	assert_int_equal(people_verify(path, ann, "Ann", "2026-11-23", PEOPLE_LINK), 0);
	assert_int_equal(people_check(path, ann, "Ann", &who), KNOWN_VERIFIED);
	assert_int_equal(who.how, PEOPLE_LINK);
	assert_string_equal(who.date, "2026-11-22");
	/* What was verified better stays so. */
	assert_int_equal(people_verify(path, ann, "Ann", "2026-11-24", PEOPLE_CODE), 0);
	assert_int_equal(people_verify(path, ann, "Ann", "2026-11-24", PEOPLE_LINK), 0);
	assert_int_equal(people_remember(path, ann, "Ann Lee", "2026-11-25"), 0);
	assert_int_equal(people_check(path, ann, "Whoever", &who), KNOWN_VERIFIED);
	assert_int_equal(who.how, PEOPLE_CODE);
	assert_string_equal(who.name, "Ann Lee");
	assert_string_equal(who.date, "2026-11-22");
	assert_int_equal(people_check(path, ann, "Ann Lee", NULL), KNOWN_VERIFIED);
	assert_int_equal(people_check(path, bo, "Bo", &who), KNOWN_NEW);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void people_check__warns_of__a_name_with_another_key(void **state)
{
	static const char *const alike[] = { "Ann", "ANN", "\xd0\x90nn", "A n n", "An\xc5\x84", "Ann." };
	char path[4096];
	struct known_person who;

	(void)state;
	snprintf(path, sizeof(path), "%s", fresh());
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-22"), 0);
	assert_int_equal(people_remember(path, bo, "Bo", "2026-11-23"), 0);
	for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++) {
		assert_int_equal(people_check(path, mallory, alike[i], &who), KNOWN_OTHER_KEY);
		assert_memory_equal(who.key, ann, sizeof(ann));
		assert_string_equal(who.date, "2026-11-22");
	}
	assert_int_equal(people_check(path, mallory, "Anna", &who), KNOWN_NEW);
	/* A key that is known by another name takes nobody's. */
	assert_int_equal(people_check(path, bo, "Ann", &who), KNOWN_OTHER_KEY);
	assert_memory_equal(who.key, ann, sizeof(ann));
	/* Who is remembered by this name, too, was warned of once. */
	assert_int_equal(people_remember(path, mallory, "Ann", "2026-11-24"), 0);
	assert_int_equal(people_check(path, mallory, "Ann", &who), KNOWN_SEEN);
	assert_int_equal(people_check(path, ann, "Ann", &who), KNOWN_SEEN);
	/* Of several the one who was verified is meant. */
	assert_int_equal(people_verify(path, mallory, "Ann", "2026-11-25", PEOPLE_CODE), 0);
	assert_int_equal(people_check(path, (const uint8_t[MOOT_KEY_BYTES]){ 9 }, "Ann", &who), KNOWN_OTHER_KEY);
	assert_memory_equal(who.key, mallory, sizeof(mallory));
	assert_int_equal(who.how, PEOPLE_CODE);
}

static void people_remember__keeps__any_name_in_one_line(void **state)
{
	static const char *const names[] = { "Ann Lee", "50% \xc3\x9cnal", "a\nb seen x", "\x1b[2J", "\xff", " " };
	char path[4096], *text;
	struct known_person who;
	size_t lines = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s", fresh());
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const uint8_t key[MOOT_KEY_BYTES] = { 1, (uint8_t)i };

		assert_int_equal(people_remember(path, key, names[i], "2026-11-22"), 0);
		assert_int_equal(people_check(path, key, names[i], &who), KNOWN_SEEN);
	}
	text = slurp(path);
	for (const char *p = text; *p; p++) {
		assert_true(*p == '\n' || (unsigned char)*p >= ' ');
		lines += *p == '\n';
	}
	assert_int_equal(lines, sizeof(names) / sizeof(*names));
	assert_non_null(strstr(text, " 2026-11-22 seen Ann%20Lee\n"));
	free(text);
	assert_int_equal(people_remember(path, ann, "", "2026-11-22"), -EINVAL);
	assert_int_equal(people_remember(path, ann, "\xe2\x80\x8b", "2026-11-22"), -EINVAL);
	assert_int_equal(people_remember(path, ann, "Ann", "today"), -EINVAL);
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-22x"), -EINVAL);
	assert_int_equal(people_remember(path, ann, "Ann", "2026-1\n-22"), -EINVAL);
}

static void people_remember__writes__only_what_is_new(void **state)
{
	char path[4096];
	struct stat before, after;

	(void)state;
	snprintf(path, sizeof(path), "%s", fresh());
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-22"), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-23"), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(people_remember(place_path("none/none"), ann, "Ann", "2026-11-22"), -ENOENT);
}

#define HEX "01000000000000000000000000000000000000000000000000000000000000"

static void people_check__skips__damaged_lines(void **state)
{
	static const char lines[] = "\n"
				    "# people\n"
				    HEX "01 2026-11-22 seen \n"
				    HEX "02 2026-11-22 seen\n"
				    HEX "03 2026-11-2x seen Ann\n"
				    HEX "04 2026-11-22 sawn Ann\n"
				    HEX "0g 2026-11-22 seen Ann\n"
				    HEX "05 2026-11-22 seen A%0An\n"
				    HEX "06 2026-11-22 seen A%n\n"
				    HEX "07-2026-11-22 seen Ann\n"
				    HEX "08 2026-11-22 seen Ann\r\n"
				    HEX "09 2026-11-22 code Bo";
	uint8_t key[MOOT_KEY_BYTES] = { 1 };
	struct known_person who;

	(void)state;
	place_write("damaged", lines);
	chmod(place_path("damaged"), 0600);
	for (uint8_t i = 1; i <= 7; i++) {
		key[31] = i;
		assert_int_equal(people_check(place_path("damaged"), key, "Somebody", &who), KNOWN_NEW);
	}
	key[31] = 8;
	assert_int_equal(people_check(place_path("damaged"), key, "Ann", &who), KNOWN_SEEN);
	key[31] = 9;
	assert_int_equal(people_check(place_path("damaged"), key, "Bo", &who), KNOWN_VERIFIED);
	key[31] = 10;
	assert_int_equal(people_remember(place_path("damaged"), key, "Cy", "2026-11-22"), 0);
	assert_int_equal(people_check(place_path("damaged"), key, "Cy", &who), KNOWN_SEEN);
	key[31] = 9;
	assert_int_equal(people_check(place_path("damaged"), key, "Bo", &who), KNOWN_VERIFIED);
}

static void people__refuses__a_file_of_others(void **state)
{
	char path[4096];
	struct known_person who;

	(void)state;
	snprintf(path, sizeof(path), "%s", fresh());
	assert_int_equal(people_remember(path, ann, "Ann", "2026-11-22"), 0);
	chmod(path, 0620);
	assert_int_equal(people_check(path, ann, "Ann", &who), -EPERM);
	assert_int_equal(people_remember(path, bo, "Bo", "2026-11-22"), -EPERM);
	chmod(path, 0600);
	if (geteuid())
		return;
	assert_int_equal(chown(path, 1, 1), 0);
	assert_int_equal(people_check(path, ann, "Ann", &who), -EPERM);
	assert_int_equal(people_verify(path, ann, "Ann", "2026-11-22", PEOPLE_CODE), -EPERM);
}

/* Before: PEOPLE_MAX people, the first of them verified. */
static void people_remember__forgets__the_oldest_who_was_only_seen(void **state)
{
	char path[4096], *text = malloc(PEOPLE_MAX * 100), name[16];
	struct known_person who;
	uint8_t key[MOOT_KEY_BYTES] = { 1 };
	size_t used = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < PEOPLE_MAX; i++)
		used += (size_t)snprintf(text + used, 100,
					 "0100%04x00000000000000000000000000000000000000000000000000000000 2026-11-22 %s p%d\n", i,
					 i ? "seen" : "link", i);
	place_write("many", text);
	free(text);
	snprintf(path, sizeof(path), "%s", place_path("many"));
	chmod(path, 0600);
	for (int i = 0; i < 2; i++)
		assert_int_equal(people_remember(path, i ? mallory : bo, i ? "Mallory" : "Bo", "2026-11-23"), 0);
	for (int i = 0; i < 4; i++) {
		key[2] = 0;
		key[3] = (uint8_t)i;
		snprintf(name, sizeof(name), "p%d", i);
		assert_int_equal(people_check(path, key, name, &who), !i ? KNOWN_VERIFIED : i < 3 ? KNOWN_NEW : KNOWN_SEEN);
	}
	assert_int_equal(people_check(path, mallory, "Mallory", &who), KNOWN_SEEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_check__knows__a_key_again),
		cmocka_unit_test(people_check__warns_of__a_name_with_another_key),
		cmocka_unit_test(people_remember__keeps__any_name_in_one_line),
		cmocka_unit_test(people_remember__writes__only_what_is_new),
		cmocka_unit_test(people_check__skips__damaged_lines),
		cmocka_unit_test(people__refuses__a_file_of_others),
		cmocka_unit_test(people_remember__forgets__the_oldest_who_was_only_seen),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
