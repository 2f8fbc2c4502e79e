/* The relay as a whole: it begins by listening and ends in order. */
#include "net/relay.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "net/cert.h"
#include "net/relay_state.h"

enum {
	FILES_SPARE = 64,               /* descriptors kept for everything but links */
	HANDSHAKE_MS = 10 * 1000,
};

void relay_log(struct relay *relay, int level, const char *event, const char *text)
{
	if (relay->params.log)
		relay->params.log(relay->params.log_arg, level, event, text);
}

static bool is_loopback(const char *address)
{
	return !address || !strncmp(address, "127.", 4) || !strcmp(address, "::1") || !strcmp(address, "localhost");
}

static uint32_t links_max(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == RLIM_INFINITY || files.rlim_cur > 1000000)
		return 1000000;
	return files.rlim_cur > 2 * FILES_SPARE ? (uint32_t)files.rlim_cur - FILES_SPARE : FILES_SPARE;
}

static int listen_on(struct relay *relay)
{
	const struct relay_params *params = &relay->params;
	uint32_t links = links_max();
	struct link_server server = {
		.address = params->address ? params->address : "127.0.0.1",
		.port = params->port,
		.certificate = params->certificate,
		.key = params->key,
		.tls12 = params->tls12,
		.links_max = links,
		.links_per_address_max = links / 2,     /* nobody alone takes every place */
		.handshake_ms = HANDSHAKE_MS,
		.on_accept = conn_accept,
		.server_arg = relay,
	};

	return link_listen(relay->loop, &server, &conn_link_ops, &relay->listener, &relay->port);
}

static void ignore_effect(void *arg, const struct effect *effect)
{
	(void)arg;
	(void)effect;
}

/* What a meeting's hosts let in is told only to those who know its passcode: what all meetings have in common is told to
 * anybody. */
static struct policy nowhere_policy(const struct policy *policy)
{
	struct policy nowhere = *policy;

	nowhere.value[CONTROL_KINDS] = KINDS_PHONE;
	return nowhere;
}

static int prepare(struct relay *relay)
{
	struct policy nowhere;

	if (sodium_init() < 0)
		return -ENOSYS;
	randombytes_buf(relay->secret, sizeof relay->secret);
	relay->scratch = malloc(LINK_HEADROOM + WIRE_BINARY_MAX);
	nowhere = nowhere_policy(&relay->params.policy);
	relay->nowhere = meeting_new("", "", &nowhere, ignore_effect, NULL);
	relay->passcodes = passcodes_new(relay->loop);
	if (!relay->scratch || !relay->nowhere || !relay->passcodes || guess_new(relay))
		return -ENOMEM;
	if (!relay->params.token)
		return 0;
	relay->token = strdup(relay->params.token);
	return relay->token ? 0 : -ENOMEM;
}

int relay_new(struct loop *loop, const struct relay_params *params, struct relay **out)
{
	struct relay *relay = calloc(1, sizeof *relay);
	int err;

	if (!relay)
		return -ENOMEM;
	relay->loop = loop;
	relay->params = *params;
	relay->loopback = is_loopback(params->address);
	err = prepare(relay);
	if (!err)
		err = cert_pin(params->certificate, relay->pin);
	if (!err)
		err = listen_on(relay);
	if (err) {
		relay_free(relay);
		return err;
	}
	/* Only needed to listen; they may go now. */
	relay->params.address = relay->params.certificate = relay->params.key = relay->params.token = NULL;
	*out = relay;
	return 0;
}

void relay_set_policy(struct relay *relay, const struct policy *policy)
{
	struct policy nowhere;
	struct room *next;

	relay->params.policy = *policy;
	nowhere = nowhere_policy(policy);
	meeting_set_policy(relay->nowhere, &nowhere, 0);
	for (struct room *room = relay->rooms; room; room = next) {
		next = room->next;
		room_set_policy(room, policy);
	}
}

uint16_t relay_port(const struct relay *relay)
{
	return relay->port;
}

const char *relay_pin(const struct relay *relay)
{
	return relay->pin;
}

static void on_stopped(void *arg)
{
	struct relay *relay = arg;

	relay->stopped(relay->stopped_arg);
}

static void on_stop_late(void *arg)
{
	struct relay *relay = arg;

	for (struct conn *conn = relay->conns; conn; conn = conn->next)
		link_cut(conn->link);
}

void relay_gone(struct relay *relay)
{
	if (!relay->stopping || relay->conn_count)
		return;
	relay->stop_timer.fn = on_stopped;
	relay->stop_timer.arg = relay;
	loop_timer_set(relay->loop, &relay->stop_timer, 0);
}

void relay_stop(struct relay *relay, void (*done)(void *arg), void *arg)
{
	relay->stopping = true;
	relay->stopped = done;
	relay->stopped_arg = arg;
	link_listener_free(relay->listener);
	relay->listener = NULL;
	while (relay->rooms)
		room_end(relay->rooms, "relay-stopped");
	for (struct conn *conn = relay->conns; conn; conn = conn->next)
		conn_finish(conn, LINK_END_GOING_AWAY, "The relay stops.");
	relay->stop_timer.fn = on_stop_late;
	relay->stop_timer.arg = relay;
	loop_timer_set(relay->loop, &relay->stop_timer, RELAY_STOP_MS * INT64_C(1000));
	relay_gone(relay);
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	if (relay->listener)
		link_listener_free(relay->listener);
	while (relay->rooms)
		room_free(relay->rooms);
	while (relay->conns) {
		link_drop(relay->conns->link);
		conn_free(relay->conns);
	}
	loop_timer_cancel(relay->loop, &relay->stop_timer);
	pace_forget(relay);
	passcodes_free(relay->passcodes);
	meeting_free(relay->nowhere);
	runs_free_decoys(relay);
	guess_free(relay);
	free(relay->used_ids);
	free(relay->token);
	free(relay->scratch);
	sodium_memzero(relay, sizeof *relay);
	free(relay);
}
