/* A command of the switchboard, cut into words, and what runs it. */
#ifndef MOOT_TESTS_TOOLS_HOSTILE_WORDS_H
#define MOOT_TESTS_TOOLS_HOSTILE_WORDS_H

#include "tests/tools/hostile_state.h"

enum { WORDS_MAX = 32 };

/* A word that begins an object is the rest of the line. at: the next to be read. */
struct words {
	char *word[WORDS_MAX];
	unsigned n, at;
};

/** The whole of a number. 0, or -EINVAL. */
int words_number(const char *text, uint64_t max, uint64_t *value);
/** "key=value" cut in two: the value, NULL for a bare word. */
char *words_cut(char *word);
/** Bytes in hex, malloc()ed. Returns how many. */
size_t words_unhex(const char *hex, uint8_t **p);

typedef int (*more_fn)(void *arg, const char *key, const char *value);
/** WHAT, and ACTION too unless action is NULL; a key that is neither goes to more, which may be NULL. 0, or -EINVAL. */
int words_what(struct hostile *hostile, struct words *words, struct match *match, struct action *action, more_fn more,
	       void *arg);

/** Does the i-th of the record match, n= included? hits: 0 before the first. */
bool seen_matches(struct hostile *hostile, const struct match *match, size_t i, uint64_t *hits);
size_t seen_end(const struct hostile *hostile, const struct match *match);
const struct item *seen_last(struct hostile *hostile, const struct match *match);
/** Answer later, when the pending match is there (guess: when the guess is over), or after so long. */
void board_wait(struct hostile *hostile, double seconds, bool guess);

json_t *board_failure(const char *text);
json_t *board_success(void);

/* The commands: an answer, or NULL when it comes later. */
json_t *do_mark(struct hostile *hostile, struct words *words);
json_t *do_list(struct hostile *hostile, struct words *words);
json_t *do_wait(struct hostile *hostile, struct words *words);
json_t *do_unique(struct hostile *hostile, struct words *words);
json_t *do_search(struct hostile *hostile, struct words *words);
json_t *do_dump(struct hostile *hostile, struct words *words);
json_t *do_replay(struct hostile *hostile, struct words *words);
json_t *do_say(struct hostile *hostile, struct words *words);
json_t *do_blob(struct hostile *hostile, struct words *words);
json_t *do_copy(struct hostile *hostile, struct words *words);
json_t *do_forge(struct hostile *hostile, struct words *words);
json_t *do_stranger(struct hostile *hostile, struct words *words);
json_t *do_people(struct hostile *hostile, struct words *words);
json_t *do_keep(struct hostile *hostile, struct words *words);
json_t *do_close(struct hostile *hostile, struct words *words);
json_t *do_cut(struct hostile *hostile, struct words *words);
json_t *do_shut(struct hostile *hostile, struct words *words);
json_t *do_guess(struct hostile *hostile, struct words *words);

#endif
