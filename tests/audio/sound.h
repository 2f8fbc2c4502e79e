/* What the tests of sound share: WAV files, speech, and how far and how well one sound follows another. */
#ifndef MOOT_TESTS_AUDIO_SOUND_H
#define MOOT_TESTS_AUDIO_SOUND_H

#include <stddef.h>
#include <stdint.h>

struct sound {
	float *pcm;
	size_t n;
};

void sound_clear(struct sound *sound);

/** Read a file as the product does. Returns 0 or -errno. */
int sound_load(struct sound *sound, const char *path);
/** Write a WAV file, 16 bit, the same in each channel. Returns 0 or -errno. */
int sound_save(const char *path, const float *pcm, size_t n, unsigned rate, unsigned channels);

/** Something like speech: voiced syllables of changing pitch, with pauses; never twice the same in `seconds`.
 */
void sound_speechlike(struct sound *sound, double seconds, double gap_seconds);
/** A person's words through espeak-ng, 48 kHz mono. Returns 0, or -ENOENT without espeak-ng. */
int sound_speak(struct sound *sound, const char *text);

/** How many samples b lags behind a (0..max_lag), by the best correlation of n samples; *r: that correlation,
 * 1 is equal. */
size_t sound_lag(const float *a, const float *b, size_t n, size_t max_lag, double *r);
/** Correlation of n samples. */
double sound_likeness(const float *a, const float *b, size_t n);

/** How many half seconds of a that hold sound are found again in b, each up to max_lag samples late; *all: of
 * how many. */
unsigned sound_found(const struct sound *a, const struct sound *b, size_t max_lag, unsigned *all);

/** A directory of the test's own under /tmp; gone with sound_rmdir(). path: 64 bytes. */
void sound_mkdir(char *path);
void sound_rmdir(const char *path);

#endif
