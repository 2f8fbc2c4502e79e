#include "tests/net/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct client *client(struct room *room, uint32_t number)
{
	assert_true(number > 0 && number <= NUMBERS_MAX);
	if (!room->clients[number]) {
		room->clients[number] = calloc(1, sizeof(struct client));
		assert_non_null(room->clients[number]);
		roster_init(&room->clients[number]->roster);
		room->clients[number]->connected = true;
	}
	return room->clients[number];
}

/* What may reach somebody who waits: nothing of the room but the hosts' words. */
static void check_waiting(const struct room *room, uint32_t number, const struct event *event)
{
	const struct person *from = meeting_person(room->meeting, event->from);
	switch (event->kind) {
	case EVENT_WAITING:
	case EVENT_RECORD_ASK:
	case EVENT_REFUSED:
	case EVENT_REMOVED:
	case EVENT_ENDED: return;
	case EVENT_PERSON_LEFT: assert_int_equal(event->number, number); return;
	case EVENT_RECORDING: /* what they were asked about is over */
		assert_true(!event->on && room->clients[number]->roster.record_asked);
		return;
	case EVENT_CHAT:
		assert_int_equal(event->chat_seq, 0);
		if (event->to == TO_WAITING)
			assert_true(from && from->role >= ROLE_COHOST);
		else
			assert_true(event->to == TO_HOSTS && event->from == number);
		return;
	default: fail_msg("somebody who waits was told %s", event_name(event->kind));
	}
}

static void tell(struct room *room, uint32_t number, const struct effect *effect)
{
	const struct event *event = effect->event;
	const struct person *person = meeting_person(room->meeting, number);
	struct client *to = client(room, number);
	assert_non_null(person);
	if (!to->connected)
		return;
	if (person->role < ROLE_PARTICIPANT)
		check_waiting(room, number, event);
	if (event->kind == EVENT_KNOCK || event->kind == EVENT_KNOCK_GONE ||
	    event->kind == EVENT_WRONG_PASSCODES)
		assert_true(person->role >= ROLE_COHOST);
	if (roster_apply(&to->roster, event) != 0)
		fail_msg("the roster of %u contradicts %s", number, event_name(event->kind));
	to->told[event->kind]++;
	if (room->keep && !to->last[event->kind]) {
		to->last[event->kind] = malloc(sizeof(*event));
		assert_non_null(to->last[event->kind]);
	}
	if (room->keep)
		*to->last[event->kind] = *event;
	if (effect->close)
		to->connected = false;
}

static void sink(void *arg, const struct effect *effect)
{
	struct room *room = arg;
	const struct person *person;
	uint32_t at = 0;
	room->effects++;
	assert_true(effect->event->kind > EVENT_NONE && effect->event->kind < EVENT_CONNECTED);
	if (effect->reach == REACH_ONE) {
		tell(room, effect->to, effect);
		return;
	}
	while (effect->reach != REACH_WAITING && (person = meeting_next(room->meeting, &at)))
		if ((effect->reach != REACH_OTHERS || person->number != effect->to) &&
		    (effect->reach != REACH_HOSTS || person->role >= ROLE_COHOST) &&
		    (effect->reach != REACH_PLACE || person->room == effect->place))
			tell(room, person->number, effect);
	at = 0;
	while ((effect->reach == REACH_WAITING || effect->reach == REACH_ALL) &&
	       (person = meeting_next_waiting(room->meeting, &at)))
		tell(room, person->number, effect);
}

void room_open(struct room *room, const struct policy *policy)
{
	memset(room, 0, sizeof(*room));
	policy_init(&room->policy);
	if (policy)
		room->policy = *policy;
	room->now_ms = 1000;
	room->keep = true;
	room->meeting = meeting_new("482913775", "Tea", &room->policy, sink, room);
	assert_non_null(room->meeting);
}

void room_close(struct room *room)
{
	for (size_t i = 0; i <= NUMBERS_MAX; i++) {
		if (!room->clients[i])
			continue;
		roster_clear(&room->clients[i]->roster);
		for (int k = 0; k < EVENT_COUNT; k++)
			free(room->clients[i]->last[k]);
		free(room->clients[i]);
	}
	meeting_free(room->meeting);
}

int room_knock(struct room *room, struct knock *knock)
{
	uint32_t number = 0;
	enum refusal refusal = meeting_join(room->meeting, knock, room->now_ms, &number);
	return refusal == REFUSED_NOT ? (int)number : -(int)refusal;
}

int room_join(struct room *room, const char *name, uint8_t key_byte, bool host_key)
{
	uint8_t key[MOOT_KEY_BYTES];
	memset(key, key_byte, sizeof(key));
	struct knock knock = { .name = name, .kind = KIND_TERMINAL, .key = key, .passcode_ok = true };
	knock.host_key_ok = host_key;
	knock.mic = MIC_ON;
	knock.unix_ms = room->now_ms;
	return room_knock(room, &knock);
}

enum refusal room_apply(struct room *room, uint32_t actor, const struct command *command)
{
	return meeting_apply(room->meeting, actor, command, room->now_ms, 1700000000000 + room->now_ms);
}

enum refusal room_do(struct room *room, uint32_t actor, enum word word, uint32_t number)
{
	struct command command = { .word = word, .number = number };
	if (word == WORD_ADMIT) {
		command.who[0] = number;
		command.who_count = 1;
	}
	return room_apply(room, actor, &command);
}

enum refusal room_set(struct room *room, uint32_t actor, enum control control, int32_t value)
{
	struct command command = { .word = WORD_SET, .control = control, .value = value };
	return room_apply(room, actor, &command);
}

enum refusal room_say(struct room *room, uint32_t actor, enum scope to, uint32_t number, const char *text)
{
	struct command command = { .word = WORD_CHAT, .to = to, .number = number };
	strncpy(command.text, text, sizeof(command.text) - 1);
	return room_apply(room, actor, &command);
}

void room_lost(struct room *room, uint32_t number)
{
	if (number <= NUMBERS_MAX && room->clients[number])
		room->clients[number]->connected = false;
	meeting_lost(room->meeting, number, room->now_ms);
}

enum refusal room_resume(struct room *room, uint32_t number, uint64_t chat_seq)
{
	static const struct event connected = { .kind = EVENT_CONNECTED };
	struct client *back = client(room, number);
	bool before = back->connected;
	back->connected = true;
	enum presence presence = back->roster.presence;
	assert_int_equal(roster_apply(&back->roster, &connected), 0);
	assert_int_equal(back->roster.presence, presence);
	enum refusal refusal = meeting_resume(room->meeting, number, chat_seq, room->now_ms);
	if (refusal != REFUSED_NOT) {
		back->connected = before;
		back->roster.stale = false;
	}
	return refusal;
}

void room_forget(struct room *room)
{
	for (size_t i = 0; i <= NUMBERS_MAX; i++)
		if (room->clients[i])
			memset(room->clients[i]->told, 0, sizeof(room->clients[i]->told));
	room->effects = 0;
}

unsigned room_told(const struct room *room, uint32_t number, enum event_kind kind)
{
	return room->clients[number] ? room->clients[number]->told[kind] : 0;
}

const struct event *room_last(const struct room *room, uint32_t number, enum event_kind kind)
{
	assert_true(room_told(room, number, kind) > 0);
	return room->clients[number]->last[kind];
}

const struct person *room_person(const struct room *room, uint32_t number)
{
	return meeting_person(room->meeting, number);
}

static void check_waiting_list(struct room *room, const struct roster *roster)
{
	uint32_t at = 0, i = 0;
	const struct person *person;
	while ((person = meeting_next_waiting(room->meeting, &at))) {
		assert_true(i < roster->waiting_count);
		assert_int_equal(roster->waiting[i].number, person->number);
		assert_string_equal(roster->waiting[i].name, person->name);
		i++;
	}
	assert_int_equal(roster->waiting_count, i);
	assert_int_equal(roster->wrong_passcodes, room->meeting->wrong_passcodes);
}

static void check_mirror(struct room *room, const struct person *me)
{
	const struct roster *roster = &room->clients[me->number]->roster;
	const struct person *person;
	uint32_t at = 0;
	assert_int_equal(roster->presence, PRESENCE_IN);
	assert_int_equal(roster->me, me->number);
	assert_string_equal(roster->title, "Tea");
	assert_int_equal(roster->people_count, meeting_people(room->meeting));
	while ((person = meeting_next(room->meeting, &at))) {
		const struct person *seen = roster_find(roster, person->number);
		assert_non_null(seen);
		assert_string_equal(seen->name, person->name);
		assert_int_equal(seen->role, person->role);
		assert_int_equal(seen->mic, person->mic);
		assert_int_equal(seen->camera, person->camera);
		assert_int_equal(seen->share, person->share);
		assert_int_equal(seen->away, person->away);
		assert_int_equal(seen->hand, person->hand);
		assert_int_equal(seen->permits, person->permits);
		assert_int_equal(seen->record, person->record);
		assert_int_equal(seen->keyboard, person->keyboard);
		assert_int_equal(seen->room, person->room);
		if (me->role >= ROLE_COHOST && room->meeting->breakout_count &&
		    !room->meeting->breakout_open)
			assert_int_equal(seen->planned, person->planned);
	}
	for (size_t i = 1; i < roster->people_count; i++)
		assert_true(roster->people[i - 1].number < roster->people[i].number);
	for (int i = 0; i < CONTROL_COUNT; i++)
		assert_int_equal(roster->control[i], meeting_control(room->meeting, (enum control)i));
	assert_int_equal(roster->spotlight, room->meeting->spotlight);
	assert_int_equal(roster->sharer, room->meeting->place[me->room].sharer);
	assert_int_equal(roster->poll, room->meeting->poll.number);
	assert_int_equal(roster->breakouts[0] != 0, room->meeting->breakout_count > 0);
	assert_int_equal(roster->breakouts_open, room->meeting->breakout_open);
	if (me->role >= ROLE_COHOST)
		check_waiting_list(room, roster);
	else
		assert_int_equal(roster->waiting_count, 0);
}

void room_check_mirrors(struct room *room)
{
	const struct person *person;
	uint32_t at = 0;
	while ((person = meeting_next(room->meeting, &at)))
		if (room->clients[person->number]->connected)
			check_mirror(room, person);
	at = 0;
	while ((person = meeting_next_waiting(room->meeting, &at))) {
		const struct roster *roster = &room->clients[person->number]->roster;
		assert_int_equal(roster->presence, PRESENCE_WAITING);
		assert_int_equal(roster->people_count, 0);
		assert_int_equal(roster->waiting_count, 0);
	}
}

static uint64_t mix(uint64_t hash, const void *p, size_t n)
{
	const uint8_t *bytes = p;
	for (; n >= 8; n -= 8, bytes += 8) {
		uint64_t word;
		memcpy(&word, bytes, 8);
		hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
		hash ^= hash >> 29;
	}
	for (; n > 0; n--, bytes++)
		hash = (hash ^ *bytes) * 0x100000001b3u;
	return hash;
}

uint64_t room_digest(const struct room *room)
{
	const struct meeting *meeting = room->meeting;
	uint64_t hash = mix(1, meeting, offsetof(struct meeting, slot_of));
	hash = mix(hash, meeting->removed, meeting->removed_count * sizeof(*meeting->removed));
	hash = mix(hash, &meeting->left_next, sizeof(meeting->left_next));
	hash = mix(hash, &meeting->chat_seq, sizeof(meeting->chat_seq));
	return mix(hash, meeting->slots, meeting->slots_used * sizeof(*meeting->slots));
}
