/* Published test vectors in JSON: hex strings, and numbers up to 2^64 - 1, which no JSON library reads whole. */
#ifndef MOOT_TESTS_NET_VECTORS_H
#define MOOT_TESTS_NET_VECTORS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** The file, its large numbers turned into strings; the test fails when it cannot be read. */
json_t *vectors_load(const char *path);
/** Bytes of a member of hex digits, either case. p: size bytes. Returns how many. */
size_t vectors_hex(json_t *object, const char *key, uint8_t *p, size_t size);
uint64_t vectors_u64(json_t *object, const char *key);

#endif
