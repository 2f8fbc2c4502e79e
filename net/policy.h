/* What the administrator allows on a relay: start values of the controls, which of them hosts cannot change,
 * and limits. Pure data; a file reader fills it. */
#ifndef MOOT_NET_POLICY_H
#define MOOT_NET_POLICY_H

#include "net/message.h"

enum create_mode {
	CREATE_LOOPBACK, /* anyone while the relay listens on loopback only, else who shows a token */
	CREATE_TOKEN,
	CREATE_ANYONE,
	CREATE_MODE_COUNT
};

struct policy {
	int32_t value[CONTROL_COUNT]; /* start values */
	bool locked[CONTROL_COUNT];   /* a host cannot change it */
	uint32_t kinds;               /* bit mask of enum kind let in */
	uint32_t people_max;          /* in one meeting, those who wait not counted; 1..MOOT_PEOPLE_MAX */
	uint32_t waiting_max;
	uint32_t meetings_max;
	uint32_t seat_hold_ms;      /* after a lost line */
	uint32_t client_version[3]; /* the least that may join */
	uint64_t file_max_bytes;    /* of one file in chat */
	uint32_t passcode_min;      /* characters of a passcode that a host chooses; at least 6 */
	enum create_mode create;
};

/** The safe defaults that Moot ships with. */
void policy_init(struct policy *policy);

#endif
