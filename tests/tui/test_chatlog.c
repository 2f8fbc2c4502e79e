#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tui/chatlog.h"

static void chatlog_at__finds__only_what_is_kept(void **state)
{
	struct chatlog *log = chatlog_new(3);
	char text[16];

	(void)state;
	assert_null(chatlog_at(log, 0));
	assert_null(chatlog_at(log, 1));
	for (int i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		assert_int_equal(chatlog_add(log, LINE_CHAT, i * 1000, i == 5, "Ann", NULL, text), 0);
	}
	assert_int_equal(chatlog_count(log), 3);
	assert_int_equal(chatlog_last(log), 5);
	assert_null(chatlog_at(log, 2));
	assert_null(chatlog_at(log, 6));
	assert_string_equal(chatlog_at(log, 3)->text, "line 3");
	assert_string_equal(chatlog_at(log, 5)->text, "line 5");
	assert_true(chatlog_at(log, 5)->mine);
	assert_int_equal(chatlog_at(log, 4)->time_ms, 4000);
	chatlog_free(log);
}

static void chatlog_add__makes_safe__what_peers_send(void **state)
{
	struct chatlog *log = chatlog_new(4);
	const struct chat_line *line;

	(void)state;
	chatlog_add(log, LINE_DIRECT, 0, false, "B\x1b[31mo", "An\nn", "one\n\x1b]0;title\x07two\xff");
	line = chatlog_at(log, 1);
	assert_null(strchr(line->name, '\x1b'));
	assert_null(strchr(line->to, '\n'));
	assert_non_null(strchr(line->text, '\n'));
	assert_null(strpbrk(line->text, "\x1b\x07\xff"));
	chatlog_free(log);
}

static void chatlog_add__takes__no_name(void **state)
{
	struct chatlog *log = chatlog_new(1);

	(void)state;
	assert_int_equal(chatlog_add(log, LINE_EVENT, 0, false, NULL, NULL, "Bo came in."), 0);
	assert_null(chatlog_at(log, 1)->name);
	chatlog_free(log);
	chatlog_free(NULL);
}

static void chatlog_new__refuses__no_lines(void **state)
{
	(void)state;
	assert_null(chatlog_new(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chatlog_at__finds__only_what_is_kept),
		cmocka_unit_test(chatlog_add__makes_safe__what_peers_send),
		cmocka_unit_test(chatlog_add__takes__no_name),
		cmocka_unit_test(chatlog_new__refuses__no_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
