/* Keys: their codes, their names, and what those that are no editing do. A binding is a command line, run
 * through the one command table as if typed, or one of the few acts that only a screen has. Readline's keys
 * stay readline's, and nothing hangs on a function key alone. No curses here. */
#ifndef MOOT_TUI_KEYS_H
#define MOOT_TUI_KEYS_H

#include <stdint.h>

/* A key is a Unicode character (controls as they are: C-a is 1), or one of these; held Meta or Alt is a bit.
 */
enum key_code {
	KEYS_META = 1 << 24,
	KEYS_NAMED = 1 << 23,
	KEYS_UP = KEYS_NAMED,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_DELETE,
	KEYS_BACKSPACE,
	KEYS_ENTER,
	KEYS_F1,
	KEYS_PASTE_BEGIN,
	KEYS_PASTE_END,
	KEYS_RESIZE,
	KEYS_OTHER,
	KEYS_ESCAPE = 27,
};
#define KEYS_CTRL(c) ((uint32_t)((c)&0x1F))

enum key_act {
	ACT_NONE,
	ACT_LINE, /* run line */
	ACT_MIC,
	ACT_CAMERA,
	ACT_HAND,
	ACT_VIEW,       /* line when it is on now, other when off */
	ACT_ADMIT_NEXT, /* line with who waits longest */
	ACT_REDRAW,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_NEWEST,
	ACT_HELP,
	ACT_PEOPLE,
	ACT_SUSPEND,
	ACT_INTERRUPT,
};

struct key_binding {
	uint32_t key;
	const char *name; /* "M-m" */
	enum key_act act;
	const char *line, *other;
	const char *help;
};

/** The table; NULL name ends it. */
const struct key_binding *keys_table(void);
/** The binding of a key, or NULL. */
const struct key_binding *keys_find(uint32_t key);
/** Editing keys for the help page: pairs of name and what it does, ended by NULL. */
const char *const *keys_editing(void);

#endif
