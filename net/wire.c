/* Media frames and the proof of a key. A binary message is frames back to back, each with its own length, so that a relay
 * can put whatever waits for a person into one message by copying and never looks into a payload. The header's bytes are the
 * ones that end-to-end encryption authenticates; they go through the relay unchanged. */
#include "net/wire.h"

#include <errno.h>
#include <string.h>

enum { WIRE_FLAGS_AUDIO = WIRE_TALK_END | WIRE_PLAIN, WIRE_FLAGS_PICTURE = WIRE_KEYFRAME | WIRE_PLAIN, WIRE_LEVEL_MAX = 127 };

static uint32_t get_be(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void put_be(uint8_t *p, uint32_t v, unsigned n)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static bool frame_valid(const struct wire_frame *frame)
{
	bool audio = frame->stream == STREAM_AUDIO;

	if (frame->stream >= STREAM_COUNT || frame->level > WIRE_LEVEL_MAX)
		return false;
	if (frame->flags & ~(audio ? WIRE_FLAGS_AUDIO : WIRE_FLAGS_PICTURE))
		return false;
	return frame->payload_bytes > 0 && frame->payload_bytes <= (audio ? WIRE_AUDIO_MAX : WIRE_PAYLOAD_MAX);
}

int wire_frame_decode(struct wire_frame *frame, const uint8_t *p, size_t n)
{
	if (n < WIRE_HEADER_BYTES || p[3] >= STREAM_COUNT)
		return -EBADMSG;

	struct wire_frame f = {
		.stream = (enum stream)p[3],
		.source = (uint16_t)get_be(p + 4, 2),
		.flags = p[6],
		.level = p[7],
		.timestamp = get_be(p + 8, 4),
		.payload = p + WIRE_HEADER_BYTES,
		.payload_bytes = get_be(p, 3),
	};

	if (!frame_valid(&f) || f.payload_bytes > n - WIRE_HEADER_BYTES)
		return -EBADMSG;
	*frame = f;
	return (int)(WIRE_HEADER_BYTES + f.payload_bytes);
}

int wire_frame_header(uint8_t header[static WIRE_HEADER_BYTES], const struct wire_frame *frame)
{
	if (!frame_valid(frame))
		return -EINVAL;
	put_be(header, (uint32_t)frame->payload_bytes, 3);
	header[3] = (uint8_t)frame->stream;
	put_be(header + 4, frame->source, 2);
	header[6] = frame->flags;
	header[7] = frame->level;
	put_be(header + 8, frame->timestamp, 4);
	return WIRE_HEADER_BYTES;
}

/* ---- pieces of the end-to-end encryption ---- */

bool wire_is_piece(const uint8_t *p, size_t n)
{
	return n > 3 && p[3] >= WIRE_SEAL_FIRST;
}

static bool piece_valid(const struct wire_piece *piece)
{
	return piece->kind >= WIRE_SEAL_FIRST && piece->kind < WIRE_SEAL_END && piece->flags <= (piece->kind == WIRE_WRAP) &&
	       piece->payload_bytes <= WIRE_PIECE_MAX && (piece->payload_bytes || piece->kind == WIRE_WRAP);
}

int wire_piece_decode(struct wire_piece *out, const uint8_t *p, size_t n)
{
	struct wire_piece piece;

	if (n < WIRE_HEADER_BYTES)
		return -EBADMSG;
	piece = (struct wire_piece) {
		.kind = (enum wire_seal)p[3],
		.source = (uint16_t)get_be(p + 4, 2),
		.flags = p[6],
		.payload = p + WIRE_HEADER_BYTES,
		.payload_bytes = get_be(p, 3),
	};
	if (!piece_valid(&piece) || piece.payload_bytes > n - WIRE_HEADER_BYTES || p[7] || get_be(p + 8, 4))
		return -EBADMSG;
	*out = piece;
	return (int)(WIRE_HEADER_BYTES + piece.payload_bytes);
}

int wire_piece_header(uint8_t header[static WIRE_HEADER_BYTES], const struct wire_piece *piece)
{
	if (!piece_valid(piece))
		return -EINVAL;
	memset(header, 0, WIRE_HEADER_BYTES);
	put_be(header, (uint32_t)piece->payload_bytes, 3);
	header[3] = (uint8_t)piece->kind;
	put_be(header + 4, piece->source, 2);
	header[6] = piece->flags;
	return WIRE_HEADER_BYTES;
}

/* A length before each text, so that no two proofs of different things have the same bytes. */
static uint8_t *put_text(uint8_t *p, const char *s)
{
	size_t n = strnlen(s, 64);

	*p++ = (uint8_t)n;
	memcpy(p, s, n);
	return p + n;
}

size_t wire_proof(uint8_t dst[static 256], const uint8_t nonce[static MOOT_NONCE_BYTES], const char *id, const char *pin)
{
	uint8_t *p = put_text(dst, "moot.1 client key");

	memcpy(p, nonce, MOOT_NONCE_BYTES);
	p = put_text(p + MOOT_NONCE_BYTES, id);
	p = put_text(p, pin);
	return (size_t)(p - dst);
}

const char *wire_line(const char **text, size_t *n, size_t *line_n)
{
	const char *line, *end;

	while (*n && **text == '\n') {
		++*text;
		--*n;
	}
	if (!*n)
		return NULL;
	line = *text;
	end = memchr(line, '\n', *n);
	*line_n = end ? (size_t)(end - line) : *n;
	*text += *line_n;
	*n -= *line_n;
	return line;
}
