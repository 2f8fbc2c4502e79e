/* The program moot: from a command line to one participant with a screen, or without. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "audio/engine.h"
#include "render/video.h"
#include "tui/handout.h"
#include "tui/headless.h"
#include "tui/options.h"
#include "tui/privacy.h"
#include "tui/screen.h"
#include "tui/script.h"
#include "tui/start.h"

enum { EXIT_USAGE = 2 };

/* Even who never got as far as a meeting is told so in JSON, if JSON was asked for. */
static int give_up(int argc, char *argv[], int64_t start_us)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--headless"))
			return headless_refuse(STDOUT_FILENO, start_us, start_status, start_why);
	return start_status;
}

static int run(struct start *start, int64_t start_us)
{
	const struct headless_params headless = { .app = start->app,
						  .in = STDIN_FILENO,
						  .out = STDOUT_FILENO,
						  .rows = start->options.rows,
						  .cols = start->options.cols,
						  .trust = start->options.trust,
						  .timeout_us = (int64_t)(start->options.timeout_s * 1e6),
						  .start_us = start_us };
	struct screen_params screen = { .app = start->app, .trust = start->options.trust };

	if (start->options.bell && bell_parse(&screen.bell, start->options.bell) < 0)
		return start_complain("--bell is off, direct or all.");
	if (start->embedded)
		embedded_watch(start->embedded, start->loop, start_relay_problem, start);
	return start->options.headless ? headless_run(start->loop, &headless)
				       : screen_run(start->loop, &screen);
}

/* The exit status, or -1 when start_why says why there was no meeting. */
static int participate(const struct options *options, int64_t start_us)
{
	static struct start start;
	int status = -1;

	start.options = *options;
	if (start_prepare(&start) < 0)
		goto out;
	start.loop = loop_new();
	if (start.loop)
		status = run(&start, start_us);
	else
		start_complain("The event loop could not be started: %s.", strerror(errno));
out:
	embedded_unwatch(start.embedded);
	if (start.loop)
		loop_free(start.loop);
	embedded_stop(start.embedded);
	identity_clear(&start.identity);
	return status;
}

static int run_script(const struct options *options, int64_t start_us)
{
	struct script_params params = { .file = options->target,
					.log_dir = options->log,
					.relay_set = options->relay != NULL,
					.trust = options->trust,
					.seed_set = options->seed_set,
					.seed = options->seed,
					.timeout_s = options->timeout_s,
					.rows = options->rows,
					.cols = options->cols,
					.start_us = start_us };

	if (options->list_commands) {
		script_list();
		return 0;
	}
	if (options->relay && start_relay(&params.relay, options->relay, options->pin) < 0)
		return EXIT_USAGE;
	return script_run(&params);
}

static void print_sound(void *arg, int index, const char *name, int inputs, int outputs, bool default_in,
			bool default_out)
{
	(void)arg;
	printf("  %2d  %-44.60s%s%s%s\n", index, name, inputs ? " microphone" : "", outputs ? " speaker" : "",
	       default_in || default_out ? " (default)" : "");
}

static void print_camera(void *arg, const char *path, const char *name)
{
	(void)arg;
	printf("  %-16s %s\n", path, name);
}

static int list_devices(void)
{
	printf("Sound (--mic, --speaker):\n");
	if (audio_devices(print_sound, NULL) <= 0)
		printf("  none\n");
	printf("Cameras (--camera):\n");
	if (video_devices(print_camera, NULL) <= 0)
		printf("  none\n");
	return 0;
}

/* What follows the # of a link is secret, and every user of the machine may read the command lines of all. */
static void hide_secret(const char **target, int argc, char *argv[])
{
	static char copy[START_PATH_SIZE];

	if (!*target || strlen(*target) >= sizeof(copy) || !strchr(*target, '#'))
		return;
	snprintf(copy, sizeof(copy), "%s", *target);
	for (int i = 1; i < argc; i++)
		if (argv[i] == *target)
			memset(strchr(argv[i], '#') + 1, '*', strlen(strchr(argv[i], '#') + 1));
	*target = copy;
}

int main(int argc, char *argv[])
{
	const int64_t start_us = loop_now_us();
	struct options options;
	char why[512];
	int status;

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &(struct rlimit) { 0, 0 }); /* keys are in here */
	signal(SIGXFSZ, SIG_IGN); /* a full quota is an error of a write, not an end */
	if (argc > 1 && !strcmp(argv[1], "privacy") && (argc == 2 || (argc == 4 && !strcmp(argv[2], "--home"))))
		return privacy_print(argc == 4 ? argv[3] : NULL);
	if (options_parse(&options, argc, argv, why, sizeof(why)) < 0) {
		start_complain("%s \"moot --help\" says more.", why);
		return give_up(argc, argv, start_us);
	}
	if (options.command == MOOT_JOIN || options.command == MOOT_INVITE)
		hide_secret(&options.target, argc, argv);
	if (options.version) {
		printf("moot %s\n", MOOT_VERSION);
		return 0;
	}
	if (options.help) {
		options_help(stdout, options.command);
		return 0;
	}
	if (options.command == MOOT_DEVICES)
		return list_devices();
	if (options.command == MOOT_INVITE)
		return handout_run(&options);
	if (options.command == MOOT_SCRIPT)
		return run_script(&options, start_us);
	status = participate(&options, start_us);
	return status < 0 ? give_up(argc, argv, start_us) : status;
}
