/* The receiver pulls: it asks for so many bytes ahead as the line carries in a tenth of a second, so that speech
 * beside it stays whole; the sender answers with pieces read from the disk. What arrives goes into a hidden file
 * beside its place, which gets its name, never another's, once its hash is what was announced. */
#include "tui/app_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/text.h"
#include "tui/app_state.h"

enum {
	FILES_MAX = 64, OFFERS_MAX = 16,
	NAME_BYTES = 120,
	PIECE_MIN = 300, AHEAD_MAX = 48 * 1024, AHEAD_PIECES = 6,
	PROGRESS_US = 250 * 1000,
	COPIES_MAX = 1000,
};

/* One file, from its offer to its end. */
struct app_file {
	uint32_t file;          /* 0: free */
	bool mine, taken;
	int fd;                 /* -1: not open */
	uint64_t size, at, asked;
	int64_t moved_us, told_us;
	char name[MOOT_NAME_SIZE * 2]; /* shown */
	char path[PATH_MAX];    /* of what is sent; where it will be saved */
	char part[PATH_MAX];    /* what arrives; empty: nothing yet */
	crypto_hash_sha256_state hash;
	uint8_t wanted[MOOT_HASH_BYTES];
};

/* Offered by us, not yet numbered by the relay. */
struct offer {
	uint8_t hash[MOOT_HASH_BYTES];
	char path[PATH_MAX];
};

struct app_files {
	struct app_file list[FILES_MAX];
	struct offer offers[OFFERS_MAX];
	unsigned next_offer;
};

struct app_files *app_files_new(struct app *app)
{
	struct app_files *files = calloc(1, sizeof(*files));

	(void)app;
	for (int i = 0; files && i < FILES_MAX; i++)
		files->list[i].fd = -1;
	return files;
}

static void forget(struct app_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->part[0])
		unlink(file->part);
	memset(file, 0, sizeof(*file));
	file->fd = -1;
}

void app_files_free(struct app_files *files)
{
	for (int i = 0; files && i < FILES_MAX; i++)
		forget(&files->list[i]);
	free(files);
}

static struct app_file *find(const struct app *app, uint32_t number)
{
	for (int i = 0; number && i < FILES_MAX; i++)
		if (app->files->list[i].file == number)
			return &app->files->list[i];
	return NULL;
}

/* ---- names ---------------------------------------------------------------------------------------------- */

/* Cut at a character's end, and keep what follows the last dot if that is short. */
static void shorten(char *name, size_t most)
{
	char *dot = strrchr(name, '.'), tail[16] = "";
	size_t n = strlen(name), keep = most;

	if (n <= most)
		return;
	if (dot && strlen(dot) < sizeof(tail)) {
		snprintf(tail, sizeof(tail), "%s", dot);
		keep -= strlen(tail);
	}
	while (keep > 0 && ((unsigned char)name[keep] & 0xC0) == 0x80)
		keep--;
	snprintf(name + keep, most + 1 - keep, "%s", tail);
}

void app_file_safe_name(char *dst, size_t size, const char *name)
{
	char safe[MOOT_TEXT_SIZE], *start = safe;
	size_t n;

	text_safe(safe, sizeof(safe), name, false);
	for (char *c = safe; *c; c++) {
		if (*c == '/' || *c == '\\')
			start = c + 1;
		else if (strchr(":*?\"<>|~", *c) || (unsigned char)*c < ' ')
			*c = '_';
	}
	start += strspn(start, ". -");
	for (n = strlen(start); n > 0 && (start[n - 1] == ' ' || start[n - 1] == '.'); n--)
		start[n - 1] = '\0';
	shorten(start, size - 1 < NAME_BYTES ? size - 1 : NAME_BYTES);
	snprintf(dst, size, "%s", *start ? start : "file");
}

static void show_size(char dst[static 24], uint64_t bytes)
{
	if (bytes < 10 * 1024)
		snprintf(dst, 24, "%llu bytes", (unsigned long long)bytes);
	else if (bytes < 10 * 1024 * 1024)
		snprintf(dst, 24, "%llu KiB", (unsigned long long)(bytes / 1024));
	else
		snprintf(dst, 24, "%llu MiB", (unsigned long long)(bytes / 1024 / 1024));
}

/* ---- offering ------------------------------------------------------------------------------------------- */

static int hash_file(int fd, uint8_t hash[static MOOT_HASH_BYTES], uint64_t *size)
{
	static uint8_t buf[65536];
	crypto_hash_sha256_state state;
	ssize_t n;

	*size = 0;
	crypto_hash_sha256_init(&state);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		crypto_hash_sha256_update(&state, buf, (size_t)n);
		*size += (uint64_t)n;
	}
	crypto_hash_sha256_final(&state, hash);
	return n < 0 ? -errno : 0;
}

/* Open what is to be sent. -errno, with -EISDIR and -EINVAL for what is no regular file. */
static int open_regular(const char *path, uint64_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	close(fd);
	return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

static void refuse(struct app *app, uint64_t tag, const char *code, const char *path, const char *why)
{
	char text[PATH_MAX + 200];

	snprintf(text, sizeof(text), "%.400s %s", path, why);
	app_reply(app, tag, false, code, text);
}

void app_file_send(struct app *app, uint64_t tag, uint32_t to, const char *path)
{
	struct command command = { .word = WORD_FILE, .number = to };
	const char *base = strrchr(path, '/');
	struct offer *offer = &app->files->offers[app->files->next_offer % OFFERS_MAX];
	int fd = open_regular(path, &command.size), err;

	if (fd < 0) {
		refuse(app, tag, "no-such-file", path,
		       fd == -EINVAL ? "is no regular file." : fd == -EISDIR ? "is a folder; pack it first." :
								    strerror(-fd));
		return;
	}
	err = hash_file(fd, command.hash, &command.size);
	close(fd);
	if (err || strlen(path) >= sizeof(offer->path)) {
		refuse(app, tag, "no-such-file", path, "cannot be read.");
		return;
	}
	if (command.size == 0) {
		refuse(app, tag, "file-too-big", path, "is empty.");
		return;
	}
	app_file_safe_name(command.name, sizeof(command.name), base ? base + 1 : path);
	app->files->next_offer++;
	memcpy(offer->hash, command.hash, sizeof(offer->hash));
	snprintf(offer->path, sizeof(offer->path), "%s", path);
	app_ask(app, tag, &command, YES_NOTHING);
}

/* The relay numbered an offer: ours, or one to us. */
static void on_offer(struct app *app, const struct event *event)
{
	const bool mine = event->from == app->roster.me;
	struct app_file *file = NULL;
	char size[24];

	for (int i = 0; i < FILES_MAX && !file; i++)
		if (!app->files->list[i].file)
			file = &app->files->list[i];
	if (!file || find(app, event->file))
		return;
	*file = (struct app_file) { .file = event->file, .mine = mine, .fd = -1, .size = event->size };
	app_file_safe_name(file->name, sizeof(file->name), event->text);
	memcpy(file->wanted, event->hash, sizeof(file->wanted));
	for (int i = 0; mine && i < OFFERS_MAX; i++)
		if (!memcmp(app->files->offers[i].hash, event->hash, sizeof(event->hash)))
			snprintf(file->path, sizeof(file->path), "%s", app->files->offers[i].path);
	show_size(size, event->size);
	if (mine)
		app_log(app, LINE_EVENT, "You offer %s the file %s (%s).", app_who(app, event->number, NULL), file->name, size);
	else
		app_log(app, LINE_WARNING, "%s sends you the file %s (%s): /accept %u or /decline %u",
			app_who(app, event->from, event->name), file->name, size, event->file, event->file);
}

/* ---- sending -------------------------------------------------------------------------------------------- */

/* As much as the line carries in a tenth of a second. */
static size_t piece_bytes(const struct app *app)
{
	const size_t bytes = app->params.bandwidth / 8 / 10;

	if (!app->params.bandwidth || bytes > MOOT_CHUNK_BYTES)
		return MOOT_CHUNK_BYTES;
	return bytes < PIECE_MIN ? PIECE_MIN : bytes;
}

/* What has arrived of it is gone before anybody hears that it failed. */
static void end_transfer(struct app *app, struct app_file *file, bool whole)
{
	struct command command = { .word = WORD_FILE_END, .file = file->file, .on = whole };

	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	if (file->part[0])
		unlink(file->part);
	file->part[0] = '\0';
	app_tell(app, &command);
}

static void tell_progress(struct app *app, struct app_file *file, uint64_t at)
{
	struct event event = { .kind = EVENT_FILE_PROGRESS, .file = file->file, .offset = at, .size = file->size };
	const int64_t now = loop_now_us();

	file->at = at;
	file->moved_us = now;
	if (at < file->size && now - file->told_us < PROGRESS_US)
		return;
	file->told_us = now;
	app_emit(app, &event);
}

static bool still_the_same(struct app_file *file)
{
	uint64_t size = 0;

	if (file->fd < 0)
		file->fd = file->path[0] ? open_regular(file->path, &size) : -1;
	else
		size = (uint64_t)lseek(file->fd, 0, SEEK_END);
	return file->fd >= 0 && size == file->size;
}

static void on_get(struct app *app, const struct event *event)
{
	struct app_file *file = find(app, event->file);
	struct command command = { .word = WORD_FILE_CHUNK, .file = event->file, .offset = event->offset };
	uint8_t piece[MOOT_CHUNK_BYTES];
	uint64_t left = event->size;

	if (!file || !file->mine)
		return;
	while (left > 0) {
		const size_t most = piece_bytes(app);
		const size_t want = left < most ? (size_t)left : most;
		const ssize_t n = still_the_same(file) ? pread(file->fd, piece, want, (off_t)command.offset) : -1;

		if (n <= 0 || (size_t)n != want) {
			app_notice(app, "file-changed", "The file that was being sent is not what it was; it was given up.");
			end_transfer(app, file, false);
			return;
		}
		sodium_bin2base64(command.text, sizeof(command.text), piece, want, sodium_base64_VARIANT_ORIGINAL);
		app_tell(app, &command);
		command.offset += want;
		left -= want;
	}
	tell_progress(app, file, command.offset);
}

/* ---- receiving ------------------------------------------------------------------------------------------ */

static void ask_on(struct app *app, struct app_file *file)
{
	const size_t piece = piece_bytes(app);
	const size_t ahead = app->params.bandwidth ? piece * AHEAD_PIECES : AHEAD_MAX;

	while (file->asked < file->size && file->asked - file->at + piece <= ahead) {
		struct command command = { .word = WORD_FILE_GET, .file = file->file, .offset = file->asked };

		command.size = file->size - file->asked < piece ? file->size - file->asked : piece;
		file->asked += command.size;
		app_tell(app, &command);
	}
}

/* Where downloads go when nothing else was said. */
static const char *downloads(char path[static PATH_MAX])
{
	const char *home = getenv("HOME"), *given = getenv("XDG_DOWNLOAD_DIR");
	struct stat st;

	if (given && *given == '/')
		snprintf(path, PATH_MAX, "%s", given);
	else
		snprintf(path, PATH_MAX, "%s/Downloads", home ? home : "");
	return !stat(path, &st) && S_ISDIR(st.st_mode) ? path : ".";
}

/* path: a folder, or the file that is to be. Sets file->path and makes file->part. 0 or -errno. */
static int open_part(struct app_file *file, const char *path)
{
	char folder[PATH_MAX], name[NAME_BYTES + 1];
	const char *slash;
	struct stat st;
	int n;

	app_file_safe_name(name, sizeof(name), file->name);
	if (!path || !*path)
		path = downloads(folder);
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		n = snprintf(file->path, sizeof(file->path), "%s/%s", path, name);
	else if (!lstat(path, &st))
		return -EEXIST;
	else
		n = snprintf(file->path, sizeof(file->path), "%s", path);
	if (n < 0 || (size_t)n + 16 >= sizeof(file->path))
		return -ENAMETOOLONG;
	slash = strrchr(file->path, '/');
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - file->path) : 1, slash ? file->path : ".");
	n = snprintf(file->part, sizeof(file->part), "%.*s/.moot-XXXXXX", PATH_MAX - 20, slash == file->path ? "/" : folder);
	file->fd = n > 0 ? mkostemp(file->part, O_CLOEXEC) : -1;
	if (file->fd >= 0)
		return 0;
	file->part[0] = '\0';
	return -errno;
}

void app_file_accept(struct app *app, uint64_t tag, uint32_t number, const char *path)
{
	const struct roster_file *offered = roster_find_file(&app->roster, number);
	struct app_file *file = offered ? find(app, offered->file) : NULL;
	struct command command = { .word = WORD_FILE_TAKE };
	int err;

	if (!file || file->mine) {
		app_reply(app, tag, false, "no-such-transfer",
			  number ? "No such file was offered to you; \"files\" lists them." :
				   "No file, or more than one, is offered to you: say its number; \"files\" lists them.");
		return;
	}
	if (file->part[0]) {
		app_reply(app, tag, false, "already", "It is on its way already.");
		return;
	}
	err = open_part(file, path);
	if (err) {
		refuse(app, tag, "no-such-file", path ? path : file->path,
		       err == -EEXIST ? "is there already; nothing is overwritten." : strerror(-err));
		return;
	}
	crypto_hash_sha256_init(&file->hash);
	file->at = file->asked = 0;
	file->taken = true;
	command.file = file->file;
	app_ask(app, tag, &command, YES_NOTHING);
	ask_on(app, file);
}

void app_file_decline(struct app *app, uint64_t tag, uint32_t number)
{
	const struct roster_file *offered = roster_find_file(&app->roster, number);
	struct command command = { .word = WORD_FILE_END };

	if (!offered) {
		app_reply(app, tag, false, "no-such-transfer", "Say which file: \"files\" lists them.");
		return;
	}
	command.file = offered->file;
	app_ask(app, tag, &command, YES_NOTHING);
}

/* The name that is free: "plan.pdf", "plan (2).pdf", … Never over another. 0 or -errno. */
static int give_name(struct app_file *file)
{
	char path[PATH_MAX];
	const char *slash = strrchr(file->path, '/'), *dot = strrchr(file->path, '.');
	int stem;

	if (!dot || (slash && dot < slash + 2))
		dot = file->path + strlen(file->path);
	stem = (int)(dot - file->path);
	snprintf(path, sizeof(path), "%s", file->path);
	for (int i = 2; renameat2(AT_FDCWD, file->part, AT_FDCWD, path, RENAME_NOREPLACE); i++) {
		if (errno != EEXIST || i > COPIES_MAX)
			return -errno;
		snprintf(path, sizeof(path), "%.*s (%d)%.100s", stem, file->path, i, dot);
	}
	file->part[0] = '\0';
	snprintf(file->path, sizeof(file->path), "%s", path);
	return 0;
}

static void arrived(struct app *app, struct app_file *file)
{
	struct event event = { .kind = EVENT_FILE_SAVED, .file = file->file };
	uint8_t hash[MOOT_HASH_BYTES];
	int err;

	crypto_hash_sha256_final(&file->hash, hash);
	if (memcmp(hash, file->wanted, sizeof(hash)) != 0) {
		app_notice(app, "file-damaged", "The file that arrived is not the one that was announced; it was not kept.");
		end_transfer(app, file, false);
		return;
	}
	err = fsync(file->fd) ? -errno : give_name(file);
	if (err) {
		app_notice(app, "file-not-saved", strerror(-err));
		end_transfer(app, file, false);
		return;
	}
	snprintf(event.text, sizeof(event.text), "%.*s", (int)sizeof(event.text) - 1, file->path);
	app_log(app, LINE_EVENT, "Saved as %s.", file->path);
	app_emit(app, &event);
	end_transfer(app, file, true);
}

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		const ssize_t written = write(fd, p, n);

		if (written < 0 && errno != EINTR)
			return -errno;
		p += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

static void on_chunk(struct app *app, const struct event *event)
{
	struct app_file *file = find(app, event->file);
	uint8_t piece[MOOT_CHUNK_BYTES];
	size_t n = 0;
	int err;

	if (!file || file->mine || file->fd < 0 || event->offset != file->at || file->at >= file->size)
		return;
	if (sodium_base642bin(piece, sizeof(piece), event->text, strlen(event->text), NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    n == 0 || n > file->asked - file->at)
		return;
	err = write_all(file->fd, piece, n);
	if (err) {
		app_notice(app, "file-not-saved", err == -ENOSPC || err == -EFBIG || err == -EDQUOT ?
			   "The disk is full; the file was given up." : strerror(-err));
		end_transfer(app, file, false);
		return;
	}
	crypto_hash_sha256_update(&file->hash, piece, n);
	tell_progress(app, file, file->at + n);
	if (file->at == file->size)
		arrived(app, file);
	else
		ask_on(app, file);
}

/* ---- the end, and a line that came back ----------------------------------------------------------------- */

static void on_ended(struct app *app, const struct event *event)
{
	static const struct {
		const char *code, *text;
	} how[] = {
		{ "done", "arrived" },           { "declined", "was declined" },   { "cancelled", "was given up" },
		{ "left", "ended: one of you left" }, { "off", "ended: files were switched off" },
	};
	struct app_file *file = find(app, event->file);

	if (!file)
		return;
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++)
		if (!strcmp(how[i].code, event->code) && !(i == 0 && !file->mine))
			app_log(app, LINE_EVENT, "The file %s %s.", file->name, how[i].text);
	forget(file);
}

/* What was asked for and lost with the line is asked for again. */
static void on_resumed(struct app *app)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct app_file *file = &app->files->list[i];

		if (!file->file || file->mine || file->fd < 0)
			continue;
		file->asked = file->at;
		ask_on(app, file);
	}
}

void app_file_event(struct app *app, const struct event *event)
{
	switch (event->kind) {
	case EVENT_FILE: on_offer(app, event); break;
	case EVENT_FILE_GET: on_get(app, event); break;
	case EVENT_FILE_CHUNK: on_chunk(app, event); break;
	case EVENT_FILE_ENDED: on_ended(app, event); break;
	case EVENT_RESUMED: on_resumed(app); break;
	case EVENT_WAITING:
	case EVENT_REMOVED:
	case EVENT_ENDED:
		for (int i = 0; i < FILES_MAX; i++)
			forget(&app->files->list[i]);
		break;
	default: break;
	}
}

/* ---- shown ---------------------------------------------------------------------------------------------- */

void app_text_files(struct app *app)
{
	char size[24];
	size_t at = 0;

	for (int i = 0; i < FILES_MAX && at < sizeof(app->answer_text); i++) {
		const struct app_file *file = &app->files->list[i];

		if (!file->file)
			continue;
		show_size(size, file->size);
		at += (size_t)snprintf(app->answer_text + at, sizeof(app->answer_text) - at, "%s%3u  %s  %s  %s, %d %%",
				       at ? "\n" : "", file->file, file->mine ? "to send" : "for you", size, file->name,
				       (int)(file->at * 100 / file->size));
	}
	if (at == 0)
		snprintf(app->answer_text, sizeof(app->answer_text), "No file is offered or under way. /send WHO FILE");
}

bool app_file_progress(const struct app *app, char *name, size_t size, uint64_t *done, uint64_t *all)
{
	const struct app_file *latest = NULL;

	for (int i = 0; i < FILES_MAX; i++) {
		const struct app_file *file = &app->files->list[i];

		if (file->file && file->moved_us && (!latest || file->moved_us > latest->moved_us))
			latest = file;
	}
	if (!latest)
		return false;
	snprintf(name, size, "%s", latest->name);
	*done = latest->at;
	*all = latest->size;
	return true;
}
