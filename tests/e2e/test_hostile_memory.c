/* What is where: no secret and nothing that was said in the memory, the logs or the files of a relay; and in a client's no key
 * longer than it is needed. Each search also looks for something that must be there, so that nothing found says something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "net/invite.h"
#include "net/seal/keys.h"
#include "net/seal/sframe.h"
#include "net/wire.h"
#include "tests/e2e/memory.h"
#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

static const char spoken[] = "the goose flies south at midnight", whispered[] = "bring the blue umbrella";

/* A long passcode: six digits turn up by chance. */
static const char passcode[] = "83610475926618340275";

static int open_with_passcode(void **state)
{
	int err;

	setenv("MOOT_PASSCODE", passcode, 1);
	err = siege_open(state);
	unsetenv("MOOT_PASSCODE");
	return err;
}

/* ---- the relay --------------------------------------------------------------------------------------------- */

static size_t unhex(uint8_t *out, size_t size, json_t *item, const char *member)
{
	const char *hex = json_string_value(json_object_get(item, member));
	size_t n = 0;

	assert_non_null(hex);
	assert_int_equal(sodium_hex2bin(out, size, hex, strlen(hex), NULL, &n, NULL), 0);
	return n;
}

/* The binding of number 1 out of the roster that added it, or what newcomers were told. */
static void binding_of_ann(uint8_t b[static SEAL_HASH])
{
	uint8_t sb[SEAL_SB];
	json_t *items = json_object_get(HOSTILE("list down BINDING of=2 from=1 last=1"), "items");
	const size_t n = unhex(sb, sizeof(sb), json_array_get(items, 0), "hex");

	assert_int_equal(seal_hash(b, (struct seal_bytes) { sb, n }), 0);
}

/* With the secret that lies in Ann's own memory, the newest frame of hers opens: so it is that one, and this is what she
 * said. Returns its length. */
static size_t open_frame(const uint8_t es[static SEAL_KEY], long epoch, uint8_t *out, size_t size)
{
	static uint8_t roster[4096];
	uint8_t h[SEAL_HASH], b[SEAL_HASH], frame[600], header[16];
	struct group_roster r;
	struct sframe_key *key;
	json_t *items;
	size_t n;
	int len;

	n = siege_roster(epoch, roster, sizeof(roster));
	assert_int_equal(group_roster_read(&r, (struct seal_bytes) { roster, n }), 0);
	assert_int_equal(seal_hash(h, r.r), 0);
	binding_of_ann(b);
	items = json_object_get(HOSTILE("list up audio of=1 last=1"), "items");
	n = unhex(frame, sizeof(frame), json_array_get(items, 0), "hex");
	assert_int_equal(unhex(header, sizeof(header), json_array_get(items, 0), "header"), WIRE_HEADER_BYTES);
	key = keys_media(keys_kid(1, 0, (uint32_t)epoch), h, es, b, 0);
	assert_non_null(key);
	len = sframe_open(key, (struct seal_bytes) { header + 3, 9 }, frame, n, out, size);
	sframe_key_free(key);
	assert_true(len > 20);
	return (size_t)len;
}

static void memory__the_relay__knows_nothing(void **state)
{
	uint8_t es[SEAL_KEY], opus[600];
	struct invite invite;
	const char *why;
	const long epoch = siege_settle();
	size_t opus_n;

	(void)state;
	siege_said(&siege.ann, &siege.bo, spoken);
	peer_ok(&siege.bo, "msg", "Ann", whispered, NULL);
	peer_wait(&siege.ann, "chat", "{\"to\":1}");
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	HOSTILE("wait up audio of=1 count=100");
	assert_true(siege_secret(&siege.ann, epoch, es));
	opus_n = open_frame(es, epoch, opus, sizeof(opus));
	siege_mic(&siege.ann, false);
	assert_int_equal(invite_parse(&invite, siege.invite, &why), 0);
	{
		struct needle none[] = {
			{ .what = "the passcode", .p = passcode, .n = sizeof(passcode) - 1 },
			{ .what = "the invite's secret", .p = invite.secret, .n = INVITE_SECRET },
			{ .what = "the secret of an epoch", .p = es, .n = SEAL_KEY },
			{ .what = "what was said", .p = spoken, .n = sizeof(spoken) - 1 },
			{ .what = "what was whispered", .p = whispered, .n = sizeof(whispered) - 1 },
			{ .what = "a frame of sound", .p = opus, .n = opus_n },
		};
		struct needle there = { .what = "the meeting's title", .p = "Ann's meeting", .n = 13 };
		const size_t count = sizeof(none) / sizeof(none[0]);

		memory_search(siege.relay.child.pid, none, count);
		memory_none(none, count, "the relay's memory");
		memory_search(siege.relay.child.pid, &there, 1);
		assert_true(there.found > 0);
		there.found = 0;
		if (memory_search_core(siege.relay.child.pid, none, count)) {
			memory_none(none, count, "a core dump of the relay");
			memory_search_core(siege.relay.child.pid, &there, 1);
			assert_true(there.found > 0);
		}
		memory_search_files(siege.relay.home, none, count);
		memory_none(none, count, "the relay's files");
		/* The one who holds the secrets has them, or the search finds nothing at all. */
		memory_search(siege.ann.child.pid, none, count);
		for (size_t i = 0; i < 3; i++)
			if (!none[i].found)
				fail_msg("%s is not where it must be", none[i].what);
	}
	siege_lives();
}

/* All that it printed at its most talkative, and what it kept. */
static void memory__the_relays_log__knows_nothing(void **state)
{
	static char log[1 << 20];
	json_t *line;
	size_t n = 0;

	(void)state;
	siege_said(&siege.ann, &siege.bo, spoken);
	peer_ok(&siege.bo, "msg", "Ann", whispered, NULL);
	peer_wait(&siege.ann, "chat", "{\"to\":1}");
	while ((line = child_line(&siege.relay.child, 0.2)) != NULL) {
		char *text = json_dumps(line, JSON_COMPACT);

		n += (size_t)snprintf(log + n, sizeof(log) - n, "%s\n", text);
		free(text);
		json_decref(line);
		assert_true(n < sizeof(log) / 2);
	}
	assert_true(n > 0);
	assert_null(strstr(log, passcode));
	assert_null(strstr(log, spoken));
	assert_null(strstr(log, whispered));
	assert_null(strstr(log, "127.0.0.1"));
	hostile_never_saw(&siege.hostile, passcode, sizeof(passcode) - 1);
	hostile_never_saw(&siege.hostile, spoken, sizeof(spoken) - 1);
	hostile_never_saw(&siege.hostile, whispered, sizeof(whispered) - 1);
}

/* ---- the clients ------------------------------------------------------------------------------------------- */

/* A secret is there while its epoch is, and not 15 s after it. */
static void memory__old_keys__are_erased(void **state)
{
	const long epoch = siege_settle();
	uint8_t es[SEAL_KEY];
	struct needle secret = { .what = "the secret of an old epoch", .p = es, .n = SEAL_KEY };

	(void)state;
	assert_true(siege_secret(&siege.bo, epoch, es));
	siege_turn();
	usleep(13000000);
	memory_search(siege.bo.child.pid, &secret, 1);
	memory_none(&secret, 1, "Bo's memory");
	memory_search(siege.ann.child.pid, &secret, 1);
	memory_none(&secret, 1, "Ann's memory, who drew it");
	assert_true(siege_secret(&siege.bo, siege_epoch(), es));
	siege_lives();
}

/* Who is removed forgets the keys at once. */
static void memory__who_is_removed__has_no_key(void **state)
{
	const long epoch = siege_settle();
	uint8_t es[SEAL_KEY];
	struct needle secret = { .what = "the secret of an epoch", .p = es, .n = SEAL_KEY };

	(void)state;
	assert_true(siege_secret(&siege.cy, epoch, es));
	HOSTILE("keep of=3");
	HOSTILE("rule quiet down removed of=3 drop");
	HOSTILE("rule all down ROSTER of=2 also=3");
	peer_ok(&siege.ann, "kick", "Cy", NULL);
	HOSTILE("wait down ROSTER of=2 epoch=%ld", epoch + 1);
	HOSTILE("say down of=3 WRAP source=1 hex=");
	siege_paused(&siege.cy, "removed");
	memory_search(siege.cy.child.pid, &secret, 1);
	memory_none(&secret, 1, "Cy's memory");
}

/* Who came later has no secret of before in memory, whatever was replayed to them. */
static void memory__who_comes_later__has_no_older_key(void **state)
{
	const long epoch = siege_settle();
	uint8_t es[SEAL_KEY];
	struct needle secret = { .what = "the secret of before", .p = es, .n = SEAL_KEY };
	struct peer dee = { 0 };

	(void)state;
	assert_true(siege_secret(&siege.ann, epoch, es));
	siege_enter(&dee, "Dee");
	HOSTILE("replay to=4 down ROSTER of=2");
	HOSTILE("replay to=4 down WRAP of=2");
	siege_settle();
	memory_search(dee.child.pid, &secret, 1);
	memory_none(&secret, 1, "Dee's memory");
	assert_true(siege_secret(&dee, siege_epoch(), es));
	siege_gone(&dee);
}

#define HIDDEN(name) cmocka_unit_test_setup_teardown(name, open_with_passcode, siege_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HIDDEN(memory__the_relay__knows_nothing),
		HIDDEN(memory__the_relays_log__knows_nothing),
		SIEGE(memory__old_keys__are_erased),
		SIEGE(memory__who_is_removed__has_no_key),
		SIEGE(memory__who_comes_later__has_no_older_key),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
