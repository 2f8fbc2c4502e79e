/* Where one's own pictures come from: a camera, a film or photograph played in real time and round, a text, a
 * moving pattern. */
#ifndef MOOT_RENDER_SOURCE_H
#define MOOT_RENDER_SOURCE_H

#include "render/frame.h"

struct source;

struct source_setup {
	const char *spec; /* "pattern", "/dev/video0" or "0", else a file of pictures or text */
	int fps;          /* pictures a second, at most */
	int max_width, max_height;
};

/** Open. 0, or -errno with *why: a sentence for the person, this thread's until its next call. */
int source_open(struct source **source, const struct source_setup *setup, const char **why);
/** Wait for the next picture and hand it over, stamped with the time of now. 0; -ECANCELED after
 * source_stop(); else the source is gone. One thread. */
int source_read(struct source *source, struct frame **frame);
/** Make source_read() return, now and from now on. Any thread. */
void source_stop(struct source *source);
void source_close(struct source *source);

/** What a kind of source does; all calls from the thread that reads. */
struct source_ops {
	/** As source_open(). *state: for the others. */
	int (*open)(void **state, const struct source_setup *setup, const char **why);
	/** The next picture, the caller's, and when it is due after the first, or -1: at once. -EAGAIN: none
	 * yet. */
	int (*next)(void *state, struct frame **frame, int64_t *due_us);
	void (*close)(void *state);
};

extern const struct source_ops source_camera, source_file, source_pattern, source_text;

/** Keeps the sentence made from format for *why. */
__attribute__((format(printf, 1, 2))) const char *source_why(const char *format, ...);

#endif
