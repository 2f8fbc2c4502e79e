/* The command line of the real program, and what goes wrong before there is a meeting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"

struct run {
	const char *args[14];
	int status;
	const char *out, *err; /* must be found there; NULL: does not matter */
};

static void check(const struct run *run, const char *input)
{
	const char *argv[20] = { drive_program("moot") };
	char *out, *err;
	int status;

	for (size_t i = 0; i < 14 && run->args[i]; i++)
		argv[i + 1] = run->args[i];
	status = drive_run(argv, input, &out, &err);
	if (status != run->status || (run->out && !strstr(out, run->out)) ||
	    (run->err && !strstr(err, run->err)))
		fail_msg("moot %s %s %s: exit %d (not %d)\nout: %s\nerr: %s",
			 run->args[0] ? run->args[0] : "", run->args[1] ? run->args[1] : "",
			 run->args[2] ? run->args[2] : "", status, run->status, out, err);
	free(out);
	free(err);
}

static void cli__help_version(void **state)
{
	static const struct run runs[] = {
		{ { "--help" }, 0, "moot join INVITE|ID", NULL },
		{ { "host", "--help" }, 0, "--listen ADDRESS", NULL },
		{ { "join", "--help" }, 0, "--pin PIN", NULL },
		{ { "--version" }, 0, "moot ", NULL },
		{ { "host", "--help", "--headless" }, 0, "--headless", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		check(&runs[i], "");
}

/* The drivers that sound libraries load and drop again leak; that is theirs, so a sanitiser does not look here. */
static void cli__devices_are_listed(void **state)
{
	static const struct run devices = { { "devices" }, 0, "--mic", NULL };
	const char *before = getenv("ASAN_OPTIONS");
	char options[256];

	(void)state;
	snprintf(options, sizeof(options), "%s:detect_leaks=0", before ? before : "");
	setenv("ASAN_OPTIONS", options, 1);
	check(&devices, "");
	if (before)
		setenv("ASAN_OPTIONS", before, 1);
	else
		unsetenv("ASAN_OPTIONS");
}

static void cli__wrong_usage_exits_2(void **state)
{
	char home[DRIVE_PATH], empty[DRIVE_PATH + 16];
	FILE *out;

	(void)state;
	snprintf(home, sizeof(home), "%s/usage", drive_folder());
	snprintf(empty, sizeof(empty), "%s/empty", drive_folder());
	out = fopen(empty, "w");
	assert_non_null(out);
	fclose(out);
	{
		const struct run runs[] = {
			{ { NULL }, 2, NULL, "moot host" },
			{ { "hots" }, 2, NULL, "did you mean host" },
			{ { "join" }, 2, NULL, "Which meeting" },
			{ { "join", "482-913-775", "--headless", "--name", "Bo", "--home", home },
			  2,
			  NULL,
			  "--relay" },
			{ { "join", "482-913-775", "--relay", "127.0.0.1:1", "--headless", "--name", "Bo",
			    "--home", home },
			  2,
			  NULL,
			  "MOOT_PASSCODE" },
			{ { "join", "moot://", "--headless", "--name", "Bo", "--home", home },
			  2,
			  NULL,
			  "moot: " },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "\x01",
			    "--home", home },
			  2,
			  NULL,
			  "--name" },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "Bo",
			    "--home", "/proc/nowhere" },
			  2,
			  NULL,
			  "--home" },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "Bo",
			    "--home", home, "--pin", "short" },
			  2,
			  NULL,
			  "no pin" },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "Bo",
			    "--home", home, "--passcode-file", empty },
			  2,
			  NULL,
			  "empty" },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "Bo",
			    "--home", home, "--mic", "/no/such.wav" },
			  2,
			  "\"code\":2",
			  "such.wav" },
			{ { "join", "moot://127.0.0.1:1/482-913-775#p=1", "--headless", "--name", "Bo", "--home",
			    home, "--camera", "no/such.webm" },
			  2,
			  "\"code\":2",
			  "such.webm" },
			{ { "host", "--headless", "--name", "Ann", "--home", home, "--id", "Not Good" },
			  2,
			  NULL,
			  "id" },
			{ { "host", "--headless", "--relay", "a", "--port", "5", "--name", "Ann", "--home",
			    home },
			  2,
			  NULL,
			  "one or the other" },
		};

		for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
			check(&runs[i], "");
	}
}

static void cli__unreachable_relay_exits_3(void **state)
{
	char home[DRIVE_PATH];
	const struct run run = { { "join", "moot://127.0.0.1:1/482-913-775#p=123456", "--headless", "--name",
				   "Bo", "--home", home },
				 3,
				 "\"code\":\"cannot-connect\"",
				 "moot: " };

	(void)state;
	snprintf(home, sizeof(home), "%s/unreachable", drive_folder());
	check(&run, "");
}

static void cli__host_brings_its_own_relay(void **state)
{
	static const char *const args[] = { "host", "--name", "Ann", "--title", "Monday", NULL };
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_start(&ann, "Ann", NULL, args);
	snprintf(invite, sizeof(invite), "%s",
		 json_string_value(json_object_get(peer_wait(&ann, "created", NULL), "invite")));
	peer_wait(&ann, "joined", "{\"title\":\"Monday\",\"role\":\"host\"}");
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	assert_int_equal(peer_end(&ann), 0);
	/* The relay ends with its host, and says so. */
	peer_wait(&bo, "ended", NULL);
	assert_int_equal(peer_finish(&bo), 0);
}

static void cli__host_says_what_its_relay_says(void **state)
{
	struct relay relay = { .home = "" };
	char home[DRIVE_PATH], *port;
	struct run run = {
		{ "host", "--headless", "--name", "Ann", "--home", home, "--port", NULL }, 2, NULL, "port"
	};

	(void)state;
	relay_start(&relay, NULL);
	snprintf(home, sizeof(home), "%s/taken", drive_folder());
	port = strrchr(relay.address, ':') + 1;
	run.args[7] = port;
	check(&run, "");
	assert_int_equal(relay_stop(&relay), 0);
}

static void cli__a_scenario_can_be_piped_in(void **state)
{
	static const char scenario[] = "{\"id\":1,\"do\":\"expect\",\"event\":\"joined\",\"within\":20}\n"
				       "/chat hello\n"
				       "{\"id\":2,\"do\":\"expect\",\"event\":\"chat\",\"where\":{\"from\":"
				       "\"Ann\",\"text\":\"hello\"}}\n"
				       "{\"id\":3,\"do\":\"refute\",\"event\":\"knock\",\"within\":0.05}\n";
	static const char failing[] = "{\"id\":1,\"do\":\"expect\",\"event\":\"joined\",\"within\":20}\n"
				      "{\"id\":2,\"do\":\"expect\",\"event\":\"knock\",\"within\":0.05}\n";
	char home[DRIVE_PATH];
	const struct run good = {
		{ "host", "--headless", "--name", "Ann", "--home", home }, 0, "{\"re\":3,\"ok\":true}", NULL
	};
	const struct run bad = {
		{ "host", "--headless", "--name", "Ann", "--home", home }, 1, "\"code\":\"timed-out\"", NULL
	};

	(void)state;
	snprintf(home, sizeof(home), "%s/scenario", drive_folder());
	check(&good, scenario);
	check(&bad, failing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cli__help_version),
		cmocka_unit_test(cli__devices_are_listed),
		cmocka_unit_test(cli__wrong_usage_exits_2),
		cmocka_unit_test(cli__unreachable_relay_exits_3),
		cmocka_unit_test(cli__host_brings_its_own_relay),
		cmocka_unit_test(cli__host_says_what_its_relay_says),
		cmocka_unit_test(cli__a_scenario_can_be_piped_in),
	};

	unsetenv("MOOT_PASSCODE");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
