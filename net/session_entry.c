/* The first words of a connection: is it the relay we mean; who we are, proven on its nonce and its pin, so
 * that nobody between could use the proof elsewhere; and what the relay's events change for the seat. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/session_state.h"

enum { HELLO_MS = 10000, ENTER_MS = 20000, DOOR_MS = 140000 };

/* ---- the relay ---- */

static void refuse(struct session *session, int verdict)
{
	char known_pin[LINK_PIN_SIZE] = "another";

	if (verdict == TRUST_CHANGED)
		(void)trust_find(session->known, session->relay, known_pin, sizeof(known_pin));
	if (verdict == TRUST_PIN_MISMATCH)
		snprintf(session->refusal, sizeof(session->refusal),
			 "The relay %s shows the pin %s, but the invite says %s. It may not be the relay you "
			 "were "
			 "invited to: ask for the invite again.",
			 session->relay, session->pin, session->params.invite.pin);
	else if (verdict == TRUST_CHANGED)
		snprintf(session->refusal, sizeof(session->refusal),
			 "The relay %s shows the pin %s, but was known by %s. Somebody may be in between. If "
			 "its "
			 "administrator made a new key, remove its line from %.200s and connect again.",
			 session->relay, session->pin, known_pin, session->known);
	else
		snprintf(session->refusal, sizeof(session->refusal), "%.300s cannot be read: %s.",
			 session->known, strerror(-verdict));
}

int session_trust_handshake(void *arg, const char *pin, bool ca_ok)
{
	struct session *session = arg;
	int verdict;

	snprintf(session->pin, sizeof(session->pin), "%s", pin);
	if (session->accepted[0] && !strcmp(session->accepted, pin))
		return 0;
	session->accepted[0] = '\0';
	verdict = trust_check(session->known, session->relay, pin, session->params.invite.pin, ca_ok);
	switch (verdict) {
	case TRUST_PINNED:
	case TRUST_KNOWN:
	case TRUST_CA: memcpy(session->accepted, session->pin, sizeof(session->accepted)); return 0;
	case TRUST_ASK:
	case TRUST_CHANGED_CA: session->asked = (enum trust)verdict; return 0;
	default: refuse(session, verdict); return -1;
	}
}

/* That it cannot be remembered is no reason not to meet; the question will come again. */
void session_remember(const struct session *session)
{
	const time_t now = (time_t)(loop_unix_ms() / 1000);
	char date[16] = "-";
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(date, sizeof(date), "%Y-%m-%d", &utc);
	(void)trust_remember(session->known, session->relay, session->pin, date);
}

/* An invite makes a relay known, but never takes the place of what was known. */
static void remember_invited(const struct session *session)
{
	char pin[LINK_PIN_SIZE];

	if (session->params.remember && session->params.invite.pin[0] &&
	    trust_find(session->known, session->relay, pin, sizeof(pin)) == -ENOENT)
		session_remember(session);
}

/* ---- ourselves ---- */

static void fill_place(const struct session *session, struct command *command)
{
	snprintf(command->id, sizeof(command->id), "%s", session->params.invite.id);
	snprintf(command->name, sizeof(command->name), "%s", session->name);
	snprintf(command->version, sizeof(command->version), "%s", MOOT_VERSION);
	command->kind = session->params.kind;
	command->mic = session->params.mic;
	command->camera = session->params.camera;
	command->has_host_key = session->params.host_key_set;
	memcpy(command->host_key, session->params.host_key, sizeof(command->host_key));
}

/* Shows a relay that one has the link, and nothing of it. */
static void fill_gate(const struct session *session, struct command *command)
{
	const struct invite *invite = &session->params.invite;

	command->has_gate = invite->has_secret && !join_gate(command->gate, invite->secret);
}

/* create while there is no meeting of ours yet, resume while there is a ticket, else join. */
static void fill_entry(const struct session *session, struct command *command, bool creates)
{
	fill_place(session, command);
	if (creates) {
		command->word = WORD_CREATE;
		command->count = (uint32_t)strlen(session->params.invite.passcode);
		fill_gate(session, command);
		crypto_hash_sha256(command->hash, command->gate, sizeof(command->gate));
		snprintf(command->title, sizeof(command->title), "%s", session->title);
		snprintf(command->token, sizeof(command->token), "%s", session->token);
	} else if (session->has_ticket) {
		command->word = WORD_RESUME;
		command->seq = session->chat_seq;
		command->count = session_epoch(session);
		memcpy(command->ticket, session->ticket, sizeof(command->ticket));
	} else {
		command->word = WORD_JOIN;
		fill_gate(session, command);
		/* The PIN of a kind that is not encrypted end to end; no other word for the relay. */
		if (session->params.kind >= KIND_WEB)
			snprintf(command->passcode, sizeof(command->passcode), "%s", session->params.invite.passcode);
	}
}

static void enter(struct session *session)
{
	struct command command = { 0 };
	uint8_t proof[256];
	size_t n = wire_proof(proof, session->nonce, session->params.invite.id, session->pin);

	if (session_seal_begin(session, session->passcode_min)) {
		session_end(session, 3, "No memory to enter the meeting.");
		return;
	}
	fill_entry(session, &command, session->params.create);
	memcpy(command.key, session->params.identity->key, sizeof(command.key));
	identity_sign(session->params.identity, proof, n, command.signature);
	session->resuming = command.word == WORD_RESUME;
	session_set_state(session, SESSION_ENTERING, command.word == WORD_JOIN ? DOOR_MS : ENTER_MS);
	session_seal_entering(session);
	if (session_send(session, &command))
		session_end(session, 3, "No memory to enter the meeting.");
	explicit_bzero(&command, sizeof(command));
}

static void tell_connected(struct session *session)
{
	struct event *event = &session->event;

	memset(event, 0, sizeof(*event));
	event->kind = EVENT_CONNECTED;
	snprintf(event->relay, sizeof(event->relay), "%.*s", (int)sizeof(event->relay) - 1, session->relay);
	snprintf(event->tls, sizeof(event->tls), "%.*s", (int)sizeof(event->tls) - 1,
		 link_tls(session->link));
	snprintf(event->pin, sizeof(event->pin), "%s", session->pin);
	session_event(session, event);
}

/* The link is up, or the user has spoken. */
void session_line_up(struct session *session)
{
	if (strcmp(session->accepted, session->pin)) {
		session_set_state(session, SESSION_ASKING, 0);
		session->asking = true;
		session->ops->on_trust(session->arg, session->asked, session->relay, session->pin);
		return;
	}
	session_set_state(session, SESSION_HELLO, HELLO_MS);
	remember_invited(session);
	tell_connected(session);
	if (!session->dead && session->state == SESSION_HELLO && session->has_nonce)
		enter(session);
}

/* ---- what the relay says ---- */

static void take_hello(struct session *session, const struct event *event)
{
	memcpy(session->nonce, event->nonce, sizeof(session->nonce));
	session->passcode_min = event->count;
	session->has_nonce = true;
	if (session->state == SESSION_HELLO)
		enter(session);
}

static void take_created(struct session *session, struct event *event)
{
	struct invite *invite = &session->params.invite;

	snprintf(invite->id, sizeof(invite->id), "%s", event->id);
	snprintf(event->passcode, sizeof(event->passcode), "%s", invite->passcode);
	memcpy(session->params.host_key, event->host_key, sizeof(session->params.host_key));
	session->params.host_key_set = true;
	session->params.create = false;
}

static void take_seat(struct session *session, const struct event *event)
{
	bool back = session->attempt > 0;

	if (event->kind == EVENT_JOINED)
		session->number = event->number;
	session->entered = true;
	session->attempt = 0;
	session_set_state(session, SESSION_IN, 0);
	session_event(session, event);
	if (back && !session->dead && session->state == SESSION_IN)
		session->ops->on_line(session->arg, 0, "");
}

void session_take_answer(struct session *session, const struct event *event)
{
	for (unsigned i = 0; i < session->asks_count; i++) {
		if (session->asks[i] != event->request)
			continue;
		session->asks_count--;
		memmove(session->asks + i, session->asks + i + 1,
			(session->asks_count - i) * sizeof(*session->asks));
		session_event(session, event);
		return;
	}
	/* To what we say on our own nobody waits for an answer; anything else was never asked. */
	if (event->request)
		session_broken(session, "an answer to no question");
}

/* The last word: heard, then the end. */
static void take_end(struct session *session, const struct event *event, int exit)
{
	char text[sizeof(event->text)];

	snprintf(text, sizeof(text), "%s", event->text);
	session_event(session, event);
	session_end(session, exit, text);
}

static bool is_seat(const struct session *session, const struct event *event)
{
	return event->kind == EVENT_JOINED || event->kind == EVENT_WAITING ||
	       (event->kind == EVENT_RESUMED && session->resuming && event->number == session->number);
}

static void heard_in(struct session *session, struct event *event)
{
	if (event->kind == EVENT_CHAT && event->chat_seq > session->chat_seq)
		session->chat_seq = event->chat_seq;
	if (!session_seal_event(session, event) || session->state == SESSION_ENDED)
		return;
	switch (event->kind) {
	case EVENT_ANSWER: session_take_answer(session, event); return;
	case EVENT_TICKET:
		memcpy(session->ticket, event->ticket, sizeof(session->ticket));
		session->has_ticket = true;
		break;
	case EVENT_CREATED: take_created(session, event); break;
	case EVENT_WAITING:
		/* Sent back: the old seat's ticket is gone with it. */
		session->has_ticket = false;
		break;
	default: break;
	}
	if (is_seat(session, event) && (session->state == SESSION_ENTERING || event->kind != EVENT_RESUMED))
		take_seat(session, event);
	else
		session_event(session, event);
}

void session_heard(struct session *session, struct event *event)
{
	switch (event->kind) {
	case EVENT_HELLO:
		if (session->has_nonce)
			session_broken(session, "two hellos");
		else
			take_hello(session, event);
		return;
	case EVENT_REFUSED: take_end(session, event, 4); return;
	case EVENT_REMOVED:
	case EVENT_ENDED:
		session_seal_last(session, event);
		take_end(session, event, event->kind == EVENT_REMOVED ? 6 : 0);
		return;
	default: break;
	}
	if (session->state == SESSION_LEAVING)
		return;
	if (session->state != SESSION_ENTERING && session->state != SESSION_IN)
		session_broken(session, "an event before the hello was answered");
	else {
		heard_in(session, event);
		session_seal_tick(session);
	}
}

int session_send(struct session *session, const struct command *command)
{
	int n = wire_command_encode(session->json, sizeof(session->json), command), rc;
	struct buf *buf;

	if (n < 0)
		return n;
	buf = buf_new(session->json, (size_t)n);
	explicit_bzero(session->json, (size_t)n);
	if (!buf)
		return -ENOMEM;
	rc = command->word == WORD_FILE_CHUNK ? queue_bulk(session->queue, buf) : queue_control(session->queue, buf);
	buf_unref(buf);
	if (!rc && session->link)
		link_want_write(session->link);
	return rc;
}
