/* Who is where, and telling them. A person has a slot from the door to the end; sitting down and standing up
 * move the slot between two lists, and each move tells exactly those whom it touches. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *code, *text;
} whys[WHY_COUNT] = {
	[WHY_NOT] = { "", "" },
	[WHY_WAITING_ROOM] = { "waiting-room", "You are in the waiting room. A host will let you in." },
	[WHY_NO_HOST] = { "no-host", "The host is not here yet. Please wait." },
	[WHY_LEFT] = { "left", "You left this meeting before. A host will let you in again." },
	[WHY_SENT_BACK] = { "sent-back", "A host sent you back to the waiting room." },
	[WHY_PARDONED] = { "pardoned", "You may come back. A host will let you in." },
	[WHY_RECORDING] = { "recording", "The meeting is recorded. You come in once you agree: /consent yes." },
};

void meeting_tell(struct meeting *meeting, enum reach reach, uint32_t to, const struct event *event)
{
	struct effect effect = { .reach = reach, .to = to, .event = event };
	meeting->sink(meeting->arg, &effect);
}

void meeting_tell_place(struct meeting *meeting, uint32_t place, const struct event *event)
{
	struct effect effect = { .reach = REACH_PLACE, .place = place, .event = event };
	meeting->sink(meeting->arg, &effect);
}

void meeting_tell_last(struct meeting *meeting, uint32_t to, const struct event *event)
{
	struct effect effect = { .reach = REACH_ONE, .to = to, .close = true, .event = event };
	meeting->sink(meeting->arg, &effect);
}

void event_by(struct event *event, const struct seat *by)
{
	event->by = by ? by->person.number : 0;
	memset(event->name_by, 0, sizeof(event->name_by));
	if (by)
		memcpy(event->name_by, by->person.name, sizeof(event->name_by));
}

void person_changed(struct meeting *meeting, const struct seat *seat, const char *code, const struct seat *by)
{
	struct event event = { .kind = EVENT_PERSON_CHANGED, .person = seat->person };
	snprintf(event.code, sizeof(event.code), "%s", code);
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
}

/* ---- slots ------------------------------------------------------------------------------------------ */

static uint16_t slot(const struct meeting *meeting, const struct seat *seat)
{
	return (uint16_t)(seat - meeting->slots);
}

static void list_remove(uint16_t *list, uint32_t *count, uint16_t value)
{
	uint32_t at = 0;
	while (at < *count && list[at] != value)
		at++;
	if (at == *count)
		return;
	memmove(&list[at], &list[at + 1], (*count - at - 1) * sizeof(*list));
	list[--*count] = 0;
}

struct seat *seat_find(struct meeting *meeting, uint32_t number)
{
	uint16_t at = number <= NUMBERS_MAX ? meeting->slot_of[number] : 0;
	return at ? &meeting->slots[at - 1] : NULL;
}

bool seat_seated(const struct seat *seat)
{
	return seat->person.role >= ROLE_PARTICIPANT;
}

struct seat *seat_at(struct meeting *meeting, uint32_t at)
{
	return at < meeting->seated_count ? &meeting->slots[meeting->seated[at]] : NULL;
}

struct seat *seat_waiting_at(struct meeting *meeting, uint32_t at)
{
	return at < meeting->waiting_count ? &meeting->slots[meeting->waiting[at]] : NULL;
}

struct seat *seat_new(struct meeting *meeting, const uint8_t *key)
{
	uint16_t at = meeting->spare_count ? meeting->spare[--meeting->spare_count]
					   : (uint16_t)meeting->slots_used++;
	struct seat *seat = &meeting->slots[at];
	memset(seat, 0, sizeof(*seat));
	memcpy(seat->key, key, sizeof(seat->key));
	seat->person.number = ++meeting->last_number;
	meeting->slot_of[seat->person.number] = (uint16_t)(at + 1);
	return seat;
}

void seat_free(struct meeting *meeting, struct seat *seat)
{
	meeting->slot_of[seat->person.number] = 0;
	meeting->spare[meeting->spare_count++] = slot(meeting, seat);
	memset(seat, 0, sizeof(*seat));
}

bool seat_fits(const struct meeting *meeting, uint32_t more, bool host)
{
	uint32_t taken = meeting->seated_count;
	if (!host)
		return taken + (meeting->host ? 0 : 1) + more <= meeting->policy.people_max;
	/* An away host's seat goes to whoever proves the key. */
	if (meeting->host && meeting->slots[meeting->slot_of[meeting->host] - 1].person.away)
		taken--;
	return taken + more <= meeting->policy.people_max;
}

/* ---- the room, told to one -------------------------------------------------------------------------- */

void seat_tell_room(struct meeting *meeting, const struct seat *seat)
{
	uint32_t to = seat->person.number;
	struct event event = { .kind = EVENT_PERSON };
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		event.person = seat_at(meeting, i)->person;
		meeting_tell(meeting, REACH_ONE, to, &event);
	}
	memset(&event, 0, sizeof(event));
	event.kind = EVENT_CONTROL;
	for (int i = 0; i < CONTROL_COUNT; i++) {
		event.control = (enum control)i;
		event.value = meeting->control[i];
		event.locked = meeting->policy.locked[i];
		meeting_tell(meeting, REACH_ONE, to, &event);
	}
	if (meeting->spotlight) {
		memset(&event, 0, sizeof(event));
		event.kind = EVENT_SPOTLIGHT;
		event.number = meeting->spotlight;
		meeting_tell(meeting, REACH_ONE, to, &event);
	}
	memset(&event, 0, sizeof(event));
	event.kind = EVENT_JOINED;
	event.number = to;
	memcpy(event.name, seat->person.name, sizeof(event.name));
	event.role = seat->person.role;
	memcpy(event.id, meeting->id, sizeof(event.id));
	memcpy(event.title, meeting->title, sizeof(event.title));
	meeting_tell(meeting, REACH_ONE, to, &event);
	for (uint32_t i = 0; i <= meeting->breakout_count; i++) {
		const struct place *place = &meeting->place[i];
		const struct seat *sharer = seat_find(meeting, place->sharer);
		if (!sharer)
			continue;
		memset(&event, 0, sizeof(event));
		event.kind = EVENT_SHARE_STARTED;
		event.from = place->sharer;
		memcpy(event.name, sharer->person.name, sizeof(event.name));
		memcpy(event.text, place->shared, sizeof(place->shared));
		meeting_tell(meeting, REACH_ONE, to, &event);
	}
	if (meeting->breakout_count)
		breakout_tell(meeting, REACH_ONE, to, NULL);
	poll_tell(meeting, seat);
	if (record_asks(meeting, seat))
		record_ask(meeting, seat);
}

static void knock_event(struct event *event, const struct seat *seat)
{
	event->kind = EVENT_KNOCK;
	event->number = seat->person.number;
	memcpy(event->name, seat->person.name, sizeof(event->name));
	event->time_ms = seat->since_ms;
	snprintf(event->code, sizeof(event->code), "%s", whys[seat->why].code);
}

/* The removed, the last of them: so that a host who comes later can pardon. */
static void tell_shut_out(struct meeting *meeting, const struct seat *seat)
{
	uint32_t first = meeting->removed_count > SHUT_OUT_TOLD ? meeting->removed_count - SHUT_OUT_TOLD : 0;
	struct event event = { .kind = EVENT_SHUT_OUT, .on = true };
	for (uint32_t i = first; i < meeting->removed_count; i++) {
		if (meeting->removed[i].pardoned)
			continue;
		event.number = meeting->removed[i].number;
		memcpy(event.name, meeting->removed[i].name, sizeof(event.name));
		meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	}
}

void seat_tell_hosts_part(struct meeting *meeting, const struct seat *seat)
{
	struct event event = { 0 };
	for (uint32_t i = 0; i < meeting->waiting_count; i++) {
		knock_event(&event, seat_waiting_at(meeting, i));
		meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	}
	if (meeting->wrong_passcodes) {
		memset(&event, 0, sizeof(event));
		event.kind = EVENT_WRONG_PASSCODES;
		event.count = meeting->wrong_passcodes;
		meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	}
	tell_shut_out(meeting, seat);
	breakout_tell_plan(meeting, seat);
	if (meeting->poll.number)
		poll_tell_votes(meeting, REACH_ONE, seat->person.number);
}

/* ---- sitting down, standing up, waiting ------------------------------------------------------------- */

void seat_sit(struct meeting *meeting, struct seat *seat, enum role role)
{
	seat->person.role = role;
	seat->why = WHY_NOT;
	seat->pending = ROLE_NONE;
	seat->seated_seq = seat->host_seq = seat->room_seq = meeting->chat_seq;
	if (seat->person.mic == MIC_ON && !may_unmute(meeting, seat))
		seat->person.mic = MIC_MUTED;
	if (seat->person.camera && !may_video(meeting, seat))
		seat->person.camera = false;
	if (role == ROLE_HOST)
		meeting->host = seat->person.number;
	meeting->seated[meeting->seated_count++] = slot(meeting, seat);
	seat_tell_room(meeting, seat);
	if (role >= ROLE_COHOST)
		seat_tell_hosts_part(meeting, seat);
	struct event event = { .kind = EVENT_PERSON_JOINED, .person = seat->person };
	meeting_tell(meeting, REACH_OTHERS, seat->person.number, &event);
}

void seat_wait(struct meeting *meeting, struct seat *seat, enum why why, int64_t unix_ms)
{
	seat->person.role = ROLE_WAITING;
	seat->since_ms = unix_ms;
	meeting->waiting[meeting->waiting_count++] = slot(meeting, seat);
	seat_wait_for(meeting, seat, why);
}

void seat_wait_for(struct meeting *meeting, struct seat *seat, enum why why)
{
	seat->why = why;
	struct event event = { .kind = EVENT_WAITING, .number = seat->person.number };
	memcpy(event.title, meeting->title, sizeof(event.title));
	snprintf(event.code, sizeof(event.code), "%s", whys[why].code);
	snprintf(event.text, sizeof(event.text), "%s", whys[why].text);
	meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	memset(&event, 0, sizeof(event));
	knock_event(&event, seat);
	meeting_tell(meeting, REACH_HOSTS, 0, &event);
}

void seat_unwait(struct meeting *meeting, struct seat *seat, const char *code, const struct seat *by)
{
	list_remove(meeting->waiting, &meeting->waiting_count, slot(meeting, seat));
	struct event event = { .kind = EVENT_KNOCK_GONE, .number = seat->person.number };
	memcpy(event.name, seat->person.name, sizeof(event.name));
	snprintf(event.code, sizeof(event.code), "%s", code);
	event_by(&event, by);
	meeting_tell(meeting, REACH_HOSTS, 0, &event);
}

void seat_stand(struct meeting *meeting, struct seat *seat, const char *code, const struct seat *by,
		struct event *last)
{
	uint32_t number = seat->person.number;
	struct place *place = &meeting->place[seat->person.room];
	if (place->sharer == number)
		share_stop(meeting, seat->person.room, by);
	else if (place->keyboard == number)
		keyboard_take(meeting, seat->person.room, by);
	files_end(meeting, seat, "left", by);
	poll_withdraw(meeting, seat);
	struct event event = { 0 };
	if (meeting->spotlight == number) {
		meeting->spotlight = 0;
		event.kind = EVENT_SPOTLIGHT;
		event_by(&event, by);
		meeting_tell(meeting, REACH_ROOM, 0, &event);
	}
	if (last)
		meeting_tell_last(meeting, number, last);
	list_remove(meeting->seated, &meeting->seated_count, slot(meeting, seat));
	meeting->away_count -= seat->person.away;
	if (meeting->host == number)
		meeting->host = 0;
	memset(&event, 0, sizeof(event));
	event.kind = EVENT_PERSON_LEFT;
	event.number = number;
	memcpy(event.name, seat->person.name, sizeof(event.name));
	snprintf(event.code, sizeof(event.code), "%s", code);
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	seat->consent = false;
	seat->person.room = seat->person.planned = 0;
	if (meeting->recorder == number)
		record_end(meeting, "left", by);
	else
		record_settle(meeting);
}
