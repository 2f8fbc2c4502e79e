/* What the files of app's sound and pictures share: app_engines.c, app_shape.c, app_shown.c, app_sources.c,
 * app_media.c. */
#ifndef MOOT_TUI_APP_MEDIA_H
#define MOOT_TUI_APP_MEDIA_H

#include "tui/app_state.h"

static inline enum stream stream_of(enum video_layer layer)
{
	return (enum stream)(STREAM_CAMERA_SMALL + (int)layer);
}

static inline enum video_layer layer_of(uint32_t stream)
{
	return (enum video_layer)(stream - STREAM_CAMERA_SMALL);
}

/* app_engines.c */
/** The worker of pictures starts with the first one to make or to show; call as often as you like. */
void app_video_start(struct app *app);

/* app_shape.c */
/** Bitrates and packet times for the line that there is. */
void app_shape(struct app *app);
/** Make the pictures that somebody shows, while in the meeting. */
void app_make_layers(struct app *app);

/* app_shown.c */
/** Timer: tell the relay what is shown, if that changed. */
void app_send_want(void *arg);
bool app_is_shown(const struct app *app, uint32_t number, uint32_t stream);

/* app_sources.c */
void app_picture_decoded(struct app *app, uint32_t number, uint32_t stream);
void app_need_keyframe(struct app *app, uint32_t number, uint32_t stream);
/** Nothing is heard of somebody any more. */
void app_silence(struct app *app, uint32_t number);
/** Of somebody's pictures only these go on. */
void app_darken(struct app *app, uint32_t number, bool camera, bool share);
void app_forget(struct app *app, uint32_t number);

#endif
