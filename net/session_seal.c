/* The end-to-end side of a session: what secure needs of the world (time, the line, the disk) and what the world needs of it.
 * Commands that must wait for keys wait here, in their order, for a few seconds at most. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/session_state.h"
#include "net/text.h"
#include "net/tries.h"

enum { HELD_MAX = 64, PASSCODE_DIGITS = 6, DOOR_QUIET_MS = 4000 };

/* A command that waits for keys, or (err) for its answer. */
struct held {
	struct held *next;
	int64_t since_ms;
	int err;
	struct command command;
};

/* Wall clock when the program began, and what passed since, asleep or not. */
static int64_t now_ms(void)
{
	static int64_t offset_ms;
	struct timespec since, wall;
	int64_t since_ms;

	clock_gettime(CLOCK_BOOTTIME, &since);
	since_ms = (int64_t)since.tv_sec * 1000 + since.tv_nsec / 1000000;
	if (!offset_ms) {
		clock_gettime(CLOCK_REALTIME, &wall);
		offset_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 - since_ms;
	}
	return since_ms + offset_ms;
}

/* ---- calls out ----------------------------------------------------------------------------------------- */

static void on_pieces(void *arg, const uint8_t *message, size_t n)
{
	struct session *session = arg;
	struct buf *buf = session->link ? buf_new(message, n) : NULL;

	if (!buf)
		return;
	if (!queue_control(session->queue, buf))
		link_want_write(session->link);
	buf_unref(buf);
}

static void on_frame(void *arg, const struct wire_frame *frame)
{
	struct session *session = arg;

	if (!session->dead && session->state == SESSION_IN)
		session->ops->on_media(session->arg, frame);
}

static void on_event(void *arg, const struct event *event)
{
	session_event(arg, event);
}

static void on_keys(void *arg)
{
	struct session *session = arg;

	if (!session->dead && session->ops->on_keys)
		session->ops->on_keys(session->arg);
}

static void on_security(void *arg)
{
	struct session *session = arg;
	struct session_security security;
	struct event event = { .kind = EVENT_SECURITY };

	session_security(session, &security);
	if (security.state == session->told_state &&
	    (security.state == SECURITY_NONE || !strcmp(security.text, session->told_text)))
		return;
	session->told_state = security.state;
	snprintf(session->told_text, sizeof(session->told_text), "%s", security.text);
	event.count = security.state;
	snprintf(event.text, sizeof(event.text), "%s", security.text);
	session_event(session, &event);
}

static unsigned on_wrong_code(void *arg)
{
	struct session *session = arg;
	const struct session_params *params = &session->params;
	const int kept = params->state_dir
				 ? tries_add(params->state_dir, params->invite.id, secure_secrets(session->secure)->code)
				 : (int)session->wrong_codes + 1;

	/* What cannot be counted must not go on for ever. */
	session->wrong_codes = kept < 0 ? SECURE_WRONG_MAX : (unsigned)kept;
	return session->wrong_codes;
}

static void on_over(void *arg, const char *code, const char *text)
{
	struct session *session = arg;
	struct event event = { .kind = EVENT_REFUSED };

	if (session->dead || session->state == SESSION_ENDED)
		return;
	snprintf(event.code, sizeof(event.code), "%s", code);
	snprintf(event.text, sizeof(event.text), "%s", text);
	session_event(session, &event);
	session_end(session, 4, text);
}

static const struct secure_ops secure_ops = {
	.on_pieces = on_pieces,
	.on_frame = on_frame,
	.on_event = on_event,
	.on_keys = on_keys,
	.on_security = on_security,
	.on_wrong_code = on_wrong_code,
	.on_over = on_over,
};

/* ---- beginning and end ------------------------------------------------------------------------------- */

/* As many as the relay's policy wants, and six. */
static uint32_t digits(uint32_t least)
{
	return least < PASSCODE_DIGITS ? PASSCODE_DIGITS : least > JOIN_CODE ? JOIN_CODE : least;
}

static void draw(char passcode[static MOOT_PASSCODE_SIZE], uint32_t least)
{
	uint32_t i;

	for (i = 0; i < digits(least); i++)
		passcode[i] = (char)('0' + randombytes_uniform(10));
	passcode[i] = '\0';
}

/* What a meeting is entered by is drawn by who makes it: the relay never has it. */
static void draw_secrets(struct session *session, uint32_t least)
{
	struct invite *invite = &session->params.invite;

	if (!invite->has_secret)
		randombytes_buf(invite->secret, sizeof(invite->secret));
	invite->has_secret = true;
	join_host_hash(invite->host_hash, session->params.identity->key);
	invite->has_host = true;
	if (!invite->passcode[0])
		draw(invite->passcode, least);
}

/* By this passcode, when this machine led before. */
static unsigned tried_before(const struct session *session)
{
	const struct session_params *params = &session->params;
	int tries = 0;

	if (params->state_dir && params->invite.id[0] && params->invite.passcode[0])
		tries = tries_get(params->state_dir, params->invite.id, params->invite.passcode);
	return tries < 0 ? SECURE_WRONG_MAX : (unsigned)tries;
}

int session_seal_begin(struct session *session, uint32_t least)
{
	const struct invite *invite = &session->params.invite;
	struct secure_params params = {
		.ik_secret = session->params.identity->secret,
		.name = session->name,
		.mode = session->params.kind >= KIND_WEB ? SEAL_MODE_RELAY : SEAL_MODE_END,
	};

	if (session->secure) {
		secure_line(session->secure, true);
		return 0;
	}
	if (session->params.create)
		draw_secrets(session, least);
	params.secrets.has_link = invite->has_secret;
	memcpy(params.secrets.link, invite->secret, sizeof(params.secrets.link));
	snprintf(params.secrets.code, sizeof(params.secrets.code), "%s", invite->passcode);
	params.has_host = invite->has_host;
	memcpy(params.host_hash, invite->host_hash, sizeof(params.host_hash));
	params.wrong_codes = session->wrong_codes = tried_before(session);
	session->secure = secure_new(&params, &secure_ops, session);
	explicit_bzero(&params, sizeof(params));
	if (!session->secure)
		return -ENOMEM;
	secure_line(session->secure, true);
	return loop_timer_set(session->loop, &session->seal, 0);
}

static void drop_held(struct session *session)
{
	while (session->held) {
		struct held *next = session->held->next;

		explicit_bzero(session->held, sizeof(*session->held));
		free(session->held);
		session->held = next;
	}
	session->held_count = 0;
}

void session_seal_line_lost(struct session *session)
{
	drop_held(session);
	if (session->secure)
		secure_line(session->secure, false);
}

void session_seal_end(struct session *session)
{
	loop_timer_cancel(session->loop, &session->seal);
	drop_held(session);
	secure_free(session->secure);
	session->secure = NULL;
	explicit_bzero(session->params.invite.secret, sizeof(session->params.invite.secret));
	explicit_bzero(session->params.invite.passcode, sizeof(session->params.invite.passcode));
}

/* ---- commands ----------------------------------------------------------------------------------------- */

static bool is_sealed_word(enum word word)
{
	return word == WORD_CHAT || word == WORD_FILE || word == WORD_FILE_CHUNK;
}

static void answer_no(struct session *session, uint32_t request, int err)
{
	struct session_security security;
	struct event event = { .kind = EVENT_ANSWER, .request = request };

	session_security(session, &security);
	snprintf(event.code, sizeof(event.code), err == -EINVAL ? "bad-text" : "not-sealed");
	if (err == -EINVAL)
		snprintf(event.text, sizeof(event.text), "This is too long: at most %d bytes.", MOOT_SAY_SIZE - 1);
	else if (security.consent_due)
		snprintf(event.text, sizeof(event.text),
			 "Nothing is sent until you agree that the relay can hear: /consent relay yes.");
	else
		snprintf(event.text, sizeof(event.text), "Nothing is sent now. %s.", security.text);
	session_take_answer(session, &event);
}

/* True when it waits or was answered. */
static bool try_held(struct session *session, struct held *held, int64_t now)
{
	int err = held->err ? held->err : secure_command(session->secure, &held->command, now - held->since_ms, now);

	if (err == -EAGAIN)
		return false;
	if (!err)
		err = session_send(session, &held->command);
	if (err)
		answer_no(session, held->command.request, err);
	return true;
}

static void flush_held(struct session *session)
{
	while (session->held && session->link && session->state == SESSION_IN && !session->dead) {
		struct held *held = session->held;

		if (!try_held(session, held, now_ms()))
			return;
		/* Answering may have ended it all. */
		if (session->held != held)
			return;
		session->held = held->next;
		session->held_count--;
		explicit_bzero(held, sizeof(*held));
		free(held);
	}
}

static int hold(struct session *session, const struct command *command, int err)
{
	struct held **end = &session->held, *held;

	if (session->held_count == HELD_MAX)
		return -ENOBUFS;
	held = calloc(1, sizeof(*held));
	if (!held)
		return -ENOMEM;
	held->command = *command;
	held->since_ms = now_ms();
	held->err = err;
	while (*end)
		end = &(*end)->next;
	*end = held;
	session->held_count++;
	if (err)
		loop_timer_set(session->loop, &session->seal, 0);
	return 0;
}

int session_seal_command(struct session *session, struct command *command)
{
	int err;

	if (session->held && is_sealed_word(command->word))
		return hold(session, command, 0);
	err = secure_command(session->secure, command, 0, now_ms());
	if (!err)
		return session_send(session, command);
	return hold(session, command, err == -EAGAIN ? 0 : err);
}

/* ---- events, pieces and frames ------------------------------------------------------------------------ */

/* Time passes, and is asked for again when it must. */
void session_seal_tick(struct session *session)
{
	if (session->secure && !session->dead && session->state != SESSION_ENDED)
		loop_timer_set(session->loop, &session->seal, secure_tick(session->secure, now_ms()) * 1000);
}

static bool same_meeting(const struct session *session, const char *id)
{
	char mine[MOOT_ID_SIZE];

	return session->params.create || text_id(mine, session->params.invite.id) || !strcmp(mine, id);
}

bool session_seal_event(struct session *session, struct event *event)
{
	if (event->kind == EVENT_DOOR && !same_meeting(session, event->id)) {
		session_broken(session, "a door to another meeting");
		return false;
	}
	return secure_event(session->secure, event, now_ms());
}

void session_seal_last(struct session *session, struct event *event)
{
	if (!session->secure || secure_believes(session->secure, event, now_ms()))
		return;
	event->by = 0;
	memset(event->name_by, 0, sizeof(event->name_by));
}

void session_seal_piece(struct session *session, const struct wire_piece *piece)
{
	secure_piece(session->secure, piece, now_ms());
	if (session->dead || session->state == SESSION_ENDED)
		return;
	session_seal_tick(session);
	flush_held(session);
}

int session_seal_frame(struct session *session, struct wire_frame *frame, uint8_t *out, size_t size)
{
	return secure_seal(session->secure, frame, out, size, now_ms());
}

int session_open_frame(struct session *session, const struct wire_frame *frame, uint8_t *out, size_t size)
{
	return secure_open(session->secure, frame, out, size, now_ms());
}

/* Nothing is said at a door behind which nobody can answer. */
static void tell_quiet_door(struct session *session)
{
	struct event event = { .kind = EVENT_ERROR };

	if (session->state != SESSION_ENTERING || session->door_told || !session->entering_ms ||
	    now_ms() - session->entering_ms < DOOR_QUIET_MS)
		return;
	session->door_told = true;
	snprintf(event.code, sizeof(event.code), "door-quiet");
	snprintf(event.text, sizeof(event.text), "Nobody is there yet who could check what you came by. Waiting.");
	session_event(session, &event);
}

void session_seal_entering(struct session *session)
{
	session->entering_ms = now_ms();
}

void session_on_seal(void *arg)
{
	struct session *session = arg;

	session_enter_call(session);
	if (session->secure && session->state != SESSION_ENDED) {
		session_seal_tick(session);
		flush_held(session);
		tell_quiet_door(session);
	}
	session_leave_call(session);
}

uint32_t session_epoch(const struct session *session)
{
	return session->secure ? secure_shared_epoch(session->secure) : 0;
}

/* ---- the interface ------------------------------------------------------------------------------------ */

void session_security(const struct session *session, struct session_security *security)
{
	memset(security, 0, sizeof(*security));
	if (session->secure)
		secure_security(session->secure, security, now_ms());
}

int session_person_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES], char code[static 48])
{
	return session->secure ? secure_person_key(session->secure, number, key, code) : -ENOENT;
}

int session_knocker_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES])
{
	return session->secure ? secure_knocker_key(session->secure, number, key) : -ENOENT;
}

void session_confirm(struct session *session)
{
	if (session->secure)
		secure_confirm(session->secure);
}

void session_consent(struct session *session, bool yes)
{
	if (session->secure)
		secure_consent(session->secure, yes);
}

int session_new_passcode(struct session *session, const char *passcode)
{
	char drawn[MOOT_PASSCODE_SIZE];
	int err;

	if (passcode && strlen(passcode) < digits(session->passcode_min))
		return -EINVAL;
	draw(drawn, session->passcode_min);
	err = session->secure ? secure_new_passcode(session->secure, passcode ? passcode : drawn, now_ms()) : -EPERM;
	if (!err)
		session->wrong_codes = 0;
	explicit_bzero(drawn, sizeof(drawn));
	return err;
}

const struct invite *session_invite(const struct session *session)
{
	struct invite *invite = &((struct session *)session)->params.invite;
	const struct join_secrets *secrets = session->secure ? secure_secrets(session->secure) : NULL;

	if (!secrets)
		return invite;
	invite->has_secret = secrets->has_link;
	memcpy(invite->secret, secrets->link, sizeof(invite->secret));
	snprintf(invite->passcode, sizeof(invite->passcode), "%s", secrets->code);
	invite->has_host |= secure_host_hash(session->secure, invite->host_hash);
	return invite;
}
