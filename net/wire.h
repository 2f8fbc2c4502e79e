/* Bytes <-> structs. Pure.
 *
 * One WebSocket per person, subprotocol "moot.1". A text message is one or several JSON objects, one a line: commands
 * upwards ({"do":"admit","request":7,"who":[3]}), events downwards ({"event":"chat","from":3,…}). A binary message is
 * any number of media frames, each
 *
 *     0      length of the payload, 24 bits, big-endian
 *     3      stream (enum stream)
 *     4      source: the sender's number, 16 bits
 *     6      flags
 *     7      audio level, -dBov, 0 (loudest) to 127 (silence); 127 for pictures
 *     8      timestamp of the first sample or of the picture, 48 kHz ticks, 32 bits, wraps
 *     12     payload
 *
 * Both decoders take bytes from strangers: bounded, checked, fuzzed. */
#ifndef MOOT_NET_WIRE_H
#define MOOT_NET_WIRE_H

#include <stddef.h>

#include "net/message.h"

#define WIRE_PROTOCOL "moot.1"

enum {
	WIRE_HEADER_BYTES = 12,
	WIRE_PAYLOAD_MAX = 256 * 1024,          /* one picture */
	WIRE_AUDIO_MAX = 1500,                  /* one audio payload */
	WIRE_TEXT_MAX = 32 * 1024,              /* one JSON message */
	WIRE_BINARY_MAX = 512 * 1024,           /* one binary message */
	WIRE_DEPTH_MAX = 4,                     /* nesting of JSON */
	WIRE_CLOCK_HZ = 48000,
};

enum wire_flag { WIRE_KEYFRAME = 1, WIRE_TALK_END = 2 };

struct wire_frame {
	enum stream stream;
	uint16_t source;
	uint8_t flags, level;
	uint32_t timestamp;
	const uint8_t *payload;         /* points into the caller's buffer */
	size_t payload_bytes;
};

/** Next frame of a binary message. p: n bytes, n > 0. Returns bytes consumed, or -EBADMSG (short, unknown stream,
 * payload over its maximum or empty, unknown flag) with *frame untouched. */
int wire_frame_decode(struct wire_frame *frame, const uint8_t *p, size_t n);

/** Write the header of a frame whose payload follows. Returns WIRE_HEADER_BYTES, or -EINVAL when out of range. */
int wire_frame_header(uint8_t header[static WIRE_HEADER_BYTES], const struct wire_frame *frame);

/** One JSON command. text: n bytes, need not be terminated. Unknown keys are ignored, wrong types, lengths, numbers out
 * of range, duplicate keys, bad UTF-8 and depth over WIRE_DEPTH_MAX refused. Returns 0, or -EBADMSG with *command holding only its request number if one could be read, else 0.*/
int wire_command_decode(struct command *command, const char *text, size_t n);

/** The next line of a text message that holds several: *text and *n move on behind it, *line_n is its length.
 * NULL when nothing is left; empty lines are left out. */
const char *wire_line(const char **text, size_t *n, size_t *line_n);

/** One JSON event from a relay, likewise. Kinds that only a client makes are refused. */
int wire_event_decode(struct event *event, const char *text, size_t n);

/** JSON of a command: only the fields that its word has. dst: size bytes, terminated. Returns the length, -ENOSPC, or
 * -EINVAL without a word. */
int wire_command_encode(char *dst, size_t size, const struct command *command);

/** JSON of an event (any kind, the client's own included), likewise. Starts with {"event":"NAME". */
int wire_event_encode(char *dst, size_t size, const struct event *event);

/** What a client signs with its key to show that it owns it: domain, the relay's nonce, the id, the relay's pin.
 * dst: at least 256 bytes. Returns the length. */
size_t wire_proof(uint8_t dst[static 256], const uint8_t nonce[static MOOT_NONCE_BYTES], const char *id, const char *pin);

#endif
