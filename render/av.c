/* The media libraries are loaded with the first camera or file, not with the program: they cost 200 ms and 40
 * MB just by being linked. What needs them is a shared object of its own; the linker's run path says where it
 * lies. */
#include "render/av.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "render/av_ops.h"

static const struct av_ops *ops;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	void *plugin = dlopen("moot-picture.so", RTLD_NOW | RTLD_LOCAL);

	if (plugin)
		ops = dlsym(plugin, "moot_av");
}

int av_input_open(struct av_input **input, const struct av_setup *setup, const char **why)
{
	pthread_once(&once, load);
	if (!ops) {
		*why = "moot-picture.so is missing; install Moot again";
		return -ELIBACC;
	}
	return ops->open(input, setup, why);
}

void av_input_close(struct av_input *input)
{
	if (input)
		ops->close(input);
}

int av_input_next(struct av_input *input, struct frame **frame, int64_t *time_us)
{
	return ops->next(input, frame, time_us);
}
