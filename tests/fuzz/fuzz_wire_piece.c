/* A binary message of any bytes, media and pieces of the end-to-end encryption mixed as a relay takes them: all that comes
 * out lies inside it, is of one sort only, and says the same when written again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_piece(const uint8_t *p, size_t n)
{
	uint8_t header[WIRE_HEADER_BYTES];
	struct wire_piece piece;
	struct wire_frame frame;
	const int used = wire_piece_decode(&piece, p, n);

	if (wire_frame_decode(&frame, p, n) >= 0)
		abort();
	if (used < 0)
		return used;
	if ((size_t)used > n || piece.payload != p + WIRE_HEADER_BYTES || piece.payload + piece.payload_bytes != p + used ||
	    piece.payload_bytes > WIRE_PIECE_MAX || piece.kind < WIRE_SEAL_FIRST || piece.kind >= WIRE_SEAL_END)
		abort();
	if (wire_piece_header(header, &piece) != WIRE_HEADER_BYTES || memcmp(header, p, sizeof header) != 0)
		abort();
	return used;
}

static int take_frame(const uint8_t *p, size_t n)
{
	uint8_t header[WIRE_HEADER_BYTES];
	struct wire_piece piece;
	struct wire_frame frame;
	const int used = wire_frame_decode(&frame, p, n);

	if (wire_piece_decode(&piece, p, n) >= 0)
		abort();
	if (used < 0)
		return used;
	if ((size_t)used > n || frame.payload != p + WIRE_HEADER_BYTES || frame.payload + frame.payload_bytes != p + used)
		abort();
	if (wire_frame_header(header, &frame) != WIRE_HEADER_BYTES || memcmp(header, p, sizeof header) != 0)
		abort();
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int used = 0;

	for (size_t at = 0; at < size && used >= 0; at += (size_t)used) {
		const uint8_t *p = data + at;

		used = wire_is_piece(p, size - at) ? take_piece(p, size - at) : take_frame(p, size - at);
		if (used < 0)
			break;
	}
	return 0;
}
