/* The words of a meeting: what a participant asks of the relay (struct command) and what the relay
 * tells (struct event). Plain data, shared by the rules (meeting.c), the bytes (wire.c) and the
 * clients (roster.c). No pointers inside, so a copy is a copy. Every size is a limit that the
 * decoder enforces. */
#ifndef MOOT_NET_MESSAGE_H
#define MOOT_NET_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MOOT_NAME_CHARS = 40,           /* visible characters of a person's name */
	MOOT_NAME_SIZE = 164,           /* bytes of a name, NUL included */
	MOOT_ID_SIZE = 36,              /* "482913775" or a chosen name, NUL included */
	MOOT_PASSCODE_SIZE = 68,        /* NUL included */
	MOOT_TITLE_SIZE = 164,
	MOOT_SAY_SIZE = 4001,           /* what a person writes at once, NUL included */
	MOOT_TEXT_SIZE = 5684,          /* texts on the wire: what was written, sealed, in base64; NUL included */
	MOOT_WORD_SIZE = 36,            /* codes, versions, reactions */
	MOOT_KEY_BYTES = 32,            /* Ed25519 public key of a client */
	MOOT_SIGNATURE_BYTES = 64,
	MOOT_NONCE_BYTES = 32,
	MOOT_HOST_KEY_BYTES = 16,
	MOOT_UUID_BYTES = 16,           /* of one run of a meeting */
	MOOT_GATE_BYTES = 32,           /* what who has the invite's secret shows a relay; and its SHA-256 */
	MOOT_ORDER_SIZE = 2405,         /* a command as its host signed it, base64, NUL included */
	MOOT_TICKET_BYTES = 32,
	MOOT_WHO_MAX = 64,              /* people that one command may name */
	MOOT_PEOPLE_MAX = 1000,
	MOOT_HASH_BYTES = 32,           /* SHA-256 of a file */
	MOOT_CHUNK_BYTES = 2400,        /* of a file in one message, before base64 */
	MOOT_POLL_OPTIONS_MAX = 10,
	MOOT_BREAKOUTS_MAX = 50,        /* rooms beside the main one */
};

enum role { ROLE_NONE, ROLE_WAITING, ROLE_PARTICIPANT, ROLE_COHOST, ROLE_HOST, ROLE_COUNT };
enum kind { KIND_TERMINAL, KIND_HEADLESS, KIND_WEB, KIND_PHONE, KIND_SIP, KIND_COUNT };
enum sealed { SEALED_RELAY, SEALED_END, SEALED_COUNT }; /* how far a person's connection is encrypted */
enum mic { MIC_NONE, MIC_ON, MIC_MUTED, MIC_COUNT };

enum control {
	CONTROL_WAITING_ROOM, CONTROL_LOCK, CONTROL_JOIN_BEFORE_HOST, CONTROL_CHAT, CONTROL_FILES,
	CONTROL_UNMUTE, CONTROL_VIDEO, CONTROL_SHARE, CONTROL_KEYBOARD, CONTROL_RENAME, CONTROL_RECORD,
	CONTROL_KINDS, CONTROL_COUNT
};
/* Values of on/off controls are 0 and 1; of the others these. */
enum chat_mode { CHAT_OFF, CHAT_HOSTS, CHAT_NO_DIRECT, CHAT_EVERYONE, CHAT_MODE_COUNT };
enum share_mode { SHARE_HOSTS, SHARE_EVERYONE, SHARE_MODE_COUNT };
/* Typing into a share: nobody, or the one whom the sharer gives the keyboard. */
enum keyboard_mode { KEYBOARD_NOBODY, KEYBOARD_GIVEN, KEYBOARD_MODE_COUNT };
/* Recording on one's own machine: nobody, or hosts and those with PERMIT_RECORD. */
enum record_mode { RECORD_NOBODY, RECORD_PERMITTED, RECORD_MODE_COUNT };
/* Kinds of connection at the door, as far as the policy lets them in at all: only those encrypted end to end;
 * terminal, headless and web; phone and sip as well. */
enum kinds_mode { KINDS_ENCRYPTED, KINDS_STANDARD, KINDS_PHONE, KINDS_MODE_COUNT };

enum permission { PERMIT_SHARE, PERMIT_RECORD, PERMIT_UNMUTE, PERMIT_VIDEO, PERMIT_RENAME, PERMIT_COUNT };

/* TO_EVERYONE: in the writer's own room; TO_ROOMS: in the main room and every breakout room, hosts only. */
enum scope { TO_EVERYONE, TO_HOSTS, TO_ONE, TO_WAITING, TO_ROOMS, SCOPE_COUNT };

/* What a client asks. The comment names the fields that count. */
enum word {
	WORD_NONE,
	WORD_CREATE,     /* id? count (characters of the passcode) hash? (SHA-256 of the gate) name title? token? +
	                    WORD_JOIN's own fields */
	WORD_JOIN,       /* id gate? name kind version key signature host_key? mic camera; passcode: the PIN of a kind
	                    that is not encrypted end to end */
	WORD_RESUME,     /* id ticket key signature seq (last chat seen) count (newest epoch that others are known to have, too) */
	WORD_CHAT,       /* to, number (TO_ONE; TO_WAITING, 0 = all), text; sealed: text is a frame in base64 */
	WORD_RAISE,
	WORD_LOWER,      /* number, 0 = own */
	WORD_REACT,      /* name: one of reaction_name() */
	WORD_MUTE,       /* number, 0 = own; all */
	WORD_UNMUTE,
	WORD_ASK_UNMUTE, /* number */
	WORD_VIDEO,      /* on */
	WORD_SHARE,      /* text: what is shared, shown to all ("terminal", "notes.txt") */
	WORD_SHARE_STOP, /* number, 0 = own */
	WORD_SPOTLIGHT,  /* number, 0 = nobody */
	WORD_ADMIT,      /* who, all */
	WORD_DENY,       /* number, text: reason */
	WORD_SENDBACK,   /* number */
	WORD_KICK,       /* number */
	WORD_PARDON,     /* number */
	WORD_SET,        /* control value */
	WORD_ALLOW,      /* number permission */
	WORD_DISALLOW,   /* number permission */
	WORD_SUSPEND,
	WORD_COHOST,     /* number */
	WORD_UNCOHOST,   /* number */
	WORD_HOST,       /* number: transfer */
	WORD_CLAIM,      /* host_key */
	WORD_RENAME,     /* number, 0 = own; name */
	WORD_LEAVE,
	WORD_END,
	WORD_GIVE_KEYBOARD, /* number: may type into the actor's share; the one before may no longer */
	WORD_TAKE_KEYBOARD, /* nobody may; by the sharer, the one who has it, or a host */
	WORD_RECORD,     /* on: ask everyone whether the actor may record; off: stop */
	WORD_CONSENT,    /* on: yes or no to the recording that was asked about; no stops one that runs */
	WORD_FILE,       /* number: to whom; name: of the file; size, hash: offer a file. text: name and hash, sealed in
	                    base64; then they are no more than "file" and zeros here */
	WORD_FILE_TAKE,  /* file: yes, send it */
	WORD_FILE_GET,   /* file offset size: the receiver wants so many bytes from there on next */
	WORD_FILE_CHUNK, /* file offset text: base64 of at most MOOT_CHUNK_BYTES that were asked for; size, when text is
	                    sealed: how many there are */
	WORD_FILE_END,   /* file; on: arrived whole; else declined (before it was taken) or given up */
	WORD_POLL,       /* text: the question, then 2 to MOOT_POLL_OPTIONS_MAX lines of answers; named: who
	                    votes what is shown at the end */
	WORD_VOTE,       /* count: the answer, from 1; may be changed until the end */
	WORD_POLL_CLOSE,
	WORD_BREAKOUT,   /* text: names of the rooms, one a line; they are closed at first */
	WORD_ASSIGN,     /* who or all (spread evenly); room: from 1, 0 the main one. Once open: moves at once */
	WORD_BREAKOUT_OPEN,
	WORD_BREAKOUT_CLOSE, /* everyone back, rooms gone */
	WORD_BREAKOUT_BACK,  /* oneself, to the main room */
	WORD_PIN,        /* passcode: from now on the PIN by which kinds come in that cannot do end to end; empty: none do */
	/* for the relay's own ears, no rule of the meeting: */
	WORD_WANT,       /* who[], layer[]: the sources this receiver shows, and how large */
	WORD_KEYFRAME,   /* number stream: this receiver needs a keyframe */
	WORD_COUNT
};

struct command {
	enum word word;
	uint32_t request;               /* the client's own number, repeated in the answer; 0 wants none */
	uint32_t number;                /* whom; 0 where the word allows it */
	uint32_t who[MOOT_WHO_MAX];
	uint8_t layer[MOOT_WHO_MAX];    /* WORD_WANT: bit mask of enum stream, beside who[] */
	uint32_t who_count;
	bool all, on, camera;
	enum mic mic;
	enum scope to;
	enum control control;
	int32_t value;
	enum permission permission;
	enum kind kind;
	uint32_t stream;
	uint32_t count, room, file;
	bool named;
	uint64_t seq, size, offset;
	uint8_t hash[MOOT_HASH_BYTES];  /* WORD_FILE: SHA-256 of all of it; WORD_CREATE: of the gate */
	bool sealed;
	bool has_gate;
	uint8_t gate[MOOT_GATE_BYTES];
	char order[MOOT_ORDER_SIZE];    /* the same command, signed by a host's client for the others' (talk_command_make) */
	char text[MOOT_TEXT_SIZE];
	char name[MOOT_NAME_SIZE];
	char title[MOOT_TITLE_SIZE];
	char id[MOOT_ID_SIZE];
	char passcode[MOOT_PASSCODE_SIZE];
	char version[MOOT_WORD_SIZE];
	char token[MOOT_PASSCODE_SIZE];
	bool has_host_key;
	uint8_t host_key[MOOT_HOST_KEY_BYTES];
	uint8_t ticket[MOOT_TICKET_BYTES];
	uint8_t key[MOOT_KEY_BYTES];
	uint8_t signature[MOOT_SIGNATURE_BYTES];        /* of the relay's nonce, see wire.h */
};

/* One person as everybody in the room sees them. Nothing else of a person leaves the relay. */
struct person {
	uint32_t number;
	char name[MOOT_NAME_SIZE];
	enum role role;
	enum kind kind;
	enum sealed sealed;
	enum mic mic;
	bool camera, share, record, keyboard, away; /* keyboard: may type into the share of their room */
	uint32_t room;                  /* breakout room, from 1; 0 the main one */
	uint32_t planned;               /* room once they open: for hosts, never part of a person on the wire */
	uint32_t hand;                  /* 0 = down, else 1.. in the order raised */
	uint32_t permits;               /* bit mask of enum permission given to this person alone */
};

enum event_kind {
	EVENT_NONE,
	/* from the relay */
	EVENT_HELLO,            /* nonce version count (least characters of a passcode): first on every connection */
	EVENT_DOOR,             /* id uuid on: show whoever leads that you know the secret (wire_seal HELLO); on: nobody
	                           is there, you lead. Comes again when another leads before one is in */
	EVENT_ANSWER,           /* request ok code text: to one command */
	EVENT_CREATED,          /* id host_key title; passcode: the client's own word */
	EVENT_PERSON,           /* person: one who was there already; comes before EVENT_JOINED */
	EVENT_CONTROL,          /* control value locked: as it stands; comes before EVENT_JOINED */
	EVENT_SPOTLIGHT,        /* number (0 nobody) by name_by */
	EVENT_JOINED,           /* number name role id title: you are in */
	EVENT_TICKET,           /* ticket: resume with this; replaces the last */
	EVENT_WAITING,          /* title number text code: waiting-room, no-host, left, sent-back, pardoned, recording */
	EVENT_REFUSED,          /* code text: not let in, closed after this */
	EVENT_PERSON_JOINED,    /* person */
	EVENT_PERSON_LEFT,      /* number name code: left, lost, removed, sent-back, kind-not-allowed */
	EVENT_PERSON_CHANGED,   /* person by name_by code: role, name, hand, mic, camera, permits */
	EVENT_KNOCK,            /* number name time_ms code (as of EVENT_WAITING): somebody waits, or waits for another
	                           reason now; to hosts */
	EVENT_KNOCK_GONE,       /* number name code by name_by: admitted, denied, left, removed, declined (to be
	                           recorded), kind-not-allowed; to hosts */
	EVENT_SHUT_OUT,         /* number name on by name_by: removed (on), or pardoned; to hosts, and those removed
	                           so far to whom becomes one */
	EVENT_CHAT,             /* from name to number text time_ms chat_seq sealed */
	EVENT_CONTROLS,         /* control value by name_by locked: somebody changed it, by 0: the relay's policy.
	                           Video off also
	                           stops the cameras of participants without PERMIT_VIDEO; no other event says so */
	EVENT_MUTED,            /* by name_by all: a host muted you; all: everyone but the host and by, told
	                           to the whole room, and no other event says so */
	EVENT_ASK_UNMUTE,       /* by name_by */
	EVENT_PERMISSION,       /* permission on by name_by: yours was given or taken */
	EVENT_REACTION,         /* from name text */
	EVENT_SHARE_STARTED,    /* from name text */
	EVENT_SHARE_STOPPED,    /* from name by name_by */
	EVENT_AWAY,             /* number name */
	EVENT_RESUMED,          /* number name; to the one who came back: before the missed chat, with count: the newest
	                           epoch of the keys that the relay has */
	EVENT_REMOVED,          /* by name_by: you were kicked */
	EVENT_ENDED,            /* by name_by code: ended, relay-stopped, empty */
	EVENT_WRONG_PASSCODES,  /* count: tries so far; to hosts */
	EVENT_WANTED,           /* stream: bit mask of streams of yours that somebody shows */
	EVENT_KEYFRAME,         /* stream: please send one */
	EVENT_KEYBOARD,         /* number (0 nobody) name from (the sharer) by name_by */
	EVENT_RECORD_ASK,       /* from name: wants to record; yes or no? (WORD_CONSENT). To who must still
	                           answer, at the door too */
	EVENT_RECORD_WAITS,     /* count: answers still missing; to who asked */
	EVENT_RECORDING,        /* from name on by name_by code: it runs; or does not (any more): stopped, no (by whom),
	                           left, lost, taken (the permission), policy. That it does not: also to who was
	                           asked at the door */
	EVENT_FILE,             /* file from name number text (its name, or name and hash sealed) size hash time_ms sealed:
	                           offered; to both ends */
	EVENT_FILE_TAKEN,       /* file; to both ends */
	EVENT_FILE_GET,         /* file offset size; to the sender */
	EVENT_FILE_CHUNK,       /* file offset text; to the receiver */
	EVENT_FILE_ENDED,       /* file code by name_by: done, declined, cancelled, left, off; to both ends */
	EVENT_POLL,             /* number text named by name_by: asked, or open when one comes in */
	EVENT_POLL_VOTES,       /* number count: votes so far; to hosts */
	EVENT_POLL_NAMES,       /* number count (the answer) who: they voted for it; before the result of a named
	                           poll, as often as needed */
	EVENT_POLL_RESULT,      /* number text named counts by name_by */
	EVENT_BREAKOUTS,        /* text (names, one a line; empty: none any more) on (open) by name_by */
	EVENT_MOVED,            /* room who by name_by: they are in that room now. Without breakout rooms (an empty
	                           EVENT_BREAKOUTS) everyone is in the main one */
	EVENT_ASSIGNED,         /* room who: where they will be once the rooms open; to hosts */
	/* from the client itself; a relay that sends one of these breaks the protocol */
	EVENT_CONNECTED,        /* relay tls pin */
	EVENT_SECURITY,         /* count: state 1-4, text */
	EVENT_SPEAKING,         /* from name on */
	EVENT_AUDIO,            /* from name on */
	EVENT_VIDEO,            /* from name on width height frames dropped kbps delay_ms */
	EVENT_FILE_PROGRESS,    /* file offset size: so much of it has passed */
	EVENT_FILE_SAVED,       /* file text: the path */
	EVENT_ERROR,            /* code text */
	EVENT_BYE,              /* count: exit status */
	EVENT_COUNT
};

struct event {
	enum event_kind kind;
	uint32_t request;
	bool ok, on, all, locked;
	bool named;
	uint32_t number, from, by, room, file;
	uint32_t who[MOOT_WHO_MAX], who_count;
	uint32_t counts[MOOT_POLL_OPTIONS_MAX], counts_count;
	uint64_t size, offset;
	uint8_t hash[MOOT_HASH_BYTES];
	uint8_t uuid[MOOT_UUID_BYTES];
	bool sealed;
	char name[MOOT_NAME_SIZE];      /* of number or from */
	char name_by[MOOT_NAME_SIZE];
	struct person person;
	enum role role;
	enum scope to;
	enum control control;
	int32_t value;
	enum permission permission;
	uint32_t stream, count;
	uint64_t chat_seq;
	int64_t time_ms;                /* Unix time */
	char code[MOOT_WORD_SIZE];
	char text[MOOT_TEXT_SIZE];
	char id[MOOT_ID_SIZE];
	char title[MOOT_TITLE_SIZE];
	char passcode[MOOT_PASSCODE_SIZE];
	char version[MOOT_WORD_SIZE];
	uint8_t host_key[MOOT_HOST_KEY_BYTES];
	uint8_t ticket[MOOT_TICKET_BYTES];
	uint8_t nonce[MOOT_NONCE_BYTES];
	/* EVENT_CONNECTED, EVENT_VIDEO */
	char relay[128], tls[MOOT_WORD_SIZE], pin[64];
	uint32_t width, height, frames, dropped, kbps, delay_ms;
};

/* Media: the streams of one person. The numbers go over the wire. */
enum stream { STREAM_AUDIO, STREAM_CAMERA_SMALL, STREAM_CAMERA_LARGE, STREAM_SCREEN, STREAM_COUNT };

/* Refusals: stable codes, and a text that says what to do. */
enum refusal {
	REFUSED_NOT, REFUSED_CLIENT_TOO_OLD, REFUSED_KIND, REFUSED_NO_SUCH_MEETING, REFUSED_REMOVED,
	REFUSED_LOCKED, REFUSED_FULL, REFUSED_TOO_MANY_TRIES, REFUSED_BAD_NAME, REFUSED_BAD_TICKET,
	REFUSED_BAD_KEY, REFUSED_TOKEN, REFUSED_PASSCODE, REFUSED_ID_TAKEN, REFUSED_TOO_MANY_MEETINGS, REFUSED_DENIED,
	REFUSED_NOT_ALLOWED, REFUSED_NO_SUCH_PERSON, REFUSED_NOT_WAITING, REFUSED_NOT_IN, REFUSED_SELF,
	REFUSED_HOST, REFUSED_ALREADY, REFUSED_CHAT_OFF, REFUSED_NO_DIRECT, REFUSED_TEXT, REFUSED_UNMUTE_OFF,
	REFUSED_VIDEO_OFF, REFUSED_SHARE_HOSTS, REFUSED_SHARE_TAKEN, REFUSED_NOT_SHARING, REFUSED_RENAME_OFF,
	REFUSED_FILES_OFF, REFUSED_FILE_SIZE, REFUSED_NO_SUCH_FILE, REFUSED_FILES_BUSY, REFUSED_RECORD_OFF,
	REFUSED_RECORD_TAKEN, REFUSED_NOT_RECORDING, REFUSED_NO_CONSENT, REFUSED_KEYBOARD_OFF, REFUSED_NO_POLL,
	REFUSED_POLL_OPEN, REFUSED_NO_BREAKOUTS, REFUSED_NO_ROOM, REFUSED_LOCKED_BY_POLICY, REFUSED_BAD_VALUE, REFUSED_BAD_COMMAND, REFUSED_TOO_FAST, REFUSED_COUNT
};

/** Names of the enums above, as the wire, the events and the commands spell them ("waiting-room",
 * "co-host", "person-joined"). NULL for a value outside. Any thread. */
const char *role_name(enum role role);
const char *kind_name(enum kind kind);
const char *mic_name(enum mic mic);
const char *sealed_name(enum sealed sealed);
const char *control_name(enum control control);
const char *permission_name(enum permission permission);
const char *scope_name(enum scope scope);
const char *word_name(enum word word);
const char *event_name(enum event_kind kind);
const char *refusal_code(enum refusal refusal);
const char *refusal_text(enum refusal refusal);
const char *reaction_name(unsigned index);      /* "yes" "no" "applause" "laugh" "heart" "slower" "faster" */

/** The word for a control's value ("on", "hosts", "everyone-no-direct"); NULL when out of range. */
const char *control_value_name(enum control control, int32_t value);
/** Its inverse. Returns the value, or -EINVAL. */
int control_value_parse(enum control control, const char *word);
/** How many values a control has. */
int control_values(enum control control);

/** From a name back to its enum value, or -ENOENT. */
int role_parse(const char *name);
int kind_parse(const char *name);
int mic_parse(const char *name);
int sealed_parse(const char *name);
int control_parse(const char *name);
int permission_parse(const char *name);
int scope_parse(const char *name);
int word_parse(const char *name);
int event_parse(const char *name);

#endif
