/* The queue of one person: a ring for each class. What a late reader loses is decided here and nowhere else: nothing of
 * control, the oldest audio, and pictures from the first one lost up to the next keyframe, since what hangs on a lost
 * picture cannot be decoded. Which pictures are cut off is a short list; most of the time it is empty. */
#include "net/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/link.h"
#include "net/wire.h"

/* ---- counted buffers ------------------------------------------------------------------------------------ */

struct buf {
	size_t refs, size;
	uint8_t bytes[];        /* LINK_HEADROOM bytes for the link, then size bytes */
};

struct buf *buf_new(const void *p, size_t n)
{
	struct buf *buf = malloc(sizeof *buf + LINK_HEADROOM + n);

	if (!buf)
		return NULL;
	buf->refs = 1;
	buf->size = n;
	memset(buf->bytes, 0, LINK_HEADROOM);
	if (p && n)
		memcpy(buf->bytes + LINK_HEADROOM, p, n);
	return buf;
}

struct buf *buf_ref(struct buf *buf)
{
	buf->refs++;
	return buf;
}

void buf_unref(struct buf *buf)
{
	if (buf && !--buf->refs)
		free(buf);
}

uint8_t *buf_bytes(struct buf *buf)
{
	return buf->bytes + LINK_HEADROOM;
}

size_t buf_size(const struct buf *buf)
{
	return buf->size;
}

struct buf *buf_piece(const struct wire_piece *piece)
{
	struct buf *buf = buf_new(NULL, WIRE_HEADER_BYTES + piece->payload_bytes);

	if (buf && wire_piece_header(buf_bytes(buf), piece) < 0) {
		buf_unref(buf);
		return NULL;
	}
	if (buf && piece->payload_bytes)
		memcpy(buf_bytes(buf) + WIRE_HEADER_BYTES, piece->payload, piece->payload_bytes);
	return buf;
}

bool buf_is_text(const struct buf *buf)
{
	return buf->size && buf->bytes[LINK_HEADROOM] == '{';
}

/* ---- one class ------------------------------------------------------------------------------------------ */

struct item {
	struct buf *buf;
	int64_t put_us;
	uint16_t source;
	uint8_t stream;
};

struct ring {
	struct item *items;
	uint32_t head, count, size;     /* size: a power of two, or 0 */
	size_t bytes;
	uint64_t dropped;
};

static struct item *ring_at(const struct ring *ring, uint32_t i)
{
	return &ring->items[(ring->head + i) & (ring->size - 1)];
}

static int ring_grow(struct ring *ring)
{
	uint32_t size = ring->size ? ring->size * 2 : 8;
	struct item *items = calloc(size, sizeof *items);

	if (!items)
		return -ENOMEM;
	for (uint32_t i = 0; i < ring->count; i++)
		items[i] = *ring_at(ring, i);
	free(ring->items);
	ring->items = items;
	ring->head = 0;
	ring->size = size;
	return 0;
}

static int ring_put(struct ring *ring, const struct item *item)
{
	if (ring->count == ring->size && ring_grow(ring))
		return -ENOMEM;
	*ring_at(ring, ring->count++) = *item;
	ring->bytes += item->buf->size;
	buf_ref(item->buf);
	return 0;
}

/* The oldest; its reference goes to the caller. */
static struct buf *ring_take(struct ring *ring)
{
	struct buf *buf = ring_at(ring, 0)->buf;

	ring->head = (ring->head + 1) & (ring->size - 1);
	ring->count--;
	ring->bytes -= buf->size;
	return buf;
}

static void ring_drop(struct ring *ring)
{
	buf_unref(ring_take(ring));
	ring->dropped++;
}

static void ring_clear(struct ring *ring)
{
	while (ring->count)
		ring_drop(ring);
	free(ring->items);
}

/* ---- the queue ------------------------------------------------------------------------------------------ */

/* A stream that lost a picture and waits for its next keyframe. */
struct cut {
	uint16_t source;
	uint8_t stream;
};

struct queue {
	struct queue_limits limits;
	struct ring ring[QUEUE_CLASSES];
	struct cut *cuts;
	uint32_t cut_count, cut_size;
};

const struct queue_limits queue_limits_default = {
	.control_bytes = 1024 * 1024,
	.picture_bytes = 512 * 1024,
	.bulk_bytes = 8 * 1024 * 1024,  /* what one may ask for of all files at once, and a half */
	.audio_age_us = 200 * 1000,
	.picture_age_us = 1000 * 1000,
};

enum { AUDIO_COUNT_MAX = 256 };         /* whatever their age */

struct queue *queue_new(const struct queue_limits *limits)
{
	struct queue *queue = calloc(1, sizeof *queue);

	if (queue)
		queue->limits = *limits;
	return queue;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	for (int c = 0; c < QUEUE_CLASSES; c++)
		ring_clear(&queue->ring[c]);
	free(queue->cuts);
	free(queue);
}

static int put_text(struct ring *ring, struct buf *json, size_t limit)
{
	if (ring->bytes + json->size > limit)
		return -ENOBUFS;
	return ring_put(ring, &(struct item){ .buf = json });
}

int queue_control(struct queue *queue, struct buf *json)
{
	return put_text(&queue->ring[QUEUE_CONTROL], json, queue->limits.control_bytes);
}

int queue_bulk(struct queue *queue, struct buf *json)
{
	return put_text(&queue->ring[QUEUE_BULK], json, queue->limits.bulk_bytes);
}

size_t queue_gather(struct queue *queue, uint8_t *dst, size_t size, bool *binary)
{
	struct ring *ring = &queue->ring[QUEUE_CONTROL];
	bool text = ring->count && buf_is_text(ring_at(ring, 0)->buf);
	size_t n = 0;

	while (ring->count && buf_is_text(ring_at(ring, 0)->buf) == text &&
	       n + (text && n) + ring_at(ring, 0)->buf->size <= size) {
		struct buf *buf = ring_take(ring);

		if (text && n)
			dst[n++] = '\n';
		memcpy(dst + n, buf_bytes(buf), buf->size);
		n += buf->size;
		buf_unref(buf);
	}
	if (n)
		*binary = !text;
	return n;
}

struct buf *queue_take_bulk(struct queue *queue)
{
	struct ring *ring = &queue->ring[QUEUE_BULK];

	return ring->count ? ring_take(ring) : NULL;
}

static void drop_stale_audio(struct queue *queue, int64_t now_us)
{
	struct ring *ring = &queue->ring[QUEUE_AUDIO];

	while (ring->count && now_us - ring_at(ring, 0)->put_us > queue->limits.audio_age_us)
		ring_drop(ring);
}

int queue_audio(struct queue *queue, struct buf *frame, int64_t now_us)
{
	struct ring *ring = &queue->ring[QUEUE_AUDIO];

	drop_stale_audio(queue, now_us);
	if (ring->count >= AUDIO_COUNT_MAX)
		ring_drop(ring);
	return ring_put(ring, &(struct item){ .buf = frame, .put_us = now_us });
}

static uint32_t find_cut(const struct queue *queue, uint16_t source, uint8_t stream)
{
	uint32_t i = 0;

	while (i < queue->cut_count && (queue->cuts[i].source != source || queue->cuts[i].stream != stream))
		i++;
	return i;
}

static int add_cut(struct queue *queue, uint16_t source, uint8_t stream)
{
	if (find_cut(queue, source, stream) < queue->cut_count)
		return 0;
	if (queue->cut_count == queue->cut_size) {
		uint32_t size = queue->cut_size ? queue->cut_size * 2 : 4;
		struct cut *cuts = realloc(queue->cuts, size * sizeof *cuts);

		if (!cuts)
			return -ENOMEM;
		queue->cuts = cuts;
		queue->cut_size = size;
	}
	queue->cuts[queue->cut_count++] = (struct cut){ source, stream };
	return 0;
}

static void end_cut(struct queue *queue, uint16_t source, uint8_t stream)
{
	uint32_t i = find_cut(queue, source, stream);

	if (i < queue->cut_count)
		queue->cuts[i] = queue->cuts[--queue->cut_count];
}

/* Drop all that waits of one stream. */
static void drop_stream(struct queue *queue, uint16_t source, uint8_t stream)
{
	struct ring *ring = &queue->ring[QUEUE_PICTURE];
	uint32_t kept = 0, count = ring->count;

	for (uint32_t i = 0; i < count; i++) {
		struct item item = *ring_at(ring, i);

		if (item.source != source || item.stream != stream) {
			*ring_at(ring, kept++) = item;
			continue;
		}
		ring->bytes -= item.buf->size;
		ring->dropped++;
		buf_unref(item.buf);
	}
	ring->count = kept;
}

/* Without memory for the list, what comes next decodes badly until its keyframe, but nothing grows. */
static void cut_stream(struct queue *queue, uint16_t source, uint8_t stream)
{
	drop_stream(queue, source, stream);
	add_cut(queue, source, stream);
}

void queue_picture_cut(struct queue *queue, uint16_t source, uint8_t stream)
{
	cut_stream(queue, source, stream);
}

static void drop_stale_pictures(struct queue *queue, int64_t now_us)
{
	struct ring *ring = &queue->ring[QUEUE_PICTURE];

	while (ring->count && now_us - ring_at(ring, 0)->put_us > queue->limits.picture_age_us)
		cut_stream(queue, ring_at(ring, 0)->source, ring_at(ring, 0)->stream);
}

static bool picture_fits(const struct queue *queue, const struct buf *frame)
{
	const struct ring *ring = &queue->ring[QUEUE_PICTURE];

	return !ring->count || ring->bytes + frame->size <= queue->limits.picture_bytes;
}

int queue_picture(struct queue *queue, struct buf *frame, uint16_t source, uint8_t stream, bool keyframe, int64_t now_us)
{
	struct ring *ring = &queue->ring[QUEUE_PICTURE];
	struct item item = { frame, now_us, source, stream };

	drop_stale_pictures(queue, now_us);
	if (keyframe) {
		end_cut(queue, source, stream);
		if (!picture_fits(queue, frame))
			drop_stream(queue, source, stream);
	} else if (find_cut(queue, source, stream) < queue->cut_count) {
		ring->dropped++;
		return -EAGAIN;
	}
	if (picture_fits(queue, frame))
		return ring_put(ring, &item);
	cut_stream(queue, source, stream);
	ring->dropped++;
	return -EAGAIN;
}

static void drop_stale(struct queue *queue, int64_t now_us)
{
	drop_stale_audio(queue, now_us);
	drop_stale_pictures(queue, now_us);
}

struct buf *queue_take(struct queue *queue, bool pictures, int64_t now_us, enum queue_class *class)
{
	drop_stale(queue, now_us);
	for (int c = 0; c < (pictures ? QUEUE_BULK : QUEUE_PICTURE); c++) {
		if (!queue->ring[c].count)
			continue;
		*class = (enum queue_class)c;
		return ring_take(&queue->ring[c]);
	}
	return NULL;
}

/* Move the oldest frame into dst if it fits; one that no message could carry is dropped. */
static size_t move_frame(struct ring *ring, uint8_t *dst, size_t used, size_t size)
{
	struct buf *buf = ring_at(ring, 0)->buf;
	size_t n = buf->size;

	if (n > size) {
		ring_drop(ring);
		return 0;
	}
	if (n > size - used)
		return 0;
	memcpy(dst + used, buf_bytes(buf), n);
	buf_unref(ring_take(ring));
	return n;
}

size_t queue_bundle(struct queue *queue, uint8_t *dst, size_t size, bool pictures, int64_t now_us)
{
	struct ring *audio = &queue->ring[QUEUE_AUDIO], *picture = &queue->ring[QUEUE_PICTURE];
	size_t used = 0, n;

	drop_stale(queue, now_us);
	while (audio->count && (n = move_frame(audio, dst, used, size)))
		used += n;
	if (pictures && picture->count)
		used += move_frame(picture, dst, used, size);
	return used;
}

bool queue_empty(const struct queue *queue)
{
	for (int c = 0; c < QUEUE_CLASSES; c++)
		if (queue->ring[c].count)
			return false;
	return true;
}

bool queue_has(const struct queue *queue, enum queue_class class)
{
	return queue->ring[class].count > 0;
}

uint64_t queue_dropped(const struct queue *queue, enum queue_class class)
{
	return queue->ring[class].dropped;
}
