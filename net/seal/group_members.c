/* The people of a group: a table, sorted by their numbers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/group_state.h"
#include "net/seal/sframe.h"

struct member *member_new(uint16_t idx, const struct binding *binding)
{
	struct member *member = calloc(1, sizeof *member);

	if (member) {
		member->idx = idx;
		member->binding = *binding;
	}
	return member;
}

void member_forget_epoch(struct member *member, unsigned slot)
{
	if (!member->keys[slot])
		return;
	for (size_t i = 0; i < GROUP_STREAMS; i++)
		sframe_key_free(member->keys[slot][i].key);
	free(member->keys[slot]);
	member->keys[slot] = NULL;
}

void member_free(struct member *member)
{
	if (!member)
		return;
	for (unsigned i = 0; i < GROUP_EPOCHS; i++)
		member_forget_epoch(member, i);
	seal_erase(member, sizeof *member);
	free(member);
}

/* Where idx is, or is to be. */
static size_t seats_index(const struct seats *seats, uint16_t idx)
{
	size_t low = 0, high = seats->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (seats->seat[mid].member->idx < idx)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct seat *seats_find(const struct seats *seats, uint16_t idx)
{
	size_t i = seats_index(seats, idx);

	return i < seats->n && seats->seat[i].member->idx == idx ? &seats->seat[i] : NULL;
}

static int seats_grow(struct seats *seats, size_t size)
{
	struct seat *seat;

	if (size <= seats->size)
		return 0;
	seat = realloc(seats->seat, size * sizeof *seat);
	if (!seat)
		return -ENOMEM;
	seats->seat = seat;
	seats->size = size;
	return 0;
}

int seats_put(struct seats *seats, struct member *member, enum group_role role)
{
	size_t i = seats_index(seats, member->idx);

	if (i < seats->n && seats->seat[i].member->idx == member->idx)
		return -EEXIST;
	if (seats->n >= GROUP_MEMBERS)
		return -ENOSPC;
	if (seats->n == seats->size && seats_grow(seats, seats->size ? 2 * seats->size : 16) < 0)
		return -ENOMEM;
	memmove(&seats->seat[i + 1], &seats->seat[i], (seats->n - i) * sizeof *seats->seat);
	seats->seat[i] = (struct seat) { member, role };
	seats->n++;
	return 0;
}

void seats_take(struct seats *seats, struct seat *seat)
{
	size_t i = (size_t)(seat - seats->seat);

	seats->n--;
	memmove(seat, seat + 1, (seats->n - i) * sizeof *seat);
}

int seats_copy(struct seats *to, const struct seats *from)
{
	*to = (struct seats) { 0 };
	if (seats_grow(to, from->n + 16) < 0)
		return -ENOMEM;
	if (from->n)
		memcpy(to->seat, from->seat, from->n * sizeof *from->seat);
	to->n = from->n;
	return 0;
}

int seats_hash(uint8_t out[static SEAL_HASH], const struct seats *seats)
{
	size_t size = 1;
	uint8_t *buf;
	struct lv lv;
	int err;

	for (size_t i = 0; i < seats->n; i++)
		size += (size_t)seats->seat[i].member->binding.sb_n + 8;
	buf = malloc(size);
	if (!buf)
		return -ENOMEM;
	lv = lv_into(buf, size);
	for (size_t i = 0; i < seats->n; i++) {
		const struct binding *binding = &seats->seat[i].member->binding;
		const uint8_t role = (uint8_t)seats->seat[i].role;
		lv_u16(&lv, seats->seat[i].member->idx);
		lv_bytes(&lv, &role, 1);
		lv_bytes(&lv, binding->sb, binding->sb_n);
	}
	err = lv.full ? -EIO : seal_hash(out, (struct seal_bytes) { buf, lv.n });
	free(buf);
	return err;
}

void seats_clear(struct seats *seats, bool free_members)
{
	for (size_t i = 0; free_members && i < seats->n; i++)
		member_free(seats->seat[i].member);
	free(seats->seat);
	*seats = (struct seats) { 0 };
}
