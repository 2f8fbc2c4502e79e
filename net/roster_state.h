/* What roster.c, roster_more.c and roster_names.c share. For them alone. */
#ifndef MOOT_NET_ROSTER_STATE_H
#define MOOT_NET_ROSTER_STATE_H

#include "net/roster.h"

struct person *roster_seat(const struct roster *roster, uint32_t number);
struct knocker *roster_knocker(const struct roster *roster, uint32_t number);
/** A hash of what a name looks like. That two differ by hash is sure; that two are equal only costs a number
 * shown. */
uint64_t roster_look(const char *name);
/** Find anew who shares in one's own room and who records. */
void roster_settle(struct roster *roster);
/** Shares, recording, polls, files, breakout rooms: 0 for kinds that are none of these. */
int roster_apply_more(struct roster *roster, const struct event *event);
void roster_forget_more(struct roster *roster);

#endif
