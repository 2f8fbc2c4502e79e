/* The command line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/options.h"

static int parse(struct options *options, const char *line, char why[static 512])
{
	static char words[512];
	char *argv[32], *save = NULL;
	int argc = 0;

	snprintf(words, sizeof(words), "moot %s", line);
	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	why[0] = '\0';
	return options_parse(options, argc, argv, why, 512);
}

static void options_parse__reads_a_whole_line(void **state)
{
	struct options options;
	char why[512];

	(void)state;
	assert_int_equal(parse(&options,
	                       "join 482-913-775 --relay=meet.example:4000 --pin abc --name Bo --headless --mic a.wav --muted "
	                       "--size 200x60 --bandwidth 64k --timeout 1.5",
	                       why),
	                 0);
	assert_int_equal(options.command, MOOT_JOIN);
	assert_string_equal(options.target, "482-913-775");
	assert_string_equal(options.relay, "meet.example:4000");
	assert_string_equal(options.name, "Bo");
	assert_string_equal(options.mic, "a.wav");
	assert_true(options.headless && options.muted && !options.guest);
	assert_int_equal(options.cols, 200);
	assert_int_equal(options.rows, 60);
	assert_int_equal(options.bandwidth, 64000);
	assert_true(options.timeout_s == 1.5);
}

static void options_parse__reads_an_invite(void **state)
{
	struct options options;
	char why[512];

	(void)state;
	assert_int_equal(parse(&options, "invite", why), 0);
	assert_int_equal(options.command, MOOT_INVITE);
	assert_null(options.target);
	assert_false(options.qr || options.spoken || options.seal);
	assert_int_equal(parse(&options, "invite 482-913-775 --relay a --seal --code-file f --home h", why), 0);
	assert_string_equal(options.target, "482-913-775");
	assert_string_equal(options.code_file, "f");
	assert_true(options.seal && !options.qr);
	assert_int_equal(parse(&options, "join mail.txt --code-file f", why), 0);
	assert_string_equal(options.code_file, "f");
}

static void options_parse__has_defaults(void **state)
{
	struct options options;
	char why[512];

	(void)state;
	assert_int_equal(parse(&options, "host", why), 0);
	assert_int_equal(options.command, MOOT_HOST);
	assert_null(options.relay);
	assert_int_equal(options.cols, 80);
	assert_int_equal(options.rows, 24);
	assert_int_equal(options.bandwidth, 0);
}

static void options_parse__says_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "", "moot host" },
		{ "hots", "did you mean host" },
		{ "zebra", "no command \"zebra\"" },
		{ "join", "Which meeting" },
		{ "join a b", "too many" },
		{ "host x", "too many" },
		{ "host --headles", "did you mean --headless" },
		{ "host --tilte x", "did you mean --title" },
		{ "join x --title y", "for join" },
		{ "join x --zzzzzz", "no option --zzzzzz" },
		{ "join x -q", "no option -q" },
		{ "join x --name", "--name wants NAME" },
		{ "join x --muted=1", "takes no value" },
		{ "join x --size 9", "--size wants" },
		{ "join x --size 80x", "--size wants" },
		{ "join x --bandwidth fast", "--bandwidth wants" },
		{ "host --port 70000", "--port wants" },
		{ "host --timeout -1", "--timeout wants" },
		{ "devices --name x", "for devices" },
		{ "invite a b", "too many" },
		{ "invite --qr --spoken", "one at a time" },
		{ "invite --muted", "for invite" },
		{ "host --qr", "for host" },
		{ "invte", "did you mean invite" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		char why[512];

		assert_int_equal(parse(&options, cases[i].line, why), -EINVAL);
		if (!strstr(why, cases[i].why))
			fail_msg("\"%s\" says \"%s\"", cases[i].line, why);
	}
}

static void options_parse__help_needs_nothing_else(void **state)
{
	static const struct {
		const char *line;
		enum moot_command command;
		bool help, version;
	} cases[] = {
		{ "--help", MOOT_NONE, true, false }, { "-h", MOOT_NONE, true, false },
		{ "help", MOOT_NONE, true, false },   { "join --help", MOOT_JOIN, true, false },
		{ "--version", MOOT_NONE, false, true }, { "host --help", MOOT_HOST, true, false },
		{ "devices --help", MOOT_DEVICES, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		char why[512];

		assert_int_equal(parse(&options, cases[i].line, why), 0);
		assert_int_equal(options.command, cases[i].command);
		assert_int_equal(options.help, cases[i].help);
		assert_int_equal(options.version, cases[i].version);
	}
}

static void options_rate__reads_suffixes(void **state)
{
	static const struct {
		const char *text;
		uint32_t rate;
	} cases[] = { { "64k", 64000 }, { "64K", 64000 }, { "1.5M", 1500000 }, { "64000", 64000 }, { "8k", 8000 },
		      { "7k", 0 },      { "k", 0 },       { "", 0 },           { "64kb", 0 },      { "nan", 0 },
		      { "-64k", 0 },    { "1e99", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t rate = 0;

		assert_int_equal(options_rate(&rate, cases[i].text), cases[i].rate ? 0 : -EINVAL);
		assert_int_equal(rate, cases[i].rate);
	}
}

static void options_help__lists_each_option(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	options_help(out, MOOT_NONE);
	options_help(out, MOOT_HOST);
	options_help(out, MOOT_JOIN);
	options_help(out, MOOT_INVITE);
	options_help(out, MOOT_DEVICES);
	fclose(out);
	assert_non_null(strstr(text, "moot join INVITE|ID"));
	assert_non_null(strstr(text, "moot invite [ID|INVITE]"));
	assert_non_null(strstr(text, "--code-file FILE"));
	assert_non_null(strstr(text, "--bandwidth RATE"));
	assert_non_null(strstr(text, "Exit status"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_parse__reads_a_whole_line),
		cmocka_unit_test(options_parse__reads_an_invite),
		cmocka_unit_test(options_parse__has_defaults),
		cmocka_unit_test(options_parse__says_what_is_wrong),
		cmocka_unit_test(options_parse__help_needs_nothing_else),
		cmocka_unit_test(options_rate__reads_suffixes),
		cmocka_unit_test(options_help__lists_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
