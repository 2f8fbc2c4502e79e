/* A bad line on one machine: two network namespaces of our own, joined by a user-space bridge that limits rate,
 * delays and loses frames in both directions.
 *     badline KBIT_S DELAY_MS LOSS_PERCENT COMMAND [ARG...]
 * runs COMMAND with MOOT_NEAR and MOOT_FAR set to the names of the namespaces (10.77.0.1 and 10.77.0.2), for
 * `ip netns exec`. Needs root. What it made is gone when it ends; its exit status is the command's. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MAX = 1600, QUEUE = 256, QUEUE_MS = 400, ENDS = 2 };

struct packet {
	int64_t due_us;
	size_t n;
	uint8_t bytes[FRAME_MAX];
};

/* One direction: frames leave in order, each when the line has carried it and the delay is over. */
struct way {
	struct packet *packet; /* [QUEUE] */
	unsigned first, count;
	int64_t free_us; /* when the line has sent all before */
};

static char space[ENDS][32], outer[ENDS][16];
static volatile sig_atomic_t stopped;
static pid_t child;

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
	char command[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	return system(command);
}

static void clear(void)
{
	for (int i = 0; i < ENDS; i++) {
		run("ip link del %s 2>/dev/null", outer[i]);
		run("ip netns del %s 2>/dev/null", space[i]);
	}
}

/* Offloads would hand us frames larger than the line's. */
static int build(int end)
{
	snprintf(space[end], sizeof space[end], "moot-%d-%c", (int)getpid(), 'a' + end);
	snprintf(outer[end], sizeof outer[end], "mt%d%c", (int)getpid() % 1000000, 'a' + end);
	return run("ip netns add %s", space[end]) ||
	       run("ip link add %s type veth peer name line netns %s", outer[end], space[end]) ||
	       run("ip link set %s up", outer[end]) ||
	       run("ip netns exec %s sh -c 'ip link set lo up; ip addr add 10.77.0.%d/24 dev line; ip link set line up; "
	           "ethtool -K line tx off tso off gso off gro off >/dev/null 2>&1 || :'",
	           space[end], end + 1) ||
	       run("ethtool -K %s tx off tso off gso off gro off >/dev/null 2>&1 || :", outer[end]);
}

static int listen_on(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		                       .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof address)) {
		fprintf(stderr, "badline: %s: %s\n", interface, strerror(errno));
		return -1;
	}
	return fd;
}

static void take(struct way *way, int from, double bytes_per_us, int64_t delay_us, double loss)
{
	uint8_t frame[FRAME_MAX];
	struct sockaddr_ll address;
	for (;;) {
		socklen_t size = sizeof address;
		ssize_t n = recvfrom(from, frame, sizeof frame, 0, (struct sockaddr *)&address, &size);
		if (n <= 0)
			return;
		int64_t now = now_us();
		if (address.sll_pkttype == PACKET_OUTGOING || way->count == QUEUE ||
		    way->free_us - now > QUEUE_MS * 1000 || drand48() * 100 < loss)
			continue;
		way->free_us = (way->free_us > now ? way->free_us : now) + (int64_t)((double)n / bytes_per_us);
		struct packet *packet = &way->packet[(way->first + way->count++) % QUEUE];
		packet->due_us = way->free_us + delay_us;
		packet->n = (size_t)n;
		memcpy(packet->bytes, frame, (size_t)n);
	}
}

/* Send what is due; microseconds until the next, or -1. */
static int64_t give(struct way *way, int to)
{
	for (; way->count; way->count--, way->first = (way->first + 1) % QUEUE) {
		struct packet *packet = &way->packet[way->first];
		int64_t wait = packet->due_us - now_us();
		if (wait > 0)
			return wait;
		if (send(to, packet->bytes, packet->n, 0) < 0 && errno != ENOBUFS)
			perror("badline: send");
	}
	return -1;
}

static void bridge(const int fd[ENDS], double kbit_s, double delay_ms, double loss)
{
	struct way way[ENDS] = { { .packet = calloc(QUEUE, sizeof(struct packet)) },
		                 { .packet = calloc(QUEUE, sizeof(struct packet)) } };
	while (!stopped && way[0].packet && way[1].packet) {
		int64_t wait = 50000;
		for (int i = 0; i < ENDS; i++) {
			take(&way[i], fd[i], kbit_s / 8000, (int64_t)(delay_ms * 1000), loss);
			int64_t next = give(&way[i], fd[!i]);
			wait = next >= 0 && next < wait ? next : wait;
		}
		struct pollfd ready[ENDS] = { { .fd = fd[0], .events = POLLIN }, { .fd = fd[1], .events = POLLIN } };
		struct timespec timeout = { .tv_nsec = wait * 1000 };
		ppoll(ready, ENDS, &timeout, NULL);
	}
	free(way[0].packet);
	free(way[1].packet);
}

static void on_signal(int signal)
{
	stopped = 1;
	if (signal != SIGCHLD && child > 0)
		kill(child, SIGTERM);
}

int main(int argc, char **argv)
{
	double kbit_s = argc > 4 ? strtod(argv[1], NULL) : 0, delay_ms = argc > 4 ? strtod(argv[2], NULL) : -1;
	double loss = argc > 4 ? strtod(argv[3], NULL) : -1;
	if (kbit_s <= 0 || delay_ms < 0 || loss < 0 || loss > 100) {
		fprintf(stderr, "usage: badline KBIT_S DELAY_MS LOSS_PERCENT COMMAND [ARG...]\n");
		return 2;
	}
	struct sigaction action = { .sa_handler = on_signal };
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	int fd[ENDS], status = 1;
	if (build(0) || build(1) || (fd[0] = listen_on(outer[0])) < 0 || (fd[1] = listen_on(outer[1])) < 0) {
		fprintf(stderr, "badline: could not make the namespaces (it needs root, ip and veth)\n");
		clear();
		return 1;
	}
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (!child) {
		setenv("MOOT_NEAR", space[0], 1);
		setenv("MOOT_FAR", space[1], 1);
		execvp(argv[4], argv + 4);
		perror(argv[4]);
		_exit(127);
	}
	bridge(fd, kbit_s, delay_ms, loss);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	clear();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
