/* Rosters and wraps as they come, and, for whoever leads, as they should be: reconcile() compares the signed roster with who
 * is seated, proven and let in, and stages what differs. It can be called at any time and does nothing twice. */
#include "net/seal/group_roster.h"
#include "net/secure_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH_MS = 1000, NAMES_MS = 3000, GAP_MS = 5000, OPENED_MS = 10000, QUIET_MS = 30000, NOTICE_MS = 10000, HAND_OVER_MS = 2000 };

/* ---- following ---------------------------------------------------------------------------------------- */

static void keep(uint8_t **dst, size_t *dst_n, const struct wire_piece *piece)
{
	uint8_t *copy = malloc(piece->payload_bytes);

	free(*dst);
	*dst = copy;
	*dst_n = copy ? piece->payload_bytes : 0;
	if (copy)
		memcpy(copy, piece->payload, piece->payload_bytes);
}

static void fetch(struct secure *secure, int64_t now_ms)
{
	const uint32_t e = group_epoch(secure->group) + 1;
	const uint8_t from[4] = { (uint8_t)(e >> 24), (uint8_t)(e >> 16), (uint8_t)(e >> 8), (uint8_t)e };

	if (secure->fetched_ms && now_ms - secure->fetched_ms < FETCH_MS)
		return;
	secure->fetched_ms = now_ms;
	secure_send(secure, WIRE_FETCH, 0, 0, from, sizeof(from));
}

static void remember_hosts(struct secure *secure)
{
	struct group_member member;

	for (size_t i = 0; group_at(secure->group, i, &member); i++) {
		bool known = member.role != GROUP_HOST;

		for (unsigned k = 0; k < secure->hosts_n && !known; k++)
			known = !memcmp(secure->hosts[k], member.binding->ik, SEAL_KEY);
		if (!known && secure->hosts_n < sizeof(secure->hosts) / sizeof(*secure->hosts))
			memcpy(secure->hosts[secure->hosts_n++], member.binding->ik, SEAL_KEY);
	}
}

/* Whom the relay calls otherwise than they do themselves, the front is told of by their own name. */
static void tell_names(struct secure *secure, int64_t now_ms)
{
	/* Where the relay can hear nothing is whispered. */
	if (now_ms < secure->names_ms || group_flags(secure->group) & GROUP_RELAY_MODE)
		return;
	secure->names_ms = 0;
	for (size_t i = 0; i < secure->seen_n; i++) {
		struct seen *seen = &secure->seen[i];
		const char *name = seen->place == PLACE_IN ? secure_signed_name(secure, seen->number) : NULL;
		uint8_t hash[8];

		if (!name)
			continue;
		secure_hash8(hash, name);
		if (!memcmp(hash, seen->name, sizeof(hash)))
			continue;
		memcpy(seen->name, hash, sizeof(hash));
		secure_notice(secure, "name-not-signed", "The relay calls number %u something that they did not sign: they are %s.",
			      seen->number, name);
	}
}

static void oust_tick(struct secure *secure)
{
	struct group_member member;

	for (unsigned i = 0; i < secure->oust_n;)
		if (!group_find(secure->group, (uint16_t)secure->oust[i].number, &member))
			secure->oust[i] = secure->oust[--secure->oust_n];
		else
			i++;
}

static void turned(struct secure *secure, int64_t now_ms)
{
	const uint32_t e = group_epoch(secure->group);

	if (e == secure->turned_epoch)
		return;
	secure->turned_epoch = e;
	if (!secure->turned_ms)
		secure->names_ms = now_ms + NAMES_MS;
	secure->turned_ms = now_ms;
	secure->was_in = true;
	remember_hosts(secure);
	tell_names(secure, now_ms);
	oust_tick(secure);
}

/* What a refusal means to people. Those that the other side of a lost line explains are none. */
static void complain(struct secure *secure, enum group_verdict verdict, int64_t now_ms)
{
	static const char *const texts[GROUP_VERDICTS] = {
		[GROUP_MALFORMED] = "Keys came that cannot be read.",
		[GROUP_FORK] = "Two different rosters were signed for one moment: somebody shows people different meetings. Leave, and "
			       "join anew.",
		[GROUP_BAD_SIGNATURE] = "Keys came that nobody in the meeting signed. They were refused.",
		[GROUP_NOT_LEADER] = "Keys came from somebody who does not lead this meeting. They were refused.",
		[GROUP_WRONG_PREVIOUS] = "Keys came that do not follow those before. They were refused.",
		[GROUP_BAD_MEMBER] = "Keys came with somebody in them who cannot be. They were refused.",
		[GROUP_MEMBERS_MISMATCH] = "The roster is not the one that was signed. The keys were refused.",
		[GROUP_NOT_IN_HISTORY] = "The meeting is locked, and somebody new was added all the same. The keys were refused.",
		[GROUP_DOWNGRADE] = "Somebody is here whom the relay can hear, and the keys do not say so. They were refused.",
		[GROUP_NO_WRAP] = "The new key that came for you does not open. A new one was asked for.",
		[GROUP_COMMIT_MISMATCH] = "The new key that came for you is not the one that was signed. A new one was asked for.",
		[GROUP_BROKEN] = "The cryptography of this machine failed. Nothing is sent any more.",
	};

	if (!texts[verdict] || (verdict != GROUP_FORK && secure->noticed_ms && now_ms - secure->noticed_ms < NOTICE_MS))
		return;
	secure->noticed_ms = now_ms;
	secure_notice(secure, group_verdict_name(verdict), "%s", texts[verdict]);
}

/* Is there no way on from here? Rosters that were missed are not kept for ever. */
static bool is_stranded(struct secure *secure, enum group_verdict verdict, int64_t now_ms)
{
	if (verdict != GROUP_GAP || !secure_in(secure))
		return false;
	if (secure->gap_epoch != group_epoch(secure->group)) {
		secure->gap_epoch = group_epoch(secure->group);
		secure->gap_ms = now_ms;
	}
	return now_ms - secure->gap_ms > GAP_MS;
}

static void begin_anew(struct secure *secure)
{
	secure_notice(secure, "keys-anew", "The others went on without you. You prove the secret once more, for new keys.");
	secure_door_again(secure);
}

static void judged(struct secure *secure, enum group_verdict verdict, int64_t now_ms)
{
	if (is_stranded(secure, verdict, now_ms)) {
		begin_anew(secure);
		return;
	}
	if (verdict == GROUP_GAP && secure_in(secure))
		fetch(secure, now_ms);
	complain(secure, verdict, now_ms);
	turned(secure, now_ms);
	secure_talk_release(secure, now_ms);
	secure_reconcile(secure, now_ms);
}

static void take_wrap(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	const struct seal_bytes wrap = { piece->payload, piece->payload_bytes };
	const struct seal_bytes roster = { secure->roster, secure->roster_n };
	const struct seal_bytes listing = { secure->listing, secure->listing_n };
	enum group_verdict verdict;
	struct group_roster read;
	bool unseen = false;

	if (roster.n)
		verdict = group_receive(secure->group, roster, wrap, listing, now_ms);
	else
		verdict = group_receive_wrap(secure->group, wrap, now_ms);
	if (secure->uploads && !group_roster_read(&read, roster)) {
		if (verdict == GROUP_AGAIN)
			secure_uploaded(secure, read.e);
		/* One's own reached nobody before somebody else took over: no fork that anybody saw. */
		unseen = verdict == GROUP_FORK && read.e >= secure->uploads->e;
	}
	free(secure->roster);
	free(secure->listing);
	secure->roster = secure->listing = NULL;
	secure->roster_n = secure->listing_n = 0;
	if (unseen)
		begin_anew(secure);
	else
		judged(secure, verdict, now_ms);
}

/* A piece for whoever leads: a fresh nonce, or a question for the newest wrap. */
static void take_nonce(struct secure *secure, const struct wire_piece *piece)
{
	struct group_wrap wrap;

	if (piece->payload_bytes != SEAL_MEMBER_NONCE)
		return;
	group_nonce(secure->group, piece->source, piece->payload);
	if (piece->kind == WIRE_ASK && !group_rewrap(secure->group, piece->source, &wrap))
		secure_send(secure, WIRE_WRAP, wrap.idx, 0, wrap.bytes, sizeof(wrap.bytes));
}

/* Of somebody who cannot do end to end. */
static void take_plain(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	struct guest *guest = secure_guest(secure, piece->source);
	struct group_member member;
	struct binding binding;

	if (!secure_in(secure)) {
		group_hint(secure->group, piece->source, (struct seal_bytes) { piece->payload, piece->payload_bytes });
		return;
	}
	if (guest || group_find(secure->group, piece->source, &member) ||
	    binding_read(&binding, &secure->meeting, (struct seal_bytes) { piece->payload, piece->payload_bytes }) < 0 ||
	    binding.mode != SEAL_MODE_RELAY)
		return;
	guest = secure_guest_plain(secure, piece->source, now_ms);
	if (!guest)
		return;
	memcpy(guest->sb, binding.sb, binding.sb_n);
	guest->sb_n = binding.sb_n;
	secure_reconcile(secure, now_ms);
}

void secure_keys_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	const struct seal_bytes bytes = { piece->payload, piece->payload_bytes };

	if (!secure->group)
		return;
	switch (piece->kind) {
	case WIRE_BINDING: take_plain(secure, piece, now_ms); break;
	case WIRE_LISTING: keep(&secure->listing, &secure->listing_n, piece); break;
	case WIRE_ROSTER: keep(&secure->roster, &secure->roster_n, piece); break;
	case WIRE_WRAP: take_wrap(secure, piece, now_ms); break;
	case WIRE_BEAT: judged(secure, group_receive_heartbeat(secure->group, bytes, now_ms), now_ms); break;
	case WIRE_NONCE:
	case WIRE_ASK: take_nonce(secure, piece); break;
	default: break;
	}
}

/* ---- leading ------------------------------------------------------------------------------------------ */

static bool is_host(const struct secure *secure, const uint8_t ik[static SEAL_KEY])
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
	if (is_host(secure, binding->ik) || was_in_before(secure, binding->ik))
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
	if (seen->role == ROLE_HOST && is_host(secure, binding.ik))
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

	if (!group_leader(secure->group, &leader) || leader.role == GROUP_HOST || is_host(secure, leader.binding->ik))
		return;
	for (size_t i = 0; group_at(secure->group, i, &member); i++) {
		const struct seen *seen = secure_seen(secure, member.idx);

		if (member.idx == secure->number || !seen || seen->place != PLACE_IN || seen->away ||
		    now_ms - seen->since_ms < HAND_OVER_MS || (member.role != GROUP_HOST && !is_host(secure, member.binding->ik)))
			continue;
		group_hand_over(secure->group, member.idx, now_ms);
		return;
	}
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

		if (seen->place == PLACE_IN && seen->number <= GROUP_IDX_MAX &&
		    !group_find(secure->group, (uint16_t)seen->number, &member))
			add(secure, seen, now_ms);
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
	secure->ops->send(secure->arg, upload->message, upload->n);
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
		secure->ops->send(secure->arg, upload->message, upload->n);
}

static void rotate(struct secure *secure, int64_t now_ms)
{
	struct rotation rotation;

	if (secure->uploads_n == SECURE_UPLOADS || group_rotate(secure->group, &rotation, now_ms))
		return;
	upload(secure, &rotation);
	rotation_clear(&rotation);
	turned(secure, now_ms);
	secure_reconcile(secure, now_ms);
}

static void beat(struct secure *secure, int64_t now_ms)
{
	uint8_t out[GROUP_HEARTBEAT];
	const int n = group_make_heartbeat(secure->group, out, now_ms);

	if (n > 0)
		secure_send(secure, WIRE_BEAT, (uint16_t)secure->number, 0, out, (size_t)n);
}

/* ---- time --------------------------------------------------------------------------------------------- */

static void say_nonce(struct secure *secure, enum wire_seal kind, int64_t now_ms)
{
	uint8_t nonce[SEAL_MEMBER_NONCE];

	if (!group_make_nonce(secure->group, nonce, now_ms))
		secure_send(secure, kind, 0, 0, nonce, sizeof(nonce));
}

/* The leader left, or its line is down for longer than a stumble. */
static bool leader_is_lost(struct secure *secure, int64_t now_ms)
{
	struct group_member leader;
	const struct seen *seen;

	if (!group_leader(secure->group, &leader))
		return true;
	seen = secure_seen(secure, leader.idx);
	if (!seen || seen->place != PLACE_IN)
		return true;
	/* Connected: then only the silence of the heartbeat counts, which the group has judged. */
	return !seen->away || now_ms - seen->since_ms >= SECURE_AWAY_MS;
}

/* The host's key may claim at any time; while somebody else leads well, being handed over to is quieter. */
static bool should_claim(struct secure *secure, int64_t now_ms)
{
	struct group_member leader;
	const struct seen *seen;

	if (!leader_is_lost(secure, now_ms) || !group_leader(secure->group, &leader))
		return false;
	seen = secure_seen(secure, leader.idx);
	return !seen || seen->place != PLACE_IN || seen->away || !is_host(secure, secure->ik) ||
	       now_ms - seen->since_ms >= 3 * SECURE_AWAY_MS;
}

static void trouble(struct secure *secure)
{
	const uint16_t idx = group_trouble(secure->group);
	const char *name = secure_signed_name(secure, idx);

	if (idx)
		secure_notice(secure, "frames-refused", "Much of what came from %s could not be opened and was dropped: forged, or from "
							"other keys.",
			      name ? name : "somebody");
}

static void warn_quiet(struct secure *secure, int64_t now_ms)
{
	if (secure->quiet_ms && now_ms - secure->quiet_ms < QUIET_MS)
		return;
	secure->quiet_ms = now_ms;
	secure_notice(secure, "no-heartbeat", "Nothing came for 30 s from whoever leads the keys. If it goes on, nothing is sent any "
					      "more.");
}

void secure_keys_tick(struct secure *secure, int64_t now_ms)
{
	unsigned wants;

	secure_reconcile(secure, now_ms);
	wants = group_tick(secure->group, now_ms);
	if (!secure->up || !secure->synced)
		return;
	if (wants & GROUP_MAY_CLAIM && should_claim(secure, now_ms) && !group_claim(secure->group, now_ms))
		wants |= GROUP_ROTATE;
	if (wants & GROUP_ROTATE)
		rotate(secure, now_ms);
	if (wants & GROUP_BEAT)
		beat(secure, now_ms);
	if (wants & GROUP_NONCE)
		say_nonce(secure, WIRE_NONCE, now_ms);
	if (wants & GROUP_ASK)
		say_nonce(secure, WIRE_ASK, now_ms);
	if (wants & GROUP_WARN)
		warn_quiet(secure, now_ms);
	if (wants & GROUP_TROUBLE)
		trouble(secure);
	if (secure->names_ms)
		tell_names(secure, now_ms);
	if (wants & GROUP_LEAVE)
		secure->ops->on_over(secure->arg, "no-heartbeat",
				     "Nothing came for 100 s from whoever leads the keys of this meeting: you left it.");
}
