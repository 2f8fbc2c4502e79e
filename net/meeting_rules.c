/* Who may do what: one row for each word. meeting_apply() finds the actor and the row, checks role and target
 * by it, and calls the handler, which checks what only it knows and then acts. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

/* Whom a word may touch, by its number. */
enum {
	TOUCH_SELF = 1,     /* oneself, also meant by number 0 */
	TOUCH_SEATED = 2,   /* another in the room */
	TOUCH_WAITING = 4,  /* somebody who waits */
	TOUCH_NOT_HOST = 8, /* … but not the host */
	TOUCH_BELOW = 16,   /* … of a lesser role only */
};

static enum refusal rule_raise(const struct call *call)
{
	struct seat *seat = call->actor;
	if (seat->person.hand)
		return REFUSED_ALREADY;
	seat->person.hand = ++call->meeting->last_hand;
	person_changed(call->meeting, seat, "hand", seat);
	return REFUSED_NOT;
}

static enum refusal rule_lower(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	if (!call->target->person.hand)
		return REFUSED_ALREADY;
	call->target->person.hand = 0;
	person_changed(meeting, call->target, "hand", call->actor);
	return REFUSED_NOT;
}

static enum refusal rule_react(const struct call *call)
{
	const char *known = NULL;
	for (unsigned i = 0; (known = reaction_name(i)) != NULL; i++)
		if (strncmp(call->command->name, known, sizeof(call->command->name)) == 0)
			break;
	if (!known)
		return REFUSED_BAD_VALUE;
	struct event event = { .kind = EVENT_REACTION, .from = call->actor->person.number };
	memcpy(event.name, call->actor->person.name, sizeof(event.name));
	snprintf(event.text, sizeof(event.text), "%s", known);
	meeting_tell_place(call->meeting, call->actor->person.room, &event);
	return REFUSED_NOT;
}

static enum refusal rule_unmute(const struct call *call)
{
	struct seat *seat = call->actor;
	if (seat->person.mic == MIC_ON)
		return REFUSED_ALREADY;
	if (!may_unmute(call->meeting, seat) && !seat->asked)
		return REFUSED_UNMUTE_OFF;
	seat->asked = false;
	seat->person.mic = MIC_ON;
	person_changed(call->meeting, seat, "mic", seat);
	return REFUSED_NOT;
}

static enum refusal rule_ask_unmute(const struct call *call)
{
	if (call->target->person.mic == MIC_ON)
		return REFUSED_ALREADY;
	call->target->asked = true;
	struct event event = { .kind = EVENT_ASK_UNMUTE };
	event_by(&event, call->actor);
	meeting_tell(call->meeting, REACH_ONE, call->target->person.number, &event);
	return REFUSED_NOT;
}

static enum refusal rule_video(const struct call *call)
{
	struct seat *seat = call->actor;
	if (seat->person.camera == call->command->on)
		return REFUSED_ALREADY;
	if (call->command->on && !may_video(call->meeting, seat))
		return REFUSED_VIDEO_OFF;
	seat->person.camera = call->command->on;
	person_changed(call->meeting, seat, "camera", seat);
	return REFUSED_NOT;
}

static enum refusal rule_share(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct seat *seat = call->actor;
	struct place *place = &meeting->place[seat->person.room];
	size_t length = strnlen(call->command->text, sizeof(place->shared));
	if (place->sharer == seat->person.number)
		return REFUSED_ALREADY;
	if (!may_share(meeting, seat))
		return REFUSED_SHARE_HOSTS;
	if (place->sharer)
		return REFUSED_SHARE_TAKEN;
	if (length == sizeof(place->shared) || !text_valid(call->command->text, length))
		return REFUSED_TEXT;
	*place = (struct place) { .sharer = seat->person.number };
	memcpy(place->shared, call->command->text, length);
	seat->person.share = true;
	struct event event = { .kind = EVENT_SHARE_STARTED, .from = seat->person.number };
	memcpy(event.name, seat->person.name, sizeof(event.name));
	memcpy(event.text, place->shared, sizeof(place->shared));
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return REFUSED_NOT;
}

static enum refusal rule_share_stop(const struct call *call)
{
	if (!call->target->person.share)
		return REFUSED_NOT_SHARING;
	share_stop(call->meeting, call->target->person.room, call->actor);
	return REFUSED_NOT;
}

/* Only to somebody in the same room, who can see what they type into. */
static enum refusal rule_give_keyboard(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	struct seat *seat = call->target;
	struct place *place = &meeting->place[call->actor->person.room];
	if (!call->actor->person.share)
		return REFUSED_NOT_SHARING;
	if (meeting->control[CONTROL_KEYBOARD] == KEYBOARD_NOBODY)
		return REFUSED_KEYBOARD_OFF;
	if (seat->person.away || seat->person.room != call->actor->person.room)
		return REFUSED_NOT_IN;
	if (place->keyboard == seat->person.number)
		return REFUSED_ALREADY;
	struct seat *before = seat_find(meeting, place->keyboard);
	if (before)
		before->person.keyboard = false;
	place->keyboard = seat->person.number;
	seat->person.keyboard = true;
	struct event event = { .kind = EVENT_KEYBOARD, .number = place->keyboard, .from = place->sharer };
	memcpy(event.name, seat->person.name, sizeof(event.name));
	event_by(&event, call->actor);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return REFUSED_NOT;
}

/* By the sharer, by who has it, or by a host in that room. */
static enum refusal rule_take_keyboard(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const struct seat *actor = call->actor;
	const struct place *place = &meeting->place[actor->person.room];
	if (actor->person.role < ROLE_COHOST && place->sharer != actor->person.number &&
	    place->keyboard != actor->person.number)
		return REFUSED_NOT_ALLOWED;
	if (!place->keyboard)
		return REFUSED_ALREADY;
	keyboard_take(meeting, actor->person.room, actor);
	return REFUSED_NOT;
}

static enum refusal rule_spotlight(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	uint32_t number = call->command->number;
	const struct seat *seat = seat_find(meeting, number);
	if (number && (!seat || !seat_seated(seat)))
		return REFUSED_NO_SUCH_PERSON;
	if (meeting->spotlight == number)
		return REFUSED_ALREADY;
	meeting->spotlight = number;
	struct event event = { .kind = EVENT_SPOTLIGHT, .number = number };
	if (seat)
		memcpy(event.name, seat->person.name, sizeof(event.name));
	event_by(&event, call->actor);
	meeting_tell(meeting, REACH_ROOM, 0, &event);
	return REFUSED_NOT;
}

static enum refusal rule_rename(const struct call *call)
{
	char name[MOOT_NAME_SIZE] = { 0 };
	const char *wanted = call->command->name;
	if (call->target == call->actor && !may_rename(call->meeting, call->actor))
		return REFUSED_RENAME_OFF;
	if (strnlen(wanted, sizeof(call->command->name)) == sizeof(call->command->name) ||
	    text_name(name, wanted) < 0)
		return REFUSED_BAD_NAME;
	if (strcmp(name, call->target->person.name) == 0)
		return REFUSED_ALREADY;
	memcpy(call->target->person.name, name, sizeof(name));
	person_changed(call->meeting, call->target, "name", call->actor);
	return REFUSED_NOT;
}

/* WORD_CLAIM has no row: only who can check a host key may call meeting_claim(). Nor has WORD_PIN: the rules never see one. */
static const struct rule {
	enum role least; /* who may say it at all */
	enum role other; /* … of another person; ROLE_COUNT: nobody */
	unsigned touch;  /* 0: the number is the handler's own */
	handler *run;
} rules[WORD_COUNT] = {
	[WORD_CHAT] = { ROLE_WAITING, ROLE_WAITING, 0, rule_chat },
	[WORD_RAISE] = { ROLE_PARTICIPANT, ROLE_COUNT, TOUCH_SELF, rule_raise },
	[WORD_LOWER] = { ROLE_PARTICIPANT, ROLE_COHOST, TOUCH_SELF | TOUCH_SEATED, rule_lower },
	[WORD_REACT] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_react },
	[WORD_MUTE] = { ROLE_PARTICIPANT, ROLE_COHOST, TOUCH_SELF | TOUCH_SEATED | TOUCH_NOT_HOST,
			rule_mute },
	[WORD_UNMUTE] = { ROLE_PARTICIPANT, ROLE_COUNT, TOUCH_SELF, rule_unmute },
	[WORD_ASK_UNMUTE] = { ROLE_COHOST, ROLE_COHOST, TOUCH_SEATED, rule_ask_unmute },
	[WORD_VIDEO] = { ROLE_PARTICIPANT, ROLE_COUNT, TOUCH_SELF, rule_video },
	[WORD_SHARE] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_share },
	[WORD_SHARE_STOP] = { ROLE_PARTICIPANT, ROLE_COHOST, TOUCH_SELF | TOUCH_SEATED | TOUCH_NOT_HOST,
			      rule_share_stop },
	[WORD_SPOTLIGHT] = { ROLE_COHOST, ROLE_COHOST, 0, rule_spotlight },
	[WORD_ADMIT] = { ROLE_COHOST, ROLE_COHOST, 0, rule_admit },
	[WORD_DENY] = { ROLE_COHOST, ROLE_COHOST, TOUCH_WAITING, rule_deny },
	[WORD_SENDBACK] = { ROLE_COHOST, ROLE_COHOST, TOUCH_SEATED | TOUCH_BELOW, rule_sendback },
	[WORD_KICK] = { ROLE_COHOST, ROLE_COHOST, TOUCH_SEATED | TOUCH_WAITING | TOUCH_BELOW, rule_kick },
	[WORD_PARDON] = { ROLE_COHOST, ROLE_COHOST, 0, rule_pardon },
	[WORD_SET] = { ROLE_COHOST, ROLE_COHOST, 0, rule_set },
	[WORD_ALLOW] = { ROLE_COHOST, ROLE_COHOST, TOUCH_SEATED | TOUCH_BELOW, rule_allow },
	[WORD_DISALLOW] = { ROLE_COHOST, ROLE_COHOST, TOUCH_SEATED | TOUCH_BELOW, rule_disallow },
	[WORD_SUSPEND] = { ROLE_COHOST, ROLE_COHOST, 0, rule_suspend },
	[WORD_COHOST] = { ROLE_HOST, ROLE_HOST, TOUCH_SEATED | TOUCH_BELOW, rule_cohost },
	[WORD_UNCOHOST] = { ROLE_HOST, ROLE_HOST, TOUCH_SEATED | TOUCH_BELOW, rule_uncohost },
	[WORD_HOST] = { ROLE_HOST, ROLE_HOST, TOUCH_SEATED | TOUCH_BELOW, rule_host },
	[WORD_RENAME] = { ROLE_PARTICIPANT, ROLE_COHOST, TOUCH_SELF | TOUCH_SEATED | TOUCH_BELOW,
			  rule_rename },
	[WORD_LEAVE] = { ROLE_WAITING, ROLE_COUNT, 0, rule_leave },
	[WORD_END] = { ROLE_HOST, ROLE_HOST, 0, rule_end },
	[WORD_GIVE_KEYBOARD] = { ROLE_PARTICIPANT, ROLE_PARTICIPANT, TOUCH_SEATED, rule_give_keyboard },
	[WORD_TAKE_KEYBOARD] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_take_keyboard },
	[WORD_RECORD] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_record },
	[WORD_CONSENT] = { ROLE_WAITING, ROLE_COUNT, 0, rule_consent },
	[WORD_FILE] = { ROLE_PARTICIPANT, ROLE_PARTICIPANT, TOUCH_SEATED, rule_file },
	[WORD_FILE_TAKE] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_file_take },
	[WORD_FILE_GET] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_file_get },
	[WORD_FILE_CHUNK] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_file_chunk },
	[WORD_FILE_END] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_file_end },
	[WORD_POLL] = { ROLE_COHOST, ROLE_COHOST, 0, rule_poll },
	[WORD_VOTE] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_vote },
	[WORD_POLL_CLOSE] = { ROLE_COHOST, ROLE_COHOST, 0, rule_poll_close },
	[WORD_BREAKOUT] = { ROLE_COHOST, ROLE_COHOST, 0, rule_breakout },
	[WORD_ASSIGN] = { ROLE_COHOST, ROLE_COHOST, 0, rule_assign },
	[WORD_BREAKOUT_OPEN] = { ROLE_COHOST, ROLE_COHOST, 0, rule_breakout_open },
	[WORD_BREAKOUT_CLOSE] = { ROLE_COHOST, ROLE_COHOST, 0, rule_breakout_close },
	[WORD_BREAKOUT_BACK] = { ROLE_PARTICIPANT, ROLE_COUNT, 0, rule_breakout_back },
};

/* Find whom the command names and check it against the rule. */
static enum refusal resolve(struct call *call, const struct rule *rule)
{
	uint32_t number = call->command->number;
	const struct seat *actor = call->actor;
	if (actor->person.role < rule->least)
		return REFUSED_NOT_ALLOWED;
	if (rule->touch == 0 || (call->command->word == WORD_MUTE && call->command->all))
		return REFUSED_NOT;
	if ((rule->touch & TOUCH_SELF) && (number == 0 || number == actor->person.number)) {
		call->target = call->actor;
		return REFUSED_NOT;
	}
	if (actor->person.role < rule->other)
		return REFUSED_NOT_ALLOWED;
	struct seat *target = seat_find(call->meeting, number);
	if (rule->touch == TOUCH_WAITING && (!target || seat_seated(target)))
		return REFUSED_NOT_WAITING;
	if (!target || !(rule->touch & (seat_seated(target) ? TOUCH_SEATED : TOUCH_WAITING)))
		return REFUSED_NO_SUCH_PERSON;
	if (target == actor)
		return REFUSED_SELF;
	if ((rule->touch & (TOUCH_NOT_HOST | TOUCH_BELOW)) && target->person.role == ROLE_HOST)
		return REFUSED_HOST;
	if ((rule->touch & TOUCH_BELOW) && target->person.role >= actor->person.role)
		return REFUSED_NOT_ALLOWED;
	call->target = target;
	return REFUSED_NOT;
}

enum refusal meeting_apply(struct meeting *meeting, uint32_t actor, const struct command *command,
			   int64_t now_ms, int64_t unix_ms)
{
	struct call call = { .meeting = meeting, .command = command, .now_ms = now_ms, .unix_ms = unix_ms };
	if (meeting->ended)
		return REFUSED_NO_SUCH_MEETING;
	call.actor = seat_find(meeting, actor);
	if (!call.actor || call.actor->person.away)
		return REFUSED_NOT_IN;
	if (command->word == WORD_CLAIM)
		return REFUSED_BAD_KEY;
	if ((unsigned)command->word >= WORD_COUNT || !rules[command->word].run)
		return REFUSED_BAD_COMMAND;
	enum refusal refusal = resolve(&call, &rules[command->word]);
	if (refusal == REFUSED_NOT)
		refusal = rules[command->word].run(&call);
	if (refusal == REFUSED_NOT && !meeting->ended)
		door_mark_empty(meeting, now_ms);
	return refusal;
}
