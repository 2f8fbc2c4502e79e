/* The description of a terminal, less what would move pictures. For the screen alone. */
#ifndef MOOT_TUI_SCREEN_TERMINFO_H
#define MOOT_TUI_SCREEN_TERMINFO_H

#include <stdbool.h>

/** Give curses a description of this terminal in which nothing scrolls: sets TERMINFO for the newterm() that
 * must follow, then terminfo_release(). False when the description was not found: curses may scroll then. */
bool terminfo_hold(const char *term);
/** Put TERMINFO back as it was. */
void terminfo_release(void);

#endif
