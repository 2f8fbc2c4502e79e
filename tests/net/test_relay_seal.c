/* The relay's half of the end-to-end encryption: the door's runs, decoys and held joins with raw peers; rosters, wraps and
 * what else it carries between groups with real keys. */
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/seal/group_lead.h"
#include "net/seal/join.h"
#include "tests/net/hall.h"
#include "tests/net/venue.h"

#define PASSCODE VENUE_PASSCODE
#define PIN      "135791"

static const uint8_t gate[MOOT_GATE_BYTES] = "who has the link shows this";

/* ---- helpers -------------------------------------------------------------------------------------------------- */

static size_t index_of(const struct peer *peer, enum event_kind kind)
{
	size_t i = peer->event_count;

	while (i > 0 && peer->events[i - 1].kind != kind)
		i--;
	assert_true(i > 0);
	return i - 1;
}

/* Was the last piece of a kind heard before the last event of a kind? */
static bool before(const struct peer *peer, enum wire_seal piece, enum event_kind kind)
{
	size_t i = peer->piece_count;

	while (i > 0 && peer->pieces[i - 1].piece.kind != piece)
		i--;
	assert_true(i > 0);
	return peer->pieces[i - 1].events <= index_of(peer, kind);
}

static const struct wire_piece *heard(struct peer *peer, enum wire_seal kind)
{
	return &peer_expect_piece(peer, kind)->piece;
}

static bool is_text(const struct wire_piece *piece, const char *text)
{
	return piece->payload_bytes == strlen(text) && !memcmp(piece->payload, text, piece->payload_bytes);
}

static void create_with(struct peer *peer, struct command create)
{
	create.word = WORD_CREATE;
	create.count = 6;
	strcpy(create.name, "Ann");
	strcpy(peer->passcode, PASSCODE);
	peer_enter(peer, &create);
	peer_expect(peer, EVENT_TICKET);
}

static struct peer *host_with_gate(struct venue *f)
{
	struct command create = { .kind = KIND_HEADLESS };
	struct peer *host = venue_peer(f);

	crypto_hash_sha256(create.hash, gate, sizeof gate);
	create_with(host, create);
	return host;
}

static void join_with_gate(struct peer *peer, const char *id, bool right)
{
	struct command join = { .word = WORD_JOIN, .kind = KIND_HEADLESS, .has_gate = true };

	strcpy(join.name, "Gil");
	strcpy(join.id, id);
	strcpy(peer->passcode, PASSCODE);
	memcpy(join.gate, gate, sizeof join.gate);
	join.gate[0] ^= !right;
	peer_enter(peer, &join);
}

static void join_with_pin(struct peer *peer, const char *id, const char *pin)
{
	struct command join = { .word = WORD_JOIN, .kind = KIND_WEB };

	peer->manual = true;
	strcpy(join.name, "Wes");
	strcpy(join.id, id);
	strcpy(join.passcode, pin);
	peer_enter(peer, &join);
}

static const char *refused(struct peer *peer)
{
	return peer_expect(peer, EVENT_REFUSED)->code;
}

static void expect_nothing_of(struct peer *peer, struct peer *busy, enum event_kind kind)
{
	peer_settle(busy);
	assert_false(peer_heard(peer, kind));
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static void relay__tells__who_creates_to_lead(void **state)
{
	struct peer *host = venue_host(*state);
	const struct event *door = &host->events[1];
	static const uint8_t none[MOOT_UUID_BYTES];

	assert_int_equal(host->events[0].count, 6);
	assert_int_equal(door->kind, EVENT_DOOR);
	assert_true(door->on);
	assert_string_equal(door->id, host->id);
	assert_memory_not_equal(door->uuid, none, sizeof none);
	assert_int_equal(host->events[2].kind, EVENT_CREATED);
	assert_string_equal(host->events[2].passcode, "");
}

static void relay__refuses__to_create(void **state)
{
	static const struct {
		struct command create;
		const char *code;
	} cases[] = {
		{ { .word = WORD_CREATE, .kind = KIND_HEADLESS, .count = 5 }, "passcode-too-short" },
		{ { .word = WORD_CREATE, .kind = KIND_WEB, .count = 6 }, "kind-not-allowed" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct command create = cases[i].create;
		struct peer *peer = venue_peer(*state);

		strcpy(create.name, "Ann");
		peer_enter(peer, &create);
		assert_string_equal(refused(peer), cases[i].code);
	}
}

static void relay__carries__a_run(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_peer(f);
	const struct wire_piece *piece;
	uint16_t run;

	host->manual = guest->manual = true;
	peer_join(guest, "Bo", host->id, PASSCODE);
	assert_false(peer_expect(guest, EVENT_DOOR)->on);
	assert_memory_equal(guest->uuid, host->uuid, sizeof guest->uuid);
	peer_piece(guest, WIRE_HELLO, 0, "one", 3);
	piece = heard(host, WIRE_HELLO);
	assert_true(is_text(piece, "one"));
	run = piece->source;
	assert_int_not_equal(run, 0);
	peer_piece(host, WIRE_CHALLENGE, run, "two", 3);
	assert_true(is_text(heard(guest, WIRE_CHALLENGE), "two"));
	peer_piece(guest, WIRE_PROOF, 0, "three", 5);
	piece = heard(host, WIRE_PROOF);
	assert_true(is_text(piece, "three"));
	assert_int_equal(piece->source, run);
	assert_false(peer_heard(host, EVENT_KNOCK));
	peer_piece(host, WIRE_WELCOME, run, "four", 4);
	assert_true(is_text(heard(guest, WIRE_WELCOME), "four"));
	peer_expect(guest, EVENT_WAITING);
	assert_true(before(guest, WIRE_WELCOME, EVENT_WAITING));
	piece = heard(host, WIRE_PROVEN);
	assert_int_equal(piece->source, guest->number);
	assert_int_equal(piece->payload[0] << 8 | piece->payload[1], run);
	peer_expect(host, EVENT_KNOCK);
	assert_true(before(host, WIRE_PROVEN, EVENT_KNOCK));
}

static void relay__refuses__whom_who_leads_rejects(void **state)
{
	static const struct {
		uint8_t why;
		const char *code;
		bool counted;
	} cases[] = {
		{ WIRE_REJECT_WRONG, "no-such-meeting", true },
		{ WIRE_REJECT_BAD, "no-such-meeting", true },
		{ WIRE_REJECT_CLOSED, "too-many-tries", false },
	};
	struct venue *f = *state;
	struct peer *host = venue_host(f);
	uint32_t count = 0;

	host->manual = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct peer *guest = venue_peer(f);

		peer_join(guest, "Bo", host->id, PASSCODE);
		peer_piece(host, WIRE_REJECT, heard(host, WIRE_HELLO)->source, &cases[i].why, 1);
		assert_string_equal(refused(guest), cases[i].code);
		assert_int_equal(peer_expect_end(guest), LINK_END_NORMAL);
		if (cases[i].counted)
			assert_int_equal(peer_expect(host, EVENT_WRONG_PASSCODES)->count, ++count);
	}
	peer_settle(host);
	assert_int_equal(host->events[index_of(host, EVENT_WRONG_PASSCODES)].count, 2);
}

/* Only who leads is heard, only about runs that are under way, and only in their turn. */
static void relay__ignores__answers_of_others(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *guest = venue_peer(f);
	uint16_t run;

	host->manual = true;
	peer_join(guest, "Cy", host->id, PASSCODE);
	peer_expect_piece(host, WIRE_HELLO);
	run = heard(host, WIRE_HELLO)->source;
	peer_piece(bo, WIRE_WELCOME, run, "welcome", 7);
	peer_piece(bo, WIRE_CHALLENGE, run, "challenge", 9);
	peer_piece(host, WIRE_WELCOME, run, "welcome", 7);      /* before the proof */
	peer_piece(host, WIRE_CHALLENGE, (uint16_t)(run + 1), "challenge", 9);
	peer_settle(bo);
	peer_settle(host);
	assert_int_equal(peer_pieces(guest, WIRE_WELCOME) + peer_pieces(guest, WIRE_CHALLENGE), 0);
	peer_piece(host, WIRE_CHALLENGE, run, "challenge", 9);
	peer_expect_piece(host, WIRE_PROOF);
	peer_piece(host, WIRE_WELCOME, run, "welcome", 7);
	peer_expect(guest, EVENT_WAITING);
}

static void relay__forgets__a_run_whose_joiner_goes(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *gone = venue_peer(f), *guest;
	uint16_t run;

	host->manual = true;
	peer_join(gone, "Bo", host->id, PASSCODE);
	run = heard(host, WIRE_HELLO)->source;
	link_cut(gone->link);
	peer_expect_end(gone);
	guest = venue_peer(f); /* by now the relay has heard of it */
	peer_piece(host, WIRE_CHALLENGE, run, "challenge", 9);
	peer_settle(host);
	host->manual = false;
	peer_join(guest, "Cy", host->id, PASSCODE);
	peer_expect(guest, EVENT_WAITING);
}

struct stray {
	const char *what;
	enum wire_seal kind;
	size_t n;
	bool member;
	int end;
};

static void relay__closes__who_sends_stray_pieces(void **state)
{
	static const struct stray strays[] = {
		{ "hello without a run", WIRE_HELLO, 5, false, LINK_END_POLICY },
		{ "a roster at the door", WIRE_ROSTER, 100, false, LINK_END_POLICY },
		{ "proven, which only a relay says", WIRE_PROVEN, 2, true, LINK_END_BAD_DATA },
		{ "an order, likewise", WIRE_ORDER, 60, true, LINK_END_BAD_DATA },
		{ "a short nonce", WIRE_NONCE, 15, true, LINK_END_BAD_DATA },
		{ "a long nonce", WIRE_ASK, 17, true, LINK_END_BAD_DATA },
		{ "a short wrap", WIRE_WRAP, GROUP_WRAP - 1, true, LINK_END_BAD_DATA },
		{ "a long hello", WIRE_HELLO, JOIN_MESSAGE + 1, true, LINK_END_BAD_DATA },
		{ "a long whisper", WIRE_WHISPER, TALK_FRAME + 1, true, LINK_END_BAD_DATA },
		{ "two rejections", WIRE_REJECT, 2, true, LINK_END_BAD_DATA },
	};
	static const uint8_t bytes[8192];
	struct venue *f = *state;
	struct peer *host = venue_host(f);

	for (size_t i = 0; i < sizeof strays / sizeof *strays; i++) {
		struct peer *peer = strays[i].member ? venue_guest(f, host, "Bo") : venue_peer(f);

		peer_piece(peer, strays[i].kind, 0, bytes, strays[i].n);
		if (peer_expect_end(peer) != strays[i].end)
			fail_msg("%s: %d", strays[i].what, peer->end);
	}
	peer_settle(host);
}

/* ---- decoys ---------------------------------------------------------------------------------------------------- */

/* What somebody who probes hears, in order: kinds, and sizes of pieces. */
static void trace(const struct peer *peer, char *out, size_t size)
{
	size_t n = 0, piece = 0;

	for (size_t i = 1; i <= peer->event_count; i++) {
		for (; piece < peer->piece_count && peer->pieces[piece].events <= i - 1; piece++)
			n += (size_t)snprintf(out + n, size - n, "piece %d of %zu; ", (int)peer->pieces[piece].piece.kind,
			                      peer->pieces[piece].piece.payload_bytes);
		if (i < peer->event_count || peer->event_count == 1)
			n += (size_t)snprintf(out + n, size - n, "%s %s; ", event_name(peer->events[i].kind), peer->events[i].code);
	}
}

static struct seal_meeting meeting_of(const struct peer *peer, const char *id)
{
	struct seal_meeting meeting = { .id = "" };

	snprintf(meeting.id, sizeof meeting.id, "%s", id);
	memcpy(meeting.uuid, peer->uuid, sizeof meeting.uuid);
	return meeting;
}

/* Knock with real keys and a passcode that is not it. leader: who answers, NULL: the relay itself. */
static void probe(struct venue *f, const char *id, struct peer *leader, char *out, size_t size)
{
	struct join_secrets wrong = { .code = "000000" }, right = { .code = PASSCODE };
	struct peer *peer = venue_peer(f);
	const struct wire_piece *piece;
	struct join_leader at_leader;
	struct join_joiner run;
	struct seal_meeting meeting;
	struct seal_self self, lead;
	uint8_t bytes[JOIN_MESSAGE];
	int n;

	peer->manual = true;
	peer_join(peer, "Eve", id, "");
	peer_expect(peer, EVENT_DOOR);
	meeting = meeting_of(peer, id);
	assert_int_equal(seal_self_make(&self, &meeting, "Eve", peer->identity.secret, SEAL_MODE_END), 0);
	n = join_hello(&run, &meeting, &self, &wrong, bytes);
	peer_piece(peer, WIRE_HELLO, 0, bytes, (size_t)n);
	if (leader) {
		assert_int_equal(seal_self_make(&lead, &meeting, "Ann", leader->identity.secret, SEAL_MODE_END), 0);
		piece = heard(leader, WIRE_HELLO);
		n = join_challenge(&at_leader, &meeting, &lead, &right,
		                   (struct seal_bytes){ piece->payload, piece->payload_bytes }, bytes);
		assert_true(n > 0);
		peer_piece(leader, WIRE_CHALLENGE, piece->source, bytes, (size_t)n);
	}
	piece = heard(peer, WIRE_CHALLENGE);
	n = join_proof(&run, (struct seal_bytes){ piece->payload, piece->payload_bytes }, bytes);
	assert_true(n > 0);
	peer_piece(peer, WIRE_PROOF, 0, bytes, (size_t)n);
	if (leader) {
		piece = heard(leader, WIRE_PROOF);
		assert_int_equal(join_welcome(&at_leader, (struct seal_bytes){ piece->payload, piece->payload_bytes }, bytes), -EACCES);
		peer_piece(leader, WIRE_REJECT, piece->source, (uint8_t[]){ WIRE_REJECT_WRONG }, 1);
	}
	peer_expect(peer, EVENT_REFUSED);
	peer_expect_end(peer);
	trace(peer, out, size);
}

static void relay__answers_alike__wrong_id_and_wrong_passcode(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f);
	char there[512], nowhere[512];

	host->manual = true;
	probe(f, host->id, host, there, sizeof there);
	probe(f, "123456789", NULL, nowhere, sizeof nowhere);
	assert_non_null(strstr(there, "no-such-meeting"));
	assert_string_equal(there, nowhere);
}

/* A meeting that is not there has an uuid that stays, and keys of which only the long-lived one stays, as others have. */
static void relay__plays__the_same_leader_for_the_same_id(void **state)
{
	struct venue *f = *state;
	struct join_secrets secrets = { .code = PASSCODE };
	uint8_t uuid[2][MOOT_UUID_BYTES];
	struct binding door[2];

	for (int i = 0; i < 2; i++) {
		struct peer *peer = venue_peer(f);
		struct seal_meeting meeting;
		struct join_joiner run;
		struct seal_self self;
		const struct wire_piece *piece;
		uint8_t bytes[JOIN_MESSAGE];
		int n;

		peer->manual = true;
		peer_join(peer, "Eve", "quiet-place", "");
		peer_expect(peer, EVENT_DOOR);
		memcpy(uuid[i], peer->uuid, sizeof uuid[i]);
		meeting = meeting_of(peer, "quiet-place");
		seal_self_make(&self, &meeting, "Eve", peer->identity.secret, SEAL_MODE_END);
		n = join_hello(&run, &meeting, &self, &secrets, bytes);
		peer_piece(peer, WIRE_HELLO, 0, bytes, (size_t)n);
		piece = heard(peer, WIRE_CHALLENGE);
		assert_true(join_proof(&run, (struct seal_bytes){ piece->payload, piece->payload_bytes }, bytes) > 0);
		door[i] = run.door;
	}
	assert_memory_equal(uuid[0], uuid[1], sizeof uuid[0]);
	assert_memory_equal(door[0].ik, door[1].ik, SEAL_KEY);
	assert_memory_not_equal(door[0].ek, door[1].ek, SEAL_KEY);
}

static void relay__slows__guessing_at_what_is_not_there(void **state)
{
	struct venue *f = *state;
	int tries = 0;

	for (; tries < 10; tries++) {
		struct peer *peer = venue_peer(f);

		peer_join(peer, "Eve", "nowhere-at-all", PASSCODE);
		if (!strcmp(refused(peer), "too-many-tries"))
			break;
	}
	assert_int_equal(tries, 5);
}

/* ---- held joins ------------------------------------------------------------------------------------------------- */

static void relay__holds__joins_while_nobody_leads(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_peer(f), *busy = venue_peer(f), *back = venue_peer(f);

	back->identity = host->identity;
	strcpy(back->passcode, PASSCODE);
	link_cut(host->link);
	peer_expect_end(host);
	peer_join(busy, "Eve", "elsewhere-here", PASSCODE); /* by now the relay has noticed */
	refused(busy);
	peer_join(guest, "Bo", host->id, PASSCODE);
	busy = venue_peer(f);
	peer_join(busy, "Eve", "elsewhere-here", PASSCODE);
	refused(busy);
	assert_false(peer_heard(guest, EVENT_DOOR));
	peer_resume(back, host->id, host->ticket);
	assert_int_equal(peer_expect(back, EVENT_RESUMED)->number, host->number);
	peer_expect(guest, EVENT_WAITING);
	assert_memory_equal(guest->uuid, host->uuid, sizeof guest->uuid);
}

/* Who leads goes in the middle of a run: it begins anew with the same one, back, or with the next. */
static void relay__begins_anew__a_run_that_lost_who_led(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *guest = venue_peer(f);

	host->manual = true;
	peer_join(guest, "Cy", host->id, PASSCODE);
	peer_expect_piece(host, WIRE_HELLO);
	link_cut(host->link);
	assert_true(peer_expect(bo, EVENT_DOOR)->kind == EVENT_DOOR);
	/* Nothing was signed yet, so that Bo leads a new run of the meeting. */
	while (!bo->events[index_of(bo, EVENT_DOOR)].on)
		peer_expect(bo, EVENT_DOOR);
	peer_expect(guest, EVENT_WAITING);
	assert_memory_equal(guest->uuid, bo->uuid, sizeof guest->uuid);
	assert_memory_not_equal(guest->uuid, host->uuid, sizeof guest->uuid);
	assert_int_equal(heard(bo, WIRE_PROVEN)->source, guest->number);
}

static void relay__holds__so_many_joins_and_no_more(void **state)
{
	struct venue *f = *state;
	struct peer *host = host_with_gate(f), *guests[101], *trusted;

	for (int i = 0; i < 101; i++)
		guests[i] = venue_peer(f);
	trusted = venue_peer(f);
	link_cut(host->link);
	peer_expect_end(host);
	for (int i = 0; i < 101; i++)
		peer_join(guests[i], "Bo", host->id, PASSCODE);
	assert_string_equal(refused(guests[100]), "too-many-tries");
	assert_false(peer_heard(guests[99], EVENT_REFUSED));
	/* The gate is not slowed by that. */
	join_with_gate(trusted, host->id, true);
	assert_string_equal(peer_expect(trusted, EVENT_WAITING)->code, "no-host");
}

static void relay__takes__so_many_runs_of_one_address_at_once(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guests[20];
	size_t begun = 0;

	for (int i = 0; i < 20; i++) {
		guests[i] = venue_peer(f);
		guests[i]->manual = true;
		peer_join(guests[i], "Bo", host->id, PASSCODE);
	}
	peer_expect(guests[15], EVENT_DOOR);
	peer_settle(host);
	for (int i = 0; i < 20; i++)
		begun += peer_heard(guests[i], EVENT_DOOR);
	assert_int_equal(begun, 16);
	link_cut(guests[3]->link);
	peer_expect(guests[16], EVENT_DOOR);
}

/* ---- gates and host keys ------------------------------------------------------------------------------------------ */

static void relay__exempts__the_gate_from_limits(void **state)
{
	struct venue *f = *state;
	struct peer *host = host_with_gate(f), *peer;

	for (int i = 0; i < 5; i++) {
		peer = venue_peer(f);
		peer_join(peer, "Eve", host->id, "000000");
		assert_string_equal(refused(peer), "no-such-meeting");
	}
	peer = venue_peer(f);
	join_with_gate(peer, host->id, false);
	assert_string_equal(refused(peer), "too-many-tries");
	peer = venue_peer(f);
	join_with_gate(peer, host->id, true);
	peer_expect(peer, EVENT_WAITING);
	/* It opens nothing by itself. */
	peer = venue_peer(f);
	peer->manual = true;
	join_with_gate(peer, host->id, true);
	strcpy(peer->passcode, "000000");
	peer->manual = false;
	assert_string_equal(refused(peer), "no-such-meeting");
}

/* A meeting without anybody: who comes by the gate begins the next run if joining before the host is on. */
static void relay__lets_lead__the_first_by_the_gate(void **state)
{
	struct venue *f = *state;
	struct peer *host = host_with_gate(f), *guest = venue_peer(f), *late = venue_peer(f);

	set_control(host, CONTROL_JOIN_BEFORE_HOST, 1);
	set_control(host, CONTROL_WAITING_ROOM, 0);
	peer_send(host, &(struct command){ .word = WORD_LEAVE });
	peer_expect_end(host);
	join_with_gate(guest, host->id, true);
	peer_expect(guest, EVENT_JOINED);
	assert_true(guest->events[index_of(guest, EVENT_DOOR)].on);
	assert_int_equal(index_of(guest, EVENT_DOOR) + 1, index_of(guest, EVENT_JOINED));
	assert_memory_not_equal(guest->uuid, host->uuid, sizeof guest->uuid);
	peer_join(late, "Bo", host->id, PASSCODE);
	peer_expect(late, EVENT_JOINED);
	assert_int_equal(heard(guest, WIRE_PROVEN)->source, late->number);
}

/* Without that they wait, without a run; the host comes back, leads the next, and they prove themselves to it. */
static void relay__lets_lead__the_host_who_comes_back(void **state)
{
	struct venue *f = *state;
	struct peer *host = host_with_gate(f), *guest = venue_peer(f), *back = venue_peer(f);
	struct command join = { .word = WORD_JOIN, .kind = KIND_TERMINAL, .has_host_key = true };

	peer_send(host, &(struct command){ .word = WORD_LEAVE });
	peer_expect_end(host);
	join_with_gate(guest, host->id, true);
	assert_string_equal(peer_expect(guest, EVENT_WAITING)->code, "no-host");
	assert_false(peer_heard(guest, EVENT_DOOR));
	strcpy(join.name, "Ann");
	strcpy(join.id, host->id);
	memcpy(join.host_key, host->host_key, sizeof join.host_key);
	strcpy(back->passcode, PASSCODE);
	peer_enter(back, &join);
	assert_int_equal(peer_expect(back, EVENT_JOINED)->role, ROLE_HOST);
	assert_true(back->events[index_of(back, EVENT_DOOR)].on);
	assert_false(peer_expect(guest, EVENT_DOOR)->on);
	assert_memory_equal(guest->uuid, back->uuid, sizeof guest->uuid);
	assert_int_equal(heard(back, WIRE_PROVEN)->source, guest->number);
}

/* ---- those who cannot do end to end --------------------------------------------------------------------------------- */

static const char *set_pin(struct peer *peer, const char *pin)
{
	struct command command = { .word = WORD_PIN };

	strcpy(command.passcode, pin);
	return peer_ask(peer, &command);
}

static void relay__lets_in__by_a_pin(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *web = venue_peer(f);
	const struct wire_piece *piece;

	join_with_pin(web, host->id, PIN);
	assert_string_equal(refused(web), "no-such-meeting");
	assert_string_equal(set_pin(bo, PIN), "not-allowed");
	assert_string_equal(set_pin(host, "12345"), "passcode-too-short");
	assert_string_equal(set_pin(host, PIN), "");
	web = venue_peer(f);
	join_with_pin(web, host->id, PASSCODE);
	assert_string_equal(refused(web), "no-such-meeting");
	assert_int_equal(peer_expect(host, EVENT_WRONG_PASSCODES)->count, 1);
	web = venue_peer(f);
	join_with_pin(web, host->id, PIN);
	assert_false(peer_expect(web, EVENT_DOOR)->on);
	assert_memory_equal(web->uuid, host->uuid, sizeof web->uuid);
	peer_expect(web, EVENT_WAITING);
	peer_piece(web, WIRE_BINDING, 0, "who I am", 8);
	piece = heard(host, WIRE_BINDING);
	assert_int_equal(piece->source, web->number);
	assert_true(is_text(piece, "who I am"));
	/* Closed again. */
	assert_string_equal(set_pin(host, ""), "");
	web = venue_peer(f);
	join_with_pin(web, host->id, PIN);
	assert_string_equal(refused(web), "no-such-meeting");
}

static void relay__tells__who_leads_next_of_plain_bindings(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *web = venue_peer(f);

	assert_string_equal(set_pin(host, PIN), "");
	join_with_pin(web, host->id, PIN);
	peer_expect(web, EVENT_WAITING);
	peer_piece(web, WIRE_BINDING, 0, "one", 3);
	peer_expect_piece(host, WIRE_BINDING);
	link_cut(host->link);
	peer_expect(bo, EVENT_AWAY);
	/* A new run: what was signed for the old one counts no more. */
	peer_expect(web, EVENT_DOOR);
	while (memcmp(web->uuid, host->uuid, sizeof web->uuid) == 0)
		peer_expect(web, EVENT_DOOR);
	peer_piece(web, WIRE_BINDING, 0, "two", 3);
	assert_true(is_text(heard(bo, WIRE_BINDING), "two"));
	assert_int_equal(peer_pieces(bo, WIRE_BINDING), 1);
}

static void relay__slows__guessing_of_pins(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *web;
	int tries = 0;

	assert_string_equal(set_pin(host, PIN), "");
	for (; tries < 10; tries++) {
		web = venue_peer(f);
		join_with_pin(web, tries % 2 ? "not-there-at-all" : host->id, "000000");
		if (!strcmp(refused(web), "too-many-tries"))
			break;
	}
	assert_int_equal(tries, 5);
	web = venue_peer(f);
	join_with_pin(web, host->id, PIN);
	assert_string_equal(refused(web), "too-many-tries");
	/* The passcode is another door. */
	venue_waiting(f, host, "Bo");
}

static void relay__keeps_out__the_plain_where_all_is_sealed(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *web = venue_peer(f);

	assert_string_equal(set_pin(host, PIN), "");
	set_control(host, CONTROL_KINDS, KINDS_ENCRYPTED);
	join_with_pin(web, host->id, PIN);
	assert_string_equal(refused(web), "kind-not-allowed");
	venue_guest(f, host, "Bo");
	assert_int_equal(host->events[index_of(host, EVENT_PERSON_JOINED)].person.sealed, SEALED_END);
}

/* ---- who leads ------------------------------------------------------------------------------------------------------ */

static void relay__asks_again__when_another_leads(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy"),
		    *waiting = venue_waiting(f, host, "Di");

	peer_piece(cy, WIRE_NONCE, 0, "sixteen bytes...", 16);
	assert_int_equal(heard(host, WIRE_NONCE)->source, cy->number);
	link_cut(host->link);
	peer_expect(bo, EVENT_AWAY);
	assert_true(is_text(heard(bo, WIRE_NONCE), "sixteen bytes..."));
	for (int i = 0; i < 2; i++)
		peer_expect_piece(bo, WIRE_PROVEN);
	assert_int_equal(peer_pieces(cy, WIRE_WELCOME), 2);
	assert_int_equal(peer_pieces(waiting, WIRE_WELCOME), 2);
	peer_settle(waiting);
}

/* Who was proving itself when it came to lead itself is not asked to any more. */
static void relay__asks_nobody__who_leads(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy"),
		    *di = venue_guest(f, host, "Di");

	cy->manual = bo->manual = true;
	link_cut(host->link);
	while (!peer_expect(bo, EVENT_DOOR)->on)
		;
	peer_expect(cy, EVENT_DOOR);
	peer_piece(cy, WIRE_HELLO, 0, "hello", 5);
	peer_expect_piece(bo, WIRE_HELLO);
	link_cut(bo->link);
	while (!peer_expect(cy, EVENT_DOOR)->on)
		;
	cy->manual = false;
	assert_int_equal(heard(cy, WIRE_PROVEN)->source, di->number);
	peer_settle(cy);
	assert_true(cy->events[index_of(cy, EVENT_DOOR)].on);
}

static void relay__shows_out__who_cannot_prove_itself_again(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy");

	strcpy(cy->passcode, "000000");
	link_cut(host->link);
	assert_string_equal(refused(cy), "no-such-meeting");
	assert_int_equal(peer_expect_end(cy), LINK_END_NORMAL);
	assert_int_equal(peer_expect(bo, EVENT_PERSON_LEFT)->number, cy->number);
	peer_settle(bo);
}

/* ---- with real keys --------------------------------------------------------------------------------------------------- */

/* People with peers; idx of person i is the number that the relay gives to peer i. */
struct band {
	struct hall hall;
	struct peer *peers[HALL_PEOPLE];
	unsigned n;
};

static struct band band;

static void send_rotation(struct peer *peer, const struct rotation *rotation)
{
	size_t n = 0, size = 3 * WIRE_HEADER_BYTES + rotation->roster_bytes + rotation->listing_bytes +
			     rotation->wrap_count * (WIRE_HEADER_BYTES + GROUP_WRAP);
	uint8_t *message = malloc(size);
	struct wire_piece piece = { .kind = WIRE_LISTING, .payload = rotation->listing, .payload_bytes = rotation->listing_bytes };

	for (size_t i = 0; i < rotation->wrap_count + 2; i++) {
		if (i > 0 && i <= rotation->wrap_count)
			piece = (struct wire_piece){ .kind = WIRE_WRAP, .source = rotation->wraps[i - 1].idx,
						     .flags = rotation->wraps[i - 1].added,
						     .payload = rotation->wraps[i - 1].bytes, .payload_bytes = GROUP_WRAP };
		else if (i)
			piece = (struct wire_piece){ .kind = WIRE_ROSTER, .payload = rotation->roster,
						     .payload_bytes = rotation->roster_bytes };
		if (!piece.payload_bytes)
			continue;
		assert_int_equal(wire_piece_header(message + n, &piece), WIRE_HEADER_BYTES);
		memcpy(message + n + WIRE_HEADER_BYTES, piece.payload, piece.payload_bytes);
		n += WIRE_HEADER_BYTES + piece.payload_bytes;
	}
	peer_binary(peer, message, n);
	free(message);
}

/* One rotation as it came: BINDINGs and LISTING are taken on the way. */
static enum group_verdict take_rotation(unsigned i)
{
	struct group *group = hall_group(&band.hall, i);
	struct peer *peer = band.peers[i];
	struct seal_bytes roster, wrap, listing = { "", 0 };
	size_t from = peer->piece_seen;
	const struct wire_piece *piece;

	peer_expect_piece(peer, WIRE_ROSTER);
	for (; from + 1 < peer->piece_seen; from++) {
		piece = &peer->pieces[from].piece;
		if (piece->kind == WIRE_BINDING)
			assert_int_equal(group_hint(group, piece->source, (struct seal_bytes){ piece->payload, piece->payload_bytes }), 0);
		else if (piece->kind == WIRE_LISTING)
			listing = (struct seal_bytes){ piece->payload, piece->payload_bytes };
	}
	peer_expect_piece(peer, WIRE_WRAP);
	piece = &peer->pieces[peer->piece_seen - 1].piece;
	wrap = (struct seal_bytes){ piece->payload, piece->payload_bytes };
	piece = &peer->pieces[from].piece;
	assert_int_equal(piece->kind, WIRE_ROSTER);
	roster = (struct seal_bytes){ piece->payload, piece->payload_bytes };
	return group_receive(group, roster, wrap, listing, band.hall.now_ms);
}

static void turn(unsigned leader)
{
	hall_turn(&band.hall, leader);
	send_rotation(band.peers[leader], &band.hall.last);
}

/* The leader's next rotation, to all who are in. */
static void rotate(unsigned leader)
{
	turn(leader);
	for (unsigned i = 0; i < band.n; i++)
		if (band.peers[i]->link && band.hall.people[i].joined)
			assert_int_equal(take_rotation(i), i == leader ? GROUP_AGAIN : GROUP_ACCEPTED);
}

/* What the leader does with somebody who is in: agreed with them at the door, they get the next epoch. */
static void bring_in(unsigned leader, unsigned i)
{
	struct hall_person *person = &band.hall.people[i];
	const struct binding *binding = &person->self.binding;

	seal_random(person->psk, sizeof person->psk);
	seal_random(person->nonce, sizeof person->nonce);
	group_expect(person->group, band.hall.people[leader].self.binding.b, person->psk, person->nonce);
	assert_int_equal(group_stage_add(hall_group(&band.hall, leader), (uint16_t)(i + 1), GROUP_PARTICIPANT,
	                                 (struct seal_bytes){ binding->sb, binding->sb_n }, person->psk, person->nonce,
	                                 band.hall.now_ms), 0);
	person->joined = group_epoch(hall_group(&band.hall, leader)) + 1;
	band.n = band.n > i ? band.n : i + 1;
	rotate(leader);
}

/* Ann and so many guests, all with keys. */
static void band_setup(struct venue *venue, unsigned n)
{
	memset(&band, 0, sizeof band);
	band.hall.now_ms = 1700000000000;
	for (unsigned i = 0; i < HALL_PEOPLE; i++) {
		struct identity identity;

		identity_guest(&identity);
		memcpy(band.hall.people[i].ik, identity.secret, sizeof identity.secret);
	}
	for (unsigned i = 0; i < n; i++) {
		band.peers[i] = venue_peer(venue);
		memcpy(band.peers[i]->identity.secret, band.hall.people[i].ik, 64);
		crypto_sign_ed25519_sk_to_pk(band.peers[i]->identity.key, band.hall.people[i].ik);
	}
	peer_create(band.peers[0], "Ann");
	set_control(band.peers[0], CONTROL_WAITING_ROOM, 0);
	strcpy(band.hall.meeting.id, band.peers[0]->id);
	memcpy(band.hall.meeting.uuid, band.peers[0]->uuid, sizeof band.hall.meeting.uuid);
	hall_begin(&band.hall);
	band.n = 1;
	send_rotation(band.peers[0], &band.hall.last);
	assert_int_equal(take_rotation(0), GROUP_AGAIN);
	for (unsigned i = 1; i < n; i++) {
		peer_join(band.peers[i], "Guest", band.peers[0]->id, PASSCODE);
		peer_expect(band.peers[i], EVENT_TICKET);
		assert_int_equal(band.peers[i]->number, i + 1);
		assert_int_equal(heard(band.peers[0], WIRE_PROVEN)->source, i + 1);
		bring_in(0, i);
	}
}

static int band_teardown(void **state)
{
	hall_close(&band.hall);
	memset(&band, 0, sizeof band);
	return venue_teardown(state);
}

static void relay__distributes__rotations(void **state)
{
	band_setup(*state, 4);
	band.hall.now_ms += 3000;
	assert_true(hall_hears(&band.hall, 0, 3));
	assert_true(hall_hears(&band.hall, 3, 1));
	/* Bindings only of those who were there, and only to whom a roster adds. */
	assert_int_equal(peer_pieces(band.peers[1], WIRE_BINDING), 1);
	assert_int_equal(peer_pieces(band.peers[3], WIRE_BINDING), 3);
	assert_int_equal(peer_pieces(band.peers[3], WIRE_LISTING), 1);
	/* Who is removed hears it, and no more after it. */
	assert_int_equal(group_stage_remove(hall_group(&band.hall, 0), 3, true, band.hall.now_ms), 0);
	turn(0);
	assert_int_equal(take_rotation(2), GROUP_REMOVED);
	band.hall.people[2].joined = 0;
	assert_int_equal(take_rotation(1), GROUP_ACCEPTED);
	assert_int_equal(take_rotation(0), GROUP_AGAIN);
	assert_int_equal(take_rotation(3), GROUP_ACCEPTED);
	rotate(0);
	peer_settle(band.peers[2]);
	assert_int_equal(peer_pieces(band.peers[2], WIRE_ROSTER), 3);
}

/* Bytes of R's message instead of the last rotation's. */
static void forge(unsigned signer, const struct group_roster *roster)
{
	rotation_clear(&band.hall.last);
	band.hall.last.roster = malloc(GROUP_ROSTER);
	band.hall.last.roster_bytes = hall_forge(&band.hall, signer, roster, band.hall.last.roster);
}

static void expect_no_roster(unsigned sender)
{
	size_t known = peer_pieces(band.peers[2], WIRE_ROSTER);

	send_rotation(band.peers[sender], &band.hall.last);
	peer_settle(band.peers[sender]);
	peer_settle(band.peers[2]);
	assert_int_equal(peer_pieces(band.peers[2], WIRE_ROSTER), known);
}

static void relay__refuses__rosters_of_others(void **state)
{
	struct group_roster roster;

	band_setup(*state, 3);
	/* Of a member who does not lead, in its own name or in the leader's. */
	roster = hall_next(&band.hall, 1);
	forge(1, &roster);
	expect_no_roster(1);
	roster.leader = 2;
	forge(1, &roster);
	expect_no_roster(1);
	/* Signed by somebody else, or one that leads nowhere: a gap, a wrong predecessor, a leader who is not in. */
	roster = hall_next(&band.hall, 0);
	forge(1, &roster);
	expect_no_roster(0);
	roster.e++;
	forge(0, &roster);
	expect_no_roster(0);
	roster.e--;
	roster.prev[0] ^= 1;
	forge(0, &roster);
	expect_no_roster(0);
	roster.prev[0] ^= 1;
	roster.leader = 9;
	forge(0, &roster);
	expect_no_roster(0);
	/* The right one is taken, and the old leader is one no more. */
	roster.leader = 2;
	forge(0, &roster);
	send_rotation(band.peers[0], &band.hall.last);
	assert_int_equal(take_rotation(2), GROUP_WITHOUT_KEY);
	roster.e++;
	assert_int_equal(seal_hash(roster.prev, (struct seal_bytes){ band.hall.last.roster, band.hall.last.roster_bytes - SEAL_SIG }), 0);
	roster.leader = 3;
	forge(2, &roster);
	expect_no_roster(2);
}

static void relay__follows__who_takes_over(void **state)
{
	struct peer *late;

	band_setup(*state, 3);
	late = venue_peer(*state);
	peer_piece(band.peers[2], WIRE_NONCE, 0, "sixteen bytes...", 16);
	assert_int_equal(heard(band.peers[0], WIRE_NONCE)->source, 3);
	/* While the leader is here, nobody else's counts. */
	group_connected(hall_group(&band.hall, 1), 1, false);
	group_connected(hall_group(&band.hall, 2), 1, false);
	assert_int_equal(group_claim(hall_group(&band.hall, 1), band.hall.now_ms), 0);
	hall_turn(&band.hall, 1);
	expect_no_roster(1);
	link_cut(band.peers[0]->link);
	peer_expect(band.peers[1], EVENT_AWAY);
	/* Those who may be next learn by which nonces to wrap. */
	assert_int_equal(heard(band.peers[1], WIRE_NONCE)->source, 3);
	peer_piece(band.peers[2], WIRE_NONCE, 0, "another sixteen.", 16);
	assert_true(is_text(heard(band.peers[1], WIRE_NONCE), "another sixteen."));
	peer_join(late, "Late", band.peers[0]->id, PASSCODE);
	expect_nothing_of(late, band.peers[1], EVENT_DOOR);
	/* The second in line must wait for the first. */
	struct rotation first = band.hall.last;
	memset(&band.hall.last, 0, sizeof band.hall.last);
	struct group_roster roster = hall_next(&band.hall, 2);
	roster.leader = 3;
	forge(2, &roster);
	expect_no_roster(2);
	rotation_clear(&band.hall.last);
	band.hall.last = first;
	send_rotation(band.peers[1], &band.hall.last);
	assert_int_equal(take_rotation(1), GROUP_AGAIN);
	assert_int_equal(take_rotation(2), GROUP_WITHOUT_KEY);
	/* The same run of the meeting, another leader: the one at the door proves itself there. */
	peer_expect(late, EVENT_WAITING);
	assert_memory_equal(late->uuid, band.peers[0]->uuid, sizeof late->uuid);
	assert_int_equal(heard(band.peers[1], WIRE_PROVEN)->source, late->number);
	assert_false(peer_heard(band.peers[2], EVENT_DOOR) && peer_pieces(band.peers[2], WIRE_HELLO));
	assert_int_equal(peer_pieces(band.peers[2], WIRE_WELCOME), 1);
}

/* Nobody who is here could carry on: a new run begins at once when the one who led has left. */
static void relay__begins_anew__when_nobody_can_follow(void **state)
{
	struct peer *bo;

	band_setup(*state, 1);
	bo = venue_peer(*state);
	peer_join(bo, "Bo", band.peers[0]->id, PASSCODE);
	peer_expect(bo, EVENT_TICKET);
	peer_send(band.peers[0], &(struct command){ .word = WORD_LEAVE });
	peer_expect_end(band.peers[0]);
	while (!peer_expect(bo, EVENT_DOOR)->on)
		;
	assert_memory_not_equal(bo->uuid, band.hall.meeting.uuid, sizeof bo->uuid);
}

static void come_back(unsigned i, struct peer *back, uint32_t count)
{
	struct command resume = { .word = WORD_RESUME, .count = count };

	back->identity = band.peers[i]->identity;
	strcpy(back->passcode, PASSCODE);
	strcpy(resume.id, band.peers[0]->id);
	memcpy(resume.ticket, band.peers[i]->ticket, sizeof resume.ticket);
	peer_enter(back, &resume);
	band.peers[i] = back;
	peer_expect(back, EVENT_RESUMED);
}

static void relay__brings__what_was_missed(void **state)
{
	struct peer *back;
	const struct event *resumed;

	band_setup(*state, 3);
	back = venue_peer(*state);
	link_cut(band.peers[1]->link);
	peer_expect(band.peers[0], EVENT_AWAY);
	rotate(0);
	rotate(0);
	come_back(1, back, group_epoch(hall_group(&band.hall, 1)));
	resumed = &back->events[index_of(back, EVENT_RESUMED)];
	assert_int_equal(resumed->count, group_epoch(hall_group(&band.hall, 0)));
	assert_int_equal(peer_pieces(back, WIRE_ROSTER), 2);
	assert_true(before(back, WIRE_WRAP, EVENT_RESUMED));
	back->piece_seen = 0;
	assert_int_equal(take_rotation(1), GROUP_ACCEPTED);
	assert_int_equal(take_rotation(1), GROUP_ACCEPTED);
	band.hall.now_ms += 3000;
	assert_true(hall_hears(&band.hall, 0, 1));
	assert_int_equal(peer_pieces(back, WIRE_HELLO), 0);
	assert_false(peer_heard(back, EVENT_DOOR));
}

/* Somebody whose line broke before its first epoch came gets that as it should have come. */
static void relay__brings__the_first_epoch_that_was_missed(void **state)
{
	struct peer *bo, *back;

	band_setup(*state, 3);
	bo = venue_peer(*state);
	back = venue_peer(*state);
	memcpy(bo->identity.secret, band.hall.people[3].ik, 64);
	crypto_sign_ed25519_sk_to_pk(bo->identity.key, band.hall.people[3].ik);
	band.peers[3] = bo;
	peer_join(bo, "Bo", band.peers[0]->id, PASSCODE);
	peer_expect(bo, EVENT_TICKET);
	link_cut(bo->link);
	peer_expect_end(bo);
	peer_expect(band.peers[0], EVENT_AWAY);
	bring_in(0, 3);
	rotate(0);
	come_back(3, back, 0);
	back->piece_seen = 0;
	assert_int_equal(take_rotation(3), GROUP_ACCEPTED);
	assert_int_equal(take_rotation(3), GROUP_ACCEPTED);
}

static void relay__fetches__epochs(void **state)
{
	struct peer *bo;

	band_setup(*state, 3);
	bo = band.peers[1];
	peer_piece(bo, WIRE_FETCH, 0, (uint8_t[]){ 0, 0, 0, 1 }, 4);
	assert_int_equal(take_rotation(1), GROUP_AGAIN);        /* the one that added it: not the first */
	assert_int_equal(take_rotation(1), GROUP_AGAIN);
	peer_settle(bo);
	assert_int_equal(peer_pieces(bo, WIRE_ROSTER), 4);
	peer_piece(bo, WIRE_FETCH, 0, (uint8_t[]){ 0, 0, 0, 4 }, 4);
	peer_settle(bo);
	assert_int_equal(peer_pieces(bo, WIRE_ROSTER), 4);
}

/* Only so many are kept. */
static void relay__keeps__the_newest_epochs(void **state)
{
	struct peer *bo;
	const struct wire_piece *piece;
	struct group_roster roster;

	band_setup(*state, 2);
	bo = band.peers[1];
	for (int i = 0; i < 36; i++)
		rotate(0);
	bo->piece_seen = bo->piece_count;
	peer_piece(bo, WIRE_FETCH, 0, (uint8_t[]){ 0, 0, 0, 1 }, 4);
	piece = heard(bo, WIRE_ROSTER);
	assert_int_equal(group_roster_read(&roster, (struct seal_bytes){ piece->payload, piece->payload_bytes }), 0);
	assert_int_equal(roster.e, 2 + 36 - 32 + 1);
}

static void relay__passes_on__nonces_asks_and_wraps(void **state)
{
	struct group *group;
	struct group_wrap wrap;
	uint8_t nonce[SEAL_MEMBER_NONCE];
	const struct wire_piece *piece;

	band_setup(*state, 3);
	group = hall_group(&band.hall, 1);
	assert_int_equal(group_make_nonce(group, nonce, band.hall.now_ms), 0);
	peer_piece(band.peers[1], WIRE_ASK, 0, nonce, sizeof nonce);
	piece = heard(band.peers[0], WIRE_ASK);
	assert_int_equal(piece->source, 2);
	assert_int_equal(group_nonce(hall_group(&band.hall, 0), 2, piece->payload), 0);
	assert_int_equal(group_rewrap(hall_group(&band.hall, 0), 2, &wrap), 0);
	/* Of one who does not lead it is not taken. */
	peer_piece(band.peers[2], WIRE_WRAP, 2, wrap.bytes, GROUP_WRAP);
	peer_settle(band.peers[2]);
	size_t known = peer_pieces(band.peers[1], WIRE_WRAP);
	peer_piece(band.peers[0], WIRE_WRAP, 2, wrap.bytes, GROUP_WRAP);
	piece = heard(band.peers[1], WIRE_WRAP);
	assert_int_equal(peer_pieces(band.peers[1], WIRE_WRAP), known + 1);
	assert_memory_equal(piece->payload, wrap.bytes, GROUP_WRAP);
}

static void relay__passes_on__heartbeats_and_whispers(void **state)
{
	uint8_t beat[GROUP_HEARTBEAT];
	int n;

	band_setup(*state, 3);
	n = group_make_heartbeat(hall_group(&band.hall, 0), beat, band.hall.now_ms);
	assert_true(n > 0);
	peer_piece(band.peers[1], WIRE_BEAT, 0, "not mine to beat", 16);
	peer_settle(band.peers[1]);
	peer_piece(band.peers[0], WIRE_BEAT, 0, beat, (size_t)n);
	for (unsigned i = 1; i < 3; i++) {
		const struct wire_piece *piece = heard(band.peers[i], WIRE_BEAT);

		assert_int_equal(piece->source, 1);
		assert_int_equal(group_receive_heartbeat(hall_group(&band.hall, i),
		                                         (struct seal_bytes){ piece->payload, piece->payload_bytes },
		                                         band.hall.now_ms), GROUP_ACCEPTED);
	}
	peer_piece(band.peers[1], WIRE_WHISPER, 3, "psst", 4);
	assert_int_equal(heard(band.peers[2], WIRE_WHISPER)->source, 2);
	peer_settle(band.peers[0]);
	assert_int_equal(peer_pieces(band.peers[0], WIRE_WHISPER) + peer_pieces(band.peers[0], WIRE_BEAT), 0);
}

/* ---- orders and chat ---------------------------------------------------------------------------------------------------- */

static void relay__tells__orders_before_what_comes_of_them(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy"),
		    *waiting = venue_waiting(f, host, "Di");
	struct command mute = about(WORD_MUTE, bo);
	const struct wire_piece *piece;

	strcpy(mute.order, "bXV0ZSAy");
	assert_string_equal(peer_ask(host, &mute), "");
	piece = heard(bo, WIRE_ORDER);
	assert_int_equal(piece->source, host->number);
	assert_true(is_text(piece, "mute 2"));
	peer_expect(bo, EVENT_MUTED);
	assert_true(before(bo, WIRE_ORDER, EVENT_MUTED));
	assert_true(before(bo, WIRE_ORDER, EVENT_PERSON_CHANGED));
	peer_expect_piece(cy, WIRE_ORDER);
	peer_expect_piece(host, WIRE_ORDER);
	/* Refused, or no order at all: nobody hears of it. */
	assert_string_equal(peer_ask(bo, &mute), "already");
	mute.number = host->number;
	assert_string_equal(peer_ask(bo, &mute), "not-allowed");
	mute = about(WORD_MUTE, cy);
	strcpy(mute.order, "no base64!");
	assert_string_equal(peer_ask(host, &mute), "bad-command");
	peer_settle(cy);
	assert_int_equal(peer_pieces(cy, WIRE_ORDER), 1);
	peer_settle(waiting);
	assert_int_equal(peer_pieces(waiting, WIRE_ORDER), 0);
	/* Who is kicked hears why. */
	struct command kick = about(WORD_KICK, cy);
	strcpy(kick.order, "a2ljayAz");
	assert_string_equal(peer_ask(host, &kick), "");
	peer_expect(cy, EVENT_REMOVED);
	assert_int_equal(peer_pieces(cy, WIRE_ORDER), 2);
	/* The PIN is a host's word, too. */
	struct command pin = { .word = WORD_PIN, .passcode = PIN, .order = "cGlu" };
	assert_string_equal(peer_ask(host, &pin), "");
	assert_true(is_text(&bo->pieces[bo->piece_count - 1].piece, "pin"));
}

static void relay__keeps__sealed_chat_sealed(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *back = venue_peer(f);
	struct command chat = { .word = WORD_CHAT, .to = TO_EVERYONE, .sealed = true, .text = "c2VhbGVk" };
	const struct event *event;

	assert_string_equal(peer_ask(host, &chat), "");
	event = peer_expect(bo, EVENT_CHAT);
	assert_true(event->sealed);
	assert_string_equal(event->text, chat.text);
	link_cut(bo->link);
	peer_expect(host, EVENT_AWAY);
	strcpy(chat.text, "bWlzc2Vk");
	assert_string_equal(peer_ask(host, &chat), "");
	back->identity = bo->identity;
	peer_resume(back, host->id, bo->ticket);
	peer_expect(back, EVENT_CHAT);
	event = peer_expect(back, EVENT_CHAT);
	assert_true(event->sealed);
	assert_string_equal(event->text, "bWlzc2Vk");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, venue_setup, venue_teardown)
#define BAND(test) cmocka_unit_test_setup_teardown(test, venue_setup, band_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(relay__tells__who_creates_to_lead),
		CASE(relay__refuses__to_create),
		CASE(relay__carries__a_run),
		CASE(relay__refuses__whom_who_leads_rejects),
		CASE(relay__ignores__answers_of_others),
		CASE(relay__forgets__a_run_whose_joiner_goes),
		CASE(relay__closes__who_sends_stray_pieces),
		CASE(relay__answers_alike__wrong_id_and_wrong_passcode),
		CASE(relay__plays__the_same_leader_for_the_same_id),
		CASE(relay__slows__guessing_at_what_is_not_there),
		CASE(relay__holds__joins_while_nobody_leads),
		CASE(relay__begins_anew__a_run_that_lost_who_led),
		CASE(relay__holds__so_many_joins_and_no_more),
		CASE(relay__takes__so_many_runs_of_one_address_at_once),
		CASE(relay__exempts__the_gate_from_limits),
		CASE(relay__lets_lead__the_first_by_the_gate),
		CASE(relay__lets_lead__the_host_who_comes_back),
		CASE(relay__lets_in__by_a_pin),
		CASE(relay__tells__who_leads_next_of_plain_bindings),
		CASE(relay__slows__guessing_of_pins),
		CASE(relay__keeps_out__the_plain_where_all_is_sealed),
		CASE(relay__asks_again__when_another_leads),
		CASE(relay__asks_nobody__who_leads),
		CASE(relay__shows_out__who_cannot_prove_itself_again),
		BAND(relay__distributes__rotations),
		BAND(relay__refuses__rosters_of_others),
		BAND(relay__follows__who_takes_over),
		BAND(relay__begins_anew__when_nobody_can_follow),
		BAND(relay__brings__what_was_missed),
		BAND(relay__brings__the_first_epoch_that_was_missed),
		BAND(relay__fetches__epochs),
		BAND(relay__keeps__the_newest_epochs),
		BAND(relay__passes_on__nonces_asks_and_wraps),
		BAND(relay__passes_on__heartbeats_and_whispers),
		CASE(relay__tells__orders_before_what_comes_of_them),
		CASE(relay__keeps__sealed_chat_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
