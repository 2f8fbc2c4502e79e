#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/stage.h"

enum { ARGS_MAX = 40, ENV_MAX = 16 };

static const char *const silent[] = { "--mic", "silence", "--speaker", "null", NULL };

struct term *stage_moot(const char *const args[], const struct stage_params *params)
{
	static const struct stage_params plain;
	const char *argv[ARGS_MAX], *env[ENV_MAX];
	struct term_params term = { .argv = argv, .env = env };
	int n = 0, e = 0;
	struct term *started;

	if (!params)
		params = &plain;
	term.type = params->type;
	term.rows = params->rows;
	term.cols = params->cols;
	argv[n++] = drive_program("moot");
	for (size_t i = 0; args[i]; i++)
		argv[n++] = args[i];
	argv[n] = NULL;
	env[e++] = "MOOT_PASSCODE=" STAGE_PASSCODE;
	for (size_t i = 0; params->env && params->env[i]; i++)
		env[e++] = params->env[i];
	env[e] = NULL;
	started = term_new(&term);
	assert_non_null(started);
	return started;
}

static struct term *participant(const struct relay *relay, const char *word, const char *name,
				const struct stage_params *params)
{
	static const struct stage_params plain;
	static unsigned homes;
	char home[DRIVE_PATH];
	const char *argv[ARGS_MAX];
	int n = 0;

	if (!params)
		params = &plain;
	if (params->home)
		snprintf(home, sizeof(home), "%s/%s", drive_folder(), params->home);
	else
		snprintf(home, sizeof(home), "%s/screen%u", drive_folder(), homes++);
	argv[n++] = word;
	if (!strcmp(word, "host"))
		argv[n++] = "--id";
	argv[n++] = STAGE_ID;
	argv[n++] = "--relay";
	argv[n++] = relay->address;
	if (!params->no_pin) {
		argv[n++] = "--pin";
		argv[n++] = relay->pin;
	}
	argv[n++] = "--name";
	argv[n++] = name;
	argv[n++] = "--home";
	argv[n++] = home;
	for (const char *const *arg = params->args ? params->args : silent; *arg; arg++)
		argv[n++] = *arg;
	argv[n] = NULL;
	return stage_moot(argv, params);
}

struct term *stage_host(const struct relay *relay, const char *name, const struct stage_params *params)
{
	struct term *term = participant(relay, "host", name, params);

	assert_true(term_wait(term, "1 here"));
	return term;
}

struct term *stage_join(const struct relay *relay, const char *name, const struct stage_params *params)
{
	return participant(relay, "join", name, params);
}

void stage_say(struct term *term, const char *line)
{
	term_type(term, line);
	term_type(term, "\r");
}

void stage_restored(struct term *term)
{
	struct termios modes = term_modes(term);

	assert_false(term_alternate(term));
	assert_true(term_cursor_visible(term));
	assert_false(term_bracketed_paste(term));
	assert_true(modes.c_lflag & ICANON);
	assert_true(modes.c_lflag & ECHO);
	assert_true(modes.c_lflag & ISIG);
	assert_true(modes.c_oflag & OPOST);
}

void stage_leave(struct term *term)
{
	stage_say(term, "/leave");
	assert_int_equal(term_wait_exit(term), 0);
	stage_restored(term);
}

void stage_headless_host(struct peer *peer, const struct relay *relay, const char *name)
{
	const char *const args[] = { "host",  "--id",     STAGE_ID, "--relay", relay->address,
				     "--pin", relay->pin, "--name", name,      NULL };

	setenv("MOOT_PASSCODE", STAGE_PASSCODE, 1);
	peer_start(peer, name, NULL, args);
	peer_wait(peer, "joined", NULL);
}
