/* Lags are found coarsely on the signal thinned to 6 kHz, then exactly around the best. */
#include "sound.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/engine.h"
#include "audio/soundfile.h"

enum { THIN = 8 };

void sound_clear(struct sound *sound)
{
	free(sound->pcm);
	*sound = (struct sound) { 0 };
}

int sound_load(struct sound *sound, const char *path)
{
	struct soundfile *file;
	int error = soundfile_open(&file, path);
	if (error < 0)
		return error;
	*sound = (struct sound) { 0 };
	for (size_t got = 1; got > 0;) {
		sound->pcm = realloc(sound->pcm, (sound->n + AUDIO_RATE) * sizeof(float));
		got = soundfile_read(file, sound->pcm + sound->n, AUDIO_RATE);
		sound->n += got;
	}
	soundfile_free(file);
	return 0;
}

static void put(FILE *f, unsigned v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		fputc((int)(v & 255), f);
}

int sound_save(const char *path, const float *pcm, size_t n, unsigned rate, unsigned channels)
{
	FILE *f = fopen(path, "wb");
	unsigned bytes = (unsigned)n * channels * 2;
	if (!f)
		return -errno;
	fputs("RIFF", f);
	put(f, bytes + 36, 4);
	fputs("WAVEfmt ", f);
	put(f, 16, 4);
	put(f, 1, 2);
	put(f, channels, 2);
	put(f, rate, 4);
	put(f, rate * channels * 2, 4);
	put(f, channels * 2, 2);
	put(f, 16, 2);
	fputs("data", f);
	put(f, bytes, 4);
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < channels; c++)
			put(f, (unsigned)(int)lrintf(pcm[i] * 32767) & 0xffff, 2);
	return fclose(f) ? -errno : 0;
}

void sound_speechlike(struct sound *sound, double seconds, double gap_seconds)
{
	uint32_t seed = 1;
	double phase = 0, noise = 0;
	sound->n = (size_t)(seconds * AUDIO_RATE);
	sound->pcm = calloc(sound->n, sizeof(float));
	for (size_t i = 0; i < sound->n; i++) {
		double t = (double)i / AUDIO_RATE, word = fmod(t, 0.31 + gap_seconds);
		double pitch = 110 + 40 * sin(t * 1.7) + 25 * sin(t * 5.3 + 1);
		phase += pitch / AUDIO_RATE;
		seed = seed * 1664525 + 1013904223;
		noise = 0.7 * noise + 0.3 * ((double)(seed >> 8) / (1 << 23) - 1);
		double f1 = 2 + 2 * sin(t * 7), v = 0;
		for (int h = 1; h < 16; h++)
			v += sin(2 * M_PI * phase * h) * exp(-fabs(h - 3 - f1) / 3) / 4;
		double envelope = word < 0.31 ? sin(M_PI * word / 0.31) : 0;
		sound->pcm[i] = (float)((0.25 * v + 0.02 * noise) * envelope);
	}
}

int sound_speak(struct sound *sound, const char *text)
{
	char dir[64], path[96], command[1024];
	sound_mkdir(dir);
	snprintf(path, sizeof path, "%s/say.wav", dir);
	snprintf(command, sizeof command, "espeak-ng -w %s '%s' >/dev/null 2>&1", path, text);
	int error = system(command) == 0 ? sound_load(sound, path) : -ENOENT;
	sound_rmdir(dir);
	return error;
}

double sound_likeness(const float *a, const float *b, size_t n)
{
	double ab = 0, aa = 1e-12, bb = 1e-12;
	for (size_t i = 0; i < n; i++) {
		ab += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return ab / sqrt(aa * bb);
}

static float *thin(const float *pcm, size_t n)
{
	float *out = calloc(n / THIN + 1, sizeof *out);
	for (size_t i = 0; i < n / THIN; i++) {
		for (size_t k = 0; k < THIN; k++)
			out[i] += pcm[i * THIN + k] / THIN;
	}
	return out;
}

size_t sound_lag(const float *a, const float *b, size_t n, size_t max_lag, double *r)
{
	float *ta = thin(a, n), *tb = thin(b, n + max_lag);
	size_t best = 0;
	double most = -2;
	for (size_t lag = 0; lag <= max_lag / THIN; lag++) {
		double l = sound_likeness(ta, tb + lag, n / THIN);
		if (l > most) {
			most = l;
			best = lag * THIN;
		}
	}
	free(ta);
	free(tb);
	size_t from = best > 2 * THIN ? best - 2 * THIN : 0,
	       to = best + 2 * THIN < max_lag ? best + 2 * THIN : max_lag;
	most = -2;
	for (size_t lag = from; lag <= to; lag++) {
		double l = sound_likeness(a, b + lag, n);
		if (l > most) {
			most = l;
			best = lag;
		}
	}
	*r = most;
	return best;
}

unsigned sound_found(const struct sound *a, const struct sound *b, size_t max_lag, unsigned *all)
{
	enum { WINDOW = AUDIO_RATE / 2 };
	unsigned found = 0;
	*all = 0;
	for (size_t at = 0; at + WINDOW <= a->n && at + WINDOW < b->n; at += WINDOW) {
		size_t lag_max = at + WINDOW + max_lag < b->n ? max_lag : b->n - at - WINDOW;
		double r, energy = 0;
		for (size_t i = 0; i < WINDOW; i++)
			energy += (double)a->pcm[at + i] * (double)a->pcm[at + i];
		if (energy < WINDOW * 1e-4)
			continue;
		sound_lag(a->pcm + at, b->pcm + at, WINDOW, lag_max, &r);
		found += r > 0.8;
		++*all;
	}
	return found;
}

void sound_mkdir(char *path)
{
	strcpy(path, "/tmp/moot-audio-XXXXXX");
	if (!mkdtemp(path))
		abort();
}

void sound_rmdir(const char *path)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", path);
	if (system(command) != 0)
		fprintf(stderr, "cannot remove %s\n", path);
}
