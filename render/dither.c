/* libcaca picks a glyph and two of 16 colours for each cell. It is given one sample per cell of what is held,
 * so that a cell changes only when its own sample has moved by what the eye sees; error diffusion would
 * spread one change over many cells. */
#include "render/dither.h"

#include <caca.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "render/palette.h"
#include "render/planes.h"
#include "render/scale.h"

enum { SEEN = 9 * 9 * DELTA_E_ONE };

struct dither {
	enum colour_depth depth;
	bool utf8;
	struct planes planes;
	caca_canvas_t *canvas;
	caca_dither_t *dither;
	uint32_t *pixels; /* [w * h] 0xRRGGBB */
};

static pthread_once_t prepare_once = PTHREAD_ONCE_INIT;

static caca_dither_t *make(const struct dither *dither, int w, int h)
{
	caca_dither_t *made = caca_create_dither(32, w, h, 4 * w, 0xff0000, 0xff00, 0xff, 0);
	if (!made)
		return NULL;
	caca_set_dither_algorithm(made, "none");
	caca_set_dither_charset(made, dither->utf8 ? "shades" : "ascii");
	caca_set_dither_color(made, dither->depth == COLOURS_MONO ? "mono" : "full16");
	return made;
}

static void prepare(void)
{
	static const uint32_t pixel[1];
	struct dither none = { .depth = COLOURS_16 };
	caca_canvas_t *canvas = caca_create_canvas(1, 1);
	caca_dither_t *first = make(&none, 1, 1);
	if (canvas && first)
		caca_dither_bitmap(canvas, 0, 0, 1, 1, first, pixel);
	if (first)
		caca_free_dither(first);
	if (canvas)
		caca_free_canvas(canvas);
}

void dither_prepare(void)
{
	pthread_once(&prepare_once, prepare);
}

struct dither *dither_new(enum colour_depth depth, bool utf8)
{
	struct dither *dither = calloc(1, sizeof(*dither));
	if (!dither)
		return NULL;
	dither_prepare();
	dither->depth = depth;
	dither->utf8 = utf8;
	return dither;
}

static void drop_canvas(struct dither *dither)
{
	if (dither->canvas)
		caca_free_canvas(dither->canvas);
	if (dither->dither)
		caca_free_dither(dither->dither);
	free(dither->pixels);
	dither->canvas = NULL;
	dither->dither = NULL;
	dither->pixels = NULL;
}

void dither_free(struct dither *dither)
{
	if (!dither)
		return;
	drop_canvas(dither);
	planes_clear(&dither->planes);
	free(dither);
}

static int make_canvas(struct dither *dither, int w, int h)
{
	drop_canvas(dither);
	dither->canvas = caca_create_canvas(w, h);
	dither->dither = make(dither, w, h);
	dither->pixels = calloc((size_t)w * (size_t)h, sizeof(*dither->pixels));
	return dither->canvas && dither->dither && dither->pixels ? 0 : -ENOMEM;
}

/* libcaca numbers colours as the PC did (blue 1, red 4), terminals the other way round. */
static uint32_t colour_of(const struct dither *dither, uint8_t pc)
{
	static const uint8_t ansi[16] = { 0, 4, 2, 6, 1, 5, 3, 7, 8, 12, 10, 14, 9, 13, 11, 15 };
	if (dither->depth == COLOURS_MONO)
		return 0;
	uint8_t index = ansi[pc & 15];
	return dither->depth == COLOURS_TRUE ? palette_rgb(index) : index;
}

/* The shades that libcaca has are a dot that not every terminal has, or that takes two cells in some, two of
 * the three real ones, and a '?' where the third belongs. */
static uint32_t glyph(bool utf8, uint32_t ch)
{
	enum { MIDDLE_DOT = 0xb7, DARK_SHADE = 0x2593 };
	return ch == MIDDLE_DOT ? '.' : utf8 && ch == '?' ? DARK_SHADE : ch;
}

static void copy_row(const struct dither *dither, const uint32_t *chars, const uint32_t *attrs,
		     struct cell *cell)
{
	for (int col = 0; col < dither->planes.w; col++)
		cell[col] = (struct cell) { glyph(dither->utf8, chars[col]),
					    colour_of(dither, caca_attr_to_ansi_fg(attrs[col])),
					    colour_of(dither, caca_attr_to_ansi_bg(attrs[col])) };
}

static bool update_pixels(struct dither *dither, bool all)
{
	struct planes *planes = &dither->planes;
	size_t n = (size_t)planes->w * (size_t)planes->h;
	bool changed = false;
	for (size_t i = 0; i < n; i++) {
		if (!all && !planes_moved(planes, i, SEEN))
			continue;
		planes_hold(planes, i);
		dither->pixels[i] =
			colour_from_yuv(planes->held[0][i], planes->held[1][i], planes->held[2][i]);
		changed = true;
	}
	return changed;
}

int dither_draw(struct dither *dither, const struct frame *frame, struct cells *cells, bool all)
{
	int w, h, fresh;
	scale_fit(frame->width, frame->height, cells->cols, 2 * cells->rows, 1, 2, &w, &h);
	h /= 2;
	int rc = planes_take(&dither->planes, frame, w, h, &fresh);
	if (rc == 0 && (fresh || !dither->canvas))
		rc = make_canvas(dither, w, h);
	if (rc < 0)
		return rc;
	all = all || fresh;
	if (!update_pixels(dither, all))
		return 0;
	if (all)
		for (int i = 0; i < cells->cols * cells->rows; i++)
			cells->cell[i] = (struct cell) { .ch = ' ' };
	caca_dither_bitmap(dither->canvas, 0, 0, w, h, dither->dither, dither->pixels);
	int top = (cells->rows - h) / 2, left = (cells->cols - w) / 2;
	const uint32_t *chars = caca_get_canvas_chars(dither->canvas),
		       *attrs = caca_get_canvas_attrs(dither->canvas);
	for (int row = 0; row < h; row++)
		copy_row(dither, chars + row * w, attrs + row * w,
			 cells->cell + (top + row) * cells->cols + left);
	return 0;
}
