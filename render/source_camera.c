/* A webcam by V4L2. It is read without blocking: one that stops sending must not keep its thread for ever. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/av.h"
#include "render/source.h"

static int open_at(struct av_input **input, const struct source_setup *setup, const char *path,
		   const char **why)
{
	/* A size near what is sent saves the camera's bus and our time; a camera that lacks it is asked for
	 * what it likes. */
	static const char *const wishes[] = { "video_size=640x360:framerate=15", "video_size=640x480", NULL };
	struct av_setup av = { .format = "video4linux2",
			       .url = path,
			       .nonblock = true,
			       .max_width = setup->max_width,
			       .max_height = setup->max_height };
	int rc = -EINVAL;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		av.options = wishes[i];
		rc = av_input_open(input, &av, why);
		if (rc != -EINVAL && rc != -EIO)
			break;
	}
	return rc;
}

static int camera_open(void **state, const struct source_setup *setup, const char **why)
{
	char path[64];
	const char *device = setup->spec;
	if (device[0] != '/') {
		snprintf(path, sizeof(path), "/dev/video%.2s", device);
		device = path;
	}
	struct av_input *input = NULL;
	const char *part = "";
	int rc = open_at(&input, setup, device, &part);
	if (rc == -ENOENT || rc == -ENODEV || rc == -ENXIO || rc == -ENOTDIR)
		*why = source_why(
			"No camera at %s; plug one in, name another device, or use a file or \"pattern\".",
			device);
	else if (rc == -ENOTTY || rc == -EINVAL || rc == -EISDIR)
		*why = source_why("%s is no camera.", device);
	else if (rc < 0)
		*why = source_why("The camera at %s does not open: %s.", device, part);
	*state = input;
	return rc;
}

static int camera_next(void *state, struct frame **frame, int64_t *due_us)
{
	int64_t time_us;
	*due_us = -1;
	int rc = av_input_next(state, frame, &time_us);
	return rc == -ENODATA ? -ENODEV : rc;
}

static void camera_close(void *state)
{
	av_input_close(state);
}

const struct source_ops source_camera = { camera_open, camera_next, camera_close };
