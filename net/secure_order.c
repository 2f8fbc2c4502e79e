/* Commands that hosts signed. The relay enforces the rules, but it cannot invent an order: what widens who is in or may order
 * is only done on a signature (who leads admits, gives roles, opens the door), and an event that says "by Ann" while Ann, a host
 * of the signed roster, signed nothing of the kind is dropped and called out. Orders come before what follows from them, on the
 * same line, so nothing has to be waited for. */
#include "net/secure_state.h"
#include "net/text.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words that are signed; all of them are for hosts, but that one may always be called what one likes. */
static const enum word signed_words[] = {
	WORD_ADMIT, WORD_SENDBACK, WORD_KICK, WORD_PARDON, WORD_SET, WORD_ALLOW, WORD_DISALLOW, WORD_SUSPEND, WORD_COHOST, WORD_UNCOHOST,
	WORD_HOST, WORD_RENAME, WORD_MUTE, WORD_SHARE_STOP, WORD_SPOTLIGHT, WORD_END, WORD_PIN,
};

static bool is_signed(const struct command *command)
{
	/* Of oneself: no order. */
	if ((command->word == WORD_MUTE && !command->all && !command->number) ||
	    (command->word == WORD_SHARE_STOP && !command->number))
		return false;
	for (size_t i = 0; i < sizeof(signed_words) / sizeof(*signed_words); i++)
		if (signed_words[i] == command->word)
			return true;
	return false;
}

bool secure_is_banned(const struct secure *secure, const uint8_t ik[static SEAL_KEY])
{
	for (size_t i = 0; i < secure->banned_n; i++)
		if (!memcmp(secure->banned[i].ik, ik, SEAL_KEY))
			return true;
	return false;
}

/* ---- giving ------------------------------------------------------------------------------------------- */

/* With each number that is let in, the name by which it was: the relay could have exchanged the two. Zeros when the host saw
 * none. */
static void add_looks(struct secure *secure, struct command *command)
{
	command->text[0] = '\0';
	for (uint32_t i = 0; i < command->who_count && i < MOOT_WHO_MAX; i++) {
		const struct seen *seen = secure_seen(secure, command->who[i]);
		static const uint8_t none[8];
		char hex[17];

		sodium_bin2hex(hex, sizeof(hex), seen ? seen->name : none, 8);
		memcpy(command->text + 16 * i, hex, sizeof(hex));
	}
}

static enum group_role signed_role(const struct secure *secure)
{
	struct group_member me;

	return secure_in(secure) && group_find(secure->group, (uint16_t)secure->number, &me) ? me.role : GROUP_PARTICIPANT;
}

/* What is signed of a command: its JSON, without the number of the request. */
static int signed_text(char *dst, size_t size, const struct command *command)
{
	struct command *plain = malloc(sizeof(*plain));
	int n;

	if (!plain)
		return -EIO;
	*plain = *command;
	plain->request = 0;
	plain->order[0] = plain->passcode[0] = '\0';
	n = wire_command_encode(dst, size, plain);
	seal_erase(plain, sizeof(*plain));
	free(plain);
	return n;
}

/* Somebody is in by the relay's word alone (the host key from another machine, say), and whoever leads lets them in. */
static void admit_seated(struct secure *secure, const struct command *command)
{
	struct group_member member;

	if (!secure_in(secure) || !group_leads(secure->group) || signed_role(secure) == GROUP_PARTICIPANT)
		return;
	for (uint32_t i = 0; i < command->who_count && i < MOOT_WHO_MAX; i++) {
		struct seen *seen = secure_seen(secure, command->who[i]);

		if (seen && seen->place == PLACE_IN && seen->number <= GROUP_IDX_MAX &&
		    !group_find(secure->group, (uint16_t)seen->number, &member)) {
			seen->admitted = true;
			seen->has_look = false;
		}
	}
}

int secure_order_sign(struct secure *secure, struct command *command, int64_t waited_ms)
{
	char text[TALK_ARGS], clean[MOOT_NAME_SIZE] = { 0 };
	uint8_t out[TALK_COMMAND];
	int n;

	command->order[0] = '\0';
	if (!is_signed(command) || secure->place != PLACE_IN || secure->params.mode == SEAL_MODE_RELAY)
		return 0;
	if (secure->role < ROLE_COHOST && command->word != WORD_RENAME)
		return 0; /* the relay will refuse it */
	/* The signed roster follows the relay's in a moment. */
	if (!secure_in(secure) || (signed_role(secure) == GROUP_PARTICIPANT && command->word != WORD_RENAME))
		return waited_ms < SECURE_HOLD_MS ? -EAGAIN : 0;
	if (command->word == WORD_ADMIT) {
		admit_seated(secure, command);
		add_looks(secure, command);
	}
	/* As the relay will make it, since that is what is signed. */
	if (command->word == WORD_RENAME && !text_name(clean, command->name))
		memcpy(command->name, clean, sizeof(clean));
	n = signed_text(text, sizeof(text), command);
	if (n < 0)
		return 0;
	n = talk_command_make(secure->group, word_name(command->word), (struct seal_bytes) { text, (size_t)n }, out);
	if (n > 0 && sodium_base64_encoded_len((size_t)n, sodium_base64_VARIANT_ORIGINAL) <= sizeof(command->order))
		sodium_bin2base64(command->order, sizeof(command->order), out, (size_t)n, sodium_base64_VARIANT_ORIGINAL);
	return 0;
}

/* ---- taking ------------------------------------------------------------------------------------------- */

static void note(struct secure *secure, uint32_t from, const struct command *command, int64_t now_ms)
{
	secure->orders[secure->order_count++ % SECURE_ORDERS] = (struct order) {
		.from = from, .at_ms = now_ms, .word = command->word, .control = command->control, .value = command->value,
	};
}

/* The key behind a number: of the signed roster, or of somebody who has proven the secret. */
static const uint8_t *key_of(struct secure *secure, uint32_t number)
{
	const struct guest *guest = secure_guest(secure, number);
	struct group_member member;

	if (number <= GROUP_IDX_MAX && group_find(secure->group, (uint16_t)number, &member))
		return member.binding->ik;
	return guest && !guest->sb_n ? guest->join.joiner.ik : NULL;
}

void secure_ban(struct secure *secure, uint32_t number, const uint8_t ik[static SEAL_KEY])
{
	struct banned *grown;

	if (secure_is_banned(secure, ik) || secure->banned_n == SECURE_BANNED)
		return;
	if (secure->banned_n == secure->banned_size) {
		grown = realloc(secure->banned, (secure->banned_size + 16) * sizeof(*grown));
		if (!grown)
			return;
		secure->banned = grown;
		secure->banned_size += 16;
	}
	secure->banned[secure->banned_n].number = number;
	memcpy(secure->banned[secure->banned_n++].ik, ik, SEAL_KEY);
}

static void ban(struct secure *secure, uint32_t number, int64_t now_ms)
{
	const uint8_t *ik = key_of(secure, number);
	struct group_member member;

	/* Who waited has no keys that could be kept from turning. */
	if (secure->oust_n < sizeof(secure->oust) / sizeof(*secure->oust) && number != secure->number &&
	    number <= GROUP_IDX_MAX && group_find(secure->group, (uint16_t)number, &member)) {
		secure->oust[secure->oust_n].number = number;
		secure->oust[secure->oust_n++].since_ms = now_ms;
	}
	if (ik)
		secure_ban(secure, number, ik);
}

static void pardon(struct secure *secure, uint32_t number)
{
	for (size_t i = 0; i < secure->banned_n; i++)
		if (secure->banned[i].number == number)
			secure->banned[i--] = secure->banned[--secure->banned_n];
}

static void admit(struct secure *secure, const struct command *command)
{
	for (size_t i = 0; command->all && i < secure->guests_n; i++) {
		struct seen *seen = secure->guests[i]->number ? secure_seen_make(secure, secure->guests[i]->number) : NULL;

		if (seen)
			seen->admitted = true;
	}
	for (uint32_t i = 0; i < command->who_count; i++) {
		struct seen *seen = secure_seen_make(secure, command->who[i]);
		size_t got = 0;

		if (!seen)
			continue;
		seen->admitted = true;
		seen->has_look = strlen(command->text) >= 16 * (i + 1) &&
				 !sodium_hex2bin(seen->look, 8, command->text + 16 * i, 16, NULL, &got, NULL) && got == 8 &&
				 !sodium_is_zero(seen->look, 8);
	}
}

static void order_role(struct secure *secure, uint32_t number, enum group_role role)
{
	struct seen *seen = number <= GROUP_IDX_MAX ? secure_seen_make(secure, number) : NULL;

	if (!seen)
		return;
	seen->has_ordered = true;
	seen->ordered = role;
}

static void send_back(struct secure *secure, uint32_t number, int64_t now_ms)
{
	struct seen *seen = secure_seen(secure, number);

	if (!seen)
		return;
	seen->admitted = false;
	if (group_leads(secure->group) && number <= GROUP_IDX_MAX)
		group_stage_remove(secure->group, (uint16_t)number, true, now_ms);
}

static void rename_to(struct secure *secure, uint32_t number, const char *name)
{
	struct seen *seen = secure_seen(secure, number);

	if (!seen || !secure_is_name(name))
		return;
	free(seen->renamed);
	seen->renamed = strdup(name);
	secure_hash8(seen->name, name);
}

static void set(struct secure *secure, const struct command *command)
{
	if (command->control == CONTROL_WAITING_ROOM)
		secure->waiting_room = command->value != 0;
	if (command->control == CONTROL_LOCK)
		secure->locked = command->value != 0;
}

static void obey(struct secure *secure, uint32_t from, const struct command *command, int64_t now_ms)
{
	switch (command->word) {
	case WORD_ADMIT: admit(secure, command); break;
	case WORD_SENDBACK: send_back(secure, command->number, now_ms); break;
	case WORD_KICK:
		ban(secure, command->number, now_ms);
		secure->waiting_room = true;
		break;
	case WORD_PARDON: pardon(secure, command->number); break;
	case WORD_SET: set(secure, command); break;
	case WORD_SUSPEND: secure->locked = true; break;
	case WORD_COHOST: order_role(secure, command->number, GROUP_COHOST); break;
	case WORD_UNCOHOST: order_role(secure, command->number, GROUP_PARTICIPANT); break;
	case WORD_HOST:
		order_role(secure, command->number, GROUP_HOST);
		order_role(secure, from, GROUP_COHOST);
		break;
	case WORD_RENAME: rename_to(secure, command->number ? command->number : from, command->name); break;
	default: break;
	}
}

/* Only a host gives the host's role and takes roles; participants name nobody but themselves. */
static bool may_order(const struct secure *secure, uint32_t from, const struct command *command)
{
	struct group_member member;

	if (!group_find(secure->group, (uint16_t)from, &member))
		return false;
	switch (command->word) {
	case WORD_COHOST:
	case WORD_UNCOHOST:
	case WORD_HOST:
	case WORD_END: return member.role == GROUP_HOST;
	case WORD_RENAME:
		return member.role != GROUP_PARTICIPANT || !command->number || command->number == from;
	default: return true;
	}
}

void secure_order_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	struct talk_command *signed_command;
	struct command *command;
	int err;

	if (!secure_in(secure))
		return;
	signed_command = malloc(sizeof(*signed_command));
	command = malloc(sizeof(*command));
	err = !signed_command || !command
		      ? -ENOMEM
		      : talk_command_read(secure->group, piece->source,
					  (struct seal_bytes) { piece->payload, piece->payload_bytes }, signed_command);
	if (!err)
		err = wire_command_decode(command, (const char *)signed_command->args, signed_command->args_n);
	if (!err && (strcmp(word_name(command->word), signed_command->word) != 0 || !may_order(secure, piece->source, command)))
		err = -EPERM;
	if (!err) {
		note(secure, piece->source, command, now_ms);
		obey(secure, piece->source, command, now_ms);
		secure_reconcile(secure, now_ms);
	} else if (err != -EALREADY && err != -ESTALE && err != -ENOMEM) {
		const char *name = secure_signed_name(secure, piece->source);

		secure_notice(secure, "order-refused", "The relay passed on an order of %s that they did not sign, or may not give.",
			      name ? name : "somebody who is not here");
	}
	free(signed_command);
	free(command);
}

/* ---- judging what is said to follow ------------------------------------------------------------------ */

#define NEEDS(...)  { __VA_ARGS__ }

static const struct consequence {
	enum event_kind kind;
	const char *code;               /* NULL: any */
	enum word words[4];             /* one of these was ordered */
	const char *what;
} consequences[] = {
	{ EVENT_CONTROLS, NULL, NEEDS(WORD_SET, WORD_KICK, WORD_SUSPEND), "changed a rule of the meeting" },
	{ EVENT_MUTED, NULL, NEEDS(WORD_MUTE, WORD_SUSPEND), "muted people" },
	{ EVENT_PERSON_CHANGED, "role", NEEDS(WORD_COHOST, WORD_UNCOHOST, WORD_HOST), "gave somebody another role" },
	{ EVENT_PERSON_CHANGED, "name", NEEDS(WORD_RENAME), "named somebody anew" },
	{ EVENT_KNOCK_GONE, "admitted", NEEDS(WORD_ADMIT), "let somebody in" },
	{ EVENT_PERSON_LEFT, "removed", NEEDS(WORD_KICK), "removed somebody" },
	{ EVENT_PERSON_LEFT, "sent-back", NEEDS(WORD_SENDBACK), "sent somebody back" },
	{ EVENT_REMOVED, NULL, NEEDS(WORD_KICK), "removed you" },
	{ EVENT_ENDED, NULL, NEEDS(WORD_END), "ended the meeting" },
	{ EVENT_SPOTLIGHT, NULL, NEEDS(WORD_SPOTLIGHT, WORD_KICK, WORD_SENDBACK), "put somebody in everybody's view" },
	{ EVENT_PERMISSION, NULL, NEEDS(WORD_ALLOW, WORD_DISALLOW), "gave or took a permission" },
	{ EVENT_SHUT_OUT, NULL, NEEDS(WORD_KICK, WORD_PARDON), "removed or pardoned somebody" },
};

static const struct consequence *consequence_of(const struct event *event)
{
	for (size_t i = 0; i < sizeof(consequences) / sizeof(*consequences); i++)
		if (consequences[i].kind == event->kind &&
		    (!consequences[i].code || !strcmp(consequences[i].code, event->code)))
			return &consequences[i];
	return NULL;
}

static bool fits(const struct order *order, const struct consequence *consequence, const struct event *event)
{
	for (size_t i = 0; i < sizeof(consequence->words) / sizeof(*consequence->words); i++) {
		if (!consequence->words[i] || consequence->words[i] != order->word)
			continue;
		/* A rule is set to what was ordered, not to something else. */
		return event->kind != EVENT_CONTROLS || order->word != WORD_SET ||
		       (order->control == event->control && order->value == event->value);
	}
	return false;
}

static bool was_ordered(const struct secure *secure, const struct consequence *consequence, const struct event *event,
			int64_t now_ms)
{
	for (uint64_t i = 0; i < SECURE_ORDERS && i < secure->order_count; i++) {
		const struct order *order = &secure->orders[(secure->order_count - 1 - i) % SECURE_ORDERS];

		if (now_ms - order->at_ms > SECURE_ORDER_MS)
			return false;
		if (order->from == event->by && fits(order, consequence, event))
			return true;
	}
	return false;
}

/* The relay's word is taken for what is of no consequence to the keys, and of people who are not in the signed roster. */
static bool signs_orders(const struct secure *secure, uint32_t number, const struct event *event)
{
	struct group_member member;

	if (!number || number > GROUP_IDX_MAX || !secure_in(secure) || !group_find(secure->group, (uint16_t)number, &member) ||
	    member.binding->mode == SEAL_MODE_RELAY)
		return false;
	if (event->kind == EVENT_PERSON_CHANGED && !strcmp(event->code, "name"))
		return true;
	return member.role >= GROUP_COHOST;
}

/* Claiming to be host again is no order, and makes who was it a co-host. */
static bool is_claim(struct secure *secure, const struct event *event)
{
	const struct seen *seen = secure_seen(secure, event->person.number);

	if (event->kind != EVENT_PERSON_CHANGED || strcmp(event->code, "role") != 0)
		return false;
	return event->person.number == event->by || (seen && seen->role == ROLE_HOST && event->person.role == ROLE_COHOST);
}

bool secure_order_fits(struct secure *secure, const struct event *event, int64_t now_ms)
{
	const struct consequence *consequence = consequence_of(event);
	const char *name;

	if (!consequence || !signs_orders(secure, event->by, event) || was_ordered(secure, consequence, event, now_ms))
		return true;
	if (is_claim(secure, event))
		return true;
	name = secure_signed_name(secure, event->by);
	secure_notice(secure, "not-signed", "The relay says that %s %s, but they signed no such thing. It is not believed.",
		      name ? name : "somebody", consequence->what);
	return false;
}
