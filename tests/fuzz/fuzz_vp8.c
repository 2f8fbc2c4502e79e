/* A peer's packets all the way to the terminal: decode, scale, draw, paint. link: render
 * Input: one byte for the kind of terminal, one for its size, then packets of two bytes' length (big end
 * first) each. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "render/cells.h"
#include "render/paint.h"
#include "render/vpx.h"

enum { MAX_WIDTH = 160, MAX_HEIGHT = 90, PACKETS_MAX = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(struct renderer *renderer, struct painter *painter, struct cells *cells,
		 const struct frame *picture, size_t budget)
{
	const char *bytes;

	if (picture->width < 1 || picture->width > MAX_WIDTH || picture->height < 1 ||
	    picture->height > MAX_HEIGHT)
		abort();
	if (renderer_draw(renderer, picture, cells) < 0)
		return;
	long n = painter_paint(painter, cells, 1, 2, budget, &bytes);
	if (n < 0 || (budget && (size_t)n > budget))
		abort();
	for (long i = 0; i < n; i++)
		if (((unsigned char)bytes[i] < 0x20 && bytes[i] != 033) || bytes[i] == 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	enum colour_depth depth = (enum colour_depth)(data[0] & 3);
	bool utf8 = data[0] & 4;
	size_t budget = data[0] & 8 ? 500 : 0;
	struct vpx_decoder *decoder = vpx_decoder_new(MAX_WIDTH, MAX_HEIGHT);
	struct renderer *renderer = renderer_new(depth, utf8);
	struct painter *painter = painter_new(depth, utf8);
	struct cells cells = { 0 };

	if (!decoder || !renderer || !painter ||
	    cells_init(&cells, 1 + data[1] % 16 * 3, 1 + data[1] / 16) < 0)
		goto out;
	data += 2;
	size -= 2;
	for (int i = 0; i < PACKETS_MAX && size >= 2; i++) {
		size_t n = (size_t)data[0] << 8 | data[1];
		n = n < size - 2 ? n : size - 2;
		uint8_t *packet = malloc(n ? n : 1); /* its own, so that a read beyond its end is seen */
		memcpy(packet, data + 2, n);
		int rc = vpx_decode(decoder, packet, n);
		struct frame *picture = vpx_decoder_picture(decoder);
		if (rc < 0 && rc != -ENODATA /* keeps the last */ && picture)
			abort();
		if (picture)
			show(renderer, painter, &cells, picture, budget);
		frame_free(picture);
		free(packet);
		data += 2 + n;
		size -= 2 + n;
	}
out:
	cells_clear(&cells);
	painter_free(painter);
	renderer_free(renderer);
	vpx_decoder_free(decoder);
	return 0;
}
