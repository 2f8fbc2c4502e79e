/* Sound cards for real, through PortAudio and ALSA, on a PulseAudio of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "end.h"
#include "pulse.h"
#include "sound.h"

static const char *dir;

static int set_up(void **state)
{
	(void)state;
	dir = pulse_start();
	return dir ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	pulse_end();
	return 0;
}

static const char words[] =
	"The meeting begins at nine. Ann keeps the door, and Bo takes the notes of what we decide.";

static void say(struct sound *sound, const char *path)
{
	if (sound_speak(sound, words) != 0)
		sound_speechlike(sound, 4, 0.05);
	assert_int_equal(sound_save(path, sound->pcm, sound->n, AUDIO_RATE, 1), 0);
}

/* A busy machine may cost a word, for PulseAudio's as well as for ours. */
static void assert_same_words(const struct sound *said, const struct sound *heard, double max_lag_s)
{
	unsigned all, found = sound_found(said, heard, (size_t)(max_lag_s * AUDIO_RATE), &all);
	double r;
	size_t lag = sound_lag(said->pcm, heard->pcm, AUDIO_RATE, (size_t)(max_lag_s * AUDIO_RATE), &r);
	print_message("%u of %u half seconds alike, lag %.1f ms\n", found, all, (double)lag / 48);
	assert_true(all >= 6 && found * 4 >= all * 3);
}

static void card__plays__what_was_said(void **state)
{
	(void)state;
	char in[96], raw[96];
	struct sound said = { 0 }, heard = { 0 };
	snprintf(in, sizeof in, "%s/said.wav", dir);
	snprintf(raw, sizeof raw, "%s/heard.wav", dir);
	say(&said, in);
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	end_open(&bo, "none", "EAR");
	end_open(&ann, in, "none");
	ann.to = bo.engine;
	const char *parec[] = { "parec",
				"-d",
				"ear.monitor",
				"--format=s16le",
				"--rate=48000",
				"--channels=1",
				"--latency-msec=20",
				"--file-format=wav",
				NULL };
	pid_t recorder = pulse_run(parec, "/dev/null", raw);
	struct stat st;
	wait_for(stat(raw, &st) == 0 && st.st_size > 9600);
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&ann.talk_ends) > 0 && atomic_load(&ann.seen[MIC_ENDED]) > 0);
	usleep(500000);
	pulse_stop(recorder, SIGTERM);
	struct audio_source_stats stats;
	assert_int_equal(audio_engine_stats(bo.engine, &stats, 1), 1);
	print_message("%lu frames, %lu concealed\n", (unsigned long)stats.frames,
		      (unsigned long)stats.concealed);
	end_close(&ann);
	end_close(&bo);
	assert_int_equal(sound_load(&heard, raw), 0);
	assert_same_words(&said, &heard, 3);
	assert_int_equal(atomic_load(&bo.seen[SPEAKER_LOST]), 0);
	sound_clear(&said);
	sound_clear(&heard);
}

static void card__hears__what_is_said(void **state)
{
	(void)state;
	char in[96], out[96];
	struct sound said = { 0 }, heard = { 0 };
	snprintf(in, sizeof in, "%s/said2.wav", dir);
	snprintf(out, sizeof out, "%s/heard2.wav", dir);
	say(&said, in);
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	end_open(&bo, "none", out);
	end_open(&ann, "mouth", "null");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	const char *paplay[] = { "paplay", "-d", "mouth", "--latency-msec=20", in, NULL };
	assert_int_equal(pulse_stop(pulse_run(paplay, "/dev/null", "/dev/null"), 0), 0);
	wait_for(atomic_load(&ann.talk_ends) > 0);
	usleep(300000);
	end_close(&ann);
	end_close(&bo);
	assert_int_equal(sound_load(&heard, out), 0);
	assert_same_words(&said, &heard, 3);
	sound_clear(&said);
	sound_clear(&heard);
}

struct listed {
	bool ear_out, mouth_in;
};

static void list(void *arg, int index, const char *name, int inputs, int outputs, bool default_in,
		 bool default_out)
{
	struct listed *listed = arg;
	(void)index;
	(void)default_in;
	(void)default_out;
	listed->ear_out |= strcmp(name, "ear") == 0 && outputs > 0;
	listed->mouth_in |= strcmp(name, "mouth") == 0 && inputs > 0;
}

static void devices__are_listed__without_noise(void **state)
{
	(void)state;
	struct listed listed = { 0 };
	char path[96];
	struct stat st;
	snprintf(path, sizeof path, "%s/noise", dir);
	int old = dup(2), noise = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(noise, 2);
	int n = audio_devices(list, &listed);
	dup2(old, 2);
	close(old);
	close(noise);
	assert_true(n >= 2);
	assert_true(listed.ear_out && listed.mouth_in);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
}

static void card__refuses__unknown_names(void **state)
{
	(void)state;
	static const char *const names[] = { "no such card", "99", "-1", "" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct end end = { 0 };
		const char *why = NULL;
		const struct audio_params mic = { .mic = names[i], .speaker = "none" };
		assert_int_equal(end_try(&end, &mic, &why), -ENOENT);
		assert_non_null(strstr(why, "moot devices"));
		const struct audio_params speaker = { .mic = "none", .speaker = names[i] };
		assert_int_equal(end_try(&end, &speaker, &why), -ENOENT);
		assert_null(end.engine);
	}
}

static void card__lost__is_told_and_comes_back(void **state)
{
	(void)state;
	struct end ann = { .number = 1 }, bo = { .number = 2 };
	end_open(&bo, "mouth", "ear");
	end_open(&ann, "tone:300", "none");
	ann.to = bo.engine;
	end_start(&bo);
	end_start(&ann);
	wait_for(atomic_load(&ann.packets) > 5);
	pulse_kill();
	wait_for(atomic_load(&bo.seen[SPEAKER_LOST]) && atomic_load(&bo.seen[MIC_LOST]));
	struct audio_source_stats before, after;
	audio_engine_stats(bo.engine, &before, 1);
	/* Without a card, voices are still played, to nobody. */
	wait_for(audio_engine_stats(bo.engine, &after, 1) == 1 && after.frames > before.frames + 10);
	assert_int_equal(pulse_revive(), 0);
	wait_for(atomic_load(&bo.seen[SPEAKER_BACK]) && atomic_load(&bo.seen[MIC_BACK]));
	end_close(&ann);
	end_close(&bo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices__are_listed__without_noise),
		cmocka_unit_test(card__refuses__unknown_names),
		cmocka_unit_test(card__plays__what_was_said),
		cmocka_unit_test(card__hears__what_is_said),
		cmocka_unit_test(card__lost__is_told_and_comes_back),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
