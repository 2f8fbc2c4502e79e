/* Before there is a listener: is the key usable, is the address free. Both with errors that have names. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link_lws.h"

enum { BACKLOG = 4096 };

static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

int link_check_key(const char *certificate, const char *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int ok = 0;

	if (!context)
		return -ENOMEM;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	ok = SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
	     SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
	     SSL_CTX_check_private_key(context) == 1;
	SSL_CTX_free(context);
	ERR_clear_error();
	return ok ? 0 : -EKEYREJECTED;
}

static int bind_one(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, off = 0, rc;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* The descriptor, or -errno. All addresses means IPv6's, which takes IPv4 too, or IPv4's where there is no
 * IPv6. */
int link_bind(const char *address, uint16_t port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found, *at;
	char service[8];
	int fd = -EADDRNOTAVAIL;

	snprintf(service, sizeof(service), "%u", port);
	if (!address)
		hints.ai_family = AF_INET6;
	if (getaddrinfo(address, service, &hints, &found))
		return -EADDRNOTAVAIL;
	for (at = found; at && fd < 0; at = at->ai_next)
		fd = bind_one(at);
	freeaddrinfo(found);
	if (fd == -EAFNOSUPPORT && !address)
		return link_bind("0.0.0.0", port);
	return fd;
}

uint16_t link_bound_port(int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &n))
		return 0;
	return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
					      : ((struct sockaddr_in *)&at)->sin_port);
}
