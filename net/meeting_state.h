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
	SLOTS_MAX = MOOT_PEOPLE_MAX + WAITING_MAX,
};

/* Why somebody waits. */
enum why { WHY_NOT, WHY_WAITING_ROOM, WHY_NO_HOST, WHY_LEFT, WHY_SENT_BACK, WHY_PARDONED, WHY_COUNT };

struct seat {
	struct person person; /* number 0: the slot is free */
	uint8_t key[MOOT_KEY_BYTES];
	enum why why;                  /* while waiting */
	bool asked;                    /* a host asked for an unmute: one is granted */
	int64_t since_ms;              /* waiting since, Unix time */
	int64_t gone_ms;               /* away since, steady */
	uint64_t seated_seq, host_seq; /* the last chat before they sat down, before they became (co-)host */
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
	uint32_t from, number;
	enum scope to;
	char name[MOOT_NAME_SIZE];
	char text[MOOT_TEXT_SIZE];
};

struct meeting {
	size_t bytes; /* of this block */
	meeting_sink *sink;
	void *arg;
	struct policy policy;
	char id[MOOT_ID_SIZE], title[MOOT_TITLE_SIZE];
	bool ended;
	int32_t control[CONTROL_COUNT];
	uint32_t host, spotlight, sharer; /* numbers, 0 nobody */
	char shared[MOOT_TITLE_SIZE];
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
/** Leave the waiting list; the hosts are told. The slot is still theirs. */
void seat_unwait(struct meeting *meeting, struct seat *seat, const char *code, const struct seat *by);
/** Stand up: share and spotlight end, `last` (may be NULL) goes to the person and closes, the room is told.
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
/** From the waiting list into the room. by: NULL when nobody in person let them in. */
void door_admit(struct meeting *meeting, struct seat *seat, const struct seat *by);
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
void control_set(struct meeting *meeting, enum control control, int32_t value, const struct seat *by);
void share_stop(struct meeting *meeting, const struct seat *by);
void role_set(struct meeting *meeting, struct seat *seat, enum role role, const struct seat *by);
void meeting_end_by(struct meeting *meeting, const char *code, const struct seat *by);
handler rule_mute, rule_set, rule_allow, rule_disallow, rule_suspend, rule_cohost, rule_uncohost, rule_host,
	rule_end;

/* meeting_chat.c */

handler rule_chat;
/** The chat after seq that this person may see. */
void chat_replay(struct meeting *meeting, const struct seat *seat, uint64_t seq);

#endif
