/* Frames between the members: SFrame (RFC 9605) under a key of sender, stream and epoch,
 *     KID = idx << 12 | stream << 8 | e mod 256      CTR from 0, one more each frame
 * A new epoch is sent under 50 ms after it came (at once when it removes somebody), an old one is opened for 10 s more.
 * What cannot be opened yet waits for at most 2 s. */
#ifndef MOOT_NET_SEAL_GROUP_MEDIA_H
#define MOOT_NET_SEAL_GROUP_MEDIA_H

#include "net/seal/group.h"

enum group_stream {
	GROUP_AUDIO, GROUP_CAMERA_SMALL, GROUP_CAMERA_LARGE, GROUP_SCREEN, GROUP_CELLS, GROUP_CHAT, GROUP_PRIVATE,
	GROUP_FILES, GROUP_STREAMS
};

enum {
	GROUP_FRAME = 1024 * 1024,      /* bytes of a sealed frame, at most */
	GROUP_FRAME_ADDS = 17 + 16,     /* bytes that sealing adds, at most */
	GROUP_HELD_FRAMES = 64,
	GROUP_HELD_BYTES = 4 * 1024 * 1024,
};

/* Where a frame came from, after it opened. */
struct group_from {
	uint16_t idx;
	enum group_stream stream;
	uint32_t epoch;
	bool held;              /* it had waited */
};

/** The epoch that is sent under now; when it changes, the next picture of each stream must be a key frame. 0: none. */
uint32_t group_send_epoch(const struct group *group, int64_t now_ms);
/** The same for what is written (chat, private, files): the newest whose key is here, so that who came a moment ago can read
 * it, too. */
uint32_t group_write_epoch(const struct group *group, int64_t now_ms);

/** Seal n bytes for everybody; metadata (the wire's header) is authenticated with them. out: size >= n +
 * GROUP_FRAME_ADDS, may be in. Returns the length, -EPERM (paused, relay mode, not in), -EINVAL (GROUP_PRIVATE, too
 * long), -ENOSPC, -EIO (nothing is sent any more). */
int group_seal(struct group *group, enum group_stream stream, struct seal_bytes metadata, const uint8_t *in, size_t n,
	       uint8_t *out, size_t size, int64_t now_ms);
/** For one member alone, stream GROUP_PRIVATE. Likewise, and -ENOENT. */
int group_seal_private(struct group *group, uint16_t to, struct seal_bytes metadata, const uint8_t *in, size_t n,
		       uint8_t *out, size_t size, int64_t now_ms);

/** Open a frame which, by the wire's header, is of this person and stream: its KID must say so too. out: size >= n.
 * Returns the length and *from; -EAGAIN (a copy is held: its epoch or sender is not known yet, or others of its
 * stream are to be released first), -EBADMSG (drop it: forged, replayed, of an epoch that is over), -EPERM (not in,
 * paused for good), -ENOSPC. */
int group_open(struct group *group, uint16_t idx, enum group_stream stream, struct seal_bytes metadata,
	       const uint8_t *frame, size_t n, uint8_t *out, size_t size, struct group_from *from, int64_t now_ms);
/** The next held frame that can be opened now, in the order they came: call it until it has no more whenever an R or a
 * wrap was taken. metadata: size *metadata_n, its length on
 * return. Returns the length, or -ENOENT when there is none. out: GROUP_FRAME bytes are always enough; a frame that
 * does not fit is dropped. */
int group_release(struct group *group, uint8_t *metadata, size_t *metadata_n, uint8_t *out, size_t size,
		  struct group_from *from, int64_t now_ms);

/** Somebody of whom 50 frames failed within 10 s, told once per 10 s: idx, or 0 when there is nobody (more). */
uint16_t group_trouble(struct group *group);

/* What was dropped since the group began. */
struct group_counts {
	uint64_t opened, forged, replayed, unknown, plain;
};
struct group_counts group_counts(const struct group *group);

#endif
