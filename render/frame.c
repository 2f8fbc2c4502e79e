/* One allocation holds the struct and its three planes; a new picture is black. */
#include "render/frame.h"

#include <stdlib.h>
#include <string.h>

struct frame *frame_new(int width, int height)
{
	if (width < 1 || height < 1 || width > FRAME_WIDTH_MAX || height > FRAME_HEIGHT_MAX)
		return NULL;
	int uv_stride = (width + 1) / 2;
	size_t luma = (size_t)width * (size_t)height;
	size_t chroma = (size_t)uv_stride * (size_t)((height + 1) / 2);
	struct frame *frame = malloc(sizeof(*frame) + luma + 2 * chroma);
	if (!frame)
		return NULL;
	*frame = (struct frame) {
		.width = width, .height = height, .y_stride = width, .uv_stride = uv_stride
	};
	frame->y = (uint8_t *)(frame + 1);
	frame->u = frame->y + luma;
	frame->v = frame->u + chroma;
	memset(frame->y, 16, luma);
	memset(frame->u, 128, 2 * chroma);
	return frame;
}

void frame_free(struct frame *frame)
{
	free(frame);
}

static void copy_plane(uint8_t *to, int to_stride, const uint8_t *from, int from_stride, int width,
		       int height)
{
	for (int row = 0; row < height; row++)
		memcpy(to + (ptrdiff_t)row * to_stride, from + (ptrdiff_t)row * from_stride, (size_t)width);
}

void frame_paste(struct frame *to, const struct frame *from)
{
	int uv_width = (to->width + 1) / 2, uv_height = (to->height + 1) / 2;
	copy_plane(to->y, to->y_stride, from->y, from->y_stride, to->width, to->height);
	copy_plane(to->u, to->uv_stride, from->u, from->uv_stride, uv_width, uv_height);
	copy_plane(to->v, to->uv_stride, from->v, from->uv_stride, uv_width, uv_height);
}

struct frame *frame_copy(const struct frame *frame)
{
	struct frame *copy = frame_new(frame->width, frame->height);
	if (!copy)
		return NULL;
	copy->timestamp = frame->timestamp;
	frame_paste(copy, frame);
	return copy;
}
