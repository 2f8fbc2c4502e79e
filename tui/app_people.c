/* Whom one sees, by key. The signed roster changes with the epochs: after each, and when people come, go or take another name,
 * those in the room are looked up in it. Who is new there is remembered; a name that one knows with another key is told, and
 * stays marked until the user says that it is right. Guests remember nobody. Each look-up reads a file: a few at a time. */
#include "tui/app_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/people.h"
#include "net/text.h"

/* One person of the room, as long as they are in it. */
struct acquaintance {
	uint32_t number, epoch; /* epoch: when last looked for */
	bool met, keyed, warned;
	uint8_t key[MOOT_KEY_BYTES];
	char name[MOOT_NAME_SIZE]; /* when met */
	int known;                 /* enum known, or -errno */
	struct known_person before;
};

struct app_people {
	struct acquaintance *list, *next; /* by number, rising; next: being made */
	struct app_mark *marks;
	size_t count, size, mark_count;
	uint32_t epoch;
	bool due;        /* somebody must be looked for, whatever the epoch */
	bool unreadable; /* the file: it was said */
};

enum { MEET_AT_ONCE = 4 };

struct app_people *app_people_new(void)
{
	return calloc(1, sizeof(struct app_people));
}

void app_people_free(struct app_people *people)
{
	if (!people)
		return;
	free(people->list);
	free(people->next);
	free(people->marks);
	free(people);
}

static struct acquaintance *find(const struct app *app, uint32_t number)
{
	const struct app_people *people = app->people;
	size_t low = 0, high = people->count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (people->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < people->count && people->list[low].number == number ? &people->list[low] : NULL;
}

static void today(char date[static PEOPLE_DATE_SIZE])
{
	const time_t now = (time_t)(loop_unix_ms() / 1000);
	struct tm utc;

	snprintf(date, PEOPLE_DATE_SIZE, "1970-01-01");
	if (gmtime_r(&now, &utc))
		strftime(date, PEOPLE_DATE_SIZE, "%Y-%m-%d", &utc);
}

/* ---- the file ---- */

static void unreadable(struct app *app, int err)
{
	char text[600];

	if (app->people->unreadable)
		return;
	app->people->unreadable = true;
	snprintf(text, sizeof(text), "%.400s cannot be used (%s): nobody is known again by their key.",
		 app->params.known_people, strerror(-err));
	app_notice(app, "known-people", text);
}

static void warn(struct app *app, const struct acquaintance *one)
{
	const char *who = app_who(app, one->number, one->name);
	char name[MOOT_NAME_SIZE], text[1200];

	text_safe(name, sizeof(name), one->before.name, false);
	snprintf(text, sizeof(text),
		 "%s shows another key than the %s you met on %s: another person of that name, a new machine, or somebody "
		 "who poses as %s. Ask by another way, then compare: /verify %u. If it is right: /verify %u yes",
		 who, name, one->before.date, who, one->number, one->number);
	app_notice(app, "new-key", text);
}

/* Before they are let in is when it matters most. */
void app_people_knock(struct app *app, const struct event *event)
{
	char who[MOOT_NAME_SIZE], name[MOOT_NAME_SIZE], text[1200];
	struct known_person before;
	uint8_t key[MOOT_KEY_BYTES];

	if (!app->params.known_people || session_knocker_key(app->session, event->number, key) ||
	    people_check(app->params.known_people, key, event->name, &before) != KNOWN_OTHER_KEY)
		return;
	text_safe(who, sizeof(who), event->name, false);
	text_safe(name, sizeof(name), before.name, false);
	snprintf(text, sizeof(text),
		 "%s (%u) waits with another key than the %s you met on %s: another person of that name, a new machine, or somebody "
		 "who poses as %s. Ask by another way before you let them in.",
		 who, event->number, name, before.date, who);
	app_notice(app, "new-key", text);
}

static void meet(struct app *app, struct acquaintance *one, const char *name)
{
	const char *path = app->params.known_people;
	char date[PEOPLE_DATE_SIZE];
	int err = 0;

	snprintf(one->name, sizeof(one->name), "%s", name);
	one->met = true;
	one->known = KNOWN_NEW;
	one->warned = false;
	if (!path || one->number == app->roster.me)
		return;
	today(date);
	one->known = people_check(path, one->key, one->name, &one->before);
	if (one->known == KNOWN_OTHER_KEY) {
		one->warned = true;
		warn(app, one);
	} else if (one->known >= 0) {
		err = people_remember(path, one->key, one->name, date);
	}
	if (one->known < 0 || err < 0)
		unreadable(app, err < 0 ? err : one->known);
}

/* ---- looking ---- */

/* Returns true when a file was read for it. */
static bool look_at(struct app *app, struct acquaintance *one, const struct person *person, bool may_meet)
{
	uint8_t key[MOOT_KEY_BYTES];
	char code[48];

	if (one->epoch == app->people->epoch && one->met && !strcmp(one->name, person->name))
		return false;
	one->epoch = app->people->epoch;
	one->keyed = session_person_key(app->session, person->number, key, code) == 0;
	if (!one->keyed || (one->met && !memcmp(one->key, key, sizeof(key)) && !strcmp(one->name, person->name)))
		return false;
	one->met = false;
	if (!may_meet)
		return false;
	memcpy(one->key, key, sizeof(key));
	meet(app, one, person->name);
	return true;
}

static int grow(struct app_people *people, size_t count)
{
	const size_t size = count + 16;
	void *list, *next, *marks;

	if (count <= people->size)
		return 0;
	list = realloc(people->list, size * sizeof(*people->list));
	people->list = list ? list : people->list;
	next = realloc(people->next, size * sizeof(*people->next));
	people->next = next ? next : people->next;
	marks = realloc(people->marks, size * sizeof(*people->marks));
	people->marks = marks ? marks : people->marks;
	if (!list || !next || !marks)
		return -ENOMEM;
	people->size = size;
	return 0;
}

/* Those of the room and no others; who is there already stays as known. */
static void follow_room(struct app *app)
{
	struct app_people *people = app->people;
	const struct roster *roster = &app->roster;
	struct acquaintance *before = people->list;
	size_t at = 0;

	for (size_t i = 0; i < roster->people_count; i++) {
		while (at < people->count && before[at].number < roster->people[i].number)
			at++;
		if (at < people->count && before[at].number == roster->people[i].number)
			people->next[i] = before[at];
		else
			people->next[i] = (struct acquaintance) { .number = roster->people[i].number };
	}
	people->list = people->next;
	people->next = before;
	people->count = roster->people_count;
}

static void mark(struct app *app)
{
	struct app_people *people = app->people;
	struct session_security security;

	app_security(app, &security);
	people->mark_count = 0;
	for (size_t i = 0; i < people->count && security.state != SECURITY_NONE; i++)
		if (!people->list[i].keyed || people->list[i].warned)
			people->marks[people->mark_count++] = (struct app_mark) {
				people->list[i].number, !people->list[i].keyed, people->list[i].warned
			};
}

/* Whom the link of an invite names is known by that from now on. */
static void keep_host(struct app *app, struct acquaintance *leader, const struct session_security *security)
{
	char date[PEOPLE_DATE_SIZE];

	if (!security->leader_is_host || security->state != SECURITY_VERIFIED || security->leads || !app->params.known_people ||
	    (leader->known != KNOWN_NEW && leader->known != KNOWN_SEEN))
		return;
	today(date);
	if (leader->known == KNOWN_NEW)
		memcpy(leader->before.date, date, sizeof(date));
	leader->known = KNOWN_VERIFIED;
	leader->before.how = PEOPLE_LINK;
	(void)people_verify(app->params.known_people, leader->key, leader->name, date, PEOPLE_LINK);
}

/* Whom the user verified once needs no second time. */
static void look_at_leader(struct app *app)
{
	struct session_security security;
	struct acquaintance *leader;

	app_security(app, &security);
	leader = find(app, security.leader);
	if (!leader || !leader->keyed || !leader->met)
		return;
	keep_host(app, leader, &security);
	if (security.state == SECURITY_NOT_VERIFIED && leader->known == KNOWN_VERIFIED)
		session_confirm(app->session);
}

static void look_at_all(struct app *app, bool anew)
{
	struct app_people *people = app->people;
	int met = 0;

	for (size_t i = 0; i < people->count; i++) {
		if (anew)
			people->list[i].epoch = UINT32_MAX;
		met += look_at(app, &people->list[i], &app->roster.people[i], met < MEET_AT_ONCE);
		people->due |= people->list[i].keyed && !people->list[i].met;
	}
}

void app_people_look(struct app *app, bool anew)
{
	struct app_people *people = app->people;
	struct session_security security;

	app_security(app, &security);
	if (!anew && !people->due && people->epoch == security.epoch)
		return;
	if (grow(people, app->roster.people_count) < 0)
		return;
	people->due = false;
	people->epoch = security.epoch;
	if (app->roster.presence == PRESENCE_IN) {
		follow_room(app);
		look_at_all(app, anew);
		look_at_leader(app);
	} else {
		people->count = 0;
	}
	mark(app);
}

void app_people_due(struct app *app)
{
	app->people->due = true;
}

/* ---- what is known ---- */

const struct app_mark *app_marks(const struct app *app, size_t *count)
{
	*count = app->people->mark_count;
	return app->people->marks;
}

bool app_keyed(const struct app *app, uint32_t number)
{
	uint8_t key[MOOT_KEY_BYTES];
	char code[48];

	return session_person_key(app->session, number, key, code) == 0;
}

int app_person_known(const struct app *app, uint32_t number, const struct known_person **person)
{
	const struct acquaintance *one = find(app, number);

	if (!one || !one->met || !one->keyed)
		return -ENOENT;
	if (person)
		*person = &one->before;
	return one->known;
}

const char *app_person_name(const struct app *app, uint32_t number)
{
	const struct acquaintance *one = find(app, number);

	return one && one->met ? one->name : NULL;
}

bool app_person_warned(const struct app *app, uint32_t number)
{
	const struct acquaintance *one = find(app, number);

	return one && one->warned;
}

int app_person_verify(struct app *app, uint32_t number)
{
	const char *path = app->params.known_people;
	char date[PEOPLE_DATE_SIZE], code[48];
	struct acquaintance *one;

	app_people_look(app, true);
	one = find(app, number);
	if (!one || session_person_key(app->session, number, one->key, code) < 0)
		return -ENOENT;
	if (!one->met)
		meet(app, one, roster_find(&app->roster, number)->name);
	today(date);
	if (one->known != KNOWN_SEEN && one->known != KNOWN_VERIFIED)
		memcpy(one->before.date, date, sizeof(date));
	one->before.how = PEOPLE_CODE;
	one->known = KNOWN_VERIFIED;
	one->warned = false;
	mark(app);
	return path ? people_verify(path, one->key, one->name, date, PEOPLE_CODE) : 0;
}
