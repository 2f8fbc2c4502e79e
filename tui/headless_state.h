/* What headless.c, headless_in.c and headless_expect.c share. For them alone. */
#ifndef MOOT_TUI_HEADLESS_STATE_H
#define MOOT_TUI_HEADLESS_STATE_H

#include <stddef.h>

#include "tui/expect.h"
#include "tui/headless.h"

struct json_t;

enum { HEADLESS_WAITING_MAX = 300 };

/* An expect or refute that waits. */
struct expectation {
	bool active, refute;
	struct json_t *re, *where;
	char event[40];
	uint64_t from; /* only events with a greater seq count */
	double within;
	struct loop_timer timer;
};

struct headless {
	struct loop *loop;
	const struct headless_params *params;
	struct app *app;
	struct loop_watch *watch;
	struct loop_timer next, timeout;

	struct expect_history history;
	struct expectation expectation;

	/* Commands that are not answered yet. */
	struct {
		uint64_t tag;
		struct json_t *re;
	} asked[HEADLESS_WAITING_MAX];
	size_t asked_count;
	uint64_t tag;

	char in[HEADLESS_LINE_MAX + 2];
	size_t in_bytes;
	bool skipping; /* the rest of a line that is too long */
	bool decided;  /* let in, or made to wait */
	bool eof, leaving, ended, failed, out_broken, timed_out;
	struct event *held; /* "connected" of a host, until "created" was said */
	bool created;
	int status;
};

/* headless.c */
/** Print one answer; takes extra (an object whose members are added, or NULL), not re. */
void headless_answer(struct headless *headless, struct json_t *re, bool ok, const char *code,
		     const char *text, struct json_t *extra);

/* headless_in.c */
/** Timer: take as many lines as can be taken now. */
void headless_next(void *arg);
/** Something can be read. */
void headless_input(void *arg, unsigned ready);

/* headless_expect.c */
void headless_expect(struct headless *headless, struct json_t *re, struct json_t *line, bool refute);
/** A new event was printed. */
void headless_expect_event(struct headless *headless, struct json_t *event);
/** No more will come. */
void headless_expect_end(struct headless *headless);

#endif
