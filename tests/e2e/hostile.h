/* Drives tests/tools/hostile: a relay gone bad, or a man in the middle, before a real relay. Its commands are in
 * tests/tools/hostile_board.c. */
#ifndef MOOT_TESTS_E2E_HOSTILE_H
#define MOOT_TESTS_E2E_HOSTILE_H

#include "tests/e2e/drive.h"

struct hostile {
	struct child child;
	struct relay door;      /* what clients are told: address and pin; no relay to be stopped */
	json_t *answer;         /* the last */
};

/** With the relay's own certificate and key: the relay itself, as far as pins go. */
void hostile_start(struct hostile *hostile, const struct relay *relay);
/** With a certificate of its own: a man in the middle. */
void hostile_start_other(struct hostile *hostile, const struct relay *relay);
void hostile_stop(struct hostile *hostile);

/** Give a command; its answer must be ok. Borrowed, until the next. */
json_t *hostile_do(struct hostile *hostile, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Whatever the answer is. */
json_t *hostile_try(struct hostile *hostile, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** An integer of the answer. */
long hostile_count(struct hostile *hostile, const char *member, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** The text of chat goes by in clear nowhere; likewise any bytes. */
void hostile_never_saw(struct hostile *hostile, const void *p, size_t n);

#endif
