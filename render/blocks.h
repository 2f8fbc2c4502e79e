/* Half blocks: every cell shows two dots, one above the other, each in its own colour of 256 or of all. */
#ifndef MOOT_RENDER_BLOCKS_H
#define MOOT_RENDER_BLOCKS_H

#include "render/cells.h"

struct blocks;

struct blocks *blocks_new(enum colour_depth depth); /* COLOURS_256 or COLOURS_TRUE */
void blocks_free(struct blocks *blocks);
/** Bring cells, which must be what the last call left (or of another size: then all is drawn), up to frame. 0
 * or -ENOMEM. */
int blocks_draw(struct blocks *blocks, const struct frame *frame, struct cells *cells, bool all);

#endif
