/* The text of a QR code, read back as modules. */
#include <errno.h>
#include <qrencode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/qr.h"

#define LINK "moot://meet.example:45551/482-913-775#k=8PHy8_T19vf4-fr7_P3-_w"

enum { QUIET = 4 };

/* Is the module dark that libqrencode makes? Outside of the code none is. */
static bool module(const QRcode *code, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < code->width && y < code->width && code->data[y * code->width + x] & 1;
}

static size_t sgr(const char *p)
{
	return p[0] == '\033' && p[1] == '[' ? strcspn(p, "m") + 1 : 0;
}

/* The cells of one line, colours left out: 0 blank, 1 upper half, 2 lower half, 3 full, or '#'. Moves on. */
static int cells(const char **text, int *cell, int max)
{
	static const char *const blocks[] = { " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88" };
	int n = 0;

	while (**text != '\n') {
		size_t skip = sgr(*text);
		int found = -1;

		*text += skip;
		if (skip)
			continue;
		for (int i = 0; i < 4; i++)
			if (!strncmp(*text, blocks[i], strlen(blocks[i])))
				found = i;
		if (**text == '#')
			found = '#';
		assert_true(found >= 0 && n < max);
		cell[n++] = found;
		*text += found == '#' ? 1 : strlen(blocks[found]);
	}
	++*text;
	return n;
}

static void check_blocks(const char *text, const QRcode *code, bool inverse)
{
	const int side = code->width + 2 * QUIET;
	int cell[400];

	for (int y = 0; y < side; y += 2) {
		assert_int_equal(cells(&text, cell, 400), side);
		for (int x = 0; x < side; x++) {
			assert_int_equal((cell[x] & 1) ^ inverse, module(code, x, y));
			assert_int_equal((cell[x] >> 1) ^ inverse, module(code, x, y + 1));
		}
	}
	assert_int_equal(*text, '\0');
}

static void check_ascii(const char *text, const QRcode *code, bool inverse)
{
	const int side = code->width + 2 * QUIET;
	int cell[800];

	for (int y = 0; y < side; y++) {
		assert_int_equal(cells(&text, cell, 800), 2 * side);
		for (int x = 0; x < 2 * side; x++)
			assert_int_equal((cell[x] == '#') ^ inverse, module(code, x / 2, y));
	}
	assert_int_equal(*text, '\0');
}

static const char *const texts[] = { "a", "moot://a/abcd", LINK };

static void qr_draw__shows__the_modules_of_the_library(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		QRcode *code = QRcode_encodeData((int)strlen(texts[i]), (const unsigned char *)texts[i], 0, QR_ECLEVEL_L);

		for (int colour = 0; colour < 2; colour++) {
			int cols = 0;
			char *blocks = qr_draw(texts[i], QR_BLOCKS, colour, &cols), *ascii;

			assert_int_equal(cols, code->width + 2 * QUIET);
			ascii = qr_draw(texts[i], QR_ASCII, colour, &cols);
			assert_int_equal(cols, 2 * (code->width + 2 * QUIET));
			check_blocks(blocks, code, !colour);
			check_ascii(ascii, code, !colour);
			free(blocks);
			free(ascii);
		}
		QRcode_free(code);
	}
}

/* Every line says both colours before its first cell and takes them back after its last. */
static void qr_draw__says__both_colours(void **state)
{
	int cols, lines = 0;
	char *text = qr_draw(LINK, QR_BLOCKS, true, &cols), *save = NULL;

	(void)state;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++) {
		static const char black_on_white[] = "\033[30;47m\033[38;5;16;48;5;231m", plain[] = "\033[0m";

		assert_int_equal(strncmp(line, black_on_white, strlen(black_on_white)), 0);
		assert_string_equal(line + strlen(line) - strlen(plain), plain);
	}
	assert_int_equal(lines, (cols + 1) / 2);
	free(text);
	text = qr_draw(LINK, QR_ASCII, true, &cols);
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_non_null(strstr(text, "48;5;231m  "));
	assert_non_null(strstr(text, "48;5;16m##"));
	free(text);
	text = qr_draw(LINK, QR_BLOCKS, false, &cols);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void qr_draw__refuses__what_is_too_long(void **state)
{
	static char text[4000];
	int cols = 0;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	errno = 0;
	assert_null(qr_draw(text, QR_BLOCKS, true, &cols));
	assert_int_equal(errno, ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qr_draw__shows__the_modules_of_the_library),
		cmocka_unit_test(qr_draw__says__both_colours),
		cmocka_unit_test(qr_draw__refuses__what_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
