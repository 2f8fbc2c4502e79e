/* What the tests of this folder need around them: a directory of their own, and waiting for a condition. */
#ifndef MOOT_TESTS_NET_PLACE_H
#define MOOT_TESTS_NET_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/loop.h"

/** Make a fresh directory, remove it and all in it. For cmocka's group setup and teardown. */
int place_make(void **state);
int place_remove(void **state);
/** PLACE/name; a static buffer, two of them in turn. */
const char *place_path(const char *name);
/** A certificate and key made once for this place: relay.crt, relay.key. */
const char *place_certificate(void);
const char *place_key(void);
void place_write(const char *name, const char *text);

/** Run the loop until the condition holds; fails the test after ten seconds. */
void run_until(struct loop *loop, bool (*holds)(void *arg), void *arg);
/** Run the loop until *flag. */
void run_until_set(struct loop *loop, const bool *flag);
/** Run the loop until *number is at least n. */
void run_until_count(struct loop *loop, const unsigned *number, unsigned n);

#endif
