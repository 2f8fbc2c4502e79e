/* Completion, from the table: commands after a slash, then what the argument at the cursor can be. */
#include "tui/command.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct completion {
	const char *begin;
	size_t n;
	void (*fn)(void *arg, const char *candidate);
	void *arg;
};

static void offer(const struct completion *completion, const char *candidate)
{
	if (candidate && !strncasecmp(candidate, completion->begin, completion->n))
		completion->fn(completion->arg, candidate);
}

/* A name as one word of a line: quoted when it holds a blank, with its number when another bears it too. */
static void offer_name(const struct completion *completion, const struct roster *roster, uint32_t number,
		       const char *name, bool waiting)
{
	char label[MOOT_NAME_SIZE + 16], quoted[MOOT_NAME_SIZE * 2 + 20];
	const bool alike = roster_who(roster, name, waiting) != (int64_t)number;
	size_t n = 0;

	snprintf(label, sizeof(label), alike ? "%s (%u)" : "%s", name, number);
	if (strncasecmp(label, completion->begin, completion->n) != 0)
		return;
	if (!strpbrk(label, " \"'\\")) {
		completion->fn(completion->arg, label);
		return;
	}
	quoted[n++] = '"';
	for (const char *s = label; *s; s++) {
		if (*s == '"' || *s == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *s;
	}
	quoted[n++] = '"';
	quoted[n] = '\0';
	completion->fn(completion->arg, quoted);
}

/* "ask|vote|close" */
static void offer_words(const struct completion *completion, const char *words)
{
	char word[32];

	for (; words && *words; words += strcspn(words, "|"), words += *words == '|') {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(words, "|"), words);
		offer(completion, word);
	}
}

static void offer_rooms(const struct completion *completion, const struct roster *roster)
{
	char name[MOOT_NAME_SIZE], quoted[MOOT_NAME_SIZE + 2];

	for (uint32_t i = 1; roster_room_name(roster, i, name, sizeof(name)); i++) {
		snprintf(quoted, sizeof(quoted), strchr(name, ' ') ? "\"%s\"" : "%s", name);
		if (!strncasecmp(name, completion->begin, completion->n))
			completion->fn(completion->arg, quoted);
	}
}

static void offer_others(const struct completion *completion, const struct roster *roster)
{
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].number != roster->me)
			offer_name(completion, roster, roster->people[i].number, roster->people[i].name, false);
}

static void offer_people(const struct completion *completion, const struct roster *roster, bool waiting)
{
	if (waiting) {
		for (size_t i = 0; i < roster->waiting_count; i++)
			offer_name(completion, roster, roster->waiting[i].number, roster->waiting[i].name,
				   true);
		offer(completion, "all");
		return;
	}
	for (size_t i = 0; i < roster->people_count; i++)
		offer_name(completion, roster, roster->people[i].number, roster->people[i].name, false);
}

static void offer_values(const struct completion *completion, const char *control_word)
{
	int control = control_parse(control_word);

	for (int i = 0; control >= 0 && i < control_values((enum control)control); i++)
		offer(completion, control_value_name((enum control)control, i));
}

static void offer_argument(const struct completion *completion, enum argument kind,
			   const struct roster *roster, const char *previous, const char *words)
{
	static const char *const onoff[] = { "on", "off" };
	static const char *const yesno[] = { "yes", "no" };
	static const char *const views[] = { "speaker", "gallery", "off" };

	switch (kind) {
	case ARG_WHO: offer_people(completion, roster, false); break;
	case ARG_OTHER: offer_others(completion, roster); break;
	case ARG_REMOVED:
		for (size_t i = 0; i < roster->shut_out_count; i++)
			offer(completion, roster->shut_out[i].name);
		break;
	case ARG_PERSON_OR_ROOM:
		offer_people(completion, roster, false);
		offer_rooms(completion, roster);
		offer(completion, "main");
		offer(completion, "all");
		break;
	case ARG_WORDS: offer_words(completion, words); break;
	case ARG_OTHER_OR_WORDS:
		offer_others(completion, roster);
		offer_words(completion, words);
		break;
	case ARG_YESNO:
		for (int i = 0; i < 2; i++)
			offer(completion, yesno[i]);
		break;
	case ARG_WAITING: offer_people(completion, roster, true); break;
	case ARG_CONTROL:
		for (int i = 0; i < CONTROL_COUNT; i++)
			offer(completion, control_name((enum control)i));
		break;
	case ARG_VALUE: offer_values(completion, previous); break;
	case ARG_PERMISSION:
		for (int i = 0; i < PERMIT_COUNT; i++)
			offer(completion, permission_name((enum permission)i));
		break;
	case ARG_ONOFF:
		for (int i = 0; i < 2; i++)
			offer(completion, onoff[i]);
		break;
	case ARG_REACTION:
		for (unsigned i = 0; reaction_name(i); i++)
			offer(completion, reaction_name(i));
		break;
	case ARG_VIEW:
		for (int i = 0; i < 3; i++)
			offer(completion, views[i]);
		break;
	case ARG_COMMAND:
		for (const struct command_info *info = command_table(); info->name; info++)
			offer(completion, info->name);
		break;
	case ARG_FILE: offer(completion, "stop"); break;
	case ARG_NONE:
	case ARG_TEXT:
	case ARG_WORD:
	case ARG_NUMBER:
	case ARG_COUNT: break;
	}
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A word of chat: "@Bo" and "Bo" at the beginning complete to names. */
static size_t complete_chat(const char *line, size_t cursor, const struct roster *roster,
			    struct completion *completion)
{
	size_t start = cursor;

	while (start > 0 && !blank(line[start - 1]))
		start--;
	if (start < cursor && line[start] == '@')
		start++;
	completion->begin = line + start;
	completion->n = cursor - start;
	for (size_t i = 0; completion->n > 0 && i < roster->people_count; i++)
		offer(completion, roster->people[i].name);
	return start;
}

size_t command_complete(const char *line, size_t cursor, const struct roster *roster,
			void (*fn)(void *arg, const char *candidate), void *arg)
{
	struct completion completion = { .fn = fn, .arg = arg };
	const struct command_info *info;
	char word[64] = "", previous[64] = "";
	size_t at = 1, start;
	int index = -1;

	if (cursor > strlen(line))
		cursor = strlen(line);
	if (cursor == 0 || line[0] != '/')
		return complete_chat(line, cursor, roster, &completion);
	for (;;) {
		char quote = 0;

		while (index >= 0 && at < cursor && blank(line[at]))
			at++;
		start = at;
		if (at < cursor && (line[at] == '"' || line[at] == '\''))
			quote = line[at++];
		while (at < cursor && (quote ? line[at] != quote : !blank(line[at])))
			at++;
		if (at < cursor && quote)
			at++;
		if (at >= cursor)
			break;
		snprintf(index < 0 ? word : previous, sizeof(word), "%.*s", (int)(at - start), line + start);
		index++;
	}
	completion.begin = line + start;
	completion.n = cursor - start;
	if (completion.n > 0 && index >= 0 && (line[start] == '"' || line[start] == '\'')) {
		completion.begin++;
		completion.n--;
	}
	if (index < 0) {
		offer_argument(&completion, ARG_COMMAND, roster, "", NULL);
		return start;
	}
	info = command_find(word, NULL);
	if (info)
		offer_argument(&completion, command_argument(info, index), roster, previous, info->words);
	return start;
}
