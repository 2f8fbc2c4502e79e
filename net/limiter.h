/* How often somebody may try: per key (an address, a meeting), so many in a window, then doubling waits.
 * Pure, bounded memory: the oldest idle key is forgotten first. */
#ifndef MOOT_NET_LIMITER_H
#define MOOT_NET_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;

/** tries in window_ms are free; after that 2, 4, 8, … times window_ms/tries between tries, at most an hour;
 * an hour of calm after the last wait and the key is as new. keys_max: how many keys are remembered. NULL
 * without memory. */
struct limiter *limiter_new(unsigned tries, uint32_t window_ms, size_t keys_max);
/** The same, but the first wait is wait_ms. */
struct limiter *limiter_new_wait(unsigned tries, uint32_t window_ms, uint32_t wait_ms, size_t keys_max);
void limiter_free(struct limiter *limiter);

/** May key (n bytes) try now? Returns 0, or the milliseconds to wait. Counts nothing. */
int64_t limiter_wait(struct limiter *limiter, const void *key, size_t n, int64_t now_ms);
/** A try failed. */
void limiter_failed(struct limiter *limiter, const void *key, size_t n, int64_t now_ms);

#endif
