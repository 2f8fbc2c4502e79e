#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tui/golden.h"

void golden_check(const struct canvas *canvas, const char *name)
{
	static char kept[256 * 1024];
	char *dump = canvas_dump(canvas);
	char path[256];
	size_t n = 0;
	FILE *file;

	assert_non_null(dump);
	snprintf(path, sizeof(path), "tests/fixtures/screens/%s.txt", name);
	if (getenv("MOOT_GOLDEN")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(dump, file);
		fclose(file);
		free(dump);
		return;
	}
	file = fopen(path, "r");
	if (file) {
		n = fread(kept, 1, sizeof(kept) - 1, file);
		fclose(file);
	}
	kept[n] = '\0';
	if (strcmp(kept, dump) != 0)
		fail_msg("%s differs. Kept:\n%s\nNow:\n%s", path, kept, dump);
	free(dump);
}
