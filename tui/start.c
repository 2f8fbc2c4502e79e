/* Everything between the command line and a meeting: folders, key, name, passcode, which relay. What is
 * missing is asked for on a terminal, and said to be missing without one. */
#include "tui/start.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "net/text.h"

char start_why[START_WHY_SIZE];

int start_complain(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(start_why, sizeof(start_why), format, ap);
	va_end(ap);
	fprintf(stderr, "moot: %s\n", start_why);
	return -1;
}

/* ---- folders and files ---- */

static int make_folders(const char *path)
{
	char part[START_PATH_SIZE];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(part, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int find_state(struct start *start)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n, err;

	if (start->options.home)
		n = snprintf(start->state, sizeof(start->state), "%s", start->options.home);
	else if (xdg && xdg[0] == '/')
		n = snprintf(start->state, sizeof(start->state), "%s/moot", xdg);
	else
		n = snprintf(start->state, sizeof(start->state), "%s/.local/state/moot", home ? home : ".");
	if (n < 1 || (size_t)n >= sizeof(start->state))
		return start_complain(
			"The folder for keys has too long a name, or none: give another with --home.");
	err = make_folders(start->state);
	if (err < 0)
		return start_complain("%s cannot be made: %s. Give another folder with --home.", start->state,
				      strerror(-err));
	snprintf(start->known_relays, sizeof(start->known_relays), "%s/known_relays", start->state);
	return 0;
}

/* The first line of a file into dst. */
static int read_secret(const char *file, char *dst, size_t size)
{
	char line[256];
	FILE *in = fopen(file, "re");
	size_t n;

	if (!in)
		return start_complain("%s cannot be read: %s.", file, strerror(errno));
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	n = strcspn(line, "\r\n");
	line[n] = '\0';
	if (n == 0 || n >= size)
		return start_complain("The first line of %s is %s.", file, n ? "too long" : "empty");
	memcpy(dst, line, n + 1);
	return 0;
}

/* ---- asking the person, before there is a screen ---- */

static bool can_ask(const struct start *start)
{
	return !start->options.headless && isatty(STDIN_FILENO);
}

static int ask(const char *question, bool echo, char *dst, size_t size)
{
	struct termios old, quiet;
	char line[512];
	bool read;

	fprintf(stderr, "%s", question);
	fflush(stderr);
	if (!echo && tcgetattr(STDIN_FILENO, &old) == 0) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	read = fgets(line, sizeof(line), stdin) != NULL;
	if (!echo) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	if (!read)
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	if (strlen(line) >= size)
		return -1;
	memcpy(dst, line, strlen(line) + 1);
	return 0;
}

static int find_name(struct start *start)
{
	const struct passwd *user = getpwuid(getuid());
	const char *login = getenv("USER");
	const char *name = login && login[0] ? login : user ? user->pw_name : NULL;
	char typed[MOOT_NAME_SIZE];

	if (start->options.name) {
		name = start->options.name;
	} else if (can_ask(start)) {
		char question[MOOT_NAME_SIZE + 40];

		snprintf(question, sizeof(question), "Your name [%s]: ", name ? name : "");
		if (ask(question, true, typed, sizeof(typed)) < 0)
			return start_complain("No name was given: --name takes one.");
		if (typed[0])
			name = typed;
	}
	if (!name || text_name(start->name, name) < 0)
		return start_complain("%s be your name: 1 to 40 visible characters. --name takes one.",
				      name ? "This cannot" : "Nothing can");
	return 0;
}

static int find_passcode(struct start *start, char *passcode, bool needed)
{
	const char *from_environment = getenv("MOOT_PASSCODE");

	if (start->options.passcode_file)
		return read_secret(start->options.passcode_file, passcode, MOOT_PASSCODE_SIZE);
	if (from_environment && from_environment[0]) {
		if (strlen(from_environment) >= MOOT_PASSCODE_SIZE)
			return start_complain("MOOT_PASSCODE is too long.");
		memcpy(passcode, from_environment, strlen(from_environment) + 1);
		return 0;
	}
	if (passcode[0] || !needed)
		return 0;
	if (!can_ask(start))
		return start_complain(
			"A passcode is needed: an invite has it, or MOOT_PASSCODE, or --passcode-file.");
	if (ask("Passcode: ", false, passcode, MOOT_PASSCODE_SIZE) < 0 || !passcode[0])
		return start_complain("No passcode was given.");
	return 0;
}

/* ---- which relay, which meeting ---- */

static int take_relay(struct invite *invite, const char *text)
{
	static const char *const schemes[] = { "moot://", "wss://", "https://" };
	char host[300];

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strncmp(text, schemes[i], strlen(schemes[i])))
			text += strlen(schemes[i]);
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, "/#?"), text);
	if (invite_parse_relay(invite, host) < 0)
		return start_complain("\"%s\" is no relay: it is HOST or HOST:PORT.", text);
	return 0;
}

static int take_pin(struct invite *invite, const char *pin)
{
	size_t n = strlen(pin);

	if (n != LINK_PIN_SIZE - 4 ||
	    strspn(pin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != n)
		return start_complain(
			"\"%.60s\" is no pin: a relay prints its own when it starts, 44 characters.", pin);
	memcpy(invite->pin, pin, n + 1);
	return 0;
}

int start_relay(struct invite *invite, const char *relay, const char *pin)
{
	return take_relay(invite, relay) < 0 || (pin && take_pin(invite, pin) < 0) ? -1 : 0;
}

static int start_embedded(struct start *start)
{
	const struct embedded_params params = { .listen = start->options.listen,
						.port = start->options.port,
						.home = start->state,
						.tls12 = start->options.tls12 };
	char why[512];

	if (embedded_start(&start->embedded, &params, &start->where, why, sizeof(why)) < 0)
		return start_complain("The relay could not be started. %s", why);
	start->app.session.invite = start->where.relay;
	start->app.invite_host = start->where.host;
	start->app.ends_with_us = true;
	if (start->where.token[0])
		start->app.session.token = start->where.token;
	return 0;
}

static int prepare_host(struct start *start)
{
	struct invite *invite = &start->app.session.invite;

	start->app.host = true;
	start->app.session.create = true;
	start->app.session.title = start->options.title;
	if (start->options.token_file) {
		if (read_secret(start->options.token_file, start->token, sizeof(start->token)) < 0)
			return -1;
		start->app.session.token = start->token;
	}
	if (start->options.relay && (start->options.listen || start->options.port))
		return start_complain("--listen and --port are for a relay of your own, --relay is "
				      "another's: it is one or the other.");
	if (start->options.relay ? take_relay(invite, start->options.relay) < 0 : start_embedded(start) < 0)
		return -1;
	if (start->options.pin && take_pin(invite, start->options.pin) < 0)
		return -1;
	if (start->options.id && text_id(invite->id, start->options.id) < 0)
		return start_complain(
			"\"%.60s\" cannot be an id: 4 to 32 of a-z, 0-9 and -, not only digits.",
			start->options.id);
	return find_passcode(start, invite->passcode, false);
}

static int prepare_join(struct start *start)
{
	struct invite *invite = &start->app.session.invite;
	const char *why = "";
	char relay[300];

	if (invite_parse(invite, start->options.target, &why) < 0)
		return start_complain("%s", why);
	if (start->options.relay && take_relay(invite, start->options.relay) < 0)
		return -1;
	if (!invite->host[0])
		return start_complain("On which relay? An invite says it, or --relay HOST.");
	if (start->options.pin && take_pin(invite, start->options.pin) < 0)
		return -1;
	if (strchr(invite->host, ':'))
		snprintf(relay, sizeof(relay), "[%s]:%u", invite->host, invite->port);
	else
		snprintf(relay, sizeof(relay), "%s:%u", invite->host, invite->port);
	start->app.session.host_key_set =
		host_key_find(start->state, relay, invite->id, start->app.session.host_key) == 0;
	return find_passcode(start, invite->passcode, !invite->has_secret);
}

/* ---- running ---- */

static int find_identity(struct start *start)
{
	int err = start->options.guest ? identity_guest(&start->identity)
				       : identity_load(&start->identity, start->state);

	if (err == -EPERM)
		return start_complain("%s/identity must be yours, and readable by you alone: chmod 600 it.",
				      start->state);
	if (err == -EBADMSG)
		return start_complain("%s/identity is damaged: remove it, and you are somebody new.",
				      start->state);
	if (err < 0)
		return start_complain("%s/identity: %s. --home takes another folder, --guest needs none.",
				      start->state, strerror(-err));
	return 0;
}

/* Who drives moot by a pipe has rarely a sound card to share, and never means one by saying nothing. */
static void fill_media(struct start *start)
{
	const struct options *options = &start->options;
	struct app_params *app = &start->app;

	app->audio.mic = options->mic ? options->mic : options->headless ? "silence" : NULL;
	app->audio.speaker = options->speaker ? options->speaker : options->headless ? "null" : NULL;
	app->video.camera = options->camera;
	app->share = options->share;
	app->view = options->view;
	app->muted = options->muted;
	app->headless = options->headless;
	app->bandwidth = options->bandwidth;
}

void start_relay_problem(void *arg, const char *text)
{
	const struct start *start = arg;

	if (start->running)
		app_notice(start->running, "relay", text);
}

static void on_new(void *arg, struct app *app)
{
	struct start *start = arg;

	start->running = app;
}

int start_prepare(struct start *start)
{
	struct session_params *session = &start->app.session;

	if (find_state(start) < 0 || find_identity(start) < 0 || find_name(start) < 0)
		return -1;
	fill_media(start);
	start->app.state_dir = start->state;
	start->app.on_new = on_new;
	start->app.on_new_arg = start;
	session->identity = &start->identity;
	session->known_relays = start->known_relays;
	session->name = start->name;
	session->kind = start->options.headless ? KIND_HEADLESS : KIND_TERMINAL;
	session->tls12 = start->options.tls12;
	return start->options.command == MOOT_HOST ? prepare_host(start) : prepare_join(start);
}
