#include "tests/e2e/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64];

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] && system(command) != 0)
		fprintf(stderr, "%s stays\n", folder);
}

const char *drive_folder(void)
{
	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "/tmp/moot-e2e.XXXXXX");
		assert_non_null(mkdtemp(folder));
		atexit(remove_folder);
		signal(SIGPIPE, SIG_IGN);
	}
	return folder;
}

const char *drive_program(const char *name)
{
	static char paths[4][DRIVE_PATH + 64], build[PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	/* Looked up once: a case may change the folder it is in. */
	if (!build[0])
		assert_non_null(realpath(getenv("MOOT_BUILD") ? getenv("MOOT_BUILD") : "build", build));
	assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", build, name) < (int)sizeof(paths[0]));
	return path;
}

int64_t drive_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void new_home(char home[static DRIVE_PATH])
{
	static unsigned count;

	snprintf(home, DRIVE_PATH, "%s/home%u", drive_folder(), count++);
}

/* ---- children ---- */

void child_start(struct child *child, const char *const argv[])
{
	int in[2], out[2];

	memset(child, 0, sizeof(*child));
	drive_folder();
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (!getenv("MOOT_E2E_NOISE")) {
			char path[DRIVE_PATH];

			snprintf(path, sizeof(path), "%s/stderr", drive_folder());
			dup2(open(path, O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
		}
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	child->in = in[1];
	child->out = out[0];
	fcntl(child->out, F_SETFL, O_NONBLOCK);
}

/* Read what is there, waiting until deadline for something. False at the end or at the deadline. */
static bool read_more(struct child *child, int64_t deadline_us)
{
	struct pollfd ready = { .fd = child->out, .events = POLLIN };
	const int64_t left = deadline_us - drive_now_us();
	ssize_t n;

	if (child->eof || left <= 0 || poll(&ready, 1, (int)(left / 1000) + 1) <= 0)
		return false;
	if (child->size - child->bytes < 65536) {
		child->size = child->size * 2 + 131072;
		child->buffer = realloc(child->buffer, child->size);
		assert_non_null(child->buffer);
	}
	n = read(child->out, child->buffer + child->bytes, child->size - child->bytes - 1);
	if (n > 0)
		child->bytes += (size_t)n;
	child->eof = n == 0;
	return n > 0;
}

/* The next whole line as JSON, a new reference, or NULL when there is none yet. */
static json_t *next_line(struct child *child)
{
	char *end = child->bytes ? memchr(child->buffer, '\n', child->bytes) : NULL;
	json_t *line;
	size_t n;

	if (!end)
		return NULL;
	n = (size_t)(end - child->buffer) + 1;
	line = json_loadb(child->buffer, n, JSON_REJECT_DUPLICATES, NULL);
	if (!line)
		fail_msg("not JSON: %.*s", (int)n, child->buffer);
	child->bytes -= n;
	memmove(child->buffer, end + 1, child->bytes);
	return line;
}

json_t *child_line(struct child *child, double seconds)
{
	const int64_t deadline = drive_now_us() + (int64_t)(seconds * 1e6);
	json_t *line;

	while (!(line = next_line(child)))
		if (!read_more(child, deadline))
			return NULL;
	return line;
}

int child_end(struct child *child)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);
	int status = -1;

	while (waitpid(child->pid, &status, WNOHANG) == 0) {
		if (drive_now_us() > deadline) {
			kill(child->pid, SIGKILL);
			waitpid(child->pid, &status, 0);
			fail_msg("a program did not end");
		}
		nanosleep(&(struct timespec) { .tv_nsec = 2000000 }, NULL);
	}
	if (child->in >= 0)
		close(child->in);
	close(child->out);
	free(child->buffer);
	child->buffer = NULL;
	child->pid = 0;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* ---- relays ---- */

void relay_start(struct relay *relay, const char *const extra[])
{
	const char *argv[32] = { drive_program("moot-relay"), "--port", "0", "--json", "--home" };
	size_t n = 5;
	json_t *line;

	if (!relay->home[0])
		new_home(relay->home);
	argv[n++] = relay->home;
	for (size_t i = 0; extra && extra[i]; i++)
		argv[n++] = extra[i];
	child_start(&relay->child, argv);
	line = child_line(&relay->child, DRIVE_SECONDS);
	if (!line)
		fail_msg("the relay did not start");
	assert_string_equal(json_string_value(json_object_get(line, "event")), "listening");
	snprintf(relay->address, sizeof(relay->address), "%s",
		 json_string_value(json_object_get(line, "address")));
	snprintf(relay->pin, sizeof(relay->pin), "%s", json_string_value(json_object_get(line, "pin")));
	json_decref(line);
}

void relay_wait(struct relay *relay, const char *event)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);

	for (bool found = false; !found;) {
		json_t *line = next_line(&relay->child);

		if (!line && !read_more(&relay->child, deadline))
			fail_msg("the relay did not say %s", event);
		found = line && !strcmp(json_string_value(json_object_get(line, "event")), event);
		json_decref(line);
	}
}

int relay_stop(struct relay *relay)
{
	kill(relay->child.pid, SIGTERM);
	return child_end(&relay->child);
}

void relay_kill(struct relay *relay)
{
	kill(relay->child.pid, SIGKILL);
	child_end(&relay->child);
}

/* ---- participants ---- */

void peer_start(struct peer *peer, const char *name, const char *keep, const char *const args[])
{
	const char *argv[48] = { drive_program("moot") };
	char home[DRIVE_PATH];
	size_t n = 1;

	if (keep)
		snprintf(home, sizeof(home), "%s", keep);
	else
		new_home(home);
	memset(peer, 0, sizeof(*peer));
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	memcpy(peer->home, home, sizeof(home));
	for (size_t i = 0; args[i]; i++)
		argv[n++] = args[i];
	argv[n++] = "--headless";
	argv[n++] = "--home";
	argv[n++] = peer->home;
	peer->lines = json_array();
	peer->t_us = drive_now_us();
	child_start(&peer->child, argv);
}

static size_t add_extra(const char **args, size_t n, const char *const extra[])
{
	for (size_t i = 0; extra && extra[i]; i++)
		args[n++] = extra[i];
	args[n] = NULL;
	return n;
}

void peer_host(struct peer *peer, const struct relay *relay, const char *name, char *invite,
	       const char *const extra[])
{
	const char *args[40] = { "host", "--relay", relay->address, "--pin", relay->pin, "--name", name };

	add_extra(args, 7, extra);
	peer_start(peer, name, NULL, args);
	snprintf(invite, 600, "%s",
		 json_string_value(json_object_get(peer_wait(peer, "created", NULL), "invite")));
	peer_wait(peer, "joined", NULL);
}

void peer_join(struct peer *peer, const char *invite, const char *name, const char *const extra[])
{
	const char *args[40] = { "join", invite, "--name", name };

	add_extra(args, 4, extra);
	peer_start(peer, name, NULL, args);
}

void peer_enter(struct peer *peer, struct peer *host, const char *invite, const char *name,
		const char *const extra[])
{
	char where[200];

	peer_join(peer, invite, name, extra);
	snprintf(where, sizeof(where), "{\"name\":\"%s\"}", name);
	peer_wait(host, "knock", where);
	peer_ok(host, "admit", name, NULL);
	peer_wait(peer, "joined", NULL);
}

void peer_write(struct peer *peer, const char *line)
{
	const size_t n = strlen(line);

	if (write(peer->child.in, line, n) != (ssize_t)n || write(peer->child.in, "\n", 1) != 1)
		fail_msg("%s does not listen", peer->name);
}

bool drive_matches(json_t *where, json_t *object)
{
	const char *key;
	json_t *want;

	json_object_foreach(where, key, want)
	{
		json_t *have = json_object_get(object, key);

		if (json_is_object(want) && json_is_object(have) ? !drive_matches(want, have)
								 : !json_equal(want, have))
			return false;
	}
	return true;
}

static bool more_lines(struct peer *peer, int64_t deadline_us)
{
	const size_t before = json_array_size(peer->lines);
	json_t *line;

	while (json_array_size(peer->lines) == before) {
		while ((line = next_line(&peer->child)) != NULL)
			json_array_append_new(peer->lines, line);
		if (json_array_size(peer->lines) == before && !read_more(&peer->child, deadline_us))
			return false;
	}
	return true;
}

static void fail_with_lines(struct peer *peer, const char *what, const char *where)
{
	const size_t count = json_array_size(peer->lines);

	for (size_t i = count > 30 ? count - 30 : 0; i < count; i++) {
		char *text = json_dumps(json_array_get(peer->lines, i), JSON_COMPACT);

		fprintf(stderr, "    %s: %s\n", peer->name, text);
		free(text);
	}
	fail_msg("%s: no %s %s came; these did (at most 30 shown above)", peer->name, what,
		 where ? where : "");
}

json_t *peer_wait_for(struct peer *peer, const char *event, const char *where, double seconds)
{
	const int64_t deadline = drive_now_us() + (int64_t)(seconds * 1e6);
	json_t *members = where ? json_loads(where, 0, NULL) : NULL;

	if (where && !members)
		fail_msg("bad where: %s", where);
	for (;;) {
		for (; peer->cursor < json_array_size(peer->lines); peer->cursor++) {
			json_t *line = json_array_get(peer->lines, peer->cursor);
			const char *name = json_string_value(json_object_get(line, "event"));

			if (name && !strcmp(name, event) && (!members || drive_matches(members, line))) {
				peer->cursor++;
				json_decref(members);
				return line;
			}
		}
		if (!more_lines(peer, deadline))
			break;
	}
	json_decref(members);
	return NULL;
}

json_t *peer_wait(struct peer *peer, const char *event, const char *where)
{
	json_t *line = peer_wait_for(peer, event, where, DRIVE_SECONDS);

	if (!line)
		fail_with_lines(peer, event, where);
	return line;
}

json_t *peer_answer(struct peer *peer)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);

	for (;;) {
		for (; peer->taken < json_array_size(peer->lines); peer->taken++)
			if (json_object_get(json_array_get(peer->lines, peer->taken), "re"))
				return json_array_get(peer->lines, peer->taken++);
		if (!more_lines(peer, deadline))
			fail_with_lines(peer, "answer", NULL);
	}
}

static json_t *ask_v(struct peer *peer, const char *word, va_list ap)
{
	json_t *line = json_pack("{s:i, s:s, s:[]}", "id", ++peer->asked, "do", word, "args"), *answer;
	const char *arg;
	char *text;

	while ((arg = va_arg(ap, const char *)) != NULL)
		json_array_append_new(json_object_get(line, "args"), json_string(arg));
	text = json_dumps(line, JSON_COMPACT);
	peer_write(peer, text);
	free(text);
	json_decref(line);
	answer = peer_answer(peer);
	assert_int_equal(json_integer_value(json_object_get(answer, "re")), peer->asked);
	return answer;
}

json_t *peer_ask(struct peer *peer, const char *word, ...)
{
	json_t *answer;
	va_list ap;

	va_start(ap, word);
	answer = ask_v(peer, word, ap);
	va_end(ap);
	return answer;
}

static void expect_ok(struct peer *peer, json_t *answer, const char *word)
{
	char *text;

	if (json_is_true(json_object_get(answer, "ok")))
		return;
	text = json_dumps(answer, JSON_COMPACT);
	fprintf(stderr, "    %s: %s: %.3000s\n", peer->name, word, text);
	free(text);
	fail_msg("%s: %s was not ok", peer->name, word);
}

void peer_ok(struct peer *peer, const char *word, ...)
{
	json_t *answer;
	va_list ap;

	va_start(ap, word);
	answer = ask_v(peer, word, ap);
	va_end(ap);
	expect_ok(peer, answer, word);
}

void peer_refused(struct peer *peer, const char *code, const char *word, ...)
{
	json_t *answer;
	const char *came;
	va_list ap;

	va_start(ap, word);
	answer = ask_v(peer, word, ap);
	va_end(ap);
	came = json_string_value(json_object_get(answer, "code"));
	if (!json_is_false(json_object_get(answer, "ok")) || !came || strcmp(came, code) != 0)
		fail_msg("%s: %s should be refused with %s, not %s", peer->name, word, code,
			 came ? came : "ok");
	assert_true(json_string_length(json_object_get(answer, "text")) > 0);
}

json_t *peer_json(struct peer *peer, const char *line)
{
	json_t *answer;

	peer_write(peer, line);
	answer = peer_answer(peer);
	expect_ok(peer, answer, line);
	return answer;
}

json_t *peer_state(struct peer *peer)
{
	json_t *state = json_object_get(peer_json(peer, "{\"do\":\"state\"}"), "state");

	assert_non_null(state);
	return state;
}

int peer_finish(struct peer *peer)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);
	json_int_t seq = 0;
	json_t *line;
	int status;

	while (more_lines(peer, deadline))
		;
	for (size_t i = 0; i < json_array_size(peer->lines); i++) {
		line = json_array_get(peer->lines, i);
		if (json_object_get(line, "event") &&
		    json_integer_value(json_object_get(line, "seq")) != ++seq)
			fail_with_lines(peer, "whole sequence", NULL);
	}
	line = json_array_get(peer->lines, json_array_size(peer->lines) - 1);
	status = child_end(&peer->child);
	if (!line || !json_is_string(json_object_get(line, "event")) ||
	    strcmp(json_string_value(json_object_get(line, "event")), "bye") != 0)
		fail_with_lines(peer, "bye", NULL);
	assert_int_equal(json_integer_value(json_object_get(line, "code")), status);
	json_decref(peer->lines);
	peer->lines = NULL;
	return status;
}

int peer_end(struct peer *peer)
{
	if (peer->child.in >= 0)
		close(peer->child.in);
	peer->child.in = -1;
	return peer_finish(peer);
}

void peer_kill(struct peer *peer)
{
	kill(peer->child.pid, SIGKILL);
	child_end(&peer->child);
	json_decref(peer->lines);
	peer->lines = NULL;
}

/* ---- any program, to its end ---- */

static char *slurp(const char *path)
{
	char *text = calloc(1, 262144);
	FILE *in = fopen(path, "r");

	assert_non_null(text);
	if (in && fread(text, 1, 262143, in) == 0)
		text[0] = '\0';
	if (in)
		fclose(in);
	return text;
}

int drive_run(const char *const argv[], const char *input, char **out, char **err)
{
	char out_path[DRIVE_PATH], err_path[DRIVE_PATH], in_path[DRIVE_PATH];
	struct child child = { .in = -1, .out = -1 };
	FILE *in;
	int status;

	snprintf(out_path, sizeof(out_path), "%s/out", drive_folder());
	snprintf(err_path, sizeof(err_path), "%s/err", drive_folder());
	snprintf(in_path, sizeof(in_path), "%s/in", drive_folder());
	in = fopen(in_path, "w");
	assert_non_null(in);
	fputs(input, in);
	fclose(in);
	child.pid = fork();
	if (child.pid == 0) {
		if (freopen(in_path, "r", stdin) && freopen(out_path, "w", stdout) &&
		    freopen(err_path, "w", stderr))
			execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	status = child_end(&child);
	*out = slurp(out_path);
	*err = slurp(err_path);
	return status;
}
