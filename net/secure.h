/* A client's end of the end-to-end encryption: proves the invite's secret to whoever leads, follows the signed roster, leads
 * when it is its turn, seals what is sent and opens what comes. It knows the meeting only through the relay's events and
 * pieces, and believes none of them further than they are signed: who is in, who may order what, what people are called and
 * whether the door is open comes from the members; what the relay says about the rest is passed on.
 *
 * Pure: bytes and time (now_ms, as group.h) come in, bytes go out by ops. One thread. Calls out come before the call that
 * caused them returns; secure_free() must wait until then. */
#ifndef MOOT_NET_SECURE_H
#define MOOT_NET_SECURE_H

#include "net/message.h"
#include "net/seal/group.h"
#include "net/seal/join.h"
#include "net/session.h"
#include "net/wire.h"

struct secure;

enum {
	SECURE_WRONG_MAX = 30,          /* tries by one passcode; then it opens no more */
	SECURE_WRONG_ADVICE = 10,
	SECURE_HOLD_MS = 3000,          /* how long a command waits for keys */
	SECURE_BY_CODE_MAX = 50,        /* people; above, the link is required */
};

struct secure_params {
	const uint8_t *ik_secret;       /* 64 bytes: the client's long-term key; borrowed for good */
	const char *name;
	struct join_secrets secrets;
	bool has_host;
	uint8_t host_hash[32];          /* the h of the invite */
	enum seal_mode mode;            /* SEAL_MODE_RELAY: web, phone: nothing is sealed */
	unsigned wrong_codes;           /* tries by this passcode so far */
};

struct secure_ops {
	/** One binary message of pieces, for the relay. */
	void (*on_pieces)(void *arg, const uint8_t *message, size_t n);
	/** A frame that had to wait for its keys, opened. Borrowed. */
	void (*on_frame)(void *arg, const struct wire_frame *frame);
	/** An event of this client's own making: chat that had waited, EVENT_ERROR. */
	void (*on_event)(void *arg, const struct event *event);
	/** Another epoch is sent under. */
	void (*on_keys)(void *arg);
	/** What secure_security() says may have changed. */
	void (*on_security)(void *arg);
	/** Leading: somebody tried a wrong passcode. Returns how many did by this one, ever. */
	unsigned (*on_wrong_code)(void *arg);
	/** It is over: EVENT_REFUSED's code, and a text for people. */
	void (*on_over)(void *arg, const char *code, const char *text);
};

/** NULL without memory. */
struct secure *secure_new(const struct secure_params *params, const struct secure_ops *ops, void *arg);
/** Erases every secret. NULL is fine. */
void secure_free(struct secure *secure);

/** The relay's event, before anybody else sees it; names are made those that are signed, chat is opened. False: drop it (it
 * was told why by EVENT_ERROR, or comes again by on_event). */
bool secure_event(struct secure *secure, struct event *event, int64_t now_ms);
/** Was the last word of a meeting, removed or ended, ordered by whom it names? Else EVENT_ERROR told so. */
bool secure_believes(struct secure *secure, const struct event *event, int64_t now_ms);
void secure_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms);
/** A new line is up (what the relay tells anew replaces what it told), or it is down. */
void secure_line(struct secure *secure, bool up);
/** Let time pass, and after anything else. Returns in how many ms to call again, at most 100. */
int64_t secure_tick(struct secure *secure, int64_t now_ms);

/** Make a command ready to be sent: its text sealed, itself signed. waited_ms: since it was first tried. 0; -EAGAIN: try again a
 * little later; -EPERM: nothing may be sent now (secure_security() says why); -EINVAL: too long; -EIO. */
int secure_command(struct secure *secure, struct command *command, int64_t waited_ms, int64_t now_ms);
/** Seal a frame's payload; frame: header fields, its payload not yet sealed. out: size >= payload + GROUP_FRAME_ADDS. Sets
 * WIRE_PLAIN when it goes unsealed. Returns the length, or -EPERM, -EIO. */
int secure_seal(struct secure *secure, struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms);
/** Open one. out: size >= its payload. Returns the length, or -EAGAIN (held: on_frame follows), -EBADMSG. */
int secure_open(struct secure *secure, const struct wire_frame *frame, uint8_t *out, size_t size, int64_t now_ms);

/** The newest epoch here; 0 none. */
uint32_t secure_epoch(const struct secure *secure);
/** The newest that others are known to have, too: for RESUME. What this one made and nobody has seen comes back, or what came in
 * its place. */
uint32_t secure_shared_epoch(const struct secure *secure);
void secure_security(const struct secure *secure, struct session_security *security, int64_t now_ms);
/** As session_person_key(). */
int secure_person_key(const struct secure *secure, uint32_t number, uint8_t key[static SEAL_KEY], char code[static 48]);
/** As session_knocker_key(). */
int secure_knocker_key(const struct secure *secure, uint32_t number, uint8_t key[static SEAL_KEY]);
void secure_confirm(struct secure *secure);
void secure_consent(struct secure *secure, bool yes);
/** As session_new_passcode(). */
int secure_new_passcode(struct secure *secure, const char *passcode, int64_t now_ms);
/** What one comes in by, as far as it is known here: from the invite or told by whoever leads. */
const struct join_secrets *secure_secrets(const struct secure *secure);
/** The h of the meeting; false when it is not known. */
bool secure_host_hash(const struct secure *secure, uint8_t h[static 32]);

#endif
