/* The title line: what meeting, how protected, who is here, how long. Parts have a rank; the least goes first
 * when the line is short, and the meeting's title is cut before that. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

enum { PARTS_MAX = 12, TITLE_CELLS_MIN = 10, NARROW_COLS = 60, CLOSED_SIZE = 64 };

struct part {
	char text[MOOT_TITLE_SIZE * 2];
	enum style style;
	int rank; /* 0 stays, the largest goes first */
	bool right;
};

struct parts {
	struct part part[PARTS_MAX];
	size_t count;
};

static struct part *add(struct parts *parts, enum style style, int rank, bool right)
{
	struct part *part = &parts->part[parts->count++];

	memset(part, 0, sizeof(*part));
	part->style = style;
	part->rank = rank;
	part->right = right;
	return part;
}

/* How far the meeting is encrypted is said on the narrowest line, in two words if need be. */
static const char *brief(const char *security, int cols)
{
	return cols < NARROW_COLS && !strcmp(security, "Encrypted to the relay only") ? "Relay only" : security;
}

/* What the hosts closed, in brackets: "[hosts chat, no video]". Empty when all is open. */
static void closed(char dst[static CLOSED_SIZE], const struct roster *roster)
{
	static const struct {
		enum control control;
		int32_t value;
		const char *text;
	} table[] = {
		{ CONTROL_CHAT, CHAT_OFF, "no chat" },
		{ CONTROL_CHAT, CHAT_HOSTS, "hosts chat" },
		{ CONTROL_UNMUTE, 0, "ask to unmute" },
		{ CONTROL_VIDEO, 0, "no video" },
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (roster->control[table[i].control] == table[i].value)
			at += (size_t)snprintf(dst + at, CLOSED_SIZE - at, "%s%s", at ? ", " : "[", table[i].text);
	snprintf(dst + at, CLOSED_SIZE - at, "%s", at ? "]" : "");
}

static void collect_recording(struct parts *parts, const struct roster *roster)
{
	char name[MOOT_NAME_SIZE + 16];

	for (size_t i = 0; i < roster->people_count; i++) {
		if (!roster->people[i].record)
			continue;
		roster_show_name(roster, roster->people[i].number, name, sizeof(name));
		snprintf(add(parts, STYLE_ALERT, 1, false)->text, sizeof(parts->part[0].text), "[REC %s]", name);
		return;
	}
}

static void collect_in(struct parts *parts, const struct view_state *state, int cols)
{
	const struct roster *roster = state->roster;
	struct part *part;
	char time[16], text[CLOSED_SIZE], room[MOOT_NAME_SIZE];
	const struct person *me;

	part = add(parts, STYLE_TITLE, 0, false);
	text_safe(part->text, sizeof(part->text), roster->title[0] ? roster->title : "Moot", false);
	text_id_show(add(parts, STYLE_TITLE, 5, false)->text, roster->id);
	collect_recording(parts, roster);
	if (roster->control[CONTROL_LOCK])
		snprintf(add(parts, STYLE_ALERT, 2, false)->text, 32, "[locked]");
	me = roster_me(roster);
	if (me && me->room) {
		roster_room_name(roster, me->room, room, sizeof(room));
		snprintf(add(parts, STYLE_ALERT, 1, false)->text, sizeof(part->text), "[in %s]", room);
	}
	closed(text, roster);
	if (text[0])
		snprintf(add(parts, STYLE_ALERT, 4, false)->text, sizeof(text), "%s", text);
	if (state->security)
		snprintf(add(parts, STYLE_TITLE, 1, false)->text, 80, "%s", brief(state->security, cols));
	if (state->line_attempt > 0)
		snprintf(add(parts, STYLE_ALERT, 1, true)->text, 32, "[line lost]");
	if (roster->waiting_count > 0)
		snprintf(add(parts, STYLE_ALERT, 2, true)->text, 32, "[%zu waiting]", roster->waiting_count);
	snprintf(add(parts, STYLE_TITLE, 3, true)->text, 32, "%zu here", roster->people_count);
	view_duration(time, state->elapsed_s);
	snprintf(add(parts, STYLE_TITLE, 6, true)->text, 32, "%s", time);
}

static void collect_before(struct parts *parts, const struct view_state *state)
{
	const struct roster *roster = state->roster;
	bool waiting = roster && roster->presence == PRESENCE_WAITING;
	struct part *part = add(parts, STYLE_TITLE, 0, false);

	if (waiting && roster->title[0])
		text_safe(part->text, sizeof(part->text), roster->title, false);
	else
		snprintf(part->text, sizeof(part->text), "Moot");
	snprintf(add(parts, STYLE_TITLE, 1, false)->text, 32, waiting ? "waiting room" : "connecting");
	if (waiting && state->security)
		snprintf(add(parts, STYLE_TITLE, 2, false)->text, 80, "%s", state->security);
	if (state->line_attempt > 0)
		snprintf(add(parts, STYLE_ALERT, 1, true)->text, 32, "[line lost]");
}

static int total(const struct parts *parts)
{
	int cells = 1;

	for (size_t i = 0; i < parts->count; i++)
		cells += canvas_width(parts->part[i].text, strlen(parts->part[i].text)) + 2;
	return cells - 1;
}

/* Leave parts away until it fits beside a title of at least TITLE_CELLS_MIN. Returns the cells of the title.
 */
static int fit(struct parts *parts, int cols)
{
	int title = canvas_width(parts->part[0].text, strlen(parts->part[0].text));
	int least = title < TITLE_CELLS_MIN ? title : TITLE_CELLS_MIN;

	while (total(parts) - title + least > cols) {
		size_t worst = 0;

		for (size_t i = 1; i < parts->count; i++)
			if (parts->part[i].rank >= parts->part[worst].rank)
				worst = i;
		if (worst == 0)
			break;
		memmove(&parts->part[worst], &parts->part[worst + 1],
			(parts->count - worst - 1) * sizeof(parts->part[0]));
		parts->count--;
	}
	return total(parts) <= cols ? title : title - (total(parts) - cols);
}

void view_title(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	struct parts parts = { .count = 0 };
	int title, left = rect.col + 1, right = rect.col + rect.cols - 1;

	if (state->roster && state->roster->presence == PRESENCE_IN)
		collect_in(&parts, state, rect.cols);
	else
		collect_before(&parts, state);
	canvas_fill(canvas, rect, STYLE_TITLE, " ");
	title = fit(&parts, rect.cols);
	for (size_t i = parts.count; i-- > 0;) {
		const struct part *part = &parts.part[i];

		if (!part->right)
			continue;
		right -= canvas_width(part->text, strlen(part->text));
		canvas_text(canvas, rect.row, right, rect.cols, part->style, part->text);
		right -= 2;
	}
	if (title > 1 && title < canvas_width(parts.part[0].text, strlen(parts.part[0].text))) {
		canvas_text(canvas, rect.row, left + title - 1, 1, STYLE_TITLE, canvas->ascii ? "." : "…");
		left += canvas_text(canvas, rect.row, left, title - 1, STYLE_TITLE, parts.part[0].text);
		left = rect.col + 1 + title + 2;
		parts.part[0].right = true;
	}
	for (size_t i = 0; i < parts.count; i++) {
		const struct part *part = &parts.part[i];

		if (!part->right)
			left += canvas_text(canvas, rect.row, left, i == 0 ? title : right + 2 - left,
					    part->style, part->text) +
				2;
	}
}
