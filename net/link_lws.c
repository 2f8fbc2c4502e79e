/* Where libwebsockets calls: its one callback, taken apart; and the settings of TLS. */
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>

#include "net/link_lws.h"
#include "net/loop_lws.h"
#include "net/wire.h"

/* ---- TLS ---- */

void link_tls_setup(struct ssl_ctx_st *context, bool tls12)
{
	SSL_CTX_set_min_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
					  "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
	/* No resumption: a connection lives for a meeting, and tickets would cost at each of a thousand
	 * starts. */
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
	case LWS_CALLBACK_VHOST_CERT_AGING: return true;
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		loop = lws_context_user(lws_get_context(wsi));
		link_tls_setup(user, link_home(loop)->making_tls12);
		if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
			link_client_tls_setup(link_home(loop), user);
		else
			SSL_CTX_set_tlsext_servername_callback((SSL_CTX *)user, NULL);
		return true;
	default: return false;
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
	case LWS_CALLBACK_CLIENT_WRITEABLE: return link_writable(link);
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE: return link_receive(link, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		link->heard_us = loop_now_us();
		link->ping_sent = false;
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return confirm_upgrade(wsi);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return strcmp(lws_get_protocol(wsi)->name, WIRE_PROTOCOL) ? -1 : 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return link_client_verify(link, user, len != 0);
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return link_client_tls_up(link);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: link_client_failed(link, in, len); return 0;
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_ESTABLISHED: link->wsi = wsi; return up(link);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: link_peer_closed(link, in, len); return 0;
	case LWS_CALLBACK_WSI_DESTROY: gone(link); return 0;
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_CLIENT_HTTP_REDIRECT: return -1;
	default: return 0;
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
