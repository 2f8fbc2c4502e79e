/* One seat, several lines after one another. The link's end decides what follows: the relay's word ends the
 * session, a lost line is taken up again with the last ticket until the seat is surely gone. Callers may free
 * a session inside any call out; it then goes when the call returns. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/session_state.h"

enum {
	BACKOFF_FIRST_MS = 1000,
	BACKOFF_MAX_MS = 10000,
	HOLD_MS = 120000, /* seats are held a minute by default */
	LEAVE_MS = 2000,
};

/* ---- calls out ---- */

static void destroy(struct session *session)
{
	session_seal_end(session);
	session_pace_clear(session);
	loop_timer_cancel(session->loop, &session->timer);
	link_drop(session->link);
	free(session->opened);
	explicit_bzero(session, sizeof(*session));
	free(session);
}

void session_enter_call(struct session *session)
{
	session->depth++;
}

bool session_leave_call(struct session *session)
{
	bool dead = session->dead;

	if (--session->depth > 0)
		return dead;
	if (dead)
		destroy(session);
	else if (session->state == SESSION_ENDED)
		session_seal_end(session);
	return dead;
}

void session_event(struct session *session, const struct event *event)
{
	if (!session->dead && session->state != SESSION_ENDED)
		session->ops->on_event(session->arg, event);
}

void session_set_state(struct session *session, enum session_state state, uint32_t within_ms)
{
	session->state = state;
	if (within_ms)
		loop_timer_set(session->loop, &session->timer, (int64_t)within_ms * 1000);
	else
		loop_timer_cancel(session->loop, &session->timer);
}

void session_end(struct session *session, int exit, const char *text)
{
	struct link *link = session->link;

	if (session->dead || session->state == SESSION_ENDED)
		return;
	session_set_state(session, SESSION_ENDED, 0);
	session->link = NULL;
	link_drop(link);
	session->ops->on_end(session->arg, exit, text);
}

void session_broken(struct session *session, const char *what)
{
	char text[160];

	snprintf(text, sizeof(text), "The relay broke the protocol: %s.", what);
	session_end(session, 5, text);
}

/* ---- the line ---- */

/* Commands that the old line took with it still get their one answer. */
static void fail_asks(struct session *session)
{
	struct event *event = &session->event;

	while (session->asks_count && !session->dead) {
		memset(event, 0, sizeof(*event));
		event->kind = EVENT_ANSWER;
		event->request = session->asks[0];
		snprintf(event->code, sizeof(event->code), "line-lost");
		snprintf(event->text, sizeof(event->text), "The line was lost before the answer came.");
		memmove(session->asks, session->asks + 1, --session->asks_count * sizeof(*session->asks));
		session_event(session, event);
	}
}

static int link_exit(int end)
{
	return end == LINK_END_PROTOCOL || (end >= 1002 && end <= 1015) || end == LINK_END_FLOOD ? 5 : 3;
}

/* May another line follow one that ended like this? */
static bool resumable(const struct session *session, int end)
{
	if (!session->entered)
		return false;
	return end == LINK_END_LOST || end == LINK_END_UNREACHABLE || end == LINK_END_GOING_AWAY ||
	       end == LINK_END_SLOW || end == LINK_END_TIMEOUT;
}

static void back_off(struct session *session, const char *why)
{
	int64_t now_us = loop_now_us();
	uint32_t ms = BACKOFF_FIRST_MS;

	if (!session->attempt)
		session->lost_us = now_us;
	if (now_us - session->lost_us > (int64_t)HOLD_MS * 1000) {
		session_end(session, 3, "The line to the relay stayed down too long; the seat is gone.");
		return;
	}
	for (unsigned i = 0; i < session->attempt && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	/* Not all at once: a relay that restarts has many such clients. */
	session_set_state(session, SESSION_BACKOFF, ms + ms * (uint32_t)(now_us % 100) / 500);
	session->attempt++;
	session_seal_line_lost(session);
	fail_asks(session);
	if (!session->dead && session->state == SESSION_BACKOFF)
		session->ops->on_line(session->arg, session->attempt, why);
}

static void line_ended(struct session *session, int end, const char *why)
{
	char text[400];

	if (session->state == SESSION_LEAVING) {
		session_end(session, 0, "You left.");
		return;
	}
	if (session->refusal[0]) {
		session_end(session, 3, session->refusal);
		return;
	}
	/* While the user thinks about the relay, it may lose patience; the answer connects anew. */
	if (session->asking && end != LINK_END_TLS)
		return;
	if (resumable(session, end)) {
		back_off(session, why);
		return;
	}
	if (end == LINK_END_REPLACED)
		session_end(session, 0, "This seat was taken up from another terminal.");
	else if (end == LINK_END_NORMAL)
		session_end(session, 0, "The relay closed the connection.");
	else {
		snprintf(text, sizeof(text), "%s %s: %s.",
			 end == LINK_END_UNREACHABLE || !session->entered
				 ? "No connection to the relay"
				 : "The relay closed the connection,",
			 session->relay, *why ? why : "no reason given");
		session_end(session, link_exit(end), text);
	}
}

static void on_close(void *arg, struct link *link, int end, const char *why)
{
	struct session *session = arg;

	(void)link;
	session->link = NULL;
	session_enter_call(session);
	line_ended(session, end, why);
	session_leave_call(session);
}

static void on_open(void *arg, struct link *link)
{
	struct session *session = arg;

	(void)link;
	session_enter_call(session);
	session_pace_reset(session);
	session_line_up(session);
	session_leave_call(session);
}

static void on_text(void *arg, struct link *link, const char *text, size_t n)
{
	struct session *session = arg;
	const char *line;
	size_t line_n;

	session_enter_call(session);
	session_count_down(session, n);
	while (session->link == link && !session->dead && (line = wire_line(&text, &n, &line_n))) {
		if (wire_event_decode(&session->event, line, line_n))
			session_broken(session, "an event that cannot be read");
		else
			session_heard(session, &session->event);
	}
	session_leave_call(session);
}

static int take_piece(struct session *session, const uint8_t *p, size_t n)
{
	struct wire_piece piece;
	int used = wire_piece_decode(&piece, p, n);

	if (used < 0)
		session_broken(session, "keys that cannot be read");
	else if (session->state != SESSION_IN && session->state != SESSION_ENTERING && session->state != SESSION_LEAVING)
		session_broken(session, "keys before the door");
	else if (session->state != SESSION_LEAVING)
		session_seal_piece(session, &piece);
	return used;
}

static int take_frame(struct session *session, const uint8_t *p, size_t n)
{
	struct wire_frame frame;
	int used = wire_frame_decode(&frame, p, n), bytes;

	if (used < 0) {
		session_broken(session, "media that cannot be read");
		return used;
	}
	if (session->state != SESSION_IN) {
		if (session->state != SESSION_LEAVING)
			session_broken(session, "media before a seat");
		return used;
	}
	bytes = session_open_frame(session, &frame, session->opened, WIRE_PAYLOAD_MAX);
	if (bytes <= 0)
		return used;
	frame.payload = session->opened;
	frame.payload_bytes = (size_t)bytes;
	session->ops->on_media(session->arg, &frame);
	return used;
}

static void on_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	struct session *session = arg;

	session_enter_call(session);
	session_count_down(session, n);
	while (n && session->link == link && !session->dead) {
		int used = wire_is_piece(p, n) ? take_piece(session, p, n) : take_frame(session, p, n);

		if (used < 0)
			break;
		p += used;
		n -= (size_t)used;
	}
	session_leave_call(session);
}

static void on_writable(void *arg, struct link *link)
{
	struct session *session = arg;

	(void)link;
	session_write(session);
}

static const struct link_ops link_ops = {
	.on_open = on_open,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_writable = on_writable,
	.on_close = on_close,
	.trust = session_trust_handshake,
	.text_max = WIRE_TEXT_MAX,
	.binary_max = WIRE_BINARY_MAX,
};

static void connect_now(struct session *session)
{
	struct link_client client = {
		.host = session->params.invite.host,
		.port = session->params.invite.port,
		.tls12 = session->params.tls12,
	};

	session_set_state(session, SESSION_CONNECTING, 0);
	session->has_nonce = false;
	session->link = link_connect(session->loop, &client, &link_ops, session);
	if (!session->link)
		session_end(session, 3, "No memory to connect.");
}

/* The state took too long, or the pause is over. */
static void on_timer(void *arg)
{
	struct session *session = arg;
	struct link *link = session->link;

	session_enter_call(session);
	if (session->state == SESSION_BACKOFF) {
		connect_now(session);
	} else if (session->state == SESSION_LEAVING) {
		session_end(session, 0, "You left.");
	} else {
		session->link = NULL;
		link_drop(link);
		line_ended(session, LINK_END_LOST, "the relay does not answer");
	}
	session_leave_call(session);
}

/* ---- the interface ---- */

static void copy(char *dst, size_t size, const char *src)
{
	snprintf(dst, size, "%s", src ? src : "");
}

struct session *session_new(struct loop *loop, const struct session_params *params,
			    const struct session_ops *ops, void *arg)
{
	struct session *session = calloc(1, sizeof(*session));
	bool v6 = strchr(params->invite.host, ':');

	if (!session)
		return NULL;
	session->loop = loop;
	session->params = *params;
	session->params.create |= !params->invite.id[0];
	session->ops = ops;
	session->arg = arg;
	copy(session->name, sizeof(session->name), params->name);
	copy(session->title, sizeof(session->title), params->title);
	copy(session->token, sizeof(session->token), params->token);
	copy(session->known, sizeof(session->known), params->known_relays);
	snprintf(session->relay, sizeof(session->relay), "%s%s%s:%u", v6 ? "[" : "", params->invite.host,
		 v6 ? "]" : "", params->invite.port);
	session->timer = (struct loop_timer) { .fn = on_timer, .arg = session };
	session->seal = (struct loop_timer) { .fn = session_on_seal, .arg = session };
	session->state = SESSION_BACKOFF;
	session->opened = malloc(WIRE_PAYLOAD_MAX);
	if (!session->opened || session_pace_init(session) || loop_timer_set(loop, &session->timer, 0)) {
		session_pace_clear(session);
		free(session->opened);
		free(session);
		return NULL;
	}
	return session;
}

void session_free(struct session *session)
{
	if (!session || session->dead)
		return;
	session->dead = true;
	if (!session->depth)
		destroy(session);
}

void session_trust(struct session *session, bool yes)
{
	if (!session->asking || session->dead || session->state == SESSION_ENDED)
		return;
	session->asking = false;
	session_enter_call(session);
	if (!yes) {
		session_end(session, 3, "The relay was not trusted.");
	} else {
		memcpy(session->accepted, session->pin, sizeof(session->accepted));
		session_remember(session);
		if (session->link)
			session_line_up(session);
		else
			connect_now(session);
	}
	session_leave_call(session);
}

void session_leave(struct session *session)
{
	struct command leave = { .word = WORD_LEAVE };

	if (session->dead || session->state == SESSION_ENDED || session->state == SESSION_LEAVING)
		return;
	if (session->state == SESSION_IN && session->link && !session_send(session, &leave)) {
		session_set_state(session, SESSION_LEAVING, LEAVE_MS);
		link_want_write(session->link);
		return;
	}
	session_set_state(session, SESSION_LEAVING, 0);
	loop_timer_set(session->loop, &session->timer, 0);
}

int session_command(struct session *session, const struct command *command)
{
	struct command ask = *command;
	int rc;

	if (session->dead || session->state != SESSION_IN || !session->link)
		return -ENOTCONN;
	if (session->asks_count == SESSION_ASKS_MAX)
		return -ENOBUFS;
	if (++session->request > INT32_MAX)
		session->request = 1;
	ask.request = session->request;
	session_enter_call(session);
	session->asks[session->asks_count++] = ask.request;
	rc = session_seal_command(session, &ask);
	if (rc)
		session->asks_count--;
	explicit_bzero(ask.text, sizeof(ask.text));
	session_leave_call(session);
	return rc ? rc : (int)ask.request;
}

uint32_t session_rate(const struct session *session)
{
	uint64_t rate = session->link ? link_rate(session->link) * 8 : 0;

	return rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
}

uint32_t session_rtt_ms(const struct session *session)
{
	return session->link ? (link_rtt_us(session->link) + 999) / 1000 : 0;
}

void session_fault_drop(struct session *session)
{
	if (session->link)
		link_cut(session->link);
}
