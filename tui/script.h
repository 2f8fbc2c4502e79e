/* `moot script FILE.lua`: many participants in one process, on one loop, told by a Lua program what to do and what to
 * expect. The program runs on the main thread; whatever waits in it runs the loop until it has come. */
#ifndef MOOT_TUI_SCRIPT_H
#define MOOT_TUI_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/invite.h"

struct script_params {
	const char *file;
	const char *log_dir;  /* a log of each participant goes here; NULL: none */
	bool relay_set;       /* meetings are made on this relay, else on one that the script starts */
	struct invite relay;
	bool trust;           /* take a relay that nobody vouches for */
	bool seed_set;
	uint32_t seed;        /* of math.random; else one by chance */
	double timeout_s;     /* of the whole script; 0: none */
	int rows, cols;       /* of screen() */
	int64_t start_us;     /* t counts from here */
};

/** Run it, TAP on standard output. Returns the exit status of the program: 0 all is well, 1 something is not, 2 no such
 * script or not Lua, 3 no relay, 7 out of time. */
int script_run(const struct script_params *params);

/** What a script can call, for --list-commands. */
void script_list(void);

#endif
