/* Drives the real programs: relays and headless participants as child processes, JSON lines both ways. Every
 * wait is for a condition, with a deadline that only a failure reaches. A failure fails the test with what
 * came instead. */
#ifndef MOOT_TESTS_E2E_DRIVE_H
#define MOOT_TESTS_E2E_DRIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { DRIVE_SECONDS = 20, DRIVE_PATH = 256 };

struct child {
	pid_t pid;
	int in, out;
	char *buffer;
	size_t bytes, size;
	bool eof;
};

struct relay {
	struct child child;
	char address[128], pin[64];
	char home[DRIVE_PATH];
};

struct peer {
	struct child child;
	char name[64], home[DRIVE_PATH];
	json_t *lines; /* all that it printed, in order */
	size_t cursor; /* after the last event that a wait matched */
	size_t taken;  /* answers before this one were taken */
	int asked;
	int64_t t_us; /* when it was started */
};

/** A folder for this run, removed at exit. */
const char *drive_folder(void);
/** build/NAME */
const char *drive_program(const char *name);
/** Steady microseconds. */
int64_t drive_now_us(void);

/** Start a program: argv NULL-ended, its input and output in child. */
void child_start(struct child *child, const char *const argv[]);
/** Its next line, as JSON, a new reference; NULL when none came in so many seconds. */
json_t *child_line(struct child *child, double seconds);
/** Wait for its end. Returns its exit status. */
int child_end(struct child *child);

/** Start a relay on a free port; extra: NULL-ended options, may be NULL. Waits until it listens. */
void relay_start(struct relay *relay, const char *const extra[]);
/** Wait until it says this event on its own output. */
void relay_wait(struct relay *relay, const char *event);
/** SIGTERM; returns its exit status. */
int relay_stop(struct relay *relay);
/** SIGKILL, no goodbye. */
void relay_kill(struct relay *relay);

/** Start moot with these arguments and --headless, --home of its own unless keep names one's home to share.
 */
void peer_start(struct peer *peer, const char *name, const char *keep, const char *const args[]);
/** moot host on this relay, until it is in. invite: at least 600 bytes. extra: NULL-ended, may be NULL. */
void peer_host(struct peer *peer, const struct relay *relay, const char *name, char *invite,
	       const char *const extra[]);
/** moot join INVITE. Does not wait. */
void peer_join(struct peer *peer, const char *invite, const char *name, const char *const extra[]);
/** Join, be admitted by host, be in. */
void peer_enter(struct peer *peer, struct peer *host, const char *invite, const char *name,
		const char *const extra[]);

/** One line of input, as it is. */
void peer_write(struct peer *peer, const char *line);
/** Wait for an event; where: JSON text of members it must have, or NULL. Borrowed. */
json_t *peer_wait(struct peer *peer, const char *event, const char *where);
/** The same, but quietly NULL after so many seconds. */
json_t *peer_wait_for(struct peer *peer, const char *event, const char *where, double seconds);
/** Wait for the next answer not yet taken; borrowed. */
json_t *peer_answer(struct peer *peer);
/** Give a command of words, up to NULL, and wait for its answer. Borrowed. */
json_t *peer_ask(struct peer *peer, const char *word, ...) __attribute__((sentinel));
/** The same, and it must be ok, or be refused with this code. */
void peer_ok(struct peer *peer, const char *word, ...) __attribute__((sentinel));
void peer_refused(struct peer *peer, const char *code, const char *word, ...) __attribute__((sentinel));
/** One JSON line whose answer must be ok; the answer, borrowed. */
json_t *peer_json(struct peer *peer, const char *line);
/** The state, borrowed. */
json_t *peer_state(struct peer *peer);

/** Close its input if open, wait for the end; checks that "bye" is last, that seq has no gaps. Returns the
 * exit status. */
int peer_end(struct peer *peer);
/** Wait for the end without closing the input. */
int peer_finish(struct peer *peer);

/** SIGKILL, no goodbye. */
void peer_kill(struct peer *peer);

/** Run a program to its end with this input; out and err: NUL-terminated, malloc()ed. Returns the exit
 * status. */
int drive_run(const char *const argv[], const char *input, char **out, char **err);

/** True when object has all members of where. */
bool drive_matches(json_t *where, json_t *object);

#endif
