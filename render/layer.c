/* Faces keep their rate and give up sharpness; letters keep their sharpness and give up their rate: after a
 * picture of letters the layer waits as long as its bytes take at the bitrate. */
#include "render/layer.h"

#include <stdlib.h>

#include "render/scale.h"
#include "render/stream.h"
#include "render/vpx.h"

enum { KEYFRAME_GAP_US = 1000000, REFINEMENTS = 3 };

static void drop_encoder(struct layer *layer)
{
	vpx_encoder_free(layer->encoder);
	frame_free(layer->scaled);
	layer->encoder = NULL;
	layer->scaled = NULL;
	layer->width = layer->height = 0;
}

void layer_clear(struct layer *layer)
{
	drop_encoder(layer);
	layer->next_us = layer->keyframe_us = 0;
}

static bool fit_encoder(struct layer *layer, const struct layer_wish *wish, const struct frame *frame)
{
	int max_width, max_height, w = frame->width, h = frame->height;
	stream_limits(layer->id, &max_width, &max_height);
	if (w > max_width || h > max_height || w % 2 || h % 2)
		scale_fit(w, h, w < max_width ? w : max_width, h < max_height ? h : max_height, 2, 2, &w, &h);
	if (layer->encoder && layer->width == w && layer->height == h) {
		vpx_encoder_shape(layer->encoder, wish->bitrate, wish->fps);
		return true;
	}
	drop_encoder(layer);
	struct vpx_settings settings = { w, h, wish->fps, wish->bitrate, layer->id == VIDEO_SCREEN };
	layer->encoder = vpx_encoder_new(&settings);
	if (w != frame->width || h != frame->height)
		layer->scaled = frame_new(w, h);
	if (!layer->encoder || ((w != frame->width || h != frame->height) && !layer->scaled)) {
		drop_encoder(layer);
		return false;
	}
	layer->width = w;
	layer->height = h;
	layer->keyframe_pending = true;
	layer->keyframe_us = 0;
	return true;
}

static const struct frame *fit_picture(struct layer *layer, const struct frame *frame)
{
	if (frame->width == layer->width && frame->height == layer->height)
		return frame;
	if (!layer->scaled)
		layer->scaled = frame_new(layer->width, layer->height);
	return layer->scaled && scale_frame(frame, layer->scaled) == 0 ? layer->scaled : NULL;
}

static int64_t gap_us(const struct layer *layer, const struct layer_wish *wish, size_t bytes)
{
	int64_t period = 1000000 / (wish->fps < 1 ? 1 : wish->fps);
	if (layer->id != VIDEO_SCREEN)
		return period - period / 8; /* a source's pictures come a little early or late */
	int64_t sending = (int64_t)bytes * 8 * 1000000 / (wish->bitrate < 1000 ? 1000 : wish->bitrate);
	return sending > period ? sending : period;
}

bool layer_encode(struct layer *layer, const struct layer_wish *wish, const struct frame *frame, bool changed,
		  int64_t now_us, struct video_packet *packet)
{
	layer->keyframe_pending = layer->keyframe_pending || wish->keyframe;
	if (changed)
		layer->refine = REFINEMENTS;
	if (now_us < layer->next_us || !fit_encoder(layer, wish, frame))
		return false;
	bool keyframe = layer->keyframe_pending && now_us >= layer->keyframe_us;
	if (layer->id == VIDEO_SCREEN && layer->refine == 0 && !keyframe)
		return false;
	const struct frame *picture = fit_picture(layer, frame);
	long n = picture ? vpx_encode(layer->encoder, picture, keyframe, &packet->bytes, &packet->keyframe)
			 : -1;
	layer->next_us = now_us + gap_us(layer, wish, n > 0 ? (size_t)n : 0);
	if (n <= 0)
		return false;
	if (packet->keyframe) {
		layer->keyframe_pending = false;
		layer->keyframe_us = now_us + KEYFRAME_GAP_US;
		layer->refine = REFINEMENTS;
	} else if (layer->refine > 0) {
		layer->refine--;
	}
	packet->n = (size_t)n;
	packet->timestamp = frame->timestamp;
	packet->layer = layer->id;
	return true;
}
