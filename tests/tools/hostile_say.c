/* What we say ourselves: replays, inventions, guesses; and the lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/tools/hostile_words.h"

/* ---- blobs --------------------------------------------------------------------------------------------------- */

struct blob *blob_find(struct hostile *hostile, const char *name)
{
	for (struct blob *blob = hostile->blobs; blob; blob = blob->next)
		if (strcmp(blob->name, name) == 0)
			return blob;
	return NULL;
}

struct blob *blob_put(struct hostile *hostile, const char *name, const void *p, size_t n)
{
	struct blob *blob = blob_find(hostile, name);

	if (!blob) {
		blob = calloc(1, sizeof *blob);
		if (!blob)
			abort();
		snprintf(blob->name, sizeof blob->name, "%s", name);
		blob->next = hostile->blobs;
		hostile->blobs = blob;
	}
	free(blob->p);
	blob->p = malloc(n + 1);
	if (!blob->p)
		abort();
	memcpy(blob->p, p, n);
	blob->n = n;
	return blob;
}

/* ---- sending ------------------------------------------------------------------------------------------------- */

struct target {
	struct hostile *hostile;
	struct line *line;
};

static int target_word(struct target *target, const char *key, const char *value, const char *of)
{
	uint64_t n;

	if (!value || words_number(value, UINT32_MAX, &n))
		return -EINVAL;
	if (strcmp(key, of) == 0) {
		target->line = line_of(target->hostile, (uint32_t)n);
	} else if (strcmp(key, "conn") == 0) {
		for (target->line = target->hostile->lines; target->line && target->line->conn != n;)
			target->line = target->line->next;
	} else {
		return -EINVAL;
	}
	return target->line ? 0 : -EINVAL;
}

static int more_target(void *arg, const char *key, const char *value)
{
	return target_word(arg, key, value, "to");
}

/* By way of a rule's hands: changed as an action says, each as a message of its own. */
json_t *do_replay(struct hostile *hostile, struct words *words)
{
	struct target target = { hostile, NULL };
	struct action action = { 0 };
	struct match match;
	json_int_t sent = 0;
	uint64_t hits = 0;
	char *to = words->at < words->n ? words->word[words->at++] : NULL, *value = to ? words_cut(to) : NULL;

	if (!to || more_target(&target, to, value) || words_what(hostile, words, &match, &action, NULL, NULL))
		return board_failure("replay to=N WHAT [ACTION], to one who is here");
	for (size_t i = match.since; i < seen_end(hostile, &match); i++) {
		if (!seen_matches(hostile, &match, i, &hits))
			continue;
		item_send(target.line, &hostile->record[i], &action);
		sent++;
	}
	json_decref(action.set);
	return json_pack("{s:b, s:I}", "ok", 1, "sent", sent);
}

struct saying {
	struct target target;
	uint64_t source, flags, level, time;
	uint8_t *payload;
	size_t n;
};

static int saying_word(struct saying *saying, const char *key, const char *value)
{
	const struct blob *blob;

	if (target_word(&saying->target, key, value, "of") == 0)
		return 0;
	if (!value)
		return -EINVAL;
	if (strcmp(key, "hex") == 0) {
		saying->n = words_unhex(value, &saying->payload);
		return 0;
	}
	if (strcmp(key, "blob") == 0) {
		blob = blob_find(saying->target.hostile, value);
		saying->payload = blob ? malloc(blob->n + 1) : NULL;
		if (!saying->payload)
			return -EINVAL;
		memcpy(saying->payload, blob->p, blob->n);
		saying->n = blob->n;
		return 0;
	}
	if (strcmp(key, "source") == 0)
		return words_number(value, 65535, &saying->source);
	if (strcmp(key, "flags") == 0)
		return words_number(value, 255, &saying->flags);
	if (strcmp(key, "level") == 0)
		return words_number(value, 127, &saying->level);
	return strcmp(key, "time") == 0 ? words_number(value, UINT32_MAX, &saying->time) : -EINVAL;
}

/* Whatever the numbers say: not what our own encoder would let through. */
static json_t *say_binary(const struct saying *saying, enum dir dir, const char *kind)
{
	const enum wire_seal piece = item_piece(kind);
	const int stream = item_stream(kind);
	uint8_t *bytes = calloc(1, WIRE_HEADER_BYTES + saying->n);

	if (!bytes || (!piece && stream < 0)) {
		free(bytes);
		return board_failure("no such kind");
	}
	for (int i = 0; i < 3; i++)
		bytes[i] = (uint8_t)(saying->n >> (16 - 8 * i));
	bytes[3] = (uint8_t)(piece ? (int)piece : stream);
	bytes[4] = (uint8_t)(saying->source >> 8);
	bytes[5] = (uint8_t)saying->source;
	bytes[6] = (uint8_t)saying->flags;
	bytes[7] = (uint8_t)saying->level;
	for (int i = 0; i < 4; i++)
		bytes[8 + i] = (uint8_t)(saying->time >> (24 - 8 * i));
	if (saying->n)
		memcpy(bytes + WIRE_HEADER_BYTES, saying->payload, saying->n);
	line_write(saying->target.line, dir, false, bytes, WIRE_HEADER_BYTES + saying->n);
	free(bytes);
	return board_success();
}

json_t *do_say(struct hostile *hostile, struct words *words)
{
	struct saying saying = { .target = { hostile, NULL } };
	const char *dir = words->at < words->n ? words->word[words->at++] : "", *what = NULL;
	const enum dir way = strcmp(dir, "up") == 0 ? UP : DOWN;
	json_t *answer = NULL;

	for (; words->at < words->n && !answer; words->at++) {
		char *word = words->word[words->at], *value;

		if (*word == '{' || !strchr(word, '=')) {
			what = word;
			continue;
		}
		value = words_cut(word);
		if (saying_word(&saying, word, value))
			answer = board_failure("say DIR of=N KIND … hex=BYTES, or say DIR of=N {…}");
	}
	if (!answer && (!saying.target.line || !what))
		answer = board_failure("to whom, and what?");
	if (!answer && *what == '{') {
		line_write(saying.target.line, way, true, what, strlen(what));
		answer = board_success();
	} else if (!answer) {
		answer = say_binary(&saying, way, what);
	}
	free(saying.payload);
	return answer;
}

/* ---- payloads ------------------------------------------------------------------------------------------------ */

json_t *do_blob(struct hostile *hostile, struct words *words)
{
	uint8_t *p;
	size_t n;

	if (words->at + 2 != words->n || strncmp(words->word[words->at + 1], "hex=", 4) != 0)
		return board_failure("blob NAME hex=BYTES");
	n = words_unhex(words->word[words->at + 1] + 4, &p);
	if (p)
		blob_put(hostile, words->word[words->at], p, n);
	free(p);
	return board_success();
}

json_t *do_copy(struct hostile *hostile, struct words *words)
{
	const char *name = words->at < words->n ? words->word[words->at++] : "";
	const struct item *item;
	const uint8_t *p;
	struct match match;
	size_t n;

	if (!*name || words_what(hostile, words, &match, NULL, NULL, NULL))
		return board_failure("copy NAME WHAT");
	item = seen_last(hostile, &match);
	if (!item)
		return board_failure("nothing like that was seen");
	p = item_payload(item, &n);
	blob_put(hostile, name, p, n);
	return board_success();
}

static int forgery_word(void *arg, const char *key, const char *value)
{
	struct forgery *forgery = arg;
	uint64_t n = 0;

	if (strcmp(key, "next") == 0)
		forgery->next = true;
	else if (!value)
		return -EINVAL;
	else if (strcmp(key, "key") == 0)
		forgery->dir = value;
	else if (words_number(value, UINT32_MAX, &n))
		return -EINVAL;
	else if (strcmp(key, "leader") == 0)
		forgery->has_leader = true, forgery->leader = (uint16_t)n;
	else if (strcmp(key, "rflags") == 0)
		forgery->has_flags = true, forgery->flags = (unsigned)n;
	else if (strcmp(key, "later") == 0)
		forgery->time_ms = (int64_t)n;
	else
		return -EINVAL;
	return 0;
}

json_t *do_forge(struct hostile *hostile, struct words *words)
{
	static uint8_t out[WIRE_PIECE_MAX];
	const char *name = words->at < words->n ? words->word[words->at++] : "";
	struct forgery forgery = { 0 };
	const struct item *base;
	struct match match;
	struct line *line = hostile->lines;
	int n;

	if (!*name || words_what(hostile, words, &match, NULL, forgery_word, &forgery) || !forgery.dir)
		return board_failure("forge NAME WHAT key=DIR [next] [leader=N] [rflags=N] [later=MS]");
	base = seen_last(hostile, &match);
	while (base && line && line->conn != base->conn)
		line = line->next;
	if (!base || !line)
		return board_failure("no such roster was seen");
	n = forge_roster(out, sizeof out, line, base, &forgery);
	if (n < 0)
		return board_failure(strerror(-n));
	blob_put(hostile, name, out, (size_t)n);
	return board_success();
}

/* ---- lines --------------------------------------------------------------------------------------------------- */

json_t *do_people(struct hostile *hostile, struct words *words)
{
	json_t *people = json_array();

	(void)words;
	for (const struct line *line = hostile->lines; line; line = line->next)
		json_array_append_new(people, json_pack("{s:i, s:i, s:s, s:b, s:b}", "conn", (int)line->conn, "number",
							(int)line->number, "name", line->name, "client",
							line->way[DOWN].link != NULL, "relay",
							line->way[UP].link != NULL));
	return json_pack("{s:b, s:o}", "ok", 1, "people", people);
}

static struct line *the_line(struct hostile *hostile, struct words *words)
{
	struct target target = { hostile, NULL };
	char *word = words->at < words->n ? words->word[words->at++] : NULL, *value = word ? words_cut(word) : NULL;

	return word && target_word(&target, word, value, "of") == 0 ? target.line : NULL;
}

json_t *do_keep(struct hostile *hostile, struct words *words)
{
	struct line *line = the_line(hostile, words);

	if (!line)
		return board_failure("nobody");
	line->keep = true;
	return board_success();
}

json_t *do_stranger(struct hostile *hostile, struct words *words)
{
	const char *blob = words->at < words->n ? words->word[words->at++] : "", *name = "Zoe";
	struct line *line = the_line(hostile, words);
	struct seal_self self;
	bool plain = false;

	for (; words->at < words->n; words->at++) {
		if (strncmp(words->word[words->at], "called=", 7) == 0)
			name = words->word[words->at] + 7;
		plain |= strcmp(words->word[words->at], "plain") == 0;
	}
	if (!*blob || !line || forge_binding(&self, line, name, plain))
		return board_failure("stranger NAME of=N called=WHO [plain]");
	blob_put(hostile, blob, self.binding.sb, self.binding.sb_n);
	return board_success();
}

json_t *do_close(struct hostile *hostile, struct words *words)
{
	struct line *line = the_line(hostile, words);
	uint64_t code = LINK_END_GOING_AWAY;

	if (!line || (words->at < words->n && words_number(words->word[words->at] + 5, 4999, &code)))
		return board_failure("close of=N [code=N]");
	line_close(line, DOWN, (int)code, "closed");
	line_close(line, UP, (int)code, "closed");
	return board_success();
}

json_t *do_cut(struct hostile *hostile, struct words *words)
{
	struct line *line = the_line(hostile, words);

	if (!line)
		return board_failure("nobody");
	line_close(line, DOWN, LINK_END_LOST, "cut");
	line_close(line, UP, LINK_END_LOST, "cut");
	return board_success();
}

json_t *do_shut(struct hostile *hostile, struct words *words)
{
	hostile->shut = words->at < words->n && strcmp(words->word[words->at], "on") == 0;
	return board_success();
}

json_t *do_guess(struct hostile *hostile, struct words *words)
{
	struct join_secrets secrets = { 0 };
	struct line *line = the_line(hostile, words);
	const char *word = words->at < words->n ? words->word[words->at] : "";
	uint8_t *link = NULL;
	int err;

	if (strncmp(word, "link=", 5) == 0) {
		secrets.has_link = words_unhex(word + 5, &link) == sizeof secrets.link;
		if (secrets.has_link)
			memcpy(secrets.link, link, sizeof secrets.link);
		free(link);
	} else if (strncmp(word, "code=", 5) == 0) {
		snprintf(secrets.code, sizeof secrets.code, "%s", word + 5);
	}
	if (!line || (!secrets.has_link && !secrets.code[0]))
		return board_failure("guess of=N code=PASSCODE|link=HEX");
	err = guess_start(hostile, line, &secrets);
	if (err)
		return board_failure(strerror(-err));
	board_wait(hostile, 10, true);
	return NULL;
}
