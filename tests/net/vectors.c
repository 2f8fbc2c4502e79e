#include "tests/net/vectors.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

/* Quotes every number, so that none goes through a double or an int64_t. */
static char *quote_numbers(const char *text, size_t n)
{
	char *out = malloc(3 * n + 1), *at = out;
	bool within = false;

	assert_non_null(out);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			within = !within;
		if (within || !isdigit((unsigned char)text[i])) {
			*at++ = text[i];
			continue;
		}
		*at++ = '"';
		while (i < n && isdigit((unsigned char)text[i]))
			*at++ = text[i++];
		*at++ = '"';
		i--;
	}
	*at = '\0';
	return out;
}

json_t *vectors_load(const char *path)
{
	static char text[256 * 1024];
	FILE *file = fopen(path, "r");
	char *quoted;
	json_t *json;
	size_t n;

	if (!file)
		fail_msg("%s is not there", path);
	n = fread(text, 1, sizeof(text), file);
	fclose(file);
	quoted = quote_numbers(text, n);
	json = json_loads(quoted, 0, NULL);
	free(quoted);
	if (!json)
		fail_msg("%s is no JSON", path);
	return json;
}

size_t vectors_hex(json_t *object, const char *key, uint8_t *p, size_t size)
{
	const char *hex = json_string_value(json_object_get(object, key));
	size_t n = 0;

	if (!hex || sodium_hex2bin(p, size, hex, strlen(hex), NULL, &n, NULL))
		fail_msg("%s is no hex, or too long", key);
	return n;
}

uint64_t vectors_u64(json_t *object, const char *key)
{
	const char *digits = json_string_value(json_object_get(object, key));

	if (!digits)
		fail_msg("%s is no number", key);
	return strtoull(digits, NULL, 10);
}
