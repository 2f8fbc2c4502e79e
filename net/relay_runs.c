/* Runs: somebody who comes in shows whoever leads the meeting that they know its secret, in four messages that the relay
 * carries and cannot read (net/seal/join.h). Each has a number, under which the one who leads knows it.
 *
 *     held --DOOR--> hello --HELLO--> challenge --CHALLENGE--> proof --PROOF--> verdict --WELCOME or REJECT
 *
 * While nobody leads, or too many are under way, a run is held. Where there is no meeting a decoy plays the one who leads:
 * same messages, same order, after the delays that those who lead took lately. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/relay_state.h"
#include "net/seal/join.h"

enum {
	RUN_MS = 15 * 1000,             /* without progress */
	HELD_MS = 120 * 1000,
	HELD_MAX = 100,                 /* at one door, of those who show neither gate nor host key */
	RUNS_MAX = 64,                  /* under way at one door */
	RUNS_ADDRESS_MAX = 16,          /* … from one address */
	HELLOS_MAX = 3,                 /* of one run: each makes who leads work */
	DELAY_US = 30 * 1000,           /* when nobody led lately */
	DELAY_MAX_US = 1000 * 1000,
};

enum run_step { RUN_HELD, RUN_HELLO, RUN_CHALLENGE, RUN_PROOF, RUN_VERDICT };

struct run {
	struct door *door;
	struct run *prev, *next;
	struct conn *conn;
	uint16_t number;
	enum run_step step;
	bool trusted;                   /* no limits */
	unsigned hellos;
	uint8_t address[RELAY_ADDRESS_BYTES];
	int64_t asked_us;               /* when who leads was last asked */
	struct loop_timer timer;
	int answer_n;                   /* of a decoy: its CHALLENGE; negative: none */
	uint8_t answer[JOIN_MESSAGE];
	bool unasked;                           /* its HELLO came by itself: no DOOR before it */
};

/* ---- delays ------------------------------------------------------------------------------------------------- */

/* One who leads slowly on purpose does not make decoys slow. */
static void note_delay(struct delays *delays, int64_t us)
{
	if (us <= DELAY_MAX_US)
		delays->us[delays->count++ % RELAY_DELAYS] = (uint32_t)us;
}

/* Of a decoy: the same for the same id, about, as of one who leads. */
static int64_t delay_of(const struct delays *delays, const struct door *door)
{
	uint32_t known = delays->count < RELAY_DELAYS ? delays->count : RELAY_DELAYS, us;
	uint64_t hash;

	crypto_shorthash((uint8_t *)&hash, (const uint8_t *)door->meeting.id, strlen(door->meeting.id), door->relay->secret);
	us = known ? delays->us[hash % known] : DELAY_US;
	return us + randombytes_uniform(us / 8 + 1);
}

/* ---- doors -------------------------------------------------------------------------------------------------- */

void runs_init(struct door *door, struct relay *relay, struct room *room, const char *id)
{
	door->relay = relay;
	door->room = room;
	snprintf(door->meeting.id, sizeof door->meeting.id, "%s", id);
}

/* What a meeting that is not there draws, always the same. */
static void hash_id(const struct relay *relay, const char *what, const char *id, uint8_t *hash, size_t n)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, relay->secret, sizeof relay->secret, n);
	crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
	crypto_generichash_update(&state, (const uint8_t *)id, strlen(id));
	crypto_generichash_final(&state, hash, n);
}

struct door *runs_decoy(struct relay *relay, const char *id)
{
	struct door *door = relay->decoys;

	while (door && strcmp(door->meeting.id, id) != 0)
		door = door->next;
	if (door)
		return door;
	door = calloc(1, sizeof *door);
	if (!door)
		return NULL;
	runs_init(door, relay, NULL, id);
	hash_id(relay, "uuid", id, door->meeting.uuid, sizeof door->meeting.uuid);
	door->next = relay->decoys;
	relay->decoys = door;
	return door;
}

static void decoy_free(struct door *door)
{
	struct door **at = &door->relay->decoys;

	while (*at != door)
		at = &(*at)->next;
	*at = door->next;
	free(door);
}

void runs_free_decoys(struct relay *relay)
{
	while (relay->decoys)
		decoy_free(relay->decoys);
}

/* ---- the list ----------------------------------------------------------------------------------------------- */

static void on_time(void *arg);

static void set_timer(struct run *run, int64_t us)
{
	run->timer.fn = on_time;
	run->timer.arg = run;
	loop_timer_set(run->door->relay->loop, &run->timer, us);
}

/* Those held count as far as their number is limited. */
static void count(struct run *run, int by)
{
	if (run->step != RUN_HELD)
		run->door->under_way += (uint32_t)by;
	else if (!run->trusted)
		run->door->held += (uint32_t)by;
}

static void set_step(struct run *run, enum run_step step)
{
	count(run, -1);
	run->step = step;
	count(run, 1);
	set_timer(run, (step == RUN_HELD ? HELD_MS : RUN_MS) * INT64_C(1000));
}

static struct run *run_new(struct conn *conn, struct door *door, bool trusted)
{
	struct run *run = calloc(1, sizeof *run);

	if (!run)
		return NULL;
	run->door = door;
	run->conn = conn;
	run->trusted = trusted;
	guess_address(conn, run->address);
	run->prev = door->runs_last;
	*(run->prev ? &run->prev->next : &door->runs) = run;
	door->runs_last = run;
	conn->run = run;
	count(run, 1);
	set_step(run, RUN_HELD);
	return run;
}

/* The connection and its command go on without it. */
static void run_end(struct run *run)
{
	struct door *door = run->door;

	loop_timer_cancel(door->relay->loop, &run->timer);
	count(run, -1);
	*(run->prev ? &run->prev->next : &door->runs) = run->next;
	*(run->next ? &run->next->prev : &door->runs_last) = run->prev;
	run->conn->run = NULL;
	free(run);
}

static struct run *find(const struct door *door, uint16_t number)
{
	struct run *run = door->runs;

	while (run && (run->step == RUN_HELD || run->number != number))
		run = run->next;
	return run;
}

/* At random, or it would tell how many came before, which a decoy cannot know. */
static uint16_t draw_number(const struct door *door)
{
	uint16_t number;

	do
		number = (uint16_t)(1 + randombytes_uniform(UINT16_MAX));
	while (find(door, number));
	return number;
}

/* ---- ends --------------------------------------------------------------------------------------------------- */

/* Not let in; a member who could not prove itself has to leave. */
static void refuse(struct run *run, enum refusal refusal)
{
	struct conn *conn = run->conn;

	run_end(run);
	if (conn->member)
		room_dismiss(conn->member, refusal);
	else
		door_refuse(conn, refusal);
}

static void refuse_guess(struct run *run)
{
	if (!run->conn->member)
		guess_failed(run->conn, run->door->room, run->door->meeting.id);
	refuse(run, REFUSED_NO_SUCH_MEETING);
}

/* Nothing came in time. */
static void give_up(struct run *run)
{
	bool own_turn = run->step == RUN_HELLO || run->step == RUN_PROOF;

	if (run->conn->member) {
		run_end(run);
		return;
	}
	if (own_turn && !run->trusted)
		guess_stalled(run->conn);
	refuse(run, REFUSED_NO_SUCH_MEETING);
}

void runs_clear(struct door *door)
{
	while (door->runs) {
		if (door->runs->conn->member)
			run_end(door->runs);
		else
			refuse(door->runs, REFUSED_NO_SUCH_MEETING);
	}
}

void runs_forget(struct conn *conn)
{
	struct door *door;

	if (!conn->run)
		return;
	door = conn->run->door;
	run_end(conn->run);
	runs_advance(door);
}

/* ---- beginning ---------------------------------------------------------------------------------------------- */

static bool has_place(const struct run *run)
{
	const struct door *door = run->door;
	unsigned same = 0;

	if (run->trusted)
		return true;
	for (const struct run *other = door->runs; other; other = other->next)
		same += other->step != RUN_HELD && !other->trusted &&
		        !memcmp(other->address, run->address, sizeof run->address);
	return same < RUNS_ADDRESS_MAX;
}

static void tell_door(const struct run *run)
{
	struct event event = { .kind = EVENT_DOOR };

	memcpy(event.id, run->door->meeting.id, sizeof event.id);
	memcpy(event.uuid, run->door->meeting.uuid, sizeof event.uuid);
	conn_event(run->conn, &event);
}

static void begin(struct run *run)
{
	/* Others may have guessed while it was held. */
	if (!run->trusted && !guess_may(run->conn, run->door->meeting.id)) {
		refuse(run, REFUSED_TOO_MANY_TRIES);
		return;
	}
	run->number = draw_number(run->door);
	run->hellos = 0;
	set_step(run, RUN_HELLO);
	if (!run->unasked)
		tell_door(run);
	run->unasked = false;
}

void runs_advance(struct door *door)
{
	struct run *next;

	for (struct run *run = door->runs; run; run = next) {
		next = run->next;
		if (door->under_way >= RUNS_MAX || (door->room && !lead_member(door->room)))
			break;
		if (run->step == RUN_HELD && has_place(run))
			begin(run);
	}
	if (!door->room && !door->runs)
		decoy_free(door);
}

void runs_join(struct conn *conn, struct door *door, bool trusted)
{
	struct run *run = door->held < HELD_MAX || trusted ? run_new(conn, door, trusted) : NULL;

	if (!run)
		door_refuse(conn, REFUSED_TOO_MANY_TRIES);
	runs_advance(door);
}

static void run_of_member(struct member *member, bool unasked)
{
	struct conn *conn = member->conn;
	struct run *run;

	if (conn->run)
		run_end(conn->run);
	run = run_new(conn, &member->room->door, true);
	if (!run)
		return;
	run->unasked = unasked;
	runs_advance(&member->room->door);
	/* It must wait: then it is asked. */
	if (conn->run == run && run->step == RUN_HELD)
		run->unasked = false;
}

void runs_member(struct member *member)
{
	run_of_member(member, false);
}

void runs_hold(struct door *door)
{
	for (struct run *run = door->runs; run; run = run->next)
		if (run->step != RUN_HELD)
			set_step(run, RUN_HELD);
}

/* ---- who proves itself -------------------------------------------------------------------------------------- */

/* On to who leads; a decoy takes its time. */
static void pass_on(struct run *run, enum wire_seal kind, struct seal_bytes payload)
{
	struct door *door = run->door;
	struct member *leader = door->room ? lead_member(door->room) : NULL;
	bool hello = kind == WIRE_HELLO;

	set_step(run, hello ? RUN_CHALLENGE : RUN_VERDICT);
	run->asked_us = loop_now_us();
	if (leader)
		seal_send(leader->conn, kind, run->number, payload.p, payload.n);
	else if (!door->room)
		set_timer(run, delay_of(hello ? &door->relay->challenge_delays : &door->relay->verdict_delays, door));
}

/* A fresh decoy each time, since who leads has fresh keys each time, too. */
static void ask_decoy(struct run *run, struct seal_bytes hello)
{
	uint8_t seed[32];
	struct join_decoy *decoy;

	hash_id(run->door->relay, "seed", run->door->meeting.id, seed, sizeof seed);
	decoy = join_decoy_new(&run->door->meeting, seed);
	run->answer_n = decoy ? join_decoy_challenge(decoy, hello, run->answer) : -ENOMEM;
	join_decoy_free(decoy);
	sodium_memzero(seed, sizeof seed);
}

static void said_hello(struct run *run, struct seal_bytes hello)
{
	/* Again, since DOOR came again: what is answered to the first counts no more. */
	if (run->hellos++)
		run->number = draw_number(run->door);
	if (run->hellos > HELLOS_MAX) {
		conn_drop(run->conn, LINK_END_POLICY, "Too many hellos.");
		return;
	}
	if (!run->door->room)
		ask_decoy(run, hello);
	pass_on(run, WIRE_HELLO, hello);
}

void runs_said(struct conn *conn, const struct wire_piece *piece)
{
	struct seal_bytes payload = { piece->payload, piece->payload_bytes };
	struct run *run = conn->run;

	if (!run && conn->member && piece->kind == WIRE_HELLO && lead_member(conn->member->room))
		run_of_member(conn->member, true);
	run = conn->run;
	/* What crosses a DOOR on its way is of a run that is over. */
	if (!run || run->step == RUN_HELD)
		return;
	if (piece->kind == WIRE_HELLO && run->step != RUN_VERDICT)
		said_hello(run, payload);
	else if (piece->kind == WIRE_PROOF && run->step == RUN_PROOF)
		pass_on(run, WIRE_PROOF, payload);
}

/* ---- who leads ---------------------------------------------------------------------------------------------- */

static void note_answer(struct run *run)
{
	struct relay *relay = run->door->relay;

	note_delay(run->step == RUN_CHALLENGE ? &relay->challenge_delays : &relay->verdict_delays,
	           loop_now_us() - run->asked_us);
}

static void challenged(struct run *run, struct seal_bytes challenge)
{
	seal_send(run->conn, WIRE_CHALLENGE, run->number, challenge.p, challenge.n);
	set_step(run, RUN_PROOF);
}

static void welcomed(struct run *run, const struct wire_piece *piece)
{
	struct room *room = run->door->room;
	struct conn *conn = run->conn;
	uint16_t number = run->number;

	seal_send(conn, WIRE_WELCOME, number, piece->payload, piece->payload_bytes);
	run_end(run);
	if (conn->member)
		lead_proven(conn->member, number);
	else
		door_proven(conn, room, number);
}

static void rejected(struct run *run, uint8_t why)
{
	if (why == WIRE_REJECT_CLOSED)
		refuse(run, REFUSED_TOO_MANY_TRIES);
	else
		refuse_guess(run);
}

void runs_answer(struct member *leader, const struct wire_piece *piece)
{
	struct door *door = &leader->room->door;
	struct run *run = find(door, piece->source);
	bool judged = run && run->step == RUN_VERDICT;

	if (!run || (run->step != RUN_CHALLENGE && !judged) || (piece->kind == WIRE_CHALLENGE && judged) ||
	    (piece->kind == WIRE_WELCOME && !judged))
		return;
	note_answer(run);
	if (piece->kind == WIRE_CHALLENGE)
		challenged(run, (struct seal_bytes){ piece->payload, piece->payload_bytes });
	else if (piece->kind == WIRE_WELCOME)
		welcomed(run, piece);
	else
		rejected(run, piece->payload[0]);
	runs_advance(door);
}

/* ---- time --------------------------------------------------------------------------------------------------- */

/* A decoy answers: to HELLO as who leads would; to PROOF that the guess was wrong. */
static void decoy_answers(struct run *run)
{
	if (run->step == RUN_CHALLENGE && run->answer_n > 0)
		challenged(run, (struct seal_bytes){ run->answer, (size_t)run->answer_n });
	else
		refuse_guess(run);
}

static void on_time(void *arg)
{
	struct run *run = arg;
	struct door *door = run->door;

	if (!door->room && (run->step == RUN_CHALLENGE || run->step == RUN_VERDICT))
		decoy_answers(run);
	else
		give_up(run);
	runs_advance(door);
}
