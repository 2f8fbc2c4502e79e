/* A walk through a meeting: steps chosen by dice, done by the meeting and by the model, and compared. Each person has
 * a mirror, fed with nothing but what the meeting told them. A step is a small plain thing that names people by the
 * step that brought them in, so that a trail can be walked again, also with steps left out. */
#ifndef MOOT_TESTS_NET_WALK_H
#define MOOT_TESTS_NET_WALK_H

#include <setjmp.h>
#include <stdio.h>

#include "net/roster.h"
#include "tests/net/model.h"

enum { TRAIL_MAX = 4000, STEP_WHO = 3, ACTORS = 12 };

enum deed { DEED_JOIN, DEED_APPLY, DEED_LOST, DEED_RESUME, DEED_CLAIM, DEED_WRONG, DEED_TIME, DEED_POLICY, DEED_STOP,
	    DEED_COUNT };

/* Numbers of people are 1 + the place in the trail of the step that brought them; from NOBODY on they are what they
 * are. */
#define NOBODY 0x80000000u

struct step {
	uint8_t deed, word, key, name, kind, sealed, version, mic, scope, control, permission, text;
	int8_t value;
	uint8_t who_count, count, room;
	bool passcode, host_key, camera, on, all, named;
	uint32_t actor, number, who[STEP_WHO], file, ms;
	uint64_t seq, size, offset, seed;
};

/* What one client knows. */
struct mirror {
	uint32_t number; /* 0: free */
	bool line, closed;
	enum event_kind last;
	uint8_t hears[EVENT_COUNT];
	uint32_t heard;
	uint64_t seq;
	struct roster roster;
};

struct coverage {
	uint32_t done[WORD_COUNT + 1], refused[WORD_COUNT + 1][REFUSED_COUNT]; /* [WORD_COUNT]: words beyond */
	uint32_t deed_done[DEED_COUNT], deed_refused[DEED_COUNT][REFUSED_COUNT];
	uint32_t told[EVENT_COUNT];
	uint64_t people;
	uint32_t recordings, breakouts, polls, files, locked, suspended, full;
	uint64_t steps, meetings;
};

struct walk {
	struct meeting *meeting;
	struct model model;
	struct mirror mirrors[MODEL_PEOPLE];
	int64_t now_ms;
	uint64_t dice, effects;
	struct step trail[TRAIL_MAX];
	unsigned steps, at;              /* how many there are; which is being done */
	uint32_t number_of[TRAIL_MAX];   /* of the person whom a step brought in; 0 none */
	uint32_t joined_at[TRAIL_MAX + 2]; /* step of a number, and one */
	struct command command;
	uint32_t actor; /* of the step being done; 0 nobody */
	struct coverage *coverage;
	void *copy; /* of the whole meeting, at times */
	jmp_buf broken;
	char why[400], state[4000]; /* who was there, by the meeting and by the model */
};

/* walk.c */
/* One meeting of so many steps at most. Returns steps walked, or -1 with walk->why set and the trail kept. */
int walk_meeting(struct walk *walk, uint64_t seed, unsigned steps);
/* Walk the trail again without the steps that `skip` marks. True when it breaks. */
bool walk_again(struct walk *walk, uint64_t seed, const bool *skip);
void walk_close(struct walk *walk);
void walk_broken(struct walk *walk, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
#define MUST(walk, condition)                                                                                    \
	do {                                                                                                     \
		if (!(condition))                                                                                \
			walk_broken(walk, "%s:%d: %s", __FILE__, __LINE__, #condition);                          \
	} while (0)

/* walk_dice.c: what to do next. */
uint32_t walk_dice(struct walk *walk, uint32_t sides);
void walk_choose(struct walk *walk, struct step *step);
void walk_policy(struct policy *policy, uint64_t seed);
/* The command of a step, its people by their numbers. */
void walk_command(struct walk *walk, const struct step *step, struct command *command);
uint32_t walk_number(const struct walk *walk, uint32_t name);
extern const char *const walk_names[];

/* walk_mirror.c: what is told, and what each must know. */
void walk_sink(void *arg, const struct effect *effect);
struct mirror *walk_mirror(struct walk *walk, uint32_t number);
void walk_compare(struct walk *walk);
void walk_compare_few(struct walk *walk);

/* walk_trail.c: shrinking and printing. */
void walk_shrink(struct walk *walk, uint64_t seed, FILE *out);
void walk_print_coverage(const struct coverage *coverage, FILE *out);
/* Words that never succeeded and refusals that never occurred. */
unsigned walk_uncovered(const struct coverage *coverage, FILE *out);

#endif
