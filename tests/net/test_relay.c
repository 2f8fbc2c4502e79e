/* A real relay and raw links to it: who gets in, who hears whom, and what becomes of those who misbehave. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/net/venue.h"

#define PASSCODE VENUE_PASSCODE

enum { IDLE_LINKS = 2000 };

static void want(struct peer *peer, const struct peer *source, uint8_t streams)
{
	struct command command = { .word = WORD_WANT, .who_count = 1 };

	command.who[0] = source->number;
	command.layer[0] = streams;
	assert_string_equal(peer_ask(peer, &command), "");
}

/* ---- the door ------------------------------------------------------------------------------------------- */

static void relay__lets_in__through_the_waiting_room(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_peer(f);
	struct command admit = { .word = WORD_ADMIT, .all = true };

	assert_int_equal(strlen(host->id), 9);
	peer_join(guest, "Bo", host->id, PASSCODE);
	assert_string_equal(peer_expect(guest, EVENT_WAITING)->title, "Ann's meeting");
	assert_string_equal(peer_expect(host, EVENT_KNOCK)->name, "Bo");
	/* Who waits learns nothing of the room. */
	peer_settle(guest);
	assert_false(peer_heard(guest, EVENT_PERSON));
	assert_false(peer_heard(guest, EVENT_CONTROL));
	assert_string_equal(peer_ask(host, &admit), "");
	assert_int_equal(peer_expect(guest, EVENT_JOINED)->role, ROLE_PARTICIPANT);
	assert_string_equal(peer_expect(host, EVENT_PERSON_JOINED)->person.name, "Bo");
}

static void relay__answers_alike__wrong_id_and_wrong_passcode(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *a = venue_peer(f), *b = venue_peer(f);
	const struct event *wrong;
	char code[MOOT_WORD_SIZE], text[MOOT_TEXT_SIZE];

	peer_join(a, "Bo", "123456789", PASSCODE);
	wrong = peer_expect(a, EVENT_REFUSED);
	strcpy(code, wrong->code);
	strcpy(text, wrong->text);
	assert_string_equal(code, "no-such-meeting");
	assert_int_equal(peer_expect_end(a), LINK_END_NORMAL);
	peer_join(b, "Bo", host->id, "246811");
	wrong = peer_expect(b, EVENT_REFUSED);
	assert_string_equal(wrong->code, code);
	assert_string_equal(wrong->text, text);
	assert_int_equal(peer_expect_end(b), LINK_END_NORMAL);
	assert_int_equal(peer_expect(host, EVENT_WRONG_PASSCODES)->count, 1);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), err = fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at);

	if (fd >= 0)
		close(fd);
	return !err;
}

/* Guessing is stopped, but not for those who come from elsewhere with the right passcode, nor for the host key. */
static void relay__slows__guessing(void **state)
{
	struct venue *f = *state;
	struct peer *host, *guest;
	struct command join = { .word = WORD_JOIN, .kind = KIND_HEADLESS, .has_host_key = true };
	int tries = 0;

	venue_open(f, has_ipv6() ? "::" : "127.0.0.1");
	host = venue_peer(f);
	if (has_ipv6()) { /* not on loopback alone: creating needs a token that nobody has */
		struct command create = { .word = WORD_CREATE };

		strcpy(create.name, "Ann");
		peer_send(host, &create);
		assert_string_equal(peer_expect(host, EVENT_REFUSED)->code, "bad-key");
		relay_free(f->relay);
		struct relay_params params = { .address = "::", .certificate = f->certificate, .key = f->key, .open = true };
		policy_init(&params.policy);
		assert_int_equal(relay_new(f->loop, &params, &f->relay), 0);
		host = venue_peer(f);
	}
	peer_create(host, "Ann");
	for (; tries < 10; tries++) {
		guest = venue_peer(f);
		peer_join(guest, "Eve", host->id, "000000");
		if (!strcmp(peer_expect(guest, EVENT_REFUSED)->code, "too-many-tries"))
			break;
	}
	assert_int_equal(tries, 5);
	guest = venue_peer(f);
	peer_join(guest, "Bo", host->id, PASSCODE);
	assert_string_equal(peer_expect(guest, EVENT_REFUSED)->code, "too-many-tries");
	if (has_ipv6()) {
		guest = venue_peer_at(f, "::1");
		peer_join(guest, "Bo", host->id, PASSCODE);
		peer_expect(guest, EVENT_WAITING);
	}
	(void)join;
}

static void relay__refuses__a_bad_proof(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_peer(f);

	guest->nonce[0] ^= 1;
	peer_join(guest, "Bo", host->id, PASSCODE);
	assert_string_equal(peer_expect(guest, EVENT_REFUSED)->code, "bad-key");
	assert_int_equal(peer_expect_end(guest), LINK_END_NORMAL);
}

static void relay__refuses__the_locked_out_and_the_kicked(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_guest(f, host, "Bo"), *late = venue_peer(f), *again;
	struct command kick = about(WORD_KICK, guest);

	set_control(host, CONTROL_LOCK, 1);
	peer_join(late, "Cy", host->id, PASSCODE);
	assert_string_equal(peer_expect(late, EVENT_REFUSED)->code, "locked");
	set_control(host, CONTROL_LOCK, 0);

	assert_string_equal(peer_ask(host, &kick), "");
	assert_string_equal(peer_expect(guest, EVENT_REMOVED)->name_by, "Ann");
	assert_int_equal(peer_expect_end(guest), LINK_END_NORMAL);
	again = venue_peer(f);
	again->identity = guest->identity;
	peer_resume(again, host->id, guest->ticket);
	peer_expect(again, EVENT_REFUSED);
	peer_expect_end(again);
	again = venue_peer(f);
	again->identity = guest->identity;
	peer_join(again, "Bo", host->id, PASSCODE);
	assert_string_equal(peer_expect(again, EVENT_REFUSED)->code, "removed");
}

static void relay__resumes__a_lost_line(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_guest(f, host, "Bo"), *back = venue_peer(f);
	struct command chat = { .word = WORD_CHAT, .to = TO_EVERYONE };
	uint8_t ticket[MOOT_TICKET_BYTES];

	memcpy(ticket, guest->ticket, sizeof ticket);
	link_cut(guest->link);
	assert_int_equal(peer_expect(host, EVENT_AWAY)->number, guest->number);
	strcpy(chat.text, "missed");
	assert_string_equal(peer_ask(host, &chat), "");

	back->identity = guest->identity;
	peer_resume(back, host->id, ticket);
	assert_int_equal(peer_expect(back, EVENT_JOINED)->number, guest->number);
	assert_string_equal(peer_expect(back, EVENT_CHAT)->text, "missed");
	peer_expect(host, EVENT_RESUMED);
	assert_memory_not_equal(back->ticket, ticket, sizeof ticket);

	/* Once only, and only with its key. */
	struct peer *twice = venue_peer(f), *thief = venue_peer(f);
	twice->identity = guest->identity;
	peer_resume(twice, host->id, ticket);
	assert_string_equal(peer_expect(twice, EVENT_REFUSED)->code, "bad-ticket");
	peer_resume(thief, host->id, back->ticket);
	assert_string_equal(peer_expect(thief, EVENT_REFUSED)->code, "bad-ticket");
	peer_settle(back);

	/* A line that breaks again at once may have taken the new ticket with it: the used one is good once more. */
	struct peer *lost = venue_peer(f);
	lost->identity = guest->identity;
	link_cut(back->link);
	peer_expect(host, EVENT_AWAY);
	peer_resume(lost, host->id, ticket);
	assert_int_equal(peer_expect(lost, EVENT_JOINED)->number, guest->number);
}

static void relay__takes_over__a_live_line(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_guest(f, host, "Bo"), *second = venue_peer(f);

	second->identity = guest->identity;
	peer_resume(second, host->id, guest->ticket);
	peer_expect(second, EVENT_JOINED);
	assert_int_equal(peer_expect_end(guest), LINK_END_REPLACED);
	peer_settle(second);
}

static void relay__knows__the_host_key(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_guest(f, host, "Bo");
	struct command claim = { .word = WORD_CLAIM };

	assert_string_equal(peer_ask(guest, &claim), "bad-key");
	peer_expect(host, EVENT_WRONG_PASSCODES);
	memcpy(claim.host_key, host->host_key, sizeof claim.host_key);
	assert_string_equal(peer_ask(guest, &claim), "");
	assert_string_equal(peer_ask(host, &(struct command){ .word = WORD_END }), "not-allowed");
}

static void relay__ends__a_meeting(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *guest = venue_guest(f, host, "Bo"), *waiting = venue_peer(f), *late;
	char id[MOOT_ID_SIZE];

	strcpy(id, host->id);
	peer_join(waiting, "Cy", id, PASSCODE);
	peer_expect(waiting, EVENT_WAITING);
	peer_send(host, &(struct command){ .word = WORD_END });
	assert_int_equal(peer_expect_end(host), LINK_END_NORMAL);
	assert_int_equal(peer_expect_end(guest), LINK_END_NORMAL);
	assert_int_equal(peer_expect_end(waiting), LINK_END_NORMAL);
	peer_expect(guest, EVENT_ENDED);
	peer_expect(waiting, EVENT_ENDED);
	late = venue_peer(f);
	peer_join(late, "Di", id, PASSCODE);
	assert_string_equal(peer_expect(late, EVENT_REFUSED)->code, "no-such-meeting");
}

static void relay__needs__a_token_beyond_loopback(void **state)
{
	struct venue *f = *state;
	struct relay_params params = { .address = "0.0.0.0", .certificate = f->certificate, .key = f->key,
				       .token = "open sesame" };
	struct command create = { .word = WORD_CREATE };
	uint8_t proof[256];

	policy_init(&params.policy);
	assert_int_equal(relay_new(f->loop, &params, &f->relay), 0);
	strcpy(f->pin, relay_pin(f->relay));
	strcpy(create.name, "Ann");
	strcpy(create.version, MOOT_VERSION);
	create.count = 6;
	for (int right = 0; right < 2; right++) {
		struct peer *peer = venue_peer(f);

		strcpy(create.token, right ? "open sesame" : "open sesamf");
		memcpy(create.key, peer->identity.key, sizeof create.key);
		identity_sign(&peer->identity, proof, wire_proof(proof, peer->nonce, "", f->pin), create.signature);
		peer_send(peer, &create);
		if (right)
			assert_int_equal(strlen(peer_expect(peer, EVENT_CREATED)->id), 9);
		else
			assert_string_equal(peer_expect(peer, EVENT_REFUSED)->code, "token-needed");
	}
}

/* ---- the room ------------------------------------------------------------------------------------------- */

static void relay__passes_on__chat(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy");
	struct command chat = { .word = WORD_CHAT, .to = TO_EVERYONE };

	strcpy(chat.text, "γειά σου 你好");
	assert_string_equal(peer_ask(bo, &chat), "");
	assert_string_equal(peer_expect(host, EVENT_CHAT)->text, chat.text);
	assert_int_equal(peer_expect(cy, EVENT_CHAT)->from, bo->number);
	chat.to = TO_ONE;
	chat.number = host->number;
	strcpy(chat.text, "to you alone");
	assert_string_equal(peer_ask(bo, &chat), "");
	assert_string_equal(peer_expect(host, EVENT_CHAT)->text, chat.text);
	peer_settle(cy);
	for (size_t i = 0; i < cy->event_count; i++)
		assert_string_not_equal(cy->events[i].text, chat.text);
}

static void relay__forwards__audio_to_all_others(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy");

	for (int i = 0; i < 5; i++)
		peer_frame(bo, STREAM_AUDIO, 30, 0, 60);
	peer_expect_frames(host, STREAM_AUDIO, 5);
	peer_expect_frames(cy, STREAM_AUDIO, 5);
	assert_int_equal(bo->frames[STREAM_AUDIO], 0);
	assert_int_equal(cy->frames_from[bo->number], 5);
}

static void relay__silences__the_muted(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy");
	struct command mute = about(WORD_MUTE, bo);

	assert_string_equal(peer_ask(host, &mute), "");
	peer_expect(bo, EVENT_MUTED);
	/* A client that goes on sending is not heard. */
	for (int i = 0; i < 5; i++)
		peer_frame(bo, STREAM_AUDIO, 10, 0, 60);
	peer_settle(bo);
	peer_frame(cy, STREAM_AUDIO, 30, 0, 60);
	peer_expect_frames(host, STREAM_AUDIO, 1);
	peer_settle(host);
	assert_int_equal(host->frames_from[bo->number], 0);
	assert_int_equal(cy->frames[STREAM_AUDIO], 0);
}

static void relay__forwards__the_loudest_three(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *speakers[5];

	for (int i = 0; i < 5; i++)
		speakers[i] = venue_guest(f, host, "Bo");
	for (int i = 0; i < 3; i++)
		peer_frame(speakers[i], STREAM_AUDIO, (uint8_t)(30 + i), 0, 60);
	peer_expect_frames(host, STREAM_AUDIO, 3);
	peer_frame(speakers[3], STREAM_AUDIO, 30, 0, 60);       /* no louder */
	peer_settle(speakers[3]);
	peer_frame(speakers[4], STREAM_AUDIO, 10, 0, 60);       /* much louder */
	peer_expect_frames(host, STREAM_AUDIO, 4);
	assert_int_equal(host->frames_from[speakers[3]->number], 0);
	assert_int_equal(host->frames_from[speakers[4]->number], 1);
}

static void relay__forwards__pictures_to_who_shows_them(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo"), *cy = venue_guest(f, host, "Cy");

	want(host, bo, 1 << STREAM_CAMERA_SMALL);
	assert_int_equal(peer_expect(bo, EVENT_WANTED)->stream, 1 << STREAM_CAMERA_SMALL);
	assert_int_equal(peer_expect(bo, EVENT_KEYFRAME)->stream, STREAM_CAMERA_SMALL);
	peer_frame(bo, STREAM_CAMERA_SMALL, 127, 0, 300);               /* nothing to hang on */
	peer_frame(bo, STREAM_CAMERA_SMALL, 127, WIRE_KEYFRAME, 3000);
	peer_frame(bo, STREAM_CAMERA_SMALL, 127, 0, 300);
	peer_frame(bo, STREAM_CAMERA_LARGE, 127, WIRE_KEYFRAME, 3000);  /* nobody shows it */
	peer_expect_frames(host, STREAM_CAMERA_SMALL, 2);
	peer_settle(bo);
	peer_settle(host);
	assert_int_equal(host->frames[STREAM_CAMERA_SMALL], 2);
	assert_int_equal(host->frames[STREAM_CAMERA_LARGE], 0);
	assert_int_equal(cy->frames[STREAM_CAMERA_SMALL], 0);
	/* Another one who shows it needs a keyframe, but one was asked for just now. */
	want(cy, bo, 1 << STREAM_CAMERA_SMALL | 1 << STREAM_CAMERA_LARGE);
	assert_int_equal(peer_expect(bo, EVENT_WANTED)->stream, 1 << STREAM_CAMERA_SMALL | 1 << STREAM_CAMERA_LARGE);
	link_cut(cy->link);
	assert_int_equal(peer_expect(bo, EVENT_WANTED)->stream, 1 << STREAM_CAMERA_SMALL);
	want(host, bo, 0);
	assert_int_equal(peer_expect(bo, EVENT_WANTED)->stream, 0);
}

static void relay__drops__pictures_of_those_who_do_not_share(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo");

	want(host, bo, 1 << STREAM_SCREEN);
	peer_expect(bo, EVENT_KEYFRAME);
	peer_frame(bo, STREAM_SCREEN, 127, WIRE_KEYFRAME, 3000);
	peer_settle(bo);
	peer_settle(host);
	assert_int_equal(host->frames[STREAM_SCREEN], 0);
}

/* ---- misbehaviour --------------------------------------------------------------------------------------- */

struct misdeed {
	const char *what, *text;
	size_t n;               /* of a binary message; 0: it is text */
	int end;
};

static const struct misdeed misdeeds[] = {
	{ "no JSON", "hello", 0, LINK_END_BAD_DATA },
	{ "JSON too deep", "{\"x\":[[[[[[1]]]]]]}", 0, LINK_END_BAD_DATA },
	{ "a short frame", "\0\0\1", 3, LINK_END_BAD_DATA },
	{ "an unknown stream", "\0\0\1\11\0\1\0\0\0\0\0\0x", 13, LINK_END_BAD_DATA },
	{ "another's source", "\0\0\1\0\77\77\0\0\0\0\0\0x", 13, LINK_END_POLICY },
};

static void relay__closes__who_sends_rubbish(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f);

	for (size_t i = 0; i < sizeof misdeeds / sizeof *misdeeds; i++) {
		struct peer *guest = venue_guest(f, host, "Bo");

		if (misdeeds[i].n)
			peer_binary(guest, misdeeds[i].text, misdeeds[i].n);
		else
			peer_text(guest, misdeeds[i].text);
		if (peer_expect_end(guest) != misdeeds[i].end)
			fail_msg("%s: %d", misdeeds[i].what, guest->end);
	}
	peer_settle(host);
}

static void relay__closes__who_does_not_begin_at_the_beginning(void **state)
{
	struct venue *f = *state;
	struct peer *a = venue_peer(f), *b = venue_peer(f), *host = venue_host(f);

	peer_text(a, "{\"do\":\"chat\",\"request\":1,\"to\":\"everyone\",\"text\":\"hi\"}");
	assert_string_equal(peer_expect(a, EVENT_ANSWER)->code, "not-in");
	assert_int_equal(peer_expect_end(a), LINK_END_POLICY);
	b->number = 1;
	peer_frame(b, STREAM_AUDIO, 10, 0, 60);
	assert_int_equal(peer_expect_end(b), LINK_END_POLICY);
	/* And twice is once too often. */
	peer_join(host, "Ann", host->id, PASSCODE);
	assert_string_equal(peer_expect(host, EVENT_ANSWER)->code, "bad-command");
	peer_settle(host);
}

static void relay__closes__who_floods(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *bo = venue_guest(f, host, "Bo");
	size_t heard = 0;

	for (int i = 0; i < 2000; i++)
		peer_text(bo, "{\"do\":\"chat\",\"request\":1,\"to\":\"everyone\",\"text\":\"spam\"}");
	assert_int_equal(peer_expect_end(bo), LINK_END_FLOOD);
	peer_settle(host);
	for (size_t i = 0; i < host->event_count; i++)
		heard += host->events[i].kind == EVENT_CHAT;
	assert_in_range(heard, 1, 80);
}

static void relay__closes__who_never_reads(void **state)
{
	struct venue *f = *state;
	struct peer *host = venue_host(f), *slow = venue_guest(f, host, "Slow"), *chatters[40];
	struct command chat = about(WORD_CHAT, slow);

	set_control(host, CONTROL_WAITING_ROOM, 0);
	for (int i = 0; i < 40; i++) {
		chatters[i] = venue_peer(f);
		peer_join(chatters[i], "Chatter", host->id, PASSCODE);
		peer_expect(chatters[i], EVENT_TICKET);
	}
	link_read(slow->link, false);
	chat.to = TO_ONE;
	memset(chat.text, 'x', 4000);
	for (int round = 0; round < 55; round++)
		for (int i = 0; i < 40; i++)
			peer_send(chatters[i], &chat);
	/* The others notice nothing. */
	for (int i = 0; i < 40; i++)
		peer_settle(chatters[i]);
	assert_int_equal(peer_expect(host, EVENT_AWAY)->number, slow->number);
	peer_settle(host);
}

static void relay__stands__many_idle_connections(void **state)
{
	struct venue *f = *state;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(relay_port(f->relay)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct peer *host = venue_host(f);
	int fds[IDLE_LINKS];

	for (int i = 0; i < IDLE_LINKS; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
		assert_true(!connect(fds[i], (struct sockaddr *)&at, sizeof at) || errno == EINPROGRESS);
		if (i % 100 == 0)
			peer_settle(host);
	}
	venue_guest(f, host, "Bo");
	for (int i = 0; i < IDLE_LINKS; i++)
		close(fds[i]);
	peer_settle(host);
}

/* ---- the program ---------------------------------------------------------------------------------------- */

static const char *program(void)
{
	static char path[4096];
	char self[4000];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	assert_true(n > 0);
	self[n] = '\0';
	snprintf(path, sizeof path, "%s/../../moot-relay", dirname(self));
	return path;
}

/* Start it with its output and errors in a pipe. */
static pid_t spawn(char *const argv[], int *out)
{
	int pipe_fds[2];
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (!pid) {
		dup2(pipe_fds[1], 1);
		dup2(pipe_fds[1], 2);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		execv(argv[0], argv);
		_exit(126);
	}
	close(pipe_fds[1]);
	*out = pipe_fds[0];
	return pid;
}

static int exit_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void read_line(int fd, char *line, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
}

static void moot_relay__stops__in_order(void **state)
{
	struct venue *f = *state;
	char *argv[] = { (char *)program(), "--port", "0", "--json", "--home", f->dir, NULL };
	char line[512];
	unsigned port;
	int out;
	pid_t pid;
	int64_t began_us;

	if (access(argv[0], X_OK))
		skip();
	pid = spawn(argv, &out);
	read_line(out, line, sizeof line);
	assert_int_equal(sscanf(line, "{\"event\":\"listening\",\"address\":\"127.0.0.1:%u\",\"pin\":\"%44s", &port, f->pin), 2);
	struct peer *host = f->peers[f->peer_count++] = peer_new(f->loop, "127.0.0.1", (uint16_t)port, f->pin);
	peer_create(host, "Ann");

	/* A second one on this port says so and what to do. */
	char number[8];
	snprintf(number, sizeof number, "%u", port);
	char *again[] = { argv[0], "--port", number, "--home", f->dir, NULL };
	int errors;
	pid_t second = spawn(again, &errors);
	read_line(errors, line, sizeof line);
	assert_non_null(strstr(line, "--port"));
	assert_int_equal(exit_of(second), 1);
	close(errors);

	began_us = loop_now_us();
	kill(pid, SIGTERM);
	assert_string_equal(peer_expect(host, EVENT_ENDED)->code, "relay-stopped");
	assert_int_equal(peer_expect_end(host), LINK_END_GOING_AWAY);
	assert_int_equal(exit_of(pid), 0);
	assert_true(loop_now_us() - began_us < 3000000);
	close(out);
}

static void moot_relay__explains__what_is_wrong(void **state)
{
	struct venue *f = *state;
	struct {
		char *argv[8];
		int status;
		const char *says;
	} cases[] = {
		{ { (char *)program(), "--port", "0", "--certificate", "/nowhere/c.pem", "--key", "/nowhere/k.pem", NULL }, 1,
		  "certificate" },
		{ { (char *)program(), "--port", "0", "--home", "/proc/nowhere", NULL }, 1, "--home" },
		{ { (char *)program(), "--port", "0", "--listen", "192.0.2.1", "--home", f->dir, NULL }, 1, "--listen" },
		{ { (char *)program(), "--port", "70000", NULL }, 2, "--help" },
		{ { (char *)program(), "--token-file", "/nowhere", "--home", f->dir, NULL }, 1, "token" },
		{ { (char *)program(), "--version", NULL }, 0, MOOT_VERSION },
	};
	char line[1024];
	int out;

	if (access(program(), X_OK))
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		pid_t pid = spawn(cases[i].argv, &out);

		read_line(out, line, sizeof line);
		if (!strstr(line, cases[i].says))
			fail_msg("%s: %s", cases[i].says, line);
		assert_int_equal(exit_of(pid), cases[i].status);
		close(out);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, venue_setup, venue_teardown)
#define BARE(test) cmocka_unit_test_setup_teardown(test, venue_setup_bare, venue_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(relay__lets_in__through_the_waiting_room),
		CASE(relay__answers_alike__wrong_id_and_wrong_passcode),
		BARE(relay__slows__guessing),
		CASE(relay__refuses__a_bad_proof),
		CASE(relay__refuses__the_locked_out_and_the_kicked),
		CASE(relay__resumes__a_lost_line),
		CASE(relay__takes_over__a_live_line),
		CASE(relay__knows__the_host_key),
		CASE(relay__ends__a_meeting),
		BARE(relay__needs__a_token_beyond_loopback),
		CASE(relay__passes_on__chat),
		CASE(relay__forwards__audio_to_all_others),
		CASE(relay__silences__the_muted),
		CASE(relay__forwards__the_loudest_three),
		CASE(relay__forwards__pictures_to_who_shows_them),
		CASE(relay__drops__pictures_of_those_who_do_not_share),
		CASE(relay__closes__who_sends_rubbish),
		CASE(relay__closes__who_does_not_begin_at_the_beginning),
		CASE(relay__closes__who_floods),
		CASE(relay__closes__who_never_reads),
		CASE(relay__stands__many_idle_connections),
		BARE(moot_relay__stops__in_order),
		BARE(moot_relay__explains__what_is_wrong),
	};
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
