/* The painter knows what each of its places shows. A call finds the places that show something else than they
 * should, and how wrong each is. When the budget holds them all they are painted row by row; else the worst
 * go first, and places that show nothing yet get one colour for many cells, rows spread over the screen, so
 * that a first picture is soon there, coarse. */
#include "render/paint.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/emit.h"
#include "render/palette.h"

enum { LEVELS = 256, LEVEL_UNKNOWN = LEVELS - 1 };

struct painter {
	struct emit emit;
	int cols, rows, row, col;
	struct cell *wanted; /* what the last call was given */
	struct look *shown;
	uint8_t *level; /* how wrong a place is, 0: as it should be */
	unsigned count[LEVELS];
	unsigned cell_cost; /* bytes per painted cell lately, in 1/16 */
	int turn;           /* the row a tight call starts with: each its turn */
	size_t limit;       /* of this call's bytes, the end's already taken off; 0: none */
};

struct painter *painter_new(enum colour_depth depth, bool utf8)
{
	static const unsigned cost[] = {
		[COLOURS_MONO] = 4, [COLOURS_16] = 9, [COLOURS_256] = 18, [COLOURS_TRUE] = 34
	};
	struct painter *painter = calloc(1, sizeof(*painter));
	if (!painter)
		return NULL;
	painter->emit.depth = depth;
	painter->emit.utf8 = utf8;
	painter->cell_cost = 16 * cost[depth];
	return painter;
}

static void drop_grid(struct painter *painter)
{
	free(painter->wanted);
	free(painter->shown);
	free(painter->level);
	painter->wanted = NULL;
	painter->shown = NULL;
	painter->level = NULL;
	painter->cols = painter->rows = 0;
}

void painter_free(struct painter *painter)
{
	if (!painter)
		return;
	drop_grid(painter);
	free(painter->emit.bytes);
	free(painter);
}

void painter_forget(struct painter *painter)
{
	for (int i = 0; i < painter->cols * painter->rows; i++) {
		painter->shown[i].ch = LOOK_UNKNOWN;
		painter->wanted[i].ch = LOOK_UNKNOWN;
		painter->level[i] = LEVEL_UNKNOWN;
	}
}

static int fit_grid(struct painter *painter, const struct cells *cells, int row, int col)
{
	if (cells->cols < 1 || cells->rows < 1 || cells->cols > CELLS_COLS_MAX ||
	    cells->rows > CELLS_ROWS_MAX)
		return -EINVAL;
	bool same_size = painter->cols == cells->cols && painter->rows == cells->rows;
	if (same_size && painter->row == row && painter->col == col)
		return 0;
	if (!same_size) {
		size_t n = (size_t)cells->cols * (size_t)cells->rows;
		drop_grid(painter);
		painter->wanted = calloc(n, sizeof(*painter->wanted));
		painter->shown = calloc(n, sizeof(*painter->shown));
		painter->level = calloc(n, 1);
		if (!painter->wanted || !painter->shown || !painter->level) {
			drop_grid(painter);
			return -ENOMEM;
		}
		painter->cols = cells->cols;
		painter->rows = cells->rows;
	}
	painter->row = row;
	painter->col = col;
	painter_forget(painter);
	return 0;
}

/* ---- what is wrong -------------------------------------------------------------------------------- */

static uint8_t judge(const struct painter *painter, const struct look *shown, const struct look *look)
{
	if (shown->ch == LOOK_UNKNOWN)
		return LEVEL_UNKNOWN;
	unsigned distance = emit_distance(painter->emit.depth, shown, look);
	if (distance == 0)
		return 0;
	float level = sqrtf((float)distance) / 4; /* half a ΔE each */
	return level < 1 ? 1 : level > LEVEL_UNKNOWN - 1 ? LEVEL_UNKNOWN - 1 : (uint8_t)level;
}

static void set_level(struct painter *painter, size_t i, uint8_t level)
{
	painter->count[painter->level[i]]--;
	painter->level[i] = level;
	painter->count[level]++;
}

static struct look look_at(const struct painter *painter, size_t i)
{
	return emit_look(painter->emit.depth, painter->emit.utf8, &painter->wanted[i]);
}

/* Fill level[] and count[]. Returns the number of places that are wrong. */
static size_t compare(struct painter *painter, const struct cell *cell)
{
	size_t n = (size_t)painter->cols * (size_t)painter->rows;
	memset(painter->count, 0, sizeof(painter->count));
	for (size_t i = 0; i < n; i++) {
		struct cell *wanted = &painter->wanted[i];
		if (wanted->ch != cell[i].ch || wanted->fg != cell[i].fg || wanted->bg != cell[i].bg) {
			*wanted = cell[i];
			struct look look = look_at(painter, i);
			painter->level[i] = judge(painter, &painter->shown[i], &look);
		}
		painter->count[painter->level[i]]++;
	}
	return n - painter->count[0];
}

/* ---- painting ------------------------------------------------------------------------------------- */

static bool room(const struct painter *painter)
{
	return painter->limit == 0 || painter->emit.n + EMIT_CELL_MAX <= painter->limit;
}

/* Paint look there; what it leaves wrong is what wanted differs from look. */
static void paint_at(struct painter *painter, int row, int col, struct look look, struct look wanted)
{
	size_t i = (size_t)row * (size_t)painter->cols + (size_t)col;
	bool exact = look.ch == wanted.ch && look.a == wanted.a && look.b == wanted.b;
	emit_move(&painter->emit, row, col, painter->shown + (ptrdiff_t)row * painter->cols);
	painter->shown[i] = emit_cell(&painter->emit, look);
	set_level(painter, i, exact ? 0 : judge(painter, &painter->shown[i], &wanted));
}

/* Every place at least this wrong, row by row; stops when the budget is used up. */
static int paint_from_level(struct painter *painter, unsigned level, int first_row)
{
	for (int k = 0; k < painter->rows; k++) {
		int row = (first_row + k) % painter->rows;
		int rc = emit_reserve(&painter->emit, (size_t)painter->cols);
		if (rc < 0)
			return rc;
		size_t i = (size_t)row * (size_t)painter->cols;
		for (int col = 0; col < painter->cols; col++, i++) {
			if (painter->level[i] < level)
				continue;
			if (!room(painter))
				return 0;
			struct look wanted = look_at(painter, i);
			paint_at(painter, row, col, wanted, wanted);
		}
	}
	return 0;
}

static uint32_t mean_colour(const struct painter *painter, const struct cell *cell, int n)
{
	bool direct = painter->emit.depth == COLOURS_TRUE;
	unsigned red = 0, green = 0, blue = 0, halves = (unsigned)(2 * n);
	for (int i = 0; i < n; i++) {
		struct look look = emit_look(painter->emit.depth, painter->emit.utf8, &cell[i]);
		uint32_t a = direct ? look.a : palette_rgb(look.a), b = direct ? look.b : palette_rgb(look.b);
		red += (a >> 16) + (b >> 16);
		green += (a >> 8 & 255) + (b >> 8 & 255);
		blue += (a & 255) + (b & 255);
	}
	uint32_t mean = (red / halves) << 16 | (green / halves) << 8 | blue / halves;
	return direct ? mean : palette_nearest(mean);
}

static void paint_coarse_row(struct painter *painter, int row, int width)
{
	size_t start = (size_t)row * (size_t)painter->cols;
	for (int col = 0; col < painter->cols; col += width) {
		int n = painter->cols - col < width ? painter->cols - col : width;
		uint32_t mean = mean_colour(painter, painter->wanted + start + col, n);
		for (int i = col; i < col + n; i++) {
			if (painter->level[start + (size_t)i] != LEVEL_UNKNOWN)
				continue;
			if (!room(painter))
				return;
			paint_at(painter, row, i, (struct look) { LOOK_PAIR, mean, mean },
				 look_at(painter, start + (size_t)i));
		}
	}
}

/* Places that show nothing yet: as many cells in one colour as makes them fit, every fourth row first. */
static int paint_coarse(struct painter *painter)
{
	static const int start[] = { 0, 2, 1, 3 };
	unsigned unknown = painter->count[LEVEL_UNKNOWN],
		 colour = painter->emit.depth == COLOURS_TRUE ? 19 : 11;
	int width = 2;
	while (width < 16 && unknown + unknown / (unsigned)width * colour > painter->limit - painter->emit.n)
		width *= 2;
	for (int pass = 0; pass < 4; pass++)
		for (int row = start[pass]; row < painter->rows; row += 4) {
			int rc = emit_reserve(&painter->emit, (size_t)painter->cols);
			if (rc < 0)
				return rc;
			paint_coarse_row(painter, row, width);
		}
	return 0;
}

/* The lowest level from which on all places fit into what is left of the budget. */
static unsigned affordable_level(const struct painter *painter)
{
	size_t cells = (painter->limit - painter->emit.n) * 16 / painter->cell_cost, sum = 0;
	unsigned level = LEVELS;
	while (level > 1 &&
	       (sum == 0 || sum + painter->count[level - 1] <= cells)) /* at least the worst there are */
		sum += painter->count[--level];
	return level;
}

static int paint_some(struct painter *painter)
{
	bool can_coarsen = painter->emit.utf8 && painter->emit.depth >= COLOURS_256;
	size_t unknown_cost = (size_t)painter->count[LEVEL_UNKNOWN] * painter->cell_cost / 16;
	int rc = 0;
	if (can_coarsen && unknown_cost > painter->limit)
		rc = paint_coarse(painter);
	size_t n = (size_t)painter->cols * (size_t)painter->rows;
	while (rc == 0 && room(painter) && painter->count[0] < n) {
		unsigned level = affordable_level(painter);
		size_t before = painter->emit.n;
		rc = paint_from_level(painter, level, painter->turn);
		painter->turn = (painter->turn + 7) % painter->rows;
		if (painter->emit.n == before) /* no room for one cell more */
			break;
	}
	return rc;
}

long painter_paint(struct painter *painter, const struct cells *cells, int row, int col, size_t budget,
		   const char **bytes)
{
	int rc = fit_grid(painter, cells, row, col);
	if (rc < 0)
		return rc;
	size_t wrong = compare(painter, cells->cell);
	if (wrong == 0 || (budget && budget < EMIT_CELL_MAX + 2 * EMIT_END))
		return 0;
	painter->limit = budget ? budget - EMIT_END : 0;
	rc = emit_begin(&painter->emit, row, col, painter->cols);
	size_t before = painter->emit.n;
	bool tight = budget && wrong * painter->cell_cost / 16 > painter->limit;
	if (rc == 0)
		rc = tight ? paint_some(painter) : paint_from_level(painter, 1, 0);
	if (rc < 0) {
		painter_forget(painter);
		return rc;
	}
	size_t n = (size_t)painter->cols * (size_t)painter->rows, painted = wrong - (n - painter->count[0]);
	if (painted > 0 && !tight)
		painter->cell_cost =
			(unsigned)((7 * painter->cell_cost + (painter->emit.n - before) * 16 / painted) / 8) +
			1;
	emit_end(&painter->emit);
	*bytes = painter->emit.bytes;
	return (long)painter->emit.n;
}
