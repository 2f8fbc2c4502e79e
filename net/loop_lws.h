/* Between loop.c and link*.c only: libwebsockets' context, and what links keep beside the loop. */
#ifndef MOOT_NET_LOOP_LWS_H
#define MOOT_NET_LOOP_LWS_H

#include "net/loop.h"

struct lws_context;

struct lws_context *loop_context(struct loop *loop);

/** One pointer of the links' own, NULL at first; free is called by loop_free() when no socket is left. */
void *loop_links(struct loop *loop);
void loop_set_links(struct loop *loop, void *links, void (*free)(void *links));

/** True inside loop_free(): nobody is to be called any more. */
bool loop_dying(const struct loop *loop);

#endif
