/* Rules: the first that matches an item says what becomes of it. A message none of whose items was touched goes on as it
 * came; of another, what is left of it goes on as one message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/hostile_state.h"

/* What goes on of one message. */
struct rest {
	struct line *line;
	enum dir dir;
	bool text, touched;
	uint8_t *p;
	size_t n;
};

struct bytes {
	uint8_t *p;
	size_t n;
};

static void *room(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		abort();
	return p;
}

static void put(struct rest *rest, const uint8_t *p, size_t n)
{
	uint8_t *more;

	if (!n)
		return;
	more = realloc(rest->p, rest->n + n + 1);
	if (!more)
		abort();
	rest->p = more;
	if (rest->text && rest->n)
		rest->p[rest->n++] = '\n';
	memcpy(rest->p + rest->n, p, n);
	rest->n += n;
}

/* ---- changing ------------------------------------------------------------------------------------------ */

static struct bytes with_payload(const struct item *item, const uint8_t *p, size_t n)
{
	struct bytes out = { room(item->head + n), item->head + n };

	memcpy(out.p, item->bytes, item->head);
	memcpy(out.p + item->head, p, n);
	if (item->head) {
		out.p[0] = (uint8_t)(n >> 16);
		out.p[1] = (uint8_t)(n >> 8);
		out.p[2] = (uint8_t)n;
	}
	return out;
}

static struct bytes with_members(const struct item *item, json_t *set)
{
	json_t *object = json_loadb((const char *)item->bytes, item->n, 0, NULL);
	struct bytes out = { NULL, 0 };

	json_object_update(object, set);
	out.p = (uint8_t *)json_dumps(object, JSON_COMPACT);
	out.n = out.p ? strlen((char *)out.p) : 0;
	json_decref(object);
	return out;
}

/* Which payload goes out instead. */
static const uint8_t *payload_of(struct hostile *hostile, const struct rule *rule, const struct item *item,
				 const struct action *action, size_t *n)
{
	const struct blob *blob = action->has_blob ? blob_find(hostile, action->blob) : NULL;

	if (blob) {
		*n = blob->n;
		return blob->p;
	}
	if (action->old && rule && rule->matched_n > action->old)
		return item_payload(&rule->matched[rule->matched_n - 1 - action->old], n);
	return item_payload(item, n);
}

/* As an action says. */
static struct bytes changed(struct hostile *hostile, const struct rule *rule, const struct item *item,
			    const struct action *action)
{
	const uint8_t *payload;
	struct bytes out;
	size_t n;

	if (action->set && item->class == CLASS_TEXT)
		return with_members(item, action->set);
	payload = payload_of(hostile, rule, item, action, &n);
	if (action->has_cut && action->cut < n)
		n = action->cut;
	out = with_payload(item, payload, n);
	if (action->has_flip && action->flip_at < n)
		out.p[item->head + action->flip_at] ^= action->flip;
	if (action->has_from && item->head) {
		out.p[4] = (uint8_t)(action->from >> 8);
		out.p[5] = (uint8_t)action->from;
	}
	if (action->has_flags && item->head)
		out.p[6] = action->flags;
	return out;
}

void item_send(struct line *line, const struct item *item, const struct action *action)
{
	struct bytes bytes = changed(line->hostile, NULL, item, action);

	line_write(line, item->dir, item->class == CLASS_TEXT, bytes.p, bytes.n);
	free(bytes.p);
}

/* ---- what is kept for later ---------------------------------------------------------------------------- */

static struct kept *keep(struct line *line, const struct item *item, struct bytes bytes)
{
	struct kept *kept = room(sizeof *kept);

	*kept = (struct kept){ NULL, line, item->dir, item->class == CLASS_TEXT, bytes.p, bytes.n };
	return kept;
}

static void send_kept(struct kept *kept)
{
	line_write(kept->line, kept->dir, kept->text, kept->bytes, kept->n);
	free(kept->bytes);
	free(kept);
}

void rule_release(struct rule *rule, bool reverse)
{
	struct kept *kept = rule->held, *turned = NULL;

	rule->held = NULL;
	rule->held_end = &rule->held;
	while (reverse && kept) {
		struct kept *next = kept->next;

		kept->next = turned;
		turned = kept;
		kept = next;
	}
	if (reverse)
		kept = turned;
	while (kept) {
		struct kept *next = kept->next;

		send_kept(kept);
		kept = next;
	}
}

static void hold(struct rule *rule, struct kept *kept)
{
	*rule->held_end = kept;
	rule->held_end = &kept->next;
}

struct delayed {
	struct loop_timer timer;
	struct kept *kept;
};

static void on_due(void *arg)
{
	struct delayed *delayed = arg;

	send_kept(delayed->kept);
	free(delayed);
}

static void delay(struct loop *loop, struct kept *kept, int64_t delay_us)
{
	struct delayed *delayed = room(sizeof *delayed);

	*delayed = (struct delayed){ .timer = { .fn = on_due, .arg = delayed }, .kept = kept };
	loop_timer_set(loop, &delayed->timer, delay_us);
}

/* The first waits for the second, then each goes out with what the other says. */
static void swap(struct rule *rule, struct rest *rest, const struct item *item)
{
	struct kept *first = rule->held;
	struct item other;
	struct bytes a, b;
	size_t n, used;
	const uint8_t *p;

	if (!first) {
		hold(rule, keep(rest->line, item, changed(rest->line->hostile, rule, item, &(struct action){ 0 })));
		return;
	}
	if (!item_next(&other, first->dir, first->text, first->bytes, first->n, &used))
		return;
	p = item_payload(item, &n);
	a = with_payload(&other, p, n);
	p = item_payload(&other, &n);
	b = with_payload(item, p, n);
	line_write(first->line, first->dir, first->text, a.p, a.n);
	put(rest, b.p, b.n);
	free(a.p);
	free(b.p);
	free(first->bytes);
	free(first);
	rule->held = NULL;
	rule->held_end = &rule->held;
}

/* ---- rules --------------------------------------------------------------------------------------------- */

struct rule *rule_find(struct hostile *hostile, const char *name)
{
	for (struct rule *rule = hostile->rules; rule; rule = rule->next)
		if (strcmp(rule->name, name) == 0)
			return rule;
	return NULL;
}

/* Behind those that are there. */
struct rule *rule_add(struct hostile *hostile, const char *name)
{
	struct rule *rule = calloc(1, sizeof *rule), **at = &hostile->rules;

	if (!rule)
		abort();
	snprintf(rule->name, sizeof rule->name, "%s", name);
	rule->held_end = &rule->held;
	while (*at)
		at = &(*at)->next;
	*at = rule;
	return rule;
}

void rule_remove(struct hostile *hostile, struct rule *rule)
{
	struct rule **at = &hostile->rules;

	while (*at != rule)
		at = &(*at)->next;
	*at = rule->next;
	rule_release(rule, false);
	json_decref(rule->action.set);
	free(rule->matched);
	free(rule);
}

static void remember(struct rule *rule, const struct item *item)
{
	if (rule->matched_n == rule->matched_size) {
		rule->matched_size = rule->matched_size ? 2 * rule->matched_size : 16;
		rule->matched = realloc(rule->matched, rule->matched_size * sizeof *rule->matched);
		if (!rule->matched)
			abort();
	}
	rule->matched[rule->matched_n++] = *item;
}

/* The rule that decides, if any. */
static struct rule *decide(struct hostile *hostile, const struct item *item)
{
	for (struct rule *rule = hostile->rules; rule; rule = rule->next) {
		const struct match *match = &rule->match;

		if (!item_matches(item, match))
			continue;
		rule->hits++;
		remember(rule, item);
		if (rule->hits >= match->first && rule->hits <= match->last)
			return rule;
	}
	return NULL;
}

static void obey(struct rule *rule, struct rest *rest, const struct item *item)
{
	struct hostile *hostile = rest->line->hostile;
	const struct action *action = &rule->action;
	struct bytes bytes = changed(hostile, rule, item, action);

	rest->touched = true;
	for (unsigned i = 0; i < action->also_n; i++) {
		struct line *line = line_of(hostile, action->also[i]);

		if (line)
			line_write(line, item->dir, rest->text, bytes.p, bytes.n);
	}
	switch (action->act) {
	case ACT_DROP: break;
	case ACT_SWAP: swap(rule, rest, item); break;
	case ACT_HOLD: hold(rule, keep(rest->line, item, bytes)); return;
	case ACT_DELAY: delay(hostile->loop, keep(rest->line, item, bytes), action->delay_us); return;
	default:
		for (unsigned i = 0; i <= action->dup; i++)
			put(rest, bytes.p, bytes.n);
	}
	free(bytes.p);
}

static void one(struct rest *rest, struct item *item)
{
	struct line *line = rest->line;
	const struct item *recorded;
	struct item copy;
	struct rule *rule;

	item_learn(line, item);
	item->conn = line->conn;
	item->of = line->number;
	item->t_us = loop_now_us();
	memcpy(item->name, line->name, sizeof item->name);
	recorded = item_record(line->hostile, item);
	copy = *recorded;
	if (guess_takes(line->hostile, line, &copy)) {
		rest->touched = true;
		return;
	}
	rule = decide(line->hostile, &copy);
	if (rule)
		obey(rule, rest, &copy);
	else
		put(rest, copy.bytes, copy.n);
}

void rules_message(struct line *line, enum dir dir, bool text, const uint8_t *p, size_t n)
{
	struct rest rest = { .line = line, .dir = dir, .text = text };
	const uint8_t *at = p;
	struct item item;
	size_t used;

	for (size_t left = n; item_next(&item, dir, text, at, left, &used); at += used, left -= used)
		one(&rest, &item);
	if (rest.touched)
		line_write(line, dir, text, rest.p, rest.n);
	else
		line_write(line, dir, text, p, n);
	free(rest.p);
	board_look(line->hostile);
}
