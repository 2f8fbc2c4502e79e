/* Rows that changed are written anew, each as one run of text and colours; JSON strings by jansson. */
#include "tui/asciicast.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asciicast {
	FILE *file;
	struct canvas shown;
};

/* Few colours of everybody's sixteen, so that the player's theme decides. */
static const char *const looks[STYLE_COUNT] = {
	[STYLE_NORMAL] = "0",   [STYLE_TITLE] = "0;37;44", [STYLE_DIM] = "0;2",    [STYLE_BOLD] = "0;1",
	[STYLE_NAME] = "0;1;36", [STYLE_MINE] = "0;1;32",  [STYLE_HOST] = "0;1;33", [STYLE_ALERT] = "0;1;37;41",
	[STYLE_OK] = "0;32",    [STYLE_SPEAKING] = "0;1;32", [STYLE_MUTED] = "0;31", [STYLE_DIRECT] = "0;1;35",
	[STYLE_SELECTED] = "0;7", [STYLE_BORDER] = "0;34",
};

static int result(const struct asciicast *cast)
{
	return fflush(cast->file) || ferror(cast->file) ? (errno ? -errno : -EIO) : 0;
}

static void put_json(struct asciicast *cast, json_t *line)
{
	json_dumpf(line, cast->file, JSON_COMPACT | JSON_REAL_PRECISION(12));
	fputc('\n', cast->file);
	json_decref(line);
}

int asciicast_new(struct asciicast **out, const char *path, int rows, int cols, int64_t unix_s, const char *title)
{
	struct asciicast *cast = calloc(1, sizeof(*cast));
	int fd, err;
	json_t *head;

	if (!cast)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = fd < 0 ? -errno : canvas_init(&cast->shown, rows, cols);
	cast->file = err ? NULL : fdopen(fd, "w");
	if (!cast->file) {
		if (fd >= 0) {
			close(fd);
			unlink(path);
		}
		canvas_clear(&cast->shown);
		free(cast);
		return err ? err : -ENOMEM;
	}
	head = json_pack("{s:i, s:i, s:i, s:I, s:{s:s}}", "version", 2, "width", cols, "height", rows, "timestamp",
			 (json_int_t)unix_s, "env", "TERM", "xterm-256color");
	if (title && *title)
		json_object_set_new(head, "title", json_string(title));
	put_json(cast, head);
	err = result(cast);
	if (err) {
		asciicast_close(cast);
		unlink(path);
		return err;
	}
	*out = cast;
	return 0;
}

static const struct canvas_cell *row_of(const struct canvas *canvas, int row)
{
	return canvas->cell + (size_t)row * (size_t)canvas->cols;
}

static bool row_changed(const struct canvas *a, const struct canvas *b, int row)
{
	return memcmp(row_of(a, row), row_of(b, row), (size_t)a->cols * sizeof(*a->cell)) != 0;
}

static void put_row(FILE *out, const struct canvas *canvas, int row)
{
	int style = -1;

	fprintf(out, "\033[%d;1H", row + 1);
	for (int col = 0; col < canvas->cols; col++) {
		const struct canvas_cell *cell = row_of(canvas, row) + col;

		if (cell->style != style && cell->style < STYLE_COUNT)
			fprintf(out, "\033[%sm", looks[cell->style]);
		style = cell->style;
		fputs(cell->text, out);
	}
	fputs("\033[0m\033[K", out);
}

/* Another size: the player's screen changes with it, and begins anew. */
static int resize(struct asciicast *cast, const struct canvas *canvas, int64_t at_us)
{
	char size[32];

	canvas_clear(&cast->shown);
	if (canvas_init(&cast->shown, canvas->rows, canvas->cols) < 0)
		return -ENOMEM;
	snprintf(size, sizeof(size), "%dx%d", canvas->cols, canvas->rows);
	put_json(cast, json_pack("[f, s, s]", (double)at_us / 1e6, "r", size));
	put_json(cast, json_pack("[f, s, s]", (double)at_us / 1e6, "o", "\033[2J"));
	return 0;
}

int asciicast_put(struct asciicast *cast, const struct canvas *canvas, int64_t at_us)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out;
	int err = 0;

	if (canvas->rows != cast->shown.rows || canvas->cols != cast->shown.cols)
		err = resize(cast, canvas, at_us);
	out = err ? NULL : open_memstream(&text, &n);
	if (!out)
		return err ? err : -ENOMEM;
	for (int row = 0; row < canvas->rows; row++)
		if (row_changed(canvas, &cast->shown, row))
			put_row(out, canvas, row);
	fclose(out);
	if (n > 0) {
		memcpy(cast->shown.cell, canvas->cell,
		       (size_t)canvas->rows * (size_t)canvas->cols * sizeof(*canvas->cell));
		put_json(cast, json_pack("[f, s, o]", (double)at_us / 1e6, "o", json_stringn(text, n)));
		err = result(cast);
	}
	free(text);
	return err;
}

int asciicast_close(struct asciicast *cast)
{
	int err;

	if (!cast)
		return 0;
	err = result(cast);
	if (fclose(cast->file) && !err)
		err = -errno;
	canvas_clear(&cast->shown);
	free(cast);
	return err;
}
