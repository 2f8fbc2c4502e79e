/* Reading what a person pasted: strict about what it means, lenient about white space around it, case of the
 * host, and the two alphabets of base64. The pin is printed in the alphabet that no mailer or shell breaks.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/invite.h"
#include "net/text.h"

#define SCHEME "moot://"

enum { PIN_CHARS = 43 }; /* of 32 bytes, without padding */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int invite_parse_pin(char pin[static LINK_PIN_SIZE], const char *text, size_t n)
{
	char out[LINK_PIN_SIZE];

	if (n == PIN_CHARS + 1 && text[PIN_CHARS] == '=')
		n--;
	if (n != PIN_CHARS)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		out[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
		if (!out[i] || !strchr(base64, out[i]))
			return -EINVAL;
	}
	/* The last character carries four bits; the two others are zero, or one pin could be written four
	 * ways. */
	if ((strchr(base64, out[PIN_CHARS - 1]) - base64) & 3)
		return -EINVAL;
	out[PIN_CHARS] = '=';
	out[PIN_CHARS + 1] = '\0';
	memcpy(pin, out, PIN_CHARS + 2);
	return 0;
}

static int parse_port(uint16_t *port, const char *text, size_t n)
{
	unsigned value = 0;

	if (n < 1 || n > 5)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	if (value < 1 || value > 65535)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

static int copy_host(char *host, const char *text, size_t n, bool v6)
{
	const char *allowed = v6 ? "0123456789abcdef:." : "0123456789abcdefghijklmnopqrstuvwxyz.-_";
	char out[sizeof(((struct invite *)0)->host)];

	if (n < 1 || n >= sizeof(out) || text[0] == '-')
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		out[i] = (char)tolower((unsigned char)text[i]);
		if (!out[i] || !strchr(allowed, out[i]))
			return -EINVAL;
	}
	out[n] = '\0';
	memcpy(host, out, n + 1);
	return 0;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT in n bytes. */
static int parse_host_port(struct invite *invite, const char *text, size_t n)
{
	bool v6 = n && text[0] == '[';
	const char *end = memchr(text, v6 ? ']' : ':', n);
	size_t host_bytes, rest;

	if (v6 && !end)
		return -EINVAL;
	host_bytes = end ? (size_t)(end - text) : n;
	rest = n - host_bytes - (v6 ? 1 : 0);
	end = text + n - rest;
	if (v6) {
		text++;
		host_bytes--;
		if (!memchr(text, ':', host_bytes))
			return -EINVAL;
	}
	if (copy_host(invite->host, text, host_bytes, v6))
		return -EINVAL;
	invite->port = INVITE_PORT;
	if (!rest)
		return 0;
	return end[0] == ':' ? parse_port(&invite->port, end + 1, rest - 1) : -EINVAL;
}

int invite_parse_relay(struct invite *invite, const char *text)
{
	struct invite out = *invite;

	if (strnlen(text, INVITE_SIZE) >= INVITE_SIZE || parse_host_port(&out, text, strlen(text)))
		return -EINVAL;
	*invite = out;
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoded. dst: size bytes. */
static int decode(char *dst, size_t size, const char *src, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		int c = (unsigned char)src[i];

		if (c == '%') {
			int high = n - i > 2 ? hex(src[i + 1]) : -1, low = n - i > 2 ? hex(src[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = high * 16 + low;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f || used + 1 >= size)
			return -EINVAL;
		dst[used++] = (char)c;
	}
	dst[used] = '\0';
	return used && text_valid(dst, used) ? 0 : -EINVAL;
}

/* One KEY=VALUE of what follows '#'. Keys that are not known yet are for later versions. */
static int parse_field(struct invite *invite, const char *text, size_t n, const char **why)
{
	if (n < 2 || text[1] != '=')
		return 0;
	if (text[0] == 'p') {
		*why = "The passcode in the invite is damaged.";
		return invite->passcode[0]
			       ? -EINVAL
			       : decode(invite->passcode, sizeof(invite->passcode), text + 2, n - 2);
	}
	if (text[0] == 'r') {
		*why = "The relay's pin in the invite is damaged; ask for the invite again.";
		return invite->pin[0] ? -EINVAL : invite_parse_pin(invite->pin, text + 2, n - 2);
	}
	return 0;
}

static int parse_fields(struct invite *invite, const char *text, size_t n, const char **why)
{
	while (n) {
		const char *end = memchr(text, '&', n);
		size_t field = end ? (size_t)(end - text) : n;

		if (parse_field(invite, text, field, why))
			return -EINVAL;
		text += field + (end != NULL);
		n -= field + (end != NULL);
	}
	return 0;
}

static int parse_id(struct invite *invite, const char *text, size_t n, const char **why)
{
	char id[64];

	*why = "A meeting's id is nine digits like 482-913-775, or a name of a-z, 0-9 and -.";
	if (n >= sizeof(id))
		return -EINVAL;
	memcpy(id, text, n);
	id[n] = '\0';
	return text_id(invite->id, id);
}

static int parse_url(struct invite *invite, const char *text, size_t n, const char **why)
{
	const char *slash = memchr(text, '/', n), *fragment = memchr(text, '#', n);
	size_t id_bytes;

	*why = "An invite looks like moot://HOST:PORT/ID#p=PASSCODE.";
	if (!slash || (fragment && fragment < slash))
		return -EINVAL;
	if (!fragment)
		fragment = text + n;
	if (parse_host_port(invite, text, (size_t)(slash - text))) {
		*why = "The relay's address in the invite is damaged.";
		return -EINVAL;
	}
	id_bytes = (size_t)(fragment - slash) - 1;
	if (parse_id(invite, slash + 1, id_bytes, why))
		return -EINVAL;
	n -= (size_t)(fragment - text);
	return n ? parse_fields(invite, fragment + 1, n - 1, why) : 0;
}

/* Trimmed, and in one piece where a terminal broke it into indented lines. */
static size_t join_lines(char *dst, size_t size, const char *text)
{
	size_t n = 0;

	while (*text && n < size - 1) {
		size_t space = strspn(text, " \t\r\n");
		bool inside = n && text[space] && !memchr(text, '\n', space);

		if (space && !inside)
			text += space;
		else
			dst[n++] = *text++;
	}
	dst[n] = '\0';
	return *text ? size : n;
}

int invite_parse(struct invite *invite, const char *text, const char **why)
{
	struct invite out = { .port = INVITE_PORT };
	char link[INVITE_SIZE + 1];
	size_t scheme = strlen(SCHEME), n = join_lines(link, sizeof(link), text);
	const char *reason = "That is too long for an invite.";
	int rc = -EINVAL;

	if (n < sizeof(link))
		rc = n > scheme && !strncasecmp(link, SCHEME, scheme)
			     ? parse_url(&out, link + scheme, n - scheme, &reason)
			     : parse_id(&out, link, n, &reason);
	if (!rc)
		*invite = out;
	else if (why)
		*why = reason;
	return rc;
}

/* ---- printing ---- */

/* Unreserved characters stay; all others are safer encoded, wherever the invite is pasted. */
static size_t encode(char *dst, size_t size, const char *src)
{
	size_t used = 0;

	for (; *src; src++) {
		bool plain = isalnum((unsigned char)*src) || strchr("-._~", *src);

		if (used + 4 > size)
			return 0;
		if (plain)
			dst[used++] = *src;
		else
			used += (size_t)snprintf(dst + used, 4, "%%%02X", (unsigned char)*src);
	}
	dst[used] = '\0';
	return used;
}

static void url_pin(char out[static LINK_PIN_SIZE], const char *pin)
{
	size_t i;

	for (i = 0; pin[i] && pin[i] != '=' && i + 1 < LINK_PIN_SIZE; i++)
		out[i] = pin[i] == '+' ? '-' : pin[i] == '/' ? '_' : pin[i];
	out[i] = '\0';
}

int invite_print(char *dst, size_t size, const struct invite *invite)
{
	char id[MOOT_ID_SIZE], passcode[3 * MOOT_PASSCODE_SIZE + 4] = "", pin[LINK_PIN_SIZE];
	bool v6 = strchr(invite->host, ':') != NULL, p = invite->passcode[0], r = invite->pin[0];
	int n;

	text_id_show(id, invite->id);
	url_pin(pin, invite->pin);
	if (p && !encode(passcode, sizeof(passcode), invite->passcode))
		return -ENOSPC;
	n = snprintf(dst, size, SCHEME "%s%s%s:%u/%s%s%s%s%s%s%s", v6 ? "[" : "", invite->host, v6 ? "]" : "",
		     invite->port, id, p || r ? "#" : "", p ? "p=" : "", passcode, p && r ? "&" : "",
		     r ? "r=" : "", r ? pin : "");
	return n < 0 || (size_t)n >= size ? -ENOSPC : n;
}
