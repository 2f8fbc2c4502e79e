/* One end of a conversation inside a test: an engine, and what it said and reported. */
#ifndef MOOT_TESTS_AUDIO_END_H
#define MOOT_TESTS_AUDIO_END_H

#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "audio/engine.h"

struct end {
	struct audio_engine *engine;
	struct audio_engine *to; /* packets go here as those of `number`; NULL: nowhere */
	uint32_t number;
	atomic_uint packets, talk_ends, loud /* with sound in them */, notices, longest;
	atomic_uint seen[8]; /* notices by end_notice */
};

enum end_notice {
	NO_MICROPHONE,
	NO_SPEAKER,
	MIC_ENDED,
	MIC_LOST,
	MIC_BACK,
	SPEAKER_LOST,
	SPEAKER_BACK,
	FILE_STOPPED
};

/** Open or fail the test. */
void end_open(struct end *end, const char *mic, const char *speaker);
/** Likewise, with all there is to set; returns what audio_engine_new() does. */
int end_try(struct end *end, const struct audio_params *params, const char **why);
void end_start(struct end *end);
void end_close(struct end *end);

int64_t end_now_ms(void);

/* Wait for a condition; fails after 15 s. */
#define wait_for(condition)                                                                                  \
	do {                                                                                                 \
		int64_t until_ms = end_now_ms() + 15000;                                                     \
		while (!(condition)) {                                                                       \
			if (end_now_ms() > until_ms)                                                         \
				fail_msg("never came: " #condition);                                         \
			usleep(2000);                                                                        \
		}                                                                                            \
	} while (0)

#endif
