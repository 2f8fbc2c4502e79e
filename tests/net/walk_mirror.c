/* What each client is told and so knows, held against what the model says this person may know: no less, no more. */
#include "tests/net/walk.h"

#include <stdlib.h>
#include <string.h>

/* Words that leave no trace in a roster, or not this one: the model counts them. */
static const enum event_kind fleeting[] = {
	EVENT_CHAT,	  EVENT_ASK_UNMUTE, EVENT_MUTED,      EVENT_REACTION,	EVENT_PERMISSION,
	EVENT_RESUMED,	  EVENT_FILE,	    EVENT_FILE_TAKEN, EVENT_FILE_GET,	EVENT_FILE_CHUNK,
	EVENT_FILE_ENDED, EVENT_POLL_RESULT,
};

static bool for_hosts(enum event_kind kind)
{
	return kind == EVENT_KNOCK || kind == EVENT_KNOCK_GONE || kind == EVENT_SHUT_OUT || kind == EVENT_ASSIGNED ||
	       kind == EVENT_WRONG_PASSCODES || kind == EVENT_POLL_VOTES;
}

struct mirror *walk_mirror(struct walk *walk, uint32_t number)
{
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (number && walk->mirrors[i].number == number)
			return &walk->mirrors[i];
	return NULL;
}

static struct mirror *mirror_for(struct walk *walk, uint32_t number)
{
	struct mirror *mirror = walk_mirror(walk, number);
	for (int i = 0; i < MODEL_PEOPLE && !mirror; i++) {
		if (walk->mirrors[i].number)
			continue;
		mirror = &walk->mirrors[i];
		memset(mirror, 0, offsetof(struct mirror, roster));
		roster_init(&mirror->roster);
		mirror->number = number;
		mirror->line = true;
	}
	MUST(walk, mirror != NULL);
	return mirror;
}

/* ---- being told ------------------------------------------------------------------------------------------------- */

/* All that may reach somebody who waits: why they wait, what the hosts write, whether they agree to be recorded, and
 * the end of it. */
static void check_waiting(struct walk *walk, uint32_t number, const struct event *event)
{
	const struct person *from = event->from ? meeting_person(walk->meeting, event->from) : NULL;
	MUST(walk, event->person.number == 0 && event->who_count == 0 && event->counts_count == 0 && !event->count);
	switch (event->kind) {
	case EVENT_WAITING:
	case EVENT_REFUSED:
	case EVENT_REMOVED:
	case EVENT_ENDED: return;
	case EVENT_PERSON_LEFT: MUST(walk, event->number == number); return;
	case EVENT_RECORD_ASK: return;
	case EVENT_RECORDING: MUST(walk, !event->on && walk_mirror(walk, number)->roster.record_asked); return;
	case EVENT_CHAT:
		MUST(walk, event->chat_seq == 0);
		if (event->to == TO_WAITING)
			MUST(walk, from && from->role >= ROLE_COHOST);
		else
			MUST(walk, event->to == TO_HOSTS && event->from == number);
		return;
	default: walk_broken(walk, "somebody who waits is told %s", event_name(event->kind));
	}
}

/* The poll as the model counts it. */
static void check_poll(struct walk *walk, const struct event *event)
{
	const struct model *model = &walk->model;
	uint32_t counts[MOOT_POLL_OPTIONS_MAX] = { 0 };
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		const struct soul *soul = &model->souls[i];
		if (soul->where == SEATED && soul->vote)
			counts[soul->vote - 1]++;
	}
	if (event->kind == EVENT_POLL_NAMES) {
		MUST(walk, model->poll_named && event->count >= 1 && event->count <= model->poll_answers);
		MUST(walk, event->who_count == counts[event->count - 1]);
		for (uint32_t i = 0; i < event->who_count; i++) {
			const struct soul *soul = model_find(&walk->model, event->who[i]);
			MUST(walk, soul && soul->vote == event->count);
		}
		return;
	}
	MUST(walk, event->counts_count == model->poll_answers && event->named == model->poll_named);
	MUST(walk, event->number == model->polls);
	for (uint32_t i = 0; i < event->counts_count; i++)
		MUST(walk, event->counts[i] == counts[i]);
}

static void feed(struct walk *walk, const struct person *person, const struct effect *effect)
{
	const struct event *event = effect->event;
	struct mirror *mirror = mirror_for(walk, person->number);
	MUST(walk, !mirror->closed);
	if (!mirror->line)
		return;
	if (person->role < ROLE_PARTICIPANT)
		check_waiting(walk, person->number, event);
	if (for_hosts(event->kind))
		MUST(walk, person->role >= ROLE_COHOST);
	if (event->kind == EVENT_POLL_NAMES || event->kind == EVENT_POLL_RESULT)
		check_poll(walk, event);
	if (roster_apply(&mirror->roster, event) != 0)
		walk_broken(walk, "the roster of %u contradicts %s", person->number, event_name(event->kind));
	mirror->hears[event->kind]++;
	mirror->last = event->kind;
	if (event->kind == EVENT_CHAT) {
		MUST(walk, !event->sealed || person->role > ROLE_WAITING);
		mirror->heard = 2 * (uint32_t)atoi(event->text + 1) + event->sealed;
		if (event->chat_seq) {
			MUST(walk, event->chat_seq > mirror->seq || mirror->hears[EVENT_RESUMED]);
			mirror->seq = event->chat_seq;
		}
	}
	if (effect->close) {
		mirror->line = false;
		mirror->closed = true;
	}
}

/* Who was asked at the door with the host key in hand becomes host by themselves, when the recording ends. */
static void check_other_hand(struct walk *walk, uint32_t by)
{
	const struct person *person = meeting_person(walk->meeting, by);
	MUST(walk, person && walk_mirror(walk, by));
	MUST(walk, person->role == ROLE_HOST || walk_mirror(walk, by)->roster.presence == PRESENCE_WAITING);
}

void walk_sink(void *arg, const struct effect *effect)
{
	struct walk *walk = arg;
	const struct person *person;
	const enum reach reach = effect->reach;
	uint32_t at = 0;
	walk->effects++;
	if (walk->coverage && (unsigned)effect->event->kind < EVENT_COUNT)
		walk->coverage->told[effect->event->kind]++;
	/* What somebody did bears their name, and nobody else's; that a recording runs bears who records. */
	const uint32_t by = effect->event->by;
	if (effect->event->kind == EVENT_RECORDING && effect->event->on)
		MUST(walk, by == effect->event->from);
	else if (by != 0 && by != walk->actor)
		check_other_hand(walk, by);
	if (reach == REACH_ONE) {
		person = meeting_person(walk->meeting, effect->to);
		MUST(walk, person != NULL);
		feed(walk, person, effect);
		return;
	}
	while (reach != REACH_WAITING && (person = meeting_next(walk->meeting, &at))) {
		if ((reach == REACH_OTHERS && person->number == effect->to) ||
		    (reach == REACH_HOSTS && person->role < ROLE_COHOST) ||
		    (reach == REACH_PLACE && person->room != effect->place))
			continue;
		feed(walk, person, effect);
	}
	at = 0;
	while ((reach == REACH_WAITING || reach == REACH_ALL) && (person = meeting_next_waiting(walk->meeting, &at)))
		feed(walk, person, effect);
}

/* ---- comparing ---------------------------------------------------------------------------------------------------- */

/* A person as others see them; the plan is for hosts. Hands are compared by their order elsewhere. */
static void compare_face(struct walk *walk, const struct soul *soul, const struct person *seen)
{
	const struct person *face = &soul->face;
	const struct share *share = &walk->model.shares[face->room];
	const bool seated = soul->where == SEATED;
	MUST(walk, seen->number == face->number && seen->role == face->role);
	MUST(walk, seen->kind == face->kind && seen->sealed == face->sealed);
	MUST(walk, strcmp(seen->name, face->name) == 0);
	MUST(walk, seen->away == face->away);
	if (!seated)
		return;
	MUST(walk, seen->mic == face->mic && seen->camera == face->camera);
	MUST(walk, seen->share == (share->sharer == face->number));
	MUST(walk, seen->record == (walk->model.recording && walk->model.recorder == face->number));
	MUST(walk, seen->keyboard == (share->keyboard == face->number));
	MUST(walk, seen->room == face->room && seen->permits == face->permits);
	MUST(walk, (seen->hand != 0) == (soul->raised != 0));
}

static void compare_hosts_part(struct walk *walk, const struct roster *roster)
{
	const struct model *model = &walk->model;
	const struct soul *last = NULL;
	MUST(walk, roster->waiting_count == model_count(model, WAITS));
	for (size_t i = 0; i < roster->waiting_count; i++) {
		const struct soul *soul = model_find(&walk->model, roster->waiting[i].number);
		MUST(walk, soul && soul->where == WAITS && strcmp(soul->face.name, roster->waiting[i].name) == 0);
		MUST(walk, !last || last->came < soul->came);
		last = soul;
	}
	MUST(walk, roster->wrong_passcodes == model->wrong_passcodes);
	MUST(walk, roster->poll_votes == (model->poll ? model_votes(model) : 0));
	MUST(walk, roster->shut_out_count == (model->shut_count < 64 ? model->shut_count : 64));
	for (size_t i = 0; i < roster->shut_out_count; i++) {
		unsigned k = 0;
		while (k < model->shut_count && model->shut_out[k].number != roster->shut_out[i].number)
			k++;
		MUST(walk, k < model->shut_count);
	}
}

static void compare_files(struct walk *walk, const struct soul *me, const struct roster *roster)
{
	size_t mine = 0;
	for (int i = 0; i < MODEL_FILES; i++) {
		const struct passing *file = &walk->model.files[i];
		if (!file->id || (file->from != me->face.number && file->to != me->face.number))
			continue;
		mine++;
		const struct roster_file *seen = roster_find_file(roster, file->id);
		MUST(walk, seen && seen->from == file->from && seen->to == file->to && seen->size == file->size);
	}
	MUST(walk, roster->files_count == mine);
}

static void compare_room(struct walk *walk, const struct soul *me, const struct roster *roster)
{
	const struct model *model = &walk->model;
	uint32_t missing = 0;
	MUST(walk, memcmp(roster->control, model->control, sizeof(model->control)) == 0);
	MUST(walk, memcmp(roster->locked, model->policy.locked, sizeof(roster->locked)) == 0);
	MUST(walk, roster->spotlight == model->spotlight);
	MUST(walk, roster->sharer == model->shares[me->face.room].sharer);
	/* Who agreed and comes back is told again who records only when it runs. */
	if (!me->agreed || model->recording || roster->recorder)
		MUST(walk, roster->recorder == model->recorder);
	MUST(walk, roster->record_asked == model_must_answer(model, me));
	for (int i = 0; i < MODEL_PEOPLE; i++)
		missing += model->souls[i].where == SEATED && model_must_answer(model, &model->souls[i]);
	MUST(walk, roster->record_waits == (model->recorder == me->face.number && !model->recording ? missing : 0));
	MUST(walk, roster->poll == model->poll);
	if (model->poll)
		MUST(walk, roster->poll_named == model->poll_named && strcmp(roster->poll_text, model->poll_text) == 0);
	MUST(walk, roster->breakouts_open == model->rooms_open);
	MUST(walk, strcmp(roster->breakouts, model->rooms ? model->room_names : "") == 0);
}

static void compare_seated(struct walk *walk, const struct soul *me, const struct mirror *mirror)
{
	const struct model *model = &walk->model;
	const struct roster *roster = &mirror->roster;
	const bool host = model_is_host(me);
	MUST(walk, roster->presence == PRESENCE_IN && roster->me == me->face.number);
	MUST(walk, roster->people_count == model_count(model, SEATED));
	for (size_t i = 0; i < roster->people_count; i++) {
		const struct person *seen = &roster->people[i];
		const struct soul *soul = model_find(&walk->model, seen->number);
		MUST(walk, soul && soul->where == SEATED);
		MUST(walk, i == 0 || roster->people[i - 1].number < seen->number);
		compare_face(walk, soul, seen);
		MUST(walk, seen->hand == meeting_person(walk->meeting, seen->number)->hand);
		if (!model->rooms_open)
			MUST(walk, seen->planned == (host ? soul->plan : 0));
		else
			MUST(walk, seen->planned == 0 || seen->planned == (host ? soul->plan : soul->face.room));
	}
	compare_room(walk, me, roster);
	compare_files(walk, me, roster);
	if (host) {
		compare_hosts_part(walk, roster);
		return;
	}
	MUST(walk, roster->waiting_count == 0 && roster->shut_out_count == 0);
	MUST(walk, roster->poll_votes == 0);
}

/* Who waits knows the title, and whether they are asked to be recorded. */
static void compare_waiting(struct walk *walk, const struct soul *me, const struct mirror *mirror)
{
	const struct roster *roster = &mirror->roster;
	MUST(walk, roster->presence == PRESENCE_WAITING && roster->people_count == 0 && roster->waiting_count == 0);
	MUST(walk, strcmp(roster->title, "Tea") == 0);
	MUST(walk, roster->shut_out_count == 0 && roster->files_count == 0 && roster->poll == 0);
	MUST(walk, roster->breakouts[0] == '\0' && roster->sharer == 0 && roster->spotlight == 0);
	MUST(walk, roster->record_asked == model_must_answer(&walk->model, me));
}

static void compare_sending(struct walk *walk, const struct soul *soul)
{
	const uint32_t number = soul->face.number;
	const bool here = soul->where == SEATED && !soul->face.away;
	const bool share = walk->model.shares[soul->face.room].sharer == number;
	MUST(walk, meeting_may_send(walk->meeting, number, STREAM_AUDIO) == (here && soul->face.mic == MIC_ON));
	MUST(walk, meeting_may_send(walk->meeting, number, STREAM_CAMERA_SMALL) == (here && soul->face.camera));
	MUST(walk, meeting_may_send(walk->meeting, number, STREAM_CAMERA_LARGE) == (here && soul->face.camera));
	MUST(walk, meeting_may_send(walk->meeting, number, STREAM_SCREEN) == (here && share));
	MUST(walk, !meeting_may_send(walk->meeting, number, STREAM_COUNT));
}

/* Media pass between those who are in one room with a line. */
static void compare_together(struct walk *walk, const struct soul *a)
{
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		const struct soul *b = &walk->model.souls[i];
		if (b->where == GONE || a == b)
			continue;
		bool together = a->where == SEATED && b->where == SEATED && !a->face.away && !b->face.away &&
				a->face.room == b->face.room;
		MUST(walk, meeting_together(walk->meeting, a->face.number, b->face.number) == together);
	}
}

static void compare_hands(struct walk *walk)
{
	const struct model *model = &walk->model;
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		const struct soul *a = &model->souls[i];
		for (int k = 0; k < i && a->where == SEATED && a->raised; k++) {
			const struct soul *b = &model->souls[k];
			if (b->where == SEATED && b->raised)
				MUST(walk, (a->raised < b->raised) ==
						   (meeting_person(walk->meeting, a->face.number)->hand <
						    meeting_person(walk->meeting, b->face.number)->hand));
		}
	}
}

static void compare_soul(struct walk *walk, const struct soul *soul)
{
	const uint32_t number = soul->face.number;
	const struct person *person = meeting_person(walk->meeting, number);
	const struct mirror *mirror = walk_mirror(walk, number);
	MUST(walk, person && mirror);
	compare_face(walk, soul, person);
	compare_sending(walk, soul);
	MUST(walk, mirror->line == model_hears(soul) && !mirror->closed);
	if (!mirror->line)
		return;
	for (size_t i = 0; i < sizeof(fleeting) / sizeof(*fleeting); i++)
		if (mirror->hears[fleeting[i]] != soul->hears[fleeting[i]])
			walk_broken(walk, "%u hears %s %u times, the model says %u", number, event_name(fleeting[i]),
				    mirror->hears[fleeting[i]], soul->hears[fleeting[i]]);
	MUST(walk, mirror->heard == soul->heard);
	if (soul->where == SEATED)
		compare_seated(walk, soul, mirror);
	else
		compare_waiting(walk, soul, mirror);
}

/* Who has gone was told why, and is no more. */
static void compare_gone(struct walk *walk)
{
	for (unsigned i = 0; i < walk->model.gone_count; i++) {
		const struct soul *soul = &walk->model.gone[i];
		struct mirror *mirror = walk_mirror(walk, soul->face.number);
		MUST(walk, mirror && (walk->model.ended || !meeting_person(walk->meeting, soul->face.number)));
		MUST(walk, !mirror->line);
		if (soul->last != EVENT_NONE && (mirror->last != soul->last || !mirror->closed))
			walk_broken(walk, "%u went with %s, the model says %s", soul->face.number,
				    event_name(mirror->last), event_name(soul->last));
		roster_clear(&mirror->roster);
		mirror->number = 0;
	}
}

void walk_compare_few(struct walk *walk)
{
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (walk->model.souls[i].where != GONE)
			compare_sending(walk, &walk->model.souls[i]);
}

void walk_compare(struct walk *walk)
{
	const struct model *model = &walk->model;
	MUST(walk, meeting_ended(walk->meeting) == model->ended);
	if (!model->ended) {
		MUST(walk, meeting_people(walk->meeting) == model_count(model, SEATED));
		MUST(walk, meeting_waiting(walk->meeting) == model_count(model, WAITS));
	}
	for (int i = 0; i < CONTROL_COUNT; i++)
		MUST(walk, meeting_control(walk->meeting, (enum control)i) == model->control[i]);
	compare_gone(walk);
	for (int i = 0; i < MODEL_PEOPLE; i++) {
		if (model->souls[i].where == GONE)
			continue;
		compare_soul(walk, &model->souls[i]);
		if (walk->at % 4 == 0)
			compare_together(walk, &model->souls[i]);
	}
	compare_hands(walk);
}
