#include "tests/bench/people.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/measure.h"

enum { ARGS_MAX = 32 };

static char folder[64];

void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
	exit(1);
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	(void)stat, (void)type, (void)where;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *bench_dir(void)
{
	if (!folder[0]) {
		snprintf(folder, sizeof folder, "/tmp/moot-bench.XXXXXX");
		if (!mkdtemp(folder))
			bench_die("no temporary folder");
		atexit(remove_folder);
	}
	return folder;
}

const char *bench_program(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	const char *build = getenv("MOOT_BUILD");
	char *p = path[turn++ % 4];
	snprintf(p, sizeof path[0], "%s/%s", build ? build : "build", name);
	return p;
}

static void become(const char *netns, const char *const args[], const char *home, int in, int out)
{
	const char *argv[ARGS_MAX + 8];
	size_t n = 0;
	if (netns) {
		const char *const prefix[] = { "ip", "netns", "exec", netns };
		for (size_t i = 0; i < 4; i++)
			argv[n++] = prefix[i];
	}
	argv[n++] = bench_program("moot");
	for (size_t i = 0; args[i] && n < ARGS_MAX; i++)
		argv[n++] = args[i];
	argv[n++] = "--headless";
	argv[n++] = "--home";
	argv[n++] = home;
	argv[n] = NULL;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0)
		execvp(argv[0], (char *const *)argv);
	_exit(127);
}

void participant_start(struct participant *who, const char *netns, const char *const args[])
{
	static unsigned count;
	int in[2], out[2];
	memset(who, 0, sizeof *who);
	snprintf(who->home, sizeof who->home, "%.40s/home%u", bench_dir(), count++);
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		bench_die("pipe");
	who->started_ns = measure_now_ns();
	who->pid = fork();
	if (who->pid < 0)
		bench_die("fork");
	if (!who->pid)
		become(netns, args, who->home, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	who->in = in[1];
	who->out = out[0];
	fcntl(who->out, F_SETFL, O_NONBLOCK);
}

void participant_say(struct participant *who, const char *line)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%s\n", line);
	if (write(who->in, text, (size_t)n) != n)
		bench_die("a participant does not listen");
}

/* Take one line out of what was read; false when none is whole. */
static bool next_line(struct participant *who, char *dst, size_t size)
{
	char *end = memchr(who->line, '\n', who->have);
	if (!end)
		return false;
	size_t n = (size_t)(end - who->line);
	snprintf(dst, size, "%.*s", (int)n, who->line);
	who->have -= n + 1;
	memmove(who->line, end + 1, who->have);
	return true;
}

uint64_t participant_wait(struct participant *who, const char *text, double seconds, char *dst, size_t size)
{
	uint64_t end = measure_now_ns() + (uint64_t)(seconds * 1e9);
	char line[sizeof who->line], last[512] = "";
	for (;;) {
		while (next_line(who, line, sizeof line)) {
			if (strstr(line, text)) {
				if (dst)
					snprintf(dst, size, "%s", line);
				return measure_now_ns();
			}
			snprintf(last, sizeof last, "%.500s", line);
		}
		struct pollfd ready = { .fd = who->out, .events = POLLIN };
		uint64_t now = measure_now_ns();
		if (now >= end || poll(&ready, 1, (int)((end - now) / 1000000) + 1) < 0)
			break;
		ssize_t n = read(who->out, who->line + who->have, sizeof who->line - who->have);
		if (n == 0 || who->have == sizeof who->line)
			break;
		who->have += n > 0 ? (size_t)n : 0;
	}
	fprintf(stderr, "bench: waited for %s; the last line was: %s\n", text, last);
	errno = 0;
	bench_die("a participant did not say what was expected");
}

void participant_drain(struct participant *who)
{
	while (read(who->out, who->line, sizeof who->line) > 0)
		;
	who->have = 0;
}

void participant_end(struct participant *who)
{
	int status;
	close(who->in);
	for (int i = 0; i < 500; i++, usleep(10000)) {
		participant_drain(who);
		if (waitpid(who->pid, &status, WNOHANG) == who->pid)
			break;
		if (i == 300)
			kill(who->pid, SIGKILL);
	}
	close(who->out);
}

void json_field(const char *line, const char *key, char *dst, size_t size)
{
	char quoted[64];
	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	const char *at = strstr(line, quoted);
	dst[0] = '\0';
	if (!at)
		return;
	at += strlen(quoted);
	bool text = *at == '"';
	at += text;
	snprintf(dst, size, "%.*s", (int)strcspn(at, text ? "\"" : ",}"), at);
}
