/* Messages taken apart into what rules and lists speak of. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/lv.h"
#include "net/seal/sframe.h"
#include "tests/tools/hostile_state.h"

static const char *const pieces[] = {
	[WIRE_HELLO - WIRE_SEAL_FIRST] = "HELLO",	[WIRE_CHALLENGE - WIRE_SEAL_FIRST] = "CHALLENGE",
	[WIRE_PROOF - WIRE_SEAL_FIRST] = "PROOF",	[WIRE_WELCOME - WIRE_SEAL_FIRST] = "WELCOME",
	[WIRE_REJECT - WIRE_SEAL_FIRST] = "REJECT",	[WIRE_PROVEN - WIRE_SEAL_FIRST] = "PROVEN",
	[WIRE_BINDING - WIRE_SEAL_FIRST] = "BINDING",	[WIRE_LISTING - WIRE_SEAL_FIRST] = "LISTING",
	[WIRE_WRAP - WIRE_SEAL_FIRST] = "WRAP",		[WIRE_ROSTER - WIRE_SEAL_FIRST] = "ROSTER",
	[WIRE_BEAT - WIRE_SEAL_FIRST] = "BEAT",		[WIRE_NONCE - WIRE_SEAL_FIRST] = "NONCE",
	[WIRE_ASK - WIRE_SEAL_FIRST] = "ASK",		[WIRE_FETCH - WIRE_SEAL_FIRST] = "FETCH",
	[WIRE_ORDER - WIRE_SEAL_FIRST] = "ORDER",	[WIRE_WHISPER - WIRE_SEAL_FIRST] = "WHISPER",
};
static const char *const streams[STREAM_COUNT] = { "audio", "camera-small", "camera-large", "screen" };

enum wire_seal item_piece(const char *kind)
{
	for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (strcmp(pieces[i], kind) == 0)
			return (enum wire_seal)(WIRE_SEAL_FIRST + i);
	return (enum wire_seal)0;
}

int item_stream(const char *kind)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		if (strcmp(streams[i], kind) == 0)
			return i;
	return -1;
}

const uint8_t *item_payload(const struct item *item, size_t *n)
{
	*n = item->n - item->head;
	return item->bytes + item->head;
}

static void look_sealed(struct item *item, const uint8_t *p, size_t n)
{
	item->sealed = sframe_header_read(p, n, &item->kid, &item->ctr) > 0;
}

/* The first string of an R, a heartbeat or an order is its epoch. */
static uint32_t first_u32(const uint8_t *p, size_t n)
{
	struct lv_reader reader = lv_from(p, n);

	return lv_read_u32(&reader);
}

/* ---- frames and pieces -------------------------------------------------------------------------------- */

static size_t take_binary(struct item *item, const uint8_t *p, size_t n)
{
	struct wire_piece piece;
	struct wire_frame frame;
	int used;

	item->head = WIRE_HEADER_BYTES;
	if (wire_is_piece(p, n)) {
		used = wire_piece_decode(&piece, p, n);
		if (used < 0)
			return 0;
		item->class = CLASS_PIECE;
		snprintf(item->kind, sizeof item->kind, "%s", pieces[piece.kind - WIRE_SEAL_FIRST]);
		item->from = piece.source;
		item->flags = piece.flags;
		if (piece.kind == WIRE_ROSTER || piece.kind == WIRE_BEAT || piece.kind == WIRE_ORDER)
			item->epoch = first_u32(piece.payload, piece.payload_bytes);
		if (piece.kind == WIRE_WHISPER)
			look_sealed(item, piece.payload, piece.payload_bytes);
		return (size_t)used;
	}
	used = wire_frame_decode(&frame, p, n);
	if (used < 0)
		return 0;
	item->class = CLASS_MEDIA;
	snprintf(item->kind, sizeof item->kind, "%s", streams[frame.stream]);
	item->from = frame.source;
	item->flags = frame.flags;
	if (!(frame.flags & WIRE_PLAIN))
		look_sealed(item, frame.payload, frame.payload_bytes);
	return (size_t)used;
}

/* ---- texts -------------------------------------------------------------------------------------------- */

static size_t from_base64(uint8_t *out, size_t size, const char *text)
{
	static const int kinds[] = { sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
				     sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	size_t n;

	for (size_t i = 0; text && i < sizeof kinds / sizeof *kinds; i++)
		if (sodium_base642bin(out, size, text, strlen(text), NULL, &n, NULL, kinds[i]) == 0)
			return n;
	return 0;
}

static uint32_t number_in(const json_t *object, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static void take_text(struct item *item)
{
	json_t *object = json_loadb((const char *)item->bytes, item->n, 0, NULL);
	const char *kind = json_string_value(json_object_get(object, item->dir == UP ? "do" : "event"));
	uint8_t bytes[8192];
	size_t n;

	item->class = CLASS_TEXT;
	snprintf(item->kind, sizeof item->kind, "%s", kind ? kind : "?");
	item->from = number_in(object, "from");
	if (!item->from)
		item->from = number_in(object, "number");
	n = from_base64(bytes, sizeof bytes, json_string_value(json_object_get(object, "order")));
	if (n)
		item->epoch = first_u32(bytes, n);
	n = from_base64(bytes, sizeof bytes, json_string_value(json_object_get(object, "text")));
	if (n && json_is_true(json_object_get(object, "sealed")))
		look_sealed(item, bytes, n);
	json_decref(object);
}

bool item_next(struct item *item, enum dir dir, bool text, const uint8_t *p, size_t n, size_t *used)
{
	const uint8_t *end;

	memset(item, 0, sizeof *item);
	if (!n)
		return false;
	item->dir = dir;
	item->bytes = p;
	if (text) {
		end = memchr(p, '\n', n);
		item->n = end ? (size_t)(end - p) : n;
		*used = item->n + (end != NULL);
		take_text(item);
		return true;
	}
	*used = item->n = take_binary(item, p, n);
	if (!item->n) {
		/* Neither: all that is left goes on as it is. */
		*used = item->n = n;
		item->head = 0;
		item->class = CLASS_MEDIA;
		snprintf(item->kind, sizeof item->kind, "?");
	}
	return true;
}

/* ---- the record --------------------------------------------------------------------------------------- */

const struct item *item_record(struct hostile *hostile, const struct item *item)
{
	struct item *copy;
	uint8_t *bytes;

	if (hostile->record_bytes + item->n > RECORD_BYTES) {
		hostile->record_full = true;
		return item;
	}
	if (hostile->record_n == hostile->record_size) {
		const size_t size = hostile->record_size ? 2 * hostile->record_size : 4096;
		struct item *record = realloc(hostile->record, size * sizeof *record);

		if (!record)
			abort();
		hostile->record = record;
		hostile->record_size = size;
	}
	bytes = malloc(item->n + 1);
	if (!bytes)
		abort();
	memcpy(bytes, item->bytes, item->n);
	copy = &hostile->record[hostile->record_n++];
	*copy = *item;
	copy->bytes = bytes;
	hostile->record_bytes += item->n;
	return copy;
}

static void learn_door(struct line *line, const json_t *object)
{
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *uuid = json_string_value(json_object_get(object, "uuid"));
	struct seal_meeting meeting = { .id = "" };
	size_t n;

	if (!id || !uuid || sodium_hex2bin(meeting.uuid, sizeof meeting.uuid, uuid, strlen(uuid), NULL, &n, NULL) ||
	    n != sizeof meeting.uuid)
		return;
	snprintf(meeting.id, sizeof meeting.id, "%s", id);
	line->meeting = meeting;
	line->has_door = true;
}

/* Who comes back by a new line does not say their name. */
static void learn_number(struct line *line, uint32_t number)
{
	line->number = number;
	for (const struct line *other = line->hostile->lines; other && !line->name[0]; other = other->next)
		if (number && other->number == number)
			memcpy(line->name, other->name, sizeof line->name);
}

void item_learn(struct line *line, const struct item *item)
{
	json_t *object;
	const char *name;

	if (item->class != CLASS_TEXT)
		return;
	object = json_loadb((const char *)item->bytes, item->n, 0, NULL);
	if (item->dir == UP && (strcmp(item->kind, "join") == 0 || strcmp(item->kind, "create") == 0)) {
		name = json_string_value(json_object_get(object, "name"));
		snprintf(line->name, sizeof line->name, "%s", name ? name : "");
	} else if (item->dir == DOWN && strcmp(item->kind, "door") == 0) {
		learn_door(line, object);
	} else if (item->dir == DOWN && (strcmp(item->kind, "joined") == 0 || strcmp(item->kind, "waiting") == 0 ||
					 (strcmp(item->kind, "resumed") == 0 && !line->number))) {
		learn_number(line, number_in(object, "number"));
	}
	json_decref(object);
}

/* ---- matching ----------------------------------------------------------------------------------------- */

static bool among(uint32_t number, const uint32_t *numbers, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return !n;
}

static bool kind_matches(const struct item *item, const char *kind)
{
	if (strcmp(kind, "*") == 0 || strcmp(kind, item->kind) == 0)
		return true;
	if (strcmp(kind, "camera") == 0)
		return item->class == CLASS_MEDIA && strncmp(item->kind, "camera", 6) == 0;
	return (strcmp(kind, "media") == 0 && item->class == CLASS_MEDIA) ||
	       (strcmp(kind, "piece") == 0 && item->class == CLASS_PIECE) ||
	       (strcmp(kind, "text") == 0 && item->class == CLASS_TEXT) ||
	       (strcmp(kind, "binary") == 0 && item->class != CLASS_TEXT);
}

bool item_matches(const struct item *item, const struct match *match)
{
	return match->dir[item->dir] && kind_matches(item, match->kind) && among(item->of, match->of, match->of_n) &&
	       among(item->from, match->from, match->from_n) && among(item->conn, match->conn, match->conn_n) &&
	       (!match->name[0] || strcmp(match->name, item->name) == 0) &&
	       (!match->any_epoch || match->epoch == item->epoch) &&
	       (!match->any_flags || (item->flags & match->flags) == match->flags) &&
	       (!match->has[0] || memmem(item->bytes, item->n, match->has, strlen(match->has)));
}

/* ---- telling ------------------------------------------------------------------------------------------- */

json_t *item_json(const struct item *item)
{
	size_t n, shown;
	const uint8_t *p = item_payload(item, &n);
	char hex[2 * HEX_SHOWN + 1];
	json_t *out = json_pack("{s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:i, s:f}", "conn", (int)item->conn, "of",
				(int)item->of, "name", item->name, "dir", item->dir == UP ? "up" : "down", "kind", item->kind,
				"from", (int)item->from, "flags", item->flags, "bytes", (int)n, "t",
				(double)item->t_us / 1e6);

	if (item->epoch)
		json_object_set_new(out, "epoch", json_integer(item->epoch));
	if (item->sealed) {
		json_object_set_new(out, "kid", json_integer((json_int_t)item->kid));
		json_object_set_new(out, "ctr", json_integer((json_int_t)item->ctr));
	}
	if (item->class == CLASS_TEXT) {
		json_object_set_new(out, "said", json_loadb((const char *)p, n, 0, NULL));
	} else {
		shown = n < HEX_SHOWN ? n : HEX_SHOWN;
		json_object_set_new(out, "hex", json_string(sodium_bin2hex(hex, sizeof hex, p, shown)));
		sodium_bin2hex(hex, sizeof hex, item->bytes, item->head);
		json_object_set_new(out, "header", json_string(hex));
	}
	return out;
}
