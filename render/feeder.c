/* One slot: a new picture replaces the one nobody fetched. */
#include "render/feeder.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct feeder {
	struct source *source;
	void (*wake)(void *arg);
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	struct frame *latest;
	int error;
};

static void *read_pictures(void *arg)
{
	struct feeder *feeder = arg;
	int rc = 0;
	while (rc == 0) {
		struct frame *frame = NULL;
		rc = source_read(feeder->source, &frame);
		pthread_mutex_lock(&feeder->lock);
		struct frame *old = rc == 0 ? feeder->latest : NULL;
		if (rc == 0)
			feeder->latest = frame;
		else
			feeder->error = rc;
		pthread_mutex_unlock(&feeder->lock);
		frame_free(old);
		if (rc != -ECANCELED)
			feeder->wake(feeder->arg);
	}
	return NULL;
}

int feeder_start(struct feeder **feeder, const struct source_setup *setup, void (*wake)(void *arg), void *arg,
		 const char **why)
{
	struct feeder *started = calloc(1, sizeof(*started));
	if (!started) {
		*why = "Out of memory.";
		return -ENOMEM;
	}
	started->wake = wake;
	started->arg = arg;
	int rc = source_open(&started->source, setup, why);
	if (rc < 0)
		goto out;
	pthread_mutex_init(&started->lock, NULL);
	rc = -pthread_create(&started->thread, NULL, read_pictures, started);
	if (rc < 0) {
		*why = "No thread to be had.";
		pthread_mutex_destroy(&started->lock);
		source_close(started->source);
		goto out;
	}
	*feeder = started;
	return 0;
out:
	free(started);
	return rc;
}

struct frame *feeder_take(struct feeder *feeder)
{
	pthread_mutex_lock(&feeder->lock);
	struct frame *frame = feeder->latest;
	feeder->latest = NULL;
	pthread_mutex_unlock(&feeder->lock);
	return frame;
}

int feeder_error(struct feeder *feeder)
{
	pthread_mutex_lock(&feeder->lock);
	int error = feeder->error;
	pthread_mutex_unlock(&feeder->lock);
	return error;
}

void feeder_stop(struct feeder *feeder)
{
	if (!feeder)
		return;
	source_stop(feeder->source);
	pthread_join(feeder->thread, NULL);
	source_close(feeder->source);
	frame_free(feeder->latest);
	pthread_mutex_destroy(&feeder->lock);
	free(feeder);
}
