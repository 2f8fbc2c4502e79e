/* Both ends of the four messages. sid = nj || nl, CI = LV("moot1 cpace", id, uuid, b_D, b_J), where D is the leader's door
 * binding. Nothing that was agreed is used before both tags fit. */
#include "net/seal/join.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/seal/lv.h"

static const char door_name[] = "moot";

enum { STEP_NONE, STEP_ONE, STEP_DONE };

struct transcript {
	const struct seal_meeting *meeting;
	const uint8_t *nj, *nl, *b_door, *b_joiner, *ya, *yb;
};

static int channel(uint8_t *p, size_t size, const struct transcript *t)
{
	struct lv lv = lv_into(p, size);

	lv_text(&lv, "moot1 cpace");
	lv_bytes(&lv, t->meeting->id, strnlen(t->meeting->id, sizeof(t->meeting->id)));
	lv_bytes(&lv, t->meeting->uuid, SEAL_UUID);
	lv_bytes(&lv, t->b_door, SEAL_HASH);
	lv_bytes(&lv, t->b_joiner, SEAL_HASH);
	return lv.full ? -EINVAL : (int)lv.n;
}

static void session_id(uint8_t sid[static 32], const struct transcript *t)
{
	memcpy(sid, t->nj, 16);
	memcpy(sid + 16, t->nl, 16);
}

/* What both sign; more: N_J in PROOF, the b of the leader's own binding in WELCOME. */
static size_t signed_part(uint8_t *p, size_t size, const struct transcript *t, const uint8_t *more, size_t more_n)
{
	struct lv lv = lv_into(p, size);

	lv_bytes(&lv, t->nl, 16);
	lv_bytes(&lv, t->nj, 16);
	lv_bytes(&lv, t->b_door, SEAL_HASH);
	lv_bytes(&lv, t->b_joiner, SEAL_HASH);
	lv_bytes(&lv, t->ya, CPACE_POINT);
	lv_bytes(&lv, t->yb, CPACE_POINT);
	lv_bytes(&lv, more, more_n);
	return lv.n;
}

/* PRS = LV("link", k) or LV("code", digits). */
static size_t shared_secret(uint8_t *p, size_t size, const struct join_secrets *secrets, enum join_how how)
{
	struct lv lv = lv_into(p, size);

	lv_text(&lv, how == JOIN_BY_LINK ? "link" : "code");
	if (how == JOIN_BY_LINK)
		lv_bytes(&lv, secrets->link, JOIN_LINK);
	else
		lv_text(&lv, secrets->code);
	return lv.n;
}

static int generator(uint8_t g[static CPACE_POINT], const struct transcript *t, const struct join_secrets *secrets,
		     enum join_how how)
{
	uint8_t ci[512], sid[32], prs[JOIN_CODE + 32];
	int n = channel(ci, sizeof(ci), t), err;
	size_t prs_n = shared_secret(prs, sizeof(prs), secrets, how);

	if (n < 0)
		return -EIO;
	session_id(sid, t);
	err = cpace_generator(g, (struct seal_bytes) { prs, prs_n }, (struct seal_bytes) { ci, (size_t)n }, SEAL_BYTES(sid));
	seal_erase(prs, sizeof(prs));
	return err ? -EIO : 0;
}

static int agree(uint8_t isk[static SEAL_HASH], const struct transcript *t, const uint8_t *scalar, const uint8_t *point)
{
	static const struct seal_bytes none = { "", 0 };
	uint8_t sid[32], k[CPACE_POINT];
	int err = cpace_multiply(k, scalar, point);

	session_id(sid, t);
	if (!err)
		err = cpace_key(isk, SEAL_BYTES(sid), k, t->ya, none, t->yb, none);
	seal_erase(k, sizeof(k));
	return err;
}

static int tag_of(uint8_t tag[static SEAL_HASH], const struct transcript *t, const uint8_t isk[static SEAL_HASH],
		  const uint8_t *y)
{
	uint8_t sid[32];

	session_id(sid, t);
	return cpace_tag(tag, SEAL_BYTES(sid), isk, y, (struct seal_bytes) { "", 0 });
}

static int shared_key(uint8_t psk[static SEAL_KEY], const struct seal_meeting *meeting, const uint8_t isk[static SEAL_HASH])
{
	return seal_kdf(psk, SEAL_KEY, SEAL_BYTES(meeting->uuid), (struct seal_bytes) { isk, SEAL_HASH },
			(struct seal_bytes) { "moot1 psk", 9 });
}

/* ---- HELLO ------------------------------------------------------------------------------------------------ */

struct hello {
	enum join_how how;
	uint8_t nj[16];
	struct seal_bytes sb;
};

static int read_hello(struct hello *hello, struct seal_bytes bytes)
{
	struct lv_reader reader = lv_from(bytes.p, bytes.n);
	uint8_t format = 0, how = 0;

	lv_read_exactly(&reader, &format, 1);
	lv_read_exactly(&reader, &how, 1);
	lv_read_exactly(&reader, hello->nj, sizeof(hello->nj));
	hello->sb.p = lv_read(&reader, &hello->sb.n);
	if (!lv_done(&reader) || format != 1 || (how != JOIN_BY_LINK && how != JOIN_BY_CODE))
		return -EBADMSG;
	hello->how = (enum join_how)how;
	return 0;
}

int join_hello(struct join_joiner *run, const struct seal_meeting *meeting, const struct seal_self *self,
	       const struct join_secrets *secrets, uint8_t out[static JOIN_MESSAGE])
{
	struct lv lv = lv_into(out, JOIN_MESSAGE);
	uint8_t format = 1, how = secrets->has_link ? JOIN_BY_LINK : JOIN_BY_CODE;

	memset(run, 0, sizeof(*run));
	if (!secrets->has_link && !secrets->code[0])
		return -ENOKEY;
	if (seal_random(run->nj, sizeof(run->nj)))
		return -EIO;
	run->meeting = meeting;
	run->self = *self;
	run->secrets = *secrets;
	run->how = (enum join_how)how;
	lv_bytes(&lv, &format, 1);
	lv_bytes(&lv, &how, 1);
	lv_bytes(&lv, run->nj, sizeof(run->nj));
	lv_bytes(&lv, self->binding.sb, self->binding.sb_n);
	run->step = STEP_ONE;
	return (int)lv.n;
}

/* ---- CHALLENGE ---------------------------------------------------------------------------------------------- */

/* The leader's keys once more, under a name that says nothing. */
static int door_of(struct seal_self *door, const struct seal_meeting *meeting, const struct seal_self *self)
{
	uint8_t ik_secret[64];
	int err;

	memcpy(ik_secret, self->ik_secret, sizeof(ik_secret));
	err = seal_self_make(door, meeting, door_name, ik_secret, SEAL_MODE_END);
	seal_erase(ik_secret, sizeof(ik_secret));
	return err;
}

static int put_challenge(uint8_t out[static JOIN_MESSAGE], const uint8_t nl[static 16], const struct binding *door,
			 const uint8_t ya[static CPACE_POINT])
{
	struct lv lv = lv_into(out, JOIN_MESSAGE);

	lv_bytes(&lv, nl, 16);
	lv_bytes(&lv, door->sb, door->sb_n);
	lv_bytes(&lv, ya, CPACE_POINT);
	return lv.full ? -EIO : (int)lv.n;
}

static struct transcript leaders(const struct join_leader *run, const uint8_t *yb)
{
	return (struct transcript) { run->meeting, run->nj, run->nl, run->door.binding.b, run->joiner.b, run->ya_point, yb };
}

int join_challenge(struct join_leader *run, const struct seal_meeting *meeting, const struct seal_self *self,
		   const struct join_secrets *secrets, struct seal_bytes bytes, uint8_t out[static JOIN_MESSAGE])
{
	struct hello hello;
	struct transcript t;
	uint8_t g[CPACE_POINT];
	int err = read_hello(&hello, bytes);

	memset(run, 0, sizeof(*run));
	if (err || binding_read(&run->joiner, meeting, hello.sb))
		return -EBADMSG;
	if (hello.how == JOIN_BY_LINK ? !secrets->has_link : !secrets->code[0])
		return -ENOKEY;
	if (seal_same(run->joiner.ek, self->binding.ek, SEAL_KEY))
		return -ELOOP;
	run->meeting = meeting;
	run->how = hello.how;
	memcpy(run->nj, hello.nj, sizeof(run->nj));
	memcpy(run->sb, self->binding.sb, self->binding.sb_n);
	run->sb_n = self->binding.sb_n;
	memcpy(run->b, self->binding.b, sizeof(run->b));
	if (seal_random(run->nl, sizeof(run->nl)) || door_of(&run->door, meeting, self) || cpace_scalar(run->ya))
		return -EIO;
	t = leaders(run, NULL);
	if (generator(g, &t, secrets, run->how) || cpace_multiply(run->ya_point, run->ya, g))
		return -EIO;
	seal_erase(g, sizeof(g));
	run->step = STEP_ONE;
	return put_challenge(out, run->nl, &run->door.binding, run->ya_point);
}

static struct transcript joiners(const struct join_joiner *run)
{
	return (struct transcript) { run->meeting,	     run->nj,	    run->nl, run->door.b,
				     run->self.binding.b, run->ya_point, run->yb_point };
}

static int read_challenge(struct join_joiner *run, struct seal_bytes bytes)
{
	struct lv_reader reader = lv_from(bytes.p, bytes.n);
	struct seal_bytes sb;

	lv_read_exactly(&reader, run->nl, sizeof(run->nl));
	sb.p = lv_read(&reader, &sb.n);
	lv_read_exactly(&reader, run->ya_point, sizeof(run->ya_point));
	if (!lv_done(&reader) || binding_read(&run->door, run->meeting, sb))
		return -EBADMSG;
	if (seal_same(run->nl, run->nj, sizeof(run->nl)) || seal_same(run->door.ek, run->self.binding.ek, SEAL_KEY))
		return -ELOOP;
	return 0;
}

/* ---- PROOF ------------------------------------------------------------------------------------------------- */

int join_proof(struct join_joiner *run, struct seal_bytes challenge, uint8_t out[static JOIN_MESSAGE])
{
	struct lv lv = lv_into(out, JOIN_MESSAGE);
	uint8_t g[CPACE_POINT], yb[CPACE_SCALAR], tag[SEAL_HASH], sig[SEAL_SIG], text[512];
	struct transcript t;
	size_t n;
	int err;

	if (run->step != STEP_ONE)
		return -EBADMSG;
	run->step = STEP_NONE;
	err = read_challenge(run, challenge);
	if (err)
		return err;
	t = joiners(run);
	if (seal_random(run->nonce, sizeof(run->nonce)) || generator(g, &t, &run->secrets, run->how) || cpace_scalar(yb) ||
	    cpace_multiply(run->yb_point, yb, g))
		err = -EIO;
	if (!err)
		err = agree(run->isk, &t, yb, run->ya_point);
	if (!err)
		err = tag_of(tag, &t, run->isk, run->yb_point);
	n = signed_part(text, sizeof(text), &t, run->nonce, sizeof(run->nonce));
	if (!err)
		err = seal_sign_for(sig, run->meeting, "join", run->self.ik_secret, (struct seal_bytes) { text, n });
	seal_erase(yb, sizeof(yb));
	seal_erase(g, sizeof(g));
	seal_erase(&run->secrets, sizeof(run->secrets));
	if (err)
		return err;
	lv_bytes(&lv, run->yb_point, sizeof(run->yb_point));
	lv_bytes(&lv, tag, sizeof(tag));
	lv_bytes(&lv, run->nonce, sizeof(run->nonce));
	lv_bytes(&lv, sig, sizeof(sig));
	run->step = STEP_DONE;
	return (int)lv.n;
}

/* ---- WELCOME ------------------------------------------------------------------------------------------------ */

static int put_welcome(const struct join_leader *run, const struct transcript *t, const uint8_t isk[static SEAL_HASH],
		       uint8_t out[static JOIN_MESSAGE])
{
	struct lv lv = lv_into(out, JOIN_MESSAGE);
	uint8_t tag[SEAL_HASH], sig[SEAL_SIG], text[512];
	size_t n = signed_part(text, sizeof(text), t, run->b, sizeof(run->b));

	if (tag_of(tag, t, isk, t->ya) ||
	    seal_sign_for(sig, run->meeting, "welcome", run->door.ik_secret, (struct seal_bytes) { text, n }))
		return -EIO;
	lv_bytes(&lv, tag, sizeof(tag));
	lv_bytes(&lv, run->sb, run->sb_n);
	lv_bytes(&lv, sig, sizeof(sig));
	return lv.full ? -EIO : (int)lv.n;
}

int join_welcome(struct join_leader *run, struct seal_bytes proof, uint8_t out[static JOIN_MESSAGE])
{
	struct lv_reader reader = lv_from(proof.p, proof.n);
	uint8_t yb[CPACE_POINT], theirs[SEAL_HASH], tag[SEAL_HASH], sig[SEAL_SIG], isk[SEAL_HASH], text[512];
	struct transcript t = leaders(run, yb);
	size_t n;
	int err;

	if (run->step != STEP_ONE)
		return -EBADMSG;
	run->step = STEP_NONE;
	lv_read_exactly(&reader, yb, sizeof(yb));
	lv_read_exactly(&reader, theirs, sizeof(theirs));
	lv_read_exactly(&reader, run->nonce, sizeof(run->nonce));
	lv_read_exactly(&reader, sig, sizeof(sig));
	if (!lv_done(&reader))
		return -EBADMSG;
	n = signed_part(text, sizeof(text), &t, run->nonce, sizeof(run->nonce));
	if (seal_verify_for(sig, run->meeting, "join", run->joiner.ik, (struct seal_bytes) { text, n }))
		return -EBADMSG;
	err = agree(isk, &t, run->ya, yb);
	seal_erase(run->ya, sizeof(run->ya));
	if (!err)
		err = tag_of(tag, &t, isk, yb);
	if (!err && !seal_same(tag, theirs, sizeof(tag)))
		err = -EACCES;
	if (!err)
		err = shared_key(run->psk, run->meeting, isk);
	if (!err)
		err = put_welcome(run, &t, isk, out);
	seal_erase(isk, sizeof(isk));
	if (err > 0)
		run->step = STEP_DONE;
	return err;
}

int join_finish(struct join_joiner *run, struct seal_bytes welcome)
{
	struct lv_reader reader = lv_from(welcome.p, welcome.n);
	struct transcript t = joiners(run);
	uint8_t theirs[SEAL_HASH], tag[SEAL_HASH], sig[SEAL_SIG], text[512];
	struct seal_bytes sb;
	size_t n;
	int err;

	if (run->step != STEP_DONE)
		return -EBADMSG;
	run->step = STEP_NONE;
	lv_read_exactly(&reader, theirs, sizeof(theirs));
	sb.p = lv_read(&reader, &sb.n);
	lv_read_exactly(&reader, sig, sizeof(sig));
	if (!lv_done(&reader) || binding_read(&run->leader, run->meeting, sb))
		return -EBADMSG;
	if (!seal_same(run->leader.ik, run->door.ik, SEAL_KEY))
		return -EPROTO;
	n = signed_part(text, sizeof(text), &t, run->leader.b, sizeof(run->leader.b));
	if (seal_verify_for(sig, run->meeting, "welcome", run->door.ik, (struct seal_bytes) { text, n }))
		return -EBADMSG;
	err = tag_of(tag, &t, run->isk, run->ya_point);
	if (!err && !seal_same(tag, theirs, sizeof(tag)))
		err = -EACCES;
	if (!err)
		err = shared_key(run->psk, run->meeting, run->isk);
	seal_erase(run->isk, sizeof(run->isk));
	return err;
}

void join_leader_erase(struct join_leader *run)
{
	seal_erase(run, sizeof(*run));
}

void join_joiner_erase(struct join_joiner *run)
{
	seal_erase(run, sizeof(*run));
}

/* ---- hosts, gates, codes -------------------------------------------------------------------------------------- */

void join_host_hash(uint8_t h[static 32], const uint8_t ik[static SEAL_KEY])
{
	crypto_hash_sha256(h, ik, SEAL_KEY);
}

bool join_is_host(const uint8_t ik[static SEAL_KEY], const uint8_t h[static 32])
{
	uint8_t hash[32];

	join_host_hash(hash, ik);
	return seal_same(hash, h, sizeof(hash));
}

int join_gate(uint8_t gate[static JOIN_GATE], const uint8_t link[static JOIN_LINK])
{
	return seal_kdf(gate, JOIN_GATE, (struct seal_bytes) { "", 0 }, (struct seal_bytes) { link, JOIN_LINK },
			(struct seal_bytes) { "moot1 gate", 10 });
}

void seal_code(char code[static CODE_SIZE], const uint8_t ik[static SEAL_KEY])
{
	uint8_t text[64], hash[SEAL_HASH];
	struct lv lv = lv_into(text, sizeof(text));
	char *at = code;

	lv_text(&lv, "moot1 code");
	lv_bytes(&lv, ik, SEAL_KEY);
	if (seal_hash(hash, (struct seal_bytes) { text, lv.n })) {
		code[0] = '\0';
		return;
	}
	for (size_t i = 0; i < 8; i++) {
		uint64_t five = 0;

		for (size_t j = 0; j < 5; j++)
			five = five << 8 | hash[5 * i + j];
		at += snprintf(at, (size_t)(code + CODE_SIZE - at), "%s%05u", i ? " " : "", (unsigned)(five % 100000));
	}
}

/* ---- the decoy ------------------------------------------------------------------------------------------------- */

struct join_decoy {
	struct seal_meeting meeting;
	struct seal_self self;
};

struct join_decoy *join_decoy_new(const struct seal_meeting *meeting, const uint8_t seed[static 32])
{
	struct join_decoy *decoy = calloc(1, sizeof(*decoy));
	uint8_t ik[SEAL_KEY], ik_secret[64];

	if (!decoy)
		return NULL;
	decoy->meeting = *meeting;
	if (crypto_sign_seed_keypair(ik, ik_secret, seed) ||
	    seal_self_make(&decoy->self, meeting, door_name, ik_secret, SEAL_MODE_END)) {
		join_decoy_free(decoy);
		decoy = NULL;
	}
	seal_erase(ik_secret, sizeof(ik_secret));
	return decoy;
}

void join_decoy_free(struct join_decoy *decoy)
{
	if (decoy)
		seal_erase(decoy, sizeof(*decoy));
	free(decoy);
}

int join_decoy_challenge(struct join_decoy *decoy, struct seal_bytes bytes, uint8_t out[static JOIN_MESSAGE])
{
	struct hello hello;
	struct binding joiner;
	uint8_t nl[16], ya[CPACE_POINT];
	int err = read_hello(&hello, bytes);

	if (err || binding_read(&joiner, &decoy->meeting, hello.sb))
		return -EBADMSG;
	if (seal_random(nl, sizeof(nl)))
		return -EIO;
	crypto_core_ristretto255_random(ya);
	return put_challenge(out, nl, &decoy->self.binding, ya);
}
