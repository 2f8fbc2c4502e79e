/* The relay: meetings, seats, admission, and the forwarding of what people send. It enforces the rules of
 * meeting.h, forwards media without reading payloads, and keeps nothing on disk. One loop, one process. */
#ifndef MOOT_NET_RELAY_H
#define MOOT_NET_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/policy.h"

struct relay;

struct relay_params {
	const char *address;            /* NULL: loopback only */
	uint16_t port;
	const char *certificate, *key;
	struct policy policy;
	bool tls12;
	bool open;                      /* anyone may create a meeting; always so when listening on loopback only */
	const char *token;              /* else whoever shows this may; NULL: nobody */
	/** The relay's log: level 0 error … 3 debug. event: a stable word, text: for people. Never names, addresses, ids or passcodes below level 3. */
	void (*log)(void *arg, int level, const char *event, const char *text);
	void *log_arg;
};

/** Listen and serve on the loop. params may go once this returns. Returns 0 with *relay, or as link_listen() and cert_pin(). */
int relay_new(struct loop *loop, const struct relay_params *params, struct relay **relay);
uint16_t relay_port(const struct relay *relay);
const char *relay_pin(const struct relay *relay);
/** Tell everyone, close in order, then call done(arg), once; at most RELAY_STOP_MS. Only relay_free() after that. */
enum { RELAY_STOP_MS = 2500 };
void relay_stop(struct relay *relay, void (*done)(void *arg), void *arg);
void relay_free(struct relay *relay);

#endif
