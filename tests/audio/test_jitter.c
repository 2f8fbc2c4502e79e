/* A line simulated packet by packet: each is sent on time and comes when the case says, or never; a speaker
 * takes 5 ms at a time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/jitter.h"

enum { MAX = 40000, LOST = -1, BLOCK = 240, PERIOD = 240 };

struct line {
	const char *name;
	unsigned packets, packet_ms;
	uint32_t first; /* timestamp */
	bool fec;
	/** Milliseconds that packet i takes, LOST for ever. */
	double (*takes)(unsigned i);
	double drift; /* the sender's clock: 1e-4 is 100 ppm fast */
	/* What must come out. */
	unsigned played_min, played_max, recovered, conceal_ms_min, conceal_ms_max, delay_ms_max;
	unsigned silent_ms_max; /* between the first and the last packet played */
};

struct run {
	unsigned played, recovered, stretched;
	double conceal_ms, silent_ms, silent_now_ms;
	double delay_at[MAX]; /* ms from sent to played; 0 not played */
	int last_played;
	bool disorder;
	struct jitter_stats stats;
};

static unsigned seed;

static double noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (double)(seed >> 8) / (1 << 24);
}

static double at_once(unsigned i)
{
	(void)i;
	return 5;
}

static double one_lost(unsigned i)
{
	return i == 50 ? LOST : 5;
}

static double two_lost(unsigned i)
{
	return i == 50 || i == 51 ? LOST : 5;
}

static double every_tenth_lost(unsigned i)
{
	return i % 10 == 9 ? LOST : 5;
}

static double half_second_lost(unsigned i)
{
	return i >= 50 && i < 75 ? LOST : 5;
}

static double jitter_30(unsigned i)
{
	(void)i;
	return 5 + 30 * noise();
}

static double jitter_100(unsigned i)
{
	(void)i;
	return 5 + 100 * noise() * noise();
}

static double neighbours_swapped(unsigned i)
{
	return i % 8 == 3 ? 30 : 5;
}

static double stall_2s(unsigned i)
{
	double sent = i * 20.0;
	return sent >= 2000 && sent < 4000 ? 4000 - sent + 5 : 5;
}

static double stall_300ms(unsigned i)
{
	double sent = i * 20.0;
	return sent >= 2000 && sent < 2300 ? 2300 - sent + 5 : 5;
}

static double longer_way(unsigned i)
{
	return i < 100 ? 5 : 1005;
}

static double three_in_one(unsigned i)
{
	return 5 + 20.0 * (2 - i % 3);
}

static const struct line lines[] = {
	/* name               n    ms  first       fec    takes      drift  played    rec  conceal  delay
	   silent */
	{ "clean", 500, 20, 0, false, at_once, 0, 500, 500, 0, 0, 0, 30, 0 },
	{ "clean, 60 ms", 200, 60, 7, false, at_once, 0, 200, 200, 0, 0, 0, 30, 0 },
	{ "timestamps wrap", 500, 20, UINT32_MAX - 100000, false, at_once, 0, 500, 500, 0, 0, 0, 30, 0 },
	{ "one lost", 500, 20, 0, false, one_lost, 0, 499, 499, 0, 20, 30, 45, 0 },
	{ "one lost, copy there", 500, 20, 0, true, one_lost, 0, 499, 499, 1, 0, 20, 45, 0 },
	{ "two lost, copy of one", 500, 20, 0, true, two_lost, 0, 498, 498, 1, 10, 50, 60, 0 },
	{ "each tenth lost", 500, 20, 0, true, every_tenth_lost, 0, 450, 450, 49, 0, 500, 60, 0 },
	{ "half a second lost", 500, 20, 0, false, half_second_lost, 0, 475, 475, 0, 80, 120, 60, 450 },
	{ "jitter of 30 ms", 1500, 20, 0, false, jitter_30, 0, 1490, 1500, 0, 0, 250, 70, 0 },
	{ "jitter of 100 ms", 1500, 20, 0, false, jitter_100, 0, 1440, 1500, 0, 0, 700, 140, 0 },
	{ "neighbours change places", 800, 20, 0, false, neighbours_swapped, 0, 795, 800, 0, 0, 100, 60, 0 },
	{ "three in a message", 900, 20, 0, false, three_in_one, 0, 899, 900, 0, 0, 80, 80, 0 },
	{ "two seconds' stall", 800, 20, 0, false, stall_2s, 0, 700, 725, 0, 80, 120, 60, 1950 },
	{ "300 ms stall", 800, 20, 0, false, stall_300ms, 0, 795, 800, 0, 80, 120, 60, 250 },
	{ "sender's clock fast", 30000, 20, 0, false, at_once, 2e-4, 29990, 30000, 0, 0, 20, 45, 0 },
	{ "sender's clock slow", 30000, 20, 0, false, at_once, -2e-4, 29990, 30000, 0, 0, 400, 45, 0 },
};

struct flight {
	double at_ms;
	unsigned i;
};

static int by_time(const void *a, const void *b)
{
	const struct flight *x = a, *y = b;
	return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms ? 1 : x->i < y->i ? -1 : 1;
}

static void step_done(struct run *run, const struct jitter_step *step, double at_ms, const struct line *line,
		      bool more)
{
	double ms = (double)step->samples / 48;
	if (step->kind == JITTER_SILENCE && run->last_played >= 0 && more)
		run->silent_now_ms += ms;
	if (step->kind == JITTER_CONCEAL && more)
		run->conceal_ms += ms;
	if (step->kind == JITTER_RECOVER)
		run->recovered++;
	if (step->kind != JITTER_PLAY)
		return;
	unsigned i;
	memcpy(&i, step->packet.bytes, sizeof i);
	run->disorder |= (int)i <= run->last_played;
	run->last_played = (int)i;
	run->delay_at[i] = at_ms - (i + 1) * line->packet_ms / (1 + line->drift);
	run->silent_ms += run->silent_now_ms;
	run->silent_now_ms = 0;
	run->played++;
	run->stretched += step->stretch != 0;
}

static void simulate(const struct line *line, struct run *run)
{
	static struct flight flight[MAX];
	struct jitter *jitter = jitter_new(20);
	unsigned count = 0, next = 0;
	size_t held = 0;
	seed = 1;
	*run = (struct run) { .last_played = -1 };
	for (unsigned i = 0; i < line->packets; i++) {
		double takes = line->takes(i);
		if (takes >= 0)
			flight[count++] =
				(struct flight) { (i + 1) * line->packet_ms / (1 + line->drift) + takes, i };
	}
	qsort(flight, count, sizeof *flight, by_time);
	double end_ms = flight[count - 1].at_ms + 1000;
	for (double now = 0; now < end_ms; now += 5) {
		for (; next < count && flight[next].at_ms <= now; next++) {
			const struct jitter_packet packet = {
				.bytes = (const uint8_t *)&flight[next].i,
				.n = sizeof(unsigned),
				.timestamp = line->first + flight[next].i * line->packet_ms * 48,
				.samples = line->packet_ms * 48,
				.fec = line->fec,
				.talk_end = flight[next].i + 1 == line->packets,
			};
			jitter_put(jitter, &packet, (int64_t)(flight[next].at_ms * 1000));
		}
		while (held < BLOCK) {
			struct jitter_step step;
			jitter_get(jitter, (int64_t)(now * 1000), held, BLOCK - held, &step);
			assert_true(step.samples > 0);
			step_done(run, &step, now + (double)held / 48, line, next < count);
			held += step.samples;
			if (step.kind == JITTER_PLAY && step.stretch < 0)
				held -= PERIOD;
			if (step.kind == JITTER_PLAY && step.stretch > 0)
				held += PERIOD;
		}
		held -= BLOCK;
	}
	jitter_stats(jitter, &run->stats);
	assert_true(jitter_idle(jitter));
	jitter_free(jitter);
}

static void jitter__plays__what_the_line_brings(void **state)
{
	static struct run run;
	unsigned bad = 0;
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct line *line = &lines[i];
		simulate(line, &run);
		bool good = run.played >= line->played_min && run.played <= line->played_max &&
			    run.recovered == line->recovered && run.conceal_ms >= line->conceal_ms_min &&
			    run.conceal_ms <= line->conceal_ms_max &&
			    run.delay_at[run.last_played] <= line->delay_ms_max &&
			    run.silent_ms <= line->silent_ms_max && !run.disorder;
		print_message("%s %-26s played %u, recovered %u, concealed %.0f ms, silent %.0f ms, last "
			      "delay %.1f ms, target %u, "
			      "dropped %u, stretched %u%s\n",
			      good ? "  " : "!!", line->name, run.played, run.recovered, run.conceal_ms,
			      run.silent_ms, run.delay_at[run.last_played], run.stats.target_ms,
			      (unsigned)run.stats.dropped, run.stretched,
			      run.disorder ? ", out of order" : "");
		bad += !good;
	}
	assert_int_equal(bad, 0);
}

static void jitter__after_a_stall__is_up_to_date_within_a_second(void **state)
{
	static struct run run;
	const struct line line = { "stall", 800, 20, 0, false, stall_2s, 0, 0, 0, 0, 0, 0, 0, 0 };
	(void)state;
	simulate(&line, &run);
	for (unsigned i = 250; i < 800; i++) /* sent a second after the stall, and later */
		assert_true(run.delay_at[i] > 0 && run.delay_at[i] < 80);
}

static void jitter__on_a_longer_way__goes_on_and_settles(void **state)
{
	static struct run run;
	const struct line line = { "longer", 1500, 20, 0, false, longer_way, 0, 0, 0, 0, 0, 0, 0, 0 };
	unsigned played = 0;
	(void)state;
	simulate(&line, &run);
	for (unsigned i = 160; i < 1500; i++)
		played += run.delay_at[i] > 0;
	assert_true(played >= 1330);
	assert_true(run.delay_at[1499] < 1005 + 60);
	assert_true(run.stats.target_ms <= JITTER_DELAY_MAX_MS);
}

static int put(struct jitter *jitter, uint32_t timestamp, bool talk_end, int64_t now_us)
{
	const struct jitter_packet packet = { (const uint8_t *)"x", 1, timestamp, 960, false, talk_end };
	return jitter_put(jitter, &packet, now_us);
}

static enum jitter_kind get(struct jitter *jitter, int64_t now_us, size_t *samples)
{
	struct jitter_step step;
	jitter_get(jitter, now_us, 0, BLOCK, &step);
	if (samples)
		*samples = step.samples;
	return step.kind;
}

static void jitter__starts_a_spurt__after_the_minimum(void **state)
{
	struct jitter *jitter = jitter_new(20);
	size_t samples;
	(void)state;
	assert_int_equal(get(jitter, 0, &samples), JITTER_SILENCE);
	assert_int_equal(samples, BLOCK);
	assert_int_equal(put(jitter, 5000, false, 1000), 0);
	assert_int_equal(get(jitter, 15000, &samples), JITTER_SILENCE);
	assert_int_equal(samples, BLOCK);
	assert_int_equal(get(jitter, 18000, &samples), JITTER_SILENCE);
	assert_int_equal(samples, 3 * 48); /* to the sample */
	assert_int_equal(get(jitter, 21000, NULL), JITTER_PLAY);
	jitter_free(jitter);
}

static void jitter__after_talk_end__is_silent_and_conceals_nothing(void **state)
{
	struct jitter *jitter = jitter_new(20);
	(void)state;
	put(jitter, 0, true, 0);
	assert_int_equal(get(jitter, 20000, NULL), JITTER_PLAY);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(get(jitter, 40000 + i * 5000, NULL), JITTER_SILENCE);
	/* Ten minutes later, as if nothing had been. */
	put(jitter, 600 * 48000, false, 600000000);
	assert_int_equal(get(jitter, 600019000, NULL), JITTER_SILENCE);
	assert_int_equal(get(jitter, 600020000, NULL), JITTER_PLAY);
	jitter_free(jitter);
}

static void jitter__refuses__late_and_double(void **state)
{
	struct jitter *jitter = jitter_new(20);
	struct jitter_stats stats;
	(void)state;
	assert_int_equal(put(jitter, 960, false, 0), 0);
	assert_int_equal(put(jitter, 960, false, 0), -EALREADY);
	assert_int_equal(get(jitter, 20000, NULL), JITTER_PLAY);
	assert_int_equal(put(jitter, 960, false, 21000), -EALREADY);
	assert_int_equal(put(jitter, 0, false, 21000), -EALREADY);
	jitter_stats(jitter, &stats);
	assert_int_equal(stats.played, 1);
	assert_int_equal(stats.dropped, 2);
	jitter_free(jitter);
}

static void jitter__survives__timestamps_without_sense(void **state)
{
	struct jitter *jitter = jitter_new(20);
	int64_t now = 0;
	(void)state;
	seed = 7;
	for (int i = 0; i < 200000; i++) {
		uint32_t timestamp = (uint32_t)(noise() * 4294967295.0);
		struct jitter_packet packet = {
			(const uint8_t *)"y", 1, timestamp, 120 + (unsigned)(noise() * 5640), i & 1, !(i % 7)
		};
		if (i % 3 == 0)
			packet.timestamp = (uint32_t)(now * 48 / 1000) + (uint32_t)(noise() * 96000) - 48000;
		jitter_put(jitter, &packet, now);
		if (i % 5 == 0) {
			struct jitter_step step;
			jitter_get(jitter, now, (size_t)(noise() * 240), BLOCK, &step);
			assert_true(step.samples > 0 && step.samples <= 5760);
			now += (int64_t)(noise() * 10000);
		}
	}
	/* And an honest sender is heard again at once. */
	for (int i = 0; i < 200; i++) {
		put(jitter, (uint32_t)i * 960, false, now + i * 20000);
		get(jitter, now + i * 20000, NULL);
	}
	struct jitter_stats before, after;
	jitter_stats(jitter, &before);
	for (int i = 200; i < 300; i++) {
		put(jitter, (uint32_t)i * 960, false, now + i * 20000);
		assert_int_equal(get(jitter, now + i * 20000, NULL), JITTER_PLAY);
	}
	jitter_stats(jitter, &after);
	assert_int_equal(after.played - before.played, 100);
	jitter_free(jitter);
}

static void jitter__is_bounded(void **state)
{
	struct jitter *jitter = jitter_new(20);
	struct jitter_stats stats;
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		put(jitter, i * 240, false, 0);
	jitter_stats(jitter, &stats);
	assert_int_equal(stats.dropped, 1000 - JITTER_PACKETS_MAX);
	jitter_free(jitter);
	jitter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jitter__plays__what_the_line_brings),
		cmocka_unit_test(jitter__after_a_stall__is_up_to_date_within_a_second),
		cmocka_unit_test(jitter__on_a_longer_way__goes_on_and_settles),
		cmocka_unit_test(jitter__starts_a_spurt__after_the_minimum),
		cmocka_unit_test(jitter__after_talk_end__is_silent_and_conceals_nothing),
		cmocka_unit_test(jitter__refuses__late_and_double),
		cmocka_unit_test(jitter__survives__timestamps_without_sense),
		cmocka_unit_test(jitter__is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
