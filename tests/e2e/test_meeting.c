/* The life of a meeting, with the real programs: knock, admit, talk, permissions, lock, kick, end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static json_t *person(json_t *state, const char *name)
{
	json_t *people = json_object_get(state, "people"), *one;
	size_t i;

	json_array_foreach(people, i, one) if (!strcmp(json_string_value(json_object_get(one, "name")),
						       name)) return one;
	return NULL;
}

static void meeting__host_sees_created_first(void **state)
{
	struct peer ann;
	char invite[600];
	json_t *created;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	created = json_array_get(ann.lines, 0);
	assert_string_equal(json_string_value(json_object_get(created, "event")), "created");
	assert_int_equal(json_integer_value(json_object_get(created, "seq")), 1);
	assert_string_equal(json_string_value(json_object_get(created, "relay")), relay.address);
	assert_int_equal(strlen(json_string_value(json_object_get(created, "id"))), 11);
	assert_int_equal(strlen(json_string_value(json_object_get(created, "passcode"))), 6);
	assert_null(json_object_get(created, "host_key"));
	assert_int_equal(strncmp(invite, "moot://", 7), 0);
	peer_wait(&ann, "security", "{\"state\":1,\"text\":\"End-to-end encrypted, host verified\"}");
	peer_ok(&ann, "end", NULL);
	peer_wait(&ann, "ended", NULL);
	assert_int_equal(peer_finish(&ann), 0);
}

static void meeting__guest_waits_until_admitted(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_join(&bo, invite, "Bo", NULL);
	peer_wait(&bo, "connected", NULL);
	peer_wait(&bo, "waiting", NULL);
	peer_wait(&ann, "knock", "{\"name\":\"Bo\"}");
	assert_int_equal(json_array_size(json_object_get(peer_state(&ann), "waiting")), 1);
	assert_int_equal(json_array_size(json_object_get(peer_state(&bo), "people")), 0);
	peer_ok(&ann, "adm", "Bo", NULL);
	peer_wait(&bo, "joined", "{\"name\":\"Bo\",\"role\":\"participant\"}");
	peer_wait(&ann, "person-joined", "{\"name\":\"Bo\",\"kind\":\"headless\"}");
	assert_int_equal(json_array_size(json_object_get(peer_state(&ann), "waiting")), 0);
	assert_non_null(person(peer_state(&bo), "Ann"));
	assert_string_equal(json_string_value(json_object_get(person(peer_state(&bo), "Ann"), "role")),
			    "host");
	assert_int_equal(peer_end(&bo), 0);
	peer_wait(&ann, "person-left", "{\"name\":\"Bo\",\"code\":\"left\"}");
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__chat_reaches_whom_it_should(void **state)
{
	struct peer ann, bo, cy;
	char invite[600];
	json_t *answer;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_enter(&cy, &ann, invite, "Cy", NULL);
	peer_ok(&bo, "chat", "Καλημέρα, 早安", NULL);
	peer_wait(&ann, "chat", "{\"name\":\"Bo\",\"text\":\"Καλημέρα, 早安\",\"to\":\"everyone\"}");
	peer_wait(&cy, "chat", "{\"name\":\"Bo\",\"text\":\"Καλημέρα, 早安\"}");
	peer_ok(&bo, "msg", "Ann", "only", "for you", NULL);
	peer_wait(&ann, "chat", "{\"name\":\"Bo\",\"text\":\"only for you\",\"to\":1}");
	peer_ok(&cy, "hosts", "help", NULL);
	peer_wait(&ann, "chat", "{\"name\":\"Cy\",\"to\":\"hosts\"}");
	/* A plain line is chat; a line with a slash is a command. */
	peer_write(&cy, "plain words");
	answer = json_object_get(peer_answer(&cy), "re");
	assert_true(json_is_null(answer));
	peer_wait(&bo, "chat", "{\"name\":\"Cy\",\"text\":\"plain words\"}");
	peer_write(&cy, "/msg Bo  hi there");
	answer = json_object_get(peer_answer(&cy), "ok");
	assert_true(json_is_true(answer));
	peer_wait(&bo, "chat", "{\"name\":\"Cy\",\"text\":\"hi there\"}");
	assert_null(peer_wait_for(&cy, "chat", "{\"text\":\"only for you\"}", 0.05));
	peer_ok(&ann, "set", "chat", "hosts", NULL);
	peer_wait(&bo, "controls", "{\"control\":\"chat\",\"value\":\"hosts\",\"by_name\":\"Ann\"}");
	peer_refused(&bo, "chat-off", "chat", "hello?", NULL);
	peer_ok(&bo, "hosts", "I may still say this", NULL);
	peer_wait(&ann, "chat", "{\"text\":\"I may still say this\"}");
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__hosts_keep_the_door(void **state)
{
	struct peer ann, bo, cy, di;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_join(&cy, invite, "Cy", NULL);
	peer_wait(&ann, "knock", "{\"name\":\"Cy\"}");
	peer_ok(&ann, "tell-waiting", "Cy:", "two minutes", NULL);
	peer_wait(&cy, "chat", "{\"text\":\"two minutes\",\"name\":\"Ann\"}");
	peer_ok(&cy, "hosts", "thank you", NULL);
	peer_wait(&ann, "chat", "{\"text\":\"thank you\"}");
	peer_ok(&ann, "deny", "Cy", "another", "time", NULL);
	peer_wait(&cy, "refused", "{\"code\":\"denied\",\"text\":\"another time\"}");
	assert_int_equal(peer_finish(&cy), 4);
	peer_ok(&ann, "lock", NULL);
	peer_wait(&bo, "controls", "{\"control\":\"lock\",\"value\":\"on\"}");
	peer_join(&di, invite, "Di", NULL);
	peer_wait(&di, "refused", "{\"code\":\"locked\"}");
	assert_int_equal(peer_finish(&di), 4);
	peer_ok(&ann, "unlock", NULL);
	peer_ok(&ann, "sendback", "Bo", NULL);
	peer_wait(&bo, "waiting", NULL);
	peer_wait(&ann, "knock", "{\"name\":\"Bo\"}");
	peer_ok(&ann, "admit", "all", NULL);
	peer_wait(&bo, "joined", NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__kicked_people_stay_out(void **state)
{
	static struct peer ann, bo, again;
	static char invite[600];
	const char *args[] = { "join", invite, "--name", "Robert", NULL };
	char number[20];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	snprintf(number, sizeof(number), "%d",
		 (int)json_integer_value(json_object_get(person(peer_state(&ann), "Bo"), "number")));
	peer_ok(&ann, "set", "waiting-room", "off", NULL);
	peer_ok(&ann, "kick", "Bo", NULL);
	peer_wait(&bo, "removed", "{\"by_name\":\"Ann\"}");
	assert_int_equal(peer_finish(&bo), 6);
	peer_wait(&ann, "person-left", "{\"name\":\"Bo\",\"code\":\"removed\"}");
	peer_start(&again, "Robert", bo.home, args);
	peer_wait(&again, "refused", "{\"code\":\"removed\"}");
	assert_int_equal(peer_finish(&again), 4);
	peer_ok(&ann, "pardon", number, NULL);
	peer_start(&again, "Robert", bo.home, args);
	peer_wait(&again, "waiting", NULL);
	assert_int_equal(peer_end(&again), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__roles_are_given_and_taken(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_refused(&bo, "not-allowed", "lock", NULL);
	peer_ok(&ann, "cohost", "Bo", NULL);
	peer_wait(&bo, "person-changed", "{\"name\":\"Bo\",\"role\":\"co-host\"}");
	peer_ok(&bo, "lock", NULL);
	peer_refused(&bo, "not-allowed", "end", NULL);
	peer_ok(&ann, "uncohost", "Bo", NULL);
	peer_refused(&bo, "not-allowed", "unlock", NULL);
	peer_ok(&ann, "host", "Bo", NULL);
	peer_wait(&bo, "person-changed", "{\"name\":\"Bo\",\"role\":\"host\"}");
	peer_refused(&ann, "not-allowed", "end", NULL);
	peer_ok(&ann, "claim", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Ann\",\"role\":\"host\"}");
	peer_refused(&bo, "no-host-key", "claim", NULL);
	peer_ok(&bo, "name", "Robert B", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Robert B\",\"code\":\"name\"}");
	peer_ok(&ann, "rename", "Robert B", "Bo", NULL);
	peer_wait(&bo, "person-changed", "{\"name\":\"Bo\"}");
	peer_ok(&ann, "end", NULL);
	peer_wait(&bo, "ended", NULL);
	assert_int_equal(peer_finish(&bo), 0);
	assert_int_equal(peer_finish(&ann), 0);
}

static void meeting__switches_are_announced(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_ok(&bo, "raise", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Bo\",\"hand\":1}");
	peer_ok(&ann, "lower", "Bo", NULL);
	peer_wait(&bo, "person-changed", "{\"name\":\"Bo\",\"hand\":0}");
	peer_ok(&bo, "react", "applause", NULL);
	peer_wait(&ann, "reaction", "{\"name\":\"Bo\",\"text\":\"applause\"}");
	peer_ok(&bo, "mute", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Bo\",\"mic\":\"muted\"}");
	peer_ok(&bo, "unmute", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Bo\",\"mic\":\"on\"}");
	peer_ok(&ann, "mute", "Bo", NULL);
	peer_wait(&bo, "muted", "{\"by_name\":\"Ann\"}");
	peer_ok(&ann, "set", "unmute", "off", NULL);
	peer_refused(&bo, "unmute-off", "unmute", NULL);
	peer_ok(&ann, "ask-unmute", "Bo", NULL);
	peer_wait(&bo, "ask-unmute", "{\"by_name\":\"Ann\"}");
	peer_ok(&bo, "unmute", NULL);
	peer_ok(&ann, "mute", "all", NULL);
	peer_wait(&bo, "muted", "{\"all\":true}");
	peer_ok(&ann, "spotlight", "Bo", NULL);
	peer_wait(&bo, "spotlight", NULL);
	peer_ok(&ann, "spotlight", "off", NULL);
	peer_wait(&bo, "spotlight", "{\"number\":0}");
	peer_ok(&ann, "suspend", NULL);
	peer_wait(&bo, "controls", "{\"control\":\"lock\",\"value\":\"on\"}");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__own_business_is_answered_here(void **state)
{
	struct peer ann;
	char invite[600];
	json_t *answer;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	answer = peer_ask(&ann, "who", NULL);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "text")), "Ann"));
	answer = peer_ask(&ann, "security", NULL);
	assert_non_null(
		strstr(json_string_value(json_object_get(answer, "text")), "End-to-end encrypted, host verified"));
	assert_non_null(strstr(json_string_value(json_object_get(answer, "text")), relay.pin));
	answer = peer_ask(&ann, "help", NULL);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "text")), "/admit"));
	answer = peer_ask(&ann, "help", "admit", NULL);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "text")), "waiting room"));
	answer = peer_ask(&ann, "invite", NULL);
	assert_string_equal(json_string_value(json_object_get(answer, "invite")), invite);
	answer = peer_ask(&ann, "audio", NULL);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "text")), "microphone: silence"));
	peer_ok(&ann, "pin", "Ann", NULL);
	peer_ok(&ann, "pin", "off", NULL);
	peer_ok(&ann, "view", "gallery", NULL);
	peer_ok(&ann, "volume", "Ann", "-6", NULL);
	answer = peer_json(&ann, "{\"do\":\"screen\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "screen")), 24);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__two_of_one_name_take_numbers(void **state)
{
	struct peer ann, bo, other;
	char invite[600], number[20];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_join(&other, invite, "Bo", NULL);
	snprintf(number, sizeof(number), "%d",
		 (int)json_integer_value(
			 json_object_get(peer_wait(&ann, "knock", "{\"name\":\"Bo\"}"), "number")));
	peer_ok(&ann, "admit", number, NULL);
	peer_wait(&other, "joined", NULL);
	peer_wait(&ann, "person-joined", NULL);
	peer_refused(&ann, "ambiguous-name", "mute", "Bo", NULL);
	peer_ok(&ann, "mute", number, NULL);
	peer_wait(&other, "muted", NULL);
	assert_int_equal(peer_end(&other), 0);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void meeting__share_needs_permission(void **state)
{
	struct peer ann, bo;
	char invite[600], file[DRIVE_PATH + 20];
	FILE *out;

	(void)state;
	snprintf(file, sizeof(file), "%s/notes.txt", drive_folder());
	out = fopen(file, "w");
	assert_non_null(out);
	fputs("what we decided\n", out);
	fclose(out);
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_refused(&bo, "share-hosts-only", "share", file, NULL);
	peer_refused(&bo, "no-such-file", "share", "/no/such/file", NULL);
	peer_ok(&ann, "allow", "Bo", "share", NULL);
	peer_wait(&bo, "permission", "{\"permission\":\"share\",\"on\":true}");
	peer_ok(&bo, "share", file, NULL);
	peer_wait(&ann, "share-started", "{\"name\":\"Bo\",\"text\":\"notes.txt\"}");
	peer_wait(&ann, "video", "{\"name\":\"Bo\",\"kind\":\"share\",\"on\":true}");
	peer_ok(&ann, "share", "stop", "Bo", NULL);
	peer_wait(&bo, "share-stopped", "{\"by_name\":\"Ann\"}");
	peer_ok(&bo, "share", file, NULL);
	peer_wait(&ann, "share-started", NULL);
	peer_ok(&ann, "disallow", "Bo", "share", NULL);
	peer_wait(&bo, "permission", "{\"permission\":\"share\"}");
	peer_wait(&ann, "share-stopped", "{\"name\":\"Bo\"}");
	peer_refused(&bo, "share-hosts-only", "share", file, NULL);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meeting__host_sees_created_first),
		cmocka_unit_test(meeting__guest_waits_until_admitted),
		cmocka_unit_test(meeting__chat_reaches_whom_it_should),
		cmocka_unit_test(meeting__hosts_keep_the_door),
		cmocka_unit_test(meeting__kicked_people_stay_out),
		cmocka_unit_test(meeting__roles_are_given_and_taken),
		cmocka_unit_test(meeting__switches_are_announced),
		cmocka_unit_test(meeting__own_business_is_answered_here),
		cmocka_unit_test(meeting__two_of_one_name_take_numbers),
		cmocka_unit_test(meeting__share_needs_permission),
	};

	return cmocka_run_group_tests(tests, start_relay, stop_relay);
}
