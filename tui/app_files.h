/* Files in chat: offered, taken on the receiver's word alone, pulled piece by piece, checked, saved under a safe
 * name, never opened. Loop's thread. */
#ifndef MOOT_TUI_APP_FILES_H
#define MOOT_TUI_APP_FILES_H

#include <stddef.h>

#include "net/message.h"

struct app;
struct app_files;

struct app_files *app_files_new(struct app *app);
/** What is under way is given up; half files are removed. */
void app_files_free(struct app_files *files);

/** Offer a regular file to somebody; answers the tag. */
void app_file_send(struct app *app, uint64_t tag, uint32_t to, const char *path);
/** Take an offered file. file 0: the only one offered. path: a folder, a new file, or NULL (the downloads, or the
 * current folder). Answers the tag. */
void app_file_accept(struct app *app, uint64_t tag, uint32_t file, const char *path);
/** Decline an offer, or give up what is under way. */
void app_file_decline(struct app *app, uint64_t tag, uint32_t file);
/** Every event of the relay, after the roster took it in. */
void app_file_event(struct app *app, const struct event *event);
/** The text of /files, into app->answer_text. */
void app_text_files(struct app *app);
/** The file that moved last and is under way: what it is called (shown safely), how far it is. False: none. */
bool app_file_progress(const struct app *app, char *name, size_t size, uint64_t *done, uint64_t *all);

/** A name that is safe to save under: its last part alone, nothing hidden or special, at most 120 bytes; "file"
 * when nothing is left. Pure. */
void app_file_safe_name(char *dst, size_t size, const char *name);

#endif
