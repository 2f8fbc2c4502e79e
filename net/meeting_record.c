/* Recording on one's own machine: the relay records nothing, it asks. Who may and wants to record asks everyone
 * in the meeting, those whose line is lost included; with the last yes it runs, with one no it is over, then or
 * later. While it is asked for or runs, nobody sits down who has not said yes at the door. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

bool record_asks(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->recorder && meeting->recorder != seat->person.number && !seat->consent;
}

static void name_recorder(struct meeting *meeting, struct event *event)
{
	const struct seat *recorder = seat_find(meeting, meeting->recorder);
	event->from = meeting->recorder;
	if (recorder)
		memcpy(event->name, recorder->person.name, sizeof(event->name));
}

void record_ask(struct meeting *meeting, const struct seat *seat)
{
	struct event event = { .kind = EVENT_RECORD_ASK };
	name_recorder(meeting, &event);
	meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
}

void record_ask_at_door(struct meeting *meeting, struct seat *seat, enum role role)
{
	seat->pending = role;
	seat_wait_for(meeting, seat, WHY_RECORDING);
	record_ask(meeting, seat);
}

static uint32_t missing(struct meeting *meeting)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < meeting->seated_count; i++)
		count += record_asks(meeting, seat_at(meeting, i));
	return count;
}

/* It runs, or does not any more: everyone in the meeting is told, and who was asked at the door that it is
 * over. */
static struct event tell_recording(struct meeting *meeting, bool on, const char *code, const struct seat *by)
{
	struct event event = { .kind = EVENT_RECORDING, .on = on };
	name_recorder(meeting, &event);
	snprintf(event.code, sizeof(event.code), "%s", code);
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return event;
}

void record_settle(struct meeting *meeting)
{
	struct seat *recorder = seat_find(meeting, meeting->recorder);
	if (!recorder || meeting->recording)
		return;
	struct event event = { .kind = EVENT_RECORD_WAITS, .count = missing(meeting) };
	if (event.count) {
		meeting_tell(meeting, REACH_ONE, meeting->recorder, &event);
		return;
	}
	meeting->recording = true;
	recorder->person.record = true;
	tell_recording(meeting, true, "", recorder);
}

/* Let in those who were only kept by the question; through a door that was locked meanwhile only the host.
 * Each that comes in leaves the list. */
static void let_in_pending(struct meeting *meeting, const struct event *over)
{
	for (uint32_t at = 0; at < meeting->waiting_count;) {
		struct seat *seat = seat_waiting_at(meeting, at);
		enum role role = seat->pending;
		bool open = role == ROLE_HOST || !meeting->control[CONTROL_LOCK];
		if (role != ROLE_NONE)
			meeting_tell(meeting, REACH_ONE, seat->person.number, over);
		seat->pending = ROLE_NONE;
		if (role != ROLE_NONE && open && seat_fits(meeting, 1, role == ROLE_HOST)) {
			door_let_in(meeting, seat, role, NULL);
			continue;
		}
		if (role != ROLE_NONE)
			seat_wait_for(meeting, seat, WHY_WAITING_ROOM);
		at++;
	}
}

void record_end(struct meeting *meeting, const char *code, const struct seat *by)
{
	struct seat *recorder = seat_find(meeting, meeting->recorder);
	if (!meeting->recorder)
		return;
	if (recorder)
		recorder->person.record = false;
	const struct event over = tell_recording(meeting, false, code, by);
	meeting->recorder = 0;
	meeting->recording = false;
	for (uint32_t i = 0; i < meeting->seated_count; i++)
		seat_at(meeting, i)->consent = false;
	let_in_pending(meeting, &over);
}

enum refusal rule_record(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct seat *actor = call->actor;
	bool mine = meeting->recorder == actor->person.number;
	if (!call->command->on) {
		if (!mine)
			return REFUSED_NOT_RECORDING;
		record_end(meeting, "stopped", actor);
		return REFUSED_NOT;
	}
	if (mine)
		return REFUSED_ALREADY;
	if (!may_record(meeting, actor))
		return REFUSED_RECORD_OFF;
	if (meeting->recorder)
		return REFUSED_RECORD_TAKEN;
	meeting->recorder = actor->person.number;
	for (uint32_t i = 0; i < meeting->seated_count; i++)
		if (seat_at(meeting, i) != actor)
			record_ask(meeting, seat_at(meeting, i));
	record_settle(meeting);
	return REFUSED_NOT;
}

/* At the door: in with a yes, away with a no. */
static enum refusal consent_at_door(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct seat *seat = call->actor;
	enum role role = seat->pending;
	if (role == ROLE_NONE)
		return REFUSED_NOT_RECORDING;
	if (!call->command->on) {
		door_turn_away(meeting, seat, REFUSED_NO_CONSENT, NULL, "declined", seat);
		return REFUSED_NOT;
	}
	if (!seat_fits(meeting, 1, role == ROLE_HOST))
		return REFUSED_FULL;
	seat->consent = true;
	door_let_in(meeting, seat, role, NULL);
	return REFUSED_NOT;
}

enum refusal rule_consent(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct seat *actor = call->actor;
	if (!meeting->recorder)
		return REFUSED_NOT_RECORDING;
	if (!seat_seated(actor))
		return consent_at_door(call);
	if (meeting->recorder == actor->person.number)
		return REFUSED_SELF;
	if (!call->command->on) {
		record_end(meeting, "no", actor);
		return REFUSED_NOT;
	}
	if (actor->consent)
		return REFUSED_ALREADY;
	actor->consent = true;
	record_settle(meeting);
	return REFUSED_NOT;
}
