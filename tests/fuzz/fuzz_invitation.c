/* Any text as a mail with a sealed invitation: what is taken lies within its bounds and costs no more than it may. The hash
 * itself is left out; it would be all that the fuzzer did. Half of the runs mend the check, to get behind it. */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t n)
{
	struct invitation invitation = { .count = 0 };
	const char *why = NULL;
	int rc = invitation_parse(&invitation, text, n, &why);

	if (rc ? !why || invitation.count : !invitation_is_in(text, n))
		abort();
	if (!rc && (invitation.ops < 1 || invitation.ops > 10 || invitation.mem_kib < 8 || invitation.mem_kib > 512 << 10 ||
		    invitation.count < 76 || invitation.count > sizeof(invitation.bytes)))
		abort();
	if (!rc && invitation.mem_kib <= 64) {
		char opened[INVITATION_TEXT_SIZE];
		int length = invitation_open(&invitation, "12345", opened);

		if (length >= 0 && strlen(opened) != (size_t)length)
			abort();
	}
}

/* The bytes as what stands in the armour. */
static void check_bytes(const uint8_t *data, size_t size)
{
	uint8_t bytes[INVITATION_BYTES], hash[16];
	char text[2048], base64[1024];

	if (size > sizeof(bytes) - 8)
		return;
	memcpy(bytes, data, size);
	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	memcpy(bytes + size, hash, 8);
	sodium_bin2base64(base64, sizeof(base64), bytes, size + 8, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	snprintf(text, sizeof(text), "-----BEGIN MOOT INVITATION-----\n%s\n-----END MOOT INVITATION-----\n", base64);
	check(text, strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (sodium_init() < 0)
		return 0;
	if (size && data[0] & 0x80) {
		check_bytes(data + 1, size - 1);
		return 0;
	}
	text = malloc(size ? size : 1); /* its own, so that the sanitiser sees the end */
	if (!text)
		return 0;
	memcpy(text, data, size);
	check(text, size);
	free(text);
	return 0;
}
