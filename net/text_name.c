/* Names. text_name() lets in what people see and nothing they don't; text_skeleton() says what a name looks
 * like: its letters are brought to one case, width and accent, then each look-alike to one Latin stand-in
 * (the idea of UTS #39, with a table for the scripts that Latin is most often imitated with). */
#include "net/text.h"

#include <errno.h>
#include <string.h>
#include <utf8proc.h>

#include "net/message.h"

enum { RAW_BYTES_MAX = 1024, CHARS_MAX = 1024, SKELETON_CHARS = 512, NAME_MARKS_MAX = 3 };

static bool is_mark(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

/* May cp stand in a name? */
static bool visible(uint32_t cp)
{
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
	switch (p->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP: return false;
	default: return !p->ignorable && cp != 0x2800;
	}
}

/* src as characters, trimmed and folded; the count, or -EINVAL. Emoji selectors say nothing in a name:
 * dropped. */
static int name_chars(utf8proc_int32_t *chars, const char *src)
{
	size_t n = strnlen(src, RAW_BYTES_MAX);
	int count = 0;
	bool space = false;
	if (n == RAW_BYTES_MAX)
		return -EINVAL;
	while (n > 0) {
		uint32_t cp;
		int length = text_next(src, n, &cp);
		if (length < 0)
			return -EINVAL;
		src += length;
		n -= (size_t)length;
		if (cp == 0xFE0E || cp == 0xFE0F)
			continue;
		if (utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ZS) {
			space = count > 0;
			continue;
		}
		if (!visible(cp))
			return -EINVAL;
		if (space)
			chars[count++] = ' ';
		space = false;
		chars[count++] = (utf8proc_int32_t)cp;
	}
	return count;
}

/* No mark without a letter, and few on one. */
static bool marks_fit(const utf8proc_int32_t *chars, int count)
{
	int marks = NAME_MARKS_MAX;
	for (int i = 0; i < count; i++) {
		if (!is_mark(utf8proc_category(chars[i])))
			marks = chars[i] == ' ' ? NAME_MARKS_MAX : 0;
		else if (++marks > NAME_MARKS_MAX)
			return false;
	}
	return true;
}

static int clusters(const char *s)
{
	int count = 0;
	for (size_t bytes, n = strlen(s); n > 0; n -= bytes, s += bytes, count++)
		text_cluster(s, n, &bytes);
	return count;
}

int text_name(char *dst, const char *src)
{
	utf8proc_int32_t raw[RAW_BYTES_MAX], chars[CHARS_MAX];
	utf8proc_uint8_t bytes[4 * RAW_BYTES_MAX];
	size_t used = 0;
	int count = name_chars(raw, src);
	if (count <= 0)
		return -EINVAL;
	for (int i = 0; i < count; i++)
		used += (size_t)utf8proc_encode_char(raw[i], bytes + used);
	utf8proc_ssize_t n =
		utf8proc_decompose(bytes, (utf8proc_ssize_t)used, chars, CHARS_MAX - 1, UTF8PROC_DECOMPOSE);
	if (n <= 0 || n > CHARS_MAX - 1)
		return -EINVAL;
	n = utf8proc_normalize_utf32(chars, n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	if (n <= 0 || !marks_fit(chars, (int)n))
		return -EINVAL;
	char name[4 * CHARS_MAX + 1];
	used = 0;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		used += (size_t)utf8proc_encode_char(chars[i], (utf8proc_uint8_t *)name + used);
	name[used] = '\0';
	if (used >= MOOT_NAME_SIZE || clusters(name) > MOOT_NAME_CHARS)
		return -EINVAL;
	memcpy(dst, name, used + 1);
	return 0;
}

/* ---- what a name looks like ------------------------------------------------------------------------- */

/* Rising. Capitals stand here too where they look unlike their small letters (Greek H and n). */
static const struct {
	uint16_t cp;
	char latin;
} look_alikes[] = {
	{ '!', 'l' },   { '$', 's' },   { '0', 'o' },   { '1', 'l' },   { '3', 'e' },   { '5', 's' },
	{ '@', 'a' },   { 'I', 'l' },   { 'i', 'l' },   { '|', 'l' },   { 0xA1, 'l' },  { 0xD0, 'd' },
	{ 0xD8, 'o' },  { 0xDE, 'p' },  { 0xF0, 'd' },  { 0xF8, 'o' },  { 0xFE, 'p' },  { 0x110, 'd' },
	{ 0x111, 'd' }, { 0x126, 'h' }, { 0x127, 'h' }, { 0x131, 'l' }, { 0x141, 'l' }, { 0x142, 'l' },
	{ 0x14A, 'n' }, { 0x14B, 'n' }, { 0x166, 't' }, { 0x167, 't' }, { 0x180, 'b' }, { 0x197, 'l' },
	{ 0x19A, 'l' }, { 0x1B5, 'z' }, { 0x1B6, 'z' }, { 0x1C0, 'l' }, { 0x237, 'j' }, { 0x251, 'a' },
	{ 0x261, 'g' }, { 0x268, 'l' }, { 0x269, 'l' }, { 0x26A, 'l' }, { 0x274, 'n' }, { 0x280, 'r' },
	{ 0x299, 'b' }, { 0x29C, 'h' }, { 0x391, 'a' }, { 0x392, 'b' }, { 0x395, 'e' }, { 0x396, 'z' },
	{ 0x397, 'h' }, { 0x399, 'l' }, { 0x39A, 'k' }, { 0x39C, 'm' }, { 0x39D, 'n' }, { 0x39F, 'o' },
	{ 0x3A1, 'p' }, { 0x3A4, 't' }, { 0x3A5, 'y' }, { 0x3A7, 'x' }, { 0x3B1, 'a' }, { 0x3B2, 'b' },
	{ 0x3B3, 'y' }, { 0x3B5, 'e' }, { 0x3B6, 'z' }, { 0x3B7, 'n' }, { 0x3B9, 'l' }, { 0x3BA, 'k' },
	{ 0x3BC, 'u' }, { 0x3BD, 'v' }, { 0x3BF, 'o' }, { 0x3C1, 'p' }, { 0x3C3, 'o' }, { 0x3C4, 't' },
	{ 0x3C5, 'u' }, { 0x3C7, 'x' }, { 0x3C9, 'w' }, { 0x3F2, 'c' }, { 0x3F3, 'j' }, { 0x405, 's' },
	{ 0x406, 'l' }, { 0x408, 'j' }, { 0x410, 'a' }, { 0x412, 'b' }, { 0x413, 'r' }, { 0x415, 'e' },
	{ 0x417, 'e' }, { 0x41A, 'k' }, { 0x41C, 'm' }, { 0x41D, 'h' }, { 0x41E, 'o' }, { 0x41F, 'n' },
	{ 0x420, 'p' }, { 0x421, 'c' }, { 0x422, 't' }, { 0x423, 'y' }, { 0x425, 'x' }, { 0x42C, 'b' },
	{ 0x430, 'a' }, { 0x432, 'b' }, { 0x433, 'r' }, { 0x435, 'e' }, { 0x437, 'e' }, { 0x438, 'u' },
	{ 0x43A, 'k' }, { 0x43C, 'm' }, { 0x43D, 'h' }, { 0x43E, 'o' }, { 0x43F, 'n' }, { 0x440, 'p' },
	{ 0x441, 'c' }, { 0x442, 't' }, { 0x443, 'y' }, { 0x445, 'x' }, { 0x44C, 'b' }, { 0x455, 's' },
	{ 0x456, 'l' }, { 0x458, 'j' }, { 0x461, 'w' }, { 0x474, 'v' }, { 0x475, 'v' }, { 0x492, 'f' },
	{ 0x493, 'f' }, { 0x4AE, 'y' }, { 0x4AF, 'y' }, { 0x4BA, 'h' }, { 0x4BB, 'h' }, { 0x4C0, 'l' },
	{ 0x4CF, 'l' }, { 0x500, 'd' }, { 0x501, 'd' }, { 0x51A, 'q' }, { 0x51B, 'q' }, { 0x51C, 'w' },
	{ 0x51D, 'w' }, { 0x54D, 'u' }, { 0x555, 'o' }, { 0x566, 'q' }, { 0x570, 'h' }, { 0x578, 'n' },
	{ 0x57D, 'u' }, { 0x585, 'o' }, { 0x5C0, 'l' }, { 0x5D5, 'l' }, { 0x5D8, 'u' }, { 0x5E1, 'o' },
	{ 0x661, 'l' }, { 0x665, 'o' }, { 0x6F1, 'l' }, { 0x6F5, 'o' }, { 0x966, 'o' }, { 0x2223, 'l' },
};

static utf8proc_int32_t stand_in(utf8proc_int32_t cp)
{
	size_t low = 0, high = sizeof(look_alikes) / sizeof(*look_alikes);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (look_alikes[middle].cp == cp)
			return look_alikes[middle].latin;
		if (look_alikes[middle].cp < cp)
			low = middle + 1;
		else
			high = middle;
	}
	return cp;
}

/* The characters of name under utf8proc's options, at most SKELETON_CHARS. */
static int fold(utf8proc_int32_t *chars, const char *name, int options)
{
	size_t n = strnlen(name, 4 * MOOT_NAME_SIZE);
	utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)n,
						    chars, SKELETON_CHARS, (utf8proc_option_t)options);
	return count < 0 ? 0 : count > SKELETON_CHARS ? SKELETON_CHARS : (int)count;
}

/* Two letters that together look like one: their stand-in, or 0. */
static utf8proc_int32_t pair(utf8proc_int32_t a, utf8proc_int32_t b)
{
	return a == 'r' && b == 'n' ? 'm' : a == 'v' && b == 'v' ? 'w' : 0;
}

void text_skeleton(char *dst, size_t size, const char *name)
{
	utf8proc_int32_t chars[SKELETON_CHARS], looks[2 * SKELETON_CHARS];
	int count = fold(chars, name,
			 UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
	int kept = 0;
	for (int i = 0; i < count; i++) {
		utf8proc_category_t category = utf8proc_category(chars[i]);
		if (category == UTF8PROC_CATEGORY_ZS || chars[i] == '.' || chars[i] == '_' || chars[i] == '-')
			continue;
		utf8proc_int32_t small[4] = { 0 };
		int boundary = 0;
		utf8proc_ssize_t n = utf8proc_decompose_char(stand_in(chars[i]), small, 4,
							     UTF8PROC_CASEFOLD | UTF8PROC_COMPAT, &boundary);
		for (int k = 0; k < n && k < 4 && kept < SKELETON_CHARS; k++) {
			utf8proc_int32_t look = stand_in(small[k]);
			utf8proc_int32_t joined = kept > 0 ? pair(looks[kept - 1], look) : 0;
			if (joined)
				looks[kept - 1] = joined;
			else
				looks[kept++] = look;
		}
	}
	size_t used = 0;
	for (int i = 0; i < kept && size > 0; i++) {
		utf8proc_uint8_t bytes[4];
		size_t n = (size_t)utf8proc_encode_char(looks[i], bytes);
		if (used + n >= size)
			break;
		memcpy(dst + used, bytes, n);
		used += n;
	}
	if (size > 0)
		dst[used] = '\0';
}

bool text_same(const char *a, const char *b)
{
	utf8proc_int32_t x[SKELETON_CHARS], y[SKELETON_CHARS];
	int options = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	int n = fold(x, a, options), m = fold(y, b, options);
	return n == m && memcmp(x, y, (size_t)n * sizeof(*x)) == 0;
}
