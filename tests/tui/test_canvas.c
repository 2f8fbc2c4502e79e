#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tui/canvas.h"

static struct canvas canvas;

static int up(void **state)
{
	(void)state;
	memset(&canvas, 0, sizeof(canvas));
	return canvas_init(&canvas, 4, 10);
}

static int down(void **state)
{
	(void)state;
	canvas_clear(&canvas);
	return 0;
}

static void shows(const char *expected)
{
	char *dump = canvas_dump(&canvas);

	assert_non_null(dump);
	assert_string_equal(dump, expected);
	free(dump);
}

static void canvas_init__refuses__sizes_out_of_range(void **state)
{
	static const struct {
		int rows, cols;
	} bad[] = { { 0, 10 }, { 10, 0 }, { -1, 5 }, { CANVAS_ROWS_MAX + 1, 5 }, { 5, CANVAS_COLS_MAX + 1 } };
	struct canvas other = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(canvas_init(&other, bad[i].rows, bad[i].cols) < 0);
}

static void canvas_text__clips__at_every_edge(void **state)
{
	static const struct {
		int row, col, cols, used;
	} vectors[] = {
		{ 0, 0, 100, 10 }, { 0, 8, 100, 2 }, { 0, 10, 5, 0 }, { 4, 0, 5, 0 },  { -1, 0, 5, 0 },
		{ 0, -1, 5, 0 },   { 3, 9, 1, 1 },   { 0, 0, 0, 0 },  { 0, 0, -3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(canvas_text(&canvas, vectors[i].row, vectors[i].col, vectors[i].cols,
					     STYLE_NORMAL, "abcdefghijklmnopq"),
				 vectors[i].used);
}

static void canvas_text__counts__cells_of_scripts(void **state)
{
	static const struct {
		const char *text;
		int cells;
	} vectors[] = {
		{ "abc", 3 },
		{ "Ελλάδα", 6 },
		{ "你好", 4 },
		{ "é", 1 }, /* e and a combining acute */
		{ "👍", 2 },
		{ "👍🏽", 2 },           /* the skin tone goes */
		{ "👨‍👩‍👧", 2 }, /* of a family, one */
		{ "🇬🇷", 2 },                 /* GR */
		{ "שלום", 4 },
		{ "\x1b[2J", 4 }, /* one visible stand-in, three letters */
		{ "\xff\xfe", 2 },
		{ "\xe2\x80\xae"
		  "x",
		  2 }, /* a bidi override is shown, not obeyed */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		canvas_erase(&canvas);
		assert_int_equal(canvas_width(vectors[i].text, strlen(vectors[i].text)), vectors[i].cells);
		assert_int_equal(canvas_text(&canvas, 0, 0, 10, STYLE_NORMAL, vectors[i].text),
				 vectors[i].cells);
	}
}

static void canvas_text__leaves_no_control__in_any_cell(void **state)
{
	char text[256];

	(void)state;
	for (int i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	for (size_t at = 0; at < 255; at++) {
		canvas_text(&canvas, 1, 0, 10, STYLE_NORMAL, text + at);
		for (int i = 0; i < canvas.rows * canvas.cols; i++)
			for (const char *s = canvas.cell[i].text; *s; s++)
				assert_true((unsigned char)*s >= 0x20 && *s != 0x7F);
	}
}

static void canvas_text__splits_no_wide__at_the_edge(void **state)
{
	(void)state;
	assert_int_equal(canvas_text(&canvas, 0, 7, 10, STYLE_NORMAL, "你好"), 2);
	shows("       你\n\n\n\n");
}

static void canvas_text__blanks_the_other_half__of_an_overwritten_wide(void **state)
{
	(void)state;
	canvas_text(&canvas, 0, 0, 10, STYLE_NORMAL, "你好");
	canvas_text(&canvas, 0, 1, 1, STYLE_NORMAL, "x");
	shows(" x好\n\n\n\n");
	canvas_text(&canvas, 0, 2, 1, STYLE_NORMAL, "y");
	shows(" xy\n\n\n\n");
}

static void canvas_text__bounds__heaps_of_marks(void **state)
{
	char text[512] = "a";

	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(text, "\xCC\x81");
	assert_int_equal(canvas_text(&canvas, 0, 0, 10, STYLE_NORMAL, text), 1);
	assert_true(strlen(canvas.cell[0].text) <= 1 + 3 * 2);
}

static void canvas_fill__clips__rects_that_stick_out(void **state)
{
	static const struct rect rects[] = {
		{ -2, -2, 100, 100 }, { 3, 9, 5, 5 }, { 10, 10, 1, 1 }, { 0, 0, -1, 4 }, { 2, 0, 1, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rects) / sizeof(rects[0]); i++) {
		canvas_fill(&canvas, rects[i], STYLE_BORDER, "#");
		canvas_fill(&canvas, rects[i], STYLE_BORDER, "好");
		canvas_picture(&canvas, rects[i]);
	}
}

static void canvas_hline__is_ascii__where_asked(void **state)
{
	(void)state;
	canvas_hline(&canvas, 0, 0, 3, STYLE_BORDER);
	canvas.ascii = true;
	canvas_hline(&canvas, 1, 0, 3, STYLE_BORDER);
	canvas_vline(&canvas, 2, 0, 2, STYLE_BORDER);
	shows("───\n---\n|\n|\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canvas_init__refuses__sizes_out_of_range),
		cmocka_unit_test_setup_teardown(canvas_text__clips__at_every_edge, up, down),
		cmocka_unit_test_setup_teardown(canvas_text__counts__cells_of_scripts, up, down),
		cmocka_unit_test_setup_teardown(canvas_text__leaves_no_control__in_any_cell, up, down),
		cmocka_unit_test_setup_teardown(canvas_text__splits_no_wide__at_the_edge, up, down),
		cmocka_unit_test_setup_teardown(canvas_text__blanks_the_other_half__of_an_overwritten_wide,
						up, down),
		cmocka_unit_test_setup_teardown(canvas_text__bounds__heaps_of_marks, up, down),
		cmocka_unit_test_setup_teardown(canvas_fill__clips__rects_that_stick_out, up, down),
		cmocka_unit_test_setup_teardown(canvas_hline__is_ascii__where_asked, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
