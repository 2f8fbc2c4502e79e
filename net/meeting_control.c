/* Controls, roles and permissions, and what follows at once when one of them changes: a camera or a share
 * that is no longer allowed ends with the change, not at its next frame. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

/* ---- may this person? ------------------------------------------------------------------------------- */

static bool permitted(const struct seat *seat, enum permission permission)
{
	return seat->person.role >= ROLE_COHOST || (seat->person.permits & 1u << permission);
}

bool may_unmute(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->control[CONTROL_UNMUTE] || permitted(seat, PERMIT_UNMUTE);
}

bool may_video(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->control[CONTROL_VIDEO] || permitted(seat, PERMIT_VIDEO);
}

bool may_share(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->control[CONTROL_SHARE] == SHARE_EVERYONE || permitted(seat, PERMIT_SHARE);
}

bool may_rename(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->control[CONTROL_RENAME] || permitted(seat, PERMIT_RENAME);
}

bool may_record(const struct meeting *meeting, const struct seat *seat)
{
	return meeting->control[CONTROL_RECORD] == RECORD_PERMITTED && permitted(seat, PERMIT_RECORD);
}

/* ---- changes ---------------------------------------------------------------------------------------- */

void keyboard_take(struct meeting *meeting, uint32_t place, const struct seat *by)
{
	struct seat *typist = seat_find(meeting, meeting->place[place].keyboard);
	if (!typist)
		return;
	typist->person.keyboard = false;
	meeting->place[place].keyboard = 0;
	struct event event = { .kind = EVENT_KEYBOARD, .from = meeting->place[place].sharer };
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
}

void share_stop(struct meeting *meeting, uint32_t place, const struct seat *by)
{
	struct seat *sharer = seat_find(meeting, meeting->place[place].sharer);
	if (!sharer)
		return;
	keyboard_take(meeting, place, by);
	sharer->person.share = false;
	memset(&meeting->place[place], 0, sizeof(meeting->place[place]));
	struct event event = { .kind = EVENT_SHARE_STOPPED, .from = sharer->person.number };
	memcpy(event.name, sharer->person.name, sizeof(event.name));
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
}

/* End what this person may no longer do. */
static void enforce(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	if (!may_video(meeting, seat))
		seat->person.camera = false;
	if (seat->person.share && !may_share(meeting, seat))
		share_stop(meeting, seat->person.room, by);
	if (meeting->recorder == seat->person.number && !may_record(meeting, seat))
		record_end(meeting, "taken", by);
}

/* In every room: shares of those who may no longer (NULL: whom), keyboards when nobody may have one. */
static void enforce_places(struct meeting *meeting, const struct seat *by)
{
	for (uint32_t i = 0; i <= meeting->breakout_count; i++) {
		const struct seat *sharer = seat_find(meeting, meeting->place[i].sharer);
		if (sharer && !may_share(meeting, sharer))
			share_stop(meeting, i, by);
		if (meeting->control[CONTROL_KEYBOARD] == KEYBOARD_NOBODY)
			keyboard_take(meeting, i, by);
	}
}

void control_set(struct meeting *meeting, enum control control, int32_t value, const struct seat *by)
{
	meeting->control[control] = value;
	for (uint32_t i = 0; control == CONTROL_VIDEO && i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		if (!may_video(meeting, seat))
			seat->person.camera = false;
	}
	struct event event = { .kind = EVENT_CONTROLS, .control = control, .value = value };
	event.locked = meeting->policy.locked[control];
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	enforce_places(meeting, by);
	const struct seat *recorder = seat_find(meeting, meeting->recorder);
	if (recorder && !may_record(meeting, recorder))
		record_end(meeting, by ? "taken" : "policy", by);
	if (control == CONTROL_FILES && !value)
		files_end(meeting, NULL, "off", by);
	if (control == CONTROL_KINDS)
		door_kinds_changed(meeting, by);
}

void role_set(struct meeting *meeting, struct seat *seat, enum role role, const struct seat *by)
{
	enum role before = seat->person.role;
	seat->person.role = role;
	enforce(meeting, seat, by);
	person_changed(meeting, seat, "role", by);
	if (before < ROLE_COHOST && role >= ROLE_COHOST) {
		seat->host_seq = meeting->chat_seq;
		seat_tell_hosts_part(meeting, seat);
	}
}

/* ---- the hosts' words ------------------------------------------------------------------------------- */

/* A co-host has the whole door and the rules of the room; only the host says who else may open the meeting.
 */
static enum role least_for(enum control control)
{
	return control == CONTROL_JOIN_BEFORE_HOST ? ROLE_HOST : ROLE_COHOST;
}

enum refusal rule_set(const struct call *call)
{
	enum control control = call->command->control;
	int32_t value = call->command->value;
	if ((unsigned)control >= CONTROL_COUNT)
		return REFUSED_BAD_VALUE;
	if (call->actor->person.role < least_for(control))
		return REFUSED_NOT_ALLOWED;
	if (call->meeting->policy.locked[control])
		return REFUSED_LOCKED_BY_POLICY;
	if (!control_value_name(control, value))
		return REFUSED_BAD_VALUE;
	if (call->meeting->control[control] == value)
		return REFUSED_ALREADY;
	if (control == CONTROL_KINDS && value == KINDS_PHONE &&
	    !(call->meeting->policy.kinds & (1u << KIND_PHONE | 1u << KIND_SIP)))
		return REFUSED_LOCKED_BY_POLICY;
	control_set(call->meeting, control, value, call->actor);
	return REFUSED_NOT;
}

static void tell_permission(struct meeting *meeting, const struct seat *seat, enum permission permission,
			    bool on, const struct seat *by)
{
	struct event event = { .kind = EVENT_PERMISSION, .permission = permission, .on = on };
	event_by(&event, by);
	meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
}

/* The control that a permission is an exception to. */
static const enum control control_of[PERMIT_COUNT] = {
	[PERMIT_SHARE] = CONTROL_SHARE, [PERMIT_RECORD] = CONTROL_RECORD, [PERMIT_UNMUTE] = CONTROL_UNMUTE,
	[PERMIT_VIDEO] = CONTROL_VIDEO, [PERMIT_RENAME] = CONTROL_RENAME,
};

/* What the policy locks shut is open to no participant: there are no exceptions for a host to make. */
static bool locked_shut(const struct meeting *meeting, enum permission permission)
{
	enum control control = control_of[permission];
	return meeting->policy.locked[control] && meeting->control[control] == 0;
}

void permissions_tighten(struct meeting *meeting)
{
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		uint32_t before = seat->person.permits;
		for (int k = 0; k < PERMIT_COUNT; k++) {
			if (!(before & 1u << k) || !locked_shut(meeting, (enum permission)k))
				continue;
			seat->person.permits &= ~(1u << k);
			tell_permission(meeting, seat, (enum permission)k, false, NULL);
		}
		if (seat->person.permits == before)
			continue;
		enforce(meeting, seat, NULL);
		person_changed(meeting, seat, "permits", NULL);
	}
}

enum refusal rule_allow(const struct call *call)
{
	enum permission permission = call->command->permission;
	if ((unsigned)permission >= PERMIT_COUNT)
		return REFUSED_BAD_VALUE;
	if (locked_shut(call->meeting, permission))
		return REFUSED_LOCKED_BY_POLICY;
	if (permission == PERMIT_RECORD && call->meeting->control[CONTROL_RECORD] == RECORD_NOBODY)
		return REFUSED_RECORD_OFF;
	if (call->target->person.permits & 1u << permission)
		return REFUSED_ALREADY;
	call->target->person.permits |= 1u << permission;
	tell_permission(call->meeting, call->target, permission, true, call->actor);
	person_changed(call->meeting, call->target, "permits", call->actor);
	return REFUSED_NOT;
}

enum refusal rule_disallow(const struct call *call)
{
	enum permission permission = call->command->permission;
	if ((unsigned)permission >= PERMIT_COUNT)
		return REFUSED_BAD_VALUE;
	if (!(call->target->person.permits & 1u << permission))
		return REFUSED_ALREADY;
	call->target->person.permits &= ~(1u << permission);
	enforce(call->meeting, call->target, call->actor);
	tell_permission(call->meeting, call->target, permission, false, call->actor);
	person_changed(call->meeting, call->target, "permits", call->actor);
	return REFUSED_NOT;
}

/* Take the permissions given to one person, and the camera. */
static void suspend_one(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	uint32_t permits = seat->person.permits;
	bool camera = seat->person.camera;
	seat->asked = false;
	seat->person.permits = 0;
	seat->person.camera = false;
	for (int i = 0; i < PERMIT_COUNT; i++)
		if (permits & 1u << i)
			tell_permission(meeting, seat, (enum permission)i, false, by);
	if (permits || camera)
		person_changed(meeting, seat, permits ? "permits" : "camera", by);
}

/* Everybody but the host and who did it. */
static void mute_all(struct meeting *meeting, const struct seat *by)
{
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		if (seat == by || seat->person.role == ROLE_HOST)
			continue;
		seat->asked = false;
		if (seat->person.mic == MIC_ON)
			seat->person.mic = MIC_MUTED;
	}
	struct event event = { .kind = EVENT_MUTED, .all = true };
	event_by(&event, by);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
}

enum refusal rule_mute(const struct call *call)
{
	struct seat *seat = call->target;
	if (call->command->all) {
		if (call->actor->person.role < ROLE_COHOST)
			return REFUSED_NOT_ALLOWED;
		mute_all(call->meeting, call->actor);
		return REFUSED_NOT;
	}
	if (seat->person.mic != MIC_ON && !(seat->asked && seat != call->actor))
		return REFUSED_ALREADY;
	seat->asked = false;
	if (seat->person.mic == MIC_ON)
		seat->person.mic = MIC_MUTED;
	if (seat != call->actor) {
		struct event event = { .kind = EVENT_MUTED };
		event_by(&event, call->actor);
		meeting_tell(call->meeting, REACH_ONE, seat->person.number, &event);
	}
	person_changed(call->meeting, seat, "mic", call->actor);
	return REFUSED_NOT;
}

/* Everything that an intruder could use, at once. What the policy locks stays; the people are stopped all the
 * same. */
enum refusal rule_suspend(const struct call *call)
{
	static const struct {
		enum control control;
		int32_t value;
	} closed[] = {
		{ CONTROL_LOCK, 1 },   { CONTROL_CHAT, CHAT_OFF },     { CONTROL_RENAME, 0 },
		{ CONTROL_UNMUTE, 0 }, { CONTROL_SHARE, SHARE_HOSTS }, { CONTROL_VIDEO, 0 },
		{ CONTROL_FILES, 0 },  { CONTROL_KEYBOARD, KEYBOARD_NOBODY },
	};
	struct meeting *meeting = call->meeting;
	const struct seat *actor = call->actor;
	mute_all(meeting, actor);
	for (uint32_t i = 0; i <= meeting->breakout_count; i++) {
		const struct seat *sharer = seat_find(meeting, meeting->place[i].sharer);
		if (sharer && sharer != actor && sharer->person.role != ROLE_HOST)
			share_stop(meeting, i, actor);
		keyboard_take(meeting, i, actor);
	}
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++)
		if (!meeting->policy.locked[closed[i].control] &&
		    meeting->control[closed[i].control] != closed[i].value)
			control_set(meeting, closed[i].control, closed[i].value, actor);
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		if (seat != actor && seat->person.role != ROLE_HOST)
			suspend_one(meeting, seat, actor);
	}
	/* Last: with all else closed, the door included, for those who only waited for this. */
	record_end(meeting, "stopped", actor);
	return REFUSED_NOT;
}

enum refusal rule_cohost(const struct call *call)
{
	if (call->target->person.role == ROLE_COHOST)
		return REFUSED_ALREADY;
	role_set(call->meeting, call->target, ROLE_COHOST, call->actor);
	door_hosts_arrived(call->meeting);
	return REFUSED_NOT;
}

enum refusal rule_uncohost(const struct call *call)
{
	if (call->target->person.role != ROLE_COHOST)
		return REFUSED_ALREADY;
	role_set(call->meeting, call->target, ROLE_PARTICIPANT, call->actor);
	return REFUSED_NOT;
}

/* Not to somebody away: the meeting would have nobody who can end it. */
enum refusal rule_host(const struct call *call)
{
	if (call->target->person.away)
		return REFUSED_NOT_IN;
	door_make_host(call->meeting, call->target, call->actor);
	return REFUSED_NOT;
}

enum refusal rule_end(const struct call *call)
{
	meeting_end_by(call->meeting, "ended", call->actor);
	return REFUSED_NOT;
}
