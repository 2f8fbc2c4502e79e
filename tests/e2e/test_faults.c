/* What breaks: lines, relays, input, disks. Nothing waits for longer than it must. */
#include <setjmp.h>
#include <signal.h>
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
	relay_start(&relay, (const char *const[]) { "--seat-hold", "3", NULL });
	return 0;
}

static int stop_relay(void **state)
{
	(void)state;
	assert_int_equal(relay_stop(&relay), 0);
	return 0;
}

static void faults__a_dropped_line_comes_back_with_what_was_missed(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_ok(&bo, "raise", NULL);
	peer_json(&bo, "{\"do\":\"net\",\"drop\":true}");
	peer_wait(&ann, "away", "{\"name\":\"Bo\"}");
	peer_ok(&ann, "chat", "said meanwhile", NULL);
	peer_wait(&bo, "resumed", NULL);
	peer_wait(&bo, "chat", "{\"text\":\"said meanwhile\"}");
	peer_wait(&ann, "resumed", "{\"name\":\"Bo\"}");
	peer_ok(&bo, "chat", "here again", NULL);
	peer_wait(&ann, "chat", "{\"text\":\"here again\"}");
	assert_int_equal(json_array_size(json_object_get(peer_state(&bo), "people")), 2);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__a_killed_participant_is_away_then_gone(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_kill(&bo);
	peer_wait(&ann, "away", "{\"name\":\"Bo\"}");
	peer_wait(&ann, "person-left", "{\"name\":\"Bo\",\"code\":\"lost\"}");
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__a_stopping_relay_tells_everybody(void **state)
{
	struct relay own = { .home = "" };
	struct peer ann, bo;
	char invite[600];

	(void)state;
	relay_start(&own, NULL);
	peer_host(&ann, &own, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	assert_int_equal(relay_stop(&own), 0);
	peer_wait(&ann, "ended", "{\"code\":\"relay-stopped\"}");
	peer_wait(&bo, "ended", "{\"code\":\"relay-stopped\"}");
	assert_int_equal(peer_finish(&bo), 0);
	assert_int_equal(peer_finish(&ann), 0);
}

static void faults__a_restarted_relay_knows_nobody(void **state)
{
	struct relay own = { .home = "" };
	struct peer ann;
	char invite[600], port[16];

	(void)state;
	relay_start(&own, NULL);
	snprintf(port, sizeof(port), "%s", strrchr(own.address, ':') + 1);
	peer_host(&ann, &own, "Ann", invite, NULL);
	relay_kill(&own);
	peer_wait(&ann, "error", "{\"code\":\"line-lost\"}");
	peer_refused(&ann, "not-connected", "chat", "anyone?", NULL);
	relay_start(&own, (const char *const[]) { "--port", port, NULL });
	assert_int_not_equal(peer_finish(&ann), 0);
	assert_int_equal(relay_stop(&own), 0);
}

static void faults__sigterm_leaves_in_order(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	kill(bo.child.pid, SIGTERM);
	assert_int_equal(peer_finish(&bo), 0);
	peer_wait(&ann, "person-left", "{\"name\":\"Bo\",\"code\":\"left\"}");
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__lines_that_are_no_lines(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{}",
		"{\"do\":7}",
		"{\"do\":\"chat\",\"args\":\"x\"}",
		"{\"do\":\"chat\",\"args\":[{}]}",
		"{\"do\":\"chat\",\"do\":\"chat\",\"args\":[\"x\"]}",
		"{\"do\":\"expect\"}",
		"{\"do\":\"expect\",\"event\":\"nonsense\"}",
		"{\"do\":\"expect\",\"event\":\"chat\",\"within\":\"soon\"}",
		"{\"do\":\"net\"}",
		"{\"do\":\"net\",\"stall\":-1}",
		"bad \xff\xfe bytes",
	};
	static char long_line[70000];
	struct peer ann;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer;

		peer_write(&ann, bad[i]);
		answer = peer_answer(&ann);
		if (strcmp(json_string_value(json_object_get(answer, "code")), "bad-command") != 0)
			fail_msg("%s was answered with %s", bad[i],
				 json_string_value(json_object_get(answer, "code")));
	}
	memset(long_line, 'x', sizeof(long_line) - 1);
	peer_write(&ann, long_line);
	assert_string_equal(json_string_value(json_object_get(peer_answer(&ann), "code")), "bad-command");
	/* Nothing of it became a command, and the next line is a line again. */
	peer_ok(&ann, "chat", "still here", NULL);
	peer_wait(&ann, "chat", "{\"text\":\"still here\"}");
	memset(long_line, 'y', 5000);
	long_line[5000] = '\0';
	peer_refused(&ann, "bad-text", "chat", long_line, NULL);
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__expectations(void **state)
{
	struct peer ann, bo;
	char invite[600];
	json_t *answer, *came;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_ok(&bo, "chat", "hi", NULL);
	peer_json(&ann, "{\"id\":8,\"do\":\"expect\",\"event\":\"chat\",\"where\":{\"from\":\"Bo\",\"text\":"
			"\"hi\"},\"within\":5}");
	peer_json(&ann, "{\"do\":\"refute\",\"event\":\"chat\",\"within\":0.05}");
	peer_write(&ann, "{\"id\":\"x\",\"do\":\"expect\",\"event\":\"chat\",\"within\":0.05}");
	answer = peer_answer(&ann);
	assert_string_equal(json_string_value(json_object_get(answer, "re")), "x");
	assert_string_equal(json_string_value(json_object_get(answer, "code")), "timed-out");
	assert_true(json_array_size(json_object_get(answer, "came")) == 0);
	/* Two lines in one piece: when the first is answered, the second waits already. */
	peer_write(&ann, "{\"do\":\"who\"}\n"
			 "{\"do\":\"refute\",\"event\":\"chat\",\"where\":{\"from\":2},\"within\":10}");
	peer_answer(&ann);
	peer_ok(&bo, "chat", "there", NULL);
	answer = peer_answer(&ann);
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "code")), "came");
	came = json_array_get(json_object_get(answer, "came"), 0);
	assert_string_equal(json_string_value(json_object_get(came, "text")), "there");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 1);
}

static void faults__out_of_time_is_7(void **state)
{
	struct peer ann, bo;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_join(&bo, invite, "Bo", (const char *const[]) { "--timeout", "0.3", NULL });
	assert_int_equal(peer_finish(&bo), 7);
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__a_stalled_reader_delays_nobody(void **state)
{
	struct peer ann, bo, cy;
	char invite[600];

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_enter(&cy, &ann, invite, "Cy", NULL);
	peer_json(&bo, "{\"do\":\"net\",\"stall\":1.0}");
	for (int i = 0; i < 5; i++)
		peer_ok(&ann, "chat", "quick", NULL);
	for (int i = 0; i < 5; i++)
		assert_non_null(peer_wait_for(&cy, "chat", "{\"text\":\"quick\"}", 0.8));
	for (int i = 0; i < 5; i++)
		peer_wait(&bo, "chat", "{\"text\":\"quick\"}");
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void faults__a_full_disk_is_said(void **state)
{
	struct peer ann, bo;
	char invite[600];
	json_t *error;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--mic", "tone:440", NULL });
	peer_join(&bo, invite, "Bo", (const char *const[]) { "--speaker", "/dev/full", NULL });
	error = peer_wait(&bo, "error", "{\"code\":\"usage\"}");
	assert_non_null(strstr(json_string_value(json_object_get(error, "text")), "/dev/full"));
	assert_int_equal(peer_finish(&bo), 2);
	assert_int_equal(peer_end(&ann), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults__a_dropped_line_comes_back_with_what_was_missed),
		cmocka_unit_test(faults__a_killed_participant_is_away_then_gone),
		cmocka_unit_test(faults__a_stopping_relay_tells_everybody),
		cmocka_unit_test(faults__a_restarted_relay_knows_nobody),
		cmocka_unit_test(faults__sigterm_leaves_in_order),
		cmocka_unit_test(faults__lines_that_are_no_lines),
		cmocka_unit_test(faults__expectations),
		cmocka_unit_test(faults__out_of_time_is_7),
		cmocka_unit_test(faults__a_stalled_reader_delays_nobody),
		cmocka_unit_test(faults__a_full_disk_is_said),
	};

	return cmocka_run_group_tests(tests, start_relay, stop_relay);
}
