#include "end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void on_packet(void *arg, const struct audio_packet *packet)
{
	struct end *end = arg;
	atomic_fetch_add(&end->packets, 1);
	if (packet->n > atomic_load(&end->longest))
		atomic_store(&end->longest, (unsigned)packet->n);
	if (packet->talk_end)
		atomic_fetch_add(&end->talk_ends, 1);
	if (packet->level < 100)
		atomic_fetch_add(&end->loud, 1);
	if (end->to)
		audio_engine_put(end->to, end->number, packet);
}

static void on_notice(void *arg, const char *code, const char *text)
{
	static const char *const codes[] = {
		[NO_MICROPHONE] = "no-microphone",     [NO_SPEAKER] = "no-speaker",
		[MIC_ENDED] = "microphone-file-ended", [MIC_LOST] = "microphone-lost",
		[MIC_BACK] = "microphone-back",        [SPEAKER_LOST] = "speaker-lost",
		[SPEAKER_BACK] = "speaker-back",       [FILE_STOPPED] = "speaker-file-stopped",
	};
	struct end *end = arg;
	for (size_t i = 0; text && *text && i < sizeof codes / sizeof *codes; i++)
		if (strcmp(code, codes[i]) == 0) {
			atomic_fetch_add(&end->seen[i], 1);
			atomic_fetch_add(&end->notices, 1);
		}
}

int end_try(struct end *end, const struct audio_params *params, const char **why)
{
	static const struct audio_ops ops = { on_packet, on_notice };
	return audio_engine_new(&end->engine, params, &ops, end, why);
}

void end_open(struct end *end, const char *mic, const char *speaker)
{
	const struct audio_params params = { .mic = mic, .speaker = speaker };
	const char *why = "";
	int error = end_try(end, &params, &why);
	if (error)
		fail_msg("%d: %s", error, why);
}

void end_start(struct end *end)
{
	assert_int_equal(audio_engine_start(end->engine), 0);
}

void end_close(struct end *end)
{
	audio_engine_free(end->engine);
	end->engine = NULL;
}

int64_t end_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
