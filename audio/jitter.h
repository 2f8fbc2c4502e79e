/* The jitter buffer of one source: packets in as they come, in playing order out, as late as needed and no
 * later. Pure: time comes from the caller, decoding is the caller's. Everything a stranger sends (timestamps
 * too) only hurts his own sound. */
#ifndef MOOT_AUDIO_JITTER_H
#define MOOT_AUDIO_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jitter;

enum {
	JITTER_PACKETS_MAX = 64,
	JITTER_DELAY_MAX_MS = 400, /* no line makes the target larger */
	JITTER_CATCHUP_MS = 250,   /* what waits beyond the target and this is skipped */
};

struct jitter_packet {
	const uint8_t *bytes;
	size_t n;
	uint32_t timestamp; /* 48 kHz ticks, wraps */
	unsigned samples;   /* its length, 120 to 5760 */
	bool fec;           /* carries a copy of the packet before it */
	bool talk_end;
};

enum jitter_kind {
	JITTER_SILENCE, /* nothing is being said: `samples` of it */
	JITTER_PLAY,    /* decode `packet` */
	JITTER_RECOVER, /* the `samples` before `packet` are lost: take its copy of them; it comes again as
			   JITTER_PLAY */
	JITTER_CONCEAL, /* `samples` are missing and nothing can be done */
};

struct jitter_step {
	enum jitter_kind kind;
	size_t samples;
	struct jitter_packet packet; /* bytes are valid until the next call */
	int stretch; /* after decoding: -1 leave out some samples, +1 put some in; -2 likewise, now */
};

struct jitter_stats {
	uint64_t played, dropped;     /* packets: handed out; late, skipped or no room */
	uint32_t target_ms, delay_ms; /* wanted now; measured at the last packet played */
};

/** min_ms: the least delay, 0 to 200. NULL without memory. */
struct jitter *jitter_new(uint32_t min_ms);
void jitter_free(struct jitter *jitter);

/** A packet came at now_us (steady, microseconds). Copies. Returns 0; -EALREADY late or a duplicate; -ENOMEM.
 */
int jitter_put(struct jitter *jitter, const struct jitter_packet *packet, int64_t now_us);

/** What to play next. now_us: when the first of `held` samples, decoded already and not yet played, is
 * played; want: samples wanted after those, > 0. */
void jitter_get(struct jitter *jitter, int64_t now_us, size_t held, size_t want, struct jitter_step *step);

/** True when nothing waits and nothing is being played. */
bool jitter_idle(const struct jitter *jitter);
void jitter_stats(const struct jitter *jitter, struct jitter_stats *stats);

#endif
