/* One participant. Events of the session come in here, are taken into the roster, acted upon (app_media.c),
 * written into the chat pane (app_events.c) and handed to the front end, in that order. Lines of commands go
 * out by app_commands.c; what the relay answers finds its way back by request number. */
#include "tui/app_files.h"
#include "tui/app_record.h"
#include "tui/app_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void app_emit(struct app *app, const struct event *event)
{
	app->ops->on_event(app->arg, event);
}

void app_reply(struct app *app, uint64_t tag, bool ok, const char *code, const char *text)
{
	const struct answer answer = { .ok = ok, .code = code, .text = text };

	app_answer(app, tag, &answer);
}

void app_answer(struct app *app, uint64_t tag, const struct answer *answer)
{
	if (tag != APP_TAG_OWN)
		app->ops->on_answer(app->arg, tag, answer);
	else if (!answer->ok)
		app_notice(app, answer->code, answer->text);
}

void app_notice(struct app *app, const char *code, const char *text)
{
	struct event event = { .kind = EVENT_ERROR };

	snprintf(event.code, sizeof(event.code), "%s", code);
	snprintf(event.text, sizeof(event.text), "%s", text);
	app_log(app, LINE_WARNING, "%s", text);
	app_emit(app, &event);
}

/* ---- questions to the relay and their answers ---- */

void app_ask(struct app *app, uint64_t tag, struct command *command, enum on_yes on_yes)
{
	int request;

	if (app->pending_count == APP_PENDING_MAX) {
		app_reply(app, tag, false, "too-fast",
			  "Too many commands at once; the relay has not answered yet.");
		return;
	}
	request = session_command(app->session, command);
	if (request > 0)
		app->pending[app->pending_count++] =
			(struct pending) { .request = (uint32_t)request, .tag = tag, .on_yes = on_yes };
	else if (request == -ENOTCONN)
		app_reply(app, tag, false, "not-connected", "The line to the relay is down just now.");
	else
		app_reply(app, tag, false, "too-fast", "Too much is waiting to be sent.");
}

void app_round_trip(struct app *app, uint64_t tag)
{
	struct command nobody = { .word = WORD_KEYFRAME };

	app_ask(app, tag, &nobody, YES_NOTHING);
}

void app_tell(struct app *app, struct command *command)
{
	/* No answer is waited for; when the line is down, coming back says all this again. */
	(void)session_command(app->session, command);
}

/* The relay agreed: do our half. A failure here takes the word back. */
static bool carry_out(struct app *app, const struct pending *pending)
{
	struct command back = { .word = WORD_NONE };
	const char *why = "";
	int err = 0;

	switch (pending->on_yes) {
	case YES_VOTED: app->voted = app->roster.poll; break;
	case YES_NOTHING:
	case YES_ENDED: break;
	case YES_UNMUTE: app_set_muted(app, false); break;
	case YES_CONSENTED: app->roster.record_asked = false; break; /* whatever comes of it */
	case YES_PIN: app_pin_made(app, pending); return false;
	case YES_CAMERA_ON:
		err = app_set_camera(app, true, &why);
		back.word = WORD_VIDEO;
		break;
	case YES_CAMERA_OFF: err = app_set_camera(app, false, &why); break;
	case YES_SHARE:
		err = app_set_share(app, app->share_file, &why);
		back.word = WORD_SHARE_STOP;
		break;
	}
	if (err >= 0)
		return true;
	if (back.word != WORD_NONE)
		app_tell(app, &back);
	app_reply(app, pending->tag, false, "device", why);
	return false;
}

static void on_answer(struct app *app, const struct event *event)
{
	for (size_t i = 0; i < app->pending_count; i++) {
		struct pending pending = app->pending[i];

		if (pending.request != event->request)
			continue;
		app->pending[i] = app->pending[--app->pending_count];
		if (!event->ok || carry_out(app, &pending))
			app_reply(app, pending.tag, event->ok, event->code, event->text);
		return;
	}
}

/* Nobody is left unanswered when the line goes. */
static void answer_all(struct app *app, const char *code, const char *text)
{
	while (app->pending_count > 0) {
		const struct pending pending = app->pending[--app->pending_count];

		/* The end itself is an answer to "end". */
		if (pending.on_yes == YES_ENDED && app->ended && app->end_status == 0)
			app_reply(app, pending.tag, true, NULL, NULL);
		else
			app_reply(app, pending.tag, false, code, text);
	}
}

/* ---- what the relay tells ---- */

/* So that this machine is host again later, and hands out the same invite. */
static int keep_meeting(const struct app *app, const struct event *event)
{
	const struct invite *invite = session_invite(app->session);
	struct host_secrets secrets = { .has_link = invite->has_secret, .has_host = invite->has_host };
	int rc;

	memcpy(secrets.key, event->host_key, sizeof(secrets.key));
	memcpy(secrets.link, invite->secret, sizeof(secrets.link));
	memcpy(secrets.host_hash, invite->host_hash, sizeof(secrets.host_hash));
	snprintf(secrets.passcode, sizeof(secrets.passcode), "%s", invite->passcode);
	snprintf(secrets.pin, sizeof(secrets.pin), "%.*s", (int)sizeof(secrets.pin) - 1, app->pin);
	if (app->params.invite_host)
		snprintf(secrets.outside, sizeof(secrets.outside), "%s", app->params.invite_host);
	rc = host_secrets_keep(app->params.state_dir, app->relay, event->id, &secrets);
	explicit_bzero(&secrets, sizeof(secrets));
	return rc;
}

static void on_created(struct app *app, const struct event *event)
{
	snprintf(app->roster.id, sizeof(app->roster.id), "%s", event->id);
	app_make_invite(app);
	if (keep_meeting(app, event) < 0)
		app_notice(app, "host-key",
			   "The host key could not be kept on this machine: after leaving you cannot be host "
			   "again.");
}

static void on_connected(struct app *app, const struct event *event)
{
	snprintf(app->relay, sizeof(app->relay), "%s", event->relay);
	snprintf(app->tls, sizeof(app->tls), "%s", event->tls);
	snprintf(app->pin, sizeof(app->pin), "%s", event->pin);
}

static void start_sharing(struct app *app)
{
	const char *const argv[] = { app->params.share };

	app_run(app, APP_TAG_OWN, "share", 1, argv);
}

static void on_joined(struct app *app)
{
	app->end_status = 0;
	app_make_invite(app);
	if (app->joined_us == 0)
		app->joined_us = loop_now_us();
	app_want_soon(app);
}

/* Once one is in and has keys: what was said before could not be sent. */
static void on_keyed(struct app *app)
{
	struct session_security security;

	if (app->keyed || !app->joined_us)
		return;
	app_security(app, &security);
	if (security.state == SECURITY_NONE)
		return;
	app->keyed = true;
	app_media_start(app);
	if (app->params.share)
		start_sharing(app);
}

/* Not for people, or secret. */
static bool plumbing(enum event_kind kind)
{
	return kind == EVENT_HELLO || kind == EVENT_ANSWER || kind == EVENT_TICKET || kind == EVENT_WANTED ||
	       kind == EVENT_KEYFRAME || kind == EVENT_PERSON || kind == EVENT_CONTROL || kind == EVENT_FILE_GET ||
	       kind == EVENT_FILE_CHUNK;
}

static void on_event(void *arg, const struct event *event)
{
	struct app *app = arg;
	const int taken = roster_apply(&app->roster, event);

	if (event->kind == EVENT_ANSWER) {
		on_answer(app, event);
		return;
	}
	if (taken == -EPROTO)
		app_notice(app, "protocol", "The relay said something that contradicts what it said before.");
	if (event->kind == EVENT_CONNECTED)
		on_connected(app, event);
	if (event->kind == EVENT_CREATED)
		on_created(app, event);
	app_record_event(app, event);
	app_media_event(app, event);
	app_file_event(app, event);
	if (plumbing(event->kind))
		return;
	app_log_event(app, event);
	app_emit(app, event);
	app_security_event(app, event);
	if (event->kind == EVENT_KNOCK)
		app_people_knock(app, event);
	if (event->kind == EVENT_JOINED)
		on_joined(app);
	on_keyed(app);
	if (app->pinned && event->kind == EVENT_PERSON_LEFT && event->number == app->pinned)
		app->pinned = 0;
}

static void on_media(void *arg, const struct wire_frame *frame)
{
	app_media_incoming(arg, frame);
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	struct app *app = arg;

	if (app->ops->on_trust)
		app->ops->on_trust(app->arg, trust, relay, pin);
	else
		session_trust(app->session, false);
}

static void on_line(void *arg, unsigned attempt, const char *why)
{
	struct app *app = arg;
	char text[300];

	if (attempt > 0)
		answer_all(app, "not-connected", "The line to the relay was lost before it answered.");
	if (attempt == 1) {
		app_record_lost(app);
		snprintf(text, sizeof(text), "The line is lost (%s); trying to get it back.",
			 why ? why : "no reason given");
		app_notice(app, "line-lost", text);
	} else if (attempt == 0 && app->line_attempt > 0) {
		app_log(app, LINE_EVENT, "The line is back.");
		app_want_soon(app);
	}
	app->line_attempt = attempt;
}

/* Told from a timer, so that nobody frees a session that is still talking. */
static void tell_end(void *arg)
{
	struct app *app = arg;

	app->ops->on_end(app->arg, app->end_status, app->end_text);
}

static void on_end(void *arg, int status, const char *text)
{
	struct app *app = arg;

	if (app->ended)
		return;
	app->ended = true;
	app->end_status = status;
	snprintf(app->end_text, sizeof(app->end_text), "%s", text ? text : "");
	answer_all(app, "ended", "The meeting ended before the relay answered.");
	loop_timer_cancel(app->loop, &app->tick);
	loop_timer_cancel(app->loop, &app->want);
	loop_timer_set(app->loop, &app->end, 0);
}

static void on_keys(void *arg)
{
	app_fresh_pictures(arg);
	app_people_look(arg, false);
}

static const struct session_ops session_ops = {
	.on_event = on_event,
	.on_media = on_media,
	.on_trust = on_trust,
	.on_line = on_line,
	.on_keys = on_keys,
	.on_end = on_end,
};

static void on_tick(void *arg)
{
	struct app *app = arg;

	app_media_tick(app, loop_now_us());
	app_record_tick(app, loop_now_us());
	app_security_tick(app);
	loop_timer_set(app->loop, &app->tick, 100 * 1000);
}

/* ---- birth and death ---- */

int app_new(struct app **out, struct loop *loop, const struct app_params *params, const struct app_ops *ops,
	    void *arg, const char **why)
{
	struct app *app = calloc(1, sizeof(*app));
	int err = -ENOMEM;

	*why = "Out of memory.";
	if (!app)
		return err;
	app->loop = loop;
	app->params = *params;
	app->ops = ops;
	app->arg = arg;
	app->muted = params->muted;
	app->tick = (struct loop_timer) { .fn = on_tick, .arg = app };
	app->end = (struct loop_timer) { .fn = tell_end, .arg = app };
	app->view = APP_VIEW_SPEAKER;
	roster_init(&app->roster);
	if (params->view && app_view_parse(&app->view, params->view) < 0) {
		*why = "A view is speaker, gallery or off.";
		err = -EINVAL;
		goto out;
	}
	app->log = chatlog_new(5000);
	app->files = app_files_new(app);
	app->people = app_people_new();
	if (!app->log || !app->files || !app->people)
		goto out;
	err = app_media_new(app, why);
	if (err < 0)
		goto out;
	app->params.session.mic = !app->mic ? MIC_NONE : app->muted ? MIC_MUTED : MIC_ON;
	app->params.session.camera = app->camera;
	app->params.session.bandwidth = params->bandwidth;
	app->params.session.state_dir = params->state_dir;
	app->session = session_new(loop, &app->params.session, &session_ops, app);
	if (!app->session) {
		*why = "Out of memory.";
		err = -ENOMEM;
		goto out;
	}
	loop_timer_set(loop, &app->tick, 100 * 1000);
	*out = app;
	if (params->on_new)
		params->on_new(params->on_new_arg, app);
	return 0;
out:
	app_free(app);
	return err;
}

void app_free(struct app *app)
{
	if (!app)
		return;
	loop_timer_cancel(app->loop, &app->tick);
	loop_timer_cancel(app->loop, &app->want);
	loop_timer_cancel(app->loop, &app->end);
	app_record_free(app);
	app_files_free(app->files);
	app_people_free(app->people);
	app_media_free(app);
	session_free(app->session);
	chatlog_free(app->log);
	roster_clear(&app->roster);
	free(app);
}

void app_trust(struct app *app, bool yes)
{
	session_trust(app->session, yes);
}

void app_leave(struct app *app)
{
	session_leave(app->session);
}

/* ---- what the front ends show ---- */

const struct roster *app_roster(const struct app *app)
{
	return &app->roster;
}

const struct chatlog *app_chatlog(const struct app *app)
{
	return app->log;
}

void app_security(const struct app *app, struct session_security *security)
{
	session_security(app->session, security);
}

const char *app_invite(const struct app *app)
{
	return app->invite;
}

int64_t app_joined_us(const struct app *app)
{
	return app->joined_us;
}

uint32_t app_pinned(const struct app *app)
{
	return app->pinned;
}

enum app_view app_view(const struct app *app)
{
	return app->view;
}

bool app_may_vote(const struct app *app)
{
	return app->roster.poll && app->voted != app->roster.poll;
}

unsigned app_line_attempt(const struct app *app)
{
	return app->line_attempt;
}

uint32_t app_rtt_ms(const struct app *app)
{
	return session_rtt_ms(app->session);
}

struct session *app_session(struct app *app)
{
	return app->session;
}
