/* What a terminal screen would show, as cells in memory: views draw here, the screen copies it to curses,
 * headless prints it as text. Positions are rows and columns from 0; everything is clipped. What is drawn is
 * made safe on the way: a control character becomes a visible one, a cluster is cut down to a base and the
 * marks that every terminal puts on it (so that widths agree), flags become their two letters. No curses. */
#ifndef MOOT_TUI_CANVAS_H
#define MOOT_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
	STYLE_NORMAL,
	STYLE_TITLE,
	STYLE_DIM,
	STYLE_BOLD,
	STYLE_NAME,
	STYLE_MINE,
	STYLE_HOST,
	STYLE_ALERT,
	STYLE_OK,
	STYLE_SPEAKING,
	STYLE_MUTED,
	STYLE_DIRECT,
	STYLE_SELECTED,
	STYLE_BORDER,
	STYLE_VERIFIED, /* how far the meeting is encrypted, in the title */
	STYLE_COMPARE,
	STYLE_HEARD,
	STYLE_PAUSED,
	STYLE_COUNT
};

enum { CANVAS_ROWS_MAX = 500, CANVAS_COLS_MAX = 1000 };

struct canvas_cell {
	char text[32]; /* one grapheme cluster, UTF-8; empty: the right half of a wide one */
	uint8_t style;
	bool picture; /* belongs to a picture: the screen leaves it to the painter */
};

struct canvas {
	int rows, cols;
	struct canvas_cell *cell;   /* [rows * cols] */
	int cursor_row, cursor_col; /* -1: hidden */
	bool ascii;                 /* no line drawing or symbols beyond ASCII */
};

/** A blank canvas; zeroed before, or cleared. 0, -EINVAL (size), -ENOMEM. */
int canvas_init(struct canvas *canvas, int rows, int cols);
void canvas_clear(struct canvas *canvas); /* free */
void canvas_erase(struct canvas *canvas); /* blank */

struct rect {
	int row, col, rows, cols;
};

/** Draw one line of text clipped to cols cells from row, col; returns the cells used. */
int canvas_text(struct canvas *canvas, int row, int col, int cols, enum style style, const char *text);
/** The same for the first n bytes of text. */
int canvas_text_n(struct canvas *canvas, int row, int col, int cols, enum style style, const char *text,
		  size_t n);
/** Cells that canvas_text() would use without a limit. */
int canvas_width(const char *text, size_t n);
/** One step of canvas_text(): the cells of the cluster at text (n > 0 bytes), *bytes long. */
int canvas_cluster(const char *text, size_t n, size_t *bytes);
void canvas_fill(struct canvas *canvas, struct rect rect, enum style style, const char *cluster);
/** Lines from end to end: across and down. */
void canvas_hline(struct canvas *canvas, int row, int col, int cols, enum style style);
void canvas_vline(struct canvas *canvas, int row, int col, int rows, enum style style);
void canvas_picture(struct canvas *canvas, struct rect rect);
/** The screen as lines of text without trailing blanks, each ended by '\n'. malloc()ed, the caller frees;
 * NULL without memory. */
char *canvas_dump(const struct canvas *canvas);

#endif
