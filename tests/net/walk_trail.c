/* When a walk broke: the fewest steps that break it, in words. And the tables of what was walked through. */
#include "tests/net/walk.h"

#include <stdlib.h>
#include <string.h>

static const char *const deeds[DEED_COUNT] = { "join",	"apply", "lost",   "resume", "claim",
					       "wrong-passcode", "time",  "policy", "stop" };

static void print_step(const struct walk *walk, unsigned at, FILE *out)
{
	const struct step *step = &walk->trail[at];
	const uint32_t number = walk_number(walk, step->number);
	const char *word = word_name((enum word)step->word);
	fprintf(out, "  %4u ", at);
	if (step->deed == DEED_JOIN) {
		fprintf(out, "join -> %u key %u name '%s' kind %s %s version %u%s%s mic %s%s\n", walk->number_of[at],
			step->key, walk_names[step->name], kind_name((enum kind)step->kind),
			sealed_name((enum sealed)step->sealed), step->version, step->passcode ? "" : " wrong-passcode",
			step->host_key ? " host-key" : "", mic_name((enum mic)step->mic),
			step->camera ? " camera" : "");
		return;
	}
	if (step->deed != DEED_APPLY) {
		fprintf(out, "%s %u seq %llu ms %u seed %llx\n", deeds[step->deed], number,
			(unsigned long long)step->seq, step->ms, (unsigned long long)step->seed);
		return;
	}
	fprintf(out, "%u: %s %u%s%s to %u control %s value %d permit %u text %u name %u count %u room %u file %u "
		     "size %llu offset %llu who",
		walk_number(walk, step->actor), word ? word : "?", number, step->all ? " all" : "",
		step->on ? " on" : "", step->scope,
		step->control < CONTROL_COUNT ? control_name((enum control)step->control) : "?", step->value,
		step->permission, step->text, step->name, step->count, step->room, step->file,
		(unsigned long long)step->size, (unsigned long long)step->offset);
	for (int i = 0; i < step->who_count; i++)
		fprintf(out, " %u", walk_number(walk, step->who[i]));
	fprintf(out, "\n");
}

/* The same words, whatever the numbers. */
static bool same(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

/* Leave out halves, quarters … of the trail as long as it still breaks. */
void walk_shrink(struct walk *walk, uint64_t seed, FILE *out)
{
	bool *skip = calloc(TRAIL_MAX, sizeof(*skip));
	unsigned tries = 0;
	char why[sizeof(walk->why)];
	struct coverage *coverage = walk->coverage;
	if (!skip)
		return;
	snprintf(why, sizeof(why), "%s", walk->why);
	walk->coverage = NULL;
	for (unsigned size = walk->steps / 2; size > 0; size /= 2) {
		for (unsigned at = 0; at < walk->steps && tries < 20000; at += size) {
			bool before[TRAIL_MAX];
			unsigned end = at + size < walk->steps ? at + size : walk->steps, more = 0;
			memcpy(before, skip, sizeof(before));
			for (unsigned i = at; i < end; i++) {
				more += !skip[i];
				skip[i] = true;
			}
			if (!more)
				continue;
			tries++;
			if (!walk_again(walk, seed, skip) || !same(walk->why, why))
				memcpy(skip, before, sizeof(before));
		}
	}
	walk_again(walk, seed, skip);
	fprintf(out, "the policy of the meeting is that of its seed, and then:\n");
	for (unsigned i = 0; i < walk->steps; i++)
		if (!skip[i])
			print_step(walk, i, out);
	fprintf(out, "  %s\n%s", walk->why, walk->state);
	walk->coverage = coverage;
	free(skip);
}

/* ---- coverage ------------------------------------------------------------------------------------------------------ */

static void print_refusals(const uint32_t *refused, FILE *out)
{
	for (int i = 1; i < REFUSED_COUNT; i++)
		if (refused[i])
			fprintf(out, " %s %u", refusal_code((enum refusal)i), refused[i]);
	fprintf(out, "\n");
}

void walk_print_coverage(const struct coverage *coverage, FILE *out)
{
	const double per = coverage->steps ? 100.0 / (double)coverage->steps : 0;
	for (int i = 0; i < DEED_COUNT; i++) {
		if (i == DEED_APPLY)
			continue;
		fprintf(out, "%-16s %7u |", deeds[i], coverage->deed_done[i]);
		print_refusals(coverage->deed_refused[i], out);
	}
	for (int i = 0; i <= WORD_COUNT; i++) {
		fprintf(out, "%-16s %7u |", i < WORD_COUNT ? word_name((enum word)i) : "(beyond)", coverage->done[i]);
		print_refusals(coverage->refused[i], out);
	}
	fprintf(out, "%.1f people on average; of the steps, recorded %.1f %%, breakout rooms open %.1f %%, a poll open %.1f %%, files under way "
		     "%.1f %%, locked %.1f %%; %llu meetings\n",
		(double)coverage->people * per / 100, coverage->recordings * per, coverage->breakouts * per, coverage->polls * per, coverage->files * per,
		coverage->locked * per, (unsigned long long)coverage->meetings);
}

/* Answered by the relay before the meeting is asked, or told in an event and never an answer. */
static bool not_of_the_meeting(enum refusal refusal)
{
	switch (refusal) {
	case REFUSED_NOT:
	case REFUSED_TOO_MANY_TRIES:
	case REFUSED_BAD_KEY:
	case REFUSED_TOKEN:
	case REFUSED_PASSCODE:
	case REFUSED_ID_TAKEN:
	case REFUSED_TOO_MANY_MEETINGS:
	case REFUSED_DENIED:
	case REFUSED_NO_CONSENT:
	case REFUSED_TOO_FAST: return true;
	default: return false;
	}
}

static bool not_for_the_meeting(enum word word)
{
	return word <= WORD_RESUME || word == WORD_CLAIM || word >= WORD_PIN;
}

unsigned walk_uncovered(const struct coverage *coverage, FILE *out)
{
	unsigned missing = 0;
	for (int i = 0; i < WORD_COUNT; i++) {
		if (coverage->done[i] || not_for_the_meeting((enum word)i))
			continue;
		fprintf(out, "%s never succeeded\n", word_name((enum word)i));
		missing++;
	}
	for (int i = 0; i < REFUSED_COUNT; i++) {
		uint32_t count = 0;
		for (int k = 0; k <= WORD_COUNT; k++)
			count += coverage->refused[k][i];
		for (int k = 0; k < DEED_COUNT; k++)
			count += coverage->deed_refused[k][i];
		if (count || not_of_the_meeting((enum refusal)i))
			continue;
		fprintf(out, "%s never occurred\n", refusal_code((enum refusal)i));
		missing++;
	}
	return missing;
}
