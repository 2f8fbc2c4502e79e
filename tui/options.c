/* Options are data: a line for each, with the commands that take it, what it is and where it goes. */
#include "tui/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, TEXT, PORT, RATE, SIZE, SECONDS, SEED };

#define H    (1u << MOOT_HOST)
#define J    (1u << MOOT_JOIN)
#define I    (1u << MOOT_INVITE)
#define S    (1u << MOOT_SCRIPT)
#define ANY  (H | J)
#define EACH (H | J | I | S | 1u << MOOT_DEVICES | 1u << MOOT_NONE)

#define AT(member) offsetof(struct options, member)

/* clang-format off: a line or two for each */
static const struct option_info {
	const char *name, *value, *help;
	unsigned commands;
	enum kind kind;
	size_t at;
} table[] = {
	{ "name", "NAME", "who you are (default: your login name)", ANY, TEXT, AT(name) },
	{ "relay", "HOST[:PORT]", "the relay of the meeting (port 45551)", ANY | I | S, TEXT, AT(relay) },
	{ "pin", "PIN", "the relay's pin, from its administrator", ANY | I | S, TEXT, AT(pin) },
	{ "trust", NULL, "take a relay that nobody vouches for, and remember it", ANY | S, FLAG, AT(trust) },
	{ "tls12", NULL, "let TLS 1.2 do", ANY, FLAG, AT(tls12) },
	{ "title", "TEXT", "what the meeting is called", H, TEXT, AT(title) },
	{ "id", "ID", "an id of your own, such as team-monday", H, TEXT, AT(id) },
	{ "listen", "ADDRESS", "let others reach your own relay (default: this machine only)", H, TEXT,
	  AT(listen) },
	{ "port", "PORT", "the port of your own relay (default: any free one)", H, PORT, AT(port) },
	{ "token-file", "FILE", "the token that the relay wants of those who create meetings", H, TEXT,
	  AT(token_file) },
	{ "passcode-file", "FILE", "read the passcode here (or from MOOT_PASSCODE)", ANY, TEXT,
	  AT(passcode_file) },
	{ "qr", NULL, "draw the invite as a QR code", I, FLAG, AT(qr) },
	{ "spoken", NULL, "id and passcode, to be told by two different ways", I, FLAG, AT(spoken) },
	{ "seal", NULL, "as a text for a mail, which a code opens", I, FLAG, AT(seal) },
	{ "code-file", "FILE", "the code of a sealed invitation (or MOOT_CODE)", J | I, TEXT, AT(code_file) },
	{ "guest", NULL, "use a fresh key that is kept nowhere", ANY, FLAG, AT(guest) },
	{ "home", "DIR", "keep keys and settings here", ANY | I, TEXT, AT(home) },
	{ "mic", "WHAT", "FILE, tone:HZ, silence, none, or a device's name or number", ANY, TEXT, AT(mic) },
	{ "speaker", "WHAT", "FILE.wav, null, none, or a device's name or number", ANY, TEXT, AT(speaker) },
	{ "camera", "WHAT", "FILE, pattern, none, or a device such as /dev/video0 (default: none)", ANY, TEXT,
	  AT(camera) },
	{ "share", "FILE", "show this file to all from the start", ANY, TEXT, AT(share) },
	{ "muted", NULL, "come in with the microphone off", ANY, FLAG, AT(muted) },
	{ "bandwidth", "RATE", "stay under so many bits per second, such as 64k", ANY, RATE, AT(bandwidth) },
	{ "view", "VIEW", "speaker, gallery or off", ANY, TEXT, AT(view) },
	{ "bell", "WHEN", "off, direct (knocks and direct messages) or all", ANY, TEXT, AT(bell) },
	{ "headless", NULL, "no screen: JSON lines on standard input and output", ANY, FLAG, AT(headless) },
	{ "size", "COLSxROWS", "of the screen that headless shows (default: 80x24)", ANY | S, SIZE, 0 },
	{ "log", "DIR", "a log of each participant, JSON lines, goes here", S, TEXT, AT(log) },
	{ "seed", "N", "of math.random (default: one by chance, printed)", S, SEED, AT(seed) },
	{ "list-commands", NULL, "what a script can call", S, FLAG, AT(list_commands) },
	{ "timeout", "SECONDS", "headless and script: end after so long", ANY | S, SECONDS, AT(timeout_s) },
	{ "help", NULL, "this text", EACH, FLAG, AT(help) },
	{ "version", NULL, "which version this is", EACH, FLAG, AT(version) },
};
/* clang-format on */

static const struct {
	const char *name, *usage, *help;
} commands[MOOT_COMMANDS] = {
	[MOOT_HOST] = { "host", "moot host [OPTIONS]", "open a meeting; you are its host" },
	[MOOT_JOIN] = { "join", "moot join INVITE|ID|FILE [OPTIONS]", "enter a meeting" },
	[MOOT_INVITE] = { "invite", "moot invite [ID|INVITE] [OPTIONS]", "hand out the invite of a meeting that you host" },
	[MOOT_SCRIPT] = { "script", "moot script FILE.lua [OPTIONS]", "run a scenario with many participants" },
	[MOOT_DEVICES] = { "devices", "moot devices", "list microphones, speakers and cameras" },
};

/* ---- what was probably meant ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits between two short words (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[32];
	const size_t n = least(strlen(b), 31);

	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			const size_t above = row[k];

			row[k] = least(least(row[k], row[k - 1]) + 1, diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

static const char *nearest(const char *word, unsigned command)
{
	const char *best = NULL;
	size_t best_distance = least(3, strlen(word) / 2 + 1);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const size_t d =
			!strncmp(table[i].name, word, strlen(word)) ? 1 : distance(word, table[i].name);

		if ((table[i].commands & command) && d < best_distance) {
			best = table[i].name;
			best_distance = d;
		}
	}
	return best;
}

static const char *nearest_command(const char *word)
{
	for (int i = MOOT_HOST; i < MOOT_COMMANDS; i++)
		if (distance(word, commands[i].name) < least(3, strlen(word) / 2 + 1))
			return commands[i].name;
	return NULL;
}

/* ---- values ---- */

int options_rate(uint32_t *rate, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text)
		return -EINVAL;
	if (*end == 'k' || *end == 'K')
		value *= 1e3, end++;
	else if (*end == 'm' || *end == 'M')
		value *= 1e6, end++;
	if (*end || !(value >= 8000 && value <= 4e9))
		return -EINVAL;
	*rate = (uint32_t)value;
	return 0;
}

int options_size(int *cols, int *rows, const char *text)
{
	char *end;
	const long c = strtol(text, &end, 10);
	long r;

	if (end == text || *end != 'x')
		return -EINVAL;
	text = end + 1;
	r = strtol(text, &end, 10);
	if (end == text || *end || c < 20 || c > 500 || r < 6 || r > 200)
		return -EINVAL;
	*cols = (int)c;
	*rows = (int)r;
	return 0;
}

static int take_number(double *number, const char *text, double low, double high)
{
	char *end;
	const double value = strtod(text, &end);

	if (end == text || *end || !(value >= low && value <= high))
		return -EINVAL;
	*number = value;
	return 0;
}

static int take_value(struct options *options, const struct option_info *info, const char *value)
{
	void *at = (char *)options + info->at;
	double number;
	int err = 0;

	switch (info->kind) {
	case FLAG: *(bool *)at = true; break;
	case TEXT: *(const char **)at = value; break;
	case RATE: err = options_rate(at, value); break;
	case SIZE: err = options_size(&options->cols, &options->rows, value); break;
	case SECONDS: err = take_number(at, value, 0, 1e6); break;
	case SEED:
		err = take_number(&number, value, 0, 4294967295.0);
		if (err == 0)
			*(uint32_t *)at = (uint32_t)number;
		options->seed_set = err == 0;
		break;
	case PORT:
		err = take_number(&number, value, 0, 65535);
		if (err == 0)
			*(uint32_t *)at = (uint32_t)number;
		break;
	}
	return err;
}

static const struct option_info *find(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == n && !strncmp(table[i].name, name, n))
			return &table[i];
	return NULL;
}

/* One "--name[=value]". Returns how many words of argv it took, or -EINVAL. */
static int take_option(struct options *options, char *argv[], char *why, size_t size)
{
	const char *name = argv[0] + 2, *value = strchr(name, '=');
	const size_t n = value ? (size_t)(value - name) : strlen(name);
	const struct option_info *info = find(name, n);
	const char *meant;
	char word[40];
	int took = 1;

	if (!info || !(info->commands & 1u << options->command)) {
		snprintf(word, sizeof(word), "%.*s", (int)n, name);
		meant = nearest(word, 1u << options->command);
		snprintf(why, size, "There is no option --%s%s%s%s%s.", word,
			 info && options->command ? " for " : "",
			 info && options->command ? commands[options->command].name : "",
			 meant && !info ? "; did you mean --" : "", meant && !info ? meant : "");
		return -EINVAL;
	}
	if (info->kind == FLAG) {
		if (value) {
			snprintf(why, size, "--%s takes no value.", info->name);
			return -EINVAL;
		}
	} else if (value) {
		value++;
	} else if (argv[1]) {
		value = argv[1];
		took = 2;
	} else {
		snprintf(why, size, "--%s wants %s.", info->name, info->value);
		return -EINVAL;
	}
	if (take_value(options, info, value) == 0)
		return took;
	snprintf(why, size, "--%s wants %s, not \"%.40s\".", info->name, info->value, value);
	return -EINVAL;
}

static int take_word(struct options *options, const char *word, char *why, size_t size)
{
	const char *meant;

	if (options->command == MOOT_NONE) {
		for (int i = MOOT_HOST; i < MOOT_COMMANDS; i++)
			if (!strcmp(word, commands[i].name)) {
				options->command = (enum moot_command)i;
				return 0;
			}
		if (!strcmp(word, "help")) {
			options->help = true;
			return 0;
		}
		meant = nearest_command(word);
		snprintf(why, size, "There is no command \"%.40s\"%s%s.", word,
			 meant ? "; did you mean " : "", meant ? meant : "");
		return -EINVAL;
	}
	if ((options->command == MOOT_JOIN || options->command == MOOT_INVITE || options->command == MOOT_SCRIPT) &&
	    !options->target) {
		options->target = word;
		return 0;
	}
	snprintf(why, size, "\"%.40s\" is one word too many.", word);
	return -EINVAL;
}

int options_parse(struct options *options, int argc, char *argv[], char *why, size_t size)
{
	bool words_only = false;

	*options = (struct options) { .cols = 80, .rows = 24 };
	for (int i = 1; i < argc;) {
		int took = 1;

		if (!words_only && !strcmp(argv[i], "--"))
			words_only = true;
		else if (!words_only && !strcmp(argv[i], "-h"))
			options->help = true;
		else if (!words_only && !strncmp(argv[i], "--", 2))
			took = take_option(options, argv + i, why, size);
		else if (!words_only && argv[i][0] == '-' && argv[i][1]) {
			snprintf(why, size, "There is no option %.40s.", argv[i]);
			took = -EINVAL;
		} else if (take_word(options, argv[i], why, size) < 0)
			took = -EINVAL;
		if (took < 0)
			return took;
		i += took;
	}
	if (options->help || options->version)
		return 0;
	if (options->command == MOOT_NONE)
		snprintf(why, size, "What shall it be: moot host, moot join INVITE, moot invite, moot script FILE, or moot devices?");
	else if (options->command == MOOT_JOIN && !options->target)
		snprintf(why, size, "Which meeting? moot join INVITE, or moot join ID --relay HOST.");
	else if (options->qr + options->spoken + options->seal > 1)
		snprintf(why, size, "--qr, --spoken and --seal: one at a time.");
	else if (options->command == MOOT_SCRIPT && !options->target && !options->list_commands)
		snprintf(why, size, "Which script? moot script FILE.lua.");
	else
		return 0;
	return -EINVAL;
}

void options_help(FILE *out, enum moot_command command)
{
	if (command == MOOT_NONE) {
		fprintf(out, "Meetings in a terminal.\n\n");
		for (int i = MOOT_HOST; i < MOOT_COMMANDS; i++)
			fprintf(out, "  %-36s %s\n", commands[i].usage, commands[i].help);
		fprintf(out, "\n\"moot COMMAND --help\" says more; in a meeting, /help or F1.\n\n");
	} else {
		fprintf(out, "%s: %s.\n\n", commands[command].usage, commands[command].help);
	}
	fprintf(out, "Options:\n");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char left[64];

		if (!(table[i].commands & 1u << command))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", table[i].name, table[i].value ? " " : "",
			 table[i].value ? table[i].value : "");
		fprintf(out, "  %-24s %s\n", left, table[i].help);
	}
	if (command == MOOT_HOST || command == MOOT_JOIN || command == MOOT_SCRIPT)
		fprintf(out, "\nExit status: 0 left or ended, 1 a failed expect or refute, 2 usage, 3 cannot "
			     "connect or not\n"
			     "trusted, 4 refused by the meeting, 5 protocol, 6 removed by a host, 7 out of "
			     "time.\n");
}
