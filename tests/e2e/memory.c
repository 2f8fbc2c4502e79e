#include "tests/e2e/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/drive.h"

enum { PIECE = 1 << 20, OVERLAP = 4096 };

/* Larger ones are a sanitiser's shadow. */
static const unsigned long mapping_max = 1UL << 31;


static void search(const uint8_t *p, size_t n, size_t fresh, struct needle *needles, size_t count)
{
	/* The first n - fresh bytes were looked at with the piece before: only what ends in the fresh ones is new. */
	const size_t old = n - fresh;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = p, *end = p + n, *hit;

		while ((hit = memmem(at, (size_t)(end - at), needles[i].p, needles[i].n)) != NULL) {
			needles[i].found += (size_t)(hit - p) + needles[i].n > old;
			at = hit + 1;
		}
	}
}

static size_t search_fd(int fd, off_t from, off_t to, struct needle *needles, size_t count)
{
	static uint8_t buffer[OVERLAP + PIECE];
	size_t kept = 0, total = 0;

	for (off_t at = from; at < to;) {
		const size_t want = to - at < PIECE ? (size_t)(to - at) : PIECE;
		const ssize_t n = pread(fd, buffer + kept, want, at);

		if (n <= 0)
			break;
		search(buffer, kept + (size_t)n, (size_t)n, needles, count);
		total += (size_t)n;
		at += n;
		kept += (size_t)n;
		if (kept > OVERLAP) {
			memmove(buffer, buffer + kept - OVERLAP, OVERLAP);
			kept = OVERLAP;
		}
	}
	return total;
}

struct mapping {
	unsigned long from, to;
	bool writable;
};

/* Calls each(); stops when it says so. */
static void mappings(pid_t pid, bool (*each)(void *arg, int fd, const struct mapping *mapping), void *arg)
{
	char path[64], line[512], rights[8], name[256];
	struct mapping mapping;
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!maps || fd < 0)
		fail_msg("the memory of process %d cannot be read: %s", (int)pid, strerror(errno));
	while (fgets(line, sizeof(line), maps)) {
		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &mapping.from, &mapping.to, rights, name) < 3 ||
		    rights[0] != 'r' || mapping.to - mapping.from > mapping_max || strcmp(name, "[vvar]") == 0 || strcmp(name, "[vsyscall]") == 0)
			continue;
		mapping.writable = rights[1] == 'w';
		if (each(arg, fd, &mapping))
			break;
	}
	close(fd);
	fclose(maps);
}

struct hunt {
	struct needle *needles;
	size_t count, total;
};

static bool search_mapping(void *arg, int fd, const struct mapping *mapping)
{
	struct hunt *hunt = arg;

	hunt->total += search_fd(fd, (off_t)mapping->from, (off_t)mapping->to, hunt->needles, hunt->count);
	return false;
}

size_t memory_search(pid_t pid, struct needle *needles, size_t count)
{
	struct hunt hunt = { needles, count, 0 };

	mappings(pid, search_mapping, &hunt);
	assert_true(hunt.total > 100000);
	return hunt.total;
}

size_t memory_search_core(pid_t pid, struct needle *needles, size_t count)
{
	char path[DRIVE_PATH], number[16], whole[DRIVE_PATH + 20], *out, *err;
	size_t total = 0;

#ifdef __SANITIZE_ADDRESS__
	return 0; /* a core of terabytes */
#endif
	snprintf(path, sizeof(path), "%s/core", drive_folder());
	snprintf(number, sizeof(number), "%d", (int)pid);
	if (drive_run((const char *const[]) { "gcore", "-a", "-o", path, number, NULL }, "", &out, &err) == 0) {
		snprintf(whole, sizeof(whole), "%s.%s", path, number);
		total = memory_search_files(whole, needles, count);
		unlink(whole);
	}
	free(out);
	free(err);
	return total;
}

static struct hunt files;

static int search_file(const char *path, const struct stat *about, int type, struct FTW *ftw)
{
	int fd;

	(void)ftw;
	if (type != FTW_F)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		files.total += search_fd(fd, 0, about->st_size, files.needles, files.count);
		close(fd);
	}
	return 0;
}

size_t memory_search_files(const char *path, struct needle *needles, size_t count)
{
	files = (struct hunt){ needles, count, 0 };
	nftw(path, search_file, 8, FTW_PHYS);
	return files.total;
}

void memory_none(const struct needle *needles, size_t count, const char *where)
{
	for (size_t i = 0; i < count; i++)
		if (needles[i].found)
			fail_msg("%s: %s is there, %lu times", where, needles[i].what, needles[i].found);
}

struct quest {
	const struct needle *near;
	size_t radius, n;
	bool (*is)(void *arg, const uint8_t *p);
	void *arg;
	uint8_t *out;
	bool found;
};

static void look_around(struct quest *quest, const uint8_t *p, size_t n, size_t at)
{
	const size_t from = at < quest->radius ? 0 : at - quest->radius;
	const size_t to = at + quest->near->n + quest->radius;

	for (size_t i = from; i + quest->n <= (to < n ? to : n) && !quest->found; i++) {
		if (!quest->is(quest->arg, p + i))
			continue;
		memcpy(quest->out, p + i, quest->n);
		quest->found = true;
	}
}

static bool quest_mapping(void *arg, int fd, const struct mapping *mapping)
{
	struct quest *quest = arg;
	const size_t size = mapping->to - mapping->from;
	uint8_t *p = mapping->writable ? malloc(size) : NULL;
	const ssize_t n = p ? pread(fd, p, size, (off_t)mapping->from) : 0;
	const uint8_t *hit = p;

	while (n > 0 && !quest->found &&
	       (hit = memmem(hit, (size_t)(p + n - hit), quest->near->p, quest->near->n)) != NULL)
		look_around(quest, p, (size_t)n, (size_t)(hit++ - p));
	free(p);
	return quest->found;
}

bool memory_find(pid_t pid, const struct needle *near, size_t radius, size_t n, bool (*is)(void *arg, const uint8_t *p),
		 void *arg, uint8_t *out)
{
	struct quest quest = { near, radius, n, is, arg, out, false };

	mappings(pid, quest_mapping, &quest);
	return quest.found;
}
