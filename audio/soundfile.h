/* Read any file with sound in it, as 48 kHz mono, a little at a time. */
#ifndef MOOT_AUDIO_SOUNDFILE_H
#define MOOT_AUDIO_SOUNDFILE_H

#include <stddef.h>

struct soundfile;

/** Open and check. Returns 0, -ENOENT, -EACCES, -EBADMSG (nothing in it that the media libraries can play),
 * -ELIBACC (moot-sound.so is not installed), -ENOMEM. Any thread. */
int soundfile_open(struct soundfile **file, const char *path);
void soundfile_free(struct soundfile *file);
/** The next n samples. Returns how many there were: fewer than n only at the end, or where the file is
 * damaged. */
size_t soundfile_read(struct soundfile *file, float *pcm, size_t n);

#endif
