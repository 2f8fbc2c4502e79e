/* What a relay can try that takes more than moving bytes about: to guess the passcode itself, at the leader's client and
 * past the limits of an honest relay; and, with the key of a member who helps it, to sign rosters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/identity.h"
#include "net/seal/group_roster.h"
#include "tests/tools/hostile_state.h"

/* ---- guessing ------------------------------------------------------------------------------------------ */

static void to_leader(struct guess *guess, enum wire_seal kind, const uint8_t *p, size_t n)
{
	uint8_t bytes[WIRE_HEADER_BYTES + JOIN_MESSAGE];
	struct wire_piece piece = { .kind = kind, .source = guess->run, .payload = p, .payload_bytes = n };

	if (wire_piece_header(bytes, &piece) < 0)
		abort();
	memcpy(bytes + WIRE_HEADER_BYTES, p, n);
	line_write(guess->line, DOWN, false, bytes, WIRE_HEADER_BYTES + n);
}

/* An honest relay gave it to somebody. */
static bool run_seen(const struct hostile *hostile, const struct line *line, uint16_t run)
{
	for (size_t i = 0; i < hostile->record_n; i++)
		if (hostile->record[i].conn == line->conn && hostile->record[i].from == run &&
		    item_piece(hostile->record[i].kind) == WIRE_HELLO)
			return true;
	return false;
}

int guess_start(struct hostile *hostile, struct line *line, const struct join_secrets *secrets)
{
	struct guess *guess = &hostile->guess;
	uint8_t pk[SEAL_KEY], ik[64], out[JOIN_MESSAGE];
	int n;

	if (!line->has_door)
		return -ENOENT;
	memset(guess, 0, sizeof *guess);
	crypto_sign_keypair(pk, ik);
	n = seal_self_make(&guess->self, &line->meeting, "Mallory", ik, SEAL_MODE_END);
	if (n < 0)
		return n;
	n = join_hello(&guess->joiner, &line->meeting, &guess->self, secrets, out);
	if (n < 0)
		return n;
	guess->running = true;
	guess->line = line;
	do
		randombytes_buf(&guess->run, sizeof guess->run);
	while (!guess->run || run_seen(hostile, line, guess->run));
	to_leader(guess, WIRE_HELLO, out, (size_t)n);
	return 0;
}

static void over(struct hostile *hostile, json_t *answer)
{
	hostile->guess.running = false;
	board_answer(hostile, answer);
}

static json_t *verdict(const struct hostile *hostile, const char *what, int number)
{
	return json_pack("{s:b, s:s, s:i, s:i}", "ok", 1, "verdict", what, "reason", number, "run", hostile->guess.run);
}

static void go_on(struct hostile *hostile, const struct item *item)
{
	struct guess *guess = &hostile->guess;
	uint8_t out[JOIN_MESSAGE];
	struct seal_bytes bytes;
	int n;

	bytes.p = item_payload(item, &bytes.n);
	switch (item_piece(item->kind)) {
	case WIRE_CHALLENGE:
		n = join_proof(&guess->joiner, bytes, out);
		if (n < 0)
			over(hostile, verdict(hostile, "bad-challenge", n));
		else
			to_leader(guess, WIRE_PROOF, out, (size_t)n);
		break;
	case WIRE_WELCOME:
		n = join_finish(&guess->joiner, bytes);
		over(hostile, verdict(hostile, n < 0 ? "bad-welcome" : "welcome", n));
		break;
	default: over(hostile, verdict(hostile, "reject", *(const uint8_t *)bytes.p)); break;
	}
}

bool guess_takes(struct hostile *hostile, struct line *line, const struct item *item)
{
	const enum wire_seal kind = item->class == CLASS_PIECE && item->dir == UP ? item_piece(item->kind) : 0;

	if ((kind != WIRE_CHALLENGE && kind != WIRE_WELCOME && kind != WIRE_REJECT) || !hostile->guess.running ||
	    hostile->guess.line != line || item->from != hostile->guess.run)
		return false;
	go_on(hostile, item);
	return true;
}

/* ---- strangers ----------------------------------------------------------------------------------------- */

int forge_binding(struct seal_self *self, const struct line *line, const char *name, bool plain)
{
	uint8_t pk[SEAL_KEY], ik[64];

	if (!line->has_door)
		return -ENOENT;
	crypto_sign_keypair(pk, ik);
	return seal_self_make(self, &line->meeting, name, ik, plain ? SEAL_MODE_RELAY : SEAL_MODE_END);
}

/* ---- rosters ------------------------------------------------------------------------------------------- */

int forge_roster(uint8_t *out, size_t size, const struct line *line, const struct item *base, const struct forgery *forgery)
{
	struct identity identity;
	struct group_roster roster;
	struct seal_bytes message;
	int n = identity_load(&identity, forgery->dir);

	if (n < 0)
		return n;
	message.p = item_payload(base, &message.n);
	if (!line->has_door || group_roster_read(&roster, message) < 0)
		return -EBADMSG;
	if (forgery->next) {
		seal_hash(roster.prev, roster.r);
		roster.e++;
		roster.ops.n = 0;
	}
	if (forgery->has_leader)
		roster.leader = forgery->leader;
	if (forgery->has_flags)
		roster.flags = forgery->flags;
	roster.time_ms += forgery->time_ms;
	seal_random(roster.commit, sizeof roster.commit);
	n = group_roster_write(&roster, out, size - SEAL_SIG);
	if (n < 0)
		return n;
	if (seal_sign_for(out + n, &line->meeting, "roster", identity.secret, (struct seal_bytes) { out, (size_t)n }) < 0)
		return -EIO;
	identity_clear(&identity);
	return n + SEAL_SIG;
}
