/* Text drawn as letters into pictures, with the fonts that libcaca has built in. */
#ifndef MOOT_RENDER_TEXT_PICTURE_H
#define MOOT_RENDER_TEXT_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "render/frame.h"

enum { TEXT_COLS_MAX = 128, TEXT_ROWS_MAX = 37, TEXT_BYTES_MAX = 1 << 18 };

/** Is this file's beginning text in UTF-8? */
bool text_is(const char *path);

/** Draw the page of text (n bytes of UTF-8; control characters become blanks) that begins at *offset: at most
 * TEXT_ROWS_MAX lines of TEXT_COLS_MAX, longer ones folded, at most 1280x720. *offset: where the next page
 * begins, n after the last. NULL without memory. */
struct frame *text_picture(const char *text, size_t n, size_t *offset);

#endif
