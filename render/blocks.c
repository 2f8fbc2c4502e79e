/* A cell is twice as high as it is wide, so its halves are square: the picture is scaled to one sample a
 * half, centred. A cell is drawn again only when one of its halves has moved by what the eye sees, measured
 * from what is held. */
#include "render/blocks.h"

#include <stdlib.h>

#include "render/palette.h"
#include "render/planes.h"
#include "render/scale.h"

enum { UPPER_HALF = 0x2580 };
enum { SEEN = 25 * DELTA_E_ONE / 4 }; /* ΔE 2.5, squared */

struct blocks {
	enum colour_depth depth;
	struct planes planes;
};

struct blocks *blocks_new(enum colour_depth depth)
{
	struct blocks *blocks = calloc(1, sizeof(*blocks));
	if (!blocks)
		return NULL;
	blocks->depth = depth;
	palette_prepare();
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks)
		return;
	planes_clear(&blocks->planes);
	free(blocks);
}

static void fill_black(struct blocks *blocks, struct cells *cells)
{
	uint32_t black = blocks->depth == COLOURS_TRUE ? 0 : palette_nearest(0);
	for (int i = 0; i < cells->cols * cells->rows; i++)
		cells->cell[i] = (struct cell) { .ch = ' ', .fg = black, .bg = black };
}

static uint32_t colour_of(const struct blocks *blocks, size_t i)
{
	const struct planes *planes = &blocks->planes;
	int y = planes->held[0][i], u = planes->held[1][i], v = planes->held[2][i];
	return blocks->depth == COLOURS_TRUE ? colour_from_yuv(y, u, v) : palette_nearest_yuv(y, u, v);
}

static void draw_row(struct blocks *blocks, struct cell *cell, size_t upper, bool all)
{
	struct planes *planes = &blocks->planes;
	for (int col = 0; col < planes->w; col++, upper++, cell++) {
		size_t lower = upper + (size_t)planes->w;
		if (!all && !planes_moved(planes, upper, SEEN) && !planes_moved(planes, lower, SEEN))
			continue;
		planes_hold(planes, upper);
		planes_hold(planes, lower);
		*cell = (struct cell) { UPPER_HALF, colour_of(blocks, upper), colour_of(blocks, lower) };
	}
}

int blocks_draw(struct blocks *blocks, const struct frame *frame, struct cells *cells, bool all)
{
	int w, h, fresh;
	scale_fit(frame->width, frame->height, cells->cols, 2 * cells->rows, 1, 2, &w, &h);
	int rc = planes_take(&blocks->planes, frame, w, h, &fresh);
	if (rc < 0)
		return rc;
	all = all || fresh;
	if (all)
		fill_black(blocks, cells);
	int top = (cells->rows - h / 2) / 2, left = (cells->cols - w) / 2;
	for (int row = 0; row < h / 2; row++)
		draw_row(blocks, cells->cell + (top + row) * cells->cols + left,
			 (size_t)(2 * row) * (size_t)w, all);
	return 0;
}
