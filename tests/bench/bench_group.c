/* A rotation of keys with a thousand members: what the leader computes and sends, what a member computes;
 * frames through a group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/group_lead.h"
#include "net/seal/group_media.h"
#include "tests/bench/measure.h"

enum { MANY = 1000, TURNS = 20, FRAMES = 100000 };

struct many {
	struct seal_meeting meeting;
	struct seal_self self[MANY];
	struct group *lead, *member;
	uint8_t psk[SEAL_KEY], nonce[SEAL_MEMBER_NONCE];
	struct rotation last;
	int64_t now_ms;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_group: %s\n", what);
	exit(1);
}

static struct seal_bytes wrap_of(const struct rotation *rotation, uint16_t idx)
{
	for (size_t i = 0; i < rotation->wrap_count; i++)
		if (rotation->wraps[i].idx == idx)
			return SEAL_BYTES(rotation->wraps[i].bytes);
	return (struct seal_bytes) { NULL, 0 };
}

static enum group_verdict tell(struct many *many)
{
	return group_receive(many->member, (struct seal_bytes) { many->last.roster, many->last.roster_bytes },
			     wrap_of(&many->last, 2),
			     (struct seal_bytes) { many->last.listing, many->last.listing_bytes },
			     many->now_ms);
}

static double turn_ms(struct many *many)
{
	const uint64_t from = measure_now_ns();

	rotation_clear(&many->last);
	must(group_rotate(many->lead, &many->last, many->now_ms) == 0, "rotation");
	return (double)(measure_now_ns() - from) / 1e6;
}

/* Bindings, and the meeting's first epoch. */
static void open_meeting(struct many *many)
{
	uint8_t pk[SEAL_KEY], ik[64];

	strcpy(many->meeting.id, "482913775");
	crypto_sign_keypair(pk, ik);
	for (unsigned i = 0; i < MANY; i++)
		must(seal_self_make(&many->self[i], &many->meeting, "A person of the meeting", ik,
				    SEAL_MODE_END) == 0,
		     "keys");
	many->lead = group_new(&many->meeting, &many->self[0], 1, NULL);
	many->member = group_new(&many->meeting, &many->self[1], 2, NULL);
	must(many->lead && many->member && group_lead(many->lead, GROUP_HOST, 0) == 0, "groups");
	turn_ms(many);
}

/* All but the last come in, one of them being followed. */
static void fill(struct many *many)
{
	uint64_t from = measure_now_ns();
	unsigned turns = 0;
	size_t up = 0;
	double ms = 0;

	for (unsigned i = 1; i < MANY; i++)
		must(group_stage_add(
			     many->lead, (uint16_t)(i + 1), GROUP_PARTICIPANT,
			     (struct seal_bytes) { many->self[i].binding.sb, many->self[i].binding.sb_n },
			     many->psk, many->nonce, 0) == 0,
		     "staging");
	printf("leader, %d joins staged (signature checked, X25519)   %8.1f ms\n", MANY - 1,
	       (double)(measure_now_ns() - from) / 1e6);
	group_expect(many->member, many->self[0].binding.b, many->psk, many->nonce);
	must(group_hint(many->member, 1,
			(struct seal_bytes) { many->self[0].binding.sb, many->self[0].binding.sb_n }) == 0,
	     "hint");
	many->now_ms = 2000;
	for (; group_tick(many->lead, many->now_ms) & GROUP_ROTATE; turns++) {
		ms += turn_ms(many);
		up += many->last.roster_bytes + many->last.listing_bytes +
		      many->last.wrap_count * (GROUP_WRAP + 2);
		from = measure_now_ns();
		must(tell(many) == GROUP_ACCEPTED, "joining");
		printf("member, R %u with its joins accepted                    %8.1f ms\n", turns + 1,
		       (double)(measure_now_ns() - from) / 1e6);
	}
	printf("leader, all of them added in %u rotations                %8.1f ms, %zu bytes up\n", turns, ms,
	       up);
}

static void rotate(struct many *many)
{
	double lead[TURNS], member[TURNS];

	for (unsigned i = 0; i < TURNS; i++) {
		uint64_t from;
		many->now_ms += 20000;
		lead[i] = turn_ms(many);
		from = measure_now_ns();
		must(tell(many) == GROUP_ACCEPTED, "following");
		member[i] = (double)(measure_now_ns() - from) / 1e6;
	}
	printf("leader, rotation of %zu members                       %8.1f ms, %zu bytes up (R %zu, wraps "
	       "%zu)\n",
	       group_count(many->lead), measure_median(lead, TURNS),
	       many->last.roster_bytes + many->last.wrap_count * (GROUP_WRAP + 2), many->last.roster_bytes,
	       many->last.wrap_count * (GROUP_WRAP + 2));
	printf("member, rotation accepted                              %8.2f ms, %zu bytes down\n",
	       measure_median(member, TURNS), many->last.roster_bytes + GROUP_WRAP);
}

static void removal(struct many *many)
{
	uint64_t from;
	double ms;

	must(group_stage_remove(many->lead, 500, true, many->now_ms) == 0, "removal");
	ms = turn_ms(many);
	from = measure_now_ns();
	must(tell(many) == GROUP_ACCEPTED, "following");
	printf("removal: leader                                        %8.1f ms; member %.2f ms\n", ms,
	       (double)(measure_now_ns() - from) / 1e6);
}

/* The leader is lost: the successor has no secret in common with anybody yet. */
static void succession(struct many *many)
{
	struct rotation rotation;
	uint64_t from;

	many->now_ms += 40000;
	for (unsigned i = 0; i < MANY; i++)
		group_nonce(many->member, (uint16_t)(i + 1), many->nonce);
	must(group_claim(many->member, many->now_ms) == 0, "claim");
	from = measure_now_ns();
	must(group_rotate(many->member, &rotation, many->now_ms) == 0, "claim");
	printf("change of leader: the successor's first rotation       %8.1f ms, %zu wraps\n",
	       (double)(measure_now_ns() - from) / 1e6, rotation.wrap_count);
	rotation_clear(&rotation);
}

static void frames(struct many *many, size_t n, const char *what)
{
	static uint8_t in[4096], sealed[4096 + GROUP_FRAME_ADDS], out[4096 + GROUP_FRAME_ADDS];
	const uint8_t header[12] = { 0 };
	uint64_t from = measure_now_ns();
	struct group_from who;
	int len = 0;

	many->now_ms += 2000;
	for (unsigned i = 0; i < FRAMES; i++) {
		len = group_seal(many->lead, GROUP_AUDIO, SEAL_BYTES(header), in, n, sealed, sizeof sealed,
				 many->now_ms);
		must(len > 0 && group_open(many->member, 1, GROUP_AUDIO, SEAL_BYTES(header), sealed,
					   (size_t)len, out, sizeof out, &who, many->now_ms) == (int)n,
		     "frames");
	}
	printf("%s of %4zu bytes, sealed and opened                %8.0f ns, %d bytes more\n", what, n,
	       (double)(measure_now_ns() - from) / FRAMES, len - (int)n);
}

int main(void)
{
	struct many *many = calloc(1, sizeof *many);

	must(many != NULL, "memory");
	open_meeting(many);
	fill(many);
	rotate(many);
	frames(many, 80, "voice  ");
	frames(many, 2048, "picture");
	removal(many);
	succession(many);
	group_free(many->lead);
	group_free(many->member);
	rotation_clear(&many->last);
	free(many);
	return 0;
}
