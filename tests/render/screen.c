#include "tests/render/screen.h"

#include <stdlib.h>
#include <vterm.h>

struct screen {
	VTerm *vterm;
	VTermScreen *screen;
};

struct screen *screen_new(int rows, int cols)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	screen->vterm = vterm_new(rows, cols);
	vterm_set_utf8(screen->vterm, 1);
	screen->screen = vterm_obtain_screen(screen->vterm);
	vterm_screen_reset(screen->screen, 1);
	return screen;
}

void screen_free(struct screen *screen)
{
	vterm_free(screen->vterm);
	free(screen);
}

void screen_feed(struct screen *screen, const char *bytes, size_t n)
{
	vterm_input_write(screen->vterm, bytes, n);
}

void screen_cursor(struct screen *screen, int *row, int *col)
{
	VTermPos at;
	vterm_state_get_cursorpos(vterm_obtain_state(screen->vterm), &at);
	*row = at.row;
	*col = at.col;
}

static long colour(const VTermColor *c)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return -1;
	if (VTERM_COLOR_IS_INDEXED(c))
		return c->indexed.idx;
	return (long)c->rgb.red << 16 | (long)c->rgb.green << 8 | c->rgb.blue;
}

struct screen_cell screen_at(struct screen *screen, int row, int col)
{
	VTermScreenCell cell;
	vterm_screen_get_cell(screen->screen, (VTermPos) { row, col }, &cell);
	return (struct screen_cell) { cell.chars[0] ? cell.chars[0] : ' ', colour(&cell.fg), colour(&cell.bg),
				      !cell.attrs.bold && !cell.attrs.underline && !cell.attrs.reverse };
}
