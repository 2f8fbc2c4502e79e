/* Participants for the benchmarks: the real programs as child processes, driven by lines, on relays of their own. */
#ifndef MOOT_BENCH_PEOPLE_H
#define MOOT_BENCH_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct participant {
	pid_t pid;
	int in, out;
	char home[64];
	char line[65536];       /* of output not yet whole */
	size_t have;
	uint64_t started_ns;
};

/** Start `moot ARGS… --headless --home FRESH` (NULL-terminated args). Ends the benchmark when it cannot. netns: run inside
 * this network namespace, or NULL. */
void participant_start(struct participant *who, const char *netns, const char *const args[]);
/** Write one line. */
void participant_say(struct participant *who, const char *line);
/** Read until a line holds `text`; the steady time it came, with the line copied to dst (size bytes, or NULL). Ends the
 * benchmark, showing what came, when it does not within seconds. */
uint64_t participant_wait(struct participant *who, const char *text, double seconds, char *dst, size_t size);
/** Throw away what it has said since. */
void participant_drain(struct participant *who);
/** Leave in order, reap, remove its home. */
void participant_end(struct participant *who);

/** The string or number after "key": in a line of JSON. dst "" when missing. */
void json_field(const char *line, const char *key, char *dst, size_t size);

/** A folder of this run's own under /tmp, removed at exit with all files in it. */
const char *bench_dir(void);
/** Path of a built program ("moot"). Static buffers, four at a time. */
const char *bench_program(const char *name);
_Noreturn void bench_die(const char *what);

#endif
