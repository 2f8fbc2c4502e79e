/* What the screen would show, drawn into memory, pictures as characters: for headless "screen" and recordings. */
#ifndef MOOT_TUI_SNAPSHOT_H
#define MOOT_TUI_SNAPSHOT_H

#include "tui/app.h"
#include "tui/canvas.h"

/** Draw the app as it is now, at the canvas's size. Loop's thread. */
void snapshot_draw(struct canvas *canvas, struct app *app);

#endif
