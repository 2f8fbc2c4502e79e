/* What the end-to-end encryption costs: a frame sealed and opened beside OpenSSL's own figure for AES-256-GCM; from the first
 * byte to the first sound that a newcomer hears; and how long a removal takes until nobody sends under the old keys. The relay
 * is the real program on core 0, the people are real sessions, all of them in this process on core 1.
 *     bench_seal [frames | PEOPLE]         frames, then 2, 50 and 1000 people without arguments */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/identity.h"
#include "net/loop.h"
#include "net/seal/group_lead.h"
#include "net/seal/group_media.h"
#include "net/session.h"
#include "tests/bench/measure.h"
#include "tests/bench/people.h"

enum { FRAMES = 200000, JOINS = 5, WAVE = 16, VOICE = 80, PACKET_US = 20000, PATIENCE_US = 120 * 1000000 };

struct guest {
	struct session *session;
	struct identity identity;
	uint32_t number;
	bool ended;
	uint64_t began_ns, joined_ns, keyed_ns, heard_ns, turned_ns;
};

static struct {
	struct loop *loop;
	pid_t relay;
	char home[200];
	struct invite invite;
	struct guest *guests;
	int people;
	struct loop_timer voice, look, late;
	bool (*done)(void);
	bool speaks;
	uint32_t ticks;
} bench;

/* ---- frames ------------------------------------------------------------------------------------------- */

/* "AES-256-GCM   123456.78k" for one size, out of `openssl speed`. */
static double openssl_ns(size_t n)
{
	char command[160], line[256];
	double kbytes = 0;
	FILE *out;

	snprintf(command, sizeof command, "openssl speed -elapsed -seconds 2 -bytes %zu -aead -evp aes-256-gcm 2>/dev/null", n);
	out = popen(command, "r");
	while (out && fgets(line, sizeof line, out))
		if (sscanf(line, "%*[Aa]%*[Ee]%*[Ss]-256-%*[Gg]%*[Cc]%*[Mm] %lfk", &kbytes) == 1)
			break;
	if (out)
		pclose(out);
	return kbytes > 0 ? (double)n / (kbytes * 1000) * 1e9 : 0;
}

struct pair {
	struct seal_meeting meeting;
	struct seal_self self[2];
	struct group *lead, *member;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_seal: %s\n", what);
	exit(1);
}

static void make_pair(struct pair *pair)
{
	uint8_t pk[SEAL_KEY], ik[64], psk[SEAL_KEY] = { 1 }, nonce[SEAL_MEMBER_NONCE] = { 1 };
	struct rotation rotation;

	memset(pair, 0, sizeof *pair);
	snprintf(pair->meeting.id, sizeof pair->meeting.id, "482913775");
	crypto_sign_keypair(pk, ik);
	for (int i = 0; i < 2; i++)
		must(!seal_self_make(&pair->self[i], &pair->meeting, "Somebody", ik, SEAL_MODE_END), "keys");
	pair->lead = group_new(&pair->meeting, &pair->self[0], 1, NULL);
	pair->member = group_new(&pair->meeting, &pair->self[1], 2, NULL);
	must(pair->lead && pair->member && !group_lead(pair->lead, GROUP_HOST, 0) && !group_rotate(pair->lead, &rotation, 0), "a group");
	rotation_clear(&rotation);
	must(!group_stage_add(pair->lead, 2, GROUP_PARTICIPANT,
			      (struct seal_bytes) { pair->self[1].binding.sb, pair->self[1].binding.sb_n }, psk, nonce, 0) &&
		     !group_rotate(pair->lead, &rotation, 2000),
	     "a member");
	group_expect(pair->member, pair->self[0].binding.b, psk, nonce);
	group_hint(pair->member, 1, (struct seal_bytes) { pair->self[0].binding.sb, pair->self[0].binding.sb_n });
	must(group_receive(pair->member, (struct seal_bytes) { rotation.roster, rotation.roster_bytes },
			   SEAL_BYTES(rotation.wraps[0].bytes), (struct seal_bytes) { rotation.listing, rotation.listing_bytes },
			   2000) == GROUP_ACCEPTED,
	     "its keys");
	rotation_clear(&rotation);
}

static void frames_of(struct pair *pair, const char *what, size_t n)
{
	static uint8_t in[4096], out[4096 + GROUP_FRAME_ADDS];
	const uint8_t header[9] = { 0 };
	const double openssl = openssl_ns(n);
	uint8_t *sealed = malloc((size_t)FRAMES * (n + GROUP_FRAME_ADDS));
	static uint16_t length[FRAMES];
	double seal[3], open[3];
	struct group_from from;
	int len = 0;

	must(sealed != NULL, "memory");
	for (int run = 0; run < 3; run++) {
		const size_t step = n + GROUP_FRAME_ADDS;
		uint64_t start = measure_now_ns();

		for (int i = 0; i < FRAMES; i++)
		{
			len = group_seal(pair->lead, GROUP_AUDIO, SEAL_BYTES(header), in, n, sealed + (size_t)i * step, step, 5000);
			must(len > 0, "sealing");
			length[i] = (uint16_t)len;
		}
		seal[run] = (double)(measure_now_ns() - start) / FRAMES;
		start = measure_now_ns();
		for (int i = 0; i < FRAMES; i++)
			must(group_open(pair->member, 1, GROUP_AUDIO, SEAL_BYTES(header), sealed + (size_t)i * step, length[i], out,
					sizeof out, &from, 5000) == (int)n,
			     "opening");
		open[run] = (double)(measure_now_ns() - start) / FRAMES;
	}
	printf("%s %5zu | %6.0f | %6.0f | %6.0f | %5.2f | %5.2f | %d\n", what, n, measure_median(seal, 3), measure_median(open, 3), openssl,
	       openssl > 0 ? measure_median(seal, 3) / openssl : 0, openssl > 0 ? measure_median(open, 3) / openssl : 0, len - (int)n);
	free(sealed);
}

static void frames(void)
{
	static struct pair pair;

	make_pair(&pair);
	printf("frame, bytes  |  seal  |  open  | openssl | seal/openssl | open/openssl | bytes more   (ns each, medians of 3)\n");
	frames_of(&pair, "voice  ", VOICE);
	frames_of(&pair, "picture", 2048);
	group_free(pair.lead);
	group_free(pair.member);
}

/* ---- a relay, and people ------------------------------------------------------------------------------ */

static void end_relay(void)
{
	if (bench.relay <= 0)
		return;
	kill(bench.relay, SIGTERM);
	waitpid(bench.relay, NULL, 0);
	bench.relay = 0;
}

static void start_relay(void)
{
	char line[512], pin[LINK_PIN_SIZE];
	int out[2], port;
	size_t n = 0;

	snprintf(bench.home, sizeof bench.home, "%.60s/relay", bench_dir());
	must(!pipe(out), "a pipe");
	bench.relay = fork();
	must(bench.relay >= 0, "a process");
	if (!bench.relay) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		measure_pin(0, 0);
		dup2(out[1], 1);
		execl(bench_program("moot-relay"), "moot-relay", "--port", "0", "--json", "--log-level", "error", "--home", bench.home,
		      (char *)NULL);
		_exit(127);
	}
	atexit(end_relay);
	close(out[1]);
	while (n + 1 < sizeof line && read(out[0], line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	must(sscanf(line, "{\"event\":\"listening\",\"address\":\"127.0.0.1:%d\",\"pin\":\"%44[^\"]", &port, pin) == 2,
	     "moot-relay does not start; is it built?");
	memset(&bench.invite, 0, sizeof bench.invite);
	snprintf(bench.invite.host, sizeof bench.invite.host, "127.0.0.1");
	bench.invite.port = (uint16_t)port;
	snprintf(bench.invite.pin, sizeof bench.invite.pin, "%s", pin);
}

static void look(void)
{
	if (bench.done && bench.done()) {
		bench.done = NULL;
		loop_stop(bench.loop);
	}
}

static void on_event(void *arg, const struct event *event)
{
	struct guest *guest = arg;

	if (event->kind == EVENT_JOINED) {
		guest->number = event->number;
		guest->joined_ns = measure_now_ns();
	}
	if (event->kind == EVENT_SECURITY && !guest->keyed_ns &&
	    (event->count == SECURITY_VERIFIED || event->count == SECURITY_NOT_VERIFIED))
		guest->keyed_ns = measure_now_ns();
	if (event->kind == EVENT_REFUSED || (event->kind == EVENT_SECURITY && event->count == SECURITY_PAUSED))
		fprintf(stderr, "bench_seal: person %u: %s %s\n", guest->number, event->code, event->text);
	look();
}

static void on_media(void *arg, const struct wire_frame *frame)
{
	struct guest *guest = arg;

	(void)frame;
	if (!guest->heard_ns) {
		guest->heard_ns = measure_now_ns();
		look();
	}
}

static void on_keys(void *arg)
{
	((struct guest *)arg)->turned_ns = measure_now_ns();
	look();
}

static void on_trust(void *arg, enum trust trust, const char *relay, const char *pin)
{
	(void)trust, (void)relay, (void)pin;
	session_trust(((struct guest *)arg)->session, true);
}

static void on_line(void *arg, unsigned attempt, const char *why)
{
	(void)arg, (void)attempt, (void)why;
}

static void on_end(void *arg, int status, const char *text)
{
	((struct guest *)arg)->ended = true;
	look();
	if (status && status != 6)
		fprintf(stderr, "bench_seal: somebody's session ended: %s\n", text);
}

static const struct session_ops ops = {
	.on_event = on_event, .on_media = on_media, .on_trust = on_trust, .on_line = on_line, .on_end = on_end, .on_keys = on_keys,
};

static void enter(struct guest *guest, const char *name)
{
	struct session_params params = {
		.invite = bench.invite,
		.create = guest == bench.guests,
		.identity = &guest->identity,
		.known_relays = "/dev/null",
		.name = name,
		.kind = KIND_HEADLESS,
		.mic = MIC_ON,
	};

	memset(guest, 0, sizeof *guest);
	must(!identity_guest(&guest->identity), "a key");
	guest->began_ns = measure_now_ns();
	guest->session = session_new(bench.loop, &params, &ops, guest);
	must(guest->session != NULL, "a session");
}

static void on_late(void *arg)
{
	int in = 0, keyed = 0;

	(void)arg;
	for (int i = 0; i < bench.people; i++) {
		in += bench.guests[i].joined_ns > 0;
		keyed += bench.guests[i].keyed_ns > 0;
	}
	fprintf(stderr, "bench_seal: this takes too long: %d are in, %d have keys\n", in, keyed);
	exit(1);
}

static void run_until(bool (*done)(void))
{
	bench.late = (struct loop_timer) { .fn = on_late };
	loop_timer_set(bench.loop, &bench.late, PATIENCE_US);
	bench.done = done;
	if (!done())
		loop_run(bench.loop);
	bench.done = NULL;
	loop_timer_cancel(bench.loop, &bench.late);
}

static void on_stop(void *arg)
{
	(void)arg;
	loop_stop(bench.loop);
}

static void run_for(int64_t us)
{
	struct loop_timer stop = { .fn = on_stop };

	loop_timer_set(bench.loop, &stop, us);
	loop_run(bench.loop);
}

/* The host speaks. */
static void on_voice(void *arg)
{
	static const uint8_t packet[VOICE] = { 1 };
	struct wire_frame frame = { .stream = STREAM_AUDIO, .level = 20, .payload = packet, .payload_bytes = sizeof packet };

	(void)arg;
	frame.timestamp = bench.ticks++ * 960;
	if (bench.speaks)
		session_media(bench.guests[0].session, &frame);
	loop_timer_set(bench.loop, &bench.voice, PACKET_US);
}

static bool all_keyed(void)
{
	for (int i = 0; i < bench.people; i++)
		if (bench.guests[i].session && !bench.guests[i].keyed_ns)
			return false;
	return true;
}

static bool last_heard(void)
{
	return bench.guests[bench.people - 1].heard_ns > 0;
}

static bool last_ended(void)
{
	return bench.guests[bench.people - 1].ended;
}

static uint64_t asked_ns;

static bool all_turned(void)
{
	for (int i = 0; i < bench.people - 1; i++)
		if (bench.guests[i].session && bench.guests[i].turned_ns < asked_ns)
			return false;
	return true;
}

static void open_door(void)
{
	struct command set = { .word = WORD_SET, .control = CONTROL_WAITING_ROOM, .value = 0 };

	must(session_command(bench.guests[0].session, &set) > 0, "the door");
	bench.invite = *session_invite(bench.guests[0].session);
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void fill(int people)
{
	uint64_t start = measure_now_ns();
	char name[32];
	int all = people - 1;

	bench.people = 1;
	enter(&bench.guests[0], "Host");
	run_until(all_keyed);
	open_door();
	run_for(200000);
	for (int i = 1; i < all; i++) {
		snprintf(name, sizeof name, "Person %d", i);
		enter(&bench.guests[i], name);
		bench.people = i + 1;
		if (i % WAVE == 0)
			run_until(all_keyed);
	}
	run_until(all_keyed);
	if (all > 1)
		printf("%5d people have keys %.1f s after the first came\n", all, ms(measure_now_ns() - start) / 1e3);
	run_for(3000000);
}

static void joins(int people)
{
	double joined[JOINS], keyed[JOINS], heard[JOINS];
	struct guest *guest = &bench.guests[people - 1];

	bench.people = people;
	for (int i = 0; i < JOINS; i++) {
		enter(guest, "Last");
		run_until(last_heard);
		joined[i] = ms(guest->joined_ns - guest->began_ns);
		keyed[i] = ms(guest->keyed_ns - guest->began_ns);
		heard[i] = ms(guest->heard_ns - guest->began_ns);
		if (i + 1 < JOINS)
		{
			session_leave(guest->session);
			run_until(last_ended);
			session_free(guest->session);
			guest->session = NULL;
		}
		run_for(4000000);
	}
	printf("%5d people: from connecting to seated %6.0f ms, to the keys %6.0f ms, to the first sound %6.0f ms (medians of %d)\n",
	       people, measure_median(joined, JOINS), measure_median(keyed, JOINS), measure_median(heard, JOINS), JOINS);
}

/* The last one is removed: when does the last of the others send under other keys? */
static void removal(int people)
{
	struct command kick = { .word = WORD_KICK, .number = bench.guests[people - 1].number };
	uint64_t last = 0;

	asked_ns = measure_now_ns();
	must(session_command(bench.guests[0].session, &kick) > 0, "a removal");
	run_until(all_turned);
	for (int i = 0; i < people - 1; i++)
		if (bench.guests[i].turned_ns > last)
			last = bench.guests[i].turned_ns;
	printf("%5d people: a removal; the leader sends under new keys after %.0f ms, the last of all after %.0f ms\n", people,
	       ms(bench.guests[0].turned_ns - asked_ns), ms(last - asked_ns));
}

static void meeting(int people)
{
	bench.loop = loop_new();
	bench.guests = calloc((size_t)people, sizeof *bench.guests);
	must(bench.loop && bench.guests, "memory");
	start_relay();
	bench.voice = (struct loop_timer) { .fn = on_voice };
	loop_timer_set(bench.loop, &bench.voice, PACKET_US);
	bench.speaks = false;
	fill(people);
	bench.speaks = true;
	joins(people);
	if (people > 2)
		removal(people);
	loop_timer_cancel(bench.loop, &bench.voice);
	for (int i = 0; i < people; i++)
		session_free(bench.guests[i].session);
	end_relay();
	loop_free(bench.loop);
	free(bench.guests);
}

int main(int argc, char **argv)
{
	static const int sizes[] = { 2, 50, 1000 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	measure_raise_files();
	must(sodium_init() >= 0, "libsodium");
	if (argc > 1 && strcmp(argv[1], "frames") != 0) {
		measure_pin(0, 1);
		meeting(atoi(argv[1]) < 2 ? 2 : atoi(argv[1]));
		return 0;
	}
	frames();
	if (argc > 1)
		return 0;
	fflush(stdout);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const pid_t child = fork();

		if (!child) {
			measure_pin(0, 1);
			meeting(sizes[i]);
			fflush(stdout);
			exit(0);
		}
		must(child > 0 && waitpid(child, NULL, 0) == child, "a process");
	}
	return 0;
}
