/* Events of the meeting that concern sound and pictures. The relay enforces, the roster mirrors; here both
 * sides follow what the roster says: our own switches, and what can still be heard and seen of others. */
#include "tui/app_media.h"

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

static void follow(struct app *app)
{
	const struct person *me = roster_me(&app->roster);

	if (me)
		follow_own(app, me);
	for (size_t i = 0; i < APP_SOURCES_MAX; i++) {
		const struct person *person = roster_find(&app->roster, app->stream[i].number);

		if (!person)
			continue;
		if (person->mic != MIC_ON || person->away)
			app_silence(app, person->number);
		app_darken(app, person->number, person->camera, person->share);
	}
	app_want_soon(app);
}

/* What was switched while waiting, the relay learns with the seat. Until it says yes to on, the microphone is off; where
 * nobody asked for on, its off stands. */
static void settle_mic(struct app *app)
{
	const struct person *me = roster_me(&app->roster);
	const bool open = !app->muted, wanted = open && app->params.session.mic == MIC_MUTED;
	struct command command = { .word = open ? WORD_UNMUTE : WORD_MUTE };

	if (!me || me->mic == MIC_NONE || (me->mic == MIC_ON) == open)
		return;
	app_set_muted(app, true);
	if (!open || wanted)
		app_ask(app, APP_TAG_OWN, &command, open ? YES_UNMUTE : YES_NOTHING);
}

/* In a new seat nothing has been asked for yet. */
static void start_anew(struct app *app)
{
	app->want_count = 0;
	app_make_layers(app);
	app_want_soon(app);
}

void app_media_event(struct app *app, const struct event *event)
{
	switch (event->kind) {
	case EVENT_MUTED:
		if (!event->all)
			app_set_muted(app, true);
		follow(app);
		break;
	case EVENT_PERSON_JOINED:
	case EVENT_PERSON_CHANGED:
	case EVENT_CONTROLS:
	case EVENT_SHARE_STARTED:
	case EVENT_SHARE_STOPPED:
	case EVENT_AWAY: follow(app); break;
	case EVENT_PERSON_LEFT:
		app_forget(app, event->number);
		app_want_soon(app);
		break;
	case EVENT_WANTED:
		app->wanted = event->stream >> STREAM_CAMERA_SMALL;
		app_make_layers(app);
		break;
	case EVENT_KEYFRAME:
		if (event->stream >= STREAM_CAMERA_SMALL && event->stream < STREAM_COUNT)
			video_engine_want_keyframe(app->video, layer_of(event->stream));
		break;
	case EVENT_WAITING: start_anew(app); break;
	case EVENT_JOINED:
		settle_mic(app);
		start_anew(app);
		break;
	case EVENT_RESUMED:
		if (event->number == app->roster.me)
			start_anew(app);
		app_want_soon(app);
		break;
	default: break;
	}
}
