/* Where sound comes from and goes to: a table of operations and its implementations. 48 kHz mono throughout.
 *
 * The worker opens nothing and waits for nothing: a device is opened before it runs, tells how many samples
 * are due, and gives or takes them. A device that is lost says so by a notice and goes on as silence on the
 * worker's clock. */
#ifndef MOOT_AUDIO_DEVICE_H
#define MOOT_AUDIO_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "audio/engine.h"

enum { DEVICE_BLOCK = AUDIO_RATE / 200 /* 5 ms: what the worker moves at a time */ };

struct device;

struct device_events {
	/** As audio_ops.on_notice. Any thread. */
	void (*notice)(void *arg, const char *code, const char *text);
	void *arg;
};

struct device_ops {
	/** The meeting begins at now_us. Once, before the worker runs. */
	void (*start)(struct device *device, int64_t now_us);
	/** Samples that a microphone has for us, or that a speaker wants now. *when_us: the time of the first
	 * of them, on a device that keeps the worker's clock exactly; others leave it at now_us. Worker. */
	size_t (*due)(struct device *device, int64_t now_us, int64_t *when_us);
	/** n samples, no more than are due. Worker. NULL on a speaker. */
	void (*read)(struct device *device, float *pcm, size_t n);
	/** n samples, no more than are due. Worker. NULL on a microphone. */
	void (*write)(struct device *device, const float *pcm, size_t n);
	/** Finish and free. After the worker has ended. */
	void (*free)(struct device *device);
};

struct device {
	const struct device_ops *ops;
	const struct device_events *events;
	bool hurried; /* has a clock of its own: wants the worker each 5 ms, even in silence */
};

/** By what audio_params says of mic and speaker ("none" is not for here). events must outlive the device.
 * *why is for people and valid until the thread's next call. Returns 0, -ENOENT, -EINVAL, -EIO, -ENOMEM,
 * -EACCES, -ENOSPC. */
int device_open_mic(struct device **device, const char *spec, const struct device_events *events,
		    const char **why);
int device_open_speaker(struct device **device, const char *spec, const struct device_events *events,
			const char **why);

/* The implementations; likewise. */
int device_tone(struct device **device, double hz, const struct device_events *events);
int device_null(struct device **device, const struct device_events *events);
int device_file_mic(struct device **device, const char *path, const struct device_events *events,
		    const char **why);
int device_file_speaker(struct device **device, const char *path, const struct device_events *events,
			const char **why);
/** name: part of a name in any case, or a number; NULL the default, and silence with a notice when there is
 * none. */
int device_card_mic(struct device **device, const char *name, const struct device_events *events,
		    const char **why);
int device_card_speaker(struct device **device, const char *name, const struct device_events *events,
			const char **why);

/** Make *why out of a format. */
void device_why(const char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A clock of 48,000 samples a second, for devices that have none. */
struct pace {
	int64_t start_us;
	uint64_t done; /* samples since */
};
/** Samples due: those whose time has passed, and `lead` more. */
size_t pace_due(const struct pace *pace, int64_t now_us, size_t lead);
int64_t pace_us(uint64_t samples);
/** When the next sample is due. */
int64_t pace_when_us(const struct pace *pace);

#endif
