/* The tables of the wire: a line for each field, a line for each word and each kind of event. A new word needs a line
 * here and nothing in the code that reads and writes. */
#include "net/wire_table.h"

/* Names of an enum take that enum; the table calls them with an int. */
#define NAMES(x)                                                                                                       \
	static const char *x##_word(int value)                                                                         \
	{                                                                                                              \
		return x##_name((enum x)value);                                                                        \
	}
NAMES(role)
NAMES(kind)
NAMES(mic)
NAMES(sealed)
NAMES(control)
NAMES(permission)

#define AT(type, member) .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define NAMED(x)         .type = WIRE_ENUM, .name = x##_word, .parse = x##_parse

enum {
	C_NUMBER, C_WHO, C_LAYER, C_ALL, C_ON, C_MIC, C_CAMERA, C_TO, C_CONTROL, C_VALUE, C_PERMISSION, C_KIND, C_STREAM,
	C_SEQ, C_TEXT, C_NAME, C_TITLE, C_ID, C_PASSCODE, C_VERSION, C_TOKEN, C_HOST_KEY, C_TICKET, C_KEY, C_SIGNATURE,
	C_COUNT, C_ROOM, C_FILE, C_SIZE, C_OFFSET, C_HASH, C_NAMED, C_SEALED, C_GATE, C_ORDER, C_FIELDS
};

static const struct wire_field command_fields[C_FIELDS] = {
	[C_NUMBER] = { "number", WIRE_U32, offsetof(struct command, number), 0, 0, NULL, NULL },
	[C_WHO] = { "who", WIRE_NUMBERS, AT(command, who), .beside = offsetof(struct command, who_count) },
	[C_LAYER] = { "layer", WIRE_LAYERS, AT(command, layer), .beside = offsetof(struct command, who_count) },
	[C_ALL] = { "all", WIRE_BOOL, AT(command, all) },
	[C_ON] = { "on", WIRE_BOOL, AT(command, on) },
	[C_MIC] = { "mic", NAMED(mic), AT(command, mic) },
	[C_CAMERA] = { "camera", WIRE_BOOL, AT(command, camera) },
	[C_TO] = { "to", WIRE_TO, AT(command, to), .beside = offsetof(struct command, number) },
	[C_CONTROL] = { "control", NAMED(control), AT(command, control) },
	[C_VALUE] = { "value", WIRE_VALUE, AT(command, value), .beside = offsetof(struct command, control) },
	[C_PERMISSION] = { "permission", NAMED(permission), AT(command, permission) },
	[C_KIND] = { "kind", NAMED(kind), AT(command, kind) },
	[C_STREAM] = { "stream", WIRE_U32, offsetof(struct command, stream), STREAM_COUNT - 1, 0, NULL, NULL },
	[C_SEQ] = { "seq", WIRE_U64, AT(command, seq) },
	[C_TEXT] = { "text", WIRE_TEXT, AT(command, text) },
	[C_NAME] = { "name", WIRE_TEXT, AT(command, name) },
	[C_TITLE] = { "title", WIRE_TEXT, AT(command, title) },
	[C_ID] = { "id", WIRE_TEXT, AT(command, id) },
	[C_PASSCODE] = { "passcode", WIRE_TEXT, AT(command, passcode) },
	[C_VERSION] = { "version", WIRE_TEXT, AT(command, version) },
	[C_TOKEN] = { "token", WIRE_TEXT, AT(command, token) },
	[C_HOST_KEY] = { "host_key", WIRE_HEX, AT(command, host_key), .beside = offsetof(struct command, has_host_key) },
	[C_TICKET] = { "ticket", WIRE_HEX, AT(command, ticket) },
	[C_KEY] = { "key", WIRE_HEX, AT(command, key) },
	[C_SIGNATURE] = { "signature", WIRE_HEX, AT(command, signature) },
	[C_COUNT] = { "count", WIRE_U32, offsetof(struct command, count), 0, 0, NULL, NULL },
	[C_ROOM] = { "room", WIRE_U32, offsetof(struct command, room), MOOT_BREAKOUTS_MAX, 0, NULL, NULL },
	[C_FILE] = { "file", WIRE_U32, offsetof(struct command, file), 0, 0, NULL, NULL },
	[C_SIZE] = { "size", WIRE_U64, AT(command, size) },
	[C_OFFSET] = { "offset", WIRE_U64, AT(command, offset) },
	[C_HASH] = { "hash", WIRE_HEX, AT(command, hash) },
	[C_NAMED] = { "named", WIRE_BOOL, AT(command, named) },
	[C_SEALED] = { "sealed", WIRE_BOOL, AT(command, sealed) },
	[C_GATE] = { "gate", WIRE_HEX, AT(command, gate), .beside = offsetof(struct command, has_gate) },
	[C_ORDER] = { "order", WIRE_TEXT, AT(command, order) },
};

#define C(x)  (UINT64_C(1) << C_##x)
#define ENTER (C(NAME) | C(KIND) | C(VERSION) | C(KEY) | C(SIGNATURE))

static const struct wire_shape command_shapes[WORD_COUNT] = {
	[WORD_CREATE] = { ENTER | C(COUNT), C(ID) | C(HASH) | C(TITLE) | C(TOKEN) | C(MIC) | C(CAMERA) },
	[WORD_JOIN] = { ENTER | C(ID), C(PASSCODE) | C(GATE) | C(HOST_KEY) | C(MIC) | C(CAMERA) },
	[WORD_RESUME] = { C(ID) | C(TICKET) | C(KEY) | C(SIGNATURE), C(SEQ) | C(COUNT) },
	[WORD_CHAT] = { C(TO) | C(TEXT), C(NUMBER) | C(SEALED) },
	[WORD_LOWER] = { 0, C(NUMBER) },
	[WORD_REACT] = { C(NAME), 0 },
	[WORD_MUTE] = { 0, C(NUMBER) | C(ALL) | C(ORDER) },
	[WORD_ASK_UNMUTE] = { C(NUMBER), 0 },
	[WORD_VIDEO] = { C(ON), 0 },
	[WORD_SHARE] = { 0, C(TEXT) },
	[WORD_SHARE_STOP] = { 0, C(NUMBER) | C(ORDER) },
	[WORD_SPOTLIGHT] = { C(NUMBER), C(ORDER) },
	[WORD_ADMIT] = { 0, C(TEXT) | C(WHO) | C(ALL) | C(ORDER) },
	[WORD_DENY] = { C(NUMBER), C(TEXT) },
	[WORD_SENDBACK] = { C(NUMBER), C(ORDER) },
	[WORD_KICK] = { C(NUMBER), C(ORDER) },
	[WORD_PARDON] = { C(NUMBER), C(ORDER) },
	[WORD_SET] = { C(CONTROL) | C(VALUE), C(ORDER) },
	[WORD_ALLOW] = { C(NUMBER) | C(PERMISSION), C(ORDER) },
	[WORD_DISALLOW] = { C(NUMBER) | C(PERMISSION), C(ORDER) },
	[WORD_COHOST] = { C(NUMBER), C(ORDER) },
	[WORD_UNCOHOST] = { C(NUMBER), C(ORDER) },
	[WORD_HOST] = { C(NUMBER), C(ORDER) },
	[WORD_CLAIM] = { C(HOST_KEY), 0 },
	[WORD_RENAME] = { C(NAME), C(NUMBER) | C(ORDER) },
	[WORD_GIVE_KEYBOARD] = { C(NUMBER), 0 },
	[WORD_RECORD] = { C(ON), 0 },
	[WORD_CONSENT] = { C(ON), 0 },
	[WORD_FILE] = { C(NUMBER) | C(NAME) | C(SIZE) | C(HASH), C(TEXT) | C(SEALED) },
	[WORD_FILE_TAKE] = { C(FILE), 0 },
	[WORD_FILE_GET] = { C(FILE) | C(OFFSET) | C(SIZE), 0 },
	[WORD_FILE_CHUNK] = { C(FILE) | C(OFFSET) | C(TEXT), C(SIZE) | C(SEALED) },
	[WORD_FILE_END] = { C(FILE) | C(ON), 0 },
	[WORD_POLL] = { C(TEXT), C(NAMED) },
	[WORD_VOTE] = { C(COUNT), 0 },
	[WORD_BREAKOUT] = { C(TEXT), 0 },
	[WORD_ASSIGN] = { C(ROOM), C(WHO) | C(ALL) },
	[WORD_SUSPEND] = { 0, C(ORDER) },
	[WORD_END] = { 0, C(ORDER) },
	[WORD_PIN] = { 0, C(PASSCODE) | C(ORDER) },
	[WORD_WANT] = { C(WHO) | C(LAYER), 0 },
	[WORD_KEYFRAME] = { C(NUMBER) | C(STREAM), 0 },
};

const struct wire_layout wire_commands = { command_fields, C_FIELDS, command_shapes };

enum {
	E_REQUEST, E_OK, E_NUMBER, E_FROM, E_NAME, E_TO, E_TEXT, E_CODE, E_ROLE, E_ON, E_ALL, E_CONTROL, E_VALUE, E_LOCKED,
	E_PERMISSION, E_STREAM, E_COUNT, E_STATE, E_EXIT, E_CHAT_SEQ, E_TIME, E_ID, E_TITLE, E_PASSCODE, E_VERSION, E_HOST_KEY,
	E_TICKET, E_NONCE, E_RELAY, E_TLS, E_PIN, E_WIDTH, E_HEIGHT, E_FRAMES, E_DROPPED, E_KBPS, E_DELAY, E_P_NUMBER,
	E_P_NAME, E_P_ROLE, E_P_KIND, E_P_SEALED, E_P_MIC, E_P_CAMERA, E_P_SHARE, E_P_AWAY, E_P_HAND, E_P_PERMITS,
	E_P_RECORD, E_P_KEYBOARD, E_P_ROOM, E_ROOM, E_FILE, E_SIZE, E_OFFSET, E_HASH, E_NAMED, E_WHO, E_COUNTS, E_BY, E_BY_NAME,
	E_UUID, E_SEALED, E_FIELDS
};

#define COUNTED(member) WIRE_U32, offsetof(struct event, member), 0, 0, NULL, NULL

static const struct wire_field event_fields[E_FIELDS] = {
	[E_REQUEST] = { "request", COUNTED(request) },
	[E_OK] = { "ok", WIRE_BOOL, AT(event, ok) },
	[E_NUMBER] = { "number", COUNTED(number) },
	[E_FROM] = { "from", COUNTED(from) },
	[E_NAME] = { "name", WIRE_TEXT, AT(event, name) },
	[E_TO] = { "to", WIRE_TO, AT(event, to), .beside = offsetof(struct event, number) },
	[E_TEXT] = { "text", WIRE_TEXT, AT(event, text) },
	[E_CODE] = { "code", WIRE_TEXT, AT(event, code) },
	[E_ROLE] = { "role", NAMED(role), AT(event, role) },
	[E_ON] = { "on", WIRE_BOOL, AT(event, on) },
	[E_ALL] = { "all", WIRE_BOOL, AT(event, all) },
	[E_CONTROL] = { "control", NAMED(control), AT(event, control) },
	[E_VALUE] = { "value", WIRE_VALUE, AT(event, value), .beside = offsetof(struct event, control) },
	[E_LOCKED] = { "locked", WIRE_BOOL, AT(event, locked) },
	[E_PERMISSION] = { "permission", NAMED(permission), AT(event, permission) },
	[E_STREAM] = { "stream", COUNTED(stream) },
	[E_COUNT] = { "count", COUNTED(count) },
	[E_STATE] = { "state", COUNTED(count) },
	[E_EXIT] = { "code", COUNTED(count) },
	[E_CHAT_SEQ] = { "chat_seq", WIRE_U64, AT(event, chat_seq) },
	[E_TIME] = { "time_ms", WIRE_I64, AT(event, time_ms) },
	[E_ID] = { "id", WIRE_TEXT, AT(event, id) },
	[E_TITLE] = { "title", WIRE_TEXT, AT(event, title) },
	[E_PASSCODE] = { "passcode", WIRE_TEXT, AT(event, passcode) },
	[E_VERSION] = { "version", WIRE_TEXT, AT(event, version) },
	[E_HOST_KEY] = { "host_key", WIRE_HEX, AT(event, host_key) },
	[E_TICKET] = { "ticket", WIRE_HEX, AT(event, ticket) },
	[E_NONCE] = { "nonce", WIRE_HEX, AT(event, nonce) },
	[E_RELAY] = { "relay", WIRE_TEXT, AT(event, relay) },
	[E_TLS] = { "tls", WIRE_TEXT, AT(event, tls) },
	[E_PIN] = { "pin", WIRE_TEXT, AT(event, pin) },
	[E_WIDTH] = { "width", COUNTED(width) },
	[E_HEIGHT] = { "height", COUNTED(height) },
	[E_FRAMES] = { "frames", COUNTED(frames) },
	[E_DROPPED] = { "dropped", COUNTED(dropped) },
	[E_KBPS] = { "kbps", COUNTED(kbps) },
	[E_DELAY] = { "delay_ms", COUNTED(delay_ms) },
	/* A person lies flat in its event, so that a tester's `where` finds number and name where all events have them. */
	[E_P_NUMBER] = { "number", COUNTED(person.number) },
	[E_P_NAME] = { "name", WIRE_TEXT, AT(event, person.name) },
	[E_P_ROLE] = { "role", NAMED(role), AT(event, person.role) },
	[E_P_KIND] = { "kind", NAMED(kind), AT(event, person.kind) },
	[E_P_SEALED] = { "sealed", NAMED(sealed), AT(event, person.sealed) },
	[E_P_MIC] = { "mic", NAMED(mic), AT(event, person.mic) },
	[E_P_CAMERA] = { "camera", WIRE_BOOL, AT(event, person.camera) },
	[E_P_SHARE] = { "share", WIRE_BOOL, AT(event, person.share) },
	[E_P_AWAY] = { "away", WIRE_BOOL, AT(event, person.away) },
	[E_P_HAND] = { "hand", COUNTED(person.hand) },
	[E_P_PERMITS] = { "permits", WIRE_PERMITS, AT(event, person.permits) },
	[E_P_RECORD] = { "record", WIRE_BOOL, AT(event, person.record) },
	[E_P_KEYBOARD] = { "keyboard", WIRE_BOOL, AT(event, person.keyboard) },
	[E_P_ROOM] = { "room", COUNTED(person.room) },
	[E_ROOM] = { "room", COUNTED(room) },
	[E_FILE] = { "file", COUNTED(file) },
	[E_SIZE] = { "size", WIRE_U64, AT(event, size) },
	[E_OFFSET] = { "offset", WIRE_U64, AT(event, offset) },
	[E_HASH] = { "hash", WIRE_HEX, AT(event, hash) },
	[E_NAMED] = { "named", WIRE_BOOL, AT(event, named) },
	[E_WHO] = { "who", WIRE_NUMBERS, AT(event, who), .beside = offsetof(struct event, who_count) },
	[E_COUNTS] = { "counts", WIRE_COUNTS, AT(event, counts), .beside = offsetof(struct event, counts_count) },
	[E_BY] = { "by", COUNTED(by) },
	[E_BY_NAME] = { "by_name", WIRE_TEXT, AT(event, name_by) },
	[E_UUID] = { "uuid", WIRE_HEX, AT(event, uuid) },
	[E_SEALED] = { "sealed", WIRE_BOOL, AT(event, sealed) },
};

#define E(x)   (UINT64_C(1) << E_##x)
#define PERSON                                                                                                         \
	(E(P_NUMBER) | E(P_NAME) | E(P_ROLE) | E(P_KIND) | E(P_SEALED) | E(P_MIC) | E(P_CAMERA) | E(P_SHARE) |         \
	 E(P_AWAY) | E(P_HAND) | E(P_PERMITS))
/* Left out where they are not so, since a joiner gets one of these for each who is there. */
#define RARE   (E(P_RECORD) | E(P_KEYBOARD) | E(P_ROOM))
#define BY     (E(BY) | E(BY_NAME))
#define SETTING (E(CONTROL) | E(VALUE) | E(LOCKED))

static const struct wire_shape event_shapes[EVENT_COUNT] = {
	[EVENT_HELLO] = { E(NONCE) | E(VERSION), E(COUNT) },
	[EVENT_DOOR] = { E(ID) | E(UUID), E(ON) },
	[EVENT_ANSWER] = { E(REQUEST) | E(OK), E(CODE) | E(TEXT) },
	[EVENT_CREATED] = { E(ID) | E(HOST_KEY), E(PASSCODE) | E(TITLE) },
	[EVENT_PERSON] = { PERSON, RARE },
	[EVENT_CONTROL] = { SETTING, 0 },
	[EVENT_SPOTLIGHT] = { E(NUMBER), BY },
	[EVENT_JOINED] = { E(NUMBER) | E(NAME) | E(ROLE) | E(ID), E(TITLE) },
	[EVENT_TICKET] = { E(TICKET), 0 },
	[EVENT_WAITING] = { E(NUMBER), E(TITLE) | E(TEXT) | E(CODE) },
	[EVENT_REFUSED] = { E(CODE), E(TEXT) },
	[EVENT_PERSON_JOINED] = { PERSON, RARE },
	[EVENT_PERSON_LEFT] = { E(NUMBER) | E(NAME), E(CODE) | BY },
	[EVENT_PERSON_CHANGED] = { PERSON, RARE | BY | E(CODE) },
	[EVENT_KNOCK] = { E(NUMBER) | E(NAME), E(TIME) | E(CODE) },
	[EVENT_KNOCK_GONE] = { E(NUMBER), E(NAME) | E(CODE) | BY },
	[EVENT_SHUT_OUT] = { E(NUMBER) | E(NAME) | E(ON), BY },
	[EVENT_CHAT] = { E(FROM) | E(TO) | E(TEXT), E(NAME) | E(TIME) | E(CHAT_SEQ) | E(SEALED) },
	[EVENT_CONTROLS] = { SETTING, BY },
	[EVENT_MUTED] = { 0, BY | E(ALL) },
	[EVENT_ASK_UNMUTE] = { 0, BY },
	[EVENT_PERMISSION] = { E(PERMISSION) | E(ON), BY },
	[EVENT_REACTION] = { E(FROM) | E(TEXT), E(NAME) },
	[EVENT_SHARE_STARTED] = { E(FROM), E(NAME) | E(TEXT) },
	[EVENT_SHARE_STOPPED] = { E(FROM), E(NAME) | BY },
	[EVENT_AWAY] = { E(NUMBER) | E(NAME), 0 },
	[EVENT_RESUMED] = { E(NUMBER) | E(NAME), E(COUNT) },
	[EVENT_REMOVED] = { 0, BY | E(CODE) | E(TEXT) },
	[EVENT_ENDED] = { E(CODE), BY },
	[EVENT_WRONG_PASSCODES] = { E(COUNT), 0 },
	[EVENT_WANTED] = { E(STREAM), 0 },
	[EVENT_KEYFRAME] = { E(STREAM), 0 },
	[EVENT_KEYBOARD] = { E(NUMBER) | E(FROM), E(NAME) | BY },
	[EVENT_RECORD_ASK] = { E(FROM) | E(NAME), 0 },
	[EVENT_RECORD_WAITS] = { E(COUNT), 0 },
	[EVENT_RECORDING] = { E(FROM) | E(NAME) | E(ON), E(CODE) | BY },
	[EVENT_FILE] = { E(FILE) | E(FROM) | E(NAME) | E(NUMBER) | E(TEXT) | E(SIZE) | E(HASH), E(TIME) | E(SEALED) },
	[EVENT_FILE_TAKEN] = { E(FILE), 0 },
	[EVENT_FILE_GET] = { E(FILE) | E(OFFSET) | E(SIZE), 0 },
	[EVENT_FILE_CHUNK] = { E(FILE) | E(OFFSET) | E(TEXT), E(SEALED) },
	[EVENT_FILE_ENDED] = { E(FILE) | E(CODE), BY },
	[EVENT_POLL] = { E(NUMBER) | E(TEXT) | E(NAMED), BY },
	[EVENT_POLL_VOTES] = { E(NUMBER) | E(COUNT), 0 },
	[EVENT_POLL_NAMES] = { E(NUMBER) | E(COUNT) | E(WHO), 0 },
	[EVENT_POLL_RESULT] = { E(NUMBER) | E(TEXT) | E(NAMED) | E(COUNTS), BY },
	[EVENT_BREAKOUTS] = { E(TEXT) | E(ON), BY },
	[EVENT_MOVED] = { E(ROOM) | E(WHO), BY },
	[EVENT_ASSIGNED] = { E(ROOM) | E(WHO), 0 },
	[EVENT_CONNECTED] = { E(RELAY) | E(TLS) | E(PIN), 0 },
	[EVENT_SECURITY] = { E(STATE) | E(TEXT), 0 },
	[EVENT_SPEAKING] = { E(FROM) | E(NAME) | E(ON), 0 },
	[EVENT_AUDIO] = { E(FROM) | E(NAME) | E(ON), 0 },
	[EVENT_VIDEO] = { E(FROM) | E(NAME) | E(ON) | E(WIDTH) | E(HEIGHT) | E(FRAMES) | E(DROPPED) | E(KBPS) | E(DELAY), 0 },
	[EVENT_FILE_PROGRESS] = { E(FILE) | E(OFFSET) | E(SIZE), 0 },
	[EVENT_FILE_SAVED] = { E(FILE) | E(TEXT), 0 },
	[EVENT_ERROR] = { E(CODE) | E(TEXT), 0 },
	[EVENT_BYE] = { E(EXIT), 0 },
};

const struct wire_layout wire_events = { event_fields, E_FIELDS, event_shapes };

_Static_assert(C_FIELDS <= 64 && E_FIELDS <= 64, "a bit for each field");
