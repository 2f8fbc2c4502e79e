/* What was said against what was heard. */
#ifndef MOOT_TESTS_E2E_LISTEN_H
#define MOOT_TESTS_E2E_LISTEN_H

#include <stddef.h>

struct heard {
	size_t windows;              /* half seconds of speech */
	size_t good;                 /* those heard again, in order, with a correlation of 0.6 and more */
	double lag_min_s, lag_max_s; /* of the good ones: heard later than said, files laid side by side */
};

/** Speech of espeak-ng: 48 kHz, mono, 16 bits. Fails the test when it cannot be made. */
void listen_speech(const char *path, const char *text);
/** Compare two WAV files of 48 kHz mono 16 bits. Fails the test when one cannot be read. */
void listen_compare(const char *said, const char *heard, struct heard *report);

#endif
