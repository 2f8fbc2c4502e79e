/* The loop is libwebsockets' poll(); everything that is not one of its sockets stands behind one epoll
 * descriptor that it polls as well. So timers are exact (poll() counts milliseconds, timerfd does not), raw
 * descriptors keep their flags and their owner, and no quirk of its raw-file role is met.
 * Regular files and /dev/null cannot be in an epoll set; they are always ready, and called once in a pass. */
#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/loop_lws.h"

enum {
	POSTS_MAX = 4096,
	READY_MAX = 64,
	/* Descriptors libwebsockets never gets: else accept() fails with EMFILE, and spins. */
	FDS_SPARE = 64,
	FDS_MAX = 65536,
	SIGNALS_MAX = 65,
	READ_BYTES = 16384,
};

struct loop_watch {
	struct loop *loop;
	int fd;
	unsigned want;
	bool always;                    /* no epoll for this kind of file */
	bool dead;                      /* unwatched while events are dealt out */
	void (*fn)(void *arg, unsigned ready);
	void *arg;
	struct loop_watch *next;        /* among the always ready, or the dead */
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
	struct loop_timer **heap;       /* from 1 */
	unsigned timers, timers_size;
	int64_t armed_us;               /* what timer_fd is set to, 0 off */
	struct loop_watch *timer_watch, *wake_watch, *signal_watch;
	struct loop_watch *always, *graveyard;
	struct loop_timer always_timer;
	pthread_mutex_t post_lock;
	struct post *posts;             /* ring of POSTS_MAX */
	unsigned post_first, post_count;
	sigset_t signals;
	struct {
		void (*fn)(void *arg, int signal);
		void *arg;
	} on_signal[SIGNALS_MAX];
	void *links;
	void (*links_free)(void *links);
};

int64_t loop_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t loop_unix_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct lws_context *loop_context(struct loop *loop)
{
	return loop->context;
}

void *loop_links(struct loop *loop)
{
	return loop->links;
}

void loop_set_links(struct loop *loop, void *links, void (*free_links)(void *links))
{
	loop->links = links;
	loop->links_free = free_links;
}

bool loop_dying(const struct loop *loop)
{
	return loop->dying;
}

/* ---- timers: a binary heap over one timerfd ---- */

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

static void arm(struct loop *loop)
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

static int heap_grow(struct loop *loop)
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
	if (heap_grow(loop))
		return -ENOMEM;
	if (timer->heap_index)
		heap_remove(loop, timer);
	timer->due_us = loop_now_us() + (delay_us > 0 ? delay_us : 0);
	heap_up(loop, ++loop->timers, timer);
	if (!loop->dealing)
		arm(loop);
	return 0;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->heap_index)
		return;
	heap_remove(loop, timer);
	if (!loop->dealing)
		arm(loop);
}

static void run_timers(void *arg, unsigned ready)
{
	struct loop *loop = arg;
	int64_t now_us = loop_now_us();

	(void)ready;
	/* Settled anew by arm(), which also makes the descriptor unreadable. */
	loop->armed_us = -1;
	while (loop->timers && loop->heap[1]->due_us <= now_us) {
		struct loop_timer *timer = loop->heap[1];

		heap_remove(loop, timer);
		timer->fn(timer->arg);
	}
}

/* ---- calls from other threads ---- */

int loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	bool wake = false;
	int rc = -EAGAIN;

	pthread_mutex_lock(&loop->post_lock);
	if (loop->post_count < POSTS_MAX) {
		struct post *post = &loop->posts[(loop->post_first + loop->post_count) % POSTS_MAX];

		post->fn = fn;
		post->arg = arg;
		wake = !loop->post_count++;
		rc = 0;
	}
	pthread_mutex_unlock(&loop->post_lock);
	if (wake)
		eventfd_write(loop->wake_fd, 1);
	return rc;
}

static void run_posts(void *arg, unsigned ready)
{
	struct loop *loop = arg;
	unsigned left;
	eventfd_t n;

	(void)ready;
	eventfd_read(loop->wake_fd, &n);
	pthread_mutex_lock(&loop->post_lock);
	/* What these calls post themselves waits for the next pass, so that posting never starves sockets. */
	left = loop->post_count;
	while (left--) {
		struct post post = loop->posts[loop->post_first];

		loop->post_first = (loop->post_first + 1) % POSTS_MAX;
		loop->post_count--;
		pthread_mutex_unlock(&loop->post_lock);
		post.fn(post.arg);
		pthread_mutex_lock(&loop->post_lock);
	}
	if (loop->post_count)
		eventfd_write(loop->wake_fd, 1);
	pthread_mutex_unlock(&loop->post_lock);
}

/* ---- descriptors ---- */

static uint32_t epoll_events(unsigned want)
{
	return (want & LOOP_READABLE ? (uint32_t)EPOLLIN : 0) | (want & LOOP_WRITABLE ? (uint32_t)EPOLLOUT : 0);
}

static void deal_always(void *arg)
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
	*watch = (struct loop_watch){ .loop = loop, .fd = fd, .want = LOOP_READABLE, .fn = fn, .arg = arg };
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

/* Everything that is ready behind the epoll descriptor. */
static void deal(struct loop *loop)
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
	arm(loop);
}

/* ---- signals ---- */

static void run_signals(void *arg, unsigned ready)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	(void)ready;
	while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo < SIGNALS_MAX && loop->on_signal[info.ssi_signo].fn)
			loop->on_signal[info.ssi_signo].fn(loop->on_signal[info.ssi_signo].arg, (int)info.ssi_signo);
}

int loop_signal(struct loop *loop, int signal, void (*fn)(void *arg, int signal), void *arg)
{
	sigset_t one;
	int fd;

	if (signal <= 0 || signal >= SIGNALS_MAX)
		return -EINVAL;
	sigemptyset(&one);
	sigaddset(&one, signal);
	if (fn)
		sigaddset(&loop->signals, signal);
	else
		sigdelset(&loop->signals, signal);
	fd = signalfd(loop->signal_fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	loop->signal_fd = fd;
	if (!loop->signal_watch)
		loop->signal_watch = loop_watch(loop, fd, run_signals, loop);
	if (!loop->signal_watch)
		return -ENOMEM;
	loop->on_signal[signal].fn = fn;
	loop->on_signal[signal].arg = arg;
	pthread_sigmask(fn ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL);
	return 0;
}

/* ---- libwebsockets ---- */

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct loop *loop;
	const struct lws_protocols *protocol;

	switch (reason) {
	case LWS_CALLBACK_RAW_RX_FILE:
		loop = lws_context_user(lws_get_context(wsi));
		deal(loop);
		return 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		/* Comes here whatever the connection, as ours is the first host. */
		protocol = lws_get_protocol(wsi);
		return protocol && protocol->callback != on_lws ? protocol->callback(wsi, reason, user, in, len) : 1;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "loop", .callback = on_lws },
	{ .name = NULL },
};

/* The soft limit up to the hard one; libwebsockets sees somewhat less of it. */
static struct lws_context *make_context(struct loop *loop)
{
	struct lws_context_creation_info info = { 0 };
	struct lws_context *context;
	struct rlimit limit;
	rlim_t full;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return NULL;
	full = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
	if (limit.rlim_cur > full)
		full = limit.rlim_cur < FDS_MAX ? limit.rlim_cur : FDS_MAX;
	limit.rlim_cur = full > 2 * FDS_SPARE ? full - FDS_SPARE : full;
	setrlimit(RLIMIT_NOFILE, &limit);

	lws_set_log_level(0, NULL);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.user = loop;
	info.gid = -1;
	info.uid = -1;
	info.pt_serv_buf_size = READ_BYTES;
	info.timeout_secs = 15;         /* links have their own, shorter */
	context = lws_create_context(&info);

	limit.rlim_cur = full;
	setrlimit(RLIMIT_NOFILE, &limit);
	return context;
}

static int make_vhost(struct loop *loop)
{
	struct lws_context_creation_info info = { 0 };
	lws_adopt_desc_t desc = { 0 };

	info.port = CONTEXT_PORT_NO_LISTEN;
	info.vhost_name = "loop";
	info.protocols = protocols;
	info.http_proxy_address = "";
	loop->vhost = lws_create_vhost(loop->context, &info);
	if (!loop->vhost)
		return -ENOMEM;
	desc.vh = loop->vhost;
	desc.type = LWS_ADOPT_RAW_FILE_DESC;
	/* A copy, because libwebsockets closes what it adopts. */
	desc.fd.filefd = fcntl(loop->epoll_fd, F_DUPFD_CLOEXEC, 3);
	desc.vh_prot_name = "loop";
	if (desc.fd.filefd < 0)
		return -EMFILE;
	return lws_adopt_descriptor_vhost_via_info(&desc) ? 0 : -ENOMEM;
}

static int make_descriptors(struct loop *loop)
{
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop->wake_fd < 0)
		return -EMFILE;
	loop->timer_watch = loop_watch(loop, loop->timer_fd, run_timers, loop);
	loop->wake_watch = loop_watch(loop, loop->wake_fd, run_posts, loop);
	return loop->timer_watch && loop->wake_watch ? 0 : -ENOMEM;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = loop->timer_fd = loop->wake_fd = loop->signal_fd = -1;
	loop->always_timer = (struct loop_timer){ .fn = deal_always, .arg = loop };
	sigemptyset(&loop->signals);
	pthread_mutex_init(&loop->post_lock, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop->posts = calloc(POSTS_MAX, sizeof(*loop->posts));
	if (!loop->posts || heap_grow(loop) || make_descriptors(loop))
		goto out;
	loop->context = make_context(loop);
	if (!loop->context || make_vhost(loop))
		goto out;
	return loop;
out:
	loop_free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	loop->dying = true;
	if (loop->context)
		lws_context_destroy(loop->context);
	if (loop->links_free)
		loop->links_free(loop->links);
	for (int signal = 1; signal < SIGNALS_MAX; signal++)
		if (loop->on_signal[signal].fn)
			loop_signal(loop, signal, NULL, NULL);
	loop_unwatch(loop->timer_watch);
	loop_unwatch(loop->wake_watch);
	loop_unwatch(loop->signal_watch);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	pthread_mutex_destroy(&loop->post_lock);
	free(loop->posts);
	free(loop->heap);
	free(loop);
}

int loop_run(struct loop *loop)
{
	int rc = 0;

	while (!loop->stopping && !rc)
		rc = lws_service(loop->context, 0) < 0 ? -EIO : 0;
	loop->stopping = false;
	return rc;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}
