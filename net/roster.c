/* The mirror: each event of the relay is one small change to what a client knows, by a table. People stand in
 * an array by number, found by halving; a hash of what each name looks like stands beside it, so that asking
 * whether a name needs its number is a walk over integers. */
#include "net/roster.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

void roster_init(struct roster *roster)
{
	memset(roster, 0, sizeof(*roster));
}

void roster_clear(struct roster *roster)
{
	free(roster->people);
	free(roster->looks);
	free(roster->waiting);
	roster_init(roster);
}

/* Forget the room, keep the memory, the title and the id. */
static void forget(struct roster *roster, enum presence presence)
{
	roster->presence = presence;
	roster->me = 0;
	roster->people_count = 0;
	roster->waiting_count = 0;
	roster->spotlight = 0;
	roster->sharer = 0;
	roster->wrong_passcodes = 0;
	roster->stale = false;
}

/* FNV-1a of the skeleton. That two differ by hash is sure; that two are equal only costs a number shown. */
static uint64_t look_of(const char *name)
{
	char skeleton[4 * MOOT_NAME_SIZE];
	uint64_t hash = 0xcbf29ce484222325u;
	text_skeleton(skeleton, sizeof(skeleton), name);
	for (const char *s = skeleton; *s; s++)
		hash = (hash ^ (uint8_t)*s) * 0x100000001b3u;
	return hash;
}

/* Where number stands or would stand. */
static size_t place(const struct roster *roster, uint32_t number)
{
	size_t low = 0, high = roster->people_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (roster->people[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct person *find(const struct roster *roster, uint32_t number)
{
	size_t at = place(roster, number);
	return at < roster->people_count && roster->people[at].number == number ? &roster->people[at] : NULL;
}

static struct knocker *find_waiting(const struct roster *roster, uint32_t number)
{
	for (size_t i = 0; i < roster->waiting_count; i++)
		if (roster->waiting[i].number == number)
			return &roster->waiting[i];
	return NULL;
}

static int people_grow(struct roster *roster)
{
	if (roster->people_count < roster->people_size)
		return 0;
	size_t size = roster->people_size ? 2 * roster->people_size : 8;
	struct person *people = realloc(roster->people, size * sizeof(*people));
	if (!people)
		return -ENOMEM;
	roster->people = people;
	uint64_t *looks = realloc(roster->looks, size * sizeof(*looks));
	if (!looks)
		return -ENOMEM;
	roster->looks = looks;
	roster->people_size = size;
	return 0;
}

static int insert(struct roster *roster, const struct person *person)
{
	if (person->number == 0 || find(roster, person->number) || roster->people_count >= MOOT_PEOPLE_MAX)
		return -EPROTO;
	int err = people_grow(roster);
	if (err)
		return err;
	size_t at = place(roster, person->number), after = roster->people_count - at;
	memmove(&roster->people[at + 1], &roster->people[at], after * sizeof(*roster->people));
	memmove(&roster->looks[at + 1], &roster->looks[at], after * sizeof(*roster->looks));
	roster->people[at] = *person;
	roster->looks[at] = look_of(person->name);
	roster->people_count++;
	if (person->share)
		roster->sharer = person->number;
	return 0;
}

/* ---- events ----------------------------------------------------------------------------------------- */

static int on_connected(struct roster *roster, const struct event *event)
{
	(void)event;
	roster->stale = true;
	return 0;
}

static int on_person(struct roster *roster, const struct event *event)
{
	return roster->presence == PRESENCE_IN ? -EPROTO : insert(roster, &event->person);
}

static int on_joined(struct roster *roster, const struct event *event)
{
	if (event->number == 0 || roster->presence == PRESENCE_IN)
		return -EPROTO;
	if (!find(roster, event->number)) {
		struct person me = { .number = event->number, .role = event->role, .mic = MIC_MUTED };
		memcpy(me.name, event->name, sizeof(me.name));
		int err = insert(roster, &me);
		if (err)
			return err;
	}
	roster->me = event->number;
	roster->presence = PRESENCE_IN;
	memcpy(roster->id, event->id, sizeof(roster->id));
	memcpy(roster->title, event->title, sizeof(roster->title));
	return 0;
}

static int on_waiting(struct roster *roster, const struct event *event)
{
	forget(roster, PRESENCE_WAITING);
	roster->me = event->number;
	memcpy(roster->title, event->title, sizeof(roster->title));
	return 0;
}

static int on_out(struct roster *roster, const struct event *event)
{
	(void)event;
	forget(roster, PRESENCE_OUT);
	return 0;
}

static int on_person_joined(struct roster *roster, const struct event *event)
{
	return roster->presence == PRESENCE_IN ? insert(roster, &event->person) : -EPROTO;
}

static int on_person_left(struct roster *roster, const struct event *event)
{
	uint32_t number = event->number;
	if (number != 0 && number == roster->me)
		return on_out(roster, event);
	if (!find(roster, number))
		return -EPROTO;
	size_t at = place(roster, number), after = roster->people_count - at - 1;
	memmove(&roster->people[at], &roster->people[at + 1], after * sizeof(*roster->people));
	memmove(&roster->looks[at], &roster->looks[at + 1], after * sizeof(*roster->looks));
	roster->people_count--;
	if (roster->sharer == number)
		roster->sharer = 0;
	if (roster->spotlight == number)
		roster->spotlight = 0;
	return 0;
}

static int on_person_changed(struct roster *roster, const struct event *event)
{
	struct person *person = find(roster, event->person.number);
	if (!person)
		return -EPROTO;
	if (strcmp(person->name, event->person.name) != 0)
		roster->looks[person - roster->people] = look_of(event->person.name);
	*person = event->person;
	if (person->share)
		roster->sharer = person->number;
	else if (roster->sharer == person->number)
		roster->sharer = 0;
	if (!roster_hosts(roster))
		roster->waiting_count = 0;
	return 0;
}

static int on_knock(struct roster *roster, const struct event *event)
{
	if (roster->presence != PRESENCE_IN || event->number == 0)
		return -EPROTO;
	struct knocker *knocker = find_waiting(roster, event->number);
	if (!knocker) {
		if (roster->waiting_count >= MOOT_PEOPLE_MAX)
			return -EPROTO;
		if (roster->waiting_count == roster->waiting_size) {
			size_t size = roster->waiting_size ? 2 * roster->waiting_size : 8;
			struct knocker *waiting = realloc(roster->waiting, size * sizeof(*waiting));
			if (!waiting)
				return -ENOMEM;
			roster->waiting = waiting;
			roster->waiting_size = size;
		}
		knocker = &roster->waiting[roster->waiting_count++];
	}
	knocker->number = event->number;
	memcpy(knocker->name, event->name, sizeof(knocker->name));
	knocker->since_ms = event->time_ms;
	knocker->look = look_of(event->name);
	return 0;
}

static int on_knock_gone(struct roster *roster, const struct event *event)
{
	struct knocker *knocker = find_waiting(roster, event->number);
	if (knocker) {
		size_t after = roster->waiting_count - (size_t)(knocker - roster->waiting) - 1;
		memmove(knocker, knocker + 1, after * sizeof(*knocker));
		roster->waiting_count--;
	}
	return 0;
}

static int on_control(struct roster *roster, const struct event *event)
{
	if ((unsigned)event->control >= CONTROL_COUNT || !control_value_name(event->control, event->value))
		return -EPROTO;
	roster->control[event->control] = event->value;
	roster->locked[event->control] = event->locked;
	if (event->control == CONTROL_VIDEO && event->value == 0)
		for (size_t i = 0; i < roster->people_count; i++)
			if (roster->people[i].role <= ROLE_PARTICIPANT &&
			    !(roster->people[i].permits & 1u << PERMIT_VIDEO))
				roster->people[i].camera = false;
	return 0;
}

static int on_muted(struct roster *roster, const struct event *event)
{
	for (size_t i = 0; event->all && i < roster->people_count; i++) {
		struct person *person = &roster->people[i];
		if (person->role != ROLE_HOST && person->number != event->by && person->mic == MIC_ON)
			person->mic = MIC_MUTED;
	}
	return 0;
}

static int on_spotlight(struct roster *roster, const struct event *event)
{
	if (event->number != 0 && !find(roster, event->number))
		return -EPROTO;
	roster->spotlight = event->number;
	return 0;
}

static int on_share_started(struct roster *roster, const struct event *event)
{
	struct person *person = find(roster, event->from), *other = find(roster, roster->sharer);
	if (!person)
		return -EPROTO;
	if (other)
		other->share = false;
	person->share = true;
	roster->sharer = person->number;
	return 0;
}

static int on_share_stopped(struct roster *roster, const struct event *event)
{
	struct person *person = find(roster, event->from);
	if (!person)
		return -EPROTO;
	person->share = false;
	if (roster->sharer == person->number)
		roster->sharer = 0;
	return 0;
}

static int on_away(struct roster *roster, const struct event *event)
{
	struct person *person = find(roster, event->number);
	if (!person)
		return -EPROTO;
	person->away = event->kind == EVENT_AWAY;
	return 0;
}

static int on_wrong_passcodes(struct roster *roster, const struct event *event)
{
	roster->wrong_passcodes = event->count;
	return 0;
}

/* room: what tells of the room as it stands, and after a lost line replaces all that was known. */
static const struct {
	int (*apply)(struct roster *roster, const struct event *event);
	bool room;
} on[EVENT_COUNT] = {
	[EVENT_HELLO] = { on_connected, false },
	[EVENT_CONNECTED] = { on_connected, false },
	[EVENT_PERSON] = { on_person, true },
	[EVENT_CONTROL] = { on_control, true },
	[EVENT_SPOTLIGHT] = { on_spotlight, true },
	[EVENT_JOINED] = { on_joined, true },
	[EVENT_WAITING] = { on_waiting, true },
	[EVENT_REFUSED] = { on_out, false },
	[EVENT_PERSON_JOINED] = { on_person_joined, false },
	[EVENT_PERSON_LEFT] = { on_person_left, false },
	[EVENT_PERSON_CHANGED] = { on_person_changed, false },
	[EVENT_KNOCK] = { on_knock, false },
	[EVENT_KNOCK_GONE] = { on_knock_gone, false },
	[EVENT_CONTROLS] = { on_control, false },
	[EVENT_MUTED] = { on_muted, false },
	[EVENT_SHARE_STARTED] = { on_share_started, false },
	[EVENT_SHARE_STOPPED] = { on_share_stopped, false },
	[EVENT_AWAY] = { on_away, false },
	[EVENT_RESUMED] = { on_away, false },
	[EVENT_REMOVED] = { on_out, false },
	[EVENT_ENDED] = { on_out, false },
	[EVENT_WRONG_PASSCODES] = { on_wrong_passcodes, false },
};

int roster_apply(struct roster *roster, const struct event *event)
{
	if ((unsigned)event->kind >= EVENT_COUNT || !on[event->kind].apply)
		return 0;
	if (roster->stale && on[event->kind].room)
		forget(roster, PRESENCE_OUT);
	return on[event->kind].apply(roster, event);
}

/* ---- questions -------------------------------------------------------------------------------------- */

const struct person *roster_find(const struct roster *roster, uint32_t number)
{
	return find(roster, number);
}

const struct person *roster_me(const struct roster *roster)
{
	return find(roster, roster->me);
}

bool roster_hosts(const struct roster *roster)
{
	const struct person *me = roster_me(roster);
	return me && me->role >= ROLE_COHOST;
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
	const struct person *person = number ? find(roster, number) : NULL;
	const struct knocker *knocker = number && waiting ? find_waiting(roster, number) : NULL;
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
	uint64_t look = look_of(who);
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
	const struct person *person = find(roster, number);
	const struct knocker *knocker = person ? NULL : find_waiting(roster, number);
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
