/* Temporal noise reduction: a still camera's pixels stop trembling, moving ones pass at once. */
#ifndef MOOT_RENDER_DENOISE_H
#define MOOT_RENDER_DENOISE_H

#include <stddef.h>
#include <stdint.h>

/** Smooth n samples in place against what memory holds (n values in 1/16; it is updated). */
void denoise(uint8_t *samples, int16_t *memory, size_t n);
/** Start over from these samples. */
void denoise_reset(const uint8_t *samples, int16_t *memory, size_t n);

#endif
