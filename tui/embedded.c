/* A child with one pipe for all that it says: JSON lines of its log, and plain words when it cannot start. */
#include "tui/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <jansson.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { START_MS = 10000, STOP_MS = 4000, SAID_MAX = 8192, MORE_MAX = 16, PATH_SIZE = 4096 };

struct embedded {
	pid_t pid;
	int fd;
	char said[SAID_MAX]; /* not yet a whole line */
	size_t said_bytes;
	bool talkative;
	struct loop_watch *watch;
	void (*fn)(void *arg, const char *text);
	void *arg;
};

/* ---- the child ---- */

static void find_program(char path[static PATH_SIZE])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_SIZE - 16);
	char *slash;

	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		if (slash) {
			memcpy(slash + 1, "moot-relay", sizeof("moot-relay"));
			if (access(path, X_OK) == 0)
				return;
		}
	}
	snprintf(path, PATH_SIZE, "moot-relay");
}

static void run_child(int fd, pid_t parent, const struct embedded_params *params, const char *token_file)
{
	char path[PATH_SIZE], port[16];
	const char *argv[MORE_MAX + 24];
	int n = 0;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	/* Ctrl-C in the terminal is for the client: the relay ends when that says so. */
	setpgid(0, 0);
	find_program(path);
	snprintf(port, sizeof(port), "%u", params->port);
	argv[n++] = "moot-relay";
	argv[n++] = "--json";
	argv[n++] = "--log-level";
	argv[n++] = params->talkative ? "info" : "warning";
	argv[n++] = "--port";
	argv[n++] = port;
	argv[n++] = "--home";
	argv[n++] = params->home;
	if (params->listen) {
		argv[n++] = "--listen";
		argv[n++] = params->listen;
	}
	if (token_file) {
		argv[n++] = "--token-file";
		argv[n++] = token_file;
	}
	if (params->tls12)
		argv[n++] = "--tls12";
	if (params->policy) {
		argv[n++] = "--policy";
		argv[n++] = params->policy;
	}
	for (int i = 0; params->more && params->more[i] && i < MORE_MAX; i++)
		argv[n++] = params->more[i];
	argv[n] = NULL;
	execvp(path, (char *const *)argv);
	dprintf(STDERR_FILENO, "moot-relay cannot be started: %s. It belongs beside moot, or into PATH.\n",
		strerror(errno));
	_exit(127);
}

static int spawn(struct embedded *embedded, const struct embedded_params *params, const char *token_file)
{
	const pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	embedded->pid = fork();
	if (embedded->pid == 0)
		run_child(fds[1], parent, params, token_file);
	close(fds[1]);
	if (embedded->pid < 0) {
		close(fds[0]);
		return -errno;
	}
	embedded->fd = fds[0];
	fcntl(embedded->fd, F_SETFL, O_NONBLOCK);
	return 0;
}

/* ---- what it says ---- */

/* Read what is there; fn for each whole line. Returns 1 at the end, else 0. */
static int listen_to(struct embedded *embedded, bool (*fn)(void *arg, const char *line), void *arg)
{
	const ssize_t n = read(embedded->fd, embedded->said + embedded->said_bytes,
			       SAID_MAX - 1 - embedded->said_bytes);
	char *end;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return 1;
	if (n > 0)
		embedded->said_bytes += (size_t)n;
	while ((end = memchr(embedded->said, '\n', embedded->said_bytes)) != NULL) {
		const size_t length = (size_t)(end - embedded->said) + 1;
		const bool last = ((*end = '\0'), fn(arg, embedded->said));

		embedded->said_bytes -= length;
		memmove(embedded->said, embedded->said + length, embedded->said_bytes);
		if (last)
			break;
	}
	if (embedded->said_bytes == SAID_MAX - 1)
		embedded->said_bytes = 0;
	return 0;
}

struct listening {
	struct invite *relay;
	bool found;
	char *why;
	size_t size;
};

static bool on_first_line(void *arg, const char *line)
{
	struct listening *listening = arg;
	json_t *object = json_loads(line, 0, NULL);
	const char *event = json_string_value(json_object_get(object, "event"));
	const char *address = json_string_value(json_object_get(object, "address"));
	const char *pin = json_string_value(json_object_get(object, "pin"));
	const char *text = json_string_value(json_object_get(object, "text"));

	if (event && !strcmp(event, "listening") && address && pin &&
	    strlen(pin) < sizeof(listening->relay->pin) &&
	    invite_parse_relay(listening->relay, address) == 0) {
		snprintf(listening->relay->pin, sizeof(listening->relay->pin), "%s", pin);
		listening->found = true;
	} else if (!object || text) {
		snprintf(listening->why, listening->size, "%s", text ? text : line);
	}
	json_decref(object);
	return listening->found;
}

static int wait_until_it_listens(struct embedded *embedded, struct listening *listening)
{
	const int64_t deadline = loop_now_us() + START_MS * 1000;

	snprintf(listening->why, listening->size, "The relay ended without a word.");
	while (!listening->found) {
		struct pollfd wait = { .fd = embedded->fd, .events = POLLIN };
		const int64_t left_us = deadline - loop_now_us();

		if (left_us <= 0) {
			snprintf(listening->why, listening->size, "The relay did not start in time.");
			return -ETIMEDOUT;
		}
		if (poll(&wait, 1, (int)(left_us / 1000) + 1) > 0 &&
		    listen_to(embedded, on_first_line, listening))
			return -ECHILD;
	}
	return 0;
}

/* ---- where others find it ---- */

static bool is_loopback(const char *address)
{
	return !address || !strcmp(address, "localhost") || !strncmp(address, "127.", 4) ||
	       !strcmp(address, "::1");
}

static bool is_any(const char *address)
{
	return !strcmp(address, "0.0.0.0") || !strcmp(address, "::") || !strcmp(address, "*");
}

/* The first address of this machine that others can reach; its name without one. */
static void own_address(char *dst, size_t size)
{
	struct ifaddrs *list = NULL;

	dst[0] = '\0';
	if (getifaddrs(&list) == 0) {
		for (struct ifaddrs *at = list; at && !dst[0]; at = at->ifa_next)
			if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET && (at->ifa_flags & IFF_UP) &&
			    !(at->ifa_flags & IFF_LOOPBACK))
				getnameinfo(at->ifa_addr, sizeof(struct sockaddr_in), dst, (socklen_t)size,
					    NULL, 0, NI_NUMERICHOST);
		freeifaddrs(list);
	}
	if (!dst[0] && gethostname(dst, size) < 0)
		snprintf(dst, size, "localhost");
}

static void place(struct embedded_where *where, const char *listen)
{
	if (listen && is_any(listen)) {
		own_address(where->host, sizeof(where->host));
		snprintf(where->relay.host, sizeof(where->relay.host), "%s",
			 strchr(listen, ':') ? "::1" : "127.0.0.1");
	} else {
		snprintf(where->host, sizeof(where->host), "%s", where->relay.host);
	}
}

/* A relay that others reach lets only us create meetings: by a token in a file that lives until it was read.
 */
static int make_token(const char *home, char *path, size_t path_size, char *token, size_t token_size)
{
	uint8_t random[20];
	size_t at = 0;
	int fd;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (size_t i = 0; i < sizeof(random) && at + 2 < token_size; i++)
		at += (size_t)snprintf(token + at, token_size - at, "%02x", random[i]);
	snprintf(path, path_size, "%s/token-XXXXXX", home);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%s\n", token) < 0) {
		close(fd);
		unlink(path);
		return -EIO;
	}
	close(fd);
	return 0;
}

int embedded_start(struct embedded **out, const struct embedded_params *params, struct embedded_where *where,
		   char *why, size_t size)
{
	struct embedded *embedded = calloc(1, sizeof(*embedded));
	struct listening listening = { .relay = &where->relay, .why = why, .size = size };
	char token_file[PATH_SIZE] = "";
	int err;

	snprintf(why, size, "Out of memory.");
	if (!embedded)
		return -ENOMEM;
	embedded->fd = -1;
	embedded->talkative = params->talkative;
	memset(where, 0, sizeof(*where));
	if (!is_loopback(params->listen)) {
		err = make_token(params->home, token_file, sizeof(token_file), where->token,
				 sizeof(where->token));
		if (err < 0) {
			snprintf(why, size, "No file can be written to %s: %s.", params->home,
				 strerror(-err));
			goto out;
		}
	}
	err = spawn(embedded, params, token_file[0] ? token_file : NULL);
	if (err == 0)
		err = wait_until_it_listens(embedded, &listening);
	if (err == 0) {
		place(where, params->listen);
		*out = embedded;
		embedded = NULL;
	}
out:
	if (token_file[0])
		unlink(token_file);
	embedded_stop(embedded);
	return err;
}

static bool on_log_line(void *arg, const char *line)
{
	struct embedded *embedded = arg;
	json_t *object = json_loads(line, 0, NULL);
	const char *level = json_string_value(json_object_get(object, "level"));
	const char *text = json_string_value(json_object_get(object, "text"));
	const char *event = json_string_value(json_object_get(object, "event"));
	char said[SAID_MAX];

	if (embedded->talkative && event && text) {
		snprintf(said, sizeof(said), "%s: %s", event, text);
		embedded->fn(embedded->arg, said);
	} else if (!object) {
		embedded->fn(embedded->arg, line);
	} else if (level && text && !strcmp(level, "error")) {
		embedded->fn(embedded->arg, text);
	}
	json_decref(object);
	return false;
}

static void on_ready(void *arg, unsigned ready)
{
	struct embedded *embedded = arg;

	(void)ready;
	if (!listen_to(embedded, on_log_line, embedded))
		return;
	embedded_unwatch(embedded);
	if (embedded->talkative)
		embedded->fn(embedded->arg, "gone: it ended");
}

int embedded_watch(struct embedded *embedded, struct loop *loop, void (*fn)(void *arg, const char *text),
		   void *arg)
{
	embedded->fn = fn;
	embedded->arg = arg;
	embedded->watch = loop_watch(loop, embedded->fd, on_ready, embedded);
	return embedded->watch ? 0 : -ENOMEM;
}

void embedded_unwatch(struct embedded *embedded)
{
	if (embedded && embedded->watch)
		loop_unwatch(embedded->watch);
	if (embedded)
		embedded->watch = NULL;
}

int embedded_signal(struct embedded *embedded, int number)
{
	return kill(embedded->pid, number) < 0 ? -errno : 0;
}

void embedded_stop(struct embedded *embedded)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int64_t deadline = loop_now_us() + STOP_MS * 1000;
	pid_t ended;
	int status;

	if (!embedded)
		return;
	embedded_unwatch(embedded);
	/* It may still say much while it ends: nobody reads that. */
	if (embedded->fd >= 0)
		close(embedded->fd);
	if (embedded->pid > 0) {
		kill(embedded->pid, SIGTERM);
		while ((ended = waitpid(embedded->pid, &status, WNOHANG)) == 0 && loop_now_us() < deadline)
			nanosleep(&pause, NULL);
		if (ended == 0) {
			kill(embedded->pid, SIGKILL);
			waitpid(embedded->pid, &status, 0);
		}
	}
	free(embedded);
}
