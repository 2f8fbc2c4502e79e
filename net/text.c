/* Text made harmless. What a peer writes is decoded strictly, one character at a time, and every character is
 * either one whose width terminals agree on, or it is replaced by one, or dropped. Combining marks stay with
 * a base and few enough for a cell; joiners live only inside emoji. */
#include "net/text.h"

#include <errno.h>
#include <string.h>
#include <utf8proc.h>

#include "net/message.h"

enum { REPLACEMENT = 0xFFFD, ZWJ = 0x200D, VS15 = 0xFE0E, VS16 = 0xFE0F, MARKS_MAX = 4 };

int text_next(const char *s, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *u = (const uint8_t *)s;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	int length = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
	if (u[0] < 0xC2 || u[0] > 0xF4 || n < (size_t)length)
		return -EILSEQ;
	uint32_t c = u[0] & (0x7Fu >> length);
	for (int i = 1; i < length; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return -EILSEQ;
		c = c << 6 | (u[i] & 0x3Fu);
	}
	if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return -EILSEQ;
	*cp = c;
	return length;
}

bool text_valid(const char *s, size_t n)
{
	while (n > 0) {
		uint32_t cp;
		int length = text_next(s, n, &cp);
		if (length < 0 || cp == 0)
			return false;
		s += length;
		n -= (size_t)length;
	}
	return true;
}

static const utf8proc_property_t *property(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp);
}

static bool flag_letter(uint32_t cp)
{
	return cp >= 0x1F1E6 && cp <= 0x1F1FF;
}

static int width_of(uint32_t cp)
{
	if (property(cp)->category == UTF8PROC_CATEGORY_CN)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

int text_cluster(const char *s, size_t n, size_t *bytes)
{
	uint32_t base;
	int length = text_next(s, n, &base);
	if (length < 0) {
		*bytes = 1;
		return 1;
	}
	size_t at = (size_t)length;
	uint32_t before = base, cp;
	utf8proc_int32_t state = 0;
	int width = width_of(base);
	while (at < n && (length = text_next(s + at, n - at, &cp)) > 0) {
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)cp, &state))
			break;
		if (flag_letter(base) && flag_letter(cp))
			width = 2;
		before = cp;
		at += (size_t)length;
	}
	*bytes = at;
	return width;
}

int text_width(const char *s, size_t n)
{
	int width = 0;
	while (n > 0) {
		size_t bytes;
		width += text_cluster(s, n, &bytes);
		s += bytes;
		n -= bytes;
	}
	return width;
}

/* ---- text_safe -------------------------------------------------------------------------------------- */

struct safe {
	char *dst;
	size_t size, used;
	uint32_t before; /* last character written, 0 at the start of a line */
	int marks;       /* combining marks on it */
	bool emoji;      /* before ends a pictograph that a joiner may follow */
};

static bool pictograph(uint32_t cp)
{
	const utf8proc_property_t *p = property(cp);
	return cp >= 0x80 && p->category != UTF8PROC_CATEGORY_CN &&
	       (p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
		p->boundclass == UTF8PROC_BOUNDCLASS_E_ZWG);
}

static bool skin_tone(uint32_t cp)
{
	return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool mark(uint32_t cp)
{
	int category = property(cp)->category;
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static bool put(struct safe *safe, uint32_t cp)
{
	utf8proc_uint8_t bytes[4];
	size_t n = (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, bytes);
	if (safe->used + n >= safe->size)
		return false;
	memcpy(safe->dst + safe->used, bytes, n);
	safe->used += n;
	return true;
}

/* What to show for a character that stands alone: itself, another, or 0 for nothing. */
static uint32_t harmless(uint32_t cp)
{
	if (cp == '\t')
		return ' ';
	if (cp < 0x20)
		return 0x2400 + cp;
	if (cp < 0x7F)
		return cp;
	if (cp == 0x7F)
		return 0x2421;
	const utf8proc_property_t *p = property(cp);
	switch (p->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO: return REPLACEMENT;
	case UTF8PROC_CATEGORY_CF: return 0;
	case UTF8PROC_CATEGORY_ZS: return cp == 0x3000 ? cp : ' ';
	default: return p->ignorable ? 0 : cp;
	}
}

/* A joiner is kept between two pictographs, and only when both it and the second one fit. */
static bool joins(const struct safe *safe, const char *next, size_t n)
{
	uint32_t cp;
	int length = n > 0 ? text_next(next, n, &cp) : -EILSEQ;
	return safe->emoji && length > 0 && pictograph(cp) && !skin_tone(cp) &&
	       safe->used + 3 + (size_t)length < safe->size;
}

/* One character, with what follows it. False when dst is full. */
static bool safe_put(struct safe *safe, uint32_t cp, const char *next, size_t n)
{
	if (cp == ZWJ) {
		if (!joins(safe, next, n))
			return true;
		safe->emoji = false;
		return put(safe, cp);
	}
	if (cp == VS15 || cp == VS16) {
		bool after = pictograph(safe->before) || safe->before == '#' || safe->before == '*' ||
			     (safe->before >= '0' && safe->before <= '9');
		if (!after)
			return true;
		safe->before = cp;
		safe->marks++;
		return put(safe, cp);
	}
	if (skin_tone(cp) && !(pictograph(safe->before) && !skin_tone(safe->before)))
		return true;
	uint32_t shown = cp == '\n' ? '\n' : harmless(cp);
	if (shown == 0)
		return true;
	if (mark(shown)) {
		if (safe->before == 0 || safe->before == ' ' || safe->marks >= MARKS_MAX)
			return true;
		safe->marks++;
		return put(safe, shown);
	}
	safe->before = shown == '\n' ? 0 : shown;
	safe->marks = 0;
	safe->emoji = pictograph(shown);
	return put(safe, shown);
}

size_t text_safe(char *dst, size_t size, const char *src, bool newline)
{
	struct safe safe = { .dst = dst, .size = size };
	size_t n = strlen(src);
	if (size == 0)
		return 0;
	while (n > 0) {
		uint32_t cp;
		int length = text_next(src, n, &cp);
		if (length < 0) {
			length = 1;
			cp = REPLACEMENT;
		}
		src += length;
		n -= (size_t)length;
		if (cp == '\r' && n > 0 && *src == '\n')
			continue;
		if (cp == 0x2028 || cp == 0x2029)
			cp = '\n';
		if (cp == '\n' && !newline)
			cp = ' ';
		if (!safe_put(&safe, cp, src, n))
			break;
	}
	dst[safe.used] = '\0';
	return safe.used;
}

/* ---- meeting ids ------------------------------------------------------------------------------------ */

int text_id(char *dst, const char *src)
{
	char digits[10];
	size_t n = 0, length = strlen(src);
	bool number = true;
	for (size_t i = 0; i < length && number; i++) {
		if (src[i] == '-' || src[i] == ' ')
			continue;
		number = src[i] >= '0' && src[i] <= '9' && n < 9;
		if (number)
			digits[n++] = src[i];
	}
	if (number && n == 9) {
		memcpy(dst, digits, 9);
		dst[9] = '\0';
		return 0;
	}
	if (length < 4 || length > 32 || strspn(src, "abcdefghijklmnopqrstuvwxyz0123456789-") != length ||
	    strspn(src, "0123456789-") == length)
		return -EINVAL;
	memcpy(dst, src, length + 1);
	return 0;
}

void text_id_show(char *dst, const char *id)
{
	size_t n = strnlen(id, MOOT_ID_SIZE - 1);
	if (n == 9 && strspn(id, "0123456789") == 9) {
		for (size_t i = 0, at = 0; i < 9; i++) {
			if (i == 3 || i == 6)
				dst[at++] = '-';
			dst[at++] = id[i];
		}
		dst[11] = '\0';
		return;
	}
	memmove(dst, id, n);
	dst[n] = '\0';
}

int text_base64_bytes(const char *text, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = strnlen(text, size), used = strspn(text, letters), pad = n - used;
	if (n == 0 || n == size || n % 4 || pad > 2 || strspn(text + used, "=") != pad)
		return -EINVAL;
	return (int)(n / 4 * 3 - pad);
}

int text_lines(const char *text, size_t size, const char **line, size_t *length, int max)
{
	size_t n = strnlen(text, size);
	int count = 0;
	if (n == 0 || n == size || !text_valid(text, n))
		return -EINVAL;
	for (const char *at = text; at <= text + n; at += length[count - 1] + 1) {
		size_t bytes = strcspn(at, "\n");
		if (count == max || bytes == 0)
			return -EINVAL;
		for (size_t i = 0; i < bytes; i++)
			if ((unsigned char)at[i] < ' ' || at[i] == 0x7f)
				return -EINVAL;
		line[count] = at;
		length[count++] = bytes;
	}
	return count;
}
