/* A line of text being typed: readline's keys, history, search, completion, paste. Bytes of UTF-8 inside,
 * grapheme clusters under the cursor. Pure: keys go in, a line comes out; what to draw is asked for. */
#ifndef MOOT_TUI_PROMPT_H
#define MOOT_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/roster.h"

enum { PROMPT_LINE_SIZE = 4004, PROMPT_HISTORY_MAX = 200, PROMPT_HINT_SIZE = 512 };

enum prompt_result {
	PROMPT_UNUSED, /* not a key of the prompt's */
	PROMPT_TAKEN,
	PROMPT_ENTER, /* the line is done: prompt_take() it */
	PROMPT_EOF,   /* C-d on an empty line */
};

struct prompt;

/** complete: as command_complete(); NULL: Tab does nothing. NULL without memory. */
struct prompt *prompt_new(size_t (*complete)(const char *line, size_t cursor, const struct roster *roster,
					     void (*fn)(void *arg, const char *candidate), void *arg));
void prompt_free(struct prompt *prompt);

/** One key (enum key_code). roster: for completion, may be NULL (nobody). */
enum prompt_result prompt_key(struct prompt *prompt, uint32_t key, const struct roster *roster);
/** Insert pasted text at the cursor: line ends and controls become blanks; it never runs by itself. */
void prompt_paste(struct prompt *prompt, const char *text, size_t n);

/** The line so far, and its cursor in bytes. Until the next key. */
const char *prompt_line(const struct prompt *prompt);
size_t prompt_cursor(const struct prompt *prompt);
bool prompt_empty(const struct prompt *prompt);
/** Copy the line to dst, keep it in the history, and begin an empty one. Returns its length. */
size_t prompt_take(struct prompt *prompt, char dst[static PROMPT_LINE_SIZE]);
/** Throw the line away. */
void prompt_reset(struct prompt *prompt);
/** Candidates after a Tab that could not decide, one blank between; or the search under way ("search: wor");
 * else NULL. */
const char *prompt_hint(const struct prompt *prompt);

/** The part of the line to show in cols cells, so that the cursor is in it: bytes [*from, *to) of
 * prompt_line(), and the cell of the cursor. Scrolls no more than it must. */
void prompt_window(const struct prompt *prompt, int cols, size_t *from, size_t *to, int *cursor_col);

#endif
