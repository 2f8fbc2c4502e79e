/* Frames through a relay that replays, reorders, drops, changes and delays them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/seal/sframe.h"
#include "tests/net/hall.h"

static struct hall hall;
static const struct seal_bytes none = { NULL, 0 };
static const uint8_t header[12] = { 0, 0, 80, 0, 0, 1, 0, 30, 1, 2, 3, 4 };

static int open_hall(void **state)
{
	(void)state;
	hall_open(&hall, true);
	hall_join(&hall, 0, 1, GROUP_PARTICIPANT);
	hall_join(&hall, 0, 2, GROUP_PARTICIPANT);
	hall.now_ms += GROUP_SWITCH_MS;
	return 0;
}

static int close_hall(void **state)
{
	(void)state;
	hall_close(&hall);
	return 0;
}

static uint32_t sends(unsigned i)
{
	return group_send_epoch(hall_group(&hall, i), hall.now_ms);
}

/* ---- what a relay does ------------------------------------------------------------------------- */

static void group_open__refuses__replayed_and_reordered(void **state)
{
	uint8_t frames[4][256];
	int n = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		n = hall_say(&hall, 0, frames[i]);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[0], (size_t)n), 80);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[0], (size_t)n), -EBADMSG);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[2], (size_t)n), 80); /* one was dropped */
	assert_int_equal(hall_hear(&hall, 1, 0, frames[1], (size_t)n), -EBADMSG);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[3], (size_t)n), 80);
	assert_int_equal(group_counts(hall_group(&hall, 1)).replayed, 2);
	assert_int_equal(group_counts(hall_group(&hall, 1)).opened, 3);
}

static void group_open__refuses__every_changed_byte(void **state)
{
	struct group *group = hall_group(&hall, 1);
	struct group_from from;
	uint8_t frame[256], copy[256], out[256], changed[sizeof header];
	int n = hall_say(&hall, 0, frame);

	(void)state;
	for (int i = 0; i < n; i++) {
		memcpy(copy, frame, sizeof copy);
		copy[i] ^= 1;
		assert_true(hall_hear(&hall, 1, 0, copy, (size_t)n) < 0);
		assert_true(hall_hear(&hall, 1, 0, frame, (size_t)i) < 0);
	}
	for (size_t i = 0; i < sizeof header; i++) {
		memcpy(changed, header, sizeof changed);
		changed[i] ^= 1;
		assert_int_equal(group_open(group, 1, GROUP_AUDIO, SEAL_BYTES(changed), frame, (size_t)n, out,
					    sizeof out, &from, hall.now_ms),
				 -EBADMSG);
	}
	assert_int_equal(hall_hear(&hall, 1, 0, frame, (size_t)n),
			 80); /* the CTR was recorded by none of them */
}

static void group_open__refuses__another_sender_or_stream(void **state)
{
	struct group *group = hall_group(&hall, 1);
	struct group_from from;
	uint8_t frame[256], out[256];
	size_t n = (size_t)hall_say(&hall, 0, frame);

	(void)state;
	assert_int_equal(hall_hear(&hall, 1, 2, frame, n), -EBADMSG);
	assert_int_equal(hall_hear(&hall, 0, 0, frame, n), -EBADMSG); /* one's own comes back */
	assert_int_equal(group_open(group, 1, GROUP_SCREEN, SEAL_BYTES(header), frame, n, out, sizeof out,
				    &from, hall.now_ms),
			 -EBADMSG);
	assert_int_equal(group_open(group, 1, GROUP_STREAMS, SEAL_BYTES(header), frame, n, out, sizeof out,
				    &from, hall.now_ms),
			 -EBADMSG);
	assert_int_equal(
		group_open(group, 1, GROUP_AUDIO, SEAL_BYTES(header), frame, n, out, 79, &from, hall.now_ms),
		-ENOSPC);
	assert_int_equal(group_open(group, 1, GROUP_AUDIO, SEAL_BYTES(header), frame, n, out, sizeof out,
				    &from, hall.now_ms),
			 80);
	assert_int_equal(from.idx, 1);
	assert_int_equal(from.epoch, 3);
	assert_false(from.held);
}

static void group_trouble__names__whose_frames_fail(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t frame[256];
	size_t n = (size_t)hall_say(&hall, 0, frame);

	(void)state;
	frame[n - 1] ^= 1;
	for (unsigned i = 0; i < GROUP_FAILURES - 1; i++)
		hall_hear(&hall, 1, 0, frame, n);
	assert_int_equal(group_trouble(group), 0);
	assert_false(group_tick(group, hall.now_ms) & GROUP_TROUBLE);
	hall_hear(&hall, 1, 0, frame, n);
	assert_true(group_tick(group, hall.now_ms) & GROUP_TROUBLE);
	assert_int_equal(group_trouble(group), 1);
	assert_int_equal(group_trouble(group), 0);
	/* spread over more than 10 s they are no trouble */
	for (unsigned i = 0; i < 2 * GROUP_FAILURES; i++) {
		hall.now_ms += 300;
		hall_hear(&hall, 1, 0, frame, n);
	}
	assert_int_equal(group_trouble(group), 0);
}

/* ---- epochs ------------------------------------------------------------------------------------ */

static void group_seal__moves_on__2_s_after_it_came(void **state)
{
	uint8_t old[256];
	int n;

	(void)state;
	assert_int_equal(sends(0), 3);
	n = hall_say(&hall, 0, old);
	hall_rotate(&hall, 0);
	assert_int_equal(sends(0), 3);
	assert_int_equal(sends(1), 3);
	hall.now_ms += GROUP_SWITCH_MS - 1;
	assert_int_equal(sends(1), 3);
	hall.now_ms++;
	assert_int_equal(sends(1), 4);
	hall.now_ms += GROUP_OVERLAP_MS - GROUP_SWITCH_MS - 1;
	assert_int_equal(hall_hear(&hall, 1, 0, old, (size_t)n), 80);
	hall.now_ms++;
	assert_int_equal(hall_hear(&hall, 2, 0, old, (size_t)n), -EBADMSG); /* its epoch is over */
	/* who goes is shut out at once */
	group_stage_remove(hall_group(&hall, 0), 3, true, hall.now_ms);
	hall_rotate(&hall, 0);
	assert_int_equal(sends(0), 5);
	assert_int_equal(sends(1), 5);
	assert_int_equal(sends(2), 0);
}

static void group_seal__stops__under_an_old_epoch(void **state)
{
	uint8_t frame[256];
	enum group_reason reason;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		hall.now_ms += GROUP_BEAT_MS;
		hall_beat(&hall, 0);
	}
	assert_true(group_tick(hall_group(&hall, 1), hall.now_ms) & GROUP_OLD);
	assert_int_equal(hall_say(&hall, 1, frame), -EPERM);
	assert_int_equal(group_state(hall_group(&hall, 1), hall.now_ms, &reason), GROUP_PAUSED);
	assert_int_equal(reason, GROUP_TOO_OLD);
	assert_string_equal(group_reason_name(reason), "old-epoch");
}

/* No two frames of one sender are ever sealed under the same KID and CTR: not over epochs, not after a new
 * join. */
static void group_seal__never_repeats__kid_and_ctr(void **state)
{
	static uint64_t seen[600][2];
	uint8_t frame[256], small[40];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		const unsigned who = i % 2;
		if (i % 50 == 49) {
			hall_rotate(&hall, 0);
			hall.now_ms += i % 100 == 99 ? GROUP_SWITCH_MS : 100;
		}
		if (i % 7 == 0) /* refused before it is sealed */
			assert_true(group_seal(hall_group(&hall, who), GROUP_AUDIO, none, small, 40, small,
					       sizeof small, hall.now_ms) < 0);
		if (i == 250) { /* this person's line is lost: another number, other keys */
			group_stage_remove(hall_group(&hall, 0), 2, false, hall.now_ms);
			hall_rotate(&hall, 0);
			hall_person(&hall, 1, 30);
			hall_knock(&hall, 0, 1);
			assert_int_equal(
				group_stage_add(hall_group(&hall, 0), 30, GROUP_PARTICIPANT,
						(struct seal_bytes) { hall.people[1].self.binding.sb,
								      hall.people[1].self.binding.sb_n },
						hall.people[1].psk, hall.people[1].nonce, hall.now_ms),
				0);
			hall_turn(&hall, 0);
			for (size_t k = 0; k < hall.last.wrap_count; k++)
				if (hall.last.wraps[k].idx == 30)
					assert_int_equal(group_receive(hall_group(&hall, 1),
								       hall_roster(&hall),
								       SEAL_BYTES(hall.last.wraps[k].bytes),
								       hall_listing(&hall), hall.now_ms),
							 GROUP_ACCEPTED);
			assert_int_equal(hall_group(&hall, 1)->e, hall_group(&hall, 0)->e);
			hall.people[1].joined = 0;
		}
		if (i > 250 && i % 50 == 49)
			group_receive(hall_group(&hall, 1), hall_roster(&hall), none, none, hall.now_ms);
		int len = hall_say(&hall, who, frame);
		if (len < 0)
			continue;
		assert_true(sframe_header_read(frame, (size_t)len, &seen[n][0], &seen[n][1]) > 0);
		for (size_t k = 0; k < n; k++)
			assert_false(seen[k][0] == seen[n][0] && seen[k][1] == seen[n][1]);
		n++;
	}
	assert_true(n > 400);
}

/* ---- frames before their key
 * ------------------------------------------------------------------------------- */

static void group_release__gives_back__what_came_early(void **state)
{
	struct group *group = hall_group(&hall, 1);
	struct group_from from;
	uint8_t frames[3][256], metadata[64], out[256];
	size_t metadata_n;
	int n = 0;

	(void)state;
	group_stage_remove(hall_group(&hall, 0), 3, true, hall.now_ms);
	hall_turn(&hall, 0);
	for (unsigned i = 0; i < 3; i++) {
		n = hall_say(&hall, 0, frames[i]);
		assert_int_equal(hall_hear(&hall, 1, 0, frames[i], (size_t)n), -EAGAIN);
	}
	metadata_n = sizeof metadata;
	assert_int_equal(group_release(group, metadata, &metadata_n, out, sizeof out, &from, hall.now_ms),
			 -ENOENT);
	assert_false(group_tick(group, hall.now_ms) & GROUP_READY);
	assert_int_equal(hall_tell(&hall, 1), GROUP_ACCEPTED);
	assert_true(group_tick(group, hall.now_ms) & GROUP_READY);
	/* what comes now is behind them, not before */
	n = hall_say(&hall, 0, frames[2]);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[2], (size_t)n), -EAGAIN);
	for (unsigned i = 0; i < 4; i++) {
		metadata_n = sizeof metadata;
		assert_int_equal(
			group_release(group, metadata, &metadata_n, out, sizeof out, &from, hall.now_ms), 80);
		assert_int_equal(metadata_n, sizeof header);
		assert_memory_equal(metadata, header, sizeof header);
		assert_true(from.held);
		assert_int_equal(from.idx, 1);
	}
	assert_int_equal(group_release(group, metadata, &metadata_n, out, sizeof out, &from, hall.now_ms),
			 -ENOENT);
	assert_int_equal(hall_hear(&hall, 1, 0, frames[2], (size_t)n), -EBADMSG);
}

static void group_open__holds__no_more_than_64_for_2_s(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t frame[256], *large = calloc(1, GROUP_FRAME);
	struct group_from from;
	int n;

	(void)state;
	assert_non_null(large);
	group_stage_remove(hall_group(&hall, 0), 3, true, hall.now_ms);
	hall_turn(&hall, 0);
	for (unsigned i = 0; i < GROUP_HELD_FRAMES + 1; i++) {
		n = hall_say(&hall, 0, frame);
		assert_int_equal(hall_hear(&hall, 1, 0, frame, (size_t)n),
				 i < GROUP_HELD_FRAMES ? -EAGAIN : -EBADMSG);
	}
	hall.now_ms += GROUP_HOLD_MS + 1;
	assert_int_equal(hall_hear(&hall, 1, 0, frame, (size_t)n), -EAGAIN);
	assert_int_equal(group->held_n, 1);
	assert_int_equal(group_counts(group).unknown, GROUP_HELD_FRAMES);
	/* nor more bytes than there is room for */
	n = group_seal(hall_group(&hall, 0), GROUP_SCREEN, none, large, GROUP_FRAME - 64, large, GROUP_FRAME,
		       hall.now_ms);
	for (unsigned i = 0; i < 8; i++)
		group_open(group, 1, GROUP_SCREEN, none, large, (size_t)n, frame, sizeof frame, &from,
			   hall.now_ms);
	assert_true(group->held_bytes <= GROUP_HELD_BYTES && group->held_n > 3);
	free(large);
}

static void group_seal__refuses__what_it_cannot(void **state)
{
	struct group *group = hall_group(&hall, 1);
	uint8_t byte[64] = { 0 };

	(void)state;
	assert_int_equal(group_seal(group, GROUP_PRIVATE, none, byte, 1, byte, sizeof byte, hall.now_ms),
			 -EINVAL);
	assert_int_equal(group_seal(group, GROUP_STREAMS, none, byte, 1, byte, sizeof byte, hall.now_ms),
			 -EINVAL);
	assert_int_equal(
		group_seal(group, GROUP_AUDIO, none, byte, GROUP_FRAME, byte, sizeof byte, hall.now_ms),
		-EINVAL);
	assert_int_equal(group_seal(group, GROUP_AUDIO, none, byte, 32, byte, sizeof byte, hall.now_ms),
			 -ENOSPC);
	assert_int_equal(
		group_seal(hall_group(&hall, 7), GROUP_AUDIO, none, byte, 1, byte, sizeof byte, hall.now_ms),
		-EPERM);
	assert_int_equal(group_seal_private(group, 2, none, byte, 1, byte, sizeof byte, hall.now_ms),
			 -ENOENT);
	assert_int_equal(group_seal_private(group, 99, none, byte, 1, byte, sizeof byte, hall.now_ms),
			 -ENOENT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(group_open__refuses__replayed_and_reordered),
		CASE(group_open__refuses__every_changed_byte),
		CASE(group_open__refuses__another_sender_or_stream),
		CASE(group_trouble__names__whose_frames_fail),
		CASE(group_seal__moves_on__2_s_after_it_came),
		CASE(group_seal__stops__under_an_old_epoch),
		CASE(group_seal__never_repeats__kid_and_ctr),
		CASE(group_release__gives_back__what_came_early),
		CASE(group_open__holds__no_more_than_64_for_2_s),
		CASE(group_seal__refuses__what_it_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
