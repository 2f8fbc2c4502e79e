/* What happened, in words, for the chat pane. */
#include "tui/app_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/text.h"

const char *app_who(const struct app *app, uint32_t number, const char *name)
{
	static char ring[4][MOOT_NAME_SIZE + 16];
	static unsigned next;
	char *dst = ring[next++ % 4], safe[MOOT_NAME_SIZE];

	if (number && roster_find(&app->roster, number))
		roster_show_name(&app->roster, number, dst, sizeof(ring[0]));
	else if (name && name[0] && text_safe(safe, sizeof(safe), name, false) && number)
		roster_show_gone(&app->roster, number, safe, dst, sizeof(ring[0]));
	else if (name && name[0])
		memcpy(dst, safe, sizeof(safe));
	else if (number)
		snprintf(dst, sizeof(ring[0]), "number %u", number);
	else
		snprintf(dst, sizeof(ring[0]), "the relay");
	return dst;
}

void app_log(struct app *app, enum line_kind kind, const char *format, ...)
{
	char text[MOOT_TEXT_SIZE + 512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	chatlog_add(app->log, kind, loop_unix_ms(), false, NULL, NULL, text);
}

#define WHO(event) app_who(app, (event)->number, (event)->name)
#define BY(event)  app_who(app, (event)->by, (event)->name_by)

static bool is_waiting(const struct app *app, uint32_t number)
{
	if (app->roster.presence == PRESENCE_WAITING)
		return true;
	for (size_t i = 0; i < app->roster.waiting_count; i++)
		if (app->roster.waiting[i].number == number)
			return true;
	return false;
}

static void log_chat(struct app *app, const struct event *event)
{
	static const enum line_kind kinds[SCOPE_COUNT] = {
		[TO_EVERYONE] = LINE_CHAT,
		[TO_HOSTS] = LINE_HOSTS,
		[TO_ONE] = LINE_DIRECT,
		[TO_WAITING] = LINE_WAITING,
		[TO_ROOMS] = LINE_CHAT,
	};
	const bool mine = app->roster.me != 0 && event->from == app->roster.me;
	const bool at_door = event->to == TO_HOSTS && is_waiting(app, event->from);
	const char *to = NULL;

	if (event->to == TO_ONE)
		to = mine ? app_who(app, event->number, NULL) : "you";
	else if (event->to == TO_WAITING && event->number)
		to = app_who(app, event->number, NULL);
	else if (at_door)
		to = "hosts";
	chatlog_add(app->log, at_door ? LINE_WAITING : kinds[event->to], event->time_ms ? event->time_ms : loop_unix_ms(), mine,
		    app_who(app, event->from, event->name), to, event->text);
}

static void log_created(struct app *app, const struct event *event)
{
	char id[MOOT_ID_SIZE];

	text_id_show(id, event->id);
	app_log(app, LINE_EVENT, "Meeting %s is open. Hand out this link:\n%s", id, app->invite);
	app_log(app, LINE_EVENT, "For those without it, by another way: the id %s and the passcode %s. /invite shows this again.",
		id, event->passcode);
}

static void log_joined(struct app *app, const struct event *event)
{
	app_log(app, LINE_EVENT, "You are in as %s (%s).", WHO(event), role_name(event->role));
}

static void log_security(struct app *app, const struct event *event)
{
	(void)event;
	app_log_security(app);
}

static void log_waiting(struct app *app, const struct event *event)
{
	char title[MOOT_TITLE_SIZE];

	text_safe(title, sizeof(title), event->title, false);
	app_log(app, LINE_EVENT, "You wait to be let into %s.%s%s", title[0] ? title : "the meeting",
		event->text[0] ? " " : "", event->text);
}

static void log_crowd(struct app *app, const char *who, bool joined);

static void log_left(struct app *app, const struct event *event)
{
	static const struct {
		const char *code, *text;
	} how[] = { { "lost", "was lost" }, { "removed", "was removed" }, { "sent-back", "waits again" } };
	const char *text = "left";

	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++)
		if (!strcmp(event->code, how[i].code))
			text = how[i].text;
	if (!strcmp(text, "left"))
		log_crowd(app, WHO(event), false);
	else if (event->by && !strcmp(event->code, "removed"))
		app_log(app, LINE_EVENT, "%s was removed by %s.", WHO(event), BY(event));
	else
		app_log(app, LINE_EVENT, "%s %s.", WHO(event), text);
}

/* By the name that people know, and the number: who took whose name is what matters. */
static void log_renamed(struct app *app, const struct person *person, const char *who)
{
	const char *before = app_person_name(app, person->number);
	char name[MOOT_NAME_SIZE];

	if (before && strcmp(before, person->name) != 0) {
		text_safe(name, sizeof(name), before, false);
		app_log(app, LINE_EVENT, "%s (number %u) is called %s now.", name, person->number, who);
	} else {
		app_log(app, LINE_EVENT, "Number %u is called %s now.", person->number, who);
	}
}

static void log_changed(struct app *app, const struct event *event)
{
	const struct person *person = &event->person;
	const char *who = app_who(app, person->number, person->name);

	if (!strcmp(event->code, "role"))
		app_log(app, LINE_EVENT, "%s is %s now.", who, role_name(person->role));
	else if (!strcmp(event->code, "name"))
		log_renamed(app, person, who);
	else if (!strcmp(event->code, "hand") && person->hand)
		app_log(app, LINE_EVENT, "%s raised a hand.", who);
}

static void log_control(struct app *app, const struct event *event)
{
	const char *value = control_value_name(event->control, event->value);

	if (!event->by)
		app_log(app, LINE_WARNING, "This relay's policy set %s to %s%s.", control_name(event->control),
			value ? value : "?", event->locked ? "; hosts cannot change it" : "");
	else
		app_log(app, LINE_EVENT, "%s set %s to %s.", BY(event), control_name(event->control),
		value ? value : "?");
}

static void log_share(struct app *app, const struct event *event)
{
	if (event->kind == EVENT_SHARE_STARTED)
		app_log(app, LINE_EVENT, "%s shows %s.", app_who(app, event->from, event->name),
			event->text[0] ? event->text : "something");
	else if (event->by && event->by != event->from)
		app_log(app, LINE_EVENT, "%s stopped what %s showed.", BY(event),
			app_who(app, event->from, event->name));
	else
		app_log(app, LINE_EVENT, "%s shows nothing more.", app_who(app, event->from, event->name));
}

static void log_spotlight(struct app *app, const struct event *event)
{
	if (event->number)
		app_log(app, LINE_EVENT, "%s put %s in everybody's view.", BY(event), WHO(event));
	else
		app_log(app, LINE_EVENT, "Nobody is in everybody's view any more.");
}

static void log_permission(struct app *app, const struct event *event)
{
	app_log(app, LINE_EVENT, event->on ? "%s gave you permission: %s." : "%s took back your permission: %s.", BY(event),
		permission_name(event->permission));
}

/* ---- recording, polls, rooms ---- */

static void log_record_ask(struct app *app, const struct event *event)
{
	struct session_security security;

	app_security(app, &security);
	app_log(app, LINE_WARNING,
		security.consent_due ? "%s wants to record this meeting on their own machine. Do you agree? /consent record yes or "
				       "/consent record no"
				     : "%s wants to record this meeting on their own machine. Do you agree? /consent yes or "
				       "/consent no",
		app_who(app, event->from, event->name));
}

static void log_record_waits(struct app *app, const struct event *event)
{
	app_log(app, LINE_EVENT, "Waiting for %u to agree to the recording.", event->count);
}

static void log_recording(struct app *app, const struct event *event)
{
	static const struct {
		const char *code, *text;
	} why[] = {
		{ "no", "did not agree: nothing is recorded" }, { "stopped", "stopped the recording" },
		{ "taken", "took back the permission to record; it is over" },
	};
	const char *who = app_who(app, event->from, event->name);

	if (event->on) {
		app_log(app, LINE_WARNING, "%s is recording this meeting. Everyone agreed; /consent no stops it.", who);
		return;
	}
	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++)
		if (!strcmp(event->code, why[i].code)) {
			app_log(app, LINE_WARNING, "%s %s.", BY(event), why[i].text);
			return;
		}
	app_log(app, LINE_WARNING, "The recording by %s is over.", who);
}

/* A poll's lines; with counts when it is over. */
static void log_poll_lines(struct app *app, const struct event *event, const char *head)
{
	char text[MOOT_TEXT_SIZE + 512];
	const char *line = event->text;
	size_t at = (size_t)snprintf(text, sizeof(text), "%s", head);

	for (uint32_t i = 0; *line && at < sizeof(text); i++) {
		const int n = (int)strcspn(line, "\n");

		if (i == 0)
			at += (size_t)snprintf(text + at, sizeof(text) - at, " %.*s", n, line);
		else if (event->kind == EVENT_POLL)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "\n%2u  %.*s", i, n, line);
		else
			at += (size_t)snprintf(text + at, sizeof(text) - at, "\n%4u  %.*s",
					       i <= event->counts_count ? event->counts[i - 1] : 0, n, line);
		line += n + (line[n] == '\n');
	}
	app_log(app, LINE_EVENT, "%s", text);
}

static void log_poll(struct app *app, const struct event *event)
{
	char head[MOOT_NAME_SIZE + 64];

	snprintf(head, sizeof(head), event->by ? "%s asks:" : "Poll:", BY(event));
	log_poll_lines(app, event, head);
	app_log(app, LINE_WARNING, "/poll vote NUMBER. %s",
		event->named ? "At the end everyone sees who chose what." : "Nobody sees who chose what.");
}

static void log_poll_names(struct app *app, const struct event *event)
{
	char text[4096];
	size_t at = (size_t)snprintf(text, sizeof(text), "Answer %u:", event->count);

	for (uint32_t i = 0; i < event->who_count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s", i ? "," : "", app_who(app, event->who[i], NULL));
	app_log(app, LINE_EVENT, "%s", text);
}

static void log_poll_result(struct app *app, const struct event *event)
{
	log_poll_lines(app, event, "The poll is over:");
}

static void log_breakouts(struct app *app, const struct event *event)
{
	char names[MOOT_TEXT_SIZE + 2 * MOOT_BREAKOUTS_MAX];
	size_t at = 0;

	if (!event->text[0]) {
		app_log(app, LINE_WARNING, "%s closed the breakout rooms: everyone is back.", BY(event));
		return;
	}
	for (const char *c = event->text; *c && at + 3 < sizeof(names); c++) {
		if (*c == '\n')
			names[at++] = ',';
		names[at++] = *c == '\n' ? ' ' : *c;
	}
	names[at] = '\0';
	if (event->on)
		app_log(app, LINE_WARNING, "The breakout rooms are open: %s", names);
	else if (event->by)
		app_log(app, LINE_EVENT, "%s made breakout rooms: %s", BY(event), names);
}

/* One's own move, and who comes and goes in one's own room. */
static void log_moved(struct app *app, const struct event *event)
{
	const struct person *me = roster_me(&app->roster);
	char room[MOOT_NAME_SIZE];

	roster_room_name(&app->roster, event->room, room, sizeof(room));
	for (uint32_t i = 0; i < event->who_count; i++) {
		if (event->who[i] == app->roster.me)
			app_log(app, LINE_WARNING, "You are in %s now.%s", room,
				event->room ? " What you say and write stays there; /breakout back leaves it." : "");
		else if (me && me->room == event->room && event->who_count <= 4)
			app_log(app, LINE_EVENT, "%s came into %s.", app_who(app, event->who[i], NULL), room);
	}
}

static void log_keyboard(struct app *app, const struct event *event)
{
	if (!event->number)
		app_log(app, LINE_EVENT, "Nobody types into what %s shows any more.", app_who(app, event->from, NULL));
	else if (event->number == app->roster.me)
		app_log(app, LINE_WARNING, "%s lets you type into what is shown.", BY(event));
	else
		app_log(app, LINE_EVENT, "%s may type into what %s shows.", WHO(event), app_who(app, event->from, NULL));
}

static void log_shut_out(struct app *app, const struct event *event)
{
	if (event->by && event->on)
		app_log(app, LINE_EVENT, "%s may not come back, unless a host says /pardon %u.", WHO(event), event->number);
	else if (event->by)
		app_log(app, LINE_EVENT, "%s pardoned %s, who may knock again.", BY(event), WHO(event));
}

/* ---- a crowd ---- */

/* Comings and goings close together are one line, rewritten as it grows: "Bo, Cy and 37 more came in." */
static void log_crowd(struct app *app, const char *who, bool joined)
{
	enum { CLOSE_US = 2000 * 1000, NAMED = 3 };
	const int64_t now = loop_now_us();
	char text[512];
	unsigned all;
	const char *verb = joined ? "came in" : "left";

	if (app->crowd.serial != chatlog_last(app->log) || now - app->crowd.last_us > CLOSE_US ||
	    (joined ? app->crowd.left : app->crowd.joined))
		memset(&app->crowd, 0, sizeof(app->crowd));
	app->crowd.last_us = now;
	all = joined ? ++app->crowd.joined : ++app->crowd.left;
	if (all <= NAMED)
		snprintf(app->crowd.names + strlen(app->crowd.names), sizeof(app->crowd.names) - strlen(app->crowd.names),
			 "%s%s", all > 1 ? ", " : "", who);
	if (all <= NAMED)
		snprintf(text, sizeof(text), "%s %s.", app->crowd.names, verb);
	else
		snprintf(text, sizeof(text), "%s and %u more %s.", app->crowd.names, all - NAMED, verb);
	if (app->crowd.serial)
		chatlog_drop_last(app->log);
	app_log(app, LINE_EVENT, "%s", text);
	app->crowd.serial = chatlog_last(app->log);
}

static void log_joined_person(struct app *app, const struct event *event)
{
	log_crowd(app, app_who(app, event->person.number, event->person.name), true);
}

static const char *end_of(const char *code)
{
	if (!strcmp(code, "relay-stopped"))
		return "The meeting is over: its relay stopped.";
	if (!strcmp(code, "empty"))
		return "The meeting is over: nobody was left in it.";
	return "The meeting is over.";
}

static void log_ended(struct app *app, const struct event *event)
{
	if (event->by)
		app_log(app, LINE_EVENT, "%s ended the meeting.", BY(event));
	else
		app_log(app, LINE_EVENT, "%s", end_of(event->code));
}

static void log_simple(struct app *app, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONNECTED: app_log(app, LINE_EVENT, "Connected to %s.", event->relay); break;
	case EVENT_REFUSED:
		app_log(app, LINE_WARNING, !strcmp(event->code, "denied") && strcmp(event->text, refusal_text(REFUSED_DENIED)) ?
			"A host did not let you in: %s" : "%s", event->text);
		break;
	case EVENT_KNOCK: app_log(app, LINE_EVENT, "%s waits: /admit %u", WHO(event), event->number); break;
	case EVENT_MUTED:
		app_log(app, LINE_WARNING, "%s muted %s.", BY(event), event->all ? "everyone" : "you");
		break;
	case EVENT_ASK_UNMUTE: app_log(app, LINE_WARNING, "%s asks you to unmute: /unmute", BY(event)); break;
	case EVENT_REACTION:
		app_log(app, LINE_EVENT, "%s: %s", app_who(app, event->from, event->name), event->text);
		break;
	case EVENT_AWAY: app_log(app, LINE_EVENT, "%s lost the line; the seat is kept.", WHO(event)); break;
	case EVENT_RESUMED: app_log(app, LINE_EVENT, "%s is back.", WHO(event)); break;
	case EVENT_REMOVED: app_log(app, LINE_WARNING, "%s removed you from the meeting.", BY(event)); break;
	case EVENT_WRONG_PASSCODES:
		app_log(app, LINE_WARNING, "Wrong passcodes were tried at the door: %u so far.",
			event->count);
		break;
	default: break;
	}
}

static void (*const log_by_kind[EVENT_COUNT])(struct app *app, const struct event *event) = {
	[EVENT_CREATED] = log_created,
	[EVENT_SPOTLIGHT] = log_spotlight,
	[EVENT_JOINED] = log_joined,
	[EVENT_WAITING] = log_waiting,
	[EVENT_SECURITY] = log_security,
	[EVENT_PERSON_LEFT] = log_left,
	[EVENT_PERSON_CHANGED] = log_changed,
	[EVENT_CHAT] = log_chat,
	[EVENT_CONTROLS] = log_control,
	[EVENT_PERMISSION] = log_permission,
	[EVENT_SHARE_STARTED] = log_share,
	[EVENT_SHARE_STOPPED] = log_share,
	[EVENT_ENDED] = log_ended,
	[EVENT_PERSON_JOINED] = log_joined_person,
	[EVENT_RECORD_ASK] = log_record_ask,
	[EVENT_RECORD_WAITS] = log_record_waits,
	[EVENT_RECORDING] = log_recording,
	[EVENT_POLL] = log_poll,
	[EVENT_POLL_NAMES] = log_poll_names,
	[EVENT_POLL_RESULT] = log_poll_result,
	[EVENT_BREAKOUTS] = log_breakouts,
	[EVENT_MOVED] = log_moved,
	[EVENT_KEYBOARD] = log_keyboard,
	[EVENT_SHUT_OUT] = log_shut_out,
};

void app_log_event(struct app *app, const struct event *event)
{
	if (log_by_kind[event->kind])
		log_by_kind[event->kind](app, event);
	else
		log_simple(app, event);
}
