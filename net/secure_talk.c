/* What is said, written and shown: sealed on the way out, opened on the way in. What the relay needs to carry it (to whom, which
 * stream, when) stays outside and is authenticated with it. A message comes back to who wrote it; they know it by its bytes. */
#include "net/secure_state.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { META_MAX = 16, CHUNK_SEALED = MOOT_CHUNK_BYTES + GROUP_FRAME_ADDS };

#define BASE64 sodium_base64_VARIANT_ORIGINAL

/* ---- metadata ----------------------------------------------------------------------------------------- */

static size_t chat_meta(uint8_t meta[static META_MAX], char sort, enum scope to, uint32_t number)
{
	meta[0] = (uint8_t)sort;
	meta[1] = (uint8_t)to;
	meta[2] = (uint8_t)(number >> 8);
	meta[3] = (uint8_t)number;
	return 4;
}

static size_t chunk_meta(uint8_t meta[static META_MAX], uint32_t file, uint64_t offset)
{
	meta[0] = 'K';
	for (int i = 0; i < 4; i++)
		meta[1 + i] = (uint8_t)(file >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		meta[5 + i] = (uint8_t)(offset >> (56 - 8 * i));
	return 13;
}

/* The wire's header without its length. */
static size_t media_meta(uint8_t meta[static META_MAX], const struct wire_frame *frame)
{
	meta[0] = (uint8_t)frame->stream;
	meta[1] = (uint8_t)(frame->source >> 8);
	meta[2] = (uint8_t)frame->source;
	meta[3] = frame->flags;
	meta[4] = frame->level;
	for (int i = 0; i < 4; i++)
		meta[5 + i] = (uint8_t)(frame->timestamp >> (24 - 8 * i));
	return 9;
}

static struct wire_frame frame_of_meta(const uint8_t meta[static META_MAX])
{
	struct wire_frame frame = {
		.stream = (enum stream)meta[0],
		.source = (uint16_t)(meta[1] << 8 | meta[2]),
		.flags = meta[3],
		.level = meta[4],
	};

	for (int i = 0; i < 4; i++)
		frame.timestamp = frame.timestamp << 8 | meta[5 + i];
	return frame;
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
	uint8_t meta[META_MAX], frame[TALK_FRAME];
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
	uint8_t meta[META_MAX], frame[TALK_FRAME];
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
	uint8_t meta[META_MAX], chunk[MOOT_CHUNK_BYTES], frame[CHUNK_SEALED];
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
	uint8_t meta[META_MAX], frame[TALK_FRAME], plain[TALK_FRAME];
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

static void refuse_plain(struct secure *secure, uint32_t from)
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
	uint8_t meta[META_MAX], frame[CHUNK_SEALED], plain[CHUNK_SEALED];
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
		refuse_plain(secure, event->from);
		return false;
	}
	if (event->from && event->from == secure->number)
		return open_own(secure, event);
	if (!secure->group || event->from > GROUP_IDX_MAX)
		return false;
	return event->kind == EVENT_FILE_CHUNK ? open_chunk(secure, event, now_ms) : open_text(secure, event, now_ms);
}

/* ---- sound and pictures ------------------------------------------------------------------------------ */

static enum group_stream stream_of(enum stream stream)
{
	return stream == STREAM_SCREEN ? GROUP_SCREEN : (enum group_stream)stream;
}

_Static_assert((int)STREAM_AUDIO == (int)GROUP_AUDIO && (int)STREAM_CAMERA_SMALL == (int)GROUP_CAMERA_SMALL &&
		       (int)STREAM_CAMERA_LARGE == (int)GROUP_CAMERA_LARGE && (int)STREAM_SCREEN == (int)GROUP_SCREEN,
	       "streams of the wire are those of the keys");

int secure_seal(struct secure *secure, struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms)
{
	uint8_t meta[META_MAX];
	size_t meta_n;

	if (secure->params.mode == SEAL_MODE_RELAY || (secure->group && group_sends_plain(secure->group))) {
		if (frame->payload_bytes > size)
			return -EIO;
		frame->flags |= WIRE_PLAIN;
		memcpy(out, frame->payload, frame->payload_bytes);
		return (int)frame->payload_bytes;
	}
	if (!secure->group || secure->told.state == SECURITY_PAUSED)
		return -EPERM;
	meta_n = media_meta(meta, frame);
	return group_seal(secure->group, stream_of(frame->stream), (struct seal_bytes) { meta, meta_n }, frame->payload,
			  frame->payload_bytes, out, size, now_ms);
}

int secure_open(struct secure *secure, const struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms)
{
	uint8_t meta[META_MAX];
	const size_t meta_n = media_meta(meta, frame);
	struct group_from from;

	if (frame->flags & WIRE_PLAIN) {
		if (frame->payload_bytes <= size &&
		    (secure->params.mode == SEAL_MODE_RELAY || (secure->group && group_takes_plain(secure->group, frame->source)))) {
			memcpy(out, frame->payload, frame->payload_bytes);
			return (int)frame->payload_bytes;
		}
		if (!secure->noticed_ms || now_ms - secure->noticed_ms > 10000) {
			secure->noticed_ms = now_ms;
			refuse_plain(secure, frame->source);
		}
		return -EBADMSG;
	}
	if (!secure->group)
		return -EBADMSG;
	return group_open(secure->group, frame->source, stream_of(frame->stream), (struct seal_bytes) { meta, meta_n },
			  frame->payload, frame->payload_bytes, out, size, &from, now_ms);
}

/* ---- what had waited for its keys -------------------------------------------------------------------- */

static void release_frame(struct secure *secure, const uint8_t meta[static META_MAX], const uint8_t *plain, size_t n)
{
	struct wire_frame frame = frame_of_meta(meta);

	frame.payload = plain;
	frame.payload_bytes = n;
	secure->ops->on_frame(secure->arg, &frame);
}

static void release_chunk(struct secure *secure, const uint8_t meta[static META_MAX], const uint8_t *plain, size_t n)
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
static void release_talk(struct secure *secure, const uint8_t meta[static META_MAX], const struct group_from *from,
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

void secure_talk_release(struct secure *secure, int64_t now_ms)
{
	static uint8_t plain[GROUP_FRAME]; /* one thread */
	uint8_t meta[META_MAX];
	struct group_from from;
	size_t meta_n;
	int n;

	while (secure->group) {
		meta_n = sizeof(meta);
		memset(meta, 0, sizeof(meta));
		n = group_release(secure->group, meta, &meta_n, plain, sizeof(plain), &from, now_ms);
		if (n < 0)
			return;
		if (from.stream == GROUP_FILES)
			release_chunk(secure, meta, plain, (size_t)n);
		else if (from.stream >= GROUP_CHAT)
			release_talk(secure, meta, &from, plain, (size_t)n, now_ms);
		else
			release_frame(secure, meta, plain, (size_t)n);
	}
}

/* ---- whispers: what whoever leads tells a newcomer ---------------------------------------------------- */

static const uint8_t whisper_meta[] = { 'W' };

/* One line each: "link HEX", "code TEXT", "host HEX", "waiting on", "name NUMBER TEXT". */
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
	} else if (!strcmp(line, "name") && strchr(value, ' ')) {
		struct seen *seen = secure_seen(secure, (uint32_t)strtoul(value, NULL, 10));

		if (seen && !seen->renamed)
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
