/* What a person is told of the encryption, and what they can say to it: the app on a session that says what each test wants. */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/people.h"
#include "tests/tui/fake_session.h"
#include "tui/app_state.h"
#include "tui/report.h"

enum { ANSWERS = 16, EVENTS = 64 };

static struct {
	struct loop *loop;
	struct app *app;
	struct app_params params;
	char folder[64], known[96];
	struct {
		bool ok;
		char code[40], text[8192], json[1024], large[48];
	} answer;
	unsigned answers;
	struct event event[EVENTS];
	size_t events;
} test;

/* ---- the front ---- */

static void on_event(void *arg, const struct event *event)
{
	(void)arg;
	assert_true(test.events < EVENTS);
	test.event[test.events++] = *event;
}

static void on_answer(void *arg, uint64_t tag, const struct answer *answer)
{
	(void)arg;
	(void)tag;
	test.answers++;
	test.answer.ok = answer->ok;
	snprintf(test.answer.code, sizeof(test.answer.code), "%s", answer->code ? answer->code : "");
	snprintf(test.answer.text, sizeof(test.answer.text), "%s", answer->text ? answer->text : "");
	snprintf(test.answer.json, sizeof(test.answer.json), "%s", answer->json ? answer->json : "");
	snprintf(test.answer.large, sizeof(test.answer.large), "%s", answer->large ? answer->large : "");
}

static void on_end(void *arg, int status, const char *text)
{
	(void)arg;
	(void)status;
	(void)text;
}

static const struct app_ops ops = { .on_event = on_event, .on_answer = on_answer, .on_end = on_end };

static void begin(bool remembers)
{
	const char *why = "";

	fake_reset();
	memset(&test.params, 0, sizeof(test.params));
	test.params.audio.mic = test.params.audio.speaker = test.params.video.camera = "none";
	test.params.session.name = "Ann";
	test.params.known_people = remembers ? test.known : NULL;
	test.params.headless = true;
	test.events = test.answers = 0;
	assert_int_equal(app_new(&test.app, test.loop, &test.params, &ops, NULL, &why), 0);
}

static int up(void **state)
{
	(void)state;
	strcpy(test.folder, "/tmp/moot-security-XXXXXX");
	assert_non_null(mkdtemp(test.folder));
	snprintf(test.known, sizeof(test.known), "%s/known_people", test.folder);
	test.loop = loop_new();
	assert_non_null(test.loop);
	begin(true);
	return 0;
}

static int down(void **state)
{
	char command[128];

	(void)state;
	app_free(test.app);
	loop_free(test.loop);
	snprintf(command, sizeof(command), "rm -rf %s", test.folder);
	return system(command);
}

/* The same machine in another meeting. */
static void again(bool remembers)
{
	app_free(test.app);
	begin(remembers);
}

static void type(const char *line)
{
	const unsigned before = test.answers;

	app_line(test.app, 1, line);
	assert_int_equal(test.answers, before + 1);
}

static void ok(const char *line)
{
	type(line);
	if (!test.answer.ok)
		fail_msg("%s: %s (%s)", line, test.answer.code, test.answer.text);
}

static void refused(const char *line, const char *code)
{
	type(line);
	assert_false(test.answer.ok);
	assert_string_equal(test.answer.code, code);
	assert_true(strlen(test.answer.text) > 10);
}

static void says(const char *what)
{
	if (!strstr(test.answer.text, what))
		fail_msg("no \"%s\" in:\n%s", what, test.answer.text);
}

static void says_not(const char *what)
{
	if (strstr(test.answer.text, what))
		fail_msg("\"%s\" in:\n%s", what, test.answer.text);
}

/* The newest line of the chat pane that holds this; NULL. */
static const struct chat_line *line_with(const char *what)
{
	const struct chatlog *log = app_chatlog(test.app);

	for (uint64_t serial = chatlog_last(log); chatlog_at(log, serial); serial--)
		if (strstr(chatlog_at(log, serial)->text, what))
			return chatlog_at(log, serial);
	return NULL;
}

static unsigned events_of(enum event_kind kind, const char *code)
{
	unsigned count = 0;

	for (size_t i = 0; i < test.events; i++)
		count += test.event[i].kind == kind && !strcmp(test.event[i].code, code);
	return count;
}

static void tick(void)
{
	test.app->told.ticks = 0;
	app_security_tick(test.app);
}

static const char verified[] = "End-to-end encrypted, host verified";
static const char not_verified[] = "End-to-end encrypted, not verified: compare the code";
static const char to_relay[] = "Encrypted to the relay only: the relay can see and hear, because Web joined by web/phone";

/* Ann hosts, Bo and Cy are there; all have keys, Bo draws them. */
static void three(enum security state, const char *text)
{
	static const char *const names[] = { "Ann", "Bo", "Cy", NULL };

	fake.security.leader = 2;
	snprintf(fake.security.code, sizeof(fake.security.code), "%s", fake_code(2));
	fake_seat(names);
	fake_key(1, 1);
	fake_key(2, 2);
	fake_key(3, 3);
	fake_security(state, text);
}

/* ---- what is told ---- */

static void state__is_told__with_what_it_means(void **state)
{
	static const struct {
		enum security state;
		const char *text, *reason, *means;
		enum line_kind kind;
	} cases[] = {
		{ SECURITY_VERIFIED, verified, "", "The relay cannot", LINE_EVENT },
		{ SECURITY_NOT_VERIFIED, not_verified, "", "Let Bo read the code aloud", LINE_EVENT },
		{ SECURITY_TO_RELAY, to_relay, "", "who runs the relay can have", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (fork)", "fork", "Two versions", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (no-heartbeat)", "no-heartbeat", "by itself", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (old-epoch)", "old-epoch", "ten minutes", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (no-key)", "no-key", "asks for them", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (crypto)", "crypto", "on this machine", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (removed)", "removed", "taken out", LINE_WARNING },
		{ SECURITY_PAUSED, "Paused: security check failed (new)", "new", "join again", LINE_WARNING },
	};

	(void)state;
	three(SECURITY_VERIFIED, verified);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct chat_line *line;

		snprintf(fake.security.reason, sizeof(fake.security.reason), "%s", cases[i].reason);
		test.events = 0;
		fake_security(cases[i].state, cases[i].text);
		line = line_with(cases[i].text);
		assert_non_null(line);
		assert_non_null(strstr(line->text, cases[i].means));
		assert_int_equal(line->kind, cases[i].kind);
		assert_int_equal(test.event[0].kind, EVENT_SECURITY);
		assert_int_equal(test.event[0].count, cases[i].state);
	}
}

static void state__before_one_is_in__says_nothing(void **state)
{
	(void)state;
	fake_security(SECURITY_NONE, "");
	assert_int_equal(chatlog_count(app_chatlog(test.app)), 0);
	ok("/security");
	says("Joining");
}

static void leader__another_one__is_told(void **state)
{
	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	tick();
	assert_null(line_with("draws the meeting's keys now"));
	fake.security.leader = 3;
	tick();
	assert_non_null(line_with("Cy draws the meeting's keys now. Compare the code again"));
	fake.security.leader = 1;
	fake.security.leads = true;
	tick();
	tick();
	assert_non_null(line_with("You draw the meeting's keys now."));
	assert_null(line_with("Ann draws"));
}

static void security__tells__all_there_is(void **state)
{
	static const char *const has[] = {
		"not verified: compare the code\n", "keys      Bo draws them, the host whom the invite names\n",
		"epoch     3, turned 12", "relay     meet.example.org:45551\n", "tls       TLSv1.3\n", "pin       kq3v",
		"PEOPLE (3: 2 with keys, 1 without)", "  3  Cy                       terminal  no keys yet",
		"  2  Bo                       terminal  end to end, draws the keys", "end to end (you)",
	};
	char code[64];

	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	fake.security.leader_is_host = true;
	fake_key(3, 0);
	fake.security.epoch = 3;
	fake.security.turned_ms = loop_unix_ms() - 12300;
	ok("/security");
	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		says(has[i]);
	snprintf(code, sizeof(code), "code      %s\n", fake_code(2));
	says(code);
	says_not("passcode");
	/* Those of whom there is something to know come first. */
	assert_true(strstr(test.answer.text, "  3  Cy") < strstr(test.answer.text, "  1  Ann"));
	fake.security.leads = true;
	fake.security.leader = 1;
	fake.security.wrong_codes = 4;
	fake.security.turned_ms = loop_unix_ms() - 250000;
	ok("/security");
	says("keys      you draw them");
	says("4 min ago");
	says("passcode  4 wrong since it was made");
}

static void security__tells__whom_the_relay_hears(void **state)
{
	struct event event = { .kind = EVENT_PERSON_JOINED,
			       .person = { .number = 4, .name = "Web", .kind = KIND_WEB, .role = ROLE_PARTICIPANT } };

	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake_tell(&event);
	fake_key(4, 4);
	fake.security.consent_due = true;
	fake_security(SECURITY_TO_RELAY, to_relay);
	ok("/security");
	says("Until you say /consent relay yes you send nothing.");
	says("  4  Web                      web       TO THE RELAY ONLY");
	fake.security.consent_due = false;
	ok("/security");
	says("/consent relay no takes it back");
}

static void names__of_who_changed_or_left__are_told_apart(void **state)
{
	struct event renamed = { .kind = EVENT_PERSON_CHANGED, .code = "name", .by = 3, .name_by = "Bo",
				 .person = { .number = 3, .name = "Bo", .role = ROLE_PARTICIPANT } };
	struct event left = { .kind = EVENT_PERSON_LEFT, .code = "removed", .number = 3, .name = "Bo", .by = 1, .name_by = "Ann" };

	struct event knock = { .kind = EVENT_KNOCK, .number = 7, .name = "Kim" };

	(void)state;
	three(SECURITY_VERIFIED, verified);
	tick();
	fake_tell(&knock);
	assert_non_null(line_with("Kim waits: /admit 7"));
	fake_tell(&renamed);
	assert_non_null(line_with("Cy (number 3) is called Bo (3) now."));
	fake_tell(&left);
	assert_non_null(line_with("Bo (3) was removed by Ann."));
}

/* ---- codes ---- */

static void verify__shows__the_code_of_who_draws_the_keys(void **state)
{
	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	ok("/verify");
	says("Bo draws the keys: let Bo read this code aloud.");
	says("02000 02001 02002 02003\n02004 02005 02006 02007\n");
	says("/verify yes");
	assert_string_equal(test.answer.large, fake_code(2));
	assert_non_null(strstr(test.answer.json, "\"code\":\"02000 02001 02002 02003 02004 02005 02006 02007\""));
	ok("/verify Cy");
	says("The code of Cy: let Cy read it aloud.");
	says("/verify 3 yes");
	ok("/verify Ann");
	says("Your own code. Read it aloud; who sees the same says /verify 1 yes");
	fake.security.leader = 1;
	fake.security.leads = true;
	ok("/verify");
	says("Your own code: you draw the keys.");
	refused("/verify yes", "not-yourself");
	assert_int_equal(fake.confirmed, 0);
}

static void verify__refuses__what_cannot_be(void **state)
{
	(void)state;
	refused("/verify", "not-in");
	three(SECURITY_NOT_VERIFIED, not_verified);
	refused("/verify Dee", "no-such-person");
	refused("/verify Bo no", "bad-value");
	fake_key(3, 0);
	refused("/verify Cy", "no-keys-yet");
	refused("/verify Cy yes", "no-keys-yet");
	fake.security.leader = 0;
	refused("/verify", "no-keys-yet");
	refused("/verify yes", "no-keys-yet");
}

static void verify_yes__is_about__the_code_that_was_shown(void **state)
{
	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	ok("/verify");
	fake.security.leader = 3;
	refused("/verify yes", "other-code");
	says("by now it is about Cy");
	assert_int_equal(fake.confirmed, 0);
	ok("/verify Bo yes");
	ok("/verify");
	ok("/verify yes");
	assert_int_equal(fake.confirmed, 1);
	ok("/verify Bo");
	fake_key(2, 4);
	refused("/verify 2 yes", "other-code");
	refused("/verify Bo yes", "other-code");
	ok("/verify Bo");
	ok("/verify 2 yes");
}

static void verify_yes__confirms_and_keeps(void **state)
{
	struct known_person person;
	uint8_t key[32];

	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	ok("/verify yes");
	says("Bo is verified, and known by this key from now on.");
	assert_int_equal(fake.confirmed, 1);
	memset(key, 2, sizeof(key));
	assert_int_equal(people_check(test.known, key, "Bo", &person), KNOWN_VERIFIED);
	assert_int_equal(person.how, PEOPLE_CODE);
	memset(key, 3, sizeof(key));
	assert_int_equal(people_check(test.known, key, "Cy", NULL), KNOWN_SEEN);
	ok("/verify Cy yes");
	assert_int_equal(people_check(test.known, key, "Cy", NULL), KNOWN_VERIFIED);
	assert_int_equal(fake.confirmed, 1);
	ok("/security");
	says("end to end, draws the keys, code compared, known since 20");
}

static void leader__known_as_verified__is_confirmed_by_itself(void **state)
{
	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	ok("/verify yes");
	again(true);
	three(SECURITY_NOT_VERIFIED, not_verified);
	assert_int_equal(fake.confirmed, 1);
	assert_non_null(line_with(verified));
	/* Cy was only seen. */
	fake.security.leader = 3;
	fake_key(3, 3);
	fake_security(SECURITY_NOT_VERIFIED, not_verified);
	tick();
	assert_int_equal(fake.confirmed, 1);
}

static void leader__named_by_the_invite__is_kept_as_verified(void **state)
{
	struct known_person person;
	uint8_t key[32];

	(void)state;
	fake.security.leader_is_host = true;
	three(SECURITY_VERIFIED, verified);
	memset(key, 2, sizeof(key));
	assert_int_equal(people_check(test.known, key, "Bo", &person), KNOWN_VERIFIED);
	assert_int_equal(person.how, PEOPLE_LINK);
	ok("/security");
	says("named by an invite, known since 20");
}

/* ---- people ---- */

static size_t marked(uint32_t number, bool *unkeyed, bool *new_key)
{
	size_t count;
	const struct app_mark *marks = app_marks(test.app, &count);

	*unkeyed = *new_key = false;
	for (size_t i = 0; i < count; i++)
		if (marks[i].number == number) {
			*unkeyed = marks[i].unkeyed;
			*new_key = marks[i].new_key;
		}
	return count;
}

static void people__without_keys__are_marked_until_they_have_some(void **state)
{
	struct event event = { .kind = EVENT_PERSON_JOINED,
			       .person = { .number = 4, .name = "Dee", .role = ROLE_PARTICIPANT } };
	bool unkeyed, new_key;

	(void)state;
	three(SECURITY_VERIFIED, verified);
	assert_int_equal(marked(4, &unkeyed, &new_key), 0);
	fake_tell(&event);
	tick();
	assert_int_equal(marked(4, &unkeyed, &new_key), 1);
	assert_true(unkeyed);
	assert_false(new_key);
	fake_key(4, 4);
	tick();
	assert_int_equal(marked(4, &unkeyed, &new_key), 0);
	assert_true(app_keyed(test.app, 4));
}

static void people__a_familiar_name_with_another_key__is_told_until_looked_at(void **state)
{
	bool unkeyed, new_key;
	uint8_t key[32];

	(void)state;
	three(SECURITY_VERIFIED, verified);
	again(true);
	three(SECURITY_VERIFIED, verified);
	assert_int_equal(events_of(EVENT_ERROR, "new-key"), 0);
	again(true);
	three(SECURITY_VERIFIED, verified);
	fake_key(3, 33);
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "new-key"), 1);
	assert_non_null(line_with("Cy shows another key than the Cy you met on 20"));
	assert_int_equal(line_with("Cy shows another key")->kind, LINE_WARNING);
	marked(3, &unkeyed, &new_key);
	assert_true(new_key);
	ok("/security");
	says(", 1 with another key than before)");
	says("ANOTHER KEY than that name had on 20");
	/* Not again with each epoch. */
	fake_key(2, 2);
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "new-key"), 1);
	ok("/verify Cy yes");
	assert_int_equal(marked(3, &unkeyed, &new_key), 0);
	ok("/security");
	says_not("ANOTHER KEY");
	memset(key, 33, sizeof(key));
	assert_int_equal(people_check(test.known, key, "Cy", NULL), KNOWN_VERIFIED);
	/* The next meeting knows this key, too. */
	again(true);
	three(SECURITY_VERIFIED, verified);
	fake_key(3, 33);
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "new-key"), 0);
}

static void people__a_name_taken_from_another__is_told(void **state)
{
	struct event event = { .kind = EVENT_PERSON_CHANGED,
			       .code = "name",
			       .person = { .number = 3, .name = "Bo", .role = ROLE_PARTICIPANT, .sealed = SEALED_END } };

	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake_tell(&event);
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "new-key"), 1);
}

static void people__a_guest__remembers_nobody(void **state)
{
	(void)state;
	again(false);
	three(SECURITY_NOT_VERIFIED, not_verified);
	ok("/verify yes");
	says("Bo is verified for this meeting.");
	assert_int_equal(fake.confirmed, 1);
	assert_int_equal(access(test.known, F_OK), -1);
	ok("/security");
	says_not("new to you");
}

static void people__a_file_that_others_read__is_told_once(void **state)
{
	FILE *out = fopen(test.known, "w");

	(void)state;
	assert_non_null(out);
	fclose(out);
	assert_int_equal(chmod(test.known, 0644), 0);
	three(SECURITY_NOT_VERIFIED, not_verified);
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "known-people"), 1);
	/* What holds for this meeting holds all the same. */
	refused("/verify yes", "known-people");
	assert_int_equal(fake.confirmed, 1);
}

static void people__a_crowd__is_met_a_few_at_a_time(void **state)
{
	static const char *names[41];
	static char text[40][16];
	bool unkeyed, new_key;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		snprintf(text[i], sizeof(text[i]), "Guest %zu", i);
		names[i] = text[i];
	}
	fake_seat(names);
	for (uint32_t i = 1; i <= 40; i++)
		fake_key(i, (uint8_t)i);
	fake_security(SECURITY_VERIFIED, verified);
	assert_int_equal(marked(1, &unkeyed, &new_key), 0);
	assert_int_equal(app_person_known(test.app, 40, NULL), -ENOENT);
	for (int i = 0; i < 12; i++)
		tick();
	assert_int_equal(app_person_known(test.app, 40, NULL), KNOWN_NEW);
}

/* ---- consent ---- */

static void asked_to_record(void)
{
	struct event event = { .kind = EVENT_RECORD_ASK, .from = 2, .name = "Bo" };

	fake_tell(&event);
}

static void heard(bool due)
{
	fake.security.consent_due = due;
	fake_security(SECURITY_TO_RELAY, to_relay);
}

static void consent__answers__the_one_question_that_is_open(void **state)
{
	(void)state;
	three(SECURITY_VERIFIED, verified);
	test.app->pending_count = 0;
	fake.sent_count = 0;
	heard(true);
	ok("/consent yes");
	assert_int_equal(fake.agreed, 1);
	assert_false(fake.security.consent_due);
	says("You send again.");
	ok("/consent no");
	assert_int_equal(fake.disagreed, 1);
	says("You send nothing");
	ok("/consent relay yes");
	assert_int_equal(fake.agreed, 2);
	assert_int_equal(fake.sent_count, 0);
	/* Only a recording is asked about. */
	asked_to_record();
	app_line(test.app, 1, "/consent yes");
	assert_int_equal(fake.sent_count, 1);
	assert_int_equal(fake.sent[0].word, WORD_CONSENT);
	assert_true(fake.sent[0].on);
	assert_int_equal(fake.agreed, 2);
}

static void consent__of_two_questions__asks_which(void **state)
{
	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake.sent_count = 0;
	heard(true);
	asked_to_record();
	refused("/consent yes", "two-questions");
	says("/consent record yes is about being recorded, /consent relay yes about being heard");
	refused("/consent no", "two-questions");
	assert_int_equal(fake.agreed + fake.disagreed, 0);
	assert_int_equal(fake.sent_count, 0);
	app_line(test.app, 1, "/consent record no");
	assert_int_equal(fake.sent_count, 1);
	assert_false(fake.sent[0].on);
	refused("/consent yes", "two-questions");
	fake_answer(true, NULL);
	/* Answered: one is left. */
	assert_false(app_roster(test.app)->record_asked);
	ok("/consent no");
	assert_int_equal(fake.disagreed, 1);
}

static void consent__no__may_be_about_a_recording_that_runs(void **state)
{
	struct event event = { .kind = EVENT_RECORDING, .from = 2, .name = "Bo", .on = true };

	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake.sent_count = 0;
	fake_tell(&event);
	heard(true);
	refused("/consent no", "two-questions");
	says("the recording that runs");
	ok("/consent yes");
	assert_int_equal(fake.agreed, 1);
	/* Agreed to long ago: a bare no means what runs now. */
	app_line(test.app, 1, "/consent no");
	assert_int_equal(fake.sent_count, 1);
	assert_int_equal(fake.disagreed, 0);
}

static void consent__refuses__what_was_not_asked(void **state)
{
	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake.sent_count = 0;
	refused("/consent relay yes", "no-question");
	refused("/consent maybe", "bad-value");
	refused("/consent all yes", "bad-value");
	refused("/consent relay", "bad-value");
	/* With nothing open, the relay says so. */
	app_line(test.app, 1, "/consent yes");
	assert_int_equal(fake.sent_count, 1);
}

/* ---- coming in ---- */

static void invite_set(void)
{
	strcpy(fake.invite.host, "meet.example.org");
	fake.invite.port = 45551;
	strcpy(fake.invite.id, "482913775");
	strcpy(fake.invite.passcode, "314159");
	fake.invite.has_secret = fake.invite.has_host = true;
	memset(fake.invite.secret, 7, sizeof(fake.invite.secret));
	memset(fake.invite.host_hash, 9, sizeof(fake.invite.host_hash));
}

static void invite__link_and_passcode__apart(void **state)
{
	(void)state;
	invite_set();
	refused("/invite", "not-in");
	three(SECURITY_VERIFIED, verified);
	ok("/invite");
	assert_int_equal(strncmp(test.answer.text, "moot://meet.example.org:45551/482-913-775#k=", 44), 0);
	assert_null(memmem(test.answer.text, strcspn(test.answer.text, "\n"), "314159", 6));
	says("For those without the link; send them by another way:\nid        482-913-775\npasscode  314159\nrelay     meet.example.org:45551");
	assert_non_null(strstr(test.answer.json, "\"invite\":\"moot://"));
	assert_null(strstr(test.answer.json, "314159"));
	fake.invite.passcode[0] = '\0';
	ok("/invite");
	says("does not know the passcode");
}

static void passcode__is_shown_and_renewed(void **state)
{
	(void)state;
	invite_set();
	three(SECURITY_VERIFIED, verified);
	ok("/passcode");
	says("The passcode is 314159, for the id 482-913-775.");
	assert_string_equal(test.answer.json, "\"passcode\":\"314159\"");
	ok("/passcode new");
	says("The old passcode lets nobody in any more. The new one is 271828");
	ok("/passcode new a \"quoted\" one");
	assert_string_equal(test.answer.json, "\"passcode\":\"a \\\"quoted\\\" one\"");
	ok("/passcode");
	says("a \"quoted\" one");
	refused("/passcode old", "bad-value");
	fake.passcode_error = -EINVAL;
	refused("/passcode new 1", "passcode-too-short");
	fake.passcode_error = -EPERM;
	refused("/passcode new", "not-allowed");
	says("that is Bo");
	fake.security.leader = 0;
	refused("/passcode new", "not-allowed");
	fake.invite.passcode[0] = '\0';
	refused("/passcode", "no-passcode");
	test.app->roster.people[0].role = ROLE_PARTICIPANT;
	refused("/passcode", "not-allowed");
}

static void guest_pin__is_shown_once__when_the_relay_took_it(void **state)
{
	char pin[16], shown[16];

	(void)state;
	three(SECURITY_VERIFIED, verified);
	app_line(test.app, 1, "/guest-pin new");
	assert_int_equal(fake.sent[fake.sent_count - 1].word, WORD_PIN);
	snprintf(pin, sizeof(pin), "%.15s", fake.sent[fake.sent_count - 1].passcode);
	assert_int_equal(strspn(pin, "0123456789"), 8);
	assert_int_equal(strlen(pin), 8);
	assert_int_equal(test.answers, 0);
	fake_answer(true, NULL);
	assert_int_equal(test.answers, 1);
	assert_true(test.answer.ok);
	snprintf(shown, sizeof(shown), "%.4s %.4s", pin, pin + 4);
	says(shown);
	says("the relay can hear, see and read");
	assert_non_null(strstr(test.answer.json, pin));
	assert_null(line_with(pin));
	assert_null(line_with(shown));
	/* Another is another. */
	app_line(test.app, 1, "/guest-pin new");
	assert_string_not_equal(fake.sent[fake.sent_count - 1].passcode, pin);
	fake_answer(false, "not-allowed");
	assert_false(test.answer.ok);
	assert_string_equal(test.answer.code, "not-allowed");
	app_line(test.app, 1, "/guest-pin off");
	assert_int_equal(fake.sent[fake.sent_count - 1].word, WORD_PIN);
	assert_string_equal(fake.sent[fake.sent_count - 1].passcode, "");
	fake_answer(true, NULL);
	assert_true(test.answer.ok);
	refused("/guest-pin now", "bad-value");
}

static void wrong_codes__are_told_once__for_each_passcode(void **state)
{
	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake.security.leads = true;
	fake.security.wrong_codes = 9;
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "wrong-codes"), 0);
	fake.security.wrong_codes = 10;
	tick();
	fake.security.wrong_codes = 20;
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "wrong-codes"), 1);
	assert_non_null(line_with("Better make a new one: /passcode new"));
	fake.security.codes_closed = true;
	tick();
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "codes-closed"), 1);
	assert_non_null(line_with("passcode entry is closed. /passcode new opens it"));
	ok("/security");
	says("closed: /passcode new");
	fake.security.codes_closed = false;
	fake.security.wrong_codes = 0;
	tick();
	fake.security.wrong_codes = 11;
	tick();
	assert_int_equal(events_of(EVENT_ERROR, "wrong-codes"), 2);
}

/* ---- chat ---- */

static void chat__is_as_long__as_can_be_sealed(void **state)
{
	static char line[MOOT_TEXT_SIZE];

	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake.sent_count = 0;
	memset(line, 'x', MOOT_SAY_SIZE - 1);
	app_line(test.app, 1, line);
	assert_int_equal(fake.sent_count, 1);
	assert_int_equal(strlen(fake.sent[0].text), MOOT_SAY_SIZE - 1);
	line[MOOT_SAY_SIZE - 1] = 'x';
	refused(line, "bad-text");
	says("at most 4000 bytes");
}

static void chat__with_the_waiting_room__is_marked(void **state)
{
	struct event knock = { .kind = EVENT_KNOCK, .number = 9, .name = "Eve" };
	struct event chat = { .kind = EVENT_CHAT, .from = 9, .name = "Eve", .to = TO_HOSTS, .text = "let me in" };

	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake_tell(&knock);
	fake_tell(&chat);
	assert_int_equal(line_with("let me in")->kind, LINE_WAITING);
	assert_string_equal(line_with("let me in")->to, "hosts");
	chat.from = 2;
	strcpy(chat.text, "one of us");
	fake_tell(&chat);
	assert_int_equal(line_with("one of us")->kind, LINE_HOSTS);
	chat = (struct event) { .kind = EVENT_CHAT, .from = 1, .to = TO_WAITING, .text = "five minutes" };
	fake_tell(&chat);
	assert_int_equal(line_with("five minutes")->kind, LINE_WAITING);
}

static void chat__of_who_waits__is_marked(void **state)
{
	struct event event = { .kind = EVENT_CONNECTED };
	struct event chat = { .kind = EVENT_CHAT, .from = 7, .to = TO_HOSTS, .text = "it is me" };

	(void)state;
	fake_tell(&event);
	event = (struct event) { .kind = EVENT_WAITING, .number = 7 };
	fake_tell(&event);
	fake_tell(&chat);
	assert_int_equal(line_with("it is me")->kind, LINE_WAITING);
}

/* ---- JSON ---- */

static void state__tells__of_the_encryption(void **state)
{
	json_t *report, *security, *people;

	(void)state;
	three(SECURITY_NOT_VERIFIED, not_verified);
	fake_key(3, 0);
	fake.security.wrong_codes = 3;
	report = report_state(test.app, &test.params);
	assert_non_null(report);
	security = json_object_get(json_object_get(report, "state"), "security");
	assert_int_equal(json_integer_value(json_object_get(security, "state")), 2);
	assert_string_equal(json_string_value(json_object_get(security, "text")), not_verified);
	assert_string_equal(json_string_value(json_object_get(security, "reason")), "");
	assert_int_equal(json_integer_value(json_object_get(security, "leader")), 2);
	assert_true(json_is_false(json_object_get(security, "leads")));
	assert_string_equal(json_string_value(json_object_get(security, "code")), fake_code(2));
	assert_int_equal(json_integer_value(json_object_get(security, "epoch")), fake.security.epoch);
	assert_true(json_is_false(json_object_get(security, "consent_due")));
	assert_int_equal(json_integer_value(json_object_get(security, "wrong_codes")), 3);
	people = json_object_get(json_object_get(report, "state"), "people");
	assert_true(json_is_true(json_object_get(json_array_get(people, 1), "keyed")));
	assert_true(json_is_false(json_object_get(json_array_get(people, 2), "keyed")));
	json_decref(report);
}

static void keys__that_turn__need_no_pictures_to_be_there(void **state)
{
	(void)state;
	three(SECURITY_VERIFIED, verified);
	fake_keys_turned();
	assert_non_null(test.app);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(state__is_told__with_what_it_means),
		CASE(state__before_one_is_in__says_nothing),
		CASE(leader__another_one__is_told),
		CASE(security__tells__all_there_is),
		CASE(security__tells__whom_the_relay_hears),
		CASE(names__of_who_changed_or_left__are_told_apart),
		CASE(verify__shows__the_code_of_who_draws_the_keys),
		CASE(verify__refuses__what_cannot_be),
		CASE(verify_yes__is_about__the_code_that_was_shown),
		CASE(verify_yes__confirms_and_keeps),
		CASE(leader__known_as_verified__is_confirmed_by_itself),
		CASE(leader__named_by_the_invite__is_kept_as_verified),
		CASE(people__without_keys__are_marked_until_they_have_some),
		CASE(people__a_familiar_name_with_another_key__is_told_until_looked_at),
		CASE(people__a_name_taken_from_another__is_told),
		CASE(people__a_guest__remembers_nobody),
		CASE(people__a_file_that_others_read__is_told_once),
		CASE(people__a_crowd__is_met_a_few_at_a_time),
		CASE(consent__answers__the_one_question_that_is_open),
		CASE(consent__of_two_questions__asks_which),
		CASE(consent__no__may_be_about_a_recording_that_runs),
		CASE(consent__refuses__what_was_not_asked),
		CASE(invite__link_and_passcode__apart),
		CASE(passcode__is_shown_and_renewed),
		CASE(guest_pin__is_shown_once__when_the_relay_took_it),
		CASE(wrong_codes__are_told_once__for_each_passcode),
		CASE(chat__is_as_long__as_can_be_sealed),
		CASE(chat__with_the_waiting_room__is_marked),
		CASE(chat__of_who_waits__is_marked),
		CASE(state__tells__of_the_encryption),
		CASE(keys__that_turn__need_no_pictures_to_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
