/* Who is here, who may come in, and what ends when somebody goes: the sentences of the chapters "Roles" and "Getting
 * in". */
#include "tests/net/model_facts.h"

#include <string.h>

#define FOREVER INT64_MAX

/* ---- who is here ------------------------------------------------------------------------------------------ */

bool is_seated(const struct soul *soul)
{
	return soul && soul->where == SEATED;
}

bool is_here(const struct soul *soul)
{
	return is_seated(soul) && !soul->face.away;
}

bool model_hears(const struct soul *soul)
{
	return soul->where != GONE && !soul->face.away;
}

bool model_is_host(const struct soul *soul)
{
	return is_seated(soul) && (soul->face.role == ROLE_HOST || soul->face.role == ROLE_COHOST);
}

struct soul *model_find(struct model *model, uint32_t number)
{
	for EACH (model, soul)
		if (soul->face.number == number)
			return soul;
	return NULL;
}

uint32_t model_count(const struct model *model, enum where where)
{
	uint32_t count = 0;
	for (int i = 0; i < MODEL_PEOPLE; i++)
		count += model->souls[i].where == where;
	return count;
}

struct soul *the_host(struct model *model)
{
	for EACH (model, soul)
		if (soul->face.role == ROLE_HOST)
			return soul;
	return NULL;
}

bool host_present(const struct model *model)
{
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (model_is_host(&model->souls[i]) && !model->souls[i].face.away)
			return true;
	return false;
}

void hears(struct soul *soul, enum event_kind kind)
{
	if (model_hears(soul))
		soul->hears[kind]++;
}

void room_hears(struct model *model, enum event_kind kind)
{
	for EACH (model, soul)
		if (is_seated(soul))
			hears(soul, kind);
}

void hosts_hear(struct model *model, enum event_kind kind)
{
	for EACH (model, soul)
		if (model_is_host(soul))
			hears(soul, kind);
}

void model_next(struct model *model, uint32_t text)
{
	for EACH (model, soul)
		memset(soul->hears, 0, sizeof(soul->hears));
	model->gone_count = 0;
	model->spread = false;
	model->text = text;
}

void model_open(struct model *model, const struct policy *policy, int64_t now_ms)
{
	memset(model, 0, sizeof(*model));
	model->policy = *policy;
	model->people_first = policy->people_max;
	model->waiting_first = policy->waiting_max;
	memcpy(model->control, policy->value, sizeof(model->control));
	model->now_ms = now_ms;
	model->nobody_ms = FOREVER; /* silent: before the first one came it is not empty */
}

/* ---- what one may ------------------------------------------------------------------------------------------ */

static bool holds(const struct soul *soul, enum permission permission)
{
	return model_is_host(soul) || (soul->face.permits & 1u << permission);
}

bool may_speak(const struct model *model, const struct soul *soul)
{
	return model->control[CONTROL_UNMUTE] || holds(soul, PERMIT_UNMUTE);
}

bool may_show(const struct model *model, const struct soul *soul)
{
	return model->control[CONTROL_VIDEO] || holds(soul, PERMIT_VIDEO);
}

bool may_share_at_all(const struct model *model, const struct soul *soul)
{
	return model->control[CONTROL_SHARE] == SHARE_EVERYONE || holds(soul, PERMIT_SHARE);
}

bool may_rename_oneself(const struct model *model, const struct soul *soul)
{
	return model->control[CONTROL_RENAME] || holds(soul, PERMIT_RENAME);
}

bool may_ask_to_record(const struct model *model, const struct soul *soul)
{
	return model->control[CONTROL_RECORD] == RECORD_PERMITTED && holds(soul, PERMIT_RECORD);
}

/* ---- things that end ----------------------------------------------------------------------------------------- */

void mutes(struct soul *soul)
{
	if (soul->face.mic == MIC_ON)
		soul->face.mic = MIC_MUTED;
	soul->invited = false;
}

void share_ends(struct model *model, uint32_t room)
{
	struct soul *sharer = model_find(model, model->shares[room].sharer);
	if (sharer)
		sharer->face.share = false;
	model->shares[room] = (struct share) { 0 };
}

/* Of what they show and type into. A file waits for a line to come back, a share does not. */
void lets_go(struct model *model, const struct soul *soul)
{
	struct share *share = &model->shares[soul->face.room];
	if (share->sharer == soul->face.number)
		share_ends(model, soul->face.room);
	if (share->keyboard == soul->face.number)
		share->keyboard = 0;
}

/* What somebody does in the room ends with their seat. */
void stands_up(struct model *model, struct soul *soul)
{
	uint32_t number = soul->face.number;
	lets_go(model, soul);
	if (model->spotlight == number)
		model->spotlight = 0;
	files_of_end(model, number);
	soul->vote = soul->plan = 0;
	soul->agreed = false;
	soul->face.room = 0;
	soul->where = GONE;
	if (model->recorder == number)
		recording_ends(model);
	recording_may_start(model);
}

/* Out of the meeting; last: what they are told, if they can hear. */
void goes(struct model *model, struct soul *soul, enum event_kind last)
{
	bool hearing = model_hears(soul);
	if (is_seated(soul))
		stands_up(model, soul);
	soul->where = GONE;
	soul->last = hearing ? last : EVENT_NONE;
	model->gone[model->gone_count++] = *soul;
}

/* ---- sitting down and waiting --------------------------------------------------------------------------------- */

/* A seat is kept for the host while there is none, and the seat of a host who is away is the host's. */
bool seats_free(const struct model *model, uint32_t more, bool for_host)
{
	uint32_t seated = model_count(model, SEATED);
	const struct soul *host = the_host((struct model *)model);
	if (!for_host && !host)
		seated++;
	if (for_host && host && host->face.away)
		seated--;
	return seated + more <= model->policy.people_max;
}

bool waiting_free(const struct model *model)
{
	return model_count(model, WAITS) < model->policy.waiting_max;
}

void becomes(struct model *model, struct soul *soul, enum role role)
{
	bool was = model_is_host(soul);
	soul->face.role = role;
	if (!was && model_is_host(soul))
		soul->host_chat = model->said_count;
}

void sits_down(struct model *model, struct soul *soul, enum role role)
{
	model->keys[soul->key].left = model->keys[soul->key].sent_back = false;
	soul->where = SEATED;
	soul->reasons = 0;
	soul->seated_chat = soul->room_chat = model->said_count;
	becomes(model, soul, role);
	if (soul->face.mic == MIC_ON && !may_speak(model, soul))
		soul->face.mic = MIC_MUTED;
	soul->face.camera = soul->face.camera && may_show(model, soul);
}

void waits(struct model *model, struct soul *soul, unsigned reasons)
{
	soul->where = WAITS;
	soul->face.role = ROLE_WAITING;
	soul->reasons = reasons;
	soul->came = ++model->clock;
}

/* Who waits for a host only comes in when one is there, unless the waiting room or the lock is on by then. In the order
 * they came, as long as there are seats. */
void host_arrives(struct model *model)
{
	while (host_present(model) && !model->control[CONTROL_WAITING_ROOM] && !model->control[CONTROL_LOCK]) {
		struct soul *first = NULL;
		for EACH (model, soul)
			if (soul->where == WAITS && (soul->reasons | FOR_WAITING_ROOM) == (FOR_HOST | FOR_WAITING_ROOM) &&
			    (soul->reasons & FOR_HOST) &&
			    (!first || soul->came < first->came))
				first = soul;
		if (!first || !seats_free(model, 1, false))
			return;
		is_let_in(model, first, ROLE_PARTICIPANT);
	}
}

/* The last door: while somebody records or asked to, who has not agreed is asked first. */
void is_let_in(struct model *model, struct soul *soul, enum role role)
{
	if (recording_asked(model) && !soul->agreed) {
		if (soul->where != WAITS)
			waits(model, soul, FOR_CONSENT);
		soul->reasons = FOR_CONSENT;
		soul->pending = role;
	} else if (role == ROLE_HOST) {
		becomes_host(model, soul);
	} else {
		sits_down(model, soul, role);
	}
}

/* By key or transfer. The host before is co-host, or gone if only the seat was left. */
void becomes_host(struct model *model, struct soul *soul)
{
	struct soul *before = the_host(model);
	if (before && before->face.away)
		goes(model, before, EVENT_NONE);
	else if (before)
		becomes(model, before, ROLE_COHOST);
	if (soul->where == SEATED)
		becomes(model, soul, ROLE_HOST);
	else
		sits_down(model, soul, ROLE_HOST);
	host_arrives(model);
}

/* ---- the door -------------------------------------------------------------------------------------------------- */

static bool older(const uint32_t a[3], const uint32_t b[3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

bool kind_fits(const struct model *model, enum kind kind, enum sealed sealed)
{
	int32_t mode = model->control[CONTROL_KINDS];
	if ((unsigned)kind >= KIND_COUNT || !(model->policy.kinds & 1u << kind))
		return false;
	if (mode == KINDS_ENCRYPTED && sealed != SEALED_END)
		return false;
	/* Silent: a telephone that is encrypted end to end is as good as any. */
	return mode != KINDS_STANDARD || kind == KIND_TERMINAL || kind == KIND_HEADLESS || kind == KIND_WEB;
}

/* The doors in their order. */
static objections door(const struct model *model, const struct knock *knock, unsigned key, bool good_name)
{
	const bool host = knock->host_key_ok;
	if (older(knock->version, model->policy.client_version))
		return OBJECT(CLIENT_TOO_OLD);
	if (!kind_fits(model, knock->kind, knock->sealed))
		return OBJECT(KIND);
	if (!knock->passcode_ok)
		return OBJECT(NO_SUCH_MEETING);
	if (!good_name)
		return OBJECT(BAD_NAME);
	if (model->keys[key].removed)
		return OBJECT(REMOVED);
	if (model->control[CONTROL_LOCK] && !host)
		return OBJECT(LOCKED);
	return 0;
}

static unsigned reasons_to_wait(const struct model *model, unsigned key)
{
	unsigned reasons = 0;
	if (model->control[CONTROL_WAITING_ROOM])
		reasons |= FOR_WAITING_ROOM;
	if (!host_present(model) && !model->control[CONTROL_JOIN_BEFORE_HOST])
		reasons |= FOR_HOST;
	if (model->keys[key].left)
		reasons |= HAS_LEFT;
	if (model->keys[key].sent_back)
		reasons |= WAS_SENT_BACK;
	if (model->keys[key].pardoned)
		reasons |= WAS_PARDONED;
	return reasons;
}

static struct soul *newcomer(struct model *model)
{
	for (int i = 0; i < MODEL_PEOPLE; i++)
		if (model->souls[i].where == GONE)
			return &model->souls[i];
	return NULL;
}

objections model_join(struct model *model, const struct knock *knock, unsigned key, bool good_name)
{
	objections no = door(model, knock, key, good_name);
	if (no)
		return no;
	/* Silent: those who were sent back may be more than may wait; then there is no place beyond all places. */
	const uint32_t all = model_count(model, SEATED) + model_count(model, WAITS);
	const uint32_t places = model->people_first + model->waiting_first + knock->host_key_ok;
	if (!seats_free(model, 1, knock->host_key_ok) || all >= places)
		return OBJECT(FULL);
	unsigned reasons = reasons_to_wait(model, key);
	if (!knock->host_key_ok && (reasons || recording_asked(model)) && !waiting_free(model))
		return OBJECT(FULL);
	struct soul *soul = newcomer(model);
	memset(soul, 0, sizeof(*soul));
	soul->face.number = ++model->last_number;
	strcpy(soul->face.name, knock->name);
	soul->face.kind = knock->kind;
	soul->face.sealed = knock->sealed;
	soul->face.mic = knock->mic;
	soul->face.camera = knock->camera;
	soul->key = key;
	if (reasons && !knock->host_key_ok)
		waits(model, soul, reasons);
	else
		is_let_in(model, soul, knock->host_key_ok ? ROLE_HOST : ROLE_PARTICIPANT);
	return 0;
}

objections model_claim(struct model *model, uint32_t number)
{
	struct soul *soul = model_find(model, number);
	if (!soul || soul->face.away)
		return OBJECT(NOT_IN);
	if (soul->face.role == ROLE_HOST)
		return OBJECT(ALREADY);
	if (soul->where == WAITS && !seats_free(model, 1, true))
		return OBJECT(FULL);
	if (soul->where == WAITS)
		is_let_in(model, soul, ROLE_HOST);
	else
		becomes_host(model, soul);
	return 0;
}

void model_wrong_passcode(struct model *model)
{
	model->wrong_passcodes++;
}

/* ---- lines and time ---------------------------------------------------------------------------------------------- */

static bool line_there(struct model *model)
{
	for EACH (model, soul)
		if (model_hears(soul))
			return true;
	return false;
}

void model_lost(struct model *model, uint32_t number)
{
	struct soul *soul = model_find(model, number);
	if (!soul || soul->face.away)
		return;
	if (soul->where == WAITS) {
		soul->face.away = true; /* hears nothing more */
		goes(model, soul, EVENT_NONE);
	} else {
		soul->face.away = true;
		soul->away_ms = model->now_ms;
		lets_go(model, soul);
		if (model->recorder == number)
			recording_ends(model);
	}
}

/* What was said to them and they have not heard yet, as long as it is remembered. Silent: who was moved to another
 * room, or made a host again, hears what was said there since. */
static bool missed(const struct said *said, const struct soul *soul, uint64_t seq)
{
	const uint32_t me = soul->face.number;
	bool for_me = false;
	for (uint32_t i = 0; i < said->heard_count; i++)
		for_me |= said->heard_by[i] == me;
	if (!for_me || said->seq <= seq || said->seq <= soul->seated_chat)
		return false;
	if (said->from == me || said->to == TO_ROOMS || said->to == TO_ONE)
		return true;
	if (said->to == TO_EVERYONE)
		return said->room == soul->face.room && said->seq > soul->room_chat;
	return model_is_host(soul) && said->seq > soul->host_chat;
}

static void missed_chat(struct model *model, struct soul *soul, uint64_t seq)
{
	uint64_t first = model->said_count < MODEL_CHATS ? 1 : model->said_count - MODEL_CHATS + 1;
	for (uint64_t at = first; at <= model->said_count; at++) {
		const struct said *said = &model->said[at % MODEL_CHATS];
		if (!missed(said, soul, seq))
			continue;
		hears(soul, EVENT_CHAT);
		soul->heard = said->text;
	}
}

objections model_resume(struct model *model, uint32_t number, uint64_t seq)
{
	struct soul *soul = model_find(model, number);
	if (!is_seated(soul) || !soul->face.away)
		return OBJECT(BAD_TICKET) | OBJECT(REMOVED);
	soul->face.away = false;
	model->nobody_ms = FOREVER;
	room_hears(model, EVENT_RESUMED);
	for (; soul->missed_ends; soul->missed_ends--)
		hears(soul, EVENT_FILE_ENDED);
	missed_chat(model, soul, seq);
	if (model_is_host(soul))
		host_arrives(model);
	return 0;
}

void model_end(struct model *model)
{
	for EACH (model, soul)
		goes(model, soul, EVENT_ENDED);
	model->ended = true;
}

/* Without any line for as long as a seat is held, the meeting ends. */
static bool empty_for_long(struct model *model)
{
	if (line_there(model))
		model->nobody_ms = FOREVER;
	else if (model->nobody_ms == FOREVER)
		model->nobody_ms = model->now_ms;
	return model->nobody_ms != FOREVER &&
	       model->now_ms - model->nobody_ms >= (int64_t)model->policy.seat_hold_ms;
}

void model_pass_time(struct model *model, int64_t now_ms)
{
	model->now_ms = now_ms;
	if (model->ended)
		return;
	if (empty_for_long(model)) {
		model_end(model);
		return;
	}
	for EACH (model, soul) {
		/* The host's seat waits as long as the meeting does. */
		bool due = soul->face.away && now_ms - soul->away_ms >= (int64_t)model->policy.seat_hold_ms;
		if (due && soul->face.role != ROLE_HOST)
			goes(model, soul, EVENT_NONE);
	}
}

void model_set_policy(struct model *model, const struct policy *policy)
{
	/* A meeting never grows beyond what it was opened for. */
	model->policy = *policy;
	if (model->policy.people_max > model->people_first)
		model->policy.people_max = model->people_first;
	if (model->policy.waiting_max > model->waiting_first)
		model->policy.waiting_max = model->waiting_first;
	for (int i = 0; i < CONTROL_COUNT; i++)
		if (policy->locked[i] && model->control[i] != policy->value[i])
			control_stands_at(model, (enum control)i, policy->value[i]);
	permissions_fall(model);
	/* Who waits goes first and who records last: nobody comes in only to be shown out. */
	const uint32_t recorder = model->recorder;
	for EACH (model, soul)
		if (soul->where == WAITS && !kind_fits(model, soul->face.kind, soul->face.sealed))
			goes(model, soul, EVENT_REFUSED);
	for EACH (model, soul)
		if (!(policy->kinds & 1u << soul->face.kind) && soul->face.number != recorder)
			goes(model, soul, EVENT_REFUSED);
	struct soul *last = model_find(model, recorder);
	if (last && !(policy->kinds & 1u << last->face.kind))
		goes(model, last, EVENT_REFUSED);
	host_arrives(model);
}
