/* A relay's certificate: made on first run, or the administrator's own; and its SPKI pin. */
#ifndef MOOT_NET_CERT_H
#define MOOT_NET_CERT_H

#include <stdbool.h>

#include "net/link.h"

/** Make a self-signed P-256 certificate (ten years; CN and SAN: host names and 127.0.0.1, ::1) and its key,
 * if neither file exists. Written atomically, key 0600. Returns 1 made, 0 both were there, -errno (-ENOSPC
 * disk full, -EACCES, -EEXIST when only one of them is there). */
int cert_ensure(const char *certificate, const char *key, const char *host);

/** The pin of a certificate file. pin: LINK_PIN_SIZE. Returns 0, -ENOENT, -EACCES, -EBADMSG (not PEM). */
int cert_pin(const char *certificate, char pin[static LINK_PIN_SIZE]);

#endif
