#include "tests/net/booth.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEP_MS = 20 };

static const uint8_t link_secret[JOIN_LINK] = "link's own word";

/* One message of somebody's. */
struct parcel {
	struct parcel *next;
	unsigned from;
	size_t n;
	uint8_t bytes[];
};

/* ---- what a secure says --------------------------------------------------------------------------------------- */

static void on_send(void *arg, const uint8_t *message, size_t n)
{
	struct attendant *person = arg;
	struct booth *booth = person->booth;
	struct parcel *parcel = malloc(sizeof(*parcel) + n);

	if (person->dumb) {
		free(parcel);
		return;
	}
	*parcel = (struct parcel) { .from = (unsigned)(person - booth->people), .n = n };
	memcpy(parcel->bytes, message, n);
	*booth->last = parcel;
	booth->last = &parcel->next;
}

static void on_frame(void *arg, const struct wire_frame *frame)
{
	(void)frame;
	((struct attendant *)arg)->frames++;
}

static void on_event(void *arg, const struct event *event)
{
	struct attendant *person = arg;

	if (event->kind == EVENT_ERROR)
		snprintf(person->errors[person->error_count++ % BOOTH_CODES], MOOT_WORD_SIZE, "%s", event->code);
	else
		person->event = *event;
}

static void on_keys(void *arg)
{
	((struct attendant *)arg)->keys++;
}

static void on_security(void *arg)
{
	(void)arg;
}

static unsigned on_wrong_code(void *arg)
{
	return ++((struct attendant *)arg)->wrong_codes;
}

static void on_over(void *arg, const char *code, const char *text)
{
	struct attendant *person = arg;

	(void)text;
	snprintf(person->over, sizeof(person->over), "%s", code);
}

static const struct secure_ops ops = { on_send, on_frame, on_event, on_keys, on_security, on_wrong_code, on_over };

/* ---- beginning and end ---------------------------------------------------------------------------------------- */

void booth_open(struct booth *booth)
{
	uint8_t pk[SEAL_KEY];

	memset(booth, 0, sizeof(*booth));
	booth->now_ms = 1700000000000;
	booth->last = &booth->first;
	strcpy(booth->id, "482913775");
	assert_int_equal(seal_random(booth->uuid, sizeof(booth->uuid)), 0);
	for (unsigned i = 0; i < BOOTH_PEOPLE; i++) {
		booth->people[i].booth = booth;
		snprintf(booth->people[i].name, sizeof(booth->people[i].name), "Person %u", i);
		crypto_sign_keypair(pk, booth->people[i].ik);
	}
}

void booth_close(struct booth *booth)
{
	for (unsigned i = 0; i < BOOTH_PEOPLE; i++)
		secure_free(booth->people[i].secure);
	while (booth->first) {
		struct parcel *next = booth->first->next;

		free(booth->first);
		booth->first = next;
	}
	for (unsigned e = 0; e < BOOTH_EPOCHS; e++)
		free(booth->kept[e]);
}

struct join_secrets booth_code(const char *code)
{
	struct join_secrets secrets = { .has_link = false };

	snprintf(secrets.code, sizeof(secrets.code), "%s", code);
	return secrets;
}

struct join_secrets booth_link(const struct booth *booth)
{
	struct join_secrets secrets = { .has_link = true };

	(void)booth;
	memcpy(secrets.link, link_secret, sizeof(secrets.link));
	return secrets;
}

static void make(struct booth *booth, unsigned i, const struct join_secrets *secrets)
{
	struct attendant *person = &booth->people[i];
	struct secure_params params = {
		.ik_secret = person->ik, .name = person->name, .secrets = *secrets, .has_host = secrets->has_link,
	};

	if (params.has_host)
		join_host_hash(params.host_hash, booth->people[0].ik + 32);
	secure_free(person->secure);
	person->secure = secure_new(&params, &ops, person);
	assert_non_null(person->secure);
	person->seated = person->in = person->welcomed = false;
	person->rejected = (enum wire_reject)0;
	person->over[0] = '\0';
	secure_line(person->secure, true);
}

static void tell_door(struct booth *booth, unsigned i, bool leads)
{
	struct event door = { .kind = EVENT_DOOR, .on = leads };

	strcpy(door.id, booth->id);
	memcpy(door.uuid, booth->uuid, sizeof(door.uuid));
	booth_tell(booth, i, &door);
}

void booth_lead(struct booth *booth, const char *code)
{
	struct join_secrets secrets = booth_link(booth);

	snprintf(secrets.code, sizeof(secrets.code), "%s", code);
	make(booth, 0, &secrets);
	tell_door(booth, 0, true);
	booth_seat(booth, 0);
	booth_pass(booth, 100);
	assert_int_equal(secure_epoch(booth->people[0].secure), 1);
}

void booth_come(struct booth *booth, unsigned i, const struct join_secrets *secrets)
{
	make(booth, i, secrets);
	tell_door(booth, i, false);
	booth_carry(booth);
}

/* ---- events --------------------------------------------------------------------------------------------------- */

bool booth_tell(struct booth *booth, unsigned i, const struct event *event)
{
	struct event own = *event;

	return booth->people[i].secure && secure_event(booth->people[i].secure, &own, booth->now_ms);
}

static struct person person_of(const struct booth *booth, unsigned i)
{
	struct person person = { .number = i + 1, .role = i ? ROLE_PARTICIPANT : ROLE_HOST, .sealed = SEALED_END };

	strcpy(person.name, booth->people[i].name);
	return person;
}

static void tell_room(struct booth *booth, unsigned i)
{
	struct event event = { .kind = EVENT_PERSON };
	struct event joined = { .kind = EVENT_JOINED, .number = i + 1, .role = i ? ROLE_PARTICIPANT : ROLE_HOST };

	for (unsigned k = 0; k < BOOTH_PEOPLE; k++) {
		event.person = person_of(booth, k);
		if (booth->people[k].seated)
			booth_tell(booth, i, &event);
	}
	booth_tell(booth, i, &joined);
}

void booth_seat(struct booth *booth, unsigned i)
{
	struct event event = { .kind = EVENT_PERSON_JOINED, .person = person_of(booth, i) };

	booth->people[i].seated = true;
	tell_room(booth, i);
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (k != i && booth->people[k].seated && !booth->people[k].deaf)
			booth_tell(booth, k, &event);
}

static void tell_others(struct booth *booth, unsigned i, struct event *event, const char *code)
{
	event->number = i + 1;
	snprintf(event->code, sizeof(event->code), "%s", code);
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (k != i && booth->people[k].seated && !booth->people[k].deaf)
			booth_tell(booth, k, event);
}

void booth_leave(struct booth *booth, unsigned i, const char *code)
{
	struct event event = { .kind = EVENT_PERSON_LEFT };

	booth->people[i].seated = false;
	tell_others(booth, i, &event, code);
}

void booth_line_lost(struct booth *booth, unsigned i)
{
	struct event event = { .kind = EVENT_AWAY };

	booth->people[i].deaf = booth->people[i].dumb = true;
	secure_line(booth->people[i].secure, false);
	tell_others(booth, i, &event, "");
}

/* ---- pieces --------------------------------------------------------------------------------------------------- */

void booth_piece(struct booth *booth, unsigned i, const struct wire_piece *piece)
{
	struct attendant *person = &booth->people[i];

	if (person->secure && !person->deaf && !person->over[0])
		secure_piece(person->secure, piece, booth->now_ms);
}

static void send_one(struct booth *booth, unsigned to, enum wire_seal kind, uint16_t source, const void *p, size_t n)
{
	const struct wire_piece piece = { .kind = kind, .source = source, .payload = p, .payload_bytes = n };

	booth_piece(booth, to, &piece);
}

static bool next_piece(const struct parcel *parcel, size_t *at, struct wire_piece *piece)
{
	const int used = *at < parcel->n ? wire_piece_decode(piece, parcel->bytes + *at, parcel->n - *at) : -1;

	if (used > 0)
		*at += (size_t)used;
	return used > 0;
}

static bool find_piece(const struct parcel *parcel, enum wire_seal kind, uint16_t source, struct wire_piece *piece)
{
	for (size_t at = 0; next_piece(parcel, &at, piece);)
		if (piece->kind == kind && (!source || piece->source == source))
			return true;
	*piece = (struct wire_piece) { .kind = kind };
	return false;
}

/* A rotation to one person, with what a newcomer needs. */
static void send_rotation(struct booth *booth, const struct parcel *parcel, unsigned to)
{
	struct attendant *person = &booth->people[to];
	const uint16_t leader = (uint16_t)(parcel->from + 1);
	struct wire_piece listing, roster, wrap;

	find_piece(parcel, WIRE_LISTING, 0, &listing);
	find_piece(parcel, WIRE_ROSTER, 0, &roster);
	find_piece(parcel, WIRE_WRAP, (uint16_t)(to + 1), &wrap);
	if (wrap.flags) {
		for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
			if (booth->people[k].binding.n)
				send_one(booth, to, WIRE_BINDING, (uint16_t)(k + 1), booth->people[k].sb, booth->people[k].binding.n);
		booth_piece(booth, to, &listing);
		person->in = true;
	}
	if (!person->in && to != parcel->from)
		return;
	send_one(booth, to, WIRE_ROSTER, roster.source, roster.payload, roster.payload_bytes);
	send_one(booth, to, WIRE_WRAP, leader, wrap.payload, wrap.payload_bytes);
}

/* What is kept from this epoch on; nothing of before 1. */
static void replay(struct booth *booth, unsigned to, uint32_t from)
{
	for (uint32_t e = from > booth->oldest ? from : booth->oldest; e <= booth->e; e++)
		if (e)
			send_rotation(booth, booth->kept[e], to);
}

static void note_ops(struct booth *booth, const struct group_roster *roster)
{
	struct lv_reader reader = lv_from(roster->ops.p, roster->ops.n);
	struct group_op op;

	while (group_op_next(&reader, &op)) {
		struct attendant *person = &booth->people[op.idx - 1];

		if (op.kind == GROUP_OP_ADD) {
			memcpy(person->sb, op.sb.p, op.sb.n);
			person->binding = (struct seal_bytes) { person->sb, op.sb.n };
		}
	}
}

static void forget_removed(struct booth *booth, const struct group_roster *roster)
{
	struct lv_reader reader = lv_from(roster->ops.p, roster->ops.n);
	struct group_op op;

	while (group_op_next(&reader, &op))
		if (op.kind == GROUP_OP_REMOVE)
			booth->people[op.idx - 1].in = false;
}

/* Who leads now wraps by what the others told the one before. */
static void greet(struct booth *booth, unsigned leader)
{
	booth->leader = leader;
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (k != leader && booth->people[k].has_nonce)
			send_one(booth, leader, WIRE_NONCE, (uint16_t)(k + 1), booth->people[k].nonce, SEAL_MEMBER_NONCE);
}

static void take_rotation(struct booth *booth, const struct parcel *parcel, const struct wire_piece *piece)
{
	struct parcel *copy;
	struct group_roster roster;

	if (group_roster_read(&roster, (struct seal_bytes) { piece->payload, piece->payload_bytes }) || roster.e != booth->e + 1)
		return;
	assert_true(roster.e < BOOTH_EPOCHS);
	booth->e = roster.e;
	copy = malloc(sizeof(*copy) + parcel->n);
	memcpy(copy, parcel, sizeof(*copy) + parcel->n);
	booth->kept[roster.e] = copy;
	note_ops(booth, &roster);
	booth->people[parcel->from].in = true;
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (booth->people[k].seated)
			send_rotation(booth, copy, k);
	forget_removed(booth, &roster);
	if (booth->leader != roster.leader - 1u)
		greet(booth, roster.leader - 1u);
}

static unsigned of_run(const struct booth *booth, uint16_t run)
{
	unsigned i = 0;

	while (booth->people[i].run != run)
		assert_true(++i < BOOTH_PEOPLE);
	return i;
}

static void take_welcome(struct booth *booth, const struct wire_piece *piece)
{
	const unsigned i = of_run(booth, piece->source);
	const uint8_t run[2] = { (uint8_t)(piece->source >> 8), (uint8_t)piece->source };
	struct event waits = { .kind = EVENT_WAITING, .number = i + 1 }, knock = { .kind = EVENT_KNOCK, .number = i + 1 };

	booth->people[i].welcomed = true;
	booth_piece(booth, i, piece);
	send_one(booth, booth->leader, WIRE_PROVEN, (uint16_t)(i + 1), run, sizeof(run));
	if (booth->people[i].seated)
		return;
	if (!booth->waits) {
		booth_seat(booth, i);
		return;
	}
	booth_tell(booth, i, &waits);
	strcpy(knock.name, booth->people[i].name);
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (booth->people[k].seated)
			booth_tell(booth, k, &knock);
}

static void up(struct booth *booth, const struct parcel *parcel, const struct wire_piece *piece)
{
	struct attendant *person = &booth->people[parcel->from];
	const uint16_t number = (uint16_t)(parcel->from + 1);
	struct wire_piece roster;

	switch (piece->kind) {
	case WIRE_HELLO:
		person->run = ++booth->runs;
		send_one(booth, booth->leader, WIRE_HELLO, person->run, piece->payload, piece->payload_bytes);
		break;
	case WIRE_PROOF: send_one(booth, booth->leader, WIRE_PROOF, person->run, piece->payload, piece->payload_bytes); break;
	case WIRE_CHALLENGE: booth_piece(booth, of_run(booth, piece->source), piece); break;
	case WIRE_WELCOME: take_welcome(booth, piece); break;
	case WIRE_REJECT: booth->people[of_run(booth, piece->source)].rejected = (enum wire_reject)piece->payload[0]; break;
	case WIRE_ROSTER: take_rotation(booth, parcel, piece); break;
	case WIRE_WRAP:
		if (!find_piece(parcel, WIRE_ROSTER, 0, &roster))
			send_one(booth, piece->source - 1u, WIRE_WRAP, number, piece->payload, piece->payload_bytes);
		break;
	case WIRE_NONCE:
	case WIRE_ASK:
		person->has_nonce = true;
		memcpy(person->nonce, piece->payload, sizeof(person->nonce));
		if (parcel->from != booth->leader)
			send_one(booth, booth->leader, piece->kind, number, piece->payload, piece->payload_bytes);
		break;
	case WIRE_BEAT:
		for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
			if (k != parcel->from && booth->people[k].in)
				send_one(booth, k, WIRE_BEAT, number, piece->payload, piece->payload_bytes);
		break;
	case WIRE_WHISPER:
		send_one(booth, piece->source - 1u, WIRE_WHISPER, number, piece->payload, piece->payload_bytes);
		break;
	case WIRE_FETCH:
		replay(booth, parcel->from, piece->payload[3]); /* few here */
		break;
	default: break;
	}
}

void booth_carry(struct booth *booth)
{
	while (booth->first) {
		struct parcel *parcel = booth->first;
		struct wire_piece piece;

		booth->first = parcel->next;
		if (!booth->first)
			booth->last = &booth->first;
		for (size_t at = 0; next_piece(parcel, &at, &piece);)
			up(booth, parcel, &piece);
		free(parcel);
	}
}

void booth_resume(struct booth *booth, unsigned i)
{
	struct attendant *person = &booth->people[i];
	struct event resumed = { .kind = EVENT_RESUMED, .number = i + 1, .count = booth->e };
	const uint32_t had = secure_shared_epoch(person->secure);

	person->deaf = person->dumb = false;
	secure_line(person->secure, true);
	replay(booth, i, had + 1);
	tell_room(booth, i);
	booth_tell(booth, i, &resumed);
	tell_others(booth, i, &resumed, "");
	booth_carry(booth);
}

/* ---- time ----------------------------------------------------------------------------------------------------- */

void booth_pass(struct booth *booth, int64_t ms)
{
	for (const int64_t until_ms = booth->now_ms + ms; booth->now_ms < until_ms;) {
		booth->now_ms += STEP_MS;
		for (unsigned i = 0; i < BOOTH_PEOPLE; i++)
			if (booth->people[i].secure && !booth->people[i].over[0])
				secure_tick(booth->people[i].secure, booth->now_ms);
		booth_carry(booth);
	}
}

void booth_jump(struct booth *booth, int64_t ms)
{
	booth->now_ms += ms;
	booth_pass(booth, STEP_MS);
}

/* ---- orders, sound -------------------------------------------------------------------------------------------- */

int booth_order(struct booth *booth, unsigned i, struct command *command)
{
	const int err = secure_command(booth->people[i].secure, command, 0, booth->now_ms);
	uint8_t order[MOOT_ORDER_SIZE];
	size_t n = 0;

	if (err || !command->order[0])
		return err;
	assert_int_equal(sodium_base642bin(order, sizeof(order), command->order, strlen(command->order), NULL, &n, NULL,
					   sodium_base64_VARIANT_ORIGINAL), 0);
	for (unsigned k = 0; k < BOOTH_PEOPLE; k++)
		if (booth->people[k].seated)
			send_one(booth, k, WIRE_ORDER, (uint16_t)(i + 1), order, n);
	booth_carry(booth);
	return 0;
}

struct session_security booth_security(const struct booth *booth, unsigned i)
{
	struct session_security security;

	secure_security(booth->people[i].secure, &security, booth->now_ms);
	return security;
}

bool booth_erred(const struct booth *booth, unsigned i, const char *code)
{
	const struct attendant *person = &booth->people[i];

	for (unsigned k = 0; k < person->error_count && k < BOOTH_CODES; k++)
		if (!strcmp(person->errors[k], code))
			return true;
	return false;
}

int booth_hear(struct booth *booth, unsigned from, unsigned to)
{
	static const uint8_t voice[] = "a voice";
	struct wire_frame frame = { .stream = STREAM_AUDIO, .source = (uint16_t)(from + 1), .level = 9 };
	uint8_t sealed[128], opened[128];
	int n;

	frame.payload = voice;
	frame.payload_bytes = sizeof(voice);
	n = secure_seal(booth->people[from].secure, &frame, sealed, sizeof(sealed), booth->now_ms);
	if (n < 0)
		return n;
	frame.payload = sealed;
	frame.payload_bytes = (size_t)n;
	n = secure_open(booth->people[to].secure, &frame, opened, sizeof(opened), booth->now_ms);
	assert_true(n < 0 || (n == sizeof(voice) && !memcmp(opened, voice, sizeof(voice))));
	return n;
}

bool booth_share(struct booth *booth, unsigned a, unsigned b)
{
	return secure_epoch(booth->people[a].secure) == secure_epoch(booth->people[b].secure) && booth_hear(booth, a, b) > 0 &&
	       booth_hear(booth, b, a) > 0;
}
