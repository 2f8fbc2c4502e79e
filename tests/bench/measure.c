#include "tests/bench/measure.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t measure_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The first bytes of a /proc file, terminated; false when it is gone. */
static bool read_proc(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
	return n > 0;
}

double measure_cpu_s(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user, system;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (!read_proc(path, text, sizeof text))
		return -1;
	const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
	if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return -1;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

long measure_rss_kib(pid_t pid)
{
	char path[64], text[4096];
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	const char *line = read_proc(path, text, sizeof text) ? strstr(text, "VmRSS:") : NULL;
	return line ? strtol(line + 6, NULL, 10) : -1;
}

void measure_pin(pid_t pid, int core)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)core, &set);
	if (sched_setaffinity(pid, sizeof set, &set))
		fprintf(stderr, "cannot pin to core %d: %s\n", core, strerror(errno));
}

void measure_raise_files(void)
{
	struct rlimit limit;
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void samples_add(struct samples *samples, uint64_t ns)
{
	if (samples->count == samples->size) {
		size_t size = samples->size ? samples->size * 2 : 65536;
		uint32_t *us = realloc(samples->us, size * sizeof *us);
		if (!us)
			abort();
		samples->us = us;
		samples->size = size;
	}
	uint64_t us = ns / 1000;
	samples->us[samples->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	samples->sorted = false;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

double samples_percentile_ms(struct samples *samples, double percent)
{
	if (!samples->count)
		return 0;
	if (!samples->sorted)
		qsort(samples->us, samples->count, sizeof *samples->us, by_size);
	samples->sorted = true;
	size_t rank = (size_t)(percent / 100 * (double)samples->count);
	return samples->us[rank < samples->count ? rank : samples->count - 1] / 1000.0;
}

void samples_clear(struct samples *samples)
{
	free(samples->us);
	memset(samples, 0, sizeof *samples);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double measure_median(double *values, size_t n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof *values, by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
