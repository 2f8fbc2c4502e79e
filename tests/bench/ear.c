#include "tests/bench/ear.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"

/* Compared at 4 kHz: enough for the words, and a quarter of a millisecond fine. */
enum { FILE_RATE = 48000, RATE = 4000, STEP = FILE_RATE / RATE, WINDOW = RATE / 2, LAG_MAX = RATE * 3 / 2, LAG_MIN = -RATE / 4 };

struct sound {
	float *sample;
	long count;
};

/* The data chunk of a WAV file, low-passed by averaging and thinned to RATE. */
static int load(const char *path, struct sound *sound)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return -errno;
	uint8_t head[12], chunk[8];
	int result = -EBADMSG;
	if (fread(head, 1, 12, file) != 12 || memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
		goto out;
	for (;;) {
		if (fread(chunk, 1, 8, file) != 8)
			goto out;
		uint32_t n = (uint32_t)chunk[4] | (uint32_t)chunk[5] << 8 | (uint32_t)chunk[6] << 16 | (uint32_t)chunk[7] << 24;
		if (!memcmp(chunk, "data", 4))
			break;
		if (fseek(file, (long)n, SEEK_CUR))
			goto out;
	}
	long start = ftell(file);
	fseek(file, 0, SEEK_END);
	long samples = (ftell(file) - start) / 2;
	fseek(file, start, SEEK_SET);
	sound->count = samples / STEP;
	sound->sample = calloc((size_t)sound->count + 1, sizeof(float));
	for (long i = 0; sound->sample && i < sound->count; i++) {
		int16_t pcm[STEP];
		if (fread(pcm, 2, STEP, file) != STEP)
			break;
		for (int k = 0; k < STEP; k++)
			sound->sample[i] += (float)pcm[k] / STEP;
	}
	result = sound->sample ? 0 : -ENOMEM;
out:
	fclose(file);
	return result;
}

static double energy(const float *p, long n)
{
	double sum = 0;
	for (long i = 0; i < n; i++)
		sum += (double)p[i] * (double)p[i];
	return sum;
}

/* The best correlation of one window of `said` at `at` with `heard`, and its lag in samples. */
static double match(const struct sound *said, long at, const struct sound *heard, long expected, long *lag)
{
	const float *a = said->sample + at;
	double best = -1, own = energy(a, WINDOW);
	for (long d = LAG_MIN; d < LAG_MAX; d++) {
		long from = at + expected + d;
		if (from < 0 || from + WINDOW > heard->count)
			continue;
		const float *b = heard->sample + from;
		float product = 0, other = 0;
		for (long i = 0; i < WINDOW; i++) {
			product += a[i] * b[i];
			other += b[i] * b[i];
		}
		double c = other > 1 ? (double)product / sqrt(own * (double)other) : 0;
		if (c > best) {
			best = c;
			*lag = d;
		}
	}
	return best;
}

int ear_compare(const char *said_path, const char *heard_path, double offset_ms, struct ear_report *report)
{
	struct sound said = { 0 }, heard = { 0 };
	double *delays = NULL, *matches = NULL;
	int result = load(said_path, &said);
	if (!result)
		result = load(heard_path, &heard);
	if (result)
		goto out;
	memset(report, 0, sizeof *report);
	report->worst = 1;
	long expected = -lround(offset_ms * RATE / 1000), last = 0;
	size_t windows = (size_t)(said.count / WINDOW) + 1;
	delays = calloc(windows, sizeof *delays);
	matches = calloc(windows, sizeof *matches);
	double loud = energy(said.sample, said.count) / (double)said.count * WINDOW / 8;
	for (long at = 0; delays && matches && at + WINDOW <= said.count; at += WINDOW) {
		long from = at + expected;
		if (from < 0 || from + WINDOW + LAG_MAX > heard.count || energy(said.sample + at, WINDOW) < loud)
			continue;
		double c = match(&said, at, &heard, expected, &last);
		matches[report->windows] = c;
		delays[report->windows++] = (double)last * 1000 / RATE;
		report->broken += c < 0.6;
		report->worst = fmin(report->worst, c);
	}
	report->heard_s = (double)heard.count / RATE;
	report->delay_ms = measure_median(delays, report->windows);
	report->delay_p10_ms = report->windows ? delays[report->windows / 10] : 0;
	report->delay_p90_ms = report->windows ? delays[report->windows * 9 / 10] : 0;
	report->median = measure_median(matches, report->windows);
out:
	free(said.sample);
	free(heard.sample);
	free(delays);
	free(matches);
	return result;
}

static const char text[] =
	"The meeting is open. Three people wait at the door, and the host lets them in one by one. "
	"Nobody hears a word before that. When the quick brown fox jumps over the lazy dog, every letter of the "
	"alphabet has been spoken, and the next speaker may begin. Twenty one, thirty four, fifty five, eighty nine.";

int ear_speech(const char *path, unsigned seconds)
{
	char command[1024];
	snprintf(command, sizeof command,
	         "espeak-ng -v en -s 170 -w '%s.raw.wav' '%s' && sox '%s.raw.wav' -r 48000 -c 1 -b 16 '%s.one.wav' gain -n -6 && "
	         "sox '%s.one.wav' '%s' repeat %u trim 0 %u && rm -f '%s.raw.wav' '%s.one.wav'",
	         path, text, path, path, path, path, seconds / 10 + 1, seconds, path, path);
	return system(command) ? -EIO : 0;
}
