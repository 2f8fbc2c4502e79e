/* From a line, or words, to a command of the table that may run now. Everything is answered, whatever it was.
 */
#include "tui/app_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who waits is told so of what people in the room do; what only hosts do, the relay refuses. The own microphone
 * is switched before being in, too. */
static bool needs_seat(const struct app *app, const struct command_info *info, int argc)
{
	if (argc == 0 && (!strcmp(info->name, "mute") || !strcmp(info->name, "unmute")))
		return false;
	if (app->roster.presence == PRESENCE_WAITING)
		return info->least == ROLE_PARTICIPANT;
	return app->roster.presence == PRESENCE_OUT &&
	       (info->least > ROLE_WAITING || !strcmp(info->name, "hosts") || !strcmp(info->name, "claim"));
}

bool app_run(struct app *app, uint64_t tag, const char *name, int argc, const char *const argv[])
{
	const char *why = "";
	const struct command_info *info = command_find(name, &why);

	if (!info)
		app_reply(app, tag, false,
			  strncmp(why, "There", 5) == 0 ? "unknown-command" : "ambiguous-command", why);
	else if (!command_fits(info, argc, &why))
		app_reply(app, tag, false, "bad-command", why);
	else if (app->ended)
		app_reply(app, tag, false, "ended", "The meeting is over.");
	else if (needs_seat(app, info, argc))
		app_reply(app, tag, false, "not-in", "You are not in the meeting yet.");
	else
		return (app->ops->on_front && app->ops->on_front(app->arg, tag, info->name, argc, argv)) ||
		       app_carry(app, tag, info, argc, argv);
	return false;
}

/* From the first argument that is a text on, all pieces are one text again. Returns its index, or -1. */
static int text_from(const struct command_info *info, int argc)
{
	for (int i = 0; i < argc; i++)
		if (command_argument(info, i) == ARG_TEXT || command_argument(info, i) == ARG_FILE)
			return i;
	return -1;
}

static char *join(int argc, const char *const argv[])
{
	size_t size = 1, at = 0;
	char *text;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = calloc(1, size);
	for (int i = 0; text && i < argc; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? " " : "", argv[i]);
	return text;
}

void app_command(struct app *app, uint64_t tag, const char *word, int argc, const char *const argv[])
{
	const struct command_info *info = command_find(word, NULL);
	const char *joined[COMMAND_ARGS_MAX];
	int text_at = -1;
	char *text;

	if (argc > COMMAND_ARGS_MAX) {
		app_reply(app, tag, false, "bad-command", "Too many at once.");
		return;
	}
	if (info)
		text_at = text_from(info, argc);
	if (text_at < 0 || text_at + 1 >= argc) {
		app_run(app, tag, word, argc, argv);
		return;
	}
	text = join(argc - text_at, argv + text_at);
	if (!text) {
		app_reply(app, tag, false, "no-memory", "Out of memory.");
		return;
	}
	for (int i = 0; i < text_at; i++)
		joined[i] = argv[i];
	joined[text_at] = text;
	app_run(app, tag, word, text_at + 1, joined);
	free(text);
}

void app_line(struct app *app, uint64_t tag, const char *line)
{
	const char *argv[COMMAND_ARGS_MAX], *why = "", *rest;
	const struct command_info *info;
	char word[64], *buf;
	size_t size = strlen(line) + COMMAND_ARGS_MAX + 2;
	int argc;

	/* "//usr/bin is a folder" says "/usr/bin is a folder". */
	if (line[0] != '/' || line[1] == '/') {
		argv[0] = line + (line[0] == '/');
		app_run(app, tag, "chat", line[strspn(line, " \t")] ? 1 : 0, argv);
		return;
	}
	rest = line + 1 + strcspn(line + 1, " \t");
	snprintf(word, sizeof(word), "%.*s", (int)(rest - line - 1), line + 1);
	info = command_find(word, &why);
	if (!info) {
		app_run(app, tag, word, 0, argv);
		return;
	}
	buf = malloc(size);
	argc = buf ? command_split(info, rest, buf, size, argv, &why) : -ENOMEM;
	if (argc == -ENOMEM)
		app_reply(app, tag, false, "no-memory", "Out of memory.");
	else if (argc < 0)
		app_reply(app, tag, false, "bad-command", why);
	else
		app_run(app, tag, info->name, argc, argv);
	free(buf);
}
