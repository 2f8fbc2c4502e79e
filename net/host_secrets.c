#include <errno.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/escape.h"
#include "net/file.h"
#include "net/host_secrets.h"

enum { LINES_MAX = 500, FILE_MAX = 1 << 20, LINE_SIZE = 2048 };

/* ---- a line ---- */

/* The next word of a line. False at its end. */
static bool next_word(const char **p, const char *end, const char **word, size_t *n)
{
	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	*word = *p;
	while (*p < end && (unsigned char)**p > ' ')
		++*p;
	*n = (size_t)(*p - *word);
	return *n > 0;
}

static bool read_hex(uint8_t *dst, size_t bytes, const char *text, size_t n)
{
	uint8_t out[INVITE_HOST];
	size_t got = 0;
	bool ok = n == 2 * bytes && !sodium_hex2bin(out, bytes, text, n, NULL, &got, NULL) && got == bytes;

	if (ok)
		memcpy(dst, out, bytes);
	OPENSSL_cleanse(out, sizeof(out));
	return ok;
}

static void read_field(struct host_secrets *secrets, const char *text, size_t n)
{
	if (n < 3 || text[1] != '=')
		return;
	switch (text[0]) {
	case 'k': secrets->has_link |= read_hex(secrets->link, INVITE_SECRET, text + 2, n - 2); break;
	case 'h': secrets->has_host |= read_hex(secrets->host_hash, INVITE_HOST, text + 2, n - 2); break;
	case 'r': (void)invite_parse_pin(secrets->pin, text + 2, n - 2); break;
	case 'p': (void)escape_read(secrets->passcode, sizeof(secrets->passcode), text + 2, n - 2); break;
	case 'o': (void)escape_read(secrets->outside, sizeof(secrets->outside), text + 2, n - 2); break;
	default: break;
	}
}

static bool read_line(struct host_meeting *meeting, const char *line, size_t n)
{
	const char *end = line + n, *word;

	memset(meeting, 0, sizeof(*meeting));
	if (!next_word(&line, end, &word, &n) || n >= sizeof(meeting->relay))
		return false;
	memcpy(meeting->relay, word, n);
	if (!next_word(&line, end, &word, &n) || n >= sizeof(meeting->id))
		return false;
	memcpy(meeting->id, word, n);
	if (!next_word(&line, end, &word, &n) || !read_hex(meeting->secrets.key, MOOT_HOST_KEY_BYTES, word, n))
		return false;
	while (next_word(&line, end, &word, &n))
		read_field(&meeting->secrets, word, n);
	return true;
}

static size_t put_hex(char *dst, size_t size, const char *head, const uint8_t *bytes, size_t n)
{
	char hex[2 * INVITE_HOST + 1];
	int used;

	sodium_bin2hex(hex, sizeof(hex), bytes, n);
	used = snprintf(dst, size, " %s%s", head, hex);
	OPENSSL_cleanse(hex, sizeof(hex));
	return (size_t)used;
}

/* Texts are a fourth of dst at most, escaped, so all fits. */
static size_t put_text(char *dst, size_t size, const char *head, const char *text)
{
	char word[3 * sizeof(((struct host_secrets *)0)->outside) + 4];
	int used = 0;

	if (text[0] && escape_write(word, sizeof(word), text) > 0)
		used = snprintf(dst, size, " %s%s", head, word);
	OPENSSL_cleanse(word, sizeof(word));
	return (size_t)used;
}

static size_t write_line(char line[static LINE_SIZE], const char *relay, const char *id, const struct host_secrets *secrets)
{
	size_t n = (size_t)snprintf(line, LINE_SIZE, "%s %s", relay, id);

	n += put_hex(line + n, LINE_SIZE - n, "", secrets->key, MOOT_HOST_KEY_BYTES);
	if (secrets->has_link)
		n += put_hex(line + n, LINE_SIZE - n, "k=", secrets->link, INVITE_SECRET);
	if (secrets->has_host)
		n += put_hex(line + n, LINE_SIZE - n, "h=", secrets->host_hash, INVITE_HOST);
	n += put_text(line + n, LINE_SIZE - n, "r=", secrets->pin);
	n += put_text(line + n, LINE_SIZE - n, "p=", secrets->passcode);
	n += put_text(line + n, LINE_SIZE - n, "o=", secrets->outside);
	line[n++] = '\n';
	return n;
}

static bool is_of(const struct host_meeting *meeting, const char *relay, const char *id)
{
	return (!relay || !strcmp(meeting->relay, relay)) && (!id || !strcmp(meeting->id, id));
}

/* ---- the file ---- */

static int load(const char *dir, char path[static PATH_MAX], char **text, size_t *n)
{
	if (snprintf(path, PATH_MAX, "%s/host_keys", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	return file_load_private(path, FILE_MAX, text, n);
}

static void forget(char *text, size_t n)
{
	if (text)
		OPENSSL_cleanse(text, n);
	free(text);
}

/* Where the lines begin of which at most keep are left. */
static const char *last_lines(const char *text, size_t n, unsigned keep)
{
	const char *p = text + n;

	while (p > text)
		if (*--p == '\n' && p + 1 < text + n && !--keep)
			return p + 1;
	return text;
}

static int find(const char *dir, const char *relay, const char *id, struct host_meeting *found)
{
	char path[PATH_MAX], *text;
	const char *p, *line;
	size_t bytes, n;
	struct host_meeting meeting;
	int rc = load(dir, path, &text, &bytes);

	if (rc)
		return rc;
	rc = -ENOENT;
	for (p = text; file_next_line(&p, text + bytes, &line, &n);) {
		if (!read_line(&meeting, line, n) || !is_of(&meeting, relay, id))
			continue;
		*found = meeting;
		rc = 0;
	}
	OPENSSL_cleanse(&meeting, sizeof(meeting));
	forget(text, bytes);
	return rc;
}

/* What new says, and else what was said before of the same key. */
static void merge(struct host_secrets *out, const struct host_secrets *old, const struct host_secrets *new)
{
	*out = *new;
	if (sodium_memcmp(old->key, new->key, sizeof(new->key)))
		return;
	if (!new->has_link && old->has_link) {
		memcpy(out->link, old->link, sizeof(out->link));
		out->has_link = true;
	}
	if (!new->has_host && old->has_host) {
		memcpy(out->host_hash, old->host_hash, sizeof(out->host_hash));
		out->has_host = true;
	}
	if (!new->passcode[0])
		memcpy(out->passcode, old->passcode, sizeof(out->passcode));
	if (!new->pin[0])
		memcpy(out->pin, old->pin, sizeof(out->pin));
	if (!new->outside[0])
		memcpy(out->outside, old->outside, sizeof(out->outside));
}

/* All other meetings, then this one. out: room for text and a line. */
static size_t rewrite(char *out, const char *text, size_t bytes, const char *relay, const char *id,
		      const struct host_secrets *secrets)
{
	const char *line, *p = text ? last_lines(text, bytes, LINES_MAX - 1) : NULL;
	struct host_secrets merged = *secrets;
	struct host_meeting meeting;
	char last[LINE_SIZE];
	size_t used = 0, n;

	while (p && file_next_line(&p, text + bytes, &line, &n)) {
		if (read_line(&meeting, line, n) && is_of(&meeting, relay, id)) {
			merge(&merged, &meeting.secrets, secrets);
			continue;
		}
		memcpy(out + used, line, n);
		used += n;
		out[used++] = '\n';
	}
	n = write_line(last, relay, id, &merged);
	memcpy(out + used, last, n);
	OPENSSL_cleanse(&merged, sizeof(merged));
	OPENSSL_cleanse(&meeting, sizeof(meeting));
	OPENSSL_cleanse(last, sizeof(last));
	return used + n;
}

static int save(const char *dir, const char *relay, const char *id, const struct host_secrets *secrets)
{
	char path[PATH_MAX], *text = NULL, *out;
	size_t bytes = 0;
	int rc = load(dir, path, &text, &bytes);

	if (rc && rc != -ENOENT)
		return rc;
	out = malloc(bytes + 1 + LINE_SIZE);
	rc = out ? file_save(path, out, rewrite(out, text, bytes, relay, id, secrets), 0600) : -ENOMEM;
	if (out)
		OPENSSL_cleanse(out, bytes + 1 + LINE_SIZE);
	free(out);
	forget(text, bytes);
	return rc;
}

static bool is_word(const char *text, size_t size)
{
	size_t n = strnlen(text, size);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return n > 0 && n < size;
}

int host_secrets_keep(const char *dir, const char *relay, const char *id, const struct host_secrets *secrets)
{
	char inside[PATH_MAX];
	int lock, rc;

	if (sodium_init() < 0)
		return -EIO;
	if (!is_word(relay, sizeof(((struct host_meeting *)0)->relay)) || !is_word(id, MOOT_ID_SIZE))
		return -EINVAL;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	if (snprintf(inside, sizeof(inside), "%s/", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	lock = file_lock(inside);
	rc = save(dir, relay, id, secrets);
	if (lock >= 0)
		close(lock);
	return rc;
}

int host_secrets_find(const char *dir, const char *relay, const char *id, struct host_secrets *secrets)
{
	struct host_meeting meeting;
	int rc = find(dir, relay, id, &meeting);

	if (!rc)
		*secrets = meeting.secrets;
	OPENSSL_cleanse(&meeting, sizeof(meeting));
	return rc;
}

int host_secrets_newest(const char *dir, const char *id, struct host_meeting *meeting)
{
	return find(dir, NULL, id, meeting);
}

int host_key_keep(const char *dir, const char *relay, const char *id, const uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	struct host_secrets secrets = { 0 };
	int rc;

	memcpy(secrets.key, key, sizeof(secrets.key));
	rc = host_secrets_keep(dir, relay, id, &secrets);
	OPENSSL_cleanse(&secrets, sizeof(secrets));
	return rc;
}

int host_key_find(const char *dir, const char *relay, const char *id, uint8_t key[static MOOT_HOST_KEY_BYTES])
{
	struct host_secrets secrets;
	int rc = host_secrets_find(dir, relay, id, &secrets);

	if (!rc)
		memcpy(key, secrets.key, sizeof(secrets.key));
	OPENSSL_cleanse(&secrets, sizeof(secrets));
	return rc;
}
