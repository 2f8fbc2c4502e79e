/* What waits for one person: four classes inside one connection, with the rules of what is dropped. Control is
 * never dropped (its overflow ends the link, which can resume); audio older than 200 ms is, oldest first; pictures are dropped whole,
 * then everything of that source and stream until its next keyframe. Bulk (pieces of files) waits for all
 * else and is never dropped; its receiver asks for no more than a little at a time. Control is JSON and pieces of the
 * end-to-end encryption, which keep their order. Pure: the clock is an argument. Also used by a client on its way up.
 * Buffers are counted, so that one is shared by a thousand queues. */
#ifndef MOOT_NET_QUEUE_H
#define MOOT_NET_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A counted buffer with room before its bytes (LINK_HEADROOM). Not thread-safe: one loop. */
struct buf;
struct buf *buf_new(const void *p, size_t n);           /* copies (p NULL: the caller fills it); one reference; NULL without memory */
struct buf *buf_ref(struct buf *buf);
void buf_unref(struct buf *buf);
uint8_t *buf_bytes(struct buf *buf);
size_t buf_size(const struct buf *buf);
/** One piece of the end-to-end encryption. NULL without memory, or out of range. */
struct wire_piece;
struct buf *buf_piece(const struct wire_piece *piece);
/** Is it JSON? Else frames or pieces, whose first byte is never '{': the high one of a length. */
bool buf_is_text(const struct buf *buf);

enum queue_class { QUEUE_CONTROL, QUEUE_AUDIO, QUEUE_PICTURE, QUEUE_BULK, QUEUE_CLASSES };

struct queue;

struct queue_limits {
	size_t control_bytes, picture_bytes, bulk_bytes;
	uint32_t audio_age_us, picture_age_us;
};
extern const struct queue_limits queue_limits_default;

struct queue *queue_new(const struct queue_limits *limits);
void queue_free(struct queue *queue);

/** Put one message in; takes no reference away from the caller. source, stream, keyframe: for pictures.
 * Returns 0, -EAGAIN (dropped, or waiting for a keyframe: ask for one), -ENOBUFS (control full: close the link), -ENOMEM. */
int queue_control(struct queue *queue, struct buf *json);
int queue_bulk(struct queue *queue, struct buf *json);
int queue_audio(struct queue *queue, struct buf *frame, int64_t now_us);
int queue_picture(struct queue *queue, struct buf *frame, uint16_t source, uint8_t stream, bool keyframe, int64_t now_us);

/** Nothing more of this stream until its next keyframe: for a receiver that begins to show it. */
void queue_picture_cut(struct queue *queue, uint16_t source, uint8_t stream);

/** Next to write: control first, then audio, then, only if pictures, a picture. Returns a reference the caller drops and its class, or NULL. Stale frames
 * are dropped on the way. */
struct buf *queue_take(struct queue *queue, bool pictures, int64_t now_us, enum queue_class *class);
/** Control messages of one sort, in their order, as many as fit: JSON, one a line, or pieces, back to back (*binary). dst: size
 * bytes. Returns bytes, 0 none, *binary untouched; a message larger than that is taken alone by queue_take(). */
size_t queue_gather(struct queue *queue, uint8_t *dst, size_t size, bool *binary);
/** The next piece of a file, a reference that the caller drops; NULL when there is none. */
struct buf *queue_take_bulk(struct queue *queue);
/** Like queue_take, but copies the frames of one binary message: all audio that fits, then, only if pictures, the next picture.
 * Control is left alone. dst: size bytes; a frame larger than that is dropped. Returns bytes, 0 none. */
size_t queue_bundle(struct queue *queue, uint8_t *dst, size_t size, bool pictures, int64_t now_us);

bool queue_empty(const struct queue *queue);
bool queue_has(const struct queue *queue, enum queue_class class);
/** Since the start: frames dropped of a class. */
uint64_t queue_dropped(const struct queue *queue, enum queue_class class);

#endif
