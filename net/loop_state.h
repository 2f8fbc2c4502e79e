/* What loop.c, loop_timer.c and loop_watch.c share. */
#ifndef MOOT_NET_LOOP_STATE_H
#define MOOT_NET_LOOP_STATE_H

#include <pthread.h>
#include <signal.h>

#include "net/loop.h"

enum { LOOP_SIGNALS = 65 };

struct lws_context;
struct lws_vhost;

struct loop_watch {
	struct loop *loop;
	int fd;
	unsigned want;
	bool always; /* no epoll for this kind of file */
	bool dead;   /* unwatched while events are dealt out */
	void (*fn)(void *arg, unsigned ready);
	void *arg;
	struct loop_watch *next; /* among the always ready, or the dead */
};

struct post {
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	struct lws_context *context;
	struct lws_vhost *vhost;
	int epoll_fd, timer_fd, wake_fd, signal_fd;
	bool stopping, dealing, dying;
	struct loop_timer **heap; /* from 1 */
	unsigned timers, timers_size;
	int64_t armed_us; /* what timer_fd is set to, 0 off */
	struct loop_watch *timer_watch, *wake_watch, *signal_watch;
	struct loop_watch *always, *graveyard;
	struct loop_timer always_timer;
	pthread_mutex_t post_lock;
	struct post *posts; /* ring of POSTS_MAX */
	unsigned post_first, post_count;
	sigset_t signals;
	struct {
		void (*fn)(void *arg, int signal);
		void *arg;
	} on_signal[LOOP_SIGNALS];
	void *links;
	void (*links_free)(void *links);
};

/* loop_timer.c */
/** Room for one more; at the beginning, too. 0 or -ENOMEM. */
int loop_timers_grow(struct loop *loop);
/** The timer descriptor is ready. */
void loop_timers_run(void *arg, unsigned ready);
/** Set the descriptor to the earliest, unless it is already. */
void loop_timers_arm(struct loop *loop);

/* loop_watch.c */
/** Call everything that is ready behind the epoll descriptor. */
void loop_deal(struct loop *loop);
/** Call the always ready; from always_timer. */
void loop_deal_always(void *arg);

#endif
