/* What moot-picture.so offers: av_plugin.c is built into it, av.c loads it. */
#ifndef MOOT_RENDER_AV_OPS_H
#define MOOT_RENDER_AV_OPS_H

#include <stdint.h>

#include "render/av.h"

/* As the functions of av.h. */
struct av_ops {
	int (*open)(struct av_input **input, const struct av_setup *setup, const char **why);
	void (*close)(struct av_input *input);
	int (*next)(struct av_input *input, struct frame **frame, int64_t *time_us);
};

extern const struct av_ops moot_av;

#endif
