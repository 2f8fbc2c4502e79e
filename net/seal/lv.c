/* LEB128 lengths, the shortest form only, so that a string of strings has one encoding. */
#include "net/seal/lv.h"

#include <string.h>

enum { LENGTH_BYTES = 5 }; /* of a length: up to 2^35, more than any buffer here */

struct lv lv_into(uint8_t *p, size_t size)
{
	return (struct lv) { .p = p, .size = size };
}

void lv_raw(struct lv *lv, const void *p, size_t n)
{
	if (lv->full || n > lv->size - lv->n) {
		lv->full = true;
		return;
	}
	if (n)
		memcpy(lv->p + lv->n, p, n);
	lv->n += n;
}

void lv_bytes(struct lv *lv, const void *p, size_t n)
{
	uint8_t length[10];
	size_t count = 0, rest = n;

	do {
		length[count++] = (uint8_t)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
		rest >>= 7;
	} while (rest);
	lv_raw(lv, length, count);
	lv_raw(lv, p, n);
}

void lv_text(struct lv *lv, const char *text)
{
	lv_bytes(lv, text, strlen(text));
}

static void put_number(struct lv *lv, uint64_t value, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> 8 * (n - 1 - i));
	lv_bytes(lv, bytes, n);
}

void lv_u16(struct lv *lv, uint16_t value)
{
	put_number(lv, value, 2);
}

void lv_u32(struct lv *lv, uint32_t value)
{
	put_number(lv, value, 4);
}

void lv_u64(struct lv *lv, uint64_t value)
{
	put_number(lv, value, 8);
}

struct lv_reader lv_from(const uint8_t *p, size_t n)
{
	return (struct lv_reader) { .p = p, .n = n };
}

static const uint8_t *fail(struct lv_reader *reader, size_t *n)
{
	reader->bad = true;
	*n = 0;
	return NULL;
}

const uint8_t *lv_read(struct lv_reader *reader, size_t *n)
{
	uint64_t length = 0;
	const uint8_t *at;
	size_t i = 0;

	do {
		if (reader->bad || i == reader->n || i == LENGTH_BYTES)
			return fail(reader, n);
		length |= (uint64_t)(reader->p[i] & 0x7F) << 7 * i;
	} while (reader->p[i++] & 0x80);
	if ((i > 1 && !reader->p[i - 1]) || length > reader->n - i)
		return fail(reader, n);
	at = reader->p + i;
	*n = (size_t)length;
	reader->p = at + length;
	reader->n -= i + (size_t)length;
	return at;
}

bool lv_read_exactly(struct lv_reader *reader, void *p, size_t n)
{
	size_t have;
	const uint8_t *at = lv_read(reader, &have);

	if (!at || have != n) {
		reader->bad = true;
		memset(p, 0, n);
		return false;
	}
	memcpy(p, at, n);
	return true;
}

static uint64_t read_number(struct lv_reader *reader, size_t n)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	lv_read_exactly(reader, bytes, n);
	for (size_t i = 0; i < n; i++)
		value = value << 8 | bytes[i];
	return value;
}

uint16_t lv_read_u16(struct lv_reader *reader)
{
	return (uint16_t)read_number(reader, 2);
}

uint32_t lv_read_u32(struct lv_reader *reader)
{
	return (uint32_t)read_number(reader, 4);
}

uint64_t lv_read_u64(struct lv_reader *reader)
{
	return read_number(reader, 8);
}

bool lv_done(const struct lv_reader *reader)
{
	return !reader->bad && !reader->n;
}
