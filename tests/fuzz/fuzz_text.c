/* Whatever bytes come: what text.h gives back is valid, fits, and stays as it is when treated again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/message.h"
#include "net/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(promise)                                                                                       \
	do {                                                                                                 \
		if (!(promise))                                                                              \
			abort();                                                                             \
	} while (0)

/* Clusters cover the text, each by at least one byte, and add up to its width. */
static void clusters(const char *s, size_t n)
{
	int cells = 0, width = text_width(s, n);
	for (size_t at = 0, bytes; at < n; at += bytes) {
		int cluster = text_cluster(s + at, n - at, &bytes);
		HOLDS(bytes > 0 && bytes <= n - at && cluster >= 0 && cluster <= 2);
		cells += cluster;
	}
	HOLDS(cells == width);
}

static void no_controls(const char *s, size_t n, bool newline)
{
	uint32_t cp;
	int length;
	for (size_t at = 0; at < n; at += (size_t)length) {
		length = text_next(s + at, n - at, &cp);
		HOLDS(length > 0);
		HOLDS((cp >= 0x20 && cp != 0x7F && (cp < 0x80 || cp >= 0xA0)) || (newline && cp == '\n'));
		HOLDS(cp < 0x202A || cp > 0x202E);
		HOLDS(cp < 0x2066 || cp > 0x2069);
		HOLDS(cp != 0x200B && cp != 0x200E && cp != 0x200F && cp != 0x061C && cp != 0xFEFF);
	}
}

static void safe(const char *s, size_t room, bool newline)
{
	char *once = malloc(room), *twice = malloc(room);
	if (!once || !twice)
		abort();
	size_t n = text_safe(once, room, s, newline);
	HOLDS(n < room && strlen(once) == n && text_valid(once, n));
	no_controls(once, n, newline);
	HOLDS(text_safe(twice, room, once, newline) == n && memcmp(once, twice, n) == 0);
	free(once);
	free(twice);
}

static void names(const char *s)
{
	char name[MOOT_NAME_SIZE], again[MOOT_NAME_SIZE], looks[4 * MOOT_NAME_SIZE],
		looks_again[sizeof(looks)];
	text_skeleton(looks, sizeof(looks), s);
	HOLDS(strlen(looks) < sizeof(looks));
	HOLDS(text_same(s, s));
	if (text_name(name, s) == 0) {
		size_t n = strlen(name);
		HOLDS(n > 0 && text_valid(name, n) && text_width(name, n) > 0);
		no_controls(name, n, false);
		HOLDS(text_name(again, name) == 0 && strcmp(name, again) == 0);
		HOLDS(text_same(name, again));
		text_skeleton(looks, sizeof(looks), name);
		text_skeleton(looks_again, sizeof(looks_again), again);
		HOLDS(strcmp(looks, looks_again) == 0 && text_valid(looks, strlen(looks)));
	}
	char id[MOOT_ID_SIZE], shown[MOOT_ID_SIZE], id_again[MOOT_ID_SIZE];
	if (text_id(id, s) == 0) {
		text_id_show(shown, id);
		HOLDS(text_id(id_again, shown) == 0 && strcmp(id, id_again) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	size_t room = data[0] ? data[0] : 4096;
	char *s = malloc(size);
	if (!s)
		abort();
	memcpy(s, data + 1, size - 1);
	s[size - 1] = '\0';
	clusters(s, size - 1);
	safe(s, room, data[0] & 1);
	names(s);
	free(s);
	return 0;
}
