/* Sessions on a real relay, all on one loop; and on a false one, that says what a relay must not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/cert.h"
#include "net/link.h"
#include "net/relay.h"
#include "net/session.h"
#include "tests/net/place.h"

struct member {
	struct session *session;
	struct identity identity;
	unsigned count[EVENT_COUNT];
	struct event last[EVENT_COUNT];
	unsigned asked, ended, lost, back, media;
	uint32_t sends; /* the epoch that it sends under */
	int exit;
	enum trust verdict;
	char text[1024], pin[LINK_PIN_SIZE];
	size_t media_bytes;
	struct wire_frame frame;
	bool free_on_connected, has_keys;
};

struct world {
	struct loop *loop;
	struct relay *relay;
	struct link_listener *false_relay;
	uint16_t port;
	struct member ann, bo;
};

static void on_event(void *arg, const struct event *event)
{
	struct member *member = arg;

	member->count[event->kind]++;
	member->last[event->kind] = *event;
	if (event->kind == EVENT_CONNECTED && member->free_on_connected) {
		session_free(member->session);
		member->session = NULL;
	}
}

static void on_media(void *arg, const struct wire_frame *frame)
{
	struct member *member = arg;

	member->media++;
	member->media_bytes += frame->payload_bytes;
	member->frame = *frame;
	member->frame.payload = NULL;
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	struct member *member = arg;

	(void)relay;
	member->asked++;
	member->verdict = trust;
	snprintf(member->pin, sizeof(member->pin), "%s", pin);
}

static void on_line(void *arg, unsigned attempt, const char *why)
{
	struct member *member = arg;

	(void)why;
	member->lost += attempt > 0;
	member->back += attempt == 0;
}

static void on_end(void *arg, int exit, const char *text)
{
	struct member *member = arg;

	member->ended++;
	member->exit = exit;
	snprintf(member->text, sizeof(member->text), "%s", text);
}

static void on_keys(void *arg)
{
	struct member *member = arg;
	struct session_security security;

	session_security(member->session, &security);
	member->sends = security.epoch;
	member->has_keys = true;
}

static const struct session_ops ops = { on_event, on_media, on_trust, on_line, on_end, on_keys };

static int make(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct relay_params params = { .certificate = place_certificate(), .key = place_key() };

	*state = world;
	policy_init(&params.policy);
	params.policy.value[CONTROL_WAITING_ROOM] = 0;
	world->loop = loop_new();
	if (!world->loop || relay_new(world->loop, &params, &world->relay))
		return -1;
	world->port = relay_port(world->relay);
	return identity_guest(&world->ann.identity) || identity_guest(&world->bo.identity);
}

static int drop(void **state)
{
	struct world *world = *state;

	session_free(world->ann.session);
	session_free(world->bo.session);
	relay_free(world->relay);
	link_listener_free(world->false_relay);
	loop_free(world->loop);
	free(world);
	return 0;
}

static struct session_params params_for(struct world *world, struct member *member, const char *name)
{
	struct session_params params = { .identity = &member->identity, .name = name, .kind = KIND_HEADLESS };
	static char known[4096];

	snprintf(params.invite.host, sizeof(params.invite.host), "127.0.0.1");
	params.invite.port = world->port;
	assert_int_equal(cert_pin(place_certificate(), params.invite.pin), 0);
	snprintf(known, sizeof(known), "%s", place_path("known_relays"));
	params.known_relays = known;
	return params;
}

static void start(struct world *world, struct member *member, const struct session_params *params)
{
	member->session = session_new(world->loop, params, &ops, member);
	assert_non_null(member->session);
}

static void host(struct world *world)
{
	struct session_params params = params_for(world, &world->ann, "Ann");

	params.mic = MIC_ON;
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 1);
	assert_int_equal(world->ann.count[EVENT_CREATED], 1);
}

static struct session_params guest_params(struct world *world)
{
	struct session_params params = params_for(world, &world->bo, "Bo");
	const struct event *created = &world->ann.last[EVENT_CREATED];

	snprintf(params.invite.id, sizeof(params.invite.id), "%s", created->id);
	snprintf(params.invite.passcode, sizeof(params.invite.passcode), "%s", created->passcode);
	params.mic = MIC_ON;
	return params;
}

static void join(struct world *world)
{
	struct session_params params = guest_params(world);

	start(world, &world->bo, &params);
	run_until_count(world->loop, &world->bo.count[EVENT_JOINED], 1);
}

static bool share_keys(void *arg)
{
	const struct world *world = arg;
	struct session_security security;

	session_security(world->bo.session, &security);
	return security.epoch && world->ann.sends == security.epoch && world->bo.sends == security.epoch;
}

/* Both are in, and what either says the other can open. */
static void meet(struct world *world)
{
	host(world);
	join(world);
	run_until(world->loop, share_keys, world);
}

static int tell(struct member *member, enum word word, uint32_t number, const char *text)
{
	struct command command = { .word = word, .number = number, .to = TO_EVERYONE };

	snprintf(command.text, sizeof(command.text), "%s", text);
	return session_command(member->session, &command);
}

/* ---- the way in ---- */

static void session__creates__and_another_joins(void **state)
{
	struct world *world = *state;
	int request;

	host(world);
	assert_int_equal(world->ann.count[EVENT_CONNECTED], 1);
	assert_string_equal(world->ann.last[EVENT_CONNECTED].pin, relay_pin(world->relay));
	assert_int_equal(world->ann.asked, 0);
	join(world);
	request = tell(&world->bo, WORD_CHAT, 0, "hi");
	assert_true(request > 0);
	run_until_count(world->loop, &world->ann.count[EVENT_CHAT], 1);
	assert_string_equal(world->ann.last[EVENT_CHAT].text, "hi");
	run_until_count(world->loop, &world->bo.count[EVENT_ANSWER], 1);
	assert_int_equal(world->bo.last[EVENT_ANSWER].request, request);
	assert_true(world->bo.last[EVENT_ANSWER].ok);
}

static void session_leave__says_goodbye__and_ends_with_0(void **state)
{
	struct world *world = *state;

	host(world);
	join(world);
	session_leave(world->bo.session);
	run_until_count(world->loop, &world->bo.ended, 1);
	assert_int_equal(world->bo.exit, 0);
	run_until_count(world->loop, &world->ann.count[EVENT_PERSON_LEFT], 1);
	assert_int_equal(tell(&world->bo, WORD_CHAT, 0, "hi"), -ENOTCONN);
	session_leave(world->bo.session);
	assert_int_equal(world->bo.ended, 1);
}

static void session_leave__before_anything__ends_with_0(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	start(world, &world->ann, &params);
	session_leave(world->ann.session);
	run_until_count(world->loop, &world->ann.ended, 1);
	assert_int_equal(world->ann.exit, 0);
}

static void session__wrong_passcode__ends_with_4(void **state)
{
	struct world *world = *state;
	struct session_params params;

	host(world);
	params = guest_params(world);
	snprintf(params.invite.passcode, sizeof(params.invite.passcode), "not it");
	start(world, &world->bo, &params);
	run_until_count(world->loop, &world->bo.ended, 1);
	assert_int_equal(world->bo.exit, 4);
	assert_int_equal(world->bo.count[EVENT_REFUSED], 1);
	assert_string_equal(world->bo.last[EVENT_REFUSED].code, "no-such-meeting");
}

static void session__kicked__ends_with_6(void **state)
{
	struct world *world = *state;

	host(world);
	join(world);
	assert_true(tell(&world->ann, WORD_KICK, world->bo.last[EVENT_JOINED].number, "") > 0);
	run_until_count(world->loop, &world->bo.ended, 1);
	assert_int_equal(world->bo.exit, 6);
}

static void session__meeting_ended__ends_with_0(void **state)
{
	struct world *world = *state;

	host(world);
	join(world);
	assert_true(tell(&world->ann, WORD_END, 0, "") > 0);
	run_until_count(world->loop, &world->bo.ended, 1);
	run_until_count(world->loop, &world->ann.ended, 1);
	assert_int_equal(world->bo.exit, 0);
	assert_int_equal(world->ann.exit, 0);
}

static void session__no_relay_there__ends_with_3(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	relay_free(world->relay);
	world->relay = NULL;
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.ended, 1);
	assert_int_equal(world->ann.exit, 3);
	assert_non_null(strstr(world->ann.text, "127.0.0.1"));
}

static void session_free__inside_a_call__is_fine(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	world->ann.free_on_connected = true;
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_CONNECTED], 1);
	world->ann.free_on_connected = false;
	host(world);
	assert_int_equal(world->ann.ended, 0);
}

/* ---- trust ---- */

static void session__wrong_pin__ends_with_3__and_shows_both(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	snprintf(params.invite.pin, sizeof(params.invite.pin),
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.ended, 1);
	assert_int_equal(world->ann.exit, 3);
	assert_non_null(strstr(world->ann.text, params.invite.pin));
	assert_non_null(strstr(world->ann.text, relay_pin(world->relay)));
	assert_int_equal(world->ann.count[EVENT_CONNECTED], 0);
}

static void session__unknown_relay__asks_once_and_remembers(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	params.invite.pin[0] = '\0';
	unlink(place_path("known_relays"));
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.asked, 1);
	assert_int_equal(world->ann.verdict, TRUST_ASK);
	assert_string_equal(world->ann.pin, relay_pin(world->relay));
	assert_int_equal(world->ann.count[EVENT_CONNECTED], 0);
	session_trust(world->ann.session, true);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 1);
	session_free(world->ann.session);
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 2);
	assert_int_equal(world->ann.asked, 1);
}

static void session__invited__makes_a_relay_known__but_replaces_none(void **state)
{
	static const char other[] = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");
	char known[96], line[192], pin[64];

	snprintf(known, sizeof(known), "127.0.0.1:%u", world->port);
	unlink(place_path("known_relays"));
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 1);
	session_free(world->ann.session);
	assert_int_equal(access(place_path("known_relays"), F_OK), -1);
	params.remember = true;
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 2);
	session_free(world->ann.session);
	assert_int_equal(trust_find(place_path("known_relays"), known, pin, sizeof(pin)), 0);
	assert_string_equal(pin, relay_pin(world->relay));
	snprintf(line, sizeof(line), "%s %s 2026-01-01\n", known, other);
	place_write("known_relays", line);
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 3);
	assert_int_equal(trust_find(place_path("known_relays"), known, pin, sizeof(pin)), 0);
	assert_string_equal(pin, other);
	unlink(place_path("known_relays"));
}

static void session__not_trusted__ends_with_3(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	params.invite.pin[0] = '\0';
	unlink(place_path("known_relays"));
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.asked, 1);
	session_trust(world->ann.session, false);
	assert_int_equal(world->ann.ended, 1);
	assert_int_equal(world->ann.exit, 3);
	assert_int_equal(access(place_path("known_relays"), F_OK), -1);
}

static void session__changed_relay__is_refused__with_both_pins(void **state)
{
	static const char other[] = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");
	char line[128];

	params.invite.pin[0] = '\0';
	snprintf(line, sizeof(line), "127.0.0.1:%u %s 2026-01-01\n", world->port, other);
	place_write("known_relays", line);
	start(world, &world->ann, &params);
	run_until_count(world->loop, &world->ann.ended, 1);
	unlink(place_path("known_relays"));
	assert_int_equal(world->ann.exit, 3);
	assert_non_null(strstr(world->ann.text, other));
	assert_non_null(strstr(world->ann.text, relay_pin(world->relay)));
	assert_non_null(strstr(world->ann.text, "known_relays"));
}

/* ---- the line ---- */

static void session__lost_line__is_taken_up_again(void **state)
{
	struct world *world = *state;
	uint32_t number;

	host(world);
	join(world);
	number = world->bo.last[EVENT_JOINED].number;
	run_until_count(world->loop, &world->bo.count[EVENT_TICKET], 1);
	for (unsigned i = 1; i <= 2; i++) {
		session_fault_drop(world->bo.session);
		run_until_count(world->loop, &world->bo.lost, i);
		assert_int_equal(tell(&world->bo, WORD_CHAT, 0, "hi"), -ENOTCONN);
		run_until_count(world->loop, &world->ann.count[EVENT_AWAY], i);
		/* What is said meanwhile is not missed. */
		assert_true(tell(&world->ann, WORD_CHAT, 0, "missed") > 0);
		run_until_count(world->loop, &world->bo.back, i);
		run_until_count(world->loop, &world->bo.count[EVENT_CHAT], i);
		assert_string_equal(world->bo.last[EVENT_CHAT].text, "missed");
		run_until_count(world->loop, &world->bo.count[EVENT_TICKET], i + 1);
	}
	assert_int_equal(world->bo.ended, 0);
	assert_int_equal(world->bo.last[EVENT_RESUMED].number, number);
	assert_true(tell(&world->bo, WORD_CHAT, 0, "back") > 0);
	run_until_count(world->loop, &world->ann.count[EVENT_CHAT], 3);
	assert_string_equal(world->ann.last[EVENT_CHAT].text, "back");
}

static void session__command_lost_with_the_line__is_answered(void **state)
{
	struct world *world = *state;
	int request;

	host(world);
	join(world);
	run_until_count(world->loop, &world->bo.count[EVENT_TICKET], 1);
	request = tell(&world->bo, WORD_CHAT, 0, "never sent");
	session_fault_drop(world->bo.session);
	run_until_count(world->loop, &world->bo.count[EVENT_ANSWER], 1);
	assert_int_equal(world->bo.last[EVENT_ANSWER].request, request);
	assert_false(world->bo.last[EVENT_ANSWER].ok);
	assert_string_equal(world->bo.last[EVENT_ANSWER].code, "line-lost");
}

/* ---- media ---- */

static int send_frame(struct member *member, enum stream stream, size_t n, uint32_t timestamp)
{
	static uint8_t payload[WIRE_PAYLOAD_MAX];
	struct wire_frame frame = {
		.stream = stream, .timestamp = timestamp, .payload = payload, .payload_bytes = n
	};

	frame.level = stream == STREAM_AUDIO ? 10 : 127;
	frame.flags = stream == STREAM_AUDIO ? 0 : WIRE_KEYFRAME;
	return session_media(member->session, &frame);
}

static void session_media__goes_to__the_others(void **state)
{
	struct world *world = *state;

	meet(world);
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, 60, 960), 0);
	run_until_count(world->loop, &world->bo.media, 1);
	assert_int_equal(world->bo.frame.payload_bytes, 60);
	assert_int_equal(world->bo.frame.source, world->ann.last[EVENT_JOINED].number);
	assert_int_equal(world->bo.frame.stream, STREAM_AUDIO);
	assert_int_equal(world->bo.frame.timestamp, 960);
	assert_int_equal(world->ann.media, 0);
}

static void session_media__before_a_seat__is_dropped(void **state)
{
	struct world *world = *state;
	struct session_params params = params_for(world, &world->ann, "Ann");

	start(world, &world->ann, &params);
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, 60, 0), -EAGAIN);
	run_until_count(world->loop, &world->ann.count[EVENT_JOINED], 1);
	run_until_set(world->loop, &world->ann.has_keys);
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, 60, 0), 0);
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, WIRE_AUDIO_MAX + 1, 0), -EAGAIN);
	assert_int_equal(send_frame(&world->ann, STREAM_COUNT, 60, 0), -EAGAIN);
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, 0, 0), -EAGAIN);
}

struct talk {
	struct world *world;
	struct loop_timer timer;
	unsigned audio, pictures, ticks;
	int64_t until_us;
	bool over;
};

/* Audio each 20 ms, and more pictures than the rate carries. */
static void talk(void *arg)
{
	struct talk *t = arg;
	struct member *ann = &t->world->ann;

	t->audio += !send_frame(ann, STREAM_AUDIO, 60, t->ticks * 960);
	if (t->ticks % 5 == 0)
		t->pictures += !send_frame(ann, STREAM_SCREEN, 3000, t->ticks * 960);
	t->ticks++;
	t->over = loop_now_us() > t->until_us;
	if (!t->over)
		loop_timer_set(t->world->loop, &t->timer, 20000);
}

static unsigned talk_at(struct world *world, uint32_t bits_per_s, unsigned *audio)
{
	struct talk t = { .world = world };
	struct command want = { .word = WORD_WANT, .who_count = 1 };
	size_t before = world->bo.media_bytes;

	want.who[0] = world->ann.last[EVENT_JOINED].number;
	want.layer[0] = 1u << STREAM_SCREEN;
	session_command(world->bo.session, &want);
	session_fault_rate(world->ann.session, bits_per_s);
	t.timer = (struct loop_timer) { .fn = talk, .arg = &t };
	t.until_us = loop_now_us() + 2000000;
	world->bo.media = 0;
	loop_timer_set(world->loop, &t.timer, 0);
	run_until_set(world->loop, &t.over);
	*audio = t.audio;
	return (unsigned)(world->bo.media_bytes - before);
}

static void session_fault_rate__holds_pictures_back__not_audio(void **state)
{
	struct world *world = *state;
	struct command share = { .word = WORD_SHARE, .text = "notes" };
	unsigned audio, bytes;

	meet(world);
	assert_true(session_command(world->ann.session, &share) > 0);
	run_until_count(world->loop, &world->bo.count[EVENT_SHARE_STARTED], 1);
	bytes = talk_at(world, 96000, &audio);
	print_message("96 kbit/s asked: %u payload bytes in 2 s, %u audio frames sent, %u frames came\n",
		      bytes, audio, world->bo.media);
	/* 24 KB in two seconds, headers and the first burst included; audio alone is 6 KB of payload. */
	assert_in_range(bytes, 5000, 30000);
	assert_true(world->bo.media >= audio * 9 / 10);
}

static bool has_media(void *arg)
{
	return ((struct world *)arg)->bo.media > 0;
}

static void session_fault_stall__stops_reading__for_a_while(void **state)
{
	struct world *world = *state;
	int64_t begun_us = loop_now_us();

	meet(world);
	session_fault_stall(world->bo.session, 300);
	begun_us = loop_now_us();
	assert_int_equal(send_frame(&world->ann, STREAM_AUDIO, 60, 0), 0);
	run_until(world->loop, has_media, world);
	assert_true(loop_now_us() - begun_us >= 290000);
	assert_int_equal(world->bo.ended, 0);
}

/* ---- a relay that breaks the rules ---- */

static const char *const *script;
static char *line;

static void false_open(void *arg, struct link *link)
{
	(void)arg;
	link_want_write(link);
}

static void false_text(void *arg, struct link *link, const char *text, size_t n)
{
	(void)arg;
	(void)link;
	(void)text;
	(void)n;
}

static void false_binary(void *arg, struct link *link, const uint8_t *p, size_t n)
{
	(void)arg;
	(void)link;
	(void)p;
	(void)n;
}

static void false_writable(void *arg, struct link *link)
{
	size_t n;

	(void)arg;
	if (!*script)
		return;
	n = strlen(*script);
	free(line);
	line = malloc(LINK_HEADROOM + n);
	memcpy(line + LINK_HEADROOM, *script, n);
	if ((*script)[0] == '{')
		link_write_text(link, line + LINK_HEADROOM, n);
	else
		link_write_binary(link, (uint8_t *)line + LINK_HEADROOM, n);
	script++;
	link_want_write(link);
}

static void false_close(void *arg, struct link *link, int end, const char *text)
{
	(void)arg;
	(void)link;
	(void)end;
	(void)text;
}

static int false_accept(void *server_arg, struct link *link, void **arg)
{
	(void)server_arg;
	(void)link;
	*arg = NULL;
	return 0;
}

#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void session__relay_that_breaks_the_protocol__ends_with_5(void **state)
{
	static const struct link_ops false_ops = { false_open,  false_text, false_binary,  false_writable,
						   false_close, NULL,       WIRE_TEXT_MAX, WIRE_BINARY_MAX };
	static const char *const scripts[][4] = {
		{ "{", NULL },
		{ "{\"event\":\"no-such-event\"}", NULL },
		{ "{\"event\":\"connected\"}", NULL },
		{ "{\"event\":\"speaking\",\"from\":1,\"name\":\"x\",\"on\":true}", NULL },
		{ "media", NULL },
		{ "{\"event\":\"joined\"}", NULL },
	};
	struct world *world = *state;
	struct link_server server = { .address = "127.0.0.1", .on_accept = false_accept };

	server.certificate = place_certificate();
	server.key = place_key();
	assert_int_equal(link_listen(world->loop, &server, &false_ops, &world->false_relay, &world->port), 0);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct session_params params = params_for(world, &world->ann, "Ann");

		script = scripts[i];
		world->ann.ended = 0;
		start(world, &world->ann, &params);
		run_until_count(world->loop, &world->ann.ended, 1);
		if (world->ann.exit != 5)
			fail_msg("%s: %d %s", scripts[i][0], world->ann.exit, world->ann.text);
		session_free(world->ann.session);
		world->ann.session = NULL;
	}
	free(line);
	line = NULL;
}

static int make_place(void **state)
{
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	return place_make(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(session__creates__and_another_joins),
		CASE(session_leave__says_goodbye__and_ends_with_0),
		CASE(session_leave__before_anything__ends_with_0),
		CASE(session__wrong_passcode__ends_with_4),
		CASE(session__kicked__ends_with_6),
		CASE(session__meeting_ended__ends_with_0),
		CASE(session__no_relay_there__ends_with_3),
		CASE(session_free__inside_a_call__is_fine),
		CASE(session__wrong_pin__ends_with_3__and_shows_both),
		CASE(session__unknown_relay__asks_once_and_remembers),
		CASE(session__invited__makes_a_relay_known__but_replaces_none),
		CASE(session__not_trusted__ends_with_3),
		CASE(session__changed_relay__is_refused__with_both_pins),
		CASE(session__lost_line__is_taken_up_again),
		CASE(session__command_lost_with_the_line__is_answered),
		CASE(session_media__goes_to__the_others),
		CASE(session_media__before_a_seat__is_dropped),
		CASE(session_fault_rate__holds_pictures_back__not_audio),
		CASE(session_fault_stall__stops_reading__for_a_while),
		CASE(session__relay_that_breaks_the_protocol__ends_with_5),
	};

	return cmocka_run_group_tests(tests, make_place, place_remove);
}
