/* The whole story through real screens: a relay, a host and a guest each at a terminal; knock, admit, talk,
 * pictures that move, chat in three scripts, lock, a third person refused, share permission given and taken,
 * kick, the kicked one refused, end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/stage.h"

static struct relay relay;
static struct term *ann, *bo;
static char speech[DRIVE_PATH], heard_by_ann[DRIVE_PATH], heard_by_bo[DRIVE_PATH];

static void make_speech(void)
{
	char command[1024];

	snprintf(speech, sizeof(speech), "%s/speech.wav", drive_folder());
	snprintf(heard_by_ann, sizeof(heard_by_ann), "%s/ann.wav", drive_folder());
	snprintf(heard_by_bo, sizeof(heard_by_bo), "%s/bo.wav", drive_folder());
	snprintf(command, sizeof(command),
		 "espeak-ng -w %s 'Good morning. Can everybody hear me? Then let us begin. The first thing "
		 "today is the door: "
		 "who may come in, who must wait, and who has to leave. The second is the picture, and the "
		 "third is the sound "
		 "that you are hearing now.'",
		 speech);
	assert_int_equal(system(command), 0);
}

/* Samples of a WAV file after its header, as the loudest half second's RMS. */
static double loudest(const char *path)
{
	static short samples[24000];
	FILE *file = fopen(path, "rb");
	double most = 0;
	size_t n;

	assert_non_null(file);
	fseek(file, 44, SEEK_SET);
	while ((n = fread(samples, sizeof(samples[0]), 24000, file)) > 0) {
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += (double)samples[i] * samples[i];
		sum = sqrt(sum / (double)n);
		most = sum > most ? sum : most;
	}
	fclose(file);
	return most;
}

static bool picture_moved(struct term *term, void *arg)
{
	unsigned long *before = arg, now;
	unsigned blocks = term_picture(term, 1, 9, 11, 39, &now);

	return blocks > 20 && now != *before;
}

/* The picture of the other is there, and another a moment later. */
static void sees_moving(struct term *term)
{
	for (int i = 0; i < 4; i++) {
		unsigned long before;

		term_picture(term, 1, 9, 11, 39, &before);
		assert_true(term_wait_for(term, picture_moved, &before));
	}
}

static void start(void)
{
	const char *const host[] = { "--mic",      "tone:440", "--speaker",
				     heard_by_ann, "--camera", "tests/fixtures/talk.webm",
				     NULL };
	const char *const guest[] = { "--mic",     speech,     "--speaker",
				      heard_by_bo, "--camera", "tests/fixtures/talk.webm",
				      NULL };
	const struct stage_params ann_params = { .args = host }, bo_params = { .args = guest, .home = "bo" };

	make_speech();
	relay_start(&relay, NULL);
	ann = stage_host(&relay, "Ann", &ann_params);
	bo = stage_join(&relay, "Bo", &bo_params);
}

static void knock_and_admit(void)
{
	assert_true(term_wait(bo, "Waiting: the host has been told you are here."));
	assert_false(term_shows(bo, "here ("));
	assert_true(term_wait(ann, "Bo waits (M-a admits)"));
	assert_true(term_wait(ann, "[1 waiting]"));
	assert_true(term_bells(ann) > 0);
	term_type(ann, "\033a");
	assert_true(term_wait(bo, "2 here"));
	assert_true(term_wait(ann, "2 here"));
}

static void talk_and_see(void)
{
	assert_true(term_wait(ann, "│>Bo"));
	assert_true(term_wait(bo, "│>Ann"));
	sees_moving(ann);
	sees_moving(bo);
}

static void write_to_each_other(void)
{
	stage_say(ann, "Good morning, Bo!");
	assert_true(term_wait(bo, "Ann: Good morning, Bo!"));
	stage_say(bo, "Καλημέρα, Άννα!");
	assert_true(term_wait(ann, "Bo: Καλημέρα, Άννα!"));
	stage_say(ann, "大家早上好");
	assert_true(term_wait(bo, "Ann: 大家早上好"));
	stage_say(bo, "/msg Ann between us");
	assert_true(term_wait(ann, "[to you] Bo: between us"));
}

static void lock_the_door(void)
{
	struct term *cy;

	stage_say(ann, "/lock");
	assert_true(term_wait(ann, "[locked]"));
	assert_true(term_wait(bo, "[locked]"));
	cy = stage_join(&relay, "Cy", NULL);
	assert_int_equal(term_wait_exit(cy), 4);
	assert_true(term_shows(cy, "locked"));
	stage_restored(cy);
	term_free(cy);
	stage_say(ann, "/unlock");
	assert_true(term_wait_gone(ann, "[locked]"));
}

static void give_and_take_the_share(void)
{
	stage_say(bo, "/share tests/fixtures/portrait.jpg");
	assert_true(term_wait(bo, "Only hosts"));
	stage_say(ann, "/allow Bo share");
	assert_true(term_wait(bo, "Ann gave you permission: share."));
	stage_say(bo, "/share tests/fixtures/portrait.jpg");
	assert_true(term_wait(ann, "Bo shares"));
	assert_true(term_wait(ann, "SVm"));
	stage_say(ann, "/disallow Bo share");
	assert_true(term_wait_gone(ann, "SVm"));
	stage_say(bo, "/share tests/fixtures/portrait.jpg");
	assert_true(term_wait(bo, "Only hosts"));
}

static void kick(void)
{
	const struct stage_params again = { .home = "bo" };

	stage_say(ann, "/kick Bo");
	assert_int_equal(term_wait_exit(bo), 6);
	stage_restored(bo);
	assert_true(term_shows(bo, "Ann removed you from the meeting."));
	assert_true(term_wait(ann, "1 here"));
	term_free(bo);
	bo = stage_join(&relay, "Robert", &again);
	assert_int_equal(term_wait_exit(bo), 4);
	stage_restored(bo);
	assert_true(term_shows(bo, "You were removed from this meeting."));
	assert_false(term_shows(ann, "[1 waiting]"));
}

static void end(void)
{
	stage_say(ann, "/end");
	assert_int_equal(term_wait_exit(ann), 0);
	stage_restored(ann);
	assert_true(term_shows(ann, "ended the meeting"));
	assert_int_equal(relay_stop(&relay), 0);
	assert_true(loudest(heard_by_ann) > 500);
	assert_true(loudest(heard_by_bo) > 500);
}

static void story__two_people_meet__and_one_keeps_the_door(void **state)
{
	(void)state;
	start();
	knock_and_admit();
	talk_and_see();
	write_to_each_other();
	lock_the_door();
	give_and_take_the_share();
	kick();
	end();
}

static int down(void **state)
{
	(void)state;
	term_free(ann);
	term_free(bo);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(story__two_people_meet__and_one_keeps_the_door, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
