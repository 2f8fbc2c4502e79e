/* The policy file: what it says, and each kind of mistake with its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/policy_file.h"

static struct policy_mistake mistakes[POLICY_MISTAKES_MAX];

static int parse(struct policy *policy, const char *text)
{
	return policy_parse(policy, text, strlen(text), mistakes);
}

/* One mistake each: where it stands, and words that its text must have. */
static const struct {
	const char *what, *text;
	unsigned line, column;
	const char *found;
} wrong[] = {
	{ "before the first section", "chat = off\n", 1, 1, "before the first section" },
	{ "no such section", "[doors]\n", 1, 1, "[controls], [door] or [limits]" },
	{ "a section that does not close", "[door\n", 1, 1, "[controls], [door] or [limits]" },
	{ "no such setting", "[door]\n\n  knob = 1\n", 3, 3, "\"knob\"" },
	{ "a control in another section", "[limits]\nchat = off\n", 2, 1, "\"chat\"" },
	{ "no value of this control", "[controls]\nchat = sometimes\n", 2, 8, "off, hosts, everyone-no-direct, everyone" },
	{ "no value at all", "[controls]\nlock =\n", 2, 7, "off, on" },
	{ "an unknown word behind", "[controls]\nlock = on, looked\n", 2, 12, "locked" },
	{ "too many words behind", "[controls]\nlock = on, locked, really\n", 2, 12, "locked" },
	{ "twice", "[controls]\nlock = on\nlock = off\n", 3, 1, "twice" },
	{ "neither setting nor section", "[controls]\nlock\n", 2, 1, "setting = value" },
	{ "no name", "[controls]\n = on\n", 2, 2, "setting = value" },
	{ "who creates", "[door]\ncreate = nobody\n", 2, 10, "loopback, token, anyone" },
	{ "a kind", "[door]\nkinds = web, fax\n", 2, 14, "terminal, headless, web, phone, sip" },
	{ "no kind", "[door]\nkinds =\n", 2, 8, "terminal" },
	{ "a version", "[door]\nclient = 1.x\n", 2, 10, "0.1.0" },
	{ "a short passcode", "[door]\npasscode-length = 5\n", 2, 19, "from 6 to" },
	{ "not a number", "[limits]\npeople = many\n", 2, 10, "1 to 1000" },
	{ "too large", "[limits]\npeople = 1001\n", 2, 10, "1 to 1000" },
	{ "negative", "[limits]\nwaiting = -1\n", 2, 11, "0 to 1000" },
	{ "beyond all numbers", "[limits]\nmeetings = 99999999999999999999\n", 2, 12, "100000" },
	{ "a wrong unit", "[limits]\nseat-hold = 5h\n", 2, 13, "seconds" },
	{ "a wrong size", "[limits]\nfile-size = 3T\n", 2, 13, "10M" },
	{ "no utf-8", "[limits]\n# \xC0\x80\n", 2, 1, "UTF-8" },
};

static void policy_parse__says__each_mistake_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct policy policy, before;

		memset(&policy, 0x5A, sizeof(policy));
		before = policy;
		if (parse(&policy, wrong[i].text) != 1)
			fail_msg("%s: not one mistake", wrong[i].what);
		if (mistakes[0].line != wrong[i].line || mistakes[0].column != wrong[i].column)
			fail_msg("%s: at %u:%u, not %u:%u", wrong[i].what, mistakes[0].line, mistakes[0].column,
				 wrong[i].line, wrong[i].column);
		if (!strstr(mistakes[0].text, wrong[i].found))
			fail_msg("%s: said \"%s\"", wrong[i].what, mistakes[0].text);
		assert_memory_equal(&policy, &before, sizeof(policy));
	}
}

static void policy_parse__all_mistakes__at_once(void **state)
{
	(void)state;
	struct policy policy;
	char text[4096] = "[controls]\n";

	assert_int_equal(parse(&policy, "[door]\nknob\ncreate = x\n[limits]\npeople = 0\n"), 3);
	for (int i = 0; i < 2 * POLICY_MISTAKES_MAX; i++)
		strcat(text, "knob = 1\n");
	assert_int_equal(parse(&policy, text), 2 * POLICY_MISTAKES_MAX);
	assert_int_equal(mistakes[POLICY_MISTAKES_MAX - 1].line, POLICY_MISTAKES_MAX + 1);
}

static void policy_parse__lines__are_bounded(void **state)
{
	(void)state;
	struct policy policy;
	char *large = calloc(1, POLICY_FILE_MAX + 2), line[POLICY_LINE_MAX + 64];

	assert_non_null(large);
	memset(line, '#', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(parse(&policy, line), 1);
	assert_int_equal(mistakes[0].column, POLICY_LINE_MAX + 1);
	memset(large, '\n', POLICY_FILE_MAX + 1);
	assert_int_equal(parse(&policy, large), 1);
	assert_int_equal(policy_parse(&policy, "[door]\n\0x\n", 10, mistakes), 1);
	free(large);
}

static void policy_parse__reads__what_it_says(void **state)
{
	(void)state;
	struct policy policy, plain;

	policy_init(&plain);
	assert_int_equal(parse(&policy, ""), 0);
	assert_memory_equal(&policy, &plain, sizeof(policy));
	assert_int_equal(parse(&policy, "\xEF\xBB\xBF; a comment\r\n[controls]\r\n\tchat = hosts , locked\r\nrecord=permitted\n"
					"[door]\nkinds = terminal,phone\nclient = 1.2.3\ncreate = token\n"
					"[limits]\npeople = 12\nseat-hold = 2m\nfile-size = 500K\n"),
			 0);
	assert_int_equal(policy.value[CONTROL_CHAT], CHAT_HOSTS);
	assert_true(policy.locked[CONTROL_CHAT]);
	assert_int_equal(policy.value[CONTROL_RECORD], RECORD_PERMITTED);
	assert_false(policy.locked[CONTROL_RECORD]);
	assert_int_equal(policy.kinds, 1 << KIND_TERMINAL | 1 << KIND_PHONE);
	assert_int_equal(policy.client_version[2], 3);
	assert_int_equal(policy.create, CREATE_TOKEN);
	assert_int_equal(policy.people_max, 12);
	assert_int_equal(policy.seat_hold_ms, 120000);
	assert_int_equal(policy.file_max_bytes, 500 * 1024);
	assert_int_equal(policy.waiting_max, plain.waiting_max);
}

static void policy_text__there__and_back(void **state)
{
	(void)state;
	static char text[POLICY_FILE_MAX];
	struct policy policy, back;

	policy_init(&policy);
	for (int i = 0; i < CONTROL_COUNT; i++) {
		policy.value[i] = control_values((enum control)i) - 1;
		policy.locked[i] = i % 2;
	}
	policy.create = CREATE_ANYONE;
	policy.file_max_bytes = 12345;
	policy.seat_hold_ms = 7000;
	assert_true(policy_text(&policy, text, sizeof(text)) > 0);
	memset(&back, 0, sizeof(back));
	assert_int_equal(parse(&back, text), 0);
	assert_memory_equal(&policy, &back, sizeof(policy));
	assert_int_equal(policy_text(&policy, text, 100), -ENOSPC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_parse__says__each_mistake_with_its_place),
		cmocka_unit_test(policy_parse__all_mistakes__at_once),
		cmocka_unit_test(policy_parse__lines__are_bounded),
		cmocka_unit_test(policy_parse__reads__what_it_says),
		cmocka_unit_test(policy_text__there__and_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
