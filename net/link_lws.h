/* What link*.c share. */
#ifndef MOOT_NET_LINK_LWS_H
#define MOOT_NET_LINK_LWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"

struct lws;
struct lws_protocols;
struct lws_vhost;
struct ssl_st;
struct ssl_ctx_st;
struct x509_st;
struct x509_store_ctx_st;

enum link_state {
	LINK_NEW,       /* client: not yet begun */
	LINK_HANDSHAKE, /* TCP, TLS, HTTP */
	LINK_OPEN,
	LINK_CLOSING, /* a close frame waits or was sent */
	LINK_CUT,
};

struct link {
	struct loop *loop;
	struct lws *wsi;
	const struct link_ops *ops; /* NULL: nobody wants to hear of it any more */
	void *arg;
	struct link_listener *listener; /* NULL on the client's side */
	struct link **list, *prev,
		*next;    /* among the fresh or open of this loop, or the unfinished of the listener */
	uint32_t counter; /* of its address, at the listener */
	enum link_state state;
	bool told, wants_write, paused, in_connect, goodbye_said;
	int end;
	char text[124]; /* why it ended; at most what a close frame holds */
	/* a message that came in pieces */
	uint8_t *rx;
	size_t rx_len, rx_size;
	bool rx_some;
	/* life */
	int64_t begun_us, heard_us;
	uint32_t silence_ms;
	bool ping_due, ping_sent;
	size_t held;             /* the last write, which libwebsockets may still hold */
	struct loop_timer timer; /* client: begin, then connecting must be done; both: closing must be done */
	char pin[LINK_PIN_SIZE], tls[64], address[64];
	/* client */
	char *host;
	uint16_t port;
	bool tls12, chain_seen, chain_bad, trusted, reached;
	uint32_t timeout_ms;
};

/* Beside each loop. */
struct link_home {
	struct link *fresh, *open;
	struct loop_timer sweep;
	int64_t sweep_us, swept_us;  /* how often, and when last */
	struct lws_vhost *client[2]; /* by tls12 */
	bool making_tls12;           /* of the host that is being made */
};

struct link_home *link_home(struct loop *loop);
/** What both ends speak; ends with an empty one. */
const struct lws_protocols *link_protocols(void);

/** Remember why; the first word counts. */
void link_why(struct link *link, int end, const char *text);
/** It is over and libwebsockets has forgotten it: tell, free. */
void link_finish(struct link *link);
void link_free(struct link *link);
void link_list_add(struct link **list, struct link *link);
void link_list_remove(struct link *link);

void link_set_silence(struct link *link, uint32_t silence_ms);

/* link_io.c: what libwebsockets calls about an open link. They return what it wants: 0, or -1 to close. */
int link_writable(struct link *link);
int link_receive(struct link *link, const uint8_t *p, size_t n);
void link_peer_closed(struct link *link, const uint8_t *p, size_t n);

/** Settings of a TLS context, either end. */
void link_tls_setup(struct ssl_ctx_st *context, bool tls12);
void link_tls_describe(struct link *link, struct ssl_st *ssl);

/* Client: reasons of libwebsockets that only a client meets. */
void link_client_tls_setup(struct link_home *home, struct ssl_ctx_st *context);
int link_client_verify(struct link *link, struct x509_store_ctx_st *x509, bool ok);
int link_client_tls_up(struct link *link);
void link_client_failed(struct link *link, const char *why, size_t n);
/* Server. */
void link_server_finished(struct link *link);
int link_server_up(struct link *link);
void link_server_gone(struct link *link);

/* link_bind.c */
/** 0 or -EKEYREJECTED, -ENOMEM. Asks nobody for a passphrase. */
int link_check_key(const char *certificate, const char *key);
/** A listening descriptor, or -errno. */
int link_bind(const char *address, uint16_t port);
uint16_t link_bound_port(int fd);

/** In cert.c: the pin of a certificate in memory. 0 or -EBADMSG. */
int cert_pin_x509(struct x509_st *certificate, char pin[static LINK_PIN_SIZE]);

/** What the kernel says of a socket. */
long link_tcp_queued(int fd);
uint32_t link_tcp_rtt_us(int fd);
uint32_t link_tcp_rtt_min_us(int fd);
uint64_t link_tcp_rate(int fd);

#endif
