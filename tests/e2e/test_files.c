/* Files from one person to another, and recordings, through real programs and a real relay. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "audio/soundfile.h"
#include "tests/e2e/drive.h"

enum { FILE_BYTES = 1 << 20 };

static struct relay relay;
static char invite[600], sent[DRIVE_PATH + 32], folder[DRIVE_PATH + 32];
static struct peer ann, bo;

static void write_random(const char *path, size_t n)
{
	FILE *out = fopen(path, "wb");
	uint32_t x = 1;

	assert_non_null(out);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		fputc((int)(x >> 24), out);
	}
	assert_int_equal(fclose(out), 0);
}

static bool same_file(const char *a, const char *b)
{
	FILE *one = fopen(a, "rb"), *other = fopen(b, "rb");
	int c, d;

	assert_true(one && other);
	do {
		c = fgetc(one);
		d = fgetc(other);
	} while (c == d && c != EOF);
	fclose(one);
	fclose(other);
	return c == d;
}

static unsigned files_in(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return n;
}

/* A relay that allows files and recording, Ann its host, Bo in. */
static int up(void **state)
{
	static int runs;
	char policy[DRIVE_PATH + 32];
	FILE *out;

	(void)state;
	snprintf(policy, sizeof(policy), "%s/policy.ini", drive_folder());
	out = fopen(policy, "w");
	fputs("[controls]\nfiles = on\nrecord = permitted\n", out);
	fclose(out);
	snprintf(sent, sizeof(sent), "%s/my plan.bin", drive_folder());
	write_random(sent, FILE_BYTES);
	snprintf(folder, sizeof(folder), "%s/got-%d", drive_folder(), runs++);
	assert_int_equal(mkdir(folder, 0700), 0);
	relay_start(&relay, (const char *const[]) { "--policy", policy, NULL });
	peer_host(&ann, &relay, "Ann", invite, NULL);
	return 0;
}

static int down(void **state)
{
	(void)state;
	assert_int_equal(peer_end(&ann), 0);
	assert_int_equal(relay_stop(&relay), 0);
	return 0;
}

static void offer(char number[static 16])
{
	peer_ok(&ann, "send", "Bo", sent, NULL);
	snprintf(number, 16, "%d", (int)json_integer_value(json_object_get(peer_wait(&bo, "file", NULL), "file")));
}

static void files__arrive__whole_under_a_safe_name(void **state)
{
	char file[16], saved[DRIVE_PATH + 64];
	struct stat st;

	(void)state;
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	offer(file);
	assert_int_equal(files_in(folder), 0);
	peer_ok(&bo, "accept", file, folder, NULL);
	peer_wait(&bo, "file-progress", NULL);
	peer_wait(&bo, "file-saved", NULL);
	peer_wait(&ann, "file-ended", "{\"code\":\"done\"}");
	snprintf(saved, sizeof(saved), "%s/my plan.bin", folder);
	assert_true(same_file(sent, saved));
	assert_int_equal(stat(saved, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Again: beside the first, never over it. */
	offer(file);
	peer_ok(&bo, "accept", file, folder, NULL);
	peer_wait(&bo, "file-saved", NULL);
	snprintf(saved, sizeof(saved), "%s/my plan (2).bin", folder);
	assert_true(same_file(sent, saved));
	assert_int_equal(files_in(folder), 2);
	peer_refused(&bo, "no-such-transfer", "accept", file, NULL);
	peer_refused(&ann, "no-such-file", "send", "Bo", folder, NULL);
	peer_refused(&ann, "no-such-file", "send", "Bo", "/nowhere/at.all", NULL);
	assert_int_equal(peer_end(&bo), 0);
}

static void files__declined_or_given_up__leave_nothing(void **state)
{
	char file[16];

	(void)state;
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	offer(file);
	peer_ok(&bo, "decline", file, NULL);
	peer_wait(&ann, "file-ended", "{\"code\":\"declined\"}");
	offer(file);
	peer_json(&bo, "{\"do\":\"net\",\"rate\":400000}");
	peer_ok(&bo, "accept", file, folder, NULL);
	peer_wait(&bo, "file-progress", NULL);
	peer_ok(&ann, "decline", file, NULL);
	peer_wait(&bo, "file-ended", "{\"code\":\"cancelled\"}");
	assert_int_equal(files_in(folder), 0);
	offer(file);
	peer_ok(&ann, "set", "files", "off", NULL);
	peer_wait(&bo, "file-ended", "{\"code\":\"off\"}");
	peer_refused(&ann, "files-off", "send", "Bo", sent, NULL);
	assert_int_equal(peer_end(&bo), 0);
}

static void files__lost_line__goes_on_where_it_was(void **state)
{
	char file[16], saved[DRIVE_PATH + 64];

	(void)state;
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	peer_json(&bo, "{\"do\":\"net\",\"rate\":2000000}");
	offer(file);
	peer_ok(&bo, "accept", file, folder, NULL);
	peer_wait(&bo, "file-progress", NULL);
	peer_json(&bo, "{\"do\":\"net\",\"drop\":true}");
	peer_wait(&bo, "resumed", NULL);
	peer_json(&bo, "{\"do\":\"net\",\"rate\":0}");
	peer_wait(&bo, "file-saved", NULL);
	snprintf(saved, sizeof(saved), "%s/my plan.bin", folder);
	assert_true(same_file(sent, saved));
	assert_int_equal(peer_end(&bo), 0);
}

static void files__full_disk__is_said_and_leaves_nothing(void **state)
{
	const struct rlimit most = { 100000, 100000 };
	char file[16];

	(void)state;
	peer_enter(&bo, &ann, invite, "Bo", NULL);
	assert_int_equal(prlimit(bo.child.pid, RLIMIT_FSIZE, &most, NULL), 0);
	offer(file);
	peer_ok(&bo, "accept", file, folder, NULL);
	peer_wait(&bo, "error", "{\"code\":\"file-not-saved\"}");
	peer_wait(&ann, "file-ended", "{\"code\":\"cancelled\"}");
	assert_int_equal(files_in(folder), 0);
	assert_int_equal(peer_end(&bo), 0);
}

/* How strong a tone is in the last second but one, 1 is all there is. */
static double tone_in(const char *path, double hz)
{
	static float pcm[48000 * 60];
	struct soundfile *file;
	double re = 0, im = 0, power = 0;
	size_t n;

	assert_int_equal(soundfile_open(&file, path), 0);
	n = soundfile_read(file, pcm, sizeof(pcm) / sizeof(*pcm));
	soundfile_free(file);
	assert_true(n > 48000);
	for (size_t i = n - 48000; i < n - 4800; i++) {
		re += pcm[i] * cos(2 * M_PI * hz * (double)i / 48000);
		im += pcm[i] * sin(2 * M_PI * hz * (double)i / 48000);
		power += pcm[i] * pcm[i];
	}
	return power > 0 ? 2 * (re * re + im * im) / (power * 43200) : 0;
}

static char *newest(const char *ending)
{
	static char path[DRIVE_PATH * 2 + 300];
	DIR *dir = opendir(".");
	struct dirent *entry;

	path[0] = '\0';
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "moot-", 5) && strstr(entry->d_name, ending))
			snprintf(path, sizeof(path), "%s", entry->d_name);
	closedir(dir);
	assert_true(path[0]);
	return path;
}

static void recording__everyone_agreed__until_one_does_not(void **state)
{
	static char line[65536];
	char before[4096];
	struct peer cy;
	FILE *cast;
	json_t *json;

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(folder), 0);
	peer_enter(&bo, &ann, invite, "Bo", (const char *const[]) { "--mic", "tone:880", "--speaker", "null", NULL });
	peer_join(&cy, invite, "Cy", (const char *const[]) { "--speaker", "null", NULL });
	peer_wait(&ann, "knock", "{\"name\":\"Cy\"}");
	peer_ok(&ann, "admit", "Cy", NULL);
	peer_wait(&cy, "joined", NULL);
	peer_refused(&cy, "record-off", "record", "start", NULL);
	peer_ok(&ann, "allow", "Cy", "record", NULL);
	peer_ok(&cy, "record", "start", NULL);
	peer_wait(&ann, "record-ask", NULL);
	peer_wait(&bo, "record-ask", NULL);
	peer_ok(&ann, "consent", "yes", NULL);
	assert_int_equal(files_in("."), 0);
	peer_ok(&bo, "consent", "yes", NULL);
	peer_wait(&bo, "recording", "{\"on\":true}");
	peer_wait(&cy, "recording", "{\"on\":true}");
	assert_null(peer_wait_for(&cy, "recording", NULL, 2.5));
	peer_ok(&bo, "consent", "no", NULL);
	peer_wait(&cy, "recording", "{\"on\":false,\"code\":\"no\"}");
	peer_ok(&cy, "who", NULL);
	assert_true(tone_in(newest(".opus"), 880) > 0.8);
	cast = fopen(newest(".cast"), "r");
	assert_non_null(cast);
	assert_non_null(fgets(line, sizeof(line), cast));
	json = json_loads(line, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(json, "version")), 2);
	json_decref(json);
	assert_non_null(fgets(line, sizeof(line), cast));
	assert_non_null(strstr(line, "REC Cy"));
	fclose(cast);
	assert_int_equal(peer_end(&cy), 0);
	assert_int_equal(peer_end(&bo), 0);
	assert_int_equal(chdir(before), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files__arrive__whole_under_a_safe_name, up, down),
		cmocka_unit_test_setup_teardown(files__declined_or_given_up__leave_nothing, up, down),
		cmocka_unit_test_setup_teardown(files__lost_line__goes_on_where_it_was, up, down),
		cmocka_unit_test_setup_teardown(files__full_disk__is_said_and_leaves_nothing, up, down),
		cmocka_unit_test_setup_teardown(recording__everyone_agreed__until_one_does_not, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
