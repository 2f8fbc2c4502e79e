/* What an administrator does: a policy that reaches running meetings, tokens, ids that are used once. The real
 * programs; the relay is told with SIGHUP as an administrator would. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"

static char policy[DRIVE_PATH];

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void write_policy(const char *text)
{
	snprintf(policy, sizeof(policy), "%s/policy.ini", drive_folder());
	write_file(policy, text);
}

/* The relay's own JSON lines are events, too. */
static void reload(struct relay *relay, const char *event)
{
	assert_int_equal(kill(relay->child.pid, SIGHUP), 0);
	relay_wait(relay, event);
}

static void policy__tightened__reaches_a_running_meeting(void **state)
{
	struct relay relay = { 0 };
	struct peer ann, bo;
	char invite[600];

	(void)state;
	write_policy("[controls]\nfiles = on\nshare = everyone\n");
	relay_start(&relay, (const char *const[]) { "--policy", policy, NULL });
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_ok(&bo, "share", "README.md", NULL);
	peer_wait(&ann, "share-started", "{\"name\":\"Bo\"}");

	write_policy("[controls]\nfiles = off, locked\nshare = hosts, locked\nchat = hosts\n");
	reload(&relay, "policy-read");
	peer_wait(&bo, "controls", "{\"control\":\"files\",\"value\":\"off\",\"locked\":true}");
	peer_wait(&bo, "controls", "{\"control\":\"share\",\"value\":\"hosts\",\"locked\":true}");
	peer_wait(&ann, "share-stopped", "{\"name\":\"Bo\"}");
	peer_refused(&ann, "locked-by-policy", "set", "files", "on", NULL);
	peer_refused(&ann, "locked-by-policy", "allow", "Bo", "share", NULL);
	peer_refused(&bo, "share-hosts-only", "share", "README.md", NULL);
	/* A start value that is not locked is for meetings to come. */
	peer_ok(&bo, "chat", "still here", NULL);
	assert_null(peer_wait_for(&bo, "controls", "{\"control\":\"chat\"}", 0.1));

	/* Opened again, a host may; nothing opens by itself. */
	write_policy("[controls]\nfiles = off\n");
	reload(&relay, "policy-read");
	peer_wait(&ann, "controls", "{\"control\":\"files\",\"value\":\"off\",\"locked\":false}");
	peer_ok(&ann, "set", "files", "on", NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
	assert_int_equal(relay_stop(&relay), 0);
}

static void policy__broken__keeps_the_old_one(void **state)
{
	struct relay relay = { 0 };
	struct peer ann;
	char invite[600], *out, *err;
	const char *argv[] = { drive_program("moot-relay"), "policy", "check", policy, NULL };
	const char *start[] = { drive_program("moot-relay"), "--port", "0", "--policy", policy, "--home", drive_folder(),
				NULL };

	(void)state;
	write_policy("[controls]\nvideo = off, locked\n");
	relay_start(&relay, (const char *const[]) { "--policy", policy, NULL });
	peer_host(&ann, &relay, "Ann", invite, NULL);
	write_policy("[controls]\nvideo = on\nfiles = maybe\n");
	reload(&relay, "policy-kept");
	peer_refused(&ann, "locked-by-policy", "set", "video", "on", NULL);
	assert_int_equal(peer_end(&ann), 0);
	assert_int_equal(relay_stop(&relay), 0);

	assert_int_equal(drive_run(argv, "", &out, &err), 1);
	assert_non_null(strstr(err, "policy.ini:3:9: "));
	assert_non_null(strstr(err, "off, on"));
	free(out);
	free(err);
	assert_int_equal(drive_run(start, "", &out, &err), 1);
	assert_non_null(strstr(err, "policy.ini:3:9: "));
	free(out);
	free(err);
}

/* A token is shown once; what lies in the store is its hash. */
static void tokens__open_meetings__until_revoked(void **state)
{
	struct relay relay = { 0 };
	struct peer ann;
	char invite[600], token[DRIVE_PATH + 16], *out, *err;

	(void)state;
	snprintf(token, sizeof(token), "%s/token", drive_folder());
	write_policy("[door]\ncreate = token\n");
	relay_start(&relay, (const char *const[]) { "--policy", policy, NULL });
	peer_start(&ann, "Ann", NULL,
		   (const char *const[]) { "host", "--relay", relay.address, "--pin", relay.pin, "--name", "Ann", NULL });
	peer_wait(&ann, "refused", "{\"code\":\"token-needed\"}");
	assert_int_equal(peer_finish(&ann), 4);

	assert_int_equal(drive_run((const char *const[]) { drive_program("moot-relay"), "--home", relay.home, "token", "new",
							   "assessments", NULL }, "", &out, &err), 0);
	write_file(token, out);
	out[strcspn(out, "\n")] = '\0';
	assert_true(strlen(out) >= 32);
	char shown[128];
	snprintf(shown, sizeof(shown), "%s", out);
	free(out);
	free(err);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--token-file", token, NULL });
	assert_int_equal(peer_end(&ann), 0);

	assert_int_equal(drive_run((const char *const[]) { drive_program("moot-relay"), "token", "list", "--home", relay.home,
							   NULL }, "", &out, &err), 0);
	assert_non_null(strstr(out, "assessments"));
	assert_null(strstr(out, shown));
	free(out);
	free(err);
	assert_int_equal(drive_run((const char *const[]) { "grep", "-rqF", shown, relay.home, NULL }, "", &out, &err), 1);
	free(out);
	free(err);
	assert_int_equal(drive_run((const char *const[]) { drive_program("moot-relay"), "token", "revoke", "1", "--home",
							   relay.home, NULL }, "", &out, &err), 0);
	free(out);
	free(err);
	peer_start(&ann, "Ann", NULL,
		   (const char *const[]) { "host", "--relay", relay.address, "--pin", relay.pin, "--name", "Ann",
					   "--token-file", token, NULL });
	peer_wait(&ann, "refused", "{\"code\":\"token-needed\"}");
	assert_int_equal(peer_finish(&ann), 4);
	assert_int_equal(relay_stop(&relay), 0);
}

/* An id is used once: not again after the end, a restart, or a crash. */
static void ids__are_used_once(void **state)
{
	struct relay relay = { 0 };
	struct peer ann;
	char invite[600];

	(void)state;
	relay_start(&relay, NULL);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--id", "team-monday", NULL });
	peer_ok(&ann, "end", NULL);
	assert_int_equal(peer_finish(&ann), 0);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--id", "team-tuesday", NULL });
	relay_kill(&relay);
	peer_kill(&ann);

	relay_start(&relay, NULL);
	for (int i = 0; i < 2; i++) {
		peer_start(&ann, "Ann", NULL,
			   (const char *const[]) { "host", "--relay", relay.address, "--pin", relay.pin, "--name", "Ann",
						   "--id", i ? "team-tuesday" : "team-monday", NULL });
		peer_wait(&ann, "refused", "{\"code\":\"id-taken\"}");
		assert_int_equal(peer_finish(&ann), 4);
	}
	assert_int_equal(relay_stop(&relay), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy__tightened__reaches_a_running_meeting),
		cmocka_unit_test(policy__broken__keeps_the_old_one),
		cmocka_unit_test(tokens__open_meetings__until_revoked),
		cmocka_unit_test(ids__are_used_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
