/* The prompt: the microphone's state and level, then the line being typed with the hardware cursor in it. */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "tui/prompt.h"

/* Cells of the meter for a level in -dBov: 60 dB are all of it. */
static int meter(uint8_t level)
{
	int cells = (60 - (int)level + 9) / 10;

	return level >= 60 ? 0 : cells > VIEW_METER_CELLS ? VIEW_METER_CELLS : cells;
}

/* "[muted]", "[mic ===   ]", "[no mic]", or that nothing is sent; of one width in a meeting so that the line does not jump. */
static enum style mic_text(char dst[static 32], const struct view_state *state, bool brief)
{
	int cells = meter(state->mic_level);

	if (!state->has_mic) {
		snprintf(dst, 32, brief ? "[-]" : "[no mic]    ");
		return STYLE_DIM;
	}
	if (!state->mic_on) {
		snprintf(dst, 32, brief ? "[M]" : "[muted]     ");
		return STYLE_MUTED;
	}
	if (state->security.consent_due || state->security.state == SECURITY_PAUSED) {
		snprintf(dst, 32, brief ? "[!]" : "[not sent]  ");
		return STYLE_ALERT;
	}
	if (brief)
		snprintf(dst, 32, "[%c]", cells > 0 ? 'm' : ' ');
	else
		snprintf(dst, 32, "[mic %.*s%*s]", cells, "======", VIEW_METER_CELLS - cells, "");
	return STYLE_OK;
}

void view_prompt(struct canvas *canvas, struct rect rect, const struct view_state *state)
{
	bool in = state->roster && state->roster->presence == PRESENCE_IN;
	bool brief = rect.cols < 60;
	int col = rect.col + 1, room, cursor = 0;

	if (state->question) {
		col += canvas_text(canvas, rect.row, col, rect.cols - 2, STYLE_BOLD, "y or n? ");
	} else if (in) {
		char mic[32];
		enum style style = mic_text(mic, state, brief);

		col += canvas_text(canvas, rect.row, col, rect.cols, style, mic) + 1;
	}
	if (!state->question)
		col += canvas_text(canvas, rect.row, col, 2, STYLE_BOLD, "> ");
	room = rect.col + rect.cols - 1 - col;
	if (state->prompt && !state->question && room > 1) {
		size_t from, to;

		prompt_window(state->prompt, room, &from, &to, &cursor);
		canvas_text_n(canvas, rect.row, col, room, STYLE_NORMAL, prompt_line(state->prompt) + from,
			      to - from);
		if (from > 0)
			canvas_text(canvas, rect.row, col - 1, 1, STYLE_DIM, "<");
		if (to < strlen(prompt_line(state->prompt)))
			canvas_text(canvas, rect.row, col + room, 1, STYLE_DIM, ">");
	}
	canvas->cursor_row = rect.row;
	canvas->cursor_col = col + cursor;
}
