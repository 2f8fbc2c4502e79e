/* People one has met: known_people, mode 0600, a line each: "KEY-IN-HEX FIRST-SEEN seen|link|code NAME", the name
 * percent-encoded. A line that cannot be read is skipped. Of the newest 2000 those who were only seen are forgotten before those
 * who were verified. Loop's thread. */
#ifndef MOOT_NET_PEOPLE_H
#define MOOT_NET_PEOPLE_H

#include <stdint.h>

#include "net/message.h"

enum { PEOPLE_MAX = 2000, PEOPLE_DATE_SIZE = 11 };

/* How it is known that a key is this person's: not at all, from the invite's link, by comparing the code. */
enum people_how { PEOPLE_SEEN, PEOPLE_LINK, PEOPLE_CODE };

enum known {
	KNOWN_NEW,
	KNOWN_SEEN,      /* the key was seen before */
	KNOWN_VERIFIED,  /* and verified */
	KNOWN_OTHER_KEY, /* somebody was here by this name, or one that looks like it, with another key; and this key is new,
	                    or is known under another name */
};

struct known_person {
	uint8_t key[MOOT_KEY_BYTES];
	char name[MOOT_NAME_SIZE];   /* the last that was remembered */
	char date[PEOPLE_DATE_SIZE]; /* first seen, "2026-11-22" */
	enum people_how how;
};

/** Who is it that comes with this key by this name? path: a missing file is an empty one. out (may be NULL; else zeroed for
 * KNOWN_NEW): who is remembered, with KNOWN_OTHER_KEY the one whose name it is, best verified and longest known of several.
 * Returns enum known, -EPERM (the file could be read by others, or is another's) or -errno. */
int people_check(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, struct known_person *out);

/** Remember somebody who was here. Whom one knows keeps date and verification and gets the name of now. Nothing is written
 * when nothing changes. 0, -EINVAL (no name or date that could be kept), -EPERM, -errno. */
int people_remember(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, const char *date);

/** The same of somebody who was verified just now; a better verification than how stays. */
int people_verify(const char *path, const uint8_t key[static MOOT_KEY_BYTES], const char *name, const char *date,
		  enum people_how how);

#endif
