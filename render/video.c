/* The engine. Feeders (a thread per own source) leave their latest picture in a slot; the loop leaves packets of peers in bounded
 * queues; the worker takes whatever is newest, outside the lock, and calls back. Nothing here waits for anybody but the worker. */
#include "render/video.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "render/feeder.h"
#include "render/layer.h"
#include "render/scale.h"
#include "render/stream.h"

enum { STREAMS_MAX = 256, ASK_GAP_US = 500000, SHARE_FPS = 2, SELF_WIDTH = 320, SELF_HEIGHT = 180 };
enum { CAMERA_WIDTH = 640, CAMERA_HEIGHT = 480, SCREEN_WIDTH = 1280, SCREEN_HEIGHT = 720 };

struct video_engine {
	struct video_ops ops;
	void *arg;
	char *camera_spec;              /* NULL: none */
	int fps;
	pthread_mutex_t lock;           /* guards all up to the worker's own */
	pthread_cond_t work;
	pthread_t thread;
	bool started, stop, woken;
	struct feeder *camera, *share;
	struct layer_wish wish[VIDEO_LAYERS];
	struct stream *streams;
	int stream_count;
	struct frame *self;             /* written by the worker only, so it may read it without the lock */
	uint64_t self_serial;
	/* the worker's own */
	struct layer layer[VIDEO_LAYERS];
	struct frame *shown;            /* the share's latest picture */
	bool shown_changed;
};

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void wake(void *arg)
{
	struct video_engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	engine->woken = true;
	pthread_cond_signal(&engine->work);
	pthread_mutex_unlock(&engine->lock);
}

/* ---- the worker: own pictures -------------------------------------------------------------------- */

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
	return memcmp(a->y, b->y, (size_t)b->width * (size_t)b->height) == 0 && memcmp(a->u, b->u, chroma) == 0 &&
	       memcmp(a->v, b->v, chroma) == 0;
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
		bury(engine, &engine->share, "share-gone", "What was shared cannot be read any more; the share has ended.");
	if (!engine->camera && engine->self) {
		frame_free(engine->self);
		engine->self = NULL;
	}
	return false;
}

/* ---- the worker: pictures of peers --------------------------------------------------------------- */

static bool ask_for_keyframe(struct video_engine *engine, struct stream *stream)
{
	int64_t now = now_us();
	if (!stream->keyframe_needed || now < stream->asked_us + ASK_GAP_US)
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
		if (stream->keyframe_needed && (look < 0 || stream->asked_us + ASK_GAP_US < look))
			look = stream->asked_us + ASK_GAP_US;
	return look;
}

static void wait_for_work(struct video_engine *engine)
{
	int64_t look = next_look_us(engine);
	struct timespec until = { .tv_sec = look / 1000000, .tv_nsec = look % 1000000 * 1000 };
	int rc = 0;
	while (!engine->woken && !engine->stop && rc != ETIMEDOUT)
		rc = look < 0 ? pthread_cond_wait(&engine->work, &engine->lock) :
				pthread_cond_timedwait(&engine->work, &engine->lock, &until);
}

static void *work(void *arg)
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

/* ---- the loop's side ----------------------------------------------------------------------------- */

static int set_spec(struct video_engine *engine, const char *camera)
{
	if (!camera || strcmp(camera, "none") == 0 || camera[0] == '\0')
		return 0;
	engine->camera_spec = strdup(camera);
	return engine->camera_spec ? 0 : -ENOMEM;
}

int video_engine_new(struct video_engine **engine, const struct video_params *params, const struct video_ops *ops, void *arg,
		     const char **why)
{
	static const uint32_t bitrate[VIDEO_LAYERS] = { 30000, 80000, 60000 };
	struct video_engine *made = calloc(1, sizeof(*made));
	if (!made || set_spec(made, params->camera) < 0) {
		free(made);
		*why = "Out of memory.";
		return -ENOMEM;
	}
	made->ops = *ops;
	made->arg = arg;
	made->fps = params->fps > 0 ? params->fps : 10;
	for (int i = 0; i < VIDEO_LAYERS; i++) {
		made->layer[i].id = (enum video_layer)i;
		made->wish[i].bitrate = params->bitrate[i] ? params->bitrate[i] : bitrate[i];
		made->wish[i].fps = i == VIDEO_SCREEN ? SHARE_FPS : made->fps;
	}
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->work, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*engine = made;
	return 0;
}

int video_engine_start(struct video_engine *engine)
{
	if (engine->started)
		return -EALREADY;
	int rc = -pthread_create(&engine->thread, NULL, work, engine);
	engine->started = rc == 0;
	return rc;
}

void video_engine_free(struct video_engine *engine)
{
	if (!engine)
		return;
	pthread_mutex_lock(&engine->lock);
	engine->stop = true;
	pthread_cond_signal(&engine->work);
	pthread_mutex_unlock(&engine->lock);
	if (engine->started)
		pthread_join(engine->thread, NULL);
	feeder_stop(engine->camera);
	feeder_stop(engine->share);
	while (engine->streams) {
		struct stream *stream = engine->streams;
		engine->streams = stream->next;
		stream_free(stream);
	}
	for (int i = 0; i < VIDEO_LAYERS; i++)
		layer_clear(&engine->layer[i]);
	frame_free(engine->self);
	frame_free(engine->shown);
	pthread_cond_destroy(&engine->work);
	pthread_mutex_destroy(&engine->lock);
	free(engine->camera_spec);
	free(engine);
}

/* Put another feeder (or none) in its place and stop the one before. */
static void replace(struct video_engine *engine, struct feeder **place, struct feeder *feeder)
{
	pthread_mutex_lock(&engine->lock);
	struct feeder *old = *place;
	*place = feeder;
	engine->woken = true;
	pthread_cond_signal(&engine->work);
	pthread_mutex_unlock(&engine->lock);
	feeder_stop(old);
}

int video_engine_camera(struct video_engine *engine, bool on, const char **why)
{
	pthread_mutex_lock(&engine->lock);
	bool is_on = engine->camera;
	pthread_mutex_unlock(&engine->lock);
	if (is_on && on)
		return 0;
	struct feeder *feeder = NULL;
	if (on && !engine->camera_spec) {
		*why = "There is no camera: name one with --camera.";
		return -ENODEV;
	}
	if (on) {
		struct source_setup setup = { engine->camera_spec, engine->fps, CAMERA_WIDTH, CAMERA_HEIGHT };
		int rc = feeder_start(&feeder, &setup, wake, engine, why);
		if (rc < 0)
			return rc;
	}
	replace(engine, &engine->camera, feeder);
	return 0;
}

int video_engine_share(struct video_engine *engine, const char *file, const char **why)
{
	struct feeder *feeder = NULL;
	if (file) {
		struct source_setup setup = { file, SHARE_FPS, SCREEN_WIDTH, SCREEN_HEIGHT };
		int rc = feeder_start(&feeder, &setup, wake, engine, why);
		if (rc < 0)
			return rc;
	}
	replace(engine, &engine->share, feeder);
	return 0;
}

void video_engine_layers(struct video_engine *engine, unsigned layers)
{
	pthread_mutex_lock(&engine->lock);
	for (int i = 0; i < VIDEO_LAYERS; i++) {
		bool wanted = layers & 1u << i;
		if (wanted && !engine->wish[i].wanted)
			engine->wish[i].keyframe = true;
		engine->wish[i].wanted = wanted;
	}
	pthread_mutex_unlock(&engine->lock);
}

void video_engine_shape(struct video_engine *engine, enum video_layer layer, uint32_t bitrate, int fps)
{
	pthread_mutex_lock(&engine->lock);
	if (bitrate)
		engine->wish[layer].bitrate = bitrate;
	if (fps > 0)
		engine->wish[layer].fps = layer == VIDEO_SCREEN && fps > SHARE_FPS ? SHARE_FPS : fps;
	pthread_mutex_unlock(&engine->lock);
}

void video_engine_want_keyframe(struct video_engine *engine, enum video_layer layer)
{
	pthread_mutex_lock(&engine->lock);
	engine->wish[layer].keyframe = true;
	pthread_mutex_unlock(&engine->lock);
}

static struct stream *find(const struct video_engine *engine, uint32_t source, enum video_layer layer)
{
	struct stream *stream = engine->streams;
	while (stream && (stream->source != source || stream->layer != layer))
		stream = stream->next;
	return stream;
}

int video_engine_put(struct video_engine *engine, uint32_t source, const struct video_packet *packet)
{
	if (packet->layer >= VIDEO_LAYERS || source == 0)
		return -EINVAL;
	pthread_mutex_lock(&engine->lock);
	struct stream *stream = find(engine, source, packet->layer);
	int rc = engine->stream_count < STREAMS_MAX ? -ENOMEM : -ENOSPC;
	if (!stream && rc == -ENOMEM && (stream = stream_new(source, packet->layer))) {
		stream->asked_us = -ASK_GAP_US;
		stream->next = engine->streams;
		engine->streams = stream;
		engine->stream_count++;
	}
	if (stream)
		rc = stream_put(stream, packet);
	engine->woken = true;
	pthread_cond_signal(&engine->work);
	pthread_mutex_unlock(&engine->lock);
	return rc;
}

struct frame *video_engine_latest(struct video_engine *engine, uint32_t source, enum video_layer layer, uint64_t *serial_seen)
{
	pthread_mutex_lock(&engine->lock);
	const struct stream *stream = source ? find(engine, source, layer) : NULL;
	const struct frame *latest = source ? (stream ? stream->latest : NULL) : engine->camera ? engine->self : NULL;
	uint64_t serial = source ? (stream ? stream->serial : 0) : engine->self_serial;
	struct frame *copy = latest && serial != *serial_seen ? frame_copy(latest) : NULL;
	if (copy)
		*serial_seen = serial;
	pthread_mutex_unlock(&engine->lock);
	return copy;
}

void video_engine_forget(struct video_engine *engine, uint32_t source)
{
	pthread_mutex_lock(&engine->lock);
	struct stream **place = &engine->streams;
	while (*place) {
		struct stream *stream = *place;
		if (stream->source != source) {
			place = &stream->next;
			continue;
		}
		*place = stream->next;
		engine->stream_count--;
		if (stream->busy)
			stream->gone = true;
		else
			stream_free(stream);
	}
	pthread_mutex_unlock(&engine->lock);
}

size_t video_engine_stats(const struct video_engine *engine, struct video_source_stats *stats, size_t max)
{
	size_t n = 0;
	pthread_mutex_lock((pthread_mutex_t *)&engine->lock);
	for (const struct stream *stream = engine->streams; stream && n < max; stream = stream->next)
		stats[n++] = stream->stats;
	pthread_mutex_unlock((pthread_mutex_t *)&engine->lock);
	return n;
}
