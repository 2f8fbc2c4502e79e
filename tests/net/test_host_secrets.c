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
#include "net/host_secrets.h"
#include "net/identity.h"
#include "tests/net/place.h"

#define PIN "Vk9JmA5RQKwa+wsY7aFggsbcVT09sb9rf/GMaBZGTNc="

static struct host_secrets all(void)
{
	struct host_secrets secrets = { .has_link = true, .has_host = true, .pin = PIN };

	memset(secrets.key, 1, sizeof(secrets.key));
	memset(secrets.link, 2, sizeof(secrets.link));
	memset(secrets.host_hash, 3, sizeof(secrets.host_hash));
	snprintf(secrets.passcode, sizeof(secrets.passcode), "50%% \xc3\xbc ber");
	snprintf(secrets.outside, sizeof(secrets.outside), "laptop.example");
	return secrets;
}

static void check_same(const struct host_secrets *a, const struct host_secrets *b)
{
	assert_memory_equal(a->key, b->key, sizeof(a->key));
	assert_int_equal(a->has_link, b->has_link);
	assert_memory_equal(a->link, b->link, sizeof(a->link));
	assert_int_equal(a->has_host, b->has_host);
	assert_memory_equal(a->host_hash, b->host_hash, sizeof(a->host_hash));
	assert_string_equal(a->passcode, b->passcode);
	assert_string_equal(a->pin, b->pin);
	assert_string_equal(a->outside, b->outside);
}

static void host_secrets_keep__is_found__whole(void **state)
{
	const struct host_secrets kept = all();
	struct host_secrets found = { 0 };
	struct host_meeting newest;
	struct stat st;

	(void)state;
	assert_int_equal(host_secrets_find(place_path("whole"), "r:1", "abcd", &found), -ENOENT);
	assert_int_equal(host_secrets_keep(place_path("whole"), "r:1", "abcd", &kept), 0);
	assert_int_equal(host_secrets_find(place_path("whole"), "r:1", "abcd", &found), 0);
	check_same(&found, &kept);
	assert_int_equal(host_secrets_newest(place_path("whole"), NULL, &newest), 0);
	assert_string_equal(newest.relay, "r:1");
	assert_string_equal(newest.id, "abcd");
	check_same(&newest.secrets, &kept);
	assert_int_equal(stat(place_path("whole/host_keys"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void host_secrets_keep__adds__to_what_is_kept(void **state)
{
	struct host_secrets first = { .passcode = "123456" }, second = { .passcode = "" }, other = { .key = { 9 } }, found;
	char *text;
	size_t n;

	(void)state;
	second.has_link = true;
	memset(second.link, 7, sizeof(second.link));
	assert_int_equal(host_secrets_keep(place_path("adds"), "r:1", "abcd", &first), 0);
	assert_int_equal(host_secrets_keep(place_path("adds"), "r:1", "abcd", &second), 0);
	assert_int_equal(host_key_keep(place_path("adds"), "r:1", "abcd", first.key), 0);
	assert_int_equal(host_secrets_find(place_path("adds"), "r:1", "abcd", &found), 0);
	assert_string_equal(found.passcode, "123456");
	assert_true(found.has_link);
	assert_memory_equal(found.link, second.link, sizeof(found.link));
	/* A passcode that is no longer one leaves the disk. */
	snprintf(first.passcode, sizeof(first.passcode), "654321");
	assert_int_equal(host_secrets_keep(place_path("adds"), "r:1", "abcd", &first), 0);
	assert_int_equal(file_load(place_path("adds/host_keys"), 9999, &text, &n), 0);
	assert_null(strstr(text, "123456"));
	free(text);
	/* Another key: another meeting. */
	assert_int_equal(host_secrets_keep(place_path("adds"), "r:1", "abcd", &other), 0);
	assert_int_equal(host_secrets_find(place_path("adds"), "r:1", "abcd", &found), 0);
	check_same(&found, &other);
}

static void host_secrets_newest__is__the_one_kept_last(void **state)
{
	struct host_secrets secrets = { .key = { 1 } };
	struct host_meeting newest = { .id = "x" };

	(void)state;
	assert_int_equal(host_secrets_newest(place_path("newest"), NULL, &newest), -ENOENT);
	assert_string_equal(newest.id, "x");
	assert_int_equal(host_secrets_keep(place_path("newest"), "r:1", "abcd", &secrets), 0);
	assert_int_equal(host_secrets_keep(place_path("newest"), "r:2", "abcd", &secrets), 0);
	assert_int_equal(host_secrets_keep(place_path("newest"), "r:1", "efgh", &secrets), 0);
	assert_int_equal(host_secrets_newest(place_path("newest"), NULL, &newest), 0);
	assert_string_equal(newest.id, "efgh");
	assert_int_equal(host_secrets_newest(place_path("newest"), "abcd", &newest), 0);
	assert_string_equal(newest.relay, "r:2");
	/* Kept again, it is the newest. */
	assert_int_equal(host_secrets_keep(place_path("newest"), "r:1", "abcd", &secrets), 0);
	assert_int_equal(host_secrets_newest(place_path("newest"), NULL, &newest), 0);
	assert_string_equal(newest.relay, "r:1");
	assert_string_equal(newest.id, "abcd");
	assert_int_equal(host_secrets_newest(place_path("newest"), "none", &newest), -ENOENT);
}

#define KEY "000102030405060708090a0b0c0d0e0f"

static void host_secrets_find__reads__older_lines_and_skips_damaged_ones(void **state)
{
	struct host_secrets found;

	(void)state;
	mkdir(place_path("older"), 0700);
	place_write("older/host_keys", "r:1 older " KEY "\n"
				       "\n"
				       "only-one-word\n"
				       "r:1 short 0001\n"
				       "r:1 long " KEY "00\n"
				       "r:1 badly " KEY " k=00 h=zz r=AAAA p=%zz o= x=later k= p\n"
				       "r:1 later " KEY " x=1 p=123456 k=" KEY "\r\n"
				       "r:1 last " KEY);
	chmod(place_path("older/host_keys"), 0600);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "older", &found), 0);
	assert_true(found.key[15] == 15 && !found.has_link && !found.passcode[0]);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "short", &found), -ENOENT);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "long", &found), -ENOENT);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "badly", &found), 0);
	assert_true(!found.has_link && !found.has_host && !found.pin[0] && !found.passcode[0] && !found.outside[0]);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "later", &found), 0);
	assert_true(found.has_link && found.link[1] == 1);
	assert_string_equal(found.passcode, "123456");
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "last", &found), 0);
	/* What could not be read stays when another is kept. */
	assert_int_equal(host_secrets_keep(place_path("older"), "r:1", "new", &found), 0);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "last", &found), 0);
	assert_int_equal(host_secrets_find(place_path("older"), "r:1", "older", &found), 0);
}

static void host_secrets__refuses__a_file_of_others(void **state)
{
	struct host_secrets secrets = all();
	struct host_meeting meeting;

	(void)state;
	assert_int_equal(host_secrets_keep(place_path("others"), "r:1", "abcd", &secrets), 0);
	for (mode_t mode = 0601; mode < 0700; mode++) {
		chmod(place_path("others/host_keys"), mode);
		assert_int_equal(host_secrets_find(place_path("others"), "r:1", "abcd", &secrets), -EPERM);
		assert_int_equal(host_secrets_keep(place_path("others"), "r:1", "abcd", &secrets), -EPERM);
	}
	assert_int_equal(file_check_private(place_path("others/host_keys")), -EPERM);
	assert_int_equal(file_check_private(place_path("others/none")), -ENOENT);
	assert_int_equal(file_check_private(place_path("others")), -EPERM);
	chmod(place_path("others/host_keys"), 0600);
	assert_int_equal(file_check_private(place_path("others/host_keys")), 0);
	mkdir(place_path("link"), 0700);
	assert_int_equal(symlink(place_path("others/host_keys"), place_path("link/host_keys")), 0);
	assert_int_equal(host_secrets_newest(place_path("link"), NULL, &meeting), -EPERM);
	if (geteuid())
		return;
	assert_int_equal(chown(place_path("others/host_keys"), 1, 1), 0);
	assert_int_equal(host_secrets_find(place_path("others"), "r:1", "abcd", &secrets), -EPERM);
	assert_int_equal(host_secrets_newest(place_path("others"), NULL, &meeting), -EPERM);
	assert_int_equal(host_secrets_keep(place_path("others"), "r:1", "abcd", &secrets), -EPERM);
}

static void host_secrets_keep__refuses__what_would_break_a_line(void **state)
{
	static const char *const bad[] = { "", "a b", "a\nb", "a\tb", "a\x7f" };
	struct host_secrets secrets = { .key = { 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(host_secrets_keep(place_path("bad"), bad[i], "abcd", &secrets), -EINVAL);
		assert_int_equal(host_secrets_keep(place_path("bad"), "r:1", bad[i], &secrets), -EINVAL);
	}
	assert_int_equal(host_secrets_keep(place_path("none/none"), "r:1", "abcd", &secrets), -ENOENT);
}

static void host_secrets_keep__holds__the_longest(void **state)
{
	struct host_secrets kept = all(), found;
	char relay[sizeof(((struct host_meeting *)0)->relay)], id[MOOT_ID_SIZE];

	(void)state;
	memset(relay, 'r', sizeof(relay) - 1);
	memset(id, 'i', sizeof(id) - 1);
	relay[sizeof(relay) - 1] = id[sizeof(id) - 1] = '\0';
	memset(kept.passcode, '%', sizeof(kept.passcode) - 1);
	memset(kept.outside, '%', sizeof(kept.outside) - 1);
	assert_int_equal(host_secrets_keep(place_path("longest"), relay, id, &kept), 0);
	assert_int_equal(host_secrets_find(place_path("longest"), relay, id, &found), 0);
	check_same(&kept, &found);
}

static void host_key_find__gives__the_newest(void **state)
{
	uint8_t one[MOOT_HOST_KEY_BYTES] = { 1 }, two[MOOT_HOST_KEY_BYTES] = { 2 }, got[MOOT_HOST_KEY_BYTES];

	(void)state;
	assert_int_equal(host_key_find(place_path("keys"), "r:1", "abcd", got), -ENOENT);
	assert_int_equal(host_key_keep(place_path("keys"), "r:1", "abcd", one), 0);
	assert_int_equal(host_key_keep(place_path("keys"), "r:1", "efgh", two), 0);
	assert_int_equal(host_key_find(place_path("keys"), "r:1", "abcd", got), 0);
	assert_memory_equal(got, one, sizeof(one));
	assert_int_equal(host_key_keep(place_path("keys"), "r:1", "abcd", two), 0);
	assert_int_equal(host_key_find(place_path("keys"), "r:1", "abcd", got), 0);
	assert_memory_equal(got, two, sizeof(two));
	assert_int_equal(host_key_find(place_path("keys"), "r:11", "abcd", got), -ENOENT);
	assert_int_equal(host_key_find(place_path("keys"), "r:1", "abc", got), -ENOENT);
}

static void host_secrets_keep__forgets__the_oldest(void **state)
{
	uint8_t key[MOOT_HOST_KEY_BYTES] = { 0 };
	char id[16], *text = malloc(1 << 16);
	size_t used = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 500; i++)
		used += (size_t)snprintf(text + used, (1 << 16) - used, "r:1 m%04d " KEY "\n", i);
	mkdir(place_path("many"), 0700);
	place_write("many/host_keys", text);
	free(text);
	chmod(place_path("many/host_keys"), 0600);
	for (int i = 500; i < 503; i++) {
		snprintf(id, sizeof(id), "m%04d", i);
		assert_int_equal(host_key_keep(place_path("many"), "r:1", id, key), 0);
	}
	for (int i = 0; i < 503; i++) {
		snprintf(id, sizeof(id), "m%04d", i);
		assert_int_equal(host_key_find(place_path("many"), "r:1", id, key), i < 3 ? -ENOENT : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_secrets_keep__is_found__whole),
		cmocka_unit_test(host_secrets_keep__adds__to_what_is_kept),
		cmocka_unit_test(host_secrets_newest__is__the_one_kept_last),
		cmocka_unit_test(host_secrets_find__reads__older_lines_and_skips_damaged_ones),
		cmocka_unit_test(host_secrets__refuses__a_file_of_others),
		cmocka_unit_test(host_secrets_keep__refuses__what_would_break_a_line),
		cmocka_unit_test(host_secrets_keep__holds__the_longest),
		cmocka_unit_test(host_key_find__gives__the_newest),
		cmocka_unit_test(host_secrets_keep__forgets__the_oldest),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
