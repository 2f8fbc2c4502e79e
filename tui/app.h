/* One participant: a session, its sound and its pictures. The only place where net, audio and render meet; no
 * curses. The screen and the headless front sit on top: they feed lines of commands in and hear events out.
 * Loop's thread. */
#ifndef MOOT_TUI_APP_H
#define MOOT_TUI_APP_H

#include <stdbool.h>

#include "audio/engine.h"
#include "net/loop.h"
#include "net/roster.h"
#include "net/session.h"
#include "render/video.h"
#include "tui/chatlog.h"

struct app;

/* Strings inside stay the caller's and must outlive the app. */
struct app_params {
	struct session_params session;
	struct audio_params audio;
	struct video_params video;
	const char *state_dir;   /* host keys are kept and looked for here */
	const char *known_people; /* whom one met, by their keys: a path; NULL: nobody is remembered */
	const char *share;       /* a file to show from the start, or NULL */
	const char *invite_host; /* where others find the relay; NULL: where we do */
	const char *view;        /* how pictures are shown at first; NULL: speaker */
	bool host;               /* create the meeting */
	bool muted;              /* join with the microphone off */
	bool ends_with_us;       /* the relay is this program's own: the meeting ends when it does */
	bool headless;
	uint32_t bandwidth; /* bits/s; 0: no cap */
	/** Told the app once it is there, for app_notice() from outside a front end. May be NULL. */
	void (*on_new)(void *arg, struct app *app);
	void *on_new_arg;
};

/* What arrives from one person in one way, for /audio and "state". */
enum app_media { APP_AUDIO, APP_VIDEO, APP_SHARE };
struct app_source {
	uint32_t from;
	enum app_media kind;
	uint64_t frames, concealed, dropped;
	uint32_t delay_ms, kbps;
};

/* How the answer to a command comes back: ok, or a code and a text; json: the extra members of an answer
 * ("\"state\":{…}"), or NULL. text may hold several lines (help, who, security, audio). large: a code in the text that
 * a screen may draw large as well, or NULL. */
struct answer {
	bool ok;
	const char *code, *text, *json, *large;
};

struct app_ops {
	/** Everything that happened, in order, after the roster took it in: the relay's events and the
	 * client's own. */
	void (*on_event)(void *arg, const struct event *event);
	/** The answer to the line with this tag; exactly one each, at once or later. */
	void (*on_answer)(void *arg, uint64_t tag, const struct answer *answer);
	/** A picture of source changed (screen: redraw its place). */
	void (*on_picture)(void *arg, uint32_t source, enum video_layer layer);
	/** Ask the person: connect to a relay nobody vouches for? Answer with app_trust(). */
	void (*on_trust)(void *arg, enum trust trust, const char *relay, const char *pin);
	/** Commands that only a front end has ("screen", "view", "help" paging …): return true when taken
	 * (and answer it). */
	bool (*on_front)(void *arg, uint64_t tag, const char *command, int argc, const char *const argv[]);
	/** The end. status: exit status of HEADLESS; text: for people. Once; app_free() is allowed inside. */
	void (*on_end)(void *arg, int status, const char *text);
};

/** Returns 0 with *app, or -errno with *why for people (bad device, file not found). */
int app_new(struct app **app, struct loop *loop, const struct app_params *params, const struct app_ops *ops,
	    void *arg, const char **why);
void app_free(struct app *app);

/** Run one line as a person types it: "/admit Bo" runs a command, anything else is chat. tag comes back with
 * the answer. */
void app_line(struct app *app, uint64_t tag, const char *line);
/** Run one command already split: do="admit", args={"Bo"}. */
void app_command(struct app *app, uint64_t tag, const char *word, int argc, const char *const argv[]);
/** Give the answer of a command that on_front() took. */
void app_answer(struct app *app, uint64_t tag, const struct answer *answer);
/** To the relay and back: the answer (whatever it says) comes after everything that the relay told before. */
void app_round_trip(struct app *app, uint64_t tag);
void app_trust(struct app *app, bool yes);
void app_leave(struct app *app);

/* What the front ends show. Borrowed, until the loop runs again. */
const struct roster *app_roster(const struct app *app);
const struct chatlog *app_chatlog(const struct app *app);
/** How far what is said is protected, as the session reckons it. */
void app_security(const struct app *app, struct session_security *security);
/** What people should know of somebody's keys. */
struct app_mark {
	uint32_t number;
	bool unkeyed; /* not in the signed roster: neither hears nor is heard */
	bool new_key; /* another one than this name had before, and not yet looked at (/verify NAME yes) */
};
/** Those of whom there is something to know, by number, rising. Borrowed, until the loop runs again. */
const struct app_mark *app_marks(const struct app *app, size_t *count);
/** In the signed roster. */
bool app_keyed(const struct app *app, uint32_t number);
int64_t app_joined_us(const struct app *app); /* 0 before */
bool app_mic_on(const struct app *app);
uint8_t app_mic_level(const struct app *app);
bool app_speaking(const struct app *app, uint32_t number);
/** Who has spoken last and loudest (0 nobody): the speaker view. */
uint32_t app_speaker(const struct app *app);
/** The person pinned by this user (0 nobody). */
uint32_t app_pinned(const struct app *app);
enum app_view { APP_VIEW_SPEAKER, APP_VIEW_GALLERY, APP_VIEW_OFF };
enum app_view app_view(const struct app *app);
/** Tell which pictures are shown and how large, so that only those are sent: count entries of number and
 * layer. */
void app_show(struct app *app, const uint32_t *numbers, const enum video_layer *layers, size_t count);
/** A picture of somebody newer than *serial_seen, or NULL; the caller frees it. Number 0: the own camera. */
struct frame *app_picture(struct app *app, uint32_t number, enum video_layer layer, uint64_t *serial_seen);
/** Line state: 0 fine, else the attempt to get it back. Round trip in ms, 0 unknown. */
/** True while a poll is open in which one has not voted. */
bool app_may_vote(const struct app *app);
unsigned app_line_attempt(const struct app *app);
uint32_t app_rtt_ms(const struct app *app);
/** The invite to hand out ("moot://…"), without the passcode. "" before the meeting is known. */
const char *app_invite(const struct app *app);
/** Fills at most max; returns how many. */
size_t app_sources(const struct app *app, struct app_source *sources, size_t max);
/** For the faults that a tester asks for. */
struct session *app_session(struct app *app);
/** A notice of a front end into the chat pane, and as EVENT_ERROR to on_event. */
void app_notice(struct app *app, const char *code, const char *text);

#endif
