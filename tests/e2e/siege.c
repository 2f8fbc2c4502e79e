#include "tests/e2e/siege.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "net/seal/keys.h"
#include "tests/e2e/memory.h"

struct siege siege;

static const char *const quiet[] = { "--mic", "tone:440", "--muted", NULL };

/* ---- the meeting ----------------------------------------------------------------------------------------- */

int siege_begin(void **state)
{
	(void)state;
	relay_start(&siege.relay, NULL);
	return 0;
}

int siege_end(void **state)
{
	(void)state;
	return relay_stop(&siege.relay);
}

void siege_knock(struct peer *peer, const char *name)
{
	char where[80];

	peer_join(peer, siege.invite, name, quiet);
	snprintf(where, sizeof(where), "{\"name\":\"%s\"}", name);
	peer_wait(&siege.ann, "knock", where);
}

void siege_enter(struct peer *peer, const char *name)
{
	siege_knock(peer, name);
	peer_ok(&siege.ann, "admit", name, NULL);
	peer_wait(peer, "joined", NULL);
	siege_secure(peer, 1);
}

int siege_open(void **state)
{
	json_t *created;

	(void)state;
	hostile_start(&siege.hostile, &siege.relay);
	peer_host(&siege.ann, &siege.hostile.door, "Ann", siege.invite, quiet);
	siege.ann.cursor = 0;
	created = peer_wait(&siege.ann, "created", NULL);
	snprintf(siege.id, sizeof(siege.id), "%s", json_string_value(json_object_get(created, "id")));
	snprintf(siege.passcode, sizeof(siege.passcode), "%s", json_string_value(json_object_get(created, "passcode")));
	siege_enter(&siege.bo, "Bo");
	siege_enter(&siege.cy, "Cy");
	return 0;
}

/* However the case left them. */
void siege_gone(struct peer *peer)
{
	if (!peer->child.pid)
		return;
	kill(peer->child.pid, SIGKILL);
	child_end(&peer->child);
	json_decref(peer->lines);
	memset(peer, 0, sizeof(*peer));
}

int siege_close(void **state)
{
	(void)state;
	siege_gone(&siege.cy);
	siege_gone(&siege.bo);
	siege_gone(&siege.ann);
	hostile_stop(&siege.hostile);
	return 0;
}

/* ---- security -------------------------------------------------------------------------------------------- */

/* The last that it told of it; nothing that waits for other events misses any by this. */
static json_t *last_security(struct peer *peer)
{
	json_t *line;
	size_t i;

	for (i = json_array_size(peer->lines); i-- > 0;) {
		line = json_array_get(peer->lines, i);
		if (json_object_get(line, "event") &&
		    !strcmp(json_string_value(json_object_get(line, "event")), "security"))
			return line;
	}
	return NULL;
}

static void hear_more(struct peer *peer)
{
	const size_t cursor = peer->cursor;

	peer_wait_for(peer, "nothing of that name", NULL, 0.05);
	peer->cursor = cursor;
}

int siege_state(struct peer *peer)
{
	hear_more(peer);
	return (int)json_integer_value(json_object_get(last_security(peer), "state"));
}

static const char *security_text(struct peer *peer)
{
	return json_string_value(json_object_get(last_security(peer), "text"));
}

void siege_secure(struct peer *peer, int state)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);
	int now;

	while ((now = siege_state(peer)) != state)
		if (drive_now_us() > deadline)
			fail_msg("%s: security %d (%s), not %d", peer->name, now, security_text(peer), state);
}

void siege_paused(struct peer *peer, const char *reason)
{
	char text[120];

	siege_secure(peer, 4);
	snprintf(text, sizeof(text), "Paused: security check failed (%s)", reason);
	assert_string_equal(security_text(peer), text);
}

void siege_error(struct peer *peer, const char *code)
{
	char where[120];

	snprintf(where, sizeof(where), "{\"code\":\"%s\"}", code);
	peer_wait(peer, "error", where);
}

/* ---- epochs ---------------------------------------------------------------------------------------------- */

long siege_epoch(void)
{
	json_t *items = json_object_get(hostile_do(&siege.hostile, "list up ROSTER last=1"), "items");

	return (long)json_integer_value(json_object_get(json_array_get(items, 0), "epoch"));
}

/* Rosters come apart by at most 2 s: quiet for that long. */
long siege_settle(void)
{
	const int64_t deadline = drive_now_us() + DRIVE_SECONDS * INT64_C(1000000);
	int64_t since = drive_now_us();
	long epoch = siege_epoch(), now;

	while (drive_now_us() - since < 2200000) {
		usleep(100000);
		now = siege_epoch();
		if (now != epoch)
			since = drive_now_us();
		epoch = now;
		if (drive_now_us() > deadline)
			fail_msg("the keys go on turning");
	}
	return epoch;
}

void siege_turn(void)
{
	const long before = siege_epoch();

	peer_ok(&siege.ann, "cohost", "Cy", NULL);
	hostile_do(&siege.hostile, "wait up ROSTER epoch=%ld", before + 1);
	peer_ok(&siege.ann, "uncohost", "Cy", NULL);
	hostile_do(&siege.hostile, "wait up ROSTER epoch=%ld", before + 2);
	siege_settle();
}

/* ---- talk ------------------------------------------------------------------------------------------------ */

void siege_say(struct peer *from, const char *text)
{
	peer_ok(from, "chat", text, NULL);
}

static void where_text(char where[static 200], const char *text)
{
	assert_true(snprintf(where, 200, "{\"text\":\"%s\"}", text) < 200);
}

void siege_said(struct peer *from, struct peer *to, const char *text)
{
	char where[200];

	siege_say(from, text);
	where_text(where, text);
	peer_wait(to, "chat", where);
}

void siege_never(struct peer *to, const char *event, const char *where, double seconds)
{
	json_t *line = peer_wait_for(to, event, where, seconds);
	char *text;

	if (!line)
		return;
	text = json_dumps(line, JSON_COMPACT);
	fprintf(stderr, "    %s: %s\n", to->name, text);
	free(text);
	fail_msg("%s: %s came, which must not", to->name, event);
}

void siege_not_read(struct peer *to, const char *text, double seconds)
{
	char where[200];

	where_text(where, text);
	siege_never(to, "chat", where, seconds);
}

void siege_mic(struct peer *peer, bool on)
{
	peer_ok(peer, on ? "unmute" : "mute", NULL);
}

void siege_sends_nothing(struct peer *peer, int number)
{
	hostile_do(&siege.hostile, "mark then");
	siege_mic(peer, true);
	usleep(700000);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up audio of=%d since=then", number), 0);
	siege_mic(peer, false);
}

void siege_hears(struct peer *to, int number, bool on)
{
	char where[80];

	snprintf(where, sizeof(where), "{\"from\":%d,\"on\":%s}", number, on ? "true" : "false");
	peer_wait(to, "audio", where);
}

void siege_not_heard(struct peer *to, int number, double seconds)
{
	char where[80];

	snprintf(where, sizeof(where), "{\"from\":%d,\"on\":true}", number);
	siege_never(to, "audio", where, seconds);
}

void siege_heard(struct peer *from, int number, struct peer *to)
{
	siege_mic(from, true);
	siege_hears(to, number, true);
	siege_mic(from, false);
	siege_hears(to, number, false);
}

long siege_frames(struct peer *to, int number, const char *kind)
{
	json_t *sources = json_object_get(peer_state(to), "sources"), *one;
	size_t i;

	json_array_foreach(sources, i, one)
		if (json_integer_value(json_object_get(one, "from")) == number &&
		    !strcmp(json_string_value(json_object_get(one, "kind")), kind))
			return (long)json_integer_value(json_object_get(one, "frames"));
	return 0;
}

void siege_lives(void)
{
	static unsigned count;
	struct peer *people[] = { &siege.ann, &siege.bo, &siege.cy };
	char text[60], where[200];

	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "still here %u", count++);
		where_text(where, text);
		siege_say(people[i], text);
		for (int k = 0; k < 3; k++)
			peer_wait(people[k], "chat", where);
	}
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	siege_hears(&siege.cy, 1, true);
	siege_mic(&siege.ann, false);
	siege_hears(&siege.bo, 1, false);
	siege_hears(&siege.cy, 1, false);
}

/* ---- secrets --------------------------------------------------------------------------------------------- */

size_t siege_roster(long epoch, uint8_t *out, size_t size)
{
	json_t *items = json_object_get(hostile_do(&siege.hostile, "list up ROSTER epoch=%ld last=1", epoch), "items");
	const char *hex = json_string_value(json_object_get(json_array_get(items, 0), "hex"));
	size_t n = 0;

	assert_non_null(hex);
	assert_int_equal(sodium_hex2bin(out, size, hex, strlen(hex), NULL, &n, NULL), 0);
	return n;
}

void siege_uuid(uint8_t uuid[static SEAL_UUID])
{
	json_t *items = json_object_get(hostile_do(&siege.hostile, "list down door last=1"), "items");
	const char *hex = json_string_value(
		json_object_get(json_object_get(json_array_get(items, 0), "said"), "uuid"));
	size_t n = 0;

	assert_non_null(hex);
	assert_int_equal(sodium_hex2bin(uuid, SEAL_UUID, hex, strlen(hex), NULL, &n, NULL), 0);
	assert_int_equal(n, SEAL_UUID);
}

struct commitment {
	uint8_t uuid[SEAL_UUID], commit[SEAL_KEY];
};

static bool fits(void *arg, const uint8_t *p)
{
	const struct commitment *commitment = arg;
	uint8_t commit[SEAL_KEY];

	return !keys_commit(commit, commitment->uuid, p) && !memcmp(commit, commitment->commit, sizeof(commit));
}

/* It is kept beside the hash of its roster. */
bool siege_secret(const struct peer *peer, long epoch, uint8_t es[static SEAL_KEY])
{
	static uint8_t bytes[4096];
	struct commitment commitment;
	struct group_roster roster;
	uint8_t h[SEAL_HASH];
	const struct needle hash = { .what = "the hash of a roster", .p = h, .n = sizeof(h) };
	const size_t n = siege_roster(epoch, bytes, sizeof(bytes));

	assert_int_equal(group_roster_read(&roster, (struct seal_bytes) { bytes, n }), 0);
	assert_int_equal(seal_hash(h, roster.r), 0);
	siege_uuid(commitment.uuid);
	memcpy(commitment.commit, roster.commit, sizeof(commitment.commit));
	return memory_find(peer->child.pid, &hash, 256, SEAL_KEY, fits, &commitment, es);
}
