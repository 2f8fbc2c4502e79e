/* The door: who comes in, who waits, and who may not come back. Keys are remembered in two lists.
 * The removed are never forgotten: rather than run out, the door takes in nobody whom it could not remove.
 * Those who left are a ring, for they lose no more than a direct way in. */
#include "net/meeting_state.h"

#include <stdio.h>
#include <string.h>

#include "net/text.h"

bool door_same_key(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, MOOT_KEY_BYTES) == 0;
}

/* ---- remembered keys -------------------------------------------------------------------------------- */

static struct removed *removed_find(const struct meeting *meeting, const uint8_t *key)
{
	for (uint32_t i = 0; i < meeting->removed_count; i++)
		if (door_same_key(meeting->removed[i].key, key))
			return (struct removed *)&meeting->removed[i];
	return NULL;
}

bool door_removed(const struct meeting *meeting, const uint8_t *key)
{
	const struct removed *removed = removed_find(meeting, key);
	return removed && !removed->pardoned;
}

void door_remove(struct meeting *meeting, const struct seat *seat)
{
	struct removed *removed = removed_find(meeting, seat->key);
	if (!removed)
		removed = &meeting->removed[meeting->removed_count++];
	memcpy(removed->key, seat->key, sizeof(removed->key));
	memcpy(removed->name, seat->person.name, sizeof(removed->name));
	removed->number = seat->person.number;
	removed->pardoned = false;
}

static bool left_before(const struct meeting *meeting, const uint8_t *key)
{
	static const uint8_t none[MOOT_KEY_BYTES];
	if (door_same_key(key, none))
		return true;
	for (uint32_t i = 0; i < LEFT_MAX; i++)
		if (door_same_key(meeting->left[i], key))
			return true;
	return false;
}

void door_remember_left(struct meeting *meeting, const uint8_t *key)
{
	if (left_before(meeting, key))
		return;
	memcpy(meeting->left[meeting->left_next], key, MOOT_KEY_BYTES);
	meeting->left_next = (meeting->left_next + 1) % LEFT_MAX;
}

void door_forget_left(struct meeting *meeting, const uint8_t *key)
{
	for (uint32_t i = 0; i < LEFT_MAX; i++)
		if (door_same_key(meeting->left[i], key))
			memset(meeting->left[i], 0, MOOT_KEY_BYTES);
}

/* ---- coming in -------------------------------------------------------------------------------------- */

static bool hosts_present(struct meeting *meeting)
{
	for (uint32_t i = 0; i < meeting->seated_count; i++) {
		const struct person *person = &seat_at(meeting, i)->person;
		if (person->role >= ROLE_COHOST && !person->away)
			return true;
	}
	return false;
}

static enum why must_wait(struct meeting *meeting, const uint8_t *key)
{
	if (removed_find(meeting, key))
		return WHY_PARDONED;
	if (left_before(meeting, key))
		return WHY_LEFT;
	if (!hosts_present(meeting) && !meeting->control[CONTROL_JOIN_BEFORE_HOST])
		return WHY_NO_HOST;
	return meeting->control[CONTROL_WAITING_ROOM] ? WHY_WAITING_ROOM : WHY_NOT;
}

static bool version_less(const uint32_t a[3], const uint32_t b[3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

bool door_kind(const struct meeting *meeting, enum kind kind, enum sealed sealed)
{
	if ((unsigned)kind >= KIND_COUNT || !(meeting->policy.kinds & 1u << kind))
		return false;
	switch ((enum kinds_mode)meeting->control[CONTROL_KINDS]) {
	case KINDS_ENCRYPTED: return sealed == SEALED_END;
	case KINDS_STANDARD: return kind != KIND_PHONE && kind != KIND_SIP;
	default: return true;
	}
}

void door_turn_away(struct meeting *meeting, struct seat *seat, enum refusal refusal, const char *text,
		    const char *code, const struct seat *by)
{
	struct event event = { .kind = EVENT_REFUSED };
	snprintf(event.code, sizeof(event.code), "%s", refusal_code(refusal));
	snprintf(event.text, sizeof(event.text), "%s", text ? text : refusal_text(refusal));
	event_by(&event, by);
	meeting_tell_last(meeting, seat->person.number, &event);
	seat_unwait(meeting, seat, code, by);
	seat_free(meeting, seat);
}

void door_kinds_changed(struct meeting *meeting, const struct seat *by)
{
	const char *code = refusal_code(REFUSED_KIND);
	for (uint32_t i = meeting->waiting_count; i-- > 0;) {
		struct seat *seat = seat_waiting_at(meeting, i);
		if (!door_kind(meeting, seat->person.kind, seat->person.sealed))
			door_turn_away(meeting, seat, REFUSED_KIND, NULL, code, by);
	}
}

/* Room for one more: a slot (the last is for the host key), a number, a seat, and a place among the removed
 * should it come to that. */
static bool full(const struct meeting *meeting, bool host)
{
	uint32_t kept = host || meeting->host ? 0 : 1;
	uint32_t all = meeting->seated_count + meeting->waiting_count;
	return meeting->last_number >= NUMBERS_MAX || all >= meeting->slots_max - !host ||
	       meeting->removed_count + all + kept >= REMOVED_MAX || !seat_fits(meeting, 1, host);
}

enum refusal meeting_join(struct meeting *meeting, const struct knock *knock, int64_t now_ms,
			  uint32_t *number)
{
	char name[MOOT_NAME_SIZE] = { 0 };
	if (version_less(knock->version, meeting->policy.client_version))
		return REFUSED_CLIENT_TOO_OLD;
	if (!door_kind(meeting, knock->kind, knock->sealed))
		return REFUSED_KIND;
	if (meeting->ended || !knock->passcode_ok)
		return REFUSED_NO_SUCH_MEETING;
	if (text_name(name, knock->name) < 0)
		return REFUSED_BAD_NAME;
	if (door_removed(meeting, knock->key))
		return REFUSED_REMOVED;
	if (meeting->control[CONTROL_LOCK] && !knock->host_key_ok)
		return REFUSED_LOCKED;
	if (full(meeting, knock->host_key_ok))
		return REFUSED_FULL;
	enum why why = knock->host_key_ok ? WHY_NOT : must_wait(meeting, knock->key);
	if (why == WHY_NOT && meeting->recorder)
		why = WHY_RECORDING;
	/* Who has the host key is not kept out by those who wait. */
	if (why != WHY_NOT && !knock->host_key_ok && meeting->waiting_count >= meeting->policy.waiting_max)
		return REFUSED_FULL;

	struct seat *seat = seat_new(meeting, knock->key);
	memcpy(seat->person.name, name, sizeof(name));
	seat->person.kind = knock->kind;
	seat->person.sealed = knock->sealed;
	seat->person.mic = knock->mic;
	seat->person.camera = knock->camera;
	*number = seat->person.number;
	enum role role = knock->host_key_ok ? ROLE_HOST : ROLE_PARTICIPANT;
	if (why == WHY_NOT) {
		door_let_in(meeting, seat, role, role == ROLE_HOST ? seat : NULL);
	} else {
		seat_wait(meeting, seat, why, knock->unix_ms);
		if (why == WHY_RECORDING) {
			seat->pending = role;
			record_ask(meeting, seat);
		}
	}
	door_mark_empty(meeting, now_ms);
	return REFUSED_NOT;
}

enum refusal meeting_claim(struct meeting *meeting, uint32_t number, int64_t now_ms)
{
	struct seat *seat = meeting->ended ? NULL : seat_find(meeting, number);
	if (!seat || seat->person.away)
		return REFUSED_NOT_IN;
	if (meeting->host == number)
		return REFUSED_ALREADY;
	if (!seat_seated(seat) && !seat_fits(meeting, 1, true))
		return REFUSED_FULL;
	if (!seat_seated(seat) && record_asks(meeting, seat))
		record_ask_at_door(meeting, seat, ROLE_HOST);
	else
		door_make_host(meeting, seat, seat);
	door_mark_empty(meeting, now_ms);
	return REFUSED_NOT;
}

void door_let_in(struct meeting *meeting, struct seat *seat, enum role role, const struct seat *by)
{
	if (role == ROLE_HOST) {
		door_make_host(meeting, seat, by ? by : seat);
		return;
	}
	door_forget_left(meeting, seat->key);
	if (seat->person.role == ROLE_WAITING)
		seat_unwait(meeting, seat, "admitted", by);
	seat_sit(meeting, seat, role);
}

void door_admit(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	if (record_asks(meeting, seat))
		record_ask_at_door(meeting, seat, ROLE_PARTICIPANT);
	else
		door_let_in(meeting, seat, ROLE_PARTICIPANT, by);
}

void door_make_host(struct meeting *meeting, struct seat *seat, const struct seat *by)
{
	struct seat *old = seat_find(meeting, meeting->host);
	if (old && old->person.away) {
		seat_stand(meeting, old, "lost", by, NULL);
		seat_free(meeting, old);
	} else if (old) {
		meeting->host = 0;
		role_set(meeting, old, ROLE_COHOST, by);
	}
	if (seat->person.role >= ROLE_PARTICIPANT) {
		meeting->host = seat->person.number;
		role_set(meeting, seat, ROLE_HOST, by);
	} else {
		door_forget_left(meeting, seat->key);
		if (seat->person.role == ROLE_WAITING)
			seat_unwait(meeting, seat, "admitted", by);
		seat_sit(meeting, seat, ROLE_HOST);
	}
	door_hosts_arrived(meeting);
}

void door_hosts_arrived(struct meeting *meeting)
{
	if (meeting->control[CONTROL_WAITING_ROOM] || meeting->control[CONTROL_LOCK] ||
	    !hosts_present(meeting))
		return;
	for (uint32_t at = 0; at < meeting->waiting_count && seat_fits(meeting, 1, false);) {
		struct seat *seat = seat_waiting_at(meeting, at);
		if (seat->why == WHY_NO_HOST)
			door_admit(meeting, seat, NULL);
		else
			at++;
	}
}

void door_mark_empty(struct meeting *meeting, int64_t now_ms)
{
	bool live = meeting->seated_count > meeting->away_count || meeting->waiting_count > 0;
	if (live)
		meeting->empty_ms = -1;
	else if (meeting->empty_ms < 0)
		meeting->empty_ms = now_ms;
}
