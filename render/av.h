/* Pictures out of anything libavformat and libavdevice open: files, cameras. */
#ifndef MOOT_RENDER_AV_H
#define MOOT_RENDER_AV_H

#include <stdbool.h>
#include <stddef.h>

#include "render/frame.h"

struct av_input;

struct av_setup {
	const char *format; /* a demuxer or device's name ("video4linux2"); NULL: found out from the file */
	const char *url;
	const char *options;       /* "video_size=640x480:framerate=15"; NULL */
	bool nonblock;             /* av_input_next() may return -EAGAIN */
	int max_width, max_height; /* larger pictures are made smaller, in their shape */
};

/** 0, or -errno with a sentence's part that says why (static). */
int av_input_open(struct av_input **input, const struct av_setup *setup, const char **why);
void av_input_close(struct av_input *input);
/** The next picture, the caller's; *time_us: its time in the file. -ENODATA at the end, -EAGAIN, else -errno
 * (a device that is gone: -ENODEV or -EIO). What cannot be decoded is skipped. */
int av_input_next(struct av_input *input, struct frame **frame, int64_t *time_us);

#endif
