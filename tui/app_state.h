/* What app.c, app_events.c, app_media.c and app_commands.c share of one participant. For them alone. */
#ifndef MOOT_TUI_APP_STATE_H
#define MOOT_TUI_APP_STATE_H

#include "tui/app.h"
#include "tui/command.h"
#include "tui/mailbox.h"

enum { APP_PENDING_MAX = 256, APP_SOURCES_MAX = 64, APP_SHOWN_MAX = 16, APP_VOLUMES_MAX = 64 };

/* The tag of the app's own commands: an answer that says no becomes a notice. */
#define APP_TAG_OWN UINT64_MAX

/* What to do on this side when the relay has said yes. */
enum on_yes { YES_NOTHING, YES_VOTED, YES_UNMUTE, YES_CAMERA_ON, YES_CAMERA_OFF, YES_SHARE, YES_PIN,
	      YES_CONSENTED, YES_ENDED };

struct pending {
	uint32_t request;
	uint64_t tag;
	enum on_yes on_yes;
	char pin[16]; /* YES_PIN */
};

/* What comes from one person, as seen by the loop. */
struct app_stream {
	uint32_t number;           /* 0: free */
	bool audio, speaking;      /* as announced */
	int64_t audio_us, loud_us; /* when last heard, and heard loud */
	unsigned loud;             /* loud frames in a row */
	uint8_t level;
	uint64_t audio_frames;
	uint64_t bytes[STREAM_COUNT], bytes_before[STREAM_COUNT];
	uint32_t kbps[STREAM_COUNT];
	uint64_t pictures[STREAM_COUNT];
	bool video[STREAM_COUNT]; /* its first picture was announced */
	uint64_t pictures_before[STREAM_COUNT];
	int64_t keyframe_us[STREAM_COUNT]; /* when one was last asked for */
};

struct app_opener;
struct app_files;
struct app_record;
struct app_people;

struct app {
	struct loop *loop;
	struct app_params params;
	const struct app_ops *ops;
	void *arg;
	struct session *session;
	struct audio_engine *audio;
	struct video_engine *video;
	struct app_opener *opener; /* opens sound cards; NULL when done */
	struct mailbox *mailbox;
	struct roster roster;
	struct chatlog *log;
	struct app_files *files;
	struct app_record *record; /* while it runs on this machine */
	struct app_people *people; /* whose keys are known */
	struct {
		enum security state;
		uint32_t leader;
		bool many_wrong, closed; /* of passcodes: it was said */
		unsigned ticks;
	} told;                          /* of the encryption */
	struct {
		uint64_t serial; /* of the line in the log, 0: none */
		int64_t last_us;
		unsigned joined, left;
		char names[256];
	} crowd; /* comings and goings in one line */
	struct loop_timer tick, want, end;

	struct pending pending[APP_PENDING_MAX];
	size_t pending_count;
	char share_file[4096]; /* being asked for, or shown */

	bool keyed; /* in, and had keys once */
	bool mic, muted, camera; /* there is a microphone; it is off; the camera is on */
	uint32_t voted; /* the poll that was voted in last */
	bool warned; /* that leaving ends the meeting */
	bool sharing, me_speaking, reminded, audio_started, video_started;
	unsigned wanted; /* layers of ours that somebody shows */
	enum app_view view;
	uint32_t pinned, speaker;
	struct {
		uint32_t number;
		unsigned layers;
	} shown[APP_SHOWN_MAX];
	size_t shown_count;
	bool shown_by_front;                         /* a screen says what it shows; else the app picks */
	uint32_t want_who[MOOT_WHO_MAX], want_count; /* as last told to the relay */
	uint8_t want_layer[MOOT_WHO_MAX];
	struct app_stream stream[APP_SOURCES_MAX];

	int64_t joined_us, second_us;
	unsigned line_attempt;
	char relay[160], tls[MOOT_WORD_SIZE], pin[64];
	char invite[INVITE_SIZE];
	char answer_text[65536], answer_json[INVITE_SIZE + 64], answer_code[48];
	struct {
		char of[MOOT_NAME_SIZE]; /* as typed; empty: of who draws the keys */
		uint32_t number;
		char code[48];
	} verify; /* what /verify showed last */
	bool ended;
	int end_status;
	char end_text[512];
};

/* app.c */
void app_emit(struct app *app, const struct event *event);
void app_reply(struct app *app, uint64_t tag, bool ok, const char *code, const char *text);
/** Send to the relay; its answer goes to tag. Answers itself when it cannot be sent. */
void app_ask(struct app *app, uint64_t tag, struct command *command, enum on_yes on_yes);
/** Send without anybody waiting for the answer. */
void app_tell(struct app *app, struct command *command);

/* app_events.c */
/** A line for the chat pane, for events that people read. */
void app_log_event(struct app *app, const struct event *event);
void app_log(struct app *app, enum line_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** Who it is, as to be shown. The buffer is one of four, used in turn. */
const char *app_who(const struct app *app, uint32_t number, const char *name);

/* app_people.c: who is in the signed roster, and who of them is known from before */
struct known_person;
struct app_people *app_people_new(void);
void app_people_free(struct app_people *people);
/** Look who has keys now, if they turned or anew: who is new is remembered, a familiar name with another key is told. */
void app_people_look(struct app *app, bool anew);
/** Look soon: somebody came, went, or has another name. */
void app_people_due(struct app *app);
/** Somebody waits: warn if they bear a familiar name with another key. */
void app_people_knock(struct app *app, const struct event *event);
/** What is known of somebody whose keys are there: enum known of net/people.h, or -ENOENT. *person (may be NULL): as it was
 * before this meeting. */
int app_person_known(const struct app *app, uint32_t number, const struct known_person **person);
/** The name one saw last in the signed roster; NULL. Behind the newest change by up to a second. */
const char *app_person_name(const struct app *app, uint32_t number);
bool app_person_warned(const struct app *app, uint32_t number);
/** The user found this person's key good: keep that. 0, -ENOENT, or -errno of the file. */
int app_person_verify(struct app *app, uint32_t number);

/* app_security.c */
/** A line for the chat pane: how far it is encrypted now, what that means, what to do. */
void app_log_security(struct app *app);
/** What else follows from an event. */
void app_security_event(struct app *app, const struct event *event);
void app_security_tick(struct app *app);
/** Into app->answer_text. */
void app_text_security(struct app *app);

/* app_passcode.c */
void app_make_invite(struct app *app);
/** The relay took the PIN: show it, once. */
void app_pin_made(struct app *app, const struct pending *pending);

/* app_media.c */
int app_media_new(struct app *app, const char **why);
void app_media_start(struct app *app);
void app_media_free(struct app *app);
void app_media_incoming(struct app *app, const struct wire_frame *frame);
void app_media_event(struct app *app, const struct event *event);
/** The keys turned: each layer that is being made begins anew. */
void app_fresh_pictures(struct app *app);
void app_media_tick(struct app *app, int64_t now_us);
void app_set_muted(struct app *app, bool muted);
/** 0, or -errno with *why. */
int app_set_camera(struct app *app, bool on, const char **why);
int app_set_share(struct app *app, const char *file, const char **why);
/** What is shown changed: tell the relay soon. */
void app_want_soon(struct app *app);

/* app_commands.c */
/** "speaker", "gallery", "off". 0 or -EINVAL. */
int app_view_parse(enum app_view *view, const char *word);
/** Do what a command of the table does; it and its arguments were checked. */
bool app_carry(struct app *app, uint64_t tag, const struct command_info *info, int argc,
	       const char *const argv[]);

/* app_run.c */
/** Run a command by its name, if it may be run now. True when it was taken up; it is answered either way. */
bool app_run(struct app *app, uint64_t tag, const char *name, int argc, const char *const argv[]);

/* app_info.c: the texts of /who, /audio, /controls, /help; into app->answer_text. */
void app_text_who(struct app *app, const char *pattern);
void app_text_add(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A line's beginning: number and name, in columns whatever the script. */
void app_text_person(struct app *app, uint32_t number, const char *name);
/** Without the line ends behind it. */
void app_text_end(struct app *app);
void app_text_audio(struct app *app);
void app_text_controls(struct app *app);
void app_text_help(struct app *app, const struct command_info *info);

#endif
