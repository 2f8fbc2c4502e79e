/* The module moot: what a script can do beside what its participants can. A step is told as it is done; one that fails
 * raises an error that every test catches, so that the next test still runs. */
#include "tui/script_state.h"

#include <errno.h>
#include <jansson.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <string.h>

static const char failure[] = "moot.failure"; /* its address marks an error that was told already */

struct script *script_of(lua_State *lua)
{
	return *(struct script **)lua_getextraspace(lua);
}

void script_where(lua_State *lua, char *dst)
{
	lua_Debug debug;

	snprintf(dst, SCRIPT_WHERE_SIZE, "?");
	for (int level = 0; lua_getstack(lua, level, &debug); level++) {
		lua_getinfo(lua, "Sl", &debug);
		if (debug.currentline > 0) {
			snprintf(dst, SCRIPT_WHERE_SIZE, "%s:%d", debug.short_src, debug.currentline);
			return;
		}
	}
}

int script_fail(lua_State *lua)
{
	lua_pushlightuserdata(lua, (void *)failure);
	return lua_error(lua);
}

void script_check_over(lua_State *lua)
{
	if (script_of(lua)->over)
		script_fail(lua);
}

void script_push(lua_State *lua, void *pointer, const char *class)
{
	void **at = lua_newuserdatauv(lua, sizeof(pointer), 0);

	*at = pointer;
	luaL_setmetatable(lua, class);
}

/* ---- checks ---- */

static int check(lua_State *lua)
{
	struct script *script = script_of(lua);
	const bool ok = lua_toboolean(lua, 1);
	const char *what = luaL_optstring(lua, 2, "a check");
	char where[SCRIPT_WHERE_SIZE];

	script_where(lua, where);
	if (ok)
		script_ok(script, "%s", what);
	else
		script_not_ok(script, where, NULL, NULL, "%s", what);
	lua_pushboolean(lua, ok);
	return 1;
}

static int equal(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *what = luaL_optstring(lua, 3, "two values are equal");
	char where[SCRIPT_WHERE_SIZE];
	json_t *have, *want;
	char *text;
	bool ok;

	luaL_checkany(lua, 2);
	have = script_to_json(lua, 1);
	want = script_to_json(lua, 2);
	ok = have && want ? json_equal(have, want) : lua_rawequal(lua, 1, 2);
	script_where(lua, where);
	if (ok) {
		script_ok(script, "%s", what);
	} else {
		text = want ? json_dumps(want, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		script_not_ok(script, where, text ? text : "the same", json_incref(have), "%s", what);
		free(text);
	}
	json_decref(have);
	json_decref(want);
	lua_pushboolean(lua, ok);
	return 1;
}

/* ---- tests ---- */

static int handle_error(lua_State *lua)
{
	if (lua_isstring(lua, 1))
		luaL_traceback(lua, lua, lua_tostring(lua, 1), 1);
	return 1;
}

static int test(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *name = luaL_checkstring(lua, 1);
	struct participant *host = script->host;

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	if (script->depth == SCRIPT_DEPTH_MAX)
		return luaL_error(lua, "tests stand in tests at most %d deep", SCRIPT_DEPTH_MAX);
	script_begin_test(script, name);
	lua_pushcfunction(lua, handle_error);
	lua_pushvalue(lua, 2);
	if (lua_pcall(lua, 0, 0, 3) != LUA_OK && !script->over && lua_isstring(lua, -1))
		script_not_ok(script, NULL, NULL, NULL, "the test runs to its end\n%s", lua_tostring(lua, -1));
	if (!script->over) {
		participants_close(script, script->depth);
		script_relays_close(script, script->depth);
	}
	script_check_over(lua);
	script->host = host;
	script_end_test(script, name);
	return 0;
}

/* ---- waiting for what is no event ---- */

struct until {
	struct script *script;
	uint64_t events;
	int64_t not_before_us;
};

/* Not after each of a thousand events: one look in a hundredth of a second will do. */
static bool something_new(void *arg)
{
	const struct until *until = arg;

	return until->script->events != until->events && loop_now_us() >= until->not_before_us;
}

static int eventually(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *what = luaL_checkstring(lua, 1);
	const double within = luaL_optnumber(lua, 3, 5);
	const int64_t deadline = loop_now_us() + (int64_t)(within * 1e6);
	char where[SCRIPT_WHERE_SIZE];

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	script_where(lua, where);
	for (;;) {
		struct until until = { script, script->events, loop_now_us() + 10000 };

		lua_pushvalue(lua, 2);
		lua_call(lua, 0, 1);
		if (lua_toboolean(lua, -1)) {
			script_ok(script, "%s", what);
			return 1;
		}
		lua_pop(lua, 1);
		if (loop_now_us() >= deadline)
			break;
		script_wait(script, something_new, &until, 0.1);
		script_check_over(lua);
	}
	script_not_ok(script, where, "true", NULL, "%s: not within %g s", what, within);
	return script_fail(lua);
}

static int say(lua_State *lua)
{
	script_say(script_of(lua), "%s", luaL_checkstring(lua, 1));
	return 0;
}

static int seconds(lua_State *lua)
{
	lua_pushnumber(lua, (double)(loop_now_us() - script_of(lua)->params->start_us) / 1e6);
	return 1;
}

static int no_such(lua_State *lua)
{
	const char *name = luaL_tolstring(lua, 2, NULL);

	if (!strcmp(name, "sleep"))
		return luaL_error(lua, "there is no moot.sleep: a test that sleeps is slow on a fast machine and fails on "
				       "a slow one. Wait for what shall happen, with expect() or moot.eventually()");
	return luaL_error(lua, "there is no moot.%s", name);
}

static const luaL_Reg functions[] = {
	{ "host", script_host },   { "join", script_join },	{ "swarm", script_swarm },
	{ "all", script_all },	   { "relay", script_new_relay }, { "test", test },
	{ "check", check },	   { "equal", equal },		{ "eventually", eventually },
	{ "say", say },		   { "seconds", seconds },	{ NULL, NULL },
};

void script_open(struct script *script)
{
	lua_State *lua = script->lua;

	script_open_person(lua);
	script_open_relay(lua);
	luaL_newlib(lua, functions);
	lua_createtable(lua, 0, 1);
	lua_pushcfunction(lua, no_such);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setglobal(lua, "moot");
}
