/* The loop is libwebsockets' poll(); everything that is not one of its sockets stands behind one epoll
 * descriptor that it polls as well. So timers are exact (poll() counts milliseconds, timerfd does not), raw
 * descriptors keep their flags and their owner, and no quirk of its raw-file role is met.
 * Regular files and /dev/null cannot be in an epoll set; they are always ready, and called once in a pass. */
#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "net/loop_lws.h"
#include "net/loop_state.h"

enum {
	POSTS_MAX = 4096,
	/* Descriptors libwebsockets never gets: else accept() fails with EMFILE, and spins. */
	FDS_SPARE = 64,
	FDS_MAX = 65536,
	READ_BYTES = 16384,
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

/* ---- signals ---- */

static void run_signals(void *arg, unsigned ready)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	(void)ready;
	while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo < LOOP_SIGNALS && loop->on_signal[info.ssi_signo].fn)
			loop->on_signal[info.ssi_signo].fn(loop->on_signal[info.ssi_signo].arg,
							   (int)info.ssi_signo);
}

int loop_signal(struct loop *loop, int signal, void (*fn)(void *arg, int signal), void *arg)
{
	sigset_t one;
	int fd;

	if (signal <= 0 || signal >= LOOP_SIGNALS)
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
		loop_deal(loop);
		return 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		/* Comes here whatever the connection, as ours is the first host. */
		protocol = lws_get_protocol(wsi);
		return protocol && protocol->callback != on_lws
			       ? protocol->callback(wsi, reason, user, in, len)
			       : 1;
	default: return 0;
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
	info.timeout_secs = 15; /* links have their own, shorter */
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
	loop->timer_watch = loop_watch(loop, loop->timer_fd, loop_timers_run, loop);
	loop->wake_watch = loop_watch(loop, loop->wake_fd, run_posts, loop);
	return loop->timer_watch && loop->wake_watch ? 0 : -ENOMEM;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = loop->timer_fd = loop->wake_fd = loop->signal_fd = -1;
	loop->always_timer = (struct loop_timer) { .fn = loop_deal_always, .arg = loop };
	sigemptyset(&loop->signals);
	pthread_mutex_init(&loop->post_lock, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop->posts = calloc(POSTS_MAX, sizeof(*loop->posts));
	if (!loop->posts || loop_timers_grow(loop) || make_descriptors(loop))
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
	for (int signal = 1; signal < LOOP_SIGNALS; signal++)
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
