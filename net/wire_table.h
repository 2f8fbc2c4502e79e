/* What the JSON of commands and events looks like: one table of fields, and for each word or kind which fields it must
 * and may have. wire_json.c reads and writes by these tables and knows nothing else. Internal to wire. */
#ifndef MOOT_NET_WIRE_TABLE_H
#define MOOT_NET_WIRE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "net/message.h"

enum wire_type {
	WIRE_TEXT,      /* char[size] */
	WIRE_BOOL,      /* bool */
	WIRE_U32,       /* uint32_t, up to size when that is not 0 */
	WIRE_U64,       /* uint64_t below 2^63 */
	WIRE_I64,       /* int64_t */
	WIRE_HEX,       /* uint8_t[size], lower-case hexadecimal; sets the bool at `beside` when there is one */
	WIRE_ENUM,      /* an enum, by name */
	WIRE_VALUE,     /* int32_t: the value of the control at `beside`, by its word */
	WIRE_PERMITS,   /* uint32_t bit mask: array of permission names */
	WIRE_TO,        /* enum scope, and the number at `beside`: "everyone", "hosts", "waiting" or a number */
	WIRE_NUMBERS,   /* uint32_t[MOOT_WHO_MAX], counted at `beside` */
	WIRE_COUNTS,    /* uint32_t[MOOT_POLL_OPTIONS_MAX], counted at `beside`; zeroes allowed */
	WIRE_LAYERS,    /* uint8_t[MOOT_WHO_MAX], as many as counted at `beside` */
};

struct wire_field {
	const char *key;
	enum wire_type type;
	size_t offset, size, beside;
	const char *(*name)(int value);
	int (*parse)(const char *name);
};

/* Bit masks over the table of fields. What may be missing is left out when it is empty, zero or false. */
struct wire_shape {
	uint64_t must, may;
};

/* How a struct is laid out as JSON. */
struct wire_layout {
	const struct wire_field *fields;
	size_t field_count;
	const struct wire_shape *shapes;        /* by word or kind */
};

extern const struct wire_layout wire_commands, wire_events;

#endif
