/* What is handed out to come in by: the link; for those without, id and passcode; for those who come by web or phone, a PIN
 * that the relay checks. */
#include "tui/app_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "net/text.h"

static struct invite invite_of(const struct app *app)
{
	struct invite invite = *session_invite(app->session);

	if (app->params.invite_host)
		snprintf(invite.host, sizeof(invite.host), "%s", app->params.invite_host);
	if (app->roster.id[0])
		snprintf(invite.id, sizeof(invite.id), "%s", app->roster.id);
	if (!invite.pin[0])
		snprintf(invite.pin, sizeof(invite.pin), "%.*s", (int)sizeof(invite.pin) - 1, app->pin);
	return invite;
}

void app_make_invite(struct app *app)
{
	const struct invite invite = invite_of(app);

	if (invite_print(app->invite, sizeof(app->invite), &invite) < 0)
		app->invite[0] = '\0';
}

static const char *passcode_of(const struct app *app)
{
	return session_invite(app->session)->passcode;
}

void run_invite(const struct run *run)
{
	struct app *app = run->app;
	const struct answer answer = { .ok = true, .text = app->answer_text, .json = app->answer_json };
	const struct invite invite = invite_of(app);
	char id[MOOT_ID_SIZE], relay[300] = "";

	if (!app->invite[0]) {
		run_fail(run, "not-in", "You are not in the meeting yet.");
		return;
	}
	text_id_show(id, app->roster.id);
	invite_print_relay(relay, sizeof(relay), &invite);
	app->answer_text[0] = '\0';
	app_text_add(app, "%s\n", app->invite);
	if (passcode_of(app)[0])
		app_text_add(app,
			     "\nFor those without the link; send them by another way:\nid        %s\npasscode  %s\nrelay     %s",
			     id, passcode_of(app), relay);
	else
		app_text_add(app, "\nThis machine does not know the passcode; who has it comes in by id %s at the relay %s.", id,
			     relay);
	snprintf(app->answer_json, sizeof(app->answer_json), "\"invite\":\"%s\"", app->invite);
	app_answer(app, run->tag, &answer);
}

/* ---- /passcode ---- */

static void show_passcode(const struct run *run, const char *head)
{
	struct app *app = run->app;
	const struct answer answer = { .ok = true, .text = app->answer_text, .json = app->answer_json };
	char id[MOOT_ID_SIZE];
	size_t at;

	text_id_show(id, app->roster.id);
	app->answer_text[0] = '\0';
	app_text_add(app, "%s%s, for the id %s.", head, passcode_of(app), id);
	at = (size_t)snprintf(app->answer_json, sizeof(app->answer_json), "\"passcode\":\"");
	for (const char *c = passcode_of(app); *c && at + 4 < sizeof(app->answer_json); c++) {
		if (*c == '"' || *c == '\\')
			app->answer_json[at++] = '\\';
		app->answer_json[at++] = *c;
	}
	snprintf(app->answer_json + at, sizeof(app->answer_json) - at, "\"");
	app_answer(app, run->tag, &answer);
}

/* With the meeting's other secrets, if it is this machine's. */
static void keep_passcode(const struct app *app)
{
	struct host_secrets secrets;

	if (host_secrets_find(app->params.state_dir, app->relay, app->roster.id, &secrets))
		return;
	snprintf(secrets.passcode, sizeof(secrets.passcode), "%s", session_invite(app->session)->passcode);
	(void)host_secrets_keep(app->params.state_dir, app->relay, app->roster.id, &secrets);
	explicit_bzero(&secrets, sizeof(secrets));
}

static void new_passcode(const struct run *run, const char *passcode)
{
	struct app *app = run->app;
	struct session_security security;
	const int err = session_new_passcode(app->session, passcode);

	app_security(app, &security);
	if (err == -EPERM && roster_hosts(&app->roster) && security.leader && !security.leads)
		run_fail(run, "not-allowed", "Only who draws the keys checks passcodes, and that is %s: ask there.",
			 app_who(app, security.leader, NULL));
	else if (err == -EPERM)
		run_fail(run, "not-allowed", "Only a host who draws the meeting's keys can make a new passcode.");
	else if (err < 0)
		run_fail(run, "passcode-too-short", "This cannot be the passcode: too short for this relay, too long, or no "
			 "proper text.");
	else {
		app_make_invite(app);
		keep_passcode(app);
		show_passcode(run, "The old passcode lets nobody in any more. The new one is ");
	}
}

/* [new [PASSCODE]] */
void run_passcode(const struct run *run)
{
	if (run->argc > 0 && strcmp(run->argv[0], "new") != 0)
		run_fail(run, "bad-value", "It is passcode, passcode new, or passcode new PASSCODE.");
	else if (run->argc > 0)
		new_passcode(run, run->argc > 1 ? run->argv[1] : NULL);
	else if (!roster_hosts(&run->app->roster))
		run_fail(run, "not-allowed", "Only hosts hand out the passcode.");
	else if (!passcode_of(run->app)[0])
		run_fail(run, "no-passcode", "This machine does not know the passcode: you came in by the link. Who draws the "
			 "keys makes a new one: /passcode new");
	else
		show_passcode(run, "The passcode is ");
}

/* ---- /guest-pin ---- */

/* Eight digits, each as likely as any. */
static int draw_pin(char pin[static 16])
{
	enum { PINS = 100000000 };
	uint32_t number;

	do
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -EIO;
	while (number >= UINT32_MAX / PINS * PINS);
	snprintf(pin, 16, "%08u", number % PINS);
	return 0;
}

/* new|off */
void run_guest_pin(const struct run *run)
{
	struct app *app = run->app;
	struct command command = { .word = WORD_PIN };
	const size_t before = app->pending_count;

	if (!strcmp(run->argv[0], "off")) {
		app_ask(app, run->tag, &command, YES_NOTHING);
		return;
	}
	if (strcmp(run->argv[0], "new") != 0) {
		run_fail(run, "bad-value", "It is guest-pin new or guest-pin off.");
		return;
	}
	if (draw_pin(command.passcode) < 0) {
		run_fail(run, "no-memory", "This machine gives no random numbers.");
		return;
	}
	app_ask(app, run->tag, &command, YES_PIN);
	if (app->pending_count > before)
		snprintf(app->pending[before].pin, sizeof(app->pending[before].pin), "%.15s", command.passcode);
	explicit_bzero(&command, sizeof(command));
}

void app_pin_made(struct app *app, const struct pending *pending)
{
	const struct answer answer = { .ok = true, .text = app->answer_text, .json = app->answer_json };

	app->answer_text[0] = '\0';
	app_text_add(app,
		     "The PIN for web and phone is %.4s %s, and is not shown again.\n"
		     "It is weaker than a link: the relay checks it. Once somebody is in by it, the relay can hear, see and read the "
		     "whole meeting; everybody is asked first. /guest-pin off ends that.",
		     pending->pin, pending->pin + 4);
	snprintf(app->answer_json, sizeof(app->answer_json), "\"pin\":\"%s\"", pending->pin);
	app_answer(app, pending->tag, &answer);
	explicit_bzero(app->answer_text, sizeof(app->answer_text));
	explicit_bzero(app->answer_json, sizeof(app->answer_json));
}
