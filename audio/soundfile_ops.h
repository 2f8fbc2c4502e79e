/* What moot-sound.so offers: soundfile_plugin.c is built into it, soundfile.c loads it. */
#ifndef MOOT_AUDIO_SOUNDFILE_OPS_H
#define MOOT_AUDIO_SOUNDFILE_OPS_H

#include "audio/soundfile.h"

/* As the functions of soundfile.h. */
struct soundfile_ops {
	int (*open)(struct soundfile **file, const char *path);
	void (*free)(struct soundfile *file);
	size_t (*read)(struct soundfile *file, float *pcm, size_t n);
};

extern const struct soundfile_ops moot_soundfile;

#endif
