/* known_relays is a person's own file: comments and lines that cannot be read stay as they are when another
 * is added, and only the lines of the relay in question are replaced. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/file.h"
#include "net/link.h"
#include "net/lookalike.h"
#include "net/text.h"
#include "net/trust.h"

enum { FILE_MAX = 1 << 20, PIN_CHARS = 44, HOST_PORT_MAX = 300 };

static size_t word(const char **p, const char *end)
{
	const char *start;

	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	start = *p;
	while (*p < end && (unsigned char)**p > ' ' && **p != 0x7f)
		++*p;
	return (size_t)(*p - start);
}

int trust_line_parse(struct trust_line *out, const char *line, size_t n)
{
	const char *p = line, *end = line + n;
	struct trust_line found = { 0 };

	if (n && end[-1] == '\r')
		end--;
	found.host_port_bytes = word(&p, end);
	found.host_port = p - found.host_port_bytes;
	found.pin_bytes = word(&p, end);
	found.pin = p - found.pin_bytes;
	found.date_bytes = word(&p, end);
	found.date = p - found.date_bytes;
	if (!found.host_port_bytes || found.host_port[0] == '#' || found.host_port_bytes > HOST_PORT_MAX)
		return -EBADMSG;
	if (!memchr(found.host_port, ':', found.host_port_bytes) || found.pin_bytes != PIN_CHARS)
		return -EBADMSG;
	*out = found;
	return 0;
}

static bool is_of(const struct trust_line *line, const char *host_port)
{
	return strlen(host_port) == line->host_port_bytes &&
	       !strncasecmp(host_port, line->host_port, line->host_port_bytes);
}

/* 1 this pin is remembered, 0 another is, -ENOENT none. */
static int look_up(const char *text, size_t bytes, const char *host_port, const char *pin)
{
	const char *end = text + bytes, *line;
	int found = -ENOENT;
	size_t n;

	while (file_next_line(&text, end, &line, &n)) {
		struct trust_line entry;

		if (trust_line_parse(&entry, line, n) || !is_of(&entry, host_port))
			continue;
		if (strlen(pin) == entry.pin_bytes && !memcmp(pin, entry.pin, entry.pin_bytes))
			return 1;
		found = 0;
	}
	return found;
}

int trust_check(const char *known, const char *host_port, const char *pin, const char *invite_pin, bool ca_ok)
{
	size_t bytes;
	char *text;
	int found, rc;

	if (invite_pin && *invite_pin)
		return strcmp(pin, invite_pin) ? TRUST_PIN_MISMATCH : TRUST_PINNED;
	rc = file_load(known, FILE_MAX, &text, &bytes);
	if (rc == -ENOENT || rc == -ENOTDIR)
		return ca_ok ? TRUST_CA : TRUST_ASK;
	if (rc)
		return rc;
	found = look_up(text, bytes, host_port, pin);
	free(text);
	if (found == 1)
		return TRUST_KNOWN;
	if (found == 0)
		return ca_ok ? TRUST_CHANGED_CA : TRUST_CHANGED;
	return ca_ok ? TRUST_CA : TRUST_ASK;
}

int trust_find(const char *known, const char *host_port, char *pin, size_t size)
{
	const char *p, *line;
	size_t bytes, n;
	char *text;
	int rc = file_load(known, FILE_MAX, &text, &bytes);

	if (rc)
		return rc;
	rc = -ENOENT;
	for (p = text; file_next_line(&p, text + bytes, &line, &n);) {
		struct trust_line entry;

		if (trust_line_parse(&entry, line, n) || !is_of(&entry, host_port) || entry.pin_bytes >= size)
			continue;
		memcpy(pin, entry.pin, entry.pin_bytes);
		pin[entry.pin_bytes] = '\0';
		rc = 0;
	}
	free(text);
	return rc;
}

/* ---- before one connects ---- */

/* The name of a relay without its port, without the brackets of an IPv6 address. */
static void host_of(char *host, size_t size, const struct trust_line *line)
{
	const char *p = line->host_port, *end = p + line->host_port_bytes;

	while (end > p && *--end != ':')
		;
	if (end - p > 1 && *p == '[' && end[-1] == ']')
		p++, end--;
	snprintf(host, size, "%.*s", (int)(end - p), p);
}

/* What the lines of known_relays say of one relay. */
struct looking {
	const char *host, *host_port, *pin;
	bool host_known, pin_known;
};

/* Known is who is there by name and port; by name alone it is at least no imitation. */
static void look_at(struct trust_look *look, struct looking *looking, const struct trust_line *line)
{
	char other[sizeof(look->like)];

	host_of(other, sizeof(other), line);
	if (!strcasecmp(other, looking->host))
		looking->host_known = true;
	else if (!look->like[0] && lookalike(looking->host, other))
		text_safe(look->like, sizeof(look->like), other, false);
	if (!is_of(line, looking->host_port))
		return;
	look->known = true;
	if (strlen(looking->pin) == line->pin_bytes && !memcmp(looking->pin, line->pin, line->pin_bytes))
		looking->pin_known = true;
	if (!look->since[0] && line->date_bytes < sizeof(look->since))
		snprintf(look->since, sizeof(look->since), "%.*s", (int)line->date_bytes, line->date);
}

static enum doubt doubt_of(const struct trust_look *look, const struct looking *looking)
{
	if (look->known)
		return *looking->pin && !looking->pin_known ? DOUBT_OTHER_PIN : DOUBT_NONE;
	if (looking->host_known)
		return DOUBT_NONE;
	return look->like[0] ? DOUBT_LOOKS_LIKE : lookalike_foreign(looking->host) ? DOUBT_FOREIGN : DOUBT_NONE;
}

int trust_look(const char *known, const char *host, uint16_t port, const char *pin, struct trust_look *look)
{
	char host_port[HOST_PORT_MAX + 16], *text = NULL;
	struct looking looking = { .host = host, .host_port = host_port, .pin = pin };
	struct trust_look found = { 0 };
	const char *p, *line;
	size_t bytes = 0, n;
	int rc = file_load(known, FILE_MAX, &text, &bytes);

	if (rc && rc != -ENOENT && rc != -ENOTDIR)
		return rc;
	snprintf(host_port, sizeof(host_port), strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
	for (p = text; text && file_next_line(&p, text + bytes, &line, &n);) {
		struct trust_line entry;

		if (!trust_line_parse(&entry, line, n))
			look_at(&found, &looking, &entry);
	}
	found.doubt = doubt_of(&found, &looking);
	if (found.doubt != DOUBT_LOOKS_LIKE)
		found.like[0] = '\0';
	free(text);
	*look = found;
	return 0;
}

int trust_remember(const char *known, const char *host_port, const char *pin, const char *date)
{
	const char *p, *end, *line;
	char *text = NULL, *out;
	size_t bytes = 0, used = 0, n;
	int rc = file_load(known, FILE_MAX, &text, &bytes);

	if (rc && rc != -ENOENT)
		return rc;
	out = malloc(bytes + HOST_PORT_MAX + 256);
	rc = -ENOMEM;
	if (!out)
		goto out;
	rc = -EINVAL;
	if (strlen(host_port) > HOST_PORT_MAX || strlen(pin) != PIN_CHARS || strlen(date) > 64)
		goto out;
	for (p = text, end = text + bytes; text && file_next_line(&p, end, &line, &n);) {
		struct trust_line entry;

		if (!trust_line_parse(&entry, line, n) && is_of(&entry, host_port))
			continue;
		memcpy(out + used, line, n);
		used += n;
		out[used++] = '\n';
	}
	used += (size_t)snprintf(out + used, HOST_PORT_MAX + 200, "%s %s %s\n", host_port, pin, date);
	rc = file_save(known, out, used, 0600);
out:
	free(text);
	free(out);
	return rc;
}
