/* The door: who may create a meeting, who gets into one, who takes up a seat again.
 *
 * An id cannot be probed: a wrong id, a wrong passcode and a meeting that ended go the same way, through the same limits
 * and one Argon2id each, to the same answer of the same code (a meeting that is nowhere). A guesser is slowed by address;
 * a meeting that many addresses guess at lets each of them try once in a while, so that the right passcode still gets in
 * from an address that has not failed. Beside it the right passcode is kept as a keyed hash, so that a thousand
 * people come in at once; see docs/decisions/passcode-at-the-relay.md. */
#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/identity.h"
#include "net/relay_state.h"
#include "net/text.h"

enum { ADDRESS_BYTES = 16, PASSCODE_DIGITS = 6 };

static int64_t now_ms(void)
{
	return loop_now_us() / 1000;
}

/* ---- limits --------------------------------------------------------------------------------------------- */

/* One guesser's address; of IPv6 the half that a provider gives to one customer. key: zeroed here. */
static void address_key(const struct conn *conn, uint8_t key[static ADDRESS_BYTES])
{
	const char *address = link_address(conn->link);
	uint8_t v6[16];

	memset(key, 0, ADDRESS_BYTES);
	if (inet_pton(AF_INET6, address, v6) == 1)
		memcpy(key, v6, 8);
	else
		inet_pton(AF_INET, address, key + 8);
}

static size_t pair_key(const struct conn *conn, const char *id, uint8_t key[static ADDRESS_BYTES + MOOT_ID_SIZE])
{
	size_t n = strnlen(id, MOOT_ID_SIZE);

	address_key(conn, key);
	memcpy(key + ADDRESS_BYTES, id, n);
	return ADDRESS_BYTES + n;
}

static bool may_guess(const struct conn *conn, const char *id)
{
	struct relay *relay = conn->relay;
	uint8_t key[ADDRESS_BYTES + MOOT_ID_SIZE];
	size_t n = pair_key(conn, id, key);

	if (limiter_wait(relay->address_limiter, key, ADDRESS_BYTES, now_ms()))
		return false;
	return !limiter_wait(relay->meeting_limiter, id, strlen(id), now_ms()) ||
	       !limiter_wait(relay->pair_limiter, key, n, now_ms());
}

void door_guess_failed(struct conn *conn, struct room *room, const char *id)
{
	struct relay *relay = conn->relay;
	uint8_t key[ADDRESS_BYTES + MOOT_ID_SIZE];
	size_t n = pair_key(conn, id, key);

	limiter_failed(relay->address_limiter, key, ADDRESS_BYTES, now_ms());
	limiter_failed(relay->meeting_limiter, id, strlen(id), now_ms());
	limiter_failed(relay->pair_limiter, key, n, now_ms());
	if (room)
		meeting_wrong_passcode(room->meeting);
}

/* ---- keys and ids --------------------------------------------------------------------------------------- */

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

static void hash_fast(const struct relay *relay, uint8_t hash[static RELAY_FAST_BYTES], const char *id, const char *passcode)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, relay->secret, sizeof relay->secret, RELAY_FAST_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)id, strlen(id) + 1);
	crypto_generichash_update(&state, (const uint8_t *)passcode, strlen(passcode));
	crypto_generichash_final(&state, hash, RELAY_FAST_BYTES);
	sodium_memzero(&state, sizeof state);
}

/* Is it the one that the meeting was made with? */
static bool known_passcode(const struct relay *relay, const struct room *room, const char *passcode)
{
	uint8_t hash[RELAY_FAST_BYTES];
	bool known;

	hash_fast(relay, hash, room ? room->id : "", passcode);
	known = room && !sodium_memcmp(hash, room->passcode_fast, sizeof hash);
	sodium_memzero(hash, sizeof hash);
	return known;
}

static uint64_t id_hash(const struct relay *relay, const char *id)
{
	uint64_t hash;

	crypto_shorthash((uint8_t *)&hash, (const uint8_t *)id, strlen(id), relay->secret);
	return hash ? hash : 1;
}

static uint64_t *id_slot(uint64_t *table, size_t size, uint64_t hash)
{
	size_t i = hash & (size - 1);

	while (table[i] && table[i] != hash)
		i = (i + 1) & (size - 1);
	return &table[i];
}

/* Remember an id for good. Returns 0, -EEXIST when it was used before, -ENOMEM. */
static int use_id(struct relay *relay, const char *id)
{
	const struct relay_store_ops *store = relay->params.store;
	uint64_t hash = id_hash(relay, id), *slot;

	if (store)
		return store->id_claim(relay->params.store_arg, id);

	if (2 * (relay->used_id_count + 1) > relay->used_id_size) {
		size_t size = relay->used_id_size ? 2 * relay->used_id_size : 64;
		uint64_t *table = calloc(size, sizeof *table);

		if (!table)
			return -ENOMEM;
		for (size_t i = 0; i < relay->used_id_size; i++)
			if (relay->used_ids[i])
				*id_slot(table, size, relay->used_ids[i]) = relay->used_ids[i];
		free(relay->used_ids);
		relay->used_ids = table;
		relay->used_id_size = size;
	}
	slot = id_slot(relay->used_ids, relay->used_id_size, hash);
	if (*slot)
		return -EEXIST;
	*slot = hash;
	relay->used_id_count++;
	return 0;
}

/* The id that was wished for, or a random one. id: MOOT_ID_SIZE. */
static enum refusal choose_id(struct relay *relay, char *id, const char *wish)
{
	int err = -EEXIST;

	if (*wish) {
		if (text_id(id, wish) || !strpbrk(id, "abcdefghijklmnopqrstuvwxyz"))
			return REFUSED_BAD_VALUE;
		err = use_id(relay, id);
	}
	for (int i = 0; !*wish && i < 100 && err == -EEXIST; i++) {
		snprintf(id, MOOT_ID_SIZE, "%09u", 100000000 + randombytes_uniform(900000000));
		err = use_id(relay, id);
	}
	if (err && err != -EEXIST)
		relay_log(relay, 0, "store", "An id could not be remembered, so no meeting was created.");
	return !err ? REFUSED_NOT : err == -EEXIST ? REFUSED_ID_TAKEN : REFUSED_TOO_MANY_MEETINGS;
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

static struct knock knock_of(const struct command *command)
{
	struct knock knock = {
		.name = command->name,
		.kind = command->kind,
		.sealed = SEALED_RELAY,
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

static void start_check(struct conn *conn, const struct command *command, const char *passcode, const char *against,
                        passcode_done *done)
{
	conn->entry = malloc(sizeof *conn->entry);
	if (!conn->entry) {
		conn_refuse(conn, REFUSED_TOO_FAST);
		return;
	}
	*conn->entry = *command;
	if (passcodes_start(conn->relay->passcodes, conn, passcode, against, done))
		conn_refuse(conn, REFUSED_TOO_FAST);
}

/* The command that waited; it goes with its connection. */
static struct command *entry_of(struct conn *conn)
{
	return conn->closing ? NULL : conn->entry;
}

static void forget_entry(struct conn *conn)
{
	sodium_memzero(conn->entry, sizeof *conn->entry);
	free(conn->entry);
	conn->entry = NULL;
}

/* ---- create --------------------------------------------------------------------------------------------- */

static void choose_title(char title[static MOOT_TITLE_SIZE], const struct command *command)
{
	char whole[MOOT_TITLE_SIZE + 16];

	snprintf(whole, sizeof whole, command->title[0] ? "%s" : "%s's meeting",
	         command->title[0] ? command->title : command->name);
	text_safe(title, MOOT_TITLE_SIZE, whole, false);
}

static void open_room(struct conn *conn, const struct command *command, const char *hash)
{
	struct relay *relay = conn->relay;
	struct event created = { .kind = EVENT_CREATED };
	struct knock knock = knock_of(command);
	enum refusal refusal;
	struct room *room;

	choose_title(created.title, command);
	room = room_new(relay, command->id, created.title);
	if (!room) {
		conn_refuse(conn, REFUSED_TOO_MANY_MEETINGS);
		return;
	}
	randombytes_buf(created.host_key, sizeof created.host_key);
	hash_host_key(room->host_key_hash, created.host_key);
	snprintf(room->passcode_hash, sizeof room->passcode_hash, "%s", hash);
	hash_fast(relay, room->passcode_fast, room->id, command->passcode);
	snprintf(created.id, sizeof created.id, "%s", command->id);
	snprintf(created.passcode, sizeof created.passcode, "%s", command->passcode);
	conn_event(conn, &created);
	sodium_memzero(&created, sizeof created);
	knock.passcode_ok = knock.host_key_ok = true;
	refusal = room_enter(room, conn, &knock);
	if (!refusal) {
		relay_log(relay, 2, "meeting-created", "a meeting began");
		return;
	}
	room_free(room);
	conn_refuse(conn, refusal);
}

static void passcode_hashed(struct conn *conn, bool ok, const char *hash)
{
	struct command *command = entry_of(conn);

	if (!command)
		return;
	if (!ok)
		conn_refuse(conn, REFUSED_TOO_FAST);
	else if (conn->relay->room_count >= conn->relay->params.policy.meetings_max)
		conn_refuse(conn, REFUSED_TOO_MANY_MEETINGS);
	else
		open_room(conn, command, hash);
	forget_entry(conn);
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

static enum refusal may_create(struct conn *conn, const struct command *command)
{
	struct relay *relay = conn->relay;
	uint8_t key[ADDRESS_BYTES];
	char name[MOOT_NAME_SIZE];
	enum refusal refusal;

	if (needs_token(relay)) {
		address_key(conn, key);
		if (limiter_wait(relay->address_limiter, key, sizeof key, now_ms()))
			return REFUSED_TOO_MANY_TRIES;
		if (!token_fits(relay, command->token)) {
			limiter_failed(relay->address_limiter, key, sizeof key, now_ms());
			return REFUSED_TOKEN;
		}
	}
	refusal = ask_nowhere(relay, command);
	if (refusal != REFUSED_NO_SUCH_MEETING)
		return refusal;
	if (text_name(name, command->name))
		return REFUSED_BAD_NAME;
	if (relay->room_count >= relay->params.policy.meetings_max)
		return REFUSED_TOO_MANY_MEETINGS;
	return command->passcode[0] && strlen(command->passcode) < relay->params.policy.passcode_min ? REFUSED_PASSCODE : REFUSED_NOT;
}

/* Digits, six or as many as the policy wants. */
static void draw_passcode(char passcode[static MOOT_PASSCODE_SIZE], uint32_t least)
{
	uint32_t n = least < PASSCODE_DIGITS ? PASSCODE_DIGITS : least;

	for (uint32_t i = 0; i < n && i < MOOT_PASSCODE_SIZE - 1; i++)
		passcode[i] = (char)('0' + randombytes_uniform(10));
}

static void enter_create(struct conn *conn, const struct command *asked)
{
	enum refusal refusal = may_create(conn, asked);
	struct command command = *asked;

	if (!refusal)
		refusal = choose_id(conn->relay, command.id, asked->id);
	if (refusal) {
		conn_refuse(conn, refusal);
		return;
	}
	if (!command.passcode[0])
		draw_passcode(command.passcode, conn->relay->params.policy.passcode_min);
	start_check(conn, &command, command.passcode, NULL, passcode_hashed);
	sodium_memzero(command.passcode, sizeof command.passcode);
}

/* ---- join ----------------------------------------------------------------------------------------------- */

static void enter_room(struct conn *conn, struct room *room, const struct command *command, bool host_key_ok)
{
	struct knock knock = knock_of(command);
	enum refusal refusal;

	knock.passcode_ok = true;
	knock.host_key_ok = host_key_ok;
	refusal = room_enter(room, conn, &knock);
	if (refusal)
		conn_refuse(conn, refusal);
}

static void passcode_compared(struct conn *conn, bool ok, const char *hash)
{
	struct command *command = entry_of(conn);
	struct room *room;

	if (!command)
		return;
	room = room_find(conn->relay, command->id);
	if (ok && room && !strcmp(room->passcode_hash, hash)) {
		enter_room(conn, room, command, false);
	} else {
		door_guess_failed(conn, room, command->id);
		conn_refuse(conn, REFUSED_NO_SUCH_MEETING);
	}
	forget_entry(conn);
}

static void enter_join(struct conn *conn, const struct command *asked)
{
	struct relay *relay = conn->relay;
	struct command command = *asked;
	enum refusal refusal = ask_nowhere(relay, asked);
	struct room *room;

	if (refusal != REFUSED_NO_SUCH_MEETING) {
		conn_refuse(conn, refusal);
		return;
	}
	if (text_id(command.id, asked->id))
		snprintf(command.id, sizeof command.id, "?");
	room = room_find(relay, command.id);
	if (room && command.has_host_key && door_host_key(room, command.host_key))
		enter_room(conn, room, &command, true);
	else if (!may_guess(conn, command.id))
		conn_refuse(conn, REFUSED_TOO_MANY_TRIES);
	else if (known_passcode(relay, room, command.passcode))
		enter_room(conn, room, &command, false);
	else
		start_check(conn, &command, command.passcode, room ? room->passcode_hash : "", passcode_compared);
	sodium_memzero(command.passcode, sizeof command.passcode);
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
	enum refusal refusal = member ? room_reenter(room, conn, member, command->seq) : REFUSED_BAD_TICKET;

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
