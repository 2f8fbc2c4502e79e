/* Scaling first makes everything after it cheap: at 80x24 a picture is 3,840 samples, whatever the camera
 * sends. */
#include "render/planes.h"

#include <errno.h>
#include <stdlib.h>

#include "render/denoise.h"
#include "render/scale.h"

static int resize(struct planes *planes, int w, int h)
{
	size_t n = (size_t)w * (size_t)h;
	uint8_t *memory = calloc(n, 3 * (2 + sizeof(int16_t)));
	if (!memory)
		return -ENOMEM;
	planes_clear(planes);
	planes->memory = memory;
	planes->mean = (int16_t *)(void *)memory;
	uint8_t *bytes = memory + 3 * n * sizeof(int16_t);
	for (int p = 0; p < 3; p++) {
		planes->now[p] = bytes + (size_t)p * n;
		planes->held[p] = bytes + (size_t)(3 + p) * n;
	}
	planes->w = w;
	planes->h = h;
	return 0;
}

int planes_take(struct planes *planes, const struct frame *frame, int w, int h, int *fresh)
{
	*fresh = planes->w != w || planes->h != h || planes->from_w != frame->width ||
		 planes->from_h != frame->height;
	if (planes->w != w || planes->h != h) {
		int rc = resize(planes, w, h);
		if (rc < 0)
			return rc;
	}
	planes->from_w = frame->width;
	planes->from_h = frame->height;
	int uv_w = (frame->width + 1) / 2, uv_h = (frame->height + 1) / 2;
	scale_plane(frame->y, frame->y_stride, frame->width, frame->height, planes->now[0], w, h);
	scale_plane(frame->u, frame->uv_stride, uv_w, uv_h, planes->now[1], w, h);
	scale_plane(frame->v, frame->uv_stride, uv_w, uv_h, planes->now[2], w, h);
	size_t n = 3 * (size_t)w * (size_t)h; /* the three planes lie one after another */
	if (*fresh)
		denoise_reset(planes->now[0], planes->mean, n);
	else
		denoise(planes->now[0], planes->mean, n);
	return 0;
}

void planes_clear(struct planes *planes)
{
	free(planes->memory);
	*planes = (struct planes) { 0 };
}
