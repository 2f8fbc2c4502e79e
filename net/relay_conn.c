/* One connection, from its hello to its end. It is at the door until it has a member; what it says is counted before it
 * is understood; a link that misbehaves is closed with a code that says why. A conn is freed in on_close and nowhere else
 * while its link lives, so no caller loses one under its hands. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/relay_state.h"

enum {
	COMMANDS_PER_S = 30, COMMANDS_BURST = 60,
	BYTES_PER_S = 2 * 1024 * 1024, BYTES_BURST = 4 * 1024 * 1024,
	/* Files: what one may ask for, each time at least a piece; and what one may be asked for, by four at once, as text. */
	ASKED_MAX = 64 * 1024, ASKED_PER_S = 4 * 1024 * 1024, ASKED_BURST = 8 * 1024 * 1024,
	PIECES_PER_S = 32 * 1024 * 1024, PIECES_BURST = 64 * 1024 * 1024,
	FLOOD_S = 10,           /* a bucket that is empty for so many seconds to come is a flood */
};

bool bucket_take(struct bucket *bucket, uint32_t n, uint32_t per_s, uint32_t burst, int64_t now_us, bool *flood)
{
	int64_t full_us = (int64_t)burst * 1000000 / per_s, cost_us = (int64_t)n * 1000000 / per_s;

	bucket->credit_us += bucket->last_us ? now_us - bucket->last_us : full_us;
	bucket->last_us = now_us;
	if (bucket->credit_us > full_us)
		bucket->credit_us = full_us;
	bucket->credit_us -= cost_us;
	*flood = bucket->credit_us < -FLOOD_S * INT64_C(1000000);
	return bucket->credit_us >= 0;
}

/* ---- telling it something ------------------------------------------------------------------------------- */

struct buf *event_buf(const struct event *event)
{
	char json[WIRE_TEXT_MAX];
	int n = wire_event_encode(json, sizeof json, event);

	return n < 0 ? NULL : buf_new(json, (size_t)n);
}

static void put_control(struct conn *conn, struct buf *json, bool urgent)
{
	if (conn->closed)
		return;
	if (!json || queue_control(conn->queue, json))
		conn_drop(conn, LINK_END_SLOW, "You read too slowly; resume.");
	else
		pace_wake(conn, urgent);
}

void conn_control(struct conn *conn, struct buf *json)
{
	put_control(conn, json, true);
}

void conn_news(struct conn *conn, struct buf *json)
{
	put_control(conn, json, false);
}

void conn_bulk(struct conn *conn, struct buf *json)
{
	if (conn->closed)
		return;
	if (!json || queue_bulk(conn->queue, json))
		conn_drop(conn, LINK_END_SLOW, "You read too slowly; resume.");
	else
		pace_wake(conn, false);
}

void conn_event(struct conn *conn, const struct event *event)
{
	struct buf *json = event_buf(event);

	conn_control(conn, json);
	buf_unref(json);
}

static void put_refusal(struct event *event, enum refusal refusal)
{
	strncpy(event->code, refusal_code(refusal), sizeof event->code - 1);
	strncpy(event->text, refusal_text(refusal), sizeof event->text - 1);
}

void conn_answer(struct conn *conn, uint32_t request, enum refusal refusal)
{
	struct event event = { .kind = EVENT_ANSWER, .request = request, .ok = !refusal };

	if (!request)
		return;
	if (refusal)
		put_refusal(&event, refusal);
	conn_event(conn, &event);
}

void conn_refused(struct conn *conn, enum refusal refusal)
{
	struct event event = { .kind = EVENT_REFUSED };

	put_refusal(&event, refusal);
	conn_event(conn, &event);
	relay_log(conn->relay, 2, "refused", refusal_code(refusal));
}

void conn_refuse(struct conn *conn, enum refusal refusal)
{
	conn_refused(conn, refusal);
	conn_finish(conn, LINK_END_NORMAL, "refused");
}

/* ---- its end -------------------------------------------------------------------------------------------- */

static void on_deadline(void *arg)
{
	struct conn *conn = arg;

	if (conn->closing)
		link_cut(conn->link);
	else
		conn_drop(conn, LINK_END_TIMEOUT, "You said nothing in time.");
}

static void set_deadline(struct conn *conn, int64_t ms)
{
	conn->deadline.fn = on_deadline;
	conn->deadline.arg = conn;
	loop_timer_set(conn->relay->loop, &conn->deadline, ms * 1000);
}

void conn_finish(struct conn *conn, int code, const char *text)
{
	if (conn->closing)
		return;
	conn->closing = code;
	conn->closing_text = text;
	set_deadline(conn, RELAY_CLOSE_MS);
	link_want_write(conn->link);
}

void conn_drop(struct conn *conn, int code, const char *text)
{
	if (conn->closed)
		return;
	conn->closing = code;
	conn->closing_text = text;
	conn->closed = true;
	set_deadline(conn, RELAY_CLOSE_MS);
	if (code != LINK_END_NORMAL && code != LINK_END_GOING_AWAY)
		relay_log(conn->relay, 1, "closed", text);
	link_close(conn->link, code, text);
}

void conn_free(struct conn *conn)
{
	struct relay *relay = conn->relay;

	loop_timer_cancel(relay->loop, &conn->deadline);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		relay->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	relay->conn_count--;
	passcode_forget(conn->job);
	runs_forget(conn);
	if (conn->entry)
		sodium_memzero(conn->entry, sizeof *conn->entry);
	free(conn->entry);
	queue_free(conn->queue);
	free(conn);
}

static void on_close(void *arg, struct link *link, int end, const char *text)
{
	struct conn *conn = arg;
	struct relay *relay = conn->relay;

	(void)link;
	(void)end;
	(void)text;
	conn->closed = true;
	conn->closing = LINK_END_GOING_AWAY;
	runs_forget(conn);
	if (conn->member)
		room_link_lost(conn);
	conn_free(conn);
	relay_gone(relay);
}

/* ---- its beginning -------------------------------------------------------------------------------------- */

static void say_hello(struct conn *conn)
{
	struct event hello = { .kind = EVENT_HELLO, .version = MOOT_VERSION };

	hello.count = conn->relay->params.policy.passcode_min;
	randombytes_buf(conn->nonce, sizeof conn->nonce);
	memcpy(hello.nonce, conn->nonce, sizeof hello.nonce);
	conn_event(conn, &hello);
	set_deadline(conn, RELAY_HELLO_MS);
}

int conn_accept(void *arg, struct link *link, void **conn_arg)
{
	struct relay *relay = arg;
	struct conn *conn;

	if (relay->stopping || !(conn = calloc(1, sizeof *conn)))
		return -ECONNREFUSED;
	conn->queue = queue_new(&queue_limits_default);
	if (!conn->queue) {
		free(conn);
		return -ENOMEM;
	}
	conn->relay = relay;
	conn->link = link;
	conn->next = relay->conns;
	if (conn->next)
		conn->next->prev = conn;
	relay->conns = conn;
	relay->conn_count++;
	*conn_arg = conn;
	return 0;
}

static void on_open(void *arg, struct link *link)
{
	(void)link;
	say_hello(arg);
}

/* ---- what it says --------------------------------------------------------------------------------------- */

static void at_door(struct conn *conn, const struct command *command)
{
	if (conn->entry) {
		conn_drop(conn, LINK_END_POLICY, "One try at a time.");
	} else if (command->word == WORD_CREATE || command->word == WORD_JOIN || command->word == WORD_RESUME) {
		loop_timer_cancel(conn->relay->loop, &conn->deadline);
		door_enter(conn, command);
	} else {
		conn_answer(conn, command->request, REFUSED_NOT_IN);
		conn_finish(conn, LINK_END_POLICY, "The first command creates, joins or resumes.");
	}
}

static enum refusal inside(struct conn *conn, const struct command *command)
{
	switch (command->word) {
	case WORD_CREATE:
	case WORD_JOIN:
	case WORD_RESUME: return REFUSED_BAD_COMMAND;
	case WORD_WANT: return media_want(conn->member, command);
	case WORD_KEYFRAME: return media_keyframe(conn->member, command);
	default: return room_command(conn, command);
	}
}

bool conn_too_many(struct conn *conn, bool *flood)
{
	return !bucket_take(&conn->commands, 1, COMMANDS_PER_S, COMMANDS_BURST, loop_now_us(), flood);
}

bool conn_asks_too_much(struct conn *conn, uint32_t bytes, bool *flood)
{
	return !bucket_take(&conn->asked, bytes, ASKED_PER_S, ASKED_BURST, loop_now_us(), flood);
}

/* Files are counted by their bytes: what one asks for, so that a receiver can flood no sender; and pieces, which the
 * rules pass on only as far as they were asked for. All else is counted as commands. */
static bool too_fast(struct conn *conn, const struct command *command, size_t n, bool *flood)
{
	uint64_t asked = command->size < MOOT_CHUNK_BYTES ? MOOT_CHUNK_BYTES : command->size;

	if (command->word == WORD_FILE_CHUNK)
		return !bucket_take(&conn->pieces, (uint32_t)n, PIECES_PER_S, PIECES_BURST, loop_now_us(), flood);
	if (command->word == WORD_FILE_GET && asked <= ASKED_MAX)
		return conn_asks_too_much(conn, (uint32_t)asked, flood);
	return conn_too_many(conn, flood);
}

/* What the member's place answers; a piece or a request that the rules refuse was no part of a transfer. */
static enum refusal obey(struct conn *conn, const struct command *command, bool *flood)
{
	enum refusal refusal = inside(conn, command);

	if (refusal && (command->word == WORD_FILE_CHUNK || command->word == WORD_FILE_GET))
		conn_too_many(conn, flood);
	return refusal;
}

static void on_line(struct conn *conn, const char *text, size_t n)
{
	struct command command;
	bool flood, fast;
	int err = wire_command_decode(&command, text, n);

	fast = too_fast(conn, &command, n, &flood);
	if (flood) {
		;
	} else if (err && !command.request) {
		conn_drop(conn, LINK_END_BAD_DATA, "That was no command.");
	} else if (err || fast) {
		conn_answer(conn, command.request, err ? REFUSED_BAD_COMMAND : REFUSED_TOO_FAST);
	} else if (!conn->member) {
		at_door(conn, &command);
	} else if (command.word == WORD_PIN) {
		pin_command(conn, &command);
	} else {
		enum refusal refusal = obey(conn, &command, &flood);

		conn_answer(conn, command.request, refusal);
	}
	if (flood)
		conn_drop(conn, LINK_END_FLOOD, "Too many commands.");
	sodium_memzero(command.passcode, sizeof command.passcode);
}

/* One command a line, each counted for itself; a message without any is rubbish. */
static void on_text(void *arg, struct link *link, const char *text, size_t n)
{
	struct conn *conn = arg;
	const char *line;
	size_t line_n;

	(void)link;
	line = wire_line(&text, &n, &line_n);
	if (!line && !conn->closing)
		conn_drop(conn, LINK_END_BAD_DATA, "That was no command.");
	for (; line && !conn->closing; line = wire_line(&text, &n, &line_n))
		on_line(conn, line, line_n);
}

/* Frames and pieces; the pieces of a rotation stand together. */
static void on_bundle(struct conn *conn, const uint8_t *p, size_t n)
{
	struct seal_turn turn = { p, 0 };
	int used;

	for (; n && !conn->closing; p += used, n -= (size_t)used) {
		bool piece = wire_is_piece(p, n);

		used = piece ? seal_piece(conn, p, n, &turn) : media_frame(conn, p, n);
		if (used < 0)
			return;
		if (!piece) {
			seal_message_end(conn, &turn);
			turn = (struct seal_turn){ p + used, 0 };
		}
	}
	seal_message_end(conn, &turn);
}

static void on_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	struct conn *conn = arg;
	bool flood;

	(void)link;
	if (conn->closing)
		return;
	if (!conn->member && !conn->run) {
		conn_drop(conn, LINK_END_POLICY, "Media before a meeting.");
		return;
	}
	bucket_take(&conn->bytes, (uint32_t)n, BYTES_PER_S, BYTES_BURST, loop_now_us(), &flood);
	if (flood)
		conn_drop(conn, LINK_END_FLOOD, "Too many bytes.");
	else
		on_bundle(conn, p, n);
}

static void on_writable(void *arg, struct link *link)
{
	(void)link;
	pace_write(arg);
}

const struct link_ops conn_link_ops = {
	.on_open = on_open,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_writable = on_writable,
	.on_close = on_close,
	.text_max = WIRE_TEXT_MAX,
	.binary_max = WIRE_BINARY_MAX,
};
