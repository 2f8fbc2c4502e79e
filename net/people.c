/* The whole file is read, changed as a table and written anew: it is small, and seldom changes. Names are told apart by what
 * the eye sees (text_skeleton), since that is what an impostor goes by. */
#include "net/people.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/escape.h"
#include "net/file.h"
#include "net/text.h"

enum {
	KEY_CHARS = 2 * MOOT_KEY_BYTES,
	DATE_CHARS = PEOPLE_DATE_SIZE - 1,
	NAME_CHARS = 3 * MOOT_NAME_SIZE,
	LINE_SIZE = KEY_CHARS + DATE_CHARS + NAME_CHARS + 16,
	FILE_MAX = 4 << 20,
};

static const char *const hows[] = { [PEOPLE_SEEN] = "seen", [PEOPLE_LINK] = "link", [PEOPLE_CODE] = "code" };

struct people {
	struct known_person *person; /* the newest last */
	size_t count;
};

/* ---- lines ---- */

static bool is_date(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
	return n == DATE_CHARS;
}

static int read_how(const char *text)
{
	for (int i = PEOPLE_SEEN; i <= PEOPLE_CODE; i++)
		if (!memcmp(text, hows[i], 4))
			return i;
	return -EBADMSG;
}

/* "KEY DATE HOWW NAME": all but the name has a fixed length. */
static bool read_line(struct known_person *person, const char *line, size_t n)
{
	const char *date = line + KEY_CHARS + 1, *how = date + DATE_CHARS + 1, *name = how + 5;
	size_t got = 0, head = (size_t)(name - line);
	int read;

	memset(person, 0, sizeof(*person));
	if (n && line[n - 1] == '\r')
		n--;
	if (n <= head || date[-1] != ' ' || how[-1] != ' ' || name[-1] != ' ' || !is_date(date, DATE_CHARS))
		return false;
	read = read_how(how);
	if (read < 0 || escape_read(person->name, sizeof(person->name), name, n - head) < 0 ||
	    sodium_hex2bin(person->key, sizeof(person->key), line, KEY_CHARS, NULL, &got, NULL) ||
	    got != sizeof(person->key))
		return false;
	person->how = (enum people_how)read;
	memcpy(person->date, date, DATE_CHARS);
	return true;
}

static size_t write_line(char *dst, const struct known_person *person)
{
	char hex[KEY_CHARS + 1], name[NAME_CHARS + 4];

	sodium_bin2hex(hex, sizeof(hex), person->key, sizeof(person->key));
	if (escape_write(name, sizeof(name), person->name) < 0)
		return 0;
	return (size_t)snprintf(dst, LINE_SIZE, "%s %s %s %s\n", hex, person->date, hows[person->how], name);
}

/* ---- the table ---- */

static struct known_person *find(const struct people *people, const uint8_t key[static MOOT_KEY_BYTES])
{
	for (size_t i = people->count; i-- > 0;)
		if (!memcmp(people->person[i].key, key, MOOT_KEY_BYTES))
			return &people->person[i];
	return NULL;
}

static void drop(struct people *people, size_t at)
{
	people->count--;
	memmove(people->person + at, people->person + at + 1, (people->count - at) * sizeof(*people->person));
}

/* The oldest of those who were least verified. */
static void make_room(struct people *people)
{
	size_t oldest = 0;

	if (people->count < PEOPLE_MAX)
		return;
	for (size_t i = 1; i < people->count; i++)
		if (people->person[i].how < people->person[oldest].how)
			oldest = i;
	drop(people, oldest);
}

/* A file with more than we keep, or with a key twice, was not written by us; it is read all the same. */
static int load(struct people *people, const char *path)
{
	const char *p, *line;
	struct known_person read;
	char *text = NULL;
	size_t bytes = 0, n;
	int rc = file_load_private(path, FILE_MAX, &text, &bytes);

	people->count = 0;
	people->person = NULL;
	if (rc && rc != -ENOENT && rc != -ENOTDIR)
		return rc;
	people->person = calloc(PEOPLE_MAX, sizeof(*people->person));
	if (!people->person) {
		free(text);
		return -ENOMEM;
	}
	for (p = text; text && file_next_line(&p, text + bytes, &line, &n);) {
		if (!read_line(&read, line, n))
			continue;
		make_room(people);
		people->person[people->count++] = read;
	}
	free(text);
	return 0;
}

static int save(const struct people *people, const char *path)
{
	char *text = malloc(people->count * LINE_SIZE + 1);
	size_t used = 0;
	int rc;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < people->count; i++)
		used += write_line(text + used, &people->person[i]);
	rc = file_save(path, text, used, 0600);
	free(text);
	return rc;
}

/* ---- names ---- */

/* Can one be taken for the other? skeleton: of b. */
static bool same_name(const char *a, const char *b, const char *skeleton)
{
	char other[4 * MOOT_NAME_SIZE];

	text_skeleton(other, sizeof(other), a);
	return (*skeleton && !strcmp(other, skeleton)) || text_same(a, b);
}

/* Who bears this name with another key: the best verified, of those the one known longest; or NULL. */
static const struct known_person *namesake(const struct people *people, const uint8_t key[static MOOT_KEY_BYTES],
					   const char *name)
{
	const struct known_person *best = NULL;
	char skeleton[4 * MOOT_NAME_SIZE];

	text_skeleton(skeleton, sizeof(skeleton), name);
	for (size_t i = 0; i < people->count; i++) {
		const struct known_person *person = &people->person[i];

		if ((best && (person->how < best->how ||
			      (person->how == best->how && strcmp(person->date, best->date) >= 0))) ||
		    !memcmp(person->key, key, MOOT_KEY_BYTES) || !same_name(person->name, name, skeleton))
			continue;
		best = person;
	}
	return best;
}

static enum known who_is(const struct people *people, const uint8_t key[static MOOT_KEY_BYTES], const char *name,
			 struct known_person *out)
{
	const struct known_person *person = find(people, key), *other = NULL;
	char skeleton[4 * MOOT_NAME_SIZE];

	text_skeleton(skeleton, sizeof(skeleton), name);
	if (!person || !same_name(person->name, name, skeleton))
		other = namesake(people, key, name);
	if (other)
		*out = *other;
	else if (person)
		*out = *person;
	if (other)
		return KNOWN_OTHER_KEY;
	return !person ? KNOWN_NEW : person->how == PEOPLE_SEEN ? KNOWN_SEEN : KNOWN_VERIFIED;
}

int people_check(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, struct known_person *out)
{
	struct known_person found = { .name = "" };
	struct people people;
	int rc = load(&people, path);

	if (!rc)
		rc = (int)who_is(&people, key, name, &found);
	free(people.person);
	if (rc >= 0 && out)
		*out = found;
	return rc;
}

/* ---- remembering ---- */

/* Returns whether anything changed. */
static bool put(struct people *people, const struct known_person *now)
{
	struct known_person *known = find(people, now->key), kept;

	if (!known) {
		make_room(people);
		people->person[people->count++] = *now;
		return true;
	}
	if (!strcmp(known->name, now->name) && known->how >= now->how)
		return false;
	kept = *known;
	if (now->how > kept.how)
		kept.how = now->how;
	memcpy(kept.name, now->name, sizeof(kept.name));
	drop(people, (size_t)(known - people->person));
	people->person[people->count++] = kept;
	return true;
}

static int update(const char *path, const struct known_person *now)
{
	struct people people;
	int lock = file_lock(path), rc = load(&people, path);

	if (!rc && put(&people, now))
		rc = save(&people, path);
	free(people.person);
	if (lock >= 0)
		close(lock);
	return rc;
}

int people_verify(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, const char *date,
		  enum people_how how)
{
	struct known_person now = { .how = how };

	if (!is_date(date, strnlen(date, PEOPLE_DATE_SIZE)) || !text_safe(now.name, sizeof(now.name), name, false))
		return -EINVAL;
	memcpy(now.key, key, sizeof(now.key));
	memcpy(now.date, date, DATE_CHARS);
	return update(path, &now);
}

int people_remember(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, const char *date)
{
	return people_verify(path, key, name, date, PEOPLE_SEEN);
}
