/* A fixed buffer and a cursor between clusters. Every editing key is one row of a table; history is a ring of
 * copies; a search and a completion are states that the next other key ends. */
#include "tui/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "tui/canvas.h"
#include "tui/keys.h"

struct prompt {
	size_t (*complete)(const char *line, size_t cursor, const struct roster *roster,
			   void (*fn)(void *arg, const char *candidate), void *arg);
	char line[PROMPT_LINE_SIZE];
	size_t n, cursor;
	char cut[PROMPT_LINE_SIZE]; /* what C-y puts back */
	bool cutting;               /* the last key cut: the next cut joins it */
	char *history[PROMPT_HISTORY_MAX];
	size_t history_count, history_at; /* at == count: the line being typed */
	char typed[PROMPT_LINE_SIZE];     /* kept while history is looked at */
	bool searching;
	char search[128];
	size_t search_at;
	bool tabbed; /* the last key was a Tab that could not decide */
	char hint[PROMPT_HINT_SIZE];
};

struct prompt *prompt_new(size_t (*complete)(const char *line, size_t cursor, const struct roster *roster,
					     void (*fn)(void *arg, const char *candidate), void *arg))
{
	struct prompt *prompt = calloc(1, sizeof(*prompt));

	if (prompt)
		prompt->complete = complete;
	return prompt;
}

void prompt_free(struct prompt *prompt)
{
	if (!prompt)
		return;
	for (size_t i = 0; i < prompt->history_count; i++)
		free(prompt->history[i]);
	free(prompt);
}

const char *prompt_line(const struct prompt *prompt)
{
	return prompt->line;
}

size_t prompt_cursor(const struct prompt *prompt)
{
	return prompt->cursor;
}

bool prompt_empty(const struct prompt *prompt)
{
	return prompt->n == 0;
}

const char *prompt_hint(const struct prompt *prompt)
{
	return prompt->hint[0] ? prompt->hint : NULL;
}

/* ---- moving ---- */

static size_t next_cluster(const struct prompt *prompt, size_t at)
{
	size_t bytes;

	if (at >= prompt->n)
		return prompt->n;
	canvas_cluster(prompt->line + at, prompt->n - at, &bytes);
	return at + bytes;
}

static size_t previous_cluster(const struct prompt *prompt, size_t at)
{
	size_t before = 0;

	for (size_t i = 0; i < at; i = next_cluster(prompt, i))
		before = i;
	return before;
}

static bool word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c & 0x80;
}

static size_t word_back(const struct prompt *prompt, size_t at)
{
	while (at > 0 && !word_byte(prompt->line[at - 1]))
		at--;
	while (at > 0 && word_byte(prompt->line[at - 1]))
		at--;
	return at;
}

static size_t word_forward(const struct prompt *prompt, size_t at)
{
	while (at < prompt->n && !word_byte(prompt->line[at]))
		at++;
	while (at < prompt->n && word_byte(prompt->line[at]))
		at++;
	return at;
}

static size_t blank_back(const struct prompt *prompt, size_t at)
{
	while (at > 0 && prompt->line[at - 1] == ' ')
		at--;
	while (at > 0 && prompt->line[at - 1] != ' ')
		at--;
	return at;
}

/* ---- changing ---- */

static void insert(struct prompt *prompt, const char *text, size_t n)
{
	if (n == 0 || prompt->n + n >= sizeof(prompt->line))
		return;
	memmove(prompt->line + prompt->cursor + n, prompt->line + prompt->cursor,
		prompt->n - prompt->cursor + 1);
	memcpy(prompt->line + prompt->cursor, text, n);
	prompt->n += n;
	prompt->cursor += n;
}

static void remove_range(struct prompt *prompt, size_t from, size_t to)
{
	memmove(prompt->line + from, prompt->line + to, prompt->n - to + 1);
	prompt->n -= to - from;
	prompt->cursor = from;
}

/* Cut [from, to); cuts in a row join in the order of the line. */
static void cut(struct prompt *prompt, size_t from, size_t to, bool again)
{
	size_t n = to - from, kept = again ? strlen(prompt->cut) : 0;

	if (n == 0)
		return;
	if (kept + n >= sizeof(prompt->cut))
		kept = 0;
	if (to == prompt->cursor)
		memmove(prompt->cut + n, prompt->cut, kept);
	memcpy(prompt->cut + (to == prompt->cursor ? 0 : kept), prompt->line + from, n);
	prompt->cut[kept + n] = '\0';
	remove_range(prompt, from, to);
	prompt->cutting = true;
}

static void set_line(struct prompt *prompt, const char *text)
{
	size_t n = strlen(text);

	memmove(prompt->line, text, n + 1);
	prompt->n = prompt->cursor = n;
}

void prompt_reset(struct prompt *prompt)
{
	set_line(prompt, "");
	prompt->history_at = prompt->history_count;
	prompt->searching = prompt->tabbed = prompt->cutting = false;
	prompt->hint[0] = '\0';
}

void prompt_paste(struct prompt *prompt, const char *text, size_t n)
{
	static const char replacement[] = "\xEF\xBF\xBD";

	prompt->searching = prompt->tabbed = false;
	prompt->hint[0] = '\0';
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		int bytes = text_next(text + i, n - i, &cp);

		if (bytes < 0) {
			insert(prompt, replacement, sizeof(replacement) - 1);
			i++;
			continue;
		}
		if (cp == '\r' && i + 1 < n && text[i + 1] == '\n')
			i++;
		if (cp == '\n' || cp == '\r' || cp == '\t')
			insert(prompt, " ", 1);
		else if (cp >= 0x20 && cp != 0x7F && !(cp >= 0x80 && cp < 0xA0))
			insert(prompt, text + i, (size_t)bytes);
		i += (size_t)bytes;
	}
}

/* ---- history ---- */

static void remember(struct prompt *prompt)
{
	char *copy;

	if (prompt->n == 0 ||
	    (prompt->history_count > 0 && !strcmp(prompt->history[prompt->history_count - 1], prompt->line)))
		return;
	copy = strdup(prompt->line);
	if (!copy)
		return;
	if (prompt->history_count == PROMPT_HISTORY_MAX) {
		free(prompt->history[0]);
		memmove(prompt->history, prompt->history + 1, (PROMPT_HISTORY_MAX - 1) * sizeof(copy));
		prompt->history_count--;
	}
	prompt->history[prompt->history_count++] = copy;
}

static void history_show(struct prompt *prompt, size_t at)
{
	if (prompt->history_at == prompt->history_count)
		memcpy(prompt->typed, prompt->line, prompt->n + 1);
	prompt->history_at = at;
	set_line(prompt, at == prompt->history_count ? prompt->typed : prompt->history[at]);
}

size_t prompt_take(struct prompt *prompt, char dst[static PROMPT_LINE_SIZE])
{
	size_t n = prompt->n;

	memcpy(dst, prompt->line, n + 1);
	remember(prompt);
	prompt_reset(prompt);
	return n;
}

/* ---- search ---- */

static void search_hint(struct prompt *prompt, bool found)
{
	static const char *const head[] = { "no such line: ", "search back: " };
	size_t n = strlen(head[found]);

	memcpy(prompt->hint, head[found], n);
	memcpy(prompt->hint + n, prompt->search, strlen(prompt->search) + 1);
}

/* Look from before (exclusive) back. */
static void search_from(struct prompt *prompt, size_t before)
{
	for (size_t i = before; i-- > 0;) {
		if (!strstr(prompt->history[i], prompt->search))
			continue;
		prompt->search_at = i;
		history_show(prompt, i);
		search_hint(prompt, true);
		return;
	}
	search_hint(prompt, false);
}

static void search_begin(struct prompt *prompt)
{
	prompt->searching = true;
	prompt->search[0] = '\0';
	prompt->search_at = prompt->history_count;
	search_hint(prompt, true);
}

/* Characters as UTF-8 bytes. Returns how many, 0 for what is no character. */
static size_t encode(char dst[static 5], uint32_t cp)
{
	size_t n = 0;

	if (cp < 0x80) {
		dst[n++] = (char)cp;
	} else if (cp < 0x800) {
		dst[n++] = (char)(0xC0 | cp >> 6);
	} else if (cp < 0x10000) {
		dst[n++] = (char)(0xE0 | cp >> 12);
		dst[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
	} else {
		dst[n++] = (char)(0xF0 | cp >> 18);
		dst[n++] = (char)(0x80 | (cp >> 12 & 0x3F));
		dst[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
	}
	if (cp >= 0x80)
		dst[n++] = (char)(0x80 | (cp & 0x3F));
	dst[n] = '\0';
	return n;
}

static bool printable(uint32_t key)
{
	return key >= 0x20 && key < 0x110000 && key != 0x7F && !(key >= 0x80 && key < 0xA0) &&
	       !(key >= 0xD800 && key < 0xE000);
}

static bool erases(uint32_t key)
{
	return key == KEYS_BACKSPACE || key == 0x7F || key == KEYS_CTRL('h');
}

/* True when the key belonged to the search; else the search is over and the line stays for that key. */
static bool search_key(struct prompt *prompt, uint32_t key)
{
	size_t n = strlen(prompt->search);
	char utf8[5];

	if (key == KEYS_CTRL('r')) {
		if (n > 0)
			search_from(prompt, prompt->search_at);
	} else if (printable(key)) {
		size_t bytes = encode(utf8, key);

		if (n + bytes >= sizeof(prompt->search))
			return true;
		memcpy(prompt->search + n, utf8, bytes + 1);
		search_from(prompt, prompt->search_at < prompt->history_count ? prompt->search_at + 1
									      : prompt->history_count);
	} else if (erases(key)) {
		while (n > 0 && (prompt->search[n - 1] & 0xC0) == 0x80)
			n--;
		prompt->search[n > 0 ? n - 1 : 0] = '\0';
		search_from(prompt, prompt->history_count);
	} else if (key == KEYS_CTRL('g') || key == KEYS_ESCAPE) {
		history_show(prompt, prompt->history_count);
		prompt->searching = false;
		prompt->hint[0] = '\0';
	} else {
		prompt->searching = false;
		prompt->hint[0] = '\0';
		return false;
	}
	return true;
}

/* ---- completion ---- */

struct candidates {
	int count;
	char common[256];
	char list[PROMPT_HINT_SIZE];
	size_t list_bytes;
};

static void candidate(void *arg, const char *text)
{
	struct candidates *found = arg;
	size_t n = strlen(text);

	if (found->count++ == 0) {
		if (n >= sizeof(found->common))
			n = sizeof(found->common) - 1;
		memcpy(found->common, text, n);
		found->common[n] = '\0';
	} else {
		size_t same = 0;

		while (found->common[same] && found->common[same] == text[same])
			same++;
		while (same > 0 && (found->common[same] & 0xC0) == 0x80)
			same--;
		found->common[same] = '\0';
	}
	n = strlen(text);
	if (found->list_bytes + n + 3 > sizeof(found->list))
		return;
	if (found->list_bytes > 0) {
		found->list[found->list_bytes++] = ' ';
		found->list[found->list_bytes++] = ' ';
	}
	memcpy(found->list + found->list_bytes, text, n + 1);
	found->list_bytes += n;
}

static void complete(struct prompt *prompt, const struct roster *roster)
{
	static const struct roster nobody;
	struct candidates found = { 0 };
	size_t start, typed;
	bool again = prompt->tabbed;

	if (!prompt->complete)
		return;
	start = prompt->complete(prompt->line, prompt->cursor, roster ? roster : &nobody, candidate, &found);
	if (found.count == 0 || start > prompt->cursor)
		return;
	typed = prompt->cursor - start;
	if (strlen(found.common) > typed || found.count == 1) {
		/* Names come in the case in which they are borne. */
		size_t room = sizeof(prompt->line) - 2 - (prompt->n - typed);

		if (strlen(found.common) > room)
			return;
		remove_range(prompt, start, prompt->cursor);
		insert(prompt, found.common, strlen(found.common));
		if (found.count == 1 && prompt->line[prompt->cursor] != ' ')
			insert(prompt, " ", 1);
	}
	if (found.count > 1) {
		prompt->tabbed = true;
		if (again || typed == strlen(found.common))
			memcpy(prompt->hint, found.list, found.list_bytes + 1);
	}
}

/* ---- keys ---- */

static void swap(struct prompt *prompt)
{
	char left[64];
	size_t a, b, c;

	if (prompt->cursor == 0 || prompt->n == 0)
		return;
	b = prompt->cursor == prompt->n ? previous_cluster(prompt, prompt->n) : prompt->cursor;
	a = previous_cluster(prompt, b);
	c = next_cluster(prompt, b);
	if (a == b || b - a > sizeof(left))
		return;
	memcpy(left, prompt->line + a, b - a);
	memmove(prompt->line + a, prompt->line + b, c - b);
	memcpy(prompt->line + a + (c - b), left, b - a);
	prompt->cursor = c;
}

enum edit {
	EDIT_MOVE_START,
	EDIT_MOVE_END,
	EDIT_LEFT,
	EDIT_RIGHT,
	EDIT_WORD_LEFT,
	EDIT_WORD_RIGHT,
	EDIT_ERASE,
	EDIT_DELETE,
	EDIT_CUT_START,
	EDIT_CUT_END,
	EDIT_CUT_BLANK,
	EDIT_CUT_WORD_LEFT,
	EDIT_CUT_WORD_RIGHT,
	EDIT_PASTE,
	EDIT_SWAP,
	EDIT_OLDER,
	EDIT_NEWER,
	EDIT_SEARCH,
	EDIT_COMPLETE,
	EDIT_ENTER
};

static const struct {
	uint32_t key;
	enum edit edit;
} keys[] = {
	{ KEYS_CTRL('a'), EDIT_MOVE_START },
	{ KEYS_HOME, EDIT_MOVE_START },
	{ KEYS_CTRL('e'), EDIT_MOVE_END },
	{ KEYS_END, EDIT_MOVE_END },
	{ KEYS_CTRL('b'), EDIT_LEFT },
	{ KEYS_LEFT, EDIT_LEFT },
	{ KEYS_CTRL('f'), EDIT_RIGHT },
	{ KEYS_RIGHT, EDIT_RIGHT },
	{ KEYS_META | 'b', EDIT_WORD_LEFT },
	{ KEYS_META | KEYS_LEFT, EDIT_WORD_LEFT },
	{ KEYS_META | 'f', EDIT_WORD_RIGHT },
	{ KEYS_META | KEYS_RIGHT, EDIT_WORD_RIGHT },
	{ KEYS_CTRL('h'), EDIT_ERASE },
	{ 0x7F, EDIT_ERASE },
	{ KEYS_BACKSPACE, EDIT_ERASE },
	{ KEYS_CTRL('d'), EDIT_DELETE },
	{ KEYS_DELETE, EDIT_DELETE },
	{ KEYS_CTRL('u'), EDIT_CUT_START },
	{ KEYS_CTRL('k'), EDIT_CUT_END },
	{ KEYS_CTRL('w'), EDIT_CUT_BLANK },
	{ KEYS_META | 0x7F, EDIT_CUT_WORD_LEFT },
	{ KEYS_META | KEYS_BACKSPACE, EDIT_CUT_WORD_LEFT },
	{ KEYS_META | KEYS_CTRL('h'), EDIT_CUT_WORD_LEFT },
	{ KEYS_META | 'd', EDIT_CUT_WORD_RIGHT },
	{ KEYS_CTRL('y'), EDIT_PASTE },
	{ KEYS_CTRL('t'), EDIT_SWAP },
	{ KEYS_CTRL('p'), EDIT_OLDER },
	{ KEYS_UP, EDIT_OLDER },
	{ KEYS_CTRL('n'), EDIT_NEWER },
	{ KEYS_DOWN, EDIT_NEWER },
	{ KEYS_CTRL('r'), EDIT_SEARCH },
	{ '\t', EDIT_COMPLETE },
	{ '\r', EDIT_ENTER },
	{ '\n', EDIT_ENTER },
	{ KEYS_ENTER, EDIT_ENTER },
};

static enum prompt_result edit(struct prompt *prompt, enum edit what, bool cut_before,
			       const struct roster *roster)
{
	size_t at = prompt->cursor;

	switch (what) {
	case EDIT_MOVE_START: prompt->cursor = 0; break;
	case EDIT_MOVE_END: prompt->cursor = prompt->n; break;
	case EDIT_LEFT: prompt->cursor = previous_cluster(prompt, at); break;
	case EDIT_RIGHT: prompt->cursor = next_cluster(prompt, at); break;
	case EDIT_WORD_LEFT: prompt->cursor = word_back(prompt, at); break;
	case EDIT_WORD_RIGHT: prompt->cursor = word_forward(prompt, at); break;
	case EDIT_ERASE: remove_range(prompt, previous_cluster(prompt, at), at); break;
	case EDIT_DELETE:
		if (prompt->n == 0)
			return PROMPT_EOF;
		remove_range(prompt, at, next_cluster(prompt, at));
		break;
	case EDIT_CUT_START: cut(prompt, 0, at, cut_before); break;
	case EDIT_CUT_END: cut(prompt, at, prompt->n, cut_before); break;
	case EDIT_CUT_BLANK: cut(prompt, blank_back(prompt, at), at, cut_before); break;
	case EDIT_CUT_WORD_LEFT: cut(prompt, word_back(prompt, at), at, cut_before); break;
	case EDIT_CUT_WORD_RIGHT: cut(prompt, at, word_forward(prompt, at), cut_before); break;
	case EDIT_PASTE: insert(prompt, prompt->cut, strlen(prompt->cut)); break;
	case EDIT_SWAP: swap(prompt); break;
	case EDIT_OLDER:
		if (prompt->history_at > 0)
			history_show(prompt, prompt->history_at - 1);
		break;
	case EDIT_NEWER:
		if (prompt->history_at < prompt->history_count)
			history_show(prompt, prompt->history_at + 1);
		break;
	case EDIT_SEARCH: search_begin(prompt); break;
	case EDIT_COMPLETE: complete(prompt, roster); break;
	case EDIT_ENTER: return PROMPT_ENTER;
	}
	return PROMPT_TAKEN;
}

enum prompt_result prompt_key(struct prompt *prompt, uint32_t key, const struct roster *roster)
{
	bool cut_before = prompt->cutting;
	char utf8[5];

	if (prompt->searching && search_key(prompt, key))
		return PROMPT_TAKEN;
	prompt->cutting = false;
	prompt->hint[0] = '\0';
	if (key != '\t')
		prompt->tabbed = false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			return edit(prompt, keys[i].edit, cut_before, roster);
	if (!printable(key))
		return PROMPT_UNUSED;
	insert(prompt, utf8, encode(utf8, key));
	return PROMPT_TAKEN;
}

void prompt_window(const struct prompt *prompt, int cols, size_t *from, size_t *to, int *cursor_col)
{
	size_t start = 0;
	/* The cursor itself needs a cell, at the end of the line too. */
	int before = canvas_width(prompt->line, prompt->cursor);
	int cells = 0;

	/* A third of a screen at a time, so that the line does not slide under every key. */
	while (before >= cols && start < prompt->cursor) {
		int drop = 0, step = cols / 3 > 0 ? cols / 3 : 1;

		while (drop < step && start < prompt->cursor) {
			size_t bytes;

			drop += canvas_cluster(prompt->line + start, prompt->n - start, &bytes);
			start += bytes;
		}
		before -= drop;
	}
	*from = start;
	*cursor_col = before;
	for (*to = start; *to < prompt->n;) {
		size_t bytes;
		int width = canvas_cluster(prompt->line + *to, prompt->n - *to, &bytes);

		if (cells + width > cols)
			break;
		cells += width;
		*to += bytes;
	}
}
