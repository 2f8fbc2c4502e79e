/* A line: the client's link to us, ours to the relay, and what waits to be written to either. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/hostile_state.h"

/* ---- writing ------------------------------------------------------------------------------------------- */

static void finish_way(struct way *way)
{
	struct link *link = way->link;

	if (!link)
		return;
	if (way->code < 0)
		link_cut(link);
	else
		link_close(link, way->code, way->why);
}

void line_write(struct line *line, enum dir dir, bool text, const void *p, size_t n)
{
	struct way *way = &line->way[dir];
	struct outgoing *out;

	if (!way->link || way->closing || !n)
		return;
	out = calloc(1, sizeof *out);
	if (!out)
		abort();
	out->buf = buf_new(p, n);
	out->text = text;
	*way->end = out;
	way->end = &out->next;
	link_want_write(way->link);
}

void line_close(struct line *line, enum dir dir, int code, const char *why)
{
	struct way *way = &line->way[dir];

	if (!way->link || way->closing)
		return;
	way->closing = true;
	way->code = code;
	snprintf(way->why, sizeof way->why, "%s", why);
	if (!way->first || code < 0)
		finish_way(way);
}

static void write_next(struct way *way)
{
	struct outgoing *out = way->first;

	if (!out)
		return;
	way->first = out->next;
	if (!way->first)
		way->end = &way->first;
	if (out->text)
		link_write_text(way->link, (char *)buf_bytes(out->buf), buf_size(out->buf));
	else
		link_write_binary(way->link, buf_bytes(out->buf), buf_size(out->buf));
	buf_unref(out->buf);
	free(out);
}

/* ---- links --------------------------------------------------------------------------------------------- */

/* The way that leads to an end is the one against what comes from it. */
static struct way *way_to(const struct end *end)
{
	return &end->line->way[end->in == UP ? DOWN : UP];
}

static void on_open(void *arg, struct link *link)
{
	if (way_to(arg)->first)
		link_want_write(link);
}

static void on_text(void *arg, struct link *link, const char *text, size_t n)
{
	struct end *end = arg;

	(void)link;
	rules_message(end->line, end->in, true, (const uint8_t *)text, n);
}

static void on_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	struct end *end = arg;

	(void)link;
	rules_message(end->line, end->in, false, p, n);
}

static void on_writable(void *arg, struct link *link)
{
	struct way *way = way_to(arg);

	write_next(way);
	if (way->first)
		link_want_write(link);
	else if (way->closing)
		finish_way(way);
}

static void on_close(void *arg, struct link *link, int code, const char *text)
{
	struct end *end = arg;
	struct line *line = end->line;
	struct way *way = way_to(end);

	(void)link;
	way->link = NULL;
	while (way->first) {
		struct outgoing *next = way->first->next;

		buf_unref(way->first->buf);
		free(way->first);
		way->first = next;
	}
	way->end = &way->first;
	if (end->in == UP || !line->keep)
		line_close(line, end->in, code, text);
}

static int trust(void *arg, const char *pin, bool ca_ok)
{
	(void)arg;
	(void)pin;
	(void)ca_ok;
	return 0;
}

static const struct link_ops ops = {
	.on_open = on_open, .on_text = on_text, .on_binary = on_binary, .on_writable = on_writable, .on_close = on_close,
	.trust = trust, .text_max = WIRE_TEXT_MAX, .binary_max = WIRE_BINARY_MAX,
};

const struct link_ops *line_ops(void)
{
	return &ops;
}

int line_accept(void *arg, struct link *link, void **link_arg)
{
	struct hostile *hostile = arg;
	struct link_client client = { .host = hostile->host, .port = hostile->port };
	struct line *line;

	if (hostile->shut)
		return -1;
	line = calloc(1, sizeof *line);
	if (!line)
		return -1;
	line->hostile = hostile;
	line->conn = ++hostile->lines_n;
	for (int i = 0; i < DIRS; i++)
		line->way[i].end = &line->way[i].first;
	line->end[0] = (struct end){ line, UP };
	line->end[1] = (struct end){ line, DOWN };
	line->way[DOWN].link = link;
	line->way[UP].link = link_connect(hostile->loop, &client, &ops, &line->end[1]);
	if (!line->way[UP].link) {
		free(line);
		return -1;
	}
	line->next = hostile->lines;
	hostile->lines = line;
	*link_arg = &line->end[0];
	return 0;
}

struct line *line_of(struct hostile *hostile, uint32_t number)
{
	for (struct line *line = hostile->lines; line; line = line->next)
		if (line->number == number && line->way[DOWN].link)
			return line;
	return NULL;
}
