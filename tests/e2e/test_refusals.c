/* What is refused, by whom, with which code and exit status. Real programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"

static struct relay relay;

static int start_relay(void **state)
{
	(void)state;
	relay_start(&relay, NULL);
	return 0;
}

static int stop_relay(void **state)
{
	(void)state;
	assert_int_equal(relay_stop(&relay), 0);
	return 0;
}

/* Another secret, pin or id in an invite: from is replaced, up to its end character. */
static void change(char *dst, const char *invite, const char *from, const char *to)
{
	const char *at = strstr(invite, from);

	assert_non_null(at);
	at += strlen(from);
	snprintf(dst, 600, "%.*s%s%s", (int)(at - invite), invite, to, at + strcspn(at, "#&"));
}

static void refusals__wrong_passcode_and_wrong_id_look_the_same(void **state)
{
	struct peer ann, bo;
	char invite[600], wrong[600];
	char *texts[2];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	change(wrong, invite, "#k=", "AAAAAAAAAAAAAAAAAAAAAA");
	peer_join(&bo, wrong, "Bo", NULL);
	texts[0] = json_dumps(json_object_get(peer_wait(&bo, "refused", "{\"code\":\"no-such-meeting\"}"), "text"),
	                      JSON_ENCODE_ANY);
	assert_int_equal(peer_finish(&bo), 4);
	peer_wait(&ann, "wrong-passcodes", "{\"count\":1}");
	snprintf(wrong, sizeof(wrong), "moot://%s/000-000-000#p=123456", relay.address);
	peer_join(&bo, wrong, "Bo", (const char *const[]){ "--pin", relay.pin, NULL });
	texts[1] = json_dumps(json_object_get(peer_wait(&bo, "refused", "{\"code\":\"no-such-meeting\"}"), "text"),
	                      JSON_ENCODE_ANY);
	assert_int_equal(peer_finish(&bo), 4);
	assert_string_equal(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__a_wrong_pin_is_never_connected_to(void **state)
{
	struct peer ann, bo;
	char invite[600], wrong[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	change(wrong, invite, "&r=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	peer_join(&bo, wrong, "Bo", NULL);
	peer_wait(&bo, "error", "{\"code\":\"cannot-connect\"}");
	assert_int_equal(peer_finish(&bo), 3);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__an_unknown_relay_wants_a_word(void **state)
{
	struct peer ann, bo;
	char invite[600], bare[600], id[40];
	const char *args[] = { "join", bare, "--name", "Bo", NULL, NULL };

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	snprintf(bare, sizeof(bare), "%.*s", (int)(strstr(invite, "&r=") - invite), invite);
	peer_start(&bo, "Bo", NULL, args);
	peer_wait(&bo, "error", "{\"code\":\"unknown-relay\"}");
	assert_int_equal(peer_finish(&bo), 3);
	/* Trusted once, it is known from then on. */
	args[4] = "--trust";
	peer_start(&bo, "Bo", bo.home, args);
	peer_wait(&bo, "waiting", NULL);
	assert_int_equal(peer_end(&bo), 0);
	args[4] = NULL;
	peer_start(&bo, "Bo", bo.home, args);
	peer_wait(&bo, "waiting", NULL);
	assert_int_equal(peer_end(&bo), 0);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(peer_state(&ann), "id")));
	assert_int_equal(strlen(id), 11);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__a_changed_relay_key_is_refused(void **state)
{
	struct relay other = { .home = "" };
	struct peer ann, bo;
	char invite[600], bare[600], port[16], path[DRIVE_PATH + 40];
	const char *args[] = { "join", bare, "--name", "Bo", "--trust", NULL };

	(void)state;
	relay_start(&other, NULL);
	snprintf(port, sizeof(port), "%s", strrchr(other.address, ':') + 1);
	peer_host(&ann, &other, "Ann", invite, NULL);
	snprintf(bare, sizeof(bare), "%.*s", (int)(strstr(invite, "&r=") - invite), invite);
	peer_start(&bo, "Bo", NULL, args);
	peer_wait(&bo, "waiting", NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
	assert_int_equal(relay_stop(&other), 0);
	snprintf(path, sizeof(path), "%s/certificate.pem", other.home);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/key.pem", other.home);
	assert_int_equal(unlink(path), 0);
	relay_start(&other, (const char *const[]){ "--port", port, NULL });
	peer_start(&bo, "Bo", bo.home, args);
	peer_wait(&bo, "error", NULL);
	assert_int_equal(peer_finish(&bo), 3);
	assert_int_equal(relay_stop(&other), 0);
}

static void refusals__passcodes_come_from_file_and_environment(void **state)
{
	struct peer ann, bo;
	char invite[600], id[40], file[DRIVE_PATH + 20];
	json_t *created;
	FILE *out;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	created = json_array_get(ann.lines, 0);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(created, "id")));
	snprintf(file, sizeof(file), "%s/passcode", drive_folder());
	out = fopen(file, "w");
	assert_non_null(out);
	fprintf(out, "%s\n", json_string_value(json_object_get(created, "passcode")));
	fclose(out);
	peer_join(&bo, id, "Bo",
	          (const char *const[]){ "--relay", relay.address, "--pin", relay.pin, "--passcode-file", file, NULL });
	peer_wait(&bo, "waiting", NULL);
	assert_int_equal(peer_end(&bo), 0);
	setenv("MOOT_PASSCODE", json_string_value(json_object_get(created, "passcode")), 1);
	peer_join(&bo, id, "Bo", (const char *const[]){ "--relay", relay.address, "--pin", relay.pin, NULL });
	unsetenv("MOOT_PASSCODE");
	peer_wait(&bo, "waiting", NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__a_chosen_id_is_taken_once(void **state)
{
	static const char *const chosen[] = { "--id", "team-monday", NULL };
	struct peer ann, bo;
	char invite[600];
	const char *args[] = { "host", "--relay", relay.address, "--pin", relay.pin, "--name", "Bo", "--id", "team-monday",
		NULL };

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, chosen);
	assert_non_null(strstr(invite, "/team-monday#"));
	peer_start(&bo, "Bo", NULL, args);
	peer_wait(&bo, "refused", "{\"code\":\"id-taken\"}");
	assert_int_equal(peer_finish(&bo), 4);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__every_participants_attempt_at_the_hosts_words(void **state)
{
	static const char *const words[][4] = {
		{ "mute", "Ann" }, { "mute", "all" },      { "ask-unmute", "Ann" }, { "spotlight", "Ann" },
		{ "lock" },        { "unlock" },           { "kick", "Ann" },       { "set", "chat", "off" },
		{ "suspend" },     { "cohost", "Ann" },    { "uncohost", "Ann" },   { "host", "Ann" },
		{ "end" },         { "rename", "Ann", "X" }, { "admit", "all" },    { "allow", "Ann", "share" },
		{ "disallow", "Ann", "share" }, { "sendback", "Ann" }, { "tell-waiting", "hi" }, { "pardon", "1" },
		{ "deny", "Ann" }, { "lower", "Ann" },
	};
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		peer_refused(&bo, "not-allowed", words[i][0], words[i][1], words[i][2], NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__those_who_wait_may_next_to_nothing(void **state)
{
	static const char *const words[][4] = {
		{ "not-in", "chat", "hi" },    { "not-in", "raise" },        { "not-in", "react", "yes" },
		{ "not-allowed", "lock" },     { "not-in", "video", "off" }, { "not-in", "name", "Robert" },
	};
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_join(&bo, invite, "Bo", NULL);
	peer_wait(&bo, "waiting", NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		peer_refused(&bo, words[i][0], words[i][1], words[i][2], words[i][3], NULL);
	peer_refused(&bo, "not-in", "msg", "Ann", "hi", NULL);
	peer_ok(&bo, "hosts", "it is me", NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void refusals__what_the_client_answers_itself(void **state)
{
	struct peer ann;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_refused(&ann, "unknown-command", "zebra", NULL);
	peer_refused(&ann, "record-off", "record", "start", NULL);
	peer_refused(&ann, "bad-command", "poll", "x", NULL);
	peer_refused(&ann, "ambiguous-command", "un", NULL);
	peer_refused(&ann, "bad-command", "admit", NULL);
	peer_refused(&ann, "bad-command", "lock", "now", NULL);
	peer_refused(&ann, "no-such-person", "kick", "Zoe", NULL);
	peer_refused(&ann, "bad-value", "set", "chat", "sometimes", NULL);
	peer_refused(&ann, "bad-value", "set", "weather", "on", NULL);
	peer_refused(&ann, "bad-value", "allow", "Ann", "fly", NULL);
	peer_refused(&ann, "bad-value", "volume", "Ann", "loud", NULL);
	peer_refused(&ann, "bad-value", "view", "sideways", NULL);
	peer_refused(&ann, "no-camera", "video", "on", NULL);
	peer_refused(&ann, "bad-value", "react", "whatever", NULL);
	peer_refused(&ann, "not-yourself", "kick", "Ann", NULL);
	assert_int_equal(peer_end(&ann), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals__wrong_passcode_and_wrong_id_look_the_same),
		cmocka_unit_test(refusals__a_wrong_pin_is_never_connected_to),
		cmocka_unit_test(refusals__an_unknown_relay_wants_a_word),
		cmocka_unit_test(refusals__a_changed_relay_key_is_refused),
		cmocka_unit_test(refusals__passcodes_come_from_file_and_environment),
		cmocka_unit_test(refusals__a_chosen_id_is_taken_once),
		cmocka_unit_test(refusals__every_participants_attempt_at_the_hosts_words),
		cmocka_unit_test(refusals__those_who_wait_may_next_to_nothing),
		cmocka_unit_test(refusals__what_the_client_answers_itself),
	};

	unsetenv("MOOT_PASSCODE");
	return cmocka_run_group_tests(tests, start_relay, stop_relay);
}
