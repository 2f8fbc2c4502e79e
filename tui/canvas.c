/* Cells in memory. A wide cluster owns two: its own and an empty right half; whoever draws over one half
 * blanks the other, so a canvas never holds half a character. */
#include "tui/canvas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

enum { MARKS_MAX = 3, REGIONAL_A = 0x1F1E6, REGIONAL_Z = 0x1F1FF };

int canvas_init(struct canvas *canvas, int rows, int cols)
{
	struct canvas_cell *cell;

	if (rows < 1 || cols < 1 || rows > CANVAS_ROWS_MAX || cols > CANVAS_COLS_MAX)
		return -EINVAL;
	cell = calloc((size_t)rows * (size_t)cols, sizeof(*cell));
	if (!cell)
		return -ENOMEM;
	canvas->rows = rows;
	canvas->cols = cols;
	canvas->cell = cell;
	canvas_erase(canvas);
	return 0;
}

void canvas_clear(struct canvas *canvas)
{
	free(canvas->cell);
	memset(canvas, 0, sizeof(*canvas));
}

static void blank(struct canvas_cell *cell, enum style style)
{
	cell->text[0] = ' ';
	cell->text[1] = '\0';
	cell->style = (uint8_t)style;
	cell->picture = false;
}

void canvas_erase(struct canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->cols; i++)
		blank(&canvas->cell[i], STYLE_NORMAL);
	canvas->cursor_row = canvas->cursor_col = -1;
}

static struct canvas_cell *at(const struct canvas *canvas, int row, int col)
{
	return &canvas->cell[(size_t)row * (size_t)canvas->cols + (size_t)col];
}

/* Blank the half of a wide cluster that would be left alone when col is overwritten. */
static void part(struct canvas *canvas, int row, int col)
{
	struct canvas_cell *cell = at(canvas, row, col);

	if (cell->text[0] == '\0' && col > 0)
		blank(at(canvas, row, col - 1), at(canvas, row, col - 1)->style);
	if (col + 1 < canvas->cols && at(canvas, row, col + 1)->text[0] == '\0')
		blank(at(canvas, row, col + 1), at(canvas, row, col + 1)->style);
}

static void put(struct canvas *canvas, int row, int col, int width, enum style style, const char *text,
		size_t n)
{
	struct canvas_cell *cell = at(canvas, row, col);

	part(canvas, row, col);
	if (width == 2)
		part(canvas, row, col + 1);
	memcpy(cell->text, text, n);
	cell->text[n] = '\0';
	cell->style = (uint8_t)style;
	cell->picture = false;
	if (width == 2) {
		cell[1].text[0] = '\0';
		cell[1].style = (uint8_t)style;
		cell[1].picture = false;
	}
}

static bool control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF ||
	       cp == 0xAD || (cp >= 0xFFF9 && cp <= 0xFFFB) || (cp >= 0xE0000 && cp <= 0xE0FFF);
}

/* What terminals agree on: a base and combining marks. Joiners, variation selectors, skin tones and what
 * follows a joiner are left away. */
static bool mark(uint32_t cp)
{
	return (cp >= 0x300 && cp < 0x2000 && !control(cp)) || (cp >= 0x20D0 && cp <= 0x20F0) ||
	       (cp >= 0x3099 && cp <= 0x309A) || (cp >= 0xA66F && cp <= 0xABFF) ||
	       (cp >= 0xFE20 && cp <= 0xFE2F);
}

/* What is drawn of the cluster at text: dst holds it. Returns cells; a flag's letter is one cell and one
 * cluster. */
static int reduce(char dst[static 32], size_t *dst_bytes, const char *text, size_t n, size_t *bytes)
{
	uint32_t cp;
	int width = text_cluster(text, n, bytes);
	int first = text_next(text, n, &cp);
	size_t used;
	int marks = 0;

	if (first < 0 || control(cp) || width <= 0) {
		static const char replacement[] = "\xEF\xBF\xBD";

		if (first < 0 || *bytes == 0)
			*bytes = 1;
		memcpy(dst, replacement, sizeof(replacement));
		*dst_bytes = sizeof(replacement) - 1;
		return 1;
	}
	if (cp >= REGIONAL_A && cp <= REGIONAL_Z) {
		*bytes = (size_t)first;
		dst[0] = (char)('A' + (int)(cp - REGIONAL_A));
		*dst_bytes = 1;
		return 1;
	}
	memcpy(dst, text, (size_t)first);
	used = (size_t)first;
	for (size_t i = (size_t)first; i < *bytes && marks < MARKS_MAX;) {
		int next = text_next(text + i, *bytes - i, &cp);

		if (next < 0 || cp == 0x200D)
			break;
		/* A second spacing base (Hangul, Indic conjuncts) would widen the cell in some terminals. */
		if (mark(cp) && text_width(text + i, (size_t)next) == 0 && used + (size_t)next < 32) {
			memcpy(dst + used, text + i, (size_t)next);
			used += (size_t)next;
			marks++;
		}
		i += (size_t)next;
	}
	*dst_bytes = used;
	return width > 1 ? 2 : 1;
}

int canvas_cluster(const char *text, size_t n, size_t *bytes)
{
	char cluster[32];
	size_t cluster_bytes;

	return reduce(cluster, &cluster_bytes, text, n, bytes);
}

int canvas_width(const char *text, size_t n)
{
	int cells = 0;
	size_t bytes;

	for (size_t i = 0; i < n; i += bytes)
		cells += canvas_cluster(text + i, n - i, &bytes);
	return cells;
}

int canvas_text_n(struct canvas *canvas, int row, int col, int cols, enum style style, const char *text,
		  size_t n)
{
	int used = 0;
	size_t bytes;

	if (row < 0 || row >= canvas->rows || col < 0)
		return 0;
	if (cols > canvas->cols - col)
		cols = canvas->cols - col;
	for (size_t i = 0; i < n && used < cols; i += bytes) {
		char cluster[32];
		size_t cluster_bytes;
		int width = reduce(cluster, &cluster_bytes, text + i, n - i, &bytes);

		if (used + width > cols)
			break;
		put(canvas, row, col + used, width, style, cluster, cluster_bytes);
		used += width;
	}
	return used;
}

int canvas_text(struct canvas *canvas, int row, int col, int cols, enum style style, const char *text)
{
	return canvas_text_n(canvas, row, col, cols, style, text, strlen(text));
}

static struct rect clip(const struct canvas *canvas, struct rect rect)
{
	if (rect.row < 0) {
		rect.rows += rect.row;
		rect.row = 0;
	}
	if (rect.col < 0) {
		rect.cols += rect.col;
		rect.col = 0;
	}
	if (rect.rows > canvas->rows - rect.row)
		rect.rows = canvas->rows - rect.row;
	if (rect.cols > canvas->cols - rect.col)
		rect.cols = canvas->cols - rect.col;
	return rect;
}

void canvas_fill(struct canvas *canvas, struct rect rect, enum style style, const char *cluster)
{
	rect = clip(canvas, rect);
	for (int row = rect.row; row < rect.row + rect.rows; row++) {
		int col = rect.col;

		while (col < rect.col + rect.cols) {
			int used = canvas_text(canvas, row, col, rect.col + rect.cols - col, style, cluster);

			if (used == 0)
				break;
			col += used;
		}
	}
}

void canvas_hline(struct canvas *canvas, int row, int col, int cols, enum style style)
{
	canvas_fill(canvas, (struct rect) { row, col, 1, cols }, style, canvas->ascii ? "-" : "─");
}

void canvas_vline(struct canvas *canvas, int row, int col, int rows, enum style style)
{
	canvas_fill(canvas, (struct rect) { row, col, rows, 1 }, style, canvas->ascii ? "|" : "│");
}

void canvas_picture(struct canvas *canvas, struct rect rect)
{
	canvas_fill(canvas, rect, STYLE_NORMAL, " ");
	rect = clip(canvas, rect);
	for (int row = rect.row; row < rect.row + rect.rows; row++)
		for (int col = rect.col; col < rect.col + rect.cols; col++)
			at(canvas, row, col)->picture = true;
}

char *canvas_dump(const struct canvas *canvas)
{
	size_t size = 1, used = 0;
	char *dump;

	for (int i = 0; i < canvas->rows * canvas->cols; i++)
		size += strlen(canvas->cell[i].text);
	size += (size_t)canvas->rows;
	dump = malloc(size);
	if (!dump)
		return NULL;
	for (int row = 0; row < canvas->rows; row++) {
		size_t end = used;

		for (int col = 0; col < canvas->cols; col++) {
			const char *text = at(canvas, row, col)->text;
			size_t n = strlen(text);

			memcpy(dump + used, text, n);
			used += n;
			if (n > 0 && strcmp(text, " ") != 0)
				end = used;
		}
		used = end;
		dump[used++] = '\n';
	}
	dump[used] = '\0';
	return dump;
}
