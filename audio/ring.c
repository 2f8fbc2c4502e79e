/* The two positions only ever grow; their difference is the fill. Each is written by one side alone, and the
 * release of a position hands over the bytes that lie before it. They live on cache lines of their own. */
#include "audio/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ring {
	_Alignas(64) atomic_size_t written;
	_Alignas(64) atomic_size_t taken;
	_Alignas(64) size_t mask;
	uint8_t *bytes;
};

struct ring *ring_new(size_t size)
{
	size_t power = 64;
	while (power < size)
		power *= 2;
	struct ring *ring = aligned_alloc(64, sizeof *ring);
	uint8_t *bytes = calloc(1, power);
	if (!ring || !bytes) {
		free(ring);
		free(bytes);
		return NULL;
	}
	atomic_init(&ring->written, 0);
	atomic_init(&ring->taken, 0);
	ring->mask = power - 1;
	ring->bytes = bytes;
	return ring;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	free(ring->bytes);
	free(ring);
}

size_t ring_waiting(const struct ring *ring)
{
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	return atomic_load_explicit(&ring->written, memory_order_relaxed) - taken;
}

size_t ring_room(const struct ring *ring)
{
	return ring->mask + 1 - ring_waiting(ring);
}

size_t ring_fill(const struct ring *ring)
{
	size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
	return written - atomic_load_explicit(&ring->taken, memory_order_relaxed);
}

int ring_write(struct ring *ring, const void *bytes, size_t n)
{
	if (ring_room(ring) < n)
		return -EAGAIN;
	size_t at = atomic_load_explicit(&ring->written, memory_order_relaxed), i = at & ring->mask;
	size_t first = ring->mask + 1 - i < n ? ring->mask + 1 - i : n;
	memcpy(ring->bytes + i, bytes, first);
	memcpy(ring->bytes, (const uint8_t *)bytes + first, n - first);
	atomic_store_explicit(&ring->written, at + n, memory_order_release);
	return 0;
}

int ring_read(struct ring *ring, void *dst, size_t n)
{
	if (ring_fill(ring) < n)
		return -EAGAIN;
	size_t at = atomic_load_explicit(&ring->taken, memory_order_relaxed), i = at & ring->mask;
	size_t first = ring->mask + 1 - i < n ? ring->mask + 1 - i : n;
	if (dst) {
		memcpy(dst, ring->bytes + i, first);
		memcpy((uint8_t *)dst + first, ring->bytes, n - first);
	}
	atomic_store_explicit(&ring->taken, at + n, memory_order_release);
	return 0;
}
