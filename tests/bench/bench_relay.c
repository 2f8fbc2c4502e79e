/* The relay on one core: N people in one meeting, three of them speaking every 20 ms, every copy checked byte for byte,
 * counted and timed. The relay is the real program, pinned to core 0; this load runs on core 1 with OpenSSL and a
 * WebSocket of its own, so that it costs little. Prints one line of the relay's table per run:
 *     bench_relay [PEOPLE [SECONDS]]         50, 200 and 1000 people for 10 s without arguments
 *     bench_relay rules                      commands: round trips and memory at 10, 200 and 1000 people */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/identity.h"
#include "net/wire.h"
#include "tests/bench/measure.h"

enum { SPEAKERS = 3, PAYLOAD = 72, TICK_US = 20000, WARM_S = 2, BYTES_MAX = 256 * 1024, PEOPLE_MAX = 1000, PASSCODE_LENGTH = 6 };
enum { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };


/* What a speaker says: enough to tell where, when, and whether it is whole. */
struct saying {
	uint64_t sent_ns;
	uint32_t speaker, sequence;
	uint8_t rest[PAYLOAD - 16];
};

struct client {
	int fd;
	SSL *ssl;
	uint8_t *bytes;                 /* of messages not yet whole */
	size_t have;
	struct identity identity;
	struct event *last;             /* the event that open_door() waits for */
	enum event_kind awaited;
	uint32_t number;
	uint32_t next[SPEAKERS];        /* sequence expected of each speaker, 0 before the first */
};

struct bench {
	pid_t relay;
	int port, epoll;
	char dir[64], pin[64], id[MOOT_ID_SIZE];
	SSL_CTX *tls;
	struct client *clients;
	int people;
	uint32_t sequence;
	bool measuring;
	uint64_t delivered, said, lost, damaged;
	struct samples latency;
};

static struct bench bench;

static void end_relay(void)
{
	static const char *const files[] = { "certificate.pem", "key.pem", "relay.db", "relay.db-journal", "store.key" };
	char path[96];

	if (bench.relay > 0) {
		kill(bench.relay, SIGTERM);
		waitpid(bench.relay, NULL, 0);
	}
	bench.relay = 0;
	if (!bench.dir[0])
		return;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", bench.dir, files[i]);
		unlink(path);
	}
	rmdir(bench.dir);
	bench.dir[0] = '\0';
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_relay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void start_relay(void)
{
	const char *build = getenv("MOOT_BUILD");
	char path[4096], line[512];
	int out[2];
	size_t n = 0;

	snprintf(path, sizeof path, "%s/moot-relay", build ? build : "build");
	strcpy(bench.dir, "/tmp/moot-bench.XXXXXX");
	if (!mkdtemp(bench.dir) || pipe(out))
		die("no temporary folder");
	bench.relay = fork();
	if (bench.relay < 0)
		die("fork");
	if (!bench.relay) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		measure_pin(0, 0);
		dup2(out[1], 1);
		execl(path, path, "--port", "0", "--json", "--log-level", "error", "--home", bench.dir, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	while (n + 1 < sizeof line && read(out[0], line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	if (sscanf(line, "{\"event\":\"listening\",\"address\":\"127.0.0.1:%d\",\"pin\":\"%44[^\"]", &bench.port, bench.pin) != 2)
		die("moot-relay does not start; is it built?");
}

/* ---- a WebSocket ---------------------------------------------------------------------------------------- */

/* Masked with zeros: allowed, and free. */
static void ws_write(struct client *client, unsigned opcode, const void *p, size_t n)
{
	uint8_t message[4096] = { (uint8_t)(0x80 | opcode) };
	size_t at = 2;

	if (n < 126) {
		message[1] = (uint8_t)(0x80 | n);
	} else {
		message[1] = 0x80 | 126;
		message[2] = (uint8_t)(n >> 8);
		message[3] = (uint8_t)n;
		at = 4;
	}
	memset(message + at, 0, 4);
	memcpy(message + at + 4, p, n);
	if (SSL_write(client->ssl, message, (int)(at + 4 + n)) <= 0)
		die("a write to the relay failed");
}

static void say_piece(struct client *client, enum wire_seal kind, uint16_t source)
{
	struct wire_piece piece = { .kind = kind, .source = source, .payload_bytes = 1 };
	uint8_t message[WIRE_HEADER_BYTES + 1] = { 0 };

	wire_piece_header(message, &piece);
	ws_write(client, WS_BINARY, message, sizeof message);
}

/* At the door, without keys: who leads takes whatever is shown. */
static int hear_piece(struct client *client, const uint8_t *p, size_t n)
{
	struct wire_piece piece;
	int used = wire_piece_decode(&piece, p, n);

	if (used < 0)
		die("a piece that nobody sent");
	if (piece.kind == WIRE_HELLO)
		say_piece(client, WIRE_CHALLENGE, piece.source);
	else if (piece.kind == WIRE_CHALLENGE)
		say_piece(client, WIRE_PROOF, 0);
	else if (piece.kind == WIRE_PROOF)
		say_piece(client, WIRE_WELCOME, piece.source);
	return used;
}

static void hear(struct client *client, const uint8_t *p, size_t n)
{
	uint64_t now = measure_now_ns();
	struct wire_frame frame;
	struct saying saying;
	int used;

	for (; n; p += used, n -= (size_t)used) {
		if (wire_is_piece(p, n)) {
			used = hear_piece(client, p, n);
			continue;
		}
		used = wire_frame_decode(&frame, p, n);
		if (used < 0 || frame.payload_bytes != sizeof saying)
			die("a frame that nobody sent");
		memcpy(&saying, frame.payload, sizeof saying);
		if (saying.speaker >= SPEAKERS || frame.timestamp != saying.sequence * 960 ||
		    saying.rest[0] != (uint8_t)saying.sequence || saying.rest[sizeof saying.rest - 1] != (uint8_t)saying.sequence) {
			bench.damaged++;
			continue;
		}
		if (bench.measuring && client->next[saying.speaker] && saying.sequence != client->next[saying.speaker])
			bench.lost++;
		client->next[saying.speaker] = saying.sequence + 1;
		if (bench.measuring) {
			bench.delivered++;
			samples_add(&bench.latency, now - saying.sent_ns);
		}
	}
}

/* Only the event that is waited for is understood; a thousand people tell each other a million others. */
static void hear_line(struct client *client, const uint8_t *p, size_t n)
{
	char start[64];
	int length;

	length = snprintf(start, sizeof start, "{\"event\":\"%s\"", event_name(client->awaited));
	if ((size_t)length <= n && !memcmp(p, start, (size_t)length)) {
		if (wire_event_decode(client->last, (const char *)p, n))
			die("an event that cannot be read");
	} else if (n > 17 && !memcmp(p, "{\"event\":\"refused", 17)) {
		fprintf(stderr, "bench_relay: %.*s\n", (int)n, (const char *)p);
		exit(1);
	}
}

static void hear_event(struct client *client, const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *line;
	size_t line_n;

	while (client->last && (line = wire_line(&text, &n, &line_n)))
		hear_line(client, (const uint8_t *)line, line_n);
}

/* One message out of p; returns the bytes it took, 0 when it is not whole yet. */
static size_t ws_message(struct client *client, const uint8_t *p, size_t n)
{
	size_t head = 2, length;

	if (n < 2)
		return 0;
	length = p[1];
	if (length == 126) {
		head = 4;
		if (n < head)
			return 0;
		length = (size_t)p[2] << 8 | p[3];
	} else if (length == 127) {
		head = 10;
		if (n < head)
			return 0;
		length = (size_t)p[6] << 24 | (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
	}
	if (n - head < length)
		return 0;
	switch (p[0] & 15) {
	case WS_BINARY: hear(client, p + head, length); break;
	case WS_TEXT: hear_event(client, p + head, length); break;
	case WS_PING: ws_write(client, WS_PONG, p + head, length); break;
	case WS_CLOSE: die("the relay closed a connection");
	default: break;
	}
	return head + length;
}

static void ws_read(struct client *client)
{
	for (;;) {
		int got = SSL_read(client->ssl, client->bytes + client->have, (int)(BYTES_MAX - client->have));
		size_t at = 0, used;

		if (got <= 0)
			return;
		client->have += (size_t)got;
		while ((used = ws_message(client, client->bytes + at, client->have - at)))
			at += used;
		client->have -= at;
		memmove(client->bytes, client->bytes + at, client->have);
	}
}

/* ---- joining -------------------------------------------------------------------------------------------- */

static void ws_connect(struct client *client)
{
	static const char upgrade[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
				      "Sec-WebSocket-Protocol: " WIRE_PROTOCOL "\r\n\r\n";
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)bench.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;
	char *end;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client->ssl = SSL_new(bench.tls);
	client->bytes = malloc(BYTES_MAX);
	if (client->fd < 0 || !client->ssl || !client->bytes || connect(client->fd, (struct sockaddr *)&at, sizeof at))
		die("connect");
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!SSL_set_fd(client->ssl, client->fd) || SSL_connect(client->ssl) != 1)
		die("TLS handshake");
	SSL_write(client->ssl, upgrade, sizeof upgrade - 1);
	do {
		int got = SSL_read(client->ssl, client->bytes + client->have, 4096);

		if (got <= 0)
			die("WebSocket handshake");
		client->have += (size_t)got;
		client->bytes[client->have] = '\0';
	} while (!(end = strstr((char *)client->bytes, "\r\n\r\n")));
	end += 4;
	client->have -= (size_t)((uint8_t *)end - client->bytes);
	memmove(client->bytes, end, client->have);
	fcntl(client->fd, F_SETFL, fcntl(client->fd, F_GETFL) | O_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	epoll_ctl(bench.epoll, EPOLL_CTL_ADD, client->fd, &event);
}

static void serve(int timeout_ms)
{
	struct epoll_event events[256];
	int n = epoll_wait(bench.epoll, events, 256, timeout_ms);

	for (int i = 0; i < n; i++)
		ws_read(events[i].data.ptr);
}

static void await(struct client *client, struct event *event, enum event_kind kind)
{
	uint64_t end = measure_now_ns() + 60000000000u;
	size_t at = 0, used;

	memset(event, 0, sizeof *event);
	client->last = event;
	client->awaited = kind;
	/* What came behind the handshake lies in the buffer already. */
	while ((used = ws_message(client, client->bytes + at, client->have - at)))
		at += used;
	client->have -= at;
	memmove(client->bytes, client->bytes + at, client->have);
	while (!event->kind) {
		if (measure_now_ns() > end)
			die("the relay does not answer");
		serve(100);
	}
	client->last = NULL;
}

static void say(struct client *client, const struct command *command)
{
	char text[4096];
	int n = wire_command_encode(text, sizeof text, command);

	if (n < 0)
		die("a command too long");
	ws_write(client, WS_TEXT, text, (size_t)n);
}

static void join(struct client *client, int index)
{
	struct command command = { .word = index ? WORD_JOIN : WORD_CREATE, .kind = KIND_HEADLESS, .mic = MIC_ON };
	struct command open = { .word = WORD_SET, .control = CONTROL_WAITING_ROOM, .request = 1 };
	struct event event;
	uint8_t proof[256];

	ws_connect(client);
	await(client, &event, EVENT_HELLO);
	identity_guest(&client->identity);
	memcpy(command.key, client->identity.key, sizeof command.key);
	snprintf(command.name, sizeof command.name, "Person %d", index);
	command.count = PASSCODE_LENGTH;
	strcpy(command.version, MOOT_VERSION);
	strcpy(command.id, bench.id);
	identity_sign(&client->identity, proof, wire_proof(proof, event.nonce, command.id, bench.pin), command.signature);
	say(client, &command);
	if (index) {
		await(client, &event, EVENT_DOOR);
		say_piece(client, WIRE_HELLO, 0);
	}
	await(client, &event, EVENT_JOINED);
	client->number = event.number;
	if (index)
		return;
	strcpy(bench.id, event.id);
	say(client, &open);
	await(client, &event, EVENT_ANSWER);
}

/* ---- speaking ------------------------------------------------------------------------------------------- */

static void speak(int index)
{
	struct client *client = &bench.clients[index];
	struct saying saying = { measure_now_ns(), (uint32_t)index, bench.sequence, { 0 } };
	struct wire_frame frame = { .stream = STREAM_AUDIO, .source = (uint16_t)client->number, .level = 30,
				    .timestamp = bench.sequence * 960, .payload_bytes = sizeof saying };
	uint8_t message[WIRE_HEADER_BYTES + sizeof saying];

	memset(saying.rest, (int)(bench.sequence & 0xff), sizeof saying.rest);
	wire_frame_header(message, &frame);
	memcpy(message + WIRE_HEADER_BYTES, &saying, sizeof saying);
	ws_write(client, WS_BINARY, message, sizeof message);
	bench.said += bench.measuring;
}

/* Three speakers, a third of a tick apart, as people are not in step. */
static void run(uint64_t until_ns)
{
	uint64_t step = TICK_US * 1000u / SPEAKERS, next = measure_now_ns();
	int speaker = 0;

	while (measure_now_ns() < until_ns) {
		uint64_t now = measure_now_ns();

		if (now >= next) {
			if (!speaker)
				bench.sequence++;
			speak(speaker);
			speaker = (speaker + 1) % SPEAKERS;
			next += step;
			continue;
		}
		serve((int)((next - now) / 1000000));
	}
}

static void print_row(double cpu_s, double window_s)
{
	uint64_t due = bench.said * (uint64_t)(bench.people - 1);

	printf("| moot-relay | %d | %.1f | %.1f | %.1f | %.0f %% | %.2f %% | %ld |\n", bench.people,
	       bench.delivered ? cpu_s * 1e6 / (double)bench.delivered : 0, samples_percentile_ms(&bench.latency, 50),
	       samples_percentile_ms(&bench.latency, 99), 100 * cpu_s / window_s,
	       due ? 100.0 * (double)bench.delivered / (double)due : 0, measure_rss_kib(bench.relay) / 1024);
	fflush(stdout);
	if (bench.damaged || bench.lost)
		fprintf(stderr, "bench_relay: %llu gaps, %llu frames damaged\n", (unsigned long long)bench.lost,
		        (unsigned long long)bench.damaged);
}

static void gather(int people)
{
	for (int i = bench.people; i < people; i++) {
		join(&bench.clients[i], i);
		serve(0);
	}
	bench.people = people;
}

static void open_meeting(int people)
{
	start_relay();
	bench.people = 0;
	bench.id[0] = '\0';
	bench.sequence = 0;
	bench.delivered = bench.said = bench.lost = bench.damaged = 0;
	bench.measuring = false;
	bench.clients = calloc((size_t)people, sizeof *bench.clients);
	bench.epoll = epoll_create1(EPOLL_CLOEXEC);
}

static void close_meeting(void)
{
	for (int i = 0; i < bench.people; i++) {
		SSL_free(bench.clients[i].ssl);
		close(bench.clients[i].fd);
		free(bench.clients[i].bytes);
	}
	free(bench.clients);
	close(bench.epoll);
	samples_clear(&bench.latency);
	end_relay();
}

/* ---- commands ------------------------------------------------------------------------------------------- */

/* Everything that is on its way has come. */
static void settle(void)
{
	uint64_t until = measure_now_ns() + 200 * 1000000u;

	while (measure_now_ns() < until)
		serve(20);
}

/* One command of the host, many times: until its answer, and until the last of all has the event. */
static void time_command(const char *name, const struct command *first, const struct command *second,
                         enum event_kind event)
{
	enum { ROUNDS = 40, PAUSE_NS = 60 * 1000000 };
	struct client *host = &bench.clients[0], *last = &bench.clients[bench.people - 1];
	struct samples answer = { 0 }, all = { 0 };
	struct event heard, told;

	for (int i = 0; i < ROUNDS; i++) {
		struct command command = i % 2 ? *second : *first;
		uint64_t start = measure_now_ns(), next = start + PAUSE_NS;

		command.request = (uint32_t)i + 2;
		memset(&told, 0, sizeof told);
		last->last = &told;
		last->awaited = event;
		say(host, &command);
		await(host, &heard, EVENT_ANSWER);
		if (!heard.ok)
			die(heard.code);
		samples_add(&answer, measure_now_ns() - start);
		while (!told.kind)
			serve(100);
		samples_add(&all, measure_now_ns() - start);
		last->last = NULL;
		while (measure_now_ns() < next)
			serve(5);
	}
	printf("| %s | %d | %.2f | %.2f | %.2f | %.2f |\n", name, bench.people, samples_percentile_ms(&answer, 50),
	       samples_percentile_ms(&answer, 99), samples_percentile_ms(&all, 50), samples_percentile_ms(&all, 99));
	fflush(stdout);
	samples_clear(&answer);
	samples_clear(&all);
}

static void measure_rules(void)
{
	static const int sizes[] = { 10, 200, 1000 };
	const struct command chat = { .word = WORD_CHAT, .text = "Good morning." };
	const struct command raise = { .word = WORD_RAISE }, lower = { .word = WORD_LOWER };
	const struct command open = { .word = WORD_SET, .control = CONTROL_CHAT, .value = CHAT_EVERYONE };
	const struct command shut = { .word = WORD_SET, .control = CONTROL_CHAT, .value = CHAT_HOSTS };
	const struct command spot = { .word = WORD_SPOTLIGHT, .number = 2 }, nobody = { .word = WORD_SPOTLIGHT };
	long alone_kib, rss_kib[3];
	double join_s[3] = { 0 };

	open_meeting(PEOPLE_MAX);
	gather(1);
	alone_kib = measure_rss_kib(bench.relay);
	printf("| command | people | answer p50 ms | p99 | at the last person p50 ms | p99 |\n|---|--:|--:|--:|--:|--:|\n");
	for (int i = 0; i < 3; i++) {
		uint64_t start = measure_now_ns();

		gather(sizes[i]);
		join_s[i] = (double)(measure_now_ns() - start) / 1e9 + (i ? join_s[i - 1] : 0);
		settle();
		rss_kib[i] = measure_rss_kib(bench.relay);
		time_command("chat", &chat, &chat, EVENT_CHAT);
		time_command("raise, lower", &raise, &lower, EVENT_PERSON_CHANGED);
		time_command("set chat", &shut, &open, EVENT_CONTROLS);
		time_command("spotlight", &spot, &nobody, EVENT_SPOTLIGHT);
	}
	printf("\n| people | joined one after another in s | relay MiB | KiB for each person |\n|--:|--:|--:|--:|\n");
	for (int i = 0; i < 3; i++)
		printf("| %d | %.2f | %.1f | %.1f |\n", sizes[i], join_s[i], (double)rss_kib[i] / 1024,
		       (double)(rss_kib[i] - alone_kib) / (sizes[i] - 1));
	printf("\nThe relay with one meeting of one: %.1f MiB.\n", (double)alone_kib / 1024);
	close_meeting();
}

static void measure(int people, int seconds)
{
	double cpu_s, window_s;
	uint64_t start;

	open_meeting(people);
	gather(people);
	run(measure_now_ns() + WARM_S * UINT64_C(1000000000));
	bench.measuring = true;
	cpu_s = measure_cpu_s(bench.relay);
	start = measure_now_ns();
	run(start + (uint64_t)seconds * 1000000000u);
	window_s = (double)(measure_now_ns() - start) / 1e9;
	cpu_s = measure_cpu_s(bench.relay) - cpu_s;
	print_row(cpu_s, window_s);
	close_meeting();
}

int main(int argc, char **argv)
{
	static const int sizes[] = { 50, 200, 1000 };
	bool rules = argc == 2 && !strcmp(argv[1], "rules");
	int people = argc > 1 && !rules ? (int)strtol(argv[1], NULL, 10) : 0;
	int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;

	if ((argc > 1 && !rules && people < SPEAKERS) || people > PEOPLE_MAX || seconds < 1 || seconds > 600) {
		fprintf(stderr, "usage: bench_relay [PEOPLE(3-1000) [SECONDS(1-600)]] | bench_relay rules\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	atexit(end_relay);
	measure_raise_files();
	measure_pin(0, 1);
	bench.tls = SSL_CTX_new(TLS_client_method());
	if (!bench.tls)
		die("out of memory");
	SSL_CTX_set_min_proto_version(bench.tls, TLS1_3_VERSION);
	SSL_CTX_set_alpn_protos(bench.tls, (const unsigned char *)"\x08http/1.1", 9);
	SSL_CTX_set_mode(bench.tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (rules) {
		measure_rules();
		return 0;
	}
	printf("| relay | people | CPU µs per delivered packet | p50 ms | p99 ms | of a core | delivered | MiB |\n"
	       "|---|--:|--:|--:|--:|--:|--:|--:|\n");
	if (people)
		measure(people, seconds);
	for (size_t i = 0; !people && i < sizeof sizes / sizeof *sizes; i++)
		measure(sizes[i], seconds);
	return 0;
}
