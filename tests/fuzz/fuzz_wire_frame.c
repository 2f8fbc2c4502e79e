/* A binary message of any bytes: every frame that comes out lies inside it, and says the same when written again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		struct wire_frame frame;
		uint8_t header[WIRE_HEADER_BYTES];
		int n = wire_frame_decode(&frame, data + at, size - at);
		if (n < 0)
			break;
		if ((size_t)n > size - at || frame.payload < data + at || frame.payload + frame.payload_bytes > data + size)
			abort();
		if (wire_frame_header(header, &frame) != WIRE_HEADER_BYTES || memcmp(header, data + at, sizeof header) != 0)
			abort();
		at += (size_t)n;
	}
	return 0;
}
