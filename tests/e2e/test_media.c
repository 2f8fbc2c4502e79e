/* Sound and pictures, from one end to the other, through a real relay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"
#include "tests/e2e/listen.h"

static struct relay relay;

static int start_relay(void **state)
{
	(void)state;
	relay_start(&relay, NULL);
	return 0;
}

static int stop_relay(void **state)
{
	(void)state;
	assert_int_equal(relay_stop(&relay), 0);
	return 0;
}

static int number_of(json_t *joined)
{
	return (int)json_integer_value(json_object_get(joined, "number"));
}

static void media__one_voice_is_heard_by_two(void **state)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog, while seven hosts keep the "
				   "door of one meeting.";
	char said[DRIVE_PATH + 20], first[DRIVE_PATH + 20], second[DRIVE_PATH + 20], invite[600], where[80];
	struct peer ann, bo, cy;
	struct heard heard;

	(void)state;
	snprintf(said, sizeof(said), "%s/said.wav", drive_folder());
	snprintf(first, sizeof(first), "%s/first.wav", drive_folder());
	snprintf(second, sizeof(second), "%s/second.wav", drive_folder());
	listen_speech(said, text);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--speaker", first, NULL });
	peer_enter(&cy, &ann, invite, "Cy", (const char *const[]) { "--speaker", second, NULL });
	peer_join(&bo, invite, "Bo", (const char *const[]) { "--mic", said, NULL });
	peer_wait(&ann, "knock", "{\"name\":\"Bo\"}");
	peer_ok(&ann, "admit", "Bo", NULL);
	snprintf(where, sizeof(where), "{\"from\":%d,\"on\":true}",
		 number_of(peer_wait(&bo, "joined", NULL)));
	peer_wait(&ann, "audio", where);
	peer_wait(&ann, "speaking", where);
	peer_wait(&cy, "audio", where);
	peer_wait(&ann, "audio", "{\"name\":\"Bo\",\"on\":false}");
	peer_wait(&cy, "audio", "{\"name\":\"Bo\",\"on\":false}");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&ann), 0);
	for (int i = 0; i < 2; i++) {
		listen_compare(said, i ? second : first, &heard);
		assert_true(heard.windows >= 6);
		/* A machine that is busy with other tests may cost a syllable. */
		if (heard.good * 4 < heard.windows * 3 || heard.lag_max_s - heard.lag_min_s > 0.3)
			fail_msg("of %zu half seconds %zu were heard, %.3f to %.3f s later", heard.windows,
				 heard.good, heard.lag_min_s, heard.lag_max_s);
	}
}

static void media__mute_is_enforced(void **state)
{
	char invite[600];
	struct peer ann, bo, cy;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&cy, &ann, invite, "Cy", NULL);
	peer_enter(&bo, &ann, invite, "Bo", (const char *const[]) { "--mic", "tone:440", NULL });
	peer_wait(&cy, "audio", "{\"name\":\"Bo\",\"on\":true}");
	peer_ok(&ann, "mute", "Bo", NULL);
	peer_wait(&bo, "muted", "{\"by_name\":\"Ann\"}");
	peer_wait(&cy, "audio", "{\"name\":\"Bo\",\"on\":false}");
	peer_json(&cy, "{\"do\":\"refute\",\"event\":\"audio\",\"within\":0.3}");
	peer_ok(&bo, "unmute", NULL);
	peer_wait(&cy, "audio", "{\"name\":\"Bo\",\"on\":true}");
	peer_ok(&bo, "mute", NULL);
	peer_wait(&cy, "audio", "{\"name\":\"Bo\",\"on\":false}");
	peer_json(&cy, "{\"do\":\"refute\",\"event\":\"audio\",\"within\":0.3}");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&ann), 0);
}

/* Muted while waiting: the room sees it from the first moment, and nothing is heard until unmuted there. */
static void media__mute_while_waiting_counts(void **state)
{
	char invite[600];
	struct peer ann, bo;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_join(&bo, invite, "Bo", (const char *const[]) { "--mic", "tone:440", NULL });
	peer_wait(&bo, "waiting", NULL);
	peer_ok(&bo, "mute", NULL);
	peer_ok(&ann, "admit", "Bo", NULL);
	peer_wait(&bo, "joined", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Bo\",\"mic\":\"muted\"}");
	peer_json(&ann, "{\"do\":\"refute\",\"event\":\"audio\",\"within\":0.3}");
	peer_ok(&bo, "unmute", NULL);
	peer_wait(&ann, "audio", "{\"name\":\"Bo\",\"on\":true}");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

/* Grey squares that move: the plainest Y4M there is. */
static void make_film(const char *path)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	fprintf(out, "YUV4MPEG2 W160 H90 F10:1 Ip A1:1 C420\n");
	for (int frame = 0; frame < 60; frame++) {
		fputs("FRAME\n", out);
		for (int i = 0; i < 160 * 90; i++)
			fputc((i % 160 / 16 + i / 160 / 16 + frame) % 8 * 24 + 32, out);
		for (int i = 0; i < 2 * 80 * 45; i++)
			fputc(128, out);
	}
	fclose(out);
}

static void media__pictures_arrive(void **state)
{
	char invite[600], film[DRIVE_PATH + 20];
	struct peer ann, bo, cy;
	json_t *video, *sources, *one;
	size_t i, found = 0;

	(void)state;
	snprintf(film, sizeof(film), "%s/film.y4m", drive_folder());
	make_film(film);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--camera", film, NULL });
	peer_enter(&bo, &ann, invite, "Bo", (const char *const[]) { "--camera", "pattern", NULL });
	peer_enter(&cy, &ann, invite, "Cy", (const char *const[]) { "--view", "off", NULL });
	video = peer_wait(&ann, "video", "{\"name\":\"Bo\",\"kind\":\"camera\",\"on\":true}");
	assert_int_equal(json_integer_value(json_object_get(video, "width")), 160);
	peer_wait(&bo, "video", "{\"name\":\"Ann\",\"on\":true}");
	video = peer_wait(&bo, "video", "{\"name\":\"Ann\",\"on\":true}");
	assert_true(json_integer_value(json_object_get(video, "frames")) > 1);
	assert_true(json_integer_value(json_object_get(video, "kbps")) > 0);
	sources = json_object_get(peer_state(&ann), "sources");
	json_array_foreach(sources, i, one) found +=
		!strcmp(json_string_value(json_object_get(one, "kind")), "video") &&
		json_integer_value(json_object_get(one, "frames")) > 0;
	assert_int_equal(found, 1);
	peer_ok(&bo, "video", "off", NULL);
	peer_wait(&ann, "person-changed", "{\"name\":\"Bo\",\"camera\":false}");
	peer_ok(&bo, "video", "on", NULL);
	peer_wait(&ann, "video", "{\"name\":\"Bo\",\"on\":true}");
	/* Who looks away is sent nothing. */
	assert_null(peer_wait_for(&cy, "video", NULL, 0));
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

static void media__a_thin_line_still_speaks(void **state)
{
	char invite[600];
	struct peer ann, bo;

	(void)state;
	peer_host(&ann, &relay, "Ann", invite, NULL);
	peer_enter(&bo, &ann, invite, "Bo",
		   (const char *const[]) { "--mic", "tone:300", "--camera", "pattern", "--bandwidth", "64k",
					   NULL });
	peer_wait(&ann, "audio", "{\"name\":\"Bo\",\"on\":true}");
	peer_wait(&ann, "video", "{\"name\":\"Bo\",\"on\":true}");
	peer_json(&ann, "{\"do\":\"refute\",\"event\":\"audio\",\"where\":{\"from\":\"Bo\",\"on\":false},"
			"\"within\":1.0}");
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media__one_voice_is_heard_by_two),
		cmocka_unit_test(media__mute_is_enforced),
		cmocka_unit_test(media__mute_while_waiting_counts),
		cmocka_unit_test(media__pictures_arrive),
		cmocka_unit_test(media__a_thin_line_still_speaks),
	};

	return cmocka_run_group_tests(tests, start_relay, stop_relay);
}
