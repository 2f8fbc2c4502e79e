/* One participant of a script: an app, its own folder, what came to it, and a log of all that if one is wanted. */
#include "tui/script_state.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tui/report.h"

static const double leave_s = 2, answer_s = 30;

/* ---- the log ---- */

static void write_log(struct participant *person, const json_t *line)
{
	if (!person->log)
		return;
	json_dumpf(line, person->log, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', person->log);
}

static double seconds(const struct participant *person)
{
	return (double)(loop_now_us() - person->script->params->start_us) / 1e6;
}

static void log_command(struct participant *person, const char *word, int argc, const char *const argv[])
{
	json_t *args = json_array(), *line;

	for (int i = 0; i < argc; i++)
		json_array_append_new(args, json_string(argv[i]));
	line = json_pack("{s:s, s:o, s:f}", "do", word, "args", args, "t", seconds(person));
	write_log(person, line);
	json_decref(line);
}

/* NAME-N.jsonl; a name may hold what a path may not. */
static void open_log(struct participant *person)
{
	char path[SCRIPT_PATH_SIZE + sizeof(person->name)], name[sizeof(person->name)];

	if (!person->script->params->log_dir)
		return;
	snprintf(name, sizeof(name), "%s", person->name);
	for (char *c = name; *c; c++)
		if (*c == '/' || *c == '.' || iscntrl((unsigned char)*c) || *c == ' ')
			*c = '_';
	snprintf(path, sizeof(path), "%s/%s-%u.jsonl", person->script->params->log_dir, name, person->ordinal);
	person->log = fopen(path, "we");
	if (!person->log)
		script_say(person->script, "%s cannot be written: %s", path, strerror(errno));
}

/* ---- what comes ---- */

static void add_event(struct participant *person, const struct event *event)
{
	json_t *rest = report_event(person->app, &person->params, event), *line;

	line = rest ? json_pack("{s:O, s:I, s:f}", "event", json_object_get(rest, "event"), "seq",
				(json_int_t)(person->history.seq + 1), "t", seconds(person))
		    : NULL;
	if (line) {
		json_object_update_missing(line, rest);
		write_log(person, line);
		person->mark = participant_mark(person);
		person->marked_step = person->script->step;
		person->script->events++;
		expect_add(&person->history, line);
	}
	json_decref(rest);
}

static void note(struct participant *person, const struct event *event)
{
	struct invite *invite = &person->invite;

	if (event->kind == EVENT_CONNECTED && !invite->pin[0])
		snprintf(invite->pin, sizeof(invite->pin), "%.*s", (int)sizeof(invite->pin) - 1, event->pin);
	if (event->kind == EVENT_CREATED || event->kind == EVENT_JOINED)
		participant_invite(person);
	if (event->kind == EVENT_REFUSED)
		person->refused = true;
	if (event->kind == EVENT_JOINED || event->kind == EVENT_WAITING)
		person->decided = true;
}

const struct invite *participant_invite(struct participant *person)
{
	struct invite now;

	if (!person->app)
		return &person->invite;
	now = *session_invite(app_session(person->app));
	if (!now.pin[0])
		memcpy(now.pin, person->invite.pin, sizeof(now.pin));
	person->invite = now;
	return &person->invite;
}

static void on_event(void *arg, const struct event *event)
{
	struct participant *person = arg;

	add_event(person, event);
	note(person, event);
	script_poke(person->script);
}

static void on_answer(void *arg, uint64_t tag, const struct answer *answer)
{
	struct participant *person = arg;
	json_t *line = json_pack("{s:I, s:b}", "re", (json_int_t)tag, "ok", answer->ok);
	json_t *extra = NULL;
	char *object;

	if (!answer->ok && answer->code)
		json_object_set_new(line, "code", json_string(answer->code));
	if (answer->text && answer->text[0])
		json_object_set_new(line, "text", json_string(answer->text));
	if (answer->json && asprintf(&object, "{%s}", answer->json) >= 0) {
		extra = json_loads(object, 0, NULL);
		free(object);
		json_object_update_missing(line, extra);
		json_decref(extra);
	}
	write_log(person, line);
	if (tag == person->tag && !person->answer)
		person->answer = line;
	else
		json_decref(line);
	script_poke(person->script);
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	struct participant *person = arg;

	(void)relay;
	(void)pin;
	app_trust(person->app, person->script->params->trust && trust == TRUST_ASK);
}

static void on_end(void *arg, int status, const char *text)
{
	struct participant *person = arg;
	struct event bye = { .kind = EVENT_BYE, .count = (uint32_t)status };

	person->status = status;
	snprintf(person->end_text, sizeof(person->end_text), "%s", text);
	add_event(person, &bye);
	person->ended = person->decided = true;
	script_poke(person->script);
}

static const struct app_ops ops = {
	.on_event = on_event,
	.on_answer = on_answer,
	.on_trust = on_trust,
	.on_end = on_end,
};

/* ---- what is done ---- */

/* Bumps the step: what came before it is the past. */
static uint64_t next_tag(struct participant *person)
{
	person->script->step++;
	json_decref(person->answer);
	person->answer = NULL;
	return ++person->tag;
}

uint64_t participant_mark(const struct participant *person)
{
	return person->marked_step == person->script->step ? person->mark : person->history.seq;
}

void participant_give(struct participant *person, const char *word, int argc, const char *const argv[])
{
	const uint64_t tag = next_tag(person);

	log_command(person, word, argc, argv);
	app_command(person->app, tag, word, argc, argv);
}

static bool is_answered(void *arg)
{
	const struct participant *person = arg;

	return person->answer != NULL;
}

int participant_wait(struct participant *person)
{
	return script_wait(person->script, is_answered, person, answer_s);
}

int participant_ask(struct participant *person, const char *word, int argc, const char *const argv[])
{
	participant_give(person, word, argc, argv);
	return participant_wait(person);
}

bool participant_said_yes(const struct participant *person)
{
	return json_is_true(json_object_get(person->answer, "ok"));
}

void participant_type(struct participant *person, const char *line)
{
	const uint64_t tag = next_tag(person);

	log_command(person, line, 0, NULL);
	app_line(person->app, tag, line);
}

void participant_round_trip(struct participant *person)
{
	const uint64_t step = person->script->step;
	const uint64_t tag = next_tag(person);

	/* Nothing that happens: no new step. */
	person->script->step = step;
	app_round_trip(person->app, tag);
}

uint32_t participant_number(const struct participant *person)
{
	return person->app ? app_roster(person->app)->me : 0;
}

/* ---- birth ---- */

struct participant *participant_new(struct script *script)
{
	struct participant *person = calloc(1, sizeof(*person));

	if (!person)
		return NULL;
	person->script = script;
	person->ordinal = ++script->people_count;
	person->depth = script->depth;
	snprintf(person->home, sizeof(person->home), "%s/%u", script->home, person->ordinal);
	snprintf(person->known_relays, sizeof(person->known_relays), "%s/known_relays", person->home);
	snprintf(person->known_people, sizeof(person->known_people), "%s/known_people", person->home);
	*script->last_person = person;
	script->last_person = &person->next;
	return person;
}

int participant_start(struct participant *person, const char **why)
{
	struct app_params *params = &person->params;

	*why = "no folder for it could be made";
	if (mkdir(person->home, 0700) < 0 && errno != EEXIST)
		return -errno;
	params->state_dir = person->home;
	params->headless = true;
	params->session.identity = &person->identity;
	params->session.known_relays = person->known_relays;
	params->session.name = person->name;
	params->session.invite = person->invite;
	open_log(person);
	return app_new(&person->app, person->script->loop, params, &ops, person, why);
}

/* ---- death ---- */

struct closing {
	struct script *script;
	int depth;
};

static bool all_ended(void *arg)
{
	const struct closing *closing = arg;

	for (const struct participant *at = closing->script->people; at; at = at->next)
		if (at->app && at->depth >= closing->depth && !at->ended)
			return false;
	return true;
}

static bool is_host(const struct participant *person)
{
	const struct person *me = roster_me(app_roster(person->app));

	return me && me->role == ROLE_HOST;
}

void participant_close(struct participant *person)
{
	app_free(person->app);
	person->app = NULL;
	if (person->log)
		fclose(person->log);
	person->log = NULL;
}

/* A host ends the meeting: one word to each, where leaving would be told by all to all. */
void participants_close(struct script *script, int depth)
{
	struct closing closing = { .script = script, .depth = depth };
	bool left = false, hosts = false;

	for (struct participant *at = script->people; at; at = at->next)
		if (at->app && at->depth >= depth && !at->ended && is_host(at)) {
			app_command(at->app, 0, "end", 0, NULL);
			hosts = true;
		}
	/* Those who are still there have no host. */
	if (!hosts || script_wait(script, all_ended, &closing, 0.5) < 0)
		for (struct participant *at = script->people; at; at = at->next)
			if (at->app && at->depth >= depth && !at->ended) {
				app_leave(at->app);
				left = true;
			}
	if (left)
		script_wait(script, all_ended, &closing, leave_s);
	for (struct participant *at = script->people; at; at = at->next)
		if (at->app && at->depth >= depth)
			participant_close(at);
	if (script->host && script->host->depth >= depth)
		script->host = NULL;
}

void participants_free(struct script *script)
{
	struct participant *next;

	for (struct participant *at = script->people; at; at = next) {
		next = at->next;
		participant_close(at);
		expect_clear(&at->history);
		json_decref(at->answer);
		identity_clear(&at->identity);
		free(at);
	}
	script->people = NULL;
	script->last_person = &script->people;
}
