/* A session without a relay: it says what a test tells it to, and remembers what it was asked. It stands in the place of
 * net/session.c in every program of tests/tui. */
#ifndef MOOT_TESTS_TUI_FAKE_SESSION_H
#define MOOT_TESTS_TUI_FAKE_SESSION_H

#include "net/session.h"

enum { FAKE_KEYS = 64, FAKE_SENT = 64 };

struct fake {
	struct session_security security;
	struct invite invite;
	struct {
		uint32_t number;
		uint8_t byte; /* the key is 32 of it; 0: not in the signed roster */
	} keys[FAKE_KEYS];
	size_t keys_count;
	struct command sent[FAKE_SENT];
	size_t sent_count;
	unsigned confirmed, agreed, disagreed;
	int passcode_error;
};
extern struct fake fake;

void fake_reset(void);
/** As if it came from the relay, or from the session itself. */
void fake_tell(const struct event *event);
/** Answer the command that was sent last. */
void fake_answer(bool ok, const char *code);
/** A seat: those of names (up to NULL) are there, the first is oneself and host; numbers from 1. */
void fake_seat(const char *const names[]);
/** This person shows this key from now on, in a new epoch; 0: none any more. */
void fake_key(uint32_t number, uint8_t byte);
/** The state, with its sentence; told as an event. */
void fake_security(enum security state, const char *text);
void fake_keys_turned(void);
/** The code of a key of this byte. */
const char *fake_code(uint8_t byte);

#endif
