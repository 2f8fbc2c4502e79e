/* Sound and pictures: sealed on the way out, opened on the way in, the wire's header authenticated with them; and whatever had to
 * wait for its keys. */
#include "net/secure_state.h"

#include <errno.h>
#include <string.h>

enum { PLAIN_MS = 10000 }; /* frames in clear are told of once in so long, whatever else was told */

/* The wire's header without its length. */
static size_t media_meta(uint8_t meta[static SECURE_META], const struct wire_frame *frame)
{
	meta[0] = (uint8_t)frame->stream;
	meta[1] = (uint8_t)(frame->source >> 8);
	meta[2] = (uint8_t)frame->source;
	meta[3] = frame->flags;
	meta[4] = frame->level;
	for (int i = 0; i < 4; i++)
		meta[5 + i] = (uint8_t)(frame->timestamp >> (24 - 8 * i));
	return 9;
}

static struct wire_frame frame_of_meta(const uint8_t meta[static SECURE_META])
{
	struct wire_frame frame = {
		.stream = (enum stream)meta[0],
		.source = (uint16_t)(meta[1] << 8 | meta[2]),
		.flags = meta[3],
		.level = meta[4],
	};

	for (int i = 0; i < 4; i++)
		frame.timestamp = frame.timestamp << 8 | meta[5 + i];
	return frame;
}

_Static_assert((int)STREAM_AUDIO == (int)GROUP_AUDIO && (int)STREAM_CAMERA_SMALL == (int)GROUP_CAMERA_SMALL &&
		       (int)STREAM_CAMERA_LARGE == (int)GROUP_CAMERA_LARGE && (int)STREAM_SCREEN == (int)GROUP_SCREEN,
	       "streams of the wire are those of the keys");

int secure_seal(struct secure *secure, struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms)
{
	uint8_t meta[SECURE_META];
	size_t meta_n;

	if (secure->params.mode == SEAL_MODE_RELAY || (secure->group && group_sends_plain(secure->group))) {
		if (frame->payload_bytes > size)
			return -EIO;
		frame->flags |= WIRE_PLAIN;
		memcpy(out, frame->payload, frame->payload_bytes);
		return (int)frame->payload_bytes;
	}
	if (!secure->group || secure->told.state == SECURITY_PAUSED)
		return -EPERM;
	meta_n = media_meta(meta, frame);
	return group_seal(secure->group, (enum group_stream)frame->stream, (struct seal_bytes) { meta, meta_n }, frame->payload,
			  frame->payload_bytes, out, size, now_ms);
}

int secure_open(struct secure *secure, const struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms)
{
	uint8_t meta[SECURE_META];
	const size_t meta_n = media_meta(meta, frame);
	struct group_from from;

	if (frame->flags & WIRE_PLAIN) {
		if (frame->payload_bytes <= size &&
		    (secure->params.mode == SEAL_MODE_RELAY || (secure->group && group_takes_plain(secure->group, frame->source)))) {
			memcpy(out, frame->payload, frame->payload_bytes);
			return (int)frame->payload_bytes;
		}
		if (!secure->plain_ms || now_ms - secure->plain_ms > PLAIN_MS) {
			secure->plain_ms = now_ms;
			secure_refuse_plain(secure, frame->source);
		}
		return -EBADMSG;
	}
	if (!secure->group)
		return -EBADMSG;
	return group_open(secure->group, frame->source, (enum group_stream)frame->stream, (struct seal_bytes) { meta, meta_n },
			  frame->payload, frame->payload_bytes, out, size, &from, now_ms);
}

/* ---- what had waited for its keys -------------------------------------------------------------------- */

static void release_frame(struct secure *secure, const uint8_t meta[static SECURE_META], const uint8_t *plain, size_t n)
{
	struct wire_frame frame = frame_of_meta(meta);

	frame.payload = plain;
	frame.payload_bytes = n;
	secure->ops->on_frame(secure->arg, &frame);
}

void secure_release(struct secure *secure, int64_t now_ms)
{
	static uint8_t plain[GROUP_FRAME]; /* one thread */
	uint8_t meta[SECURE_META];
	struct group_from from;
	size_t meta_n;
	int n;

	while (secure->group) {
		meta_n = sizeof(meta);
		memset(meta, 0, sizeof(meta));
		n = group_release(secure->group, meta, &meta_n, plain, sizeof(plain), &from, now_ms);
		if (n < 0)
			return;
		if (from.stream >= GROUP_CHAT)
			secure_talk_held(secure, meta, &from, plain, (size_t)n, now_ms);
		else
			release_frame(secure, meta, plain, (size_t)n);
		seal_erase(plain, (size_t)n);
	}
}
