/* Sessions on a real relay, all on one loop, and what each of them was told. For cmocka: struct crowd is the state. Certificates and
 * known relays are in a place (place.h). Every wait ends with what was waited for, or fails the test. */
#ifndef MOOT_TESTS_NET_CROWD_H
#define MOOT_TESTS_NET_CROWD_H

#include "net/identity.h"
#include "net/relay.h"
#include "net/session.h"

enum { CROWD_PEOPLE = 8 };

struct soul {
	struct crowd *crowd;
	struct session *session;
	struct identity identity;
	const char *name;
	uint8_t host_key[MOOT_HOST_KEY_BYTES];  /* of who created */
	uint32_t number;
	struct event *events;                   /* all that were told */
	size_t event_count, event_size, seen;   /* seen: what crowd_expect() went past */
	unsigned keys, media, ended, back;      /* calls: on_keys, on_media, on_end, on_line(0) */
	uint32_t sends;                         /* the epoch that on_keys() spoke of last */
	int exit;
	char text[256];
	struct wire_frame frame;                /* the last; its payload is in heard */
	uint8_t heard[2048];
};

struct crowd {
	struct loop *loop;
	struct relay *relay;
	struct soul souls[CROWD_PEOPLE];
};

/** A relay with the waiting room off, or (_waiting) on; join before host is allowed. */
int crowd_make(void **state);
int crowd_make_waiting(void **state);
int crowd_drop(void **state);

struct session_params crowd_params(struct soul *soul, const char *name);
/** Start a session with these. */
void crowd_enter(struct soul *soul, const struct session_params *params);
/** Create a meeting and have its keys. */
void crowd_host(struct soul *soul, const char *name);
/** Ask to come in by the link of somebody in the meeting, or by the passcode alone. Nothing is awaited. */
void crowd_by_link(struct soul *soul, const char *name, const struct soul *of);
void crowd_by_code(struct soul *soul, const char *name, const struct soul *of);
/** What somebody in the meeting hands out; code: without all that only the link tells. */
struct invite crowd_invite(const struct soul *of, bool code);
/** Give the session up without a word, as a machine does that lost its power. */
void crowd_die(struct soul *soul);

/** The next event of this kind that was not passed yet. Until the next wait. */
const struct event *crowd_expect(struct soul *soul, enum event_kind kind);
/** The next with this code. */
const struct event *crowd_expect_code(struct soul *soul, enum event_kind kind, const char *code);
/** Has it been told such a thing at all? code: "" any. */
bool crowd_heard(const struct soul *soul, enum event_kind kind, const char *code);
void crowd_expect_end(struct soul *soul);
void crowd_until(struct crowd *crowd, bool (*holds)(void *arg), void *arg);
void crowd_pass(struct crowd *crowd, unsigned ms);
/** Wait until those whose sessions are there (the first n souls) have one epoch among them, of so many people, and send under it. */
void crowd_together(struct crowd *crowd, unsigned n);

/** What stands in a title. */
enum security crowd_state(const struct soul *soul);
void crowd_until_state(struct soul *soul, enum security state);
uint32_t crowd_epoch(const struct soul *soul);
/** Who leads, as this one sees it. */
uint32_t crowd_leader(const struct soul *soul);

/** Ask and wait for the answer: "" when it was done, else the code. */
const char *crowd_ask(struct soul *soul, const struct command *command);
struct command crowd_about(enum word word, const struct soul *soul);
struct command crowd_say(enum scope to, const struct soul *soul, const char *text);
/** A frame of audio; as session_media(). */
int crowd_talk(struct soul *soul, const char *text);
/** Does the other hear what one says now? */
bool crowd_hears(struct soul *from, struct soul *to);

#endif
