/* Chat: who may write to whom, and the last messages kept for those whose line was lost. Those who wait have
 * a line to the hosts and hear only the hosts; that is the door's, and no chat mode closes it. What is said inside is
 * sealed: who may read it is the keys' affair, and where it goes is judged here. Who waits has no keys, so that is plain. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

enum refusal chat_may(const struct meeting *meeting, const struct seat *from, enum scope scope,
		      const struct seat *to)
{
	enum chat_mode mode = (enum chat_mode)meeting->control[CONTROL_CHAT];
	bool hosts = from->person.role >= ROLE_COHOST;
	if (from->person.role == ROLE_WAITING)
		return scope == TO_HOSTS ? REFUSED_NOT : REFUSED_NOT_ALLOWED;
	if (scope == TO_WAITING)
		return hosts ? REFUSED_NOT : REFUSED_NOT_ALLOWED;
	if (scope == TO_ROOMS && !hosts)
		return REFUSED_NOT_ALLOWED;
	if (mode == CHAT_OFF)
		return REFUSED_CHAT_OFF;
	if (scope == TO_ONE && mode != CHAT_EVERYONE && !hosts && to->person.role < ROLE_COHOST)
		return REFUSED_NO_DIRECT;
	if (scope == TO_EVERYONE && mode == CHAT_HOSTS && !hosts)
		return REFUSED_CHAT_OFF;
	return REFUSED_NOT;
}

/* The person a message names. A participant learns nothing of who waits. */
static enum refusal addressee(const struct call *call, struct seat **to)
{
	uint32_t number = call->command->number;
	bool hosts = call->actor->person.role >= ROLE_COHOST;
	*to = NULL;
	if (call->command->to == TO_ONE && call->actor->person.role != ROLE_WAITING) {
		*to = seat_find(call->meeting, number);
		if (!*to || !seat_seated(*to))
			return REFUSED_NO_SUCH_PERSON;
		return *to == call->actor ? REFUSED_SELF : REFUSED_NOT;
	}
	if (call->command->to == TO_WAITING && hosts) {
		*to = number ? seat_find(call->meeting, number) : NULL;
		if (call->meeting->waiting_count == 0 || (number && (!*to || seat_seated(*to))))
			return REFUSED_NOT_WAITING;
	}
	return REFUSED_NOT;
}

static void keep(struct meeting *meeting, const struct event *event, uint32_t room)
{
	struct kept *kept = &meeting->chat[event->chat_seq % CHAT_KEPT];
	kept->seq = event->chat_seq;
	kept->time_ms = event->time_ms;
	kept->from = event->from;
	kept->number = event->number;
	kept->room = room;
	kept->to = event->to;
	kept->sealed = event->sealed;
	memcpy(kept->name, event->name, sizeof(kept->name));
	memcpy(kept->text, event->text, sizeof(kept->text));
}

static void deliver(struct meeting *meeting, const struct seat *from, const struct seat *to,
		    struct event *event)
{
	bool hosts = from->person.role >= ROLE_COHOST;
	switch (event->to) {
	case TO_EVERYONE: meeting_tell_place(meeting, from->person.room, event); return;
	case TO_ROOMS: meeting_tell(meeting, REACH_ROOM, 0, event); return;
	case TO_ONE:
		meeting_tell(meeting, REACH_ONE, to->person.number, event);
		meeting_tell(meeting, REACH_ONE, from->person.number, event);
		return;
	default: break;
	}
	meeting_tell(meeting, REACH_HOSTS, 0, event);
	if (event->to == TO_HOSTS && hosts)
		return;
	/* Who waits is not told how much is written inside. */
	if (event->to == TO_WAITING || !seat_seated(from))
		event->chat_seq = 0;
	if (event->to == TO_HOSTS)
		meeting_tell(meeting, REACH_ONE, from->person.number, event);
	else if (to)
		meeting_tell(meeting, REACH_ONE, to->person.number, event);
	else
		meeting_tell(meeting, REACH_WAITING, 0, event);
}

static bool text_fits(const struct seat *from, const struct command *command)
{
	size_t length = strnlen(command->text, MOOT_SAY_SIZE);
	if (command->sealed)
		return seat_seated(from) && command->to != TO_WAITING &&
		       text_base64_bytes(command->text, sizeof(command->text)) > 0;
	return length > 0 && length < MOOT_SAY_SIZE && text_valid(command->text, length);
}

enum refusal rule_chat(const struct call *call)
{
	const struct command *command = call->command;
	struct seat *to;
	if ((unsigned)command->to >= SCOPE_COUNT)
		return REFUSED_BAD_COMMAND;
	enum refusal refusal = addressee(call, &to);
	if (refusal == REFUSED_NOT)
		refusal = chat_may(call->meeting, call->actor, command->to, to);
	if (refusal != REFUSED_NOT)
		return refusal;
	if (!text_fits(call->actor, command))
		return REFUSED_TEXT;

	struct event event = { .kind = EVENT_CHAT, .from = call->actor->person.number, .to = command->to };
	memcpy(event.name, call->actor->person.name, sizeof(event.name));
	snprintf(event.text, sizeof(event.text), "%s", command->text);
	event.sealed = command->sealed;
	event.number = to ? to->person.number : 0;
	event.time_ms = call->unix_ms;
	event.chat_seq = ++call->meeting->chat_seq;
	keep(call->meeting, &event, call->actor->person.room);
	deliver(call->meeting, call->actor, to, &event);
	return REFUSED_NOT;
}

static bool may_see(const struct seat *seat, const struct kept *kept)
{
	uint32_t me = seat->person.number;
	if (kept->from == me || kept->to == TO_ROOMS)
		return true;
	if (kept->to == TO_EVERYONE)
		return kept->room == seat->person.room && kept->seq > seat->room_seq;
	if (kept->to == TO_ONE)
		return kept->number == me;
	return seat->person.role >= ROLE_COHOST && kept->seq > seat->host_seq;
}

void chat_replay(struct meeting *meeting, const struct seat *seat, uint64_t seq)
{
	uint64_t first = meeting->chat_seq >= CHAT_KEPT ? meeting->chat_seq - CHAT_KEPT + 1 : 1;
	if (seq < seat->seated_seq)
		seq = seat->seated_seq;
	if (seq >= first)
		first = seq < meeting->chat_seq ? seq + 1 : meeting->chat_seq + 1;
	for (uint64_t at = first; at <= meeting->chat_seq; at++) {
		const struct kept *kept = &meeting->chat[at % CHAT_KEPT];
		if (!may_see(seat, kept))
			continue;
		struct event event = { .kind = EVENT_CHAT, .from = kept->from, .number = kept->number };
		event.to = kept->to;
		event.sealed = kept->sealed;
		event.chat_seq = kept->seq;
		event.time_ms = kept->time_ms;
		memcpy(event.name, kept->name, sizeof(event.name));
		memcpy(event.text, kept->text, sizeof(event.text));
		meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
	}
}
