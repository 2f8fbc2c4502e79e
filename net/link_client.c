/* The client's end: connecting, and whom to trust. The verification callback of OpenSSL is only listened to:
 * it notes whether the chain holds and lets the handshake go on. The decision falls once the handshake is
 * whole and before a byte of HTTP is sent, on the certificate that was then proven. */
#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "net/cert.h"
#include "net/link_lws.h"
#include "net/loop_lws.h"
#include "net/wire.h"

enum { TIMEOUT_MS = 10000, SILENCE_MS = 6000 };

/* Debian's certificates by the directory with one file each, looked up when a chain asks for one: reading the
 * whole bundle at every start takes longer than all the rest. SSL_CERT_FILE is read whole, it was asked for.
 */
void link_client_tls_setup(struct link_home *home, struct ssl_ctx_st *context)
{
	const char *file = getenv(X509_get_default_cert_file_env());

	(void)home;
	if (file && *file)
		SSL_CTX_load_verify_file(context, file);
	SSL_CTX_set_default_verify_dir(context);
	ERR_clear_error();
}

int link_client_verify(struct link *link, struct x509_store_ctx_st *x509, bool ok)
{
	if (!ok)
		link->chain_bad = true;
	else if (X509_STORE_CTX_get_error_depth(x509) == 0)
		link->chain_seen = true;
	X509_STORE_CTX_set_error(x509, X509_V_OK);
	return 0;
}

static bool name_fits(X509 *certificate, const char *host)
{
	uint8_t address[16];
	unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_check_ip_asc(certificate, host, 0) == 1;
	return X509_check_host(certificate, host, strlen(host), flags, NULL) == 1;
}

int link_client_tls_up(struct link *link)
{
	SSL *ssl = lws_get_ssl(link->wsi);
	X509 *certificate = ssl ? SSL_get1_peer_certificate(ssl) : NULL;
	bool ca_ok;
	int rc = -1;

	link->reached = true;
	if (link->state == LINK_CUT)
		goto out;
	if (link->trusted) {
		rc = 0;
		goto out;
	}
	if (!certificate || cert_pin_x509(certificate, link->pin)) {
		link_why(link, LINK_END_TLS, "the relay showed no certificate");
		goto out;
	}
	ca_ok = link->chain_seen && !link->chain_bad && name_fits(certificate, link->host);
	link_tls_describe(link, ssl);
	if (!link->ops)
		goto out;
	rc = link->ops->trust ? link->ops->trust(link->arg, link->pin, ca_ok) : ca_ok ? 0 : -1;
	if (rc < 0)
		link_why(link, LINK_END_TLS,
			 ca_ok ? "the relay is not the one that was asked for"
			       : "the relay's certificate is neither known nor vouched for");
	link->trusted = !rc;
out:
	X509_free(certificate);
	return rc;
}

/* libwebsockets' words for what went wrong, sorted and said for people. */
void link_client_failed(struct link *link, const char *why, size_t n)
{
	char text[160];

	lws_strnncpy(text, why ? why : "", why ? n : 0, sizeof(text));
	if (link->reached)
		link_why(link, LINK_END_PROTOCOL, "it speaks TLS, but is no moot relay");
	else if (strstr(text, "SSL") || strstr(text, "SYSCALL") || strstr(text, "cert") ||
		 strstr(text, "hung up"))
		link_why(link, LINK_END_TLS, "no TLS handshake (it may be no relay, or too old for TLS 1.3)");
	else if (strstr(text, "getaddrinfo"))
		link_why(link, LINK_END_UNREACHABLE, "no such host name");
	else
		link_why(link, LINK_END_UNREACHABLE, "nothing answers there");
}

static struct lws_vhost *client_vhost(struct loop *loop, bool tls12)
{
	struct link_home *home = link_home(loop);
	struct lws_context_creation_info info = { 0 };

	if (!home)
		return NULL;
	if (home->client[tls12])
		return home->client[tls12];
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	info.vhost_name = tls12 ? "client-tls12" : "client";
	info.protocols = link_protocols();
	info.alpn = "http/1.1";
	info.http_proxy_address = "";
	/* Said only so that the two kinds never share a context: libwebsockets shares what looks alike. */
	info.client_tls_1_3_plus_cipher_list =
		tls12 ? "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_256_GCM_SHA384";
	home->making_tls12 = tls12;
	home->client[tls12] = lws_create_vhost(loop_context(loop), &info);
	return home->client[tls12];
}

static void too_late(void *arg)
{
	struct link *link = arg;

	link_why(link, link->reached ? LINK_END_PROTOCOL : LINK_END_UNREACHABLE, "no answer in time");
	link_cut(link);
}

static void begin(void *arg)
{
	struct link *link = arg;
	struct lws_client_connect_info info = { 0 };

	info.context = loop_context(link->loop);
	info.vhost = client_vhost(link->loop, link->tls12);
	info.address = link->host;
	info.host = link->host;
	info.port = link->port;
	info.path = "/";
	info.ssl_connection =
		LCCSCF_USE_SSL | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK | LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	info.protocol = WIRE_PROTOCOL;
	info.local_protocol_name = WIRE_PROTOCOL;
	info.alpn = "http/1.1";
	info.opaque_user_data = link;
	info.pwsi = &link->wsi;
	link_list_remove(link);
	link->state = LINK_HANDSHAKE;
	link->timer.fn = too_late;
	loop_timer_set(link->loop, &link->timer, (int64_t)link->timeout_ms * 1000);
	/* It may fail, and end, inside the call. */
	link->in_connect = true;
	if (info.vhost && !lws_client_connect_via_info(&info))
		link->wsi = NULL;
	link->in_connect = false;
	if (link->wsi)
		return;
	link_why(link, LINK_END_UNREACHABLE, "no connection");
	link_finish(link);
}

struct link *link_connect(struct loop *loop, const struct link_client *client, const struct link_ops *ops,
			  void *arg)
{
	struct link *link = calloc(1, sizeof(*link));

	errno = ENOMEM;
	if (!link)
		return NULL;
	*link = (struct link) {
		.loop = loop, .ops = ops, .arg = arg, .port = client->port, .tls12 = client->tls12
	};
	link->timeout_ms = client->timeout_ms ? client->timeout_ms : TIMEOUT_MS;
	link->host = strdup(client->host);
	link->timer = (struct loop_timer) { .fn = begin, .arg = link };
	lws_strncpy(link->address, client->host, sizeof(link->address));
	if (!link->host || !link_home(loop) || loop_timer_set(loop, &link->timer, 0)) {
		free(link->host);
		free(link);
		return NULL;
	}
	link_set_silence(link, client->silence_ms ? client->silence_ms : SILENCE_MS);
	link_list_add(&link_home(loop)->fresh, link);
	return link;
}
