/* Rooms and their members. The rules speak in effects; here they become messages, each encoded once and shared by all
 * whom it reaches. A member's role is mirrored from the events that go by. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/relay_state.h"

enum { TICKET_USED_US = 10 * 1000 * 1000 };

static int64_t now_ms(void)
{
	return loop_now_us() / 1000;
}

/* ---- members -------------------------------------------------------------------------------------------- */

struct member *room_member(const struct room *room, uint32_t number)
{
	return number < room->members_size ? room->members[number] : NULL;
}

static bool members_reserve(struct room *room, uint32_t number)
{
	uint32_t size = room->members_size ? room->members_size : 16;
	struct member **members;

	while (size <= number)
		size *= 2;
	if (size == room->members_size)
		return true;
	members = realloc(room->members, size * sizeof *members);
	if (!members)
		return false;
	memset(members + room->members_size, 0, (size - room->members_size) * sizeof *members);
	room->members = members;
	room->members_size = size;
	return true;
}

void room_silence(struct member *member)
{
	speakers_drop(&member->room->speakers[member->place], member->number);
}

static void member_remove(struct member *member)
{
	struct room *room = member->room;

	media_forget(member);
	room_silence(member);
	if (member->conn) {
		runs_forget(member->conn);
		member->conn->member = NULL;
	}
	room->members[member->number] = NULL;
	room->listeners_stale = true;
	sodium_memzero(member->ticket, sizeof member->ticket);
	sodium_memzero(member->ticket_used, sizeof member->ticket_used);
	buf_unref(member->binding);
	free(member);
}

/* The one whom an effect names; the first that names a number unknown so far gives it to who is entering. */
static struct member *addressed(struct room *room, uint32_t number)
{
	struct member *member = room_member(room, number);

	if (member || !room->entering || number > RELAY_NUMBER_MAX || !members_reserve(room, number))
		return member;
	member = room->entering;
	room->entering = NULL;
	member->number = number;
	room->members[number] = member;
	member->conn->member = member;
	if (member->run)
		lead_proven(member, member->run);
	return member;
}

uint32_t room_listeners(struct room *room, struct member ***listeners)
{
	if (room->listeners_stale && room->listeners_size < room->members_size) {
		struct member **grown = realloc(room->listeners, room->members_size * sizeof *grown);

		if (!grown) {
			*listeners = NULL;
			return 0;
		}
		room->listeners = grown;
		room->listeners_size = room->members_size;
	}
	if (room->listeners_stale) {
		room->listener_count = 0;
		for (uint32_t i = 0; i < room->members_size; i++) {
			struct member *member = room->members[i];

			if (member && member->conn && member->role > ROLE_WAITING)
				room->listeners[room->listener_count++] = member;
		}
		room->listeners_stale = false;
	}
	*listeners = room->listeners;
	return room->listener_count;
}

/* ---- effects -------------------------------------------------------------------------------------------- */

static bool reached(const struct member *member, const struct effect *effect)
{
	switch (effect->reach) {
	case REACH_ONE: return member->number == effect->to;
	case REACH_ROOM: return member->role > ROLE_WAITING;
	case REACH_OTHERS: return member->role > ROLE_WAITING && member->number != effect->to;
	case REACH_HOSTS: return member->role >= ROLE_COHOST;
	case REACH_WAITING: return member->role == ROLE_WAITING;
	case REACH_ALL: return member->role != ROLE_NONE;
	case REACH_PLACE: return member->role > ROLE_WAITING && member->place == effect->place;
	}
	return false;
}

static void set_role(struct member *member, enum role role)
{
	if (member->role == role)
		return;
	if (member->role <= ROLE_WAITING)
		member->orders_from = member->room->order_count;
	else if (role <= ROLE_WAITING)
		member->proven = false; /* keys are not for who was sent back: they begin anew */
	member->role = role;
	member->room->listeners_stale = true;
	if (role > ROLE_WAITING)
		return;
	member->has_ticket = false;
	member->ticket_used_until_us = 0;
	media_forget(member);
	media_move(member, 0);
	room_silence(member);
}

/* Some are in another breakout room now; or there are none any more. */
static void mirror_places(struct room *room, const struct event *event)
{
	for (uint32_t i = 0; event->kind == EVENT_MOVED && i < event->who_count; i++) {
		struct member *member = room_member(room, event->who[i]);

		if (member)
			media_move(member, event->room);
	}
	for (uint32_t i = 0; event->kind == EVENT_BREAKOUTS && !event->text[0] && i < room->members_size; i++)
		if (room->members[i])
			media_move(room->members[i], 0);
}

static void mirror_person(struct room *room, const struct person *person)
{
	struct member *member = room_member(room, person->number);

	if (member && member->role > ROLE_WAITING && person->role > ROLE_WAITING)
		set_role(member, person->role);
	if (member && person->mic != MIC_ON)
		room_silence(member);
}

/* What the event says about a member's place. */
static void mirror(struct room *room, const struct effect *effect, struct member *one)
{
	const struct event *event = effect->event;
	struct member *member;

	switch (event->kind) {
	case EVENT_JOINED:
		if (one)
			set_role(one, event->role);
		break;
	case EVENT_WAITING:
		if (one)
			set_role(one, ROLE_WAITING);
		break;
	case EVENT_PERSON_CHANGED: mirror_person(room, &event->person); break;
	case EVENT_BREAKOUTS:
	case EVENT_MOVED: mirror_places(room, event); break;
	case EVENT_PERSON_LEFT:
		member = room_member(room, event->number);
		if (member && !member->conn)
			member_remove(member);
		else if (member && member->role > ROLE_WAITING)
			set_role(member, ROLE_NONE);
		break;
	default: break;
	}
}

static void send_ticket(struct member *member)
{
	struct event event = { .kind = EVENT_TICKET };

	randombytes_buf(member->ticket, sizeof member->ticket);
	member->has_ticket = true;
	memcpy(event.ticket, member->ticket, sizeof event.ticket);
	conn_event(member->conn, &event);
	sodium_memzero(event.ticket, sizeof event.ticket);
}

static void say_goodbye(struct member *member)
{
	struct conn *conn = member->conn;

	if (conn)
		conn_finish(conn, member->room->relay->stopping ? LINK_END_GOING_AWAY : LINK_END_NORMAL, "goodbye");
	member_remove(member);
}

void room_tell(struct room *room, struct buf *buf, const struct member *but)
{
	struct member **listeners;
	uint32_t count = room_listeners(room, &listeners);

	for (uint32_t i = 0; i < count; i++)
		if (listeners[i] != but)
			conn_news(listeners[i]->conn, buf);
	pace_count(room->relay, count);
}

static void deliver(struct room *room, const struct effect *effect, struct buf *json)
{
	uint32_t delivered = 0;

	for (uint32_t i = 0; i < room->members_size; i++) {
		struct member *member = room->members[i];

		if (!member || !reached(member, effect))
			continue;
		if (member->conn) {
			conn_news(member->conn, json);
			delivered++;
		}
		if (effect->close && !effect->to)
			say_goodbye(member);
	}
	pace_count(room->relay, delivered);
}

static void deliver_one(struct member *member, const struct effect *effect, struct buf *json)
{
	if (!member->conn)
		return;
	if (effect->event->kind == EVENT_JOINED)
		lead_seated(member);
	if (effect->event->kind == EVENT_FILE_CHUNK)
		conn_bulk(member->conn, json);
	else
		conn_control(member->conn, json);
	if (effect->event->kind == EVENT_JOINED)
		send_ticket(member);
	if (effect->event->kind == EVENT_WAITING)
		lead_waiting(member);
}

/* What the rules cannot know: the newest epoch of the keys. */
static struct buf *encode(const struct room *room, const struct effect *effect)
{
	struct event event;

	if (effect->event->kind != EVENT_RESUMED || effect->reach != REACH_ONE)
		return event_buf(effect->event);
	event = *effect->event;
	event.count = room->chain.e;
	return event_buf(&event);
}

static void sink(void *arg, const struct effect *effect)
{
	struct room *room = arg;
	struct member *one = effect->reach == REACH_ONE ? addressed(room, effect->to) : NULL;
	struct buf *json;

	seal_order_tell(room);
	mirror(room, effect, one);
	if (effect->reach == REACH_ONE && !one)
		return;
	json = encode(room, effect);
	if (one)
		deliver_one(one, effect, json);
	else
		deliver(room, effect, json);
	buf_unref(json);
	one = room_member(room, effect->to);
	if (effect->close && one)
		say_goodbye(one);
}

/* ---- rooms ---------------------------------------------------------------------------------------------- */

struct room *room_new(struct relay *relay, const char *id, const char *title)
{
	struct room *room = calloc(1, sizeof *room);

	if (!room)
		return NULL;
	room->relay = relay;
	snprintf(room->id, sizeof room->id, "%s", id);
	runs_init(&room->door, relay, room, id);
	room->meeting = meeting_new(id, title, &relay->params.policy, sink, room);
	if (!room->meeting) {
		free(room);
		return NULL;
	}
	room->next = relay->rooms;
	if (room->next)
		room->next->prev = room;
	relay->rooms = room;
	relay->room_count++;
	return room;
}

void room_free(struct room *room)
{
	struct relay *relay = room->relay;

	loop_timer_cancel(relay->loop, &room->tick);
	loop_timer_cancel(relay->loop, &room->lead_timer);
	runs_clear(&room->door);
	chain_clear(&room->chain);
	seal_order_end(room);
	seal_orders_forget(room);
	for (uint32_t i = 0; i < room->members_size; i++)
		if (room->members[i])
			member_remove(room->members[i]);
	if (room->prev)
		room->prev->next = room->next;
	else
		relay->rooms = room->next;
	if (room->next)
		room->next->prev = room->prev;
	relay->room_count--;
	meeting_free(room->meeting);
	free(room->members);
	free(room->listeners);
	sodium_memzero(room, sizeof *room);
	free(room);
}

struct room *room_find(struct relay *relay, const char *id)
{
	struct room *room = relay->rooms;

	while (room && strcmp(room->id, id) != 0)
		room = room->next;
	return room;
}

static void dissolve(struct room *room)
{
	struct relay *relay = room->relay;

	runs_clear(&room->door);
	for (uint32_t i = 0; i < room->members_size; i++)
		if (room->members[i])
			say_goodbye(room->members[i]);
	room_free(room);
	relay_log(relay, 2, "meeting-ended", "a meeting ended");
}

static void settle(struct room *room);

static void on_tick(void *arg)
{
	settle(arg);
}

/* After anything that happened: is it over, and when must time pass again? The room may be gone after this. */
static void settle(struct room *room)
{
	int64_t next_ms = meeting_tick(room->meeting, now_ms());

	if (meeting_ended(room->meeting)) {
		dissolve(room);
		return;
	}
	room->tick.fn = on_tick;
	room->tick.arg = room;
	if (next_ms >= 0)
		loop_timer_set(room->relay->loop, &room->tick, (next_ms + 1) * 1000);
	lead_settle(room);
}

enum refusal room_enter(struct room *room, struct conn *conn, const struct knock *knock, uint16_t run)
{
	struct member *member = calloc(1, sizeof *member);
	enum refusal refusal;
	uint32_t number;

	if (!member || room->members_size > RELAY_NUMBER_MAX) {
		free(member);
		return REFUSED_FULL;
	}
	member->room = room;
	member->conn = conn;
	member->run = run;
	member->plain = knock->sealed != SEALED_END;
	memcpy(member->key, knock->key, sizeof member->key);
	room->entering = member;
	refusal = meeting_join(room->meeting, knock, now_ms(), &number);
	if (room->entering)
		free(member);
	if (room->entering && !refusal) {       /* no memory to seat it */
		meeting_lost(room->meeting, number, now_ms());
		refusal = REFUSED_FULL;
	}
	room->entering = NULL;
	settle(room);
	return refusal;
}

/* The link of a member is no longer its own. */
static void unlink_member(struct member *member)
{
	media_forget(member);
	room_silence(member);
	lead_lost(member);
	member->room->listeners_stale = true;
	member->lost_us = loop_now_us();
	runs_forget(member->conn);
	member->conn->member = NULL;
	member->conn = NULL;
	meeting_lost(member->room->meeting, member->number, now_ms());
}

enum refusal room_reenter(struct room *room, struct conn *conn, struct member *member, const struct command *command)
{
	struct conn *old = member->conn;
	enum refusal refusal;

	if (old) {
		unlink_member(member);
		conn_drop(old, LINK_END_REPLACED, "Taken up elsewhere.");
	}
	memcpy(member->ticket_used, member->ticket, sizeof member->ticket_used);
	member->ticket_used_until_us = loop_now_us() + TICKET_USED_US;
	member->has_ticket = false;
	member->conn = conn;
	conn->member = member;
	room->listeners_stale = true;
	if (command->count < room->chain.e)
		seal_replay(member, command->count + 1);
	seal_orders_again(member);
	refusal = meeting_resume(room->meeting, member->number, command->seq, now_ms());
	if (refusal) {
		conn->member = NULL;
		member->conn = NULL;
		if (!meeting_person(room->meeting, member->number))
			member_remove(member);
		return refusal;
	}
	if (!member->has_ticket)
		send_ticket(member);
	media_tell_wanted(member, true);
	lead_back(member);
	settle(room);
	return REFUSED_NOT;
}

void room_dismiss(struct member *member, enum refusal refusal)
{
	struct command leave = { .word = WORD_LEAVE };
	struct room *room = member->room;

	conn_refused(member->conn, refusal);
	meeting_apply(room->meeting, member->number, &leave, now_ms(), loop_unix_ms());
	settle(room);
}

/* What a host signed for the others reaches them before what comes of it. */
static enum refusal obey(struct room *room, uint32_t actor, const struct command *command)
{
	enum refusal refusal = seal_order(room, actor, command->order) ? REFUSED_BAD_COMMAND : REFUSED_NOT;

	if (!refusal)
		refusal = meeting_apply(room->meeting, actor, command, now_ms(), loop_unix_ms());
	if (!refusal)
		seal_order_tell(room);
	seal_order_end(room);
	return refusal;
}

enum refusal room_command(struct conn *conn, const struct command *command)
{
	struct member *member = conn->member;
	struct room *room = member->room;
	enum refusal refusal;

	if (command->word != WORD_CLAIM) {
		refusal = obey(room, member->number, command);
	} else if (door_host_key(room, command->host_key)) {
		refusal = meeting_claim(room->meeting, member->number, now_ms());
	} else {
		guess_failed(conn, room, room->id);
		refusal = REFUSED_BAD_KEY;
	}
	settle(room);
	return refusal;
}

void room_link_lost(struct conn *conn)
{
	struct member *member = conn->member;
	struct room *room = member->room;
	uint32_t number = member->number;

	unlink_member(member);
	member = room_member(room, number);
	if (member && !meeting_person(room->meeting, number))
		member_remove(member);
	settle(room);
}

void room_set_policy(struct room *room, const struct policy *policy)
{
	meeting_set_policy(room->meeting, policy, now_ms());
	settle(room);
}

void room_end(struct room *room, const char *code)
{
	meeting_end(room->meeting, code);
	settle(room);
}
