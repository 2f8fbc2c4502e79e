#include "tests/net/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/queue.h"

struct outgoing {
	struct outgoing *next;
	struct buf *buf;
	bool text;
};

/* ---- waiting -------------------------------------------------------------------------------------------- */

static struct {
	struct loop *loop;
	bool (*done)(void *arg);
	void *arg;
	bool late;
} wait;

static void look(void)
{
	if (wait.done && wait.done(wait.arg)) {
		wait.done = NULL;
		loop_stop(wait.loop);
	}
}

static void on_late(void *arg)
{
	(void)arg;
	wait.late = true;
	loop_stop(wait.loop);
}

static void on_look(void *arg)
{
	struct loop_timer *timer = arg;

	look();
	if (wait.done)
		loop_timer_set(wait.loop, timer, 20000);
}

void peer_wait(struct loop *loop, bool (*done)(void *arg), void *arg, const char *what)
{
	struct loop_timer late = { .fn = on_late }, again = { .fn = on_look, .arg = &again };

	if (done(arg))
		return;
	wait.loop = loop;
	wait.done = done;
	wait.arg = arg;
	wait.late = false;
	loop_timer_set(loop, &late, PEER_PATIENCE_MS * INT64_C(1000));
	loop_timer_set(loop, &again, 20000);
	loop_run(loop);
	wait.done = NULL;
	loop_timer_cancel(loop, &late);
	loop_timer_cancel(loop, &again);
	if (wait.late)
		fail_msg("nothing came of: %s", what);
}

/* ---- the link ------------------------------------------------------------------------------------------- */

static void take_event(struct peer *peer, const struct event *event)
{
	switch (event->kind) {
	case EVENT_HELLO: memcpy(peer->nonce, event->nonce, sizeof peer->nonce); break;
	case EVENT_CREATED: memcpy(peer->host_key, event->host_key, sizeof peer->host_key); break;
	case EVENT_TICKET: memcpy(peer->ticket, event->ticket, sizeof peer->ticket); break;
	case EVENT_JOINED: strcpy(peer->id, event->id); peer->number = event->number; break;
	case EVENT_WAITING: peer->number = event->number; break;
	case EVENT_DOOR:
		memcpy(peer->uuid, event->uuid, sizeof peer->uuid);
		if (!event->on && !peer->manual)
			peer_piece(peer, WIRE_HELLO, 0, "hello", 5);
		break;
	default: break;
	}
}

static bool is_passcode(const struct peer *peer, const struct wire_piece *piece)
{
	return piece->payload_bytes == strlen(peer->passcode) &&
	       !memcmp(piece->payload, peer->passcode, piece->payload_bytes);
}

static void answer_piece(struct peer *peer, const struct wire_piece *piece)
{
	switch (piece->kind) {
	case WIRE_HELLO: peer_piece(peer, WIRE_CHALLENGE, piece->source, "challenge", 9); break;
	case WIRE_CHALLENGE: peer_piece(peer, WIRE_PROOF, 0, peer->passcode, strlen(peer->passcode)); break;
	case WIRE_PROOF:
		if (is_passcode(peer, piece))
			peer_piece(peer, WIRE_WELCOME, piece->source, "welcome", 7);
		else
			peer_piece(peer, WIRE_REJECT, piece->source, (uint8_t[]){ WIRE_REJECT_WRONG }, 1);
		break;
	default: break;
	}
}

static void take_piece(struct peer *peer, const struct wire_piece *piece)
{
	struct peer_piece *heard;
	uint8_t *payload = malloc(piece->payload_bytes + 1);

	if (peer->piece_count == peer->piece_size) {
		peer->piece_size = peer->piece_size ? 2 * peer->piece_size : 16;
		peer->pieces = realloc(peer->pieces, peer->piece_size * sizeof *peer->pieces);
	}
	heard = &peer->pieces[peer->piece_count++];
	*heard = (struct peer_piece){ *piece, peer->event_count };
	memcpy(payload, piece->payload, piece->payload_bytes);
	heard->piece.payload = payload;
	if (!peer->manual)
		answer_piece(peer, piece);
}

static void on_open(void *arg, struct link *link)
{
	struct peer *peer = arg;

	(void)link;
	peer->opened = true;
}

static void on_text(void *arg, struct link *link, const char *text, size_t n)
{
	struct peer *peer = arg;

	const char *line;
	size_t line_n;

	(void)link;
	while ((line = wire_line(&text, &n, &line_n))) {
		if (peer->event_count == peer->event_size) {
			peer->event_size = peer->event_size ? 2 * peer->event_size : 16;
			peer->events = realloc(peer->events, peer->event_size * sizeof *peer->events);
		}
		if (wire_event_decode(&peer->events[peer->event_count], line, line_n))
			fail_msg("the relay said: %.*s", (int)line_n, line);
		take_event(peer, &peer->events[peer->event_count++]);
	}
	look();
}

static void on_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	struct peer *peer = arg;
	struct wire_piece piece;
	struct wire_frame frame;

	(void)link;
	while (n) {
		bool keys = wire_is_piece(p, n);
		int used = keys ? wire_piece_decode(&piece, p, n) : wire_frame_decode(&frame, p, n);

		assert_true(used > 0);
		if (keys) {
			take_piece(peer, &piece);
		} else {
			peer->frames[frame.stream]++;
			if (frame.source < 64)
				peer->frames_from[frame.source]++;
		}
		p += used;
		n -= (size_t)used;
	}
	look();
}

static void on_writable(void *arg, struct link *link)
{
	struct peer *peer = arg;
	struct outgoing *out = peer->out;

	if (!out)
		return;
	peer->out = out->next;
	if (!peer->out)
		peer->out_end = &peer->out;
	if (out->text)
		link_write_text(link, (char *)buf_bytes(out->buf), buf_size(out->buf));
	else
		link_write_binary(link, buf_bytes(out->buf), buf_size(out->buf));
	buf_unref(out->buf);
	free(out);
	if (peer->out)
		link_want_write(link);
}

static void on_close(void *arg, struct link *link, int end, const char *text)
{
	struct peer *peer = arg;

	(void)link;
	(void)text;
	peer->link = NULL;
	peer->end = end;
	look();
}

static int trust(void *arg, const char *pin, bool ca_ok)
{
	(void)arg;
	(void)pin;
	(void)ca_ok;
	return 0;
}

static const struct link_ops ops = {
	.on_open = on_open, .on_text = on_text, .on_binary = on_binary, .on_writable = on_writable, .on_close = on_close,
	.trust = trust, .text_max = WIRE_TEXT_MAX, .binary_max = WIRE_BINARY_MAX,
};

static bool has_hello(void *arg)
{
	const struct peer *peer = arg;

	return peer->event_count > 0 || !peer->link;
}

struct peer *peer_new(struct loop *loop, const char *host, uint16_t port, const char *pin)
{
	struct link_client client = { .host = host, .port = port };
	struct peer *peer = calloc(1, sizeof *peer);

	peer->loop = loop;
	peer->pin = pin;
	peer->out_end = &peer->out;
	identity_guest(&peer->identity);
	peer->link = link_connect(loop, &client, &ops, peer);
	assert_non_null(peer->link);
	peer_wait(loop, has_hello, peer, "hello");
	assert_non_null(peer->link);
	assert_int_equal(peer->events[0].kind, EVENT_HELLO);
	return peer;
}

void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	link_drop(peer->link);
	while (peer->out) {
		struct outgoing *next = peer->out->next;

		buf_unref(peer->out->buf);
		free(peer->out);
		peer->out = next;
	}
	identity_clear(&peer->identity);
	for (size_t i = 0; i < peer->piece_count; i++)
		free((void *)(uintptr_t)peer->pieces[i].piece.payload);
	free(peer->pieces);
	free(peer->events);
	free(peer);
}

/* ---- saying --------------------------------------------------------------------------------------------- */

static void say(struct peer *peer, const void *p, size_t n, bool text)
{
	struct outgoing *out = calloc(1, sizeof *out);

	out->buf = buf_new(p, n);
	out->text = text;
	*peer->out_end = out;
	peer->out_end = &out->next;
	if (peer->link)
		link_want_write(peer->link);
}

void peer_text(struct peer *peer, const char *text)
{
	say(peer, text, strlen(text), true);
}

void peer_binary(struct peer *peer, const void *p, size_t n)
{
	say(peer, p, n, false);
}

void peer_piece(struct peer *peer, enum wire_seal kind, uint32_t source, const void *payload, size_t n)
{
	struct wire_piece piece = { .kind = kind, .source = (uint16_t)source, .payload = payload, .payload_bytes = n };
	struct buf *buf = buf_piece(&piece);

	assert_non_null(buf);
	peer_binary(peer, buf_bytes(buf), buf_size(buf));
	buf_unref(buf);
}

uint32_t peer_send(struct peer *peer, struct command *command)
{
	char text[WIRE_TEXT_MAX];

	command->request = ++peer->request;
	assert_true(wire_command_encode(text, sizeof text, command) > 0);
	peer_text(peer, text);
	return command->request;
}

struct answer {
	struct peer *peer;
	uint32_t request;
	const struct event *event;
};

static bool has_answer(void *arg)
{
	struct answer *answer = arg;
	const struct peer *peer = answer->peer;

	for (size_t i = 0; i < peer->event_count; i++)
		if (peer->events[i].kind == EVENT_ANSWER && peer->events[i].request == answer->request)
			answer->event = &peer->events[i];
	return answer->event || !peer->link;
}

const char *peer_ask(struct peer *peer, struct command *command)
{
	struct answer answer = { .peer = peer, .request = peer_send(peer, command) };

	peer_wait(peer->loop, has_answer, &answer, "an answer");
	assert_non_null(answer.event);
	return answer.event->code;
}

void peer_settle(struct peer *peer)
{
	/* Refused whoever asks, and changes nothing. */
	peer_ask(peer, &(struct command){ .word = WORD_KEYFRAME, .number = 0 });
}

static void prove(struct peer *peer, struct command *command)
{
	uint8_t proof[256];
	size_t n = wire_proof(proof, peer->nonce, command->id, peer->pin);

	memcpy(command->key, peer->identity.key, sizeof command->key);
	identity_sign(&peer->identity, proof, n, command->signature);
}

void peer_enter(struct peer *peer, struct command *command)
{
	strcpy(command->version, MOOT_VERSION);
	prove(peer, command);
	peer_send(peer, command);
}

void peer_create(struct peer *peer, const char *name)
{
	struct command create = { .word = WORD_CREATE, .kind = KIND_HEADLESS, .mic = MIC_ON, .camera = true };

	strcpy(peer->passcode, "246810");
	create.count = (uint32_t)strlen(peer->passcode);
	snprintf(create.name, sizeof create.name, "%s", name);
	peer_enter(peer, &create);
	peer_expect(peer, EVENT_CREATED);
	peer_expect(peer, EVENT_TICKET);
}

void peer_join(struct peer *peer, const char *name, const char *id, const char *passcode)
{
	struct command join = { .word = WORD_JOIN, .kind = KIND_HEADLESS, .mic = MIC_ON, .camera = true };

	snprintf(join.name, sizeof join.name, "%s", name);
	snprintf(join.id, sizeof join.id, "%s", id);
	snprintf(peer->passcode, sizeof peer->passcode, "%s", passcode);
	peer_enter(peer, &join);
}

void peer_resume(struct peer *peer, const char *id, const uint8_t *ticket)
{
	struct command resume = { .word = WORD_RESUME };

	snprintf(resume.id, sizeof resume.id, "%s", id);
	memcpy(resume.ticket, ticket, sizeof resume.ticket);
	prove(peer, &resume);
	peer_send(peer, &resume);
}

void peer_frame(struct peer *peer, enum stream stream, uint8_t level, uint8_t flags, size_t n)
{
	uint8_t *message = calloc(1, WIRE_HEADER_BYTES + n);
	struct wire_frame frame = { .stream = stream, .source = (uint16_t)peer->number, .level = level, .flags = flags,
				    .payload_bytes = n };

	assert_int_equal(wire_frame_header(message, &frame), WIRE_HEADER_BYTES);
	peer_binary(peer, message, WIRE_HEADER_BYTES + n);
	free(message);
}

/* ---- hearing -------------------------------------------------------------------------------------------- */

struct expected {
	struct peer *peer;
	enum event_kind kind;
	enum wire_seal piece;
	enum stream stream;
	uint64_t frames;
};

static bool has_event(void *arg)
{
	const struct expected *expected = arg;
	struct peer *peer = expected->peer;

	while (peer->seen < peer->event_count)
		if (peer->events[peer->seen++].kind == expected->kind)
			return true;
	return false;
}

const struct event *peer_expect(struct peer *peer, enum event_kind kind)
{
	struct expected expected = { .peer = peer, .kind = kind };

	peer_wait(peer->loop, has_event, &expected, event_name(kind));
	return &peer->events[peer->seen - 1];
}

static bool has_piece(void *arg)
{
	const struct expected *expected = arg;
	struct peer *peer = expected->peer;

	while (peer->piece_seen < peer->piece_count)
		if (peer->pieces[peer->piece_seen++].piece.kind == expected->piece)
			return true;
	return false;
}

const struct peer_piece *peer_expect_piece(struct peer *peer, enum wire_seal kind)
{
	struct expected expected = { .peer = peer, .piece = kind };

	peer_wait(peer->loop, has_piece, &expected, "a piece");
	return &peer->pieces[peer->piece_seen - 1];
}

size_t peer_pieces(const struct peer *peer, enum wire_seal kind)
{
	size_t n = 0;

	for (size_t i = 0; i < peer->piece_count; i++)
		n += peer->pieces[i].piece.kind == kind;
	return n;
}

bool peer_heard(const struct peer *peer, enum event_kind kind)
{
	for (size_t i = 0; i < peer->event_count; i++)
		if (peer->events[i].kind == kind)
			return true;
	return false;
}

static bool has_ended(void *arg)
{
	return !((struct peer *)arg)->link;
}

int peer_expect_end(struct peer *peer)
{
	peer_wait(peer->loop, has_ended, peer, "the end of a link");
	return peer->end;
}

static bool has_frames(void *arg)
{
	const struct expected *expected = arg;

	return expected->peer->frames[expected->stream] >= expected->frames;
}

void peer_expect_frames(struct peer *peer, enum stream stream, uint64_t n)
{
	struct expected expected = { .peer = peer, .stream = stream, .frames = n };

	peer_wait(peer->loop, has_frames, &expected, "frames");
}
