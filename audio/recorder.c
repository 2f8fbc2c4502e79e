/* Two rings, one for what is heard and one for the own voice. The first sets the pace: for each frame of it as
 * much of the voice is added as has come; a voice that runs ahead (its card's clock is faster) is cut back. */
#include "audio/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <opus/opusenc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audio/engine.h"
#include "audio/ring.h"

enum {
	RING_BYTES = 4 * AUDIO_RATE * (int)sizeof(float), /* four seconds, should the disk stand still */
	VOICE_AHEAD = AUDIO_RATE / 5,                     /* samples */
	BITRATE = 32000,
	WAKE_NS = 20 * 1000 * 1000,
};

struct recorder {
	struct ring *heard, *said;
	bool by_heard;
	int fd;
	OggOpusEnc *encoder;
	pthread_t thread;
	bool running;
	atomic_bool stop;
	atomic_int error;
};

static int on_write(void *arg, const unsigned char *p, opus_int32 n)
{
	struct recorder *recorder = arg;

	while (n > 0) {
		const ssize_t written = write(recorder->fd, p, (size_t)n);

		if (written < 0 && errno != EINTR) {
			atomic_store(&recorder->error, -errno);
			return 1;
		}
		if (written > 0) {
			p += written;
			n -= (opus_int32)written;
		}
	}
	return 0;
}

static int on_close(void *arg)
{
	(void)arg;
	return 0;
}

static size_t samples_in(const struct ring *ring)
{
	return ring_fill(ring) / sizeof(float);
}

/* One frame out of the rings into the file. */
static void take_frame(struct recorder *recorder)
{
	float sum[AUDIO_FRAME], other[AUDIO_FRAME] = { 0 };
	struct ring *pace = recorder->by_heard ? recorder->heard : recorder->said;
	struct ring *beside = recorder->by_heard ? recorder->said : recorder->heard;
	size_t n = samples_in(beside);

	ring_read(pace, sum, sizeof(sum));
	if (n > VOICE_AHEAD) {
		ring_read(beside, NULL, (n - VOICE_AHEAD / 2) * sizeof(float));
		n = VOICE_AHEAD / 2;
	}
	if (n > AUDIO_FRAME)
		n = AUDIO_FRAME;
	if (n > 0)
		ring_read(beside, other, n * sizeof(float));
	for (size_t i = 0; i < AUDIO_FRAME; i++) {
		const float both = sum[i] + other[i];

		sum[i] = both > 1 ? 1 : both < -1 ? -1 : both;
	}
	if (!atomic_load(&recorder->error))
		ope_encoder_write_float(recorder->encoder, sum, AUDIO_FRAME);
}

static void take_all(struct recorder *recorder)
{
	const struct ring *pace = recorder->by_heard ? recorder->heard : recorder->said;

	while (samples_in(pace) >= AUDIO_FRAME)
		take_frame(recorder);
}

static void *work(void *arg)
{
	struct recorder *recorder = arg;

	pthread_setname_np(pthread_self(), "moot-record");
	while (!atomic_load(&recorder->stop)) {
		take_all(recorder);
		nanosleep(&(struct timespec) { .tv_nsec = WAKE_NS }, NULL);
	}
	take_all(recorder);
	return NULL;
}

static int open_encoder(struct recorder *recorder)
{
	static const OpusEncCallbacks callbacks = { on_write, on_close };
	OggOpusComments *comments = ope_comments_create();
	int error = 0;

	if (!comments)
		return -ENOMEM;
	recorder->encoder = ope_encoder_create_callbacks(&callbacks, recorder, comments, AUDIO_RATE, 1, 0, &error);
	ope_comments_destroy(comments);
	if (!recorder->encoder)
		return -ENOMEM;
	ope_encoder_ctl(recorder->encoder, OPUS_SET_BITRATE(BITRATE));
	return atomic_load(&recorder->error);
}

static void free_all(struct recorder *recorder)
{
	if (recorder->encoder)
		ope_encoder_destroy(recorder->encoder);
	if (recorder->fd >= 0)
		close(recorder->fd);
	ring_free(recorder->heard);
	ring_free(recorder->said);
	free(recorder);
}

int recorder_new(struct recorder **out, const char *path, bool heard)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err = -ENOMEM;

	if (!recorder)
		return -ENOMEM;
	recorder->by_heard = heard;
	recorder->heard = ring_new(RING_BYTES);
	recorder->said = ring_new(RING_BYTES);
	recorder->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (recorder->fd < 0)
		err = -errno;
	else if (recorder->heard && recorder->said)
		err = open_encoder(recorder);
	if (!err)
		err = -pthread_create(&recorder->thread, NULL, work, recorder);
	recorder->running = !err;
	if (err) {
		if (recorder->fd >= 0)
			unlink(path);
		free_all(recorder);
		return err;
	}
	*out = recorder;
	return 0;
}

int recorder_close(struct recorder *recorder)
{
	int err;

	if (!recorder)
		return 0;
	atomic_store(&recorder->stop, true);
	pthread_join(recorder->thread, NULL);
	if (!atomic_load(&recorder->error) && ope_encoder_drain(recorder->encoder) != OPE_OK &&
	    !atomic_load(&recorder->error))
		atomic_store(&recorder->error, -EIO);
	if (!atomic_load(&recorder->error) && fsync(recorder->fd) && errno != EINVAL)
		atomic_store(&recorder->error, -errno);
	err = atomic_load(&recorder->error);
	free_all(recorder);
	return err;
}

int recorder_error(const struct recorder *recorder)
{
	return atomic_load(&recorder->error);
}

void recorder_heard(struct recorder *recorder, const float *pcm, size_t n)
{
	ring_write(recorder->heard, pcm, n * sizeof(*pcm));
}

void recorder_said(struct recorder *recorder, const float *pcm, size_t n)
{
	ring_write(recorder->said, pcm, n * sizeof(*pcm));
}
