/* known_relays is a person's own file: comments and lines that cannot be read stay as they are when another
 * is added, and only the lines of the relay in question are replaced. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/file.h"
#include "net/link.h"
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

/* The next line of text, which moves on. False at the end. */
static bool next_line(const char **text, const char *end, const char **line, size_t *n)
{
	const char *newline;

	if (*text >= end)
		return false;
	*line = *text;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	*n = (size_t)((newline ? newline : end) - *text);
	*text = newline ? newline + 1 : end;
	return true;
}

/* 1 this pin is remembered, 0 another is, -ENOENT none. */
static int look_up(const char *text, size_t bytes, const char *host_port, const char *pin)
{
	const char *end = text + bytes, *line;
	int found = -ENOENT;
	size_t n;

	while (next_line(&text, end, &line, &n)) {
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
	for (p = text; next_line(&p, text + bytes, &line, &n);) {
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
	for (p = text, end = text + bytes; text && next_line(&p, end, &line, &n);) {
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
