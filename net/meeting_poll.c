/* Polls: one is open at a time. Hosts ask and close; everyone in the meeting votes, once, and may think better
 * of it until the end. Who leaves takes the vote along, so that nobody comes back to vote twice. Whether votes
 * bear names is said with the question. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

static void poll_event(const struct meeting *meeting, struct event *event, enum event_kind kind)
{
	event->kind = kind;
	event->number = meeting->poll.number;
	event->named = meeting->poll.named;
	memcpy(event->text, meeting->poll.text, sizeof(meeting->poll.text));
}

void poll_tell(struct meeting *meeting, const struct seat *seat)
{
	struct event event = { 0 };
	if (!meeting->poll.number)
		return;
	poll_event(meeting, &event, EVENT_POLL);
	meeting_tell(meeting, REACH_ONE, seat->person.number, &event);
}

void poll_tell_votes(struct meeting *meeting, enum reach reach, uint32_t to)
{
	struct event event = { .kind = EVENT_POLL_VOTES, .number = meeting->poll.number };
	event.count = meeting->poll.votes;
	meeting_tell(meeting, reach, to, &event);
}

void poll_withdraw(struct meeting *meeting, struct seat *seat)
{
	if (!seat->vote)
		return;
	seat->vote = 0;
	meeting->poll.votes--;
	poll_tell_votes(meeting, REACH_HOSTS, 0);
}

enum refusal rule_poll(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const char *line[MOOT_POLL_OPTIONS_MAX + 1];
	size_t length[MOOT_POLL_OPTIONS_MAX + 1];
	if (meeting->poll.number)
		return REFUSED_POLL_OPEN;
	int lines = text_lines(call->command->text, MOOT_SAY_SIZE, line, length, MOOT_POLL_OPTIONS_MAX + 1);
	if (lines < 3)
		return REFUSED_TEXT;
	meeting->poll = (struct poll) { .number = ++meeting->last_poll, .named = call->command->named };
	meeting->poll.options = (uint32_t)lines - 1;
	memcpy(meeting->poll.text, call->command->text, strnlen(call->command->text, MOOT_SAY_SIZE - 1));
	struct event event = { 0 };
	poll_event(meeting, &event, EVENT_POLL);
	event_by(&event, call->actor);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return REFUSED_NOT;
}

enum refusal rule_vote(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	uint32_t choice = call->command->count;
	if (!meeting->poll.number)
		return REFUSED_NO_POLL;
	if (choice < 1 || choice > meeting->poll.options)
		return REFUSED_BAD_VALUE;
	if (call->actor->vote == choice)
		return REFUSED_ALREADY;
	bool first = !call->actor->vote;
	call->actor->vote = (uint8_t)choice;
	meeting->poll.votes += first;
	if (first)
		poll_tell_votes(meeting, REACH_HOSTS, 0);
	return REFUSED_NOT;
}

/* Who voted for one answer, as many messages as it takes. */
static void tell_names(struct meeting *meeting, uint32_t choice)
{
	struct event event = { .kind = EVENT_POLL_NAMES, .number = meeting->poll.number, .count = choice };
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		if (seat_at(meeting, i)->vote == choice)
			event.who[event.who_count++] = seat_at(meeting, i)->person.number;
		if (event.who_count == MOOT_WHO_MAX) {
			meeting_tell(meeting, REACH_ROOM, 0, &event);
			event.who_count = 0;
		}
	}
	if (event.who_count)
		meeting_tell(meeting, REACH_ROOM, 0, &event);
}

enum refusal rule_poll_close(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct event event = { 0 };
	if (!meeting->poll.number)
		return REFUSED_NO_POLL;
	for (uint32_t choice = 1; meeting->poll.named && choice <= meeting->poll.options; choice++)
		tell_names(meeting, choice);
	poll_event(meeting, &event, EVENT_POLL_RESULT);
	event_by(&event, call->actor);
	event.counts_count = meeting->poll.options;
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		struct seat *seat = seat_at(meeting, i);
		if (seat->vote)
			event.counts[seat->vote - 1]++;
		seat->vote = 0;
	}
	memset(&meeting->poll, 0, sizeof(meeting->poll));
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return REFUSED_NOT;
}
