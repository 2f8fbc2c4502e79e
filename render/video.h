/* Pictures of one participant: camera (or file, pattern) to VP8 in two sizes, VP8 of others to frames. The
 * engine owns the video worker; latest picture wins everywhere, nothing is queued. */
#ifndef MOOT_RENDER_VIDEO_H
#define MOOT_RENDER_VIDEO_H

#include <stdbool.h>

#include "render/frame.h"

enum video_layer {
	VIDEO_SMALL /* 160x90 */,
	VIDEO_LARGE /* 320x180 */,
	VIDEO_SCREEN /* up to 1280x720, sharp, 2 fps */,
	VIDEO_LAYERS
};

struct video_packet {
	const uint8_t *bytes;
	size_t n;
	uint32_t timestamp; /* 48 kHz ticks */
	enum video_layer layer;
	bool keyframe;
};

struct video_source_stats {
	uint32_t source;
	enum video_layer layer;
	uint64_t frames, dropped /* decode errors and overtaken */, bytes;
	int width, height;
};

struct video_ops {
	/** One encoded picture. Video worker: copy and post. */
	void (*on_packet)(void *arg, const struct video_packet *packet);
	/** A decoded picture of source is ready to be fetched with video_engine_latest(). Video worker: post
	 * a wake-up. */
	void (*on_picture)(void *arg, uint32_t source, enum video_layer layer);
	/** The decoder of this source needs a keyframe. Video worker. */
	void (*on_keyframe_needed)(void *arg, uint32_t source, enum video_layer layer);
	/** Something ended by itself: "camera-gone", "share-gone", and a sentence. Video worker: copy and
	 * post. */
	void (*on_notice)(void *arg, const char *code, const char *text);
};

struct video_params {
	const char *camera;             /* FILE, pattern, none, a device ("/dev/video0", "0"); NULL: none */
	int fps;                        /* 0: 10 */
	uint32_t bitrate[VIDEO_LAYERS]; /* bits/s; 0: 30000, 80000, 60000 */
};

struct video_engine;

/** The camera starts off and nothing is opened yet. All ops but on_packet may be NULL. 0 or -ENOMEM with
 * *why. */
int video_engine_new(struct video_engine **engine, const struct video_params *params,
		     const struct video_ops *ops, void *arg, const char **why);
/** Start the worker. -EALREADY, or what pthread_create() says. */
int video_engine_start(struct video_engine *engine);
void video_engine_free(struct video_engine *engine);

/** Camera on or off (the device is closed while off; a file plays in real time from here, and round). Loop's
 * thread, like all below. Returns 0, or -errno with *why: a sentence, this thread's until its next call. */
int video_engine_camera(struct video_engine *engine, bool on, const char **why);
/** Show a still or moving picture of a file or text as the share; NULL stops. A share of text is drawn as
 * letters into the picture. */
int video_engine_share(struct video_engine *engine, const char *file, const char **why);
/** Which layers to make (bit mask of 1 << enum video_layer): those somebody shows. None costs nothing. */
void video_engine_layers(struct video_engine *engine, unsigned layers);
void video_engine_shape(struct video_engine *engine, enum video_layer layer, uint32_t bitrate, int fps);
void video_engine_want_keyframe(struct video_engine *engine, enum video_layer layer);

/** A picture of somebody arrived. Copies; an undecoded one waiting for the same source is overtaken only if
 * packet is a keyframe, else appended (bounded; then -EAGAIN and a keyframe is asked for). packet->keyframe
 * and its size are the peer's word: wrong ones cost only this peer's picture. -EINVAL, -ENOSPC beyond 256
 * streams. */
int video_engine_put(struct video_engine *engine, uint32_t source, const struct video_packet *packet);
/** The newest decoded picture of source, newer than *serial_seen (updated), or NULL. The caller frees it.
 * source 0: the own camera (self view). */
struct frame *video_engine_latest(struct video_engine *engine, uint32_t source, enum video_layer layer,
				  uint64_t *serial_seen);
void video_engine_forget(struct video_engine *engine, uint32_t source);
size_t video_engine_stats(const struct video_engine *engine, struct video_source_stats *stats, size_t max);

/** List cameras: fn(arg, path, name). Returns how many. */
int video_devices(void (*fn)(void *arg, const char *path, const char *name), void *arg);

#endif
