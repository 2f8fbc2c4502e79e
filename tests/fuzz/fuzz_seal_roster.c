/* R's message of any bytes: what is read says the same when written again, and a group that gets it stays
 * whole, even when its leader has signed it. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "net/seal/group_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct seal_meeting meeting = { "482913775", { 1, 2, 3 } };
static struct seal_self self;

static struct group *alone(void)
{
	uint8_t pk[SEAL_KEY], ik[64];
	struct rotation rotation;
	struct group *group;

	crypto_sign_keypair(pk, ik);
	if (seal_self_make(&self, &meeting, "Fuzz", ik, SEAL_MODE_END) < 0)
		abort();
	group = group_new(&meeting, &self, 1, NULL);
	if (!group || group_lead(group, GROUP_HOST, 0) < 0 || group_rotate(group, &rotation, 0) < 0)
		abort();
	rotation_clear(&rotation);
	return group;
}

static void feed_signed(struct group *group, struct group_roster *roster)
{
	static uint8_t out[GROUP_ROSTER];
	int n;

	roster->e = group->e + 1;
	memcpy(roster->prev, group->h_e, sizeof roster->prev);
	n = group_roster_write(roster, out, sizeof out - SEAL_SIG);
	if (n < 0 || seal_sign_for(out + n, &meeting, "roster", self.ik_secret,
				   (struct seal_bytes) { out, (size_t)n }) < 0)
		return;
	group_receive(group, (struct seal_bytes) { out, (size_t)n + SEAL_SIG },
		      (struct seal_bytes) { NULL, 0 }, (struct seal_bytes) { NULL, 0 }, 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct group *group;
	static uint8_t again[GROUP_ROSTER];
	struct group_roster roster;

	if (!group || group_state(group, 0, NULL) == GROUP_PAUSED) {
		group_free(group);
		group = alone();
	}
	group_receive(group, (struct seal_bytes) { data, size },
		      (struct seal_bytes) { data, size < GROUP_WRAP ? size : GROUP_WRAP },
		      (struct seal_bytes) { data, size }, 1000);
	group_receive_heartbeat(group, (struct seal_bytes) { data, size }, 1000);
	group_hint(group, 7, (struct seal_bytes) { data, size });
	if (group_roster_read(&roster, (struct seal_bytes) { data, size }) < 0)
		return 0;
	if (group_roster_write(&roster, again, sizeof again) != (int)roster.r.n ||
	    memcmp(again, data, roster.r.n) != 0)
		abort();
	feed_signed(group, &roster);
	return 0;
}
