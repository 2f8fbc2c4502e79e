/* Any bytes as a policy file: mistakes lie inside it and are safe to show, and a policy that was read is the same when
 * it is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "net/policy_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy_mistake mistakes[POLICY_MISTAKES_MAX];
	static char text[POLICY_FILE_MAX], again_text[POLICY_FILE_MAX];
	struct policy policy, again;

	policy_init(&policy);
	int count = policy_parse(&policy, (const char *)data, size, mistakes);

	for (int i = 0; i < count && i < POLICY_MISTAKES_MAX; i++) {
		if (!mistakes[i].line || !mistakes[i].column || mistakes[i].line > size + 1 || !mistakes[i].text[0])
			abort();
		for (const char *p = mistakes[i].text; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7F)
				abort();
	}
	if (count)
		return 0;
	int n = policy_text(&policy, text, sizeof(text));

	policy_init(&again);
	if (n < 0 || policy_parse(&again, text, (size_t)n, mistakes) ||
	    policy_text(&again, again_text, sizeof(again_text)) != n || memcmp(text, again_text, (size_t)n) != 0)
		abort();
	return 0;
}
