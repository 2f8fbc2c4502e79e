/* The hosts' words at the door, and leaving by it: let in, turn away, send back, remove for good, pardon. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

/* Everyone but those who are let in already, and only have to agree to be recorded. */
static enum refusal admit_all(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	uint32_t count = 0;
	if (meeting->waiting_count == 0)
		return REFUSED_NOT_WAITING;
	for (uint32_t i = 0; i < meeting->waiting_count; i++)
		count += seat_waiting_at(meeting, i)->pending == ROLE_NONE;
	if (count == 0)
		return REFUSED_ALREADY;
	if (!seat_fits(meeting, count, false))
		return REFUSED_FULL;
	for (uint32_t at = 0; at < meeting->waiting_count;) {
		struct seat *seat = seat_waiting_at(meeting, at);
		if (seat->pending == ROLE_NONE)
			door_admit(meeting, seat, call->actor);
		if (at < meeting->waiting_count && seat_waiting_at(meeting, at)->pending != ROLE_NONE)
			at++;
	}
	return REFUSED_NOT;
}

enum refusal rule_admit(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const struct command *command = call->command;
	if (command->all)
		return admit_all(call);
	if (command->who_count == 0 || command->who_count > MOOT_WHO_MAX)
		return REFUSED_BAD_COMMAND;
	for (uint32_t i = 0; i < command->who_count; i++) {
		const struct seat *seat = seat_find(meeting, command->who[i]);
		if (!seat || seat_seated(seat))
			return REFUSED_NOT_WAITING;
		if (seat->pending != ROLE_NONE)
			return REFUSED_ALREADY;
		for (uint32_t k = 0; k < i; k++)
			if (command->who[k] == command->who[i])
				return REFUSED_BAD_COMMAND;
	}
	if (!seat_fits(meeting, command->who_count, false))
		return REFUSED_FULL;
	for (uint32_t i = 0; i < command->who_count; i++)
		door_admit(meeting, seat_find(meeting, command->who[i]), call->actor);
	return REFUSED_NOT;
}

enum refusal rule_deny(const struct call *call)
{
	const char *reason = call->command->text;
	size_t length = strnlen(reason, MOOT_SAY_SIZE);
	if (length == MOOT_SAY_SIZE || !text_valid(reason, length))
		return REFUSED_TEXT;
	door_remember_left(call->meeting, call->target->key);
	door_turn_away(call->meeting, call->target, REFUSED_DENIED, length ? reason : NULL, "denied",
		       call->actor);
	return REFUSED_NOT;
}

enum refusal rule_sendback(const struct call *call)
{
	struct seat *seat = call->target;
	bool away = seat->person.away;
	door_remember_left(call->meeting, seat->key);
	seat_stand(call->meeting, seat, "sent-back", call->actor, NULL);
	if (away) {
		seat_free(call->meeting, seat);
		return REFUSED_NOT;
	}
	if (seat->person.mic == MIC_ON)
		seat->person.mic = MIC_MUTED;
	seat->person.camera = false;
	seat->person.hand = 0;
	seat->person.permits = 0;
	seat->asked = false;
	seat_wait(call->meeting, seat, WHY_SENT_BACK, call->unix_ms);
	return REFUSED_NOT;
}

/* Out for good, seated or waiting. */
static void kick_one(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	struct event event = { .kind = EVENT_REMOVED };
	event_by(&event, by);
	door_forget_left(meeting, seat->key);
	if (seat_seated(seat)) {
		seat_stand(meeting, seat, "removed", by, &event);
	} else {
		meeting_tell_last(meeting, seat->person.number, &event);
		seat_unwait(meeting, seat, "removed", by);
	}
	seat_free(meeting, seat);
}

/* The key goes, and with it every other connection that bears it. */
enum refusal rule_kick(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const struct seat *actor = call->actor;
	uint8_t key[MOOT_KEY_BYTES];
	memcpy(key, call->target->key, sizeof(key));
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		const struct seat *seat = seat_at(meeting, i);
		if (!door_same_key(seat->key, key))
			continue;
		if (seat == actor)
			return REFUSED_SELF;
		if (seat->person.role == ROLE_HOST)
			return REFUSED_HOST;
		if (seat->person.role >= actor->person.role)
			return REFUSED_NOT_ALLOWED;
	}
	door_remove(meeting, call->target);
	struct event event = { .kind = EVENT_SHUT_OUT, .number = call->target->person.number, .on = true };
	memcpy(event.name, call->target->person.name, sizeof(event.name));
	event_by(&event, actor);
	/* Who waits first: when one who records goes, those who only wait for that come in. */
	for (uint32_t i = meeting->waiting_count; i-- > 0;)
		if (door_same_key(seat_waiting_at(meeting, i)->key, key))
			kick_one(meeting, seat_waiting_at(meeting, i), actor);
	for (uint32_t i = meeting->seated_count; i-- > 0;)
		if (door_same_key(seat_at(meeting, i)->key, key))
			kick_one(meeting, seat_at(meeting, i), actor);
	meeting_tell(meeting, REACH_HOSTS, 0, &event);
	if (!meeting->control[CONTROL_WAITING_ROOM] && !meeting->policy.locked[CONTROL_WAITING_ROOM])
		control_set(meeting, CONTROL_WAITING_ROOM, 1, actor);
	return REFUSED_NOT;
}

enum refusal rule_pardon(const struct call *call)
{
	for (uint32_t i = 0; i < call->meeting->removed_count; i++) {
		struct removed *removed = &call->meeting->removed[i];
		if (removed->number == call->command->number && !removed->pardoned) {
			removed->pardoned = true;
			struct event event = { .kind = EVENT_SHUT_OUT, .number = removed->number };
			memcpy(event.name, removed->name, sizeof(event.name));
			event_by(&event, call->actor);
			meeting_tell(call->meeting, REACH_HOSTS, 0, &event);
			return REFUSED_NOT;
		}
	}
	return REFUSED_NO_SUCH_PERSON;
}

enum refusal rule_leave(const struct call *call)
{
	struct seat *seat = call->actor;
	struct event event = { .kind = EVENT_PERSON_LEFT, .number = seat->person.number };
	memcpy(event.name, seat->person.name, sizeof(event.name));
	snprintf(event.code, sizeof(event.code), "left");
	event_by(&event, seat);
	if (seat_seated(seat)) {
		door_remember_left(call->meeting, seat->key);
		seat_stand(call->meeting, seat, "left", seat, &event);
	} else {
		meeting_tell_last(call->meeting, seat->person.number, &event);
		seat_unwait(call->meeting, seat, "left", seat);
	}
	seat_free(call->meeting, seat);
	return REFUSED_NOT;
}
