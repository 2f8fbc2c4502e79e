/* The media libraries cost 200 ms and 40 MB just by being linked, and most participants never play a file. So
 * what needs them is a shared object of its own, loaded when the first file is opened. The linker's run path
 * says where it lies. */
#include "audio/soundfile.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "audio/soundfile_ops.h"

static const struct soundfile_ops *ops;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	void *plugin = dlopen("moot-sound.so", RTLD_NOW | RTLD_LOCAL);

	if (plugin)
		ops = dlsym(plugin, "moot_soundfile");
}

int soundfile_open(struct soundfile **file, const char *path)
{
	pthread_once(&once, load);
	return ops ? ops->open(file, path) : -ELIBACC;
}

void soundfile_free(struct soundfile *file)
{
	if (file)
		ops->free(file);
}

size_t soundfile_read(struct soundfile *file, float *pcm, size_t n)
{
	return ops->read(file, pcm, n);
}
