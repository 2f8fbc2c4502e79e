/* Styles as a terminal can show them: mono, 8, 16 or 256 colours. Colour only ever repeats what a letter
 * says. */
#ifndef MOOT_TUI_THEME_H
#define MOOT_TUI_THEME_H

#include <stdbool.h>

#include "render/cells.h"
#include "tui/canvas.h"

enum theme_attribute { THEME_BOLD = 1, THEME_DIM = 2, THEME_REVERSE = 4, THEME_UNDERLINE = 8 };

struct theme_look {
	short fg, bg;        /* -1: the terminal's own */
	unsigned attributes; /* of enum theme_attribute */
};

/** How a style looks with so many colours; below 8: without any. */
struct theme_look theme_look(enum style style, int colours);

/** The depth for pictures: terminfo's colours, raised by COLORTERM ("truecolor", "24bit"; may be NULL), and
 * none with NO_COLOR (not NULL and not empty). */
enum colour_depth theme_depth(int colours, const char *colorterm, const char *no_color);

/** Make the pairs of every style in curses (after start_color()); colours 0: none. */
void theme_start(int colours);
/** What to draw a style with: attributes of curses, and the colour pair. */
unsigned theme_attributes(enum style style);
short theme_pair(enum style style);

#endif
