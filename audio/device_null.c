/* Devices without anything behind them, on the worker's clock: silence in, a tone in, and a speaker nobody
 * hears. */
#include "audio/device.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double tone_peak = 0.25; /* -15 dBov */

struct null {
	struct device device;
	struct pace pace;
	double phase, step; /* in turns; a step of 0 is silence */
};

static void null_start(struct device *device, int64_t now_us)
{
	((struct null *)device)->pace.start_us = now_us;
}

static size_t null_due(struct device *device, int64_t now_us, int64_t *when_us)
{
	struct null *null = (struct null *)device;
	*when_us = pace_when_us(&null->pace);
	return pace_due(&null->pace, now_us, 0);
}

static void null_read(struct device *device, float *pcm, size_t n)
{
	struct null *null = (struct null *)device;
	null->pace.done += n;
	if (null->step <= 0) {
		memset(pcm, 0, n * sizeof *pcm);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		pcm[i] = (float)(tone_peak * sin(2 * M_PI * null->phase));
		null->phase += null->step;
		null->phase -= floor(null->phase);
	}
}

static void null_write(struct device *device, const float *pcm, size_t n)
{
	(void)pcm;
	((struct null *)device)->pace.done += n;
}

static void null_free(struct device *device)
{
	free(device);
}

static const struct device_ops null_ops = { null_start, null_due, null_read, null_write, null_free };

int device_tone(struct device **device, double hz, const struct device_events *events)
{
	struct null *null = calloc(1, sizeof *null);
	if (!null)
		return -ENOMEM;
	null->device = (struct device) { &null_ops, events, false };
	null->step = hz / AUDIO_RATE;
	*device = &null->device;
	return 0;
}

int device_null(struct device **device, const struct device_events *events)
{
	return device_tone(device, 0, events);
}
