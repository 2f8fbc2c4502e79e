/* The title line: what meeting, how protected, who is here, how long. Parts have a rank; the least goes first
 * when the line is short, and the meeting's title is cut before that. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

enum { PARTS_MAX = 12, TITLE_CELLS_MIN = 10, CLOSED_SIZE = 64, RANK_SMALL = 4 };

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

/* How far the meeting is encrypted is said on the narrowest line, in two words if need be: a shorter form is another
 * sentence, none is ever cut. The longest comes first; NULL ends them. */
static const char *security_form(const struct session_security *security, unsigned index)
{
	static const char *const shorter[] = {
		[SECURITY_VERIFIED] = "E2E verified",
		[SECURITY_NOT_VERIFIED] = "E2E, compare code",
		[SECURITY_TO_RELAY] = "RELAY CAN HEAR",
	};
	static char paused[MOOT_WORD_SIZE + 16];

	switch (security->state) {
	case SECURITY_VERIFIED:
	case SECURITY_NOT_VERIFIED:
	case SECURITY_TO_RELAY: return index == 0 ? security->text : index == 1 ? shorter[security->state] : NULL;
	case SECURITY_PAUSED:
		snprintf(paused, sizeof(paused), "PAUSED: %s", security->reason);
		return index == 0 ? security->text : index == 1 ? paused : index == 2 ? "PAUSED" : NULL;
	default: return index == 0 ? "Joining" : NULL;
	}
}

static void collect_security(struct parts *parts, const struct session_security *security, unsigned form)
{
	static const enum style styles[] = {
		[SECURITY_NONE] = STYLE_TITLE,	      [SECURITY_VERIFIED] = STYLE_VERIFIED,
		[SECURITY_NOT_VERIFIED] = STYLE_COMPARE, [SECURITY_TO_RELAY] = STYLE_HEARD,
		[SECURITY_PAUSED] = STYLE_PAUSED,
	};
	const bool known = (unsigned)security->state < sizeof(styles) / sizeof(styles[0]);
	struct part *part = add(parts, known ? styles[security->state] : STYLE_TITLE, 0, false);

	snprintf(part->text, sizeof(part->text), "%s", security_form(security, form));
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

static void collect_in(struct parts *parts, const struct view_state *state, unsigned form)
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
	collect_security(parts, &state->security, form);
	if (state->line_attempt > 0)
		snprintf(add(parts, STYLE_ALERT, 1, true)->text, 32, "[line lost]");
	if (roster->waiting_count > 0)
		snprintf(add(parts, STYLE_ALERT, 2, true)->text, 32, "[%zu waiting]", roster->waiting_count);
	snprintf(add(parts, STYLE_TITLE, 3, true)->text, 32, "%zu here", roster->people_count);
	view_duration(time, state->elapsed_s);
	snprintf(add(parts, STYLE_TITLE, 6, true)->text, 32, "%s", time);
}

static void collect_before(struct parts *parts, const struct view_state *state, unsigned form)
{
	const struct roster *roster = state->roster;
	bool waiting = roster && roster->presence == PRESENCE_WAITING;
	struct part *part = add(parts, STYLE_TITLE, 0, false);

	if (waiting && roster->title[0])
		text_safe(part->text, sizeof(part->text), roster->title, false);
	else
		snprintf(part->text, sizeof(part->text), "Moot");
	if (waiting)
		snprintf(add(parts, STYLE_TITLE, 1, false)->text, 32, "waiting room");
	collect_security(parts, &state->security, form);
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

/* Leave away parts of this rank and worse until the rest fits beside a title of at least TITLE_CELLS_MIN. True when it
 * does; *title: the cells of the title then. */
static bool fit(struct parts *parts, int cols, int rank, int *title)
{
	const int whole = canvas_width(parts->part[0].text, strlen(parts->part[0].text));
	const int least = whole < TITLE_CELLS_MIN ? whole : TITLE_CELLS_MIN;

	while (total(parts) - whole + least > cols) {
		size_t worst = 0;

		for (size_t i = 1; i < parts->count; i++)
			if (parts->part[i].rank >= rank && parts->part[i].rank >= parts->part[worst].rank)
				worst = i;
		if (worst == 0)
			return false;
		memmove(&parts->part[worst], &parts->part[worst + 1],
			(parts->count - worst - 1) * sizeof(parts->part[0]));
		parts->count--;
	}
	*title = total(parts) <= cols ? whole : whole - (total(parts) - cols);
	return true;
}

/* The whole sentence if only small things must go for it; else a short one, and what fits beside it. On the narrowest
 * line it stands alone. Returns the cells of the title. */
static int collect(struct parts *parts, const struct view_state *state, int cols)
{
	const bool in = state->roster && state->roster->presence == PRESENCE_IN;
	int title = 0;

	for (int rank = RANK_SMALL; rank >= 1; rank -= RANK_SMALL - 1)
		for (unsigned form = rank == 1; security_form(&state->security, form); form++) {
			parts->count = 0;
			(in ? collect_in : collect_before)(parts, state, form);
			if (fit(parts, cols, rank, &title))
				return title;
		}
	for (size_t i = 1; i < parts->count; i++)
		if (parts->part[i].rank == 0)
			parts->part[0] = parts->part[i];
	parts->count = 1;
	return cols;
}

static void put_title(struct canvas *canvas, struct rect rect, struct part *part, int cells, int *left)
{
	const bool cut = cells > 1 && cells < canvas_width(part->text, strlen(part->text));

	if (cut)
		canvas_text(canvas, rect.row, *left + cells - 1, 1, part->style, canvas->ascii ? "." : "…");
	*left += canvas_text(canvas, rect.row, *left, cut ? cells - 1 : cells, part->style, part->text);
	*left = (cut ? rect.col + 1 + cells : *left) + 2;
}

void view_title(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	struct parts parts = { .count = 0 };
	int left = rect.col + 1, right = rect.col + rect.cols - 1;
	const int title = collect(&parts, state, rect.cols);

	canvas_fill(canvas, rect, STYLE_TITLE, " ");
	for (size_t i = parts.count; i-- > 0;) {
		const struct part *part = &parts.part[i];

		if (!part->right)
			continue;
		right -= canvas_width(part->text, strlen(part->text));
		canvas_text(canvas, rect.row, right, rect.cols, part->style, part->text);
		right -= 2;
	}
	put_title(canvas, rect, &parts.part[0], title, &left);
	for (size_t i = 1; i < parts.count; i++)
		if (!parts.part[i].right)
			left += canvas_text(canvas, rect.row, left, right + 2 - left, parts.part[i].style,
					    parts.part[i].text) +
				2;
}
