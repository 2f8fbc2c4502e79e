/* A relay in memory between struct secure's, with a clock that stands still until it is moved. It carries as the real one does, knows
 * no rules, and says and drops what a test wants. Person 0 leads first; person i has number i + 1. */
#ifndef MOOT_TESTS_NET_BOOTH_H
#define MOOT_TESTS_NET_BOOTH_H

#include "net/seal/group_roster.h"
#include "net/secure.h"

enum { BOOTH_PEOPLE = 56, BOOTH_EPOCHS = 256, BOOTH_CODES = 64 };

struct attendant {
	struct booth *booth;
	struct secure *secure;
	uint8_t ik[64];
	char name[MOOT_NAME_SIZE];
	bool seated, in;                /* in: the newest roster lists it */
	uint16_t run;
	enum wire_reject rejected;      /* 0: not */
	bool welcomed;
	char over[MOOT_WORD_SIZE];      /* on_over()'s code */
	char errors[BOOTH_CODES][MOOT_WORD_SIZE];       /* codes of EVENT_ERROR */
	unsigned error_count, wrong_codes, keys, frames;
	struct event event;             /* the last of its own making that was no error */
	bool deaf, dumb;                /* nothing comes down; nothing goes up */
	struct seal_bytes binding;      /* as the rosters said */
	uint8_t sb[SEAL_SB];
	bool has_nonce;
	uint8_t nonce[SEAL_MEMBER_NONCE];       /* the newest */
};

struct booth {
	int64_t now_ms;
	char id[MOOT_ID_SIZE];
	uint8_t uuid[SEAL_UUID];
	struct attendant people[BOOTH_PEOPLE];
	unsigned leader;
	bool waits;                     /* who proves themselves is not seated */
	uint16_t runs;
	uint32_t e, oldest;             /* newest; before this one it keeps none */
	struct parcel *kept[BOOTH_EPOCHS];      /* rotations, by e */
	struct parcel *first, **last;           /* under way */
};

void booth_open(struct booth *booth);
void booth_close(struct booth *booth);
/** Person 0 leads, and has its first keys. code and link: the secrets. host: the others know whose meeting it is. */
void booth_lead(struct booth *booth, const char *code);
/** Somebody comes to the door with these secrets; what came of it is in their struct. */
void booth_come(struct booth *booth, unsigned i, const struct join_secrets *secrets);
struct join_secrets booth_code(const char *code);
struct join_secrets booth_link(const struct booth *booth);
/** All that is under way is carried. */
void booth_carry(struct booth *booth);
/** Time passes. */
void booth_pass(struct booth *booth, int64_t ms);
/** Time passes at once, without a tick in between. */
void booth_jump(struct booth *booth, int64_t ms);

/** The relay says that somebody is seated. */
void booth_seat(struct booth *booth, unsigned i);
/** ... has left; or the leader's line is lost, and back with all that was missed. */
void booth_leave(struct booth *booth, unsigned i, const char *code);
void booth_line_lost(struct booth *booth, unsigned i);
void booth_resume(struct booth *booth, unsigned i);
/** One event to one person. Does it pass? */
bool booth_tell(struct booth *booth, unsigned i, const struct event *event);
/** One piece to one person. */
void booth_piece(struct booth *booth, unsigned i, const struct wire_piece *piece);

/** Somebody's signed command, told to all who are seated. As secure_command(). */
int booth_order(struct booth *booth, unsigned i, struct command *command);
struct session_security booth_security(const struct booth *booth, unsigned i);
bool booth_erred(const struct booth *booth, unsigned i, const char *code);
/** Sound from one to another: its length, or the error of either. */
int booth_hear(struct booth *booth, unsigned from, unsigned to);
/** Do these two share the newest keys? */
bool booth_share(struct booth *booth, unsigned a, unsigned b);

#endif
