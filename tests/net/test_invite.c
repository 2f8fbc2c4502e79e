#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/invite.h"

#define PIN     "Vk9JmA5RQKwa+wsY7aFggsbcVT09sb9rf/GMaBZGTNc="
#define URL_PIN "Vk9JmA5RQKwa-wsY7aFggsbcVT09sb9rf_GMaBZGTNc"
/* Bytes from 0xf0 on, and from 0x40 on. */
#define SECRET "8PHy8_T19vf4-fr7_P3-_w"
#define HOST   "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8"

static const struct {
	const char *text, *host;
	unsigned port;
	const char *id, *passcode, *pin;
} good[] = {
	{ "482-913-775", "", INVITE_PORT, "482913775", "", "" },
	{ "  482 913 775\n", "", INVITE_PORT, "482913775", "", "" },
	{ "weekly-sync", "", INVITE_PORT, "weekly-sync", "", "" },
	{ "moot://relay.example/482-913-775", "relay.example", INVITE_PORT, "482913775", "", "" },
	{ "MOOT://Relay.Example:1/weekly-sync", "relay.example", 1, "weekly-sync", "", "" },
	{ "moot://127.0.0.1:45551/482-913-775#p=123456&r=" PIN, "127.0.0.1", 45551, "482913775", "123456",
	  PIN },
	{ "moot://127.0.0.1:45551/482-913-775#p=123456&r=" URL_PIN, "127.0.0.1", 45551, "482913775", "123456",
	  PIN },
	{ "moot://[::1]:65535/482913775#r=" URL_PIN, "::1", 65535, "482913775", "", PIN },
	{ "moot://[fe80::1]/482913775", "fe80::1", INVITE_PORT, "482913775", "", "" },
	{ "moot://a/abcd#p=a%26b%23%20%C3%BC&x=later&", "a", INVITE_PORT, "abcd", "a&b# \xc3\xbc", "" },
	{ "moot://a/abcd#p=1/2", "a", INVITE_PORT, "abcd", "1/2", "" },
	{ " moot://127.0.0.1:45551/482-913-775#p=1234\n      56&r=" URL_PIN "\r\n", "127.0.0.1", 45551, "482913775",
	  "123456", PIN },
	{ "moot://a/abcd#", "a", INVITE_PORT, "abcd", "", "" },
	{ "moot://a/abcd#k=" SECRET "&h=" HOST "&r=" URL_PIN, "a", INVITE_PORT, "abcd", "", PIN },
	{ "moot://a/abcd#r=" PIN "&h=" HOST "&x=1&k=" SECRET, "a", INVITE_PORT, "abcd", "", PIN },
	{ "moot://a/abcd#k=" SECRET "&p=123456", "a", INVITE_PORT, "abcd", "123456", "" },
	{ "moot://a/abcd#k=8PHy8_T1\r\n   9vf4-fr7_P3-_w", "a", INVITE_PORT, "abcd", "", "" },
	{ "moot://xn--mnchen-3ya.example/abcd", "xn--mnchen-3ya.example", INVITE_PORT, "abcd", "", "" },
};

/* All links of the table carry the same bytes, if any. */
static void check_bytes(const struct invite *invite, const char *text)
{
	bool secret = strstr(text, "k=") != NULL, hosts = strstr(text, "h=") != NULL;

	assert_int_equal(invite->has_secret, secret);
	assert_int_equal(invite->has_host, hosts);
	for (size_t i = 0; i < INVITE_SECRET; i++)
		assert_int_equal(invite->secret[i], secret ? 0xf0 + i : 0);
	for (size_t i = 0; i < INVITE_HOST; i++)
		assert_int_equal(invite->host_hash[i], hosts ? 0x40 + i : 0);
}

static void invite_parse__reads__what_people_paste(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct invite invite;
		const char *why = "?";

		if (invite_parse(&invite, good[i].text, &why))
			fail_msg("%s: %s", good[i].text, why);
		assert_string_equal(invite.host, good[i].host);
		assert_int_equal(invite.port, good[i].port);
		assert_string_equal(invite.id, good[i].id);
		assert_string_equal(invite.passcode, good[i].passcode);
		assert_string_equal(invite.pin, good[i].pin);
		check_bytes(&invite, good[i].text);
	}
}

static const char *const bad[] = {
	"",
	" ",
	"12345",
	"ab",
	"http://relay.example/482-913-775",
	"moot:/a/abcd",
	"moot://",
	"moot://a",
	"moot:///abcd",
	"moot://a/",
	"moot://a#p=1/abcd",
	"moot://a:/abcd",
	"moot://a:0/abcd",
	"moot://a:65536/abcd",
	"moot://a:123456/abcd",
	"moot://a:-1/abcd",
	"moot://a:1x/abcd",
	"moot://user@a/abcd",
	"moot://a b/abcd",
	"moot://-a/abcd",
	"moot://[::1/abcd",
	"moot://[::1]x/abcd",
	"moot://[]/abcd",
	"moot://[a]/abcd",
	"moot://::1/abcd",
	"moot://a/ab\tcd",
	"moot://a/ABCD EF",
	"moot://a/abcd/efgh",
	"moot://a/abcd?p=1",
	"moot://a/abcd#p=",
	"moot://a/abcd#p=%",
	"moot://a/abcd#p=%4",
	"moot://a/abcd#p=%zz",
	"moot://a/abcd#p=%00",
	"moot://a/abcd#p=%1b[2J",
	"moot://a/abcd#p=%ff",
	"moot://a/abcd#p=1&p=2",
	"moot://a/abcd#r=",
	"moot://a/abcd#r=AAAA",
	"moot://a/abcd#r=" PIN "&r=" PIN,
	"moot://a/abcd#r=" URL_PIN "A",
	"moot://a/abcd#r=" URL_PIN "==",
	/* the last character carries bits that no pin has */
	"moot://a/abcd#r=Vk9JmA5RQKwa-wsY7aFggsbcVT09sb9rf_GMaBZGTNd",
	"moot://a/abcd#k=",
	"moot://a/abcd#k=AAAA",
	"moot://a/abcd#k=" SECRET "==",
	"moot://a/abcd#k=" SECRET "A",
	"moot://a/abcd#k=" SECRET "&k=" SECRET,
	"moot://a/abcd#k=" HOST,
	/* the alphabet of pins alone */
	"moot://a/abcd#k=8PHy8/T19vf4+fr7/P3+/w",
	/* the last character carries bits that no secret has */
	"moot://a/abcd#k=8PHy8_T19vf4-fr7_P3-_x",
	"moot://a/abcd#k=8PHy8_T19vf4-fr7%5fP3-_w",
	"moot://a/abcd#h=",
	"moot://a/abcd#h=" SECRET,
	"moot://a/abcd#h=" HOST "=",
	"moot://a/abcd#h=QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9",
	"moot://a/abcd#h=" HOST "&h=" HOST,
	"moot://re\xd0\xb0lay.example/abcd",
	"moot://a/abcd#p=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static void invite_parse__refuses__what_is_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct invite invite = { .port = 7 };
		const char *why = NULL;

		if (!invite_parse(&invite, bad[i], &why))
			fail_msg("%s was taken", bad[i]);
		assert_non_null(why);
		assert_int_equal(invite.port, 7);
	}
}

static void invite_parse__says__what_is_damaged(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "moot://a/abcd#k=x", "secret" },      { "moot://a/abcd#h=x", "host" },
		{ "moot://a/abcd#r=x", "pin" },         { "moot://a/abcd#p=", "passcode" },
		{ "moot://a:x/abcd", "address" },       { "moot://re\xd0\xb0lay/abcd", "alphabet" },
		{ "moot://a/abc d", "nine digits" },    { "moot://a", "#k=SECRET&h=HOST&r=PIN" },
		{ "12345", "nine digits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct invite invite;
		const char *why = "";

		assert_int_equal(invite_parse(&invite, cases[i].text, &why), -EINVAL);
		if (!strstr(why, cases[i].why))
			fail_msg("%s: \"%s\"", cases[i].text, why);
	}
}

static void invite_parse__refuses__endless_text(void **state)
{
	char text[4096];
	struct invite invite;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(invite_parse(&invite, text, NULL), -EINVAL);
	assert_int_equal(invite_parse_relay(&invite, text), -EINVAL);
}

static void invite_parse_relay__reads__host_and_port(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} relays[] = {
		{ "relay.example", "relay.example", INVITE_PORT },
		{ "Relay.Example:99", "relay.example", 99 },
		{ "[::1]", "::1", INVITE_PORT },
		{ "[::1]:8", "::1", 8 },
	};
	static const char *const wrong[] = { "", ":1", "a:", "::1", "[::1]:", "a/b", "moot://a", "a:1:2" };
	struct invite invite = { .port = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(relays) / sizeof(*relays); i++) {
		assert_int_equal(invite_parse_relay(&invite, relays[i].text), 0);
		assert_string_equal(invite.host, relays[i].host);
		assert_int_equal(invite.port, relays[i].port);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(invite_parse_relay(&invite, wrong[i]), -EINVAL);
}

static void invite_print__is_read_back(void **state)
{
	char text[INVITE_SIZE];
	struct invite again;
	int printed;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct invite invite;

		assert_int_equal(invite_parse(&invite, good[i].text, NULL), 0);
		if (!invite.host[0])
			continue;
		printed = invite_print(text, sizeof(text), &invite);
		assert_int_equal(printed, strlen(text));
		assert_int_equal(invite_parse(&again, text, NULL), 0);
		assert_string_equal(again.host, invite.host);
		assert_int_equal(again.port, invite.port);
		assert_string_equal(again.id, invite.id);
		assert_string_equal(again.passcode, "");
		assert_string_equal(again.pin, invite.pin);
		check_bytes(&again, good[i].text);
	}
	assert_int_equal(invite_print(text, 10, &again), -ENOSPC);
}

static void invite_print__looks__as_documented__without_the_passcode(void **state)
{
	struct invite invite;
	char text[INVITE_SIZE];

	(void)state;
	assert_int_equal(invite_parse(&invite, good[5].text, NULL), 0);
	assert_string_equal(invite.passcode, "123456");
	assert_true(invite_print(text, sizeof(text), &invite) > 0);
	assert_string_equal(text, "moot://127.0.0.1:45551/482-913-775#r=" URL_PIN);
	for (size_t i = 0; i < INVITE_HOST; i++)
		invite.host_hash[i] = (uint8_t)(0x40 + i);
	for (size_t i = 0; i < INVITE_SECRET; i++)
		invite.secret[i] = (uint8_t)(0xf0 + i);
	invite.has_host = invite.has_secret = true;
	assert_true(invite_print(text, sizeof(text), &invite) > 0);
	assert_string_equal(text, "moot://127.0.0.1:45551/482-913-775#k=" SECRET "&h=" HOST "&r=" URL_PIN);
}

static void invite_print__holds__the_longest(void **state)
{
	struct invite invite = { .port = 65535, .pin = PIN, .has_secret = true, .has_host = true };
	char text[INVITE_SIZE];

	(void)state;
	memset(invite.host, 'a', sizeof(invite.host) - 1);
	memset(invite.id, 'b', 32);
	assert_in_range(invite_print(text, sizeof(text), &invite), 400, INVITE_SIZE - 1);
	assert_int_equal(invite_parse(&invite, text, NULL), 0);
}

static void invite_print_spoken__tells__id_and_relay(void **state)
{
	static const struct {
		const char *text, *spoken, *relay;
	} cases[] = {
		{ "moot://meet.example/482913775#p=1&k=" SECRET, "482-913-775 at meet.example", "meet.example:45551" },
		{ "moot://meet.example:443/weekly-sync", "weekly-sync at meet.example:443", "meet.example:443" },
		{ "moot://[::1]/482913775", "482-913-775 at [::1]:45551", "[::1]:45551" },
		{ "482 913 775", "482-913-775", ":45551" },
	};
	struct invite invite;
	char text[INVITE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(invite_parse(&invite, cases[i].text, NULL), 0);
		assert_int_equal(invite_print_spoken(text, sizeof(text), &invite), strlen(cases[i].spoken));
		assert_string_equal(text, cases[i].spoken);
		assert_int_equal(invite_print_relay(text, sizeof(text), &invite), strlen(cases[i].relay));
		assert_string_equal(text, cases[i].relay);
	}
	assert_int_equal(invite_print_spoken(text, 5, &invite), -ENOSPC);
	assert_int_equal(invite_print_relay(text, 5, &invite), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invite_parse__reads__what_people_paste),
		cmocka_unit_test(invite_parse__refuses__what_is_damaged),
		cmocka_unit_test(invite_parse__says__what_is_damaged),
		cmocka_unit_test(invite_parse__refuses__endless_text),
		cmocka_unit_test(invite_parse_relay__reads__host_and_port),
		cmocka_unit_test(invite_print__is_read_back),
		cmocka_unit_test(invite_print__looks__as_documented__without_the_passcode),
		cmocka_unit_test(invite_print__holds__the_longest),
		cmocka_unit_test(invite_print_spoken__tells__id_and_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
