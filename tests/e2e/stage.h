/* People at real screens: moot in a term, on a relay of drive.h. The meeting has a name and a passcode of its
 * own, so that nobody needs to copy an invite from a screen. */
#ifndef MOOT_TESTS_E2E_STAGE_H
#define MOOT_TESTS_E2E_STAGE_H

#include "tests/e2e/drive.h"
#include "tests/e2e/term.h"

#define STAGE_ID       "team-monday"
#define STAGE_PASSCODE "314159"

struct stage_params {
	const char *type; /* TERM */
	int rows, cols;
	const char *const *env;  /* "NAME=value" */
	const char *const *args; /* options of moot, NULL-ended; NULL: silent, no camera */
	bool no_pin;             /* let it ask */
	const char *home;        /* the same person again; NULL: somebody new */
};

/** moot host on this relay, until it is in. params may be NULL. */
struct term *stage_host(const struct relay *relay, const char *name, const struct stage_params *params);
/** moot join; does not wait. */
struct term *stage_join(const struct relay *relay, const char *name, const struct stage_params *params);
/** moot with these arguments alone. */
struct term *stage_moot(const char *const args[], const struct stage_params *params);
/** Type a line and Enter. */
void stage_say(struct term *term, const char *line);
/** Type /leave and wait for the end, which must be status 0 and a terminal as before. */
void stage_leave(struct term *term);
/** The terminal is as a shell wants it. */
void stage_restored(struct term *term);
/** A headless host on this relay, of the same meeting. */
void stage_headless_host(struct peer *peer, const struct relay *relay, const char *name);

#endif
