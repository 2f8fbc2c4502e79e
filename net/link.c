/* A link's life and end, the same at either end. Life is checked by one sweep over all links instead of a
 * timer per connection: silence is answered by a ping, longer silence ends the link. */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/link_lws.h"
#include "net/loop_lws.h"

enum {
	SWEEP_MAX_US = 2000000,
	CLOSE_US = 3000000, /* for the goodbye to be sent and answered */
};

/* ---- lists ---- */

void link_list_add(struct link **list, struct link *link)
{
	link->prev = NULL;
	link->next = *list;
	if (*list)
		(*list)->prev = link;
	*list = link;
	link->list = list;
}

void link_list_remove(struct link *link)
{
	if (!link->list)
		return;
	if (link->prev)
		link->prev->next = link->next;
	else
		*link->list = link->next;
	if (link->next)
		link->next->prev = link->prev;
	link->prev = link->next = NULL;
	link->list = NULL;
}

/* ---- life and end ---- */

static void check_life(struct link *link, int64_t now_us)
{
	int64_t silent_ms = (now_us - link->heard_us) / 1000;

	if (link->paused || link->state != LINK_OPEN)
		return;
	if (silent_ms >= 2 * (int64_t)link->silence_ms) {
		link_why(link, LINK_END_LOST, "no sign of life");
		link_cut(link);
	} else if (silent_ms >= link->silence_ms && !link->ping_sent) {
		link->ping_due = true;
		lws_callback_on_writable(link->wsi);
	}
}

static void sweep(void *arg)
{
	struct loop *loop = arg;
	struct link_home *home = link_home(loop);
	int64_t now_us = loop_now_us(), late_us = now_us - home->swept_us - home->sweep_us;

	/* This program itself stood still (stopped, suspended, starved): the silence was ours. */
	if (late_us < home->sweep_us)
		late_us = 0;
	for (struct link *link = home->open, *next; link; link = next) {
		next = link->next;
		link->heard_us += late_us;
		check_life(link, now_us);
	}
	home->swept_us = now_us;
	loop_timer_set(loop, &home->sweep, home->sweep_us);
}

/* Look often enough for the shortest silence asked for. */
void link_set_silence(struct link *link, uint32_t silence_ms)
{
	struct link_home *home = link_home(link->loop);
	int64_t often_us = (int64_t)silence_ms * 250;

	link->silence_ms = silence_ms;
	if (often_us >= home->sweep_us)
		return;
	home->sweep_us = often_us;
	home->swept_us = loop_now_us();
	loop_timer_set(link->loop, &home->sweep, often_us);
}

static void home_free(void *links)
{
	struct link_home *home = links;

	while (home->fresh)
		link_finish(home->fresh);
	free(home);
}

struct link_home *link_home(struct loop *loop)
{
	struct link_home *home = loop_links(loop);

	if (home)
		return home;
	home = calloc(1, sizeof(*home));
	if (!home)
		return NULL;
	home->sweep = (struct loop_timer) { .fn = sweep, .arg = loop };
	home->sweep_us = SWEEP_MAX_US;
	home->swept_us = loop_now_us();
	loop_set_links(loop, home, home_free);
	loop_timer_set(loop, &home->sweep, home->sweep_us);
	return home;
}

void link_why(struct link *link, int end, const char *text)
{
	if (link->end)
		return;
	link->end = end;
	lws_strncpy(link->text, text ? text : "", sizeof(link->text));
}

void link_free(struct link *link)
{
	loop_timer_cancel(link->loop, &link->timer);
	free(link->rx);
	free(link->host);
	free(link);
}

void link_finish(struct link *link)
{
	if (link->listener)
		link_server_gone(link);
	link_list_remove(link);
	link_why(link, LINK_END_LOST, "the line broke");
	link->wsi = NULL;
	if (link->ops && !link->told && !loop_dying(link->loop)) {
		link->told = true;
		link->ops->on_close(link->arg, link, link->end, link->text);
	}
	link_free(link);
}

static void kill_now(struct link *link)
{
	if (!link->wsi)
		return;
	shutdown(lws_get_socket_fd(link->wsi), SHUT_RDWR);
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void out_of_time(void *arg)
{
	struct link *link = arg;

	link->state = LINK_CUT;
	kill_now(link);
}

static void finish_later(void *arg)
{
	link_finish(arg);
}

void link_cut(struct link *link)
{
	if (link->state == LINK_CUT)
		return;
	link_why(link, LINK_END_LOST, "cut");
	link->timer.fn = link->state == LINK_NEW ? finish_later : out_of_time;
	link->timer.arg = link;
	link->state = LINK_CUT;
	loop_timer_set(link->loop, &link->timer, link->wsi ? CLOSE_US : 0);
	kill_now(link);
}

void link_drop(struct link *link)
{
	if (!link)
		return;
	link->ops = NULL;
	link_cut(link);
}

void link_close(struct link *link, int code, const char *reason)
{
	if (link->state == LINK_CLOSING || link->state == LINK_CUT)
		return;
	link_why(link, code, reason);
	if (link->state != LINK_OPEN || code < 1000 || code > 4999) {
		link_cut(link);
		return;
	}
	link->state = LINK_CLOSING;
	link->timer.fn = out_of_time;
	link->timer.arg = link;
	loop_timer_set(link->loop, &link->timer, CLOSE_US);
	/* A goodbye is heard even by a link whose reading was paused. */
	link_read(link, true);
	lws_callback_on_writable(link->wsi);
}

/* ---- what is known of it ---- */

long link_in_flight(const struct link *link)
{
	long queued = link->wsi ? link_tcp_queued(lws_get_socket_fd(link->wsi)) : -1;

	if (queued >= 0 && link->state == LINK_OPEN && lws_partial_buffered(link->wsi))
		queued += (long)link->held;
	return queued;
}

uint32_t link_rtt_us(const struct link *link)
{
	return link->wsi ? link_tcp_rtt_us(lws_get_socket_fd(link->wsi)) : 0;
}

uint32_t link_rtt_min_us(const struct link *link)
{
	return link->wsi ? link_tcp_rtt_min_us(lws_get_socket_fd(link->wsi)) : 0;
}

uint64_t link_rate(const struct link *link)
{
	return link->wsi ? link_tcp_rate(lws_get_socket_fd(link->wsi)) : 0;
}

const char *link_tls(const struct link *link)
{
	return link->tls;
}

const char *link_pin(const struct link *link)
{
	return link->pin;
}

const char *link_address(const struct link *link)
{
	return link->address;
}
