#include "tests/audio/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], socket_path[96];
static pid_t daemon_pid, keep_alive[2];

pid_t pulse_run(const char *const *argv, const char *in, const char *out)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int i = open(in, O_RDONLY), o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600),
	    e = open("/dev/null", O_WRONLY);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(i, 0);
	dup2(o, 1);
	dup2(e, 2);
	char *args[16];
	size_t n = 0;
	for (; argv[n] && n < 15; n++)
		args[n] = (char *)(uintptr_t)argv[n];
	args[n] = NULL;
	execvp(args[0], args);
	_exit(127);
}

int pulse_stop(pid_t pid, int sig)
{
	int status = 0;
	if (pid <= 0)
		return -1;
	if (sig)
		kill(pid, sig);
	waitpid(pid, &status, 0);
	return status;
}

static bool answers(void)
{
	const char *argv[] = { "pactl", "list", "short", "sinks", NULL };
	char path[96], text[1024] = "";
	snprintf(path, sizeof path, "%s/sinks", dir);
	if (pulse_stop(pulse_run(argv, "/dev/null", path), 0) != 0)
		return false;
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	return n > 0 && strstr(text, "mouth") && strstr(text, "ear");
}

int pulse_revive(void)
{
	char native[160];
	snprintf(native, sizeof native, "module-native-protocol-unix auth-anonymous=1 socket=%s", socket_path);
	const char *argv[] = { "pulseaudio",
			       "-n",
			       "--daemonize=no",
			       "--exit-idle-time=-1",
			       "--use-pid-file=no",
			       "-L",
			       native,
			       "-L",
			       "module-null-sink sink_name=mouth rate=48000 channels=1",
			       "-L",
			       "module-null-sink sink_name=ear rate=48000 channels=1",
			       NULL };
	daemon_pid = pulse_run(argv, "/dev/null", "/dev/null");
	for (int i = 0; !answers(); i++, usleep(50000))
		if (i == 300)
			return -ETIMEDOUT;
	static const char *const sinks[] = { "mouth", "ear" };
	for (int i = 0; i < 2; i++) { /* an idle sink is two seconds late */
		const char *pacat[] = { "pacat", "-p", "-d", sinks[i], "--latency-msec=20", NULL };
		keep_alive[i] = pulse_run(pacat, "/dev/zero", "/dev/null");
	}
	return 0;
}

void pulse_kill(void)
{
	pulse_stop(daemon_pid, SIGKILL);
	for (int i = 0; i < 2; i++)
		pulse_stop(keep_alive[i], SIGTERM);
	unlink(socket_path);
	daemon_pid = keep_alive[0] = keep_alive[1] = 0;
}

const char *pulse_start(void)
{
	char path[96], server[128];
	snprintf(dir, sizeof dir, "/tmp/moot-pulse.XXXXXX");
	if (!mkdtemp(dir))
		return NULL;
	snprintf(socket_path, sizeof socket_path, "%s/native", dir);
	snprintf(path, sizeof path, "%s/asound.conf", dir);
	FILE *f = fopen(path, "w");
	if (!f)
		return NULL;
	fputs("pcm.ear { type pulse device ear }\n"
	      "pcm.mouth { type pulse device mouth.monitor }\n"
	      "pcm.default { type pulse }\n",
	      f);
	fclose(f);
	snprintf(server, sizeof server, "unix:%s", socket_path);
	setenv("PULSE_SERVER", server, 1);
	setenv("ALSA_CONFIG_PATH", path, 1);
	setenv("HOME", dir, 1);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("PULSE_RUNTIME_PATH", dir, 1);
	return pulse_revive() ? NULL : dir;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	(void)stat, (void)type, (void)where;
	return remove(path);
}

void pulse_end(void)
{
	pulse_kill();
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
