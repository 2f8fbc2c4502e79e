#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tui/keys.h"
#include "tui/prompt.h"

#define C(c) KEYS_CTRL(c)
#define M(c) (KEYS_META | (uint32_t)(c))

static size_t complete_words(const char *line, size_t cursor, const struct roster *roster,
			     void (*fn)(void *arg, const char *candidate), void *arg)
{
	static const char *const words[] = { "admit", "ask-unmute", "Άννα", "zebra" };
	size_t start = cursor;

	(void)roster;
	while (start > 0 && line[start - 1] != ' ' && line[start - 1] != '/')
		start--;
	for (size_t i = 0; i < 4; i++)
		if (!strncmp(words[i], line + start, cursor - start))
			fn(arg, words[i]);
	return start;
}

static void type(struct prompt *prompt, const char *text)
{
	prompt_paste(prompt, text, strlen(text));
}

static void key(struct prompt *prompt, uint32_t code)
{
	prompt_key(prompt, code, NULL);
}

/* '|' in what is expected is the cursor. */
static void is(const struct prompt *prompt, const char *expected)
{
	char shown[256];
	size_t cursor = prompt_cursor(prompt);
	const char *line = prompt_line(prompt);

	memcpy(shown, line, cursor);
	shown[cursor] = '|';
	strcpy(shown + cursor + 1, line + cursor);
	assert_string_equal(shown, expected);
}

static void prompt_key__edits__as_readline_does(void **state)
{
	static const struct {
		const char *typed;
		uint32_t keys[8];
		const char *expected;
	} vectors[] = {
		{ "hello world", { C('a') }, "|hello world" },
		{ "hello world", { C('a'), C('f'), KEYS_RIGHT }, "he|llo world" },
		{ "hello world", { C('b'), KEYS_LEFT }, "hello wor|ld" },
		{ "hello world", { C('a'), C('e') }, "hello world|" },
		{ "hello world", { KEYS_HOME, C('d') }, "|ello world" },
		{ "hello world", { C('h'), 0x7F, KEYS_BACKSPACE }, "hello wo|" },
		{ "hello world", { C('a'), C('h') }, "|hello world" },
		{ "hello world", { M('b'), M('b') }, "|hello world" },
		{ "hello world", { C('a'), M('f') }, "hello| world" },
		{ "hello world", { C('a'), M('d') }, "| world" },
		{ "hello world", { M(0x7F) }, "hello |" },
		{ "hello world", { C('w') }, "hello |" },
		{ "a b/c d", { C('w'), C('w') }, "a |" },
		{ "hello world", { M('b'), C('u') }, "|world" },
		{ "hello world", { M('b'), C('k') }, "hello |" },
		{ "hello world", { C('w'), C('a'), C('y') }, "world|hello " },
		{ "one two three", { C('w'), C('w'), C('y') }, "one two three|" },
		{ "one two three", { C('w'), C('b'), C('w'), C('e'), C('y') }, "one  two|" },
		{ "ab", { C('t') }, "ba|" },
		{ "abc", { C('a'), C('f'), C('t') }, "ba|c" },
		{ "a", { C('t') }, "a|" },
		{ "Ελλάδα", { C('b'), 'x' }, "Ελλάδx|α" },
		{ "你好", { C('h') }, "你|" },
		{ "e\xCC\x81x", { C('b'), C('h') }, "|x" },
		{ "a👨‍👩‍👧", { C('h') }, "a|" },
		{ "שלום", { C('b'), C('h') }, "של|ם" },
		{ "x", { KEYS_DELETE, C('a'), KEYS_DELETE }, "|" },
		{ "x", { 0x3B1, 0x1F44D, 0x4F60 }, "xα👍你|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct prompt *prompt = prompt_new(NULL);

		type(prompt, vectors[i].typed);
		for (size_t k = 0; k < 8 && vectors[i].keys[k]; k++)
			key(prompt, vectors[i].keys[k]);
		is(prompt, vectors[i].expected);
		prompt_free(prompt);
	}
}

static void prompt_key__tells__enter_and_end(void **state)
{
	struct prompt *prompt = prompt_new(NULL);
	char line[PROMPT_LINE_SIZE];

	(void)state;
	assert_int_equal(prompt_key(prompt, C('d'), NULL), PROMPT_EOF);
	type(prompt, "hi");
	assert_int_equal(prompt_key(prompt, '\r', NULL), PROMPT_ENTER);
	assert_int_equal(prompt_take(prompt, line), 2);
	assert_string_equal(line, "hi");
	assert_true(prompt_empty(prompt));
	assert_int_equal(prompt_key(prompt, KEYS_F1, NULL), PROMPT_UNUSED);
	assert_int_equal(prompt_key(prompt, 0, NULL), PROMPT_UNUSED);
	assert_int_equal(prompt_key(prompt, 0xD800, NULL), PROMPT_UNUSED);
	prompt_free(prompt);
}

static void history(struct prompt *prompt)
{
	static const char *const lines[] = { "first", "second", "second", "/admit Bo" };
	char line[PROMPT_LINE_SIZE];

	for (size_t i = 0; i < 4; i++) {
		type(prompt, lines[i]);
		prompt_take(prompt, line);
	}
}

static void prompt_key__walks__the_history(void **state)
{
	struct prompt *prompt = prompt_new(NULL);

	(void)state;
	history(prompt);
	type(prompt, "draft");
	key(prompt, C('p'));
	is(prompt, "/admit Bo|");
	key(prompt, KEYS_UP);
	is(prompt, "second|");
	key(prompt, KEYS_UP);
	key(prompt, KEYS_UP);
	is(prompt, "first|");
	for (int i = 0; i < 5; i++)
		key(prompt, C('n'));
	is(prompt, "draft|");
	prompt_free(prompt);
}

static void prompt_key__searches__back(void **state)
{
	struct prompt *prompt = prompt_new(NULL);

	(void)state;
	history(prompt);
	key(prompt, C('r'));
	assert_non_null(prompt_hint(prompt));
	key(prompt, 's');
	is(prompt, "second|");
	key(prompt, C('r'));
	is(prompt, "first|");
	key(prompt, 'z');
	assert_non_null(strstr(prompt_hint(prompt), "no such line"));
	key(prompt, C('g'));
	is(prompt, "|");
	assert_null(prompt_hint(prompt));
	key(prompt, C('r'));
	key(prompt, 'o');
	key(prompt, C('a'));
	is(prompt, "|/admit Bo");
	prompt_free(prompt);
}

static void prompt_history__is__bounded(void **state)
{
	struct prompt *prompt = prompt_new(NULL);
	char line[PROMPT_LINE_SIZE], text[2] = "a";

	(void)state;
	for (int i = 0; i < 3 * PROMPT_HISTORY_MAX; i++) {
		text[0] = (char)('a' + i % 26);
		type(prompt, text);
		prompt_take(prompt, line);
	}
	for (int i = 0; i < 4 * PROMPT_HISTORY_MAX; i++)
		key(prompt, C('p'));
	assert_int_equal(strlen(prompt_line(prompt)), 1);
	prompt_free(prompt);
}

static void prompt_key__completes__words(void **state)
{
	struct prompt *prompt = prompt_new(complete_words);

	(void)state;
	type(prompt, "/z");
	key(prompt, '\t');
	is(prompt, "/zebra |");
	key(prompt, C('u'));
	type(prompt, "/a");
	key(prompt, '\t');
	is(prompt, "/a|");
	assert_string_equal(prompt_hint(prompt), "admit  ask-unmute");
	key(prompt, 'd');
	assert_null(prompt_hint(prompt));
	key(prompt, '\t');
	is(prompt, "/admit |");
	key(prompt, C('u'));
	type(prompt, "hi Ά");
	key(prompt, '\t');
	is(prompt, "hi Άννα |");
	type(prompt, "nobody");
	key(prompt, '\t');
	is(prompt, "hi Άννα nobody|");
	prompt_free(prompt);
}

static void prompt_paste__runs__nothing(void **state)
{
	static const struct {
		const char *pasted, *expected;
	} vectors[] = {
		{ "one\ntwo\r\nthree\rfour", "one two three four|" },
		{ "/end\n", "/end |" },
		{ "a\x1b[31mb\x07", "a[31mb|" },
		{ "\xff\xc0", "\xEF\xBF\xBD\xEF\xBF\xBD|" },
		{ "tab\there", "tab here|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct prompt *prompt = prompt_new(NULL);

		type(prompt, vectors[i].pasted);
		is(prompt, vectors[i].expected);
		prompt_free(prompt);
	}
}

static void prompt_paste__stops__at_the_end_of_the_buffer(void **state)
{
	struct prompt *prompt = prompt_new(complete_words);
	static char big[3 * PROMPT_LINE_SIZE];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	type(prompt, big);
	assert_int_equal(strlen(prompt_line(prompt)), PROMPT_LINE_SIZE - 1);
	key(prompt, 'y');
	key(prompt, C('u'));
	key(prompt, C('y'));
	key(prompt, C('y'));
	key(prompt, '\t');
	assert_int_equal(strlen(prompt_line(prompt)), PROMPT_LINE_SIZE - 1);
	prompt_free(prompt);
}

static void prompt_window__keeps__the_cursor_in_view(void **state)
{
	struct prompt *prompt = prompt_new(NULL);

	(void)state;
	for (int i = 0; i < 300; i++)
		key(prompt, i % 3 ? 'a' : 0x4F60);
	for (int step = 0; step < 305; step++) {
		for (int cols = 2; cols < 50; cols += 7) {
			size_t from, to;
			int cursor;

			prompt_window(prompt, cols, &from, &to, &cursor);
			assert_true(cursor >= 0 && cursor < cols);
			assert_true(from <= prompt_cursor(prompt) && prompt_cursor(prompt) <= to);
		}
		key(prompt, C('b'));
	}
	prompt_free(prompt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prompt_key__edits__as_readline_does),
		cmocka_unit_test(prompt_key__tells__enter_and_end),
		cmocka_unit_test(prompt_key__walks__the_history),
		cmocka_unit_test(prompt_key__searches__back),
		cmocka_unit_test(prompt_history__is__bounded),
		cmocka_unit_test(prompt_key__completes__words),
		cmocka_unit_test(prompt_paste__runs__nothing),
		cmocka_unit_test(prompt_paste__stops__at_the_end_of_the_buffer),
		cmocka_unit_test(prompt_window__keeps__the_cursor_in_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
