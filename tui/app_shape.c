/* What is made and sent: as much as the line allows and somebody shows, and only while it is switched on. */
#include "tui/app_media.h"

#include <errno.h>

/* ---- what the line allows ---- */

/* Sound first: these rates with the headers of their packets (78 bytes each) stay well under the line's. */
static const struct {
	uint32_t up_to, bitrate, packet_ms;
} audio_shapes[] = { { 24000, 8000, 60 }, { 40000, 12000, 60 }, { 80000, 16000, 60 }, { 128000, 24000, 40 } };

void app_shape(struct app *app)
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
	/* A sixth of the line stays free for what comes back, and for the headers of ten pictures a second. */
	rest = line - line / 6 > sound + 6400 ? line - line / 6 - sound - 6400 : 0;
	small = rest > 30000 ? 30000 : rest;
	video_engine_shape(app->video, VIDEO_SMALL, small > 4000 ? small : 4000, small >= 20000 ? 10 : 5);
	if (rest > 60000)
		video_engine_shape(app->video, VIDEO_LARGE, rest - 30000 > 80000 ? 80000 : rest - 30000, 10);
	video_engine_shape(app->video, VIDEO_SCREEN,
			   rest > 60000  ? 60000
			   : rest > 8000 ? rest
					 : 8000,
			   rest > 30000 ? 2 : 1);
}

/* A thin line carries no large picture, and a very thin one none at all. */
static unsigned affordable(const struct app *app)
{
	const unsigned small = 1u << VIDEO_SMALL, large = 1u << VIDEO_LARGE, screen = 1u << VIDEO_SCREEN;

	if (app->params.bandwidth == 0 || app->params.bandwidth > 150000)
		return small | large | screen;
	return app->params.bandwidth >= 32000 ? small | screen : screen;
}

/* Those that are shown and carried; who shows large on a thin line still gets small. */
static unsigned made(const struct app *app)
{
	unsigned layers = app->wanted & affordable(app);

	if ((app->wanted & 1u << VIDEO_LARGE) && !(layers & 1u << VIDEO_LARGE))
		layers |= 1u << VIDEO_SMALL & affordable(app);
	return app->roster.presence == PRESENCE_IN ? layers : 0;
}

void app_make_layers(struct app *app)
{
	if (app->video)
		video_engine_layers(app->video, made(app));
}

void app_fresh_pictures(struct app *app)
{
	const unsigned layers = made(app);

	for (int layer = VIDEO_SMALL; app->video && layer <= VIDEO_SCREEN; layer++)
		if (layers & 1u << layer)
			video_engine_want_keyframe(app->video, (enum video_layer)layer);
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
	if (app->camera)
		app_video_start(app);
	return err;
}

int app_set_share(struct app *app, const char *file, const char **why)
{
	int err = video_engine_share(app->video, file, why);

	app->sharing = file && err == 0;
	if (app->sharing)
		app_video_start(app);
	app_make_layers(app);
	return err;
}
