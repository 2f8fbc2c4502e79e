/* A recording on this machine: what is heard and what one says, as Ogg Opus. The audio worker hands blocks over
 * through rings and never waits; a thread of the recorder's own encodes and writes. */
#ifndef MOOT_AUDIO_RECORDER_H
#define MOOT_AUDIO_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

struct recorder;

/** Begin a file that is not there yet (0600). heard: blocks of what is heard will come and set the pace, else the
 * own voice does. Returns 0 with *recorder, -EEXIST, -ENOSPC, -EACCES, -ENOMEM, … */
int recorder_new(struct recorder **recorder, const char *path, bool heard);
/** Finish the file; it can be played from here on. Returns 0, or -errno when not all of it could be written. */
int recorder_close(struct recorder *recorder);
/** 0 while all is well, else -errno of what went wrong (-ENOSPC). Any thread. */
int recorder_error(const struct recorder *recorder);

/** n samples of mono float at 48 kHz. Audio worker only: copies, never waits; what does not fit is lost and becomes
 * silence. */
void recorder_heard(struct recorder *recorder, const float *pcm, size_t n);
void recorder_said(struct recorder *recorder, const float *pcm, size_t n);

#endif
