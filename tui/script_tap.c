/* What a script prints: TAP 13. Steps of a test stand indented under it, so that a reader of TAP counts tests; a step
 * that failed says where in a block of YAML. */
#include "tui/script_state.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void indent(const struct script *script)
{
	for (int i = 0; i < script->depth; i++)
		fputs("    ", stdout);
}

/* One line; # would begin a directive. */
static void put_line(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '#')
			putchar('\\');
		putchar(text[i]);
	}
	putchar('\n');
}

static void put_result(struct script *script, bool ok, const char *what)
{
	struct script_tap *tap = &script->tap[script->depth];

	tap->steps++;
	tap->failed += !ok;
	indent(script);
	printf("%s %u - ", ok ? "ok" : "not ok", tap->steps);
	put_line(what, strcspn(what, "\n"));
}

void script_ok(struct script *script, const char *format, ...)
{
	char what[1200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	put_result(script, true, what);
}

/* Quoted as JSON is, which YAML reads. */
static void put_quoted(struct script *script, const char *key, const char *text)
{
	json_t *string = json_string(text);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	indent(script);
	printf("  %s: %s\n", key, quoted ? quoted : "?");
	free(quoted);
	json_decref(string);
}

static void put_json(struct script *script, const char *lead, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	indent(script);
	printf("  %s%s\n", lead, text ? text : "?");
	free(text);
}

static void put_came(struct script *script, const json_t *came)
{
	size_t i;
	json_t *each;

	if (!json_is_array(came)) {
		put_json(script, "came: ", came);
		return;
	}
	indent(script);
	printf("  came:%s\n", json_array_size(came) ? "" : " []");
	json_array_foreach((json_t *)came, i, each)
		put_json(script, "  - ", each);
}

static void put_lines(struct script *script, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		indent(script);
		printf("# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

void script_not_ok(struct script *script, const char *where, const char *expected, json_t *came,
		   const char *format, ...)
{
	char what[8192];
	const char *rest;
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	put_result(script, false, what);
	if (where || expected || came) {
		indent(script);
		printf("  ---\n");
		if (where)
			put_quoted(script, "at", where);
		if (expected)
			put_quoted(script, "expected", expected);
		if (came)
			put_came(script, came);
		indent(script);
		printf("  ...\n");
	}
	rest = strchr(what, '\n');
	if (rest)
		put_lines(script, rest + 1);
	json_decref(came);
}

void script_say(struct script *script, const char *format, ...)
{
	char text[8192];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put_lines(script, text);
}

void script_begin_test(struct script *script, const char *name)
{
	script_say(script, "Subtest: %s", name);
	script->tap[++script->depth] = (struct script_tap) { 0 };
}

void script_end_test(struct script *script, const char *name)
{
	const struct script_tap *tap = &script->tap[script->depth];
	const bool ok = tap->failed == 0;

	script_plan(script);
	script->depth--;
	put_result(script, ok, name);
}

void script_plan(const struct script *script)
{
	indent(script);
	printf("1..%u\n", script->tap[script->depth].steps);
}
