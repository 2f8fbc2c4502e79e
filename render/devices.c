/* Cameras as the kernel lists them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/video.h"

enum { DEVICES_MAX = 64 };

static void read_name(int number, char *name, size_t size)
{
	char path[80];
	snprintf(path, sizeof(path), "/sys/class/video4linux/video%d/name", number);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, name, size - 1);
	if (fd >= 0)
		close(fd);
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

int video_devices(void (*fn)(void *arg, const char *path, const char *name), void *arg)
{
	int found = 0;
	for (int number = 0; number < DEVICES_MAX; number++) {
		char path[32], name[128];
		struct stat status;
		snprintf(path, sizeof(path), "/dev/video%d", number);
		if (stat(path, &status) < 0 || !S_ISCHR(status.st_mode))
			continue;
		read_name(number, name, sizeof(name));
		fn(arg, path, name);
		found++;
	}
	return found;
}
