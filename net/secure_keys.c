/* Rosters and wraps as they come, and what the time that passes asks for. */
#include "net/seal/group_roster.h"
#include "net/secure_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH_MS = 1000, NAMES_MS = 3000, GAP_MS = 5000, QUIET_MS = 30000, NOTICE_MS = 10000 };

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

void secure_turned(struct secure *secure, int64_t now_ms)
{
	const uint32_t e = group_epoch(secure->group);

	if (e == secure->turned_epoch)
		return;
	secure->turned_epoch = e;
	if (!secure->turned_ms)
		secure->names_ms = now_ms + NAMES_MS;
	/* Whether it is locked was the relay's word until now. */
	if (!secure->was_in && !group_leads(secure->group))
		secure->locked = group_flags(secure->group) & GROUP_LOCKED;
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
	secure_turned(secure, now_ms);
	secure_release(secure, now_ms);
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
	return !seen || seen->place != PLACE_IN || seen->away || !secure_is_host(secure, secure->ik) ||
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
		secure_rotate(secure, now_ms);
	if (wants & GROUP_BEAT)
		secure_beat(secure, now_ms);
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
