/* Everything between the command line and a meeting. */
#ifndef MOOT_TUI_START_H
#define MOOT_TUI_START_H

#include "net/invitation.h"
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
	char state[START_PATH_SIZE], known_relays[START_PATH_SIZE + 16], known_people[START_PATH_SIZE + 16];
	char name[MOOT_NAME_SIZE], token[MOOT_PASSCODE_SIZE];
};

/** Fill app from options: state folder, key, name, media, relay (starting an own one), passcode. 0, or -1
 * with the reason said on standard error and kept in start_why. */
int start_prepare(struct start *start);

/** The relay of --relay and --pin into invite. 0, or -1 with the reason, as above. */
int start_relay(struct invite *invite, const char *relay, const char *pin);

/* Its parts, for start_join.c and for commands that are no meeting. Each returns 0, or -1 with the reason said. */

/** Which meeting: invite, pin, host key, passcode; shows a relay from an invite before anything connects, and asks. */
int start_join(struct start *start);
/** What options.target is: a link, an id, a file with a sealed invitation or that text itself; it is opened. *linked: the
 * relay comes out of an invite. */
int start_target(const struct start *start, struct invite *invite, bool *linked);
/** The state folder, made if it is not there, into start->state. */
int start_find_state(struct start *start);
/** The passcode of options or environment, else that of the invite, else (needed) asked for. passcode: MOOT_PASSCODE_SIZE. */
int start_passcode(const struct start *start, char *passcode, bool needed);
/** The code of a sealed invitation, of --code-file or the environment. 1, 0 when there is none, -1 with the reason said. */
int start_code(const struct start *start, char code[static INVITATION_CODE_SIZE]);
/** The first line of a file. */
int start_secret(const char *file, char *dst, size_t size);
int start_take_relay(struct invite *invite, const char *text);
int start_take_pin(struct invite *invite, const char *pin);
/** Somebody is there to be asked. */
bool start_can_ask(const struct start *start);

/** What the own relay says goes to the running app. arg: the struct start. */
void start_relay_problem(void *arg, const char *text);

/** Say on standard error what is wrong, and keep it in start_why. Returns -1. */
int start_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern char start_why[START_WHY_SIZE];
/** The exit status that goes with it: 2, or 3 when a relay was not trusted. */
extern int start_status;

#endif
