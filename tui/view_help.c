/* A page over the main area: help out of the tables, or a long answer (/who, /security). Scrolls; Esc or q
 * closes. */
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/command.h"
#include "tui/keys.h"

enum { NARROW_COLS = 60, SHORT_COLS = 8, SECOND_COLS = 29 /* where commands are explained */ };

static const char legend[] = "PEOPLE\n"
			     "  >        speaks\n"
			     "  H C      host, co-host\n"
			     "  m M      microphone on, muted\n"
			     "  V S R    camera on, shares, records\n"
			     "  K @2     types into the share, in breakout room 2\n"
			     "  ^1       hand raised, first in line\n"
			     "  z        away: the line is lost, the seat is kept\n"
			     "  h w p s  not from a terminal: headless, web, phone, sip\n"
			     "  !        shows another key than this name had before: /security\n"
			     "  no keys  (yet): neither heard nor seen, and hears and sees nothing\n";

static void commands(FILE *out, bool hosts)
{
	const char *group = "";

	for (const struct command_info *info = command_table(); info->name; info++) {
		char usage[96];

		if (!hosts && info->least >= ROLE_COHOST)
			continue;
		if (strcmp(group, info->group) != 0)
			fprintf(out, "%s/%s\n", *group ? "\n" : "", info->group);
		group = info->group;
		snprintf(usage, sizeof(usage), "/%s%s%s", info->name, info->usage[0] ? " " : "", info->usage);
		fprintf(out, "  %-25s  %s\n", usage, info->help);
	}
}

static void keys(FILE *out)
{
	fprintf(out, "KEYS (M- is Alt, or Esc and then the key)\n");
	for (const struct key_binding *binding = keys_table(); binding->name; binding++)
		if (binding->help)
			fprintf(out, "  %-12s %s\n", binding->name, binding->help);
	fprintf(out, "\nWHILE TYPING\n");
	for (const char *const *pair = keys_editing(); pair[0]; pair += 2)
		fprintf(out, "  %-12s %s\n", pair[0], pair[1]);
}

char *view_help_text(bool hosts)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	bool bad;

	if (!out)
		return NULL;
	fprintf(out, "What you type goes to everyone. A line that begins with / is a command; "
		     "its words may be shortened, and Tab completes them.\n\n");
	keys(out);
	fprintf(out, "\n%s\nCOMMANDS\n", legend);
	commands(out, hosts);
	bad = ferror(out);
	if (fclose(out) || bad) {
		free(text);
		return NULL;
	}
	return text;
}

/* Where the row that starts at from ends: at the edge, or at the last blank before it. */
static size_t fold(const char *text, size_t n, size_t from, int cols)
{
	size_t to = from, blank = 0;
	int cells = 0;

	while (to < n) {
		size_t bytes;

		cells += canvas_cluster(text + to, n - to, &bytes);
		if (cells > cols && to > from)
			break;
		if (text[to] == ' ')
			blank = to;
		to += bytes;
	}
	return to < n && blank > from ? blank : to;
}

static bool heading(const char *text, size_t n)
{
	return n > 1 &&
	       (text[0] == '/' || (text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z'));
}

/* Rows that go out one after another; those from first on are drawn when canvas is given. */
struct rows {
	struct canvas *canvas;
	struct rect rect;
	int first, count;
};

/* One text folded into what is left of the page at indent. beside: its first row is the row before, too. */
static void put(struct rows *rows, enum style style, const char *text, size_t n, int indent, bool beside)
{
	size_t from = 0;

	rows->count -= beside;
	do {
		size_t to = fold(text, n, from, rows->rect.cols - indent);
		int row = rows->count++ - rows->first;

		if (rows->canvas && row >= 0 && row < rows->rect.rows)
			canvas_text_n(rows->canvas, rows->rect.row + row, rows->rect.col + indent,
				      rows->rect.cols - indent, style, text + from, to - from);
		while (to < n && text[to] == ' ')
			to++;
		from = to;
	} while (from < n);
}

/* Two columns have a gap between them. What does not fit beside a long first one goes below it; on a narrow page
 * whatever follows a long one does. */
static void put_line(struct rows *rows, const char *text, size_t n)
{
	enum style style = heading(text, n) ? STYLE_BOLD : STYLE_NORMAL;
	size_t start = strspn(text, " "), second;
	const char *gap = start < n ? memmem(text + start, n - start, "  ", 2) : NULL;
	int cols, width;

	if (!gap) {
		put(rows, style, text, n, 0, false);
		return;
	}
	second = (size_t)(gap - text) + strspn(gap, " ");
	if (second > n)
		second = n;
	width = canvas_width(text, (size_t)(gap - text));
	cols = rows->rect.cols >= NARROW_COLS ? canvas_width(text, second) : width <= SHORT_COLS ? SHORT_COLS + 2 : 6;
	if (cols > SECOND_COLS && canvas_width(text, n) > rows->rect.cols)
		cols = SECOND_COLS;
	put(rows, style, text, (size_t)(gap - text), 0, false);
	put(rows, style, text + second, n - second, cols, width < cols);
}

/* Returns how many rows the text has; draws those from first on when canvas is given. */
static int page(struct canvas *canvas, struct rect rect, const char *text, int first)
{
	struct rows rows = { .canvas = canvas, .rect = rect, .first = first };

	while (*text) {
		size_t n = strcspn(text, "\n");

		put_line(&rows, text, n);
		text += n + (text[n] == '\n');
	}
	return rows.count;
}

/* A code above the text, if all of that keeps its room. */
static void put_code(struct canvas *canvas, struct rect *inner, const char *code, int lines)
{
	const int rows = view_code_rows(inner->rows - lines - 1, inner->cols, canvas->ascii);
	const int spare = inner->rows - lines - 1 - rows;

	if (rows == 0)
		return;
	view_code(canvas, (struct rect) { inner->row + (spare > 1), inner->col, rows, inner->cols }, code);
	inner->row += rows + 1 + (spare > 1);
	inner->rows -= rows + 1 + (spare > 1);
}

void view_overlay(struct canvas *canvas, const struct view_state *state, struct view_layout *layout)
{
	struct rect frame = { 1, 0, canvas->rows - 2, canvas->cols };
	struct rect inner;
	char foot[96];
	const int most = state->overlay_code ? 92 : 88;
	int width = canvas->cols > most + 4 ? most : canvas->cols, first;

	frame.col = (canvas->cols - width) / 2;
	frame.cols = width;
	inner = (struct rect) { frame.row + 1, frame.col + 2, frame.rows - 2, frame.cols - 4 };
	canvas_fill(canvas, (struct rect) { 1, 0, canvas->rows - 2, canvas->cols }, STYLE_NORMAL, " ");
	canvas_hline(canvas, frame.row, frame.col, frame.cols, STYLE_BORDER);
	canvas_hline(canvas, frame.row + frame.rows - 1, frame.col, frame.cols, STYLE_BORDER);
	if (state->overlay_title) {
		canvas_text(canvas, frame.row, frame.col + 2, 1, STYLE_BOLD, " ");
		width = canvas_text(canvas, frame.row, frame.col + 3, frame.cols - 6, STYLE_BOLD,
				    state->overlay_title);
		canvas_text(canvas, frame.row, frame.col + 3 + width, 1, STYLE_BOLD, " ");
	}
	layout->overlay_lines = page(NULL, inner, state->overlay, 0);
	if (state->overlay_code)
		put_code(canvas, &inner, state->overlay_code, layout->overlay_lines);
	layout->overlay_rows = inner.rows;
	first = state->overlay_row;
	if (first > layout->overlay_lines - inner.rows)
		first = layout->overlay_lines - inner.rows;
	if (first < 0)
		first = 0;
	page(canvas, inner, state->overlay, first);
	if (layout->overlay_lines > inner.rows)
		snprintf(foot, sizeof(foot), " %d-%d of %d  PgUp PgDn  q closes ", first + 1,
			 first + inner.rows, layout->overlay_lines);
	else
		snprintf(foot, sizeof(foot), " q closes ");
	width = (int)strlen(foot);
	if (width < frame.cols - 2)
		canvas_text(canvas, frame.row + frame.rows - 1, frame.col + frame.cols - width - 2, width,
			    STYLE_DIM, foot);
	layout->picture_count = 0;
	for (int i = 0; i < canvas->rows * canvas->cols; i++)
		canvas->cell[i].picture = false;
	canvas->cursor_row = frame.row + 1;
	canvas->cursor_col = frame.col;
}
