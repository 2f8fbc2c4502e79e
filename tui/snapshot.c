/* The view, and the pictures in the places that it left for them. */
#include "tui/snapshot.h"

#include "net/loop.h"
#include "render/cells.h"
#include "tui/view.h"

/* Pictures as a terminal without colours would have them. */
static void put_pictures(struct app *app, struct canvas *canvas, const struct view_layout *layout)
{
	for (size_t i = 0; i < layout->picture_count; i++) {
		const struct view_picture *place = &layout->picture[i];
		struct renderer *renderer = renderer_new(COLOURS_MONO, true);
		uint64_t serial = 0;
		struct frame *frame = app_picture(app, place->number, place->layer, &serial);
		struct cells cells = { 0, 0, NULL };

		if (!frame && place->layer == VIDEO_LARGE)
			frame = app_picture(app, place->number, VIDEO_SMALL, &serial);
		if (renderer && frame && cells_init(&cells, place->rect.cols, place->rect.rows) == 0 &&
		    renderer_draw(renderer, frame, &cells) == 0)
			view_put_cells(canvas, place->rect, &cells);
		cells_clear(&cells);
		frame_free(frame);
		renderer_free(renderer);
	}
}

void snapshot_draw(struct canvas *canvas, struct app *app)
{
	struct view_state state = { 0 };
	struct view_layout layout;

	view_from_app(&state, app, loop_now_us(), loop_unix_ms());
	view_draw(canvas, &state, &layout);
	put_pictures(app, canvas, &layout);
}
