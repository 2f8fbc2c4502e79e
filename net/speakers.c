/* The loudest three. A seat remembers how loud its voice was and forgets it slowly, one decibel a frame, so that a pause
 * between words does not give the seat away; after the hold without any voice it is free for whoever speaks next. */
#include "net/speakers.h"

enum { LEVEL_SILENT = 127, LEVEL_LOUDER = 6, NONE = -1 };

static int find(const struct speakers *speakers, uint32_t number)
{
	for (int i = 0; i < SPEAKERS_MAX; i++)
		if (speakers->seat[i].number == number)
			return i;
	return NONE;
}

static bool lapsed(const struct speakers *speakers, int i, int64_t now_ms)
{
	return !speakers->seat[i].number || now_ms - speakers->seat[i].heard_ms > SPEAKERS_HOLD_MS;
}

/* The seat that a new voice of this level may take, or NONE. */
static int seat_for(const struct speakers *speakers, uint8_t level, int64_t now_ms)
{
	int quietest = 0;

	for (int i = 0; i < SPEAKERS_MAX; i++) {
		if (lapsed(speakers, i, now_ms))
			return i;
		if (speakers->seat[i].level > speakers->seat[quietest].level)
			quietest = i;
	}
	return level + LEVEL_LOUDER <= speakers->seat[quietest].level ? quietest : NONE;
}

static void refresh(struct speakers *speakers, int i, uint8_t level, int64_t now_ms)
{
	uint8_t *held = &speakers->seat[i].level;

	if (level < *held)
		*held = level;
	else if (level > *held)
		++*held;
	if (level < LEVEL_SILENT)
		speakers->seat[i].heard_ms = now_ms;
}

bool speakers_heard(struct speakers *speakers, uint32_t number, uint8_t level, int64_t now_ms)
{
	int i = find(speakers, number);

	if (i != NONE) {
		refresh(speakers, i, level, now_ms);
		return true;
	}
	i = seat_for(speakers, level, now_ms);
	if (i == NONE)
		return false;
	speakers->seat[i].number = number;
	speakers->seat[i].level = level;
	speakers->seat[i].heard_ms = now_ms;
	return true;
}

void speakers_drop(struct speakers *speakers, uint32_t number)
{
	int i = find(speakers, number);

	if (i != NONE)
		speakers->seat[i].number = 0;
}
