/* A grid of terminal cells with colours: what pictures become before they are bytes. Positions are rows and
 * columns from 0. Two renderers fill it: half blocks (256 and true colour) and libcaca (16 colours, mono,
 * plain ASCII). */
#ifndef MOOT_RENDER_CELLS_H
#define MOOT_RENDER_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "render/frame.h"

enum colour_depth { COLOURS_MONO, COLOURS_16, COLOURS_256, COLOURS_TRUE };

struct cell {
	uint32_t ch;     /* Unicode */
	uint32_t fg, bg; /* 0xRRGGBB; the nearest palette index for 16 and 256; ignored in mono */
};

struct cells {
	int cols, rows;
	struct cell *cell; /* [rows * cols], row by row */
};

int cells_init(struct cells *cells, int cols, int rows); /* 0, -EINVAL, -ENOMEM */
void cells_clear(struct cells *cells);

enum { CELLS_COLS_MAX = 512, CELLS_ROWS_MAX = 256 };

/* A picture of one person, drawn into cells: keeps what it needs between pictures (noise reduction, what was
 * painted), so one per place on the screen. */
struct renderer;

/** utf8: block characters may be used, else plain ASCII through libcaca. NULL without memory. */
struct renderer *renderer_new(enum colour_depth depth, bool utf8);
void renderer_free(struct renderer *renderer);
/** Draw frame into cells (already sized), keeping its aspect with a cell 1:2, centred, black around. Cells
 * that the eye would not see change keep their old value. 0 or -ENOMEM. */
int renderer_draw(struct renderer *renderer, const struct frame *frame, struct cells *cells);

#endif
