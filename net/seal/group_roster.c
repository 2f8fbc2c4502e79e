/* One LV string per field; ops and succession are LV strings that hold their own items. */
#include <errno.h>
#include <string.h>

#include "net/seal/group_roster.h"

static uint8_t read_u8(struct lv_reader *reader)
{
	uint8_t value = 0;

	return lv_read_exactly(reader, &value, 1) ? value : 0;
}

static bool op_has_role(enum group_op_kind kind)
{
	return kind == GROUP_OP_ADD || kind == GROUP_OP_ROLE;
}

bool group_op_next(struct lv_reader *ops, struct group_op *op)
{
	uint8_t kind, role = 0;

	if (ops->bad || !ops->n)
		return false;
	*op = (struct group_op) { 0 };
	kind = read_u8(ops);
	op->idx = lv_read_u16(ops);
	op->kind = (enum group_op_kind)kind;
	if (op_has_role(op->kind))
		role = read_u8(ops);
	op->role = (enum group_role)role;
	if (op->kind == GROUP_OP_ADD)
		op->sb.p = lv_read(ops, &op->sb.n);
	if (kind < GROUP_OP_ADD || kind > GROUP_OP_ROLE || role >= GROUP_ROLES || op->sb.n > SEAL_SB)
		ops->bad = true;
	return !ops->bad;
}

void group_op_write(struct lv *lv, const struct group_op *op)
{
	const uint8_t kind = (uint8_t)op->kind, role = (uint8_t)op->role;

	lv_bytes(lv, &kind, 1);
	lv_u16(lv, op->idx);
	if (op_has_role(op->kind))
		lv_bytes(lv, &role, 1);
	if (op->kind == GROUP_OP_ADD)
		lv_bytes(lv, op->sb.p, op->sb.n);
}

static bool ops_readable(struct seal_bytes ops)
{
	struct lv_reader reader = lv_from(ops.p, ops.n);
	struct group_op op;

	while (group_op_next(&reader, &op))
		;
	return lv_done(&reader);
}

static void read_succession(struct lv_reader *reader, struct group_roster *roster)
{
	size_t n = 0;
	const uint8_t *p = lv_read(reader, &n);

	if (n % 2 || n / 2 > GROUP_SUCCESSION) {
		reader->bad = true;
		return;
	}
	roster->succession_n = n / 2;
	for (size_t i = 0; i < n / 2; i++)
		roster->succession[i] = (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
}

int group_roster_read(struct group_roster *roster, struct seal_bytes message)
{
	struct group_roster in = { 0 };
	struct lv_reader reader;
	uint64_t time_ms;

	if (message.n <= SEAL_SIG || message.n > GROUP_ROSTER)
		return -EBADMSG;
	in.r = (struct seal_bytes) { message.p, message.n - SEAL_SIG };
	in.sig = (const uint8_t *)message.p + in.r.n;
	reader = lv_from(in.r.p, in.r.n);
	in.e = lv_read_u32(&reader);
	lv_read_exactly(&reader, in.prev, sizeof in.prev);
	in.leader = lv_read_u16(&reader);
	in.ops.p = lv_read(&reader, &in.ops.n);
	lv_read_exactly(&reader, in.members, sizeof in.members);
	in.flags = read_u8(&reader);
	read_succession(&reader, &in);
	time_ms = lv_read_u64(&reader);
	lv_read_exactly(&reader, in.commit, sizeof in.commit);
	if (!lv_done(&reader) || !in.e || time_ms > INT64_MAX / 4 ||
	    in.flags > (GROUP_LOCKED | GROUP_RELAY_MODE) || !ops_readable(in.ops))
		return -EBADMSG;
	in.time_ms = (int64_t)time_ms;
	*roster = in;
	return 0;
}

int group_roster_write(const struct group_roster *roster, uint8_t *out, size_t size)
{
	struct lv lv = lv_into(out, size);
	const uint8_t flags = (uint8_t)roster->flags;
	uint8_t succession[2 * GROUP_SUCCESSION];

	for (size_t i = 0; i < roster->succession_n; i++) {
		succession[2 * i] = (uint8_t)(roster->succession[i] >> 8);
		succession[2 * i + 1] = (uint8_t)roster->succession[i];
	}
	lv_u32(&lv, roster->e);
	lv_bytes(&lv, roster->prev, sizeof roster->prev);
	lv_u16(&lv, roster->leader);
	lv_bytes(&lv, roster->ops.p, roster->ops.n);
	lv_bytes(&lv, roster->members, sizeof roster->members);
	lv_bytes(&lv, &flags, 1);
	lv_bytes(&lv, succession, 2 * roster->succession_n);
	lv_u64(&lv, (uint64_t)roster->time_ms);
	lv_bytes(&lv, roster->commit, sizeof roster->commit);
	return lv.full ? -ENOSPC : (int)lv.n;
}
