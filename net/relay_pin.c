/* The PIN of those who cannot do end to end: a browser, a telephone. The relay hears them anyway, so it may as well compare
 * what they show, with an Argon2id hash that a host sets; it has nothing to do with the passcode, which the relay never
 * sees. A meeting without a PIN, one that is not there and a wrong PIN go the same way, to the same answer. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "net/relay_state.h"

/* ---- at the door -------------------------------------------------------------------------------------------- */

static void pin_compared(struct conn *conn, bool ok, const char *hash)
{
	struct room *room;

	if (conn->closing || !conn->entry)
		return;
	room = room_find(conn->relay, conn->entry->id);
	if (ok && room && !strcmp(room->pin_hash, hash)) {
		door_proven(conn, room, 0);
		return;
	}
	guess_pin_failed(conn, room, conn->entry->id);
	door_refuse(conn, REFUSED_NO_SUCH_MEETING);
}

void pin_enter(struct conn *conn, const struct room *room)
{
	const char *pin = conn->entry->passcode;

	if (!guess_may_pin(conn, conn->entry->id))
		door_refuse(conn, REFUSED_TOO_MANY_TRIES);
	else if (passcodes_start(conn->relay->passcodes, conn, pin, room ? room->pin_hash : "", pin_compared))
		door_refuse(conn, REFUSED_TOO_FAST);
}

/* ---- a host's word ------------------------------------------------------------------------------------------ */

static void pin_hashed(struct conn *conn, bool ok, const char *hash)
{
	if (ok && conn->member)
		snprintf(conn->member->room->pin_hash, sizeof conn->member->room->pin_hash, "%s", hash);
	conn_answer(conn, conn->pin_request, ok ? REFUSED_NOT : REFUSED_TOO_FAST);
}

static enum refusal may_set(const struct conn *conn, const struct command *command)
{
	const struct room *room = conn->member->room;
	const struct person *person = meeting_person(room->meeting, conn->member->number);

	if (!person)
		return REFUSED_NOT_IN;
	if (person->role < ROLE_COHOST)
		return REFUSED_NOT_ALLOWED;
	if (command->passcode[0] && strlen(command->passcode) < room->relay->params.policy.passcode_min)
		return REFUSED_PASSCODE;
	return conn->job ? REFUSED_TOO_FAST : REFUSED_NOT;
}

void pin_command(struct conn *conn, const struct command *command)
{
	struct room *room = conn->member->room;
	enum refusal refusal = may_set(conn, command);

	if (!refusal && seal_order(room, conn->member->number, command->order))
		refusal = REFUSED_BAD_COMMAND;
	conn->pin_request = command->request;
	if (!refusal && command->passcode[0] &&
	    passcodes_start(conn->relay->passcodes, conn, command->passcode, NULL, pin_hashed))
		refusal = REFUSED_TOO_FAST;
	if (!refusal)
		seal_order_tell(room);
	seal_order_end(room);
	if (!refusal && !command->passcode[0])
		memset(room->pin_hash, 0, sizeof room->pin_hash);
	if (refusal || !command->passcode[0])
		conn_answer(conn, command->request, refusal);
}
