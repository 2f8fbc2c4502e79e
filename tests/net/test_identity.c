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

#include "net/identity.h"
#include "tests/net/place.h"

static void identity_load__makes_once__and_keeps(void **state)
{
	struct identity first, second;
	struct stat st;

	(void)state;
	assert_int_equal(identity_load(&first, place_path("home")), 0);
	assert_int_equal(identity_load(&second, place_path("home")), 0);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_int_equal(stat(place_path("home/identity"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(place_path("home"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void identity_load__refuses__a_file_others_could_read(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0666, 0610, 0601 };
	struct identity identity;

	(void)state;
	assert_int_equal(identity_load(&identity, place_path("home2")), 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		chmod(place_path("home2/identity"), modes[i]);
		assert_int_equal(identity_load(&identity, place_path("home2")), -EPERM);
	}
	chmod(place_path("home2/identity"), 0600);
	assert_int_equal(identity_load(&identity, place_path("home2")), 0);
	chmod(place_path("home2/identity"), 0400);
	assert_int_equal(identity_load(&identity, place_path("home2")), 0);
}

static void identity_load__refuses__a_link_and_a_foreign_owner(void **state)
{
	struct identity identity;

	(void)state;
	assert_int_equal(identity_load(&identity, place_path("home3")), 0);
	mkdir(place_path("home4"), 0700);
	assert_int_equal(symlink(place_path("home3/identity"), place_path("home4/identity")), 0);
	assert_int_equal(identity_load(&identity, place_path("home4")), -EPERM);
	if (geteuid())
		return;
	assert_int_equal(chown(place_path("home3/identity"), 1, 1), 0);
	assert_int_equal(identity_load(&identity, place_path("home3")), -EPERM);
}

static void identity_load__refuses__damage(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"moot-identity ed25519 \n",
		"moot-identity ed25519 00\n",
		"moot-identity rsa4096 0000000000000000000000000000000000000000000000000000000000000000\n",
		"moot-identity ed25519 000000000000000000000000000000000000000000000000000000000000000g\n",
		"moot-identity ed25519 0000000000000000000000000000000000000000000000000000000000000000x",
		("moot-identity ed25519 "
		 "0000000000000000000000000000000000000000000000000000000000000000\nmore"),
	};
	struct identity identity = { .key = { 7 } };

	(void)state;
	mkdir(place_path("home5"), 0700);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		place_write("home5/identity", texts[i]);
		chmod(place_path("home5/identity"), 0600);
		assert_int_equal(identity_load(&identity, place_path("home5")), -EBADMSG);
		assert_int_equal(identity.key[0], 7);
	}
}

static void identity_load__in_two_programs_at_once__gives_one_key(void **state)
{
	struct identity mine;
	int fds[2], status;
	uint8_t key[MOOT_KEY_BYTES];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		struct identity theirs;
		int rc = identity_load(&theirs, place_path("home6"));

		_exit(rc || write(fds[1], theirs.key, sizeof(theirs.key)) != sizeof(theirs.key));
	}
	assert_int_equal(identity_load(&mine, place_path("home6")), 0);
	assert_int_equal(read(fds[0], key, sizeof(key)), sizeof(key));
	waitpid(pid, &status, 0);
	assert_memory_equal(key, mine.key, sizeof(key));
	close(fds[0]);
	close(fds[1]);
}

static void identity_sign__is_verified__only_as_it_was(void **state)
{
	uint8_t signature[MOOT_SIGNATURE_BYTES], text[] = "the words";
	struct identity a, b;

	(void)state;
	assert_int_equal(identity_guest(&a) || identity_guest(&b), 0);
	identity_sign(&a, text, sizeof(text), signature);
	assert_true(identity_verify(a.key, text, sizeof(text), signature));
	assert_false(identity_verify(b.key, text, sizeof(text), signature));
	text[0] ^= 1;
	assert_false(identity_verify(a.key, text, sizeof(text), signature));
	text[0] ^= 1;
	signature[63] ^= 1;
	assert_false(identity_verify(a.key, text, sizeof(text), signature));
	identity_clear(&a);
	for (size_t i = 0; i < sizeof(a); i++)
		assert_int_equal(((uint8_t *)&a)[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_load__makes_once__and_keeps),
		cmocka_unit_test(identity_load__refuses__a_file_others_could_read),
		cmocka_unit_test(identity_load__refuses__a_link_and_a_foreign_owner),
		cmocka_unit_test(identity_load__refuses__damage),
		cmocka_unit_test(identity_load__in_two_programs_at_once__gives_one_key),
		cmocka_unit_test(identity_sign__is_verified__only_as_it_was),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
