/* What each command of the table does. Most say one word to the relay; a few are this client's own business.
 * The relay decides who may; here only what was meant is made out: which person, which control, which file.
 */
#include "tui/app_files.h"
#include "tui/app_record.h"
#include "tui/app_run.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/text.h"

void run_fail(const struct run *run, const char *code, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	app_reply(run->app, run->tag, false, code, text);
}

void run_done(const struct run *run)
{
	app_reply(run->app, run->tag, true, NULL, NULL);
}

void run_ask(const struct run *run, struct command *command)
{
	app_ask(run->app, run->tag, command, YES_NOTHING);
}

/* A person by what was typed; has answered when false. */
bool run_who(const struct run *run, const char *typed, bool waiting, uint32_t *number)
{
	int64_t found = roster_who(&run->app->roster, typed, waiting);
	char *end;

	if (found == -ENOENT && waiting)
		found = roster_who(&run->app->roster, typed, false);
	/* A number that the roster does not know may be somebody who left: the relay knows. */
	if (found == -ENOENT && isdigit((unsigned char)typed[typed[0] == '#'])) {
		unsigned long value = strtoul(typed + (typed[0] == '#'), &end, 10);

		if (*end == '\0' && value > 0 && value <= UINT16_MAX)
			found = (int64_t)value;
	}
	if (found == -ENOENT)
		run_fail(run, "no-such-person", "Nobody here is called \"%.100s\".", typed);
	else if (found < 0)
		run_fail(run, "ambiguous-name",
		     "More than one is called \"%.100s\": use the number that /who shows.", typed);
	else
		*number = (uint32_t)found;
	return found > 0;
}

bool run_copy(const struct run *run, char *dst, size_t size, const char *text)
{
	if (strlen(text) >= size || !text_valid(text, strlen(text))) {
		run_fail(run, "bad-text", "This is too long, or no proper text: at most %zu bytes of UTF-8.",
		     size - 1);
		return false;
	}
	memcpy(dst, text, strlen(text) + 1);
	return true;
}

/* ---- talk ---- */

static void run_say(const struct run *run, enum scope to, uint32_t number, const char *text)
{
	struct command command = { .word = WORD_CHAT, .to = to, .number = number };

	/* Sealed, it grows to what the wire takes. */
	if (run_copy(run, command.text, MOOT_SAY_SIZE, text))
		run_ask(run, &command);
}

static void run_chat(const struct run *run)
{
	run_say(run, TO_EVERYONE, 0, run->argv[0]);
}

static bool waits(const struct app *app, int64_t number)
{
	for (size_t i = 0; i < app->roster.waiting_count; i++)
		if (app->roster.waiting[i].number == number)
			return true;
	return false;
}

static void run_msg(const struct run *run)
{
	uint32_t number;

	if (run_who(run, run->argv[0], true, &number))
		run_say(run, waits(run->app, number) ? TO_WAITING : TO_ONE, number, run->argv[1]);
}

static void run_hosts(const struct run *run)
{
	run_say(run, TO_HOSTS, 0, run->argv[0]);
}

static void run_tell_waiting(const struct run *run)
{
	const char *colon = strchr(run->argv[0], ':');
	char name[MOOT_NAME_SIZE];
	int64_t number;

	if (colon && colon > run->argv[0] && (size_t)(colon - run->argv[0]) < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)(colon - run->argv[0]), run->argv[0]);
		number = roster_who(&run->app->roster, name, true);
		if (waits(run->app, number)) {
			run_say(run, TO_WAITING, (uint32_t)number, colon + 1 + strspn(colon + 1, " "));
			return;
		}
	}
	run_say(run, TO_WAITING, 0, run->argv[0]);
}

static void run_react(const struct run *run)
{
	struct command command = { .word = WORD_REACT };
	unsigned i = 0;

	while (reaction_name(i) && strcmp(reaction_name(i), run->argv[0]) != 0)
		i++;
	if (!reaction_name(i))
		run_fail(run, "bad-value", "There is no reaction \"%.60s\", but %s.", run->argv[0], run->info->help);
	else if (run_copy(run, command.name, sizeof(command.name), run->argv[0]))
		run_ask(run, &command);
}

static void run_mute(const struct run *run)
{
	struct command command = { .word = WORD_MUTE };

	if (run->argc == 0 || roster_who(&run->app->roster, run->argv[0], false) == run->app->roster.me) {
		app_set_muted(run->app, true);
		if (run->app->roster.presence == PRESENCE_IN)
			run_ask(run, &command);
		else
			app_reply(run->app, run->tag, true, NULL, "You come in with your microphone off.");
		return;
	}
	command.all = !strcmp(run->argv[0], "all");
	if (command.all || run_who(run, run->argv[0], false, &command.number))
		run_ask(run, &command);
}

static void run_unmute(const struct run *run)
{
	struct command command = { .word = WORD_UNMUTE };

	if (!run->app->mic)
		run_fail(run, "no-microphone",
		     "You have no microphone here. \"moot devices\" lists those there are, --mic takes one.");
	else if (run->app->roster.presence == PRESENCE_IN)
		app_ask(run->app, run->tag, &command, YES_UNMUTE);
	else {
		app_set_muted(run->app, false);
		app_reply(run->app, run->tag, true, NULL, "You come in with your microphone on.");
	}
}

static void run_video(const struct run *run)
{
	struct command command = { .word = WORD_VIDEO, .on = !strcmp(run->argv[0], "on") };

	if (!command.on && strcmp(run->argv[0], "off") != 0)
		run_fail(run, "bad-value", "It is \"video on\" or \"video off\".");
	else if (command.on &&
		 (!run->app->params.video.camera || !strcmp(run->app->params.video.camera, "none")))
		run_fail(run, "no-camera",
		     "You have no camera here. \"moot devices\" lists those there are, --camera takes one.");
	else
		app_ask(run->app, run->tag, &command, command.on ? YES_CAMERA_ON : YES_CAMERA_OFF);
}

static void run_volume(const struct run *run)
{
	uint32_t number;
	char *end;
	const float db = strtof(run->argv[1], &end);

	if (*end || end == run->argv[1] || !(db >= -40 && db <= 12)) {
		run_fail(run, "bad-value", "The volume is between -40 and 12 dB, 0 is as it comes.");
		return;
	}
	if (!run_who(run, run->argv[0], false, &number))
		return;
	if (!roster_find(&run->app->roster, number)) {
		run_fail(run, "no-such-person", "Nobody here has the number %u.", number);
		return;
	}
	if (run->app->audio)
		audio_engine_volume(run->app->audio, number, db);
	run_done(run);
}

/* ---- show ---- */

static void stop_sharing(const struct run *run, const char *of)
{
	struct command command = { .word = WORD_SHARE_STOP };
	const char *why;

	if (of[0] && !run_who(run, of, false, &command.number))
		return;
	if (command.number == 0 || command.number == run->app->roster.me)
		app_set_share(run->app, NULL, &why);
	run_ask(run, &command);
}

static void run_share(const struct run *run)
{
	struct command command = { .word = WORD_SHARE };
	const char *file = run->argv[0], *base = strrchr(file, '/');
	struct stat st;

	if (!strncmp(file, "stop", 4) && (file[4] == '\0' || file[4] == ' ')) {
		stop_sharing(run, file + 4 + strspn(file + 4, " "));
		return;
	}
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
		run_fail(run, "no-such-file", "%.400s is a folder. Share a picture, a video or a text.", file);
		return;
	}
	if (access(file, R_OK) < 0 || strlen(file) >= sizeof(run->app->share_file)) {
		run_fail(run, "no-such-file", "%.400s cannot be read: %s.", file, strerror(errno));
		return;
	}
	if (!run_copy(run, command.text, sizeof(command.text), base ? base + 1 : file))
		return;
	snprintf(run->app->share_file, sizeof(run->app->share_file), "%s", file);
	app_ask(run->app, run->tag, &command, YES_SHARE);
}

static void run_pin(const struct run *run)
{
	uint32_t number = 0;

	if (strcmp(run->argv[0], "off") != 0) {
		if (!run_who(run, run->argv[0], false, &number))
			return;
		if (!roster_find(&run->app->roster, number)) {
			run_fail(run, "no-such-person", "Nobody here has the number %u.", number);
			return;
		}
	}
	run->app->pinned = number;
	run_done(run);
}

int app_view_parse(enum app_view *view, const char *word)
{
	static const char *const names[] = {
		[APP_VIEW_SPEAKER] = "speaker", [APP_VIEW_GALLERY] = "gallery", [APP_VIEW_OFF] = "off"
	};

	for (int i = APP_VIEW_SPEAKER; i <= APP_VIEW_OFF; i++)
		if (!strcmp(word, names[i])) {
			*view = (enum app_view)i;
			return 0;
		}
	return -EINVAL;
}

static void run_view(const struct run *run)
{
	if (app_view_parse(&run->app->view, run->argv[0]) < 0) {
		run_fail(run, "bad-value", "A view is speaker, gallery or off.");
		return;
	}
	app_want_soon(run->app);
	run_done(run);
}

/* ---- door ---- */

static void run_admit(const struct run *run)
{
	struct command command = { .word = WORD_ADMIT };

	command.all = run->argc == 1 && !strcmp(run->argv[0], "all");
	for (int i = 0; !command.all && i < run->argc; i++) {
		if (command.who_count == MOOT_WHO_MAX) {
			run_fail(run, "bad-value", "At most %d people at once.", MOOT_WHO_MAX);
			return;
		}
		if (!run_who(run, run->argv[i], true, &command.who[command.who_count++]))
			return;
	}
	run_ask(run, &command);
}

static void run_deny(const struct run *run)
{
	struct command command = { .word = WORD_DENY };

	if (run_who(run, run->argv[0], true, &command.number) &&
	    run_copy(run, command.text, sizeof(command.text), run->argc > 1 ? run->argv[1] : ""))
		run_ask(run, &command);
}

static void set_control(const struct run *run, enum control control, int32_t value)
{
	struct command command = { .word = WORD_SET, .control = control, .value = value };

	run_ask(run, &command);
}

static void run_lock(const struct run *run)
{
	set_control(run, CONTROL_LOCK, !strcmp(run->info->name, "lock"));
}

/* ---- rule ---- */

static void run_set(const struct run *run)
{
	const int control = control_parse(run->argv[0]);
	char text[512];
	size_t at;
	int value;

	if (control < 0) {
		at = (size_t)snprintf(text, sizeof(text), "There is no control \"%.60s\", but", run->argv[0]);
		for (int i = 0; i < CONTROL_COUNT && at < sizeof(text); i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s", i ? "," : "",
					       control_name((enum control)i));
		run_fail(run, "bad-value", "%s.", text);
		return;
	}
	value = control_value_parse((enum control)control, run->argv[1]);
	if (value >= 0) {
		set_control(run, (enum control)control, value);
		return;
	}
	at = (size_t)snprintf(text, sizeof(text), "%s can be", run->argv[0]);
	for (int i = 0; i < control_values((enum control)control) && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s", i ? "," : "",
				       control_value_name((enum control)control, i));
	run_fail(run, "bad-value", "%s.", text);
}

static void run_allow(const struct run *run)
{
	const int permission = permission_parse(run->argv[1]);
	struct command command = { .word = run->info->name[0] == 'a' ? WORD_ALLOW : WORD_DISALLOW };

	if (permission < 0) {
		run_fail(run, "bad-value", "A permission is share, record, unmute, video or rename.");
		return;
	}
	command.permission = (enum permission)permission;
	if (run_who(run, run->argv[0], false, &command.number))
		run_ask(run, &command);
}

static void run_claim(const struct run *run)
{
	struct command command = { .word = WORD_CLAIM };

	if (host_key_find(run->app->params.state_dir, run->app->relay, run->app->roster.id,
			  command.host_key) < 0) {
		run_fail(run, "no-host-key", "This machine keeps no host key of this meeting.");
		return;
	}
	command.has_host_key = true;
	run_ask(run, &command);
}

static void run_rename(const struct run *run)
{
	struct command command = { .word = WORD_RENAME };
	const bool own = run->argc == 1;

	if ((own || run_who(run, run->argv[0], false, &command.number)) &&
	    run_copy(run, command.name, sizeof(command.name), run->argv[own ? 0 : 1]))
		run_ask(run, &command);
}

/* Somebody who was removed, by number or by name. */
static void run_pardon(const struct run *run)
{
	const struct roster *roster = &run->app->roster;
	struct command command = { .word = WORD_PARDON };
	size_t found = 0;

	for (size_t i = 0; i < roster->shut_out_count; i++)
		if (text_same(roster->shut_out[i].name, run->argv[0])) {
			command.number = roster->shut_out[i].number;
			found++;
		}
	if (found > 1)
		run_fail(run, "ambiguous-name", "More than one was called \"%.100s\": use the number that /who removed shows.",
			 run->argv[0]);
	else if (found == 1 || run_who(run, run->argv[0], false, &command.number))
		run_ask(run, &command);
}

/* ---- self ---- */

/* With a relay in this very program, leaving ends the meeting for all: that is said once before. */
static void run_leave(const struct run *run)
{
	struct app *app = run->app;

	if (app->params.ends_with_us && !app->params.headless && !app->warned && app->roster.people_count > 1) {
		app->warned = true;
		run_fail(run, "already", "The relay is yours: the meeting ends for everyone. /leave again does it.");
		return;
	}
	run_done(run);
	app_leave(app);
}

static void run_record(const struct run *run)
{
	if (!strcmp(run->argv[0], "start"))
		app_record_start(run->app, run->tag);
	else if (!strcmp(run->argv[0], "stop"))
		app_record_stop(run->app, run->tag);
	else
		run_fail(run, "bad-value", "It is record start or record stop.");
}

static void run_send(const struct run *run)
{
	uint32_t number;

	if (run_who(run, run->argv[0], false, &number))
		app_file_send(run->app, run->tag, number, run->argv[1]);
}

/* [NUMBER] [PATH] */
static void run_accept(const struct run *run)
{
	char *end = NULL;
	const unsigned long number = run->argc ? strtoul(run->argv[0], &end, 10) : 0;
	const bool numbered = run->argc && !*end && number > 0;

	if (run->argc == 2 && !numbered)
		run_fail(run, "bad-value", "\"%.60s\" is no number of a file; \"files\" lists them.", run->argv[0]);
	else
		app_file_accept(run->app, run->tag, numbered ? (uint32_t)number : 0,
				run->argc == 2 ? run->argv[1] : run->argc && !numbered ? run->argv[0] : NULL);
}

static void run_decline(const struct run *run)
{
	app_file_decline(run->app, run->tag, run->argc ? (uint32_t)strtoul(run->argv[0], NULL, 10) : 0);
}

static void run_text(const struct run *run)
{
	struct app *app = run->app;
	const struct command_info *about = NULL;
	const char *why = "";

	app->answer_text[0] = '\0';
	switch (run->info->name[0]) {
	case 'f': app_text_files(app); break;
	case 'c': app_text_controls(app); break;
	case 'w': app_text_who(app, run->argc ? run->argv[0] : ""); break;
	case 's': app_text_security(app); break;
	case 'a': app_text_audio(app); break;
	default:
		if (run->argc > 0 &&
		    !(about = command_find(run->argv[0][0] == '/' ? run->argv[0] + 1 : run->argv[0], &why))) {
			run_fail(run, "unknown-command", "%s", why);
			return;
		}
		app_text_help(app, about);
	}
	app_reply(app, run->tag, true, NULL, app->answer_text);
}

/* ---- words that need no more than whom ---- */

static const struct {
	const char *name;
	enum word word;
	bool waiting; /* also look among those who wait */
} plain[] = {
	{ "raise", WORD_RAISE, false },
	{ "lower", WORD_LOWER, false },
	{ "ask-unmute", WORD_ASK_UNMUTE, false },
	{ "spotlight", WORD_SPOTLIGHT, false },
	{ "sendback", WORD_SENDBACK, false },
	{ "kick", WORD_KICK, true },
	{ "suspend", WORD_SUSPEND, false },
	{ "cohost", WORD_COHOST, false },
	{ "uncohost", WORD_UNCOHOST, false },
	{ "host", WORD_HOST, false },
	{ "give-keyboard", WORD_GIVE_KEYBOARD, false },
	{ "take-keyboard", WORD_TAKE_KEYBOARD, false },
	{ "end", WORD_END, false },
};

static bool run_plain(const struct run *run)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		struct command command = { .word = plain[i].word };

		if (strcmp(plain[i].name, run->info->name) != 0)
			continue;
		if (run->argc == 0 || (plain[i].word == WORD_SPOTLIGHT && !strcmp(run->argv[0], "off")) ||
		    run_who(run, run->argv[0], plain[i].waiting, &command.number))
		{
			if (plain[i].word == WORD_HOST && run->app->params.ends_with_us)
				app_log(run->app, LINE_WARNING, "The relay goes on in this program: stay until the "
								"meeting is over.");
			app_ask(run->app, run->tag, &command,
				plain[i].word == WORD_END ? YES_ENDED : YES_NOTHING);
		}
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	void (*fn)(const struct run *run);
} own[] = {
	{ "chat", run_chat },      { "msg", run_msg },
	{ "hosts", run_hosts },    { "tell-waiting", run_tell_waiting },
	{ "react", run_react },    { "mute", run_mute },
	{ "unmute", run_unmute },  { "video", run_video },
	{ "volume", run_volume },  { "share", run_share },
	{ "pin", run_pin },        { "view", run_view },
	{ "admit", run_admit },    { "deny", run_deny },
	{ "lock", run_lock },      { "unlock", run_lock },
	{ "set", run_set },        { "allow", run_allow },
	{ "disallow", run_allow }, { "claim", run_claim },
	{ "rename", run_rename },  { "name", run_rename },
	{ "leave", run_leave },    { "who", run_text },
	{ "invite", run_invite },  { "security", run_text },
	{ "audio", run_text },     { "help", run_text },
	{ "files", run_text },     { "controls", run_text },
	{ "poll", run_poll },      { "breakout", run_breakout },
	{ "record", run_record },  { "consent", run_consent },
	{ "send", run_send },      { "accept", run_accept },
	{ "decline", run_decline }, { "pardon", run_pardon },
	{ "verify", run_verify },   { "passcode", run_passcode },
	{ "guest-pin", run_guest_pin },
};

static bool run_own(const struct run *run)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(own[i].name, run->info->name)) {
			own[i].fn(run);
			return true;
		}
	return false;
}

bool app_carry(struct app *app, uint64_t tag, const struct command_info *info, int argc,
	       const char *const argv[])
{
	const struct run run = { .app = app, .tag = tag, .info = info, .argc = argc, .argv = argv };

	return run_plain(&run) || run_own(&run);
}
