/* Length-value encoding, CPace's lv_cat: each string preceded by its length (LEB128, shortest form), one after the
 * other. Everything that is hashed or signed end to end is built with it, so that no two different things have the
 * same bytes. Pure; no allocation. */
#ifndef MOOT_NET_SEAL_LV_H
#define MOOT_NET_SEAL_LV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is being written. Writing past the end sets full, which stays set; n never exceeds size. */
struct lv {
	uint8_t *p;
	size_t n, size;
	bool full;
};

struct lv lv_into(uint8_t *p, size_t size);
void lv_bytes(struct lv *lv, const void *p, size_t n); /* one string: its length, then it */
void lv_text(struct lv *lv, const char *text);         /* ... of a C string, without its NUL */
void lv_u16(struct lv *lv, uint16_t value);            /* ... of an integer, big-endian */
void lv_u32(struct lv *lv, uint32_t value);
void lv_u64(struct lv *lv, uint64_t value);
void lv_raw(struct lv *lv, const void *p, size_t n);   /* no length before it */

/* What is being read. A string too long, a length not in its shortest form or a wrong size sets bad, which stays
 * set; what is returned then is empty or 0. */
struct lv_reader {
	const uint8_t *p;
	size_t n; /* left */
	bool bad;
};

struct lv_reader lv_from(const uint8_t *p, size_t n);
const uint8_t *lv_read(struct lv_reader *reader, size_t *n);           /* into the bytes read */
/** Exactly n bytes. */
bool lv_read_exactly(struct lv_reader *reader, void *p, size_t n);
uint16_t lv_read_u16(struct lv_reader *reader);
uint32_t lv_read_u32(struct lv_reader *reader);
uint64_t lv_read_u64(struct lv_reader *reader);
/** Nothing went wrong and nothing is left. */
bool lv_done(const struct lv_reader *reader);

#endif
