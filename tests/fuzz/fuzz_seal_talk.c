/* What is in a chat frame, and commands, of any bytes: nothing is believed that its sender has not signed. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/group_lead.h"
#include "net/seal/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct group *group;

static struct group *alone(void)
{
	static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };
	uint8_t pk[SEAL_KEY], ik[64];
	struct seal_self self;
	struct rotation rotation;
	struct group *made;

	crypto_sign_keypair(pk, ik);
	if (seal_self_make(&self, &meeting, "Fuzz", ik, SEAL_MODE_END) < 0)
		abort();
	made = group_new(&meeting, &self, 1, NULL);
	if (!made || group_lead(made, GROUP_HOST, 0) < 0 || group_rotate(made, &rotation, 0) < 0)
		abort();
	rotation_clear(&rotation);
	return made;
}

/* Before the first input, else what it runs through would count as seen by that one. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	group = alone();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk_command command;
	static struct talk talk;
	struct group_from from = { .idx = 1, .stream = GROUP_CHAT, .epoch = 1 };

	if (talk_read(group, &from, data, size, &talk) == 0)
		abort();
	from.stream = GROUP_PRIVATE;
	if (talk_read(group, &from, data, size, &talk) == 0)
		abort();
	if (talk_command_read(group, 1, (struct seal_bytes) { data, size }, &command) == 0)
		abort();
	return 0;
}
