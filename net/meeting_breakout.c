/* Breakout rooms: made closed, so that hosts can plan who goes where; once open, an assignment moves at once.
 * Chat to everyone, media and shares are a room's own; all else is the meeting's. */
#include "net/meeting_state.h"

#include <string.h>

#include "net/text.h"

void breakout_tell(struct meeting *meeting, enum reach reach, uint32_t to, const struct seat *by)
{
	struct event event = { .kind = EVENT_BREAKOUTS, .on = meeting->breakout_open };
	size_t at = 0;
	for (uint32_t i = 0; i < meeting->breakout_count; i++) {
		size_t n = strlen(meeting->breakout[i]);
		if (i > 0)
			event.text[at++] = '\n';
		memcpy(event.text + at, meeting->breakout[i], n);
		at += n;
	}
	event_by(&event, by);
	meeting_tell(meeting, reach, to, &event);
}

/* Tell in which rooms people are (EVENT_MOVED) or will be (EVENT_ASSIGNED), a message for each MOOT_WHO_MAX. */
struct batch {
	struct event event;
	enum reach reach;
	uint32_t to;
};

static void batch_flush(struct meeting *meeting, struct batch *batch)
{
	if (batch->event.who_count)
		meeting_tell(meeting, batch->reach, batch->to, &batch->event);
	batch->event.who_count = 0;
}

static void batch_add(struct meeting *meeting, struct batch *batch, uint32_t number)
{
	batch->event.who[batch->event.who_count++] = number;
	if (batch->event.who_count == MOOT_WHO_MAX)
		batch_flush(meeting, batch);
}

void breakout_tell_plan(struct meeting *meeting, const struct seat *seat)
{
	struct batch batch = { .event.kind = EVENT_ASSIGNED, .reach = REACH_ONE, .to = seat->person.number };
	for (uint32_t room = 1; !meeting->breakout_open && room <= meeting->breakout_count; room++) {
		batch.event.room = room;
		for (uint32_t i = 0; i < meeting->seated_count; i++)
			if (seat_at(meeting, i)->person.planned == room)
				batch_add(meeting, &batch, seat_at(meeting, i)->person.number);
		batch_flush(meeting, &batch);
	}
}

/* Leave what is the old room's own. */
static void step_out(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	const struct place *place = &meeting->place[seat->person.room];
	if (place->sharer == seat->person.number)
		share_stop(meeting, seat->person.room, by);
	else if (place->keyboard == seat->person.number)
		keyboard_take(meeting, seat->person.room, by);
}

static void move(struct meeting *meeting, struct seat *seat, uint32_t room, const struct seat *by)
{
	step_out(meeting, seat, by);
	seat->person.room = room;
	seat->person.planned = room;
	seat->room_seq = meeting->chat_seq;
}

enum refusal rule_breakout(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const char *line[MOOT_BREAKOUTS_MAX];
	size_t length[MOOT_BREAKOUTS_MAX];
	char name[MOOT_BREAKOUTS_MAX][MOOT_NAME_SIZE] = { { 0 } };
	if (meeting->breakout_count)
		return REFUSED_ALREADY;
	int count = text_lines(call->command->text, MOOT_SAY_SIZE, line, length, MOOT_BREAKOUTS_MAX);
	if (count < 1)
		return REFUSED_TEXT;
	size_t bytes = 0;
	for (int i = 0; i < count; i++) {
		char wanted[MOOT_NAME_SIZE] = { 0 };
		if (length[i] >= sizeof(wanted))
			return REFUSED_BAD_NAME;
		memcpy(wanted, line[i], length[i]);
		if (text_name(name[i], wanted) < 0)
			return REFUSED_BAD_NAME;
		for (int k = 0; k < i; k++)
			if (text_same(name[i], name[k]))
				return REFUSED_BAD_NAME;
		bytes += strlen(name[i]) + 1;
	}
	/* Composed, names may have grown beyond what one event tells. */
	if (bytes >= MOOT_SAY_SIZE)
		return REFUSED_TEXT;
	memcpy(meeting->breakout, name, sizeof(name));
	meeting->breakout_count = (uint32_t)count;
	breakout_tell(meeting, REACH_ROOM, 0, call->actor);
	return REFUSED_NOT;
}

/* Where this person is, or will be. */
static uint32_t *seat_room(struct meeting *meeting, struct seat *seat)
{
	return meeting->breakout_open ? &seat->person.room : &seat->person.planned;
}

static void assign(const struct call *call, struct batch *batch, struct seat *seat, uint32_t room)
{
	struct meeting *meeting = call->meeting;
	if (*seat_room(meeting, seat) == room)
		return;
	if (meeting->breakout_open)
		move(meeting, seat, room, call->actor);
	else
		seat->person.planned = room;
	batch_add(meeting, batch, seat->person.number);
}

static struct batch assigning(const struct call *call)
{
	bool open = call->meeting->breakout_open;
	struct batch batch = { .event.kind = open ? EVENT_MOVED : EVENT_ASSIGNED,
			       .reach = open ? REACH_ROOM : REACH_HOSTS };
	if (open)
		event_by(&batch.event, call->actor);
	return batch;
}

/* Participants evenly over the rooms, in the order in which they came. */
static enum refusal spread(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct batch batch = assigning(call);
	uint32_t next = 0, all = 0;
	for (uint32_t room = 1; room <= meeting->breakout_count; room++) {
		next = 0;
		batch.event.room = room;
		for (uint32_t i = 0; i < meeting->seated_count; i++) {
			struct seat *seat = seat_at(meeting, i);
			if (seat->person.role == ROLE_PARTICIPANT &&
			    next++ % meeting->breakout_count == room - 1) {
				assign(call, &batch, seat, room);
				all++;
			}
		}
		batch_flush(meeting, &batch);
	}
	return all ? REFUSED_NOT : REFUSED_NO_SUCH_PERSON;
}

enum refusal rule_assign(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const struct command *command = call->command;
	bool change = false;
	if (!meeting->breakout_count)
		return REFUSED_NO_BREAKOUTS;
	if (command->all)
		return spread(call);
	if (command->who_count == 0 || command->who_count > MOOT_WHO_MAX)
		return REFUSED_BAD_COMMAND;
	if (command->room > meeting->breakout_count)
		return REFUSED_NO_ROOM;
	for (uint32_t i = 0; i < command->who_count; i++) {
		struct seat *seat = seat_find(meeting, command->who[i]);
		if (!seat || !seat_seated(seat))
			return REFUSED_NO_SUCH_PERSON;
		change |= *seat_room(meeting, seat) != command->room;
	}
	if (!change)
		return REFUSED_ALREADY;
	struct batch batch = assigning(call);
	batch.event.room = command->room;
	for (uint32_t i = 0; i < command->who_count; i++)
		assign(call, &batch, seat_find(meeting, command->who[i]), command->room);
	batch_flush(meeting, &batch);
	return REFUSED_NOT;
}

enum refusal rule_breakout_open(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	if (!meeting->breakout_count)
		return REFUSED_NO_BREAKOUTS;
	if (meeting->breakout_open)
		return REFUSED_ALREADY;
	meeting->breakout_open = true;
	breakout_tell(meeting, REACH_ROOM, 0, call->actor);
	struct batch batch = assigning(call);
	for (uint32_t room = 1; room <= meeting->breakout_count; room++) {
		batch.event.room = room;
		for (uint32_t i = 0; i < meeting->seated_count; i++)
			if (seat_at(meeting, i)->person.planned == room)
				assign(call, &batch, seat_at(meeting, i), room);
		batch_flush(meeting, &batch);
	}
	return REFUSED_NOT;
}

enum refusal rule_breakout_close(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	if (!meeting->breakout_count)
		return REFUSED_NO_BREAKOUTS;
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		if (seat->person.room)
			move(meeting, seat, 0, call->actor);
		seat->person.planned = 0;
	}
	meeting->breakout_count = 0;
	meeting->breakout_open = false;
	memset(meeting->breakout, 0, sizeof(meeting->breakout));
	breakout_tell(meeting, REACH_ROOM, 0, call->actor);
	return REFUSED_NOT;
}

enum refusal rule_breakout_back(const struct call *call)
{
	if (!call->meeting->breakout_count)
		return REFUSED_NO_BREAKOUTS;
	if (!call->actor->person.room)
		return REFUSED_ALREADY;
	struct batch batch = assigning(call);
	assign(call, &batch, call->actor, 0);
	batch_flush(call->meeting, &batch);
	return REFUSED_NOT;
}
