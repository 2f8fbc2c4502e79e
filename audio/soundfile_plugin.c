/* libavformat finds the packets, libavcodec decodes them, libswresample makes 48 kHz mono of them. A decoded
 * frame is held until it is used up. */
#include "audio/soundfile_ops.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <stdlib.h>
#include <string.h>

#include "audio/engine.h"

struct soundfile {
	AVFormatContext *format;
	AVCodecContext *codec;
	SwrContext *swr;
	AVPacket *packet;
	AVFrame *frame;
	int stream;
	bool drained; /* nothing more to read */
	float *pcm;   /* resampled, not yet taken */
	size_t at, count, size;
};

static int error_of(int av)
{
	if (av == AVERROR(ENOENT) || av == AVERROR(EACCES) || av == AVERROR(ENOMEM) || av == AVERROR(EISDIR))
		return av;
	return -EBADMSG;
}

static int open_codec(struct soundfile *file)
{
	const AVCodec *codec = NULL;
	file->stream = av_find_best_stream(file->format, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
	if (file->stream < 0 || !codec)
		return -EBADMSG;
	file->codec = avcodec_alloc_context3(codec);
	file->packet = av_packet_alloc();
	file->frame = av_frame_alloc();
	if (!file->codec || !file->packet || !file->frame)
		return -ENOMEM;
	if (avcodec_parameters_to_context(file->codec, file->format->streams[file->stream]->codecpar) < 0)
		return -EBADMSG;
	file->codec->thread_count = 1;
	return avcodec_open2(file->codec, codec, NULL) < 0 ? -EBADMSG : 0;
}

/* Where the codec names no layout, its number of channels must do. */
static int open_resampler(struct soundfile *file)
{
	AVChannelLayout in = { 0 }, out = AV_CHANNEL_LAYOUT_MONO;
	int channels = file->codec->ch_layout.nb_channels;
	if (channels < 1 || file->codec->sample_rate < 1)
		return -EBADMSG;
	if (file->codec->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&in, channels);
	else if (av_channel_layout_copy(&in, &file->codec->ch_layout) < 0)
		return -ENOMEM;
	int error = swr_alloc_set_opts2(&file->swr, &out, AV_SAMPLE_FMT_FLT, AUDIO_RATE, &in,
					file->codec->sample_fmt, file->codec->sample_rate, 0, NULL);
	if (error >= 0)
		error = swr_init(file->swr);
	av_channel_layout_uninit(&in);
	return error < 0 ? -EBADMSG : 0;
}

static void file_free(struct soundfile *file);

static int file_open(struct soundfile **out, const char *path)
{
	struct soundfile *file = calloc(1, sizeof *file);
	if (!file)
		return -ENOMEM;
	av_log_set_level(AV_LOG_QUIET);
	int error = avformat_open_input(&file->format, path, NULL, NULL);
	if (error < 0) {
		error = error_of(error);
		goto out;
	}
	error = avformat_find_stream_info(file->format, NULL) < 0 ? -EBADMSG : open_codec(file);
	if (error == 0)
		error = open_resampler(file);
out:
	if (error < 0)
		file_free(file);
	else
		*out = file;
	return error;
}

static void file_free(struct soundfile *file)
{
	if (!file)
		return;
	swr_free(&file->swr);
	av_frame_free(&file->frame);
	av_packet_free(&file->packet);
	avcodec_free_context(&file->codec);
	avformat_close_input(&file->format);
	free(file->pcm);
	free(file);
}

/* Resample `frame`, or with NULL what the resampler still holds. False when nothing came of it. */
static bool resample(struct soundfile *file, const AVFrame *frame)
{
	int room = swr_get_out_samples(file->swr, frame ? frame->nb_samples : 0);
	if (room <= 0)
		return false;
	if ((size_t)room > file->size) {
		float *pcm = realloc(file->pcm, (size_t)room * sizeof *pcm);
		if (!pcm)
			return false;
		file->pcm = pcm;
		file->size = (size_t)room;
	}
	uint8_t *to[1] = { (uint8_t *)file->pcm };
	const uint8_t **from = frame ? (const uint8_t **)(uintptr_t)frame->extended_data : NULL;
	int got = swr_convert(file->swr, to, room, from, frame ? frame->nb_samples : 0);
	file->at = 0;
	file->count = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* One step onwards; false at the end. */
static bool advance(struct soundfile *file)
{
	int got = avcodec_receive_frame(file->codec, file->frame);
	if (got == 0) {
		bool same = file->frame->sample_rate == file->codec->sample_rate &&
			    file->frame->ch_layout.nb_channels == file->codec->ch_layout.nb_channels;
		if (same)
			resample(file, file->frame);
		av_frame_unref(file->frame);
		return same;
	}
	if (got != AVERROR(EAGAIN) || file->drained) {
		bool more = resample(file, NULL);
		swr_close(file->swr);
		return more;
	}
	if (av_read_frame(file->format, file->packet) < 0) {
		file->drained = true;
		avcodec_send_packet(file->codec, NULL);
		return true;
	}
	if (file->packet->stream_index == file->stream)
		avcodec_send_packet(file->codec, file->packet);
	av_packet_unref(file->packet);
	return true;
}

static size_t file_read(struct soundfile *file, float *pcm, size_t n)
{
	size_t done = 0;
	while (done < n) {
		if (file->count == 0) {
			if (!advance(file))
				break;
			continue;
		}
		size_t part = file->count < n - done ? file->count : n - done;
		memcpy(pcm + done, file->pcm + file->at, part * sizeof *pcm);
		file->at += part;
		file->count -= part;
		done += part;
	}
	return done;
}

__attribute__((visibility("default")))
const struct soundfile_ops moot_soundfile = { file_open, file_free, file_read };
