/* The frame of a script: loop, Lua and folder are made, the file is run, all is taken down again. Waiting is here, too:
 * the loop runs until what is waited for has come, and everything that happens on it looks whether it has. */
#include "tui/script_state.h"

#include <errno.h>
#include <ftw.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOOK_EVERY = 100000 };

/* ---- waiting ---- */

void script_poke(struct script *script)
{
	if (script->done && script->done(script->done_arg))
		loop_stop(script->loop);
}

static void on_late(void *arg)
{
	struct script *script = arg;

	script->late = true;
	loop_stop(script->loop);
}

int script_wait(struct script *script, bool (*done)(void *arg), void *arg, double seconds)
{
	int err = 0;

	script->done = done;
	script->done_arg = arg;
	script->late = false;
	loop_timer_set(script->loop, &script->wait, (int64_t)(seconds * 1e6));
	while (err == 0 && !script->late && !script->over && !done(arg))
		err = loop_run(script->loop);
	loop_timer_cancel(script->loop, &script->wait);
	script->done = NULL;
	if (done(arg))
		return 0;
	return script->over ? -ECANCELED : err < 0 ? err : -ETIMEDOUT;
}

static void end_all(struct script *script, enum script_over why)
{
	if (!script->over)
		script->over = why;
	loop_stop(script->loop);
}

static void on_timeout(void *arg)
{
	end_all(arg, SCRIPT_OUT_OF_TIME);
}

static void on_signal(void *arg, int number)
{
	(void)number;
	end_all(arg, SCRIPT_INTERRUPTED);
}

/* Lua that never waits is looked after, too: the signals are blocked for the loop's sake. */
static void on_count(lua_State *lua, lua_Debug *debug)
{
	struct script *script = script_of(lua);
	sigset_t pending;

	(void)debug;
	sigpending(&pending);
	if (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM))
		script->over = SCRIPT_INTERRUPTED;
	else if (script->deadline_us && loop_now_us() >= script->deadline_us)
		script->over = SCRIPT_OUT_OF_TIME;
	script_check_over(lua);
}

/* ---- birth ---- */

static int make_home(struct script *script)
{
	const char *tmp = getenv("TMPDIR");
	char downloads[SCRIPT_PATH_SIZE];

	snprintf(script->home, sizeof(script->home), "%s/moot-script-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");
	if (!mkdtemp(script->home)) {
		fprintf(stderr, "moot: %s cannot be made: %s.\n", script->home, strerror(errno));
		script->home[0] = '\0';
		return -1;
	}
	/* Files that are accepted without a place to go. */
	snprintf(downloads, sizeof(downloads), "%s/downloads", script->home);
	mkdir(downloads, 0700);
	setenv("XDG_DOWNLOAD_DIR", downloads, 1);
	if (script->params->log_dir && mkdir(script->params->log_dir, 0777) < 0 && errno != EEXIST) {
		fprintf(stderr, "moot: %s cannot be made: %s.\n", script->params->log_dir, strerror(errno));
		return -1;
	}
	return 0;
}

static int make_loop(struct script *script)
{
	const double seconds = script->params->timeout_s;

	script->loop = loop_new();
	if (!script->loop) {
		fprintf(stderr, "moot: The event loop could not be started: %s.\n", strerror(errno));
		return -1;
	}
	script->wait = (struct loop_timer) { .fn = on_late, .arg = script };
	script->timeout = (struct loop_timer) { .fn = on_timeout, .arg = script };
	loop_signal(script->loop, SIGINT, on_signal, script);
	loop_signal(script->loop, SIGTERM, on_signal, script);
	if (seconds > 0) {
		script->deadline_us = loop_now_us() + (int64_t)(seconds * 1e6);
		loop_timer_set(script->loop, &script->timeout, (int64_t)(seconds * 1e6));
	}
	return 0;
}

static uint32_t any_seed(void)
{
	uint32_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint32_t)loop_now_us();
	return seed % 1000000000;
}

static int make_lua(struct script *script)
{
	lua_State *lua = luaL_newstate();
	const uint32_t seed = script->params->seed_set ? script->params->seed : any_seed();

	script->lua = lua;
	if (!lua) {
		fprintf(stderr, "moot: Out of memory.\n");
		return -1;
	}
	*(struct script **)lua_getextraspace(lua) = script;
	luaL_openlibs(lua);
	script_open(script);
	lua_getglobal(lua, "moot");
	lua_pushinteger(lua, seed);
	lua_setfield(lua, -2, "seed");
	lua_getglobal(lua, "math");
	lua_getfield(lua, -1, "randomseed");
	lua_pushinteger(lua, seed);
	lua_call(lua, 1, 0);
	lua_settop(lua, 0);
	lua_sethook(lua, on_count, LUA_MASKCOUNT, HOOK_EVERY);
	printf("TAP version 13\n# seed %u\n", seed);
	return 0;
}

/* ---- running ---- */

static int with_traceback(lua_State *lua)
{
	/* A step that failed has said so itself. */
	if (lua_isstring(lua, 1))
		luaL_traceback(lua, lua, lua_tostring(lua, 1), 1);
	return 1;
}

static void tell_error(struct script *script)
{
	lua_State *lua = script->lua;

	if (script->over == SCRIPT_OUT_OF_TIME)
		printf("Bail out! Out of time after %g s.\n", script->params->timeout_s);
	else if (script->over)
		printf("Bail out! Interrupted.\n");
	else if (lua_isstring(lua, -1))
		script_not_ok(script, NULL, NULL, NULL, "the script runs to its end\n%s", lua_tostring(lua, -1));
}

static int status_of(const struct script *script)
{
	return script->over == SCRIPT_OUT_OF_TIME ? 7
	       : script->over                     ? 1
	       : script->status                   ? script->status
						  : script->tap[0].failed > 0;
}

static int run_file(struct script *script)
{
	lua_State *lua = script->lua;

	lua_pushcfunction(lua, with_traceback);
	if (luaL_loadfile(lua, script->params->file) != LUA_OK) {
		fprintf(stderr, "moot: %s\n", lua_tostring(lua, -1));
		return 2;
	}
	if (lua_pcall(lua, 0, 0, 1) != LUA_OK) {
		tell_error(script);
	}
	if (!script->over)
		script_plan(script);
	return status_of(script);
}

/* ---- death ---- */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void clear(struct script *script)
{
	if (script->lua) {
		lua_sethook(script->lua, NULL, 0, 0);
		if (!script->over)
			participants_close(script, 0);
	}
	participants_free(script);
	script_relays_free(script);
	if (script->lua)
		lua_close(script->lua);
	if (script->loop) {
		loop_timer_cancel(script->loop, &script->wait);
		loop_timer_cancel(script->loop, &script->timeout);
		loop_signal(script->loop, SIGINT, NULL, NULL);
		loop_signal(script->loop, SIGTERM, NULL, NULL);
		loop_free(script->loop);
	}
	if (script->home[0])
		nftw(script->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int script_run(const struct script_params *params)
{
	static struct script script;
	int status = 2;

	script = (struct script) { .params = params, .last_person = &script.people };
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (access(params->file, R_OK) < 0)
		fprintf(stderr, "moot: %s cannot be read: %s.\n", params->file, strerror(errno));
	else if (make_home(&script) == 0 && make_loop(&script) == 0 && make_lua(&script) == 0)
		status = run_file(&script);
	clear(&script);
	return status;
}
