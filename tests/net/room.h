/* A meeting with clients around it, as a relay would hold them: each effect goes to whom its reach means,
 * each client keeps a roster of what it is told, and what it was told is counted. Everything that a client
 * may not be told fails the test. */
#ifndef MOOT_TESTS_NET_ROOM_H
#define MOOT_TESTS_NET_ROOM_H

#include "net/meeting.h"
#include "net/meeting_state.h"
#include "net/roster.h"

struct client {
	bool connected;
	struct roster roster;
	unsigned told[EVENT_COUNT];
	struct event *last[EVENT_COUNT]; /* when room->keep */
};

struct room {
	struct meeting *meeting;
	struct policy policy;
	int64_t now_ms;
	uint64_t effects;
	bool keep; /* keep each client's last event of each kind */
	struct client *clients[NUMBERS_MAX + 1];
};

void room_open(struct room *room, const struct policy *policy);
void room_close(struct room *room);

/* Come to the door: key_byte fills the key. Returns the number, or -(enum refusal). */
int room_join(struct room *room, const char *name, uint8_t key_byte, bool host_key);
int room_knock(struct room *room, struct knock *knock);
enum refusal room_apply(struct room *room, uint32_t actor, const struct command *command);
/* Short for commands that only name a person. */
enum refusal room_do(struct room *room, uint32_t actor, enum word word, uint32_t number);
enum refusal room_set(struct room *room, uint32_t actor, enum control control, int32_t value);
enum refusal room_say(struct room *room, uint32_t actor, enum scope to, uint32_t number, const char *text);
void room_lost(struct room *room, uint32_t number);
enum refusal room_resume(struct room *room, uint32_t number, uint64_t chat_seq);
/* Forget what was told so far. */
void room_forget(struct room *room);
unsigned room_told(const struct room *room, uint32_t number, enum event_kind kind);
const struct event *room_last(const struct room *room, uint32_t number, enum event_kind kind);
const struct person *room_person(const struct room *room, uint32_t number);

/* Every connected client's roster says what the meeting says. */
void room_check_mirrors(struct room *room);
/* All that makes up the state, in one number (remembered leavers aside). */
uint64_t room_digest(const struct room *room);

#endif
