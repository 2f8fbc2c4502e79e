/* What the commands say, word by word. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/tools/hostile_words.h"

static int mark_find(const struct hostile *hostile, const char *name, size_t *at)
{
	if (strcmp(name, "now") == 0) {
		*at = hostile->record_n;
		return 0;
	}
	for (unsigned i = hostile->marks_n; i-- > 0;) {
		if (strcmp(hostile->marks[i].name, name) == 0) {
			*at = hostile->marks[i].at;
			return 0;
		}
	}
	return -EINVAL;
}

int words_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !*text || *end || errno || *value > max ? -EINVAL : 0;
}

static int numbers(const char *text, uint32_t *list, unsigned *n)
{
	char *end;

	for (*n = 0; *n < NUMBERS; text = end + 1) {
		list[(*n)++] = (uint32_t)strtoul(text, &end, 0);
		if (end == text || (*end && *end != ','))
			return -EINVAL;
		if (!*end)
			return 0;
	}
	return -EINVAL;
}

/* N, N-M, N- */
static int range(const char *text, uint64_t *first, uint64_t *last)
{
	char *end;

	*first = *last = strtoull(text, &end, 10);
	if (*end == '-')
		*last = end[1] ? strtoull(end + 1, &end, 10) : UINT64_MAX;
	else if (*end)
		return -EINVAL;
	return *first ? 0 : -EINVAL;
}

static int match_word(struct hostile *hostile, struct match *match, const char *key, const char *value)
{
	uint64_t n;
	int err;

	if (!value)
		return -EINVAL;
	if (strcmp(key, "of") == 0)
		return numbers(value, match->of, &match->of_n);
	if (strcmp(key, "from") == 0)
		return numbers(value, match->from, &match->from_n);
	if (strcmp(key, "conn") == 0)
		return numbers(value, match->conn, &match->conn_n);
	if (strcmp(key, "n") == 0)
		return range(value, &match->first, &match->last);
	if (strcmp(key, "since") == 0)
		return mark_find(hostile, value, &match->since);
	if (strcmp(key, "until") == 0)
		return mark_find(hostile, value, &match->until);
	if (strcmp(key, "name") == 0 || strcmp(key, "has") == 0) {
		snprintf(key[0] == 'n' ? match->name : match->has, key[0] == 'n' ? sizeof match->name : sizeof match->has,
			 "%s", value);
		return 0;
	}
	err = words_number(value, UINT32_MAX, &n);
	if (!err && strcmp(key, "epoch") == 0) {
		match->any_epoch = true;
		match->epoch = (uint32_t)n;
	} else if (!err && strcmp(key, "flags") == 0) {
		match->any_flags = true;
		match->flags = (uint8_t)n;
	} else {
		err = -EINVAL;
	}
	return err;
}

static int flip_word(struct action *action, const char *value)
{
	char *end;

	action->has_flip = true;
	action->flip_at = strtoul(value, &end, 0);
	action->flip = *end == ':' ? (uint8_t)strtoul(end + 1, NULL, 0) : 1;
	return end == value ? -EINVAL : 0;
}

static const struct {
	const char *word;
	enum act act;
} acts[] = {
	{ "pass", ACT_PASS }, { "drop", ACT_DROP }, { "dup", ACT_DUP }, { "delay", ACT_DELAY }, { "hold", ACT_HOLD },
	{ "swap", ACT_SWAP },
};

static int action_value(struct action *action, const char *key, const char *value)
{
	uint64_t n = 0;

	if (strcmp(key, "flip") == 0)
		return flip_word(action, value);
	if (strcmp(key, "also") == 0)
		return numbers(value, action->also, &action->also_n);
	if (strcmp(key, "blob") == 0) {
		action->has_blob = true;
		snprintf(action->blob, sizeof action->blob, "%s", value);
		return 0;
	}
	if (strcmp(key, "set") == 0) {
		action->set = json_loads(value, 0, NULL);
		return action->set ? 0 : -EINVAL;
	}
	if (words_number(value, UINT32_MAX, &n))
		return -EINVAL;
	if (strcmp(key, "cut") == 0) {
		action->has_cut = true;
		action->cut = n;
	} else if (strcmp(key, "source") == 0) {
		action->has_from = true;
		action->from = (uint16_t)n;
	} else if (strcmp(key, "setflags") == 0) {
		action->has_flags = true;
		action->flags = (uint8_t)n;
	} else if (strcmp(key, "old") == 0) {
		action->old = (unsigned)n;
	} else if (strcmp(key, "dup") == 0) {
		action->dup = (unsigned)n;
	} else if (strcmp(key, "delay") == 0) {
		action->delay_us = (int64_t)n * 1000;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int action_word(struct action *action, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		if (strcmp(acts[i].word, key) == 0) {
			action->act = acts[i].act;
			action->dup = action->act == ACT_DUP;
			return value ? action_value(action, key, value) : action->act == ACT_DELAY ? -EINVAL : 0;
		}
	}
	return value ? action_value(action, key, value) : -EINVAL;
}

/* "key=value" cut in two; value NULL for a bare word. */
char *words_cut(char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	return value;
}

int words_what(struct hostile *hostile, struct words *words, struct match *match, struct action *action,
		     more_fn more, void *arg)
{
	const char *dir;

	memset(match, 0, sizeof *match);
	match->first = 1;
	match->last = UINT64_MAX;
	match->until = SIZE_MAX;
	if (words->at + 2 > words->n)
		return -EINVAL;
	dir = words->word[words->at++];
	match->dir[UP] = strcmp(dir, "down") != 0;
	match->dir[DOWN] = strcmp(dir, "up") != 0;
	if (match->dir[UP] && match->dir[DOWN] && strcmp(dir, "both") != 0)
		return -EINVAL;
	snprintf(match->kind, sizeof match->kind, "%s", words->word[words->at++]);
	for (; words->at < words->n; words->at++) {
		const char *key = words->word[words->at], *value = words_cut(words->word[words->at]);

		if (match_word(hostile, match, key, value) && (!action || action_word(action, key, value)) &&
		    (!more || more(arg, key, value)))
			return -EINVAL;
	}
	return 0;
}

size_t words_unhex(const char *hex, uint8_t **p)
{
	const size_t size = strlen(hex) / 2 + 1;
	size_t n = 0;

	*p = malloc(size);
	if (!*p || sodium_hex2bin(*p, size, hex, strlen(hex), NULL, &n, NULL))
		return 0;
	return n;
}
