#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		p += w;
		n -= (size_t)w;
	}
	return fsync(fd) ? -errno : 0;
}

int file_stage(const char *path, char staged[static PATH_MAX], const void *p, size_t n, mode_t mode)
{
	int fd, rc;

	/* A name of this process's own: two that write at once don't mix. */
	if (snprintf(staged, PATH_MAX, "%s.%ld.new", path, (long)getpid()) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(staged, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	rc = fchmod(fd, mode) ? -errno : write_all(fd, p, n);
	if (close(fd) && !rc)
		rc = -errno;
	if (rc)
		unlink(staged);
	return rc;
}

int file_save(const char *path, const void *p, size_t n, mode_t mode)
{
	char staged[PATH_MAX];
	int rc = file_stage(path, staged, p, n, mode);

	if (rc)
		return rc;
	if (!rename(staged, path))
		return 0;
	rc = -errno;
	unlink(staged);
	return rc;
}

static int read_all(int fd, char *text, size_t max, size_t *n)
{
	*n = 0;
	while (*n <= max) {
		ssize_t r = read(fd, text + *n, max + 1 - *n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0) {
			text[*n] = '\0';
			return 0;
		}
		*n += (size_t)r;
	}
	return -EFBIG;
}

static int load(int fd, size_t max, char **text, size_t *n)
{
	struct stat st;
	char *buf;
	int rc;

	/* Room for what is there and some more; a file that grows meanwhile is too big. */
	if (fstat(fd, &st))
		st.st_size = 0;
	if ((size_t)st.st_size + 4096 < max)
		max = (size_t)st.st_size + 4096;
	buf = malloc(max + 2);
	rc = buf ? read_all(fd, buf, max, n) : -ENOMEM;
	if (rc)
		free(buf);
	else
		*text = buf;
	return rc;
}

int file_load(const char *path, size_t max, char **text, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = load(fd, max, text, n);
	close(fd);
	return rc;
}

/* ---- for one's own eyes ---- */

/* Opened first and looked at then, so that nobody can put another in its place between. A pipe must not hold us up. */
static int open_private(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc = 0;

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		rc = -EPERM;
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int file_load_private(const char *path, size_t max, char **text, size_t *n)
{
	int fd = open_private(path), rc;

	if (fd < 0)
		return fd;
	rc = load(fd, max, text, n);
	close(fd);
	return rc;
}

int file_check_private(const char *path)
{
	int fd = open_private(path);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* On the folder itself, so that no other file is left lying about. */
int file_lock(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int fd, rc;

	if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".") >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do
		rc = flock(fd, LOCK_EX) ? -errno : 0;
	while (rc == -EINTR);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

bool file_next_line(const char **text, const char *end, const char **line, size_t *n)
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
