/* Any text as a command: what decodes encodes, and decodes to the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[2 * WIRE_TEXT_MAX], second[2 * WIRE_TEXT_MAX];
	struct command command, again;

	if (wire_command_decode(&command, (const char *)data, size))
		return 0;
	int n = wire_command_encode(first, sizeof first, &command);
	if (n < 0 || wire_command_decode(&again, first, (size_t)n))
		abort();
	int m = wire_command_encode(second, sizeof second, &again);
	if (m != n || memcmp(first, second, (size_t)n) != 0)
		abort();
	return 0;
}
