/* QR codes as text for a terminal. */
#ifndef MOOT_TUI_QR_H
#define MOOT_TUI_QR_H

#include <stdbool.h>

/* How: two modules in a cell, or (without UTF-8) a module in two; black on white said outright, whatever colours the terminal
 * has, or (no colour: a terminal that knows none) by the characters alone. */
enum qr_style { QR_BLOCKS, QR_ASCII };

/** text as a QR code with its quiet zone, lines ended by '\n'; the caller frees it. *cols: how wide. NULL with errno: ERANGE (too
 * long for one), ENOMEM. */
char *qr_draw(const char *text, enum qr_style style, bool colour, int *cols);

#endif
