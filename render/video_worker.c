/* The worker takes whatever is newest, with the lock, and works on it without. Nobody waits for it but one
 * who ends the engine. */
#include "render/video_engine.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "render/scale.h"

enum { SELF_WIDTH = 320, SELF_HEIGHT = 180 };

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- own pictures -------------------------------------------------------------------- */

static void encode(struct video_engine *engine, enum video_layer id, const struct frame *frame, bool changed)
{
	pthread_mutex_lock(&engine->lock);
	struct layer_wish wish = engine->wish[id];
	engine->wish[id].keyframe = false;
	pthread_mutex_unlock(&engine->lock);
	struct video_packet packet = { 0 };
	if (!wish.wanted)
		layer_clear(&engine->layer[id]);
	else if (layer_encode(&engine->layer[id], &wish, frame, changed, now_us(), &packet))
		engine->ops.on_packet(engine->arg, &packet);
}

static void camera_picture(struct video_engine *engine, struct frame *frame)
{
	struct frame *self = frame;
	if (frame->width > SELF_WIDTH || frame->height > SELF_HEIGHT) {
		self = scale_to_fit(frame, SELF_WIDTH, SELF_HEIGHT);
		frame_free(frame);
	}
	if (!self)
		return;
	pthread_mutex_lock(&engine->lock);
	bool on = engine->camera;
	struct frame *old = on ? engine->self : self;
	if (on) {
		engine->self = self;
		engine->self_serial++;
	}
	pthread_mutex_unlock(&engine->lock);
	frame_free(old);
	if (!on)
		return;
	encode(engine, VIDEO_LARGE, self, true);
	encode(engine, VIDEO_SMALL, self, true);
	if (engine->ops.on_picture)
		engine->ops.on_picture(engine->arg, 0, VIDEO_LARGE);
}

static bool same_picture(const struct frame *a, const struct frame *b)
{
	if (!a || a->width != b->width || a->height != b->height)
		return false;
	size_t chroma = (size_t)b->uv_stride * (size_t)((b->height + 1) / 2);
	return memcmp(a->y, b->y, (size_t)b->width * (size_t)b->height) == 0 &&
	       memcmp(a->u, b->u, chroma) == 0 && memcmp(a->v, b->v, chroma) == 0;
}

static void share_picture(struct video_engine *engine, struct frame *frame)
{
	bool changed = !same_picture(engine->shown, frame);
	frame_free(engine->shown);
	engine->shown = frame;
	encode(engine, VIDEO_SCREEN, frame, changed);
}

/* A source that ended by itself: put it away and say so. Lock held on entry and on return. */
static void bury(struct video_engine *engine, struct feeder **place, const char *code, const char *text)
{
	struct feeder *feeder = *place;
	*place = NULL;
	pthread_mutex_unlock(&engine->lock);
	feeder_stop(feeder);
	if (engine->ops.on_notice)
		engine->ops.on_notice(engine->arg, code, text);
	pthread_mutex_lock(&engine->lock);
}

/* Lock held on entry and on return, as in the two below; true when something was done. */
static bool work_on_sources(struct video_engine *engine)
{
	struct frame *picture = engine->camera ? feeder_take(engine->camera) : NULL;
	struct frame *share = engine->share ? feeder_take(engine->share) : NULL;
	if (picture || share) {
		pthread_mutex_unlock(&engine->lock);
		if (picture)
			camera_picture(engine, picture);
		if (share)
			share_picture(engine, share);
		pthread_mutex_lock(&engine->lock);
		return true;
	}
	if (engine->camera && feeder_error(engine->camera) < 0)
		bury(engine, &engine->camera, "camera-gone", "The camera is gone; it is off now.");
	if (engine->share && feeder_error(engine->share) < 0)
		bury(engine, &engine->share, "share-gone",
		     "What was shared cannot be read any more; the share has ended.");
	if (!engine->camera && engine->self) {
		frame_free(engine->self);
		engine->self = NULL;
	}
	return false;
}

/* ---- pictures of peers --------------------------------------------------------------- */

static bool ask_for_keyframe(struct video_engine *engine, struct stream *stream)
{
	int64_t now = now_us();
	if (!stream->keyframe_needed || now < stream->asked_us + VIDEO_ASK_GAP_US)
		return false;
	stream->asked_us = now;
	stream->keyframe_needed = false;
	uint32_t source = stream->source;
	enum video_layer layer = stream->layer;
	pthread_mutex_unlock(&engine->lock);
	if (engine->ops.on_keyframe_needed)
		engine->ops.on_keyframe_needed(engine->arg, source, layer);
	pthread_mutex_lock(&engine->lock);
	return true;
}

static void decode(struct video_engine *engine, struct stream *stream)
{
	struct stream_batch batch;
	stream_take(stream, &batch);
	stream->busy = true;
	pthread_mutex_unlock(&engine->lock);
	struct stream_result result = stream_decode(stream, &batch);
	pthread_mutex_lock(&engine->lock);
	stream->busy = false;
	bool fresh = stream_finish(stream, &result);
	uint32_t source = stream->source;
	enum video_layer layer = stream->layer;
	if (stream->gone) {
		stream_free(stream);
		return;
	}
	if (!fresh || !engine->ops.on_picture)
		return;
	pthread_mutex_unlock(&engine->lock);
	engine->ops.on_picture(engine->arg, source, layer);
	pthread_mutex_lock(&engine->lock);
}

/* One stream's work; the stream goes to the end of the list, so that each has its turn. */
static bool work_on_streams(struct video_engine *engine)
{
	struct stream **place = &engine->streams;
	for (; *place; place = &(*place)->next) {
		struct stream *stream = *place;
		if (stream->waiting.count > 0) {
			*place = stream->next;
			struct stream **end = place;
			while (*end)
				end = &(*end)->next;
			*end = stream;
			stream->next = NULL;
			decode(engine, stream);
			return true;
		}
		if (ask_for_keyframe(engine, stream))
			return true;
	}
	return false;
}

/* When the worker has to look again by itself; -1: never. */
static int64_t next_look_us(const struct video_engine *engine)
{
	int64_t look = -1;
	for (const struct stream *stream = engine->streams; stream; stream = stream->next)
		if (stream->keyframe_needed && (look < 0 || stream->asked_us + VIDEO_ASK_GAP_US < look))
			look = stream->asked_us + VIDEO_ASK_GAP_US;
	return look;
}

static void wait_for_work(struct video_engine *engine)
{
	int64_t look = next_look_us(engine);
	struct timespec until = { .tv_sec = look / 1000000, .tv_nsec = look % 1000000 * 1000 };
	int rc = 0;
	while (!engine->woken && !engine->stop && rc != ETIMEDOUT)
		rc = look < 0 ? pthread_cond_wait(&engine->work, &engine->lock)
			      : pthread_cond_timedwait(&engine->work, &engine->lock, &until);
}

void *video_work(void *arg)
{
	struct video_engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	while (!engine->stop) {
		engine->woken = false;
		bool own = work_on_sources(engine), others = work_on_streams(engine);
		if (!own && !others)
			wait_for_work(engine);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}
