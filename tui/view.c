/* The layout by size, and the order of drawing. Each part draws itself into its rect and nowhere else. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

/* Which layout from which size on: the first that fits. people 0: on demand, in place of the chat. */
static const struct {
	int rows, cols;   /* at least */
	int people;       /* columns of the roster */
	bool three_panes; /* pictures left of the chat, not above it */
	bool pictures;
} layouts[] = {
	{ 14, 160, 36, true, true },  { 14, 100, 24, true, true }, { 20, 60, 22, false, true },
	{ 14, 60, 22, false, false }, { 0, 0, 0, false, false },
};

bool view_speaks(const struct view_state *state, uint32_t number)
{
	for (size_t i = 0; i < state->speaking_count; i++)
		if (state->speaking[i] == number)
			return true;
	return false;
}

bool view_has_pictures(const struct view_state *state)
{
	const struct roster *roster = state->roster;

	if (!roster || state->mode == APP_VIEW_OFF || state->video_off || roster->presence != PRESENCE_IN)
		return false;
	if (roster->sharer)
		return true;
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].camera && !roster->people[i].away)
			return true;
	return false;
}

void view_duration(char dst[static 16], int64_t seconds)
{
	int64_t s = seconds < 0 ? 0 : seconds > 359999 ? 359999 : seconds;

	if (s >= 3600)
		snprintf(dst, 16, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(dst, 16, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* Rows of a picture of 16:9 with cells of 1:2. */
static int picture_rows(int cols)
{
	return (cols * 9 + 16) / 32;
}

static void place_three(struct view_layout *layout, const struct rect *body)
{
	int chat = body->cols * 2 / 5;

	chat = chat < 34 ? 34 : chat > 76 ? 76 : chat;
	layout->pictures = (struct rect) { body->row, body->col, body->rows, body->cols - chat - 1 };
	layout->chat = (struct rect) { body->row, body->col + body->cols - chat, body->rows, chat };
}

static void place_two(struct view_layout *layout, const struct rect *body)
{
	int rows = picture_rows(body->cols);

	/* The chat keeps at least two fifths, and its line above. */
	if (rows > body->rows * 3 / 5)
		rows = body->rows * 3 / 5;
	layout->pictures = (struct rect) { body->row, body->col, rows, body->cols };
	layout->chat = (struct rect) { body->row + rows + 1, body->col, body->rows - rows - 1, body->cols };
}

void view_layout(struct view_layout *layout, const struct view_state *state, int rows, int cols)
{
	struct rect body = { 1, 0, rows - 3, cols };
	size_t which = 0;
	bool in = state->roster && state->roster->presence == PRESENCE_IN;

	memset(layout, 0, sizeof(*layout));
	layout->title = (struct rect) { 0, 0, 1, cols };
	layout->status = (struct rect) { rows - 2, 0, 1, cols };
	layout->prompt = (struct rect) { rows - 1, 0, 1, cols };
	while (rows < layouts[which].rows || cols < layouts[which].cols)
		which++;
	if (!in) {
		layout->chat = body;
		return;
	}
	if (layouts[which].people == 0) {
		*(state->people ? &layout->people : &layout->chat) = body;
		return;
	}
	layout->people = (struct rect) { 1, cols - layouts[which].people, rows - 3, layouts[which].people };
	body.cols -= layouts[which].people + 1;
	if (!layouts[which].pictures || !view_has_pictures(state))
		layout->chat = body;
	else if (layouts[which].three_panes)
		place_three(layout, &body);
	else
		place_two(layout, &body);
}

static void borders(struct canvas *canvas, const struct view_layout *layout)
{
	const struct rect *chat = &layout->chat, *pictures = &layout->pictures, *people = &layout->people;

	if (people->rows > 0 && people->col > 0)
		canvas_vline(canvas, people->row, people->col - 1, people->rows, STYLE_BORDER);
	if (pictures->rows > 0 && pictures->col + pictures->cols < chat->col)
		canvas_vline(canvas, chat->row, chat->col - 1, chat->rows, STYLE_BORDER);
	if (pictures->rows > 0 && chat->row > pictures->row) {
		int row = chat->row - 1;

		canvas_hline(canvas, row, chat->col, chat->cols, STYLE_BORDER);
		if (people->rows > 0)
			canvas_text(canvas, row, people->col - 1, 1, STYLE_BORDER, canvas->ascii ? "+" : "┤");
	}
}

void view_draw(struct canvas *canvas, const struct view_state *state, struct view_layout *layout)
{
	struct view_layout own;

	if (!layout)
		layout = &own;
	canvas_erase(canvas);
	if (canvas->rows < VIEW_ROWS_MIN || canvas->cols < VIEW_COLS_MIN) {
		memset(layout, 0, sizeof(*layout));
		canvas_text(canvas, 0, 0, canvas->cols, STYLE_ALERT, "Too small.");
		canvas_text(canvas, 1, 0, canvas->cols, STYLE_NORMAL, "Enlarge me.");
		return;
	}
	view_layout(layout, state, canvas->rows, canvas->cols);
	view_title(canvas, layout->title, state);
	borders(canvas, layout);
	if (layout->chat.rows > 0)
		view_chat(canvas, layout->chat, state, layout);
	if (layout->people.rows > 0)
		view_people(canvas, layout->people, state);
	if (layout->pictures.rows > 0)
		view_pictures(canvas, layout, state);
	view_status(canvas, layout->status, state);
	view_prompt(canvas, layout->prompt, state);
	if (state->overlay)
		view_overlay(canvas, state, layout);
}
