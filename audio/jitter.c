/* Each packet's transit is its arrival less the time of its end. The least transit of the last seconds is the
 * line at its best; what others take longer is jitter, kept as a histogram that forgets. A packet is played
 * at its end + least transit + target, and the target is what all but 3 in 200 arrivals need. Packets that
 * come in one burst are one arrival, so that one stall does not weigh like a hundred late packets.
 *
 * A talk spurt starts exactly on that schedule. Within one, the caller leaves out or puts in single pitch
 * periods. When nothing has come in time, the position waits while the gap is concealed, since on an ordered
 * line the packet is late and not lost; when a later one is there, it is lost, and the position moves on. */
#include "audio/jitter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MS = 48, /* ticks */
	BINS = 80,
	BIN = JITTER_DELAY_MAX_MS * MS / BINS,
	BUCKETS = 10,
	BUCKET_PACKETS = 50,
	BURST = 5 * MS,
	JUMP = 3000 * MS,  /* a transit this far off is a new clock */
	STARVE = 100 * MS, /* concealed at most, then silence */
	CONCEAL = 10 * MS,
	PAUSE = 120 * MS, /* a hole larger than this is a pause, not a loss */
	UNIT = 120,       /* the codec's grain */
	SHRINK_OVER = 10 * MS,
	SHRINK_OVER_NOW = 50 * MS,
	SHRINK_AFTER = 1000 * MS,
	GROW_UNDER = 3 * MS,
};

static const float forget = 0.995F, enough = 0.985F;

struct slot {
	struct jitter_packet packet;
	uint8_t *bytes;
	int64_t at; /* timestamp, unwrapped */
};

struct jitter {
	struct slot slot[JITTER_PACKETS_MAX]; /* by at, rising */
	size_t count;
	uint8_t *out;              /* bytes of the packet handed out last */
	bool seen, playing, ended; /* ended: the last packet played closed its spurt */
	int64_t last;              /* timestamp of the newest arrival */
	int64_t next;              /* the first sample not handed out yet, when playing */
	int64_t starved;           /* concealed since, without moving next */
	int64_t least[BUCKETS], transit_min;
	unsigned bucket, bucket_packets;
	int64_t burst_at, burst_worst;
	bool burst_open;
	float histogram[BINS];
	int64_t min, target, delay, over;
	uint64_t played, dropped;
};

struct jitter *jitter_new(uint32_t min_ms)
{
	struct jitter *jitter = calloc(1, sizeof *jitter);
	if (!jitter)
		return NULL;
	jitter->min = (int64_t)(min_ms > 200 ? 200 : min_ms) * MS;
	jitter->target = jitter->min;
	jitter->histogram[0] = 1;
	return jitter;
}

static void drop_first(struct jitter *jitter)
{
	free(jitter->slot[0].bytes);
	jitter->count--;
	memmove(jitter->slot, jitter->slot + 1, jitter->count * sizeof *jitter->slot);
}

void jitter_free(struct jitter *jitter)
{
	if (!jitter)
		return;
	while (jitter->count)
		drop_first(jitter);
	free(jitter->out);
	free(jitter);
}

static int64_t ticks_of(int64_t us)
{
	return us / 1000 * MS + us % 1000 * MS / 1000;
}

/* ---- what the line is like ------------------------------------------------------------------------------
 */

static void line_reset(struct jitter *jitter, int64_t transit)
{
	for (int i = 0; i < BUCKETS; i++)
		jitter->least[i] = transit;
	jitter->transit_min = transit;
	jitter->bucket_packets = 0;
	jitter->burst_open = false;
}

static void line_least(struct jitter *jitter, int64_t transit)
{
	if (jitter->bucket_packets++ == BUCKET_PACKETS) {
		jitter->bucket = (jitter->bucket + 1) % BUCKETS;
		jitter->least[jitter->bucket] = transit;
		jitter->bucket_packets = 1;
	}
	if (transit < jitter->least[jitter->bucket])
		jitter->least[jitter->bucket] = transit;
	jitter->transit_min = jitter->least[0];
	for (int i = 1; i < BUCKETS; i++)
		if (jitter->least[i] < jitter->transit_min)
			jitter->transit_min = jitter->least[i];
}

static void line_retarget(struct jitter *jitter)
{
	float sum = 0;
	int bin = 0;
	for (; bin < BINS - 1; bin++) {
		sum += jitter->histogram[bin];
		if (sum >= enough)
			break;
	}
	int64_t needed = (int64_t)(bin + 1) * BIN;
	jitter->target = needed > jitter->min ? needed : jitter->min;
}

static void line_close_burst(struct jitter *jitter)
{
	int64_t bin = jitter->burst_worst / BIN;
	for (int i = 0; i < BINS; i++)
		jitter->histogram[i] *= forget;
	jitter->histogram[bin < BINS ? bin : BINS - 1] += 1 - forget;
	jitter->burst_open = false;
	line_retarget(jitter);
}

/* The first packet of a spurt says nothing: a sender looks back a packet when speech begins. */
static void line_arrival(struct jitter *jitter, int64_t now, int64_t transit, bool first)
{
	line_least(jitter, transit);
	if (jitter->burst_open && now - jitter->burst_at > BURST)
		line_close_burst(jitter);
	if (first)
		return;
	if (!jitter->burst_open) {
		jitter->burst_open = true;
		jitter->burst_at = now;
		jitter->burst_worst = 0;
	}
	if (transit - jitter->transit_min > jitter->burst_worst)
		jitter->burst_worst = transit - jitter->transit_min;
}

/* ---- packets in -----------------------------------------------------------------------------------------
 */

static int insert(struct jitter *jitter, const struct jitter_packet *packet, int64_t at)
{
	size_t i = jitter->count;
	while (i > 0 && jitter->slot[i - 1].at > at)
		i--;
	if (i > 0 && jitter->slot[i - 1].at == at)
		return -EALREADY;
	uint8_t *bytes = malloc(packet->n ? packet->n : 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, packet->bytes, packet->n);
	if (jitter->count == JITTER_PACKETS_MAX) {
		jitter->dropped++;
		drop_first(jitter);
		i -= i > 0;
	}
	memmove(jitter->slot + i + 1, jitter->slot + i, (jitter->count - i) * sizeof *jitter->slot);
	jitter->slot[i] = (struct slot) { .packet = *packet, .bytes = bytes, .at = at };
	jitter->slot[i].packet.bytes = bytes;
	jitter->count++;
	return 0;
}

static void start_anew(struct jitter *jitter, int64_t transit)
{
	while (jitter->count)
		drop_first(jitter);
	jitter->playing = false;
	jitter->ended = true;
	line_reset(jitter, transit);
}

int jitter_put(struct jitter *jitter, const struct jitter_packet *packet, int64_t now_us)
{
	int64_t now = ticks_of(now_us), at = packet->timestamp;
	if (jitter->seen)
		at = jitter->last + (int32_t)(packet->timestamp - (uint32_t)jitter->last);
	int64_t transit = now - at - (int64_t)packet->samples, off = transit - jitter->transit_min;
	bool first = jitter->ended && !jitter->playing && jitter->count == 0;
	if (!jitter->seen || off > JUMP || off < -JUMP) {
		start_anew(jitter, transit);
		jitter->seen = first = true;
		jitter->last = at;
	}
	line_arrival(jitter, now, transit, first);
	if (at > jitter->last)
		jitter->last = at;
	if (jitter->playing && at < jitter->next) {
		jitter->dropped++;
		return -EALREADY;
	}
	return insert(jitter, packet, at);
}

/* ---- sound out ------------------------------------------------------------------------------------------
 */

static int64_t end_of(const struct slot *slot)
{
	return slot->at + (int64_t)slot->packet.samples;
}

/* Do not fall ever further behind: a backlog beyond bounds is skipped. */
static void trim(struct jitter *jitter)
{
	int64_t bound = jitter->target + JITTER_CATCHUP_MS * MS;
	while (jitter->count > 1 &&
	       end_of(&jitter->slot[jitter->count - 1]) - end_of(&jitter->slot[0]) > bound) {
		jitter->dropped++;
		drop_first(jitter);
		if (jitter->playing)
			jitter->next = jitter->slot[0].at;
	}
	while (jitter->playing && jitter->count && jitter->slot[0].at < jitter->next) {
		jitter->dropped++;
		drop_first(jitter);
	}
}

static void give_silence(struct jitter_step *step, size_t samples)
{
	step->kind = JITTER_SILENCE;
	step->samples = samples;
}

static int wish(struct jitter *jitter, int64_t inhand, int64_t samples)
{
	int64_t over = jitter->delay - jitter->target;
	if (over < -GROW_UNDER)
		return 1;
	if (over <= SHRINK_OVER || inhand < jitter->target + SHRINK_OVER) {
		jitter->over = 0;
		return 0;
	}
	if (over > SHRINK_OVER_NOW && inhand > jitter->target + SHRINK_OVER_NOW)
		return -2;
	jitter->over += samples;
	if (jitter->over < SHRINK_AFTER)
		return 0;
	jitter->over = SHRINK_AFTER;
	return -1;
}

static void give_packet(struct jitter *jitter, int64_t now, size_t held, struct jitter_step *step)
{
	struct slot first = jitter->slot[0];
	int64_t last = end_of(&jitter->slot[jitter->count - 1]);
	jitter->delay = now + (int64_t)held - end_of(&first) - jitter->transit_min;
	step->kind = JITTER_PLAY;
	step->samples = first.packet.samples;
	step->packet = first.packet;
	step->stretch = wish(jitter, last - first.at + (int64_t)held, (int64_t)first.packet.samples);
	free(jitter->out);
	jitter->out = first.bytes;
	jitter->slot[0].bytes = NULL;
	drop_first(jitter);
	jitter->next = end_of(&first);
	jitter->starved = 0;
	jitter->ended = first.packet.talk_end;
	jitter->playing = !first.packet.talk_end;
	jitter->played++;
}

/* Something later is there, so what is missing is lost. */
static void give_lost(struct jitter *jitter, int64_t gap, struct jitter_step *step)
{
	if (gap > PAUSE)
		gap = PAUSE;
	const struct jitter_packet *after = &jitter->slot[0].packet;
	int64_t copy = (int64_t)after->samples;
	if (after->fec && gap <= copy) {
		step->kind = JITTER_RECOVER;
		step->packet = *after;
		step->samples = (size_t)gap;
		jitter->next += gap;
	} else {
		int64_t part = after->fec ? (gap - copy) / UNIT * UNIT : gap;
		step->kind = JITTER_CONCEAL;
		step->samples = (size_t)(part > 0 ? part : gap);
		jitter->next += (int64_t)step->samples;
	}
}

static void give_playing(struct jitter *jitter, int64_t now, size_t held, size_t want,
			 struct jitter_step *step)
{
	if (jitter->count == 0) {
		if (jitter->starved >= STARVE) {
			jitter->playing = false;
			give_silence(step, want);
			return;
		}
		jitter->starved += CONCEAL;
		step->kind = JITTER_CONCEAL;
		step->samples = CONCEAL;
		return;
	}
	/* What was concealed while waiting stood for what turns out to be lost, unless a copy is better. */
	if (!jitter->slot[0].packet.fec || jitter->starved > CONCEAL)
		jitter->next += jitter->starved;
	jitter->starved = 0;
	int64_t gap = jitter->slot[0].at - jitter->next;
	if (gap >= UNIT) {
		give_lost(jitter, gap / UNIT * UNIT, step);
		return;
	}
	give_packet(jitter, now, held, step);
}

/* When what waits is to begin, so that none of it will have to be waited for: the longest packet decides. */
static int64_t start_of(const struct jitter *jitter)
{
	int64_t longest = 0;
	for (size_t i = 0; i < jitter->count; i++)
		if ((int64_t)jitter->slot[i].packet.samples > longest)
			longest = (int64_t)jitter->slot[i].packet.samples;
	return jitter->slot[0].at + longest + jitter->transit_min + jitter->target;
}

void jitter_get(struct jitter *jitter, int64_t now_us, size_t held, size_t want, struct jitter_step *step)
{
	int64_t now = ticks_of(now_us);
	*step = (struct jitter_step) { 0 };
	trim(jitter);
	if (jitter->playing && jitter->count && jitter->slot[0].at - jitter->next - jitter->starved > PAUSE)
		jitter->playing = false;
	if (jitter->playing) {
		give_playing(jitter, now, held, want, step);
		return;
	}
	if (jitter->count == 0) {
		give_silence(step, want);
		return;
	}
	int64_t wait = start_of(jitter) - (now + (int64_t)held);
	if (wait > 0) {
		give_silence(step, wait < (int64_t)want ? (size_t)wait : want);
		return;
	}
	jitter->playing = true;
	jitter->over = 0;
	give_packet(jitter, now, held, step);
}

bool jitter_idle(const struct jitter *jitter)
{
	return !jitter->playing && jitter->count == 0;
}

void jitter_stats(const struct jitter *jitter, struct jitter_stats *stats)
{
	*stats = (struct jitter_stats) {
		.played = jitter->played,
		.dropped = jitter->dropped,
		.target_ms = (uint32_t)(jitter->target / MS),
		.delay_ms = (uint32_t)(jitter->delay > 0 ? jitter->delay / MS : 0),
	};
}
