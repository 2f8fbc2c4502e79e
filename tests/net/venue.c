#include "tests/net/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/cert.h"

void venue_open(struct venue *venue, const char *address)
{
	struct relay_params params = { .address = address, .certificate = venue->certificate, .key = venue->key };

	policy_init(&params.policy);
	assert_int_equal(relay_new(venue->loop, &params, &venue->relay), 0);
	strcpy(venue->pin, relay_pin(venue->relay));
}

int venue_setup_bare(void **state)
{
	struct venue *venue = calloc(1, sizeof *venue);

	venue->host = "127.0.0.1";
	strcpy(venue->dir, "/tmp/moot-relay-test.XXXXXX");
	if (!mkdtemp(venue->dir))
		return -1;
	snprintf(venue->certificate, sizeof venue->certificate, "%s/certificate.pem", venue->dir);
	snprintf(venue->key, sizeof venue->key, "%s/key.pem", venue->dir);
	venue->loop = loop_new();
	*state = venue;
	return cert_ensure(venue->certificate, venue->key, "localhost") < 0 ? -1 : 0;
}

int venue_setup(void **state)
{
	if (venue_setup_bare(state))
		return -1;
	venue_open(*state, NULL);
	return 0;
}

int venue_teardown(void **state)
{
	struct venue *venue = *state;

	for (size_t i = 0; i < venue->peer_count; i++)
		peer_free(venue->peers[i]);
	relay_free(venue->relay);
	loop_free(venue->loop);
	unlink(venue->certificate);
	unlink(venue->key);
	rmdir(venue->dir);
	free(venue);
	return 0;
}

struct peer *venue_peer_at(struct venue *venue, const char *host)
{
	assert_true(venue->peer_count < VENUE_PEERS);
	venue->peers[venue->peer_count] = peer_new(venue->loop, host, relay_port(venue->relay), venue->pin);
	return venue->peers[venue->peer_count++];
}

struct peer *venue_peer(struct venue *venue)
{
	return venue_peer_at(venue, venue->host);
}

struct peer *venue_host(struct venue *venue)
{
	struct peer *host = venue_peer(venue);

	peer_create(host, "Ann");
	return host;
}

void set_control(struct peer *host, enum control control, int32_t value)
{
	struct command set = { .word = WORD_SET, .control = control, .value = value };

	assert_string_equal(peer_ask(host, &set), "");
}

struct peer *venue_waiting(struct venue *venue, struct peer *host, const char *name)
{
	struct peer *guest = venue_peer(venue);

	peer_join(guest, name, host->id, VENUE_PASSCODE);
	peer_expect(guest, EVENT_WAITING);
	peer_expect(host, EVENT_KNOCK);
	return guest;
}

struct peer *venue_guest(struct venue *venue, struct peer *host, const char *name)
{
	struct peer *guest = venue_waiting(venue, host, name);
	struct command admit = { .word = WORD_ADMIT, .who_count = 1 };

	admit.who[0] = guest->number;
	assert_string_equal(peer_ask(host, &admit), "");
	peer_expect(guest, EVENT_TICKET);
	return guest;
}

struct command about(enum word word, const struct peer *peer)
{
	return (struct command){ .word = word, .number = peer->number };
}
