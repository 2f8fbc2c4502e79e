/* A film or a photograph, played in real time and round. A film starts over by being opened again, which
 * every kind of file can; a file with one picture is a photograph and is kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/av.h"
#include "render/source.h"

struct file {
	struct av_input *input;
	struct av_setup setup;
	char *url;
	struct frame *still; /* the only picture, once that is known */
	int64_t period_us;   /* of a photograph */
	int64_t base_us;     /* what earlier rounds took */
	int64_t last_us,
		step_us; /* the last picture's time in this round, and the time since the one before */
	long pictures;   /* in this round */
};

static void file_close(void *state)
{
	struct file *file = state;
	av_input_close(file->input);
	frame_free(file->still);
	free(file->url);
	free(file);
}

static int file_open(void **state, const struct source_setup *setup, const char **why)
{
	struct file *file = calloc(1, sizeof(*file));
	size_t n = strlen(setup->spec) + sizeof("file:");
	*why = "Out of memory.";
	if (!file)
		return -ENOMEM;
	file->url = malloc(n);
	if (!file->url) {
		free(file);
		return -ENOMEM;
	}
	memcpy(file->url, "file:", 5); /* a name with a colon in it is still a file's */
	memcpy(file->url + 5, setup->spec, n - 5);
	file->setup = (struct av_setup) { .url = file->url,
					  .max_width = setup->max_width,
					  .max_height = setup->max_height };
	file->period_us = 1000000 / (setup->fps < 1 ? 1 : setup->fps);
	const char *part = "";
	int rc = av_input_open(&file->input, &file->setup, &part);
	if (rc < 0) {
		*why = source_why("%.200s does not open: %s.", setup->spec, part);
		file_close(file);
		return rc;
	}
	*state = file;
	return 0;
}

static int start_over(struct file *file)
{
	const char *part;
	av_input_close(file->input);
	file->input = NULL;
	file->base_us += file->last_us + (file->step_us > 0 ? file->step_us : file->period_us);
	file->pictures = 0;
	return av_input_open(&file->input, &file->setup, &part);
}

static int next_still(struct file *file, struct frame **frame, int64_t *due_us)
{
	*frame = frame_copy(file->still);
	file->base_us += file->period_us;
	*due_us = file->base_us;
	return *frame ? 0 : -ENOMEM;
}

static int keep_first(struct file *file, const struct frame *frame)
{
	frame_free(file->still);
	file->still = frame_copy(frame);
	return file->still ? 0 : -ENOMEM;
}

static int file_next(void *state, struct frame **frame, int64_t *due_us)
{
	struct file *file = state;
	int64_t time_us = 0;
	if (!file->input)
		return file->still ? next_still(file, frame, due_us) : -EIO;
	int rc = av_input_next(file->input, frame, &time_us);
	if (rc == -ENODATA && file->pictures == 1) {
		av_input_close(file->input);
		file->input = NULL;
		return next_still(file, frame, due_us);
	}
	if (rc == -ENODATA && file->pictures > 1) {
		rc = start_over(file);
		if (rc == 0)
			rc = av_input_next(file->input, frame, &time_us);
	}
	if (rc < 0)
		return rc == -EAGAIN ? -EIO : rc;
	if (file->pictures++ == 0) {
		rc = keep_first(file, *frame);
	} else {
		file->step_us = time_us - file->last_us;
		frame_free(file->still);
		file->still = NULL;
	}
	if (rc < 0)
		frame_free(*frame);
	file->last_us = time_us;
	*due_us = file->base_us + time_us;
	return rc;
}

const struct source_ops source_file = { file_open, file_next, file_close };
