/* What the session says of the encryption, in words that tell what it means and what to do: lines of the chat pane as it
 * changes, and the page of /security. */
#include "tui/app_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/people.h"

enum { MANY_WRONG = 10, LISTED_MAX = 200, EXPLAIN_SIZE = 1024 };

/* ---- what it means ---- */

static const char *paused(const char *reason)
{
	static const struct {
		const char *reason, *text;
	} table[] = {
		{ "fork", "Two versions of the meeting's keys went around: somebody may have cut the meeting in two. Leave and "
			  "join again; if it comes again, the relay or a member is not honest." },
		{ "removed", "You were taken out of the meeting's keys." },
		{ "crypto", "The encryption failed on this machine. Leave and join again." },
		{ "no-heartbeat", "Nothing has come for a minute from who draws the keys: a lost line, or somebody holds it back. "
				  "It goes on by itself once that is back, or another draws them." },
		{ "old-epoch", "The keys have not turned for ten minutes, as they must. It goes on by itself once they do." },
		{ "no-key", "The newest keys did not reach this machine, which asks for them again. It goes on by itself once "
			    "they come." },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].reason, reason))
			return table[i].text;
	return "Leave and join again.";
}

static const char *leader_name(const struct app *app, const struct session_security *security)
{
	return security->leader ? app_who(app, security->leader, NULL) : "somebody";
}

static void explain(const struct app *app, const struct session_security *security, char dst[static EXPLAIN_SIZE])
{
	const char *who;

	switch (security->state) {
	case SECURITY_NONE: snprintf(dst, EXPLAIN_SIZE, "You are not in yet: you hear nobody, and nobody hears you."); break;
	case SECURITY_VERIFIED:
		snprintf(dst, EXPLAIN_SIZE, "Only the people in the list hear, see and read. The relay cannot.");
		break;
	case SECURITY_NOT_VERIFIED:
		who = leader_name(app, security);
		if (security->leads)
			snprintf(dst, EXPLAIN_SIZE, "You draw the keys, and nobody has compared your code yet: /verify shows it, "
						    "read it aloud to who asks.");
		else
			snprintf(dst, EXPLAIN_SIZE,
				 "The relay cannot hear, unless somebody posed as %s when you came. Let %s read the code aloud "
				 "and compare it with yours: /verify",
				 who, who);
		break;
	case SECURITY_TO_RELAY:
		snprintf(dst, EXPLAIN_SIZE, "Whatever is said, shown or written now, who runs the relay can have.%s",
			 security->consent_due ? " Until you say /consent relay yes you send nothing."
					       : " You agreed; /consent relay no takes it back.");
		break;
	case SECURITY_PAUSED:
		snprintf(dst, EXPLAIN_SIZE, "Nothing of yours is sent. %s", paused(security->reason));
		break;
	}
}

/* ---- as it changes ---- */

static void log_state(struct app *app, const struct session_security *security)
{
	char text[EXPLAIN_SIZE];

	explain(app, security, text);
	app_log(app, security->state >= SECURITY_TO_RELAY ? LINE_WARNING : LINE_EVENT, "%s. %s", security->text, text);
}

/* Whom the user verified before is confirmed at once; that it was not so for a moment is no news. */
static bool about_to_confirm(const struct app *app, const struct session_security *security)
{
	return security->state == SECURITY_NOT_VERIFIED &&
	       app_person_known(app, security->leader, NULL) == KNOWN_VERIFIED;
}

void app_log_security(struct app *app)
{
	struct session_security security;

	app_security(app, &security);
	app->told.leader = security.leader;
	if (security.state != SECURITY_NONE && !about_to_confirm(app, &security))
		log_state(app, &security);
}

void app_security_event(struct app *app, const struct event *event)
{
	if (event->kind == EVENT_SECURITY || event->kind == EVENT_JOINED || event->kind == EVENT_WAITING)
		app_people_look(app, true);
	else if (event->kind == EVENT_PERSON_JOINED || event->kind == EVENT_PERSON_LEFT ||
		 (event->kind == EVENT_PERSON_CHANGED && !strcmp(event->code, "name")))
		app_people_due(app);
}

/* Another draws the keys: whom one verified may not be who leads now. */
static void tell_leader(struct app *app, const struct session_security *security)
{
	const uint32_t before = app->told.leader;

	app->told.leader = security->leader;
	if (!before || !security->leader || before == security->leader)
		return;
	if (security->leads)
		app_log(app, LINE_EVENT, "You draw the meeting's keys now. Read your code aloud to who asks: /verify");
	else
		app_log(app, LINE_EVENT, "%s draws the meeting's keys now.%s", leader_name(app, security),
			security->state == SECURITY_NOT_VERIFIED ? " Compare the code again: /verify" : "");
}

static void tell_codes(struct app *app, const struct session_security *security)
{
	const bool hosts = roster_hosts(&app->roster), many = security->wrong_codes >= MANY_WRONG;
	char text[300];

	if (security->codes_closed && !app->told.closed) {
		snprintf(text, sizeof(text), "Too many wrong passcodes were tried: passcode entry is closed. %s",
			 hosts ? "/passcode new opens it with a new one; links are still good."
			       : "Only links let people in, until a host draws the keys and makes a new one.");
		app_notice(app, "codes-closed", text);
	} else if (many && !app->told.many_wrong && !security->codes_closed) {
		snprintf(text, sizeof(text), "%u wrong passcodes were tried since it was made: somebody may be guessing. %s",
			 security->wrong_codes, hosts ? "Better make a new one: /passcode new" : "Tell a host.");
		app_notice(app, "wrong-codes", text);
	}
	app->told.closed = security->codes_closed;
	app->told.many_wrong = many;
}

void app_security_tick(struct app *app)
{
	struct session_security security;

	app_people_look(app, false);
	if (app->told.ticks++ % 5 != 0)
		return;
	app_security(app, &security);
	tell_leader(app, &security);
	tell_codes(app, &security);
}

/* ---- the page ---- */

static void add_ago(struct app *app, int64_t ms)
{
	const int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		app_text_add(app, "%d s ago", (int)s);
	else
		app_text_add(app, "%d min ago", (int)(s / 60));
}

static void add_keys(struct app *app, const struct session_security *security)
{
	if (!security->leader) {
		app_text_add(app, "keys      nobody has drawn any yet\n");
		return;
	}
	app_text_add(app, "keys      %s %s%s\n", security->leads ? "you" : leader_name(app, security),
		     security->leads ? "draw them" : "draws them", security->leader_is_host ? ", the host whom the invite names" : "");
	if (security->code[0])
		app_text_add(app, "code      %s\n", security->code);
	app_text_add(app, "epoch     %u, turned ", security->epoch);
	add_ago(app, loop_unix_ms() - security->turned_ms);
	app_text_add(app, "\n");
}

static void add_relay(struct app *app)
{
	if (app->relay[0])
		app_text_add(app, "relay     %s\ntls       %s\npin       %s\n", app->relay, app->tls, app->pin);
}

static void add_known(struct app *app, uint32_t number)
{
	const struct known_person *before = NULL;
	const int known = app_person_known(app, number, &before);

	if (number == app->roster.me || !app->params.known_people)
		return;
	if (app_person_warned(app, number))
		app_text_add(app, ", ANOTHER KEY than that name had on %s: /verify %u", before->date, number);
	else if (known == KNOWN_VERIFIED)
		app_text_add(app, before->how == PEOPLE_CODE ? ", code compared, known since %s" : ", named by an invite, known since %s",
			     before->date);
	else if (known == KNOWN_SEEN)
		app_text_add(app, ", known since %s", before->date);
	else if (known == KNOWN_NEW)
		app_text_add(app, ", new to you");
}

static void add_person(struct app *app, const struct person *person, const struct session_security *security)
{
	const char *keys = !app_keyed(app, person->number)	       ? "no keys yet"
			   : person->sealed == SEALED_RELAY	       ? "TO THE RELAY ONLY"
			   : security->state == SECURITY_TO_RELAY ? "has keys"
								       : "end to end";

	app_text_person(app, person->number, app_who(app, person->number, person->name));
	app_text_add(app, " %-8s  %s%s", kind_name(person->kind), keys, person->number == security->leader ? ", draws the keys" : "");
	add_known(app, person->number);
	app_text_add(app, "%s\n", person->number == app->roster.me ? " (you)" : "");
}

/* Something about this person wants to be seen first. */
static bool notable(const struct app *app, const struct person *person)
{
	return app_person_warned(app, person->number) || person->sealed == SEALED_RELAY || !app_keyed(app, person->number);
}

static void add_people(struct app *app, const struct session_security *security)
{
	const struct roster *roster = &app->roster;
	size_t keyed = 0, warned = 0, listed = 0;

	for (size_t i = 0; i < roster->people_count; i++) {
		keyed += app_keyed(app, roster->people[i].number);
		warned += app_person_warned(app, roster->people[i].number);
	}
	if (roster->people_count == 0)
		return;
	app_text_add(app, "\nPEOPLE (%zu: %zu with keys, %zu without", roster->people_count, keyed,
		     roster->people_count - keyed);
	app_text_add(app, warned ? ", %zu with another key than before)\n" : ")\n", warned);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < roster->people_count && listed < LISTED_MAX; i++)
			if (notable(app, &roster->people[i]) == (pass == 0)) {
				add_person(app, &roster->people[i], security);
				listed++;
			}
	if (listed < roster->people_count)
		app_text_add(app, "     ... and %zu more\n", roster->people_count - listed);
}

void app_text_security(struct app *app)
{
	struct session_security security;
	char text[EXPLAIN_SIZE];

	app_people_look(app, true);
	app_security(app, &security);
	explain(app, &security, text);
	app_text_add(app, "%s\n%s\n\n", security.state == SECURITY_NONE ? "Joining" : security.text, text);
	add_keys(app, &security);
	add_relay(app);
	if (security.leads)
		app_text_add(app, "passcode  %u wrong since it was made%s\n", security.wrong_codes,
			     security.codes_closed ? "; closed: /passcode new" : "");
	add_people(app, &security);
	app_text_end(app);
}
