/* A terminal for tests: libvterm, and its cells in the renderer's words. */
#ifndef MOOT_TESTS_SCREEN_H
#define MOOT_TESTS_SCREEN_H

#include "render/cells.h"

struct screen;

struct screen *screen_new(int rows, int cols);
void screen_free(struct screen *screen);
void screen_feed(struct screen *screen, const char *bytes, size_t n);
void screen_cursor(struct screen *screen, int *row, int *col);

/* A colour's value is its palette index, or 0xRRGGBB; -1: the terminal's default. */
struct screen_cell {
	uint32_t ch;
	long fg, bg;
	bool plain; /* neither bold, underlined nor reversed */
};
struct screen_cell screen_at(struct screen *screen, int row, int col);

#endif
