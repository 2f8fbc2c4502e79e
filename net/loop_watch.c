/* Raw descriptors, behind one epoll descriptor. Whoever is called may unwatch anything: watches go when all
 * events of a pass are dealt out. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "net/loop_state.h"

enum { READY_MAX = 64 };

static uint32_t epoll_events(unsigned want)
{
	return (want & LOOP_READABLE ? (uint32_t)EPOLLIN : 0) |
	       (want & LOOP_WRITABLE ? (uint32_t)EPOLLOUT : 0);
}

void loop_deal_always(void *arg)
{
	struct loop *loop = arg;
	struct loop_watch *watch, *next;
	bool again = false;

	for (watch = loop->always; watch; watch = next) {
		next = watch->next;
		if (!watch->dead && watch->want)
			watch->fn(watch->arg, watch->want);
	}
	for (watch = loop->always; watch; watch = watch->next)
		again |= !watch->dead && watch->want;
	if (again)
		loop_timer_set(loop, &loop->always_timer, 0);
}

struct loop_watch *loop_watch(struct loop *loop, int fd, void (*fn)(void *arg, unsigned ready), void *arg)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event event = { .events = EPOLLIN };

	if (!watch)
		return NULL;
	*watch = (struct loop_watch) { .loop = loop, .fd = fd, .want = LOOP_READABLE, .fn = fn, .arg = arg };
	event.data.ptr = watch;
	if (!epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return watch;
	if (errno != EPERM) {
		free(watch);
		return NULL;
	}
	watch->always = true;
	watch->next = loop->always;
	loop->always = watch;
	loop_timer_set(loop, &loop->always_timer, 0);
	return watch;
}

void loop_watch_want(struct loop_watch *watch, unsigned ready)
{
	struct epoll_event event = { .events = epoll_events(ready), .data.ptr = watch };

	if (watch->want == ready)
		return;
	watch->want = ready;
	if (watch->always)
		loop_timer_set(watch->loop, &watch->loop->always_timer, 0);
	else
		epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

static void bury(struct loop *loop)
{
	struct loop_watch **p = &loop->always, *watch;

	while ((watch = *p)) {
		if (!watch->dead) {
			p = &watch->next;
			continue;
		}
		*p = watch->next;
		free(watch);
	}
	while ((watch = loop->graveyard)) {
		loop->graveyard = watch->next;
		free(watch);
	}
}

void loop_unwatch(struct loop_watch *watch)
{
	struct loop *loop;

	if (!watch)
		return;
	loop = watch->loop;
	watch->dead = true;
	if (!watch->always) {
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
		watch->next = loop->graveyard;
		loop->graveyard = watch;
	}
	if (!loop->dealing)
		bury(loop);
}

static unsigned ready_of(const struct loop_watch *watch, uint32_t events)
{
	unsigned ready = 0;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		ready |= LOOP_READABLE;
	if (events & (EPOLLOUT | EPOLLERR) && watch->want & LOOP_WRITABLE)
		ready |= LOOP_WRITABLE;
	return ready;
}

void loop_deal(struct loop *loop)
{
	struct epoll_event events[READY_MAX];
	int n = epoll_wait(loop->epoll_fd, events, READY_MAX, 0);

	loop->dealing = true;
	for (int i = 0; i < n; i++) {
		struct loop_watch *watch = events[i].data.ptr;

		if (!watch->dead)
			watch->fn(watch->arg, ready_of(watch, events[i].events));
	}
	loop->dealing = false;
	bury(loop);
	loop_timers_arm(loop);
}
