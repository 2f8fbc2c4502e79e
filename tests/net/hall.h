/* A group in memory: people with real keys, and a relay between them that does as the test says. Person i has idx
 * i + 1. */
#ifndef MOOT_TESTS_NET_HALL_H
#define MOOT_TESTS_NET_HALL_H

#include "net/seal/group_state.h"
#include "net/seal/talk.h"

enum { HALL_PEOPLE = 12 };

struct hall_person {
	struct group *group;
	struct seal_self self;
	uint8_t ik[64];
	uint8_t psk[SEAL_KEY], nonce[SEAL_MEMBER_NONCE];
	enum group_verdict last;
	uint32_t joined;                /* the epoch that added them, 0 when not in */
};

struct hall {
	struct seal_meeting meeting;
	uint8_t h[32];                  /* SHA-256 of person 0's IK */
	struct hall_person people[HALL_PEOPLE];
	struct rotation last;
	int64_t now_ms;
};

/** Person 0 is the host and has made the first epoch; hosts_known: people know h. */
void hall_open(struct hall *hall, bool hosts_known);
/** The same with the meeting, the time and the keys that are in it already. */
void hall_begin(struct hall *hall);
void hall_close(struct hall *hall);
struct group *hall_group(struct hall *hall, unsigned i);
/** A new group of a person with the keys that they have, idx another one (0: i + 1). */
struct group *hall_person(struct hall *hall, unsigned i, uint16_t idx);

/** What a join would have agreed between leader and newcomer, and the hints of all who are there. */
void hall_knock(struct hall *hall, unsigned leader, unsigned i);
/** Stage the newcomer, rotate and tell everybody. */
void hall_join(struct hall *hall, unsigned leader, unsigned i, enum group_role role);
/** The leader draws the next epoch into hall->last; nobody is told. */
void hall_turn(struct hall *hall, unsigned leader);
/** ... and everybody is told, the leader apart. */
void hall_rotate(struct hall *hall, unsigned leader);
/** What the last turn says to one person. */
enum group_verdict hall_tell(struct hall *hall, unsigned i);
struct seal_bytes hall_roster(const struct hall *hall);
struct seal_bytes hall_wrap(const struct hall *hall, unsigned i);
struct seal_bytes hall_listing(const struct hall *hall);
/** A heartbeat from one to all. */
void hall_beat(struct hall *hall, unsigned leader);

/** Whether what one says now is heard by the other, in sound. */
bool hall_hears(struct hall *hall, unsigned from, unsigned to);
/** Seal one frame of audio; its length. */
int hall_say(struct hall *hall, unsigned from, uint8_t out[static 256]);
/** Open it: the length of what was said, or the error. */
int hall_hear(struct hall *hall, unsigned to, unsigned from, const uint8_t *frame, size_t n);

/** R's message with another content, signed by a person. Returns its length. out: GROUP_ROSTER bytes. */
size_t hall_forge(struct hall *hall, unsigned signer, const struct group_roster *roster, uint8_t *out);
/** The R that would be next after what a person has: no ops, the same people. */
struct group_roster hall_next(struct hall *hall, unsigned i);

#endif
