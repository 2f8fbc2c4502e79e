/* A picture brought down to one sample per dot of the screen and freed of noise: what both renderers start
 * from. */
#ifndef MOOT_RENDER_PLANES_H
#define MOOT_RENDER_PLANES_H

#include "render/frame.h"
#include "render/palette.h"

/* Luma and both chroma planes all have w x h samples. held is what is on the screen, now what should be. */
struct planes {
	int w, h;
	int from_w, from_h; /* the picture they were scaled from last */
	uint8_t *now[3], *held[3];
	int16_t *mean; /* [3 * w * h], the noise filter's */
	uint8_t *memory;
};

/** Scale frame to w x h samples and take the noise out. *fresh: nothing held is worth anything (first
 * picture, other size). 0 or -ENOMEM. */
int planes_take(struct planes *planes, const struct frame *frame, int w, int h, int *fresh);
void planes_clear(struct planes *planes);

/** Has sample i moved further from what is held than the eye forgives? limit: squared ΔE in 1/64 (palette.h).
 */
static inline int planes_moved(const struct planes *planes, size_t i, int limit)
{
	int y = planes->now[0][i] - planes->held[0][i];
	int u = planes->now[1][i] - planes->held[1][i];
	int v = planes->now[2][i] - planes->held[2][i];
	return WEIGHT_LUMA * y * y + WEIGHT_CHROMA * (u * u + v * v) >= limit;
}

static inline void planes_hold(struct planes *planes, size_t i)
{
	for (int p = 0; p < 3; p++)
		planes->held[p][i] = planes->now[p][i];
}

#endif
