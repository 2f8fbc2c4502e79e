/* The defaults that Moot ships with: closed where opening would surprise somebody. */
#include "net/policy.h"

#include <string.h>

void policy_init(struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->value[CONTROL_WAITING_ROOM] = 1;
	policy->value[CONTROL_LOCK] = 0;
	policy->value[CONTROL_JOIN_BEFORE_HOST] = 0;
	policy->value[CONTROL_CHAT] = CHAT_EVERYONE;
	policy->value[CONTROL_UNMUTE] = 1;
	policy->value[CONTROL_VIDEO] = 1;
	policy->value[CONTROL_FILES] = 0;
	policy->value[CONTROL_SHARE] = SHARE_HOSTS;
	policy->value[CONTROL_KEYBOARD] = KEYBOARD_GIVEN;
	policy->value[CONTROL_RECORD] = RECORD_NOBODY;
	policy->locked[CONTROL_RECORD] = true;
	policy->value[CONTROL_KINDS] = KINDS_STANDARD;
	policy->value[CONTROL_RENAME] = 1;
	policy->kinds = 1u << KIND_TERMINAL | 1u << KIND_HEADLESS | 1u << KIND_WEB;
	policy->people_max = MOOT_PEOPLE_MAX;
	policy->waiting_max = 200;
	policy->meetings_max = 1000;
	policy->seat_hold_ms = 60 * 1000;
	policy->file_max_bytes = 10 * 1024 * 1024;
	policy->passcode_min = 6;
	policy->create = CREATE_LOOPBACK;
}
