/* Two real programs with sound cards: what is played into one's microphone comes out of the other's speaker, through
 * PortAudio, a PulseAudio of the test's own, and a real relay. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/audio/pulse.h"
#include "tests/e2e/drive.h"
#include "tests/e2e/listen.h"

static struct relay relay;

static int set_up(void **state)
{
	(void)state;
	if (!pulse_start())
		return -1;
	relay_start(&relay, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	relay_stop(&relay);
	pulse_end();
	return 0;
}

/* Record the far card until this many bytes are there. */
static bool grows(const char *path, off_t bytes)
{
	struct stat st;

	for (int i = 0; i < 200; i++, usleep(50000))
		if (stat(path, &st) == 0 && st.st_size > bytes)
			return true;
	return false;
}

static void cards__speech__from_microphone_to_speaker(void **state)
{
	static const char text[] = "The meeting begins at nine. Ann keeps the door, and Bo takes the notes of all "
				   "that we decide about the bridge, the harbour and the railway.";
	char said[DRIVE_PATH + 20], out[DRIVE_PATH + 20], invite[600];
	struct peer ann, bo;
	struct heard heard;

	(void)state;
	snprintf(said, sizeof(said), "%s/said.wav", drive_folder());
	snprintf(out, sizeof(out), "%s/heard.wav", drive_folder());
	listen_speech(said, text);
	peer_host(&ann, &relay, "Ann", invite, (const char *const[]) { "--mic", "none", "--speaker", "ear", NULL });
	peer_enter(&bo, &ann, invite, "Bo", (const char *const[]) { "--mic", "mouth", "--speaker", "none", NULL });
	const char *const parec[] = { "parec", "-d", "ear.monitor", "--format=s16le", "--rate=48000", "--channels=1",
				      "--latency-msec=20", "--file-format=wav", NULL };
	const char *const paplay[] = { "paplay", "-d", "mouth", "--latency-msec=20", said, NULL };
	pid_t recorder = pulse_run(parec, "/dev/null", out);
	assert_true(grows(out, 9600));
	assert_int_equal(pulse_stop(pulse_run(paplay, "/dev/null", "/dev/null"), 0), 0);
	peer_wait(&ann, "speaking", "{\"name\":\"Bo\",\"on\":true}");
	peer_wait(&ann, "speaking", "{\"name\":\"Bo\",\"on\":false}");
	pulse_stop(recorder, SIGTERM);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(peer_end(&ann), 0);
	listen_compare(said, out, &heard);
	/* A busy machine may cost a word, for PulseAudio's as well as for ours. */
	if (heard.windows < 6 || heard.good * 4 < heard.windows * 3)
		fail_msg("of %zu half seconds %zu were heard, %.3f to %.3f s later", heard.windows, heard.good,
			 heard.lag_min_s, heard.lag_max_s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards__speech__from_microphone_to_speaker),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
