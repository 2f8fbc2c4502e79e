/* Cross-correlation at 6 kHz, half a second of speech at a time: where in the recording is this, and how like
 * is it? */
#include "tests/e2e/listen.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, STEP = 8, LOW_RATE = RATE / STEP, WINDOW = LOW_RATE / 2 };

struct sound {
	float *sample;
	size_t n;
};

static uint32_t little(const uint8_t *p, int bytes)
{
	uint32_t value = 0;

	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | p[i];
	return value;
}

/* The data of a WAV file, averaged down to LOW_RATE. */
static struct sound load(const char *path)
{
	struct sound sound = { NULL, 0 };
	uint8_t *file = malloc(64 * 1024 * 1024), *p;
	FILE *in = fopen(path, "rb");
	size_t size;

	assert_non_null(file);
	if (!in)
		fail_msg("%s is not there", path);
	size = fread(file, 1, 64 * 1024 * 1024, in);
	fclose(in);
	if (size < 44 || memcmp(file, "RIFF", 4) != 0)
		fail_msg("%s is no WAV file", path);
	for (p = file + 12; p + 8 < file + size && memcmp(p, "data", 4) != 0; p += 8 + little(p + 4, 4))
		if (!memcmp(p, "fmt ", 4)) {
			assert_int_equal(little(p + 10, 2), 1);
			assert_int_equal(little(p + 12, 4), RATE);
			assert_int_equal(little(p + 22, 2), 16);
		}
	if (p + 8 < file + size) {
		size_t bytes = little(p + 4, 4), left = (size_t)(file + size - p - 8);

		bytes = bytes < left ? bytes : left;
		sound.n = bytes / 2 / STEP;
		sound.sample = calloc(sound.n + 1, sizeof(float));
		assert_non_null(sound.sample);
		for (size_t i = 0; i < sound.n * STEP; i++)
			sound.sample[i / STEP] += (float)(int16_t)little(p + 8 + i * 2, 2) / STEP / 32768;
	}
	free(file);
	return sound;
}

static double energy(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sum;
}

static double likeness(const float *a, const float *b, size_t n, double energy_a, double energy_b)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return energy_b > 1e-6 ? (double)sum / sqrt(energy_a * energy_b) : 0;
}

void listen_compare(const char *said_path, const char *heard_path, struct heard *report)
{
	struct sound said = load(said_path), heard = load(heard_path);

	*report = (struct heard) { .lag_min_s = 1e9, .lag_max_s = -1e9 };
	for (size_t at = 0; at + WINDOW <= said.n; at += WINDOW) {
		const double energy_a = energy(said.sample + at, WINDOW);
		double best = 0, energy_b, lag;
		size_t best_at = 0;

		if (energy_a / WINDOW < 1e-4)
			continue;
		report->windows++;
		energy_b = energy(heard.sample, WINDOW < heard.n ? WINDOW : heard.n);
		for (size_t k = 0; k + WINDOW < heard.n; k++) {
			const double like =
				likeness(said.sample + at, heard.sample + k, WINDOW, energy_a, energy_b);

			if (like > best) {
				best = like;
				best_at = k;
			}
			energy_b += (double)heard.sample[k + WINDOW] * (double)heard.sample[k + WINDOW] -
				    (double)heard.sample[k] * (double)heard.sample[k];
		}
		if (best < 0.6)
			continue;
		report->good++;
		lag = ((double)best_at - (double)at) / LOW_RATE;
		report->lag_min_s = fmin(report->lag_min_s, lag);
		report->lag_max_s = fmax(report->lag_max_s, lag);
	}
	free(said.sample);
	free(heard.sample);
}

void listen_speech(const char *path, const char *text)
{
	char command[1200];

	snprintf(command, sizeof(command),
		 "espeak-ng --stdout '%s' >'%s.espeak' 2>/dev/null && sox '%s.espeak' -r 48000 -c 1 -b 16 "
		 "'%s' 2>/dev/null",
		 text, path, path, path);
	if (system(command) != 0)
		fail_msg("no speech could be made: are espeak-ng and sox there?");
}
