/* JSON <-> struct command and struct event, by the tables of wire_table.c. Reading: depth is checked over the bytes
 * before jansson sees them, then each field that the word has is looked up and checked, whatever else is there is ignored.
 * Writing: straight into the caller's buffer, no tree, no allocation, since a relay does it for every event. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/text.h"
#include "net/wire.h"
#include "net/wire_table.h"

/* ---- reading -------------------------------------------------------------------------------------------- */

/* Nesting of a JSON text, seen from its brackets alone; what is no JSON jansson refuses later. */
static bool too_deep(const char *text, size_t n)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > WIRE_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return false;
}

static json_t *load(const char *text, size_t n)
{
	json_t *json;

	if (n > WIRE_TEXT_MAX || too_deep(text, n))
		return NULL;
	json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

static bool read_text(char *dst, size_t size, const json_t *json)
{
	if (!json_is_string(json) || json_string_length(json) >= size)
		return false;
	memcpy(dst, json_string_value(json), json_string_length(json) + 1);
	return true;
}

static bool read_integer(const json_t *json, int64_t min, int64_t max, int64_t *value)
{
	if (!json_is_integer(json) || json_integer_value(json) < min || json_integer_value(json) > max)
		return false;
	*value = json_integer_value(json);
	return true;
}

static bool read_u32(uint32_t *dst, const json_t *json, size_t max)
{
	int64_t v;

	if (!read_integer(json, 0, max ? (int64_t)max : UINT32_MAX, &v))
		return false;
	*dst = (uint32_t)v;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(uint8_t *dst, size_t size, const json_t *json)
{
	const char *s = json_string_value(json);

	if (!s || json_string_length(json) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_permits(uint32_t *mask, const json_t *json)
{
	size_t i;
	json_t *item;

	if (!json_is_array(json) || json_array_size(json) > PERMIT_COUNT)
		return false;
	json_array_foreach((json_t *)json, i, item) {
		int p = json_is_string(item) ? permission_parse(json_string_value(item)) : -1;

		if (p < 0)
			return false;
		*mask |= 1U << p;
	}
	return true;
}

static bool read_to(enum scope *scope, uint32_t *number, const json_t *json)
{
	int s;

	if (json_is_integer(json)) {
		*scope = TO_ONE;
		return read_u32(number, json, 0);
	}
	s = json_is_string(json) ? scope_parse(json_string_value(json)) : -1;
	if (s < 0 || s == TO_ONE)
		return false;
	*scope = (enum scope)s;
	return true;
}

static bool read_numbers(uint32_t *dst, uint32_t *count, size_t max, const json_t *json)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n > max)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!read_u32(&dst[i], json_array_get(json, i), 0))
			return false;
	*count = (uint32_t)n;
	return true;
}

static bool read_layers(uint8_t *dst, uint32_t count, const json_t *json)
{
	int64_t v;

	if (!json_is_array(json) || json_array_size(json) != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!read_integer(json_array_get(json, i), 0, (1 << STREAM_COUNT) - 1, &v))
			return false;
		dst[i] = (uint8_t)v;
	}
	return true;
}

static bool read_enum(const struct wire_field *field, void *dst, const json_t *json)
{
	int v = json_is_string(json) ? field->parse(json_string_value(json)) : -1;

	if (v < 0)
		return false;
	memcpy(dst, &v, sizeof v);
	return true;
}

static bool read_value(int32_t *dst, const enum control *control, const json_t *json)
{
	int v = json_is_string(json) ? control_value_parse(*control, json_string_value(json)) : -1;

	if (v < 0)
		return false;
	*dst = v;
	return true;
}

/* base: the struct. json: the field's value. */
static bool read_field(const struct wire_field *f, uint8_t *base, const json_t *json)
{
	void *at = base + f->offset, *beside = base + f->beside;
	int64_t v;

	switch (f->type) {
	case WIRE_TEXT: return read_text(at, f->size, json);
	case WIRE_BOOL: *(bool *)at = json_is_true(json); return json_is_boolean(json);
	case WIRE_U32: return read_u32(at, json, f->size);
	case WIRE_U64:
		if (!read_integer(json, 0, INT64_MAX, &v))
			return false;
		*(uint64_t *)at = (uint64_t)v;
		return true;
	case WIRE_I64: return read_integer(json, INT64_MIN, INT64_MAX, at);
	case WIRE_HEX:
		if (f->beside)
			*(bool *)beside = true;
		return read_hex(at, f->size, json);
	case WIRE_ENUM: return read_enum(f, at, json);
	case WIRE_VALUE: return read_value(at, beside, json);
	case WIRE_PERMITS: return read_permits(at, json);
	case WIRE_TO: return read_to(at, beside, json);
	case WIRE_NUMBERS:
	case WIRE_COUNTS: return read_numbers(at, beside, f->size / sizeof(uint32_t), json);
	case WIRE_LAYERS: return read_layers(at, *(uint32_t *)beside, json);
	}
	return false;
}

static int read_fields(const struct wire_layout *layout, int kind, void *base, json_t *json)
{
	const struct wire_shape *shape = &layout->shapes[kind];

	for (size_t i = 0; i < layout->field_count; i++) {
		const struct wire_field *f = &layout->fields[i];
		uint64_t bit = UINT64_C(1) << i;
		json_t *value;

		if (!((shape->must | shape->may) & bit))
			continue;
		value = json_object_get(json, f->key);
		if (!value && !(shape->must & bit))
			continue;
		if (!value || !read_field(f, base, value))
			return -EBADMSG;
	}
	return 0;
}

int wire_command_decode(struct command *command, const char *text, size_t n)
{
	json_t *json = load(text, n), *request;
	uint32_t number = 0;
	int err = -EBADMSG, word;

	memset(command, 0, sizeof *command);
	if (!json)
		return err;
	request = json_object_get(json, "request");
	if (!request || read_u32(&number, request, 0)) {
		word = json_is_string(json_object_get(json, "do")) ?
			       word_parse(json_string_value(json_object_get(json, "do"))) :
			       -1;
		if (word > WORD_NONE)
			err = read_fields(&wire_commands, word, command, json);
		if (err)
			memset(command, 0, sizeof *command);
		else
			command->word = (enum word)word;
		command->request = number;
	}
	json_decref(json);
	return err;
}

int wire_event_decode(struct event *event, const char *text, size_t n)
{
	json_t *json = load(text, n), *name;
	int err = -EBADMSG, kind;

	memset(event, 0, sizeof *event);
	if (!json)
		return err;
	name = json_object_get(json, "event");
	kind = json_is_string(name) ? event_parse(json_string_value(name)) : -1;
	if (kind > EVENT_NONE && kind < EVENT_CONNECTED)
		err = read_fields(&wire_events, kind, event, json);
	if (err)
		memset(event, 0, sizeof *event);
	else
		event->kind = (enum event_kind)kind;
	json_decref(json);
	return err;
}

/* ---- writing -------------------------------------------------------------------------------------------- */

/* A full writer goes on counting nothing: `at` stays at NULL once something did not fit. */
struct writer {
	char *at, *end;
};

static void put(struct writer *w, const char *s, size_t n)
{
	if (!w->at || (size_t)(w->end - w->at) <= n) {
		w->at = NULL;
		return;
	}
	memcpy(w->at, s, n);
	w->at += n;
}

static void put_s(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

__attribute__((format(printf, 2, 3))) static void put_f(struct writer *w, const char *format, ...)
{
	char s[64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(s, sizeof s, format, ap);
	va_end(ap);
	put_s(w, s);
}

/* Bytes at s that may stand in a JSON string as they are; *skip those after them that may not, and *instead of them. */
static size_t plain_run(const char *s, size_t n, size_t *skip, char instead[static 8])
{
	uint32_t cp;
	size_t i = 0;

	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80) {
			int used = text_next(s + i, n - i, &cp);

			if (used < 0)
				break;
			i += (size_t)used - 1;
		} else if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
			break;
		}
	}
	*skip = i < n;
	if (i < n && (s[i] == '"' || s[i] == '\\'))
		snprintf(instead, 8, "\\%c", s[i]);
	else if (i < n)
		snprintf(instead, 8, "\\u%04x", (unsigned char)s[i] < 0x80 ? (unsigned)s[i] : 0xfffdU);
	return i;
}

static void put_text(struct writer *w, const char *s, size_t n)
{
	char instead[8];
	size_t skip = 0;

	put(w, "\"", 1);
	while (n) {
		size_t run = plain_run(s, n, &skip, instead);

		put(w, s, run);
		if (skip)
			put_s(w, instead);
		s += run + skip;
		n -= run + skip;
	}
	put(w, "\"", 1);
}

static void put_hex(struct writer *w, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	put(w, "\"", 1);
	while (n--) {
		char pair[2] = { digits[*p >> 4], digits[*p & 15] };

		put(w, pair, 2);
		p++;
	}
	put(w, "\"", 1);
}

/* A name that the tables know; a value outside them is the caller's mistake, written as null. */
static void put_name(struct writer *w, const char *name)
{
	if (name)
		put_f(w, "\"%s\"", name);
	else
		put_s(w, "null");
}

static void put_permits(struct writer *w, uint32_t mask)
{
	const char *comma = "";

	put(w, "[", 1);
	for (int p = 0; p < PERMIT_COUNT; p++) {
		if (!(mask >> p & 1))
			continue;
		put_f(w, "%s\"%s\"", comma, permission_name((enum permission)p));
		comma = ",";
	}
	put(w, "]", 1);
}

static void put_list(struct writer *w, const struct wire_field *f, const void *at, uint32_t count)
{
	size_t max = f->type == WIRE_LAYERS ? f->size : f->size / sizeof(uint32_t);

	if (count > max)
		count = (uint32_t)max;
	put(w, "[", 1);
	for (uint32_t i = 0; i < count; i++)
		put_f(w, "%s%" PRIu32, i ? "," : "",
		      f->type == WIRE_LAYERS ? ((const uint8_t *)at)[i] : ((const uint32_t *)at)[i]);
	put(w, "]", 1);
}

static void put_field(struct writer *w, const struct wire_field *f, const uint8_t *base)
{
	const void *at = base + f->offset, *beside = base + f->beside;

	put_f(w, ",\"%s\":", f->key);
	switch (f->type) {
	case WIRE_TEXT: put_text(w, at, strnlen(at, f->size - 1)); break;
	case WIRE_BOOL: put_s(w, *(const bool *)at ? "true" : "false"); break;
	case WIRE_U32: put_f(w, "%" PRIu32, *(const uint32_t *)at); break;
	case WIRE_U64: put_f(w, "%" PRIu64, *(const uint64_t *)at); break;
	case WIRE_I64: put_f(w, "%" PRId64, *(const int64_t *)at); break;
	case WIRE_HEX: put_hex(w, at, f->size); break;
	case WIRE_ENUM: put_name(w, f->name(*(const int *)at)); break;
	case WIRE_VALUE: put_name(w, control_value_name(*(const enum control *)beside, *(const int32_t *)at)); break;
	case WIRE_PERMITS: put_permits(w, *(const uint32_t *)at); break;
	case WIRE_TO:
		if (*(const enum scope *)at == TO_ONE)
			put_f(w, "%" PRIu32, *(const uint32_t *)beside);
		else
			put_name(w, scope_name(*(const enum scope *)at));
		break;
	case WIRE_NUMBERS:
	case WIRE_COUNTS:
	case WIRE_LAYERS: put_list(w, f, at, *(const uint32_t *)beside); break;
	}
}

/* Nothing worth saying: what may be missing is then left out. */
static bool is_empty(const struct wire_field *f, const uint8_t *base)
{
	static const uint8_t zero[8];
	const uint8_t *at = base + f->offset;

	switch (f->type) {
	case WIRE_TEXT: return !*at;
	case WIRE_BOOL: return !*(const bool *)(const void *)at;
	case WIRE_U32: return !memcmp(at, zero, 4);
	case WIRE_U64:
	case WIRE_I64: return !memcmp(at, zero, 8);
	case WIRE_NUMBERS:
	case WIRE_COUNTS: return !memcmp(base + f->beside, zero, 4);
	case WIRE_HEX: return f->beside && !base[f->beside];
	default: return false;
	}
}

static void put_fields(struct writer *w, const struct wire_layout *layout, int kind, const void *base)
{
	const struct wire_shape *shape = &layout->shapes[kind];

	for (size_t i = 0; i < layout->field_count; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if (shape->must & bit || (shape->may & bit && !is_empty(&layout->fields[i], base)))
			put_field(w, &layout->fields[i], base);
	}
}

static int finish(struct writer *w, char *dst)
{
	put(w, "}", 1);
	if (!w->at)
		return -ENOSPC;
	*w->at = '\0';
	return (int)(w->at - dst);
}

int wire_command_encode(char *dst, size_t size, const struct command *command)
{
	struct writer w = { dst, dst + size };

	if (command->word <= WORD_NONE || command->word >= WORD_COUNT)
		return -EINVAL;
	put_f(&w, "{\"do\":\"%s\"", word_name(command->word));
	if (command->request)
		put_f(&w, ",\"request\":%" PRIu32, command->request);
	put_fields(&w, &wire_commands, (int)command->word, command);
	return finish(&w, dst);
}

int wire_event_encode(char *dst, size_t size, const struct event *event)
{
	struct writer w = { dst, dst + size };

	if (event->kind <= EVENT_NONE || event->kind >= EVENT_COUNT)
		return -EINVAL;
	put_f(&w, "{\"event\":\"%s\"", event_name(event->kind));
	put_fields(&w, &wire_events, (int)event->kind, event);
	return finish(&w, dst);
}
