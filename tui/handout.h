/* "moot invite": what this machine knows of a meeting, in a form to hand out. */
#ifndef MOOT_TUI_HANDOUT_H
#define MOOT_TUI_HANDOUT_H

#include "tui/options.h"

/** Returns the exit status: 0, or 2 with the reason said on standard error. */
int handout_run(const struct options *options);

#endif
