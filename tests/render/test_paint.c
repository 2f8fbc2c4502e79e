/* What the painter's bytes show on a terminal is what it was asked to show, through any sequence of changes,
 * budgets and places; and it stays inside its rectangle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/paint.h"
#include "render/palette.h"
#include "tests/render/screen.h"

enum { ROWS = 40, COLS = 100 };

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * sides) >> 32);
}

struct look {
	uint32_t ch;
	long upper, lower;
};

static struct look look_of(uint32_t ch, long fg, long bg)
{
	switch (ch) {
	case ' ': return (struct look) { 0, bg, bg };
	case 0x2588: return (struct look) { 0, fg, fg };
	case 0x2580: return (struct look) { 0, fg, bg };
	case 0x2584: return (struct look) { 0, bg, fg };
	default: return (struct look) { ch, fg, bg };
	}
}

static bool same(enum colour_depth depth, long a, long b)
{
	if (a == b)
		return true;
	return depth == COLOURS_TRUE && a >= 0 && b >= 0 &&
	       colour_distance((uint32_t)a, (uint32_t)b) <= DELTA_E_ONE;
}

static void expect_cell(struct screen *screen, int row, int col, const struct cell *cell,
			enum colour_depth depth)
{
	struct screen_cell at = screen_at(screen, row, col);
	if (depth == COLOURS_MONO) {
		assert_int_equal(at.ch, cell->ch);
		assert_int_equal(at.fg, -1);
		assert_int_equal(at.bg, -1);
		return;
	}
	struct look shown = look_of(at.ch, at.fg, at.bg), wanted = look_of(cell->ch, cell->fg, cell->bg);
	if (shown.ch != wanted.ch || !same(depth, shown.upper, wanted.upper) ||
	    !same(depth, shown.lower, wanted.lower))
		fail_msg("at %d,%d: U+%04x %lx %lx, wanted U+%04x %lx %lx", row, col, shown.ch, shown.upper,
			 shown.lower, wanted.ch, wanted.upper, wanted.lower);
	assert_true(at.plain);
}

static struct cell random_cell(enum colour_depth depth, bool utf8)
{
	static const uint32_t blocks[] = { 0x2580, 0x2584, 0x2588, ' ', 0x2592, 'x' },
			      ascii[] = { ' ', 'x', '@', '.' };
	uint32_t colours = depth == COLOURS_TRUE ? 0x1000000 : depth == COLOURS_256 ? 256 : 16;
	uint32_t few = dice(2) ? 3 : colours; /* few colours make runs */
	struct cell cell = { utf8 ? blocks[dice(6)] : ascii[dice(4)], dice(few) * (colours / few),
			     dice(few) * (colours / few) };
	return cell;
}

static void change(struct cells *cells, enum colour_depth depth, bool utf8)
{
	int n = cells->cols * cells->rows;
	int changes = dice(3) == 0 ? n : (int)dice((uint32_t)n);
	for (int i = 0; i < changes; i++)
		cells->cell[dice((uint32_t)n)] = random_cell(depth, utf8);
}

static void prefill(struct screen *screen)
{
	screen_feed(screen, "\033[H", 3);
	for (int i = 0; i < ROWS * COLS; i++)
		screen_feed(screen, "~", 1);
	screen_feed(screen, "\033[33;1;4m\033[7;9H", 15);
}

static void expect_outside_untouched(struct screen *screen, const struct cells *cells, int row, int col)
{
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < COLS; c++)
			if (r < row || r >= row + cells->rows || c < col || c >= col + cells->cols)
				assert_int_equal(screen_at(screen, r, c).ch, '~');
	int at_row, at_col;
	screen_cursor(screen, &at_row, &at_col);
	assert_int_equal(at_row, 6);
	assert_int_equal(at_col, 8);
}

/* One life of a place on the screen: changes painted whole or under budgets until all is there. */
static void live(enum colour_depth depth, bool utf8)
{
	struct screen *screen = screen_new(ROWS, COLS);
	struct painter *painter = painter_new(depth, utf8);
	struct cells cells;
	int cols = 1 + (int)dice(COLS), rows = 1 + (int)dice(ROWS);
	int row = (int)dice((uint32_t)(ROWS - rows + 1)), col = (int)dice((uint32_t)(COLS - cols + 1));
	assert_int_equal(cells_init(&cells, cols, rows), 0);
	prefill(screen);
	for (int turn = 0; turn < 12; turn++) {
		size_t budget = dice(2) ? 0 : 200 + dice(3000);
		const char *bytes = NULL;
		change(&cells, depth, utf8);
		if (dice(8) == 0)
			painter_forget(painter);
		long n = 0, calls = 0;
		do {
			n = painter_paint(painter, &cells, row, col, budget, &bytes);
			assert_true(n >= 0);
			if (budget)
				assert_true((size_t)n <= budget);
			if (n > 0)
				screen_feed(screen, bytes, (size_t)n);
			expect_outside_untouched(screen, &cells, row, col);
			assert_true(++calls < 5000);
		} while (budget && n > 0);
		for (int i = 0; i < cols * rows; i++)
			expect_cell(screen, row + i / cols, col + i % cols, &cells.cell[i], depth);
		assert_int_equal(painter_paint(painter, &cells, row, col, 0, &bytes), 0);
	}
	cells_clear(&cells);
	painter_free(painter);
	screen_free(screen);
}

static void live_long(enum colour_depth depth, bool utf8)
{
	for (seed = 1; seed < 13; seed++) {
		uint32_t at = seed;
		live(depth, utf8);
		seed = at;
	}
}

static void painter_paint__shows_every_cell__true_colour(void **state)
{
	(void)state;
	live_long(COLOURS_TRUE, true);
}

static void painter_paint__shows_every_cell__256_colours(void **state)
{
	(void)state;
	live_long(COLOURS_256, true);
	live_long(COLOURS_256, false);
}

static void painter_paint__shows_every_cell__16_colours(void **state)
{
	(void)state;
	live_long(COLOURS_16, true);
	live_long(COLOURS_16, false);
}

static void painter_paint__shows_every_cell__no_colour(void **state)
{
	(void)state;
	live_long(COLOURS_MONO, true);
	live_long(COLOURS_MONO, false);
}

static void fill(struct cells *cells, uint32_t ch, uint32_t fg, uint32_t bg)
{
	for (int i = 0; i < cells->cols * cells->rows; i++)
		cells->cell[i] = (struct cell) { ch, fg, bg };
}

/* Golden bytes of small changes. */
static void painter_paint__is_short(void **state)
{
	(void)state;
	struct painter *painter = painter_new(COLOURS_256, true);
	struct cells cells;
	const char *bytes;
	cells_init(&cells, 10, 3);
	fill(&cells, 0x2580, 20, 30);
	assert_true(painter_paint(painter, &cells, 4, 5, 0, &bytes) > 0);
	cells.cell[12] = (struct cell) { 0x2580, 40, 50 };
	cells.cell[13] = (struct cell) { 0x2580, 50, 40 }; /* the same two, swapped: a lower half block */
	cells.cell[25] = (struct cell) { ' ', 0, 50 };
	static const char wanted[] = "\0337\033[m\033[6;8H\033[38;5;40;48;5;50m▀▄\033[B\033[C \033[m\0338";
	long n = painter_paint(painter, &cells, 4, 5, 0, &bytes);
	assert_int_equal(n, sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	cells_clear(&cells);
	painter_free(painter);
}

static void painter_paint__sanitises__what_is_not_printable(void **state)
{
	(void)state;
	static const uint32_t evil[] = {
		0, 7, 0x1b, 0x9b, 0x7f, 0x202e, 0x4e00, 0x110000, 0xffffffff, 0x2580
	};
	for (int depth = COLOURS_MONO; depth <= COLOURS_TRUE; depth++) {
		struct painter *painter = painter_new((enum colour_depth)depth, false);
		struct cells cells;
		const char *bytes;
		cells_init(&cells, 10, 1);
		for (int i = 0; i < 10; i++)
			cells.cell[i] = (struct cell) { evil[i], 0xffffffff, 0xfffffffe };
		long n = painter_paint(painter, &cells, 0, 0, 0, &bytes);
		assert_true(n > 10);
		for (long i = 0; i < n; i++)
			assert_true((bytes[i] >= 0x20 && bytes[i] < 0x7f) || bytes[i] == 033);
		cells_clear(&cells);
		painter_free(painter);
	}
}

/* A first picture over a thin line: after a small part of what it costs, something is in every part of it. */
static void painter_paint__is_coarse_first__under_a_budget(void **state)
{
	(void)state;
	struct screen *screen = screen_new(24, 80);
	struct painter *painter = painter_new(COLOURS_TRUE, true);
	struct cells cells;
	const char *bytes;
	cells_init(&cells, 80, 24);
	seed = 9;
	for (int i = 0; i < 80 * 24; i++)
		cells.cell[i] = (struct cell) { 0x2580, dice(1 << 24), dice(1 << 24) };
	for (int call = 0; call < 2; call++) {
		long n = painter_paint(painter, &cells, 0, 0, 2000, &bytes);
		assert_in_range(n, 1, 2000);
		screen_feed(screen, bytes, (size_t)n);
	}
	for (int r = 0; r < 24; r += 8)
		for (int c = 0; c < 80; c += 16) {
			int painted = 0;
			for (int i = 0; i < 8 * 16; i++)
				painted += screen_at(screen, r + i / 16, c + i % 16).bg >= 0;
			assert_true(painted > 0);
		}
	cells_clear(&cells);
	painter_free(painter);
	screen_free(screen);
}

static void painter_paint__paints_the_worst_first__under_a_budget(void **state)
{
	(void)state;
	struct screen *screen = screen_new(24, 80);
	struct painter *painter = painter_new(COLOURS_TRUE, true);
	struct cells cells;
	const char *bytes;
	cells_init(&cells, 80, 24);
	fill(&cells, 0x2580, 0x202020, 0x202020);
	long n = painter_paint(painter, &cells, 0, 0, 0, &bytes);
	screen_feed(screen, bytes, (size_t)n);
	seed = 3;
	for (int i = 0; i < 80 * 24; i++) /* a little everywhere */
		cells.cell[i] = (struct cell) { 0x2580, 0x303030 + dice(8), 0x2c2c30 + dice(8) };
	for (int i = 0; i < 10; i++) /* and much here */
		cells.cell[1700 + i] = (struct cell) { 0x2580, 0xf0f0f0, 0xff0000 };
	n = painter_paint(painter, &cells, 0, 0, 700, &bytes);
	assert_in_range(n, 1, 700);
	screen_feed(screen, bytes, (size_t)n);
	for (int i = 1700; i < 1710; i++)
		expect_cell(screen, i / 80, i % 80, &cells.cell[i], COLOURS_TRUE);
	cells_clear(&cells);
	painter_free(painter);
	screen_free(screen);
}

static void painter_paint__paints_all_again__elsewhere(void **state)
{
	(void)state;
	struct painter *painter = painter_new(COLOURS_256, true);
	struct cells cells;
	const char *bytes;
	cells_init(&cells, 10, 5);
	long first = painter_paint(painter, &cells, 0, 0, 0, &bytes);
	assert_true(first > 0);
	assert_int_equal(painter_paint(painter, &cells, 0, 0, 0, &bytes), 0);
	assert_true(painter_paint(painter, &cells, 1, 0, 0, &bytes) >= first);
	painter_forget(painter);
	assert_true(painter_paint(painter, &cells, 1, 0, 0, &bytes) >= first);
	assert_int_equal(painter_paint(painter, &cells, 1, 0, 10, &bytes), 0);
	struct cells none = { 0 };
	assert_true(painter_paint(painter, &none, 1, 0, 0, &bytes) < 0);
	cells_clear(&cells);
	painter_free(painter);
	painter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(painter_paint__shows_every_cell__true_colour),
		cmocka_unit_test(painter_paint__shows_every_cell__256_colours),
		cmocka_unit_test(painter_paint__shows_every_cell__16_colours),
		cmocka_unit_test(painter_paint__shows_every_cell__no_colour),
		cmocka_unit_test(painter_paint__is_short),
		cmocka_unit_test(painter_paint__sanitises__what_is_not_printable),
		cmocka_unit_test(painter_paint__is_coarse_first__under_a_budget),
		cmocka_unit_test(painter_paint__paints_the_worst_first__under_a_budget),
		cmocka_unit_test(painter_paint__paints_all_again__elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
