/* The server's end. The listening socket is ours, and each connection is handed to libwebsockets after it was
 * counted: so the errors of listening have names, accept() never spins without descriptors, and connections
 * that never finish their handshake are held within bounds: the oldest makes way, first of an address that
 * has many, so that a flood of them passes by those who mean it. */
#include <errno.h>
#include <libwebsockets.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link_lws.h"
#include "net/loop_lws.h"

enum {
	HANDSHAKE_MS = 10000,
	HANDSHAKES_MAX = 1024,
	SILENCE_MS = 15000,
	SWEEP_US = 500000,
	PAUSE_US = 100000, /* without descriptors */
	ACCEPTS_MAX = 64,  /* in one pass */
	COUNTERS = 4096,   /* a power of two */
};

/* By a keyed hash of the address: two that collide share a limit, none gets a higher one. */
struct counter {
	uint32_t all, unfinished;
};

struct link_listener {
	struct loop *loop;
	struct lws_vhost *vhost;
	struct link_server server;
	const struct link_ops *ops;
	int fd;
	struct loop_watch *watch;
	struct loop_timer sweep, pause;
	struct link *young, *old; /* the unfinished: from the youngest, and from the other end */
	uint32_t links, unfinished, seed;
	bool closed;
	struct counter counters[COUNTERS];
};

/* ---- counting ---- */

static void unfinished_add(struct link_listener *listener, struct link *link)
{
	link_list_add(&listener->young, link);
	if (!listener->old)
		listener->old = link;
	listener->unfinished++;
	listener->counters[link->counter].unfinished++;
}

static void unfinished_remove(struct link_listener *listener, struct link *link)
{
	if (link->list != &listener->young)
		return;
	if (listener->old == link)
		listener->old = link->prev;
	link_list_remove(link);
	listener->unfinished--;
	listener->counters[link->counter].unfinished--;
}

static void listener_release(struct link_listener *listener)
{
	if (listener->closed && !listener->links)
		free(listener);
}

void link_server_finished(struct link *link)
{
	unfinished_remove(link->listener, link);
}

void link_server_gone(struct link *link)
{
	struct link_listener *listener = link->listener;

	unfinished_remove(listener, link);
	listener->counters[link->counter].all--;
	listener->links--;
	listener_release(listener);
}

int link_server_up(struct link *link)
{
	struct link_listener *listener = link->listener;

	if (listener->closed ||
	    listener->server.on_accept(listener->server.server_arg, link, &link->arg) < 0) {
		link_cut(link);
		return -1;
	}
	link->ops = listener->ops;
	link->ops->on_open(link->arg, link);
	return link->state == LINK_CUT ? -1 : 0;
}

static void evict(struct link *link)
{
	unfinished_remove(link->listener, link);
	link_cut(link);
}

static void sweep(void *arg)
{
	struct link_listener *listener = arg;
	int64_t since_us = loop_now_us() - (int64_t)listener->server.handshake_ms * 1000;

	while (listener->old && listener->old->begun_us < since_us)
		evict(listener->old);
	loop_timer_set(listener->loop, &listener->sweep, SWEEP_US);
}

/* Room for one more of this address? Unfinished ones make way. */
static bool make_room(struct link_listener *listener, uint32_t counter)
{
	const struct link_server *server = &listener->server;
	bool crowded = server->links_per_address_max &&
		       listener->counters[counter].all >= server->links_per_address_max;
	uint32_t many = listener->unfinished / 8;
	struct link *link = listener->old;

	if (!crowded && listener->unfinished < server->handshakes_max &&
	    (!server->links_max || listener->links < server->links_max))
		return true;
	if (crowded)
		while (link && link->counter != counter)
			link = link->prev;
	else
		while (link && listener->counters[link->counter].unfinished <= many)
			link = link->prev;
	if (!link && !crowded)
		link = listener->old;
	if (!link)
		return false;
	evict(link);
	return true;
}

/* ---- accepting ---- */

/* What tells one address from another, as bytes: an IPv4 address whole, of an IPv6 address its network. */
static uint32_t counter_of(const struct link_listener *listener, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
	const uint8_t *p = (const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr;
	uint32_t hash = 2166136261u ^ listener->seed;
	size_t n = 4;

	if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		p = in6->sin6_addr.s6_addr + 12;
	} else if (from->ss_family == AF_INET6) {
		p = in6->sin6_addr.s6_addr;
		n = 8;
	}
	while (n--)
		hash = (hash ^ *p++) * 16777619u;
	return (hash ^ hash >> 15) & (COUNTERS - 1);
}

static void name_peer(struct link *link, const struct sockaddr_storage *from)
{
	char text[64];
	const char *name = text;

	if (getnameinfo((const struct sockaddr *)from, sizeof(*from), text, sizeof(text), NULL, 0,
			NI_NUMERICHOST))
		name = "?";
	if (!strncmp(name, "::ffff:", 7))
		name += 7;
	lws_strncpy(link->address, name, sizeof(link->address));
}

static void welcome(struct link_listener *listener, int fd, const struct sockaddr_storage *from)
{
	struct link *link = NULL;
	lws_adopt_desc_t desc = { 0 };
	uint32_t counter = counter_of(listener, from);
	int on = 1;

	if (make_room(listener, counter))
		link = calloc(1, sizeof(*link));
	if (!link) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	link->loop = listener->loop;
	link->listener = listener;
	link->state = LINK_HANDSHAKE;
	link->begun_us = loop_now_us();
	link->counter = counter;
	name_peer(link, from);
	link_set_silence(link, listener->server.silence_ms);
	listener->links++;
	listener->counters[counter].all++;
	unfinished_add(listener, link);

	desc.vh = listener->vhost;
	desc.type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL;
	desc.fd.sockfd = fd;
	desc.opaque = link;
	link->in_connect = true;
	link->wsi = lws_adopt_descriptor_vhost_via_info(&desc);
	link->in_connect = false;
	if (!link->wsi)
		link_finish(link);
}

static void accept_again(void *arg)
{
	struct link_listener *listener = arg;

	loop_watch_want(listener->watch, LOOP_READABLE);
}

static void on_listening(void *arg, unsigned ready)
{
	struct link_listener *listener = arg;
	struct sockaddr_storage from;

	(void)ready;
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		socklen_t n = sizeof(from);
		int fd = accept4(listener->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(listener, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			loop_watch_want(listener->watch, 0);
			loop_timer_set(listener->loop, &listener->pause, PAUSE_US);
		}
		return;
	}
}

/* ---- listening ---- */

static struct lws_vhost *server_vhost(struct loop *loop, const struct link_server *server)
{
	struct lws_context_creation_info info = { 0 };
	struct link_home *home = link_home(loop);

	if (!home)
		return NULL;
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	info.vhost_name = "relay";
	info.protocols = link_protocols();
	info.alpn = "http/1.1";
	info.ssl_cert_filepath = server->certificate;
	info.ssl_private_key_filepath = server->key;
	info.http_proxy_address = "";
	home->making_tls12 = server->tls12;
	return lws_create_vhost(loop_context(loop), &info);
}

static void set_defaults(struct link_server *server)
{
	if (!server->handshake_ms)
		server->handshake_ms = HANDSHAKE_MS;
	if (!server->handshakes_max)
		server->handshakes_max = HANDSHAKES_MAX;
	if (!server->silence_ms)
		server->silence_ms = SILENCE_MS;
	/* The caller's strings need not live on. */
	server->address = server->certificate = server->key = NULL;
}

int link_listen(struct loop *loop, const struct link_server *server, const struct link_ops *ops,
		struct link_listener **out, uint16_t *port)
{
	struct link_listener *listener;
	int rc = link_check_key(server->certificate, server->key);

	if (rc)
		return rc;
	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	*listener = (struct link_listener) { .loop = loop, .server = *server, .ops = ops };
	set_defaults(&listener->server);
	RAND_bytes((unsigned char *)&listener->seed, sizeof(listener->seed));
	listener->fd = link_bind(server->address, server->port);
	if (listener->fd < 0) {
		rc = listener->fd;
		free(listener);
		return rc;
	}
	listener->sweep = (struct loop_timer) { .fn = sweep, .arg = listener };
	listener->pause = (struct loop_timer) { .fn = accept_again, .arg = listener };
	rc = -ENOMEM;
	listener->vhost = server_vhost(loop, server);
	if (listener->vhost)
		listener->watch = loop_watch(loop, listener->fd, on_listening, listener);
	if (!listener->watch || loop_timer_set(loop, &listener->sweep, SWEEP_US)) {
		loop_unwatch(listener->watch);
		close(listener->fd);
		free(listener);
		return rc;
	}
	*port = link_bound_port(listener->fd);
	*out = listener;
	return 0;
}

void link_listener_free(struct link_listener *listener)
{
	if (!listener)
		return;
	loop_unwatch(listener->watch);
	close(listener->fd);
	loop_timer_cancel(listener->loop, &listener->sweep);
	loop_timer_cancel(listener->loop, &listener->pause);
	while (listener->old)
		evict(listener->old);
	listener->closed = true;
	listener_release(listener);
}
