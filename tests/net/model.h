/* The rules of a meeting a second time, as plain facts about persons and a rulebook of sentences, for comparing with
 * net/meeting*.c. It shares no code and no structure with it: no slots, no indexes, no effects. A word is judged by
 * collecting everything that speaks against it; it happens when nothing does. Where several things speak against a
 * word the rules do not say which is told, so any of them is right: hence sets of refusals.
 *
 * Beside the facts the model says what each person hears of a step that leaves no trace in anybody's roster. */
#ifndef MOOT_TESTS_NET_MODEL_H
#define MOOT_TESTS_NET_MODEL_H

#include "net/meeting.h"

enum {
	MODEL_PEOPLE = 48,
	MODEL_KEYS = 40,
	MODEL_CHATS = 256, /* kept for who comes back */
	MODEL_SHUT = 256,
	MODEL_FILES = 64,
	MODEL_NAMES = 96,
};

/* A set of refusals. */
typedef uint64_t objections;
#define OBJECT(code) (UINT64_C(1) << (REFUSED_##code))
_Static_assert(REFUSED_COUNT <= 64, "a bit for each refusal");

enum where { GONE, WAITS, SEATED };

/* Why somebody waits. */
enum reason {
	FOR_WAITING_ROOM = 1, FOR_HOST = 2, HAS_LEFT = 4, WAS_SENT_BACK = 8, WAS_PARDONED = 16, FOR_CONSENT = 32,
};

/* All that is true of one person. */
struct soul {
	struct person face; /* as everybody sees them */
	enum where where;
	unsigned key;
	unsigned reasons;         /* why they wait */
	bool invited;             /* a host asked for an unmute; one is granted */
	bool agreed;              /* to the recording */
	enum role pending;        /* what they come in as once they agree */
	int64_t away_ms;
	uint64_t came, raised; /* the order of waiting, of hands */
	/* what was said before they sat down, were a host, were in this room */
	uint64_t seated_chat, host_chat, room_chat;
	uint32_t plan;                   /* breakout room that waits for them */
	uint32_t vote, missed_ends; /* of files, while away */
	uint8_t hears[EVENT_COUNT]; /* in this step */
	uint32_t heard;             /* the last text, twice its number, and one more when it was sealed */
	enum event_kind last;       /* of who is gone: the last word to them, EVENT_NONE when their line was lost */
};

struct said {
	uint64_t seq;
	enum scope to;
	uint32_t from, room, heard_by[MODEL_PEOPLE], heard_count, text;
};

struct passing {
	uint32_t id, from, to;
	bool taken, sealed;
	uint64_t size, asked, sent; /* up to where */
};

struct share {
	uint32_t sharer, keyboard;
};

struct model {
	struct policy policy;
	uint32_t people_first, waiting_first; /* the most when it was opened */
	bool ended;
	int32_t control[CONTROL_COUNT];
	struct soul souls[MODEL_PEOPLE];
	uint32_t last_number, spotlight, wrong_passcodes;
	uint64_t clock; /* counts arrivals and hands */
	int64_t now_ms, nobody_ms;
	struct {
		bool removed, pardoned, left, sent_back;
	} keys[MODEL_KEYS];
	struct {
		uint32_t number;
		unsigned key;
	} shut_out[MODEL_SHUT];
	unsigned shut_count;
	struct said said[MODEL_CHATS];
	uint64_t said_count;
	struct share shares[MOOT_BREAKOUTS_MAX + 1];
	uint32_t recorder; /* who asked, or records */
	bool recording;
	uint32_t poll, polls; /* the open one, 0 none; how many there were */
	uint32_t poll_answers; /* of the open or the last one */
	bool poll_named;
	char poll_text[MODEL_NAMES];
	uint32_t rooms;
	bool rooms_open;
	char room_names[MODEL_NAMES];
	struct passing files[MODEL_FILES];
	uint32_t last_file;
	/* this step */
	uint32_t text;                   /* a number for what is said in it */
	struct soul gone[MODEL_PEOPLE];  /* who was shown out or left in it */
	unsigned gone_count;
	bool spread; /* all were assigned: the meeting chooses where */
};

void model_open(struct model *model, const struct policy *policy, int64_t now_ms);
/* Forget what was heard in the step before. */
void model_next(struct model *model, uint32_t text);

/* The steps; each answers what speaks against it, 0 when it happened. */
objections model_join(struct model *model, const struct knock *knock, unsigned key, bool good_name);
objections model_apply(struct model *model, uint32_t actor, const struct command *command);
objections model_claim(struct model *model, uint32_t number);
objections model_resume(struct model *model, uint32_t number, uint64_t seq);
void model_lost(struct model *model, uint32_t number);
void model_wrong_passcode(struct model *model);
void model_set_policy(struct model *model, const struct policy *policy);
void model_pass_time(struct model *model, int64_t now_ms);
void model_end(struct model *model);

struct soul *model_find(struct model *model, uint32_t number);
uint32_t model_count(const struct model *model, enum where where);
/* With a line. */
bool model_hears(const struct soul *soul);
bool model_is_host(const struct soul *soul);
/* Has yet to say whether to be recorded. */
bool model_must_answer(const struct model *model, const struct soul *soul);
uint32_t model_votes(const struct model *model);
/* The rooms were spread over everyone: adopt where the meeting put them, 0 if that is not even. */
bool model_adopt_spread(struct model *model, const struct meeting *meeting);

#endif
