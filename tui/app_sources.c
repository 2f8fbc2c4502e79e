/* What arrives of others goes to the engines at once; what people should know of it (somebody is heard,
 * somebody is seen, who speaks) is decided here, with hold, so that it does not flicker. */
#include "tui/app_media.h"

#include <stdio.h>
#include <string.h>

enum { LOUD_DBOV = 50, LOUD_FRAMES = 2 };
static const int64_t speaking_hold_us = 600 * 1000, audio_hold_us = 1000 * 1000, keyframe_gap_us = 500 * 1000;

/* ---- what arrives ---- */

static struct app_stream *stream_find(struct app *app, uint32_t number, bool make)
{
	struct app_stream *free_one = NULL;

	for (size_t i = 0; i < APP_SOURCES_MAX; i++) {
		if (app->stream[i].number == number)
			return &app->stream[i];
		if (!free_one && app->stream[i].number == 0)
			free_one = &app->stream[i];
	}
	if (!make || !free_one || number == 0)
		return NULL;
	memset(free_one, 0, sizeof(*free_one));
	free_one->number = number;
	return free_one;
}

static void emit_flag(struct app *app, enum event_kind kind, uint32_t number, bool on)
{
	const struct person *person = roster_find(&app->roster, number);
	struct event event = { .kind = kind, .from = number, .on = on };

	if (person)
		snprintf(event.name, sizeof(event.name), "%s", person->name);
	app_emit(app, &event);
}

static void set_audio(struct app *app, struct app_stream *stream, bool on)
{
	if (stream->audio == on)
		return;
	stream->audio = on;
	emit_flag(app, EVENT_AUDIO, stream->number, on);
}

static void set_speaking(struct app *app, struct app_stream *stream, bool on)
{
	if (stream->speaking == on)
		return;
	stream->speaking = on;
	emit_flag(app, EVENT_SPEAKING, stream->number, on);
}

static void heard(struct app *app, struct app_stream *stream, const struct wire_frame *frame)
{
	const struct audio_packet packet = { .bytes = frame->payload,
					     .n = frame->payload_bytes,
					     .timestamp = frame->timestamp,
					     .level = frame->level,
					     .talk_end = frame->flags & WIRE_TALK_END };
	const int64_t now_us = loop_now_us();

	stream->audio_us = now_us;
	stream->audio_frames++;
	stream->level = frame->level;
	stream->loud = frame->level <= LOUD_DBOV ? stream->loud + 1 : 0;
	if (stream->loud >= LOUD_FRAMES)
		stream->loud_us = now_us;
	set_audio(app, stream, true);
	if (stream->loud >= LOUD_FRAMES)
		set_speaking(app, stream, true);
	if (app->audio)
		audio_engine_put(app->audio, stream->number, &packet);
}

static void seen(struct app *app, struct app_stream *stream, const struct wire_frame *frame)
{
	const struct video_packet packet = { .bytes = frame->payload,
					     .n = frame->payload_bytes,
					     .timestamp = frame->timestamp,
					     .layer = layer_of(frame->stream),
					     .keyframe = frame->flags & WIRE_KEYFRAME };

	if (app->video && app_is_shown(app, stream->number, frame->stream))
		video_engine_put(app->video, stream->number, &packet);
}

void app_media_incoming(struct app *app, const struct wire_frame *frame)
{
	struct app_stream *stream;

	if (!roster_find(&app->roster, frame->source) || frame->source == app->roster.me)
		return;
	stream = stream_find(app, frame->source, true);
	if (!stream)
		return;
	stream->bytes[frame->stream] += frame->payload_bytes;
	if (frame->stream == STREAM_AUDIO)
		heard(app, stream, frame);
	else
		seen(app, stream, frame);
}

static void emit_video(struct app *app, struct app_stream *stream, enum stream kind, bool on)
{
	const struct person *person = roster_find(&app->roster, stream->number);
	struct event event = {
		.kind = EVENT_VIDEO, .from = stream->number, .on = on, .kbps = stream->kbps[kind]
	};
	struct video_source_stats stats[64];
	size_t count = video_engine_stats(app->video, stats, 64);

	if (person)
		snprintf(event.name, sizeof(event.name), "%s", person->name);
	snprintf(event.text, sizeof(event.text), "%s", kind == STREAM_SCREEN ? "share" : "camera");
	for (size_t i = 0; i < count; i++)
		if (stats[i].source == stream->number && stream_of(stats[i].layer) == kind) {
			event.width = (uint32_t)stats[i].width;
			event.height = (uint32_t)stats[i].height;
			event.frames = (uint32_t)stats[i].frames;
			event.dropped = (uint32_t)stats[i].dropped;
		}
	app_emit(app, &event);
}

void app_picture_decoded(struct app *app, uint32_t number, uint32_t stream_kind)
{
	struct app_stream *stream = stream_find(app, number, false);

	if (app->ops->on_picture)
		app->ops->on_picture(app->arg, number, layer_of(stream_kind));
	if (!stream)
		return;
	stream->pictures[stream_kind]++;
	if (stream->video[stream_kind])
		return;
	stream->video[stream_kind] = true;
	emit_video(app, stream, (enum stream)stream_kind, true);
}

void app_need_keyframe(struct app *app, uint32_t number, uint32_t stream_kind)
{
	struct app_stream *stream = stream_find(app, number, false);
	struct command command = { .word = WORD_KEYFRAME, .number = number, .stream = stream_kind };
	const int64_t now_us = loop_now_us();

	if (!stream ||
	    (stream->keyframe_us[stream_kind] && now_us - stream->keyframe_us[stream_kind] < keyframe_gap_us))
		return;
	stream->keyframe_us[stream_kind] = now_us;
	app_tell(app, &command);
}

/* ---- what ceases ---- */

void app_silence(struct app *app, uint32_t number)
{
	struct app_stream *stream = stream_find(app, number, false);

	if (!stream)
		return;
	set_speaking(app, stream, false);
	set_audio(app, stream, false);
}

void app_darken(struct app *app, uint32_t number, bool camera, bool share)
{
	struct app_stream *stream = stream_find(app, number, false);

	for (int kind = STREAM_CAMERA_SMALL; stream && kind < STREAM_COUNT; kind++) {
		if (!stream->video[kind] || (kind == STREAM_SCREEN ? share : camera))
			continue;
		stream->video[kind] = false;
		emit_video(app, stream, (enum stream)kind, false);
	}
}

void app_forget(struct app *app, uint32_t number)
{
	struct app_stream *stream = stream_find(app, number, false);

	app_silence(app, number);
	app_darken(app, number, false, false);
	if (app->audio)
		audio_engine_forget(app->audio, number);
	if (app->video)
		video_engine_forget(app->video, number);
	if (stream)
		stream->number = 0;
}

/* ---- the clock ---- */

static void tick_second(struct app *app, int64_t span_us)
{
	for (size_t i = 0; i < APP_SOURCES_MAX; i++) {
		struct app_stream *stream = &app->stream[i];

		for (int kind = 0; stream->number && kind < STREAM_COUNT; kind++) {
			stream->kbps[kind] = (uint32_t)((stream->bytes[kind] - stream->bytes_before[kind]) *
							8000 / (uint64_t)span_us);
			stream->bytes_before[kind] = stream->bytes[kind];
			if (stream->video[kind] && stream->pictures[kind] != stream->pictures_before[kind])
				emit_video(app, stream, (enum stream)kind, true);
			stream->pictures_before[kind] = stream->pictures[kind];
		}
	}
}

static void tick_own(struct app *app)
{
	const bool loud = app->audio && app->joined_us && audio_engine_mic_speaking(app->audio);
	const bool on = loud && !app->muted && app->roster.presence == PRESENCE_IN;

	if (on != app->me_speaking) {
		app->me_speaking = on;
		emit_flag(app, EVENT_SPEAKING, app->roster.me, on);
	}
	if (loud && app->muted && !app->reminded && !app->params.headless) {
		app->reminded = true;
		app_notice(app, "muted", "You speak, but your microphone is off: /unmute");
	}
}

void app_media_tick(struct app *app, int64_t now_us)
{
	struct app_stream *loudest = NULL, *now = app->speaker ? stream_find(app, app->speaker, false) : NULL;

	for (size_t i = 0; i < APP_SOURCES_MAX; i++) {
		struct app_stream *stream = &app->stream[i];

		if (stream->number == 0)
			continue;
		if (stream->speaking && now_us - stream->loud_us > speaking_hold_us)
			set_speaking(app, stream, false);
		if (stream->audio && now_us - stream->audio_us > audio_hold_us)
			set_audio(app, stream, false);
		if (stream->speaking && (!loudest || stream->level < loudest->level))
			loudest = stream;
	}
	/* Who spoke last stays in view until somebody else speaks. */
	if (loudest && (!now || !now->speaking))
		app->speaker = loudest->number;
	tick_own(app);
	if (now_us - app->second_us < 1000 * 1000)
		return;
	if (app->second_us)
		tick_second(app, now_us - app->second_us);
	app->second_us = now_us;
}

/* ---- what the front ends show ---- */

bool app_mic_on(const struct app *app)
{
	return app->mic && !app->muted;
}

uint8_t app_mic_level(const struct app *app)
{
	return app->audio && app_mic_on(app) ? audio_engine_mic_level(app->audio) : 127;
}

bool app_speaking(const struct app *app, uint32_t number)
{
	if (number && number == app->roster.me)
		return app->me_speaking;
	for (size_t i = 0; number && i < APP_SOURCES_MAX; i++)
		if (app->stream[i].number == number)
			return app->stream[i].speaking;
	return false;
}

uint32_t app_speaker(const struct app *app)
{
	return roster_find(&app->roster, app->speaker) ? app->speaker : 0;
}

static size_t audio_sources(const struct app *app, struct app_source *sources, size_t max)
{
	struct audio_source_stats stats[AUDIO_SOURCES_MAX];
	size_t count = app->audio ? audio_engine_stats(app->audio, stats, AUDIO_SOURCES_MAX) : 0;

	for (size_t i = 0; i < count && i < max; i++) {
		sources[i] = (struct app_source) { .from = stats[i].source,
						   .kind = APP_AUDIO,
						   .frames = stats[i].frames,
						   .concealed = stats[i].concealed,
						   .dropped = stats[i].dropped,
						   .delay_ms = stats[i].delay_ms };
		for (size_t k = 0; k < APP_SOURCES_MAX; k++)
			if (app->stream[k].number == stats[i].source)
				sources[i].kbps = app->stream[k].kbps[STREAM_AUDIO];
	}
	return count < max ? count : max;
}

size_t app_sources(const struct app *app, struct app_source *sources, size_t max)
{
	struct video_source_stats stats[64];
	size_t n = audio_sources(app, sources, max);
	size_t count = app->video ? video_engine_stats(app->video, stats, 64) : 0;

	for (size_t i = 0; i < count && n < max; i++) {
		sources[n] =
			(struct app_source) { .from = stats[i].source,
					      .kind = stats[i].layer == VIDEO_SCREEN ? APP_SHARE : APP_VIDEO,
					      .frames = stats[i].frames,
					      .dropped = stats[i].dropped };
		if (stats[i].source == 0)
			continue;
		for (size_t k = 0; k < APP_SOURCES_MAX; k++)
			if (app->stream[k].number == stats[i].source)
				sources[n].kbps = app->stream[k].kbps[stream_of(stats[i].layer)];
		n++;
	}
	return n;
}
