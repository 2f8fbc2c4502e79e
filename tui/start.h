/* Everything between the command line and a meeting. */
#ifndef MOOT_TUI_START_H
#define MOOT_TUI_START_H

#include "tui/app.h"
#include "tui/embedded.h"
#include "tui/options.h"

enum { START_PATH_SIZE = 4096, START_WHY_SIZE = 1024 };

/* What a participant is started with; strings that params point to live here. */
struct start {
	struct options options;
	struct app_params app;
	struct identity identity;
	struct embedded *embedded;
	struct embedded_where where;
	struct loop *loop;
	struct app *running;
	char state[START_PATH_SIZE], known_relays[START_PATH_SIZE + 16];
	char name[MOOT_NAME_SIZE], token[MOOT_PASSCODE_SIZE];
};

/** Fill app from options: state folder, key, name, media, relay (starting an own one), passcode. 0, or -1
 * with the reason said on standard error and kept in start_why. */
int start_prepare(struct start *start);

/** The relay of --relay and --pin into invite. 0, or -1 with the reason, as above. */
int start_relay(struct invite *invite, const char *relay, const char *pin);

/** What the own relay says goes to the running app. arg: the struct start. */
void start_relay_problem(void *arg, const char *text);

/** Say on standard error what is wrong, and keep it in start_why. Returns -1. */
int start_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern char start_why[START_WHY_SIZE];

#endif
