/* Curses saves bytes by scrolling regions of the screen and knows no switch against it; whatever is painted
 * beside it would be scrolled along. What it does not find in the description of the terminal it does not do,
 * so it is given a copy without those strings, by the way that ncurses has for descriptions that are no file:
 * TERMINFO=hex:… The compiled format is that of term(5). */
#include "tui/screen_terminfo.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENTRY_MAX = 32768,
	HEADER_BYTES = 12,
	MAGIC = 0x011A,
	MAGIC_32 = 0x021E, /* numbers of 32 bits */
};

/* Places in the table of strings: without scrolling back or inserting lines curses scrolls nothing; without
 * clr_bol it does not erase to the left. */
static const unsigned left_out[] = { 53 /* il1 */, 110 /* il */, 113 /* rin */, 130 /* ri */, 269 /* el1 */ };

static char *kept; /* what TERMINFO was, NULL: not set */
static bool held;

static unsigned number_at(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* Returns false when it is no description. */
static bool leave_out(uint8_t *entry, size_t n)
{
	unsigned magic, strings;
	size_t at;

	if (n < HEADER_BYTES)
		return false;
	magic = number_at(entry);
	if (magic != MAGIC && magic != MAGIC_32)
		return false;
	at = HEADER_BYTES + number_at(entry + 2) + number_at(entry + 4);
	at += at % 2;
	at += number_at(entry + 6) * (magic == MAGIC ? 2u : 4u);
	strings = number_at(entry + 8);
	if (at + 2 * (size_t)strings > n)
		return false;
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] < strings)
			memset(entry + at + 2 * (size_t)left_out[i], 0xFF, 2);
	return true;
}

/* Directories go by a first letter, or by its code. Returns its bytes, 0 when there is none. */
static size_t read_from(uint8_t entry[static ENTRY_MAX], const char *folder, size_t folder_bytes,
			const char *term)
{
	char path[1024];
	size_t n = 0;

	for (int i = 0; i < 2 && n == 0; i++) {
		FILE *file;

		if (i == 0)
			snprintf(path, sizeof(path), "%.*s/%c/%s", (int)folder_bytes, folder, term[0], term);
		else
			snprintf(path, sizeof(path), "%.*s/%02x/%s", (int)folder_bytes, folder,
				 (unsigned char)term[0], term);
		file = fopen(path, "re");
		if (!file)
			continue;
		n = fread(entry, 1, ENTRY_MAX, file);
		fclose(file);
	}
	return n;
}

/* Where ncurses looks, in its order. */
static size_t find(uint8_t entry[static ENTRY_MAX], const char *term)
{
	static const char standard[] =
		"/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/local/share/terminfo";
	const char *home = getenv("HOME"), *own = getenv("TERMINFO"), *more = getenv("TERMINFO_DIRS");
	char folder[512] = "";
	const char *lists[4] = { own, folder, more, standard };

	if (home)
		snprintf(folder, sizeof(folder), "%s/.terminfo", home);
	for (int i = 0; i < 4; i++)
		for (const char *at = lists[i]; at && *at;) {
			size_t length = strcspn(at, ":");
			size_t n = length ? read_from(entry, at, length, term) : 0;

			if (n > 0)
				return n;
			at += length + (at[length] == ':');
		}
	return 0;
}

bool terminfo_hold(const char *term)
{
	uint8_t *entry = malloc(ENTRY_MAX);
	char *hex = malloc(4 + 2 * ENTRY_MAX + 1);
	const char *before = getenv("TERMINFO");
	size_t n = entry && hex && !strchr(term, '/') ? find(entry, term) : 0;
	bool found = n > 0 && leave_out(entry, n);

	if (found) {
		memcpy(hex, "hex:", 4);
		for (size_t i = 0; i < n; i++)
			snprintf(hex + 4 + 2 * i, 3, "%02X", entry[i]);
		kept = before ? strdup(before) : NULL;
		held = found = setenv("TERMINFO", hex, 1) == 0;
	}
	free(entry);
	free(hex);
	return found;
}

void terminfo_release(void)
{
	if (!held)
		return;
	if (kept)
		setenv("TERMINFO", kept, 1);
	else
		unsetenv("TERMINFO");
	free(kept);
	kept = NULL;
	held = false;
}
