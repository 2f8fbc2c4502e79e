/* libvpx. Keyframes come when asked for only: every two seconds they would cost 2 dB. The decoder looks at a
 * packet's header itself first, since a peer writes it: a size beyond what was agreed never reaches libvpx.
 */
#include "render/vpx.h"

#include <errno.h>
#include <stdlib.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

struct vpx_encoder {
	vpx_codec_ctx_t codec;
	vpx_codec_enc_cfg_t config;
	int64_t time; /* in 1/fps */
};

struct vpx_decoder {
	vpx_codec_ctx_t codec;
	int max_width, max_height;
	bool keyframe_needed;
	const vpx_image_t *image; /* libvpx's, until the next packet */
};

/* ---- encoder ------------------------------------------------------------------------------------- */

static void set_rate(vpx_codec_enc_cfg_t *config, uint32_t bitrate, int fps)
{
	config->rc_target_bitrate = bitrate < 2000 ? 2 : bitrate / 1000;
	config->g_timebase = (struct vpx_rational) { 1, fps < 1 ? 1 : fps };
}

static void configure(vpx_codec_enc_cfg_t *config, const struct vpx_settings *settings)
{
	config->g_w = (unsigned)settings->width;
	config->g_h = (unsigned)settings->height;
	config->g_threads = 1;
	config->g_lag_in_frames = 0;
	config->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
	config->kf_mode = VPX_KF_DISABLED;
	config->rc_end_usage = VPX_CBR;
	config->rc_min_quantizer = 4;
	config->rc_max_quantizer = settings->sharp ? 30 : 58;
	config->rc_undershoot_pct = 95;
	config->rc_overshoot_pct = 15;
	config->rc_buf_sz = 1000;
	config->rc_buf_initial_sz = 500;
	config->rc_buf_optimal_sz = 600;
	config->rc_dropframe_thresh = settings->sharp ? 0 : 25;
	set_rate(config, settings->bitrate, settings->fps);
}

struct vpx_encoder *vpx_encoder_new(const struct vpx_settings *settings)
{
	if (settings->width < 1 || settings->height < 1 || settings->width > FRAME_WIDTH_MAX ||
	    settings->height > FRAME_HEIGHT_MAX)
		return NULL;
	struct vpx_encoder *encoder = calloc(1, sizeof(*encoder));
	if (!encoder)
		return NULL;
	if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &encoder->config, 0) != VPX_CODEC_OK)
		goto out;
	configure(&encoder->config, settings);
	if (vpx_codec_enc_init(&encoder->codec, vpx_codec_vp8_cx(), &encoder->config, 0) != VPX_CODEC_OK)
		goto out;
	vpx_codec_control(&encoder->codec, VP8E_SET_CPUUSED, -4);
	vpx_codec_control(&encoder->codec, VP8E_SET_STATIC_THRESHOLD, 1);
	vpx_codec_control(&encoder->codec, VP8E_SET_NOISE_SENSITIVITY, settings->sharp ? 0 : 1);
	vpx_codec_control(&encoder->codec, VP8E_SET_SCREEN_CONTENT_MODE, settings->sharp ? 1 : 0);
	if (!settings->sharp)
		vpx_codec_control(&encoder->codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, 900);
	return encoder;
out:
	free(encoder);
	return NULL;
}

void vpx_encoder_free(struct vpx_encoder *encoder)
{
	if (!encoder)
		return;
	vpx_codec_destroy(&encoder->codec);
	free(encoder);
}

void vpx_encoder_shape(struct vpx_encoder *encoder, uint32_t bitrate, int fps)
{
	unsigned before = encoder->config.rc_target_bitrate;
	int fps_before = encoder->config.g_timebase.den;
	set_rate(&encoder->config, bitrate, fps);
	if (before == encoder->config.rc_target_bitrate && fps_before == encoder->config.g_timebase.den)
		return;
	encoder->time = encoder->time * encoder->config.g_timebase.den / fps_before + 1;
	vpx_codec_enc_config_set(&encoder->codec, &encoder->config);
}

static vpx_image_t wrap(const struct frame *frame)
{
	vpx_image_t image = { .fmt = VPX_IMG_FMT_I420, .bps = 12, .x_chroma_shift = 1, .y_chroma_shift = 1 };
	image.w = image.d_w = (unsigned)frame->width;
	image.h = image.d_h = (unsigned)frame->height;
	image.planes[VPX_PLANE_Y] = frame->y;
	image.planes[VPX_PLANE_U] = frame->u;
	image.planes[VPX_PLANE_V] = frame->v;
	image.stride[VPX_PLANE_Y] = frame->y_stride;
	image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = frame->uv_stride;
	return image;
}

long vpx_encode(struct vpx_encoder *encoder, const struct frame *frame, bool want_keyframe,
		const uint8_t **bytes, bool *keyframe)
{
	if (frame->width != (int)encoder->config.g_w || frame->height != (int)encoder->config.g_h)
		return -EINVAL;
	vpx_image_t image = wrap(frame);
	vpx_enc_frame_flags_t flags = want_keyframe ? VPX_EFLAG_FORCE_KF : 0;
	if (vpx_codec_encode(&encoder->codec, &image, encoder->time++, 1, flags, VPX_DL_REALTIME) !=
	    VPX_CODEC_OK)
		return -EIO;
	vpx_codec_iter_t iterator = NULL;
	const vpx_codec_cx_pkt_t *packet;
	while ((packet = vpx_codec_get_cx_data(&encoder->codec, &iterator))) {
		if (packet->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		*bytes = packet->data.frame.buf;
		*keyframe = packet->data.frame.flags & VPX_FRAME_IS_KEY;
		return (long)packet->data.frame.sz;
	}
	return 0;
}

/* ---- decoder ------------------------------------------------------------------------------------- */

struct vpx_decoder *vpx_decoder_new(int max_width, int max_height)
{
	struct vpx_decoder *decoder = calloc(1, sizeof(*decoder));
	if (!decoder)
		return NULL;
	decoder->max_width = max_width;
	decoder->max_height = max_height;
	decoder->keyframe_needed = true;
	vpx_codec_dec_cfg_t config = { .threads = 1 };
	if (vpx_codec_dec_init(&decoder->codec, vpx_codec_vp8_dx(), &config, 0) != VPX_CODEC_OK) {
		free(decoder);
		return NULL;
	}
	return decoder;
}

void vpx_decoder_free(struct vpx_decoder *decoder)
{
	if (!decoder)
		return;
	vpx_codec_destroy(&decoder->codec);
	free(decoder);
}

/* RFC 6386 §9.1: three bytes of frame tag; a keyframe goes on with 9d 01 2a and two sizes of 14 bits. */
static int check_header(const struct vpx_decoder *decoder, const uint8_t *bytes, size_t n)
{
	if (n > VPX_PACKET_MAX)
		return -EMSGSIZE;
	if (n < 4)
		return -EBADMSG;
	bool keyframe = !(bytes[0] & 1);
	size_t first_partition = (size_t)(bytes[0] | bytes[1] << 8 | bytes[2] << 16) >> 5;
	if (first_partition > n - (keyframe ? 10 : 3) || (keyframe && n < 10))
		return -EBADMSG;
	if (!keyframe)
		return decoder->keyframe_needed ? -ENODATA : 0;
	if (bytes[3] != 0x9d || bytes[4] != 0x01 || bytes[5] != 0x2a)
		return -EBADMSG;
	int width = (bytes[6] | bytes[7] << 8) & 0x3fff, height = (bytes[8] | bytes[9] << 8) & 0x3fff;
	if (width < 1 || height < 1)
		return -EBADMSG;
	return width > decoder->max_width || height > decoder->max_height ? -EMSGSIZE : 0;
}

int vpx_decode(struct vpx_decoder *decoder, const uint8_t *bytes, size_t n)
{
	int rc = check_header(decoder, bytes, n);
	if (rc == -ENODATA)
		return rc;
	int corrupted = 0;
	vpx_codec_iter_t iterator = NULL;
	decoder->image = NULL;
	if (rc == 0 && vpx_codec_decode(&decoder->codec, bytes, (unsigned)n, NULL, 0) != VPX_CODEC_OK)
		rc = -EBADMSG;
	if (rc == 0 &&
	    (vpx_codec_control(&decoder->codec, VP8D_GET_FRAME_CORRUPTED, &corrupted) != VPX_CODEC_OK ||
	     corrupted))
		rc = -EBADMSG;
	if (rc == 0)
		decoder->image = vpx_codec_get_frame(&decoder->codec, &iterator);
	decoder->keyframe_needed = rc < 0;
	return rc;
}

struct frame *vpx_decoder_picture(struct vpx_decoder *decoder)
{
	const vpx_image_t *image = decoder->image;
	if (!image || (int)image->d_w > decoder->max_width || (int)image->d_h > decoder->max_height)
		return NULL;
	struct frame view = { .y = image->planes[VPX_PLANE_Y],
			      .u = image->planes[VPX_PLANE_U],
			      .v = image->planes[VPX_PLANE_V],
			      .y_stride = image->stride[VPX_PLANE_Y],
			      .uv_stride = image->stride[VPX_PLANE_U] };
	struct frame *picture = frame_new((int)image->d_w, (int)image->d_h);
	if (picture)
		frame_paste(picture, &view);
	return picture;
}
