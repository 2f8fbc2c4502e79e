#include "tests/e2e/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { COMMAND = 16384 };

static void start(struct hostile *hostile, const struct relay *relay, const char *folder)
{
	char certificate[DRIVE_PATH + 32], key[DRIVE_PATH + 32];
	json_t *line;

	memset(hostile, 0, sizeof(*hostile));
	snprintf(certificate, sizeof(certificate), "%s/certificate.pem", folder);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	child_start(&hostile->child, (const char *const[]) { drive_program("tests/tools/hostile"), "--relay", relay->address,
							     "--certificate", certificate, "--key", key, NULL });
	line = child_line(&hostile->child, DRIVE_SECONDS);
	if (!line)
		fail_msg("the hostile relay did not start");
	snprintf(hostile->door.address, sizeof(hostile->door.address), "%s",
		 json_string_value(json_object_get(line, "address")));
	snprintf(hostile->door.pin, sizeof(hostile->door.pin), "%s", json_string_value(json_object_get(line, "pin")));
	json_decref(line);
}

void hostile_start(struct hostile *hostile, const struct relay *relay)
{
	start(hostile, relay, relay->home);
	assert_string_equal(hostile->door.pin, relay->pin);
}

void hostile_start_other(struct hostile *hostile, const struct relay *relay)
{
	static unsigned count;
	char folder[DRIVE_PATH];

	snprintf(folder, sizeof(folder), "%s/other%u", drive_folder(), count++);
	assert_int_equal(mkdir(folder, 0700), 0);
	start(hostile, relay, folder);
	assert_string_not_equal(hostile->door.pin, relay->pin);
}

void hostile_stop(struct hostile *hostile)
{
	close(hostile->child.in);
	hostile->child.in = -1;
	assert_int_equal(child_end(&hostile->child), 0);
	json_decref(hostile->answer);
	hostile->answer = NULL;
}

__attribute__((format(printf, 2, 0))) static json_t *ask(struct hostile *hostile, const char *format, va_list ap,
							    char text[static COMMAND])
{
	size_t n = (size_t)vsnprintf(text, COMMAND - 1, format, ap);

	assert_true(n < COMMAND - 1);
	text[n] = '\n';
	if (write(hostile->child.in, text, n + 1) != (ssize_t)n + 1)
		fail_msg("the hostile relay does not listen");
	text[n] = '\0';
	json_decref(hostile->answer);
	hostile->answer = child_line(&hostile->child, 120);
	if (!hostile->answer)
		fail_msg("the hostile relay does not answer: %s", text);
	return hostile->answer;
}

static void must_be_ok(const struct hostile *hostile, const char *text)
{
	char *answer;

	if (json_is_true(json_object_get(hostile->answer, "ok")))
		return;
	answer = json_dumps(hostile->answer, JSON_COMPACT);
	fprintf(stderr, "    hostile: %s: %s\n", text, answer);
	free(answer);
	fail_msg("hostile: %s was not ok", text);
}

json_t *hostile_do(struct hostile *hostile, const char *format, ...)
{
	char text[COMMAND];
	va_list ap;

	va_start(ap, format);
	ask(hostile, format, ap, text);
	va_end(ap);
	must_be_ok(hostile, text);
	return hostile->answer;
}

json_t *hostile_try(struct hostile *hostile, const char *format, ...)
{
	char text[COMMAND];
	va_list ap;

	va_start(ap, format);
	ask(hostile, format, ap, text);
	va_end(ap);
	return hostile->answer;
}

long hostile_count(struct hostile *hostile, const char *member, const char *format, ...)
{
	char text[COMMAND];
	json_t *value;
	va_list ap;

	va_start(ap, format);
	ask(hostile, format, ap, text);
	va_end(ap);
	must_be_ok(hostile, text);
	value = json_object_get(hostile->answer, member);
	if (!json_is_integer(value))
		fail_msg("hostile: %s has no %s", text, member);
	return (long)json_integer_value(value);
}

void hostile_never_saw(struct hostile *hostile, const void *p, size_t n)
{
	char hex[2048] = "";

	assert_true(2 * n < sizeof(hex));
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", ((const unsigned char *)p)[i]);
	assert_int_equal(hostile_count(hostile, "found", "search hex=%s", hex), 0);
}
