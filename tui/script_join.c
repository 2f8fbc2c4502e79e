/* Hosts and guests out of tables of options: who, where, with what sound and pictures, and with which rules. */
#include "tui/script_state.h"

#include <errno.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <stddef.h>
#include <string.h>

#include "net/text.h"

static const double enter_s = 20;

/* Texts out of the table go here. */
#define AT(member) offsetof(struct participant, member), sizeof(((struct participant *)NULL)->member)
static const struct {
	const char *name;
	size_t at, size;
} texts[] = {
	{ "name", AT(name) },	    { "title", AT(title) },	{ "token", AT(token) },
	{ "view", AT(view) },	    { "mic", AT(mic) },		{ "speaker", AT(speaker) },
	{ "camera", AT(camera) },   { "passcode", AT(invite.passcode) },
};

/* What else such a table may hold. */
static const char *const others[] = { "to", "id", "kind", "muted", "wait", "as", "host_key", "bandwidth", "relay",
				      "n", "speak", "by", "remember" };

/* ---- options ---- */

/* The control that an option names, with _ for -. */
static int control_of(const char *name)
{
	char word[40];

	snprintf(word, sizeof(word), "%s", name);
	for (char *c = word; *c; c++)
		if (*c == '_')
			*c = '-';
	return control_parse(word);
}

static bool known(const char *name)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i].name, name))
			return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(others[i], name))
			return true;
	return control_of(name) >= 0;
}

static void check_options(lua_State *lua, int options)
{
	luaL_checktype(lua, options, LUA_TTABLE);
	lua_pushnil(lua);
	while (lua_next(lua, options)) {
		if (lua_type(lua, -2) != LUA_TSTRING || !known(lua_tostring(lua, -2)))
			luaL_error(lua, "there is no option \"%s\" here", luaL_tolstring(lua, -2, NULL));
		lua_pop(lua, 1);
	}
}

static void take_texts(lua_State *lua, int options, struct participant *person)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (lua_getfield(lua, options, texts[i].name) != LUA_TNIL) {
			const char *text = lua_tostring(lua, -1);

			if (!text || strlen(text) >= texts[i].size)
				luaL_error(lua, "%s is a text, and not too long", texts[i].name);
			memcpy((char *)person + texts[i].at, text, strlen(text) + 1);
		}
		lua_pop(lua, 1);
	}
}

static bool flag(lua_State *lua, int options, const char *name, bool otherwise)
{
	bool value = otherwise;

	if (lua_getfield(lua, options, name) != LUA_TNIL)
		value = lua_toboolean(lua, -1);
	lua_pop(lua, 1);
	return value;
}

static int number(lua_State *lua, int options, const char *name, int otherwise)
{
	int value = otherwise;

	if (lua_getfield(lua, options, name) != LUA_TNIL)
		value = (int)luaL_checkinteger(lua, -1);
	lua_pop(lua, 1);
	return value;
}

static const char *or_none(const char *what)
{
	return what[0] ? what : "none";
}

/* Who is not asked to be heard or seen has no engines; who only watches wants no pictures either. */
static void take_media(lua_State *lua, int options, struct participant *person)
{
	struct app_params *params = &person->params;

	params->audio.mic = or_none(person->mic);
	params->audio.speaker = or_none(person->speaker);
	params->video.camera = or_none(person->camera);
	params->view = person->view[0] ? person->view : "off";
	params->muted = flag(lua, options, "muted", false);
	params->bandwidth = (uint32_t)number(lua, options, "bandwidth", 0);
}

static void take_kind(lua_State *lua, int options, struct participant *person)
{
	int kind = KIND_HEADLESS;

	if (lua_getfield(lua, options, "kind") != LUA_TNIL)
		kind = kind_parse(luaL_checkstring(lua, -1));
	if (kind < 0)
		luaL_error(lua, "there is no such kind of connection");
	person->params.session.kind = (enum kind)kind;
	lua_pop(lua, 1);
}

/* as = somebody: the same client once more, with its key and what it keeps. */
static void take_identity(lua_State *lua, int options, struct participant *person)
{
	struct session_params *session = &person->params.session;
	char relay[300];

	if (lua_getfield(lua, options, "as") == LUA_TNIL) {
		if (identity_guest(&person->identity) < 0)
			luaL_error(lua, "no key could be made");
	} else {
		const struct participant *same = script_person(lua, -1);

		person->identity = same->identity;
		snprintf(person->home, sizeof(person->home), "%s", same->home);
		snprintf(person->known_relays, sizeof(person->known_relays), "%s", same->known_relays);
		snprintf(person->known_people, sizeof(person->known_people), "%s", same->known_people);
		snprintf(relay, sizeof(relay), strchr(person->invite.host, ':') ? "[%s]:%u" : "%s:%u",
			 person->invite.host, person->invite.port);
		session->host_key_set = flag(lua, options, "host_key", true) &&
					host_key_find(person->home, relay, person->invite.id, session->host_key) == 0;
	}
	lua_pop(lua, 1);
}

/* remember = true: whom one meets is known again by who comes as the same client. */
static void take_memory(lua_State *lua, int options, struct participant *person)
{
	if (flag(lua, options, "remember", false))
		person->params.known_people = person->known_people;
}

static void take_id(lua_State *lua, int options, struct participant *person)
{
	if (lua_getfield(lua, options, "id") != LUA_TNIL && text_id(person->invite.id, luaL_checkstring(lua, -1)) < 0)
		luaL_error(lua, "this cannot be an id");
	lua_pop(lua, 1);
}

/* ---- entering ---- */

static struct participant *make_person(lua_State *lua, int options)
{
	struct participant *person;

	check_options(lua, options);
	person = participant_new(script_of(lua));
	if (!person)
		luaL_error(lua, "out of memory");
	script_push(lua, person, SCRIPT_PERSON);
	return person;
}

static void start(lua_State *lua, struct participant *person)
{
	const char *why = "";

	script_of(lua)->step++;
	if (participant_start(person, &why) < 0)
		luaL_error(lua, "%s cannot come: %s", person->name, why);
}

static bool is_decided(void *arg)
{
	const struct participant *person = arg;

	return person->decided;
}

/* Who is neither in nor waiting nor refused never got as far as the door. */
static void came(lua_State *lua, const struct participant *person)
{
	if (person->ended && !person->refused && person->status == 3) {
		script_of(lua)->status = 3;
		luaL_error(lua, "%s could not connect: %s", person->name, person->end_text);
	}
	if (!person->decided)
		luaL_error(lua, "%s got no answer at the door within %f s", person->name, enter_s);
}

/* waiting_room = "off": as if the host had said so. */
static void set_controls(lua_State *lua, int options, struct participant *person)
{
	lua_pushnil(lua);
	while (lua_next(lua, options)) {
		const int control = control_of(lua_tostring(lua, -2));
		const char *argv[2];

		if (control >= 0) {
			argv[0] = control_name((enum control)control);
			if (script_args(lua, lua_gettop(lua), argv + 1, 1) != 1 ||
			    participant_ask(person, "set", 2, argv) < 0 || !participant_said_yes(person))
				luaL_error(lua, "%s cannot set %s to %s", person->name, argv[0], argv[1]);
		}
		lua_pop(lua, 1);
	}
}

/* relay = one of those that moot.relay() started. */
static bool take_relay(lua_State *lua, int options, struct participant *person)
{
	const bool given = lua_getfield(lua, options, "relay") != LUA_TNIL;

	if (given) {
		const struct script_relay *relay = *(struct script_relay **)luaL_checkudata(lua, -1, SCRIPT_RELAY);

		person->invite = relay->where.relay;
		person->params.invite_host = relay->where.host;
	}
	lua_pop(lua, 1);
	return given;
}

int script_host(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct participant *person;
	struct app_params *params;
	char why[512];

	if (lua_isnoneornil(lua, 1)) {
		lua_settop(lua, 0);
		lua_newtable(lua);
	}
	person = make_person(lua, 1);
	params = &person->params;
	snprintf(person->name, sizeof(person->name), "Host");
	if (!take_relay(lua, 1, person) &&
	    script_relay_need(script, &person->invite, &params->invite_host, why, sizeof(why)) < 0) {
		script->status = 3;
		return luaL_error(lua, "there is no relay: %s", why);
	}
	take_texts(lua, 1, person);
	take_id(lua, 1, person);
	take_identity(lua, 1, person);
	take_memory(lua, 1, person);
	take_media(lua, 1, person);
	take_kind(lua, 1, person);
	params->host = params->session.create = true;
	params->session.title = person->title[0] ? person->title : NULL;
	params->session.token = person->token[0] ? person->token : NULL;
	start(lua, person);
	script->host = person;
	if (!flag(lua, 1, "wait", true))
		return 1;
	script_wait(script, is_decided, person, enter_s);
	script_check_over(lua);
	came(lua, person);
	if (person->refused)
		return luaL_error(lua, "%s may not make a meeting: %s", person->name, person->end_text);
	set_controls(lua, 1, person);
	return 1;
}

/* to = a participant, an invite, or nothing: the meeting that was made last. */
static void take_meeting(lua_State *lua, int options, struct participant *person)
{
	const struct script *script = script_of(lua);
	struct participant *there = script->host;
	const char *why = "";

	if (lua_getfield(lua, options, "to") == LUA_TSTRING) {
		if (invite_parse(&person->invite, lua_tostring(lua, -1), &why) < 0)
			luaL_error(lua, "%s", why);
		there = NULL;
	} else if (!lua_isnil(lua, -1)) {
		there = script_person(lua, -1);
	} else if (!there) {
		luaL_error(lua, "there is no meeting to join: moot.host makes one");
	}
	lua_pop(lua, 1);
	if (there)
		person->invite = *participant_invite(there);
}

/* by = "passcode": as who was only told id and passcode, which is also what passcode = means; by = "link": as who was only
 * sent the link. */
static void take_by(lua_State *lua, int options, struct participant *person)
{
	struct invite *invite = &person->invite;
	const bool told = lua_getfield(lua, options, "passcode") != LUA_TNIL;
	const char *by;

	lua_getfield(lua, options, "by");
	by = luaL_optstring(lua, -1, told ? "passcode" : "");
	if (!strcmp(by, "passcode"))
		invite->has_secret = invite->has_host = false;
	else if (!strcmp(by, "link"))
		invite->passcode[0] = '\0';
	else if (by[0])
		luaL_error(lua, "one comes by link or by passcode");
	lua_pop(lua, 2);
}

static struct participant *begin_join(lua_State *lua, int options)
{
	struct participant *person = make_person(lua, options);

	snprintf(person->name, sizeof(person->name), "Guest %u", person->ordinal);
	take_meeting(lua, options, person);
	take_texts(lua, options, person);
	take_by(lua, options, person);
	take_id(lua, options, person);
	take_identity(lua, options, person);
	take_memory(lua, options, person);
	take_media(lua, options, person);
	take_kind(lua, options, person);
	return person;
}

int script_join(lua_State *lua)
{
	struct participant *person;

	if (lua_isnoneornil(lua, 1)) {
		lua_settop(lua, 0);
		lua_newtable(lua);
	}
	person = begin_join(lua, 1);
	start(lua, person);
	if (!flag(lua, 1, "wait", true))
		return 1;
	script_wait(script_of(lua), is_decided, person, enter_s);
	script_check_over(lua);
	came(lua, person);
	return 1;
}

/* ---- many ---- */

struct crowd {
	struct participant *first, *after;
};

static bool all_decided(void *arg)
{
	const struct crowd *crowd = arg;

	for (const struct participant *at = crowd->first; at != crowd->after; at = at->next)
		if (!at->decided)
			return false;
	return true;
}

/* "guest %d" and the like; nothing else is filled in. */
static void name_one(struct participant *person, const char *pattern, int i)
{
	const char *at = strstr(pattern, "%d");

	snprintf(person->name, sizeof(person->name), "%.*s%d%s", at ? (int)(at - pattern) : (int)strlen(pattern), pattern,
		 i, at ? at + 2 : "");
}

int script_swarm(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct crowd crowd = { NULL, NULL };
	const char *pattern = "guest %d";
	int n, speak;

	check_options(lua, 1);
	n = number(lua, 1, "n", 10);
	speak = number(lua, 1, "speak", 0);
	if (lua_getfield(lua, 1, "name") != LUA_TNIL)
		pattern = luaL_checkstring(lua, -1);
	luaL_argcheck(lua, n > 0 && n <= 1000, 1, "n is between 1 and 1000");
	lua_createtable(lua, n, 0);
	for (int i = 1; i <= n; i++) {
		struct participant *person = begin_join(lua, 1);

		name_one(person, pattern, i);
		if (i <= speak) {
			snprintf(person->mic, sizeof(person->mic), "tone:%d", 220 + 40 * (i % 30));
			person->params.audio.mic = person->mic;
		}
		start(lua, person);
		lua_rawseti(lua, -2, i);
		if (!crowd.first)
			crowd.first = person;
	}
	if (flag(lua, 1, "wait", true))
		script_wait(script, all_decided, &crowd, enter_s * 3);
	script_check_over(lua);
	for (struct participant *at = crowd.first; at && flag(lua, 1, "wait", true); at = at->next)
		came(lua, at);
	return 1;
}
