#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/cert.h"
#include "tests/net/place.h"

static void forget(void)
{
	unlink(place_path("c.pem"));
	unlink(place_path("k.pem"));
}

static int ensure(void)
{
	return cert_ensure(place_path("c.pem"), place_path("k.pem"), "relay.test");
}

static void cert_ensure__makes_once__and_keeps(void **state)
{
	char first[LINK_PIN_SIZE], second[LINK_PIN_SIZE];
	struct stat st;

	(void)state;
	forget();
	assert_int_equal(ensure(), 1);
	assert_int_equal(cert_pin(place_path("c.pem"), first), 0);
	assert_int_equal(strlen(first), 44);
	assert_int_equal(stat(place_path("k.pem"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ensure(), 0);
	assert_int_equal(cert_pin(place_path("c.pem"), second), 0);
	assert_string_equal(first, second);
}

/* What our code says of the certificate, another implementation's command line says, too. */
static void cert_pin__equals__openssl(void **state)
{
	char command[2048], theirs[64] = "", ours[LINK_PIN_SIZE];
	FILE *f;

	(void)state;
	forget();
	assert_int_equal(ensure(), 1);
	snprintf(command, sizeof(command),
		 "openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform der | "
		 "openssl dgst -sha256 -binary | openssl base64",
		 place_path("c.pem"));
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(theirs, sizeof(theirs), f));
	pclose(f);
	theirs[strcspn(theirs, "\n")] = '\0';
	assert_int_equal(cert_pin(place_path("c.pem"), ours), 0);
	assert_string_equal(ours, theirs);
}

static void cert_ensure__names__host_and_loopback(void **state)
{
	static const char *const names[] = { "-checkhost relay.test", "-checkhost localhost",
					     "-checkip 127.0.0.1", "-checkip ::1" };
	char command[1024], said[256];

	(void)state;
	forget();
	assert_int_equal(ensure(), 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		FILE *f;

		snprintf(command, sizeof(command), "openssl x509 -noout -in %s %s", place_path("c.pem"),
			 names[i]);
		f = popen(command, "r");
		assert_non_null(f);
		assert_non_null(fgets(said, sizeof(said), f));
		pclose(f);
		assert_null(strstr(said, "NOT"));
		assert_non_null(strstr(said, "does match"));
	}
}

static void cert_ensure__refuses__half_a_pair(void **state)
{
	(void)state;
	forget();
	assert_int_equal(ensure(), 1);
	unlink(place_path("k.pem"));
	assert_int_equal(ensure(), -EEXIST);
	forget();
	place_write("k.pem", "key");
	assert_int_equal(ensure(), -EEXIST);
}

static void cert_ensure__odd_host_names__still_make_one(void **state)
{
	static const char *const hosts[] = { NULL,
					     "",
					     "a,IP:1.2.3.4",
					     "böse\n",
					     "-",
					     "very-long-very-long-very-long-very-"
					     "long-very-long-very-long-very-long" };

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		forget();
		assert_int_equal(cert_ensure(place_path("c.pem"), place_path("k.pem"), hosts[i]), 1);
	}
}

/* In a child, whose files may not grow: to a writer it looks like a full disk, with another errno. */
static void cert_ensure__without_room__leaves_nothing(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	forget();
	pid = fork();
	if (!pid) {
		struct rlimit none = { 100, 100 };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &none);
		_exit(ensure() == -EFBIG ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(place_path("c.pem"), F_OK), -1);
	assert_int_equal(access(place_path("k.pem"), F_OK), -1);
	assert_int_equal(ensure(), 1);
}

/* A file system of a few pages, where that can be had. */
static void cert_ensure__on_a_full_disk__says_so(void **state)
{
	char c[1100], k[1100], filler[1100];
	int rc;

	(void)state;
	mkdir(place_path("small"), 0700);
	if (mount("none", place_path("small"), "tmpfs", 0, "size=4k"))
		skip();
	snprintf(c, sizeof(c), "%s/c.pem", place_path("small"));
	snprintf(k, sizeof(k), "%s/k.pem", place_path("small"));
	snprintf(filler, sizeof(filler), "%s", "small/filler");
	place_write(filler, "x");
	rc = cert_ensure(c, k, "x");
	umount(place_path("small"));
	assert_int_equal(rc, -ENOSPC);
}

static void cert_ensure__names__what_is_wrong_with_the_place(void **state)
{
	(void)state;
	assert_int_equal(cert_ensure("/dev/null/c", "/dev/null/k", "x"), -ENOTDIR);
	assert_int_equal(cert_ensure("/nonexistent/c", "/nonexistent/k", "x"), -ENOENT);
}

static void cert_pin__refuses__what_is_none(void **state)
{
	char pin[LINK_PIN_SIZE];

	(void)state;
	place_write("not.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	assert_int_equal(cert_pin(place_path("not.pem"), pin), -EBADMSG);
	assert_int_equal(cert_pin(place_path("missing.pem"), pin), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cert_ensure__makes_once__and_keeps),
		cmocka_unit_test(cert_pin__equals__openssl),
		cmocka_unit_test(cert_ensure__names__host_and_loopback),
		cmocka_unit_test(cert_ensure__refuses__half_a_pair),
		cmocka_unit_test(cert_ensure__odd_host_names__still_make_one),
		cmocka_unit_test(cert_ensure__without_room__leaves_nothing),
		cmocka_unit_test(cert_ensure__on_a_full_disk__says_so),
		cmocka_unit_test(cert_ensure__names__what_is_wrong_with_the_place),
		cmocka_unit_test(cert_pin__refuses__what_is_none),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
