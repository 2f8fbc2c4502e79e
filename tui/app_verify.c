/* The user's own word: that a code was compared, and whether the relay may hear. */
#include "tui/app_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- /verify ---- */

/* "12345 67890 …" in two lines of four groups. */
static void add_code(struct app *app, const char *code)
{
	const size_t half = strlen(code) / 2;

	app_text_add(app, "%.*s\n%s\n", (int)half, code, code + half + (code[half] == ' '));
}

static void show(const struct run *run, const char *of, uint32_t number, const struct session_security *security, const char *code)
{
	struct app *app = run->app;
	const struct answer answer = {
		.ok = true, .text = app->answer_text, .json = app->answer_json, .large = app->answer_code
	};
	const bool leader = number == security->leader;
	const char *who = app_who(app, number, NULL);

	app->answer_text[0] = '\0';
	snprintf(app->answer_code, sizeof(app->answer_code), "%s", code);
	snprintf(app->verify.of, sizeof(app->verify.of), "%s", of);
	snprintf(app->verify.code, sizeof(app->verify.code), "%s", code);
	app->verify.number = number;
	if (number == app->roster.me)
		app_text_add(app, leader ? "Your own code: you draw the keys. Read it aloud; who sees the same says /verify yes\n"
					 : "Your own code. Read it aloud; who sees the same says /verify %u yes\n",
			     number);
	else
		app_text_add(app, leader ? "%s draws the keys: let %s read this code aloud.\n" : "The code of %s: let %s read it aloud.\n", who,
			     who);
	add_code(app, code);
	if (number != app->roster.me && leader)
		app_text_add(app, "The same: /verify yes. If not, /leave: somebody is in between.");
	else if (number != app->roster.me)
		app_text_add(app, "The same: /verify %u yes. If not, it is not %s.", number, who);
	app_text_end(app);
	snprintf(app->answer_json, sizeof(app->answer_json), "\"code\":\"%s\",\"number\":%u", app->answer_code, number);
	app_answer(app, run->tag, &answer);
}

static void confirm(const struct run *run, uint32_t number, const struct session_security *security)
{
	struct app *app = run->app;
	char text[MOOT_NAME_SIZE + 200];
	int err;

	if (number == app->roster.me) {
		run_fail(run, "not-yourself", "This is your own code: it is for others to compare.");
		return;
	}
	err = app_person_verify(app, number);
	if (number == security->leader)
		session_confirm(app->session);
	if (err < 0) {
		run_fail(run, "known-people", "%s is verified for this meeting, but it could not be kept: %s.",
			 app_who(app, number, NULL), strerror(-err));
		return;
	}
	snprintf(text, sizeof(text), "%s is verified%s.", app_who(app, number, NULL),
		 app->params.known_people ? ", and known by this key from now on" : " for this meeting");
	app_reply(app, run->tag, true, NULL, text);
}

/* A yes is about the code that was shown, not about whoever leads, or bears that name, by the time it is said. */
static bool is_another(const struct app *app, const char *of, uint32_t number, const char *code)
{
	return app->verify.code[0] && strcmp(app->verify.code, code) != 0 &&
	       (app->verify.number == number || !strcmp(app->verify.of, of));
}

/* [WHO] [yes] */
void run_verify(const struct run *run)
{
	struct app *app = run->app;
	struct session_security security;
	uint8_t key[MOOT_KEY_BYTES];
	char code[48] = "";
	const bool yes = run->argc > 0 && !strcmp(run->argv[run->argc - 1], "yes");
	const char *of = run->argc > yes ? run->argv[0] : "";
	uint32_t number;

	app_security(app, &security);
	number = security.leader;
	if (run->argc == 2 && !yes) {
		run_fail(run, "bad-value", "It is verify, verify yes, verify WHO or verify WHO yes.");
		return;
	}
	if (run->argc > yes && !run_who(run, run->argv[0], false, &number))
		return;
	if (!number || session_person_key(app->session, number, key, code) < 0 || !code[0])
		run_fail(run, "no-keys-yet", number ? "%s has no keys yet: there is nothing to compare."
						    : "Nobody has drawn keys yet: there is nothing to compare.",
			 app_who(app, number, NULL));
	else if (yes && is_another(app, of, number, code))
		run_fail(run, "other-code", "That is not the code you were shown: by now it is about %s. Look again: /verify%s%s",
			 app_who(app, number, NULL), of[0] ? " " : "", of);
	else if (yes)
		confirm(run, number, &security);
	else
		show(run, of, number, &security, code);
}

/* ---- /consent ---- */

static void consent_record(const struct run *run, bool on)
{
	struct command command = { .word = WORD_CONSENT, .on = on };

	app_ask(run->app, run->tag, &command, YES_CONSENTED);
}

static void consent_relay(const struct run *run, bool on)
{
	struct app *app = run->app;
	struct session_security security;

	app_security(app, &security);
	if (security.state != SECURITY_TO_RELAY) {
		run_fail(run, "no-question", "Nobody is here because of whom the relay could hear.");
		return;
	}
	session_consent(app->session, on);
	app_reply(app, run->tag, true, NULL,
		  on ? "You send again. The relay hears it." : "You send nothing; you still hear.");
}

/* What yes or no alone answers: the one question that is open. A no also takes back what was agreed to. */
static void consent(const struct run *run, bool on)
{
	const struct roster *roster = &run->app->roster;
	struct session_security security;
	bool record, relay;

	app_security(run->app, &security);
	record = roster->record_asked;
	relay = security.state == SECURITY_TO_RELAY && security.consent_due;
	for (size_t i = 0; !on && i < roster->people_count; i++)
		record |= roster->people[i].record;
	if (!on && !record)
		relay |= security.state == SECURITY_TO_RELAY;
	if (record && relay)
		run_fail(run, "two-questions", "Which one? /consent record %s is about %s, /consent relay %s about being heard "
			 "by the relay.", on ? "yes" : "no", roster->record_asked ? "being recorded" : "the recording that runs",
			 on ? "yes" : "no");
	else if (relay)
		consent_relay(run, on);
	else
		consent_record(run, on);
}

/* [record|relay] yes|no */
void run_consent(const struct run *run)
{
	const char *last = run->argv[run->argc - 1];
	const bool on = !strcmp(last, "yes");

	if ((!on && strcmp(last, "no") != 0) ||
	    (run->argc == 2 && strcmp(run->argv[0], "record") != 0 && strcmp(run->argv[0], "relay") != 0))
		run_fail(run, "bad-value", "It is consent yes or consent no; of several questions, consent record yes or consent "
			 "relay yes.");
	else if (run->argc == 1)
		consent(run, on);
	else if (!strcmp(run->argv[0], "record"))
		consent_record(run, on);
	else
		consent_relay(run, on);
}
