/* Breakout rooms: made closed, assigned, opened; /breakout alone says who is where. A room is meant by its name,
 * an unambiguous beginning of it, or its number. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "tui/app_run.h"

/* COUNT rooms called "Room 1" and so on, or one for each NAME. */
static void make(const struct run *run)
{
	struct command command = { .word = WORD_BREAKOUT };
	char *end = NULL, name[32];
	long count = run->argc == 2 ? strtol(run->argv[1], &end, 10) : 0;
	const bool counted = run->argc == 2 && !*end;
	size_t at = 0;

	if (run->argc < 2 || (counted && (count < 1 || count > MOOT_BREAKOUTS_MAX)) ||
	    run->argc - 1 > MOOT_BREAKOUTS_MAX) {
		run_fail(run, "bad-value", "Make 1 to %d rooms, by a number or their names: breakout make Red Blue",
			 MOOT_BREAKOUTS_MAX);
		return;
	}
	for (int i = 0; i < (counted ? (int)count : run->argc - 1); i++) {
		snprintf(name, sizeof(name), "Room %d", i + 1);
		if (at)
			command.text[at++] = '\n';
		if (!run_copy(run, command.text + at, sizeof(command.text) - at - 1, counted ? name : run->argv[i + 1]))
			return;
		at += strlen(command.text + at);
	}
	run_ask(run, &command);
}

/* WHO... ROOM, or all: spread evenly. */
static void assign(const struct run *run)
{
	struct command command = { .word = WORD_ASSIGN };
	int room;

	if (run->argc == 2 && !strcmp(run->argv[1], "all")) {
		command.all = true;
		run_ask(run, &command);
		return;
	}
	if (run->argc < 3 || run->argc - 2 > MOOT_WHO_MAX) {
		run_fail(run, "bad-command", "Say who, then the room: breakout %s Bo Red. \"breakout assign all\" spreads all.",
			 run->argv[0]);
		return;
	}
	room = roster_room(&run->app->roster, run->argv[run->argc - 1]);
	if (room < 0) {
		run_fail(run, run->app->roster.breakouts[0] ? "no-such-room" : "no-breakouts",
			 "There is no room \"%.60s\".%s", run->argv[run->argc - 1],
			 run->app->roster.breakouts[0] ? "" : " Make some: /breakout make");
		return;
	}
	command.room = (uint32_t)room;
	for (int i = 1; i < run->argc - 1; i++)
		if (!run_who(run, run->argv[i], false, &command.who[command.who_count++]))
			return;
	run_ask(run, &command);
}

static void tell(const struct run *run)
{
	struct command command = { .word = WORD_CHAT, .to = TO_ROOMS };
	char text[MOOT_TEXT_SIZE * 2];
	size_t at = 0;

	text[0] = '\0';
	for (int i = 1; i < run->argc && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i > 1 ? " " : "", run->argv[i]);
	if (run_copy(run, command.text, sizeof(command.text), text))
		run_ask(run, &command);
}

/* One room with who is in it, or will be. */
static size_t show_room(const struct roster *roster, uint32_t room, char *dst, size_t size)
{
	char name[MOOT_NAME_SIZE + 16];
	size_t at, count = 0;

	if (!roster_room_name(roster, room, name, sizeof(name)))
		return 0;
	at = (size_t)snprintf(dst, size, room ? "%2u  %s:" : "%.0u    %s:", room, name);
	for (size_t i = 0; i < roster->people_count && at < size; i++) {
		const struct person *person = &roster->people[i];

		if ((roster->breakouts_open ? person->room : person->planned) != room)
			continue;
		roster_show_name(roster, person->number, name, sizeof(name));
		at += (size_t)snprintf(dst + at, size - at, "%s%s", count++ ? ", " : " ", name);
	}
	if (at < size)
		at += (size_t)snprintf(dst + at, size - at, "%s\n", count ? "" : " nobody");
	return at;
}

static void show(const struct run *run)
{
	const struct roster *roster = &run->app->roster;
	char *dst = run->app->answer_text;
	size_t at = 0, n, size = sizeof(run->app->answer_text);

	if (!roster->breakouts[0]) {
		run_fail(run, "no-breakouts", "There are no breakout rooms. A host makes them: /breakout make Red Blue");
		return;
	}
	at = (size_t)snprintf(dst, size, "%s\n", roster->breakouts_open ? "The breakout rooms are open." :
			      "The breakout rooms are planned; /breakout open sends everybody there.");
	for (uint32_t room = 0; at < size && (n = show_room(roster, room, dst + at, size - at)) > 0; room++)
		at += n;
	if (at < size && at > 0)
		dst[at - 1] = '\0';
	app_reply(run->app, run->tag, true, NULL, dst);
}

static const struct {
	const char *name;
	void (*fn)(const struct run *run);
	enum word word; /* of those that say no more */
} subs[] = {
	{ "make", make, WORD_NONE },   { "assign", assign, WORD_NONE },           { "move", assign, WORD_NONE },
	{ "tell", tell, WORD_NONE },   { "open", NULL, WORD_BREAKOUT_OPEN },      { "close", NULL, WORD_BREAKOUT_CLOSE },
	{ "back", NULL, WORD_BREAKOUT_BACK },
};

void run_breakout(const struct run *run)
{
	if (run->argc == 0) {
		show(run);
		return;
	}
	for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++) {
		struct command command = { .word = subs[i].word };

		if (strcmp(subs[i].name, run->argv[0]) != 0)
			continue;
		if (subs[i].fn)
			subs[i].fn(run);
		else
			run_ask(run, &command);
		return;
	}
	run_fail(run, "bad-command", "It is breakout %s.", run->info->words);
}
