/* What a participant can, in Lua: every command of the one table, and what testers have beside them. A name with - is
 * spelt with _; any command may have a _ behind, for those that Lua or a field has the word of (end_, name_). */
#include "tui/script_state.h"

#include <errno.h>
#include <jansson.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"
#include "tui/command.h"
#include "tui/report.h"

static const double expect_s = 5;

struct participant *script_person(lua_State *lua, int index)
{
	return *(struct participant **)luaL_checkudata(lua, index, SCRIPT_PERSON);
}

/* One that is still there, for what needs it so. */
static struct participant *here(lua_State *lua)
{
	struct participant *person = script_person(lua, 1);

	script_check_over(lua);
	if (!person->app)
		luaL_error(lua, "%s was in a test that is over", person->name);
	return person;
}

/* ---- commands ---- */

static const char *word_of(lua_State *lua, int index)
{
	struct participant **person = luaL_testudata(lua, index, SCRIPT_PERSON);

	if (person) {
		lua_pushfstring(lua, "%d", (int)participant_number(*person));
		lua_replace(lua, index);
	} else if (lua_isboolean(lua, index)) {
		lua_pushstring(lua, lua_toboolean(lua, index) ? "on" : "off");
		lua_replace(lua, index);
	}
	return luaL_checkstring(lua, index);
}

int script_args(lua_State *lua, int first, const char *argv[], int max)
{
	const int argc = lua_gettop(lua) - first + 1;

	luaL_argcheck(lua, argc <= max, first + max, "too many words");
	for (int i = 0; i < argc; i++)
		argv[i] = word_of(lua, first + i);
	return argc;
}

/* "Ann:kick("Bo")", as in the script. */
static void describe(char *dst, size_t size, const struct participant *person, const char *word, int argc,
		     const char *const argv[])
{
	size_t at = (size_t)snprintf(dst, size, "%s:%s(", person->name, word);

	for (int i = 0; i < argc && at < size; i++)
		at += (size_t)snprintf(dst + at, size - at, "%s\"%.200s\"", i ? ", " : "", argv[i]);
	if (at < size)
		snprintf(dst + at, size - at, ")");
}

static void give_and_wait(lua_State *lua, struct participant *person, const char *word, int argc,
			  const char *const argv[])
{
	const int err = participant_ask(person, word, argc, argv);

	script_check_over(lua);
	if (err < 0)
		luaL_error(lua, "%s got no answer to %s", person->name, word);
}

static int want_yes(lua_State *lua, struct participant *person, const char *word, int argc,
		    const char *const argv[])
{
	char what[1000], where[SCRIPT_WHERE_SIZE];

	if (participant_said_yes(person)) {
		script_push_json(lua, person->answer);
		return 1;
	}
	describe(what, sizeof(what), person, word, argc, argv);
	script_where(lua, where);
	script_not_ok(person->script, where, "ok", json_incref(person->answer), "%s", what);
	return script_fail(lua);
}

static int run_command(lua_State *lua)
{
	struct participant *person = here(lua);
	const char *word = lua_tostring(lua, lua_upvalueindex(1)), *argv[COMMAND_ARGS_MAX];
	const int argc = script_args(lua, 2, argv, COMMAND_ARGS_MAX);

	give_and_wait(lua, person, word, argc, argv);
	return want_yes(lua, person, word, argc, argv);
}

/* person:type("/admit Bo"): a line as typed. */
static int type_line(lua_State *lua)
{
	struct participant *person = here(lua);
	const char *line = luaL_checkstring(lua, 2);

	participant_type(person, line);
	participant_wait(person);
	script_check_over(lua);
	return want_yes(lua, person, "type", 1, &line);
}

/* person:try("kick", "Bo"): the answer, whatever it is. */
static int try_command(lua_State *lua)
{
	struct participant *person = here(lua);
	const char *argv[COMMAND_ARGS_MAX];
	const char *word = luaL_checkstring(lua, 2);
	const int argc = script_args(lua, 3, argv, COMMAND_ARGS_MAX);

	give_and_wait(lua, person, word, argc, argv);
	script_push_json(lua, person->answer);
	return 1;
}

/* person:refused("not-allowed", "kick", "Bo") */
static int refused(lua_State *lua)
{
	struct participant *person = here(lua);
	const char *argv[COMMAND_ARGS_MAX], *code = luaL_checkstring(lua, 2), *word = luaL_checkstring(lua, 3), *came;
	const int argc = script_args(lua, 4, argv, COMMAND_ARGS_MAX);
	char what[1000], where[SCRIPT_WHERE_SIZE];

	give_and_wait(lua, person, word, argc, argv);
	came = json_string_value(json_object_get(person->answer, "code"));
	describe(what, sizeof(what), person, word, argc, argv);
	script_push_json(lua, person->answer);
	if (came && !strcmp(came, code)) {
		script_ok(person->script, "%s is refused: %s", what, code);
		return 1;
	}
	script_where(lua, where);
	script_not_ok(person->script, where, code, json_incref(person->answer), "%s is refused: %s", what, code);
	return script_fail(lua);
}

int script_all(lua_State *lua)
{
	const char *argv[COMMAND_ARGS_MAX], *word = luaL_checkstring(lua, 2);
	const int argc = script_args(lua, 3, argv, COMMAND_ARGS_MAX);
	lua_Integer n;

	luaL_checktype(lua, 1, LUA_TTABLE);
	n = (lua_Integer)lua_rawlen(lua, 1);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, i);
		luaL_argcheck(lua, script_person(lua, -1)->app, 1, "somebody is gone");
		participant_give(script_person(lua, -1), word, argc, argv);
		lua_pop(lua, 1);
	}
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, i);
		if (participant_wait(script_person(lua, -1)) < 0) {
			script_check_over(lua);
			luaL_error(lua, "%s got no answer to %s", script_person(lua, -1)->name, word);
		}
		want_yes(lua, script_person(lua, -1), word, argc, argv);
		lua_settop(lua, 2 + argc);
	}
	return 0;
}

/* ---- expect and refute ---- */

struct waiting {
	const struct participant *person;
	const char *event;
	json_t *where, *found;
	uint64_t after;
};

static bool has_come(void *arg)
{
	struct waiting *waiting = arg;
	const struct participant *person = waiting->person;

	if (!waiting->found && person->history.seq > waiting->after) {
		waiting->found = expect_find(&person->history, waiting->after, waiting->event, waiting->where,
					     app_roster(person->app));
		waiting->after = person->history.seq;
	}
	return waiting->found || person->ended;
}

/* Arguments 2 and 3 of both: which event, and with what in it. */
static void read_waiting(lua_State *lua, struct waiting *waiting, struct participant *person)
{
	waiting->person = person;
	waiting->event = luaL_checkstring(lua, 2);
	if (event_parse(waiting->event) < 0)
		luaL_error(lua, "there is no event \"%s\"", waiting->event);
	luaL_optnumber(lua, 4, 0);
	if (lua_isnoneornil(lua, 3))
		return;
	luaL_checktype(lua, 3, LUA_TTABLE);
	waiting->where = script_to_json(lua, 3);
	if (!json_is_object(waiting->where)) {
		json_decref(waiting->where);
		luaL_argerror(lua, 3, "names and values that the event has");
	}
}

static int expect(lua_State *lua)
{
	struct participant *person = here(lua);
	struct waiting waiting = { .after = person->history.matched };
	char what[700], where[SCRIPT_WHERE_SIZE];
	double within;

	read_waiting(lua, &waiting, person);
	within = luaL_optnumber(lua, 4, expect_s);
	expect_describe(what, sizeof(what), waiting.event, waiting.where);
	script_wait(person->script, has_come, &waiting, within);
	json_decref(waiting.where);
	if (waiting.found) {
		person->history.matched = (uint64_t)json_integer_value(json_object_get(waiting.found, "seq"));
		script_ok(person->script, "%s expects %s", person->name, what);
		script_push_json(lua, waiting.found);
		return 1;
	}
	script_check_over(lua);
	script_where(lua, where);
	if (person->ended)
		script_not_ok(person->script, where, what, expect_came(&person->history, person->history.matched),
			      "%s expects %s: it did not come before the end (%s)", person->name, what,
			      person->end_text);
	else
		script_not_ok(person->script, where, what, expect_came(&person->history, person->history.matched),
			      "%s expects %s: it did not come within %g s", person->name, what, within);
	return script_fail(lua);
}

/* To the relay and back: what it had to tell before is here then. With the line down, nothing comes anyway. */
static void settle(lua_State *lua, struct participant *person)
{
	if (person->ended)
		return;
	participant_round_trip(person);
	participant_wait(person);
	script_check_over(lua);
}

static int refute(lua_State *lua)
{
	struct participant *person = here(lua);
	struct waiting waiting = { .after = participant_mark(person) };
	char what[700], where[SCRIPT_WHERE_SIZE];
	const double within = luaL_optnumber(lua, 4, 0);

	read_waiting(lua, &waiting, person);
	expect_describe(what, sizeof(what), waiting.event, waiting.where);
	settle(lua, person);
	if (within > 0)
		script_wait(person->script, has_come, &waiting, within);
	else
		has_come(&waiting);
	json_decref(waiting.where);
	script_check_over(lua);
	if (!waiting.found) {
		script_ok(person->script, "%s sees no %s", person->name, what);
		return 0;
	}
	script_where(lua, where);
	script_not_ok(person->script, where, "nothing of the sort", json_incref(waiting.found), "%s sees no %s",
		      person->name, what);
	return script_fail(lua);
}

/* ---- what it sees ---- */

static int push_member(lua_State *lua, json_t *object, const char *name)
{
	script_push_json(lua, json_object_get(object, name));
	json_decref(object);
	return 1;
}

static int state(lua_State *lua)
{
	struct participant *person = here(lua);

	settle(lua, person);
	return push_member(lua, report_state(person->app, &person->params), "state");
}

static int screen(lua_State *lua)
{
	struct participant *person = here(lua);
	const struct script_params *params = person->script->params;

	settle(lua, person);
	return push_member(lua, report_screen(person->app, params->rows, params->cols), "screen");
}

static int net(lua_State *lua)
{
	struct participant *person = here(lua);
	json_t *request;
	const char *why;

	luaL_checktype(lua, 2, LUA_TTABLE);
	request = script_to_json(lua, 2);
	person->script->step++;
	why = report_net(person->app, request);
	json_decref(request);
	return why ? luaL_error(lua, "%s", why) : 0;
}

/* Without a goodbye, for good: as if the machine had died. */
static int vanish(lua_State *lua)
{
	struct participant *person = here(lua);

	person->script->step++;
	participant_close(person);
	return 0;
}

static const luaL_Reg methods[] = {
	{ "expect", expect }, { "refute", refute }, { "try", try_command }, { "refused", refused },
	{ "type", type_line }, { "state", state },  { "screen", screen },	{ "net", net },
	{ "vanish", vanish }, { NULL, NULL },
};

/* ---- fields ---- */

static const char *own_name(const struct participant *person)
{
	const struct person *me = person->app ? roster_me(app_roster(person->app)) : NULL;

	return me ? me->name : person->name;
}

static const char *presence(const struct participant *person)
{
	static const char *const names[] = {
		[PRESENCE_OUT] = "out", [PRESENCE_WAITING] = "waiting", [PRESENCE_IN] = "in"
	};

	return person->app && !person->ended ? names[app_roster(person->app)->presence] : "out";
}

static bool push_field(lua_State *lua, struct participant *person, const char *name)
{
	char text[INVITE_SIZE] = "";

	if (!strcmp(name, "name"))
		lua_pushstring(lua, own_name(person));
	else if (!strcmp(name, "number"))
		lua_pushinteger(lua, participant_number(person));
	else if (!strcmp(name, "presence"))
		lua_pushstring(lua, presence(person));
	else if (!strcmp(name, "passcode"))
		lua_pushstring(lua, participant_invite(person)->passcode);
	else if (!strcmp(name, "id")) {
		text_id_show(text, person->invite.id);
		lua_pushstring(lua, text);
	} else if (!strcmp(name, "invite")) {
		invite_print(text, sizeof(text), participant_invite(person));
		lua_pushstring(lua, text);
	} else if (!strcmp(name, "exit") && person->ended)
		lua_pushinteger(lua, person->status);
	else if (!strcmp(name, "exit"))
		lua_pushnil(lua);
	else
		return false;
	return true;
}

static int person_index(lua_State *lua)
{
	struct participant *person = script_person(lua, 1);
	const char *name = luaL_checkstring(lua, 2);

	if (push_field(lua, person, name))
		return 1;
	lua_pushvalue(lua, 2);
	if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	return luaL_error(lua, "there is no command or field \"%s\": moot script --list-commands lists them", name);
}

static int person_name(lua_State *lua)
{
	lua_pushstring(lua, own_name(script_person(lua, 1)));
	return 1;
}

/* ask-unmute, ask_unmute, ask_unmute_ */
static void add_command(lua_State *lua, const char *name)
{
	char word[64];

	lua_pushstring(lua, name);
	lua_pushcclosure(lua, run_command, 1);
	lua_pushvalue(lua, -1);
	lua_setfield(lua, -3, name);
	snprintf(word, sizeof(word) - 1, "%s", name);
	for (char *c = word; *c; c++)
		if (*c == '-')
			*c = '_';
	lua_pushvalue(lua, -1);
	lua_setfield(lua, -3, word);
	word[strlen(word) + 1] = '\0';
	word[strlen(word)] = '_';
	lua_setfield(lua, -2, word);
}

void script_open_person(lua_State *lua)
{
	luaL_newmetatable(lua, SCRIPT_PERSON);
	lua_pushcfunction(lua, person_name);
	lua_setfield(lua, -2, "__tostring");
	lua_newtable(lua);
	for (const struct command_info *info = command_table(); info->name; info++)
		add_command(lua, info->name);
	luaL_setfuncs(lua, methods, 0);
	lua_pushcclosure(lua, person_index, 1);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
}
