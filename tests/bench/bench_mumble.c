/* The rival in the relay's own shape: mumble-server on one core, N people in one channel over TLS, three of them
 * speaking into the TCP tunnel every 20 ms, every copy counted and timed. Prints one line of the relay's table per run:
 *     bench_mumble N [SECONDS]
 * Needs Debian's mumble-server. All on loopback; ends only the server it started. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/measure.h"

enum { SPEAKERS = 3, PAYLOAD = 60, TICK_US = 20000, WARM_S = 2, MESSAGE_MAX = 65536 };
enum { MUMBLE_VERSION = 0, MUMBLE_TUNNEL = 1, MUMBLE_AUTHENTICATE = 2, MUMBLE_REJECT = 4, MUMBLE_SYNC = 5 };

struct client {
	int fd;
	SSL *ssl;
	uint8_t *bytes; /* of messages not yet whole */
	size_t have;
};

static char dir[64];
static pid_t server;
static bool measuring;
static uint64_t delivered, sent_measured;
static struct samples latency;

static void stop_server(void)
{
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, NULL, 0);
	}
	char path[96];
	static const char *const files[] = { "ini", "sqlite", "log" };
	for (size_t i = 0; dir[0] && i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/murmur.%s", dir, files[i]);
		unlink(path);
	}
	if (dir[0])
		rmdir(dir);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_mumble: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, n) || getsockname(fd, (struct sockaddr *)&address, &n))
		die("no free port");
	close(fd);
	return ntohs(address.sin_port);
}

/* As its own user: started as root it would give itself real-time priority. */
static void start_server(int port)
{
	char path[96], log[96];
	snprintf(dir, sizeof dir, "/tmp/moot-mumble.XXXXXX");
	if (!mkdtemp(dir))
		die("no temporary folder");
	atexit(stop_server);
	snprintf(path, sizeof path, "%s/murmur.ini", dir);
	snprintf(log, sizeof log, "%s/murmur.log", dir);
	FILE *ini = fopen(path, "w");
	if (!ini)
		die(path);
	fprintf(ini,
	        "database=%s/murmur.sqlite\nhost=127.0.0.1\nport=%d\nusers=2500\nusersperchannel=0\n"
	        "bandwidth=100000000\nmessageburst=1000000\nmessagelimit=1000000\nopusthreshold=0\ntimeout=120\n"
	        "bonjour=false\nwelcometext=\nlogdays=-1\nautobanAttempts=0\nautobanTimeframe=0\nuname=\n",
	        dir, port);
	fclose(ini);
	const struct passwd *user = getuid() ? NULL : getpwnam("mumble-server");
	if (user && (chown(dir, user->pw_uid, user->pw_gid) || chown(path, user->pw_uid, user->pw_gid)))
		die("chown");
	server = fork();
	if (server < 0)
		die("fork");
	if (!server) {
		int out = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		measure_pin(0, 0);
		if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
		    (user && (setgid(user->pw_gid) || setuid(user->pw_uid))))
			_exit(126);
		execlp("murmurd", "murmurd", "-fg", "-ini", path, (char *)NULL);
		_exit(127);
	}
}

static size_t put_varint(uint8_t *p, uint64_t value)
{
	size_t n = 0;
	for (; value > 0x7f; value >>= 7)
		p[n++] = (uint8_t)(value | 0x80);
	p[n++] = (uint8_t)value;
	return n;
}

static void write_message(struct client *client, unsigned type, const uint8_t *body, size_t n)
{
	uint8_t message[512];
	uint8_t head[6] = { (uint8_t)(type >> 8), (uint8_t)type, 0, 0, (uint8_t)(n >> 8), (uint8_t)n };
	memcpy(message, head, sizeof head);
	memcpy(message + sizeof head, body, n);
	if (SSL_write(client->ssl, message, (int)(n + sizeof head)) <= 0)
		die("a write to mumble-server failed");
}

/* One packet of a voice: type and target, sequence, length, and our own bytes: the time it was sent. */
static void speak(struct client *client, uint32_t sequence)
{
	uint8_t body[128] = { 4 << 5 };
	size_t n = 1;
	if (sequence < 0x80) { /* mumble's own variable-length integers, unlike protobuf's */
		body[n++] = (uint8_t)sequence;
	} else {
		body[n++] = (uint8_t)(0x80 | (sequence >> 8 & 0x3f));
		body[n++] = (uint8_t)sequence;
	}
	body[n++] = PAYLOAD;
	uint64_t now = measure_now_ns();
	memcpy(body + n, &now, sizeof now);
	memset(body + n + sizeof now, (int)(sequence & 0xff), PAYLOAD - sizeof now);
	write_message(client, MUMBLE_TUNNEL, body, n + PAYLOAD);
	sent_measured += measuring;
}

static void heard(const uint8_t *body, size_t n)
{
	uint64_t sent;
	if (n < PAYLOAD)
		return;
	memcpy(&sent, body + n - PAYLOAD, sizeof sent); /* the payload is what ends the packet */
	if (measuring) {
		delivered++;
		samples_add(&latency, measure_now_ns() - sent);
	}
}

/* Read what is there; true once a message of type `until` came. */
static bool read_messages(struct client *client, unsigned until)
{
	bool seen = false;
	for (;;) {
		int got = SSL_read(client->ssl, client->bytes + client->have, (int)(MESSAGE_MAX - client->have));
		if (got <= 0)
			return seen;
		client->have += (size_t)got;
		size_t at = 0;
		while (client->have - at >= 6) {
			const uint8_t *m = client->bytes + at;
			unsigned type = (unsigned)(m[0] << 8 | m[1]);
			size_t n = (size_t)m[2] << 24 | (size_t)m[3] << 16 | (size_t)m[4] << 8 | m[5];
			if (n > MESSAGE_MAX - 6)
				die("a message too long");
			if (client->have - at < n + 6)
				break;
			if (type == MUMBLE_TUNNEL)
				heard(m + 6, n);
			if (type == MUMBLE_REJECT)
				die("mumble-server refused a client");
			seen |= type == until;
			at += n + 6;
		}
		client->have -= at;
		memmove(client->bytes, client->bytes + at, client->have);
	}
}

static void join(struct client *client, SSL_CTX *tls, int port, int index)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, tries = 0;
	for (;; usleep(100000)) {
		client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (client->fd < 0)
			die("socket");
		if (!connect(client->fd, (struct sockaddr *)&address, sizeof address))
			break;
		close(client->fd);
		if (tries++ > 100)
			die("mumble-server does not listen; is it installed?");
	}
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	client->ssl = SSL_new(tls);
	client->bytes = malloc(MESSAGE_MAX);
	if (!client->ssl || !client->bytes || !SSL_set_fd(client->ssl, client->fd) || SSL_connect(client->ssl) != 1)
		die("TLS handshake with mumble-server");
	uint8_t body[64];
	size_t n = 0;
	body[n++] = 1 << 3; /* version 1.3.4 */
	n += put_varint(body + n, 0x10304);
	write_message(client, MUMBLE_VERSION, body, n);
	char name[24];
	int length = snprintf(name, sizeof name, "p%d", index);
	body[0] = 1 << 3 | 2, body[1] = (uint8_t)length;
	memcpy(body + 2, name, (size_t)length);
	n = 2 + (size_t)length;
	body[n++] = 5 << 3, body[n++] = 1; /* opus */
	write_message(client, MUMBLE_AUTHENTICATE, body, n);
	fcntl(client->fd, F_SETFL, fcntl(client->fd, F_GETFL) | O_NONBLOCK);
}

/* Speak on the grid and read what comes until `until_ns`. */
static void run(struct client *clients, int epoll, uint32_t *sequence, uint64_t until_ns)
{
	uint64_t next = measure_now_ns();
	struct epoll_event events[256];
	while (measure_now_ns() < until_ns) {
		uint64_t now = measure_now_ns();
		if (now >= next) {
			for (int i = 0; i < SPEAKERS; i++)
				speak(&clients[i], *sequence & 0x3fff);
			++*sequence;
			next += TICK_US * 1000ull;
			continue;
		}
		int n = epoll_wait(epoll, events, 256, (int)((next - now) / 1000000));
		for (int i = 0; i < n; i++)
			read_messages(events[i].data.ptr, ~0u);
	}
}

int main(int argc, char **argv)
{
	int people = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 50;
	int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;
	if (people < SPEAKERS || people > 2000 || seconds < 1 || seconds > 120) {
		fprintf(stderr, "usage: bench_mumble PEOPLE(3-2000) [SECONDS(1-120)]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	measure_raise_files();
	measure_pin(0, 1);
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	struct client *clients = calloc((size_t)people, sizeof *clients);
	int epoll = epoll_create1(EPOLL_CLOEXEC), port = free_port();
	if (!tls || !clients || epoll < 0)
		die("out of memory");
	SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	start_server(port);
	int joined = 0;
	for (int i = 0; i < people; i++) {
		join(&clients[i], tls, port, i);
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &clients[i] };
		epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
	}
	for (uint64_t end = measure_now_ns() + 60000000000ull; joined < people && measure_now_ns() < end;) {
		struct epoll_event events[64];
		int n = epoll_wait(epoll, events, 64, 1000);
		for (int i = 0; i < n; i++)
			joined += read_messages(events[i].data.ptr, MUMBLE_SYNC);
	}
	if (joined < people)
		die("not everybody got in");
	uint32_t sequence = 0;
	run(clients, epoll, &sequence, measure_now_ns() + WARM_S * 1000000000ull);
	measuring = true;
	double cpu = measure_cpu_s(server);
	uint64_t start = measure_now_ns();
	run(clients, epoll, &sequence, start + 1000000000u * (uint64_t)seconds);
	double window = (double)(measure_now_ns() - start) / 1e9;
	cpu = measure_cpu_s(server) - cpu;
	uint64_t due = sent_measured * (uint64_t)(people - 1);
	printf("| mumble-server | %d | %.1f | %.1f | %.1f | %.0f %% | %.2f %% | %ld |\n", people,
	       delivered ? cpu * 1e6 / (double)delivered : 0, samples_percentile_ms(&latency, 50),
	       samples_percentile_ms(&latency, 99), 100 * cpu / window,
	       due ? 100.0 * (double)delivered / (double)due : 0, measure_rss_kib(server) / 1024);
	return 0;
}
