/* Any bytes as a file known_relays: lines are read within their bounds, and what is remembered of it is
 * found. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/text.h"
#include "net/trust.h"

#define PIN "Vk9JmA5RQKwa+wsY7aFggsbcVT09sb9rf/GMaBZGTNc="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text, size_t n)
{
	struct trust_line line;

	if (trust_line_parse(&line, text, n))
		return;
	if (line.host_port < text || line.host_port + line.host_port_bytes > line.pin ||
	    !line.host_port_bytes || line.pin + line.pin_bytes > text + n || line.pin_bytes != strlen(PIN))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	const char *text = (const char *)data, *end = text + size;
	struct trust_look look;
	int verdict;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		check_line(text, (size_t)((newline ? newline : end) - text));
		text = newline ? newline + 1 : end;
	}
	if (fd < 0) {
		fd = memfd_create("known_relays", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	verdict = trust_check(path, "a:1", PIN, NULL, false);
	if (verdict != TRUST_KNOWN && verdict != TRUST_CHANGED && verdict != TRUST_ASK)
		abort();
	if (trust_look(path, "a", 1, PIN, &look) || look.known != (verdict != TRUST_ASK) ||
	    (look.doubt == DOUBT_OTHER_PIN) != (verdict == TRUST_CHANGED) || !text_valid(look.like, strlen(look.like)))
		abort();
	return 0;
}
