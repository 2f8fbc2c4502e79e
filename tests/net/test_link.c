/* Real sockets, real TLS, both ends on one loop; peers that misbehave are a thread with OpenSSL and bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/cert.h"
#include "net/link.h"
#include "tests/net/place.h"

enum { TEXT_MAX = 1000, BINARY_MAX = 300000 };

struct side {
	struct link *link;
	unsigned opened, closed, texts, binaries, writables;
	size_t last_bytes;
	uint32_t sum;
	int end;
	char why[128], pin[LINK_PIN_SIZE], tls[64], text[TEXT_MAX + 1];
	bool ca_ok;
	int verdict;
	char *out; /* what on_writable sends, after LINK_HEADROOM */
	size_t out_bytes;
	bool out_binary;
	unsigned out_times;
};

struct world {
	struct loop *loop;
	struct link_listener *listener;
	uint16_t port;
	struct side server, client;
	unsigned accepted;
	bool refuse;
	uint32_t silence_ms;
	struct link_ops server_ops, client_ops;
};

static uint32_t sum_of(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + p[i];
	return sum;
}

static void on_open(void *arg, struct link *link)
{
	struct side *side = arg;

	side->link = link;
	side->opened++;
	snprintf(side->tls, sizeof(side->tls), "%s", link_tls(link));
}

static void on_text(void *arg, struct link *link, const char *text, size_t n)
{
	struct side *side = arg;

	(void)link;
	assert_true(n <= TEXT_MAX);
	memcpy(side->text, text, n);
	side->text[n] = '\0';
	side->last_bytes = n;
	side->texts++;
}

static void on_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	struct side *side = arg;

	(void)link;
	assert_true(n <= BINARY_MAX);
	side->sum = sum_of(p, n);
	side->last_bytes = n;
	side->binaries++;
}

static void on_writable(void *arg, struct link *link)
{
	struct side *side = arg;
	char *p = side->out + LINK_HEADROOM;

	side->writables++;
	if (!side->out)
		return;
	if (side->out_binary)
		link_write_binary(link, (uint8_t *)p, side->out_bytes);
	else
		link_write_text(link, p, side->out_bytes);
	if (--side->out_times)
		link_want_write(link);
}

static void on_close(void *arg, struct link *link, int end, const char *text)
{
	struct side *side = arg;

	(void)link;
	side->link = NULL;
	side->closed++;
	side->end = end;
	snprintf(side->why, sizeof(side->why), "%s", text);
}

static int trust(void *arg, const char *pin, bool ca_ok)
{
	struct side *side = arg;

	snprintf(side->pin, sizeof(side->pin), "%s", pin);
	side->ca_ok = ca_ok;
	return side->verdict;
}

static int on_accept(void *server_arg, struct link *link, void **arg)
{
	struct world *world = server_arg;

	(void)link;
	world->accepted++;
	*arg = &world->server;
	return world->refuse ? -1 : 0;
}

static void on_time(void *arg)
{
	*(bool *)arg = true;
}

static int listen_with(struct world *world, struct link_server *server)
{
	if (!server->address)
		server->address = "127.0.0.1";
	if (!server->certificate) {
		server->certificate = place_certificate();
		server->key = place_key();
	}
	server->on_accept = on_accept;
	server->server_arg = world;
	return link_listen(world->loop, server, &world->server_ops, &world->listener, &world->port);
}

static int make(void **state)
{
	static const struct link_ops ops = { on_open,  on_text, on_binary, on_writable,
					     on_close, NULL,    TEXT_MAX,  BINARY_MAX };
	struct world *world = calloc(1, sizeof(*world));

	world->loop = loop_new();
	world->server_ops = world->client_ops = ops;
	world->client_ops.trust = trust;
	*state = world;
	return world->loop ? 0 : -1;
}

static int drop(void **state)
{
	struct world *world = *state;

	link_listener_free(world->listener);
	loop_free(world->loop);
	free(world->server.out);
	free(world->client.out);
	free(world);
	return 0;
}

static void connect_to(struct world *world, const char *host, bool tls12)
{
	struct link_client client = { .host = host, .port = world->port, .tls12 = tls12, .timeout_ms = 5000 };

	client.silence_ms = world->silence_ms;

	world->client.closed = 0;
	world->client.link = link_connect(world->loop, &client, &world->client_ops, &world->client);
	assert_non_null(world->client.link);
}

static bool both_open(void *arg)
{
	struct world *world = arg;

	return world->client.closed || (world->client.opened && world->server.opened);
}

static void open_both(struct world *world)
{
	struct link_server server = { 0 };

	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until(world->loop, both_open, world);
	assert_int_equal(world->client.closed, 0);
}

static void say(struct side *side, bool binary, size_t n, unsigned times)
{
	free(side->out);
	side->out = calloc(1, LINK_HEADROOM + n + 1);
	for (size_t i = 0; i < n; i++)
		side->out[LINK_HEADROOM + i] = (char)(binary ? i * 7 : 'a' + i % 26);
	side->out_bytes = n;
	side->out_binary = binary;
	side->out_times = times;
	link_want_write(side->link);
}

/* ---- two that understand each other ---- */

static void link__carries__text_both_ways(void **state)
{
	struct world *world = *state;

	open_both(world);
	for (unsigned i = 1; i <= 3; i++) {
		say(&world->client, false, 5, 1);
		run_until_count(world->loop, &world->server.texts, i);
		assert_string_equal(world->server.text, "abcde");
	}
	say(&world->server, false, TEXT_MAX, 1);
	run_until_count(world->loop, &world->client.texts, 1);
	assert_int_equal(world->client.last_bytes, TEXT_MAX);
	assert_string_equal(link_address(world->server.link), "127.0.0.1");
	assert_string_equal(world->client.tls, "TLSv1.3 TLS_AES_256_GCM_SHA384");
	assert_string_equal(world->server.tls, world->client.tls);
}

static void link__carries__a_large_message_whole(void **state)
{
	static const size_t sizes[] = { 1, 125, 126, 4095, 4096, 4097, 65535, 65536, 131072, BINARY_MAX };
	struct world *world = *state;

	open_both(world);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t sum;

		say(&world->client, true, sizes[i], 1);
		/* The client masks in place, so the sum is taken before. */
		sum = sum_of((uint8_t *)world->client.out + LINK_HEADROOM, sizes[i]);
		run_until_count(world->loop, &world->server.binaries, (unsigned)i + 1);
		assert_int_equal(world->server.last_bytes, sizes[i]);
		assert_int_equal(world->server.sum, sum);
		say(&world->server, true, sizes[i], 1);
		run_until_count(world->loop, &world->client.binaries, (unsigned)i + 1);
		assert_int_equal(world->client.last_bytes, sizes[i]);
		assert_int_equal(world->client.sum, sum);
	}
}

static void link_write__on_the_server__leaves_the_bytes(void **state)
{
	struct world *world = *state;
	uint32_t sum;

	open_both(world);
	say(&world->server, true, 5000, 4);
	sum = sum_of((uint8_t *)world->server.out + LINK_HEADROOM, 5000);
	run_until_count(world->loop, &world->client.binaries, 4);
	assert_int_equal(world->client.sum, sum);
	assert_int_equal(sum_of((uint8_t *)world->server.out + LINK_HEADROOM, 5000), sum);
}

static void link_read__off__holds_back_and_loses_nothing(void **state)
{
	struct world *world = *state;
	unsigned before;

	open_both(world);
	link_read(world->server.link, false);
	say(&world->client, true, 1000, 200);
	run_until_count(world->loop, &world->client.writables, 200);
	before = world->server.binaries;
	assert_true(before < 200);
	assert_true(link_in_flight(world->client.link) >= 0);
	link_read(world->server.link, true);
	run_until_count(world->loop, &world->server.binaries, 200);
}

static void link__measures__the_line(void **state)
{
	struct world *world = *state;

	open_both(world);
	say(&world->client, true, 100000, 20);
	run_until_count(world->loop, &world->server.binaries, 20);
	assert_in_range(link_rtt_us(world->client.link), 1, 1000000);
	assert_true(link_rate(world->client.link) > 100000);
	assert_in_range(link_in_flight(world->client.link), 0, 1000000);
}

/* ---- ends ---- */

static void link_close__tells__code_and_reason(void **state)
{
	struct world *world = *state;

	open_both(world);
	say(&world->server, false, 7, 1);
	run_until_count(world->loop, &world->server.writables, 1);
	link_close(world->server.link, LINK_END_SLOW, "too slow");
	run_until_count(world->loop, &world->client.closed, 1);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->client.texts, 1);
	assert_int_equal(world->client.end, LINK_END_SLOW);
	assert_string_equal(world->client.why, "too slow");
	assert_int_equal(world->server.end, LINK_END_SLOW);
}

static void link_close__by_the_client__is_heard(void **state)
{
	struct world *world = *state;

	open_both(world);
	link_close(world->client.link, LINK_END_NORMAL, "bye");
	run_until_count(world->loop, &world->client.closed, 1);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->server.end, LINK_END_NORMAL);
	assert_string_equal(world->server.why, "bye");
}

static void link_cut__is_a_lost_line__to_the_other(void **state)
{
	struct world *world = *state;

	open_both(world);
	link_cut(world->client.link);
	run_until_count(world->loop, &world->client.closed, 1);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->client.end, LINK_END_LOST);
	assert_int_equal(world->server.end, LINK_END_LOST);
	assert_int_equal(world->client.closed, 1);
}

static void link_drop__calls__nobody(void **state)
{
	struct world *world = *state;

	open_both(world);
	link_drop(world->client.link);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->client.closed, 0);
	link_drop(NULL);
}

static void on_text_drop(void *arg, struct link *link, const char *text, size_t n)
{
	on_text(arg, link, text, n);
	link_drop(link);
}

static void link_drop__inside_a_call__calls_nobody_any_more(void **state)
{
	struct world *world = *state;

	world->server_ops.on_text = on_text_drop;
	open_both(world);
	say(&world->client, false, 5, 50);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->server.texts, 1);
	assert_int_equal(world->server.closed, 0);
}

static void link_connect__to_nobody__is_unreachable(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "host.invalid", "" };
	struct world *world = *state;
	struct link_server server = { 0 };

	assert_int_equal(listen_with(world, &server), 0);
	link_listener_free(world->listener);
	world->listener = NULL;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		connect_to(world, hosts[i], false);
		run_until_count(world->loop, &world->client.closed, 1);
		assert_int_equal(world->client.end, LINK_END_UNREACHABLE);
		assert_true(world->client.why[0]);
	}
}

static void link_connect__dropped_at_once__is_quiet(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };

	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	link_drop(world->client.link);
	connect_to(world, "127.0.0.1", false);
	link_close(world->client.link, LINK_END_NORMAL, "never mind");
	run_until_count(world->loop, &world->client.closed, 1);
	connect_to(world, "127.0.0.1", false);
	/* This one is freed with the loop, before it began. */
	assert_int_equal(world->client.opened, 0);
}

static void link_listener_free__leaves__what_is_up(void **state)
{
	struct world *world = *state;

	open_both(world);
	link_listener_free(world->listener);
	world->listener = NULL;
	say(&world->client, false, 5, 1);
	run_until_count(world->loop, &world->server.texts, 1);
}

static void link__refused_by_on_accept__is_closed(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };

	world->refuse = true;
	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->accepted, 1);
	assert_int_equal(world->server.opened, 0);
	assert_int_equal(world->server.closed, 0);
}

static void wait_ms(struct world *world, uint32_t ms)
{
	struct loop_timer timer = { .fn = on_time };
	bool over = false;

	timer.arg = &over;
	loop_timer_set(world->loop, &timer, (int64_t)ms * 1000);
	run_until_set(world->loop, &over);
}

static void link__idle__is_kept_alive_by_pings(void **state)
{
	struct world *world = *state;
	struct link_server server = { .silence_ms = 100 };

	assert_int_equal(listen_with(world, &server), 0);
	world->silence_ms = 150;
	connect_to(world, "127.0.0.1", false);
	run_until(world->loop, both_open, world);
	wait_ms(world, 1000);
	assert_int_equal(world->client.closed, 0);
	assert_int_equal(world->server.closed, 0);
	say(&world->client, false, 5, 1);
	run_until_count(world->loop, &world->server.texts, 1);
}

/* The far end's process stands still: its kernel acknowledges, nobody answers. */
static void link__standing_still__is_lost(void **state)
{
	struct world *world = *state;
	struct link_server server = { .silence_ms = 50 };

	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until(world->loop, both_open, world);
	link_read(world->client.link, false);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->server.end, LINK_END_LOST);
}

/* ---- listening ---- */

static void link_listen__says__what_is_wrong(void **state)
{
	struct world *world = *state, other = *world;
	struct link_server server = { 0 };

	assert_int_equal(listen_with(world, &server), 0);
	server.port = world->port;
	assert_int_equal(listen_with(&other, &server), -EADDRINUSE);
	server.port = 0;
	server.address = "192.0.2.1";
	assert_int_equal(listen_with(&other, &server), -EADDRNOTAVAIL);
	server.address = "no such address";
	assert_int_equal(listen_with(&other, &server), -EADDRNOTAVAIL);
	server.address = "127.0.0.1";
	server.key = place_path("missing");
	assert_int_equal(listen_with(&other, &server), -EKEYREJECTED);
	place_write("junk", "no key");
	server.key = place_path("junk");
	assert_int_equal(listen_with(&other, &server), -EKEYREJECTED);
	server.key = place_key();
	server.certificate = place_path("junk");
	assert_int_equal(listen_with(&other, &server), -EKEYREJECTED);
	assert_true(cert_ensure(place_path("other.crt"), place_path("other.key"), "other") >= 0);
	server.certificate = place_certificate();
	server.key = place_path("other.key");
	assert_int_equal(listen_with(&other, &server), -EKEYREJECTED);
}

static void link_listen__on_all_addresses__takes_ipv4_and_ipv6(void **state)
{
	struct world *world = *state;
	struct link_server server = { .on_accept = on_accept, .server_arg = world };

	server.certificate = place_certificate();
	server.key = place_key();
	assert_int_equal(
		link_listen(world->loop, &server, &world->server_ops, &world->listener, &world->port), 0);
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->server.opened, 1);
	assert_string_equal(link_address(world->server.link), "127.0.0.1");
	connect_to(world, "::1", false);
	run_until(world->loop, both_open, world);
	if (world->client.closed)
		return; /* no IPv6 here */
	run_until_count(world->loop, &world->server.opened, 2);
	assert_string_equal(link_address(world->server.link), "::1");
}

/* ---- trust ---- */

static void link_trust__gets__the_pin_of_the_certificate(void **state)
{
	struct world *world = *state;
	char pin[LINK_PIN_SIZE];

	open_both(world);
	assert_int_equal(cert_pin(place_certificate(), pin), 0);
	assert_string_equal(world->client.pin, pin);
	assert_string_equal(link_pin(world->client.link), pin);
	assert_false(world->client.ca_ok);
}

static void link_trust__refusing__ends_before_a_word_of_http(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };

	world->client.verdict = -1;
	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->client.end, LINK_END_TLS);
	assert_int_equal(world->accepted, 0);
}

static void link_trust__without_a_judge__needs_a_ca(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };

	world->client_ops.trust = NULL;
	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->client.end, LINK_END_TLS);
	assert_int_equal(world->accepted, 0);
}

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

/* An authority, and a certificate of it: NAME in subjectAltName, CN in the subject. */
static void sign_certificate(const char *file, const char *names, const char *cn)
{
	const char *d = place_path("");

	if (access(place_path("ca.crt"), R_OK))
		shell("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
		      "ca.key "
		      "-out ca.crt -subj '/CN=test authority' -days 30 2>/dev/null",
		      d);
	shell("cd %s && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -out "
	      "%s.csr "
	      "-subj '/CN=%s' 2>/dev/null && printf '%s' > %s.ext && openssl x509 -req -in %s.csr -CA ca.crt "
	      "-CAkey "
	      "ca.key -CAcreateserial -out %s.crt -days 10 -extfile %s.ext 2>/dev/null",
	      d, file, file, cn, names, file, file, file, file);
}

static void link_trust__knows__chain_and_name(void **state)
{
	static const struct {
		const char *file, *names, *cn, *host;
		bool authority, ca_ok;
	} cases[] = {
		{ "a", "subjectAltName=IP:127.0.0.1", "x", "127.0.0.1", true, true },
		{ "b", "subjectAltName=DNS:localhost", "x", "localhost", true, true },
		{ "c", "subjectAltName=DNS:other.example", "x", "127.0.0.1", true, false },
		{ "d", "subjectAltName=DNS:other.example", "x", "localhost", true, false },
		{ "e", "", "localhost", "localhost", true, false }, /* the name in CN alone */
		{ "f", "subjectAltName=DNS:127.0.0.1", "x", "127.0.0.1", true, false },
		{ "g", "subjectAltName=IP:127.0.0.1", "x", "127.0.0.1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world *world;
		struct link_server server = { 0 };
		char certificate[1200], key[1200];
		void *made;

		sign_certificate(cases[i].file, cases[i].names, cases[i].cn);
		snprintf(certificate, sizeof(certificate), "%s%s.crt", place_path(""), cases[i].file);
		snprintf(key, sizeof(key), "%s%s.key", place_path(""), cases[i].file);
		if (cases[i].authority)
			setenv("SSL_CERT_FILE", place_path("ca.crt"), 1);
		else
			unsetenv("SSL_CERT_FILE");
		assert_int_equal(make(&made), 0);
		world = made;
		server.certificate = certificate;
		server.key = key;
		assert_int_equal(listen_with(world, &server), 0);
		connect_to(world, cases[i].host, false);
		run_until(world->loop, both_open, world);
		if (world->client.closed)
			fail_msg("%s: %s", cases[i].file, world->client.why);
		if (world->client.ca_ok != cases[i].ca_ok)
			fail_msg("%s: %d", cases[i].file, world->client.ca_ok);
		drop(&made);
	}
	unsetenv("SSL_CERT_FILE");
}

/* ---- a peer of raw bytes ---- */

struct raw {
	struct world *world;
	int tls_version;     /* at most; 0: any */
	const char *request; /* NULL: a proper upgrade */
	const uint8_t *bytes;
	size_t n;
	size_t zeros; /* sent after them */
	bool shut;    /* close TCP after sending, without goodbye */
	/* results */
	atomic_bool done;
	bool tls_up, upgraded;
	int code; /* of the close frame, 0 none */
	pthread_t id;
};

static const char proper[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
			     "Sec-WebSocket-Protocol: moot.1\r\n\r\n";

static int raw_socket(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval patience = { .tv_sec = 8 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The server's frames are short: look for a close frame among them. */
static void raw_listen(struct raw *raw, SSL *ssl)
{
	uint8_t in[4096];
	int n;

	while ((n = SSL_read(ssl, in, sizeof(in))) > 0)
		for (int i = 0; i + 3 < n; i++)
			if (in[i] == 0x88 && in[i + 1] >= 2)
				raw->code = in[i + 2] << 8 | in[i + 3];
}

static void raw_talk(struct raw *raw, SSL *ssl)
{
	static const uint8_t zeros[4096];
	const char *request = raw->request ? raw->request : proper;
	char in[2048] = "";
	int n;

	SSL_write(ssl, request, (int)strlen(request));
	n = SSL_read(ssl, in, sizeof(in) - 1);
	raw->upgraded = n > 12 && !strncmp(in, "HTTP/1.1 101", 12);
	if (!raw->upgraded)
		return;
	if (raw->n && SSL_write(ssl, raw->bytes, (int)raw->n) <= 0)
		return;
	for (size_t left = raw->zeros; left;) {
		size_t some = left < sizeof(zeros) ? left : sizeof(zeros);

		if (SSL_write(ssl, zeros, (int)some) <= 0)
			break;
		left -= some;
	}
	if (!raw->shut)
		raw_listen(raw, ssl);
}

static void *raw_run(void *arg)
{
	struct raw *raw = arg;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(context);
	int fd = raw_socket(raw->world->port);

	if (raw->tls_version)
		SSL_set_max_proto_version(ssl, raw->tls_version);
	SSL_set_fd(ssl, fd);
	raw->tls_up = SSL_connect(ssl) == 1;
	if (raw->tls_up)
		raw_talk(raw, ssl);
	close(fd);
	SSL_free(ssl);
	SSL_CTX_free(context);
	atomic_store(&raw->done, true);
	return NULL;
}

static bool raw_done(void *arg)
{
	return atomic_load(&((struct raw *)arg)->done);
}

static void raw_go(struct raw *raw)
{
	assert_int_equal(pthread_create(&raw->id, NULL, raw_run, raw), 0);
	run_until(raw->world->loop, raw_done, raw);
	pthread_join(raw->id, NULL);
}

/* Masked with zeros, so that what is written is what is meant. */
#define MASK 0, 0, 0, 0

static void link__closes__what_is_too_big(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[64];
		size_t n, zeros;
	} cases[] = {
		{ "a header that claims 2^40", { 0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, MASK, 1 }, 15, 0 },
		{ "a header that claims 2^62", { 0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, MASK, 1 }, 15, 0 },
		{ "text one byte over", { 0x81, 0xfe, 0x03, 0xe9, MASK }, 8, 1001 },
		{ "binary over", { 0x82, 0xff, 0, 0, 0, 0, 0, 4, 0x93, 0xe1, MASK }, 14, 300001 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world *world = *state;
		struct link_server server = { 0 };
		struct raw raw = {
			.world = world, .bytes = cases[i].bytes, .n = cases[i].n, .zeros = cases[i].zeros
		};

		if (!world->listener)
			assert_int_equal(listen_with(world, &server), 0);
		raw_go(&raw);
		assert_true(raw.upgraded);
		if (raw.code != LINK_END_TOO_BIG)
			fail_msg("%s: %d", cases[i].what, raw.code);
		run_until_count(world->loop, &world->server.closed, (unsigned)i + 1);
		assert_int_equal(world->server.end, LINK_END_TOO_BIG);
	}
}

static void link__closes__fragments_that_add_up(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };
	uint8_t bytes[3 * 408];
	struct raw raw = { .world = world, .bytes = bytes, .n = sizeof(bytes) };

	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 3; i++) {
		static const uint8_t masked[] = { 0xfe, 0x01, 0x90, MASK };

		bytes[i * 408] = i ? i == 2 ? 0x80 : 0x00 : 0x01;
		memcpy(bytes + i * 408 + 1, masked, sizeof(masked));
	}
	assert_int_equal(listen_with(world, &server), 0);
	raw_go(&raw);
	assert_int_equal(raw.code, LINK_END_TOO_BIG);
	assert_int_equal(world->server.texts, 0);
}

static void link__puts_together__fragments_with_a_ping_between(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };
	static const uint8_t bytes[] = { 0x01, 0x82, MASK, 'a',  'b',  0x89, 0x80, MASK,
					 0x00, 0x81, MASK, 'c',  0x80, 0x80, MASK, 0x81,
					 0x81, MASK, 'd',  0x88, 0x82, MASK, 3,    0xe8 };
	struct raw raw = { .world = world, .bytes = bytes, .n = sizeof(bytes) };

	assert_int_equal(listen_with(world, &server), 0);
	raw_go(&raw);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->server.texts, 2);
	assert_string_equal(world->server.text, "d");
	assert_int_equal(world->server.end, LINK_END_NORMAL);
}

static void link__ends__peers_that_break_off(void **state)
{
	struct world *world = *state;
	struct link_server server = { 0 };
	static const uint8_t half[] = { 0x82, 0xfe, 0x03, 0xe8, MASK, 1, 2, 3 };
	struct raw raw = { .world = world, .bytes = half, .n = sizeof(half), .shut = true };

	assert_int_equal(listen_with(world, &server), 0);
	raw_go(&raw);
	run_until_count(world->loop, &world->server.closed, 1);
	assert_int_equal(world->server.end, LINK_END_LOST);
	assert_int_equal(world->server.binaries, 0);
}

static void link__refuses__what_is_no_upgrade_to_moot(void **state)
{
	static const char *const requests[] = {
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
		"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: nonsense\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
		"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
		"Upgrade\r\nSec-WebSocket-Key: "
		"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "
		"other\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
		"Upgrade\r\nSec-WebSocket-Key: "
		"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "
		"none\r\n\r\n",
		"\x16\x03\x01\r\n\r\n",
	};
	struct world *world = *state;
	struct link_server server = { .handshake_ms = 500 };

	assert_int_equal(listen_with(world, &server), 0);
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct raw raw = { .world = world, .request = requests[i] };

		raw_go(&raw);
		assert_true(raw.tls_up);
		if (raw.upgraded)
			fail_msg("%s was taken", requests[i]);
	}
	assert_int_equal(world->accepted, 0);
	/* And it still serves. */
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.opened, 1);
}

static void link__takes_tls_12__only_by_setting(void **state)
{
	struct world *world = *state;
	struct link_server server = { .handshake_ms = 2000 };
	struct raw raw = { .world = world, .tls_version = TLS1_2_VERSION };
	struct raw again = { .world = world,
			     .tls_version = TLS1_2_VERSION,
			     .bytes = (const uint8_t[]) { 0x88, 0x82, MASK, 3, 0xe8 },
			     .n = 8 };

	assert_int_equal(listen_with(world, &server), 0);
	raw_go(&raw);
	assert_false(raw.tls_up);
	link_listener_free(world->listener);
	server.tls12 = true;
	assert_int_equal(listen_with(world, &server), 0);
	raw_go(&again);
	assert_true(again.tls_up);
	assert_true(again.upgraded);
}

/* A server of TLS 1.2 alone, by OpenSSL's command line. */
static pid_t start_old_server(uint16_t port)
{
	const char *certificate = place_certificate(), *key = place_key();
	char at[32];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(at, sizeof(at), "127.0.0.1:%u", port);
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr) ||
	    !freopen("/dev/null", "r", stdin))
		_exit(1);
	execlp("openssl", "openssl", "s_server", "-accept", at, "-cert", certificate, "-key", key, "-tls1_2",
	       "-www", (char *)NULL);
	_exit(1);
}

static uint16_t free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void link_connect__takes_tls_12__only_by_setting(void **state)
{
	struct world *world = *state;
	int fd = -1, status;
	pid_t pid;

	world->port = free_port();
	pid = start_old_server(world->port);
	for (int i = 0; i < 500 && (fd = raw_socket(world->port)) < 0; i++)
		usleep(10000);
	assert_true(fd >= 0);
	close(fd);
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->client.end, LINK_END_TLS);
	assert_string_equal(world->client.pin, "");
	/* Now it comes to the certificate, and then to what is no relay. */
	connect_to(world, "127.0.0.1", true);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->client.end, LINK_END_PROTOCOL);
	assert_string_not_equal(world->client.pin, "");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
}

/* ---- many ---- */

static void link_listen__bounds__handshakes_that_never_finish(void **state)
{
	enum { FLOOD = 10000 };
	struct world *world = *state;
	struct link_server server = { .handshake_ms = 60000 };
	struct rlimit limit;
	int *fds = calloc(FLOOD, sizeof(*fds)), flood = FLOOD;
	int64_t begun_us;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur < FLOOD + 3000)
		flood = (int)limit.rlim_cur / 3;
	assert_int_equal(listen_with(world, &server), 0);
	connect_to(world, "127.0.0.1", false);
	run_until(world->loop, both_open, world);
	for (int i = 0; i < flood; i++) {
		fds[i] = raw_socket(world->port);
		if (i % 100)
			continue;
		/* Somebody who is in notices nothing. */
		say(&world->client, false, 5, 1);
		run_until_count(world->loop, &world->server.texts, (unsigned)i / 100 + 1);
	}
	begun_us = loop_now_us();
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.opened, 2);
	print_message("%d half-open connections: another one is up in %lld ms\n", flood,
		      (long long)(loop_now_us() - begun_us) / 1000);
	assert_int_equal(world->client.closed, 0);
	for (int i = 0; i < flood; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(fds);
}

static bool peer_is_gone(void *arg)
{
	char c;

	return recv(*(int *)arg, &c, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

static void link_listen__closes__who_takes_too_long(void **state)
{
	struct world *world = *state;
	struct link_server server = { .handshake_ms = 100 };
	int fd;

	assert_int_equal(listen_with(world, &server), 0);
	fd = raw_socket(world->port);
	assert_true(fd >= 0);
	run_until(world->loop, peer_is_gone, &fd);
	close(fd);
}

static void link_listen__limits__links_of_an_address(void **state)
{
	struct world *world = *state;
	struct link_server server = { .links_per_address_max = 2 };

	assert_int_equal(listen_with(world, &server), 0);
	for (unsigned i = 1; i <= 2; i++) {
		connect_to(world, "127.0.0.1", false);
		run_until_count(world->loop, &world->client.opened, i);
	}
	connect_to(world, "127.0.0.1", false);
	run_until_count(world->loop, &world->client.closed, 1);
	assert_int_equal(world->client.opened, 2);
	assert_int_equal(world->server.opened, 2);
}

static int make_place(void **state)
{
	/* The system's authorities are not the tests' business. */
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	return place_make(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(link__carries__text_both_ways),
		CASE(link__carries__a_large_message_whole),
		CASE(link_write__on_the_server__leaves_the_bytes),
		CASE(link_read__off__holds_back_and_loses_nothing),
		CASE(link__measures__the_line),
		CASE(link_close__tells__code_and_reason),
		CASE(link_close__by_the_client__is_heard),
		CASE(link_cut__is_a_lost_line__to_the_other),
		CASE(link_drop__calls__nobody),
		CASE(link_drop__inside_a_call__calls_nobody_any_more),
		CASE(link_connect__to_nobody__is_unreachable),
		CASE(link_connect__dropped_at_once__is_quiet),
		CASE(link_listener_free__leaves__what_is_up),
		CASE(link__refused_by_on_accept__is_closed),
		CASE(link__idle__is_kept_alive_by_pings),
		CASE(link__standing_still__is_lost),
		CASE(link_listen__says__what_is_wrong),
		CASE(link_listen__on_all_addresses__takes_ipv4_and_ipv6),
		CASE(link_trust__gets__the_pin_of_the_certificate),
		CASE(link_trust__refusing__ends_before_a_word_of_http),
		CASE(link_trust__without_a_judge__needs_a_ca),
		cmocka_unit_test(link_trust__knows__chain_and_name),
		CASE(link__closes__what_is_too_big),
		CASE(link__closes__fragments_that_add_up),
		CASE(link__puts_together__fragments_with_a_ping_between),
		CASE(link__ends__peers_that_break_off),
		CASE(link__refuses__what_is_no_upgrade_to_moot),
		CASE(link__takes_tls_12__only_by_setting),
		CASE(link_connect__takes_tls_12__only_by_setting),
		CASE(link_listen__bounds__handshakes_that_never_finish),
		CASE(link_listen__closes__who_takes_too_long),
		CASE(link_listen__limits__links_of_an_address),
	};

	return cmocka_run_group_tests(tests, make_place, place_remove);
}
