/* Frames. Keys are derived when a sender's stream is first met in an epoch and kept until that is over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"
#include "net/seal/sframe.h"

uint32_t group_send_epoch(const struct group *group, int64_t now_ms)
{
	const struct epoch *epoch = group->in && !group->stopped ? group_sending(group, now_ms) : NULL;

	return epoch ? epoch->e : 0;
}

/* ---- sending ----------------------------------------------------------------------------------- */

static struct epoch *writing(const struct group *group, int64_t now_ms)
{
	struct epoch *newest = group->in ? group_epoch_of((struct group *)group, group->e) : NULL;

	return newest && newest->has_key ? newest : group_sending(group, now_ms);
}

uint32_t group_write_epoch(const struct group *group, int64_t now_ms)
{
	const struct epoch *epoch = group->in && !group->stopped ? writing(group, now_ms) : NULL;

	return epoch ? epoch->e : 0;
}

static struct epoch *may_send(struct group *group, enum group_stream stream, int64_t now_ms)
{
	if (!group_seals(group, now_ms))
		return NULL;
	return stream >= GROUP_CHAT ? writing(group, now_ms) : group_sending(group, now_ms);
}

static int failed(struct group *group)
{
	group_stop(group, GROUP_CRYPTO_FAILED);
	return -EIO;
}

int group_seal(struct group *group, enum group_stream stream, struct seal_bytes metadata, const uint8_t *in,
	       size_t n, uint8_t *out, size_t size, int64_t now_ms)
{
	struct epoch *epoch = may_send(group, stream, now_ms);
	struct media_key *own;
	int len;

	if (!epoch)
		return -EPERM;
	if ((unsigned)stream >= GROUP_STREAMS || stream == GROUP_PRIVATE ||
	    n > GROUP_FRAME - GROUP_FRAME_ADDS)
		return -EINVAL;
	if (size < n + GROUP_FRAME_ADDS)
		return -ENOSPC;
	own = &epoch->own[stream];
	if (!own->key)
		own->key = keys_media(keys_kid(group->idx, (uint8_t)stream, epoch->e), epoch->h, epoch->es,
				      group->self.binding.b, (uint8_t)stream);
	if (!own->key)
		return failed(group);
	len = sframe_seal(own->key, own->next++, metadata, in, n, out, size);
	return len < 0 ? failed(group) : len;
}

static struct sframe_key *private_key(struct group *group, struct member *other, bool sends, uint32_t e)
{
	const struct binding *self = &group->self.binding, *them = &other->binding;
	const uint64_t kid = keys_kid(sends ? group->idx : other->idx, GROUP_PRIVATE, e);

	if (group_shared(group, other) < 0)
		return NULL;
	return keys_private(kid, group->meeting.uuid, other->shared, sends ? self->b : them->b,
			    sends ? them->b : self->b);
}

int group_seal_private(struct group *group, uint16_t to, struct seal_bytes metadata, const uint8_t *in,
		       size_t n, uint8_t *out, size_t size, int64_t now_ms)
{
	struct epoch *epoch = may_send(group, GROUP_PRIVATE, now_ms);
	struct seat *seat = seats_find(&group->seats, to);
	struct sframe_key *key;
	int len;

	if (!epoch)
		return -EPERM;
	if (!seat || to == group->idx || seat->member->binding.mode == SEAL_MODE_RELAY)
		return -ENOENT;
	if (n > GROUP_FRAME - GROUP_FRAME_ADDS)
		return -EINVAL;
	if (size < n + GROUP_FRAME_ADDS)
		return -ENOSPC;
	key = private_key(group, seat->member, true, epoch->e);
	if (!key)
		return failed(group);
	len = sframe_seal(key, seat->member->private_out++, metadata, in, n, out, size);
	sframe_key_free(key);
	return len < 0 ? failed(group) : len;
}

/* ---- receiving --------------------------------------------------------------------------------- */

enum frame_fate { FRAME_OPENABLE, FRAME_EARLY, FRAME_OVER };

/* A frame, and what is known about it. */
struct frame {
	uint16_t idx;
	enum group_stream stream;
	struct seal_bytes metadata;
	const uint8_t *p;
	size_t n;
	uint64_t ctr;
	struct member *member;
	struct epoch *epoch;
};

static struct epoch *epoch_by_low(struct group *group, uint8_t low)
{
	for (unsigned i = 0; i < GROUP_EPOCHS; i++)
		if (group->epochs[i].e && (uint8_t)group->epochs[i].e == low)
			return &group->epochs[i];
	return NULL;
}

/* Whose it is and which epoch's. */
static enum frame_fate frame_place(struct group *group, struct frame *frame)
{
	struct seat *seat = seats_find(&group->seats, frame->idx);
	uint64_t kid;
	uint8_t low;

	if (sframe_header_read(frame->p, frame->n, &kid, &frame->ctr) < 0)
		return FRAME_OVER;
	low = (uint8_t)kid;
	if (kid != keys_kid(frame->idx, (uint8_t)frame->stream, low) || frame->idx == group->idx)
		return FRAME_OVER;
	if (!seat)
		return group_idx_used(group, frame->idx) ? FRAME_OVER : FRAME_EARLY;
	frame->member = seat->member;
	frame->epoch = epoch_by_low(group, low);
	if (frame->epoch)
		return frame->epoch->has_key ? FRAME_OPENABLE : FRAME_EARLY;
	return (uint8_t)(low - (uint8_t)group->e) <= GROUP_EPOCHS ? FRAME_EARLY : FRAME_OVER;
}

static struct media_key *sender_key(struct group *group, const struct frame *frame)
{
	const unsigned slot = (unsigned)(frame->epoch - group->epochs);
	struct member *member = frame->member;
	struct media_key *key;

	if (!member->keys[slot])
		member->keys[slot] = calloc(GROUP_STREAMS, sizeof **member->keys);
	if (!member->keys[slot])
		return NULL;
	key = &member->keys[slot][frame->stream];
	if (!key->key)
		key->key = keys_media(keys_kid(member->idx, (uint8_t)frame->stream, frame->epoch->e),
				      frame->epoch->h, frame->epoch->es, member->binding.b,
				      (uint8_t)frame->stream);
	return key->key ? key : NULL;
}

static void count_failure(struct group *group, struct member *member, int64_t now_ms)
{
	group->counts.forged++;
	if (!member)
		return;
	if (!member->fails || now_ms - member->fail_ms >= GROUP_FAILURES_MS) {
		member->fail_ms = now_ms;
		member->fails = 0;
	}
	if (++member->fails == GROUP_FAILURES)
		member->trouble = true;
}

/* next: the lowest CTR that is taken; it moves only when the tag was right. */
static int open_with(struct group *group, const struct frame *frame, struct sframe_key *key, uint64_t *next,
		     uint8_t *out, size_t size, int64_t now_ms)
{
	int len;

	if (frame->ctr < *next || frame->ctr == UINT64_MAX) {
		group->counts.replayed++;
		return -EBADMSG;
	}
	len = sframe_open(key, frame->metadata, frame->p, frame->n, out, size);
	if (len == -EBADMSG)
		count_failure(group, frame->member, now_ms);
	else if (len >= 0)
		*next = frame->ctr + 1;
	return len == -EIO ? failed(group) : len;
}

static int frame_open(struct group *group, const struct frame *frame, uint8_t *out, size_t size,
		      int64_t now_ms)
{
	struct sframe_key *alone;
	struct media_key *key;
	int len;

	if (frame->stream == GROUP_PRIVATE) {
		alone = private_key(group, frame->member, false, frame->epoch->e);
		if (!alone)
			return -EBADMSG;
		len = open_with(group, frame, alone, &frame->member->private_in, out, size, now_ms);
		sframe_key_free(alone);
		return len;
	}
	key = sender_key(group, frame);
	return key ? open_with(group, frame, key->key, &key->next, out, size, now_ms) : failed(group);
}

static int frame_opened(struct group *group, const struct frame *frame, int len, bool held,
			struct group_from *from)
{
	if (len < 0)
		return len;
	group->counts.opened++;
	*from = (struct group_from) { frame->idx, frame->stream, frame->epoch->e, held };
	return len;
}

/* ---- frames that came before their key --------------------------------------------------------- */

static void held_drop(struct group *group, unsigned i)
{
	group->held_bytes -= group->held[i]->metadata_n + group->held[i]->n;
	free(group->held[i]);
	group->held_n--;
	memmove(&group->held[i], &group->held[i + 1], (group->held_n - i) * sizeof *group->held);
}

static int hold(struct group *group, const struct frame *frame, int64_t now_ms)
{
	const size_t bytes = frame->metadata.n + frame->n;
	struct held *held;

	group_held_tick(group, now_ms);
	if (group->held_n == GROUP_HELD_FRAMES || group->held_bytes + bytes > GROUP_HELD_BYTES)
		return -EBADMSG;
	held = malloc(sizeof *held + bytes);
	if (!held)
		return -EBADMSG;
	*held = (struct held) { frame->idx, frame->stream, now_ms, frame->metadata.n, frame->n };
	if (frame->metadata.n)
		memcpy(held->bytes, frame->metadata.p, frame->metadata.n);
	memcpy(held->bytes + frame->metadata.n, frame->p, frame->n);
	group->held[group->held_n++] = held;
	group->held_bytes += bytes;
	return -EAGAIN;
}

static struct frame held_frame(const struct held *held)
{
	return (struct frame) {
		.idx = held->idx,
		.stream = held->stream,
		.metadata = { held->bytes, held->metadata_n },
		.p = held->bytes + held->metadata_n,
		.n = held->n,
	};
}

/* Those of the same sender and stream that could be opened go first, else their CTR would be below. */
static bool held_before(struct group *group, const struct frame *frame)
{
	for (unsigned i = 0; i < group->held_n; i++) {
		struct frame held = held_frame(group->held[i]);
		if (held.idx == frame->idx && held.stream == frame->stream && frame_place(group, &held) == FRAME_OPENABLE)
			return true;
	}
	return false;
}

bool group_held_tick(struct group *group, int64_t now_ms)
{
	bool ready = false;

	for (unsigned i = 0; i < group->held_n;) {
		struct frame frame = held_frame(group->held[i]);
		enum frame_fate fate = frame_place(group, &frame);
		if (fate == FRAME_OVER ||
		    (fate == FRAME_EARLY && now_ms - group->held[i]->came_ms > GROUP_HOLD_MS)) {
			group->counts.unknown++;
			held_drop(group, i);
			continue;
		}
		ready = ready || fate == FRAME_OPENABLE;
		i++;
	}
	return ready;
}

int group_release(struct group *group, uint8_t *metadata, size_t *metadata_n, uint8_t *out, size_t size,
		  struct group_from *from, int64_t now_ms)
{
	for (unsigned i = 0; i < group->held_n;) {
		struct frame frame = held_frame(group->held[i]);
		int len = -ENOENT;
		if (group->stopped || frame_place(group, &frame) != FRAME_OPENABLE) {
			i++;
			continue;
		}
		if (frame.metadata.n <= *metadata_n && frame.n <= size)
			len = frame_opened(group, &frame, frame_open(group, &frame, out, size, now_ms), true,
					   from);
		if (len >= 0) {
			memcpy(metadata, frame.metadata.p, frame.metadata.n);
			*metadata_n = frame.metadata.n;
		}
		if (!group->stopped)
			held_drop(group, i);
		if (len >= 0)
			return len;
	}
	return -ENOENT;
}

int group_open(struct group *group, uint16_t idx, enum group_stream stream, struct seal_bytes metadata,
	       const uint8_t *p, size_t n, uint8_t *out, size_t size, struct group_from *from, int64_t now_ms)
{
	struct frame frame = { .idx = idx, .stream = stream, .metadata = metadata, .p = p, .n = n };

	if (group->stopped || !group->in)
		return -EPERM;
	if ((unsigned)stream >= GROUP_STREAMS || n > GROUP_FRAME)
		return -EBADMSG;
	group_epochs_tick(group, now_ms);
	switch (frame_place(group, &frame)) {
	case FRAME_EARLY: return hold(group, &frame, now_ms);
	case FRAME_OVER: group->counts.unknown++; return -EBADMSG;
	default: break;
	}
	if (held_before(group, &frame) && hold(group, &frame, now_ms) == -EAGAIN)
		return -EAGAIN;
	return frame_opened(group, &frame, frame_open(group, &frame, out, size, now_ms), false, from);
}

uint16_t group_trouble(struct group *group)
{
	for (size_t i = 0; i < group->seats.n; i++)
		if (group->seats.seat[i].member->trouble) {
			group->seats.seat[i].member->trouble = false;
			return group->seats.seat[i].member->idx;
		}
	return 0;
}

struct group_counts group_counts(const struct group *group)
{
	return group->counts;
}
