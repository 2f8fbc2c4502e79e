/* What goes up, in what order and how fast. Control first, then audio, then pictures, and a picture only
 * while what is in flight stays within about one bandwidth-delay product: what the kernel holds is a queue
 * too, and one that audio could not overtake. A cap on the rate is a bucket for audio alone and one for
 * everything, so that a picture's debt never silences a voice. Downwards the same cap pauses reading, which
 * the relay feels. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/session_state.h"

enum {
	MESSAGE_COST = 80, /* IP, TCP, TLS and WebSocket around each message */
	GATE_MIN = 2500,
	GATE_MAX = 256 * 1024,
	BURST_MIN = 3000,
	CONTROL_AT_ONCE = 4096, /* bytes of one message of several lines */
	NARROW_MIN = 4096,
	RETRY_US = 5000,
	RETRY_MAX_US = 40000,
};

static uint32_t rate_cap(const struct session *session)
{
	uint32_t a = session->params.bandwidth, b = session->fault_rate;

	return !a || (b && b < a) ? b : a;
}

static void bucket_fill(struct bucket *bucket, uint32_t bits_per_s, int64_t now_us)
{
	double per_us = bits_per_s / 8e6, most = per_us * 250000;

	if (most < BURST_MIN)
		most = BURST_MIN;
	bucket->bytes += per_us * (double)(now_us - bucket->at_us);
	if (bucket->bytes > most)
		bucket->bytes = most;
	bucket->at_us = now_us;
}

/* When a bucket that is empty now holds something again. */
static int64_t bucket_wait_us(const struct bucket *bucket, uint32_t bits_per_s)
{
	return bucket->bytes >= 0 ? 1000 : (int64_t)(-bucket->bytes * 8e6 / bits_per_s) + 1000;
}

/* ---- up ---- */

static bool gate_open(const struct session *session)
{
	uint64_t product = link_rate(session->link) * link_rtt_min_us(session->link) / 1000000;
	long in_flight = link_in_flight(session->link);

	product += product / 4;
	if (product < GATE_MIN)
		product = GATE_MIN;
	if (product > GATE_MAX)
		product = GATE_MAX;
	return in_flight < (long)product;
}

static void retry_in(struct session *session, int64_t us)
{
	loop_timer_set(session->loop, &session->pace, us);
}

static void write_text(struct session *session, char *p, size_t n)
{
	session->all.bytes -= (double)(n + MESSAGE_COST);
	link_write_text(session->link, p, n);
}

static void write_sort(struct session *session, uint8_t *p, size_t n, bool binary)
{
	if (!binary) {
		write_text(session, (char *)p, n);
		return;
	}
	session->all.bytes -= (double)(n + MESSAGE_COST);
	link_write_binary(session->link, p, n);
}

/* Several in one message: lines, or pieces. */
static void write_control(struct session *session, int64_t now_us)
{
	uint8_t *p = session->out + LINK_HEADROOM;
	bool binary;
	size_t n = queue_gather(session->queue, p, CONTROL_AT_ONCE, &binary);
	enum queue_class class;
	struct buf *buf;

	if (n) {
		write_sort(session, p, n, binary);
		return;
	}
	buf = queue_take(session->queue, false, now_us, &class);
	if (buf)
		write_sort(session, buf_bytes(buf), buf_size(buf), !buf_is_text(buf));
	buf_unref(buf);
}

/* Is it audio's turn, by the cap? Sets a timer if not. */
static bool audio_may(struct session *session, uint32_t cap)
{
	if (!cap || session->audio.bytes > 0)
		return true;
	retry_in(session, bucket_wait_us(&session->audio, cap));
	return false;
}

static bool pictures_may(struct session *session, uint32_t cap)
{
	uint32_t rtt_us = link_rtt_us(session->link);

	if (!queue_has(session->queue, QUEUE_PICTURE))
		return false;
	if (cap && session->all.bytes <= 0) {
		retry_in(session, bucket_wait_us(&session->all, cap));
		return false;
	}
	if (gate_open(session))
		return true;
	retry_in(session, rtt_us / 4 < RETRY_US       ? RETRY_US
			  : rtt_us / 4 > RETRY_MAX_US ? RETRY_MAX_US
						      : rtt_us / 4);
	return false;
}

/* A piece of a file goes when nothing else waits, the cap leaves room and the line is about empty. */
static void write_bulk(struct session *session, uint32_t cap)
{
	struct buf *buf;

	if (cap && session->all.bytes <= 0) {
		retry_in(session, bucket_wait_us(&session->all, cap));
		return;
	}
	if (!gate_open(session)) {
		retry_in(session, RETRY_US);
		return;
	}
	buf = queue_take_bulk(session->queue);
	if (!buf)
		return;
	write_text(session, (char *)buf_bytes(buf), buf_size(buf));
	buf_unref(buf);
}

static void write_media(struct session *session, int64_t now_us)
{
	uint32_t cap = rate_cap(session);
	bool has_audio = queue_has(session->queue, QUEUE_AUDIO);
	size_t n;

	/* Audio alone in its message: a picture behind it is the next one's. */
	if (has_audio ? !audio_may(session, cap) : !pictures_may(session, cap))
		return;
	n = queue_bundle(session->queue, session->out + LINK_HEADROOM, WIRE_BINARY_MAX, !has_audio, now_us);
	if (!n)
		return;
	if (has_audio)
		session->audio.bytes -= (double)(n + MESSAGE_COST);
	session->all.bytes -= (double)(n + MESSAGE_COST);
	link_write_binary(session->link, session->out + LINK_HEADROOM, n);
}

void session_write(struct session *session)
{
	int64_t now_us = loop_now_us();
	uint32_t cap = rate_cap(session);

	if (!session->link)
		return;
	if (cap) {
		bucket_fill(&session->audio, cap, now_us);
		bucket_fill(&session->all, cap, now_us);
	}
	if (queue_has(session->queue, QUEUE_CONTROL))
		write_control(session, now_us);
	else if (queue_has(session->queue, QUEUE_AUDIO) || queue_has(session->queue, QUEUE_PICTURE))
		write_media(session, now_us);
	else
		write_bulk(session, cap);
	if (!session->link)
		return;
	if (queue_has(session->queue, QUEUE_CONTROL))
		link_want_write(session->link);
	else if (session->state == SESSION_LEAVING)
		link_close(session->link, LINK_END_NORMAL, "left");
	else if (!session->pace.heap_index && !queue_empty(session->queue))
		link_want_write(session->link);
}

static void on_pace(void *arg)
{
	struct session *session = arg;

	if (session->link)
		link_want_write(session->link);
}

int session_media(struct session *session, const struct wire_frame *frame)
{
	struct wire_frame own = *frame;
	int64_t now_us = loop_now_us();
	struct buf *buf;
	int head, sealed, rc;

	own.source = (uint16_t)session->number;
	if (session->dead || session->state != SESSION_IN || !session->link || !session->number)
		return -EAGAIN;
	/* Sealed, nothing would be something. */
	if (!own.payload_bytes || own.stream >= STREAM_COUNT)
		return -EAGAIN;
	sealed = session_seal_frame(session, &own, session->frame + WIRE_HEADER_BYTES, WIRE_PAYLOAD_MAX);
	if (sealed <= 0)
		return -EAGAIN;
	own.payload_bytes = (size_t)sealed;
	head = wire_frame_header(session->frame, &own);
	if (head < 0)
		return -EAGAIN;
	buf = buf_new(session->frame, (size_t)head + own.payload_bytes);
	if (!buf)
		return -EAGAIN;
	if (own.stream == STREAM_AUDIO)
		rc = queue_audio(session->queue, buf, now_us);
	else
		rc = queue_picture(session->queue, buf, own.source, (uint8_t)own.stream,
				   own.flags & WIRE_KEYFRAME, now_us);
	buf_unref(buf);
	if (rc)
		return -EAGAIN;
	/* A pause for pictures must not hold a voice up. */
	if (own.stream == STREAM_AUDIO || !session->pace.heap_index)
		link_want_write(session->link);
	return 0;
}

/* ---- down ---- */

static void set_reading(struct session *session)
{
	if (session->link)
		link_read(session->link, !session->stalled && !session->over);
}

static void on_refill(void *arg)
{
	struct session *session = arg;

	session->over = false;
	set_reading(session);
}

static void on_unstall(void *arg)
{
	struct session *session = arg;

	session->stalled = false;
	set_reading(session);
}

void session_count_down(struct session *session, size_t bytes)
{
	uint32_t cap = rate_cap(session);

	if (!cap)
		return;
	bucket_fill(&session->down, cap, loop_now_us());
	session->down.bytes -= (double)(bytes + MESSAGE_COST);
	if (session->down.bytes >= 0 || session->over)
		return;
	session->over = true;
	set_reading(session);
	loop_timer_set(session->loop, &session->refill, bucket_wait_us(&session->down, cap));
}

static void narrow(struct session *session)
{
	uint32_t cap = rate_cap(session);
	size_t bytes = cap / 8 / 4;

	if (cap && session->link)
		link_narrow(session->link, bytes < NARROW_MIN ? NARROW_MIN : bytes);
}

void session_fault_stall(struct session *session, uint32_t ms)
{
	session->stalled = ms > 0;
	loop_timer_set(session->loop, &session->unstall, (int64_t)ms * 1000);
	set_reading(session);
}

void session_fault_rate(struct session *session, uint32_t bits_per_s)
{
	session->fault_rate = bits_per_s;
	narrow(session);
	if (session->link)
		link_want_write(session->link);
}

/* ---- beginning and end ---- */

int session_pace_init(struct session *session)
{
	session->queue = queue_new(&queue_limits_default);
	session->frame = malloc(WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX);
	session->out = malloc(LINK_HEADROOM + WIRE_BINARY_MAX);
	session->pace = (struct loop_timer) { .fn = on_pace, .arg = session };
	session->refill = (struct loop_timer) { .fn = on_refill, .arg = session };
	session->unstall = (struct loop_timer) { .fn = on_unstall, .arg = session };
	return session->queue && session->frame && session->out ? 0 : -ENOMEM;
}

void session_pace_clear(struct session *session)
{
	loop_timer_cancel(session->loop, &session->pace);
	loop_timer_cancel(session->loop, &session->refill);
	loop_timer_cancel(session->loop, &session->unstall);
	queue_free(session->queue);
	free(session->frame);
	free(session->out);
}

void session_pace_reset(struct session *session)
{
	int64_t now_us = loop_now_us();
	struct queue *queue = queue_new(&queue_limits_default);

	/* What waited was for the old line: voices are stale, and commands were answered as lost. */
	if (queue) {
		queue_free(session->queue);
		session->queue = queue;
	}
	session->audio = session->all = session->down = (struct bucket) { .at_us = now_us };
	session->over = false;
	loop_timer_cancel(session->loop, &session->pace);
	loop_timer_cancel(session->loop, &session->refill);
	narrow(session);
	set_reading(session);
}
