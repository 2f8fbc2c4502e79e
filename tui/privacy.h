/* `moot privacy`: what this program holds, where, and for how long. */
#ifndef MOOT_TUI_PRIVACY_H
#define MOOT_TUI_PRIVACY_H

/** Print it for the state folder: home (--home DIR), or where it is by default. Returns the exit status. */
int privacy_print(const char *home);

#endif
