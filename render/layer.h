/* One size in which the own pictures are sent: when its next picture is due, its encoder, keyframes on
 * demand. The video worker's, but for the wishes, which the engine's lock guards. */
#ifndef MOOT_RENDER_LAYER_H
#define MOOT_RENDER_LAYER_H

#include "render/video.h"

struct vpx_encoder;

struct layer_wish {
	bool wanted, keyframe;
	uint32_t bitrate;
	int fps;
};

struct layer {
	enum video_layer id;
	struct vpx_encoder *encoder;
	int width, height;
	int64_t next_us;     /* no picture before */
	int64_t keyframe_us; /* no keyframe on demand before */
	bool keyframe_pending;
	int refine; /* a still picture is sent so many times more, each sharper */
	struct frame *scaled;
};

void layer_clear(struct layer *layer);
/** Encode frame if it is due. changed: it differs from the last one (letters that stand still are not sent
 * again). Returns true with packet filled (bytes the encoder's until the next call). */
bool layer_encode(struct layer *layer, const struct layer_wish *wish, const struct frame *frame, bool changed,
		  int64_t now_us, struct video_packet *packet);

#endif
