/* A meeting of three behind a relay gone bad: Ann, who hosts and leads (number 1), Bo (2) and Cy (3), all with a microphone
 * that is off. For test_hostile*.c. */
#ifndef MOOT_TESTS_E2E_SIEGE_H
#define MOOT_TESTS_E2E_SIEGE_H

#include "net/seal/group_roster.h"
#include "tests/e2e/drive.h"
#include "tests/e2e/hostile.h"

struct siege {
	struct relay relay;
	struct hostile hostile;
	struct peer ann, bo, cy;
	char invite[600], id[40], passcode[80];
};
extern struct siege siege;

/* cmocka's: one relay for a whole program, a meeting for each case. */
int siege_begin(void **state);
int siege_end(void **state);
int siege_open(void **state);
int siege_close(void **state);
#define SIEGE(name) cmocka_unit_test_setup_teardown(name, siege_open, siege_close)

/** Somebody more, admitted by Ann, in with keys. */
void siege_enter(struct peer *peer, const char *name);
/** Joins and knocks, no more. */
void siege_knock(struct peer *peer, const char *name);
/** Ended somehow; not one of the three. */
void siege_gone(struct peer *peer);

/** The state of security that headless tells, waited for. */
void siege_secure(struct peer *peer, int state);
/** Paused, for this reason. */
void siege_paused(struct peer *peer, const char *reason);
int siege_state(struct peer *peer);
/** The event "error" with this code. */
void siege_error(struct peer *peer, const char *code);

/** The newest epoch that was signed. */
long siege_epoch(void);
/** ... when none came for 2 s. */
long siege_settle(void);
/** Ann turns the keys (by a change of roles and back) and all have them. */
void siege_turn(void);

/** One says something, the other reads it. */
void siege_said(struct peer *from, struct peer *to, const char *text);
void siege_say(struct peer *from, const char *text);
/** Nothing of this text comes, in so many seconds, or came since the last wait. */
void siege_not_read(struct peer *to, const char *text, double seconds);
/** The microphone goes on, the other hears, and it goes off again. */
void siege_heard(struct peer *from, int number, struct peer *to);
void siege_mic(struct peer *peer, bool on);
/** Somebody speaks, and no frame of it goes up. */
void siege_sends_nothing(struct peer *peer, int number);
void siege_hears(struct peer *to, int number, bool on);
/** No sound of this number comes on within so many seconds. */
void siege_not_heard(struct peer *to, int number, double seconds);
/** Frames that came of a number and kind ("audio", "video", "share") so far. */
long siege_frames(struct peer *to, int number, const char *kind);
/** No event of this kind with these members. */
void siege_never(struct peer *to, const char *event, const char *where, double seconds);

/** Everybody talks to everybody, by chat and by sound: the meeting lives. */
void siege_lives(void);

/** The newest roster that was seen, its bytes (SEAL's R message). Returns its length. */
size_t siege_roster(long epoch, uint8_t *out, size_t size);
/** The meeting's uuid, as the relay told it. */
void siege_uuid(uint8_t uuid[static SEAL_UUID]);
/** The secret of an epoch, out of the memory of somebody who has it; false when it is not there. */
bool siege_secret(const struct peer *peer, long epoch, uint8_t es[static SEAL_KEY]);

#endif
