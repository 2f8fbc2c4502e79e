/* A source read by a thread of its own (a camera's read blocks); only its latest picture is kept. */
#ifndef MOOT_RENDER_FEEDER_H
#define MOOT_RENDER_FEEDER_H

#include "render/source.h"

struct feeder;

/** Open the source and start reading. wake: called on the feeder's thread after each picture and when the
 * source is gone. 0, or -errno with *why as source_open(). */
int feeder_start(struct feeder **feeder, const struct source_setup *setup, void (*wake)(void *arg), void *arg,
		 const char **why);
/** The latest picture not taken yet, the caller's, or NULL. Any thread. */
struct frame *feeder_take(struct feeder *feeder);
/** 0 while it reads, else the -errno that ended it. Any thread. */
int feeder_error(struct feeder *feeder);
/** Stop reading and close the source. */
void feeder_stop(struct feeder *feeder);

#endif
