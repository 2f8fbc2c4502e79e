/* The table of commands: finding, splitting, completion, and that the documentation of codes is whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/command.h"

static void command_table__every_line_is_whole(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct command_info *info = command_table(); info->name; info++, count++) {
		assert_non_null(info->group);
		assert_non_null(info->usage);
		assert_true(strlen(info->help) > 5);
		assert_int_equal(info->example[0], '/');
		assert_int_equal(strncmp(info->example + 1, info->name, strlen(info->name)), 0);
		assert_ptr_equal(command_find(info->name, NULL), info);
		assert_true(info->required <= 3);
		if (info->required > 0)
			assert_int_not_equal(info->args[info->required - 1], ARG_NONE);
	}
	assert_true(count > 35);
}

static void command_table__examples_split(void **state)
{
	(void)state;
	for (const struct command_info *info = command_table(); info->name; info++) {
		const char *argv[COMMAND_ARGS_MAX], *why = NULL;
		char buf[512];

		assert_true(command_split(info, info->example + 1 + strlen(info->name), buf, sizeof(buf), argv, &why) >=
		            info->required);
	}
}

static void command_find__takes_unambiguous_beginnings(void **state)
{
	static const struct {
		const char *word, *name, *why;
	} cases[] = {
		{ "adm", "admit", NULL },
		{ "hos", NULL, "may be" },
		{ "host", "host", NULL },
		{ "hosts", "hosts", NULL },
		{ "mu", "mute", NULL },
		{ "un", NULL, "unmute, unlock, uncohost" },
		{ "", NULL, "nothing behind the slash" },
		{ "zebra", NULL, "no command" },
		{ "admits", NULL, "no command" },
		{ "ra", "raise", NULL },
		{ "s", NULL, "share, spotlight, sendback, set, suspend, send, security" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;
		const struct command_info *info = command_find(cases[i].word, &why);

		if (cases[i].name) {
			assert_non_null(info);
			assert_string_equal(info->name, cases[i].name);
		} else {
			assert_null(info);
			assert_non_null(strstr(why, cases[i].why));
		}
	}
}

static void command_split__knows_each_commands_arguments(void **state)
{
	static const struct {
		const char *name, *rest;
		int argc;
		const char *argv[4];
	} cases[] = {
		{ "chat", " hello  there ", 1, { "hello  there" } },
		{ "msg", " Bo hi there", 2, { "Bo", "hi there" } },
		{ "msg", " \"Bo B\" hi \"there\"", 2, { "Bo B", "hi \"there\"" } },
		{ "msg", " 'Bo B' hi", 2, { "Bo B", "hi" } },
		{ "msg", " \"a \\\"b\\\"\" x", 2, { "a \"b\"", "x" } },
		{ "msg", " Bo", -EINVAL, { NULL } },
		{ "msg", " \"Bo hi", -EINVAL, { NULL } },
		{ "admit", " Bo \"C D\"\t3", 3, { "Bo", "C D", "3" } },
		{ "admit", "", -EINVAL, { NULL } },
		{ "lock", "", 0, { NULL } },
		{ "lock", " now", -EINVAL, { NULL } },
		{ "set", " chat hosts", 2, { "chat", "hosts" } },
		{ "set", " chat hosts now", -EINVAL, { NULL } },
		{ "share", " my notes.txt", 1, { "my notes.txt" } },
		{ "share", " stop Bo", 1, { "stop Bo" } },
		{ "deny", " Bo wrong 'meeting", 2, { "Bo", "wrong 'meeting" } },
		{ "raise", "   ", 0, { NULL } },
		{ "verify", "", 0, { NULL } },
		{ "verify", " yes", 1, { "yes" } },
		{ "verify", " \"Bo B\" yes", 2, { "Bo B", "yes" } },
		{ "verify", " Bo yes now", -EINVAL, { NULL } },
		{ "consent", " yes", 1, { "yes" } },
		{ "consent", " relay no", 2, { "relay", "no" } },
		{ "consent", "", -EINVAL, { NULL } },
		{ "passcode", "", 0, { NULL } },
		{ "passcode", " new", 1, { "new" } },
		{ "passcode", " new correct horse battery", 2, { "new", "correct horse battery" } },
		{ "guest-pin", "", -EINVAL, { NULL } },
		{ "guest-pin", " new", 1, { "new" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *argv[COMMAND_ARGS_MAX], *why = NULL;
		char buf[256];
		int argc = command_split(command_find(cases[i].name, NULL), cases[i].rest, buf, sizeof(buf), argv, &why);

		assert_int_equal(argc, cases[i].argc);
		if (argc < 0)
			assert_non_null(why);
		for (int k = 0; k < argc; k++)
			assert_string_equal(argv[k], cases[i].argv[k]);
	}
}

static void command_split__refuses_what_does_not_fit(void **state)
{
	const char *argv[COMMAND_ARGS_MAX], *why = NULL;
	char rest[400] = "", small[80], big[1024];

	(void)state;
	for (int i = 0; i < 70; i++)
		snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), " %d", i);
	assert_int_equal(command_split(command_find("admit", NULL), rest, small, sizeof(small), argv, &why), -EINVAL);
	assert_int_equal(command_split(command_find("admit", NULL), rest, big, sizeof(big), argv, &why), -EINVAL);
}

struct found {
	char all[2048];
	size_t start;
};

static void on_candidate(void *arg, const char *candidate)
{
	struct found *found = arg;

	snprintf(found->all + strlen(found->all), sizeof(found->all) - strlen(found->all), "%s;", candidate);
}

static void seat(struct roster *roster, uint32_t number, const char *name)
{
	struct event event = { .kind = EVENT_PERSON, .person = { .number = number, .role = ROLE_PARTICIPANT } };

	snprintf(event.person.name, sizeof(event.person.name), "%s", name);
	assert_int_equal(roster_apply(roster, &event), 0);
}

static void command_complete__offers_what_fits(void **state)
{
	static const struct {
		const char *line;
		size_t start;
		const char *all;
	} cases[] = {
		{ "/adm", 1, "admit;" },
		{ "/ho", 1, "hosts;host;" },
		{ "/kick B", 6, "Bo;\"Bert M\";" },
		{ "/kick \"Be", 6, "\"Bert M\";" },
		{ "/kick A", 6, "\"Ann (4)\";\"Ann (5)\";" },
		{ "/admit C", 7, "" },
		{ "/set ch", 5, "chat;" },
		{ "/set chat ho", 10, "hosts;" },
		{ "/allow Bo vi", 10, "video;" },
		{ "/video o", 7, "on;off;" },
		{ "/verify ", 8, "Bo;\"Bert M\";\"Ann (4)\";\"Ann (5)\";yes;" },
		{ "/verify Bo ", 11, "yes;no;" },
		{ "/consent r", 9, "record;relay;" },
		{ "/consent relay ", 15, "yes;no;" },
		{ "/passcode ", 10, "new;" },
		{ "/guest-pin ", 11, "new;off;" },
		{ "/view g", 6, "gallery;" },
		{ "/react ap", 7, "applause;" },
		{ "/help adm", 6, "admit;" },
		{ "/msg Bo he", 8, "" },
		{ "/nothing x", 9, "" },
		{ "hi @b", 4, "Bo;Bert M;" },
		{ "", 0, "" },
	};
	struct roster roster;

	(void)state;
	roster_init(&roster);
	seat(&roster, 2, "Bo");
	seat(&roster, 3, "Bert M");
	seat(&roster, 4, "Ann");
	seat(&roster, 5, "Ann");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct found found = { .all = "" };
		size_t start =
			command_complete(cases[i].line, strlen(cases[i].line), &roster, on_candidate, &found);

		assert_string_equal(found.all, cases[i].all);
		assert_int_equal(start, cases[i].start);
	}
	roster_clear(&roster);
}

/* docs/codes.md lists each code that can stand in an answer. */
static void codes__are_all_documented(void **state)
{
	static const char *const own[] = { "ambiguous-command", "ambiguous-name", "came", "device", "ended", "no-camera",
		"no-host-key", "no-memory", "no-microphone", "no-such-file", "not-connected", "timed-out", "unknown-command",
		"cannot-connect", "line-lost", "unknown-relay", "known-people", "no-keys-yet", "no-passcode", "no-question",
		"other-code", "two-questions", "codes-closed", "new-key", "wrong-codes" };
	FILE *in = fopen("docs/codes.md", "r");
	char *text = calloc(1, 65536);
	char row[64];

	(void)state;
	assert_non_null(in);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, in) > 0);
	fclose(in);
	for (int i = REFUSED_NOT + 1; i < REFUSED_COUNT; i++) {
		snprintf(row, sizeof(row), "| `%s` |", refusal_code((enum refusal)i));
		if (!strstr(text, row))
			fail_msg("docs/codes.md lacks %s", row);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		snprintf(row, sizeof(row), "| `%s` |", own[i]);
		if (!strstr(text, row))
			fail_msg("docs/codes.md lacks %s", row);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_table__every_line_is_whole),
		cmocka_unit_test(command_table__examples_split),
		cmocka_unit_test(command_find__takes_unambiguous_beginnings),
		cmocka_unit_test(command_split__knows_each_commands_arguments),
		cmocka_unit_test(command_split__refuses_what_does_not_fit),
		cmocka_unit_test(command_complete__offers_what_fits),
		cmocka_unit_test(codes__are_all_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
