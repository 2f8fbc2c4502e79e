/* Doing a step twice, by the model and by the meeting, and holding one against the other. */
#include "tests/net/walk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "net/meeting_state.h"

static size_t note_person(char *text, size_t size, const char *whose, const struct person *person, unsigned more)
{
	int length = snprintf(text, size, "  %s: %u %s%s room %u %u\n", whose, person->number,
			      role_name(person->role), person->away ? " away" : "", person->room, more);
	return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

static void note_state(struct walk *walk)
{
	const struct person *person;
	size_t used = 0;
	for (uint32_t at = 0; walk->meeting && (person = meeting_next(walk->meeting, &at));)
		used += note_person(walk->state + used, sizeof(walk->state) - used, "meeting", person, 0);
	for (uint32_t at = 0; walk->meeting && (person = meeting_next_waiting(walk->meeting, &at));)
		used += note_person(walk->state + used, sizeof(walk->state) - used, "meeting", person, 0);
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (walk->model.souls[i].where != GONE)
			used += note_person(walk->state + used, sizeof(walk->state) - used, "model",
					    &walk->model.souls[i].face, walk->model.souls[i].reasons);
}

void walk_broken(struct walk *walk, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(walk->why, sizeof(walk->why), format, arguments);
	va_end(arguments);
	note_state(walk);
	longjmp(walk->broken, 1);
}

static void open_meeting(struct walk *walk, uint64_t seed)
{
	struct policy policy;
	walk_policy(&policy, seed);
	policy.value[CONTROL_LOCK] = 0;
	walk->now_ms = 1000;
	walk->actor = 0;
	memset(walk->number_of, 0, sizeof(walk->number_of));
	model_open(&walk->model, &policy, walk->now_ms);
	walk->meeting = meeting_new("482913775", "Tea", &policy, walk_sink, walk);
	if (!walk->meeting)
		abort();
}

void walk_close(struct walk *walk)
{
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		if (walk->mirrors[i].number)
			roster_clear(&walk->mirrors[i].roster);
		walk->mirrors[i].number = 0;
	}
	meeting_free(walk->meeting);
	walk->meeting = NULL;
	free(walk->copy);
	walk->copy = NULL;
}

/* ---- one step ------------------------------------------------------------------------------------------------- */

struct answers {
	objections no;
	enum refusal refusal;
};

static struct answers join(struct walk *walk, const struct step *step)
{
	uint8_t key[MOOT_KEY_BYTES] = { 1, step->key };
	uint32_t number = 0;
	struct knock knock = {
		.name = walk_names[step->name],
		.kind = (enum kind)step->kind,
		.sealed = (enum sealed)step->sealed,
		.version = { 0, step->version, 0 },
		.key = key,
		.passcode_ok = step->passcode,
		.host_key_ok = step->host_key,
		.mic = (enum mic)step->mic,
		.camera = step->camera,
		.unix_ms = walk->now_ms,
	};
	struct answers answers;
	bool good = step->name < 5;
	walk->actor = walk->model.last_number + 1;
	answers.no = model_join(&walk->model, &knock, step->key, good);
	answers.refusal = meeting_join(walk->meeting, &knock, walk->now_ms, &number);
	if (answers.refusal == REFUSED_NOT && !answers.no) {
		MUST(walk, number == walk->model.last_number);
		walk->number_of[walk->at] = number;
		walk->joined_at[number] = walk->at + 1;
	}
	return answers;
}

static struct answers apply(struct walk *walk, const struct step *step)
{
	struct answers answers;
	walk_command(walk, step, &walk->command);
	walk->actor = walk_number(walk, step->actor);
	answers.no = model_apply(&walk->model, walk->actor, &walk->command);
	answers.refusal = meeting_apply(walk->meeting, walk->actor, &walk->command, walk->now_ms,
					1700000000000 + walk->now_ms);
	struct mirror *mirror = walk_mirror(walk, walk->actor);
	if (answers.refusal == REFUSED_NOT && step->word == WORD_CONSENT && mirror)
		mirror->roster.record_asked = false; /* nobody tells them what they said themselves */
	return answers;
}

static struct answers resume(struct walk *walk, const struct step *step)
{
	static const struct event connected = { .kind = EVENT_CONNECTED };
	struct answers answers;
	uint32_t number = walk_number(walk, step->number);
	uint64_t seq = step->seq;
	struct mirror *mirror = walk_mirror(walk, number);
	if (mirror && !seq)
		seq = mirror->seq;
	answers.no = model_resume(&walk->model, number, seq);
	if (!answers.no) {
		MUST(walk, mirror && roster_apply(&mirror->roster, &connected) == 0);
		mirror->line = true;
	}
	answers.refusal = meeting_resume(walk->meeting, number, seq, walk->now_ms);
	return answers;
}

static void lose(struct walk *walk, const struct step *step)
{
	uint32_t number = walk_number(walk, step->number);
	struct mirror *mirror = walk_mirror(walk, number);
	if (mirror)
		mirror->line = false;
	model_lost(&walk->model, number);
	meeting_lost(walk->meeting, number, walk->now_ms);
}

static void change_policy(struct walk *walk, const struct step *step)
{
	struct policy policy;
	walk_policy(&policy, step->seed);
	model_set_policy(&walk->model, &policy);
	meeting_set_policy(walk->meeting, &policy, walk->now_ms);
}

static struct answers do_step(struct walk *walk, const struct step *step)
{
	struct answers answers = { 0, REFUSED_NOT };
	switch ((enum deed)step->deed) {
	case DEED_JOIN: return join(walk, step);
	case DEED_APPLY: return apply(walk, step);
	case DEED_RESUME: return resume(walk, step);
	case DEED_CLAIM:
		walk->actor = walk_number(walk, step->number);
		answers.no = model_claim(&walk->model, walk->actor);
		answers.refusal = meeting_claim(walk->meeting, walk->actor, walk->now_ms);
		return answers;
	case DEED_LOST: lose(walk, step); return answers;
	case DEED_POLICY: change_policy(walk, step); return answers;
	case DEED_WRONG:
		model_wrong_passcode(&walk->model);
		meeting_wrong_passcode(walk->meeting);
		return answers;
	case DEED_TIME: walk->now_ms += step->ms; return answers;
	default:
		model_end(&walk->model);
		meeting_end(walk->meeting, "relay-stopped");
		return answers;
	}
}

/* Time passes after each step, as at a relay. */
static void pass_time(struct walk *walk)
{
	model_pass_time(&walk->model, walk->now_ms);
	int64_t again = meeting_tick(walk->meeting, walk->now_ms);
	MUST(walk, again >= -1);
	if (walk->model.ended)
		return;
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		const struct soul *soul = &walk->model.souls[i];
		if (soul->where == GONE || !soul->face.away || soul->face.role == ROLE_HOST)
			continue;
		int64_t due = soul->away_ms + (int64_t)walk->model.policy.seat_hold_ms - walk->now_ms;
		MUST(walk, again >= 0 && again <= due);
	}
}

static void note(struct walk *walk, const struct step *step, enum refusal refusal)
{
	struct coverage *coverage = walk->coverage;
	unsigned word = step->word < WORD_COUNT ? step->word : WORD_COUNT;
	if (!coverage)
		return;
	if (step->deed == DEED_APPLY && refusal)
		coverage->refused[word][refusal]++;
	else if (step->deed == DEED_APPLY)
		coverage->done[word]++;
	else if (refusal)
		coverage->deed_refused[step->deed][refusal]++;
	else
		coverage->deed_done[step->deed]++;
	coverage->steps++;
	coverage->people += model_count(&walk->model, SEATED);
	coverage->recordings += walk->model.recording;
	coverage->breakouts += walk->model.rooms_open;
	coverage->polls += walk->model.poll != 0;
	coverage->files += walk->model.files[0].id != 0;
	coverage->locked += walk->model.control[CONTROL_LOCK] != 0;
}

/* Now and then all of the meeting's memory is held against a copy from before the step. */
static bool copy_before(struct walk *walk)
{
	if (walk->at % 512 != 511)
		return false;
	if (!walk->copy)
		walk->copy = malloc(walk->meeting->bytes);
	if (walk->copy)
		memcpy(walk->copy, walk->meeting, walk->meeting->bytes);
	return walk->copy != NULL;
}

static void take(struct walk *walk, const struct step *step)
{
	const uint64_t effects = walk->effects;
	const bool copied = copy_before(walk);
	walk->actor = 0;
	model_next(&walk->model, walk->at + 1);
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (walk->mirrors[i].number)
			memset(walk->mirrors[i].hears, 0, sizeof(walk->mirrors[i].hears));
	struct answers answers = do_step(walk, step);
	MUST(walk, (unsigned)answers.refusal < REFUSED_COUNT);
	if (answers.refusal != REFUSED_NOT) {
		if (!(answers.no >> answers.refusal & 1))
			walk_broken(walk, "refused with %s, the model objects %llx", refusal_code(answers.refusal),
				    (unsigned long long)answers.no);
		MUST(walk, effects == walk->effects);
		if (copied)
			MUST(walk, memcmp(walk->copy, walk->meeting, walk->meeting->bytes) == 0);
	} else if (answers.no) {
		int first = __builtin_ctzll(answers.no);
		walk_broken(walk, "accepted, the model objects %s", refusal_code((enum refusal)first));
	} else if (walk->model.spread) {
		MUST(walk, model_adopt_spread(&walk->model, walk->meeting));
	}
	pass_time(walk);
	if (effects != walk->effects || answers.refusal == REFUSED_NOT)
		walk_compare(walk);
	else
		walk_compare_few(walk);
	note(walk, step, answers.refusal);
}

/* ---- many --------------------------------------------------------------------------------------------------------- */

int walk_meeting(struct walk *walk, uint64_t seed, unsigned steps)
{
	walk->dice = seed;
	walk->steps = 0;
	if (steps > TRAIL_MAX)
		steps = TRAIL_MAX;
	open_meeting(walk, seed);
	if (walk->coverage)
		walk->coverage->meetings++;
	if (setjmp(walk->broken)) {
		walk_close(walk);
		return -1;
	}
	while (walk->steps < steps && !walk->model.ended) {
		walk->at = walk->steps;
		struct step *step = &walk->trail[walk->steps++];
		walk_choose(walk, step);
		take(walk, step);
	}
	walk_close(walk);
	return (int)walk->steps;
}

bool walk_again(struct walk *walk, uint64_t seed, const bool *skip)
{
	open_meeting(walk, seed);
	if (setjmp(walk->broken)) {
		walk_close(walk);
		return true;
	}
	for (walk->at = 0; walk->at < walk->steps && !walk->model.ended; walk->at++)
		if (!skip[walk->at])
			take(walk, &walk->trail[walk->at]);
	walk_close(walk);
	return false;
}
