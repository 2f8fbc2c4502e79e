/* Who leads a room's keys, as far as a relay must know: it carries joiners there, takes rosters from nobody else, and tells
 * whoever comes to lead what only that one needs. First it is who is seated first; then whom the newest roster names, which
 * is believed because it is signed: by who led, by the first of its succession who is here when that one is not, or by
 * the meeting's first host. A relay that were mistaken could still not let anybody in, only mislead joiners.
 *
 * A run of a meeting (its uuid) ends when nobody is seated any more, or when nobody is here who could ever follow who
 * led: then whoever is here first begins the next, and all others prove themselves anew. */
#include <sodium.h>
#include <string.h>

#include "net/relay_state.h"

enum { LOST_US = 30 * 1000 * 1000 };    /* no word of who leads for so long, and others may */

/* ---- who could lead ------------------------------------------------------------------------------------------ */

static bool able(const struct member *member)
{
	return member && member->conn && member->role > ROLE_WAITING && !member->plain;
}

struct member *lead_member(const struct room *room)
{
	struct member *member = room_member(room, room->leader);

	return able(member) ? member : NULL;
}

/* The lowest number. */
static struct member *first_able(const struct room *room)
{
	for (uint32_t i = 0; i < room->members_size; i++)
		if (able(room->members[i]))
			return room->members[i];
	return NULL;
}

static bool is_first_host(const struct room *room, const struct member *member)
{
	return !memcmp(member->key, room->host_ik, sizeof room->host_ik);
}

unsigned lead_heirs(const struct room *room, struct member *heirs[static LEAD_HEIRS])
{
	const struct chain *chain = &room->chain;
	unsigned count = 0;

	for (size_t i = 0; i < chain->succession_n && count < LEAD_HEIRS; i++) {
		struct member *member = room_member(room, chain->succession[i]);

		if (chain->succession[i] != room->leader && able(member) && chain_has(chain, member->number))
			heirs[count++] = member;
	}
	return count;
}

static const struct member *follower(const struct room *room)
{
	struct member *heirs[LEAD_HEIRS];

	return lead_heirs(room, heirs) ? heirs[0] : NULL;
}

static bool somebody_may_follow(const struct room *room)
{
	for (uint32_t i = 0; i < room->members_size; i++) {
		const struct member *member = room->members[i];

		if (able(member) && is_first_host(room, member) && chain_has(&room->chain, member->number))
			return true;
	}
	return follower(room) != NULL;
}

bool lead_nobody(const struct room *room, bool host)
{
	return !first_able(room) || (host && !lead_member(room) && !somebody_may_follow(room));
}

bool lead_may_rotate(const struct room *room, const struct member *member)
{
	bool lost = !lead_member(room) || loop_now_us() - room->heard_us > LOST_US;

	if (member->number == room->leader)
		return able(member);
	if (!room->chain.e || !able(member) || !chain_has(&room->chain, member->number))
		return false;
	return is_first_host(room, member) || (lost && follower(room) == member);
}

/* ---- runs of the meeting ------------------------------------------------------------------------------------- */

void lead_door(struct room *room, struct conn *conn, bool leads)
{
	struct event event = { .kind = EVENT_DOOR, .on = leads };

	if (!room->leader && !leads)
		return;
	memcpy(event.id, room->id, sizeof event.id);
	memcpy(event.uuid, room->door.meeting.uuid, sizeof event.uuid);
	conn_event(conn, &event);
}

void lead_open(struct room *room, struct conn *conn)
{
	randombytes_buf(room->door.meeting.uuid, sizeof room->door.meeting.uuid);
	room->opened = true;
	lead_door(room, conn, true);
}

static void begin(struct member *member)
{
	struct room *room = member->room;

	runs_forget(member->conn);      /* it has nobody to prove itself to any more */
	if (!room->opened)
		lead_open(room, member->conn);
	room->opened = false;
	room->leader = member->number;
	room->heard_us = loop_now_us();
}

/* Who leads, and the member is not known there: it has waited since before, or its run came to nothing. */
static bool unknown(const struct member *member)
{
	const struct room *room = member->room;

	return !member->plain && !member->proven && !member->conn->run && member->number != room->leader &&
	       !chain_has(&room->chain, member->number);
}

void lead_seated(struct member *member)
{
	if (!member->room->leader && !member->plain)
		begin(member);
	else if (unknown(member))
		runs_member(member);
}

void lead_waiting(struct member *member)
{
	struct room *room = member->room;

	if (member->proven || !room->leader || member->number == room->leader)
		return;
	if (member->plain && member->binding) {
		buf_unref(member->binding);
		member->binding = NULL;
		lead_door(room, member->conn, false);
	} else if (!member->plain && !member->conn->run) {
		runs_member(member);
	}
}

void lead_over(struct room *room)
{
	runs_hold(&room->door);
	loop_timer_cancel(room->relay->loop, &room->lead_timer);
	chain_clear(&room->chain);
	seal_orders_forget(room);
	room->leader = room->present = 0;
	for (uint32_t i = 0; i < room->members_size; i++) {
		struct member *member = room->members[i];

		if (!member)
			continue;
		member->proven = false;
		buf_unref(member->binding);
		member->binding = NULL;
	}
}

/* ---- those who come to lead, and those who go ------------------------------------------------------------------ */

static void on_lost(void *arg)
{
	lead_settle(arg);
}

static void tell_nonce(struct member *to, const struct member *of)
{
	if (of->has_nonce && of != to)
		seal_send(to->conn, WIRE_NONCE, of->number, of->nonce, sizeof of->nonce);
}

static void tell_nonces(struct member *to)
{
	const struct room *room = to->room;

	for (uint32_t i = 0; i < room->members_size; i++)
		if (room->members[i])
			tell_nonce(to, room->members[i]);
}

/* While nobody leads: those who may take over need the others' nonces for the roster by which they do. */
static void tell_heirs(struct room *room)
{
	struct member *heirs[LEAD_HEIRS];
	uint32_t told[LEAD_HEIRS];
	unsigned count = lead_heirs(room, heirs);

	memcpy(told, room->heirs, sizeof told);
	memset(room->heirs, 0, sizeof room->heirs);
	for (unsigned i = 0; i < count; i++) {
		room->heirs[i] = heirs[i]->number;
		if (heirs[i]->number != told[0] && heirs[i]->number != told[1])
			tell_nonces(heirs[i]);
	}
}

static void note_gone(struct room *room)
{
	room->present = 0;
	memset(room->heirs, 0, sizeof room->heirs);
	room->gone_us = loop_now_us();
	room->lead_timer.fn = on_lost;
	room->lead_timer.arg = room;
	loop_timer_set(room->relay->loop, &room->lead_timer, LOST_US + 1000);
}

void lead_lost(struct member *member)
{
	struct room *room = member->room;

	if (!room->present || member->number != room->present)
		return;
	runs_hold(&room->door);
	note_gone(room);
}

/* A binding, or being asked for one; a nonce; a proof. */
static void introduce(struct member *leader, struct member *member)
{
	struct room *room = member->room;

	if (member->binding)
		conn_control(leader->conn, member->binding);
	else if (member->plain && member->conn)
		lead_door(room, member->conn, false);
	tell_nonce(leader, member);
	member->proven = false;
	if (!member->plain && member->conn && member->role != ROLE_NONE && !chain_has(&room->chain, member->number))
		runs_member(member);
}

static void greet(struct member *leader)
{
	struct room *room = leader->room;

	for (uint32_t i = 0; i < room->members_size; i++)
		if (room->members[i] && room->members[i] != leader)
			introduce(leader, room->members[i]);
	runs_advance(&room->door);
}

static bool anybody_seated(const struct room *room)
{
	for (uint32_t i = 0; i < room->members_size; i++) {
		const struct member *member = room->members[i];

		if (member && member->role > ROLE_WAITING && !member->plain)
			return true;
	}
	return false;
}

/* Can nobody here, nor soon, carry on from the newest roster? */
static bool stuck(const struct room *room)
{
	const struct member *leader = room_member(room, room->leader);

	if (!room->chain.e)
		return true;
	if (somebody_may_follow(room))
		return false;
	return !leader || leader->role <= ROLE_WAITING || loop_now_us() - room->gone_us > LOST_US;
}

static struct member *begin_anew(struct room *room)
{
	struct member *first = first_able(room);

	if (!first)
		return NULL;
	lead_over(room);
	begin(first);
	return first;
}

void lead_settle(struct room *room)
{
	struct member *leader = lead_member(room);

	if (!anybody_seated(room)) {
		if (room->leader)
			lead_over(room);
		return;
	}
	if (!leader && stuck(room))
		leader = begin_anew(room);
	if (!leader && !room->present)
		tell_heirs(room);
	if ((leader ? leader->number : 0) == room->present)
		return;
	runs_hold(&room->door);
	if (!leader) {
		note_gone(room);
		tell_heirs(room);
		return;
	}
	loop_timer_cancel(room->relay->loop, &room->lead_timer);
	room->present = leader->number;
	room->heard_us = loop_now_us();
	greet(leader);
}

void lead_proven(struct member *member, uint16_t run)
{
	struct member *leader = lead_member(member->room);
	const uint8_t payload[2] = { (uint8_t)(run >> 8), (uint8_t)run };

	member->proven = true;
	if (leader)
		seal_send(leader->conn, WIRE_PROVEN, member->number, payload, sizeof payload);
}

void lead_back(struct member *member)
{
	struct room *room = member->room;

	if (member->plain && !member->binding)
		lead_door(room, member->conn, false);
	else if (unknown(member))
		runs_member(member);
}
