/* Small files that must never be half there: written beside their name, synced, then moved into place. */
#ifndef MOOT_NET_FILE_H
#define MOOT_NET_FILE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/** Write PATH.new. staged: PATH_MAX bytes, its name. On failure nothing is left. 0 or -errno (-ENOSPC,
 * -EACCES, …). */
int file_stage(const char *path, char staged[static PATH_MAX], const void *p, size_t n, mode_t mode);

/** Write it all and replace PATH at once. 0 or -errno, with an older PATH untouched. */
int file_save(const char *path, const void *p, size_t n, mode_t mode);

/** Read a whole file. *text: NUL-terminated, the caller frees it; *n bytes. 0, -ENOENT, -EFBIG (over max),
 * -errno. */
int file_load(const char *path, size_t max, char **text, size_t *n);

#endif
