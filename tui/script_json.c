/* Between Lua's tables and JSON: a table with a first element is an array, any other an object; null is nil. */
#include "tui/script_state.h"

#include <jansson.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

enum { DEEPEST = 16 };

static void push_members(lua_State *lua, const json_t *json)
{
	const char *key;
	json_t *value;

	lua_createtable(lua, 0, (int)json_object_size(json));
	json_object_foreach((json_t *)json, key, value)
	{
		script_push_json(lua, value);
		lua_setfield(lua, -2, key);
	}
}

static void push_elements(lua_State *lua, const json_t *json)
{
	const size_t n = json_array_size(json);

	lua_createtable(lua, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		script_push_json(lua, json_array_get(json, i));
		lua_rawseti(lua, -2, (lua_Integer)i + 1);
	}
}

void script_push_json(lua_State *lua, const json_t *json)
{
	luaL_checkstack(lua, 4, "too deep");
	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_OBJECT: push_members(lua, json); break;
	case JSON_ARRAY: push_elements(lua, json); break;
	case JSON_STRING: lua_pushlstring(lua, json_string_value(json), json_string_length(json)); break;
	case JSON_INTEGER: lua_pushinteger(lua, json_integer_value(json)); break;
	case JSON_REAL: lua_pushnumber(lua, json_real_value(json)); break;
	case JSON_TRUE: lua_pushboolean(lua, 1); break;
	case JSON_FALSE: lua_pushboolean(lua, 0); break;
	case JSON_NULL: lua_pushnil(lua); break;
	}
}

static json_t *to_json(lua_State *lua, int index, int depth);

static json_t *to_array(lua_State *lua, int index, int depth)
{
	const lua_Integer n = (lua_Integer)lua_rawlen(lua, index);
	json_t *array = json_array();

	for (lua_Integer i = 1; array && i <= n; i++) {
		lua_rawgeti(lua, index, i);
		if (json_array_append_new(array, to_json(lua, lua_gettop(lua), depth + 1)) < 0) {
			json_decref(array);
			array = NULL;
		}
		lua_pop(lua, 1);
	}
	return array;
}

static json_t *to_object(lua_State *lua, int index, int depth)
{
	json_t *object = json_object();

	lua_pushnil(lua);
	while (lua_next(lua, index)) {
		/* A key that is no string stays as it is: lua_next() goes by it. */
		if (object && (lua_type(lua, -2) != LUA_TSTRING ||
			       json_object_set_new(object, lua_tostring(lua, -2),
						   to_json(lua, lua_gettop(lua), depth + 1)) < 0)) {
			json_decref(object);
			object = NULL;
		}
		lua_pop(lua, 1);
	}
	return object;
}

static json_t *to_json(lua_State *lua, int index, int depth)
{
	struct participant **person;
	size_t n;
	const char *text;

	if (depth > DEEPEST || !lua_checkstack(lua, 6))
		return NULL;
	switch (lua_type(lua, index)) {
	case LUA_TNIL: return json_null();
	case LUA_TBOOLEAN: return json_boolean(lua_toboolean(lua, index));
	case LUA_TNUMBER:
		return lua_isinteger(lua, index) ? json_integer(lua_tointeger(lua, index))
						 : json_real(lua_tonumber(lua, index));
	case LUA_TSTRING: text = lua_tolstring(lua, index, &n); return json_stringn(text, n);
	case LUA_TTABLE:
		if (lua_rawgeti(lua, index, 1) != LUA_TNIL) {
			lua_pop(lua, 1);
			return to_array(lua, index, depth);
		}
		lua_pop(lua, 1);
		return to_object(lua, index, depth);
	default:
		person = luaL_testudata(lua, index, SCRIPT_PERSON);
		return person ? json_integer(participant_number(*person)) : NULL;
	}
}

json_t *script_to_json(lua_State *lua, int index)
{
	return to_json(lua, lua_absindex(lua, index), 0);
}
