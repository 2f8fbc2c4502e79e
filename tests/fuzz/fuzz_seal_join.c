/* The four messages of the join, of any bytes, against leaders and joiners who are in the middle of it. The first byte
 * chooses the message, and whether the rest is the message itself, or what is changed in an honest one, three bytes a
 * change: where (16 bits; far out: cut there), and what is xored. Who does not know the secret comes through never;
 * what was changed is never taken. A decoy takes the same messages as a leader. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct message {
	uint8_t p[JOIN_MESSAGE];
	size_t n;
};

/* An honest run, as it stands before each of its messages. */
static struct {
	struct seal_self ann, bo;
	struct join_secrets secrets;
	struct join_decoy *decoy;
	struct join_joiner hello_said, proof_said;
	struct join_leader challenge_said;
	struct message message[4];
} honest;

static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };

static void must(bool good)
{
	if (!good)
		abort();
}

static void make(struct seal_self *self, const char *name, uint8_t seed)
{
	uint8_t pk[SEAL_KEY], ik[64], seeds[32] = { seed };

	crypto_sign_seed_keypair(pk, ik, seeds);
	must(seal_self_make(self, &meeting, name, ik, SEAL_MODE_END) == 0);
}

static struct seal_bytes of(const struct message *message)
{
	return (struct seal_bytes) { message->p, message->n };
}

static void took(struct message *message, int n)
{
	must(n > 0);
	message->n = (size_t)n;
}

static void begin(void)
{
	static const uint8_t seed[32] = { 9 };
	struct message *m = honest.message;
	struct join_joiner joiner;
	struct join_leader leader;

	make(&honest.ann, "Ann", 1);
	make(&honest.bo, "Bo", 2);
	honest.secrets = (struct join_secrets) { .has_link = true, .link = { 5 }, .code = "503117" };
	honest.decoy = join_decoy_new(&meeting, seed);
	must(honest.decoy);
	took(&m[0], join_hello(&joiner, &meeting, &honest.bo, &honest.secrets, m[0].p));
	honest.hello_said = joiner;
	took(&m[1], join_challenge(&leader, &meeting, &honest.ann, &honest.secrets, of(&m[0]), m[1].p));
	honest.challenge_said = leader;
	took(&m[2], join_proof(&joiner, of(&m[1]), m[2].p));
	honest.proof_said = joiner;
	took(&m[3], join_welcome(&leader, of(&m[2]), m[3].p));
	must(join_finish(&joiner, of(&m[3])) == 0);
	must(memcmp(joiner.psk, leader.psk, SEAL_KEY) == 0);
}

/* Returns whether it is still the honest one. */
static bool change(struct message *message, const struct message *from, const uint8_t *data, size_t size)
{
	*message = *from;
	for (; size >= 3; data += 3, size -= 3) {
		const size_t at = (size_t)(data[0] << 8 | data[1]);

		if (at < message->n)
			message->p[at] ^= data[2];
		else if (at >= 0xFF00)
			message->n = message->n * (at & 0xFF) / 256;
		else if (message->n < sizeof message->p)
			message->p[message->n++] = data[2];
	}
	return message->n == from->n && memcmp(message->p, from->p, from->n) == 0;
}

/* A decoy refuses just what a leader refuses of a stranger. */
static void try_hello(struct seal_bytes bytes)
{
	struct join_leader leader;
	uint8_t out[JOIN_MESSAGE];
	const int n = join_challenge(&leader, &meeting, &honest.ann, &honest.secrets, bytes, out);
	const int decoy = join_decoy_challenge(honest.decoy, bytes, out);

	must(n > 0 || n == -EBADMSG || n == -ELOOP);
	if (n != -ELOOP)
		must(n > 0 ? decoy == n : decoy == n);
	if (n > 0)
		must(leader.joiner.sb_n > 0 && strlen(leader.joiner.name) <= SEAL_NAME);
}

static void try_challenge(struct seal_bytes bytes)
{
	struct join_joiner joiner = honest.hello_said;
	uint8_t out[JOIN_MESSAGE];
	const int n = join_proof(&joiner, bytes, out);

	must(n > 0 || n == -EBADMSG || n == -ELOOP);
}

static void try_proof(struct seal_bytes bytes, bool same)
{
	struct join_leader leader = honest.challenge_said;
	uint8_t out[JOIN_MESSAGE];

	must((join_welcome(&leader, bytes, out) > 0) == same);
	must(join_welcome(&leader, bytes, out) < 0);
}

static void try_welcome(struct seal_bytes bytes, bool same)
{
	struct join_joiner joiner = honest.proof_said;

	must((join_finish(&joiner, bytes) == 0) == same);
	must(join_finish(&joiner, bytes) < 0);
}

/* Before the first input, else what it runs through would count as seen by that one. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seal_bytes bytes;
	struct message message;
	const struct message *from;
	bool same;

	if (!size)
		return 0;
	from = &honest.message[data[0] & 3];
	bytes = (struct seal_bytes) { data + 1, size - 1 };
	same = size - 1 == from->n && memcmp(data + 1, from->p, from->n) == 0;
	if (data[0] & 4) {
		same = change(&message, from, data + 1, size - 1);
		bytes = of(&message);
	}
	switch (data[0] & 3) {
	case 0: try_hello(bytes); break;
	case 1: try_challenge(bytes); break;
	case 2: try_proof(bytes, same); break;
	default: try_welcome(bytes, same); break;
	}
	return 0;
}
