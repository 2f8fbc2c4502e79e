/* Text that people type and peers send: UTF-8 checks, names, widths, and making it harmless to show.
 * Pure. utf8proc does the Unicode. */
#ifndef MOOT_NET_TEXT_H
#define MOOT_NET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Next character of s (n bytes, n > 0). Returns its length in bytes, 1 to 4, with *cp set, or -EILSEQ on
 * anything that is not shortest-form UTF-8 (surrogates and > U+10FFFF included). */
int text_next(const char *s, size_t n, uint32_t *cp);

/** True when s is valid UTF-8 throughout and holds no NUL. */
bool text_valid(const char *s, size_t n);

/** How many bytes a text of base64 stands for (at most size bytes, terminated within), or -EINVAL. */
int text_base64_bytes(const char *text, size_t size);

/** Cut a text (at most size bytes, terminated within) into its lines, at most max, none of them empty or with
 * a control in it. line, length: max long. Returns how many there are, or -EINVAL. */
int text_lines(const char *text, size_t size, const char **line, size_t *length, int max);

/** Cells that one user-perceived character (grapheme cluster) takes in a terminal: 0, 1 or 2, chosen so that
 * terminals agree: a cluster is as wide as its base character. *bytes: its length. n > 0; a bad byte counts
 * as one cell, one byte. */
int text_cluster(const char *s, size_t n, size_t *bytes);

/** Cells of a whole string. */
int text_width(const char *s, size_t n);

/** Copy src into dst (size bytes, always terminated), with everything that could move a cursor, change a
 * colour, ring, reorder or hide made visible or dropped: C0/C1 controls as ␛ pictures or U+FFFD, bidi
 * controls and zero-width characters dropped (ZWJ and variation selectors kept inside emoji), bad bytes as
 * U+FFFD. newline: keep '\n', else it becomes a space. Returns bytes written without the NUL; cuts at a
 * character's end. */
size_t text_safe(char *dst, size_t size, const char *src, bool newline);

/** A name as the rules want it: trimmed, inner spaces folded, NFC, 1 to 40 visible characters, no control,
 * bidi or zero-width characters, no lone combining marks, at most 3 marks on a character. dst: MOOT_NAME_SIZE
 * bytes. Returns 0, or -EINVAL (dst untouched). */
int text_name(char *dst, const char *src);

/** What a name looks like, for finding imitations: case, spaces, marks, width and look-alike letters (Greek,
 * Cyrillic, digits like 0/o, 1/l) folded. Two names with equal skeletons can be mistaken for each other. dst:
 * size bytes, terminated. */
void text_skeleton(char *dst, size_t size, const char *name);

/** True when two names are the same to whoever types them: case, width and composition set aside, nothing
 * else. */
bool text_same(const char *a, const char *b);

/** A meeting id in the form the rules keep: "482-913-775", "482 913 775" -> "482913775"; a chosen name must
 * be [a-z0-9-]{4,32}, not only digits and dashes. dst: MOOT_ID_SIZE. Returns 0 or -EINVAL. */
int text_id(char *dst, const char *src);
/** The form for people: nine digits as "482-913-775", names as they are. dst: MOOT_ID_SIZE. */
void text_id_show(char *dst, const char *id);

#endif
