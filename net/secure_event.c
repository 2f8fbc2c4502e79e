/* The relay's events: noted, where they say who is here; and made true, where they say who somebody is. */
#include "net/secure_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the relay calls people is made what they call themselves. */
static void sign_name(const struct secure *secure, uint32_t number, char name[static MOOT_NAME_SIZE])
{
	const char *signed_name = name[0] ? secure_signed_name(secure, number) : NULL;

	if (signed_name)
		snprintf(name, MOOT_NAME_SIZE, "%s", signed_name);
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

static void set_away(struct secure *secure, uint32_t number, bool away, int64_t now_ms)
{
	struct seen *seen = secure_seen(secure, number);

	if (!seen)
		return;
	if (seen->away != away)
		seen->since_ms = now_ms;
	if (away)
		secure_whisper_again(seen, now_ms);
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
		secure_seen_drop(secure, event->number);
}

static void take_knock_gone(struct secure *secure, const struct event *event)
{
	struct guest *guest = secure_guest(secure, event->number);

	if (!strcmp(event->code, "admitted"))
		return;
	if (guest)
		secure_guest_drop(secure, guest);
	secure_seen_drop(secure, event->number);
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
		secure_forget_people(secure);
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
	/* Of nobody who is here the relay does not say the name. */
	if (secure_in(secure) && !secure_signed_name(secure, event->by) && !secure_seen((struct secure *)secure, event->by))
		memset(event->name_by, 0, sizeof(event->name_by));
	sign_name(secure, event->by, event->name_by);
	if (event->person.number)
		sign_name(secure, event->person.number, event->person.name);
	if (event->kind == EVENT_KNOCK || event->kind == EVENT_KNOCK_GONE)
		return;
	sign_name(secure, event->from ? event->from : event->number, event->name);
}

bool secure_believes(struct secure *secure, const struct event *event, int64_t now_ms)
{
	return secure_order_fits(secure, event, now_ms);
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
