/* Any text as an event of a hostile relay: what decodes encodes and decodes to the same, and a roster takes a whole
 * series of them, one a line, without losing its order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/roster.h"
#include "net/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct event *event)
{
	static char first[2 * WIRE_TEXT_MAX], second[2 * WIRE_TEXT_MAX];
	struct event again;

	int n = wire_event_encode(first, sizeof first, event);
	if (n < 0 || wire_event_decode(&again, first, (size_t)n))
		abort();
	if (wire_event_encode(second, sizeof second, &again) != n || memcmp(first, second, (size_t)n) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct roster roster;
	const char *at = (const char *)data, *end = at + size;
	char shown[256];

	roster_init(&roster);
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((line ? line : end) - at);
		struct event event;
		if (!wire_event_decode(&event, at, n)) {
			round_trip(&event);
			roster_apply(&roster, &event);
		}
		at += n + 1;
	}
	for (size_t i = 0; i < roster.people_count; i++) {
		if (i && roster.people[i - 1].number >= roster.people[i].number)
			abort();
		if (roster_find(&roster, roster.people[i].number) != &roster.people[i])
			abort();
		roster_show_name(&roster, roster.people[i].number, shown, sizeof shown);
		roster_who(&roster, shown, true);
	}
	roster_clear(&roster);
	return 0;
}
