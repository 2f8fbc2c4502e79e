/* The jitter buffer says what comes next, this does it: decodes, recovers, conceals, stretches, and keeps
 * what is over for the next pull. Where sound breaks off without its end having come, a few milliseconds of
 * guess fade out. */
#include "audio/playout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audio/codec.h"
#include "audio/jitter.h"
#include "audio/level.h"
#include "audio/stretch.h"

enum { PULL_MAX = 960, FADE_OUT = 240, HELD_MAX = PULL_MAX + CODEC_DECODE_MAX + STRETCH_MAX };

struct playout {
	struct jitter *jitter;
	struct decoder *decoder;
	struct level_meter meter;
	bool sounding; /* what is held ends in sound */
	uint64_t concealed_samples, recovered, bad;
	size_t held;
	size_t sound; /* of held, up to here there is something to hear */
	float pcm[HELD_MAX];
};

struct playout *playout_new(uint32_t jitter_min_ms)
{
	struct playout *playout = calloc(1, sizeof *playout);
	if (!playout)
		return NULL;
	playout->jitter = jitter_new(jitter_min_ms);
	playout->decoder = decoder_new();
	level_init(&playout->meter);
	if (playout->jitter && playout->decoder)
		return playout;
	playout_free(playout);
	return NULL;
}

void playout_free(struct playout *playout)
{
	if (!playout)
		return;
	jitter_free(playout->jitter);
	decoder_free(playout->decoder);
	free(playout);
}

int playout_put(struct playout *playout, const struct audio_packet *packet, int64_t now_us)
{
	int samples = codec_samples(packet->bytes, packet->n);
	if (samples < 0) {
		playout->bad++;
		return -EBADMSG;
	}
	const struct jitter_packet in = {
		.bytes = packet->bytes,
		.n = packet->n,
		.timestamp = packet->timestamp,
		.samples = (unsigned)samples,
		.fec = codec_has_fec(packet->bytes, packet->n),
		.talk_end = packet->talk_end,
	};
	return jitter_put(playout->jitter, &in, now_us);
}

static void add_silence(struct playout *playout, size_t n)
{
	float *to = playout->pcm + playout->held;
	memset(to, 0, n * sizeof *to);
	playout->held += n;
}

/* Instead of n silent samples: the broken-off sound, fading. */
static void add_fade(struct playout *playout, size_t n)
{
	float *to = playout->pcm + playout->held;
	int got = decoder_conceal(playout->decoder, to, FADE_OUT);
	if (got != FADE_OUT) {
		add_silence(playout, n);
		return;
	}
	if (n > FADE_OUT)
		n = FADE_OUT;
	for (size_t i = 0; i < n; i++)
		to[i] *= 1 - (float)i / (float)n;
	playout->held += n;
	playout->sound = playout->held;
}

static void add_sound(struct playout *playout, const struct jitter_step *step)
{
	float *to = playout->pcm + playout->held;
	int n;
	if (step->kind == JITTER_PLAY)
		n = decoder_decode(playout->decoder, step->packet.bytes, step->packet.n, to);
	else if (step->kind == JITTER_RECOVER)
		n = decoder_recover(playout->decoder, step->packet.bytes, step->packet.n, to, step->samples);
	else
		n = decoder_conceal(playout->decoder, to, step->samples);
	if (step->kind == JITTER_RECOVER)
		playout->recovered++;
	if (n <= 0) { /* it passed the first look, and yet does not decode */
		playout->bad++;
		add_silence(playout, step->samples);
		return;
	}
	if (step->kind == JITTER_CONCEAL)
		playout->concealed_samples += (size_t)n;
	size_t length = (size_t)n;
	if (step->stretch < 0)
		length = stretch_shrink(to, length, step->stretch < -1);
	else if (step->stretch > 0)
		length = stretch_grow(to, length, false);
	playout->held += length;
	playout->sound = playout->held;
	playout->sounding = step->kind != JITTER_PLAY || !step->packet.talk_end;
}

static void fill(struct playout *playout, int64_t now_us, size_t n)
{
	while (playout->held < n) {
		struct jitter_step step;
		jitter_get(playout->jitter, now_us, playout->held, n - playout->held, &step);
		if (step.kind != JITTER_SILENCE) {
			add_sound(playout, &step);
		} else if (playout->sounding) {
			playout->sounding = false;
			add_fade(playout, step.samples);
		} else {
			add_silence(playout, step.samples);
		}
	}
}

bool playout_idle(const struct playout *playout)
{
	return playout->held == 0 && !playout->sounding && jitter_idle(playout->jitter);
}

bool playout_pull(struct playout *playout, int64_t now_us, float *pcm, size_t n)
{
	static const float nothing[PULL_MAX];
	if (n > PULL_MAX)
		n = PULL_MAX;
	if (playout_idle(playout)) {
		if (playout->meter.level != LEVEL_SILENCE || playout->meter.speaking)
			level_feed(&playout->meter, nothing, n);
		return false;
	}
	fill(playout, now_us, n);
	bool heard = playout->sound > 0;
	if (heard)
		memcpy(pcm, playout->pcm, n * sizeof *pcm);
	level_feed(&playout->meter, playout->pcm, n);
	playout->held -= n;
	playout->sound = playout->sound > n ? playout->sound - n : 0;
	memmove(playout->pcm, playout->pcm + n, playout->held * sizeof *pcm);
	return heard;
}

void playout_stats(const struct playout *playout, struct audio_source_stats *stats)
{
	struct jitter_stats jitter;
	jitter_stats(playout->jitter, &jitter);
	stats->frames = jitter.played;
	stats->concealed = (playout->concealed_samples + AUDIO_FRAME - 1) / AUDIO_FRAME;
	stats->recovered = playout->recovered;
	stats->dropped = jitter.dropped + playout->bad;
	stats->delay_ms = jitter.delay_ms;
	stats->level = playout->meter.level;
	stats->speaking = playout->meter.speaking;
}
