/* The rules of a meeting, as one pure state machine: no clock, no socket, no log, no randomness, and no
 * allocation after meeting_new(). The relay is the only one who asks it. Times are milliseconds of any steady
 * clock, the same for all calls; chat carries Unix time that the caller passes.
 *
 * Who may do what is a table (meeting_rules.c): for each word the least role, who it may touch, and the
 * handler. A handler checks everything first and changes the state after; a refusal leaves no trace.
 *
 * Effects come out through a sink, in order, before the call returns. The sink must not call back into the
 * meeting. One thread. */
#ifndef MOOT_NET_MEETING_H
#define MOOT_NET_MEETING_H

#include <stddef.h>

#include "net/message.h"
#include "net/policy.h"

struct meeting;

enum reach {
	REACH_ONE,     /* the person with number `to`, seated or waiting */
	REACH_ROOM,    /* everyone seated */
	REACH_OTHERS,  /* everyone seated but `to` */
	REACH_HOSTS,   /* host and co-hosts */
	REACH_WAITING, /* everyone who waits */
	REACH_ALL,     /* seated and waiting */
	REACH_PLACE,   /* everyone seated in the breakout room (0: the main one) that `place` says */
};
/* A reach means the people as they are at the moment of the call; the sink may ask the const questions below.
 */

struct effect {
	enum reach reach;
	uint32_t to, place;
	bool close; /* after the event, end the connection of `to` (removed, denied, left; all when ended) */
	const struct event *event; /* until the sink returns */
};

typedef void meeting_sink(void *arg, const struct effect *effect);

/* What somebody at the door shows. The caller has checked signature, passcode and host key already. */
struct knock {
	const char *name;
	enum kind kind;
	enum sealed sealed;
	uint32_t version[3];
	const uint8_t *key; /* MOOT_KEY_BYTES, proven */
	bool passcode_ok, host_key_ok;
	enum mic mic;
	bool camera;
	int64_t unix_ms; /* since when they wait, for the hosts' list */
};

/** A meeting with nobody in it. id, title: checked by the caller. policy: copied. Returns NULL without
 * memory. */
struct meeting *meeting_new(const char *id, const char *title, const struct policy *policy,
			    meeting_sink *sink, void *arg);
void meeting_free(struct meeting *meeting);

/** Somebody at the door, in MEETING order: version, kind, passcode, name, removed, locked, full, waiting
 * room. On 0, *number is theirs for good, and effects seat them (EVENT_PERSON…, EVENT_CONTROL…, EVENT_JOINED)
 * or let them wait (EVENT_WAITING, EVENT_KNOCK). now_ms: steady. Returns REFUSED_NOT or the reason; no effect
 * then. */
enum refusal meeting_join(struct meeting *meeting, const struct knock *knock, int64_t now_ms,
			  uint32_t *number);

/** One command by a person with a seat or in the waiting room. unix_ms: shown with chat. */
enum refusal meeting_apply(struct meeting *meeting, uint32_t actor, const struct command *command,
			   int64_t now_ms, int64_t unix_ms);

/** Somebody in the meeting or waiting for it proved the host key (the caller checked it; WORD_CLAIM itself is
 * refused by meeting_apply): seated if need be, and host; who was host is co-host. REFUSED_NOT_IN,
 * REFUSED_ALREADY, REFUSED_FULL. */
enum refusal meeting_claim(struct meeting *meeting, uint32_t number, int64_t now_ms);

/** Somebody tried a wrong passcode: the hosts are told how many there were. */
void meeting_wrong_passcode(struct meeting *meeting);

/** The line of a person broke: a seat is held and shown as away, one who waits is gone. */
void meeting_lost(struct meeting *meeting, uint32_t number, int64_t now_ms);

/** The holder of a ticket is back (the caller checked the ticket): the seat with role, hand and mute state,
 * then the chat after chat_seq that this person may see. REFUSED_REMOVED, REFUSED_BAD_TICKET (nobody away by
 * that number). */
enum refusal meeting_resume(struct meeting *meeting, uint32_t number, uint64_t chat_seq, int64_t now_ms);

/** The administrator changed the policy of the running relay. What it locks now stands at its value at once, for
 * everyone to see (EVENT_CONTROLS by nobody); kinds no longer allowed are shown out (code kind-not-allowed);
 * limits count from the next person on; start values are for new meetings. */
void meeting_set_policy(struct meeting *meeting, const struct policy *policy, int64_t now_ms);

/** Let time pass: seats whose hold ran out are given up, but the host's waits while anybody else is there; a
 * meeting without a live line for that long ends ("empty"). Returns ms until it wants to be called again, or
 * -1. Call it after anything that changed the meeting, and when that time has come. */
int64_t meeting_tick(struct meeting *meeting, int64_t now_ms);

/** End it, whoever asks (relay stopping): everyone gets EVENT_ENDED with this code. */
void meeting_end(struct meeting *meeting, const char *code);

bool meeting_ended(const struct meeting *meeting);
/** Seated, away included. */
uint32_t meeting_people(const struct meeting *meeting);
uint32_t meeting_waiting(const struct meeting *meeting);
/** A person by number, seated or waiting; NULL otherwise. Until the next call that changes the meeting. */
const struct person *meeting_person(const struct meeting *meeting, uint32_t number);
/** Walk over the seated: start with *at = 0; NULL at the end. */
const struct person *meeting_next(const struct meeting *meeting, uint32_t *at);
/** The same over those who wait, in the order they came. */
const struct person *meeting_next_waiting(const struct meeting *meeting, uint32_t *at);
/** True when media of one may reach the other: both seated, with a line, in the same room. */
bool meeting_together(const struct meeting *meeting, uint32_t a, uint32_t b);
int32_t meeting_control(const struct meeting *meeting, enum control control);
/** True when this person may send frames of this stream now (seated, not muted, video on, sharing). */
bool meeting_may_send(const struct meeting *meeting, uint32_t number, enum stream stream);

#endif
