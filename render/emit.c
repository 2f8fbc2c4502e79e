/* Bytes are what pictures cost over ssh. Three things keep them few: a colour is sent only when the current
 * one is not as good; an upper half block with its colours swapped is a lower one; the cursor takes the
 * shortest way. */
#include "render/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/palette.h"

enum { UPPER_HALF = 0x2580, LOWER_HALF = 0x2584, FULL_BLOCK = 0x2588, BLOCKS_LAST = 0x259f };
enum { ALIKE = DELTA_E_ONE / 2 }; /* ΔE 0.7, squared: one colour is as good as the other */
enum { OTHER_GLYPH = 30 * 30 * DELTA_E_ONE };

/* ---- looks --------------------------------------------------------------------------------------- */

static uint32_t printable(bool utf8, uint32_t ch)
{
	if (ch >= 0x20 && ch <= 0x7e)
		return ch;
	if (utf8 && ch >= UPPER_HALF && ch <= BLOCKS_LAST)
		return ch;
	return ch >= UPPER_HALF && ch <= BLOCKS_LAST ? '#' : '?';
}

struct look emit_look(enum colour_depth depth, bool utf8, const struct cell *cell)
{
	if (depth == COLOURS_MONO)
		return (struct look) { printable(utf8, cell->ch), 0, 0 };
	uint32_t mask = depth == COLOURS_TRUE ? 0xffffff : depth == COLOURS_256 ? 255 : 15;
	uint32_t fg = cell->fg & mask, bg = cell->bg & mask;
	switch (cell->ch) {
	case ' ': return (struct look) { LOOK_PAIR, bg, bg };
	case FULL_BLOCK: return (struct look) { LOOK_PAIR, fg, fg };
	case UPPER_HALF:
		return utf8 || fg == bg ? (struct look) { LOOK_PAIR, fg, bg } : (struct look) { '#', fg, bg };
	case LOWER_HALF:
		return utf8 || fg == bg ? (struct look) { LOOK_PAIR, bg, fg } : (struct look) { '#', fg, bg };
	default: return (struct look) { printable(utf8, cell->ch), fg, bg };
	}
}

static unsigned distance(enum colour_depth depth, uint32_t a, uint32_t b)
{
	if (a == b)
		return 0;
	if (depth == COLOURS_TRUE)
		return colour_distance(a, b);
	return colour_distance(palette_rgb(a), palette_rgb(b)) | 1;
}

static bool alike(enum colour_depth depth, uint32_t a, uint32_t b)
{
	if (a == b)
		return true;
	return depth == COLOURS_TRUE && a != LOOK_UNKNOWN && colour_distance(a, b) <= ALIKE;
}

unsigned emit_distance(enum colour_depth depth, const struct look *a, const struct look *b)
{
	if (a->ch == b->ch && alike(depth, a->a, b->a) && alike(depth, a->b, b->b))
		return 0;
	unsigned sum = distance(depth, a->a, b->a) + distance(depth, a->b, b->b);
	return a->ch == b->ch ? sum : sum + OTHER_GLYPH;
}

/* ---- bytes --------------------------------------------------------------------------------------- */

static void put(struct emit *emit, const char *bytes, size_t n)
{
	memcpy(emit->bytes + emit->n, bytes, n);
	emit->n += n;
}

static void put_char(struct emit *emit, char c)
{
	emit->bytes[emit->n++] = c;
}

static void put_number(struct emit *emit, unsigned value)
{
	if (value >= 100) {
		put_number(emit, value / 100);
		value %= 100;
		put_char(emit, (char)('0' + value / 10));
	} else if (value >= 10) {
		put_char(emit, (char)('0' + value / 10));
	}
	put_char(emit, (char)('0' + value % 10));
}

static int digits(unsigned value)
{
	return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
}

static void put_glyph(struct emit *emit, uint32_t ch)
{
	if (ch < 0x80) {
		put_char(emit, (char)ch);
		return;
	}
	put_char(emit, (char)(0xe0 | ch >> 12));
	put_char(emit, (char)(0x80 | (ch >> 6 & 0x3f)));
	put_char(emit, (char)(0x80 | (ch & 0x3f)));
}

int emit_reserve(struct emit *emit, size_t cells)
{
	size_t need = emit->n + (cells + 1) * EMIT_CELL_MAX;
	if (need <= emit->capacity)
		return 0;
	char *bytes = realloc(emit->bytes, need * 2);
	if (!bytes)
		return -ENOMEM;
	emit->bytes = bytes;
	emit->capacity = need * 2;
	return 0;
}

int emit_begin(struct emit *emit, int row, int col, int cols)
{
	emit->n = 0;
	emit->origin_row = row;
	emit->origin_col = col;
	emit->cols = cols;
	emit->row = 0;
	emit->col = -1;
	emit->fg = emit->bg = LOOK_UNKNOWN;
	int rc = emit_reserve(emit, 1);
	if (rc == 0)
		put(emit, "\0337\033[m", 5);
	return rc;
}

void emit_end(struct emit *emit)
{
	put(emit, "\033[m\0338", EMIT_END);
}

/* ---- the cursor ---------------------------------------------------------------------------------- */

static int step_length(int steps)
{
	return steps == 0 ? 0 : steps == 1 ? 3 : 3 + digits((unsigned)steps);
}

static void step(struct emit *emit, int steps, char direction)
{
	if (steps == 0)
		return;
	put(emit, "\033[", 2);
	if (steps > 1)
		put_number(emit, (unsigned)steps);
	put_char(emit, direction);
}

/* Can this cell be printed again without a colour, and in how many bytes? 0: it can't. */
static int reprint_length(const struct emit *emit, const struct look *look)
{
	if (look->ch == LOOK_PAIR)
		return look->a == look->b && look->a == emit->bg ? 1 : 0;
	if (look->ch == LOOK_UNKNOWN || look->ch >= 0x80)
		return 0;
	return emit->depth == COLOURS_MONO || (look->a == emit->fg && look->b == emit->bg) ? 1 : 0;
}

static bool reprint(struct emit *emit, int col, const struct look *shown)
{
	int gap = col - emit->col;
	if (gap > 4 || gap > step_length(gap))
		return false;
	for (int i = emit->col; i < col; i++)
		if (!reprint_length(emit, &shown[i]))
			return false;
	for (int i = emit->col; i < col; i++)
		put_char(emit, shown[i].ch == LOOK_PAIR ? ' ' : (char)shown[i].ch);
	return true;
}

void emit_move(struct emit *emit, int row, int col, const struct look *shown)
{
	if (emit->row == row && emit->col == col)
		return;
	int down = row - emit->row, right = col - emit->col;
	unsigned at_row = (unsigned)(emit->origin_row + row + 1),
		 at_col = (unsigned)(emit->origin_col + col + 1);
	int absolute = at_col == 1 ? 3 + digits(at_row) : 4 + digits(at_row) + digits(at_col);
	bool relative =
		emit->col >= 0 && down >= 0 && step_length(down) + step_length(abs(right)) <= absolute;
	if (!(emit->col >= 0 && down == 0 && right > 0 && reprint(emit, col, shown))) {
		if (relative) {
			step(emit, down, 'B');
			step(emit, abs(right), right < 0 ? 'D' : 'C');
		} else {
			put(emit, "\033[", 2);
			put_number(emit, at_row);
			if (at_col > 1) {
				put_char(emit, ';');
				put_number(emit, at_col);
			}
			put_char(emit, 'H');
		}
	}
	emit->row = row;
	emit->col = col;
}

/* ---- colours ------------------------------------------------------------------------------------- */

static int colour_length(const struct emit *emit, uint32_t colour)
{
	switch (emit->depth) {
	case COLOURS_TRUE: return 7 + digits(colour >> 16) + digits(colour >> 8 & 255) + digits(colour & 255);
	case COLOURS_256: return 5 + digits(colour);
	default: return 2;
	}
}

static void put_colour(struct emit *emit, uint32_t colour, bool background)
{
	if (emit->depth == COLOURS_16) {
		put_number(emit, (colour < 8 ? 30 : 82) + colour + (background ? 10 : 0));
		return;
	}
	put(emit, background ? "48;" : "38;", 3);
	if (emit->depth == COLOURS_256) {
		put(emit, "5;", 2);
		put_number(emit, colour);
		return;
	}
	put(emit, "2;", 2);
	put_number(emit, colour >> 16);
	put_char(emit, ';');
	put_number(emit, colour >> 8 & 255);
	put_char(emit, ';');
	put_number(emit, colour & 255);
}

/* A way to draw a look: a character and the colours it needs. have_fg: the current one will do, or any. */
struct way {
	uint32_t ch, fg, bg;
	bool have_fg, have_bg;
};

static int way_length(const struct emit *emit, const struct way *way)
{
	int length = way->ch < 0x80 ? 1 : 3;
	if (way->have_fg && way->have_bg)
		return length;
	length += 3 + (way->have_fg ? 0 : colour_length(emit, way->fg)) +
		  (way->have_bg ? 0 : colour_length(emit, way->bg));
	return length + (!way->have_fg && !way->have_bg);
}

static void set_colours(struct emit *emit, const struct way *way)
{
	if (way->have_fg && way->have_bg)
		return;
	put(emit, "\033[", 2);
	if (!way->have_fg) {
		put_colour(emit, way->fg, false);
		emit->fg = way->fg;
	}
	if (!way->have_fg && !way->have_bg)
		put_char(emit, ';');
	if (!way->have_bg) {
		put_colour(emit, way->bg, true);
		emit->bg = way->bg;
	}
	put_char(emit, 'm');
}

static struct way shortest(const struct emit *emit, const struct look *look)
{
	enum colour_depth depth = emit->depth;
	bool fg_a = alike(depth, emit->fg, look->a), bg_b = alike(depth, emit->bg, look->b);
	if (look->ch != LOOK_PAIR)
		return (struct way) { look->ch, look->a, look->b, fg_a, bg_b };
	bool fg_b = alike(depth, emit->fg, look->b), bg_a = alike(depth, emit->bg, look->a);
	struct way ways[4];
	int n = 0;
	if (emit->utf8) {
		ways[n++] = (struct way) { UPPER_HALF, look->a, look->b, fg_a, bg_b };
		ways[n++] = (struct way) { LOWER_HALF, look->b, look->a, fg_b, bg_a };
	}
	if (!emit->utf8 || alike(depth, look->a, look->b)) {
		ways[n++] = (struct way) { ' ', 0, look->a, true, bg_a && bg_b };
		if (emit->utf8)
			ways[n++] = (struct way) { FULL_BLOCK, look->a, 0, fg_a && fg_b, true };
	}
	int best = 0, best_length = way_length(emit, &ways[0]);
	for (int i = 1; i < n && best_length > 1; i++) {
		int length = way_length(emit, &ways[i]);
		if (length < best_length) {
			best = i;
			best_length = length;
		}
	}
	return ways[best];
}

struct look emit_cell(struct emit *emit, struct look look)
{
	if (emit->depth == COLOURS_MONO) {
		put_glyph(emit, look.ch);
	} else {
		struct way way = shortest(emit, &look);
		set_colours(emit, &way);
		put_glyph(emit, way.ch);
		switch (way.ch) {
		case ' ': look.a = look.b = emit->bg; break;
		case FULL_BLOCK: look.a = look.b = emit->fg; break;
		case LOWER_HALF:
			look.a = emit->bg;
			look.b = emit->fg;
			break;
		default: look.a = emit->fg; look.b = emit->bg;
		}
	}
	/* After the last column a terminal may or may not have gone on to the next. */
	emit->col = emit->col + 1 < emit->cols ? emit->col + 1 : -1;
	return look;
}
