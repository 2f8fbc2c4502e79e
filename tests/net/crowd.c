#include "tests/net/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/cert.h"
#include "tests/net/place.h"


/* ---- what sessions tell --------------------------------------------------------------------------------------- */

static void on_event(void *arg, const struct event *event)
{
	struct soul *soul = arg;

	if (soul->event_count == soul->event_size) {
		soul->event_size = soul->event_size ? 2 * soul->event_size : 64;
		soul->events = realloc(soul->events, soul->event_size * sizeof(*soul->events));
		assert_non_null(soul->events);
	}
	soul->events[soul->event_count++] = *event;
	if (event->kind == EVENT_JOINED)
		soul->number = event->number;
	if (event->kind == EVENT_WAITING)
		soul->number = event->number;
	if (event->kind == EVENT_CREATED)
		memcpy(soul->host_key, event->host_key, sizeof(soul->host_key));
}

static void on_media(void *arg, const struct wire_frame *frame)
{
	struct soul *soul = arg;

	soul->media++;
	soul->frame = *frame;
	soul->frame.payload = soul->heard;
	assert_true(frame->payload_bytes <= sizeof(soul->heard));
	memcpy(soul->heard, frame->payload, frame->payload_bytes);
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	(void)arg;
	(void)trust;
	(void)relay;
	(void)pin;
}

static void on_line(void *arg, unsigned attempt, const char *why)
{
	struct soul *soul = arg;

	(void)why;
	soul->back += attempt == 0;
}

static void on_end(void *arg, int exit, const char *text)
{
	struct soul *soul = arg;

	soul->ended++;
	soul->exit = exit;
	snprintf(soul->text, sizeof(soul->text), "%s", text);
}

static void on_keys(void *arg)
{
	struct soul *soul = arg;

	soul->keys++;
	soul->sends = crowd_epoch(soul);
}

static const struct session_ops ops = { on_event, on_media, on_trust, on_line, on_end, on_keys };

/* ---- beginning and end ---------------------------------------------------------------------------------------- */

static int make(void **state, bool waiting)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	struct relay_params params = { .certificate = place_certificate(), .key = place_key() };

	*state = crowd;
	policy_init(&params.policy);
	params.policy.value[CONTROL_WAITING_ROOM] = waiting;
	params.policy.value[CONTROL_JOIN_BEFORE_HOST] = 1;
	params.policy.value[CONTROL_FILES] = 1;
	crowd->loop = loop_new();
	if (!crowd->loop || relay_new(crowd->loop, &params, &crowd->relay))
		return -1;
	for (unsigned i = 0; i < CROWD_PEOPLE; i++) {
		crowd->souls[i].crowd = crowd;
		if (identity_guest(&crowd->souls[i].identity))
			return -1;
	}
	return 0;
}

int crowd_make(void **state)
{
	return make(state, false);
}

int crowd_make_waiting(void **state)
{
	return make(state, true);
}

int crowd_drop(void **state)
{
	struct crowd *crowd = *state;

	for (unsigned i = 0; i < CROWD_PEOPLE; i++) {
		session_free(crowd->souls[i].session);
		free(crowd->souls[i].events);
	}
	relay_free(crowd->relay);
	loop_free(crowd->loop);
	free(crowd);
	return 0;
}

struct session_params crowd_params(struct soul *soul, const char *name)
{
	struct session_params params = { .identity = &soul->identity, .name = name, .kind = KIND_HEADLESS };
	static char known[4096];

	snprintf(params.invite.host, sizeof(params.invite.host), "127.0.0.1");
	params.invite.port = relay_port(soul->crowd->relay);
	assert_int_equal(cert_pin(place_certificate(), params.invite.pin), 0);
	snprintf(known, sizeof(known), "%s", place_path("known_relays"));
	params.known_relays = known;
	params.mic = MIC_ON;
	return params;
}

void crowd_enter(struct soul *soul, const struct session_params *params)
{
	session_free(soul->session);
	soul->name = params->name;
	soul->seen = soul->event_count;
	soul->ended = 0;
	soul->sends = 0;
	soul->session = session_new(soul->crowd->loop, params, &ops, soul);
	assert_non_null(soul->session);
}

void crowd_host(struct soul *soul, const char *name)
{
	struct session_params params = crowd_params(soul, name);

	crowd_enter(soul, &params);
	crowd_until_state(soul, SECURITY_VERIFIED);
}

struct invite crowd_invite(const struct soul *of, bool code)
{
	struct invite invite = *session_invite(of->session);

	if (code) {
		invite.has_secret = invite.has_host = false;
		memset(invite.secret, 0, sizeof(invite.secret));
	} else {
		invite.passcode[0] = '\0';
	}
	return invite;
}

static void come(struct soul *soul, const char *name, const struct soul *of, bool code)
{
	struct session_params params = crowd_params(soul, name);

	params.invite = crowd_invite(of, code);
	crowd_enter(soul, &params);
}

void crowd_by_link(struct soul *soul, const char *name, const struct soul *of)
{
	come(soul, name, of, false);
}

void crowd_by_code(struct soul *soul, const char *name, const struct soul *of)
{
	come(soul, name, of, true);
}

void crowd_die(struct soul *soul)
{
	session_free(soul->session);
	soul->session = NULL;
}

/* ---- waiting -------------------------------------------------------------------------------------------------- */

void crowd_until(struct crowd *crowd, bool (*holds)(void *arg), void *arg)
{
	run_until(crowd->loop, holds, arg);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

void crowd_pass(struct crowd *crowd, unsigned ms)
{
	struct loop_timer timer = { .fn = stop, .arg = crowd->loop };

	loop_timer_set(crowd->loop, &timer, (int64_t)ms * 1000);
	assert_int_equal(loop_run(crowd->loop), 0);
}

struct wish {
	struct soul *soul;
	enum event_kind kind;
	const char *code;
	enum security state;
	unsigned n;
};

static bool fits(const struct event *event, enum event_kind kind, const char *code)
{
	return event->kind == kind && (!*code || !strcmp(event->code, code));
}

static bool has_come(void *arg)
{
	const struct wish *wish = arg;
	struct soul *soul = wish->soul;

	while (soul->seen < soul->event_count)
		if (fits(&soul->events[soul->seen++], wish->kind, wish->code))
			return true;
	return false;
}

const struct event *crowd_expect_code(struct soul *soul, enum event_kind kind, const char *code)
{
	struct wish wish = { .soul = soul, .kind = kind, .code = code };
	const size_t seen = soul->seen;

	if (!has_come(&wish)) {
		soul->seen = seen;
		crowd_until(soul->crowd, has_come, &wish);
	}
	return &soul->events[soul->seen - 1];
}

const struct event *crowd_expect(struct soul *soul, enum event_kind kind)
{
	return crowd_expect_code(soul, kind, "");
}

bool crowd_heard(const struct soul *soul, enum event_kind kind, const char *code)
{
	for (size_t i = 0; i < soul->event_count; i++)
		if (fits(&soul->events[i], kind, code))
			return true;
	return false;
}

static bool has_ended(void *arg)
{
	return ((struct soul *)arg)->ended > 0;
}

void crowd_expect_end(struct soul *soul)
{
	crowd_until(soul->crowd, has_ended, soul);
}

static struct session_security security_of(const struct soul *soul)
{
	struct session_security security = { .state = SECURITY_NONE };

	if (soul->session)
		session_security(soul->session, &security);
	return security;
}

enum security crowd_state(const struct soul *soul)
{
	return security_of(soul).state;
}

uint32_t crowd_epoch(const struct soul *soul)
{
	return security_of(soul).epoch;
}

uint32_t crowd_leader(const struct soul *soul)
{
	return security_of(soul).leader;
}

static bool is_state(void *arg)
{
	const struct wish *wish = arg;

	return crowd_state(wish->soul) == wish->state;
}

void crowd_until_state(struct soul *soul, enum security state)
{
	struct wish wish = { .soul = soul, .state = state };

	crowd_until(soul->crowd, is_state, &wish);
}

/* Do all of them list each other, in one epoch that each sends under? */
static bool are_together(void *arg)
{
	const struct wish *wish = arg;
	struct soul *souls = wish->soul;
	uint32_t epoch = 0;
	uint8_t key[MOOT_KEY_BYTES];
	char code[48];

	for (unsigned i = 0; i < wish->n; i++) {
		if (!souls[i].session)
			continue;
		if (!epoch)
			epoch = crowd_epoch(&souls[i]);
		if (!epoch || crowd_epoch(&souls[i]) != epoch || souls[i].sends != epoch)
			return false;
		for (unsigned k = 0; k < wish->n; k++)
			if (souls[k].session && session_person_key(souls[i].session, souls[k].number, key, code))
				return false;
	}
	return epoch > 0;
}

void crowd_together(struct crowd *crowd, unsigned n)
{
	struct wish wish = { .soul = crowd->souls, .n = n };

	crowd_until(crowd, are_together, &wish);
}

/* ---- saying --------------------------------------------------------------------------------------------------- */

static bool is_answered(void *arg)
{
	const struct wish *wish = arg;
	const struct soul *soul = wish->soul;

	for (size_t i = 0; i < soul->event_count; i++)
		if (soul->events[i].kind == EVENT_ANSWER && soul->events[i].request == wish->n)
			return true;
	return false;
}

const char *crowd_ask(struct soul *soul, const struct command *command)
{
	const int request = session_command(soul->session, command);
	struct wish wish = { .soul = soul, .n = (unsigned)request };

	assert_true(request > 0);
	crowd_until(soul->crowd, is_answered, &wish);
	for (size_t i = soul->event_count; i-- > 0;)
		if (soul->events[i].kind == EVENT_ANSWER && soul->events[i].request == wish.n)
			return soul->events[i].ok ? "" : soul->events[i].code;
	return "";
}

struct command crowd_about(enum word word, const struct soul *soul)
{
	struct command command = { .word = word, .number = soul ? soul->number : 0 };

	if (word == WORD_ADMIT) {
		command.who[command.who_count++] = command.number;
		command.number = 0;
	}
	return command;
}

struct command crowd_say(enum scope to, const struct soul *soul, const char *text)
{
	struct command command = { .word = WORD_CHAT, .to = to, .number = soul ? soul->number : 0 };

	snprintf(command.text, sizeof(command.text), "%s", text);
	return command;
}

int crowd_talk(struct soul *soul, const char *text)
{
	struct wire_frame frame = { .stream = STREAM_AUDIO, .level = 10, .payload = (const uint8_t *)text };

	frame.payload_bytes = strlen(text) + 1;
	frame.timestamp = 960 * soul->keys;
	return session_media(soul->session, &frame);
}

static bool has_heard(void *arg)
{
	const struct wish *wish = arg;

	return wish->soul->media >= wish->n;
}

bool crowd_hears(struct soul *from, struct soul *to)
{
	struct wish wish = { .soul = to, .n = to->media + 1 };
	char text[64];

	snprintf(text, sizeof(text), "%s speaks", from->name);
	if (crowd_talk(from, text))
		return false;
	crowd_until(to->crowd, has_heard, &wish);
	return to->frame.source == from->number && !strcmp((const char *)to->heard, text);
}
