/* A screen as an asciicast v2: a header and lines of [seconds, "o", bytes], which asciinema and others play. Each
 * picture of the screen is written as what changed since the last. */
#ifndef MOOT_TUI_ASCIICAST_H
#define MOOT_TUI_ASCIICAST_H

#include <stdint.h>

#include "tui/canvas.h"

struct asciicast;

/** Begin a file that is not there yet (0600). title may be NULL. 0 with *cast, or -errno. */
int asciicast_new(struct asciicast **cast, const char *path, int rows, int cols, int64_t unix_s, const char *title);
/** The screen as it is after so long; writes nothing when nothing changed. 0 or -errno (-ENOSPC). */
int asciicast_put(struct asciicast *cast, const struct canvas *canvas, int64_t at_us);
/** 0, or -errno when the last of it could not be written. */
int asciicast_close(struct asciicast *cast);

#endif
