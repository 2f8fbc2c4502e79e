/* What a stranger's packets can do: to the decoder, the jitter buffer and its timestamps, the stretching and
 * the mixer. The input is a script: each step is a length, flags, time to pass, a timestamp and a packet;
 * then pulls. link: audio */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audio/codec.h"
#include "audio/mixer.h"
#include "audio/playout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 8, BLOCK = 240, STEPS_MAX = 400 };

static void check(const float *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(fabsf(pcm[i]) <= 1))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct playout *playout = playout_new(20);
	struct mixer mixer;
	int64_t now_us = 1000000;
	unsigned steps = 0;
	if (!playout)
		return 0;
	mixer_init(&mixer);
	/* length 16 | flags 8: talk_end, pull after, timestamp as said or in order | time 8: to pass, in 2 ms
	 * | timestamp 32 */
	for (uint32_t in_order = 0; size >= STEP && steps < STEPS_MAX; steps++) {
		uint32_t timestamp =
			(uint32_t)data[4] << 24 | (uint32_t)data[5] << 16 | (uint32_t)data[6] << 8 | data[7];
		uint8_t flags = data[2];
		size_t n = ((size_t)data[0] << 8 | data[1]) % (AUDIO_PACKET_MAX + 2);
		now_us += data[3] * 2000;
		data += STEP;
		size -= STEP;
		if (n > size)
			n = size;
		const struct audio_packet packet = {
			.bytes = data,
			.n = n,
			.timestamp = flags & 4 ? timestamp : in_order,
			.talk_end = flags & 1,
		};
		int samples = codec_samples(packet.bytes, packet.n);
		in_order += samples > 0 ? (uint32_t)samples : AUDIO_FRAME;
		playout_put(playout, &packet, now_us);
		data += n;
		size -= n;
		for (unsigned pulls = flags >> 4; pulls > 0; pulls--) {
			float pcm[BLOCK] = { 0 }, sum[BLOCK] = { 0 };
			if (playout_pull(playout, now_us, pcm, BLOCK))
				mixer_add(sum, pcm, mixer_gain(12), BLOCK);
			mixer_limit(&mixer, sum, BLOCK);
			check(sum, BLOCK);
			now_us += 5000;
		}
	}
	struct audio_source_stats stats;
	playout_stats(playout, &stats);
	playout_free(playout);
	return 0;
}
