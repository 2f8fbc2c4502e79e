#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/cert.h"
#include "tests/net/place.h"

enum { WAIT_US = 10000000, LOOK_US = 1000 };

static char place[PATH_MAX / 2];

int place_make(void **state)
{
	(void)state;
	snprintf(place, sizeof(place), "%s/moot-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	return mkdtemp(place) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

int place_remove(void **state)
{
	(void)state;
	return nftw(place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *place_path(const char *name)
{
	static char path[2][PATH_MAX];
	static unsigned turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", place, name);
	return path[turn];
}

static const char *pair(const char *name)
{
	static char path[2][PATH_MAX];
	bool key = strstr(name, "key") != NULL;

	assert_true(cert_ensure(place_path("relay.crt"), place_path("relay.key"), "relay.test") >= 0);
	snprintf(path[key], sizeof(path[key]), "%s/%s", place, name);
	return path[key];
}

const char *place_certificate(void)
{
	return pair("relay.crt");
}

const char *place_key(void)
{
	return pair("relay.key");
}

void place_write(const char *name, const char *text)
{
	FILE *f = fopen(place_path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

struct wait {
	struct loop *loop;
	bool (*holds)(void *arg);
	void *arg;
	struct loop_timer timer;
	int64_t until_us;
	bool held;
};

static void look(void *arg)
{
	struct wait *wait = arg;

	wait->held = wait->holds(wait->arg);
	if (wait->held || loop_now_us() > wait->until_us)
		loop_stop(wait->loop);
	else
		loop_timer_set(wait->loop, &wait->timer, LOOK_US);
}

void run_until(struct loop *loop, bool (*holds)(void *arg), void *arg)
{
	struct wait wait = { .loop = loop, .holds = holds, .arg = arg };

	wait.timer = (struct loop_timer) { .fn = look, .arg = &wait };
	wait.until_us = loop_now_us() + WAIT_US;
	loop_timer_set(loop, &wait.timer, 0);
	assert_int_equal(loop_run(loop), 0);
	assert_true(wait.held);
}

static bool is_set(void *arg)
{
	return *(const bool *)arg;
}

void run_until_set(struct loop *loop, const bool *flag)
{
	run_until(loop, is_set, (void *)(uintptr_t)flag);
}

struct count {
	const unsigned *number;
	unsigned n;
};

static bool is_enough(void *arg)
{
	const struct count *count = arg;

	return *count->number >= count->n;
}

void run_until_count(struct loop *loop, const unsigned *number, unsigned n)
{
	struct count count = { number, n };

	run_until(loop, is_enough, &count);
}
