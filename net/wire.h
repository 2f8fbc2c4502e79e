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
 * A frame whose stream is an enum wire_seal carries a piece of the end-to-end encryption instead (payload as in net/seal/):
 * flags, level and timestamp are 0 but where it says so; it is control, never dropped, and keeps its place among the text
 * messages.
 *
 * The decoders take bytes from strangers: bounded, checked, fuzzed. */
#ifndef MOOT_NET_WIRE_H
#define MOOT_NET_WIRE_H

#include <stddef.h>

#include "net/message.h"

#define WIRE_PROTOCOL "moot.1"

enum {
	WIRE_HEADER_BYTES = 12,
	WIRE_PAYLOAD_MAX = 256 * 1024,          /* one picture */
	WIRE_AUDIO_MAX = 1500,                  /* one audio payload */
	WIRE_PIECE_MAX = 64 * 1024,             /* one piece of the end-to-end encryption */
	WIRE_TEXT_MAX = 32 * 1024,              /* one JSON message */
	WIRE_BINARY_MAX = 512 * 1024,           /* one binary message */
	WIRE_DEPTH_MAX = 4,                     /* nesting of JSON */
	WIRE_CLOCK_HZ = 48000,
};

/* WIRE_PLAIN: the payload is not sealed: for the relay to hear, since somebody is here who cannot do end to end. */
enum wire_flag { WIRE_KEYFRAME = 1, WIRE_TALK_END = 2, WIRE_PLAIN = 4 };

struct wire_frame {
	enum stream stream;
	uint16_t source;
	uint8_t flags, level;
	uint32_t timestamp;
	const uint8_t *payload;         /* points into the caller's buffer */
	size_t payload_bytes;
};

/* Pieces of the end-to-end encryption. "up": from a client to the relay; "down": to a client. A run is one joiner's proof to
 * whoever leads, by a number that the relay gives it. The numbers go over the wire. */
enum wire_seal {
	WIRE_SEAL_FIRST = 64,
	WIRE_HELLO = 64,        /* joiner up; down to who leads, source: the run */
	WIRE_CHALLENGE,         /* who leads up, source: the run; down to the joiner */
	WIRE_PROOF,             /* as HELLO */
	WIRE_WELCOME,           /* as CHALLENGE: the joiner knows the secret */
	WIRE_REJECT,            /* who leads up, source: the run; payload: one byte, enum wire_reject */
	WIRE_PROVEN,            /* down to who leads, source: the number that this joiner has now; payload: the run, 16 bits */
	WIRE_BINDING,           /* down, source: a member; payload: SB. To a newcomer before its first ROSTER. Up: the binding of
	                           somebody who cannot do end to end; down to who leads then */
	/* A rotation goes up as one message: LISTING if it adds anybody, a WRAP for each member who gets one, ROSTER last. It comes
	 * down as LISTING (to whom it adds), ROSTER, WRAP. */
	WIRE_LISTING,
	WIRE_WRAP,              /* up, source: for whom; flags 1: they are new. Down, source: who leads; empty: none came */
	WIRE_ROSTER,            /* R's message; source: who leads by it */
	WIRE_BEAT,              /* who leads up; down to all members */
	WIRE_NONCE,             /* member up; down to who leads, source: the member */
	WIRE_ASK,               /* member up, payload: a fresh nonce: please wrap the newest secret once more; down to who leads */
	WIRE_FETCH,             /* member up, payload: the first epoch that it lacks, 32 bits */
	WIRE_ORDER,             /* down to all in the meeting, before what comes of it; source: who gave it; payload:
	                           talk_command_make() */
	WIRE_WHISPER,           /* up, source: to which member; down, source: whose: a private frame of talk_seal() */
	WIRE_SEAL_END
};
enum wire_reject { WIRE_REJECT_WRONG = 1, WIRE_REJECT_BAD, WIRE_REJECT_CLOSED };

struct wire_piece {
	enum wire_seal kind;
	uint16_t source;
	uint8_t flags;
	const uint8_t *payload;         /* points into the caller's buffer; may be empty for WIRE_WRAP */
	size_t payload_bytes;
};

/** Is the next frame of a binary message a piece of the end-to-end encryption? p: n bytes. */
bool wire_is_piece(const uint8_t *p, size_t n);
/** Like wire_frame_decode(). */
int wire_piece_decode(struct wire_piece *piece, const uint8_t *p, size_t n);
/** Like wire_frame_header(). */
int wire_piece_header(uint8_t header[static WIRE_HEADER_BYTES], const struct wire_piece *piece);

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
