/* The engines of sound and pictures: opening and closing them, and the way from their threads to the loop and
 * out. What the threads made goes into a mailbox; the loop sends it.
 *
 * Sound cards take their time to open (PortAudio alone needs 150 ms): they are opened on a thread of their
 * own while the session connects. Files and the like open at once, so that a wrong name is said before
 * anybody connects. */
#include "tui/app_media.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum letter_kind { LETTER_AUDIO, LETTER_PICTURE, LETTER_SEEN, LETTER_KEYFRAME, LETTER_NOTICE, LETTER_OPENED };

/* ---- on the engines' threads ---- */

static void on_audio_packet(void *arg, const struct audio_packet *packet)
{
	struct app *app = arg;
	const struct letter letter = { .kind = LETTER_AUDIO,
				       .stream = STREAM_AUDIO,
				       .timestamp = packet->timestamp,
				       .level = packet->level,
				       .flags = packet->talk_end ? WIRE_TALK_END : 0,
				       .n = packet->n,
				       .bytes = packet->bytes };

	mailbox_post(app->mailbox, &letter);
}

static void on_video_packet(void *arg, const struct video_packet *packet)
{
	struct app *app = arg;
	const struct letter letter = { .kind = LETTER_PICTURE,
				       .stream = stream_of(packet->layer),
				       .timestamp = packet->timestamp,
				       .level = 127,
				       .flags = packet->keyframe ? WIRE_KEYFRAME : 0,
				       .n = packet->n,
				       .bytes = packet->bytes };

	if (mailbox_post(app->mailbox, &letter) < 0)
		video_engine_want_keyframe(app->video, packet->layer);
}

static void post_seen(void *arg, uint32_t source, enum video_layer layer)
{
	struct app *app = arg;

	mailbox_post(app->mailbox,
		     &(struct letter) { .kind = LETTER_SEEN, .source = source, .stream = stream_of(layer) });
}

static void post_keyframe(void *arg, uint32_t source, enum video_layer layer)
{
	struct app *app = arg;

	mailbox_post(
		app->mailbox,
		&(struct letter) { .kind = LETTER_KEYFRAME, .source = source, .stream = stream_of(layer) });
}

/* Code and text travel as one string of bytes: CODE NUL TEXT NUL. */
static void post_notice(void *arg, const char *code, const char *text)
{
	struct app *app = arg;
	char both[512];
	int n = snprintf(both, sizeof(both), "%s%c%s", code, 0, text);

	if (n > 0)
		mailbox_post(app->mailbox,
			     &(struct letter) { .kind = LETTER_NOTICE,
						.n = (size_t)n < sizeof(both) ? (size_t)n + 1 : sizeof(both),
						.bytes = (const uint8_t *)both });
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
	mailbox_post(opener->app->mailbox, &(struct letter) { .kind = LETTER_OPENED });
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
	       !(dot && dot != spec && strlen(dot) >= 3 && strlen(dot) <= 5 &&
		 strspn(dot + 1, "0123456789 ") == 0);
}

static bool given(const char *spec)
{
	return !spec || strcmp(spec, "none") != 0;
}

static int open_audio(struct app *app, const char **why)
{
	const struct audio_params *params = &app->params.audio;

	/* Neither to hear nor to be heard: there is nothing to run. */
	if (!given(params->mic) && !given(params->speaker))
		return 0;
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
	if (app->audio && app->keyed)
		app_media_start(app);
}

/* ---- what the engines made ---- */

static void send_media(struct app *app, const struct letter *letter)
{
	const struct wire_frame frame = { .stream = (enum stream)letter->stream,
					  .flags = letter->flags,
					  .level = letter->level,
					  .timestamp = letter->timestamp,
					  .payload = letter->bytes,
					  .payload_bytes = letter->n };

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
	case LETTER_SEEN: app_picture_decoded(app, letter->source, letter->stream); break;
	case LETTER_KEYFRAME: app_need_keyframe(app, letter->source, letter->stream); break;
	case LETTER_NOTICE: app_notice(app, text, text + strnlen(text, letter->n - 1) + 1); break;
	case LETTER_OPENED: adopt_audio(app); break;
	}
}

/* ---- birth and death ---- */

/* A file that is not there is said before anybody connects. */
static int check_camera(const char *spec, const char **why)
{
	static char text[300];

	if (!spec || !strncmp(spec, "/dev/", 5) || !strpbrk(spec, "/.") || access(spec, R_OK) == 0)
		return 0;
	snprintf(text, sizeof(text), "The camera %.200s cannot be read: %s.", spec, strerror(errno));
	*why = text;
	return -ENOENT;
}

int app_media_new(struct app *app, const char **why)
{
	int err;

	app->want = (struct loop_timer) { .fn = app_send_want, .arg = app };
	app->mic = given(app->params.audio.mic);
	app->camera = app->params.video.camera && given(app->params.video.camera);
	app->mailbox = mailbox_new(app->loop, on_letter, app);
	if (!app->mailbox)
		return -errno;
	err = check_camera(app->params.video.camera, why);
	if (err < 0)
		return err;
	err = video_engine_new(&app->video, &app->params.video, &video_ops, app, why);
	if (err == 0)
		err = open_audio(app, why);
	return err;
}

void app_video_start(struct app *app)
{
	const int err = video_engine_start(app->video);

	if (err < 0 && err != -EALREADY)
		app_notice(app, "device", "Pictures could not be started.");
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
		if (app_set_camera(app, app->camera && me && me->camera, &why) < 0) {
			app_notice(app, "device", why);
			app_tell(app, &(struct command){ .word = WORD_VIDEO });
		}
	}
	app_shape(app);
	app_make_layers(app);
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
