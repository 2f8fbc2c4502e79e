/* One picture: I420, planes in one allocation, strides = widths (chroma rounded up). BT.601 limited range. */
#ifndef MOOT_RENDER_FRAME_H
#define MOOT_RENDER_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { FRAME_WIDTH_MAX = 4096, FRAME_HEIGHT_MAX = 4096 };

struct frame {
	int width, height;
	uint32_t timestamp; /* 48 kHz ticks */
	uint8_t *y, *u, *v;
	int y_stride, uv_stride;
};

/** A black picture; NULL when a size is not 1..max or memory is short. */
struct frame *frame_new(int width, int height);
void frame_free(struct frame *frame);
struct frame *frame_copy(const struct frame *frame);
/** Copy the samples of from, which has the same size, into to. */
void frame_paste(struct frame *to, const struct frame *from);

#endif
