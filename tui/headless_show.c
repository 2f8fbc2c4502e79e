/* The answers to "state" and "screen". */
#include "tui/headless_state.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "tui/canvas.h"
#include "tui/snapshot.h"

static json_t *person_json(const struct person *person)
{
	json_t *permits = json_array();

	for (int i = 0; i < PERMIT_COUNT; i++)
		if (person->permits & 1u << i)
			json_array_append_new(permits, json_string(permission_name((enum permission)i)));
	return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:I, s:s, s:s, s:b, s:o}", "number",
			 (json_int_t)person->number, "name", person->name, "role", role_name(person->role),
			 "mic", mic_name(person->mic), "camera", person->camera, "share", person->share,
			 "record", person->record, "keyboard", person->keyboard, "room", (json_int_t)person->room,
			 "hand", (json_int_t)person->hand, "kind", kind_name(person->kind), "sealed",
			 sealed_name(person->sealed), "away", person->away, "permits", permits);
}

static json_t *people_json(const struct roster *roster)
{
	json_t *people = json_array();

	for (size_t i = 0; i < roster->people_count; i++)
		json_array_append_new(people, person_json(&roster->people[i]));
	return people;
}

static json_t *waiting_json(const struct roster *roster)
{
	json_t *waiting = json_array();

	for (size_t i = 0; i < roster->waiting_count; i++)
		json_array_append_new(waiting, json_pack("{s:I, s:s, s:f}", "number",
							 (json_int_t)roster->waiting[i].number, "name",
							 roster->waiting[i].name, "since",
							 (double)roster->waiting[i].since_ms / 1000));
	return waiting;
}

static json_t *controls_json(const struct roster *roster)
{
	json_t *controls = json_object();

	for (int i = 0; i < CONTROL_COUNT; i++) {
		const char *value = control_value_name((enum control)i, roster->control[i]);

		json_object_set_new(controls, control_name((enum control)i),
				    json_string(value ? value : "?"));
	}
	return controls;
}

static json_t *sources_json(const struct app *app)
{
	static const char *const kinds[] = {
		[APP_AUDIO] = "audio", [APP_VIDEO] = "video", [APP_SHARE] = "share"
	};
	struct app_source list[128];
	const size_t count = app_sources(app, list, sizeof(list) / sizeof(list[0]));
	json_t *sources = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			sources,
			json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I}", "from", (json_int_t)list[i].from,
				  "kind", kinds[list[i].kind], "frames", (json_int_t)list[i].frames,
				  "concealed", (json_int_t)list[i].concealed, "dropped",
				  (json_int_t)list[i].dropped, "delay_ms", (json_int_t)list[i].delay_ms,
				  "kbps", (json_int_t)list[i].kbps));
	return sources;
}

json_t *headless_state(const struct headless *headless)
{
	static const char *const presences[] = {
		[PRESENCE_OUT] = "out", [PRESENCE_WAITING] = "waiting", [PRESENCE_IN] = "in"
	};
	const struct app *app = headless->app;
	const struct roster *roster = app_roster(app);
	const struct person *me = roster_me(roster);
	char id[MOOT_ID_SIZE];

	text_id_show(id, roster->id);
	return json_pack("{s:{s:s, s:{s:I, s:s, s:s}, s:s, s:s, s:o, s:o, s:o, s:{s:i, s:s}, s:I, s:I, s:o}}",
			 "state", "presence", presences[roster->presence], "me", "number",
			 (json_int_t)roster->me, "name", me ? me->name : headless->params->app.session.name,
			 "role",
			 me                                     ? role_name(me->role)
			 : roster->presence == PRESENCE_WAITING ? "waiting"
								: "none",
			 "title", roster->title, "id", id, "people", people_json(roster), "waiting",
			 waiting_json(roster), "controls", controls_json(roster), "security", "state", 3,
			 "text", app_security(app), "spotlight", (json_int_t)roster->spotlight, "sharer",
			 (json_int_t)roster->sharer, "sources", sources_json(app));
}

static json_t *lines_json(const char *text)
{
	json_t *lines = json_array();

	while (text && *text) {
		const size_t n = strcspn(text, "\n");

		json_array_append_new(lines, json_stringn(text, n));
		text += n + (text[n] == '\n');
	}
	return lines;
}

json_t *headless_screen(const struct headless *headless)
{
	struct canvas canvas = { 0 };
	json_t *lines = NULL;
	char *text = NULL;

	if (canvas_init(&canvas, headless->params->rows, headless->params->cols) < 0)
		return NULL;
	snapshot_draw(&canvas, headless->app);
	text = canvas_dump(&canvas);
	lines = lines_json(text);
	free(text);
	canvas_clear(&canvas);
	return json_pack("{s:o}", "screen", lines);
}
