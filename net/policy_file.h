/* The administrator's policy as a file: an INI of three sections, every mistake with its place. moot(5) says what
 * it holds; policy_text() writes one. Pure: bytes in, a policy or mistakes out. */
#ifndef MOOT_NET_POLICY_FILE_H
#define MOOT_NET_POLICY_FILE_H

#include <stddef.h>

#include "net/policy.h"

enum { POLICY_FILE_MAX = 64 * 1024, POLICY_LINE_MAX = 180, POLICY_MISTAKES_MAX = 32 };

struct policy_mistake {
	unsigned line, column; /* from 1 */
	char text[320];        /* what was found, what was expected; safe to show */
};

/** Read a policy; what the file does not say stays as policy_init() has it. text: n bytes. mistakes:
 * [POLICY_MISTAKES_MAX]. Returns how many mistakes there are (at most that many are told); with none *policy
 * is the new one, else it is untouched. */
int policy_parse(struct policy *policy, const char *text, size_t n,
		 struct policy_mistake mistakes[static POLICY_MISTAKES_MAX]);

/** The file that says all of this policy, with a word on each setting. dst: size bytes. Returns its length, or
 * -ENOSPC. */
int policy_text(const struct policy *policy, char *dst, size_t size);

#endif
