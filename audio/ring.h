/* A ring of bytes between two threads: one writes, one reads, neither ever waits. */
#ifndef MOOT_AUDIO_RING_H
#define MOOT_AUDIO_RING_H

#include <stddef.h>

struct ring;

/** A ring that holds size bytes (rounded up to a power of two). NULL without memory. */
struct ring *ring_new(size_t size);
void ring_free(struct ring *ring);

/** Bytes that can be written now; the reader can only make them more. Writer's thread. */
size_t ring_room(const struct ring *ring);
/** Bytes written and not yet read; the reader can only make them fewer. Writer's thread. */
size_t ring_waiting(const struct ring *ring);
/** Append n bytes, all or none. Returns 0 or -EAGAIN (nothing written). Writer's thread; lock-free, no system
 * call. */
int ring_write(struct ring *ring, const void *bytes, size_t n);

/** Bytes that can be read now; the writer can only make them more. Reader's thread. */
size_t ring_fill(const struct ring *ring);
/** Take n bytes out, all or none; dst NULL throws them away. Returns 0 or -EAGAIN. Reader's thread;
 * lock-free. */
int ring_read(struct ring *ring, void *dst, size_t n);

#endif
