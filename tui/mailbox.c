/* A list under a mutex that is held for a few instructions, and an eventfd that the loop watches: unlike a
 * posted call, a watched descriptor can be taken back, so freeing is safe at any moment. */
#include "tui/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct node {
	struct node *next;
	struct letter letter;
	uint8_t bytes[];
};

struct mailbox {
	struct loop_watch *watch;
	void (*fn)(void *arg, const struct letter *letter);
	void *arg;
	int fd;
	pthread_mutex_t lock;
	struct node *first, **last;
	size_t letters, bytes;
};

/* All that has come, as one list. */
static struct node *take_all(struct mailbox *mailbox)
{
	struct node *first;

	pthread_mutex_lock(&mailbox->lock);
	first = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	mailbox->letters = 0;
	mailbox->bytes = 0;
	pthread_mutex_unlock(&mailbox->lock);
	return first;
}

static void on_ready(void *arg, unsigned ready)
{
	struct mailbox *mailbox = arg;
	struct node *node, *next;
	uint64_t count;

	(void)ready;
	if (read(mailbox->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	for (node = take_all(mailbox); node; node = next) {
		next = node->next;
		mailbox->fn(mailbox->arg, &node->letter);
		free(node);
	}
}

struct mailbox *mailbox_new(struct loop *loop, void (*fn)(void *arg, const struct letter *letter), void *arg)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return NULL;
	mailbox->fn = fn;
	mailbox->arg = arg;
	mailbox->last = &mailbox->first;
	pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->fd >= 0)
		mailbox->watch = loop_watch(loop, mailbox->fd, on_ready, mailbox);
	if (mailbox->watch)
		return mailbox;
	mailbox_free(mailbox);
	return NULL;
}

void mailbox_free(struct mailbox *mailbox)
{
	struct node *node, *next;

	if (!mailbox)
		return;
	if (mailbox->watch)
		loop_unwatch(mailbox->watch);
	if (mailbox->fd >= 0)
		close(mailbox->fd);
	for (node = take_all(mailbox); node; node = next) {
		next = node->next;
		free(node);
	}
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

int mailbox_post(struct mailbox *mailbox, const struct letter *letter)
{
	struct node *node = malloc(sizeof(*node) + letter->n);
	const uint64_t one = 1;
	bool full, wake = false;

	if (!node)
		return -ENOMEM;
	node->next = NULL;
	node->letter = *letter;
	node->letter.bytes = node->bytes;
	if (letter->n > 0)
		memcpy(node->bytes, letter->bytes, letter->n);
	pthread_mutex_lock(&mailbox->lock);
	full = mailbox->letters >= MAILBOX_LETTERS_MAX || mailbox->bytes + letter->n > MAILBOX_BYTES_MAX;
	if (!full) {
		wake = mailbox->letters == 0;
		*mailbox->last = node;
		mailbox->last = &node->next;
		mailbox->letters++;
		mailbox->bytes += letter->n;
	}
	pthread_mutex_unlock(&mailbox->lock);
	if (full) {
		free(node);
		return -EAGAIN;
	}
	/* An eventfd cannot be full with one wake-up outstanding. */
	if (wake && write(mailbox->fd, &one, sizeof(one)) < 0)
		return -errno;
	return 0;
}
