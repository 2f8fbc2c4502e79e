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

#include "end.h"
#include "sound.h"

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
	end_open(&bo, "none", out);
	end_open(&ann, in, "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&ann.seen[MIC_ENDED]) == 1);
	wait_for(atomic_load(&ann.talk_ends) > 0);
	struct audio_source_stats stats;
	usleep(100000);
	assert_int_equal(audio_engine_stats(bo.engine, &stats, 1), 1);
	end_close(&ann);
	end_close(&bo);

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
