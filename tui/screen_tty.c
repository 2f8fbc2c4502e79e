/* Everything that must be undone is known before it is done: the bytes that restore the terminal are computed
 * once, so that a signal handler only has to write them. */
#include "tui/screen_tty.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tui/keys.h"
#include "tui/screen_state.h"
#include "tui/screen_terminfo.h"
#include "tui/theme.h"

/* Last: its macros have everyday names. */
#include <term.h>

static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
enum { CRASHES = sizeof(crashes) / sizeof(crashes[0]) };

static struct {
	volatile sig_atomic_t taken;
	struct termios saved;
	SCREEN *screen;
	char restore[512]; /* what brings the terminal back, for a handler to write */
	size_t restore_bytes;
	struct sigaction before[CRASHES];
	char *stack;
	int stderr_fd; /* the real one, -1: left alone */
	int write_fd;  /* never blocks */
	bool paste, utf8, line_drawing, still, hooked;
	int colours;
	enum colour_depth depth;
	char *rest; /* of a picture that did not go out whole */
	size_t rest_bytes, rest_size;
} tty = { .stderr_fd = -1, .write_fd = -1 };

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

/* ---- restoring ---- */

static int keep_byte(int c)
{
	if (tty.restore_bytes < sizeof(tty.restore))
		tty.restore[tty.restore_bytes++] = (char)c;
	return c;
}

static void keep(const char *string)
{
	if (string)
		tputs(string, 1, keep_byte);
}

static void plan_restore(void)
{
	tty.restore_bytes = 0;
	if (tty.paste)
		keep(paste_off);
	keep(exit_attribute_mode);
	keep(orig_pair);
	keep(keypad_local);
	keep(cursor_normal);
	if (exit_ca_mode)
		keep(exit_ca_mode);
	else
		keep("\r\n");
}

static void ignore_result(ssize_t n)
{
	(void)n;
}

/* Past curses, which knows nothing of it. */
static void paste_mode(bool on)
{
	if (tty.paste)
		ignore_result(write(STDOUT_FILENO, on ? paste_on : paste_off, sizeof(paste_on) - 1));
}

/* Only what a signal handler may call. */
static void restore_now(void)
{
	tty.taken = 0;
	ignore_result(write(STDOUT_FILENO, tty.restore, tty.restore_bytes));
	tcsetattr(STDIN_FILENO, TCSANOW, &tty.saved);
}

static void on_crash(int sig)
{
	if (tty.taken)
		restore_now();
	if (tty.stderr_fd >= 0)
		dup2(tty.stderr_fd, STDERR_FILENO);
	for (int i = 0; i < CRASHES; i++)
		if (crashes[i] == sig)
			sigaction(sig, &tty.before[i], NULL);
	raise(sig);
}

static void on_exit_restore(void)
{
	if (tty.taken)
		restore_now();
}

static void catch_crashes(void)
{
	const size_t size = 64 * 1024;
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };

	sigemptyset(&action.sa_mask);
	if (!tty.stack) {
		tty.stack = malloc(size);
		if (tty.stack)
			sigaltstack(&(stack_t) { .ss_sp = tty.stack, .ss_size = size }, NULL);
	}
	for (int i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &action, &tty.before[i]);
	if (!tty.hooked)
		atexit(on_exit_restore);
	tty.hooked = true;
}

static void release_crashes(void)
{
	for (int i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &tty.before[i], NULL);
	if (tty.stack) {
		sigaltstack(&(stack_t) { .ss_flags = SS_DISABLE }, NULL);
		free(tty.stack);
		tty.stack = NULL;
	}
}

/* Libraries that complain on standard error must not write across the screen. */
static void hide_stderr(void)
{
	int null;

	if (!isatty(STDERR_FILENO))
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	tty.stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (null >= 0 && tty.stderr_fd >= 0)
		dup2(null, STDERR_FILENO);
	if (null >= 0)
		close(null);
}

static void show_stderr(void)
{
	if (tty.stderr_fd < 0)
		return;
	dup2(tty.stderr_fd, STDERR_FILENO);
	close(tty.stderr_fd);
	tty.stderr_fd = -1;
}

/* ---- taking ---- */

static bool begins(const char *s, const char *const *with)
{
	for (; *with; with++)
		if (!strncmp(s, *with, strlen(*with)))
			return true;
	return false;
}

static int check(const char **why)
{
	static char text[256];
	const char *term = getenv("TERM");
	int status;
	bool moves;

	*why = text;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		snprintf(text, sizeof(text),
			 "Standard input and output are not a terminal. For scripts there is --headless.");
		return -ENOTTY;
	}
	if (!term || !*term || !strcmp(term, "dumb")) {
		snprintf(text, sizeof(text),
			 "This terminal (TERM=%.40s) cannot move its cursor. Set TERM to what it really is, "
			 "or use --headless.",
			 term ? term : "");
		return -ENOTSUP;
	}
	if (setupterm(term, STDOUT_FILENO, &status) == ERR) {
		snprintf(text, sizeof(text),
			 "The terminal type TERM=%.40s is not known here. Try TERM=xterm, install "
			 "ncurses-term, or use --headless.",
			 term);
		return -ENOTSUP;
	}
	moves = cursor_address != NULL;
	del_curterm(cur_term);
	if (!moves) {
		snprintf(text, sizeof(text),
			 "This terminal (TERM=%.40s) cannot move its cursor; use --headless.", term);
		return -ENOTSUP;
	}
	return 0;
}

static void modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	idlok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	set_escdelay(25);
	typeahead(-1);
}

static void learn(void)
{
	static const char *const plain[] = { "vt1", "vt2", "vt5", "ansi", "cons", NULL };
	static const char *const pasting[] = { "xterm",   "screen",    "tmux",  "rxvt", "foot",
					       "kitty",   "alacritty", "st-",   "vte",  "konsole",
					       "wezterm", "gnome",     "linux", NULL };
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	tty.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	tty.line_drawing = tty.utf8 && !begins(term, plain);
	tty.paste = begins(term, pasting);
	tty.colours = 0;
	if (has_colors() && !(no_color && *no_color)) {
		start_color();
		use_default_colors();
		tty.colours = COLORS;
	}
	theme_start(tty.colours);
	tty.depth = theme_depth(tty.colours, getenv("COLORTERM"), no_color);
}

int tty_take(const char **why)
{
	char name[128];
	int err;

	setlocale(LC_CTYPE, "");
	err = check(why);
	if (err < 0)
		return err;
	tcgetattr(STDIN_FILENO, &tty.saved);
	tty.still = terminfo_hold(getenv("TERM"));
	tty.screen = newterm(NULL, stdout, stdin);
	terminfo_release();
	if (!tty.screen) {
		*why = "The terminal cannot be used; try --headless.";
		return -ENOTSUP;
	}
	modes();
	learn();
	plan_restore();
	catch_crashes();
	hide_stderr();
	tty.taken = 1;
	define_key("\033[200~", SCREEN_KEY_PASTE_BEGIN);
	define_key("\033[201~", SCREEN_KEY_PASTE_END);
	define_key("\033[0n", SCREEN_KEY_READY);
	define_key("\033[1;5D", SCREEN_KEY_WORD_LEFT);
	define_key("\033[1;5C", SCREEN_KEY_WORD_RIGHT);
	paste_mode(true);
	/* A description of its own: non-blocking there must not make curses' writes fail. */
	if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0)
		tty.write_fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return 0;
}

void tty_give(void)
{
	if (!tty.screen)
		return;
	if (tty.taken) {
		tty_write(NULL, 0);
		paste_mode(false);
		endwin();
		/* What the terminal still had to say is not for the shell. */
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &tty.saved);
	}
	tty.taken = 0;
	delscreen(tty.screen);
	tty.screen = NULL;
	if (tty.write_fd >= 0)
		close(tty.write_fd);
	tty.write_fd = -1;
	free(tty.rest);
	tty.rest = NULL;
	tty.rest_bytes = tty.rest_size = 0;
	show_stderr();
	release_crashes();
}

void tty_resume(void)
{
	modes();
	reset_prog_mode();
	paste_mode(true);
	tty.taken = 1;
	clearok(curscr, TRUE);
}

void tty_suspend(void)
{
	struct sigaction before, standard = { .sa_handler = SIG_DFL };
	sigset_t stop, mask;

	tty_write(NULL, 0);
	paste_mode(false);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &tty.saved);
	tty.taken = 0;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &standard, &before);
	pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
	kill(0, SIGTSTP);
	/* Here again: somebody said fg. */
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	tty_resume();
}

void tty_resize(int *rows, int *cols)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
	    (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
	*rows = LINES;
	*cols = COLS;
}

/* ---- asking, writing ---- */

int tty_colours(void)
{
	return tty.colours;
}

enum colour_depth tty_depth(void)
{
	return tty.depth;
}

bool tty_utf8(void)
{
	return tty.utf8;
}

bool tty_draws_lines(void)
{
	return tty.line_drawing;
}

bool tty_scrolls(void)
{
	return !tty.still;
}

bool tty_busy(void)
{
	return tty.rest_bytes > 0;
}

static size_t push(const char *bytes, size_t n)
{
	ssize_t written = write(tty.write_fd >= 0 ? tty.write_fd : STDOUT_FILENO, bytes, n);

	return written > 0 ? (size_t)written : 0;
}

bool tty_write(const char *bytes, size_t n)
{
	size_t done;

	if (tty.rest_bytes > 0) {
		done = push(tty.rest, tty.rest_bytes);
		tty.rest_bytes -= done;
		memmove(tty.rest, tty.rest + done, tty.rest_bytes);
		return tty.rest_bytes == 0 && n == 0;
	}
	if (n == 0)
		return true;
	done = push(bytes, n);
	if (done == n)
		return true;
	if (n - done > tty.rest_size) {
		char *more = realloc(tty.rest, n - done);

		if (!more)
			return false;
		tty.rest = more;
		tty.rest_size = n - done;
	}
	memcpy(tty.rest, bytes + done, n - done);
	tty.rest_bytes = n - done;
	return false;
}
