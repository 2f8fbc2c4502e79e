/* xterm's 256 colours. The nearest one is looked up in a table over 7 bits of luma and 5 of each chroma; it
 * is made once by trying, for each entry, the corners of the colour cube around it and the two greys beside
 * it. */
#include "render/palette.h"

#include <pthread.h>

enum { LUMA_BITS = 7, CHROMA_BITS = 5 };

static uint8_t nearest[1 << (LUMA_BITS + 2 * CHROMA_BITS)];
static pthread_once_t nearest_once = PTHREAD_ONCE_INIT;

static const uint32_t ansi16[16] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};
static const uint8_t cube_level[6] = { 0, 95, 135, 175, 215, 255 };

uint32_t palette_rgb(unsigned index)
{
	index &= 255;
	if (index < 16)
		return ansi16[index];
	if (index >= 232)
		return (8 + 10 * (index - 232)) * 0x010101u;
	index -= 16;
	return (uint32_t)cube_level[index / 36] << 16 | (uint32_t)cube_level[index / 6 % 6] << 8 |
	       cube_level[index % 6];
}

static uint32_t clamp8(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : (uint32_t)value;
}

uint32_t colour_from_yuv(int y, int u, int v)
{
	int luma = 298 * (y - 16) + 128;
	u -= 128;
	v -= 128;
	return clamp8((luma + 409 * v) >> 8) << 16 | clamp8((luma - 100 * u - 208 * v) >> 8) << 8 |
	       clamp8((luma + 516 * u) >> 8);
}

static unsigned level_below(unsigned value)
{
	unsigned level = 0;
	while (level < 4 && cube_level[level + 1] <= value)
		level++;
	return level;
}

static uint8_t search(uint32_t rgb)
{
	unsigned red = level_below(rgb >> 16 & 255), green = level_below(rgb >> 8 & 255),
		 blue = level_below(rgb & 255);
	unsigned mean = ((rgb >> 16 & 255) + 2 * (rgb >> 8 & 255) + (rgb & 255)) / 4;
	unsigned grey = mean < 8 ? 0 : mean > 238 ? 23 : (mean - 8) / 10;
	unsigned tries[10], n = 0;
	for (unsigned corner = 0; corner < 8; corner++)
		tries[n++] = 16 + 36 * (red + (corner >> 2 & 1)) + 6 * (green + (corner >> 1 & 1)) + blue +
			     (corner & 1);
	tries[n++] = 232 + grey;
	tries[n++] = grey < 23 ? 233 + grey : 255;
	unsigned best = 0, best_distance = UINT32_MAX;
	for (unsigned i = 0; i < n; i++) {
		unsigned distance = colour_distance(rgb, palette_rgb(tries[i]));
		if (distance < best_distance) {
			best_distance = distance;
			best = tries[i];
		}
	}
	return (uint8_t)best;
}

static unsigned slot(int y, int u, int v)
{
	return (unsigned)(y >> (8 - LUMA_BITS)) << (2 * CHROMA_BITS) |
	       (unsigned)(u >> (8 - CHROMA_BITS)) << CHROMA_BITS | (unsigned)(v >> (8 - CHROMA_BITS));
}

static void fill(void)
{
	for (int y = 1; y < 256; y += 1 << (8 - LUMA_BITS))
		for (int u = 4; u < 256; u += 1 << (8 - CHROMA_BITS))
			for (int v = 4; v < 256; v += 1 << (8 - CHROMA_BITS))
				nearest[slot(y, u, v)] = search(colour_from_yuv(y, u, v));
}

void palette_prepare(void)
{
	pthread_once(&nearest_once, fill);
}

uint8_t palette_nearest_yuv(int y, int u, int v)
{
	return nearest[slot(y, u, v)];
}

uint8_t palette_nearest(uint32_t rgb)
{
	return search(rgb);
}
