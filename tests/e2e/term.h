/* A terminal for tests: a program in a pty of a given size and TERM, its output through libvterm, its screen
 * as text. Tests wait for what the screen shows, with a deadline that only a failure meets. */
#ifndef MOOT_TESTS_E2E_TERM_H
#define MOOT_TESTS_E2E_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

struct term;

struct term_params {
	const char *const *argv;
	const char *const *env; /* "NAME=value", on top of a small clean environment; NULL: none */
	const char *type;       /* TERM; NULL: xterm-256color */
	int rows, cols;         /* 0: 24x80 */
};

/** NULL when it cannot be started. */
struct term *term_new(const struct term_params *params);
/** Ends the program, if it still runs. */
void term_free(struct term *term);

/** Type bytes as a keyboard sends them. */
void term_type(struct term *term, const char *text);
void term_resize(struct term *term, int rows, int cols);
void term_signal(struct term *term, int signal);
pid_t term_pid(const struct term *term);

/** Let it run and draw for a while: until nothing has come for so long. */
void term_settle(struct term *term, int quiet_ms);
/** Until the screen holds this text (a row at a time), or a deadline is over: then false. */
bool term_wait(struct term *term, const char *text);
bool term_wait_gone(struct term *term, const char *text);
/** Until cond(arg) holds. */
bool term_wait_for(struct term *term, bool (*cond)(struct term *term, void *arg), void *arg);
/** Until it has ended: its exit status, 128 + signal, or -1 when it goes on. */
int term_wait_exit(struct term *term);

/** The screen: rows without trailing blanks, ended by '\n'. Until the next call. */
const char *term_text(struct term *term);
/** One row of it. Until the next call. */
const char *term_row(struct term *term, int row);
bool term_shows(struct term *term, const char *text);
void term_cursor(const struct term *term, int *row, int *col);
bool term_alternate(const struct term *term); /* the alternate screen is on */
bool term_cursor_visible(const struct term *term);
bool term_bracketed_paste(const struct term *term);
unsigned term_bells(const struct term *term);
/** Cells that hold a block or another character outside of ASCII and line drawing, in this rectangle; and a
 * hash of them and their colours. */
unsigned term_picture(struct term *term, int row, int col, int rows, int cols, unsigned long *hash);
/** How many cells of this rectangle nobody has coloured. */
unsigned term_uncoloured(struct term *term, int row, int col, int rows, int cols);
/** True when any cell has a colour that is not the default. */
bool term_coloured(struct term *term);
/** All bytes so far, and whether this string was among them. */
size_t term_bytes(const struct term *term);
bool term_sent(const struct term *term, const char *bytes);
/** Terminal modes now. */
struct termios term_modes(const struct term *term);
/** The screen as an SVG picture, colours and all. 0 or -errno. */
int term_svg(struct term *term, FILE *out);

#endif
