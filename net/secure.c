/* The whole of it: what the relay tells is noted in `seen`, what the members sign moves the group, and after each of the two
 * whoever leads makes them agree. */
#include "net/secure_state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

enum { TICK_MS = 100 };

/* ---- birth and death ---------------------------------------------------------------------------------- */

struct secure *secure_new(const struct secure_params *params, const struct secure_ops *ops, void *arg)
{
	struct secure *secure = calloc(1, sizeof(*secure));

	if (!secure)
		return NULL;
	secure->params = *params;
	secure->ops = ops;
	secure->arg = arg;
	secure->wrong_codes = params->wrong_codes;
	secure->waiting_room = true;
	memcpy(secure->ik, params->ik_secret + 32, sizeof(secure->ik)); /* libsodium keeps seed and key together */
	if (text_name(secure->name, params->name))
		snprintf(secure->name, sizeof(secure->name), "%.*s", MOOT_NAME_CHARS, params->name);
	return secure;
}

static void forget_people(struct secure *secure)
{
	while (secure->guests_n)
		secure_guest_drop(secure, secure->guests[0]);
	while (secure->seen_n)
		free(secure->seen[--secure->seen_n].renamed);
}

/* A new run: who was in the one before need not be let in once more. */
static void remember_members(struct secure *secure)
{
	const size_t n = secure->group ? group_count(secure->group) : 0;
	struct group_member member;

	if (!n)
		return;
	free(secure->before);
	secure->before = calloc(n, sizeof(*secure->before));
	secure->before_n = 0;
	while (secure->before && group_at(secure->group, secure->before_n, &member))
		memcpy(secure->before[secure->before_n++], member.binding->ik, SEAL_KEY);
}

/* Who left waits like anybody. */
static void forget_before(struct secure *secure, uint32_t number)
{
	struct group_member member;

	if (!secure_in(secure) || number > GROUP_IDX_MAX || !group_find(secure->group, (uint16_t)number, &member))
		return;
	for (size_t i = 0; i < secure->before_n; i++)
		if (!memcmp(secure->before[i], member.binding->ik, SEAL_KEY))
			memmove(secure->before[i--], secure->before[--secure->before_n], SEAL_KEY);
}

void secure_forget_group(struct secure *secure)
{
	remember_members(secure);
	group_free(secure->group);
	secure->group = NULL;
	free(secure->listing);
	free(secure->roster);
	secure_uploaded(secure, UINT32_MAX);
	secure->listing = secure->roster = NULL;
	secure->listing_n = secure->roster_n = 0;
	secure->sent_epoch = secure->turned_epoch = secure->gap_epoch = 0;
	secure->turned_ms = 0;
	secure->oust_n = 0;
	join_joiner_erase(&secure->join);
	secure->joining = secure->proven = false;
	if (secure->has_self)
		seal_self_erase(&secure->self);
	secure->has_self = false;
}

void secure_free(struct secure *secure)
{
	if (!secure)
		return;
	secure_forget_group(secure);
	forget_people(secure);
	secure_talk_clear(secure);
	free(secure->seen);
	free(secure->guests);
	free(secure->banned);
	free(secure->before);
	free(secure->left);
	seal_erase(secure, sizeof(*secure));
	free(secure);
}

/* ---- people ------------------------------------------------------------------------------------------- */

static size_t place_of(const struct secure *secure, uint32_t number)
{
	size_t low = 0, high = secure->seen_n;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (secure->seen[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct seen *secure_seen(struct secure *secure, uint32_t number)
{
	const size_t at = place_of(secure, number);

	return at < secure->seen_n && secure->seen[at].number == number ? &secure->seen[at] : NULL;
}

struct seen *secure_seen_make(struct secure *secure, uint32_t number)
{
	const size_t at = place_of(secure, number);
	struct seen *grown;

	if (at < secure->seen_n && secure->seen[at].number == number)
		return &secure->seen[at];
	if (secure->seen_n == secure->seen_size) {
		const size_t size = secure->seen_size ? 2 * secure->seen_size : 16;

		grown = realloc(secure->seen, size * sizeof(*grown));
		if (!grown)
			return NULL;
		secure->seen = grown;
		secure->seen_size = size;
	}
	memmove(&secure->seen[at + 1], &secure->seen[at], (secure->seen_n - at) * sizeof(*secure->seen));
	secure->seen_n++;
	secure->seen[at] = (struct seen) { .number = number };
	return &secure->seen[at];
}

static void seen_drop(struct secure *secure, uint32_t number)
{
	struct seen *seen = secure_seen(secure, number);
	size_t at;

	if (!seen)
		return;
	at = (size_t)(seen - secure->seen);
	free(seen->renamed);
	memmove(seen, seen + 1, (--secure->seen_n - at) * sizeof(*seen));
}

void secure_hash8(uint8_t out[static 8], const char *text)
{
	uint8_t hash[SEAL_HASH];

	memset(out, 0, 8);
	if (seal_hash(hash, (struct seal_bytes) { text, strlen(text) }) == 0)
		memcpy(out, hash, 8);
}

bool secure_in(const struct secure *secure)
{
	return secure->group && group_epoch(secure->group) > 0;
}

const char *secure_signed_name(const struct secure *secure, uint32_t number)
{
	const struct seen *seen = secure_seen((struct secure *)secure, number);
	struct group_member member;

	if (!secure_in(secure) || number > GROUP_IDX_MAX || !group_find(secure->group, (uint16_t)number, &member))
		return NULL;
	return seen && seen->renamed ? seen->renamed : member.binding->name;
}

/* What the relay calls people is made what they call themselves. */
static void sign_name(const struct secure *secure, uint32_t number, char name[static MOOT_NAME_SIZE])
{
	const char *signed_name = name[0] ? secure_signed_name(secure, number) : NULL;

	if (signed_name)
		snprintf(name, MOOT_NAME_SIZE, "%s", signed_name);
}

/* ---- the relay's events ------------------------------------------------------------------------------- */

static void place_person(struct secure *secure, const struct person *person, int64_t now_ms)
{
	struct seen *seen = secure_seen_make(secure, person->number);

	if (!seen)
		return;
	if (seen->place != PLACE_IN)
		seen->since_ms = now_ms;
	seen->place = PLACE_IN;
	if (seen->away != person->away)
		seen->since_ms = now_ms;
	seen->away = person->away;
	seen->role = person->role;
	seen->kind = person->kind;
	seen->sealed = person->sealed;
	seen->room = person->room;
	secure_hash8(seen->name, person->name);
	if (person->number == secure->number)
		secure->role = person->role;
	if (secure->group && person->number <= GROUP_IDX_MAX)
		group_connected(secure->group, (uint16_t)person->number, !person->away);
}

static void whisper_again(struct seen *seen, int64_t now_ms)
{
	if (now_ms - seen->whispered_ms < SECURE_WHISPER_LOST_MS)
		seen->whispered = false;
}

static void set_away(struct secure *secure, uint32_t number, bool away, int64_t now_ms)
{
	struct seen *seen = secure_seen(secure, number);

	if (!seen)
		return;
	if (seen->away != away)
		seen->since_ms = now_ms;
	if (away)
		whisper_again(seen, now_ms);
	seen->away = away;
	if (secure->group && number <= GROUP_IDX_MAX)
		group_connected(secure->group, (uint16_t)number, !away);
}

/* Whom hosts see waiting. */
static void take_knock(struct secure *secure, const struct event *event)
{
	struct seen *seen = secure_seen_make(secure, event->number);

	if (!seen)
		return;
	if (seen->place == PLACE_IN)
		seen->admitted = false;
	seen->place = PLACE_WAITING;
	secure_hash8(seen->name, event->name);
}

/* Who left of themselves or was sent back, and not who lost their line. */
static void remember_left(struct secure *secure, uint32_t number)
{
	struct group_member member;
	uint8_t (*grown)[SEAL_KEY];

	if (!secure_in(secure) || number > GROUP_IDX_MAX || !group_find(secure->group, (uint16_t)number, &member) ||
	    secure->left_n == SECURE_BANNED)
		return;
	if (secure->left_n == secure->left_size) {
		grown = realloc(secure->left, (secure->left_size + 16) * sizeof(*grown));
		if (!grown)
			return;
		secure->left = grown;
		secure->left_size += 16;
	}
	memcpy(secure->left[secure->left_n++], member.binding->ik, SEAL_KEY);
}

/* Gone from the room, or from the door. Who was sent back goes on waiting. */
static void take_left(struct secure *secure, const struct event *event)
{
	struct seen *seen = secure_seen(secure, event->number);
	struct guest *guest = secure_guest(secure, event->number);

	forget_before(secure, event->number);
	if (!strcmp(event->code, "left") || !strcmp(event->code, "sent-back"))
		remember_left(secure, event->number);
	if (secure->group && event->number <= GROUP_IDX_MAX)
		group_connected(secure->group, (uint16_t)event->number, false);
	if (guest)
		secure_guest_drop(secure, guest);
	if (seen && seen->place == PLACE_IN)
		seen_drop(secure, event->number);
}

static void take_knock_gone(struct secure *secure, const struct event *event)
{
	struct guest *guest = secure_guest(secure, event->number);

	if (!strcmp(event->code, "admitted"))
		return;
	if (guest)
		secure_guest_drop(secure, guest);
	seen_drop(secure, event->number);
}

/* How the door stands when one comes in is the relay's word; after that, only the hosts'. */
static void take_control(struct secure *secure, const struct event *event)
{
	const bool on = event->value != 0;

	if (event->control == CONTROL_WAITING_ROOM && (!secure->was_in || (on && !event->by)))
		secure->waiting_room = on;
	if (event->control == CONTROL_LOCK && !secure->was_in)
		secure->locked = on;
}

static void take_moved(struct secure *secure, const struct event *event)
{
	for (uint32_t i = 0; i < event->who_count; i++) {
		struct seen *seen = secure_seen(secure, event->who[i]);

		if (seen)
			seen->room = event->room;
	}
}

/* All are told of anew; who is not, is gone. */
static void take_resumed(struct secure *secure, const struct event *event, int64_t now_ms)
{
	if (event->number != secure->number) {
		set_away(secure, event->number, false, now_ms);
		return;
	}
	secure->synced = true;
	secure_upload_again(secure);
}

static void take_waiting(struct secure *secure, const struct event *event, int64_t now_ms)
{
	if (secure->place == PLACE_IN)
		secure_forget_group(secure);
	if (secure->place != PLACE_WAITING)
		forget_people(secure);
	secure->place = PLACE_WAITING;
	secure->role = ROLE_WAITING;
	secure->number = event->number;
	secure->synced = true;
	secure_door_seated(secure, now_ms);
}

static void take_joined(struct secure *secure, const struct event *event, int64_t now_ms)
{
	secure->place = PLACE_IN;
	secure->seated_ms = now_ms;
	secure->number = event->number;
	secure->role = event->role;
	/* Who is back hears what else was missed first: EVENT_RESUMED ends it. */
	secure->synced |= !secure_in(secure);
	secure_door_seated(secure, now_ms);
}

static void take(struct secure *secure, const struct event *event, int64_t now_ms)
{
	switch (event->kind) {
	case EVENT_DOOR: secure_door(secure, event, now_ms); break;
	case EVENT_WAITING: take_waiting(secure, event, now_ms); break;
	case EVENT_JOINED: take_joined(secure, event, now_ms); break;
	case EVENT_PERSON:
	case EVENT_PERSON_JOINED:
	case EVENT_PERSON_CHANGED: place_person(secure, &event->person, now_ms); break;
	case EVENT_PERSON_LEFT: take_left(secure, event); break;
	case EVENT_KNOCK: take_knock(secure, event); break;
	case EVENT_KNOCK_GONE: take_knock_gone(secure, event); break;
	case EVENT_AWAY: set_away(secure, event->number, true, now_ms); break;
	case EVENT_RESUMED: take_resumed(secure, event, now_ms); break;
	case EVENT_CONTROL:
	case EVENT_CONTROLS: take_control(secure, event); break;
	case EVENT_MOVED: take_moved(secure, event); break;
	default: break;
	}
}

static void sign_names(const struct secure *secure, struct event *event)
{
	sign_name(secure, event->by, event->name_by);
	if (event->person.number)
		sign_name(secure, event->person.number, event->person.name);
	if (event->kind == EVENT_KNOCK || event->kind == EVENT_KNOCK_GONE)
		return;
	sign_name(secure, event->from ? event->from : event->number, event->name);
}

bool secure_event(struct secure *secure, struct event *event, int64_t now_ms)
{
	if (!secure_order_fits(secure, event, now_ms))
		return false;
	take(secure, event, now_ms);
	sign_names(secure, event);
	if (event->kind == EVENT_CHAT || event->kind == EVENT_FILE || event->kind == EVENT_FILE_CHUNK)
		return secure_talk_event(secure, event, now_ms);
	return event->kind != EVENT_DOOR;
}

void secure_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	switch (piece->kind) {
	case WIRE_HELLO:
	case WIRE_CHALLENGE:
	case WIRE_PROOF:
	case WIRE_WELCOME:
	case WIRE_PROVEN: secure_door_piece(secure, piece, now_ms); break;
	case WIRE_ORDER: secure_order_piece(secure, piece, now_ms); break;
	case WIRE_WHISPER: secure_whisper_piece(secure, piece, now_ms); break;
	default: secure_keys_piece(secure, piece, now_ms); break;
	}
}

void secure_line(struct secure *secure, bool up)
{
	secure->up = up;
	secure->synced = false;
	if (!up)
		return;
	for (size_t i = 0; i < secure->seen_n; i++) {
		if (secure->seen[i].place == PLACE_IN)
			secure->seen[i].place = PLACE_OUT;
		whisper_again(&secure->seen[i], secure->ticked_ms);
	}
}

/* ---- time, and what is shown ------------------------------------------------------------------------- */

static void tell_keys(struct secure *secure, int64_t now_ms)
{
	const uint32_t epoch = secure->group ? group_send_epoch(secure->group, now_ms) : 0;

	if (epoch == secure->sent_epoch)
		return;
	secure->sent_epoch = epoch;
	if (epoch)
		secure->ops->on_keys(secure->arg);
}

static void tell_security(struct secure *secure, int64_t now_ms)
{
	struct session_security now;

	secure_security(secure, &now, now_ms);
	now.epoch = 0;
	now.turned_ms = 0;
	if (!memcmp(&now, &secure->told, sizeof(now)))
		return;
	secure->told = now;
	secure->ops->on_security(secure->arg);
}

int64_t secure_tick(struct secure *secure, int64_t now_ms)
{
	int64_t due_ms;

	if (!secure->started_ms)
		secure->started_ms = now_ms;
	secure->ticked_ms = now_ms;
	secure_door_tick(secure, now_ms);
	if (secure->group) {
		secure_keys_tick(secure, now_ms);
		secure_whisper_tick(secure, now_ms);
		if (secure->group)
			secure_talk_release(secure, now_ms);
	}
	tell_keys(secure, now_ms);
	tell_security(secure, now_ms);
	due_ms = secure->group && secure->synced ? group_due_ms(secure->group) - now_ms : TICK_MS;
	return due_ms < 1 ? 1 : due_ms < TICK_MS ? due_ms : TICK_MS;
}

void secure_notice(struct secure *secure, const char *code, const char *format, ...)
{
	struct event *event = &secure->event;
	va_list ap;

	memset(event, 0, sizeof(*event));
	event->kind = EVENT_ERROR;
	snprintf(event->code, sizeof(event->code), "%s", code);
	va_start(ap, format);
	vsnprintf(event->text, sizeof(event->text), format, ap);
	va_end(ap);
	secure->ops->on_event(secure->arg, event);
}

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
