/* The chat: lines of the log wrapped to the pane, newest at the bottom. A line is a time, who, and text with
 * a hanging indent; wrapping goes cluster by cluster, at blanks where there are any. Drawing walks up from
 * the bottom, so its cost is that of what is seen. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tui/prompt.h"

enum { INDENT = 6 /* "12:34 " */, HEAD_SIZE = MOOT_NAME_SIZE * 2 + 64 };

/* One row of a wrapped text: bytes [from, to). */
struct row {
	size_t from, to;
};

/* The row that starts at from, cols cells wide. Sets *next to where the one after it starts, n at the end. A
 * row may end at a blank, which is eaten, and beside any wide character. */
static struct row wrap(const char *text, size_t n, size_t from, int cols, size_t *next)
{
	struct row row = { from, from };
	size_t end = from, after = from, i = from;
	int cells = 0;
	bool wide = false;

	while (i < n && text[i] != '\n') {
		size_t bytes;
		int width = canvas_cluster(text + i, n - i, &bytes);

		if (text[i] == ' ') {
			end = i;
			after = i + 1;
		} else if ((wide || width > 1) && i > from) {
			end = after = i;
		}
		if (cells + width > cols && i > from) {
			row.to = end > from ? end : i;
			*next = end > from ? after : i;
			return row;
		}
		wide = width > 1;
		cells += width;
		i += bytes;
	}
	row.to = i;
	*next = i < n ? i + 1 : n;
	return row;
}

/* What is said to and by those who wait is not sealed: they have no keys yet. */
static const char waiting_room[] = "waiting room; the relay can read this";

/* Who says it: "Ann: ", "Bo -> you: ", or a mark before an event. Returns the style. */
static enum style head(char dst[static HEAD_SIZE], const struct chat_line *line)
{
	const char *name = line->name ? line->name : "";
	const char *to = line->to ? line->to : "";

	switch (line->kind) {
	case LINE_CHAT: snprintf(dst, HEAD_SIZE, "%s: ", name); return line->mine ? STYLE_MINE : STYLE_NAME;
	case LINE_DIRECT:
		snprintf(dst, HEAD_SIZE, "[to %s] %s: ", line->mine ? to : "you", name);
		return STYLE_DIRECT;
	case LINE_HOSTS: snprintf(dst, HEAD_SIZE, "[to hosts] %s: ", name); return STYLE_DIRECT;
	case LINE_WAITING:
		snprintf(dst, HEAD_SIZE, to[0] ? "(%s) %s to %s: " : "(%s) %s: ", waiting_room, name, to);
		return STYLE_DIRECT;
	case LINE_WARNING: snprintf(dst, HEAD_SIZE, "! "); return STYLE_ALERT;
	case LINE_EVENT: snprintf(dst, HEAD_SIZE, "* "); return STYLE_DIM;
	case LINE_HELP: break;
	}
	dst[0] = '\0';
	return STYLE_NORMAL;
}

static enum style text_style(const struct chat_line *line)
{
	return line->kind == LINE_EVENT ? STYLE_DIM : line->kind == LINE_WARNING ? STYLE_ALERT : STYLE_NORMAL;
}

/* Head and text as one string to wrap; the head's bytes in *head_bytes. dst grows with the line: the log
 * bounds it. */
struct laid {
	char text[HEAD_SIZE + MOOT_TEXT_SIZE * 3];
	size_t n, head_bytes;
	enum style style;
};

static void lay(struct laid *laid, const struct chat_line *line)
{
	char who[HEAD_SIZE];
	int n;

	laid->style = head(who, line);
	laid->head_bytes = strlen(who);
	n = snprintf(laid->text, sizeof(laid->text), "%s%s", who, line->text ? line->text : "");
	laid->n = n < 0 ? 0 : (size_t)n < sizeof(laid->text) ? (size_t)n : sizeof(laid->text) - 1;
}

static int text_cols(int cols)
{
	return cols > INDENT + 4 ? cols - INDENT - 1 : cols;
}

static int rows_of(const struct chat_line *line, int cols)
{
	struct laid laid;
	size_t next = 0;
	int rows = 0;

	lay(&laid, line);
	do {
		wrap(laid.text, laid.n, next, text_cols(cols), &next);
		rows++;
	} while (next < laid.n);
	return rows;
}

static void draw_row(struct canvas *canvas, int row, int col, int cols, const struct laid *laid,
		     struct row part, const struct chat_line *line)
{
	int used = 0;

	if (part.from < laid->head_bytes) {
		size_t end = part.to < laid->head_bytes ? part.to : laid->head_bytes;

		used = canvas_text_n(canvas, row, col, cols, laid->style, laid->text + part.from,
				     end - part.from);
		part.from = end;
	}
	canvas_text_n(canvas, row, col + used, cols - used, text_style(line), laid->text + part.from,
		      part.to - part.from);
}

/* Draw a line so that its row "last" (from 0) is at bottom; rows above the pane are left away. Returns the
 * canvas row above its first. */
static int draw_line(struct canvas *canvas, struct rect rect, int bottom, int last,
		     const struct chat_line *line)
{
	struct laid laid;
	size_t next = 0;
	int cols = text_cols(rect.cols), indent = cols == rect.cols ? 0 : INDENT;

	lay(&laid, line);
	for (int i = 0; i <= last; i++) {
		int row = bottom - last + i;
		struct row part = wrap(laid.text, laid.n, next, cols, &next);

		if (row >= rect.row)
			draw_row(canvas, row, rect.col + indent, cols, &laid, part, line);
	}
	if (indent > 0 && bottom - last >= rect.row) {
		time_t seconds = (time_t)(line->time_ms / 1000);
		struct tm tm;
		char clock[8] = "";

		if (localtime_r(&seconds, &tm))
			strftime(clock, sizeof(clock), "%H:%M", &tm);
		canvas_text(canvas, bottom - last, rect.col, INDENT, STYLE_DIM, clock);
	}
	return bottom - last - 1;
}

static void mark_new(struct canvas *canvas, struct rect rect, int row)
{
	static const char text[] = " new ";
	int width = (int)strlen(text);

	canvas_hline(canvas, row, rect.col, rect.cols, STYLE_HOST);
	if (rect.cols > width + 2)
		canvas_text(canvas, row, rect.col + (rect.cols - width) / 2, width, STYLE_HOST, text);
}

/* What stands in the room before one is in. */
static void before(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	char line[VIEW_TEXT_SIZE];
	const char *text = line;
	size_t next = 0, n;
	int row = rect.row + (rect.rows >= 14);

	if (state->question)
		text = state->question;
	else if (state->roster && state->roster->presence == PRESENCE_WAITING)
		text = "Waiting: the host has been told you are here.\n\nWhat you write goes to the hosts; the relay can read it.";
	else if (state->relay && state->relay[0])
		snprintf(line, sizeof(line), "Connecting to %s ...", state->relay);
	else
		snprintf(line, sizeof(line), "Connecting ...");
	n = strlen(text);
	do {
		struct row part = wrap(text, n, next, rect.cols > 4 ? rect.cols - 4 : rect.cols, &next);

		if (part.from == part.to && rect.rows < 14)
			continue;
		canvas_text_n(canvas, row, rect.col + 2, rect.cols - 2, STYLE_BOLD, text + part.from,
			      part.to - part.from);
		row++;
	} while (next < n && row < rect.row + rect.rows);
}

/* How many rows the text before being in takes, with a blank row on each side. */
static int before_rows(struct rect rect, const struct view_state *state)
{
	if (state->question)
		return rect.rows;
	return rect.rows > 8 ? 5 : rect.rows / 2;
}

static void note_below(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	uint64_t last = chatlog_last(state->chatlog);
	uint64_t fresh = last > state->read ? last - state->read : 0;
	char text[64];
	int width;

	if (fresh > 0)
		snprintf(text, sizeof(text), " %llu new below, M-e ", (unsigned long long)fresh);
	else
		snprintf(text, sizeof(text), " more below, M-e ");
	width = (int)strlen(text);
	if (width < rect.cols)
		canvas_text(canvas, rect.row + rect.rows - 1, rect.col + rect.cols - width, width,
			    STYLE_SELECTED, text);
}

void view_chat(struct canvas *canvas, struct rect rect, const struct view_state *state,
	       struct view_layout *layout)
{
	const struct chatlog *log = state->chatlog;
	uint64_t serial;
	int bottom = rect.row + rect.rows - 1, skip = state->chat.serial ? state->chat.skip : 0;

	if (!state->roster || state->roster->presence != PRESENCE_IN) {
		before(canvas, rect, state);
		rect.row += before_rows(rect, state);
		rect.rows = bottom + 1 - rect.row;
	}
	if (!log || rect.rows <= 0)
		return;
	serial = state->chat.serial ? state->chat.serial : chatlog_last(log);
	layout->chat_last = serial;
	while (bottom >= rect.row) {
		const struct chat_line *line = chatlog_at(log, serial);
		int rows;

		if (!line)
			break;
		rows = rows_of(line, rect.cols);
		bottom = draw_line(canvas, rect, bottom, rows - 1 - (skip < rows ? skip : rows - 1), line);
		skip = 0;
		/* Between what was read and what came since. */
		if (serial == state->read + 1 && state->read > 0 && bottom >= rect.row)
			mark_new(canvas, rect, bottom--);
		serial--;
	}
	if (state->chat.serial)
		note_below(canvas, rect, state);
}

/* ---- scrolling ---- */

/* Towards the past. Returns the rows that there were not. */
static int up(const struct chatlog *log, struct chat_position *at, int cols, int rows)
{
	const struct chat_line *line = chatlog_at(log, at->serial);

	at->skip += rows;
	while (line) {
		int height = rows_of(line, cols);

		if (at->skip < height)
			return 0;
		if (!chatlog_at(log, at->serial - 1)) {
			int missing = at->skip - height + 1;

			at->skip = height - 1;
			return missing;
		}
		at->skip -= height;
		line = chatlog_at(log, --at->serial);
	}
	return rows;
}

static void down(const struct chatlog *log, struct chat_position *at, int cols, int rows)
{
	at->skip -= rows;
	while (at->skip < 0) {
		const struct chat_line *line = chatlog_at(log, ++at->serial);

		if (!line) {
			*at = (struct chat_position) { 0, 0 };
			return;
		}
		at->skip += rows_of(line, cols);
	}
	if (at->serial == chatlog_last(log) && at->skip == 0)
		*at = (struct chat_position) { 0, 0 };
}

void view_chat_scroll(const struct chatlog *log, struct chat_position *at, int pane_rows, int pane_cols,
		      int rows)
{
	struct chat_position top;
	int missing;

	if (chatlog_count(log) == 0 || (rows <= 0 && at->serial == 0))
		return;
	if (at->serial && !chatlog_at(log, at->serial))
		*at = (struct chat_position) { chatlog_last(log) - chatlog_count(log) + 1, 0 };
	if (rows <= 0) {
		down(log, at, pane_cols, -rows);
		return;
	}
	if (at->serial == 0)
		*at = (struct chat_position) { chatlog_last(log), 0 };
	up(log, at, pane_cols, rows);
	/* Keep the pane full: its top row must exist. */
	top = *at;
	missing = up(log, &top, pane_cols, pane_rows - 1);
	if (missing > 0)
		down(log, at, pane_cols, missing);
}
