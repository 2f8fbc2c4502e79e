#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/net/place.h"

static int make(void **state)
{
	*state = loop_new();
	return *state ? 0 : -1;
}

static int drop(void **state)
{
	loop_free(*state);
	return 0;
}

/* ---- timers ---- */

struct order {
	char got[64];
	unsigned n;
};

struct letter {
	struct order *order;
	struct loop_timer timer;
	char c;
};

static void write_letter(void *arg)
{
	struct letter *letter = arg;

	letter->order->got[letter->order->n++] = letter->c;
}

static void loop_timer__fires__in_order_of_time(void **state)
{
	static const int64_t delay_us[] = { 7000, 1000, 9000, 3000, 5000, 2000, 8000, 4000, 6000 };
	struct letter letters[9];
	struct order order = { 0 };

	for (int i = 0; i < 9; i++) {
		letters[i] = (struct letter) { .order = &order, .c = (char)('0' + delay_us[i] / 1000) };
		letters[i].timer = (struct loop_timer) { .fn = write_letter, .arg = &letters[i] };
		assert_int_equal(loop_timer_set(*state, &letters[i].timer, delay_us[i]), 0);
	}
	run_until_count(*state, &order.n, 9);
	assert_string_equal(order.got, "123456789");
}

static void loop_timer__moves_and_cancels(void **state)
{
	struct letter letters[3];
	struct order order = { 0 };

	for (int i = 0; i < 3; i++) {
		letters[i] = (struct letter) { .order = &order, .c = (char)('a' + i) };
		letters[i].timer = (struct loop_timer) { .fn = write_letter, .arg = &letters[i] };
		loop_timer_set(*state, &letters[i].timer, 1000 + i);
	}
	loop_timer_set(*state, &letters[0].timer, 8000);
	loop_timer_cancel(*state, &letters[1].timer);
	loop_timer_cancel(*state, &letters[1].timer);
	run_until_count(*state, &order.n, 2);
	assert_string_equal(order.got, "ca");
}

struct random_timers {
	struct loop *loop;
	struct loop_timer timer[500];
	int64_t last_due_us;
	unsigned fired, disorder;
};

static struct random_timers many;

static void fire_many(void *arg)
{
	struct loop_timer *timer = arg;

	many.disorder += timer->due_us < many.last_due_us;
	many.last_due_us = timer->due_us;
	many.fired++;
	/* Disturb the heap while it is being read. */
	if (many.fired % 3 == 0)
		loop_timer_cancel(many.loop, &many.timer[(many.fired * 7) % 500]);
}

static void loop_timer__keeps_order__among_hundreds(void **state)
{
	memset(&many, 0, sizeof(many));
	many.loop = *state;
	srand(7);
	for (int i = 0; i < 500; i++) {
		many.timer[i] = (struct loop_timer) { .fn = fire_many, .arg = &many.timer[i] };
		loop_timer_set(*state, &many.timer[i], rand() % 30000);
	}
	run_until_count(*state, &many.fired, 300);
	assert_int_equal(many.disorder, 0);
	for (int i = 0; i < 500; i++)
		loop_timer_cancel(*state, &many.timer[i]);
}

struct ticks {
	struct loop *loop;
	struct loop_timer timer;
	int64_t due_us, late_us[200];
	unsigned n;
};

static void tick(void *arg)
{
	struct ticks *ticks = arg;

	ticks->late_us[ticks->n++] = loop_now_us() - ticks->due_us;
	ticks->due_us = loop_now_us() + 1700;
	loop_timer_set(ticks->loop, &ticks->timer, 1700);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void loop_timer__is_precise__below_a_millisecond(void **state)
{
	struct ticks ticks = { .loop = *state };

	ticks.timer = (struct loop_timer) { .fn = tick, .arg = &ticks };
	ticks.due_us = loop_now_us() + 1700;
	loop_timer_set(*state, &ticks.timer, 1700);
	run_until_count(*state, &ticks.n, 100);
	loop_timer_cancel(*state, &ticks.timer);
	qsort(ticks.late_us, 100, sizeof(ticks.late_us[0]), by_size);
	print_message("timer lateness: median %lld us, 90%% %lld us\n", (long long)ticks.late_us[50],
		      (long long)ticks.late_us[90]);
	assert_true(ticks.late_us[0] >= 0);
	assert_true(ticks.late_us[50] < 1000);
}

/* ---- posts ---- */

enum { THREADS = 4, EACH = 2000 };

struct posting {
	struct loop *loop;
	unsigned next[THREADS], got, disorder;
};

struct parcel {
	struct posting *posting;
	unsigned thread, number;
};

struct sender {
	struct posting *posting;
	unsigned thread;
	pthread_t id;
	unsigned full;
};

static void take_parcel(void *arg)
{
	struct parcel *parcel = arg;
	struct posting *posting = parcel->posting;

	posting->disorder += posting->next[parcel->thread]++ != parcel->number;
	posting->got++;
	free(parcel);
}

static void *send_parcels(void *arg)
{
	struct sender *sender = arg;

	for (unsigned i = 0; i < EACH; i++) {
		struct parcel *parcel = malloc(sizeof(*parcel));

		*parcel = (struct parcel) { sender->posting, sender->thread, i };
		while (loop_post(sender->posting->loop, take_parcel, parcel)) {
			sender->full++;
			usleep(100);
		}
	}
	return NULL;
}

static void loop_post__keeps_order__from_many_threads(void **state)
{
	struct posting posting = { .loop = *state };
	struct sender senders[THREADS] = { 0 };

	for (unsigned i = 0; i < THREADS; i++) {
		senders[i] = (struct sender) { .posting = &posting, .thread = i };
		assert_int_equal(pthread_create(&senders[i].id, NULL, send_parcels, &senders[i]), 0);
	}
	run_until_count(*state, &posting.got, THREADS * EACH);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(senders[i].id, NULL);
	assert_int_equal(posting.disorder, 0);
}

static void count_up(void *arg)
{
	++*(unsigned *)arg;
}

static void loop_post__is_bounded(void **state)
{
	unsigned called = 0, taken = 0;

	while (taken < 100000 && !loop_post(*state, count_up, &called))
		taken++;
	assert_in_range(taken, 1000, 10000);
	assert_int_equal(loop_post(*state, count_up, &called), -EAGAIN);
	run_until_count(*state, &called, taken);
	assert_int_equal(loop_post(*state, count_up, &called), 0);
	run_until_count(*state, &called, taken + 1);
}

/* ---- descriptors ---- */

struct reader {
	struct loop *loop;
	struct loop_watch *watch;
	int fd;
	char got[64];
	size_t n;
	bool ended;
	unsigned calls;
};

static void read_some(void *arg, unsigned ready)
{
	struct reader *reader = arg;
	ssize_t r;

	reader->calls++;
	assert_true(ready & LOOP_READABLE);
	r = read(reader->fd, reader->got + reader->n, 4);
	if (r > 0) {
		reader->n += (size_t)r;
		return;
	}
	reader->ended = true;
	loop_unwatch(reader->watch);
}

static void read_through(struct loop *loop, int fd, const char *expected)
{
	struct reader reader = { .loop = loop, .fd = fd };

	reader.watch = loop_watch(loop, fd, read_some, &reader);
	assert_non_null(reader.watch);
	run_until_set(loop, &reader.ended);
	assert_string_equal(reader.got, expected);
	close(fd);
}

static void loop_watch__reads__a_pipe_to_its_end(void **state)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "hello, pipe", 11), 11);
	close(fds[1]);
	read_through(*state, fds[0], "hello, pipe");
}

static void loop_watch__reads__a_regular_file(void **state)
{
	place_write("stdin", "line one\nline two\n");
	read_through(*state, open(place_path("stdin"), O_RDONLY), "line one\nline two\n");
}

static void loop_watch__reads__dev_null(void **state)
{
	read_through(*state, open("/dev/null", O_RDONLY), "");
}

static void loop_watch__leaves_flags_and_descriptor__to_the_caller(void **state)
{
	int fds[2], flags;
	struct loop_watch *watch;

	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[0], F_GETFL);
	watch = loop_watch(*state, fds[0], read_some, NULL);
	assert_non_null(watch);
	assert_int_equal(fcntl(fds[0], F_GETFL), flags);
	loop_unwatch(watch);
	assert_int_equal(fcntl(fds[0], F_GETFL), flags);
	close(fds[0]);
	close(fds[1]);
}

struct writer {
	struct loop_watch *watch;
	unsigned writable, readable;
};

static void note_ready(void *arg, unsigned ready)
{
	struct writer *writer = arg;

	writer->writable += !!(ready & LOOP_WRITABLE);
	writer->readable += !!(ready & LOOP_READABLE);
	if (writer->writable == 3)
		loop_watch_want(writer->watch, 0);
}

static void loop_watch__tells_writable__as_long_as_wanted(void **state)
{
	struct writer writer = { 0 };
	struct loop_timer timer = { .fn = count_up };
	unsigned later = 0;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	writer.watch = loop_watch(*state, fds[0], note_ready, &writer);
	loop_watch_want(writer.watch, LOOP_WRITABLE);
	run_until_count(*state, &writer.writable, 3);
	timer.arg = &later;
	loop_timer_set(*state, &timer, 3000);
	run_until_count(*state, &later, 1);
	assert_int_equal(writer.writable, 3);
	assert_int_equal(writer.readable, 0);
	loop_unwatch(writer.watch);
	close(fds[0]);
	close(fds[1]);
}

struct both {
	struct loop_watch *watch[2];
	unsigned calls;
};

static void unwatch_both(void *arg, unsigned ready)
{
	struct both *both = arg;

	(void)ready;
	both->calls++;
	loop_unwatch(both->watch[0]);
	loop_unwatch(both->watch[1]);
}

static void loop_unwatch__works__while_events_are_dealt_out(void **state)
{
	struct both both = { 0 };
	int a[2], b[2];

	assert_int_equal(pipe(a) || pipe(b), 0);
	both.watch[0] = loop_watch(*state, a[0], unwatch_both, &both);
	both.watch[1] = loop_watch(*state, b[0], unwatch_both, &both);
	assert_int_equal(write(a[1], "x", 1) + write(b[1], "x", 1), 2);
	run_until_count(*state, &both.calls, 1);
	assert_int_equal(both.calls, 1);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
}

/* ---- signals ---- */

static void note_signal(void *arg, int signal)
{
	*(unsigned *)arg = (unsigned)signal;
}

static void loop_signal__delivers__on_the_loop(void **state)
{
	unsigned got = 0;

	assert_int_equal(loop_signal(*state, SIGUSR1, note_signal, &got), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(got, 0);
	run_until_count(*state, &got, 1);
	assert_int_equal(got, SIGUSR1);
	assert_int_equal(loop_signal(*state, SIGUSR1, NULL, NULL), 0);
	assert_int_equal(loop_signal(*state, 4711, note_signal, &got), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(loop_timer__fires__in_order_of_time, make, drop),
		cmocka_unit_test_setup_teardown(loop_timer__moves_and_cancels, make, drop),
		cmocka_unit_test_setup_teardown(loop_timer__keeps_order__among_hundreds, make, drop),
		cmocka_unit_test_setup_teardown(loop_timer__is_precise__below_a_millisecond, make, drop),
		cmocka_unit_test_setup_teardown(loop_post__keeps_order__from_many_threads, make, drop),
		cmocka_unit_test_setup_teardown(loop_post__is_bounded, make, drop),
		cmocka_unit_test_setup_teardown(loop_watch__reads__a_pipe_to_its_end, make, drop),
		cmocka_unit_test_setup_teardown(loop_watch__reads__a_regular_file, make, drop),
		cmocka_unit_test_setup_teardown(loop_watch__reads__dev_null, make, drop),
		cmocka_unit_test_setup_teardown(loop_watch__leaves_flags_and_descriptor__to_the_caller, make,
						drop),
		cmocka_unit_test_setup_teardown(loop_watch__tells_writable__as_long_as_wanted, make, drop),
		cmocka_unit_test_setup_teardown(loop_unwatch__works__while_events_are_dealt_out, make, drop),
		cmocka_unit_test_setup_teardown(loop_signal__delivers__on_the_loop, make, drop),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
