/* The microphone's half: samples in, packets out. Sends while somebody speaks, and nothing while muted. */
#ifndef MOOT_AUDIO_CAPTURE_H
#define MOOT_AUDIO_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/engine.h"

struct capture;

/** packet: as audio_ops.on_packet. NULL without memory. */
struct capture *capture_new(void (*packet)(void *arg, const struct audio_packet *packet), void *arg);
void capture_free(struct capture *capture);

/** n samples from the microphone; clock: samples that should have come since the start, by the worker's
 * clock, these included. Worker. */
void capture_feed(struct capture *capture, const float *pcm, size_t n, uint64_t clock);

/** When this returns true is in force: no packet with sound follows, not even one that was being made. Waits
 * for that packet, some milliseconds at most, so not from within packet(). Any thread. */
void capture_mute(struct capture *capture, bool muted);
/** From the next packet on. Any thread. */
void capture_shape(struct capture *capture, uint32_t bitrate, uint32_t packet_ms);

/** True within a spurt. Worker. */
bool capture_sending(const struct capture *capture);
/** -dBov, muted or not. Any thread. */
uint8_t capture_level(const struct capture *capture);
bool capture_speaking(const struct capture *capture);

#endif
