/* One participant on a terminal. Everything that changes says screen_touch(); a timer then draws, at most
 * thirty times a second. A slow tick looks at what changes by itself: the clock, the microphone's level, a
 * status that has had its time. */
#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/text.h"
#include "tui/command.h"
#include "tui/screen_state.h"
#include "tui/screen_tty.h"

enum {
	DRAW_EVERY_US = 33 * 1000,
	TICK_US = 200 * 1000,
	STATUS_US = 8000 * 1000,
	BEEP_EVERY_US = 2000 * 1000,
	LEAVE_US = 2000 * 1000,
	ASIDE_US = 300 * 1000, /* what comes with a change hides no word of the change itself */
	WAIT_TTY_US = 20 * 1000,
};

int bell_parse(enum bell *bell, const char *word)
{
	static const char *const words[] = {
		[BELL_DIRECT] = "direct", [BELL_OFF] = "off", [BELL_ALL] = "all"
	};

	for (int i = 0; i < 3; i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		*bell = (enum bell)i;
		return 0;
	}
	return -EINVAL;
}

/* ---- drawing ---- */

static void draw_after(struct screen *screen, int64_t delay_us)
{
	if (screen->draw.heap_index == 0)
		loop_timer_set(screen->loop, &screen->draw, delay_us > 0 ? delay_us : 0);
}

void screen_touch(struct screen *screen)
{
	screen->dirty = true;
	draw_after(screen, screen->drawn_us + DRAW_EVERY_US - loop_now_us());
}

static int meter_of(const struct screen *screen)
{
	return app_mic_on(screen->app) ? (int)app_mic_level(screen->app) / 10 : -1;
}

static void on_draw(void *arg)
{
	struct screen *screen = arg;

	/* A terminal that has not taken the last picture whole gets nothing between its halves. */
	if (tty_busy() && !tty_write(NULL, 0)) {
		draw_after(screen, WAIT_TTY_US);
		return;
	}
	if (screen->dirty || screen->resized) {
		view_from_app(&screen->state, screen->app, loop_now_us(), loop_unix_ms());
		screen->meter = meter_of(screen);
		screen->second = screen->state.elapsed_s;
		screen->dirty = false;
		screen_draw(screen);
	}
	if (screen->picture_dirty)
		screen_paint(screen);
	screen->drawn_us = loop_now_us();
}

static void on_tick(void *arg)
{
	struct screen *screen = arg;
	int64_t now = loop_now_us();
	int64_t joined = app_joined_us(screen->app);

	if (screen->state.status_kind != VIEW_STATUS_NONE && now - screen->status_us > STATUS_US) {
		screen->state.status_kind = VIEW_STATUS_NONE;
		screen_touch(screen);
	}
	if (joined > 0 && ((now - joined) / 1000000 != screen->second || meter_of(screen) != screen->meter))
		screen_touch(screen);
	if (screen->state.line_attempt != app_line_attempt(screen->app))
		screen_touch(screen);
	/* A picture that had to wait for the terminal. */
	if (screen->picture_dirty)
		draw_after(screen, 0);
	loop_timer_set(screen->loop, &screen->tick, TICK_US);
}

/* ---- saying ---- */

void screen_say(struct screen *screen, enum view_status kind, const char *text)
{
	size_t n = strcspn(text, "\n");
	char line[VIEW_TEXT_SIZE];

	snprintf(line, sizeof(line), "%.*s", n < sizeof(line) ? (int)n : (int)sizeof(line) - 1, text);
	text_safe(screen->state.status, sizeof(screen->state.status), line, false);
	screen->state.status_kind = kind;
	screen->status_us = loop_now_us();
	screen_touch(screen);
}

void screen_close_page(struct screen *screen)
{
	free(screen->overlay);
	screen->overlay = NULL;
	screen->state.overlay = screen->state.overlay_title = screen->state.overlay_code = NULL;
	screen_touch(screen);
}

void screen_page(struct screen *screen, const char *title, const char *text)
{
	screen_close_page(screen);
	if (!text)
		return;
	screen->overlay = strdup(text);
	if (!screen->overlay)
		return;
	snprintf(screen->overlay_title, sizeof(screen->overlay_title), "%s", title);
	screen->state.overlay = screen->overlay;
	screen->state.overlay_title = screen->overlay_title;
	screen->state.overlay_row = 0;
}

static void page_with_code(struct screen *screen, const char *title, const char *text, const char *code)
{
	screen_page(screen, title, text);
	if (!code || !screen->overlay)
		return;
	snprintf(screen->overlay_code, sizeof(screen->overlay_code), "%s", code);
	screen->state.overlay_code = screen->overlay_code;
}

static void beep_for(struct screen *screen, const struct event *event)
{
	bool mine = event->from == app_roster(screen->app)->me;
	bool direct = event->kind == EVENT_KNOCK || event->kind == EVENT_ASK_UNMUTE ||
		      event->kind == EVENT_RECORD_ASK || (event->kind == EVENT_SECURITY && event->count >= SECURITY_TO_RELAY) ||
		      (event->kind == EVENT_ERROR && !strcmp(event->code, "new-key")) ||
		      (event->kind == EVENT_CHAT && event->to != TO_EVERYONE && !mine);
	bool other = event->kind == EVENT_CHAT && !mine;
	int64_t now = loop_now_us();

	if (screen->params->bell == BELL_OFF || !(direct || (other && screen->params->bell == BELL_ALL)))
		return;
	if (screen->beeped_us && now - screen->beeped_us < BEEP_EVERY_US)
		return;
	screen->beeped_us = now;
	beep();
}

/* ---- the app's ops ---- */

static bool is_chat(enum line_kind kind)
{
	return kind == LINE_CHAT || kind == LINE_DIRECT || kind == LINE_HOSTS || kind == LINE_WAITING;
}

/* Is the line of this event in the status line, too? Not what stands there anyway (who waits), nor what
 * would hide something more important that came with it. */
static bool is_status(const struct screen *screen, const struct event *event)
{
	if (!event)
		return true;
	switch (event->kind) {
	case EVENT_KNOCK:
	case EVENT_SECURITY: /* the title says it, and what cannot wait a banner */
	case EVENT_JOINED: return false;
	case EVENT_WRONG_PASSCODES:
		return screen->state.status_kind == VIEW_STATUS_NONE ||
		       loop_now_us() - screen->status_us > ASIDE_US;
	default: return true;
	}
}

/* What was added to the chat pane, by an event or (NULL) otherwise: the newest is the status; what is no chat
 * counts as read, and so is one's own. */
static void follow_log(struct screen *screen, const struct event *event)
{
	const struct chatlog *log = app_chatlog(screen->app);
	uint64_t last = chatlog_last(log);

	while (screen->log_seen < last) {
		const struct chat_line *line = chatlog_at(log, ++screen->log_seen);

		if (!line)
			continue;
		if (screen->state.read + 1 == line->serial && (!is_chat(line->kind) || line->mine))
			screen->state.read = line->serial;
		if ((line->kind == LINE_EVENT || line->kind == LINE_WARNING) && is_status(screen, event))
			screen_say(screen, line->kind == LINE_EVENT ? VIEW_STATUS_PLAIN : VIEW_STATUS_WARNING,
				   line->text);
	}
}

static void on_event(void *arg, const struct event *event)
{
	struct screen *screen = arg;

	follow_log(screen, event);
	beep_for(screen, event);
	if (event->kind == EVENT_JOINED) {
		/* That one waits is over. */
		if (screen->state.status_kind == VIEW_STATUS_PLAIN)
			screen->state.status_kind = VIEW_STATUS_NONE;
		screen->state.read = chatlog_last(app_chatlog(screen->app));
		screen_touch(screen);
	}
	if (event->kind != EVENT_VIDEO)
		screen_touch(screen);
}

static void on_answer(void *arg, uint64_t tag, const struct answer *answer)
{
	struct screen *screen = arg;
	const char *text = answer->text ? answer->text : "";
	bool lines = strchr(text, '\n') != NULL;

	if (tag == 0)
		return;
	follow_log(screen, NULL);
	if (answer->ok && (lines || canvas_width(text, strlen(text)) > screen->canvas.cols - 4))
		page_with_code(screen, screen->last_word, text, answer->large);
	else if (text[0] || !answer->ok)
		screen_say(screen, answer->ok ? VIEW_STATUS_OK : VIEW_STATUS_WARNING,
			   text[0] ? text : answer->code);
	screen_touch(screen);
}

static void on_picture(void *arg, uint32_t source, enum video_layer layer)
{
	struct screen *screen = arg;

	(void)source;
	(void)layer;
	screen->picture_dirty = true;
	draw_after(screen, screen->picture_us + DRAW_EVERY_US - loop_now_us());
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	static const char ask[] = "Nobody vouches for the relay %s.\n\nThe pin of its key is\n%s\n\nCompare "
				  "it with the one you "
				  "were given. Connect, and remember this pin?";
	static const char changed[] =
		"The relay %s has another key than the one remembered, and an authority vouches for "
		"it.\n\nThe pin of its key is now\n%s\n\nConnect, and remember this pin instead?";
	struct screen *screen = arg;

	if (trust == TRUST_ASK && screen->params->trust) {
		app_trust(screen->app, true);
		return;
	}
	snprintf(screen->question, sizeof(screen->question), trust == TRUST_ASK ? ask : changed, relay, pin);
	screen->state.question = screen->question;
	screen_close_page(screen);
}

static bool on_front(void *arg, uint64_t tag, const char *command, int argc, const char *const argv[])
{
	struct screen *screen = arg;
	char *text;

	(void)argv;
	if (strcmp(command, "help") != 0 || argc > 0)
		return false;
	text = view_help_text(roster_hosts(app_roster(screen->app)));
	screen_page(screen, "Help", text);
	free(text);
	app_answer(screen->app, tag, &(struct answer) { .ok = true });
	return true;
}

static void on_end(void *arg, int status, const char *text)
{
	struct screen *screen = arg;
	const struct chatlog *log = app_chatlog(screen->app);
	const struct chat_line *last = chatlog_at(log, chatlog_last(log));

	/* Without a word of its own, the end is what just happened: "Ann removed you from the meeting." */
	if ((!text || !*text) && last && !is_chat(last->kind))
		text = last->text;
	screen->end_status = status;
	snprintf(screen->end_text, sizeof(screen->end_text), "%s", text ? text : "");
	loop_stop(screen->loop);
}

static const struct app_ops ops = {
	.on_event = on_event,
	.on_answer = on_answer,
	.on_picture = on_picture,
	.on_trust = on_trust,
	.on_front = on_front,
	.on_end = on_end,
};

/* ---- leaving, signals ---- */

static void on_give_up(void *arg)
{
	struct screen *screen = arg;

	loop_stop(screen->loop);
}

void screen_leave(struct screen *screen)
{
	if (screen->leaving)
		return;
	screen->leaving = true;
	screen_say(screen, VIEW_STATUS_PLAIN, "Leaving ...");
	loop_timer_set(screen->loop, &screen->give_up, LEAVE_US);
	app_leave(screen->app);
}

static void on_signal(void *arg, int sig)
{
	struct screen *screen = arg;

	if (sig == SIGWINCH) {
		screen->resized = true;
		screen_forget(screen);
	} else if (sig == SIGCONT) {
		tty_resume();
		screen->resized = true;
		screen_forget(screen);
	} else if (sig == SIGTSTP) {
		tty_suspend();
		screen->resized = true;
		screen_forget(screen);
	} else {
		screen_leave(screen);
	}
}

static const int signals[] = { SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT };

static void watch_signals(struct screen *screen, bool on)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_signal(screen->loop, signals[i], on ? on_signal : NULL, screen);
}

static void on_input(void *arg, unsigned ready)
{
	struct screen *screen = arg;

	(void)ready;
	if (screen_input(screen))
		return;
	loop_unwatch(screen->input);
	screen->input = NULL;
	screen_leave(screen);
}

/* ---- from start to end ---- */

static int start(struct screen *screen, const char **why)
{
	const struct invite *invite = &screen->params->app.session.invite;

	snprintf(screen->relay, sizeof(screen->relay), "%s:%u", invite->host, invite->port);
	screen->state.relay = screen->relay;
	screen->state.name = screen->params->app.session.name;
	*why = "Out of memory.";
	screen->prompt = prompt_new(command_complete);
	if (!screen->prompt || screen_draw_init(screen) < 0)
		return -ENOMEM;
	screen->state.prompt = screen->prompt;
	screen->input = loop_watch(screen->loop, STDIN_FILENO, on_input, screen);
	if (!screen->input)
		return -ENOMEM;
	watch_signals(screen, true);
	loop_timer_set(screen->loop, &screen->tick, TICK_US);
	screen_touch(screen);
	return 0;
}

static void stop(struct screen *screen)
{
	loop_timer_cancel(screen->loop, &screen->draw);
	loop_timer_cancel(screen->loop, &screen->tick);
	loop_timer_cancel(screen->loop, &screen->give_up);
	loop_unwatch(screen->input);
	watch_signals(screen, false);
	screen_draw_clear(screen);
	prompt_free(screen->prompt);
	free(screen->overlay);
	free(screen->paste);
}

int screen_run(struct loop *loop, const struct screen_params *params)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	const char *why = "Out of memory.";
	int status = 2;

	if (!screen)
		goto out;
	screen->loop = loop;
	screen->params = params;
	screen->draw = (struct loop_timer) { .fn = on_draw, .arg = screen };
	screen->tick = (struct loop_timer) { .fn = on_tick, .arg = screen };
	screen->give_up = (struct loop_timer) { .fn = on_give_up, .arg = screen };
	if (tty_take(&why) < 0)
		goto out;
	if (app_new(&screen->app, loop, &params->app, &ops, screen, &why) < 0 || start(screen, &why) < 0)
		goto out;
	why = NULL;
	loop_run(loop);
	status = screen->end_status;
out:
	if (screen && screen->app) {
		stop(screen);
		app_free(screen->app);
	}
	tty_give();
	if (why)
		fprintf(stderr, "moot: %s\n", why);
	else if (screen && screen->end_text[0])
		printf("%s\n", screen->end_text);
	free(screen);
	return status;
}
