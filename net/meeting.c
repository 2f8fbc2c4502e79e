/* A meeting from its first to its last moment: made, lines lost and taken up again, time passing, the end;
 * and the questions that its relay asks of it. What people may do is in meeting_rules.c, the door in
 * meeting_door.c. */
#include "net/meeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/meeting_state.h"

struct meeting *meeting_new(const char *id, const char *title, const struct policy *policy,
			    meeting_sink *sink, void *arg)
{
	uint32_t people = policy->people_max < 1                 ? 1
			  : policy->people_max > MOOT_PEOPLE_MAX ? MOOT_PEOPLE_MAX
								 : policy->people_max;
	uint32_t waiting = policy->waiting_max > WAITING_MAX ? WAITING_MAX : policy->waiting_max;
	size_t bytes = sizeof(struct meeting) + (people + waiting + 1) * sizeof(struct seat);
	struct meeting *meeting = calloc(1, bytes);
	if (!meeting)
		return NULL;
	meeting->bytes = bytes;
	meeting->sink = sink;
	meeting->arg = arg;
	meeting->policy = *policy;
	meeting->policy.people_max = people;
	meeting->policy.waiting_max = waiting;
	meeting->people_room = people;
	meeting->slots_max = people + waiting + 1;
	meeting->empty_ms = -1;
	memcpy(meeting->control, policy->value, sizeof(meeting->control));
	snprintf(meeting->id, sizeof(meeting->id), "%s", id);
	snprintf(meeting->title, sizeof(meeting->title), "%s", title);
	return meeting;
}

void meeting_free(struct meeting *meeting)
{
	free(meeting);
}

/* ---- lines and time --------------------------------------------------------------------------------- */

static void tell_away(struct meeting *meeting, enum event_kind kind, const struct seat *seat)
{
	struct event event = { .kind = kind, .number = seat->person.number };
	memcpy(event.name, seat->person.name, sizeof(event.name));
	if (kind == EVENT_RESUMED)
		meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	meeting_tell(meeting, REACH_OTHERS, seat->person.number, &event);
}

void meeting_lost(struct meeting *meeting, uint32_t number, int64_t now_ms)
{
	struct seat *seat = meeting->ended ? NULL : seat_find(meeting, number);
	if (!seat || seat->person.away)
		return;
	if (seat_seated(seat)) {
		seat->person.away = true;
		seat->gone_ms = now_ms;
		meeting->away_count++;
		tell_away(meeting, EVENT_AWAY, seat);
		if (seat->person.share)
			share_stop(meeting, seat->person.room, NULL);
		else if (seat->person.keyboard)
			keyboard_take(meeting, seat->person.room, NULL);
		if (meeting->recorder == number)
			record_end(meeting, "lost", NULL);
	} else {
		seat_unwait(meeting, seat, "left", NULL);
		seat_free(meeting, seat);
	}
	door_mark_empty(meeting, now_ms);
}

enum refusal meeting_resume(struct meeting *meeting, uint32_t number, uint64_t chat_seq, int64_t now_ms)
{
	if (meeting->ended)
		return REFUSED_NO_SUCH_MEETING;
	for (uint32_t i = 0; i < meeting->removed_count; i++)
		if (meeting->removed[i].number == number)
			return REFUSED_REMOVED;
	struct seat *seat = seat_find(meeting, number);
	if (!seat || !seat->person.away)
		return REFUSED_BAD_TICKET;
	seat->person.away = false;
	meeting->away_count--;
	seat_tell_room(meeting, seat);
	tell_away(meeting, EVENT_RESUMED, seat);
	files_tell_ended(meeting, seat);
	if (seat->person.role >= ROLE_COHOST)
		seat_tell_hosts_part(meeting, seat);
	chat_replay(meeting, seat, chat_seq);
	if (seat->person.role >= ROLE_COHOST)
		door_hosts_arrived(meeting);
	door_mark_empty(meeting, now_ms);
	return REFUSED_NOT;
}

int64_t meeting_tick(struct meeting *meeting, int64_t now_ms)
{
	int64_t hold = meeting->policy.seat_hold_ms, next = -1;
	if (meeting->ended)
		return -1;
	for (uint32_t i = meeting->away_count ? meeting->seated_count : 0; i-- > 0;) {
		struct seat *seat = seat_at(meeting, i);
		if (!seat->person.away || seat->person.role == ROLE_HOST)
			continue;
		int64_t left = seat->gone_ms + hold - now_ms;
		if (left <= 0) {
			seat_stand(meeting, seat, "lost", NULL, NULL);
			seat_free(meeting, seat);
		} else if (next < 0 || left < next) {
			next = left;
		}
	}
	door_mark_empty(meeting, now_ms);
	if (meeting->empty_ms < 0)
		return next;
	int64_t left = meeting->empty_ms + hold - now_ms;
	if (left <= 0) {
		meeting_end(meeting, "empty");
		return -1;
	}
	return next < 0 || left < next ? left : next;
}

/* ---- the administrator ------------------------------------------------------------------------------ */

/* Kinds that the relay no longer takes leave, seated or not; who records last, or others would come in for the
 * end of that and be shown out with them. */
static void show_out(struct meeting *meeting)
{
	const uint32_t recorder = meeting->recorder;
	struct event event = { .kind = EVENT_REFUSED };
	const char *code = refusal_code(REFUSED_KIND);
	snprintf(event.code, sizeof(event.code), "%s", code);
	snprintf(event.text, sizeof(event.text), "%s", refusal_text(REFUSED_KIND));
	door_kinds_changed(meeting, NULL);
	for (uint32_t i = meeting->seated_count; i-- > 0;) {
		struct seat *seat = seat_at(meeting, i);
		if (meeting->policy.kinds & 1u << seat->person.kind || seat->person.number == recorder)
			continue;
		seat_stand(meeting, seat, code, NULL, &event);
		seat_free(meeting, seat);
	}
	struct seat *last = seat_find(meeting, recorder);
	if (last && !(meeting->policy.kinds & 1u << last->person.kind)) {
		seat_stand(meeting, last, code, NULL, &event);
		seat_free(meeting, last);
	}
}

/* What is locked stands as the policy has it; who sees a lock come or go is told, too. */
static void lock_control(struct meeting *meeting, enum control control, bool was_locked)
{
	bool locked = meeting->policy.locked[control];
	int32_t value = locked ? meeting->policy.value[control] : meeting->control[control];
	if (value != meeting->control[control] || locked != was_locked)
		control_set(meeting, control, value, NULL);
}

void meeting_set_policy(struct meeting *meeting, const struct policy *policy, int64_t now_ms)
{
	const struct policy before = meeting->policy;
	if (meeting->ended)
		return;
	meeting->policy = *policy;
	if (meeting->policy.people_max > meeting->people_room)
		meeting->policy.people_max = meeting->people_room;
	if (meeting->policy.people_max < 1)
		meeting->policy.people_max = 1;
	if (meeting->policy.waiting_max > meeting->slots_max - 1 - meeting->people_room)
		meeting->policy.waiting_max = meeting->slots_max - 1 - meeting->people_room;
	for (int i = 0; i < CONTROL_COUNT; i++)
		lock_control(meeting, (enum control)i, before.locked[i]);
	permissions_tighten(meeting);
	show_out(meeting);
	door_hosts_arrived(meeting);
	door_mark_empty(meeting, now_ms);
}

void meeting_wrong_passcode(struct meeting *meeting)
{
	if (meeting->ended || meeting->wrong_passcodes == UINT32_MAX)
		return;
	struct event event = { .kind = EVENT_WRONG_PASSCODES, .count = ++meeting->wrong_passcodes };
	meeting_tell(meeting, REACH_HOSTS, 0, &event);
}

/* ---- the end ---------------------------------------------------------------------------------------- */

void meeting_end_by(struct meeting *meeting, const char *code, const struct seat *by)
{
	struct event event = { .kind = EVENT_ENDED };
	snprintf(event.code, sizeof(event.code), "%s", code);
	event_by(&event, by);
	struct effect effect = { .reach = REACH_ALL, .close = true, .event = &event };
	meeting->sink(meeting->arg, &effect);
	meeting->ended = true;
	for (uint32_t i = 0; i < meeting->seated_count; i++)
		seat_free(meeting, seat_at(meeting, i));
	for (uint32_t i = 0; i < meeting->waiting_count; i++)
		seat_free(meeting, seat_waiting_at(meeting, i));
	meeting->seated_count = meeting->waiting_count = meeting->away_count = 0;
	meeting->host = meeting->spotlight = meeting->recorder = 0;
	meeting->recording = false;
	memset(meeting->place, 0, sizeof(meeting->place));
	memset(meeting->files, 0, sizeof(meeting->files));
	memset(&meeting->poll, 0, sizeof(meeting->poll));
}

void meeting_end(struct meeting *meeting, const char *code)
{
	if (!meeting->ended)
		meeting_end_by(meeting, code, NULL);
}

bool meeting_ended(const struct meeting *meeting)
{
	return meeting->ended;
}

/* ---- questions -------------------------------------------------------------------------------------- */

static const struct seat *find(const struct meeting *meeting, uint32_t number)
{
	uint16_t at = number <= NUMBERS_MAX ? meeting->slot_of[number] : 0;
	return at ? &meeting->slots[at - 1] : NULL;
}

uint32_t meeting_people(const struct meeting *meeting)
{
	return meeting->seated_count;
}

uint32_t meeting_waiting(const struct meeting *meeting)
{
	return meeting->waiting_count;
}

const struct person *meeting_person(const struct meeting *meeting, uint32_t number)
{
	const struct seat *seat = find(meeting, number);
	return seat ? &seat->person : NULL;
}

const struct person *meeting_next(const struct meeting *meeting, uint32_t *at)
{
	return *at < meeting->seated_count ? &meeting->slots[meeting->seated[(*at)++]].person : NULL;
}

const struct person *meeting_next_waiting(const struct meeting *meeting, uint32_t *at)
{
	return *at < meeting->waiting_count ? &meeting->slots[meeting->waiting[(*at)++]].person : NULL;
}

bool meeting_together(const struct meeting *meeting, uint32_t a, uint32_t b)
{
	const struct seat *one = find(meeting, a), *other = find(meeting, b);
	return one && other && seat_seated(one) && seat_seated(other) && !one->person.away &&
	       !other->person.away && one->person.room == other->person.room;
}

int32_t meeting_control(const struct meeting *meeting, enum control control)
{
	return (unsigned)control < CONTROL_COUNT ? meeting->control[control] : -1;
}

bool meeting_may_send(const struct meeting *meeting, uint32_t number, enum stream stream)
{
	const struct seat *seat = find(meeting, number);
	if (!seat || !seat_seated(seat) || seat->person.away)
		return false;
	switch (stream) {
	case STREAM_AUDIO: return seat->person.mic == MIC_ON;
	case STREAM_CAMERA_SMALL:
	case STREAM_CAMERA_LARGE: return seat->person.camera;
	case STREAM_SCREEN: return seat->person.share;
	default: return false;
	}
}
