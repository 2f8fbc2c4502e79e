/* From the media workers to the loop: a bounded mailbox that is emptied on the loop's thread. Takes care that
 * nothing is delivered after mailbox_free(), whatever was still on its way. */
#ifndef MOOT_TUI_MAILBOX_H
#define MOOT_TUI_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

struct mailbox;

enum { MAILBOX_LETTERS_MAX = 512, MAILBOX_BYTES_MAX = 2 * 1024 * 1024 };

struct letter {
	uint32_t kind; /* the caller's */
	uint32_t source, stream;
	uint32_t timestamp;
	uint8_t level, flags;
	size_t n;
	const uint8_t *bytes; /* n bytes */
};

/** fn: called for each letter, in order, on the loop's thread; bytes are its own until it returns. NULL
 * without memory or descriptors (errno). */
struct mailbox *mailbox_new(struct loop *loop, void (*fn)(void *arg, const struct letter *letter), void *arg);
/** After every thread that posts has ended. */
void mailbox_free(struct mailbox *mailbox);
/** Copies. Any thread, never waits for the loop. 0, -EAGAIN (full, dropped) or -ENOMEM. */
int mailbox_post(struct mailbox *mailbox, const struct letter *letter);

#endif
