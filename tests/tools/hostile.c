/* A relay gone bad: between the clients and a real relay, for the end-to-end tests.
 *     hostile --relay HOST:PORT --certificate FILE --key FILE [--port PORT]
 * With the real relay's certificate and key it is that relay, as far as pins go; with others (made when they are not there)
 * it is a man in the middle. It prints where it listens, {"event":"listening","address":…,"pin":…}, then obeys the
 * commands on its standard input (hostile_board.c), and ends with that. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/cert.h"
#include "net/invite.h"
#include "tests/tools/hostile_state.h"

static const struct option options[] = {
	{ "relay", required_argument, NULL, 'r' },
	{ "certificate", required_argument, NULL, 'c' },
	{ "key", required_argument, NULL, 'k' },
	{ "port", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

static int usage(void)
{
	fprintf(stderr, "usage: hostile --relay HOST:PORT --certificate FILE --key FILE [--port PORT]\n");
	return 2;
}

static int listen_here(struct hostile *hostile, const struct link_server *server, const char *certificate)
{
	char pin[LINK_PIN_SIZE];
	uint16_t port;
	int err = link_listen(hostile->loop, server, line_ops(), &hostile->listener, &port);

	if (!err)
		err = cert_pin(certificate, pin);
	if (err) {
		fprintf(stderr, "hostile: cannot listen: %s\n", strerror(-err));
		return -1;
	}
	printf("{\"event\":\"listening\",\"address\":\"127.0.0.1:%u\",\"pin\":\"%s\"}\n", port, pin);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static struct hostile hostile;
	struct link_server server = { .address = "127.0.0.1", .on_accept = line_accept, .server_arg = &hostile };
	const char *relay = NULL;
	struct invite invite = { .port = INVITE_PORT };

	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (option) {
		case 'r': relay = optarg; break;
		case 'c': server.certificate = optarg; break;
		case 'k': server.key = optarg; break;
		case 'p': server.port = (uint16_t)strtoul(optarg, NULL, 10); break;
		default: return usage();
		}
	}
	if (!relay || !server.certificate || !server.key || invite_parse_relay(&invite, relay) || sodium_init() < 0)
		return usage();
	snprintf(hostile.host, sizeof hostile.host, "%s", invite.host);
	hostile.port = invite.port;
	hostile.loop = loop_new();
	if (!hostile.loop || cert_ensure(server.certificate, server.key, "localhost") < 0 ||
	    listen_here(&hostile, &server, server.certificate) || board_start(&hostile))
		return 1;
	/* What is left goes with the process. */
	return loop_run(hostile.loop) ? 1 : 0;
}
