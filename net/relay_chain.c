/* Two sorted arrays and a short list. An R is followed by marking whom it adds and removes; when one of its ops cannot
 * be, the marks of its epoch are taken back. */
#include "net/relay_chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"

/* ---- members ------------------------------------------------------------------------------------------------ */

/* Behind the last of this idx, or where that would be. */
static size_t place_of(const struct chain *chain, uint32_t idx)
{
	size_t low = 0, high = chain->member_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (chain->members[middle].idx <= idx)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct chain_member *find(const struct chain *chain, uint32_t idx)
{
	size_t at = place_of(chain, idx);

	return at && chain->members[at - 1].idx == idx ? &chain->members[at - 1] : NULL;
}

const struct chain_member *chain_find(const struct chain *chain, uint32_t number)
{
	return find(chain, number);
}

bool chain_has(const struct chain *chain, uint32_t number)
{
	const struct chain_member *member = find(chain, number);

	return member && !member->removed;
}

bool chain_listed_before(const struct chain_member *member, uint32_t e)
{
	return member->added < e && (!member->removed || member->removed > e);
}

static void drop_member(struct chain *chain, size_t at)
{
	chain->bytes -= buf_size(chain->members[at].binding);
	buf_unref(chain->members[at].binding);
	chain->member_count--;
	memmove(&chain->members[at], &chain->members[at + 1], (chain->member_count - at) * sizeof *chain->members);
}

static struct buf *piece(enum wire_seal kind, uint16_t source, struct seal_bytes payload)
{
	return buf_piece(&(struct wire_piece){ .kind = kind, .source = source, .payload = payload.p, .payload_bytes = payload.n });
}

static int add(struct chain *chain, const struct group_op *op, uint32_t e)
{
	size_t at = place_of(chain, op->idx);
	struct chain_member *members = chain->members;

	if (!op->idx || op->idx > GROUP_IDX_MAX || chain_has(chain, op->idx) || !op->sb.n)
		return -EBADMSG;
	if (chain->member_count == chain->member_size) {
		size_t size = chain->member_size ? 2 * chain->member_size : 16;

		members = realloc(members, size * sizeof *members);
		if (!members)
			return -ENOMEM;
		chain->members = members;
		chain->member_size = size;
	}
	struct buf *binding = piece(WIRE_BINDING, op->idx, op->sb);
	if (!binding)
		return -ENOMEM;
	memmove(&members[at + 1], &members[at], (chain->member_count - at) * sizeof *members);
	members[at] = (struct chain_member){ .idx = op->idx, .added = e, .binding = binding };
	chain->member_count++;
	chain->in_count++;
	chain->bytes += buf_size(binding);
	return 0;
}

static int follow(struct chain *chain, const struct group_op *op, uint32_t e)
{
	struct chain_member *member = find(chain, op->idx);

	if (op->kind == GROUP_OP_ADD)
		return add(chain, op, e);
	if (!member || member->removed)
		return -EBADMSG;
	if (op->kind == GROUP_OP_REMOVE) {
		member->removed = e;
		chain->in_count--;
	}
	return 0;
}

static void take_back(struct chain *chain, uint32_t e)
{
	for (size_t i = chain->member_count; i-- > 0;) {
		struct chain_member *member = &chain->members[i];

		if (member->removed == e) {
			member->removed = 0;
			chain->in_count++;
		}
		if (member->added == e) {
			chain->in_count--;
			drop_member(chain, i);
		}
	}
}

static int follow_all(struct chain *chain, const struct group_roster *roster)
{
	struct lv_reader ops = lv_from(roster->ops.p, roster->ops.n);
	struct group_op op;
	int err = 0;

	while (!err && group_op_next(&ops, &op))
		err = follow(chain, &op, roster->e);
	if (!err && (chain->in_count > GROUP_MEMBERS || !chain_has(chain, roster->leader)))
		err = -EBADMSG;
	return err;
}

/* ---- epochs ------------------------------------------------------------------------------------------------- */

static size_t epoch_bytes(const struct chain_epoch *epoch)
{
	return buf_size(epoch->roster) + (epoch->listing ? buf_size(epoch->listing) : 0) +
	       epoch->wrap_size * sizeof *epoch->wraps;
}

static void epoch_clear(struct chain_epoch *epoch)
{
	buf_unref(epoch->roster);
	buf_unref(epoch->listing);
	free(epoch->wraps);
}

/* The oldest, and those whom only it could name. */
static void forget_oldest(struct chain *chain)
{
	chain->bytes -= epoch_bytes(&chain->epochs[0]);
	epoch_clear(&chain->epochs[0]);
	chain->epoch_count--;
	memmove(&chain->epochs[0], &chain->epochs[1], chain->epoch_count * sizeof *chain->epochs);
	for (size_t i = chain->member_count; i-- > 0;)
		if (chain->members[i].removed && chain->members[i].removed < chain->epochs[0].e)
			drop_member(chain, i);
}

static bool too_much(const struct chain *chain)
{
	return chain->bytes > CHAIN_BYTES || chain->member_count > CHAIN_MEMBERS;
}

static int keep(struct chain *chain, const struct group_roster *roster, struct seal_bytes message, struct seal_bytes listing)
{
	struct chain_epoch epoch = { .e = roster->e, .leader = roster->leader };

	epoch.roster = piece(WIRE_ROSTER, roster->leader, message);
	if (listing.n)
		epoch.listing = piece(WIRE_LISTING, roster->leader, listing);
	if (!epoch.roster || (listing.n && !epoch.listing)) {
		epoch_clear(&epoch);
		return -ENOMEM;
	}
	if (chain->epoch_count == CHAIN_EPOCHS)
		forget_oldest(chain);
	chain->epochs[chain->epoch_count++] = epoch;
	chain->bytes += epoch_bytes(&epoch);
	while (chain->epoch_count > 1 && too_much(chain))
		forget_oldest(chain);
	return 0;
}

bool chain_next(const struct chain *chain, const struct group_roster *roster)
{
	return roster->e == chain->e + 1 && seal_same(roster->prev, chain->h, sizeof chain->h);
}

int chain_take(struct chain *chain, const struct group_roster *roster, struct seal_bytes message, struct seal_bytes listing)
{
	uint8_t h[SEAL_HASH];
	int err = seal_hash(h, roster->r);

	if (!err)
		err = follow_all(chain, roster);
	if (!err)
		err = keep(chain, roster, message, listing);
	if (err) {
		take_back(chain, roster->e);
		return err == -EIO ? -ENOMEM : err;
	}
	chain->e = roster->e;
	memcpy(chain->h, h, sizeof chain->h);
	chain->leader = roster->leader;
	chain->succession_n = roster->succession_n;
	memcpy(chain->succession, roster->succession, sizeof chain->succession);
	return 0;
}

static size_t wrap_place(const struct chain_epoch *epoch, uint32_t idx)
{
	size_t low = 0, high = epoch->wrap_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (epoch->wraps[middle].idx < idx)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const uint8_t *chain_wrap_of(const struct chain_epoch *epoch, uint32_t number)
{
	size_t at = wrap_place(epoch, number);

	return at < epoch->wrap_count && epoch->wraps[at].idx == number ? epoch->wraps[at].bytes : NULL;
}

static int grow_wraps(struct chain *chain, struct chain_epoch *epoch)
{
	size_t size = epoch->wrap_size ? 2 * epoch->wrap_size : 16;
	struct chain_wrap *wraps = realloc(epoch->wraps, size * sizeof *wraps);

	if (!wraps)
		return -ENOMEM;
	chain->bytes += (size - epoch->wrap_size) * sizeof *wraps;
	epoch->wraps = wraps;
	epoch->wrap_size = size;
	return 0;
}

int chain_wrap(struct chain *chain, uint16_t idx, const uint8_t bytes[static GROUP_WRAP])
{
	struct chain_epoch *epoch = chain->epoch_count ? &chain->epochs[chain->epoch_count - 1] : NULL;
	size_t at;

	if (!epoch || !chain_has(chain, idx))
		return -ENOENT;
	at = wrap_place(epoch, idx);
	if (at == epoch->wrap_count || epoch->wraps[at].idx != idx) {
		if (epoch->wrap_count == epoch->wrap_size && grow_wraps(chain, epoch))
			return -ENOMEM;
		memmove(&epoch->wraps[at + 1], &epoch->wraps[at], (epoch->wrap_count - at) * sizeof *epoch->wraps);
		epoch->wrap_count++;
	}
	epoch->wraps[at].idx = idx;
	memcpy(epoch->wraps[at].bytes, bytes, GROUP_WRAP);
	return 0;
}

void chain_clear(struct chain *chain)
{
	for (size_t i = 0; i < chain->epoch_count; i++)
		epoch_clear(&chain->epochs[i]);
	for (size_t i = 0; i < chain->member_count; i++)
		buf_unref(chain->members[i].binding);
	free(chain->members);
	memset(chain, 0, sizeof *chain);
}
