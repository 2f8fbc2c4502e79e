/* What a person is told of it. */
#include "net/secure_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

uint32_t secure_epoch(const struct secure *secure)
{
	return secure->group ? group_epoch(secure->group) : 0;
}

uint32_t secure_shared_epoch(const struct secure *secure)
{
	return secure->uploads ? secure->uploads->e - 1 : secure_epoch(secure);
}

/* Who is the reason that the relay can hear. */
static uint32_t heard_by(const struct secure *secure)
{
	struct group_member member;

	for (size_t i = 0; group_at(secure->group, i, &member); i++)
		if (member.binding->mode == SEAL_MODE_RELAY)
			return member.idx;
	return 0;
}

static void to_relay(const struct secure *secure, struct session_security *security)
{
	const struct seen *seen;
	const char *name;

	security->state = SECURITY_TO_RELAY;
	security->heard_by = secure->group ? heard_by(secure) : secure->number;
	security->consent_due = secure->group && !group_sends_plain(secure->group);
	seen = secure_seen((struct secure *)secure, security->heard_by);
	name = secure_signed_name(secure, security->heard_by);
	snprintf(security->text, sizeof(security->text),
		 "Encrypted to the relay only: the relay can see and hear, because %s joined by %s",
		 security->heard_by == secure->number ? "you" : name ? name : "somebody",
		 seen ? kind_name(seen->kind) : "web or phone");
}

static void paused(struct session_security *security, const char *reason)
{
	security->state = SECURITY_PAUSED;
	snprintf(security->reason, sizeof(security->reason), "%s", reason);
	snprintf(security->text, sizeof(security->text), "Paused: security check failed (%s)", reason);
}

static void describe(const struct secure *secure, struct session_security *security, int64_t now_ms)
{
	enum group_reason why = GROUP_FINE;
	const enum group_state state = secure->group ? group_state(secure->group, now_ms, &why) : GROUP_NONE;

	switch (state) {
	case GROUP_NONE:
		/* Who had keys and sits without any is cut off. */
		if (secure->was_in && secure->place == PLACE_IN)
			paused(security, group_reason_name(GROUP_NO_KEY));
		else
			snprintf(security->text, sizeof(security->text), "Joining: no keys yet");
		return;
	case GROUP_VERIFIED:
		security->state = SECURITY_VERIFIED;
		snprintf(security->text, sizeof(security->text), "End-to-end encrypted, host verified");
		break;
	case GROUP_NOT_VERIFIED:
		security->state = SECURITY_NOT_VERIFIED;
		snprintf(security->text, sizeof(security->text), "End-to-end encrypted, not verified: compare the code");
		break;
	case GROUP_TO_RELAY: to_relay(secure, security); break;
	case GROUP_PAUSED: paused(security, group_reason_name(why)); return;
	}
	for (unsigned i = 0; i < secure->oust_n; i++)
		if (now_ms - secure->oust[i].since_ms >= SECURE_OUST_MS)
			paused(security, "removal-withheld");
}

void secure_security(const struct secure *secure, struct session_security *security, int64_t now_ms)
{
	struct group_member leader;

	memset(security, 0, sizeof(*security));
	if (secure->params.mode == SEAL_MODE_RELAY) {
		if (secure->place == PLACE_IN)
			to_relay(secure, security);
		return;
	}
	describe(secure, security, now_ms);
	if (!secure_in(secure))
		return;
	security->leads = group_leads(secure->group);
	security->epoch = group_epoch(secure->group);
	security->turned_ms = secure->turned_ms;
	if (security->leads) {
		security->wrong_codes = secure->wrong_codes;
		security->codes_closed = secure->wrong_codes >= SECURE_WRONG_MAX;
	}
	if (!group_leader(secure->group, &leader))
		return;
	security->leader = leader.idx;
	seal_code(security->code, leader.binding->ik);
	security->leader_is_host = secure->params.has_host && join_is_host(leader.binding->ik, secure->params.host_hash);
}

int secure_person_key(const struct secure *secure, uint32_t number, uint8_t key[static SEAL_KEY], char code[static 48])
{
	struct group_member member;

	if (!secure_in(secure) || number > GROUP_IDX_MAX || !group_find(secure->group, (uint16_t)number, &member))
		return -ENOENT;
	memcpy(key, member.binding->ik, SEAL_KEY);
	seal_code(code, member.binding->ik);
	return 0;
}

int secure_knocker_key(const struct secure *secure, uint32_t number, uint8_t key[static SEAL_KEY])
{
	const struct guest *guest = secure_guest((struct secure *)secure, number);

	if (!guest || !guest->proven || guest->sb_n)
		return -ENOENT;
	memcpy(key, guest->join.joiner.ik, SEAL_KEY);
	return 0;
}

void secure_confirm(struct secure *secure)
{
	if (secure->group)
		group_confirm(secure->group);
}

void secure_consent(struct secure *secure, bool yes)
{
	if (secure->group)
		group_consent(secure->group, yes);
}

const struct join_secrets *secure_secrets(const struct secure *secure)
{
	return &secure->params.secrets;
}

bool secure_host_hash(const struct secure *secure, uint8_t h[static 32])
{
	if (secure->params.has_host)
		memcpy(h, secure->params.host_hash, 32);
	else if (secure->told_h)
		memcpy(h, secure->told_hash, 32);
	return secure->params.has_host || secure->told_h;
}
