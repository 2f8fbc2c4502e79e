/* Looks for bytes in the memory of a live process: in /proc/PID/mem, and in a core dump of it (gcore, where gdb is). For
 * what must not be there: call it with something that must, too, so that nothing found means something. */
#ifndef MOOT_TESTS_E2E_MEMORY_H
#define MOOT_TESTS_E2E_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct needle {
	const char *what;       /* for people */
	const void *p;
	size_t n;               /* at least 4 */
	unsigned long found;    /* written: how often */
};

/** All that the process can read. Returns bytes searched; fails the test when the process cannot be read. */
size_t memory_search(pid_t pid, struct needle *needles, size_t count);
/** A core dump of it. Returns bytes searched, 0 when there is no gcore here, or a sanitiser. */
size_t memory_search_core(pid_t pid, struct needle *needles, size_t count);
/** A file, or all files below a folder. Returns bytes searched. */
size_t memory_search_files(const char *path, struct needle *needles, size_t count);
/** None of them was found; else the test fails, naming it. */
void memory_none(const struct needle *needles, size_t count, const char *where);

/** Somewhere within radius bytes of where near lies in what the process can write: n bytes that satisfy is(). Copies the first
 * to out; false when there are none. */
bool memory_find(pid_t pid, const struct needle *near, size_t radius, size_t n, bool (*is)(void *arg, const uint8_t *p),
		 void *arg, uint8_t *out);

#endif
