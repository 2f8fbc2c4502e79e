/* Any text as one word of a line: percent-encoding, as in a URL. Pure. */
#ifndef MOOT_NET_ESCAPE_H
#define MOOT_NET_ESCAPE_H

#include <stddef.h>

/** src with '%', blanks and controls as %XX; dst: size bytes, terminated. Returns the length, or -ENOSPC. */
int escape_write(char *dst, size_t size, const char *src);

/** The other way, from n bytes. Returns the length, or -EINVAL with dst untouched: half an escape, a control in what comes
 * out, not UTF-8, empty, or longer than size - 1. */
int escape_read(char *dst, size_t size, const char *src, size_t n);

#endif
