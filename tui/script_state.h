/* What the files of script share. For them alone. Nothing that runs on the loop calls Lua, and nothing that Lua calls
 * raises an error from inside the loop: what happens is noted, and who waits looks at it. */
#ifndef MOOT_TUI_SCRIPT_STATE_H
#define MOOT_TUI_SCRIPT_STATE_H

#include <stdio.h>

#include "net/identity.h"
#include "net/loop.h"
#include "tui/app.h"
#include "tui/embedded.h"
#include "tui/expect.h"
#include "tui/script.h"

struct json_t;
struct lua_State;

enum { SCRIPT_PATH_SIZE = 4096, SCRIPT_SAID_SIZE = 2048, SCRIPT_WHERE_SIZE = 300 };

/* Why nothing more is to happen. */
enum script_over { SCRIPT_GOES_ON, SCRIPT_OUT_OF_TIME, SCRIPT_INTERRUPTED };

struct participant {
	struct participant *next;
	struct script *script;
	unsigned ordinal; /* in this script, from 1 */
	struct app *app;  /* NULL: closed */
	struct app_params params;
	struct identity identity;
	struct invite invite; /* to the same meeting; what is known of it */
	char name[MOOT_NAME_SIZE * 4], title[MOOT_TITLE_SIZE], token[MOOT_PASSCODE_SIZE], view[16];
	char mic[SCRIPT_PATH_SIZE], speaker[SCRIPT_PATH_SIZE], camera[SCRIPT_PATH_SIZE];
	char home[SCRIPT_PATH_SIZE], known_relays[SCRIPT_PATH_SIZE + 16], known_people[SCRIPT_PATH_SIZE + 16];
	struct expect_history history;
	uint64_t mark, marked_step; /* the last event before that step of the script */
	FILE *log;
	uint64_t tag;            /* of the command that was given last */
	struct json_t *answer;   /* to it; NULL: not yet */
	bool decided;            /* let in, made to wait, or neither for good */
	bool ended, refused;
	int status;              /* once ended */
	char end_text[512];
	int depth;               /* of the test that it belongs to */
};

struct script_relay {
	struct script_relay *next;
	struct script *script;
	struct embedded *embedded; /* NULL: stopped */
	struct embedded_where where;
	char home[SCRIPT_PATH_SIZE], policy[SCRIPT_PATH_SIZE + 16];
	bool has_policy, gone;
	char *args[17];
	enum { RELOAD_NONE, RELOAD_WAITS, RELOAD_DONE, RELOAD_KEPT } reload;
	char said[SCRIPT_SAID_SIZE]; /* what was wrong with the policy */
	int depth;
};

/* What has been counted at one depth of the TAP: the script's own, or that of a test in it. */
struct script_tap {
	unsigned steps, failed;
};

enum { SCRIPT_DEPTH_MAX = 4 };

struct script {
	const struct script_params *params;
	struct loop *loop;
	struct lua_State *lua;
	char home[SCRIPT_PATH_SIZE - 64];
	struct participant *people, **last_person;
	unsigned people_count;
	struct participant *host; /* of the meeting that was made last */
	struct script_relay *relays, *relay; /* the one where meetings are made now */
	unsigned relay_count;

	bool (*done)(void *arg); /* what is waited for */
	void *done_arg;
	bool late;
	struct loop_timer wait, timeout;
	int64_t deadline_us; /* 0: none */
	enum script_over over;
	uint64_t step, events; /* commands that were given; events that came */

	struct script_tap tap[SCRIPT_DEPTH_MAX + 1];
	int depth;
	int status; /* that says more than 1 */
};

/* script.c */
/** Serve until done(arg), at most for so long. 0, -ETIMEDOUT, or -ECANCELED: all is over. From outside the loop. */
int script_wait(struct script *script, bool (*done)(void *arg), void *arg, double seconds);
/** Something happened: who waits, look. */
void script_poke(struct script *script);

/* script_tap.c */
/** A step is done. what: one line. */
void script_ok(struct script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A step is not: what, where, what was expected and what came instead (any of the last two may be NULL). came: an
 * array of events, or anything; taken over. */
void script_not_ok(struct script *script, const char *where, const char *expected, struct json_t *came,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));
/** Lines for people, at the depth of now. */
void script_say(struct script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
void script_begin_test(struct script *script, const char *name);
/** Ends the innermost test: its own plan, and its line. */
void script_end_test(struct script *script, const char *name);
void script_plan(const struct script *script);

/* script_person.c */
/** A new participant, not started. NULL without memory. */
struct participant *participant_new(struct script *script);
/** Start it with its params; 0, or -errno with *why. */
int participant_start(struct participant *person, const char **why);
/** Give a command; its answer comes later. */
void participant_give(struct participant *person, const char *word, int argc, const char *const argv[]);
/** Give a line as typed. */
void participant_type(struct participant *person, const char *line);
/** Give a command and wait for its answer: 0 with person->answer, or of script_wait(). */
int participant_ask(struct participant *person, const char *word, int argc, const char *const argv[]);
/** Wait for the answer to what was given. */
int participant_wait(struct participant *person);
bool participant_said_yes(const struct participant *person);
/** To the relay and back. */
void participant_round_trip(struct participant *person);
/** The last event of it before the step of the script that is done now. */
uint64_t participant_mark(const struct participant *person);
/** What it would hand out now; once it is gone, what it knew last. */
const struct invite *participant_invite(struct participant *person);
/** Gone at once, without a word. */
void participant_close(struct participant *person);
/** Out of their meetings, and closed: all of this depth and deeper. */
void participants_close(struct script *script, int depth);
void participants_free(struct script *script);
/** Its number in the meeting, in the room or waiting; 0 unknown. */
uint32_t participant_number(const struct participant *person);

/* script_relay.c */
/** Start one and make it the one where meetings are made. more: options, NULL ends them; or NULL. policy: a text or a
 * path, or NULL. 0, or -errno with why. */
int script_relay_start(struct script *script, struct script_relay **relay, const char *policy,
		       const char *const *more, char *why, size_t size);
/** The relay to make a meeting on, started if need be. */
int script_relay_need(struct script *script, struct invite *where, const char **host, char *why, size_t size);
void script_relay_stop(struct script_relay *relay, bool kill);
/** Stopped before: the same one again, on the same port. */
int script_relay_again(struct script_relay *relay, char *why, size_t size);
/** A new policy. 0, -EINVAL when the relay keeps the old one (relay->said tells why), or of script_wait(). */
int script_relay_reload(struct script_relay *relay, const char *policy);
/** Stop those of this depth and deeper; the one before is the one for meetings again. */
void script_relays_close(struct script *script, int depth);
void script_relays_free(struct script *script);

/* script_json.c: Lua's values and JSON's */
void script_push_json(struct lua_State *lua, const struct json_t *json);
/** A new object, array or plain value, the caller's; NULL when there is no such thing in JSON. */
struct json_t *script_to_json(struct lua_State *lua, int index);

/* script_lua.c: the module moot */
void script_open(struct script *script);
struct script *script_of(struct lua_State *lua);
/** Where in the script we are: "door.lua:14". dst: [SCRIPT_WHERE_SIZE]. */
void script_where(struct lua_State *lua, char *dst);
/** Raise what says that a step failed and was told already. */
int script_fail(struct lua_State *lua);
/** Raise that all is over, if it is. */
void script_check_over(struct lua_State *lua);
/** Make a userdata of class (its metatable's name) that holds pointer. */
void script_push(struct lua_State *lua, void *pointer, const char *class);

/* script_join.c: hosts and guests out of tables of options */
int script_host(struct lua_State *lua);
int script_join(struct lua_State *lua);
int script_swarm(struct lua_State *lua);

/* script_methods.c: what a participant can */
#define SCRIPT_PERSON "moot.participant"
void script_open_person(struct lua_State *lua);
struct participant *script_person(struct lua_State *lua, int index);
/** Words of a command from Lua's values, from index first on: strings, numbers, booleans (on, off) and participants
 * (their number). argv: room for max; the strings stay Lua's. Returns argc. */
int script_args(struct lua_State *lua, int first, const char *argv[], int max);
/** Give this command to each of them at once, wait for all answers; raises when one says no. */
int script_all(struct lua_State *lua);

/* script_relay_lua.c: relays as Lua sees them */
#define SCRIPT_RELAY "moot.relay"
void script_open_relay(struct lua_State *lua);
int script_new_relay(struct lua_State *lua);

#endif
