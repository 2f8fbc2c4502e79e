/* The relays of a script: real ones, children of this process, each with a folder and perhaps a policy of its own. */
#include "tui/script_state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const double reload_s = 5, stop_s = 4;

/* What its log says: "EVENT: TEXT". */
static void on_said(void *arg, const char *text)
{
	struct script_relay *relay = arg;
	const size_t at = strlen(relay->said);

	if (relay->reload == RELOAD_WAITS && !strncmp(text, "policy-read:", 12))
		relay->reload = RELOAD_DONE;
	else if (relay->reload == RELOAD_WAITS && !strncmp(text, "policy-kept:", 12))
		relay->reload = RELOAD_KEPT;
	else if (relay->reload == RELOAD_WAITS && !strncmp(text, "policy: ", 8))
		snprintf(relay->said + at, sizeof(relay->said) - at, "%s%s", at ? "\n" : "", text + 8);
	else if (!strncmp(text, "gone:", 5))
		relay->gone = true;
	script_poke(relay->script);
}

static int write_policy(struct script_relay *relay, const char *text)
{
	FILE *file = fopen(relay->policy, "we");
	int err = 0;

	if (!file)
		return -errno;
	if (fputs(text, file) < 0)
		err = -EIO;
	if (fclose(file) != 0 && err == 0)
		err = -errno;
	return err;
}

/* A text has lines; all else is a path. */
static int take_policy(struct script_relay *relay, const char *policy)
{
	if (strchr(policy, '\n') || strchr(policy, '=') || strchr(policy, '[')) {
		snprintf(relay->policy, sizeof(relay->policy), "%s/policy.ini", relay->home);
		return write_policy(relay, policy);
	}
	snprintf(relay->policy, sizeof(relay->policy), "%s", policy);
	return 0;
}

static int start(struct script_relay *relay, uint32_t port, char *why, size_t size)
{
	const struct embedded_params params = { .home = relay->home,
						.port = port,
						.policy = relay->has_policy ? relay->policy : NULL,
						.more = (const char *const *)relay->args,
						.talkative = true };
	int err;

	relay->gone = false;
	err = embedded_start(&relay->embedded, &params, &relay->where, why, size);
	return err < 0 ? err : embedded_watch(relay->embedded, relay->script->loop, on_said, relay);
}

static void copy_args(struct script_relay *relay, const char *const *more)
{
	const int room = (int)(sizeof(relay->args) / sizeof(relay->args[0])) - 1;

	for (int i = 0; more && more[i] && i < room; i++)
		relay->args[i] = strdup(more[i]);
}

int script_relay_start(struct script *script, struct script_relay **out, const char *policy,
		       const char *const *more, char *why, size_t size)
{
	struct script_relay *relay = calloc(1, sizeof(*relay));
	int err;

	snprintf(why, size, "Out of memory.");
	if (!relay)
		return -ENOMEM;
	relay->script = script;
	relay->depth = script->depth;
	relay->next = script->relays;
	script->relays = relay;
	copy_args(relay, more);
	snprintf(relay->home, sizeof(relay->home), "%s/relay-%u", script->home, ++script->relay_count);
	err = mkdir(relay->home, 0700) < 0 ? -errno : 0;
	relay->has_policy = policy != NULL;
	if (err == 0 && policy)
		err = take_policy(relay, policy);
	if (err < 0)
		snprintf(why, size, "%s cannot be written: %s.", relay->home, strerror(-err));
	else
		err = start(relay, 0, why, size);
	if (err < 0)
		return err;
	script->relay = relay;
	*out = relay;
	return 0;
}

int script_relay_need(struct script *script, struct invite *where, const char **host, char *why, size_t size)
{
	struct script_relay *relay = script->relay;
	int err;

	*host = NULL;
	if (!relay && script->params->relay_set) {
		*where = script->params->relay;
		return 0;
	}
	if (!relay) {
		err = script_relay_start(script, &relay, NULL, NULL, why, size);
		if (err < 0)
			return err;
		/* It outlives the test in which it was first needed. */
		relay->depth = 0;
	}
	*where = relay->where.relay;
	*host = relay->where.host;
	return 0;
}

int script_relay_again(struct script_relay *relay, char *why, size_t size)
{
	if (relay->embedded)
		return 0;
	return start(relay, relay->where.relay.port, why, size);
}

static bool reloaded(void *arg)
{
	const struct script_relay *relay = arg;

	return relay->reload != RELOAD_WAITS;
}

int script_relay_reload(struct script_relay *relay, const char *policy)
{
	int err;

	if (!relay->embedded || !relay->has_policy)
		return -ENOENT;
	err = policy ? take_policy(relay, policy) : 0;
	relay->said[0] = '\0';
	relay->reload = RELOAD_WAITS;
	relay->script->step++;
	if (err == 0)
		err = embedded_signal(relay->embedded, SIGHUP);
	if (err == 0)
		err = script_wait(relay->script, reloaded, relay, reload_s);
	if (err == 0 && relay->reload == RELOAD_KEPT)
		err = -EINVAL;
	relay->reload = RELOAD_NONE;
	return err;
}

static bool is_gone(void *arg)
{
	const struct script_relay *relay = arg;

	return relay->gone;
}

/* Who is connected runs on our loop: only when it runs do they hear the goodbye that the relay waits for. */
void script_relay_stop(struct script_relay *relay, bool kill)
{
	if (!relay->embedded)
		return;
	relay->script->step++;
	embedded_signal(relay->embedded, kill ? SIGKILL : SIGTERM);
	if (!kill)
		script_wait(relay->script, is_gone, relay, stop_s);
	embedded_stop(relay->embedded);
	relay->embedded = NULL;
}

void script_relays_close(struct script *script, int depth)
{
	for (struct script_relay *at = script->relays; at; at = at->next)
		if (at->depth >= depth)
			script_relay_stop(at, false);
	script->relay = NULL;
	for (struct script_relay *at = script->relays; at && !script->relay; at = at->next)
		if (at->depth < depth && at->embedded)
			script->relay = at;
}

void script_relays_free(struct script *script)
{
	struct script_relay *next;

	for (struct script_relay *at = script->relays; at; at = next) {
		next = at->next;
		embedded_stop(at->embedded);
		for (size_t i = 0; i < sizeof(at->args) / sizeof(at->args[0]); i++)
			free(at->args[i]);
		free(at);
	}
	script->relays = script->relay = NULL;
}
