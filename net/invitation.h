/* Sealed invitations: an invite as a text for a mail, which opens by a code that is told another way. Between a BEGIN and an END
 * line stands in base64, in lines of 64:
 *   "MOOT", 1, kdf = 1 (Argon2id 1.3, one lane), ops:u16, mem_KiB:u32, salt[16], nonce[24]    the header
 *   XChaCha20-Poly1305(key = Argon2id(code, salt), nonce, header as associated data, text and zeros)
 *   the first 8 bytes of BLAKE2b-128 of all that, so that damage is told from a wrong code
 * Its length is a multiple of 3, so there is no padding that a mailer could break. Pure: the caller draws what is random. */
#ifndef MOOT_NET_INVITATION_H
#define MOOT_NET_INVITATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	INVITATION_RANDOM = 40,     /* bytes: salt and nonce */
	INVITATION_DRAW = 16,       /* bytes that a code is made of */
	INVITATION_DRAWN_SIZE = 24, /* "12345-67890-12345-67890" */
	INVITATION_CODE_MIN = 8,    /* characters of a code that somebody chose */
	INVITATION_CODE_SIZE = 128,
	INVITATION_TEXT_SIZE = 512, /* of what is sealed, NUL included */
	INVITATION_SIZE = 1024,     /* of the sealed text, NUL included */
	INVITATION_BYTES = 600,
	INVITATION_FILE_MAX = 8 << 20, /* a mail with a picture or two */
};

struct invitation {
	uint16_t ops;
	uint32_t mem_kib;
	uint8_t bytes[INVITATION_BYTES];
	size_t count;
};

/** A code of 20 digits, 66 bits, from 16 random bytes. */
void invitation_draw(char code[static INVITATION_DRAWN_SIZE], const uint8_t random[static INVITATION_DRAW]);

/** Seal a text (an invite) by a code. 256 MiB of memory and about a second while it runs. Returns the length, -EINVAL (code or
 * text empty or too long), -ENOSPC, or -ENOMEM. */
int invitation_seal(char *dst, size_t size, const char *text, const char *code,
		    const uint8_t random[static INVITATION_RANDOM]);

/** True when there is the beginning of one in these n bytes. */
bool invitation_is_in(const char *text, size_t n);

/** Find the first whole one in n bytes of any text, quoted or wrapped as mailers do. Returns 0; -ENOENT (none), -EBADMSG
 * (damaged or cut off), -ENOTSUP (of a later version), -E2BIG (wants more memory or time than an honest one); with *why for
 * people and invitation untouched. */
int invitation_parse(struct invitation *invitation, const char *text, size_t n, const char **why);

/** Open it. Blanks around a code, and blanks and dashes in one of digits, do not count. dst: INVITATION_TEXT_SIZE, terminated.
 * Takes the memory and time that invitation_parse() let pass: at most 512 MiB. Returns the length, -EACCES (wrong code),
 * -EBADMSG (what is inside is no text), -ENOMEM. */
int invitation_open(const struct invitation *invitation, const char *code, char dst[static INVITATION_TEXT_SIZE]);

#endif
