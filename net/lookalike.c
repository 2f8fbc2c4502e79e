/* Two questions about a pair of names. What does the eye see: their skeletons (text_name.c), and pairs of letters that
 * run together in a terminal's font. And what did the hand type: one letter left out, added, changed or swapped, as in
 * names that are registered to catch a slip. Whoever owns a domain owns all names below it, so the second question is
 * about what stands before a common domain only when that is short enough to be anybody's (co.uk). */
#include "net/lookalike.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "net/text.h"

enum { SKELETON_SIZE = 1024, SLIP_CHARS = 5 /* shorter names are one letter from too many */ };

static bool is_address(const char *host)
{
	return strchr(host, ':') || strspn(host, "0123456789.") == strlen(host);
}

/* "cl" stands so close that it is a d. */
static void run_together(char *skeleton)
{
	char *to = skeleton;

	for (const char *from = skeleton; *from; from++, to++) {
		*to = *from;
		if (from[0] == 'c' && from[1] == 'l') {
			*to = 'd';
			from++;
		}
	}
	*to = '\0';
}

static bool looks_same(const char *a, const char *b)
{
	char x[SKELETON_SIZE], y[SKELETON_SIZE];

	text_skeleton(x, sizeof(x), a);
	text_skeleton(y, sizeof(y), b);
	run_together(x);
	run_together(y);
	return x[0] && !strcmp(x, y);
}

/* Is b what a becomes by one letter more, other, or two swapped? a is not the longer one. Machines of one house (host1,
 * host2) have numbers. */
static bool one_slip(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), same = 0;
	bool house = !strchr(b, '.');

	if (m > n + 1 || m < SLIP_CHARS)
		return false;
	while (same < n && tolower((unsigned char)a[same]) == tolower((unsigned char)b[same]))
		same++;
	if (m == n + 1)
		return !strcasecmp(a + same, b + same + 1) && !(house && isdigit((unsigned char)b[same]));
	if (same + 1 < n && a[same] == b[same + 1] && a[same + 1] == b[same] && !strcasecmp(a + same + 2, b + same + 2))
		return true;
	return same < n && !strcasecmp(a + same + 1, b + same + 1) &&
	       !(house && isdigit((unsigned char)a[same]) && isdigit((unsigned char)b[same]));
}

static const char *next_label(const char *host)
{
	const char *dot = strchr(host, '.');

	return dot ? dot + 1 : NULL;
}

/* Do both lie in one domain that somebody owns: two labels or more, the first of them no short one as in co.uk? */
static bool sisters(const char *a, const char *b)
{
	for (const char *rest = next_label(a); rest; rest = next_label(rest)) {
		const char *dot = strchr(rest, '.');
		size_t n = strlen(rest), m = strlen(b);

		if (dot && dot - rest > 3 && m > n && b[m - n - 1] == '.' && !strcasecmp(b + m - n, rest))
			return true;
	}
	return false;
}

bool lookalike(const char *host, const char *known)
{
	if (!strcasecmp(host, known) || (is_address(host) && is_address(known)))
		return false;
	if (looks_same(host, known))
		return true;
	if (is_address(host) || is_address(known) || sisters(host, known))
		return false;
	return strlen(host) <= strlen(known) ? one_slip(host, known) : one_slip(known, host);
}

bool lookalike_foreign(const char *host)
{
	for (const char *p = host; *p; p++)
		if ((unsigned char)*p >= 0x80)
			return true;
	for (const char *label = host; label; label = next_label(label))
		if (!strncasecmp(label, "xn--", 4))
			return true;
	return false;
}
