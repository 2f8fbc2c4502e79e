/* What the kernel knows of a TCP connection. Apart, because linux/tcp.h and libwebsockets' netinet/tcp.h
 * collide. */
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/link_lws.h"

long link_tcp_queued(int fd)
{
	int n;

	return ioctl(fd, SIOCOUTQ, &n) ? -1 : n;
}

static int tcp_info(int fd, struct tcp_info *info, size_t needed)
{
	socklen_t n = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &n) || n < needed ? -1 : 0;
}

uint32_t link_tcp_rtt_us(int fd)
{
	struct tcp_info info;

	return tcp_info(fd, &info, offsetof(struct tcp_info, tcpi_rttvar)) ? 0 : info.tcpi_rtt;
}

uint32_t link_tcp_rtt_min_us(int fd)
{
	struct tcp_info info;

	return tcp_info(fd, &info, offsetof(struct tcp_info, tcpi_busy_time)) ? 0 : info.tcpi_min_rtt;
}

uint64_t link_tcp_rate(int fd)
{
	struct tcp_info info;

	return tcp_info(fd, &info, offsetof(struct tcp_info, tcpi_busy_time)) ? 0 : info.tcpi_delivery_rate;
}
