/* The end-to-end side of a session. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/session_state.h"

void session_security(const struct session *session, struct session_security *security)
{
	memset(security, 0, sizeof(*security));
	if (session->state == SESSION_IN)
		security->state = SECURITY_TO_RELAY;
	snprintf(security->text, sizeof(security->text), "Encrypted to the relay only");
}

int session_person_key(const struct session *session, uint32_t number, uint8_t key[static MOOT_KEY_BYTES], char code[static 48])
{
	(void)session;
	(void)number;
	(void)key;
	(void)code;
	return -ENOENT;
}

void session_confirm(struct session *session)
{
	(void)session;
}

void session_consent(struct session *session, bool yes)
{
	(void)session;
	(void)yes;
}

int session_new_passcode(struct session *session, const char *passcode)
{
	(void)session;
	(void)passcode;
	return -EPERM;
}

const struct invite *session_invite(const struct session *session)
{
	return &session->params.invite;
}
