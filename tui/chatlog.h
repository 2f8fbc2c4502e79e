/* What was said and what happened, in order: the lines of the chat pane. Bounded: the oldest go first. Pure.
 */
#ifndef MOOT_TUI_CHATLOG_H
#define MOOT_TUI_CHATLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_kind {
	LINE_CHAT,
	LINE_DIRECT,
	LINE_HOSTS,
	LINE_WAITING /* to or from those who wait */,
	LINE_EVENT,
	LINE_WARNING,
	LINE_HELP
};

struct chat_line {
	uint64_t serial; /* from 1, no gaps */
	enum line_kind kind;
	int64_t time_ms; /* Unix */
	bool mine;
	char *name; /* as to be shown, made safe; NULL for events */
	char *to;   /* direct: the other side, shown; NULL otherwise */
	char *text; /* made safe; may hold '\n' */
};

struct chatlog;
struct chatlog *chatlog_new(size_t lines_max);
void chatlog_free(struct chatlog *log);
/** Copies and makes safe. 0 or -ENOMEM. */
int chatlog_add(struct chatlog *log, enum line_kind kind, int64_t time_ms, bool mine, const char *name,
		const char *to, const char *text);
/** Take the newest line back, to write it anew; its serial is given again. */
void chatlog_drop_last(struct chatlog *log);
/** Lines kept are those with serial in (last - count, last]. */
size_t chatlog_count(const struct chatlog *log);
uint64_t chatlog_last(const struct chatlog *log);
const struct chat_line *chatlog_at(const struct chatlog *log, uint64_t serial);

#endif
