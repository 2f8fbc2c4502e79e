/* The four messages: who knows the secret comes through, nobody else, and nothing that was changed, replayed or turned
 * back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "net/seal/join.h"

struct message {
	uint8_t p[JOIN_MESSAGE];
	size_t n;
};

static struct seal_meeting meeting = { "482913775", { 7 } };
static struct seal_self ann, bo;
static struct join_secrets code = { .code = "503117" }, wrong = { .code = "503118" };

static struct seal_bytes of(const struct message *message)
{
	return (struct seal_bytes) { message->p, message->n };
}

static void make(struct seal_self *self, const char *name)
{
	uint8_t ik[32], secret[64];

	crypto_sign_keypair(ik, secret);
	assert_int_equal(seal_self_make(self, &meeting, name, secret, SEAL_MODE_END), 0);
}

static int people(void **state)
{
	(void)state;
	make(&ann, "Ann");
	make(&bo, "Bo");
	return 0;
}

#define TAKE(message, call)                                                                                            \
	do {                                                                                                           \
		int length = call;                                                                                     \
		assert_true(length > 0);                                                                               \
		(message).n = (size_t)length;                                                                          \
	} while (0)

/* As far as PROOF. */
static void up_to_proof(struct join_leader *leader, struct join_joiner *joiner, const struct join_secrets *a,
			const struct join_secrets *b, struct message *proof)
{
	struct message hello, challenge;

	TAKE(hello, join_hello(joiner, &meeting, &bo, b, hello.p));
	TAKE(challenge, join_challenge(leader, &meeting, &ann, a, of(&hello), challenge.p));
	TAKE(*proof, join_proof(joiner, of(&challenge), proof->p));
}

static void join__agrees__by_code_and_by_link(void **state)
{
	struct join_secrets both = code, link = { .has_link = true, .link = "fifteen letters" };
	const struct join_secrets *theirs[] = { &code, &link };

	(void)state;
	both.has_link = true;
	memcpy(both.link, link.link, sizeof(both.link));
	for (int i = 0; i < 2; i++) {
		struct join_leader leader;
		struct join_joiner joiner;
		struct message proof, welcome;

		up_to_proof(&leader, &joiner, &both, theirs[i], &proof);
		TAKE(welcome, join_welcome(&leader, of(&proof), welcome.p));
		assert_int_equal(join_finish(&joiner, of(&welcome)), 0);
		assert_memory_equal(leader.psk, joiner.psk, SEAL_KEY);
		assert_memory_equal(leader.nonce, joiner.nonce, SEAL_MEMBER_NONCE);
		assert_string_equal(leader.joiner.name, "Bo");
		assert_string_equal(joiner.leader.name, "Ann");
		assert_string_equal(joiner.door.name, "moot");
		assert_memory_equal(joiner.leader.b, ann.binding.b, SEAL_HASH);
	}
}

static void join_welcome__refuses__a_wrong_passcode(void **state)
{
	struct join_leader leader;
	struct join_joiner joiner;
	struct message proof, welcome;

	(void)state;
	up_to_proof(&leader, &joiner, &code, &wrong, &proof);
	assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EACCES);
	assert_true(sodium_is_zero(leader.psk, SEAL_KEY));
	/* One guess a run. */
	assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EBADMSG);
}

/* Somebody between who leads a meeting of their own: neither end learns the secret, and the joiner sees it. */
static void join_finish__refuses__a_leader_who_does_not_know(void **state)
{
	struct join_leader leader;
	struct join_joiner joiner;
	struct message proof, welcome, forged;

	(void)state;
	up_to_proof(&leader, &joiner, &wrong, &code, &proof);
	assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EACCES);
	/* A welcome of another run. */
	struct join_leader good;
	struct join_joiner other;
	struct message other_proof;

	up_to_proof(&good, &other, &code, &code, &other_proof);
	TAKE(forged, join_welcome(&good, of(&other_proof), forged.p));
	assert_int_equal(join_finish(&joiner, of(&forged)), -EBADMSG);
}

static void join__refuses__every_changed_byte(void **state)
{
	struct join_leader leader;
	struct join_joiner joiner;
	struct message hello, challenge, proof, welcome;

	(void)state;
	for (size_t i = 0;; i++) {
		TAKE(hello, join_hello(&joiner, &meeting, &bo, &code, hello.p));
		if (i >= hello.n)
			break;
		hello.p[i] ^= 4;
		int n = join_challenge(&leader, &meeting, &ann, &code, of(&hello), challenge.p);

		if (n > 0) { /* the nonce alone: found out one message later */
			challenge.n = (size_t)n;
			TAKE(proof, join_proof(&joiner, of(&challenge), proof.p));
			assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EBADMSG);
		}
	}
	for (size_t i = 0;; i++) {
		TAKE(hello, join_hello(&joiner, &meeting, &bo, &code, hello.p));
		TAKE(challenge, join_challenge(&leader, &meeting, &ann, &code, of(&hello), challenge.p));
		if (i >= challenge.n)
			break;
		challenge.p[i] ^= 4;
		int n = join_proof(&joiner, of(&challenge), proof.p);

		if (n > 0) {
			proof.n = (size_t)n;
			assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EBADMSG);
		}
	}
	for (size_t i = 0;; i++) {
		up_to_proof(&leader, &joiner, &code, &code, &proof);
		if (i >= proof.n)
			break;
		proof.p[i] ^= 4;
		assert_true(join_welcome(&leader, of(&proof), welcome.p) < 0);
	}
	for (size_t i = 0;; i++) {
		up_to_proof(&leader, &joiner, &code, &code, &proof);
		TAKE(welcome, join_welcome(&leader, of(&proof), welcome.p));
		if (i >= welcome.n)
			break;
		welcome.p[i] ^= 4;
		assert_true(join_finish(&joiner, of(&welcome)) < 0);
		assert_true(sodium_is_zero(joiner.psk, SEAL_KEY));
	}
}

static void join__refuses__trailing_bytes_and_cuts(void **state)
{
	struct join_leader leader;
	struct join_joiner joiner;
	struct message hello, challenge, proof, welcome;

	(void)state;
	TAKE(hello, join_hello(&joiner, &meeting, &bo, &code, hello.p));
	for (size_t n = 0; n <= hello.n + 1; n++)
		if (n != hello.n) {
			hello.p[hello.n] = 0;
			assert_int_equal(join_challenge(&leader, &meeting, &ann, &code, (struct seal_bytes) { hello.p, n },
							challenge.p), -EBADMSG);
		}
	up_to_proof(&leader, &joiner, &code, &code, &proof);
	proof.p[proof.n] = 0;
	proof.n++;
	assert_int_equal(join_welcome(&leader, of(&proof), welcome.p), -EBADMSG);
}

static void join__refuses__oneself_and_secrets_one_has_not(void **state)
{
	struct join_leader leader;
	struct join_joiner joiner;
	struct join_secrets none = { .has_link = false }, link = { .has_link = true };
	struct message hello, challenge;

	(void)state;
	assert_int_equal(join_hello(&joiner, &meeting, &bo, &none, hello.p), -ENOKEY);
	TAKE(hello, join_hello(&joiner, &meeting, &ann, &code, hello.p));
	assert_int_equal(join_challenge(&leader, &meeting, &ann, &code, of(&hello), challenge.p), -ELOOP);
	TAKE(hello, join_hello(&joiner, &meeting, &bo, &link, hello.p));
	assert_int_equal(join_challenge(&leader, &meeting, &ann, &code, of(&hello), challenge.p), -ENOKEY);
}

static void join_decoy__looks__like_a_leader(void **state)
{
	struct join_decoy *decoy = join_decoy_new(&meeting, (uint8_t[32]) { 5 }), *again = join_decoy_new(&meeting, (uint8_t[32]) { 5 });
	struct join_leader leader;
	struct join_joiner joiner, second;
	struct message hello, real, fake, proof;

	(void)state;
	TAKE(hello, join_hello(&joiner, &meeting, &bo, &code, hello.p));
	TAKE(real, join_challenge(&leader, &meeting, &ann, &code, of(&hello), real.p));
	TAKE(fake, join_decoy_challenge(decoy, of(&hello), fake.p));
	assert_int_equal(fake.n, real.n);
	TAKE(proof, join_proof(&joiner, of(&fake), proof.p));
	TAKE(hello, join_hello(&second, &meeting, &bo, &code, hello.p));
	TAKE(fake, join_decoy_challenge(again, of(&hello), fake.p));
	TAKE(proof, join_proof(&second, of(&fake), proof.p));
	assert_memory_equal(joiner.door.ik, second.door.ik, SEAL_KEY);
	join_decoy_free(decoy);
	join_decoy_free(again);
}

static void seal_code__is__eight_groups_of_five(void **state)
{
	char a[CODE_SIZE], b[CODE_SIZE];

	(void)state;
	seal_code(a, ann.binding.ik);
	seal_code(b, bo.binding.ik);
	assert_int_equal(strlen(a), 8 * 5 + 7);
	assert_int_equal(strspn(a, "0123456789 "), strlen(a));
	assert_string_not_equal(a, b);
}

static void join_is_host__knows__the_host(void **state)
{
	uint8_t h[32], gate[JOIN_GATE], link[JOIN_LINK] = { 1 };

	(void)state;
	join_host_hash(h, ann.binding.ik);
	assert_true(join_is_host(ann.binding.ik, h));
	assert_false(join_is_host(bo.binding.ik, h));
	assert_int_equal(join_gate(gate, link), 0);
	assert_false(sodium_is_zero(gate, sizeof(gate)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join__agrees__by_code_and_by_link),
		cmocka_unit_test(join_welcome__refuses__a_wrong_passcode),
		cmocka_unit_test(join_finish__refuses__a_leader_who_does_not_know),
		cmocka_unit_test(join__refuses__every_changed_byte),
		cmocka_unit_test(join__refuses__trailing_bytes_and_cuts),
		cmocka_unit_test(join__refuses__oneself_and_secrets_one_has_not),
		cmocka_unit_test(join_decoy__looks__like_a_leader),
		cmocka_unit_test(seal_code__is__eight_groups_of_five),
		cmocka_unit_test(join_is_host__knows__the_host),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, people, NULL);
}
