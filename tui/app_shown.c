/* Whose pictures are shown, and how large: the relay sends those and no others. */
#include "tui/app_media.h"

#include <string.h>

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

		if (person->number == roster->me || !roster_here(roster, person) || (!face && !person->share))
			continue;
		faces -= face;
		add_shown(want, person->number,
			  (face ? 1u << VIDEO_SMALL : 0) | (person->share ? 1u << VIDEO_SCREEN : 0));
	}
}

void app_send_want(void *arg)
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
	if (want.who_count == app->want_count &&
	    !memcmp(want.who, app->want_who, sizeof(want.who[0]) * want.who_count) &&
	    !memcmp(want.layer, app->want_layer, want.who_count))
		return;
	if (want.who_count > 0)
		app_video_start(app);
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

bool app_is_shown(const struct app *app, uint32_t number, uint32_t stream)
{
	for (uint32_t i = 0; i < app->want_count; i++)
		if (app->want_who[i] == number)
			return (app->want_layer[i] & (1u << stream)) != 0 ||
			       (stream == STREAM_CAMERA_SMALL &&
				app->want_layer[i] & 1u << STREAM_CAMERA_LARGE);
	return false;
}

struct frame *app_picture(struct app *app, uint32_t number, enum video_layer layer, uint64_t *serial_seen)
{
	if (!app->video)
		return NULL;
	return video_engine_latest(app->video, number == app->roster.me ? 0 : number, layer, serial_seen);
}
