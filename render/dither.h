/* libcaca's drawing for terminals with 16 colours, without colour, or without block characters. */
#ifndef MOOT_RENDER_DITHER_H
#define MOOT_RENDER_DITHER_H

#include "render/cells.h"

struct dither;

struct dither *dither_new(enum colour_depth depth, bool utf8);
void dither_free(struct dither *dither);
/** Like blocks_draw(). */
int dither_draw(struct dither *dither, const struct frame *frame, struct cells *cells, bool all);

/** libcaca keeps tables that the first use makes: call this before it is used by two threads. */
void dither_prepare(void);

#endif
