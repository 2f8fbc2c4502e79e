/* The terminal itself: taken, given back whatever ends the program, suspended and taken again. For the screen
 * alone. */
#ifndef MOOT_TUI_SCREEN_TTY_H
#define MOOT_TUI_SCREEN_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "render/cells.h"

/** Take the terminal of standard input and output. Returns 0, or -ENOTTY or -ENOTSUP with *why for people.
 * One at a time. From here until tty_give() standard error goes nowhere if it was the terminal, and a crash
 * or exit() restores everything. */
int tty_take(const char **why);
/** Give it back. Does nothing when it was not taken. */
void tty_give(void);

/** Give it back, stop as a shell expects of C-z, and take it again when continued: everything is to be drawn
 * anew. */
void tty_suspend(void);
/** After a SIGCONT from elsewhere: the shell may have changed the modes. */
void tty_resume(void);
/** Take over the terminal's present size. */
void tty_resize(int *rows, int *cols);

/** How many colours text may have, 0 none; what pictures may use; whether characters beyond ASCII may be
 * sent, and line drawing among them. */
int tty_colours(void);
enum colour_depth tty_depth(void);
bool tty_utf8(void);
bool tty_draws_lines(void);

/** True when curses may have scrolled what it does not know of: after any drawing, pictures are to be painted
 * anew. */
bool tty_scrolls(void);

/** Write without ever waiting: what does not go out now is kept (bounded: nothing more is taken meanwhile)
 * and goes first next time. n 0: only the rest. Returns true when all is out. */
bool tty_write(const char *bytes, size_t n);
/** True while the rest of a tty_write() is still to go: nothing else may be written. */
bool tty_busy(void);

#endif
