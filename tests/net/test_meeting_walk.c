/* Random walks through a meeting: whatever people do in whatever order, the promises hold. What the walk may
 * believe of the past it notes for itself; it asks the meeting only what a relay can ask. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/room.h"

enum { STEPS = 50000, KEYS = 24, PEOPLE_MAX = 9, WAITING = 6 };

/* What the walk remembers of each key. */
struct memory {
	bool removed, pardoned, left;
};

/* What one person could do before a step. */
struct before {
	enum role role;
	bool mic, camera, share, asked;
	bool let_in; /* waits only to agree to be recorded */
};

struct walk {
	struct room room;
	uint64_t seed;
	struct memory keys[KEYS];
	uint8_t key_of[NUMBERS_MAX + 1];
	bool asked[NUMBERS_MAX + 1];
	bool yes[NUMBERS_MAX + 1]; /* to the recording that is asked about or runs */
	uint32_t recorder;         /* who asked */
	struct before before[NUMBERS_MAX + 1];
	uint32_t last_number, host_before;
	uint32_t refused, done;
	/* what the step is */
	bool accepted, joining, host_key, ticking, losing, resuming, claiming;
	uint32_t actor;
	struct command command;
	bool hosts_before, joins_freely;
	int32_t control_before[CONTROL_COUNT];
};

static uint32_t dice(struct walk *walk, uint32_t sides)
{
	walk->seed ^= walk->seed << 13;
	walk->seed ^= walk->seed >> 7;
	walk->seed ^= walk->seed << 17;
	return (uint32_t)(walk->seed >> 33) % sides;
}

/* Somebody, mostly in the room or waiting for it. */
static uint32_t somebody(struct walk *walk)
{
	const struct meeting *meeting = walk->room.meeting;
	uint32_t people = meeting_people(meeting), waiting = meeting_waiting(meeting);
	uint32_t pick = dice(walk, people + waiting + 1), at = pick;
	const struct person *person = NULL;
	if (pick < people)
		person = meeting_next(meeting, &at);
	else if ((at = pick - people) < waiting)
		person = meeting_next_waiting(meeting, &at);
	if (person)
		return person->number;
	return dice(walk, 3) ? dice(walk, walk->last_number + 2) : dice(walk, UINT32_MAX);
}

static bool hosts_present(const struct walk *walk)
{
	const struct person *person;
	uint32_t at = 0;
	while ((person = meeting_next(walk->room.meeting, &at)))
		if (person->role >= ROLE_COHOST && !person->away)
			return true;
	return false;
}

static void note_before(struct walk *walk)
{
	const struct meeting *meeting = walk->room.meeting;
	const struct person *person;
	uint32_t at = 0;
	walk->host_before = 0;
	for (uint32_t i = 1; i <= walk->last_number; i++)
		walk->before[i] = (struct before) { 0 };
	while ((person = meeting_next(meeting, &at))) {
		walk->before[person->number] = (struct before) {
			.role = person->role,
			.mic = person->mic == MIC_ON,
			.camera = person->camera,
			.share = person->share,
			.asked = walk->asked[person->number],
		};
		if (person->role == ROLE_HOST)
			walk->host_before = person->number;
	}
	at = 0;
	while ((person = meeting_next_waiting(meeting, &at))) {
		walk->before[person->number].role = ROLE_WAITING;
		walk->before[person->number].let_in =
			meeting->slots[meeting->slot_of[person->number] - 1].pending != ROLE_NONE;
	}
	walk->hosts_before = hosts_present(walk);
	for (int i = 0; i < CONTROL_COUNT; i++)
		walk->control_before[i] = meeting_control(meeting, (enum control)i);
	walk->accepted = walk->joining = walk->ticking = walk->losing = walk->resuming = walk->claiming =
		walk->host_key = false;
	walk->actor = 0;
	memset(&walk->command, 0, offsetof(struct command, text));
	walk->command.text[0] = walk->command.name[0] = '\0';
}

/* ---- steps ------------------------------------------------------------------------------------------------
 */

static void step_join(struct walk *walk)
{
	uint8_t key[MOOT_KEY_BYTES] = { 1 };
	uint8_t who = (uint8_t)dice(walk, KEYS);
	char name[8];
	key[1] = who;
	snprintf(name, sizeof(name), "P%u", who % 5u);
	const struct memory *memory = &walk->keys[who];
	struct knock knock = { .name = name, .key = key, .passcode_ok = dice(walk, 20) != 0 };
	walk->joining = true;
	walk->host_key = knock.host_key_ok = dice(walk, walk->hosts_before ? 16 : 2) == 0;
	knock.mic = (enum mic)dice(walk, MIC_COUNT);
	knock.camera = dice(walk, 2);
	walk->joins_freely = !memory->removed && !memory->pardoned && !memory->left &&
			     !walk->control_before[CONTROL_LOCK] &&
			     !walk->control_before[CONTROL_WAITING_ROOM] &&
			     (walk->hosts_before || walk->control_before[CONTROL_JOIN_BEFORE_HOST]);
	uint64_t digest = room_digest(&walk->room), effects = walk->room.effects;
	int number = room_knock(&walk->room, &knock);
	if (number < 0) {
		assert_true(digest == room_digest(&walk->room) && effects == walk->room.effects);
		walk->refused++;
		return;
	}
	assert_true(knock.passcode_ok && !memory->removed);
	assert_int_equal(number, walk->last_number + 1);
	walk->last_number = (uint32_t)number;
	walk->key_of[number] = who;
	walk->before[number] = (struct before) { 0 };
	walk->asked[number] = false;
	if (walk->host_key)
		walk->keys[who].left = false;
	walk->done++;
}

static void choose_command(struct walk *walk)
{
	static const char *const texts[] = { "word", "Tea?\nyes\nno", "Red\nBlue", "aGFs", "" };
	struct command *command = &walk->command;
	/* Partings are rare, or walks would be short and rooms empty. */
	do
		command->word = dice(walk, 10) ? (enum word)dice(walk, WORD_COUNT + 1) : WORD_ADMIT;
	while (dice(walk, 8) &&
	       (command->word == WORD_END || command->word == WORD_LEAVE || command->word == WORD_SUSPEND ||
		command->word == WORD_KICK || command->word == WORD_SENDBACK || command->word == WORD_DENY ||
		command->word == WORD_WANT || command->word == WORD_KEYFRAME ||
		(command->word >= WORD_NONE && command->word <= WORD_RESUME)));
	if (command->word == WORD_END && dice(walk, 20))
		command->word = WORD_PARDON;
	command->number = dice(walk, 4) ? somebody(walk) : 0;
	command->who_count = dice(walk, 3);
	for (uint32_t i = 0; i < command->who_count; i++)
		command->who[i] = somebody(walk);
	command->all = dice(walk, 6) == 0;
	if (command->word == WORD_PARDON && walk->room.meeting->removed_count && dice(walk, 4))
		command->number =
			walk->room.meeting->removed[dice(walk, walk->room.meeting->removed_count)].number;
	command->on = dice(walk, 2);
	command->to = (enum scope)dice(walk, SCOPE_COUNT + 1);
	command->control = (enum control)dice(walk, CONTROL_COUNT + 1);
	command->value = (int32_t)dice(walk, 6) - 1;
	if (command->control == CONTROL_LOCK && dice(walk, 2))
		command->value = 0;
	command->permission = (enum permission)dice(walk, PERMIT_COUNT + 1);
	command->count = command->room = dice(walk, 4);
	command->file = walk->room.meeting->last_file ? walk->room.meeting->last_file - dice(walk, 2) : 1;
	command->size = dice(walk, 5);
	command->offset = dice(walk, 3) ? 0 : dice(walk, 5);
	command->named = dice(walk, 2);
	snprintf(command->text, sizeof(command->text), "%s", texts[dice(walk, 5)]);
	snprintf(command->name, sizeof(command->name), "%s",
		 dice(walk, 2)   ? "heart"
		 : dice(walk, 4) ? "Bo"
				 : "\x01");
}

/* What an accepted command means for the walk's own memory. */
static void remember(struct walk *walk)
{
	const struct command *command = &walk->command;
	uint32_t number = command->number;
	struct memory *of = &walk->keys[walk->key_of[number <= walk->last_number ? number : 0]];
	switch (command->word) {
	case WORD_LEAVE:
		if (walk->before[walk->actor].role >= ROLE_PARTICIPANT)
			walk->keys[walk->key_of[walk->actor]].left = true;
		return;
	case WORD_SENDBACK:
	case WORD_DENY: of->left = true; return;
	case WORD_ADMIT:
		for (uint32_t i = 1; i <= walk->last_number; i++)
			if (walk->before[i].role == ROLE_WAITING &&
			    room_person(&walk->room, i)->role != ROLE_WAITING)
				walk->keys[walk->key_of[i]].left = false;
		return;
	case WORD_KICK:
		of->removed = true;
		of->pardoned = of->left = false;
		return;
	case WORD_PARDON:
		of->removed = false;
		of->pardoned = true;
		return;
	case WORD_ASK_UNMUTE: walk->asked[number] = true; return;
	case WORD_RECORD:
		if (command->on)
			walk->recorder = walk->actor;
		return;
	case WORD_CONSENT: walk->yes[walk->actor] = command->on; return;
	default: return;
	}
}

static void step_command(struct walk *walk)
{
	choose_command(walk);
	walk->actor = dice(walk, 5) < 3 && walk->host_before ? walk->host_before : somebody(walk);
	uint64_t digest = room_digest(&walk->room), effects = walk->room.effects;
	enum refusal refusal = room_apply(&walk->room, walk->actor, &walk->command);
	assert_true((unsigned)refusal < REFUSED_COUNT);
	if (refusal != REFUSED_NOT) {
		walk->refused++;
		if (digest != room_digest(&walk->room) || effects != walk->room.effects)
			fail_msg("%s refused (%s) and left a trace", word_name(walk->command.word),
				 refusal_code(refusal));
		return;
	}
	walk->done++;
	walk->accepted = true;
	if (!meeting_ended(walk->room.meeting))
		remember(walk);
}

static void step(struct walk *walk)
{
	note_before(walk);
	uint32_t pick = dice(walk, 100);
	uint32_t number = somebody(walk);
	if (pick < 14) {
		step_join(walk);
	} else if (pick < 17) {
		walk->losing = true;
		room_lost(&walk->room, number);
	} else if (pick < 21) {
		walk->resuming = true;
		const struct person *person;
		for (uint32_t at = 0; dice(walk, 8) && (person = meeting_next(walk->room.meeting, &at));)
			if (person->away)
				number = person->number;
		if (number <= NUMBERS_MAX && number > 0 && number <= walk->last_number)
			room_resume(&walk->room, number, dice(walk, 100));
	} else if (pick < 23) {
		walk->ticking = true;
		walk->room.now_ms += dice(walk, 40000);
		meeting_tick(walk->room.meeting, walk->room.now_ms);
	} else if (pick < 24) {
		walk->claiming = dice(walk, 4) == 0;
		walk->actor = number;
		if (walk->claiming &&
		    meeting_claim(walk->room.meeting, number, walk->room.now_ms) == REFUSED_NOT)
			walk->keys[walk->key_of[number]].left &= walk->before[number].role != ROLE_WAITING;
	} else if (pick < 25) {
		meeting_wrong_passcode(walk->room.meeting);
	} else {
		step_command(walk);
	}
}

/* ---- promises ---------------------------------------------------------------------------------------------
 */

static bool holds_permit(const struct person *person, enum permission permission)
{
	return person->role >= ROLE_COHOST || (person->permits & 1u << permission);
}

/* How did this person come to sit here? */
static void check_door(const struct walk *walk, const struct person *person)
{
	const struct memory *memory = &walk->keys[walk->key_of[person->number]];
	enum role before = walk->before[person->number].role;
	const enum role actor = walk->actor <= walk->last_number ? walk->before[walk->actor].role : ROLE_NONE;
	assert_false(memory->removed);
	if (walk->room.meeting->recorder && walk->recorder != person->number && before < ROLE_PARTICIPANT)
		assert_true(walk->yes[person->number]);
	if (before >= ROLE_PARTICIPANT)
		return;
	bool admitted = before == ROLE_WAITING && walk->command.word == WORD_ADMIT && actor >= ROLE_COHOST;
	bool free = before == ROLE_NONE && walk->joining && (walk->host_key || walk->joins_freely);
	bool claimed = walk->claiming && person->number == walk->actor;
	/* A host came: those who waited for nothing else come in after, through an open door. */
	bool host_came = before == ROLE_WAITING && hosts_present(walk) && !memory->left &&
			 !memory->pardoned && !meeting_control(walk->room.meeting, CONTROL_WAITING_ROOM) &&
			 !meeting_control(walk->room.meeting, CONTROL_LOCK) &&
			 ((walk->joining && walk->host_key) || walk->resuming || walk->claiming ||
			  walk->command.word == WORD_COHOST || walk->command.word == WORD_HOST);
	if (!admitted && !free && !claimed && !host_came && !walk->before[person->number].let_in)
		fail_msg("%u sits without having passed the door (%s)", person->number,
			 word_name(walk->command.word));
}

/* Nothing is switched on but by its owner, and only where it is allowed. */
static void check_sending(struct walk *walk, const struct person *person)
{
	const struct meeting *meeting = walk->room.meeting;
	const struct before *before = &walk->before[person->number];
	bool own = walk->actor == person->number;
	bool seated = before->role >= ROLE_PARTICIPANT;
	bool unmute = meeting_control(meeting, CONTROL_UNMUTE) || holds_permit(person, PERMIT_UNMUTE);
	assert_int_equal(meeting_may_send(meeting, person->number, STREAM_AUDIO),
			 person->mic == MIC_ON && !person->away);
	assert_int_equal(meeting_may_send(meeting, person->number, STREAM_CAMERA_SMALL),
			 person->camera && !person->away);
	assert_int_equal(meeting_may_send(meeting, person->number, STREAM_SCREEN),
			 person->share && !person->away);
	assert_false(meeting_may_send(meeting, person->number, STREAM_COUNT));
	if (person->mic == MIC_ON && seated && !before->mic) {
		assert_true(own && walk->command.word == WORD_UNMUTE);
		assert_true(unmute || before->asked);
		walk->asked[person->number] = false;
	}
	if (person->mic == MIC_ON && !seated)
		assert_true(unmute);
	if (person->camera) {
		assert_true(meeting_control(meeting, CONTROL_VIDEO) || holds_permit(person, PERMIT_VIDEO));
		assert_true(!seated || before->camera || (own && walk->command.word == WORD_VIDEO));
	}
	if (person->share) {
		assert_true(meeting_control(meeting, CONTROL_SHARE) == SHARE_EVERYONE ||
			    holds_permit(person, PERMIT_SHARE));
		assert_true(before->share || (own && walk->command.word == WORD_SHARE));
	}
}

/* Who records was permitted to, by the policy and a host, and everybody else here said yes. */
static void check_recording(const struct walk *walk, const struct person *recorder)
{
	const struct meeting *meeting = walk->room.meeting;
	const struct person *person;
	uint32_t at = 0;
	if (!recorder->record)
		return;
	assert_int_equal(meeting_control(meeting, CONTROL_RECORD), RECORD_PERMITTED);
	assert_true(holds_permit(recorder, PERMIT_RECORD) && !recorder->away);
	while ((person = meeting_next(meeting, &at)))
		assert_true(person == recorder || walk->yes[person->number]);
}

/* There is one host at most, made by key or transfer alone. */
static void check_host(const struct walk *walk, uint32_t host, const struct person *person)
{
	if (person->role != ROLE_HOST || person->number == walk->host_before ||
	    walk->before[person->number].let_in)
		return;
	bool transfer = walk->command.word == WORD_HOST && walk->actor == walk->host_before;
	assert_true((walk->joining && walk->host_key) || walk->claiming || transfer);
	assert_int_equal(host, person->number);
}

static void check(struct walk *walk)
{
	const struct meeting *meeting = walk->room.meeting;
	const struct person *person;
	uint32_t at = 0, hosts = 0, host = 0, sharers[MOOT_BREAKOUTS_MAX + 1] = { 0 };
	while ((person = meeting_next(meeting, &at))) {
		assert_true(person->role >= ROLE_PARTICIPANT);
		hosts += person->role == ROLE_HOST;
		sharers[person->room] += person->share;
		assert_true(sharers[person->room] <= 1);
		host = person->role == ROLE_HOST ? person->number : host;
	}
	assert_true(hosts <= 1);
	assert_true(meeting_people(meeting) <= PEOPLE_MAX - (hosts ? 0 : 1));
	for (at = 0; (person = meeting_next(meeting, &at));) {
		check_door(walk, person);
		check_recording(walk, person);
		check_sending(walk, person);
		check_host(walk, host, person);
	}
	at = 0;
	while ((person = meeting_next_waiting(meeting, &at))) {
		assert_int_equal(person->role, ROLE_WAITING);
		assert_false(walk->keys[walk->key_of[person->number]].removed);
		for (int i = 0; i < STREAM_COUNT; i++)
			assert_false(meeting_may_send(meeting, person->number, (enum stream)i));
	}
	for (uint32_t i = 1; !meeting->recorder && i <= walk->last_number; i++)
		walk->yes[i] = false;
	if (!meeting->recorder)
		walk->recorder = 0;
	room_check_mirrors(&walk->room);
}

/* A mute takes an ask back: the walk forgets it as the rules do. */
static void forget_asks(struct walk *walk)
{
	const struct command *command = &walk->command;
	bool all = walk->accepted &&
		   ((command->word == WORD_MUTE && command->all) || command->word == WORD_SUSPEND);
	for (uint32_t i = 1; all && i <= walk->last_number; i++)
		if (i != walk->actor && walk->before[i].role < ROLE_HOST)
			walk->asked[i] = false;
}

static void open_walk(struct walk *walk)
{
	struct policy policy;
	policy_init(&policy);
	policy.people_max = PEOPLE_MAX;
	policy.waiting_max = WAITING;
	for (int i = 0; i < CONTROL_COUNT; i++) {
		policy.locked[i] = dice(walk, 10) == 0;
		policy.value[i] = (int32_t)dice(walk, (uint32_t)control_values((enum control)i));
	}
	policy.locked[CONTROL_RECORD] = dice(walk, 3) == 0;
	policy.value[CONTROL_KINDS] = KINDS_STANDARD;
	policy.value[CONTROL_LOCK] = 0;
	room_open(&walk->room, &policy);
	walk->room.keep = false;
	memset(walk->keys, 0, sizeof(walk->keys));
	memset(walk->asked, 0, sizeof(walk->asked));
	memset(walk->yes, 0, sizeof(walk->yes));
	walk->recorder = 0;
	walk->last_number = 0;
}

static void walk_from(uint64_t seed)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	assert_non_null(walk);
	walk->seed = seed;
	unsigned meetings = 1;
	open_walk(walk);
	for (int i = 0; i < STEPS; i++) {
		step(walk);
		if (meeting_ended(walk->room.meeting)) {
			room_close(&walk->room);
			open_walk(walk);
			meetings++;
			continue;
		}
		check(walk);
		forget_asks(walk);
	}
	print_message("seed %llx: %u meetings, %u done, %u refused\n", (unsigned long long)seed, meetings,
		      walk->done, walk->refused);
	assert_true(walk->done > STEPS / 20 && walk->refused > STEPS / 10);
	room_close(&walk->room);
	free(walk);
}

static void walk__promises__hold(void **state)
{
	(void)state;
	static const uint64_t seeds[] = { 0x9E3779B97F4A7C15, 0xB7E151628AED2A6A, 0x243F6A8885A308D3,
					  0x1234567 };
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
		walk_from(seeds[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(walk__promises__hold) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
