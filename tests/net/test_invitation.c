#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/invitation.h"

#define LINK "moot://meet.example:45551/482-913-775#k=8PHy8_T19vf4-fr7_P3-_w"
#define CODE "12345-67890-12345-67890"

/* Cheap to open: sealed by hand after the layout in the header, with parameters of one's own. */
struct recipe {
	const char *magic; /* 6 bytes */
	unsigned ops;
	uint32_t mem_kib;
	const char *text;
	size_t padded;
};

static const struct recipe cheap = { "MOOT\x01\x01", 1, 8, LINK, 128 };

static size_t bake(uint8_t bytes[static INVITATION_BYTES], const struct recipe *recipe)
{
	uint8_t key[32], plain[INVITATION_BYTES] = { 0 }, hash[16];
	const char *digits = "12345678901234567890";
	unsigned long long sealed;

	assert_true(sodium_init() >= 0);
	memset(bytes, 7, 52);
	memcpy(bytes, recipe->magic, 6);
	bytes[6] = (uint8_t)(recipe->ops >> 8);
	bytes[7] = (uint8_t)recipe->ops;
	for (int i = 0; i < 4; i++)
		bytes[8 + i] = (uint8_t)(recipe->mem_kib >> (24 - 8 * i));
	memset(key, 0, sizeof(key));
	if (recipe->mem_kib >= 8 && recipe->mem_kib <= 64 && recipe->ops >= 1 && recipe->ops <= 10)
		assert_int_equal(crypto_pwhash(key, 32, digits, 20, bytes + 12, recipe->ops, recipe->mem_kib * 1024,
					       crypto_pwhash_ALG_ARGON2ID13),
				 0);
	memcpy(plain, recipe->text, strlen(recipe->text));
	crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + 52, &sealed, plain, recipe->padded, bytes, 52, NULL, bytes + 28,
						   key);
	crypto_generichash(hash, 16, bytes, 52 + sealed, NULL, 0);
	memcpy(bytes + 52 + sealed, hash, 8);
	return 52 + (size_t)sealed + 8;
}

/* In lines of 64, each with this before and after. */
static size_t wrap(char *dst, size_t size, const uint8_t *bytes, size_t n, const char *before, const char *after)
{
	char base64[1024];
	size_t used;

	sodium_bin2base64(base64, sizeof(base64), bytes, n, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	used = (size_t)snprintf(dst, size, "%s-----BEGIN MOOT INVITATION-----%s", before, after);
	for (size_t i = 0; i < strlen(base64); i += 64)
		used += (size_t)snprintf(dst + used, size - used, "%s%.64s%s", before, base64 + i, after);
	used += (size_t)snprintf(dst + used, size - used, "%s-----END MOOT INVITATION-----%s", before, after);
	return used;
}

static void invitation_seal__is_opened__by_its_code_alone(void **state)
{
	static const uint8_t random[INVITATION_RANDOM] = { 1, 2, 3 };
	static const char *const right[] = { CODE, " 12345 67890 12345 67890\n", "12345678901234567890" };
	static const char *const wrong[] = { "12345-67890-12345-67891", "" };
	char text[INVITATION_SIZE], opened[INVITATION_TEXT_SIZE] = "before";
	struct invitation invitation;
	const char *why = "";
	int n = invitation_seal(text, sizeof(text), LINK, CODE, random);

	(void)state;
	assert_int_equal(n, strlen(text));
	assert_null(strstr(text, "="));
	assert_string_equal(text, "-----BEGIN MOOT INVITATION-----\n"
				  "TU9PVAEBAAMABAAAAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
				  "AAAAAALF12v22Vo/fOMtLg0fE3/w3lN0mbAT4YSZYL+K9v9Qb8yb7lvGtGg+V+Sg\n"
				  "g1za5crw1MWT0r6P7bRbgkWjiaeacRpcV85OpIHrWdtaKWOHf6YJpQtDEDSFuOrQ\n"
				  "2lT1rxTz0W/DmCKoZErcy09qR2VI9cxQ0PIliz/k3Dk8mdkSwMj3rkYcShZLqzne\n"
				  "/Xc4xc1LZ+kff3t5\n"
				  "-----END MOOT INVITATION-----\n");
	assert_true(invitation_is_in(text, (size_t)n));
	assert_int_equal(invitation_parse(&invitation, text, (size_t)n, &why), 0);
	assert_int_equal(invitation.mem_kib, 256 << 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(invitation_open(&invitation, wrong[i], opened), -EACCES);
	assert_string_equal(opened, "before");
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_int_equal(invitation_open(&invitation, right[i], opened), strlen(LINK));
		assert_string_equal(opened, LINK);
	}
}

static void invitation_seal__refuses__what_does_not_fit(void **state)
{
	static const uint8_t random[INVITATION_RANDOM];
	char text[INVITATION_SIZE], longest[INVITATION_TEXT_SIZE + 1], opened[INVITATION_TEXT_SIZE];
	struct invitation invitation;
	int n;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[INVITATION_TEXT_SIZE] = '\0';
	assert_int_equal(invitation_seal(text, sizeof(text), longest, CODE, random), -EINVAL);
	assert_int_equal(invitation_seal(text, sizeof(text), "", CODE, random), -EINVAL);
	assert_int_equal(invitation_seal(text, sizeof(text), LINK, "  ", random), -EINVAL);
	assert_int_equal(invitation_seal(text, sizeof(text), LINK, "- -", random), -EINVAL);
	assert_int_equal(invitation_seal(text, sizeof(text), LINK, longest, random), -EINVAL);
	assert_int_equal(invitation_seal(text, 100, LINK, CODE, random), -ENOSPC);
	longest[INVITATION_TEXT_SIZE - 1] = '\0';
	n = invitation_seal(text, sizeof(text), longest, "  a code in words ", random);
	assert_true(n > 0);
	assert_int_equal(invitation_parse(&invitation, text, (size_t)n, NULL), 0);
	assert_int_equal(invitation_open(&invitation, "a code in words", opened), INVITATION_TEXT_SIZE - 1);
	assert_string_equal(opened, longest);
}

static void invitation_parse__finds__it_in_any_mail(void **state)
{
	static const struct {
		const char *what, *head, *before, *after, *tail;
	} mails[] = {
		{ "alone", "", "", "\n", "" },
		{ "in a mail", "Subject: hi\n\nDear Bo,\n\n", "", "\n", "\nYours\nAnn\n" },
		{ "quoted", "Ann wrote:\n", "> ", "\n", "Thanks!" },
		{ "quoted twice", "", "> > ", "\n", "" },
		{ "quoted twice, tight", "", ">>", "\n", "" },
		{ "with carriage returns", "Hi\r\n", "", "\r\n", "\r\n" },
		{ "quoted, with carriage returns and trailing blanks", "", ">\t", "  \r\n", "" },
		{ "a blank line after each", "", "", "\n\n", "" },
		{ "dash-escaped", "", "- ", "\n", "" },
		{ "indented", "", "\t    ", "\n", "" },
		{ "in one line", "", " ", " ", "" },
		{ "after one that is cut off", "-----BEGIN MOOT INVITATION-----\nTU9P\n[...]\n", "", "\n", "" },
		{ "after one that is damaged",
		  "-----BEGIN MOOT INVITATION-----\nTU9PVA\n-----END MOOT INVITATION-----\n", "", "\n", "" },
	};
	uint8_t bytes[INVITATION_BYTES];
	size_t n = bake(bytes, &cheap);

	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(*mails); i++) {
		char text[8192], opened[INVITATION_TEXT_SIZE];
		struct invitation invitation;
		const char *why = "";
		size_t used = (size_t)snprintf(text, sizeof(text), "%s", mails[i].head);

		used += wrap(text + used, sizeof(text) - used, bytes, n, mails[i].before, mails[i].after);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", mails[i].tail);
		if (invitation_parse(&invitation, text, used, &why))
			fail_msg("%s: %s", mails[i].what, why);
		assert_int_equal(invitation_open(&invitation, CODE, opened), strlen(LINK));
		assert_string_equal(opened, LINK);
	}
}

static int parse_bytes(const uint8_t *bytes, size_t n, const char **why)
{
	struct invitation invitation;
	char text[2048];
	size_t used = wrap(text, sizeof(text), bytes, n, "", "\n");

	return invitation_parse(&invitation, text, used, why);
}

static void invitation_parse__tells__damage_from_a_wrong_code(void **state)
{
	uint8_t bytes[INVITATION_BYTES];
	size_t n = bake(bytes, &cheap);
	const char *why = "";
	char text[2048];
	struct invitation invitation;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(parse_bytes(bytes, n, &why), -EBADMSG);
		assert_non_null(strstr(why, "damaged"));
		bytes[i] ^= 0x10;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(parse_bytes(bytes, i, &why), -EBADMSG);
	assert_int_equal(parse_bytes(bytes, n, &why), 0);
	n = wrap(text, sizeof(text), bytes, n, "", "\n");
	for (size_t i = 0; i < n - 1; i++)
		assert_int_not_equal(invitation_parse(&invitation, text, i, &why), 0);
	assert_int_equal(invitation_parse(&invitation, text, n - 1, &why), 0);
	text[100] = '*';
	assert_int_equal(invitation_parse(&invitation, text, n, &why), -EBADMSG);
	assert_int_equal(invitation_parse(&invitation, "moot://a/abcd", 13, &why), -ENOENT);
	assert_int_equal(invitation_parse(&invitation, "", 0, &why), -ENOENT);
	assert_false(invitation_is_in("-----BEGIN", 10));
}

static void invitation_parse__refuses__what_would_cost_too_much(void **state)
{
	static const struct {
		struct recipe recipe;
		int rc;
	} cases[] = {
		{ { "MOOT\x02\x01", 1, 8, LINK, 128 }, -ENOTSUP },     { { "MOOT\x01\x02", 1, 8, LINK, 128 }, -ENOTSUP },
		{ { "MUUT\x01\x01", 1, 8, LINK, 128 }, -EBADMSG },     { { "MOOT\x01\x01", 0, 8, LINK, 128 }, -E2BIG },
		{ { "MOOT\x01\x01", 11, 8, LINK, 128 }, -E2BIG },      { { "MOOT\x01\x01", 0xffff, 8, LINK, 128 }, -E2BIG },
		{ { "MOOT\x01\x01", 1, 7, LINK, 128 }, -E2BIG },       { { "MOOT\x01\x01", 1, 0, LINK, 128 }, -E2BIG },
		{ { "MOOT\x01\x01", 1, 524289, LINK, 128 }, -E2BIG },  { { "MOOT\x01\x01", 1, 1 << 24, LINK, 128 }, -E2BIG },
		{ { "MOOT\x01\x01", 1, UINT32_MAX, LINK, 128 }, -E2BIG }, { { "MOOT\x01\x01", 10, 524288, LINK, 128 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t bytes[INVITATION_BYTES];
		const char *why = NULL;
		size_t n = bake(bytes, &cases[i].recipe);

		assert_int_equal(parse_bytes(bytes, n, &why), cases[i].rc);
		assert_true(!cases[i].rc || why);
	}
}

static void invitation_open__refuses__what_is_no_text(void **state)
{
	static const struct recipe cases[] = {
		{ "MOOT\x01\x01", 1, 8, "", 128 },
		{ "MOOT\x01\x01", 1, 8, "", 0 },
		{ "MOOT\x01\x01", 2, 64, LINK, 128 },
		{ "MOOT\x01\x01", 1, 8, LINK, sizeof(LINK) - 1 },
	};
	static const int results[] = { -EBADMSG, -EBADMSG, (int)sizeof(LINK) - 1, (int)sizeof(LINK) - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct invitation invitation = { .ops = (uint16_t)cases[i].ops, .mem_kib = cases[i].mem_kib };
		char opened[INVITATION_TEXT_SIZE];

		invitation.count = bake(invitation.bytes, &cases[i]);
		assert_int_equal(invitation_open(&invitation, CODE, opened), results[i]);
	}
}

static void invitation_draw__makes__twenty_digits(void **state)
{
	static const uint8_t random[INVITATION_DRAW] = { 0, 0, 0, 7, 0, 1, 0x86, 0x9f, 0, 1, 0x86, 0xa0, 0xff, 0xff, 0xff, 0xff };
	char code[INVITATION_DRAWN_SIZE];

	(void)state;
	invitation_draw(code, random);
	assert_string_equal(code, "00007-99999-00000-67295");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invitation_seal__is_opened__by_its_code_alone),
		cmocka_unit_test(invitation_seal__refuses__what_does_not_fit),
		cmocka_unit_test(invitation_parse__finds__it_in_any_mail),
		cmocka_unit_test(invitation_parse__tells__damage_from_a_wrong_code),
		cmocka_unit_test(invitation_parse__refuses__what_would_cost_too_much),
		cmocka_unit_test(invitation_open__refuses__what_is_no_text),
		cmocka_unit_test(invitation_draw__makes__twenty_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
