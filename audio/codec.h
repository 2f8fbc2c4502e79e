/* Opus, both ways: 48 kHz mono, made for voice. RFC 6716. */
#ifndef MOOT_AUDIO_CODEC_H
#define MOOT_AUDIO_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CODEC_BITRATE_MIN = 6000,
	CODEC_BITRATE_MAX = 64000,
	CODEC_COMPLEXITY_MIN = 5,
	CODEC_COMPLEXITY_MAX = 9,
	CODEC_DECODE_MAX = 5760, /* samples of the longest packet, 120 ms */
};

struct encoder;
/** NULL without memory. */
struct encoder *encoder_new(void);
void encoder_free(struct encoder *encoder);
/** Bits per second, clamped to 6000..64000. Constant: the size of a packet says nothing of the words in it
 * (RFC 6562). In-band FEC is on in packets of 20 ms from 24 kbit/s, where it helps. */
void encoder_bitrate(struct encoder *encoder, uint32_t bitrate);
void encoder_complexity(struct encoder *encoder, int complexity);
/** Forget what was said: nothing of it remains in later packets. */
void encoder_reset(struct encoder *encoder);
/** One packet of n samples: 960, 1920 or 2880. packet: size bytes, AUDIO_PACKET_MAX do for all. Returns its
 * bytes, bitrate x time, or -EINVAL. */
int encoder_encode(struct encoder *encoder, const float *pcm, size_t n, uint8_t *packet, size_t size);

/** Samples at 48 kHz in a packet from a stranger, 120 to 5760, or -EBADMSG. */
int codec_samples(const uint8_t *packet, size_t n);
/** True when the packet carries a coarse copy of the one before it. */
bool codec_has_fec(const uint8_t *packet, size_t n);

struct decoder;
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);
void decoder_reset(struct decoder *decoder);
/** pcm: [CODEC_DECODE_MAX], the caller's. Returns samples, or -EBADMSG with pcm untouched or part-filled. */
int decoder_decode(struct decoder *decoder, const uint8_t *packet, size_t n, float *pcm);
/** The last `samples` (a multiple of 120) before `packet`, out of the coarse copy in it. */
int decoder_recover(struct decoder *decoder, const uint8_t *packet, size_t n, float *pcm, size_t samples);
/** Guess how `samples` (a multiple of 120) that never came may have sounded; fades out. */
int decoder_conceal(struct decoder *decoder, float *pcm, size_t samples);

#endif
