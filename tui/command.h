/* The one table of commands. Keys, slash lines, headless JSON and scripts all run it; help, completion and
 * the man page come out of it. */
#ifndef MOOT_TUI_COMMAND_H
#define MOOT_TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "net/roster.h"

/* What an argument is, for checking and completion. */
enum argument {
	ARG_NONE,
	ARG_WHO,
	ARG_OTHER,   /* somebody in the room, not oneself */
	ARG_WAITING, /* somebody who waits */
	ARG_REMOVED, /* somebody who was removed */
	ARG_PERSON_OR_ROOM,
	ARG_WORD,    /* anything; quoted when it holds blanks */
	ARG_WORDS,   /* one of command_info.words */
	ARG_OTHER_OR_WORDS,
	ARG_YESNO,
	ARG_TEXT,    /* the rest of the line */
	ARG_CONTROL,
	ARG_VALUE,
	ARG_PERMISSION,
	ARG_ONOFF,
	ARG_REACTION,
	ARG_VIEW,
	ARG_COMMAND,
	ARG_NUMBER,
	ARG_FILE, /* the rest of the line, a path */
	ARG_COUNT
};

enum { COMMAND_ARGS_MAX = 66, COMMAND_LINE_MAX = 65536 };

struct command_info {
	const char *group; /* "talk", "show", … */
	const char *name;
	const char *usage; /* "WHO [REASON]" */
	const char *help;  /* one line */
	const char *example;
	enum role least; /* ROLE_WAITING: everybody */
	enum argument args[3];
	bool repeats; /* the last argument may come again */
	int required; /* arguments at least */
	const char *words; /* of ARG_WORDS: "ask|vote|close" */
};

/** The table, sorted by group; NULL name ends it. */
const struct command_info *command_table(void);

/** Find by name or an unambiguous beginning. NULL and *why ("unknown command …" / "ambiguous: …", until the
 * next call) otherwise. */
const struct command_info *command_find(const char *word, const char **why);

/** Split what follows the word of a line ("Bo hi there") by the command's own arguments; names with spaces
 * may be quoted. buf: size bytes, where the pieces are kept. Returns argc or -EINVAL with *why. */
int command_split(const struct command_info *info, const char *rest, char *buf, size_t size,
		  const char *argv[static COMMAND_ARGS_MAX], const char **why);

/** True when so many arguments are few and many enough; else *why says what is missing or too much. */
bool command_fits(const struct command_info *info, int argc, const char **why);

/** The kind of the argument at index (from 0) of a command; ARG_NONE past its last. */
enum argument command_argument(const struct command_info *info, int index);

/** Completions of the word that ends at cursor in line: calls fn for each full candidate. Returns the byte
 * offset where that word begins. */
size_t command_complete(const char *line, size_t cursor, const struct roster *roster,
			void (*fn)(void *arg, const char *candidate), void *arg);

#endif
