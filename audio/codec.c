/* A thin coat over libopus: what a stranger sends is checked here, once, and a loss is an ordinary value.
 *
 * Every packet has the size that its bitrate says. Without FEC that is libopus' constant bitrate. With FEC
 * that mode starves the voice to make room for the copy (correlation down to 0.2 in half a second of
 * speech, 1.3.1), so there the encoder aims at 85 % of the size, may use all of it, and the rest is padding.
 * Long packets and low rates go without FEC: there the copy costs more than it saves. */
#include "audio/codec.h"

#include <errno.h>
#include <opus/opus.h>
#include <stdlib.h>

#include "audio/engine.h"

enum { FEC_BITRATE_MIN = 24000, FEC_LOSS_PERCENT = 10, FEC_FILL_PERCENT = 85 };

struct encoder {
	OpusEncoder *opus;
	uint32_t bitrate;
	int complexity;
	size_t samples; /* of a packet; 0: not set up yet */
	bool fec;
};

struct decoder {
	OpusDecoder *opus;
};

static void set_all(struct encoder *encoder)
{
	encoder->fec = encoder->samples == AUDIO_FRAME && encoder->bitrate >= FEC_BITRATE_MIN;
	uint32_t aim = encoder->fec ? encoder->bitrate * FEC_FILL_PERCENT / 100 : encoder->bitrate;
	opus_encoder_ctl(encoder->opus, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	opus_encoder_ctl(encoder->opus, OPUS_SET_DTX(0));
	opus_encoder_ctl(encoder->opus, OPUS_SET_VBR(encoder->fec));
	opus_encoder_ctl(encoder->opus, OPUS_SET_BITRATE((opus_int32)aim));
	opus_encoder_ctl(encoder->opus, OPUS_SET_INBAND_FEC(encoder->fec));
	opus_encoder_ctl(encoder->opus, OPUS_SET_PACKET_LOSS_PERC(encoder->fec ? FEC_LOSS_PERCENT : 0));
	opus_encoder_ctl(encoder->opus, OPUS_SET_COMPLEXITY(encoder->complexity));
}

struct encoder *encoder_new(void)
{
	struct encoder *encoder = calloc(1, sizeof *encoder);
	int error = 0;
	if (!encoder)
		return NULL;
	encoder->opus = opus_encoder_create(AUDIO_RATE, 1, OPUS_APPLICATION_VOIP, &error);
	if (!encoder->opus) {
		free(encoder);
		return NULL;
	}
	encoder->bitrate = 24000;
	encoder->complexity = 7;
	return encoder;
}

void encoder_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	opus_encoder_destroy(encoder->opus);
	free(encoder);
}

void encoder_bitrate(struct encoder *encoder, uint32_t bitrate)
{
	if (bitrate < CODEC_BITRATE_MIN)
		bitrate = CODEC_BITRATE_MIN;
	if (bitrate > CODEC_BITRATE_MAX)
		bitrate = CODEC_BITRATE_MAX;
	if (bitrate == encoder->bitrate)
		return;
	encoder->bitrate = bitrate;
	encoder->samples = 0;
}

void encoder_complexity(struct encoder *encoder, int complexity)
{
	encoder->complexity = complexity;
	opus_encoder_ctl(encoder->opus, OPUS_SET_COMPLEXITY(complexity));
}

/* OPUS_RESET_STATE keeps some of its estimates; this keeps nothing. */
void encoder_reset(struct encoder *encoder)
{
	opus_encoder_init(encoder->opus, AUDIO_RATE, 1, OPUS_APPLICATION_VOIP);
	encoder->samples = 0;
}

int encoder_encode(struct encoder *encoder, const float *pcm, size_t n, uint8_t *packet, size_t size)
{
	if (n != AUDIO_FRAME && n != 2 * AUDIO_FRAME && n != 3 * AUDIO_FRAME)
		return -EINVAL;
	size_t fixed = encoder->bitrate * n / AUDIO_RATE / 8;
	if (fixed > size)
		return -EINVAL;
	if (encoder->samples != n) {
		encoder->samples = n;
		set_all(encoder);
	}
	int bytes = opus_encode_float(encoder->opus, pcm, (int)n, packet, (opus_int32)fixed);
	if (bytes <= 0)
		return -EINVAL;
	if ((size_t)bytes < fixed && opus_packet_pad(packet, bytes, (opus_int32)fixed) == OPUS_OK)
		bytes = (int)fixed;
	return bytes;
}

int codec_samples(const uint8_t *packet, size_t n)
{
	if (n < 1 || n > AUDIO_PACKET_MAX)
		return -EBADMSG;
	int samples = opus_packet_get_nb_samples(packet, (opus_int32)n, AUDIO_RATE);
	return samples >= 120 && samples <= CODEC_DECODE_MAX ? samples : -EBADMSG;
}

/* RFC 6716 §4.2.3, §4.2.4: a SILK frame begins with a voice flag per 20 ms, then the flag of the copy. */
bool codec_has_fec(const uint8_t *packet, size_t n)
{
	const unsigned char *frames[48];
	opus_int16 sizes[48];
	if (codec_samples(packet, n) < 0 || packet[0] & 0x80)
		return false;
	if (opus_packet_parse(packet, (opus_int32)n, NULL, frames, sizes, NULL) < 1 || sizes[0] < 1)
		return false;
	int samples = opus_packet_get_samples_per_frame(packet, AUDIO_RATE);
	int voice_flags = samples > AUDIO_FRAME ? samples / AUDIO_FRAME : 1;
	return frames[0][0] >> (7 - voice_flags) & 1;
}

struct decoder *decoder_new(void)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);
	int error = 0;
	if (!decoder)
		return NULL;
	decoder->opus = opus_decoder_create(AUDIO_RATE, 1, &error);
	if (!decoder->opus) {
		free(decoder);
		return NULL;
	}
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	opus_decoder_destroy(decoder->opus);
	free(decoder);
}

void decoder_reset(struct decoder *decoder)
{
	opus_decoder_ctl(decoder->opus, OPUS_RESET_STATE);
}

int decoder_decode(struct decoder *decoder, const uint8_t *packet, size_t n, float *pcm)
{
	if (codec_samples(packet, n) < 0)
		return -EBADMSG;
	int samples = opus_decode_float(decoder->opus, packet, (opus_int32)n, pcm, CODEC_DECODE_MAX, 0);
	return samples > 0 ? samples : -EBADMSG;
}

int decoder_recover(struct decoder *decoder, const uint8_t *packet, size_t n, float *pcm, size_t samples)
{
	if (codec_samples(packet, n) < 0 || samples > CODEC_DECODE_MAX)
		return -EBADMSG;
	int got = opus_decode_float(decoder->opus, packet, (opus_int32)n, pcm, (int)samples, 1);
	return got > 0 ? got : -EBADMSG;
}

int decoder_conceal(struct decoder *decoder, float *pcm, size_t samples)
{
	if (samples > CODEC_DECODE_MAX)
		return -EBADMSG;
	int got = opus_decode_float(decoder->opus, NULL, 0, pcm, (int)samples, 0);
	return got > 0 ? got : -EBADMSG;
}
