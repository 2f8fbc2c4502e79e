/* What a relay keeps: ids that are never drawn twice, whatever happens to the program; tokens; damage. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/store.h"

static char folder[256];

static int up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/moot-store-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int down(void **state)
{
	char path[300];

	(void)state;
	for (const char *const *name = (const char *const[]){ "relay.db", "relay.db-journal", "store.key", NULL }; *name;
	     name++) {
		snprintf(path, sizeof(path), "%s/%s", folder, *name);
		unlink(path);
	}
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct store *open_store(void)
{
	struct store *store = NULL;
	const char *why = "";
	int err = store_open(&store, folder, &why);

	if (err)
		fail_msg("%s (%d)", why, err);
	return store;
}

static int claim(struct store *store, const char *id)
{
	return store_relay_ops.id_claim(store, id);
}

static void id_claim__never__twice(void **state)
{
	(void)state;
	struct store *store = open_store();

	assert_int_equal(claim(store, "482913775"), 0);
	assert_int_equal(claim(store, "482913775"), -EEXIST);
	assert_int_equal(claim(store, "team-tea"), 0);
	store_close(store);
	store = open_store();
	assert_int_equal(claim(store, "482913775"), -EEXIST);
	assert_int_equal(claim(store, "team-tea"), -EEXIST);
	assert_int_equal(claim(store, "482913776"), 0);
	store_close(store);
}

/* Claims numbers one after another, and says each that it got. */
static void claim_on(int out)
{
	struct store *store;
	const char *why;
	char id[16];

	if (store_open(&store, folder, &why))
		_exit(3);
	for (uint32_t i = 0;; i++) {
		snprintf(id, sizeof(id), "%09u", 100000000 + i);
		if (claim(store, id) == 0 && write(out, &i, sizeof(i)) != sizeof(i))
			_exit(0);
	}
}

static void id_claim__killed_at_any_moment__forgets_nothing(void **state)
{
	static bool claimed[1 << 20];
	uint32_t all = 0;

	(void)state;
	memset(claimed, 0, sizeof(claimed));
	for (int round = 0; round < 12; round++) {
		int pipes[2];
		uint32_t i, got = 0;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(pipes[0]);
			claim_on(pipes[1]);
		}
		close(pipes[1]);
		while (read(pipes[0], &i, sizeof(i)) == sizeof(i)) {
			assert_true(i < sizeof(claimed));
			assert_false(claimed[i]);
			claimed[i] = true;
			all++;
			/* In the midst of its work; what it said before counts all the same. */
			if (++got == 3 + (uint32_t)round)
				kill(pid, SIGKILL);
		}
		close(pipes[0]);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	assert_true(all >= 12 * 3);
}

static void id_claim__two_relays__share_no_id(void **state)
{
	(void)state;
	struct store *one = open_store(), *two = open_store();
	char id[16];

	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "id-%d", i);
		assert_int_equal(claim(i % 2 ? one : two, id), 0);
		assert_int_equal(claim(i % 2 ? two : one, id), -EEXIST);
	}
	store_close(one);
	store_close(two);
}

static void count_tokens(void *arg, int number, const char *label, int64_t created_s, bool revoked)
{
	int *counts = arg;

	(void)number;
	assert_string_equal(label, "Tea");
	assert_int_equal(created_s, 1234567890);
	counts[revoked]++;
}

static void tokens__made_shown_once_revoked(void **state)
{
	(void)state;
	struct store *store = open_store();
	char token[2][STORE_TOKEN_SIZE], text[65536];
	int counts[2] = { 0 }, first;
	FILE *file;
	size_t n;

	first = store_token_new(store, "Tea", 1234567890, token[0]);
	assert_true(first > 0);
	assert_true(store_token_new(store, "Tea", 1234567890, token[1]) > first);
	assert_string_not_equal(token[0], token[1]);
	assert_int_equal(store_relay_ops.token_check(store, token[0]), 0);
	assert_int_equal(store_relay_ops.token_check(store, "no such token"), -EACCES);
	assert_int_equal(store_token_revoke(store, first), 0);
	assert_int_equal(store_token_revoke(store, first), -ENOENT);
	assert_int_equal(store_relay_ops.token_check(store, token[0]), -EACCES);
	assert_int_equal(store_relay_ops.token_check(store, token[1]), 0);
	assert_int_equal(store_tokens(store, count_tokens, counts), 0);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1], 1);
	store_close(store);
	file = fopen(in_folder("relay.db"), "rb");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_null(memmem(text, n, token[1], strlen(token[1])));
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(in_folder(name), "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(in_folder(name), mode);
}

static void store_open__refuses__what_is_not_its_own(void **state)
{
	(void)state;
	struct store *store = NULL;
	const char *why = "";

	store_close(open_store());
	assert_int_equal(chmod(in_folder("relay.db"), 0644), 0);
	assert_int_equal(store_open(&store, folder, &why), -EPERM);
	chmod(in_folder("relay.db"), 0600);
	write_file("store.key", "short", 0600);
	assert_int_equal(store_open(&store, folder, &why), -EBADMSG);
	unlink(in_folder("store.key"));
	assert_int_equal(store_open(&store, folder, &why), -EBADMSG);
	assert_non_null(strstr(why, "store.key"));
	unlink(in_folder("relay.db"));
	write_file("relay.db", "This is no database, whatever its name says, and long enough to be looked at.", 0600);
	write_file("store.key", "0123456789abcdef0123456789abcdef", 0600);
	assert_int_equal(store_open(&store, folder, &why), -EBADMSG);
	assert_null(store);
}

static void store_open__makes__files_for_us_alone(void **state)
{
	(void)state;
	struct stat st;

	umask(0);
	store_close(open_store());
	assert_int_equal(stat(in_folder("relay.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(in_folder("store.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	umask(022);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(id_claim__never__twice, up, down),
		cmocka_unit_test_setup_teardown(id_claim__killed_at_any_moment__forgets_nothing, up, down),
		cmocka_unit_test_setup_teardown(id_claim__two_relays__share_no_id, up, down),
		cmocka_unit_test_setup_teardown(tokens__made_shown_once_revoked, up, down),
		cmocka_unit_test_setup_teardown(store_open__refuses__what_is_not_its_own, up, down),
		cmocka_unit_test_setup_teardown(store_open__makes__files_for_us_alone, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
