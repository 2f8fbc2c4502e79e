/* Messages out and in. libwebsockets delivers a message in pieces and would take one of any size: pieces are
 * put together here, and what the header of a frame announces is checked before the first byte is kept. */
#include <errno.h>
#include <libwebsockets.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/link_lws.h"

enum {
	RX_KEEP = 16384, /* a larger buffer is given back after its message */
	RX_FIRST = 4096,
	CLOSE_BYTES_MAX = 125, /* of a control frame (RFC 6455) */
	WRITE_CLOSE = 4,
};

_Static_assert(LINK_HEADROOM >= LWS_PRE, "headroom");

/* ---- writing ---- */

void link_want_write(struct link *link)
{
	if (link->wants_write || link->state != LINK_OPEN)
		return;
	link->wants_write = true;
	lws_callback_on_writable(link->wsi);
}

static int write_message(struct link *link, uint8_t *p, size_t n, enum lws_write_protocol how)
{
	if (link->state != LINK_OPEN)
		return -EIO;
	link->held = n;
	if (lws_write(link->wsi, p, n, how) >= (int)n)
		return 0;
	link_why(link, LINK_END_LOST, "the line broke while writing");
	link_cut(link);
	return -EIO;
}

int link_write_text(struct link *link, char *p, size_t n)
{
	return write_message(link, (uint8_t *)p, n, LWS_WRITE_TEXT);
}

int link_write_binary(struct link *link, uint8_t *p, size_t n)
{
	return write_message(link, p, n, LWS_WRITE_BINARY);
}

/* The goodbye, by hand: after its own, libwebsockets closes the socket on the next thing that the far end says, and what
 * is unread then resets the line before the goodbye was heard. So go on reading, for nothing, until it is answered or out
 * of time. Its way of writing a close frame has a number (4, as long as there was a name for it) but no name any more; if
 * that is refused one day, its own goodbye must do. */
static int say_goodbye(struct link *link)
{
	uint8_t message[LWS_PRE + CLOSE_BYTES_MAX];
	uint8_t *p = message + LWS_PRE;
	size_t n = strnlen(link->text, CLOSE_BYTES_MAX - 2);

	if (link->goodbye_said)
		return 0;
	link->goodbye_said = true;
	p[0] = (uint8_t)(link->end >> 8);
	p[1] = (uint8_t)link->end;
	memcpy(p + 2, link->text, n);
	if (lws_write(link->wsi, p, 2 + n, (enum lws_write_protocol)WRITE_CLOSE) >= 0)
		return 0;
	lws_close_reason(link->wsi, (enum lws_close_status)link->end, (unsigned char *)link->text, n);
	return -1;
}

int link_writable(struct link *link)
{
	uint8_t ping[LWS_PRE + 1] = { 0 };

	if (link->state == LINK_CUT)
		return -1;
	if (link->state == LINK_CLOSING)
		return say_goodbye(link);
	if (link->ping_due) {
		link->ping_due = false;
		link->ping_sent = true;
		/* Not empty: libwebsockets never tells of an empty answer. */
		if (lws_write(link->wsi, ping + LWS_PRE, 1, LWS_WRITE_PING) < 0)
			return -1;
		if (link->wants_write)
			lws_callback_on_writable(link->wsi);
		return 0;
	}
	if (!link->wants_write)
		return 0;
	link->wants_write = false;
	if (link->ops)
		link->ops->on_writable(link->arg, link);
	return link->state == LINK_CUT ? -1 : 0;
}

/* ---- reading ---- */

void link_read(struct link *link, bool on)
{
	if (link->paused == !on || !link->wsi || link->state == LINK_HANDSHAKE || link->state == LINK_CUT)
		return;
	link->paused = !on;
	link->heard_us = loop_now_us();
	lws_rx_flow_control(link->wsi, on);
}

void link_narrow(struct link *link, size_t bytes)
{
	int n = bytes < INT_MAX ? (int)bytes : INT_MAX;

	if (link->wsi)
		setsockopt(lws_get_socket_fd(link->wsi), SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
}

static int refuse_rx(struct link *link, int code, const char *why)
{
	link->rx_len = 0;
	link_close(link, code, why);
	return 0;
}

static void deliver(struct link *link, bool binary, const uint8_t *p, size_t n)
{
	if (!link->ops)
		return;
	if (binary)
		link->ops->on_binary(link->arg, link, p, n);
	else
		link->ops->on_text(link->arg, link, (const char *)p, n);
}

/* Room for all that is announced, at least doubling, never beyond max. */
static int rx_grow(struct link *link, size_t announced, size_t max)
{
	size_t size = link->rx_size ? link->rx_size * 2 : RX_FIRST;
	uint8_t *rx;

	if (announced <= link->rx_size)
		return 0;
	if (size > max)
		size = max;
	if (size < announced)
		size = announced;
	rx = realloc(link->rx, size);
	if (!rx)
		return -ENOMEM;
	link->rx = rx;
	link->rx_size = size;
	return 0;
}

static void rx_done(struct link *link, bool binary)
{
	size_t n = link->rx_len;

	link->rx_len = 0;
	link->rx_some = false;
	deliver(link, binary, link->rx, n);
	if (link->rx_size > RX_KEEP) {
		free(link->rx);
		link->rx = NULL;
		link->rx_size = 0;
	}
}

int link_receive(struct link *link, const uint8_t *p, size_t n)
{
	bool binary = lws_frame_is_binary(link->wsi);
	bool final = lws_is_final_fragment(link->wsi);
	size_t rest = lws_remaining_packet_payload(link->wsi), max;

	if (link->state == LINK_CUT)
		return -1;
	link->heard_us = loop_now_us();
	link->ping_sent = false;
	if (link->state != LINK_OPEN || !link->ops)
		return 0;
	max = binary ? link->ops->binary_max : link->ops->text_max;
	if (rest > max || n > max - rest || link->rx_len > max - rest - n)
		return refuse_rx(link, LINK_END_TOO_BIG, "message too big");
	if (final && !link->rx_some) {
		deliver(link, binary, p, n);
		return link->state == LINK_CUT ? -1 : 0;
	}
	if (rx_grow(link, link->rx_len + n, max))
		return refuse_rx(link, LINK_END_TOO_BIG, "no memory for so big a message");
	if (n)
		memcpy(link->rx + link->rx_len, p, n);
	link->rx_len += n;
	link->rx_some = true;
	if (final)
		rx_done(link, binary);
	return link->state == LINK_CUT ? -1 : 0;
}

void link_peer_closed(struct link *link, const uint8_t *p, size_t n)
{
	int code = n >= 2 ? p[0] << 8 | p[1] : LINK_END_NORMAL;
	char text[sizeof(link->text)];
	size_t len = n > 2 ? n - 2 : 0;

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	for (size_t i = 0; i < len; i++)
		text[i] = p[2 + i] >= 0x20 && p[2 + i] < 0x7f ? (char)p[2 + i] : '?';
	text[len] = '\0';
	link_why(link, code, text);
}
