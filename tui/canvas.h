/* What a terminal screen would show, as cells in memory: views draw here, the screen copies it to curses, headless prints
 * it as text. Positions are rows and columns from 0; everything is clipped. Text must be UTF-8; it is made safe while drawn. No curses. */
#ifndef MOOT_TUI_CANVAS_H
#define MOOT_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style { STYLE_NORMAL, STYLE_TITLE, STYLE_DIM, STYLE_BOLD, STYLE_NAME, STYLE_MINE, STYLE_HOST, STYLE_ALERT, STYLE_OK, STYLE_SPEAKING, STYLE_MUTED, STYLE_DIRECT, STYLE_SELECTED, STYLE_BORDER, STYLE_COUNT };

struct canvas_cell {
	char text[32];                  /* one grapheme cluster, UTF-8; empty: the right half of a wide one */
	uint8_t style;
	bool picture;                   /* belongs to a picture: the screen leaves it to the painter */
};

struct canvas {
	int rows, cols;
	struct canvas_cell *cell;       /* [rows * cols] */
	int cursor_row, cursor_col;     /* -1: hidden */
	bool ascii;                     /* no line drawing or symbols beyond ASCII */
};

int canvas_init(struct canvas *canvas, int rows, int cols);
void canvas_clear(struct canvas *canvas);       /* free */
void canvas_erase(struct canvas *canvas);       /* blank */

struct rect { int row, col, rows, cols; };

/** Draw one line of text clipped to cols cells from row, col; returns the cells used. */
int canvas_text(struct canvas *canvas, int row, int col, int cols, enum style style, const char *text);
void canvas_fill(struct canvas *canvas, struct rect rect, enum style style, const char *cluster);
void canvas_picture(struct canvas *canvas, struct rect rect);
/** The screen as lines of text without trailing blanks, each ended by '\n'. malloc()ed, the caller frees; NULL without memory. */
char *canvas_dump(const struct canvas *canvas);

#endif
