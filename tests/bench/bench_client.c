/* One participant, whole processes: start to joined, mouth to ear, and what a meeting of four costs.
 *     bench_client              all three, the mouth-to-ear for 60 s
 *     bench_client joined | ear [SECONDS] | cost
 *     bench_client line [SECONDS]   mouth to ear and pictures together, over the bad line of tests/tools/badline:
 *                                   relay and listener at its near end, the speaker at the far one */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/ear.h"
#include "tests/bench/measure.h"
#include "tests/bench/people.h"

enum { JOINS = 15, COST_S = 15 };

static char invite[512];

/* A host on an embedded relay, whose door stands open. */
static void open_meeting(struct participant *host, const char *netns, const char *address, const char *const more[])
{
	const char *args[24] = { "host", "--name", "Ann", "--listen", address ? address : "127.0.0.1", "--port", "0" };
	size_t n = 7;
	for (size_t i = 0; more && more[i] && n < 23; i++)
		args[n++] = more[i];
	char line[1024];
	participant_start(host, netns, args);
	participant_wait(host, "\"event\":\"created\"", 20, line, sizeof line);
	json_field(line, "invite", invite, sizeof invite);
	participant_wait(host, "\"event\":\"joined\"", 20, NULL, 0);
	participant_say(host, "/set waiting-room off");
	participant_wait(host, "\"re\":null", 10, NULL, 0);
}

static void bench_joined(void)
{
	struct participant host;
	double ms[JOINS], first = 0;
	static const char *const silent[] = { "--mic", "none", "--speaker", "none", NULL };
	open_meeting(&host, NULL, NULL, silent);
	for (int i = 0; i < JOINS; i++) {
		struct participant guest;
		const char *const args[] = { "join", invite, "--name", "Bo", "--mic", "silence", "--speaker", "null", NULL };
		participant_start(&guest, NULL, args);
		uint64_t at = participant_wait(&guest, "\"event\":\"joined\"", 20, NULL, 0);
		ms[i] = (double)(at - guest.started_ns) / 1e6;
		if (!i)
			first = ms[i];
		participant_end(&guest);
		participant_drain(&host);
	}
	participant_end(&host);
	printf("| start to joined, loopback | ms |\n|---|--:|\n"
	       "| first guest, passcode hash included | %.0f |\n| median of %d later ones | %.0f |\n\n",
	       first, JOINS - 1, measure_median(ms + 1, JOINS - 1));
}

static void bench_ear(unsigned seconds, bool thin, const char *camera)
{
	const char *near = thin ? getenv("MOOT_NEAR") : NULL, *far = thin ? getenv("MOOT_FAR") : NULL;
	const char *bandwidth = thin ? "--bandwidth" : NULL;
	char said[128], heard[128], line[65536], field[32];
	struct participant host, mouth, ear;
	struct ear_report report;
	snprintf(said, sizeof said, "%s/said.wav", bench_dir());
	snprintf(heard, sizeof heard, "%s/heard.wav", bench_dir());
	if (ear_speech(said, seconds))
		bench_die("espeak-ng and sox made no speech");
	static const char *const silent[] = { "--mic", "none", "--speaker", "none", NULL };
	open_meeting(&host, near, near ? "10.77.0.1" : NULL, silent);
	const char *const ear_args[] = { "join", invite, "--name", "Bo", "--mic", "none", "--speaker", heard, NULL };
	const char *const mouth_args[] = { "join", invite, "--name", "Cy", "--mic", said, "--speaker", "none",
		                     "--camera", camera, bandwidth, "64k", NULL };
	participant_start(&ear, near, ear_args);
	uint64_t ear_ns = participant_wait(&ear, "\"event\":\"joined\"", 30, NULL, 0);
	participant_start(&mouth, far, mouth_args);
	uint64_t mouth_ns = participant_wait(&mouth, "\"event\":\"joined\"", 30, NULL, 0);
	for (unsigned i = 0; i < seconds * 2 + 3; i++) {
		usleep(500000);
		participant_drain(&host);
		participant_drain(&mouth);
		participant_drain(&ear);
	}
	participant_say(&ear, "{\"id\":1,\"do\":\"state\"}");
	participant_wait(&ear, "\"re\":1", 10, line, sizeof line);
	json_field(line, "concealed", field, sizeof field);
	participant_end(&mouth);
	participant_end(&ear);
	participant_end(&host);
	if (ear_compare(said, heard, ((double)ear_ns - (double)mouth_ns) / 1e6, &report))
		bench_die("nothing was recorded");
	printf("| mouth to ear | |\n|---|--:|\n| sound compared, s | %.0f |\n| delay, median (p10-p90) | %.0f ms (%.0f-%.0f) |\n"
	       "| correlation, median (worst) | %.3f (%.3f) |\n| half seconds of speech, of them broken | %zu, %zu |\n"
	       "| frames concealed | %s |\n\n",
	       report.heard_s, report.delay_ms, report.delay_p10_ms, report.delay_p90_ms, report.median, report.worst,
	       report.windows, report.broken, field);
}

/* The measured guest, in a real screen whose bytes we count and forget. */
static pid_t start_screen(int cols, int rows, const char *view, int *fd)
{
	struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };
	char home[128];
	snprintf(home, sizeof home, "%s/screen%d%s", bench_dir(), cols, view);
	pid_t pid = forkpty(fd, NULL, NULL, &size);
	if (pid < 0)
		bench_die("forkpty");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		setenv("TERM", "xterm-256color", 1);
		setenv("COLORTERM", "truecolor", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		execl(bench_program("moot"), "moot", "join", invite, "--name", "Dee", "--mic", "tone:440", "--speaker", "null",
		      "--home", home, (char *)NULL);
		_exit(127);
	}
	fcntl(*fd, F_SETFL, O_NONBLOCK);
	return pid;
}

/* Read and forget for so long; bytes. */
static uint64_t swallow(int fd, double seconds)
{
	char bytes[65536];
	uint64_t sum = 0, end = measure_now_ns() + (uint64_t)(seconds * 1e9);
	while (measure_now_ns() < end) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		poll(&ready, 1, 50);
		for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
			sum += (uint64_t)n;
	}
	return sum;
}

static void cost_row(int cols, int rows, const char *view)
{
	int fd;
	char command[64];
	pid_t pid = start_screen(cols, rows, view, &fd);
	swallow(fd, 2);
	snprintf(command, sizeof command, "/view %s\r", view);
	if (write(fd, command, strlen(command)) < 0)
		bench_die("the screen does not listen");
	swallow(fd, 3);
	double cpu = measure_cpu_s(pid);
	uint64_t start = measure_now_ns(), bytes = swallow(fd, COST_S);
	double window = (double)(measure_now_ns() - start) / 1e9;
	cpu = measure_cpu_s(pid) - cpu;
	long rss = measure_rss_kib(pid);
	printf("| %dx%d | %s | %.1f %% | %.1f | %.1f |\n", cols, rows, view, 100 * cpu / window,
	       (double)bytes / window / 1024, (double)rss / 1024);
	kill(pid, SIGTERM);
	swallow(fd, 0.5);
	waitpid(pid, NULL, 0);
	close(fd);
}

static void bench_cost(void)
{
	struct participant host, others[2];
	char said[128];
	snprintf(said, sizeof said, "%s/long.wav", bench_dir());
	if (ear_speech(said, 120))
		bench_die("espeak-ng and sox made no speech");
	const char *const media[] = { "--mic", said, "--speaker", "null", "--camera", "tests/fixtures/talk.webm", NULL };
	open_meeting(&host, NULL, NULL, media);
	static const char *const names[] = { "Bo", "Cy" };
	for (int i = 0; i < 2; i++) {
		const char *const args[] = { "join", invite, "--name", names[i], "--mic", said, "--speaker", "null",
			                     "--camera", "tests/fixtures/talk.webm", NULL };
		participant_start(&others[i], NULL, args);
		participant_wait(&others[i], "\"event\":\"joined\"", 20, NULL, 0);
	}
	printf("| a meeting of four, screen | view | of a core | KiB/s to the terminal | resident MiB |\n|---|---|--:|--:|--:|\n");
	static const struct { int cols, rows; const char *view; } rows[] = {
		{ 80, 24, "off" }, { 80, 24, "speaker" }, { 80, 24, "gallery" }, { 200, 60, "speaker" }, { 200, 60, "gallery" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cost_row(rows[i].cols, rows[i].rows, rows[i].view);
		participant_drain(&host);
		participant_drain(&others[0]);
		participant_drain(&others[1]);
	}
	participant_end(&others[0]);
	participant_end(&others[1]);
	participant_end(&host);
	printf("\n");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "all";
	long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : 60;
	bool all = !strcmp(what, "all");
	if (seconds < 5 || seconds > 3600) {
		fprintf(stderr, "usage: bench_client [joined | ear SECONDS(5-3600) | line SECONDS | cost]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (all || !strcmp(what, "joined"))
		bench_joined();
	if (all || !strcmp(what, "ear"))
		bench_ear((unsigned)seconds, false, "none");
	if (!strcmp(what, "line")) {
		printf("Voice alone:\n\n");
		bench_ear((unsigned)seconds, true, "none");
		printf("Voice and pictures:\n\n");
		bench_ear((unsigned)seconds, true, "tests/fixtures/talk.webm");
	}
	if (all || !strcmp(what, "cost"))
		bench_cost();
	return 0;
}
