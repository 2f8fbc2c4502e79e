/* The loop's side of the engine. Feeders (a thread per own source) leave their latest picture in a slot; the
 * loop leaves packets of peers in bounded queues and fetches pictures; the worker does the rest. */
#include "render/video.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/video_engine.h"

enum { STREAMS_MAX = 256, SHARE_FPS = 2 };
enum { CAMERA_WIDTH = 640, CAMERA_HEIGHT = 480, SCREEN_WIDTH = 1280, SCREEN_HEIGHT = 720 };

static void wake(void *arg)
{
	struct video_engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	engine->woken = true;
	pthread_cond_signal(&engine->work);
	pthread_mutex_unlock(&engine->lock);
}

static int set_spec(struct video_engine *engine, const char *camera)
{
	if (!camera || strcmp(camera, "none") == 0 || camera[0] == '\0')
		return 0;
	engine->camera_spec = strdup(camera);
	return engine->camera_spec ? 0 : -ENOMEM;
}

int video_engine_new(struct video_engine **engine, const struct video_params *params,
		     const struct video_ops *ops, void *arg, const char **why)
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
	int rc = -pthread_create(&engine->thread, NULL, video_work, engine);
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
		stream->asked_us = -VIDEO_ASK_GAP_US;
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

struct frame *video_engine_latest(struct video_engine *engine, uint32_t source, enum video_layer layer,
				  uint64_t *serial_seen)
{
	pthread_mutex_lock(&engine->lock);
	const struct stream *stream = source ? find(engine, source, layer) : NULL;
	const struct frame *latest = source           ? (stream ? stream->latest : NULL)
				     : engine->camera ? engine->self
						      : NULL;
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
