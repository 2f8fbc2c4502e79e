/* Small files that must never be half there: written beside their name, synced, then moved into place. */
#ifndef MOOT_NET_FILE_H
#define MOOT_NET_FILE_H

#include <limits.h>
#include <stdbool.h>
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

/** The same of a file that is for its owner alone; else, as ssh does with keys, it is refused: -EPERM when it is not a plain
 * file of this user, or group or others may read or write it. */
int file_load_private(const char *path, size_t max, char **text, size_t *n);
/** 0, -EPERM as above, -ENOENT, -errno. */
int file_check_private(const char *path);

/** Wait until nobody else changes files in the folder of PATH in this way. Returns a descriptor, to be closed after;
 * or -errno where the file system cannot, and then one goes on without. */
int file_lock(const char *path);

/** The next line of text, which moves on: n bytes without its newline. False at the end. */
bool file_next_line(const char **text, const char *end, const char **line, size_t *n);

#endif
