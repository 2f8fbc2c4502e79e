/* A text as a source: its pages one after another, each long enough to be read, and round. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "render/source.h"
#include "render/text_picture.h"

enum { PAGE_US = 12000000 };

struct text {
	char *bytes;
	size_t n, next_page;
	struct frame *page;
	int64_t period_us, due_us, page_until_us;
};

static void text_close(void *state)
{
	struct text *text = state;
	frame_free(text->page);
	free(text->bytes);
	free(text);
}

static int text_open(void **state, const struct source_setup *setup, const char **why)
{
	int rc = -ENOMEM;
	struct text *text = calloc(1, sizeof(*text));
	FILE *file = fopen(setup->spec, "re");
	*why = "Out of memory.";
	if (!file) {
		rc = -errno;
		*why = source_why("%.200s cannot be read.", setup->spec);
		goto out;
	}
	if (!text)
		goto out;
	text->period_us = 1000000 / (setup->fps < 1 ? 1 : setup->fps);
	text->bytes = malloc(TEXT_BYTES_MAX);
	if (!text->bytes)
		goto out;
	text->n = fread(text->bytes, 1, TEXT_BYTES_MAX, file);
	*state = text;
	fclose(file);
	return 0;
out:
	if (file)
		fclose(file);
	free(text);
	return rc;
}

static int text_next(void *state, struct frame **frame, int64_t *due_us)
{
	struct text *text = state;
	if (!text->page || text->due_us >= text->page_until_us) {
		struct frame *page = text_picture(text->bytes, text->n, &text->next_page);
		if (!page)
			return -ENOMEM;
		frame_free(text->page);
		text->page = page;
		text->page_until_us = text->due_us + PAGE_US;
		if (text->next_page >= text->n)
			text->next_page = 0;
	}
	*due_us = text->due_us;
	text->due_us += text->period_us;
	*frame = frame_copy(text->page);
	return *frame ? 0 : -ENOMEM;
}

const struct source_ops source_text = { text_open, text_next, text_close };
