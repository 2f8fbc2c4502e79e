/* The roster: who waits on top (hosts), then who is here, one row each. Wide, what is on is said in words;
 * narrow, in letters that the help page explains: >Ann (you)       H  mV     > speaks, H host, C co-host, m
 * microphone on, M muted, V camera, S shares, R records, K types into the share, @2 in breakout room 2,
 * ^1 hand raised, z away, and the kind of connection when it is no terminal. Who has no keys yet is neither heard nor
 * seen: that is said in place of what they switched on. A ! before the name: another key than this name had before. Those in one's own room
 * come first. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

enum {
	WORDS_COLS = 36,
	COLS_MAX = 48 /* farther apart, name and state are not one row to the eye */,
	FLAGS_SIZE = 96
};

static const char no_keys[] = "no keys yet";

static char kind_letter(enum kind kind)
{
	static const char letters[KIND_COUNT] = { [KIND_TERMINAL] = '\0',
						  [KIND_HEADLESS] = 'h',
						  [KIND_WEB] = 'w',
						  [KIND_PHONE] = 'p',
						  [KIND_SIP] = 's' };

	return kind < KIND_COUNT ? letters[kind] : '\0';
}

static void word(char dst[static FLAGS_SIZE], const char *text)
{
	size_t n = strlen(dst);

	snprintf(dst + n, FLAGS_SIZE - n, "%s%s", n > 0 ? " " : "", text);
}

/* What is switched on. */
static void switches(char dst[static FLAGS_SIZE], const struct person *person)
{
	if (person->record)
		word(dst, "RECORDS");
	if (person->keyboard)
		word(dst, "keyboard");
	if (person->share)
		word(dst, "share");
	if (person->camera)
		word(dst, "cam");
	if (person->mic == MIC_ON)
		word(dst, "mic");
	else if (person->mic == MIC_MUTED)
		word(dst, "muted");
}

static void flags_words(char dst[static FLAGS_SIZE], const struct person *person, bool elsewhere,
			const struct app_mark *mark)
{
	char text[24];

	dst[0] = '\0';
	if (mark && mark->new_key)
		word(dst, "NEW KEY");
	if (mark && mark->unkeyed)
		word(dst, no_keys);
	if (person->away)
		word(dst, "away");
	if (person->room && elsewhere) {
		snprintf(text, sizeof(text), "@%u", person->room);
		word(dst, text);
	}
	if (person->hand) {
		snprintf(text, sizeof(text), "hand %u", person->hand);
		word(dst, text);
	}
	if (!mark || !mark->unkeyed)
		switches(dst, person);
	if (kind_letter(person->kind))
		word(dst, kind_name(person->kind));
	if (person->role == ROLE_HOST || person->role == ROLE_COHOST)
		word(dst, role_name(person->role));
}

static void flags_letters(char dst[static FLAGS_SIZE], const struct person *person, bool elsewhere,
			  const struct app_mark *mark)
{
	static const char mics[MIC_COUNT] = { [MIC_NONE] = ' ', [MIC_ON] = 'm', [MIC_MUTED] = 'M' };
	const char kind[2] = { kind_letter(person->kind), '\0' };
	const char role = person->role == ROLE_HOST ? 'H' : person->role == ROLE_COHOST ? 'C' : ' ';
	char hand[16] = "", room[16] = "";

	if (person->hand)
		snprintf(hand, sizeof(hand), "^%u ", person->hand);
	if (person->room && elsewhere)
		snprintf(room, sizeof(room), "@%u ", person->room);
	if (mark && mark->unkeyed)
		snprintf(dst, FLAGS_SIZE, "%s%s%c", hand, role == ' ' ? no_keys : "no keys ", role);
	else
		snprintf(dst, FLAGS_SIZE, "%s%s%s%s%s%s%s%s%c%c", room, person->away ? "z" : "", kind, hand,
			 person->record ? "R" : "", person->keyboard ? "K" : "", person->share ? "S" : "",
			 person->camera ? "V" : " ", person->mic < MIC_COUNT ? mics[person->mic] : ' ', role);
}

static enum style style_of(const struct view_state *state, const struct person *person)
{
	if (person->away || !roster_here(state->roster, person))
		return STYLE_DIM;
	if (view_speaks(state, person->number))
		return STYLE_SPEAKING;
	return person->number == state->roster->me ? STYLE_MINE : STYLE_NORMAL;
}

static void person_row(struct canvas *canvas, struct rect row, const struct view_state *state,
		       const struct person *person)
{
	char name[MOOT_NAME_SIZE + 32], flags[FLAGS_SIZE];
	bool me = person->number == state->roster->me, elsewhere = !roster_here(state->roster, person);
	const struct app_mark *mark = view_mark(state, person->number);
	const int warned = mark && mark->new_key;
	int width, room;

	if (row.cols >= WORDS_COLS)
		flags_words(flags, person, elsewhere, mark);
	else
		flags_letters(flags, person, elsewhere, mark);
	width = canvas_width(flags, strlen(flags));
	canvas_text(canvas, row.row, row.col, 1, STYLE_SPEAKING,
		    view_speaks(state, person->number) ? ">" : " ");
	roster_show_name(state->roster, person->number, name, sizeof(name) - 8);
	if (me)
		snprintf(name + strlen(name), 8, " (you)");
	room = row.cols - 3 - width - warned;
	if (me && canvas_width(name, strlen(name)) > room)
		name[strlen(name) - strlen(" (you)")] = '\0';
	if (warned)
		canvas_text(canvas, row.row, row.col + 1, 1, STYLE_ALERT, "!");
	canvas_text(canvas, row.row, row.col + 1 + warned, room, warned ? STYLE_ALERT : style_of(state, person), name);
	canvas_text(canvas, row.row, row.col + row.cols - 1 - width, width,
		    person->away || (mark && mark->unkeyed)               ? STYLE_DIM
		    : person->mic == MIC_MUTED ? STYLE_MUTED
					       : STYLE_NORMAL,
		    flags);
}

static int heading(struct canvas *canvas, struct rect rect, int row, enum style style, const char *text,
		   size_t count)
{
	char line[64];

	snprintf(line, sizeof(line), "%s (%zu)", text, count);
	if (row < rect.rows)
		canvas_text(canvas, rect.row + row, rect.col + 1, rect.cols - 1, style, line);
	return row + 1;
}

static int waiting(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	const struct roster *roster = state->roster;
	int row = 0, most = rect.rows / 2;

	if (roster->waiting_count == 0)
		return 0;
	row = heading(canvas, rect, row, STYLE_HOST, "Waiting", roster->waiting_count);
	for (size_t i = 0; i < roster->waiting_count && row < most; i++) {
		const struct knocker *knocker = &roster->waiting[i];
		char name[MOOT_NAME_SIZE + 16], since[16];
		int width;

		roster_show_name(roster, knocker->number, name, sizeof(name));
		view_duration(since, (state->now_ms - knocker->since_ms) / 1000);
		width = (int)strlen(since);
		canvas_text(canvas, rect.row + row, rect.col, 1, STYLE_HOST, "?");
		canvas_text(canvas, rect.row + row, rect.col + 1, rect.cols - 3 - width, STYLE_NORMAL, name);
		canvas_text(canvas, rect.row + row, rect.col + rect.cols - 1 - width, width, STYLE_DIM,
			    since);
		row++;
	}
	return row + 1;
}

/* Who is shown first when not all fit: raised hands and who speaks would be nice to keep in view, but a list
 * whose order jumps cannot be read; so by number, hosts' own rule, and in breakout rooms one's own room first. */
void view_people(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	const struct roster *roster = state->roster;
	size_t shown = 0;
	int row;

	if (rect.cols > COLS_MAX)
		rect.cols = COLS_MAX;
	row = waiting(canvas, rect, state);
	row = heading(canvas, rect, row, STYLE_BOLD, "Here", roster->people_count);
	for (size_t i = 0; i < 2 * roster->people_count && row < rect.rows; i++) {
		const struct person *person = &roster->people[i % roster->people_count];

		if (roster_here(roster, person) != (i < roster->people_count))
			continue;
		if (row == rect.rows - 1 && shown + 1 < roster->people_count)
			break;
		person_row(canvas, (struct rect) { rect.row + row++, rect.col, 1, rect.cols }, state, person);
		shown++;
	}
	if (shown < roster->people_count && row < rect.rows) {
		char more[48];

		snprintf(more, sizeof(more), "and %zu more: /who", roster->people_count - shown);
		canvas_text(canvas, rect.row + row, rect.col + 1, rect.cols - 1, STYLE_DIM, more);
	}
}
