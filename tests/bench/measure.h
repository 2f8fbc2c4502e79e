/* What the benchmarks share: whole-process CPU from /proc, clocks, samples and their percentiles, pinning. */
#ifndef MOOT_BENCH_MEASURE_H
#define MOOT_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Steady nanoseconds. */
uint64_t measure_now_ns(void);
/** User and system seconds that a process has used, all threads; -1 when it is gone. 10 ms steps. */
double measure_cpu_s(pid_t pid);
/** Resident KiB, -1 when gone. */
long measure_rss_kib(pid_t pid);
/** Pin a process (0: the caller) to one core. Says so on stderr when it cannot. */
void measure_pin(pid_t pid, int core);
/** Raise the soft limit of descriptors to the hard one. */
void measure_raise_files(void);

struct samples {
	uint32_t *us;
	size_t count, size;
	bool sorted;
};
void samples_add(struct samples *samples, uint64_t ns);
/** Percentile (0-100) in milliseconds, 0 without samples. Sorts in place. */
double samples_percentile_ms(struct samples *samples, double percent);
void samples_clear(struct samples *samples);

/** The median of n values; reorders them. */
double measure_median(double *values, size_t n);

#endif
