/* Sound of one participant: microphone to Opus packets, packets of many to the speaker.
 * The way: device -> ring -> codec -> on_packet, and put -> jitter -> codec -> mixer -> ring -> device. The
 * engine owns the audio worker; devices touch only rings. 48 kHz mono throughout. */
#ifndef MOOT_AUDIO_ENGINE_H
#define MOOT_AUDIO_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUDIO_RATE = 48000, AUDIO_FRAME = 960 /* 20 ms */, AUDIO_PACKET_MAX = 1275, AUDIO_SOURCES_MAX = 16 };

struct audio_packet {
	const uint8_t *bytes;
	size_t n;
	uint32_t timestamp; /* 48 kHz ticks of its first sample */
	uint8_t level;      /* -dBov, 0 loudest .. 127 silence */
	bool talk_end;      /* last of a talk spurt: silence follows and nothing is sent */
};

struct audio_source_stats {
	uint32_t source;
	uint64_t frames, concealed, recovered /* by FEC */, dropped /* late */;
	uint32_t delay_ms; /* jitter buffer now */
	uint8_t level;
	bool speaking;
};

struct audio_ops {
	/** One encoded packet. Audio worker: copy and post. */
	void (*on_packet)(void *arg, const struct audio_packet *packet);
	/** Something a person should know ("Microphone lost, sending silence"), also while audio_engine_new()
	 * runs. code: no-microphone, no-speaker, microphone-lost, microphone-back, speaker-lost,
	 * speaker-back, microphone-file-ended, speaker-file-stopped. Any of the engine's threads. */
	void (*on_notice)(void *arg, const char *code, const char *text);
};

struct audio_params {
	const char *mic;     /* FILE, tone:HZ, silence, none, or a device's name or number; NULL: the default
				device, silence without one */
	const char *speaker; /* FILE.wav, null, none, or a device */
	uint32_t bitrate;    /* bits/s, 6000..64000; 0: 24000 */
	uint32_t packet_ms;  /* 20, 40 or 60; 0: 20 */
	uint32_t jitter_min_ms; /* 0: 20 */
};

struct audio_engine;

/** Open devices and files and check them; nothing runs yet. Returns 0, -ENOENT, -EINVAL, -EIO with *why for
 * people. */
int audio_engine_new(struct audio_engine **engine, const struct audio_params *params,
		     const struct audio_ops *ops, void *arg, const char **why);
/** From the moment of joining: files play in real time from here, recording of the speaker starts here. */
int audio_engine_start(struct audio_engine *engine);
/** Stop, flush a speaker file (header completed), join the worker. */
void audio_engine_free(struct audio_engine *engine);

/** At once: capture is dropped before the encoder, and when this returns no on_packet() with sound follows
 * (one packet of silence may, with talk_end); what is posted already is the caller's to drop. Waits, some
 * milliseconds at most, for an on_packet() under way, so not from within it. The level is measured on. Any
 * thread. */
void audio_engine_mute(struct audio_engine *engine, bool muted);
/** Bitrate and packet time, as the line allows. Any thread. */
void audio_engine_shape(struct audio_engine *engine, uint32_t bitrate, uint32_t packet_ms);

/** A packet of somebody arrived. Copies. Never blocks; -EAGAIN when the worker is swamped. Loop's thread. */
int audio_engine_put(struct audio_engine *engine, uint32_t source, const struct audio_packet *packet);
/** How loud to play somebody, dB -40..+12; and forget one who left. Loop's thread. */
void audio_engine_volume(struct audio_engine *engine, uint32_t source, float db);
void audio_engine_forget(struct audio_engine *engine, uint32_t source);

struct recorder;
/** Hand what is heard, and what the own microphone says while it is not muted, to a recorder too; NULL: to none.
 * When this returns the one before is not touched any more. Waits some milliseconds at most. Loop's thread. */
void audio_engine_record(struct audio_engine *engine, struct recorder *recorder);
/** True when there is a speaker, so that what is heard is mixed at all. */
bool audio_engine_hears(const struct audio_engine *engine);

/** A snapshot: fills at most max. Returns how many. Loop's thread. */
size_t audio_engine_stats(const struct audio_engine *engine, struct audio_source_stats *stats, size_t max);
/** The own microphone's level now, -dBov. Any thread. */
uint8_t audio_engine_mic_level(const struct audio_engine *engine);
/** True while the microphone picks up more than noise (to remind the muted that they speak). */
bool audio_engine_mic_speaking(const struct audio_engine *engine);

/** List sound devices: fn(arg, index, name, inputs, outputs, is_default_in, is_default_out). Returns how
 * many, or -EIO. Silences the noise that sound libraries print on standard error. */
int audio_devices(void (*fn)(void *arg, int index, const char *name, int inputs, int outputs, bool default_in,
			     bool default_out),
		  void *arg);

#endif
