/* From a picture to cells: golden grids of simple patterns, every size, what stands still stays still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/cells.h"
#include "render/palette.h"
#include "render/scale.h"

struct yuv {
	uint8_t y, u, v;
};
static const struct yuv WHITE = { 235, 128, 128 }, BLACK = { 16, 128, 128 }, RED = { 81, 90, 240 },
			BLUE = { 41, 240, 110 };

static void fill(struct frame *frame, int x0, int y0, int x1, int y1, struct yuv colour)
{
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++) {
			frame->y[y * frame->y_stride + x] = colour.y;
			frame->u[y / 2 * frame->uv_stride + x / 2] = colour.u;
			frame->v[y / 2 * frame->uv_stride + x / 2] = colour.v;
		}
}

static struct frame *plain(int width, int height, struct yuv colour)
{
	struct frame *frame = frame_new(width, height);
	assert_non_null(frame);
	fill(frame, 0, 0, width, height, colour);
	return frame;
}

static void draw_once(enum colour_depth depth, bool utf8, const struct frame *frame, struct cells *cells,
		      int cols, int rows)
{
	struct renderer *renderer = renderer_new(depth, utf8);
	assert_non_null(renderer);
	assert_int_equal(cells_init(cells, cols, rows), 0);
	assert_int_equal(renderer_draw(renderer, frame, cells), 0);
	renderer_free(renderer);
}

static void expect_colour(uint32_t colour, uint32_t wanted)
{
	if (colour_distance(colour, wanted) > 4 * DELTA_E_ONE)
		fail_msg("%06x is not %06x", colour, wanted);
}

static void renderer_draw__half_blocks__of_four_fields(void **state)
{
	(void)state;
	struct frame *frame = plain(32, 32, BLACK);
	struct cells cells;
	fill(frame, 0, 0, 16, 16, WHITE);
	fill(frame, 16, 0, 32, 16, RED);
	fill(frame, 0, 16, 16, 32, BLUE);
	draw_once(COLOURS_TRUE, true, frame, &cells, 4, 2);
	static const uint32_t wanted[2][4] = { { 0xffffff, 0xffffff, 0xff0000, 0xff0000 },
					       { 0x0000ff, 0x0000ff, 0, 0 } };
	for (int i = 0; i < 8; i++) {
		assert_int_equal(cells.cell[i].ch, 0x2580);
		expect_colour(cells.cell[i].fg, wanted[i / 4][i % 4]);
		expect_colour(cells.cell[i].bg, wanted[i / 4][i % 4]);
	}
	cells_clear(&cells);
	draw_once(COLOURS_256, true, frame, &cells, 4, 2);
	for (int i = 0; i < 8; i++) {
		assert_in_range(cells.cell[i].fg, 16, 255);
		expect_colour(palette_rgb(cells.cell[i].fg), wanted[i / 4][i % 4]);
	}
	cells_clear(&cells);
	frame_free(frame);
}

static void renderer_draw__halves_of_a_cell__differ(void **state)
{
	(void)state;
	struct frame *frame = plain(8, 2, WHITE);
	struct cells cells;
	for (int x = 0; x < 8; x++)
		frame->y[frame->y_stride + x] = BLACK.y;
	draw_once(COLOURS_TRUE, true, frame, &cells, 8, 1);
	for (int i = 0; i < 8; i++) {
		expect_colour(cells.cell[i].fg, 0xffffff);
		expect_colour(cells.cell[i].bg, 0x000000);
	}
	cells_clear(&cells);
	frame_free(frame);
}

/* Where a white picture lies in a black box: columns and rows of cells, first and how many. */
static void renderer_draw__keeps_aspect__centred(void **state)
{
	(void)state;
	static const struct {
		int w, h, cols, rows, left, wide, top, high;
	} cases[] = {
		{ 160, 90, 80, 24, 0, 80, 0, 23 }, /* 45 halves are rounded to whole rows */
		{ 160, 120, 80, 24, 8, 64, 0, 24 }, { 90, 160, 80, 24, 26, 27, 0, 24 },
		{ 100, 100, 10, 20, 0, 10, 7, 5 },  { 160, 90, 1, 1, 0, 1, 0, 1 },
		{ 4000, 10, 10, 10, 0, 10, 4, 1 },  { 1, 1, 2, 1, 0, 2, 0, 1 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame *frame = plain(cases[i].w, cases[i].h, WHITE);
		struct cells cells;
		draw_once(COLOURS_TRUE, true, frame, &cells, cases[i].cols, cases[i].rows);
		for (int r = 0; r < cells.rows; r++)
			for (int c = 0; c < cells.cols; c++) {
				bool in = c >= cases[i].left && c < cases[i].left + cases[i].wide &&
					  r >= cases[i].top && r < cases[i].top + cases[i].high;
				assert_int_equal(cells.cell[r * cells.cols + c].bg > 0x808080, in);
			}
		cells_clear(&cells);
		frame_free(frame);
	}
}

static void renderer_draw__takes_every_size(void **state)
{
	(void)state;
	static const int sides[] = { 1, 2, 3, 7, 41, 256, 512 };
	static const int pictures[][2] = { { 1, 1 }, { 3, 5 }, { 160, 90 }, { 2, 720 }, { 1279, 3 } };
	for (int depth = COLOURS_MONO; depth <= COLOURS_TRUE; depth++)
		for (size_t i = 0; i < 7 * 6; i++)
			for (size_t p = 0; p < 5; p++) {
				struct frame *frame = plain(pictures[p][0], pictures[p][1], RED);
				struct cells cells;
				draw_once((enum colour_depth)depth, i % 2, frame, &cells, sides[i / 6],
					  sides[i % 6]);
				cells_clear(&cells);
				frame_free(frame);
			}
	struct cells cells;
	assert_true(cells_init(&cells, 513, 1) < 0);
	assert_true(cells_init(&cells, 1, 257) < 0);
	assert_true(cells_init(&cells, 0, 1) < 0);
}

static void noise(struct frame *frame, int strength)
{
	for (int i = 0; i < frame->width * frame->height; i++)
		frame->y[i] = (uint8_t)(frame->y[i] + rand() % (2 * strength + 1) - strength);
}

static int changed(const struct cells *a, const struct cells *b)
{
	int n = 0;
	for (int i = 0; i < a->cols * a->rows; i++)
		n += memcmp(&a->cell[i], &b->cell[i], sizeof(*a->cell)) != 0;
	return n;
}

/* A camera's noise moves nothing; a new picture moves all, whoever had the cells in between. */
static void renderer_draw__stands_still__in_noise(void **state)
{
	(void)state;
	static const struct yuv grey = { 120, 128, 128 }, light = { 160, 128, 128 };
	for (int depth = COLOURS_MONO; depth <= COLOURS_TRUE; depth++) {
		struct renderer *renderer = renderer_new((enum colour_depth)depth, true);
		struct cells before, after;
		cells_init(&before, 80, 24);
		cells_init(&after, 80, 24);
		for (int i = 0; i < 30; i++) {
			struct frame *frame = plain(320, 180, grey);
			noise(frame, 6);
			renderer_draw(renderer, frame, i ? &after : &before);
			if (i)
				assert_int_equal(changed(&before, &after), 0);
			frame_free(frame);
		}
		struct frame *frame = plain(320, 180, light);
		memset(after.cell, 0, sizeof(*after.cell) * 80 * 24);
		renderer_draw(renderer, frame, &after);
		if (depth >= COLOURS_256)
			assert_true(changed(&before, &after) >= 80 * 23);
		assert_int_not_equal(after.cell[0].ch, 0);
		frame_free(frame);
		cells_clear(&before);
		cells_clear(&after);
		renderer_free(renderer);
	}
}

static void renderer_draw__follows__other_sizes(void **state)
{
	(void)state;
	struct renderer *renderer = renderer_new(COLOURS_TRUE, true);
	static const int sizes[][4] = {
		{ 160, 90, 80, 24 }, { 160, 90, 40, 12 }, { 90, 160, 40, 12 }, { 320, 180, 200, 60 }
	};
	for (int i = 0; i < 4; i++) {
		struct frame *frame = plain(sizes[i][0], sizes[i][1], WHITE);
		struct cells cells;
		cells_init(&cells, sizes[i][2], sizes[i][3]);
		assert_int_equal(renderer_draw(renderer, frame, &cells), 0);
		expect_colour(cells.cell[cells.rows / 2 * cells.cols + cells.cols / 2].fg, 0xffffff);
		if (i == 2)
			expect_colour(cells.cell[0].fg, 0);
		cells_clear(&cells);
		frame_free(frame);
	}
	renderer_free(renderer);
	renderer_free(NULL);
}

static void renderer_draw__16_colours__are_libcacas(void **state)
{
	(void)state;
	static const struct {
		struct yuv colour;
		uint32_t wanted[2]; /* either of the normal and the bright one */
	} cases[] = { { WHITE, { 7, 15 } }, { RED, { 1, 9 } }, { BLUE, { 4, 12 } }, { BLACK, { 0, 8 } } };
	for (size_t i = 0; i < 4; i++) {
		struct frame *frame = plain(64, 32, cases[i].colour);
		struct cells cells;
		draw_once(COLOURS_16, false, frame, &cells, 16, 4);
		for (int c = 0; c < 16 * 4; c++) {
			const struct cell *cell = &cells.cell[c];
			assert_in_range(cell->ch, 0x20, 0x7e);
			assert_in_range(cell->fg, 0, 15);
			assert_in_range(cell->bg, 0, 15);
			bool fg = cell->fg == cases[i].wanted[0] || cell->fg == cases[i].wanted[1];
			bool bg = cell->bg == cases[i].wanted[0] || cell->bg == cases[i].wanted[1];
			assert_true(bg || (fg && cell->ch != ' '));
		}
		cells_clear(&cells);
		frame_free(frame);
	}
}

/* Without colour, more ink is more light. */
static void renderer_draw__mono_ascii__has_more_ink_in_the_light(void **state)
{
	(void)state;
	struct frame *frame = plain(64, 32, BLACK);
	struct cells cells;
	fill(frame, 32, 0, 64, 32, WHITE);
	draw_once(COLOURS_MONO, false, frame, &cells, 16, 4);
	for (int i = 0; i < 64; i++) {
		assert_in_range(cells.cell[i].ch, 0x20, 0x7e);
		if (i % 16 < 8)
			assert_int_equal(cells.cell[i].ch, ' ');
		else
			assert_int_not_equal(cells.cell[i].ch, ' ');
	}
	cells_clear(&cells);
	frame_free(frame);
}

static void palette_nearest__is_the_nearest(void **state)
{
	(void)state;
	palette_prepare();
	for (unsigned i = 16; i < 256; i++)
		assert_int_equal(
			colour_distance(palette_rgb(palette_nearest(palette_rgb(i))), palette_rgb(i)), 0);
	for (int y = 16; y <= 235; y += 7)
		assert_true(colour_distance(palette_rgb(palette_nearest_yuv(y, 128, 128)),
					    colour_from_yuv(y, 128, 128)) <= 16 * DELTA_E_ONE);
}

static void frame_new__refuses__sizes_beyond_the_maximum(void **state)
{
	(void)state;
	static const int sizes[][2] = { { 0, 1 }, { 1, 0 }, { -1, 5 }, { 4097, 1 }, { 1, 4097 } };
	for (size_t i = 0; i < 5; i++)
		assert_null(frame_new(sizes[i][0], sizes[i][1]));
	struct frame *frame = frame_new(5, 3);
	frame->y[14] = 77;
	frame->v[5] = 99;
	struct frame *copy = frame_copy(frame);
	assert_int_equal(copy->y[14], 77);
	assert_int_equal(copy->v[5], 99);
	assert_int_equal(copy->y[0], 16);
	struct frame *small = scale_to_fit(frame, 4, 4);
	assert_int_equal(small->width, 4);
	assert_int_equal(small->height, 2);
	frame_free(small);
	frame_free(frame);
	frame_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renderer_draw__half_blocks__of_four_fields),
		cmocka_unit_test(renderer_draw__halves_of_a_cell__differ),
		cmocka_unit_test(renderer_draw__keeps_aspect__centred),
		cmocka_unit_test(renderer_draw__takes_every_size),
		cmocka_unit_test(renderer_draw__stands_still__in_noise),
		cmocka_unit_test(renderer_draw__follows__other_sizes),
		cmocka_unit_test(renderer_draw__16_colours__are_libcacas),
		cmocka_unit_test(renderer_draw__mono_ascii__has_more_ink_in_the_light),
		cmocka_unit_test(palette_nearest__is_the_nearest),
		cmocka_unit_test(frame_new__refuses__sizes_beyond_the_maximum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
