/* What a tester is shown of a participant, as JSON: events, the state, the screen; and the faults that a tester may
 * ask for. Headless and scripts share it. Loop's thread. */
#ifndef MOOT_TUI_REPORT_H
#define MOOT_TUI_REPORT_H

#include "tui/app.h"

struct json_t;

/** One event as it is printed, without seq and t; never with a host key. params: what the app was made of. NULL
 * without memory. */
struct json_t *report_event(const struct app *app, const struct app_params *params, const struct event *event);
/** {"state": …}; NULL without memory. */
struct json_t *report_state(const struct app *app, const struct app_params *params);
/** {"screen": [lines]}; NULL without memory. */
struct json_t *report_screen(struct app *app, int rows, int cols);
/** Do to the line what request says: "drop":true, "stall":SECONDS, "rate":BITS. Returns NULL, or what is wrong with
 * the request. */
const char *report_net(struct app *app, const struct json_t *request);

#endif
