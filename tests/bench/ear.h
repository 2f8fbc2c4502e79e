/* What was said against what was heard: two WAV files, cross-correlated window by window. */
#ifndef MOOT_BENCH_EAR_H
#define MOOT_BENCH_EAR_H

#include <stddef.h>

struct ear_report {
	size_t windows;                 /* of half a second with speech in them */
	size_t broken;                  /* correlation under 0.6: words lost, or more than 20 ms of them */
	double worst, median;           /* correlation */
	double delay_ms, delay_p10_ms, delay_p90_ms; /* of heard against said: median and spread */
	double heard_s;                 /* length of what was compared */
};

/** Compare. offset_ms: how much later the recording began than the speech (may be negative). 16-bit mono WAV of 48 kHz.
 * Returns 0, -ENOENT, -EBADMSG. Takes about 5 ms of CPU per second of sound. */
int ear_compare(const char *said, const char *heard, double offset_ms, struct ear_report *report);

/** Speech of espeak-ng, repeated to `seconds`, 48 kHz mono 16 bit, into path. 0 or -EIO. */
int ear_speech(const char *path, unsigned seconds);

#endif
