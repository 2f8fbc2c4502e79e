/* NDJSON both ways. Every line of input is answered once; every event is numbered, stamped and kept for
 * expectations; "bye" is the last line, whatever happened. */
#include "tui/headless_state.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/report.h"

/* ---- out ---- */

static void put(struct headless *headless, const char *p, size_t n)
{
	while (n > 0 && !headless->out_broken) {
		const ssize_t written = write(headless->params->out, p, n);

		if (written > 0) {
			p += written;
			n -= (size_t)written;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd) { .fd = headless->params->out, .events = POLLOUT }, 1, -1);
		} else if (errno != EINTR) {
			headless->out_broken = true;
		}
	}
}

static void print_line(struct headless *headless, const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
	size_t n = text ? strlen(text) : 0;

	if (!text)
		return;
	text[n] = '\n';
	put(headless, text, n + 1);
	free(text);
	/* Nobody listens any more: that is the end of the input, too. */
	if (headless->out_broken && !headless->eof) {
		headless->eof = true;
		loop_timer_set(headless->loop, &headless->next, 0);
	}
}

void headless_answer(struct headless *headless, json_t *re, bool ok, const char *code, const char *text,
		     json_t *extra)
{
	json_t *line = json_pack("{s:O, s:b}", "re", re ? re : json_null(), "ok", ok);

	if (!ok && code && code[0])
		json_object_set_new(line, "code", json_string(code));
	if (text && text[0])
		json_object_set_new(line, "text", json_string(text));
	if (extra) {
		json_object_update(line, extra);
		json_decref(extra);
	}
	print_line(headless, line);
	json_decref(line);
}

static void emit(struct headless *headless, json_t *rest)
{
	const double t = (double)(loop_now_us() - headless->params->start_us) / 1e6;
	json_t *line = json_pack("{s:O, s:I, s:f}", "event", json_object_get(rest, "event"), "seq",
				 (json_int_t)(headless->history.seq + 1), "t", t);

	if (!line)
		return;
	json_object_update_missing(line, rest);
	print_line(headless, line);
	expect_add(&headless->history, line);
	headless_expect_event(headless, line);
}

static void emit_event(struct headless *headless, const struct event *event)
{
	json_t *line = report_event(headless->app, &headless->params->app, event);

	if (!line)
		return;
	emit(headless, line);
	json_decref(line);
}

static void flush_held(struct headless *headless)
{
	struct event *held = headless->held;

	headless->held = NULL;
	headless->created = true;
	if (held)
		emit_event(headless, held);
	free(held);
}

static void on_event(void *arg, const struct event *event)
{
	struct headless *headless = arg;

	if (event->kind == EVENT_CONNECTED && !headless->created && !headless->held) {
		headless->held = malloc(sizeof(*event));
		if (headless->held) {
			*headless->held = *event;
			return;
		}
	}
	if (event->kind == EVENT_CREATED) {
		emit_event(headless, event);
		flush_held(headless);
		return;
	}
	flush_held(headless);
	emit_event(headless, event);
	if (event->kind == EVENT_JOINED || event->kind == EVENT_WAITING) {
		headless->decided = true;
		loop_timer_set(headless->loop, &headless->next, 0);
	}
}

static void on_answer(void *arg, uint64_t tag, const struct answer *answer)
{
	struct headless *headless = arg;
	json_t *extra = NULL;
	char *object;

	for (size_t i = 0; i < headless->asked_count; i++) {
		json_t *re = headless->asked[i].re;

		if (headless->asked[i].tag != tag)
			continue;
		headless->asked[i] = headless->asked[--headless->asked_count];
		if (answer->json && asprintf(&object, "{%s}", answer->json) >= 0) {
			extra = json_loads(object, 0, NULL);
			free(object);
		}
		headless_answer(headless, re, answer->ok, answer->code, answer->text, extra);
		json_decref(re);
		return;
	}
}

/* ---- the rest of a participant ---- */

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	struct headless *headless = arg;
	struct event event = { .kind = EVENT_ERROR };
	const bool changed = trust == TRUST_CHANGED_CA;

	if (!headless->params->trust || changed) {
		snprintf(event.code, sizeof(event.code), "%s", changed ? "relay-changed" : "unknown-relay");
		snprintf(event.text, sizeof(event.text),
			 changed ? "The relay %s has another key than it used to have. Its pin is %s now: if "
				   "its administrator "
				   "says so, give it with --pin."
				 : "Nobody vouches for the relay %s. Its pin is %s: if its administrator "
				   "says so, give it "
				   "with --pin, or take it as it is with --trust.",
			 relay, pin);
		on_event(headless, &event);
		fprintf(stderr, "moot: %s\n", event.text);
	}
	app_trust(headless->app, headless->params->trust && !changed);
}

static void on_end(void *arg, int status, const char *text)
{
	struct headless *headless = arg;
	struct event event = { .kind = EVENT_ERROR };

	flush_held(headless);
	if (status == 3 || status == 5) {
		snprintf(event.code, sizeof(event.code), "%s", status == 3 ? "cannot-connect" : "protocol");
		snprintf(event.text, sizeof(event.text), "%s", text);
		emit_event(headless, &event);
	}
	if (status != 0 && text[0])
		fprintf(stderr, "moot: %s\n", text);
	headless->status = status;
	headless->ended = true;
	headless_expect_end(headless);
	loop_timer_set(headless->loop, &headless->next, 0);
}

static const struct app_ops app_ops = {
	.on_event = on_event,
	.on_answer = on_answer,
	.on_trust = on_trust,
	.on_end = on_end,
};

static void on_timeout(void *arg)
{
	struct headless *headless = arg;

	if (headless->timed_out) {
		headless->ended = true;
		loop_stop(headless->loop);
		return;
	}
	headless->timed_out = true;
	app_leave(headless->app);
	loop_timer_set(headless->loop, &headless->timeout, 2 * 1000 * 1000);
}

static void on_signal(void *arg, int signal)
{
	struct headless *headless = arg;

	(void)signal;
	headless->leaving = true;
	app_leave(headless->app);
}

static int say_bye(struct headless *headless)
{
	struct event bye = { .kind = EVENT_BYE };

	if (headless->timed_out)
		headless->status = 7;
	else if (headless->failed)
		headless->status = 1;
	bye.count = (uint32_t)headless->status;
	emit_event(headless, &bye);
	return headless->status;
}

static void clear(struct headless *headless)
{
	expect_clear(&headless->history);
	for (size_t i = 0; i < headless->asked_count; i++)
		json_decref(headless->asked[i].re);
	json_decref(headless->expectation.re);
	json_decref(headless->expectation.where);
	free(headless->held);
	if (headless->watch)
		loop_unwatch(headless->watch);
	loop_timer_cancel(headless->loop, &headless->next);
	loop_timer_cancel(headless->loop, &headless->timeout);
	loop_timer_cancel(headless->loop, &headless->expectation.timer);
	loop_signal(headless->loop, SIGTERM, NULL, NULL);
	loop_signal(headless->loop, SIGINT, NULL, NULL);
	loop_signal(headless->loop, SIGHUP, NULL, NULL);
	app_free(headless->app);
	free(headless);
}

int headless_run(struct loop *loop, const struct headless_params *params)
{
	struct headless *headless = calloc(1, sizeof(*headless));
	const char *why = "Out of memory.";
	int status = 2;

	if (!headless)
		return status;
	headless->loop = loop;
	headless->params = params;
	headless->next = (struct loop_timer) { .fn = headless_next, .arg = headless };
	headless->timeout = (struct loop_timer) { .fn = on_timeout, .arg = headless };
	/* A host says "created" before anything else. */
	headless->created = !params->app.host;
	if (app_new(&headless->app, loop, &params->app, &app_ops, headless, &why) < 0) {
		fprintf(stderr, "moot: %s\n", why);
		clear(headless);
		return headless_refuse(params->out, params->start_us, status, why);
	}
	headless->watch = loop_watch(loop, params->in, headless_input, headless);
	headless->eof = !headless->watch;
	if (params->timeout_us > 0)
		loop_timer_set(loop, &headless->timeout, params->timeout_us);
	loop_signal(loop, SIGTERM, on_signal, headless);
	loop_signal(loop, SIGINT, on_signal, headless);
	loop_signal(loop, SIGHUP, on_signal, headless);
	loop_run(loop);
	status = say_bye(headless);
	clear(headless);
	return status;
}

int headless_refuse(int out, int64_t start_us, int status, const char *text)
{
	const double t = (double)(loop_now_us() - start_us) / 1e6;
	json_t *error = json_pack("{s:s, s:i, s:f, s:s, s:s%}", "event", "error", "seq", 1, "t", t, "code",
				  status == 3 ? "cannot-connect" : "usage", "text", text, strlen(text));
	char *line = json_dumps(error, JSON_COMPACT | JSON_REAL_PRECISION(15));

	if (line)
		dprintf(out, "%s\n", line);
	dprintf(out, "{\"event\":\"bye\",\"seq\":%d,\"t\":%.6f,\"code\":%d}\n", line ? 2 : 1, t, status);
	free(line);
	json_decref(error);
	return status;
}
