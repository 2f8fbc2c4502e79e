/* The status line: what just happened on the left, who waits (for hosts) or what is special now on the right.
 */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "tui/prompt.h"

static const enum style styles[] = {
	[VIEW_STATUS_NONE] = STYLE_DIM,
	[VIEW_STATUS_PLAIN] = STYLE_NORMAL,
	[VIEW_STATUS_OK] = STYLE_OK,
	[VIEW_STATUS_WARNING] = STYLE_ALERT,
};

/* What waits for this person's own word, the most urgent first: a recording, a file, a poll. */
static void what_asks(char *dst, size_t size, const struct view_state *state, bool brief)
{
	const struct roster *roster = state->roster;
	char name[MOOT_NAME_SIZE + 16];
	const struct roster_file *file = roster_find_file(roster, 0);

	dst[0] = '\0';
	if (roster->record_asked) {
		roster_show_name(roster, roster->recorder, name, sizeof(name));
		snprintf(dst, size, brief ? "Record? M-y M-n" : "%s asks to record: M-y yes, M-n no",
			 roster->presence == PRESENCE_IN ? name : "A host");
	} else if (file) {
		snprintf(dst, size, brief ? "/accept %u" : "A file for you: /accept %u", file->file);
	} else if (state->may_vote && !brief) {
		snprintf(dst, size, "A poll is open: /poll");
	}
}

/* "plan.pdf [####----] 52 %" */
static void progress(char *dst, size_t size, const struct view_state *state)
{
	enum { CELLS = 8 };
	char bar[CELLS + 1];
	int percent = (int)(state->file.done * 100 / (state->file.all ? state->file.all : 1));

	for (int i = 0; i < CELLS; i++)
		bar[i] = i < percent * CELLS / 100 ? '#' : '-';
	bar[CELLS] = '\0';
	snprintf(dst, size, "%.30s [%s] %d %%", state->file.name, bar, percent);
}

/* The right end: "Bo waits 0:34 (M-a admits)". */
static void who_waits(char *dst, size_t size, const struct view_state *state, bool brief)
{
	const struct roster *roster = state->roster;
	char name[MOOT_NAME_SIZE + 16];

	dst[0] = '\0';
	if (!roster || roster->presence != PRESENCE_IN || roster->waiting_count == 0)
		return;
	roster_show_name(roster, roster->waiting[0].number, name, sizeof(name));
	if (roster->waiting_count == 1)
		snprintf(dst, size, "%s waits%s", name, brief ? "" : " (M-a admits)");
	else
		snprintf(dst, size, "%s and %zu more wait%s", name, roster->waiting_count - 1,
			 brief ? "" : " (M-a admits)");
}

static const char *left_text(const struct view_state *state, char *dst, size_t size, enum style *style)
{
	const char *hint = state->prompt ? prompt_hint(state->prompt) : NULL;

	*style = STYLE_DIM;
	if (state->question) {
		*style = STYLE_BOLD;
		return "y: yes, n: no";
	}
	if (hint) {
		*style = STYLE_BOLD;
		return hint;
	}
	if (state->line_attempt > 0) {
		*style = STYLE_ALERT;
		snprintf(dst, size, "The line is lost. Trying to get it back, attempt %u ...",
			 state->line_attempt);
		return dst;
	}
	if (state->status_kind != VIEW_STATUS_NONE) {
		*style = styles[state->status_kind];
		return state->status;
	}
	return "Type to write, / for commands, ? for help";
}

void view_status(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	char right[MOOT_NAME_SIZE + 128], left[128];
	enum style style;
	const char *text = left_text(state, left, sizeof(left), &style);
	int width;

	right[0] = '\0';
	if (state->roster)
		what_asks(right, sizeof(right), state, rect.cols < 60);
	if (!right[0] || (state->roster->waiting_count && !state->roster->record_asked))
		who_waits(right, sizeof(right), state, rect.cols < 60);
	if (!right[0] && state->file.name[0])
		progress(right, sizeof(right), state);
	width = canvas_width(right, strlen(right));
	if (width > rect.cols * 3 / 5)
		width = rect.cols * 3 / 5;
	canvas_fill(canvas, rect, STYLE_NORMAL, " ");
	canvas_text(canvas, rect.row, rect.col + 1, rect.cols - 2 - (width > 0 ? width + 2 : 0), style, text);
	if (width > 0)
		canvas_text(canvas, rect.row, rect.col + rect.cols - 1 - width, width, STYLE_ALERT, right);
}
