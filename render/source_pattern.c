/* A moving pattern for machines without a camera: slow waves of colour and a disc going round before them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "render/source.h"

enum { WIDTH = 320, HEIGHT = 180, RADIUS = 36 };

struct pattern {
	int64_t number, period_us;
};

static int pattern_open(void **state, const struct source_setup *setup, const char **why)
{
	struct pattern *pattern = calloc(1, sizeof(*pattern));
	*why = "Out of memory.";
	if (!pattern)
		return -ENOMEM;
	pattern->period_us = 1000000 / (setup->fps < 1 ? 1 : setup->fps);
	*state = pattern;
	return 0;
}

static void draw_waves(struct frame *frame, double time)
{
	uint8_t wave_x[WIDTH], wave_y[HEIGHT];
	for (int x = 0; x < WIDTH; x++)
		wave_x[x] = (uint8_t)(50 * (1 + sin(x * 0.021 + time * 0.5)));
	for (int y = 0; y < HEIGHT; y++)
		wave_y[y] = (uint8_t)(50 * (1 + sin(y * 0.033 - time * 0.7)));
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			frame->y[y * frame->y_stride + x] = (uint8_t)(24 + (wave_x[x] + wave_y[y]) / 2);
	for (int y = 0; y < HEIGHT / 2; y++)
		for (int x = 0; x < WIDTH / 2; x++) {
			frame->u[y * frame->uv_stride + x] = (uint8_t)(88 + wave_x[2 * x] * 3 / 4);
			frame->v[y * frame->uv_stride + x] = (uint8_t)(88 + wave_y[2 * y] * 3 / 4);
		}
}

static void draw_disc(struct frame *frame, double time)
{
	int cx = WIDTH / 2 + (int)(90 * cos(time)), cy = HEIGHT / 2 + (int)(40 * sin(time));
	for (int y = cy - RADIUS; y <= cy + RADIUS; y++)
		for (int x = cx - RADIUS; x <= cx + RADIUS; x++) {
			if ((x - cx) * (x - cx) + (y - cy) * (y - cy) > RADIUS * RADIUS)
				continue;
			frame->y[y * frame->y_stride + x] = (uint8_t)(200 - (y - cy));
			frame->u[y / 2 * frame->uv_stride + x / 2] = 100;
			frame->v[y / 2 * frame->uv_stride + x / 2] = 150;
		}
}

static int pattern_next(void *state, struct frame **frame, int64_t *due_us)
{
	struct pattern *pattern = state;
	struct frame *drawn = frame_new(WIDTH, HEIGHT);
	if (!drawn)
		return -ENOMEM;
	*due_us = pattern->number++ * pattern->period_us;
	draw_waves(drawn, (double)*due_us / 1e6);
	draw_disc(drawn, (double)*due_us / 1e6);
	*frame = drawn;
	return 0;
}

static void pattern_close(void *state)
{
	free(state);
}

const struct source_ops source_pattern = { pattern_open, pattern_next, pattern_close };
