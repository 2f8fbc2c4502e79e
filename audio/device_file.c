/* Files as devices, on the worker's clock. A microphone plays its file once, then silence. A speaker is a WAV
 * file, 16 bit mono: it goes out ten times a second, and its header tells the truth once a second, so that a
 * crash leaves a file that plays. */
#include "audio/device.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/soundfile.h"

enum { HEADER_BYTES = 44, FLUSH_SAMPLES = AUDIO_RATE / 10, FLUSHES_PER_HEADER = 10 };

static const uint64_t wav_bytes_max = UINT32_MAX - HEADER_BYTES;

/* ---- microphone -----------------------------------------------------------------------------------------
 */

struct file_mic {
	struct device device;
	struct pace pace;
	struct soundfile *file; /* NULL when it has ended */
};

static void mic_start(struct device *device, int64_t now_us)
{
	((struct file_mic *)device)->pace.start_us = now_us;
}

static size_t mic_due(struct device *device, int64_t now_us, int64_t *when_us)
{
	struct file_mic *mic = (struct file_mic *)device;
	size_t due = pace_due(&mic->pace, now_us, 0);
	if (due > AUDIO_RATE) { /* the program was stopped, and so was the file */
		mic->pace.start_us += pace_us(due);
		due = 0;
	}
	*when_us = pace_when_us(&mic->pace);
	return due;
}

static void mic_read(struct device *device, float *pcm, size_t n)
{
	struct file_mic *mic = (struct file_mic *)device;
	size_t got = mic->file ? soundfile_read(mic->file, pcm, n) : 0;
	memset(pcm + got, 0, (n - got) * sizeof *pcm);
	mic->pace.done += n;
	if (got < n && mic->file) {
		soundfile_free(mic->file);
		mic->file = NULL;
		mic->device.events->notice(mic->device.events->arg, "microphone-file-ended",
					   "The microphone's file has ended, sending silence.");
	}
}

static void mic_free(struct device *device)
{
	soundfile_free(((struct file_mic *)device)->file);
	free(device);
}

static const struct device_ops mic_ops = { mic_start, mic_due, mic_read, NULL, mic_free };

int device_file_mic(struct device **device, const char *path, const struct device_events *events,
		    const char **why)
{
	struct file_mic *mic = calloc(1, sizeof *mic);
	if (!mic)
		return -ENOMEM;
	mic->device = (struct device) { &mic_ops, events, false };
	int error = soundfile_open(&mic->file, path);
	if (error < 0) {
		free(mic);
		device_why(why,
			   error == -EBADMSG ? "There is no sound in %s that can be played."
					     : "Cannot read %s: %s.",
			   path, strerror(-error));
		return error == -EBADMSG ? -EINVAL : error;
	}
	*device = &mic->device;
	return 0;
}

/* ---- speaker --------------------------------------------------------------------------------------------
 */

struct file_speaker {
	struct device device;
	struct pace pace;
	int fd;              /* -1: given up */
	uint64_t data_bytes; /* in the file */
	unsigned flushes;
	size_t held;
	uint16_t sample[FLUSH_SAMPLES]; /* little-endian */
};

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v & 0xffff);
	put16(p + 2, v >> 16);
}

static int write_header(const struct file_speaker *speaker)
{
	uint8_t h[HEADER_BYTES] = "RIFF....WAVEfmt ....................data";
	put32(h + 4, (uint32_t)speaker->data_bytes + HEADER_BYTES - 8);
	put32(h + 16, 16);
	put16(h + 20, 1);
	put16(h + 22, 1);
	put32(h + 24, AUDIO_RATE);
	put32(h + 28, AUDIO_RATE * 2);
	put16(h + 32, 2);
	put16(h + 34, 16);
	put32(h + 40, (uint32_t)speaker->data_bytes);
	ssize_t n = pwrite(speaker->fd, h, sizeof h, 0);
	return n == HEADER_BYTES ? 0 : n < 0 ? -errno : -ENOSPC;
}

static void give_up(struct file_speaker *speaker, int error)
{
	const char *text = NULL;
	device_why(&text, "Cannot write the speaker's file any more: %s. The meeting goes on without it.",
		   strerror(-error));
	write_header(speaker);
	close(speaker->fd);
	speaker->fd = -1;
	speaker->device.events->notice(speaker->device.events->arg, "speaker-file-stopped", text);
}

static int write_all(int fd, const void *bytes, size_t n, off_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pwrite(fd, (const uint8_t *)bytes + done, n - done, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -ENOSPC;
		done += (size_t)got;
	}
	return 0;
}

static void flush(struct file_speaker *speaker, bool header)
{
	if (speaker->fd < 0) {
		speaker->held = 0;
		return;
	}
	size_t bytes = speaker->held * sizeof speaker->sample[0];
	int error = speaker->data_bytes + bytes > wav_bytes_max ? -EFBIG : 0;
	if (error == 0)
		error = write_all(speaker->fd, speaker->sample, bytes,
				  (off_t)(HEADER_BYTES + speaker->data_bytes));
	if (error == 0) {
		speaker->data_bytes += bytes;
		if (header || ++speaker->flushes % FLUSHES_PER_HEADER == 0)
			error = write_header(speaker);
	}
	speaker->held = 0;
	if (error < 0)
		give_up(speaker, error);
}

static void speaker_start(struct device *device, int64_t now_us)
{
	((struct file_speaker *)device)->pace.start_us = now_us;
}

/* The block that begins now is due now. */
static size_t speaker_due(struct device *device, int64_t now_us, int64_t *when_us)
{
	struct file_speaker *speaker = (struct file_speaker *)device;
	*when_us = pace_when_us(&speaker->pace);
	return pace_due(&speaker->pace, now_us, DEVICE_BLOCK);
}

static void speaker_write(struct device *device, const float *pcm, size_t n)
{
	struct file_speaker *speaker = (struct file_speaker *)device;
	speaker->pace.done += n;
	for (size_t i = 0; i < n; i++) {
		long v = lrintf(pcm[i] * 32768);
		v = v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
		speaker->sample[speaker->held++] = htole16((uint16_t)v);
		if (speaker->held == FLUSH_SAMPLES)
			flush(speaker, false);
	}
}

static void speaker_free(struct device *device)
{
	struct file_speaker *speaker = (struct file_speaker *)device;
	flush(speaker, true);
	if (speaker->fd >= 0)
		close(speaker->fd);
	free(speaker);
}

static const struct device_ops speaker_ops = { speaker_start, speaker_due, NULL, speaker_write,
					       speaker_free };

int device_file_speaker(struct device **device, const char *path, const struct device_events *events,
			const char **why)
{
	struct file_speaker *speaker = calloc(1, sizeof *speaker);
	if (!speaker)
		return -ENOMEM;
	speaker->device = (struct device) { &speaker_ops, events, false };
	speaker->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error = speaker->fd < 0 ? -errno : write_header(speaker);
	if (error < 0) {
		device_why(why, "Cannot write %s: %s.", path, strerror(-error));
		if (speaker->fd >= 0)
			close(speaker->fd);
		free(speaker);
		return error;
	}
	*device = &speaker->device;
	return 0;
}
