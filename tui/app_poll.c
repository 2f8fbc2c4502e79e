/* Polls: /poll ask "Lunch at noon?" yes no, /poll vote yes, /poll close, and /poll alone. An answer is meant by its
 * number or its words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "tui/app_run.h"

/* Question and answers become the lines of one text. */
static void ask_poll(const struct run *run)
{
	const bool named = run->argc > 1 && !strcmp(run->argv[1], "named");
	const int first = named ? 2 : 1;
	struct command command = { .word = WORD_POLL, .named = named };
	size_t at = 0;

	if (run->argc - first < 3 || run->argc - first > MOOT_POLL_OPTIONS_MAX + 1) {
		run_fail(run, "bad-command",
			 "A poll has a question and 2 to %d answers, quoted when they hold blanks: poll ask \"Lunch at "
			 "noon?\" yes no. \"poll ask named ...\" shows at the end who chose what.",
			 MOOT_POLL_OPTIONS_MAX);
		return;
	}
	for (int i = first; i < run->argc; i++) {
		const size_t n = strlen(run->argv[i]);

		if (!run_copy(run, command.text + at, sizeof(command.text) - at - 1, run->argv[i]))
			return;
		at += n;
		command.text[at++] = i + 1 < run->argc ? '\n' : '\0';
	}
	run_ask(run, &command);
}

/* Line number `index` of a poll: 0 is the question. */
static bool poll_line(const char *text, uint32_t index, char *dst, size_t size)
{
	for (uint32_t i = 0; *text; i++) {
		const size_t n = strcspn(text, "\n");

		if (i == index) {
			snprintf(dst, size, "%.*s", (int)n, text);
			return true;
		}
		text += n + (text[n] == '\n');
	}
	return false;
}

static void vote(const struct run *run)
{
	const struct roster *roster = &run->app->roster;
	struct command command = { .word = WORD_VOTE };
	char line[MOOT_TEXT_SIZE], *end;

	if (run->argc != 2) {
		run_fail(run, "bad-command", "Vote for one answer, by its number or its words: poll vote 2");
		return;
	}
	command.count = (uint32_t)strtoul(run->argv[1], &end, 10);
	if (*end || run->argv[1][0] == '-')
		command.count = 0;
	for (uint32_t i = 1; poll_line(roster->poll_text, i, line, sizeof(line)); i++)
		if (text_same(line, run->argv[1]))
			command.count = i;
	if (roster->poll && (command.count == 0 || !poll_line(roster->poll_text, command.count, line, sizeof(line))))
		run_fail(run, "bad-value", "There is no such answer; \"poll\" shows them.");
	else
		app_ask(run->app, run->tag, &command, YES_VOTED);
}

static void show(const struct run *run)
{
	const struct roster *roster = &run->app->roster;
	char line[MOOT_TEXT_SIZE], safe[MOOT_TEXT_SIZE], *dst = run->app->answer_text;
	size_t at = 0, size = sizeof(run->app->answer_text);

	if (!roster->poll) {
		run_fail(run, "no-poll", "There is no open poll.");
		return;
	}
	for (uint32_t i = 0; poll_line(roster->poll_text, i, line, sizeof(line)) && at < size; i++) {
		text_safe(safe, sizeof(safe), line, false);
		at += (size_t)snprintf(dst + at, size - at, i ? "%2u  %s\n" : "%.0u%s\n", i, safe);
	}
	snprintf(dst + at, size - at, "%s%s", roster->poll_named ? "Names will be shown." : "No names are kept or shown.",
		 " /poll vote NUMBER");
	if (roster_hosts(roster)) {
		at += strlen(dst + at);
		snprintf(dst + at, size - at, "\n%u voted so far; /poll close shows the result to all.", roster->poll_votes);
	}
	app_reply(run->app, run->tag, true, NULL, dst);
}

void run_poll(const struct run *run)
{
	struct command command = { .word = WORD_POLL_CLOSE };

	if (run->argc == 0)
		show(run);
	else if (!strcmp(run->argv[0], "ask"))
		ask_poll(run);
	else if (!strcmp(run->argv[0], "vote"))
		vote(run);
	else if (!strcmp(run->argv[0], "close") && run->argc == 1)
		run_ask(run, &command);
	else
		run_fail(run, "bad-command", "It is poll ask, poll vote or poll close; poll alone shows it.");
}
