/* What is written and sent: sealed on the way out, opened on the way in. What the relay needs to carry it (to whom, which file,
 * where in it) stays outside and is authenticated with it. A message comes back to who wrote it; they know it by its bytes. */
#include "net/secure_state.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SEALED = MOOT_CHUNK_BYTES + GROUP_FRAME_ADDS };

#define BASE64 sodium_base64_VARIANT_ORIGINAL

/* ---- metadata ----------------------------------------------------------------------------------------- */

static size_t chat_meta(uint8_t meta[static SECURE_META], char sort, enum scope to, uint32_t number)
{
	meta[0] = (uint8_t)sort;
	meta[1] = (uint8_t)to;
	meta[2] = (uint8_t)(number >> 8);
	meta[3] = (uint8_t)number;
	return 4;
}

static size_t chunk_meta(uint8_t meta[static SECURE_META], uint32_t file, uint64_t offset)
{
	meta[0] = 'K';
	for (int i = 0; i < 4; i++)
		meta[1 + i] = (uint8_t)(file >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		meta[5 + i] = (uint8_t)(offset >> (56 - 8 * i));
	return 13;
}

/* ---- one's own, coming back --------------------------------------------------------------------------- */

static void digest_of(uint8_t digest[static 16], const char *sealed)
{
	uint8_t hash[SEAL_HASH];

	memset(digest, 0, 16);
	if (seal_hash(hash, (struct seal_bytes) { sealed, strlen(sealed) }) == 0)
		memcpy(digest, hash, 16);
}

static void forget_said(struct said *said)
{
	if (said->text)
		seal_erase(said->text, strlen(said->text));
	free(said->text);
	said->text = NULL;
}

static void remember_said(struct secure *secure, const char *sealed, const char *text)
{
	struct said *said = &secure->said[secure->said_at++ % SECURE_SAID];

	forget_said(said);
	digest_of(said->digest, sealed);
	said->text = strdup(text);
}

static struct said *said_before(struct secure *secure, const char *sealed)
{
	uint8_t digest[16];

	digest_of(digest, sealed);
	for (size_t i = 0; i < SECURE_SAID; i++)
		if (secure->said[i].text && !memcmp(secure->said[i].digest, digest, sizeof(digest)))
			return &secure->said[i];
	return NULL;
}

void secure_talk_clear(struct secure *secure)
{
	for (size_t i = 0; i < SECURE_SAID; i++)
		forget_said(&secure->said[i]);
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static uint32_t my_room(const struct secure *secure)
{
	const struct seen *me = secure_seen((struct secure *)secure, secure->number);

	return me ? me->room : 0;
}

static uint16_t talk_to(enum scope to, uint32_t number, uint32_t room)
{
	switch (to) {
	case TO_ONE: return (uint16_t)number;
	case TO_HOSTS: return TALK_HOSTS;
	case TO_ROOMS: return TALK_ROOMS;
	default: return room ? TALK_ROOM : TALK_EVERYONE;
	}
}

/* Somebody is here who has no keys yet, and is about to. */
static bool somebody_is_coming(const struct secure *secure, int64_t now_ms)
{
	struct group_member member;

	for (size_t i = 0; i < secure->seen_n; i++) {
		const struct seen *seen = &secure->seen[i];

		if (seen->place == PLACE_IN && seen->sealed == SEALED_END && seen->number <= GROUP_IDX_MAX &&
		    now_ms - seen->since_ms < SECURE_HOLD_MS && !group_find(secure->group, (uint16_t)seen->number, &member))
			return true;
	}
	return false;
}

static bool keyed(const struct secure *secure, uint32_t number)
{
	struct group_member member;

	return number <= GROUP_IDX_MAX && group_find(secure->group, (uint16_t)number, &member);
}

/* May it go now? 0: sealed, 1: in clear. */
static int how_to_write(const struct secure *secure, const struct command *command, int64_t waited_ms, int64_t now_ms)
{
	const bool patient = waited_ms < SECURE_HOLD_MS;
	struct session_security security;

	if (secure->params.mode == SEAL_MODE_RELAY)
		return 1;
	secure_security(secure, &security, now_ms);
	switch (security.state) {
	case SECURITY_NONE: return patient ? -EAGAIN : -EPERM;
	case SECURITY_PAUSED: return patient && !strcmp(security.reason, "no-key") ? -EAGAIN : -EPERM;
	case SECURITY_TO_RELAY: return security.consent_due ? -EPERM : 1;
	default: break;
	}
	if (patient && (command->to == TO_ONE || command->word == WORD_FILE ? !keyed(secure, command->number)
									     : somebody_is_coming(secure, now_ms)))
		return -EAGAIN;
	return 0;
}

static int put_sealed(struct secure *secure, struct command *command, const uint8_t *frame, int n, const char *text)
{
	char sealed[MOOT_TEXT_SIZE];

	if (n < 0)
		return n == -ENOENT ? -EPERM : n;
	if (sodium_base64_encoded_len((size_t)n, BASE64) > sizeof(sealed))
		return -EINVAL;
	sodium_bin2base64(sealed, sizeof(sealed), frame, (size_t)n, BASE64);
	if (text)
		remember_said(secure, sealed, text);
	memcpy(command->text, sealed, strlen(sealed) + 1);
	command->sealed = true;
	return 0;
}

static int write_chat(struct secure *secure, struct command *command, int64_t now_ms)
{
	uint8_t meta[SECURE_META], frame[TALK_FRAME];
	char text[MOOT_TEXT_SIZE];
	const size_t meta_n = chat_meta(meta, 'C', command->to, command->to == TO_ONE ? command->number : 0);
	int n;

	snprintf(text, sizeof(text), "%s", command->text);
	n = talk_seal(secure->group, talk_to(command->to, command->number, my_room(secure)), text, strlen(text),
		      (struct seal_bytes) { meta, meta_n }, frame, now_ms);
	n = put_sealed(secure, command, frame, n, text);
	seal_erase(text, sizeof(text));
	return n;
}

/* The name and hash of a file are for its receiver alone: "HASH NAME". */
static int write_file(struct secure *secure, struct command *command, int64_t now_ms)
{
	uint8_t meta[SECURE_META], frame[TALK_FRAME];
	const size_t meta_n = chat_meta(meta, 'F', TO_ONE, command->number);
	char text[2 * MOOT_HASH_BYTES + MOOT_NAME_SIZE + 2];
	int n;

	sodium_bin2hex(text, 2 * MOOT_HASH_BYTES + 1, command->hash, MOOT_HASH_BYTES);
	snprintf(text + 2 * MOOT_HASH_BYTES, sizeof(text) - 2 * MOOT_HASH_BYTES, " %s", command->name);
	n = talk_seal(secure->group, (uint16_t)command->number, text, strlen(text), (struct seal_bytes) { meta, meta_n }, frame,
		      now_ms);
	n = put_sealed(secure, command, frame, n, text);
	if (n)
		return n;
	snprintf(command->name, sizeof(command->name), "file");
	memset(command->hash, 0, sizeof(command->hash));
	return 0;
}

static int write_chunk(struct secure *secure, struct command *command, int64_t now_ms)
{
	uint8_t meta[SECURE_META], chunk[MOOT_CHUNK_BYTES], frame[CHUNK_SEALED];
	const size_t meta_n = chunk_meta(meta, command->file, command->offset);
	size_t bytes = 0;
	int n;

	if (sodium_base642bin(chunk, sizeof(chunk), command->text, strlen(command->text), NULL, &bytes, NULL, BASE64))
		return -EINVAL;
	n = group_seal(secure->group, GROUP_FILES, (struct seal_bytes) { meta, meta_n }, chunk, bytes, frame, sizeof(frame), now_ms);
	command->size = bytes;
	return put_sealed(secure, command, frame, n, NULL);
}

/* To oneself, or to somebody who is not here. */
static bool is_for_nobody(const struct secure *secure, const struct command *command)
{
	const struct seen *seen = secure_seen((struct secure *)secure, command->number);

	if (command->word != WORD_FILE && (command->word != WORD_CHAT || command->to != TO_ONE))
		return false;
	return command->number == secure->number || !seen || seen->place != PLACE_IN;
}

int secure_talk_command(struct secure *secure, struct command *command, int64_t waited_ms, int64_t now_ms)
{
	int how;

	command->sealed = false;
	if (command->word == WORD_CHAT && (secure->place != PLACE_IN || command->to == TO_WAITING || !command->text[0]))
		return 0;
	if (command->word == WORD_CHAT && strlen(command->text) >= MOOT_SAY_SIZE)
		return -EINVAL;
	if (is_for_nobody(secure, command)) {
		/* The relay says why not; what it was is none of its business. */
		snprintf(command->text, sizeof(command->text), "AAAA");
		snprintf(command->name, sizeof(command->name), "file");
		memset(command->hash, 0, sizeof(command->hash));
		command->sealed = true;
		return 0;
	}
	how = how_to_write(secure, command, waited_ms, now_ms);
	if (how)
		return how > 0 ? 0 : how;
	switch (command->word) {
	case WORD_CHAT: return write_chat(secure, command, now_ms);
	case WORD_FILE: return write_file(secure, command, now_ms);
	default: return write_chunk(secure, command, now_ms);
	}
}

int secure_command(struct secure *secure, struct command *command, int64_t waited_ms, int64_t now_ms)
{
	switch (command->word) {
	case WORD_CHAT:
	case WORD_FILE:
	case WORD_FILE_CHUNK: return secure_talk_command(secure, command, waited_ms, now_ms);
	default: return secure_order_sign(secure, command, waited_ms);
	}
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static void refuse(struct secure *secure, uint32_t from, const char *what)
{
	const char *name = secure_signed_name(secure, from);

	secure_notice(secure, "not-opened", "%s came from %s that could not be opened; it was dropped.", what,
		      name ? name : "somebody");
}

/* Is it what the relay says it is? */
static bool meant_for(enum scope to, const struct talk *talk)
{
	switch (to) {
	case TO_ONE: return talk->alone;
	case TO_HOSTS: return talk->to == TALK_HOSTS;
	case TO_ROOMS: return talk->to == TALK_ROOMS;
	case TO_EVERYONE: return talk->to == TALK_EVERYONE || talk->to == TALK_ROOM;
	default: return false;
	}
}

static bool take_file_text(struct event *event, const char *text)
{
	size_t got = 0;

	if (strlen(text) < 2 * MOOT_HASH_BYTES + 2 || text[2 * MOOT_HASH_BYTES] != ' ' ||
	    strlen(text) >= 2 * MOOT_HASH_BYTES + 1 + MOOT_NAME_SIZE ||
	    sodium_hex2bin(event->hash, sizeof(event->hash), text, 2 * MOOT_HASH_BYTES, NULL, &got, NULL) ||
	    got != sizeof(event->hash))
		return false;
	snprintf(event->text, sizeof(event->text), "%s", text + 2 * MOOT_HASH_BYTES + 1);
	return true;
}

static bool take_text(struct event *event, const char *text)
{
	event->sealed = false;
	if (event->kind == EVENT_FILE)
		return take_file_text(event, text);
	snprintf(event->text, sizeof(event->text), "%s", text);
	return true;
}

/* Of a frame that opened, into the event that it is. */
static bool take_talk(struct secure *secure, struct event *event, const struct group_from *from, const uint8_t *plain, size_t n)
{
	struct talk *talk = malloc(sizeof(*talk));
	const enum scope to = event->kind == EVENT_FILE ? TO_ONE : event->to;
	const bool good = talk && !talk_read(secure->group, from, plain, n, talk) && meant_for(to, talk) &&
			  take_text(event, talk->text);

	if (talk)
		seal_erase(talk, sizeof(*talk));
	free(talk);
	return good;
}

static bool open_text(struct secure *secure, struct event *event, int64_t now_ms)
{
	const bool file = event->kind == EVENT_FILE, alone = file || event->to == TO_ONE;
	uint8_t meta[SECURE_META], frame[TALK_FRAME], plain[TALK_FRAME];
	const size_t meta_n = chat_meta(meta, file ? 'F' : 'C', file ? TO_ONE : event->to, alone ? event->number : 0);
	struct group_from from;
	size_t bytes = 0;
	bool good = false;
	int n = -EBADMSG;

	if (!sodium_base642bin(frame, sizeof(frame), event->text, strlen(event->text), NULL, &bytes, NULL, BASE64))
		n = group_open(secure->group, (uint16_t)event->from, alone ? GROUP_PRIVATE : GROUP_CHAT,
			       (struct seal_bytes) { meta, meta_n }, frame, bytes, plain, sizeof(plain), &from, now_ms);
	if (n == -EAGAIN)
		return false;
	if (n >= 0)
		good = take_talk(secure, event, &from, plain, (size_t)n);
	seal_erase(plain, sizeof(plain));
	if (!good)
		refuse(secure, event->from, file ? "A file" : "A message");
	return good;
}

/* Somebody at the door, under the name by which they knocked. */
static bool is_of_who_waits(struct secure *secure, const struct event *event)
{
	const struct seen *from = secure_seen(secure, event->from);
	uint8_t name[8];

	secure_hash8(name, event->name);
	return from && from->place == PLACE_WAITING && !memcmp(from->name, name, sizeof(name)) &&
	       !secure_signed_name(secure, event->from);
}

/* Not sealed: to and from those who wait, and where the relay is let hear. */
static bool may_be_plain(struct secure *secure, const struct event *event)
{
	if (secure->place != PLACE_IN || secure->params.mode == SEAL_MODE_RELAY)
		return true;
	if (event->kind == EVENT_CHAT &&
	    (event->to == TO_WAITING || (event->to == TO_HOSTS && is_of_who_waits(secure, event))))
		return true;
	return secure->group && event->from <= GROUP_IDX_MAX &&
	       (event->from == secure->number ? group_flags(secure->group) & GROUP_RELAY_MODE
					      : group_takes_plain(secure->group, (uint16_t)event->from));
}

void secure_refuse_plain(struct secure *secure, uint32_t from)
{
	const char *name = secure_signed_name(secure, from);

	secure_notice(secure, "not-sealed",
		      "Something came in the name of %s that was not encrypted end to end. It may be the relay's; it was dropped.",
		      name ? name : "somebody");
}

/* It comes back once. */
static bool open_own(struct secure *secure, struct event *event)
{
	struct said *said = said_before(secure, event->text);
	bool good;

	if (!said)
		return false;
	good = take_text(event, said->text);
	forget_said(said);
	return good;
}

static void remember_file(struct secure *secure, const struct event *event)
{
	secure->files[secure->files_at % SECURE_FILES].file = event->file;
	secure->files[secure->files_at++ % SECURE_FILES].from = event->from;
}

static uint32_t sender_of(const struct secure *secure, uint32_t file)
{
	for (size_t i = 0; i < SECURE_FILES; i++)
		if (secure->files[i].file == file)
			return secure->files[i].from;
	return 0;
}

static void put_chunk(struct event *event, const uint8_t *plain, size_t n)
{
	event->sealed = false;
	sodium_bin2base64(event->text, sizeof(event->text), plain, n, BASE64);
}

static bool open_chunk(struct secure *secure, struct event *event, int64_t now_ms)
{
	const uint32_t sender = sender_of(secure, event->file);
	uint8_t meta[SECURE_META], frame[CHUNK_SEALED], plain[CHUNK_SEALED];
	const size_t meta_n = chunk_meta(meta, event->file, event->offset);
	struct group_from from;
	size_t bytes = 0;
	int n = -EBADMSG;

	if (!sodium_base642bin(frame, sizeof(frame), event->text, strlen(event->text), NULL, &bytes, NULL, BASE64))
		n = group_open(secure->group, (uint16_t)sender, GROUP_FILES, (struct seal_bytes) { meta, meta_n }, frame, bytes,
			       plain, sizeof(plain), &from, now_ms);
	if (n >= 0)
		put_chunk(event, plain, (size_t)n);
	else if (n != -EAGAIN)
		refuse(secure, sender, "A piece of a file");
	return n >= 0;
}

bool secure_talk_event(struct secure *secure, struct event *event, int64_t now_ms)
{
	if (event->kind == EVENT_FILE)
		remember_file(secure, event);
	if (event->kind == EVENT_FILE_CHUNK && !event->from)
		event->from = sender_of(secure, event->file);
	if (!event->sealed) {
		if (may_be_plain(secure, event))
			return true;
		secure_refuse_plain(secure, event->from);
		return false;
	}
	if (event->from && event->from == secure->number)
		return open_own(secure, event);
	if (!secure->group || event->from > GROUP_IDX_MAX)
		return false;
	return event->kind == EVENT_FILE_CHUNK ? open_chunk(secure, event, now_ms) : open_text(secure, event, now_ms);
}

/* ---- what had waited for its keys -------------------------------------------------------------------- */

static void release_chunk(struct secure *secure, const uint8_t meta[static SECURE_META], const uint8_t *plain, size_t n)
{
	struct event *event = &secure->event;

	memset(event, 0, sizeof(*event));
	event->kind = EVENT_FILE_CHUNK;
	for (int i = 0; i < 4; i++)
		event->file = event->file << 8 | meta[1 + i];
	for (int i = 0; i < 8; i++)
		event->offset = event->offset << 8 | meta[5 + i];
	put_chunk(event, plain, n);
	secure->ops->on_event(secure->arg, event);
}

/* Of an offer of a file that came early there is no number left to take it by: its sender offers again. */
static void release_talk(struct secure *secure, const uint8_t meta[static SECURE_META], const struct group_from *from,
			 const uint8_t *plain, size_t n, int64_t now_ms)
{
	struct event *event = &secure->event;
	const char *name = secure_signed_name(secure, from->idx);

	memset(event, 0, sizeof(*event));
	event->kind = EVENT_CHAT;
	event->from = from->idx;
	event->to = (enum scope)meta[1];
	event->number = (uint32_t)(meta[2] << 8 | meta[3]);
	event->time_ms = now_ms;
	snprintf(event->name, sizeof(event->name), "%s", name ? name : "");
	if (meta[0] == 'C' && take_talk(secure, event, from, plain, n))
		secure->ops->on_event(secure->arg, event);
	else
		refuse(secure, from->idx, "A message");
}

void secure_talk_held(struct secure *secure, const uint8_t meta[static SECURE_META], const struct group_from *from,
		      const uint8_t *plain, size_t n, int64_t now_ms)
{
	if (from->stream == GROUP_FILES)
		release_chunk(secure, meta, plain, n);
	else
		release_talk(secure, meta, from, plain, n, now_ms);
}
