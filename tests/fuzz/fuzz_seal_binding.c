/* Bindings of any bytes: as they are, and signed by one who may put into their own what they like. What is read is what
 * was signed, in its only encoding. The same bytes as length-value strings, and as the header of a sealed frame: what is
 * read says the same when written again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/binding.h"
#include "net/seal/lv.h"
#include "net/seal/sframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };
static uint8_t ik[SEAL_KEY], ik_secret[64];

static void must(bool good)
{
	if (!good)
		abort();
}

/* Whoever reads it reads the same parts as this. */
static void check(const struct binding *binding, struct seal_bytes sb)
{
	struct lv_reader whole = lv_from(sb.p, sb.n), inner;
	uint8_t again[SEAL_SB], mode = (uint8_t)binding->mode, hash[SEAL_HASH];
	const uint8_t *b, *part[2];
	size_t b_n, n[2];
	struct lv lv = lv_into(again, sizeof again);

	must(binding->sb_n == sb.n && memcmp(binding->sb, sb.p, sb.n) == 0);
	must(seal_hash(hash, sb) == 0 && memcmp(hash, binding->b, sizeof hash) == 0);
	b = lv_read(&whole, &b_n);
	inner = lv_from(b, b_n);
	for (int i = 0; i < 2; i++)
		part[i] = lv_read(&inner, &n[i]);
	lv_bytes(&lv, part[0], n[0]);
	lv_bytes(&lv, part[1], n[1]);
	lv_text(&lv, binding->name);
	lv_bytes(&lv, binding->ik, SEAL_KEY);
	lv_bytes(&lv, binding->ek, SEAL_KEY);
	lv_bytes(&lv, &mode, 1);
	must(!lv.full && lv.n == b_n && memcmp(again, b, b_n) == 0);
}

/* As the inside of a binding, the signer's key put where it goes. */
static void try_signed(const uint8_t *data, size_t size)
{
	uint8_t b[SEAL_SB], sb[2 * SEAL_SB], sig[SEAL_SIG];
	struct lv lv = lv_into(sb, sizeof sb);
	struct binding binding;

	if (size > sizeof b)
		return;
	memcpy(b, data, size);
	/* ... LV(IK) LV(EK) LV(mode) at the end of B: 33 + 33 + 2 bytes. */
	if (size > 68)
		memcpy(b + size - 67, ik, sizeof ik);
	must(seal_sign_for(sig, &meeting, "binding", ik_secret, (struct seal_bytes) { b, size }) == 0);
	lv_bytes(&lv, b, size);
	lv_bytes(&lv, sig, sizeof sig);
	if (binding_read(&binding, &meeting, (struct seal_bytes) { sb, lv.n }) == 0)
		check(&binding, (struct seal_bytes) { sb, lv.n });
}

/* By the program in its first bytes: one kind of reading a byte. */
static void try_lv(const uint8_t *data, size_t size)
{
	static uint8_t again[64 * 1024];
	const size_t steps = size < 8 ? size : 8;
	struct lv_reader reader = lv_from(data + steps, size - steps);
	struct lv lv = lv_into(again, sizeof again);
	uint8_t five[5];
	size_t n;

	for (size_t i = 0; i < steps && !reader.bad; i++) {
		const struct lv_reader before = reader;
		const uint8_t *p;
		uint64_t value;

		lv = lv_into(again, sizeof again);
		switch (data[i] % 5) {
		case 0: value = lv_read_u16(&reader), lv_u16(&lv, (uint16_t)value); break;
		case 1: value = lv_read_u32(&reader), lv_u32(&lv, (uint32_t)value); break;
		case 2: value = lv_read_u64(&reader), lv_u64(&lv, value); break;
		case 3: lv_bytes(&lv, five, lv_read_exactly(&reader, five, sizeof five) ? sizeof five : 0); break;
		default:
			p = lv_read(&reader, &n);
			must(!n || (p >= data && p + n <= data + size));
			lv_bytes(&lv, p, n);
		}
		must(reader.n <= before.n && (reader.bad || reader.p + reader.n == data + size));
		if (!reader.bad)
			must(lv.n == before.n - reader.n && memcmp(again, before.p, lv.n) == 0);
	}
}

static void try_header(const uint8_t *data, size_t size)
{
	uint8_t again[SFRAME_HEADER_MAX];
	uint64_t kid, ctr;
	const int n = sframe_header_read(data, size, &kid, &ctr);

	must(n == -EBADMSG || (n > 0 && (size_t)n <= size && n <= SFRAME_HEADER_MAX));
	if (n > 0)
		must(sframe_header_write(again, kid, ctr) == (size_t)n && memcmp(again, data, (size_t)n) == 0);
}

/* Before the first input, else what it runs through would count as seen by that one. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t seed[32] = { 1 };

	(void)argc;
	(void)argv;
	crypto_sign_seed_keypair(ik, ik_secret, seed);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct binding binding;

	if (binding_read(&binding, &meeting, (struct seal_bytes) { data, size }) == 0)
		check(&binding, (struct seal_bytes) { data, size });
	try_signed(data, size);
	try_lv(data, size);
	try_header(data, size);
	return 0;
}
