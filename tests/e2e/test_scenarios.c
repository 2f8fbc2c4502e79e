/* The scenarios of this folder, each a case; and the proof that together they show every row of the rules: who may do
 * what, the values of each control, each answer at the door. What counts is what the participants' logs of this very run
 * say, not what a script says it does. */
#include <dirent.h>
#include <glob.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"

enum { SCENARIOS_MAX = 64 };

/* ---- running them ----------------------------------------------------------------------------------------- */

static void show_failures(char *tap)
{
	bool within = false;

	for (char *line = strtok(tap, "\n"); line; line = strtok(NULL, "\n")) {
		const char *text = line + strspn(line, " ");

		within = !strncmp(text, "not ok", 6) || (within && strncmp(text, "ok", 2) != 0);
		if (within || *text == '#')
			fprintf(stderr, "%s\n", line);
	}
}

static void scenario__holds(void **state)
{
	const char *file = *state, *name = strrchr(file, '/') + 1;
	char log[DRIVE_PATH], *out, *err;
	const int64_t start_us = drive_now_us();
	int status;

	snprintf(log, sizeof(log), "%s/log/%s", drive_folder(), name);
	status = drive_run((const char *const[]) { drive_program("moot"), "script", file, "--log", log, "--timeout", "120",
						   NULL }, "", &out, &err);
	printf("# %-28s %5.1f s\n", name, (double)(drive_now_us() - start_us) / 1e6);
	if (status) {
		show_failures(out);
		fail_msg("%s: exit %d\n%s", name, status, err);
	}
	free(out);
	free(err);
}

/* ---- what must have happened ------------------------------------------------------------------------------- */

/* A command as its doer's role gave it, and its answer ("ok" or a code); or an event that somebody of this role saw. */
struct row {
	const char *row, *role, *command, *answer, *event;
};

#define MAY(who, words)          { who " may " words, who, words, "ok", NULL }
#define MAY_NOT(who, words, why) { who " may not " words, who, words, why, NULL }
#define SEES(row, who, where)    { row, who, NULL, NULL, where }
#define VALUE(name, value) \
	SEES(name " = " value, NULL, "{\"event\":\"controls\",\"control\":\"" name "\",\"value\":\"" value "\"}")
#define AT_DOOR(code) SEES("at the door: " code, NULL, "{\"event\":\"refused\",\"code\":\"" code "\"}")
#define WAITS(code)   SEES("waits: " code, NULL, "{\"event\":\"waiting\",\"code\":\"" code "\"}")

static const struct row rows[] = {
	/* roles */
	MAY("host", "host"), MAY("host", "cohost"), MAY("host", "uncohost"), MAY("host", "end"), MAY("host", "suspend"),
	MAY("host", "pardon"), MAY("host", "rename"), MAY("host", "spotlight"), MAY("host", "tell-waiting"),
	MAY("co-host", "admit"), MAY("co-host", "deny"), MAY("co-host", "sendback"), MAY("co-host", "lock"),
	MAY("co-host", "unlock"), MAY("co-host", "kick"), MAY("co-host", "mute all"), MAY("co-host", "set chat"),
	MAY("co-host", "set share"), MAY("co-host", "allow"), MAY("co-host", "disallow"), MAY("co-host", "claim"),
	MAY_NOT("co-host", "end", "not-allowed"), MAY_NOT("co-host", "cohost", "not-allowed"),
	MAY_NOT("co-host", "host", "not-allowed"), MAY_NOT("co-host", "kick", "not-to-host"),
	MAY("participant", "unmute"), MAY("participant", "video on"), MAY("participant", "chat"), MAY("participant", "raise"),
	MAY("participant", "lower"), MAY("participant", "share"), MAY("participant", "name"), MAY("participant", "react"),
	MAY("participant", "leave"), MAY_NOT("participant", "admit", "not-allowed"),
	MAY_NOT("participant", "lock", "not-allowed"), MAY_NOT("participant", "kick", "not-allowed"),
	MAY_NOT("participant", "set", "not-allowed"), MAY_NOT("participant", "end", "not-allowed"),
	MAY("waiting", "hosts"), MAY("waiting", "leave"), MAY_NOT("waiting", "chat", "not-in"),
	MAY_NOT("waiting", "raise", "not-in"), MAY_NOT("waiting", "lock", "not-allowed"),
	SEES("waiting sees the title", NULL, "{\"event\":\"waiting\",\"title\":\"Interviews\"}"),
	SEES("waiting sees the hosts' messages", "waiting", "{\"event\":\"chat\",\"name\":\"Ann\"}"),
	/* getting in */
	AT_DOOR("client-too-old"), AT_DOOR("kind-not-allowed"), AT_DOOR("no-such-meeting"), AT_DOOR("removed"),
	AT_DOOR("locked"), AT_DOOR("full"), AT_DOOR("denied"), AT_DOOR("no-consent"), AT_DOOR("token-needed"),
	AT_DOOR("id-taken"), AT_DOOR("too-many-meetings"),
	WAITS("waiting-room"), WAITS("no-host"), WAITS("left"), WAITS("sent-back"), WAITS("pardoned"), WAITS("recording"),
	SEES("a lost line is away", NULL, "{\"event\":\"away\"}"), SEES("and comes back", NULL, "{\"event\":\"resumed\"}"),
	SEES("a seat is given up", NULL, "{\"event\":\"person-left\",\"code\":\"lost\"}"),
	SEES("removed", NULL, "{\"event\":\"removed\"}"), SEES("who was removed", "host", "{\"event\":\"shut-out\"}"),
	/* what hosts control */
	VALUE("waiting-room", "on"), VALUE("waiting-room", "off"), VALUE("lock", "on"), VALUE("lock", "off"),
	VALUE("join-before-host", "on"), VALUE("join-before-host", "off"), VALUE("chat", "everyone"),
	VALUE("chat", "everyone-no-direct"), VALUE("chat", "hosts"), VALUE("chat", "off"), VALUE("files", "on"),
	VALUE("files", "off"), VALUE("unmute", "on"), VALUE("unmute", "off"), VALUE("video", "on"), VALUE("video", "off"),
	VALUE("share", "hosts"), VALUE("share", "everyone"), VALUE("keyboard", "nobody"), VALUE("keyboard", "given"),
	VALUE("rename", "on"), VALUE("rename", "off"), VALUE("kinds", "standard"), VALUE("kinds", "phone"),
	VALUE("kinds", "encrypted-only"),
	MAY_NOT("participant", "chat", "chat-off"), MAY_NOT("participant", "msg", "no-direct"),
	MAY_NOT("participant", "send", "files-off"), MAY_NOT("participant", "unmute", "unmute-off"),
	MAY_NOT("participant", "video", "video-off"), MAY_NOT("participant", "share", "share-hosts-only"),
	MAY_NOT("participant", "name", "rename-off"), MAY_NOT("participant", "record", "record-off"),
	MAY_NOT("participant", "give-keyboard", "keyboard-off"), MAY_NOT("host", "share", "share-taken"),
	SEES("one may share", NULL, "{\"event\":\"permission\",\"permission\":\"share\",\"on\":true}"),
	SEES("and no longer", NULL, "{\"event\":\"permission\",\"permission\":\"share\",\"on\":false}"),
	SEES("one may record", NULL, "{\"event\":\"permission\",\"permission\":\"record\",\"on\":true}"),
	SEES("one may unmute", NULL, "{\"event\":\"permission\",\"permission\":\"unmute\",\"on\":true}"),
	SEES("one may show video", NULL, "{\"event\":\"permission\",\"permission\":\"video\",\"on\":true}"),
	SEES("one may rename", NULL, "{\"event\":\"permission\",\"permission\":\"rename\",\"on\":true}"),
	MAY("participant", "give-keyboard"), MAY("participant", "take-keyboard"), MAY("host", "take-keyboard"),
	MAY("host", "mute"), MAY("host", "mute all"), MAY("host", "ask-unmute"),
	SEES("muted, saying by whom", NULL, "{\"event\":\"muted\",\"by_name\":\"Ann\"}"),
	SEES("asked to unmute", "participant", "{\"event\":\"ask-unmute\"}"),
	/* policy, recording, and the rest */
	MAY_NOT("host", "set", "locked-by-policy"),
	SEES("the policy changed a control", NULL, "{\"event\":\"controls\",\"control\":\"share\",\"locked\":true}"),
	SEES("asked to be recorded", "participant", "{\"event\":\"record-ask\"}"),
	SEES("asked at the door", "waiting", "{\"event\":\"record-ask\"}"),
	SEES("it runs", NULL, "{\"event\":\"recording\",\"on\":true}"),
	SEES("one no ends it", NULL, "{\"event\":\"recording\",\"on\":false,\"code\":\"no\"}"),
	SEES("a file arrives", NULL, "{\"event\":\"file-saved\"}"),
	SEES("a file is declined", NULL, "{\"event\":\"file-ended\",\"code\":\"declined\"}"),
	SEES("a poll's result", "participant", "{\"event\":\"poll-result\"}"),
	SEES("a poll by name", "participant", "{\"event\":\"poll-names\"}"),
	SEES("moved to a breakout room", "participant", "{\"event\":\"moved\"}"),
	SEES("reactions", NULL, "{\"event\":\"reaction\"}"), SEES("spotlight", NULL, "{\"event\":\"spotlight\"}"),
	SEES("ended by the host", NULL, "{\"event\":\"ended\",\"by_name\":\"Ann\"}"),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool shown[ROWS];

/* ---- reading what did ------------------------------------------------------------------------------------------ */

/* "mute all" matches a command mute whose first argument is all. */
static bool is_command(const char *words, json_t *line)
{
	const char *word = json_string_value(json_object_get(line, "do"));
	const char *first = json_string_value(json_array_get(json_object_get(line, "args"), 0));
	size_t n = strcspn(words, " ");

	return word && strlen(word) == n && !strncmp(word, words, n) &&
	       (!words[n] || (first && !strcmp(first, words + n + 1)));
}

static void note_answer(json_t *command, const char *role, json_t *line)
{
	const char *code = json_is_true(json_object_get(line, "ok")) ? "ok" :
								       json_string_value(json_object_get(line, "code"));

	for (size_t i = 0; command && code && i < ROWS; i++)
		if (rows[i].command && !strcmp(rows[i].role, role) && !strcmp(rows[i].answer, code) &&
		    is_command(rows[i].command, command))
			shown[i] = true;
}

static void note_event(json_t *const wanted[], const char *role, json_t *line)
{
	for (size_t i = 0; i < ROWS; i++)
		if (wanted[i] && (!rows[i].role || !strcmp(rows[i].role, role)) && drive_matches(wanted[i], line))
			shown[i] = true;
}

/* The role of whose log this is, after this event. */
static void follow_role(char role[static 32], json_int_t *me, json_t *line)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *now = json_string_value(json_object_get(line, "role"));
	json_int_t number = json_integer_value(json_object_get(line, "number"));

	if (!strcmp(event, "waiting"))
		snprintf(role, 32, "waiting");
	if (!strcmp(event, "joined"))
		*me = number;
	if (now && number == *me && (!strcmp(event, "joined") || !strcmp(event, "person-changed")))
		snprintf(role, 32, "%s", now);
}

static void read_log(const char *file, json_t *const wanted[])
{
	static char text[1 << 20];
	FILE *in = fopen(file, "r");
	char role[32] = "none";
	json_t *command = NULL, *line;
	json_int_t me = 0;
	char before[32];

	assert_non_null(in);
	while (fgets(text, sizeof(text), in)) {
		line = json_loads(text, 0, NULL);
		assert_non_null(line);
		if (json_object_get(line, "event")) {
			note_event(wanted, role, line);
			follow_role(role, &me, line);
		} else if (json_object_get(line, "do")) {
			json_decref(command);
			command = json_incref(line);
			memcpy(before, role, sizeof(before));
		} else {
			note_answer(command, before, line);
		}
		json_decref(line);
	}
	json_decref(command);
	fclose(in);
}

static void scenarios__show__every_row_of_the_rules(void **state)
{
	json_t *wanted[ROWS];
	char pattern[DRIVE_PATH];
	glob_t logs;
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		wanted[i] = rows[i].event ? json_loads(rows[i].event, 0, NULL) : NULL;
	snprintf(pattern, sizeof(pattern), "%s/log/*/*.jsonl", drive_folder());
	assert_int_equal(glob(pattern, 0, NULL, &logs), 0);
	for (size_t i = 0; i < logs.gl_pathc; i++)
		read_log(logs.gl_pathv[i], wanted);
	globfree(&logs);
	for (size_t i = 0; i < ROWS; i++) {
		json_decref(wanted[i]);
		if (!shown[i] && ++missing)
			fprintf(stderr, "no scenario shows: %s\n", rows[i].row);
	}
	assert_int_equal(missing, 0);
	printf("# %d rows of the rules, each shown by a scenario\n", ROWS);
}

int main(void)
{
	static struct CMUnitTest tests[SCENARIOS_MAX + 1];
	const int64_t start_us = drive_now_us();
	char log[DRIVE_PATH];
	size_t n = 0;
	glob_t files;
	int failed;

	snprintf(log, sizeof(log), "mkdir -p %s/log", drive_folder());
	if (glob("tests/e2e/*.lua", 0, NULL, &files) || system(log) != 0)
		return 1;
	for (; n < files.gl_pathc && n < SCENARIOS_MAX; n++)
		tests[n] = (struct CMUnitTest) { .name = files.gl_pathv[n], .test_func = scenario__holds,
						 .initial_state = files.gl_pathv[n] };
	tests[n++] = (struct CMUnitTest) { .name = "scenarios__show__every_row_of_the_rules",
					   .test_func = scenarios__show__every_row_of_the_rules };
	failed = _cmocka_run_group_tests("scenarios", tests, n, NULL, NULL);
	printf("# all scenarios: %.1f s\n", (double)(drive_now_us() - start_us) / 1e6);
	globfree(&files);
	return failed;
}
