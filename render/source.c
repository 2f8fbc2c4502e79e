/* Which kind a name means, and real time: a picture is handed over when it is due, and left out when it is
 * late or when more come than are wanted. */
#include "render/source.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "render/text_picture.h"

enum { POLL_US = 4000, LATE_US = 60000 };

struct source {
	const struct source_ops *ops;
	void *state;
	int64_t period_us;         /* between pictures wanted */
	int64_t start_us, last_us; /* of the first picture, of the last one handed over; -1: none yet */
	pthread_mutex_t lock;
	pthread_cond_t stop_changed;
	bool stop;
};

const char *source_why(const char *format, ...)
{
	static _Thread_local char sentence[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	return sentence;
}

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool is_device(const char *spec)
{
	struct stat status;
	return strncmp(spec, "/dev/", 5) == 0 || (stat(spec, &status) == 0 && S_ISCHR(status.st_mode));
}

static bool is_number(const char *spec)
{
	size_t n = strspn(spec, "0123456789");
	return n > 0 && n <= 2 && spec[n] == '\0';
}

static const struct source_ops *kind_of(const char *spec)
{
	if (strcmp(spec, "pattern") == 0)
		return &source_pattern;
	if (is_number(spec) || is_device(spec))
		return &source_camera;
	return text_is(spec) ? &source_text : &source_file;
}

int source_open(struct source **source, const struct source_setup *setup, const char **why)
{
	struct source *opened = calloc(1, sizeof(*opened));
	if (!opened) {
		*why = "Out of memory.";
		return -ENOMEM;
	}
	opened->ops = kind_of(setup->spec);
	opened->period_us = 1000000 / (setup->fps < 1 ? 1 : setup->fps);
	opened->start_us = opened->last_us = -1;
	int rc = opened->ops->open(&opened->state, setup, why);
	if (rc < 0) {
		free(opened);
		return rc;
	}
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&opened->lock, NULL);
	pthread_cond_init(&opened->stop_changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*source = opened;
	return 0;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	source->ops->close(source->state);
	pthread_cond_destroy(&source->stop_changed);
	pthread_mutex_destroy(&source->lock);
	free(source);
}

void source_stop(struct source *source)
{
	pthread_mutex_lock(&source->lock);
	source->stop = true;
	pthread_cond_signal(&source->stop_changed);
	pthread_mutex_unlock(&source->lock);
}

/* Sleep until then. False when stopped. */
static bool sleep_until(struct source *source, int64_t then_us)
{
	struct timespec until = { .tv_sec = then_us / 1000000, .tv_nsec = then_us % 1000000 * 1000 };
	pthread_mutex_lock(&source->lock);
	while (!source->stop && now_us() < then_us)
		pthread_cond_timedwait(&source->stop_changed, &source->lock, &until);
	bool stopped = source->stop;
	pthread_mutex_unlock(&source->lock);
	return !stopped;
}

/* When is this picture to be shown? -1: not at all. */
static int64_t show_at(struct source *source, int64_t due_us)
{
	int64_t now = now_us();
	if (source->start_us < 0)
		source->start_us = now - (due_us < 0 ? 0 : due_us);
	int64_t then = due_us < 0 ? now : source->start_us + due_us;
	bool too_soon =
		source->last_us >= 0 && then < source->last_us + source->period_us - source->period_us / 8;
	if (too_soon)
		return -1;
	if (then < now - LATE_US) { /* decoding is slower than time: play on from here */
		source->start_us += now - then;
		then = now;
	}
	return then;
}

int source_read(struct source *source, struct frame **frame)
{
	for (;;) {
		struct frame *next = NULL;
		int64_t due_us = -1;
		int rc = source->ops->next(source->state, &next, &due_us);
		if (rc < 0 && rc != -EAGAIN)
			return rc;
		int64_t then = rc == 0 ? show_at(source, due_us) : -1;
		if (!sleep_until(source, rc == 0 ? then : now_us() + POLL_US)) {
			frame_free(next);
			return -ECANCELED;
		}
		if (then < 0) {
			frame_free(next);
			continue;
		}
		source->last_us = then;
		next->timestamp = (uint32_t)(uint64_t)(now_us() * 48 / 1000);
		*frame = next;
		return 0;
	}
}
