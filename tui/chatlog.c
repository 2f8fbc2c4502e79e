/* A ring of lines; a line's serial says where it is. What goes in is made safe once, here. */
#include "tui/chatlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

struct chatlog {
	size_t size, count;
	uint64_t last;
	struct chat_line line[]; /* serial s is at s % size */
};

struct chatlog *chatlog_new(size_t lines_max)
{
	struct chatlog *log;

	if (lines_max == 0 || lines_max > 1000000)
		return NULL;
	log = calloc(1, sizeof(*log) + lines_max * sizeof(log->line[0]));
	if (log)
		log->size = lines_max;
	return log;
}

static void line_clear(struct chat_line *line)
{
	free(line->name);
	free(line->to);
	free(line->text);
	memset(line, 0, sizeof(*line));
}

void chatlog_free(struct chatlog *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->size; i++)
		line_clear(&log->line[i]);
	free(log);
}

/* 0 with *dst NULL when src is NULL. */
static int copy_safe(char **dst, const char *src, bool newline)
{
	size_t size;
	char *copy;

	*dst = NULL;
	if (!src)
		return 0;
	/* A bad byte grows to the three of U+FFFD. */
	size = strlen(src) * 3 + 1;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	text_safe(copy, size, src, newline);
	*dst = copy;
	return 0;
}

int chatlog_add(struct chatlog *log, enum line_kind kind, int64_t time_ms, bool mine, const char *name,
		const char *to, const char *text)
{
	struct chat_line line = { .kind = kind, .time_ms = time_ms, .mine = mine };
	struct chat_line *place;

	if (copy_safe(&line.name, name, false) || copy_safe(&line.to, to, false) ||
	    copy_safe(&line.text, text, true)) {
		line_clear(&line);
		return -ENOMEM;
	}
	line.serial = ++log->last;
	place = &log->line[line.serial % log->size];
	line_clear(place);
	*place = line;
	if (log->count < log->size)
		log->count++;
	return 0;
}

void chatlog_drop_last(struct chatlog *log)
{
	if (log->count == 0)
		return;
	line_clear(&log->line[log->last % log->size]);
	log->last--;
	log->count--;
}

size_t chatlog_count(const struct chatlog *log)
{
	return log->count;
}

uint64_t chatlog_last(const struct chatlog *log)
{
	return log->last;
}

const struct chat_line *chatlog_at(const struct chatlog *log, uint64_t serial)
{
	if (serial == 0 || serial > log->last || serial + log->count <= log->last)
		return NULL;
	return &log->line[serial % log->size];
}
