/* Which implementation a word means: tone:HZ, silence, null, a file, and else a sound card. */
#include "audio/device.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void device_why(const char **why, const char *format, ...)
{
	static _Thread_local char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (why)
		*why = text;
}

size_t pace_due(const struct pace *pace, int64_t now_us, size_t lead)
{
	int64_t passed = (now_us - pace->start_us) * (AUDIO_RATE / 1000) / 1000 + (int64_t)lead;
	return passed > (int64_t)pace->done ? (size_t)(passed - (int64_t)pace->done) : 0;
}

int64_t pace_us(uint64_t samples)
{
	return (int64_t)(samples * 1000 / (AUDIO_RATE / 1000));
}

int64_t pace_when_us(const struct pace *pace)
{
	return pace->start_us + pace_us(pace->done);
}

static bool has_ending(const char *spec)
{
	static const char *const endings[] = { ".wav", ".flac", ".ogg",  ".opus", ".mp3",  ".m4a",
					       ".mp4", ".mkv",  ".webm", ".aac",  ".aiff", ".au" };
	size_t n = strlen(spec);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t m = strlen(endings[i]);
		if (n > m && strcasecmp(spec + n - m, endings[i]) == 0)
			return true;
	}
	return false;
}

static bool is_file(const char *spec)
{
	struct stat st;
	if (strchr(spec, '/') || has_ending(spec))
		return true;
	return spec[strspn(spec, "0123456789")] && stat(spec, &st) == 0 && S_ISREG(st.st_mode);
}

static int open_tone(struct device **device, const char *hz, const struct device_events *events,
		     const char **why)
{
	char *end;
	double value = strtod(hz, &end);
	if (end == hz || *end || !(value >= 20 && value <= 20000)) {
		device_why(why, "A tone is tone:HZ, from tone:20 to tone:20000.");
		return -EINVAL;
	}
	return device_tone(device, value, events);
}

int device_open_mic(struct device **device, const char *spec, const struct device_events *events,
		    const char **why)
{
	if (spec && strcmp(spec, "silence") == 0)
		return device_null(device, events);
	if (spec && strncmp(spec, "tone:", 5) == 0)
		return open_tone(device, spec + 5, events, why);
	if (spec && is_file(spec))
		return device_file_mic(device, spec, events, why);
	return device_card_mic(device, spec, events, why);
}

int device_open_speaker(struct device **device, const char *spec, const struct device_events *events,
			const char **why)
{
	if (spec && strcmp(spec, "null") == 0)
		return device_null(device, events);
	if (spec && is_file(spec))
		return device_file_speaker(device, spec, events, why);
	return device_card_speaker(device, spec, events, why);
}
