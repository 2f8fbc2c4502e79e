/* Samples gather into a packet's worth; voice opens the gate, 400 ms without close it with a talk_end. The 20
 * ms before the voice go out too, so that no soft beginning is cut. The encoder's effort follows what it
 * costs.
 *
 * Muting takes the lock under which packets are made and handed out, so it waits for one under way. The
 * worker then drops what was gathered and closes the spurt with a packet of silence out of a fresh encoder.
 */
#include "audio/capture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/codec.h"
#include "audio/level.h"

enum { GATHER_MAX = 3 * AUDIO_FRAME, CLOCK_OFF_MAX = AUDIO_RATE / 10, EFFORT_EVERY = 50 };

static const double effort_high = 0.02, effort_low = 0.008; /* of one core */

struct capture {
	void (*packet)(void *arg, const struct audio_packet *packet);
	void *arg;
	struct encoder *encoder;
	struct level_meter meter;
	pthread_mutex_t lock; /* making and handing out a packet, and muted */
	bool muted, hush;     /* hush: muted since the worker last looked, be it unmuted by now */
	bool sending;
	atomic_uint bitrate, packet_ms;
	atomic_uchar level;
	atomic_bool speaking;
	uint32_t bitrate_now;
	int complexity;
	unsigned packets;
	int64_t spent_ns;
	uint64_t ticks; /* timestamp of the next sample */
	size_t gathered, before_n;
	float gather[GATHER_MAX], before[AUDIO_FRAME];
};

struct capture *capture_new(void (*packet)(void *arg, const struct audio_packet *packet), void *arg)
{
	struct capture *capture = calloc(1, sizeof *capture);
	if (!capture)
		return NULL;
	capture->encoder = encoder_new();
	if (!capture->encoder) {
		free(capture);
		return NULL;
	}
	capture->packet = packet;
	capture->arg = arg;
	capture->complexity = 7;
	encoder_complexity(capture->encoder, capture->complexity);
	level_init(&capture->meter);
	pthread_mutex_init(&capture->lock, NULL);
	atomic_init(&capture->level, LEVEL_SILENCE);
	capture_shape(capture, 0, 0);
	return capture;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	pthread_mutex_destroy(&capture->lock);
	encoder_free(capture->encoder);
	free(capture);
}

static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Once a second of speech: a step less effort when it costs too much, a step more when there is plenty. */
static void follow_cost(struct capture *capture, int64_t ns, size_t n)
{
	capture->spent_ns += ns;
	if (++capture->packets < EFFORT_EVERY)
		return;
	double share = (double)capture->spent_ns / ((double)capture->packets * (double)n / AUDIO_RATE * 1e9);
	int complexity = capture->complexity;
	if (share > effort_high && complexity > CODEC_COMPLEXITY_MIN)
		complexity--;
	else if (share < effort_low && complexity < CODEC_COMPLEXITY_MAX)
		complexity++;
	if (complexity != capture->complexity)
		encoder_complexity(capture->encoder, complexity);
	capture->complexity = complexity;
	capture->packets = 0;
	capture->spent_ns = 0;
}

/* With the lock. */
static void send(struct capture *capture, const float *pcm, size_t n, uint64_t ticks, bool talk_end)
{
	uint8_t bytes[AUDIO_PACKET_MAX];
	uint32_t bitrate = atomic_load(&capture->bitrate);
	if (bitrate != capture->bitrate_now)
		encoder_bitrate(capture->encoder, bitrate);
	capture->bitrate_now = bitrate;
	int64_t before = cpu_ns();
	int got = encoder_encode(capture->encoder, pcm, n, bytes, sizeof bytes);
	follow_cost(capture, cpu_ns() - before, n);
	if (got < 0)
		return;
	const struct audio_packet packet = {
		.bytes = bytes,
		.n = (size_t)got,
		.timestamp = (uint32_t)ticks,
		.level = level_dbov(pcm, n),
		.talk_end = talk_end,
	};
	capture->packet(capture->arg, &packet);
}

/* A microphone that was away for a while has not counted the time. */
static void set_right(struct capture *capture, uint64_t clock)
{
	uint64_t off_max = capture->sending ? AUDIO_RATE : CLOCK_OFF_MAX;
	if (clock > capture->ticks + capture->gathered + off_max)
		capture->ticks = clock - capture->gathered;
}

static void begin_spurt(struct capture *capture)
{
	capture->sending = true;
	if (capture->before_n)
		send(capture, capture->before, capture->before_n, capture->ticks - capture->before_n, false);
}

/* With the lock: a packet's worth has gathered. */
static void packet_full(struct capture *capture, uint64_t clock)
{
	bool voice = capture->meter.voice;
	set_right(capture, clock);
	if (voice && !capture->sending)
		begin_spurt(capture);
	if (capture->sending)
		send(capture, capture->gather, capture->gathered, capture->ticks, !voice);
	capture->before_n = capture->sending ? 0 : AUDIO_FRAME;
	capture->sending = voice;
	memcpy(capture->before, capture->gather + capture->gathered - capture->before_n,
	       capture->before_n * sizeof *capture->before);
	capture->ticks += capture->gathered;
	capture->gathered = 0;
}

/* With the lock. Nothing of what was said remains, here or in the encoder. */
static void silence(struct capture *capture)
{
	static const float nothing[AUDIO_FRAME];
	encoder_reset(capture->encoder);
	if (capture->sending)
		send(capture, nothing, AUDIO_FRAME, capture->ticks, true);
	capture->ticks += capture->gathered;
	capture->gathered = 0;
	capture->sending = false;
	capture->hush = false;
	capture->before_n = 0;
	memset(capture->gather, 0, sizeof capture->gather);
	memset(capture->before, 0, sizeof capture->before);
}

void capture_feed(struct capture *capture, const float *pcm, size_t n, uint64_t clock)
{
	level_feed(&capture->meter, pcm, n);
	atomic_store(&capture->level, capture->meter.level);
	atomic_store(&capture->speaking, capture->meter.speaking);
	pthread_mutex_lock(&capture->lock);
	if (capture->hush)
		silence(capture);
	if (capture->muted)
		capture->ticks += n;
	while (n > 0 && !capture->muted) {
		size_t size = (size_t)atomic_load(&capture->packet_ms) * (AUDIO_RATE / 1000);
		/* A packet grown shorter than what has gathered already is finished in its old length. */
		while (size < capture->gathered)
			size += AUDIO_FRAME;
		size_t part = size - capture->gathered < n ? size - capture->gathered : n;
		memcpy(capture->gather + capture->gathered, pcm, part * sizeof *pcm);
		capture->gathered += part;
		pcm += part;
		n -= part;
		if (capture->gathered == size)
			packet_full(capture, clock - n);
	}
	pthread_mutex_unlock(&capture->lock);
}

void capture_mute(struct capture *capture, bool muted)
{
	pthread_mutex_lock(&capture->lock);
	capture->muted = muted;
	capture->hush = capture->hush || muted;
	pthread_mutex_unlock(&capture->lock);
}

void capture_shape(struct capture *capture, uint32_t bitrate, uint32_t packet_ms)
{
	atomic_store(&capture->bitrate, bitrate ? bitrate : 24000);
	atomic_store(&capture->packet_ms, packet_ms >= 60 ? 60 : packet_ms >= 40 ? 40 : 20);
}

bool capture_sending(const struct capture *capture)
{
	return capture->sending;
}

uint8_t capture_level(const struct capture *capture)
{
	return atomic_load(&capture->level);
}

bool capture_speaking(const struct capture *capture)
{
	return atomic_load(&capture->speaking);
}
