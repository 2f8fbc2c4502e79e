/* The terminal: owns curses, the keys, the signals and one app; shows it until it ends, and gives the
 * terminal back whatever ends it. The canvas of view.c goes to curses, pictures are painted beside it. Loop's
 * thread. */
#ifndef MOOT_TUI_SCREEN_H
#define MOOT_TUI_SCREEN_H

#include <stdbool.h>

#include "net/loop.h"
#include "tui/app.h"

enum bell { BELL_DIRECT /* knocks and direct messages */, BELL_OFF, BELL_ALL /* every message */ };

struct screen_params {
	struct app_params app; /* on_event and the other ops are the screen's own */
	enum bell bell;
	bool trust; /* take a relay that nobody vouches for without asking */
};

/** "off", "direct", "all" -> *bell. 0 or -EINVAL. */
int bell_parse(enum bell *bell, const char *word);

/** Take the terminal, make the app, run the loop to the end, give the terminal back and print the reason
 * there. Returns the exit status of the program: that of the meeting's end; 2 when the terminal can show
 * nothing (not a terminal, TERM=dumb or unknown) or a device or file is bad, with a text on standard error
 * that says what to do. */
int screen_run(struct loop *loop, const struct screen_params *params);

#endif
