/* Reading what a person pasted: strict about what it means (each field once, in the one way it is written), lenient
 * about white space around it, case of the host, and the two alphabets of a pin. All is printed in the alphabet that no
 * mailer or shell breaks. The passcode is read, since older invites carry one, and never printed.
 */
#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/escape.h"
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

static int take_passcode(struct invite *invite, const char *text, size_t n)
{
	if (invite->passcode[0] || escape_read(invite->passcode, sizeof(invite->passcode), text, n) < 0)
		return -EINVAL;
	return 0;
}

/* Base64url of exactly bytes, without padding, its unused bits zero: one value is written in one way. */
static int take_bytes(uint8_t *dst, size_t bytes, bool *has, const char *text, size_t n)
{
	uint8_t out[INVITE_HOST];
	size_t got = 0;

	if (*has || sodium_base642bin(out, bytes, text, n, NULL, &got, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
	    got != bytes)
		return -EINVAL;
	memcpy(dst, out, bytes);
	*has = true;
	return 0;
}

static int take_secret(struct invite *invite, const char *text, size_t n)
{
	return take_bytes(invite->secret, INVITE_SECRET, &invite->has_secret, text, n);
}

static int take_host(struct invite *invite, const char *text, size_t n)
{
	return take_bytes(invite->host_hash, INVITE_HOST, &invite->has_host, text, n);
}

static int take_pin(struct invite *invite, const char *text, size_t n)
{
	return invite->pin[0] ? -EINVAL : invite_parse_pin(invite->pin, text, n);
}

static const struct {
	char key;
	int (*take)(struct invite *invite, const char *text, size_t n);
	const char *why;
} fields[] = {
	{ 'k', take_secret, "The secret in the invite is damaged; ask for the invite again." },
	{ 'h', take_host, "What the invite says of the host is damaged; ask for the invite again." },
	{ 'r', take_pin, "The relay's pin in the invite is damaged; ask for the invite again." },
	{ 'p', take_passcode, "The passcode in the invite is damaged." },
};

/* One KEY=VALUE of what follows '#'. Keys that are not known yet are for later versions. */
static int parse_field(struct invite *invite, const char *text, size_t n, const char **why)
{
	for (size_t i = 0; n > 1 && text[1] == '=' && i < sizeof(fields) / sizeof(*fields); i++) {
		if (text[0] != fields[i].key)
			continue;
		*why = fields[i].why;
		return fields[i].take(invite, text + 2, n - 2);
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

static bool is_ascii(const char *text, size_t n)
{
	while (n && (unsigned char)*text < 0x80)
		text++, n--;
	return !n;
}

static int parse_url(struct invite *invite, const char *text, size_t n, const char **why)
{
	const char *slash = memchr(text, '/', n), *fragment = memchr(text, '#', n);
	size_t id_bytes;

	*why = "An invite looks like moot://HOST:PORT/ID#k=SECRET&h=HOST&r=PIN.";
	if (!slash || (fragment && fragment < slash))
		return -EINVAL;
	if (!fragment)
		fragment = text + n;
	if (parse_host_port(invite, text, (size_t)(slash - text))) {
		*why = is_ascii(text, (size_t)(slash - text))
			       ? "The relay's address in the invite is damaged."
			       : "The relay's name in the invite has letters that only look like a-z, or are of another "
				 "alphabet: do not trust it; ask for the name in plain letters.";
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

int invite_print_relay(char *dst, size_t size, const struct invite *invite)
{
	int n = snprintf(dst, size, strchr(invite->host, ':') ? "[%s]:%u" : "%s:%u", invite->host, invite->port);

	return n < 0 || (size_t)n >= size ? -ENOSPC : n;
}

/* What follows '#', a field at a time. */
static void add(char fragment[static INVITE_SIZE], char key, const char *value)
{
	size_t used = strlen(fragment);

	snprintf(fragment + used, INVITE_SIZE - used, "%c%c=%s", used ? '&' : '#', key, value);
}

static void add_bytes(char fragment[static INVITE_SIZE], char key, const uint8_t *bytes, size_t n)
{
	char text[64];

	add(fragment, key, sodium_bin2base64(text, sizeof(text), bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
	sodium_memzero(text, sizeof(text));
}

static void add_pin(char fragment[static INVITE_SIZE], const char *pin)
{
	char text[LINK_PIN_SIZE];
	size_t i;

	for (i = 0; pin[i] && pin[i] != '=' && i + 1 < LINK_PIN_SIZE; i++)
		text[i] = pin[i] == '+' ? '-' : pin[i] == '/' ? '_' : pin[i];
	text[i] = '\0';
	add(fragment, 'r', text);
}

int invite_print(char *dst, size_t size, const struct invite *invite)
{
	char id[MOOT_ID_SIZE], relay[sizeof(invite->host) + 16], fragment[INVITE_SIZE] = "";
	int n = invite_print_relay(relay, sizeof(relay), invite);

	if (n < 0)
		return n;
	text_id_show(id, invite->id);
	if (invite->has_secret)
		add_bytes(fragment, 'k', invite->secret, INVITE_SECRET);
	if (invite->has_host)
		add_bytes(fragment, 'h', invite->host_hash, INVITE_HOST);
	if (invite->pin[0])
		add_pin(fragment, invite->pin);
	n = snprintf(dst, size, SCHEME "%s/%s%s", relay, id, fragment);
	sodium_memzero(fragment, sizeof(fragment));
	return n < 0 || (size_t)n >= size ? -ENOSPC : n;
}

int invite_print_spoken(char *dst, size_t size, const struct invite *invite)
{
	char id[MOOT_ID_SIZE], relay[sizeof(invite->host) + 16] = "";
	int n;

	text_id_show(id, invite->id);
	if (invite->port != INVITE_PORT || strchr(invite->host, ':'))
		invite_print_relay(relay, sizeof(relay), invite);
	else
		snprintf(relay, sizeof(relay), "%s", invite->host);
	n = snprintf(dst, size, "%s%s%s", id, invite->host[0] ? " at " : "", invite->host[0] ? relay : "");
	return n < 0 || (size_t)n >= size ? -ENOSPC : n;
}
