/* What whoever leads makes of the meeting: reconcile() compares the signed roster with who is seated, proven and let in, and stages
 * what differs. It can be called at any time and does nothing twice. A rotation goes up as one message, and again after a
 * lost line until it has come back. */
#include "net/secure_state.h"

#include <stdlib.h>
#include <string.h>

enum { OPENED_MS = 10000, HAND_OVER_MS = 2000, UNKEYED_MS = 5000 };

bool secure_is_host(const struct secure *secure, const uint8_t ik[static SEAL_KEY])
{
	if (secure->params.has_host && join_is_host(ik, secure->params.host_hash))
		return true;
	for (unsigned i = 0; i < secure->hosts_n; i++)
		if (!memcmp(secure->hosts[i], ik, SEAL_KEY))
			return true;
	return false;
}

static bool was_in_before(const struct secure *secure, const uint8_t ik[static SEAL_KEY])
{
	for (size_t i = 0; i < secure->before_n; i++)
		if (!memcmp(secure->before[i], ik, SEAL_KEY))
			return true;
	return false;
}

static bool has_left(const struct secure *secure, const uint8_t ik[static SEAL_KEY])
{
	for (size_t i = 0; i < secure->left_n; i++)
		if (!memcmp(secure->left[i], ik, SEAL_KEY))
			return true;
	return false;
}

/* A host let them in, by that name; or everybody may come, but who left; or they are the host. */
static bool is_let_in(const struct secure *secure, const struct seen *seen, const struct binding *binding)
{
	uint8_t look[8];

	if (secure_is_banned(secure, binding->ik))
		return false;
	if (secure_is_host(secure, binding->ik) || was_in_before(secure, binding->ik))
		return true;
	secure_hash8(look, binding->name);
	if (seen->admitted)
		return !seen->has_look || !memcmp(look, seen->look, sizeof(look));
	return !secure->waiting_room && !secure->locked && !has_left(secure, binding->ik);
}

static void add(struct secure *secure, struct seen *seen, int64_t now_ms)
{
	struct guest *guest = secure_guest(secure, seen->number);
	enum group_role role = GROUP_PARTICIPANT;
	struct seal_bytes sb;
	struct binding binding;

	if (!guest)
		return;
	sb = guest->sb_n ? (struct seal_bytes) { guest->sb, guest->sb_n }
			 : (struct seal_bytes) { guest->join.joiner.sb, guest->join.joiner.sb_n };
	if (binding_read(&binding, &secure->meeting, sb) < 0 || !is_let_in(secure, seen, &binding))
		return;
	if (seen->role == ROLE_HOST && secure_is_host(secure, binding.ik))
		role = GROUP_HOST;
	if (guest->sb_n)
		group_stage_flags(secure->group, group_flags(secure->group) | GROUP_RELAY_MODE, now_ms);
	if (!group_stage_add(secure->group, (uint16_t)seen->number, role, sb, guest->sb_n ? NULL : guest->join.psk,
			     guest->sb_n ? NULL : guest->join.nonce, now_ms))
		secure_guest_drop(secure, guest);
}

/* The same person proved the secret with other keys: what this roster has of them is no use to them any more. The relay can
 * ask people to do so at any time, but nobody else can do it in their place. */
static bool begins_anew(struct secure *secure, const struct group_member *member)
{
	const struct guest *guest = secure_guest(secure, member->idx);

	return guest && guest->proven && !guest->sb_n && !memcmp(guest->join.joiner.ik, member->binding->ik, SEAL_KEY) &&
	       memcmp(guest->join.joiner.ek, member->binding->ek, SEAL_KEY);
}

/* They are added again as soon as this is signed, as what they were. */
static void replace(struct secure *secure, struct seen *seen, const struct group_member *member, int64_t now_ms)
{
	if (!seen->has_ordered)
		seen->ordered = member->role;
	seen->has_ordered = seen->admitted = true;
	group_stage_remove(secure->group, member->idx, false, now_ms);
}

/* Who is not there any more, or may not be, goes. */
static void reconcile_members(struct secure *secure, int64_t now_ms)
{
	struct group_member member;

	for (size_t i = 0; group_at(secure->group, i, &member); i++) {
		struct seen *seen = secure_seen(secure, member.idx);

		if (member.idx == secure->number)
			continue;
		if (secure_is_banned(secure, member.binding->ik))
			group_stage_remove(secure->group, member.idx, true, now_ms);
		else if (!seen || seen->place != PLACE_IN)
			group_stage_remove(secure->group, member.idx, false, now_ms);
		else if (begins_anew(secure, &member))
			replace(secure, seen, &member, now_ms);
		else if (seen->has_ordered && seen->ordered != member.role)
			group_stage_role(secure->group, member.idx, seen->ordered, now_ms);
	}
}

/* Somebody new whom a host let in, though it is locked, is about to get keys: by a roster that is not. */
static bool is_opened_for_somebody(const struct secure *secure, int64_t now_ms)
{
	struct group_member member;

	for (size_t i = 0; i < secure->seen_n; i++) {
		const struct seen *seen = &secure->seen[i];

		if (seen->place == PLACE_IN && seen->admitted && seen->number <= GROUP_IDX_MAX &&
		    now_ms - seen->since_ms < OPENED_MS && !group_find(secure->group, (uint16_t)seen->number, &member))
			return true;
	}
	return false;
}

static void reconcile_flags(struct secure *secure, int64_t now_ms)
{
	unsigned flags = secure->locked && !is_opened_for_somebody(secure, now_ms) ? GROUP_LOCKED : 0;
	struct group_member member;

	for (size_t i = 0; group_at(secure->group, i, &member); i++) {
		const struct seen *seen = secure_seen(secure, member.idx);

		if (member.binding->mode == SEAL_MODE_RELAY && seen && seen->place == PLACE_IN)
			flags |= GROUP_RELAY_MODE;
	}
	for (size_t i = 0; i < secure->seen_n; i++)
		if (secure->seen[i].place == PLACE_IN && secure->seen[i].sealed == SEALED_RELAY)
			flags |= group_flags(secure->group) & GROUP_RELAY_MODE;
	if (flags != group_flags(secure->group))
		group_stage_flags(secure->group, flags, now_ms);
}

/* The host leads, when there. */
static void hand_over(struct secure *secure, int64_t now_ms)
{
	struct group_member member, leader;

	if (!group_leader(secure->group, &leader) || leader.role == GROUP_HOST || secure_is_host(secure, leader.binding->ik))
		return;
	for (size_t i = 0; group_at(secure->group, i, &member); i++) {
		const struct seen *seen = secure_seen(secure, member.idx);

		if (member.idx == secure->number || !seen || seen->place != PLACE_IN || seen->away ||
		    now_ms - seen->since_ms < HAND_OVER_MS || (member.role != GROUP_HOST && !secure_is_host(secure, member.binding->ik)))
			continue;
		group_hand_over(secure->group, member.idx, now_ms);
		return;
	}
}

/* Once: somebody sits here whom no host let in. */
static void tell_unkeyed(struct secure *secure, struct seen *seen, int64_t now_ms)
{
	const struct guest *guest = secure_guest(secure, seen->number);

	if (seen->told_unkeyed || !guest || !guest->proven || guest->sb_n || now_ms - seen->since_ms < UNKEYED_MS)
		return;
	seen->told_unkeyed = true;
	secure_notice(secure, "no-keys",
		      "%s (%u) is in by the relay's word, and no host signed that: no keys. /admit %u gives them; /kick %u removes them.",
		      guest->join.joiner.name, seen->number, seen->number, seen->number);
}

void secure_reconcile(struct secure *secure, int64_t now_ms)
{
	struct group_member member;

	if (!secure->group || !group_leads(secure->group) || !secure->synced)
		return;
	reconcile_members(secure, now_ms);
	reconcile_flags(secure, now_ms);
	for (size_t i = 0; i < secure->seen_n; i++) {
		struct seen *seen = &secure->seen[i];

		if (seen->place != PLACE_IN || seen->number > GROUP_IDX_MAX ||
		    group_find(secure->group, (uint16_t)seen->number, &member))
			continue;
		add(secure, seen, now_ms);
		tell_unkeyed(secure, seen, now_ms);
	}
	reconcile_flags(secure, now_ms);
	hand_over(secure, now_ms);
}

static size_t put_piece(uint8_t *p, enum wire_seal kind, uint16_t source, uint8_t flags, const void *payload, size_t n)
{
	const struct wire_piece piece = { .kind = kind, .source = source, .flags = flags, .payload_bytes = n };
	const int head = wire_piece_header(p, &piece);

	if (head < 0)
		return 0;
	memcpy(p + head, payload, n);
	return (size_t)head + n;
}

/* LISTING, WRAPs, ROSTER, in one message. */
static void upload(struct secure *secure, const struct rotation *rotation)
{
	const size_t size = 2 * WIRE_HEADER_BYTES + rotation->listing_bytes + rotation->roster_bytes +
			    rotation->wrap_count * (WIRE_HEADER_BYTES + GROUP_WRAP);
	const uint16_t me = (uint16_t)secure->number;
	struct upload *upload = malloc(sizeof(*upload) + size), **end = &secure->uploads;
	uint8_t *p = upload ? upload->message : NULL;
	size_t n = 0;

	if (!p)
		return;
	while (*end)
		end = &(*end)->next;
	*upload = (struct upload) { .e = group_epoch(secure->group) };
	if (rotation->listing_bytes)
		n += put_piece(p, WIRE_LISTING, me, 0, rotation->listing, rotation->listing_bytes);
	for (size_t i = 0; i < rotation->wrap_count; i++)
		n += put_piece(p + n, WIRE_WRAP, rotation->wraps[i].idx, rotation->wraps[i].added, rotation->wraps[i].bytes,
			       GROUP_WRAP);
	n += put_piece(p + n, WIRE_ROSTER, me, 0, rotation->roster, rotation->roster_bytes);
	upload->n = n;
	*end = upload;
	secure->uploads_n++;
	secure->ops->on_pieces(secure->arg, upload->message, upload->n);
}

void secure_uploaded(struct secure *secure, uint32_t e)
{
	while (secure->uploads && secure->uploads->e <= e) {
		struct upload *next = secure->uploads->next;

		free(secure->uploads);
		secure->uploads = next;
		secure->uploads_n--;
	}
}

void secure_upload_again(struct secure *secure)
{
	for (const struct upload *upload = secure->uploads; upload; upload = upload->next)
		secure->ops->on_pieces(secure->arg, upload->message, upload->n);
}

void secure_rotate(struct secure *secure, int64_t now_ms)
{
	struct rotation rotation;

	if (secure->uploads_n == SECURE_UPLOADS || group_rotate(secure->group, &rotation, now_ms))
		return;
	upload(secure, &rotation);
	rotation_clear(&rotation);
	secure_turned(secure, now_ms);
	secure_reconcile(secure, now_ms);
}

void secure_beat(struct secure *secure, int64_t now_ms)
{
	uint8_t out[GROUP_HEARTBEAT];
	const int n = group_make_heartbeat(secure->group, out, now_ms);

	if (n > 0)
		secure_send(secure, WIRE_BEAT, (uint16_t)secure->number, 0, out, (size_t)n);
}
