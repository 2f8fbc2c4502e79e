#include "tests/e2e/term.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { DEADLINE_MS = 20000, KEPT_MAX = 8 * 1024 * 1024, TEXT_MAX = 1024 * 1024 };

struct term {
	pid_t pid;
	int fd, rows, cols;
	bool ended;
	int status;
	VTerm *vt;
	VTermScreen *screen;
	bool alternate, cursor_visible;
	unsigned bells;
	VTermPos cursor;
	char *kept; /* all that came */
	size_t kept_bytes, all_bytes;
	char text[TEXT_MAX], row[4096];
};

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- libvterm ---- */

static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
	struct term *term = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		term->alternate = value->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		term->cursor_visible = value->boolean;
	return 1;
}

static int on_bell(void *user)
{
	struct term *term = user;

	term->bells++;
	return 1;
}

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct term *term = user;

	(void)old;
	(void)visible;
	term->cursor = pos;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_prop,
						.bell = on_bell,
						.movecursor = on_cursor };

/* What the terminal answers to questions. */
static void on_output(const char *bytes, size_t n, void *user)
{
	struct term *term = user;
	ssize_t written = write(term->fd, bytes, n);

	(void)written;
}

/* ---- starting and ending ---- */

static void child(const struct term_params *params)
{
	char term[64];
	static const char *const keep[] = { "PATH",          "HOME",         "ASAN_OPTIONS",
					    "UBSAN_OPTIONS", "TSAN_OPTIONS", "MOOT_BUILD" };
	char *values[6];

	for (int i = 0; i < 6; i++)
		values[i] = getenv(keep[i]) ? strdup(getenv(keep[i])) : NULL;
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	clearenv();
	for (int i = 0; i < 6; i++)
		if (values[i])
			setenv(keep[i], values[i], 1);
	snprintf(term, sizeof(term), "%s", params->type ? params->type : "xterm-256color");
	setenv("TERM", term, 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	for (size_t i = 0; params->env && params->env[i]; i++)
		putenv(strdup(params->env[i]));
	execvp(params->argv[0], (char *const *)(uintptr_t)params->argv);
	_exit(127);
}

struct term *term_new(const struct term_params *params)
{
	struct term *term = calloc(1, sizeof(*term));
	struct winsize size = { 0 };
	sigset_t none;

	if (!term)
		return NULL;
	term->rows = params->rows ? params->rows : 24;
	term->cols = params->cols ? params->cols : 80;
	size.ws_row = (unsigned short)term->rows;
	size.ws_col = (unsigned short)term->cols;
	term->kept = malloc(KEPT_MAX);
	term->cursor_visible = true;
	term->vt = vterm_new(term->rows, term->cols);
	vterm_set_utf8(term->vt, 1);
	term->screen = vterm_obtain_screen(term->vt);
	vterm_screen_enable_altscreen(term->screen, 1);
	vterm_screen_set_callbacks(term->screen, &callbacks, term);
	vterm_output_set_callback(term->vt, on_output, term);
	vterm_screen_reset(term->screen, 1);
	term->pid = forkpty(&term->fd, NULL, NULL, &size);
	if (term->pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		child(params);
	}
	if (term->pid < 0 || !term->kept) {
		term->ended = true;
		term_free(term);
		return NULL;
	}
	return term;
}

void term_free(struct term *term)
{
	if (!term)
		return;
	if (!term->ended) {
		kill(term->pid, SIGHUP);
		close(term->fd);
		term->fd = -1;
		for (int i = 0; i < 300 && waitpid(term->pid, &term->status, WNOHANG) == 0; i++) {
			poll(NULL, 0, 10);
			if (i == 299)
				kill(term->pid, SIGKILL);
		}
	}
	if (term->fd >= 0)
		close(term->fd);
	vterm_free(term->vt);
	free(term->kept);
	free(term);
}

static void reap(struct term *term, int flags)
{
	int status;

	if (term->ended || waitpid(term->pid, &status, flags) != term->pid)
		return;
	term->ended = true;
	term->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- running ---- */

/* Take what comes within ms. Returns false when nothing did. */
static bool pump(struct term *term, int ms)
{
	struct pollfd fd = { .fd = term->fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	if (poll(&fd, 1, ms) <= 0)
		return false;
	n = read(term->fd, bytes, sizeof(bytes));
	if (n <= 0) {
		/* EIO: nobody holds the other side. */
		reap(term, WNOHANG);
		poll(NULL, 0, 5);
		return false;
	}
	term->all_bytes += (size_t)n;
	if (term->kept_bytes + (size_t)n < KEPT_MAX) {
		memcpy(term->kept + term->kept_bytes, bytes, (size_t)n);
		term->kept_bytes += (size_t)n;
	}
	vterm_input_write(term->vt, bytes, (size_t)n);
	return true;
}

void term_settle(struct term *term, int quiet_ms)
{
	long end = now_ms() + DEADLINE_MS;

	while (now_ms() < end && pump(term, quiet_ms))
		;
}

bool term_wait_for(struct term *term, bool (*cond)(struct term *term, void *arg), void *arg)
{
	long end = now_ms() + DEADLINE_MS;

	while (!cond(term, arg)) {
		if (now_ms() > end)
			return false;
		pump(term, 20);
	}
	return true;
}

static bool shows(struct term *term, void *arg)
{
	return term_shows(term, arg);
}

static bool shows_not(struct term *term, void *arg)
{
	return !term_shows(term, arg);
}

bool term_wait(struct term *term, const char *text)
{
	bool found = term_wait_for(term, shows, (void *)(uintptr_t)text);

	if (!found)
		fprintf(stderr, "never came: %s\n%s", text, term_text(term));
	return found;
}

bool term_wait_gone(struct term *term, const char *text)
{
	bool gone = term_wait_for(term, shows_not, (void *)(uintptr_t)text);

	if (!gone)
		fprintf(stderr, "never went: %s\n%s", text, term_text(term));
	return gone;
}

int term_wait_exit(struct term *term)
{
	long end = now_ms() + DEADLINE_MS;

	while (!term->ended && now_ms() < end) {
		pump(term, 10);
		reap(term, WNOHANG);
	}
	while (pump(term, 0))
		;
	if (!term->ended)
		fprintf(stderr, "did not end:\n%s", term_text(term));
	return term->ended ? term->status : -1;
}

void term_type(struct term *term, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t written = write(term->fd, text, n);

		if (written <= 0)
			return;
		text += written;
		n -= (size_t)written;
		while (pump(term, 0))
			;
	}
}

void term_resize(struct term *term, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	term->rows = rows;
	term->cols = cols;
	vterm_set_size(term->vt, rows, cols);
	ioctl(term->fd, TIOCSWINSZ, &size);
}

void term_signal(struct term *term, int signal)
{
	if (!term->ended)
		kill(term->pid, signal);
}

pid_t term_pid(const struct term *term)
{
	return term->pid;
}

/* ---- looking ---- */

static size_t put_utf8(char *dst, uint32_t cp)
{
	if (cp < 0x80) {
		dst[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		dst[0] = (char)(0xC0 | cp >> 6);
		dst[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		dst[0] = (char)(0xE0 | cp >> 12);
		dst[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		dst[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	dst[0] = (char)(0xF0 | cp >> 18);
	dst[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	dst[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	dst[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

static size_t row_text(struct term *term, int row, char *dst, size_t size)
{
	size_t used = 0, end = 0;

	for (int col = 0; col < term->cols && used + 64 < size;) {
		VTermScreenCell cell;
		VTermPos pos = { .row = row, .col = col };

		vterm_screen_get_cell(term->screen, pos, &cell);
		if (cell.chars[0] == 0 || cell.chars[0] == (uint32_t)-1)
			dst[used++] = ' ';
		else
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
				used += put_utf8(dst + used, cell.chars[i]);
		if (cell.chars[0] && cell.chars[0] != ' ')
			end = used;
		col += cell.width > 0 ? cell.width : 1;
	}
	dst[end] = '\0';
	return end;
}

const char *term_row(struct term *term, int row)
{
	row_text(term, row, term->row, sizeof(term->row));
	return term->row;
}

const char *term_text(struct term *term)
{
	size_t used = 0;

	for (int row = 0; row < term->rows && used + 8192 < TEXT_MAX; row++) {
		used += row_text(term, row, term->text + used, 8192);
		term->text[used++] = '\n';
	}
	term->text[used] = '\0';
	return term->text;
}

bool term_shows(struct term *term, const char *text)
{
	return strstr(term_text(term), text) != NULL;
}

void term_cursor(const struct term *term, int *row, int *col)
{
	*row = term->cursor.row;
	*col = term->cursor.col;
}

bool term_alternate(const struct term *term)
{
	return term->alternate;
}

bool term_cursor_visible(const struct term *term)
{
	return term->cursor_visible;
}

bool term_bracketed_paste(const struct term *term)
{
	static const char on[] = "\033[?2004h", off[] = "\033[?2004l";
	bool paste = false;

	for (size_t i = 0; i + sizeof(on) - 1 <= term->kept_bytes; i++) {
		if (!memcmp(term->kept + i, on, sizeof(on) - 1))
			paste = true;
		else if (!memcmp(term->kept + i, off, sizeof(off) - 1))
			paste = false;
	}
	return paste;
}

unsigned term_bells(const struct term *term)
{
	return term->bells;
}

unsigned term_picture(struct term *term, int row, int col, int rows, int cols, unsigned long *hash)
{
	unsigned blocks = 0;
	unsigned long h = 5381;

	for (int r = row; r < row + rows; r++)
		for (int c = col; c < col + cols; c++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(term->screen, (VTermPos) { .row = r, .col = c }, &cell);
			vterm_screen_convert_color_to_rgb(term->screen, &cell.fg);
			vterm_screen_convert_color_to_rgb(term->screen, &cell.bg);
			blocks += cell.chars[0] >= 0x2580 && cell.chars[0] <= 0x259F;
			h = h * 33 + cell.chars[0];
			h = h * 33 + (unsigned long)(cell.fg.rgb.red << 16 | cell.fg.rgb.green << 8 |
						     cell.fg.rgb.blue);
			h = h * 33 + (unsigned long)(cell.bg.rgb.red << 16 | cell.bg.rgb.green << 8 |
						     cell.bg.rgb.blue);
		}
	if (hash)
		*hash = h;
	return blocks;
}

unsigned term_uncoloured(struct term *term, int row, int col, int rows, int cols)
{
	unsigned count = 0;

	for (int r = row; r < row + rows; r++)
		for (int c = col; c < col + cols; c++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(term->screen, (VTermPos) { .row = r, .col = c }, &cell);
			count += VTERM_COLOR_IS_DEFAULT_BG(&cell.bg) && VTERM_COLOR_IS_DEFAULT_FG(&cell.fg);
		}
	return count;
}

bool term_coloured(struct term *term)
{
	for (int r = 0; r < term->rows; r++)
		for (int c = 0; c < term->cols; c++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(term->screen, (VTermPos) { .row = r, .col = c }, &cell);
			if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
				return true;
		}
	return false;
}

size_t term_bytes(const struct term *term)
{
	return term->all_bytes;
}

bool term_sent(const struct term *term, const char *bytes)
{
	return memmem(term->kept, term->kept_bytes, bytes, strlen(bytes)) != NULL;
}

struct termios term_modes(const struct term *term)
{
	struct termios modes = { 0 };

	tcgetattr(term->fd, &modes);
	return modes;
}

/* ---- a picture of it ---- */

enum { CELL_W = 9, CELL_H = 18, MARGIN = 12 };

static uint32_t rgb(struct term *term, VTermColor colour, uint32_t otherwise, bool is_default)
{
	if (is_default)
		return otherwise;
	vterm_screen_convert_color_to_rgb(term->screen, &colour);
	return (uint32_t)(colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue);
}

static void colours(struct term *term, const VTermScreenCell *cell, uint32_t *fg, uint32_t *bg)
{
	uint32_t swap;

	*fg = rgb(term, cell->fg, 0xD8D8D8, VTERM_COLOR_IS_DEFAULT_FG(&cell->fg));
	*bg = rgb(term, cell->bg, 0x16181C, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg));
	if (cell->attrs.reverse) {
		swap = *fg;
		*fg = *bg;
		*bg = swap;
	}
}

static void fill(FILE *out, int x, int y, int w, int h, uint32_t colour)
{
	fprintf(out, "<path fill=\"#%06x\" d=\"M%d %dh%dv%dh-%dz\"/>\n", colour, x, y, w, h, w);
}

/* Shades: so many quarters of fg. */
static uint32_t mix(uint32_t fg, uint32_t bg, int quarters)
{
	uint32_t mixed = 0;

	for (int shift = 0; shift <= 16; shift += 8) {
		uint32_t a = fg >> shift & 255, b = bg >> shift & 255;

		mixed |= (a * (uint32_t)quarters + b * (uint32_t)(4 - quarters)) / 4 << shift;
	}
	return mixed;
}

/* Half blocks are drawn as rectangles: fonts leave gaps. */
static void svg_cell_ground(struct term *term, FILE *out, int row, int col)
{
	VTermScreenCell cell;
	uint32_t fg, bg;
	int x = MARGIN + col * CELL_W, y = MARGIN + row * CELL_H, run = 1;

	vterm_screen_get_cell(term->screen, (VTermPos) { .row = row, .col = col }, &cell);
	colours(term, &cell, &fg, &bg);
	if (cell.width > 1)
		run = cell.width;
	if (bg != 0x16181C)
		fill(out, x, y, run * CELL_W, CELL_H, bg);
	if (cell.chars[0] == 0x2580)
		fill(out, x, y, CELL_W, CELL_H / 2, fg);
	else if (cell.chars[0] == 0x2584)
		fill(out, x, y + CELL_H / 2, CELL_W, CELL_H / 2, fg);
	else if (cell.chars[0] == 0x2588)
		fill(out, x, y, CELL_W, CELL_H, fg);
	else if (cell.chars[0] >= 0x2591 && cell.chars[0] <= 0x2593)
		fill(out, x, y, CELL_W, CELL_H, mix(fg, bg, (int)(cell.chars[0] - 0x2590)));
}

static void svg_text(struct term *term, FILE *out, int row, int col)
{
	VTermScreenCell cell;
	char utf8[32] = "";
	uint32_t fg, bg;
	size_t n = 0;

	vterm_screen_get_cell(term->screen, (VTermPos) { .row = row, .col = col }, &cell);
	if (cell.chars[0] <= ' ' || cell.chars[0] == (uint32_t)-1 ||
	    (cell.chars[0] >= 0x2580 && cell.chars[0] <= 0x259F))
		return;
	colours(term, &cell, &fg, &bg);
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
		n += put_utf8(utf8 + n, cell.chars[i]);
	utf8[n] = '\0';
	fprintf(out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\"%s>", MARGIN + col * CELL_W,
		MARGIN + row * CELL_H + 14, fg, cell.attrs.bold ? " font-weight=\"bold\"" : "");
	fputs(!strcmp(utf8, "<") ? "&lt;" : !strcmp(utf8, "&") ? "&amp;" : utf8, out);
	fputs("</text>\n", out);
}

int term_svg(struct term *term, FILE *out)
{
	int width = term->cols * CELL_W + 2 * MARGIN, height = term->rows * CELL_H + 2 * MARGIN;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
		"%d\">\n"
		"<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#16181c\"/>\n"
		"<g shape-rendering=\"crispEdges\">\n",
		width, height, width, height);
	for (int row = 0; row < term->rows; row++)
		for (int col = 0; col < term->cols; col++)
			svg_cell_ground(term, out, row, col);
	fputs("</g>\n<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" "
	      "xml:space=\"preserve\">\n",
	      out);
	for (int row = 0; row < term->rows; row++)
		for (int col = 0; col < term->cols; col++)
			svg_text(term, out, row, col);
	fputs("</g>\n</svg>\n", out);
	return ferror(out) ? -EIO : 0;
}
