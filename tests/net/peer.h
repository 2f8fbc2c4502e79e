/* A raw participant for tests: one link to a relay on the same loop, what it heard, and waiting for more of it. It has no keys:
 * it says "hello" at the door and its passcode as the proof, and who leads compares that.
 * Every wait ends with what was expected or fails the test after PEER_PATIENCE_MS. */
#ifndef MOOT_TESTS_PEER_H
#define MOOT_TESTS_PEER_H

#include "net/identity.h"
#include "net/link.h"
#include "net/wire.h"

enum { PEER_PATIENCE_MS = 20000, PEER_STREAM_MAX = STREAM_COUNT };

struct peer_piece {
	struct wire_piece piece;        /* payload: this one's own */
	size_t events;                  /* how many events came before it */
};

struct peer {
	struct loop *loop;
	struct link *link;              /* NULL once closed */
	const char *pin;
	struct identity identity;
	uint8_t nonce[MOOT_NONCE_BYTES];
	uint32_t number;                /* once joined or waiting */
	uint32_t request;
	char id[MOOT_ID_SIZE];
	uint8_t ticket[MOOT_TICKET_BYTES], host_key[MOOT_HOST_KEY_BYTES];
	struct event *events;           /* all that were heard */
	size_t event_count, event_size, seen;   /* seen: what expect() went past */
	uint64_t frames[STREAM_COUNT];
	uint64_t frames_from[64];       /* of sources below 64 */
	char passcode[MOOT_PASSCODE_SIZE];
	bool manual;                    /* answers no pieces and no DOOR by itself */
	uint8_t uuid[MOOT_UUID_BYTES];
	struct peer_piece *pieces;      /* all that were heard */
	size_t piece_count, piece_size, piece_seen;
	struct outgoing *out, **out_end;
	bool opened;
	int end;                        /* why it closed */
};

/** Connect and wait for hello. */
struct peer *peer_new(struct loop *loop, const char *host, uint16_t port, const char *pin);
void peer_free(struct peer *peer);

/** Send bytes as they are. */
void peer_text(struct peer *peer, const char *text);
void peer_binary(struct peer *peer, const void *p, size_t n);
/** Send a command; its request number is set and returned. */
uint32_t peer_send(struct peer *peer, struct command *command);
/** Send a command and wait for its answer: "" when it was done, else the code. */
const char *peer_ask(struct peer *peer, struct command *command);

/** Create a meeting (passcode 246810) and wait until joined. */
void peer_create(struct peer *peer, const char *name);
/** Send CREATE or JOIN; its key, proof and version are set. kind: KIND_TERMINAL is 0. */
void peer_enter(struct peer *peer, struct command *command);
/** Ask to join; nothing is awaited. */
void peer_join(struct peer *peer, const char *name, const char *id, const char *passcode);
void peer_resume(struct peer *peer, const char *id, const uint8_t *ticket);

/** One frame of n payload bytes as its own source. */
void peer_frame(struct peer *peer, enum stream stream, uint8_t level, uint8_t flags, size_t n);

/** The next event of this kind that expect() has not passed yet, waiting for it. Until the next wait. */
const struct event *peer_expect(struct peer *peer, enum event_kind kind);
/** Send one piece. */
void peer_piece(struct peer *peer, enum wire_seal kind, uint32_t source, const void *payload, size_t n);
/** The next piece of this kind that was not passed yet, waiting for it. Until the next wait. */
const struct peer_piece *peer_expect_piece(struct peer *peer, enum wire_seal kind);
/** How many of a kind it has heard. */
size_t peer_pieces(const struct peer *peer, enum wire_seal kind);
/** Has it heard such an event at all? */
bool peer_heard(const struct peer *peer, enum event_kind kind);
/** Wait until the link closed. Returns why. */
int peer_expect_end(struct peer *peer);
/** Wait until so many frames of a stream came. */
void peer_expect_frames(struct peer *peer, enum stream stream, uint64_t n);
/** Wait until everything that was sent so far has been worked on: asks something and waits for the answer. */
void peer_settle(struct peer *peer);
/** Serve the loop until done(arg). */
void peer_wait(struct loop *loop, bool (*done)(void *arg), void *arg, const char *what);

#endif
