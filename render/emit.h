/* A terminal's cursor and colours as our own bytes leave them, and the shortest bytes to the next cell. Pure.
 */
#ifndef MOOT_RENDER_EMIT_H
#define MOOT_RENDER_EMIT_H

#include <stddef.h>

#include "render/cells.h"

/* What a place on the screen shows, in a form that has one spelling for each look: with colours and block
 * characters, any of half blocks, full block and space is a pair of halves. */
enum { LOOK_PAIR = 0, LOOK_UNKNOWN = 0x7fffffff };
struct look {
	uint32_t ch; /* LOOK_PAIR: a is the upper half's colour, b the lower's; else the character, a on b */
	uint32_t a, b;
};

enum { EMIT_CELL_MAX = 80 }; /* bytes, the longest move and the longest colours included */

struct emit {
	enum colour_depth depth;
	bool utf8;
	char *bytes;
	size_t n, capacity;
	int row, col; /* of the cursor, from the grid's corner; col -1: not known */
	int origin_row, origin_col, cols;
	uint32_t fg, bg; /* LOOK_UNKNOWN after a reset */
};

struct look emit_look(enum colour_depth depth, bool utf8, const struct cell *cell);
/** Squared ΔE in 1/64 between two looks; 0 when a viewer cannot tell them apart. */
unsigned emit_distance(enum colour_depth depth, const struct look *a, const struct look *b);

/** Start over: save the cursor, reset the colours. -ENOMEM. */
int emit_begin(struct emit *emit, int row, int col, int cols);
/** Room for n more cells. -ENOMEM. */
int emit_reserve(struct emit *emit, size_t cells);
/** Go to row, col; shown[] is what that row shows (cells between that fit the colours are printed again if
 * that is shorter). */
void emit_move(struct emit *emit, int row, int col, const struct look *shown);
/** Print one cell; returns what is shown now (true colours that are as good as equal are not changed). */
struct look emit_cell(struct emit *emit, struct look look);
/** Restore colours and cursor. Takes EMIT_END bytes. */
void emit_end(struct emit *emit);
enum { EMIT_END = 5 };

#endif
