/* Timers: a binary heap over one timerfd, which is set anew only when the earliest changes, and while events
 * are dealt out only once, after all of them. */
#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>

#include "net/loop_state.h"

static void heap_place(struct loop *loop, unsigned at, struct loop_timer *timer)
{
	loop->heap[at] = timer;
	timer->heap_index = at;
}

static void heap_up(struct loop *loop, unsigned at, struct loop_timer *timer)
{
	while (at > 1 && loop->heap[at / 2]->due_us > timer->due_us) {
		heap_place(loop, at, loop->heap[at / 2]);
		at /= 2;
	}
	heap_place(loop, at, timer);
}

static void heap_down(struct loop *loop, unsigned at, struct loop_timer *timer)
{
	for (;;) {
		unsigned child = at * 2;

		if (child > loop->timers)
			break;
		if (child < loop->timers && loop->heap[child + 1]->due_us < loop->heap[child]->due_us)
			child++;
		if (loop->heap[child]->due_us >= timer->due_us)
			break;
		heap_place(loop, at, loop->heap[child]);
		at = child;
	}
	heap_place(loop, at, timer);
}

void loop_timers_arm(struct loop *loop)
{
	int64_t due_us = loop->timers ? loop->heap[1]->due_us : 0;
	struct itimerspec when = { 0 };

	if (due_us == loop->armed_us)
		return;
	when.it_value.tv_sec = due_us / 1000000;
	when.it_value.tv_nsec = due_us % 1000000 * 1000;
	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
	loop->armed_us = due_us;
}

int loop_timers_grow(struct loop *loop)
{
	unsigned size = loop->timers_size ? loop->timers_size * 2 : 64;
	struct loop_timer **heap;

	if (loop->timers + 1 < loop->timers_size)
		return 0;
	heap = realloc(loop->heap, size * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	loop->heap = heap;
	loop->timers_size = size;
	return 0;
}

static void heap_remove(struct loop *loop, struct loop_timer *timer)
{
	unsigned at = timer->heap_index;
	struct loop_timer *last = loop->heap[loop->timers--];

	timer->heap_index = 0;
	if (last == timer)
		return;
	if (at > 1 && loop->heap[at / 2]->due_us > last->due_us)
		heap_up(loop, at, last);
	else
		heap_down(loop, at, last);
}

int loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay_us)
{
	if (loop_timers_grow(loop))
		return -ENOMEM;
	if (timer->heap_index)
		heap_remove(loop, timer);
	timer->due_us = loop_now_us() + (delay_us > 0 ? delay_us : 0);
	heap_up(loop, ++loop->timers, timer);
	if (!loop->dealing)
		loop_timers_arm(loop);
	return 0;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->heap_index)
		return;
	heap_remove(loop, timer);
	if (!loop->dealing)
		loop_timers_arm(loop);
}

void loop_timers_run(void *arg, unsigned ready)
{
	struct loop *loop = arg;
	int64_t now_us = loop_now_us();

	(void)ready;
	/* Settled anew by loop_timers_arm(), which also makes the descriptor unreadable. */
	loop->armed_us = -1;
	while (loop->timers && loop->heap[1]->due_us <= now_us) {
		struct loop_timer *timer = loop->heap[1];

		heap_remove(loop, timer);
		timer->fn(timer->arg);
	}
}
