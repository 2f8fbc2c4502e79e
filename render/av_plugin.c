/* Demux, decode, convert: the same way for a webcam, a film and a photograph. libswscale brings every kind of
 * pixel to I420 of a size that is of use here, in one pass. */
#include "render/av_ops.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavdevice/avdevice.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
#include <pthread.h>
#include <stdlib.h>

#include "render/scale.h"

struct av_input {
	AVFormatContext *format;
	AVCodecContext *codec;
	AVPacket *packet;
	AVFrame *picture;
	struct SwsContext *scaler;
	int stream, max_width, max_height;
	bool draining;
	int64_t pictures;
};

enum { BROKEN_MAX = 300 }; /* packets in a row that give no picture: give up */

static pthread_once_t register_once = PTHREAD_ONCE_INIT;

static void register_all(void)
{
	av_log_set_level(AV_LOG_QUIET);
	avdevice_register_all();
}

static int to_errno(int averror)
{
	if (averror == AVERROR_EOF)
		return -ENODATA;
	return averror > -4096 && averror < 0 ? averror : -EIO; /* the rest are four letters */
}

static int open_codec(struct av_input *input, const char **why)
{
	const AVCodec *codec = NULL;
	int rc = av_find_best_stream(input->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
	if (rc < 0) {
		*why = rc == AVERROR_DECODER_NOT_FOUND ? "its pictures cannot be decoded here"
						       : "there is no picture in it";
		return rc == AVERROR_DECODER_NOT_FOUND ? -ENOSYS : -EINVAL;
	}
	input->stream = rc;
	input->codec = avcodec_alloc_context3(codec);
	if (!input->codec)
		return -ENOMEM;
	rc = avcodec_parameters_to_context(input->codec, input->format->streams[input->stream]->codecpar);
	input->codec->thread_count = 1;
	input->codec->max_pixels = (int64_t)16384 * 16384 / 4;
	if (rc >= 0)
		rc = avcodec_open2(input->codec, codec, NULL);
	if (rc < 0)
		*why = "its pictures cannot be decoded here";
	return rc < 0 ? to_errno(rc) : 0;
}

static int open_format(struct av_input *input, const struct av_setup *setup, const char **why)
{
	AVDictionary *options = NULL;
	const AVInputFormat *format = setup->format ? av_find_input_format(setup->format) : NULL;
	if (setup->format && !format) {
		*why = "libavdevice has no support for it";
		return -ENOSYS;
	}
	input->format = avformat_alloc_context();
	if (!input->format)
		return -ENOMEM;
	if (setup->nonblock)
		input->format->flags |= AVFMT_FLAG_NONBLOCK;
	if (setup->options)
		av_dict_parse_string(&options, setup->options, "=", ":", 0);
	int rc = avformat_open_input(&input->format, setup->url, format, &options);
	av_dict_free(&options);
	if (rc == 0 && !setup->nonblock)
		rc = avformat_find_stream_info(input->format, NULL);
	if (rc >= 0)
		return 0;
	rc = to_errno(rc);
	*why = rc == -ENOENT   ? "there is none"
	       : rc == -EACCES ? "permission denied"
	       : rc == -EBUSY  ? "another program is using it"
	       : setup->format ? "it gives no pictures"
			       : "it is no picture, film or text";
	return rc;
}

static void input_close(struct av_input *input);

static int input_open(struct av_input **input, const struct av_setup *setup, const char **why)
{
	pthread_once(&register_once, register_all);
	struct av_input *opened = calloc(1, sizeof(*opened));
	*why = "out of memory";
	if (!opened)
		return -ENOMEM;
	opened->max_width = setup->max_width;
	opened->max_height = setup->max_height;
	int rc = open_format(opened, setup, why);
	if (rc == 0)
		rc = open_codec(opened, why);
	opened->packet = av_packet_alloc();
	opened->picture = av_frame_alloc();
	if (rc == 0 && (!opened->packet || !opened->picture))
		rc = -ENOMEM;
	if (rc < 0) {
		input_close(opened);
		return rc;
	}
	*input = opened;
	return 0;
}

static void input_close(struct av_input *input)
{
	if (!input)
		return;
	sws_freeContext(input->scaler);
	av_frame_free(&input->picture);
	av_packet_free(&input->packet);
	avcodec_free_context(&input->codec);
	avformat_close_input(&input->format);
	free(input);
}

/* ---- pictures ------------------------------------------------------------------------------------ */

static int full_range(const AVFrame *picture)
{
	return picture->color_range == AVCOL_RANGE_JPEG || picture->format == AV_PIX_FMT_YUVJ420P ||
	       picture->format == AV_PIX_FMT_YUVJ422P || picture->format == AV_PIX_FMT_YUVJ444P ||
	       picture->format == AV_PIX_FMT_YUVJ440P;
}

static int convert(struct av_input *input, struct frame **frame)
{
	const AVFrame *picture = input->picture;
	int w = picture->width, h = picture->height;
	if (w < 1 || h < 1)
		return -EBADMSG;
	if (w > input->max_width || h > input->max_height)
		scale_fit(w, h, w < input->max_width ? w : input->max_width,
			  h < input->max_height ? h : input->max_height, 2, 2, &w, &h);
	struct frame *out = frame_new(w, h);
	if (!out)
		return -ENOMEM;
	input->scaler = sws_getCachedContext(input->scaler, picture->width, picture->height, picture->format,
					     w, h, AV_PIX_FMT_YUV420P, SWS_AREA, NULL, NULL, NULL);
	if (!input->scaler) {
		frame_free(out);
		return -EBADMSG;
	}
	int space = picture->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601;
	sws_setColorspaceDetails(input->scaler, sws_getCoefficients(space), full_range(picture),
				 sws_getCoefficients(SWS_CS_ITU601), 0, 0, 1 << 16, 1 << 16);
	uint8_t *planes[4] = { out->y, out->u, out->v, NULL };
	int strides[4] = { out->y_stride, out->uv_stride, out->uv_stride, 0 };
	sws_scale(input->scaler, (const uint8_t *const *)picture->data, picture->linesize, 0, picture->height,
		  planes, strides);
	*frame = out;
	return 0;
}

static int64_t time_of(const struct av_input *input)
{
	const AVStream *stream = input->format->streams[input->stream];
	int64_t stamp = input->picture->best_effort_timestamp;
	if (stamp != AV_NOPTS_VALUE) {
		int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
		return av_rescale_q(stamp - start, stream->time_base, AV_TIME_BASE_Q);
	}
	AVRational rate = stream->avg_frame_rate.num > 0 ? stream->avg_frame_rate : (AVRational) { 25, 1 };
	return av_rescale_q(input->pictures, av_inv_q(rate), AV_TIME_BASE_Q);
}

/* Feed the decoder one packet. 1: fed; 0: of another stream or broken. */
static int feed(struct av_input *input)
{
	int rc = av_read_frame(input->format, input->packet);
	if (rc == AVERROR_EOF && !input->draining) {
		input->draining = true;
		avcodec_send_packet(input->codec, NULL);
		return 1;
	}
	if (rc < 0)
		return to_errno(rc);
	rc = input->packet->stream_index == input->stream ? avcodec_send_packet(input->codec, input->packet)
							  : -1;
	av_packet_unref(input->packet);
	return rc == 0;
}

static int input_next(struct av_input *input, struct frame **frame, int64_t *time_us)
{
	for (int broken = 0; broken < BROKEN_MAX;) {
		int rc = avcodec_receive_frame(input->codec, input->picture);
		if (rc == 0) {
			*time_us = time_of(input);
			rc = convert(input, frame);
			av_frame_unref(input->picture);
			input->pictures++;
			if (rc != -EBADMSG)
				return rc;
			broken++;
			continue;
		}
		if (rc == AVERROR_EOF)
			return -ENODATA;
		rc = feed(input);
		if (rc < 0)
			return rc;
		broken += !rc;
	}
	return -EIO;
}

__attribute__((visibility("default"))) const struct av_ops moot_av = { input_open, input_close, input_next };
