/* The words of moot-relay that are no option: each a row with what it takes. */
#include "net/relay_admin.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "net/file.h"
#include "net/policy_file.h"
#include "net/text.h"

/* mkdir -p, for us alone. */
static int make_folder(const char *path)
{
	char part[RELAY_PATH_SIZE];

	if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
		return -ENAMETOOLONG;
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(part, 0700) && errno != EEXIST ? -errno : 0;
}

int relay_home(const char *home, char path[static RELAY_PATH_SIZE])
{
	const char *state = getenv("XDG_STATE_HOME"), *user = getenv("HOME");

	if (home)
		snprintf(path, RELAY_PATH_SIZE, "%s", home);
	else if (state && *state == '/')
		snprintf(path, RELAY_PATH_SIZE, "%s/moot", state);
	else
		snprintf(path, RELAY_PATH_SIZE, "%s/.local/state/moot", user ? user : "");
	return make_folder(path);
}

int relay_load_policy(struct policy *policy, const char *path, void (*say)(void *arg, const char *text), void *arg)
{
	struct policy_mistake mistakes[POLICY_MISTAKES_MAX];
	char *text, line[RELAY_PATH_SIZE + 400];
	size_t n;
	int err = file_load(path, POLICY_FILE_MAX + 1, &text, &n), count;

	if (err) {
		snprintf(line, sizeof line, "cannot read the policy %s: %s", path, strerror(-err));
		say(arg, line);
		return err;
	}
	count = policy_parse(policy, text, n, mistakes);
	free(text);
	for (int i = 0; i < count && i < POLICY_MISTAKES_MAX; i++) {
		snprintf(line, sizeof line, "%s:%u:%u: %s", path, mistakes[i].line, mistakes[i].column, mistakes[i].text);
		say(arg, line);
	}
	if (count > POLICY_MISTAKES_MAX) {
		snprintf(line, sizeof line, "%s: and %d more mistakes", path, count - POLICY_MISTAKES_MAX);
		say(arg, line);
	}
	return count ? -EINVAL : 0;
}

struct store *relay_open_store(const char *home, void (*say)(void *arg, const char *text), void *arg)
{
	char path[RELAY_PATH_SIZE], line[RELAY_PATH_SIZE + 400];
	const char *why = "cannot be opened";
	struct store *store = NULL;
	int err = relay_home(home, path);

	if (!err)
		err = store_open(&store, path, &why);
	if (!err)
		return store;
	snprintf(line, sizeof line, "%s/relay.db %s (%s).", path, why, strerror(-err));
	say(arg, line);
	return NULL;
}

static void say_stderr(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "moot-relay: %s\n", text);
}

/* ---- policy --------------------------------------------------------------------------------------------- */

struct words {
	const char *home, *argument; /* after the words; NULL none */
	bool json;
};

static int policy_check(const struct words *words)
{
	struct policy policy;
	int err;

	if (!words->argument) {
		fputs("moot-relay: policy check wants a FILE\n", stderr);
		return 2;
	}
	err = relay_load_policy(&policy, words->argument, say_stderr, NULL);
	if (err)
		return err == -EINVAL ? 1 : 2;
	printf("%s: no mistakes\n", words->argument);
	return 0;
}

static int policy_show(const struct words *words)
{
	static char text[POLICY_FILE_MAX];
	struct policy policy;
	json_t *json;

	policy_init(&policy);
	if (words->argument && relay_load_policy(&policy, words->argument, say_stderr, NULL))
		return 1;
	if (!words->json) {
		policy_text(&policy, text, sizeof text);
		fputs(text, stdout);
		return 0;
	}
	json = json_object();
	for (int i = 0; i < CONTROL_COUNT; i++)
		json_object_set_new(json, control_name((enum control)i),
		                    json_pack("{s:s, s:b}", "value", control_value_name((enum control)i, policy.value[i]),
		                              "locked", policy.locked[i]));
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return 0;
}

/* ---- tokens --------------------------------------------------------------------------------------------- */

static int token_new(const struct words *words)
{
	const char *label = words->argument ? words->argument : "";
	char token[STORE_TOKEN_SIZE];
	struct store *store;
	int number;

	if (strlen(label) >= STORE_LABEL_SIZE || !text_valid(label, strlen(label))) {
		fprintf(stderr, "moot-relay: a label has at most %d bytes of UTF-8\n", STORE_LABEL_SIZE - 1);
		return 2;
	}
	store = relay_open_store(words->home, say_stderr, NULL);
	if (!store)
		return 1;
	number = store_token_new(store, label, time(NULL), token);
	store_close(store);
	if (number < 0) {
		fprintf(stderr, "moot-relay: the token cannot be kept: %s\n", strerror(-number));
		return 1;
	}
	if (words->json)
		printf("{\"number\":%d,\"token\":\"%s\"}\n", number, token);
	else
		printf("%s\n", token);
	fprintf(stderr, "moot-relay: this is token %d; it is shown this once. A host writes it to a file: moot host "
	                "--token-file FILE\n", number);
	return 0;
}

static void print_token(void *arg, int number, const char *label, int64_t created_s, bool revoked)
{
	const struct words *words = arg;
	char day[16] = "", safe[4 * STORE_LABEL_SIZE];
	time_t seconds = (time_t)created_s;
	struct tm tm;
	json_t *line;

	if (gmtime_r(&seconds, &tm))
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
	if (!words->json) {
		text_safe(safe, sizeof safe, label, false);
		printf("%4d  %s  %-7s  %s\n", number, day, revoked ? "revoked" : "valid", safe);
		return;
	}
	line = json_pack("{s:i, s:s, s:b, s:s}", "number", number, "created", day, "revoked", revoked, "label", label);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static int token_list(const struct words *words)
{
	struct words copy = *words;
	struct store *store = relay_open_store(words->home, say_stderr, NULL);
	int err;

	if (!store)
		return 1;
	err = store_tokens(store, print_token, &copy);
	store_close(store);
	return err ? 1 : 0;
}

static int token_revoke(const struct words *words)
{
	char *end = NULL;
	long number = words->argument ? strtol(words->argument, &end, 10) : 0;
	struct store *store;
	int err;

	if (number < 1 || *end) {
		fputs("moot-relay: token revoke wants the NUMBER that token list shows\n", stderr);
		return 2;
	}
	store = relay_open_store(words->home, say_stderr, NULL);
	if (!store)
		return 1;
	err = store_token_revoke(store, (int)number);
	store_close(store);
	if (err)
		fprintf(stderr, "moot-relay: %s\n", err == -ENOENT ? "there is no such valid token" : strerror(-err));
	return err ? 1 : 0;
}

/* ---- privacy -------------------------------------------------------------------------------------------- */

static int privacy(const struct words *words)
{
	char home[RELAY_PATH_SIZE];

	relay_home(words->home, home);
	printf("What this relay holds, where, and for how long\n\n"
	       "On disk, in %s (0600, this user's alone):\n"
	       "  certificate.pem, key.pem  its certificate and key, unless --certificate names others; until removed\n"
	       "  relay.db                  a keyed hash of each meeting id that was used, so that none is used twice;\n"
	       "                            hash, label and day of each token; until removed\n"
	       "  store.key                 the key of those hashes\n"
	       "Nothing else is written: no chat, media, names, addresses, titles, passcodes or times of meetings.\n\n"
	       "In memory, while a meeting runs, and gone with it:\n"
	       "  its id, title and rules; each person's name, number, role and public key; the keys of those who left or\n"
	       "  were removed; hashes of the host key, of the gate that goes with the invite, and of the PIN for browsers and\n"
	       "  telephones if a host set one (never the passcode); the newest 32 rosters of its keys, with names and public\n"
	       "  keys, and the keys themselves as they are wrapped for members; the last 256 chat messages, sealed, for lines\n"
	       "  that were lost; votes of the open poll; who sends whom a file of which size. Of the media nothing is kept.\n"
	       "In memory beside that: how often an address guessed wrong, for as long as it must wait.\n\n"
	       "In the log: errors and counts. No names, addresses, ids or texts above the level debug.\n", home);
	return 0;
}

/* ---- the table ------------------------------------------------------------------------------------------ */

static const struct {
	const char *word, *second, *usage;
	int (*run)(const struct words *words);
	bool argument;
} table[] = {
	{ "policy", "check", "policy check FILE", policy_check, true },
	{ "policy", "show", "policy show [FILE] [--json]", policy_show, true },
	{ "token", "new", "token new [LABEL] [--home DIR] [--json]", token_new, true },
	{ "token", "list", "token list [--home DIR] [--json]", token_list, false },
	{ "token", "revoke", "token revoke NUMBER [--home DIR]", token_revoke, true },
	{ "privacy", NULL, "privacy [--home DIR]", privacy, false },
};
enum { ROWS = sizeof table / sizeof *table };

bool relay_admin_word(const char *word)
{
	for (int i = 0; i < ROWS; i++)
		if (!strcmp(word, table[i].word))
			return true;
	return false;
}

static int wrong(const char *word)
{
	fputs("moot-relay: not understood. There is\n", stderr);
	for (int i = 0; i < ROWS; i++)
		if (!strcmp(word, table[i].word))
			fprintf(stderr, "  moot-relay %s\n", table[i].usage);
	return 2;
}

/* Options may stand anywhere behind the words. False when something is left over. */
static bool take_words(struct words *words, int argc, char **argv, bool argument)
{
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			words->json = true;
		else if (!strcmp(argv[i], "--home") && i + 1 < argc)
			words->home = argv[++i];
		else if (argument && !words->argument && (argv[i][0] != '-' || !argv[i][1]))
			words->argument = argv[i];
		else
			return false;
	}
	return true;
}

int relay_admin(int argc, char **argv)
{
	for (int i = 0; i < ROWS; i++) {
		struct words words = { NULL, NULL, false };
		int skip = table[i].second ? 2 : 1;

		if (strcmp(argv[0], table[i].word) || (table[i].second && (argc < 2 || strcmp(argv[1], table[i].second))))
			continue;
		if (!take_words(&words, argc - skip, argv + skip, table[i].argument))
			return wrong(argv[0]);
		return table[i].run(&words);
	}
	return wrong(argv[0]);
}
