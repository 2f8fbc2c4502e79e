/* Nothing is written before the relay says that everyone agreed, and nothing after it says that it is over: the
 * files are closed as the word comes. Both are new files, for this user alone, and say where they are. */
#include "tui/app_record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audio/recorder.h"
#include "net/text.h"
#include "tui/app_state.h"
#include "tui/asciicast.h"
#include "tui/snapshot.h"

enum { PICTURE_US = 200 * 1000, ROWS = 24, COLS = 80, NAMES_MAX = 100 };

struct app_record {
	struct recorder *sound; /* NULL: nothing is heard or said here */
	struct asciicast *cast;
	struct canvas canvas;
	int64_t start_us, put_us;
	char sound_path[PATH_MAX], cast_path[PATH_MAX];
};

void app_record_start(struct app *app, uint64_t tag)
{
	struct command command = { .word = WORD_RECORD, .on = true };

	app_ask(app, tag, &command, YES_NOTHING);
}

void app_record_stop(struct app *app, uint64_t tag)
{
	struct command command = { .word = WORD_RECORD };

	app_ask(app, tag, &command, YES_NOTHING);
}

/* moot-482-913-775-20261123-1405.opus, with -2, -3, … when that is there. */
static void choose_names(struct app *app, struct app_record *record)
{
	char id[MOOT_ID_SIZE], when[32] = "", copy[8] = "";
	time_t now = (time_t)(loop_unix_ms() / 1000);
	struct tm tm;

	text_id_show(id, app->roster.id);
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y%m%d-%H%M", &tm);
	for (int i = 2; i < NAMES_MAX; i++) {
		snprintf(record->sound_path, sizeof(record->sound_path), "moot-%s-%s%s.opus", id, when, copy);
		snprintf(record->cast_path, sizeof(record->cast_path), "moot-%s-%s%s.cast", id, when, copy);
		if (access(record->sound_path, F_OK) != 0 && access(record->cast_path, F_OK) != 0)
			return;
		snprintf(copy, sizeof(copy), "-%d", i);
	}
}

static void put_picture(struct app *app, int64_t now_us)
{
	struct app_record *record = app->record;

	record->put_us = now_us;
	snapshot_draw(&record->canvas, app);
	if (asciicast_put(record->cast, &record->canvas, now_us - record->start_us) < 0) {
		app_notice(app, "not-recorded", "The disk takes no more: the recording ends.");
		app_record_stop(app, APP_TAG_OWN);
	}
}

static int open_files(struct app *app, struct app_record *record)
{
	char title[MOOT_TITLE_SIZE];
	int err = 0;

	choose_names(app, record);
	text_safe(title, sizeof(title), app->roster.title, false);
	if (app->audio)
		err = recorder_new(&record->sound, record->sound_path, audio_engine_hears(app->audio));
	if (!err)
		err = asciicast_new(&record->cast, record->cast_path, ROWS, COLS, loop_unix_ms() / 1000, title);
	return err ? err : canvas_init(&record->canvas, ROWS, COLS);
}

static void close_files(struct app *app, bool tell)
{
	struct app_record *record = app->record;
	int err;

	app->record = NULL;
	if (!record)
		return;
	if (record->sound && app->audio)
		audio_engine_record(app->audio, NULL);
	err = recorder_close(record->sound);
	if (asciicast_close(record->cast) < 0 && !err)
		err = -EIO;
	canvas_clear(&record->canvas);
	if (err && tell)
		app_notice(app, "not-recorded", "Not all of the recording could be written.");
	if (tell && record->cast_path[0])
		app_log(app, LINE_EVENT, "Recorded: %s%s%s", record->sound ? record->sound_path : "",
			record->sound ? ", " : "", record->cast_path);
	free(record);
}

static void begin(struct app *app)
{
	struct app_record *record = calloc(1, sizeof(*record));
	int err = record ? open_files(app, record) : -ENOMEM;
	char text[PATH_MAX + 200];

	app->record = record;
	if (err) {
		snprintf(text, sizeof(text), "The recording cannot be written to %.400s: %s.", record ? record->cast_path : "?",
			 strerror(-err));
		close_files(app, false);
		app_notice(app, "not-recorded", text);
		app_record_stop(app, APP_TAG_OWN);
		return;
	}
	record->start_us = loop_now_us();
	if (record->sound)
		audio_engine_record(app->audio, record->sound);
	put_picture(app, record->start_us);
}

void app_record_event(struct app *app, const struct event *event)
{
	const bool mine = event->kind == EVENT_RECORDING && event->from == app->roster.me;

	if (mine && event->on && !app->record)
		begin(app);
	else if ((mine && !event->on) || event->kind == EVENT_WAITING || event->kind == EVENT_REMOVED ||
		 event->kind == EVENT_ENDED)
		close_files(app, true);
}

void app_record_tick(struct app *app, int64_t now_us)
{
	struct app_record *record = app->record;

	if (!record)
		return;
	if (record->sound && recorder_error(record->sound)) {
		app_notice(app, "not-recorded", "The disk takes no more: the recording ends.");
		app_record_stop(app, APP_TAG_OWN);
		close_files(app, true);
		return;
	}
	if (now_us - record->put_us >= PICTURE_US)
		put_picture(app, now_us);
}

void app_record_lost(struct app *app)
{
	close_files(app, true);
}

void app_record_free(struct app *app)
{
	close_files(app, false);
}
