#include "tests/tui/fake_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
	const struct session_ops *ops;
	void *arg;
	uint32_t request;
};

struct fake fake;
static struct session *now;

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
}

void fake_tell(const struct event *event)
{
	now->ops->on_event(now->arg, event);
}

void fake_answer(bool ok, const char *code)
{
	struct event event = { .kind = EVENT_ANSWER, .request = fake.sent[fake.sent_count - 1].request, .ok = ok };

	snprintf(event.code, sizeof(event.code), "%s", code ? code : "");
	fake_tell(&event);
}

void fake_seat(const char *const names[])
{
	struct event event = { .kind = EVENT_CONNECTED, .relay = "meet.example.org:45551", .tls = "TLSv1.3" };

	snprintf(event.pin, sizeof(event.pin), "kq3vX5YwJt0mA9bD2cE4fG6hI8jK0lM2nO4pQ6rS8tU=");
	fake_tell(&event);
	for (uint32_t i = 0; names[i]; i++) {
		event = (struct event) { .kind = EVENT_PERSON,
					 .person = { .number = i + 1,
						     .role = i ? ROLE_PARTICIPANT : ROLE_HOST,
						     .sealed = SEALED_END } };
		snprintf(event.person.name, sizeof(event.person.name), "%s", names[i]);
		fake_tell(&event);
	}
	event = (struct event) { .kind = EVENT_JOINED, .number = 1, .role = ROLE_HOST, .id = "482913775" };
	snprintf(event.name, sizeof(event.name), "%s", names[0]);
	fake_tell(&event);
}

void fake_key(uint32_t number, uint8_t byte)
{
	size_t at = 0;

	while (at < fake.keys_count && fake.keys[at].number != number)
		at++;
	fake.keys_count += at == fake.keys_count;
	fake.keys[at].number = number;
	fake.keys[at].byte = byte;
	fake.security.epoch++;
}

void fake_security(enum security state, const char *text)
{
	struct event event = { .kind = EVENT_SECURITY, .count = (uint32_t)state };

	fake.security.state = state;
	snprintf(fake.security.text, sizeof(fake.security.text), "%s", text);
	snprintf(event.text, sizeof(event.text), "%s", text);
	fake_tell(&event);
}

void fake_keys_turned(void)
{
	now->ops->on_keys(now->arg);
}

const char *fake_code(uint8_t byte)
{
	static char code[48];

	for (int i = 0; i < 8; i++)
		snprintf(code + 6 * i, sizeof(code) - 6 * (size_t)i, "%s%05d", "", (byte * 1000 + i) % 100000);
	for (int i = 1; i < 8; i++)
		code[6 * i - 1] = ' ';
	return code;
}

/* ---- net/session.h ---- */

struct session *session_new(struct loop *loop, const struct session_params *params, const struct session_ops *ops, void *arg)
{
	(void)loop;
	(void)params;
	now = calloc(1, sizeof(*now));
	now->ops = ops;
	now->arg = arg;
	return now;
}

void session_free(struct session *session)
{
	free(session);
}

void session_trust(struct session *session, bool yes)
{
	(void)session;
	(void)yes;
}

int session_command(struct session *session, const struct command *command)
{
	if (fake.sent_count == FAKE_SENT)
		return -ENOBUFS;
	fake.sent[fake.sent_count] = *command;
	fake.sent[fake.sent_count++].request = ++session->request;
	return (int)session->request;
}

int session_media(struct session *session, const struct wire_frame *frame)
{
	(void)session;
	(void)frame;
	return 0;
}

void session_leave(struct session *session)
{
	session->ops->on_end(session->arg, 0, "You left.");
}

uint32_t session_rate(const struct session *session)
{
	(void)session;
	return 0;
}

uint32_t session_rtt_ms(const struct session *session)
{
	(void)session;
	return 0;
}

void session_security(const struct session *session, struct session_security *security)
{
	(void)session;
	*security = fake.security;
}

int session_person_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES], char code[static 48])
{
	(void)session;
	for (size_t i = 0; i < fake.keys_count; i++)
		if (fake.keys[i].number == number && fake.keys[i].byte) {
			memset(key, fake.keys[i].byte, MOOT_KEY_BYTES);
			memcpy(code, fake_code(fake.keys[i].byte), 48);
			return 0;
		}
	return -ENOENT;
}

int session_knocker_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES])
{
	char code[48];

	return session_person_key(session, number, key, code);
}

void session_confirm(struct session *session)
{
	(void)session;
	fake.confirmed++;
	fake_security(SECURITY_VERIFIED, "End-to-end encrypted, host verified");
}

void session_consent(struct session *session, bool yes)
{
	(void)session;
	fake.agreed += yes;
	fake.disagreed += !yes;
	fake.security.consent_due = !yes;
}

int session_new_passcode(struct session *session, const char *passcode)
{
	(void)session;
	if (!fake.passcode_error)
		snprintf(fake.invite.passcode, sizeof(fake.invite.passcode), "%s", passcode ? passcode : "271828");
	return fake.passcode_error;
}

const struct invite *session_invite(const struct session *session)
{
	(void)session;
	return &fake.invite;
}

void session_fault_drop(struct session *session)
{
	session->ops->on_line(session->arg, 1, "a test");
}

void session_fault_stall(struct session *session, uint32_t ms)
{
	(void)session;
	(void)ms;
}

void session_fault_rate(struct session *session, uint32_t bits_per_s)
{
	(void)session;
	(void)bits_per_s;
}
