/* The same screen on the terminals that people have: what each may be sent, and that it can be read there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/stage.h"

static struct relay relay;

static int up(void **state)
{
	(void)state;
	relay_start(&relay, NULL);
	return 0;
}

static int down(void **state)
{
	(void)state;
	relay_stop(&relay);
	relay.home[0] = '\0';
	return 0;
}

/* TERM, environment, and what follows from them. */
static const struct kind {
	const char *type, *env;
	bool colours, utf8, lines;
} kinds[] = {
	{ "xterm-256color", NULL, true, true, true },
	{ "xterm-256color", "COLORTERM=truecolor", true, true, true },
	{ "xterm-256color", "NO_COLOR=1", false, true, true },
	{ "xterm-256color", "LANG=C", true, false, false },
	{ "xterm", NULL, true, true, true },
	{ "vt100", NULL, false, true, false },
	{ "vt100", "LC_ALL=C", false, false, false },
	{ "linux", NULL, true, true, true },
	{ "screen", NULL, true, true, true },
	{ "tmux-256color", NULL, true, true, true },
};

static const char *const camera[] = { "--mic", "silence", "--speaker", "null", "--camera", "pattern", NULL };

/* Sequences that set a colour: "ESC [ … 3x/4x/38/48 m". */
static bool sends_colour(struct term *term)
{
	char sequence[16];

	for (int i = 30; i <= 48; i++) {
		if (i == 39)
			continue;
		snprintf(sequence, sizeof(sequence), "\033[%dm", i);
		if (term_sent(term, sequence))
			return true;
	}
	return term_sent(term, "\033[38;") || term_sent(term, "\033[48;") || term_coloured(term);
}

static bool sends_beyond_ascii(struct term *term)
{
	for (int c = 0x80; c <= 0xFF; c++) {
		char byte[2] = { (char)c, '\0' };

		if (term_sent(term, byte))
			return true;
	}
	return false;
}

static void terminals__show_a_meeting__each_in_its_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *kind = &kinds[i];
		const struct stage_params params = { .type = kind->type,
						     .args = camera,
						     .env = (const char *const[]) { kind->env, NULL } };
		struct term *term;

		print_message("           %s %s\n", kind->type, kind->env ? kind->env : "");
		term = stage_host(&relay, "Άννα", &params);
		assert_true(term_wait(term, kind->utf8 ? "You are in as Άννα (host)."
						       : "You are in as ???? (host)."));
		assert_true(term_wait(term, "End-to-end encrypted, host verified"));
		stage_say(term, "hello, hello");
		assert_true(term_wait(term, kind->utf8 ? "Άννα: hello, hello" : "????: hello, hello"));
		assert_true(term_wait(term, kind->lines ? "────" : "----"));
		assert_int_equal(sends_colour(term), kind->colours);
		assert_int_equal(sends_beyond_ascii(term), kind->utf8);
		/* The picture moves. */
		if (kind->utf8 || kind->colours) {
			unsigned long before, now;

			term_picture(term, 1, 9, 11, 39, &before);
			do {
				term_settle(term, 30);
				term_picture(term, 1, 9, 11, 39, &now);
			} while (now == before);
		}
		stage_leave(term);
		term_free(term);
		/* A relay lets nobody use an id twice. */
		relay_stop(&relay);
		relay.home[0] = '\0';
		relay_start(&relay, NULL);
	}
}

static void terminals__say__what_they_cannot(void **state)
{
	static const struct {
		const char *type, *says;
	} cases[] = {
		{ "dumb", "--headless" },
		{ "", "--headless" },
		{ "no-such-terminal", "ncurses-term" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct stage_params params = { .type = cases[i].type };
		struct term *term = stage_join(&relay, "Bo", &params);

		assert_int_equal(term_wait_exit(term), 2);
		assert_true(term_shows(term, cases[i].says));
		assert_false(term_sent(term, "\033["));
		term_free(term);
	}
}

static void terminals__say__that_a_pipe_is_none(void **state)
{
	const char *const argv[] = { drive_program("moot"), "join",    STAGE_ID, "--relay",
				     relay.address,         "--guest", "--mic",  "silence",
				     "--speaker",           "null",    NULL };
	char *out, *err;

	(void)state;
	setenv("MOOT_PASSCODE", STAGE_PASSCODE, 1);
	assert_int_equal(drive_run(argv, "", &out, &err), 2);
	assert_non_null(strstr(err, "--headless"));
	assert_string_equal(out, "");
	free(out);
	free(err);
}

/* Inside tmux, which draws all of it anew: what a person sees there, read with capture-pane. */
static char *tmux(const char *socket, const char *rest)
{
	char command[2048], *text = calloc(1, 65536);
	FILE *pipe;

	snprintf(command, sizeof(command), "tmux -S %s -f /dev/null %s 2>&1", socket, rest);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	if (fread(text, 1, 65535, pipe) == 0)
		text[0] = '\0';
	pclose(pipe);
	return text;
}

static bool tmux_shows(const char *socket, const char *what)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);

	while (drive_now_us() < deadline) {
		char *text = tmux(socket, "capture-pane -p");
		bool found = strstr(text, what) != NULL;

		free(text);
		if (found)
			return true;
	}
	return false;
}

static void terminals__work__inside_tmux(void **state)
{
	char socket[DRIVE_PATH], command[1800];

	(void)state;
	snprintf(socket, sizeof(socket), "%s/tmux", drive_folder());
	snprintf(command, sizeof(command),
		 "-u new-session -d -x 80 -y 24 'LANG=C.UTF-8 MOOT_PASSCODE=" STAGE_PASSCODE
		 " %s host --id " STAGE_ID
		 " --relay %s --pin %s --name Ann --home %s/tmux-home --mic silence --speaker null "
		 "--camera pattern; echo status $?; cat'",
		 drive_program("moot"), relay.address, relay.pin, drive_folder());
	free(tmux(socket, command));
	if (!tmux_shows(socket, "You are in as Ann (host)."))
		fail_msg("%s\n%s", command, tmux(socket, "capture-pane -p"));
	free(tmux(socket, "send-keys -l 'in tmux, 大家好'"));
	free(tmux(socket, "send-keys Enter"));
	assert_true(tmux_shows(socket, "Ann: in tmux, 大家好"));
	assert_true(tmux_shows(socket, "▀"));
	free(tmux(socket, "send-keys M-h"));
	assert_true(tmux_shows(socket, "^1"));
	free(tmux(socket, "resize-window -x 120 -y 40"));
	assert_true(tmux_shows(socket, "You are in as Ann (host)."));
	free(tmux(socket, "send-keys -l /leave"));
	free(tmux(socket, "send-keys Enter"));
	assert_true(tmux_shows(socket, "status 0"));
	free(tmux(socket, "kill-server"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(terminals__show_a_meeting__each_in_its_way, up, down),
		cmocka_unit_test_setup_teardown(terminals__say__what_they_cannot, up, down),
		cmocka_unit_test_setup_teardown(terminals__say__that_a_pipe_is_none, up, down),
		cmocka_unit_test_setup_teardown(terminals__work__inside_tmux, up, down),
	};

	if (getenv("ONLY_CASE"))
		cmocka_set_test_filter(getenv("ONLY_CASE"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
