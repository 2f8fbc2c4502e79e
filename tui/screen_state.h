/* What the files of the screen share. For them alone. */
#ifndef MOOT_TUI_SCREEN_STATE_H
#define MOOT_TUI_SCREEN_STATE_H

#include "tui/keys.h"
#include "tui/prompt.h"
#include "tui/screen.h"
#include "tui/view.h"

/* Codes for sequences that curses does not know by itself; above all of its own. */
enum {
	SCREEN_KEY_PASTE_BEGIN = 0x7000,
	SCREEN_KEY_PASTE_END,
	SCREEN_KEY_READY,
	SCREEN_KEY_WORD_LEFT,
	SCREEN_KEY_WORD_RIGHT
};

enum { SCREEN_PASTE_MAX = 64 * 1024 };

/* A place where a picture is painted. */
struct screen_slot {
	struct view_picture at; /* number 0: free */
	struct renderer *renderer;
	struct painter *painter;
	struct cells cells;
	uint64_t serial;
	bool drawn; /* cells hold a picture */
	bool more;  /* not all of it is painted */
};

/* How fast the terminal takes pictures: each is followed by a question, and none is sent before its answer.
 */
struct screen_pace {
	bool asked, deaf; /* an answer is due; this terminal gives none */
	int64_t asked_us;
	size_t budget_bytes;
};

struct screen {
	struct loop *loop;
	const struct screen_params *params;
	struct app *app;
	struct prompt *prompt;
	struct canvas canvas, shown; /* shown: what curses has */
	struct view_state state;
	struct view_layout layout;
	struct screen_slot slot[VIEW_PICTURES_MAX];
	struct screen_pace pace;
	struct loop_watch *input;
	struct loop_timer draw, tick, give_up;
	int64_t drawn_us, picture_us, beeped_us, status_us, interrupted_us;
	bool dirty, resized, repaint, picture_dirty;
	int meter;      /* as drawn */
	int64_t second; /* as drawn */

	char *overlay; /* owned */
	char overlay_title[64], overlay_code[48], relay[320], question[1024], last_word[32];
	uint64_t tag, log_seen;
	char *paste; /* being pasted: owned, NULL when none */
	size_t paste_bytes;
	bool leaving;
	int end_status;
	char end_text[512];
};

/* screen.c */
/** Draw soon; several reasons make one drawing. */
void screen_touch(struct screen *screen);
void screen_say(struct screen *screen, enum view_status kind, const char *text);
/** Show a page; text is copied. */
void screen_page(struct screen *screen, const char *title, const char *text);
void screen_close_page(struct screen *screen);
/** Leave in order; after a while, without. */
void screen_leave(struct screen *screen);

/* screen_draw.c */
/** Make curses show the canvas, pictures' places left out. */
void screen_draw(struct screen *screen);
/** Paint what is new in pictures, if the terminal keeps up. */
void screen_paint(struct screen *screen);
/** The terminal has answered. */
void screen_ready(struct screen *screen);
/** Nothing is known of what is shown: all anew. */
void screen_forget(struct screen *screen);
int screen_draw_init(struct screen *screen);
void screen_draw_clear(struct screen *screen);

/* screen_input.c */
/** Take all keys that came. Returns false when the terminal is gone. */
bool screen_input(struct screen *screen);

#endif
