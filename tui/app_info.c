/* Answers for people: who is here, how the sound is doing, what one can do.
 * Names of others are made safe to show. */
#include "tui/app_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

void app_text_add(struct app *app, const char *format, ...)
{
	const size_t at = strlen(app->answer_text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(app->answer_text + at, sizeof(app->answer_text) - at, format, ap);
	va_end(ap);
}

void app_text_end(struct app *app)
{
	size_t n = strlen(app->answer_text);

	while (n > 0 && app->answer_text[n - 1] == '\n')
		app->answer_text[--n] = '\0';
}

static bool like(const char *name, const char *pattern)
{
	char folded[MOOT_NAME_SIZE * 2], sought[MOOT_NAME_SIZE * 2];

	text_skeleton(folded, sizeof(folded), name);
	text_skeleton(sought, sizeof(sought), pattern);
	return strstr(folded, sought) != NULL || strcasestr(name, pattern) != NULL;
}

/* A name or part of it, a role, a state, or room:NAME. */
static bool matches(const struct roster *roster, const struct person *person, const char *pattern)
{
	const struct {
		const char *word;
		bool holds;
	} states[] = {
		{ "host", person->role >= ROLE_COHOST }, { "co-host", person->role == ROLE_COHOST },
		{ "participant", person->role == ROLE_PARTICIPANT }, { "hand", person->hand != 0 },
		{ "muted", person->mic == MIC_MUTED }, { "away", person->away }, { "camera", person->camera },
		{ "share", person->share },
	};

	if (!pattern[0])
		return true;
	if (!strncmp(pattern, "room:", 5))
		return (int)person->room == roster_room(roster, pattern + 5);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(states[i].word, pattern) && states[i].holds)
			return true;
	return like(person->name, pattern);
}

void app_text_person(struct app *app, uint32_t number, const char *name)
{
	enum { COLUMNS = 24 };
	const int wide = text_width(name, strlen(name));

	app_text_add(app, "%3u  %s%*s", number, name, wide < COLUMNS ? COLUMNS - wide : 0, "");
}

static void add_person(struct app *app, const struct person *person)
{
	char room[MOOT_NAME_SIZE];

	app_text_person(app, person->number, app_who(app, person->number, person->name));
	app_text_add(app, " %-12s mic %-5s", role_name(person->role), mic_name(person->mic));
	if (person->hand)
		app_text_add(app, " hand %u", person->hand);
	if (person->record)
		app_text_add(app, " RECORDS");
	if (person->camera)
		app_text_add(app, " camera");
	if (person->share)
		app_text_add(app, " shares");
	if (person->keyboard)
		app_text_add(app, " keyboard");
	if (person->away)
		app_text_add(app, " away");
	if (person->room) {
		roster_room_name(&app->roster, person->room, room, sizeof(room));
		app_text_add(app, " in %s", room);
	}
	app_text_add(app, " (%s)\n", kind_name(person->kind));
}

/* Hosts first, then hands in their order, then names. */
static int by_rank(const void *a, const void *b)
{
	const struct person *one = *(const struct person *const *)a, *other = *(const struct person *const *)b;

	if (one->role != other->role)
		return one->role > other->role ? -1 : 1;
	if (one->hand != other->hand)
		return !one->hand ? 1 : !other->hand ? -1 : one->hand < other->hand ? -1 : 1;
	return strcasecmp(one->name, other->name);
}

static size_t add_people(struct app *app, const char *pattern)
{
	enum { LISTED_MAX = 200 };
	const struct roster *roster = &app->roster;
	const struct person **list = calloc(roster->people_count + 1, sizeof(*list));
	size_t found = 0;

	for (size_t i = 0; list && i < roster->people_count; i++)
		if (matches(roster, &roster->people[i], pattern))
			list[found++] = &roster->people[i];
	if (found > 0)
		qsort(list, found, sizeof(*list), by_rank);
	if (found > 20)
		app_text_add(app, "%zu of %zu people\n", found, roster->people_count);
	for (size_t i = 0; i < found && i < LISTED_MAX; i++)
		add_person(app, list[i]);
	if (found > LISTED_MAX)
		app_text_add(app, "     ... and %zu more: /who PATTERN\n", found - LISTED_MAX);
	free(list);
	return found;
}

/* Those who wait, or who were removed. */
static size_t add_knockers(struct app *app, const struct knocker *list, size_t count, const char *what,
			   const char *pattern)
{
	char name[MOOT_NAME_SIZE];
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (pattern[0] && strcmp(pattern, what) != 0 && !like(list[i].name, pattern))
			continue;
		text_safe(name, sizeof(name), list[i].name, false);
		app_text_person(app, list[i].number, name);
		app_text_add(app, " %s\n", what);
		found++;
	}
	return found;
}

void app_text_who(struct app *app, const char *pattern)
{
	const struct roster *roster = &app->roster;
	size_t found = add_people(app, pattern);

	found += add_knockers(app, roster->waiting, roster->waiting_count, "waiting", pattern);
	found += add_knockers(app, roster->shut_out, roster->shut_out_count, "removed", pattern);
	if (found == 0)
		app_text_add(app, pattern[0] ? "Nobody like that is here." : "You see nobody yet.");
	app_text_end(app);
}

void app_text_controls(struct app *app)
{
	const struct roster *roster = &app->roster;

	for (int i = 0; i < CONTROL_COUNT; i++) {
		const char *value = control_value_name((enum control)i, roster->control[i]);

		app_text_add(app, "%-18s %-20s", control_name((enum control)i), value ? value : "?");
		if (roster->locked[i])
			app_text_add(app, " locked by this relay's policy");
		else if (roster->control_by[i].known && roster->control_by[i].number)
			app_text_add(app, " set by %s", app_who(app, roster->control_by[i].number, roster->control_by[i].name));
		app_text_add(app, "\n");
	}
	app_text_add(app, "Hosts change them: /set CONTROL VALUE");
}

void app_text_audio(struct app *app)
{
	struct app_source sources[AUDIO_SOURCES_MAX + 64];
	const size_t count = app_sources(app, sources, sizeof(sources) / sizeof(sources[0]));
	size_t heard = 0;

	app_text_add(app, "microphone: %s%s\n", app->params.audio.mic ? app->params.audio.mic : "default device",
	    !app->mic    ? ""
	    : app->muted ? ", muted"
			 : ", on");
	app_text_add(app, "speaker: %s\n", app->params.audio.speaker ? app->params.audio.speaker : "default device");
	if (!app->audio)
		app_text_add(app, "sound is not running\n");
	for (size_t i = 0; i < count; i++) {
		if (sources[i].kind != APP_AUDIO)
			continue;
		app_text_add(app, "%s: %llu frames, %llu concealed, %llu late, delay %u ms, %u kbit/s\n",
		    app_who(app, sources[i].from, NULL), (unsigned long long)sources[i].frames,
		    (unsigned long long)sources[i].concealed, (unsigned long long)sources[i].dropped,
		    sources[i].delay_ms, sources[i].kbps);
		heard++;
	}
	if (heard == 0)
		app_text_add(app, "nobody has been heard yet\n");
	app_text_end(app);
}

/* What may stand for an argument that is a word out of a list. */
static void add_words(struct app *app, enum argument argument)
{
	if (argument == ARG_CONTROL)
		for (int c = 0; c < CONTROL_COUNT; c++) {
			app_text_add(app, "\n  %-18s", control_name((enum control)c));
			for (int v = 0; v < control_values((enum control)c); v++)
				app_text_add(app, " %s", control_value_name((enum control)c, v));
		}
	else if (argument == ARG_PERMISSION)
		for (int p = 0; p < PERMIT_COUNT; p++)
			app_text_add(app, "%s%s", p ? ", " : "\n  ", permission_name((enum permission)p));
}

void app_text_help(struct app *app, const struct command_info *about)
{
	static const struct {
		const char *group, *title;
	} groups[] = { { "talk", "Talk" },
		       { "show", "Show" },
		       { "door", "The door (hosts)" },
		       { "rule", "The rules (hosts)" },
		       { "self", "Yourself" } };

	if (about) {
		app_text_add(app, "/%s%s%s\n%s%s\nFor example: %s", about->name, about->usage[0] ? " " : "",
		    about->usage, about->help, about->least >= ROLE_COHOST ? " (hosts)" : "", about->example);
		for (size_t i = 0; i < sizeof(about->args) / sizeof(about->args[0]); i++)
			add_words(app, about->args[i]);
		return;
	}
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		app_text_add(app, "%s%s\n", g ? "\n" : "", groups[g].title);
		for (const struct command_info *info = command_table(); info->name; info++) {
			char usage[64];

			if (strcmp(info->group, groups[g].group) != 0)
				continue;
			snprintf(usage, sizeof(usage), "/%s%s%s", info->name, info->usage[0] ? " " : "",
				 info->usage);
			app_text_add(app, "  %-38s %s\n", usage, info->help);
		}
	}
	app_text_add(app, "\nAnything else you write goes to everyone. Commands may be shortened.");
}
