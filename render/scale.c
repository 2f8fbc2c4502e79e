/* libyuv does the work; here is only the arithmetic of shapes. */
#include "render/scale.h"

#include <errno.h>
#include <libyuv.h>

static int round_to(long value, int step, int max)
{
	long rounded = (value + step / 2) / step * step;
	if (rounded > max)
		rounded = max / step * step;
	if (rounded < step)
		rounded = step;
	return rounded > max ? max : (int)rounded;
}

void scale_fit(int w, int h, int box_w, int box_h, int step_w, int step_h, int *fit_w, int *fit_h)
{
	long width = box_w, height = ((long)box_w * h + w / 2) / w;
	if (height > box_h) {
		height = box_h;
		width = ((long)box_h * w + h / 2) / h;
	}
	*fit_w = round_to(width, step_w, box_w);
	*fit_h = round_to(height, step_h, box_h);
}

int scale_frame(const struct frame *from, struct frame *to)
{
	int rc = I420Scale(from->y, from->y_stride, from->u, from->uv_stride, from->v, from->uv_stride,
			   from->width, from->height, to->y, to->y_stride, to->u, to->uv_stride, to->v,
			   to->uv_stride, to->width, to->height, kFilterBox);
	to->timestamp = from->timestamp;
	return rc ? -ENOMEM : 0;
}

void scale_plane(const uint8_t *from, int from_stride, int from_w, int from_h, uint8_t *to, int to_w,
		 int to_h)
{
	ScalePlane(from, from_stride, from_w, from_h, to, to_w, to_w, to_h, kFilterBox);
}

struct frame *scale_to_fit(const struct frame *from, int max_w, int max_h)
{
	int w = from->width, h = from->height;
	if (w > max_w || h > max_h || w % 2 || h % 2)
		scale_fit(w, h, w < max_w ? w : max_w, h < max_h ? h : max_h, 2, 2, &w, &h);
	if (w == from->width && h == from->height)
		return frame_copy(from);
	struct frame *to = frame_new(w, h);
	if (to && scale_frame(from, to) < 0) {
		frame_free(to);
		return NULL;
	}
	return to;
}
