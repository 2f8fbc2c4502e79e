/* A camera wants dark modules on light ground and a margin of four. Terminals are mostly the other way round, and themes change
 * what "black" is, so both colours are said, first as two of sixteen for terminals that know no more, then as two of 256, which
 * no theme touches. Where there are no colours at all, the light modules are what is drawn: a terminal without colours is dark. */
#include "tui/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET = 4, CELL_BYTES = 48, LINE_BYTES = 64 };

#define BLACK_ON_WHITE "\033[30;47m\033[38;5;16;48;5;231m"
#define BLACK_ON_BLACK "\033[30;40m\033[38;5;16;48;5;16m"
#define WHITE_ON_WHITE "\033[37;47m\033[38;5;231;48;5;231m"
#define PLAIN	       "\033[0m"

struct drawing {
	const QRcode *code;
	bool colour;
	char *text;
	size_t used;
};

static void put(struct drawing *drawing, const char *text)
{
	const size_t n = strlen(text);

	memcpy(drawing->text + drawing->used, text, n + 1);
	drawing->used += n;
}

static int width(const struct drawing *drawing)
{
	return drawing->code->width + 2 * QUIET;
}

/* Below the last row there is nothing, which is as good as light. */
static bool dark(const struct drawing *drawing, int x, int y)
{
	const int n = drawing->code->width;

	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < n && y < n && drawing->code->data[y * n + x] & 1;
}

static void draw_blocks(struct drawing *drawing, int y)
{
	static const char *const blocks[] = { " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88" };
	const bool ink = drawing->colour;

	put(drawing, drawing->colour ? BLACK_ON_WHITE : "");
	for (int x = 0; x < width(drawing); x++) {
		const bool top = dark(drawing, x, y) == ink, bottom = dark(drawing, x, y + 1) == ink;

		put(drawing, blocks[top + 2 * bottom]);
	}
	put(drawing, drawing->colour ? PLAIN "\n" : "\n");
}

static void draw_ascii(struct drawing *drawing, int y)
{
	const bool ink = drawing->colour;

	for (int x = 0; x < width(drawing); x++) {
		const bool is_dark = dark(drawing, x, y);

		if (drawing->colour && (x == 0 || is_dark != dark(drawing, x - 1, y)))
			put(drawing, is_dark ? BLACK_ON_BLACK : WHITE_ON_WHITE);
		put(drawing, is_dark == ink ? "##" : "  ");
	}
	put(drawing, drawing->colour ? PLAIN "\n" : "\n");
}

char *qr_draw(const char *text, enum qr_style style, bool colour, int *cols)
{
	QRcode *code = QRcode_encodeData((int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_L);
	struct drawing drawing = { .code = code, .colour = colour };
	size_t side;

	if (!code)
		return NULL;
	side = (size_t)width(&drawing);
	drawing.text = malloc(side * (side * CELL_BYTES + LINE_BYTES) + 1);
	for (int y = 0; drawing.text && y < width(&drawing); y += style == QR_BLOCKS ? 2 : 1) {
		if (style == QR_BLOCKS)
			draw_blocks(&drawing, y);
		else
			draw_ascii(&drawing, y);
	}
	*cols = style == QR_BLOCKS ? (int)side : 2 * (int)side;
	QRcode_free(code);
	if (!drawing.text)
		errno = ENOMEM;
	return drawing.text;
}
