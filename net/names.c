/* The names of the words of a meeting, once: what goes over the wire, into headless events and onto the
 * screen is spelt here and nowhere else. Each enum is a table indexed by its value. */
#include "net/message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

static const char *const roles[] = { "none", "waiting", "participant", "co-host", "host" };
static const char *const kinds[] = { "terminal", "headless", "web", "phone", "sip" };
static const char *const mics[] = { "none", "on", "muted" };
static const char *const seals[] = { "relay", "end-to-end" };
static const char *const controls[] = { "waiting-room", "lock",  "join-before-host", "chat",   "files",  "unmute",
					"video",        "share", "keyboard",         "rename", "record", "kinds" };
static const char *const permissions[] = { "share", "record", "unmute", "video", "rename" };
static const char *const scopes[] = { "everyone", "hosts", "one", "waiting", "all-rooms" };
static const char *const reactions[] = { "yes", "no", "applause", "laugh", "heart", "slower", "faster" };
static const char *const on_off[] = { "off", "on" };
static const char *const chat_modes[] = { "off", "hosts", "everyone-no-direct", "everyone" };
static const char *const share_modes[] = { "hosts", "everyone" };
static const char *const keyboard_modes[] = { "nobody", "given" };
static const char *const record_modes[] = { "nobody", "permitted" };
static const char *const kinds_modes[] = { "encrypted-only", "standard", "phone" };

static const char *const words[] = {
	[WORD_NONE] = "none",
	[WORD_CREATE] = "create",
	[WORD_JOIN] = "join",
	[WORD_RESUME] = "resume",
	[WORD_CHAT] = "chat",
	[WORD_RAISE] = "raise",
	[WORD_LOWER] = "lower",
	[WORD_REACT] = "react",
	[WORD_MUTE] = "mute",
	[WORD_UNMUTE] = "unmute",
	[WORD_ASK_UNMUTE] = "ask-unmute",
	[WORD_VIDEO] = "video",
	[WORD_SHARE] = "share",
	[WORD_SHARE_STOP] = "share-stop",
	[WORD_SPOTLIGHT] = "spotlight",
	[WORD_ADMIT] = "admit",
	[WORD_DENY] = "deny",
	[WORD_SENDBACK] = "sendback",
	[WORD_KICK] = "kick",
	[WORD_PARDON] = "pardon",
	[WORD_SET] = "set",
	[WORD_ALLOW] = "allow",
	[WORD_DISALLOW] = "disallow",
	[WORD_SUSPEND] = "suspend",
	[WORD_COHOST] = "cohost",
	[WORD_UNCOHOST] = "uncohost",
	[WORD_HOST] = "host",
	[WORD_CLAIM] = "claim",
	[WORD_RENAME] = "rename",
	[WORD_LEAVE] = "leave",
	[WORD_END] = "end",
	[WORD_GIVE_KEYBOARD] = "give-keyboard",
	[WORD_TAKE_KEYBOARD] = "take-keyboard",
	[WORD_RECORD] = "record",
	[WORD_CONSENT] = "consent",
	[WORD_FILE] = "file",
	[WORD_FILE_TAKE] = "file-take",
	[WORD_FILE_GET] = "file-get",
	[WORD_FILE_CHUNK] = "file-chunk",
	[WORD_FILE_END] = "file-end",
	[WORD_POLL] = "poll",
	[WORD_VOTE] = "vote",
	[WORD_POLL_CLOSE] = "poll-close",
	[WORD_BREAKOUT] = "breakout",
	[WORD_ASSIGN] = "assign",
	[WORD_BREAKOUT_OPEN] = "breakout-open",
	[WORD_BREAKOUT_CLOSE] = "breakout-close",
	[WORD_BREAKOUT_BACK] = "breakout-back",
	[WORD_PIN] = "guest-pin",
	[WORD_WANT] = "want",
	[WORD_KEYFRAME] = "keyframe",
};

static const char *const events[] = {
	[EVENT_NONE] = "none",
	[EVENT_HELLO] = "hello",
	[EVENT_DOOR] = "door",
	[EVENT_ANSWER] = "answer",
	[EVENT_CREATED] = "created",
	[EVENT_PERSON] = "person",
	[EVENT_CONTROL] = "control",
	[EVENT_SPOTLIGHT] = "spotlight",
	[EVENT_JOINED] = "joined",
	[EVENT_TICKET] = "ticket",
	[EVENT_WAITING] = "waiting",
	[EVENT_REFUSED] = "refused",
	[EVENT_PERSON_JOINED] = "person-joined",
	[EVENT_PERSON_LEFT] = "person-left",
	[EVENT_PERSON_CHANGED] = "person-changed",
	[EVENT_KNOCK] = "knock",
	[EVENT_KNOCK_GONE] = "knock-gone",
	[EVENT_SHUT_OUT] = "shut-out",
	[EVENT_CHAT] = "chat",
	[EVENT_CONTROLS] = "controls",
	[EVENT_MUTED] = "muted",
	[EVENT_ASK_UNMUTE] = "ask-unmute",
	[EVENT_PERMISSION] = "permission",
	[EVENT_REACTION] = "reaction",
	[EVENT_SHARE_STARTED] = "share-started",
	[EVENT_SHARE_STOPPED] = "share-stopped",
	[EVENT_AWAY] = "away",
	[EVENT_RESUMED] = "resumed",
	[EVENT_REMOVED] = "removed",
	[EVENT_ENDED] = "ended",
	[EVENT_WRONG_PASSCODES] = "wrong-passcodes",
	[EVENT_WANTED] = "wanted",
	[EVENT_KEYFRAME] = "keyframe",
	[EVENT_KEYBOARD] = "keyboard",
	[EVENT_RECORD_ASK] = "record-ask",
	[EVENT_RECORD_WAITS] = "record-waits",
	[EVENT_RECORDING] = "recording",
	[EVENT_FILE] = "file",
	[EVENT_FILE_TAKEN] = "file-taken",
	[EVENT_FILE_GET] = "file-get",
	[EVENT_FILE_CHUNK] = "file-chunk",
	[EVENT_FILE_ENDED] = "file-ended",
	[EVENT_POLL] = "poll",
	[EVENT_POLL_VOTES] = "poll-votes",
	[EVENT_POLL_NAMES] = "poll-names",
	[EVENT_POLL_RESULT] = "poll-result",
	[EVENT_BREAKOUTS] = "breakouts",
	[EVENT_MOVED] = "moved",
	[EVENT_ASSIGNED] = "assigned",
	[EVENT_CONNECTED] = "connected",
	[EVENT_SECURITY] = "security",
	[EVENT_SPEAKING] = "speaking",
	[EVENT_AUDIO] = "audio",
	[EVENT_VIDEO] = "video",
	[EVENT_FILE_PROGRESS] = "file-progress",
	[EVENT_FILE_SAVED] = "file-saved",
	[EVENT_ERROR] = "error",
	[EVENT_BYE] = "bye",
};

static const struct {
	const char *code, *text;
} refusals[] = {
	[REFUSED_NOT] = { "ok", "" },
	[REFUSED_CLIENT_TOO_OLD] = { "client-too-old", "This relay wants a newer moot: please update." },
	[REFUSED_KIND] = { "kind-not-allowed", "This relay does not let in this kind of connection." },
	[REFUSED_NO_SUCH_MEETING] = { "no-such-meeting", "No such meeting, or not this passcode: check the "
							 "invite, or ask for a new one." },
	[REFUSED_REMOVED] = { "removed",
			      "You were removed from this meeting. Only its hosts can let you back in." },
	[REFUSED_LOCKED] = { "locked", "The meeting is locked. Ask a host to unlock it." },
	[REFUSED_FULL] = { "full", "The meeting is full. Try again when somebody has left." },
	[REFUSED_TOO_MANY_TRIES] = { "too-many-tries",
				     "Too many wrong tries. Wait a while, then try again." },
	[REFUSED_BAD_NAME] = { "bad-name",
			       "A name has 1 to 40 visible characters and nothing hidden in it." },
	[REFUSED_BAD_TICKET] = { "bad-ticket", "Your seat is gone: its time ran out, or the relay was restarted. Join again if the meeting still runs." },
	[REFUSED_BAD_KEY] = { "bad-key", "The key does not fit." },
	[REFUSED_TOKEN] = { "token-needed", "This relay wants a token for new meetings. Ask who runs it." },
	[REFUSED_PASSCODE] = { "passcode-too-short", "This relay wants a longer passcode." },
	[REFUSED_ID_TAKEN] = { "id-taken", "That meeting id was used before. Choose another." },
	[REFUSED_TOO_MANY_MEETINGS] = { "too-many-meetings",
					"This relay holds no more meetings. Try again later." },
	[REFUSED_DENIED] = { "denied", "A host did not let you in." },
	[REFUSED_NOT_ALLOWED] = { "not-allowed", "Only a host can do that." },
	[REFUSED_NO_SUCH_PERSON] = { "no-such-person", "Nobody here by that name or number: see `who`." },
	[REFUSED_NOT_WAITING] = { "not-waiting", "Nobody waits by that name or number." },
	[REFUSED_NOT_IN] = { "not-in", "Not in the meeting right now." },
	[REFUSED_SELF] = { "not-yourself", "Not to yourself." },
	[REFUSED_HOST] = { "not-to-host", "Not to the host." },
	[REFUSED_ALREADY] = { "already", "That is how it stands already." },
	[REFUSED_CHAT_OFF] = { "chat-off", "The hosts closed the chat. If it is closed only to participants, "
					   "`hosts TEXT` "
					   "writes to the hosts." },
	[REFUSED_NO_DIRECT] = { "no-direct",
				"Messages to one person are off. `hosts TEXT` writes to the hosts." },
	[REFUSED_TEXT] = { "bad-text", "The text is empty, too long or not UTF-8." },
	[REFUSED_UNMUTE_OFF] = { "unmute-off", "A host must ask you to unmute. `raise` your hand." },
	[REFUSED_VIDEO_OFF] = { "video-off", "The hosts switched video off." },
	[REFUSED_SHARE_HOSTS] = { "share-hosts-only", "Only hosts may share. Ask one for permission." },
	[REFUSED_SHARE_TAKEN] = { "share-taken", "Somebody else is sharing. Only one can at a time." },
	[REFUSED_NOT_SHARING] = { "not-sharing", "There is no such share to stop." },
	[REFUSED_RENAME_OFF] = { "rename-off", "The hosts switched renaming off." },
	[REFUSED_FILES_OFF] = { "files-off", "Files are switched off. A host can change that: /set files on." },
	[REFUSED_FILE_SIZE] = { "file-too-big", "The file is empty or larger than this relay allows." },
	[REFUSED_NO_SUCH_FILE] = { "no-such-transfer", "There is no such file under way: /files." },
	[REFUSED_FILES_BUSY] = { "files-busy", "Too many files are under way. Wait until one has arrived." },
	[REFUSED_RECORD_OFF] = { "record-off", "You may not record. Where the relay's policy allows it, a host can: "
					       "/set record permitted, then /allow WHO record." },
	[REFUSED_RECORD_TAKEN] = { "record-taken", "Somebody else records, or asked to. Only one can at a time." },
	[REFUSED_NOT_RECORDING] = { "not-recording", "Nobody records or asked to." },
	[REFUSED_NO_CONSENT] = { "no-consent", "You did not agree to be recorded, so you are not let in." },
	[REFUSED_KEYBOARD_OFF] = { "keyboard-off", "The hosts switched typing into shares off." },
	[REFUSED_NO_POLL] = { "no-poll", "There is no open poll." },
	[REFUSED_POLL_OPEN] = { "poll-open", "A poll is open already. Close it first: /poll close." },
	[REFUSED_NO_BREAKOUTS] = { "no-breakouts", "There are no breakout rooms. A host makes them: /breakout make." },
	[REFUSED_NO_ROOM] = { "no-such-room", "There is no breakout room by that name or number." },
	[REFUSED_LOCKED_BY_POLICY] = { "locked-by-policy",
				       "This relay's policy does not let anybody change that." },
	[REFUSED_BAD_VALUE] = { "bad-value", "There is no such value for it." },
	[REFUSED_BAD_COMMAND] = { "bad-command", "Not a command that can be given here." },
	[REFUSED_TOO_FAST] = { "too-fast", "Too many at once. Wait a moment." },
};

_Static_assert(sizeof(roles) / sizeof(*roles) == ROLE_COUNT, "a name for each role");
_Static_assert(sizeof(kinds) / sizeof(*kinds) == KIND_COUNT, "a name for each kind");
_Static_assert(sizeof(mics) / sizeof(*mics) == MIC_COUNT, "a name for each mic");
_Static_assert(sizeof(seals) / sizeof(*seals) == SEALED_COUNT, "a name for each seal");
_Static_assert(sizeof(controls) / sizeof(*controls) == CONTROL_COUNT, "a name for each control");
_Static_assert(sizeof(permissions) / sizeof(*permissions) == PERMIT_COUNT, "a name for each permission");
_Static_assert(sizeof(scopes) / sizeof(*scopes) == SCOPE_COUNT, "a name for each scope");
_Static_assert(sizeof(words) / sizeof(*words) == WORD_COUNT, "a name for each word");
_Static_assert(sizeof(events) / sizeof(*events) == EVENT_COUNT, "a name for each event");
_Static_assert(sizeof(refusals) / sizeof(*refusals) == REFUSED_COUNT, "a text for each refusal");
_Static_assert(sizeof(chat_modes) / sizeof(*chat_modes) == CHAT_MODE_COUNT, "a name for each chat mode");
_Static_assert(sizeof(share_modes) / sizeof(*share_modes) == SHARE_MODE_COUNT, "a name for each share mode");
_Static_assert(sizeof(keyboard_modes) / sizeof(*keyboard_modes) == KEYBOARD_MODE_COUNT, "a name for each");
_Static_assert(sizeof(record_modes) / sizeof(*record_modes) == RECORD_MODE_COUNT, "a name for each record mode");
_Static_assert(sizeof(kinds_modes) / sizeof(*kinds_modes) == KINDS_MODE_COUNT, "a name for each kinds mode");

static int find(const char *const *table, int count, const char *name)
{
	for (int i = 0; name && i < count; i++)
		if (strcmp(table[i], name) == 0)
			return i;
	return -ENOENT;
}

/* For each enum its two functions. */
#define NAMES(enumeration, type, table)                                                                      \
	const char *enumeration##_name(enum type value)                                                      \
	{                                                                                                    \
		return (unsigned)value < (unsigned)COUNT(table) ? table[value] : NULL;                       \
	}                                                                                                    \
	int enumeration##_parse(const char *name)                                                            \
	{                                                                                                    \
		return find(table, COUNT(table), name);                                                      \
	}

NAMES(role, role, roles)
NAMES(kind, kind, kinds)
NAMES(mic, mic, mics)
NAMES(sealed, sealed, seals)
NAMES(control, control, controls)
NAMES(permission, permission, permissions)
NAMES(scope, scope, scopes)
NAMES(word, word, words)
NAMES(event, event_kind, events)

const char *refusal_code(enum refusal refusal)
{
	return (unsigned)refusal < REFUSED_COUNT ? refusals[refusal].code : NULL;
}

const char *refusal_text(enum refusal refusal)
{
	return (unsigned)refusal < REFUSED_COUNT ? refusals[refusal].text : NULL;
}

const char *reaction_name(unsigned index)
{
	return index < (unsigned)COUNT(reactions) ? reactions[index] : NULL;
}

static const char *const *values_of(enum control control, int *count)
{
	*count = 0;
	if ((unsigned)control >= CONTROL_COUNT)
		return NULL;
	switch (control) {
	case CONTROL_CHAT: *count = COUNT(chat_modes); return chat_modes;
	case CONTROL_SHARE: *count = COUNT(share_modes); return share_modes;
	case CONTROL_KEYBOARD: *count = COUNT(keyboard_modes); return keyboard_modes;
	case CONTROL_RECORD: *count = COUNT(record_modes); return record_modes;
	case CONTROL_KINDS: *count = COUNT(kinds_modes); return kinds_modes;
	default: *count = COUNT(on_off); return on_off;
	}
}

const char *control_value_name(enum control control, int32_t value)
{
	int count;
	const char *const *table = values_of(control, &count);
	return value >= 0 && value < count ? table[value] : NULL;
}

int control_value_parse(enum control control, const char *word)
{
	int count;
	const char *const *table = values_of(control, &count);
	int value = find(table, count, word);
	return value < 0 ? -EINVAL : value;
}

int control_values(enum control control)
{
	int count;
	values_of(control, &count);
	return count;
}
