/* Sound and pictures of one participant, between the engines and the session. The engines' threads put what they made
 * into a mailbox; the loop sends it. What arrives goes to the engines at once; what people should know of it (somebody
 * is heard, somebody is seen, who speaks) is decided here, with hold, so that it does not flicker.
 *
 * Sound cards take their time to open (PortAudio alone needs 150 ms): they are opened on a thread of their own while the
 * session connects. Files and the like open at once, so that a wrong name is said before anybody connects. */
#include "tui/app_state.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LOUD_DBOV = 50, LOUD_FRAMES = 2 };
static const int64_t speaking_hold_us = 600 * 1000, audio_hold_us = 1000 * 1000, keyframe_gap_us = 500 * 1000;

enum letter_kind { LETTER_AUDIO, LETTER_PICTURE, LETTER_SEEN, LETTER_KEYFRAME, LETTER_NOTICE, LETTER_OPENED };

static enum stream stream_of(enum video_layer layer)
{
	return (enum stream)(STREAM_CAMERA_SMALL + (int)layer);
}

static enum video_layer layer_of(uint32_t stream)
{
	return (enum video_layer)(stream - STREAM_CAMERA_SMALL);
}

/* ---- on the engines' threads ---- */

static void on_audio_packet(void *arg, const struct audio_packet *packet)
{
	struct app *app = arg;
	const struct letter letter = { .kind = LETTER_AUDIO, .stream = STREAM_AUDIO, .timestamp = packet->timestamp,
		.level = packet->level, .flags = packet->talk_end ? WIRE_TALK_END : 0, .n = packet->n, .bytes = packet->bytes };

	mailbox_post(app->mailbox, &letter);
}

static void on_video_packet(void *arg, const struct video_packet *packet)
{
	struct app *app = arg;
	const struct letter letter = { .kind = LETTER_PICTURE, .stream = stream_of(packet->layer),
		.timestamp = packet->timestamp, .level = 127, .flags = packet->keyframe ? WIRE_KEYFRAME : 0,
		.n = packet->n, .bytes = packet->bytes };

	if (mailbox_post(app->mailbox, &letter) < 0)
		video_engine_want_keyframe(app->video, packet->layer);
}

static void post_seen(void *arg, uint32_t source, enum video_layer layer)
{
	struct app *app = arg;

	mailbox_post(app->mailbox, &(struct letter){ .kind = LETTER_SEEN, .source = source, .stream = stream_of(layer) });
}

static void post_keyframe(void *arg, uint32_t source, enum video_layer layer)
{
	struct app *app = arg;

	mailbox_post(app->mailbox, &(struct letter){ .kind = LETTER_KEYFRAME, .source = source, .stream = stream_of(layer) });
}

/* Code and text travel as one string of bytes: CODE NUL TEXT NUL. */
static void post_notice(void *arg, const char *code, const char *text)
{
	struct app *app = arg;
	char both[512];
	int n = snprintf(both, sizeof(both), "%s%c%s", code, 0, text);

	if (n > 0)
		mailbox_post(app->mailbox, &(struct letter){ .kind = LETTER_NOTICE,
			.n = (size_t)n < sizeof(both) ? (size_t)n + 1 : sizeof(both), .bytes = (const uint8_t *)both });
}

static const struct audio_ops audio_ops = { .on_packet = on_audio_packet, .on_notice = post_notice };
static const struct video_ops video_ops = {
	.on_packet = on_video_packet,
	.on_picture = post_seen,
	.on_keyframe_needed = post_keyframe,
	.on_notice = post_notice,
};

/* ---- opening ---- */

struct app_opener {
	pthread_t thread;
	struct app *app;
	struct audio_engine *engine;
	char why[256];
};

/* As asked for; else without the microphone, without the speaker, without both. */
static void *open_devices(void *arg)
{
	struct app_opener *opener = arg;
	const struct audio_params *asked = &opener->app->params.audio;

	for (int without = 0; without < 4; without++) {
		struct audio_params params = *asked;
		const char *why = "";

		if (without & 1)
			params.mic = "silence";
		if (without & 2)
			params.speaker = "null";
		if (audio_engine_new(&opener->engine, &params, &audio_ops, opener->app, &why) == 0)
			break;
		if (without == 0)
			snprintf(opener->why, sizeof(opener->why), "%s", why);
	}
	mailbox_post(opener->app->mailbox, &(struct letter){ .kind = LETTER_OPENED });
	return NULL;
}

/* Neither a word that means no device nor anything that looks like a file. */
static bool is_device(const char *spec)
{
	static const char *const words[] = { "none", "null", "silence" };
	const char *dot;

	if (!spec)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(spec, words[i]))
			return false;
	dot = strrchr(spec, '.');
	return strncmp(spec, "tone:", 5) != 0 && !strchr(spec, '/') && access(spec, F_OK) != 0 &&
	       !(dot && dot != spec && strlen(dot) >= 3 && strlen(dot) <= 5 && strspn(dot + 1, "0123456789 ") == 0);
}

static bool given(const char *spec)
{
	return !spec || strcmp(spec, "none") != 0;
}

static int open_audio(struct app *app, const char **why)
{
	const struct audio_params *params = &app->params.audio;

	if (!is_device(params->mic) && !is_device(params->speaker))
		return audio_engine_new(&app->audio, params, &audio_ops, app, why);
	app->opener = calloc(1, sizeof(*app->opener));
	if (!app->opener)
		return -ENOMEM;
	app->opener->app = app;
	if (pthread_create(&app->opener->thread, NULL, open_devices, app->opener) == 0)
		return 0;
	free(app->opener);
	app->opener = NULL;
	*why = "No thread could be started.";
	return -EAGAIN;
}

static void adopt_audio(struct app *app)
{
	struct app_opener *opener = app->opener;

	if (!opener)
		return;
	app->opener = NULL;
	pthread_join(opener->thread, NULL);
	app->audio = opener->engine;
	if (opener->why[0])
		app_notice(app, "device", opener->why);
	free(opener);
	if (app->audio && app->joined_us)
		app_media_start(app);
}

/* ---- what the line allows ---- */

/* Sound first: these rates with the headers of their packets (78 bytes each) stay well under the line's. */
static const struct {
	uint32_t up_to, bitrate, packet_ms;
} audio_shapes[] = { { 24000, 8000, 60 }, { 40000, 12000, 60 }, { 80000, 16000, 60 }, { 128000, 24000, 40 } };

static void shape(struct app *app)
{
	const uint32_t line = app->params.bandwidth;
	uint32_t bitrate = app->params.audio.bitrate ? app->params.audio.bitrate : 24000;
	uint32_t packet_ms = app->params.audio.packet_ms ? app->params.audio.packet_ms : 20;
	uint32_t sound, rest, small;

	if (line == 0)
		return;
	for (size_t i = sizeof(audio_shapes) / sizeof(audio_shapes[0]); i-- > 0;)
		if (line <= audio_shapes[i].up_to) {
			bitrate = bitrate < audio_shapes[i].bitrate ? bitrate : audio_shapes[i].bitrate;
			packet_ms = audio_shapes[i].packet_ms;
		}
	if (app->audio)
		audio_engine_shape(app->audio, bitrate, packet_ms);
	if (!app->video)
		return;
	sound = bitrate + 78 * 8 * 1000 / packet_ms;
	rest = line > sound + 4000 ? line - sound - 4000 : 0;
	small = rest > 30000 ? 30000 : rest;
	video_engine_shape(app->video, VIDEO_SMALL, small > 4000 ? small : 4000, small >= 20000 ? 10 : 5);
	if (rest > 60000)
		video_engine_shape(app->video, VIDEO_LARGE, rest - 30000 > 80000 ? 80000 : rest - 30000, 10);
	video_engine_shape(app->video, VIDEO_SCREEN, rest > 60000 ? 60000 : rest > 8000 ? rest : 8000, rest > 30000 ? 2 : 1);
}

/* A thin line carries no large picture, and a very thin one none at all. */
static unsigned affordable(const struct app *app)
{
	const unsigned small = 1u << VIDEO_SMALL, large = 1u << VIDEO_LARGE, screen = 1u << VIDEO_SCREEN;

	if (app->params.bandwidth == 0 || app->params.bandwidth > 150000)
		return small | large | screen;
	return app->params.bandwidth >= 32000 ? small | screen : screen;
}

static void make_layers(struct app *app)
{
	unsigned layers = app->wanted & affordable(app);

	/* Who shows large on a thin line still gets small. */
	if ((app->wanted & 1u << VIDEO_LARGE) && !(layers & 1u << VIDEO_LARGE))
		layers |= 1u << VIDEO_SMALL & affordable(app);
	if (app->video)
		video_engine_layers(app->video, app->roster.presence == PRESENCE_IN ? layers : 0);
}

/* ---- switches ---- */

void app_set_muted(struct app *app, bool muted)
{
	app->muted = muted;
	app->reminded = false;
	if (app->audio)
		audio_engine_mute(app->audio, muted);
}

int app_set_camera(struct app *app, bool on, const char **why)
{
	int err = video_engine_camera(app->video, on, why);

	app->camera = on && err == 0;
	return err;
}

int app_set_share(struct app *app, const char *file, const char **why)
{
	int err = video_engine_share(app->video, file, why);

	app->sharing = file && err == 0;
	make_layers(app);
	return err;
}

/* ---- who is shown ---- */

static void add_shown(struct command *want, uint32_t number, unsigned layers)
{
	if (want->who_count == MOOT_WHO_MAX)
		return;
	want->who[want->who_count] = number;
	want->layer[want->who_count++] = (uint8_t)(layers << STREAM_CAMERA_SMALL);
}

/* Without a screen that says what it shows: the share, and a few faces, small. */
static void pick_shown(const struct app *app, struct command *want)
{
	const struct roster *roster = &app->roster;
	unsigned faces = app->params.bandwidth && app->params.bandwidth < 128000 ? 1 : 4;

	for (size_t i = 0; i < roster->people_count; i++) {
		const struct person *person = &roster->people[i];
		const bool face = person->camera && faces > 0;

		if (person->number == roster->me || (!face && !person->share))
			continue;
		faces -= face;
		add_shown(want, person->number, (face ? 1u << VIDEO_SMALL : 0) | (person->share ? 1u << VIDEO_SCREEN : 0));
	}
}

static void send_want(void *arg)
{
	struct app *app = arg;
	struct command want = { .word = WORD_WANT };

	if (app->roster.presence != PRESENCE_IN)
		return;
	if (app->view == APP_VIEW_OFF)
		want.who_count = 0;
	else if (app->shown_by_front)
		for (size_t i = 0; i < app->shown_count; i++)
			add_shown(&want, app->shown[i].number, app->shown[i].layers);
	else
		pick_shown(app, &want);
	if (want.who_count == app->want_count && !memcmp(want.who, app->want_who, sizeof(want.who[0]) * want.who_count) &&
	    !memcmp(want.layer, app->want_layer, want.who_count))
		return;
	app->want_count = want.who_count;
	memcpy(app->want_who, want.who, sizeof(app->want_who));
	memcpy(app->want_layer, want.layer, sizeof(app->want_layer));
	app_tell(app, &want);
}

void app_want_soon(struct app *app)
{
	if (app->want.due_us == 0 || app->want.heap_index == 0)
		loop_timer_set(app->loop, &app->want, 30 * 1000);
}

void app_show(struct app *app, const uint32_t *numbers, const enum video_layer *layers, size_t count)
{
	app->shown_by_front = true;
	app->shown_count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		while (at < app->shown_count && app->shown[at].number != numbers[i])
			at++;
		if (at == APP_SHOWN_MAX || numbers[i] == 0 || numbers[i] == app->roster.me)
			continue;
		if (at == app->shown_count) {
			app->shown[app->shown_count].number = numbers[i];
			app->shown[app->shown_count++].layers = 0;
		}
		app->shown[at].layers |= 1u << layers[i];
	}
	app_want_soon(app);
}

static bool is_shown(const struct app *app, uint32_t number, uint32_t stream)
{
	for (uint32_t i = 0; i < app->want_count; i++)
		if (app->want_who[i] == number)
			return (app->want_layer[i] & (1u << stream)) != 0 ||
			       (stream == STREAM_CAMERA_SMALL && app->want_layer[i] & 1u << STREAM_CAMERA_LARGE);
	return false;
}

struct frame *app_picture(struct app *app, uint32_t number, enum video_layer layer, uint64_t *serial_seen)
{
	if (!app->video)
		return NULL;
	return video_engine_latest(app->video, number == app->roster.me ? 0 : number, layer, serial_seen);
}

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
	const struct audio_packet packet = { .bytes = frame->payload, .n = frame->payload_bytes,
		.timestamp = frame->timestamp, .level = frame->level, .talk_end = frame->flags & WIRE_TALK_END };
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
	const struct video_packet packet = { .bytes = frame->payload, .n = frame->payload_bytes,
		.timestamp = frame->timestamp, .layer = layer_of(frame->stream), .keyframe = frame->flags & WIRE_KEYFRAME };

	if (app->video && is_shown(app, stream->number, frame->stream))
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
	struct event event = { .kind = EVENT_VIDEO, .from = stream->number, .on = on, .kbps = stream->kbps[kind] };
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

static void picture_decoded(struct app *app, uint32_t number, uint32_t stream_kind)
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

static void need_keyframe(struct app *app, uint32_t number, uint32_t stream_kind)
{
	struct app_stream *stream = stream_find(app, number, false);
	struct command command = { .word = WORD_KEYFRAME, .number = number, .stream = stream_kind };
	const int64_t now_us = loop_now_us();

	if (!stream || (stream->keyframe_us[stream_kind] && now_us - stream->keyframe_us[stream_kind] < keyframe_gap_us))
		return;
	stream->keyframe_us[stream_kind] = now_us;
	app_tell(app, &command);
}

/* ---- what the engines made ---- */

static void send_media(struct app *app, const struct letter *letter)
{
	const struct wire_frame frame = { .stream = (enum stream)letter->stream, .flags = letter->flags,
		.level = letter->level, .timestamp = letter->timestamp, .payload = letter->bytes, .payload_bytes = letter->n };

	if (app->roster.presence != PRESENCE_IN || app->ended || (letter->kind == LETTER_AUDIO && app->muted))
		return;
	if (session_media(app->session, &frame) == -EAGAIN && letter->kind == LETTER_PICTURE)
		video_engine_want_keyframe(app->video, layer_of(letter->stream));
}

static void on_letter(void *arg, const struct letter *letter)
{
	struct app *app = arg;
	const char *text = (const char *)letter->bytes;

	switch ((enum letter_kind)letter->kind) {
	case LETTER_AUDIO:
	case LETTER_PICTURE: send_media(app, letter); break;
	case LETTER_SEEN: picture_decoded(app, letter->source, letter->stream); break;
	case LETTER_KEYFRAME: need_keyframe(app, letter->source, letter->stream); break;
	case LETTER_NOTICE: app_notice(app, text, text + strnlen(text, letter->n - 1) + 1); break;
	case LETTER_OPENED: adopt_audio(app); break;
	}
}

/* ---- events of the meeting that concern the media ---- */

static void silence(struct app *app, uint32_t number)
{
	struct app_stream *stream = stream_find(app, number, false);

	if (!stream)
		return;
	set_speaking(app, stream, false);
	set_audio(app, stream, false);
}

static void darken(struct app *app, uint32_t number, bool camera, bool share)
{
	struct app_stream *stream = stream_find(app, number, false);

	for (int kind = STREAM_CAMERA_SMALL; stream && kind < STREAM_COUNT; kind++) {
		if (!stream->video[kind] || (kind == STREAM_SCREEN ? share : camera))
			continue;
		stream->video[kind] = false;
		emit_video(app, stream, (enum stream)kind, false);
	}
}

static void forget(struct app *app, uint32_t number)
{
	struct app_stream *stream = stream_find(app, number, false);

	silence(app, number);
	darken(app, number, false, false);
	if (app->audio)
		audio_engine_forget(app->audio, number);
	if (app->video)
		video_engine_forget(app->video, number);
	if (stream)
		stream->number = 0;
}

/* What the relay says of our own switches is true, whoever turned them. */
static void follow_own(struct app *app, const struct person *me)
{
	const char *why;

	if (me->mic == MIC_MUTED && !app->muted)
		app_set_muted(app, true);
	if (!me->camera && app->camera)
		app_set_camera(app, false, &why);
	if (!me->share && app->sharing)
		app_set_share(app, NULL, &why);
}

/* A host closed something for many at once: does it mean us? The roster knows already. */
static void follow_rule(struct app *app)
{
	const struct person *me = roster_me(&app->roster);

	if (me)
		follow_own(app, me);
}

void app_media_event(struct app *app, const struct event *event)
{
	const char *why;

	switch (event->kind) {
	case EVENT_PERSON_CHANGED:
		if (event->person.number == app->roster.me) {
			follow_own(app, &event->person);
			break;
		}
		if (event->person.mic != MIC_ON)
			silence(app, event->person.number);
		darken(app, event->person.number, event->person.camera, event->person.share);
		app_want_soon(app);
		break;
	case EVENT_PERSON_LEFT: forget(app, event->number); break;
	case EVENT_AWAY: silence(app, event->number); break;
	case EVENT_MUTED:
		if (event->all)
			follow_rule(app);
		else
			app_set_muted(app, true);
		break;
	case EVENT_CONTROLS:
		if (event->control == CONTROL_VIDEO && event->value == 0)
			follow_rule(app);
		break;
	case EVENT_SHARE_STOPPED:
		if (event->from == app->roster.me && app->sharing)
			app_set_share(app, NULL, &why);
		break;
	case EVENT_WANTED:
		app->wanted = event->stream >> STREAM_CAMERA_SMALL;
		make_layers(app);
		break;
	case EVENT_KEYFRAME:
		if (event->stream >= STREAM_CAMERA_SMALL && event->stream < STREAM_COUNT)
			video_engine_want_keyframe(app->video, layer_of(event->stream));
		break;
	case EVENT_WAITING: make_layers(app); break;
	case EVENT_JOINED:
		app->want_count = 0;
		make_layers(app);
		break;
	case EVENT_RESUMED:
		if (event->number == app->roster.me)
			app->want_count = 0;
		break;
	default: break;
	}
	if (event->kind == EVENT_PERSON_LEFT || event->kind == EVENT_PERSON_JOINED || event->kind == EVENT_RESUMED)
		app_want_soon(app);
}

/* ---- the clock ---- */

static void tick_second(struct app *app, int64_t span_us)
{
	for (size_t i = 0; i < APP_SOURCES_MAX; i++) {
		struct app_stream *stream = &app->stream[i];

		for (int kind = 0; stream->number && kind < STREAM_COUNT; kind++) {
			stream->kbps[kind] = (uint32_t)((stream->bytes[kind] - stream->bytes_before[kind]) * 8000 / (uint64_t)span_us);
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

/* ---- birth and death ---- */

int app_media_new(struct app *app, const char **why)
{
	int err;

	app->want = (struct loop_timer){ .fn = send_want, .arg = app };
	app->mic = given(app->params.audio.mic);
	app->camera = app->params.video.camera && given(app->params.video.camera);
	app->mailbox = mailbox_new(app->loop, on_letter, app);
	if (!app->mailbox)
		return -errno;
	err = video_engine_new(&app->video, &app->params.video, &video_ops, app, why);
	if (err == 0)
		err = open_audio(app, why);
	return err;
}

void app_media_start(struct app *app)
{
	const struct person *me = roster_me(&app->roster);
	const char *why = "";

	if (app->audio && !app->audio_started) {
		app->audio_started = true;
		app_set_muted(app, app->muted || (me && me->mic == MIC_MUTED));
		if (audio_engine_start(app->audio) < 0)
			app_notice(app, "device", "Sound could not be started.");
	}
	if (app->video && !app->video_started) {
		app->video_started = true;
		if (video_engine_start(app->video) < 0)
			app_notice(app, "device", "Pictures could not be started.");
		if (app_set_camera(app, app->camera && me && me->camera, &why) < 0)
			app_notice(app, "device", why);
	}
	shape(app);
	make_layers(app);
}

void app_media_free(struct app *app)
{
	if (app->opener) {
		pthread_join(app->opener->thread, NULL);
		app->audio = app->opener->engine;
		free(app->opener);
		app->opener = NULL;
	}
	if (app->audio)
		audio_engine_free(app->audio);
	if (app->video)
		video_engine_free(app->video);
	mailbox_free(app->mailbox);
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
		sources[i] = (struct app_source){ .from = stats[i].source, .kind = APP_AUDIO, .frames = stats[i].frames,
			.concealed = stats[i].concealed, .dropped = stats[i].dropped, .delay_ms = stats[i].delay_ms };
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
		sources[n] = (struct app_source){ .from = stats[i].source,
			.kind = stats[i].layer == VIDEO_SCREEN ? APP_SHARE : APP_VIDEO, .frames = stats[i].frames,
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
