/* The code that people compare, drawn so large that one reads it aloud without losing the place: digits of 3x5 blocks, or of
 * half blocks where rows are short, in groups of five. What does not fit is not drawn: the page below has it in plain. */
#include "tui/view.h"

#include <string.h>

enum { GROUPS = 8, DIGITS = 5, WIDE = 3, HIGH = 5, GROUP_COLS = DIGITS * (WIDE + 1) - 1 };

/* A row each, the left cell the highest bit. */
static const uint8_t glyphs[10][HIGH] = {
	{ 7, 5, 5, 5, 7 }, { 2, 6, 2, 2, 7 }, { 7, 1, 7, 4, 7 }, { 7, 1, 7, 1, 7 }, { 5, 5, 7, 1, 1 },
	{ 7, 4, 7, 1, 7 }, { 7, 4, 7, 5, 7 }, { 7, 1, 2, 2, 2 }, { 7, 5, 7, 5, 7 }, { 7, 5, 7, 1, 7 },
};

struct plan {
	int across, high, gap_cols, gap_rows; /* groups side by side; rows of a digit; between groups */
};

static int plan_rows(const struct plan *plan)
{
	const int lines = (GROUPS + plan->across - 1) / plan->across;

	return lines * plan->high + (lines - 1) * plan->gap_rows;
}

static int plan_cols(const struct plan *plan)
{
	return plan->across * GROUP_COLS + (plan->across - 1) * plan->gap_cols;
}

/* The best that fits, tall digits before many in a line. */
static bool choose(struct plan *plan, int rows, int cols, bool ascii)
{
	static const struct plan plans[] = {
		{ 4, 5, 4, 1 }, { 4, 5, 2, 1 }, { 3, 5, 4, 1 }, { 4, 3, 4, 1 }, { 4, 3, 2, 1 }, { 4, 3, 2, 0 },
		{ 3, 3, 4, 1 }, { 3, 3, 4, 0 }, { 2, 5, 4, 1 }, { 2, 3, 4, 1 }, { 2, 3, 4, 0 },
	};

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		*plan = plans[i];
		if ((!ascii || plan->high == HIGH) && plan_rows(plan) <= rows && plan_cols(plan) <= cols)
			return true;
	}
	return false;
}

int view_code_rows(int rows, int cols, bool ascii)
{
	struct plan plan;

	return choose(&plan, rows, cols, ascii) ? plan_rows(&plan) : 0;
}

static void put_digit(struct canvas *canvas, int row, int col, const uint8_t glyph[static HIGH], int high)
{
	static const char *const halves[] = { " ", "▀", "▄", "█" };

	for (int y = 0; y < high; y++)
		for (int x = 0; x < WIDE; x++) {
			const unsigned bit = 4u >> x;
			const int upper = high == HIGH ? y : 2 * y, lower = high == HIGH ? y : 2 * y + 1;
			const bool up = glyph[upper] & bit, low = lower < HIGH && glyph[lower] & bit;

			canvas_text(canvas, row + y, col + x, 1, STYLE_BOLD,
				    canvas->ascii ? (up ? "#" : " ") : halves[up + 2 * low]);
		}
}

void view_code(struct canvas *canvas, struct rect rect, const char *code)
{
	struct plan plan;
	int left;

	if (!choose(&plan, rect.rows, rect.cols, canvas->ascii))
		return;
	left = rect.col + (rect.cols - plan_cols(&plan)) / 2;
	for (int i = 0; *code && i < GROUPS * DIGITS; code++) {
		const int group = i / DIGITS, line = group / plan.across;

		if (*code < '0' || *code > '9')
			continue;
		put_digit(canvas, rect.row + line * (plan.high + plan.gap_rows),
			  left + group % plan.across * (GROUP_COLS + plan.gap_cols) + i % DIGITS * (WIDE + 1),
			  glyphs[*code - '0'], plan.high);
		i++;
	}
}
