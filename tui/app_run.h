/* What the files that carry out commands (app_commands.c, app_verify.c, app_passcode.c, app_poll.c,
 * app_breakout.c) share. For them alone. */
#ifndef MOOT_TUI_APP_RUN_H
#define MOOT_TUI_APP_RUN_H

#include "tui/app_state.h"

/* One command on its way: checked against the table, not yet understood. */
struct run {
	struct app *app;
	uint64_t tag;
	const struct command_info *info;
	int argc;
	const char *const *argv;
};

/** Answer no, with a code and a text. */
void run_fail(const struct run *run, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Answer yes. */
void run_done(const struct run *run);
/** Ask the relay; its answer is the answer. */
void run_ask(const struct run *run, struct command *command);
/** A person by what was typed; has answered when false. waiting: look among those who wait, too. */
bool run_who(const struct run *run, const char *typed, bool waiting, uint32_t *number);
/** Copy a text if it fits and is text; has answered when false. */
bool run_copy(const struct run *run, char *dst, size_t size, const char *text);

void run_verify(const struct run *run);
void run_consent(const struct run *run);
void run_invite(const struct run *run);
void run_passcode(const struct run *run);
void run_guest_pin(const struct run *run);
void run_poll(const struct run *run);
void run_breakout(const struct run *run);

#endif
