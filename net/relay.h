/* The relay: meetings, seats, admission, and the forwarding of what people send. It enforces the rules of
 * meeting.h, forwards media without reading payloads, and keeps nothing on disk. One loop, one process. */
#ifndef MOOT_NET_RELAY_H
#define MOOT_NET_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/policy.h"

struct relay;

/* What a relay asks of what it keeps on disk. Loop's thread; both return at once. */
struct relay_store_ops {
	/** Remember an id for good, before a meeting has it. 0, -EEXIST when it was used before, or -errno: no meeting then. */
	int (*id_claim)(void *arg, const char *id);
	/** May whoever shows this token create a meeting? 0 or -EACCES. */
	int (*token_check)(void *arg, const char *token);
};

struct relay_params {
	const char *address;            /* NULL: loopback only */
	uint16_t port;
	const char *certificate, *key;
	struct policy policy;
	bool tls12;
	bool open;                      /* anyone may create a meeting, whatever the policy says */
	const char *token;              /* else whoever shows this may; NULL: nobody */
	const struct relay_store_ops *store;    /* NULL: used ids are kept in memory, and only `token` counts */
	void *store_arg;
	/** The relay's log: level 0 error … 3 debug. event: a stable word, text: for people. Never names, addresses, ids or passcodes below level 3. */
	void (*log)(void *arg, int level, const char *event, const char *text);
	void *log_arg;
};

/** Listen and serve on the loop. params may go once this returns. Returns 0 with *relay, or as link_listen() and cert_pin(). */
int relay_new(struct loop *loop, const struct relay_params *params, struct relay **relay);
/** Another policy, at once: for new meetings, and what it locks for running ones, too (meeting_set_policy()). */
void relay_set_policy(struct relay *relay, const struct policy *policy);
uint16_t relay_port(const struct relay *relay);
const char *relay_pin(const struct relay *relay);
/** Tell everyone, close in order, then call done(arg), once; at most RELAY_STOP_MS. Only relay_free() after that. */
enum { RELAY_STOP_MS = 2500 };
void relay_stop(struct relay *relay, void (*done)(void *arg), void *arg);
void relay_free(struct relay *relay);

#endif
