/* From the canvas to curses, cell by cell where it changed, and the pictures beside it: curses keeps their
 * places blank and never knows. A picture goes out in one write after curses is done, followed by a status
 * request; the next waits for the answer, and the time it took sets how many bytes a picture may have. So a
 * slow line costs pictures, not typing. */
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "render/paint.h"
#include "tui/screen_state.h"
#include "tui/screen_tty.h"
#include "tui/theme.h"

enum {
	BUDGET_MIN = 2 * 1024,
	BUDGET_MAX = 128 * 1024,
	ANSWER_FAST_US = 60 * 1000,
	ANSWER_SLOW_US = 150 * 1000,
	ANSWER_NEVER_US = 3000 * 1000,
};
static const char status_request[] = "\033[5n";

/* ---- text ---- */

/* The characters of a cell as curses takes them; those that it cannot show here become '?'. */
static void characters(wchar_t dst[static CCHARW_MAX + 1], const struct canvas_cell *cell, int width)
{
	const char *s = cell->text;
	mbstate_t state = { 0 };
	size_t count = 0;

	while (*s && count < CCHARW_MAX) {
		wchar_t wc;
		size_t n = mbrtowc(&wc, s, strlen(s), &state);

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			break;
		if (count == 0 ? wcwidth(wc) != width : wcwidth(wc) != 0)
			break;
		dst[count++] = wc;
		s += n;
	}
	if (count == 0)
		dst[count++] = L'?';
	dst[count] = L'\0';
}

static void put(int row, int col, const struct canvas_cell *cell, bool wide)
{
	wchar_t wc[CCHARW_MAX + 1];
	cchar_t cc;
	enum style style = (enum style)cell->style;

	if (cell->picture || (!tty_utf8() && cell->text[0] & 0x80)) {
		wc[0] = cell->picture ? L' ' : L'?';
		wc[1] = L'\0';
	} else {
		characters(wc, cell, wide ? 2 : 1);
	}
	if (setcchar(&cc, wc, cell->picture ? 0 : theme_attributes(style),
		     cell->picture ? 0 : theme_pair(style), NULL) == OK)
		mvadd_wch(row, col, &cc);
	/* What became one cell wide leaves its right half. */
	if (wide && (cell->picture || wcwidth(wc[0]) != 2)) {
		wcscpy(wc, L" ");
		if (setcchar(&cc, wc, theme_attributes(style), theme_pair(style), NULL) == OK)
			mvadd_wch(row, col + 1, &cc);
	}
}

static bool wide_at(const struct canvas *canvas, int row, int col)
{
	return col + 1 < canvas->cols && canvas->cell[row * canvas->cols + col + 1].text[0] == '\0';
}

static bool same(const struct canvas_cell *a, const struct canvas_cell *b)
{
	return a->style == b->style && a->picture == b->picture && !strcmp(a->text, b->text);
}

/* Returns true when something changed. */
static bool copy_row(struct screen *screen, int row)
{
	struct canvas *canvas = &screen->canvas;
	struct canvas_cell *now = canvas->cell + row * canvas->cols;
	struct canvas_cell *was = screen->shown.cell + row * canvas->cols;

	if (!memcmp(was, now, (size_t)canvas->cols * sizeof(*now)))
		return false;
	for (int col = 0; col < canvas->cols; col++) {
		bool wide = wide_at(canvas, row, col);
		bool changed = !same(&now[col], &was[col]) || (wide && !same(&now[col + 1], &was[col + 1]));

		if (changed && now[col].text[0])
			put(row, col, &now[col], wide);
	}
	memcpy(was, now, (size_t)canvas->cols * sizeof(*now));
	return true;
}

/* ---- the places of pictures ---- */

static bool same_place(const struct view_picture *a, const struct view_picture *b)
{
	return a->number == b->number && a->layer == b->layer && !memcmp(&a->rect, &b->rect, sizeof(a->rect));
}

static void slot_clear(struct screen_slot *slot)
{
	renderer_free(slot->renderer);
	painter_free(slot->painter);
	cells_clear(&slot->cells);
	memset(slot, 0, sizeof(*slot));
}

static void slot_init(struct screen_slot *slot, const struct view_picture *at)
{
	slot->at = *at;
	slot->renderer = renderer_new(tty_depth(), tty_draws_lines());
	slot->painter = painter_new(tty_depth(), tty_draws_lines());
	if (!slot->renderer || !slot->painter || cells_init(&slot->cells, at->rect.cols, at->rect.rows) < 0)
		slot_clear(slot);
}

/* Curses knows nothing of what was painted: those lines are thrown away and written anew. */
static void vacate(struct screen_slot *slot)
{
	int rows = slot->at.rect.rows;

	if (slot->at.rect.row + rows > LINES)
		rows = LINES - slot->at.rect.row;
	if (slot->drawn && rows > 0)
		wredrawln(stdscr, slot->at.rect.row, rows);
}

static void place_slots(struct screen *screen)
{
	const struct view_layout *layout = &screen->layout;
	uint32_t numbers[VIEW_PICTURES_MAX];
	enum video_layer layers[VIEW_PICTURES_MAX];
	bool changed = false;

	for (size_t i = 0; i < VIEW_PICTURES_MAX; i++) {
		const struct view_picture none = { 0 };
		const struct view_picture *at = i < layout->picture_count ? &layout->picture[i] : &none;

		if (same_place(at, &screen->slot[i].at))
			continue;
		changed = true;
		vacate(&screen->slot[i]);
		slot_clear(&screen->slot[i]);
		if (at->number)
			slot_init(&screen->slot[i], at);
	}
	if (!changed)
		return;
	for (size_t i = 0; i < layout->picture_count; i++) {
		numbers[i] = layout->picture[i].number;
		layers[i] = layout->picture[i].layer;
		if (screen->slot[i].painter)
			painter_forget(screen->slot[i].painter);
		screen->slot[i].more = screen->slot[i].drawn;
	}
	app_show(screen->app, numbers, layers, layout->picture_count);
	screen->picture_dirty = true;
}

/* ---- drawing ---- */

static int resize(struct screen *screen)
{
	int rows, cols;

	tty_resize(&rows, &cols);
	if (rows > CANVAS_ROWS_MAX)
		rows = CANVAS_ROWS_MAX;
	if (cols > CANVAS_COLS_MAX)
		cols = CANVAS_COLS_MAX;
	if (rows == screen->canvas.rows && cols == screen->canvas.cols)
		return 0;
	canvas_clear(&screen->canvas);
	canvas_clear(&screen->shown);
	if (canvas_init(&screen->canvas, rows, cols) < 0 || canvas_init(&screen->shown, rows, cols) < 0)
		return -1;
	screen->canvas.ascii = !tty_draws_lines();
	screen->repaint = true;
	erase();
	return 0;
}

int screen_draw_init(struct screen *screen)
{
	screen->pace.budget_bytes = BUDGET_MAX / 4;
	return resize(screen);
}

void screen_draw_clear(struct screen *screen)
{
	for (size_t i = 0; i < VIEW_PICTURES_MAX; i++)
		slot_clear(&screen->slot[i]);
	canvas_clear(&screen->canvas);
	canvas_clear(&screen->shown);
}

void screen_forget(struct screen *screen)
{
	screen->repaint = true;
	screen->pace.asked = false;
	screen_touch(screen);
}

static void paint_anew(struct screen *screen)
{
	for (size_t i = 0; i < VIEW_PICTURES_MAX; i++) {
		if (!screen->slot[i].painter)
			continue;
		painter_forget(screen->slot[i].painter);
		screen->slot[i].more = screen->slot[i].drawn;
	}
	screen->picture_dirty = true;
}

void screen_draw(struct screen *screen)
{
	struct canvas *canvas = &screen->canvas;
	bool changed = false;

	if (screen->resized && resize(screen) < 0)
		return;
	screen->resized = false;
	view_draw(canvas, &screen->state, &screen->layout);
	place_slots(screen);
	if (screen->repaint) {
		clearok(curscr, TRUE);
		paint_anew(screen);
	}
	screen->repaint = false;
	for (int row = 0; row < canvas->rows && row < LINES; row++)
		changed |= copy_row(screen, row);
	if (changed && tty_scrolls())
		paint_anew(screen);
	if (canvas->cursor_row >= 0)
		move(canvas->cursor_row, canvas->cursor_col);
	curs_set(canvas->cursor_row >= 0);
	refresh();
}

/* ---- painting ---- */

static struct frame *newest(struct screen *screen, struct screen_slot *slot)
{
	struct frame *frame = app_picture(screen->app, slot->at.number, slot->at.layer, &slot->serial);

	/* The small one stands in until the large one comes. */
	if (!frame && slot->at.layer == VIDEO_LARGE && !slot->drawn)
		frame = app_picture(screen->app, slot->at.number, VIDEO_SMALL, &slot->serial);
	return frame;
}

/* The bytes that bring one place up to date, appended to *out. */
static void paint_slot(struct screen *screen, struct screen_slot *slot, char **out, size_t *out_bytes,
		       size_t budget)
{
	struct frame *frame = newest(screen, slot);
	const char *bytes;
	char *more;
	long n;

	if (frame && renderer_draw(slot->renderer, frame, &slot->cells) == 0)
		slot->drawn = slot->more = true;
	frame_free(frame);
	if (!slot->more)
		return;
	n = painter_paint(slot->painter, &slot->cells, slot->at.rect.row, slot->at.rect.col, budget, &bytes);
	slot->more = n > 0 && (size_t)n + 64 >= budget;
	if (n <= 0)
		return;
	more = realloc(*out, *out_bytes + (size_t)n + sizeof(status_request));
	if (!more)
		return;
	memcpy(more + *out_bytes, bytes, (size_t)n);
	*out = more;
	*out_bytes += (size_t)n;
}

static bool terminal_keeps_up(struct screen *screen)
{
	struct screen_pace *pace = &screen->pace;

	if (!tty_write(NULL, 0))
		return false;
	if (pace->asked && loop_now_us() - pace->asked_us > ANSWER_NEVER_US) {
		pace->deaf = true;
		pace->asked = false;
		pace->budget_bytes = BUDGET_MIN * 4;
	}
	return !pace->asked;
}

void screen_paint(struct screen *screen)
{
	char *out = NULL;
	size_t bytes = 0, count = screen->layout.picture_count;

	if (count == 0 || screen->state.overlay || !terminal_keeps_up(screen))
		return;
	screen->picture_dirty = false;
	for (size_t i = 0; i < count; i++) {
		if (!screen->slot[i].painter)
			continue;
		paint_slot(screen, &screen->slot[i], &out, &bytes, screen->pace.budget_bytes / count);
		screen->picture_dirty |= screen->slot[i].more;
	}
	if (bytes > 0) {
		if (!screen->pace.deaf) {
			memcpy(out + bytes, status_request, sizeof(status_request) - 1);
			bytes += sizeof(status_request) - 1;
			screen->pace.asked = true;
			screen->pace.asked_us = loop_now_us();
		}
		tty_write(out, bytes);
	}
	free(out);
	screen->picture_us = loop_now_us();
}

void screen_ready(struct screen *screen)
{
	struct screen_pace *pace = &screen->pace;
	int64_t took = loop_now_us() - pace->asked_us;

	if (!pace->asked)
		return;
	pace->asked = false;
	if (took > ANSWER_SLOW_US)
		pace->budget_bytes =
			pace->budget_bytes / 2 > BUDGET_MIN ? pace->budget_bytes / 2 : BUDGET_MIN;
	else if (took < ANSWER_FAST_US)
		pace->budget_bytes =
			pace->budget_bytes * 2 < BUDGET_MAX ? pace->budget_bytes * 2 : BUDGET_MAX;
	if (screen->picture_dirty)
		screen_touch(screen);
}
