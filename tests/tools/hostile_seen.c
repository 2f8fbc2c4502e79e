/* What was seen: lists, waits, counters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/tools/hostile_words.h"

enum { LIST = 100 };

bool seen_matches(struct hostile *hostile, const struct match *match, size_t i, uint64_t *hits)
{
	return item_matches(&hostile->record[i], match) && ++*hits >= match->first && *hits <= match->last;
}

size_t seen_end(const struct hostile *hostile, const struct match *match)
{
	return match->until < hostile->record_n ? match->until : hostile->record_n;
}

const struct item *seen_last(struct hostile *hostile, const struct match *match)
{
	const struct item *last = NULL;
	uint64_t hits = 0;

	for (size_t i = match->since; i < seen_end(hostile, match); i++)
		if (seen_matches(hostile, match, i, &hits))
			last = &hostile->record[i];
	return last;
}

json_t *do_mark(struct hostile *hostile, struct words *words)
{
	if (words->at >= words->n || hostile->marks_n == sizeof hostile->marks / sizeof *hostile->marks)
		return board_failure("mark NAME");
	snprintf(hostile->marks[hostile->marks_n].name, NAME_SIZE, "%s", words->word[words->at]);
	hostile->marks[hostile->marks_n++].at = hostile->record_n;
	return board_success();
}

/* ---- lists and waits ----------------------------------------------------------------------------------------- */

static int more_number(void *arg, const char *key, const char *value)
{
	uint64_t *last = arg;

	return value && strcmp(key, "last") == 0 ? words_number(value, 1000000, last) : -EINVAL;
}

json_t *do_list(struct hostile *hostile, struct words *words)
{
	uint64_t hits = 0, last = LIST, total = 0;
	json_t *items;
	struct match match;

	if (words_what(hostile, words, &match, NULL, more_number, &last))
		return board_failure("list WHAT [last=N]");
	items = json_array();
	for (size_t i = match.since; i < seen_end(hostile, &match); i++)
		total += seen_matches(hostile, &match, i, &hits);
	hits = 0;
	for (size_t i = match.since, seen = 0; i < seen_end(hostile, &match); i++)
		if (seen_matches(hostile, &match, i, &hits) && seen++ + last >= total)
			json_array_append_new(items, item_json(&hostile->record[i]));
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "count", (json_int_t)total, "items", items);
}

struct wait_words {
	uint64_t count;
	double within;
};

static int more_wait(void *arg, const char *key, const char *value)
{
	struct wait_words *wait = arg;

	if (value && strcmp(key, "count") == 0)
		return words_number(value, 1000000, &wait->count);
	if (!value || strcmp(key, "within") != 0)
		return -EINVAL;
	wait->within = strtod(value, NULL);
	return 0;
}

/* True when it was answered. */
static bool wait_over(struct hostile *hostile)
{
	struct pending *pending = &hostile->pending;
	const struct item *last = NULL;
	uint64_t hits = 0, count = 0;

	for (size_t i = pending->match.since; i < seen_end(hostile, &pending->match); i++) {
		if (seen_matches(hostile, &pending->match, i, &hits)) {
			last = &hostile->record[i];
			count++;
		}
	}
	if (count >= pending->count)
		board_answer(hostile, json_pack("{s:b, s:I, s:o}", "ok", 1, "count", (json_int_t)count, "last",
						last ? item_json(last) : json_null()));
	else if (loop_now_us() >= pending->due_us)
		board_answer(hostile, json_pack("{s:b, s:s, s:I}", "ok", 0, "text", "timed out", "count", (json_int_t)count));
	return !pending->busy;
}

static void on_late(void *arg)
{
	struct hostile *hostile = arg;

	if (hostile->pending.guess) {
		hostile->guess.running = false;
		board_answer(hostile, json_pack("{s:b, s:s, s:i}", "ok", 1, "verdict", "silence", "reason", 0));
	} else {
		wait_over(hostile);
	}
}

void board_wait(struct hostile *hostile, double seconds, bool guess)
{
	struct pending *pending = &hostile->pending;
	const int64_t us = (int64_t)(seconds * 1e6);

	pending->busy = true;
	pending->guess = guess;
	pending->due_us = loop_now_us() + us;
	pending->timer.fn = on_late;
	pending->timer.arg = hostile;
	loop_timer_set(hostile->loop, &pending->timer, us + 1000);
}

json_t *do_wait(struct hostile *hostile, struct words *words)
{
	struct wait_words wait = { 1, 20 };
	struct match match;

	if (words_what(hostile, words, &match, NULL, more_wait, &wait))
		return board_failure("wait WHAT [count=N] [within=SECONDS]");
	hostile->pending.match = match;
	hostile->pending.count = wait.count;
	board_wait(hostile, wait.within, false);
	wait_over(hostile);
	return NULL;
}

void board_look(struct hostile *hostile)
{
	if (hostile->pending.busy && !hostile->pending.guess)
		wait_over(hostile);
}

/* ---- counters ------------------------------------------------------------------------------------------------ */

/* A private frame's key is of its two people as well. */
static int by_counter(const void *a, const void *b)
{
	const struct item *x = *(const struct item *const *)a, *y = *(const struct item *const *)b;
	const uint32_t x_to = strcmp(x->kind, "WHISPER") == 0 ? x->from : 0;
	const uint32_t y_to = strcmp(y->kind, "WHISPER") == 0 ? y->from : 0;

	if (x->kid != y->kid)
		return x->kid < y->kid ? -1 : 1;
	if (x->ctr != y->ctr)
		return x->ctr < y->ctr ? -1 : 1;
	return x_to < y_to ? -1 : x_to > y_to;
}

static bool same_frame(const struct item *a, const struct item *b)
{
	size_t n, m;
	const uint8_t *p = item_payload(a, &n), *q = item_payload(b, &m);

	return n == m && memcmp(p, q, n) == 0;
}

/* twice: another frame under a counter that was used; again: the very same frame. */
json_t *do_unique(struct hostile *hostile, struct words *words)
{
	const struct item **list = calloc(hostile->record_n + 1, sizeof(struct item *));
	json_int_t twice = 0, again = 0, kids = 0;
	uint64_t hits = 0;
	struct match match;
	size_t n = 0;

	if (!list || words_what(hostile, words, &match, NULL, NULL, NULL)) {
		free(list);
		return board_failure("unique WHAT");
	}
	for (size_t i = match.since; i < seen_end(hostile, &match); i++)
		if (hostile->record[i].sealed && seen_matches(hostile, &match, i, &hits))
			list[n++] = &hostile->record[i];
	qsort(list, n, sizeof *list, by_counter);
	for (size_t i = 0; i < n; i++) {
		kids += !i || list[i]->kid != list[i - 1]->kid;
		if (!i || by_counter(&list[i], &list[i - 1]))
			continue;
		if (same_frame(list[i], list[i - 1]))
			again++;
		else
			twice++;
	}
	free(list);
	return json_pack("{s:b, s:I, s:I, s:I, s:I}", "ok", 1, "frames", (json_int_t)n, "kids", kids, "twice", twice, "again",
			 again);
}

json_t *do_search(struct hostile *hostile, struct words *words)
{
	const char *word = words->at < words->n ? words->word[words->at] : "";
	json_int_t found = 0;
	uint8_t *p;
	size_t n;

	if (strncmp(word, "hex=", 4) != 0)
		return board_failure("search hex=BYTES");
	n = words_unhex(word + 4, &p);
	for (size_t i = 0; n && i < hostile->record_n; i++)
		found += memmem(hostile->record[i].bytes, hostile->record[i].n, p, n) != NULL;
	free(p);
	return json_pack("{s:b, s:I, s:I}", "ok", 1, "found", found, "items", (json_int_t)hostile->record_n);
}

/* Each item: its description as a line of JSON, its bytes in hex in it. */
json_t *do_dump(struct hostile *hostile, struct words *words)
{
	FILE *file = words->at < words->n ? fopen(words->word[words->at], "we") : NULL;

	if (!file)
		return board_failure("cannot write there");
	for (size_t i = 0; i < hostile->record_n; i++) {
		json_t *line = item_json(&hostile->record[i]);

		json_dumpf(line, file, JSON_COMPACT);
		fputc('\n', file);
		json_decref(line);
	}
	return fclose(file) ? board_failure("cannot write there") : board_success();
}
