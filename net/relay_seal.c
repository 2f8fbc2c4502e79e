/* Pieces of the end-to-end encryption, from member to member. The relay reads no more of them than it must: of a roster
 * whether it follows on the one before and is signed by who leads, since joiners are sent to whom it names; all else goes
 * by unread. What it keeps (rosters, wraps, bindings, nonces) is what those need who come in or come back. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "net/relay_state.h"
#include "net/seal/group_lead.h"
#include "net/seal/join.h"
#include "net/seal/talk.h"

enum {
	REPLAY_BYTES = 256 * 1024,              /* of missed epochs, at once */
	BINDINGS_BYTES = 64 * 1024,             /* of one buffer */
	BINDINGS_MAX = GROUP_MEMBERS * (WIRE_HEADER_BYTES + SEAL_SB) / (BINDINGS_BYTES - WIRE_HEADER_BYTES - SEAL_SB) + 1,
	TURNS_PER_S = 10, TURNS_BURST = 40,     /* rosters and heartbeats, of who leads */
	ORDER_LOST_US = 60 * 1000 * 1000,       /* sent so shortly before a line was lost, an order may be lost with it */
};

/* ---- telling -------------------------------------------------------------------------------------------------- */

static struct buf *piece_buf(enum wire_seal kind, uint32_t source, const void *payload, size_t n)
{
	return buf_piece(&(struct wire_piece){ .kind = kind, .source = (uint16_t)source, .payload = payload, .payload_bytes = n });
}

void seal_send(struct conn *conn, enum wire_seal kind, uint32_t source, const void *payload, size_t n)
{
	struct buf *buf = piece_buf(kind, source, payload, n);

	conn_control(conn, buf);
	buf_unref(buf);
}

/* ---- epochs to members ------------------------------------------------------------------------------------------ */

/* Bindings of all who were in before an epoch and are in it, for those whom it adds. */
struct bindings {
	struct buf *bufs[BINDINGS_MAX];
	size_t count;
	bool made;
};

static void bindings_clear(struct bindings *bindings)
{
	for (size_t i = 0; i < bindings->count; i++)
		buf_unref(bindings->bufs[i]);
}

static struct buf *pack(const struct chain *chain, uint32_t e, size_t *at)
{
	uint8_t bytes[BINDINGS_BYTES];
	size_t n = 0;

	for (; *at < chain->member_count; ++*at) {
		const struct chain_member *member = &chain->members[*at];
		size_t size = buf_size(member->binding);

		if (!chain_listed_before(member, e))
			continue;
		if (n + size > sizeof bytes)
			break;
		memcpy(bytes + n, buf_bytes(member->binding), size);
		n += size;
	}
	return n ? buf_new(bytes, n) : NULL;
}

static void bindings_make(struct bindings *bindings, const struct chain *chain, uint32_t e)
{
	size_t at = 0;
	struct buf *buf;

	if (bindings->made)
		return;
	bindings->made = true;
	while (bindings->count < BINDINGS_MAX && (buf = pack(chain, e, &at)))
		bindings->bufs[bindings->count++] = buf;
}

static size_t send_buf(struct member *member, struct buf *buf)
{
	if (!buf)
		return 0;
	conn_news(member->conn, buf);
	return buf_size(buf);
}

/* One epoch to one member, whom it may add. Returns the bytes. */
static size_t send_epoch(struct member *member, const struct chain_epoch *epoch, struct bindings *bindings)
{
	const struct chain *chain = &member->room->chain;
	const struct chain_member *in = chain_find(chain, member->number);
	const uint8_t *bytes = chain_wrap_of(epoch, member->number);
	struct buf *wrap = piece_buf(WIRE_WRAP, epoch->leader, bytes, bytes ? GROUP_WRAP : 0);
	size_t n = 0;

	if (in && in->added == epoch->e) {
		bindings_make(bindings, chain, epoch->e);
		for (size_t i = 0; i < bindings->count; i++)
			n += send_buf(member, bindings->bufs[i]);
		n += send_buf(member, epoch->listing);
	}
	n += send_buf(member, epoch->roster) + send_buf(member, wrap);
	buf_unref(wrap);
	return n;
}

/* The newest epoch to all who are or were in it. */
static void send_newest(struct room *room)
{
	const struct chain *chain = &room->chain;
	const struct chain_epoch *epoch = &chain->epochs[chain->epoch_count - 1];
	struct bindings bindings = { .count = 0 };
	uint32_t sent = 0;

	for (size_t i = 0; i < chain->member_count; i++) {
		const struct chain_member *in = &chain->members[i];
		struct member *member = room_member(room, in->idx);

		if (!member || !member->conn || in != chain_find(chain, in->idx) || (in->removed && in->removed != epoch->e))
			continue;
		send_epoch(member, epoch, &bindings);
		sent++;
	}
	bindings_clear(&bindings);
	pace_count(room->relay, sent);
}

/* Epochs from this one on that are theirs, as many as go at once. Returns the bytes. */
static size_t replay(struct member *member, uint32_t from)
{
	const struct chain *chain = &member->room->chain;
	const struct chain_member *in = chain_find(chain, member->number);
	size_t n = 0;

	for (size_t i = 0; in && i < chain->epoch_count && n < REPLAY_BYTES; i++) {
		const struct chain_epoch *epoch = &chain->epochs[i];
		struct bindings bindings = { .count = 0 };

		if (epoch->e < from || epoch->e < in->added || (in->removed && epoch->e > in->removed))
			continue;
		n += send_epoch(member, epoch, &bindings);
		bindings_clear(&bindings);
	}
	return n;
}

void seal_replay(struct member *member, uint32_t from)
{
	replay(member, from);
}

/* ---- rotations ---------------------------------------------------------------------------------------------------- */

/* The next of the pieces that came with a rotation. */
static bool next_piece(struct seal_turn *turn, struct wire_piece *piece)
{
	int used = turn->n ? wire_piece_decode(piece, turn->p, turn->n) : -EBADMSG;

	if (used < 0)
		return false;
	turn->p += used;
	turn->n -= (size_t)used;
	return true;
}

static struct seal_bytes listing_of(struct seal_turn turn)
{
	struct seal_bytes listing = { "", 0 };
	struct wire_piece piece;

	while (next_piece(&turn, &piece))
		if (piece.kind == WIRE_LISTING)
			listing = (struct seal_bytes){ piece.payload, piece.payload_bytes };
	return listing;
}

static void keep_wraps(struct chain *chain, struct seal_turn turn)
{
	struct wire_piece piece;

	while (next_piece(&turn, &piece))
		if (piece.kind == WIRE_WRAP)
			chain_wrap(chain, piece.source, piece.payload);
}

static bool signed_by(const struct room *room, const struct member *member, const struct group_roster *roster)
{
	return !seal_verify_for(roster->sig, &room->door.meeting, "roster", member->key, roster->r);
}

static bool turns_fit(struct conn *conn)
{
	bool flood;

	return bucket_take(&conn->turns, 1, TURNS_PER_S, TURNS_BURST, loop_now_us(), &flood);
}

static void take_roster(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	const struct seal_bytes message = { piece->payload, piece->payload_bytes };
	struct room *room = member->room;
	struct group_roster roster;

	if (!turns_fit(member->conn))
		return;
	if (group_roster_read(&roster, message) || !chain_next(&room->chain, &roster) ||
	    !signed_by(room, member, &roster) || chain_take(&room->chain, &roster, message, listing_of(*turn))) {
		relay_log(room->relay, 3, "roster", "A roster was not taken.");
		return;
	}
	keep_wraps(&room->chain, *turn);
	room->leader = roster.leader;
	room->heard_us = loop_now_us();
	send_newest(room);
	lead_settle(room);
}

/* Wraps without a roster behind them: of the newest epoch, once more. */
static void rewrap(struct member *member, const struct wire_piece *piece)
{
	struct room *room = member->room;
	struct member *to = room_member(room, piece->source);

	if (chain_wrap(&room->chain, piece->source, piece->payload) || !to || !to->conn)
		return;
	seal_send(to->conn, WIRE_WRAP, member->number, piece->payload, piece->payload_bytes);
}

void seal_message_end(struct conn *conn, const struct seal_turn *turn)
{
	struct seal_turn rest = *turn;
	struct wire_piece piece;

	if (!conn->member || conn->closing || lead_member(conn->member->room) != conn->member)
		return;
	while (next_piece(&rest, &piece))
		if (piece.kind == WIRE_WRAP)
			rewrap(conn->member, &piece);
}

/* ---- other pieces --------------------------------------------------------------------------------------------------- */

/* A LISTING or WRAP: it counts with the roster behind it. */
static void take_with_roster(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	(void)member;
	(void)piece;
	(void)turn;
}

static void take_said(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	(void)turn;
	/* Who is in, too, may begin anew: it was asked to just before the roster that adds it came, or lost its keys. */
	if (!member->plain && member != lead_member(member->room))
		runs_said(member->conn, piece);
}

static void take_answer(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	(void)turn;
	if (lead_member(member->room) == member)
		runs_answer(member, piece);
}

static void to_leader(struct member *member, const struct wire_piece *piece)
{
	struct member *leader = lead_member(member->room);

	if (leader && leader != member)
		seal_send(leader->conn, piece->kind, member->number, piece->payload, piece->payload_bytes);
}

/* While nobody leads, to those who may do so next: what they wrap by when they take over. */
static void to_heirs(struct member *member)
{
	struct member *heirs[LEAD_HEIRS];
	unsigned count = lead_member(member->room) ? 0 : lead_heirs(member->room, heirs);

	for (unsigned i = 0; i < count; i++)
		if (heirs[i] != member)
			seal_send(heirs[i]->conn, WIRE_NONCE, member->number, member->nonce, sizeof member->nonce);
}

static void take_binding(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	(void)turn;
	if (!member->plain)
		return;
	buf_unref(member->binding);
	member->binding = piece_buf(WIRE_BINDING, member->number, piece->payload, piece->payload_bytes);
	to_leader(member, piece);
}

static void take_beat(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	struct buf *buf;

	(void)turn;
	if (lead_member(member->room) != member || !turns_fit(member->conn))
		return;
	member->room->heard_us = loop_now_us();
	buf = piece_buf(WIRE_BEAT, member->number, piece->payload, piece->payload_bytes);
	room_tell(member->room, buf, member);
	buf_unref(buf);
}

/* NONCE, or ASK, which brings one, too. */
static void take_nonce(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	(void)turn;
	if (member->plain)
		return;
	memcpy(member->nonce, piece->payload, sizeof member->nonce);
	member->has_nonce = true;
	to_leader(member, piece);
	to_heirs(member);
}

static void take_fetch(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	const uint8_t *p = piece->payload;
	bool flood;

	(void)turn;
	if (conn_asks_too_much(member->conn, 0, &flood))
		return;
	conn_asks_too_much(member->conn, (uint32_t)replay(member, (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	                                                              (uint32_t)p[2] << 8 | p[3]), &flood);
}

static void take_whisper(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn)
{
	struct member *to = room_member(member->room, piece->source);

	(void)turn;
	if (member->role > ROLE_WAITING && to && to != member && to->conn && to->role > ROLE_WAITING)
		seal_send(to->conn, WIRE_WHISPER, member->number, piece->payload, piece->payload_bytes);
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

/* What may come up: how large, and what becomes of it. leads: of who leads or may; counted by bytes alone. door: also of who
 * is no member yet. */
static const struct piece_rule {
	size_t least, most;
	void (*take)(struct member *member, const struct wire_piece *piece, const struct seal_turn *turn);
	bool leads, door;
} rules[WIRE_SEAL_END - WIRE_SEAL_FIRST] = {
#define PIECE(kind) [WIRE_##kind - WIRE_SEAL_FIRST]
	PIECE(HELLO) = { 1, JOIN_MESSAGE, take_said, .door = true },
	PIECE(CHALLENGE) = { 1, JOIN_MESSAGE, take_answer, .leads = true },
	PIECE(PROOF) = { 1, JOIN_MESSAGE, take_said, .door = true },
	PIECE(WELCOME) = { 1, JOIN_MESSAGE, take_answer, .leads = true },
	PIECE(REJECT) = { 1, 1, take_answer, .leads = true },
	PIECE(BINDING) = { 1, SEAL_SB, take_binding, false, false },
	PIECE(LISTING) = { 1, GROUP_LISTING, take_with_roster, .leads = true },
	PIECE(WRAP) = { GROUP_WRAP, GROUP_WRAP, take_with_roster, .leads = true },
	PIECE(ROSTER) = { 1, GROUP_ROSTER, take_roster, .leads = true },
	PIECE(BEAT) = { 1, GROUP_HEARTBEAT, take_beat, .leads = true },
	PIECE(NONCE) = { SEAL_MEMBER_NONCE, SEAL_MEMBER_NONCE, take_nonce, false, false },
	PIECE(ASK) = { SEAL_MEMBER_NONCE, SEAL_MEMBER_NONCE, take_nonce, false, false },
	PIECE(FETCH) = { 4, 4, take_fetch, false, false },
	PIECE(WHISPER) = { 1, TALK_FRAME, take_whisper, false, false },
#undef PIECE
};

static bool fits_rule(const struct piece_rule *rule, const struct wire_piece *piece)
{
	return rule->take && piece->payload_bytes >= rule->least && piece->payload_bytes <= rule->most;
}

/* Counted, and then taken. */
static void take(struct conn *conn, const struct piece_rule *rule, const struct wire_piece *piece, const struct seal_turn *turn)
{
	struct member *member = conn->member;
	/* Who leads whispers to everybody who comes. */
	bool leads = member && (rule->leads || piece->kind == WIRE_WHISPER) && lead_may_rotate(member->room, member), flood = false;

	if (!leads && (conn_too_many(conn, &flood) || rule->leads)) {
		if (flood)
			conn_drop(conn, LINK_END_FLOOD, "Too many pieces.");
		return;
	}
	if (member)
		rule->take(member, piece, turn);
	else
		runs_said(conn, piece);
}

int seal_piece(struct conn *conn, const uint8_t *p, size_t n, struct seal_turn *turn)
{
	const struct piece_rule *rule;
	struct wire_piece piece;
	int used = wire_piece_decode(&piece, p, n);

	rule = used < 0 ? NULL : &rules[piece.kind - WIRE_SEAL_FIRST];
	if (!rule || !fits_rule(rule, &piece)) {
		conn_drop(conn, LINK_END_BAD_DATA, "That was no piece.");
		return -EBADMSG;
	}
	if (!conn->member && !rule->door) {
		conn_drop(conn, LINK_END_POLICY, "Keys before a meeting.");
		return -EPERM;
	}
	take(conn, rule, &piece, turn);
	turn->n += (size_t)used;
	if (piece.kind == WIRE_ROSTER)
		*turn = (struct seal_turn){ p + used, 0 };
	return used;
}

/* ---- orders --------------------------------------------------------------------------------------------------------- */

int seal_order(struct room *room, uint32_t actor, const char *order)
{
	uint8_t bytes[MOOT_ORDER_SIZE];
	const char *end;
	size_t length = strlen(order), n;

	if (!length)
		return 0;
	if (sodium_base642bin(bytes, sizeof bytes, order, length, NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) ||
	    end != order + length || !n)
		return -EBADMSG;
	room->order = piece_buf(WIRE_ORDER, actor, bytes, n);
	return 0;
}

static void keep_order(struct room *room, struct buf *piece)
{
	struct order *order = &room->orders[room->order_count++ % ROOM_ORDERS];

	buf_unref(order->piece);
	*order = (struct order){ piece, loop_now_us() };
}

void seal_order_tell(struct room *room)
{
	struct buf *order = room->order;

	room->order = NULL;
	if (!order)
		return;
	room_tell(room, order, NULL);
	keep_order(room, order);
}

/* Who has heard one already knows it by its number. */
void seal_orders_again(struct member *member)
{
	const struct room *room = member->room;
	uint64_t first = room->order_count < ROOM_ORDERS ? 0 : room->order_count - ROOM_ORDERS;

	for (uint64_t i = first < member->orders_from ? member->orders_from : first; i < room->order_count; i++) {
		const struct order *order = &room->orders[i % ROOM_ORDERS];

		if (order->us > member->lost_us - ORDER_LOST_US)
			conn_control(member->conn, order->piece);
	}
}

void seal_orders_forget(struct room *room)
{
	for (size_t i = 0; i < ROOM_ORDERS; i++)
		buf_unref(room->orders[i].piece);
	memset(room->orders, 0, sizeof room->orders);
	room->order_count = 0;
	for (uint32_t i = 0; i < room->members_size; i++)
		if (room->members[i])
			room->members[i]->orders_from = 0;
}

void seal_order_end(struct room *room)
{
	buf_unref(room->order);
	room->order = NULL;
}
