/* A relay on a loop of its own, and raw peers around it. For cmocka: struct venue is the state. */
#ifndef MOOT_TESTS_NET_VENUE_H
#define MOOT_TESTS_NET_VENUE_H

#include "net/relay.h"
#include "tests/net/peer.h"

#define VENUE_PASSCODE "246810"

enum { VENUE_PEERS = 256 };

struct venue {
	char dir[64], certificate[96], key[96];
	struct loop *loop;
	struct relay *relay;
	const char *host;
	char pin[LINK_PIN_SIZE];
	struct peer *peers[VENUE_PEERS];
	size_t peer_count;
};

/** A relay on loopback with the shipped policy. _bare: a certificate only. */
int venue_setup(void **state);
int venue_setup_bare(void **state);
int venue_teardown(void **state);
void venue_open(struct venue *venue, const char *address);

struct peer *venue_peer(struct venue *venue);
struct peer *venue_peer_at(struct venue *venue, const char *host);
/** Ann, who has created a meeting. */
struct peer *venue_host(struct venue *venue);
/** Somebody whom the host lets in. */
struct peer *venue_guest(struct venue *venue, struct peer *host, const char *name);
/** Somebody who waits. */
struct peer *venue_waiting(struct venue *venue, struct peer *host, const char *name);

struct command about(enum word word, const struct peer *peer);
void set_control(struct peer *host, enum control control, int32_t value);

#endif
