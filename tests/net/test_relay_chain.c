/* What a relay keeps of rosters: who is in, what cannot be, and how much. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/relay_chain.h"
#include "net/wire.h"

/* One op as a test writes it: +7 adds number 7, -7 removes it. */
static size_t write_ops(uint8_t *out, size_t size, const int *ops, size_t count)
{
	static const uint8_t sb[40] = "a binding";
	struct lv lv = lv_into(out, size);

	for (size_t i = 0; i < count; i++) {
		struct group_op op = { .kind = ops[i] > 0 ? GROUP_OP_ADD : GROUP_OP_REMOVE, .idx = (uint16_t)abs(ops[i]) };

		if (ops[i] > 0)
			op.sb = SEAL_BYTES(sb);
		group_op_write(&lv, &op);
	}
	assert_false(lv.full);
	return lv.n;
}

/* The next R of this chain. */
static int take(struct chain *chain, uint16_t leader, const int *ops, size_t count)
{
	static uint8_t ops_bytes[GROUP_ROSTER], message[GROUP_ROSTER];
	struct group_roster roster = { .e = chain->e + 1, .leader = leader }, read;
	int n;

	memcpy(roster.prev, chain->h, sizeof roster.prev);
	roster.ops = (struct seal_bytes){ ops_bytes, write_ops(ops_bytes, sizeof ops_bytes, ops, count) };
	n = group_roster_write(&roster, message, sizeof message - SEAL_SIG);
	assert_true(n > 0);
	assert_int_equal(group_roster_read(&read, (struct seal_bytes){ message, (size_t)n + SEAL_SIG }), 0);
	assert_true(chain_next(chain, &read));
	return chain_take(chain, &read, (struct seal_bytes){ message, (size_t)n + SEAL_SIG }, (struct seal_bytes){ "list", 4 });
}
#define TAKE(chain, leader, ...) \
	take(chain, leader, (const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static void chain__follows__ops(void **state)
{
	struct chain chain = { 0 };

	(void)state;
	assert_int_equal(TAKE(&chain, 1, 1), 0);
	assert_int_equal(TAKE(&chain, 1, 3, 2), 0);
	assert_int_equal(TAKE(&chain, 1, -3), 0);
	assert_true(chain_has(&chain, 2));
	assert_false(chain_has(&chain, 3));
	assert_false(chain_has(&chain, 4));
	assert_false(chain_has(&chain, 70000));
	assert_int_equal(chain_find(&chain, 3)->removed, 3);
	assert_int_equal(chain.in_count, 2);
	/* Who was sent back may come again. */
	assert_int_equal(TAKE(&chain, 2, 3), 0);
	assert_int_equal(chain_find(&chain, 3)->added, 4);
	assert_int_equal(chain.in_count, 3);
	assert_int_equal(chain.leader, 2);
	/* Listed to who was added by the second, and by the fourth. */
	unsigned second = 0, fourth = 0;
	for (size_t i = 0; i < chain.member_count; i++) {
		second += chain_listed_before(&chain.members[i], 2);
		fourth += chain_listed_before(&chain.members[i], 4);
	}
	assert_int_equal(second, 1);
	assert_int_equal(fourth, 2);
	chain_clear(&chain);
}

static void chain__refuses__what_cannot_be(void **state)
{
	struct chain chain = { 0 };
	static const int wrong[][3] = {
		{ 2, 3, 1 },    /* is in */
		{ 2, 3, 3 },    /* twice */
		{ 2, 3, -9 },   /* nobody */
		{ 2, -1, -1 },  /* twice */
		{ 3, 2, -1 },   /* nobody leads */
	};
	uint8_t h[SEAL_HASH];

	(void)state;
	assert_int_equal(TAKE(&chain, 2, 1), -EBADMSG);
	assert_int_equal(TAKE(&chain, 1, 1), 0);
	memcpy(h, chain.h, sizeof h);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(take(&chain, 1, wrong[i], 3), -EBADMSG);
		assert_int_equal(chain.e, 1);
		assert_memory_equal(chain.h, h, sizeof h);
		assert_int_equal(chain.member_count, 1);
		assert_int_equal(chain.in_count, 1);
		assert_true(chain_has(&chain, 1));
		assert_int_equal(chain.epoch_count, 1);
	}
	chain_clear(&chain);
}

static void chain__refuses__too_many(void **state)
{
	struct chain chain = { 0 };
	int ops[GROUP_MEMBERS];

	(void)state;
	for (int i = 0; i < GROUP_MEMBERS; i++)
		ops[i] = i + 1;
	assert_int_equal(take(&chain, 1, ops, GROUP_MEMBERS), 0);
	assert_int_equal(TAKE(&chain, 1, GROUP_MEMBERS + 1), -EBADMSG);
	assert_int_equal(TAKE(&chain, 1, GROUP_MEMBERS + 1, -7), 0);
	assert_int_equal(chain.in_count, GROUP_MEMBERS);
	chain_clear(&chain);
}

/* So many epochs, so many people who went, and whatever comes no more memory. */
static void chain__forgets__the_oldest(void **state)
{
	struct chain chain = { 0 };
	int ops[2 * (GROUP_MEMBERS - 1)];

	(void)state;
	assert_int_equal(TAKE(&chain, 1, 1), 0);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < GROUP_MEMBERS - 1; i++) {
			ops[i] = 2 + i + round * 1000;
			ops[GROUP_MEMBERS - 1 + i] = -ops[i];
		}
		assert_int_equal(take(&chain, 1, ops, GROUP_MEMBERS - 1), 0);
		assert_int_equal(take(&chain, 1, ops + GROUP_MEMBERS - 1, GROUP_MEMBERS - 1), 0);
		assert_true(chain.epoch_count <= CHAIN_EPOCHS);
		assert_true(chain.bytes <= CHAIN_BYTES);
		assert_true(chain.member_count <= CHAIN_MEMBERS);
		assert_int_equal(chain.epochs[chain.epoch_count - 1].e, chain.e);
	}
	for (int i = 0; i < 2 * CHAIN_EPOCHS; i++)
		assert_int_equal(take(&chain, 1, NULL, 0), 0);
	assert_int_equal(chain.epoch_count, CHAIN_EPOCHS);
	assert_int_equal(chain.member_count, 1);
	chain_clear(&chain);
	assert_int_equal(chain.bytes, 0);
}

static void chain__keeps__wraps_of_the_newest(void **state)
{
	static const uint8_t one[GROUP_WRAP] = { 1 }, two[GROUP_WRAP] = { 2 };
	struct chain chain = { 0 };

	(void)state;
	assert_int_equal(chain_wrap(&chain, 1, one), -ENOENT);
	assert_int_equal(TAKE(&chain, 1, 1, 2, 3), 0);
	assert_int_equal(chain_wrap(&chain, 9, one), -ENOENT);
	assert_int_equal(chain_wrap(&chain, 3, one), 0);
	assert_int_equal(chain_wrap(&chain, 2, one), 0);
	assert_int_equal(chain_wrap(&chain, 3, two), 0);
	assert_int_equal(TAKE(&chain, 1, -2), 0);
	assert_memory_equal(chain_wrap_of(&chain.epochs[0], 3), two, sizeof two);
	assert_memory_equal(chain_wrap_of(&chain.epochs[0], 2), one, sizeof one);
	assert_null(chain_wrap_of(&chain.epochs[0], 1));
	assert_null(chain_wrap_of(&chain.epochs[1], 3));
	assert_int_equal(chain_wrap(&chain, 2, one), -ENOENT);
	chain_clear(&chain);
}

static void chain__keeps__pieces_as_they_go_out(void **state)
{
	struct chain chain = { 0 };
	struct wire_piece piece;

	(void)state;
	assert_int_equal(TAKE(&chain, 7, 7), 0);
	const struct chain_epoch *epoch = &chain.epochs[0];
	assert_true(wire_piece_decode(&piece, buf_bytes(epoch->roster), buf_size(epoch->roster)) > 0);
	assert_int_equal(piece.kind, WIRE_ROSTER);
	assert_int_equal(piece.source, 7);
	assert_true(wire_piece_decode(&piece, buf_bytes(epoch->listing), buf_size(epoch->listing)) > 0);
	assert_int_equal(piece.kind, WIRE_LISTING);
	assert_true(wire_piece_decode(&piece, buf_bytes(chain.members[0].binding), buf_size(chain.members[0].binding)) > 0);
	assert_int_equal(piece.kind, WIRE_BINDING);
	assert_int_equal(piece.source, 7);
	chain_clear(&chain);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain__follows__ops),
		cmocka_unit_test(chain__refuses__what_cannot_be),
		cmocka_unit_test(chain__refuses__too_many),
		cmocka_unit_test(chain__forgets__the_oldest),
		cmocka_unit_test(chain__keeps__wraps_of_the_newest),
		cmocka_unit_test(chain__keeps__pieces_as_they_go_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
