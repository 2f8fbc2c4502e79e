/* When to write to whom. A write costs a hundred times what a frame in it costs, so a busy relay lets frames gather and
 * writes on a tick; an idle one writes at once. And a write is only worth it while the line carries it: what is in flight is
 * a queue that nobody can drop from, so pictures are held back at about one bandwidth-delay product, and audio where it
 * would only grow stale. What is in flight is asked of the kernel ten times a second, and for each picture. */
#include "net/relay_state.h"

enum {
	BUSY_PER_S = 10000,             /* deliveries a second from which the tick runs */
	HALL_PER_S = 60000,
	TICK_US = 20000,
	TICK_HALL_US = 40000,
	WINDOW_US = 200000,
	SAMPLE_US = 100000,
	RTT_MIN_US = 10 * 1000000,      /* how long the least round trip is believed */
	PICTURE_IN_FLIGHT = 2500,       /* bytes that are always let through */
	CONTROL_AT_ONCE = 16 * 1024,    /* bytes of one message of several lines */
	AUDIO_IN_FLIGHT = 4000,
	AUDIO_IN_FLIGHT_UNKNOWN = 16000,
	BULK_PER_S = 4 * 1024 * 1024, BULK_BURST = 256 * 1024,  /* of files to one person, whatever their line carries */
};

static int64_t tick_us(const struct relay *relay)
{
	if (relay->rate < BUSY_PER_S)
		return 0;
	return relay->rate < HALL_PER_S ? TICK_US : TICK_HALL_US;
}

static void on_tick(void *arg)
{
	struct relay *relay = arg;

	relay->ticking = false;
	for (struct conn *conn = relay->conns; conn; conn = conn->next) {
		if (!conn->due)
			continue;
		conn->due = false;
		link_want_write(conn->link);
	}
}

static void wait_for_tick(struct conn *conn, int64_t period_us)
{
	struct relay *relay = conn->relay;

	conn->due = true;
	if (relay->ticking)
		return;
	relay->tick.fn = on_tick;
	relay->tick.arg = relay;
	/* On a fixed grid, so that the tick keeps its rhythm whoever speaks first. */
	relay->ticking = !loop_timer_set(relay->loop, &relay->tick, period_us - loop_now_us() % period_us);
}

void pace_wake(struct conn *conn, bool urgent)
{
	int64_t period_us = urgent ? 0 : tick_us(conn->relay);

	if (conn->closed)
		return;
	if (!period_us)
		link_want_write(conn->link);
	else if (!conn->due)
		wait_for_tick(conn, period_us);
}

void pace_count(struct relay *relay, uint32_t n)
{
	int64_t now_us = loop_now_us(), passed_us = now_us - relay->window_us;

	relay->window_count += n;
	if (passed_us < WINDOW_US)
		return;
	/* After a pause the window says nothing about now. */
	relay->rate = passed_us < 5 * WINDOW_US ? (uint32_t)((int64_t)relay->window_count * 1000000 / passed_us) : 0;
	relay->window_us = now_us;
	relay->window_count = 0;
}

void pace_forget(struct relay *relay)
{
	loop_timer_cancel(relay->loop, &relay->tick);
	relay->ticking = false;
}

/* What the line carries: its rate by the least round trip of late, and a quarter more so that a rate held down by our own
 * gate can grow. */
static void sample_line(struct conn *conn, int64_t now_us)
{
	uint32_t rtt_us = link_rtt_us(conn->link);

	if (rtt_us && (!conn->rtt_min_us || rtt_us < conn->rtt_min_us || now_us - conn->rtt_min_at_us > RTT_MIN_US)) {
		conn->rtt_min_us = rtt_us;
		conn->rtt_min_at_us = now_us;
	}
	conn->line_bytes = link_rate(conn->link) * conn->rtt_min_us / 1000000 * 5 / 4;
}

static void sample(struct conn *conn, bool pictures, int64_t now_us)
{
	bool stuck = conn->in_flight > AUDIO_IN_FLIGHT / 2;

	if (!pictures && now_us - conn->sampled_us < (stuck ? TICK_US / 2 : SAMPLE_US))
		return;
	conn->sampled_us = now_us;
	conn->in_flight = link_in_flight(conn->link);
	if (conn->in_flight > PICTURE_IN_FLIGHT / 2)
		sample_line(conn, now_us);
}

static bool audio_fits(const struct conn *conn)
{
	uint64_t limit = conn->line_bytes ? 2 * conn->line_bytes : AUDIO_IN_FLIGHT_UNKNOWN;

	return conn->in_flight <= (long)(limit > AUDIO_IN_FLIGHT ? limit : AUDIO_IN_FLIGHT);
}

static bool picture_fits(const struct conn *conn)
{
	uint64_t limit = conn->line_bytes > PICTURE_IN_FLIGHT ? conn->line_bytes : PICTURE_IN_FLIGHT;

	return conn->in_flight < (long)limit;
}

static void write_media(struct conn *conn)
{
	struct relay *relay = conn->relay;
	int64_t now_us = loop_now_us();
	bool pictures = queue_has(conn->queue, QUEUE_PICTURE);
	uint8_t *p = relay->scratch + LINK_HEADROOM;
	size_t n = 0;

	sample(conn, pictures, now_us);
	pictures = pictures && picture_fits(conn);
	if (pictures || audio_fits(conn))
		n = queue_bundle(conn->queue, p, WIRE_BINARY_MAX, pictures, now_us);
	if (n && link_write_binary(conn->link, p, n))
		return;
	if (pictures && !queue_empty(conn->queue))
		link_want_write(conn->link);
	else if (!queue_empty(conn->queue))
		wait_for_tick(conn, TICK_US);
}

static int write_sort(struct conn *conn, uint8_t *p, size_t n, bool binary)
{
	return binary ? link_write_binary(conn->link, p, n) : link_write_text(conn->link, (char *)p, n);
}

/* Several in one message: who comes into a hall is told of everyone there. */
static void write_control(struct conn *conn)
{
	uint8_t *p = conn->relay->scratch + LINK_HEADROOM;
	bool binary;
	size_t n = queue_gather(conn->queue, p, CONTROL_AT_ONCE, &binary);
	int err;

	if (n) {
		err = write_sort(conn, p, n, binary);
	} else {
		enum queue_class class;
		struct buf *control = queue_take(conn->queue, false, loop_now_us(), &class);

		err = write_sort(conn, buf_bytes(control), buf_size(control), !buf_is_text(control));
		buf_unref(control);
	}
	if (!err && (conn->closing || !queue_empty(conn->queue)))
		link_want_write(conn->link);
}

/* A piece of a file, when nothing else waits and the line is about empty: a voice that comes next finds it free. */
static void write_bulk(struct conn *conn)
{
	int64_t now_us = loop_now_us();
	struct buf *bulk;
	bool flood;
	int err;

	sample(conn, true, now_us);
	if (!picture_fits(conn) || !bucket_take(&conn->bulk, 0, BULK_PER_S, BULK_BURST, now_us, &flood)) {
		wait_for_tick(conn, TICK_US);
		return;
	}
	bulk = queue_take_bulk(conn->queue);
	if (!bulk)
		return;
	bucket_take(&conn->bulk, (uint32_t)buf_size(bulk), BULK_PER_S, BULK_BURST, now_us, &flood);
	err = link_write_text(conn->link, (char *)buf_bytes(bulk), buf_size(bulk));
	buf_unref(bulk);
	if (!err && !queue_empty(conn->queue))
		link_want_write(conn->link);
}

void pace_write(struct conn *conn)
{
	if (conn->closed)
		return;
	if (queue_has(conn->queue, QUEUE_CONTROL)) {
		write_control(conn);
	} else if (conn->closing) {
		conn_drop(conn, conn->closing, conn->closing_text);
	} else if (queue_has(conn->queue, QUEUE_AUDIO) || queue_has(conn->queue, QUEUE_PICTURE)) {
		write_media(conn);
	} else if (queue_has(conn->queue, QUEUE_BULK)) {
		write_bulk(conn);
	}
}
