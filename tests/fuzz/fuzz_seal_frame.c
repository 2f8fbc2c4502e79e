/* Frames of any bytes in a group of two: none opens but those that were sealed. The first byte chooses the
 * stream, the second lets time pass. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/group_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct group *group;

static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };

static struct group *with_another(void)
{
	uint8_t pk[SEAL_KEY], ik[64], psk[SEAL_KEY] = { 1 }, nonce[SEAL_MEMBER_NONCE] = { 2 };
	struct seal_self self, other;
	struct rotation rotation;
	struct group *made;

	crypto_sign_keypair(pk, ik);
	if (seal_self_make(&self, &meeting, "Fuzz", ik, SEAL_MODE_END) < 0 ||
	    seal_self_make(&other, &meeting, "Other", ik, SEAL_MODE_END) < 0)
		abort();
	made = group_new(&meeting, &self, 1, NULL);
	for (int i = 0; i < 2; i++) {
		if (i ? group_stage_add(made, 2, GROUP_PARTICIPANT,
					(struct seal_bytes) { other.binding.sb, other.binding.sb_n }, psk,
					nonce, 0) < 0
		      : !made || group_lead(made, GROUP_HOST, 0) < 0)
			abort();
		if (group_rotate(made, &rotation, 0) < 0)
			abort();
		rotation_clear(&rotation);
	}
	return made;
}

/* Before the first input, else what it runs through would count as seen by that one. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	group = with_another();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int64_t now_ms;
	static uint8_t out[GROUP_FRAME], metadata[64];
	struct group_from from;
	size_t metadata_n = sizeof metadata;
	int n;

	if (size < 3)
		return 0;
	now_ms += data[1];
	n = group_open(group, (uint16_t)(2 + (data[0] >> 4 == 15)), (enum group_stream)(data[0] & 15),
		       (struct seal_bytes) { data, 2 }, data + 2, size - 2, out, sizeof out, &from, now_ms);
	if (n >= 0 || group_release(group, metadata, &metadata_n, out, sizeof out, &from, now_ms) >= 0)
		abort();
	group_trouble(group);
	if (group->held_n > GROUP_HELD_FRAMES || group->held_bytes > GROUP_HELD_BYTES || group->stopped)
		abort();
	return 0;
}
