/* What the files of secure share. For them alone.
 *
 *     secure.c          birth and death, pieces, time
 *     secure_event.c    the relay's events
 *     secure_people.c   who was seen
 *     secure_show.c     what a person is told
 *     secure_door.c     proving the secret, and judging others' proofs
 *     secure_keys.c     rosters and wraps as they come; time
 *     secure_lead.c     what whoever leads makes of the meeting
 *     secure_order.c    commands that hosts signed, and what may not happen without
 *     secure_talk.c     chat and files, sealed and opened
 *     secure_media.c    sound and pictures; what had waited for its keys
 *     secure_whisper.c  what whoever leads tells newcomers */
#ifndef MOOT_NET_SECURE_STATE_H
#define MOOT_NET_SECURE_STATE_H

#include "net/seal/group_lead.h"
#include "net/seal/group_media.h"
#include "net/seal/talk.h"
#include "net/secure.h"

enum {
	SECURE_META = 16,               /* bytes of metadata, at most */
	SECURE_RUNS = 64,               /* proofs under way at a time */
	SECURE_RUN_MS = 20000,
	SECURE_AGAIN_MS = 15000,        /* seated, proven and without keys: before one proves oneself again */
	SECURE_BANNED = 4096,
	SECURE_ORDERS = 32,             /* remembered, newest last */
	SECURE_ORDER_MS = 10000,        /* how long what follows from one may take */
	SECURE_SAID = 64,               /* own messages that may come back */
	SECURE_FILES = 64,
	SECURE_OUST_MS = 5000,          /* for a removal to reach the keys */
	SECURE_AWAY_MS = 5000,          /* before somebody takes over from a leader whose line is lost */
	SECURE_WHISPERS = 2,            /* in one tick */
	SECURE_WHISPER_LOST_MS = 30000, /* so long before a line was lost, one may be lost with it */
	SECURE_UPLOADS = 64,            /* rotations under way; then no other is made */
};

enum place { PLACE_OUT, PLACE_WAITING, PLACE_IN };

/* What the relay says of a person, and what hosts ordered. */
struct seen {
	uint32_t number;
	enum place place;
	enum role role;
	enum kind kind;
	enum sealed sealed;
	uint32_t room;
	bool away, admitted;
	bool has_ordered;               /* a host ordered this role */
	enum group_role ordered;
	int64_t since_ms;               /* in this place; away */
	bool has_look;                  /* admitted by this name alone */
	uint8_t look[8], name[8];       /* hashes of names */
	char *renamed;                  /* what they are called by a signed word; NULL: as in their binding */
	bool told_unkeyed;
	bool whispered;                 /* leading: was told the secrets, */
	int64_t whispered_ms;           /* then */
};

/* Somebody who proves the secret to us. */
struct guest {
	uint16_t run;
	uint32_t number;                /* 0: not known yet */
	bool proven;
	int64_t at_ms;
	struct join_leader join;
	uint8_t sb[SEAL_SB];            /* of somebody who cannot do end to end: all there is */
	size_t sb_n;
};

struct banned {
	uint32_t number;
	uint8_t ik[SEAL_KEY];
};

struct order {
	uint32_t from;
	int64_t at_ms;
	enum word word;
	enum control control;
	int32_t value;
};

struct upload {
	struct upload *next;
	uint32_t e;
	size_t n;
	uint8_t message[];
};

struct said {
	uint8_t digest[16];
	char *text;
};

struct secure {
	struct secure_params params;
	const struct secure_ops *ops;
	void *arg;
	uint8_t ik[SEAL_KEY];
	char name[MOOT_NAME_SIZE];
	bool up, synced;                /* the line is; and what it missed was told */
	bool led;                       /* as of the last tick, */
	int64_t ticked_ms;              /* then */

	/* oneself */
	struct seal_meeting meeting;
	bool has_meeting, has_self, first; /* first: nobody is there, we lead */
	struct seal_self self;
	uint32_t number;
	enum place place;
	enum role role;
	struct join_joiner join;
	bool joining, challenged, proven;
	int64_t proven_ms, seated_ms;
	struct group *group;
	bool told_h;                    /* host_hash came by a whisper: for invites only */
	uint8_t told_hash[32];

	/* what comes of one R */
	uint8_t *listing, *roster;
	size_t listing_n, roster_n;
	int64_t fetched_ms, gap_ms;
	uint32_t gap_epoch;             /* since gap_ms there is no way on from it */
	uint32_t sent_epoch;            /* as on_keys() was last told */
	struct upload *uploads;         /* rotations made here, oldest first, until they come back */
	unsigned uploads_n;

	struct seen *seen;
	size_t seen_n, seen_size;
	struct guest **guests;
	size_t guests_n, guests_size;
	struct banned *banned;
	size_t banned_n, banned_size;
	uint8_t (*left)[SEAL_KEY];      /* keys of who left or was sent back: they wait for a host, as at any door */
	size_t left_n, left_size;
	uint8_t hosts[8][SEAL_KEY];     /* keys that were host in the signed roster */
	unsigned hosts_n;
	uint8_t (*before)[SEAL_KEY];    /* keys of the signed roster of the run before */
	size_t before_n;
	bool was_in;                    /* once: the relay's word on the door counts no more */
	int64_t names_ms;               /* when names are to be compared: a newcomer is told first who was renamed; 0: at once */
	bool waiting_room, locked;      /* as ordered */
	struct order orders[SECURE_ORDERS];
	uint64_t order_count;
	struct {
		uint32_t number;
		int64_t since_ms;
	} oust[16];                     /* kicked, and still among the keys */
	unsigned oust_n;

	/* by passcode */
	unsigned wrong_codes;
	int64_t wrong_ms[10];
	unsigned wrong_at;

	struct said said[SECURE_SAID];
	unsigned said_at;
	struct {
		uint32_t file, from;
	} files[SECURE_FILES];
	unsigned files_at;

	struct session_security told;   /* as on_security() was last told */
	int64_t turned_ms, noticed_ms, quiet_ms, plain_ms, started_ms;
	uint32_t turned_epoch;
	struct event event;             /* being made */
};

/* secure.c */
void secure_notice(struct secure *secure, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void secure_forget_people(struct secure *secure);

/* secure_people.c */
struct seen *secure_seen(struct secure *secure, uint32_t number);
/** The same, made if need be; NULL without memory. */
struct seen *secure_seen_make(struct secure *secure, uint32_t number);
void secure_seen_drop(struct secure *secure, uint32_t number);
/** Somebody's signed name; NULL when they are not in the signed roster. */
const char *secure_signed_name(const struct secure *secure, uint32_t number);
bool secure_is_name(const char *name);
void secure_hash8(uint8_t out[static 8], const char *text);
bool secure_in(const struct secure *secure);

/* secure_door.c */
void secure_door(struct secure *secure, const struct event *event, int64_t now_ms);
void secure_door_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms);
void secure_door_seated(struct secure *secure, int64_t now_ms);
/** These keys are no use any more: prove the secret anew, to whoever leads now. */
void secure_door_again(struct secure *secure);
void secure_door_tick(struct secure *secure, int64_t now_ms);
struct guest *secure_guest(struct secure *secure, uint32_t number);
/** One of a kind that cannot do end to end: nothing to prove. */
struct guest *secure_guest_plain(struct secure *secure, uint32_t number, int64_t now_ms);
void secure_guest_drop(struct secure *secure, struct guest *guest);
void secure_send(struct secure *secure, enum wire_seal kind, uint16_t source, uint8_t flags, const void *p, size_t n);
void secure_forget_group(struct secure *secure);

/* secure_keys.c */
void secure_keys_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms);
void secure_keys_tick(struct secure *secure, int64_t now_ms);
/** There may be another epoch. */
void secure_turned(struct secure *secure, int64_t now_ms);

/* secure_lead.c */
/** Let the signed roster follow what is true and ordered. Of no effect where another leads. */
void secure_reconcile(struct secure *secure, int64_t now_ms);
void secure_rotate(struct secure *secure, int64_t now_ms);
void secure_beat(struct secure *secure, int64_t now_ms);
/** The epochs up to e came back. */
void secure_uploaded(struct secure *secure, uint32_t e);
/** Send those once more that did not. */
void secure_upload_again(struct secure *secure);
/** Is it the key of the host whom the invite names, or was it a host's in the signed roster? */
bool secure_is_host(const struct secure *secure, const uint8_t ik[static SEAL_KEY]);

/* secure_order.c */
void secure_order_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms);
/** Sign a command if it is one that wants it. As secure_command(). */
int secure_order_sign(struct secure *secure, struct command *command, int64_t waited_ms);
/** May this event be believed? */
bool secure_order_fits(struct secure *secure, const struct event *event, int64_t now_ms);
void secure_ban(struct secure *secure, uint32_t number, const uint8_t ik[static SEAL_KEY]);
bool secure_is_banned(const struct secure *secure, const uint8_t ik[static SEAL_KEY]);

/* secure_talk.c */
int secure_talk_command(struct secure *secure, struct command *command, int64_t waited_ms, int64_t now_ms);
bool secure_talk_event(struct secure *secure, struct event *event, int64_t now_ms);
/** Something written that had waited for its keys, opened. */
void secure_talk_held(struct secure *secure, const uint8_t meta[static SECURE_META], const struct group_from *from,
		      const uint8_t *plain, size_t n, int64_t now_ms);
/** Say that something came in clear that must not. */
void secure_refuse_plain(struct secure *secure, uint32_t from);
void secure_talk_clear(struct secure *secure);

/* secure_media.c */
/** Open and hand on what had waited. */
void secure_release(struct secure *secure, int64_t now_ms);

/* secure_whisper.c */
void secure_whisper_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms);
/** Leading: tell the secrets to whom they were not told. */
void secure_whisper_tick(struct secure *secure, int64_t now_ms);
/** What was whispered a moment ago may have gone with the line. */
void secure_whisper_again(struct seen *seen, int64_t now_ms);

#endif
