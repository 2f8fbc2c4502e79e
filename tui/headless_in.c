/* Lines of standard input: a plain line as people type it, or JSON. Each is answered once. */
#include "tui/headless_state.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/text.h"
#include "tui/command.h"
#include "tui/report.h"

static uint64_t ask(struct headless *headless, json_t *re)
{
	if (headless->asked_count == HEADLESS_WAITING_MAX) {
		headless_answer(headless, re, false, "too-fast", "Too many commands wait for an answer.",
				NULL);
		return 0;
	}
	headless->asked[headless->asked_count].tag = ++headless->tag;
	headless->asked[headless->asked_count++].re = json_incref(re ? re : json_null());
	return headless->tag;
}

static void run_net(struct headless *headless, json_t *re, json_t *line)
{
	const char *why = report_net(headless->app, line);

	headless_answer(headless, re, !why, "bad-command", why, NULL);
}

static bool run_special(struct headless *headless, json_t *re, const char *word, json_t *line)
{
	if (!strcmp(word, "state"))
		headless_answer(headless, re, true, NULL, NULL, report_state(headless->app, &headless->params->app));
	else if (!strcmp(word, "screen"))
		headless_answer(headless, re, true, NULL, NULL, report_screen(headless->app, headless->params->rows, headless->params->cols));
	else if (!strcmp(word, "expect") || !strcmp(word, "refute"))
		headless_expect(headless, re, line, word[0] == 'r');
	else if (!strcmp(word, "net"))
		run_net(headless, re, line);
	else
		return false;
	return true;
}

/* Arguments are strings; numbers will do. Returns their count or -EINVAL. */
static int take_args(json_t *args, const char *argv[static COMMAND_ARGS_MAX],
		     char numbers[COMMAND_ARGS_MAX][32])
{
	size_t count = json_array_size(args);

	if ((args && !json_is_array(args)) || count > COMMAND_ARGS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		json_t *arg = json_array_get(args, i);

		argv[i] = json_is_string(arg) ? json_string_value(arg) : numbers[i];
		if (json_is_integer(arg))
			snprintf(numbers[i], sizeof(numbers[i]), "%lld", (long long)json_integer_value(arg));
		else if (json_is_real(arg))
			snprintf(numbers[i], sizeof(numbers[i]), "%g", json_real_value(arg));
		else if (!json_is_string(arg))
			return -EINVAL;
	}
	return (int)count;
}

static void run_json(struct headless *headless, json_t *line)
{
	json_t *re = json_object_get(line, "id");
	const char *word = json_string_value(json_object_get(line, "do"));
	const char *argv[COMMAND_ARGS_MAX];
	char numbers[COMMAND_ARGS_MAX][32];
	uint64_t tag;
	int argc;

	if (!word || json_is_object(re) || json_is_array(re)) {
		headless_answer(headless, json_is_object(re) || json_is_array(re) ? NULL : re, false,
				"bad-command",
				"\"do\" must be the word of a command, \"id\" a number or a string.", NULL);
		return;
	}
	if (run_special(headless, re, word, line))
		return;
	argc = take_args(json_object_get(line, "args"), argv, numbers);
	if (argc < 0)
		headless_answer(headless, re, false, "bad-command",
				"\"args\" must be an array of strings and numbers.", NULL);
	else if ((tag = ask(headless, re)) != 0)
		app_command(headless->app, tag, word[0] == '/' ? word + 1 : word, argc, argv);
}

static void run_plain(struct headless *headless, const char *line)
{
	uint64_t tag;
	json_t *empty;
	bool special;

	if (line[0] == '\0') {
		headless_answer(headless, NULL, false, "bad-command", "The line is empty.", NULL);
		return;
	}
	empty = json_object();
	special = line[0] == '/' && run_special(headless, NULL, line + 1, empty);
	json_decref(empty);
	if (!special && (tag = ask(headless, NULL)) != 0)
		app_line(headless->app, tag, line);
}

static void run_line(struct headless *headless, char *line, size_t n)
{
	json_error_t error;
	json_t *object;

	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	if (!text_valid(line, n)) {
		headless_answer(headless, NULL, false, "bad-command", "The line is not UTF-8.", NULL);
		return;
	}
	if (line[0] != '{') {
		run_plain(headless, line);
		return;
	}
	object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	if (object)
		run_json(headless, object);
	else
		headless_answer(headless, NULL, false, "bad-command", "The line is not JSON.", NULL);
	json_decref(object);
}

/* One line of what was read, if a whole one is there. */
static bool take_line(struct headless *headless)
{
	char *end = memchr(headless->in, '\n', headless->in_bytes);
	const bool cut = !end && headless->eof && headless->in_bytes > 0;
	const size_t n = end ? (size_t)(end - headless->in) : headless->in_bytes;

	if (!end && !cut) {
		if (headless->in_bytes > HEADLESS_LINE_MAX) {
			headless->skipping = true;
			headless->in_bytes = 0;
		}
		return false;
	}
	if (headless->skipping || n > HEADLESS_LINE_MAX)
		headless_answer(headless, NULL, false, "bad-command", "The line is longer than 64 KiB.",
				NULL);
	else
		run_line(headless, headless->in, n);
	headless->skipping = false;
	headless->in_bytes -= end ? n + 1 : n;
	memmove(headless->in, headless->in + n + 1, end ? headless->in_bytes : 0);
	return true;
}

/* As many lines as can be taken now; at the end of the input, goodbye. Somebody who says nothing at all still
 * wants to know whether the door opens: until that is decided, nobody leaves. */
void headless_next(void *arg)
{
	struct headless *headless = arg;

	while (!headless->expectation.active && take_line(headless))
		;
	if (headless->expectation.active)
		return;
	if (headless->ended) {
		loop_stop(headless->loop);
		return;
	}
	if (!headless->eof) {
		loop_watch_want(headless->watch, LOOP_READABLE);
	} else if (!headless->leaving && headless->decided) {
		headless->leaving = true;
		app_leave(headless->app);
	}
}

void headless_input(void *arg, unsigned ready)
{
	struct headless *headless = arg;
	const size_t room = sizeof(headless->in) - 1 - headless->in_bytes;
	ssize_t n;

	(void)ready;
	if (headless->expectation.active || headless->eof) {
		loop_watch_want(headless->watch, 0);
		return;
	}
	n = read(headless->params->in, headless->in + headless->in_bytes, room);
	if (n > 0)
		headless->in_bytes += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		headless->eof = true;
	if (headless->eof || headless->expectation.active)
		loop_watch_want(headless->watch, 0);
	headless_next(headless);
	if (headless->expectation.active)
		loop_watch_want(headless->watch, 0);
}
