/* What to do next: nonsense now and then, mostly what people do. Only the model is asked how things stand. */
#include <string.h>

#include "tests/net/walk.h"

const char *const walk_names[] = { "P0", "P1", "P2", "P3", "Bo", "", "\x01", "heart", "applause", "\xff" };
enum { GOOD_NAMES = 5, NAMES = sizeof(walk_names) / sizeof(*walk_names), REACTION_NAMES = 7 };

uint32_t walk_dice(struct walk *walk, uint32_t sides)
{
	walk->dice += 0x9E3779B97F4A7C15u;
	uint64_t z = walk->dice;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (uint32_t)((z ^ z >> 31) >> 33) % sides;
}

static bool one_in(struct walk *walk, uint32_t sides)
{
	return walk_dice(walk, sides) == 0;
}

void walk_policy(struct policy *policy, uint64_t seed)
{
	struct walk dice = { .dice = seed ^ 0x5851F42D4C957F2D };
	policy_init(policy);
	policy->people_max = one_in(&dice, 3) ? 3 + walk_dice(&dice, 5) : ACTORS;
	policy->waiting_max = 1 + walk_dice(&dice, 6);
	policy->client_version[1] = 2;
	policy->file_max_bytes = 200000;
	for (int i = 0; i < CONTROL_COUNT; i++) {
		policy->locked[i] = one_in(&dice, 10);
		if (one_in(&dice, 3))
			policy->value[i] = (int32_t)walk_dice(&dice, (uint32_t)control_values((enum control)i));
	}
	if (!one_in(&dice, 4))
		policy->value[CONTROL_RECORD] = RECORD_PERMITTED;
	if (one_in(&dice, 3))
		policy->kinds |= 1u << KIND_PHONE | 1u << KIND_SIP;
	if (one_in(&dice, 6))
		policy->kinds &= ~(1u << KIND_WEB);
}

/* ---- people ----------------------------------------------------------------------------------------------------- */

uint32_t walk_number(const struct walk *walk, uint32_t name)
{
	if (name == 0 || name >= NOBODY)
		return name & ~NOBODY;
	return name <= TRAIL_MAX ? walk->number_of[name - 1] : 0;
}

static uint32_t name_of(const struct walk *walk, uint32_t number)
{
	return number == 0 || number > walk->model.last_number ? NOBODY | number : walk->joined_at[number];
}

typedef bool filter(const struct model *model, const struct soul *soul);

static bool is_anybody(const struct model *model, const struct soul *soul)
{
	(void)model;
	return soul->where != GONE;
}

static bool is_in(const struct model *model, const struct soul *soul)
{
	(void)model;
	return soul->where == SEATED && !soul->face.away;
}

static bool is_host(const struct model *model, const struct soul *soul)
{
	return is_in(model, soul) && model_is_host(soul);
}

static bool is_main_host(const struct model *model, const struct soul *soul)
{
	return is_in(model, soul) && soul->face.role == ROLE_HOST;
}

static bool is_waiting(const struct model *model, const struct soul *soul)
{
	(void)model;
	return soul->where == WAITS;
}

static bool is_away(const struct model *model, const struct soul *soul)
{
	(void)model;
	return soul->where == SEATED && soul->face.away;
}

static bool is_asked(const struct model *model, const struct soul *soul)
{
	return soul->where != GONE && !soul->face.away && model_must_answer(model, soul);
}

static bool is_sharer(const struct model *model, const struct soul *soul)
{
	return is_in(model, soul) && model->shares[soul->face.room].sharer == soul->face.number;
}

static bool is_exception(const struct model *model, const struct soul *soul)
{
	(void)model;
	return soul->where == SEATED && soul->face.permits != 0;
}

static bool sends_files(const struct model *model, const struct soul *soul)
{
	return is_in(model, soul) && model->files[0].from == soul->face.number;
}

static uint32_t pick(struct walk *walk, filter *fits)
{
	uint32_t found = 0, count = 0;
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		const struct soul *soul = &walk->model.souls[i];
		if (soul->where != GONE && fits(&walk->model, soul) && walk_dice(walk, ++count) == 0)
			found = soul->face.number;
	}
	return found;
}

static uint32_t somebody(struct walk *walk)
{
	if (!one_in(walk, 12))
		return name_of(walk, pick(walk, one_in(walk, 5) ? is_anybody : is_in));
	return name_of(walk, one_in(walk, 4) ? walk_dice(walk, UINT32_MAX) & ~NOBODY
					     : walk_dice(walk, walk->model.last_number + 2));
}

static uint32_t mostly(struct walk *walk, filter *fits)
{
	uint32_t number = one_in(walk, 8) ? 0 : pick(walk, fits);
	return number ? name_of(walk, number) : somebody(walk);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

static const struct {
	uint8_t word, weight;
	filter *actor, *number;
} weights[] = {
	{ WORD_NONE, 1, is_in, NULL },
	{ WORD_CREATE, 1, is_in, NULL },
	{ WORD_JOIN, 1, is_in, NULL },
	{ WORD_RESUME, 1, is_in, NULL },
	{ WORD_CHAT, 60, is_anybody, is_in },
	{ WORD_RAISE, 30, is_in, NULL },
	{ WORD_LOWER, 20, is_in, is_in },
	{ WORD_REACT, 20, is_in, NULL },
	{ WORD_MUTE, 30, is_in, is_in },
	{ WORD_UNMUTE, 50, is_in, NULL },
	{ WORD_ASK_UNMUTE, 20, is_host, is_in },
	{ WORD_VIDEO, 40, is_in, NULL },
	{ WORD_SHARE, 40, is_in, NULL },
	{ WORD_SHARE_STOP, 15, is_in, is_sharer },
	{ WORD_SPOTLIGHT, 15, is_host, is_in },
	{ WORD_ADMIT, 30, is_host, NULL },
	{ WORD_DENY, 6, is_host, is_waiting },
	{ WORD_SENDBACK, 10, is_host, is_in },
	{ WORD_KICK, 5, is_host, is_in },
	{ WORD_PARDON, 12, is_host, NULL },
	{ WORD_SET, 120, is_host, NULL },
	{ WORD_ALLOW, 50, is_host, is_in },
	{ WORD_DISALLOW, 20, is_host, is_exception },
	{ WORD_SUSPEND, 4, is_host, NULL },
	{ WORD_COHOST, 14, is_main_host, is_in },
	{ WORD_UNCOHOST, 12, is_main_host, is_in },
	{ WORD_HOST, 8, is_main_host, is_in },
	{ WORD_CLAIM, 1, is_in, NULL },
	{ WORD_RENAME, 20, is_in, is_in },
	{ WORD_LEAVE, 6, is_anybody, NULL },
	{ WORD_END, 1, is_in, NULL },
	{ WORD_GIVE_KEYBOARD, 30, is_sharer, is_in },
	{ WORD_TAKE_KEYBOARD, 12, is_in, NULL },
	{ WORD_RECORD, 25, is_in, NULL },
	{ WORD_CONSENT, 10, is_in, NULL },
	{ WORD_FILE, 50, is_in, is_in },
	{ WORD_FILE_TAKE, 4, is_in, NULL },
	{ WORD_FILE_GET, 4, is_in, NULL },
	{ WORD_FILE_CHUNK, 4, is_in, NULL },
	{ WORD_FILE_END, 4, is_in, NULL },
	{ WORD_POLL, 12, is_host, NULL },
	{ WORD_VOTE, 50, is_in, NULL },
	{ WORD_POLL_CLOSE, 5, is_host, NULL },
	{ WORD_BREAKOUT, 12, is_host, NULL },
	{ WORD_ASSIGN, 35, is_host, NULL },
	{ WORD_BREAKOUT_OPEN, 10, is_host, NULL },
	{ WORD_BREAKOUT_CLOSE, 4, is_host, NULL },
	{ WORD_BREAKOUT_BACK, 10, is_in, NULL },
	{ WORD_PIN, 1, is_host, NULL },
	{ WORD_WANT, 1, is_in, NULL },
	{ WORD_KEYFRAME, 1, is_in, NULL },
	{ WORD_COUNT, 1, is_in, NULL },
};
enum { WEIGHTS = sizeof(weights) / sizeof(*weights) };

static unsigned choose_word(struct walk *walk)
{
	static uint32_t total;
	for (unsigned i = 0; i < WEIGHTS && (i > 0 || !total); i++)
		total = i ? total + weights[i].weight : weights[0].weight;
	uint32_t at = walk_dice(walk, total);
	for (unsigned i = 0; i < WEIGHTS; i++) {
		if (at < weights[i].weight)
			return i;
		at -= weights[i].weight;
	}
	return 0;
}

/* A file on its way, with the right next step for it. */
static bool choose_file(struct walk *walk, struct step *step)
{
	const struct passing *file = &walk->model.files[walk_dice(walk, 6)];
	if (!file->id)
		return false;
	const bool receiver = !file->taken || file->asked == file->sent;
	step->file = file->id;
	step->actor = name_of(walk, receiver ? file->to : file->from);
	step->offset = receiver ? file->asked : file->sent;
	if (!file->taken) {
		step->word = WORD_FILE_TAKE;
	} else if (file->sent == file->size) {
		step->word = WORD_FILE_END;
		step->on = true;
	} else if (receiver) {
		step->word = WORD_FILE_GET;
		step->size = file->size - file->asked < 60000 ? file->size - file->asked : 60000;
	} else {
		step->word = WORD_FILE_CHUNK;
		step->size = file->asked - file->sent < MOOT_CHUNK_BYTES ? file->asked - file->sent : MOOT_CHUNK_BYTES;
	}
	step->sealed = file->sealed != one_in(walk, 12);
	step->text = (uint8_t)walk_dice(walk, 12);
	if (one_in(walk, 10))
		step->offset += 1;
	if (one_in(walk, 10))
		step->size = walk_dice(walk, 70000);
	if (one_in(walk, 12))
		step->actor = somebody(walk);
	if (one_in(walk, 20))
		step->word = (uint8_t)(WORD_FILE_TAKE + walk_dice(walk, 4));
	return true;
}

static void choose_set(struct walk *walk, struct step *step)
{
	static const struct {
		enum control control;
		int8_t value;
	} opened[] = {
		{ CONTROL_LOCK, 0 },	  { CONTROL_CHAT, CHAT_EVERYONE },     { CONTROL_UNMUTE, 1 },
		{ CONTROL_VIDEO, 1 },	  { CONTROL_RENAME, 1 },	       { CONTROL_KEYBOARD, KEYBOARD_GIVEN },
		{ CONTROL_FILES, 1 },	  { CONTROL_RECORD, RECORD_PERMITTED }, { CONTROL_SHARE, SHARE_EVERYONE },
		{ CONTROL_WAITING_ROOM, 0 }, { CONTROL_KINDS, KINDS_PHONE },
	};
	step->control = (uint8_t)walk_dice(walk, CONTROL_COUNT + 1);
	step->value = (int8_t)(walk_dice(walk, 6) - 1);
	if (step->control < CONTROL_COUNT && !one_in(walk, 8))
		step->value = (int8_t)walk_dice(walk, (uint32_t)control_values((enum control)step->control));
	if (one_in(walk, 2)) {
		uint32_t at = walk_dice(walk, sizeof(opened) / sizeof(*opened));
		step->control = (uint8_t)opened[at].control;
		step->value = opened[at].value;
	}
}

/* Meetings would be dull if nobody let people in, and opened what a suspension closed. */
static bool choose_opening(struct walk *walk, struct step *step)
{
	step->actor = mostly(walk, is_host);
	if (model_count(&walk->model, WAITS) && one_in(walk, 8)) {
		step->word = WORD_ADMIT;
		step->all = true;
	} else if (walk->model.control[CONTROL_LOCK] && one_in(walk, 15)) {
		step->word = WORD_SET;
		step->control = CONTROL_LOCK;
	} else if (walk->model.control[CONTROL_CHAT] == CHAT_OFF && one_in(walk, 20)) {
		step->word = WORD_SET;
		step->control = CONTROL_CHAT;
		step->value = CHAT_EVERYONE;
	} else {
		return false;
	}
	return true;
}

static void choose_apply(struct walk *walk, struct step *step)
{
	step->on = !one_in(walk, 3);
	if (walk->model.recorder && one_in(walk, 4)) {
		step->word = WORD_CONSENT;
		step->actor = mostly(walk, is_asked);
		step->on = !one_in(walk, 25);
		return;
	}
	if (one_in(walk, 5) && choose_file(walk, step))
		return;
	if (choose_opening(walk, step))
		return;
	unsigned at = choose_word(walk);
	step->word = weights[at].word;
	step->actor = mostly(walk, weights[at].actor);
	step->number = weights[at].number && !one_in(walk, 4) ? mostly(walk, weights[at].number) : 0;
	step->all = one_in(walk, 6);
	step->named = one_in(walk, 2);
	step->who_count = (uint8_t)walk_dice(walk, STEP_WHO + 1);
	for (int i = 0; i < step->who_count; i++)
		step->who[i] = mostly(walk, step->word == WORD_ADMIT ? is_waiting : is_in);
	if (step->word == WORD_PARDON && walk->model.shut_count && !one_in(walk, 5))
		step->number = name_of(walk, walk->model.shut_out[walk_dice(walk, walk->model.shut_count)].number);
	step->scope = (uint8_t)walk_dice(walk, SCOPE_COUNT + 1);
	if (step->word == WORD_CHAT && step->scope == TO_WAITING)
		step->number = one_in(walk, 2) ? 0 : mostly(walk, is_waiting);
	if (step->word == WORD_FILE && one_in(walk, 2))
		step->actor = mostly(walk, sends_files);
	if (step->word == WORD_END && !one_in(walk, 8))
		step->actor = somebody(walk);
	choose_set(walk, step);
	step->sealed = one_in(walk, 2);
	step->permission = (uint8_t)walk_dice(walk, PERMIT_COUNT + 1);
	step->text = (uint8_t)walk_dice(walk, 12);
	step->name = (uint8_t)walk_dice(walk, NAMES);
	step->count = (uint8_t)walk_dice(walk, 6);
	step->room = (uint8_t)walk_dice(walk, 5);
	step->file = walk_dice(walk, walk->model.last_file + 2);
	step->size = one_in(walk, 8) ? walk_dice(walk, 2) * 300000 : 1 + walk_dice(walk, 12000);
	step->offset = walk_dice(walk, 3) * 1000;
}

static void choose_join(struct walk *walk, struct step *step)
{
	step->key = (uint8_t)walk_dice(walk, MODEL_KEYS);
	step->name = (uint8_t)(one_in(walk, 25) ? walk_dice(walk, NAMES) : walk_dice(walk, GOOD_NAMES));
	if (step->name == 7 || step->name == 8)
		step->name = 6;
	step->kind = (uint8_t)(one_in(walk, 8) ? walk_dice(walk, KIND_COUNT) : walk_dice(walk, KIND_WEB + 1));
	step->sealed = one_in(walk, 4) ? SEALED_RELAY : SEALED_END;
	step->version = one_in(walk, 25) ? 1 : (uint8_t)(2 + walk_dice(walk, 2));
	step->passcode = !one_in(walk, 20);
	step->host_key = one_in(walk, pick(walk, is_main_host) ? 30 : 4);
	step->mic = (uint8_t)walk_dice(walk, MIC_COUNT);
	step->camera = one_in(walk, 2);
}

void walk_choose(struct walk *walk, struct step *step)
{
	const uint32_t people = model_count(&walk->model, SEATED) + model_count(&walk->model, WAITS);
	const uint32_t at = walk_dice(walk, 10000), joins = people < ACTORS ? 900 : 200;
	memset(step, 0, sizeof(*step));
	step->deed = DEED_APPLY;
	if (at < joins) {
		step->deed = DEED_JOIN;
		choose_join(walk, step);
	} else if (at < joins + 200) {
		step->deed = DEED_LOST;
		step->number = mostly(walk, is_anybody);
	} else if (at < joins + 550) {
		step->deed = DEED_RESUME;
		step->number = mostly(walk, is_away);
		step->seq = one_in(walk, 8) ? 1 + walk_dice(walk, 300) : 0;
	} else if (at < joins + 700) {
		step->deed = DEED_TIME;
		step->ms = walk_dice(walk, one_in(walk, 3) ? 40000 : 3000);
	} else if (at < joins + 740) {
		step->deed = DEED_CLAIM;
		step->number = somebody(walk);
	} else if (at < joins + 760) {
		step->deed = DEED_WRONG;
	} else if (at < joins + 780) {
		step->deed = DEED_POLICY;
		step->seed = (uint64_t)walk_dice(walk, UINT32_MAX) << 8;
	} else if (at < joins + 782) {
		step->deed = DEED_STOP;
	} else {
		choose_apply(walk, step);
	}
}

/* ---- the command of a step ------------------------------------------------------------------------------------------ */

static void write_lines(char *text, size_t size, const char *first, unsigned lines)
{
	size_t length = (size_t)snprintf(text, size, "%s", first);
	for (unsigned i = 0; i < lines && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%c", length ? "\n" : "", (char)('A' + i % 26));
}

static void write_text(struct walk *walk, const struct step *step, char *text, size_t size)
{
	static const uint8_t lines[] = { 2, 3, 4, 2, 3, 5, 10, 2, 3, 1, 0, 11 };
	text[0] = '\0';
	switch (step->word) {
	case WORD_POLL: write_lines(text, size, "Tea?", lines[step->text % sizeof(lines)]); return;
	case WORD_BREAKOUT:
		write_lines(text, size, "", lines[step->text % sizeof(lines)]);
		if (step->text == 11)
			strcpy(text, "A\n\nB");
		return;
	case WORD_FILE_CHUNK: {
		static const uint8_t sealing[] = { 33, 33, 33, 33, 33, 33, 0, 0, 48, 49 };
		size_t bytes = step->size <= MOOT_CHUNK_BYTES + 3 ? step->size : 1, length;
		bytes += step->sealed ? sealing[step->text % sizeof(sealing)] : 0;
		length = (bytes + 2) / 3 * 4;
		memset(text, 'A', length);
		for (size_t i = 0; i < (3 - bytes % 3) % 3; i++)
			text[length - 1 - i] = '=';
		text[length] = '\0';
		if (step->text == 11)
			text[0] = '!';
		return;
	}
	default:
		if (step->text < 10)
			snprintf(text, size, "t%u", walk->at + 1);
		/* Base64 all the same: the number ends where the letters begin. */
		while (step->sealed && step->text < 9 && strlen(text) % 4)
			strcat(text, "A");
		if (step->text < 10)
			return;
		if (step->text == 10)
			strcpy(text, "\xff\xfe");
	}
}

void walk_command(struct walk *walk, const struct step *step, struct command *command)
{
	memset(command, 0, offsetof(struct command, text));
	command->word = (enum word)step->word;
	command->number = walk_number(walk, step->number);
	command->who_count = step->who_count;
	for (int i = 0; i < step->who_count; i++)
		command->who[i] = walk_number(walk, step->who[i]);
	command->all = step->all;
	command->on = step->on;
	command->named = step->named;
	command->to = (enum scope)step->scope;
	command->control = (enum control)step->control;
	command->value = step->value;
	command->permission = (enum permission)step->permission;
	command->count = step->count;
	command->room = step->room;
	command->file = step->file;
	command->size = step->size;
	command->offset = step->offset;
	write_text(walk, step, command->text, sizeof(command->text));
	command->sealed = step->sealed;
	snprintf(command->name, sizeof(command->name), "%s", walk_names[step->name]);
	if (step->word == WORD_FILE && step->sealed && step->count)
		strcpy(command->name, "file");
	command->hash[0] = step->word == WORD_FILE && step->text == 8;
}
