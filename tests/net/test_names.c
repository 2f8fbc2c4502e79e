#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "net/message.h"
#include "net/policy.h"

#define SHIM(enumeration, type)                                                                              \
	static const char *enumeration##_at(int value)                                                       \
	{                                                                                                    \
		return enumeration##_name((enum type)value);                                                 \
	}
SHIM(role, role)
SHIM(kind, kind)
SHIM(mic, mic)
SHIM(sealed, sealed)
SHIM(control, control)
SHIM(permission, permission)
SHIM(scope, scope)
SHIM(word, word)
SHIM(event, event_kind)

static const struct {
	const char *what;
	const char *(*name)(int value);
	int (*parse)(const char *name);
	int count;
} enums[] = {
	{ "role", role_at, role_parse, ROLE_COUNT },
	{ "kind", kind_at, kind_parse, KIND_COUNT },
	{ "mic", mic_at, mic_parse, MIC_COUNT },
	{ "sealed", sealed_at, sealed_parse, SEALED_COUNT },
	{ "control", control_at, control_parse, CONTROL_COUNT },
	{ "permission", permission_at, permission_parse, PERMIT_COUNT },
	{ "scope", scope_at, scope_parse, SCOPE_COUNT },
	{ "word", word_at, word_parse, WORD_COUNT },
	{ "event", event_at, event_parse, EVENT_COUNT },
};

static bool spelt_well(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n < MOOT_WORD_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == n;
}

static void names__every_value__there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(enums) / sizeof(*enums); i++) {
		for (int value = 0; value < enums[i].count; value++) {
			assert_true(spelt_well(enums[i].name(value)));
			assert_int_equal(enums[i].parse(enums[i].name(value)), value);
		}
		assert_null(enums[i].name(-1));
		assert_null(enums[i].name(enums[i].count));
		assert_int_equal(enums[i].parse("no such name"), -ENOENT);
		assert_int_equal(enums[i].parse(""), -ENOENT);
		assert_int_equal(enums[i].parse(NULL), -ENOENT);
	}
}

static void names__spelt__as_documented(void **state)
{
	(void)state;
	assert_string_equal(role_name(ROLE_COHOST), "co-host");
	assert_string_equal(control_name(CONTROL_JOIN_BEFORE_HOST), "join-before-host");
	assert_string_equal(event_name(EVENT_PERSON_JOINED), "person-joined");
	assert_string_equal(event_name(EVENT_SHARE_STOPPED), "share-stopped");
	assert_string_equal(word_name(WORD_ASK_UNMUTE), "ask-unmute");
	assert_string_equal(refusal_code(REFUSED_LOCKED_BY_POLICY), "locked-by-policy");
	assert_string_equal(refusal_code(REFUSED_KIND), "kind-not-allowed");
}

static void refusals__each__has_its_code_and_a_text(void **state)
{
	(void)state;
	for (int i = 0; i < REFUSED_COUNT; i++) {
		assert_true(spelt_well(refusal_code((enum refusal)i)));
		assert_non_null(refusal_text((enum refusal)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(refusal_code((enum refusal)i), refusal_code((enum refusal)k));
		if (i != REFUSED_NOT)
			assert_int_equal(
				refusal_text((enum refusal)i)[strlen(refusal_text((enum refusal)i)) - 1],
				'.');
	}
	assert_null(refusal_code(REFUSED_COUNT));
	assert_null(refusal_text((enum refusal) - 1));
}

static void control_values__each__there_and_back(void **state)
{
	(void)state;
	for (int i = 0; i < CONTROL_COUNT; i++) {
		enum control control = (enum control)i;
		int count = control_values(control);
		assert_true(count >= 2);
		for (int value = 0; value < count; value++)
			assert_int_equal(control_value_parse(control, control_value_name(control, value)),
					 value);
		assert_null(control_value_name(control, -1));
		assert_null(control_value_name(control, count));
		assert_int_equal(control_value_parse(control, "perhaps"), -EINVAL);
	}
	assert_int_equal(control_values(CONTROL_COUNT), 0);
	assert_null(control_value_name(CONTROL_COUNT, 0));
	assert_int_equal(control_value_parse(CONTROL_COUNT, "on"), -EINVAL);
	assert_string_equal(control_value_name(CONTROL_CHAT, CHAT_NO_DIRECT), "everyone-no-direct");
	assert_string_equal(control_value_name(CONTROL_LOCK, 1), "on");
	assert_string_equal(control_value_name(CONTROL_SHARE, SHARE_HOSTS), "hosts");
}

static void reactions__end__with_null(void **state)
{
	(void)state;
	unsigned count = 0;
	while (reaction_name(count))
		assert_true(spelt_well(reaction_name(count++)));
	assert_int_equal(count, 7);
	assert_null(reaction_name(UINT32_MAX));
}

static void policy_init__is__what_moot_ships_with(void **state)
{
	(void)state;
	struct policy policy;
	memset(&policy, 0xFF, sizeof(policy));
	policy_init(&policy);
	static const int32_t values[CONTROL_COUNT] = {
		[CONTROL_WAITING_ROOM] = 1, [CONTROL_CHAT] = CHAT_EVERYONE, [CONTROL_UNMUTE] = 1,
		[CONTROL_VIDEO] = 1,        [CONTROL_SHARE] = SHARE_HOSTS,  [CONTROL_RENAME] = 1,
		[CONTROL_KEYBOARD] = KEYBOARD_GIVEN, [CONTROL_RECORD] = RECORD_NOBODY,
		[CONTROL_KINDS] = KINDS_STANDARD,
	};
	assert_memory_equal(policy.value, values, sizeof(values));
	for (int i = 0; i < CONTROL_COUNT; i++)
		assert_int_equal(policy.locked[i], i == CONTROL_RECORD);
	assert_int_equal(policy.kinds, 1 << KIND_TERMINAL | 1 << KIND_HEADLESS | 1 << KIND_WEB);
	assert_int_equal(policy.people_max, MOOT_PEOPLE_MAX);
	assert_int_equal(policy.seat_hold_ms, 60000);
	assert_int_equal(policy.passcode_min, 6);
	assert_int_equal(policy.file_max_bytes, 10 * 1024 * 1024);
	assert_int_equal(policy.create, CREATE_LOOPBACK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names__every_value__there_and_back),
		cmocka_unit_test(names__spelt__as_documented),
		cmocka_unit_test(refusals__each__has_its_code_and_a_text),
		cmocka_unit_test(control_values__each__there_and_back),
		cmocka_unit_test(reactions__end__with_null),
		cmocka_unit_test(policy_init__is__what_moot_ships_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
