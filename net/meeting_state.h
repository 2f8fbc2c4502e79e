/* What a meeting is made of, for net/meeting*.c alone. One block of memory, nothing in it points elsewhere,
 * so two states can be compared byte for byte. Seats are slots in one array, found by number through an
 * index; the order of those seated and of those who wait are lists of slots. */
#ifndef MOOT_NET_MEETING_STATE_H
#define MOOT_NET_MEETING_STATE_H

#include "net/meeting.h"

enum {
	WAITING_MAX = 1000,
	NUMBERS_MAX = 65535, /* media frames carry 16 bits */
	REMOVED_MAX = 4096,  /* never forgotten: nobody comes in whom it could not take */
	LEFT_MAX = 4096,     /* the oldest is forgotten */
	CHAT_KEPT = 256,     /* messages, for those who resume */
	SLOTS_MAX = MOOT_PEOPLE_MAX + WAITING_MAX + 1, /* … and who comes with the host key */
	FILES_MAX = 64,      /* under way in a meeting */
	FILES_EACH = 4,      /* … of one sender */
	FILE_ASKED = 65536,  /* bytes asked for and not yet sent */
	CHUNK_ADDS = 48,     /* bytes by which a sealed piece is longer, at most */
	SHUT_OUT_TOLD = 64,  /* of the removed, to whom becomes a host */
};

/* Why somebody waits. */
enum why { WHY_NOT, WHY_WAITING_ROOM, WHY_NO_HOST, WHY_LEFT, WHY_SENT_BACK, WHY_PARDONED, WHY_RECORDING, WHY_COUNT };

struct seat {
	struct person person; /* number 0: the slot is free */
	uint8_t key[MOOT_KEY_BYTES];
	enum why why;                  /* while waiting */
	bool asked;                    /* a host asked for an unmute: one is granted */
	bool consent;                  /* said yes to the recording that was asked about, or runs */
	enum role pending;             /* while waiting: let in as this, as soon as they agree to be recorded */
	uint8_t vote;                  /* in the open poll, from 1; 0 none */
	int64_t since_ms;              /* waiting since, Unix time */
	int64_t gone_ms;               /* away since, steady */
	/* the last chat before they sat down, became (co-)host, came into this room */
	uint64_t seated_seq, host_seq, room_seq;
};

struct removed {
	uint8_t key[MOOT_KEY_BYTES];
	uint32_t number;
	bool pardoned; /* may knock again, but always waits */
	char name[MOOT_NAME_SIZE];
};

struct kept {
	uint64_t seq;
	int64_t time_ms;
	uint32_t from, number, room;
	enum scope to;
	bool sealed;
	char name[MOOT_NAME_SIZE];
	char text[MOOT_TEXT_SIZE];
};

/* A file on its way. Of its bytes the relay keeps nothing. */
struct transfer {
	uint32_t file, from, to; /* file 0: free */
	char ended[12];          /* why it ended, while one of them is away who has not heard; the other is 0 */
	bool taken, sealed;
	uint64_t size, asked, sent;
};

/* What is one's own in each room: the main one (0) and the breakout rooms. */
struct place {
	uint32_t sharer;   /* number, 0 nobody */
	uint32_t keyboard; /* who may type into that share */
	char shared[MOOT_TITLE_SIZE];
};

struct poll {
	uint32_t number; /* 0: none is open */
	bool named;
	uint32_t options, votes;
	char text[MOOT_SAY_SIZE];
};

struct meeting {
	size_t bytes; /* of this block */
	meeting_sink *sink;
	void *arg;
	struct policy policy;
	char id[MOOT_ID_SIZE], title[MOOT_TITLE_SIZE];
	bool ended;
	int32_t control[CONTROL_COUNT];
	uint32_t host, spotlight; /* numbers, 0 nobody */
	struct place place[MOOT_BREAKOUTS_MAX + 1];
	uint32_t recorder; /* who asked to record; 0 nobody */
	bool recording;    /* and does: everyone said yes */
	uint32_t breakout_count;
	bool breakout_open;
	char breakout[MOOT_BREAKOUTS_MAX][MOOT_NAME_SIZE];
	struct poll poll;
	uint32_t last_poll, last_file;
	struct transfer files[FILES_MAX];
	uint32_t people_room; /* seats that there are; policy.people_max is never more */
	uint32_t last_number, last_hand, wrong_passcodes;
	int64_t empty_ms; /* without a live line since; -1: there is one, or not known yet */

	uint32_t seated_count, waiting_count, away_count, spare_count, slots_used, slots_max;
	uint16_t seated[MOOT_PEOPLE_MAX], waiting[SLOTS_MAX], spare[SLOTS_MAX];
	uint16_t slot_of[NUMBERS_MAX + 1]; /* number -> slot + 1, 0 nobody */

	uint32_t removed_count, left_next;
	struct removed removed[REMOVED_MAX];
	uint8_t left[LEFT_MAX][MOOT_KEY_BYTES];
	uint64_t chat_seq;
	struct kept chat[CHAT_KEPT];
	struct seat slots[];
};

/* One command on its way to its handler. */
struct call {
	struct meeting *meeting;
	struct seat *actor, *target; /* target: as the rule says, or NULL */
	const struct command *command;
	int64_t now_ms, unix_ms;
};
typedef enum refusal handler(const struct call *call);

/* meeting_seats.c: who is where, and telling them. */

/** The slot of a number, seated or waiting, or NULL. */
struct seat *seat_find(struct meeting *meeting, uint32_t number);
/** Seated? (else it waits) */
bool seat_seated(const struct seat *seat);
struct seat *seat_at(struct meeting *meeting, uint32_t at);
struct seat *seat_waiting_at(struct meeting *meeting, uint32_t at);
/** A fresh slot with the next number and key, nowhere yet. There is one: meeting_join() looked. */
struct seat *seat_new(struct meeting *meeting, const uint8_t *key);
/** Room for one more seated? A seat is kept for the host while there is none. */
bool seat_fits(const struct meeting *meeting, uint32_t more, bool host);
/** Sit down with a role, coming from the waiting list or from outside; the person and the room are told. */
void seat_sit(struct meeting *meeting, struct seat *seat, enum role role);
/** Go to the end of the waiting list; the person and the hosts are told. */
void seat_wait(struct meeting *meeting, struct seat *seat, enum why why, int64_t unix_ms);
/** Go on waiting, for another reason; the person and the hosts are told. */
void seat_wait_for(struct meeting *meeting, struct seat *seat, enum why why);
/** Leave the waiting list; the hosts are told. The slot is still theirs. */
void seat_unwait(struct meeting *meeting, struct seat *seat, const char *code, const struct seat *by);
/** Stand up: share, spotlight, recording, vote and files end, `last` (may be NULL) goes to the person and closes, the room is told.
 * The slot is still theirs. */
void seat_stand(struct meeting *meeting, struct seat *seat, const char *code, const struct seat *by,
		struct event *last);
/** Give the slot back. */
void seat_free(struct meeting *meeting, struct seat *seat);
/** All of the room as it stands, to one: before EVENT_JOINED. */
void seat_tell_room(struct meeting *meeting, const struct seat *seat);
/** What only hosts know, to one. */
void seat_tell_hosts_part(struct meeting *meeting, const struct seat *seat);

void meeting_tell(struct meeting *meeting, enum reach reach, uint32_t to, const struct event *event);
/** To everyone in one room. */
void meeting_tell_place(struct meeting *meeting, uint32_t place, const struct event *event);
void meeting_tell_last(struct meeting *meeting, uint32_t to, const struct event *event);
/** Who did it, into the event. NULL: nobody. */
void event_by(struct event *event, const struct seat *by);
void person_changed(struct meeting *meeting, const struct seat *seat, const char *code,
		    const struct seat *by);

/* meeting_door.c: keys that are remembered, and who waits. */

bool door_removed(const struct meeting *meeting, const uint8_t *key);
void door_remove(struct meeting *meeting, const struct seat *seat);
void door_remember_left(struct meeting *meeting, const uint8_t *key);
void door_forget_left(struct meeting *meeting, const uint8_t *key);
bool door_same_key(const uint8_t *a, const uint8_t *b);
/** From the waiting list into the room, or asked first whether to be recorded. by: NULL when nobody in person
 * let them in. */
void door_admit(struct meeting *meeting, struct seat *seat, const struct seat *by);
/** From the waiting list or from outside into the room, as what they are to be. by: as above. */
void door_let_in(struct meeting *meeting, struct seat *seat, enum role role, const struct seat *by);
/** Turn away one who waits; the slot is free after it. text: NULL for the refusal's own. */
void door_turn_away(struct meeting *meeting, struct seat *seat, enum refusal refusal, const char *text,
		    const char *code, const struct seat *by);
/** May this kind of connection be in, by policy and control? */
bool door_kind(const struct meeting *meeting, enum kind kind, enum sealed sealed);
/** Turn away who waits with a kind that may no longer. */
void door_kinds_changed(struct meeting *meeting, const struct seat *by);
/** A host or co-host has arrived: who only waited for one comes in, unless the waiting room or the lock is
 * on. */
void door_hosts_arrived(struct meeting *meeting);
/** Make somebody host, seated or waiting; the old one becomes co-host, or goes if away. */
void door_make_host(struct meeting *meeting, struct seat *seat, const struct seat *by);
/** Note whether there is a live line. */
void door_mark_empty(struct meeting *meeting, int64_t now_ms);

/* meeting_admit.c: the hosts' words at the door. */

handler rule_admit, rule_deny, rule_sendback, rule_kick, rule_pardon, rule_leave;

/* meeting_control.c: controls, roles and permissions. */

bool may_unmute(const struct meeting *meeting, const struct seat *seat);
bool may_video(const struct meeting *meeting, const struct seat *seat);
bool may_share(const struct meeting *meeting, const struct seat *seat);
bool may_rename(const struct meeting *meeting, const struct seat *seat);
bool may_record(const struct meeting *meeting, const struct seat *seat);
void control_set(struct meeting *meeting, enum control control, int32_t value, const struct seat *by);
/** Take the single permissions that the policy no longer leaves to hosts. */
void permissions_tighten(struct meeting *meeting);
/** End the share of a room, if there is one, and the typing into it. */
void share_stop(struct meeting *meeting, uint32_t place, const struct seat *by);
/** Nobody types into the share of this room any more. */
void keyboard_take(struct meeting *meeting, uint32_t place, const struct seat *by);
void role_set(struct meeting *meeting, struct seat *seat, enum role role, const struct seat *by);
void meeting_end_by(struct meeting *meeting, const char *code, const struct seat *by);
handler rule_mute, rule_set, rule_allow, rule_disallow, rule_suspend, rule_cohost, rule_uncohost, rule_host,
	rule_end;

/* meeting_record.c */

/** Asked for or running, and this one has not agreed: ask before letting them in. */
bool record_asks(const struct meeting *meeting, const struct seat *seat);
/** Ask one who waits; they come in as `role` once they agree. */
void record_ask_at_door(struct meeting *meeting, struct seat *seat, enum role role);
/** Start if nobody is missing any more, and tell the recorder how many are. */
void record_settle(struct meeting *meeting);
/** It ends, or is not to be; those who waited for it come in. code: as EVENT_RECORDING. */
void record_end(struct meeting *meeting, const char *code, const struct seat *by);
void record_ask(struct meeting *meeting, const struct seat *seat);
handler rule_record, rule_consent;

/* meeting_file.c */

/** Files of one person (NULL: all) end. */
void files_end(struct meeting *meeting, const struct seat *seat, const char *code, const struct seat *by);
/** What ended while this one was away. */
void files_tell_ended(struct meeting *meeting, const struct seat *seat);
handler rule_file, rule_file_take, rule_file_get, rule_file_chunk, rule_file_end;

/* meeting_poll.c */

void poll_tell(struct meeting *meeting, const struct seat *seat);
void poll_tell_votes(struct meeting *meeting, enum reach reach, uint32_t to);
/** The vote of one who leaves counts no more. */
void poll_withdraw(struct meeting *meeting, struct seat *seat);
handler rule_poll, rule_vote, rule_poll_close;

/* meeting_breakout.c */

void breakout_tell(struct meeting *meeting, enum reach reach, uint32_t to, const struct seat *by);
/** Where everybody will be, to one host. */
void breakout_tell_plan(struct meeting *meeting, const struct seat *seat);
handler rule_breakout, rule_assign, rule_breakout_open, rule_breakout_close, rule_breakout_back;

/* meeting_chat.c */

/** May this person write so to `to`? REFUSED_NOT or why not. */
enum refusal chat_may(const struct meeting *meeting, const struct seat *from, enum scope scope,
		      const struct seat *to);
handler rule_chat;
/** The chat after seq that this person may see. */
void chat_replay(struct meeting *meeting, const struct seat *seat, uint64_t seq);

#endif
