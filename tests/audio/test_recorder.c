/* Recordings: what goes in is what a player finds in the file, on one clock; files are new and ours alone. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/engine.h"
#include "audio/recorder.h"
#include "tests/audio/sound.h"

enum { BLOCK = 240, SECONDS = 3 };

static char folder[64];

static int up(void **state)
{
	(void)state;
	sound_mkdir(folder);
	return 0;
}

static int down(void **state)
{
	(void)state;
	sound_rmdir(folder);
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* In pieces, as the audio worker does, with time for the thread that writes. */
static void feed(struct recorder *recorder, void (*put)(struct recorder *recorder, const float *pcm, size_t n),
		 const struct sound *sound)
{
	for (size_t at = 0; at + BLOCK <= sound->n; at += BLOCK) {
		put(recorder, sound->pcm + at, BLOCK);
		if (at % (BLOCK * 100) == 0)
			nanosleep(&(struct timespec) { .tv_nsec = 30 * 1000 * 1000 }, NULL);
	}
}

static void recorder__keeps__what_is_heard(void **state)
{
	struct recorder *recorder;
	struct sound heard, back;
	struct stat st;
	unsigned all, found;

	(void)state;
	sound_speechlike(&heard, SECONDS, 0.4);
	assert_int_equal(recorder_new(&recorder, path_of("a.opus"), true), 0);
	feed(recorder, recorder_heard, &heard);
	assert_int_equal(recorder_close(recorder), 0);
	assert_int_equal(stat(path_of("a.opus"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sound_load(&back, path_of("a.opus")), 0);
	/* To the frame as long as it was, gaps and all. */
	assert_true(labs((long)back.n - (long)heard.n) <= 2 * AUDIO_FRAME);
	found = sound_found(&heard, &back, AUDIO_RATE / 10, &all);
	assert_true(all >= 4 && found == all);
	sound_clear(&heard);
	sound_clear(&back);
}

static void recorder__own_voice__is_in_it(void **state)
{
	struct recorder *recorder;
	struct sound said, back;
	float silence[BLOCK] = { 0 };
	unsigned all, found;

	(void)state;
	sound_speechlike(&said, SECONDS, 0.4);
	assert_int_equal(recorder_new(&recorder, path_of("b.opus"), true), 0);
	for (size_t at = 0; at + BLOCK <= said.n; at += BLOCK) {
		recorder_said(recorder, said.pcm + at, BLOCK);
		recorder_heard(recorder, silence, BLOCK);
		if (at % (BLOCK * 20) == 0)
			nanosleep(&(struct timespec) { .tv_nsec = 30 * 1000 * 1000 }, NULL);
	}
	assert_int_equal(recorder_close(recorder), 0);
	assert_int_equal(sound_load(&back, path_of("b.opus")), 0);
	found = sound_found(&said, &back, AUDIO_RATE / 4, &all);
	assert_true(all >= 4 && found + 1 >= all);
	sound_clear(&said);
	sound_clear(&back);
}

static void recorder__without_a_speaker__goes_by_the_voice(void **state)
{
	struct recorder *recorder;
	struct sound said, back;

	(void)state;
	sound_speechlike(&said, 1, 0.2);
	assert_int_equal(recorder_new(&recorder, path_of("c.opus"), false), 0);
	feed(recorder, recorder_said, &said);
	assert_int_equal(recorder_close(recorder), 0);
	assert_int_equal(sound_load(&back, path_of("c.opus")), 0);
	assert_true(labs((long)back.n - (long)said.n) <= 2 * AUDIO_FRAME);
	sound_clear(&said);
	sound_clear(&back);
}

static void recorder__never__overwrites(void **state)
{
	struct recorder *recorder = NULL;
	FILE *file = fopen(path_of("d.opus"), "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_int_equal(recorder_new(&recorder, path_of("d.opus"), true), -EEXIST);
	assert_int_equal(recorder_new(&recorder, "/nowhere/at/all.opus", true), -ENOENT);
	assert_null(recorder);
}

static void recorder__full_disk__is_said(void **state)
{
	const struct rlimit none = { 4096, RLIM_INFINITY };
	struct rlimit before;
	struct recorder *recorder;
	struct sound heard;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	sound_speechlike(&heard, 2 * SECONDS, 0.1);
	assert_int_equal(recorder_new(&recorder, path_of("e.opus"), true), 0);
	setrlimit(RLIMIT_FSIZE, &none);
	feed(recorder, recorder_heard, &heard);
	for (int i = 0; i < 500 && !recorder_error(recorder); i++)
		nanosleep(&(struct timespec) { .tv_nsec = 10 * 1000 * 1000 }, NULL);
	assert_int_equal(recorder_error(recorder), -EFBIG);
	assert_int_equal(recorder_close(recorder), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	sound_clear(&heard);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorder__keeps__what_is_heard),
		cmocka_unit_test(recorder__own_voice__is_in_it),
		cmocka_unit_test(recorder__without_a_speaker__goes_by_the_voice),
		cmocka_unit_test(recorder__never__overwrites),
		cmocka_unit_test(recorder__full_disk__is_said),
	};
	return cmocka_run_group_tests(tests, up, down);
}
