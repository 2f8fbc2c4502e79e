/* The one event loop of a program: libwebsockets' own, with timers, raw descriptors and wake-ups from other
 * threads beside its sockets. loop.c and link.c are the only files that include libwebsockets.
 * All functions on the loop's thread, but loop_post(). */
#ifndef MOOT_NET_LOOP_H
#define MOOT_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/** NULL without memory or descriptors. Also blocks SIGPIPE. One loop per program is meant, more work. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/** Serve until loop_stop(). Returns 0 or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/** Steady microseconds since an unspecified start. Any thread. */
int64_t loop_now_us(void);
/** Unix time in milliseconds. Any thread. */
int64_t loop_unix_ms(void);

/** Run fn(arg) on the loop's thread soon, in the order posted. Any thread, never blocks. The queue is
 * bounded: returns -EAGAIN when it is full (nothing will be called), else 0. */
int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);

/** A timer inside the caller's struct; zero-initialise it. */
struct loop_timer {
	void (*fn)(void *arg);
	void *arg;
	int64_t due_us;
	unsigned heap_index; /* 0: not armed */
};
/** Arm or move: fn(arg) once, delay_us from now. */
int loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay_us);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/** Watch a descriptor that stays the caller's. fn on readable, on writable if asked for, and on hang-up (as
 * readable). */
enum loop_ready { LOOP_READABLE = 1, LOOP_WRITABLE = 2 };
struct loop_watch;
struct loop_watch *loop_watch(struct loop *loop, int fd, void (*fn)(void *arg, unsigned ready), void *arg);
void loop_watch_want(struct loop_watch *watch, unsigned ready);
void loop_unwatch(struct loop_watch *watch);

/** Deliver a signal as a call on the loop (signalfd or self-pipe inside). fn NULL takes it back. */
int loop_signal(struct loop *loop, int signal, void (*fn)(void *arg, int signal), void *arg);

#endif
