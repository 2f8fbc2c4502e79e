/* Files in chat, from one person to another. The relay knows who sends how much to whom and passes on, in
 * order, what the receiver asked for: never more than FILE_ASKED bytes ahead, so that a sender can flood
 * nobody. Of the bytes it keeps nothing. A receiver whose line broke asks again from where it was. */
#include "net/meeting_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/text.h"

static struct transfer *find(struct meeting *meeting, uint32_t file)
{
	for (int i = 0; file && i < FILES_MAX; i++)
		if (meeting->files[i].file == file && !meeting->files[i].ended[0])
			return &meeting->files[i];
	return NULL;
}

/* A free place; NULL when there is none, or this sender has enough. */
static struct transfer *place_for(struct meeting *meeting, uint32_t from)
{
	struct transfer *place = NULL;
	int mine = 0;
	for (int i = 0; i < FILES_MAX; i++) {
		struct transfer *transfer = &meeting->files[i];
		if (!transfer->file && !place)
			place = transfer;
		mine += transfer->file && transfer->from == from && !transfer->ended[0];
	}
	return mine < FILES_EACH ? place : NULL;
}

/* Who still has to hear how it ended, as *end; 0 when they heard it now or are gone. */
static void tell_end(struct meeting *meeting, uint32_t *end, const struct event *event)
{
	const struct seat *seat = seat_find(meeting, *end);
	if (seat && seat_seated(seat) && seat->person.away)
		return;
	if (seat)
		meeting_tell(meeting, REACH_ONE, *end, event);
	*end = 0;
}

/* Both ends hear it; who is away hears it when they are back. */
static void end_one(struct meeting *meeting, struct transfer *transfer, const char *code, const struct seat *by)
{
	struct event event = { .kind = EVENT_FILE_ENDED, .file = transfer->file };
	snprintf(event.code, sizeof(event.code), "%s", code);
	snprintf(transfer->ended, sizeof(transfer->ended), "%s", code);
	event_by(&event, by);
	tell_end(meeting, &transfer->from, &event);
	tell_end(meeting, &transfer->to, &event);
	if (!transfer->from && !transfer->to)
		memset(transfer, 0, sizeof(*transfer));
}

void files_tell_ended(struct meeting *meeting, const struct seat *seat)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct transfer *transfer = &meeting->files[i];
		if (!transfer->ended[0] ||
		    (transfer->from != seat->person.number && transfer->to != seat->person.number))
			continue;
		struct event event = { .kind = EVENT_FILE_ENDED, .file = transfer->file };
		snprintf(event.code, sizeof(event.code), "%s", transfer->ended);
		uint32_t *end = transfer->from == seat->person.number ? &transfer->from : &transfer->to;
		tell_end(meeting, end, &event);
		if (!transfer->from && !transfer->to)
			memset(transfer, 0, sizeof(*transfer));
	}
}

/* Somebody leaves who was away: nothing is owed to them. */
static void forget_ended(struct transfer *transfer, uint32_t number)
{
	transfer->from = transfer->from == number ? 0 : transfer->from;
	transfer->to = transfer->to == number ? 0 : transfer->to;
	if (!transfer->from && !transfer->to)
		memset(transfer, 0, sizeof(*transfer));
}

void files_end(struct meeting *meeting, const struct seat *seat, const char *code, const struct seat *by)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct transfer *transfer = &meeting->files[i];
		bool concerned = !seat || transfer->from == seat->person.number || transfer->to == seat->person.number;
		if (!transfer->file || !concerned)
			continue;
		if (!transfer->ended[0])
			end_one(meeting, transfer, code, by);
		if (seat && transfer->ended[0])
			forget_ended(transfer, seat->person.number);
	}
}

/* The name; or that and the hash are sealed, and shown to nobody here. */
static bool offer_fits(const struct command *command)
{
	static const uint8_t nothing[MOOT_HASH_BYTES];
	const char *line[1];
	size_t length[1];
	if (!command->sealed)
		return text_lines(command->name, sizeof(command->name), line, length, 1) == 1;
	return strcmp(command->name, "file") == 0 && memcmp(command->hash, nothing, sizeof(nothing)) == 0 &&
	       text_base64_bytes(command->text, sizeof(command->text)) > 0;
}

enum refusal rule_file(const struct call *call)
{
	struct meeting *meeting = call->meeting;
	const struct command *command = call->command;
	const struct seat *actor = call->actor, *to = call->target;
	if (!meeting->control[CONTROL_FILES])
		return REFUSED_FILES_OFF;
	enum refusal refusal = chat_may(meeting, actor, TO_ONE, to);
	if (refusal != REFUSED_NOT)
		return refusal;
	if (to->person.away)
		return REFUSED_NOT_IN;
	if (!offer_fits(command))
		return REFUSED_TEXT;
	if (command->size < 1 || command->size > meeting->policy.file_max_bytes)
		return REFUSED_FILE_SIZE;
	struct transfer *transfer = place_for(meeting, actor->person.number);
	if (!transfer)
		return REFUSED_FILES_BUSY;
	*transfer = (struct transfer) { .file = ++meeting->last_file, .size = command->size };
	transfer->sealed = command->sealed;
	transfer->from = actor->person.number;
	transfer->to = to->person.number;

	struct event event = { .kind = EVENT_FILE, .file = transfer->file, .size = transfer->size };
	event.from = transfer->from;
	event.number = transfer->to;
	event.time_ms = call->unix_ms;
	memcpy(event.name, actor->person.name, sizeof(event.name));
	snprintf(event.text, sizeof(event.text), "%s", command->sealed ? command->text : command->name);
	event.sealed = command->sealed;
	memcpy(event.hash, command->hash, sizeof(event.hash));
	meeting_tell(meeting, REACH_ONE, transfer->from, &event);
	meeting_tell(meeting, REACH_ONE, transfer->to, &event);
	return REFUSED_NOT;
}

enum refusal rule_file_take(const struct call *call)
{
	struct transfer *transfer = find(call->meeting, call->command->file);
	if (!transfer || transfer->to != call->actor->person.number)
		return REFUSED_NO_SUCH_FILE;
	if (transfer->taken)
		return REFUSED_ALREADY;
	transfer->taken = true;
	struct event event = { .kind = EVENT_FILE_TAKEN, .file = transfer->file };
	meeting_tell(call->meeting, REACH_ONE, transfer->from, &event);
	meeting_tell(call->meeting, REACH_ONE, transfer->to, &event);
	return REFUSED_NOT;
}

/* The receiver asks for what comes next, or again from where it was. */
enum refusal rule_file_get(const struct call *call)
{
	const struct command *command = call->command;
	struct transfer *transfer = find(call->meeting, command->file);
	if (!transfer || transfer->to != call->actor->person.number || !transfer->taken)
		return REFUSED_NO_SUCH_FILE;
	bool again = command->offset < transfer->asked;
	uint64_t waiting = again ? 0 : transfer->asked - transfer->sent;
	if (command->offset > transfer->asked || command->size < 1 || command->size > FILE_ASKED - waiting ||
	    command->size > transfer->size - command->offset)
		return REFUSED_BAD_VALUE;
	if (again)
		transfer->sent = command->offset;
	transfer->asked = command->offset + command->size;
	struct event event = { .kind = EVENT_FILE_GET, .file = transfer->file };
	event.offset = command->offset;
	event.size = command->size;
	meeting_tell(call->meeting, REACH_ONE, transfer->from, &event);
	return REFUSED_NOT;
}

/* Bytes of the file in a piece; of a sealed one it says how many there are, and is a little longer. 0: it cannot be. */
static uint64_t chunk_bytes(const struct command *command)
{
	int bytes = text_base64_bytes(command->text, sizeof(command->text));
	uint64_t clear = command->sealed ? command->size : (uint64_t)(bytes < 0 ? 0 : bytes);
	if (bytes < 1 || clear > MOOT_CHUNK_BYTES || clear > (uint64_t)bytes || (uint64_t)bytes > clear + CHUNK_ADDS)
		return 0;
	return clear;
}

enum refusal rule_file_chunk(const struct call *call)
{
	const struct command *command = call->command;
	struct transfer *transfer = find(call->meeting, command->file);
	uint64_t bytes = chunk_bytes(command);
	if (!transfer || transfer->from != call->actor->person.number || !transfer->taken)
		return REFUSED_NO_SUCH_FILE;
	if (!bytes || command->sealed != transfer->sealed || command->offset != transfer->sent ||
	    bytes > transfer->asked - transfer->sent)
		return REFUSED_BAD_VALUE;
	transfer->sent += bytes;
	struct event event = { .kind = EVENT_FILE_CHUNK, .file = transfer->file, .offset = command->offset };
	event.sealed = command->sealed;
	snprintf(event.text, sizeof(event.text), "%s", command->text);
	meeting_tell(call->meeting, REACH_ONE, transfer->to, &event);
	return REFUSED_NOT;
}

enum refusal rule_file_end(const struct call *call)
{
	struct transfer *transfer = find(call->meeting, call->command->file);
	uint32_t me = call->actor->person.number;
	if (!transfer || (transfer->to != me && transfer->from != me))
		return REFUSED_NO_SUCH_FILE;
	if (!call->command->on) {
		bool declined = transfer->to == me && !transfer->taken;
		end_one(call->meeting, transfer, declined ? "declined" : "cancelled", call->actor);
		return REFUSED_NOT;
	}
	if (transfer->to != me || transfer->sent < transfer->size)
		return REFUSED_BAD_VALUE;
	end_one(call->meeting, transfer, "done", call->actor);
	return REFUSED_NOT;
}
