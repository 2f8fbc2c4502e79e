/* Keys from curses as the codes of keys.h, and where each goes: a question, a page, the table of bindings,
 * the prompt. */
#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/screen_state.h"
#include "tui/screen_tty.h"

enum { AGAIN_US = 3000 * 1000 };

static const struct {
	wint_t curses;
	uint32_t key;
} named[] = {
	{ KEY_UP, KEYS_UP },
	{ KEY_DOWN, KEYS_DOWN },
	{ KEY_LEFT, KEYS_LEFT },
	{ KEY_RIGHT, KEYS_RIGHT },
	{ KEY_HOME, KEYS_HOME },
	{ KEY_END, KEYS_END },
	{ KEY_PPAGE, KEYS_PAGE_UP },
	{ KEY_NPAGE, KEYS_PAGE_DOWN },
	{ KEY_DC, KEYS_DELETE },
	{ KEY_BACKSPACE, KEYS_BACKSPACE },
	{ KEY_ENTER, KEYS_ENTER },
	{ KEY_F(1), KEYS_F1 },
	{ KEY_FIND, KEYS_HOME },
	{ KEY_SELECT, KEYS_END },
	{ KEY_HELP, KEYS_F1 },
	{ SCREEN_KEY_WORD_LEFT, KEYS_META | KEYS_LEFT },
	{ SCREEN_KEY_WORD_RIGHT, KEYS_META | KEYS_RIGHT },
	{ SCREEN_KEY_PASTE_BEGIN, KEYS_PASTE_BEGIN },
	{ SCREEN_KEY_PASTE_END, KEYS_PASTE_END },
};

/* ---- acts ---- */

static void run(struct screen *screen, const char *line)
{
	size_t n = strcspn(line, " ");

	snprintf(screen->last_word, sizeof(screen->last_word), "%.*s", n < 31 ? (int)n : 31, line);
	app_line(screen->app, ++screen->tag, line);
}

static void admit_next(struct screen *screen, const char *line)
{
	const struct roster *roster = app_roster(screen->app);
	char full[64];

	if (roster->waiting_count == 0) {
		screen_say(screen, VIEW_STATUS_PLAIN, "Nobody waits.");
		return;
	}
	snprintf(full, sizeof(full), "%s %u", line, roster->waiting[0].number);
	run(screen, full);
}

static void interrupt(struct screen *screen)
{
	int64_t now = loop_now_us();

	if (!prompt_empty(screen->prompt) || prompt_hint(screen->prompt)) {
		prompt_reset(screen->prompt);
		return;
	}
	if (screen->interrupted_us && now - screen->interrupted_us < AGAIN_US) {
		screen_leave(screen);
		return;
	}
	screen->interrupted_us = now;
	screen_say(screen, VIEW_STATUS_PLAIN, "C-c again to leave.");
}

static void scroll_chat(struct screen *screen, int direction)
{
	const struct rect *pane = &screen->layout.chat;
	const struct chatlog *log = app_chatlog(screen->app);

	if (pane->rows == 0)
		return;
	/* Who scrolls up has seen what stood at the bottom. */
	if (screen->state.chat.serial == 0)
		screen->state.read = chatlog_last(log);
	view_chat_scroll(log, &screen->state.chat, pane->rows, pane->cols,
			 direction * (pane->rows > 3 ? pane->rows - 2 : 1));
	if (screen->state.chat.serial == 0)
		screen->state.read = chatlog_last(log);
}

static void help(struct screen *screen)
{
	char *text = view_help_text(roster_hosts(app_roster(screen->app)));

	screen_page(screen, "Help", text);
	free(text);
}

static void act(struct screen *screen, const struct key_binding *binding)
{
	const struct roster *roster = app_roster(screen->app);
	const struct person *me = roster_me(roster);

	switch (binding->act) {
	case ACT_LINE: run(screen, binding->line); break;
	case ACT_MIC: run(screen, app_mic_on(screen->app) ? binding->line : binding->other); break;
	case ACT_CAMERA: run(screen, me && me->camera ? binding->line : binding->other); break;
	case ACT_HAND: run(screen, me && me->hand ? binding->line : binding->other); break;
	case ACT_VIEW:
		run(screen, app_view(screen->app) == APP_VIEW_SPEAKER ? binding->line : binding->other);
		break;
	case ACT_ADMIT_NEXT: admit_next(screen, binding->line); break;
	case ACT_REDRAW: screen_forget(screen); break;
	case ACT_PAGE_UP: scroll_chat(screen, 1); break;
	case ACT_PAGE_DOWN: scroll_chat(screen, -1); break;
	case ACT_NEWEST:
		screen->state.chat = (struct chat_position) { 0, 0 };
		screen->state.read = chatlog_last(app_chatlog(screen->app));
		break;
	case ACT_HELP: help(screen); break;
	case ACT_PEOPLE: screen->state.people = !screen->state.people; break;
	case ACT_SUSPEND:
		tty_suspend();
		screen->resized = true;
		screen_forget(screen);
		break;
	case ACT_INTERRUPT: interrupt(screen); break;
	case ACT_NONE: break;
	}
}

/* ---- where a key goes ---- */

static void question_key(struct screen *screen, uint32_t key)
{
	bool yes = key == 'y' || key == 'Y';

	if (!yes && key != 'n' && key != 'N' && key != KEYS_ESCAPE && key != KEYS_CTRL('c') &&
	    key != KEYS_CTRL('d'))
		return;
	screen->question[0] = '\0';
	screen->state.question = NULL;
	app_trust(screen->app, yes);
}

static void page_key(struct screen *screen, uint32_t key)
{
	int page = screen->layout.overlay_rows > 2 ? screen->layout.overlay_rows - 1 : 1;
	int last = screen->layout.overlay_lines - screen->layout.overlay_rows;
	int *row = &screen->state.overlay_row;

	switch (key) {
	case KEYS_ESCAPE:
	case 'q':
	case 'Q':
	case '?':
	case KEYS_F1:
	case 3 /* C-c */:
	case 4 /* C-d */: screen_close_page(screen); return;
	case KEYS_UP:
	case 'k':
	case 16 /* C-p */: (*row)--; break;
	case KEYS_DOWN:
	case 'j':
	case 14 /* C-n */:
	case '\r':
	case KEYS_ENTER: (*row)++; break;
	case KEYS_PAGE_UP:
	case 'b':
	case KEYS_META | 'k': *row -= page; break;
	case KEYS_PAGE_DOWN:
	case ' ':
	case KEYS_META | 'j': *row += page; break;
	case KEYS_HOME:
	case 'g': *row = 0; break;
	case KEYS_END:
	case 'G': *row = last; break;
	default: break;
	}
	*row = *row > last ? last : *row;
	*row = *row < 0 ? 0 : *row;
}

static void enter(struct screen *screen)
{
	static char line[PROMPT_LINE_SIZE];
	const char *text = line;

	if (prompt_take(screen->prompt, line) == 0 || strspn(line, " ") == strlen(line))
		return;
	screen->state.status_kind = VIEW_STATUS_NONE;
	screen->state.chat = (struct chat_position) { 0, 0 };
	screen->state.read = chatlog_last(app_chatlog(screen->app));
	if (line[0] != '/' && app_roster(screen->app)->presence == PRESENCE_WAITING)
		app_command(screen->app, ++screen->tag, "hosts", 1, &text);
	else
		run(screen, line);
}

static void dispatch(struct screen *screen, uint32_t key)
{
	const struct key_binding *binding = keys_find(key);

	if (binding && (binding->act == ACT_REDRAW || binding->act == ACT_SUSPEND)) {
		act(screen, binding);
	} else if (screen->state.question) {
		question_key(screen, key);
	} else if (screen->state.overlay && (key != '/' || !prompt_empty(screen->prompt))) {
		page_key(screen, key);
	} else if (binding) {
		act(screen, binding);
	} else if (key == '?' && prompt_empty(screen->prompt) && !prompt_hint(screen->prompt)) {
		help(screen);
	} else {
		/* What a page says to type is typed while one looks at it. */
		if (screen->state.overlay)
			screen_close_page(screen);
		switch (prompt_key(screen->prompt, key, app_roster(screen->app))) {
		case PROMPT_ENTER: enter(screen); break;
		case PROMPT_EOF: interrupt(screen); break;
		case PROMPT_UNUSED:
		case PROMPT_TAKEN: break;
		}
	}
}

/* ---- paste ---- */

static void paste_end(struct screen *screen)
{
	if (!screen->state.question && !screen->state.overlay)
		prompt_paste(screen->prompt, screen->paste, screen->paste_bytes);
	free(screen->paste);
	screen->paste = NULL;
	screen->paste_bytes = 0;
}

static void paste_add(struct screen *screen, uint32_t key)
{
	char utf8[8];
	wchar_t wide[2] = { (wchar_t)key, L'\0' };
	size_t n;

	if (key >= KEYS_NAMED)
		return;
	n = wcstombs(utf8, wide, sizeof(utf8));
	if (key == '\r')
		n = (size_t)snprintf(utf8, sizeof(utf8), "\n");
	if (n == (size_t)-1 || screen->paste_bytes + n > SCREEN_PASTE_MAX)
		return;
	memcpy(screen->paste + screen->paste_bytes, utf8, n);
	screen->paste_bytes += n;
}

static void take(struct screen *screen, uint32_t key)
{
	if (key == KEYS_PASTE_BEGIN) {
		free(screen->paste);
		screen->paste = malloc(SCREEN_PASTE_MAX);
		screen->paste_bytes = 0;
	} else if (screen->paste && (key == KEYS_PASTE_END || key == KEYS_CTRL('c'))) {
		paste_end(screen);
	} else if (screen->paste) {
		paste_add(screen, key);
	} else if (key != KEYS_PASTE_END && key != KEYS_OTHER) {
		dispatch(screen, key);
	}
}

/* ---- from curses ---- */

/* Returns false when none is there. */
static bool next_key(struct screen *screen, uint32_t *key)
{
	wint_t wc;
	int kind = get_wch(&wc);

	if (kind == ERR)
		return false;
	*key = (uint32_t)wc;
	if (kind != KEY_CODE_YES)
		return true;
	*key = KEYS_OTHER;
	if (wc == SCREEN_KEY_READY)
		screen_ready(screen);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].curses == wc)
			*key = named[i].key;
	return true;
}

/* A sequence that curses did not know, from behind its "ESC [" or "ESC O": the keys that every terminal sends
 * so, and nothing else, least of all its letters. */
static uint32_t sequence(struct screen *screen)
{
	static const struct {
		char last;
		uint32_t key;
	} finals[] = { { 'A', KEYS_UP },   { 'B', KEYS_DOWN }, { 'C', KEYS_RIGHT }, { 'D', KEYS_LEFT },
		       { 'H', KEYS_HOME }, { 'F', KEYS_END },  { 'P', KEYS_F1 } };
	uint32_t key;
	bool plain = true;

	while (next_key(screen, &key) && key < 0x80) {
		if (key < 0x40) {
			plain = false;
			continue;
		}
		if (key == 'n')
			screen_ready(screen);
		for (size_t i = 0; plain && i < sizeof(finals) / sizeof(finals[0]); i++)
			if (key == (uint32_t)finals[i].last)
				return finals[i].key;
		break;
	}
	return KEYS_OTHER;
}

/* What follows an Escape at once: the key held with Alt, or a sequence. */
static uint32_t after_escape(struct screen *screen)
{
	uint32_t key;

	if (!next_key(screen, &key) || key == KEYS_ESCAPE)
		return KEYS_ESCAPE;
	if (key == '[' || key == 'O')
		return sequence(screen);
	return key == KEYS_OTHER ? KEYS_OTHER : key | KEYS_META;
}

bool screen_input(struct screen *screen)
{
	uint32_t key;
	bool any = false;

	while (next_key(screen, &key)) {
		any = true;
		if (key == KEYS_ESCAPE && !screen->paste)
			key = after_escape(screen);
		if (key != KEYS_OTHER)
			screen_touch(screen);
		take(screen, key);
	}
	if (!any) {
		struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

		if (poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLERR | POLLNVAL))
			return false;
	}
	return true;
}
