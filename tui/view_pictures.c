/* Whose pictures, where and how large. Speaker view: one large (pinned, else the spotlight, the share, who
 * speaks), others as a strip below where there is room. Gallery: a grid whose cells waste the least. Each
 * picture has its person's name in the row below. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { STRIP_ROWS_MIN = 6, STRIP_COLS_MIN = 14 };

struct faces {
	uint32_t number[VIEW_PICTURES_MAX];
	bool share[VIEW_PICTURES_MAX];
	size_t count;
};

static bool has_camera(const struct roster *roster, uint32_t number)
{
	const struct person *person = roster_find(roster, number);

	return person && person->camera && !person->away && roster_here(roster, person);
}

static void add(struct faces *faces, uint32_t number, bool share)
{
	for (size_t i = 0; i < faces->count; i++)
		if (faces->number[i] == number && faces->share[i] == share)
			return;
	if (faces->count < VIEW_PICTURES_MAX) {
		faces->number[faces->count] = number;
		faces->share[faces->count++] = share;
	}
}

/* In order of interest; oneself last. */
static void choose(struct faces *faces, const struct view_state *state)
{
	const struct roster *roster = state->roster;
	const uint32_t first[] = { state->pinned, roster->spotlight, state->speaker };

	faces->count = 0;
	if (has_camera(roster, state->pinned))
		add(faces, state->pinned, false);
	if (roster->sharer && roster->sharer != roster->me)
		add(faces, roster->sharer, true);
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (first[i] != roster->me && has_camera(roster, first[i]))
			add(faces, first[i], false);
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].number != roster->me && has_camera(roster, roster->people[i].number))
			add(faces, roster->people[i].number, false);
	if (has_camera(roster, roster->me))
		add(faces, roster->me, false);
}

/* The largest 16:9 (cells of 1:2) of whole rows that fits, centred across, at the top; the row below is left
 * for the name. */
static struct rect inside(struct rect room)
{
	int rows = room.cols * 9 / 32, cols;

	if (rows > room.rows - 1)
		rows = room.rows - 1;
	if (rows < 1)
		rows = 1;
	cols = (rows * 32 + 4) / 9;
	if (cols > room.cols)
		cols = room.cols;
	return (struct rect) { room.row, room.col + (room.cols - cols) / 2, rows, cols };
}

static void place(struct canvas *canvas, struct view_layout *layout, const struct view_state *state,
		  uint32_t number, bool share, struct rect room)
{
	struct view_picture *picture = &layout->picture[layout->picture_count];
	char name[MOOT_NAME_SIZE + 32], label[MOOT_NAME_SIZE + 64];
	int width;

	if (room.rows < 2 || room.cols < 4 || layout->picture_count == VIEW_PICTURES_MAX)
		return;
	layout->picture_count++;
	picture->number = number;
	picture->rect = inside(room);
	picture->layer = share                                   ? VIDEO_SCREEN
			 : picture->rect.cols >= VIEW_LARGE_COLS ? VIDEO_LARGE
								 : VIDEO_SMALL;
	canvas_picture(canvas, picture->rect);
	roster_show_name(state->roster, number, name, sizeof(name));
	snprintf(label, sizeof(label), "%s%s%s%s", view_speaks(state, number) && !share ? "> " : "", name,
		 share ? " shares" : "", number == state->pinned && !share ? " [pinned]" : "");
	width = canvas_width(label, strlen(label));
	if (width > room.cols)
		width = room.cols;
	canvas_text(canvas, picture->rect.row + picture->rect.rows, room.col + (room.cols - width) / 2, width,
		    view_speaks(state, number) ? STYLE_SPEAKING : STYLE_NAME, label);
}

/* So many columns and rows of a grid for count pictures that each becomes as large as can be. */
static void grid_shape(struct rect room, int count, int *across, int *down)
{
	int best = -1;

	*across = *down = 1;
	for (int cols = 1; cols <= count; cols++) {
		int rows = (count + cols - 1) / cols;
		struct rect cell = inside((struct rect) { 0, 0, room.rows / rows, room.cols / cols - 1 });

		if (room.rows / rows < 2 || cell.rows * cell.cols <= best)
			continue;
		best = cell.rows * cell.cols;
		*across = cols;
		*down = rows;
	}
}

static void gallery(struct canvas *canvas, struct view_layout *layout, const struct view_state *state,
		    const struct faces *faces)
{
	struct rect room = layout->pictures;
	int across, down;

	grid_shape(room, (int)faces->count, &across, &down);
	for (int i = 0; i < (int)faces->count && i < across * down; i++) {
		int left = i % across * room.cols / across, right = (i % across + 1) * room.cols / across;
		int top = i / across * room.rows / down, bottom = (i / across + 1) * room.rows / down;

		place(canvas, layout, state, faces->number[i], faces->share[i],
		      (struct rect) { room.row + top, room.col + left, bottom - top,
				      right - left - (across > 1) });
	}
}

/* The others, below: equal, as large as all of them fit in one row, at least two and at most four across. */
static void strip(struct canvas *canvas, struct view_layout *layout, const struct view_state *state,
		  const struct faces *faces, struct rect room)
{
	int others = (int)faces->count - 1;
	int across = others < 2 ? 2 : others > 4 ? 4 : others;
	int cols = room.cols / across, rows = inside((struct rect) { 0, 0, room.rows, cols - 1 }).rows + 1;

	if (room.rows < STRIP_ROWS_MIN || cols < STRIP_COLS_MIN)
		return;
	for (int i = 0; i < across && i < others; i++)
		place(canvas, layout, state, faces->number[i + 1], faces->share[i + 1],
		      (struct rect) { room.row, room.col + i * room.cols / across, rows, cols - 1 });
}

static void speaker(struct canvas *canvas, struct view_layout *layout, const struct view_state *state,
		    const struct faces *faces)
{
	struct rect room = layout->pictures;
	int rows = inside(room).rows + 2;

	place(canvas, layout, state, faces->number[0], faces->share[0], room);
	if (faces->count > 1)
		strip(canvas, layout, state, faces,
		      (struct rect) { room.row + rows, room.col, room.rows - rows, room.cols });
}

void view_pictures(struct canvas *canvas, struct view_layout *layout, const struct view_state *state)
{
	struct faces faces;

	choose(&faces, state);
	if (faces.count == 0)
		return;
	if (state->mode == APP_VIEW_GALLERY && faces.count > 1)
		gallery(canvas, layout, state, &faces);
	else
		speaker(canvas, layout, state, &faces);
}

void view_put_cells(struct canvas *canvas, struct rect rect, const struct cells *cells)
{
	for (int row = 0; row < rect.rows && row < cells->rows; row++) {
		for (int col = 0; col < rect.cols && col < cells->cols; col++) {
			uint32_t ch = cells->cell[row * cells->cols + col].ch;
			char utf8[5] = " ";

			if (ch >= 0x20 && ch < 0x7F) {
				utf8[0] = (char)ch;
			} else if (ch >= 0x800 && ch < 0x10000) {
				utf8[0] = (char)(0xE0 | ch >> 12);
				utf8[1] = (char)(0x80 | (ch >> 6 & 0x3F));
				utf8[2] = (char)(0x80 | (ch & 0x3F));
				utf8[3] = '\0';
			}
			canvas_text(canvas, rect.row + row, rect.col + col, 1, STYLE_NORMAL, utf8);
		}
	}
}
