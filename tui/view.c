/* The layout by size, and the order of drawing. Each part draws itself into its rect and nowhere else. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

/* Which layout from which size on: the first that fits. people 0: on demand, in place of the chat. */
static const struct {
	int rows, cols; /* at least */
	int people;     /* columns of the roster */
	bool wide;      /* pictures beside the chat, not above it */
	bool pictures;
} layouts[] = {
	{ 14, 160, 36, true, true },  { 14, 100, 24, true, true }, { 20, 60, 22, false, true },
	{ 14, 60, 22, false, false }, { 0, 0, 0, false, false },
};

enum { PEOPLE_ROWS_MIN = 6, STRIP_ROWS_MIN = 8 };

bool view_speaks(const struct view_state *state, uint32_t number)
{
	for (size_t i = 0; i < state->speaking_count; i++)
		if (state->speaking[i] == number)
			return true;
	return false;
}

const struct app_mark *view_mark(const struct view_state *state, uint32_t number)
{
	size_t low = 0, high = state->mark_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (state->marks[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < state->mark_count && state->marks[low].number == number ? &state->marks[low] : NULL;
}

bool view_has_pictures(const struct view_state *state)
{
	const struct roster *roster = state->roster;

	if (!roster || state->mode == APP_VIEW_OFF || state->video_off || roster->presence != PRESENCE_IN)
		return false;
	if (roster->sharer)
		return true;
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].camera && !roster->people[i].away &&
		    roster_here(roster, &roster->people[i]))
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
	return cols * 9 / 32;
}

static size_t pictures_count(const struct roster *roster)
{
	size_t count = roster->sharer != 0;

	for (size_t i = 0; i < roster->people_count; i++)
		count += roster->people[i].camera && !roster->people[i].away &&
			 roster_here(roster, &roster->people[i]);
	return count;
}

/* Rows that others' pictures may have below the large one: what people leave, for a strip of two across at
 * most. */
static int strip_rows(const struct roster *roster, int rows, int right)
{
	int lines = (int)(roster->people_count + roster->waiting_count) + 4,
	    most = picture_rows(right / 2) + 2;

	rows -= lines;
	if (pictures_count(roster) < 2 || rows < STRIP_ROWS_MIN)
		return 0;
	return rows < most ? rows : most;
}

/* Pictures over people on the right, the chat from top to bottom on the left. False when the screen is too
 * flat. */
static bool place_stacked(struct view_layout *layout, const struct roster *roster, int rows, int cols)
{
	int right = cols * 11 / 20, picture = picture_rows(right) + 1;

	if (picture + 1 + PEOPLE_ROWS_MIN > rows)
		return false;
	picture += strip_rows(roster, rows - picture - 1, right);
	layout->chat = (struct rect) { 1, 0, rows, cols - right - 1 };
	layout->pictures = (struct rect) { 1, cols - right, picture, right };
	layout->people = (struct rect) { 1 + picture + 1, cols - right, rows - picture - 1, right };
	return true;
}

/* Pictures, chat and people side by side. */
static void place_beside(struct view_layout *layout, const struct rect *body)
{
	int chat = body->cols * 2 / 5;

	chat = chat < 34 ? 34 : chat > 76 ? 76 : chat;
	layout->pictures = (struct rect) { body->row, body->col, body->rows, body->cols - chat - 1 };
	layout->chat = (struct rect) { body->row, body->col + body->cols - chat, body->rows, chat };
}

/* Pictures above the chat, people on the right. */
static void place_above(struct view_layout *layout, const struct rect *body)
{
	int rows = picture_rows(body->cols) + 1;

	/* The chat keeps at least two fifths, and its line above. */
	if (rows > body->rows * 3 / 5)
		rows = body->rows * 3 / 5;
	layout->pictures = (struct rect) { body->row, body->col, rows, body->cols };
	layout->chat = (struct rect) { body->row + rows + 1, body->col, body->rows - rows - 1, body->cols };
}

void view_layout(struct view_layout *layout, const struct view_state *state, int rows, int cols)
{
	const int banner = view_banner_rows(state, rows, cols);
	struct rect body = { 1, 0, rows - 3 - banner, cols };
	size_t which = 0;
	bool in = state->roster && state->roster->presence == PRESENCE_IN;

	memset(layout, 0, sizeof(*layout));
	layout->title = (struct rect) { 0, 0, 1, cols };
	layout->banner = (struct rect) { rows - 2 - banner, 0, banner, cols };
	layout->status = (struct rect) { rows - 2, 0, 1, cols };
	layout->prompt = (struct rect) { rows - 1, 0, 1, cols };
	while (rows - banner < layouts[which].rows || cols < layouts[which].cols)
		which++;
	if (!in) {
		layout->chat = body;
		return;
	}
	if (layouts[which].people == 0) {
		*(state->people ? &layout->people : &layout->chat) = body;
		return;
	}
	layout->people = (struct rect) { 1, cols - layouts[which].people, body.rows, layouts[which].people };
	body.cols -= layouts[which].people + 1;
	if (!layouts[which].pictures || !view_has_pictures(state))
		layout->chat = body;
	else if (!layouts[which].wide)
		place_above(layout, &body);
	else if (!place_stacked(layout, state->roster, body.rows, cols))
		place_beside(layout, &body);
}

/* A line over a rect, that meets the upright one on its left or right. */
static void line_over(struct canvas *canvas, const struct rect *rect, int joint, const char *symbol)
{
	canvas_hline(canvas, rect->row - 1, rect->col, rect->cols, STYLE_BORDER);
	if (joint >= 0 && joint < canvas->cols)
		canvas_text(canvas, rect->row - 1, joint, 1, STYLE_BORDER, canvas->ascii ? "+" : symbol);
}

static void borders(struct canvas *canvas, const struct view_layout *layout)
{
	const struct rect *chat = &layout->chat, *pictures = &layout->pictures, *people = &layout->people;
	int top = layout->title.row + layout->title.rows, rows = layout->status.row - layout->banner.rows - top;

	if (people->rows > 0 && people->col > 0)
		canvas_vline(canvas, top, people->col - 1, rows, STYLE_BORDER);
	if (pictures->rows > 0 && chat->row == pictures->row && chat->col > pictures->col)
		canvas_vline(canvas, top, chat->col - 1, rows, STYLE_BORDER);
	if (pictures->rows > 0 && chat->row > pictures->row)
		line_over(canvas, chat, people->col - 1, "┤");
	if (pictures->rows > 0 && people->row > pictures->row)
		line_over(canvas, people, people->col - 1, "├");
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
	if (layout->banner.rows > 0)
		view_banner(canvas, layout->banner, state);
	view_status(canvas, layout->status, state);
	view_prompt(canvas, layout->prompt, state);
	if (state->overlay)
		view_overlay(canvas, state, layout);
}
