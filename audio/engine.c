/* The worker wakes each 5 ms, each 20 ms while all are silent and no card waits, on a grid that does not
 * drift: takes in what the loop put, moves the microphone's samples into the capture, and mixes for the
 * speaker what it wants. All state is the worker's; the loop talks to it through one ring of records, and
 * reads a copy of the statistics. */
#include "audio/engine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "audio/capture.h"
#include "audio/device.h"
#include "audio/level.h"
#include "audio/mixer.h"
#include "audio/playout.h"
#include "audio/recorder.h"
#include "audio/ring.h"

enum {
	TICK_US = 5000,
	TICKS_IDLE = 4, /* as long as a frame, so that files lose nothing by it */
	PRIORITY = -11,
	INBOX_BYTES = 64 * 1024,
	INBOX_SPARE = 2048, /* packets leave this much for volumes and farewells */
	STATS_EVERY_US = 50000,
	BEHIND_MAX = AUDIO_RATE / 2, /* a worker stopped for longer than this does not catch up */
};

enum record_kind { RECORD_PACKET, RECORD_VOLUME, RECORD_FORGET };

struct record {
	enum record_kind kind;
	uint32_t source;
	float gain;
	int64_t arrival_us;
	uint32_t timestamp;
	uint16_t n; /* bytes that follow */
	uint8_t level;
	bool talk_end;
};

struct source {
	bool used, announced; /* announced: something came of it */
	uint32_t number;
	float gain;
	struct playout *playout; /* NULL until a packet comes, and without a speaker */
	int64_t heard_us;
	uint64_t frames; /* where nothing plays them */
	uint8_t level;
};

struct audio_engine {
	struct audio_ops ops;
	void *arg;
	struct device_events events;
	struct device *mic, *speaker; /* NULL: none */
	struct capture *capture;
	struct mixer mixer;
	uint32_t jitter_min_ms;
	int64_t start_us;
	struct source source[AUDIO_SOURCES_MAX];
	struct ring *inbox;
	_Atomic(struct recorder *) recorder;
	atomic_uint ticks, muted;
	pthread_t worker;
	bool running;
	atomic_bool stop;
	pthread_mutex_t
		*stats_lock; /* of the copy below; on the heap, so that reading it may take a const engine */
	struct audio_source_stats stats[AUDIO_SOURCES_MAX];
	size_t stats_count;
};

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void on_notice(void *arg, const char *code, const char *text)
{
	struct audio_engine *engine = arg;
	if (engine->ops.on_notice)
		engine->ops.on_notice(engine->arg, code, text);
}

static void on_packet(void *arg, const struct audio_packet *packet)
{
	struct audio_engine *engine = arg;
	if (engine->ops.on_packet)
		engine->ops.on_packet(engine->arg, packet);
}

/* ---- sources --------------------------------------------------------------------------------------------
 */

static struct source *find(struct audio_engine *engine, uint32_t number)
{
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++)
		if (engine->source[i].used && engine->source[i].number == number)
			return &engine->source[i];
	return NULL;
}

static void drop(struct source *source)
{
	playout_free(source->playout);
	*source = (struct source) { 0 };
}

/* A free place, or that of whoever has been silent longest. */
static struct source *find_or_add(struct audio_engine *engine, uint32_t number)
{
	struct source *source = find(engine, number), *oldest = &engine->source[0];
	if (source)
		return source;
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++) {
		if (!engine->source[i].used) {
			oldest = &engine->source[i];
			break;
		}
		if (engine->source[i].heard_us < oldest->heard_us)
			oldest = &engine->source[i];
	}
	drop(oldest);
	*oldest = (struct source) { .used = true, .number = number, .gain = 1, .level = LEVEL_SILENCE };
	return oldest;
}

static void take_packet(struct audio_engine *engine, struct source *source, const struct record *record,
			const uint8_t *bytes)
{
	const struct audio_packet packet = {
		.bytes = bytes,
		.n = record->n,
		.timestamp = record->timestamp,
		.level = record->level,
		.talk_end = record->talk_end,
	};
	source->heard_us = record->arrival_us;
	source->announced = true;
	if (!engine->speaker) {
		source->frames++;
		source->level = record->talk_end ? LEVEL_SILENCE : record->level;
		return;
	}
	if (!source->playout)
		source->playout = playout_new(engine->jitter_min_ms);
	if (source->playout)
		playout_put(source->playout, &packet, record->arrival_us);
}

static void take_inbox(struct audio_engine *engine)
{
	struct record record;
	uint8_t bytes[AUDIO_PACKET_MAX];
	while (ring_read(engine->inbox, &record, sizeof record) == 0) {
		if (record.n) /* written in one piece, so they are there */
			ring_read(engine->inbox, bytes, record.n);
		struct source *source = record.kind == RECORD_FORGET ? find(engine, record.source)
								     : find_or_add(engine, record.source);
		if (record.kind == RECORD_PACKET)
			take_packet(engine, source, &record, bytes);
		else if (record.kind == RECORD_VOLUME)
			source->gain = record.gain;
		else if (source)
			drop(source);
	}
}

static void publish(struct audio_engine *engine)
{
	size_t n = 0;
	pthread_mutex_lock(engine->stats_lock);
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++) {
		const struct source *source = &engine->source[i];
		if (!source->used || !source->announced)
			continue;
		struct audio_source_stats *stats = &engine->stats[n++];
		*stats = (struct audio_source_stats) { .frames = source->frames, .level = source->level };
		stats->speaking = source->level < 50;
		if (source->playout)
			playout_stats(source->playout, stats);
		stats->source = source->number;
	}
	engine->stats_count = n;
	pthread_mutex_unlock(engine->stats_lock);
}

/* ---- the worker -----------------------------------------------------------------------------------------
 */

static void run_mic(struct audio_engine *engine, int64_t now)
{
	struct recorder *recorder = atomic_load(&engine->recorder);
	float pcm[DEVICE_BLOCK];
	int64_t when;
	if (!engine->mic)
		return;
	uint64_t clock = (uint64_t)(now - engine->start_us) * (AUDIO_RATE / 1000) / 1000;
	for (size_t due = engine->mic->ops->due(engine->mic, now, &when); due >= DEVICE_BLOCK;
	     due -= DEVICE_BLOCK) {
		engine->mic->ops->read(engine->mic, pcm, DEVICE_BLOCK);
		capture_feed(engine->capture, pcm, DEVICE_BLOCK, clock - (due - DEVICE_BLOCK));
		if (recorder && !atomic_load(&engine->muted))
			recorder_said(recorder, pcm, DEVICE_BLOCK);
	}
}

static void mix(struct audio_engine *engine, int64_t when, float *sum)
{
	float pcm[DEVICE_BLOCK];
	memset(sum, 0, DEVICE_BLOCK * sizeof *sum);
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++) {
		struct source *source = &engine->source[i];
		if (source->playout && playout_pull(source->playout, when, pcm, DEVICE_BLOCK))
			mixer_add(sum, pcm, source->gain, DEVICE_BLOCK);
	}
	mixer_limit(&engine->mixer, sum, DEVICE_BLOCK);
}

static void run_speaker(struct audio_engine *engine, int64_t now)
{
	struct recorder *recorder = atomic_load(&engine->recorder);
	float sum[DEVICE_BLOCK];
	int64_t when = now;
	if (!engine->speaker)
		return;
	const struct device_ops *ops = engine->speaker->ops;
	for (size_t due = ops->due(engine->speaker, now, &when); due >= DEVICE_BLOCK; due -= DEVICE_BLOCK) {
		if (due > BEHIND_MAX)
			memset(sum, 0, sizeof sum);
		else
			mix(engine, when, sum);
		ops->write(engine->speaker, sum, DEVICE_BLOCK);
		if (recorder)
			recorder_heard(recorder, sum, DEVICE_BLOCK);
		when += DEVICE_BLOCK * 1000 / (AUDIO_RATE / 1000);
	}
}

/* Sound first, as far as that is allowed. */
static void go_first(void)
{
	const struct sched_param lowest = { .sched_priority = 1 };
	if (pthread_setschedparam(pthread_self(), SCHED_RR, &lowest) != 0)
		setpriority(PRIO_PROCESS, (id_t)gettid(), PRIORITY);
}

static bool busy(const struct audio_engine *engine)
{
	if ((engine->mic && engine->mic->hurried) || (engine->speaker && engine->speaker->hurried))
		return true;
	if (capture_sending(engine->capture))
		return true;
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++)
		if (engine->source[i].playout && !playout_idle(engine->source[i].playout))
			return true;
	return false;
}

/* To the next line of the grid after now. */
static void sleep_until_tick(const struct audio_engine *engine, int64_t now)
{
	int64_t step = busy(engine) ? TICK_US : TICK_US * TICKS_IDLE;
	int64_t until = engine->start_us + ((now - engine->start_us) / step + 1) * step;
	struct timespec t = { until / 1000000, until % 1000000 * 1000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *work(void *arg)
{
	struct audio_engine *engine = arg;
	int64_t published_us = 0;
	pthread_setname_np(pthread_self(), "moot-audio");
	go_first();
	while (!atomic_load(&engine->stop)) {
		int64_t now = now_us();
		take_inbox(engine);
		run_mic(engine, now);
		run_speaker(engine, now);
		atomic_fetch_add(&engine->ticks, 1);
		if (now - published_us >= STATS_EVERY_US) {
			publish(engine);
			published_us = now;
		}
		sleep_until_tick(engine, now);
	}
	return NULL;
}

/* ---- outside --------------------------------------------------------------------------------------------
 */

static int open_devices(struct audio_engine *engine, const struct audio_params *params, const char **why)
{
	int error = 0;
	if (!params->mic || strcmp(params->mic, "none") != 0)
		error = device_open_mic(&engine->mic, params->mic, &engine->events, why);
	if (error == 0 && (!params->speaker || strcmp(params->speaker, "none") != 0))
		error = device_open_speaker(&engine->speaker, params->speaker, &engine->events, why);
	return error;
}

int audio_engine_new(struct audio_engine **out, const struct audio_params *params,
		     const struct audio_ops *ops, void *arg, const char **why)
{
	struct audio_engine *engine = calloc(1, sizeof *engine);
	if (!engine)
		return -ENOMEM;
	engine->ops = *ops;
	engine->arg = arg;
	engine->events = (struct device_events) { on_notice, engine };
	engine->jitter_min_ms = params->jitter_min_ms ? params->jitter_min_ms : 20;
	mixer_init(&engine->mixer);
	engine->stats_lock = malloc(sizeof *engine->stats_lock);
	engine->inbox = ring_new(INBOX_BYTES);
	engine->capture = capture_new(on_packet, engine);
	if (engine->stats_lock)
		pthread_mutex_init(engine->stats_lock, NULL);
	device_why(why, "Not enough memory for sound.");
	bool whole = engine->inbox && engine->capture && engine->stats_lock;
	int error = whole ? open_devices(engine, params, why) : -ENOMEM;
	if (error < 0) {
		audio_engine_free(engine);
		return error;
	}
	capture_shape(engine->capture, params->bitrate, params->packet_ms);
	*out = engine;
	return 0;
}

int audio_engine_start(struct audio_engine *engine)
{
	if (engine->running)
		return -EALREADY;
	engine->start_us = now_us();
	if (engine->mic)
		engine->mic->ops->start(engine->mic, engine->start_us);
	if (engine->speaker)
		engine->speaker->ops->start(engine->speaker, engine->start_us);
	int error = pthread_create(&engine->worker, NULL, work, engine);
	engine->running = error == 0;
	return -error;
}

void audio_engine_free(struct audio_engine *engine)
{
	if (!engine)
		return;
	atomic_store(&engine->stop, true);
	if (engine->running)
		pthread_join(engine->worker, NULL);
	if (engine->mic)
		engine->mic->ops->free(engine->mic);
	if (engine->speaker)
		engine->speaker->ops->free(engine->speaker);
	for (size_t i = 0; i < AUDIO_SOURCES_MAX; i++)
		drop(&engine->source[i]);
	capture_free(engine->capture);
	ring_free(engine->inbox);
	if (engine->stats_lock)
		pthread_mutex_destroy(engine->stats_lock);
	free(engine->stats_lock);
	free(engine);
}

void audio_engine_mute(struct audio_engine *engine, bool muted)
{
	atomic_store(&engine->muted, muted);
	capture_mute(engine->capture, muted);
}

void audio_engine_record(struct audio_engine *engine, struct recorder *recorder)
{
	unsigned tick;

	atomic_store(&engine->recorder, recorder);
	/* A whole turn of the worker after this one: it has seen the change. */
	tick = atomic_load(&engine->ticks);
	while (engine->running && atomic_load(&engine->ticks) - tick < 2)
		nanosleep(&(struct timespec) { .tv_nsec = 1000000 }, NULL);
}

bool audio_engine_hears(const struct audio_engine *engine)
{
	return engine->speaker != NULL;
}

void audio_engine_shape(struct audio_engine *engine, uint32_t bitrate, uint32_t packet_ms)
{
	capture_shape(engine->capture, bitrate, packet_ms);
}

int audio_engine_put(struct audio_engine *engine, uint32_t number, const struct audio_packet *packet)
{
	uint8_t whole[sizeof(struct record) + AUDIO_PACKET_MAX];
	if (packet->n < 1 || packet->n > AUDIO_PACKET_MAX)
		return -EINVAL;
	const struct record record = {
		.kind = RECORD_PACKET,
		.source = number,
		.arrival_us = now_us(),
		.timestamp = packet->timestamp,
		.n = (uint16_t)packet->n,
		.level = packet->level,
		.talk_end = packet->talk_end,
	};
	if (ring_room(engine->inbox) < sizeof record + packet->n + INBOX_SPARE)
		return -EAGAIN;
	memcpy(whole, &record, sizeof record);
	memcpy(whole + sizeof record, packet->bytes, packet->n);
	return ring_write(engine->inbox, whole, sizeof record + packet->n);
}

void audio_engine_volume(struct audio_engine *engine, uint32_t number, float db)
{
	float bounded = !(db >= -40) ? -40 : db > 12 ? 12 : db;
	const struct record record = { .kind = RECORD_VOLUME, .source = number, .gain = mixer_gain(bounded) };
	ring_write(engine->inbox, &record, sizeof record);
}

void audio_engine_forget(struct audio_engine *engine, uint32_t number)
{
	const struct record record = { .kind = RECORD_FORGET, .source = number };
	ring_write(engine->inbox, &record, sizeof record);
}

size_t audio_engine_stats(const struct audio_engine *engine, struct audio_source_stats *stats, size_t max)
{
	pthread_mutex_lock(engine->stats_lock);
	size_t n = engine->stats_count < max ? engine->stats_count : max;
	memcpy(stats, engine->stats, n * sizeof *stats);
	pthread_mutex_unlock(engine->stats_lock);
	return n;
}

uint8_t audio_engine_mic_level(const struct audio_engine *engine)
{
	return capture_level(engine->capture);
}

bool audio_engine_mic_speaking(const struct audio_engine *engine)
{
	return capture_speaking(engine->capture);
}
