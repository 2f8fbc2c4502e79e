/* The relay that "moot host" brings along: moot-relay as a child, found beside this program or in PATH. It
 * ends with its parent, whatever ends that. */
#ifndef MOOT_TUI_EMBEDDED_H
#define MOOT_TUI_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/invite.h"
#include "net/loop.h"

struct embedded;

struct embedded_params {
	const char *listen; /* NULL: this machine only */
	uint32_t port;      /* 0: any free one */
	const char *home;   /* where its certificate is kept */
	bool tls12;
	const char *policy;      /* a file, moot(5); NULL: as it ships */
	const char *const *more; /* more options for the relay, NULL ends them; or NULL */
	bool talkative;          /* told all that its log says, "EVENT: TEXT" ("gone: …" at its end), else problems only */
};

struct embedded_where {
	struct invite relay;            /* host, port and pin for this machine to connect to */
	char host[256];                 /* for others to connect to */
	char token[MOOT_PASSCODE_SIZE]; /* that lets this program alone create meetings; empty: not needed */
};

/** Start it and wait until it listens, at most 10 s. Returns 0, or -errno with why (size bytes) in the
 * relay's own words. */
int embedded_start(struct embedded **embedded, const struct embedded_params *params,
		   struct embedded_where *where, char *why, size_t size);

/** Keep reading what it says: problems are told to fn, on the loop. 0 or -ENOMEM. */
int embedded_watch(struct embedded *embedded, struct loop *loop, void (*fn)(void *arg, const char *text),
		   void *arg);

/** Before the loop is freed. */
void embedded_unwatch(struct embedded *embedded);

/** SIGHUP: read the policy again; its log says how that went. SIGTERM: end, while its clients still run here. SIGKILL:
 * the way a machine dies. 0 or -errno. */
int embedded_signal(struct embedded *embedded, int number);

/** SIGTERM, wait up to 4 s, then SIGKILL. */
void embedded_stop(struct embedded *embedded);

#endif
