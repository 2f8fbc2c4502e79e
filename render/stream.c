/* Packets of a stream build on one another, so all are decoded in turn, but only the last picture of a batch
 * is copied out. When the queue is full nothing in it can be saved by dropping a part: all of it goes and a
 * keyframe is asked for. */
#include "render/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/vpx.h"

struct stream *stream_new(uint32_t source, enum video_layer layer)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	stream->source = stream->stats.source = source;
	stream->layer = stream->stats.layer = layer;
	return stream;
}

static void clear(struct stream_batch *batch)
{
	for (int i = 0; i < batch->count; i++)
		free(batch->packet[i].bytes);
	batch->count = 0;
}

static void drop_waiting(struct stream *stream)
{
	stream->stats.dropped += (uint64_t)stream->waiting.count;
	clear(&stream->waiting);
	stream->waiting_bytes = 0;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	clear(&stream->waiting);
	vpx_decoder_free(stream->decoder);
	frame_free(stream->latest);
	free(stream);
}

void stream_limits(enum video_layer layer, int *max_width, int *max_height)
{
	static const int limit[VIDEO_LAYERS][2] = { { 160, 90 }, { 320, 180 }, { 1280, 720 } };
	*max_width = limit[layer][0];
	*max_height = limit[layer][1];
}

int stream_put(struct stream *stream, const struct video_packet *packet)
{
	if (packet->keyframe) {
		drop_waiting(stream);
		stream->skip_to_keyframe = false;
	} else if (stream->skip_to_keyframe) {
		stream->keyframe_needed = true;
		stream->stats.dropped++;
		return 0;
	}
	struct stream_batch *waiting = &stream->waiting;
	if (packet->n > STREAM_BYTES_MAX || waiting->count == STREAM_PACKETS_MAX ||
	    stream->waiting_bytes + packet->n > STREAM_BYTES_MAX) {
		drop_waiting(stream);
		stream->stats.dropped++;
		stream->keyframe_needed = stream->skip_to_keyframe = true;
		return -EAGAIN;
	}
	uint8_t *bytes = malloc(packet->n ? packet->n : 1);
	if (!bytes)
		return -ENOMEM;
	if (packet->n)
		memcpy(bytes, packet->bytes, packet->n);
	waiting->packet[waiting->count++] = (struct stream_packet) { bytes, packet->n, packet->timestamp };
	stream->waiting_bytes += packet->n;
	stream->stats.bytes += packet->n;
	return 0;
}

void stream_take(struct stream *stream, struct stream_batch *batch)
{
	*batch = stream->waiting;
	stream->waiting.count = 0;
	stream->waiting_bytes = 0;
}

static bool have_decoder(struct stream *stream)
{
	int max_width, max_height;
	if (stream->decoder)
		return true;
	stream_limits(stream->layer, &max_width, &max_height);
	stream->decoder = vpx_decoder_new(max_width, max_height);
	return stream->decoder;
}

struct stream_result stream_decode(struct stream *stream, struct stream_batch *batch)
{
	struct stream_result result = { 0 };
	uint32_t timestamp = 0;
	bool good = have_decoder(stream);
	for (int i = 0; i < batch->count; i++) {
		const struct stream_packet *packet = &batch->packet[i];
		bool decoded = good && vpx_decode(stream->decoder, packet->bytes, packet->n) == 0;
		result.decoded += decoded;
		result.failed += !decoded;
		result.keyframe_needed = !decoded;
		if (decoded)
			timestamp = packet->timestamp;
	}
	if (result.decoded && (result.picture = vpx_decoder_picture(stream->decoder)))
		result.picture->timestamp = timestamp;
	clear(batch);
	return result;
}

bool stream_finish(struct stream *stream, struct stream_result *result)
{
	stream->stats.frames += (uint64_t)result->decoded;
	stream->stats.dropped += (uint64_t)result->failed;
	if (result->keyframe_needed)
		stream->keyframe_needed = true;
	if (!result->picture)
		return false;
	stream->stats.width = result->picture->width;
	stream->stats.height = result->picture->height;
	frame_free(stream->latest);
	stream->latest = result->picture;
	result->picture = NULL;
	stream->serial++;
	return true;
}
