/* Who somebody is in one meeting, signed by themselves: name and the two keys.
 *     B  = LV(1, versions, name, IK, EK, mode)      SB = LV(B, Sig("binding", B))      b = H(SB)
 * Sig(c, m) = Ed25519 over LV("moot1 " + c, meeting id, uuid, m). Pure. */
#ifndef MOOT_NET_SEAL_BINDING_H
#define MOOT_NET_SEAL_BINDING_H

#include "net/seal/crypto.h"

enum { SEAL_NAME = 160, SEAL_SB = 512, SEAL_ID = 36 };

enum seal_mode { SEAL_MODE_END, SEAL_MODE_RELAY, SEAL_MODE_COUNT }; /* RELAY: web and phone, not end to end */

/* The meeting that signatures are for. uuid: drawn for each run of it. */
struct seal_meeting {
	char id[SEAL_ID];
	uint8_t uuid[SEAL_UUID];
};

struct binding {
	char name[SEAL_NAME + 4]; /* UTF-8, NUL-terminated */
	uint8_t ik[SEAL_KEY], ek[SEAL_KEY];
	enum seal_mode mode;
	uint8_t sb[SEAL_SB];      /* the signed bytes */
	uint16_t sb_n;
	uint8_t b[SEAL_HASH];
};

/* One's own keys: Ed25519 for always, X25519 for this join. */
struct seal_self {
	uint8_t ik_secret[64], ek_secret[SEAL_KEY];
	struct binding binding;
};

/** Sig(context, m). context: "binding", "join", ... */
int seal_sign_for(uint8_t sig[static SEAL_SIG], const struct seal_meeting *meeting, const char *context,
		  const uint8_t ik_secret[static 64], struct seal_bytes m);
/** 0, -EBADMSG. */
int seal_verify_for(const uint8_t sig[static SEAL_SIG], const struct seal_meeting *meeting, const char *context,
		    const uint8_t ik[static SEAL_KEY], struct seal_bytes m);

/** A fresh EK and the signed binding of a person with this long-term key (libsodium's 64-byte secret). 0, -EINVAL
 * (name), -EIO. */
int seal_self_make(struct seal_self *self, const struct seal_meeting *meeting, const char *name,
		   const uint8_t ik_secret[static 64], enum seal_mode mode);
void seal_self_erase(struct seal_self *self);

/** Read and verify SB. 0, or -EBADMSG (malformed, name no UTF-8 or too long, wrong version, bad signature). */
int binding_read(struct binding *binding, const struct seal_meeting *meeting, struct seal_bytes sb);

#endif
