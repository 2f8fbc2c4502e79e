/* What a picture costs: bytes to the terminal and CPU per picture, at each depth of colour and two sizes, for
 * a talking head drawn here, a real photograph talking before a still camera, and the same panned by hand;
 * then VP8 both ways. Run from the project's root. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "render/av.h"
#include "render/cells.h"
#include "render/paint.h"
#include "render/scale.h"
#include "render/vpx.h"

enum { WIDTH = 320, HEIGHT = 180, FRAMES = 60, ROUNDS = 10 };

struct clip {
	const char *name;
	struct frame *frame[FRAMES];
	int n;
};

static double cpu_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- clips --------------------------------------------------------------------------------------- */

/* About Gaussian, as a sensor's: a sum of four dice. */
static int noise(double sigma)
{
	int sum = rand() % 256 + rand() % 256 + rand() % 256 + rand() % 256 - 510;
	return (int)lround(sum / 147.8 * sigma);
}

static uint8_t clamp(int value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void add_noise(struct frame *frame)
{
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		frame->y[i] = clamp(frame->y[i] + noise(2.3));
	for (int i = 0; i < WIDTH * HEIGHT / 4; i++) {
		frame->u[i] = clamp(frame->u[i] + noise(1.7));
		frame->v[i] = clamp(frame->v[i] + noise(1.7));
	}
}

static void ellipse(struct frame *frame, double cx, double cy, double rx, double ry, const uint8_t colour[3])
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			double dx = (x - cx) / rx, dy = (y - cy) / ry;
			if (dx * dx + dy * dy > 1)
				continue;
			frame->y[y * WIDTH + x] = clamp(colour[0] - (int)(20 * dx)); /* light from the left */
			frame->u[y / 2 * (WIDTH / 2) + x / 2] = colour[1];
			frame->v[y / 2 * (WIDTH / 2) + x / 2] = colour[2];
		}
}

static void draw_head(struct frame *frame, double time)
{
	static const uint8_t coat[] = { 70, 140, 110 }, hair[] = { 40, 122, 134 }, skin[] = { 165, 108, 152 },
			     eye[] = { 50, 128, 128 }, mouth[] = { 60, 118, 150 };
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		frame->y[i] = (uint8_t)(110 + i % WIDTH / 8 + i / WIDTH / 6);
	double x = 160 + 7 * sin(2.8 * time), y = 80 + 3 * sin(4.4 * time),
	       open = fabs(8 * sin(14 * time) * sin(2 * time));
	bool blink = fmod(time, 1.7) < 0.13;
	ellipse(frame, 160, 185, 95, 55, coat);
	ellipse(frame, x, y - 8, 46, 58, hair);
	ellipse(frame, x, y, 38, 50, skin);
	ellipse(frame, x - 15, y - 8, 5, blink ? 1 : 4, eye);
	ellipse(frame, x + 15, y - 8, 5, blink ? 1 : 4, eye);
	ellipse(frame, x, y + 25, 12, 1.5 + open, mouth);
}

static void make_head(struct clip *clip)
{
	clip->name = "drawn head, still camera";
	for (clip->n = 0; clip->n < FRAMES; clip->n++) {
		clip->frame[clip->n] = frame_new(WIDTH, HEIGHT);
		draw_head(clip->frame[clip->n], clip->n / 10.0);
		add_noise(clip->frame[clip->n]);
	}
}

static struct av_input *must_open(const char *url)
{
	struct av_setup setup = { .url = url, .max_width = WIDTH, .max_height = HEIGHT };
	struct av_input *input;
	const char *why;
	if (av_input_open(&input, &setup, &why) == 0)
		return input;
	fprintf(stderr, "bench_render: %s: %s\n", url, why);
	exit(1);
}

static void make_talk(struct clip *clip)
{
	struct av_input *input = must_open("tests/fixtures/talk.webm");
	int64_t time_us;
	clip->name = "photograph talking, still camera";
	while (clip->n < FRAMES && av_input_next(input, &clip->frame[clip->n], &time_us) == 0)
		add_noise(clip->frame[clip->n++]);
	av_input_close(input);
}

/* A plane seen through a moving, zooming camera: bilinear. */
static void look_at(const uint8_t *from, uint8_t *to, int w, int h, double zoom, double dx, double dy)
{
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			double sx = fmin(fmax((x - w / 2.0) / zoom + w / 2.0 + dx * w, 0), w - 1.001);
			double sy = fmin(fmax((y - h / 2.0) / zoom + h / 2.0 + dy * h, 0), h - 1.001);
			const uint8_t *at = from + (int)sy * w + (int)sx;
			double fx = sx - (int)sx, fy = sy - (int)sy;
			to[y * w + x] = (uint8_t)(at[0] * (1 - fx) * (1 - fy) + at[1] * fx * (1 - fy) +
						  at[w] * (1 - fx) * fy + at[w + 1] * fx * fy + 0.5);
		}
}

static void make_pan(struct clip *clip)
{
	struct av_input *input = must_open("tests/fixtures/portrait.jpg");
	struct frame *photo;
	int64_t time_us;
	clip->name = "photograph, camera in the hand";
	if (av_input_next(input, &photo, &time_us) < 0)
		exit(1);
	for (clip->n = 0; clip->n < FRAMES; clip->n++) {
		double time = clip->n / 10.0, zoom = 1.22 + 0.1 * sin(time);
		double dx = 0.03 * sin(1.26 * time) + 0.004 * sin(10 * time),
		       dy = 0.03 * sin(1.57 * time) + 0.004 * sin(7 * time);
		struct frame *frame = clip->frame[clip->n] = frame_new(WIDTH, HEIGHT);
		look_at(photo->y, frame->y, WIDTH, HEIGHT, zoom, dx, dy);
		look_at(photo->u, frame->u, WIDTH / 2, HEIGHT / 2, zoom, dx, dy);
		look_at(photo->v, frame->v, WIDTH / 2, HEIGHT / 2, zoom, dx, dy);
		add_noise(frame);
	}
	frame_free(photo);
	av_input_close(input);
}

/* ---- measures ------------------------------------------------------------------------------------ */

struct cost {
	double draw_us, paint_us, bytes, first_bytes;
};

static long play(const struct clip *clip, enum colour_depth depth, bool utf8, int cols, int rows, bool paint,
		 long *first)
{
	struct renderer *renderer = renderer_new(depth, utf8);
	struct painter *painter = painter_new(depth, utf8);
	struct cells cells;
	const char *bytes;
	long total = 0;
	if (!renderer || !painter || cells_init(&cells, cols, rows) < 0)
		exit(1);
	for (int i = 0; i < clip->n; i++) {
		renderer_draw(renderer, clip->frame[i], &cells);
		long n = paint ? painter_paint(painter, &cells, 0, 0, 0, &bytes) : 0;
		if (i == 0)
			*first = n;
		else
			total += n;
	}
	cells_clear(&cells);
	painter_free(painter);
	renderer_free(renderer);
	return total;
}

static struct cost measure(const struct clip *clip, enum colour_depth depth, bool utf8, int cols, int rows)
{
	struct cost cost = { 0 };
	long first = 0, total = 0;
	double frames = (double)ROUNDS * clip->n, start = cpu_us();
	for (int i = 0; i < ROUNDS; i++)
		play(clip, depth, utf8, cols, rows, false, &first);
	cost.draw_us = (cpu_us() - start) / frames;
	start = cpu_us();
	for (int i = 0; i < ROUNDS; i++)
		total = play(clip, depth, utf8, cols, rows, true, &first);
	cost.paint_us = fmax((cpu_us() - start) / frames - cost.draw_us, 0);
	cost.bytes = (double)total / (clip->n - 1);
	cost.first_bytes = (double)first;
	return cost;
}

static void bench_paint(const struct clip *clip)
{
	static const struct {
		const char *name;
		enum colour_depth depth;
		bool utf8;
	} kinds[] = { { "true colour, half blocks", COLOURS_TRUE, true },
		      { "256 colours, half blocks", COLOURS_256, true },
		      { "16 colours, libcaca", COLOURS_16, true },
		      { "16 colours, libcaca ASCII", COLOURS_16, false },
		      { "no colour, libcaca", COLOURS_MONO, true },
		      { "no colour, libcaca ASCII", COLOURS_MONO, false } };
	static const int sizes[][2] = { { 80, 24 }, { 200, 60 } };
	for (int s = 0; s < 2; s++) {
		int cols = sizes[s][0], rows = sizes[s][1];
		printf("\n| %s, %dx%d | bytes/frame | first | draw µs | paint µs | ns/cell "
		       "|\n|---|--:|--:|--:|--:|--:|\n",
		       clip->name, cols, rows);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			struct cost cost = measure(clip, kinds[i].depth, kinds[i].utf8, cols, rows);
			printf("| %s | %.0f | %.0f | %.0f | %.0f | %.0f |\n", kinds[i].name, cost.bytes,
			       cost.first_bytes, cost.draw_us, cost.paint_us,
			       (cost.draw_us + cost.paint_us) * 1000 / (cols * rows));
		}
	}
}

static double psnr(const struct frame *a, const struct frame *b)
{
	double sum = 0;
	for (int i = 0; i < a->width * a->height; i++)
		sum += (a->y[i] - b->y[i]) * (a->y[i] - b->y[i]);
	return 10 * log10(255.0 * 255.0 * a->width * a->height / (sum + 1e-9));
}

static void bench_codec(const struct clip *clip, int width, int height, uint32_t bitrate)
{
	struct vpx_settings settings = { width, height, 10, bitrate, false };
	struct vpx_encoder *encoder = vpx_encoder_new(&settings);
	struct vpx_decoder *decoder = vpx_decoder_new(width, height);
	double encode_us = 0, decode_us = 0, decibel = 0;
	size_t total = 0, first = 0;
	int rounds = 3, n = 0;
	if (!encoder || !decoder)
		exit(1);
	for (int i = 0; i < rounds * clip->n; i++) {
		const struct frame *frame =
			clip->frame[i / clip->n % 2 ? clip->n - 1 - i % clip->n : i % clip->n];
		struct frame *scaled = frame_new(width, height);
		const uint8_t *bytes;
		bool keyframe;
		scale_frame(frame, scaled);
		double start = cpu_us();
		long size = vpx_encode(encoder, scaled, i == 0, &bytes, &keyframe);
		double encoded = cpu_us();
		if (size > 0)
			vpx_decode(decoder, bytes, (size_t)size);
		struct frame *out = vpx_decoder_picture(decoder);
		decode_us += cpu_us() - encoded;
		encode_us += encoded - start;
		total += i ? (size_t)size : 0;
		first = i ? first : (size_t)size;
		decibel += out ? psnr(out, scaled) : 0;
		n++;
		frame_free(out);
		frame_free(scaled);
	}
	printf("| %dx%d at %u kbit/s | %.1f | %.1f | %zu | %.0f | %.0f |\n", width, height, bitrate / 1000,
	       (double)total * 8 / 100 / (n - 1), decibel / n, first, encode_us / n, decode_us / n);
	vpx_encoder_free(encoder);
	vpx_decoder_free(decoder);
}

int main(void)
{
	struct clip clips[3] = { 0 };
	srand(1);
	make_head(&clips[0]);
	make_talk(&clips[1]);
	make_pan(&clips[2]);
	for (int i = 0; i < 3; i++)
		bench_paint(&clips[i]);
	printf("\n| VP8, 10 pictures/s, %s | kbit/s | PSNR dB | first bytes | encode µs | decode µs "
	       "|\n|---|--:|--:|--:|--:|--:|\n",
	       clips[1].name);
	static const uint32_t small[] = { 8000, 12000, 20000, 40000 }, large[] = { 20000, 40000, 80000 };
	for (int i = 0; i < 4; i++)
		bench_codec(&clips[1], 160, 90, small[i]);
	for (int i = 0; i < 3; i++)
		bench_codec(&clips[1], 320, 180, large[i]);
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < clips[i].n; k++)
			frame_free(clips[i].frame[k]);
	return 0;
}
