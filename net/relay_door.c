/* The door: who may create a meeting, who gets into one, who takes up a seat again.
 *
 * The relay never sees a passcode: who knows it shows that to who leads the meeting (relay_runs.c), and the relay only
 * carries it there and counts. An id cannot be probed: where there is no meeting a decoy plays who leads, and a wrong id
 * and a wrong passcode end in the same answer, of the same code (a meeting that is nowhere). Who shows the host key or the
 * gate, which goes with an invite, is not slowed by others who guess. See docs/decisions/passcode-at-the-relay.md. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/identity.h"
#include "net/relay_state.h"
#include "net/text.h"

static int64_t now_ms(void)
{
	return loop_now_us() / 1000;
}

/* ---- keys --------------------------------------------------------------------------------------------------- */

static void hash_host_key(uint8_t hash[static 32], const uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	crypto_generichash(hash, 32, key, MOOT_HOST_KEY_BYTES, NULL, 0);
}

bool door_host_key(const struct room *room, const uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	uint8_t hash[32];

	hash_host_key(hash, key);
	return !sodium_memcmp(hash, room->host_key_hash, sizeof hash);
}

static bool shows_host_key(const struct room *room, const struct command *command)
{
	return command->has_host_key && door_host_key(room, command->host_key);
}

static bool shows_gate(const struct room *room, const struct command *command)
{
	uint8_t hash[32];

	if (!command->has_gate || !room->has_gate)
		return false;
	crypto_hash_sha256(hash, command->gate, sizeof command->gate);
	return !sodium_memcmp(hash, room->gate_hash, sizeof hash);
}

/* ---- what somebody at the door shows -------------------------------------------------------------------- */

/* "1.2.3"; what is missing or no number counts as 0. */
static void parse_version(uint32_t version[static 3], const char *text)
{
	for (int i = 0; i < 3; i++) {
		version[i] = 0;
		while (*text >= '0' && *text <= '9' && version[i] < 1000000)
			version[i] = version[i] * 10 + (uint32_t)(*text++ - '0');
		while (*text && *text++ != '.')
			;
	}
}

enum sealed door_sealed(enum kind kind)
{
	return kind == KIND_TERMINAL || kind == KIND_HEADLESS ? SEALED_END : SEALED_RELAY;
}

static struct knock knock_of(const struct command *command)
{
	struct knock knock = {
		.name = command->name,
		.kind = command->kind,
		.sealed = door_sealed(command->kind),
		.key = command->key,
		.mic = command->mic,
		.camera = command->camera,
		.unix_ms = loop_unix_ms(),
	};

	parse_version(knock.version, command->version);
	return knock;
}

/* The answer of a meeting that is not there: old clients and unwanted kinds hear of that first, as from any. */
static enum refusal ask_nowhere(struct relay *relay, const struct command *command)
{
	struct knock knock = knock_of(command);
	uint32_t number;

	return meeting_join(relay->nowhere, &knock, now_ms(), &number);
}

static bool key_proven(const struct conn *conn, const struct command *command)
{
	uint8_t proof[256];
	size_t n = wire_proof(proof, conn->nonce, command->id, conn->relay->pin);

	return identity_verify(command->key, proof, n, command->signature);
}

bool door_keep(struct conn *conn, const struct command *command)
{
	conn->entry = malloc(sizeof *conn->entry);
	if (!conn->entry) {
		conn_refuse(conn, REFUSED_TOO_FAST);
		return false;
	}
	*conn->entry = *command;
	return true;
}

static void forget_entry(struct conn *conn)
{
	if (conn->entry)
		sodium_memzero(conn->entry, sizeof *conn->entry);
	free(conn->entry);
	conn->entry = NULL;
}

void door_refuse(struct conn *conn, enum refusal refusal)
{
	forget_entry(conn);
	conn_refuse(conn, refusal);
}

/* ---- create --------------------------------------------------------------------------------------------- */

static void choose_title(char title[static MOOT_TITLE_SIZE], const struct command *command)
{
	char whole[MOOT_TITLE_SIZE + 16];

	snprintf(whole, sizeof whole, command->title[0] ? "%s" : "%s's meeting",
	         command->title[0] ? command->title : command->name);
	text_safe(title, MOOT_TITLE_SIZE, whole, false);
}

static struct room *make_room(struct relay *relay, const struct command *command, const char *title)
{
	static const uint8_t none[32];
	struct room *room = room_new(relay, command->id, title);

	if (!room)
		return NULL;
	memcpy(room->host_ik, command->key, sizeof room->host_ik);
	memcpy(room->gate_hash, command->hash, sizeof room->gate_hash);
	room->has_gate = sodium_memcmp(command->hash, none, sizeof none) != 0;
	return room;
}

static void open_room(struct conn *conn, const struct command *command)
{
	struct relay *relay = conn->relay;
	struct event created = { .kind = EVENT_CREATED };
	struct knock knock = knock_of(command);
	enum refusal refusal;
	struct room *room;

	choose_title(created.title, command);
	room = make_room(relay, command, created.title);
	if (!room) {
		conn_refuse(conn, REFUSED_TOO_MANY_MEETINGS);
		return;
	}
	randombytes_buf(created.host_key, sizeof created.host_key);
	hash_host_key(room->host_key_hash, created.host_key);
	snprintf(created.id, sizeof created.id, "%s", command->id);
	lead_open(room, conn);
	conn_event(conn, &created);
	sodium_memzero(&created, sizeof created);
	knock.passcode_ok = knock.host_key_ok = true;
	refusal = room_enter(room, conn, &knock, 0);
	if (!refusal) {
		relay_log(relay, 2, "meeting-created", "a meeting began");
		return;
	}
	room_free(room);
	conn_refuse(conn, refusal);
}

/* Compares every byte, whatever the first ones are. */
static bool same_secret(const char *a, const char *b)
{
	uint8_t ha[32], hb[32];

	crypto_generichash(ha, sizeof ha, (const uint8_t *)a, strlen(a), NULL, 0);
	crypto_generichash(hb, sizeof hb, (const uint8_t *)b, strlen(b), NULL, 0);
	return !sodium_memcmp(ha, hb, sizeof ha);
}

static bool token_fits(const struct relay *relay, const char *token)
{
	const struct relay_store_ops *store = relay->params.store;

	if (!*token)
		return false;
	return (relay->token && same_secret(relay->token, token)) ||
	       (store && !store->token_check(relay->params.store_arg, token));
}

static bool needs_token(const struct relay *relay)
{
	enum create_mode create = relay->params.policy.create;

	return !relay->params.open && create != CREATE_ANYONE && !(create == CREATE_LOOPBACK && relay->loopback);
}

static enum refusal check_token(struct conn *conn, const struct command *command)
{
	if (!needs_token(conn->relay))
		return REFUSED_NOT;
	if (!guess_may_token(conn))
		return REFUSED_TOO_MANY_TRIES;
	if (token_fits(conn->relay, command->token))
		return REFUSED_NOT;
	guess_stalled(conn);
	return REFUSED_TOKEN;
}

/* Who creates a meeting leads its keys, so it must be able to. */
static enum refusal may_create(struct conn *conn, const struct command *command)
{
	const struct policy *policy = &conn->relay->params.policy;
	char name[MOOT_NAME_SIZE];
	enum refusal refusal = check_token(conn, command);

	if (refusal)
		return refusal;
	refusal = ask_nowhere(conn->relay, command);
	if (refusal != REFUSED_NO_SUCH_MEETING)
		return refusal;
	if (door_sealed(command->kind) != SEALED_END)
		return REFUSED_KIND;
	if (text_name(name, command->name))
		return REFUSED_BAD_NAME;
	if (conn->relay->room_count >= policy->meetings_max)
		return REFUSED_TOO_MANY_MEETINGS;
	return command->count < policy->passcode_min ? REFUSED_PASSCODE : REFUSED_NOT;
}

static void enter_create(struct conn *conn, const struct command *asked)
{
	enum refusal refusal = may_create(conn, asked);
	struct command command = *asked;

	if (!refusal)
		refusal = ids_choose(conn->relay, command.id, asked->id);
	if (refusal)
		conn_refuse(conn, refusal);
	else
		open_room(conn, &command);
}

/* ---- join ----------------------------------------------------------------------------------------------- */

static void enter_room(struct conn *conn, struct room *room, const struct command *command, uint16_t run)
{
	struct knock knock = knock_of(command);
	enum refusal refusal;

	knock.passcode_ok = true;
	knock.host_key_ok = shows_host_key(room, command);
	refusal = room_enter(room, conn, &knock, run);
	if (refusal)
		conn_refuse(conn, refusal);
}

/* Those who cannot lead are told of the run of the meeting before anything else, for the binding that they send. */
void door_proven(struct conn *conn, struct room *room, uint16_t run)
{
	if (door_sealed(conn->entry->kind) != SEALED_END)
		lead_door(room, conn, false);
	enter_room(conn, room, conn->entry, run);
	forget_entry(conn);
}

/* Nobody is there to whom the secret could be shown: who has the host key or the gate comes in by that. */
static void enter_alone(struct conn *conn, struct room *room, const struct command *command)
{
	if (shows_host_key(room, command) && lead_nobody(room, true))
		lead_over(room);
	enter_room(conn, room, command, 0);
}

static void enter_by_run(struct conn *conn, struct room *room, const struct command *command, bool trusted)
{
	struct door *door;

	if (!door_keep(conn, command))
		return;
	door = room ? &room->door : runs_decoy(conn->relay, command->id);
	if (door)
		runs_join(conn, door, trusted);
	else
		door_refuse(conn, REFUSED_TOO_FAST);
}

static void enter_by_pin(struct conn *conn, struct room *room, bool host)
{
	if (host)
		door_proven(conn, room, 0);
	else
		pin_enter(conn, room);
}

static void enter_join(struct conn *conn, const struct command *asked)
{
	struct relay *relay = conn->relay;
	struct command command = *asked;
	enum refusal refusal = ask_nowhere(relay, asked);
	struct room *room;
	bool host, trusted;

	if (refusal != REFUSED_NO_SUCH_MEETING) {
		conn_refuse(conn, refusal);
		return;
	}
	if (text_id(command.id, asked->id))
		snprintf(command.id, sizeof command.id, "?");
	room = room_find(relay, command.id);
	host = room && shows_host_key(room, &command);
	trusted = host || (room && shows_gate(room, &command));
	if (door_sealed(command.kind) != SEALED_END) {
		if (door_keep(conn, &command))
			enter_by_pin(conn, room, host);
	} else if (!trusted && !guess_may(conn, command.id)) {
		conn_refuse(conn, REFUSED_TOO_MANY_TRIES);
	} else if (trusted && (lead_nobody(room, host) || !lead_member(room))) {
		enter_alone(conn, room, &command);
	} else {
		enter_by_run(conn, room, &command, trusted);
	}
	sodium_memzero(&command, sizeof command);
}

/* ---- resume --------------------------------------------------------------------------------------------- */

/* Its ticket; or, while its line is down, the one before, if the line broke soon after that was used. */
static bool ticket_fits(struct member *member, const uint8_t ticket[static MOOT_TICKET_BYTES])
{
	if (!member->has_ticket)
		return false;
	if (!sodium_memcmp(member->ticket, ticket, MOOT_TICKET_BYTES))
		return true;
	if (member->conn || loop_now_us() > member->ticket_used_until_us ||
	    sodium_memcmp(member->ticket_used, ticket, MOOT_TICKET_BYTES))
		return false;
	memcpy(member->ticket, ticket, MOOT_TICKET_BYTES);
	return true;
}

static struct member *find_ticket(const struct room *room, const struct command *command)
{
	struct member *found = NULL;

	for (uint32_t i = 0; i < room->members_size; i++) {
		struct member *member = room->members[i];

		if (member && !sodium_memcmp(member->key, command->key, sizeof member->key) &&
		    ticket_fits(member, command->ticket))
			found = member;
	}
	return found;
}

static void enter_resume(struct conn *conn, const struct command *command)
{
	char id[MOOT_ID_SIZE];
	struct room *room = text_id(id, command->id) ? NULL : room_find(conn->relay, id);
	struct member *member = room ? find_ticket(room, command) : NULL;
	enum refusal refusal = member ? room_reenter(room, conn, member, command) : REFUSED_BAD_TICKET;

	if (refusal)
		conn_refuse(conn, refusal);
}

void door_enter(struct conn *conn, const struct command *command)
{
	if (!key_proven(conn, command))
		conn_refuse(conn, REFUSED_BAD_KEY);
	else if (command->word == WORD_CREATE)
		enter_create(conn, command);
	else if (command->word == WORD_JOIN)
		enter_join(conn, command);
	else
		enter_resume(conn, command);
}
