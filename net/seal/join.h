/* Showing the leader that one knows the invite's secret or the passcode, and the leader showing the same, without either
 * telling it to anybody: CPace inside four messages that the relay carries. L leads and is CPace's initiator, J joins.
 *     1. J>L HELLO      LV(1, how, nj, SB_J)
 *     2. L>J CHALLENGE  LV(nl, SB_D, Ya)                    SB_D: L's keys under the name "moot", so that a stranger learns
 *     3. J>L PROOF      LV(Yb, Tb, N_J, Sig("join", ..))    no name (and a decoy looks the same)
 *     4. L>J WELCOME    LV(Ta, SB_L, Sig("welcome", ..))    who leads, once J has proven itself
 * Pure; each struct is for one run. */
#ifndef MOOT_NET_SEAL_JOIN_H
#define MOOT_NET_SEAL_JOIN_H

#include "net/seal/binding.h"
#include "net/seal/cpace.h"

enum {
	JOIN_LINK = 16,         /* bytes of an invite's secret */
	JOIN_CODE = 64,         /* characters of a passcode, at most */
	JOIN_MESSAGE = 1400,    /* bytes of a message, at most */
	JOIN_GATE = 32,
};

enum join_how { JOIN_BY_LINK = 1, JOIN_BY_CODE = 2 };

/* What the two have in common: the invite's secret, the passcode, or both. */
struct join_secrets {
	bool has_link;
	uint8_t link[JOIN_LINK];
	char code[JOIN_CODE + 4]; /* "" none */
};

/* Errors of the functions below: -EBADMSG a message that is none, or not signed by who it says; -EACCES the other end knows
 * another secret; -ELOOP one's own nonce or key came back; -EPROTO another binding than before; -ENOKEY one has not the kind
 * of secret that HELLO names; -EIO. After an error the run is over. */

struct join_leader {
	const struct seal_meeting *meeting;
	struct seal_self door;          /* the leader's keys under the name "moot" */
	uint8_t nj[16], nl[16], ya[CPACE_SCALAR], ya_point[CPACE_POINT];
	uint8_t sb[SEAL_SB];
	size_t sb_n;                    /* the leader's own binding */
	uint8_t b[SEAL_HASH];
	struct binding joiner;
	enum join_how how;
	/* after join_welcome() */
	uint8_t psk[SEAL_KEY], nonce[SEAL_MEMBER_NONCE];
	int step;
};

/** Answer HELLO. meeting must outlive the run; self and secrets are only read now. out: JOIN_MESSAGE bytes. Returns the
 * length of CHALLENGE. */
int join_challenge(struct join_leader *run, const struct seal_meeting *meeting, const struct seal_self *self,
		   const struct join_secrets *secrets, struct seal_bytes hello, uint8_t out[static JOIN_MESSAGE]);
/** Judge PROOF. Returns the length of WELCOME; joiner, psk and nonce are true then. -EACCES: a wrong guess. */
int join_welcome(struct join_leader *run, struct seal_bytes proof, uint8_t out[static JOIN_MESSAGE]);
void join_leader_erase(struct join_leader *run);

struct join_joiner {
	const struct seal_meeting *meeting;
	struct seal_self self;
	struct join_secrets secrets;
	enum join_how how;
	uint8_t nj[16], nl[16], yb_point[CPACE_POINT], ya_point[CPACE_POINT];
	uint8_t isk[SEAL_HASH];
	struct binding door;
	/* after join_finish() */
	struct binding leader;
	uint8_t psk[SEAL_KEY], nonce[SEAL_MEMBER_NONCE];
	int step;
};

/** Begin, by link when there is one. meeting must outlive the run. Returns the length of HELLO. */
int join_hello(struct join_joiner *run, const struct seal_meeting *meeting, const struct seal_self *self,
	       const struct join_secrets *secrets, uint8_t out[static JOIN_MESSAGE]);
/** Answer CHALLENGE. Returns the length of PROOF. */
int join_proof(struct join_joiner *run, struct seal_bytes challenge, uint8_t out[static JOIN_MESSAGE]);
/** Judge WELCOME: 0, or -EACCES: a leader who does not know the secret. */
int join_finish(struct join_joiner *run, struct seal_bytes welcome);
void join_joiner_erase(struct join_joiner *run);

/** Does this key belong to the host whom the invite names (h = SHA-256 of it)? */
bool join_is_host(const uint8_t ik[static SEAL_KEY], const uint8_t h[static 32]);
/** The h of an invite. */
void join_host_hash(uint8_t h[static 32], const uint8_t ik[static SEAL_KEY]);
/** What a relay is shown by who has the link. 0, -EIO. */
int join_gate(uint8_t gate[static JOIN_GATE], const uint8_t link[static JOIN_LINK]);

/* A leader who is not there: for a relay that is asked for a meeting that is not there. seed: the same for the same
 * meeting. NULL without memory. */
struct join_decoy;
struct join_decoy *join_decoy_new(const struct seal_meeting *meeting, const uint8_t seed[static 32]);
void join_decoy_free(struct join_decoy *decoy);
/** What a leader would say to this HELLO, if anything. Returns the length, or as join_challenge(). */
int join_decoy_challenge(struct join_decoy *decoy, struct seal_bytes hello, uint8_t out[static JOIN_MESSAGE]);

/* The code that people compare: 8 groups of 5 digits. */
enum { CODE_SIZE = 8 * 6 };
void seal_code(char code[static CODE_SIZE], const uint8_t ik[static SEAL_KEY]);

#endif
