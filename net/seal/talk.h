/* What people say and order, signed by themselves under the keys of their bindings, so that no member can speak for
 * another and the relay cannot invent a command.
 *     chat, private:  LV(seq, to, text, Sig("chat", LV(h_e, b, seq, to, text))), padded with zeros to 64 bytes, in a frame
 *     command:        LV(e, seq, cmd, args, Sig("cmd", LV(h_e, seq, cmd, args))), beside the relay's own command */
#ifndef MOOT_NET_SEAL_TALK_H
#define MOOT_NET_SEAL_TALK_H

#include "net/seal/group_media.h"

enum {
	TALK_EVERYONE = 0, TALK_ROOM = 65533, TALK_ROOMS = 65534, TALK_HOSTS = 65535,  /* else idx: private */
	TALK_TEXT = 4000,                       /* bytes of a text, at most */
	TALK_PLAIN = 4224,                      /* ... of what is in the frame */
	TALK_FRAME = TALK_PLAIN + GROUP_FRAME_ADDS,
	TALK_WORD = 32,
	TALK_ARGS = 4096,
	TALK_COMMAND = TALK_WORD + TALK_ARGS + 128,
};

struct talk {
	uint16_t from, to;
	bool alone;                             /* for oneself: stream GROUP_PRIVATE */
	uint64_t seq;
	char text[TALK_TEXT + 1];               /* any bytes but NUL: escape before showing */
};

/** Seal a text of n bytes (no NUL in it). to: an idx sends it to them alone, stream GROUP_PRIVATE. Returns the length
 * of the frame, or as group_seal. */
int talk_seal(struct group *group, uint16_t to, const char *text, size_t n, struct seal_bytes metadata,
	      uint8_t out[static TALK_FRAME], int64_t now_ms);
/** Read what group_open() or group_release() gave for GROUP_CHAT or GROUP_PRIVATE. 0, -EBADMSG (malformed, not their
 * signature, said before, to somebody else). */
int talk_read(struct group *group, const struct group_from *from, const uint8_t *plain, size_t n, struct talk *talk);

struct talk_command {
	uint16_t from;
	uint64_t seq;
	char word[TALK_WORD + 1];
	uint8_t args[TALK_ARGS];
	size_t args_n;
};
/** Sign a command. Anybody may sign "rename", all else is for hosts and co-hosts. Returns its length, -EPERM (no host or
 * co-host, not in), -EINVAL, -EIO. */
int talk_command_make(struct group *group, const char *word, struct seal_bytes args, uint8_t out[static TALK_COMMAND]);
/** A command that, the relay says, is of this member. 0, -EPERM (no host or co-host), -ESTALE (of an epoch that is
 * over, or not here yet: the sender tries again), -EALREADY (not above their last), -EBADMSG. */
int talk_command_read(struct group *group, uint16_t from, struct seal_bytes bytes, struct talk_command *command);

#endif
