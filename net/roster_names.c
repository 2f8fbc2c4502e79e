/* Names in the mirror: who is meant by what people type, and whose name needs its number. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/roster_state.h"
#include "net/text.h"

/* FNV-1a of the skeleton. That two differ by hash is sure; that two are equal only costs a number shown. */
uint64_t roster_look(const char *name)
{
	char skeleton[4 * MOOT_NAME_SIZE];
	uint64_t hash = 0xcbf29ce484222325u;
	text_skeleton(skeleton, sizeof(skeleton), name);
	for (const char *s = skeleton; *s; s++)
		hash = (hash ^ (uint8_t)*s) * 0x100000001b3u;
	return hash;
}

struct knocker *roster_knocker(const struct roster *roster, uint32_t number)
{
	for (size_t i = 0; i < roster->waiting_count; i++)
		if (roster->waiting[i].number == number)
			return &roster->waiting[i];
	return NULL;
}

/* Digits only, at least one: their value, else 0. */
static uint32_t number_of(const char *s, size_t n)
{
	uint32_t number = 0;
	if (n == 0 || n > 9)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		number = 10 * number + (uint32_t)(s[i] - '0');
	}
	return number;
}

/* The number in a closing " (3)", with *length of what stands before it; else 0. */
static uint32_t number_after(const char *name, size_t *length)
{
	size_t n = strlen(name);
	const char *open = strrchr(name, '(');
	if (!open || open == name || name[n - 1] != ')')
		return 0;
	*length = (size_t)(open - name);
	while (*length > 0 && name[*length - 1] == ' ')
		--*length;
	return number_of(open + 1, n - (size_t)(open - name) - 2);
}

static const char *name_of(const struct roster *roster, uint32_t number, bool waiting)
{
	const struct person *person = number ? roster_seat(roster, number) : NULL;
	const struct knocker *knocker = number && waiting ? roster_knocker(roster, number) : NULL;
	return person ? person->name : knocker ? knocker->name : NULL;
}

/* How many names look like this one. */
static unsigned looking_like(const struct roster *roster, uint64_t look, bool waiting)
{
	unsigned count = 0;
	for (size_t i = 0; i < roster->people_count; i++)
		count += roster->looks[i] == look;
	for (size_t i = 0; waiting && i < roster->waiting_count; i++)
		count += roster->waiting[i].look == look;
	return count;
}

int64_t roster_who(const struct roster *roster, const char *who, bool waiting)
{
	while (*who == ' ')
		who++;
	const char *digits = *who == '#' ? who + 1 : who;
	uint32_t number = number_of(digits, strlen(digits));
	if (name_of(roster, number, waiting))
		return number;

	char prefix[MOOT_NAME_SIZE];
	size_t length = 0;
	number = number_after(who, &length);
	const char *name = name_of(roster, number, waiting);
	if (name && length < sizeof(prefix)) {
		memcpy(prefix, who, length);
		prefix[length] = '\0';
		if (text_same(prefix, name))
			return number;
	}

	int64_t found = -ENOENT;
	uint64_t look = roster_look(who);
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->looks[i] == look && text_same(who, roster->people[i].name))
			found = roster->people[i].number;
	for (size_t i = 0; waiting && i < roster->waiting_count; i++)
		if (roster->waiting[i].look == look && text_same(who, roster->waiting[i].name))
			found = roster->waiting[i].number;
	return found > 0 && looking_like(roster, look, waiting) > 1 ? -EEXIST : found;
}

void roster_show_name(const struct roster *roster, uint32_t number, char *dst, size_t size)
{
	const struct person *person = roster_seat(roster, number);
	const struct knocker *knocker = person ? NULL : roster_knocker(roster, number);
	size_t length;
	if (!person && !knocker) {
		snprintf(dst, size, "(%" PRIu32 ")", number);
		return;
	}
	const char *name = person ? person->name : knocker->name;
	uint64_t look = person ? roster->looks[person - roster->people] : knocker->look;
	if (looking_like(roster, look, true) > 1 || number_after(name, &length))
		snprintf(dst, size, "%s (%" PRIu32 ")", name, number);
	else
		snprintf(dst, size, "%s", name);
}

void roster_show_gone(const struct roster *roster, uint32_t number, const char *name, char *dst, size_t size)
{
	size_t length;
	if (name_of(roster, number, true))
		roster_show_name(roster, number, dst, size);
	else if (looking_like(roster, roster_look(name), true) > 0 || number_after(name, &length))
		snprintf(dst, size, "%s (%" PRIu32 ")", name, number);
	else
		snprintf(dst, size, "%s", name);
}
