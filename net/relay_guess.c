/* How often one may guess. A guesser is slowed by address; a meeting that many addresses guess at lets each of them try
 * once in a while, so that the right passcode still gets in from an address that has not failed. A PIN, which the relay
 * itself compares, is guarded more closely: after too many failures nobody tries for an hour. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "net/relay_state.h"

enum {
	MINUTE_MS = 60 * 1000,
	ADDRESS_TRIES = 5, MEETING_TRIES = 30,                          /* a minute, then doubling waits */
	PIN_ADDRESS_TRIES = 5, PIN_ADDRESS_MS = 15 * MINUTE_MS,
	PIN_MEETING_TRIES = 50, PIN_MEETING_MS = 60 * MINUTE_MS,
	KEYS = 16384,
};

static int64_t now_ms(void)
{
	return loop_now_us() / 1000;
}

int guess_new(struct relay *relay)
{
	relay->address_limiter = limiter_new(ADDRESS_TRIES, MINUTE_MS, KEYS);
	relay->meeting_limiter = limiter_new(MEETING_TRIES, MINUTE_MS, KEYS);
	relay->pair_limiter = limiter_new(1, MINUTE_MS, KEYS);
	relay->pin_address_limiter = limiter_new_wait(PIN_ADDRESS_TRIES, PIN_ADDRESS_MS, PIN_ADDRESS_MS, KEYS);
	relay->pin_meeting_limiter = limiter_new_wait(PIN_MEETING_TRIES, PIN_MEETING_MS, PIN_MEETING_MS, KEYS);
	return relay->address_limiter && relay->meeting_limiter && relay->pair_limiter && relay->pin_address_limiter &&
	       relay->pin_meeting_limiter ? 0 : -ENOMEM;
}

void guess_free(struct relay *relay)
{
	limiter_free(relay->address_limiter);
	limiter_free(relay->meeting_limiter);
	limiter_free(relay->pair_limiter);
	limiter_free(relay->pin_address_limiter);
	limiter_free(relay->pin_meeting_limiter);
}

void guess_address(const struct conn *conn, uint8_t key[static RELAY_ADDRESS_BYTES])
{
	const char *address = link_address(conn->link);
	uint8_t v6[16];

	memset(key, 0, RELAY_ADDRESS_BYTES);
	if (inet_pton(AF_INET6, address, v6) == 1)
		memcpy(key, v6, 8);
	else
		inet_pton(AF_INET, address, key + 8);
}

static size_t pair_key(const struct conn *conn, const char *id, uint8_t key[static RELAY_ADDRESS_BYTES + MOOT_ID_SIZE])
{
	size_t n = strnlen(id, MOOT_ID_SIZE);

	guess_address(conn, key);
	memcpy(key + RELAY_ADDRESS_BYTES, id, n);
	return RELAY_ADDRESS_BYTES + n;
}

static bool free_to(struct limiter *limiter, const void *key, size_t n)
{
	return !limiter_wait(limiter, key, n, now_ms());
}

bool guess_may_token(const struct conn *conn)
{
	uint8_t key[RELAY_ADDRESS_BYTES];

	guess_address(conn, key);
	return free_to(conn->relay->address_limiter, key, sizeof key);
}

bool guess_may(const struct conn *conn, const char *id)
{
	const struct relay *relay = conn->relay;
	uint8_t key[RELAY_ADDRESS_BYTES + MOOT_ID_SIZE];
	size_t n = pair_key(conn, id, key);

	return free_to(relay->address_limiter, key, RELAY_ADDRESS_BYTES) &&
	       (free_to(relay->meeting_limiter, id, strlen(id)) || free_to(relay->pair_limiter, key, n));
}

void guess_failed(struct conn *conn, struct room *room, const char *id)
{
	struct relay *relay = conn->relay;
	uint8_t key[RELAY_ADDRESS_BYTES + MOOT_ID_SIZE];
	size_t n = pair_key(conn, id, key);

	limiter_failed(relay->address_limiter, key, RELAY_ADDRESS_BYTES, now_ms());
	limiter_failed(relay->meeting_limiter, id, strlen(id), now_ms());
	limiter_failed(relay->pair_limiter, key, n, now_ms());
	if (room)
		meeting_wrong_passcode(room->meeting);
}

void guess_stalled(struct conn *conn)
{
	uint8_t key[RELAY_ADDRESS_BYTES];

	guess_address(conn, key);
	limiter_failed(conn->relay->address_limiter, key, sizeof key, now_ms());
}

bool guess_may_pin(const struct conn *conn, const char *id)
{
	const struct relay *relay = conn->relay;
	uint8_t key[RELAY_ADDRESS_BYTES];

	guess_address(conn, key);
	return free_to(relay->pin_address_limiter, key, sizeof key) && free_to(relay->pin_meeting_limiter, id, strlen(id));
}

void guess_pin_failed(struct conn *conn, struct room *room, const char *id)
{
	struct relay *relay = conn->relay;
	uint8_t key[RELAY_ADDRESS_BYTES];

	guess_address(conn, key);
	limiter_failed(relay->pin_address_limiter, key, sizeof key, now_ms());
	limiter_failed(relay->pin_meeting_limiter, id, strlen(id), now_ms());
	if (room)
		meeting_wrong_passcode(room->meeting);
}
