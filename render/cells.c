/* The grid, and the choice between its two painters' hands: blocks where the terminal has them and the
 * colours, libcaca elsewhere. The renderer keeps its own grid, so whatever a caller does to theirs, it gets
 * the whole picture. */
#include "render/cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/blocks.h"
#include "render/dither.h"

struct renderer {
	struct blocks *blocks; /* one of these two */
	struct dither *dither;
	struct cells own;
};

int cells_init(struct cells *cells, int cols, int rows)
{
	if (cols < 1 || rows < 1 || cols > CELLS_COLS_MAX || rows > CELLS_ROWS_MAX)
		return -EINVAL;
	struct cell *cell = calloc((size_t)cols * (size_t)rows, sizeof(*cell));
	if (!cell)
		return -ENOMEM;
	for (int i = 0; i < cols * rows; i++)
		cell[i].ch = ' ';
	*cells = (struct cells) { .cols = cols, .rows = rows, .cell = cell };
	return 0;
}

void cells_clear(struct cells *cells)
{
	free(cells->cell);
	*cells = (struct cells) { 0 };
}

struct renderer *renderer_new(enum colour_depth depth, bool utf8)
{
	struct renderer *renderer = calloc(1, sizeof(*renderer));
	if (!renderer)
		return NULL;
	if (utf8 && depth >= COLOURS_256)
		renderer->blocks = blocks_new(depth);
	else
		renderer->dither = dither_new(depth, utf8);
	if (!renderer->blocks && !renderer->dither) {
		free(renderer);
		return NULL;
	}
	return renderer;
}

void renderer_free(struct renderer *renderer)
{
	if (!renderer)
		return;
	blocks_free(renderer->blocks);
	dither_free(renderer->dither);
	cells_clear(&renderer->own);
	free(renderer);
}

int renderer_draw(struct renderer *renderer, const struct frame *frame, struct cells *cells)
{
	struct cells *own = &renderer->own;
	bool all = own->cols != cells->cols || own->rows != cells->rows;
	if (all) {
		cells_clear(own);
		int rc = cells_init(own, cells->cols, cells->rows);
		if (rc < 0)
			return rc;
	}
	int rc = renderer->blocks ? blocks_draw(renderer->blocks, frame, own, all)
				  : dither_draw(renderer->dither, frame, own, all);
	if (rc < 0) {
		cells_clear(own); /* half drawn: the next picture is drawn whole */
		return rc;
	}
	memcpy(cells->cell, own->cell, sizeof(*own->cell) * (size_t)own->cols * (size_t)own->rows);
	return 0;
}
