/* What the parts of the model say of persons to one another. For tests/net/model*.c alone. */
#ifndef MOOT_TESTS_NET_MODEL_FACTS_H
#define MOOT_TESTS_NET_MODEL_FACTS_H

#include "tests/net/model.h"

#define EACH(model, soul)                                                                                        \
	(struct soul *soul = (model)->souls; soul < (model)->souls + MODEL_PEOPLE; soul++) if (soul->where != GONE)

/* model.c: who is here, and what they hear. */
bool is_seated(const struct soul *soul);
bool is_here(const struct soul *soul); /* seated, with a line */
bool host_present(const struct model *model);
struct soul *the_host(struct model *model);
void hears(struct soul *soul, enum event_kind kind);
void room_hears(struct model *model, enum event_kind kind);
void hosts_hear(struct model *model, enum event_kind kind);

/* Facts end with what they rest on. */
void goes(struct model *model, struct soul *soul, enum event_kind last);
void lets_go(struct model *model, const struct soul *soul);
void stands_up(struct model *model, struct soul *soul);
void sits_down(struct model *model, struct soul *soul, enum role role);
void is_let_in(struct model *model, struct soul *soul, enum role role);
void waits(struct model *model, struct soul *soul, unsigned reasons);
void becomes(struct model *model, struct soul *soul, enum role role);
void becomes_host(struct model *model, struct soul *soul);
void host_arrives(struct model *model);
bool seats_free(const struct model *model, uint32_t more, bool for_host);
bool kind_fits(const struct model *model, enum kind kind, enum sealed sealed);
bool waiting_free(const struct model *model);
void control_stands_at(struct model *model, enum control control, int32_t value);
void permissions_fall(struct model *model); /* which the policy leaves to nobody now */
void share_ends(struct model *model, uint32_t room);
void mutes(struct soul *soul);

/* Sentences about what a person may. */
bool may_speak(const struct model *model, const struct soul *soul);
bool may_show(const struct model *model, const struct soul *soul);
bool may_share_at_all(const struct model *model, const struct soul *soul);
bool may_rename_oneself(const struct model *model, const struct soul *soul);
bool may_ask_to_record(const struct model *model, const struct soul *soul);

/* model_room.c: recording, files, polls, rooms. */
bool recording_asked(const struct model *model);
void recording_ends(struct model *model);
void recording_may_start(struct model *model);
void files_of_end(struct model *model, uint32_t of); /* 0: all */

/* A sentence of the rulebook: what speaks against it, and what is true after. */
struct ask {
	struct model *model;
	const struct command *command;
	struct soul *actor;
	struct soul *whom; /* here by command->number, or NULL */
};
typedef objections against(const struct ask *ask);
typedef void then(const struct ask *ask);

struct sentence {
	enum role least;
	against *against;
	then *then;
};
/* Bytes in base64, -1 when it is not. */
int64_t base64_of(const char *text);
/* The rules of a message to one person, for files. */
objections against_writing_to_one(const struct ask *ask);

/* model_words.c, model_room.c: NULL where they have none. */
const struct sentence *sentence_of(enum word word);
const struct sentence *sentence_of_room(enum word word);

#endif
