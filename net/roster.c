/* The mirror: each event of the relay is one small change to what a client knows, by a table. People stand in
 * an array by number, found by halving; a hash of what each name looks like stands beside it, so that asking
 * whether a name needs its number is a walk over integers. */
#include "net/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/roster_state.h"

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
	roster->shut_out_count = 0;
	memset(roster->control_by, 0, sizeof(roster->control_by));
	roster_forget_more(roster);
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

struct person *roster_seat(const struct roster *roster, uint32_t number)
{
	size_t at = place(roster, number);
	return at < roster->people_count && roster->people[at].number == number ? &roster->people[at] : NULL;
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
	if (person->number == 0 || roster_seat(roster, person->number) || roster->people_count >= MOOT_PEOPLE_MAX)
		return -EPROTO;
	int err = people_grow(roster);
	if (err)
		return err;
	size_t at = place(roster, person->number), after = roster->people_count - at;
	memmove(&roster->people[at + 1], &roster->people[at], after * sizeof(*roster->people));
	memmove(&roster->looks[at + 1], &roster->looks[at], after * sizeof(*roster->looks));
	roster->people[at] = *person;
	roster->looks[at] = roster_look(person->name);
	roster->people[at].planned = 0;
	roster->people_count++;
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
	if (!roster_seat(roster, event->number)) {
		struct person me = { .number = event->number, .role = event->role, .mic = MIC_MUTED };
		memcpy(me.name, event->name, sizeof(me.name));
		int err = insert(roster, &me);
		if (err)
			return err;
	}
	roster->me = event->number;
	roster->presence = PRESENCE_IN;
	roster->record_asked = false; /* nobody sits down without an answer */
	memcpy(roster->id, event->id, sizeof(roster->id));
	memcpy(roster->title, event->title, sizeof(roster->title));
	roster_settle(roster);
	return 0;
}

static int on_waiting(struct roster *roster, const struct event *event)
{
	forget(roster, PRESENCE_WAITING);
	roster->files_count = 0;
	roster->me = event->number;
	memcpy(roster->title, event->title, sizeof(roster->title));
	return 0;
}

static int on_out(struct roster *roster, const struct event *event)
{
	(void)event;
	forget(roster, PRESENCE_OUT);
	roster->files_count = 0;
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
	if (!roster_seat(roster, number))
		return -EPROTO;
	size_t at = place(roster, number), after = roster->people_count - at - 1;
	memmove(&roster->people[at], &roster->people[at + 1], after * sizeof(*roster->people));
	memmove(&roster->looks[at], &roster->looks[at + 1], after * sizeof(*roster->looks));
	roster->people_count--;
	if (roster->sharer == number)
		roster->sharer = 0;
	if (roster->recorder == number)
		roster->recorder = 0;
	if (roster->spotlight == number)
		roster->spotlight = 0;
	return 0;
}

static int on_person_changed(struct roster *roster, const struct event *event)
{
	struct person *person = roster_seat(roster, event->person.number);
	if (!person)
		return -EPROTO;
	if (strcmp(person->name, event->person.name) != 0)
		roster->looks[person - roster->people] = roster_look(event->person.name);
	uint32_t planned = person->planned;
	*person = event->person;
	person->planned = planned;
	roster_settle(roster);
	if (!roster_hosts(roster))
		roster->waiting_count = roster->shut_out_count = roster->poll_votes = 0;
	for (size_t i = 0; !roster_hosts(roster) && person->number == roster->me && i < roster->people_count; i++)
		roster->people[i].planned = 0;
	return 0;
}

static int on_knock(struct roster *roster, const struct event *event)
{
	if (roster->presence != PRESENCE_IN || event->number == 0)
		return -EPROTO;
	struct knocker *knocker = roster_knocker(roster, event->number);
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
	knocker->look = roster_look(event->name);
	return 0;
}

static int on_knock_gone(struct roster *roster, const struct event *event)
{
	struct knocker *knocker = roster_knocker(roster, event->number);
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
	roster->control_by[event->control].known = event->kind == EVENT_CONTROLS;
	roster->control_by[event->control].number = event->by;
	memcpy(roster->control_by[event->control].name, event->name_by, sizeof(event->name_by));
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
	if (event->number != 0 && !roster_seat(roster, event->number))
		return -EPROTO;
	roster->spotlight = event->number;
	return 0;
}

static int on_away(struct roster *roster, const struct event *event)
{
	struct person *person = roster_seat(roster, event->number);
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
	[EVENT_AWAY] = { on_away, false },
	[EVENT_RESUMED] = { on_away, false },
	[EVENT_REMOVED] = { on_out, false },
	[EVENT_ENDED] = { on_out, false },
	[EVENT_WRONG_PASSCODES] = { on_wrong_passcodes, false },
};

int roster_apply(struct roster *roster, const struct event *event)
{
	if ((unsigned)event->kind >= EVENT_COUNT)
		return 0;
	if (!on[event->kind].apply)
		return roster_apply_more(roster, event);
	if (roster->stale && on[event->kind].room)
		forget(roster, PRESENCE_OUT);
	return on[event->kind].apply(roster, event);
}

/* ---- questions -------------------------------------------------------------------------------------- */

const struct person *roster_find(const struct roster *roster, uint32_t number)
{
	return roster_seat(roster, number);
}

const struct person *roster_me(const struct roster *roster)
{
	return roster_seat(roster, roster->me);
}

bool roster_hosts(const struct roster *roster)
{
	const struct person *me = roster_me(roster);
	return me && me->role >= ROLE_COHOST;
}
