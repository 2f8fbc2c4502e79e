/* Failed tries at a meeting's passcode, kept on disk so that a leader who starts again goes on counting: DIR/door_tries, mode
 * 0600. A line "key HEX", then "HASH COUNT" for each of the newest 200 pairs of id and passcode; HASH is a hash under that key,
 * so no passcode is in the file, though who has the file could try them all. Loop's thread. */
#ifndef MOOT_NET_TRIES_H
#define MOOT_NET_TRIES_H

/** How many so far; a missing file is an empty one. -EPERM (the file could be changed by others, or is another's) or -errno:
 * then nobody knows, and one should assume the worst. */
int tries_get(const char *dir, const char *id, const char *passcode);

/** One more, atomically. Returns how many now, or as above. */
int tries_add(const char *dir, const char *id, const char *passcode);

#endif
