/* The program moot-relay: options, a certificate, one loop. What it prints is for the administrator, or with --json for
 * programs: a line that says where it listens, then its log. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "net/cert.h"
#include "net/relay.h"
#include "net/relay_admin.h"

enum { PORT = 45551, MEETINGS_MAX = 100000, SEAT_HOLD_MAX_S = 3600, PATH_SIZE = RELAY_PATH_SIZE, TOKEN_SIZE = MOOT_PASSCODE_SIZE };

static const char *const level_names[] = { "error", "warning", "info", "debug" };
enum { LEVELS = sizeof level_names / sizeof *level_names };

struct options {
	const char *address, *certificate, *key, *home, *token_file, *policy;
	uint16_t port;
	uint32_t people_max, meetings_max, seat_hold_s;
	int level;
	bool json, tls12, open;
};

struct program {
	struct options options;
	struct loop *loop;
	struct relay *relay;
	struct store *store;
	bool stopping;
};

static const char usage[] =
	"Usage: moot-relay [OPTION]...\n"
	"       moot-relay policy check FILE | policy show [FILE]\n"
	"       moot-relay token new [LABEL] | token list | token revoke NUMBER\n"
	"       moot-relay privacy\n"
	"Carry meetings between people who use moot.\n"
	"\n"
	"  --listen ADDRESS     listen here (127.0.0.1; 0.0.0.0 or :: for everybody)\n"
	"  --port PORT          on this port (45551; 0: any free one)\n"
	"  --certificate FILE   certificate chain, PEM; made on first run unless given\n"
	"  --key FILE           its private key, PEM\n"
	"  --home DIR           where those are kept (~/.local/state/moot)\n"
	"  --policy FILE        the rules of this relay, moot(5); read again on SIGHUP\n"
	"  --open               anyone may create meetings, not only on this machine\n"
	"  --token-file FILE    whoever knows what is written there may\n"
	"  --max-people N       in one meeting (at most 1000)\n"
	"  --max-meetings N     at a time\n"
	"  --seat-hold SECONDS  how long the seat of a lost line is kept (60)\n"
	"  --tls12              let TLS 1.2 do; otherwise 1.3 only\n"
	"  --json               print JSON lines: where it listens, then the log\n"
	"  --log-level LEVEL    error, warning, info or debug (info)\n"
	"  --help, --version\n"
	"\n"
	"It ends in order on SIGTERM and SIGINT. Exit status: 0 ended in order, 1 could not start, 2 wrong usage.\n";

/* ---- printing ------------------------------------------------------------------------------------------- */

static void print_json(json_t *line)
{
	if (!line)
		return;
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
}

static void log_line(void *arg, int level, const char *event, const char *text)
{
	const struct program *program = arg;

	if (level > program->options.level)
		return;
	if (program->options.json)
		print_json(json_pack("{s:s, s:s, s:s}", "event", event, "level", level_names[level], "text", text));
	else
		fprintf(stderr, "moot-relay: %s: %s\n", event, text);
}

static void print_listening(const struct program *program)
{
	const char *host = program->options.address ? program->options.address : "127.0.0.1";
	char address[300];

	snprintf(address, sizeof address, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, relay_port(program->relay));
	if (program->options.json) {
		print_json(json_pack("{s:s, s:s, s:s}", "event", "listening", "address", address, "pin",
		                     relay_pin(program->relay)));
		return;
	}
	printf("Listening on %s\nPin %s\n", address, relay_pin(program->relay));
	fflush(stdout);
}

/* ---- options -------------------------------------------------------------------------------------------- */

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "moot-relay: %s%s%s; see moot-relay --help\n", what, value ? ": " : "", value ? value : "");
	return -1;
}

static int parse_number(const char *text, long min, long max, uint32_t *value)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || n < min || n > max)
		return usage_error("not a number in range", text);
	*value = (uint32_t)n;
	return 0;
}

static int parse_level(const char *text, int *level)
{
	for (int i = 0; i < LEVELS; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = i;
			return 0;
		}
	}
	return usage_error("no such log level", text);
}

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, 'l' },  { "port", required_argument, NULL, 'p' },
	{ "certificate", required_argument, NULL, 'c' }, { "key", required_argument, NULL, 'k' },
	{ "home", required_argument, NULL, 'd' },    { "open", no_argument, NULL, 'o' },
	{ "policy", required_argument, NULL, 'P' },
	{ "token-file", required_argument, NULL, 't' }, { "max-people", required_argument, NULL, 'n' },
	{ "max-meetings", required_argument, NULL, 'm' },
	{ "seat-hold", required_argument, NULL, 's' }, { "tls12", no_argument, NULL, '2' },
	{ "json", no_argument, NULL, 'j' },          { "log-level", required_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },          { "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int take_option(struct options *options, int option)
{
	uint32_t port = options->port;
	int err = 0;

	switch (option) {
	case 'l': options->address = optarg; break;
	case 'p': err = parse_number(optarg, 0, 65535, &port); break;
	case 'c': options->certificate = optarg; break;
	case 'k': options->key = optarg; break;
	case 'd': options->home = optarg; break;
	case 'o': options->open = true; break;
	case 'P': options->policy = optarg; break;
	case 't': options->token_file = optarg; break;
	case 'n': err = parse_number(optarg, 1, MOOT_PEOPLE_MAX, &options->people_max); break;
	case 'm': err = parse_number(optarg, 1, MEETINGS_MAX, &options->meetings_max); break;
	case 's': err = parse_number(optarg, 1, SEAT_HOLD_MAX_S, &options->seat_hold_s); break;
	case '2': options->tls12 = true; break;
	case 'j': options->json = true; break;
	case 'v': err = parse_level(optarg, &options->level); break;
	case 'h': fputs(usage, stdout); exit(0);
	case 'V': puts("moot-relay " MOOT_VERSION); exit(0);
	default: err = usage_error("wrong usage", NULL); break;
	}
	options->port = (uint16_t)port;
	return err;
}

static int parse_options(struct options *options, int argc, char **argv)
{
	int option;

	opterr = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (take_option(options, option))
			return -1;
	if (optind < argc)
		return usage_error("not understood", argv[optind]);
	if (!options->certificate != !options->key)
		return usage_error("--certificate and --key come together", NULL);
	return 0;
}

/* ---- files ---------------------------------------------------------------------------------------------- */

static int failed(const char *what, const char *which, int err, const char *advice)
{
	fprintf(stderr, "moot-relay: %s %s: %s. %s\n", what, which, strerror(-err), advice);
	return -1;
}

/* certificate, key: [PATH_SIZE]. */
static int find_certificate(const struct options *options, char *certificate, char *key)
{
	char home[PATH_SIZE];
	int err;

	if (options->certificate) {
		snprintf(certificate, PATH_SIZE, "%s", options->certificate);
		snprintf(key, PATH_SIZE, "%s", options->key);
		return 0;
	}
	err = relay_home(options->home, home);
	if (snprintf(certificate, PATH_SIZE, "%s/certificate.pem", home) >= PATH_SIZE ||
	    snprintf(key, PATH_SIZE, "%s/key.pem", home) >= PATH_SIZE)
		return failed("cannot use", home, -ENAMETOOLONG, "Choose another folder with --home.");
	if (err)
		return failed("cannot make the folder", home, err, "Choose another with --home.");
	err = cert_ensure(certificate, key, options->address ? options->address : "localhost");
	if (err == -EEXIST)
		return failed("cannot keep a certificate in", home, err,
		              "Only one of certificate.pem and key.pem is there: bring the other back, or remove it.");
	if (err < 0)
		return failed("cannot write a certificate to", home, err,
		              err == -ENOSPC ? "The disk is full: make room, or choose another folder with --home." :
		                               "Choose another folder with --home.");
	return 0;
}

/* The first line of the file. token: [TOKEN_SIZE]. */
static int read_token(const char *path, char *token)
{
	FILE *file = fopen(path, "re");
	int err = errno;
	bool read;

	if (!file)
		return failed("cannot read", path, -err, "Write the token to that file, or give another.");
	read = fgets(token, TOKEN_SIZE, file) != NULL;
	fclose(file);
	if (read)
		token[strcspn(token, "\r\n")] = '\0';
	if (!read || !*token)
		return failed("no token in", path, -ENODATA, "Write one on the file's first line.");
	return 0;
}

/* ---- running -------------------------------------------------------------------------------------------- */

static void stopped(void *arg)
{
	struct program *program = arg;

	loop_stop(program->loop);
}

static void on_signal(void *arg, int number)
{
	struct program *program = arg;

	(void)number;
	if (program->stopping)
		return;
	program->stopping = true;
	log_line(program, 2, "stopping", "telling everyone, then closing");
	relay_stop(program->relay, stopped, program);
}

static void say_error(void *arg, const char *text)
{
	log_line(arg, 0, "policy", text);
}

/* The file, and over it what the command line says. Mistakes are logged, one by one. */
static int read_policy(struct program *program, struct policy *policy)
{
	const struct options *options = &program->options;
	int err = 0;

	policy_init(policy);
	if (options->policy)
		err = relay_load_policy(policy, options->policy, say_error, program);
	if (options->people_max)
		policy->people_max = options->people_max;
	if (options->meetings_max)
		policy->meetings_max = options->meetings_max;
	if (options->seat_hold_s)
		policy->seat_hold_ms = options->seat_hold_s * 1000;
	return err;
}

static void on_reload(void *arg, int number)
{
	struct program *program = arg;
	struct policy policy;

	(void)number;
	if (program->stopping)
		return;
	if (!program->options.policy) {
		log_line(program, 1, "policy", "there is no --policy to read again");
	} else if (read_policy(program, &policy)) {
		log_line(program, 0, "policy-kept", "the policy stays as it was");
	} else {
		relay_set_policy(program->relay, &policy);
		log_line(program, 2, "policy-read", "the policy was read again");
	}
}

static void raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int explain_listen(const struct options *options, const char *certificate, int err)
{
	char where[300];

	snprintf(where, sizeof where, "%s, port %u", options->address ? options->address : "127.0.0.1", options->port);
	switch (err) {
	case -EADDRINUSE:
		return failed("cannot listen on", where, err, "Another program has this port: choose one with --port.");
	case -EADDRNOTAVAIL:
		return failed("cannot listen on", where, err, "This machine has no such address: choose one with --listen.");
	case -EACCES:
		return failed("cannot listen on", where, err, "Ports below 1024 are root's: choose one with --port.");
	case -EKEYREJECTED:
	case -ENOENT:
	case -EBADMSG:
		return failed("cannot use the certificate", certificate, err,
		              "Is it PEM, readable, and does the key belong to it?");
	default: return failed("cannot start on", where, err, "Is there memory left?");
	}
}

static int start(struct program *program)
{
	struct options *options = &program->options;
	char certificate[PATH_SIZE], key[PATH_SIZE], token[TOKEN_SIZE] = "";
	struct relay_params params = {
		.address = options->address,
		.port = options->port,
		.certificate = certificate,
		.key = key,
		.tls12 = options->tls12,
		.open = options->open,
		.log = log_line,
		.log_arg = program,
	};
	int err;

	if (read_policy(program, &params.policy))
		return -1;
	if (find_certificate(options, certificate, key))
		return -1;
	if (options->token_file) {
		if (read_token(options->token_file, token))
			return -1;
		params.token = token;
	}
	program->store = relay_open_store(options->home, say_error, program);
	if (!program->store)
		return -1;
	params.store = &store_relay_ops;
	params.store_arg = program->store;
	err = relay_new(program->loop, &params, &program->relay);
	return err ? explain_listen(options, certificate, err) : 0;
}

/* "--home DIR token list" is "token list --home DIR". */
static void home_last(int argc, char **argv)
{
	char *home = argv[1], *dir;

	if (argc < 4 || strcmp(home, "--home") || !relay_admin_word(argv[3]))
		return;
	dir = argv[2];
	memmove(argv + 1, argv + 3, (size_t)(argc - 3) * sizeof *argv);
	argv[argc - 2] = home;
	argv[argc - 1] = dir;
}

int main(int argc, char **argv)
{
	static struct program program = { .options = { .port = PORT, .level = 2 } };
	int err;

	home_last(argc, argv);
	if (argc > 1 && relay_admin_word(argv[1]))
		return relay_admin(argc - 1, argv + 1);
	if (parse_options(&program.options, argc, argv))
		return 2;
	raise_files();
	program.loop = loop_new();
	if (!program.loop) {
		fprintf(stderr, "moot-relay: cannot start the event loop. Is there memory and are there descriptors left?\n");
		return 1;
	}
	err = start(&program);
	if (err) {
		store_close(program.store);
		loop_free(program.loop);
		return err == -EINVAL ? 2 : 1;
	}
	loop_signal(program.loop, SIGTERM, on_signal, &program);
	loop_signal(program.loop, SIGINT, on_signal, &program);
	loop_signal(program.loop, SIGHUP, on_reload, &program);
	print_listening(&program);
	loop_run(program.loop);
	relay_free(program.relay);
	store_close(program.store);
	loop_free(program.loop);
	return 0;
}
