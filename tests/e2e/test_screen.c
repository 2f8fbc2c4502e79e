/* The real program at a real terminal: drawing, typing, signals, and giving the terminal back whatever ends
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/stage.h"

static struct relay relay;
static struct term *term;

static int up(void **state)
{
	(void)state;
	relay_start(&relay, NULL);
	return 0;
}

static int down(void **state)
{
	(void)state;
	term_free(term);
	term = NULL;
	relay_stop(&relay);
	relay.home[0] = '\0';
	return 0;
}

static void screen__draws__and_leaves_in_order(void **state)
{
	int row, col;

	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	assert_true(term_wait(term, "You are in as Ann (host)."));
	assert_true(term_alternate(term));
	assert_true(term_bracketed_paste(term));
	assert_non_null(
		strstr(term_row(term, 0), "Ann's meeting  " STAGE_ID "  End-to-end encrypted, host verified"));
	assert_true(term_shows(term, "Ann (you)"));
	term_settle(term, 50);
	term_cursor(term, &row, &col);
	assert_int_equal(row, 23);
	assert_int_equal(col, (int)strlen(" [mic       ] > "));
	stage_leave(term);
	assert_true(term_shows(term, "You left"));
}

static void screen__takes__every_script(void **state)
{
	static const char *const lines[] = { "Καλημέρα σε όλους", "大家早上好", "שלום לכולם", "thumbs 👍 up",
					     "e\xCC\x81t\xC3\xA9" };
	struct peer ann;

	(void)state;
	stage_headless_host(&ann, &relay, "Ann");
	term = stage_join(&relay, "Bo", NULL);
	peer_wait(&ann, "knock", NULL);
	peer_ok(&ann, "admit", "Bo", NULL);
	assert_true(term_wait(term, "2 here"));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char where[128];

		stage_say(term, lines[i]);
		snprintf(where, sizeof(where), "{\"text\":\"%s\"}", lines[i]);
		peer_wait(&ann, "chat", where);
		peer_ok(&ann, "chat", lines[i], NULL);
	}
	assert_true(term_wait(term, "Ann: thumbs 👍 up"));
	assert_true(term_wait(term, "Ann: שלום לכולם"));
	assert_true(term_shows(term, "Bo: 大家早上好"));
	stage_leave(term);
	peer_end(&ann);
}

static void screen__edits__as_readline_does(void **state)
{
	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	term_type(term, "world\001hello \005!\033b\033[D\004\004X");
	assert_true(term_wait(term, "> helloXorld!"));
	term_type(term, "\025/inv\t");
	assert_true(term_wait(term, "> /invite"));
	term_type(term, "\003");
	assert_true(term_wait_gone(term, "> /inv"));
	stage_say(term, "something said");
	assert_true(term_wait(term, "Ann: something said"));
	term_type(term, "\033OA");
	assert_true(term_wait(term, "> something said"));
	term_type(term, "\025");
	stage_leave(term);
}

static void screen__shows_a_paste__and_runs_nothing(void **state)
{
	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	term_type(term, "\033[200~/end\nand more\n\033[201~");
	assert_true(term_wait(term, "> /end and more"));
	term_type(term, "\025still here");
	assert_true(term_wait(term, "> still here"));
	term_type(term, "\025");
	stage_leave(term);
}

static void screen__pages__help(void **state)
{
	static const char *const opens[] = { "?", "\033OP", "\033?", "/help\r" };

	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		term_type(term, opens[i]);
		assert_true(term_wait(term, "Help ──"));
		term_type(term, "\033[6~");
		assert_true(term_wait(term, "WHILE TYPING"));
		term_type(term, i % 2 ? "q" : "\033");
		assert_true(term_wait_gone(term, "Help ──"));
	}
	term_type(term, "/help\r");
	assert_true(term_wait(term, "Help ──"));
	term_type(term, "/loc");
	assert_true(term_wait_gone(term, "Help ──"));
	assert_true(term_wait(term, "> /loc"));
	term_type(term, "\025");
	term_type(term, "what?");
	assert_true(term_wait(term, "> what?"));
	term_type(term, "\025");
	stage_leave(term);
}

static void screen__asks_twice__on_interrupt(void **state)
{
	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	term_type(term, "half a line");
	assert_true(term_wait(term, "> half a line"));
	term_type(term, "\003");
	assert_true(term_wait_gone(term, "half a line"));
	term_type(term, "\003");
	assert_true(term_wait(term, "C-c again to leave."));
	term_type(term, "\003");
	assert_int_equal(term_wait_exit(term), 0);
	stage_restored(term);
}

static void screen__toggles__by_keys(void **state)
{
	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	assert_true(term_wait(term, "[mic"));
	term_type(term, "\033m");
	assert_true(term_wait(term, "[muted]"));
	term_type(term, "\033m");
	assert_true(term_wait(term, "[mic"));
	term_type(term, "\033h");
	assert_true(term_wait(term, "^1"));
	term_type(term, "\033h");
	assert_true(term_wait_gone(term, "^1"));
	stage_leave(term);
}

static void screen__waits_at_the_door__and_is_admitted_by_a_key(void **state)
{
	struct term *bo;

	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	bo = stage_join(&relay, "Bo", NULL);
	assert_true(term_wait(bo, "Waiting: the host has been told you are here."));
	assert_true(term_wait(term, "Bo waits (M-a admits)"));
	assert_true(term_wait(term, "[1 waiting]"));
	assert_int_equal(term_bells(term), 1);
	stage_say(bo, "it is me");
	assert_true(term_wait(term, "it is me"));
	term_type(term, "\033a");
	assert_true(term_wait(bo, "2 here"));
	assert_true(term_wait_gone(term, "[1 waiting]"));
	stage_leave(bo);
	term_free(bo);
	assert_true(term_wait(term, "1 here"));
	stage_leave(term);
}

static void screen__asks__before_it_trusts(void **state)
{
	const struct stage_params asking = { .no_pin = true };
	struct peer ann;

	(void)state;
	stage_headless_host(&ann, &relay, "Ann");
	term = stage_join(&relay, "Bo", &asking);
	assert_true(term_wait(term, "y or n?"));
	assert_true(term_wait(term, "Nobody vouches for the relay"));
	assert_true(term_wait(term, relay.pin));
	term_type(term, "y");
	assert_true(term_wait(term, "Waiting: the host"));
	term_free(term);
	term = stage_join(&relay, "Cy", &asking);
	assert_true(term_wait(term, "y or n?"));
	term_type(term, "n");
	assert_int_equal(term_wait_exit(term), 3);
	stage_restored(term);
	peer_end(&ann);
}

static void screen__shows__a_lost_line(void **state)
{
	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	relay_kill(&relay);
	assert_true(term_wait(term, "[line lost]"));
	assert_true(term_wait(term, "attempt"));
	term_type(term, "\003\003");
	assert_true(term_wait_exit(term) >= 0);
	stage_restored(term);
	relay_start(&relay, NULL);
}

static void screen__survives__what_peers_write(void **state)
{
	struct peer ann;
	char big[3900];
	int row, col;

	(void)state;
	stage_headless_host(&ann, &relay, "Ann");
	term = stage_join(&relay, "Bo", NULL);
	peer_wait(&ann, "knock", NULL);
	peer_ok(&ann, "admit", "Bo", NULL);
	assert_true(term_wait(term, "2 here"));
	peer_ok(&ann, "chat", "\033[2J\033]0;owned\007\033[5;5Hhere\033c\r\b\b", NULL);
	peer_ok(&ann, "chat",
		"\xe2\x80\xae"
		"reversed\xe2\x80\xac \xc2\x9b"
		"31mred",
		NULL);
	memset(big, 'W', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	peer_ok(&ann, "chat", big, NULL);
	peer_ok(&ann, "chat", "after all that", NULL);
	assert_true(term_wait(term, "after all that"));
	assert_false(term_sent(term, "\033]0;owned"));
	assert_false(term_sent(term, "\033[5;5Hhere"));
	assert_false(term_sent(term, "\xe2\x80\xae"));
	assert_false(term_sent(term, "\xc2\x9b"));
	assert_int_equal(term_bells(term), 0);
	assert_non_null(strstr(term_row(term, 0), "Ann's meeting"));
	term_settle(term, 50);
	term_cursor(term, &row, &col);
	assert_int_equal(row, 23);
	stage_leave(term);
	peer_end(&ann);
}

static void screen__follows__a_storm_of_sizes(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 12, 40 },   { 60, 200 }, { 5, 10 },   { 24, 80 },
		      { 100, 300 }, { 1, 1 },    { 30, 100 }, { 40, 120 } };
	const char *const args[] = { "--mic", "silence", "--speaker", "null", "--camera", "pattern", NULL };
	const struct stage_params params = { .args = args };

	(void)state;
	term = stage_host(&relay, "Ann", &params);
	for (int round = 0; round < 6; round++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			term_resize(term, sizes[i].rows, sizes[i].cols);
			if (round % 2)
				term_settle(term, 5);
		}
	term_resize(term, 12, 40);
	assert_true(term_wait(term, "1 here"));
	term_resize(term, 24, 80);
	assert_true(term_wait(term, "End-to-end encrypted, host verified"));
	assert_true(term_wait(term, "Ann (you)"));
	stage_leave(term);
}

static bool whole(struct term *with, void *arg)
{
	(void)arg;
	return term_uncoloured(with, 2, 50, 12, 45) == 0;
}

/* Curses does not know of the picture: what it does beside it must not take any of it away. */
static void screen__keeps__the_picture_whole(void **state)
{
	const char *const args[] = { "--mic", "silence",  "--speaker",
				     "null",  "--camera", "tests/fixtures/talk.webm",
				     NULL };
	const struct stage_params params = { .rows = 30,
					     .cols = 100,
					     .args = args,
					     .env = (const char *const[]) { "COLORTERM=truecolor", NULL } };

	(void)state;
	term = stage_host(&relay, "Ann", &params);
	assert_true(term_wait_for(term, whole, NULL));
	for (int i = 0; i < 40; i++) {
		char line[32];

		snprintf(line, sizeof(line), "line %d of many", i);
		stage_say(term, line);
		assert_true(term_wait(term, line));
		if (!whole(term, NULL))
			fail_msg("after %s\n%s", line, term_text(term));
	}
	term_type(term, "?");
	assert_true(term_wait(term, "Help ──"));
	term_type(term, "q");
	assert_true(term_wait_gone(term, "Help ──"));
	assert_true(term_wait_for(term, whole, NULL));
	stage_leave(term);
}

static bool is_gone(struct term *with, void *arg)
{
	(void)arg;
	return !term_alternate(with);
}

static void screen__comes_back__from_the_shell(void **state)
{
	const char *const argv[] = { "bash", "--norc", "--noprofile", "-i", NULL };
	const char *const env[] = { "PS1=ready: ", "MOOT_PASSCODE=" STAGE_PASSCODE, NULL };
	const struct term_params params = { .argv = argv, .env = env };
	char line[1024];

	(void)state;
	term = term_new(&params);
	assert_true(term_wait(term, "ready:"));
	snprintf(line, sizeof(line),
		 "%s host --id %s --relay %s --pin %s --name Ann --home %s/z --mic silence --speaker null",
		 drive_program("moot"), STAGE_ID, relay.address, relay.pin, drive_folder());
	stage_say(term, line);
	assert_true(term_wait(term, "You are in as Ann"));
	for (int i = 0; i < 2; i++) {
		term_type(term, "\032");
		assert_true(term_wait_for(term, is_gone, NULL));
		assert_true(term_wait(term, "Stopped"));
		stage_say(term, "echo $((40 + 2)) here");
		assert_true(term_wait(term, "42 here"));
		stage_say(term, "fg");
		assert_true(term_wait(term, "1 here"));
		assert_true(term_wait(term, "You are in as Ann"));
		assert_true(term_alternate(term));
		stage_say(term, "back again");
		assert_true(term_wait(term, "Ann: back again"));
	}
	stage_say(term, "/leave");
	assert_true(term_wait(term, "You left"));
	assert_false(term_alternate(term));
	stage_say(term, "exit");
	term_wait_exit(term);
}

static void screen__restores__after_a_crash(void **state)
{
	static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		const struct stage_params params = {
			.env = (const char *const[]) { "ASAN_OPTIONS=handle_segv=0:handle_abort=0:handle_"
						       "sigbus=0:handle_sigfpe=0:handle_sigill=0",
						       NULL }
		};

		term = stage_join(&relay, "Bo", &params);
		term_wait(term, "Moot");
		if (!term_alternate(term))
			fail_msg("it never began:\n%s", term_text(term));
		term_signal(term, signals[i]);
		assert_int_equal(term_wait_exit(term), 128 + signals[i]);
		stage_restored(term);
		term_free(term);
		term = NULL;
	}
}

static void screen__leaves_in_order__when_told_to(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct peer ann;

	(void)state;
	stage_headless_host(&ann, &relay, "Ann");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		term = stage_join(&relay, "Bo", NULL);
		peer_wait(&ann, "knock", NULL);
		peer_ok(&ann, "admit", "all", NULL);
		assert_true(term_wait(term, "2 here"));
		term_signal(term, signals[i]);
		peer_wait(&ann, "person-left", "{\"code\":\"left\"}");
		assert_int_equal(term_wait_exit(term), 0);
		stage_restored(term);
		term_free(term);
		term = NULL;
	}
	peer_end(&ann);
}

static void screen__ends__when_the_terminal_goes(void **state)
{
	struct peer ann;

	(void)state;
	stage_headless_host(&ann, &relay, "Ann");
	term = stage_join(&relay, "Bo", NULL);
	peer_wait(&ann, "knock", NULL);
	peer_ok(&ann, "admit", "Bo", NULL);
	assert_true(term_wait(term, "2 here"));
	term_free(term);
	term = NULL;
	peer_wait(&ann, "person-left", NULL);
	peer_end(&ann);
}

static void screen__costs_little__when_nothing_happens(void **state)
{
	size_t before;

	(void)state;
	term = stage_host(&relay, "Ann", NULL);
	assert_true(term_wait(term, "0:01"));
	before = term_bytes(term);
	assert_true(term_wait(term, "0:03"));
	/* The clock in the title, and the status line going back to its hint. */
	assert_true(term_bytes(term) - before < 400);
	stage_leave(term);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(screen__draws__and_leaves_in_order),
		CASE(screen__takes__every_script),
		CASE(screen__edits__as_readline_does),
		CASE(screen__shows_a_paste__and_runs_nothing),
		CASE(screen__pages__help),
		CASE(screen__asks_twice__on_interrupt),
		CASE(screen__toggles__by_keys),
		CASE(screen__waits_at_the_door__and_is_admitted_by_a_key),
		CASE(screen__asks__before_it_trusts),
		CASE(screen__shows__a_lost_line),
		CASE(screen__survives__what_peers_write),
		CASE(screen__follows__a_storm_of_sizes),
		CASE(screen__keeps__the_picture_whole),
		CASE(screen__comes_back__from_the_shell),
		CASE(screen__restores__after_a_crash),
		CASE(screen__leaves_in_order__when_told_to),
		CASE(screen__ends__when_the_terminal_goes),
		CASE(screen__costs_little__when_nothing_happens),
	};

	if (getenv("ONLY_CASE"))
		cmocka_set_test_filter(getenv("ONLY_CASE"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
