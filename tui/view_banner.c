/* A line above the status that stays until it is answered: the relay can hear, and nothing is sent before one's own yes; or
 * nothing is sent because a check failed. On a small screen it says less, but is never cut. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { FORMS = 3, BANNER_SIZE = 512 };

static void consent_text(char dst[static BANNER_SIZE], const struct view_state *state, int form)
{
	const struct roster *roster = state->roster;
	const struct person *person = roster ? roster_find(roster, state->security.heard_by) : NULL;
	const char *answer = roster && roster->record_asked ? "/consent relay yes" : "/consent yes";
	char name[MOOT_NAME_SIZE + 16] = "Somebody";

	if (person)
		roster_show_name(roster, person->number, name, sizeof(name));
	if (form == 0)
		snprintf(dst, BANNER_SIZE, "%s came by %s: the relay can hear. Until you say %s you send nothing.", name,
			 person && person->kind >= KIND_WEB ? kind_name(person->kind) : "web or phone", answer);
	else
		snprintf(dst, BANNER_SIZE, form == 1 ? "The relay can hear. You send nothing until %s." : "%s?", answer);
}

/* Says what there is to say in one of its forms, the longest first. False: nothing. */
static bool text_of(char dst[static BANNER_SIZE], const struct view_state *state, int form)
{
	if (state->security.state == SECURITY_PAUSED && form == 0)
		snprintf(dst, BANNER_SIZE, "Nothing is sent: a security check failed (%s). /security says what to do.",
			 state->security.reason);
	else if (state->security.state == SECURITY_PAUSED)
		snprintf(dst, BANNER_SIZE, form == 1 ? "Nothing is sent: %s. /security" : "/security", state->security.reason);
	else if (state->security.consent_due)
		consent_text(dst, state, form);
	else
		return false;
	return true;
}

/* Where the row that starts at from ends. */
static size_t row_end(const char *text, size_t from, int cols)
{
	size_t at = from, blank = 0;
	int cells = 0;

	while (text[at]) {
		size_t bytes;

		cells += canvas_cluster(text + at, strlen(text + at), &bytes);
		if (cells > cols && at > from)
			return blank > from ? blank : at;
		if (text[at] == ' ')
			blank = at;
		at += bytes;
	}
	return at;
}

/* Draws when canvas is given; returns the rows. */
static int lay(struct canvas *canvas, struct rect rect, enum style style, const char *text, int cols)
{
	size_t from = 0;
	int row = 0;

	do {
		const size_t to = row_end(text, from, cols);

		if (canvas && row < rect.rows)
			canvas_text_n(canvas, rect.row + row, rect.col + 1, cols, style, text + from, to - from);
		from = to + strspn(text + to, " ");
		row++;
	} while (text[from]);
	return row;
}

/* Of this many rows at most, the longest form. */
static int choose(char text[static BANNER_SIZE], const struct view_state *state, int most, int cols)
{
	int rows = 0;

	for (int form = 0; form < FORMS; form++) {
		if (!text_of(text, state, form))
			return 0;
		rows = lay(NULL, (struct rect) { 0, 0, 0, 0 }, STYLE_NORMAL, text, cols - 2);
		if (rows <= most)
			return rows;
	}
	return most;
}

int view_banner_rows(const struct view_state *state, int rows, int cols)
{
	char text[BANNER_SIZE];

	return choose(text, state, rows >= 18 ? 3 : rows >= 10 ? 2 : 1, cols);
}

void view_banner(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	const enum style style = state->security.state == SECURITY_PAUSED ? STYLE_PAUSED : STYLE_HEARD;
	char text[BANNER_SIZE];

	choose(text, state, rect.rows, rect.cols);
	canvas_fill(canvas, rect, style, " ");
	lay(canvas, rect, style, text, rect.cols - 2);
}
