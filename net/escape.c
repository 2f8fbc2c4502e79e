#include "net/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/text.h"

enum { WORD_MAX = 512 };

int escape_write(char *dst, size_t size, const char *src)
{
	size_t used = 0;

	for (; *src; src++) {
		bool plain = (unsigned char)*src > ' ' && *src != '%' && *src != 0x7f;

		if (used + 4 > size)
			return -ENOSPC;
		if (plain)
			dst[used++] = *src;
		else
			used += (size_t)snprintf(dst + used, 4, "%%%02X", (unsigned char)*src);
	}
	if (used >= size)
		return -ENOSPC;
	dst[used] = '\0';
	return (int)used;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int escape_read(char *dst, size_t size, const char *src, size_t n)
{
	char out[WORD_MAX];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		int c = (unsigned char)src[i];

		if (c == '%') {
			int high = n - i > 2 ? digit(src[i + 1]) : -1, low = n - i > 2 ? digit(src[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = high * 16 + low;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f || used + 1 >= size || used + 1 >= sizeof(out))
			return -EINVAL;
		out[used++] = (char)c;
	}
	if (!used || !text_valid(out, used))
		return -EINVAL;
	memcpy(dst, out, used);
	dst[used] = '\0';
	return (int)used;
}
