/* The door, from both sides. Who comes proves the secret to whoever leads and gets nothing for it but an answer; who leads
 * remembers the proof until a host has let them in. The relay gives each proof a run and, later, each person a number. */
#include "net/secure_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WRONG_WINDOW_MS = 10 * 60 * 1000 };

void secure_send(struct secure *secure, enum wire_seal kind, uint16_t source, uint8_t flags, const void *p, size_t n)
{
	const struct wire_piece piece = { .kind = kind, .source = source, .flags = flags, .payload_bytes = n };
	uint8_t message[WIRE_HEADER_BYTES + 8192];
	const int head = n <= sizeof(message) - WIRE_HEADER_BYTES ? wire_piece_header(message, &piece) : -EINVAL;

	if (head < 0)
		return;
	if (n)
		memcpy(message + head, p, n);
	secure->ops->on_pieces(secure->arg, message, (size_t)head + n);
}

/* ---- coming in ---------------------------------------------------------------------------------------- */

static void over(struct secure *secure, const char *code, const char *text)
{
	secure->joining = false;
	secure->ops->on_over(secure->arg, code, text);
}

static void unproven(struct secure *secure, int err)
{
	if (err == -EIO)
		over(secure, "crypto", "The cryptography of this machine failed.");
	else
		over(secure, "not-proven",
		     "Whoever answered does not know what you came by: a wrong passcode, or someone in the middle.");
}

/* Those who cannot do end to end only say who they are. */
static void say_plain(struct secure *secure)
{
	secure_send(secure, WIRE_BINDING, 0, 0, secure->self.binding.sb, secure->self.binding.sb_n);
}

static void begin_proof(struct secure *secure)
{
	uint8_t out[JOIN_MESSAGE];
	const int n = join_hello(&secure->join, &secure->meeting, &secure->self, &secure->params.secrets, out);

	if (n < 0) {
		unproven(secure, n);
		return;
	}
	secure->joining = true;
	secure->challenged = false;
	secure_send(secure, WIRE_HELLO, 0, 0, out, (size_t)n);
}

void secure_door(struct secure *secure, const struct event *event, int64_t now_ms)
{
	const bool same = secure->has_meeting && !memcmp(secure->meeting.uuid, event->uuid, SEAL_UUID);

	/* Nobody asks those who are in. */
	if (same && secure_in(secure))
		return;
	secure_forget_group(secure);
	/* What they proved was of the run before. */
	while (!same && secure->guests_n)
		secure_guest_drop(secure, secure->guests[0]);
	memset(&secure->meeting, 0, sizeof(secure->meeting));
	memcpy(secure->meeting.id, event->id, sizeof(secure->meeting.id));
	memcpy(secure->meeting.uuid, event->uuid, SEAL_UUID);
	secure->has_meeting = true;
	secure->first = event->on;
	if (seal_self_make(&secure->self, &secure->meeting, secure->name, secure->params.ik_secret, secure->params.mode)) {
		over(secure, "crypto", "The cryptography of this machine failed.");
		return;
	}
	secure->has_self = true;
	if (secure->params.mode == SEAL_MODE_RELAY) {
		if (secure->place != PLACE_OUT)
			say_plain(secure);
	} else if (!secure->first) {
		begin_proof(secure);
	} else if (secure->place == PLACE_IN) {
		secure_door_seated(secure, now_ms);
	}
}

void secure_door_again(struct secure *secure)
{
	secure_forget_group(secure);
	secure->first = false;
	if (seal_self_make(&secure->self, &secure->meeting, secure->name, secure->params.ik_secret, secure->params.mode)) {
		over(secure, "crypto", "The cryptography of this machine failed.");
		return;
	}
	secure->has_self = true;
	begin_proof(secure);
}

static void take_challenge(struct secure *secure, struct seal_bytes bytes)
{
	uint8_t out[JOIN_MESSAGE];
	int n;

	/* One answer to one HELLO. */
	if (!secure->joining || secure->challenged)
		return;
	secure->challenged = true;
	n = join_proof(&secure->join, bytes, out);
	if (n < 0)
		unproven(secure, n);
	else
		secure_send(secure, WIRE_PROOF, 0, 0, out, (size_t)n);
}

static void take_welcome(struct secure *secure, struct seal_bytes bytes, int64_t now_ms)
{
	int err;

	if (!secure->joining)
		return;
	err = join_finish(&secure->join, bytes);
	if (err < 0) {
		unproven(secure, err);
		return;
	}
	secure->joining = false;
	secure->proven = true;
	secure->proven_ms = now_ms;
	if (secure->place != PLACE_OUT)
		secure_door_seated(secure, now_ms);
}

/* There is a number: the group can be. */
static bool make_group(struct secure *secure)
{
	if (!secure->number || secure->number > GROUP_IDX_MAX)
		return false;
	group_free(secure->group);
	secure->group = group_new(&secure->meeting, &secure->self, (uint16_t)secure->number,
				  secure->params.has_host ? secure->params.host_hash : NULL);
	return secure->group != NULL;
}

void secure_door_seated(struct secure *secure, int64_t now_ms)
{
	if (!secure->has_self || secure->group)
		return;
	if (secure->params.mode == SEAL_MODE_RELAY) {
		say_plain(secure);
	} else if (secure->first && secure->place == PLACE_IN) {
		if (make_group(secure))
			group_lead(secure->group, secure->role == ROLE_HOST ? GROUP_HOST : GROUP_PARTICIPANT, now_ms);
	} else if (secure->proven && make_group(secure)) {
		group_expect(secure->group, secure->join.leader.b, secure->join.psk, secure->join.nonce);
	}
}

/* ---- letting in: proofs of others ------------------------------------------------------------------- */

static struct guest *guest_of_run(struct secure *secure, uint16_t run)
{
	for (size_t i = 0; i < secure->guests_n; i++)
		if (secure->guests[i]->run == run)
			return secure->guests[i];
	return NULL;
}

struct guest *secure_guest(struct secure *secure, uint32_t number)
{
	for (size_t i = 0; number && i < secure->guests_n; i++)
		if (secure->guests[i]->number == number)
			return secure->guests[i];
	return NULL;
}

void secure_guest_drop(struct secure *secure, struct guest *guest)
{
	for (size_t i = 0; i < secure->guests_n; i++) {
		if (secure->guests[i] != guest)
			continue;
		secure->guests[i] = secure->guests[--secure->guests_n];
		join_leader_erase(&guest->join);
		seal_erase(guest, sizeof(*guest));
		free(guest);
		return;
	}
}

static struct guest *guest_make(struct secure *secure, uint16_t run, int64_t now_ms)
{
	struct guest **grown, *guest;

	if (secure->guests_n == secure->guests_size) {
		const size_t size = secure->guests_size ? 2 * secure->guests_size : 16;

		grown = realloc(secure->guests, size * sizeof(*grown));
		if (!grown)
			return NULL;
		secure->guests = grown;
		secure->guests_size = size;
	}
	guest = calloc(1, sizeof(*guest));
	if (!guest)
		return NULL;
	guest->run = run;
	guest->at_ms = now_ms;
	secure->guests[secure->guests_n++] = guest;
	return guest;
}

struct guest *secure_guest_plain(struct secure *secure, uint32_t number, int64_t now_ms)
{
	struct guest *guest = guest_make(secure, 0, now_ms);

	if (guest) {
		guest->number = number;
		guest->proven = true;
	}
	return guest;
}

static void reject(struct secure *secure, uint16_t run, enum wire_reject why)
{
	const uint8_t byte = (uint8_t)why;
	struct guest *guest = guest_of_run(secure, run);

	if (guest)
		secure_guest_drop(secure, guest);
	secure_send(secure, WIRE_REJECT, run, 0, &byte, 1);
}

static size_t unproven_count(const struct secure *secure)
{
	size_t n = 0;

	for (size_t i = 0; i < secure->guests_n; i++)
		n += !secure->guests[i]->proven;
	return n;
}

/* By passcode one comes in while few tried a wrong one, and few are there; by the link always. */
static bool codes_open(const struct secure *secure, int64_t now_ms)
{
	unsigned lately = 0;

	for (size_t i = 0; i < sizeof(secure->wrong_ms) / sizeof(*secure->wrong_ms); i++)
		lately += secure->wrong_ms[i] && now_ms - secure->wrong_ms[i] < WRONG_WINDOW_MS;
	return secure->wrong_codes < SECURE_WRONG_MAX && lately < sizeof(secure->wrong_ms) / sizeof(*secure->wrong_ms) &&
	       (!secure->group || group_count(secure->group) < SECURE_BY_CODE_MAX);
}

static void count_wrong(struct secure *secure, const struct guest *guest, int64_t now_ms)
{
	if (guest->join.how != JOIN_BY_CODE)
		return;
	secure->wrong_ms[secure->wrong_at++ % (sizeof(secure->wrong_ms) / sizeof(*secure->wrong_ms))] = now_ms;
	secure->wrong_codes = secure->ops->on_wrong_code(secure->arg);
}

/* Only whoever leads: else a relay could have every member judge guesses, and guess as often as there are members. */
static bool judges(const struct secure *secure)
{
	return secure->group && (group_leads(secure->group) || (secure->first && !secure_in(secure)));
}

static void take_hello(struct secure *secure, uint16_t run, struct seal_bytes bytes, int64_t now_ms)
{
	uint8_t out[JOIN_MESSAGE];
	struct guest *guest;
	int n;

	if (!run || !judges(secure) || guest_of_run(secure, run))
		return;
	guest = unproven_count(secure) < SECURE_RUNS ? guest_make(secure, run, now_ms) : NULL;
	if (!guest) {
		reject(secure, run, WIRE_REJECT_CLOSED);
		return;
	}
	n = join_challenge(&guest->join, &secure->meeting, &secure->self, &secure->params.secrets, bytes, out);
	if (n < 0)
		reject(secure, run, n == -ENOKEY ? WIRE_REJECT_CLOSED : WIRE_REJECT_BAD);
	else if (guest->join.how == JOIN_BY_CODE && !codes_open(secure, now_ms))
		reject(secure, run, WIRE_REJECT_CLOSED);
	else
		secure_send(secure, WIRE_CHALLENGE, run, 0, out, (size_t)n);
}

static void take_proof(struct secure *secure, uint16_t run, struct seal_bytes bytes, int64_t now_ms)
{
	struct guest *guest = guest_of_run(secure, run);
	uint8_t out[JOIN_MESSAGE];
	int n;

	if (!guest || guest->proven || !judges(secure))
		return;
	n = secure_is_name(guest->join.joiner.name) ? join_welcome(&guest->join, bytes, out) : -EBADMSG;
	if (n < 0) {
		if (n == -EACCES)
			count_wrong(secure, guest, now_ms);
		reject(secure, run, n == -EACCES ? WIRE_REJECT_WRONG : WIRE_REJECT_BAD);
		return;
	}
	guest->proven = true;
	guest->at_ms = now_ms;
	secure_send(secure, WIRE_WELCOME, run, 0, out, (size_t)n);
}

/* The relay seated this run, or lets it wait. */
static void take_proven(struct secure *secure, const struct wire_piece *piece)
{
	struct guest *guest, *before = secure_guest(secure, piece->source);

	if (piece->payload_bytes != 2)
		return;
	guest = guest_of_run(secure, (uint16_t)(piece->payload[0] << 8 | piece->payload[1]));
	if (!guest || !guest->proven || guest->number)
		return;
	if (before)
		secure_guest_drop(secure, before);
	guest->number = piece->source;
}

void secure_door_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	const struct seal_bytes bytes = { piece->payload, piece->payload_bytes };

	switch (piece->kind) {
	case WIRE_CHALLENGE: take_challenge(secure, bytes); break;
	case WIRE_WELCOME: take_welcome(secure, bytes, now_ms); break;
	case WIRE_HELLO: take_hello(secure, piece->source, bytes, now_ms); break;
	case WIRE_PROOF: take_proof(secure, piece->source, bytes, now_ms); break;
	default: take_proven(secure, piece); break;
	}
}

/* A run that the relay gave no number died at its end. */
void secure_door_tick(struct secure *secure, int64_t now_ms)
{
	/* Seated and proven, and still no keys: the roster that brought them may have been kept from us. */
	if (secure->up && secure->place == PLACE_IN && secure->proven && !secure_in(secure) &&
	    now_ms - (secure->proven_ms > secure->seated_ms ? secure->proven_ms : secure->seated_ms) > SECURE_AGAIN_MS)
		secure_door_again(secure);
	for (size_t i = secure->guests_n; i-- > 0;)
		if (!secure->guests[i]->number && now_ms - secure->guests[i]->at_ms > SECURE_RUN_MS)
			secure_guest_drop(secure, secure->guests[i]);
}
