/* Recording on this machine: asked for, agreed to by everyone, then sound as Ogg Opus and the screen as an
 * asciicast; over at the first no. Loop's thread. */
#ifndef MOOT_TUI_APP_RECORD_H
#define MOOT_TUI_APP_RECORD_H

#include "net/message.h"

struct app;
struct app_record;

/** Ask to record, or stop; answers the tag. */
void app_record_start(struct app *app, uint64_t tag);
void app_record_stop(struct app *app, uint64_t tag);
/** Every event of the relay, after the roster took it in. */
void app_record_event(struct app *app, const struct event *event);
/** The line was lost: so is the recording. */
void app_record_lost(struct app *app);
/** Let time pass: a picture of the screen, and a look at the disk. */
void app_record_tick(struct app *app, int64_t now_us);
/** Close the files, whatever happens. */
void app_record_free(struct app *app);

#endif
