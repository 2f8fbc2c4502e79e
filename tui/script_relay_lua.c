/* moot.relay{policy = …}: a relay of the script's own, and what one can do to it. */
#include "tui/script_state.h"

#include <errno.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <string.h>

static struct script_relay *relay_at(lua_State *lua)
{
	script_check_over(lua);
	return *(struct script_relay **)luaL_checkudata(lua, 1, SCRIPT_RELAY);
}

/* args = { "--max-people", 3 }: options of moot-relay. */
static void take_args(lua_State *lua, const char *args[], int max)
{
	int n = 0;

	if (lua_getfield(lua, 1, "args") != LUA_TNIL) {
		luaL_checktype(lua, -1, LUA_TTABLE);
		for (lua_Integer i = 1; n < max && lua_rawgeti(lua, 2, i) != LUA_TNIL; i++)
			args[n++] = luaL_checkstring(lua, -1);
	}
	args[n] = NULL;
}

int script_new_relay(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct script_relay *relay = NULL;
	const char *args[17], *policy = NULL;
	char why[512];

	script_check_over(lua);
	if (lua_isnoneornil(lua, 1)) {
		lua_settop(lua, 0);
		lua_newtable(lua);
	}
	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	take_args(lua, args, 16);
	if (lua_getfield(lua, 1, "policy") != LUA_TNIL)
		policy = luaL_checkstring(lua, -1);
	if (script_relay_start(script, &relay, policy, args, why, sizeof(why)) < 0)
		return luaL_error(lua, "the relay did not start: %s", why);
	script_push(lua, relay, SCRIPT_RELAY);
	return 1;
}

static int stop(lua_State *lua)
{
	script_relay_stop(relay_at(lua), false);
	return 0;
}

static int kill_it(lua_State *lua)
{
	script_relay_stop(relay_at(lua), true);
	return 0;
}

static int start_again(lua_State *lua)
{
	char why[512];

	if (script_relay_again(relay_at(lua), why, sizeof(why)) < 0)
		return luaL_error(lua, "the relay did not start: %s", why);
	return 0;
}

/* true, or false and what is wrong with the policy */
static int reload(lua_State *lua)
{
	struct script_relay *relay = relay_at(lua);
	const int err = script_relay_reload(relay, luaL_optstring(lua, 2, NULL));

	script_check_over(lua);
	if (err < 0 && err != -EINVAL)
		return luaL_error(lua, "the relay did not read its policy again: %s",
				  err == -ENOENT ? "it has none, or is stopped" : strerror(-err));
	lua_pushboolean(lua, err == 0);
	lua_pushstring(lua, relay->said);
	return 2;
}

static int relay_index(lua_State *lua)
{
	const struct script_relay *relay = relay_at(lua);
	const char *name = luaL_checkstring(lua, 2);
	const struct invite *at = &relay->where.relay;
	char address[300];

	if (!strcmp(name, "address")) {
		snprintf(address, sizeof(address), strchr(at->host, ':') ? "[%s]:%u" : "%s:%u", at->host, at->port);
		lua_pushstring(lua, address);
	} else if (!strcmp(name, "pin")) {
		lua_pushstring(lua, at->pin);
	} else {
		lua_pushvalue(lua, 2);
		lua_rawget(lua, lua_upvalueindex(1));
	}
	return 1;
}

static const luaL_Reg methods[] = {
	{ "stop", stop }, { "kill", kill_it }, { "start", start_again }, { "reload", reload }, { NULL, NULL },
};

void script_open_relay(lua_State *lua)
{
	luaL_newmetatable(lua, SCRIPT_RELAY);
	luaL_newlib(lua, methods);
	lua_pushcclosure(lua, relay_index, 1);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
}
