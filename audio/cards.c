/* ALSA and JACK print a hundred lines when asked what there is; descriptor 2 points elsewhere meanwhile. */
#include "audio/cards.h"

#include <errno.h>
#include <fcntl.h>
#include <portaudio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "audio/engine.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;
static bool up;
static int saved_stderr = -1;

void cards_lock(void)
{
	pthread_mutex_lock(&lock);
}

void cards_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void cards_hush(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fflush(stderr);
	saved_stderr = null < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (saved_stderr >= 0)
		dup2(null, STDERR_FILENO);
	if (null >= 0)
		close(null);
}

void cards_unhush(void)
{
	if (saved_stderr < 0)
		return;
	fflush(stderr);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	saved_stderr = -1;
}

static int initialize(void)
{
	cards_hush();
	PaError error = Pa_Initialize();
	cards_unhush();
	up = error == paNoError;
	return up ? 0 : -EIO;
}

static void terminate(void)
{
	if (!up)
		return;
	cards_hush();
	Pa_Terminate();
	cards_unhush();
	up = false;
}

int cards_acquire(void)
{
	if (users == 0 && initialize() < 0)
		return -EIO;
	users++;
	return 0;
}

void cards_release(void)
{
	if (users > 0 && --users == 0)
		terminate();
}

int cards_refresh(void)
{
	terminate();
	return initialize();
}

static bool usable(int index, bool input)
{
	const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
	return info && (input ? info->maxInputChannels : info->maxOutputChannels) > 0;
}

int cards_find(const char *name, bool input)
{
	if (!name) {
		int index = input ? Pa_GetDefaultInputDevice() : Pa_GetDefaultOutputDevice();
		return index >= 0 && usable(index, input) ? index : -ENOENT;
	}
	char *end;
	long number = strtol(name, &end, 10);
	if (*name && !*end)
		return number >= 0 && number < Pa_GetDeviceCount() && usable((int)number, input) ? (int)number
												 : -ENOENT;
	int found = -ENOENT;
	for (int i = 0; *name && i < Pa_GetDeviceCount(); i++) {
		if (!usable(i, input))
			continue;
		const char *its = Pa_GetDeviceInfo(i)->name;
		if (strcasecmp(its, name) == 0)
			return i;
		if (found < 0 && strcasestr(its, name))
			found = i;
	}
	return found;
}

int audio_devices(void (*fn)(void *arg, int index, const char *name, int inputs, int outputs, bool default_in,
			     bool default_out),
		  void *arg)
{
	cards_lock();
	int n = cards_acquire();
	if (n == 0) {
		n = Pa_GetDeviceCount() > 0 ? Pa_GetDeviceCount() : 0;
		for (int i = 0; i < n; i++) {
			const PaDeviceInfo *info = Pa_GetDeviceInfo(i);
			fn(arg, i, info->name, info->maxInputChannels, info->maxOutputChannels,
			   i == Pa_GetDefaultInputDevice(), i == Pa_GetDefaultOutputDevice());
		}
		cards_release();
	}
	cards_unlock();
	return n;
}
