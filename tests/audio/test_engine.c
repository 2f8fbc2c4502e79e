/* Two engines hand each other their packets: what is said into one comes out of the other. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/engine.h"
#include "sound.h"

struct end {
	struct audio_engine *engine, *to;
	uint32_t number;
	atomic_uint packets, talk_ends, loud, notices;
	atomic_uint bytes;
	char notice[64];                /* code of the last */
};

static void on_packet(void *arg, const struct audio_packet *packet)
{
	struct end *end = arg;
	atomic_fetch_add(&end->packets, 1);
	atomic_fetch_add(&end->bytes, (unsigned)packet->n);
	if (packet->talk_end)
		atomic_fetch_add(&end->talk_ends, 1);
	if (packet->level < 100)
		atomic_fetch_add(&end->loud, 1);
	if (end->to)
		audio_engine_put(end->to, end->number, packet);
}

static void on_notice(void *arg, const char *code, const char *text)
{
	struct end *end = arg;
	assert_true(text && *text);
	snprintf(end->notice, sizeof end->notice, "%s", code);
	atomic_fetch_add(&end->notices, 1);
}

static const struct audio_ops ops = { on_packet, on_notice };

static void open_end(struct end *end, const char *mic, const char *speaker)
{
	const struct audio_params params = { .mic = mic, .speaker = speaker };
	const char *why = "";
	int error = audio_engine_new(&end->engine, &params, &ops, end, &why);
	if (error)
		fail_msg("%d: %s", error, why);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait for a condition; fails after 10 s. */
#define wait_for(condition)                                          \
	do {                                                         \
		int64_t until_ms = now_ms() + 10000;                 \
		while (!(condition)) {                               \
			if (now_ms() > until_ms)                     \
				fail_msg("never came: " #condition); \
			usleep(2000);                                \
		}                                                    \
	} while (0)

static void engine__carries_a_file__whole_and_in_time(void **state)
{
	(void)state;
	char dir[64], in[96], out[96];
	struct sound said = { 0 }, heard = { 0 };
	sound_mkdir(dir);
	snprintf(in, sizeof in, "%s/in.wav", dir);
	snprintf(out, sizeof out, "%s/out.wav", dir);
	sound_speechlike(&said, 4, 0);
	assert_int_equal(sound_save(in, said.pcm, said.n, AUDIO_RATE, 1), 0);

	struct end ann = { .number = 1 }, bo = { .number = 2 };
	open_end(&bo, "none", out);
	open_end(&ann, in, "none");
	ann.to = bo.engine;
	assert_int_equal(audio_engine_start(bo.engine), 0);
	assert_int_equal(audio_engine_start(ann.engine), 0);
	wait_for(atomic_load(&ann.notices) > 0);
	assert_string_equal(ann.notice, "microphone-file-ended");
	wait_for(atomic_load(&ann.talk_ends) > 0);
	struct audio_source_stats stats;
	usleep(100000);
	assert_int_equal(audio_engine_stats(bo.engine, &stats, 1), 1);
	audio_engine_free(ann.engine);
	audio_engine_free(bo.engine);

	double r;
	assert_int_equal(sound_load(&heard, out), 0);
	size_t lag = sound_lag(said.pcm, heard.pcm, AUDIO_RATE * 3, AUDIO_RATE / 5, &r);
	print_message("lag %.1f ms, correlation %.3f, %lu frames, %lu concealed, %lu dropped, delay %u ms\n",
	              (double)lag / 48, r, (unsigned long)stats.frames, (unsigned long)stats.concealed,
	              (unsigned long)stats.dropped, stats.delay_ms);
	assert_true(r > 0.9);
	assert_true(lag < 60 * 48);
	assert_int_equal(stats.concealed, 0);
	assert_int_equal(stats.dropped, 0);
	assert_int_equal(stats.source, 1);
	sound_clear(&said);
	sound_clear(&heard);
	sound_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engine__carries_a_file__whole_and_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
