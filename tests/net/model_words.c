/* The rulebook: for each word of a meeting the least role, what speaks against it, and what is true after. Chapters
 * "Roles" and "What hosts control". */
#include "tests/net/model_facts.h"

#include <string.h>

#include "net/text.h"

#define AGAINST(when, code) ((when) ? OBJECT(code) : 0)

static bool own(const struct ask *ask)
{
	return ask->command->number == 0 || ask->command->number == ask->actor->face.number;
}

static bool own_or_host(const struct ask *ask)
{
	return own(ask) || model_is_host(ask->actor);
}

/* The person a word is about: oneself for number 0. */
static struct soul *person(const struct ask *ask)
{
	return own(ask) ? ask->actor : ask->whom;
}

static objections nobody_seated(const struct ask *ask)
{
	return AGAINST(!is_seated(ask->whom), NO_SUCH_PERSON);
}

static objections bad_text(const char *text)
{
	return AGAINST(!text[0] || !text_valid(text, strlen(text)), TEXT);
}

/* One deals with those of a lesser role, not with oneself. */
static objections not_below(const struct ask *ask)
{
	const struct soul *whom = ask->whom;
	if (whom == ask->actor)
		return OBJECT(SELF);
	return AGAINST(whom && whom->face.role == ROLE_HOST, HOST) |
	       AGAINST(whom && whom->face.role >= ask->actor->face.role, NOT_ALLOWED);
}

/* ---- chat ---------------------------------------------------------------------------------------------------- */

static bool addressed(const struct ask *ask, const struct soul *soul)
{
	const struct soul *from = ask->actor;
	if (soul == from)
		return true;
	switch (ask->command->to) {
	case TO_EVERYONE: return is_seated(soul) && soul->face.room == from->face.room;
	case TO_ROOMS: return is_seated(soul);
	case TO_HOSTS: return model_is_host(soul);
	case TO_ONE: return soul == ask->whom;
	case TO_WAITING: /* the hosts see what one of them writes to those who wait */
		return model_is_host(soul) || (soul->where == WAITS && (!ask->command->number || soul == ask->whom));
	default: return false;
	}
}

/* Off is off for hosts, too. One may always write to a host, else. */
objections against_writing_to_one(const struct ask *ask)
{
	const int32_t mode = ask->model->control[CONTROL_CHAT];
	const bool with_host = model_is_host(ask->actor) || (ask->whom && model_is_host(ask->whom));
	return nobody_seated(ask) | AGAINST(ask->whom == ask->actor, SELF) | AGAINST(mode == CHAT_OFF, CHAT_OFF) |
	       AGAINST(!with_host && mode != CHAT_EVERYONE, NO_DIRECT);
}

/* Base64 that stands for something. */
static objections bad_sealed_text(const char *text)
{
	return AGAINST(base64_of(text) <= 0, TEXT);
}

static objections against_chat(const struct ask *ask)
{
	const struct command *command = ask->command;
	const bool host = model_is_host(ask->actor);
	const int32_t mode = ask->model->control[CONTROL_CHAT];
	objections no = command->sealed ? bad_sealed_text(command->text) : bad_text(command->text);
	/* Who waits has no keys. */
	no |= AGAINST(command->sealed && (ask->actor->where == WAITS || command->to == TO_WAITING), TEXT);
	switch (command->to) {
	case TO_HOSTS:
		return no | AGAINST(mode == CHAT_OFF && ask->actor->where == SEATED, CHAT_OFF);
	case TO_EVERYONE: return no | AGAINST(mode == CHAT_OFF || (!host && mode == CHAT_HOSTS), CHAT_OFF);
	case TO_ROOMS: return host ? no | AGAINST(mode == CHAT_OFF, CHAT_OFF) : OBJECT(NOT_ALLOWED);
	case TO_ONE: return no | against_writing_to_one(ask);
	case TO_WAITING:
		if (!host)
			return OBJECT(NOT_ALLOWED);
		if (command->number)
			return no | AGAINST(!ask->whom || ask->whom->where != WAITS, NOT_WAITING);
		return no | AGAINST(model_count(ask->model, WAITS) == 0, NOT_WAITING);
	default: return no | OBJECT(BAD_COMMAND) | OBJECT(BAD_VALUE);
	}
}

static void then_chat(const struct ask *ask)
{
	struct model *model = ask->model;
	struct said *said = &model->said[(model->said_count + 1) % MODEL_CHATS];
	*said = (struct said) { .seq = ++model->said_count,
				.to = ask->command->to,
				.from = ask->actor->face.number,
				.room = ask->actor->face.room,
				.text = 2 * model->text + ask->command->sealed };
	for EACH (model, soul) {
		if (!addressed(ask, soul))
			continue;
		hears(soul, EVENT_CHAT);
		if (model_hears(soul))
			soul->heard = said->text;
		said->heard_by[said->heard_count++] = soul->face.number;
	}
}

/* ---- hands and reactions ---------------------------------------------------------------------------------------- */

static objections against_raise(const struct ask *ask)
{
	return AGAINST(ask->actor->raised, ALREADY);
}

static void then_raise(const struct ask *ask)
{
	ask->actor->raised = ++ask->model->clock;
}

static objections against_lower(const struct ask *ask)
{
	if (!own_or_host(ask))
		return OBJECT(NOT_ALLOWED);
	return own(ask) ? AGAINST(!ask->actor->raised, ALREADY)
			: nobody_seated(ask) | AGAINST(ask->whom && !ask->whom->raised, ALREADY);
}

static void then_lower(const struct ask *ask)
{
	person(ask)->raised = 0;
}

static objections against_react(const struct ask *ask)
{
	for (unsigned i = 0; reaction_name(i); i++)
		if (strcmp(reaction_name(i), ask->command->name) == 0)
			return 0;
	return OBJECT(BAD_VALUE);
}

/* In one's own room, as chat is. */
static void then_react(const struct ask *ask)
{
	for EACH (ask->model, soul)
		if (is_seated(soul) && soul->face.room == ask->actor->face.room)
			hears(soul, EVENT_REACTION);
}

/* ---- microphones ------------------------------------------------------------------------------------------------- */

static objections against_mute(const struct ask *ask)
{
	const struct soul *whom = person(ask);
	if (ask->command->all)
		return AGAINST(!model_is_host(ask->actor), NOT_ALLOWED);
	if (!own_or_host(ask))
		return OBJECT(NOT_ALLOWED);
	if (!is_seated(whom))
		return OBJECT(NO_SUCH_PERSON);
	/* A mute also takes an ask back. */
	return AGAINST(whom->face.mic != MIC_ON && (own(ask) || !whom->invited), ALREADY) |
	       AGAINST(!own(ask) && whom->face.role == ROLE_HOST, HOST);
}

static void then_mute(const struct ask *ask)
{
	if (!ask->command->all) {
		mutes(person(ask));
		if (!own(ask))
			hears(ask->whom, EVENT_MUTED);
		return;
	}
	for EACH (ask->model, soul)
		if (is_seated(soul) && soul != ask->actor && soul->face.role != ROLE_HOST)
			mutes(soul);
	room_hears(ask->model, EVENT_MUTED);
}

/* Nobody can unmute another. */
static objections against_unmute(const struct ask *ask)
{
	const struct soul *me = ask->actor;
	objections no = AGAINST(!own(ask), NOT_ALLOWED) | AGAINST(me->face.mic == MIC_ON, ALREADY);
	return no | AGAINST(!may_speak(ask->model, me) && !me->invited, UNMUTE_OFF);
}

static void then_unmute(const struct ask *ask)
{
	ask->actor->face.mic = MIC_ON;
	ask->actor->invited = false;
}

static objections against_ask_unmute(const struct ask *ask)
{
	objections no = nobody_seated(ask) | AGAINST(ask->whom == ask->actor, SELF);
	return no | AGAINST(is_seated(ask->whom) && ask->whom->face.mic == MIC_ON, ALREADY);
}

static void then_ask_unmute(const struct ask *ask)
{
	ask->whom->invited = true;
	hears(ask->whom, EVENT_ASK_UNMUTE);
}

static objections against_video(const struct ask *ask)
{
	if (!ask->command->on)
		return AGAINST(!ask->actor->face.camera, ALREADY);
	return AGAINST(ask->actor->face.camera, ALREADY) | AGAINST(!may_show(ask->model, ask->actor), VIDEO_OFF);
}

static void then_video(const struct ask *ask)
{
	ask->actor->face.camera = ask->command->on;
}

/* ---- shares ------------------------------------------------------------------------------------------------------ */

static struct share *my_share(const struct ask *ask)
{
	return &ask->model->shares[ask->actor->face.room];
}

static objections against_share(const struct ask *ask)
{
	const uint32_t sharer = my_share(ask)->sharer;
	const char *text = ask->command->text; /* may be empty */
	objections no = AGAINST(sharer == ask->actor->face.number, ALREADY);
	no |= AGAINST(sharer && sharer != ask->actor->face.number, SHARE_TAKEN) | AGAINST(!text_valid(text, strlen(text)), TEXT);
	return no | AGAINST(!may_share_at_all(ask->model, ask->actor), SHARE_HOSTS);
}

static void then_share(const struct ask *ask)
{
	my_share(ask)->sharer = ask->actor->face.number;
	ask->actor->face.share = true;
}

static objections against_share_stop(const struct ask *ask)
{
	if (!own_or_host(ask))
		return OBJECT(NOT_ALLOWED);
	if (!person(ask))
		return OBJECT(NO_SUCH_PERSON) | OBJECT(NOT_SHARING);
	if (!is_seated(person(ask)))
		return OBJECT(NO_SUCH_PERSON) | OBJECT(NOT_SHARING);
	return AGAINST(!person(ask)->face.share, NOT_SHARING) |
	       AGAINST(!own(ask) && person(ask)->face.role == ROLE_HOST, HOST);
}

static void then_share_stop(const struct ask *ask)
{
	share_ends(ask->model, person(ask)->face.room);
}

static objections against_spotlight(const struct ask *ask)
{
	objections no = ask->command->number ? nobody_seated(ask) : 0;
	return no | AGAINST(ask->command->number == ask->model->spotlight, ALREADY);
}

static void then_spotlight(const struct ask *ask)
{
	ask->model->spotlight = ask->command->number;
}

/* Typing into another's share is given by the sharer to one person. */
static objections against_give_keyboard(const struct ask *ask)
{
	const struct share *share = my_share(ask);
	objections no = nobody_seated(ask) | AGAINST(ask->whom == ask->actor, SELF);
	no |= AGAINST(is_seated(ask->whom) && (ask->whom->face.room != ask->actor->face.room || ask->whom->face.away), NOT_IN);
	no |= AGAINST(share->sharer != ask->actor->face.number, NOT_SHARING);
	no |= AGAINST(ask->whom && share->keyboard == ask->whom->face.number, ALREADY);
	return no | AGAINST(ask->model->control[CONTROL_KEYBOARD] == KEYBOARD_NOBODY, KEYBOARD_OFF);
}

static void then_give_keyboard(const struct ask *ask)
{
	my_share(ask)->keyboard = ask->whom->face.number;
}

static objections against_take_keyboard(const struct ask *ask)
{
	const struct share *share = my_share(ask);
	const uint32_t me = ask->actor->face.number;
	objections no = AGAINST(!share->keyboard, ALREADY) | AGAINST(!share->sharer, NOT_SHARING);
	return no | AGAINST(share->sharer != me && share->keyboard != me && !model_is_host(ask->actor), NOT_ALLOWED);
}

static void then_take_keyboard(const struct ask *ask)
{
	my_share(ask)->keyboard = 0;
}

/* ---- who may come and go ------------------------------------------------------------------------------------------- */

static bool named(const struct ask *ask, const struct soul *soul)
{
	for (uint32_t i = 0; i < ask->command->who_count; i++)
		if (ask->command->who[i] == soul->face.number)
			return true;
	return ask->command->all;
}

/* Somebody who only has to answer is let in already. */
static bool admissible(const struct ask *ask, const struct soul *soul)
{
	return soul->where == WAITS && named(ask, soul) && soul->reasons != FOR_CONSENT;
}

static objections against_admit(const struct ask *ask)
{
	uint32_t count = 0;
	objections no = 0;
	for EACH (ask->model, soul)
		count += admissible(ask, soul);
	for (uint32_t i = 0; i < ask->command->who_count && !ask->command->all; i++) {
		const struct soul *soul = model_find(ask->model, ask->command->who[i]);
		no |= AGAINST(!soul || soul->where != WAITS, NOT_WAITING);
		no |= AGAINST(soul && soul->where == WAITS && soul->reasons == FOR_CONSENT, ALREADY);
		for (uint32_t k = 0; k < i; k++)
			no |= AGAINST(ask->command->who[k] == ask->command->who[i], BAD_COMMAND);
	}
	no |= AGAINST(!count, NOT_WAITING) | AGAINST(!count && ask->command->all, ALREADY) | AGAINST(!ask->command->all && !ask->command->who_count, BAD_COMMAND);
	return no | AGAINST(!seats_free(ask->model, count, false), FULL);
}

static void then_admit(const struct ask *ask)
{
	for EACH (ask->model, soul)
		if (admissible(ask, soul))
			is_let_in(ask->model, soul, ROLE_PARTICIPANT);
}

static objections against_deny(const struct ask *ask)
{
	const char *text = ask->command->text;
	return AGAINST(!ask->whom || ask->whom->where != WAITS, NOT_WAITING) |
	       AGAINST(text[0] && !text_valid(text, strlen(text)), TEXT);
}

/* Silent: who was denied waits next time, as who left. */
static void then_deny(const struct ask *ask)
{
	ask->model->keys[ask->whom->key].left = true;
	goes(ask->model, ask->whom, EVENT_REFUSED);
}

/* Out, seated or waiting; and with every other connection of that key. */
static objections against_kick(const struct ask *ask)
{
	objections no = AGAINST(!ask->whom, NO_SUCH_PERSON);
	for EACH (ask->model, soul) {
		struct ask of = { ask->model, ask->command, ask->actor, soul };
		if (ask->whom && soul->key == ask->whom->key)
			no |= not_below(&of);
	}
	return no;
}

static objections against_sendback(const struct ask *ask)
{
	return nobody_seated(ask) | not_below(ask);
}

/* Back at the door: without role, hand, permissions, microphone and camera. Silent: the waiting list is never too full
 * for them. An away one has nobody to wait: gone. */
static void then_sendback(const struct ask *ask)
{
	struct soul *whom = ask->whom;
	ask->model->keys[whom->key].sent_back = true;
	if (whom->face.away) {
		goes(ask->model, whom, EVENT_NONE);
		return;
	}
	stands_up(ask->model, whom);
	whom->face.permits = 0;
	whom->raised = 0;
	whom->invited = false;
	mutes(whom);
	whom->face.camera = false;
	waits(ask->model, whom, WAS_SENT_BACK);
}

static void then_kick(const struct ask *ask)
{
	struct model *model = ask->model;
	unsigned key = ask->whom->key;
	model->keys[key].removed = true;
	model->keys[key].pardoned = false;
	model->shut_out[model->shut_count].number = ask->whom->face.number;
	model->shut_out[model->shut_count++].key = key;
	/* Nobody comes in with that key, nor waits with it. */
	for EACH (model, soul)
		if (soul->key == key && soul->where == WAITS)
			goes(model, soul, EVENT_REMOVED);
	for EACH (model, soul)
		if (soul->key == key)
			goes(model, soul, EVENT_REMOVED);
	if (!model->policy.locked[CONTROL_WAITING_ROOM])
		control_stands_at(model, CONTROL_WAITING_ROOM, 1);
}

static objections against_pardon(const struct ask *ask)
{
	for (unsigned i = 0; i < ask->model->shut_count; i++)
		if (ask->model->shut_out[i].number == ask->command->number)
			return 0;
	return OBJECT(NO_SUCH_PERSON);
}

static void then_pardon(const struct ask *ask)
{
	struct model *model = ask->model;
	unsigned kept = 0, key = 0;
	for (unsigned i = 0; i < model->shut_count; i++)
		if (model->shut_out[i].number == ask->command->number)
			key = model->shut_out[i].key;
	for (unsigned i = 0; i < model->shut_count; i++)
		if (model->shut_out[i].key != key)
			model->shut_out[kept++] = model->shut_out[i];
	model->shut_count = kept;
	model->keys[key].removed = false;
	model->keys[key].pardoned = true;
}

static objections against_nothing(const struct ask *ask)
{
	(void)ask;
	return 0;
}

static void then_leave(const struct ask *ask)
{
	if (is_seated(ask->actor))
		ask->model->keys[ask->actor->key].left = true;
	goes(ask->model, ask->actor, EVENT_PERSON_LEFT);
}

static void then_end(const struct ask *ask)
{
	model_end(ask->model);
}

/* ---- controls ---------------------------------------------------------------------------------------------------- */

/* What is no longer allowed ends. */
static void forbidden_things_end(struct model *model)
{
	for EACH (model, soul) {
		if (!is_seated(soul))
			continue;
		if (!may_show(model, soul))
			soul->face.camera = false;
		if (soul->face.share && !may_share_at_all(model, soul))
			share_ends(model, soul->face.room);
	}
	struct soul *recorder = model_find(model, model->recorder);
	if (recorder && !may_ask_to_record(model, recorder))
		recording_ends(model);
}

/* What a control brings about at once. */
void control_stands_at(struct model *model, enum control control, int32_t value)
{
	model->control[control] = value;
	forbidden_things_end(model);
	for (uint32_t room = 0; room <= MOOT_BREAKOUTS_MAX; room++)
		if (model->control[CONTROL_KEYBOARD] == KEYBOARD_NOBODY)
			model->shares[room].keyboard = 0;
	if (!model->control[CONTROL_FILES])
		files_of_end(model, 0);
	for EACH (model, soul)
		if (control == CONTROL_KINDS && soul->where == WAITS &&
		    !kind_fits(model, soul->face.kind, soul->face.sealed))
			goes(model, soul, EVENT_REFUSED);
}

static objections against_set(const struct ask *ask)
{
	const enum control control = ask->command->control;
	const int32_t value = ask->command->value;
	if ((unsigned)control >= CONTROL_COUNT)
		return OBJECT(BAD_VALUE);
	/* Only the host says who else may open the meeting. */
	if (control == CONTROL_JOIN_BEFORE_HOST && ask->actor->face.role != ROLE_HOST)
		return OBJECT(NOT_ALLOWED);
	const uint32_t telephones = 1u << KIND_PHONE | 1u << KIND_SIP;
	bool above = control == CONTROL_KINDS && value == KINDS_PHONE && !(ask->model->policy.kinds & telephones);
	return AGAINST(ask->model->policy.locked[control] || above, LOCKED_BY_POLICY) |
	       AGAINST(value < 0 || value >= control_values(control), BAD_VALUE) |
	       AGAINST(ask->model->control[control] == value, ALREADY);
}

static void then_set(const struct ask *ask)
{
	control_stands_at(ask->model, ask->command->control, ask->command->value);
}

/* Which control a permission is an exception to, and the value at which all may. */
static const struct {
	enum control control;
} exceptions[PERMIT_COUNT] = {
	[PERMIT_SHARE] = { CONTROL_SHARE },   [PERMIT_RECORD] = { CONTROL_RECORD }, [PERMIT_UNMUTE] = { CONTROL_UNMUTE },
	[PERMIT_VIDEO] = { CONTROL_VIDEO },   [PERMIT_RENAME] = { CONTROL_RENAME },
};

/* Nothing above the policy is given: where a control is locked shut, no person is an exception. */
static bool locked_shut(const struct model *model, enum permission permission)
{
	enum control control = exceptions[permission].control;
	return model->policy.locked[control] && model->control[control] == 0;
}

void permissions_fall(struct model *model)
{
	for EACH (model, soul) {
		for (int i = 0; i < PERMIT_COUNT; i++) {
			if (!(soul->face.permits & 1u << i) || !locked_shut(model, (enum permission)i))
				continue;
			soul->face.permits &= ~(1u << i);
			hears(soul, EVENT_PERMISSION);
		}
	}
	forbidden_things_end(model);
}

static objections against_allow(const struct ask *ask)
{
	const enum permission permission = ask->command->permission;
	const struct soul *whom = ask->whom;
	if ((unsigned)permission >= PERMIT_COUNT)
		return OBJECT(BAD_VALUE) | nobody_seated(ask) | not_below(ask);
	return nobody_seated(ask) | not_below(ask) | AGAINST(locked_shut(ask->model, permission), LOCKED_BY_POLICY) |
	       AGAINST(whom && (whom->face.permits & 1u << permission), ALREADY) |
	       AGAINST(permission == PERMIT_RECORD && !ask->model->control[CONTROL_RECORD], RECORD_OFF);
}

static void then_allow(const struct ask *ask)
{
	ask->whom->face.permits |= 1u << ask->command->permission;
	hears(ask->whom, EVENT_PERMISSION);
}

static objections against_disallow(const struct ask *ask)
{
	const enum permission permission = ask->command->permission;
	const struct soul *whom = ask->whom;
	if ((unsigned)permission >= PERMIT_COUNT)
		return OBJECT(BAD_VALUE) | nobody_seated(ask) | not_below(ask);
	return nobody_seated(ask) | not_below(ask) | AGAINST(whom && !(whom->face.permits & 1u << permission), ALREADY);
}

static void then_disallow(const struct ask *ask)
{
	struct model *model = ask->model;
	ask->whom->face.permits &= ~(1u << ask->command->permission);
	hears(ask->whom, EVENT_PERMISSION);
	forbidden_things_end(model);
}

/* The one key for an incident. Silent: who presses it and the host go on; files are off, and single permissions are
 * taken, so that nobody is an exception. */
static void then_suspend(const struct ask *ask)
{
	static const struct {
		enum control control;
		int32_t value;
	} shut[] = {
		{ CONTROL_LOCK, 1 },	 { CONTROL_UNMUTE, 0 },		{ CONTROL_VIDEO, 0 },
		{ CONTROL_CHAT, CHAT_OFF }, { CONTROL_SHARE, SHARE_HOSTS }, { CONTROL_KEYBOARD, KEYBOARD_NOBODY },
		{ CONTROL_RENAME, 0 },	 { CONTROL_FILES, 0 },
	};
	struct model *model = ask->model;
	for (size_t i = 0; i < sizeof(shut) / sizeof(*shut); i++)
		if (!model->policy.locked[shut[i].control])
			control_stands_at(model, shut[i].control, shut[i].value);
	for EACH (model, soul) {
		if (is_seated(soul))
			model->shares[soul->face.room].keyboard = 0;
		if (!is_seated(soul) || soul == ask->actor || soul->face.role == ROLE_HOST)
			continue;
		for (int i = 0; i < PERMIT_COUNT; i++)
			if (soul->face.permits & 1u << i)
				hears(soul, EVENT_PERMISSION);
		soul->face.permits = 0;
		soul->face.camera = false;
		mutes(soul);
		if (soul->face.share)
			share_ends(model, soul->face.room);
	}
	room_hears(model, EVENT_MUTED);
	recording_ends(model); /* last: who only waited for its end comes into what is closed */
}

/* ---- roles and names ------------------------------------------------------------------------------------------------ */

static objections against_cohost(const struct ask *ask)
{
	return nobody_seated(ask) | not_below(ask) |
	       AGAINST(ask->whom && ask->whom->face.role >= ROLE_COHOST, ALREADY);
}

static void then_cohost(const struct ask *ask)
{
	becomes(ask->model, ask->whom, ROLE_COHOST);
	host_arrives(ask->model);
}

static objections against_uncohost(const struct ask *ask)
{
	return nobody_seated(ask) | not_below(ask) |
	       AGAINST(ask->whom && ask->whom->face.role != ROLE_COHOST, ALREADY);
}

/* What only hosts may ends with the role. */
static void then_uncohost(const struct ask *ask)
{
	struct model *model = ask->model;
	becomes(model, ask->whom, ROLE_PARTICIPANT);
	forbidden_things_end(model);
}

static objections against_host(const struct ask *ask)
{
	/* Not to somebody away: nobody would be there who can end the meeting. */
	return nobody_seated(ask) | AGAINST(ask->whom == ask->actor, SELF) |
	       AGAINST(ask->whom && ask->whom->face.away, NOT_IN);
}

static void then_host(const struct ask *ask)
{
	becomes_host(ask->model, ask->whom);
}

static objections against_rename(const struct ask *ask)
{
	char name[MOOT_NAME_SIZE];
	objections no = AGAINST(text_name(name, ask->command->name), BAD_NAME);
	if (own(ask))
		return no | AGAINST(!may_rename_oneself(ask->model, ask->actor), RENAME_OFF) |
		       AGAINST(!no && strcmp(name, ask->actor->face.name) == 0, ALREADY);
	if (!model_is_host(ask->actor))
		return OBJECT(NOT_ALLOWED);
	no |= nobody_seated(ask) | not_below(ask);
	return no | AGAINST(!no && strcmp(name, ask->whom->face.name) == 0, ALREADY);
}

static void then_rename(const struct ask *ask)
{
	text_name(person(ask)->face.name, ask->command->name);
}

static const struct sentence sentences[WORD_COUNT] = {
	[WORD_CHAT] = { ROLE_WAITING, against_chat, then_chat },
	[WORD_RAISE] = { ROLE_PARTICIPANT, against_raise, then_raise },
	[WORD_LOWER] = { ROLE_PARTICIPANT, against_lower, then_lower },
	[WORD_REACT] = { ROLE_PARTICIPANT, against_react, then_react },
	[WORD_MUTE] = { ROLE_PARTICIPANT, against_mute, then_mute },
	[WORD_UNMUTE] = { ROLE_PARTICIPANT, against_unmute, then_unmute },
	[WORD_ASK_UNMUTE] = { ROLE_COHOST, against_ask_unmute, then_ask_unmute },
	[WORD_VIDEO] = { ROLE_PARTICIPANT, against_video, then_video },
	[WORD_SHARE] = { ROLE_PARTICIPANT, against_share, then_share },
	[WORD_SHARE_STOP] = { ROLE_PARTICIPANT, against_share_stop, then_share_stop },
	[WORD_SPOTLIGHT] = { ROLE_COHOST, against_spotlight, then_spotlight },
	[WORD_ADMIT] = { ROLE_COHOST, against_admit, then_admit },
	[WORD_DENY] = { ROLE_COHOST, against_deny, then_deny },
	[WORD_SENDBACK] = { ROLE_COHOST, against_sendback, then_sendback },
	[WORD_KICK] = { ROLE_COHOST, against_kick, then_kick },
	[WORD_PARDON] = { ROLE_COHOST, against_pardon, then_pardon },
	[WORD_SET] = { ROLE_COHOST, against_set, then_set },
	[WORD_ALLOW] = { ROLE_COHOST, against_allow, then_allow },
	[WORD_DISALLOW] = { ROLE_COHOST, against_disallow, then_disallow },
	[WORD_SUSPEND] = { ROLE_COHOST, against_nothing, then_suspend },
	[WORD_COHOST] = { ROLE_HOST, against_cohost, then_cohost },
	[WORD_UNCOHOST] = { ROLE_HOST, against_uncohost, then_uncohost },
	[WORD_HOST] = { ROLE_HOST, against_host, then_host },
	[WORD_RENAME] = { ROLE_PARTICIPANT, against_rename, then_rename },
	[WORD_LEAVE] = { ROLE_WAITING, against_nothing, then_leave },
	[WORD_END] = { ROLE_HOST, against_nothing, then_end },
	[WORD_GIVE_KEYBOARD] = { ROLE_PARTICIPANT, against_give_keyboard, then_give_keyboard },
	[WORD_TAKE_KEYBOARD] = { ROLE_PARTICIPANT, against_take_keyboard, then_take_keyboard },
};

const struct sentence *sentence_of(enum word word)
{
	return (unsigned)word < WORD_COUNT && sentences[word].then ? &sentences[word] : sentence_of_room(word);
}

objections model_apply(struct model *model, uint32_t actor, const struct command *command)
{
	struct ask ask = { model, command, model_find(model, actor), NULL };
	if (model->ended || !ask.actor || ask.actor->face.away)
		return OBJECT(NOT_IN);
	if (command->word == WORD_CLAIM) /* without proof of the key */
		return OBJECT(BAD_KEY);
	const struct sentence *sentence = sentence_of(command->word);
	if (!sentence)
		return OBJECT(BAD_COMMAND);
	/* Who may not at all learns nothing else. */
	if (ask.actor->face.role < sentence->least)
		return OBJECT(NOT_ALLOWED);
	/* Those who wait answer the hosts, and nobody else. */
	if (command->word == WORD_CHAT && ask.actor->where == WAITS && command->to != TO_HOSTS)
		return (unsigned)command->to < SCOPE_COUNT ? OBJECT(NOT_ALLOWED) : OBJECT(BAD_COMMAND);
	if (command->number)
		ask.whom = model_find(model, command->number);
	objections no = sentence->against(&ask);
	if (!no)
		sentence->then(&ask);
	return no;
}
