/* The primitives and what is made of them, against published vectors where there are any. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "net/seal/binding.h"
#include "net/seal/cpace.h"
#include "net/seal/lv.h"
#include "net/seal/sframe.h"
#include "tests/net/vectors.h"

#define SFRAME "tests/fixtures/sframe/vectors.json"
#define CPACE  "tests/fixtures/cpace/vectors.json"

/* ---- LV ----------------------------------------------------------------------------------------------------- */

static void lv_bytes__writes__as_the_vectors(void **state)
{
	json_t *all = vectors_load(CPACE), *table = json_array_get(json_object_get(all, "string_functions"), 0);
	uint8_t want[512], text[128], out[512];
	struct lv lv;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	for (size_t count = 127; count <= 128; count++) {
		char key[64];

		snprintf(key, sizeof(key), "prepend_len(bytes(range(%zu)))", count);
		n = vectors_hex(table, key, want, sizeof(want));
		lv = lv_into(out, sizeof(out));
		lv_bytes(&lv, text, count);
		assert_int_equal(lv.n, n);
		assert_memory_equal(out, want, n);
	}
	table = json_array_get(json_object_get(all, "string_functions"), 1);
	n = vectors_hex(table, "lv_cat(b'1234',b'5',b'',b'678')", want, sizeof(want));
	lv = lv_into(out, sizeof(out));
	lv_text(&lv, "1234");
	lv_text(&lv, "5");
	lv_text(&lv, "");
	lv_text(&lv, "678");
	assert_int_equal(lv.n, n);
	assert_memory_equal(out, want, n);
	json_decref(all);
}

static void lv_read__takes__one_encoding_only(void **state)
{
	static const struct {
		const char *hex;
		bool good;
	} rows[] = {
		{ "00", true },	    { "0141", true },	   { "", false },	{ "0241", false }, { "8000", false },
		{ "818000", false }, { "8100", false },	   { "ffffffff7f", false }, { "ffffffffffff7f", false }, { "80", false },
		{ "014142", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[16];
		size_t n, got;
		struct lv_reader reader;

		assert_int_equal(sodium_hex2bin(bytes, sizeof(bytes), rows[i].hex, strlen(rows[i].hex), NULL, &n, NULL), 0);
		reader = lv_from(bytes, n);
		lv_read(&reader, &got);
		assert_int_equal(lv_done(&reader), rows[i].good);
	}
}

static void lv_bytes__says__when_it_is_full(void **state)
{
	uint8_t out[4];
	struct lv lv = lv_into(out, sizeof(out));

	(void)state;
	lv_bytes(&lv, "abc", 3);
	assert_false(lv.full);
	lv_bytes(&lv, "", 0);
	assert_true(lv.full);
	assert_int_equal(lv.n, 4);
}

/* ---- CPace --------------------------------------------------------------------------------------------------- */

static void cpace_generator__is__the_vectors(void **state)
{
	json_t *all = vectors_load(CPACE), *it = json_object_get(all, "calculate_generator");
	uint8_t prs[64], ci[64], sid[64], want[32], g[32];
	size_t prs_n = vectors_hex(it, "PRS", prs, sizeof(prs)), ci_n = vectors_hex(it, "CI", ci, sizeof(ci)),
	       sid_n = vectors_hex(it, "sid", sid, sizeof(sid));

	(void)state;
	vectors_hex(it, "encoded generator g", want, sizeof(want));
	assert_int_equal(cpace_generator(g, (struct seal_bytes) { prs, prs_n }, (struct seal_bytes) { ci, ci_n },
					 (struct seal_bytes) { sid, sid_n }), 0);
	assert_memory_equal(g, want, 32);
	json_decref(all);
}

static void cpace__runs__as_the_vectors(void **state)
{
	json_t *all = vectors_load(CPACE), *it = json_object_get(all, "run");
	uint8_t sid[64], g[32], ya[32], yb[32], point[32], want[32], k[32], ya_point[32], yb_point[32], ada[16], adb[16], isk[64],
		want_isk[64];
	size_t sid_n = vectors_hex(it, "sid", sid, sizeof(sid)), ada_n = vectors_hex(it, "ADa", ada, sizeof(ada)),
	       adb_n = vectors_hex(it, "ADb", adb, sizeof(adb));

	(void)state;
	vectors_hex(it, "g", g, sizeof(g));
	vectors_hex(it, "ya", ya, sizeof(ya));
	vectors_hex(it, "yb", yb, sizeof(yb));
	vectors_hex(it, "Ya", ya_point, sizeof(ya_point));
	vectors_hex(it, "Yb", yb_point, sizeof(yb_point));
	vectors_hex(it, "K", want, sizeof(want));
	vectors_hex(it, "ISK_IR", want_isk, sizeof(want_isk));
	assert_int_equal(cpace_multiply(point, ya, g), 0);
	assert_memory_equal(point, ya_point, 32);
	assert_int_equal(cpace_multiply(point, yb, g), 0);
	assert_memory_equal(point, yb_point, 32);
	assert_int_equal(cpace_multiply(k, ya, yb_point), 0);
	assert_memory_equal(k, want, 32);
	assert_int_equal(cpace_multiply(k, yb, ya_point), 0);
	assert_memory_equal(k, want, 32);
	assert_int_equal(cpace_key(isk, (struct seal_bytes) { sid, sid_n }, k, ya_point, (struct seal_bytes) { ada, ada_n }, yb_point,
				   (struct seal_bytes) { adb, adb_n }), 0);
	assert_memory_equal(isk, want_isk, 64);
	json_decref(all);
}

static void cpace_multiply__aborts__on_bad_points(void **state)
{
	json_t *all = vectors_load(CPACE), *it = json_object_get(all, "points"), *valid = json_object_get(it, "Valid");
	uint8_t s[32], x[32], want[32], out[32], neutral[32] = { 0 };

	(void)state;
	vectors_hex(valid, "s", s, sizeof(s));
	vectors_hex(valid, "X", x, sizeof(x));
	vectors_hex(valid, "G.scalar_mult_vfy(s,X)", want, sizeof(want));
	assert_int_equal(cpace_multiply(out, s, x), 0);
	assert_memory_equal(out, want, 32);
	vectors_hex(it, "Invalid Y1", x, sizeof(x));
	assert_int_equal(cpace_multiply(out, s, x), -EBADMSG);
	assert_int_equal(cpace_multiply(out, s, neutral), -EBADMSG);
	json_decref(all);
}

static void x25519__refuses__points_of_low_order(void **state)
{
	json_t *all = vectors_load(CPACE), *list = json_object_get(all, "x25519_scalar_mult_vfy"), *it;
	uint8_t s[32], u[32], want[32], out[32];
	size_t i;

	(void)state;
	assert_true(json_array_size(list) > 0);
	json_array_foreach(list, i, it) {
		bool abort_it = json_is_true(json_object_get(it, "must_abort"));

		vectors_hex(it, "s", s, sizeof(s));
		vectors_hex(it, "u", u, sizeof(u));
		vectors_hex(it, "result", want, sizeof(want));
		assert_int_equal(seal_x25519(out, s, u), abort_it ? -EBADMSG : 0);
		if (!abort_it)
			assert_memory_equal(out, want, 32);
	}
	json_decref(all);
}

static void cpace_scalar__is__below_the_order(void **state)
{
	uint8_t scalar[32];

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(cpace_scalar(scalar), 0);
		assert_int_equal(scalar[31] & 0xF0, 0);
	}
}

/* ---- SFrame ---------------------------------------------------------------------------------------------------- */

static void sframe_header__is__the_vectors(void **state)
{
	json_t *all = vectors_load(SFRAME), *list = json_object_get(all, "header"), *it;
	size_t i;

	(void)state;
	assert_true(json_array_size(list) > 100);
	json_array_foreach(list, i, it) {
		uint8_t want[SFRAME_HEADER_MAX], out[SFRAME_HEADER_MAX];
		size_t n = vectors_hex(it, "encoded", want, sizeof(want));
		uint64_t kid = vectors_u64(it, "kid"), ctr = vectors_u64(it, "ctr"), got_kid, got_ctr;

		assert_int_equal(sframe_header_write(out, kid, ctr), n);
		assert_memory_equal(out, want, n);
		assert_int_equal(sframe_header_read(want, n, &got_kid, &got_ctr), n);
		assert_true(got_kid == kid && got_ctr == ctr);
		assert_int_equal(sframe_header_read(want, n - 1, &got_kid, &got_ctr), -EBADMSG);
	}
	json_decref(all);
}

static void sframe_header_read__refuses__longer_forms(void **state)
{
	static const uint8_t longer[][4] = { { 0x80, 7 }, { 0x08, 0 }, { 0x90, 0, 9 }, { 0x99, 1, 1, 0 } };
	uint64_t kid, ctr;

	(void)state;
	assert_int_equal(sframe_header_read(longer[0], 2, &kid, &ctr), -EBADMSG);
	assert_int_equal(sframe_header_read(longer[1], 2, &kid, &ctr), -EBADMSG);
	assert_int_equal(sframe_header_read(longer[2], 3, &kid, &ctr), -EBADMSG);
	assert_int_equal(sframe_header_read(longer[3], 4, &kid, &ctr), -EBADMSG);
	assert_int_equal(sframe_header_read(longer[0], 0, &kid, &ctr), -EBADMSG);
}

static void sframe__derives_and_seals__as_the_vectors(void **state)
{
	json_t *all = vectors_load(SFRAME), *list = json_object_get(all, "sframe"), *it;
	size_t i, checked = 0;

	(void)state;
	json_array_foreach(list, i, it) {
		uint8_t base[64], want[256], metadata[64], pt[64], out[256], back[64], nonce[12];
		size_t base_n = vectors_hex(it, "base_key", base, sizeof(base)), n,
		       metadata_n = vectors_hex(it, "metadata", metadata, sizeof(metadata)), pt_n = vectors_hex(it, "pt", pt, 64);
		uint64_t kid = vectors_u64(it, "kid"), ctr = vectors_u64(it, "ctr"), number = vectors_u64(it, "cipher_suite");
		struct seal_bytes meta = { metadata, metadata_n };
		struct sframe_material material;
		struct sframe_key *key;

		if (number != 4 && number != 5)
			continue;
		checked++;
		assert_int_equal(sframe_derive(&material, (enum sframe_suite)number, kid, base, base_n), 0);
		n = vectors_hex(it, "sframe_secret", want, sizeof(want));
		assert_int_equal(n, material.secret_n);
		assert_memory_equal(material.secret, want, n);
		n = vectors_hex(it, "sframe_key", want, sizeof(want));
		assert_int_equal(n, material.key_n);
		assert_memory_equal(material.key, want, n);
		vectors_hex(it, "sframe_salt", want, sizeof(want));
		assert_memory_equal(material.salt, want, 12);
		vectors_hex(it, "nonce", want, sizeof(want));
		sframe_nonce(nonce, material.salt, ctr);
		assert_memory_equal(nonce, want, 12);
		key = sframe_key_new((enum sframe_suite)number, kid, base, base_n);
		n = vectors_hex(it, "ct", want, sizeof(want));
		assert_int_equal(sframe_seal(key, ctr, meta, pt, pt_n, out, sizeof(out)), n);
		assert_memory_equal(out, want, n);
		assert_int_equal(sframe_open(key, meta, out, n, back, sizeof(back)), pt_n);
		assert_memory_equal(back, pt, pt_n);
		sframe_key_free(key);
	}
	assert_true(checked > 0);
	json_decref(all);
}

static void sframe_open__refuses__what_was_changed(void **state)
{
	uint8_t base[64] = { 1 }, frame[128], out[128], text[40] = "hello";
	struct sframe_key *key = sframe_key_new(SFRAME_AES_256_GCM_SHA512, 5000, base, sizeof(base)),
			  *other = sframe_key_new(SFRAME_AES_256_GCM_SHA512, 5001, base, sizeof(base));
	struct seal_bytes meta = { "header", 6 };
	int n = sframe_seal(key, UINT64_MAX, meta, text, sizeof(text), frame, sizeof(frame));

	(void)state;
	assert_true(n > 0);
	assert_int_equal(sframe_open(key, meta, frame, (size_t)n, out, sizeof(out)), sizeof(text));
	for (int i = 0; i < n; i++) {
		frame[i] ^= 0x10;
		assert_true(sframe_open(key, meta, frame, (size_t)n, out, sizeof(out)) < 0);
		frame[i] ^= 0x10;
	}
	assert_int_equal(sframe_open(key, (struct seal_bytes) { "headeR", 6 }, frame, (size_t)n, out, sizeof(out)), -EBADMSG);
	assert_int_equal(sframe_open(other, meta, frame, (size_t)n, out, sizeof(out)), -EBADMSG);
	for (size_t cut = 0; cut < (size_t)n; cut++)
		assert_int_equal(sframe_open(key, meta, frame, cut, out, sizeof(out)), -EBADMSG);
	assert_int_equal(sframe_seal(key, 0, meta, text, sizeof(text), frame, 40), -ENOSPC);
	/* In the place where it lies. */
	memcpy(frame, text, sizeof(text));
	n = sframe_seal(key, 1, meta, frame, sizeof(text), frame, sizeof(frame));
	assert_int_equal(sframe_open(key, meta, frame, (size_t)n, frame, sizeof(frame)), sizeof(text));
	assert_memory_equal(frame, text, sizeof(text));
	sframe_key_free(key);
	sframe_key_free(other);
}

/* ---- bindings ------------------------------------------------------------------------------------------------------- */

static void binding__reads__what_was_made(void **state)
{
	struct seal_meeting meeting = { "482913775", { 1, 2, 3 } }, other = { "482913775", { 9 } };
	struct seal_self self;
	struct binding binding;
	uint8_t ik[32], secret[64], sb[SEAL_SB];

	(void)state;
	crypto_sign_keypair(ik, secret);
	assert_int_equal(seal_self_make(&self, &meeting, "Ελένη", secret, SEAL_MODE_END), 0);
	assert_int_equal(binding_read(&binding, &meeting, (struct seal_bytes) { self.binding.sb, self.binding.sb_n }), 0);
	assert_string_equal(binding.name, "Ελένη");
	assert_memory_equal(binding.ik, ik, 32);
	assert_memory_equal(binding.ek, self.binding.ek, 32);
	assert_memory_equal(binding.b, self.binding.b, SEAL_HASH);
	/* Another run of the meeting, a changed byte, a byte more. */
	assert_int_equal(binding_read(&binding, &other, (struct seal_bytes) { self.binding.sb, self.binding.sb_n }), -EBADMSG);
	for (size_t i = 0; i < self.binding.sb_n; i++) {
		memcpy(sb, self.binding.sb, self.binding.sb_n);
		sb[i] ^= 1;
		assert_int_equal(binding_read(&binding, &meeting, (struct seal_bytes) { sb, self.binding.sb_n }), -EBADMSG);
	}
	memcpy(sb, self.binding.sb, self.binding.sb_n);
	sb[self.binding.sb_n] = 0;
	assert_int_equal(binding_read(&binding, &meeting, (struct seal_bytes) { sb, self.binding.sb_n + 1u }), -EBADMSG);
	assert_int_equal(seal_self_make(&self, &meeting, "", secret, SEAL_MODE_END), -EINVAL);
	assert_int_equal(seal_self_make(&self, &meeting, "a\nb", secret, SEAL_MODE_END), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lv_bytes__writes__as_the_vectors),
		cmocka_unit_test(lv_read__takes__one_encoding_only),
		cmocka_unit_test(lv_bytes__says__when_it_is_full),
		cmocka_unit_test(cpace_generator__is__the_vectors),
		cmocka_unit_test(cpace__runs__as_the_vectors),
		cmocka_unit_test(cpace_multiply__aborts__on_bad_points),
		cmocka_unit_test(x25519__refuses__points_of_low_order),
		cmocka_unit_test(cpace_scalar__is__below_the_order),
		cmocka_unit_test(sframe_header__is__the_vectors),
		cmocka_unit_test(sframe_header_read__refuses__longer_forms),
		cmocka_unit_test(sframe__derives_and_seals__as_the_vectors),
		cmocka_unit_test(sframe_open__refuses__what_was_changed),
		cmocka_unit_test(binding__reads__what_was_made),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
