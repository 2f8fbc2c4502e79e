/* Recording by everyone's yes, files from one to another, polls, and breakout rooms. */
#include "tests/net/model_facts.h"

#include <string.h>

#include "net/text.h"

#define AGAINST(when, code) ((when) ? OBJECT(code) : 0)

enum { FILES_OF_ONE = 4, UNDER_WAY = 64 * 1024, SEALING = 48 };

/* ---- recording ------------------------------------------------------------------------------------------------- */

bool recording_asked(const struct model *model)
{
	return model->recorder != 0;
}

bool model_must_answer(const struct model *model, const struct soul *soul)
{
	if (soul->where == WAITS)
		return soul->reasons == FOR_CONSENT;
	return model->recorder && model->recorder != soul->face.number && !soul->agreed;
}

/* With the last yes of those in the room; who waits is no part of it. */
void recording_may_start(struct model *model)
{
	struct soul *recorder = model_find(model, model->recorder);
	if (!recorder || model->recording)
		return;
	for EACH (model, soul)
		if (is_seated(soul) && model_must_answer(model, soul))
			return;
	model->recording = recorder->face.record = true;
}

/* Whoever waited only to be asked comes in, as what they came for. Silent: through a door that was locked meanwhile,
 * or without a seat left, only the host; the others wait on. */
void recording_ends(struct model *model)
{
	if (!model->recorder)
		return;
	model->recorder = 0;
	model->recording = false;
	for EACH (model, soul)
		soul->agreed = soul->face.record = false;
	for (;;) {
		struct soul *first = NULL;
		for EACH (model, soul)
			if (soul->where == WAITS && soul->reasons == FOR_CONSENT && (!first || soul->came < first->came))
				first = soul;
		if (!first)
			return;
		bool host = first->pending == ROLE_HOST;
		first->reasons = FOR_WAITING_ROOM;
		if ((host || !model->control[CONTROL_LOCK]) && seats_free(model, 1, host))
			is_let_in(model, first, first->pending);
	}
}

static objections against_record(const struct ask *ask)
{
	const struct model *model = ask->model;
	const uint32_t me = ask->actor->face.number;
	if (!ask->command->on)
		return AGAINST(!model->recorder, NOT_RECORDING) |
		       AGAINST(model->recorder != me, NOT_RECORDING); /* a host says no, or takes the permission */
	return AGAINST(model->recorder == me, ALREADY) | AGAINST(model->recorder && model->recorder != me, RECORD_TAKEN) |
	       AGAINST(!may_ask_to_record(model, ask->actor), RECORD_OFF);
}

static void then_record(const struct ask *ask)
{
	if (!ask->command->on) {
		recording_ends(ask->model);
		return;
	}
	ask->model->recorder = ask->actor->face.number;
	recording_may_start(ask->model);
}

static objections against_consent(const struct ask *ask)
{
	const struct model *model = ask->model;
	const struct soul *me = ask->actor;
	if (me->where == WAITS)
		return AGAINST(!model_must_answer(model, me), NOT_ALLOWED) |
		       AGAINST(!model_must_answer(model, me), NOT_RECORDING) |
		       AGAINST(ask->command->on && !seats_free(model, 1, me->pending == ROLE_HOST), FULL);
	return AGAINST(!model->recorder, NOT_RECORDING) | AGAINST(model->recorder == me->face.number, SELF) |
	       AGAINST(ask->command->on && me->agreed, ALREADY);
}

static void then_consent(const struct ask *ask)
{
	struct model *model = ask->model;
	struct soul *me = ask->actor;
	if (me->where == WAITS && !ask->command->on) {
		goes(model, me, EVENT_REFUSED);
	} else if (!ask->command->on) {
		recording_ends(model);
	} else {
		me->agreed = true;
		if (me->where == WAITS)
			is_let_in(model, me, me->pending);
		recording_may_start(model);
	}
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static struct passing *file_of(const struct ask *ask)
{
	for (int i = 0; i < MODEL_FILES; i++)
		if (ask->model->files[i].id && ask->model->files[i].id == ask->command->file)
			return &ask->model->files[i];
	return NULL;
}

static void both_hear(struct model *model, const struct passing *file, enum event_kind kind)
{
	struct soul *from = model_find(model, file->from), *to = model_find(model, file->to);
	if (from)
		hears(from, kind);
	if (to)
		hears(to, kind);
}

/* Who is away hears it when they are back. */
static void file_ends(struct model *model, struct passing *file)
{
	for EACH (model, soul)
		if (soul->face.away && (soul->face.number == file->from || soul->face.number == file->to))
			soul->missed_ends++;
	both_hear(model, file, EVENT_FILE_ENDED);
	*file = (struct passing) { 0 };
}

void files_of_end(struct model *model, uint32_t of)
{
	for (int i = 0; i < MODEL_FILES; i++) {
		struct passing *file = &model->files[i];
		if (file->id && (!of || file->from == of || file->to == of))
			file_ends(model, file);
	}
}

static bool one_line(const char *name)
{
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < ' ')
			return false;
	return name[0] && text_valid(name, strlen(name));
}

/* Of a sealed file nothing is told but its size: name and hash are in the text. */
static bool offer_is_whole(const struct command *command)
{
	uint8_t hash = 0;
	for (int i = 0; i < MOOT_HASH_BYTES; i++)
		hash |= command->hash[i];
	if (!command->sealed)
		return one_line(command->name);
	return !hash && !strcmp(command->name, "file") && base64_of(command->text) > 0;
}

static objections against_file(const struct ask *ask)
{
	const struct model *model = ask->model;
	unsigned all = 0, mine = 0;
	for (int i = 0; i < MODEL_FILES; i++) {
		all += model->files[i].id != 0;
		mine += model->files[i].id && model->files[i].from == ask->actor->face.number;
	}
	return against_writing_to_one(ask) | AGAINST(!model->control[CONTROL_FILES], FILES_OFF) |
	       AGAINST(ask->command->size == 0 || ask->command->size > model->policy.file_max_bytes, FILE_SIZE) |
	       AGAINST(all >= MODEL_FILES || mine >= FILES_OF_ONE, FILES_BUSY) |
	       AGAINST(!offer_is_whole(ask->command), TEXT) |
	       AGAINST(ask->whom && ask->whom->face.away, NOT_IN);
}

static void then_file(const struct ask *ask)
{
	struct passing *file = ask->model->files;
	while (file->id)
		file++;
	*file = (struct passing) { .id = ++ask->model->last_file,
				    .from = ask->actor->face.number,
				    .to = ask->whom->face.number,
				    .sealed = ask->command->sealed,
				    .size = ask->command->size };
	both_hear(ask->model, file, EVENT_FILE);
}

static objections against_file_take(const struct ask *ask)
{
	const struct passing *file = file_of(ask);
	if (!file || file->to != ask->actor->face.number)
		return OBJECT(NO_SUCH_FILE);
	return AGAINST(file->taken, ALREADY);
}

static void then_file_take(const struct ask *ask)
{
	struct passing *file = file_of(ask);
	file->taken = true;
	both_hear(ask->model, file, EVENT_FILE_TAKEN);
}

/* The receiver asks for the next bytes, and for no more than may be under way; or again, from any place before. */
static objections against_file_get(const struct ask *ask)
{
	const struct command *command = ask->command;
	const struct passing *file = file_of(ask);
	if (!file || file->to != ask->actor->face.number || !file->taken)
		return OBJECT(NO_SUCH_FILE);
	const uint64_t under_way = command->offset < file->asked ? 0 : file->asked - file->sent;
	bool fits = command->offset <= file->asked && command->size > 0 && command->size + under_way <= UNDER_WAY &&
		    command->offset + command->size <= file->size;
	return AGAINST(!fits, BAD_VALUE);
}

static void then_file_get(const struct ask *ask)
{
	struct passing *file = file_of(ask);
	if (ask->command->offset < file->asked)
		file->sent = ask->command->offset;
	file->asked = ask->command->offset + ask->command->size;
	hears(model_find(ask->model, file->from), EVENT_FILE_GET);
}

int64_t base64_of(const char *text)
{
	size_t length = strlen(text), pad = 0;
	if (length == 0 || length % 4)
		return -1;
	while (pad < 2 && text[length - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < length - pad; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", text[i]))
			return -1;
	return (int64_t)(length / 4 * 3 - pad);
}

/* How many of the file: what the text stands for, or says when it is sealed. */
static int64_t file_bytes(const struct command *command)
{
	if (!command->sealed)
		return base64_of(command->text);
	return command->size > INT32_MAX ? -1 : (int64_t)command->size;
}

static objections against_file_chunk(const struct ask *ask)
{
	const struct passing *file = file_of(ask);
	const int64_t text = base64_of(ask->command->text), bytes = file_bytes(ask->command);
	if (!file || file->from != ask->actor->face.number || !file->taken)
		return OBJECT(NO_SUCH_FILE);
	if (text <= 0 || bytes <= 0 || bytes > MOOT_CHUNK_BYTES)
		return OBJECT(TEXT) | OBJECT(BAD_VALUE);
	/* Sealing makes longer, and by little. */
	if (ask->command->sealed != file->sealed || text < bytes || text > bytes + SEALING)
		return OBJECT(BAD_VALUE);
	return AGAINST(ask->command->offset != file->sent || file->sent + (uint64_t)bytes > file->asked, BAD_VALUE);
}

static void then_file_chunk(const struct ask *ask)
{
	struct passing *file = file_of(ask);
	file->sent += (uint64_t)file_bytes(ask->command);
	hears(model_find(ask->model, file->to), EVENT_FILE_CHUNK);
}

static objections against_file_end(const struct ask *ask)
{
	const struct passing *file = file_of(ask);
	const uint32_t me = ask->actor->face.number;
	if (!file || (file->from != me && file->to != me))
		return OBJECT(NO_SUCH_FILE);
	if (ask->command->on) /* only the receiver knows that it arrived whole */
		return AGAINST(file->to != me, NOT_ALLOWED) |
		       AGAINST(!file->taken || file->sent < file->size || file->to != me, BAD_VALUE);
	return 0;
}

static void then_file_end(const struct ask *ask)
{
	file_ends(ask->model, file_of(ask));
}

/* ---- polls ------------------------------------------------------------------------------------------------------ */

/* Lines of a text; 0 when one is empty or bad. */
static uint32_t lines_of(const char *text)
{
	uint32_t lines = 0;
	if (!text_valid(text, strlen(text)))
		return 0;
	for (const char *at = text;; at++) {
		size_t length = strcspn(at, "\n");
		if (length == 0)
			return 0;
		lines++;
		at += length;
		if (!*at)
			return lines;
	}
}

uint32_t model_votes(const struct model *model)
{
	uint32_t votes = 0;
	for (int i = 0; i < MODEL_PEOPLE; i++)
		votes += model->souls[i].where == SEATED && model->souls[i].vote;
	return votes;
}

static objections against_poll(const struct ask *ask)
{
	const uint32_t lines = lines_of(ask->command->text);
	return AGAINST(ask->model->poll, POLL_OPEN) | AGAINST(lines < 3 || lines > 1 + MOOT_POLL_OPTIONS_MAX, TEXT) |
	       AGAINST(lines < 3 || lines > 1 + MOOT_POLL_OPTIONS_MAX, BAD_VALUE);
}

static void then_poll(const struct ask *ask)
{
	struct model *model = ask->model;
	model->poll = ++model->polls;
	model->poll_named = ask->command->named;
	model->poll_answers = lines_of(ask->command->text) - 1;
	memcpy(model->poll_text, ask->command->text, sizeof(model->poll_text) - 1);
	for EACH (model, soul)
		soul->vote = 0;
}

static objections against_vote(const struct ask *ask)
{
	const uint32_t answer = ask->command->count;
	if (!ask->model->poll)
		return OBJECT(NO_POLL);
	return AGAINST(answer < 1 || answer > ask->model->poll_answers, BAD_VALUE) |
	       AGAINST(answer == ask->actor->vote, ALREADY);
}

static void then_vote(const struct ask *ask)
{
	ask->actor->vote = ask->command->count;
}

static objections against_poll_close(const struct ask *ask)
{
	return AGAINST(!ask->model->poll, NO_POLL);
}

/* The votes stay for who counts them. */
static void then_poll_close(const struct ask *ask)
{
	ask->model->poll = 0;
	room_hears(ask->model, EVENT_POLL_RESULT);
}

/* ---- breakout rooms ------------------------------------------------------------------------------------------------ */

static void moves(struct model *model, struct soul *soul, uint32_t room)
{
	if (soul->face.room == room)
		return;
	lets_go(model, soul);
	soul->plan = room;
	soul->face.room = room;
	soul->room_chat = model->said_count;
}

static objections against_breakout(const struct ask *ask)
{
	const uint32_t lines = lines_of(ask->command->text);
	return AGAINST(ask->model->rooms, ALREADY) | AGAINST(lines < 1 || lines > MOOT_BREAKOUTS_MAX, TEXT) |
	       AGAINST(lines < 1 || lines > MOOT_BREAKOUTS_MAX, BAD_VALUE);
}

static void then_breakout(const struct ask *ask)
{
	struct model *model = ask->model;
	model->rooms = lines_of(ask->command->text);
	model->rooms_open = false;
	memcpy(model->room_names, ask->command->text, sizeof(model->room_names) - 1);
	for EACH (model, soul)
		soul->plan = 0;
}

static objections against_assign(const struct ask *ask)
{
	const struct command *command = ask->command;
	objections no = AGAINST(!ask->model->rooms, NO_BREAKOUTS);
	bool change = false;
	if (command->all) {
		for EACH (ask->model, soul)
			change |= is_seated(soul) && soul->face.role == ROLE_PARTICIPANT;
		return no | AGAINST(!change, NO_SUCH_PERSON);
	}
	no |= AGAINST(command->room > ask->model->rooms, NO_ROOM) | AGAINST(!command->who_count, BAD_COMMAND);
	for (uint32_t i = 0; i < command->who_count; i++) {
		const struct soul *soul = model_find(ask->model, command->who[i]);
		no |= AGAINST(!is_seated(soul), NO_SUCH_PERSON);
		change |= soul && (ask->model->rooms_open ? soul->face.room : soul->plan) != command->room;
	}
	return no | AGAINST(!change, ALREADY);
}

static void then_assign(const struct ask *ask)
{
	struct model *model = ask->model;
	if (ask->command->all) {
		model->spread = true;
		return;
	}
	for (uint32_t i = 0; i < ask->command->who_count; i++) {
		struct soul *soul = model_find(model, ask->command->who[i]);
		soul->plan = ask->command->room;
		if (model->rooms_open)
			moves(model, soul, soul->plan);
	}
}

bool model_adopt_spread(struct model *model, const struct meeting *meeting)
{
	uint32_t count[MOOT_BREAKOUTS_MAX + 1] = { 0 }, least = UINT32_MAX, most = 0;
	for EACH (model, soul) {
		const struct person *person = meeting_person(meeting, soul->face.number);
		if (!is_seated(soul) || !person || person->planned > model->rooms)
			continue;
		soul->plan = person->planned;
		if (soul->face.role == ROLE_PARTICIPANT)
			count[soul->plan]++;
		if (model->rooms_open)
			moves(model, soul, soul->plan);
	}
	for (uint32_t room = 1; room <= model->rooms; room++) {
		least = count[room] < least ? count[room] : least;
		most = count[room] > most ? count[room] : most;
	}
	return count[0] == 0 && most - least <= 1;
}

static objections against_open(const struct ask *ask)
{
	return AGAINST(!ask->model->rooms, NO_BREAKOUTS) | AGAINST(ask->model->rooms_open, ALREADY);
}

static void then_open(const struct ask *ask)
{
	ask->model->rooms_open = true;
	for EACH (ask->model, soul)
		if (is_seated(soul) && soul->plan)
			moves(ask->model, soul, soul->plan);
}

static objections against_close(const struct ask *ask)
{
	return AGAINST(!ask->model->rooms, NO_BREAKOUTS);
}

static void then_close(const struct ask *ask)
{
	for EACH (ask->model, soul) {
		if (is_seated(soul))
			moves(ask->model, soul, 0);
		soul->plan = 0;
	}
	ask->model->rooms = 0;
	ask->model->rooms_open = false;
}

static objections against_back(const struct ask *ask)
{
	return AGAINST(!ask->model->rooms_open, NO_BREAKOUTS) | AGAINST(ask->actor->face.room == 0, ALREADY);
}

static void then_back(const struct ask *ask)
{
	moves(ask->model, ask->actor, 0);
}

static const struct sentence sentences[WORD_COUNT] = {
	[WORD_RECORD] = { ROLE_PARTICIPANT, against_record, then_record },
	[WORD_CONSENT] = { ROLE_WAITING, against_consent, then_consent },
	[WORD_FILE] = { ROLE_PARTICIPANT, against_file, then_file },
	[WORD_FILE_TAKE] = { ROLE_PARTICIPANT, against_file_take, then_file_take },
	[WORD_FILE_GET] = { ROLE_PARTICIPANT, against_file_get, then_file_get },
	[WORD_FILE_CHUNK] = { ROLE_PARTICIPANT, against_file_chunk, then_file_chunk },
	[WORD_FILE_END] = { ROLE_PARTICIPANT, against_file_end, then_file_end },
	[WORD_POLL] = { ROLE_COHOST, against_poll, then_poll },
	[WORD_VOTE] = { ROLE_PARTICIPANT, against_vote, then_vote },
	[WORD_POLL_CLOSE] = { ROLE_COHOST, against_poll_close, then_poll_close },
	[WORD_BREAKOUT] = { ROLE_COHOST, against_breakout, then_breakout },
	[WORD_ASSIGN] = { ROLE_COHOST, against_assign, then_assign },
	[WORD_BREAKOUT_OPEN] = { ROLE_COHOST, against_open, then_open },
	[WORD_BREAKOUT_CLOSE] = { ROLE_COHOST, against_close, then_close },
	[WORD_BREAKOUT_BACK] = { ROLE_PARTICIPANT, against_back, then_back },
};

const struct sentence *sentence_of_room(enum word word)
{
	return (unsigned)word < WORD_COUNT && sentences[word].then ? &sentences[word] : NULL;
}
