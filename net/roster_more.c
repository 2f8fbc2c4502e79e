/* What goes on in the room beside its people: shares and keyboards, recording, polls, files, breakout rooms,
 * and who was removed. By a table, like roster.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/roster_state.h"
#include "net/text.h"

void roster_forget_more(struct roster *roster)
{
	roster->recorder = roster->record_waits = 0;
	roster->record_asked = false;
	roster->breakouts[0] = '\0';
	roster->breakouts_open = false;
	roster->poll = roster->poll_votes = 0;
	roster->poll_text[0] = '\0';
}

void roster_settle(struct roster *roster)
{
	const struct person *me = roster_seat(roster, roster->me);
	roster->sharer = 0;
	for (size_t i = 0; i < roster->people_count; i++) {
		const struct person *person = &roster->people[i];
		if (person->share && me && person->room == me->room)
			roster->sharer = person->number;
		if (person->record)
			roster->recorder = person->number;
	}
}

/* ---- shares ----------------------------------------------------------------------------------------- */

static void clear_keyboards(struct roster *roster, uint32_t room)
{
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].room == room)
			roster->people[i].keyboard = false;
}

static int on_share(struct roster *roster, const struct event *event)
{
	struct person *person = roster_seat(roster, event->from);
	if (!person)
		return -EPROTO;
	/* Who comes in is told of shares that they know of already, keyboards included. */
	if (event->kind == EVENT_SHARE_STARTED && person->share)
		return 0;
	for (size_t i = 0; i < roster->people_count; i++)
		if (roster->people[i].room == person->room)
			roster->people[i].share = roster->people[i].keyboard = false;
	person->share = event->kind == EVENT_SHARE_STARTED;
	roster_settle(roster);
	return 0;
}

static int on_keyboard(struct roster *roster, const struct event *event)
{
	const struct person *sharer = roster_seat(roster, event->from);
	struct person *typist = roster_seat(roster, event->number);
	if (!sharer || (event->number && !typist))
		return -EPROTO;
	clear_keyboards(roster, sharer->room);
	if (typist)
		typist->keyboard = true;
	return 0;
}

/* ---- recording -------------------------------------------------------------------------------------- */

static int on_record_ask(struct roster *roster, const struct event *event)
{
	roster->recorder = event->from;
	roster->record_asked = true;
	return 0;
}

static int on_record_waits(struct roster *roster, const struct event *event)
{
	roster->recorder = roster->me;
	roster->record_waits = event->count;
	return 0;
}

static int on_recording(struct roster *roster, const struct event *event)
{
	struct person *person = roster_seat(roster, event->from);
	if (event->on && !person)
		return -EPROTO;
	if (person)
		person->record = event->on;
	roster->recorder = event->on ? event->from : 0;
	roster->record_asked = false;
	roster->record_waits = 0;
	return 0;
}

/* ---- polls ------------------------------------------------------------------------------------------ */

static int on_poll(struct roster *roster, const struct event *event)
{
	if (event->number == 0)
		return -EPROTO;
	roster->poll = event->number;
	roster->poll_named = event->named;
	roster->poll_votes = 0;
	memcpy(roster->poll_text, event->text, sizeof(roster->poll_text));
	return 0;
}

static int on_poll_votes(struct roster *roster, const struct event *event)
{
	roster->poll_votes = event->count;
	return 0;
}

static int on_poll_result(struct roster *roster, const struct event *event)
{
	(void)event;
	roster->poll = roster->poll_votes = 0;
	roster->poll_text[0] = '\0';
	return 0;
}

/* ---- files ------------------------------------------------------------------------------------------ */

static struct roster_file *find_file(const struct roster *roster, uint32_t file)
{
	for (size_t i = 0; i < roster->files_count; i++)
		if (roster->files[i].file == file)
			return (struct roster_file *)&roster->files[i];
	return NULL;
}

static int on_file(struct roster *roster, const struct event *event)
{
	if (event->file == 0 || event->size == 0 || find_file(roster, event->file) ||
	    roster->files_count == ROSTER_FILES_MAX)
		return -EPROTO;
	struct roster_file *file = &roster->files[roster->files_count++];
	*file = (struct roster_file) { .file = event->file, .from = event->from, .to = event->number };
	file->size = event->size;
	memcpy(file->hash, event->hash, sizeof(file->hash));
	snprintf(file->name, sizeof(file->name), "%.*s", (int)sizeof(file->name) - 1, event->text);
	return 0;
}

static int on_file_taken(struct roster *roster, const struct event *event)
{
	struct roster_file *file = find_file(roster, event->file);
	if (file)
		file->taken = true;
	return 0;
}

static int on_file_ended(struct roster *roster, const struct event *event)
{
	struct roster_file *file = find_file(roster, event->file);
	if (file)
		*file = roster->files[--roster->files_count];
	return 0;
}

/* ---- breakout rooms --------------------------------------------------------------------------------- */

static int on_breakouts(struct roster *roster, const struct event *event)
{
	memcpy(roster->breakouts, event->text, sizeof(roster->breakouts));
	roster->breakouts_open = event->on;
	for (size_t i = 0; !event->text[0] && i < roster->people_count; i++)
		roster->people[i].room = roster->people[i].planned = 0;
	roster_settle(roster);
	return 0;
}

static int on_moved(struct roster *roster, const struct event *event)
{
	if (event->room > MOOT_BREAKOUTS_MAX)
		return -EPROTO;
	for (uint32_t i = 0; i < event->who_count; i++) {
		struct person *person = roster_seat(roster, event->who[i]);
		if (!person)
			continue;
		person->planned = event->room;
		if (event->kind != EVENT_MOVED)
			continue;
		person->room = event->room;
		person->keyboard = false;
	}
	roster_settle(roster);
	return 0;
}

/* ---- the removed ------------------------------------------------------------------------------------ */

static int on_shut_out(struct roster *roster, const struct event *event)
{
	size_t at = 0;
	while (at < roster->shut_out_count && roster->shut_out[at].number != event->number)
		at++;
	if (at < roster->shut_out_count) {
		memmove(&roster->shut_out[at], &roster->shut_out[at + 1],
			(roster->shut_out_count - at - 1) * sizeof(*roster->shut_out));
		roster->shut_out_count--;
	}
	if (!event->on)
		return 0;
	if (roster->shut_out_count == ROSTER_SHUT_OUT_MAX) {
		roster->shut_out_count--;
		memmove(roster->shut_out, roster->shut_out + 1,
			roster->shut_out_count * sizeof(*roster->shut_out));
	}
	struct knocker *out = &roster->shut_out[roster->shut_out_count++];
	*out = (struct knocker) { .number = event->number };
	memcpy(out->name, event->name, sizeof(out->name));
	return 0;
}

static int (*const more[EVENT_COUNT])(struct roster *roster, const struct event *event) = {
	[EVENT_SHARE_STARTED] = on_share,
	[EVENT_SHARE_STOPPED] = on_share,
	[EVENT_KEYBOARD] = on_keyboard,
	[EVENT_RECORD_ASK] = on_record_ask,
	[EVENT_RECORD_WAITS] = on_record_waits,
	[EVENT_RECORDING] = on_recording,
	[EVENT_POLL] = on_poll,
	[EVENT_POLL_VOTES] = on_poll_votes,
	[EVENT_POLL_RESULT] = on_poll_result,
	[EVENT_FILE] = on_file,
	[EVENT_FILE_TAKEN] = on_file_taken,
	[EVENT_FILE_ENDED] = on_file_ended,
	[EVENT_BREAKOUTS] = on_breakouts,
	[EVENT_MOVED] = on_moved,
	[EVENT_ASSIGNED] = on_moved,
	[EVENT_SHUT_OUT] = on_shut_out,
};

int roster_apply_more(struct roster *roster, const struct event *event)
{
	return more[event->kind] ? more[event->kind](roster, event) : 0;
}

/* ---- questions -------------------------------------------------------------------------------------- */

/* Where the name of a room begins, and how long it is. */
static const char *room_at(const struct roster *roster, uint32_t room, size_t *n)
{
	const char *at = roster->breakouts;
	for (uint32_t i = 1; *at; i++) {
		*n = strcspn(at, "\n");
		if (i == room)
			return at;
		at += *n + (at[*n] == '\n');
	}
	return NULL;
}

bool roster_room_name(const struct roster *roster, uint32_t room, char *dst, size_t size)
{
	char name[MOOT_NAME_SIZE];
	size_t n;
	const char *at = room ? room_at(roster, room, &n) : NULL;
	if (!room) {
		snprintf(dst, size, "the main room");
		return true;
	}
	if (!at || n >= sizeof(name)) {
		snprintf(dst, size, "room %u", room);
		return false;
	}
	memcpy(name, at, n);
	name[n] = '\0';
	text_safe(dst, size, name, false);
	return true;
}

int roster_room(const struct roster *roster, const char *word)
{
	char name[MOOT_NAME_SIZE];
	char *end;
	long number = strtol(word, &end, 10);
	int begins = -ENOENT, count = 0;
	size_t n = strlen(word);
	if (n == 0)
		return -ENOENT;
	if (!strcmp(word, "main") || (*end == '\0' && number == 0))
		return 0;
	for (uint32_t i = 1; roster_room_name(roster, i, name, sizeof(name)); i++) {
		if (text_same(name, word) || (*end == '\0' && number == (long)i))
			return (int)i;
		if (strncasecmp(name, word, n) == 0) {
			begins = (int)i;
			count++;
		}
	}
	return count == 1 ? begins : -ENOENT;
}

const struct roster_file *roster_find_file(const struct roster *roster, uint32_t file)
{
	const struct roster_file *found = NULL;
	if (file)
		return find_file(roster, file);
	for (size_t i = 0; i < roster->files_count; i++)
		if (roster->files[i].to == roster->me && !roster->files[i].taken) {
			if (found)
				return NULL;
			found = &roster->files[i];
		}
	return found;
}

bool roster_here(const struct roster *roster, const struct person *person)
{
	const struct person *me = roster_seat(roster, roster->me);
	return person->room == (me ? me->room : 0);
}

const struct person *roster_typist(const struct roster *roster)
{
	const struct person *me = roster_seat(roster, roster->me);
	for (size_t i = 0; me && i < roster->people_count; i++)
		if (roster->people[i].keyboard && roster->people[i].room == me->room)
			return &roster->people[i];
	return NULL;
}
