/* Colours as terminals know them, and how far apart the eye sees two. Any thread. */
#ifndef MOOT_RENDER_PALETTE_H
#define MOOT_RENDER_PALETTE_H

#include <stdint.h>

/* Squared distances are in 1/64 of a squared ΔE; a luma step weighs 13, a chroma step 8 (fitted against
 * CIEDE2000). */
enum { DELTA_E_ONE = 64, WEIGHT_LUMA = 13, WEIGHT_CHROMA = 8 };

/** The squared ΔE, in 1/64, between two colours 0xRRGGBB. */
static inline unsigned colour_distance(uint32_t a, uint32_t b)
{
	int red = (int)(a >> 16 & 255) - (int)(b >> 16 & 255);
	int green = (int)(a >> 8 & 255) - (int)(b >> 8 & 255);
	int blue = (int)(a & 255) - (int)(b & 255);
	int y = (66 * red + 129 * green + 25 * blue) / 256;
	int u = (-38 * red - 74 * green + 112 * blue) / 256;
	int v = (112 * red - 94 * green - 18 * blue) / 256;
	return (unsigned)(WEIGHT_LUMA * y * y + WEIGHT_CHROMA * (u * u + v * v));
}

/** BT.601 limited range to 0xRRGGBB. */
uint32_t colour_from_yuv(int y, int u, int v);

/** 0xRRGGBB of xterm's colour index (0-255). */
uint32_t palette_rgb(unsigned index);

/** The colour of 16-255 (cube and greys; 0-15 are the user's own) nearest to a BT.601 colour: one look into a
 * table that the first palette_prepare() of the process makes (some milliseconds). */
uint8_t palette_nearest_yuv(int y, int u, int v);
uint8_t palette_nearest(uint32_t rgb);
void palette_prepare(void);

#endif
