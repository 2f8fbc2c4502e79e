/* Every word said by every role, as a table: what is answered, and that a refusal leaves the state as it was,
 * byte for byte, and tells nobody anything. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/room.h"

/* The cast, by number. OTHER has its mic off; REMOVED was kicked, GONE left. */
enum { HOST = 1, COHOST, GUEST, OTHER, COHOST2, AWAY, WAITS, WAITS2, REMOVED, GONE, NOBODY = 99 };

/* What is different before the word is said. */
enum prepare {
	AS_IS,
	CHAT_IS_OFF,
	CHAT_IS_HOSTS,
	CHAT_IS_NO_DIRECT,
	UNMUTE_IS_OFF,
	VIDEO_IS_OFF,
	SHARE_IS_EVERYONE,
	SHARE_IS_FREE_BUT_TAKEN,
	RENAME_IS_OFF,
	LOCKED_IS,
	POLICY_LOCKS,
	ALL_MUTED,
	ALL_MUTED_UNMUTE_OFF,
	HANDS_UP,
	GUEST_SHARES,
	HOST_SHARES,
	GUEST_PERMITTED,
	ALL_VIDEO,
	ROOM_IS_FULL,
	NOBODY_WAITS,
	SPOT_ON_GUEST,
	KEYBOARD_IS_NOBODY,
	KEYBOARD_IS_GIVEN,
	RECORD_IS_PERMITTED,
	RECORD_IS_ASKED,
	FILES_ARE_ON,
	FILES_ON_NO_DIRECT,
	FILE_IS_OFFERED,
	FILE_IS_TAKEN,
	POLL_IS_OPEN,
	ROOMS_ARE_MADE,
	ROOMS_ARE_OPEN,
	ENDED
};

struct row {
	const char *what;
	struct command command;
	enum refusal answer[4]; /* to waiting, participant, co-host, host */
	enum prepare prepare;
};

#define NO     REFUSED_NOT_ALLOWED
#define OK     REFUSED_NOT
#define WHO(n) .who = { n }, .who_count = 1

static const struct row rows[] = {
	/* talk */
	{ "chat", { .word = WORD_CHAT, .text = "hi" }, { NO, OK, OK, OK }, AS_IS },
	{ "chat, off",
	  { .word = WORD_CHAT, .text = "hi" },
	  { NO, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF },
	  CHAT_IS_OFF },
	{ "chat, hosts",
	  { .word = WORD_CHAT, .text = "hi" },
	  { NO, REFUSED_CHAT_OFF, OK, OK },
	  CHAT_IS_HOSTS },
	{ "chat, no direct", { .word = WORD_CHAT, .text = "hi" }, { NO, OK, OK, OK }, CHAT_IS_NO_DIRECT },
	{ "chat empty", { .word = WORD_CHAT }, { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT }, AS_IS },
	{ "chat not utf-8",
	  { .word = WORD_CHAT, .text = "\xC0\x80" },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "chat, sealed", { .word = WORD_CHAT, .text = "aGFs", .sealed = true }, { NO, OK, OK, OK }, AS_IS },
	{ "chat, sealed, no base64",
	  { .word = WORD_CHAT, .text = "hi", .sealed = true },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "hosts, sealed",
	  { .word = WORD_CHAT, .to = TO_HOSTS, .text = "aGFs", .sealed = true },
	  { REFUSED_TEXT, OK, OK, OK },
	  AS_IS },
	{ "waiting, sealed",
	  { .word = WORD_CHAT, .to = TO_WAITING, .text = "aGFs", .sealed = true },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "chat to nowhere",
	  { .word = WORD_CHAT, .to = SCOPE_COUNT, .text = "hi" },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "msg",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = OTHER, .text = "hi" },
	  { NO, OK, OK, OK },
	  AS_IS },
	{ "msg, off",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = OTHER, .text = "hi" },
	  { NO, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF },
	  CHAT_IS_OFF },
	{ "msg, hosts",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = OTHER, .text = "hi" },
	  { NO, REFUSED_NO_DIRECT, OK, OK },
	  CHAT_IS_HOSTS },
	{ "msg, no direct",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = OTHER, .text = "hi" },
	  { NO, REFUSED_NO_DIRECT, OK, OK },
	  CHAT_IS_NO_DIRECT },
	{ "msg a host, no direct",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = COHOST2, .text = "hi" },
	  { NO, OK, OK, OK },
	  CHAT_IS_NO_DIRECT },
	{ "msg who is away",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = AWAY, .text = "hi" },
	  { NO, OK, OK, OK },
	  AS_IS },
	{ "msg nobody",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = NOBODY, .text = "hi" },
	  { NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "msg who waits",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = WAITS2, .text = "hi" },
	  { NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "msg the host",
	  { .word = WORD_CHAT, .to = TO_ONE, .number = HOST, .text = "hi" },
	  { NO, OK, OK, REFUSED_SELF },
	  AS_IS },
	{ "hosts", { .word = WORD_CHAT, .to = TO_HOSTS, .text = "hi" }, { OK, OK, OK, OK }, AS_IS },
	{ "hosts, hosts",
	  { .word = WORD_CHAT, .to = TO_HOSTS, .text = "hi" },
	  { OK, OK, OK, OK },
	  CHAT_IS_HOSTS },
	{ "hosts, off",
	  { .word = WORD_CHAT, .to = TO_HOSTS, .text = "hi" },
	  { OK, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF, REFUSED_CHAT_OFF },
	  CHAT_IS_OFF },
	{ "hosts empty",
	  { .word = WORD_CHAT, .to = TO_HOSTS },
	  { REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "tell-waiting", { .word = WORD_CHAT, .to = TO_WAITING, .text = "hi" }, { NO, NO, OK, OK }, AS_IS },
	{ "tell-waiting, off",
	  { .word = WORD_CHAT, .to = TO_WAITING, .text = "hi" },
	  { NO, NO, OK, OK },
	  CHAT_IS_OFF },
	{ "tell-waiting one",
	  { .word = WORD_CHAT, .to = TO_WAITING, .number = WAITS, .text = "hi" },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "tell-waiting seated",
	  { .word = WORD_CHAT, .to = TO_WAITING, .number = GUEST, .text = "hi" },
	  { NO, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  AS_IS },
	{ "tell-waiting, nobody waits",
	  { .word = WORD_CHAT, .to = TO_WAITING, .text = "hi" },
	  { REFUSED_NOT_IN, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  NOBODY_WAITS },
	{ "raise", { .word = WORD_RAISE }, { NO, OK, OK, OK }, AS_IS },
	{ "raise twice",
	  { .word = WORD_RAISE },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  HANDS_UP },
	{ "raise another's", { .word = WORD_RAISE, .number = OTHER }, { NO, NO, NO, NO }, AS_IS },
	{ "lower", { .word = WORD_LOWER }, { NO, OK, OK, OK }, HANDS_UP },
	{ "lower, down",
	  { .word = WORD_LOWER },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "lower another's", { .word = WORD_LOWER, .number = OTHER }, { NO, NO, OK, OK }, HANDS_UP },
	{ "lower nobody's",
	  { .word = WORD_LOWER, .number = NOBODY },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  HANDS_UP },
	{ "react", { .word = WORD_REACT, .name = "applause" }, { NO, OK, OK, OK }, AS_IS },
	{ "react oddly",
	  { .word = WORD_REACT, .name = "rude" },
	  { NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "mute", { .word = WORD_MUTE }, { NO, OK, OK, OK }, AS_IS },
	{ "mute, muted",
	  { .word = WORD_MUTE },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  ALL_MUTED },
	{ "mute guest", { .word = WORD_MUTE, .number = GUEST }, { NO, OK, OK, OK }, AS_IS },
	{ "mute other, muted",
	  { .word = WORD_MUTE, .number = OTHER },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "mute host", { .word = WORD_MUTE, .number = HOST }, { NO, NO, REFUSED_HOST, OK }, AS_IS },
	{ "mute co-host", { .word = WORD_MUTE, .number = COHOST2 }, { NO, NO, OK, OK }, AS_IS },
	{ "mute nobody",
	  { .word = WORD_MUTE, .number = NOBODY },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "mute who waits",
	  { .word = WORD_MUTE, .number = WAITS2 },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "mute all", { .word = WORD_MUTE, .all = true }, { NO, NO, OK, OK }, AS_IS },
	{ "unmute", { .word = WORD_UNMUTE }, { NO, OK, OK, OK }, ALL_MUTED },
	{ "unmute, on",
	  { .word = WORD_UNMUTE },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "unmute, off", { .word = WORD_UNMUTE }, { NO, REFUSED_UNMUTE_OFF, OK, OK }, ALL_MUTED_UNMUTE_OFF },
	{ "unmute another", { .word = WORD_UNMUTE, .number = OTHER }, { NO, NO, NO, NO }, AS_IS },
	{ "ask-unmute", { .word = WORD_ASK_UNMUTE, .number = OTHER }, { NO, NO, OK, OK }, AS_IS },
	{ "ask-unmute, on",
	  { .word = WORD_ASK_UNMUTE, .number = GUEST },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "ask-unmute oneself",
	  { .word = WORD_ASK_UNMUTE, .number = HOST },
	  { NO, NO, REFUSED_ALREADY, REFUSED_SELF },
	  AS_IS },
	{ "ask-unmute nobody",
	  { .word = WORD_ASK_UNMUTE },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "video on", { .word = WORD_VIDEO, .on = true }, { NO, OK, OK, OK }, AS_IS },
	{ "video on, on",
	  { .word = WORD_VIDEO, .on = true },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  ALL_VIDEO },
	{ "video on, off",
	  { .word = WORD_VIDEO, .on = true },
	  { NO, REFUSED_VIDEO_OFF, OK, OK },
	  VIDEO_IS_OFF },
	{ "video off", { .word = WORD_VIDEO }, { NO, OK, OK, OK }, ALL_VIDEO },
	{ "video off, off",
	  { .word = WORD_VIDEO },
	  { NO, REFUSED_ALREADY, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "video another's", { .word = WORD_VIDEO, .number = OTHER, .on = true }, { NO, NO, NO, NO }, AS_IS },

	/* show */
	{ "share", { .word = WORD_SHARE, .text = "notes.txt" }, { NO, REFUSED_SHARE_HOSTS, OK, OK }, AS_IS },
	{ "share, everyone",
	  { .word = WORD_SHARE, .text = "notes.txt" },
	  { NO, OK, OK, OK },
	  SHARE_IS_EVERYONE },
	{ "share, permitted",
	  { .word = WORD_SHARE, .text = "notes.txt" },
	  { NO, OK, OK, OK },
	  GUEST_PERMITTED },
	{ "share, taken",
	  { .word = WORD_SHARE, .text = "notes.txt" },
	  { NO, REFUSED_SHARE_TAKEN, REFUSED_SHARE_TAKEN, REFUSED_SHARE_TAKEN },
	  SHARE_IS_FREE_BUT_TAKEN },
	{ "share, own on",
	  { .word = WORD_SHARE },
	  { NO, REFUSED_ALREADY, REFUSED_SHARE_TAKEN, REFUSED_SHARE_TAKEN },
	  GUEST_SHARES },
	{ "share not utf-8",
	  { .word = WORD_SHARE, .text = "\xFF" },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  SHARE_IS_EVERYONE },
	{ "share stop",
	  { .word = WORD_SHARE_STOP },
	  { NO, OK, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  GUEST_SHARES },
	{ "share stop guest's",
	  { .word = WORD_SHARE_STOP, .number = GUEST },
	  { NO, OK, OK, OK },
	  GUEST_SHARES },
	{ "share stop host's",
	  { .word = WORD_SHARE_STOP, .number = HOST },
	  { NO, NO, REFUSED_HOST, OK },
	  HOST_SHARES },
	{ "share stop other's",
	  { .word = WORD_SHARE_STOP, .number = OTHER },
	  { NO, NO, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  GUEST_SHARES },
	{ "spotlight", { .word = WORD_SPOTLIGHT, .number = OTHER }, { NO, NO, OK, OK }, AS_IS },
	{ "spotlight again",
	  { .word = WORD_SPOTLIGHT, .number = GUEST },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  SPOT_ON_GUEST },
	{ "spotlight off", { .word = WORD_SPOTLIGHT }, { NO, NO, OK, OK }, SPOT_ON_GUEST },
	{ "spotlight off, off",
	  { .word = WORD_SPOTLIGHT },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "spotlight who waits",
	  { .word = WORD_SPOTLIGHT, .number = WAITS },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },

	/* the door */
	{ "admit", { .word = WORD_ADMIT, WHO(WAITS) }, { NO, NO, OK, OK }, AS_IS },
	{ "admit two",
	  { .word = WORD_ADMIT, .who = { WAITS2, WAITS }, .who_count = 2 },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "admit twice",
	  { .word = WORD_ADMIT, .who = { WAITS, WAITS }, .who_count = 2 },
	  { NO, NO, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "admit one and nobody",
	  { .word = WORD_ADMIT, .who = { WAITS, NOBODY }, .who_count = 2 },
	  { NO, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  AS_IS },
	{ "admit none", { .word = WORD_ADMIT }, { NO, NO, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND }, AS_IS },
	{ "admit too many",
	  { .word = WORD_ADMIT, .who_count = MOOT_WHO_MAX + 1 },
	  { NO, NO, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "admit seated",
	  { .word = WORD_ADMIT, WHO(GUEST) },
	  { NO, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  AS_IS },
	{ "admit, full",
	  { .word = WORD_ADMIT, WHO(WAITS) },
	  { NO, NO, REFUSED_FULL, REFUSED_FULL },
	  ROOM_IS_FULL },
	{ "admit all", { .word = WORD_ADMIT, .all = true }, { NO, NO, OK, OK }, AS_IS },
	{ "admit all, locked", { .word = WORD_ADMIT, .all = true }, { NO, NO, OK, OK }, LOCKED_IS },
	{ "admit all, full",
	  { .word = WORD_ADMIT, .all = true },
	  { NO, NO, REFUSED_FULL, REFUSED_FULL },
	  ROOM_IS_FULL },
	{ "admit all, nobody",
	  { .word = WORD_ADMIT, .all = true },
	  { REFUSED_NOT_IN, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  NOBODY_WAITS },
	{ "deny", { .word = WORD_DENY, .number = WAITS2 }, { NO, NO, OK, OK }, AS_IS },
	{ "deny, reason",
	  { .word = WORD_DENY, .number = WAITS2, .text = "Staff only." },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "deny, bad reason",
	  { .word = WORD_DENY, .number = WAITS2, .text = "\x80" },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "deny seated",
	  { .word = WORD_DENY, .number = GUEST },
	  { NO, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING },
	  AS_IS },
	{ "deny nobody", { .word = WORD_DENY }, { NO, NO, REFUSED_NOT_WAITING, REFUSED_NOT_WAITING }, AS_IS },
	{ "sendback", { .word = WORD_SENDBACK, .number = OTHER }, { NO, NO, OK, OK }, AS_IS },
	{ "sendback away", { .word = WORD_SENDBACK, .number = AWAY }, { NO, NO, OK, OK }, AS_IS },
	{ "sendback host",
	  { .word = WORD_SENDBACK, .number = HOST },
	  { NO, NO, REFUSED_HOST, REFUSED_SELF },
	  AS_IS },
	{ "sendback co-host", { .word = WORD_SENDBACK, .number = COHOST2 }, { NO, NO, NO, OK }, AS_IS },
	{ "sendback who waits",
	  { .word = WORD_SENDBACK, .number = WAITS2 },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "kick", { .word = WORD_KICK, .number = OTHER }, { NO, NO, OK, OK }, AS_IS },
	{ "kick away", { .word = WORD_KICK, .number = AWAY }, { NO, NO, OK, OK }, AS_IS },
	{ "kick who waits", { .word = WORD_KICK, .number = WAITS2 }, { NO, NO, OK, OK }, AS_IS },
	{ "kick host", { .word = WORD_KICK, .number = HOST }, { NO, NO, REFUSED_HOST, REFUSED_SELF }, AS_IS },
	{ "kick co-host", { .word = WORD_KICK, .number = COHOST2 }, { NO, NO, NO, OK }, AS_IS },
	{ "kick oneself", { .word = WORD_KICK, .number = COHOST }, { NO, NO, REFUSED_SELF, OK }, AS_IS },
	{ "kick nobody",
	  { .word = WORD_KICK },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "pardon", { .word = WORD_PARDON, .number = REMOVED }, { NO, NO, OK, OK }, AS_IS },
	{ "pardon who left",
	  { .word = WORD_PARDON, .number = GONE },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "pardon nobody",
	  { .word = WORD_PARDON },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "lock", { .word = WORD_SET, .control = CONTROL_LOCK, .value = 1 }, { NO, NO, OK, OK }, AS_IS },
	{ "lock, locked",
	  { .word = WORD_SET, .control = CONTROL_LOCK, .value = 1 },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  LOCKED_IS },

	/* rule */
	{ "set chat",
	  { .word = WORD_SET, .control = CONTROL_CHAT, .value = CHAT_HOSTS },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set waiting room",
	  { .word = WORD_SET, .control = CONTROL_WAITING_ROOM, .value = 0 },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set join before host",
	  { .word = WORD_SET, .control = CONTROL_JOIN_BEFORE_HOST, .value = 1 },
	  { NO, NO, NO, OK },
	  AS_IS },
	{ "set unmute",
	  { .word = WORD_SET, .control = CONTROL_UNMUTE, .value = 0 },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set video",
	  { .word = WORD_SET, .control = CONTROL_VIDEO, .value = 0 },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set share",
	  { .word = WORD_SET, .control = CONTROL_SHARE, .value = SHARE_EVERYONE },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set rename",
	  { .word = WORD_SET, .control = CONTROL_RENAME, .value = 0 },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set too far",
	  { .word = WORD_SET, .control = CONTROL_CHAT, .value = CHAT_MODE_COUNT },
	  { NO, NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "set too low",
	  { .word = WORD_SET, .control = CONTROL_LOCK, .value = -1 },
	  { NO, NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "set nothing",
	  { .word = WORD_SET, .control = CONTROL_COUNT },
	  { NO, NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "set, policy",
	  { .word = WORD_SET, .control = CONTROL_CHAT, .value = CHAT_OFF },
	  { NO, NO, REFUSED_LOCKED_BY_POLICY, REFUSED_LOCKED_BY_POLICY },
	  POLICY_LOCKS },
	{ "allow",
	  { .word = WORD_ALLOW, .number = GUEST, .permission = PERMIT_SHARE },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "allow twice",
	  { .word = WORD_ALLOW, .number = GUEST, .permission = PERMIT_SHARE },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  GUEST_PERMITTED },
	{ "allow what",
	  { .word = WORD_ALLOW, .number = GUEST, .permission = PERMIT_COUNT },
	  { NO, NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "allow host",
	  { .word = WORD_ALLOW, .number = HOST },
	  { NO, NO, REFUSED_HOST, REFUSED_SELF },
	  AS_IS },
	{ "allow who waits",
	  { .word = WORD_ALLOW, .number = WAITS },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "disallow",
	  { .word = WORD_DISALLOW, .number = GUEST, .permission = PERMIT_SHARE },
	  { NO, NO, OK, OK },
	  GUEST_PERMITTED },
	{ "disallow, none",
	  { .word = WORD_DISALLOW, .number = GUEST, .permission = PERMIT_SHARE },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "disallow what",
	  { .word = WORD_DISALLOW, .number = GUEST, .permission = PERMIT_COUNT },
	  { NO, NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  AS_IS },
	{ "suspend", { .word = WORD_SUSPEND }, { NO, NO, OK, OK }, AS_IS },
	{ "suspend, policy", { .word = WORD_SUSPEND }, { NO, NO, OK, OK }, POLICY_LOCKS },
	{ "cohost", { .word = WORD_COHOST, .number = OTHER }, { NO, NO, NO, OK }, AS_IS },
	{ "cohost twice",
	  { .word = WORD_COHOST, .number = COHOST2 },
	  { NO, NO, NO, REFUSED_ALREADY },
	  AS_IS },
	{ "cohost oneself", { .word = WORD_COHOST, .number = HOST }, { NO, NO, NO, REFUSED_SELF }, AS_IS },
	{ "cohost who waits",
	  { .word = WORD_COHOST, .number = WAITS2 },
	  { NO, NO, NO, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "uncohost", { .word = WORD_UNCOHOST, .number = COHOST2 }, { NO, NO, NO, OK }, AS_IS },
	{ "uncohost a guest",
	  { .word = WORD_UNCOHOST, .number = OTHER },
	  { NO, NO, NO, REFUSED_ALREADY },
	  AS_IS },
	{ "host", { .word = WORD_HOST, .number = OTHER }, { NO, NO, NO, OK }, AS_IS },
	{ "host to co-host", { .word = WORD_HOST, .number = COHOST2 }, { NO, NO, NO, OK }, AS_IS },
	{ "host to oneself", { .word = WORD_HOST, .number = HOST }, { NO, NO, NO, REFUSED_SELF }, AS_IS },
	{ "host to who is away",
	  { .word = WORD_HOST, .number = AWAY },
	  { NO, NO, NO, REFUSED_NOT_IN },
	  AS_IS },
	{ "host to who waits",
	  { .word = WORD_HOST, .number = WAITS2 },
	  { NO, NO, NO, REFUSED_NO_SUCH_PERSON },
	  AS_IS },
	{ "host to nobody", { .word = WORD_HOST }, { NO, NO, NO, REFUSED_NO_SUCH_PERSON }, AS_IS },
	{ "claim",
	  { .word = WORD_CLAIM, .has_host_key = true },
	  { REFUSED_BAD_KEY, REFUSED_BAD_KEY, REFUSED_BAD_KEY, REFUSED_BAD_KEY },
	  AS_IS },
	{ "name", { .word = WORD_RENAME, .name = "Kim" }, { NO, OK, OK, OK }, AS_IS },
	{ "name, off",
	  { .word = WORD_RENAME, .name = "Kim" },
	  { NO, REFUSED_RENAME_OFF, OK, OK },
	  RENAME_IS_OFF },
	{ "name, hidden signs",
	  { .word = WORD_RENAME, .name = "K\xE2\x80\x8Bim" },
	  { NO, REFUSED_BAD_NAME, REFUSED_BAD_NAME, REFUSED_BAD_NAME },
	  AS_IS },
	{ "rename", { .word = WORD_RENAME, .number = OTHER, .name = "Kim" }, { NO, NO, OK, OK }, AS_IS },
	{ "rename, off",
	  { .word = WORD_RENAME, .number = OTHER, .name = "Kim" },
	  { NO, NO, OK, OK },
	  RENAME_IS_OFF },
	{ "rename to the same",
	  { .word = WORD_RENAME, .number = OTHER, .name = " Other " },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "rename host",
	  { .word = WORD_RENAME, .number = HOST, .name = "Kim" },
	  { NO, NO, REFUSED_HOST, OK },
	  AS_IS },
	{ "rename co-host",
	  { .word = WORD_RENAME, .number = COHOST2, .name = "Kim" },
	  { NO, NO, NO, OK },
	  AS_IS },
	{ "leave", { .word = WORD_LEAVE }, { OK, OK, OK, OK }, AS_IS },
	{ "end", { .word = WORD_END }, { NO, NO, NO, OK }, AS_IS },

	/* no words of the meeting */
	{ "create",
	  { .word = WORD_CREATE },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "join",
	  { .word = WORD_JOIN },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "resume",
	  { .word = WORD_RESUME },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "guest-pin",
	  { .word = WORD_PIN, .passcode = "135790" },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "want",
	  { .word = WORD_WANT },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "keyframe",
	  { .word = WORD_KEYFRAME },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	/* keyboards */
	{ "give-keyboard",
	  { .word = WORD_GIVE_KEYBOARD, .number = OTHER },
	  { NO, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  AS_IS },
	{ "give-keyboard, sharing",
	  { .word = WORD_GIVE_KEYBOARD, .number = OTHER },
	  { NO, OK, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  GUEST_SHARES },
	{ "give-keyboard, closed",
	  { .word = WORD_GIVE_KEYBOARD, .number = OTHER },
	  { NO, REFUSED_KEYBOARD_OFF, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  KEYBOARD_IS_NOBODY },
	{ "give-keyboard to nobody",
	  { .word = WORD_GIVE_KEYBOARD, .number = NOBODY },
	  { NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  GUEST_SHARES },
	{ "give-keyboard to oneself",
	  { .word = WORD_GIVE_KEYBOARD, .number = GUEST },
	  { NO, REFUSED_SELF, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  GUEST_SHARES },
	{ "give-keyboard to who is away",
	  { .word = WORD_GIVE_KEYBOARD, .number = AWAY },
	  { NO, REFUSED_NOT_IN, REFUSED_NOT_SHARING, REFUSED_NOT_SHARING },
	  GUEST_SHARES },
	{ "take-keyboard",
	  { .word = WORD_TAKE_KEYBOARD },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  AS_IS },
	{ "take-keyboard, given",
	  { .word = WORD_TAKE_KEYBOARD },
	  { NO, OK, OK, OK },
	  KEYBOARD_IS_GIVEN },
	/* recording */
	{ "record",
	  { .word = WORD_RECORD, .on = true },
	  { NO, REFUSED_RECORD_OFF, REFUSED_RECORD_OFF, REFUSED_RECORD_OFF },
	  AS_IS },
	{ "record, permitted",
	  { .word = WORD_RECORD, .on = true },
	  { NO, REFUSED_RECORD_OFF, OK, OK },
	  RECORD_IS_PERMITTED },
	{ "record, another does",
	  { .word = WORD_RECORD, .on = true },
	  { NO, REFUSED_RECORD_OFF, REFUSED_RECORD_TAKEN, REFUSED_RECORD_TAKEN },
	  RECORD_IS_ASKED },
	{ "record stop",
	  { .word = WORD_RECORD },
	  { NO, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING },
	  RECORD_IS_ASKED },
	{ "consent",
	  { .word = WORD_CONSENT, .on = true },
	  { REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING },
	  AS_IS },
	{ "consent no",
	  { .word = WORD_CONSENT },
	  { REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING, REFUSED_NOT_RECORDING },
	  AS_IS },
	{ "consent, asked",
	  { .word = WORD_CONSENT, .on = true },
	  { REFUSED_NOT_RECORDING, OK, OK, OK },
	  RECORD_IS_ASKED },
	{ "consent no, asked",
	  { .word = WORD_CONSENT },
	  { REFUSED_NOT_RECORDING, OK, OK, OK },
	  RECORD_IS_ASKED },
	{ "allow record",
	  { .word = WORD_ALLOW, .number = OTHER, .permission = PERMIT_RECORD },
	  { NO, NO, REFUSED_LOCKED_BY_POLICY, REFUSED_LOCKED_BY_POLICY },
	  AS_IS },
	{ "allow record, permitted",
	  { .word = WORD_ALLOW, .number = OTHER, .permission = PERMIT_RECORD },
	  { NO, NO, OK, OK },
	  RECORD_IS_PERMITTED },
	{ "set record",
	  { .word = WORD_SET, .control = CONTROL_RECORD, .value = RECORD_PERMITTED },
	  { NO, NO, REFUSED_LOCKED_BY_POLICY, REFUSED_LOCKED_BY_POLICY },
	  AS_IS },
	{ "set kinds, encrypted",
	  { .word = WORD_SET, .control = CONTROL_KINDS, .value = KINDS_ENCRYPTED },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "set kinds, phones the policy forbids",
	  { .word = WORD_SET, .control = CONTROL_KINDS, .value = KINDS_PHONE },
	  { NO, NO, REFUSED_LOCKED_BY_POLICY, REFUSED_LOCKED_BY_POLICY },
	  AS_IS },
	/* files */
	{ "file",
	  { .word = WORD_FILE, .number = OTHER, .name = "a.txt", .size = 10 },
	  { NO, REFUSED_FILES_OFF, REFUSED_FILES_OFF, REFUSED_FILES_OFF },
	  AS_IS },
	{ "file, on",
	  { .word = WORD_FILE, .number = OTHER, .name = "a.txt", .size = 10 },
	  { NO, OK, OK, OK },
	  FILES_ARE_ON },
	{ "file, no direct",
	  { .word = WORD_FILE, .number = OTHER, .name = "a.txt", .size = 10 },
	  { NO, REFUSED_NO_DIRECT, OK, OK },
	  FILES_ON_NO_DIRECT },
	{ "file to nobody",
	  { .word = WORD_FILE, .number = NOBODY, .name = "a", .size = 10 },
	  { NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  FILES_ARE_ON },
	{ "file to who is away",
	  { .word = WORD_FILE, .number = AWAY, .name = "a", .size = 10 },
	  { NO, REFUSED_NOT_IN, REFUSED_NOT_IN, REFUSED_NOT_IN },
	  FILES_ARE_ON },
	{ "file without a name",
	  { .word = WORD_FILE, .number = OTHER, .size = 10 },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  FILES_ARE_ON },
	{ "file of two lines",
	  { .word = WORD_FILE, .number = OTHER, .name = "a\nb", .size = 10 },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  FILES_ARE_ON },
	{ "file, empty",
	  { .word = WORD_FILE, .number = OTHER, .name = "a" },
	  { NO, REFUSED_FILE_SIZE, REFUSED_FILE_SIZE, REFUSED_FILE_SIZE },
	  FILES_ARE_ON },
	{ "file, too big",
	  { .word = WORD_FILE, .number = OTHER, .name = "a", .size = UINT64_C(1) << 40 },
	  { NO, REFUSED_FILE_SIZE, REFUSED_FILE_SIZE, REFUSED_FILE_SIZE },
	  FILES_ARE_ON },
	{ "file, sealed",
	  { .word = WORD_FILE, .number = OTHER, .name = "file", .size = 10, .text = "aGFs", .sealed = true },
	  { NO, OK, OK, OK },
	  FILES_ARE_ON },
	{ "file, sealed, with its name",
	  { .word = WORD_FILE, .number = OTHER, .name = "a.txt", .size = 10, .text = "aGFs", .sealed = true },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  FILES_ARE_ON },
	{ "file, sealed, with its hash",
	  { .word = WORD_FILE, .number = OTHER, .name = "file", .size = 10, .text = "aGFs", .sealed = true, .hash = { 1 } },
	  { NO, REFUSED_TEXT, REFUSED_TEXT, REFUSED_TEXT },
	  FILES_ARE_ON },
	{ "file-take of none",
	  { .word = WORD_FILE_TAKE, .file = 9 },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  AS_IS },
	{ "file-take",
	  { .word = WORD_FILE_TAKE, .file = 1 },
	  { NO, OK, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_OFFERED },
	{ "file-get before it was taken",
	  { .word = WORD_FILE_GET, .file = 1, .size = 5 },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_OFFERED },
	{ "file-get",
	  { .word = WORD_FILE_GET, .file = 1, .offset = 4, .size = 6 },
	  { NO, OK, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_TAKEN },
	{ "file-get beyond its end",
	  { .word = WORD_FILE_GET, .file = 1, .offset = 4, .size = 7 },
	  { NO, REFUSED_BAD_VALUE, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_TAKEN },
	{ "file-get of nothing",
	  { .word = WORD_FILE_GET, .file = 1, .offset = 4 },
	  { NO, REFUSED_BAD_VALUE, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_TAKEN },
	{ "file-get with a gap",
	  { .word = WORD_FILE_GET, .file = 1, .offset = 5, .size = 1 },
	  { NO, REFUSED_BAD_VALUE, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE },
	  FILE_IS_TAKEN },
	{ "file-chunk",
	  { .word = WORD_FILE_CHUNK, .file = 1, .text = "aGFsbG8=" },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, REFUSED_BAD_VALUE },
	  FILE_IS_TAKEN },
	{ "file-chunk, asked for",
	  { .word = WORD_FILE_CHUNK, .file = 1, .text = "aGFs" },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, OK },
	  FILE_IS_TAKEN },
	{ "file-chunk of no base64",
	  { .word = WORD_FILE_CHUNK, .file = 1, .text = "a=Fs" },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, REFUSED_BAD_VALUE },
	  FILE_IS_TAKEN },
	{ "file-chunk, sealed, of a file that is not",
	  { .word = WORD_FILE_CHUNK, .file = 1, .text = "aGFs", .size = 3, .sealed = true },
	  { NO, REFUSED_NO_SUCH_FILE, REFUSED_NO_SUCH_FILE, REFUSED_BAD_VALUE },
	  FILE_IS_TAKEN },
	{ "file-end, whole",
	  { .word = WORD_FILE_END, .file = 1, .on = true },
	  { NO, REFUSED_BAD_VALUE, REFUSED_NO_SUCH_FILE, REFUSED_BAD_VALUE },
	  FILE_IS_TAKEN },
	{ "file-end",
	  { .word = WORD_FILE_END, .file = 1 },
	  { NO, OK, REFUSED_NO_SUCH_FILE, OK },
	  FILE_IS_TAKEN },
	/* polls */
	{ "poll",
	  { .word = WORD_POLL, .text = "Tea?\nyes\nno" },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "poll, another open",
	  { .word = WORD_POLL, .text = "Tea?\nyes\nno" },
	  { NO, NO, REFUSED_POLL_OPEN, REFUSED_POLL_OPEN },
	  POLL_IS_OPEN },
	{ "poll of one answer",
	  { .word = WORD_POLL, .text = "Tea?\nyes" },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "poll with an empty line",
	  { .word = WORD_POLL, .text = "Tea?\n\nyes\nno" },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "poll of eleven answers",
	  { .word = WORD_POLL, .text = "?\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11" },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "vote",
	  { .word = WORD_VOTE, .count = 1 },
	  { NO, REFUSED_NO_POLL, REFUSED_NO_POLL, REFUSED_NO_POLL },
	  AS_IS },
	{ "vote, open",
	  { .word = WORD_VOTE, .count = 2 },
	  { NO, OK, OK, REFUSED_ALREADY },
	  POLL_IS_OPEN },
	{ "vote for nothing",
	  { .word = WORD_VOTE, .count = 3 },
	  { NO, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE, REFUSED_BAD_VALUE },
	  POLL_IS_OPEN },
	{ "poll-close",
	  { .word = WORD_POLL_CLOSE },
	  { NO, NO, REFUSED_NO_POLL, REFUSED_NO_POLL },
	  AS_IS },
	{ "poll-close, open",
	  { .word = WORD_POLL_CLOSE },
	  { NO, NO, OK, OK },
	  POLL_IS_OPEN },
	/* breakout rooms */
	{ "breakout",
	  { .word = WORD_BREAKOUT, .text = "Red\nBlue" },
	  { NO, NO, OK, OK },
	  AS_IS },
	{ "breakout, again",
	  { .word = WORD_BREAKOUT, .text = "Red\nBlue" },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  ROOMS_ARE_MADE },
	{ "breakout, one name twice",
	  { .word = WORD_BREAKOUT, .text = "Red\nred" },
	  { NO, NO, REFUSED_BAD_NAME, REFUSED_BAD_NAME },
	  AS_IS },
	{ "breakout without names",
	  { .word = WORD_BREAKOUT },
	  { NO, NO, REFUSED_TEXT, REFUSED_TEXT },
	  AS_IS },
	{ "assign",
	  { .word = WORD_ASSIGN, .room = 1, WHO(OTHER) },
	  { NO, NO, REFUSED_NO_BREAKOUTS, REFUSED_NO_BREAKOUTS },
	  AS_IS },
	{ "assign, made",
	  { .word = WORD_ASSIGN, .room = 1, WHO(OTHER) },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_MADE },
	{ "assign to where they are",
	  { .word = WORD_ASSIGN, .room = 0, WHO(OTHER) },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  ROOMS_ARE_MADE },
	{ "assign to no room",
	  { .word = WORD_ASSIGN, .room = 3, WHO(OTHER) },
	  { NO, NO, REFUSED_NO_ROOM, REFUSED_NO_ROOM },
	  ROOMS_ARE_MADE },
	{ "assign who waits",
	  { .word = WORD_ASSIGN, .room = 1, WHO(WAITS2) },
	  { NO, NO, REFUSED_NO_SUCH_PERSON, REFUSED_NO_SUCH_PERSON },
	  ROOMS_ARE_MADE },
	{ "assign nobody",
	  { .word = WORD_ASSIGN, .room = 1 },
	  { NO, NO, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  ROOMS_ARE_MADE },
	{ "assign all",
	  { .word = WORD_ASSIGN, .all = true },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_MADE },
	{ "move, open",
	  { .word = WORD_ASSIGN, .room = 2, WHO(OTHER) },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_OPEN },
	{ "breakout-open",
	  { .word = WORD_BREAKOUT_OPEN },
	  { NO, NO, REFUSED_NO_BREAKOUTS, REFUSED_NO_BREAKOUTS },
	  AS_IS },
	{ "breakout-open, made",
	  { .word = WORD_BREAKOUT_OPEN },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_MADE },
	{ "breakout-open, again",
	  { .word = WORD_BREAKOUT_OPEN },
	  { NO, NO, REFUSED_ALREADY, REFUSED_ALREADY },
	  ROOMS_ARE_OPEN },
	{ "breakout-close",
	  { .word = WORD_BREAKOUT_CLOSE },
	  { NO, NO, REFUSED_NO_BREAKOUTS, REFUSED_NO_BREAKOUTS },
	  AS_IS },
	{ "breakout-close, open",
	  { .word = WORD_BREAKOUT_CLOSE },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_OPEN },
	{ "breakout-back",
	  { .word = WORD_BREAKOUT_BACK },
	  { NO, REFUSED_NO_BREAKOUTS, REFUSED_NO_BREAKOUTS, REFUSED_NO_BREAKOUTS },
	  AS_IS },
	{ "breakout-back, open",
	  { .word = WORD_BREAKOUT_BACK },
	  { NO, OK, REFUSED_ALREADY, REFUSED_ALREADY },
	  ROOMS_ARE_OPEN },
	{ "chat to all rooms",
	  { .word = WORD_CHAT, .to = TO_ROOMS, .text = "hi" },
	  { NO, NO, OK, OK },
	  ROOMS_ARE_OPEN },
	{ "none",
	  { .word = WORD_NONE },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "beyond",
	  { .word = WORD_COUNT },
	  { REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND, REFUSED_BAD_COMMAND },
	  AS_IS },
	{ "anything, ended",
	  { .word = WORD_RAISE },
	  { REFUSED_NO_SUCH_MEETING, REFUSED_NO_SUCH_MEETING, REFUSED_NO_SUCH_MEETING,
	    REFUSED_NO_SUCH_MEETING },
	  ENDED },
};

static void all_do(struct room *room, enum word word, bool on)
{
	struct command command = { .word = word, .on = on };
	for (uint32_t i = HOST; i <= COHOST2; i++)
		room_apply(room, i, &command);
}

static void guest_share(struct room *room, uint32_t sharer)
{
	room_set(room, HOST, CONTROL_SHARE, SHARE_EVERYONE);
	assert_int_equal(room_do(room, sharer, WORD_SHARE, 0), REFUSED_NOT);
}

static void must(struct room *room, uint32_t actor, const struct command *command)
{
	assert_int_equal(room_apply(room, actor, command), REFUSED_NOT);
}

/* The host offers GUEST ten bytes; taken, the first four are asked for. */
static void offer(struct room *room, bool taken)
{
	room_set(room, HOST, CONTROL_FILES, 1);
	must(room, HOST, &(struct command) { .word = WORD_FILE, .number = GUEST, .name = "a", .size = 10 });
	if (!taken)
		return;
	must(room, GUEST, &(struct command) { .word = WORD_FILE_TAKE, .file = 1 });
	must(room, GUEST, &(struct command) { .word = WORD_FILE_GET, .file = 1, .size = 4 });
}

/* GUEST is to be in the first room. */
static void make_rooms(struct room *room, bool open)
{
	must(room, HOST, &(struct command) { .word = WORD_BREAKOUT, .text = "Red\nBlue" });
	must(room, HOST, &(struct command) { .word = WORD_ASSIGN, .room = 1, WHO(GUEST) });
	if (open)
		must(room, HOST, &(struct command) { .word = WORD_BREAKOUT_OPEN });
}

/* COHOST2 asks to record. */
static void permit_recording(struct room *room, bool ask)
{
	room->meeting->policy.locked[CONTROL_RECORD] = false;
	assert_int_equal(room_set(room, HOST, CONTROL_RECORD, RECORD_PERMITTED), REFUSED_NOT);
	if (ask)
		must(room, COHOST2, &(struct command) { .word = WORD_RECORD, .on = true });
}

static void prepare(struct room *room, enum prepare what)
{
	struct command allow = { .word = WORD_ALLOW, .number = GUEST, .permission = PERMIT_SHARE };
	switch (what) {
	case AS_IS: return;
	case CHAT_IS_OFF: room_set(room, HOST, CONTROL_CHAT, CHAT_OFF); return;
	case CHAT_IS_HOSTS: room_set(room, HOST, CONTROL_CHAT, CHAT_HOSTS); return;
	case CHAT_IS_NO_DIRECT: room_set(room, HOST, CONTROL_CHAT, CHAT_NO_DIRECT); return;
	case ALL_MUTED_UNMUTE_OFF: all_do(room, WORD_MUTE, false); /* fall through */
	case UNMUTE_IS_OFF: room_set(room, HOST, CONTROL_UNMUTE, 0); return;
	case VIDEO_IS_OFF: room_set(room, HOST, CONTROL_VIDEO, 0); return;
	case SHARE_IS_EVERYONE: room_set(room, HOST, CONTROL_SHARE, SHARE_EVERYONE); return;
	case SHARE_IS_FREE_BUT_TAKEN: guest_share(room, OTHER); return;
	case RENAME_IS_OFF: room_set(room, HOST, CONTROL_RENAME, 0); return;
	case LOCKED_IS: room_set(room, HOST, CONTROL_LOCK, 1); return;
	case POLICY_LOCKS:
		memset(room->meeting->policy.locked, 1, sizeof(room->meeting->policy.locked));
		return;
	case ALL_MUTED: all_do(room, WORD_MUTE, false); return;
	case HANDS_UP: all_do(room, WORD_RAISE, false); return;
	case GUEST_SHARES: guest_share(room, GUEST); return;
	case HOST_SHARES: guest_share(room, HOST); return;
	case GUEST_PERMITTED: assert_int_equal(room_apply(room, HOST, &allow), REFUSED_NOT); return;
	case ALL_VIDEO: all_do(room, WORD_VIDEO, true); return;
	case ROOM_IS_FULL: room->meeting->policy.people_max = meeting_people(room->meeting); return;
	case NOBODY_WAITS:
		room_do(room, WAITS, WORD_LEAVE, 0);
		room_do(room, WAITS2, WORD_LEAVE, 0);
		return;
	case KEYBOARD_IS_NOBODY:
		guest_share(room, GUEST);
		room_set(room, HOST, CONTROL_KEYBOARD, KEYBOARD_NOBODY);
		return;
	case KEYBOARD_IS_GIVEN:
		guest_share(room, GUEST);
		must(room, GUEST, &(struct command) { .word = WORD_GIVE_KEYBOARD, .number = OTHER });
		return;
	case RECORD_IS_PERMITTED: permit_recording(room, false); return;
	case RECORD_IS_ASKED: permit_recording(room, true); return;
	case FILES_ON_NO_DIRECT: room_set(room, HOST, CONTROL_CHAT, CHAT_NO_DIRECT); /* fall through */
	case FILES_ARE_ON: room_set(room, HOST, CONTROL_FILES, 1); return;
	case FILE_IS_OFFERED: offer(room, false); return;
	case FILE_IS_TAKEN: offer(room, true); return;
	case POLL_IS_OPEN:
		must(room, HOST, &(struct command) { .word = WORD_POLL, .text = "Tea?\nyes\nno" });
		must(room, HOST, &(struct command) { .word = WORD_VOTE, .count = 2 });
		return;
	case ROOMS_ARE_MADE: make_rooms(room, false); return;
	case ROOMS_ARE_OPEN: make_rooms(room, true); return;
	case SPOT_ON_GUEST: room_do(room, HOST, WORD_SPOTLIGHT, GUEST); return;
	case ENDED: meeting_end(room->meeting, "relay-stopped"); return;
	}
}

static int enter(struct room *room, const char *name, uint8_t key, bool admitted)
{
	int number = room_join(room, name, key, false);
	assert_true(number > 0);
	if (admitted)
		assert_int_equal(room_do(room, HOST, WORD_ADMIT, (uint32_t)number), REFUSED_NOT);
	return number;
}

/* The cast takes its places. */
static void set_up(struct room *room)
{
	room_open(room, NULL);
	assert_int_equal(room_join(room, "Host", HOST, true), HOST);
	assert_int_equal(enter(room, "Cohost", COHOST, true), COHOST);
	assert_int_equal(enter(room, "Guest", GUEST, true), GUEST);
	assert_int_equal(enter(room, "Other", OTHER, true), OTHER);
	assert_int_equal(enter(room, "Cohost two", COHOST2, true), COHOST2);
	assert_int_equal(enter(room, "Away", AWAY, true), AWAY);
	assert_int_equal(enter(room, "Waits", WAITS, false), WAITS);
	assert_int_equal(enter(room, "Waits too", WAITS2, false), WAITS2);
	assert_int_equal(enter(room, "Removed", REMOVED, true), REMOVED);
	assert_int_equal(enter(room, "Gone", GONE, true), GONE);
	assert_int_equal(room_do(room, HOST, WORD_COHOST, COHOST), REFUSED_NOT);
	assert_int_equal(room_do(room, HOST, WORD_COHOST, COHOST2), REFUSED_NOT);
	assert_int_equal(room_do(room, HOST, WORD_KICK, REMOVED), REFUSED_NOT);
	assert_int_equal(room_do(room, GONE, WORD_LEAVE, 0), REFUSED_NOT);
	assert_int_equal(room_do(room, OTHER, WORD_MUTE, 0), REFUSED_NOT);
	room_lost(room, AWAY);
}

/* True when the state is as it was, so that the room may be used again. */
static bool check(const struct row *row, unsigned role, struct room *room, void *before)
{
	static const uint32_t actors[4] = { WAITS, GUEST, COHOST, HOST };
	const char *who = role_name((enum role)(role + 1));
	memcpy(before, room->meeting, room->meeting->bytes);
	uint64_t effects = room->effects;
	enum refusal answer = room_apply(room, actors[role], &row->command);
	if (answer != row->answer[role])
		fail_msg("%s by %s: %s, not %s", row->what, who, refusal_code(answer),
			 refusal_code(row->answer[role]));
	room_check_mirrors(room);
	if (answer == REFUSED_NOT)
		return false;
	if (effects != room->effects)
		fail_msg("%s by %s was refused and told somebody", row->what, who);
	if (memcmp(before, room->meeting, room->meeting->bytes) != 0)
		fail_msg("%s by %s was refused and left a trace", row->what, who);
	return true;
}

static void meeting_apply__answers__each_word_by_each_role(void **state)
{
	(void)state;
	static struct room room;
	void *before = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool open = false;
		for (unsigned role = 0; role < 4; role++) {
			if (!open) {
				set_up(&room);
				prepare(&room, rows[i].prepare);
				room_check_mirrors(&room);
			}
			if (!before)
				before = malloc(room.meeting->bytes);
			assert_non_null(before);
			open = check(&rows[i], role, &room, before);
			if (!open)
				room_close(&room);
		}
		if (open)
			room_close(&room);
	}
	free(before);
}

static void meeting_apply__table__has_each_word(void **state)
{
	(void)state;
	for (int word = WORD_NONE; word <= WORD_COUNT; word++) {
		bool found = false;
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			found = found || rows[i].command.word == (enum word)word;
		assert_true(found);
	}
}

static void meeting_apply__strangers__are_not_in(void **state)
{
	(void)state;
	static const uint32_t strangers[] = { 0, AWAY, REMOVED, GONE, NOBODY, 65535, 65536, UINT32_MAX };
	static struct room room;
	set_up(&room);
	uint64_t digest = room_digest(&room), effects = room.effects;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		for (int word = WORD_NONE; word <= WORD_COUNT; word++)
			assert_int_equal(room_do(&room, strangers[i], (enum word)word, GUEST),
					 REFUSED_NOT_IN);
	assert_true(digest == room_digest(&room) && effects == room.effects);
	room_close(&room);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(meeting_apply__answers__each_word_by_each_role),
		cmocka_unit_test(meeting_apply__table__has_each_word),
		cmocka_unit_test(meeting_apply__strangers__are_not_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
