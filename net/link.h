/* One TLS WebSocket, either end. TLS 1.3 only unless tls12; ALPN http/1.1; subprotocol moot.1; no extensions.
 * Everything on the loop's thread. A link reports its end exactly once through on_close and is gone when that
 * returns. Writes are taken whole; keep what waits in queues of your own and write on on_writable. */
#ifndef MOOT_NET_LINK_H
#define MOOT_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

struct link;

enum {
	LINK_PIN_SIZE = 48, /* base64 of SHA-256 of the SPKI (RFC 7469), NUL included: 44 characters */
	LINK_HEADROOM = 32, /* bytes before a message that a write may scribble on */
};

/* Why a link ended. WebSocket close codes (RFC 6455, 4000-4999 ours) as they are, and: */
enum link_end {
	LINK_END_LOST = -1,        /* the line broke without goodbye */
	LINK_END_UNREACHABLE = -2, /* never connected: refused, no route, name not found, timeout */
	LINK_END_TLS = -3,         /* handshake or certificate; the text says which */
	LINK_END_PROTOCOL = -4,    /* the far end is no moot relay */
	LINK_END_NORMAL = 1000,
	LINK_END_GOING_AWAY = 1001,
	LINK_END_BAD_DATA = 1007,
	LINK_END_TOO_BIG = 1009,
	LINK_END_POLICY = 1008,
	LINK_END_SLOW = 4001, /* control queue overflowed; may resume */
	LINK_END_FLOOD = 4002,
	LINK_END_REPLACED = 4003, /* resumed elsewhere */
	LINK_END_TIMEOUT = 4004,  /* said nothing in time */
};

struct link_ops {
	/** The WebSocket is up. */
	void (*on_open)(void *arg, struct link *link);
	/** One whole message, at most text_max or binary_max bytes; borrowed. */
	void (*on_text)(void *arg, struct link *link, const char *text, size_t n);
	void (*on_binary)(void *arg, struct link *link, const uint8_t *p, size_t n);
	/** After link_want_write(): one message may be written now. */
	void (*on_writable)(void *arg, struct link *link);
	/** The end, once. end: enum link_end or a close code; text: for people, never NULL. */
	void (*on_close)(void *arg, struct link *link, int end, const char *text);
	/** Client only, during the handshake: does the user's side trust this relay? ca_ok: chain and name
	 * check out. pin: NUL-terminated. Return 0 or a negative value to refuse. May be NULL: then ca_ok
	 * decides. */
	int (*trust)(void *arg, const char *pin, bool ca_ok);
	size_t text_max, binary_max;
};

struct link_client {
	const char *host; /* name or address; "[::1]" without brackets */
	uint16_t port;
	bool tls12;          /* let TLS 1.2 do */
	uint32_t timeout_ms; /* to on_open; 0: 10 s */
	uint32_t silence_ms; /* after it a ping; after twice of it and nothing heard, lost. 0: 6 s */
};

/** Start connecting. Returns the link, its events come later on the loop, or NULL (-errno in errno). */
struct link *link_connect(struct loop *loop, const struct link_client *client, const struct link_ops *ops,
			  void *arg);

struct link_server {
	const char *address;           /* to listen on; NULL: all */
	uint16_t port;                 /* 0: any free one */
	const char *certificate, *key; /* PEM files */
	bool tls12;
	uint32_t links_max;             /* 0: as many as there are descriptors */
	uint32_t links_per_address_max; /* 0: no limit; an IPv6 /64 is one address */
	uint32_t handshakes_max; /* unfinished at a time; 0: 1024. They count above, too, but the oldest make
				  * way for new ones, first those of an address that has many */
	uint32_t handshake_ms;   /* TCP accepted to WebSocket up; 0: 10 s */
	uint32_t silence_ms;     /* as for clients; 0: 15 s */
	/** A new connection is up; set *arg for its callbacks. Return 0, or a negative value to close it. */
	int (*on_accept)(void *server_arg, struct link *link, void **arg);
	void *server_arg;
};
struct link_listener;

/** Listen. Returns 0 with *listener and *port, or -EADDRINUSE, -EADDRNOTAVAIL, -EACCES, -EKEYREJECTED
 * (certificate or key unreadable or not matching), -ENOMEM. */
int link_listen(struct loop *loop, const struct link_server *server, const struct link_ops *ops,
		struct link_listener **listener, uint16_t *port);
/** Stop accepting; links that are up live on. */
void link_listener_free(struct link_listener *listener);

/** Ask for on_writable. Cheap, idempotent. */
void link_want_write(struct link *link);

/** Write one message, at once, inside on_writable only. p: n bytes with LINK_HEADROOM writable bytes before
 * them, that may change; the n bytes themselves do not on the server's side (buffers may be shared), but are
 * masked in place on the client's. Returns 0 or -EIO (the link will close). */
int link_write_text(struct link *link, char *p, size_t n);
int link_write_binary(struct link *link, uint8_t *p, size_t n);

/** Bytes the kernel holds and the far end has not acknowledged (SIOCOUTQ), plus what libwebsockets holds. -1
 * if unknown. */
long link_in_flight(const struct link *link);
/** Smoothed round trip in microseconds from TCP_INFO, 0 if unknown; and its delivery rate in bytes/s, 0 if
 * unknown. */
uint32_t link_rtt_us(const struct link *link);
/** The least round trip of the last minutes: the line without its queues. */
uint32_t link_rtt_min_us(const struct link *link);
uint64_t link_rate(const struct link *link);

/** Pause and go on reading (tests, back-pressure). */
void link_read(struct link *link, bool on);
/** Let the kernel hold at most some bytes of what comes in, so that pausing is felt at the far end soon. */
void link_narrow(struct link *link, size_t bytes);

/** Close: code and a short reason are sent (after what was written); on_close follows, later, on the loop.
 * cut: no goodbye, at once. */
void link_close(struct link *link, int code, const char *reason);
void link_cut(struct link *link);
/** Cut, and call nothing of it any more, on_close included: the pointer is gone. NULL is fine. */
void link_drop(struct link *link);

/** "TLSv1.3 TLS_AES_256_GCM_SHA384", the far end's pin (client), the peer's address ("127.0.0.1"). Until
 * on_close returns. */
const char *link_tls(const struct link *link);
const char *link_pin(const struct link *link);
const char *link_address(const struct link *link);

#endif
