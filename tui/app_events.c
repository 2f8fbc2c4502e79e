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
	char *dst = ring[next++ % 4];

	if (number && roster_find(&app->roster, number))
		roster_show_name(&app->roster, number, dst, sizeof(ring[0]));
	else if (name && name[0])
		text_safe(dst, sizeof(ring[0]), name, false);
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

static void log_chat(struct app *app, const struct event *event)
{
	static const enum line_kind kinds[SCOPE_COUNT] = {
		[TO_EVERYONE] = LINE_CHAT,
		[TO_HOSTS] = LINE_HOSTS,
		[TO_ONE] = LINE_DIRECT,
		[TO_WAITING] = LINE_WAITING,
	};
	const bool mine = app->roster.me != 0 && event->from == app->roster.me;
	const char *to = NULL;

	if (event->to == TO_ONE)
		to = mine ? app_who(app, event->number, NULL) : "you";
	chatlog_add(app->log, kinds[event->to], event->time_ms ? event->time_ms : loop_unix_ms(), mine,
		    app_who(app, event->from, event->name), to, event->text);
}

static void log_created(struct app *app, const struct event *event)
{
	char id[MOOT_ID_SIZE];

	text_id_show(id, event->id);
	app_log(app, LINE_EVENT, "Meeting %s is open. Hand out this invite:\n%s", id, app->invite);
	app_log(app, LINE_EVENT, "or the id %s and the passcode %s. /invite shows this again.", id,
		event->passcode);
}

static void log_joined(struct app *app, const struct event *event)
{
	app_log(app, LINE_EVENT, "You are in as %s (%s).", WHO(event), role_name(event->role));
	app_log(app, LINE_EVENT, "%s: who runs the relay could listen.", app_security(app));
}

static void log_waiting(struct app *app, const struct event *event)
{
	char title[MOOT_TITLE_SIZE];

	text_safe(title, sizeof(title), event->title, false);
	app_log(app, LINE_EVENT, "You wait to be let into %s.%s%s", title[0] ? title : "the meeting",
		event->text[0] ? " " : "", event->text);
}

static void log_left(struct app *app, const struct event *event)
{
	static const struct {
		const char *code, *text;
	} how[] = { { "lost", "was lost" }, { "removed", "was removed" }, { "sent-back", "waits again" } };
	const char *text = "left";

	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++)
		if (!strcmp(event->code, how[i].code))
			text = how[i].text;
	app_log(app, LINE_EVENT, "%s %s.", WHO(event), text);
}

static void log_changed(struct app *app, const struct event *event)
{
	const struct person *person = &event->person;
	const char *who = app_who(app, person->number, person->name);

	if (!strcmp(event->code, "role"))
		app_log(app, LINE_EVENT, "%s is %s now.", who, role_name(person->role));
	else if (!strcmp(event->code, "name"))
		app_log(app, LINE_EVENT, "Number %u is called %s now.", person->number, who);
	else if (!strcmp(event->code, "hand") && person->hand)
		app_log(app, LINE_EVENT, "%s raised a hand.", who);
}

static void log_control(struct app *app, const struct event *event)
{
	const char *value = control_value_name(event->control, event->value);

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
	case EVENT_REFUSED: app_log(app, LINE_WARNING, "%s", event->text); break;
	case EVENT_PERSON_JOINED:
		app_log(app, LINE_EVENT, "%s came in.",
			app_who(app, event->person.number, event->person.name));
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
	[EVENT_PERSON_LEFT] = log_left,
	[EVENT_PERSON_CHANGED] = log_changed,
	[EVENT_CHAT] = log_chat,
	[EVENT_CONTROLS] = log_control,
	[EVENT_PERMISSION] = log_permission,
	[EVENT_SHARE_STARTED] = log_share,
	[EVENT_SHARE_STOPPED] = log_share,
	[EVENT_ENDED] = log_ended,
};

void app_log_event(struct app *app, const struct event *event)
{
	if (log_by_kind[event->kind])
		log_by_kind[event->kind](app, event);
	else
		log_simple(app, event);
}
