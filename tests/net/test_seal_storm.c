/* A meeting through a relay that drops, repeats, delays and changes at random, then comes to its senses. Whatever it
 * does: who has an epoch has the leader's; what opens was said so, by that person, in an epoch of which the listener is;
 * and when it delivers again, everybody who was not removed hears everybody. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/seal/sframe.h"
#include "tests/net/hall.h"

enum { ROUNDS = 100, STEPS = 400, KEPT = 512 };

enum kind { ROSTER, BEAT, FRAME };

/* Something that the relay has and may hand on, as often and late as it likes. */
struct parcel {
	enum kind kind;
	unsigned from;
	uint32_t e;
	struct rotation rotation;
	uint8_t bytes[GROUP_HEARTBEAT];
	size_t n;
};

struct storm {
	struct hall hall;
	struct parcel parcels[KEPT];
	unsigned parcel_n;
	uint8_t h[KEPT][SEAL_HASH];     /* of each epoch, as the leader has it */
	unsigned in[KEPT];              /* bit mask: of it */
	unsigned members;
	uint64_t seed;
};

static struct storm storm;

static unsigned chance(unsigned n)
{
	storm.seed = storm.seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(storm.seed >> 33) % n;
}

static struct group *of(unsigned i)
{
	return hall_group(&storm.hall, i);
}

static struct parcel *keep(enum kind kind, unsigned from)
{
	struct parcel *parcel = &storm.parcels[storm.parcel_n % KEPT];

	rotation_clear(&parcel->rotation);
	storm.parcel_n++;
	*parcel = (struct parcel) { .kind = kind, .from = from, .e = group_epoch(of(0)) };
	return parcel;
}

/* ---- what people do --------------------------------------------------------------------------------------- */

static void rotate(void)
{
	struct parcel *parcel = keep(ROSTER, 0);

	assert_int_equal(group_rotate(of(0), &parcel->rotation, storm.hall.now_ms), 0);
	parcel->e = group_epoch(of(0));
	assert_true(parcel->e < KEPT);
	memcpy(storm.h[parcel->e], of(0)->h_e, SEAL_HASH);
	storm.in[parcel->e] = storm.members;
}

static void join(unsigned i)
{
	struct hall_person *person = &storm.hall.people[i];
	struct seal_bytes sb = { person->self.binding.sb, person->self.binding.sb_n };

	if (person->joined) /* once each */
		return;
	hall_knock(&storm.hall, 0, i);
	assert_int_equal(group_stage_add(of(0), (uint16_t)(i + 1), GROUP_PARTICIPANT, sb, person->psk, person->nonce,
					 storm.hall.now_ms), 0);
	person->joined = 1;
	storm.members |= 1u << i;
	rotate();
}

static void leave(unsigned i)
{
	if (i == 0 || !(storm.members >> i & 1))
		return;
	assert_int_equal(group_stage_remove(of(0), (uint16_t)(i + 1), chance(2), storm.hall.now_ms), 0);
	storm.members &= ~(1u << i);
	rotate();
}

static void speak(unsigned i)
{
	uint8_t frame[256];
	int n = hall_say(&storm.hall, i, frame);
	struct parcel *parcel;

	if (n <= 0)
		return;
	parcel = keep(FRAME, i);
	parcel->n = (size_t)n;
	parcel->e = group_send_epoch(of(i), storm.hall.now_ms);
	memcpy(parcel->bytes, frame, parcel->n);
}

static void beat(void)
{
	struct parcel *parcel = keep(BEAT, 0);

	parcel->n = (size_t)group_make_heartbeat(of(0), parcel->bytes, storm.hall.now_ms);
}

/* ---- what the relay does ---------------------------------------------------------------------------------- */

static struct seal_bytes wrap_of(const struct rotation *rotation, unsigned i)
{
	for (size_t k = 0; k < rotation->wrap_count; k++)
		if (rotation->wraps[k].idx == i + 1)
			return SEAL_BYTES(rotation->wraps[k].bytes);
	return (struct seal_bytes) { NULL, 0 };
}

static void give_roster(unsigned to, const struct parcel *parcel, unsigned harm)
{
	const struct rotation *r = &parcel->rotation;
	struct seal_bytes wrap = wrap_of(r, harm == 1 ? chance(HALL_PEOPLE) : to), roster = { r->roster, r->roster_bytes };
	uint8_t *copy = malloc(roster.n);
	uint8_t stale[GROUP_WRAP];

	assert_non_null(copy);
	memcpy(copy, r->roster, roster.n);
	if (harm == 2)
		copy[chance((unsigned)roster.n)] ^= (uint8_t)(1 << chance(8));
	if (harm == 3 && wrap.n) {
		memcpy(stale, wrap.p, sizeof stale);
		stale[chance(sizeof stale)] ^= 1;
		wrap.p = stale;
	}
	if (harm == 4)
		wrap.n = 0;
	roster.p = copy;
	group_receive(of(to), roster, wrap, (struct seal_bytes) { r->listing, r->listing_bytes }, storm.hall.now_ms);
	free(copy);
}

static void give_frame(unsigned to, const struct parcel *parcel, unsigned harm)
{
	uint8_t copy[GROUP_HEARTBEAT];

	memcpy(copy, parcel->bytes, parcel->n);
	if (harm == 2)
		copy[chance((unsigned)parcel->n)] ^= 1;
	if (hall_hear(&storm.hall, to, harm == 1 ? chance(HALL_PEOPLE) : parcel->from, copy, parcel->n) < 0)
		return;
	assert_true(harm == 0 || memcmp(copy, parcel->bytes, parcel->n) == 0);
	assert_true(storm.in[parcel->e] >> to & 1);
	assert_true(storm.in[parcel->e] >> parcel->from & 1);
}

static void give(unsigned to, const struct parcel *parcel, unsigned harm)
{
	if (parcel->kind == ROSTER && parcel->rotation.roster)
		give_roster(to, parcel, harm);
	else if (parcel->kind == BEAT)
		group_receive_heartbeat(of(to), (struct seal_bytes) { parcel->bytes, parcel->n - (harm == 2) }, storm.hall.now_ms);
	else if (parcel->kind == FRAME)
		give_frame(to, parcel, harm);
}

/* What was held opens only for who is of its epoch. */
static void release(unsigned i)
{
	struct group_from from;
	uint8_t metadata[64], out[256];
	size_t n = sizeof metadata;

	while (group_release(of(i), metadata, &n, out, sizeof out, &from, storm.hall.now_ms) >= 0) {
		assert_true(storm.in[from.epoch] >> i & 1);
		assert_true(storm.in[from.epoch] >> (from.idx - 1) & 1);
		n = sizeof metadata;
	}
}

static void check(unsigned i)
{
	const uint32_t e = group_epoch(of(i));
	enum group_reason reason;

	if (group_tick(of(i), storm.hall.now_ms) & GROUP_READY && chance(3))
		release(i);
	group_state(of(i), storm.hall.now_ms, &reason);
	assert_true(reason != GROUP_FORKED && reason != GROUP_CRYPTO_FAILED);
	if (!e || reason == GROUP_WAS_REMOVED)
		return;
	assert_memory_equal(of(i)->h_e, storm.h[e], SEAL_HASH);
	assert_true(storm.in[e] >> i & 1);
}

static void step(void)
{
	const unsigned i = 1 + chance(HALL_PEOPLE - 1), what = chance(40);
	const struct parcel *parcel;

	storm.hall.now_ms += chance(150);
	if (what == 0)
		join(i);
	else if (what == 1 && chance(3) == 0)
		leave(i);
	else if (what == 2)
		rotate();
	else if (what == 3)
		beat();
	else if (what < 16)
		speak(chance(HALL_PEOPLE));
	if (!storm.parcel_n)
		return;
	/* mostly the newest, now and then any */
	parcel = &storm.parcels[(storm.parcel_n - 1 - chance(chance(4) ? 3 : 200) % storm.parcel_n) % KEPT];
	give(i, parcel, chance(3) ? 0 : chance(5));
	check(i);
}

/* ---- and then it does what it should ---------------------------------------------------------------------- */

static void catch_up(unsigned i)
{
	struct group_wrap wrap;
	uint8_t nonce[SEAL_MEMBER_NONCE];

	for (unsigned k = storm.parcel_n > KEPT ? storm.parcel_n - KEPT : 0; k < storm.parcel_n; k++)
		if (storm.parcels[k % KEPT].kind == ROSTER)
			give(i, &storm.parcels[k % KEPT], 0);
	assert_int_equal(group_epoch(of(i)), group_epoch(of(0)));
	if (group_epoch_of(of(i), group_epoch(of(i)))->has_key)
		return;
	assert_int_equal(group_make_nonce(of(i), nonce, storm.hall.now_ms), 0);
	assert_int_equal(group_nonce(of(0), (uint16_t)(i + 1), nonce), 0);
	assert_int_equal(group_rewrap(of(0), (uint16_t)(i + 1), &wrap), 0);
	assert_int_equal(group_receive_wrap(of(i), SEAL_BYTES(wrap.bytes), storm.hall.now_ms), GROUP_ACCEPTED);
}

static void calm(void)
{
	rotate();
	for (unsigned i = 1; i < HALL_PEOPLE; i++)
		if (storm.members >> i & 1)
			catch_up(i);
	storm.hall.now_ms += GROUP_SWITCH_MS + GROUP_HOLD_MS + 1;
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		if (group_tick(of(i), storm.hall.now_ms) & GROUP_READY)
			release(i);
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		for (unsigned k = 0; k < HALL_PEOPLE; k++)
			if (i != k && storm.members >> i & 1)
				assert_int_equal(hall_hears(&storm.hall, i, k), storm.members >> k & 1);
}

static void group__survives__a_storm(void **state)
{
	uint64_t opened = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		storm = (struct storm) { .seed = round + 1, .members = 1 };
		hall_open(&storm.hall, round % 2);
		storm.hall.now_ms += 1000;
		memcpy(storm.h[1], of(0)->h_e, SEAL_HASH);
		storm.in[1] = 1;
		for (unsigned i = 0; i < STEPS; i++)
			step();
		calm();
		for (unsigned i = 0; i < HALL_PEOPLE; i++)
			opened += group_counts(of(i)).opened;
		for (unsigned i = 0; i < KEPT; i++)
			rotation_clear(&storm.parcels[i].rotation);
		hall_close(&storm.hall);
	}
	assert_true(opened > 20 * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(group__survives__a_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
