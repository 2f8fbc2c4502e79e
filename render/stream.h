/* The pictures of one peer in one layer: packets waiting, decoder, newest picture. No locks: the engine's
 * lock guards all but stream_decode(). */
#ifndef MOOT_RENDER_STREAM_H
#define MOOT_RENDER_STREAM_H

#include "render/video.h"

enum { STREAM_PACKETS_MAX = 32, STREAM_BYTES_MAX = 1 << 20 };

struct stream_packet {
	uint8_t *bytes;
	size_t n;
	uint32_t timestamp;
};

struct stream_batch {
	struct stream_packet packet[STREAM_PACKETS_MAX];
	int count;
};

struct vpx_decoder;

struct stream {
	struct stream *next;
	uint32_t source;
	enum video_layer layer;
	struct stream_batch waiting;
	size_t waiting_bytes;
	bool keyframe_needed;  /* ask for one */
	bool skip_to_keyframe; /* a packet was lost: the next ones are of no use */
	bool busy, gone;       /* the worker has it; free it when it comes back */
	int64_t asked_us;
	struct vpx_decoder *decoder; /* the worker's */
	struct frame *latest;
	uint64_t serial;
	struct video_source_stats stats;
};

struct stream_result {
	struct frame *picture; /* the newest decoded; NULL: none */
	int decoded, failed;
	bool keyframe_needed;
};

struct stream *stream_new(uint32_t source, enum video_layer layer);
void stream_free(struct stream *stream);
/** Copy a packet into the queue; a keyframe drops what waits before it. -EAGAIN: it is full and was emptied;
 * -ENOMEM. */
int stream_put(struct stream *stream, const struct video_packet *packet);
/** Move what waits into batch. */
void stream_take(struct stream *stream, struct stream_batch *batch);
/** Decode and free a batch. Touches the decoder only: no lock needed. */
struct stream_result stream_decode(struct stream *stream, struct stream_batch *batch);
/** Note what came out; returns true when there is a new picture. */
bool stream_finish(struct stream *stream, struct stream_result *result);

/** The largest picture of a layer. */
void stream_limits(enum video_layer layer, int *max_width, int *max_height);

#endif
