/* VP8 both ways, for real time. */
#ifndef MOOT_RENDER_VPX_H
#define MOOT_RENDER_VPX_H

#include <stdbool.h>

#include "render/frame.h"

struct vpx_encoder;
struct vpx_decoder;

struct vpx_settings {
	int width, height;
	int fps;
	uint32_t bitrate; /* bits/s */
	bool sharp;       /* letters: quality is kept, the rate gives way */
};

/** NULL: sizes out of range or no memory. */
struct vpx_encoder *vpx_encoder_new(const struct vpx_settings *settings);
void vpx_encoder_free(struct vpx_encoder *encoder);
/** Another bitrate and rate from the next picture on. */
void vpx_encoder_shape(struct vpx_encoder *encoder, uint32_t bitrate, int fps);
/** Encode a picture of the encoder's size. *bytes: the encoder's until the next call. Returns their number, 0
 * if the rate control left this picture out, -EINVAL for another size, -EIO. *keyframe: what came out. */
long vpx_encode(struct vpx_encoder *encoder, const struct frame *frame, bool want_keyframe,
		const uint8_t **bytes, bool *keyframe);

enum { VPX_PACKET_MAX = 1 << 20 };

/** Decodes pictures up to max_width x max_height; larger ones are refused by their header, before memory is
 * taken for them. */
struct vpx_decoder *vpx_decoder_new(int max_width, int max_height);
void vpx_decoder_free(struct vpx_decoder *decoder);
/** Decode one packet of a peer's. 0; -ENODATA: a keyframe must come first; -EMSGSIZE: too large a picture or
 * packet; -EBADMSG: no VP8, and a keyframe must come next. */
int vpx_decode(struct vpx_decoder *decoder, const uint8_t *bytes, size_t n);
/** A copy of the picture decoded last. NULL: none or no memory. */
struct frame *vpx_decoder_picture(struct vpx_decoder *decoder);

#endif
