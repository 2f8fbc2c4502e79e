/* One table of looks. 256 colours get softer tones than the 16 that everybody's palette differs in. */
#include "tui/theme.h"

#include <curses.h>
#include <stdint.h>
#include <string.h>

static const struct {
	struct theme_look mono, eight, many;
} looks[STYLE_COUNT] = {
	[STYLE_NORMAL] = { { -1, -1, 0 }, { -1, -1, 0 }, { -1, -1, 0 } },
	[STYLE_TITLE] = { { -1, -1, THEME_REVERSE }, { COLOR_WHITE, COLOR_BLUE, 0 }, { 254, 24, 0 } },
	[STYLE_DIM] = { { -1, -1, 0 }, { -1, -1, THEME_DIM }, { 245, -1, 0 } },
	[STYLE_BOLD] = { { -1, -1, THEME_BOLD }, { -1, -1, THEME_BOLD }, { -1, -1, THEME_BOLD } },
	[STYLE_NAME] = { { -1, -1, THEME_BOLD }, { COLOR_CYAN, -1, THEME_BOLD }, { 74, -1, THEME_BOLD } },
	[STYLE_MINE] = { { -1, -1, THEME_BOLD }, { COLOR_GREEN, -1, THEME_BOLD }, { 108, -1, THEME_BOLD } },
	[STYLE_HOST] = { { -1, -1, THEME_BOLD }, { COLOR_YELLOW, -1, THEME_BOLD }, { 214, -1, THEME_BOLD } },
	[STYLE_ALERT] = { { -1, -1, THEME_BOLD | THEME_REVERSE },
			  { COLOR_YELLOW, -1, THEME_BOLD | THEME_REVERSE },
			  { 232, 214, 0 } },
	[STYLE_OK] = { { -1, -1, 0 }, { COLOR_GREEN, -1, 0 }, { 108, -1, 0 } },
	[STYLE_SPEAKING] = { { -1, -1, THEME_BOLD },
			     { COLOR_GREEN, -1, THEME_BOLD },
			     { 114, -1, THEME_BOLD } },
	[STYLE_MUTED] = { { -1, -1, 0 }, { COLOR_RED, -1, 0 }, { 174, -1, 0 } },
	[STYLE_DIRECT] = { { -1, -1, THEME_BOLD | THEME_UNDERLINE },
			   { COLOR_MAGENTA, -1, THEME_BOLD },
			   { 176, -1, THEME_BOLD } },
	[STYLE_SELECTED] = { { -1, -1, THEME_REVERSE }, { -1, -1, THEME_REVERSE }, { 254, 238, 0 } },
	[STYLE_BORDER] = { { -1, -1, 0 }, { COLOR_BLUE, -1, 0 }, { 240, -1, 0 } },
	/* Without colours: bold in the bar, underlined in it, and two holes in it. */
	[STYLE_VERIFIED] = { { -1, -1, THEME_BOLD | THEME_REVERSE },
			     { COLOR_GREEN, COLOR_BLUE, THEME_BOLD },
			     { 156, 24, THEME_BOLD } },
	[STYLE_COMPARE] = { { -1, -1, THEME_REVERSE | THEME_UNDERLINE },
			    { COLOR_YELLOW, COLOR_BLUE, THEME_BOLD | THEME_UNDERLINE },
			    { 222, 24, THEME_UNDERLINE } },
	[STYLE_HEARD] = { { -1, -1, THEME_BOLD | THEME_UNDERLINE },
			  { COLOR_WHITE, COLOR_RED, THEME_BOLD | THEME_UNDERLINE },
			  { 231, 160, THEME_BOLD } },
	[STYLE_PAUSED] = { { -1, -1, THEME_BOLD },
			   { COLOR_WHITE, COLOR_MAGENTA, THEME_BOLD },
			   { 231, 90, THEME_BOLD } },
};

static int started;

struct theme_look theme_look(enum style style, int colours)
{
	if ((unsigned)style >= STYLE_COUNT)
		style = STYLE_NORMAL;
	return colours >= 256 ? looks[style].many : colours >= 8 ? looks[style].eight : looks[style].mono;
}

enum colour_depth theme_depth(int colours, const char *colorterm, const char *no_color)
{
	if ((no_color && no_color[0]) || colours < 8)
		return COLOURS_MONO;
	if (colorterm && (!strcmp(colorterm, "truecolor") || !strcmp(colorterm, "24bit")))
		return COLOURS_TRUE;
	return colours >= 1 << 24 ? COLOURS_TRUE : colours >= 256 ? COLOURS_256 : COLOURS_16;
}

void theme_start(int colours)
{
	started = colours;
	if (colours < 8)
		return;
	for (int i = 0; i < STYLE_COUNT; i++) {
		struct theme_look look = theme_look((enum style)i, colours);

		init_pair((short)(i + 1), look.fg, look.bg);
	}
}

unsigned theme_attributes(enum style style)
{
	static const struct {
		unsigned ours;
		attr_t curses;
	} map[] = { { THEME_BOLD, A_BOLD },
		    { THEME_DIM, A_DIM },
		    { THEME_REVERSE, A_REVERSE },
		    { THEME_UNDERLINE, A_UNDERLINE } };
	unsigned ours = theme_look(style, started).attributes;
	attr_t attributes = 0;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (ours & map[i].ours)
			attributes |= map[i].curses;
	return (unsigned)attributes;
}

short theme_pair(enum style style)
{
	return started >= 8 ? (short)((int)style + 1) : 0;
}
