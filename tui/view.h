/* The screen as a function: a plain snapshot of what there is to show goes in, a canvas full of cells and the
 * places of pictures come out. No curses, no network, no clock: tests build snapshots by hand, the screen
 * fills them from the app, headless prints the canvas as text. The layout is a table by size:
 *
 *     from 100 columns    chat | pictures above people; on flat screens pictures | chat | people
 *     from 60x20          pictures above chat | people
 *     smaller             chat alone; people on demand in its place
 *
 * Nothing is told by colour alone. */
#ifndef MOOT_TUI_VIEW_H
#define MOOT_TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/roster.h"
#include "render/cells.h"
#include "render/video.h"
#include "tui/app.h"
#include "tui/canvas.h"
#include "tui/chatlog.h"

struct prompt;

enum {
	VIEW_ROWS_MIN = 6,
	VIEW_COLS_MIN = 20, /* smaller terminals are told so */
	VIEW_PICTURES_MAX = 16,
	VIEW_SPEAKING_MAX = 32,
	VIEW_TEXT_SIZE = 512,
	VIEW_LARGE_COLS = 100, /* from here on a picture wants the large layer */
	VIEW_METER_CELLS = 6,
};

/* Where the chat is scrolled to: the row at the bottom is this far above the last row of this line. */
struct chat_position {
	uint64_t serial; /* 0: the newest, following */
	int skip;
};

enum view_status { VIEW_STATUS_NONE, VIEW_STATUS_PLAIN, VIEW_STATUS_OK, VIEW_STATUS_WARNING };

/* What the screen shows. Pointers are borrowed for the call. */
struct view_state {
	const struct roster *roster;   /* NULL before there is one */
	const struct chatlog *chatlog; /* NULL: none */
	const struct prompt *prompt;   /* NULL: an empty line */
	struct session_security security;
	const struct app_mark *marks;  /* of people, by number, rising; NULL: none */
	size_t mark_count;
	const char *relay;             /* where we connect to, for the time before */
	const char *name;              /* own name, for the time before */
	const char *question;          /* asked of the person; the prompt waits for y or n. NULL: none */
	enum view_status status_kind;
	char status[VIEW_TEXT_SIZE]; /* what just happened */
	int64_t now_ms;              /* Unix */
	int64_t elapsed_s;           /* since joined, -1 before */
	bool may_vote; /* a poll is open, and one has not voted */
	bool has_mic, mic_on;
	uint8_t mic_level; /* -dBov, 127 silence */
	uint32_t speaking[VIEW_SPEAKING_MAX];
	size_t speaking_count;
	struct {
		char name[128]; /* of the file that moves; empty: none */
		uint64_t done, all;
	} file;
	uint32_t speaker, pinned;
	enum app_view mode;
	bool video_off;        /* never show pictures (too small a line, --no-pictures) */
	unsigned line_attempt; /* 0: the line is fine */
	uint64_t read;         /* serial of the last line read: what follows is new */
	struct chat_position chat;
	bool people;               /* small screens: people in place of the chat */
	const char *overlay_title; /* a page over everything: help, /who, /security. NULL: none */
	const char *overlay;       /* its text, lines ended by '\n' */
	int overlay_row;           /* first line shown */
	const char *overlay_code;  /* drawn large above it where there is room, "12345 …", 8 groups of 5; NULL: none */
};

struct view_picture {
	uint32_t number;
	enum video_layer layer;
	struct rect rect;
};

/* Where things came to be. Rects with rows 0 are not shown. */
struct view_layout {
	struct rect title, pictures, chat, people, banner, status, prompt;
	struct view_picture picture[VIEW_PICTURES_MAX];
	size_t picture_count;
	uint64_t chat_last;              /* serial of the newest line shown, 0 none */
	int overlay_rows, overlay_lines; /* rows that the page has, lines that its text has at this width */
};

/** Fill everything that the app knows; prompt, status, question, overlay, scroll stay as the caller has them.
 */
void view_from_app(struct view_state *state, const struct app *app, int64_t now_us, int64_t now_ms);

/** Draw all of it. layout may be NULL. */
void view_draw(struct canvas *canvas, const struct view_state *state, struct view_layout *layout);

/** Put a picture's cells where view_draw() left room, as text: for headless, where no painter runs. */
void view_put_cells(struct canvas *canvas, struct rect rect, const struct cells *cells);

/** Move the chat by rows (positive: towards the past) in a pane of so many rows and columns. */
void view_chat_scroll(const struct chatlog *log, struct chat_position *at, int pane_rows, int pane_cols,
		      int rows);

/** The help page from the tables of commands and keys; hosts: with what only hosts may. malloc()ed, the
 * caller frees; NULL without memory. */
char *view_help_text(bool hosts);

/* ---- the parts, each in its file view_*.c; for view.c ---- */

void view_layout(struct view_layout *layout, const struct view_state *state, int rows, int cols);
void view_title(struct canvas *canvas, struct rect rect, const struct view_state *state);
void view_pictures(struct canvas *canvas, struct view_layout *layout, const struct view_state *state);
void view_people(struct canvas *canvas, struct rect rect, const struct view_state *state);
void view_chat(struct canvas *canvas, struct rect rect, const struct view_state *state,
	       struct view_layout *layout);
/** What everyone must know before they go on: that the relay can hear, that nothing is sent. Rows it takes, 0 when there
 * is nothing of the kind. */
int view_banner_rows(const struct view_state *state, int rows, int cols);
void view_banner(struct canvas *canvas, struct rect rect, const struct view_state *state);
void view_status(struct canvas *canvas, struct rect rect, const struct view_state *state);
void view_prompt(struct canvas *canvas, struct rect rect, const struct view_state *state);
/** Rows that a code takes when it is drawn large in such a room, at most rows; 0: it does not fit. */
int view_code_rows(int rows, int cols, bool ascii);
void view_code(struct canvas *canvas, struct rect rect, const char *code);
void view_overlay(struct canvas *canvas, const struct view_state *state, struct view_layout *layout);
/** True when there is somebody to show. */
bool view_has_pictures(const struct view_state *state);
bool view_speaks(const struct view_state *state, uint32_t number);
/** The mark of this person, or NULL. */
const struct app_mark *view_mark(const struct view_state *state, uint32_t number);
/** "0:34", "12:05", "1:02:03". dst: at least 16 bytes. */
void view_duration(char dst[static 16], int64_t seconds);

#endif
