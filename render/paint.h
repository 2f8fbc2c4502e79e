/* The fewest bytes that turn what a terminal shows into what it should show. Pure. */
#ifndef MOOT_RENDER_PAINT_H
#define MOOT_RENDER_PAINT_H

#include <stddef.h>

#include "render/cells.h"

struct painter;

struct painter *painter_new(enum colour_depth depth, bool utf8);
void painter_free(struct painter *painter);
/** Nothing of this place is known to be on the screen any more: the next paint is whole. */
void painter_forget(struct painter *painter);
/** Bytes that show cells with its corner at row, col (from 0). Saves and restores cursor and colours
 * (DECSC/DECRC), so it can run beside curses. At most budget bytes: worst cells first, the rest stays for the
 * next call. budget 0: none. *bytes: the painter's, until the next call. Returns their number, 0 when nothing
 * changed, or -ENOMEM. */
long painter_paint(struct painter *painter, const struct cells *cells, int row, int col, size_t budget,
		   const char **bytes);

#endif
