/* The engine's inside, shared by its two sides: video.c is called by the loop, video_worker.c is the worker.
 */
#ifndef MOOT_RENDER_VIDEO_ENGINE_H
#define MOOT_RENDER_VIDEO_ENGINE_H

#include <pthread.h>

#include "render/feeder.h"
#include "render/layer.h"
#include "render/stream.h"

enum { VIDEO_ASK_GAP_US = 500000 }; /* between two requests for a keyframe */

struct video_engine {
	struct video_ops ops;
	void *arg;
	char *camera_spec; /* NULL: none */
	int fps;
	pthread_mutex_t lock; /* guards all up to the worker's own */
	pthread_cond_t work;
	pthread_t thread;
	bool started, stop, woken;
	struct feeder *camera, *share;
	struct layer_wish wish[VIDEO_LAYERS];
	struct stream *streams;
	int stream_count;
	struct frame *self; /* written by the worker only, so it may read it without the lock */
	uint64_t self_serial;
	/* the worker's own */
	struct layer layer[VIDEO_LAYERS];
	struct frame *shown; /* the share's latest picture */
};

/** The worker's thread: arg is the engine; returns when engine->stop is set. */
void *video_work(void *arg);

#endif
