/* Everything between the command line and a meeting: folders, key, name, passcode, which relay; which meeting is in
 * start_join.c. What is missing is asked for on a terminal, and said to be missing without one. */
#include "tui/start.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"
#include "net/text.h"
#include "tui/ask.h"

char start_why[START_WHY_SIZE];
int start_status = 2;

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

int start_find_state(struct start *start)
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

int start_secret(const char *file, char *dst, size_t size)
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
	explicit_bzero(line, sizeof(line));
	return 0;
}

/* What only its owner may read must be so before there is a meeting. */
static int check_private(const struct start *start)
{
	static const char *const names[] = { "host_keys", "known_people", "door_tries" };
	char path[START_PATH_SIZE + 16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", start->state, names[i]);
		if (file_check_private(path) == -EPERM)
			return start_complain("%s must be yours, and readable by you alone: chmod 600 it.", path);
	}
	return 0;
}

/* ---- the person ---- */

bool start_can_ask(const struct start *start)
{
	return !start->options.headless && ask_can();
}

static int find_name(struct start *start)
{
	const struct passwd *user = getpwuid(getuid());
	const char *login = getenv("USER");
	const char *name = login && login[0] ? login : user ? user->pw_name : NULL;
	char typed[MOOT_NAME_SIZE];

	if (start->options.name) {
		name = start->options.name;
	} else if (start_can_ask(start)) {
		char question[MOOT_NAME_SIZE + 40];

		snprintf(question, sizeof(question), "Your name [%s]: ", name ? name : "");
		if (ask_line(question, true, typed, sizeof(typed)) < 0)
			return start_complain("No name was given: --name takes one.");
		if (typed[0])
			name = typed;
	}
	if (!name || text_name(start->name, name) < 0)
		return start_complain("%s be your name: 1 to 40 visible characters. --name takes one.",
				      name ? "This cannot" : "Nothing can");
	return 0;
}

int start_passcode(const struct start *start, char *passcode, bool needed)
{
	const char *from_environment = getenv("MOOT_PASSCODE");

	if (start->options.passcode_file)
		return start_secret(start->options.passcode_file, passcode, MOOT_PASSCODE_SIZE);
	if (from_environment && from_environment[0]) {
		if (strlen(from_environment) >= MOOT_PASSCODE_SIZE)
			return start_complain("MOOT_PASSCODE is too long.");
		memcpy(passcode, from_environment, strlen(from_environment) + 1);
		return 0;
	}
	if (passcode[0] || !needed)
		return 0;
	if (!start_can_ask(start))
		return start_complain(
			"A passcode is needed: the host tells it; here it comes by MOOT_PASSCODE or "
			"--passcode-file.");
	if (ask_line("Passcode: ", false, passcode, MOOT_PASSCODE_SIZE) < 0 || !passcode[0])
		return start_complain("No passcode was given.");
	return 0;
}

/* ---- which relay, which meeting ---- */

int start_take_relay(struct invite *invite, const char *text)
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

int start_take_pin(struct invite *invite, const char *pin)
{
	if (invite_parse_pin(invite->pin, pin, strlen(pin)) < 0)
		return start_complain(
			"\"%.60s\" is no pin: a relay prints its own when it starts, 44 characters.", pin);
	return 0;
}

int start_relay(struct invite *invite, const char *relay, const char *pin)
{
	return start_take_relay(invite, relay) < 0 || (pin && start_take_pin(invite, pin) < 0) ? -1 : 0;
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
		if (start_secret(start->options.token_file, start->token, sizeof(start->token)) < 0)
			return -1;
		start->app.session.token = start->token;
	}
	if (start->options.relay && (start->options.listen || start->options.port))
		return start_complain("--listen and --port are for a relay of your own, --relay is "
				      "another's: it is one or the other.");
	if (start->options.relay ? start_take_relay(invite, start->options.relay) < 0 : start_embedded(start) < 0)
		return -1;
	if (start->options.pin && start_take_pin(invite, start->options.pin) < 0)
		return -1;
	if (start->options.id && text_id(invite->id, start->options.id) < 0)
		return start_complain(
			"\"%.60s\" cannot be an id: 4 to 32 of a-z, 0-9 and -, not only digits.",
			start->options.id);
	return start_passcode(start, invite->passcode, false);
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

	if (start_find_state(start) < 0 || find_identity(start) < 0 || check_private(start) < 0 || find_name(start) < 0)
		return -1;
	fill_media(start);
	start->app.state_dir = start->state;
	/* A guest is nobody whom others know again, and knows nobody. */
	snprintf(start->known_people, sizeof(start->known_people), "%s/known_people", start->state);
	start->app.known_people = start->options.guest ? NULL : start->known_people;
	session->state_dir = start->state;
	start->app.on_new = on_new;
	start->app.on_new_arg = start;
	session->identity = &start->identity;
	session->known_relays = start->known_relays;
	session->name = start->name;
	session->kind = start->options.headless ? KIND_HEADLESS : KIND_TERMINAL;
	session->tls12 = start->options.tls12;
	return start->options.command == MOOT_HOST ? prepare_host(start) : start_join(start);
}
