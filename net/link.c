/* A link's life after the handshake, the same at either end. libwebsockets delivers a message in pieces and
 * would take one of any size: pieces are put together here, and what the header of a frame announces is
 * checked before the first byte is kept. Life is checked by one sweep over all links instead of its timer per
 * connection: silence is answered by a ping, longer silence ends the link. */
#include <errno.h>
#include <limits.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/link_lws.h"
#include "net/loop_lws.h"
#include "net/wire.h"

enum {
	SWEEP_MAX_US = 2000000,
	CLOSE_US = 3000000,             /* for the goodbye to be sent and answered */
	RX_KEEP = 16384,                /* a larger buffer is given back after its message */
	RX_FIRST = 4096,
};

_Static_assert(LINK_HEADROOM >= LWS_PRE, "headroom");

/* ---- lists ---- */

void link_list_add(struct link **list, struct link *link)
{
	link->prev = NULL;
	link->next = *list;
	if (*list)
		(*list)->prev = link;
	*list = link;
	link->list = list;
}

void link_list_remove(struct link *link)
{
	if (!link->list)
		return;
	if (link->prev)
		link->prev->next = link->next;
	else
		*link->list = link->next;
	if (link->next)
		link->next->prev = link->prev;
	link->prev = link->next = NULL;
	link->list = NULL;
}

/* ---- life and end ---- */

static void check_life(struct link *link, int64_t now_us)
{
	int64_t silent_ms = (now_us - link->heard_us) / 1000;

	if (link->paused || link->state != LINK_OPEN)
		return;
	if (silent_ms >= 2 * (int64_t)link->silence_ms) {
		link_why(link, LINK_END_LOST, "no sign of life");
		link_cut(link);
	} else if (silent_ms >= link->silence_ms && !link->ping_sent) {
		link->ping_due = true;
		lws_callback_on_writable(link->wsi);
	}
}

static void sweep(void *arg)
{
	struct loop *loop = arg;
	struct link_home *home = link_home(loop);
	int64_t now_us = loop_now_us(), late_us = now_us - home->swept_us - home->sweep_us;

	/* This program itself stood still (stopped, suspended, starved): the silence was ours. */
	if (late_us < home->sweep_us)
		late_us = 0;
	for (struct link *link = home->open, *next; link; link = next) {
		next = link->next;
		link->heard_us += late_us;
		check_life(link, now_us);
	}
	home->swept_us = now_us;
	loop_timer_set(loop, &home->sweep, home->sweep_us);
}

/* Look often enough for the shortest silence asked for. */
void link_set_silence(struct link *link, uint32_t silence_ms)
{
	struct link_home *home = link_home(link->loop);
	int64_t often_us = (int64_t)silence_ms * 250;

	link->silence_ms = silence_ms;
	if (often_us >= home->sweep_us)
		return;
	home->sweep_us = often_us;
	home->swept_us = loop_now_us();
	loop_timer_set(link->loop, &home->sweep, often_us);
}

static void home_free(void *links)
{
	struct link_home *home = links;

	while (home->fresh)
		link_finish(home->fresh);
	free(home);
}

struct link_home *link_home(struct loop *loop)
{
	struct link_home *home = loop_links(loop);

	if (home)
		return home;
	home = calloc(1, sizeof(*home));
	if (!home)
		return NULL;
	home->sweep = (struct loop_timer){ .fn = sweep, .arg = loop };
	home->sweep_us = SWEEP_MAX_US;
	home->swept_us = loop_now_us();
	loop_set_links(loop, home, home_free);
	loop_timer_set(loop, &home->sweep, home->sweep_us);
	return home;
}

void link_why(struct link *link, int end, const char *text)
{
	if (link->end)
		return;
	link->end = end;
	lws_strncpy(link->text, text ? text : "", sizeof(link->text));
}

void link_free(struct link *link)
{
	loop_timer_cancel(link->loop, &link->timer);
	free(link->rx);
	free(link->host);
	free(link);
}

void link_finish(struct link *link)
{
	if (link->listener)
		link_server_gone(link);
	link_list_remove(link);
	link_why(link, LINK_END_LOST, "the line broke");
	link->wsi = NULL;
	if (link->ops && !link->told && !loop_dying(link->loop)) {
		link->told = true;
		link->ops->on_close(link->arg, link, link->end, link->text);
	}
	link_free(link);
}

static void kill_now(struct link *link)
{
	if (!link->wsi)
		return;
	shutdown(lws_get_socket_fd(link->wsi), SHUT_RDWR);
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void out_of_time(void *arg)
{
	struct link *link = arg;

	link->state = LINK_CUT;
	kill_now(link);
}

static void finish_later(void *arg)
{
	link_finish(arg);
}

void link_cut(struct link *link)
{
	if (link->state == LINK_CUT)
		return;
	link_why(link, LINK_END_LOST, "cut");
	link->timer.fn = link->state == LINK_NEW ? finish_later : out_of_time;
	link->timer.arg = link;
	link->state = LINK_CUT;
	loop_timer_set(link->loop, &link->timer, link->wsi ? CLOSE_US : 0);
	kill_now(link);
}

void link_drop(struct link *link)
{
	if (!link)
		return;
	link->ops = NULL;
	link_cut(link);
}

void link_close(struct link *link, int code, const char *reason)
{
	if (link->state == LINK_CLOSING || link->state == LINK_CUT)
		return;
	link_why(link, code, reason);
	if (link->state != LINK_OPEN || code < 1000 || code > 4999) {
		link_cut(link);
		return;
	}
	link->state = LINK_CLOSING;
	link->timer.fn = out_of_time;
	link->timer.arg = link;
	loop_timer_set(link->loop, &link->timer, CLOSE_US);
	/* A goodbye is heard even by a link whose reading was paused. */
	link_read(link, true);
	lws_callback_on_writable(link->wsi);
}

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

static int writable(struct link *link)
{
	uint8_t ping[LWS_PRE + 1] = { 0 };

	if (link->state == LINK_CUT)
		return -1;
	if (link->state == LINK_CLOSING) {
		lws_close_reason(link->wsi, (enum lws_close_status)link->end, (unsigned char *)link->text,
				 strlen(link->text));
		return -1;
	}
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

static int receive(struct link *link, const uint8_t *p, size_t n)
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

static void peer_closed(struct link *link, const uint8_t *p, size_t n)
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

/* ---- what is known of it ---- */

long link_in_flight(const struct link *link)
{
	long queued = link->wsi ? link_tcp_queued(lws_get_socket_fd(link->wsi)) : -1;

	if (queued >= 0 && link->state == LINK_OPEN && lws_partial_buffered(link->wsi))
		queued += (long)link->held;
	return queued;
}

uint32_t link_rtt_us(const struct link *link)
{
	return link->wsi ? link_tcp_rtt_us(lws_get_socket_fd(link->wsi)) : 0;
}

uint64_t link_rate(const struct link *link)
{
	return link->wsi ? link_tcp_rate(lws_get_socket_fd(link->wsi)) : 0;
}

const char *link_tls(const struct link *link)
{
	return link->tls;
}

const char *link_pin(const struct link *link)
{
	return link->pin;
}

const char *link_address(const struct link *link)
{
	return link->address;
}

/* ---- TLS ---- */

void link_tls_setup(struct ssl_ctx_st *context, bool tls12)
{
	SSL_CTX_set_min_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
					  "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
	/* No resumption: a connection lives for a meeting, and tickets would cost at each of a thousand starts. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

void link_tls_describe(struct link *link, struct ssl_st *ssl)
{
	lws_snprintf(link->tls, sizeof(link->tls), "%s %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
}

/* ---- libwebsockets ---- */

/* Only an upgrade to WebSocket: of others, 4.1.6 goes on with freed headers (so `in` is not looked at). */
static int confirm_upgrade(struct lws *wsi)
{
	char upgrade[16];

	return lws_hdr_copy(wsi, upgrade, sizeof(upgrade), WSI_TOKEN_UPGRADE) == 9 &&
			       !strcasecmp(upgrade, "websocket")
		       ? 0
		       : -1;
}

/* Calls about no connection, whose wsi is not a real one. True: *rc is the answer. */
static bool on_host(struct lws *wsi, enum lws_callback_reasons reason, void *user, int *rc)
{
	struct loop *loop;

	*rc = 0;
	switch (reason) {
	case LWS_CALLBACK_GET_THREAD_ID:
	case LWS_CALLBACK_PROTOCOL_INIT:
	case LWS_CALLBACK_PROTOCOL_DESTROY:
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
	case LWS_CALLBACK_WSI_CREATE:
	case LWS_CALLBACK_VHOST_CERT_AGING:
		return true;
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		loop = lws_context_user(lws_get_context(wsi));
		link_tls_setup(user, link_home(loop)->making_tls12);
		if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
			link_client_tls_setup(link_home(loop), user);
		else
			SSL_CTX_set_tlsext_servername_callback((SSL_CTX *)user, NULL);
		return true;
	default:
		return false;
	}
}

static void gone(struct link *link)
{
	link->wsi = NULL;
	if (!link->in_connect)
		link_finish(link);
}

static int up(struct link *link)
{
	if (link->state == LINK_CUT)
		return -1;
	if (link->listener)
		link_server_finished(link);
	link->state = LINK_OPEN;
	link->heard_us = loop_now_us();
	link_list_add(&link_home(link->loop)->open, link);
	loop_timer_cancel(link->loop, &link->timer);
	link_tls_describe(link, lws_get_ssl(link->wsi));
	if (link->listener)
		return link_server_up(link);
	if (link->ops)
		link->ops->on_open(link->arg, link);
	return link->state == LINK_CUT ? -1 : 0;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct link *link;
	int rc;

	if (on_host(wsi, reason, user, &rc))
		return rc;
	link = lws_get_opaque_user_data(wsi);
	if (!link)
		return reason == LWS_CALLBACK_WSI_DESTROY ? 0 : -1;
	switch (reason) {
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return writable(link);
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(link, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		link->heard_us = loop_now_us();
		link->ping_sent = false;
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(wsi);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return strcmp(lws_get_protocol(wsi)->name, WIRE_PROTOCOL) ? -1 : 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return link_client_verify(link, user, len != 0);
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return link_client_tls_up(link);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		link_client_failed(link, in, len);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		link->wsi = wsi;
		return up(link);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closed(link, in, len);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		gone(link);
		return 0;
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT:
		return -1;
	default:
		return 0;
	}
}

/* The first is what a peer gets who names none; it is refused. */
static const struct lws_protocols protocols[] = {
	{ .name = "none", .callback = on_lws },
	{ .name = WIRE_PROTOCOL, .callback = on_lws, .rx_buffer_size = 4096 },
	{ .name = NULL },
};

const struct lws_protocols *link_protocols(void)
{
	return protocols;
}
