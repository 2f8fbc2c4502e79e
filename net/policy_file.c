/* libinih takes the lines apart; which line that is, and at which column a mistake stands, is known here, since
 * the lines are handed to it one by one. Each setting is a row of a table: where, how it is read, how written. */
#include "net/seal/join.h"
#include "net/policy_file.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

enum section { SECTION_CONTROLS, SECTION_DOOR, SECTION_LIMITS, SECTION_COUNT };
static const char *const sections[SECTION_COUNT] = { "controls", "door", "limits" };
static const char *const create_modes[CREATE_MODE_COUNT] = { "loopback", "token", "anyone" };

struct reader {
	struct policy policy;
	const char *text, *end;         /* what is left */
	const char *line;               /* the line that is being read */
	size_t line_n;
	unsigned number;
	bool seen[SECTION_COUNT][32];   /* rows of settings[], or controls */
	struct policy_mistake *mistakes;
	int count;
};

/* ---- mistakes ------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static void mistake(struct reader *reader, const char *at, const char *format, ...)
{
	struct policy_mistake *note;
	char text[sizeof(note->text)];
	va_list ap;

	if (reader->count++ >= POLICY_MISTAKES_MAX)
		return;
	note = &reader->mistakes[reader->count - 1];
	note->line = reader->number;
	note->column = at >= reader->line && at <= reader->line + reader->line_n ? (unsigned)(at - reader->line) + 1 : 1;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_safe(note->text, sizeof(note->text), text, false);
}

/* Where in the line the value (or what is in it) stands. */
static const char *value_at(const struct reader *reader, const char *part)
{
	const char *equals = memchr(reader->line, '=', reader->line_n), *at;
	size_t left;

	if (!equals)
		return reader->line;
	left = reader->line_n - (size_t)(equals + 1 - reader->line);
	at = memmem(equals + 1, left, part, strlen(part));
	return at ? at : equals + 1;
}

static const char *key_at(const struct reader *reader)
{
	const char *at = reader->line;

	while (at < reader->line + reader->line_n && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* ---- settings beside the controls ----------------------------------------------------------------------- */

struct setting {
	enum section section;
	const char *name, *note;
	bool (*take)(struct reader *reader, const struct setting *setting, const char *value);
	void (*put)(const struct policy *policy, const struct setting *setting, char *dst, size_t size);
	size_t offset;
	uint64_t min, max, unit; /* unit: of the policy, in the file's own */
};

/* "60", "10M", "2K", "60s", "5m". Returns false when it is no such number. */
static bool read_number(const char *value, bool seconds, uint64_t *number)
{
	char *end;
	unsigned long long n;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	n = strtoull(value, &end, 10);
	if (errno || n > UINT32_MAX)
		return false;
	*number = n;
	if (!strcmp(end, seconds ? "s" : "") || !*end)
		return true;
	if (seconds && !strcmp(end, "m"))
		*number = n * 60;
	else if (!seconds && !strcmp(end, "K"))
		*number = n * 1024;
	else if (!seconds && !strcmp(end, "M"))
		*number = n * 1024 * 1024;
	else
		return false;
	return true;
}

static bool take_number(struct reader *reader, const struct setting *setting, const char *value, uint64_t *number)
{
	bool seconds = setting->unit == 1000;

	if (read_number(value, seconds, number) && *number >= setting->min && *number <= setting->max)
		return true;
	mistake(reader, value_at(reader, value), "%s: \"%s\" is not a number from %llu to %llu%s", setting->name, value,
		(unsigned long long)setting->min, (unsigned long long)setting->max,
		seconds ? " (seconds; 5m is five minutes)" : setting->unit == 2 ? " (bytes; 10M, 500K)" : "");
	return false;
}

static bool read_u32(struct reader *reader, const struct setting *setting, const char *value)
{
	uint64_t number;

	if (!take_number(reader, setting, value, &number))
		return false;
	*(uint32_t *)(void *)((char *)&reader->policy + setting->offset) =
		(uint32_t)(number * (setting->unit ? setting->unit : 1));
	return true;
}

static void write_u32(const struct policy *policy, const struct setting *setting, char *dst, size_t size)
{
	uint32_t value = *(const uint32_t *)(const void *)((const char *)policy + setting->offset);

	snprintf(dst, size, "%u%s", value / (uint32_t)(setting->unit ? setting->unit : 1),
		 setting->unit == 1000 ? "s" : "");
}

static bool read_size(struct reader *reader, const struct setting *setting, const char *value)
{
	return take_number(reader, setting, value, &reader->policy.file_max_bytes);
}

static void write_size(const struct policy *policy, const struct setting *setting, char *dst, size_t size)
{
	uint64_t bytes = policy->file_max_bytes;
	bool mega = bytes % (1024 * 1024) == 0;

	(void)setting;
	snprintf(dst, size, "%llu%s", (unsigned long long)(mega ? bytes / (1024 * 1024) : bytes), mega ? "M" : "");
}

static bool read_create(struct reader *reader, const struct setting *setting, const char *value)
{
	for (int i = 0; i < CREATE_MODE_COUNT; i++) {
		if (strcmp(value, create_modes[i]) != 0)
			continue;
		reader->policy.create = (enum create_mode)i;
		return true;
	}
	mistake(reader, value_at(reader, value), "%s: \"%s\" is not one of loopback, token, anyone", setting->name, value);
	return false;
}

static void write_create(const struct policy *policy, const struct setting *setting, char *dst, size_t size)
{
	(void)setting;
	snprintf(dst, size, "%s", create_modes[policy->create]);
}

static bool read_version(struct reader *reader, const struct setting *setting, const char *value)
{
	uint32_t version[3];
	int n = 0;

	if (sscanf(value, "%6u.%6u.%6u%n", &version[0], &version[1], &version[2], &n) == 3 && !value[n] &&
	    strspn(value, "0123456789.") == strlen(value)) {
		memcpy(reader->policy.client_version, version, sizeof(version));
		return true;
	}
	mistake(reader, value_at(reader, value), "%s: \"%s\" is not a version like 0.1.0", setting->name, value);
	return false;
}

static void write_version(const struct policy *policy, const struct setting *setting, char *dst, size_t size)
{
	(void)setting;
	snprintf(dst, size, "%u.%u.%u", policy->client_version[0], policy->client_version[1], policy->client_version[2]);
}

/* The next of a list with commas, trimmed; NULL at the end. */
static char *next_word(char **rest)
{
	char *word = strsep(rest, ",");

	if (!word)
		return NULL;
	word += strspn(word, " \t");
	for (size_t n = strlen(word); n > 0 && (word[n - 1] == ' ' || word[n - 1] == '\t'); n--)
		word[n - 1] = '\0';
	return word;
}

static bool read_kinds(struct reader *reader, const struct setting *setting, const char *value)
{
	char copy[POLICY_LINE_MAX + 1], *rest = copy, *word;
	uint32_t kinds = 0;

	snprintf(copy, sizeof(copy), "%s", value);
	while ((word = next_word(&rest))) {
		int kind = kind_parse(word);

		if (kind < 0) {
			mistake(reader, value_at(reader, word),
				"%s: \"%s\" is not one of terminal, headless, web, phone, sip", setting->name, word);
			return false;
		}
		kinds |= 1u << kind;
	}
	reader->policy.kinds = kinds;
	return true;
}

static void write_kinds(const struct policy *policy, const struct setting *setting, char *dst, size_t size)
{
	size_t at = 0;

	(void)setting;
	dst[0] = '\0';
	for (int i = 0; i < KIND_COUNT; i++)
		if (policy->kinds & 1u << i && at < size)
			at += (size_t)snprintf(dst + at, size - at, "%s%s", at ? ", " : "", kind_name((enum kind)i));
}

#define AT(member) offsetof(struct policy, member)
static const struct setting settings[] = {
	{ SECTION_DOOR, "create", "who may open a meeting: loopback (anyone, while the relay listens on this machine\n"
	  "# only; else a token), token, anyone", read_create, write_create, 0, 0, 0, 0 },
	{ SECTION_DOOR, "kinds", "kinds of connection that are let in at all: terminal, headless, web, phone, sip",
	  read_kinds, write_kinds, 0, 0, 0, 0 },
	{ SECTION_DOOR, "client", "the oldest version of moot that may join", read_version, write_version, 0, 0, 0, 0 },
	{ SECTION_DOOR, "passcode-length", "the least length of a passcode; there always is one", read_u32, write_u32,
	  AT(passcode_min), 6, JOIN_CODE, 0 },
	{ SECTION_LIMITS, "people", "in one meeting", read_u32, write_u32, AT(people_max), 1, MOOT_PEOPLE_MAX, 0 },
	{ SECTION_LIMITS, "waiting", "in the waiting room of one meeting", read_u32, write_u32, AT(waiting_max), 0, 1000, 0 },
	{ SECTION_LIMITS, "meetings", "at a time", read_u32, write_u32, AT(meetings_max), 1, 100000, 0 },
	{ SECTION_LIMITS, "seat-hold", "how long the seat of a lost line is kept", read_u32, write_u32, AT(seat_hold_ms), 1,
	  3600, 1000 },
	{ SECTION_LIMITS, "file-size", "the largest file in chat, where files are on", read_size, write_size, 0, 1,
	  1024 * 1024 * 1024, 2 },
};
enum { SETTINGS = sizeof(settings) / sizeof(*settings) };
_Static_assert(SETTINGS <= 32 && CONTROL_COUNT <= 32, "room to note what was seen");

/* ---- lines ---------------------------------------------------------------------------------------------- */

static void list_values(enum control control, char *dst, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < control_values(control) && at < size; i++)
		at += (size_t)snprintf(dst + at, size - at, "%s%s", i ? ", " : "", control_value_name(control, i));
}

/* "on" or "on, locked". */
static void take_control(struct reader *reader, enum control control, const char *value)
{
	char copy[POLICY_LINE_MAX + 1], *rest = copy, *word, *lock, values[160];
	int parsed;

	snprintf(copy, sizeof(copy), "%s", value);
	word = next_word(&rest);
	lock = next_word(&rest);
	parsed = word ? control_value_parse(control, word) : -EINVAL;
	if (parsed < 0) {
		list_values(control, values, sizeof(values));
		mistake(reader, value_at(reader, word ? word : ""), "%s: \"%s\" is not one of %s", control_name(control),
			word ? word : "", values);
		return;
	}
	if ((lock && strcmp(lock, "locked") != 0) || next_word(&rest)) {
		mistake(reader, value_at(reader, lock), "%s: after the value only \", locked\" may follow, not \"%s\"",
			control_name(control), lock);
		return;
	}
	reader->policy.value[control] = parsed;
	reader->policy.locked[control] = lock != NULL;
}

static bool twice(struct reader *reader, enum section section, int row, const char *name)
{
	if (!reader->seen[section][row]) {
		reader->seen[section][row] = true;
		return false;
	}
	mistake(reader, key_at(reader), "%s: said twice; keep one of them", name);
	return true;
}

static int take_key(struct reader *reader, enum section section, const char *name, const char *value)
{
	int control = section == SECTION_CONTROLS ? control_parse(name) : -1;

	if (control >= 0) {
		if (!twice(reader, section, control, name))
			take_control(reader, (enum control)control, value);
		return 1;
	}
	for (int i = 0; section != SECTION_CONTROLS && i < SETTINGS; i++) {
		if (settings[i].section != section || strcmp(settings[i].name, name) != 0)
			continue;
		if (!twice(reader, section, i, name))
			settings[i].take(reader, &settings[i], value);
		return 1;
	}
	mistake(reader, key_at(reader), "there is no setting \"%s\" in [%s]; moot(5) lists them", name, sections[section]);
	return 1;
}

/* Of libinih: a key with its section. */
static int on_key(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *reader = arg;

	for (int i = 0; i < SECTION_COUNT; i++)
		if (strcmp(section, sections[i]) == 0)
			return take_key(reader, (enum section)i, name, value);
	if (!*section)
		mistake(reader, key_at(reader), "\"%s\" stands before the first section: [controls], [door] or [limits]", name);
	return 1;
}

/* What libinih must not see: its own words for such lines have no column. True when it may see the line. */
static bool check_line(struct reader *reader, const char *start, size_t n)
{
	char name[POLICY_LINE_MAX + 1];
	const char *close;

	if (reader->line_n > POLICY_LINE_MAX) {
		mistake(reader, reader->line + POLICY_LINE_MAX, "the line is longer than %d bytes", POLICY_LINE_MAX);
		return false;
	}
	if (!text_valid(reader->line, reader->line_n)) {
		mistake(reader, reader->line, "the line is not UTF-8 text");
		return false;
	}
	if (n == 0 || *start == '#' || *start == ';')
		return true;
	if (*start != '[') {
		if (*start != '=' && memchr(start, '=', n))
			return true;
		mistake(reader, start, "expected \"setting = value\", a [section] or a # comment");
		return false;
	}
	close = memchr(start, ']', n);
	snprintf(name, sizeof(name), "%.*s", close ? (int)(close - start - 1) : 0, start + 1);
	for (int i = 0; i < SECTION_COUNT; i++)
		if (close && strcmp(name, sections[i]) == 0)
			return true;
	mistake(reader, start, "expected [controls], [door] or [limits]");
	return true;
}

/* Of libinih, in fgets()'s manner: one line, without blanks before it (they would make it part of the last). */
static char *next_line(char *dst, int size, void *arg)
{
	struct reader *reader = arg;
	const char *start, *end;
	size_t n;

	if (reader->text >= reader->end)
		return NULL;
	end = memchr(reader->text, '\n', (size_t)(reader->end - reader->text));
	reader->line = reader->text;
	reader->line_n = (size_t)((end ? end : reader->end) - reader->text);
	reader->text = end ? end + 1 : reader->end;
	reader->number++;
	if (reader->line_n && reader->line[reader->line_n - 1] == '\r')
		reader->line_n--;
	start = key_at(reader);
	n = reader->line_n - (size_t)(start - reader->line);
	if (!check_line(reader, start, n) || n + 2 > (size_t)size)
		n = 0;
	memcpy(dst, start, n);
	dst[n] = '\n';
	dst[n + 1] = '\0';
	return dst;
}

int policy_parse(struct policy *policy, const char *text, size_t n,
		 struct policy_mistake mistakes[static POLICY_MISTAKES_MAX])
{
	struct reader reader = { .text = text, .end = text + n, .line = text, .number = 1, .mistakes = mistakes };

	policy_init(&reader.policy);
	if (n > POLICY_FILE_MAX) {
		mistake(&reader, text, "the file is larger than %d bytes", POLICY_FILE_MAX);
		return reader.count;
	}
	if (n >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
		reader.text += 3;
	reader.number = 0;
	if (ini_parse_stream(next_line, &reader, on_key, &reader) && !reader.count)
		mistake(&reader, reader.line, "the file cannot be read as settings");
	if (!reader.count)
		*policy = reader.policy;
	return reader.count;
}

/* ---- writing -------------------------------------------------------------------------------------------- */

struct text {
	char *dst;
	size_t size, at;
};

__attribute__((format(printf, 2, 3)))
static void put(struct text *text, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text->at < text->size ? text->dst + text->at : NULL,
		      text->at < text->size ? text->size - text->at : 0, format, ap);
	va_end(ap);
	text->at += n > 0 ? (size_t)n : 0;
}

static void put_settings(struct text *text, const struct policy *policy, enum section section)
{
	char value[160];

	put(text, "\n[%s]\n", sections[section]);
	for (int i = 0; i < SETTINGS; i++) {
		if (settings[i].section != section)
			continue;
		settings[i].put(policy, &settings[i], value, sizeof(value));
		put(text, "# %s\n%s = %s\n", settings[i].note, settings[i].name, value);
	}
}

int policy_text(const struct policy *policy, char *dst, size_t size)
{
	struct text text = { .dst = dst, .size = size };
	char values[160];

	put(&text, "# The policy of a moot-relay; moot(5) explains it. `moot-relay policy check FILE` finds mistakes,\n"
		   "# SIGHUP makes a running relay read it again. A meeting always has a passcode.\n\n"
		   "# How a meeting starts. \", locked\" behind a value: its hosts cannot change it.\n[controls]\n");
	for (int i = 0; i < CONTROL_COUNT; i++) {
		list_values((enum control)i, values, sizeof(values));
		put(&text, "# %s\n%s = %s%s\n", values, control_name((enum control)i),
		    control_value_name((enum control)i, policy->value[i]), policy->locked[i] ? ", locked" : "");
	}
	put_settings(&text, policy, SECTION_DOOR);
	put_settings(&text, policy, SECTION_LIMITS);
	return text.at < size ? (int)text.at : -ENOSPC;
}
