/* Frames and JSON: what is written is read back, what is damaged is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/wire.h"

/* ---- frames --------------------------------------------------------------------------------------------- */

struct header_vector {
	const char *what;
	uint8_t bytes[WIRE_HEADER_BYTES + 2];
	size_t n;
	int result;
};

static const struct header_vector header_vectors[] = {
	{ "a voice", { 0, 0, 2, 0, 0x12, 0x34, 0, 30, 1, 2, 3, 4, 0xaa, 0xbb }, 14, 14 },
	{ "the end of a talk", { 0, 0, 1, 0, 0, 1, 2, 127, 0, 0, 0, 0, 9 }, 13, 13 },
	{ "a keyframe", { 0, 0, 1, 1, 0, 1, 1, 127, 0, 0, 0, 0, 9 }, 13, 13 },
	{ "more follows", { 0, 0, 1, 3, 0, 1, 1, 127, 0, 0, 0, 0, 9, 9 }, 14, 13 },
	{ "short header", { 0, 0, 1, 0, 0, 1, 0, 127, 0, 0, 0 }, 11, -EBADMSG },
	{ "one byte", { 0 }, 1, -EBADMSG },
	{ "empty payload", { 0, 0, 0, 0, 0, 1, 0, 127, 0, 0, 0, 0 }, 12, -EBADMSG },
	{ "payload cut off", { 0, 0, 3, 0, 0, 1, 0, 127, 0, 0, 0, 0, 9, 9 }, 14, -EBADMSG },
	{ "audio too long", { 0, 0x05, 0xdd, 0, 0, 1, 0, 127, 0, 0, 0, 0, 9, 9 }, 14, -EBADMSG },
	{ "picture too long", { 4, 0, 1, 1, 0, 1, 0, 127, 0, 0, 0, 0, 9, 9 }, 14, -EBADMSG },
	{ "unknown stream", { 0, 0, 1, 4, 0, 1, 0, 127, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "stream 255", { 0, 0, 1, 255, 0, 1, 0, 127, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "a voice that is not sealed", { 0, 0, 1, 0, 0, 1, 4, 127, 0, 0, 0, 0, 9 }, 13, 13 },
	{ "unknown flag", { 0, 0, 1, 0, 0, 1, 8, 127, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "a piece", { 0, 0, 1, 64, 0, 1, 0, 0, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "keyframe of a voice", { 0, 0, 1, 0, 0, 1, 1, 127, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "end of talk of a picture", { 0, 0, 1, 1, 0, 1, 2, 127, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
	{ "level over 127", { 0, 0, 1, 0, 0, 1, 0, 128, 0, 0, 0, 0, 9 }, 13, -EBADMSG },
};

static void wire_frame_decode__judges__headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof header_vectors / sizeof *header_vectors; i++) {
		const struct header_vector *v = &header_vectors[i];
		struct wire_frame frame = { .source = 7777 };
		int result = wire_frame_decode(&frame, v->bytes, v->n);

		if (result != v->result)
			fail_msg("%s: %d, not %d", v->what, result, v->result);
		if (result < 0)
			assert_int_equal(frame.source, 7777);
	}
}

static const struct header_vector piece_vectors[] = {
	{ "hello", { 0, 0, 1, WIRE_HELLO, 0, 9, 0, 0, 0, 0, 0, 0, 7 }, 13, 13 },
	{ "more follows", { 0, 0, 1, WIRE_ORDER, 0, 9, 0, 0, 0, 0, 0, 0, 7, 8 }, 14, 13 },
	{ "no wrap", { 0, 0, 0, WIRE_WRAP, 0, 9, 0, 0, 0, 0, 0, 0 }, 12, 12 },
	{ "a wrap for who is new", { 0, 0, 1, WIRE_WRAP, 0, 9, 1, 0, 0, 0, 0, 0, 7 }, 13, 13 },
	{ "no roster", { 0, 0, 0, WIRE_ROSTER, 0, 9, 0, 0, 0, 0, 0, 0 }, 12, -EBADMSG },
	{ "a flag of another", { 0, 0, 1, WIRE_ROSTER, 0, 9, 1, 0, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
	{ "an unknown flag", { 0, 0, 1, WIRE_WRAP, 0, 9, 2, 0, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
	{ "a level", { 0, 0, 1, WIRE_HELLO, 0, 9, 0, 1, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
	{ "a time", { 0, 0, 1, WIRE_HELLO, 0, 9, 0, 0, 0, 0, 0, 1, 7 }, 13, -EBADMSG },
	{ "a short header", { 0, 0, 1, WIRE_HELLO, 0, 9, 0, 0, 0, 0, 0 }, 11, -EBADMSG },
	{ "a payload cut off", { 0, 0, 3, WIRE_HELLO, 0, 9, 0, 0, 0, 0, 0, 0, 7, 8 }, 14, -EBADMSG },
	{ "too long", { 1, 0, 1, WIRE_ROSTER, 0, 9, 0, 0, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
	{ "a frame", { 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
	{ "an unknown kind", { 0, 0, 1, WIRE_SEAL_END, 0, 9, 0, 0, 0, 0, 0, 0, 7 }, 13, -EBADMSG },
};

static void wire_piece_decode__judges__headers(void **state)
{
	uint8_t header[WIRE_HEADER_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof piece_vectors / sizeof *piece_vectors; i++) {
		const struct header_vector *v = &piece_vectors[i];
		struct wire_piece piece = { .source = 7777 };
		int result = wire_piece_decode(&piece, v->bytes, v->n);

		if (result != v->result)
			fail_msg("%s: %d, not %d", v->what, result, v->result);
		assert_int_equal(piece.source, result < 0 ? 7777 : 9);
		if (result < 0)
			continue;
		assert_true(wire_is_piece(v->bytes, v->n));
		assert_int_equal(piece.payload_bytes, result - WIRE_HEADER_BYTES);
		assert_int_equal(wire_piece_header(header, &piece), WIRE_HEADER_BYTES);
		assert_memory_equal(header, v->bytes, WIRE_HEADER_BYTES);
	}
	assert_false(wire_is_piece(header_vectors[0].bytes, header_vectors[0].n));
	assert_false(wire_is_piece((const uint8_t[]){ 0, 0, 1 }, 3));
}

static void wire_frame_decode__reads__every_field(void **state)
{
	const uint8_t *bytes = header_vectors[0].bytes;
	struct wire_frame frame;

	(void)state;
	assert_int_equal(wire_frame_decode(&frame, bytes, 14), 14);
	assert_int_equal(frame.stream, STREAM_AUDIO);
	assert_int_equal(frame.source, 0x1234);
	assert_int_equal(frame.level, 30);
	assert_int_equal(frame.timestamp, 0x01020304);
	assert_int_equal(frame.payload_bytes, 2);
	assert_ptr_equal(frame.payload, bytes + WIRE_HEADER_BYTES);
}

static void wire_frame_header__writes__what_decode_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof header_vectors / sizeof *header_vectors; i++) {
		const struct header_vector *v = &header_vectors[i];
		uint8_t again[WIRE_HEADER_BYTES];
		struct wire_frame frame;

		if (wire_frame_decode(&frame, v->bytes, v->n) < 0)
			continue;
		assert_int_equal(wire_frame_header(again, &frame), WIRE_HEADER_BYTES);
		assert_memory_equal(again, v->bytes, WIRE_HEADER_BYTES);
	}
}

static void wire_frame_header__rejects__what_is_out_of_range(void **state)
{
	const struct wire_frame bad[] = {
		{ .stream = STREAM_COUNT, .payload_bytes = 1 },
		{ .stream = STREAM_AUDIO, .payload_bytes = 0 },
		{ .stream = STREAM_AUDIO, .payload_bytes = WIRE_AUDIO_MAX + 1 },
		{ .stream = STREAM_SCREEN, .payload_bytes = WIRE_PAYLOAD_MAX + 1 },
		{ .stream = STREAM_AUDIO, .payload_bytes = 1, .level = 128 },
		{ .stream = STREAM_AUDIO, .payload_bytes = 1, .flags = WIRE_KEYFRAME },
	};
	uint8_t header[WIRE_HEADER_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(wire_frame_header(header, &bad[i]), -EINVAL);
}

/* ---- commands ------------------------------------------------------------------------------------------- */

/* Read, written again, they are the same text: what is read loses nothing and what is written adds nothing. */
static const char *const command_texts[] = {
	"{\"do\":\"chat\",\"request\":7,\"to\":\"everyone\",\"text\":\"hi\"}",
	"{\"do\":\"chat\",\"number\":3,\"to\":\"waiting\",\"text\":\"hi\"}",
	"{\"do\":\"chat\",\"number\":3,\"to\":3,\"text\":\"\\u0007 \\\"quoted\\\" \\\\ καλημέρα 你好 👩‍💻\"}",
	"{\"do\":\"chat\",\"to\":\"hosts\",\"text\":\"hi\"}",
	"{\"do\":\"admit\",\"request\":1,\"who\":[3,4,5]}",
	"{\"do\":\"admit\",\"all\":true}",
	"{\"do\":\"mute\"}",
	"{\"do\":\"mute\",\"number\":3}",
	"{\"do\":\"lower\",\"number\":4294967295}",
	"{\"do\":\"set\",\"request\":4294967295,\"control\":\"chat\",\"value\":\"hosts\"}",
	"{\"do\":\"set\",\"control\":\"waiting-room\",\"value\":\"off\"}",
	"{\"do\":\"allow\",\"number\":3,\"permission\":\"share\"}",
	"{\"do\":\"video\",\"on\":false}",
	"{\"do\":\"rename\",\"name\":\"Bo\"}",
	"{\"do\":\"leave\"}",
	"{\"do\":\"want\",\"who\":[1,2],\"layer\":[2,12]}",
	"{\"do\":\"want\",\"who\":[],\"layer\":[]}",
	"{\"do\":\"keyframe\",\"number\":2,\"stream\":3}",
	"{\"do\":\"claim\",\"host_key\":\"000102030405060708090a0b0c0d0e0f\"}",
};

static void wire_command__survives__reading_and_writing(void **state)
{
	struct command *command = malloc(sizeof *command);
	char again[WIRE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof command_texts / sizeof *command_texts; i++) {
		const char *text = command_texts[i];

		if (wire_command_decode(command, text, strlen(text)))
			fail_msg("refused: %s", text);
		assert_int_equal(wire_command_encode(again, sizeof again, command), strlen(text));
		assert_string_equal(again, text);
	}
	free(command);
}

static void wire_command__survives__joining(void **state)
{
	struct command *join = calloc(1, sizeof *join), *again = malloc(sizeof *again);
	char text[WIRE_TEXT_MAX];
	int n;

	(void)state;
	join->word = WORD_JOIN;
	join->kind = KIND_HEADLESS;
	join->mic = MIC_MUTED;
	join->has_host_key = true;
	strcpy(join->id, "482913775");
	strcpy(join->name, "Bo");
	strcpy(join->passcode, "123456");
	strcpy(join->version, "0.1.0");
	memset(join->key, 0xa5, sizeof join->key);
	memset(join->signature, 0x5a, sizeof join->signature);
	memset(join->host_key, 1, sizeof join->host_key);
	n = wire_command_encode(text, sizeof text, join);
	assert_true(n > 0);
	assert_int_equal(wire_command_decode(again, text, (size_t)n), 0);
	assert_memory_equal(again, join, sizeof *join);
	free(join);
	free(again);
}

struct bad_text {
	const char *what, *text;
	uint32_t request;       /* that can be read all the same */
};

static const struct bad_text bad_commands[] = {
	{ "nothing", "", 0 },
	{ "no JSON", "hello", 0 },
	{ "an array", "[1]", 0 },
	{ "cut off", "{\"do\":\"mute\",\"request\":1", 0 },
	{ "more after it", "{\"do\":\"mute\",\"request\":1}{}", 0 },
	{ "no word", "{\"request\":5}", 5 },
	{ "an unknown word", "{\"do\":\"dance\",\"request\":5}", 5 },
	{ "the word none", "{\"do\":\"none\",\"request\":5}", 5 },
	{ "a word that is no text", "{\"do\":1,\"request\":5}", 5 },
	{ "a key twice", "{\"do\":\"mute\",\"request\":5,\"number\":1,\"number\":2}", 0 },
	{ "a request that is no number", "{\"do\":\"mute\",\"request\":\"5\"}", 0 },
	{ "a request too large", "{\"do\":\"mute\",\"request\":4294967296}", 0 },
	{ "a negative number", "{\"do\":\"kick\",\"request\":5,\"number\":-1}", 5 },
	{ "a number too large", "{\"do\":\"kick\",\"request\":5,\"number\":4294967296}", 5 },
	{ "a fraction", "{\"do\":\"kick\",\"request\":5,\"number\":1.5}", 5 },
	{ "a missing number", "{\"do\":\"kick\",\"request\":5}", 5 },
	{ "a missing control", "{\"do\":\"set\",\"request\":5,\"value\":\"on\"}", 5 },
	{ "an unknown control", "{\"do\":\"set\",\"request\":5,\"control\":\"x\",\"value\":\"on\"}", 5 },
	{ "another control's value", "{\"do\":\"set\",\"request\":5,\"control\":\"lock\",\"value\":\"hosts\"}", 5 },
	{ "a missing text", "{\"do\":\"chat\",\"request\":5,\"to\":\"everyone\"}", 5 },
	{ "nobody to talk to", "{\"do\":\"chat\",\"request\":5,\"to\":\"nobody\",\"text\":\"x\"}", 5 },
	{ "a NUL in a text", "{\"do\":\"chat\",\"request\":5,\"to\":1,\"text\":\"a\\u0000b\"}", 0 },
	{ "half a surrogate", "{\"do\":\"chat\",\"request\":5,\"to\":1,\"text\":\"\\ud800\"}", 0 },
	{ "bad UTF-8", "{\"do\":\"chat\",\"request\":5,\"to\":1,\"text\":\"\xc3(\"}", 0 },
	{ "overlong UTF-8", "{\"do\":\"chat\",\"request\":5,\"to\":1,\"text\":\"\xc0\xaf\"}", 0 },
	{ "a flag that is no flag", "{\"do\":\"video\",\"request\":5,\"on\":1}", 5 },
	{ "a short key", "{\"do\":\"claim\",\"request\":5,\"host_key\":\"00\"}", 5 },
	{ "a key of other letters", "{\"do\":\"claim\",\"request\":5,\"host_key\":\"zz0102030405060708090a0b0c0d0e0f\"}", 5 },
	{ "layers without whom", "{\"do\":\"want\",\"request\":5,\"who\":[1],\"layer\":[]}", 5 },
	{ "a layer too large", "{\"do\":\"want\",\"request\":5,\"who\":[1],\"layer\":[16]}", 5 },
	{ "a stream too large", "{\"do\":\"keyframe\",\"request\":5,\"number\":1,\"stream\":4}", 5 },
	{ "too deep", "{\"do\":\"mute\",\"request\":5,\"x\":[[[[1]]]]}", 0 },
	{ "a huge number", "{\"do\":\"mute\",\"request\":5,\"x\":1e999}", 0 },
	{ "an integer beyond 64 bits", "{\"do\":\"mute\",\"request\":5,\"x\":99999999999999999999999}", 0 },
};

static void wire_command_decode__rejects__what_is_wrong(void **state)
{
	struct command *command = malloc(sizeof *command);

	(void)state;
	for (size_t i = 0; i < sizeof bad_commands / sizeof *bad_commands; i++) {
		const struct bad_text *v = &bad_commands[i];

		if (wire_command_decode(command, v->text, strlen(v->text)) != -EBADMSG)
			fail_msg("taken: %s", v->what);
		if (command->request != v->request)
			fail_msg("%s: request %u", v->what, command->request);
		assert_int_equal(command->word, WORD_NONE);
		assert_int_equal(command->number, 0);
	}
	free(command);
}

static void wire_command_decode__ignores__unknown_keys(void **state)
{
	static const char text[] = "{\"do\":\"mute\",\"later\":{\"x\":[\"]]]]]\"]},\"text\":5}";
	struct command *command = malloc(sizeof *command);

	(void)state;
	assert_int_equal(wire_command_decode(command, text, strlen(text)), 0);
	assert_int_equal(command->word, WORD_MUTE);
	free(command);
}

static void wire_command_decode__takes__the_person_from_to(void **state)
{
	static const char *const texts[] = {
		"{\"do\":\"chat\",\"to\":3,\"text\":\"hi\"}",
		"{\"do\":\"chat\",\"to\":3,\"number\":5,\"text\":\"hi\"}",
	};
	struct command *command = malloc(sizeof *command);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(wire_command_decode(command, texts[i], strlen(texts[i])), 0);
		assert_int_equal(command->to, TO_ONE);
		assert_int_equal(command->number, 3);
	}
	free(command);
}

static void wire_command_decode__rejects__long_texts(void **state)
{
	struct command *command = malloc(sizeof *command);
	char text[WIRE_TEXT_MAX + 64];

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		int n = snprintf(text, sizeof text, "{\"do\":\"rename\",\"name\":\"%0*d\"}", MOOT_NAME_SIZE - 1 + extra, 0);

		assert_int_equal(wire_command_decode(command, text, (size_t)n), extra ? -EBADMSG : 0);
	}
	memset(text, ' ', sizeof text);
	memcpy(text, "{\"do\":\"mute\"}", 13);
	assert_int_equal(wire_command_decode(command, text, WIRE_TEXT_MAX), 0);
	assert_int_equal(wire_command_decode(command, text, WIRE_TEXT_MAX + 1), -EBADMSG);
	free(command);
}

static void wire_command_decode__rejects__too_many_people(void **state)
{
	struct command *command = malloc(sizeof *command);
	char text[1024] = "{\"do\":\"admit\",\"who\":[0";

	(void)state;
	for (int i = 1; i < MOOT_WHO_MAX; i++)
		strcat(text, ",1");
	strcat(text, "]}");
	assert_int_equal(wire_command_decode(command, text, strlen(text)), 0);
	assert_int_equal(command->who_count, MOOT_WHO_MAX);
	strcpy(text + strlen(text) - 2, ",1]}");
	assert_int_equal(wire_command_decode(command, text, strlen(text)), -EBADMSG);
	free(command);
}

/* ---- events --------------------------------------------------------------------------------------------- */

static const char *const event_texts[] = {
	"{\"event\":\"chat\",\"from\":3,\"name\":\"Bo\",\"to\":\"everyone\",\"text\":\"hi\",\"chat_seq\":9,\"time_ms\":1700000000000}",
	"{\"event\":\"chat\",\"from\":3,\"name\":\"Bo\",\"to\":4,\"text\":\"hi\"}",
	("{\"event\":\"person-joined\",\"number\":3,\"name\":\"Bo\",\"role\":\"participant\",\"kind\":\"terminal\","
	 "\"sealed\":\"relay\",\"mic\":\"on\",\"camera\":false,\"share\":false,\"away\":true,\"hand\":0,\"permits\":[\"share\"]}"),
	"{\"event\":\"controls\",\"control\":\"chat\",\"value\":\"hosts\",\"locked\":false,\"by\":1,\"by_name\":\"Ann\"}",
	"{\"event\":\"answer\",\"request\":7,\"ok\":true}",
	"{\"event\":\"answer\",\"request\":7,\"ok\":false,\"text\":\"No.\",\"code\":\"not-allowed\"}",
	"{\"event\":\"knock\",\"number\":3,\"name\":\"Bo\"}",
	"{\"event\":\"wanted\",\"stream\":6}",
	"{\"event\":\"ended\",\"code\":\"relay-stopped\"}",
};

static void wire_event__survives__reading_and_writing(void **state)
{
	struct event *event = malloc(sizeof *event);
	char again[WIRE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof event_texts / sizeof *event_texts; i++) {
		const char *text = event_texts[i];

		if (wire_event_decode(event, text, strlen(text)))
			fail_msg("refused: %s", text);
		assert_true(wire_event_encode(again, sizeof again, event) > 0);
		assert_string_equal(again, text);
	}
	free(event);
}

/* Everything a relay may say can be written empty and read again. */
static void wire_event__survives__every_kind(void **state)
{
	struct event *event = calloc(1, sizeof *event);
	char text[WIRE_TEXT_MAX], start[64];

	(void)state;
	for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
		int n;

		memset(event, 0, sizeof *event);
		event->kind = (enum event_kind)kind;
		n = wire_event_encode(text, sizeof text, event);
		assert_true(n > 0);
		snprintf(start, sizeof start, "{\"event\":\"%s\"", event_name(event->kind));
		assert_memory_equal(text, start, strlen(start));
		if (kind < EVENT_CONNECTED)
			assert_int_equal(wire_event_decode(event, text, (size_t)n), 0);
		else
			assert_int_equal(wire_event_decode(event, text, (size_t)n), -EBADMSG);
	}
	free(event);
}

static void wire_event_encode__replaces__bad_bytes(void **state)
{
	struct event *event = calloc(1, sizeof *event);
	char text[256];

	(void)state;
	event->kind = EVENT_ERROR;
	strcpy(event->code, "x");
	strcpy(event->text, "a\xff\n\x7f");
	assert_true(wire_event_encode(text, sizeof text, event) > 0);
	assert_string_equal(text, "{\"event\":\"error\",\"text\":\"a\\ufffd\\u000a\\u007f\",\"code\":\"x\"}");
	free(event);
}

static void wire_event_encode__fits__or_says_so(void **state)
{
	struct event *event = calloc(1, sizeof *event);
	char text[128];
	int n, size = 0;

	(void)state;
	event->kind = EVENT_WANTED;
	do {
		memset(text, 'x', sizeof text);
		n = wire_event_encode(text, (size_t)size, event);
		assert_int_equal(text[size], 'x');
	} while (n == -ENOSPC && ++size < 100);
	assert_int_equal(n, size - 1);
	assert_string_equal(text, "{\"event\":\"wanted\",\"stream\":0}");
	assert_int_equal(wire_event_encode(text, sizeof text, &(struct event){ 0 }), -EINVAL);
	free(event);
}

/* The longest that anybody writes, each character escaped, still fits one message; what is sealed needs no escapes. */
static void wire_event_encode__fits__the_longest_text(void **state)
{
	struct event *event = calloc(1, sizeof *event);
	char text[WIRE_TEXT_MAX];

	(void)state;
	event->kind = EVENT_CHAT;
	memset(event->text, 1, MOOT_SAY_SIZE - 1);
	memset(event->name, 1, sizeof event->name - 1);
	assert_true(wire_event_encode(text, sizeof text, event) > 0);
	memset(event->text, 'A', sizeof event->text - 1);
	assert_true(wire_event_encode(text, sizeof text, event) > 0);
	free(event);
}

static void wire_proof__differs__by_every_part(void **state)
{
	uint8_t nonce[MOOT_NONCE_BYTES] = { 1 }, other[MOOT_NONCE_BYTES] = { 2 };
	uint8_t a[256], b[256];
	size_t n = wire_proof(a, nonce, "482913775", "pin");

	(void)state;
	assert_int_equal(wire_proof(b, nonce, "482913775", "pin"), n);
	assert_memory_equal(a, b, n);
	wire_proof(b, other, "482913775", "pin");
	assert_memory_not_equal(a, b, n);
	assert_int_equal(wire_proof(b, nonce, "48291377", "5pin"), n);
	assert_memory_not_equal(a, b, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_frame_decode__judges__headers),
		cmocka_unit_test(wire_piece_decode__judges__headers),
		cmocka_unit_test(wire_frame_decode__reads__every_field),
		cmocka_unit_test(wire_frame_header__writes__what_decode_reads),
		cmocka_unit_test(wire_frame_header__rejects__what_is_out_of_range),
		cmocka_unit_test(wire_command__survives__reading_and_writing),
		cmocka_unit_test(wire_command__survives__joining),
		cmocka_unit_test(wire_command_decode__rejects__what_is_wrong),
		cmocka_unit_test(wire_command_decode__ignores__unknown_keys),
		cmocka_unit_test(wire_command_decode__takes__the_person_from_to),
		cmocka_unit_test(wire_command_decode__rejects__long_texts),
		cmocka_unit_test(wire_command_decode__rejects__too_many_people),
		cmocka_unit_test(wire_event__survives__reading_and_writing),
		cmocka_unit_test(wire_event__survives__every_kind),
		cmocka_unit_test(wire_event_encode__replaces__bad_bytes),
		cmocka_unit_test(wire_event_encode__fits__or_says_so),
		cmocka_unit_test(wire_event_encode__fits__the_longest_text),
		cmocka_unit_test(wire_proof__differs__by_every_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
