/* Pictures made smaller or larger (libyuv, box filter), and where a picture of one shape goes in a box of
 * another. */
#ifndef MOOT_RENDER_SCALE_H
#define MOOT_RENDER_SCALE_H

#include "render/frame.h"

/** The largest size of w x h's shape inside box_w x box_h, each side rounded to a multiple of step (at least
 * step, or the box if that is smaller). All arguments at least 1. */
void scale_fit(int w, int h, int box_w, int box_h, int step_w, int step_h, int *fit_w, int *fit_h);

/** Fill to with all of from. 0 or -ENOMEM. */
int scale_frame(const struct frame *from, struct frame *to);

/** One plane of bytes; strides are the widths given. */
void scale_plane(const uint8_t *from, int from_stride, int from_w, int from_h, uint8_t *to, int to_w,
		 int to_h);

/** A new picture of from in its own shape that fits into max_w x max_h, sides even; never enlarged. NULL
 * without memory. */
struct frame *scale_to_fit(const struct frame *from, int max_w, int max_h);

#endif
