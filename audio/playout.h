/* One person's voice on its way to the mixer: jitter buffer, decoder, and a little decoded sound. Pure but
 * for the codec. Audio worker only. */
#ifndef MOOT_AUDIO_PLAYOUT_H
#define MOOT_AUDIO_PLAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/engine.h"

struct playout;

/** NULL without memory. */
struct playout *playout_new(uint32_t jitter_min_ms);
void playout_free(struct playout *playout);

/** A packet from a stranger came at now_us. Returns 0, -EBADMSG (not Opus), -EALREADY (late, or twice),
 * -ENOMEM. */
int playout_put(struct playout *playout, const struct audio_packet *packet, int64_t now_us);
/** The next n samples, n at most 960, to be played from now_us. Returns false, with pcm untouched, when there
 * is only silence. */
bool playout_pull(struct playout *playout, int64_t now_us, float *pcm, size_t n);

/** True when nothing is held, waits or is being said. */
bool playout_idle(const struct playout *playout);
/** Fills in all but source. */
void playout_stats(const struct playout *playout, struct audio_source_stats *stats);

#endif
