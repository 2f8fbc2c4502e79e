/* Two engines hand each other their packets: what is said into one comes out of the other. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

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
	size_t lag = sound_lag(said.pcm, heard.pcm, AUDIO_RATE / 2, AUDIO_RATE / 2, &r);
	unsigned all, good = sound_found(&said, &heard, AUDIO_RATE / 4, &all);
	print_message("lag %.1f ms, %u of %u half seconds alike, %lu frames, %lu concealed, delay %u ms\n",
		      (double)lag / 48, good, all, (unsigned long)stats.frames,
		      (unsigned long)stats.concealed, stats.delay_ms);
	assert_true(all >= 7 &&
		    good + 1 >= all); /* a busy machine may cost one; bench_audio measures a quiet one */
	assert_true(lag < 120 * 48);
	assert_int_equal(stats.dropped, 0);
	assert_int_equal(stats.source, 1);
	sound_clear(&said);
	sound_clear(&heard);
	sound_rmdir(dir);
}

static struct audio_source_stats stats_of(const struct end *end, uint32_t source)
{
	struct audio_source_stats stats[AUDIO_SOURCES_MAX], none = { 0 };
	size_t n = audio_engine_stats(end->engine, stats, AUDIO_SOURCES_MAX);
	for (size_t i = 0; i < n; i++)
		if (stats[i].source == source)
			return stats[i];
	return none;
}

static void engine__reads__many_kinds_of_files(void **state)
{
	static const struct {
		const char *name;
		unsigned rate, channels;
	} files[] = { { "a.wav", 8000, 1 },
		      { "b.wav", 16000, 2 },
		      { "c.wav", 22050, 1 },
		      { "d.wav", 44100, 2 },
		      { "e.wav", 48000, 1 } };
	char dir[64], path[96];
	(void)state;
	sound_mkdir(dir);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct sound in, out;
		float pcm[48000];
		size_t n = files[i].rate / 2;
		for (size_t k = 0; k < n; k++)
			pcm[k] = 0.5F * (float)sin(2 * M_PI * 440 * (double)k / files[i].rate);
		snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
		assert_int_equal(sound_save(path, pcm, n, files[i].rate, files[i].channels), 0);
		assert_int_equal(sound_load(&out, path), 0);
		in.n = AUDIO_RATE / 2;
		in.pcm = calloc(in.n, sizeof(float));
		for (size_t k = 0; k < in.n; k++)
			in.pcm[k] = 0.5F * (float)sin(2 * M_PI * 440 * (double)k / AUDIO_RATE);
		assert_true(out.n > in.n - 200 && out.n < in.n + 200);
		assert_true(sound_likeness(in.pcm + 2400, out.pcm + 2400, in.n - 4800) > 0.99);
		sound_clear(&in);
		sound_clear(&out);
	}
	sound_rmdir(dir);
}

static void engine__refuses__what_cannot_be(void **state)
{
	static const struct {
		const char *mic, *speaker;
		int error;
		const char *says;
	} cases[] = {
		{ "/nowhere/voice.wav", "none", -ENOENT, "voice.wav" },
		{ "voice.flac", "none", -ENOENT, "voice.flac" },
		{ "/dev/null", "none", -EINVAL, "no sound" },
		{ "/tmp/", "none", -EINVAL, "/tmp/" },
		{ "tone:", "none", -EINVAL, "tone:HZ" },
		{ "tone:5", "none", -EINVAL, "tone:HZ" },
		{ "tone:440x", "none", -EINVAL, "tone:HZ" },
		{ "none", "/nowhere/out.wav", -ENOENT, "out.wav" },
		{ "none", "/dev/full", -ENOSPC, "space" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct end end = { 0 };
		const char *why = NULL;
		const struct audio_params params = { .mic = cases[i].mic, .speaker = cases[i].speaker };
		int error = end_try(&end, &params, &why);
		if (error != cases[i].error && !(error == -EISDIR && i == 3))
			fail_msg("%s %s: %d instead of %d", cases[i].mic, cases[i].speaker, error,
				 cases[i].error);
		assert_non_null(strstr(why, cases[i].says));
		assert_null(end.engine);
	}
}

static void engine__tone__never_stops_being_sent(void **state)
{
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	(void)state;
	end_open(&bo, "none", "null");
	end_open(&ann, "tone:440", "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(stats_of(&bo, 1).frames >= 60);
	wait_for(stats_of(&bo, 1).speaking);
	assert_true(audio_engine_mic_speaking(ann.engine));
	assert_in_range(audio_engine_mic_level(ann.engine), 14, 16);
	wait_for(stats_of(&bo, 1).level >= 12 && stats_of(&bo, 1).level <= 20);
	assert_int_equal(atomic_load(&ann.talk_ends), 0);
	assert_int_equal(audio_engine_start(ann.engine), -EALREADY);
	end_close(&ann);
	end_close(&bo);
}

static void engine__silence__sends_nothing(void **state)
{
	static const char *const mics[] = { "silence", "none" };
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct end ann = { 0 };
		end_open(&ann, mics[i], "none");
		end_start(&ann);
		usleep(300000);
		assert_int_equal(audio_engine_mic_level(ann.engine), 127);
		end_close(&ann);
		assert_int_equal(atomic_load(&ann.packets), 0);
	}
}

static void engine__pauses__end_a_spurt_and_start_another(void **state)
{
	char dir[64], in[96];
	struct sound said;
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	(void)state;
	sound_mkdir(dir);
	snprintf(in, sizeof in, "%s/in.wav", dir);
	sound_speechlike(&said, 3, 0.7); /* 0.31 s of sound, 0.7 s of none, thrice */
	sound_save(in, said.pcm, said.n, AUDIO_RATE, 1);
	end_open(&bo, "none", "null");
	end_open(&ann, in, "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&ann.talk_ends) == 3);
	assert_true(atomic_load(&ann.packets) < 3 * (16 + 20 + 4));
	usleep(200000);
	assert_int_equal(stats_of(&bo, 1).concealed, 0);
	assert_int_equal(stats_of(&bo, 1).dropped, 0);
	assert_int_equal(stats_of(&bo, 1).frames, atomic_load(&ann.packets));
	assert_false(stats_of(&bo, 1).speaking);
	end_close(&ann);
	end_close(&bo);
	sound_clear(&said);
	sound_rmdir(dir);
}

static void engine_mute__returned__and_no_sound_follows(void **state)
{
	struct end ann = { 0 };
	(void)state;
	end_open(&ann, "tone:300", "none");
	end_start(&ann);
	for (int i = 0; i < 15; i++) {
		unsigned before = atomic_load(&ann.loud);
		wait_for(atomic_load(&ann.loud) > before);
		usleep((useconds_t)(i * 1373) % 20000);
		unsigned ends = atomic_load(&ann.talk_ends);
		audio_engine_mute(ann.engine, true);
		unsigned loud = atomic_load(&ann.loud);
		wait_for(atomic_load(&ann.talk_ends) == ends + 1);
		usleep(25000);
		assert_int_equal(atomic_load(&ann.loud), loud);
		assert_true(audio_engine_mic_level(ann.engine) < 20); /* to remind who speaks muted */
		audio_engine_mute(ann.engine, false);
	}
	end_close(&ann);
}

static void engine_mute__before_the_start__holds(void **state)
{
	struct end ann = { 0 };
	(void)state;
	end_open(&ann, "tone:300", "none");
	audio_engine_mute(ann.engine, true);
	end_start(&ann);
	wait_for(audio_engine_mic_speaking(ann.engine));
	usleep(60000);
	assert_int_equal(atomic_load(&ann.packets), 0);
	end_close(&ann);
}

static void engine_shape__changes__size_and_time(void **state)
{
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	(void)state;
	end_open(&bo, "none", "null");
	end_open(&ann, "tone:300", "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&ann.packets) > 20);
	assert_int_equal(atomic_load(&ann.longest), 24000 / 8 / 50);
	audio_engine_shape(ann.engine, 6000, 60);
	unsigned packets = atomic_load(&ann.packets);
	int64_t from = end_now_ms();
	wait_for(atomic_load(&ann.packets) > packets + 12);
	assert_true(end_now_ms() - from > 600);
	wait_for(stats_of(&bo, 1).frames > 30);
	audio_engine_shape(ann.engine, 64000, 20);
	packets = atomic_load(&ann.packets);
	wait_for(atomic_load(&ann.packets) > packets + 10);
	assert_int_equal(atomic_load(&ann.longest), 64000 / 8 / 50);
	usleep(200000);
	assert_int_equal(stats_of(&bo, 1).dropped, 0);
	end_close(&ann);
	end_close(&bo);
}

static void engine_put__bounded__and_deaf_to_nonsense(void **state)
{
	struct end bo = { 0 };
	uint8_t bytes[AUDIO_PACKET_MAX] = { 0x0b, 0x3f };
	struct audio_packet packet = { .bytes = bytes, .n = AUDIO_PACKET_MAX + 1 };
	(void)state;
	end_open(&bo, "none", "null");
	assert_int_equal(audio_engine_put(bo.engine, 1, &packet), -EINVAL);
	packet.n = 0;
	assert_int_equal(audio_engine_put(bo.engine, 1, &packet), -EINVAL);
	packet.n = AUDIO_PACKET_MAX;
	unsigned taken = 0;
	while (audio_engine_put(bo.engine, 1, &packet) == 0)
		assert_true(++taken < 1000);
	assert_int_equal(audio_engine_put(bo.engine, 1, &packet), -EAGAIN);
	audio_engine_volume(bo.engine, 1, -6);
	end_start(&bo);
	wait_for(stats_of(&bo, 1).dropped == taken);
	/* More people than places: the last ones are heard. */
	for (uint32_t who = 2; who < 40; who++)
		assert_int_equal(audio_engine_put(bo.engine, who, &packet), 0);
	wait_for(stats_of(&bo, 39).dropped == 1);
	assert_int_equal(stats_of(&bo, 2).source, 0);
	audio_engine_forget(bo.engine, 39);
	wait_for(stats_of(&bo, 39).source == 0);
	end_close(&bo);
}

static void engine_volume__turns__one_down(void **state)
{
	char dir[64], out[96];
	struct sound heard;
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	(void)state;
	sound_mkdir(dir);
	snprintf(out, sizeof out, "%s/out.wav", dir);
	end_open(&bo, "none", out);
	end_open(&ann, "tone:440", "none");
	ann.to = bo.engine;
	end_start(&bo);
	audio_engine_volume(bo.engine, 1, -20);
	end_start(&ann);
	wait_for(stats_of(&bo, 1).frames > 50);
	end_close(&ann);
	end_close(&bo);
	assert_int_equal(sound_load(&heard, out), 0);
	float peak = 0;
	for (size_t i = 0; i < heard.n; i++)
		peak = fmaxf(peak, fabsf(heard.pcm[i]));
	assert_true(peak > 0.02F && peak < 0.035F);
	sound_clear(&heard);
	sound_rmdir(dir);
}

static void speaker_file__is_whole__while_it_grows(void **state)
{
	char dir[64], out[96];
	struct sound heard = { 0 };
	struct end bo = { 0 };
	struct stat st;
	(void)state;
	sound_mkdir(dir);
	snprintf(out, sizeof out, "%s/out.wav", dir);
	end_open(&bo, "none", out);
	end_start(&bo);
	int64_t from = end_now_ms();
	wait_for(stat(out, &st) == 0 && st.st_size > AUDIO_RATE * 2 * 5 / 4);
	assert_int_equal(sound_load(&heard, out), 0); /* as a crash would leave it */
	assert_true(heard.n >= AUDIO_RATE);
	sound_clear(&heard);
	end_close(&bo);
	int64_t took = end_now_ms() - from;
	assert_int_equal(sound_load(&heard, out), 0);
	assert_true(llabs((long long)heard.n - took * 48) < 48 * 60);
	for (size_t i = 0; i < heard.n; i++)
		assert_true(heard.pcm[i] == 0);
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sound_clear(&heard);
	sound_rmdir(dir);
}

static void speaker_file__disk_full__is_told_and_survived(void **state)
{
	char dir[64], out[96];
	struct sound heard = { 0 };
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	struct rlimit old, small;
	(void)state;
	sound_mkdir(dir);
	snprintf(out, sizeof out, "%s/out.wav", dir);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit) { 30000, old.rlim_max };
	end_open(&bo, "none", out);
	end_open(&ann, "tone:440", "none");
	ann.to = bo.engine;
	setrlimit(RLIMIT_FSIZE, &small);
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&bo.seen[FILE_STOPPED]) == 1);
	uint64_t frames = stats_of(&bo, 1).frames;
	wait_for(stats_of(&bo, 1).frames > frames + 20);
	end_close(&ann);
	end_close(&bo);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(sound_load(&heard, out), 0);
	assert_true(heard.n >= 9600);
	assert_int_equal(atomic_load(&bo.seen[FILE_STOPPED]), 1);
	sound_clear(&heard);
	sound_rmdir(dir);
}

static void engine__without_a_speaker__still_counts(void **state)
{
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	(void)state;
	end_open(&bo, "none", "none");
	end_open(&ann, "tone:440", "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(stats_of(&bo, 1).frames > 10 && stats_of(&bo, 1).speaking);
	end_close(&ann);
	end_close(&bo);
	audio_engine_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engine__carries_a_file__whole_and_in_time),
		cmocka_unit_test(engine__reads__many_kinds_of_files),
		cmocka_unit_test(engine__refuses__what_cannot_be),
		cmocka_unit_test(engine__tone__never_stops_being_sent),
		cmocka_unit_test(engine__silence__sends_nothing),
		cmocka_unit_test(engine__pauses__end_a_spurt_and_start_another),
		cmocka_unit_test(engine_mute__returned__and_no_sound_follows),
		cmocka_unit_test(engine_mute__before_the_start__holds),
		cmocka_unit_test(engine_shape__changes__size_and_time),
		cmocka_unit_test(engine_put__bounded__and_deaf_to_nonsense),
		cmocka_unit_test(engine_volume__turns__one_down),
		cmocka_unit_test(speaker_file__is_whole__while_it_grows),
		cmocka_unit_test(speaker_file__disk_full__is_told_and_survived),
		cmocka_unit_test(engine__without_a_speaker__still_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
