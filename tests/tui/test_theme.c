#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tui/theme.h"

static void theme_depth__follows__terminal_and_environment(void **state)
{
	static const struct {
		int colours;
		const char *colorterm, *no_color;
		enum colour_depth depth;
	} vectors[] = {
		{ 0, NULL, NULL, COLOURS_MONO },
		{ -1, "truecolor", NULL, COLOURS_MONO },
		{ 8, NULL, NULL, COLOURS_16 },
		{ 16, NULL, "", COLOURS_16 },
		{ 256, NULL, NULL, COLOURS_256 },
		{ 256, "yes", NULL, COLOURS_256 },
		{ 256, "truecolor", NULL, COLOURS_TRUE },
		{ 256, "24bit", "", COLOURS_TRUE },
		{ 256, "truecolor", "1", COLOURS_MONO },
		{ 1 << 24, NULL, NULL, COLOURS_TRUE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(theme_depth(vectors[i].colours, vectors[i].colorterm, vectors[i].no_color),
				 vectors[i].depth);
}

static void theme_look__uses__no_colour_without_colours(void **state)
{
	(void)state;
	for (int style = 0; style < STYLE_COUNT; style++) {
		struct theme_look look = theme_look((enum style)style, 0);

		assert_int_equal(look.fg, -1);
		assert_int_equal(look.bg, -1);
	}
}

static void theme_look__stays__within_the_palette(void **state)
{
	static const int palettes[] = { 8, 16, 88, 256, 1 << 24 };

	(void)state;
	for (size_t i = 0; i < sizeof(palettes) / sizeof(palettes[0]); i++)
		for (int style = 0; style < STYLE_COUNT; style++) {
			struct theme_look look = theme_look((enum style)style, palettes[i]);

			assert_true(look.fg < palettes[i] && look.bg < palettes[i] && look.fg >= -1 &&
				    look.bg >= -1);
		}
}

static void theme_look__takes__a_style_out_of_range(void **state)
{
	(void)state;
	assert_int_equal(theme_look((enum style)200, 256).fg, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(theme_depth__follows__terminal_and_environment),
		cmocka_unit_test(theme_look__uses__no_colour_without_colours),
		cmocka_unit_test(theme_look__stays__within_the_palette),
		cmocka_unit_test(theme_look__takes__a_style_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
