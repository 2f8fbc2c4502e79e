/* The picture is as large as the page needs, so that a short text has large letters wherever it is shown. */
#include "render/text_picture.h"

#include <caca.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/dither.h"

enum { TAB = 8, COLS_MIN = 16, ROWS_MIN = 4, MARGIN = 1 };

/* One character of UTF-8: its bytes, or 0 when it is none. */
static size_t decode(const unsigned char *text, size_t n, uint32_t *ch)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = text[0] < 0x80    ? 1
			: text[0] >= 0xf0 ? 4
			: text[0] >= 0xe0 ? 3
			: text[0] >= 0xc2 ? 2
					  : 0;
	if (length == 0 || length > n || text[0] > 0xf4)
		return 0;
	uint32_t value = length == 1 ? text[0] : text[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*ch = value;
	return length;
}

static bool is_text(const unsigned char *text, size_t n, bool cut)
{
	for (size_t i = 0; i < n;) {
		uint32_t ch;
		size_t length = decode(text + i, n - i, &ch);
		if (length == 0)
			return cut && n - i < 4 && i > 0; /* the end may be half a character */
		if (ch < 0x20 && !strchr("\t\n\r\f\b\033", (int)ch))
			return false;
		if (ch == 0)
			return false;
		i += length;
	}
	return n > 0;
}

bool text_is(const char *path)
{
	unsigned char beginning[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, beginning, sizeof(beginning));
	close(fd);
	return n > 0 && is_text(beginning, (size_t)n, n == sizeof(beginning));
}

struct page {
	int cols, rows; /* taken so far */
	int col;
	caca_canvas_t *canvas; /* NULL: only measure */
};

/* Put one character. False when the page is full: the character belongs to the next. */
static bool put(struct page *page, uint32_t ch)
{
	if (page->rows == 0)
		page->rows = 1;
	if (ch == '\n') {
		page->col = 0;
		return page->rows++ < TEXT_ROWS_MAX - 2 * MARGIN;
	}
	if (ch == '\f')
		return false;
	int width = ch == '\t' ? TAB - page->col % TAB : caca_utf32_is_fullwidth(ch) ? 2 : 1;
	if (page->col + width > TEXT_COLS_MAX - 2 * MARGIN) {
		if (page->rows >= TEXT_ROWS_MAX - 2 * MARGIN)
			return false;
		page->rows++;
		page->col = 0;
	}
	if (page->canvas && ch > ' ' && ch != 0x7f)
		caca_put_char(page->canvas, MARGIN + page->col, MARGIN + page->rows - 1, ch);
	page->col += width;
	if (page->col > page->cols)
		page->cols = page->col;
	return true;
}

/* Lay out one page; returns where it ends. */
static size_t lay_out(struct page *page, const unsigned char *text, size_t n, size_t offset)
{
	while (offset < n) {
		uint32_t ch;
		size_t length = decode(text + offset, n - offset, &ch);
		if (length == 0) {
			length = 1;
			ch = '?';
		}
		bool newline = ch == '\n' || ch == '\f';
		if (ch != '\r' && !put(page, ch))
			return newline ? offset + length : offset;
		offset += length;
	}
	return n;
}

static struct frame *render(const caca_canvas_t *canvas, caca_font_t *font)
{
	int w = caca_get_canvas_width(canvas) * caca_get_font_width(font) & ~1;
	int h = caca_get_canvas_height(canvas) * caca_get_font_height(font) & ~1;
	uint8_t *pixels = calloc((size_t)w * (size_t)h, 4);
	struct frame *frame = frame_new(w, h);
	if (!pixels || !frame) {
		frame_free(frame);
		frame = NULL;
		goto out;
	}
	caca_render_canvas(canvas, font, pixels, w, h, 4 * w);
	for (int i = 0; i < w * h; i++) /* bytes of a pixel: alpha, red, green, blue; the letters are grey */
		frame->y[i] = (uint8_t)(16 + pixels[4 * i + 2] * 219 / 255);
out:
	free(pixels);
	return frame;
}

struct frame *text_picture(const char *text, size_t n, size_t *offset)
{
	const unsigned char *bytes = (const unsigned char *)text;
	struct frame *frame = NULL;
	struct page measured = { 0 };
	dither_prepare();
	size_t end = lay_out(&measured, bytes, n, *offset);
	int cols = measured.cols < COLS_MIN ? COLS_MIN : measured.cols;
	int rows = measured.rows < ROWS_MIN ? ROWS_MIN : measured.rows;
	if (rows > TEXT_ROWS_MAX - 2 * MARGIN)
		rows = TEXT_ROWS_MAX - 2 * MARGIN;
	struct page page = { .canvas = caca_create_canvas(cols + 2 * MARGIN, rows + 2 * MARGIN) };
	caca_font_t *font = caca_load_font("Monospace Bold 12", 0);
	if (page.canvas && font) {
		caca_set_color_ansi(page.canvas, CACA_WHITE, CACA_BLACK);
		caca_clear_canvas(page.canvas);
		lay_out(&page, bytes, n, *offset);
		frame = render(page.canvas, font);
	}
	if (font)
		caca_free_font(font);
	if (page.canvas)
		caca_free_canvas(page.canvas);
	if (frame)
		*offset = end;
	return frame;
}
