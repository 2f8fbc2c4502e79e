/* A participant without a screen: commands as lines on standard input, events and answers as JSON lines on
 * standard output. Lines are taken one after another: while an expect or refute waits, the next line waits,
 * so a whole scenario can be piped in. */
#ifndef MOOT_TUI_HEADLESS_H
#define MOOT_TUI_HEADLESS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "tui/app.h"

enum { HEADLESS_LINE_MAX = 65536 };

struct headless_params {
	struct app_params app;
	int in, out;        /* descriptors; stay the caller's */
	int rows, cols;     /* of the screen that "screen" shows */
	bool trust;         /* connect to a relay nobody vouches for, and remember it */
	int64_t timeout_us; /* end after so long; 0: never */
	int64_t start_us;   /* t counts from here */
};

/** Run to the end. Returns the exit status of the program. */
int headless_run(struct loop *loop, const struct headless_params *params);

/** There is no meeting, for this reason: the events "error" and "bye". Returns status. */
int headless_refuse(int out, int64_t start_us, int status, const char *text);

#endif
