/* A sound card. PortAudio calls back on a thread of its own, in real time: the callback touches the ring and
 * atomics, nothing else, and neither locks, allocates, logs nor enters the kernel. Too little to play is
 * silence and a counter.
 *
 * One minder thread for all cards looks at each once a second. A card whose stream has ended, or whose
 * callback has stopped coming, is lost: it is closed, people are told, and the device goes on as silence on
 * the worker's clock, while the minder tries the same card again every few seconds. */
#include "audio/device.h"

#include <errno.h>
#include <portaudio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/cards.h"
#include "audio/ring.h"

enum {
	CALL_SAMPLES = 480,
	RING_SAMPLES = 16384,        /* 340 ms; more is lost */
	LEAD_MIN = 3 * DEVICE_BLOCK, /* kept ready for the callback; grows by a block an underrun */
	LEAD_MAX = 12 * DEVICE_BLOCK,
	LOOK_EVERY_S = 1,
	SILENT_LOOKS = 3, /* the callback has not come for so many */
	RETRY_LOOKS = 3,
};

static const double latency_min_s = 0.010, latency_max_s = 0.050;

struct card {
	struct device device;
	bool input;
	char name[128]; /* as found; empty: the default */
	const char *code_lost, *code_back, *what;
	/* callback and worker */
	struct ring *ring;
	unsigned channels;
	atomic_bool live;
	atomic_uint calls, underruns;
	/* worker */
	bool was_live;
	struct pace pace; /* when not live */
	size_t lead;
	unsigned underruns_seen;
	/* minder, with the lock */
	PaStream *stream;
	unsigned calls_seen, silent_looks, retry_looks;
	struct card *next;
};

/* ---- the callback ---------------------------------------------------------------------------------------
 */

/* In real time: ring and atomics only. */
static void record(struct card *card, const float *in, size_t n)
{
	float mono[CALL_SAMPLES];
	if (card->channels == 1) {
		ring_write(card->ring, in, n * sizeof *in);
		return;
	}
	for (size_t done = 0; done < n;) {
		size_t part = n - done < CALL_SAMPLES ? n - done : CALL_SAMPLES;
		for (size_t i = 0; i < part; i++)
			mono[i] = (in[2 * (done + i)] + in[2 * (done + i) + 1]) / 2;
		ring_write(card->ring, mono, part * sizeof *mono);
		done += part;
	}
}

/* In real time: ring and atomics only. */
static void play(struct card *card, float *out, size_t n)
{
	size_t ready = ring_fill(card->ring) / sizeof *out;
	if (ready < n)
		atomic_fetch_add_explicit(&card->underruns, 1, memory_order_relaxed);
	size_t part = ready < n ? ready : n;
	ring_read(card->ring, out, part * sizeof *out);
	memset(out + part, 0, (n - part) * sizeof *out);
	if (card->channels == 2)
		for (size_t i = n; i-- > 0;)
			out[2 * i] = out[2 * i + 1] = out[i];
}

static int called(const void *in, void *out, unsigned long n, const PaStreamCallbackTimeInfo *time,
		  PaStreamCallbackFlags flags, void *arg)
{
	struct card *card = arg;
	(void)time;
	(void)flags;
	atomic_fetch_add_explicit(&card->calls, 1, memory_order_relaxed);
	if (card->input && in)
		record(card, in, n);
	else if (!card->input)
		play(card, out, n);
	return paContinue;
}

/* ---- opening and minding, with the lock -----------------------------------------------------------------
 */

static struct {
	struct card *cards;
	pthread_t thread;
	bool running, stop;
	pthread_mutex_t wake_lock;
	pthread_cond_t wake;
} minder = { .wake_lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

static void close_stream(struct card *card)
{
	atomic_store(&card->live, false);
	if (!card->stream)
		return;
	cards_hush();
	Pa_AbortStream(card->stream);
	Pa_CloseStream(card->stream);
	cards_unhush();
	card->stream = NULL;
}

static PaError open_channels(struct card *card, int index, int channels)
{
	const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
	double latency = card->input ? info->defaultLowInputLatency : info->defaultLowOutputLatency;
	latency = latency < latency_min_s ? latency_min_s : latency > latency_max_s ? latency_max_s : latency;
	const PaStreamParameters params = {
		.device = index,
		.channelCount = channels,
		.sampleFormat = paFloat32,
		.suggestedLatency = latency,
	};
	card->channels = (unsigned)channels;
	return Pa_OpenStream(&card->stream, card->input ? &params : NULL, card->input ? NULL : &params,
			     AUDIO_RATE, CALL_SAMPLES, paNoFlag, called, card);
}

static int open_stream(struct card *card, int index, const char **text)
{
	cards_hush();
	card->stream = NULL;
	PaError error = open_channels(card, index, 1);
	if (error != paNoError)
		error = open_channels(card, index, 2);
	if (error == paNoError)
		error = Pa_StartStream(card->stream);
	if (error != paNoError && card->stream) {
		Pa_CloseStream(card->stream);
		card->stream = NULL;
	}
	cards_unhush();
	if (error != paNoError) {
		*text = Pa_GetErrorText(error);
		return -EIO;
	}
	card->calls_seen = atomic_load(&card->calls);
	card->silent_looks = 0;
	atomic_store(&card->live, true);
	return 0;
}

static void tell(const struct card *card, const char *code, const char *then)
{
	const char *text = NULL;
	device_why(&text, "%s%s", card->what, then);
	card->device.events->notice(card->device.events->arg, code, text);
}

static void look(struct card *card)
{
	unsigned calls = atomic_load(&card->calls);
	card->silent_looks = calls == card->calls_seen ? card->silent_looks + 1 : 0;
	card->calls_seen = calls;
	if (Pa_IsStreamActive(card->stream) == 1 && card->silent_looks < SILENT_LOOKS)
		return;
	close_stream(card);
	card->retry_looks = RETRY_LOOKS;
	tell(card, card->code_lost, card->input ? " lost, sending silence." : " lost.");
}

static bool any_live(void)
{
	for (const struct card *card = minder.cards; card; card = card->next)
		if (card->stream)
			return true;
	return false;
}

static void retry(struct card *card)
{
	const char *text;
	if (--card->retry_looks > 0)
		return;
	card->retry_looks = RETRY_LOOKS;
	if (!any_live() && cards_refresh() < 0)
		return;
	int index = cards_find(card->name[0] ? card->name : NULL, card->input);
	if (index >= 0 && open_stream(card, index, &text) == 0)
		tell(card, card->code_back, " is back.");
}

static void *mind(void *arg)
{
	(void)arg;
	pthread_setname_np(pthread_self(), "moot-cards");
	for (;;) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += LOOK_EVERY_S;
		pthread_mutex_lock(&minder.wake_lock);
		if (!minder.stop)
			pthread_cond_timedwait(&minder.wake, &minder.wake_lock, &until);
		bool stop = minder.stop;
		pthread_mutex_unlock(&minder.wake_lock);
		if (stop)
			return NULL;
		cards_lock();
		for (struct card *card = minder.cards; card; card = card->next)
			if (card->stream)
				look(card);
			else
				retry(card);
		cards_unlock();
	}
}

static void minder_add(struct card *card)
{
	card->next = minder.cards;
	minder.cards = card;
	if (minder.running)
		return;
	minder.stop = false;
	minder.running = pthread_create(&minder.thread, NULL, mind, NULL) == 0;
}

static void minder_remove(struct card *card)
{
	struct card **at = &minder.cards;
	while (*at && *at != card)
		at = &(*at)->next;
	if (*at)
		*at = card->next;
}

/* ---- the device -----------------------------------------------------------------------------------------
 */

static void card_start(struct device *device, int64_t now_us)
{
	struct card *card = (struct card *)device;
	if (card->input) /* nothing that was said before the meeting */
		ring_read(card->ring, NULL, ring_fill(card->ring));
	card->pace = (struct pace) { .start_us = now_us };
}

static size_t mic_due(struct device *device, int64_t now_us, int64_t *when_us)
{
	struct card *card = (struct card *)device;
	*when_us = now_us;
	return ring_fill(card->ring) / sizeof(float);
}

static void mic_read(struct device *device, float *pcm, size_t n)
{
	struct card *card = (struct card *)device;
	if (ring_read(card->ring, pcm, n * sizeof *pcm) < 0)
		memset(pcm, 0, n * sizeof *pcm);
}

static size_t speaker_due(struct device *device, int64_t now_us, int64_t *when_us)
{
	struct card *card = (struct card *)device;
	bool live = atomic_load(&card->live);
	*when_us = now_us;
	if (!live) {
		if (card->was_live)
			card->pace = (struct pace) { .start_us = now_us };
		card->was_live = false;
		*when_us = pace_when_us(&card->pace);
		return pace_due(&card->pace, now_us, 0);
	}
	unsigned underruns = atomic_load_explicit(&card->underruns, memory_order_relaxed);
	if (card->was_live && underruns != card->underruns_seen && card->lead < LEAD_MAX)
		card->lead += DEVICE_BLOCK;
	card->underruns_seen = underruns;
	card->was_live = true;
	size_t fill = ring_waiting(card->ring) / sizeof(float);
	return fill < card->lead ? card->lead - fill : 0;
}

static void speaker_write(struct device *device, const float *pcm, size_t n)
{
	struct card *card = (struct card *)device;
	if (card->was_live)
		ring_write(card->ring, pcm, n * sizeof *pcm);
	else
		card->pace.done += n;
}

static void card_free(struct device *device)
{
	struct card *card = (struct card *)device;
	cards_lock();
	minder_remove(card);
	close_stream(card);
	cards_release();
	bool last = !minder.cards && minder.running;
	pthread_mutex_lock(&minder.wake_lock);
	minder.stop = last;
	pthread_cond_signal(&minder.wake);
	pthread_mutex_unlock(&minder.wake_lock);
	if (last)
		minder.running = false;
	pthread_t thread = minder.thread;
	cards_unlock();
	if (last)
		pthread_join(thread, NULL);
	ring_free(card->ring);
	free(card);
}

static const struct device_ops mic_ops = { card_start, mic_due, mic_read, NULL, card_free };
static const struct device_ops speaker_ops = { card_start, speaker_due, NULL, speaker_write, card_free };

static struct card *card_new(bool input, const struct device_events *events)
{
	struct card *card = calloc(1, sizeof *card);
	if (!card)
		return NULL;
	card->ring = ring_new(RING_SAMPLES * sizeof(float));
	if (!card->ring) {
		free(card);
		return NULL;
	}
	card->device = (struct device) { input ? &mic_ops : &speaker_ops, events, true };
	card->input = input;
	card->lead = LEAD_MIN;
	card->what = input ? "Microphone" : "Speaker";
	card->code_lost = input ? "microphone-lost" : "speaker-lost";
	card->code_back = input ? "microphone-back" : "speaker-back";
	return card;
}

/* Locked and acquired. The name kept is the one it has, for a number may mean another card later. */
static int open_named(struct card *card, const char *name, const char **why)
{
	const char *text, *kind = card->input ? "microphone" : "speaker";
	int index = cards_find(name, card->input);
	if (index < 0) {
		device_why(why, "No %s matches \"%s\"; `moot devices` lists those there are.", kind,
			   name ? name : "");
		return -ENOENT;
	}
	if (name)
		snprintf(card->name, sizeof card->name, "%s", Pa_GetDeviceInfo(index)->name);
	int error = open_stream(card, index, &text);
	if (error < 0)
		device_why(why, "Cannot open the %s \"%s\" (%s); `moot devices` lists others.", kind,
			   Pa_GetDeviceInfo(index)->name, text);
	return error;
}

static int open_card(struct device **device, const char *name, bool input, const struct device_events *events,
		     const char **why)
{
	struct card *card = card_new(input, events);
	if (!card)
		return -ENOMEM;
	cards_lock();
	int error = cards_acquire();
	if (error < 0) {
		device_why(why, "The sound system does not answer.");
	} else {
		error = open_named(card, name, why);
		if (error < 0)
			cards_release();
		else
			minder_add(card);
	}
	cards_unlock();
	if (error == 0) {
		*device = &card->device;
		return 0;
	}
	ring_free(card->ring);
	free(card);
	if (name)
		return error;
	/* Nobody asked for one. */
	error = device_null(device, events);
	if (error == 0)
		events->notice(events->arg, input ? "no-microphone" : "no-speaker",
			       input ? "No microphone found, sending silence." : "No speaker found.");
	return error;
}

int device_card_mic(struct device **device, const char *name, const struct device_events *events,
		    const char **why)
{
	return open_card(device, name, true, events, why);
}

int device_card_speaker(struct device **device, const char *name, const struct device_events *events,
			const char **why)
{
	return open_card(device, name, false, events, why);
}
