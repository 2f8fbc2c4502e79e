/* The table of keys. What it binds must not be a key of prompt.c; the test of keys checks that. */
#include "tui/keys.h"

#include <stddef.h>

#define META(c) (KEYS_META | (uint32_t)(c))

static const struct key_binding table[] = {
	{ META('m'), "M-m", ACT_MIC, "/mute", "/unmute", "microphone off or on" },
	{ META('v'), "M-v", ACT_CAMERA, "/video off", "/video on", "camera off or on" },
	{ META('h'), "M-h", ACT_HAND, "/lower", "/raise", "raise or lower your hand" },
	{ META('a'), "M-a", ACT_ADMIT_NEXT, "/admit", NULL, "admit who waits longest" },
	{ META('y'), "M-y", ACT_LINE, "/consent yes", NULL, "agree to what is asked: a recording, or that the relay hears" },
	{ META('n'), "M-n", ACT_LINE, "/consent no", NULL, "do not; this stops a recording, too" },
	{ META('g'), "M-g", ACT_VIEW, "/view gallery", "/view speaker",
	  "everybody's picture, or who speaks" },
	{ META('r'), "M-r", ACT_PEOPLE, NULL, NULL, "people on small screens; again for the chat" },
	{ KEYS_PAGE_UP, "PgUp", ACT_PAGE_UP, NULL, NULL, "chat: back" },
	{ META('k'), "M-k", ACT_PAGE_UP, NULL, NULL, "the same" },
	{ KEYS_PAGE_DOWN, "PgDn", ACT_PAGE_DOWN, NULL, NULL, "chat: forward" },
	{ META('j'), "M-j", ACT_PAGE_DOWN, NULL, NULL, "the same" },
	{ META('e'), "M-e", ACT_NEWEST, NULL, NULL, "chat: to the newest line" },
	{ KEYS_F1, "F1", ACT_HELP, NULL, NULL, "this help; so does ? on an empty line" },
	{ META('?'), "M-?", ACT_HELP, NULL, NULL, NULL },
	{ KEYS_CTRL('l'), "C-l", ACT_REDRAW, NULL, NULL, "draw the screen anew" },
	{ KEYS_CTRL('z'), "C-z", ACT_SUSPEND, NULL, NULL, "back to the shell; fg returns" },
	{ KEYS_CTRL('c'), "C-c", ACT_INTERRUPT, NULL, NULL, "clear the line; twice on an empty one: leave" },
	{ 0, NULL, ACT_NONE, NULL, NULL, NULL },
};

static const char *const editing[] = {
	"C-a C-e",      "beginning, end of line",
	"C-b C-f",      "a character back, forward (arrows too)",
	"M-b M-f",      "a word back, forward",
	"C-h C-d",      "delete before, under the cursor; C-d on an empty line leaves",
	"C-w M-BS M-d", "cut a word back, a word forward",
	"C-u C-k",      "cut to the beginning, to the end",
	"C-y",          "put back what was cut",
	"C-t",          "swap two characters",
	"C-p C-n",      "older, newer line (arrows too)",
	"C-r",          "search what was typed before",
	"Tab",          "complete a command or a name",
	NULL,
};

const struct key_binding *keys_table(void)
{
	return table;
}

const struct key_binding *keys_find(uint32_t key)
{
	for (const struct key_binding *binding = table; binding->name; binding++)
		if (binding->key == key)
			return binding;
	return NULL;
}

const char *const *keys_editing(void)
{
	return editing;
}
