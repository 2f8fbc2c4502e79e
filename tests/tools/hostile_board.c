/* The switchboard: a command a line, an answer a line, {"ok":true,…} or {"ok":false,"text":…}.
 *
 * WHAT is  up|down|both KIND [KEY=VALUE…]
 *   KIND   *, text, piece, media, binary (the two); audio, camera, screen; HELLO … WHISPER; the name of a word or event
 *   of=N from=N conn=N  whose line (their number); the source that it names; by connection. N,N: any of them
 *   name=NAME           of whose line it is, as they said it
 *   epoch=N flags=N has=BYTES
 *   n=N, n=N-M, n=N-    only these of the matches, from 1
 *   since=MARK until=MARK, since=now   (list, wait, replay, …) of what was recorded then
 * ACTION is one or more of
 *   pass drop dup=TIMES delay=MS hold swap
 *   flip=BYTE[:MASK] cut=BYTES source=N setflags=N blob=NAME (that payload instead) old=N (the payload of the N-th match
 *   before) set={…} (members of a text; last on the line)      also=N (a copy to their line)
 *
 *   rule NAME WHAT ACTION     the first that matches an item decides; untouched messages pass byte for byte
 *   unrule NAME|*             what it holds goes on
 *   release NAME [reverse]    what it holds goes on
 *   hits NAME
 *   list WHAT [last=N]        of what was seen, as it came: the last 100 or N
 *   wait WHAT [count=N] [within=SECONDS]
 *   mark NAME
 *   replay to=N WHAT [ACTION] what was seen goes out on N's line, the way it went then
 *   say up|down of=N KIND [source=N] [flags=N] [level=N] [time=N] hex=BYTES|blob=NAME        say up|down of=N {…}
 *   copy NAME WHAT            a blob: the payload of the last of those
 *   blob NAME hex=BYTES
 *   forge NAME key=DIR WHAT [next] [leader=N] [rflags=N] [later=MS]    a blob: an R made of the last of those
 *   stranger NAME of=N called=WHO [plain]             a blob: a binding of somebody new, for N's meeting
 *   guess of=N code=PASSCODE|link=HEX                 be a joiner, at the client that leads
 *   unique WHAT               are KID and CTR of what was sealed ever used twice?
 *   search hex=BYTES          how many of all items have them
 *   people · keep of=N · close of=N [code=N] · cut of=N · shut on|off · dump FILE
 * Where a line is named, conn=N does instead of of=N. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tools/hostile_words.h"

enum { INPUT = 256 * 1024 };

static struct {
	char bytes[INPUT];
	size_t n;
} input;

json_t *board_failure(const char *text)
{
	return json_pack("{s:b, s:s}", "ok", 0, "text", text);
}

json_t *board_success(void)
{
	return json_pack("{s:b}", "ok", 1);
}

/* ---- rules --------------------------------------------------------------------------------------------------- */

static json_t *do_rule(struct hostile *hostile, struct words *words)
{
	struct action action = { 0 };
	struct match match;
	struct rule *rule;
	const char *name = words->at < words->n ? words->word[words->at++] : "";

	if (!*name || rule_find(hostile, name) || words_what(hostile, words, &match, &action, NULL, NULL)) {
		json_decref(action.set);
		return board_failure("rule NAME WHAT ACTION, of a new name");
	}
	rule = rule_add(hostile, name);
	rule->match = match;
	rule->action = action;
	return board_success();
}

static json_t *do_unrule(struct hostile *hostile, struct words *words)
{
	const char *name = words->at < words->n ? words->word[words->at] : "";
	struct rule *rule = rule_find(hostile, name);

	if (strcmp(name, "*") == 0) {
		while (hostile->rules)
			rule_remove(hostile, hostile->rules);
		return board_success();
	}
	if (!rule)
		return board_failure("no such rule");
	rule_remove(hostile, rule);
	return board_success();
}

static json_t *do_release(struct hostile *hostile, struct words *words)
{
	struct rule *rule = words->at < words->n ? rule_find(hostile, words->word[words->at]) : NULL;

	if (!rule)
		return board_failure("no such rule");
	rule_release(rule, words->at + 1 < words->n && strcmp(words->word[words->at + 1], "reverse") == 0);
	return board_success();
}

static json_t *do_hits(struct hostile *hostile, struct words *words)
{
	const struct rule *rule = words->at < words->n ? rule_find(hostile, words->word[words->at]) : NULL;
	int held = 0;

	if (!rule)
		return board_failure("no such rule");
	for (const struct kept *kept = rule->held; kept; kept = kept->next)
		held++;
	return json_pack("{s:b, s:I, s:i}", "ok", 1, "hits", (json_int_t)rule->hits, "held", held);
}

/* ---- the board ----------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	json_t *(*run)(struct hostile *hostile, struct words *words); /* NULL: answered later */
} commands[] = {
	{ "rule", do_rule },	 { "unrule", do_unrule }, { "release", do_release }, { "hits", do_hits },
	{ "list", do_list },	 { "wait", do_wait },	  { "mark", do_mark },	     { "replay", do_replay },
	{ "say", do_say },	 { "copy", do_copy },	  { "blob", do_blob },	     { "forge", do_forge },
	{ "guess", do_guess },	 { "unique", do_unique }, { "search", do_search },   { "people", do_people },
	{ "keep", do_keep },	 { "close", do_close },	  { "cut", do_cut },	     { "shut", do_shut },
	{ "dump", do_dump },	  { "stranger", do_stranger },
};

static void run_line(struct hostile *hostile, char *text)
{
	struct words words = { .n = 0 };
	json_t *answer = NULL;

	while (*text && words.n < WORDS_MAX) {
		while (*text == ' ')
			text++;
		if (!*text)
			break;
		words.word[words.n++] = text;
		if (*text == '{' || strncmp(text, "set={", 5) == 0)
			break;
		text += strcspn(text, " ");
		if (*text)
			*text++ = '\0';
	}
	if (!words.n)
		return;
	words.at = 1;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, words.word[0]) == 0) {
			answer = commands[i].run(hostile, &words);
			if (answer)
				board_answer(hostile, answer);
			return;
		}
	}
	board_answer(hostile, board_failure("no such command"));
}

/* One at a time: the next line waits for the answer to the last. */
static void run_lines(struct hostile *hostile)
{
	static char line[INPUT];
	char *end;

	while (!hostile->pending.busy && input.n && (end = memchr(input.bytes, '\n', input.n))) {
		const size_t n = (size_t)(end - input.bytes);

		memcpy(line, input.bytes, n);
		line[n] = '\0';
		input.n -= n + 1;
		memmove(input.bytes, end + 1, input.n);
		run_line(hostile, line);
	}
}

static void on_more(void *arg)
{
	run_lines(arg);
}

void board_answer(struct hostile *hostile, json_t *answer)
{
	loop_timer_cancel(hostile->loop, &hostile->pending.timer);
	json_dumpf(answer, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(answer);
	if (hostile->pending.busy)
		loop_post(hostile->loop, on_more, hostile);
	hostile->pending.busy = false;
}

static void on_input(void *arg, unsigned ready)
{
	struct hostile *hostile = arg;
	ssize_t n = read(0, input.bytes + input.n, sizeof input.bytes - input.n);

	(void)ready;
	if (n > 0) {
		input.n += (size_t)n;
		run_lines(hostile);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		loop_stop(hostile->loop);
	}
}

int board_start(struct hostile *hostile)
{
	fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	hostile->input = loop_watch(hostile->loop, 0, on_input, hostile);
	return hostile->input ? 0 : -1;
}
