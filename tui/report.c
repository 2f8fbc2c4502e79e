/* From what an app knows to JSON. */
#include "tui/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "net/wire.h"
#include "tui/canvas.h"
#include "tui/snapshot.h"

/* ---- events ---- */

/* Ids as people write them; of a new meeting also the invite and where it is, and never its host key. */
static void adapt(const struct app *app, const struct app_params *params, const struct event *event, json_t *line)
{
	const struct invite *invite = &params->session.invite;
	char id[MOOT_ID_SIZE], relay[300];
	const char *host;

	if (event->kind == EVENT_CREATED || event->kind == EVENT_JOINED) {
		text_id_show(id, event->id);
		json_object_set_new(line, "id", json_string(id));
	}
	if (event->kind == EVENT_VIDEO)
		json_object_set_new(line, "kind", json_string(event->text));
	if (event->kind != EVENT_CREATED)
		return;
	json_object_del(line, "host_key");
	json_object_set_new(line, "invite", json_string(app_invite(app)));
	host = params->invite_host ? params->invite_host : invite->host;
	if (strchr(host, ':'))
		snprintf(relay, sizeof(relay), "[%s]:%u", host, invite->port);
	else
		snprintf(relay, sizeof(relay), "%s:%u", host, invite->port);
	json_object_set_new(line, "relay", json_string(relay));
}

json_t *report_event(const struct app *app, const struct app_params *params, const struct event *event)
{
	static char text[2 * WIRE_TEXT_MAX];
	const int n = wire_event_encode(text, sizeof(text), event);
	json_t *line = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

	if (line)
		adapt(app, params, event, line);
	return line;
}

/* ---- the line ---- */

const char *report_net(struct app *app, const json_t *request)
{
	json_t *stall = json_object_get(request, "stall"), *rate = json_object_get(request, "rate");
	struct session *session = app_session(app);
	const double stall_s = json_number_value(stall), bits = json_number_value(rate);
	const bool drop = json_is_true(json_object_get(request, "drop"));

	if ((stall && !(json_is_number(stall) && stall_s >= 0 && stall_s <= 3600)) ||
	    (rate && !(json_is_number(rate) && bits >= 0 && bits <= 4e9)) || (!drop && !stall && !rate))
		return "net takes \"drop\":true, \"stall\":SECONDS or \"rate\":BITS.";
	if (rate)
		session_fault_rate(session, (uint32_t)bits);
	if (stall)
		session_fault_stall(session, (uint32_t)(stall_s * 1000));
	if (drop)
		session_fault_drop(session);
	return NULL;
}

/* ---- the state ---- */

static json_t *person_json(const struct app *app, const struct person *person)
{
	json_t *permits = json_array();

	for (int i = 0; i < PERMIT_COUNT; i++)
		if (person->permits & 1u << i)
			json_array_append_new(permits, json_string(permission_name((enum permission)i)));
	return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:I, s:s, s:s, s:b, s:b, s:o}", "number",
			 (json_int_t)person->number, "name", person->name, "role", role_name(person->role),
			 "mic", mic_name(person->mic), "camera", person->camera, "share", person->share,
			 "record", person->record, "keyboard", person->keyboard, "room", (json_int_t)person->room,
			 "hand", (json_int_t)person->hand, "kind", kind_name(person->kind), "sealed",
			 sealed_name(person->sealed), "keyed", app_keyed(app, person->number), "away", person->away, "permits", permits);
}

static json_t *people_json(const struct app *app)
{
	const struct roster *roster = app_roster(app);
	json_t *people = json_array();

	for (size_t i = 0; i < roster->people_count; i++)
		json_array_append_new(people, person_json(app, &roster->people[i]));
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

static json_t *locked_json(const struct roster *roster)
{
	json_t *locked = json_array();

	for (int i = 0; i < CONTROL_COUNT; i++)
		if (roster->locked[i])
			json_array_append_new(locked, json_string(control_name((enum control)i)));
	return locked;
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

/* The open poll: its question and its answers; null when there is none. */
static json_t *poll_json(const struct roster *roster)
{
	json_t *answers, *poll;

	if (!roster->poll)
		return json_null();
	answers = lines_json(roster->poll_text);
	poll = json_pack("{s:I, s:O, s:b, s:I}", "number", (json_int_t)roster->poll, "question",
			 json_array_get(answers, 0), "named", roster->poll_named, "votes",
			 (json_int_t)roster->poll_votes);
	json_array_remove(answers, 0);
	json_object_set_new(poll, "answers", answers);
	return poll;
}

static json_t *breakouts_json(const struct roster *roster)
{
	return roster->breakouts[0] ? json_pack("{s:b, s:o}", "open", roster->breakouts_open, "rooms",
						lines_json(roster->breakouts))
				    : json_null();
}

static json_t *files_json(const struct roster *roster)
{
	json_t *files = json_array();

	for (size_t i = 0; i < roster->files_count; i++) {
		const struct roster_file *file = &roster->files[i];

		json_array_append_new(files, json_pack("{s:I, s:I, s:I, s:s, s:I, s:b}", "file", (json_int_t)file->file,
						       "from", (json_int_t)file->from, "to", (json_int_t)file->to,
						       "name", file->name, "size", (json_int_t)file->size, "taken",
						       file->taken));
	}
	return files;
}

static json_t *removed_json(const struct roster *roster)
{
	json_t *removed = json_array();

	for (size_t i = 0; i < roster->shut_out_count; i++)
		json_array_append_new(removed, json_pack("{s:I, s:s}", "number", (json_int_t)roster->shut_out[i].number,
							 "name", roster->shut_out[i].name));
	return removed;
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

static json_t *security_json(const struct app *app)
{
	struct session_security security;

	app_security(app, &security);
	return json_pack("{s:i, s:s, s:s, s:I, s:b, s:b, s:s, s:I, s:b, s:I, s:I, s:b}", "state", (int)security.state, "text",
			 security.text, "reason", security.reason, "leader", (json_int_t)security.leader, "leads",
			 security.leads, "leader_is_host", security.leader_is_host, "code", security.code, "epoch",
			 (json_int_t)security.epoch, "consent_due", security.consent_due, "heard_by",
			 (json_int_t)security.heard_by, "wrong_codes", (json_int_t)security.wrong_codes, "codes_closed",
			 security.codes_closed);
}

json_t *report_state(const struct app *app, const struct app_params *params)
{
	static const char *const presences[] = {
		[PRESENCE_OUT] = "out", [PRESENCE_WAITING] = "waiting", [PRESENCE_IN] = "in"
	};
	const struct roster *roster = app_roster(app);
	const struct person *me = roster_me(roster);
	char id[MOOT_ID_SIZE];

	text_id_show(id, roster->id);
	return json_pack("{s:{s:s, s:{s:I, s:s, s:s}, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:{s:I, s:b, "
			 "s:I}, s:o, s:o, s:o, s:o}}",
			 "state", "presence", presences[roster->presence], "me", "number",
			 (json_int_t)roster->me, "name", me ? me->name : params->session.name,
			 "role",
			 me                                     ? role_name(me->role)
			 : roster->presence == PRESENCE_WAITING ? "waiting"
								: "none",
			 "title", roster->title, "id", id, "people", people_json(app), "waiting",
			 waiting_json(roster), "controls", controls_json(roster), "security", security_json(app),
			 "spotlight", (json_int_t)roster->spotlight, "sharer",
			 (json_int_t)roster->sharer, "sources", sources_json(app), "locked", locked_json(roster),
			 "recording", "by", (json_int_t)roster->recorder, "asked", roster->record_asked, "missing",
			 (json_int_t)roster->record_waits, "poll", poll_json(roster), "breakouts", breakouts_json(roster),
			 "files", files_json(roster), "removed", removed_json(roster));
}

/* ---- the screen ---- */

json_t *report_screen(struct app *app, int rows, int cols)
{
	struct canvas canvas = { 0 };
	json_t *lines = NULL;
	char *text = NULL;

	if (canvas_init(&canvas, rows, cols) < 0)
		return NULL;
	snapshot_draw(&canvas, app);
	text = canvas_dump(&canvas);
	lines = lines_json(text);
	free(text);
	canvas_clear(&canvas);
	return json_pack("{s:o}", "screen", lines);
}
