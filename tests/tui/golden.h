/* Screens kept as text in tests/fixtures/screens. MOOT_GOLDEN=write keeps what came instead of comparing. */
#ifndef MOOT_TESTS_TUI_GOLDEN_H
#define MOOT_TESTS_TUI_GOLDEN_H

#include "tui/canvas.h"

/** Fail, showing both, when the canvas is not the screen kept under this name. */
void golden_check(const struct canvas *canvas, const char *name);

#endif
