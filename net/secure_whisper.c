/* Whispers: what whoever leads tells each newcomer, sealed for them alone: the secrets that others come in by, so that
 * they could lead one day, and what was signed before they came. */
#include "net/secure_state.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t whisper_meta[] = { 'W' };

/* One line each: "link HEX", "code TEXT", "host HEX", "waiting on", "ban NUMBER HEX", "name NUMBER TEXT". */
static size_t whisper_text(const struct secure *secure, char *text, size_t size)
{
	const struct join_secrets *secrets = &secure->params.secrets;
	char hex[65];
	uint8_t h[32];
	size_t n;

	n = (size_t)snprintf(text, size, "waiting %s\n", secure->waiting_room ? "on" : "off");
	if (secrets->has_link) {
		sodium_bin2hex(hex, sizeof(hex), secrets->link, sizeof(secrets->link));
		n += (size_t)snprintf(text + n, size - n, "link %s\n", hex);
	}
	if (secrets->code[0])
		n += (size_t)snprintf(text + n, size - n, "code %s\n", secrets->code);
	if (secure_host_hash(secure, h)) {
		sodium_bin2hex(hex, sizeof(hex), h, sizeof(h));
		n += (size_t)snprintf(text + n, size - n, "host %s\n", hex);
	}
	for (size_t i = 0; i < secure->banned_n && n + sizeof(hex) + 32 < size; i++) {
		sodium_bin2hex(hex, sizeof(hex), secure->banned[i].ik, SEAL_KEY);
		n += (size_t)snprintf(text + n, size - n, "ban %u %s\n", secure->banned[i].number, hex);
	}
	for (size_t i = 0; i < secure->seen_n && n + MOOT_NAME_SIZE + 32 < size; i++)
		if (secure->seen[i].renamed)
			n += (size_t)snprintf(text + n, size - n, "name %u %s\n", secure->seen[i].number, secure->seen[i].renamed);
	return n;
}

/* Who led before told those who are here. */
static void begin_leading(struct secure *secure)
{
	const bool leads = group_leads(secure->group);
	struct group_member member;

	for (size_t i = 0; leads && !secure->led && group_at(secure->group, i, &member); i++) {
		struct seen *seen = secure_seen(secure, member.idx);

		if (seen)
			seen->whispered = true;
	}
	secure->led = leads;
}

void secure_whisper_tick(struct secure *secure, int64_t now_ms)
{
	uint8_t frame[TALK_FRAME];
	char text[TALK_TEXT];
	struct group_member member;
	size_t text_n = 0;
	unsigned whispers = 0;

	begin_leading(secure);
	if (!group_leads(secure->group) || !secure->synced || group_state(secure->group, now_ms, NULL) == GROUP_TO_RELAY)
		return;
	for (size_t i = 0; whispers < SECURE_WHISPERS && group_at(secure->group, i, &member); i++) {
		struct seen *seen = secure_seen(secure, member.idx);
		int n;

		if (!seen || seen->whispered || seen->away || member.idx == secure->number || member.binding->mode == SEAL_MODE_RELAY)
			continue;
		if (!text_n)
			text_n = whisper_text(secure, text, sizeof(text));
		n = talk_seal(secure->group, member.idx, text, text_n, (struct seal_bytes) { whisper_meta, sizeof(whisper_meta) },
			      frame, now_ms);
		if (n < 0)
			break;
		seen->whispered = true;
		seen->whispered_ms = now_ms;
		whispers++;
		secure_send(secure, WIRE_WHISPER, member.idx, 0, frame, (size_t)n);
	}
	seal_erase(text, sizeof(text));
}

static void take_line(struct secure *secure, char *line)
{
	struct join_secrets *secrets = &secure->params.secrets;
	char *value = strchr(line, ' ');
	size_t got = 0;

	if (!value)
		return;
	*value++ = '\0';
	if (!strcmp(line, "waiting")) {
		secure->waiting_room = strcmp(value, "off") != 0;
	} else if (!strcmp(line, "link")) {
		secrets->has_link |= !sodium_hex2bin(secrets->link, sizeof(secrets->link), value, strlen(value), NULL, &got, NULL) &&
				     got == sizeof(secrets->link);
	} else if (!strcmp(line, "code")) {
		snprintf(secrets->code, sizeof(secrets->code), "%s", value);
	} else if (!strcmp(line, "host")) {
		secure->told_h |= !sodium_hex2bin(secure->told_hash, sizeof(secure->told_hash), value, strlen(value), NULL, &got, NULL) &&
				  got == sizeof(secure->told_hash);
	} else if (!strcmp(line, "ban") && strchr(value, ' ')) {
		const char *hex = strchr(value, ' ') + 1;
		uint8_t ik[SEAL_KEY];

		if (!sodium_hex2bin(ik, sizeof(ik), hex, strlen(hex), NULL, &got, NULL) && got == sizeof(ik))
			secure_ban(secure, (uint32_t)strtoul(value, NULL, 10), ik);
	} else if (!strcmp(line, "name") && strchr(value, ' ')) {
		struct seen *seen = secure_seen(secure, (uint32_t)strtoul(value, NULL, 10));

		if (seen && !seen->renamed && secure_is_name(strchr(value, ' ') + 1))
			seen->renamed = strdup(strchr(value, ' ') + 1);
	}
}

void secure_whisper_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	struct talk *talk = malloc(sizeof(*talk));
	uint8_t plain[TALK_FRAME];
	struct group_member leader;
	struct group_from from;
	char *line, *rest;
	int n = -EBADMSG;

	if (talk && secure_in(secure) && piece->payload_bytes <= sizeof(plain))
		n = group_open(secure->group, piece->source, GROUP_PRIVATE,
			       (struct seal_bytes) { whisper_meta, sizeof(whisper_meta) }, piece->payload, piece->payload_bytes, plain,
			       sizeof(plain), &from, now_ms);
	if (n >= 0 && !talk_read(secure->group, &from, plain, (size_t)n, talk) && group_leader(secure->group, &leader) &&
	    leader.idx == piece->source)
		for (line = strtok_r(talk->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			take_line(secure, line);
	if (talk)
		seal_erase(talk, sizeof(*talk));
	seal_erase(plain, sizeof(plain));
	free(talk);
}

int secure_new_passcode(struct secure *secure, const char *passcode, int64_t now_ms)
{
	struct join_secrets *secrets = &secure->params.secrets;

	if (!secure_in(secure) || !group_leads(secure->group) || secure->role < ROLE_COHOST)
		return -EPERM;
	if (!passcode[0] || strlen(passcode) > JOIN_CODE)
		return -EINVAL;
	snprintf(secrets->code, sizeof(secrets->code), "%s", passcode);
	secure->wrong_codes = secure->wrong_at = 0;
	memset(secure->wrong_ms, 0, sizeof(secure->wrong_ms));
	for (size_t i = 0; i < secure->seen_n; i++)
		secure->seen[i].whispered = false;
	secure_whisper_tick(secure, now_ms);
	return 0;
}

void secure_whisper_again(struct seen *seen, int64_t now_ms)
{
	if (now_ms - seen->whispered_ms < SECURE_WHISPER_LOST_MS)
		seen->whispered = false;
}
