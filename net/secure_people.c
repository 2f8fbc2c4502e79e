/* Who was seen: by the relay's word, and what hosts ordered of them. By number. */
#include "net/secure_state.h"
#include "net/text.h"

#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct secure *secure, uint32_t number)
{
	size_t low = 0, high = secure->seen_n;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (secure->seen[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct seen *secure_seen(struct secure *secure, uint32_t number)
{
	const size_t at = place_of(secure, number);

	return at < secure->seen_n && secure->seen[at].number == number ? &secure->seen[at] : NULL;
}

struct seen *secure_seen_make(struct secure *secure, uint32_t number)
{
	const size_t at = place_of(secure, number);
	struct seen *grown;

	if (at < secure->seen_n && secure->seen[at].number == number)
		return &secure->seen[at];
	if (secure->seen_n == secure->seen_size) {
		const size_t size = secure->seen_size ? 2 * secure->seen_size : 16;

		grown = realloc(secure->seen, size * sizeof(*grown));
		if (!grown)
			return NULL;
		secure->seen = grown;
		secure->seen_size = size;
	}
	memmove(&secure->seen[at + 1], &secure->seen[at], (secure->seen_n - at) * sizeof(*secure->seen));
	secure->seen_n++;
	secure->seen[at] = (struct seen) { .number = number };
	return &secure->seen[at];
}

void secure_seen_drop(struct secure *secure, uint32_t number)
{
	struct seen *seen = secure_seen(secure, number);
	size_t at;

	if (!seen)
		return;
	at = (size_t)(seen - secure->seen);
	free(seen->renamed);
	memmove(seen, seen + 1, (--secure->seen_n - at) * sizeof(*seen));
}

void secure_hash8(uint8_t out[static 8], const char *text)
{
	uint8_t hash[SEAL_HASH];

	memset(out, 0, 8);
	if (seal_hash(hash, (struct seal_bytes) { text, strlen(text) }) == 0)
		memcpy(out, hash, 8);
}

bool secure_in(const struct secure *secure)
{
	return secure->group && group_epoch(secure->group) > 0;
}

/* Signed or not, a name is what the rules call one. */
bool secure_is_name(const char *name)
{
	char clean[MOOT_NAME_SIZE];

	return !text_name(clean, name) && !strcmp(clean, name);
}

const char *secure_signed_name(const struct secure *secure, uint32_t number)
{
	const struct seen *seen = secure_seen((struct secure *)secure, number);
	struct group_member member;

	if (!secure_in(secure) || number > GROUP_IDX_MAX || !group_find(secure->group, (uint16_t)number, &member))
		return NULL;
	if (seen && seen->renamed)
		return seen->renamed;
	return secure_is_name(member.binding->name) ? member.binding->name : "(no proper name)";
}
